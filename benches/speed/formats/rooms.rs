//! The bare reading of what tells whole rooms in JSON: Google's two, Skype, Element.

use std::fs;
use std::path::Path;

use anyhow::Result;
use chrono::NaiveDateTime;
use serde::Deserialize;

use super::objects::{files, instant};
use crate::bare::{Bare, More};

/// Google Chat's `messages.json`.
pub fn google_chat(export: &Path, out: &mut Bare) -> Result<()> {
    #[derive(Deserialize)]
    struct Conversation {
        messages: Vec<Message>,
    }
    #[derive(Deserialize)]
    struct Message {
        creator: Person,
        created_date: String,
        #[serde(default)]
        text: String,
        #[serde(default)]
        attached_files: Vec<File>,
        #[serde(default)]
        reactions: Vec<Reaction>,
        quoted_message_metadata: Option<Quoted>,
    }
    #[derive(Deserialize)]
    struct Person {
        email: String,
    }
    #[derive(Deserialize)]
    struct File {
        export_name: String,
    }
    #[derive(Deserialize)]
    struct Reaction {
        emoji: Emoji,
        reactor_emails: Vec<String>,
    }
    #[derive(Deserialize)]
    struct Emoji {
        unicode: String,
    }
    #[derive(Deserialize)]
    struct Quoted {
        message_id: String,
    }
    const DATE: &str = "%A, %B %d, %Y at %I:%M:%S\u{202f}%p UTC";
    for file in files(export)?.iter().filter(|f| f.ends_with("messages.json")) {
        out.thread();
        let conversation: Conversation = serde_json::from_slice(&fs::read(file)?)?;
        for m in conversation.messages {
            let by = |r: Reaction| {
                r.reactor_emails.into_iter().map(move |by| (r.emoji.unicode.clone(), by))
            };
            let more = More {
                media: m.attached_files.into_iter().map(|f| f.export_name).collect(),
                reactions: m.reactions.into_iter().flat_map(by).collect(),
                reply: m.quoted_message_metadata.map(|q| q.message_id),
                call: None,
            };
            let at = NaiveDateTime::parse_from_str(&m.created_date, DATE)?;
            out.row(at.and_utc().timestamp_millis(), &m.creator.email, &m.text, &more)?;
        }
    }
    Ok(())
}

/// `Hangouts.json`.
pub fn hangouts(export: &Path, out: &mut Bare) -> Result<()> {
    #[derive(Deserialize)]
    struct All {
        conversations: Vec<Conversation>,
    }
    #[derive(Deserialize)]
    struct Conversation {
        events: Vec<Event>,
    }
    #[derive(Deserialize)]
    struct Event {
        sender_id: Person,
        timestamp: String,
        chat_message: Said,
    }
    #[derive(Deserialize)]
    struct Person {
        gaia_id: String,
    }
    #[derive(Deserialize)]
    struct Said {
        message_content: Content,
    }
    #[derive(Deserialize)]
    struct Content {
        #[serde(default)]
        segment: Vec<Segment>,
        #[serde(default)]
        attachment: Vec<Attachment>,
    }
    #[derive(Deserialize)]
    struct Segment {
        text: String,
    }
    #[derive(Deserialize)]
    struct Attachment {
        embed_item: Item,
    }
    #[derive(Deserialize)]
    struct Item {
        plus_photo: Photo,
    }
    #[derive(Deserialize)]
    struct Photo {
        url: String,
    }
    let all: All = serde_json::from_slice(&fs::read(export.join("Hangouts.json"))?)?;
    for conversation in all.conversations {
        out.thread();
        for event in conversation.events {
            let content = event.chat_message.message_content;
            let media = content.attachment.into_iter().map(|a| a.embed_item.plus_photo.url);
            let more = More { media: media.collect(), ..More::default() };
            let text: String = content.segment.into_iter().map(|s| s.text).collect();
            let at = event.timestamp.parse::<i64>()? / 1000;
            out.row(at, &event.sender_id.gaia_id, &text, &more)?;
        }
    }
    Ok(())
}

/// Skype's `messages.json`; its markup is taken as it stands.
pub fn skype(export: &Path, out: &mut Bare) -> Result<()> {
    #[derive(Deserialize)]
    struct All {
        conversations: Vec<Conversation>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Conversation {
        message_list: Vec<Message>,
    }
    #[derive(Deserialize)]
    struct Message {
        originalarrivaltime: String,
        content: String,
        from: String,
        properties: Option<Properties>,
    }
    #[derive(Deserialize)]
    struct Properties {
        emotions: Vec<Emotion>,
    }
    #[derive(Deserialize)]
    struct Emotion {
        key: String,
        users: Vec<User>,
    }
    #[derive(Deserialize)]
    struct User {
        mri: String,
    }
    let all: All = serde_json::from_slice(&fs::read(export.join("messages.json"))?)?;
    for conversation in all.conversations {
        out.thread();
        for m in conversation.message_list {
            let by = |e: Emotion| e.users.into_iter().map(move |u| (e.key.clone(), u.mri));
            let emotions = m.properties.into_iter().flat_map(|p| p.emotions);
            let more = More { reactions: emotions.flat_map(by).collect(), ..More::default() };
            out.row(instant(&m.originalarrivaltime), &m.from, &m.content, &more)?;
        }
    }
    Ok(())
}

/// Element's files; a reaction there is an event behind its message.
pub fn matrix(export: &Path, out: &mut Bare) -> Result<()> {
    #[derive(Deserialize)]
    struct Room {
        messages: Vec<Event>,
    }
    #[derive(Deserialize)]
    struct Event {
        sender: String,
        origin_server_ts: i64,
        content: Content,
    }
    #[derive(Deserialize)]
    struct Content {
        body: Option<String>,
        url: Option<String>,
        #[serde(rename = "m.relates_to")]
        relates_to: Option<Relation>,
    }
    #[derive(Deserialize)]
    struct Relation {
        key: Option<String>,
        #[serde(rename = "m.in_reply_to")]
        reply: Option<Reply>,
    }
    #[derive(Deserialize)]
    struct Reply {
        event_id: String,
    }
    for file in files(export)? {
        out.thread();
        let room: Room = serde_json::from_slice(&fs::read(file)?)?;
        let mut events = room.messages.into_iter().peekable();
        while let Some(m) = events.next() {
            let mut more = More {
                media: m.content.url.into_iter().collect(),
                reply: m.content.relates_to.and_then(|r| r.reply).map(|r| r.event_id),
                ..More::default()
            };
            while let Some(r) = events.next_if(|e| e.content.body.is_none()) {
                let key = r.content.relates_to.and_then(|r| r.key).unwrap_or_default();
                more.reactions.push((key, r.sender));
            }
            let text = m.content.body.unwrap_or_default();
            out.row(m.origin_server_ts, &m.sender, &text, &more)?;
        }
    }
    Ok(())
}
