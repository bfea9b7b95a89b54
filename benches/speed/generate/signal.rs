//! Signal's plain-text export: `main.jsonl`, one frame a line, without files.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::json::set;
use super::place::Place;
use super::thread::{Message, Thread};
use super::words::Words;

/// Bytes of 16 and of 32 as base64: the number stands in them as it is.
fn aci(id: u64) -> String {
    format!("{id:0>21}A==")
}

fn key(id: u64) -> String {
    format!("{id:0>42}A=")
}

/// Writes an export.
pub fn write(place: &mut Place, threads: &[Thread], seed: u64, words: &Words) -> io::Result<()> {
    place.file("metadata.json", |out| out.write_all(b"{\"version\":1}"))?;
    place.file("main.jsonl", |out| {
        line(out, &json!({"version": "1", "backupTimeMs": "1780000000000", "currentAppVersion": "Desktop 8.0.0"}))?;
        line(out, &json!({"account": {"profileKey": key(1), "username": "sam.42",
            "givenName": "Sam", "familyName": "Rivera", "accountSettings": {"readReceipts": true}}}))?;
        line(out, &json!({"recipient": {"id": "1000000", "self": {}}}))?;
        for thread in threads {
            recipients(out, thread)?;
        }
        for thread in threads {
            let all = thread.oldest_first(seed, words);
            for (n, m) in all.iter().enumerate() {
                let before = n.checked_sub(1).and_then(|n| all.get(n)).filter(|_| m.answers());
                line(out, &json!({"chatItem": item(thread, m, before)}))?;
            }
        }
        Ok(())
    })
}

fn line(out: &mut dyn Write, value: &Value) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

fn recipients(out: &mut dyn Write, thread: &Thread) -> io::Result<()> {
    for (id, name) in thread.everybody().skip(1) {
        let contact = json!({"aci": aci(id), "e164": format!("35191{id}"), "registered": {},
            "profileGivenName": name});
        line(out, &json!({"recipient": {"id": id.to_string(), "contact": contact}}))?;
    }
    let with = if thread.is_group() { 9_000_000 + thread.number } else { thread.id(1) };
    if thread.is_group() {
        let member = |(id, _)| json!({"userId": aci(id), "role": "DEFAULT", "joinedAtVersion": 1});
        let members: Vec<Value> = thread.everybody().map(member).collect();
        let snapshot = json!({"title": {"title": thread.title}, "version": 4, "members": members});
        let group = json!({"masterKey": key(with), "whitelisted": true, "snapshot": snapshot});
        line(out, &json!({"recipient": {"id": with.to_string(), "group": group}}))?;
    }
    let chat = json!({"id": thread.number.to_string(), "recipientId": with.to_string()});
    line(out, &json!({"chat": chat}))
}

fn item(thread: &Thread, m: &Message, before: Option<&Message>) -> Value {
    let at = |ms: i64| ms.to_string();
    let who = |who: usize| thread.id(who).to_string();
    let mut item = json!({"chatId": thread.number.to_string(), "authorId": who(m.who),
        "dateSent": at(m.at)});
    if m.who == 0 {
        let status = json!([{"recipientId": who(1), "timestamp": at(m.at + 900),
            "read": {"sealedSender": true}}]);
        set(&mut item, "outgoing", json!({"dateReceived": at(m.at + 5), "sendStatus": status}));
    } else {
        let way = json!({"dateReceived": at(m.at + 5), "read": true, "sealedSender": true});
        set(&mut item, "incoming", way);
    }
    let mut said = json!({});
    if !m.words().is_empty() {
        set(&mut said, "text", json!({"body": m.words()}));
    }
    if let Some((mime, _)) = m.media() {
        let locator = json!({"plaintextHash": key(m.number), "localKey": key(m.number),
            "size": m.number % 1_000_000});
        let pointer = json!({"contentType": mime, "locatorInfo": locator});
        set(&mut said, "attachments", json!([{"pointer": pointer, "wasDownloaded": true}]));
    }
    if let Some(before) = before {
        set(
            &mut said,
            "quote",
            json!({"targetSentTimestamp": at(before.at),
            "authorId": who(before.who), "text": {"body": before.words()}, "type": "NORMAL"}),
        );
    }
    if !m.reactions.is_empty() {
        let one = |(emoji, by): &(&str, usize)| json!({"emoji": emoji, "authorId": who(*by), "sentTimestamp": at(m.at + 1000), "sortOrder": "1"});
        set(&mut said, "reactions", m.reactions.iter().map(one).collect());
    }
    set(&mut item, "standardMessage", said);
    item
}
