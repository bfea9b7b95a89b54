//! Files of messages, which lie in `attachments.noindex/`.
//!
//! Since version 7.18 each is locked with a key of its own (`localKey`, `version` 2): 16 bytes of
//! initialisation vector, AES-256 in CBC mode, and an HMAC-SHA256 of both; what is inside is padded
//! and told with its size.

use std::io::Read;

use serde_json::{Map, Value, json};

use super::super::keys;
use crate::model::{FileLock, MediaPlace};
use crate::sources::FileTree;
use crate::sources::Unlocked;
use crate::sources::database::Row;
use crate::sources::json::{int, text, words};
use crate::sources::wrapped::ending;

/// Where the files lie.
const FOLDER: &str = "attachments.noindex/";
/// A text that is too long for one message lies in a file of this size at most, locked.
const LONG_TEXT: u64 = 1 << 20;

/// A file as the table tells it: what it is to the message, its place among its like, the rest in
/// the names that the JSON of a message has for it.
pub type File = (String, i64, Value);

/// Columns of the table.
pub const COLUMNS: [&str; 8] =
    ["contentType", "fileName", "path", "localKey", "version", "size", "flags", "caption"];

/// Takes a row of the table.
pub fn row(r: &Row<'_>) -> File {
    let mut all = Map::new();
    for (at, name) in (4..).zip(COLUMNS) {
        let value = match name {
            "version" | "size" | "flags" => r.int(at).map(Value::from),
            _ => r.text(at).map(Value::from),
        };
        all.extend(value.map(|v| (name.to_owned(), v)));
    }
    (r.text(2).unwrap_or_default(), r.int(3).unwrap_or(0), Value::Object(all))
}

/// The place of a file in the app's folder.
fn path(file: &Value) -> Option<String> {
    let path = words(file, "path")?.replace('\\', "/");
    Some(format!("{FOLDER}{path}"))
}

/// Whether a path is one of the app's files.
pub fn is_file(path: &str) -> bool {
    path.starts_with(FOLDER) && !path.contains('\\')
}

fn is_locked(file: &Value) -> bool {
    int(file, "version").is_some_and(|v| v >= 2)
}

/// What opens a file.
fn lock(file: &Value) -> Option<FileLock> {
    let keys = keys::member_bytes(file, "localKey")?;
    let size = u64::try_from(int(file, "size")?).ok()?;
    FileLock::new(&keys, size, ending(text(file, "contentType").unwrap_or_default()))
}

/// Where a file is that a pointer names: with what opens it, where it is there.
pub fn place(found: MediaPlace, pointer: &Value) -> MediaPlace {
    match found {
        MediaPlace::Export { path, container: Some(container) } if is_locked(pointer) => {
            let path = lock(pointer).map_or_else(|| path.clone(), |lock| lock.onto(&path));
            MediaPlace::Export { path, container: Some(container) }
        }
        other => other,
    }
}

/// A file as a pointer of the export. Counts those that are there, but cannot be opened.
pub fn pointer(file: &Value, locked: &mut u64) -> Value {
    let mut pointer = Map::new();
    for name in ["contentType", "fileName", "caption"] {
        pointer.extend(text(file, name).map(|v| (name.to_owned(), Value::from(v))));
    }
    match path(file) {
        Some(_) if is_locked(file) && lock(file).is_none() => *locked += 1,
        Some(path) if is_locked(file) => {
            pointer.insert("path".to_owned(), path.into());
            for name in ["version", "localKey", "size"] {
                pointer.extend(file.get(name).map(|v| (name.to_owned(), v.clone())));
            }
        }
        Some(path) => pointer.extend([("path".to_owned(), Value::from(path))]),
        None => {}
    }
    Value::Object(pointer)
}

/// A file as an attachment of the export.
pub fn attachment(file: &Value, worded: bool, locked: &mut u64) -> Value {
    let flags = int(file, "flags").unwrap_or(0);
    let flag = match flags {
        // With words beside it, it is a file that was sent.
        f if f & 1 != 0 && worded => "NONE",
        f if f & 1 != 0 => "VOICE_MESSAGE",
        f if f & 8 != 0 => "GIF",
        f if f & 2 != 0 => "BORDERLESS",
        _ => "NONE",
    };
    json!({ "pointer": pointer(file, locked), "flag": flag })
}

/// The whole of a text of which the message has the beginning.
pub fn long_text(file: &Value, begin: &str, tree: &FileTree) -> Option<String> {
    let entry = tree.find(&path(file)?)?;
    let plain = if is_locked(file) {
        let stream = Unlocked::new(tree.open_raw(entry).ok()?, &lock(file)?).ok()?;
        let mut plain = Vec::new();
        stream.take(LONG_TEXT + 1).read_to_end(&mut plain).ok()?;
        (plain.len() as u64 <= LONG_TEXT).then_some(plain)?
    } else {
        tree.read(entry, LONG_TEXT).ok()?
    };
    String::from_utf8(plain).ok().filter(|whole| whole.starts_with(begin))
}
