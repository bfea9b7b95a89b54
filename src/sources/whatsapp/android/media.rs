//! What comes with a message: files, cards and places.

use super::super::people;
use super::Place;
use super::messages::Raw;
use crate::model::{Attachment, AttachmentKind, MediaPlace, MessageRecord};
use crate::sources::FileTree;

/// Adds what comes with a message.
pub fn attach(raw: &Raw, cards: &[String], media: &Media<'_>, message: &mut MessageRecord) {
    let [path, name, _, mime] = &raw.media;
    let of_type = || by_mime(mime.as_deref().unwrap_or_default());
    let kind = match raw.kind {
        1 | 42 => Some(AttachmentKind::Photo),
        2 if raw.voice => Some(AttachmentKind::Voice),
        2 => Some(AttachmentKind::Audio),
        82 => Some(AttachmentKind::Voice),
        3 | 43 => Some(AttachmentKind::Video),
        9 => Some(AttachmentKind::File),
        13 => Some(AttachmentKind::Gif),
        20 => Some(AttachmentKind::Sticker),
        81 => Some(AttachmentKind::Video),
        _ if path.is_some() => Some(of_type().unwrap_or(AttachmentKind::File)),
        // What has nothing but words, cards, places and calls.
        0 | 4 | 5 | 10 | 11 | 14 | 16 | 90 => None,
        // Of what was never fetched only the type is known.
        _ => of_type(),
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

/// Of a message whose kind says nothing, what its mime type says; `None` where it has none.
pub fn by_mime(mime: &str) -> Option<AttachmentKind> {
    let (kind, rest) = mime.split_once('/')?;
    let kind = match kind {
        "image" => AttachmentKind::Photo,
        "video" => AttachmentKind::Video,
        "audio" => AttachmentKind::Audio,
        "application" | "text" => AttachmentKind::File,
        _ => return None,
    };
    (!rest.is_empty() && !rest.contains('/')).then_some(kind)
}

/// Media lie in the folder above the databases, or beside the file, or where they were put.
pub struct Media<'a> {
    tree: &'a FileTree,
    folder: &'a str,
}

impl<'a> Media<'a> {
    /// Of a database.
    pub(super) fn of(place: &Place<'a>) -> Self {
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
