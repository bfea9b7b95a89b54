//! Opening a file of a message: where it lies, and whether the system may be asked to open it.

use std::path::{Path, PathBuf};

use std::sync::Arc;

use super::{Engine, EngineError, handing_off, shelf};
use crate::inbox::{Notice, Severity};
use crate::model::{MessageId, Wrapped};
use crate::sources::FileTree;
use crate::store::StoredAttachment;

/// What is opened: pictures, sound, films and papers. Anything else may be a program in some way;
/// a stranger sent it.
const HARMLESS: [&str; 26] = [
    "png", "jpg", "jpeg", "gif", "webp", "heic", "avif", "bmp", "mp4", "m4v", "mov", "mkv", "webm",
    "avi", "3gp", "amr", "mp3", "ogg", "oga", "opus", "m4a", "flac", "wav", "aac", "pdf", "txt",
];

/// Where a file of a message is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lies {
    /// On this disk.
    Here(PathBuf),
    /// With its service.
    Remote,
    /// Inside an archive or another file, or locked by itself: a copy of it can be opened.
    Inside(Inside),
    /// Nowhere: in words.
    Elsewhere(String),
}

/// A file that must be copied out before anything else can open it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inside {
    /// The archive or folder.
    pub container: Arc<str>,
    /// Its path in there.
    pub path: String,
    /// What it is wrapped in, if it does not lie there as it is.
    pub wrapped: Option<Wrapped>,
    /// What the copy is to be called like.
    pub called: String,
}

impl Inside {
    fn of(a: &StoredAttachment, container: &Arc<str>, path: &str) -> Self {
        let called = shelf::called(a, path);
        let (container, path) = (Arc::clone(container), FileTree::inside(path));
        Self { container, path, wrapped: a.wrapped.clone(), called }
    }
}

impl Inside {
    /// Its path, with what tells it from others of that path.
    pub fn whole(&self) -> String {
        self.wrapped.as_ref().map_or_else(|| self.path.clone(), |w| w.onto(&self.path))
    }
}

impl Engine {
    /// Where a file of a message is.
    pub fn file_of(&self, message: MessageId, index: usize) -> Result<Lies, EngineError> {
        let none = || Lies::Elsewhere("the message has no such file".to_owned());
        let Some(stored) = self.reader.message(message)? else { return Ok(none()) };
        let Some(a) = stored.attachments.get(index) else { return Ok(none()) };
        let here = a.container_path.as_deref().zip(a.path.as_deref());
        Ok(match here {
            Some((_, path)) if a.wrapped.is_some() || self.settings.demo => {
                let container = a.container_path.clone().unwrap_or_default();
                Lies::Inside(Inside::of(a, &container, path))
            }
            Some((container, path)) if Path::new(container).is_dir() => {
                let path = Path::new(container).join(FileTree::inside(path));
                match (path.is_file(), &a.handle) {
                    (true, _) => Lies::Here(path),
                    (false, Some(_)) => Lies::Remote,
                    (false, None) => Lies::Elsewhere(format!("{} has gone", path.display())),
                }
            }
            Some((_, path)) => {
                let container = a.container_path.clone().unwrap_or_default();
                Lies::Inside(Inside::of(a, &container, path))
            }
            None if a.handle.is_some() => Lies::Remote,
            None => Lies::Elsewhere("it is not in the export".to_owned()),
        })
    }
}

impl Engine {
    /// A file of a message for a copy of it; or why there can be none.
    pub fn file_to_copy(
        &self,
        message: MessageId,
        index: usize,
    ) -> Result<Result<Inside, String>, EngineError> {
        Ok(match self.file_of(message, index)? {
            Lies::Inside(file) => Ok(file),
            Lies::Here(at) => {
                let stored = self.reader.message(message)?;
                let a = stored.as_ref().and_then(|m| m.attachments.get(index));
                let name = at.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let called = a.map_or_else(|| name.clone(), |a| shelf::called(a, &name));
                let container = at.parent().unwrap_or(&at).to_string_lossy().into();
                Ok(Inside { container, path: name, wrapped: None, called })
            }
            Lies::Remote => Err("it is not here yet: fetch it first".to_owned()),
            Lies::Elsewhere(why) => Err(why),
        })
    }
}

/// Whether a file may be handed to whatever the system opens its kind with.
pub fn is_harmless(path: &Path) -> bool {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    HARMLESS.contains(&ending.as_str())
}

/// Opens a file in whatever the system opens its kind with, if that can do no harm. What to tell.
pub fn open(path: &Path) -> Notice {
    let shown = path.display().to_string();
    let (what, why) = if !is_harmless(path) {
        let why = "a file of this kind may do something; open it yourself if you trust it";
        (format!("The file is at {shown}"), why)
    } else if handing_off::open_file(path).is_ok() {
        (format!("Opening {shown}"), "")
    } else {
        (format!("The file is at {shown}"), "nothing here opens files of this kind")
    };
    Notice::new(Severity::Info, what, why, "")
}

/// What cannot be done with a file, and why.
pub fn refused(what: &str, why: String) -> Notice {
    Notice::new(Severity::Info, what, why, "")
}
