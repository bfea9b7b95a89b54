//! What comes with a message: files, cards and places.

use super::super::people;
use super::Place;
use super::messages::Raw;
use crate::model::{Attachment, AttachmentKind, MediaPlace, MessageRecord};
use crate::sources::FileTree;

/// Adds what comes with a message.
pub fn attach(raw: &Raw, cards: &[String], media: &Media<'_>, message: &mut MessageRecord) {
    let [path, name, _, mime] = &raw.media;
    let by_mime = || {
        let mime = mime.as_deref().unwrap_or_default();
        match mime.split('/').next().unwrap_or_default() {
            "image" => AttachmentKind::Photo,
            "video" => AttachmentKind::Video,
            "audio" => AttachmentKind::Audio,
            _ => AttachmentKind::File,
        }
    };
    let kind = match raw.kind {
        1 | 42 => Some(AttachmentKind::Photo),
        2 if raw.voice => Some(AttachmentKind::Voice),
        2 => Some(AttachmentKind::Audio),
        82 => Some(AttachmentKind::Voice),
        3 | 43 => Some(AttachmentKind::Video),
        9 => Some(AttachmentKind::File),
        13 => Some(AttachmentKind::Gif),
        20 => Some(AttachmentKind::Sticker),
        _ => path.is_some().then(by_mime),
    };
    if let Some(kind) = kind {
        let place = path.as_deref().map_or(MediaPlace::Omitted, |p| media.place(p));
        message.attachments.push(Attachment { kind, name: name.clone(), place });
    }
    for card in cards {
        let name = people::on_card(card);
        let kind = AttachmentKind::Contact;
        message.attachments.push(Attachment { kind, name, place: MediaPlace::Omitted });
    }
    if let (Some(lat), Some(lon), name, address) = &raw.place {
        let name = [name, address].into_iter().flatten().cloned().collect::<Vec<_>>().join(", ");
        message.attachments.push(Attachment {
            kind: AttachmentKind::Location,
            name: Some(name).filter(|n| !n.is_empty()),
            place: MediaPlace::Web { url: format!("https://maps.google.com/?q={lat},{lon}") },
        });
    }
}

/// Media lie in the folder above the databases, or beside the file, or where they were put.
pub struct Media<'a> {
    tree: &'a FileTree,
    folder: &'a str,
}

impl<'a> Media<'a> {
    /// Of a database.
    pub fn of(place: &Place<'a>) -> Self {
        let path = &place.entry.path;
        Self { tree: place.tree, folder: path.rfind('/').map_or("", |i| &path[..=i]) }
    }

    fn place(&self, path: &str) -> MediaPlace {
        let above = self.folder.trim_end_matches('/').rfind('/').map_or("", |i| &self.folder[..=i]);
        let asked = self.tree.media(path);
        let there = |p: &MediaPlace| matches!(p, MediaPlace::Export { container: Some(_), .. });
        [self.folder, above, "WhatsApp/"]
            .iter()
            .map(|at| self.tree.media(&format!("{at}{path}")))
            .find(|p| !there(&asked) && there(p))
            .unwrap_or(asked)
    }
}
