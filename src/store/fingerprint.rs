//! How a message is recognised again when its app gave it no id.
//!
//! Sender, time at the precision of the clock, text and whether anything was attached; then the
//! ordinal among equals of one telling, so that two identical messages in one minute stay two.
//! Names of media are left out on purpose: an export with media and one without tell of the same
//! message. So is the strand: the same message told by two strands has one fingerprint.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use rusqlite::Connection;
use twox_hash::XxHash3_64;

use super::StoreError;
use crate::model::{Clock, MessageRecord, Moment};

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

/// The same of what is stored of a message without an id, on a wall clock.
pub fn stored(minute: i64, sender: &str, text: &str, attached: bool) -> u64 {
    let attached: &[u8] = if attached { b"+" } else { b"-" };
    hash(&[b"min", &minute.to_le_bytes(), sender.as_bytes(), text.as_bytes(), attached])
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

/// The fingerprint as it is stored, of a message without an id: in the order of its minute, so that
/// what is told in a row lies in a row, and a long chat's index is not gone through from end to end
/// for every few messages. 27 bits of minutes reach from 1843 to 2097; others wrap around. 37 bits of
/// the hash tell those of one minute and chat apart.
pub fn by_minute(fp: i64, sent: Moment) -> i64 {
    let hash = u64::from_ne_bytes(fp.to_ne_bytes()) >> (u64::BITS - HASH);
    minute(sent).wrapping_shl(HASH) | i64::try_from(hash).unwrap_or_default()
}

/// The first and the last of those of a message's minute.
pub fn span(sent: Moment) -> (i64, i64) {
    let first = minute(sent).wrapping_shl(HASH);
    (first, first | ((1 << HASH) - 1))
}

fn minute(sent: Moment) -> i64 {
    match sent.clock {
        Clock::Utc => sent.at.0.div_euclid(60_000),
        Clock::WallMinute(minute) => minute,
    }
}

/// Bits of a fingerprint that are none of its minute.
const HASH: u32 = 37;

/// Whether this store's fingerprints are in the order of minutes. One that held messages before
/// this was thought of goes on as it began.
pub fn are_by_minute(db: &Connection) -> Result<bool, StoreError> {
    let sql =
        "SELECT EXISTS(SELECT 1 FROM meta WHERE key = 'fingerprints' AND value = 'by minute')";
    Ok(db.prepare_cached(sql)?.query_row([], |r| r.get(0))?)
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

    #[test]
    fn minutes_order_fingerprints_and_hashes_part_them() {
        let at = |ms: i64| Moment::exact(crate::model::Timestamp(ms));
        let wall = |minute| Moment { clock: Clock::WallMinute(minute), ..at(0) };
        let hashes = [0, 1 << 40, i64::MAX, i64::MIN, -1];
        for (earlier, later) in [
            (at(-3_000_000_000_000), at(-60_001)),
            (at(-60_001), at(-60_000)),
            (at(-1), at(0)),
            (at(1_700_000_039_999), at(1_700_000_040_000)),
            (wall(28_000_000), wall(28_000_001)),
            (at(28_000_000 * 60_000), wall(28_000_001)),
        ] {
            for (one, other) in hashes.iter().flat_map(|h| hashes.iter().map(move |o| (*h, *o))) {
                assert!(by_minute(one, earlier) < by_minute(other, later), "{earlier:?} {later:?}");
                let apart = by_minute(one, later) != by_minute(other, later);
                assert_eq!(apart, one != other, "{one} {other}");
                let (first, last) = span(later);
                assert!((first..=last).contains(&by_minute(one, later)));
                assert!(!(first..=last).contains(&by_minute(one, earlier)));
            }
        }
        // Beyond what can be counted it is still one and the same.
        assert_eq!(by_minute(7, at(i64::MAX)), by_minute(7, at(i64::MAX)));
    }

    #[test]
    fn equals_are_counted_within_their_telling_and_memory_is_bounded() {
        let mut ordinals = Ordinals::default();
        let (one, other) = (ordinals.telling(), ordinals.telling());
        assert_eq!([(); 3].map(|()| ordinals.next(one, 7)), [0, 1, 2]);
        assert_eq!(ordinals.next(other, 7), 0, "another telling");
        assert_eq!(ordinals.next(one, 8), 0, "another message");
        assert_eq!((ordinals.next(one, 7), ordinals.next(other, 7)), (3, 1));
        for _ in 0..64 {
            let telling = ordinals.telling();
            for base in 0..20_000 {
                ordinals.next(telling, base);
            }
        }
        let held = ordinals.young.len() + ordinals.old.len();
        assert!(held <= 2 * Ordinals::GENERATION, "{held}");
        assert_eq!(ordinals.next(one, 7), 0, "long ago");
    }
}

/// Counts equal messages of each telling in bounded memory: equals stand close together, so only the
/// last few hundred thousand messages are remembered, of whichever telling they are.
#[derive(Default)]
pub struct Ordinals {
    young: HashMap<u64, u32, BuildHasherDefault<AsItIs>>,
    old: HashMap<u64, u32, BuildHasherDefault<AsItIs>>,
    tellings: u64,
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
    const GENERATION: usize = 262_144;

    /// A new telling begins: its number.
    pub fn telling(&mut self) -> u64 {
        self.tellings += 1;
        self.tellings
    }

    /// The ordinal of one more message of a telling, with this base.
    pub fn next(&mut self, telling: u64, base: u64) -> u32 {
        // An odd factor: no two tellings change a base alike.
        let key = base ^ telling.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let seen = self.young.get(&key).or_else(|| self.old.get(&key)).copied();
        let n = seen.map_or(0, |n| n + 1);
        if self.young.len() >= Self::GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, n);
        n
    }
}
