//! The bare reading of JSON: `serde_json` into the fewest fields, a file at a time.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Result;
use chrono::{DateTime, NaiveDateTime};
use serde::Deserialize;

use crate::bare::{Bare, More};

/// Every file below a folder, in the order of their paths.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { out.push(path) }
        }
    }
    out.sort();
    Ok(out)
}

/// An instant of RFC 3339 in milliseconds.
pub fn instant(text: &str) -> i64 {
    DateTime::parse_from_rfc3339(text).map_or(0, |t| t.timestamp_millis())
}

/// `result.json` of Telegram.
pub fn telegram(export: &Path, out: &mut Bare) -> Result<()> {
    #[derive(Deserialize)]
    struct Account {
        chats: Chats,
    }
    #[derive(Deserialize)]
    struct Chats {
        list: Vec<Chat>,
    }
    #[derive(Deserialize)]
    struct Chat {
        messages: Vec<Message>,
    }
    #[derive(Deserialize)]
    struct Message {
        date_unixtime: String,
        from: String,
        text: String,
        reply_to_message_id: Option<i64>,
        photo: Option<String>,
        file: Option<String>,
        #[serde(default)]
        reactions: Vec<Reaction>,
    }
    #[derive(Deserialize)]
    struct Reaction {
        emoji: String,
        recent: Vec<By>,
    }
    #[derive(Deserialize)]
    struct By {
        from: String,
    }
    let account: Account = serde_json::from_slice(&fs::read(export.join("result.json"))?)?;
    for chat in account.chats.list {
        out.thread();
        for m in chat.messages {
            let by = |r: Reaction| r.recent.into_iter().map(move |b| (r.emoji.clone(), b.from));
            let more = More {
                media: m.photo.into_iter().chain(m.file).collect(),
                reactions: m.reactions.into_iter().flat_map(by).collect(),
                reply: m.reply_to_message_id.map(|id| id.to_string()),
                call: None,
            };
            out.row(m.date_unixtime.parse::<i64>()? * 1000, &m.from, &m.text, &more)?;
        }
    }
    Ok(())
}

/// `main.jsonl` of Signal.
pub fn signal(export: &Path, out: &mut Bare) -> Result<()> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Frame {
        chat_item: Option<Item>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Item {
        chat_id: String,
        author_id: String,
        date_sent: String,
        standard_message: Said,
    }
    #[derive(Deserialize)]
    struct Said {
        text: Option<Text>,
        #[serde(default)]
        attachments: Vec<Attachment>,
        #[serde(default)]
        reactions: Vec<Reaction>,
        quote: Option<Quote>,
    }
    #[derive(Deserialize)]
    struct Text {
        body: String,
    }
    #[derive(Deserialize)]
    struct Attachment {
        pointer: Pointer,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Pointer {
        content_type: String,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Reaction {
        emoji: String,
        author_id: String,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Quote {
        target_sent_timestamp: String,
    }
    for line in fs::read(export.join("main.jsonl"))?.split(|b| *b == b'\n') {
        if line.is_empty() {
            continue;
        }
        let Some(m) = serde_json::from_slice::<Frame>(line)?.chat_item else { continue };
        let said = m.standard_message;
        let more = More {
            media: said.attachments.into_iter().map(|a| a.pointer.content_type).collect(),
            reactions: said.reactions.into_iter().map(|r| (r.emoji, r.author_id)).collect(),
            reply: said.quote.map(|q| q.target_sent_timestamp),
            call: None,
        };
        out.of_thread(m.chat_id.parse()?);
        let text = said.text.map(|t| t.body).unwrap_or_default();
        out.row(m.date_sent.parse()?, &m.author_id, &text, &more)?;
    }
    Ok(())
}

/// DiscordChatExporter's files.
pub fn discord(export: &Path, out: &mut Bare) -> Result<()> {
    #[derive(Deserialize)]
    struct Channel {
        messages: Vec<Message>,
    }
    #[derive(Deserialize)]
    struct Message {
        timestamp: String,
        content: String,
        author: Person,
        attachments: Vec<Attachment>,
        reactions: Vec<Reaction>,
        reference: Option<Reference>,
    }
    #[derive(Deserialize)]
    struct Person {
        id: String,
    }
    #[derive(Deserialize)]
    struct Attachment {
        url: String,
    }
    #[derive(Deserialize)]
    struct Reaction {
        emoji: Emoji,
        users: Vec<Person>,
    }
    #[derive(Deserialize)]
    struct Emoji {
        name: String,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Reference {
        message_id: String,
    }
    for file in files(export)? {
        let channel: Channel = serde_json::from_slice(&fs::read(file)?)?;
        out.thread();
        for m in channel.messages {
            let by = |r: Reaction| r.users.into_iter().map(move |p| (r.emoji.name.clone(), p.id));
            let more = More {
                media: m.attachments.into_iter().map(|a| a.url).collect(),
                reactions: m.reactions.into_iter().flat_map(by).collect(),
                reply: m.reference.map(|r| r.message_id),
                call: None,
            };
            out.row(instant(&m.timestamp), &m.author.id, &m.content, &more)?;
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct SlackMessage {
    ts: String,
    user: String,
    text: String,
    thread_ts: Option<String>,
    #[serde(default)]
    files: Vec<SlackFile>,
    #[serde(default)]
    reactions: Vec<SlackReaction>,
}

#[derive(Deserialize)]
struct SlackFile {
    url_private: String,
}

#[derive(Deserialize)]
struct SlackReaction {
    name: String,
    users: Vec<String>,
}

/// A day of Slack's.
fn day(bytes: &[u8], out: &mut Bare) -> Result<()> {
    let day: Vec<SlackMessage> = serde_json::from_slice(bytes)?;
    for m in day {
        let by = |r: SlackReaction| r.users.into_iter().map(move |u| (r.name.clone(), u));
        let more = More {
            media: m.files.into_iter().map(|f| f.url_private).collect(),
            reactions: m.reactions.into_iter().flat_map(by).collect(),
            reply: m.thread_ts,
            call: None,
        };
        let (seconds, rest) = m.ts.split_once('.').unwrap_or((&m.ts, "0"));
        let at = seconds.parse::<i64>()? * 1000 + rest.parse::<i64>()? / 1000;
        out.row(at, &m.user, &m.text, &more)?;
    }
    Ok(())
}

/// Discord's data package, channel by channel.
pub fn discord_package(export: &Path, out: &mut Bare) -> Result<()> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Message {
        timestamp: String,
        contents: String,
        attachments: String,
    }
    for file in files(export)?.iter().filter(|f| f.ends_with("messages.json")) {
        out.thread();
        let all: Vec<Message> = serde_json::from_slice(&fs::read(file)?)?;
        for m in all {
            let at = NaiveDateTime::parse_from_str(&m.timestamp, "%Y-%m-%d %H:%M:%S")?;
            let media = m.attachments.split_whitespace().map(str::to_owned).collect();
            let more = More { media, ..More::default() };
            out.row(at.and_utc().timestamp_millis(), "me", &m.contents, &more)?;
        }
    }
    Ok(())
}

/// The days of a Slack workspace.
pub fn slack(export: &Path, out: &mut Bare) -> Result<()> {
    let mut folder = PathBuf::new();
    for file in files(export)? {
        let Some(parent) = file.parent().filter(|p| *p != export) else { continue };
        if folder != parent {
            parent.clone_into(&mut folder);
            out.thread();
        }
        day(&fs::read(&file)?, out)?;
    }
    Ok(())
}

/// The same in a zip.
pub fn slack_zip(export: &Path, out: &mut Bare) -> Result<()> {
    let mut zip = zip::ZipArchive::new(fs::File::open(export)?)?;
    let (mut folder, mut bytes) = (String::new(), Vec::new());
    for n in 0..zip.len() {
        let mut entry = zip.by_index(n)?;
        let Some(parent) = entry.name()?.split_once('/').map(|(p, _)| p.to_owned()) else {
            continue;
        };
        if folder != parent {
            folder = parent;
            out.thread();
        }
        bytes.clear();
        entry.read_to_end(&mut bytes)?;
        day(&bytes, out)?;
    }
    Ok(())
}
