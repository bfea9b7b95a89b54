//! WhatsApp's database on Android: `msgstore.db` with its address book `wa.db`.

use std::path::Path;

use anyhow::Result;
use rusqlite::{Connection, params};

use super::database::with_tables;
use super::thread::{ME, Message, Thread, With};
use super::words::Words;

const TABLES: &str = include_str!("../../../tests/databases/whatsapp_android.sql");
const BOOK: &str = include_str!("../../../tests/databases/wa_contacts.sql");

/// Writes both databases.
pub fn write(folder: &Path, threads: &[Thread], seed: u64, words: &Words) -> Result<()> {
    let mut db = with_tables(folder, "msgstore.db", TABLES)?;
    let mut book = with_tables(folder, "wa.db", BOOK)?;
    let (tx, names) = (db.transaction()?, book.transaction()?);
    tx.execute("INSERT INTO props(key, value) VALUES ('user_push_name', ?1)", [ME])?;
    let mut row = 1;
    for thread in threads {
        chat(&tx, &names, thread)?;
        let all = thread.oldest_first(seed, words);
        for (n, m) in all.iter().enumerate() {
            message(&tx, thread, m, row)?;
            if m.answers() && n > 0 {
                quoted(&tx, thread, &all[n - 1], row)?;
            }
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

/// Everybody of a chat, and the chat; rows bear people's numbers.
fn chat(db: &Connection, book: &Connection, thread: &Thread) -> Result<()> {
    for (id, name) in thread.everybody() {
        let jid = format!("35191{id}@s.whatsapp.net");
        db.prepare_cached(
            "INSERT OR IGNORE INTO jid VALUES (?1, ?2, 's.whatsapp.net', 0, 0, 0, ?3)",
        )?
        .execute(params![id, format!("35191{id}"), jid])?;
        book.prepare_cached(
            "INSERT OR IGNORE INTO wa_contacts(jid, is_whatsapp_user, number, display_name)
             VALUES (?1, 1, ?2, ?3)",
        )?
        .execute(params![jid, format!("+35191{id}"), name])?;
    }
    let mut at = thread.id(1);
    let group = thread.is_group();
    if group {
        at = 9_000_000 + thread.number;
        let user = format!("1203630000{at}");
        db.execute(
            "INSERT INTO jid VALUES (?1, ?2, 'g.us', 0, 0, 1, ?3)",
            params![at, user, format!("{user}@g.us")],
        )?;
        for (id, _) in thread.everybody().skip(1) {
            db.prepare_cached(
                "INSERT INTO group_participant_user(group_jid_row_id, user_jid_row_id, rank)
                 VALUES (?1, ?2, 0)",
            )?
            .execute(params![at, id])?;
        }
    }
    let subject = group.then_some(&thread.title);
    db.execute(
        "INSERT INTO chat(_id, jid_row_id, hidden, subject, archived, sort_timestamp,
           unseen_message_count, group_type, participation_status) VALUES (?1, ?2, 0, ?3, 0, 0, 0, 0, ?4)",
        params![thread.number + 1, at, subject, group.then_some(2)],
    )?;
    Ok(())
}

fn message(db: &Connection, thread: &Thread, m: &Message, row: i64) -> Result<()> {
    let chat = thread.number + 1;
    let kind = match m.with {
        With::Photo => 1,
        With::Audio => 2,
        With::Video => 3,
        With::Nothing | With::Share | With::Call => 0,
    };
    let mine = m.who == 0;
    let sender = (!mine && thread.is_group()).then(|| thread.id(m.who));
    let text = Some(m.words()).filter(|t| !t.is_empty());
    db.prepare_cached(
        "INSERT INTO message(_id, chat_row_id, from_me, key_id, sender_jid_row_id, status,
           origination_flags, origin, timestamp, message_type, text_data, starred, sort_id)
         VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, 0, ?6, ?7, ?8, 0, ?1)",
    )?
    .execute(params![row, chat, mine, key(row), sender.unwrap_or(0), m.at, kind, text])?;
    if let Some((mime, ending)) = m.media() {
        db.prepare_cached(
            "INSERT INTO message_media(message_row_id, chat_row_id, file_path, file_size, mime_type)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            row,
            chat,
            format!("Media/WhatsApp Images/{}.{ending}", m.number),
            m.number % 1_000_000,
            mime
        ])?;
    }
    for (emoji, by) in &m.reactions {
        let sender = if *by == 0 { 0 } else { thread.id(*by) };
        db.prepare_cached(
            "INSERT INTO message_add_on(chat_row_id, from_me, key_id, sender_jid_row_id,
               parent_message_row_id, timestamp, status, message_add_on_type)
             VALUES (?1, ?2, 'R', ?3, ?4, ?5, 0, 56)",
        )?
        .execute(params![chat, *by == 0, sender, row, m.at + 1000])?;
        db.prepare_cached("INSERT INTO message_add_on_reaction VALUES (?1, ?2, ?3)")?
            .execute(params![db.last_insert_rowid(), emoji, m.at + 1000])?;
    }
    Ok(())
}

fn quoted(db: &Connection, thread: &Thread, before: &Message, row: i64) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO message_quoted(message_row_id, chat_row_id, from_me, sender_jid_row_id, key_id,
           timestamp, message_type, text_data) VALUES (?1, ?2, ?3, 0, ?4, ?5, 0, ?6)",
    )?
    .execute(params![
        row,
        thread.number + 1,
        before.who == 0,
        key(row - 1),
        before.at,
        before.words()
    ])?;
    Ok(())
}
