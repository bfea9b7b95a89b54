//! Telegram Desktop's `result.json` of a whole account, without files.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::json::{object_with, pretty, set, when};
use super::place::Place;
use super::thread::{ME, Message, Thread, With};
use super::words::Words;

const LEFT_OUT: &str = "(File not included. Change data exporting settings to download.)";

/// Writes an export.
pub fn write(place: &mut Place, threads: &[Thread], seed: u64, words: &Words) -> io::Result<()> {
    place.file("result.json", |out| {
        let (name, family) = ME.split_once(' ').unwrap_or((ME, ""));
        let me = json!({"user_id": 1_000_000, "first_name": name, "last_name": family,
            "phone_number": "+44 7700 900111", "username": "@samr", "bio": ""});
        out.write_all(b"{\n \"about\": \"Here is the data you requested.\",\n")?;
        out.write_all(b" \"personal_information\": ")?;
        pretty(out, &me, " ")?;
        out.write_all(b",\n \"chats\": {\n  \"about\": \"\",\n  \"list\": [\n")?;
        let mut id = 0;
        for (n, thread) in threads.iter().enumerate() {
            out.write_all(if n > 0 { b",\n" } else { b"" })?;
            chat(out, thread, &thread.oldest_first(seed, words), &mut id)?;
        }
        out.write_all(b"\n  ]\n }\n}\n")
    })
}

fn chat(out: &mut dyn Write, thread: &Thread, all: &[Message], id: &mut u64) -> io::Result<()> {
    let kind = if thread.is_group() { "private_group" } else { "personal_chat" };
    let number = if thread.is_group() { 9_000_000 + thread.number } else { thread.id(1) };
    let head = json!({"name": thread.title, "type": kind, "id": number});
    let messages = all.iter().map(|m| {
        *id += 1;
        message(thread, m, *id)
    });
    object_with(out, &head, "messages", messages, " ")
}

fn message(thread: &Thread, m: &Message, id: u64) -> Value {
    let date = |at| when(at, "%Y-%m-%dT%H:%M:%S");
    let who = |who: usize| format!("user{}", thread.id(who));
    let mut value = json!({"id": id, "type": "message", "date": date(m.at),
        "date_unixtime": m.seconds().0.to_string(), "from": thread.people[m.who],
        "from_id": who(m.who)});
    if m.answers() && id > 1 {
        set(&mut value, "reply_to_message_id", json!(id - 1));
    }
    match m.with {
        With::Photo => {
            set(&mut value, "photo", json!(LEFT_OUT));
            set(&mut value, "photo_file_size", json!(m.number % 1_000_000));
            set(&mut value, "width", json!(1280));
            set(&mut value, "height", json!(960));
        }
        With::Video | With::Audio => {
            let kind = if m.with == With::Video { "video_file" } else { "voice_message" };
            set(&mut value, "file", json!(LEFT_OUT));
            set(&mut value, "media_type", json!(kind));
            set(&mut value, "mime_type", json!(m.media().map(|(mime, _)| mime)));
            set(&mut value, "duration_seconds", json!(m.number % 600));
        }
        With::Nothing | With::Share | With::Call => {}
    }
    let text = m.words();
    let pieces = if text.is_empty() { json!([]) } else { json!([{"type": "plain", "text": text}]) };
    set(&mut value, "text", json!(text));
    set(&mut value, "text_entities", pieces);
    if !m.reactions.is_empty() {
        let one = |(emoji, by): &(&str, usize)| {
            json!({"type": "emoji", "count": 1, "emoji": emoji, "recent": [
                {"from": thread.people[*by], "from_id": who(*by), "date": date(m.at + 60_000)}]})
        };
        set(&mut value, "reactions", m.reactions.iter().map(one).collect());
    }
    value
}
