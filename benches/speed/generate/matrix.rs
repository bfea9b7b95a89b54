//! Element's JSON export: a file a room, the events as the server has them.

use std::io;

use serde_json::{Value, json};

use super::json::{object_with, set};
use super::place::Place;
use super::thread::{ME, Message, Thread};
use super::words::Words;

/// Writes an export of every room.
pub fn write(place: &mut Place, threads: &[Thread], seed: u64, words: &Words) -> io::Result<()> {
    for thread in threads {
        let head = json!({"room_name": thread.title, "room_creator": ME, "topic": "",
            "export_date": "28 May 2026", "exported_by": ME});
        let all = thread.oldest_first(seed, words);
        let events = (0..all.len()).flat_map(|n| {
            let said = message(thread, &all, n);
            let by = |r: (usize, &(&str, usize))| reaction(thread, all[n].at, n, r);
            let answers: Vec<Value> = all[n].reactions.iter().enumerate().map(by).collect();
            std::iter::once(said).chain(answers)
        });
        place.file(&format!("room-{}/export.json", thread.number), |out| {
            object_with(out, &head, "messages", events, "    ")
        })?;
    }
    Ok(())
}

fn who(thread: &Thread, who: usize) -> String {
    if who == 0 {
        "@sam.rivera:example.org".into()
    } else {
        format!("@user{}:example.org", thread.id(who))
    }
}

fn id(thread: &Thread, n: usize) -> String {
    format!("$event{}-{n}", thread.number)
}

fn event(thread: &Thread, kind: &str, by: usize, content: &Value, at: i64, id: &str) -> Value {
    json!({"type": kind, "sender": who(thread, by), "content": content, "origin_server_ts": at,
        "event_id": id, "room_id": format!("!room{}:example.org", thread.number),
        "unsigned": {"age": 1000}})
}

fn message(thread: &Thread, all: &[Message], n: usize) -> Value {
    let m = &all[n];
    let mut content = match m.media() {
        None => json!({"msgtype": "m.text", "body": m.words()}),
        Some((mime, ending)) => {
            let kind = match ending {
                "jpg" => "m.image",
                "mp4" => "m.video",
                _ => "m.audio",
            };
            let name = format!("file.{ending}");
            let body = if m.text.is_empty() { name.clone() } else { m.text.clone() };
            json!({"msgtype": kind, "body": body, "filename": name,
                "url": format!("mxc://example.org/{}", m.number),
                "info": {"mimetype": mime, "size": m.number % 1_000_000}})
        }
    };
    if m.answers() && n > 0 {
        let to = json!({"m.in_reply_to": {"event_id": id(thread, n - 1)}});
        set(&mut content, "m.relates_to", to);
    }
    event(thread, "m.room.message", m.who, &content, m.at, &id(thread, n))
}

fn reaction(
    thread: &Thread,
    at: i64,
    n: usize,
    (which, (emoji, by)): (usize, &(&str, usize)),
) -> Value {
    let about = json!({"rel_type": "m.annotation", "event_id": id(thread, n), "key": emoji});
    let own = format!("{}-{which}", id(thread, n));
    event(thread, "m.reaction", *by, &json!({"m.relates_to": about}), at + 1, &own)
}
