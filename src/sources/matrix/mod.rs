//! Element's JSON export of a Matrix room: `export.json` in a zip with its files, or one file alone.
//!
//! One object for one room, as element-web's `JSONExport.ts` writes it: `room_name`, `topic`,
//! `export_date`, `exported_by` (a display name, or the Matrix id where there is none), and
//! `messages`, the events as the server has them, decrypted where the keys were there. Files lie in
//! `images/`, `videos/`, `audio/`, `files/` and `stickers/`, named after the text of their message
//! and its day. The room's id is told by its events only. The records are those that the connector
//! of a live account makes of the same events, so that both tell one thread.

mod content;
mod event;
mod room;
mod survey;

use super::{Confidence, Entry, FileTree, Found, ReadError, ReadOptions, Sink, Source};
use crate::model::Record;
use room::Room;

/// Matrix's exports.
pub const SOURCE: Source = Source { id: "matrix", parts_share_a_tree: false, recognise, read };

/// Enough to meet everything that comes before the messages; a topic may be long.
const HEAD: usize = 64 << 10;
/// Files that are looked into for what they are.
const LOOKED_AT: usize = 200;

fn is_export(head: &[u8]) -> bool {
    let start = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let holds = |name: &str| memchr::memmem::find(head, format!("\"{name}\"").as_bytes()).is_some();
    start.starts_with(b"{") && ["room_name", "exported_by", "messages"].iter().all(|n| holds(n))
}

fn files(tree: &FileTree) -> impl Iterator<Item = &Entry> {
    let json = |e: &&Entry| e.path.to_ascii_lowercase().ends_with(".json");
    let named = |e: &&Entry| e.path.ends_with("export.json");
    let all = tree.entries().iter();
    let others = tree.entries().iter().filter(json).filter(move |e| !named(e)).take(LOOKED_AT);
    all.filter(named)
        .chain(others)
        .filter(|e| tree.head(e, HEAD).is_ok_and(|head| is_export(&head)))
}

fn recognise(tree: &FileTree) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for entry in files(tree) {
        let root = entry.path.rsplit_once('/').map_or("", |(dir, _)| dir);
        if found.iter().all(|f| f.root != root) {
            let what = "Matrix room (Element, JSON)".to_owned();
            found.push(Found { root: root.to_owned(), confidence: Confidence::Sure, what });
        }
    }
    found
}

fn read(tree: &FileTree, options: &ReadOptions, sink: &mut dyn Sink) -> Result<(), ReadError> {
    for entry in files(tree).filter(|e| !e.path.contains('/')) {
        let survey = survey::of(tree, entry, options, sink)?;
        if let Some(remark) = survey.remark(options) {
            sink.remark(format!("{}: {remark}", entry.path))?;
        }
        sink.take(Record::Account(survey.account(options)))?;
        let mut room = Room::new(tree, &survey, &entry.path);
        room.open(sink)?;
        super::json::walk(tree, entry, &mut room, sink)?;
        room.finish(sink)?;
    }
    Ok(())
}
