//! What carderne/signal-export writes of Signal Desktop: a folder for each chat, JSON or Markdown.
//!
//! `data.json` holds one message a line; `chat.md`, which older versions called `index.md`, the same
//! for people. The shapes are those of its `models.py`: `[2024-05-01 10:00:00] name: text`, earlier
//! `[2024-05-01, 10:00]`; answers begin with the quoted text, reactions stand in `(- name: 👍 -)`,
//! files are links. Neither tells ids; I am `Me`. Of a chat that has both, the JSON is read.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime};
use serde_json::Value;

use super::{Met, walk};
use crate::model::{
    AccountRecord, Attachment, AttachmentKind, Call, Deletion, MediaPlace, MessageKind,
    MessageRecord, Moment, Oddity, ParticipantRecord, Reaction, Record, ReplyTo, SourceId,
    ThreadKind, ThreadRecord, Timestamp,
};
use crate::sources::json::{flag, list, member, parse, text, words};
use crate::sources::odds::Odds;
use crate::sources::parted;
use crate::sources::{Confidence, Entry, FileTree, ReadError, ReadOptions, Sink, Stop, Zone};

/// The files of a chat, the best first.
const NAMES: [&str; 3] = ["data.json", "chat.md", "index.md"];
const HEAD: usize = 16 << 10;
/// The most that is kept of one message.
const LONGEST: usize = 1 << 20;
/// How the tool writes me, and nobody.
const ME: &str = "Me";
const NOBODY: &str = "No-Sender";

/// Where a message begins in Markdown.
struct Begin<'l> {
    at: NaiveDateTime,
    sender: &'l str,
    text: &'l str,
}

fn begin(line: &str) -> Option<Begin<'_>> {
    let (stamp, rest) = line.strip_prefix('[')?.split_once(']')?;
    let at = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d, %H:%M", "%Y-%m-%d, %H:%M:%S", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(stamp, format).ok())?;
    let rest = rest.strip_prefix(' ')?;
    let (sender, text) =
        rest.split_once(": ").or_else(|| Some((rest.trim_end().strip_suffix(':')?, "")))?;
    Some(Begin { at, sender, text })
}

/// Whether a file begins like one of the tool's.
fn is_chat(tree: &FileTree, entry: &Entry) -> bool {
    let Ok(head) = tree.head(entry, HEAD) else { return false };
    let head = String::from_utf8_lossy(&head);
    let start = head.trim_start_matches('\u{feff}').trim_start();
    if entry.path.ends_with(".json") {
        return start.starts_with('{')
            && ["\"date\"", "\"sender\"", "\"body\"", "\"reactions\""]
                .iter()
                .all(|n| head.contains(n));
    }
    start.lines().next().and_then(begin).is_some()
}

/// The name in a path.
fn name(entry: &Entry) -> &str {
    entry.parted().1
}

/// A text that lies alone may be one of the tool's, of its early days.
fn alone(tree: &FileTree) -> Option<&Entry> {
    let [entry] = tree.entries() else { return None };
    (entry.path.ends_with(".txt") && is_chat(tree, entry)).then_some(entry)
}

/// The folders that hold chats of an export, or one that is a chat.
pub fn found(tree: &FileTree) -> Vec<(String, Confidence)> {
    let mut roots: Vec<(String, Confidence)> = Vec::new();
    for entry in tree.entries().iter().filter(|e| NAMES.contains(&name(e))) {
        let root = parted(parted(&entry.path).0).0;
        if roots.iter().all(|(other, _)| other != root) && is_chat(tree, entry) {
            roots.push((root.to_owned(), Confidence::Sure));
        }
    }
    // Other apps write texts like that, too.
    roots.extend(alone(tree).map(|e| (parted(&e.path).0.to_owned(), Confidence::Maybe)));
    roots
}

/// The best file of each chat, by its folder.
fn chats(tree: &FileTree) -> BTreeMap<&str, &Entry> {
    let mut best: BTreeMap<&str, (usize, &Entry)> = BTreeMap::new();
    for entry in tree.entries().iter().filter(|e| e.path.matches('/').count() <= 1) {
        let here = parted(&entry.path).0;
        let Some(rank) = NAMES.iter().position(|n| *n == name(entry)) else { continue };
        if best.get(here).is_none_or(|(other, _)| rank < *other) && is_chat(tree, entry) {
            best.insert(here, (rank, entry));
        }
    }
    let mut all: BTreeMap<&str, &Entry> =
        best.into_iter().map(|(here, (_, entry))| (here, entry)).collect();
    if all.is_empty() {
        all.extend(alone(tree).map(|entry| (parted(&entry.path).0, entry)));
    }
    all
}

/// Reads every chat of an export.
pub fn read(tree: &FileTree, options: &ReadOptions, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let chats = chats(tree);
    if chats.is_empty() {
        return Ok(());
    }
    let me = options.me.clone().or_else(|| options.known_me.first().cloned());
    let me = me.unwrap_or_default();
    sink.take(Record::Account(AccountRecord {
        source: SourceId::known(super::SOURCE.id),
        key: options.account.clone().unwrap_or_default(),
        // Early texts wrote my name out.
        me_names: if me.is_empty() { Vec::new() } else { vec![me.clone()] },
        name: me.clone(),
        known_by: "“Me” in every chat".to_owned(),
    }))?;
    for (here, entry) in chats {
        let stem = name(entry).rsplit_once('.').map_or("Signal chat", |(stem, _)| stem);
        let title = match (here, tree.name()) {
            ("", "") => stem,
            ("", _) if entry.path.ends_with(".txt") => stem,
            ("", folder) => folder,
            (here, _) => here,
        };
        let mut chat = Chat {
            tree,
            here,
            zone: options.zone,
            me: if me.is_empty() { ME } else { &me },
            key: title.into(),
            told: HashSet::new(),
            last: (0, 0),
            odds: Odds::of(&entry.path),
        };
        chat.read(entry, sink)?;
    }
    Ok(())
}

/// A chat while it is read.
struct Chat<'a> {
    tree: &'a FileTree,
    here: &'a str,
    zone: Zone,
    me: &'a str,
    key: Arc<str>,
    told: HashSet<Arc<str>>,
    /// The instant of the last message, and how many there were of it before.
    last: (i64, i64),
    odds: Odds,
}

/// A message in Markdown, while its lines come.
struct Open {
    number: u64,
    at: NaiveDateTime,
    sender: String,
    text: String,
    cut: bool,
}

impl Chat<'_> {
    fn is_me(&self, name: &str) -> bool {
        name == ME || name == self.me
    }

    fn record(&self, ended: bool) -> ThreadRecord {
        let mut record = ThreadRecord::new(Arc::clone(&self.key), "signal-export");
        record.title = Some(self.key.to_string());
        // Names, seconds and words; Signal's own export knows who, when and what became of it.
        record.less_exact = true;
        let mut others = self.told.iter().filter(|name| !self.is_me(name));
        let alone = others.next().is_none_or(|name| *name == self.key) && others.next().is_none();
        record.kind = ended.then_some(if alone { ThreadKind::Direct } else { ThreadKind::Group });
        record
    }

    fn read(&mut self, entry: &Entry, sink: &mut dyn Sink) -> Result<(), ReadError> {
        sink.take(Record::Thread(Box::new(self.record(false))))?;
        let json = entry.path.ends_with(".json");
        let mut open: Option<Open> = None;
        walk(self.tree, entry, &mut |number, met| {
            let at = || format!("line {number}");
            match met {
                Met::Bytes(bytes) => sink.advance(bytes),
                Met::TooLong => self.odds.say(at(), "longer than any message; left out", sink),
                Met::Broken(why) => sink.odd(Oddity::at(entry.path.as_str(), at(), why)),
                Met::Line(line) if json => self.json(number, line, sink),
                Met::Line(line) => {
                    let line = String::from_utf8_lossy(line);
                    let line =
                        if number == 1 { line.trim_start_matches('\u{feff}') } else { &line };
                    self.line(number, line, &mut open, sink)
                }
            }
        })?;
        if let Some(open) = open {
            self.close(open, sink)?;
        }
        sink.take(Record::Thread(Box::new(self.record(true))))?;
        std::mem::replace(&mut self.odds, Odds::of(&entry.path)).end(sink)?;
        Ok(())
    }

    fn line(
        &mut self,
        number: u64,
        line: &str,
        open: &mut Option<Open>,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        if let Some(Begin { at, sender, text }) = begin(line) {
            let (sender, text) = (sender.to_owned(), text.to_owned());
            let new = Open { number, at, sender, text, cut: false };
            return match open.replace(new) {
                Some(whole) => self.close(whole, sink),
                None => Ok(()),
            };
        }
        match open {
            Some(open) if open.text.len() + line.len() < LONGEST => {
                open.text.push('\n');
                open.text.push_str(line);
            }
            Some(open) => open.cut = true,
            None if line.trim().is_empty() => {}
            None => self.odds.say(format!("line {number}"), "it belongs to no message", sink)?,
        }
        Ok(())
    }

    /// A message in Markdown is whole.
    fn close(&mut self, open: Open, sink: &mut dyn Sink) -> Result<(), Stop> {
        if open.cut {
            self.odds.say(
                format!("line {}", open.number),
                "too long; the end is left out",
                sink,
            )?;
        }
        let moment = Moment::wall(self.zone.instant(open.at), open.at);
        let mut message = self.message(&open.sender, moment);
        let (quote, body) = quoted(&open.text);
        if body.trim() == "(This message was deleted)" {
            message.deletion = Deletion::Unsent;
        } else {
            let mut lines: Vec<String> = Vec::new();
            for line in body.lines() {
                // Newer versions write files behind the reactions, on one line.
                let (line, behind) = match line.split_once(" -)![") {
                    Some((all, behind)) if all.starts_with("(- ") => {
                        (format!("{all} -)"), Some(format!("![{behind}")))
                    }
                    _ => (line.to_owned(), None),
                };
                let line = line.as_str();
                if let Some(behind) = behind {
                    let rest = self.links(&behind, &mut message.attachments);
                    lines.extend(Some(rest).filter(|rest| !rest.is_empty()));
                }
                let inner = |a: &str, b: &str| line.trim().strip_prefix(a)?.strip_suffix(b);
                if let Some(all) = inner("(- ", " -)") {
                    message.reactions.extend(all.split(", ").filter_map(reaction));
                } else if let Some(emoji) = inner("(( ", " ))") {
                    message.attachments.push(sticker(emoji));
                } else {
                    lines.push(self.links(line, &mut message.attachments));
                }
            }
            message.text = lines.join("\n").trim_end().to_owned();
        }
        message.reply_to = quote.map(|quote| ReplyTo { native_id: None, quote: Some(quote) });
        self.tell(message, sink)
    }

    /// A line without the links to files that it ends with.
    fn links(&self, line: &str, out: &mut Vec<Attachment>) -> String {
        let mut kept = String::new();
        let mut rest = line;
        while let Some((before, after)) = rest.split_once("](.") {
            let (Some((told, name)), Some((path, behind))) =
                (before.rsplit_once('['), after.split_once(')'))
            else {
                break;
            };
            // Stickers lie beside the chats.
            let (path, ours) = match path.strip_prefix('/') {
                Some(path) => (path.to_owned(), true),
                None => (format!(".{path}"), path.starts_with("./exported_stickers/")),
            };
            if ours {
                kept.push_str(told.strip_suffix('!').unwrap_or(told));
                out.push(self.file(name, &path));
            } else {
                kept.push_str(&rest[..rest.len() - behind.len()]);
            }
            rest = behind;
        }
        kept.push_str(rest);
        kept.trim_end().to_owned()
    }

    fn file(&self, name: &str, path: &str) -> Attachment {
        let path = path.trim_start_matches("./");
        let place = match (path.strip_prefix("../"), self.here) {
            (Some(beside), _) => self.tree.media(beside),
            (None, "") => self.tree.media(path),
            (None, here) => self.tree.media(&format!("{here}/{path}")),
        };
        if path.starts_with("../exported_stickers/") {
            return Attachment { kind: AttachmentKind::Sticker, name: None, place };
        }
        let name = Some(name.to_owned()).filter(|n| !n.is_empty());
        Attachment { kind: kind_of(path), name, place }
    }

    fn json(&mut self, number: u64, line: &[u8], sink: &mut dyn Sink) -> Result<(), Stop> {
        let at = || format!("line {number}");
        if line.trim_ascii().is_empty() {
            return Ok(());
        }
        let Some(value) = parse(line).filter(Value::is_object) else {
            return self.odds.say(at(), "this is no valid JSON", sink);
        };
        let Some(moment) = moment(&value, self.zone) else {
            return self.odds.say(at(), "it has no time that can be read", sink);
        };
        let mut message = self.message(text(&value, "sender").unwrap_or(NOBODY), moment);
        text(&value, "body").unwrap_or_default().trim_end().clone_into(&mut message.text);
        if flag(&value, "deleted") {
            message.deletion = Deletion::Unsent;
        }
        if flag(&value, "call") {
            let video = message.text.to_lowercase().contains("video");
            let missed = flag(&value, "missed");
            message.kind = MessageKind::Call(Call { video: Some(video), seconds: None, missed });
        }
        let quote = words(&value, "quote").and_then(|quote| quoted(&quote).0);
        message.reply_to = quote.map(|quote| ReplyTo { native_id: None, quote: Some(quote) });
        for file in list(&value, "attachments") {
            let path = text(file, "path").unwrap_or_default();
            message.attachments.push(self.file(text(file, "name").unwrap_or_default(), path));
        }
        match member(&value, "sticker") {
            Some(Value::String(emoji)) if !emoji.is_empty() => {
                message.attachments.push(sticker(emoji));
            }
            Some(other @ Value::Object(_)) => {
                let mut one = sticker(text(other, "emoji").unwrap_or_default());
                // Its file, where the tool wrote it.
                if let (Some(pack), Some(ending)) =
                    (text(other, "packId"), text(other, "extension"))
                    && let Some(id) = member(other, "id").filter(|id| !id.is_null())
                {
                    let id = id.to_string();
                    let id = id.trim_matches('"');
                    let ending = ending.trim_start_matches('.');
                    let path = format!("exported_stickers/{pack}/{id}.{ending}");
                    if self.tree.find(&path).is_some() {
                        one.place = self.tree.media(&path);
                    }
                }
                message.attachments.push(one);
            }
            _ => {}
        }
        message.reactions = list(&value, "reactions").iter().filter_map(reacted).collect();
        self.tell(message, sink)
    }

    fn message(&self, sender: &str, moment: Moment) -> MessageRecord {
        let sender = Some(sender).filter(|s| *s != NOBODY && !s.is_empty()).map(Arc::from);
        MessageRecord::text(Arc::clone(&self.key), sender, moment, "")
    }

    fn tell(&mut self, mut message: MessageRecord, sink: &mut dyn Sink) -> Result<(), Stop> {
        let at = message.sent.at.0;
        self.last = if self.last.0 == at { (at, self.last.1 + 1) } else { (at, 0) };
        message.order = self.last.1;
        let named = message.sender.iter().chain(message.reactions.iter().map(|r| &r.by));
        for key in named.cloned().collect::<Vec<_>>() {
            if !self.told.insert(Arc::clone(&key)) {
                continue;
            }
            let is_me = self.is_me(&key);
            sink.take(Record::Participant(ParticipantRecord {
                is_me,
                ..ParticipantRecord::new(
                    &self.key,
                    Arc::clone(&key),
                    if is_me { self.me.to_owned() } else { key.to_string() },
                )
            }))?;
        }
        sink.take(Record::Message(Box::new(message)))
    }
}

/// What is quoted at the beginning, and the rest.
fn quoted(text: &str) -> (Option<String>, String) {
    let mut lines = text.trim_start_matches('\n').lines().peekable();
    let mut quote: Vec<&str> = Vec::new();
    while let Some(line) = lines.next_if(|l| l.starts_with('>')) {
        quote.push(line.trim_start_matches('>').trim());
    }
    if quote.is_empty() {
        return (None, text.to_owned());
    }
    let rest = lines.collect::<Vec<_>>().join("\n");
    (Some(quote.join("\n")), rest.trim_start_matches('\n').to_owned())
}

/// A reaction: `name: 👍`.
fn reaction(told: &str) -> Option<Reaction> {
    let (by, emoji) = told.rsplit_once(": ")?;
    Some(Reaction { emoji: emoji.trim().to_owned(), by: by.trim().into(), at: None })
}

/// A reaction: `["name", "👍"]`, or with its parts by name.
fn reacted(told: &Value) -> Option<Reaction> {
    let (by, emoji) = match told {
        Value::Array(parts) => (parts.first()?.as_str()?, parts.get(1)?.as_str()?),
        other => (text(other, "name")?, text(other, "emoji")?),
    };
    let said = !by.is_empty() && !emoji.is_empty();
    said.then(|| Reaction { emoji: emoji.to_owned(), by: by.into(), at: None })
}

fn sticker(emoji: &str) -> Attachment {
    let name = Some(emoji.trim().to_owned()).filter(|e| !e.is_empty());
    Attachment { kind: AttachmentKind::Sticker, name, place: MediaPlace::Omitted }
}

fn moment(value: &Value, zone: Zone) -> Option<Moment> {
    let told = text(value, "date")?;
    if let Ok(exact) = DateTime::parse_from_rfc3339(told) {
        return Some(Moment::exact(Timestamp(exact.timestamp_millis())));
    }
    let reading = NaiveDateTime::parse_from_str(told, "%Y-%m-%dT%H:%M:%S%.f").ok()?;
    Some(Moment::wall(zone.instant(reading), reading))
}

/// What a file is by the ending of its name, as the tool tells them apart.
fn kind_of(path: &str) -> AttachmentKind {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    match ending.as_str() {
        "gif" => AttachmentKind::Gif,
        "png" | "jpg" | "jpeg" | "tif" | "tiff" | "webp" | "apng" | "svg" => AttachmentKind::Photo,
        "m4a" | "aac" | "mp3" | "ogg" | "opus" | "wav" | "flac" => AttachmentKind::Audio,
        "mp4" | "mov" | "mkv" | "mpeg" | "webm" | "qt" => AttachmentKind::Video,
        _ => AttachmentKind::File,
    }
}
