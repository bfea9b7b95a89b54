//! The iPhone's own database: `ChatStorage.sqlite`, by itself or in an unencrypted backup, whose
//! manifest then finds its media.
//!
//! Tables and codes as domingogallardo/SwiftWABackupAPI, KnugiHK/WhatsApp-Chat-Exporter and
//! jferrl/amberkeep found them. Times are seconds since 2001, UTC. None of them knows a column that
//! says which chats are pinned.

mod book;
mod calls;
mod chats;
mod events;
mod media;
mod messages;
mod polls;

use book::Book;
use calls::Calls;
use chats::Chats;

use crate::model::{AccountRecord, Record, SourceId};
use crate::sources::database::{Database, MAGIC};
use crate::sources::ios_backup::{self, Domain, IosBackup};
use crate::sources::{Entry, FileTree, ReadError, ReadOptions, Sink};

/// What the database is called in a backup, of the app and of WhatsApp Business: the SHA-1 of its
/// domain and path.
const IN_BACKUP: [&str; 2] =
    ["7c7fba66680ef796b916b067077cc246adacf01d", "724bd3b98b18518b455a87c1f3ac3a0d189c4466"];

/// The databases of a tree.
pub fn files(tree: &FileTree) -> impl Iterator<Item = &Entry> {
    tree.entries().iter().filter(|e| {
        let name = e.path.rsplit('/').next().unwrap_or(&e.path);
        let lower = name.to_ascii_lowercase();
        let named = (lower.starts_with("chatstorage") && lower.ends_with(".sqlite"))
            || IN_BACKUP.contains(&name);
        named && tree.head(e, MAGIC.len()).is_ok_and(|head| head == MAGIC)
    })
}

/// An encrypted backup of an iPhone that holds the app's database.
pub fn locked(tree: &FileTree) -> Option<ReadError> {
    ios_backup::locked(tree, &IN_BACKUP)
}

/// Where a database stands, and its files.
struct Place<'a> {
    tree: &'a FileTree,
    entry: &'a Entry,
    /// The backup around it.
    backup: Option<IosBackup>,
}

/// Reads a database into the sink.
pub fn read(
    tree: &FileTree,
    entry: &Entry,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    let Some(db) = Database::with(&["ZWAMESSAGE", "ZWACHATSESSION"], tree, entry, sink)? else {
        return Ok(());
    };
    let name = options.me.clone().unwrap_or_else(|| "Me".to_owned());
    sink.take(Record::Account(AccountRecord {
        source: SourceId::known(super::SOURCE.id),
        key: options.account.clone().unwrap_or_default(),
        me_names: options.me.iter().cloned().collect(),
        known_by: "the database marks what is yours".to_owned(),
        // A name that a text export told is not to be lost to a stand-in.
        name: options.me.clone().unwrap_or_default(),
    }))?;
    let backup = IosBackup::of(tree, entry, Domain::Own, "", sink)?;
    let place = Place { tree, entry, backup };
    let book = Book::read(&place, sink)?;
    let mut chats = Chats::tell(&db, name, book, sink)?;
    let calls = Calls::read(&place, sink)?;
    messages::tell(&place, &db, &calls, &mut chats, sink)?;
    Ok(())
}
