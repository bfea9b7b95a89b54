//! Other programs' SQLite databases, read without a trace and without trust. Frame for the readers,
//! no source.
//!
//! Tables and columns differ from year to year: what is there is looked up first, and a column that
//! is not there reads as nothing. A value of another type than expected is no error. What is
//! damaged ends the rows of a question and is told.

mod watch;

use std::collections::{HashMap, HashSet};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Statement};

use self::watch::Watch;
use crate::model::Oddity;
use crate::sources::{Entry, FileTree, OnDisk, ReadError, Sink, Stop};

/// A file that begins with this is a database.
pub const MAGIC: &[u8] = b"SQLite format 3\0";
/// A value longer than this is not read.
const LONGEST: i32 = 64 << 20;
/// Things that belong to one message; no real one comes near.
const MANY: usize = 10_000;
/// All but what a path in an address may hold as it is.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');

/// A question that was prepared; `None` where the database has no answer to it.
pub type Question<'d> = Option<Statement<'d>>;

/// A database of another program.
pub struct Database {
    // Before the database: it goes first.
    _watch: Option<Watch>,
    db: Connection,
    tables: HashMap<String, HashSet<String>>,
    keys: HashMap<String, String>,
    file: String,
    _disk: OnDisk,
}

/// One row. Values that are of another type than asked for are made into it, or are nothing.
pub struct Row<'a>(&'a rusqlite::Row<'a>);

impl Row<'_> {
    /// A whole number.
    pub fn int(&self, at: usize) -> Option<i64> {
        match self.0.get_ref(at).ok()? {
            ValueRef::Integer(n) => Some(n),
            ValueRef::Real(n) => Some(whole(n)),
            ValueRef::Text(t) => std::str::from_utf8(t).ok()?.trim().parse().ok(),
            ValueRef::Null | ValueRef::Blob(_) => None,
        }
    }

    /// A number.
    pub fn real(&self, at: usize) -> Option<f64> {
        match self.0.get_ref(at).ok()? {
            ValueRef::Real(n) => Some(n),
            #[expect(clippy::cast_precision_loss, reason = "seconds and degrees are small")]
            ValueRef::Integer(n) => Some(n as f64),
            ValueRef::Text(t) => std::str::from_utf8(t).ok()?.trim().parse().ok(),
            ValueRef::Null | ValueRef::Blob(_) => None,
        }
    }

    /// Text that is not empty; bytes that are none are replaced.
    pub fn text(&self, at: usize) -> Option<String> {
        match self.0.get_ref(at).ok()? {
            ValueRef::Text(t) | ValueRef::Blob(t) if !t.is_empty() => {
                Some(String::from_utf8_lossy(t).into_owned())
            }
            ValueRef::Integer(n) => Some(n.to_string()),
            _ => None,
        }
    }

    /// Bytes that are not empty.
    pub fn bytes(&self, at: usize) -> Option<&[u8]> {
        match self.0.get_ref(at).ok()? {
            ValueRef::Blob(b) | ValueRef::Text(b) if !b.is_empty() => Some(b),
            _ => None,
        }
    }

    /// A number that is not 0.
    pub fn flag(&self, at: usize) -> bool {
        self.int(at).is_some_and(|n| n != 0)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "saturates, and absurd is absurd")]
fn whole(n: f64) -> i64 {
    n as i64
}

/// What is wrong, without a word of what stands in the file.
fn fault(why: &rusqlite::Error) -> String {
    use rusqlite::ErrorCode;
    match why.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => "it is no SQLite database, or it is encrypted".to_owned(),
        Some(ErrorCode::DatabaseCorrupt) => {
            "the database is damaged here; what could be read was kept".to_owned()
        }
        Some(ErrorCode::TooBig) => {
            "a value is too large; the rows after it are left out".to_owned()
        }
        _ => "the database cannot be read on; what could be read was kept".to_owned(),
    }
}

/// It was interrupted by the watch.
fn is_stop(why: &rusqlite::Error) -> bool {
    why.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted)
}

impl Database {
    /// Opens a database of the export.
    pub fn open(tree: &FileTree, entry: &Entry, sink: &mut dyn Sink) -> Result<Self, ReadError> {
        let disk = tree.on_disk(entry, &mut || sink.advance(0))?;
        Self::on(disk, &entry.path, sink)
    }

    /// Opens one that lies on disk, under the name that it has in the export.
    pub fn on(disk: OnDisk, file: &str, sink: &dyn Sink) -> Result<Self, ReadError> {
        let broken =
            |why: rusqlite::Error| ReadError::Format { file: file.to_owned(), why: fault(&why) };
        let path = disk.path().to_string_lossy();
        // A copy may be opened for writing: a journal beside it is then read.
        let (way, flags) = if disk.is_copy() {
            ("mode=rw", OpenFlags::SQLITE_OPEN_READ_WRITE)
        } else {
            ("immutable=1", OpenFlags::SQLITE_OPEN_READ_ONLY)
        };
        let address = format!("file:{}?{way}", utf8_percent_encode(&path, PATH));
        let flags = flags | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(address, flags).map_err(broken)?;
        harden(&db).map_err(broken)?;
        let watch = Watch::over(&db, sink.flags());
        let (tables, keys) = tables(&db).map_err(broken)?;
        Ok(Self { _watch: watch, db, tables, keys, file: file.to_owned(), _disk: disk })
    }

    /// Opens one that holds some tables. What is no such database is told, and left out.
    pub fn with(
        tables: &[&str],
        tree: &FileTree,
        entry: &Entry,
        sink: &mut dyn Sink,
    ) -> Result<Option<Self>, ReadError> {
        match Self::open(tree, entry, sink).and_then(|db| db.holding(tables)) {
            Err(ReadError::Format { file, why }) => {
                sink.odd(Oddity::file(file, why))?;
                Ok(None)
            }
            other => other.map(Some),
        }
    }

    /// The same, if it holds some tables.
    pub fn holding(self, tables: &[&str]) -> Result<Self, ReadError> {
        if tables.iter().all(|t| self.has(t)) {
            return Ok(self);
        }
        let why = "it holds no messages that onebox knows".to_owned();
        Err(ReadError::Format { file: self.file, why })
    }

    /// A table is there.
    pub fn has(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }

    /// The first of some columns that a table has, as SQL; `NULL` where it has none of them.
    pub fn column(&self, alias: &str, table: &str, names: &[&str]) -> String {
        let there = self.tables.get(table);
        match names.iter().find(|n| there.is_some_and(|t| t.contains(**n))) {
            Some(name) => format!("{alias}.{name}"),
            None => "NULL".to_owned(),
        }
    }

    /// A table of which each value of a column is met once, as SQL: itself where that is its key.
    pub fn once(&self, table: &str, column: &str) -> String {
        match self.keys.get(table) {
            Some(key) if key == column => table.to_owned(),
            _ => format!("(SELECT * FROM {table} GROUP BY {column})"),
        }
    }

    /// The largest number of a table's rows: about how many there are. 0 where it has none.
    pub fn last_row(&self, table: &str) -> i64 {
        if !self.has(table) {
            return 0;
        }
        let sql = format!("SELECT max(rowid) FROM {table}");
        self.db.query_row(&sql, [], |r| r.get::<_, Option<i64>>(0)).ok().flatten().unwrap_or(0)
    }

    /// Takes every row of a question. Damage is told and ends it; a sorted question that gave
    /// nothing is asked once more without its order.
    pub fn each(
        &self,
        sql: &str,
        sink: &mut dyn Sink,
        take: &mut dyn FnMut(&Row<'_>, &mut dyn Sink) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let mut met = false;
        let Some(why) = self.rows(sql, sink, take, &mut met)? else { return Ok(()) };
        if is_stop(&why) {
            return Err(Stop);
        }
        sink.odd(Oddity::file(&self.file, fault(&why)))?;
        // Sorting reads all before it gives any: damage anywhere would lose everything.
        let Some((plain, _)) = sql.rsplit_once(" ORDER BY ").filter(|_| !met) else {
            return Ok(());
        };
        if self.rows(plain, sink, take, &mut met)?.is_some_and(|why| is_stop(&why)) {
            return Err(Stop);
        }
        if met {
            let why = "messages were read as they lie in the file, up to the damage; what belongs \
                       to them may be missing";
            sink.odd(Oddity::file(&self.file, why))?;
        }
        Ok(())
    }

    fn rows(
        &self,
        sql: &str,
        sink: &mut dyn Sink,
        take: &mut dyn FnMut(&Row<'_>, &mut dyn Sink) -> Result<(), Stop>,
        met: &mut bool,
    ) -> Result<Option<rusqlite::Error>, Stop> {
        let mut statement = match self.db.prepare(sql) {
            Ok(statement) => statement,
            Err(why) => return Ok(Some(why)),
        };
        let mut rows = match statement.query([]) {
            Ok(rows) => rows,
            Err(why) => return Ok(Some(why)),
        };
        loop {
            match rows.next() {
                Ok(Some(row)) => {
                    *met = true;
                    take(&Row(row), sink)?;
                }
                Ok(None) => return Ok(None),
                Err(why) => return Ok(Some(why)),
            }
        }
    }

    /// A question whose rows are walked beside another's; `None` where a table of it is missing.
    pub fn prepare(&self, tables: &[&str], sql: &str) -> Question<'_> {
        if !tables.iter().all(|t| self.has(t)) {
            return None;
        }
        self.db.prepare(sql).ok()
    }
}

/// A schema is somebody else's code: it may do nothing but hold rows.
fn harden(db: &Connection) -> rusqlite::Result<()> {
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    db.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST)?;
    db.execute_batch("PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;")
}

/// Tables with their columns, and the column that is each one's key.
type Tables = (HashMap<String, HashSet<String>>, HashMap<String, String>);

/// Every real table. A view under a table's name is not one.
fn tables(db: &Connection) -> rusqlite::Result<Tables> {
    let (mut all, mut keys) = Tables::default();
    let mut q = db.prepare(
        "SELECT s.name, c.name, c.pk FROM sqlite_schema s JOIN pragma_table_info(s.name) c
         WHERE s.type = 'table' AND s.sql NOT LIKE 'CREATE VIRTUAL%' LIMIT 100000",
    )?;
    let mut rows = q.query([])?;
    while let Some(row) = rows.next()? {
        let row = Row(row);
        if let (Some(table), Some(column)) = (row.text(0), row.text(1)) {
            match row.int(2) {
                Some(1) => {
                    keys.entry(table.clone()).or_insert_with(|| column.clone());
                }
                // A key of several columns: none of them is one by itself.
                Some(n) if n > 1 => {
                    keys.insert(table.clone(), String::new());
                }
                _ => {}
            }
            all.entry(table).or_default().insert(column);
        }
    }
    Ok((all, keys))
}

/// Rows that belong to messages, walked beside them in the same order. The first two columns are
/// the chat and the message; both questions are sorted by them.
pub struct Beside<'s, T> {
    rows: Option<rusqlite::Rows<'s>>,
    read: fn(&Row<'_>) -> T,
    next: Option<((i64, i64), T)>,
}

impl<'s, T> Beside<'s, T> {
    /// Begins to walk.
    pub fn new(statement: Option<&'s mut Statement<'_>>, read: fn(&Row<'_>) -> T) -> Self {
        let rows = statement.and_then(|s| s.query([]).ok());
        let mut beside = Self { rows, read, next: None };
        beside.step();
        beside
    }

    fn step(&mut self) {
        self.next = None;
        if let Some(rows) = &mut self.rows {
            match rows.next() {
                Ok(Some(row)) => {
                    let row = Row(row);
                    let key = (row.int(0).unwrap_or(i64::MIN), row.int(1).unwrap_or(i64::MIN));
                    self.next = Some((key, (self.read)(&row)));
                }
                // Damage in a table beside the messages is met by nobody else: they are kept.
                Ok(None) | Err(_) => self.rows = None,
            }
        }
    }

    /// What belongs to a message. Messages must be asked for in order.
    pub fn of(&mut self, chat: i64, message: i64) -> Vec<T> {
        let mut all = Vec::new();
        while let Some((key, _)) = &self.next {
            if *key > (chat, message) {
                break;
            }
            let here = *key == (chat, message);
            if let Some((_, value)) = self.next.take()
                && here
                && all.len() < MANY
            {
                all.push(value);
            }
            self.step();
        }
        all
    }
}

/// Rows stand for bytes of the file.
pub struct Progress {
    size: u64,
    rows: u64,
    met: u64,
    told: u64,
}

impl Progress {
    /// Of a file and about so many rows.
    pub fn new(size: u64, rows: i64) -> Self {
        Self { size, rows: u64::try_from(rows).unwrap_or(0).max(1), met: 0, told: 0 }
    }

    /// A row was met.
    pub fn step(&mut self, sink: &mut dyn Sink) -> Result<(), Stop> {
        self.met += 1;
        if !self.met.is_multiple_of(1024) {
            return Ok(());
        }
        let share =
            u128::from(self.size) * u128::from(self.met.min(self.rows)) / u128::from(self.rows);
        let now = u64::try_from(share).unwrap_or(self.size);
        sink.advance(now.saturating_sub(std::mem::replace(&mut self.told, now)))
    }

    /// All were met.
    pub fn end(self, sink: &mut dyn Sink) -> Result<(), Stop> {
        sink.advance(self.size.saturating_sub(self.told))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::model::Record;

    struct Flagged(Arc<AtomicBool>);

    impl Sink for Flagged {
        fn take(&mut self, _: Record) -> Result<(), Stop> {
            Ok(())
        }
        fn odd(&mut self, oddity: Oddity) -> Result<(), Stop> {
            panic!("{oddity:?}")
        }
        fn remark(&mut self, _: String) -> Result<(), Stop> {
            Ok(())
        }
        fn advance(&mut self, _: u64) -> Result<(), Stop> {
            Ok(())
        }
        fn flags(&self) -> Vec<Arc<AtomicBool>> {
            vec![Arc::clone(&self.0)]
        }
    }

    fn empty() -> FileTree {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().join("a.db");
        Connection::open(&at).unwrap().execute_batch("CREATE TABLE t(x)").unwrap();
        FileTree::memory([("a.db".to_owned(), std::fs::read(&at).unwrap())])
    }

    /// Sorting this takes hours, and gives no row before.
    const ENDLESS: &str = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c
        LIMIT 9000000000) SELECT max(n) FROM c ORDER BY 1";

    #[test]
    fn a_question_is_stopped_before_its_first_row() {
        let tree = empty();
        let mut sink = Flagged(Arc::default());
        let db = Database::open(&tree, &tree.entries()[0], &mut sink).unwrap();
        let flag = Arc::clone(&sink.0);
        let raise = std::thread::spawn(move || flag.store(true, Ordering::Relaxed));
        assert!(db.each(ENDLESS, &mut sink, &mut |_, _| Ok(())).is_err());
        raise.join().unwrap();
        // And one that is asked after it.
        assert!(db.each(ENDLESS, &mut sink, &mut |_, _| Ok(())).is_err());
        // Beside the messages it is nothing, which is what stands after a stop.
        let mut statement = db.prepare(&["t"], ENDLESS).unwrap();
        let mut beside = Beside::new(Some(&mut statement), |r| r.int(0));
        assert!(beside.of(i64::MAX, i64::MAX).is_empty());
    }

    #[test]
    fn without_a_flag_all_rows_come() {
        let tree = empty();
        let mut sink = Flagged(Arc::default());
        let db = Database::open(&tree, &tree.entries()[0], &mut sink).unwrap();
        let mut rows = 0;
        let sql = "SELECT value FROM (WITH RECURSIVE c(value) AS (SELECT 1 UNION ALL
                   SELECT value + 1 FROM c LIMIT 1000) SELECT value FROM c)";
        let take = &mut |_: &Row<'_>, _: &mut dyn Sink| {
            rows += 1;
            Ok(())
        };
        db.each(sql, &mut sink, take).unwrap();
        assert_eq!(rows, 1000);
    }
}
