//! The content of a message: its text, what came with it, polls.

use serde_json::Value;

use crate::model::{Attachment, AttachmentKind, MediaPlace, MessageRecord, Timestamp};
use crate::sources::FileTree;
use crate::sources::json::{flag, member, text, words};

/// Files of one name that are looked at.
const ALIKE: usize = 1000;

fn is_loop(content: &Value) -> bool {
    member(content, "info")
        .is_some_and(|info| flag(info, "fi.mau.gif") || text(info, "mimetype") == Some("image/gif"))
}

/// Fills in the text and the attachments of a message.
pub fn fill(message: &mut MessageRecord, content: &Value, tree: &FileTree) {
    let body = text(content, "body").unwrap_or_default();
    let at = message.sent.at;
    let id = message.native_id.clone();
    let file = |folder, kind| attachment(content, kind, folder, (id.as_deref(), at), tree);
    let (gif, voice) = (is_loop(content), member(content, "org.matrix.msc3245.voice").is_some());
    let attached = match text(content, "msgtype").unwrap_or_default() {
        "m.emote" => {
            message.text = format!("* {body}");
            return;
        }
        "m.image" => file("images", if gif { AttachmentKind::Gif } else { AttachmentKind::Photo }),
        "m.video" => file("videos", if gif { AttachmentKind::Gif } else { AttachmentKind::Video }),
        "m.audio" => {
            file("audio", if voice { AttachmentKind::Voice } else { AttachmentKind::Audio })
        }
        "m.file" => file("files", AttachmentKind::File),
        "m.location" => {
            message.text = body.to_owned();
            if let Some(url) = words(content, "geo_uri").filter(|uri| uri.starts_with("geo:")) {
                let (kind, place) = (AttachmentKind::Location, MediaPlace::Web { url });
                message.attachments.push(Attachment { kind, name: None, place });
            }
            return;
        }
        _ => {
            message.text = body.to_owned();
            return;
        }
    };
    // The body is a caption only where the file has a name of its own.
    if text(content, "filename").is_some_and(|name| name != body) {
        message.text = body.to_owned();
    }
    message.attachments.push(attached);
}

/// A file: where Element laid it, if it did.
pub fn attachment(
    content: &Value,
    kind: AttachmentKind,
    folder: &str,
    (id, at): (Option<&str>, Timestamp),
    tree: &FileTree,
) -> Attachment {
    let name = words(content, "filename").or_else(|| words(content, "body"));
    let told = [text(content, "body"), text(content, "filename")];
    let found = id
        .and_then(|id| find_by_id(folder, id, tree))
        .or_else(|| told.into_iter().flatten().find_map(|name| find(folder, name, at, tree)));
    Attachment { kind, name, place: found.unwrap_or(MediaPlace::Omitted) }
}

/// Since 2026 Element names a file after its event: `<folder>/<letters and digits of the id>.<ending>`.
fn find_by_id(folder: &str, id: &str, tree: &FileTree) -> Option<MediaPlace> {
    let plain: String = id.chars().filter(char::is_ascii_alphanumeric).collect();
    let prefix = FileTree::inside(&format!("{folder}/{plain}."));
    let entry = tree.under(&prefix).first().filter(|_| !plain.is_empty())?;
    Some(tree.media(&entry.path))
}

/// Before that Element named it `<folder>/<name>-<day and time>.<ending>`, the day as its language writes
/// it. Of several with one name it is the one that tells the message's year, minute and second.
fn find(folder: &str, name: &str, at: Timestamp, tree: &FileTree) -> Option<MediaPlace> {
    let (base, ending) = match name.rsplit_once('.') {
        Some((base, ending)) => (base, Some(ending)),
        None => (name, None),
    };
    let prefix = FileTree::inside(&format!("{folder}/{base}-"));
    let ends_so = |path: &str| match ending {
        // Element makes every sticker a PNG.
        Some(ending) if folder != "stickers" => path.ends_with(ending),
        _ => true,
    };
    let alike: Vec<&str> = tree
        .under(&prefix)
        .iter()
        .take(ALIKE)
        .map(|e| e.path.as_str())
        .filter(|path| ends_so(path))
        .collect();
    let when = at.to_utc()?;
    let parts = ["%Y", "%M", "%S"].map(|part| when.format(part).to_string());
    let numbers = |path: &str| -> Vec<String> {
        let told = path.get(prefix.len()..).unwrap_or_default();
        told.split(|c: char| !c.is_ascii_digit()).map(str::to_owned).collect()
    };
    if let [one] = alike.as_slice() {
        // It may be another message's: what is too large is not in the export. A clock in another
        // zone, and in most languages, has the same seconds.
        let told = numbers(one);
        let readable = told.iter().filter(|n| !n.is_empty()).count() >= 5;
        return (!readable || told.contains(&parts[2])).then(|| tree.media(one));
    }
    let tells = |path: &&&str| {
        let numbers = numbers(path);
        parts.iter().all(|part| numbers.contains(part))
    };
    let mut fitting = alike.iter().filter(tells);
    let one = fitting.next()?;
    fitting.next().is_none().then(|| tree.media(one))
}
