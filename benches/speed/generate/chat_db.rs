//! iPhone Messages as a Mac keeps them: `chat.db`; every other text as an attributed one.

use std::path::Path;

use anyhow::Result;
use rusqlite::{Connection, params};

use super::database::with_tables;
use super::thread::{Message, Thread};
use super::words::Words;

const TABLES: &str = include_str!("../../../tests/databases/imessage.sql");
/// Times count from 2001, in nanoseconds.
const EPOCH: i64 = 978_307_200_000;
/// What stands before an attributed text, and behind it.
const BEFORE: &[u8] =
    b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84\x08NSString\x01\x94\x84\x01+";
const BEHIND: &[u8] = b"\x86\x84\x02iI\x01\x10";
/// The codes of tapbacks, and of one by any emoji.
const TAPBACKS: [(&str, i64); 3] = [("❤️", 2000), ("👍", 2001), ("😂", 2003)];
const BY_EMOJI: i64 = 2006;

/// Writes the database.
pub fn write(folder: &Path, threads: &[Thread], seed: u64, words: &Words) -> Result<()> {
    let mut db = with_tables(folder, "chat.db", TABLES)?;
    // The app's own.
    db.execute_batch(
        "CREATE INDEX chat_message_join_idx_message_id_only ON chat_message_join(message_id)",
    )?;
    let tx = db.transaction()?;
    let (mut row, mut guid) = (0, 0);
    for thread in threads {
        chat(&tx, thread)?;
        let all = thread.oldest_first(seed, words);
        for (n, m) in all.iter().enumerate() {
            let answers = (m.answers() && n > 0).then(|| format!("M{guid}"));
            guid = row + 1;
            message(&tx, thread, m, guid, answers)?;
            row = guid;
            for reaction in &m.reactions {
                row += 1;
                tapback(&tx, thread, m, reaction, row, guid)?;
            }
        }
    }
    tx.commit()?;
    Ok(())
}

fn chat(db: &Connection, thread: &Thread) -> Result<()> {
    let row = thread.number + 1;
    let address = format!("+35191{}", thread.id(1));
    let (style, name) =
        if thread.is_group() { (43, format!("chat{row}")) } else { (45, address.clone()) };
    let sign = if thread.is_group() { '+' } else { '-' };
    let title = thread.is_group().then_some(&thread.title);
    db.execute(
        "INSERT INTO chat(ROWID, guid, style, chat_identifier, service_name, display_name)
         VALUES (?1, ?2, ?3, ?4, 'iMessage', ?5)",
        params![row, format!("iMessage;{sign};{name}"), style, name, title],
    )?;
    for (id, _) in thread.everybody().skip(1) {
        db.prepare_cached("INSERT INTO handle(ROWID, id, service) VALUES (?1, ?2, 'iMessage')")?
            .execute(params![id, format!("+35191{id}")])?;
        db.prepare_cached("INSERT INTO chat_handle_join VALUES (?1, ?2)")?
            .execute(params![row, id])?;
    }
    Ok(())
}

fn handle(thread: &Thread, who: usize) -> u64 {
    if who == 0 { 0 } else { thread.id(who) }
}

fn attributed(text: &str) -> Vec<u8> {
    let mut out = BEFORE.to_vec();
    match u8::try_from(text.len()) {
        Ok(short @ 0..0x80) => out.push(short),
        _ => {
            out.push(0x81);
            out.extend((text.len() as u16).to_le_bytes());
        }
    }
    out.extend_from_slice(text.as_bytes());
    out.extend_from_slice(BEHIND);
    out
}

fn join(db: &Connection, thread: &Thread, row: i64, date: i64) -> Result<()> {
    db.prepare_cached("INSERT INTO chat_message_join VALUES (?1, ?2, ?3)")?.execute(params![
        thread.number + 1,
        row,
        date
    ])?;
    Ok(())
}

fn message(
    db: &Connection,
    thread: &Thread,
    m: &Message,
    row: i64,
    answers: Option<String>,
) -> Result<()> {
    let text = Some(m.words()).filter(|t| !t.is_empty());
    let (plain, body) = match text {
        Some(text) if row % 2 == 0 => (None, Some(attributed(&text))),
        text => (text, None),
    };
    let date = (m.at - EPOCH) * 1_000_000;
    db.prepare_cached(
        "INSERT INTO message(ROWID, guid, text, handle_id, attributedBody, service, date,
           is_from_me, is_read, thread_originator_guid)
         VALUES (?1, ?2, ?3, ?4, ?5, 'iMessage', ?6, ?7, 1, ?8)",
    )?
    .execute(params![
        row,
        format!("M{row}"),
        plain,
        handle(thread, m.who),
        body,
        date,
        m.who == 0,
        answers
    ])?;
    join(db, thread, row, date)?;
    if let Some((mime, ending)) = m.media() {
        let name = format!("{}.{ending}", m.number);
        db.prepare_cached(
            "INSERT INTO attachment(ROWID, guid, filename, mime_type, transfer_name)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            row,
            format!("A{row}"),
            format!("~/Library/Messages/Attachments/ab/11/A{row}/{name}"),
            mime,
            name
        ])?;
        db.prepare_cached("INSERT INTO message_attachment_join VALUES (?1, ?1)")?.execute([row])?;
    }
    Ok(())
}

fn tapback(
    db: &Connection,
    thread: &Thread,
    m: &Message,
    (emoji, by): &(&str, usize),
    row: i64,
    about: i64,
) -> Result<()> {
    let known = TAPBACKS.iter().find(|(e, _)| e == emoji).map(|(_, code)| *code);
    let date = (m.at - EPOCH + 1000) * 1_000_000;
    db.prepare_cached(
        "INSERT INTO message(ROWID, guid, handle_id, service, date, is_from_me, is_read,
           associated_message_guid, associated_message_type, associated_message_emoji)
         VALUES (?1, ?2, ?3, 'iMessage', ?4, ?5, 1, ?6, ?7, ?8)",
    )?
    .execute(params![
        row,
        format!("M{row}"),
        handle(thread, *by),
        date,
        *by == 0,
        format!("p:0/M{about}"),
        known.unwrap_or(BY_EMOJI),
        known.is_none().then_some(emoji)
    ])?;
    join(db, thread, row, date)
}
