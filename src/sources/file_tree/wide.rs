//! Text in UTF-16, as Windows' Notepad, PowerShell and some tools leave it, read as UTF-8: readers
//! know nothing of it.
//!
//! Told by its mark (`FF FE`, `FE FF`), else by every other byte of its beginning being zero where
//! no text in UTF-8 has a zero. Only files that are text by their ending are looked at. What
//! attachments hold is never touched: those are read as they are.

use std::io::{self, Read};

/// Endings of files that readers take for text.
const TEXTS: &[&str] =
    &["json", "jsonl", "ndjson", "txt", "xml", "csv", "html", "htm", "eml", "mbox", "mbx"];
/// Bytes by which it is told.
const LOOK: usize = 64;
const CHUNK: usize = 16 << 10;

/// Whether a file of this path may be text in UTF-16.
pub fn may_be(path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    TEXTS.iter().any(|text| ending.eq_ignore_ascii_case(text))
}

/// Whether a text is in UTF-8 as it is.
pub fn is_narrow(text: impl Read) -> bool {
    let mut head = Vec::new();
    text.take(LOOK as u64).read_to_end(&mut head).is_ok() && order(&head).is_none()
}

/// A whole text in UTF-8, whatever it was in.
pub fn in_utf8(bytes: Vec<u8>) -> Vec<u8> {
    if order(bytes.get(..LOOK).unwrap_or(&bytes)).is_none() {
        return bytes;
    }
    let mut out = Vec::with_capacity(bytes.len());
    // Memory cannot fail to be read.
    let read = Narrow::new(bytes.as_slice()).read_to_end(&mut out);
    if read.is_ok() { out } else { bytes }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

/// The order of a text's bytes and the length of its mark; `None`: it is not in UTF-16.
fn order(head: &[u8]) -> Option<(Order, usize)> {
    match head {
        [0xff, 0xfe, ..] => return Some((Order::Little, 2)),
        [0xfe, 0xff, ..] => return Some((Order::Big, 2)),
        _ => {}
    }
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let many = |zeros: usize| zeros > 1 && zeros * 4 >= head.len();
    match (even, odd) {
        (0, odd) if many(odd) => Some((Order::Little, 0)),
        (even, 0) if many(even) => Some((Order::Big, 0)),
        _ => None,
    }
}

/// A text in UTF-8, whatever it was in.
pub struct Narrow<R> {
    inner: R,
    order: Option<Order>,
    looked: bool,
    /// What was read and not yet given, or not yet worked through.
    raw: Vec<u8>,
    out: Vec<u8>,
    given: usize,
    /// The first half of a character.
    high: Option<u16>,
    ended: bool,
}

impl<R: Read> Narrow<R> {
    /// Reads what another reader gives.
    pub fn new(inner: R) -> Self {
        Self {
            inner,
            order: None,
            looked: false,
            raw: Vec::new(),
            out: Vec::new(),
            given: 0,
            high: None,
            ended: false,
        }
    }

    fn look(&mut self) -> io::Result<()> {
        self.looked = true;
        let inner = &mut self.inner;
        let read = inner.take(LOOK as u64).read_to_end(&mut self.raw);
        if let Some((order, mark)) = order(&self.raw) {
            self.order = Some(order);
            self.raw.drain(..mark);
        } else {
            self.out = std::mem::take(&mut self.raw);
        }
        read.map(drop)
    }

    /// Works through one more piece; its last byte may wait for the next.
    fn refill(&mut self, order: Order) -> io::Result<()> {
        self.out.clear();
        self.given = 0;
        let kept = self.raw.len();
        self.raw.resize(kept + CHUNK, 0);
        let got = self.inner.read(self.raw.get_mut(kept..).unwrap_or_default());
        self.raw.truncate(kept + *got.as_ref().unwrap_or(&0));
        self.ended = got? == 0;
        let mut pairs = self.raw.chunks_exact(2);
        for pair in pairs.by_ref() {
            let [a, b] = *pair else { continue };
            let unit = match order {
                Order::Little => u16::from_le_bytes([a, b]),
                Order::Big => u16::from_be_bytes([a, b]),
            };
            let units = [self.high.take(), Some(unit)].into_iter().flatten();
            for letter in char::decode_utf16(units) {
                match letter {
                    Ok(letter) => push(&mut self.out, letter),
                    Err(half) => {
                        let half = half.unpaired_surrogate();
                        // The first half waits for the second.
                        if half == unit && (0xd800..0xdc00).contains(&half) {
                            self.high = Some(half);
                        } else {
                            push(&mut self.out, char::REPLACEMENT_CHARACTER);
                        }
                    }
                }
            }
        }
        let rest = pairs.remainder().to_vec();
        self.raw = rest;
        if self.ended && (self.high.take().is_some() || !self.raw.is_empty()) {
            self.raw.clear();
            push(&mut self.out, char::REPLACEMENT_CHARACTER);
        }
        Ok(())
    }
}

fn push(out: &mut Vec<u8>, letter: char) {
    out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
}

impl<R: Read> Read for Narrow<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        if !self.looked {
            self.look()?;
        }
        loop {
            let ready = self.out.get(self.given..).unwrap_or_default();
            if !ready.is_empty() {
                let n = ready.len().min(into.len());
                let (to, from) = (into.get_mut(..n), ready.get(..n));
                if let (Some(to), Some(from)) = (to, from) {
                    to.copy_from_slice(from);
                }
                self.given += n;
                return Ok(n);
            }
            match self.order {
                None => return self.inner.read(into),
                Some(_) if self.ended => return Ok(0),
                Some(order) => self.refill(order)?,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes one at a time, as a slow disk might.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let n = into.len().min(1).min(self.0.len());
            let (now, rest) = self.0.split_at(n);
            into[..n].copy_from_slice(now);
            self.0 = rest;
            Ok(n)
        }
    }

    fn read(bytes: &[u8]) -> String {
        let mut whole = Vec::new();
        Narrow::new(bytes).read_to_end(&mut whole).expect("memory");
        let mut slow = Vec::new();
        Narrow::new(Slow(bytes)).read_to_end(&mut slow).expect("memory");
        assert!(whole == slow, "{bytes:x?}");
        String::from_utf8_lossy(&whole).into_owned()
    }

    fn wide(text: &str, order: Order, mark: bool) -> Vec<u8> {
        let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
        units
            .flat_map(|unit| match order {
                Order::Little => unit.to_le_bytes(),
                Order::Big => unit.to_be_bytes(),
            })
            .collect()
    }

    #[test]
    fn texts_of_every_kind() {
        let long = "日本語 🐟 ".repeat(20_000);
        for text in ["{\"a\": \"Zoë ਊ 🐟\"}\r\n", "[18/03/2022, 14:56:01] Ana: hi", "[]", &long]
        {
            assert_eq!(read(text.as_bytes()), text);
            for order in [Order::Little, Order::Big] {
                assert_eq!(read(&wide(text, order, true)), text);
            }
        }
        for order in [Order::Little, Order::Big] {
            let text = format!("[{{\"name\": \"{long}\"}}]");
            assert_eq!(read(&wide(&text, order, false)), text);
        }
    }

    #[test]
    fn what_is_no_utf_16_stays_as_it_is() {
        for bytes in [
            &b"\xef\xbb\xbfhello"[..],
            b"hello\0world, this is UTF-8 with a zero in it",
            b"",
            b"\xff",
            b"SQLite format 3\0\x10\0\x01\x01\0\x40\x20\x20\0\0\0\x02\0\0\0\x05",
            &[0; 64],
        ] {
            let mut out = Vec::new();
            Narrow::new(bytes).read_to_end(&mut out).expect("memory");
            assert!(out == bytes, "{bytes:x?}");
        }
    }

    #[test]
    fn halves_and_ends_are_replaced() {
        let lone = [0xff, 0xfe, b'a', 0, 0x3d, 0xd8, b'b', 0, 0x1f, 0xdc, b'c', 0];
        assert_eq!(read(&lone), "a\u{fffd}b\u{fffd}c");
        assert_eq!(read(&[0xff, 0xfe, b'a', 0, 0x3d, 0xd8]), "a\u{fffd}");
        assert_eq!(read(&[0xff, 0xfe, b'a', 0, b'b']), "a\u{fffd}");
        assert_eq!(read(&[0xff, 0xfe]), "");
    }
}
