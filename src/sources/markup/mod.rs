//! Tags and text off a stream, as exports hold them: XML, and what is nearly XML or HTML. Frame for
//! the readers, no source.
//!
//! Nothing is ever held whole: an attribute of half a gigabyte (a film in base64) is passed over and
//! only its beginning kept. Nesting is the reader's own affair. A tag that is torn is left out and
//! counted, and reading goes on with the next one: where a value holds a bare `<`, which XML forbids,
//! its closing quote was lost. References to surrogates (`&#55357;&#56832;`), which XML forbids too,
//! are put together, since phones write emoji so.

mod reference;

use std::io::{self, Read};
use std::ops::Range;

pub use reference::unescape;

const BUFFER: usize = 64 << 10;
/// Longer names are cut.
const NAME: usize = 200;
/// Attributes kept of one tag.
const ATTRIBUTES: usize = 500;
/// A comment that goes on for longer has lost its end.
const COMMENT: u64 = 1 << 20;

/// How much is kept, in bytes. What is longer is cut, its rest passed over.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Of one attribute's value.
    pub value: usize,
    /// Of all values of a tag together.
    pub tag: usize,
    /// Of the text between two tags. 0: text is not told.
    pub text: usize,
    /// Attributes of which no more than a beginning is wanted, and how much.
    pub heavy: (&'static str, usize),
}

/// A tag with its attributes.
#[derive(Debug, Default)]
pub struct Tag {
    name: String,
    close: bool,
    empty: bool,
    held: Vec<u8>,
    attributes: Vec<Attribute>,
}

#[derive(Debug)]
struct Attribute {
    name: Range<usize>,
    value: Range<usize>,
    cut: bool,
    /// Where its value lies in the stream.
    place: Range<u64>,
}

impl Tag {
    /// Its name as written.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `</name>`
    pub fn closes(&self) -> bool {
        self.close
    }

    /// `<name/>`: nothing is inside, and no tag will close it.
    pub fn is_empty(&self) -> bool {
        self.empty
    }

    fn attribute(&self, name: &str) -> Option<&Attribute> {
        let is = |a: &&Attribute| self.held.get(a.name.clone()) == Some(name.as_bytes());
        self.attributes.iter().find(is)
    }

    fn raw(&self, name: &str) -> Option<&[u8]> {
        self.held.get(self.attribute(name)?.value.clone())
    }

    /// The value of an attribute, its references resolved.
    pub fn value(&self, name: &str) -> Option<String> {
        Some(unescape(&String::from_utf8_lossy(self.raw(name)?)).into_owned())
    }

    /// Whether an attribute is there and was longer than what was kept of it.
    pub fn is_cut(&self, name: &str) -> bool {
        self.attribute(name).is_some_and(|a| a.cut)
    }

    /// Where the value of an attribute lies in the stream, in bytes, as it stands there.
    pub fn place(&self, name: &str) -> Option<Range<u64>> {
        self.attribute(name).map(|a| a.place.clone())
    }
}

/// What comes next.
#[derive(Debug)]
pub enum Piece<'a> {
    /// Text between tags, its references resolved.
    Text(String),
    /// A tag.
    Tag(&'a Tag),
}

enum End {
    Whole,
    Torn,
}

/// Reads tags and text off a stream.
pub struct Tags<R> {
    source: R,
    bounds: Bounds,
    buffer: Vec<u8>,
    at: usize,
    len: usize,
    read: u64,
    torn: u64,
    tag: Tag,
}

impl<'t> Tags<&'t [u8]> {
    /// Begins at the start of a text at hand, with no larger buffer than that wants: a file may hold a
    /// million texts of a line.
    pub fn of(text: &'t str, bounds: Bounds) -> Self {
        Self::buffered(text.as_bytes(), bounds, text.len().clamp(1, BUFFER))
    }
}

impl<R: Read> Tags<R> {
    /// Begins at the start of a stream.
    pub fn new(source: R, bounds: Bounds) -> Self {
        Self::buffered(source, bounds, BUFFER)
    }

    fn buffered(source: R, bounds: Bounds, size: usize) -> Self {
        Self {
            source,
            bounds,
            buffer: vec![0; size],
            at: 0,
            len: 0,
            read: 0,
            torn: 0,
            tag: Tag::default(),
        }
    }

    /// Bytes that have been worked through.
    pub fn bytes(&self) -> u64 {
        self.read - (self.len - self.at) as u64
    }

    /// Tags left out because they were torn, since this was last asked.
    pub fn torn(&mut self) -> u64 {
        std::mem::take(&mut self.torn)
    }

    /// The next tag or stretch of text.
    pub fn piece(&mut self) -> io::Result<Option<Piece<'_>>> {
        let mut text = Vec::new();
        loop {
            self.text(&mut text)?;
            // The `<` is left where it is until the text before it has been told.
            let sure = self.second()?;
            match sure {
                None => {
                    if self.peek()?.is_some() {
                        self.bump();
                        self.keep(&mut text, b"<");
                    }
                    if text.is_empty() {
                        return Ok(None);
                    }
                }
                Some(b'!' | b'?' | b'/') => {}
                Some(b) if b.is_ascii_alphabetic() || b == b'_' => {}
                Some(_) => {
                    self.bump();
                    self.keep(&mut text, b"<");
                    continue;
                }
            }
            if !text.is_empty() {
                let text = unescape(&String::from_utf8_lossy(&text)).into_owned();
                return Ok(Some(Piece::Text(text)));
            }
            self.bump();
            match sure {
                Some(b'!') => {
                    if let Some(text) = self.declaration()? {
                        return Ok(Some(Piece::Text(text)));
                    }
                }
                Some(b'?') => self.pass(b"?>", COMMENT, None)?,
                _ => match self.tag()? {
                    End::Whole => return Ok(Some(Piece::Tag(&self.tag))),
                    End::Torn => self.torn += 1,
                },
            }
        }
    }

    fn fill(&mut self) -> io::Result<bool> {
        if self.at < self.len {
            return Ok(true);
        }
        loop {
            match self.source.read(&mut self.buffer) {
                Ok(n) => {
                    (self.at, self.len) = (0, n);
                    self.read += n as u64;
                    return Ok(n > 0);
                }
                Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
                Err(why) => return Err(why),
            }
        }
    }

    fn rest(&self) -> &[u8] {
        self.buffer.get(self.at..self.len).unwrap_or_default()
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        self.fill()?;
        Ok(self.rest().first().copied())
    }

    fn bump(&mut self) {
        self.at = (self.at + 1).min(self.len);
    }

    /// The byte after the one that is next, which stays.
    fn second(&mut self) -> io::Result<Option<u8>> {
        if !self.fill()? {
            return Ok(None);
        }
        if self.len - self.at < 2 {
            // Moves what is left to the front and reads on behind it.
            let first = self.rest().first().copied().unwrap_or_default();
            let Some((front, behind)) = self.buffer.split_first_mut() else { return Ok(None) };
            *front = first;
            let n = self.source.read(behind)?;
            (self.at, self.len) = (0, 1 + n);
            self.read += n as u64;
        }
        Ok(self.rest().get(1).copied())
    }

    fn keep(&self, text: &mut Vec<u8>, more: &[u8]) {
        let room = self.bounds.text.saturating_sub(text.len()).min(more.len());
        text.extend_from_slice(more.get(..room).unwrap_or_default());
    }

    /// Text up to the next `<`, which stays.
    fn text(&mut self, text: &mut Vec<u8>) -> io::Result<()> {
        while self.fill()? {
            let rest = self.rest();
            let end = memchr::memchr(b'<', rest);
            let upto = end.unwrap_or(rest.len());
            self.keep(text, rest.get(..upto).unwrap_or_default());
            self.at += upto;
            if end.is_some() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Goes on behind the next `end`, keeping what comes before it where that is wanted.
    fn pass(&mut self, end: &[u8], most: u64, mut kept: Option<&mut Vec<u8>>) -> io::Result<()> {
        let mut last = [0u8; 3];
        let start = self.bytes();
        while let Some(b) = self.peek()? {
            self.bump();
            last = [last[1], last[2], b];
            if let Some(kept) = kept.as_deref_mut()
                && kept.len() < self.bounds.text
            {
                kept.push(b);
            }
            if last.ends_with(end) {
                break;
            }
            if self.bytes() - start > most {
                self.torn += 1;
                break;
            }
        }
        Ok(())
    }

    /// `<!--…-->`, `<![CDATA[…]]>`, `<!DOCTYPE …>`; the text of a CDATA.
    fn declaration(&mut self) -> io::Result<Option<String>> {
        self.bump();
        match self.peek()? {
            Some(b'-') => {
                self.bump();
                if self.peek()? == Some(b'-') {
                    self.bump();
                }
                self.pass(b"-->", COMMENT, None)?;
            }
            Some(b'[') => {
                for _ in 0.."[CDATA[".len() {
                    self.bump();
                    self.peek()?;
                }
                let mut kept = Vec::new();
                self.pass(b"]]>", u64::MAX, Some(&mut kept))?;
                if kept.ends_with(b"]]>") {
                    kept.truncate(kept.len() - 3);
                }
                if !kept.is_empty() {
                    return Ok(Some(String::from_utf8_lossy(&kept).into_owned()));
                }
            }
            _ => self.pass(b">", COMMENT, None)?,
        }
        Ok(None)
    }

    /// A word of a tag: a name, or a value without quotes.
    fn word(&mut self, ends: fn(u8) -> bool) -> io::Result<Range<usize>> {
        let start = self.tag.held.len();
        while let Some(b) = self.peek()? {
            if ends(b) {
                break;
            }
            self.bump();
            if self.tag.held.len() - start < NAME {
                self.tag.held.push(b);
            }
        }
        Ok(start..self.tag.held.len())
    }

    fn space(&mut self) -> io::Result<Option<u8>> {
        while let Some(b) = self.peek()? {
            if !b.is_ascii_whitespace() {
                return Ok(Some(b));
            }
            self.bump();
        }
        Ok(None)
    }

    /// A tag from behind its `<` on.
    fn tag(&mut self) -> io::Result<End> {
        self.tag.held.clear();
        self.tag.attributes.clear();
        (self.tag.close, self.tag.empty) = (false, false);
        if self.peek()? == Some(b'/') {
            self.tag.close = true;
            self.bump();
        }
        let name = self.word(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>' | b'<'))?;
        let name = self.tag.held.get(name).unwrap_or_default();
        self.tag.name = String::from_utf8_lossy(name).into_owned();
        loop {
            match self.space()? {
                None | Some(b'<') => return Ok(End::Torn),
                Some(b'>') => {
                    self.bump();
                    return Ok(End::Whole);
                }
                Some(b'/') => {
                    self.bump();
                    self.tag.empty = self.peek()? == Some(b'>');
                }
                Some(b'=' | b'"' | b'\'') => self.bump(),
                Some(_) => {
                    if let End::Torn = self.attribute()? {
                        return Ok(End::Torn);
                    }
                }
            }
        }
    }

    fn attribute(&mut self) -> io::Result<End> {
        let name = self.word(|b| {
            b.is_ascii_whitespace() || matches!(b, b'=' | b'/' | b'>' | b'<' | b'"' | b'\'')
        })?;
        if self.space()? != Some(b'=') {
            // Without a value it says nothing, and there may be millions of them.
            self.tag.held.truncate(name.start);
            return Ok(End::Whole);
        }
        self.bump();
        let first = self.space()?;
        let (value, cut, place) = if let Some(quote @ (b'"' | b'\'')) = first {
            self.bump();
            let begins = self.bytes();
            match self.quoted(quote, &name)? {
                Some((value, cut)) => (value, cut, begins..self.bytes().saturating_sub(1)),
                None => return Ok(End::Torn),
            }
        } else {
            let begins = self.bytes();
            let value = self.word(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'<'))?;
            (value, false, begins..self.bytes())
        };
        if self.tag.attributes.len() < ATTRIBUTES {
            self.tag.attributes.push(Attribute { name, value, cut, place });
        } else {
            self.tag.held.truncate(name.start);
        }
        Ok(End::Whole)
    }

    /// A value up to its quote. `None`: the quote is missing.
    fn quoted(
        &mut self,
        quote: u8,
        name: &Range<usize>,
    ) -> io::Result<Option<(Range<usize>, bool)>> {
        let start = self.tag.held.len();
        let (heavy, little) = self.bounds.heavy;
        let is_heavy = self.tag.held.get(name.clone()).is_some_and(|n| n == heavy.as_bytes());
        let most = if is_heavy { little } else { self.bounds.value };
        let most = start.saturating_add(most).min(self.bounds.tag.max(start));
        let mut cut = false;
        while self.fill()? {
            let rest = self.buffer.get(self.at..self.len).unwrap_or_default();
            let end = memchr::memchr2(quote, b'<', rest);
            let found = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
            let room = most.saturating_sub(self.tag.held.len()).min(found.len());
            cut |= room < found.len();
            self.tag.held.extend_from_slice(found.get(..room).unwrap_or_default());
            self.at += found.len();
            match end {
                None => {}
                Some(_) if self.rest().first() == Some(&quote) => {
                    self.bump();
                    return Ok(Some((start..self.tag.held.len(), cut)));
                }
                Some(_) => return Ok(None),
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests;
