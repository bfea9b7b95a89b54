//! Signal's plaintext export: `main.jsonl`, one frame a line, with files beside it.
//!
//! Signal Desktop writes a folder `signal-backup-<time>/` and lays files beside that folder, in
//! `files/<xx>/`; Signal for Android writes one zip with `files/` inside. The first line tells the
//! version and the time; each other line is one frame of libsignal's `backup.proto` in the JSON form
//! of protocol buffers: whole numbers of 64 bits are text, bytes are base64, and what has its
//! default value is left out (a message without `read` is unread). Frames name each other by
//! numbers that hold within one file only. Messages that disappear are not exported.
//!
//! What carderne/signal-export writes is read, too ([`written`]), and the folder in which Signal
//! Desktop itself keeps everything ([`desktop`]).

mod chats;
mod desktop;
mod item;
mod keys;
mod recipient;
mod update;
mod written;

use std::io::BufReader;

use super::json::{Got, next_line, parse};
use super::parted;
use super::{Confidence, Entry, FileTree, Found, ReadError, ReadOptions, Sink, Source, Stop};
use crate::model::{Oddity, Record};
use crate::sources::odds::Odds;
use chats::Chats;
use recipient::Book;

/// Signal's exports.
pub const SOURCE: Source = Source { id: "signal", parts_share_a_tree: false, recognise, read };

const HEAD: usize = 4096;
const TOLD_EVERY: u64 = 64 << 10;
const NAME: &str = "main.jsonl";

fn is_export(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let mut lines = head.split(|b| *b == b'\n').map(<[u8]>::trim_ascii).filter(|l| !l.is_empty());
    let Some(first) = lines.next().and_then(parse) else { return false };
    let header = first.get("backupTimeMs").is_some()
        || (first.get("version").is_some() && first.get("onebox").is_none());
    // The account comes next, in a long line that may be cut here.
    let account = lines.next().is_some_and(|l| {
        memchr::memmem::find(l, b"\"account\"")
            .or(memchr::memmem::find(l, b"\"recipient\""))
            .is_some()
    });
    header && account
}

fn exports(tree: &FileTree) -> impl Iterator<Item = &Entry> {
    let alone = tree.entries().len() == 1;
    tree.entries().iter().filter(move |entry| {
        let name = entry.path.rsplit('/').next().unwrap_or(&entry.path);
        (name == NAME || (alone && name.ends_with(".jsonl")))
            && tree.head(entry, HEAD).is_ok_and(|head| is_export(&head))
    })
}

fn recognise(tree: &FileTree) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for entry in exports(tree) {
        let here = parted(&entry.path).0;
        let above = parted(here).0;
        let files = |root: &str| {
            let prefix =
                if root.is_empty() { "files/".to_owned() } else { format!("{root}/files/") };
            !tree.under(&prefix).is_empty()
        };
        // Desktop's files lie beside the folder, and serve several of them.
        let root = if !here.is_empty() && !files(here) && files(above) { above } else { here };
        if found.iter().all(|f| f.root != root) {
            let what = "Signal export (plaintext)".to_owned();
            found.push(Found { root: root.to_owned(), confidence: Confidence::Sure, what });
        }
    }
    for (here, confidence) in desktop::found(tree) {
        if found.iter().all(|f| f.root != here) {
            let what = "Signal Desktop's database".to_owned();
            found.push(Found { root: here, confidence, what });
        }
    }
    for (here, confidence) in written::found(tree) {
        if found.iter().all(|f| f.root != here) {
            let what = "Signal chats (signal-export)".to_owned();
            found.push(Found { root: here, confidence, what });
        }
    }
    found
}

/// What is met while a file is read.
enum Met<'a> {
    Line(&'a [u8]),
    TooLong,
    Broken(String),
    /// So many bytes more have been read.
    Bytes(u64),
}

/// A line without its end.
fn unended(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Reads a file to its end, line by line, numbered from one.
fn walk(
    tree: &FileTree,
    entry: &Entry,
    each: &mut dyn FnMut(u64, Met<'_>) -> Result<(), Stop>,
) -> Result<(), ReadError> {
    let mut reader = BufReader::with_capacity(64 << 10, tree.open_entry(entry)?);
    let (mut line, mut number, mut untold) = (Vec::new(), 0, 0);
    loop {
        let (got, bytes) = match next_line(&mut reader, &mut line) {
            Ok(next) => next,
            Err(why) => {
                each(number, Met::Broken(format!("the rest cannot be read: {why}")))?;
                break;
            }
        };
        number += 1;
        match got {
            Got::End => break,
            Got::TooLong => each(number, Met::TooLong)?,
            Got::Line => each(number, Met::Line(unended(&line)))?,
        }
        untold += bytes;
        if untold >= TOLD_EVERY {
            each(number, Met::Bytes(std::mem::take(&mut untold)))?;
        }
    }
    each(number, Met::Bytes(untold))?;
    Ok(())
}

/// People and chats come before what is said in them, but not all of them at the beginning: they
/// are gathered first, passing over the messages.
fn gather(tree: &FileTree, entry: &Entry, sink: &mut dyn Sink) -> Result<Book, ReadError> {
    let mut book = Book::default();
    walk(tree, entry, &mut |_, met| {
        // Nothing is told yet, but it may be stopped.
        if matches!(met, Met::Bytes(_)) {
            return sink.advance(0);
        }
        if let Met::Line(line) = met
            && memchr::memmem::find(line.get(..32).unwrap_or(line), b"\"chatItem\"").is_none()
            && let Some(frame) = parse(line)
        {
            book.take(&frame);
        }
        Ok(())
    })?;
    book.finish();
    Ok(book)
}

fn read(tree: &FileTree, options: &ReadOptions, sink: &mut dyn Sink) -> Result<(), ReadError> {
    for entry in exports(tree).filter(|e| e.path.matches('/').count() <= 1) {
        let book = gather(tree, entry, sink)?;
        sink.take(Record::Account(book.account(options)))?;
        let mut chats = Chats::new(tree, parted(&entry.path).0, &book);
        let mut odds = Odds::of(&entry.path);
        walk(tree, entry, &mut |number, met| {
            let at = || format!("line {number}");
            match met {
                Met::Bytes(bytes) => sink.advance(bytes),
                Met::TooLong => odds.say(at(), "longer than any message; left out", sink),
                Met::Broken(why) => sink.odd(Oddity::at(entry.path.as_str(), at(), why)),
                Met::Line(line) if line.trim_ascii().is_empty() => Ok(()),
                Met::Line(line) => match parse(line) {
                    Some(frame) if frame.is_object() => match chats.take(&frame, sink)? {
                        Ok(()) => Ok(()),
                        Err(why) => odds.say(at(), why, sink),
                    },
                    Some(_) => odds.say(at(), "it is no frame", sink),
                    None => odds.say(at(), "this is no valid JSON", sink),
                },
            }
        })?;
        chats.finish(sink)?;
        odds.end(sink)?;
    }
    written::read(tree, options, sink)?;
    // Last: what no key opens keeps nothing else from being read.
    desktop::read(tree, options, sink)
}
