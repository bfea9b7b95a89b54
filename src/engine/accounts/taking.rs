//! What connectors tell goes into the store in batches: small ones, so that a message is seen at
//! once, and few, so that a flood costs little.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::hub::{Call, Hub};
use crate::engine::now;
use crate::model::{LiveId, Oddity, Record, SourceId, ThreadId};
use crate::sources::live::News;
use crate::store::StoreError;

/// A batch is stored when it has so many pieces or its first has waited so long.
const FULL: usize = 200;
const WAIT: Duration = Duration::from_millis(40);
/// More changed threads than this are told as "any".
const CHANGES: usize = 200;

/// Something to be stored.
pub enum Piece {
    /// A record.
    Record(Box<Record>),
    /// Messages are missing.
    Gap {
        /// Of this thread.
        thread: Arc<str>,
        /// Right before this message.
        before: Option<String>,
        /// What fetches them.
        token: Option<String>,
    },
    /// Something could not be read.
    Odd(Oddity),
    /// Where the connector can go on from, once all before this is stored.
    Place(String),
}

/// What waits to be stored, each with its app.
#[derive(Default)]
pub struct Batch {
    pieces: Vec<(String, Piece)>,
    since: Option<Instant>,
}

impl Batch {
    /// Adds a piece.
    pub fn push(&mut self, app: &str, piece: Piece) {
        self.since.get_or_insert_with(Instant::now);
        self.pieces.push((app.to_owned(), piece));
    }

    /// It should be stored now.
    pub fn is_full(&self) -> bool {
        self.pieces.len() >= FULL
    }

    /// When it must be stored.
    pub fn due(&self) -> Option<Instant> {
        Some(self.since? + if self.is_full() { Duration::ZERO } else { WAIT })
    }
}

impl Hub {
    /// Stores what is due, or all, unless somebody else holds the store.
    pub fn store_batches(&mut self, all: bool) {
        let now = Instant::now();
        if self.is_store_held() {
            return;
        }
        let due = |b: &Batch| b.due().is_some_and(|at| at <= now);
        let ids: Vec<LiveId> =
            self.batches.iter().filter(|(_, b)| all || due(b)).map(|(id, _)| *id).collect();
        for id in ids {
            let Some(batch) = self.batches.remove(&id) else { continue };
            match self.store(id, &batch) {
                Ok(threads) => {
                    let any = threads.len() > CHANGES;
                    if any {
                        drop(
                            self.updates
                                .send(crate::inbox::Update::Changed { threads: Vec::new() }),
                        );
                        (self.changed)();
                    } else {
                        self.tell_heard(&threads);
                        self.tell_changed(threads);
                    }
                }
                // Another process writes: later. Nothing is let go of meanwhile.
                Err(StoreError::Busy) => {
                    self.batches.insert(id, batch);
                    self.store_is_held();
                    return;
                }
                Err(e) => {
                    // What could not be stored is told again by the next start, which therefore
                    // must not begin behind it.
                    self.forget_places(id);
                    if let Some(link) = self.link(id) {
                        link.fail("what it told could not be stored");
                    }
                    self.complain(&e.into());
                }
            }
        }
    }

    fn store(&mut self, id: LiveId, batch: &Batch) -> Result<Vec<ThreadId>, StoreError> {
        let Some(link) = self.links.iter().find(|l| l.id == id) else { return Ok(Vec::new()) };
        let keep = self.engine.settings().keep_deleted;
        let mut writer = self.writer()?;
        let mut import = writer.live_batch(id, keep, now())?;
        let mut app: Option<&str> = None;
        let mut odd = 0;
        for (of, piece) in &batch.pieces {
            if app != Some(of.as_str())
                && let Some(account) = link.accounts.get(of)
            {
                import.take(Record::Account(account.clone()))?;
                app = Some(of);
            }
            let took = match piece {
                Piece::Record(r) => import.take((**r).clone()),
                Piece::Gap { thread, before, token } => {
                    import.gap(thread, before.as_deref(), token.as_deref())
                }
                Piece::Odd(o) => import.odd(o),
                Piece::Place(place) => import.place(id, place),
            };
            match took {
                Ok(()) => {}
                Err(StoreError::Order(why)) => {
                    odd += 1;
                    import.odd(&Oddity::at(of.as_str(), "live", why))?;
                }
                Err(e) => return Err(e),
            }
        }
        let changed = import.finish_live()?;
        if let Some(link) = self.link(id) {
            link.oddities += odd;
        }
        Ok(changed)
    }

    /// No place that a connector told behind something that was lost is kept.
    fn forget_places(&mut self, id: LiveId) {
        let is_place =
            |c: &Call| matches!(c, Call::News { news, .. } if matches!(**news, News::Place { .. }));
        if let Some(aside) = self.aside.get_mut(&id) {
            aside.retain(|call| !is_place(call));
        }
    }

    /// Something that a connector told.
    pub fn keep(&mut self, id: LiveId, app: &str, piece: Piece) {
        self.batches.entry(id).or_default().push(app, piece);
    }

    /// My account of an app, as the connector tells it.
    pub fn learn_app(&mut self, id: LiveId, app: &str, mut account: crate::model::AccountRecord) {
        account.source = SourceId::new(app);
        if let Some(link) = self.link(id) {
            link.accounts.insert(app.to_owned(), account);
        }
    }
}
