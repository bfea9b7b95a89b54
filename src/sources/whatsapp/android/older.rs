//! The layout of before 2021: one table `messages` for everything, addresses written out in it.
//!
//! Columns as public readers of those years found them (KnugiHK/WhatsApp-Chat-Exporter,
//! jberkel/whassup) and as the app's own schema names them: `status` 6 is an event of the app, whose
//! kind stands in `media_size`; what a message answers is row `quoted_row_id` of
//! `messages_quotes`; `remote_resource` is who wrote in a group; in the first years a file's path
//! stands only in a Java object in `thumb_image`. Ids are those of later years, so that a later
//! database of the same phone tells the same messages.

use memchr::memmem;

use super::Place;
use super::around::{Around, call};
use super::chats::Chats;
use super::media::Media;
use super::messages::{Raw, compose, unlinked_calls};
use super::people::Jids;
use crate::model::{Call, Record};
use crate::sources::database::{Beside, Database, Progress, Row};
use crate::sources::odds::Odds;
use crate::sources::{Sink, Stop};

/// Columns of the walk, in this order.
const COLUMNS: &[(&str, &str, &[&str])] = &[
    ("m", "messages", &["key_from_me"]),
    ("m", "messages", &["key_id"]),
    ("m", "messages", &["remote_resource"]),
    ("m", "messages", &["timestamp"]),
    ("m", "messages", &["media_wa_type"]),
    ("m", "messages", &["data"]),
    ("m", "messages", &["status"]),
    ("m", "messages", &["media_size"]),
    ("m", "messages", &["origin"]),
    ("m", "messages", &["forwarded"]),
    ("m", "messages", &["media_name"]),
    ("m", "messages", &["media_caption"]),
    ("m", "messages", &["media_mime_type"]),
    ("m", "messages", &["latitude"]),
    ("m", "messages", &["longitude"]),
    ("m", "messages", &["edit_version"]),
    ("m", "messages", &["thumb_image"]),
    ("d", "message_media", &["file_path"]),
    ("q", "messages_quotes", &["key_id"]),
    ("q", "messages_quotes", &["data"]),
];
/// `status`: the app's own.
const EVENT: i64 = 6;
/// `edit_version`: taken back.
const REVOKED: i64 = 7;
/// Objects in which a path or addresses are looked for are no larger; a picture may be.
const OBJECT: usize = 256 << 10;
/// People of one event.
const WHOM: usize = 300;

/// The layout is the older one: there is no other, or not all has been moved to it yet.
pub fn is_it(db: &Database) -> bool {
    db.has("messages")
        && (!db.has("message")
            || !db.has("chat")
            || db.last_row("messages") > db.last_row("message"))
}

fn question(db: &Database) -> String {
    let columns: Vec<String> =
        COLUMNS.iter().map(|(alias, table, names)| db.column(alias, table, names)).collect();
    let mut sql = format!("SELECT m._id, m.key_remote_jid, {} FROM messages m", columns.join(", "));
    if db.has("message_media") {
        let once = db.once("message_media", "message_row_id");
        sql.push_str(&format!(" LEFT JOIN {once} d ON d.message_row_id = m._id"));
    }
    if db.has("messages_quotes") {
        let quoted = db.column("m", "messages", &["quoted_row_id"]);
        let once = db.once("messages_quotes", "_id");
        sql.push_str(&format!(" LEFT JOIN {once} q ON q._id = {quoted} AND {quoted} > 0"));
    }
    sql.push_str(" ORDER BY m._id");
    sql
}

/// Tells every message, row by row.
pub fn tell(
    place: &Place<'_>,
    db: &Database,
    jids: &mut Jids,
    chats: &mut Chats,
    sink: &mut dyn Sink,
) -> Result<(), Stop> {
    let mut cards = db.prepare(
        &["messages_vcards"],
        "SELECT 0, v.message_row_id, v.vcard FROM messages_vcards v ORDER BY 2",
    );
    let mut cards = Beside::<Option<String>>::new(cards.as_mut(), |r| r.text(2));
    let calls = format!(
        "SELECT 0, c.message_row_id, {}, {} FROM call_logs c ORDER BY 2",
        db.column("c", "call_logs", &["video_call"]),
        db.column("c", "call_logs", &["duration"]),
    );
    let mut calls = db.prepare(&["call_logs"], &calls);
    let mut calls = Beside::<Call>::new(calls.as_mut(), |r| call(r.int(2), r.int(3), false));
    let missed = format!(
        "SELECT 0, c.message_row_id, {} FROM missed_call_logs c ORDER BY 2",
        db.column("c", "missed_call_logs", &["video_call"]),
    );
    let mut missed = db.prepare(&["missed_call_logs"], &missed);
    let mut missed = Beside::<Option<i64>>::new(missed.as_mut(), |r| r.int(2));

    let media = Media::of(place);
    let mut odds = Odds::of(&place.entry.path);
    let mut progress = Progress::new(place.bytes, db.last_row("messages"));
    db.each(&question(db), sink, &mut |row, sink| {
        progress.step(sink)?;
        let id = row.int(0).unwrap_or(i64::MIN);
        let (cards, calls, missed) = (cards.of(0, id), calls.of(0, id), missed.of(0, id));
        // The first row stands for nothing, and stories of a day are no conversation.
        let Some(chat) = row.text(1).filter(|jid| jid != "status@broadcast") else { return Ok(()) };
        let Some(jid) = jids.row(&chat).and_then(|row| jids.get(row)).cloned() else {
            return Ok(());
        };
        let raw = raw(row, id, jids);
        if raw.at.is_none_or(|at| at <= 0) {
            return odds.say(format!("message {id}"), "it has no time", sink);
        }
        let mut around = Around { call: calls.into_iter().next_back(), ..Around::default() };
        around.missed_video = missed.into_iter().flatten().next().map(|n| n != 0);
        around.cards = cards.into_iter().flatten().collect();
        if around.cards.is_empty() && matches!(raw.kind, 4 | 14) {
            around.cards.extend(row.text(7).filter(|c| c.starts_with("BEGIN:VCARD")));
        }
        if raw.action.is_some() {
            around.whom = whom(row.bytes(18).unwrap_or_default(), jids);
        }
        let Some(chat) = chats.with(&jid, jids, sink)? else { return Ok(()) };
        match compose(raw, around, chat, jids, &media, sink)? {
            Some(message) => sink.take(Record::Message(Box::new(message))),
            None => Ok(()),
        }
    })?;
    odds.end(sink)?;
    // Missed calls have a row among the messages.
    unlinked_calls(db, jids, chats, "c.from_me = 1 OR c.duration > 0", sink)?;
    progress.end(sink)
}

fn raw(r: &Row<'_>, id: i64, jids: &mut Jids) -> Raw {
    let event = r.int(8) == Some(EVENT);
    let kind = match r.int(6).unwrap_or(0) {
        _ if event => 7,
        _ if r.int(17) == Some(REVOKED) => 15,
        // A call, by its later number.
        8 => 90,
        kind => kind,
    };
    let place = (kind == 5 || kind == 16).then(|| (r.real(15), r.real(16)));
    let (lat, lon) = place.unwrap_or_default();
    // Beside a file, words are its caption; what else stands there is a thumbnail or a card.
    let words = matches!(kind, 0 | 7 | 10 | 11 | 15 | 24 | 90) || kind > 24;
    // Of a call it says which kind it was.
    let call = matches!(kind, 10 | 90);
    let video = r.text(13).filter(|_| call).and_then(|kind| match kind.as_str() {
        "video" => Some(true),
        "audio" => Some(false),
        _ => None,
    });
    let path = r.text(19).or_else(|| path(r.bytes(18).unwrap_or_default()));
    let named = r.text(12);
    Raw {
        chat: 0,
        id,
        mine: r.flag(2),
        key: r.text(3),
        sender: r.text(4).and_then(|jid| jids.row(&jid)),
        at: r.int(5),
        kind,
        text: r.text(7).filter(|_| words),
        sort: None,
        voice: r.int(10) == Some(1),
        video,
        forwarded: r.flag(11),
        media: if event || call || place.is_some() {
            Default::default()
        } else {
            [path, named.clone().filter(|_| kind == 9), r.text(13), r.text(14)]
        },
        quoted: (r.text(20), r.text(21)),
        edited: None,
        revoked: None,
        place: (lat, lon, named.filter(|_| place.is_some()), None),
        action: event.then(|| r.int(9).unwrap_or(-1)),
        numbers: [None; 2],
        shop: Vec::new(),
    }
}

/// The path of a file in a Java object: text with its length before it.
fn path(object: &[u8]) -> Option<String> {
    let object = object.get(..object.len().min(OBJECT))?;
    memmem::find_iter(object, b"Media/WhatsApp").take(20).find_map(|at| {
        (0..at.min(200)).find_map(|before| {
            let start = at - before;
            let mark = object.get(start.checked_sub(3)?..start)?;
            let &[b't', high, low] = mark else { return None };
            let text = object.get(start..start + usize::from(u16::from_be_bytes([high, low])))?;
            let text = std::str::from_utf8(text).ok().filter(|t| t.contains("Media/WhatsApp"))?;
            // From the folder that the media lie in; before it stands the phone's own.
            Some(text.get(text.find("Media/WhatsApp")?..)?.to_owned())
        })
    })
}

/// The people of an event, in a Java object.
fn whom(object: &[u8], jids: &mut Jids) -> Vec<i64> {
    const SERVER: &[u8] = b"@s.whatsapp.net";
    let object = object.get(..object.len().min(OBJECT)).unwrap_or_default();
    let mut all = Vec::new();
    for at in memmem::find_iter(object, SERVER).take(WHOM) {
        let before = object.get(..at).unwrap_or_default();
        let digits = before.iter().rev().take(20).take_while(|b| b.is_ascii_digit()).count();
        let jid = object.get(at - digits..at + SERVER.len()).map(String::from_utf8_lossy);
        let row = jid.filter(|_| digits > 0).and_then(|jid| jids.row(&jid));
        all.extend(row.filter(|row| !all.contains(row)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_by_its_length() {
        let path_of = |text: &str, behind: &[u8]| {
            let length = u16::try_from(text.len()).expect("short").to_be_bytes();
            path(
                &[
                    b"\xac\xed\0\x05sr\0\x0cjava.io.File",
                    &b"t"[..],
                    &length,
                    text.as_bytes(),
                    behind,
                ]
                .concat(),
            )
        };
        let long = "/storage/emulated/0/WhatsApp/Media/WhatsApp Images/IMG-20150601-WA0001.jpg";
        assert_eq!(path_of(long, b"w\x02/x").as_deref(), Some(&long[29..]));
        assert_eq!(path_of("Media/WhatsApp", b"xp").as_deref(), Some("Media/WhatsApp"));
        assert_eq!(path(b"Media/WhatsApp Images without a length"), None);
    }

    proptest::proptest! {
        #[test]
        fn any_object_ends(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200), at in 0..100_usize) {
            let mut object = bytes;
            let at = at.min(object.len());
            object.splice(at..at, *b"t\0\x20Media/WhatsApp12@s.whatsapp.net");
            path(&object);
            whom(&object, &mut Jids::default());
        }
    }
}
