//! One mail: what its headers and its body say. Pure functions over its bytes.

use mail_parser::{
    Address, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType,
};

use std::ops::Range;

use super::boxes::Kind;
use super::date::{self, Date};
use super::labels::Labels;
use super::said::said;
use super::writer::Writer;
use super::{charset, clock};
use crate::model::{Attachment, AttachmentKind, How, MediaPlace, Timestamp, Within};
use crate::sources::wrapped::ending;

/// People named by one mail.
const PEOPLE: usize = 500;
/// Ids of earlier mails named by one.
const REFERENCES: usize = 200;

/// Somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// The address in lower case.
    pub address: String,
    /// The name; the address where there is none.
    pub name: String,
}

/// A mail.
#[derive(Debug, Default)]
pub struct Letter {
    /// Its own id, without brackets.
    pub id: Option<String>,
    /// When it was sent; where that is not said, when it was received.
    pub date: Option<Date>,
    /// Who sent it.
    pub from: Option<Who>,
    /// Who wrote it, should that be another.
    pub writer: Writer,
    /// Whom it was sent to, open copies among them.
    pub to: Vec<Who>,
    /// The subject as it stands there.
    pub subject: String,
    /// The mails that it follows, oldest first.
    pub references: Vec<String>,
    /// The mail that it answers.
    pub answers: Option<String>,
    /// Gmail's own number of the conversation.
    pub thread: Option<String>,
    /// Gmail's labels.
    pub labels: Labels,
    /// A mailing list.
    pub list: bool,
    /// To which of my addresses it was delivered.
    pub delivered_to: Option<String>,
    /// Thunderbird has deleted it, or moved it elsewhere, and will remove it when it tidies up.
    pub expunged: bool,
    /// Whether it was read, where it is said.
    pub read: Option<bool>,
    /// The text.
    pub text: String,
    /// The end of a text was too far, and is left out.
    pub cut: bool,
    /// What came with it. It lies inside the mail, not beside it.
    pub attachments: Vec<Sent>,
    /// It is encrypted.
    pub sealed: bool,
}

/// What came with a mail.
#[derive(Debug)]
pub struct Sent {
    /// What it is.
    pub attachment: Attachment,
    /// Which one of the mail's parts that are none of its text, from 0.
    number: u32,
    /// The ending of a name for it.
    ending: String,
}

impl Sent {
    /// Its mail lies in this file, at this place.
    pub fn lies(&mut self, file: &MediaPlace, at: &Range<u64>, kind: Kind) {
        let MediaPlace::Export { path, container } = file else { return };
        let how = match kind {
            Kind::Mbox => How::Mbox(self.number),
            Kind::Maildir | Kind::Single => How::Mail(self.number),
        };
        let within = Within::new(at.start, at.end.saturating_sub(at.start), how, &self.ending);
        let (path, container) = (within.onto(path), container.clone());
        self.attachment.place = MediaPlace::Export { path, container };
    }
}

impl Letter {
    /// Whether it says nothing at all.
    pub fn is_nothing(&self) -> bool {
        let headed = self.id.is_some() || self.date.is_some() || self.from.is_some();
        let bare = self.to.is_empty() && self.subject.is_empty() && self.text.is_empty();
        !headed && bare && self.attachments.is_empty()
    }
}

/// Ids, addresses and names are kept in tables: what is longer than any is cut.
fn short(text: &str) -> &str {
    text.get(..text.floor_char_boundary(300)).unwrap_or_default()
}

/// A name without the quotes that some programs put around it: `'Ada'`.
pub fn unquoted(name: &str) -> &str {
    let inner = name.strip_prefix('\'').and_then(|n| n.strip_suffix('\'')).map(str::trim);
    inner.filter(|n| !n.is_empty()).unwrap_or(name)
}

/// Those who are named.
pub fn people(address: Option<&Address<'_>>) -> Vec<Who> {
    let all = address.into_iter().flat_map(Address::iter);
    all.filter_map(|a| {
        let address = short(a.address.as_deref()?.trim()).to_lowercase();
        let name = a.name.as_deref().map(|n| short(unquoted(n.trim()))).filter(|n| !n.is_empty());
        let name = name.map_or_else(|| address.clone(), str::to_owned);
        (!address.is_empty()).then_some(Who { address, name })
    })
    .take(PEOPLE)
    .collect()
}

fn ids(value: &HeaderValue<'_>) -> Vec<String> {
    let all: Vec<&str> = match value {
        HeaderValue::Text(one) => vec![one],
        HeaderValue::TextList(all) => all.iter().map(|s| &**s).collect(),
        _ => Vec::new(),
    };
    let clean = all.into_iter().map(|i| short(i.trim_matches(['<', '>', ' '])).to_owned());
    clean.filter(|i| !i.is_empty()).take(REFERENCES).collect()
}

fn raw(message: &Message<'_>, name: &'static str) -> Option<String> {
    message.header_raw(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty())
}

/// Mozilla's marks: 1 read, 8 expunged.
fn mozilla(message: &Message<'_>) -> Option<u32> {
    u32::from_str_radix(&raw(message, "X-Mozilla-Status")?, 16).ok()
}

/// Read or not, by the marks of mail programs: `Status: RO`, Mozilla's bits, Gmail's labels (which
/// are in the account's language, so that their silence says nothing).
fn was_read(message: &Message<'_>, labels: Labels) -> Option<bool> {
    if let Some(status) = raw(message, "Status") {
        return Some(status.contains('R'));
    }
    if let Some(bits) = mozilla(message) {
        return Some(bits & 1 != 0);
    }
    labels.unread.then_some(false)
}

/// Reads the headers.
pub fn headers(bytes: &[u8]) -> Option<Letter> {
    Some(envelope(&MessageParser::default().parse_headers(&*charset::joined(bytes))?))
}

fn envelope(message: &Message<'_>) -> Letter {
    let labels = Labels::of(message);
    let received = || message.received().and_then(|r| r.date.as_ref()).filter(|d| d.is_valid());
    let exact = |d: &mail_parser::DateTime| Date::Exact(Timestamp::from_secs(d.to_timestamp()));
    let written = raw(message, "Date");
    // A mail without an id is known again by its time, which stays what it was.
    let named = message.message_id().is_some();
    // The parser takes what has no zone for UTC's, and so what has one that it does not know.
    let date = written
        .as_deref()
        .and_then(date::bare)
        .or_else(|| clock::odd(written.as_deref().filter(|_| named)?))
        .or_else(|| message.date().filter(|d| d.is_valid()).map(exact))
        .or_else(|| date::zoned(written.as_deref()?))
        .or_else(|| received().map(exact));
    let from = people(message.from()).into_iter().next();
    let from = from.or_else(|| people(message.sender()).into_iter().next());
    let list = raw(message, "List-Id").map(|id| id.to_lowercase());
    let writer = from.as_ref().map(|from| Writer::of(message, from, list.as_deref()));
    let mut to = people(message.to());
    to.extend(people(message.cc()));
    let answers = ids(message.in_reply_to());
    Letter {
        id: message.message_id().map(|i| short(i.trim()).to_owned()).filter(|i| !i.is_empty()),
        date,
        from,
        writer: writer.unwrap_or_default(),
        to,
        subject: message.subject().unwrap_or_default().trim().to_owned(),
        references: ids(message.references()),
        answers: answers.into_iter().next(),
        thread: raw(message, "X-GM-THRID").map(|t| short(&t).to_owned()),
        list: message.header("List-Id").is_some(),
        delivered_to: ["Delivered-To", "X-Original-To"]
            .into_iter()
            .find_map(|n| raw(message, n))
            .map(|a| short(a.trim_matches(['<', '>'])).to_lowercase())
            .filter(|a| a.contains('@')),
        expunged: mozilla(message).is_some_and(|bits| bits & 8 != 0),
        read: was_read(message, labels),
        labels,
        ..Letter::default()
    }
}

/// Reads all of it.
pub fn read(bytes: &[u8]) -> Option<Letter> {
    let bytes = &*charset::joined(bytes);
    let message = MessageParser::default().parse(bytes)?;
    let mut letter = envelope(&message);
    let said = said(&message, bytes);
    (letter.text, letter.cut) = (said.text, said.cut);
    let parts = (0..).zip(message.attachments()).filter(|(_, part)| !said.mended || !is_text(part));
    // One without an id is known again by whether something came with it.
    let parts = parts.filter(|(_, part)| letter.id.is_none() || !is_another_way(part));
    letter.attachments = parts.filter_map(|(n, part)| attachment(n, part)).take(PEOPLE).collect();
    letter.sealed = message.is_content_type("multipart", "encrypted")
        || (message.is_content_type("application", "pkcs7-mime")
            && message.content_type().and_then(|c| c.attribute("smime-type"))
                == Some("enveloped-data"));
    Some(letter)
}

/// Whether it is the text whose end was missing.
fn is_text(part: &MessagePart<'_>) -> bool {
    let kind = part.content_type().is_none_or(|c| c.ctype().eq_ignore_ascii_case("text"));
    part.is_encoding_problem && kind && part.attachment_name().is_none()
}

/// Whether it says what the text says, for programs that show more.
fn is_another_way(part: &MessagePart<'_>) -> bool {
    let text = part.content_type().filter(|c| c.ctype().eq_ignore_ascii_case("text"));
    let sub = text.and_then(|c| c.subtype()).unwrap_or_default().to_ascii_lowercase();
    matches!(sub.as_str(), "x-amp-html" | "x-watch-html" | "enriched" | "richtext")
        && part.attachment_name().is_none()
}

fn attachment(number: u32, part: &MessagePart<'_>) -> Option<Sent> {
    let kind = part.content_type();
    let (whole, sub) = kind.map_or(("", ""), |c| (c.ctype(), c.subtype().unwrap_or_default()));
    let (whole, sub) = (whole.to_lowercase(), sub.to_lowercase());
    // Proofs of who wrote it: nothing that was sent to be looked at.
    if matches!(
        sub.as_str(),
        "pgp-signature" | "pkcs7-signature" | "x-pkcs7-signature" | "pgp-encrypted"
    ) {
        return None;
    }
    let inner = match &part.body {
        PartType::Message(m) => m.subject().map(str::to_owned),
        _ => None,
    };
    let name = part.attachment_name().map(str::to_owned).or(inner);
    let kind = match whole.as_str() {
        _ if sub.contains("vcard") => AttachmentKind::Contact,
        "image" if sub == "gif" => AttachmentKind::Gif,
        "image" => AttachmentKind::Photo,
        "video" => AttachmentKind::Video,
        "audio" => AttachmentKind::Audio,
        _ => AttachmentKind::File,
    };
    let name = name.map(|n| n.trim().to_owned()).filter(|n| !n.is_empty());
    let ending = ending(&format!("{whole}/{sub}")).to_owned();
    let attachment = Attachment { kind, name, place: MediaPlace::Omitted };
    Some(Sent { attachment, number, ending })
}

/// A subject without what answering and forwarding put before it: `Re: AW: [list] Tea` stays
/// `[list] Tea`. And whether it was forwarded.
pub fn folded(subject: &str) -> (&str, bool) {
    const ANSWERED: &[&str] =
        &["re", "aw", "antw", "sv", "vs", "rv", "ref", "odp", "ynt", "回复", "答复", "r"];
    const FORWARDED: &[&str] =
        &["fwd", "fw", "wg", "tr", "rv", "enc", "doorst", "vb", "i", "转发", "pd"];
    let mut rest = subject.trim();
    let mut forwarded = false;
    while let Some((mark, after)) = rest.split_once([':', '：']) {
        // `Re[2]:` counts answers.
        let word = mark.trim().split('[').next().unwrap_or_default().to_lowercase();
        let is_forward = FORWARDED.contains(&word.as_str());
        if !is_forward && !ANSWERED.contains(&word.as_str()) {
            break;
        }
        forwarded |= is_forward && rest.len() == subject.trim().len();
        rest = after.trim_start();
    }
    (rest, forwarded)
}

#[cfg(test)]
mod tests {
    use super::super::said::LONGEST;
    use super::*;

    #[test]
    fn a_letter_is_read() {
        let mail = b"From: =?UTF-8?Q?In=C3=AAs?= <Ines@Example.org>\r\nTo: Sam <sam@example.org>, list: a@x.org, b@x.org;\r\nDate: Mon, 10 Feb 2025 16:45:22 +0100\r\nSubject: =?UTF-8?B?VMOpYQ==?=\r\nMessage-ID: <1@x>\r\nReferences: <a@x> <b@x>\r\nIn-Reply-To: <b@x>\r\nStatus: RO\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\nContent-Type: text/html; charset=iso-8859-1\r\n\r\n<p>Caf\xe9 <b>now</b></p>\r\n--q\r\nContent-Type: image/png; name=\"a.png\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"b.png\"\r\n\r\niVBORw0KGgo=\r\n--q--\r\n";
        let letter = read(mail).expect("a mail");
        assert_eq!(
            letter.from,
            Some(Who { address: "ines@example.org".into(), name: "Inês".into() })
        );
        assert_eq!(letter.to.len(), 3);
        assert_eq!(letter.date, Some(Date::Exact(Timestamp(1_739_202_322_000))));
        assert_eq!((letter.subject.as_str(), letter.id.as_deref()), ("Téa", Some("1@x")));
        assert_eq!(letter.references, ["a@x", "b@x"]);
        assert_eq!((letter.answers.as_deref(), letter.read), (Some("b@x"), Some(true)));
        assert_eq!(letter.text, "Café now");
        assert_eq!(letter.attachments[0].attachment.name.as_deref(), Some("b.png"));
        assert_eq!(letter.attachments[0].attachment.kind, AttachmentKind::Photo);
    }

    #[test]
    fn a_date_without_a_zone_is_a_wall_clock_and_receipt_stands_in_for_one() {
        let date = |header: &str| {
            let mail = format!("From: a@x\r\n{header}\r\n\r\nhi\r\n");
            headers(mail.as_bytes()).expect("a mail").date
        };
        let noon = Some(Date::Exact(Timestamp(1_736_164_800_000)));
        let wall =
            chrono::NaiveDate::from_ymd_opt(2025, 1, 6).and_then(|d| d.and_hms_opt(12, 0, 0));
        let wall = wall.map(Date::Wall);
        assert_eq!(date("Date: Mon, 6 Jan 2025 12:00:00"), wall);
        assert_eq!(date("Date: Mon Jan  6 12:00:00 2025"), wall);
        assert_eq!(date("Date: 6 Jan 2025 07:00 EST"), noon);
        assert_eq!(date("Date: Mon, 6 Jan 2025 12:00:00 -0000"), noon);
        assert_eq!(date("Date: 06-Jan-2025 12:00:00 +0000"), noon);
        let received = "Received: from a by b; Mon, 6 Jan 2025 13:00:00 +0100";
        assert_eq!(date(received), noon);
        assert_eq!(date("Date: soon"), None);
    }

    #[test]
    fn a_first_line_that_is_set_in_stays_so() {
        let mail = b"From: a@x\r\n\r\n\r\n    indent\r\nno\r\n\r\n";
        assert_eq!(read(mail).expect("a mail").text, "    indent\nno");
    }

    #[test]
    fn a_text_without_an_end_is_cut() {
        let mail = |text: &str| format!("From: a@x\r\n\r\n{text}");
        let letter = read(mail(&"é".repeat(LONGEST)).as_bytes()).expect("a mail");
        assert!(letter.cut && letter.text.len() <= LONGEST && letter.text.ends_with('é'));
        assert!(!read(mail("hi").as_bytes()).expect("a mail").cut);
    }

    #[test]
    fn subjects_lose_what_answering_adds() {
        assert_eq!(folded("Re: AW: Re[2]: Tea"), ("Tea", false));
        assert_eq!(folded("Fwd: Re: Tea: green"), ("Tea: green", true));
        assert_eq!(folded("Tea: at five"), ("Tea: at five", false));
        assert_eq!(folded("Re:"), ("", false));
    }
}
