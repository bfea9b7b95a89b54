//! Files that do not lie in an export as they are, read as if they did: locked by themselves, or
//! inside another file, as base64 or as parts of mails.

use std::io::{self, BufReader, Cursor, Read};

use mail_parser::MessageParser;

use super::file_tree::Unlocked;
use crate::model::{How, Within, Wrapped};

/// A larger mail is left where it is: it is read whole.
const LARGEST_MAIL: u64 = 256 << 20;

/// A file as it is by itself, of a stream as [`FileTree::open_wrapped`](super::FileTree::open_wrapped)
/// gives it.
pub fn unwrapped<'r>(from: &'r mut dyn Read, wrapped: &Wrapped) -> io::Result<Box<dyn Read + 'r>> {
    match wrapped {
        Wrapped::Locked(lock) => Ok(Box::new(Unlocked::new(from, lock)?)),
        Wrapped::Within(Within { length, how, .. }) => {
            let from = from.take(*length);
            match how {
                How::Base64 => Ok(Box::new(Base64::of(BufReader::new(from)))),
                How::Mail(part) => part_of(from, *part, false),
                How::Mbox(part) => part_of(from, *part, true),
            }
        }
    }
}

/// A file that came with a mail: the so-manieth of its parts that are none of its text.
fn part_of<'r>(mut from: impl Read + 'r, part: u32, boxed: bool) -> io::Result<Box<dyn Read + 'r>> {
    let damaged = |why: &str| io::Error::new(io::ErrorKind::InvalidData, why);
    let mut mail = Vec::new();
    from.by_ref().take(LARGEST_MAIL).read_to_end(&mut mail)?;
    if mail.len() as u64 == LARGEST_MAIL {
        return Err(damaged("the mail is too large"));
    }
    if boxed {
        mail = unquoted(&mail);
    }
    let read = MessageParser::default().parse(&mail);
    let found = read.as_ref().and_then(|read| read.attachments().nth(usize::try_from(part).ok()?));
    let bytes = found.map(|part| part.contents().to_vec());
    Ok(Box::new(Cursor::new(bytes.ok_or_else(|| damaged("the mail is not what it was"))?)))
}

/// A mail as it was before it was put into a mailbox, where `From ` at the beginning of a line has a
/// `>` before it.
fn unquoted(mail: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(mail.len());
    for line in mail.split_inclusive(|b| *b == b'\n') {
        let marks = line.iter().take_while(|b| **b == b'>').count();
        let quoted = marks > 0 && line.get(marks..).is_some_and(|l| l.starts_with(b"From "));
        out.extend_from_slice(line.get(usize::from(quoted)..).unwrap_or_default());
    }
    out
}

/// The ending of a name for a file of this media type; empty where none is known.
pub fn ending(mime: &str) -> &str {
    match mime.split(';').next().unwrap_or_default().trim() {
        "image/jpeg" | "image/jpg" => "jpg",
        "audio/mpeg" => "mp3",
        "audio/mp4" | "audio/x-m4a" => "m4a",
        "audio/3gpp" | "video/3gpp" => "3gp",
        "video/quicktime" => "mov",
        "video/x-matroska" => "mkv",
        "text/plain" => "txt",
        "text/calendar" => "ics",
        mime if mime.contains("vcard") => "vcf",
        mime => match mime.split_once('/') {
            Some(("image" | "audio" | "video", kind)) => kind,
            Some(("application", kind @ ("pdf" | "zip"))) => kind,
            _ => "",
        },
    }
}

/// Base64 as the bytes that it means. What is none is passed over, references (`&#10;`) whole.
pub struct Base64<R> {
    from: R,
    held: u32,
    bits: u32,
    reference: bool,
}

impl<R: io::BufRead> Base64<R> {
    /// Of a stream.
    pub fn of(from: R) -> Self {
        Self { from, held: 0, bits: 0, reference: false }
    }

    fn take(&mut self, byte: u8) -> Option<u8> {
        if self.reference {
            self.reference = byte != b';';
            return None;
        }
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => {
                self.reference = byte == b'&';
                return None;
            }
        };
        self.held = ((self.held << 6) | u32::from(six)) & 0xFFFF;
        self.bits += 6;
        if self.bits < 8 {
            return None;
        }
        self.bits -= 8;
        u8::try_from((self.held >> self.bits) & 0xFF).ok()
    }
}

impl<R: io::BufRead> Read for Base64<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < into.len() {
            let ready = match self.from.fill_buf() {
                Ok(ready) => ready,
                Err(_) if filled > 0 => break,
                Err(why) => return Err(why),
            };
            let Some(&byte) = ready.first() else { break };
            // Many at a time cost no more code than one; the stream is in memory here.
            self.from.consume(1);
            if let (Some(byte), Some(place)) = (self.take(byte), into.get_mut(filled)) {
                *place = byte;
                filled += 1;
            }
        }
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base64(text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        Base64::of(text.as_bytes()).read_to_end(&mut out).expect("in memory");
        out
    }

    #[test]
    fn base64_is_read_with_whatever_stands_between() {
        assert_eq!(base64("aGVsbG8="), b"hello");
        assert_eq!(base64("aGVs\r\nbG8"), b"hello");
        assert_eq!(base64(" aG Vs&#10;bG8&#x3D; "), b"hello");
        assert_eq!(base64("-_-_"), base64("+/+/"));
        assert_eq!(base64(""), b"");
        assert_eq!(base64("a"), b"");
    }

    #[test]
    fn a_part_of_a_mail_is_what_was_sent() {
        let mail = b"From: a@x.org\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; \
            boundary=q\r\n\r\n--q\r\n\r\nhello\r\n--q\r\nContent-Type: image/png\r\n\
            Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\naGVsbG8=\r\n\
            --q\r\nContent-Type: text/plain; name=b.txt\r\nContent-Disposition: attachment\r\n\r\n\
            >From here\n>>From\r\n--q--\r\n";
        let read = |part, boxed| {
            let mut out = Vec::new();
            let mut from = mail.as_slice();
            let how = if boxed { How::Mbox(part) } else { How::Mail(part) };
            let within = Wrapped::Within(Within::new(0, mail.len() as u64, how, ""));
            let bytes = unwrapped(&mut from, &within).and_then(|mut r| r.read_to_end(&mut out));
            bytes.map(|_| String::from_utf8_lossy(&out).into_owned()).map_err(|e| e.to_string())
        };
        assert_eq!(read(0, false).as_deref(), Ok("hello"));
        assert_eq!(read(1, false).as_deref().map(str::trim_end), Ok(">From here\n>>From"));
        assert_eq!(read(1, true).as_deref().map(str::trim_end), Ok("From here\n>>From"));
        assert_eq!(read(2, false), Err("the mail is not what it was".to_owned()));
    }
}
