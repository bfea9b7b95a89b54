//! WhatsApp's text, oldest first: as Android writes it, one file a chat and no seconds, and as an
//! iPhone does, one folder a chat.

use std::io::{self, Write};

use super::json::when;
use super::place::Place;
use super::thread::{Message, Thread, With};
use super::words::Words;

/// Writes an export of every chat.
pub fn write(place: &mut Place, threads: &[Thread], seed: u64, words: &Words) -> io::Result<()> {
    for thread in threads {
        let path = format!("WhatsApp Chat with {} {}.txt", thread.title, thread.number);
        place.file(&path, |out| {
            thread.oldest_first(seed, words).iter().try_for_each(|m| write_message(out, thread, m))
        })?;
    }
    Ok(())
}

/// Writes an iPhone's export of every chat.
pub fn write_ios(
    place: &mut Place,
    threads: &[Thread],
    seed: u64,
    words: &Words,
) -> io::Result<()> {
    for thread in threads {
        let path = format!("WhatsApp Chat - {} {}/_chat.txt", thread.title, thread.number);
        place.file(&path, |out| {
            thread.oldest_first(seed, words).iter().try_for_each(|m| message_ios(out, thread, m))
        })?;
    }
    Ok(())
}

fn message_ios(out: &mut dyn Write, thread: &Thread, m: &Message) -> io::Result<()> {
    let at = when(m.at, "%d/%m/%Y, %H:%M:%S");
    let kind = match m.with {
        With::Photo => Some(("PHOTO", "jpg")),
        With::Video => Some(("VIDEO", "mp4")),
        With::Audio => Some(("AUDIO", "opus")),
        With::Nothing | With::Share | With::Call => None,
    };
    let media = kind.map_or(String::new(), |(kind, ending)| {
        let date = when(m.at, "%Y-%m-%d-%H-%M-%S");
        format!("\u{200e}<attached: {:08}-{kind}-{date}.{ending}>", m.number % 100_000_000)
    });
    let mark = if media.is_empty() { "" } else { "\u{200e}" };
    // A caption stands before its picture.
    let words = m.words();
    let space = if media.is_empty() || words.is_empty() { "" } else { " " };
    writeln!(out, "{mark}[{at}] {}: {words}{space}{media}\r", thread.people[m.who])
}

fn write_message(out: &mut dyn Write, thread: &Thread, m: &Message) -> io::Result<()> {
    let at = when(m.at, "%d/%m/%Y, %H:%M");
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
