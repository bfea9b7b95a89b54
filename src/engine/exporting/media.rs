//! Where the pictures, sound and files of a document go.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ExportMedia;
use super::files::{self, PartFolder, failed};
use crate::engine::{EngineError, demo};
use crate::model::{AttachmentKind, FileLock};
use crate::pages::{self, Media};
use crate::sources::{FileTree, TreeError, Unlocked};
use crate::store::StoredAttachment;

/// A larger file stays where it is.
const LARGEST: u64 = 1 << 30;
/// Zips kept open, so that a thread's pictures do not each read its list of files anew.
const OPEN: usize = 4;

const ABSENT: &str = "not in the export";
const MOVED: &str = "not where the export was when it was imported";

/// Opens what exports hold. Shared by all documents of one export.
pub struct Shelf {
    mode: ExportMedia,
    open: Vec<(Arc<str>, Option<FileTree>)>,
    demo: Option<Vec<FileTree>>,
}

impl Shelf {
    /// For an export.
    pub fn new(mode: ExportMedia, of_demo: bool) -> Self {
        Self { mode, open: Vec::new(), demo: of_demo.then(demo::demo_trees) }
    }

    /// A container's tree; `None`: it is not there any more.
    fn tree(&mut self, container: &Arc<str>) -> Option<&FileTree> {
        let at = self.open.iter().position(|(c, _)| c == container).unwrap_or_else(|| {
            if self.open.len() >= OPEN {
                self.open.remove(0);
            }
            self.open.push((container.clone(), FileTree::reopen(container).ok()));
            self.open.len() - 1
        });
        self.open.get(at).and_then(|(_, tree)| tree.as_ref())
    }

    /// Reads a file; the outcome of reading what is not there is `None`.
    fn with<T>(
        &mut self,
        container: &Arc<str>,
        path: &str,
        work: impl FnOnce(u64, &mut dyn Read) -> T,
    ) -> Result<Option<T>, TreeError> {
        if let Some(trees) = &self.demo {
            let found = trees.iter().find_map(|t| {
                let end = format!("/{path}");
                let entry = t.entries().iter().find(|e| e.path == path || e.path.ends_with(&end));
                entry.map(|e| (t, e))
            });
            let Some((tree, entry)) = found else { return Ok(None) };
            return Ok(Some(work(entry.size, &mut tree.open_raw(entry)?)));
        }
        if let Some(disk) = on_disk(container, path) {
            let Ok(file) = fs::File::open(&disk) else { return Ok(None) };
            let size = file.metadata().map_or(0, |m| m.len());
            return Ok(Some(work(size, &mut io::BufReader::new(file))));
        }
        if Path::new(&**container).is_dir() {
            return Ok(None);
        }
        let Some(tree) = self.tree(container) else { return Ok(None) };
        let Some(entry) = tree.find(path) else { return Ok(None) };
        Ok(Some(work(entry.size, &mut tree.open_raw(entry)?)))
    }
}

/// A file of a folder; links that lead out of the folder do not count.
fn on_disk(container: &str, path: &str) -> Option<PathBuf> {
    let folder = Path::new(container);
    if !folder.is_absolute() {
        return None;
    }
    let (folder, file) = (folder.canonicalize().ok()?, folder.join(path).canonicalize().ok()?);
    (file.starts_with(&folder) && file.is_file()).then_some(file)
}

/// The media of one document.
pub struct Keeper<'a> {
    shelf: &'a mut Shelf,
    folder: PartFolder,
    /// The folder's name, as the document names it.
    name: String,
    /// Files that were copied.
    pub copied: u64,
    /// Attachments that are only named.
    pub missing: u64,
}

enum Copied {
    Here,
    TooLarge,
    Failed(io::Error),
    Unreadable(String),
}

impl<'a> Keeper<'a> {
    /// For the document of this name (without its ending) in a folder.
    pub fn new(shelf: &'a mut Shelf, to: &Path, document: &str) -> Self {
        let name = format!("{document}_media");
        let folder = PartFolder::new(&to.join(&name));
        Self { shelf, folder, name, copied: 0, missing: 0 }
    }

    /// Puts an attachment where the document can show it.
    pub fn place(&mut self, a: &StoredAttachment) -> Result<Media, EngineError> {
        let media = match (&a.url, &a.path, &a.container_path) {
            (Some(url), _, _) => Media::Web(url.clone()),
            (None, Some(path), Some(container)) => {
                let named = a.lock.as_ref().map(|lock| lock.named(path));
                let called = called(named.as_deref().unwrap_or(path), a.name.as_deref());
                self.file(a, path, called, container)?
            }
            // A contact or a place is all in its name.
            (None, _, _) if matches!(a.kind, AttachmentKind::Share) => {
                Media::Gone("no link".into())
            }
            (None, _, _) => Media::Gone(ABSENT.into()),
        };
        self.missing += u64::from(matches!(media, Media::Gone(_)));
        Ok(media)
    }

    /// Moves the folder to its place.
    pub fn keep(&mut self) -> Result<(), EngineError> {
        self.folder.keep()
    }

    fn file(
        &mut self,
        a: &StoredAttachment,
        path: &str,
        called: &str,
        container: &Arc<str>,
    ) -> Result<Media, EngineError> {
        let inside = FileTree::inside(path);
        match self.shelf.mode {
            ExportMedia::Leave => Ok(Media::Gone(format!("in the export: {inside}"))),
            ExportMedia::Link if a.lock.is_some() => {
                Ok(Media::Gone(format!("locked by itself in {container}: {inside}")))
            }
            ExportMedia::Link => Ok(link(a.kind, &inside, called, container)),
            ExportMedia::Copy => self.copy(a, &inside, called, container),
        }
    }

    fn copy(
        &mut self,
        a: &StoredAttachment,
        path: &str,
        called: &str,
        container: &Arc<str>,
    ) -> Result<Media, EngineError> {
        let number = twox_hash::XxHash3_64::oneshot(format!("{container}\0{path}").as_bytes());
        let name = pages::media_name(called, number);
        let here = Media::Here(
            format!("{}/{}", pages::href(&self.name), pages::href(&name)),
            pages::shown(a.kind, &name),
        );
        let folder = &mut self.folder;
        let mut target = PathBuf::new();
        let outcome = self.shelf.with(container, path, |size, from| {
            if size > LARGEST {
                return Copied::TooLarge;
            }
            match folder.path() {
                Ok(folder) => target = folder.join(&name),
                Err(e) => return Copied::Failed(e),
            }
            // The same picture, sent twice.
            if target.exists() { Copied::Here } else { open(&target, from, a.lock.as_ref()) }
        });
        Ok(match outcome {
            Ok(Some(Copied::Here)) => {
                self.copied += 1;
                here
            }
            Ok(Some(Copied::TooLarge)) => Media::Gone(format!("too large to copy: {path}")),
            Ok(Some(Copied::Failed(e))) => return Err(failed(&target)(e)),
            Ok(Some(Copied::Unreadable(why))) => Media::Gone(format!("damaged: {why}")),
            Ok(None) => Media::Gone(MOVED.into()),
            Err(e) => Media::Gone(e.why()),
        })
    }
}

/// Writes a file as it is when it is open.
fn open(target: &Path, from: &mut dyn Read, lock: Option<&FileLock>) -> Copied {
    match lock.map(|lock| Unlocked::new(&mut *from, lock)) {
        None => write(target, from),
        Some(Ok(mut opened)) => write(target, &mut opened),
        Some(Err(why)) => Copied::Unreadable(why.to_string()),
    }
}

/// Tells a source that cannot be read from a disk that cannot be written: only the latter ends
/// the export.
fn write(target: &Path, from: &mut dyn Read) -> Copied {
    use std::io::Write;
    let mut out = match files::private(target) {
        Ok(out) => out,
        Err(e) => return Copied::Failed(e),
    };
    let mut buffer = vec![0; 64 << 10];
    let mut from = from.take(LARGEST);
    let why = loop {
        match from.read(&mut buffer) {
            Ok(0) => return Copied::Here,
            Ok(n) => {
                if let Err(e) = out.write_all(&buffer[..n]) {
                    return Copied::Failed(e);
                }
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => break e.to_string(),
        }
    };
    drop(fs::remove_file(target));
    Copied::Unreadable(why)
}

/// What a file is called: as its path, or by its name where the path is a bare hash.
fn called<'a>(path: &'a str, name: Option<&'a str>) -> &'a str {
    let bare = !path.rsplit('/').next().unwrap_or(path).contains('.');
    name.filter(|name| bare && name.contains('.')).unwrap_or(path)
}

fn link(kind: AttachmentKind, path: &str, called: &str, container: &Arc<str>) -> Media {
    let shown = pages::shown(kind, called);
    match on_disk(container, path) {
        // What could run is not made clickable.
        Some(_) if pages::media_name(path, 0).ends_with(".txt") && !path.ends_with(".txt") => {
            Media::Gone(format!("in {container}: {path}"))
        }
        Some(disk) => {
            let disk = disk.to_string_lossy().replace('\\', "/");
            let address = pages::href(disk.trim_start_matches('/'));
            Media::Here(format!("file:///{address}"), shown)
        }
        None if Path::new(&**container).is_dir() => Media::Gone(MOVED.into()),
        None => Media::Gone(format!("in {container}: {path}")),
    }
}
