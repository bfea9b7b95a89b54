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
    For(Box<Asked>),
    Swap(Arc<Store>, Arc<Settings>),
}

struct Asked {
    request: SearchRequest,
    /// Nobody waits for it any more.
    cancel: Arc<AtomicBool>,
    /// It was answered without what there was no time for.
    again: bool,
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
            std::thread::spawn(move || search(searcher, &asked, &told, &nudge, PATIENCE)),
            std::thread::spawn(move || index(indexer, &nudged, &also, &stop)),
        ];
        let current = Arc::default();
        Ok((Self { searches, follow, current, quit }, threads))
    }

    /// Searches; what was searched before is given up.
    pub fn search(&mut self, request: SearchRequest) -> Result<(), EngineError> {
        self.current.store(true, Ordering::Relaxed);
        self.current = Arc::default();
        let asked = Asked { request, cancel: self.current.clone(), again: false };
        self.searches.send(Search::For(Box::new(asked))).map_err(|_| EngineError::Lost("searching"))
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
    jobs: &Receiver<Search>,
    updates: &SyncSender<Update>,
    nudge: &Nudge,
    patience: Duration,
) {
    engine.hurry(patience);
    let mut unfinished = None;
    while let Some(job) = next(&mut engine, jobs, &mut unfinished) {
        let asked = match job {
            Search::For(asked) => asked,
            Search::Swap(store, settings) => {
                match Engine::new(store, settings) {
                    Ok(new) => engine = new,
                    Err(e) => drop(updates.try_send(Update::Notice(explain(&e)))),
                }
                engine.hurry(patience);
                continue;
            }
        };
        // Nobody waits for the answers to what was typed before.
        if asked.cancel.load(Ordering::Relaxed) {
            continue;
        }
        let update = match engine.search(&asked.request, &asked.cancel) {
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
            // Once: while much comes in there would be no end of it.
            unfinished = (!asked.again).then(|| Box::new(Asked { again: true, ..*asked }));
        }
        if updates.send(update).is_err() {
            return;
        }
    }
}

/// The next job. Until it comes, what the last search left for want of time is read: that search is
/// answered in full then, and the next one has it.
fn next(
    engine: &mut Engine,
    jobs: &Receiver<Search>,
    unfinished: &mut Option<Box<Asked>>,
) -> Option<Search> {
    loop {
        match jobs.try_recv() {
            Ok(job) => {
                *unfinished = None;
                return Some(job);
            }
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) => {}
        }
        if !engine.is_behind() {
            break;
        }
        if let Err(e) = engine.read_on() {
            log::error!("{e}");
            break;
        }
    }
    match unfinished.take() {
        Some(asked) => Some(Search::For(asked)),
        None => jobs.recv().ok(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Rules;
    use crate::inbox::{HitOrder, Hits, Scope, Ticket};
    use crate::model::{
        AccountRecord, MessageRecord, Moment, Record, SourceId, ThreadRecord, Timestamp,
    };
    use crate::search::Query;

    const SAID: i64 = 1_000;

    /// Messages that the index knows nothing of.
    fn engine() -> Engine {
        let store = Arc::new(Store::in_memory().expect("a store"));
        let mut writer = store.writer().expect("a writer");
        let mut import = writer.import("a test", Timestamp(SAID)).expect("an import");
        let account = AccountRecord {
            source: SourceId::known("telegram"),
            key: "a".to_owned(),
            name: "Sam".to_owned(),
            me_names: vec!["Sam".to_owned()],
            known_by: String::new(),
        };
        import.take(Record::Account(account)).expect("an account");
        let thread = Record::Thread(Box::new(ThreadRecord::new("t", "test")));
        import.take(thread).expect("a thread");
        for n in 0..SAID {
            let at = Moment::exact(Timestamp(n));
            let m = MessageRecord::text("t".into(), Some("Ana".into()), at, format!("lamp {n}"));
            import.take(Record::Message(Box::new(m))).expect("a message");
        }
        import.finish("{}").expect("an import");
        drop(writer);
        let settings = Settings::plain(Rules::builtin().expect("rules"));
        Engine::new(store, Arc::new(settings)).expect("an engine")
    }

    fn lamp(ticket: u64) -> SearchRequest {
        SearchRequest {
            ticket: Ticket(ticket),
            query: Query::Word { text: "lamp".to_owned(), prefix: true },
            scope: Scope::Everything,
            order: HitOrder::Newest,
            offset: 0,
            limit: 10,
        }
    }

    fn asked(ticket: u64) -> Search {
        let asked = Asked { request: lamp(ticket), cancel: Arc::default(), again: false };
        Search::For(Box::new(asked))
    }

    fn hits(updates: &Receiver<Update>) -> Hits {
        match updates.recv_timeout(Duration::from_secs(60)) {
            Ok(Update::Hits(hits)) => hits,
            other => panic!("no hits: {other:?}"),
        }
    }

    #[test]
    fn what_was_answered_in_a_hurry_is_answered_in_full_when_nothing_else_is_asked() {
        let (jobs, todo) = sync_channel(8);
        let (told, updates) = sync_channel(8);
        let (nudge, nudged) = sync_channel(4);
        let engine = engine();
        // The second question is there before the first is answered.
        jobs.send(asked(1)).expect("a searcher");
        jobs.send(asked(2)).expect("a searcher");
        let searcher = std::thread::spawn(move || {
            search(engine, &todo, &told, &Nudge(nudge), Duration::ZERO);
        });
        let all = SAID as u64;
        let first = hits(&updates);
        assert!(first.ticket == Ticket(1) && first.total < all, "{first:?}");
        let second = hits(&updates);
        assert!(second.ticket == Ticket(2) && second.total < all, "{second:?}");
        let third = hits(&updates);
        assert!(third.ticket == Ticket(2) && third.total == all, "{third:?}");
        assert_eq!(third.coverage.searched, all);
        drop(jobs);
        searcher.join().expect("it ends when nobody asks any more");
        assert!(updates.try_recv().is_err(), "it is answered once more only");
        assert!(nudged.try_recv().is_ok(), "the index is told that it is behind");
    }
}
