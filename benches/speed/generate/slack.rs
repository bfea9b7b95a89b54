//! Slack's workspace export: people, conversations, and a folder of days for each.

use std::io;

use serde_json::{Value, json};

use super::json::{list, set, when};
use super::place::Place;
use super::thread::{Message, Thread};
use super::words::Words;

const INDENT: &str = "    ";

/// Writes an export.
pub fn write(place: &mut Place, threads: &[Thread], seed: u64, words: &Words) -> io::Result<()> {
    let others = threads.iter().flat_map(|t| t.everybody().skip(1));
    let everybody = threads.iter().take(1).flat_map(|t| t.everybody().take(1)).chain(others);
    place.file("users.json", |out| list(out, everybody.map(user), INDENT))?;
    let listed = |groups: bool| threads.iter().filter(move |t| t.is_group() == groups);
    place.file("dms.json", |out| {
        let one =
            |t: &Thread| json!({"id": folder(t), "created": 1_700_000_000, "members": members(t)});
        list(out, listed(false).map(one), INDENT)
    })?;
    place.file("groups.json", |out| {
        let one = |t: &Thread| {
            json!({"id": format!("G{:08}", t.number), "name": folder(t), "created": 1_700_000_000,
                "is_archived": false, "members": members(t), "topic": {"value": t.title}})
        };
        list(out, listed(true).map(one), INDENT)
    })?;
    for thread in threads {
        let all = thread.oldest_first(seed, words);
        for day in all.chunk_by(|a, b| day(a) == day(b)) {
            let path = format!("{}/{}.json", folder(thread), when(day[0].at, "%Y-%m-%d"));
            let messages = (0..day.len()).map(|n| message(thread, day, n));
            place.file(&path, |out| {
                list(out, messages, INDENT)?;
                out.write_all(b"\n")
            })?;
        }
    }
    Ok(())
}

fn day(m: &Message) -> i64 {
    m.at.div_euclid(86_400_000)
}

fn folder(thread: &Thread) -> String {
    if thread.is_group() {
        format!("group-{}", thread.number)
    } else {
        format!("D{:08}", thread.number)
    }
}

fn who(id: u64) -> String {
    format!("U{id:08}")
}

fn members(thread: &Thread) -> Vec<String> {
    thread.everybody().map(|(id, _)| who(id)).collect()
}

fn user((id, name): (u64, &str)) -> Value {
    json!({"id": who(id), "team_id": "T0HARBOUR1", "name": format!("user{id}"), "deleted": false,
        "real_name": name, "tz": "Europe/Lisbon", "is_bot": false,
        "profile": {"title": "", "real_name": name, "display_name": "",
            "email": format!("user{id}@harbour.example")}})
}

/// As Slack escapes: three letters, and links in brackets.
fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    match text.find("https://example.org/") {
        Some(at) => format!("{}<{}>", &text[..at], &text[at..]),
        None => text,
    }
}

fn ts(m: &Message) -> String {
    let (seconds, rest) = m.seconds();
    format!("{seconds}.{rest:03}100")
}

fn message(thread: &Thread, day: &[Message], n: usize) -> Value {
    let m = &day[n];
    let mut value = json!({"client_msg_id": format!("{:032x}", m.number), "type": "message",
        "text": escaped(&m.words()), "user": who(thread.id(m.who)), "ts": ts(m),
        "team": "T0HARBOUR1"});
    if m.answers() && n > 0 {
        set(&mut value, "thread_ts", json!(ts(&day[n - 1])));
        set(&mut value, "parent_user_id", json!(who(thread.id(day[n - 1].who))));
    }
    if let Some((mime, ending)) = m.media() {
        let name = format!("file.{ending}");
        let place = format!("https://files.slack.com/files-pri/T0HARBOUR1-F{}/{name}", m.number);
        set(
            &mut value,
            "files",
            json!([{"id": format!("F{}", m.number), "name": name,
            "mimetype": mime, "mode": "hosted", "size": m.number % 1_000_000, "url_private": place}]),
        );
    }
    if !m.reactions.is_empty() {
        let one = |(emoji, by): &(&str, usize)| {
            let name = emojis::get(emoji).and_then(|e| e.shortcode()).unwrap_or("heart");
            json!({"name": name, "users": [who(thread.id(*by))], "count": 1})
        };
        set(&mut value, "reactions", m.reactions.iter().map(one).collect());
    }
    value
}
