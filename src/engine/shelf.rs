//! Files that exports hold, in folders, archives or the demo, and files of them that are locked by
//! themselves or lie inside others: read where they lie, copied as they are by themselves.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::demo;
use super::exporting::private;
use crate::model::Wrapped;
use crate::sources::{FileTree, TreeError, unwrapped};
use crate::store::StoredAttachment;

/// Zips kept open, so that a thread's pictures do not each read its list of files anew.
const OPEN: usize = 4;

/// Opens what exports hold.
pub struct Shelf {
    open: Vec<(Arc<str>, Option<FileTree>)>,
    demo: Option<Vec<FileTree>>,
}

impl Shelf {
    /// Of exports, or of the demo.
    pub fn new(of_demo: bool) -> Self {
        Self { open: Vec::new(), demo: of_demo.then(demo::demo_trees) }
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

    /// Looks again for what was not there: somebody may put it back.
    pub fn look_again(&mut self) {
        self.open.retain(|(_, tree)| tree.is_some());
    }

    /// Reads a file, of one that is wrapped from where it begins; `work` is told its bytes as declared.
    /// The outcome of reading what is not there is `None`.
    pub fn with<T>(
        &mut self,
        (container, path, wrapped): (&Arc<str>, &str, Option<&Wrapped>),
        work: impl FnOnce(u64, &mut dyn Read) -> T,
    ) -> Result<Option<T>, TreeError> {
        let size = |whole| wrapped.map_or(whole, |w| w.size(whole));
        if let Some(trees) = &self.demo {
            let found = trees.iter().find_map(|t| {
                let end = format!("/{path}");
                let entry = t.entries().iter().find(|e| e.path == path || e.path.ends_with(&end));
                entry.map(|e| (t, e))
            });
            let Some((tree, entry)) = found else { return Ok(None) };
            let mut from = tree.open_wrapped(entry, wrapped)?;
            return Ok(Some(work(size(entry.size), &mut from)));
        }
        if let Some(disk) = on_disk(container, path) {
            let Ok(file) = fs::File::open(&disk) else { return Ok(None) };
            let whole = file.metadata().map_or(0, |m| m.len());
            if wrapped.is_none() {
                return Ok(Some(work(whole, &mut io::BufReader::new(file))));
            }
            let tree = FileTree::single(&disk, whole);
            let Some(entry) = tree.entries().first() else { return Ok(None) };
            return Ok(Some(work(size(whole), &mut tree.open_wrapped(entry, wrapped)?)));
        }
        if Path::new(&**container).is_dir() {
            return Ok(None);
        }
        let Some(tree) = self.tree(container) else { return Ok(None) };
        let Some(entry) = tree.find(path) else { return Ok(None) };
        let mut from = tree.open_wrapped(entry, wrapped)?;
        Ok(Some(work(size(entry.size), &mut from)))
    }
}

/// A file of a folder; links that lead out of the folder do not count.
pub fn on_disk(container: &str, path: &str) -> Option<PathBuf> {
    let folder = Path::new(container);
    if !folder.is_absolute() {
        return None;
    }
    let (folder, file) = (folder.canonicalize().ok()?, folder.join(path).canonicalize().ok()?);
    (file.starts_with(&folder) && file.is_file()).then_some(file)
}

/// What a file is called: as its path, or by its name where the path is a bare hash.
pub fn called(a: &StoredAttachment, path: &str) -> String {
    let name = a.name.as_deref();
    let path = a.wrapped.as_ref().map_or_else(|| path.to_owned(), |w| w.called(path, name));
    let bare = !path.rsplit('/').next().unwrap_or(&path).contains('.');
    a.name.clone().filter(|name| bare && name.contains('.')).unwrap_or(path)
}

/// What became of a copy.
pub enum Copied {
    /// It is there.
    Here,
    /// It says it is larger than what is copied.
    TooLarge,
    /// Nobody waits for it any more.
    Stopped,
    /// Where it was to be written nothing can be.
    Failed(io::Error),
    /// What it was to be made of cannot be read: why.
    Unreadable(String),
}

/// Writes a file, as it is by itself, where only its owner reads it. Without success nothing
/// is left of it.
pub fn copy(
    target: &Path,
    from: &mut dyn Read,
    wrapped: Option<&Wrapped>,
    largest: u64,
    stop: &AtomicBool,
) -> Copied {
    let copied = match wrapped {
        None => write(target, from, largest, stop),
        Some(wrapped) => match unwrapped(from, wrapped) {
            Ok(mut bare) => write(target, &mut bare, largest, stop),
            Err(why) => Copied::Unreadable(why.to_string()),
        },
    };
    if !matches!(copied, Copied::Here) {
        drop(fs::remove_file(target));
    }
    copied
}

/// Tells a source that cannot be read from a disk that cannot be written.
fn write(target: &Path, from: &mut dyn Read, largest: u64, stop: &AtomicBool) -> Copied {
    let mut out = match private(target) {
        Ok(out) => out,
        Err(e) => return Copied::Failed(e),
    };
    let mut buffer = vec![0; 64 << 10];
    let mut from = from.take(largest);
    loop {
        if stop.load(Ordering::Relaxed) {
            return Copied::Stopped;
        }
        match from.read(&mut buffer) {
            Ok(0) => return Copied::Here,
            Ok(n) => {
                if let Err(e) = out.write_all(&buffer[..n]) {
                    return Copied::Failed(e);
                }
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Copied::Unreadable(e.to_string()),
        }
    }
}
