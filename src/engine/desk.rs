//! The engine behind channels: the screen hands in requests and gets updates, and never waits.
//!
//! Reading, writing, importing and counting each have a thread of their own, so that a long import
//! delays no page and a draft is saved while a page is read.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::accounts::{self, Accounts};
use super::desk_import::Imports;
use super::desk_live;
use super::desk_people::{self, Written};
use super::desk_search::Searching;
use super::opening::{self, Lies};
use super::taking_out::TakingOut;
use super::undo::Undo;
use super::{Engine, EngineError, Settings, demo_inbox, explain, now, paths};
use crate::inbox::{Notice, Request, Severity, Status, Ticket, Update};
use crate::model::{Day, MessageId, ThreadId, Wish};
use crate::policy::Rules;
use crate::store::Store;

/// Requests or updates that may wait.
const QUEUE: usize = 256;
/// A running engine. Dropping the request sender ends it; [`Desk::join`] waits until everything
/// that was asked to be written is written.
pub struct Desk {
    threads: Vec<JoinHandle<()>>,
}

impl Desk {
    /// Starts it.
    pub fn start(
        engine: Engine,
    ) -> Result<(Self, SyncSender<Request>, Receiver<Update>), EngineError> {
        let (requests, inbox) = sync_channel(QUEUE);
        let (updates, outbox) = sync_channel(QUEUE);
        let (scribe, work) = sync_channel(QUEUE);
        let (recount, counting) = sync_channel(1);
        let writing = Scribe {
            engine: engine.another()?,
            updates: updates.clone(),
            recount: recount.clone(),
            undo: Undo::default(),
            outbox: None,
        };
        let (searching, [search, index]) = Searching::start(&engine, &updates)?;
        let counter = engine.another()?;
        let told = updates.clone();
        let accounts = live(&engine, &updates, &recount)?;
        let writing = Scribe { outbox: accounts.as_ref().map(Accounts::calls), ..writing };
        let nudged = recount.clone();
        let imports = Imports::new(updates.clone(), Arc::new(move || nudge(&nudged)));
        let taking_out = TakingOut::new(engine.settings().demo, updates.clone());
        let reading =
            Reading { engine, updates, scribe, recount, searching, imports, taking_out, accounts };
        let threads = vec![
            std::thread::spawn(move || writing.run(&work)),
            std::thread::spawn(move || count(counter, &counting, &told)),
            // What a run that was killed has left. Nothing waits for it: a temporary folder may be full.
            std::thread::spawn(crate::sources::sweep),
            std::thread::spawn(move || reading.run(&inbox)),
            search,
            index,
        ];
        Ok((Self { threads }, requests, outbox))
    }

    /// Waits for the end.
    pub fn join(self) {
        for thread in self.threads {
            // A thread that panicked has already been reported by the panic hook.
            drop(thread.join());
        }
    }
}

enum Job {
    Write(Request),
    Swap(Arc<Store>, Arc<Settings>),
}

enum Recount {
    Now,
    Swap(Arc<Store>, Arc<Settings>),
}

struct Reading {
    engine: Engine,
    updates: SyncSender<Update>,
    scribe: SyncSender<Job>,
    recount: SyncSender<Recount>,
    searching: Searching,
    imports: Imports,
    taking_out: TakingOut,
    /// Live accounts; none in a demo or where nothing can be stored.
    accounts: Option<Accounts>,
}

/// Starts the live accounts of a store on disk.
fn live(
    engine: &Engine,
    updates: &SyncSender<Update>,
    recount: &SyncSender<Recount>,
) -> Result<Option<Accounts>, EngineError> {
    let store = engine.store();
    let Some(root) = store.file().filter(|_| store.is_writable()).and_then(Path::parent) else {
        return Ok(None);
    };
    let recount = recount.clone();
    let changed = Box::new(move || nudge(&recount));
    let (root, launch) = (root.to_owned(), Accounts::real());
    Ok(Some(Accounts::start(engine.another()?, root, launch, updates.clone(), changed)))
}

/// The other end is gone: the screen has closed.
struct Gone;

impl Reading {
    fn run(mut self, inbox: &Receiver<Request>) {
        if self.tell_status().is_err() {
            return;
        }
        let mut counting = false;
        while let Ok(request) = inbox.recv() {
            let sending = sending(&request);
            let answered = self.answer(request);
            if !counting {
                // The first window of the list comes before the counts: both read the same pages,
                // and only one of them is waited for.
                counting = true;
                nudge(&self.recount);
                self.searching.nudge().now();
            }
            match answered {
                Ok(Ok(())) => {}
                Ok(Err(e)) => {
                    log::error!("{e}");
                    if self.updates.send(failed(sending, &e)).is_err() {
                        break;
                    }
                }
                Err(Gone) => break,
            }
        }
        self.imports.end();
    }

    fn tell(&self, update: Update) -> Result<(), Gone> {
        self.updates.send(update).map_err(|_| Gone)
    }

    fn tell_status(&self) -> Result<(), Gone> {
        let s = self.engine.settings();
        self.tell(Update::Status(Status {
            demo: s.demo,
            read_only: s.read_only,
            offline: s.offline,
            as_of: s.as_of.map(|d: Day| d.to_string()),
            empty: self.engine.is_empty().unwrap_or(false),
            clock: s.clock(),
        }))
    }

    fn answer(&mut self, request: Request) -> Result<Result<(), EngineError>, Gone> {
        let opened = match &request {
            Request::Open { thread, .. } => Some(*thread),
            _ => None,
        };
        match self.update_for(request) {
            Ok(Some(update)) => self.tell(update)?,
            Ok(None) => return Ok(Ok(())),
            Err(e) => return Ok(Err(e)),
        }
        // Who it is with may take a while to work out: the page does not wait for it.
        let Some(thread) = opened else { return Ok(Ok(())) };
        let hint = self.engine.person_hint(thread);
        match hint.and_then(|hint| Ok((hint, self.engine.everyone(thread)?))) {
            Ok((hint, everyone)) => self.tell(Update::Person { thread, hint, everyone }).map(Ok),
            Err(e) => Ok(Err(e)),
        }
    }

    #[allow(clippy::too_many_lines, reason = "one arm for each kind: a table, not a story")]
    fn update_for(&mut self, request: Request) -> Result<Option<Update>, EngineError> {
        Ok(Some(match request {
            Request::Threads { ticket, filter, order, offset, limit, around } => {
                let page = self.engine.threads_in(&filter, order, offset, limit, around)?;
                Update::Threads {
                    ticket,
                    filter,
                    offset: page.offset,
                    rows: page.rows,
                    total: page.total,
                }
            }
            Request::Find { ticket, typed, first, limit } => {
                let (rows, total) = self.engine.find_threads(&typed, &first, limit)?;
                Update::Found { ticket, rows, total }
            }
            Request::Open { ticket, thread, at, limit } => {
                let page = self.engine.open(thread, at, limit)?;
                Update::Transcript {
                    ticket,
                    header: Box::new(page.header),
                    rows: page.rows,
                    more_before: page.more_before,
                    more_after: page.more_after,
                    focus: page.focus,
                    draft: page.draft,
                    reply: page.reply,
                }
            }
            Request::Page { ticket, thread, from, direction, limit } => {
                let (rows, more) = self.engine.page(thread, from, direction, limit)?;
                Update::Page { ticket, thread, rows, more }
            }
            Request::Send { ticket, thread, text, reply }
                if self.engine.is_live(thread, wish_of(reply))? =>
            {
                let write = Request::Send { ticket, thread, text, reply };
                self.scribe.send(Job::Write(write)).map_err(|_| EngineError::Lost("writing"))?;
                return Ok(None);
            }
            wish @ (Request::Accounts
            | Request::AddAccount { .. }
            | Request::AnswerAccount { .. }
            | Request::RemoveAccount { .. }
            | Request::RestartAccount { .. }
            | Request::QuietAccount { .. }
            | Request::VerifyAccount { .. }
            | Request::Look { .. }
            | Request::Typing { .. }
            | Request::FetchOlder { .. }) => {
                match &self.accounts {
                    Some(accounts) => accounts.wish(wish),
                    None if matches!(wish, Request::Look { .. } | Request::Typing { .. }) => {}
                    None if matches!(wish, Request::AddAccount { .. }) => {
                        return Ok(Some(Update::Notice(Notice::new(
                            Severity::Warning,
                            "No account can be connected here",
                            "the demo keeps nothing, and a store that may only be read takes nothing",
                            "start onebox without --demo",
                        ))));
                    }
                    None => return Ok(Some(Update::Accounts(Vec::new()))),
                }
                return Ok(None);
            }
            Request::Send { ticket, thread, text, reply } => {
                let wish = wish_of(reply);
                match self.engine.wish_answering(thread, wish, &text, reply)? {
                    Ok(row) => Update::HandOff { ticket, row },
                    Err(reason) => Update::Refused { ticket, thread, wish, reason },
                }
            }
            Request::Handed { ticket, thread, before, limit } => {
                let (rows, more) = self.engine.handed(thread, before, limit)?;
                Update::Handed { ticket, thread, rows, more }
            }
            Request::Try { ticket, thread, wish } => match self.engine.wish(thread, wish, "")? {
                Ok(row) => Update::HandOff { ticket, row },
                Err(reason) => Update::Refused { ticket, thread, wish, reason },
            },
            Request::Why { ticket, thread } => {
                let (title, tables) = self.engine.why(thread)?;
                Update::Why { ticket, thread, title, tables }
            }
            Request::Rules { ticket } => Update::Rules { ticket, rows: self.engine.rules()? },
            Request::CompletePath { ticket, typed } => {
                Update::Paths { ticket, paths: paths::complete(&typed) }
            }
            Request::LookAtFiles { ticket, thread, paths } => {
                let files = self.engine.look_at_files(thread, &paths)?;
                Update::Files { ticket, thread, files }
            }
            Request::OpenFile { message, index } => return self.open_file(message, index),
            Request::SaveFile { message, index } => {
                let told = match self.engine.file_to_copy(message, index)? {
                    Ok(file) => self.taking_out.save(file),
                    Err(why) => Some(opening::refused("The file cannot be saved from here", why)),
                };
                return Ok(told.map(Update::Notice));
            }
            import @ (Request::LookFor { .. } | Request::Import { .. } | Request::CancelImport) => {
                let follow = self.searching.nudge();
                self.imports.answer(&self.engine, import, follow)?;
                return Ok(None);
            }
            Request::LoadDemo => {
                self.load_demo()?;
                return Ok(None);
            }
            Request::Search(search) => {
                self.searching.search(search)?;
                return Ok(None);
            }
            write @ (Request::SaveDraft { .. }
            | Request::SaveReply { .. }
            | Request::OpenHandOff { .. }
            | Request::Mark { .. }
            | Request::ChangePeople(_)
            | Request::ThisIsMe { .. }
            | Request::IAm { .. }
            | Request::SameAccount { .. }
            | Request::AccountApart { .. }
            | Request::Carry { .. }
            | Request::OpenStart { .. }
            | Request::Triage { .. }
            | Request::Star { .. }
            | Request::SendFiles { .. }
            | Request::Retry { .. }
            | Request::TakeBack { .. }
            | Request::Alter { .. }
            | Request::Accept { .. }
            | Request::Undo) => {
                self.scribe.send(Job::Write(write)).map_err(|_| EngineError::Lost("writing"))?;
                return Ok(None);
            }
            other => return desk_people::read(&mut self.engine, other),
        }))
    }

    /// Opens a file that is here; asks for one that is not.
    fn open_file(
        &mut self,
        message: MessageId,
        index: usize,
    ) -> Result<Option<Update>, EngineError> {
        let why = match (self.engine.file_of(message, index)?, &self.accounts) {
            (Lies::Here(path), _) => return Ok(Some(Update::Notice(opening::open(&path)))),
            (Lies::Remote, Some(accounts)) => {
                accounts.wish(Request::OpenFile { message, index });
                return Ok(None);
            }
            (Lies::Remote, None) => "no account is connected here".to_owned(),
            (Lies::Inside(file), _) => {
                return Ok(self.taking_out.open(file).map(Update::Notice));
            }
            (Lies::Elsewhere(why), _) => why,
        };
        let told = opening::refused("The file cannot be opened from here", why);
        Ok(Some(Update::Notice(told)))
    }

    /// The demo lives in a memory store of its own: nothing of it touches the person's disk.
    fn load_demo(&mut self) -> Result<(), EngineError> {
        let old = self.engine.settings();
        let settings = Arc::new(Settings {
            rules: Rules::builtin().map_err(|e| EngineError::Source(e.to_string()))?,
            as_of: old.as_of,
            read_only: old.read_only,
            offline: old.offline,
            demo: true,
            keep_deleted: false,
        });
        let store = Arc::new(Store::in_memory()?);
        demo_inbox::load(&store, &settings.rules)?;
        self.engine = Engine::new(store.clone(), settings.clone())?;
        self.accounts = None;
        self.taking_out = TakingOut::new(true, self.updates.clone());
        let lost = |_| EngineError::Lost("writing");
        self.scribe.send(Job::Swap(store.clone(), settings.clone())).map_err(lost)?;
        let lost = |_| EngineError::Lost("counting");
        self.recount.send(Recount::Swap(store.clone(), settings.clone())).map_err(lost)?;
        self.searching.swap(&store, &settings)?;
        if self.tell_status().is_ok() {
            drop(self.tell(Update::Changed { threads: Vec::new() }));
        }
        Ok(())
    }
}

/// The ticket of a request to send something: whoever made it waits for its answer, whatever that
/// is.
fn sending(request: &Request) -> Option<Ticket> {
    match request {
        Request::Send { ticket, .. } | Request::SendFiles { ticket, .. } => Some(*ticket),
        _ => None,
    }
}

/// What is told when a request failed.
fn failed(sending: Option<Ticket>, error: &EngineError) -> Update {
    let notice = explain(error);
    match sending {
        Some(ticket) => Update::NotSent { ticket, notice },
        None => Update::Notice(notice),
    }
}

fn wish_of(reply: Option<MessageId>) -> Wish {
    if reply.is_some() { Wish::Reply } else { Wish::Send }
}

struct Scribe {
    engine: Engine,
    updates: SyncSender<Update>,
    recount: SyncSender<Recount>,
    undo: Undo,
    /// Where it is told that something waits to be sent.
    outbox: Option<SyncSender<accounts::Call>>,
}

impl Scribe {
    fn run(mut self, work: &Receiver<Job>) {
        while let Ok(job) = work.recv() {
            match job {
                Job::Write(request) => {
                    let sending = sending(&request);
                    if let Err(e) = self.write(request) {
                        log::error!("{e}");
                        let told = failed(sending, &e);
                        match told {
                            // Waited for: until it comes nothing more can be sent there.
                            Update::NotSent { .. } => drop(self.updates.send(told)),
                            _ => drop(self.updates.try_send(told)),
                        }
                    }
                }
                Job::Swap(store, settings) => match Engine::new(store, settings) {
                    Ok(engine) => {
                        self.engine = engine;
                        self.undo = Undo::default();
                    }
                    Err(e) => drop(self.updates.try_send(Update::Notice(explain(&e)))),
                },
            }
        }
    }

    fn write(&mut self, request: Request) -> Result<(), EngineError> {
        match request {
            Request::SaveDraft { thread, text } => {
                self.engine.store().writer()?.save_draft(thread, &text, now())?;
                self.changed(thread);
            }
            // Nobody shows it in a list: no one is told.
            Request::SaveReply { thread, message } => {
                self.engine.store().writer()?.save_reply(thread, message)?;
            }
            Request::OpenHandOff { thread, text, reply, open } => {
                self.engine.hand_off_reply(thread, &text, reply, open, now())?;
                self.changed(thread);
            }
            Request::Mark { thread, change } => {
                self.engine.mark(thread, &change)?;
                self.changed(thread);
            }
            send @ (Request::Send { .. }
            | Request::SendFiles { .. }
            | Request::Retry { .. }
            | Request::TakeBack { .. }
            | Request::Alter { .. }
            | Request::Accept { .. }) => {
                let done = desk_live::write(&self.engine, send)?;
                self.told(done);
                if let Some(outbox) = &self.outbox {
                    drop(outbox.try_send(accounts::Call::Wake));
                }
            }
            other => {
                let done = desk_people::write(&mut self.engine, &mut self.undo, &other)?;
                self.told(done.unwrap_or_default());
            }
        }
        Ok(())
    }

    fn told(&self, written: Written) {
        if let Some(update) = written.update {
            drop(self.updates.send(update));
        }
        if let Some(threads) = written.changed {
            drop(self.updates.send(Update::Changed { threads }));
            nudge(&self.recount);
        }
    }

    fn changed(&self, thread: ThreadId) {
        drop(self.updates.send(Update::Changed { threads: vec![thread] }));
        nudge(&self.recount);
    }
}

/// Asks for a recount; one that is already waiting will do.
fn nudge(recount: &SyncSender<Recount>) {
    match recount.try_send(Recount::Now) {
        Ok(()) | Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
    }
}

/// Counts when something was stored, and when a snoozed thread comes back; sleeps otherwise.
fn count(mut engine: Engine, work: &Receiver<Recount>, updates: &SyncSender<Update>) {
    let mut due: Option<Duration> = None;
    loop {
        let job = match due {
            Some(wait) => work.recv_timeout(wait),
            None => work.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match job {
            Ok(Recount::Now) => {}
            Ok(Recount::Swap(store, settings)) => match Engine::new(store, settings) {
                Ok(new) => engine = new,
                Err(_) => continue,
            },
            Err(RecvTimeoutError::Timeout) => {
                if updates.send(Update::Changed { threads: Vec::new() }).is_err() {
                    return;
                }
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
        if let Ok(counts) = engine.counts()
            && updates.send(Update::Counts(counts)).is_err()
        {
            return;
        }
        for notice in engine.announce_closing().unwrap_or_default() {
            drop(updates.send(Update::Notice(notice)));
        }
        // A little late is better than a moment too early.
        let ahead = engine.next_due().ok().flatten().map(|t| t.0 - engine.present().0);
        due = ahead.map(|ms| Duration::from_millis(ms.max(0).unsigned_abs().saturating_add(50)));
    }
}
