//! How a message is recognised again when its app gave it no id.
//!
//! Sender, time at the precision of the clock, text and whether anything was attached; then the
//! ordinal among equals of one telling, so that two identical messages in one minute stay two.
//! Names of media are left out on purpose: an export with media and one without tell of the same
//! message. So is the strand: the same message told by two strands has one fingerprint.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use twox_hash::XxHash3_64;

use crate::model::{Clock, MessageRecord};

/// The fingerprint without the ordinal.
pub fn base(m: &MessageRecord) -> u64 {
    if let Some(id) = &m.native_id {
        return of_id(id);
    }
    let (tag, time): (&[u8], i64) = match m.sent.clock {
        Clock::Utc => (b"ms", m.sent.at.0),
        Clock::WallMinute(minute) => (b"min", minute),
    };
    let sender = m.sender.as_deref().unwrap_or("");
    let attached: &[u8] = if m.attachments.is_empty() { b"-" } else { b"+" };
    hash(&[tag, &time.to_le_bytes(), sender.as_bytes(), m.text.as_bytes(), attached])
}

/// The fingerprint, without the ordinal, of a message with the source's own id.
pub fn of_id(id: &str) -> u64 {
    hash(&[b"id", id.as_bytes()])
}

/// The fingerprint of the n-th equal message; n counts from 0.
pub fn nth(base: u64, n: u32) -> i64 {
    let mixed = if n == 0 { base } else { hash(&[&base.to_le_bytes(), &n.to_le_bytes()]) };
    i64::from_ne_bytes(mixed.to_ne_bytes())
}

fn hash(parts: &[&[u8]]) -> u64 {
    // In one piece: setting up a streaming hasher costs more than most messages.
    const SHORT: usize = 512;
    let length: usize = parts.iter().map(|p| p.len() + 8).sum();
    if length > SHORT {
        let mut h = XxHash3_64::new();
        for part in parts {
            Hasher::write(&mut h, &(part.len() as u64).to_le_bytes());
            Hasher::write(&mut h, part);
        }
        return Hasher::finish(&h);
    }
    let mut whole = [0; SHORT];
    let mut at = 0;
    for part in parts {
        for piece in [&(part.len() as u64).to_le_bytes(), *part] {
            whole[at..at + piece.len()].copy_from_slice(piece);
            at += piece.len();
        }
    }
    XxHash3_64::oneshot(&whole[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stores hold fingerprints: short and long texts must go on having the ones that they had.
    #[test]
    fn both_ways_of_hashing_agree() {
        for length in [0, 1, 200, 480, 495, 496, 497, 600] {
            let text = vec![b'x'; length];
            let mut h = XxHash3_64::new();
            for part in [&b"ms"[..], &text] {
                Hasher::write(&mut h, &(part.len() as u64).to_le_bytes());
                Hasher::write(&mut h, part);
            }
            assert_eq!(hash(&[b"ms", &text]), Hasher::finish(&h), "{length}");
        }
    }
}

/// Counts equal messages of one telling in bounded memory: equals stand close together, so only
/// the last hundred thousand messages and more are remembered.
#[derive(Default)]
pub struct Ordinals {
    young: HashMap<u64, u32, BuildHasherDefault<AsItIs>>,
    old: HashMap<u64, u32, BuildHasherDefault<AsItIs>>,
}

/// What is a hash already is not hashed again: that cost more than the looking up.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = XxHash3_64::oneshot(bytes);
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

impl Ordinals {
    const GENERATION: usize = 131_072;

    /// The ordinal of one more message with this base.
    pub fn next(&mut self, base: u64) -> u32 {
        let seen = self.young.get(&base).or_else(|| self.old.get(&base)).copied();
        let n = seen.map_or(0, |n| n + 1);
        if self.young.len() >= Self::GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(base, n);
        n
    }

    /// A new telling begins.
    pub fn clear(&mut self) {
        self.young.clear();
        self.old.clear();
    }
}
