//! What connectors tell while somebody else holds the store: kept in the order in which it came, and
//! taken in when the store is free. Each connector has only so many places; beyond them its pipe
//! holds it back. What needs no store waits for nothing.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::hub::{Call, Hub};
use super::link::{Link, Phase};
use super::taking::Batch;
use crate::engine::EngineError;
use crate::model::LiveId;
use crate::sources::live::News;
use crate::store::{StoreError, Writer};

/// How long until a store that somebody else holds is asked for again.
pub const BUSY: Duration = Duration::from_millis(500);

impl Hub {
    /// For what comes and goes by itself. Whoever holds the store is waited for only a moment, since
    /// everything here would wait with it.
    pub fn writer(&self) -> Result<Writer, StoreError> {
        match self.closing {
            true => self.engine.store.writer(),
            false => self.engine.store.brief_writer(),
        }
    }

    /// Somebody else holds the store: it is asked for again in a moment.
    pub fn store_is_held(&mut self) {
        self.held_until = Some(Instant::now() + BUSY);
    }

    /// Somebody else held the store a moment ago.
    pub fn is_store_held(&self) -> bool {
        !self.closing && self.held_until.is_some_and(|until| until > Instant::now())
    }

    /// Something that an account's connector told is not stored yet, because somebody else holds the
    /// store.
    pub fn waits_for_store(&self, id: LiveId) -> bool {
        self.aside.contains_key(&id) || self.batches.contains_key(&id)
    }

    /// Stores what was told before. Busy: that is not stored yet.
    pub fn store_before(&mut self) -> Result<(), EngineError> {
        self.store_batches(true);
        match self.batches.is_empty() {
            true => Ok(()),
            false => Err(StoreError::Busy.into()),
        }
    }

    /// A connector has told something: taken in, or put aside.
    pub fn told(&mut self, id: LiveId, call: Call) {
        let left = match self.has_to_wait(id, &call) {
            true => Err(call),
            false => self.take_in(id, call),
        };
        if let Err(call) = left {
            self.aside.entry(id).or_default().push_back(call);
        }
    }

    /// Takes up what was put aside, if the store is free.
    pub fn take_up(&mut self) {
        for thread in std::mem::take(&mut self.to_read) {
            if self.is_store_held() {
                self.to_read.insert(thread);
            } else if let Err(e) = self.read(thread) {
                self.complain(&e);
            }
        }
        let ids: Vec<LiveId> = self.aside.keys().copied().collect();
        for id in ids {
            while !self.is_store_held() {
                let Some(call) = self.aside.get_mut(&id).and_then(VecDeque::pop_front) else {
                    self.aside.remove(&id);
                    break;
                };
                if let Err(call) = self.take_in(id, call) {
                    self.aside.entry(id).or_default().push_front(call);
                    break;
                }
            }
        }
    }

    fn is_leaving(&self, id: LiveId) -> bool {
        self.links.iter().any(|l| l.id == id && l.leaving.is_some())
    }

    fn has_to_wait(&self, id: LiveId, call: &Call) -> bool {
        if self.is_leaving(id) {
            return false;
        }
        let others_wait = self.aside.contains_key(&id);
        let needs_store = match call {
            Call::News { news, .. } => needs_store(news),
            Call::Ended { .. } => true,
            _ => return false,
        };
        if !needs_store {
            // Nobody is heard before their hand-shake.
            let starts = |l: &Link| l.id == id && matches!(l.phase, Phase::Starting(_));
            return others_wait && self.links.iter().any(starts);
        }
        let full = self.batches.get(&id).is_some_and(Batch::is_full);
        others_wait || (full && self.is_store_held())
    }

    /// Given back: it has to wait.
    fn take_in(&mut self, id: LiveId, call: Call) -> Result<(), Call> {
        let (epoch, done) = match call {
            Call::News { epoch, news, .. } => {
                // What goes with a batch never fails here; it is much, and not copied.
                let again = (!is_batched(&news)).then(|| news.clone());
                let again = again.map(|news| Call::News { id, epoch, news });
                (epoch, self.take_news(id, epoch, *news).map_err(|e| (e, again)))
            }
            Call::Odd { epoch, why, .. } => {
                log::warn!("account {id}: {why}");
                if let Some(link) = self.link(id).filter(|l| l.epoch == epoch)
                    && link.odd()
                {
                    link.fail("its connector speaks what nobody understands");
                }
                (epoch, Ok(()))
            }
            // What it told before its end counts.
            Call::Ended { epoch, .. } => {
                let stored = self.store_before().map_err(|e| (e, Some(Call::Ended { id, epoch })));
                if stored.is_ok()
                    && let Some(link) = self.link(id).filter(|l| l.epoch == epoch)
                    && matches!(link.phase, Phase::Starting(_) | Phase::Running(_))
                {
                    link.fail("its connector has ended");
                }
                (epoch, stored)
            }
            Call::Wake | Call::Rung | Call::Free { .. } | Call::Stop => return Ok(()),
        };
        match done {
            Err((EngineError::Store(StoreError::Busy), again)) => {
                self.store_is_held();
                if let Some(again) = again.filter(|_| !self.is_leaving(id)) {
                    return Err(again);
                }
            }
            Err((e, _)) => self.complain(&e),
            Ok(()) => {}
        }
        if let Some(link) = self.link(id).filter(|l| l.epoch == epoch) {
            link.took();
        }
        Ok(())
    }

    fn take_news(&mut self, id: LiveId, epoch: u64, news: News) -> Result<(), EngineError> {
        if self.link(id).is_some_and(|l| l.epoch == epoch) {
            return self.news(id, news);
        }
        // Its connector has ended meanwhile; what has happened has happened.
        match news {
            News::Outcome(outcome) => return self.outcome(id, outcome),
            other => self.keep_news(id, other),
        }
        Ok(())
    }
}

fn is_batched(news: &News) -> bool {
    matches!(
        news,
        News::Record { .. } | News::Gap { .. } | News::Oddity { .. } | News::Place { .. }
    )
}

/// What only the store can take.
fn needs_store(news: &News) -> bool {
    !matches!(
        news,
        News::Log { .. }
            | News::Pong { .. }
            | News::Ask(_)
            | News::AskOver { .. }
            | News::About { .. }
            | News::Typing { .. }
    )
}
