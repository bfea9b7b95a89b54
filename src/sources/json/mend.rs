//! Makes bytes fit for a strict JSON reader: drops a mark at the start, heals broken letters.
//!
//! Small files are mended as a whole, and nothing is copied if there is nothing to heal. Large
//! ones are mended as they stream by, which also bounds the longest string and the nesting.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::rc::Rc;

use memchr::{memchr, memchr_iter, memchr2, memmem, memrchr};

const MARK: &[u8] = b"\xEF\xBB\xBF";
/// No escape or letter is longer; so much is kept back until the next piece is there.
const AHEAD: usize = 16;
/// So much may be given at once.
pub const AT_ONCE: usize = 16 << 10;
/// So much of what was given is kept: what comes next may depend on it, and a reader that met a
/// break goes back to it.
const KEPT: usize = AT_ONCE + 4096;
/// A string longer than this in a streamed file is cut.
const LONGEST: usize = 8 << 20;
const DEEPEST: usize = 4096;
/// The key whose value Telegram wrote without quotes for a while, where it was a file's name.
const EMOJI: &[u8] = b"document_id\": ";
const NULL: &[u8] = b"null";

/// What had to be healed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Healed {
    /// Bytes that were no UTF-8.
    pub letters: bool,
    /// Halves of surrogate pairs.
    pub halves: bool,
    /// Strings too long to hold.
    pub cut: bool,
    /// Control characters in an escape that JSON does not know.
    pub controls: bool,
    /// Values without the quotes that they need.
    pub bare: bool,
}

impl Healed {
    /// In words, one for each kind.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        [
            (self.letters, "bytes that are no UTF-8 were replaced"),
            (self.halves, "halves of characters (lone surrogates) were replaced"),
            (self.cut, "a text of more than 8 MiB was cut"),
            (
                self.controls,
                "control characters written as no JSON is (\\x01) were read all the same",
            ),
            (self.bare, "names of emoji files without their quotes were passed over"),
        ]
        .into_iter()
        .filter_map(|(it, words)| it.then_some(words))
    }
}

/// A whole file as text that a strict reader takes.
pub fn mend(bytes: &[u8]) -> (Cow<'_, str>, Healed) {
    let bytes = bytes.strip_prefix(MARK).unwrap_or(bytes);
    let mut healed = Healed::default();
    let text = match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            healed.letters = true;
            String::from_utf8_lossy(bytes)
        }
    };
    match patched(text.as_bytes(), &mut healed).map(String::from_utf8) {
        Some(Ok(whole)) => (Cow::Owned(whole), healed),
        _ => (text, healed),
    }
}

/// The text with everything replaced that no strict reader takes; `None` if there is nothing.
fn patched(bytes: &[u8], healed: &mut Healed) -> Option<Vec<u8>> {
    // Most lines of a file of lines have nothing of the kind.
    if memchr(b'\\', bytes).is_none() && memmem::find(bytes, EMOJI).is_none() {
        return None;
    }
    let mut out: Option<Vec<u8>> = None;
    let mut copied = 0;
    // Surrogates are escapes of D800 to DFFF. Every letter beyond ASCII may be an escape, so the
    // search asks for the digit too: files without anything to heal are walked at full speed.
    let halves = merged(memmem::find_iter(bytes, b"\\ud"), memmem::find_iter(bytes, b"\\uD"));
    let escapes = merged(halves, memmem::find_iter(bytes, b"\\x"));
    let mut at = 0;
    for start in merged(escapes, memmem::find_iter(bytes, EMOJI)) {
        if start < at || (bytes[start] == b'\\' && escaped(bytes, start)) {
            continue;
        }
        let patch = patch(&bytes[start..], healed);
        at = start + patch.to;
        if let Some(instead) = patch.instead {
            let out = out.get_or_insert_with(Vec::new);
            out.extend_from_slice(&bytes[copied..start + patch.from]);
            out.extend_from_slice(&instead);
            copied = at;
        }
    }
    if let Some(out) = &mut out {
        out.extend_from_slice(&bytes[copied..]);
    }
    out
}

/// A piece of text, and what is to stand in its place.
struct Patch {
    from: usize,
    to: usize,
    instead: Option<Cow<'static, [u8]>>,
}

/// What is to be done where an escape or the key of an emoji begins.
fn patch(rest: &[u8], healed: &mut Healed) -> Patch {
    let kept = |to| Patch { from: to, to, instead: None };
    if let Some(value) = rest.strip_prefix(EMOJI) {
        if !is_bare(value) {
            return kept(EMOJI.len());
        }
        healed.bare = true;
        let to = EMOJI.len() + memchr2(b'\n', b'}', value).unwrap_or(value.len());
        return Patch { from: EMOJI.len(), to, instead: Some(Cow::Borrowed(NULL)) };
    }
    if let Some(known) = control(rest) {
        healed.controls = true;
        return Patch { from: 0, to: 4, instead: Some(Cow::Owned(known.to_vec())) };
    }
    match surrogate(rest) {
        Surrogate::Pair => kept(12),
        Surrogate::None => kept(2),
        Surrogate::Lone => {
            healed.halves = true;
            Patch { from: 0, to: 6, instead: Some(Cow::Borrowed(b"\\ufffd")) }
        }
    }
}

/// A control character's escape, as JSON knows it, where it stands as `\x01`.
fn control(rest: &[u8]) -> Option<[u8; 6]> {
    match rest {
        [b'\\', b'x', a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
            Some([b'\\', b'u', b'0', b'0', *a, *b])
        }
        _ => None,
    }
}

/// Whether no value of JSON begins here.
fn is_bare(value: &[u8]) -> bool {
    let word = |word: &[u8]| {
        let rest = value.strip_prefix(word);
        rest.is_some_and(|rest| !rest.first().is_some_and(|b| is_word(*b)))
    };
    match value.first() {
        None | Some(b'"' | b'{' | b'[' | b'-' | b'0'..=b'9') => false,
        Some(b) if b.is_ascii_whitespace() => false,
        Some(_) => !["null", "true", "false"].iter().any(|w| word(w.as_bytes())),
    }
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"_-./\\".contains(&b) || !b.is_ascii()
}

/// Two ascending lists as one.
fn merged(
    a: impl Iterator<Item = usize>,
    b: impl Iterator<Item = usize>,
) -> impl Iterator<Item = usize> {
    let (mut a, mut b) = (a.peekable(), b.peekable());
    std::iter::from_fn(move || match (a.peek(), b.peek()) {
        (Some(x), Some(y)) if x > y => b.next(),
        (Some(_), _) => a.next(),
        (None, _) => b.next(),
    })
}

/// Whether the backslash here is itself escaped: an odd number of them stands before it.
fn escaped(bytes: &[u8], at: usize) -> bool {
    bytes[..at].iter().rev().take_while(|b| **b == b'\\').count() % 2 == 1
}

enum Surrogate {
    None,
    Pair,
    Lone,
}

fn unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

fn surrogate(bytes: &[u8]) -> Surrogate {
    match unit(bytes) {
        Some(0xD800..=0xDBFF) => match bytes.get(6..).and_then(unit) {
            Some(0xDC00..=0xDFFF) => Surrogate::Pair,
            _ => Surrogate::Lone,
        },
        Some(0xDC00..=0xDFFF) => Surrogate::Lone,
        _ => Surrogate::None,
    }
}

/// What a streamed file tells about itself while it is read.
#[derive(Clone, Debug, Default)]
pub struct Gauge {
    /// Bytes taken in so far.
    pub bytes: Rc<Cell<u64>>,
    /// What was healed so far.
    pub healed: Rc<RefCell<Healed>>,
}

/// Mends a stream.
pub struct Mending<R> {
    inner: R,
    gauge: Gauge,
    raw: Vec<u8>,
    out: Vec<u8>,
    given: usize,
    /// Where `out` begins, counted from the mark.
    lines: usize,
    column: usize,
    begun: bool,
    ended: bool,
    inside: bool,
    /// In a value without quotes, which is passed over.
    bare: bool,
    length: usize,
    depth: usize,
}

impl<R: Read> Mending<R> {
    /// Mends what `inner` gives.
    pub fn new(inner: R, gauge: Gauge) -> Self {
        Self {
            inner,
            gauge,
            raw: Vec::new(),
            out: Vec::new(),
            given: 0,
            lines: 0,
            column: 0,
            begun: false,
            ended: false,
            inside: false,
            bare: false,
            length: 0,
            depth: 0,
        }
    }

    /// Lines and columns count from here on.
    pub fn mark(&mut self) {
        self.out.drain(..self.given);
        (self.given, self.lines, self.column) = (0, 0, 0);
    }

    /// Goes back to just before a place, lines from one, columns behind it; not where that was given
    /// too long ago.
    pub fn back(&mut self, line: usize, column: usize) -> bool {
        let to = match line.saturating_sub(1).checked_sub(self.lines) {
            None => None,
            Some(0) => column.checked_sub(self.column),
            Some(n) => memchr_iter(b'\n', &self.out).nth(n - 1).map(|n| n + 1 + column),
        };
        let to = to.and_then(|to| to.checked_sub(1)).filter(|to| *to <= self.given);
        self.given = to.unwrap_or(self.given);
        to.is_some()
    }

    /// Forgets what was given, but for its end.
    fn forget(&mut self) {
        let gone = self.given.saturating_sub(KEPT);
        match memrchr(b'\n', &self.out[..gone]) {
            Some(last) => {
                self.lines += memchr_iter(b'\n', &self.out[..gone]).count();
                self.column = gone - 1 - last;
            }
            None => self.column += gone,
        }
        self.out.drain(..gone);
        self.given -= gone;
    }

    fn refill(&mut self) -> io::Result<()> {
        self.forget();
        let kept = self.raw.len();
        self.raw.resize(kept + (128 << 10), 0);
        let got = self.inner.read(&mut self.raw[kept..])?;
        self.raw.truncate(kept + got);
        self.gauge.bytes.set(self.gauge.bytes.get() + got as u64);
        self.ended = got == 0;
        if !self.begun && (self.ended || self.raw.len() >= MARK.len()) {
            self.begun = true;
            if self.raw.starts_with(MARK) {
                self.raw.drain(..MARK.len());
            }
        }
        self.work()
    }

    fn work(&mut self) -> io::Result<()> {
        let raw = std::mem::take(&mut self.raw);
        let end = if self.ended { raw.len() } else { raw.len().saturating_sub(AHEAD) };
        let mut at = 0;
        while at < end {
            at = match (self.inside, self.bare) {
                (true, _) => self.string(&raw, at, end),
                (false, true) => self.pass_over(&raw, at, end),
                (false, false) => self.plain(&raw, at)?,
            };
        }
        self.raw = raw;
        self.raw.drain(..at);
        Ok(())
    }

    fn plain(&mut self, raw: &[u8], at: usize) -> io::Result<usize> {
        match raw[at] {
            b'"' => (self.inside, self.length) = (true, 0),
            b'[' | b'{' => self.depth += 1,
            b']' | b'}' => self.depth = self.depth.saturating_sub(1),
            b' ' if is_bare(&raw[at + 1..]) => return Ok(self.bare_value(at)),
            _ => {}
        }
        if self.depth > DEEPEST {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "nested too deeply"));
        }
        self.out.push(raw[at]);
        Ok(at + 1)
    }

    /// Where a space stands before what is no value.
    fn bare_value(&mut self, at: usize) -> usize {
        self.out.push(b' ');
        if self.out.ends_with(EMOJI) {
            self.gauge.healed.borrow_mut().bare = true;
            self.out.extend_from_slice(NULL);
            self.bare = true;
        }
        at + 1
    }

    /// Passes over a value without quotes: up to the end of its line or of its object.
    fn pass_over(&mut self, raw: &[u8], at: usize, end: usize) -> usize {
        match memchr2(b'\n', b'}', &raw[at..end]) {
            Some(n) => {
                self.bare = false;
                at + n
            }
            None => end,
        }
    }

    /// Takes a piece of a string: up to its end, its next escape, or the end of what is there.
    fn string(&mut self, raw: &[u8], at: usize, end: usize) -> usize {
        match raw[at] {
            b'"' => {
                self.inside = false;
                self.out.push(b'"');
                at + 1
            }
            b'\\' => self.escape(raw, at),
            _ => {
                let mut stop = memchr2(b'"', b'\\', &raw[at..end]).map_or(end, |n| at + n);
                // Not through the middle of a letter; what follows is there to look at.
                while stop < raw.len().min(end + 3) && raw[stop] & 0xC0 == 0x80 {
                    stop += 1;
                }
                self.run(&raw[at..stop]);
                stop
            }
        }
    }

    fn run(&mut self, run: &[u8]) {
        // Nearly always, and looking at it as a whole is several times as fast.
        if simdutf8::basic::from_utf8(run).is_ok() {
            return self.put(run);
        }
        for piece in run.utf8_chunks() {
            self.put(piece.valid().as_bytes());
            if !piece.invalid().is_empty() {
                self.gauge.healed.borrow_mut().letters = true;
                self.put("\u{fffd}".as_bytes());
            }
        }
    }

    fn escape(&mut self, raw: &[u8], at: usize) -> usize {
        if let Some(known) = control(&raw[at..]) {
            self.gauge.healed.borrow_mut().controls = true;
            self.put(&known);
            return at + 4;
        }
        let long = match surrogate(&raw[at..]) {
            Surrogate::Pair => 12,
            Surrogate::None if raw[at..].starts_with(b"\\u") => 6.min(raw.len() - at),
            Surrogate::None => 2.min(raw.len() - at),
            Surrogate::Lone => {
                self.gauge.healed.borrow_mut().halves = true;
                self.put(b"\\ufffd");
                return at + 6;
            }
        };
        self.put(&raw[at..at + long]);
        at + long
    }

    fn put(&mut self, bytes: &[u8]) {
        self.length += bytes.len();
        // Pieces are whole letters and whole escapes: dropping one never breaks the JSON.
        if self.length <= LONGEST {
            self.out.extend_from_slice(bytes);
        } else if !self.gauge.healed.borrow().cut {
            self.gauge.healed.borrow_mut().cut = true;
        }
    }
}

impl<R: Read> Read for Mending<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.given == self.out.len() && !self.ended {
            self.refill()?;
        }
        let n = into.len().min(self.out.len() - self.given);
        into[..n].copy_from_slice(&self.out[self.given..self.given + n]);
        self.given += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time, so that every boundary is met.
    struct Drip<'a>(&'a [u8], usize);

    impl Read for Drip<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let n = self.1.min(self.0.len()).min(into.len());
            into[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }

    fn streamed(bytes: &[u8], step: usize) -> (String, Healed) {
        let gauge = Gauge::default();
        let mut out = String::new();
        Mending::new(Drip(bytes, step), gauge.clone()).read_to_string(&mut out).expect("text");
        let healed = *gauge.healed.borrow();
        (out, healed)
    }

    const NONE: Healed =
        Healed { letters: false, halves: false, cut: false, controls: false, bare: false };
    const HALVES: Healed = Healed { halves: true, ..NONE };
    const LETTERS: Healed = Healed { letters: true, ..NONE };
    const CONTROLS: Healed = Healed { controls: true, ..NONE };
    const BARE: Healed = Healed { bare: true, ..NONE };

    #[test]
    fn both_ways_heal_alike() {
        let none = NONE;
        for (bytes, text, healed) in [
            (&b"\xEF\xBB\xBF{\"a\": 1}"[..], "{\"a\": 1}", none),
            (br#"{"a": "\ud83d\udc4d"}"#, r#"{"a": "\ud83d\udc4d"}"#, none),
            (br#"{"a": "\ud83d x"}"#, r#"{"a": "\ufffd x"}"#, HALVES),
            (br#"{"a": "\udc4d\ud83d"}"#, r#"{"a": "\ufffd\ufffd"}"#, HALVES),
            // An escaped backslash before a "u" is no escape of a letter.
            (br#"{"a": "\\ud83d"}"#, r#"{"a": "\\ud83d"}"#, none),
            (br#"{"a": "\\\ud83d"}"#, r#"{"a": "\\\ufffd"}"#, HALVES),
            // Control characters as Telegram writes them, in the data of buttons and in texts.
            (br#"{"a": "1=2\x012=\x1F"}"#, r#"{"a": "1=2\u00012=\u001F"}"#, CONTROLS),
            (br#"{"a": "C:\\x01 \\\x02"}"#, r#"{"a": "C:\\x01 \\\u0002"}"#, CONTROLS),
            (br#"{"a": "C:\\x01"}"#, r#"{"a": "C:\\x01"}"#, none),
            (br#"{"a": "\xg1 \x1"}"#, r#"{"a": "\xg1 \x1"}"#, none),
            // Names without quotes, as one version of it wrote them.
            (
                b"[{\"document_id\": video_files/sticker (2).webm\n},1]",
                "[{\"document_id\": null\n},1]",
                BARE,
            ),
            (
                b"[{\"document_id\": (File not included. Change data exporting settings to download.)}]",
                "[{\"document_id\": null}]",
                BARE,
            ),
            (b"{\"document_id\": files/a}", "{\"document_id\": null}", BARE),
            (
                br#"[{"document_id": "a"}, {"document_id": null}, {"document_id": 5}]"#,
                r#"[{"document_id": "a"}, {"document_id": null}, {"document_id": 5}]"#,
                none,
            ),
            (
                br#"{"a": "\"document_id\": video", "b": " x"}"#,
                r#"{"a": "\"document_id\": video", "b": " x"}"#,
                none,
            ),
            (b"{\"a\": \"x\xFFy\"}", "{\"a\": \"x\u{fffd}y\"}", LETTERS),
            (
                "{\"a\": \"žluťoučký kůň 日本 👍🏽\"}".as_bytes(),
                "{\"a\": \"žluťoučký kůň 日本 👍🏽\"}",
                none,
            ),
        ] {
            assert_eq!(mend(bytes), (Cow::Borrowed(text), healed));
            for step in [1, 2, 3, 7, 1000] {
                assert_eq!(streamed(bytes, step), (text.to_owned(), healed), "in steps of {step}");
            }
        }
    }

    #[test]
    fn a_string_of_any_length_fits_in_memory() {
        let endless = io::repeat(b'a').take(64 << 20);
        let file = (&b"[\""[..]).chain(endless).chain(&b"\"]"[..]);
        let gauge = Gauge::default();
        let mut out = Vec::new();
        Mending::new(file, gauge.clone()).read_to_end(&mut out).expect("bytes");
        assert!(out.len() < 9 << 20 && out.ends_with(b"\"]"));
        assert!(gauge.healed.borrow().cut);
    }

    #[test]
    fn endless_nesting_is_refused() {
        let mut out = Vec::new();
        let deep = io::repeat(b'[').take(1 << 20);
        assert!(Mending::new(deep, Gauge::default()).read_to_end(&mut out).is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_in_any_pieces(
            parts in proptest::collection::vec(
                proptest::sample::select(vec![
                    &b"{"[..], b"}", b"[", b"\"", b"\\", b"\\u", b"d83d", b"\\ud83d", b"\\udc4d", b"\xC3",
                    b"\xA9", b"\xF0\x9F", b"\xEF\xBB\xBF", b"a", b"\xC5\xBE", b"\\n", b":", b"1",
                    b"\\x", b"01", b"\"document_id\": ", b" ", b"file", b"\n", b"null",
                ]),
                0..60,
            ),
            step in 1usize..40,
        ) {
            let bytes = parts.concat();
            let gauge = Gauge::default();
            let mut out = Vec::new();
            Mending::new(Drip(&bytes, step), gauge.clone()).read_to_end(&mut out).expect("bytes");
            proptest::prop_assert_eq!(gauge.bytes.get(), bytes.len() as u64);
            // As a string in valid JSON both ways give the same text.
            let inner: Vec<u8> = bytes.iter().copied().filter(|b| !b"\"\\".contains(b)).collect();
            let json = [b"\"", &inner[..], b"\\ud83d\""].concat();
            let (whole, _) = mend(&json);
            proptest::prop_assert_eq!(streamed(&json, step).0, whole);
        }
    }
}
