//! Signal Desktop's own folder: its database, locked page by page, with the key in `config.json`.

use std::fs;
use std::path::Path;

use aes::Aes256;
use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use anyhow::{Context, Result, anyhow};
use hmac::{Hmac, Mac};
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use sha2::Sha512;

use super::json::set;
use super::thread::{Message, Thread};
use super::words::Words;

/// Locks as the tests do.
#[allow(dead_code, reason = "the bench locks a database and nothing else")]
#[path = "../../../tests/databases/sqlcipher.rs"]
mod sqlcipher;

const SCRIPT: &str = include_str!("../../../tests/databases/signal_desktop.sql");
const KEY: [u8; 32] = [0x5a; 32];
/// Bytes at the end of a page: the initialisation vector and the signature.
const VECTOR: usize = 16;
const SIGN: usize = 64;
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

fn uuid(kind: char, id: u64) -> String {
    format!("{kind}0000000-0000-4000-8000-{id:012x}")
}

/// Somebody's id, and their conversation's.
fn aci(id: u64) -> String {
    uuid('a', id)
}

fn conversation(id: u64) -> String {
    uuid('c', id)
}

fn with(thread: &Thread) -> u64 {
    if thread.is_group() { 9_000_000 + thread.number } else { thread.id(1) }
}

/// Bytes of 32 as base64: the number stands in them as it is.
fn key(id: u64) -> String {
    format!("{id:0>42}A=")
}

/// Writes the folder.
pub fn write(folder: &Path, threads: &[Thread], seed: u64, words: &Words) -> Result<()> {
    fs::create_dir_all(folder.join("sql"))?;
    let open = tempfile::tempdir()?;
    let plain = open.path().join("plain.db");
    // The tables without the rows of a test.
    let tables = SCRIPT.split("INSERT INTO items").next().context("no tables")?;
    let mut db = sqlcipher::open(tables, &plain);
    let tx = db.transaction()?;
    tx.execute(
        "INSERT INTO items VALUES ('uuid_id', ?1)",
        [json!({"id": "uuid_id", "value": format!("{}.2", aci(1_000_000))}).to_string()],
    )?;
    person(&tx, 1_000_000, "Sam")?;
    let mut row = 1;
    for thread in threads {
        chat(&tx, thread)?;
        let all = thread.oldest_first(seed, words);
        for (n, m) in all.iter().enumerate() {
            let before = n.checked_sub(1).and_then(|n| all.get(n)).filter(|_| m.answers());
            message(&tx, thread, m, before, row)?;
            row += 1;
        }
    }
    tx.commit()?;
    drop(db);
    fs::write(folder.join("sql/db.sqlite"), sqlcipher::locked(&fs::read(plain)?, &KEY))?;
    let digits: String = KEY.iter().map(|b| format!("{b:02x}")).collect();
    fs::write(folder.join("config.json"), json!({"key": digits}).to_string())?;
    Ok(())
}

fn person(db: &Connection, id: u64, name: &str) -> Result<()> {
    let told = json!({"id": conversation(id), "type": "private", "profileName": name,
        "serviceId": aci(id)});
    db.prepare_cached(
        "INSERT OR IGNORE INTO conversations(id, json, type, serviceId, e164)
         VALUES (?1, ?2, 'private', ?3, ?4)",
    )?
    .execute(params![conversation(id), told.to_string(), aci(id), format!("+35191{id}")])?;
    Ok(())
}

fn chat(db: &Connection, thread: &Thread) -> Result<()> {
    for (id, name) in thread.everybody().skip(1) {
        person(db, id, name)?;
    }
    if !thread.is_group() {
        return Ok(());
    }
    let id = with(thread);
    let member = |(id, _)| json!({"aci": aci(id), "role": 1, "joinedAtVersion": 1});
    let members: Vec<Value> = thread.everybody().map(member).collect();
    let told = json!({"id": conversation(id), "type": "group", "groupVersion": 2,
        "masterKey": key(id), "name": thread.title, "membersV2": members});
    db.execute(
        "INSERT INTO conversations(id, json, type, groupId) VALUES (?1, ?2, 'group', ?3)",
        params![conversation(id), told.to_string(), key(id)],
    )?;
    Ok(())
}

fn message(
    db: &Connection,
    thread: &Thread,
    m: &Message,
    before: Option<&Message>,
    row: u64,
) -> Result<()> {
    let (id, place) = (uuid('b', row), conversation(with(thread)));
    let who = |who: usize| thread.id(who);
    let mut told = json!({});
    if m.who == 0 {
        let mut states = json!({});
        set(&mut states, &conversation(who(1)), json!({"status": "Read", "updatedAt": m.at + 900}));
        set(&mut told, "sendStateByConversationId", states);
    }
    if let Some(before) = before {
        let quote = json!({"id": before.at, "authorAci": aci(who(before.who)),
            "text": before.words(), "attachments": []});
        set(&mut told, "quote", quote);
    }
    if !m.reactions.is_empty() {
        let one = |(emoji, by): &(&str, usize)| {
            json!({"emoji": emoji, "fromId": conversation(who(*by)), "timestamp": m.at + 1000,
                "targetTimestamp": m.at})
        };
        set(&mut told, "reactions", m.reactions.iter().map(one).collect());
    }
    let text = Some(m.words()).filter(|t| !t.is_empty());
    let kind = if m.who == 0 { "outgoing" } else { "incoming" };
    db.prepare_cached(
        "INSERT INTO messages(rowid, id, json, readStatus, sent_at, conversationId, type, body,
           sourceServiceId, hasAttachments) VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        row,
        id,
        told.to_string(),
        m.at,
        place,
        kind,
        text,
        aci(who(m.who)),
        m.media().is_some()
    ])?;
    if let Some((mime, _)) = m.media() {
        db.prepare_cached(
            "INSERT INTO message_attachments(messageId, editHistoryIndex, attachmentType,
               orderInMessage, conversationId, sentAt, size, contentType, path, localKey, version)
             VALUES (?1, -1, 'attachment', 0, ?2, ?3, ?4, ?5, ?6, ?7, 2)",
        )?
        .execute(params![
            id,
            place,
            m.at,
            m.number % 1_000_000,
            mime,
            format!("{:02x}/{:064x}", m.number % 256, m.number),
            format!("{:0>86}==", m.number)
        ])?;
    }
    Ok(())
}

/// A database that was locked here, open: each page by itself, its signature looked at.
pub fn opened_pages(locked: &[u8]) -> Result<Vec<u8>> {
    let sign = sqlcipher::stretched(&KEY);
    let mut out = Vec::with_capacity(locked.len());
    for (n, page) in (1u32..).zip(locked.chunks_exact(sqlcipher::PAGE)) {
        // The first page has the salt before it.
        let page = if n == 1 { page.split_at(MAGIC.len()).1 } else { page };
        let (told, signed) = page.split_at(page.len() - SIGN);
        let mac = Hmac::<Sha512>::new_from_slice(&sign).map_err(|e| anyhow!("the key: {e}"))?;
        mac.chain_update(told)
            .chain_update(n.to_le_bytes())
            .verify_slice(signed)
            .map_err(|e| anyhow!("page {n}: {e}"))?;
        let (text, vector) = told.split_at(told.len() - VECTOR);
        let mut text = text.to_vec();
        cbc::Decryptor::<Aes256>::new_from_slices(&KEY, vector)
            .map_err(|e| anyhow!("page {n}: {e}"))?
            .decrypt_padded::<NoPadding>(&mut text)
            .map_err(|e| anyhow!("page {n}: {e}"))?;
        if n == 1 {
            out.extend(MAGIC);
        }
        out.extend(text);
        out.resize(n as usize * sqlcipher::PAGE, 0);
    }
    Ok(out)
}
