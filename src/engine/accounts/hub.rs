//! The switchboard: one thread that owns every link, and sleeps while nothing happens.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::bell::Bell;
use super::link::{HANDSHAKE, Link, Phase, SILENCE};
use super::pipes::{self, Launch};
use super::taking::Batch;
use crate::engine::rows;
use crate::engine::{Engine, EngineError, explain};
use crate::inbox::{AccountRow, Notice, Request, Severity, Update};
use crate::model::LiveId;
use crate::sources::live::{LinkState, News, Order, VERSION};

/// News and wishes that may wait: beyond it, connectors are held back by their pipes.
const QUEUE: usize = 1_024;

/// What the switchboard is told.
pub enum Call {
    /// A connector has told something.
    News {
        /// Whose.
        id: LiveId,
        /// Of which start.
        epoch: u64,
        /// What.
        news: Box<News>,
    },
    /// A connector has told something that makes no sense.
    Odd {
        /// Whose.
        id: LiveId,
        /// Of which start.
        epoch: u64,
        /// Why.
        why: String,
    },
    /// A connector has closed its pipe.
    Ended {
        /// Whose.
        id: LiveId,
        /// Of which start.
        epoch: u64,
    },
    /// There is a wish, or something in the outbox. Need not be waited for: while the queue is
    /// full, the switchboard is awake anyway.
    Wake,
    /// Another onebox has put something into the outbox.
    Rung,
    /// Another onebox has let go of an account.
    Free {
        /// Which.
        id: LiveId,
        /// It is ours now.
        lock: std::fs::File,
    },
    /// The end.
    Stop,
}

/// What the person wants, apart from the news: a flood of them holds up no key.
type Wishes = Arc<Mutex<VecDeque<Request>>>;

/// The switchboard, running. Dropping it stops every connector in order.
pub struct Accounts {
    calls: SyncSender<Call>,
    wishes: Wishes,
    thread: Option<JoinHandle<()>>,
    /// Rung by another onebox.
    _bell: Option<Bell>,
}

impl Accounts {
    /// Starts it, and every account's connector. `root` is the store's folder.
    pub fn start(
        engine: Engine,
        root: PathBuf,
        launch: Launch,
        updates: SyncSender<Update>,
        changed: Box<dyn Fn() + Send>,
    ) -> Self {
        let (calls, waiting) = sync_channel(QUEUE);
        let wishes = Wishes::default();
        let hub = Hub {
            wishes: wishes.clone(),
            engine,
            root,
            launch,
            updates,
            changed,
            calls: calls.clone(),
            links: Vec::new(),
            batches: HashMap::new(),
            aside: HashMap::new(),
            to_read: BTreeSet::new(),
            held_until: None,
            closing: false,
            media: HashMap::new(),
            accepting: HashMap::new(),
            heard: HashMap::new(),
            told: Vec::new(),
            ends: Vec::new(),
            said_once: false,
            retry_outbox: None,
        };
        // Before any account is taken: whoever finds it taken may ring.
        let bell = Bell::listen(calls.clone());
        if let Err(e) = &bell {
            log::warn!("no other onebox can ring: {e}");
        }
        let thread = std::thread::spawn(move || hub.run(&waiting));
        Self { calls, wishes, thread: Some(thread), _bell: bell.ok() }
    }

    /// Starts real programs.
    pub fn real() -> Launch {
        Arc::new(pipes::launch)
    }

    /// A way to tell it something.
    pub fn calls(&self) -> SyncSender<Call> {
        self.calls.clone()
    }

    /// Hands a wish over. Never waits.
    pub fn wish(&self, request: Request) {
        self.wishes.lock().unwrap_or_else(PoisonError::into_inner).push_back(request);
        drop(self.calls.try_send(Call::Wake));
    }
}

impl Drop for Accounts {
    fn drop(&mut self) {
        drop(self.calls.send(Call::Stop));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

pub(super) struct Hub {
    pub engine: Engine,
    pub root: PathBuf,
    launch: Launch,
    pub updates: SyncSender<Update>,
    /// Counts are stale.
    pub changed: Box<dyn Fn() + Send>,
    calls: SyncSender<Call>,
    wishes: Wishes,
    pub links: Vec<Link>,
    pub batches: HashMap<LiveId, Batch>,
    /// What waits until nobody else holds the store, in the order in which it came.
    pub aside: HashMap<LiveId, VecDeque<Call>>,
    /// Threads that were read while somebody else held it.
    pub to_read: BTreeSet<crate::model::ThreadId>,
    /// Somebody else holds the store; it is asked for again then.
    pub held_until: Option<Instant>,
    /// Nothing comes after this: the store is waited for.
    pub closing: bool,
    /// Files that are being fetched: by key, whose, the message and attachment.
    pub media: HashMap<String, (LiveId, crate::model::MessageId, usize)>,
    /// Invitations that are being accepted, by key; true: a thread's replacement is joined.
    pub accepting: HashMap<String, (crate::model::ThreadId, bool)>,
    /// When the newest message of a thread was sent, as far as somebody was told of it.
    pub heard: HashMap<crate::model::ThreadId, crate::model::Timestamp>,
    told: Vec<AccountRow>,
    /// What is still being put away.
    ends: Vec<JoinHandle<()>>,
    /// The screen has them as they are told.
    said_once: bool,
    /// When the outbox is looked at again even if nothing happens.
    pub retry_outbox: Option<Instant>,
}

impl Hub {
    fn run(mut self, waiting: &Receiver<Call>) {
        if let Err(e) = self.open_all() {
            self.complain(&e);
        }
        self.tell_accounts();
        let mut stopping = false;
        loop {
            let call = match self.due() {
                Some(at) => waiting.recv_timeout(at.saturating_duration_since(Instant::now())),
                None => waiting.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match call {
                Ok(Call::Stop) | Err(RecvTimeoutError::Disconnected) => stopping = true,
                Ok(call) => self.hear(call),
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.grant();
            // What has come meanwhile belongs to the same batch.
            while let Ok(call) = waiting.try_recv() {
                stopping |= matches!(call, Call::Stop);
                self.hear(call);
                if self.batches.values().any(Batch::is_full) {
                    break;
                }
            }
            // A wish whose call was among those that have just been taken waits for no other.
            self.grant();
            self.store_batches(false);
            self.take_up();
            self.look_after_links();
            // What is signing out is waited for; it is never long.
            if stopping && self.links.iter().all(|l| l.leaving.is_none()) {
                break;
            }
            self.dispatch();
            self.tell_accounts();
        }
        self.close();
    }

    fn close(&mut self) {
        self.closing = true;
        self.store_batches(true);
        self.take_up();
        self.store_batches(true);
        let ends: Vec<_> = self.links.iter_mut().filter_map(Link::close).collect();
        for end in ends.into_iter().chain(std::mem::take(&mut self.ends)) {
            drop(end.join());
        }
    }

    fn hear(&mut self, call: Call) {
        match call {
            Call::News { id, epoch, .. }
            | Call::Odd { id, epoch, .. }
            | Call::Ended { id, epoch } => {
                if self.link(id).is_some_and(|l| l.epoch == epoch) {
                    self.told(id, call);
                }
            }
            // What it wrote is to be seen, whether it can go now or not.
            Call::Rung => {
                drop(self.updates.send(Update::Changed { threads: Vec::new() }));
                (self.changed)();
            }
            Call::Free { id, lock } => {
                if let Some(link) = self.link(id).filter(|l| l.leaving.is_none()) {
                    link.queues = false;
                    link.lock = Some(lock);
                    self.start(id);
                }
            }
            Call::Wake => self.ring_others(),
            Call::Stop => {}
        }
    }

    /// What was queued for an account that another onebox has is that one's to send.
    fn ring_others(&self) {
        for link in self.links.iter().filter(|l| matches!(l.phase, Phase::Elsewhere)) {
            let waits = self.engine.reader.outbox_due(link.id, crate::engine::now(), 1);
            if waits.is_ok_and(|w| !w.is_empty()) {
                pipes::ring(&state_dir_of(&self.root, link.id));
            }
        }
    }

    /// Does all that the person wants.
    fn grant(&mut self) {
        let next = |w: &Wishes| w.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        while let Some(request) = next(&self.wishes) {
            if let Err(e) = self.wish(request) {
                self.complain(&e);
            }
        }
    }

    pub fn link(&mut self, id: LiveId) -> Option<&mut Link> {
        self.links.iter_mut().find(|l| l.id == id)
    }

    fn open_all(&mut self) -> Result<(), EngineError> {
        for account in self.engine.reader.live_accounts()? {
            self.links.push(Link::new(account.id, account.connector));
            self.start(account.id);
        }
        Ok(())
    }

    /// Starts an account's connector; not before all is stored that an earlier one has told.
    pub fn start(&mut self, id: LiveId) {
        if self.batches.contains_key(&id) || self.aside.contains_key(&id) {
            self.store_batches(true);
            self.take_up();
        }
        if let Some(again) = self.held_until.filter(|_| self.waits_for_store(id)) {
            if let Some(link) = self.link(id) {
                link.phase = Phase::Waiting(again);
            }
            return;
        }
        let offline = self.engine.settings().offline;
        let Ok(Some(account)) = self.engine.reader.live_account(id) else { return };
        let prepared = pipes::folder(&self.root, id)
            .and_then(|dir| {
                let media = dir.join("media");
                std::fs::create_dir_all(&media)?;
                Ok((pipes::hold(&dir)?, dir, media))
            })
            .map_err(|e| e.to_string());
        let launch = self.launch.clone();
        let calls = self.calls.clone();
        let Some(link) = self.link(id) else { return };
        let (lock, state_dir, media_dir) = match prepared {
            Ok((Some(lock), dir, media)) => (Some(lock), dir, media),
            // This process has it already.
            Ok((None, dir, media)) if link.lock.is_some() => (link.lock.take(), dir, media),
            Ok((None, ..)) => {
                link.phase = Phase::Elsewhere;
                if !std::mem::replace(&mut link.queues, true) {
                    queue(id, state_dir_of(&self.root, id), calls);
                }
                return;
            }
            Err(why) => {
                link.stop(&format!("its folder cannot be made: {why}"));
                return;
            }
        };
        link.lock = lock;
        match launch(&account) {
            Ok(pipes) => {
                let hello = Order::Hello {
                    versions: vec![VERSION],
                    account: id.0,
                    state_dir,
                    media_dir,
                    offline,
                    places: true,
                };
                link.begin(pipes, hello, calls);
            }
            Err(why) => link.stop(&why),
        }
    }

    /// Starts again what is due, and lets go of what does not answer.
    fn look_after_links(&mut self) {
        let now = Instant::now();
        self.let_leave(now);
        let mut again = Vec::new();
        // Who is kept waiting for the store is not called slow.
        let aside = &self.aside;
        let heard = |l: &&mut Link| l.leaving.is_none() && !aside.contains_key(&l.id);
        for link in self.links.iter_mut().filter(heard) {
            match link.phase {
                Phase::Starting(since) if now >= since + HANDSHAKE => {
                    link.fail("its connector does not introduce itself");
                }
                Phase::Waiting(until) if now >= until => again.push(link.id),
                Phase::Running(_) => match (link.pinged, link.awaited.values().min()) {
                    (Some(at), _) if now >= at + SILENCE => {
                        link.fail("its connector hangs");
                    }
                    (None, Some(oldest)) if now >= *oldest + SILENCE => {
                        link.pinged = Some(now);
                        link.order(Order::Ping { n: link.epoch });
                    }
                    _ => {}
                },
                Phase::Starting(_) | Phase::Waiting(_) | Phase::Stopped | Phase::Elsewhere => {}
            }
        }
        for id in again {
            self.start(id);
        }
        self.give_up_media();
    }

    /// Accounts that were removed go once they are signed out. What their connector kept goes with
    /// them; files that messages show stay.
    fn let_leave(&mut self, now: Instant) {
        let gone = |l: &Link| {
            let idle = !matches!(l.phase, Phase::Starting(_) | Phase::Running(_));
            l.leaving.is_some_and(|until| now >= until || idle || l.state == LinkState::SignedOut)
        };
        for at in (0..self.links.len()).rev() {
            if !self.links.get(at).is_some_and(gone) {
                continue;
            }
            let mut link = self.links.remove(at);
            let why = match link.state {
                _ if !link.was_in => String::new(),
                LinkState::SignedOut => std::mem::take(&mut link.why),
                _ => "Its connector could not tell the service: sign out there, too.".to_owned(),
            };
            drop(self.updates.send(Update::AccountLeft { account: link.id, why }));
            let end = link.close();
            let dir = self.root.join("connectors").join(link.id.to_string());
            self.ends.push(std::thread::spawn(move || {
                drop(end.map(JoinHandle::join));
                // Another onebox that has the account has its folder too.
                let mine = link.lock.is_some();
                for entry in std::fs::read_dir(dir).into_iter().filter(|_| mine).flatten().flatten()
                {
                    let path = entry.path();
                    let removed = match entry.file_type() {
                        Ok(t) if t.is_dir() && entry.file_name() == "media" => Ok(()),
                        Ok(t) if t.is_dir() => std::fs::remove_dir_all(path),
                        Ok(_) | Err(_) => std::fs::remove_file(path),
                    };
                    if let Err(e) = removed {
                        log::warn!("what an account's connector kept: {e}");
                    }
                }
                drop(link.lock.take());
            }));
        }
    }

    fn due(&self) -> Option<Instant> {
        let heard = |l: &&Link| l.leaving.is_some() || !self.aside.contains_key(&l.id);
        let links = self.links.iter().filter(heard).filter_map(Link::due);
        let held = self.held_until.filter(|_| self.is_store_held());
        let batches = self.batches.values().filter_map(Batch::due);
        let batches = batches.map(|due| held.map_or(due, |held| held.max(due)));
        let waits = !self.aside.is_empty() || !self.to_read.is_empty();
        let aside = self.held_until.filter(|_| waits);
        links.chain(batches).chain(aside).chain(self.retry_outbox).min()
    }

    /// Tells the screen of the accounts, if anything is another.
    fn tell_accounts(&mut self) {
        let staying = self.links.iter().filter(|l| l.leaving.is_none());
        let rows: Vec<AccountRow> = staying.map(|l| self.row(l)).collect();
        if rows == self.told && self.said_once {
            return;
        }
        self.said_once = true;
        self.told.clone_from(&rows);
        drop(self.updates.send(Update::Accounts(rows)));
    }

    /// The person has asked for them.
    pub fn tell_accounts_again(&mut self) {
        self.said_once = false;
        self.tell_accounts();
    }

    fn row(&self, link: &Link) -> AccountRow {
        let stored = self.engine.reader.live_account(link.id).ok().flatten();
        let apps = self.engine.reader.live_apps(link.id).unwrap_or_default();
        let settings = self.engine.settings();
        AccountRow {
            id: link.id,
            name: link.name.clone(),
            me: stored.as_ref().map(|s| s.me.clone()).unwrap_or_default(),
            state: link.shown(),
            why: link.why.clone(),
            ask: link.asks.front().cloned(),
            facts: link.facts.clone(),
            quiet: stored.as_ref().is_some_and(|s| s.quiet),
            apps: apps.into_iter().map(|(s, n)| (rows::badge(settings, &s), n)).collect(),
            hosts: stored.as_ref().map(|s| s.hosts.clone()).unwrap_or_default(),
            can: stored.map(|s| s.can).unwrap_or_default(),
            oddities: link.oddities,
            complete: link.complete,
        }
    }

    pub fn complain(&self, error: &EngineError) {
        log::error!("{error}");
        self.notice(explain(error));
    }

    pub fn notice(&self, notice: Notice) {
        match self.updates.try_send(Update::Notice(notice)) {
            Ok(()) | Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
        }
    }

    pub fn warn(&self, what: impl Into<String>, why: impl Into<String>, hint: impl Into<String>) {
        self.notice(Notice::new(Severity::Warning, what, why, hint));
    }

    /// Threads have changed.
    pub fn tell_changed(&self, threads: Vec<crate::model::ThreadId>) {
        if threads.is_empty() {
            return;
        }
        drop(self.updates.send(Update::Changed { threads }));
        (self.changed)();
    }

    /// The outbox is looked at again after a while.
    pub fn look_again(&mut self, after: Duration) {
        let at = Instant::now() + after;
        self.retry_outbox = Some(self.retry_outbox.map_or(at, |had| had.min(at)));
    }
}

fn state_dir_of(root: &std::path::Path, id: LiveId) -> PathBuf {
    root.join("connectors").join(id.to_string())
}

/// Another onebox has an account: it is told of what waits, and the account is ours when it lets go.
fn queue(id: LiveId, dir: PathBuf, calls: SyncSender<Call>) {
    pipes::ring(&dir);
    std::thread::spawn(move || match pipes::wait_for(&dir) {
        Ok(lock) => drop(calls.send(Call::Free { id, lock })),
        Err(e) => log::warn!("account {id}: {e}"),
    });
}

/// How a person may name an account's abilities.
pub(super) fn ability_words(can: &[crate::sources::live::Ability]) -> Vec<String> {
    can.iter()
        .filter_map(|a| serde_json::to_value(a).ok())
        .filter_map(|v| v.as_str().map(str::to_owned))
        .filter(|w| w != "unknown")
        .collect()
}
