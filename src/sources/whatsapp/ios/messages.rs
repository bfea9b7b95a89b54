//! Messages with their media, replies and reactions, chat by chat.

use std::sync::Arc;

use super::super::wire;
use super::calls::Calls;
use super::chats::{Chats, instant};
use super::events::{Event, Told};
use super::{Place, media, polls};
use crate::model::{
    Call, Deletion, MessageKind, MessageRecord, Moment, Reaction, Record, ReplyTo, Timestamp,
    VAGUE_MESSAGE,
};
use crate::sources::database::{Database, Progress, Row};
use crate::sources::odds::Odds;
use crate::sources::{Sink, Stop};

/// `ZWAMESSAGE.ZMESSAGETYPE` of an album's envelope.
const ALBUM: i64 = 66;
/// Of a poll.
const POLL: i64 = 46;
/// Of a call.
const CALL: i64 = 59;

const COLUMNS: &[(&str, &str, &str)] = &[
    ("m", "ZWAMESSAGE", "ZCHATSESSION"),
    ("m", "ZWAMESSAGE", "Z_PK"),
    ("m", "ZWAMESSAGE", "ZISFROMME"),
    ("m", "ZWAMESSAGE", "ZGROUPMEMBER"),
    ("m", "ZWAMESSAGE", "ZSTANZAID"),
    ("m", "ZWAMESSAGE", "ZTEXT"),
    ("m", "ZWAMESSAGE", "ZMESSAGEDATE"),
    ("m", "ZWAMESSAGE", "ZMESSAGETYPE"),
    ("m", "ZWAMESSAGE", "ZSORT"),
    ("d", "ZWAMEDIAITEM", "ZMEDIALOCALPATH"),
    ("d", "ZWAMEDIAITEM", "ZTITLE"),
    ("d", "ZWAMEDIAITEM", "ZVCARDSTRING"),
    ("d", "ZWAMEDIAITEM", "ZMETADATA"),
    ("d", "ZWAMEDIAITEM", "ZLATITUDE"),
    ("d", "ZWAMEDIAITEM", "ZLONGITUDE"),
    ("i", "ZWAMESSAGEINFO", "ZRECEIPTINFO"),
    ("m", "ZWAMESSAGE", "ZVCARDSTRING"),
    ("m", "ZWAMESSAGE", "ZGROUPEVENTTYPE"),
];

/// A message's fields.
pub struct Raw {
    /// Row of its chat.
    pub chat: i64,
    /// Its row.
    pub row: i64,
    /// I sent it.
    pub mine: bool,
    /// Row of who sent it, in a group.
    pub member: Option<i64>,
    /// Its id.
    pub id: Option<String>,
    /// Its words.
    pub text: Option<String>,
    /// When it was sent.
    pub at: Option<Timestamp>,
    /// `ZMESSAGETYPE`.
    pub kind: i64,
    /// What an event is; of other messages it says something else.
    pub event: i64,
    /// Where it stands.
    pub order: Option<i64>,
    /// Where its file lay.
    pub path: Option<String>,
    /// `ZTITLE`, which is much.
    pub title: Option<String>,
    /// `ZVCARDSTRING`: a mime type, cards, or where something is.
    pub card: Option<String>,
    /// What it answers: its id and its words.
    pub replied: (Option<String>, Option<String>),
    /// Where something is.
    pub place: (Option<f64>, Option<f64>),
    /// The words of a poll.
    pub poll: Option<String>,
    /// How long a call was.
    pub seconds: Option<u32>,
    /// Reactions to it.
    pub reactions: Vec<(Option<String>, String, Option<u64>)>,
}

fn raw(r: &Row<'_>) -> Raw {
    let metadata = r.bytes(12).unwrap_or_default();
    let receipts = r.bytes(15).unwrap_or_default();
    Raw {
        chat: r.int(0).unwrap_or(i64::MIN),
        row: r.int(1).unwrap_or(0),
        mine: r.flag(2),
        member: r.int(3),
        id: r.text(4),
        text: r.text(5),
        at: instant(r.real(6)),
        kind: r.int(7).unwrap_or(0),
        event: r.int(17).unwrap_or(0),
        order: r.int(8),
        path: r.text(9),
        title: r.text(10),
        card: r.text(11).or_else(|| r.text(16)),
        replied: (wire::text(metadata, &[5]), wire::text(metadata, &[19, 1])),
        place: (r.real(13), r.real(14)),
        poll: (r.int(7) == Some(POLL)).then(|| polls::words(r.text(5).as_deref(), receipts)),
        seconds: (r.int(7) == Some(CALL)).then(|| call_length(metadata)).flatten(),
        reactions: reactions(receipts),
    }
}

/// How long a call was that somebody answered.
fn call_length(metadata: &[u8]) -> Option<u32> {
    wire::number(metadata, &[87, 1, 3]).filter(|s| *s > 0).and_then(|s| u32::try_from(s).ok())
}

/// Reactions among a message's receipts: others' with their address, my own without.
fn reactions(receipts: &[u8]) -> Vec<(Option<String>, String, Option<u64>)> {
    let mut all = Vec::new();
    for other in wire::at(receipts, &[7, 1]) {
        if let (Some(who), Some(emoji)) = (wire::text(other, &[2]), wire::text(other, &[3])) {
            all.push((Some(who), emoji, wire::number(other, &[4])));
        }
    }
    for own in wire::at(receipts, &[7, 2]) {
        if let Some(emoji) = wire::text(own, &[2]) {
            all.push((None, emoji, wire::number(own, &[3])));
        }
    }
    all
}

/// Tells every message.
pub fn tell(
    place: &Place<'_>,
    db: &Database,
    calls: &Calls,
    chats: &mut Chats,
    sink: &mut dyn Sink,
) -> Result<(), Stop> {
    let columns: Vec<String> =
        COLUMNS.iter().map(|(alias, table, name)| db.column(alias, table, &[*name])).collect();
    let mut sql = format!("SELECT {} FROM ZWAMESSAGE m", columns.join(", "));
    for (alias, table) in [("d", "ZWAMEDIAITEM"), ("i", "ZWAMESSAGEINFO")] {
        if db.has(table) {
            if db.column(alias, table, &["ZMESSAGE"]) == "NULL" {
                sql.push_str(&format!(" LEFT JOIN {table} {alias} ON 0"));
            } else {
                let once = db.once(table, "ZMESSAGE");
                sql.push_str(&format!(" LEFT JOIN {once} {alias} ON {alias}.ZMESSAGE = m.Z_PK"));
            }
        }
    }
    let order = db.column("m", "ZWAMESSAGE", &["ZSORT", "Z_PK"]);
    sql.push_str(&format!(" ORDER BY m.ZCHATSESSION, {order}, m.Z_PK"));
    let mut odds = Odds::of(&place.entry.path);
    let mut progress = Progress::new(place.entry.size, db.last_row("ZWAMESSAGE"));
    db.each(&sql, sink, &mut |row, sink| {
        progress.step(sink)?;
        let raw = raw(row);
        // Rows of chats that were deleted stay in the file, as do those of status posts.
        if chats.get(raw.chat).is_none() {
            return Ok(());
        }
        if raw.at.is_none() {
            return odds.say(format!("message {}", raw.row), "it has no time", sink);
        }
        let album = raw.kind == ALBUM;
        let message = compose((place, calls), raw, chats, sink)?;
        // Its pictures are messages of their own.
        if album && message.kind == MessageKind::System {
            return Ok(());
        }
        sink.take(Record::Message(Box::new(message)))
    })?;
    odds.end(sink)?;
    progress.end(sink)
}

fn compose(
    (files, calls): (&Place<'_>, &Calls),
    raw: Raw,
    chats: &mut Chats,
    sink: &mut dyn Sink,
) -> Result<MessageRecord, Stop> {
    let chat = raw.chat;
    let member = raw.member.and_then(|m| chats.member(m));
    let peer = chats.get(chat).and_then(|c| c.peer.clone());
    let event = event(&raw, (member.as_deref(), peer.as_deref()), chats);
    let sender = if matches!(event, Some(Told::Words(_))) {
        None
    } else if raw.mine {
        Some(chats.me(chat, sink)?)
    } else {
        member.or_else(|| peer.clone())
    };
    if let Some(who) = sender.clone().filter(|_| !raw.mine) {
        chats.person(chat, &who, sink)?;
    }
    let key = chats.get(chat).map_or_else(|| "chat".into(), |c| Arc::clone(&c.key));
    let moment = Moment::exact(raw.at.unwrap_or_default());
    let mut message = MessageRecord::text(key, sender, moment, "");
    message.native_id.clone_from(&raw.id);
    message.order = raw.order.unwrap_or(raw.row);
    let (replied, quote) = raw.replied.clone();
    if replied.is_some() {
        message.reply_to = Some(ReplyTo { native_id: replied, quote });
    }
    message.reactions = reacted(&raw, chats, sink)?;
    if raw.kind == 14 {
        message.deletion = Deletion::Unsent;
        return Ok(message);
    }
    match event {
        Some(Told::Words(words)) => {
            message.kind = MessageKind::System;
            message.text = words;
            return Ok(message);
        }
        Some(Told::Missed(video)) => {
            let call = Call { video: Some(video), seconds: None, missed: !raw.mine };
            message.kind = MessageKind::Call(call);
            return Ok(message);
        }
        None => {}
    }
    message.text = raw.text.clone().unwrap_or_default();
    if raw.kind == CALL {
        message.kind = MessageKind::Call(calls.of(raw.id.as_deref(), raw.mine, raw.seconds));
    } else if let Some(words) = &raw.poll {
        message.kind = MessageKind::Poll;
        message.text.clone_from(words);
    }
    media::attach(files, &raw, &mut message);
    let empty = message.text.is_empty() && message.attachments.is_empty();
    if empty && message.kind == MessageKind::Text && raw.kind != 0 {
        message.kind = MessageKind::System;
        message.text = format!("{VAGUE_MESSAGE} ({})", raw.kind);
    }
    Ok(message)
}

/// The event that a row of the app's own is.
fn event(raw: &Raw, who: (Option<&str>, Option<&str>), chats: &Chats) -> Option<Told> {
    let group = match raw.kind {
        6 => true,
        10 => false,
        _ => return None,
    };
    let [member, peer] = [who.0, who.1].map(|jid| jid.map(|jid| chats.name(jid)));
    let event = Event { group, code: raw.event, member, peer, text: raw.text.as_deref() };
    Some(event.told(chats))
}

fn reacted(raw: &Raw, chats: &mut Chats, sink: &mut dyn Sink) -> Result<Vec<Reaction>, Stop> {
    let mut all = Vec::new();
    for (who, emoji, at) in &raw.reactions {
        let by: Arc<str> = match who {
            Some(who) => {
                let who = chats.real(who);
                chats.person(raw.chat, &who, sink)?;
                who
            }
            None => chats.me(raw.chat, sink)?,
        };
        let at = at.and_then(|n| i64::try_from(n).ok()).map(moment_of);
        all.push(Reaction { emoji: emoji.clone(), by, at });
    }
    Ok(all)
}

/// Seconds or milliseconds since 1970.
fn moment_of(n: i64) -> Timestamp {
    if n < 100_000_000_000 { Timestamp::from_secs(n) } else { Timestamp(n) }
}
