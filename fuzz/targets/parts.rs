//! Pieces that stand inside of other files, with parsers of their own: contact cards, archives of
//! attributed strings, protocol buffers, headers of locked backups, broken JSON, tags.

#![no_main]

use std::io::Read;

use libfuzzer_sys::fuzz_target;
use onebox::engine::contacts_in;
use onebox::sources::markup::{Bounds, Tags, unescape};
use onebox::sources::parts::{Gauge, Mending, crypt_header, mend, parse, typedstream, wire};
use onebox_fuzz::memory;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let Some((which, bytes)) = bytes.split_first() else { return };
    memory::within((8 << 20) + bytes.len() * 400, "a part", || match which {
        b'c' => cards(bytes),
        b's' => string(bytes),
        b'w' => fields(bytes),
        b'h' => header(bytes),
        b'j' => json(bytes),
        b't' => tags(bytes),
        _ => {}
    });
});

/// Gives few bytes at a time, so that every boundary is met.
struct Drip<'a>(&'a [u8], usize);

impl Read for Drip<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let n = self.1.min(self.0.len()).min(into.len());
        into[..n].copy_from_slice(&self.0[..n]);
        self.0 = &self.0[n..];
        Ok(n)
    }
}

fn cards(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (cards, report) = contacts_in(&text, "a.vcf");
    assert_eq!(cards.len() + report.without, report.cards);
    assert!(report.cards <= bytes.len() && report.oddities <= bytes.len() as u64 + 1);
    for card in cards {
        assert!(!card.key.is_empty() && !card.name.is_empty() && !card.addresses.is_empty());
    }
}

fn string(bytes: &[u8]) {
    if let Some(text) = typedstream(bytes) {
        assert!(text.len() <= bytes.len() * 3);
    }
}

fn fields(bytes: &[u8]) {
    assert!(wire::walk(bytes).count() <= bytes.len());
    for path in [&[5][..], &[19, 1], &[7, 1, 2], &[1, 1, 1, 1]] {
        assert!(wire::at(bytes, path).iter().all(|b| b.len() <= bytes.len()));
        assert!(wire::text(bytes, path).is_none_or(|t| !t.is_empty() && t.len() <= bytes.len()));
        wire::number(bytes, path);
    }
}

fn header(bytes: &[u8]) {
    let Some(header) = crypt_header(bytes) else { return };
    assert!(header.length <= bytes.len() && !header.nonce.is_empty(), "{header:?}");
}

fn json(bytes: &[u8]) {
    let (mended, healed) = mend(bytes);
    let whole = serde_json::from_str::<Value>(&mended).ok();
    if let Ok(strict) = serde_json::from_slice::<Value>(bytes) {
        assert!(!healed.letters && !healed.halves, "nothing was broken: {bytes:?}");
        assert_eq!(whole.as_ref(), Some(&strict));
    }
    assert_eq!(parse(bytes).is_some(), whole.is_some(), "{mended}");
    for step in [1, 7, 1 << 20] {
        let mut text = Vec::new();
        let streamed = Mending::new(Drip(bytes, step), Gauge::default()).read_to_end(&mut text);
        let streamed = streamed.ok().and_then(|_| serde_json::from_slice::<Value>(&text).ok());
        assert_eq!(streamed, whole, "by {step}");
    }
}

fn tags(bytes: &[u8]) {
    let bounds = Bounds { value: 100, tag: 300, text: 200, heavy: ("data", 10) };
    let told = |source: &mut dyn Read| {
        let mut tags = Tags::new(source, bounds);
        let mut all = Vec::new();
        while let Some(piece) = tags.piece().expect("memory") {
            all.push(format!("{piece:?}"));
            assert!(all.len() <= bytes.len() + 1, "it does not end");
        }
        let torn = tags.torn();
        (all, tags.bytes(), torn)
    };
    let whole = told(&mut &*bytes);
    assert_eq!(whole.1, bytes.len() as u64);
    assert_eq!(told(&mut Drip(bytes, 1)), whole, "however it comes");
    let text = String::from_utf8_lossy(bytes);
    assert!(unescape(&text).len() <= text.len() * 2);
}
