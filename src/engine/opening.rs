//! Opening a file of a message: where it lies, and whether the system may be asked to open it.

use std::path::{Path, PathBuf};

use super::{Engine, EngineError, handing_off};
use crate::inbox::{Notice, Severity};
use crate::model::MessageId;

/// What is opened: pictures, sound, films and papers. Anything else may be a program in some way;
/// a stranger sent it.
const HARMLESS: [&str; 25] = [
    "png", "jpg", "jpeg", "gif", "webp", "heic", "avif", "bmp", "mp4", "m4v", "mov", "mkv", "webm",
    "avi", "3gp", "mp3", "ogg", "oga", "opus", "m4a", "flac", "wav", "aac", "pdf", "txt",
];

/// Where a file of a message is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lies {
    /// On this disk.
    Here(PathBuf),
    /// With its service.
    Remote,
    /// Inside an archive, or nowhere: in words.
    Elsewhere(String),
}

impl Engine {
    /// Where a file of a message is.
    pub fn file_of(&self, message: MessageId, index: usize) -> Result<Lies, EngineError> {
        let none = || Lies::Elsewhere("the message has no such file".to_owned());
        let Some(stored) = self.reader.message(message)? else { return Ok(none()) };
        let Some(a) = stored.attachments.get(index) else { return Ok(none()) };
        let here = a.container_path.as_deref().zip(a.path.as_deref());
        Ok(match here {
            Some((container, _)) if a.lock.is_some() => Lies::Elsewhere(format!(
                "it is locked by itself in {container}; `onebox export` copies it open"
            )),
            Some((container, path)) if Path::new(container).is_dir() => {
                let path = Path::new(container).join(path);
                match (path.is_file(), &a.handle) {
                    (true, _) => Lies::Here(path),
                    (false, Some(_)) => Lies::Remote,
                    (false, None) => Lies::Elsewhere(format!("{} has gone", path.display())),
                }
            }
            Some((container, path)) => Lies::Elsewhere(format!("it lies in {container} as {path}")),
            None if a.handle.is_some() => Lies::Remote,
            None => Lies::Elsewhere("it is not in the export".to_owned()),
        })
    }
}

/// Opens a file in whatever the system opens its kind with, if that can do no harm. What to tell.
pub fn open(path: &Path) -> Notice {
    let shown = path.display().to_string();
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    let (what, why) = if !HARMLESS.contains(&ending.as_str()) {
        let why = "a file of this kind may do something; open it yourself if you trust it";
        (format!("The file is at {shown}"), why)
    } else if handing_off::open_file(path).is_ok() {
        (format!("Opening {shown}"), "")
    } else {
        (format!("The file is at {shown}"), "nothing here opens files of this kind")
    };
    Notice::new(Severity::Info, what, why, "")
}
