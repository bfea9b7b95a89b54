//! Messages, tapbacks and events, conversation by conversation.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use twox_hash::XxHash3_64;

use super::chats::Chats;
use super::{ATTACHMENTS, Place, body};
use crate::model::{
    Attachment, AttachmentKind, Deletion, MediaPlace, MessageKind, MessageRecord, Moment, Reaction,
    ReactionRecord, Record, ReplyTo, SendState, Timestamp,
};
use crate::sources::database::{Beside, Database, Progress, Row};
use crate::sources::odds::Odds;
use crate::sources::{Quiet, Sink, Stop};

/// 2001-01-01, in seconds since 1970.
const EPOCH: i64 = 978_307_200;
/// Seconds since 2001 stay below this for three thousand years; nanoseconds do not for two minutes.
const SECONDS: u64 = 100_000_000_000;
/// `message.schedule_type` of what was written to be sent later.
const SCHEDULED: i64 = 2;
/// Joins what I deleted lately with its conversation.
const DELETED: &str = "chat_recoverable_message_join";
/// `message.associated_message_type` of a sticker that was put on a message, and of one given as a
/// tapback.
const STICKER: i64 = 1000;
const STICKER_TAPBACK: i64 = 2007;
/// Tapbacks by their code.
const TAPBACKS: [&str; 6] = ["❤️", "👍", "👎", "😂", "‼️", "❓"];

const COLUMNS: &[&str] = &[
    "guid",
    "text",
    "attributedBody",
    "handle_id",
    "date",
    "is_from_me",
    "associated_message_guid",
    "associated_message_type",
    "associated_message_emoji",
    "thread_originator_guid",
    "date_edited",
    "date_retracted",
    "item_type",
    "group_title",
    "group_action_type",
    "other_handle",
    "balloon_bundle_id",
    "is_audio_message",
    "subject",
    "error",
    "is_sent",
    "schedule_type",
];

/// An instant of the database.
fn instant(n: i64) -> Timestamp {
    let ms = if n.unsigned_abs() < SECONDS { n.saturating_mul(1000) } else { n / 1_000_000 };
    Timestamp(ms.saturating_add(EPOCH * 1000))
}

/// Messages of which it is remembered that they are there: about 40 MB. Of a larger database it is
/// taken for granted.
const KNOWN: usize = 3_500_000;

/// What a database says only as a whole.
#[derive(Default)]
struct Whole {
    /// Every message's id, hashed.
    known: HashSet<u64>,
    /// There are more than that: any may be there.
    more: bool,
    /// The first time of each conversation that has messages without one.
    first: HashMap<i64, i64>,
}

fn hashed(guid: &str) -> u64 {
    XxHash3_64::oneshot(guid.as_bytes())
}

impl Whole {
    fn of(db: &Database, thread: &str, from: &str, sink: &mut dyn Sink) -> Result<Self, Stop> {
        let mut whole = Self::default();
        let column = |name: &str| db.column("m", "message", &[name]);
        let (guid, date) = (column("guid"), column("date"));
        // What is wrong with the file is told when it is read.
        let mut quiet = Quiet(sink);
        db.each(&format!("SELECT {guid} FROM message m"), &mut quiet, &mut |row, _| {
            if whole.known.len() >= KNOWN {
                whole.more = true;
                whole.known = HashSet::new();
            }
            if let Some(guid) = row.text(0).filter(|_| !whole.more) {
                whole.known.insert(hashed(&guid));
            }
            Ok(())
        })?;
        let sql = format!(
            "SELECT {thread}, min(CASE WHEN {date} <> 0 THEN {date} END) FROM {from} GROUP BY 1
             HAVING sum(coalesce({date}, 0) = 0) > 0"
        );
        db.each(&sql, &mut quiet, &mut |row, _| {
            if let (Some(thread), Some(date)) = (row.int(0), row.int(1)) {
                whole.first.insert(thread, date);
            }
            Ok(())
        })?;
        Ok(whole)
    }

    fn holds(&self, guid: &str) -> bool {
        self.more || self.known.contains(&hashed(guid))
    }
}

/// A tapback names its message as `p:0/GUID` or `bp:GUID`.
fn target(guid: &str) -> &str {
    guid.rsplit('/').next().unwrap_or(guid).trim_start_matches("bp:")
}

struct Raw {
    chat: Option<i64>,
    row: i64,
    guid: Option<String>,
    text: Option<String>,
    handle: i64,
    /// Zero: it says none.
    date: i64,
    at: Timestamp,
    mine: bool,
    about: Option<String>,
    code: i64,
    emoji: Option<String>,
    answers: Option<String>,
    edited: Option<i64>,
    retracted: bool,
    item: i64,
    title: Option<String>,
    action: i64,
    other: i64,
    balloon: Option<String>,
    voice: bool,
    /// The app says that it could not be sent.
    failed: bool,
    /// It waits for its time: the app had not sent it yet.
    waits: bool,
}

fn raw(r: &Row<'_>) -> Raw {
    let text = r.text(4).map(|t| body::plain(&t)).filter(|t| !t.is_empty());
    let text = text.or_else(|| r.bytes(5).and_then(body::text).filter(|t| !t.is_empty()));
    let unsent = r.flag(8) && !r.flag(23);
    // A subject stands above what was written below it.
    let subject = r.text(21).filter(|s| !s.trim().is_empty());
    Raw {
        chat: r.int(1),
        row: r.int(2).unwrap_or(0),
        guid: r.text(3),
        text: match (subject, text) {
            (Some(subject), Some(text)) => Some(format!("{subject}\n{text}")),
            (subject, text) => subject.or(text),
        },
        handle: r.int(6).unwrap_or(0),
        date: r.int(7).unwrap_or(0),
        at: instant(r.int(7).unwrap_or(0)),
        mine: r.flag(8),
        about: r.text(9),
        code: r.int(10).unwrap_or(0),
        emoji: r.text(11),
        answers: r.text(12),
        edited: r.int(13).filter(|n| *n > 0),
        retracted: r.flag(14),
        item: r.int(15).unwrap_or(0),
        title: r.text(16),
        action: r.int(17).unwrap_or(0),
        other: r.int(18).unwrap_or(0),
        balloon: r.text(19),
        voice: r.flag(20),
        failed: unsent && r.flag(22),
        waits: unsent && !r.flag(22) && r.int(24) == Some(SCHEDULED),
    }
}

/// An attachment.
struct File {
    /// Its path on the device.
    path: Option<String>,
    mime: Option<String>,
    /// The name that it was sent under.
    name: Option<String>,
    /// The app does not show it.
    hidden: bool,
    /// What the device takes it for.
    uti: Option<String>,
    sticker: bool,
}

impl File {
    /// Whether it is a picture that the app shows a link with, which nobody has sent.
    fn is_preview(&self) -> bool {
        let names = [&self.path, &self.name].into_iter().flatten();
        self.hidden || names.into_iter().any(|name| name.ends_with(".pluginPayloadAttachment"))
    }
}

/// What joins a message with its conversation, as SQL: the conversation, and from where it comes.
/// What I deleted the app keeps for a month, and joins it in a table of its own.
fn joins(db: &Database) -> (&'static str, &'static str) {
    if !db.has(DELETED) {
        return ("j.chat_id", "message m LEFT JOIN chat_message_join j ON j.message_id = m.ROWID");
    }
    (
        "coalesce(j.chat_id, d.chat_id)",
        "message m LEFT JOIN chat_message_join j ON j.message_id = m.ROWID
         LEFT JOIN chat_recoverable_message_join d ON d.message_id = m.ROWID AND j.chat_id IS NULL",
    )
}

/// Tells how much stands under Recently Deleted.
fn deleted(db: &Database, sink: &mut dyn Sink) -> Result<(), Stop> {
    if !db.has(DELETED) {
        return Ok(());
    }
    let sql = "SELECT count(*) FROM message m WHERE
         m.ROWID IN (SELECT message_id FROM chat_recoverable_message_join)
         AND m.ROWID NOT IN (SELECT message_id FROM chat_message_join WHERE message_id IS NOT NULL)";
    let mut count = 0;
    db.each(sql, &mut Quiet(sink), &mut |row, _| {
        count = row.int(0).unwrap_or(0);
        Ok(())
    })?;
    let what = match count {
        0 => return Ok(()),
        1 => "1 message that is shown stands".to_owned(),
        n => format!("{n} messages that are shown stand"),
    };
    sink.remark(format!("{what} under Recently Deleted in Messages"))
}

/// Tells every message.
pub fn tell(
    place: &Place<'_>,
    db: &Database,
    chats: &mut Chats,
    sink: &mut dyn Sink,
) -> Result<(), Stop> {
    let (chat, from) = joins(db);
    // A message without a conversation stands with its sender.
    let thread = &format!("coalesce({chat}, -1 - coalesce(m.handle_id, 0))");
    let file = |name: &str| db.column("a", "attachment", &[name]);
    let files = format!(
        "SELECT {thread}, m.ROWID, {}, {}, {}, {}, {}, {} FROM {from}
         JOIN message_attachment_join x ON x.message_id = m.ROWID
         JOIN attachment a ON a.ROWID = x.attachment_id ORDER BY 1, 2",
        file("filename"),
        file("mime_type"),
        file("transfer_name"),
        file("hide_attachment"),
        file("uti"),
        file("is_sticker"),
    );
    let mut files = db.prepare(&["attachment", "message_attachment_join"], &files);
    let mut files = Beside::<File>::new(files.as_mut(), |r| File {
        path: r.text(2),
        mime: r.text(3),
        name: r.text(4),
        hidden: r.flag(5),
        uti: r.text(6),
        sticker: r.flag(7),
    });
    let columns: Vec<String> =
        COLUMNS.iter().map(|name| db.column("m", "message", &[name])).collect();
    let sql = format!(
        "SELECT {thread}, {chat}, m.ROWID, {} FROM {from} ORDER BY 1, 3",
        columns.join(", ")
    );
    let whole = Whole::of(db, thread, from, sink)?;
    let mut last: Option<(i64, Timestamp)> = None;
    let mut odds = Odds::of(&place.entry.path);
    let mut progress = Progress::new(place.entry.size, db.last_row("message"));
    db.each(&sql, sink, &mut |row, sink| {
        progress.step(sink)?;
        let mut raw = raw(row);
        let own = row.int(0).unwrap_or(i64::MIN);
        let files = files.of(own, raw.row);
        if raw.date == 0 {
            let why = "it has no time; it stands beside its neighbour";
            odds.say(format!("message {}", raw.row), why, sink)?;
            let before = last.filter(|(thread, _)| *thread == own).map(|(_, at)| at);
            let after = || whole.first.get(&own).map(|date| instant(*date));
            raw.at = before.or_else(after).unwrap_or(Timestamp(0));
        }
        let before = last.filter(|(thread, _)| *thread == own).map(|(_, at)| at);
        if !raw.waits {
            last = Some((own, raw.at));
        }
        let Some(thread) = chats.of(raw.chat, raw.handle, sink)? else {
            let why = "it belongs to no conversation, and nobody is named as its sender";
            return odds.say(format!("message {}", raw.row), why, sink);
        };
        if raw.waits {
            return waiting(place, raw, files, (&thread, before), sink);
        }
        one(place, &whole, raw, files, &thread, chats, sink)
    })?;
    odds.end(sink)?;
    deleted(db, sink)?;
    progress.end(sink)
}

fn one(
    place: &Place<'_>,
    whole: &Whole,
    mut raw: Raw,
    files: Vec<File>,
    thread: &Arc<str>,
    chats: &mut Chats,
    sink: &mut dyn Sink,
) -> Result<(), Stop> {
    let sender = if raw.mine {
        Some(chats.me(thread, sink)?)
    } else {
        chats.person(thread, raw.handle, sink)?
    };
    // A sticker that was put on a message is a picture that answers it.
    let put = raw.code == STICKER || (raw.code == STICKER_TAPBACK && !files.is_empty());
    if put {
        raw.answers = raw.about.take();
        raw.text = raw.text.filter(|_| raw.code == STICKER);
    }
    if let (2000..=3999, Some(about)) = (raw.code, &raw.about) {
        let removed = raw.code >= 3000;
        let nth = usize::try_from(raw.code % 1000).unwrap_or(usize::MAX);
        let emoji = match TAPBACKS.get(nth) {
            Some(emoji) => (*emoji).to_owned(),
            None => raw.emoji.unwrap_or_else(|| "sticker".to_owned()),
        };
        if !whole.holds(target(about)) {
            // To what is there no more: the app keeps in words what it was (`Loved “…”`).
            let made = match removed {
                true => format!("Took back {emoji} from a message that is not here"),
                false => format!("{emoji} to a message that is not here"),
            };
            let words = raw.text.unwrap_or(made);
            let moment = Moment::exact(raw.at);
            let mut message = MessageRecord::text(Arc::clone(thread), sender, moment, words);
            (message.native_id, message.order) = (raw.guid, raw.row);
            return sink.take(Record::Message(Box::new(message)));
        }
        let Some(by) = sender else { return Ok(()) };
        return sink.take(Record::Reaction(Box::new(ReactionRecord {
            thread: Arc::clone(thread),
            message: target(about).to_owned(),
            reaction: Reaction { emoji, by, at: Some(raw.at) },
            removed,
        })));
    }
    let moment = Moment::exact(raw.at);
    let mut message = MessageRecord::text(Arc::clone(thread), sender.clone(), moment, "");
    message.native_id.clone_from(&raw.guid);
    message.order = raw.row;
    if raw.item != 0 {
        message.kind = MessageKind::System;
        message.sender = None;
        let who = if raw.mine { "You" } else { chats.address(raw.handle).unwrap_or("Somebody") };
        message.text = event(&raw, who, chats.address(raw.other));
        return sink.take(Record::Message(Box::new(message)));
    }
    message.reply_to = raw
        .answers
        .as_deref()
        .map(|guid| ReplyTo { native_id: Some(target(guid).to_owned()), quote: None });
    message.edited = raw.edited.map(|at| Some(instant(at)));
    // Where a preview is all that there is, it stands for the message.
    let all = raw.text.is_none() && files.iter().all(File::is_preview);
    let files = files.into_iter().filter(|f| all || !f.is_preview());
    message.attachments = files.map(|f| attachment(place, f, raw.voice)).collect();
    let empty = raw.text.is_none() && message.attachments.is_empty();
    // What was taken back keeps its row: a time of editing, and nothing else.
    if raw.retracted || (empty && raw.edited.is_some()) {
        message.deletion = Deletion::Unsent;
        message.edited = None;
    }
    message.send_state = raw.failed.then_some(SendState::Failed);
    message.text = raw.text.unwrap_or_default();
    if empty && message.deletion == Deletion::None {
        message.kind = MessageKind::System;
        message.text = match raw.balloon.as_deref().and_then(|b| b.rsplit(['.', ':']).next()) {
            Some(app) => format!("A message of an app ({app})"),
            None => "A message without content".to_owned(),
        };
    }
    sink.take(Record::Message(Box::new(message)))
}

/// What was not sent yet stands where it was written, not at the time for which it waits. Once it is
/// sent it is a message, under its own id.
fn waiting(
    place: &Place<'_>,
    raw: Raw,
    files: Vec<File>,
    (thread, written): (&Arc<str>, Option<Timestamp>),
    sink: &mut dyn Sink,
) -> Result<(), Stop> {
    let text = raw.text.unwrap_or_default();
    let words = format!("Scheduled for {}, not sent: {text}", raw.at.to_rfc3339());
    let moment = Moment::exact(written.unwrap_or(raw.at));
    let mut message = MessageRecord::text(Arc::clone(thread), None, moment, words);
    message.kind = MessageKind::System;
    message.native_id = raw.guid.map(|guid| format!("{guid}/scheduled"));
    message.order = raw.row;
    message.attachments = files.into_iter().map(|f| attachment(place, f, raw.voice)).collect();
    sink.take(Record::Message(Box::new(message)))
}

/// What an event tells.
fn event(raw: &Raw, who: &str, other: Option<&str>) -> String {
    let other = other.unwrap_or("somebody");
    match (raw.item, raw.action) {
        (1, 0) => format!("{who} added {other}"),
        (1, 1) => format!("{who} removed {other}"),
        (2, _) => match &raw.title {
            Some(title) => format!("{who} named the conversation “{title}”"),
            None => format!("{who} removed the conversation's name"),
        },
        (3, 0) => format!("{who} left"),
        (3, 1) => format!("{who} changed the picture"),
        (3, 2) => format!("{who} removed the picture"),
        (4, _) => format!("{who} began or ended sharing a place"),
        (5, _) => format!("{who} kept a voice message"),
        (6, _) => "A FaceTime call".to_owned(),
        (item, _) => format!("An event of the app ({item})"),
    }
}

fn attachment(files: &Place<'_>, file: File, voice: bool) -> Attachment {
    let File { path, mime, name, uti, sticker, .. } = file;
    let mime = mime.unwrap_or_default();
    let uti = uti.unwrap_or_default();
    let kind = match mime.split('/').next().unwrap_or_default() {
        "image" if sticker => AttachmentKind::Sticker,
        "image" if mime == "image/gif" => AttachmentKind::Gif,
        "image" => AttachmentKind::Photo,
        "video" => AttachmentKind::Video,
        "audio" if voice => AttachmentKind::Voice,
        "audio" => AttachmentKind::Audio,
        // The phone's own recordings bear no media type.
        "" if uti == "com.apple.coreaudio-format" && voice => AttachmentKind::Voice,
        "" if uti == "com.apple.coreaudio-format" => AttachmentKind::Audio,
        _ if mime.contains("vlocation") => AttachmentKind::Location,
        _ if mime.contains("vcard") => AttachmentKind::Contact,
        _ => AttachmentKind::File,
    };
    let last = path.as_deref().and_then(|p| p.rsplit('/').next()).map(str::to_owned);
    let place = path.as_deref().map_or(MediaPlace::Omitted, |p| files.media(p));
    Attachment { kind, name: name.or(last), place }
}

impl Place<'_> {
    /// The path is the device's own; beside the database lies what `Attachments/` holds, in a
    /// backup all lies under hashed names.
    fn media(&self, path: &str) -> MediaPlace {
        let hashed = path.find(ATTACHMENTS).and_then(|i| path.get(i..));
        let backup = self.backup.as_ref();
        if let Some(place) = hashed.and_then(|p| backup.and_then(|b| b.media(self.tree, p))) {
            return place;
        }
        let Some(inside) = path.find("Attachments/").and_then(|i| path.get(i..)) else {
            return MediaPlace::Omitted;
        };
        let folder = self.entry.path.rfind('/').map_or("", |i| &self.entry.path[..=i]);
        match self.tree.media(&format!("{folder}{inside}")) {
            MediaPlace::Export { container: None, .. } => self.tree.media(inside),
            found => found,
        }
    }
}
