//! The iPhone's own database: `ChatStorage.sqlite`, by itself or in an unencrypted backup.
//!
//! Tables and codes as domingogallardo/SwiftWABackupAPI, KnugiHK/WhatsApp-Chat-Exporter and
//! jferrl/amberkeep found them. Times are seconds since 2001, UTC.

mod chats;
mod messages;
mod wire;

use chats::Chats;

use crate::model::{AccountRecord, Record, SourceId};
use crate::sources::database::{Database, MAGIC};
use crate::sources::{Entry, FileTree, ReadError, ReadOptions, Sink};

/// What the database is called in a backup: the SHA-1 of its domain and path.
const IN_BACKUP: &str = "7c7fba66680ef796b916b067077cc246adacf01d";

/// The databases of a tree.
pub fn files(tree: &FileTree) -> impl Iterator<Item = &Entry> {
    tree.entries().iter().filter(|e| {
        let name = e.path.rsplit('/').next().unwrap_or(&e.path);
        let lower = name.to_ascii_lowercase();
        let named =
            (lower.starts_with("chatstorage") && lower.ends_with(".sqlite")) || name == IN_BACKUP;
        named && tree.head(e, MAGIC.len()).is_ok_and(|head| head == MAGIC)
    })
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
    let mut chats = Chats::tell(&db, name, sink)?;
    messages::tell(tree, entry, &db, &mut chats, sink)?;
    Ok(())
}
