//! The app's own words where something was sent, which then stands beside them.

use super::nicknames::is_short;

/// What follows a name.
pub const ATTACHMENT: &[&str] = &[
    " sent an attachment.",
    " hat einen Anhang gesendet.",
    " hat ein Attachment gesendet.",
    " a envoyé une pièce jointe.",
    " envió un archivo adjunto.",
    " enviou um anexo.",
    " ha inviato un allegato.",
    " bir ek gönderdi.",
    " mengirim lampiran.",
];
/// The same, of what I sent, where it has no name to begin with.
pub const BY_ME: &[&str] = &[
    "Vous avez envoyé une pièce jointe.",
    "Tu as envoyé une pièce jointe.",
    "Du hast einen Anhang gesendet.",
    "Du hast ein Attachment gesendet.",
    "Enviaste un archivo adjunto.",
    "Has enviado un archivo adjunto.",
    "Você enviou um anexo.",
    "Enviaste um anexo.",
    "Hai inviato un allegato.",
    "Bir ek gönderdin.",
    "Anda mengirim lampiran.",
];
/// A place on the map.
const PLACE: &[&str] =
    &[" sent a location.", " sent a live location.", " started sharing a live location."];

/// Whether a line says that I sent something, in words without a name.
pub fn is_by_me(text: &str) -> bool {
    BY_ME.contains(&text)
}

/// Whether a line says that something was sent, under any short name.
pub fn is_attachment(text: &str) -> bool {
    let text = text.trim_end();
    is_by_me(text)
        || ATTACHMENT.iter().any(|verb| text.strip_suffix(verb).is_some_and(is_short))
        || is_counted(text)
}

/// `Ana sent 2 attachments.`
fn is_counted(text: &str) -> bool {
    const COUNTED: &[(&str, &[&str])] = &[
        (" sent ", &[" attachment.", " attachments."]),
        ("傳送了 ", &[" 份附件", " 份附件。"]),
        ("傳送了", &["份附件", "份附件。"]),
    ];
    COUNTED.iter().any(|(before, after)| {
        let body = after.iter().find_map(|after| text.strip_suffix(after));
        let parted = body.and_then(|body| body.rsplit_once(before));
        parted.is_some_and(|(name, count)| {
            is_short(name) && !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit())
        })
    })
}

/// Whether a line says that a place was sent, under any short name.
pub fn is_place(text: &str) -> bool {
    let text = text.trim_end();
    PLACE.iter().any(|verb| text.strip_suffix(verb).is_some_and(is_short))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_say_that_something_was_sent() {
        for text in [
            "Jo sent an attachment.",
            "You sent an attachment.",
            "Ana Lima sent 1 attachment.",
            "Ana sent 12 attachments. ",
            "Vous avez envoyé une pièce jointe.",
            "Ana Lima envió un archivo adjunto.",
            "Enviaste un archivo adjunto.",
            "Ana ha inviato un allegato.",
            "Ana bir ek gönderdi.",
            "Ana mengirim lampiran.",
            "Ana Lima 傳送了 1 份附件",
            "你傳送了 1 份附件。",
        ] {
            assert!(is_attachment(text), "{text}");
        }
        for text in [
            "Look. Jo sent an attachment.",
            "sent an attachment.",
            " sent an attachment.",
            "Jo sent an attachment. Look!",
            "Jo sent two attachments.",
            "Jo sent  attachments.",
            "Jo sent a location.",
            "",
        ] {
            assert!(!is_attachment(text), "{text}");
        }
        assert!(is_place("Jo sent a location.") && is_place("Ana Lima sent a live location."));
        assert!(!is_place("Why? Jo sent a location.") && !is_place("Jo sent a location to me."));
    }
}
