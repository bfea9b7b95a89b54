//! Looking things up. The newest hits are met first, so that a common word costs no more than a
//! rare one; counting goes on for a moment and then says "at least".

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tantivy::query::{EnableScoring, Query, Scorer, Weight};
use tantivy::{DocId, TERMINATED};

use super::snapshot::Segment;
use super::{Find, Index, Snapshot};
use crate::model::{MessageId, Timestamp};
use crate::store::StoreError;

/// How many hits are counted.
const COUNTED: u64 = 10_000;
/// How long it is counted on after the hits that are shown are known.
const PATIENCE: Duration = Duration::from_millis(4);
/// How many hits are looked at between two looks at the clock.
const STRIDE: u32 = 32;

/// A look into the index.
pub struct Look<'a> {
    /// What is looked for.
    pub find: &'a Find,
    /// Messages that are no hits, whatever they say: told twice, or known in a former state.
    pub but: &'a [&'a HashSet<i64>],
    /// Those that match best first; else the newest.
    pub best: bool,
    /// How many hits to skip.
    pub offset: usize,
    /// How many hits to give.
    pub limit: usize,
    /// Set from outside when nobody waits for it any more.
    pub cancel: &'a AtomicBool,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Messages with their times, in order.
    pub hits: Vec<(Timestamp, MessageId)>,
    /// How many there are, as far as they were counted.
    pub total: u64,
    /// There are more.
    pub at_least: bool,
}

/// A hit while looking: better ones are greater.
type Rank = (u32, i64, i64);

struct Gathering<'a> {
    wanted: usize,
    kept: BinaryHeap<Reverse<Rank>>,
    total: u64,
    at_least: bool,
    but: &'a [&'a HashSet<i64>],
    cancel: &'a AtomicBool,
    done_at: Option<Instant>,
}

impl Index {
    /// Looks for messages among those that are indexed. `None`: it was given up.
    pub fn look(&self, look: &Look<'_>) -> Result<Option<Found>, StoreError> {
        self.snapshot()?.look(look)
    }
}

impl Snapshot {
    /// Looks for messages among those that are indexed. `None`: it was given up.
    pub fn look(&self, look: &Look<'_>) -> Result<Option<Found>, StoreError> {
        let searcher = &self.searcher;
        let query = look.find.at_any_time().query(&self.fields, look.best);
        let scoring = if look.best {
            EnableScoring::enabled_from_searcher(searcher)
        } else {
            EnableScoring::disabled_from_searcher(searcher)
        };
        let weight = query.weight(scoring)?;
        let mut gathering = Gathering {
            wanted: look.offset.saturating_add(look.limit).max(1),
            kept: BinaryHeap::new(),
            total: 0,
            at_least: false,
            but: look.but,
            cancel: look.cancel,
            done_at: None,
        };
        for segment in &self.segments {
            if !look.best && gathering.is_through(segment.newest) {
                gathering.at_least = true;
                break;
            }
            if !gathering.segment(segment, &*weight, look)? {
                return Ok(None);
            }
        }
        let ranks = gathering.kept.into_sorted_vec();
        let hits = ranks.into_iter().map(|Reverse((_, at, id))| (Timestamp(at), MessageId(id)));
        Ok(Some(Found {
            hits: hits.skip(look.offset).take(look.limit).collect(),
            total: gathering.total,
            at_least: gathering.at_least,
        }))
    }
}

impl Gathering<'_> {
    /// Enough was counted, and a segment whose newest message is of then has nothing to show.
    fn is_through(&self, newest: i64) -> bool {
        let worst = self.kept.peek().filter(|_| self.kept.len() >= self.wanted);
        let better = worst.is_none_or(|Reverse((_, at, _))| newest >= *at);
        let waited = self.done_at.is_some_and(|since| since.elapsed() > PATIENCE);
        !better && (self.total >= COUNTED || waited)
    }

    /// Gathers from a segment. False: given up.
    fn segment(
        &mut self,
        segment: &Segment,
        weight: &dyn Weight,
        look: &Look<'_>,
    ) -> Result<bool, StoreError> {
        let Segment { reader, at, id, .. } = segment;
        // Times fall from document to document.
        let within = look.find.within();
        let first_before = |time: i64| {
            let (mut low, mut high) = (0, reader.max_doc());
            while low < high {
                let middle = low + (high - low) / 2;
                if at.get_val(middle) < time { high = middle } else { low = middle + 1 }
            }
            low
        };
        let from = if within.end == i64::MAX { 0 } else { first_before(within.end) };
        let to = first_before(within.start);
        if from >= to {
            return Ok(true);
        }
        let mut scorer = weight.scorer(reader, 1.0)?;
        let mut doc: DocId = scorer.doc();
        if doc < from {
            doc = scorer.seek(from);
        }
        let mut steps: u32 = 0;
        while doc < to && doc != TERMINATED {
            steps += 1;
            if steps.is_multiple_of(STRIDE) && self.cancel.load(Ordering::Relaxed) {
                return Ok(false);
            }
            if !reader.is_deleted(doc) {
                let time = at.get_val(doc);
                let score = if look.best { order_of(scorer.score()) } else { 0 };
                let id = id.get_val(doc);
                let hidden = self.but.iter().any(|but| but.contains(&id));
                if !hidden && !self.take((score, time, id), look.best, steps) {
                    return Ok(true);
                }
            }
            doc = scorer.advance();
        }
        Ok(true)
    }

    /// Takes a hit. False: this segment has nothing better, and enough was counted.
    fn take(&mut self, rank: Rank, best: bool, steps: u32) -> bool {
        self.total += 1;
        let full = self.kept.len() >= self.wanted;
        let better = !full || self.kept.peek().is_some_and(|Reverse(worst)| rank > *worst);
        if better {
            if full {
                self.kept.pop();
            }
            self.kept.push(Reverse(rank));
            return true;
        }
        if best {
            return true;
        }
        if self.total >= COUNTED {
            self.at_least = true;
            return false;
        }
        let since = *self.done_at.get_or_insert_with(Instant::now);
        if steps.is_multiple_of(STRIDE) && since.elapsed() > PATIENCE {
            self.at_least = true;
            return false;
        }
        true
    }
}

/// Scores as whole numbers of the same order.
fn order_of(score: f32) -> u32 {
    score.max(0.0).to_bits()
}
