//! The least that the work could cost with kept crates: a typed parse by `serde_json`, a bare
//! insert of the same rows by SQLite, inflating a zip. No fingerprints, no recognition, no seams.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

/// The hidden commands of these.
pub const PARSE: &str = "baseline-parse";
/// Parses and stores.
pub const STORE: &str = "baseline-store";
/// Inflates only.
pub const UNZIP: &str = "baseline-unzip";

#[derive(Deserialize)]
struct Thread {
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Message {
    sender_name: String,
    timestamp_ms: i64,
    #[serde(default)]
    content: String,
    #[serde(default)]
    call_duration: Option<i64>,
    #[serde(default)]
    photos: Vec<Media>,
    #[serde(default)]
    videos: Vec<Media>,
    #[serde(default)]
    audio_files: Vec<Media>,
    #[serde(default)]
    reactions: Vec<Reaction>,
    share: Option<Share>,
}

#[derive(Deserialize, Serialize)]
struct Media {
    uri: String,
}

#[derive(Deserialize, Serialize)]
struct Reaction {
    reaction: String,
    actor: String,
}

#[derive(Deserialize, Serialize)]
struct Share {
    link: String,
}

/// What does not fit a column.
#[derive(Serialize)]
struct More<'m> {
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    media: Vec<&'m Media>,
    #[serde(skip_serializing_if = "slice_is_empty")]
    reactions: &'m [Reaction],
    #[serde(skip_serializing_if = "Option::is_none")]
    share: Option<&'m Share>,
}

fn slice_is_empty<T>(slice: &&[T]) -> bool {
    slice.is_empty()
}

fn thread_files(export: &Path) -> Result<Vec<Vec<PathBuf>>> {
    let inbox = export.join("your_facebook_activity/messages/inbox");
    let sorted = |dir: &Path| -> Result<Vec<PathBuf>> {
        let mut paths: Vec<PathBuf> =
            fs::read_dir(dir)?.map(|e| Ok(e?.path())).collect::<io::Result<_>>()?;
        paths.sort();
        Ok(paths)
    };
    sorted(&inbox)?.iter().map(|folder| sorted(folder)).collect()
}

/// Parses every thread file; gives the number of messages.
pub fn parse(export: &Path) -> Result<usize> {
    let mut messages = 0;
    for file in thread_files(export)?.iter().flatten() {
        let thread: Thread = serde_json::from_slice(&fs::read(file)?)?;
        messages += thread.messages.len();
    }
    Ok(messages)
}

/// Parses every thread file and inserts its messages.
pub fn store(export: &Path, database: &Path) -> Result<usize> {
    let mut db = Connection::open(database)?;
    db.pragma_update(None, "page_size", 8192)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "NORMAL")?;
    db.pragma_update(None, "cache_size", -65_536)?;
    db.execute_batch(
        "CREATE TABLE message(id INTEGER PRIMARY KEY, thread_id INTEGER NOT NULL,
           sent_at INTEGER NOT NULL, sender INTEGER NOT NULL, text TEXT NOT NULL, more TEXT);
         CREATE INDEX message_page ON message(thread_id, sent_at, id);",
    )?;
    let mut messages = 0;
    let mut senders: HashMap<String, i64> = HashMap::new();
    for (thread_id, files) in (0..).zip(thread_files(export)?) {
        for file in &files {
            let thread: Thread = serde_json::from_slice(&fs::read(file)?)?;
            messages += thread.messages.len();
            insert(&mut db, thread_id, thread.messages, &mut senders)?;
        }
    }
    Ok(messages)
}

fn insert(
    db: &mut Connection,
    thread: i64,
    messages: Vec<Message>,
    senders: &mut HashMap<String, i64>,
) -> Result<()> {
    let tx = db.transaction()?;
    {
        let mut q = tx.prepare_cached(
            "INSERT INTO message(thread_id, sent_at, sender, text, more) VALUES(?1,?2,?3,?4,?5)",
        )?;
        for m in messages {
            let next = senders.len() as i64;
            let sender = *senders.entry(m.sender_name).or_insert(next);
            let more = More {
                call: m.call_duration,
                media: m.photos.iter().chain(&m.videos).chain(&m.audio_files).collect(),
                reactions: &m.reactions,
                share: m.share.as_ref(),
            };
            let plain = more.call.is_none()
                && more.media.is_empty()
                && more.reactions.is_empty()
                && more.share.is_none();
            let more = if plain { None } else { Some(serde_json::to_string(&more)?) };
            q.execute(params![thread, m.timestamp_ms, sender, letters(m.content), more])?;
        }
    }
    tx.commit()?;
    Ok(())
}

/// The text as it was meant. The rows would otherwise be twice as long as ours.
fn letters(text: String) -> String {
    if text.is_ascii() {
        return text;
    }
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    bytes.and_then(|b| String::from_utf8(b).ok()).unwrap_or(text)
}

/// Inflates every entry; gives the number of bytes.
pub fn unzip(path: &Path) -> Result<u64> {
    let mut zip = zip::ZipArchive::new(File::open(path).context("the zip")?)?;
    let mut bytes = 0;
    for n in 0..zip.len() {
        bytes += io::copy(&mut zip.by_index(n)?, &mut io::sink())?;
    }
    Ok(bytes)
}
