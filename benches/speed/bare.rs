//! Where the bare readings put their rows: a plain table, or nowhere, to see what reading costs.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Result;
use rusqlite::{Connection, params};
use serde::Serialize;

/// Rows of one transaction.
const TOGETHER: u64 = 10_000;

const INSERT: &str =
    "INSERT INTO message(thread_id, sent_at, sender, text, more) VALUES(?1,?2,?3,?4,?5)";

/// A database with the least that messages need: no ids of the apps', no fingerprints.
fn table(database: &Path) -> Result<Connection> {
    let db = Connection::open(database)?;
    db.pragma_update(None, "page_size", 8192)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "NORMAL")?;
    db.pragma_update(None, "cache_size", -65_536)?;
    db.execute_batch(
        "CREATE TABLE message(id INTEGER PRIMARY KEY, thread_id INTEGER NOT NULL,
           sent_at INTEGER NOT NULL, sender INTEGER NOT NULL, text TEXT NOT NULL, more TEXT);
         CREATE INDEX message_page ON message(thread_id, sent_at, id);",
    )?;
    Ok(db)
}

/// What does not fit a column.
#[derive(Default, Serialize)]
pub struct More {
    /// Paths or names of what came with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<String>,
    /// Emoji and who.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<(String, String)>,
    /// It is a call of so many seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<i64>,
    /// The message that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
}

impl More {
    fn is_empty(&self) -> bool {
        self.media.is_empty()
            && self.reactions.is_empty()
            && self.call.is_none()
            && self.reply.is_none()
    }
}

/// The number of a name, the next one for one that is new.
fn numbered(all: &mut HashMap<String, i64>, name: &str) -> i64 {
    if let Some(number) = all.get(name) {
        return *number;
    }
    let next = all.len() as i64;
    all.insert(name.to_owned(), next);
    next
}

/// The rows of a bare reading.
pub struct Bare {
    db: Option<Connection>,
    senders: HashMap<String, i64>,
    threads: HashMap<String, i64>,
    thread: i64,
    rows: u64,
}

impl Bare {
    /// Into a new database, or nowhere.
    pub fn new(database: Option<&Path>) -> Result<Self> {
        let db = database.map(table).transpose()?;
        if let Some(db) = &db {
            db.execute_batch("BEGIN")?;
        }
        Ok(Self { db, senders: HashMap::new(), threads: HashMap::new(), thread: 0, rows: 0 })
    }

    /// What comes now is of the next thread.
    pub fn thread(&mut self) {
        self.thread += 1;
    }

    /// What comes now is of this thread.
    pub fn of_thread(&mut self, thread: i64) {
        self.thread = thread;
    }

    /// What comes now is of the thread that goes by this name.
    pub fn thread_called(&mut self, name: &str) {
        self.thread = numbered(&mut self.threads, name);
    }

    /// One message, its time in milliseconds.
    pub fn row(&mut self, at: i64, sender: &str, text: &str, more: &More) -> Result<()> {
        self.rows += 1;
        let Some(db) = &self.db else { return Ok(()) };
        let sender = numbered(&mut self.senders, sender);
        let more = if more.is_empty() { None } else { Some(serde_json::to_string(more)?) };
        db.prepare_cached(INSERT)?.execute(params![self.thread, at, sender, text, more])?;
        if self.rows.is_multiple_of(TOGETHER) {
            db.execute_batch("COMMIT; BEGIN")?;
        }
        Ok(())
    }

    /// The number of rows.
    pub fn end(self) -> Result<u64> {
        if let Some(db) = &self.db {
            db.execute_batch("COMMIT")?;
        }
        Ok(self.rows)
    }
}
