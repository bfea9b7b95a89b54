//! WhatsApp's text as Android writes it: one file a chat, oldest first, no seconds.

use std::io::{self, Write};

use chrono::DateTime;

use super::place::Place;
use super::thread::{Message, Thread, With};
use super::words::Words;

/// Writes an export of every chat.
pub fn write(place: &mut Place, threads: &[Thread], seed: u64, words: &Words) -> io::Result<()> {
    for thread in threads {
        let path = format!("WhatsApp Chat with {} {}.txt", thread.title, thread.number);
        place.file(&path, |out| {
            // A text knows no order but the oldest first; half a million fit.
            let mut messages: Vec<Message> = thread.newest_first(seed, words).collect();
            messages.reverse();
            messages.iter().try_for_each(|m| write_message(out, thread, m))
        })?;
    }
    Ok(())
}

fn write_message(out: &mut dyn Write, thread: &Thread, m: &Message) -> io::Result<()> {
    let at = DateTime::from_timestamp_millis(m.at).unwrap_or_default().format("%d/%m/%Y, %H:%M");
    write!(out, "{at} - {}: ", thread.people[m.who])?;
    let media = match m.with {
        With::Photo => "IMG-20240101-WA0001.jpg (file attached)",
        With::Video | With::Audio => "<Media omitted>",
        With::Nothing | With::Share | With::Call => "",
    };
    out.write_all(media.as_bytes())?;
    if !media.is_empty() && !m.text.is_empty() {
        out.write_all(b"\n")?;
    }
    if media.is_empty() && m.text.is_empty() {
        write!(out, "https://example.org/s/{}", m.number)?;
    }
    out.write_all(m.text.as_bytes())?;
    out.write_all(b"\n")
}
