//! What was typed in a conversation and not sent: told as an event, at the time of its last change.

use super::super::chats::Chats;
use super::frames::Roll;
use crate::sources::database::Database;
use crate::sources::json::{int, parse, words};
use crate::sources::odds::Odds;
use crate::sources::{Sink, Stop};

/// Tells the draft of every conversation that has one.
pub fn tell(
    db: &Database,
    roll: &Roll,
    chats: &mut Chats<'_>,
    odds: &mut Odds,
    sink: &mut dyn Sink,
) -> Result<(), Stop> {
    let column = |name: &str| db.column("c", "conversations", &[name]);
    let sql = format!("SELECT {}, {} FROM conversations c", column("id"), column("json"));
    db.each(&sql, sink, &mut |row, sink| {
        let Some(told) = row.bytes(1).and_then(parse) else { return Ok(()) };
        let Some(text) = words(&told, "draft") else { return Ok(()) };
        let Some(chat) = row.text(0).and_then(|id| roll.of(&id)) else { return Ok(()) };
        let times = ["draftTimestamp", "timestamp", "active_at"];
        let at = times.iter().find_map(|name| int(&told, name).filter(|t| *t > 0));
        match at {
            Some(at) => chats.draft(chat, &text, at, sink),
            None => odds.say("a draft".to_owned(), "it has no time that can be read", sink),
        }
    })
}
