//! Searching and indexing behind the counter, each in a thread of its own: a search never waits
//! for a page or an import, and a newer one makes the older one give up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{Engine, EngineError, Settings, explain};
use crate::inbox::{SearchRequest, Update};
use crate::store::Store;

/// How often it is told how far indexing is.
const BEAT: Duration = Duration::from_millis(250);

/// How long a search reads what the index does not know yet. Somebody types meanwhile.
const PATIENCE: Duration = Duration::from_millis(4);

/// The searching thread's and the indexing thread's ends.
pub struct Searching {
    searches: SyncSender<Search>,
    follow: SyncSender<Follow>,
    /// The search that is under way, to be given up for a newer one.
    current: Arc<AtomicBool>,
    quit: Arc<AtomicBool>,
}

enum Search {
    For(Box<SearchRequest>, Arc<AtomicBool>),
    Swap(Arc<Store>, Arc<Settings>),
}

enum Follow {
    Now,
    Swap(Arc<Store>, Arc<Settings>),
}

/// Makes the index follow: there is something new.
#[derive(Clone)]
pub struct Nudge(SyncSender<Follow>);

impl Nudge {
    /// One that is already waiting will do.
    pub fn now(&self) {
        match self.0.try_send(Follow::Now) {
            Ok(()) | Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
        }
    }
}

impl Searching {
    /// Starts both threads.
    pub fn start(
        engine: &Engine,
        updates: &SyncSender<Update>,
    ) -> Result<(Self, [JoinHandle<()>; 2]), EngineError> {
        let (searches, asked) = sync_channel(64);
        let (follow, nudged) = sync_channel(4);
        let quit = Arc::new(AtomicBool::new(false));
        let (searcher, indexer) = (engine.another()?, engine.another()?);
        let (told, also, stop) = (updates.clone(), updates.clone(), quit.clone());
        let nudge = Nudge(follow.clone());
        let threads = [
            std::thread::spawn(move || search(searcher, &asked, &told, &nudge)),
            std::thread::spawn(move || index(indexer, &nudged, &also, &stop)),
        ];
        let current = Arc::default();
        Ok((Self { searches, follow, current, quit }, threads))
    }

    /// Searches; what was searched before is given up.
    pub fn search(&mut self, request: SearchRequest) -> Result<(), EngineError> {
        self.current.store(true, Ordering::Relaxed);
        self.current = Arc::default();
        let job = Search::For(Box::new(request), self.current.clone());
        self.searches.send(job).map_err(|_| EngineError::Lost("searching"))
    }

    /// A handle for whoever stores something.
    pub fn nudge(&self) -> Nudge {
        Nudge(self.follow.clone())
    }

    /// Another inbox takes this one's place.
    pub fn swap(&self, store: &Arc<Store>, settings: &Arc<Settings>) -> Result<(), EngineError> {
        let lost = |_| EngineError::Lost("searching");
        self.searches.send(Search::Swap(store.clone(), settings.clone())).map_err(lost)?;
        let lost = |_| EngineError::Lost("indexing");
        self.follow.send(Follow::Swap(store.clone(), settings.clone())).map_err(lost)
    }
}

impl Drop for Searching {
    fn drop(&mut self) {
        self.quit.store(true, Ordering::Relaxed);
        self.current.store(true, Ordering::Relaxed);
    }
}

fn search(
    mut engine: Engine,
    asked: &Receiver<Search>,
    updates: &SyncSender<Update>,
    nudge: &Nudge,
) {
    engine.hurry(PATIENCE);
    while let Some(job) = next(&mut engine, asked) {
        let (request, cancel) = match job {
            Search::For(request, cancel) => (request, cancel),
            Search::Swap(store, settings) => {
                match Engine::new(store, settings) {
                    Ok(new) => engine = new,
                    Err(e) => drop(updates.try_send(Update::Notice(explain(&e)))),
                }
                engine.hurry(PATIENCE);
                continue;
            }
        };
        // Nobody waits for the answers to what was typed before.
        if cancel.load(Ordering::Relaxed) {
            continue;
        }
        let update = match engine.search(&request, &cancel) {
            Ok(Some(hits)) => Update::Hits(hits),
            Ok(None) => continue,
            Err(e) => {
                log::error!("{e}");
                Update::Notice(explain(&e))
            }
        };
        if engine.is_behind() {
            // Another onebox imports: nobody else would tell that there is something new.
            nudge.now();
        }
        if updates.send(update).is_err() {
            return;
        }
    }
}

/// The next job. Until it comes, what the last search left for want of time is read, so that the
/// next one has it.
fn next(engine: &mut Engine, asked: &Receiver<Search>) -> Option<Search> {
    while engine.is_behind() {
        match asked.try_recv() {
            Ok(job) => return Some(job),
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) => {}
        }
        if let Err(e) = engine.read_on() {
            log::error!("{e}");
            break;
        }
    }
    asked.recv().ok()
}

fn index(
    mut engine: Engine,
    nudged: &Receiver<Follow>,
    updates: &SyncSender<Update>,
    quit: &AtomicBool,
) {
    while let Ok(job) = nudged.recv() {
        if let Follow::Swap(store, settings) = job {
            match Engine::new(store, settings) {
                Ok(new) => engine = new,
                Err(_) => continue,
            }
        }
        let mut told: Option<Instant> = None;
        let begun = Instant::now();
        let followed = engine.follow_index(&mut |done, total| {
            let since = told.map_or(begun.elapsed(), |t| t.elapsed());
            if since > BEAT {
                told = Some(Instant::now());
                drop(updates.try_send(Update::Indexing { done, total }));
            }
            !quit.load(Ordering::Relaxed)
        });
        if let Err(e) = followed {
            log::error!("{e}");
            drop(updates.try_send(Update::Notice(explain(&e))));
        } else if told.is_some() && !quit.load(Ordering::Relaxed) {
            drop(updates.send(Update::Indexing { done: 1, total: 1 }));
        }
    }
}
