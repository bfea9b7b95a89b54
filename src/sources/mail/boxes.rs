//! Which files hold mail, and the mails in them: mailboxes of one file, folders of one file for each
//! mail, and single mails. Known by what they hold, since mail programs name them as they like.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::BufReader;
use std::ops::Range;

use super::mbox::{Mbox, separates};
use crate::model::Oddity;
use crate::sources::{Entry, FileTree, Sink, Stop, TreeError};

/// Enough for the headers that every mail has.
const HEAD: usize = 8 << 10;
/// Files without a telling name that are looked into.
const LOOKED_AT: usize = 2_000;

/// How a file holds mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Many, one after another.
    Mbox,
    /// One, in a folder `cur` or `new`; its name says what became of it.
    Maildir,
    /// One.
    Single,
}

/// A mail as it lies there.
pub struct Piece<'a> {
    /// The line before it in a mailbox; else nothing.
    pub separator: &'a [u8],
    /// Its bytes.
    pub bytes: &'a [u8],
    /// It was larger than what was wanted.
    pub cut: bool,
    /// Which one of its file, from 1.
    pub number: u64,
    /// Where it lies in the file, in bytes.
    pub place: Range<u64>,
}

/// What begins like a mail: headers that a mail has, before the first blank line.
fn is_mail(head: &[u8]) -> bool {
    const KNOWN: &[&str] = &[
        "from",
        "to",
        "date",
        "subject",
        "received",
        "message-id",
        "return-path",
        "delivered-to",
        "mime-version",
        "x-gm-thrid",
        "reply-to",
        "cc",
    ];
    let mut known = 0;
    for line in head.split(|b| *b == b'\n').take(100) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            continue;
        }
        let Some(colon) = line.iter().position(|b| *b == b':') else { return known >= 3 };
        let name = line.get(..colon).unwrap_or_default();
        if name.is_empty() || name.iter().any(|b| !b.is_ascii_graphic()) {
            return false;
        }
        let name = String::from_utf8_lossy(name).to_lowercase();
        known += usize::from(KNOWN.contains(&name.as_str()));
    }
    known >= 2
}

fn is_mbox(head: &[u8]) -> bool {
    let head = head.trim_ascii_start();
    let Some(end) = head.iter().position(|b| *b == b'\n') else { return false };
    let (first, rest) = head.split_at(end);
    separates(first) && is_mail(rest.strip_prefix(b"\n").unwrap_or(rest))
}

/// Where the one mail of a file begins: behind a mark of its encoding, blank lines, and the line that
/// stood before it in a mailbox.
fn begin(bytes: &[u8]) -> usize {
    let rest = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    let line = rest.iter().position(|b| matches!(b, b'\r' | b'\n')).unwrap_or(rest.len());
    let rest = match rest.starts_with(b"From ") {
        true => rest.get(line..).unwrap_or_default().trim_ascii_start(),
        false => rest,
    };
    bytes.len() - rest.len()
}

/// A mail with its lines as everybody ends them: old Macs did it with a return alone.
fn lines(mail: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\n', mail).is_some() || memchr::memchr(b'\r', mail).is_none() {
        return Cow::Borrowed(mail);
    }
    Cow::Owned(mail.iter().map(|b| if *b == b'\r' { b'\n' } else { *b }).collect())
}

/// The folder that a maildir is, for a file in its `cur` or `new`.
fn maildir(path: &str) -> Option<&str> {
    let (folder, name) = path.rsplit_once('/')?;
    let (home, last) = folder.rsplit_once('/').unwrap_or(("", folder));
    (matches!(last, "cur" | "new") && !name.is_empty()).then_some(home)
}

/// Every file that holds mail.
pub fn files(tree: &FileTree) -> Vec<(&Entry, Kind)> {
    let mut maildirs: HashMap<&str, bool> = HashMap::new();
    let mut looked_at = 0;
    let mut out = Vec::new();
    for entry in tree.entries() {
        let head = || tree.head(entry, HEAD).unwrap_or_default();
        if let Some(home) = maildir(&entry.path) {
            // One of them tells what the others are.
            if *maildirs.entry(home).or_insert_with(|| is_mail(&head())) {
                out.push((entry, Kind::Maildir));
                continue;
            }
        }
        let name = entry.path.rsplit('/').next().unwrap_or(&entry.path).to_lowercase();
        if name.ends_with(".eml") {
            let head = head();
            if is_mail(&lines(head.get(begin(&head)..).unwrap_or_default())) {
                out.push((entry, Kind::Single));
            }
            continue;
        }
        let named = name.ends_with(".mbox") || name.ends_with(".mbx") || name == "mbox";
        if !named && name.contains('.') {
            continue;
        }
        looked_at += usize::from(!named);
        if (named || looked_at <= LOOKED_AT) && is_mbox(&head()) {
            out.push((entry, Kind::Mbox));
        }
    }
    out
}

/// The folder below which all of them lie.
pub fn root(files: &[(&Entry, Kind)]) -> String {
    let home = |(entry, kind): &(&Entry, Kind)| -> String {
        let own = entry.path.rsplit_once('/').map_or("", |(dir, _)| dir);
        match kind {
            Kind::Maildir => maildir(&entry.path).unwrap_or(own).to_owned(),
            Kind::Mbox | Kind::Single => own.to_owned(),
        }
    };
    let mut all = files.iter().map(home);
    let first = all.next().unwrap_or_default();
    let mut common: Vec<&str> = first.split('/').filter(|p| !p.is_empty()).collect();
    for other in all {
        let same = common.iter().zip(other.split('/')).take_while(|(a, b)| *a == b).count();
        common.truncate(same);
    }
    common.join("/")
}

/// What is told of a mail that cannot be read, or of the rest of a file.
pub fn unreadable(entry: &Entry, number: u64, why: &str) -> Oddity {
    Oddity::at(entry.path.as_str(), format!("mail {number}"), why)
}

/// Hands out the mails of a file, of each at most so many bytes, and only from so many bytes of the
/// file. What cannot be read ends it, and is told.
pub fn each(
    tree: &FileTree,
    (entry, kind): (&Entry, Kind),
    most: usize,
    within: u64,
    sink: &mut dyn Sink,
    mut take: impl FnMut(Piece<'_>, &mut dyn Sink) -> Result<(), Stop>,
) -> Result<u64, Stop> {
    if kind != Kind::Mbox {
        let (bytes, cut) = match tree.read(entry, most as u64) {
            Err(TreeError::TooLarge { .. }) => (tree.head(entry, most), true),
            other => (other, false),
        };
        match bytes {
            Ok(bytes) => {
                let read = bytes.len() as u64;
                let start = if kind == Kind::Single { begin(&bytes) } else { 0 };
                let mail = lines(bytes.get(start..).unwrap_or_default());
                let place = (start as u64)..entry.size;
                take(Piece { separator: &[], bytes: &mail, cut, number: 1, place }, sink)?;
                return Ok(read);
            }
            Err(why) => {
                sink.odd(Oddity::file(&entry.path, why.why()))?;
                return Ok(0);
            }
        }
    }
    let stream = match tree.open_entry(entry) {
        Ok(stream) => stream,
        Err(why) => {
            sink.odd(Oddity::file(&entry.path, why.why()))?;
            return Ok(0);
        }
    };
    let mut mbox = Mbox::new(BufReader::with_capacity(128 << 10, stream), most);
    let (mut number, mut told) = (0, 0);
    while mbox.read < within {
        match mbox.message() {
            Ok(Some(raw)) => {
                number += 1;
                let (separator, bytes) = (&raw.separator[..], &raw.bytes[..]);
                take(Piece { separator, bytes, cut: raw.cut, number, place: raw.place }, sink)?;
            }
            Ok(None) => break,
            Err(why) => {
                sink.odd(unreadable(entry, number, &format!("the rest cannot be read: {why}")))?;
                break;
            }
        }
        sink.advance(mbox.read - std::mem::replace(&mut told, mbox.read))?;
    }
    Ok(mbox.read - told)
}
