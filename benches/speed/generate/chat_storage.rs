//! WhatsApp's database on an iPhone: `ChatStorage.sqlite`.

use std::path::Path;

use anyhow::Result;
use rusqlite::{Connection, params};

use super::database::{field, number, with_tables};
use super::thread::{Message, Thread, With};
use super::words::Words;

const TABLES: &str = include_str!("../../../tests/databases/whatsapp_ios.sql");
/// Times count from 2001.
const EPOCH: i64 = 978_307_200_000;

/// Writes the database.
pub fn write(folder: &Path, threads: &[Thread], seed: u64, words: &Words) -> Result<()> {
    let mut db = with_tables(folder, "ChatStorage.sqlite", TABLES)?;
    // The app's own: without them every reader would look through all rows for each message.
    db.execute_batch(
        "CREATE INDEX Z_WAMessage_chat ON ZWAMESSAGE(ZCHATSESSION, ZSORT);
         CREATE INDEX Z_WAMediaItem_message ON ZWAMEDIAITEM(ZMESSAGE);
         CREATE INDEX Z_WAMessageInfo_message ON ZWAMESSAGEINFO(ZMESSAGE);",
    )?;
    let tx = db.transaction()?;
    let mut row = 1;
    for thread in threads {
        chat(&tx, thread)?;
        let all = thread.oldest_first(seed, words);
        for (n, m) in all.iter().enumerate() {
            let before = n.checked_sub(1).and_then(|n| all.get(n)).filter(|_| m.answers());
            message(&tx, thread, m, row)?;
            beside(&tx, thread, m, before, row)?;
            row += 1;
        }
    }
    tx.commit()?;
    Ok(())
}

fn jid(id: u64) -> String {
    format!("35191{id}@s.whatsapp.net")
}

fn seconds(ms: i64) -> f64 {
    (ms - EPOCH) as f64 / 1000.0
}

fn chat(db: &Connection, thread: &Thread) -> Result<()> {
    let row = thread.number + 1;
    let group = thread.is_group();
    let with = if group { format!("12036300000{row}@g.us") } else { jid(thread.id(1)) };
    db.execute(
        "INSERT INTO ZWACHATSESSION VALUES (?1, ?2, ?3, ?4, 0, 0, 0, 0)",
        params![row, with, thread.title, i64::from(group)],
    )?;
    for (id, name) in thread.everybody().skip(1).filter(|_| group) {
        db.prepare_cached("INSERT INTO ZWAGROUPMEMBER VALUES (?1, ?2, ?3, ?4, 0, 1)")?
            .execute(params![id, row, jid(id), name])?;
    }
    Ok(())
}

fn message(db: &Connection, thread: &Thread, m: &Message, row: i64) -> Result<()> {
    let kind = match m.with {
        With::Photo => 1,
        With::Video => 2,
        With::Audio => 3,
        With::Nothing | With::Share | With::Call => 0,
    };
    let member = (m.who > 0 && thread.is_group()).then(|| thread.id(m.who));
    let text = Some(m.words()).filter(|t| !t.is_empty());
    db.prepare_cached(
        "INSERT INTO ZWAMESSAGE(Z_PK, ZCHATSESSION, ZGROUPMEMBER, ZISFROMME, ZMESSAGEDATE, ZSORT,
           ZTEXT, ZMESSAGETYPE, ZSTANZAID, ZMEDIAITEM, ZSTARRED, ZMESSAGESTATUS)
         VALUES (?1, ?2, ?3, ?4, ?5, ?1, ?6, ?7, ?8, NULL, 0, 8)",
    )?
    .execute(params![
        row,
        thread.number + 1,
        member,
        m.who == 0,
        seconds(m.at),
        text,
        kind,
        stanza(row)
    ])?;
    Ok(())
}

fn stanza(row: i64) -> String {
    format!("3A{row:018X}")
}

/// Media and replies stand in a row of their own, reactions in another.
fn beside(
    db: &Connection,
    thread: &Thread,
    m: &Message,
    before: Option<&Message>,
    row: i64,
) -> Result<()> {
    let who = |who: usize| jid(thread.id(who));
    let media = m.media();
    let path = media.map(|(_, ending)| format!("Media/{}/{}.{ending}", who(1), m.number));
    let reply = before.map(|before| {
        let mut said = field(5, stanza(row - 1).as_bytes());
        said.extend(field(6, who(before.who).as_bytes()));
        said.extend(field(19, &field(1, before.words().as_bytes())));
        said
    });
    if path.is_some() || reply.is_some() {
        db.prepare_cached(
            "INSERT INTO ZWAMEDIAITEM(ZMESSAGE, ZMEDIALOCALPATH, ZVCARDSTRING, ZMETADATA)
             VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![row, path, media.map(|(mime, _)| mime), reply])?;
    }
    if m.reactions.is_empty() {
        return Ok(());
    }
    let mut all = Vec::new();
    for (emoji, by) in &m.reactions {
        let at = (m.at + 1000).unsigned_abs();
        if *by == 0 {
            let own = [field(2, emoji.as_bytes()), number(3, at)].concat();
            all.extend(field(2, &own));
        } else {
            let other = [field(2, who(*by).as_bytes()), field(3, emoji.as_bytes()), number(4, at)];
            all.extend(field(1, &other.concat()));
        }
    }
    db.prepare_cached("INSERT INTO ZWAMESSAGEINFO(ZMESSAGE, ZRECEIPTINFO) VALUES (?1, ?2)")?
        .execute(params![row, field(7, &all)])?;
    Ok(())
}
