//! Skype's export: one file, newest first, its markup in the texts.

use std::io;

use serde_json::{Value, json};

use super::json::when;
use super::place::Place;
use super::thread::{Message, Thread};
use super::words::Words;

/// The app's own words for what it could show.
const EMOTIONS: [(&str, &str); 3] = [("❤️", "heart"), ("😂", "laugh"), ("😭", "sad")];

/// Writes an export.
pub fn write(place: &mut Place, threads: &[Thread], seed: u64, words: &Words) -> io::Result<()> {
    place.file("messages.json", |out| {
        let me = threads.first().map(|t| id(t, 0)).unwrap_or_default();
        write!(
            out,
            "{{\"userId\":{},\"exportDate\":\"2026-05-28T20:26\",\"conversations\":[",
            json!(me)
        )?;
        for (n, thread) in threads.iter().enumerate() {
            out.write_all(if n > 0 { b"," } else { b"" })?;
            let with = conversation(thread);
            let members: Vec<String> = (0..thread.people.len()).map(|w| id(thread, w)).collect();
            let properties = thread.is_group().then(|| {
                json!({"membercount": members.len(), "topic": thread.title,
                    "members": json!(members).to_string()})
            });
            write!(
                out,
                "{{\"id\":{},\"displayName\":{},\"version\":1700000000000,\"properties\":\
                 {{\"conversationblocked\":false,\"conversationstatus\":null}},\
                 \"threadProperties\":{},\"MessageList\":[",
                json!(with),
                json!(thread.title),
                json!(properties)
            )?;
            for (n, m) in thread.newest_first(seed, words).enumerate() {
                out.write_all(if n > 0 { b"," } else { b"" })?;
                serde_json::to_writer(&mut *out, &message(thread, &m, &with))?;
            }
            out.write_all(b"]}")?;
        }
        out.write_all(b"]}\n")
    })
}

fn id(thread: &Thread, who: usize) -> String {
    format!("8:live:user{}", thread.id(who))
}

fn conversation(thread: &Thread) -> String {
    if thread.is_group() {
        format!("19:{:032x}@thread.skype", thread.number)
    } else {
        id(thread, 1)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn message(thread: &Thread, m: &Message, with: &str) -> Value {
    let one = |(emoji, by): &(&str, usize)| {
        let key = EMOTIONS.iter().find(|(e, _)| e == emoji).map_or("like", |(_, key)| key);
        json!({"key": key, "users": [{"mri": id(thread, *by), "time": m.at + 1000}]})
    };
    let emotions: Vec<Value> = m.reactions.iter().map(one).collect();
    let properties = (!emotions.is_empty()).then(|| json!({"emotions": emotions}));
    let (kind, content) = match m.media() {
        None => ("RichText", escaped(&m.words())),
        Some((mime, ending)) => {
            let (kind, what) = match mime {
                "image/jpeg" => ("RichText/UriObject", "Picture.1"),
                "video/mp4" => ("RichText/Media_Video", "Video.1/Message.1"),
                _ => ("RichText/Media_AudioMsg", "Audio.1/Message.1"),
            };
            let uri = format!("https://api.asm.skype.com/v1/objects/0-weu-d3-{}", m.number);
            let name = format!("{}.{ending}", m.number);
            let content = format!(
                "<URIObject type=\"{what}\" uri=\"{uri}\"><Title/><Description/>To view this shared \
                 file, go to: <a href=\"https://login.skype.com/\">https://login.skype.com/</a>\
                 <OriginalName v=\"{name}\"/></URIObject>"
            );
            (kind, content)
        }
    };
    json!({"id": m.at.to_string(), "displayName": (m.who > 0).then(|| &thread.people[m.who]),
        "originalarrivaltime": when(m.at, "%Y-%m-%dT%H:%M:%S%.3fZ"), "messagetype": kind,
        "version": m.at, "content": content, "conversationid": with, "from": id(thread, m.who),
        "properties": properties, "amsreferences": null})
}
