//! Files without a name in the text: each is called after the second in which it was sent.

use std::cell::RefCell;
use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};

use crate::model::AttachmentKind;
use crate::sources::FileTree;

/// The files of one export that bear a time, each given once.
pub struct ByTime {
    files: RefCell<HashMap<NaiveDateTime, Vec<(AttachmentKind, String)>>>,
}

impl ByTime {
    /// The files below a folder (with `/` at its end, or empty).
    pub fn below(tree: &FileTree, folder: &str) -> Self {
        let mut files: HashMap<_, Vec<_>> = HashMap::new();
        for entry in tree.under(folder) {
            let name = entry.path.rsplit('/').next().unwrap_or(&entry.path);
            if let Some((kind, at)) = told(name) {
                files.entry(at).or_default().push((kind, entry.path.clone()));
            }
        }
        Self { files: RefCell::new(files) }
    }

    /// The path of the next file of that kind and second.
    pub fn take(&self, kind: AttachmentKind, at: NaiveDateTime) -> Option<String> {
        let mut files = self.files.borrow_mut();
        let then = files.get_mut(&at)?;
        // A moving picture is a video, and so is its file.
        let kind = if kind == AttachmentKind::Gif { AttachmentKind::Video } else { kind };
        let place = then.iter().position(|(of, _)| *of == kind)?;
        Some(then.remove(place).1)
    }
}

/// `WhatsApp Image 2026-01-05 at 15.07.00.jpeg`, or `at 3.07.00 PM`: what it is, and when it was
/// sent by the clock of who exported it. The name is the same in every language.
fn told(name: &str) -> Option<(AttachmentKind, NaiveDateTime)> {
    use AttachmentKind as K;
    let (kind, rest) = name.strip_prefix("WhatsApp ")?.split_once(' ')?;
    let kind = match kind {
        "Image" => K::Photo,
        "Video" | "Ptv" | "Gif" => K::Video,
        "Audio" => K::Audio,
        "Ptt" => K::Voice,
        "Sticker" => K::Sticker,
        _ => return None,
    };
    let (day, rest) = rest.split_once(" at ")?;
    let day: NaiveDate = day.parse().ok()?;
    let mut parts = rest.splitn(4, ['.', ' ']);
    let mut number = || parts.next()?.parse::<u32>().ok();
    let (hour, minute, second) = (number()?, number()?, number()?);
    let after = parts.next().unwrap_or("");
    let hour = match after.get(..2) {
        Some("AM") => hour % 12,
        Some("PM") => hour % 12 + 12,
        _ => hour,
    };
    Some((kind, day.and_hms_opt(hour, minute, second)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_the_second() {
        let at = |name: &str| told(name).map(|(kind, at)| format!("{kind:?} {at}"));
        for name in [
            "WhatsApp Image 2026-01-05 at 15.07.00.jpeg",
            "WhatsApp Image 2026-01-05 at 3.07.00 PM.jpeg",
            "WhatsApp Image 2026-01-05 at 3.07.00 PM (1).jpeg",
        ] {
            assert_eq!(at(name).as_deref(), Some("Photo 2026-01-05 15:07:00"), "{name}");
        }
        let midnight = at("WhatsApp Ptt 2026-01-05 at 12.07.09 AM.ogg");
        assert_eq!(midnight.as_deref(), Some("Voice 2026-01-05 00:07:09"));
        for none in ["plan.pdf", "WhatsApp Image 2026-01-05", "WhatsApp Image x at y.z.é"] {
            assert_eq!(at(none), None, "{none}");
        }
    }
}
