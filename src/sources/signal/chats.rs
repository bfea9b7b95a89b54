//! Chats as their messages stream by: told to the sink with their people.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use super::item::{self, Composed, Place};
use super::recipient::{Book, Chat, ME};
use crate::model::{
    MessageKind, MessageRecord, Moment, ParticipantRecord, ReceiptRecord, Record, SendState,
    Timestamp,
};
use crate::sources::json::{int, list, member};
use crate::sources::{FileTree, Sink, Stop};

/// People told of all chats together.
const PEOPLE: usize = 2_000_000;

/// What has been told of a chat.
#[derive(Default)]
struct Told {
    people: HashSet<Arc<str>>,
    unread: u32,
    /// The instant of the last message, and how many there were of it before.
    last: (i64, i64),
    /// The newest message of mine that somebody has read.
    read: HashMap<Arc<str>, (i64, String, Option<Timestamp>)>,
}

/// Takes the messages of a file.
pub struct Chats<'a> {
    book: &'a Book,
    place: Place<'a>,
    told: HashMap<i64, Told>,
    people: usize,
}

impl<'a> Chats<'a> {
    /// Begins with a file that lies in a folder of the export.
    pub fn new(tree: &'a FileTree, folder: &'a str, book: &'a Book) -> Self {
        let place = Place { tree, folder, book };
        Self { book, place, told: HashMap::new(), people: 0 }
    }

    /// Takes a frame; in words what is wrong with it where it is no message and should be one.
    pub fn take(
        &mut self,
        frame: &Value,
        sink: &mut dyn Sink,
    ) -> Result<Result<(), &'static str>, Stop> {
        let Some(item) = member(frame, "chatItem") else { return Ok(Ok(())) };
        let number = int(item, "chatId").unwrap_or(0);
        let Some(chat) = self.book.chat(number) else {
            return Ok(Err("it belongs to no chat"));
        };
        let composed = match item::compose(item, chat, &self.place) {
            Ok(Some(composed)) => composed,
            Ok(None) => return Ok(Ok(())),
            Err(why) => return Ok(Err(why)),
        };
        self.open(number, chat, sink)?;
        let Composed { mut message, people } = composed;
        for (key, name) in people {
            self.person(number, chat, key, name, sink)?;
        }
        let told = self.told.entry(number).or_default();
        let at = message.sent.at.0;
        told.last = if told.last.0 == at { (at, told.last.1 + 1) } else { (at, 0) };
        message.order = told.last.1;
        let unread =
            member(item, "incoming").is_some_and(|i| member(i, "read").is_none_or(|r| r != true));
        told.unread = told.unread.saturating_add(u32::from(unread));
        if let (Some(id), Some(sent)) = (&message.native_id, member(item, "outgoing")) {
            receipts(sent, self.book, at, id, &mut told.read);
        }
        if member(item, "outgoing").is_some_and(reached_nobody) {
            message.send_state = Some(SendState::Failed);
        }
        sink.take(Record::Message(message))?;
        Ok(Ok(()))
    }

    /// Tells what was typed in a chat and not sent.
    pub fn draft(
        &mut self,
        number: i64,
        text: &str,
        at: i64,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        let Some(chat) = self.book.chat(number) else { return Ok(()) };
        self.open(number, chat, sink)?;
        let sent = Moment::exact(Timestamp(at));
        let text = format!("Draft, not sent: {text}");
        let mut message = MessageRecord::text(Arc::clone(&chat.key), None, sent, text);
        message.native_id = Some(format!("draft|{at}"));
        message.kind = MessageKind::System;
        sink.take(Record::Message(Box::new(message)))
    }

    fn open(&mut self, number: i64, chat: &Chat, sink: &mut dyn Sink) -> Result<(), Stop> {
        if self.told.contains_key(&number) {
            return Ok(());
        }
        self.told.insert(number, Told::default());
        sink.take(Record::Thread(Box::new(self.book.thread(chat))))?;
        for (key, name) in self.book.people(chat) {
            self.person(number, chat, key, name, sink)?;
        }
        Ok(())
    }

    fn person(
        &mut self,
        number: i64,
        chat: &Chat,
        key: Arc<str>,
        name: String,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        let told = self.told.entry(number).or_default();
        if self.people >= PEOPLE || !told.people.insert(Arc::clone(&key)) {
            return Ok(());
        }
        self.people += 1;
        sink.take(Record::Participant(ParticipantRecord {
            is_me: &*key == ME,
            left: self.book.has_left(chat, &key),
            ..ParticipantRecord::new(
                &chat.key,
                Arc::clone(&key),
                if name.is_empty() { key.to_string() } else { name },
            )
        }))
    }

    /// Ends: what is unread, and who has read what.
    pub fn finish(self, sink: &mut dyn Sink) -> Result<(), Stop> {
        let mut all: Vec<(i64, Told)> = self.told.into_iter().collect();
        all.sort_by_key(|(number, _)| *number);
        for (number, told) in all {
            let Some(chat) = self.book.chat(number) else { continue };
            let mut record = self.book.thread(chat);
            // Marked unread counts as one.
            record.unread = Some(told.unread.max(record.unread.unwrap_or(0)));
            sink.take(Record::Thread(Box::new(record)))?;
            let mut read: Vec<_> = told.read.into_iter().collect();
            read.sort();
            for (by, (_, message, at)) in read {
                let thread = Arc::clone(&chat.key);
                sink.take(Record::Receipt(ReceiptRecord { thread, by, message, at }))?;
            }
        }
        Ok(())
    }
}

/// A message of mine that failed for everybody it went to.
fn reached_nobody(sent: &Value) -> bool {
    let all = list(sent, "sendStatus");
    !all.is_empty() && all.iter().all(|status| member(status, "failed").is_some())
}

/// Who has read a message of mine.
fn receipts(
    sent: &Value,
    book: &Book,
    at: i64,
    id: &str,
    read: &mut HashMap<Arc<str>, (i64, String, Option<Timestamp>)>,
) {
    for status in list(sent, "sendStatus") {
        if member(status, "read").is_none() && member(status, "viewed").is_none() {
            continue;
        }
        let Some(by) = book.by_number(int(status, "recipientId").unwrap_or(0)) else { continue };
        let when = int(status, "timestamp").filter(|t| *t > 0).map(Timestamp);
        let newest = read.entry(Arc::clone(&by.key)).or_insert((i64::MIN, String::new(), None));
        if at >= newest.0 {
            *newest = (at, id.to_owned(), when);
        }
    }
}
