//! Messenger's layout of 2025, which Instagram shares: one folder a thread, parts of ten thousand, newest first, every
//! letter beyond ASCII as its UTF-8 bytes written `\u00xx`.

use std::io::{self, Write};

use serde_json::json;

use super::json::pretty;
use super::place::Place;
use super::thread::{ME, Message, Thread, With};
use super::words::Words;

const PART: u64 = 10_000;
/// The number of the first thread's folder.
const FIRST: u64 = 7_000_000_000_000_000;
/// Where the threads of a download lie.
pub const ROOT: &str = "your_facebook_activity/messages";
const INSTAGRAM_ROOT: &str = "your_instagram_activity/messages";
const INSTAGRAM_PROFILE: &str =
    "personal_information/personal_information/personal_information.json";
const PROFILE: &str = "personal_information/profile_information/profile_information.json";

/// Writes an export of Messenger.
pub fn write(place: &mut Place, threads: &[Thread], seed: u64, words: &Words) -> io::Result<()> {
    place.file(PROFILE, |out| {
        write!(out, "{{\n  \"profile_v2\": {{\n    \"name\": {{\n      \"full_name\": \"{ME}\"\n    }}\n  }}\n}}\n")
    })?;
    write_threads(place, (ROOT, FIRST), threads, seed, words)
}

/// The same account in another download, which numbers its folders anew.
pub fn write_renumbered(
    place: &mut Place,
    threads: &[Thread],
    seed: u64,
    words: &Words,
) -> io::Result<()> {
    write_threads(place, (ROOT, FIRST + 1_000_000_000_000_000), threads, seed, words)
}

/// Writes an export of Instagram.
pub fn write_instagram(
    place: &mut Place,
    threads: &[Thread],
    seed: u64,
    words: &Words,
) -> io::Result<()> {
    place.file(INSTAGRAM_PROFILE, |out| {
        let told = |value: &str| json!({"value": value, "timestamp": 0});
        let user = json!({"string_map_data": {"Username": told("sam.rivera"), "Name": told(ME)}});
        pretty(out, &json!({"profile_user": [user]}), "  ")
    })?;
    write_threads(place, (INSTAGRAM_ROOT, FIRST), threads, seed, words)
}

fn write_threads(
    place: &mut Place,
    (root, first): (&str, u64),
    threads: &[Thread],
    seed: u64,
    words: &Words,
) -> io::Result<()> {
    for thread in threads {
        let mut messages = thread.newest_first(seed, words);
        for part in 1..=thread.messages.div_ceil(PART) {
            let folder = numbered(thread, first);
            place.file(&format!("{root}/{folder}/message_{part}.json"), |out| {
                let messages = messages.by_ref().take(PART as usize);
                write_part(out, (root, &folder), thread, messages)
            })?;
        }
    }
    Ok(())
}

/// The folder of a thread.
pub fn folder(thread: &Thread) -> String {
    numbered(thread, FIRST)
}

fn numbered(thread: &Thread, first: u64) -> String {
    let slug: String =
        thread.title.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    format!("inbox/{slug}_{}", first + thread.number * 7_919)
}

fn write_part(
    out: &mut dyn Write,
    (root, folder): (&str, &str),
    thread: &Thread,
    messages: impl Iterator<Item = Message>,
) -> io::Result<()> {
    out.write_all(b"{\n  \"participants\": [")?;
    for (n, name) in thread.people.iter().enumerate() {
        out.write_all(if n > 0 {
            b",\n    {\n      \"name\": "
        } else {
            b"\n    {\n      \"name\": "
        })?;
        string(out, name)?;
        out.write_all(b"\n    }")?;
    }
    out.write_all(b"\n  ],\n  \"messages\": [")?;
    for (n, message) in messages.enumerate() {
        out.write_all(if n > 0 { b",\n" } else { b"\n" })?;
        write_message(out, (root, folder), thread, &message)?;
    }
    out.write_all(b"\n  ],\n  \"title\": ")?;
    string(out, &thread.title)?;
    write!(out, ",\n  \"is_still_participant\": true,\n  \"thread_path\": ")?;
    string(out, folder)?;
    out.write_all(b",\n  \"magic_words\": [\n\n  ]\n}\n")
}

fn write_message(
    out: &mut dyn Write,
    (root, folder): (&str, &str),
    thread: &Thread,
    m: &Message,
) -> io::Result<()> {
    out.write_all(b"    {\n      \"sender_name\": ")?;
    string(out, &thread.people[m.who])?;
    write!(out, ",\n      \"timestamp_ms\": {}", m.at)?;
    if m.with == With::Call {
        write!(out, ",\n      \"content\": ")?;
        string(out, &format!("{} called you.", thread.people[m.who]))?;
        write!(out, ",\n      \"call_duration\": {}", m.number % 3_600)?;
    } else if !m.text.is_empty() {
        out.write_all(b",\n      \"content\": ")?;
        string(out, &m.text)?;
    }
    let media = match m.with {
        With::Photo => Some(("photos", "photos", "jpg")),
        With::Video => Some(("videos", "videos", "mp4")),
        With::Audio => Some(("audio_files", "audio", "mp4")),
        With::Nothing | With::Share | With::Call => None,
    };
    if let Some((key, below, ending)) = media {
        let uri = format!("{root}/{folder}/{below}/{}.{ending}", m.number);
        write!(out, ",\n      \"{key}\": [\n        {{\n          \"uri\": ")?;
        string(out, &uri)?;
        write!(out, ",\n          \"creation_timestamp\": {}\n        }}\n      ]", m.at / 1000)?;
    }
    if m.with == With::Share {
        out.write_all(b",\n      \"share\": {\n        \"link\": ")?;
        string(out, &format!("https://example.org/s/{}", m.number))?;
        out.write_all(b"\n      }")?;
    }
    if !m.reactions.is_empty() {
        out.write_all(b",\n      \"reactions\": [")?;
        for (n, (emoji, who)) in m.reactions.iter().enumerate() {
            out.write_all(if n > 0 { b"," } else { b"" })?;
            out.write_all(b"\n        {\n          \"reaction\": ")?;
            string(out, emoji)?;
            out.write_all(b",\n          \"actor\": ")?;
            string(out, &thread.people[*who])?;
            out.write_all(b"\n        }")?;
        }
        out.write_all(b"\n      ]")?;
    }
    out.write_all(
        b",\n      \"is_geoblocked_for_viewer\": false,\n      \"is_unsent_image_by_messenger_kid_parent\": false\n    }",
    )
}

fn string(out: &mut dyn Write, text: &str) -> io::Result<()> {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.write_all(b"\"")?;
    for byte in text.bytes() {
        match byte {
            b'"' => out.write_all(b"\\\"")?,
            b'\\' => out.write_all(b"\\\\")?,
            b'/' => out.write_all(b"\\/")?,
            b'\n' => out.write_all(b"\\n")?,
            0x20..=0x7E => out.write_all(&[byte])?,
            _ => {
                let (high, low) = (HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]);
                out.write_all(&[b'\\', b'u', b'0', b'0', high, low])?;
            }
        }
    }
    out.write_all(b"\"")
}
