//! What stands after the sender: text, or one of the things that the app writes in words.

use super::file_names::{has_extension, is_camera_name, is_file_name, is_numbered, kind_of};
use super::marks::{after_marks, bare, is_by_app, is_mark};
use super::{calls, glance, phrases as words, polls, web};
use crate::model::{Attachment, AttachmentKind, Deletion, MediaPlace, MessageKind};

/// A message's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// What it is.
    pub kind: MessageKind,
    /// Its text.
    pub text: String,
    /// What came with it.
    pub attachments: Vec<Attachment>,
    /// It was edited.
    pub edited: bool,
    /// It was taken away.
    pub deletion: Deletion,
    /// Its sender is me: only I am told so.
    pub by_me: bool,
    /// Forwarded (Web says so).
    pub forwarded: bool,
    /// It is none of the things known, though the app wrote it.
    pub unknown: bool,
}

impl Body {
    /// Nothing but text.
    pub(super) fn text(text: &str) -> Self {
        Self {
            kind: MessageKind::Text,
            text: text.to_owned(),
            attachments: Vec::new(),
            edited: false,
            deletion: Deletion::None,
            by_me: false,
            forwarded: false,
            unknown: false,
        }
    }

    pub(super) fn with(
        kind: AttachmentKind,
        name: Option<&str>,
        place: MediaPlace,
        text: &str,
    ) -> Self {
        let attachment = Attachment { kind, name: name.map(str::to_owned), place };
        Self { attachments: vec![attachment], ..Self::text(text) }
    }
}

/// Who wrote a chat's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// A phone with Android.
    Android,
    /// An iPhone.
    Iphone,
    /// The app's web page or desktop app.
    Web,
}

/// Reads what follows the sender. `place` says where a file is.
pub fn read(whole: &str, writer: Writer, place: &dyn Fn(&str) -> MediaPlace) -> Body {
    let by_app = is_by_app(whole);
    let ios = writer != Writer::Android;
    let (text, edited) = without_edit_mark(after_marks(whole));
    let (text, forwarded) = without_forward_mark(text, ios);
    // The web's files are found later, and lie elsewhere.
    let later = |path: &str| MediaPlace::Export { path: path.to_owned(), container: None };
    let (of_web, place): (_, &dyn Fn(&str) -> MediaPlace) = match writer {
        Writer::Web => (web::body::read(text, place), &later),
        Writer::Android | Writer::Iphone => (None, place),
    };
    let mut body = of_web
        .or_else(|| special(text, ios, by_app, place))
        .unwrap_or_else(|| Body { unknown: by_app, ..Body::text(text) });
    body.edited = edited;
    body.forwarded = forwarded;
    body
}

fn special(
    text: &str,
    ios: bool,
    by_app: bool,
    place: &dyn Fn(&str) -> MediaPlace,
) -> Option<Body> {
    let line = &text[..memchr::memchr(b'\n', text.as_bytes()).unwrap_or(text.len())];
    let rest = text.get(line.len() + 1..).unwrap_or("");
    // Everything known is short, or has its mark in the first line; but a caption of several lines
    // on an iPhone has its file behind the last.
    if (line.contains('<') || rest.ends_with('>'))
        && let Some(body) = bracketed_file(text, place).or_else(|| bracketed_omission(line, rest))
    {
        return Some(body);
    }
    if ios && let Some(body) = web_media(text, line, place).or_else(|| captioned_omission(text)) {
        return Some(body);
    }
    if let Some(body) = android_file(line, rest, place) {
        return Some(body);
    }
    if let Some(body) = location(text, line, by_app) {
        return Some(body);
    }
    if line.len() > 240 {
        return None;
    }
    if line.contains(':')
        && (line.ends_with(':') || line.contains(": "))
        && let Some(body) = polls::poll(line, rest).or_else(|| polls::event(line, rest))
    {
        return Some(body);
    }
    if rest.is_empty() { phrase(line, ios, by_app) } else { None }
}

/// Whether the app tells the sender that they took a message back: it tells only me so.
pub fn deleted_by_me(text: &str) -> bool {
    text.len() <= 100 && !text.contains('\n') && {
        let text = bare(bare(text).trim_end_matches(words::DOTS));
        glance::may_begin(text) && words::DELETED_BY_ME.contains(&text.to_lowercase().as_str())
    }
}

/// A body that is one phrase of the app's.
fn phrase(line: &str, ios: bool, by_app: bool) -> Option<Body> {
    let plain = bare(line);
    if plain.is_empty() || (plain == "null" && !ios) {
        return Some(view_once(AttachmentKind::File));
    }
    let text = bare(plain.trim_end_matches(words::DOTS));
    let of_media = ios || by_app;
    let may = glance::may_begin(text) || (of_media && glance::may_end(text));
    if !may {
        return None;
    }
    let low = text.to_lowercase();
    if words::TAKEN_DOWN.iter().any(|p| low.starts_with(p)) {
        return Some(Body { deletion: Deletion::TakenDown, ..Body::text("") });
    }
    let by_me = words::DELETED_BY_ME.contains(&low.as_str());
    if by_me || words::DELETED.contains(&low.as_str()) {
        return Some(Body { deletion: Deletion::Unsent, by_me, ..Body::text("") });
    }
    if let Some(call) = calls::call(&low, by_app) {
        return Some(Body { kind: MessageKind::Call(call), ..Body::text("") });
    }
    if words::LIVE_LOCATION.contains(&low.as_str()) {
        return Some(Body::with(AttachmentKind::Location, None, MediaPlace::Omitted, ""));
    }
    if by_app && words::WAITING.iter().any(|p| low.starts_with(p)) {
        return Some(Body { kind: MessageKind::Sealed, ..Body::text("") });
    }
    if by_app && words::VIEW_ONCE.iter().any(|p| low.starts_with(p)) {
        return Some(view_once(AttachmentKind::File));
    }
    if of_media { omission(line, &low, by_app) } else { None }
}

fn view_once(kind: AttachmentKind) -> Body {
    Body::with(kind, Some("view once"), MediaPlace::Omitted, "")
}

/// `image omitted`, `name.pdf • 2 pages document omitted` (iOS).
fn omission(line: &str, low: &str, by_app: bool) -> Option<Body> {
    for (kind, phrases) in words::OMITTED {
        for phrase in *phrases {
            let Some(before) = low.strip_suffix(phrase) else { continue };
            if !by_app && words::TALK.contains(phrase) {
                continue;
            }
            if before.is_empty() {
                return Some(Body::with(*kind, None, MediaPlace::Omitted, ""));
            }
            // Only a document has its name before it.
            let name = document_name(line);
            if *kind == AttachmentKind::File && name.is_some() {
                return Some(Body::with(*kind, name, MediaPlace::Omitted, ""));
            }
        }
    }
    None
}

/// `what was said below it \u{200e}image omitted` (iOS): the mark is the app's, whoever types the words.
fn captioned_omission(text: &str) -> Option<Body> {
    let trimmed = bare(text).trim_end_matches('.');
    if !glance::may_end(trimmed) {
        return None;
    }
    let (caption, phrase) = trimmed.rsplit_once('\u{200e}')?;
    let low = phrase.to_lowercase();
    let (kind, _) = words::OMITTED.iter().find(|(_, list)| list.contains(&low.as_str()))?;
    let caption = bare(caption);
    // A document has its name there.
    let is_name = *kind == AttachmentKind::File && document_name(caption).is_some();
    (!caption.is_empty() && !is_name).then(|| Body::with(*kind, None, MediaPlace::Omitted, caption))
}

/// `name.pdf` of `name.pdf • 2 pages …`.
fn document_name(line: &str) -> Option<&str> {
    let name = line.split(" • ").next().map(bare)?;
    if has_extension(name) {
        Some(name)
    } else {
        name.split(is_mark).next().map(bare).filter(|n| has_extension(n))
    }
}

/// `<Media omitted>`, with a caption or the document's name on the next line.
fn bracketed_omission(line: &str, rest: &str) -> Option<Body> {
    let inner = bare(line).strip_prefix('<')?.strip_suffix('>')?;
    if inner.is_empty() || inner.len() > 200 || inner.contains(['<', '>', '/', '=']) {
        return None;
    }
    let low = bare(inner).trim_end_matches('.').to_lowercase();
    let known = words::OMITTED.iter().find(|(_, list)| list.contains(&low.as_str()));
    let kind = known.map_or(AttachmentKind::File, |(kind, _)| *kind);
    // The app's words begin with a capital, in scripts that have any, and are more than one; people
    // put asides there.
    let is_unknown = known.is_none() && !words::MEDIA_OMITTED.contains(&&*low);
    if is_unknown && (bare(inner).starts_with(char::is_lowercase) || !inner.contains(' ')) {
        return None;
    }
    if low.starts_with("view once") {
        return Some(view_once(kind));
    }
    let caption = bare(rest);
    if kind == AttachmentKind::File && has_extension(caption) && !caption.contains('\n') {
        return Some(Body::with(kind_of(caption), Some(caption), MediaPlace::Omitted, ""));
    }
    // What nobody knows for certain to be the app's stays to be read.
    let name = is_unknown.then(|| bare(inner));
    Some(Body::with(kind, name, MediaPlace::Omitted, rest))
}

/// Web's `<image omitted> caption` and `file.jpg (file attached) caption`, on one line.
fn web_media(text: &str, line: &str, place: &dyn Fn(&str) -> MediaPlace) -> Option<Body> {
    if let Some((inner, _)) = line.strip_prefix('<').and_then(|l| l.split_once('>')) {
        let low = inner.to_lowercase();
        let (kind, _) = words::OMITTED.iter().find(|(_, list)| list.contains(&low.as_str()))?;
        return Some(Body::with(*kind, None, MediaPlace::Omitted, bare(&text[inner.len() + 2..])));
    }
    // A search for one byte costs a fraction of one for two.
    memchr::memchr(b'(', line.as_bytes())?;
    let (name, after) = line.split_once(" (")?;
    let (word, _) = after.split_once(") ")?;
    if !is_file_name(name) || !words::FILE_ATTACHED.contains(&word.to_lowercase().as_str()) {
        return None;
    }
    let caption = text.get(name.len() + word.len() + 4..).unwrap_or("");
    Some(Body::with(kind_of(name), Some(name), place(name), caption))
}

/// `<attached: 00000035-PHOTO-….jpg>` and its translations, word before or after the name.
fn bracketed_file(text: &str, place: &dyn Fn(&str) -> MediaPlace) -> Option<Body> {
    let open = text.rfind('<')?;
    let close = open + text[open..].find('>')?;
    let inner = bare(&text[open + 1..close]);
    let (name, named) = file_in_brackets(inner)?;
    let here = place(name);
    let present = matches!(here, MediaPlace::Export { container: Some(_), .. });
    let by_app = text[..open].ends_with(is_mark) || is_numbered(name);
    if !named && !present && !by_app {
        return None;
    }
    let before = bare(&text[..open]);
    let after = bare(&text[close + 1..]);
    // A document's name stands again before the mark, perhaps with its pages.
    let shown = document_name(before).unwrap_or(before);
    let own = before.is_empty() || name == shown || name.get(9..) == Some(shown);
    let caption = match (own, after.is_empty()) {
        (true, _) => after,
        (false, true) => before,
        (false, false) => text,
    };
    // The number counts within one export; a later export of the chat gives another.
    let stable = name.get(9..).filter(|_| is_numbered(name)).unwrap_or(name);
    Some(Body::with(kind_of(name), Some(stable), here, caption))
}

/// The file's name in `attached: NAME` or `NAME attached`, and whether the word is a known one.
fn file_in_brackets(inner: &str) -> Option<(&str, bool)> {
    if let Some((word, name)) = inner.split_once(':') {
        let (word, name) = (bare(word), bare(name));
        if is_file_name(name) && word.chars().count() <= 32 {
            return Some((name, words::ATTACHED.contains(&word.to_lowercase().as_str())));
        }
    }
    if is_numbered(inner) || !inner.contains(' ') {
        let name = inner.rsplit_once(' ').map(|(n, _)| n).filter(|n| has_extension(n));
        return is_file_name(inner).then_some((inner, false)).or(name.map(|n| (n, true)));
    }
    let found = words::ATTACHED.iter().find_map(|w| inner.strip_suffix(w).map(bare));
    found.filter(|n| is_file_name(n)).map(|n| (n, true))
}

/// `IMG-20220327-WA0001.jpg (file attached)` and its translations.
fn android_file(line: &str, rest: &str, place: &dyn Fn(&str) -> MediaPlace) -> Option<Body> {
    let line = bare(line);
    if line.len() > 400 {
        return None;
    }
    let name = attached_name(line, place)?;
    let caption = match rest.split_once('\n') {
        Some((first, more)) if bare(first) == name => more,
        None if bare(rest) == name => "",
        _ => rest,
    };
    Some(Body::with(kind_of(name), Some(name), place(name), caption))
}

fn attached_name<'a>(line: &'a str, place: &dyn Fn(&str) -> MediaPlace) -> Option<&'a str> {
    if let Some((name, word)) = line.strip_suffix(')').and_then(|l| l.rsplit_once(" (")) {
        let name = bare(name);
        let known = words::FILE_ATTACHED.contains(&bare(word).to_lowercase().as_str());
        let there = || matches!(place(name), MediaPlace::Export { container: Some(_), .. });
        let fits = is_file_name(name) && (known || is_camera_name(name) || there());
        return fits.then_some(name);
    }
    // Persian writes no parentheses; `x.jpg <attached>` is older.
    let name = &line[..memchr::memchr(b' ', line.as_bytes()).unwrap_or(line.len())];
    if !is_file_name(name) {
        return None;
    }
    let word = bare(line.get(name.len()..)?).trim_matches(['<', '>']);
    let known = words::FILE_ATTACHED.contains(&word) || words::ATTACHED.contains(&word);
    known.then_some(name)
}

fn location(text: &str, line: &str, by_app: bool) -> Option<Body> {
    const PLACES: [&str; 3] =
        ["://maps.google.com/?q=", "://foursquare.com/v/", "://maps.google.com/maps?q="];
    if text.len() > 1200 || !text.contains(':') || !text.contains("://") {
        return None;
    }
    let at = PLACES.iter().find_map(|p| text.find(p))?;
    let space = text[..at].char_indices().rfind(|(_, c)| c.is_whitespace());
    let start = space.map_or(0, |(i, c)| i + c.len_utf8());
    let start = text[start..at].find("http").map(|i| start + i)?;
    let url = text[start..].split(char::is_whitespace).next()?;
    let (label, after) = (bare(&text[..start]), bare(&text[start + url.len()..]));
    // A link that somebody put into a sentence is text.
    // The web's has the coordinates before it.
    let names_it =
        label.ends_with([':', '-']) || label.lines().count() > 1 || by_app && label.contains(": ");
    if !after.is_empty() || label.is_empty() || !names_it {
        return None;
    }
    let label = bare(label.trim_end_matches([':', '-']));
    let label = match label.split_once(": ") {
        Some((word, place)) if by_app && !word.contains([' ', '\n']) => place,
        _ => label,
    };
    let word_only = line.contains("://") && !label.contains([' ', '(', '\n']);
    let name = (!word_only).then_some(label);
    Some(Body::with(AttachmentKind::Location, name, MediaPlace::Web { url: url.to_owned() }, ""))
}

fn without_edit_mark(text: &str) -> (&str, bool) {
    let trimmed = text.trim_end();
    let Some(open) = trimmed.strip_suffix('>').and_then(|t| t.rfind('<')) else {
        return (text, false);
    };
    let inner = bare(&trimmed[open + 1..trimmed.len() - 1]);
    let low = inner.trim_end_matches('.').to_lowercase();
    let before = &trimmed[..open];
    let by_app = before.ends_with('\u{200e}') && !bare(before).is_empty();
    let unnamed =
        by_app && inner.contains(' ') && !inner.contains([':', '/']) && !has_extension(inner);
    let omitted = words::OMITTED.iter().any(|(_, l)| l.contains(&low.as_str()));
    if words::EDITED.contains(&low.as_str()) || (unnamed && !omitted) {
        let before = before.trim_end_matches(is_mark);
        return (before.strip_suffix(' ').unwrap_or(before), true);
    }
    (text, false)
}

fn without_forward_mark(text: &str, web: bool) -> (&str, bool) {
    ["[Forwarded many times] ", "[Forwarded] "]
        .iter()
        .filter(|_| web)
        .find_map(|mark| text.strip_prefix(mark))
        .map_or((text, false), |rest| (rest, true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Call;

    fn nowhere(path: &str) -> MediaPlace {
        MediaPlace::Export { path: path.to_owned(), container: None }
    }

    fn dress(ios: bool) -> Writer {
        if ios { Writer::Iphone } else { Writer::Android }
    }

    fn media(text: &str, ios: bool) -> (AttachmentKind, Option<String>, String) {
        let body = read(text, dress(ios), &nowhere);
        let a = body.attachments.first().unwrap_or_else(|| panic!("nothing attached: {text:?}"));
        (a.kind, a.name.clone(), body.text)
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn attachments_in_every_dress() {
        use AttachmentKind as K;
        let table = [
            (
                "\u{200e}<attached: 00000035-PHOTO-2022-03-27-21-41-55.jpg>",
                true,
                K::Photo,
                Some("PHOTO-2022-03-27-21-41-55.jpg"),
                "",
            ),
            (
                "\u{200e}<Anhang: 00000038-AUDIO-2022-03-27-21-44-47.opus>",
                true,
                K::Voice,
                Some("AUDIO-2022-03-27-21-44-47.opus"),
                "",
            ),
            ("\u{200e}< pièce jointe : 00000042-TR.vcf >", true, K::Contact, Some("TR.vcf"), ""),
            (
                "\u{200e}<00000043-STICKER-2022-03-27-21-49-16.webp eklendi>",
                true,
                K::Sticker,
                Some("STICKER-2022-03-27-21-49-16.webp"),
                "",
            ),
            (
                "Plan.pdf • \u{200e}2 pages \u{200e}<attached: 00000047-Plan.pdf>",
                true,
                K::File,
                Some("Plan.pdf"),
                "",
            ),
            (
                "see\nyou \u{200e}<attached: 00000049-VIDEO-2023-01-01-10-00-00.mp4>",
                true,
                K::Video,
                Some("VIDEO-2023-01-01-10-00-00.mp4"),
                "see\nyou",
            ),
            (
                "see you \u{200e}<attached: 00000048-PHOTO-2023-01-01-10-00-00.jpg>",
                true,
                K::Photo,
                Some("PHOTO-2023-01-01-10-00-00.jpg"),
                "see you",
            ),
            (
                "IMG-20220327-WA0001.jpg (file attached)",
                false,
                K::Photo,
                Some("IMG-20220327-WA0001.jpg"),
                "",
            ),
            (
                "\u{200e}PTT-20220327-WA0001.opus (Datei angehängt)",
                false,
                K::Voice,
                Some("PTT-20220327-WA0001.opus"),
                "",
            ),
            (
                "IMG-20220327-WA0001.jpg (file attached)\nlook!\nthere",
                false,
                K::Photo,
                Some("IMG-20220327-WA0001.jpg"),
                "look!\nthere",
            ),
            ("My plan.pdf (file attached)\nMy plan.pdf", false, K::File, Some("My plan.pdf"), ""),
            (
                "AUD-20220327-WA0000. (file attached)",
                false,
                K::Audio,
                Some("AUD-20220327-WA0000."),
                "",
            ),
            ("<Media omitted>", false, K::File, None, ""),
            ("<Medien ausgeschlossen>", false, K::File, None, ""),
            ("<Media omitted>\na caption", false, K::File, None, "a caption"),
            ("<Media omitted>\nTemplate.docx", false, K::File, Some("Template.docx"), ""),
            ("<Video note omitted>", false, K::Video, None, ""),
            ("\u{200e}image omitted", true, K::Photo, None, ""),
            ("Look at this \u{200e}image omitted", true, K::Photo, None, "Look at this"),
            ("two\nlines \u{200e}video omitted", true, K::Video, None, "two\nlines"),
            ("\u{200e}Bild weggelassen", true, K::Photo, None, ""),
            (
                "Plan.pdf • \u{200e}3 pages \u{200e}document omitted",
                true,
                K::File,
                Some("Plan.pdf"),
                "",
            ),
            ("null", false, K::File, Some("view once"), ""),
            ("", true, K::File, Some("view once"), ""),
            ("\u{200e}<View once voice message omitted>", true, K::Voice, Some("view once"), ""),
        ];
        for (text, ios, kind, name, rest) in table {
            assert_eq!(
                media(text, ios),
                (kind, name.map(str::to_owned), rest.to_owned()),
                "{text:?}"
            );
        }
    }

    #[test]
    fn words_of_the_app_and_words_of_people() {
        let b = |t: &str, ios| read(t, dress(ios), &nowhere);
        assert_eq!(b("\u{200e}You deleted this message.", true).deletion, Deletion::Unsent);
        assert!(b("Du hast diese Nachricht gelöscht.", false).by_me);
        assert_eq!(
            b("This message was deleted by admin Ann.", false).deletion,
            Deletion::TakenDown
        );
        let edited = b("sounds good <This message was edited>", false);
        assert!(edited.edited && edited.text == "sounds good");
        let edited = b("gut \u{200e}<Diese Nachricht wurde bearbeitet.>", true);
        assert!(edited.edited && edited.text == "gut");
        let call = b("\u{200e}Video call, 1 hr 5 min", true);
        assert_eq!(
            call.kind,
            MessageKind::Call(Call { video: Some(true), seconds: Some(3900), missed: false })
        );
        let call = b("Missed voice call", false);
        assert_eq!(
            call.kind,
            MessageKind::Call(Call { video: Some(false), seconds: None, missed: true })
        );
        let poll = b(
            "\u{200e}POLL:\nPizza or pasta?\n\u{200e}OPTION: Pizza (2 votes)\n\u{200e}OPTION: Pasta (0 votes)\n",
            true,
        );
        assert_eq!(poll.kind, MessageKind::Poll);
        assert_eq!(poll.text, "Pizza or pasta?\nPizza (2 votes)\nPasta (0 votes)");
        let web = b("Poll: Where?\n    - Here\n    - There", true);
        assert_eq!((web.kind, web.text.as_str()), (MessageKind::Poll, "Where?\nHere\nThere"));
        let here = b("\u{200e}Location: https://maps.google.com/?q=51.5,-0.12", true);
        assert_eq!(
            here.attachments[0].place,
            MediaPlace::Web { url: "https://maps.google.com/?q=51.5,-0.12".into() }
        );
        // French and German phones put a space that does not break, or a narrow one, before it.
        for space in ['\u{a0}', '\u{202f}', '\u{3000}'] {
            let here = b(&format!("\u{200e}Standort:{space}https://maps.google.com/?q=1,2"), true);
            assert_eq!(
                here.attachments[0].place,
                MediaPlace::Web { url: "https://maps.google.com/?q=1,2".into() }
            );
        }
        for text in [
            "I <3 you > me",
            "look: https://maps.google.com/?q=1,2 is nice",
            "a (b)",
            "voice call?",
            "<b>bold</b>",
            "this message was deleted by my cat",
            "note: buy (file)",
            "say null",
            "line\n\n\nlast\n",
        ] {
            let body = b(text, true);
            assert_eq!(
                (body.text.as_str(), body.kind, body.attachments.len()),
                (text, MessageKind::Text, 0),
                "{text:?}"
            );
            assert!(!body.edited && body.deletion == Deletion::None, "{text:?}");
        }
    }
}
