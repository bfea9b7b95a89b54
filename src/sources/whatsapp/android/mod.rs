//! Android's own database: `msgstore.db`, with the address book `wa.db` beside it.
//!
//! Columns and codes as several public readers of real phones found them (KnugiHK/
//! WhatsApp-Chat-Exporter, frozenspider/chat-history-manager, jferrl/amberkeep, WAInsight); what
//! differs from year to year is looked up. Times are milliseconds, UTC.

mod chats;
mod events;
mod messages;
mod people;
mod settings;

use chats::Chats;
use people::Jids;

use crate::model::{AccountRecord, Oddity, Record, SourceId};
use crate::sources::database::{Database, MAGIC};
use crate::sources::{Entry, FileTree, ReadError, ReadOptions, Sink};

/// The databases of a tree: every one that is the app's by its name and its first bytes.
pub fn files(tree: &FileTree) -> impl Iterator<Item = &Entry> {
    tree.entries().iter().filter(|e| {
        let name = e.path.rsplit('/').next().unwrap_or(&e.path).to_ascii_lowercase();
        name.starts_with("msgstore") && name.ends_with(".db") && is_database(tree, e)
    })
}

/// A file that begins as a database does.
fn is_database(tree: &FileTree, entry: &Entry) -> bool {
    tree.head(entry, MAGIC.len()).is_ok_and(|head| head == MAGIC)
}

/// Reads a database into the sink.
pub fn read(
    tree: &FileTree,
    entry: &Entry,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    let Some(db) = Database::with(&["jid"], tree, entry, sink)? else { return Ok(()) };
    if !db.has("message") || !db.has("chat") {
        let why = "it has the layout of before 2021, which is not read yet: update WhatsApp on the \
                   phone and take the database again";
        return Ok(sink.odd(Oddity::file(&entry.path, why))?);
    }
    let mut jids = Jids::read(&db, sink)?;
    let folder = entry.path.rfind('/').map_or("", |i| &entry.path[..=i]);
    let book = tree.find(&format!("{folder}wa.db")).or_else(|| {
        tree.entries().iter().find(|e| e.path == "wa.db" || e.path.ends_with("/wa.db"))
    });
    let mut announcing = std::collections::HashSet::new();
    if let Some(book) = book.filter(|b| is_database(tree, b)) {
        match Database::open(tree, book, sink) {
            Ok(contacts) => {
                jids.contacts(&contacts, sink)?;
                announcing = chats::announcing(&contacts, sink)?;
            }
            Err(ReadError::Stopped) => return Err(ReadError::Stopped),
            Err(why) => sink.odd(Oddity::file(&book.path, why.to_string()))?,
        }
    } else {
        sink.remark(format!(
            "{}: no address book (wa.db) beside it; people are shown by their numbers until a \
             contact file is imported",
            entry.path
        ))?;
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
    let settings = settings::Settings::read(tree, folder, sink)?;
    let chats = Chats::tell(&db, &jids, (&announcing, &settings), sink)?;
    messages::tell(tree, entry, &db, &jids, chats, sink)?;
    Ok(())
}
