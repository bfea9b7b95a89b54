//! The words of a mail: those of its text, else of its page, else of what is all that it brings, and
//! below them those of mails that lie in it.

use std::borrow::Cow;

use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::charset::mended;
use super::flowed::{self, is_flowed};
use super::invitation;
use super::page::plain;

/// A longer text is cut, in bytes.
pub const LONGEST: usize = 8 << 20;
/// What is told of mails in a mail, in bytes.
const QUOTED: usize = 256 << 10;
/// Mails in one mail.
const INNER: usize = 200;
/// Mails in mails in a mail.
const DEEP: u32 = 4;
/// Boundaries that are closed for the parser.
const OPEN: usize = 20;

/// Words, and how they were come by.
#[derive(Default)]
pub struct Said {
    /// The words.
    pub text: String,
    /// The end of a text was too far, and is left out.
    pub cut: bool,
    /// The last part had no end: what the parser takes for damaged is text.
    pub mended: bool,
}

/// Without blank lines around it. Its first line may be set in.
fn unframed(text: &str) -> &str {
    let text = text.trim_end();
    let words = text.len() - text.trim_start().len();
    let line = text.get(..words).and_then(|blank| blank.rfind('\n')).map_or(0, |at| at + 1);
    text.get(line..).unwrap_or_default()
}

/// A text as far as it is wanted: nobody has written more.
fn within<'t>(text: &'t str, longest: usize, cut: &mut bool) -> &'t str {
    if text.len() <= longest {
        return text;
    }
    *cut = true;
    text.get(..text.floor_char_boundary(longest)).unwrap_or_default()
}

/// How the words of a mail are read.
struct Way {
    /// The end of a text was left out.
    cut: bool,
    /// It has an id.
    named: bool,
}

impl Way {
    fn mended<'t>(
        &self,
        message: &Message<'_>,
        part: &MessagePart<'_>,
        text: &'t str,
    ) -> Cow<'t, str> {
        if self.named { mended(message, part, text) } else { Cow::Borrowed(text) }
    }
}

/// The words of a mail of these bytes.
pub fn said(message: &Message<'_>, bytes: &[u8]) -> Said {
    let whole = closed(message, bytes);
    let again = whole.as_ref().and_then(|whole| MessageParser::default().parse(whole));
    let message = again.as_ref().unwrap_or(message);
    let mut out = Said { mended: again.is_some(), ..Said::default() };
    // A mail without an id is known again by its text, which therefore stays what it always was.
    let mut way = Way { cut: false, named: message.message_id().is_some() };
    out.text = own(message, &mut way);
    out.cut = way.cut;
    let report = if way.named { undelivered(message) } else { String::new() };
    if !out.text.is_empty() && !report.is_empty() {
        out.text.push_str("\n\n");
    }
    out.text.push_str(&report);
    let mut quoted = Quoted { text: String::new(), met: 0, named: way.named };
    quoted.mails(message, 1);
    if !out.text.is_empty() && !quoted.text.is_empty() {
        out.text.push_str("\n\n");
    }
    out.text.push_str(quoted.text.trim_end());
    out
}

/// The mail with its boundaries closed, where an end is missing: the parser takes a part that no
/// boundary ends for damaged.
fn closed(message: &Message<'_>, bytes: &[u8]) -> Option<Vec<u8>> {
    message.parts.iter().find(|part| part.is_encoding_problem)?;
    let mut whole = bytes.to_vec();
    let boundary = |part: &MessagePart<'_>| {
        Some(format!("--{}--", part.content_type()?.attribute("boundary")?))
    };
    for end in message.parts.iter().rev().filter_map(boundary).take(OPEN) {
        if memchr::memmem::find(bytes, end.as_bytes()).is_none() {
            whole.extend_from_slice(b"\r\n");
            whole.extend_from_slice(end.as_bytes());
            whole.extend_from_slice(b"\r\n");
        }
    }
    (whole.len() > bytes.len()).then_some(whole)
}

/// What a mail says by itself.
fn own(message: &Message<'_>, way: &mut Way) -> String {
    let texts = joined(message, message.text_bodies(), way);
    if !texts.is_empty() {
        return texts;
    }
    // A blank text beside a page that has the words.
    let pages = joined(message, message.html_bodies(), way);
    if !pages.is_empty() {
        return pages;
    }
    let events = message.parts.iter().filter(|p| p.is_content_type("text", "calendar"));
    let events = events.filter_map(MessagePart::text_contents).map(invitation::plain);
    let events: Vec<String> = events.filter(|e| !e.is_empty()).take(1).collect();
    match (events.into_iter().next(), message.parts.as_slice()) {
        (Some(event), _) => event,
        // Text of another kind than is known, and nothing else.
        (None, [only]) if only.attachment_name().is_none() => {
            joined(message, std::iter::once(only), way)
        }
        _ => String::new(),
    }
}

/// The words of parts, one after another.
fn joined<'m, 'x: 'm>(
    message: &Message<'_>,
    parts: impl Iterator<Item = &'m MessagePart<'x>>,
    way: &mut Way,
) -> String {
    let texts = parts.filter_map(|part| match &part.body {
        PartType::Text(text) => {
            let text = &way.mended(message, part, text);
            let text = within(text, LONGEST, &mut way.cut).replace("\r\n", "\n");
            let text = unframed(&text);
            Some(match is_flowed(part).filter(|_| way.named) {
                Some(blank) => flowed::joined(text, blank),
                None => text.to_owned(),
            })
        }
        PartType::Html(html) => {
            let html = way.mended(message, part, html);
            Some(plain(within(&html, LONGEST, &mut way.cut), way.named))
        }
        _ => None,
    });
    let texts: Vec<String> = texts.filter(|t| !t.is_empty()).collect();
    texts.join("\n\n")
}

/// What a mail server says of a mail that it could not deliver: to whom, and why.
fn undelivered(message: &Message<'_>) -> String {
    const TOLD: [&str; 3] = ["final-recipient", "status", "diagnostic-code"];
    let mut out = String::new();
    for part in message.parts.iter().filter(|p| p.is_content_type("message", "delivery-status")) {
        let text = String::from_utf8_lossy(part.contents());
        let text = within(&text, QUOTED, &mut false).replace("\r\n", "\n");
        // A line that begins with a blank goes on with the one before it.
        for line in text.replace("\n ", " ").replace("\n\t", " ").lines() {
            let name = line.split(':').next().unwrap_or_default().trim().to_ascii_lowercase();
            if TOLD.contains(&name.as_str()) && out.len() + line.len() < QUOTED {
                out.push_str(line.trim());
                out.push('\n');
            }
        }
    }
    out.trim_end().to_owned()
}

/// Mails that lie in a mail: passed on as they were, gathered in a digest, sent back.
struct Quoted {
    text: String,
    met: usize,
    /// The mail around them has an id.
    named: bool,
}

impl Quoted {
    fn mails(&mut self, message: &Message<'_>, depth: u32) {
        for part in message.attachments() {
            let PartType::Message(inner) = &part.body else { continue };
            self.met += 1;
            if self.met > INNER || self.text.len() >= QUOTED {
                return;
            }
            self.mail(inner, depth);
            if depth < DEEP {
                self.mails(inner, depth + 1);
            }
        }
    }

    fn mail(&mut self, inner: &Message<'_>, depth: u32) {
        let from = inner.from().and_then(|from| from.first());
        let from = from.and_then(|who| who.name.as_deref().or(who.address.as_deref()));
        let head: Vec<&str> = from.into_iter().chain(inner.subject()).map(str::trim).collect();
        let head = head.into_iter().filter(|w| !w.is_empty()).collect::<Vec<_>>().join(": ");
        let text = own(inner, &mut Way { cut: false, named: self.named });
        let left = QUOTED.saturating_sub(self.text.len());
        let before = if depth == 1 { "> " } else { "> > " };
        let whole = [head, text].join("\n");
        for line in within(whole.trim(), left, &mut false).lines() {
            self.text.push_str(before);
            self.text.push_str(line);
            self.text.push('\n');
        }
        self.text.push('\n');
    }
}
