//! Looking for exports and importing them behind the counter, each in a thread of its own.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::desk_search::Nudge;
use super::detecting::{Detected, detect};
use super::importing::{self, ImportOptions, Progress};
use super::looking::look;
use super::{Engine, EngineError, explain, now, paths};
use crate::inbox::{ExportFound, ExportKey, Notice, Request, Severity, Status, Ticket, Update};
use crate::model::{Key, SourceId, ThreadId};
use crate::sources::ReadOptions;

/// How often an import tells how far it is.
const BEAT: Duration = Duration::from_millis(120);
/// More changed threads than this are told as "any".
const CHANGES: usize = 200;

/// What is to be imported.
struct Wanted {
    paths: Vec<PathBuf>,
    /// Only these of what is found there; `None`: all.
    only: Option<Vec<ExportKey>>,
    /// What opens what is locked, as it was given.
    key: Option<Key>,
}

/// Work that can be stopped.
type Work = (Arc<Progress>, JoinHandle<()>);

/// At most one import and one look at a time.
pub struct Imports {
    updates: SyncSender<Update>,
    /// Says that something was stored.
    stored: Arc<dyn Fn() + Send + Sync>,
    running: Option<Work>,
    looking: Option<Work>,
}

impl Imports {
    /// None yet.
    pub fn new(updates: SyncSender<Update>, stored: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self { updates, stored, running: None, looking: None }
    }

    /// Does what was asked of imports; anything else is nothing to it.
    pub fn answer(
        &mut self,
        engine: &Engine,
        request: Request,
        follow: Nudge,
    ) -> Result<(), EngineError> {
        match request {
            Request::LookFor { ticket, paths } => self.look(engine.another()?, ticket, paths),
            Request::Import { paths, only, key } => {
                self.start(engine.another()?, Wanted { paths, only, key }, follow);
            }
            Request::CancelImport => self.cancel(),
            _ => {}
        }
        Ok(())
    }

    /// Looks for exports, and into them; a look of before is given up.
    fn look(&mut self, engine: Engine, ticket: Ticket, paths: Vec<PathBuf>) {
        self.stop_looking();
        let progress = Arc::new(Progress::default());
        let (shared, updates) = (progress.clone(), self.updates.clone());
        let thread =
            std::thread::spawn(move || look_at(&engine, ticket, &paths, &shared, &updates));
        self.looking = Some((progress, thread));
    }

    /// Imports, unless an import is running.
    fn start(&mut self, engine: Engine, wanted: Wanted, follow: Nudge) {
        self.stop_looking();
        if self.running.as_ref().is_some_and(|(_, t)| !t.is_finished()) {
            let busy = Notice::new(
                Severity::Warning,
                "An import is already running",
                "",
                "wait for it, or cancel it first",
            );
            drop(self.updates.try_send(Update::Notice(busy)));
            return;
        }
        let progress = Arc::new(Progress::default());
        let (shared, updates) = (progress.clone(), self.updates.clone());
        let stored = self.stored.clone();
        let thread = std::thread::spawn(move || {
            run(&engine, wanted, &shared, &updates, &*stored);
            follow.now();
        });
        self.running = Some((progress, thread));
    }

    /// Stops whatever there is; what was stored stays.
    fn cancel(&mut self) {
        self.stop_looking();
        if let Some((progress, _)) = &self.running {
            progress.cancel();
        }
    }

    /// Stops, and waits until nothing is written any more.
    pub fn end(mut self) {
        self.cancel();
        for (_, thread) in self.looking.take().into_iter().chain(self.running.take()) {
            drop(thread.join());
        }
    }

    fn stop_looking(&mut self) {
        if let Some((progress, _)) = &self.looking {
            progress.cancel();
        }
    }
}

/// Tells what there is at once, and then what each holds.
fn look_at(
    engine: &Engine,
    ticket: Ticket,
    paths: &[PathBuf],
    progress: &Progress,
    updates: &SyncSender<Update>,
) {
    let paths: Vec<PathBuf> = paths.iter().map(|p| paths::expand(p)).collect();
    let found = match detect(&paths, None) {
        Ok(found) => found,
        Err(e) => {
            log::info!("{e}");
            drop(updates.send(Update::Notice(explain(&e))));
            drop(updates.send(Update::Exports { ticket, found: Vec::new() }));
            return;
        }
    };
    let row = |d: &Detected| ExportFound {
        key: d.key(),
        source: engine.settings().rules.app(&SourceId::known(d.source.id)).name,
        what: d.what.clone(),
    };
    let rows: Vec<ExportFound> = found.iter().map(row).collect();
    // One is imported at once: nobody has to choose, or to wait for a look.
    let worth = rows.len() > 1;
    if updates.send(Update::Exports { ticket, found: rows }).is_err() || !worth {
        return;
    }
    for (index, d) in found.iter().enumerate() {
        let known_me = importing::known_names(engine.store(), d.source.id).unwrap_or_default();
        let options = ReadOptions { known_me, ..ReadOptions::default() };
        let Some(look) = look(d, &options, progress) else { return };
        if updates.send(Update::Looked { ticket, index, look: Box::new(look) }).is_err() {
            return;
        }
    }
}

fn run(
    engine: &Engine,
    wanted: Wanted,
    progress: &Arc<Progress>,
    updates: &SyncSender<Update>,
    stored: &dyn Fn(),
) {
    let begun = Instant::now();
    let (done, watching) = sync_channel::<()>(1);
    let (shared, told) = (progress.clone(), updates.clone());
    let watcher = std::thread::spawn(move || {
        // Tells how far it is until the import is over; a full queue may miss a beat.
        while watching.recv_timeout(BEAT) == Err(RecvTimeoutError::Timeout) {
            drop(told.try_send(Update::Import(shared.snapshot(begun.elapsed()))));
        }
    });
    let mut committed = |threads: Vec<ThreadId>| {
        let threads = if threads.len() > CHANGES { Vec::new() } else { threads };
        drop(updates.try_send(Update::Changed { threads }));
        stored();
    };
    let result = chosen(&wanted).and_then(|found| {
        let mut options = ImportOptions::default();
        options.read.key = wanted.key.map(|k| paths::key_given(&k));
        let rules = &engine.settings().rules;
        importing::import(engine.store(), rules, found, &options, progress, now(), &mut committed)
    });
    drop(done);
    drop(watcher.join());
    let update = match result {
        Ok(summaries) => Update::ImportDone(summaries),
        Err(e) => {
            log::error!("{e}");
            drop(updates.send(Update::Notice(explain(&e))));
            Update::ImportDone(Vec::new())
        }
    };
    let empty = engine.is_empty().unwrap_or(false);
    let s = engine.settings();
    let status = Status {
        demo: s.demo,
        read_only: s.read_only,
        offline: s.offline,
        as_of: s.as_of.map(|d| d.to_string()),
        empty,
        clock: s.clock(),
    };
    for update in [Update::Status(status), Update::Changed { threads: Vec::new() }, update] {
        if updates.send(update).is_err() {
            return;
        }
    }
    stored();
}

fn chosen(wanted: &Wanted) -> Result<Vec<Detected>, EngineError> {
    let paths: Vec<PathBuf> = wanted.paths.iter().map(|p| paths::expand(p)).collect();
    let mut found = detect(&paths, None)?;
    if let Some(only) = &wanted.only {
        found.retain(|d| only.contains(&d.key()));
    }
    Ok(found)
}
