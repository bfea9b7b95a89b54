//! What is not in the index yet: the newest messages, and those that have changed. Few, so they
//! are simply read.

use std::collections::HashSet;
use std::sync::Arc;

use super::Find;
use crate::model::{MessageId, Timestamp};
use crate::store::tell::{entries, entry};
use crate::store::{Reader, StoreError};

/// At most so many messages are read. What lies beyond is told to be missing.
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

impl Reader {
    /// Looks through what an index that reaches up to a message does not know.
    pub fn tail(&self, upto: i64, find: &Find) -> Result<Tail, StoreError> {
        let missing = self.messages_after(upto)?;
        let from = match usize::try_from(missing) {
            // Numbers grow with time of arrival: the last ones are what came last.
            Ok(n) if n > TAIL => self.message_before_last(TAIL)?.max(upto),
            _ => upto,
        };
        let new = entries(self, from, TAIL)?;
        let unseen = missing.saturating_sub(new.len() as u64);
        let (_, changed) = self.changed_messages(TAIL)?;
        let stale: HashSet<i64> = changed.into_iter().filter(|id| *id <= upto).collect();
        let mut hits = Vec::new();
        let mut look = |e: super::fields::Entry| {
            if find.matches(&e, &mut None) {
                hits.push((Timestamp(e.at), MessageId(e.id)));
            }
        };
        new.into_iter().for_each(&mut look);
        for id in &stale {
            entry(self, *id)?.into_iter().for_each(&mut look);
        }
        hits.sort_by_key(|h| std::cmp::Reverse(*h));
        Ok(Tail { hits, stale: Arc::new(stale), unseen })
    }
}
