//! Signal Desktop's own folder: `sql/db.sqlite`, locked by `SQLCipher`, with the key in
//! `config.json`.
//!
//! Older installs keep the key there as 64 hexadecimal digits; since July 2024 (7.16) it is itself
//! locked by the system's keyring (`encryptedKey`), and the person has to give it. The database is
//! opened into a private copy that goes away with the reading; the first page's HMAC says whether
//! the key is right, before SQLite sees a byte. What is in the tables is told as the frames of a
//! plaintext export, so that both give the same threads and messages under the same ids. Facts from
//! the program's own sources (its migrations, `model-types` and the code that writes the export).
//!
//! As that export does, this leaves out stories and messages that were set to disappear. What was
//! typed and not sent is told as an event, which that export does not have. Files are locked one by
//! one: what opens each is told with its place, and they stay where they are.

mod changes;
mod drafts;
mod files;
mod frames;
mod groups;
mod items;
mod key;
mod pages;

use std::io::ErrorKind;

use super::chats::Chats;
use super::recipient::Book;
use crate::model::{Oddity, Record};
use crate::sources::database::{Beside, Database, MAGIC, Progress};
use crate::sources::odds::Odds;
use crate::sources::parted;
use crate::sources::{
    Confidence, Entry, FileTree, OnDisk, ReadError, ReadOptions, Sink, Stop, TreeError,
};
pub use files::{is_file, place};
use frames::Roll;
use items::Left;
use pages::{Closed, Opened, PAGE};

const NAME: &str = "db.sqlite";
const HEAD: usize = 64 << 10;
/// Tables without which there is nothing to read.
const TABLES: [&str; 2] = ["conversations", "messages"];

/// The folder of the app, by the place of its database.
fn home(entry: &Entry) -> &str {
    let here = entry.parted().0;
    match parted(here) {
        (above, "sql") => above,
        _ => here,
    }
}

fn is_plain(tree: &FileTree, entry: &Entry) -> bool {
    tree.head(entry, MAGIC.len()).is_ok_and(|head| head == MAGIC)
}

/// How sure it is that a database is the app's; `None`: it is not.
fn sure(tree: &FileTree, entry: &Entry) -> Option<Confidence> {
    if is_plain(tree, entry) {
        // Somebody has unlocked it before.
        let head = tree.head(entry, HEAD).ok()?;
        let holds = |word: &str| memchr::memmem::find(&head, word.as_bytes()).is_some();
        return (holds("conversationId") && holds("conversations")).then_some(Confidence::Likely);
    }
    let home = home(entry);
    let settings = key::Settings::of(tree, home);
    let here = entry.parted().0;
    let inside = home.len() < here.len() || (here.is_empty() && tree.name() == "sql");
    let whole = entry.size.is_multiple_of(PAGE as u64);
    match settings {
        Some(settings) if settings.has_key() => Some(Confidence::Sure),
        Some(_) if whole => Some(Confidence::Likely),
        None if whole && inside => Some(Confidence::Likely),
        // Alone it may be anybody's.
        None if whole => Some(Confidence::Maybe),
        Some(_) | None => None,
    }
}

/// Databases of the app, each with the folder to read and how sure it is.
fn databases(tree: &FileTree) -> impl Iterator<Item = (&Entry, &str, Confidence)> {
    let named = tree.entries().iter().filter(|e| e.parted().1 == NAME && e.size > 0);
    named.filter_map(|entry| Some((entry, home(entry), sure(tree, entry)?)))
}

/// The folders that hold the app's database.
pub fn found(tree: &FileTree) -> Vec<(String, Confidence)> {
    databases(tree).map(|(_, home, sure)| (home.to_owned(), sure)).collect()
}

/// Reads the app's folder, if it is one.
pub fn read(tree: &FileTree, options: &ReadOptions, sink: &mut dyn Sink) -> Result<(), ReadError> {
    for (entry, _, _) in databases(tree).filter(|(_, home, _)| home.is_empty()) {
        let opened = match is_plain(tree, entry) {
            true => Database::open(tree, entry, sink).map(|db| (db, entry.size)),
            false => unlock(tree, entry, options, sink),
        };
        match opened.and_then(|(db, bytes)| Ok((db.holding(&TABLES)?, bytes))) {
            Ok((db, bytes)) => tell(tree, entry, &db, bytes, options, sink)?,
            Err(ReadError::Format { file, why }) => sink.odd(Oddity::file(file, why))?,
            Err(why) => return Err(why),
        }
    }
    Ok(())
}

/// Opens the database into a private copy. Answers how many of its bytes are still to be told as
/// worked through.
fn unlock(
    tree: &FileTree,
    entry: &Entry,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> Result<(Database, u64), ReadError> {
    let cipher = key::fitting(tree, entry, home(entry), options)?;
    let journal = tree.journal(entry);
    let beside = journal.as_ref().map_or(0, |j| j.size);
    let (disk, mut copy) = OnDisk::private(entry, entry.size.saturating_add(beside))?;
    let closed = |why| match why {
        Closed::Stop => ReadError::Stopped,
        Closed::Io(why) if why.kind() == ErrorKind::StorageFull => ReadError::Format {
            file: entry.path.clone(),
            why: "there is no room for its private copy, which goes where temporary files go: \
                  make room, or set TMPDIR to a folder that has some"
                .to_owned(),
        },
        Closed::Io(why) => TreeError::Io { path: entry.path.clone(), why }.into(),
    };
    // Half of the bytes are worked through here, half with the rows.
    let (mut met, mut told) = (0u64, 0u64);
    let mut advance = |bytes: u64| {
        met = met.saturating_add(bytes);
        sink.advance((met / 2).saturating_sub(std::mem::replace(&mut told, met / 2)))
    };
    let mut from = tree.open_entry(entry)?;
    let mut opened = pages::open(&cipher, &mut from, &mut copy, &mut advance).map_err(closed)?;
    if let Some(journal) = journal {
        let last = pages::committed(&mut journal.open()?, &mut advance).map_err(closed)?;
        let last = pages::believable(last, entry.size);
        pages::replay(&cipher, last, &mut journal.open()?, &mut copy, &mut opened, &mut advance)
            .map_err(closed)?;
    }
    drop(copy);
    complain(entry, &opened, sink)?;
    Ok((Database::on(disk, &entry.path, sink)?, entry.size.saturating_sub(told)))
}

/// Tells what of the file is not as it was written.
fn complain(entry: &Entry, opened: &Opened, sink: &mut dyn Sink) -> Result<(), Stop> {
    if opened.damaged > 0 {
        let which: Vec<String> = opened.which.iter().map(u32::to_string).collect();
        let which = which.join(", ");
        let why = match opened.damaged {
            1 => format!("page {which} is damaged; what was on it is missing"),
            n if n > opened.which.len() as u64 => {
                format!("{n} pages are damaged ({which} and more); what was on them is missing")
            }
            n => format!("{n} pages are damaged ({which}); what was on them is missing"),
        };
        sink.odd(Oddity::file(&entry.path, why))?;
    }
    if opened.torn {
        sink.odd(Oddity::file(&entry.path, "it ends in the middle of a page; it is cut short"))?;
    }
    Ok(())
}

fn tell(
    tree: &FileTree,
    entry: &Entry,
    db: &Database,
    bytes: u64,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    let mut book = Book::default();
    let roll = Roll::take(db, &mut book, sink)?;
    book.finish();
    sink.take(Record::Account(book.account(options)))?;
    let mut chats = Chats::new(tree, "", &book);
    let (files, calls) = (items::files(db), changes::calls(db));
    let mut files = db.prepare(&["message_attachments"], &files);
    let mut files = Beside::new(files.as_mut(), files::row);
    let mut calls = db.prepare(&["callsHistory"], &calls);
    let mut calls = Beside::new(calls.as_mut(), changes::row);
    let mut odds = Odds::of(&entry.path);
    let mut progress = Progress::new(bytes, db.last_row("messages"));
    let mut left = Left::default();
    db.each(&items::messages(db), sink, &mut |row, sink| {
        progress.step(sink)?;
        let number = row.int(0).unwrap_or(i64::MIN);
        let at = || format!("message {number}");
        let (files, calls) = (files.of(0, number), calls.of(0, number));
        let Some(raw) = items::raw(row, files, calls) else {
            return odds.say(at(), "what is told of it is no valid JSON", sink);
        };
        match items::frame(&raw, &roll, tree, &mut left) {
            Some(frame) => match chats.take(&frame, sink)? {
                Ok(()) => Ok(()),
                Err(why) => odds.say(at(), why, sink),
            },
            None => Ok(()),
        }
    })?;
    drafts::tell(db, &roll, &mut chats, &mut odds, sink)?;
    chats.finish(sink)?;
    left.tell(sink)?;
    odds.end(sink)?;
    progress.end(sink)?;
    Ok(())
}

/// A number of things in words.
fn counted(n: u64, one: &str, many: &str) -> String {
    if n == 1 { format!("one {one}") } else { format!("{n} {many}") }
}

impl Left {
    fn tell(&self, sink: &mut dyn Sink) -> Result<(), Stop> {
        if self.disappearing > 0 {
            let what = counted(self.disappearing, "message", "messages");
            sink.remark(format!(
                "{what} set to disappear left out, as Signal's own export leaves them out"
            ))?;
        }
        if self.stories > 0 {
            let what = match self.stories {
                1 => "one story, or an answer to one in a group,".to_owned(),
                n => format!("{n} stories and answers to them in groups"),
            };
            sink.remark(format!("{what} left out, as Signal's own export leaves them out"))?;
        }
        if self.locked > 0 {
            let what = counted(self.locked, "file of a message is", "files of messages are");
            sink.remark(format!(
                "{what} left out: locked in Signal's folder, with a key that the database does not \
                 tell"
            ))?;
        }
        Ok(())
    }
}
