//! `chatsettings.db`, where the app keeps which chats are pinned and muted: `settings(jid, mute_end,
//! pinned, …)`, as the app itself makes the table; in later years `settings(chat_row_id, mute, …)`,
//! and what is pinned stands in `chat_pinned` among the messages. Until when a chat is muted is in
//! milliseconds, -1 is for good.

use std::collections::{HashMap, HashSet};

use super::is_database;
use crate::model::{Mute, Oddity, ThreadRecord};
use crate::sources::database::Database;
use crate::sources::{FileTree, ReadError, Sink, Stop};

/// Chats kept in memory.
const MOST: usize = 1_000_000;

/// Which chats are pinned and muted.
#[derive(Default)]
pub struct Settings {
    /// By address.
    chats: HashMap<String, (bool, Option<Mute>)>,
    /// By the row of the chat.
    muted: HashMap<i64, Mute>,
    pinned: HashSet<i64>,
}

impl Settings {
    /// Reads the file in a folder, if it is there.
    pub fn read(tree: &FileTree, folder: &str, sink: &mut dyn Sink) -> Result<Self, ReadError> {
        let mut all = Self::default();
        let file = tree.find(&format!("{folder}chatsettings.db"));
        let Some(file) = file.filter(|f| is_database(tree, f)) else { return Ok(all) };
        let db = match Database::open(tree, file, sink) {
            Ok(db) if db.has("settings") => db,
            Ok(_) => return Ok(all),
            Err(ReadError::Stopped) => return Err(ReadError::Stopped),
            Err(why) => {
                sink.odd(Oddity::file(&file.path, why.to_string()))?;
                return Ok(all);
            }
        };
        let column = |name: &str| db.column("s", "settings", &[name]);
        let sql = format!(
            "SELECT {}, {}, {}, {} FROM settings s",
            column("jid"),
            column("pinned"),
            db.column("s", "settings", &["mute_end", "mute"]),
            column("chat_row_id"),
        );
        db.each(&sql, sink, &mut |r, _| {
            let muted = match r.int(2) {
                Some(-1) => Some(Mute::Always),
                Some(end) if end > 0 => Some(Mute::Until(crate::model::Timestamp(end))),
                _ => None,
            };
            if all.chats.len() + all.muted.len() >= MOST {
                return Ok(());
            }
            if let Some(jid) = r.text(0) {
                all.chats.insert(jid, (r.flag(1), muted));
            }
            if let (Some(row), Some(muted)) = (r.int(3), muted) {
                all.muted.insert(row, muted);
            }
            Ok(())
        })?;
        Ok(all)
    }

    /// Takes what is pinned from among the messages.
    pub fn pinned(&mut self, db: &Database, sink: &mut dyn Sink) -> Result<(), Stop> {
        if db.column("p", "chat_pinned", &["chat_row_id"]) == "NULL" {
            return Ok(());
        }
        db.each("SELECT chat_row_id FROM chat_pinned", sink, &mut |r, _| {
            self.pinned.extend(r.int(0).filter(|_| self.pinned.len() < MOST));
            Ok(())
        })
    }

    /// Says of a chat, by its row and its address, whether it is pinned and muted.
    pub fn of(&self, row: i64, record: &mut ThreadRecord) {
        if let Some((pinned, muted)) = self.chats.get(&*record.key) {
            (record.pinned, record.muted) = (*pinned, *muted);
        }
        record.muted = self.muted.get(&row).copied().or(record.muted);
        record.pinned |= self.pinned.contains(&row);
    }
}
