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
mod votes;
pub mod wording;

use super::json::{holds, is_object};
use super::{Entry, FileTree, Found, ReadError, ReadOptions, Sink, Source};
use crate::model::Record;
use room::Room;

/// Matrix's exports.
pub const SOURCE: Source = Source { id: "matrix", parts_share_a_tree: false, recognise, read };

/// Enough to meet everything that comes before the messages; a topic may be long.
const HEAD: usize = 64 << 10;

fn is_export(head: &[u8]) -> bool {
    let told = |name: &str| holds(head, name);
    is_object(head) && ["room_name", "exported_by", "messages"].iter().all(|n| told(n))
}

fn files(tree: &FileTree) -> impl Iterator<Item = (&Entry, &'static str)> {
    let look = |head: &[u8]| is_export(head).then_some("Matrix room (Element, JSON)");
    super::json::files(
        tree,
        HEAD,
        |name| name.ends_with("export.json") || name.contains("chat export"),
        look,
    )
}

fn recognise(tree: &FileTree) -> Vec<Found> {
    Found::in_folders(files(tree))
}

fn read(tree: &FileTree, options: &ReadOptions, sink: &mut dyn Sink) -> Result<(), ReadError> {
    for (entry, _) in files(tree).filter(|(e, _)| !e.path.contains('/')) {
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
