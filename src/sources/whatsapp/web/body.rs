//! What the web's export writes for things that are no text, and the phones' exports write otherwise.

use super::super::body::Body;
use super::super::file_names::{is_file_name, kind_of};
use super::super::marks::bare;
use super::super::people;
use super::super::phrases as words;
use crate::model::{AttachmentKind, MediaPlace, MessageKind};

/// What a file is called that has no name of its own.
const LABELS: &[(&str, AttachmentKind)] = &[
    ("image", AttachmentKind::Photo),
    ("video", AttachmentKind::Video),
    ("audio", AttachmentKind::Audio),
    ("voice message", AttachmentKind::Voice),
    ("video message", AttachmentKind::Video),
    ("document", AttachmentKind::File),
    ("sticker", AttachmentKind::Sticker),
    ("media", AttachmentKind::File),
    ("gif", AttachmentKind::Gif),
    ("location", AttachmentKind::Location),
    ("live location", AttachmentKind::Location),
    ("contact card", AttachmentKind::Contact),
];
/// A location's text may begin with a picture of the map, written as letters.
const PICTURE: usize = 100;
/// A file's name ends before this, and so do the words behind it.
const NAME: usize = 300;
const WORDS: usize = 120;

/// Reads what only this export writes so. `there`: whether a file is called so, or can only be
/// meant. A file's place is one in the export, with nothing said of where (see `media`).
pub fn read(text: &str, there: &dyn Fn(&str) -> MediaPlace) -> Option<Body> {
    let line = text.lines().next().unwrap_or("");
    attached(text, line, there)
        .or_else(|| omitted(text, line))
        .or_else(|| location(text))
        .or_else(|| contacts(text))
        .or_else(|| of_the_app(text))
}

fn label(word: &str) -> Option<AttachmentKind> {
    let low = word.to_lowercase();
    LABELS.iter().find(|(label, _)| *label == low).map(|(_, kind)| *kind)
}

fn asked(path: &str) -> MediaPlace {
    MediaPlace::Export { path: path.to_owned(), container: None }
}

/// `image (file attached) caption`, `plan (2).pdf (file attached)`, `GIF attached`.
fn attached(text: &str, line: &str, there: &dyn Fn(&str) -> MediaPlace) -> Option<Body> {
    if text == "GIF attached" {
        return Some(Body::with(AttachmentKind::Gif, None, asked(""), ""));
    }
    let front = &line[..line.floor_char_boundary(NAME)];
    memchr::memchr(b'(', front.as_bytes())?;
    let (name, end) = front.match_indices(" (").find_map(|(at, _)| {
        let after = &line.as_bytes()[at..];
        let close = memchr::memchr(b')', &after[..after.len().min(WORDS)])?;
        let close = at + close;
        let ends = matches!(line.as_bytes().get(close + 1), None | Some(b' '));
        let word = line.get(at + 2..close).filter(|_| ends)?.to_lowercase();
        words::FILE_ATTACHED.contains(&&*word).then(|| (&line[..at], close + 1))
    })?;
    let caption = text.get(end..).unwrap_or("");
    let caption = caption.strip_prefix(' ').unwrap_or(caption);
    if is_file_name(name) {
        return Some(Body::with(kind_of(name), Some(name), asked(name), caption));
    }
    if let Some(kind) = label(name) {
        return Some(Body::with(kind, None, asked(""), caption));
    }
    // A document without an ending, or a label in another language; or somebody's words.
    let is_there = matches!(there(name), MediaPlace::Export { container: Some(_), .. });
    is_there.then(|| Body::with(AttachmentKind::File, Some(name), asked(""), caption))
}

/// `<video message omitted> caption`.
fn omitted(text: &str, line: &str) -> Option<Body> {
    let (word, _) = line.strip_prefix('<')?.split_once('>')?;
    let kind = label(word.strip_suffix(" omitted")?)?;
    let caption = bare(text.get(word.len() + 2..)?);
    Some(Body::with(kind, None, MediaPlace::Omitted, caption))
}

/// `A place: Location: 48.1, 11.5 - https://maps.google.com/?q=48.1,11.5`.
fn location(text: &str) -> Option<Body> {
    let (before, query) = text.rsplit_once("https://maps.google.com/?q=")?;
    let before = before.strip_suffix(" - ")?;
    let (before, at) = before.rsplit_once(": ")?;
    let is_number = |s: &str| s.trim().parse::<f64>().is_ok();
    let (north, east) = at.split_once(", ")?;
    if !is_number(north) || !is_number(east) || query.contains(char::is_whitespace) {
        return None;
    }
    let (name, word) = before.rsplit_once(": ").unwrap_or(("", before));
    // One word is "Location", in any language; a live one has more.
    let name = match bare(name) {
        "" if word.contains(' ') => Some(word),
        "" => None,
        name => Some(name).filter(|name| !is_picture(name)),
    };
    let url = format!("https://maps.google.com/?q={query}");
    Some(Body::with(AttachmentKind::Location, name, MediaPlace::Web { url }, ""))
}

/// Whether what should be words is a picture, written as letters.
pub fn is_picture(text: &str) -> bool {
    text.len() > PICTURE && !text.contains(char::is_whitespace)
}

/// `Contact: BEGIN:VCARD …`, `3 contacts shared`.
fn contacts(text: &str) -> Option<Body> {
    let card =
        |name: &str| Some(Body::with(AttachmentKind::Contact, Some(name), MediaPlace::Omitted, ""));
    if let Some((word, rest)) = text.split_once(": ")
        && rest.starts_with("BEGIN:VCARD")
        && word.chars().count() <= 24
    {
        return card(&people::on_card(rest)?);
    }
    let count = text.strip_suffix(" contacts shared").or(text.strip_suffix(" contact shared"))?;
    let is_count = !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit());
    if is_count { card(text.strip_suffix(" shared")?) } else { None }
}

/// What cannot be read yet, and what the app does not write out: `<album message>`.
fn of_the_app(text: &str) -> Option<Body> {
    if text.len() > 200 || text.contains('\n') {
        return None;
    }
    let low = text.to_lowercase();
    if words::WAITING.iter().any(|p| low.starts_with(p)) {
        return Some(Body { kind: MessageKind::Sealed, ..Body::text("") });
    }
    let told = text.starts_with('<') && text.ends_with(" message>");
    told.then(|| Body::text(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "Bild" and "Untitled" are there.
    fn of(text: &str) -> Option<Body> {
        read(text, &|name| {
            let container = ["Bild", "Untitled"].contains(&name).then(|| "here".into());
            MediaPlace::Export { path: name.to_owned(), container }
        })
    }

    #[test]
    fn files_with_and_without_a_name() {
        use AttachmentKind as K;
        for (text, kind, name, caption) in [
            ("image (file attached)", K::Photo, None, ""),
            ("image (file attached) look\nthere", K::Photo, None, "look\nthere"),
            ("plan (2).pdf (file attached) read it", K::File, Some("plan (2).pdf"), "read it"),
            ("Untitled (file attached)", K::File, Some("Untitled"), ""),
            ("Bild (Datei angehängt) da", K::File, Some("Bild"), "da"),
            ("voice message (file attached)", K::Voice, None, ""),
            ("GIF attached", K::Gif, None, ""),
            ("<video message omitted> us", K::Video, None, "us"),
            ("<GIF omitted>", K::Gif, None, ""),
            ("<Live location omitted>", K::Location, None, ""),
            ("<Contact card omitted>", K::Contact, None, ""),
        ] {
            let body = of(text).unwrap_or_else(|| panic!("{text}"));
            let file = &body.attachments[0];
            assert_eq!((file.kind, file.name.as_deref()), (kind, name), "{text}");
            assert_eq!(body.text, caption, "{text}");
        }
        let long = format!("a{})", " (".repeat(500_000));
        for talk in [
            "GIF attached?",
            "no file (file attached maybe)",
            "the invoice (file attached) as promised",
            "what (is this)",
            "<nothing omitted>",
            "(",
            "é (é) (",
            &long,
        ] {
            assert_eq!(of(talk), None, "{talk}");
        }
    }

    #[test]
    fn places_lose_the_picture_and_keep_the_name() {
        let link = "48.1, 11.5 - https://maps.google.com/?q=48.1,11.5";
        let name = |text: &str| of(text).map(|b| b.attachments[0].name.clone());
        assert_eq!(name(&format!("Location: {link}")), Some(None));
        assert_eq!(name(&format!("{}: Location: {link}", "/9j/".repeat(40))), Some(None));
        let pier = name(&format!("The pier: Location: {link}"));
        assert_eq!(pier.flatten().as_deref(), Some("The pier"));
        let live = name(&format!("Live location: {link}"));
        assert_eq!(live.flatten().as_deref(), Some("Live location"));
        assert_eq!(name("see https://maps.google.com/?q=48.1,11.5"), None);
        assert_eq!(name(&format!("meet me: Location: {link} at nine")), None);
    }

    #[test]
    fn cards_and_what_the_app_says() {
        let card = "Contact: BEGIN:VCARD\nVERSION:3.0\nFN:Jonas Weber\nEND:VCARD";
        let name = |text: &str| of(text).and_then(|b| b.attachments[0].name.clone());
        assert_eq!(name(card).as_deref(), Some("Jonas Weber"));
        assert_eq!(name("3 contacts shared").as_deref(), Some("3 contacts"));
        assert_eq!(of("Contact: ask Jonas"), None);
        assert_eq!(of("no contacts shared"), None);
        let waiting = of("Waiting for this message. This may take a while.").expect("sealed");
        assert_eq!(waiting.kind, MessageKind::Sealed);
        assert_eq!(of("<album message>").expect("kept").text, "<album message>");
    }
}
