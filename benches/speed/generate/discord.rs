//! DiscordChatExporter's JSON: a file a channel, everybody described in every message; and Discord's
//! own data package, which has nobody's messages but mine.

use std::io;

use serde_json::{Value, json};

use super::json::{list, object_with, pretty, set, when};
use super::place::Place;
use super::thread::{ME, Message, Thread};
use super::words::Words;

/// The instant from which Discord counts.
const EPOCH: i64 = 1_420_070_400_000;
const AVATAR: &str = "https://cdn.discordapp.com/embed/avatars/0.png";

/// Writes an export of every channel.
pub fn write(place: &mut Place, threads: &[Thread], seed: u64, words: &Words) -> io::Result<()> {
    for thread in threads {
        let id = 700_200_000_000_000_000 + thread.number;
        let kind = if thread.is_group() { "DirectGroupTextChat" } else { "DirectTextChat" };
        let head = json!({
            "guild": {"id": "0", "name": "Direct Messages", "iconUrl": AVATAR},
            "channel": {"id": id.to_string(), "type": kind, "categoryId": null, "category": null,
                "name": thread.title, "topic": null},
            "dateRange": {"after": null, "before": null},
            "exportedAt": "2026-05-28T18:00:00.000+00:00",
        });
        let all = thread.oldest_first(seed, words);
        let messages = (0..all.len()).map(|n| message(thread, &all, n, id));
        place.file(&format!("Direct Messages - {} [{id}].json", thread.number), |out| {
            object_with(out, &head, "messages", messages, "  ")
        })?;
    }
    Ok(())
}

/// Writes a data package. Everything in it is mine.
pub fn write_package(
    place: &mut Place,
    threads: &[Thread],
    seed: u64,
    words: &Words,
) -> io::Result<()> {
    let people = |thread: &Thread| -> Vec<Value> {
        thread
            .everybody()
            .map(|(id, _)| json!((700_100_000_000_000_000 + id).to_string()))
            .collect()
    };
    let id = |thread: &Thread| (700_200_000_000_000_000 + thread.number).to_string();
    place.file("Account/user.json", |out| {
        let user = json!({"id": "700100000001000000", "username": "sam", "global_name": ME,
            "relationships": []});
        pretty(out, &user, "  ")
    })?;
    place.file("Messages/index.json", |out| {
        let mut titles = json!({});
        for thread in threads {
            set(&mut titles, &id(thread), json!(format!("Direct Message with {}#0", thread.title)));
        }
        pretty(out, &titles, "  ")
    })?;
    for thread in threads {
        let folder = format!("Messages/c{}", id(thread));
        let mut told = json!({"id": id(thread), "type": "DM", "recipients": people(thread)});
        if thread.is_group() {
            set(&mut told, "type", json!("GROUP_DM"));
            set(&mut told, "name", json!(thread.title));
        }
        place.file(&format!("{folder}/channel.json"), |out| pretty(out, &told, "  "))?;
        let all = thread.oldest_first(seed, words);
        let messages = (0..all.len()).map(|n| mine(&all, n));
        place.file(&format!("{folder}/messages.json"), |out| list(out, messages, "  "))?;
    }
    Ok(())
}

fn mine(all: &[Message], n: usize) -> Value {
    let m = &all[n];
    let attached = m.media().map_or(String::new(), |(_, ending)| {
        format!("https://cdn.discordapp.com/attachments/1/{}/file.{ending}", m.number)
    });
    json!({"ID": id(all, n).parse::<u64>().unwrap_or_default(),
        "Timestamp": when(m.at, "%Y-%m-%d %H:%M:%S"), "Contents": m.words(),
        "Attachments": attached})
}

fn person(thread: &Thread, who: usize) -> Value {
    json!({"id": (700_100_000_000_000_000 + thread.id(who)).to_string(),
        "name": format!("user{}", thread.id(who)), "discriminator": "0000",
        "nickname": thread.people[who], "color": null, "isBot": false, "roles": [],
        "avatarUrl": AVATAR})
}

/// What grows with time and occurs once.
fn id(all: &[Message], n: usize) -> String {
    let since = (all[n].at - EPOCH).max(1);
    ((since << 22) + (n as i64 & 0x3F_FFFF)).to_string()
}

fn message(thread: &Thread, all: &[Message], n: usize, channel: u64) -> Value {
    let m = &all[n];
    let answers = m.answers() && n > 0;
    let attachments: Vec<Value> = m
        .media()
        .map(|(_, ending)| {
            json!({"id": m.number.to_string(),
                "url": format!("https://cdn.discordapp.com/attachments/1/{}/file.{ending}", m.number),
                "fileName": format!("file.{ending}"), "fileSizeBytes": m.number % 1_000_000})
        })
        .into_iter()
        .collect();
    let reaction = |(emoji, by): &(&str, usize)| {
        json!({"emoji": {"id": "", "name": emoji, "code": emoji, "isAnimated": false, "imageUrl": ""},
            "count": 1, "users": [person(thread, *by)]})
    };
    let reactions: Vec<Value> = m.reactions.iter().map(reaction).collect();
    let mut value = json!({
        "id": id(all, n), "type": if answers { "Reply" } else { "Default" },
        "timestamp": when(m.at, "%Y-%m-%dT%H:%M:%S%.3f+00:00"), "timestampEdited": null,
        "callEndedTimestamp": null, "isPinned": false, "content": m.words(),
        "author": person(thread, m.who), "attachments": attachments, "embeds": [], "stickers": [],
        "reactions": reactions, "mentions": [], "inlineEmojis": [],
    });
    if answers {
        let reference = json!({"type": "Default", "messageId": id(all, n - 1),
            "channelId": channel.to_string(), "guildId": null});
        set(&mut value, "reference", reference);
    }
    value
}
