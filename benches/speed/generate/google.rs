//! Google's Takeout: Chat with a folder for each conversation, Hangouts in one file.

use std::io;

use serde_json::{Value, json};

use super::json::{object_with, pretty, set, when};
use super::place::Place;
use super::thread::{Message, Thread};
use super::words::Words;

/// Writes an export of Google Chat.
pub fn write_chat(
    place: &mut Place,
    threads: &[Thread],
    seed: u64,
    words: &Words,
) -> io::Result<()> {
    let me = threads.first().map(|t| person(t, 0));
    place.file("Google Chat/Users/User 1000000/user_info.json", |out| {
        pretty(out, &json!({"user": me, "membership_info": []}), "  ")
    })?;
    for thread in threads {
        let kind = if thread.is_group() { "Space" } else { "DM" };
        let folder = format!("Google Chat/Groups/{kind} AAAA{:07}", thread.number);
        let members: Vec<Value> = (0..thread.people.len()).map(|who| person(thread, who)).collect();
        let mut info = json!({"members": members});
        if thread.is_group() {
            set(&mut info, "name", json!(thread.title));
        }
        place.file(&format!("{folder}/group_info.json"), |out| pretty(out, &info, "  "))?;
        let all = thread.oldest_first(seed, words);
        let messages = (0..all.len()).map(|n| chat_message(thread, &all, n));
        place.file(&format!("{folder}/messages.json"), |out| {
            object_with(out, &json!({}), "messages", messages, "  ")
        })?;
    }
    Ok(())
}

fn mail(thread: &Thread, who: usize) -> String {
    format!("user{}@example.org", thread.id(who))
}

fn person(thread: &Thread, who: usize) -> Value {
    json!({"name": thread.people[who], "email": mail(thread, who), "user_type": "Human"})
}

fn chat_id(thread: &Thread, n: usize) -> String {
    format!("AAAA{0:07}/t{n:07}/t{n:07}", thread.number)
}

fn chat_message(thread: &Thread, all: &[Message], n: usize) -> Value {
    let m = &all[n];
    let mut value = json!({"creator": person(thread, m.who),
        "created_date": when(m.at, "%A, %B %-d, %Y at %-I:%M:%S\u{202f}%p UTC")});
    if !m.words().is_empty() {
        set(&mut value, "text", json!(m.words()));
    }
    if let Some((_, ending)) = m.media() {
        let name = format!("file{}.{ending}", m.number);
        let file = json!({"original_name": name, "export_name": format!("File-{name}")});
        set(&mut value, "attached_files", json!([file]));
    }
    set(&mut value, "topic_id", json!(format!("t{n:07}")));
    set(&mut value, "message_id", json!(chat_id(thread, n)));
    if m.answers() && n > 0 {
        let before = &all[n - 1];
        set(
            &mut value,
            "quoted_message_metadata",
            json!({"creator": person(thread, before.who),
            "text": before.words(), "message_id": chat_id(thread, n - 1)}),
        );
    }
    if !m.reactions.is_empty() {
        let one = |(emoji, by): &(&str, usize)| json!({"emoji": {"unicode": emoji}, "reactor_emails": [mail(thread, *by)]});
        set(&mut value, "reactions", m.reactions.iter().map(one).collect());
    }
    value
}

/// Writes an export of Hangouts.
pub fn write_hangouts(
    place: &mut Place,
    threads: &[Thread],
    seed: u64,
    words: &Words,
) -> io::Result<()> {
    place.file("Hangouts.json", |out| {
        out.write_all(b"{\n  \"conversations\": [")?;
        for (n, thread) in threads.iter().enumerate() {
            out.write_all(if n > 0 { b", " } else { b"" })?;
            let head = json!({"conversation": conversation(thread)});
            let all = thread.oldest_first(seed, words);
            let events = all.iter().enumerate().map(|(n, m)| event(thread, m, n));
            object_with(out, &head, "events", events, "  ")?;
        }
        out.write_all(b"]\n}\n")
    })
}

fn gaia(thread: &Thread, who: usize) -> Value {
    let id = format!("10020{}", thread.id(who));
    json!({"gaia_id": id, "chat_id": id})
}

fn conversation_id(thread: &Thread) -> Value {
    json!({"id": format!("Ugx{:08}AAQ", thread.number)})
}

fn conversation(thread: &Thread) -> Value {
    let everybody = 0..thread.people.len();
    let state = json!({"self_read_state": {"participant_id": gaia(thread, 0),
        "latest_read_timestamp": "1780000000000000"}, "status": "ACTIVE",
        "notification_level": "RING", "view": ["INBOX_VIEW"], "inviter_id": gaia(thread, 1)});
    let data = |who: usize| {
        json!({"id": gaia(thread, who), "participant_type": "GAIA",
            "fallback_name": thread.people[who]})
    };
    let mut inner = json!({"id": conversation_id(thread),
        "type": if thread.is_group() { "GROUP" } else { "STICKY_ONE_TO_ONE" },
        "self_conversation_state": state,
        "current_participant": everybody.clone().map(|w| gaia(thread, w)).collect::<Vec<_>>(),
        "participant_data": everybody.map(data).collect::<Vec<_>>(), "network_type": ["BABEL"]});
    if thread.is_group() {
        set(&mut inner, "name", json!(thread.title));
    }
    json!({"conversation_id": conversation_id(thread), "conversation": inner})
}

fn event(thread: &Thread, m: &Message, n: usize) -> Value {
    let words = m.words();
    let mut segments = Vec::new();
    for (n, line) in words.split('\n').filter(|_| !words.is_empty()).enumerate() {
        if n > 0 {
            segments.push(json!({"type": "LINE_BREAK", "text": "\n"}));
        }
        segments.push(json!({"type": "TEXT", "text": line}));
    }
    let mut content = json!({"segment": segments});
    if let Some((_, ending)) = m.media() {
        let url = format!("https://lh3.googleusercontent.com/x/s0/{}.{ending}", m.number);
        let photo = json!({"thumbnail": {"url": "https://plus.google.com/photos/1",
            "image_url": url}, "url": url, "media_type": "PHOTO"});
        let item = json!({"type": ["PLUS_PHOTO"], "plus_photo": photo});
        set(&mut content, "attachment", json!([{"embed_item": item}]));
    }
    json!({"conversation_id": conversation_id(thread), "sender_id": gaia(thread, m.who),
        "timestamp": (m.at * 1000).to_string(), "chat_message": {"message_content": content},
        "event_id": format!("e{}-{n}", thread.number), "event_type": "REGULAR_CHAT_MESSAGE"})
}
