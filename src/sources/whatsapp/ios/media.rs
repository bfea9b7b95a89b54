//! What comes with a message: files, cards and places.

use super::super::people;
use super::Place;
use super::messages::Raw;
use crate::model::{Attachment, AttachmentKind, MediaPlace, MessageRecord};
use crate::sources::whatsapp::android::media::by_mime;

/// What stands between the cards of one message.
const BETWEEN_CARDS: &str = "_$!<VCard-Separator>!$_";
/// Cards of one message.
const CARDS: usize = 1000;

/// Adds what comes with a message, and what stands beside it as words.
pub fn attach(files: &Place<'_>, raw: &Raw, message: &mut MessageRecord) {
    let card = raw.card.as_deref().unwrap_or_default();
    let kind = match raw.kind {
        1 | 38 => Some(AttachmentKind::Photo),
        2 | 39 => Some(AttachmentKind::Video),
        3 => Some(AttachmentKind::Voice),
        4 => Some(AttachmentKind::Contact),
        5 => Some(AttachmentKind::Location),
        8 => Some(AttachmentKind::File),
        11 => Some(AttachmentKind::Gif),
        15 => Some(AttachmentKind::Sticker),
        53 => Some(AttachmentKind::Voice),
        54 => Some(AttachmentKind::Video),
        _ if card.starts_with("BEGIN:VCARD") => Some(AttachmentKind::Contact),
        // Of what was never fetched only the type is known; pages that are linked to have one, too.
        7 if raw.path.is_none() => None,
        _ => by_mime(card).or(raw.path.is_some().then_some(AttachmentKind::File)),
    };
    let Some(kind) = kind else { return };
    // Several cards stand in one text.
    if kind == AttachmentKind::Contact && card.contains(BETWEEN_CARDS) {
        let cards = card.split(BETWEEN_CARDS).filter(|c| !c.trim().is_empty()).take(CARDS);
        let named = |name| Attachment { kind, name, place: MediaPlace::Omitted };
        message.attachments.extend(cards.map(people::on_card).map(named));
        return;
    }
    let place = match (kind, &raw.path, raw.place) {
        (AttachmentKind::Location, _, (Some(lat), Some(lon))) => {
            MediaPlace::Web { url: format!("https://maps.google.com/?q={lat},{lon}") }
        }
        (_, Some(path), _) => files.media(path),
        _ => MediaPlace::Omitted,
    };
    let name = match kind {
        AttachmentKind::File => {
            let (name, words) = document(raw);
            message.text = words.unwrap_or_default();
            name
        }
        AttachmentKind::Contact => people::on_card(card).or_else(|| raw.title.clone()),
        AttachmentKind::Location => raw.title.clone(),
        // Its hashed name has no ending.
        _ if files.backup.is_some() => {
            raw.path.as_deref().and_then(|p| p.rsplit('/').next()).map(str::to_owned)
        }
        _ => None,
    };
    // Of a picture the title is its caption.
    if message.text.is_empty()
        && matches!(kind, AttachmentKind::Photo | AttachmentKind::Video | AttachmentKind::Gif)
    {
        message.text = raw.title.clone().unwrap_or_default();
    }
    message.attachments.push(Attachment { kind, name, place });
}

/// A document's name, and the words beside it. Where the title is the caption, as it is of a picture,
/// the name stands where others have their words.
fn document(raw: &Raw) -> (Option<String>, Option<String>) {
    let (title, text) = (raw.title.clone(), raw.text.clone());
    let named = |words: &Option<String>| words.as_deref().is_some_and(|w| is_its_name(w, raw));
    if title == text || !named(&title) && named(&text) {
        return (text, title.filter(|t| !named(&Some(t.clone()))));
    }
    (title, text)
}

/// Whether words end as the file does, or as files of its kind.
fn is_its_name(words: &str, raw: &Raw) -> bool {
    const LONGEST: usize = 255;
    const OFFICE: [(&str, &str); 6] = [
        ("doc", "msword"),
        ("xls", "ms-excel"),
        ("ppt", "ms-powerpoint"),
        ("docx", "wordprocessingml.document"),
        ("xlsx", "spreadsheetml.sheet"),
        ("pptx", "presentationml.presentation"),
    ];
    let split = |name: &str| {
        let (stem, ending) = name.rsplit_once('.')?;
        let whole = !stem.is_empty() && !ending.is_empty() && !ending.contains(['/', ' ']);
        whole.then(|| ending.to_lowercase())
    };
    let Some(ending) = split(words).filter(|_| words.len() <= LONGEST && !words.contains('\n'))
    else {
        return false;
    };
    let mime = raw.card.as_deref().unwrap_or_default();
    match raw.path.as_deref().and_then(split) {
        Some(of_file) => of_file == ending,
        None if ending.len() < 3 => false,
        None => {
            mime.ends_with(&format!("/{ending}"))
                || OFFICE.iter().any(|(of, kind)| *of == ending && mime.ends_with(kind))
        }
    }
}

impl Place<'_> {
    /// Media lie under `Message/` beside the database, in a backup under hashed names.
    fn media(&self, path: &str) -> MediaPlace {
        let path = path.trim_start_matches('/');
        let backup = self.backup.as_ref();
        let hashed = |path: &str| backup.and_then(|b| b.media(self.tree, path));
        let found = hashed(&format!("Message/{path}")).or_else(|| hashed(path));
        if let Some(place) = found {
            return place;
        }
        let folder = self.entry.path.rfind('/').map_or("", |i| &self.entry.path[..=i]);
        let there = |p: &MediaPlace| matches!(p, MediaPlace::Export { container: Some(_), .. });
        let asked = self.tree.media(&format!("{folder}Message/{path}"));
        [format!("{folder}{path}"), path.to_owned()]
            .iter()
            .map(|p| self.tree.media(p))
            .find(|p| !there(&asked) && there(p))
            .unwrap_or(asked)
    }
}
