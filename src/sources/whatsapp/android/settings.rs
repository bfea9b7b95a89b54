//! `chatsettings.db`, where the app keeps which chats are pinned and muted: `settings(jid, mute_end,
//! pinned, …)`, as the app itself makes the table. `mute_end` is in milliseconds, -1 is for good.

use std::collections::HashMap;

use super::is_database;
use crate::model::{Mute, Oddity, ThreadRecord};
use crate::sources::database::Database;
use crate::sources::{FileTree, ReadError, Sink};

/// Chats kept in memory.
const MOST: usize = 1_000_000;

/// Which chats are pinned and muted, by address.
#[derive(Default)]
pub struct Settings(HashMap<String, (bool, Option<Mute>)>);

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
            "SELECT {}, {}, {} FROM settings s",
            column("jid"),
            column("pinned"),
            column("mute_end")
        );
        db.each(&sql, sink, &mut |r, _| {
            let muted = match r.int(2) {
                Some(-1) => Some(Mute::Always),
                Some(end) if end > 0 => Some(Mute::Until(crate::model::Timestamp(end))),
                _ => None,
            };
            if let Some(jid) = r.text(0)
                && all.0.len() < MOST
            {
                all.0.insert(jid, (r.flag(1), muted));
            }
            Ok(())
        })?;
        Ok(all)
    }

    /// Says of a chat whether it is pinned and muted.
    pub fn of(&self, record: &mut ThreadRecord) {
        if let Some((pinned, muted)) = self.0.get(&*record.key) {
            (record.pinned, record.muted) = (*pinned, *muted);
        }
    }
}
