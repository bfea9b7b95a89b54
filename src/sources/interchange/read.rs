//! Reads the interchange format line by line, each line bounded.

use std::collections::{HashMap, HashSet};
use std::io::BufReader;
use std::sync::Arc;

use serde::Deserialize;

use crate::model::{
    AccountRecord, MediaPlace, MessageRecord, Oddity, ParticipantRecord, Record, SourceId,
    ThreadRecord, Wrapped,
};
use crate::sources::json::{Got, next_line};
use crate::sources::{Entry, FileTree, Found, ReadError, ReadOptions, Sink, Stop, TreeError};

use super::VERSION;
use super::wire::Line;

/// The first line is short; what is longer is another format.
const HEAD: usize = 4096;
const TOLD_EVERY: u64 = 64 << 10;

#[derive(Deserialize)]
struct Header {
    onebox: serde_json::Number,
}

/// The version that a file's first line names.
fn version(head: &[u8]) -> Option<u64> {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let line = head.split(|b| *b == b'\n').map(<[u8]>::trim_ascii).find(|l| !l.is_empty())?;
    let header: Header = serde_json::from_slice(line).ok()?;
    let number = &header.onebox;
    // A minor version after a dot is this version still.
    number.as_u64().or_else(|| number.to_string().split('.').next()?.parse().ok())
}

fn files(tree: &FileTree) -> impl Iterator<Item = (&Entry, u64)> {
    let alone = tree.entries().len() == 1;
    tree.entries().iter().filter_map(move |entry| {
        let named = entry.path.ends_with(".jsonl") || entry.path.ends_with(".ndjson");
        if !named && !alone {
            return None;
        }
        Some((entry, version(&tree.head(entry, HEAD).ok()?)?))
    })
}

/// One export for each folder that holds such files.
pub(super) fn recognise(tree: &FileTree) -> Vec<Found> {
    Found::in_folders(files(tree).map(|(entry, _)| (entry, "onebox file (JSON lines)")))
}

pub(super) fn read(
    tree: &FileTree,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    for (entry, version) in files(tree).filter(|(e, _)| !e.path.contains('/')) {
        if version > VERSION {
            let why = format!(
                "written by a newer onebox (format {version}, this one reads up to {VERSION}): \
                 update onebox, then import it again"
            );
            return Err(ReadError::Format { file: entry.path.clone(), why });
        }
        let mut file = File { tree, entry, options, sink, seen: None, untold: 0 };
        file.read()?;
    }
    Ok(())
}

/// What has been told of each thread of the current account.
type Seen = HashMap<Arc<str>, HashSet<Arc<str>>>;

struct File<'a> {
    tree: &'a FileTree,
    entry: &'a Entry,
    options: &'a ReadOptions,
    sink: &'a mut dyn Sink,
    /// `None` until an account has been told.
    seen: Option<Seen>,
    untold: u64,
}

impl File<'_> {
    fn read(&mut self) -> Result<(), ReadError> {
        let (tree, entry) = (self.tree, self.entry);
        let mut reader = BufReader::with_capacity(64 << 10, tree.open_entry(entry)?);
        let mut line = Vec::new();
        let mut number = 0u64;
        loop {
            let (got, bytes) = match next_line(&mut reader, &mut line) {
                Ok(next) => next,
                Err(why) if number == 0 => {
                    return Err(TreeError::Io { path: entry.path.clone(), why }.into());
                }
                Err(why) => {
                    self.odd(number, &format!("the rest cannot be read: {why}"))?;
                    break;
                }
            };
            number += 1;
            match got {
                Got::End => break,
                Got::TooLong => self.odd(number, "longer than any record; left out")?,
                Got::Line if number > 1 || version(&line).is_none() => {
                    self.line(number, &line)?;
                }
                Got::Line => {}
            }
            self.untold += bytes;
            if self.untold >= TOLD_EVERY {
                self.sink.advance(std::mem::take(&mut self.untold))?;
            }
        }
        self.sink.advance(std::mem::take(&mut self.untold))?;
        Ok(())
    }

    fn odd(&mut self, line: u64, why: &str) -> Result<(), Stop> {
        self.sink.odd(Oddity::at(self.entry.path.as_str(), format!("line {line}"), why))
    }

    fn line(&mut self, number: u64, line: &[u8]) -> Result<(), Stop> {
        let line = line.trim_ascii();
        if line.is_empty() || version(line).is_some() {
            return Ok(());
        }
        let text = String::from_utf8_lossy(line);
        let record = match serde_json::from_str::<Line>(&text) {
            Ok(wire) => wire.into_record().map_err(str::to_owned),
            Err(why) => Err(blame(&why)),
        };
        match record {
            Ok(record) => self.take(record),
            Err(why) => self.odd(number, &why),
        }
    }

    fn take(&mut self, record: Record) -> Result<(), Stop> {
        match record {
            Record::Account(mut account) => {
                if let Some(name) = &self.options.account {
                    account.name.clone_from(name);
                }
                if let Some(me) = &self.options.me {
                    account.me_names.push(me.clone());
                    account.known_by = "--me".into();
                }
                self.seen = Some(Seen::new());
                self.sink.take(Record::Account(account))
            }
            Record::Thread(mut thread) => {
                // What a file tells is an archive, whatever it was told by.
                thread.live = None;
                self.seen()?.entry(Arc::clone(&thread.key)).or_default();
                self.sink.take(Record::Thread(thread))
            }
            Record::Participant(who) => {
                self.in_thread(&who.thread)?.insert(Arc::clone(&who.key));
                self.sink.take(Record::Participant(who))
            }
            Record::Message(message) => self.message(message),
            // Whatever is told of a thread tells the thread, if nothing has yet.
            Record::Telling { ref thread } => self.of_thread(&thread.clone(), record),
            Record::Revision(ref r) => self.of_thread(&r.thread.clone(), record),
            Record::Reaction(ref r) => self.of_thread(&r.thread.clone(), record),
            Record::Receipt(ref r) => self.of_thread(&r.thread.clone(), record),
        }
    }

    fn message(&mut self, mut message: Box<MessageRecord>) -> Result<(), Stop> {
        let here = self.in_thread(&message.thread)?;
        if let Some(sender) = message.sender.clone()
            && here.insert(Arc::clone(&sender))
        {
            self.sink.take(Record::Participant(ParticipantRecord {
                thread: Arc::clone(&message.thread),
                name: sender.to_string(),
                key: sender,
                source: None,
                is_me: false,
                placeholder: false,
                left: false,
            }))?;
        }
        for attachment in &mut message.attachments {
            if matches!(attachment.place, MediaPlace::Live { .. }) {
                attachment.place = MediaPlace::Omitted;
            }
            if let MediaPlace::Export { path, container } = &mut attachment.place {
                let (bare, wrapped) = Wrapped::split(path);
                let mut place = match container {
                    None => self.tree.media(bare),
                    Some(_) => MediaPlace::Export {
                        path: FileTree::inside(bare),
                        container: container.take(),
                    },
                };
                if let (MediaPlace::Export { path, .. }, Some(wrapped)) = (&mut place, wrapped) {
                    *path = wrapped.onto(path);
                }
                attachment.place = place;
            }
        }
        self.sink.take(Record::Message(message))
    }

    fn seen(&mut self) -> Result<&mut Seen, Stop> {
        if self.seen.is_none() {
            let remark = format!("{} names no account; it got one of its own", self.entry.path);
            self.sink.remark(remark)?;
            self.take(Record::Account(AccountRecord {
                source: SourceId::known("onebox"),
                key: String::new(),
                name: String::new(),
                me_names: Vec::new(),
                known_by: "no account line in the file".into(),
            }))?;
        }
        Ok(self.seen.get_or_insert_default())
    }

    fn of_thread(&mut self, key: &Arc<str>, record: Record) -> Result<(), Stop> {
        self.in_thread(key)?;
        self.sink.take(record)
    }

    fn in_thread(&mut self, key: &Arc<str>) -> Result<&mut HashSet<Arc<str>>, Stop> {
        if !self.seen()?.contains_key(key) {
            self.sink.take(Record::Thread(Box::new(ThreadRecord::new(
                Arc::clone(key),
                "onebox file",
            ))))?;
        }
        Ok(self.seen()?.entry(Arc::clone(key)).or_default())
    }
}

/// What is wrong with a line, without a word of what stands in it.
fn blame(why: &serde_json::Error) -> String {
    use serde_json::error::Category;
    let at = why.column();
    match why.classify() {
        Category::Syntax => format!("no JSON from column {at} on"),
        Category::Eof => "the line is cut short".to_owned(),
        Category::Io | Category::Data => {
            let text = why.to_string();
            match text.split_once('`').and_then(|(_, rest)| rest.split_once('`')) {
                Some((field, _)) if text.starts_with("missing field") => {
                    format!("the field {field} is missing")
                }
                _ => "an unknown record, or a field of the wrong kind".to_owned(),
            }
        }
    }
}
