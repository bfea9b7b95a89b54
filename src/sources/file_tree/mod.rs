//! What an export looks like to a reader: files by path, whether in a folder, zips, tars or memory.

mod complaint;
mod disk;
mod folder;
mod packed;
mod place;
mod sealed;
mod stamp;
mod tar;
mod used;
mod wide;
mod zip;

use std::collections::HashMap;
use std::fs;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::wrapped::unwrapped;
use crate::model::{MediaPlace, Oddity, Wrapped};

use complaint::Complaints;
pub use disk::{OnDisk, Private, has_room, sweep};
use place::Place;
pub use sealed::Unlocked;
use used::Used;
pub use wide::in_utf8;

/// A file that says it is larger gets its room as its bytes come.
const TRUSTED: u64 = 16 << 20;

/// A file of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path inside the tree, with `/`, without a leading one, never with `..`.
    pub path: String,
    /// Bytes when unpacked, as declared.
    pub size: u64,
    place: Place,
    container: Arc<str>,
}

impl Entry {
    /// Its folder, and its name there.
    pub fn parted(&self) -> (&str, &str) {
        parted(&self.path)
    }
}

/// The folder of a path, and the name in it.
pub fn parted(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
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

impl TreeError {
    /// What is wrong, without the path.
    pub fn why(&self) -> String {
        match self {
            Self::Io { why, .. } => format!("cannot be read: {why}"),
            Self::Container { why, .. } => why.clone(),
            Self::TooLarge { limit, .. } => format!("larger than {limit} bytes"),
        }
    }
}

/// Files by path. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct FileTree {
    name: String,
    entries: Arc<Vec<Entry>>,
    oddities: Vec<Oddity>,
    /// Of a file opened by itself: its folder, in which its media may lie.
    beside: Option<Arc<Path>>,
    used: Used,
}

impl FileTree {
    /// Opens what a person pointed at. A folder gives itself and one tree for each zip and tar in
    /// it; a zip or tar gives its content; any other file gives a tree of that one file.
    pub fn open(path: &Path) -> Result<Vec<Self>, TreeError> {
        let meta = fs::metadata(path).map_err(|why| complaint::io(path, why))?;
        if meta.is_dir() {
            return folder::open(path);
        }
        if !meta.is_file() {
            let why = "it is neither a file nor a folder: give the export itself";
            return Err(TreeError::Container { path: shown(path), why: why.into() });
        }
        if zip::looks_like_one(path)? {
            return Ok(vec![zip::open(path)?]);
        }
        if tar::looks_like_one(path)? {
            return Ok(vec![tar::open(path)?]);
        }
        if packed::looks_like_one(path)? {
            return Err(TreeError::Container { path: shown(path), why: packed::WHY.into() });
        }
        Ok(vec![Self::single(path, meta.len())])
    }

    /// The tree that a [`container`](Self::container) names, to open media long after the import:
    /// a folder, a zip or tar, or a folder inside one.
    pub fn reopen(container: &str) -> Result<Self, TreeError> {
        let whole = Path::new(container);
        for disk in whole.ancestors() {
            let Ok(meta) = fs::metadata(disk) else { continue };
            if meta.is_dir() && disk == whole {
                return folder::alone(disk);
            }
            if meta.is_file() {
                let inside = whole.strip_prefix(disk).map(shown).unwrap_or_default();
                let tree = match tar::looks_like_one(disk)? {
                    true => tar::open(disk)?,
                    false => zip::open(disk)?,
                };
                return Ok(tree.below(&inside));
            }
            break;
        }
        let why = "it is not there any more: put the export back, or import it again";
        Err(TreeError::Container { path: container.to_owned(), why: why.into() })
    }

    /// A media file that [`media`](Self::media) found when the export was read, if it is no larger
    /// than the limit.
    pub fn read_media(container: &str, path: &str, limit: u64) -> Result<Vec<u8>, TreeError> {
        let (path, wrapped) = Wrapped::split(path);
        let path = inside(path);
        // Of a folder only the one file is looked at, however many lie beside it.
        let disk = Path::new(container).join(&path);
        let tree = match fs::symlink_metadata(&disk) {
            Ok(meta) if meta.is_file() => Self::single(&disk, meta.len()),
            _ => Self::reopen(container)?,
        };
        let entry = if tree.beside.is_some() { tree.entries.first() } else { tree.find(&path) };
        let gone = || {
            let why = "it is not there any more: put the export back, or import it again";
            TreeError::Container { path: format!("{container}/{path}"), why: why.into() }
        };
        let entry = entry.ok_or_else(gone)?;
        let mut stream = tree.open_wrapped(entry, wrapped.as_ref())?;
        let Some(wrapped) = wrapped else { return Self::take_all(stream, entry, limit) };
        let failed = |why| TreeError::Io { path: entry.path.clone(), why };
        Self::take_all(unwrapped(&mut stream, &wrapped).map_err(failed)?, entry, limit)
    }

    /// One file of a disk.
    pub fn single(path: &Path, size: u64) -> Self {
        let name = file_name(path);
        let disk = absolute(path);
        let folder = disk.parent().unwrap_or(&disk);
        let entry = Entry {
            path: name.clone(),
            size,
            container: shown(folder).into(),
            place: Place::Disk(disk.as_path().into()),
        };
        let beside = Some(folder.into());
        Self {
            name,
            entries: Arc::new(vec![entry]),
            oddities: Vec::new(),
            beside,
            used: Used::default(),
        }
    }

    /// Sorts, and keeps the first of each path.
    fn build(name: String, mut entries: Vec<Entry>, mut complaints: Complaints) -> Self {
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        entries.dedup_by(|again, first| {
            let same = again.path == first.path;
            if same {
                complaints.add(&again.path, "the path is there twice; the first one was kept");
            }
            same
        });
        let oddities = complaints.into_oddities();
        Self { name, entries: Arc::new(entries), oddities, beside: None, used: Used::default() }
    }

    /// A tree in memory, for the demo and tests.
    pub fn memory(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        let container: Arc<str> = "memory".into();
        let entries = files
            .into_iter()
            .map(|(path, bytes)| Entry {
                path,
                size: bytes.len() as u64,
                place: Place::Memory(bytes.into()),
                container: Arc::clone(&container),
            })
            .collect();
        Self::build(String::new(), entries, Complaints::default())
    }

    /// One tree over several (parts of one export in several zips). Of two files with one path
    /// the first is kept unless it is empty; equal paths with other content stay as an oddity.
    pub fn union(trees: Vec<Self>) -> Self {
        let name = trees.first().map(|t| t.name.clone()).unwrap_or_default();
        let mut complaints = Complaints::default();
        let mut all: Vec<Entry> = Vec::with_capacity(trees.iter().map(|t| t.entries.len()).sum());
        let mut oddities = Vec::new();
        for tree in trees {
            oddities.extend(tree.oddities);
            all.extend(Arc::try_unwrap(tree.entries).unwrap_or_else(|shared| (*shared).clone()));
        }
        // Stable: of equal paths the one from the earlier tree stays in front.
        all.sort_by(|a, b| a.path.cmp(&b.path));
        all.dedup_by(|again, first| {
            if again.path != first.path {
                return false;
            }
            if first.size == 0 && again.size > 0 {
                std::mem::swap(again, first);
            } else if again.size > 0 && differ(first, again) {
                let why = format!("another file of this path lies in {}", again.container);
                complaints.add(&again.path, &why);
            }
            true
        });
        oddities.extend(complaints.into_oddities());
        Self { name, entries: Arc::new(all), oddities, beside: None, used: Used::default() }
    }

    /// The tree below a folder, with that folder as its root.
    pub fn below(&self, root: &str) -> Self {
        let root = root.trim_matches('/');
        if root.is_empty() {
            return self.clone();
        }
        let prefix = format!("{root}/");
        let mut containers: HashMap<Arc<str>, Arc<str>> = HashMap::new();
        let entries = self
            .under(&prefix)
            .iter()
            .map(|e| {
                let container =
                    containers.entry(Arc::clone(&e.container)).or_insert_with(|| match e.place {
                        Place::Memory(_) => Arc::clone(&e.container),
                        Place::Disk(_) | Place::Zip(_) | Place::Tar(_) => {
                            format!("{}/{root}", e.container).into()
                        }
                    });
                let container = Arc::clone(container);
                let path = e.path[prefix.len()..].to_owned();
                Entry { path, size: e.size, place: e.place.clone(), container }
            })
            .collect();
        Self {
            name: root.rsplit('/').next().unwrap_or(root).to_owned(),
            entries: Arc::new(entries),
            oddities: self.oddities.clone(),
            beside: None,
            used: Used::default(),
        }
    }

    /// The same tree without some of its folders.
    #[must_use]
    pub fn without(mut self, folders: &[&str]) -> Self {
        let inside = |path: &str, folder: &str| {
            path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
        };
        if !folders.is_empty() {
            let mut entries = Arc::try_unwrap(self.entries).unwrap_or_else(|all| (*all).clone());
            entries.retain(|e| !folders.iter().any(|folder| inside(&e.path, folder)));
            self.entries = Arc::new(entries);
            self.used = Used::default();
        }
        self
    }

    /// The same tree, of which nothing has been used yet.
    pub fn unused(&self) -> Self {
        Self { used: Used::default(), ..self.clone() }
    }

    /// How many files were opened to be read or named as [`media`](Self::media), and their
    /// declared bytes together: the export itself, whatever else lies beside it.
    pub fn used(&self) -> (u64, u64) {
        self.used.sum(|at| self.entries.get(at).map_or(0, |e| e.size))
    }

    fn use_of(&self, path: &str) {
        if let Ok(at) = self.place_of(path) {
            self.used.add(at);
        }
    }

    fn place_of(&self, path: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|e| e.path.as_str().cmp(path))
    }

    /// The file name of the zip or folder; empty in memory.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same tree under another name.
    pub fn with_name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// The declared bytes of all files together.
    pub fn total_bytes(&self) -> u64 {
        self.entries.iter().fold(0, |sum, e| sum.saturating_add(e.size))
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
        self.entries.get(self.place_of(path).ok()?)
    }

    /// Where a media file is: present in a container, or missing. The media of a file that was
    /// opened by itself may lie beside it.
    pub fn media(&self, path: &str) -> MediaPlace {
        let path = inside(path);
        let found = self.find(&path).or_else(|| self.find(&inside(&percent_decoded(&path)?)));
        match found {
            Some(e) => {
                self.use_of(&e.path);
                let container = Some(Arc::clone(&e.container));
                MediaPlace::Export { path: e.path.clone(), container }
            }
            None => {
                let container = self.beside.as_deref().filter(|folder| {
                    fs::symlink_metadata(folder.join(&path)).is_ok_and(|meta| meta.is_file())
                });
                let container = container.map(|folder| shown(folder).into());
                MediaPlace::Export { path, container }
            }
        }
    }

    /// A path from data, made one that cannot leave its container.
    pub fn inside(path: &str) -> String {
        inside(path)
    }

    /// The zip or folder on disk that holds a file; for people and for opening it later
    /// ([`reopen`](Self::reopen)). Of a tree below a folder, that folder is part of it.
    pub fn container(&self, entry: &Entry) -> Arc<str> {
        Arc::clone(&entry.container)
    }

    /// A file's path with its [`container`](Self::container): where it is, by whatever tree.
    pub fn whole(&self, entry: &Entry) -> String {
        format!("{}/{}", entry.container, entry.path)
    }

    /// The same tree with more that is to be told of it.
    pub fn with_oddities(mut self, more: Vec<Oddity>) -> Self {
        self.oddities.extend(more);
        self
    }

    /// The same tree with these oddities instead of its own: where another tree tells them.
    #[must_use]
    pub fn only_oddities(mut self, oddities: Vec<Oddity>) -> Self {
        self.oddities = oddities;
        self
    }

    /// What was left out while opening: entries that climb out, links, locked or damaged ones.
    pub fn oddities(&self) -> &[Oddity] {
        &self.oddities
    }

    /// The first bytes of a file, for recognition. Of a text in UTF-16 they are UTF-8, as of
    /// everything that is read here.
    pub fn head(&self, entry: &Entry, bytes: usize) -> Result<Vec<u8>, TreeError> {
        let mut out = Vec::new();
        let mut reader = narrow(entry, entry.place.open(entry)?).take(bytes as u64);
        reader
            .read_to_end(&mut out)
            .map_err(|why| TreeError::Io { path: entry.path.clone(), why })?;
        Ok(out)
    }

    /// A whole file, if it is no larger than the limit (whatever size it declares).
    pub fn read(&self, entry: &Entry, limit: u64) -> Result<Vec<u8>, TreeError> {
        Self::take_all(self.open_entry(entry)?, entry, limit)
    }

    fn take_all(stream: impl Read, entry: &Entry, limit: u64) -> Result<Vec<u8>, TreeError> {
        // Room for what is declared, but not on the word of a liar.
        let room = entry.size.min(limit).min(TRUSTED) + 1;
        let mut out = Vec::with_capacity(usize::try_from(room).unwrap_or(0));
        let mut reader = stream.take(limit.saturating_add(1));
        reader
            .read_to_end(&mut out)
            .map_err(|why| TreeError::Io { path: entry.path.clone(), why })?;
        if out.len() as u64 > limit {
            return Err(TreeError::TooLarge { path: entry.path.clone(), limit });
        }
        Ok(out)
    }

    /// A file as a stream. It ends with an error where the container is damaged or gives more
    /// than it declared.
    pub fn open_entry<'a>(&'a self, entry: &'a Entry) -> Result<Box<dyn Read + 'a>, TreeError> {
        Ok(narrow(entry, self.open_raw(entry)?))
    }

    /// A file as it is where it is wrapped in nothing or locked; where others lie inside it, as it was
    /// read when they were found, from the byte on where the one that is meant begins.
    pub fn open_wrapped<'a>(
        &'a self,
        entry: &'a Entry,
        wrapped: Option<&Wrapped>,
    ) -> Result<Box<dyn Read + 'a>, TreeError> {
        let Some(Wrapped::Within(within)) = wrapped else { return self.open_raw(entry) };
        if let Place::Disk(path) = &entry.place {
            let failed = |why| TreeError::Io { path: entry.path.clone(), why };
            let mut file = fs::File::open(path).map_err(failed)?;
            if !wide::may_be(&entry.path) || wide::is_narrow(&file) {
                self.use_of(&entry.path);
                file.seek(io::SeekFrom::Start(within.at)).map_err(failed)?;
                return Ok(Box::new(io::BufReader::new(file)));
            }
        }
        let mut stream = self.open_entry(entry)?;
        let failed = |why| TreeError::Io { path: entry.path.clone(), why };
        io::copy(&mut stream.by_ref().take(within.at), &mut io::sink()).map_err(failed)?;
        Ok(stream)
    }

    /// The same, byte for byte as it is: what somebody sent.
    pub fn open_raw<'a>(&'a self, entry: &'a Entry) -> Result<Box<dyn Read + 'a>, TreeError> {
        self.use_of(&entry.path);
        entry.place.open(entry)
    }
}

/// What readers take for text, in UTF-8.
fn narrow<'a>(entry: &Entry, stream: Box<dyn Read + 'a>) -> Box<dyn Read + 'a> {
    if wide::may_be(&entry.path) { Box::new(wide::Narrow::new(stream)) } else { stream }
}

/// Whether two files surely hold something else, without reading them.
pub(crate) fn differ(a: &Entry, b: &Entry) -> bool {
    a.size != b.size
        || match (&a.place, &b.place) {
            (Place::Zip(a), Place::Zip(b)) => a.crc != b.crc,
            (Place::Memory(a), Place::Memory(b)) => a != b,
            _ => false,
        }
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn file_name(path: &Path) -> String {
    let named = |p: &Path| p.file_name().map(|n| n.to_string_lossy().into_owned());
    // `.` and `..` have no name of their own.
    named(path).or_else(|| path.canonicalize().ok().as_deref().and_then(named)).unwrap_or_default()
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// A path from inside a file, made one that cannot leave the tree, on no system.
fn inside(path: &str) -> String {
    let drive = |path: &str| path.as_bytes().get(1) == Some(&b':');
    let plain = !path.contains("..") && !path.contains("./") && !path.contains("//");
    if plain && !path.starts_with(['/', '\\']) && !drive(path) {
        return path.to_owned();
    }
    // A backslash may be a letter of a name, or part folders: it does where a path climbs by it.
    let by_both = ['/', '\\'];
    let climbs = path.starts_with('\\') || path.split(by_both).any(|part| part == "..");
    let parted_by = if climbs { &by_both[..] } else { &by_both[..1] };
    let parts = path.split(parted_by).filter(|p| !matches!(*p, "" | "." | ".."));
    let joined = parts.collect::<Vec<_>>().join("/");
    let mut rest = joined.as_str();
    while drive(rest) {
        rest = rest[2..].trim_start_matches(by_both);
    }
    rest.to_owned()
}

fn percent_decoded(path: &str) -> Option<String> {
    if !path.contains('%') {
        return None;
    }
    let bytes = path.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while let Some(&b) = bytes.get(i) {
        let hex = |at: usize| bytes.get(at).and_then(|c| char::from(*c).to_digit(16));
        if let (b'%', Some(high), Some(low)) = (b, hex(i + 1), hex(i + 2)) {
            out.push(u8::try_from(high * 16 + low).unwrap_or(b'%'));
            i += 3;
        } else {
            out.push(b);
            i += 1;
        }
    }
    String::from_utf8(out).ok()
}

/// Files that systems leave behind and no export has.
fn is_litter(name: &str) -> bool {
    name.starts_with('.') || matches!(name, "__MACOSX" | "Thumbs.db" | "desktop.ini")
}

/// Whether such a file lies on a path in an archive. A mail server names folders of a maildir
/// `.Sent`, with the mails in `cur` and `new` of them: those are no litter.
fn is_littered(path: &str) -> bool {
    let mut parts = path.split('/').peekable();
    while let Some(part) = parts.next() {
        let mails = parts.peek().is_some_and(|next| is_mailbox(next));
        if is_litter(part) && !(mails && part.len() > 1 && part.starts_with('.')) {
            return true;
        }
    }
    false
}

/// Where the mails of a maildir's folder lie.
fn is_mailbox(name: &str) -> bool {
    matches!(name, "cur" | "new")
}

#[cfg(test)]
mod tests;
