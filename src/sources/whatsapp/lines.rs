//! A text file as messages: lines of bounded length, joined from one header to the next.

use std::borrow::Cow;
use std::io::{self, Read};

use super::header::{self, Shape, Stamp};

/// The most that is kept of one message. Whatever is longer is cut and said so.
pub const LONGEST_MESSAGE: usize = 1 << 20;
const CHUNK: usize = 64 << 10;

/// Lines of a stream, none longer than [`LONGEST_MESSAGE`], in UTF-8 or UTF-16.
pub struct Lines<'a> {
    reader: Box<dyn Read + 'a>,
    buffer: Vec<u8>,
    start: usize,
    filled: usize,
    wide: Option<Wide>,
    /// What ends a line.
    newline: u8,
    begun: bool,
    ended: bool,
    /// Bytes of input worked through.
    pub consumed: u64,
}

#[derive(Clone, Copy)]
enum Wide {
    Little,
    Big,
}

/// One line.
pub struct Line<'b> {
    /// The text, without its end.
    pub text: Cow<'b, str>,
    /// It was longer than can be kept.
    pub cut: bool,
    /// A carriage return stood before its end.
    pub returned: bool,
}

impl<'a> Lines<'a> {
    /// Lines of a reader.
    pub fn new(reader: Box<dyn Read + 'a>) -> Self {
        Self {
            reader,
            buffer: vec![0; CHUNK],
            start: 0,
            filled: 0,
            wide: None,
            newline: b'\n',
            begun: false,
            ended: false,
            consumed: 0,
        }
    }

    /// The next line into `raw`, which is used again and again. `None` at the end.
    pub fn next<'b>(&mut self, raw: &'b mut Vec<u8>) -> io::Result<Option<Line<'b>>> {
        raw.clear();
        if !self.begun {
            self.begin()?;
        }
        let mut cut = false;
        let mut any = false;
        loop {
            if self.start == self.filled && !self.fill()? {
                break;
            }
            let have = &self.buffer[self.start..self.filled];
            let end = self.line_end(have, raw.len());
            let piece = &have[..end.unwrap_or(have.len())];
            any = true;
            let room = LONGEST_MESSAGE.saturating_sub(raw.len()) & !1;
            raw.extend_from_slice(&piece[..piece.len().min(room)]);
            cut |= piece.len() > room;
            let unit = if self.wide.is_some() { 2 } else { 1 };
            let used = end.map_or(have.len(), |e| e + unit);
            self.consumed += used as u64;
            self.start += used.min(self.filled - self.start);
            if end.is_some() {
                break;
            }
        }
        if !any {
            return Ok(None);
        }
        let (text, returned) = match self.wide {
            Some(wide) => {
                let mut text = narrow(raw, wide);
                let returned = text.ends_with('\r');
                text.truncate(text.len() - usize::from(returned));
                (Cow::Owned(text), returned)
            }
            None => {
                let (raw, returned): (&[u8], bool) = match raw.strip_suffix(b"\r") {
                    Some(raw) => (raw, true),
                    None => (raw, false),
                };
                // Looked at by itself, since that is many times as fast.
                let text = simdutf8::basic::from_utf8(raw)
                    .map_or_else(|_| String::from_utf8_lossy(raw), Cow::Borrowed);
                (text, returned)
            }
        };
        Ok(Some(Line { text, cut, returned }))
    }

    fn line_end(&self, have: &[u8], before: usize) -> Option<usize> {
        let Some(wide) = self.wide else { return memchr::memchr(self.newline, have) };
        let newline = match wide {
            Wide::Little => [self.newline, 0],
            Wide::Big => [0, self.newline],
        };
        // Pieces are cut at even offsets only, so that pairs stay pairs.
        debug_assert!(before.is_multiple_of(2));
        have.chunks_exact(2).position(|pair| pair == newline).map(|i| i * 2)
    }

    fn begin(&mut self) -> io::Result<()> {
        self.begun = true;
        while self.filled < 3 && self.fill()? {}
        let bom = match &self.buffer[..self.filled] {
            [0xff, 0xfe, ..] => {
                self.wide = Some(Wide::Little);
                2
            }
            [0xfe, 0xff, ..] => {
                self.wide = Some(Wide::Big);
                2
            }
            [0xef, 0xbb, 0xbf, ..] => 3,
            _ => 0,
        };
        self.start = bom;
        self.consumed += bom as u64;
        if self.wide.is_some() && !(self.filled - self.start).is_multiple_of(2) {
            self.top_up()?;
        }
        self.find_newline()
    }

    /// Old Macs end lines with a carriage return alone. Such a file has no line feed in all that is
    /// read at once, and that is as far as it is looked for.
    fn find_newline(&mut self) -> io::Result<()> {
        while self.filled < self.buffer.len()
            && self.line_end(&self.buffer[self.start..self.filled], 0).is_none()
            && self.fill()?
        {}
        let have = &self.buffer[self.start..self.filled];
        if self.line_end(have, 0).is_some() {
            return Ok(());
        }
        self.newline = b'\r';
        // The last one may be half of a pair.
        let is_last = |end: usize| end + 2 >= have.len();
        if self.line_end(have, 0).is_none_or(is_last) {
            self.newline = b'\n';
        }
        Ok(())
    }

    /// Reads more; what is unread moves to the front. False at the end.
    fn fill(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.start == self.filled {
            (self.start, self.filled) = (0, 0);
        }
        let got = self.read_some()?;
        if self.wide.is_some() && !(self.filled - self.start).is_multiple_of(2) {
            self.top_up()?;
        }
        Ok(got > 0)
    }

    /// One more byte, so that no pair is torn; a lone last byte is dropped.
    fn top_up(&mut self) -> io::Result<()> {
        let mut one = [0];
        loop {
            match self.reader.read(&mut one) {
                Ok(0) => {
                    self.ended = true;
                    self.filled -= 1;
                    return Ok(());
                }
                Ok(_) => {
                    if self.filled == self.buffer.len() {
                        self.buffer.push(one[0]);
                    } else {
                        self.buffer[self.filled] = one[0];
                    }
                    self.filled += 1;
                    return Ok(());
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
    }

    fn read_some(&mut self) -> io::Result<usize> {
        loop {
            match self.reader.read(&mut self.buffer[self.filled..]) {
                Ok(0) => {
                    self.ended = true;
                    return Ok(0);
                }
                Ok(n) => {
                    self.filled += n;
                    return Ok(n);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
    }
}

fn narrow(raw: &[u8], wide: Wide) -> String {
    let units = raw.chunks_exact(2).map(|p| match wide {
        Wide::Little => u16::from_le_bytes([p[0], p[1]]),
        Wide::Big => u16::from_be_bytes([p[0], p[1]]),
    });
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// A message as it stands in the file.
#[derive(Clone, Debug, Default)]
pub struct RawMessage {
    /// Its date and time, undecided.
    pub stamp: Stamp,
    /// Everything after the header, all lines.
    pub text: String,
    /// Web's mark of a line by the app itself.
    pub unsigned: bool,
    /// The line on which it begins, from 1.
    pub line: u64,
    /// Its number in the file, from 0.
    pub index: i64,
    /// It was longer than can be kept.
    pub cut: bool,
    /// It holds bytes that are no text.
    pub damaged: bool,
    /// The line before its header ended with a line feed alone.
    pub after_feed: bool,
}

/// What a walk over a file tells.
pub enum Step<'m> {
    /// A line before the first header.
    Preamble(&'m str),
    /// A whole message.
    Message(&'m RawMessage),
    /// So many bytes were worked through since the last time.
    Progress(u64),
}

/// Walks over the messages of one shape. Ends early where the file cannot be read further (the
/// error is handed back) or where `each` says so. `returns`: what stands behind a line feed alone
/// begins no message.
pub fn walk<E>(
    reader: Box<dyn Read + '_>,
    (shape, returns): (&Shape, bool),
    each: &mut dyn FnMut(Step<'_>) -> Result<(), E>,
) -> Result<io::Result<()>, E> {
    let mut lines = Lines::new(reader);
    let mut raw = Vec::new();
    let mut message = RawMessage::default();
    let (mut open, mut number, mut told) = (false, 0, 0);
    let mut after_feed = false;
    let outcome = loop {
        let line = match lines.next(&mut raw) {
            Ok(Some(line)) => line,
            Ok(None) => break Ok(()),
            Err(why) => break Err(why),
        };
        number += 1;
        let damaged =
            matches!(&line.text, Cow::Owned(t) if t.contains(char::REPLACEMENT_CHARACTER));
        let begins = !(returns && after_feed);
        match header::parse(&line.text).filter(|h| begins && h.shape == *shape) {
            Some(h) => {
                if open {
                    each(Step::Message(&message))?;
                    message.index += 1;
                }
                open = true;
                message.stamp = h.stamp;
                message.unsigned = h.unsigned;
                message.line = number;
                message.cut = line.cut;
                message.damaged = damaged;
                message.after_feed = after_feed;
                message.text.clear();
                message.text.push_str(h.rest);
            }
            None if open => {
                message.damaged |= damaged;
                message.cut |= line.cut;
                append(&mut message, &line.text);
            }
            None => each(Step::Preamble(&line.text))?,
        }
        after_feed = !line.returned;
        if lines.consumed - told >= CHUNK as u64 {
            each(Step::Progress(lines.consumed - told))?;
            told = lines.consumed;
        }
    };
    if open {
        each(Step::Message(&message))?;
    }
    each(Step::Progress(lines.consumed - told))?;
    Ok(outcome)
}

fn append(message: &mut RawMessage, line: &str) {
    let room = LONGEST_MESSAGE.saturating_sub(message.text.len() + 1);
    if room == 0 {
        message.cut |= !line.is_empty();
        return;
    }
    message.text.push('\n');
    let kept = line.floor_char_boundary(room.min(line.len()));
    message.cut |= kept < line.len();
    message.text.push_str(&line[..kept]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Vec<(String, bool)> {
        let mut lines = Lines::new(Box::new(bytes));
        let mut raw = Vec::new();
        let mut out = Vec::new();
        while let Some(line) = lines.next(&mut raw).expect("memory reads") {
            out.push((line.text.into_owned(), line.cut));
        }
        assert_eq!(lines.consumed, bytes.len() as u64, "every byte counted");
        out
    }

    #[test]
    fn line_ends_and_marks_of_every_kind() {
        let plain = |v: &[&str]| v.iter().map(|s| ((*s).to_owned(), false)).collect::<Vec<_>>();
        assert_eq!(all(b"a\r\nb\n\nc"), plain(&["a", "b", "", "c"]));
        assert_eq!(all(b"\xef\xbb\xbfa\n"), plain(&["a"]));
        assert_eq!(all(b""), plain(&[]));
        assert_eq!(all(b"a\rb\r\rc\r"), plain(&["a", "b", "", "c"]));
        assert_eq!(all(b"a\rb\nc"), plain(&["a\rb", "c"]));
        assert_eq!(all(b"ab\r"), plain(&["ab"]));
        let wide = |little: bool| {
            let mut out = if little { vec![0xff, 0xfe] } else { vec![0xfe, 0xff] };
            for u in "Zoë ਊ\r\n🐟".encode_utf16() {
                out.extend(if little { u.to_le_bytes() } else { u.to_be_bytes() });
            }
            out
        };
        // U+0A0A has the newline's byte twice and is no newline.
        assert_eq!(all(&wide(true)), plain(&["Zoë ਊ", "🐟"]));
        assert_eq!(all(&wide(false)), plain(&["Zoë ਊ", "🐟"]));
    }

    #[test]
    fn a_pair_across_two_pieces_is_one_end() {
        for length in CHUNK - 3..CHUNK + 3 {
            let mut text = vec![b'x'; length];
            text.extend(b"\r\ny\r\n");
            let lengths: Vec<_> = all(&text).iter().map(|(line, _)| line.len()).collect();
            assert_eq!(lengths, [length, 1]);
        }
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let reader = io::repeat(b'x').take(8 << 20);
        let mut lines = Lines::new(Box::new(reader));
        let mut raw = Vec::new();
        let line = lines.next(&mut raw).expect("reads").expect("a line");
        assert!(line.cut);
        assert_eq!(line.text.len(), LONGEST_MESSAGE);
        assert!(raw.capacity() <= 2 * LONGEST_MESSAGE);
        assert_eq!(lines.consumed, 8 << 20);
    }
}
