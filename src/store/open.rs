//! Opening a store: on disk or in memory, for writing or only for reading.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use super::index::{Index, Slot};
use super::turn::{self, Turn};
use super::{StoreError, schema};

/// The store in its folder.
const FILE: &str = "onebox.db";
/// How long a writer waits for another process.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where a store is. Hands out connections; holds one itself so that a memory store lives on.
pub struct Store {
    place: Place,
    writable: bool,
    _keeper: Mutex<Connection>,
    index: Slot,
}

enum Place {
    File(PathBuf),
    /// Read without locks, since the folder cannot be written to.
    Frozen(PathBuf),
    Memory(String),
}

/// A connection that writes. Made for little: while it is there, an import beside it steps back.
pub struct Writer {
    pub(super) db: Connection,
    pub(super) turn: Option<Turn>,
    /// The store's folder, if it is on disk.
    pub(super) dir: Option<PathBuf>,
}

/// A connection that only reads.
pub struct Reader {
    pub(super) db: Connection,
}

impl Store {
    /// Whether a store is in this folder.
    pub fn is_at(dir: &Path) -> bool {
        dir.join(FILE).exists()
    }

    /// Opens or makes the store in a folder (0700, the file 0600). Where the folder or disk cannot
    /// be written to, an existing store is opened for reading only.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let file = dir.join(FILE);
        let begun = Instant::now();
        let opened = loop {
            match Self::open_for_writing(dir, &file) {
                // While one program makes the store, SQLite turns others away at once, without
                // the patience it has later.
                Err(StoreError::Busy) if begun.elapsed() < PATIENCE => {
                    std::thread::park_timeout(Duration::from_millis(10));
                }
                other => break other,
            }
        };
        match opened {
            Ok(store) => Ok(store),
            Err(StoreError::ReadOnly | StoreError::Open { .. }) if file.is_file() => {
                Self::open_frozen(&file)
            }
            Err(e) => Err(e),
        }
    }

    fn open_for_writing(dir: &Path, file: &Path) -> Result<Self, StoreError> {
        let failed = |path: &Path, why: std::io::Error| StoreError::Open {
            path: path.to_owned(),
            why: why.to_string(),
        };
        make_private_dir(dir).map_err(|e| failed(dir, e))?;
        make_private_file(file).map_err(|e| failed(file, e))?;
        let mut db = Connection::open_with_flags(file, write_flags())?;
        db.busy_timeout(PATIENCE)?;
        check_format(&db, file)?;
        db.pragma_update(None, "page_size", 8192)?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "NORMAL")?;
        schema::migrate(&mut db)?;
        Ok(Self {
            place: Place::File(file.to_owned()),
            writable: true,
            _keeper: Mutex::new(db),
            index: Slot::default(),
        })
    }

    fn open_frozen(file: &Path) -> Result<Self, StoreError> {
        let place = Place::Frozen(file.to_owned());
        let db = connect(&place, false)?;
        check_format(&db, file)?;
        if !schema::is_current(&db)? {
            return Err(StoreError::Older { path: file.to_owned() });
        }
        Ok(Self { place, writable: false, _keeper: Mutex::new(db), index: Slot::default() })
    }

    /// A store that lives as long as this value, in memory only. The same code as on disk.
    pub fn in_memory() -> Result<Self, StoreError> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let place = Place::Memory(format!("/onebox-{}-{n}", std::process::id()));
        let mut db = connect(&place, true)?;
        schema::migrate(&mut db)?;
        Ok(Self { place, writable: true, _keeper: Mutex::new(db), index: Slot::default() })
    }

    /// Whether it can be written to.
    pub fn is_writable(&self) -> bool {
        self.writable
    }

    /// The database file, if it is on disk.
    pub fn file(&self) -> Option<&Path> {
        match &self.place {
            Place::File(f) | Place::Frozen(f) => Some(f),
            Place::Memory(_) => None,
        }
    }

    /// A connection for writing.
    pub fn writer(&self) -> Result<Writer, StoreError> {
        self.writer_that(turn::ask_again)
    }

    /// The same for whoever has other things to do than to wait: another process is asked for its
    /// turn, but waited for only a moment.
    pub fn brief_writer(&self) -> Result<Writer, StoreError> {
        self.writer_that(turn::ask_briefly)
    }

    fn writer_that(&self, asks: fn(i32) -> bool) -> Result<Writer, StoreError> {
        if !self.writable {
            return Err(StoreError::ReadOnly);
        }
        let db = connect(&self.place, true)?;
        db.pragma_update(None, "synchronous", "NORMAL")?;
        db.pragma_update(None, "cache_size", -65_536)?;
        db.pragma_update(None, "temp_store", "MEMORY")?;
        // 32 MiB of log: pages that many transactions touch are copied home once.
        db.pragma_update(None, "wal_autocheckpoint", 4096)?;
        db.busy_handler(Some(asks))?;
        let dir = self.file().and_then(Path::parent).map(Path::to_owned);
        let turn = dir.as_deref().and_then(Turn::of);
        turn.iter().for_each(Turn::wish);
        Ok(Writer { db, turn, dir })
    }

    /// The search index, opened or made. It may lag behind: [`Index::follow`] brings it up.
    pub fn index(&self) -> Result<std::sync::Arc<Index>, StoreError> {
        self.index.get(|| {
            let reader = self.reader()?;
            let id = reader.store_id()?;
            // Where nothing can be written, it is made in memory.
            let file = self.file().filter(|_| self.writable);
            let Some(file) = file else { return Index::in_memory(&id) };
            let dir = file.with_file_name("search");
            let index = Index::open(&dir, &id)?;
            // A store that was put back from a copy has fewer messages than its index.
            if index.upto()? <= reader.last_message_number()? {
                return Ok(index);
            }
            drop(index);
            Index::remove(&dir)?;
            Index::open(&dir, &id)
        })
    }

    /// Throws the search index away, so that it is made anew.
    pub fn drop_index(&self) -> Result<(), StoreError> {
        self.index.forget();
        match self.file() {
            Some(file) => Index::remove(&file.with_file_name("search")),
            None => Ok(()),
        }
    }

    /// A connection for reading.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        let db = connect(&self.place, false)?;
        db.pragma_update(None, "query_only", true)?;
        // What is sorted stays off the disk, which may be full and is not private.
        db.pragma_update(None, "temp_store", "MEMORY")?;
        Ok(Reader { db })
    }
}

impl Reader {
    /// Changes whenever anybody, in this process or another, has committed something.
    pub fn version(&self) -> Result<i64, StoreError> {
        Ok(self.db.query_row("PRAGMA data_version", [], |r| r.get(0))?)
    }

    /// SQLite's own check of the file; empty if it is sound.
    pub fn check(&self) -> Result<Vec<String>, StoreError> {
        let mut q = self.db.prepare("PRAGMA quick_check(20)")?;
        let lines: Vec<String> = q.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?;
        Ok(lines.into_iter().filter(|l| l != "ok").collect())
    }
}

fn write_flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI
}

fn connect(place: &Place, write: bool) -> Result<Connection, StoreError> {
    let read_flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let flags = if write { write_flags() } else { read_flags };
    let db = match place {
        Place::File(file) => Connection::open_with_flags(file, flags)?,
        Place::Frozen(file) => {
            // A path may hold anything; in a URI only these three mean something.
            let path =
                file.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
            Connection::open_with_flags(format!("file:{path}?immutable=1"), read_flags)?
        }
        Place::Memory(name) => {
            // memdb shares one database among this process's connections.
            Connection::open_with_flags(format!("file:{name}?vfs=memdb"), write_flags())?
        }
    };
    db.busy_timeout(PATIENCE)?;
    db.set_prepared_statement_cache_capacity(256);
    Ok(db)
}

fn check_format(db: &Connection, file: &Path) -> Result<(), StoreError> {
    let not_ours = |e: rusqlite::Error| match e.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => StoreError::NotAStore { path: file.to_owned() },
        _ => e.into(),
    };
    let found: i64 = db.query_row("PRAGMA user_version", [], |r| r.get(0)).map_err(not_ours)?;
    let app: i64 = db.query_row("PRAGMA application_id", [], |r| r.get(0))?;
    let tables: i64 =
        db.query_row("SELECT count(*) FROM sqlite_master", [], |r| r.get(0)).map_err(not_ours)?;
    if found > schema::VERSION && app == schema::APPLICATION_ID {
        return Err(StoreError::Newer { path: file.to_owned(), found, known: schema::VERSION });
    }
    if tables > 0 && app != schema::APPLICATION_ID {
        return Err(StoreError::NotAStore { path: file.to_owned() });
    }
    Ok(())
}

pub(super) fn make_private_dir(dir: &Path) -> std::io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Makes the file before SQLite does, so that nobody else can ever read it; SQLite gives its
/// side files the same mode.
fn make_private_file(file: &Path) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Ok(_) => Ok(()),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => {
            // Also finds out whether it can be written to.
            fs::OpenOptions::new().read(true).write(true).open(file).map(drop)
        }
        Err(e) => Err(e),
    }
}
