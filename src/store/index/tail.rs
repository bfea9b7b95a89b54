//! What is not in the index yet: the newest messages, and those that have changed. Few, so they
//! are simply looked through, the newest first.
//!
//! Reading them is what costs, while another program imports: thousands are new from one search to
//! the next. So they are kept once read, and whoever is in a hurry gives up reading after a while:
//! what was not looked at is told, and the next search goes on from there.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Entry, Find};
use crate::model::{MessageId, Timestamp};
use crate::store::tell::{between, entry};
use crate::store::{Reader, StoreError};

/// At most so many messages are looked through. What lies beyond is told to be missing. More than an
/// import stores at once: what came just before that must not fall behind it.
pub const TAIL: usize = 48_000;
/// So many numbers are read together, and forgotten together if a message among them changes.
const BLOCK: i64 = 128;

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

/// What was read of it, kept from one search to the next: words once split.
#[derive(Default)]
pub struct Kept {
    /// How long a look reads; `None`: all of it.
    pub patience: Option<Duration>,
    /// The last look gave up for want of time: the next one goes on from there.
    pub behind: bool,
    /// The newest messages, by their numbers divided by [`BLOCK`].
    blocks: BTreeMap<i64, Block>,
    /// The list of changed messages: its entries' numbers, and the messages.
    list: VecDeque<(i64, i64)>,
    /// Messages on it as they are now; `None`: removed.
    changed: HashMap<i64, Option<Entry>>,
    /// The last entry that was heeded, even if it was crossed off since.
    heeded: i64,
}

#[derive(Default)]
struct Block {
    entries: Vec<Entry>,
    /// Read up to this number; 0: not at all.
    upto: i64,
}

impl Kept {
    /// Forgets what has changed since it was read.
    fn follow(&mut self, reader: &Reader) -> Result<(), StoreError> {
        // Asked before anything is read: what changes meanwhile is heeded the next time.
        let newest = reader.changes_so_far()?;
        let first = reader.first_change()?.unwrap_or(i64::MAX);
        while self.list.front().is_some_and(|(seq, _)| *seq < first) {
            self.list.pop_front();
        }
        if newest <= self.heeded {
            return Ok(());
        }
        let known = self.list.back().map_or(0, |(seq, _)| *seq);
        let room = TAIL - self.list.len().min(TAIL);
        self.list.extend(reader.changes_after(known, room)?);
        let since = self.list.partition_point(|(seq, _)| *seq <= self.heeded);
        let told = self.list.range(since..);
        // An entry that is not on the list any more, or does not fit, may be of any message.
        let next = self.heeded + 1;
        let all = told.clone().next().is_some_and(|(seq, _)| *seq == next)
            && self.list.back().is_some_and(|(seq, _)| *seq >= newest);
        if all {
            for (_, id) in told {
                self.blocks.remove(&id.div_euclid(BLOCK));
                self.changed.remove(id);
            }
        } else {
            self.blocks.clear();
            self.changed.clear();
        }
        self.heeded = self.list.back().map_or(newest, |(seq, _)| newest.max(*seq));
        Ok(())
    }

    /// Whether a block was read up to a number.
    fn has(&self, number: i64, upto: i64) -> bool {
        let upto = upto.min(number * BLOCK + BLOCK - 1);
        self.blocks.get(&number).is_some_and(|b| b.upto >= upto)
    }

    /// The messages of a block, read up to a number.
    fn block(&mut self, reader: &Reader, number: i64, upto: i64) -> Result<&[Entry], StoreError> {
        let block = self.blocks.entry(number).or_default();
        let from = block.upto.max(number * BLOCK - 1);
        let upto = upto.min(number * BLOCK + BLOCK - 1);
        if from < upto {
            block.entries.extend(between(reader, from, upto)?);
            block.upto = upto;
        }
        Ok(&block.entries)
    }

    /// A changed message as it is now.
    fn changed(&mut self, reader: &Reader, id: i64) -> Result<Option<&Entry>, StoreError> {
        use std::collections::hash_map::Entry::{Occupied, Vacant};
        Ok(match self.changed.entry(id) {
            Occupied(known) => known.into_mut().as_ref(),
            Vacant(new) => new.insert(entry(reader, id)?).as_ref(),
        })
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
        let (begun, patience) = (Instant::now(), kept.patience);
        let late = || patience.is_some_and(|p| begun.elapsed() >= p);
        kept.follow(self)?;
        // Numbers grow with time of arrival: the last ones are what came last. They have no gaps
        // worth speaking of.
        let last = self.last_message_number()?;
        let from = upto.max(last.saturating_sub(TAIL as i64));
        kept.blocks = kept.blocks.split_off(&(from + 1).div_euclid(BLOCK));
        let stale: HashSet<i64> =
            kept.list.iter().map(|(_, id)| *id).filter(|id| *id <= upto).collect();
        kept.changed.retain(|id, _| stale.contains(id));
        let mut hits = Vec::new();
        let mut look = |e: &Entry| {
            if !but.contains(&e.id) && find.matches(e) {
                hits.push((Timestamp(e.at), MessageId(e.id)));
            }
        };
        let mut unread = 0;
        // One block is read whatever the time: what has just come in is found at once, and every
        // look comes further than the one before.
        let mut read = false;
        let mut top = last;
        while top > from {
            let number = top.div_euclid(BLOCK);
            let below = from.max(number * BLOCK - 1);
            let known = kept.has(number, last);
            if known || !read || !late() {
                read |= !known;
                let block = kept.block(self, number, last)?;
                block.iter().filter(|e| from < e.id && e.id <= last).for_each(&mut look);
            } else {
                unread += top.abs_diff(below);
            }
            top = below;
        }
        read = false;
        for id in &stale {
            let known = kept.changed.contains_key(id);
            if known || !read || !late() {
                read |= !known;
                kept.changed(self, *id)?.into_iter().for_each(&mut look);
            } else {
                unread += 1;
            }
        }
        hits.sort_by_key(|h| std::cmp::Reverse(*h));
        let unseen = from.saturating_sub(upto).max(0).unsigned_abs() + unread;
        kept.behind = unread > 0;
        Ok(Tail { hits, stale: Arc::new(stale), unseen })
    }
}
