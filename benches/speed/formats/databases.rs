//! The bare reading of the apps' databases: `rusqlite` walking the columns that are needed.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use anyhow::Result;
use flate2::read::ZlibDecoder;
use rusqlite::{Connection, OpenFlags, Row, Statement};
use serde::Deserialize;

use crate::bare::{Bare, More};
use crate::generate::{opened, opened_pages};

fn open(export: &Path, name: &str) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(export.join(name), flags)?)
}

/// Pairs of text that hang on messages, by the message's row in rising order.
struct Beside<'s> {
    rows: rusqlite::Rows<'s>,
    next: Option<(i64, String, String)>,
}

impl<'s> Beside<'s> {
    fn of(statement: &'s mut Statement<'_>) -> Result<Self> {
        let mut beside = Self { rows: statement.query([])?, next: None };
        beside.step()?;
        Ok(beside)
    }

    fn step(&mut self) -> Result<()> {
        let pair = |r: &Row<'_>| Ok::<_, rusqlite::Error>((r.get(0)?, r.get(1)?, r.get(2)?));
        self.next = self.rows.next()?.map(pair).transpose()?;
        Ok(())
    }

    fn take(&mut self, row: i64) -> Result<Vec<(String, String)>> {
        let mut out = Vec::new();
        while let Some((_, a, b)) = self.next.take_if(|(at, ..)| *at == row) {
            out.push((a, b));
            self.step()?;
        }
        Ok(out)
    }
}

/// `msgstore.db`: messages in the order of their rows, which is that of their chats here.
pub fn msgstore(export: &Path, out: &mut Bare) -> Result<()> {
    let db = open(export, "msgstore.db")?;
    let mut reactions = db.prepare(
        "SELECT a.parent_message_row_id, r.reaction, CAST(a.sender_jid_row_id AS TEXT)
         FROM message_add_on a JOIN message_add_on_reaction r ON r.message_add_on_row_id = a._id
         ORDER BY 1",
    )?;
    let mut reactions = Beside::of(&mut reactions)?;
    let mut all = db.prepare(
        "SELECT m._id, m.chat_row_id, m.timestamp, m.sender_jid_row_id, m.from_me, m.text_data,
           d.file_path, q.key_id
         FROM message m LEFT JOIN message_media d ON d.message_row_id = m._id
         LEFT JOIN message_quoted q ON q.message_row_id = m._id ORDER BY m._id",
    )?;
    let mut rows = all.query([])?;
    while let Some(r) = rows.next()? {
        out.of_thread(r.get(1)?);
        let sender = if r.get(4)? { "me".to_owned() } else { r.get::<_, i64>(3)?.to_string() };
        let more = More {
            media: r.get::<_, Option<String>>(6)?.into_iter().collect(),
            reactions: reactions.take(r.get(0)?)?,
            reply: r.get(7)?,
            call: None,
        };
        out.row(r.get(2)?, &sender, r.get_ref(5)?.as_str_or_null()?.unwrap_or_default(), &more)?;
    }
    Ok(())
}

/// `msgstore.db.crypt15`: opened and unpacked as a whole, then walked.
pub fn crypt15(export: &Path, out: &mut Bare) -> Result<()> {
    let packed = opened(&fs::read(export.join("Databases/msgstore.db.crypt15"))?)?;
    let folder = tempfile::tempdir()?;
    let mut file = File::create(folder.path().join("msgstore.db"))?;
    io::copy(&mut ZlibDecoder::new(&packed[..]), &mut file)?;
    msgstore(folder.path(), out)
}

/// `msgstore.db` until 2021; a path is what lies in a Java object from its folder to its end.
pub fn msgstore_older(export: &Path, out: &mut Bare) -> Result<()> {
    const FOLDER: &[u8] = b"Media/WhatsApp";
    let path = |object: &[u8]| {
        let at = memchr::memmem::find(object, FOLDER)?;
        let path = object.get(at..object.len().checked_sub(2)?)?;
        Some(String::from_utf8_lossy(path).into_owned())
    };
    let db = open(export, "msgstore.db")?;
    let mut all = db.prepare(
        "SELECT m.key_remote_jid, m.timestamp, m.remote_resource, m.key_from_me, m.data,
           m.media_caption, m.thumb_image, q.key_id
         FROM messages m LEFT JOIN messages_quotes q ON q._id = m.quoted_row_id ORDER BY m._id",
    )?;
    let mut rows = all.query([])?;
    while let Some(r) = rows.next()? {
        let chat = r.get_ref(0)?.as_str()?;
        out.thread_called(chat);
        let told = r.get_ref(2)?.as_str_or_null()?.unwrap_or(chat);
        let sender = if r.get(3)? { "me" } else { told };
        let more = More {
            media: r.get_ref(6)?.as_blob_or_null()?.and_then(path).into_iter().collect(),
            reply: r.get(7)?,
            ..More::default()
        };
        let text = match r.get_ref(4)?.as_str_or_null()? {
            Some(text) => text,
            None => r.get_ref(5)?.as_str_or_null()?.unwrap_or_default(),
        };
        out.row(r.get(1)?, sender, text, &more)?;
    }
    Ok(())
}

/// Signal Desktop's database: opened as a whole, then walked, the rest of each message in JSON.
pub fn signal_desktop(export: &Path, out: &mut Bare) -> Result<()> {
    #[derive(Deserialize)]
    struct Told {
        quote: Option<Quote>,
        #[serde(default)]
        reactions: Vec<Reaction>,
    }
    #[derive(Deserialize)]
    struct Quote {
        id: i64,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Reaction {
        emoji: String,
        from_id: String,
    }
    let folder = tempfile::tempdir()?;
    fs::write(
        folder.path().join("plain.db"),
        opened_pages(&fs::read(export.join("sql/db.sqlite"))?)?,
    )?;
    let db = open(folder.path(), "plain.db")?;
    let mut files = db.prepare(
        "SELECT m.rowid, a.path, a.contentType FROM messages m
         CROSS JOIN message_attachments a ON a.messageId = CAST(m.id AS TEXT) ORDER BY m.rowid",
    )?;
    let mut files = Beside::of(&mut files)?;
    let mut all = db.prepare(
        "SELECT rowid, conversationId, sent_at, sourceServiceId, body, json FROM messages
         ORDER BY rowid",
    )?;
    let mut rows = all.query([])?;
    while let Some(r) = rows.next()? {
        out.thread_called(r.get_ref(1)?.as_str()?);
        let told: Told = serde_json::from_str(r.get_ref(5)?.as_str()?)?;
        let more = More {
            media: files.take(r.get(0)?)?.into_iter().map(|(path, _)| path).collect(),
            reactions: told.reactions.into_iter().map(|r| (r.emoji, r.from_id)).collect(),
            reply: told.quote.map(|q| q.id.to_string()),
            call: None,
        };
        let sender = r.get_ref(3)?.as_str()?;
        out.row(r.get(2)?, sender, r.get_ref(4)?.as_str_or_null()?.unwrap_or_default(), &more)?;
    }
    Ok(())
}

/// `ChatStorage.sqlite`; what lies in its blobs is taken as it is.
pub fn chat_storage(export: &Path, out: &mut Bare) -> Result<()> {
    let db = open(export, "ChatStorage.sqlite")?;
    let mut all = db.prepare(
        "SELECT m.ZCHATSESSION, m.ZMESSAGEDATE, m.ZGROUPMEMBER, m.ZISFROMME, m.ZTEXT,
           d.ZMEDIALOCALPATH, d.ZMETADATA, i.ZRECEIPTINFO
         FROM ZWAMESSAGE m LEFT JOIN ZWAMEDIAITEM d ON d.ZMESSAGE = m.Z_PK
         LEFT JOIN ZWAMESSAGEINFO i ON i.ZMESSAGE = m.Z_PK ORDER BY m.Z_PK",
    )?;
    let mut rows = all.query([])?;
    while let Some(r) = rows.next()? {
        out.of_thread(r.get(0)?);
        let member: Option<i64> = r.get(2)?;
        let sender = if r.get(3)? { "me".to_owned() } else { member.unwrap_or(0).to_string() };
        let at = (r.get::<_, f64>(1)? + 978_307_200.0) * 1000.0;
        let blob = |n: usize| -> Result<Option<String>> {
            let bytes = r.get_ref(n)?.as_blob_or_null()?;
            Ok(bytes.map(|b| String::from_utf8_lossy(b).into_owned()))
        };
        let more = More {
            media: r.get::<_, Option<String>>(5)?.into_iter().collect(),
            reactions: blob(7)?.map(|b| (b, String::new())).into_iter().collect(),
            reply: blob(6)?,
            call: None,
        };
        out.row(at as i64, &sender, r.get_ref(4)?.as_str_or_null()?.unwrap_or_default(), &more)?;
    }
    Ok(())
}

/// The text in an attributed one: behind its class and five bytes, with its length before it.
fn attributed(body: &[u8]) -> &str {
    const CLASS: &[u8] = b"NSString";
    let text = || {
        let at = memchr::memmem::find(body, CLASS)? + CLASS.len() + 5;
        let (length, from) = match body.get(at..)? {
            [0x81, low, high, ..] => (usize::from(u16::from_le_bytes([*low, *high])), at + 3),
            [short, ..] => (usize::from(*short), at + 1),
            [] => return None,
        };
        std::str::from_utf8(body.get(from..from + length)?).ok()
    };
    text().unwrap_or_default()
}

/// `chat.db`.
pub fn chat_db(export: &Path, out: &mut Bare) -> Result<()> {
    let db = open(export, "chat.db")?;
    // A tapback names its message behind `p:0/M`, the row as the bench writes it.
    let mut tapbacks = db.prepare(
        "SELECT CAST(substr(associated_message_guid, 6) AS INTEGER),
           coalesce(associated_message_emoji, CAST(associated_message_type AS TEXT)), CAST(handle_id AS TEXT)
         FROM message WHERE associated_message_type >= 2000 ORDER BY 1",
    )?;
    let mut tapbacks = Beside::of(&mut tapbacks)?;
    let mut all = db.prepare(
        "SELECT m.ROWID, j.chat_id, m.date, m.handle_id, m.is_from_me, m.text, m.attributedBody,
           a.filename, m.thread_originator_guid
         FROM message m JOIN chat_message_join j ON j.message_id = m.ROWID
         LEFT JOIN message_attachment_join x ON x.message_id = m.ROWID
         LEFT JOIN attachment a ON a.ROWID = x.attachment_id
         WHERE m.associated_message_type < 2000 ORDER BY m.ROWID",
    )?;
    let mut rows = all.query([])?;
    while let Some(r) = rows.next()? {
        out.of_thread(r.get(1)?);
        let sender = if r.get(4)? { "me".to_owned() } else { r.get::<_, i64>(3)?.to_string() };
        let text = match r.get_ref(5)?.as_str_or_null()? {
            Some(text) => text,
            None => r.get_ref(6)?.as_blob_or_null()?.map(attributed).unwrap_or_default(),
        };
        let more = More {
            media: r.get::<_, Option<String>>(7)?.into_iter().collect(),
            reactions: tapbacks.take(r.get(0)?)?,
            reply: r.get(8)?,
            call: None,
        };
        let at = r.get::<_, i64>(2)? / 1_000_000 + 978_307_200_000;
        out.row(at, &sender, text, &more)?;
    }
    Ok(())
}
