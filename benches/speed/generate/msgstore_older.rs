//! WhatsApp's database on Android as it was until 2021: one table `messages` for everything.

use std::path::Path;

use anyhow::Result;
use rusqlite::{Connection, params};

use super::database::with_tables;
use super::thread::{ME, Message, Thread, With};
use super::words::Words;

const TABLES: &str = include_str!("../../../tests/databases/whatsapp_older.sql");
const BOOK: &str = include_str!("../../../tests/databases/wa_contacts.sql");

/// Writes both databases.
pub fn write(folder: &Path, threads: &[Thread], seed: u64, words: &Words) -> Result<()> {
    let mut db = with_tables(folder, "msgstore.db", TABLES)?;
    let mut book = with_tables(folder, "wa.db", BOOK)?;
    let (tx, names) = (db.transaction()?, book.transaction()?);
    tx.execute("INSERT INTO props(key, value) VALUES ('user_push_name', ?1)", [ME])?;
    let mut row = 1;
    for thread in threads {
        let with = chat(&tx, &names, thread)?;
        let all = thread.oldest_first(seed, words);
        for (n, m) in all.iter().enumerate() {
            let before = n.checked_sub(1).and_then(|n| all.get(n)).filter(|_| m.answers());
            let quoted = before.map(|before| quoted(&tx, &with, before, row - 1)).transpose()?;
            message(&tx, thread, &with, m, row, quoted.unwrap_or(0))?;
            row += 1;
        }
    }
    tx.commit()?;
    names.commit()?;
    Ok(())
}

fn key(row: i64) -> String {
    format!("3EB0{row:016X}")
}

fn jid(id: u64) -> String {
    format!("35191{id}@s.whatsapp.net")
}

/// The chat and everybody of it; gives its address.
fn chat(db: &Connection, book: &Connection, thread: &Thread) -> Result<String> {
    for (id, name) in thread.everybody() {
        book.prepare_cached(
            "INSERT OR IGNORE INTO wa_contacts(jid, is_whatsapp_user, number, display_name)
             VALUES (?1, 1, ?2, ?3)",
        )?
        .execute(params![jid(id), format!("+35191{id}"), name])?;
    }
    let group = thread.is_group();
    let with = if group {
        format!("35191{}-{}@g.us", thread.id(1), 1_400_000_000 + thread.number)
    } else {
        jid(thread.id(1))
    };
    for (id, _) in thread.everybody().filter(|_| group) {
        // My own row names nobody.
        let who = if id == thread.id(0) { String::new() } else { jid(id) };
        db.prepare_cached(
            "INSERT INTO group_participants(gjid, jid, admin, pending) VALUES (?1, ?2, 0, 0)",
        )?
        .execute(params![with, who])?;
    }
    db.execute(
        "INSERT INTO chat_list(key_remote_jid, subject, archived, sort_timestamp,
           unseen_message_count) VALUES (?1, ?2, 0, 0, 0)",
        params![with, group.then_some(&thread.title)],
    )?;
    Ok(with)
}

/// What is answered has a row of its own; gives its number.
fn quoted(db: &Connection, with: &str, before: &Message, row: i64) -> Result<i64> {
    db.prepare_cached(
        "INSERT INTO messages_quotes(key_remote_jid, key_from_me, key_id, data, timestamp,
           media_wa_type) VALUES (?1, ?2, ?3, ?4, ?5, '0')",
    )?
    .execute(params![with, before.who == 0, key(row), before.words(), before.at])?;
    Ok(db.last_insert_rowid())
}

/// A file's path as those years kept it: inside a Java object, with its length before it.
fn object(path: &str) -> Vec<u8> {
    let length = (path.len() as u16).to_be_bytes();
    [b"\xac\xed\0\x05sr\0\x0cjava.io.Filet", &length[..], path.as_bytes(), b"xp"].concat()
}

fn message(
    db: &Connection,
    thread: &Thread,
    with: &str,
    m: &Message,
    row: i64,
    quoted: i64,
) -> Result<()> {
    let kind = match m.with {
        With::Photo => "1",
        With::Audio => "2",
        With::Video => "3",
        With::Nothing | With::Share | With::Call => "0",
    };
    let mine = m.who == 0;
    let sender = (!mine && thread.is_group()).then(|| jid(thread.id(m.who)));
    let text = Some(m.words()).filter(|t| !t.is_empty());
    let media = m.media();
    // Beside a file, words are its caption.
    let (said, caption) = if media.is_some() { (None, text) } else { (text, None) };
    let path = media.map(|(_, ending)| {
        object(&format!("/storage/emulated/0/WhatsApp/Media/WhatsApp Images/{}.{ending}", m.number))
    });
    db.prepare_cached(
        "INSERT INTO messages(_id, key_remote_jid, key_from_me, key_id, status, data, timestamp,
           media_mime_type, media_wa_type, media_size, media_caption, origin, latitude, longitude,
           thumb_image, remote_resource, quoted_row_id, edit_version, forwarded)
         VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, ?7, ?8, 0, ?9, 0, 0, 0, ?10, ?11, ?12, 0, 0)",
    )?
    .execute(params![
        row,
        with,
        mine,
        key(row),
        said,
        m.at,
        media.map(|(mime, _)| mime),
        kind,
        caption,
        path,
        sender,
        quoted
    ])?;
    Ok(())
}
