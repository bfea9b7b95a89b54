//! Imports: finds exports at paths, reads them in one thread, stores them in another.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::EngineError;
use super::detecting::{Detected, is_read};
use super::rising::Rising;
use super::unchanged::{Mark, Outcome};
use crate::inbox::{ImportProgress, ImportSummary};
use crate::model::{Attachment, Change, Locked, MediaPlace, Oddity, Record, ThreadId, Timestamp};
use crate::policy::Rules;
use crate::sources::{ReadError, ReadOptions, Sink, Stop, TreeError};
use crate::store::index::TAIL;
use crate::store::{Import, Reader, Store, Writer};

/// Records that travel together from the reader to the store.
const BATCH: usize = 1_000;
/// Or so much text: batches of the largest messages must not fill the memory.
const BATCH_BYTES: usize = 1 << 20;
/// Batches between the two: a file told from new to old comes at once, and the next one is read
/// while it is stored.
const BETWEEN: usize = 12;
/// Records in the first transaction, so that something is to be seen at once; each next one is
/// twice as large.
const FIRST_TRANSACTION: usize = 2_000;
/// Records in the largest. Every one writes all pages that it touches, and the fingerprints of a
/// large thread touch most of theirs.
const TRANSACTION: usize = 32_000;
// What came just before a transaction is looked through beside the index, too.
const _: () = assert!(TRANSACTION < TAIL);
/// Oddities shown with a report.
const SAMPLES: usize = 20;

/// What the person said about an import.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// Only this source.
    pub source: Option<String>,
    /// For the reader.
    pub read: ReadOptions,
    /// Read an export even if it was read before and nothing in it has changed.
    pub again: bool,
}

/// How far an import is; shared with whoever watches or cancels it.
#[derive(Default)]
pub struct Progress {
    cancelled: Arc<AtomicBool>,
    bytes_done: AtomicU64,
    bytes_total: AtomicU64,
    messages: AtomicU64,
    oddities: AtomicU64,
    what: Mutex<String>,
    interrupt: OnceLock<Arc<AtomicBool>>,
}

impl Progress {
    /// Also stops when this flag is raised (by a signal).
    pub fn watch(&self, interrupt: Arc<AtomicBool>) {
        drop(self.interrupt.set(interrupt));
    }

    /// Asks the import to stop; what is stored stays.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Somebody asked it to stop.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
            || self.interrupt.get().is_some_and(|i| i.load(Ordering::Relaxed))
    }

    /// Work of so many bytes begins.
    pub(super) fn begin(&self, bytes: u64) {
        self.bytes_total.store(bytes, Ordering::Relaxed);
        self.bytes_done.store(0, Ordering::Relaxed);
    }

    /// What is being worked at now.
    pub(super) fn now_at(&self, what: &str) {
        what.clone_into(&mut self.what.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// So many more bytes are done.
    pub(super) fn advance(&self, bytes: u64) {
        self.bytes_done.fetch_add(bytes, Ordering::Relaxed);
    }

    /// So many more messages have been met.
    pub(super) fn met(&self, messages: u64) {
        self.messages.fetch_add(messages, Ordering::Relaxed);
    }

    pub(super) fn flags(&self) -> Vec<Arc<AtomicBool>> {
        self.interrupt.get().into_iter().chain([&self.cancelled]).cloned().collect()
    }

    /// How far it is.
    pub fn snapshot(&self, elapsed: Duration) -> ImportProgress {
        ImportProgress {
            what: self.what.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            bytes_done: self.bytes_done.load(Ordering::Relaxed),
            bytes_total: self.bytes_total.load(Ordering::Relaxed),
            messages: self.messages.load(Ordering::Relaxed),
            oddities: self.oddities.load(Ordering::Relaxed),
            elapsed,
        }
    }
}

enum Item {
    Record(Record),
    Odd(Oddity),
}

/// The reader's end: gathers records into batches for the store's thread.
struct Batches<'a> {
    out: SyncSender<Vec<Item>>,
    batch: Vec<Item>,
    bytes: usize,
    progress: &'a Progress,
    remarks: Vec<String>,
    rising: Rising,
    /// Files that messages name and that lie nowhere in the export.
    absent: u64,
}

impl Batches<'_> {
    /// Passes on what was kept back.
    fn release(&mut self) -> Result<(), Stop> {
        let (mut run, bytes) = self.rising.take();
        let each = bytes / run.len().max(1);
        let sent =
            run.drain(..).try_for_each(|m| self.push(Item::Record(Record::Message(m)), each));
        self.rising.keep_room(run);
        sent
    }

    fn push(&mut self, item: Item, bytes: usize) -> Result<(), Stop> {
        self.batch.push(item);
        self.bytes += bytes;
        if self.batch.len() >= BATCH || self.bytes >= BATCH_BYTES {
            self.send()?;
        }
        Ok(())
    }

    fn send(&mut self) -> Result<(), Stop> {
        self.bytes = 0;
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        self.out.send(batch).map_err(|_| Stop)?;
        if self.progress.is_cancelled() { Err(Stop) } else { Ok(()) }
    }
}

impl Sink for Batches<'_> {
    fn take(&mut self, record: Record) -> Result<(), Stop> {
        let bytes = match &record {
            Record::Account(_)
            | Record::Thread(_)
            | Record::Participant(_)
            | Record::Telling { .. }
            | Record::Reaction(_)
            | Record::Receipt(_) => 200,
            Record::Revision(r) => match &r.change {
                Change::Text(text) => 200 + text.len(),
                Change::Deleted(_) | Change::Sent(..) => 200,
            },
            Record::Message(_) => 0,
        };
        let Record::Message(m) = record else {
            self.release()?;
            return self.push(Item::Record(record), bytes);
        };
        let absent =
            |a: &&Attachment| matches!(a.place, MediaPlace::Export { container: None, .. });
        self.absent += m.attachments.iter().filter(absent).count() as u64;
        if !self.rising.goes_on_with(&m) {
            self.release()?;
        }
        self.rising.keep(m);
        Ok(())
    }

    fn odd(&mut self, oddity: Oddity) -> Result<(), Stop> {
        self.push(Item::Odd(oddity), 200)
    }

    fn advance(&mut self, bytes: u64) -> Result<(), Stop> {
        self.progress.advance(bytes);
        if self.progress.is_cancelled() { Err(Stop) } else { Ok(()) }
    }

    fn flags(&self) -> Vec<Arc<AtomicBool>> {
        self.progress.flags()
    }

    fn remark(&mut self, text: String) -> Result<(), Stop> {
        if self.remarks.len() < 50 && !self.remarks.contains(&text) {
            self.remarks.push(text);
        }
        Ok(())
    }
}

/// Imports what was found, one export after the other. `committed` is told which threads changed,
/// each time something has become visible.
pub fn import(
    store: &Store,
    rules: &Rules,
    found: Vec<Detected>,
    options: &ImportOptions,
    progress: &Progress,
    now: Timestamp,
    committed: &mut dyn FnMut(Vec<ThreadId>),
) -> Result<Vec<ImportSummary>, EngineError> {
    progress.begin(bytes_of(&found));
    let mut writer = store.writer()?;
    let reader = store.reader()?;
    let mut out: Vec<ImportSummary> = Vec::new();
    for d in found {
        if progress.is_cancelled() {
            break;
        }
        let name = rules.app(&crate::model::SourceId::known(d.source.id)).name;
        let what = format!("{name} · {}", d.lies.join(", "));
        progress.now_at(&what);
        let mark = Mark::of(&d, options, now);
        let mut options = options.clone();
        options.read.known_me = names_in(&reader, d.source.id)?;
        // Where it did not say who I am, what was learnt since may help.
        let worth =
            |o: &Outcome| !options.again && (o.says_who() || options.read.known_me.is_empty());
        let summary = match known(&writer, mark.as_ref()).filter(worth) {
            Some(outcome) => {
                let begun = Instant::now();
                writer.import(&what, now)?.finish("[]")?;
                progress.advance(bytes_of(std::slice::from_ref(&d)));
                outcome.again(&d, name, begun.elapsed())
            }
            None => one(writer.import(&what, now)?, &d, name, &options, mark, progress, committed)?,
        };
        log::info!(
            "import of {}: {} files, {} messages new, {} known, {} oddities, {:.1} s",
            summary.id,
            summary.files,
            summary.messages_added,
            summary.messages_known,
            summary.oddities,
            summary.elapsed.as_secs_f64()
        );
        match out.iter_mut().find(|s| same_account(s, &summary)) {
            Some(known) => add_up(known, summary),
            None => out.push(summary),
        }
    }
    Ok(out)
}

/// The names that I bear on a source by earlier imports: first those by which I was told, then
/// those of accounts of which I have an id.
pub fn known_names(store: &Store, source: &str) -> Result<Vec<String>, EngineError> {
    names_in(&store.reader()?, source)
}

fn names_in(reader: &Reader, source: &str) -> Result<Vec<String>, EngineError> {
    let mut accounts = reader.accounts()?;
    accounts.retain(|a| a.source.as_str() == source);
    let mut names: Vec<String> = accounts.iter().flat_map(|a| a.names.clone()).collect();
    for name in accounts.into_iter().map(|a| a.name).filter(|name| !name.is_empty()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

/// What came of this very export, if it was read to its end before.
fn known(writer: &Writer, mark: Option<&Mark>) -> Option<Outcome> {
    let left = writer.remembered(&mark?.whole()).ok()??;
    // What cannot be understood is no reason not to read.
    serde_json::from_str(&left).ok()
}

/// A person who imports nine WhatsApp chats has imported one account of one app.
fn same_account(a: &ImportSummary, b: &ImportSummary) -> bool {
    let named = |s: &ImportSummary| !s.account.is_empty();
    a.source == b.source && (a.account == b.account || !named(a) || !named(b))
}

fn add_up(sum: &mut ImportSummary, more: ImportSummary) {
    if sum.account.is_empty() {
        sum.account = more.account;
        sum.known_by = more.known_by;
    }
    sum.files += more.files;
    sum.threads_added += more.threads_added;
    sum.threads_known += more.threads_known;
    sum.messages_added += more.messages_added;
    sum.messages_known += more.messages_known;
    sum.oddities += more.oddities;
    sum.partial |= more.partial;
    sum.locked.extend(more.locked);
    sum.elapsed += more.elapsed;
    sum.samples.extend(more.samples);
    sum.samples.truncate(SAMPLES);
    for remark in more.remarks {
        if !sum.remarks.contains(&remark) {
            sum.remarks.push(remark);
        }
    }
}

/// The declared bytes of all that may be read, each file once: several exports may lie in one
/// folder.
pub fn bytes_of(found: &[Detected]) -> u64 {
    let mut met = HashSet::new();
    let entries = found.iter().flat_map(|d| d.tree.entries().iter().map(|e| (&d.tree, e)));
    let new = entries.filter(|(tree, e)| is_read(&e.path) && met.insert(tree.whole(e)));
    new.fold(0, |sum, (_, e)| sum.saturating_add(e.size))
}

fn one(
    mut run: Import<'_>,
    d: &Detected,
    name: String,
    options: &ImportOptions,
    mark: Option<Mark>,
    progress: &Progress,
    committed: &mut dyn FnMut(Vec<ThreadId>),
) -> Result<ImportSummary, EngineError> {
    let begun = Instant::now();
    let mut samples = Vec::new();
    for o in d.tree.oddities() {
        keep(&mut run, o, &mut samples, progress)?;
    }
    crate::sources::sweep();
    let (out, batches) = sync_channel(BETWEEN);
    let (stored, read, remarks) = std::thread::scope(|scope| {
        let reader = scope.spawn(move || {
            let mut sink = Batches {
                out,
                batch: Vec::with_capacity(BATCH),
                bytes: 0,
                progress,
                remarks: Vec::new(),
                rising: Rising::default(),
                absent: 0,
            };
            let read = (d.source.read)(&d.tree, &options.read, &mut sink);
            let sent = sink.release().and_then(|()| sink.send());
            sink.remarks.extend(of_absent(sink.absent));
            (read.and(sent.map_err(ReadError::from)), sink.remarks)
        });
        // Dropping the receiver is what stops the reader if storing fails.
        let stored = store_batches(&mut run, batches, &mut samples, progress, committed);
        match reader.join() {
            Ok((read, remarks)) => (stored, Some(read), remarks),
            Err(_) => (stored, None, Vec::new()),
        }
    });
    stored?;
    let (odd, locked) = match read {
        Some(Err(e)) => broke_off(e),
        Some(Ok(())) => (None, None),
        None => {
            let why = "the reader stopped unexpectedly here; please report it";
            (Some(Oddity::file(d.places.join(", "), why)), None)
        }
    };
    let partial = progress.is_cancelled() || odd.is_some() || locked.is_some();
    if let Some(odd) = odd {
        keep(&mut run, &odd, &mut samples, progress)?;
    }
    if let Some(mark) = mark.filter(|_| !partial && run.tally().oddities == 0) {
        let outcome = serde_json::to_string(&Outcome::of(run.tally(), &remarks, d.tree.used().0));
        let outcome = outcome.map_err(crate::store::StoreError::from)?;
        run.remember(&mark.program, &mark.export, &outcome)?;
    }
    let tally =
        run.finish(&serde_json::to_string(&samples).map_err(crate::store::StoreError::from)?)?;
    Ok(ImportSummary {
        id: d.source.id.to_owned(),
        source: name,
        account: tally.account,
        known_by: tally.known_by,
        files: d.tree.used().0,
        threads_added: tally.threads_added,
        threads_known: tally.threads_known,
        messages_added: tally.messages_added,
        messages_known: tally.messages_known,
        oddities: tally.oddities,
        samples,
        partial,
        locked: locked.into_iter().collect(),
        remarks,
        elapsed: begun.elapsed(),
    })
}

/// A large download comes in several files, and a message's picture may lie in another one of them.
fn of_absent(files: u64) -> Option<String> {
    let what = match files {
        0 => return None,
        1 => "1 file that a message names is".to_owned(),
        n => format!("{n} files that messages name are"),
    };
    Some(format!(
        "{what} not in what was imported; if the export came in several parts, import them all \
         at once"
    ))
}

/// What is wrong with an export that could not be read to its end, or what it wants.
fn broke_off(e: ReadError) -> (Option<Oddity>, Option<Locked>) {
    match e {
        ReadError::Format { file, why } => (Some(Oddity::file(file, why)), None),
        ReadError::Tree(e) => (Some(Oddity::file(tree_error_path(&e), e.to_string())), None),
        // Nothing is wrong with it: it waits for its key.
        ReadError::Locked(lock) => (None, Some(lock)),
        ReadError::Stopped => (None, None),
    }
}

fn tree_error_path(e: &TreeError) -> String {
    match e {
        TreeError::Io { path, .. }
        | TreeError::Container { path, .. }
        | TreeError::TooLarge { path, .. } => path.clone(),
    }
}

fn keep(
    run: &mut Import<'_>,
    oddity: &Oddity,
    samples: &mut Vec<Oddity>,
    progress: &Progress,
) -> Result<(), EngineError> {
    progress.oddities.fetch_add(1, Ordering::Relaxed);
    if samples.len() < SAMPLES {
        samples.push(oddity.clone());
    }
    Ok(run.odd(oddity)?)
}

fn store_batches(
    run: &mut Import<'_>,
    batches: Receiver<Vec<Item>>,
    samples: &mut Vec<Oddity>,
    progress: &Progress,
    committed: &mut dyn FnMut(Vec<ThreadId>),
) -> Result<(), EngineError> {
    let mut since = 0;
    let mut enough = FIRST_TRANSACTION;
    for batch in batches {
        since += batch.len();
        for item in batch {
            match item {
                Item::Record(record) => {
                    let message = matches!(record, Record::Message(_));
                    run.take(record)?;
                    progress.met(u64::from(message));
                }
                Item::Odd(oddity) => keep(run, &oddity, samples, progress)?,
            }
        }
        if since >= enough {
            since = 0;
            enough = TRANSACTION.min(enough * 2);
            committed(run.commit()?);
        }
    }
    committed(run.commit()?);
    Ok(())
}
