//! Where the pictures, sound and files of a document go.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::ExportMedia;
use super::files::{PartFolder, failed};
use crate::engine::EngineError;
use crate::engine::shelf::{self, Copied, Shelf, on_disk};
use crate::model::{AttachmentKind, Wrapped};
use crate::pages::{self, Media};
use crate::sources::FileTree;
use crate::store::StoredAttachment;

/// A larger file stays where it is.
const LARGEST: u64 = 1 << 30;
const ABSENT: &str = "not in the export";
const MOVED: &str = "not where the export was when it was imported";

/// The media of one document.
pub struct Keeper<'a> {
    shelf: &'a mut Shelf,
    mode: ExportMedia,
    folder: PartFolder,
    /// The folder's name, as the document names it.
    name: String,
    /// Files that were copied.
    pub copied: u64,
    /// Attachments that are only named.
    pub missing: u64,
}

impl<'a> Keeper<'a> {
    /// For the document of this name (without its ending) in a folder.
    pub fn new(shelf: &'a mut Shelf, mode: ExportMedia, to: &Path, document: &str) -> Self {
        let name = format!("{document}_media");
        let folder = PartFolder::new(&to.join(&name));
        Self { shelf, mode, folder, name, copied: 0, missing: 0 }
    }

    /// Puts an attachment where the document can show it.
    pub fn place(&mut self, a: &StoredAttachment) -> Result<Media, EngineError> {
        let media = match (&a.url, &a.path, &a.container_path) {
            (_, Some(path), Some(container)) => {
                self.file(a, path, &shelf::called(a, path), container)?
            }
            (Some(url), _, _) => Media::Web(url.clone()),
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
        match self.mode {
            ExportMedia::Leave => Ok(Media::Gone(format!("in the export: {inside}"))),
            ExportMedia::Link if a.wrapped.is_some() => {
                let how = match a.wrapped {
                    Some(Wrapped::Locked(_)) => "locked by itself in",
                    Some(Wrapped::Within(_)) | None => "inside a file of",
                };
                Ok(Media::Gone(format!("{how} {container}: {inside}")))
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
        let whole = a.wrapped.as_ref().map_or_else(|| path.to_owned(), |w| w.onto(path));
        let number = twox_hash::XxHash3_64::oneshot(format!("{container}\0{whole}").as_bytes());
        let name = pages::media_name(called, number);
        let here = Media::Here(
            format!("{}/{}", pages::href(&self.name), pages::href(&name)),
            pages::shown(a.kind, &name),
        );
        let folder = &mut self.folder;
        let mut target = PathBuf::new();
        let outcome = self.shelf.with((container, path, a.wrapped.as_ref()), |size, from| {
            if size > LARGEST {
                return Copied::TooLarge;
            }
            match folder.path() {
                Ok(folder) => target = folder.join(&name),
                Err(e) => return Copied::Failed(e),
            }
            // The same picture, sent twice.
            if target.exists() {
                return Copied::Here;
            }
            let never = AtomicBool::new(false);
            shelf::copy(&target, from, a.wrapped.as_ref(), LARGEST, &never)
        });
        Ok(match outcome {
            Ok(Some(Copied::Here)) => {
                self.copied += 1;
                here
            }
            Ok(Some(Copied::TooLarge)) => Media::Gone(format!("too large to copy: {path}")),
            Ok(Some(Copied::Failed(e))) => return Err(failed(&target)(e)),
            Ok(Some(Copied::Stopped)) => Media::Gone(MOVED.into()),
            Ok(Some(Copied::Unreadable(why))) => Media::Gone(format!("damaged: {why}")),
            Ok(None) => Media::Gone(MOVED.into()),
            Err(e) => Media::Gone(e.why()),
        })
    }
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
