//! Messages with all that belongs to them, chat by chat, in one walk over the database.

use std::sync::Arc;

use super::Place;
use super::around::{ALBUM, Around, Questions, Reacted, Walks, answered_albums, call};
use super::chats::{Chat, Chats};
use super::events::Event;
use super::media::{Media, attach};
use super::people::{Jid, Jids};
use crate::model::Record;
use crate::model::{
    Call, Deletion, MessageKind, MessageRecord, Moment, Reaction, ReplyTo, Timestamp, VAGUE_MESSAGE,
};
use crate::sources::database::{Database, Progress, Row};
use crate::sources::json;
use crate::sources::odds::Odds;
use crate::sources::poll;
use crate::sources::{Sink, Stop};

/// Columns of the walk, in this order: an alias and where each is.
const COLUMNS: &[(&str, &str, &[&str])] = &[
    ("m", "message", &["chat_row_id"]),
    ("m", "message", &["_id"]),
    ("m", "message", &["from_me"]),
    ("m", "message", &["key_id"]),
    ("m", "message", &["sender_jid_row_id"]),
    ("m", "message", &["timestamp"]),
    ("m", "message", &["message_type"]),
    ("m", "message", &["text_data"]),
    ("m", "message", &["sort_id"]),
    ("m", "message", &["origin"]),
    ("m", "message", &["origination_flags"]),
    ("d", "message_media", &["file_path"]),
    ("d", "message_media", &["media_name"]),
    ("d", "message_media", &["media_caption"]),
    ("d", "message_media", &["mime_type"]),
    ("q", "message_quoted", &["key_id"]),
    ("q", "message_quoted", &["text_data"]),
    ("e", "message_edit_info", &["edited_timestamp"]),
    ("r", "message_revoked", &["message_row_id"]),
    ("r", "message_revoked", &["admin_jid_row_id"]),
    ("l", "message_location", &["latitude"]),
    ("l", "message_location", &["longitude"]),
    ("l", "message_location", &["place_name"]),
    ("l", "message_location", &["place_address"]),
    ("f", "message_forwarded", &["message_row_id"]),
    ("s", "message_system", &["action_type"]),
    ("n", "message_system_number_change", &["old_jid_row_id"]),
    ("n", "message_system_number_change", &["new_jid_row_id"]),
    ("p", "message_product", &["title"]),
    ("p", "message_product", &["description"]),
    ("o", "message_order", &["order_title"]),
    ("o", "message_order", &["message"]),
    ("e", "message_edit_info", &["original_key_id"]),
    ("r", "message_revoked", &["revoked_key_id"]),
    ("t", "message_template", &["content_text_data"]),
    ("t", "message_template", &["footer_text_data"]),
    ("g", "message_group_invite", &["group_name"]),
];

/// A message's fields, of either layout.
#[derive(Default)]
pub struct Raw {
    pub chat: i64,
    pub id: i64,
    pub mine: bool,
    pub key: Option<String>,
    pub sender: Option<i64>,
    pub at: Option<i64>,
    pub kind: i64,
    pub text: Option<String>,
    pub sort: Option<i64>,
    pub voice: bool,
    /// A call was one with picture, where the message itself says so.
    pub video: Option<bool>,
    pub forwarded: bool,
    pub media: [Option<String>; 4],
    pub quoted: (Option<String>, Option<String>),
    pub edited: Option<i64>,
    pub revoked: Option<bool>,
    pub place: (Option<f64>, Option<f64>, Option<String>, Option<String>),
    pub action: Option<i64>,
    pub numbers: [Option<i64>; 2],
    pub shop: Vec<String>,
}

fn raw(r: &Row<'_>) -> Raw {
    Raw {
        chat: r.int(0).unwrap_or(i64::MIN),
        id: r.int(1).unwrap_or(i64::MIN),
        mine: r.flag(2),
        // An edit and a withdrawal bear an id of their own, and name the one that it was sent with.
        key: [32, 33, 3].into_iter().find_map(|i| r.text(i).filter(|id| !id.is_empty())),
        sender: r.int(4).filter(|n| *n > 0),
        at: r.int(5),
        kind: r.int(6).unwrap_or(0),
        text: r.text(7),
        sort: r.int(8).filter(|n| *n != 0),
        voice: r.int(9) == Some(1),
        video: None,
        forwarded: r.int(10).is_some_and(|n| n & 1 == 1) || r.int(24).is_some(),
        media: [r.text(11), r.text(12), r.text(13), r.text(14)],
        quoted: (r.text(15), r.text(16)),
        edited: r.int(17).filter(|n| *n > 0),
        revoked: r.int(18).map(|_| r.int(19).is_some_and(|n| n > 0)),
        place: (r.real(20), r.real(21), r.text(22), r.text(23)),
        action: r.int(25),
        numbers: [r.int(26), r.int(27)],
        shop: (28..32).chain(34..37).filter_map(|i| r.text(i)).collect(),
    }
}

/// Everything of one message, sorted by chat.
fn question(db: &Database) -> String {
    let columns: Vec<String> =
        COLUMNS.iter().map(|(alias, table, names)| db.column(alias, table, names)).collect();
    let mut sql = format!("SELECT {} FROM message m", columns.join(", "));
    let mut joined = vec!["m"];
    for (alias, table, _) in COLUMNS {
        if !joined.contains(alias) && db.has(table) {
            joined.push(alias);
            let once = db.once(table, "message_row_id");
            sql.push_str(&format!(" LEFT JOIN {once} {alias} ON {alias}.message_row_id = m._id"));
        }
    }
    sql.push_str(" ORDER BY m.chat_row_id, m._id");
    sql
}

/// Tells every message.
pub fn tell(
    place: &Place<'_>,
    db: &Database,
    jids: &Jids,
    chats: &mut Chats,
    sink: &mut dyn Sink,
) -> Result<(), Stop> {
    let mut questions = Questions::of(db);
    let mut walks = Walks::of(&mut questions);
    let albums = answered_albums(db, sink)?;
    let media = Media::of(place);
    let mut odds = Odds::of(&place.entry.path);
    let mut progress = Progress::new(place.bytes, db.last_row("message"));
    db.each(&question(db), sink, &mut |row, sink| {
        progress.step(sink)?;
        let mut raw = raw(row);
        if let Some(first) = raw.quoted.0.as_ref().and_then(|id| albums.get(id)) {
            raw.quoted.0 = Some(first.clone());
        }
        let (chat_row, id) = (raw.chat, raw.id);
        let beside = walks.around(chat_row, id);
        // Rows of chats that were deleted stay in the file, as do those of status posts.
        let Some(chat) = chats.get(chat_row) else { return Ok(()) };
        if raw.at.is_none_or(|at| at <= 0) {
            return odds.say(format!("message {id}"), "it has no time", sink);
        }
        let Some(message) = compose(raw, beside, chat, jids, &media, sink)? else { return Ok(()) };
        sink.take(Record::Message(Box::new(message)))
    })?;
    odds.end(sink)?;
    unlinked_calls(db, jids, chats, &not_missed(db), sink)?;
    progress.end(sink)
}

/// Of `c`: that it is no missed call that stands as a message. Older ones do, and nothing links the two.
fn not_missed(db: &Database) -> String {
    let columns = [
        ("c", "call_log", "call_id"),
        ("m", "message", "message_type"),
        ("m", "message", "key_id"),
    ];
    let [id, kind, key] = columns.map(|(alias, table, name)| db.column(alias, table, &[name]));
    format!(
        "{id} IS NULL OR {id} NOT IN
         (SELECT {key} FROM message m WHERE {kind} = 10 AND {key} IS NOT NULL)"
    )
}

/// Calls that no message stands for, as far as a condition on `c` holds.
pub fn unlinked_calls(
    db: &Database,
    jids: &Jids,
    chats: &mut Chats,
    which: &str,
    sink: &mut dyn Sink,
) -> Result<(), Stop> {
    if !db.has("call_log") {
        return Ok(());
    }
    let column = |name: &str| db.column("c", "call_log", &[name]);
    let unlinked = if db.has("message_call_log") {
        "c._id NOT IN (SELECT call_log_row_id FROM message_call_log
                       WHERE call_log_row_id IS NOT NULL)"
    } else {
        "1"
    };
    let sql = format!(
        "SELECT c._id, {}, {}, {}, {}, {}, {}, {} FROM call_log c WHERE {unlinked} AND ({which}) ORDER BY c._id",
        column("jid_row_id"),
        column("from_me"),
        column("call_id"),
        column("timestamp"),
        column("video_call"),
        column("duration"),
        column("group_jid_row_id"),
    );
    db.each(&sql, sink, &mut |r, sink| {
        let person = r.int(1).and_then(|j| jids.get(j));
        let group = r.int(7).filter(|n| *n > 0).and_then(|j| jids.get(j));
        let (Some(jid), Some(at)) = (group.or(person), r.int(4).filter(|n| *n > 0)) else {
            return Ok(());
        };
        let Some(chat) = chats.with(jid, jids, sink)? else { return Ok(()) };
        let mine = r.flag(2);
        let sender = match person {
            _ if mine => chat.me(jids, sink)?,
            Some(person) => chat.person(person, jids, sink)?,
            None => return Ok(()),
        };
        let moment = Moment::exact(Timestamp(at));
        let mut message = MessageRecord::text(Arc::clone(&chat.key), Some(sender), moment, "");
        message.kind = MessageKind::Call(call(r.int(5), r.int(6), mine));
        message.native_id = r.text(3).or_else(|| r.text(0)).map(|id| format!("call:{id}"));
        message.order = i64::MAX;
        sink.take(Record::Message(Box::new(message)))
    })
}

impl Raw {
    fn is_event(&self) -> bool {
        matches!(self.kind, 7 | 36 | 112) || self.action.is_some()
    }

    /// Who wrote it. The app's events and a channel's own posts are nobody's.
    fn sender(
        &self,
        chat: &mut Chat,
        jids: &Jids,
        sink: &mut dyn Sink,
    ) -> Result<Option<Arc<str>>, Stop> {
        if self.is_event() {
            return Ok(None);
        }
        if self.mine {
            return chat.me(jids, sink).map(Some);
        }
        match self.sender.and_then(|s| jids.get(s)) {
            Some(who) => chat.person(who, jids, sink).map(Some),
            None => Ok(chat.peer.as_ref().map(|peer| Arc::clone(&peer.raw))),
        }
    }

    /// It was taken away, and by whom.
    fn deletion(&self) -> Option<Deletion> {
        let by_admin = self.revoked.or(match self.kind {
            15 => Some(false),
            64 => Some(true),
            _ => None,
        })?;
        Some(if by_admin { Deletion::TakenDown } else { Deletion::Unsent })
    }

    /// What an event tells.
    fn event(&self, around: &Around, peer: Option<&Jid>, jids: &Jids) -> String {
        let name = |row: &i64| jids.get(*row).map(|j| jids.shown(j));
        let mut whom: Vec<String> = around.whom.iter().filter_map(name).collect();
        if whom.is_empty() {
            whom = self.numbers.iter().flatten().filter_map(name).collect();
        }
        let event = Event {
            action: self.action.unwrap_or(if self.kind == 36 { 59 } else { -1 }),
            who: self.sender.as_ref().and_then(name),
            mine: self.mine,
            whom,
            peer: peer.map(|p| jids.shown(p)),
            me_joined: around.me_joined,
            blocked: around.blocked,
            text: self.text.as_deref(),
        };
        event.words()
    }
}

fn reactions(
    all: &[Reacted],
    chat: &mut Chat,
    jids: &Jids,
    sink: &mut dyn Sink,
) -> Result<Vec<Reaction>, Stop> {
    let mut out = Vec::new();
    for (mine, who, emoji, at) in all {
        // An empty one was taken back.
        let Some(emoji) = emoji.clone() else { continue };
        let by = match (*mine, who.and_then(|w| jids.get(w)), &chat.peer) {
            (true, ..) => chat.me(jids, sink)?,
            (_, Some(who), _) => chat.person(who, jids, sink)?,
            (_, None, Some(peer)) => Arc::clone(&peer.raw),
            (_, None, None) => continue,
        };
        out.push(Reaction { emoji, by, at: at.map(Timestamp) });
    }
    Ok(out)
}

/// A message as a record; `None` where it is only an envelope.
pub fn compose(
    raw: Raw,
    around: Around,
    chat: &mut Chat,
    jids: &Jids,
    media: &Media<'_>,
    sink: &mut dyn Sink,
) -> Result<Option<MessageRecord>, Stop> {
    let sender = raw.sender(chat, jids, sink)?;
    let at = Moment::exact(Timestamp(raw.at.unwrap_or(0)));
    let mut message = MessageRecord::text(Arc::clone(&chat.key), sender, at, "");
    message.native_id.clone_from(&raw.key);
    message.order = raw.sort.unwrap_or(raw.id);
    message.forwarded = raw.forwarded;
    message.edited = raw.edited.map(|at| Some(Timestamp(at)));
    if raw.quoted.0.is_some() || raw.quoted.1.is_some() {
        let (native_id, quote) = raw.quoted.clone();
        message.reply_to = Some(ReplyTo { native_id, quote });
    }
    message.reactions = reactions(&around.reactions, chat, jids, sink)?;
    if let Some(deletion) = raw.deletion() {
        message.deletion = deletion;
        return Ok(Some(message));
    }
    if raw.is_event() {
        message.kind = MessageKind::System;
        message.text = raw.event(&around, chat.peer.as_ref(), jids);
        return Ok(Some(message));
    }
    fill(&raw, &around, media, &mut message);
    name_mentioned(&around.mentions, jids, &mut message.text);
    let empty = message.text.is_empty() && message.attachments.is_empty();
    // An album's envelope: its pictures are messages of their own.
    if empty && raw.kind == ALBUM {
        return Ok(None);
    }
    if empty && message.kind == MessageKind::Text && raw.kind != 0 {
        message.kind = MessageKind::System;
        message.text = format!("{VAGUE_MESSAGE} ({})", raw.kind);
    }
    Ok(Some(message))
}

/// Whoever is mentioned stands in the text as a number, which nobody knows anybody by. They are named
/// as the app names them in a chat's text, between the marks that keep a name's direction to itself.
fn name_mentioned(mentions: &[(Option<i64>, Option<String>)], jids: &Jids, text: &mut String) {
    for (row, user) in mentions {
        let (Some(jid), Some(user)) = (row.and_then(|r| jids.get(r)), user.as_deref()) else {
            continue;
        };
        let number = format!("@{user}");
        let digits = !user.is_empty() && user.bytes().all(|b| b.is_ascii_digit());
        if !digits || !text.contains(&number) {
            continue;
        }
        let named = format!("@\u{2068}{}\u{2069}", jids.shown(jid));
        let mut out = String::with_capacity(text.len() + named.len());
        let mut rest = text.as_str();
        while let Some(at) = rest.find(&number) {
            let (before, after) = (&rest[..at], &rest[at + number.len()..]);
            out.push_str(before);
            // A longer number is somebody else's.
            let longer = after.starts_with(|c: char| c.is_ascii_digit());
            out.push_str(if longer { &number } else { &named });
            rest = after;
        }
        out.push_str(rest);
        *text = out;
    }
}

/// The kind, the text and what came with it.
fn fill(raw: &Raw, around: &Around, media: &Media<'_>, message: &mut MessageRecord) {
    let video = around.missed_video.or(raw.video);
    if let Some(call) = around.call {
        let (video, missed) = (call.video.or(video), call.missed && !raw.mine);
        message.kind = MessageKind::Call(Call { video, missed, ..call });
    } else if matches!(raw.kind, 10 | 90) {
        let missed = raw.kind == 10 && !raw.mine;
        message.kind = MessageKind::Call(Call { video, seconds: None, missed });
    } else if raw.kind == 11 {
        message.kind = MessageKind::Sealed;
    }
    // What a card is called is on it.
    let said = raw.text.clone().filter(|_| !matches!(raw.kind, 4 | 14) || around.cards.is_empty());
    message.text = said.or_else(|| raw.media[2].clone()).unwrap_or_default();
    if matches!(raw.kind, 66 | 106) || !around.options.is_empty() {
        message.kind = MessageKind::Poll;
        for (option, votes) in &around.options {
            message.text.push('\n');
            message.text.push_str(&poll::option(option.as_deref().unwrap_or_default(), *votes));
        }
    }
    attach(raw, &around.cards, media, message);
    if message.text.is_empty() {
        let elements = around.elements.iter().filter_map(|e| element(e));
        let parts = elements.chain(raw.shop.iter().cloned());
        message.text = parts.collect::<Vec<_>>().join("\n");
    }
}

/// The words of a message that is made of buttons and cards.
fn element(content: &str) -> Option<String> {
    let value = json::parse(content.as_bytes())?;
    let parts = ["title", "sub_title", "description", "footer"].map(|n| json::words(&value, n));
    let all = parts.into_iter().flatten().collect::<Vec<_>>().join("\n");
    Some(all).filter(|a| !a.is_empty())
}
