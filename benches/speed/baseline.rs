//! The least that the work could cost with kept crates: a typed parse by `serde_json`, a bare
//! insert of the same rows by SQLite, inflating a zip. No fingerprints, no recognition, no seams.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::bare::{Bare, More};

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

#[derive(Deserialize)]
struct Media {
    uri: String,
}

#[derive(Deserialize)]
struct Reaction {
    reaction: String,
    actor: String,
}

#[derive(Deserialize)]
struct Share {
    link: String,
}

fn thread_files(export: &Path) -> Result<Vec<Vec<PathBuf>>> {
    let roots = ["your_facebook_activity", "your_instagram_activity"].map(|r| export.join(r));
    let root = roots.iter().find(|r| r.is_dir()).context("no download of Meta's")?;
    let inbox = root.join("messages/inbox");
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
pub fn store(export: &Path, database: &Path) -> Result<u64> {
    let mut out = Bare::new(Some(database))?;
    read(export, &mut out)?;
    out.end()
}

/// Parses every thread file and gives each message on.
pub fn read(export: &Path, out: &mut Bare) -> Result<()> {
    for files in thread_files(export)? {
        out.thread();
        for file in &files {
            let thread: Thread = serde_json::from_slice(&fs::read(file)?)?;
            for m in thread.messages {
                let media = m.photos.into_iter().chain(m.videos).chain(m.audio_files);
                let more = More {
                    media: media.map(|m| m.uri).chain(m.share.map(|s| s.link)).collect(),
                    reactions: m.reactions.into_iter().map(|r| (r.reaction, r.actor)).collect(),
                    call: m.call_duration,
                    reply: None,
                };
                out.row(m.timestamp_ms, &m.sender_name, &letters(m.content), &more)?;
            }
        }
    }
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
