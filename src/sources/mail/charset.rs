//! Letters whose encoding a mail does not tell, or tells wrongly: in its texts, and in a subject or a
//! name whose encoded words part a letter in two.

use std::borrow::Cow;

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Encoding, Message, MessagePart, MimeHeaders};

/// Headers are looked through as far as this, in bytes.
const HEADERS: usize = 256 << 10;
/// A longer encoded word is left as it stands.
const WORD: usize = 4 << 10;

/// What a text says, where the encoding that was told of it cannot be: it is UTF-8, else that of
/// Western Windows.
pub fn mended<'t>(message: &Message<'_>, part: &MessagePart<'_>, text: &'t str) -> Cow<'t, str> {
    let told = part.content_type().and_then(|c| c.attribute("charset")).unwrap_or_default();
    let told = told.trim().to_ascii_lowercase();
    let doubtful = match told.as_str() {
        "us-ascii" | "ascii" | "us_ascii" => !text.is_ascii(),
        "" | "utf-8" | "utf8" => text.contains(char::REPLACEMENT_CHARACTER),
        _ => false,
    };
    if !doubtful {
        return Cow::Borrowed(text);
    }
    match raw(message, part).as_deref().and_then(guessed) {
        Some(found) => Cow::Owned(found),
        None => Cow::Borrowed(text),
    }
}

/// The bytes of a text.
fn raw<'m>(message: &'m Message<'_>, part: &MessagePart<'_>) -> Option<Cow<'m, [u8]>> {
    let (from, to) =
        (usize::try_from(part.offset_body).ok()?, usize::try_from(part.offset_end).ok()?);
    let bytes = message.raw_message.get(from..to)?;
    Some(match part.encoding {
        Encoding::None => Cow::Borrowed(bytes),
        Encoding::QuotedPrintable => Cow::Owned(quoted_printable_decode(bytes)?),
        Encoding::Base64 => Cow::Owned(base64_decode(bytes)?),
    })
}

/// Bytes as text. What is UTF-8 but for a broken letter stays so.
fn guessed(bytes: &[u8]) -> Option<String> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(text.to_owned());
    }
    let text = String::from_utf8_lossy(bytes);
    if text.chars().any(|c| !c.is_ascii() && c != char::REPLACEMENT_CHARACTER) {
        return Some(text.into_owned());
    }
    charset_decoder(b"windows-1252").map(|decode| decode(bytes))
}

/// A mail whose headers are in UTF-8 and hold no letter that is parted.
pub fn joined(mail: &[u8]) -> Cow<'_, [u8]> {
    let end = end_of_headers(mail);
    match in_utf8(mail, end) {
        None => whole_words(mail, end),
        Some((mail, end)) => Cow::Owned(whole_words(&mail, end).into_owned()),
    }
}

/// A mail whose headers were not in UTF-8, with headers that are, and where they end: what does not
/// tell its encoding is read as a text would be.
fn in_utf8(mail: &[u8], end: usize) -> Option<(Vec<u8>, usize)> {
    let head = mail.get(..end).unwrap_or_default();
    if std::str::from_utf8(head).is_ok() {
        return None;
    }
    let mut out = Vec::with_capacity(mail.len() + head.len());
    for line in head.split_inclusive(|b| *b == b'\n') {
        match guessed(line) {
            Some(text) => out.extend_from_slice(text.as_bytes()),
            None => out.extend_from_slice(line),
        }
    }
    let new = out.len();
    out.extend_from_slice(mail.get(end..).unwrap_or_default());
    Some((out, new))
}

/// Encoded words beside each other, in one encoding, become one word.
fn whole_words(mail: &[u8], end: usize) -> Cow<'_, [u8]> {
    let head = mail.get(..end).unwrap_or_default();
    let mut out: Vec<u8> = Vec::new();
    let (mut told, mut at) = (0, 0);
    while let Some(start) = memchr::memmem::find(head.get(at..).unwrap_or_default(), b"=?") {
        let start = at + start;
        let Some(first) = Word::at(head, start) else {
            at = start + 2;
            continue;
        };
        let (charset, mut bytes, mut last) = (first.charset, first.bytes, first.end);
        let mut words = 1;
        while let Some(next) = beside(head, last).filter(|n| n.charset == charset) {
            bytes.extend_from_slice(&next.bytes);
            (last, words) = (next.end, words + 1);
        }
        if words > 1 {
            out.extend_from_slice(head.get(told..start).unwrap_or_default());
            out.extend_from_slice(format!("=?{charset}?Q?").as_bytes());
            for byte in bytes {
                out.extend_from_slice(format!("={byte:02X}").as_bytes());
            }
            out.extend_from_slice(b"?=");
            told = last;
        }
        at = last;
    }
    if told == 0 {
        return Cow::Borrowed(mail);
    }
    out.extend_from_slice(mail.get(told..).unwrap_or_default());
    Cow::Owned(out)
}

fn end_of_headers(mail: &[u8]) -> usize {
    let head = mail.get(..mail.len().min(HEADERS)).unwrap_or_default();
    let ends = [&b"\r\n\r\n"[..], b"\n\n"];
    let ends = ends.into_iter().filter_map(|end| memchr::memmem::find(head, end));
    ends.min().unwrap_or(head.len())
}

/// The encoded word that follows with nothing but blanks between.
fn beside(head: &[u8], after: usize) -> Option<Word> {
    let rest = head.get(after..)?;
    let blank = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
    if blank == 0 { None } else { Word::at(head, after + blank) }
}

/// An encoded word: `=?utf-8?B?…?=`.
struct Word {
    charset: String,
    bytes: Vec<u8>,
    /// Where it ends.
    end: usize,
}

impl Word {
    fn at(head: &[u8], start: usize) -> Option<Self> {
        let rest = head.get(start..head.len().min(start + WORD))?.strip_prefix(b"=?")?;
        let mut parts = rest.splitn(3, |b| *b == b'?');
        let (charset, kind, rest) = (parts.next()?, parts.next()?, parts.next()?);
        let payload = rest.get(..memchr::memmem::find(rest, b"?=")?)?;
        if payload.is_empty()
            || payload.contains(&b'\n')
            || !charset.iter().all(u8::is_ascii_graphic)
        {
            return None;
        }
        let bytes = match kind {
            b"B" | b"b" => base64_decode(payload)?,
            b"Q" | b"q" => unquoted(payload)?,
            _ => return None,
        };
        let end = start + 2 + charset.len() + 1 + kind.len() + 1 + payload.len() + 2;
        Some(Self { charset: String::from_utf8_lossy(charset).to_ascii_lowercase(), bytes, end })
    }
}

fn unquoted(payload: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(payload.len());
    let mut all = payload.iter();
    while let Some(byte) = all.next() {
        out.push(match byte {
            b'_' => b' ',
            b'=' => {
                let hex = [*all.next()?, *all.next()?];
                u8::from_str_radix(std::str::from_utf8(&hex).ok()?, 16).ok()?
            }
            other => *other,
        });
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(words: &str) -> String {
        let mail = format!(
            "From: a@x\r\nSubject: {words}\r\nTo: b@x\r\n\r\n=?utf-8?Q?a?= =?utf-8?Q?b?=\r\n"
        );
        let mail = joined(mail.as_bytes());
        assert!(mail.ends_with(b"=?utf-8?Q?a?= =?utf-8?Q?b?=\r\n"), "the text stays");
        let parsed = mail_parser::MessageParser::default().parse(&*mail);
        parsed.expect("a mail").subject().unwrap_or_default().to_owned()
    }

    #[test]
    fn a_letter_in_two_words_is_one() {
        assert_eq!(subject("=?utf-8?Q?caf=C3?= =?UTF-8?Q?=A9_now?="), "café now");
        assert_eq!(subject("=?utf-8?B?8J+Y?=\r\n =?utf-8?Q?=80!?= tail"), "😀! tail");
        assert_eq!(subject("=?utf-8?Q?a_?= =?utf-8?Q?b?= c =?utf-8?Q?d?="), "a b c d");
        assert_eq!(subject("=?iso-8859-1?Q?=E9?= =?utf-8?Q?=C3=A9?="), "éé");
        assert_eq!(subject("=?utf-8?Q?one?= =?broken"), "one =?broken");
        assert_eq!(subject("=?utf-8?Q?=ZZ?= 1 =?x"), subject("=?utf-8?Q?=ZZ?= 1 =?x"));
    }

    #[test]
    fn headers_of_any_encoding_are_read() {
        let mail = |from: &[u8]| {
            let mail = [b"From: ", from, b" <j@x>\nSubject: caf\xc3\xa9\n\nna\xefve\n"].concat();
            let mail = joined(&mail);
            assert!(mail.ends_with(b"na\xefve\n"), "the text stays");
            let parsed = mail_parser::MessageParser::default().parse(&*mail).expect("a mail");
            let name = parsed.from().and_then(|f| f.first()).and_then(|f| f.name());
            (name.unwrap_or_default().to_owned(), parsed.subject().unwrap_or_default().to_owned())
        };
        let of = |name: &str| (name.to_owned(), "caf\u{e9}".to_owned());
        assert_eq!(mail(b"J\xfcrgen"), of("J\u{fc}rgen"));
        assert_eq!(mail("J\u{fc}rgen".as_bytes()), of("J\u{fc}rgen"));
        assert_eq!(mail(b"=?utf-8?Q?J=C3?= =?utf-8?Q?=BCrgen?="), of("J\u{fc}rgen"));
    }

    #[test]
    fn bytes_tell_their_encoding() {
        assert_eq!(guessed("h\u{e9}llo".as_bytes()).as_deref(), Some("h\u{e9}llo"));
        assert_eq!(guessed(b"caf\xe9 \x80").as_deref(), Some("caf\u{e9} \u{20ac}"));
        assert_eq!(
            guessed("\u{e9}\u{e9}".as_bytes().split_last().expect("bytes").1).as_deref(),
            Some("\u{e9}\u{fffd}")
        );
    }
}
