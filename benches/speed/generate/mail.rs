//! A mailbox of one file, as Takeout and Thunderbird write it; every other text quoted-printable.

use std::io::{self, Write};

use super::json::when;
use super::place::Place;
use super::thread::{Message, Thread};
use super::words::Words;

/// As long as a small picture's base64, in lines of 76.
const LINES: u64 = 50;

/// Writes a mailbox.
pub fn write(place: &mut Place, threads: &[Thread], seed: u64, words: &Words) -> io::Result<()> {
    place.file("All mail.mbox", |out| {
        for thread in threads {
            let all = thread.oldest_first(seed, words);
            for n in 0..all.len() {
                message(out, thread, &all, n)?;
            }
        }
        Ok(())
    })
}

fn address(thread: &Thread, who: usize) -> String {
    if who == 0 { "sam@example.org".into() } else { format!("user{}@example.org", thread.id(who)) }
}

fn id(thread: &Thread, n: usize) -> String {
    format!("<{}-{n}@example.org>", thread.number)
}

fn message(out: &mut dyn Write, thread: &Thread, all: &[Message], n: usize) -> io::Result<()> {
    let m = &all[n];
    let from = address(thread, m.who);
    let others = (0..thread.people.len()).filter(|who| *who != m.who);
    let to: Vec<String> = others.map(|who| address(thread, who)).collect();
    let wall = when(m.at, "%a %b %e %H:%M:%S %Y");
    write!(out, "From {from} {wall}\nReturn-Path: <{from}>\n")?;
    if m.who != 0 {
        writeln!(out, "Delivered-To: sam@example.org")?;
    }
    write!(
        out,
        "From: {}\nTo: {}\nDate: {}\nSubject: Re: {}\nMessage-ID: {}\nStatus: RO\n",
        mailbox(&thread.people[m.who], &from),
        to.join(",\n "),
        when(m.at, "%a, %d %b %Y %H:%M:%S +0000"),
        thread.number,
        id(thread, n)
    )?;
    if n > 0 {
        write!(out, "In-Reply-To: {0}\nReferences: {1} {0}\n", id(thread, n - 1), id(thread, 0))?;
    }
    out.write_all(b"MIME-Version: 1.0\n")?;
    let Some((mime, ending)) = m.media() else { return text(out, m) };
    out.write_all(b"Content-Type: multipart/mixed; boundary=\"part\"\n\n--part\n")?;
    text(out, m)?;
    write!(
        out,
        "--part\nContent-Type: {mime}; name=\"file.{ending}\"\nContent-Disposition: attachment; \
         filename=\"file.{ending}\"\nContent-Transfer-Encoding: base64\n\n"
    )?;
    for _ in 0..LINES {
        writeln!(out, "{:A<76}", "/9j/4AAQ")?;
    }
    out.write_all(b"--part--\n\n")
}

/// A name beyond ASCII stands encoded.
fn mailbox(name: &str, address: &str) -> String {
    if name.is_ascii() {
        return format!("{name} <{address}>");
    }
    let letters: String = name.bytes().map(|b| format!("={b:02X}")).collect();
    format!("=?UTF-8?Q?{letters}?= <{address}>")
}

fn text(out: &mut dyn Write, m: &Message) -> io::Result<()> {
    out.write_all(b"Content-Type: text/plain; charset=UTF-8\n")?;
    // A mail without a word is odd, and its pieces end with a blank line.
    let words = m.words();
    let words = if words.is_empty() { ".".into() } else { words };
    if m.number.is_multiple_of(2) {
        out.write_all(b"Content-Transfer-Encoding: 8bit\n\n")?;
        out.write_all(words.as_bytes())?;
        return out.write_all(b"\n\n");
    }
    out.write_all(b"Content-Transfer-Encoding: quoted-printable\n\n")?;
    let mut column = 0;
    for byte in words.bytes() {
        if byte == b'\n' {
            out.write_all(b"\n")?;
            column = 0;
            continue;
        }
        if column > 70 {
            out.write_all(b"=\n")?;
            column = 0;
        }
        if byte == b'=' || !(0x20..0x7F).contains(&byte) {
            write!(out, "={byte:02X}")?;
            column += 3;
        } else {
            out.write_all(&[byte])?;
            column += 1;
        }
    }
    out.write_all(b"\n\n")
}
