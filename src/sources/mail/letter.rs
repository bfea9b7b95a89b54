//! One mail: what its headers and its body say. Pure functions over its bytes.

use chrono::{DateTime, NaiveDateTime};
use mail_parser::{Address, HeaderValue, Message, MessageParser, MimeHeaders, PartType};

use crate::model::{Attachment, AttachmentKind, MediaPlace, Timestamp};

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
    /// When it was sent.
    pub date: Option<Timestamp>,
    /// Who sent it.
    pub from: Option<Who>,
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
    /// Gmail's labels, as they stand there.
    pub labels: String,
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
    /// What came with it. It lies inside the mail, not beside it.
    pub attachments: Vec<Attachment>,
    /// It is encrypted.
    pub sealed: bool,
}

/// Ids, addresses and names are kept in tables: what is longer than any is cut.
fn short(text: &str) -> &str {
    text.get(..text.floor_char_boundary(300)).unwrap_or_default()
}

fn people(address: Option<&Address<'_>>) -> Vec<Who> {
    let all = address.into_iter().flat_map(Address::iter);
    all.filter_map(|a| {
        let address = short(a.address.as_deref()?.trim()).to_lowercase();
        let name = a.name.as_deref().map(|n| short(n.trim())).filter(|n| !n.is_empty());
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
/// are in the account's language, so that only their silence in English says nothing).
fn was_read(message: &Message<'_>, labels: &str) -> Option<bool> {
    if let Some(status) = raw(message, "Status") {
        return Some(status.contains('R'));
    }
    if let Some(bits) = mozilla(message) {
        return Some(bits & 1 != 0);
    }
    labels.contains("Unread").then_some(false)
}

/// Dates as programs of all times have written them. Without a zone they are taken for UTC's.
fn odd_date(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let zoned = ["%Y-%m-%d %H:%M:%S %z", "%d-%b-%Y %H:%M:%S %z", "%Y-%m-%dT%H:%M:%S%:z"];
    let bare = [
        "%a, %d %b %Y %H:%M:%S",
        "%d %b %Y %H:%M:%S",
        "%a %b %e %H:%M:%S %Y",
        "%d-%b-%Y %H:%M:%S",
        "%Y-%m-%d %H:%M:%S",
    ];
    let seconds = DateTime::parse_from_rfc2822(text)
        .ok()
        .or_else(|| zoned.iter().find_map(|f| DateTime::parse_from_str(text, f).ok()))
        .map(|t| t.timestamp())
        .or_else(|| {
            let naive = bare.iter().find_map(|f| NaiveDateTime::parse_from_str(text, f).ok());
            naive.map(|t| t.and_utc().timestamp())
        });
    seconds.map(Timestamp::from_secs)
}

/// What begins a line of its own.
const BLOCKS: [&str; 22] = [
    "blockquote",
    "table",
    "tr",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "pre",
    "section",
    "article",
    "header",
    "footer",
    "center",
];

/// The text of a page, with what stands apart there apart.
fn plain(html: &str) -> String {
    let mut marked = String::with_capacity(html.len() + 64);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        marked.push_str(before);
        let name = tag.trim_start_matches(['<', '/']);
        let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
        let name = name.get(..end).unwrap_or_default().to_ascii_lowercase();
        if BLOCKS.contains(&name.as_str()) {
            marked.push_str("<br>");
        } else if matches!(name.as_str(), "td" | "th") && tag.starts_with("</") {
            marked.push_str(" &nbsp;");
        }
        marked.push('<');
        rest = tag.get(1..).unwrap_or_default();
    }
    marked.push_str(rest);
    let text = mail_parser::decoders::html::html_to_text(&marked);
    let mut out = String::with_capacity(text.len());
    let mut blank = 0;
    for line in text.lines().map(|l| l.trim_matches([' ', '\t', '\r', '\u{a0}'])) {
        blank = if line.is_empty() { blank + 1 } else { 0 };
        if blank < 2 {
            out.push_str(line);
            out.push('\n');
        }
    }
    out.trim().replace('\u{a0}', " ")
}

/// Reads the headers.
pub fn headers(bytes: &[u8]) -> Option<Letter> {
    Some(envelope(&MessageParser::default().parse_headers(bytes)?))
}

fn envelope(message: &Message<'_>) -> Letter {
    let labels = raw(message, "X-Gmail-Labels").unwrap_or_default();
    let received = || message.received().and_then(|r| r.date.as_ref()).filter(|d| d.is_valid());
    let exact = |d: &mail_parser::DateTime| Timestamp::from_secs(d.to_timestamp());
    let date = message
        .date()
        .filter(|d| d.is_valid())
        .map(exact)
        .or_else(|| odd_date(&raw(message, "Date")?))
        .or_else(|| received().map(exact));
    let from = people(message.from()).into_iter().next();
    let mut to = people(message.to());
    to.extend(people(message.cc()));
    let answers = ids(message.in_reply_to());
    Letter {
        id: message.message_id().map(|i| short(i.trim()).to_owned()).filter(|i| !i.is_empty()),
        date,
        from: from.or_else(|| people(message.sender()).into_iter().next()),
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
        read: was_read(message, &labels),
        labels,
        ..Letter::default()
    }
}

/// Reads all of it.
pub fn read(bytes: &[u8]) -> Option<Letter> {
    let message = MessageParser::default().parse(bytes)?;
    let mut letter = envelope(&message);
    let texts: Vec<String> = message
        .text_bodies()
        .filter_map(|part| match &part.body {
            PartType::Text(text) => Some(text.replace("\r\n", "\n").trim().to_owned()),
            PartType::Html(html) => Some(plain(html)),
            _ => None,
        })
        .filter(|t| !t.is_empty())
        .collect();
    letter.text = texts.join("\n\n");
    letter.attachments = message.attachments().filter_map(attachment).take(PEOPLE).collect();
    letter.sealed = message.is_content_type("multipart", "encrypted")
        || (message.is_content_type("application", "pkcs7-mime")
            && message.content_type().and_then(|c| c.attribute("smime-type"))
                == Some("enveloped-data"));
    Some(letter)
}

fn attachment(part: &mail_parser::MessagePart<'_>) -> Option<Attachment> {
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
    Some(Attachment { kind, name, place: MediaPlace::Omitted })
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
        assert_eq!(letter.date, Some(Timestamp(1_739_202_322_000)));
        assert_eq!((letter.subject.as_str(), letter.id.as_deref()), ("Téa", Some("1@x")));
        assert_eq!(letter.references, ["a@x", "b@x"]);
        assert_eq!((letter.answers.as_deref(), letter.read), (Some("b@x"), Some(true)));
        assert_eq!(letter.text, "Café now");
        assert_eq!(letter.attachments[0].name.as_deref(), Some("b.png"));
        assert_eq!(letter.attachments[0].kind, AttachmentKind::Photo);
    }

    #[test]
    fn what_stands_apart_on_a_page_is_apart() {
        let page = "<div>Yes! <b>ok</b><blockquote>Shall we?</blockquote></div><table><tr><td>A</td>\
                    <td>B</td></tr><tr><td>C</td></tr></table><ul><li>one</li><LI>two</li></ul>\
                    <h1>Head</h1>tail &lt;tr&gt; 1 < 2";
        let text = plain(page);
        let lines: Vec<String> = text
            .lines()
            .filter(|l| !l.is_empty())
            .map(|l| l.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        let apart = ["Yes! ok", "Shall we?", "A B", "C", "one", "two", "Head"];
        assert_eq!(lines.get(..7), Some(&apart.map(str::to_owned)[..]), "{text}");
        assert!(lines[7].starts_with("tail <tr>"), "{text}");
        assert!(!text.contains("\n\n\n"), "{text}");
    }

    #[test]
    fn dates_of_all_times() {
        let noon = Timestamp(1_736_164_800_000);
        for date in [
            "6 Jan 2025 07:00 EST",
            "2025-01-06 12:00:00 +0000",
            "Mon, 6 Jan 2025 12:00:00",
            "Mon Jan  6 12:00:00 2025",
            "06-Jan-2025 12:00:00 +0000",
        ] {
            let mail = format!("From: a@x\r\nDate: {date}\r\n\r\nhi\r\n");
            assert_eq!(headers(mail.as_bytes()).and_then(|l| l.date), Some(noon), "{date}");
        }
        let none = headers(b"From: a@x\r\nDate: soon\r\n\r\nhi\r\n").expect("a mail");
        assert_eq!(none.date, None);
    }

    #[test]
    fn subjects_lose_what_answering_adds() {
        assert_eq!(folded("Re: AW: Re[2]: Tea"), ("Tea", false));
        assert_eq!(folded("Fwd: Re: Tea: green"), ("Tea: green", true));
        assert_eq!(folded("Tea: at five"), ("Tea: at five", false));
        assert_eq!(folded("Re:"), ("", false));
    }
}
