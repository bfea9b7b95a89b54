//! Where the files of a chat lie: the text names documents only, and not as they are called in the
//! zip. All others are called after the second in which they were sent.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};

use super::super::file_names::is_file_name;
use crate::model::{Attachment, AttachmentKind, MediaPlace};
use crate::sources::FileTree;

/// Kinds of files that bear a time.
const KINDS: [AttachmentKind; 5] = [
    AttachmentKind::Photo,
    AttachmentKind::Video,
    AttachmentKind::Audio,
    AttachmentKind::Voice,
    AttachmentKind::Sticker,
];

/// By second and kind, the next one last: its number among copies, and its path.
type Dated = HashMap<(NaiveDateTime, AttachmentKind), Vec<(u32, String)>>;

/// The files of one chat. Each is given once.
pub struct Files<'t> {
    tree: &'t FileTree,
    /// Where the chat's text lies, with `/` at its end, or empty.
    folder: String,
    dated: RefCell<Dated>,
    /// How often a name was asked for.
    uses: RefCell<HashMap<String, u32>>,
}

impl<'t> Files<'t> {
    /// Those of the chat whose text lies in a folder.
    pub fn new(tree: &'t FileTree, folder: &str) -> Self {
        let mut dated = Dated::new();
        for entry in tree.under(&format!("{folder}media/")) {
            let name = entry.path.rsplit('/').next().unwrap_or(&entry.path);
            if let Some((kind, at, copy)) = told(name) {
                dated.entry((at, kind)).or_default().push((copy, entry.path.clone()));
            }
        }
        for then in dated.values_mut() {
            then.sort_by_key(|(copy, _)| Reverse(*copy));
        }
        let (dated, uses) = (RefCell::new(dated), RefCell::default());
        Self { tree, folder: folder.to_owned(), dated, uses }
    }

    /// Whether there is a file of that name; or, if it is a word, whether it can only mean the files
    /// of that second, which are of one kind.
    pub fn has(&self, name: &str, at: NaiveDateTime) -> bool {
        self.named(&safe(name), name, 0).is_some()
            || (!is_file_name(name) && self.only(at).is_some())
    }

    /// Finds an attached file: by its name, or by when it was sent where it has none.
    pub fn find(&self, file: &mut Attachment, at: NaiveDateTime) {
        let MediaPlace::Export { path, container: None } = &file.place else { return };
        let Some(name) = &file.name else {
            // A moving picture is a video, and so is its file.
            let kind = match file.kind {
                AttachmentKind::Gif => AttachmentKind::Video,
                kind => kind,
            };
            let found = self.take(at, kind);
            // It was in the export once, and nobody can say under which name.
            file.place = found.map_or(MediaPlace::Omitted, |path| self.tree.media(&path));
            return;
        };
        let safe = safe(name);
        let n = {
            let mut uses = self.uses.borrow_mut();
            let count = uses.entry(safe.clone()).or_default();
            *count += 1;
            *count - 1
        };
        if let Some(found) = self.named(&safe, name, n) {
            file.place = self.tree.media(&found);
        } else if !path.is_empty() {
            file.place = match n {
                0 => self.tree.media(&format!("{}media/{path}", self.folder)),
                _ => MediaPlace::Omitted,
            };
        } else if let Some(kind) = self.only(at) {
            // What stood there was a word for its kind, in some language.
            let found = self.take(at, kind);
            let place = found.map_or(MediaPlace::Omitted, |path| self.tree.media(&path));
            *file = Attachment { kind, name: None, place };
        } else {
            file.place = MediaPlace::Omitted;
        }
    }

    /// The path of the n-th file of a name, as the app makes it safe; it adds an ending, and a
    /// number to the second of one name. A phone's file lies beside the text under its own.
    fn named(&self, safe: &str, name: &str, n: u32) -> Option<String> {
        let media = format!("{}media/", self.folder);
        let is = |path: String| self.tree.find(&path).map(|entry| entry.path.clone());
        let first = |prefix: String| self.tree.under(&prefix).first().map(|e| e.path.clone());
        if safe.is_empty() {
            return None;
        }
        if n > 0 {
            let parted = safe.rsplit_once('.');
            let nth = parted.and_then(|(stem, end)| is(format!("{media}{stem} ({n}).{end}")));
            return nth.or_else(|| first(format!("{media}{safe} ({n}).")));
        }
        is(format!("{media}{safe}"))
            .or_else(|| first(format!("{media}{safe}.")))
            .or_else(|| is(format!("{}{name}", self.folder)))
    }

    /// The kind of the files of a second, if they are all of one.
    fn only(&self, at: NaiveDateTime) -> Option<AttachmentKind> {
        let dated = self.dated.borrow();
        let some =
            |kind: &AttachmentKind| dated.get(&(at, *kind)).is_some_and(|all| !all.is_empty());
        let mut kinds = KINDS.into_iter().filter(some);
        let kind = kinds.next()?;
        kinds.next().is_none().then_some(kind)
    }

    /// The path of the next file of a second.
    fn take(&self, at: NaiveDateTime, kind: AttachmentKind) -> Option<String> {
        self.dated.borrow_mut().get_mut(&(at, kind))?.pop().map(|(_, path)| path)
    }
}

/// A name without what some systems do not allow, and without letters beyond ASCII.
fn safe(name: &str) -> String {
    const FORBIDDEN: [char; 9] = ['<', '>', ':', '"', '/', '\\', '|', '?', '*'];
    let may = |c: &char| c.is_ascii() && !c.is_ascii_control() && !FORBIDDEN.contains(c);
    let safe: String = name.chars().filter(may).collect();
    safe.trim().to_owned()
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
            "media/.pdf",
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
        assert_eq!(document("plan?.pdf").1, names[5]);
        assert_eq!(document("plan.pdf").1, "omitted", "no third");
        assert_eq!(document("план.pdf").1, names[6]);
        assert_eq!(document("notes").1, names[7]);
        assert_eq!(document("beside.pdf").1, names[8]);
        assert_eq!(document("gone.pdf"), (K::File, "media/gone.pdf".to_owned(), false));
        assert!(!files.has("日本", seven) && !files.has("x.pdf", eight));
    }
}
