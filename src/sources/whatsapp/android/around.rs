//! What lies around messages in other tables, walked beside them.

use std::collections::HashMap;

use crate::model::Call;
use crate::sources::database::{Beside, Database, Question, Row};
use crate::sources::{Sink, Stop};

/// A reaction: whether it is mine, else whose (`None`: the other one's), what, when.
pub type Reacted = (bool, Option<i64>, Option<String>, Option<i64>);

/// What lies around one message.
#[derive(Default)]
pub struct Around {
    /// Reactions to it.
    pub reactions: Vec<Reacted>,
    /// Options of a poll, with their votes.
    pub options: Vec<(Option<String>, Option<i64>)>,
    /// Contact cards.
    pub cards: Vec<String>,
    /// To whom something was done.
    pub whom: Vec<i64>,
    /// Buttons and cards, as JSON.
    pub elements: Vec<String>,
    /// The call that it stands for.
    pub call: Option<Call>,
    /// A call that nobody answered was one with picture.
    pub missed_video: Option<bool>,
    /// Who is named in the text, and the digits by which.
    pub mentions: Vec<(Option<i64>, Option<String>)>,
    /// An event of a group that I came by.
    pub me_joined: bool,
    /// A contact was blocked, or let in again.
    pub blocked: Option<bool>,
}

/// A call; one of no length was missed unless I made it.
pub fn call(video: Option<i64>, seconds: Option<i64>, mine: bool) -> Call {
    let seconds = seconds.filter(|s| *s > 0).and_then(|s| u32::try_from(s).ok());
    Call { video: video.map(|v| v != 0), seconds, missed: seconds.is_none() && !mine }
}

/// The questions, in the order of messages.
pub struct Questions<'d> {
    reactions: Question<'d>,
    options: Question<'d>,
    cards: Question<'d>,
    whom: Question<'d>,
    elements: Question<'d>,
    calls: Question<'d>,
    missed: Question<'d>,
    mentions: Question<'d>,
    groups: Question<'d>,
    blocked: Question<'d>,
}

/// A table with a row, or several, for a message.
fn of_table<'d>(db: &'d Database, table: &str, columns: &[&str], order: &str) -> Question<'d> {
    let columns: Vec<String> = columns.iter().map(|c| db.column("t", table, &[c])).collect();
    let sql = format!(
        "SELECT m.chat_row_id, m._id, {} FROM {table} t
         JOIN message m ON m._id = t.message_row_id ORDER BY m.chat_row_id, m._id{order}",
        columns.join(", ")
    );
    db.prepare(&[table], &sql)
}

/// `message_association.association_type`: a picture of an album.
const OF_ALBUM: i64 = 2;
/// `message.message_type` of an album's envelope, which is not told.
pub const ALBUM: i64 = 99;

/// The envelope of each album and the first of its pictures, as SQL: `envelope`, `first`.
fn albums(db: &Database) -> Option<String> {
    let columns = ["parent_message_row_id", "child_message_row_id", "association_type"];
    let there = |c: &str| db.column("a", "message_association", &[c]) != "NULL";
    (db.column("p", "message", &["message_type"]) != "NULL" && columns.iter().all(|c| there(c)))
        .then(|| {
            format!(
                "SELECT p._id AS envelope, min(c._id) AS first FROM message_association a
                 JOIN message p ON p._id = a.parent_message_row_id
                 JOIN message c ON c._id = a.child_message_row_id
                 WHERE a.association_type = {OF_ALBUM} AND p.message_type = {ALBUM}
                   AND p.text_data IS NULL AND c.chat_row_id = p.chat_row_id GROUP BY 1"
            )
        })
}

/// The ids of the envelopes of albums, and the id of the first picture of each: what answers an
/// envelope answers that one.
pub fn answered_albums(
    db: &Database,
    sink: &mut dyn Sink,
) -> Result<HashMap<String, String>, Stop> {
    const MOST: usize = 1_000_000;
    let mut all = HashMap::new();
    let Some(albums) = albums(db) else { return Ok(all) };
    let (mut of, mut first) = (String::new(), vec!["c.key_id".to_owned()]);
    for (table, column) in
        [("message_revoked", "revoked_key_id"), ("message_edit_info", "original_key_id")]
    {
        if db.column(table, table, &[column]) != "NULL" {
            of.push_str(&format!(" LEFT JOIN {table} ON {table}.message_row_id = c._id"));
            first.insert(0, format!("nullif({table}.{column}, '')"));
        }
    }
    let sql = format!(
        "SELECT p.key_id, coalesce({}, '') FROM ({albums}) z JOIN message p ON p._id = z.envelope
         JOIN message c ON c._id = z.first{of}",
        first.join(", ")
    );
    db.each(&sql, sink, &mut |r, _| {
        if let (Some(envelope), Some(first)) = (r.text(0), r.text(1))
            && all.len() < MOST
        {
            all.insert(envelope, first);
        }
        Ok(())
    })?;
    Ok(all)
}

/// Reactions; those to the envelope of an album belong to the first of its pictures.
fn reactions(db: &Database) -> Question<'_> {
    let (id, album) = match albums(db) {
        Some(albums) => {
            ("coalesce(z.first, m._id)", format!(" LEFT JOIN ({albums}) z ON z.envelope = m._id"))
        }
        None => ("m._id", String::new()),
    };
    let sql = format!(
        "SELECT m.chat_row_id, {id}, a.from_me, {}, r.reaction, {}
         FROM message_add_on a JOIN message_add_on_reaction r ON r.message_add_on_row_id = a._id
         JOIN message m ON m._id = a.parent_message_row_id{album} ORDER BY m.chat_row_id, {id}",
        db.column("a", "message_add_on", &["sender_jid_row_id"]),
        db.column("r", "message_add_on_reaction", &["sender_timestamp"]),
    );
    db.prepare(&["message_add_on", "message_add_on_reaction"], &sql)
}

/// Who is mentioned, and the digits by which.
fn mentions(db: &Database) -> Question<'_> {
    let who = db.column("v", "message_mentions", &["jid_row_id"]);
    let sql = format!(
        "SELECT m.chat_row_id, m._id, {who}, j.user FROM message_mentions v
         JOIN message m ON m._id = v.message_row_id JOIN jid j ON j._id = {who}
         ORDER BY m.chat_row_id, m._id"
    );
    db.prepare(&["message_mentions", "jid"], &sql)
}

fn calls(db: &Database) -> Question<'_> {
    db.prepare(
        &["message_call_log", "call_log"],
        "SELECT m.chat_row_id, m._id, c.video_call, c.duration, c.call_result
         FROM message_call_log l JOIN call_log c ON c._id = l.call_log_row_id
         JOIN message m ON m._id = l.message_row_id ORDER BY m.chat_row_id, m._id",
    )
}

impl<'d> Questions<'d> {
    /// Asks all of them.
    pub fn of(db: &'d Database) -> Self {
        let of = |table, column| of_table(db, table, &[column], "");
        Self {
            reactions: reactions(db),
            options: of_table(db, "message_poll_option", &["option_name", "vote_total"], ", t._id"),
            cards: of("message_vcard", "vcard"),
            whom: of("message_system_chat_participant", "user_jid_row_id"),
            elements: of("message_ui_elements", "element_content"),
            calls: calls(db),
            missed: of("missed_call_logs", "video_call"),
            mentions: mentions(db),
            groups: of("message_system_group", "is_me_joined"),
            blocked: of("message_system_block_contact", "is_blocked"),
        }
    }
}

/// The answers, walked in the order of messages.
pub struct Walks<'s> {
    reactions: Beside<'s, Reacted>,
    options: Beside<'s, (Option<String>, Option<i64>)>,
    cards: Beside<'s, Option<String>>,
    whom: Beside<'s, Option<i64>>,
    elements: Beside<'s, Option<String>>,
    calls: Beside<'s, Call>,
    missed: Beside<'s, Option<i64>>,
    mentions: Beside<'s, (Option<i64>, Option<String>)>,
    groups: Beside<'s, bool>,
    blocked: Beside<'s, Option<i64>>,
}

impl<'s> Walks<'s> {
    /// Begins to walk.
    pub fn of(all: &'s mut Questions<'_>) -> Self {
        fn text(r: &Row<'_>) -> Option<String> {
            r.text(2)
        }
        fn int(r: &Row<'_>) -> Option<i64> {
            r.int(2)
        }
        Self {
            reactions: Beside::new(all.reactions.as_mut(), |r| {
                (r.flag(2), r.int(3).filter(|n| *n > 0), r.text(4), r.int(5).filter(|n| *n > 0))
            }),
            options: Beside::new(all.options.as_mut(), |r| (r.text(2), r.int(3))),
            cards: Beside::new(all.cards.as_mut(), text),
            whom: Beside::new(all.whom.as_mut(), int),
            elements: Beside::new(all.elements.as_mut(), text),
            calls: Beside::new(all.calls.as_mut(), |r| call(r.int(2), r.int(3), false)),
            missed: Beside::new(all.missed.as_mut(), int),
            mentions: Beside::new(all.mentions.as_mut(), |r| (r.int(2), r.text(3))),
            groups: Beside::new(all.groups.as_mut(), |r| r.flag(2)),
            blocked: Beside::new(all.blocked.as_mut(), int),
        }
    }

    /// What lies around a message. Messages must be asked for in order.
    pub fn around(&mut self, chat: i64, id: i64) -> Around {
        Around {
            reactions: self.reactions.of(chat, id),
            options: self.options.of(chat, id),
            cards: self.cards.of(chat, id).into_iter().flatten().collect(),
            whom: self.whom.of(chat, id).into_iter().flatten().collect(),
            elements: self.elements.of(chat, id).into_iter().flatten().collect(),
            call: self.calls.of(chat, id).pop(),
            missed_video: self.missed.of(chat, id).into_iter().flatten().next().map(|n| n != 0),
            mentions: self.mentions.of(chat, id),
            me_joined: self.groups.of(chat, id).contains(&true),
            blocked: self.blocked.of(chat, id).into_iter().flatten().next().map(|n| n != 0),
        }
    }
}
