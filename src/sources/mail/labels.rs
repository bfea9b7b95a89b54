//! Gmail's labels: encoded as every header may be, and in the language of the account.

use mail_parser::{HeaderForm, Message};

use super::me::{is_drafts, is_sent};

/// Labels of one mail.
const MOST: usize = 1_000;

/// The labels of a mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// I have sent it.
    pub sent: bool,
    /// The labels say so as they are written, too, without being decoded.
    pub plainly_sent: bool,
    /// It was never sent.
    pub draft: bool,
    /// It is kept away from the inbox.
    pub spam: bool,
    /// It was not read.
    pub unread: bool,
}

impl Labels {
    /// Those that a mail bears.
    pub fn of(message: &Message<'_>) -> Self {
        let mut all = Self::default();
        for value in message.header_as("X-Gmail-Labels", HeaderForm::Text) {
            all.read(value.as_text().unwrap_or_default());
        }
        let written = message.header_raw("X-Gmail-Labels").unwrap_or_default();
        all.plainly_sent = all.sent && written.split(',').any(is_sent);
        all
    }

    fn read(&mut self, told: &str) {
        // A label that holds a comma stands in quotes.
        let mut quoted = false;
        let apart = told.split(|c: char| {
            quoted ^= c == '"';
            c == ',' && !quoted
        });
        for label in apart.take(MOST) {
            let label = label.trim().trim_matches('"').trim();
            // Most bear no others.
            if matches!(label, "Inbox" | "Opened" | "Archived" | "Important" | "Starred")
                || label.starts_with("Category ")
            {
                continue;
            }
            self.sent |= is_sent(label);
            self.draft |= is_drafts(label);
            self.spam |= is_spam(label);
            self.unread |= is_unread(label);
        }
    }
}

/// Whether a label is the one of what nobody asked for.
fn is_spam(label: &str) -> bool {
    const SPAM: &[&str] = &[
        "spam",
        "спам",
        "迷惑メール",
        "垃圾邮件",
        "垃圾郵件",
        "스팸함",
        "skräppost",
        "søppelpost",
        "roskaposti",
    ];
    SPAM.contains(&label.to_lowercase().as_str())
}

/// Whether a label is the one of what was not read.
fn is_unread(label: &str) -> bool {
    const UNREAD: &[&str] = &[
        "unread",
        "ungelesen",
        "non lus",
        "non lu",
        "no leídos",
        "no leído",
        "da leggere",
        "non letti",
        "não lidas",
        "não lidos",
        "ongelezen",
        "nieprzeczytane",
        "nepřečtené",
        "непрочитанные",
        "непрочитані",
        "olästa",
        "oläst",
        "ulæst",
        "ulæste",
        "ulest",
        "uleste",
        "okunmamış",
        "olvasatlan",
        "未読",
        "未读",
        "未讀",
        "읽지 않음",
    ];
    UNREAD.contains(&label.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(told: &str) -> Labels {
        let mail = format!("From: a@x\r\nX-Gmail-Labels: {told}\r\nTo: b@x\r\n\r\nhi\r\n");
        let parsed = mail_parser::MessageParser::default().parse(mail.as_bytes());
        Labels::of(&parsed.expect("a mail"))
    }

    #[test]
    fn labels_are_decoded_and_then_parted() {
        let sent = Labels { sent: true, ..Labels::default() };
        let plainly = Labels { plainly_sent: true, ..sent };
        assert_eq!(labels("Important,Sent,Opened"), plainly);
        assert_eq!(labels("=?UTF-8?Q?Gesendet,Ge=C3=B6ffnet?="), sent);
        assert_eq!(labels("=?UTF-8?B?R2VzZW5kZXQ=?="), sent);
        assert_eq!(labels("=?UTF-8?Q?Messages_envoy=C3=A9s,Ouvert?="), plainly);
        assert_eq!(labels("=?UTF-8?Q?Wa=C5=BC?=\r\n =?UTF-8?Q?ne,Wys=C5=82ane?="), sent);
        assert_eq!(labels("Ada,=?UTF-8?Q?Odesl=C3=A1no?="), sent);
        let draft = Labels { draft: true, ..Labels::default() };
        assert_eq!(labels("=?UTF-8?Q?Entw=C3=BCrfe?="), draft);
        let unread = Labels { unread: true, ..Labels::default() };
        assert_eq!(labels("=?UTF-8?Q?Bo=C3=AEte_de_r=C3=A9ception,Non_lus?="), unread);
        assert_eq!(labels("Posteingang,\"Tee,Spam\",Ungelesen"), unread);
        assert_eq!(labels("Spam,Unread"), Labels { spam: true, ..unread });
        assert_eq!(labels("Inbox,Sentry,Unreadable"), Labels::default());
    }
}
