//! Reads on behind a piece of JSON that is broken: at the next element of its list.
//!
//! How deep the break lies is known from the reading. From there, brackets are counted up to the
//! end of the broken element; what follows is read as if its list had only begun.

use std::io::Read;

use super::mend::Mending;
use super::walk::ITEM;

/// So many broken elements of a file are passed over.
pub const MOST: usize = 10_000;

/// What is left of a file.
pub trait Rest: Read {
    /// Lines and columns count from here on.
    fn mark(&mut self);

    /// Goes back to just before a place, lines from one, columns behind it. A reading that fails has
    /// looked at what follows. Whether it could.
    fn back(&mut self, line: usize, column: usize) -> bool;
}

/// What is left of a text.
pub struct Remaining<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Remaining<'a> {
    /// All of it.
    pub fn of(text: &'a str) -> Self {
        Self { bytes: text.as_bytes(), at: 0 }
    }
}

impl Read for Remaining<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let mut left = &self.bytes[self.at..];
        let n = left.read(into)?;
        self.at += n;
        Ok(n)
    }
}

impl Rest for Remaining<'_> {
    fn mark(&mut self) {
        self.bytes = &self.bytes[self.at..];
        self.at = 0;
    }

    fn back(&mut self, line: usize, column: usize) -> bool {
        let start = match line.checked_sub(2) {
            None => Some(0),
            Some(n) => memchr::memchr_iter(b'\n', self.bytes).nth(n).map(|n| n + 1),
        };
        let to = start.and_then(|start| (start + column).checked_sub(1));
        self.at = to.map_or(self.at, |to| to.min(self.bytes.len()));
        to.is_some()
    }
}

impl<R: Read> Rest for Mending<R> {
    fn mark(&mut self) {
        self.mark();
    }

    fn back(&mut self, line: usize, column: usize) -> bool {
        self.back(line, column)
    }
}

/// The break.
pub struct Break<'a> {
    /// The way to it.
    pub path: &'a [&'static str],
    /// Lists and objects that are open behind that way.
    pub inner: usize,
    /// It lies in a string.
    pub inside: bool,
    /// The name with which the elements of its list begin.
    pub first: Option<&'a str>,
}

impl Break<'_> {
    /// Goes on to the next element, or to the end of the list. What the reading is to begin with
    /// in place of all that was before; `None` if nothing of the kind comes any more.
    #[expect(clippy::unbuffered_bytes, reason = "a block of what is left is in memory")]
    pub fn pass(&self, rest: &mut impl Rest) -> Option<String> {
        let list = self.path.iter().rposition(|step| *step == ITEM)?;
        let mut start = String::new();
        for step in &self.path[..=list] {
            match *step {
                ITEM => start.push('['),
                name => start.extend(["{\"", name, "\":"]),
            }
        }
        let plain = |name: &&str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let first = self.first.filter(plain);
        let begins = first.map_or("{".to_owned(), |first| format!("{{\"{first}\""));
        let depth = (self.path.len() + self.inner).checked_sub(list + 1)?;
        let mut scan = Scan { depth, inside: self.inside, escaped: false };
        let mut met: Option<usize> = None;
        for byte in rest.by_ref().bytes() {
            let byte = byte.ok()?;
            met = match (scan.feed(byte), met) {
                (Some(b']'), _) => return Some(start + "]"),
                (Some(_), _) => Some(0),
                (None, Some(n)) if begins.as_bytes().get(n) == Some(&byte) => Some(n + 1),
                (None, Some(n)) if n < 2 && byte.is_ascii_whitespace() => Some(n),
                (None, _) => None,
            };
            if met == Some(begins.len()) {
                return Some(start + &begins);
            }
        }
        None
    }
}

/// Brackets and strings as they go by.
struct Scan {
    /// Open within the list.
    depth: usize,
    inside: bool,
    escaped: bool,
}

impl Scan {
    /// Takes a byte; a comma or the end of the list is told.
    fn feed(&mut self, byte: u8) -> Option<u8> {
        if self.inside {
            match byte {
                // No string goes over the end of a line.
                b'\n' => (self.inside, self.escaped) = (false, false),
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.inside = false,
                _ => {}
            }
            return None;
        }
        match byte {
            b'"' => self.inside = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' if self.depth > 0 => self.depth -= 1,
            b']' | b',' if self.depth == 0 => return Some(byte),
            _ => {}
        }
        None
    }
}
