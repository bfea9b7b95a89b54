//! Messages with an id of their own that a newer export tells in other words, without a mark that they
//! were edited: some apps keep none. Which export is the newer one shows at the end of it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::renamed::Renamed;
use super::{StoreError, tell};
use crate::model::{StrandId, ThreadId};

/// What is kept back at the most. More than that is taken over by the next import.
const MOST: usize = 100_000;
const BYTES: usize = 32 << 20;

/// The new words, until it is known which words are new.
#[derive(Default)]
pub struct Reworded {
    told: BTreeMap<i64, (StrandId, String)>,
    bytes: usize,
    /// Messages that were met again, a bit each.
    met: Vec<u64>,
    /// New ones without an id that may be known ones in other words: strand and fingerprint.
    pub suspects: Vec<(StrandId, i64)>,
    /// Those that turned out to be known ones in other words: strand and fingerprint.
    known: HashSet<(i64, i64)>,
}

impl Reworded {
    /// A known message was told again.
    pub fn meet(&mut self, message: i64) {
        let Ok(at) = usize::try_from(message) else { return };
        let (word, bit) = (at / 64, at % 64);
        if self.met.len() <= word {
            self.met.resize(word + 1, 0);
        }
        if let Some(word) = self.met.get_mut(word) {
            *word |= 1 << bit;
        }
    }

    /// Whether it was.
    pub fn is_met(&self, message: i64) -> bool {
        let at = usize::try_from(message).unwrap_or(usize::MAX);
        self.met.get(at / 64).is_some_and(|word| word & (1 << (at % 64)) != 0)
    }

    /// A message of this fingerprint is a known one in other words.
    pub fn is_known(&mut self, strand: i64, fp: i64) {
        if self.known.len() < MOST {
            self.known.insert((strand, fp));
        }
    }

    /// Whether it is, as was found before in this import.
    pub fn was_known(&self, strand: i64, fp: i64) -> bool {
        self.known.contains(&(strand, fp))
    }

    /// Whether other words of a message can be kept.
    pub fn has_room(&self, text: &str) -> bool {
        self.told.len() < MOST && self.bytes + text.len() <= BYTES
    }

    /// A new message was told where a known one was told otherwise.
    pub fn suspect(&mut self, strand: StrandId, fp: i64) {
        if self.suspects.len() < MOST {
            self.suspects.push((strand, fp));
        }
    }

    /// A message was told in other words than it is stored with. Told several times, the last time
    /// counts, so that the same export says the same when it is told again.
    pub fn keep(&mut self, strand: StrandId, message: i64, text: &str) {
        self.forget(message);
        if self.has_room(text) {
            self.bytes += text.len();
            self.told.insert(message, (strand, text.to_owned()));
        }
    }

    /// It was told in the words that it is stored with.
    pub fn forget(&mut self, message: i64) {
        if let Some((_, text)) = self.told.remove(&message) {
            self.bytes -= text.len();
        }
    }

    /// The import has ended: the newer words hold. Returns the threads that changed.
    pub fn settle(
        &mut self,
        db: &Connection,
        told: &Renamed,
    ) -> Result<BTreeSet<ThreadId>, StoreError> {
        let mut touched = BTreeSet::new();
        for (message, (strand, text)) in std::mem::take(&mut self.told) {
            if !told.is_newer(strand) {
                continue;
            }
            let thread = db
                .prepare_cached(
                    "UPDATE message SET text = ?2 WHERE id = ?1 AND text <> ?2 RETURNING thread_id",
                )?
                .query_row(params![message, text], |r| r.get(0).map(ThreadId))
                .optional()?;
            if let Some(thread) = thread {
                touched.insert(thread);
                tell::changed(db, message)?;
            }
        }
        self.bytes = 0;
        Ok(touched)
    }
}
