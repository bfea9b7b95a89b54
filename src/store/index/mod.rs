//! The search index: derived from the store, rebuilt whenever it is in doubt.
//!
//! It holds words, the strand, the sender, the time and what came with a message. What stitching
//! or the person may change later (threads, persons, read, starred, …) is not in it: those are
//! looked up in the store when a search is made. Documents lie newest first in every segment, so
//! that the newest hits are the first that are met.

mod accented;
mod analyser;
mod beginning;
mod fields;
mod find;
mod follow;
mod look;
mod snapshot;
mod tail;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};
use tantivy::directory::error::LockError;
use tantivy::directory::{Directory, INDEX_WRITER_LOCK, MmapDirectory};
use tantivy::{IndexReader, IndexWriter, ReloadPolicy, TantivyDocument, TantivyError};

pub(super) use analyser::said;
pub use fields::Entry;
pub use find::{Find, Senders, Tag};
pub use follow::Followed;
pub use look::{Found, Look};
pub use snapshot::Snapshot;
pub use tail::{Kept, TAIL, Tail};

use super::StoreError;
use fields::Fields;

/// Raised whenever words are split or documents are made in another way.
const FORMAT: u32 = 5;
/// The least memory that the engine writes with.
const LEAST: usize = 15 << 20;

/// What an index says of itself with every commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Label {
    format: u32,
    /// The store that it was made from.
    store: String,
    /// Every message up to this number is in it.
    upto: i64,
}

/// The index of one store.
pub struct Index {
    index: tantivy::Index,
    fields: Fields,
    reader: IndexReader,
    store: String,
    writer: Mutex<Option<IndexWriter<TantivyDocument>>>,
    /// The newest commit that was looked into.
    seen: Mutex<Option<Arc<Snapshot>>>,
}

impl Index {
    /// Opens the index in a folder, or makes it anew if there is none, or one of another store,
    /// an older format or a damaged one.
    pub fn open(dir: &Path, store: &str) -> Result<Self, StoreError> {
        super::open::make_private_dir(dir).map_err(|e| broken(dir, &e))?;
        // Of two programs that start at once one makes the index and the other finds it.
        let _gate = gate(dir)?;
        match Self::open_known(dir, store) {
            Ok(found) => return Ok(found),
            Err(StoreError::Index(why)) => log::info!("the search index is made anew: {why}"),
            Err(e) => return Err(e),
        }
        emptied(dir)?;
        let directory = MmapDirectory::open(dir).map_err(|e| broken(dir, &e))?;
        let made = Self::over(fields::builder().open_or_create(directory)?, store)?;
        // It says at once whose it is, so that nobody takes it for a stray one.
        let mut writer = made.index.writer_with_num_threads::<TantivyDocument>(1, LEAST)?;
        let mut first = writer.prepare_commit()?;
        first.set_payload(&made.label(0)?);
        first.commit()?;
        drop(writer);
        Ok(made)
    }

    fn open_known(dir: &Path, store: &str) -> Result<Self, StoreError> {
        let directory = MmapDirectory::open(dir).map_err(|e| broken(dir, &e))?;
        let mut index = tantivy::Index::open(directory)?;
        index.set_tokenizers(analyser::manager());
        let label = label_of(&index)?;
        let known = label.is_some_and(|l| l.format == FORMAT && l.store == store);
        if !known || index.schema() != fields::schema() {
            return Err(StoreError::Index("it is of another store or format".into()));
        }
        Self::over(index, store)
    }

    /// An index in memory.
    pub fn in_memory(store: &str) -> Result<Self, StoreError> {
        Self::over(fields::builder().create_in_ram()?, store)
    }

    fn over(index: tantivy::Index, store: &str) -> Result<Self, StoreError> {
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let fields = Fields::of(&index.schema())?;
        Ok(Self {
            index,
            fields,
            reader,
            store: store.to_owned(),
            writer: Mutex::new(None),
            seen: Mutex::new(None),
        })
    }

    /// Removes the index in a folder.
    pub fn remove(dir: &Path) -> Result<(), StoreError> {
        let _gate = gate(dir)?;
        emptied(dir)
    }

    /// Every message up to this number can be found.
    pub fn upto(&self) -> Result<i64, StoreError> {
        Ok(label_of(&self.index)?.map_or(0, |l| l.upto))
    }

    /// Bytes on disk, and how many messages are in it.
    pub fn size(&self) -> Result<(u64, u64), StoreError> {
        let snapshot = self.snapshot()?;
        let searcher = &snapshot.searcher;
        let usage = searcher.space_usage().map_err(TantivyError::from)?;
        Ok((usage.total().get_bytes(), searcher.num_docs()))
    }

    fn label(&self, upto: i64) -> Result<String, StoreError> {
        Ok(serde_json::to_string(&Label { format: FORMAT, store: self.store.clone(), upto })?)
    }
}

fn label_of(index: &tantivy::Index) -> Result<Option<Label>, StoreError> {
    let payload = index.load_metas()?.payload;
    Ok(payload.and_then(|p| serde_json::from_str(&p).ok()))
}

/// Whoever opens, makes or removes the index goes through here, one at a time.
fn gate(dir: &Path) -> Result<std::fs::File, StoreError> {
    let file = dir.join("gate");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let gate = options.open(&file).map_err(|e| broken(&file, &e))?;
    gate.lock().map_err(|e| broken(&file, &e))?;
    Ok(gate)
}

/// Empties the folder, unless somebody is writing to it. Only files that an index consists of go.
fn emptied(dir: &Path) -> Result<(), StoreError> {
    let directory = MmapDirectory::open(dir).map_err(|e| broken(dir, &e))?;
    let _writing = directory.acquire_lock(&INDEX_WRITER_LOCK).map_err(|e| match e {
        LockError::LockBusy => StoreError::IndexBusy,
        e => broken(dir, &e),
    })?;
    let Ok(entries) = std::fs::read_dir(dir) else { return Ok(()) };
    for entry in entries.flatten() {
        let path: PathBuf = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        let ours = name == "meta.json"
            || name == ".managed.json"
            || name.split('.').next().is_some_and(is_segment_name);
        if ours && path.is_file() {
            std::fs::remove_file(&path).map_err(|e| broken(&path, &e))?;
        }
    }
    Ok(())
}

fn is_segment_name(name: &str) -> bool {
    name.len() == 32 && name.bytes().all(|b| b.is_ascii_hexdigit())
}

fn broken(path: &Path, why: &impl std::fmt::Display) -> StoreError {
    StoreError::Index(format!("{}: {why}", path.display()))
}

impl From<TantivyError> for StoreError {
    fn from(e: TantivyError) -> Self {
        match e {
            TantivyError::LockFailure(LockError::LockBusy, _) => Self::IndexBusy,
            e => Self::Index(e.to_string()),
        }
    }
}

/// A handle that a store keeps: opened when first asked for.
#[derive(Default)]
pub struct Slot(Mutex<Option<Arc<Index>>>);

impl Slot {
    /// The index, opened or made by `open` if it is not there yet.
    pub fn get(
        &self,
        open: impl FnOnce() -> Result<Index, StoreError>,
    ) -> Result<Arc<Index>, StoreError> {
        let mut slot = self.0.lock().map_err(|_| StoreError::Index("a search failed".into()))?;
        if let Some(index) = &*slot {
            return Ok(index.clone());
        }
        let index = Arc::new(open()?);
        *slot = Some(index.clone());
        Ok(index)
    }

    /// Forgets it, so that it is opened anew.
    pub fn forget(&self) {
        if let Ok(mut slot) = self.0.lock() {
            *slot = None;
        }
    }
}
