//! Mailboxes that are one file: messages behind lines that begin with `From `.
//!
//! Writers differ: some give an address and a time on that line, some a dash, some nothing. What all
//! share is the blank line before it. In the text such lines are written with a `>` before them.

use std::io::{self, BufRead, Read};
use std::ops::Range;

/// A longer line is taken in pieces; only a whole one can be a separator.
const PIECE: u64 = 64 << 10;

/// One message as it lies in the file.
#[derive(Debug, Default)]
pub struct Raw {
    /// The line before it, with which it begins in the file.
    pub separator: Vec<u8>,
    /// Its bytes, as far as they were wanted.
    pub bytes: Vec<u8>,
    /// It was longer than that.
    pub cut: bool,
    /// Where it lies in the file, without that line, in bytes.
    pub place: Range<u64>,
}

/// Reads messages one after another.
pub struct Mbox<R> {
    reader: R,
    most: usize,
    line: Vec<u8>,
    /// Bytes that have been worked through.
    pub read: u64,
    begun: bool,
    /// The line that ended the message before.
    next: Vec<u8>,
}

fn has_time(line: &[u8]) -> bool {
    line.windows(5)
        .any(|w| matches!(w, [a, b, b':', c, d] if [a, b, c, d].iter().all(|x| x.is_ascii_digit())))
}

/// Whether a line separates two messages, should there be a blank one before it.
pub fn separates(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else { return line.trim_ascii() == b"From" };
    let rest = rest.trim_ascii();
    rest.is_empty() || rest.starts_with(b"- ") || rest == b"-" || has_time(rest)
}

impl<R: BufRead> Mbox<R> {
    /// Begins at the start of a file. Of each message `most` bytes are kept.
    pub fn new(reader: R, most: usize) -> Self {
        Self { reader, most, line: Vec::new(), read: 0, begun: false, next: Vec::new() }
    }

    /// The next message.
    pub fn message(&mut self) -> io::Result<Option<Raw>> {
        let mut raw = Raw { separator: std::mem::take(&mut self.next), ..Raw::default() };
        raw.place = self.read..self.read;
        let (mut blank, mut whole, mut any) = (true, true, false);
        loop {
            self.line.clear();
            let n = Read::take(&mut self.reader, PIECE).read_until(b'\n', &mut self.line)? as u64;
            self.read += n;
            if n == 0 {
                raw.place.end = self.read;
                return Ok(any.then_some(raw));
            }
            let starts = std::mem::replace(&mut whole, self.line.ends_with(b"\n"));
            if starts && blank && separates(&self.line) {
                let first = !std::mem::replace(&mut self.begun, true);
                if any || !first {
                    raw.place.end = self.read - n;
                    self.next.clone_from(&self.line);
                    return Ok(Some(raw));
                }
                raw.separator.clone_from(&self.line);
                raw.place.start = self.read;
                blank = false;
                continue;
            }
            if !self.begun {
                // What stands before the first message is none.
                blank = self.line.trim_ascii().is_empty();
                continue;
            }
            any = true;
            blank = starts && self.line.trim_ascii().is_empty();
            let line = match self.line.iter().position(|b| *b != b'>') {
                Some(at @ 1..)
                    if starts && self.line.get(at..).is_some_and(|l| l.starts_with(b"From ")) =>
                {
                    self.line.get(1..).unwrap_or_default()
                }
                _ => &self.line,
            };
            let room = self.most.saturating_sub(raw.bytes.len()).min(line.len());
            raw.cut |= room < line.len();
            raw.bytes.extend_from_slice(line.get(..room).unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_the_line_before_it() {
        let text = "From a@x Mon Jan 01 10:00:00 2024\nA: 1\n\nFrom - 11:00\nB: 2\n";
        let mut mbox = Mbox::new(text.as_bytes(), 100);
        let mut lines = Vec::new();
        while let Some(raw) = mbox.message().expect("no error") {
            lines.push(String::from_utf8_lossy(&raw.separator).trim().to_owned());
        }
        assert_eq!(lines, ["From a@x Mon Jan 01 10:00:00 2024", "From - 11:00"]);
    }

    fn all(text: &str, most: usize) -> Vec<(String, bool)> {
        let mut mbox = Mbox::new(text.as_bytes(), most);
        let mut out = Vec::new();
        while let Some(raw) = mbox.message().expect("no error") {
            out.push((String::from_utf8_lossy(&raw.bytes).into_owned(), raw.cut));
        }
        assert_eq!(mbox.read, text.len() as u64);
        out
    }

    #[test]
    fn messages_are_told_apart() {
        let text = "From ada@x Mon Jan 01 10:00:00 2024\nA: 1\n\nFrom here on\n>From you\n>>From me\n\nFrom - Tue Jan 02 10:00:00 2024\r\nB: 2\r\n\r\nFrom\nC: 3\n";
        let texts: Vec<String> = all(text, 1000).into_iter().map(|(t, _)| t).collect();
        assert_eq!(
            texts,
            ["A: 1\n\nFrom here on\nFrom you\n>From me\n\n", "B: 2\r\n\r\n", "C: 3\n"]
        );
    }

    #[test]
    fn each_lies_where_it_is_said_to() {
        let text = "x\n\nFrom a 10:00\nA: 1\n\n>From you\n\nFrom b 11:00\nB: 2\n\nFrom c 12:00\n";
        let mut mbox = Mbox::new(text.as_bytes(), 3);
        let mut found = Vec::new();
        while let Some(raw) = mbox.message().expect("no error") {
            let place = raw.place.start as usize..raw.place.end as usize;
            found.push(&text[place]);
        }
        assert_eq!(found, ["A: 1\n\n>From you\n\n", "B: 2\n\n"]);
    }

    #[test]
    fn what_is_large_is_cut_and_what_is_empty_is_kept() {
        let long = "x".repeat(200_000);
        let text = format!("From a 10:00\nA: 1\n\n{long}\n\nFrom b 10:00\n\nFrom c 10:00\nC: 3\n");
        let got = all(&text, 20);
        assert_eq!(got.len(), 3);
        assert_eq!((got[0].0.len(), got[0].1), (20, true));
        assert_eq!(got[2], ("C: 3\n".to_owned(), false));
    }
}
