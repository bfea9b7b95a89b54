//! Where the files of a chat lie: the text names documents only, and not as they are called in the
//! zip. All others are called after the second in which they were sent.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};

use crate::model::{Attachment, AttachmentKind, MediaPlace};
use crate::sources::FileTree;

/// The files of one chat. Each is given once.
pub struct Files<'t> {
    tree: &'t FileTree,
    /// Where the chat's text lies, with `/` at its end, or empty.
    folder: String,
    /// By their second, the next one last.
    dated: RefCell<HashMap<NaiveDateTime, Vec<Dated>>>,
    /// How often a name was asked for.
    uses: RefCell<HashMap<String, u32>>,
}

/// A file that bears a time.
struct Dated {
    kind: AttachmentKind,
    copy: u32,
    path: String,
}

impl<'t> Files<'t> {
    /// Those of the chat whose text lies in a folder.
    pub fn new(tree: &'t FileTree, folder: &str) -> Self {
        let mut dated: HashMap<_, Vec<Dated>> = HashMap::new();
        for entry in tree.under(&format!("{folder}media/")) {
            let name = entry.path.rsplit('/').next().unwrap_or(&entry.path);
            if let Some((kind, at, copy)) = told(name) {
                dated.entry(at).or_default().push(Dated { kind, copy, path: entry.path.clone() });
            }
        }
        for then in dated.values_mut() {
            then.sort_by_key(|file| Reverse(file.copy));
        }
        let (dated, uses) = (RefCell::new(dated), RefCell::default());
        Self { tree, folder: folder.to_owned(), dated, uses }
    }

    /// Whether there is a file of that name, or one that alone is of that second.
    pub fn has(&self, name: &str, at: NaiveDateTime) -> bool {
        self.named(name, 0).is_some()
            || self.dated.borrow().get(&at).is_some_and(|then| then.len() == 1)
    }

    /// Finds an attached file: by its name, or by when it was sent where it has none.
    pub fn find(&self, file: &mut Attachment, at: NaiveDateTime) {
        let MediaPlace::Export { path, container: None } = &file.place else { return };
        let found = match &file.name {
            Some(name) => {
                let mut uses = self.uses.borrow_mut();
                let count = uses.entry(name.clone()).or_default();
                let found = self.named(name, *count);
                *count += 1;
                found
            }
            None => self.take(at, Some(file.kind)).map(|(_, path)| path),
        };
        if let Some(found) = found {
            file.place = self.tree.media(&found);
        } else if !path.is_empty() {
            file.place = self.tree.media(&format!("{}media/{path}", self.folder));
        } else if let Some((kind, found)) = self.take(at, None) {
            // What stood there was a word for its kind, in some language.
            *file = Attachment { kind, name: None, place: self.tree.media(&found) };
        } else {
            // It was in the export once, and nobody can say under which name.
            file.place = MediaPlace::Omitted;
        }
    }

    /// The path of the n-th file of a name. The app leaves out what some systems do not allow, and
    /// letters beyond ASCII; it adds an ending, and a number to the second of one name.
    fn named(&self, name: &str, n: u32) -> Option<String> {
        const FORBIDDEN: [char; 9] = ['<', '>', ':', '"', '/', '\\', '|', '?', '*'];
        let may = |c: &char| c.is_ascii() && !c.is_ascii_control() && !FORBIDDEN.contains(c);
        let safe: String = name.chars().filter(may).collect();
        let path = format!("{}media/{}", self.folder, safe.trim());
        let is = |path: String| self.tree.find(&path).map(|entry| entry.path.clone());
        let nth = match path.rsplit_once('.') {
            Some((stem, ending)) if n > 0 => is(format!("{stem} ({n}).{ending}")),
            _ => None,
        };
        let first = || self.tree.under(&format!("{path}.")).first().map(|e| e.path.clone());
        // A phone's lie beside the text.
        nth.or_else(|| is(path.clone()))
            .or_else(|| if safe.trim().is_empty() { None } else { first() })
            .or_else(|| is(format!("{}{name}", self.folder)))
    }

    /// The next file of a second. `None`: of any kind, if it is the only one.
    fn take(
        &self,
        at: NaiveDateTime,
        kind: Option<AttachmentKind>,
    ) -> Option<(AttachmentKind, String)> {
        let mut dated = self.dated.borrow_mut();
        let then = dated.get_mut(&at)?;
        let place = match kind {
            None if then.len() == 1 => 0,
            None => return None,
            // A moving picture is a video, and so is its file.
            Some(AttachmentKind::Gif) => {
                then.iter().rposition(|f| f.kind == AttachmentKind::Video)?
            }
            Some(kind) => then.iter().rposition(|file| file.kind == kind)?,
        };
        let file = then.remove(place);
        Some((file.kind, file.path))
    }
}

/// `WhatsApp Image 2026-01-05 at 15.07.00.jpeg`, or `at 3.07.00 PM (1).jpeg`: what it is, when it
/// was sent by the clock of who exported it, and which of one name it is. The words are the same in
/// every language.
fn told(name: &str) -> Option<(AttachmentKind, NaiveDateTime, u32)> {
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
    let copy = after.split_once('(').and_then(|(_, n)| n.split_once(')')?.0.parse().ok());
    Some((kind, day.and_hms_opt(hour, minute, second)?, copy.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_the_second() {
        let at = |name: &str| told(name).map(|(kind, at, copy)| format!("{kind:?} {at} {copy}"));
        for (name, copy) in [
            ("WhatsApp Image 2026-01-05 at 15.07.00.jpeg", 0),
            ("WhatsApp Image 2026-01-05 at 3.07.00 PM.jpeg", 0),
            ("WhatsApp Image 2026-01-05 at 3.07.00 PM (1).jpeg", 1),
            ("WhatsApp Image 2026-01-05 at 15.07.00 (12).jpeg", 12),
        ] {
            let told = format!("Photo 2026-01-05 15:07:00 {copy}");
            assert_eq!(at(name), Some(told), "{name}");
        }
        let midnight = at("WhatsApp Ptt 2026-01-05 at 12.07.09 AM.ogg");
        assert_eq!(midnight.as_deref(), Some("Voice 2026-01-05 00:07:09 0"));
        for none in ["plan.pdf", "WhatsApp Image 2026-01-05", "WhatsApp Image x at y.z.é"] {
            assert_eq!(at(none), None, "{none}");
        }
    }

    #[test]
    fn each_file_is_found_once_and_by_the_name_that_the_app_gives_it() {
        let names = [
            "media/WhatsApp Image 2026-01-05 at 3.07.00 PM (1).jpeg",
            "media/WhatsApp Image 2026-01-05 at 3.07.00 PM.jpeg",
            "media/WhatsApp Sticker 2026-01-05 at 3.08.00 PM.webp",
            "media/Mrz 1.pdf",
            "media/plan.pdf",
            "media/plan (1).pdf",
            "media/notes.txt",
            "beside.pdf",
        ];
        let tree = FileTree::memory(names.map(|n| (n.to_owned(), vec![1])));
        let files = Files::new(&tree, "");
        let seven = NaiveDate::from_ymd_opt(2026, 1, 5).and_then(|d| d.and_hms_opt(15, 7, 0));
        let seven = seven.expect("a time");
        let find = |kind, name: Option<&str>, path: &str, at| {
            let place = MediaPlace::Export { path: path.to_owned(), container: None };
            let mut file = Attachment { kind, name: name.map(str::to_owned), place };
            files.find(&mut file, at);
            match file.place {
                MediaPlace::Export { path, container } => (file.kind, path, container.is_some()),
                _ => (file.kind, "omitted".to_owned(), false),
            }
        };
        use AttachmentKind as K;
        let photo = |at| find(K::Photo, None, "", at);
        assert_eq!(photo(seven), (K::Photo, names[1].to_owned(), true));
        assert_eq!(photo(seven), (K::Photo, names[0].to_owned(), true));
        assert_eq!(photo(seven), (K::Photo, "omitted".to_owned(), false));
        let eight = seven + chrono::TimeDelta::minutes(1);
        assert!(files.has("Aufkleber", eight) && !files.has("Aufkleber", seven));
        let word = find(K::File, Some("Aufkleber"), "", eight);
        assert_eq!(word, (K::Sticker, names[2].to_owned(), true));
        let document = |name: &str| find(K::File, Some(name), name, seven);
        assert_eq!(document("März? 1.pdf").1, names[3]);
        assert_eq!(document("plan.pdf").1, names[4]);
        assert_eq!(document("plan.pdf").1, names[5]);
        assert_eq!(document("plan.pdf").1, names[4], "no third");
        assert_eq!(document("notes").1, names[6]);
        assert_eq!(document("beside.pdf").1, names[7]);
        assert_eq!(document("gone.pdf"), (K::File, "media/gone.pdf".to_owned(), false));
        assert!(!files.has("日本", seven));
    }
}
