//! What is not in the index yet: the newest messages, and those that have changed. Few, so they
//! are simply looked through.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use super::{Entry, Find};
use crate::model::{MessageId, Timestamp};
use crate::store::tell::{entries, entry};
use crate::store::{Reader, StoreError};

/// At most so many messages are looked through. What lies beyond is told to be missing.
const TAIL: usize = 20_000;

/// What the index does not know, as far as it was looked at.
#[derive(Clone, Debug, Default)]
pub struct Tail {
    /// Hits among it, newest first.
    pub hits: Vec<(Timestamp, MessageId)>,
    /// Messages that the index knows in a former state: its word on them does not count.
    pub stale: Arc<HashSet<i64>>,
    /// How many messages were not looked at.
    pub unseen: u64,
}

/// The newest messages, kept from one search to the next: words once split.
#[derive(Default)]
pub struct Kept {
    entries: VecDeque<Entry>,
    /// What had changed when they were read.
    changes: i64,
}

impl Kept {
    /// Makes it hold the messages above a number.
    fn follow(&mut self, reader: &Reader, from: i64) -> Result<(), StoreError> {
        // Asked first: what changes while they are read is read again the next time.
        let changes = reader.changes_so_far()?;
        let gap = self.entries.front().is_some_and(|first| first.id > from + 1);
        if changes != self.changes || gap {
            self.entries.clear();
            self.changes = changes;
        }
        while self.entries.front().is_some_and(|e| e.id <= from) {
            self.entries.pop_front();
        }
        let last = self.entries.back().map_or(from, |e| e.id);
        self.entries.extend(entries(reader, last, TAIL)?);
        Ok(())
    }
}

impl Reader {
    /// Looks through what an index that reaches up to a message does not know. Messages of `but`
    /// are no hits.
    pub fn tail(
        &self,
        upto: i64,
        find: &Find,
        but: &HashSet<i64>,
        kept: &mut Kept,
    ) -> Result<Tail, StoreError> {
        let missing = self.messages_after(upto)?;
        let from = match usize::try_from(missing) {
            // Numbers grow with time of arrival: the last ones are what came last.
            Ok(n) if n > TAIL => self.message_before_last(TAIL)?.max(upto),
            _ => upto,
        };
        kept.follow(self, from)?;
        let unseen = missing.saturating_sub(kept.entries.len() as u64);
        let (_, changed) = self.changed_messages(TAIL)?;
        let stale: HashSet<i64> = changed.into_iter().filter(|id| *id <= upto).collect();
        let mut hits = Vec::new();
        let mut look = |e: &Entry| {
            if !but.contains(&e.id) && find.matches(e) {
                hits.push((Timestamp(e.at), MessageId(e.id)));
            }
        };
        kept.entries.iter().for_each(&mut look);
        for id in &stale {
            entry(self, *id)?.iter().for_each(&mut look);
        }
        hits.sort_by_key(|h| std::cmp::Reverse(*h));
        Ok(Tail { hits, stale: Arc::new(stale), unseen })
    }
}
