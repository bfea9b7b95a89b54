//! Android's own database: `msgstore.db`, with the address book `wa.db` beside it; both also as
//! locked backups (`crypt`), and both in the layout of before 2021 (`older`).
//!
//! Columns and codes as several public readers of real phones found them (KnugiHK/
//! WhatsApp-Chat-Exporter, frozenspider/chat-history-manager, jferrl/amberkeep, WAInsight); what
//! differs from year to year is looked up. Times are milliseconds, UTC.

mod addition;
mod around;
mod chats;
pub mod events;
pub mod media;
mod messages;
mod older;
mod people;
mod settings;

use std::collections::HashSet;

use chats::Chats;
use people::Jids;

use super::crypt::{self, Holds, Keys, OnDisk, Shut};
use crate::model::{AccountRecord, Locked, Oddity, Record, SourceId};
use crate::sources::database::{Database, MAGIC};
use crate::sources::{Entry, FileTree, ReadError, ReadOptions, Sink, Stop};

/// The databases of a tree: every one that is the app's by its name and its first bytes.
pub fn files(tree: &FileTree) -> impl Iterator<Item = &Entry> {
    tree.entries().iter().filter(|e| {
        let name = e.parted().1.to_ascii_lowercase();
        name.starts_with("msgstore") && name.ends_with(".db") && is_database(tree, e)
    })
}

/// The locked backups of a tree, by their names; the newest of a folder comes last.
pub fn backups(tree: &FileTree) -> impl Iterator<Item = &Entry> {
    let named = |e: &&Entry| crypt::inner(&e.path).is_some_and(|n| n.starts_with("msgstore"));
    tree.entries().iter().filter(named)
}

/// A file that begins as a database does.
fn is_database(tree: &FileTree, entry: &Entry) -> bool {
    tree.head(entry, MAGIC.len()).is_ok_and(|head| head == MAGIC)
}

/// Reads every database into the sink. Answers the newest lock where no key opened any backup: it
/// is asked for, once all else is read.
pub fn read(
    tree: &FileTree,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> Result<Option<Locked>, ReadError> {
    let keys = Keys::of(tree, options);
    let (mut opened, mut locks) = (false, Vec::new());
    let mut additions: Vec<(&Entry, OnDisk)> = Vec::new();
    let mut last = None;
    // Older states first: what a later one says of a chat holds.
    for entry in backups(tree) {
        match crypt::open(tree, entry, &keys, sink) {
            Ok((disk, holds)) => {
                opened = true;
                if holds == Holds::Addition {
                    additions.push((entry, disk));
                    continue;
                }
                let db = Database::on(disk, &entry.path, sink).map(|db| (db, left(entry)));
                let now = one(tree, entry, db, options, &keys, sink)?;
                other_account(last.as_ref(), now.as_ref(), options, sink)?;
                last = now.or(last);
            }
            Err(Shut::Locked(lock)) => locks.push(lock),
            Err(Shut::Broken(ReadError::Format { file, why })) => {
                sink.odd(Oddity::file(file, why))?;
            }
            Err(Shut::Broken(why)) => return Err(why),
        }
    }
    for entry in files(tree) {
        let db = Database::open(tree, entry, sink).map(|db| (db, entry.size));
        let now = one(tree, entry, db, options, &keys, sink)?;
        other_account(last.as_ref(), now.as_ref(), options, sink)?;
        last = now.or(last);
    }
    for (entry, disk) in additions {
        let Some((jids, chats)) = &mut last else {
            let why = "it holds only what was new since the last whole backup: import the folder \
                       that holds both";
            sink.odd(Oddity::file(&entry.path, why))?;
            continue;
        };
        let place = Place { tree, entry, bytes: left(entry) };
        addition::read(&place, &disk, jids, chats, sink)?;
    }
    // One stands for all: they want the same key.
    if !opened {
        return Ok(locks.into_iter().next_back());
    }
    for lock in locks {
        sink.odd(locked(&lock))?;
    }
    Ok(None)
}

/// Nothing in a database tells its account from another one but the name that its owner goes by, and
/// that may change: where it is another one than before, the person is told how to keep two apart.
fn other_account(
    before: Option<&(Jids, Chats)>,
    now: Option<&(Jids, Chats)>,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> Result<(), Stop> {
    let Some(me) = now.and_then(|(jids, _)| jids.me.as_deref()) else { return Ok(()) };
    let mut known: Vec<&str> = options.known_me.iter().map(String::as_str).collect();
    known.extend(before.and_then(|(jids, _)| jids.me.as_deref()));
    let fold = |name: &str| name.trim().to_lowercase();
    if options.account.is_some() || known.iter().any(|k| fold(k) == fold(me)) {
        return Ok(());
    }
    let Some(known) = known.first() else { return Ok(()) };
    sink.remark(format!(
        "this database is {me}'s, and WhatsApp was read as {known}'s before; if those are two \
         accounts of yours, import each by itself with --account NAME, so that their chats stay apart"
    ))
}

/// Half of a locked file's bytes was told when it was opened.
fn left(entry: &Entry) -> u64 {
    entry.size - entry.size / 2
}

/// A lock among things that were read.
fn locked(lock: &Locked) -> Oddity {
    let why = match &lock.refused {
        Some(why) => format!("it stays locked: {why}"),
        None => "it is locked".to_owned(),
    };
    Oddity::file(&lock.file, format!("{why}; to read it, give --key: {}", lock.wants))
}

/// Reads a database into the sink, with the bytes of the file that its rows stand for. Answers who
/// and what chats there are; `None`: it is none, which was told.
fn one(
    tree: &FileTree,
    entry: &Entry,
    db: Result<(Database, u64), ReadError>,
    options: &ReadOptions,
    keys: &Keys,
    sink: &mut dyn Sink,
) -> Result<Option<(Jids, Chats)>, ReadError> {
    let known = db.and_then(|(db, bytes)| {
        let tables: &[&str] =
            if older::is_it(&db) { &["messages"] } else { &["message", "chat", "jid"] };
        Ok((db.holding(tables)?, bytes))
    });
    let (db, bytes) = match known {
        Ok(known) => known,
        Err(ReadError::Format { file, why }) => {
            sink.odd(Oddity::file(file, why))?;
            return Ok(None);
        }
        Err(why) => return Err(why),
    };
    let mut jids = Jids::read(&db, sink)?;
    let mut announcing = HashSet::new();
    if let Some(contacts) = book(tree, entry, keys, sink)? {
        jids.contacts(&contacts, sink)?;
        announcing = chats::announcing(&contacts, sink)?;
    }
    let name = jids.me.clone().or_else(|| options.me.clone()).unwrap_or_default();
    sink.take(Record::Account(AccountRecord {
        source: SourceId::known(super::SOURCE.id),
        key: options.account.clone().unwrap_or_default(),
        // Mine are marked one by one.
        me_names: Vec::new(),
        name,
        known_by: "the database's own settings".to_owned(),
    }))?;
    let place = Place { tree, entry, bytes };
    let folder = entry.path.rfind('/').map_or("", |i| &entry.path[..=i]);
    let mut settings = settings::Settings::read(tree, folder, sink)?;
    settings.pinned(&db, sink)?;
    let mut chats = Chats::tell(&db, &jids, (&announcing, &settings), sink)?;
    if older::is_it(&db) {
        older::tell(&place, &db, &mut jids, &mut chats, sink)?;
    } else {
        messages::tell(&place, &db, &jids, &mut chats, sink)?;
    }
    Ok(Some((jids, chats)))
}

/// Where a database stands.
struct Place<'a> {
    tree: &'a FileTree,
    entry: &'a Entry,
    /// What its rows stand for, for progress.
    bytes: u64,
}

/// What comes of having no names.
const BY_NUMBERS: &str =
    "people are shown by their numbers until it can be read, or a contact file is imported";

/// The address book beside a database, or elsewhere in the export; as it is, or locked.
fn book(
    tree: &FileTree,
    entry: &Entry,
    keys: &Keys,
    sink: &mut dyn Sink,
) -> Result<Option<Database>, ReadError> {
    let folder = entry.parted().0;
    let all = |named: &dyn Fn(&Entry) -> bool| {
        let found: Vec<&Entry> = tree.entries().iter().filter(|e| named(e)).collect();
        found.iter().find(|e| e.parted().0 == folder).or(found.first()).copied()
    };
    let plain = all(&|e| e.parted().1 == "wa.db").filter(|b| is_database(tree, b));
    let (book, opened) = if let Some(book) = plain {
        (book, Database::open(tree, book, sink))
    } else if let Some(book) = all(&|e| crypt::inner(&e.path).as_deref() == Some("wa.db")) {
        match crypt::open(tree, book, keys, sink) {
            Ok((disk, _)) => (book, Database::on(disk, &book.path, sink)),
            Err(Shut::Broken(why)) => (book, Err(why)),
            Err(Shut::Locked(lock)) => {
                sink.odd(locked(&lock))?;
                sink.remark(format!("{}: locked; {BY_NUMBERS}", book.path))?;
                return Ok(None);
            }
        }
    } else {
        let without = format!("{}: no address book (wa.db) beside it", entry.path);
        sink.remark(format!("{without}; {BY_NUMBERS}"))?;
        return Ok(None);
    };
    match opened {
        Ok(contacts) => Ok(Some(contacts)),
        Err(ReadError::Stopped) => Err(ReadError::Stopped),
        Err(ReadError::Format { file, why }) => {
            sink.odd(Oddity::file(file, why))?;
            Ok(None)
        }
        Err(why) => {
            sink.odd(Oddity::file(&book.path, why.to_string()))?;
            Ok(None)
        }
    }
}
