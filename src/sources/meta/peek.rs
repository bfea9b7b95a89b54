//! A first look into a JSON file: is it a thread, of which kind, and who is in it.

use std::collections::BTreeSet;

use serde::de::{DeserializeSeed, Error, MapAccess};

use super::message::text;
use super::mojibake::repair;
use crate::sources::json::lenient::{Objects, Scalar, Shape, Token};
use crate::sources::json::mend::{Gauge, Mending, mend};
use crate::sources::{Entry, FileTree};

/// Messages looked at.
const FEW: u32 = 100;
const PEOPLE: usize = 5000;
/// Smaller times are seconds: as milliseconds they would be of 1973 or before.
const SECONDS: i64 = 100_000_000_000;

/// What the first look saw.
#[derive(Debug, Default)]
pub struct Peek {
    /// Listed participants.
    pub participants: BTreeSet<String>,
    /// They are listed as plain strings.
    pub plain: bool,
    /// `threadName`
    pub thread_name: Option<String>,
    /// `title`
    pub title: Option<String>,
    /// `thread_path`
    pub thread_path: Option<String>,
    /// Who wrote the first messages.
    pub senders: BTreeSet<String>,
    /// Messages seen, in the shape of a Facebook or Instagram download.
    pub plain_messages: u32,
    /// Messages seen, in the shape of an encrypted download.
    pub encrypted_messages: u32,
    /// A message tells its type, or the thread something else that Instagram's bare form lacks.
    pub typed: bool,
    /// Times fall.
    pub falling: Option<bool>,
    /// When the newest of the messages seen was sent, in milliseconds.
    pub newest: Option<i64>,
    /// Conversations in the shape of Instagram's first downloads.
    pub early: bool,
    /// There is a list of messages, and it is empty.
    pub empty: bool,
    /// All of the file was seen and is no valid JSON.
    pub broken: bool,
    last: Option<i64>,
    sender: Option<bool>,
    time: Option<i64>,
}

impl Peek {
    /// Looks at the head of a file; at all of it where the head does not tell who is in it.
    pub fn read(tree: &FileTree, entry: &Entry, head: usize) -> Self {
        let peek = Self::head(tree, entry, head);
        if peek.participants.is_empty() { peek.beyond(tree, entry, head) } else { peek }
    }

    /// Looks at all of a file; the title stands behind the messages.
    pub fn whole(tree: &FileTree, entry: &Entry, head: usize) -> Self {
        Self::head(tree, entry, head).beyond(tree, entry, head)
    }

    fn beyond(self, tree: &FileTree, entry: &Entry, head: usize) -> Self {
        let peek = self;
        if entry.size <= head as u64 || !peek.is_thread() {
            return peek;
        }
        let mut peek = Self::default();
        if let Ok(stream) = tree.open_entry(entry) {
            let stream = Mending::new(stream, Gauge::default());
            let stream = std::io::BufReader::with_capacity(128 << 10, stream);
            let mut json = serde_json::Deserializer::from_reader(stream);
            peek.broken = Objects(&mut peek).deserialize(&mut json).is_err();
        }
        peek
    }

    /// Looks at the head alone.
    pub fn head(tree: &FileTree, entry: &Entry, head: usize) -> Self {
        let mut peek = Self::default();
        if let Ok(bytes) = tree.head(entry, head) {
            let (text, _) = mend(&bytes);
            let mut json = serde_json::Deserializer::from_str(&text);
            let failed = Objects(&mut peek).deserialize(&mut json).is_err();
            peek.broken = failed && entry.size <= head as u64 && !text.trim().is_empty();
        }
        peek
    }

    /// An encrypted download's thread.
    pub fn is_encrypted(&self) -> bool {
        let shape = self.plain && self.thread_name.is_some();
        shape && self.plain_messages == 0 && (self.encrypted_messages > 0 || self.empty)
    }

    /// A thread of a Facebook or Instagram download.
    pub fn is_plain(&self) -> bool {
        self.plain_messages > 0
    }

    /// The head of a thread, even if not one whole message fits into it.
    pub fn hints_at_thread(&self) -> bool {
        self.is_thread() || self.sender.is_some() || !self.participants.is_empty()
    }

    fn is_thread(&self) -> bool {
        self.plain_messages > 0 || self.encrypted_messages > 0 || self.thread_name.is_some()
    }

    /// Everyone seen.
    pub fn everyone(&self) -> BTreeSet<&str> {
        self.participants.iter().chain(&self.senders).map(String::as_str).collect()
    }

    fn add(&mut self, name: &str) {
        if self.participants.len() < PEOPLE {
            self.participants.insert(repair(name).into_owned());
        }
    }
}

/// Fields of a thread that the first look reads.
pub enum Root {
    /// `participants`
    Participants,
    /// `messages`
    Messages,
    /// `threadName`
    ThreadName,
    /// `title`
    Title,
    /// `thread_path`
    Path,
    /// `conversation`
    Conversation,
    /// What only a full thread has.
    Typed,
    /// Anything else.
    Unknown,
}

impl Shape for Peek {
    type Key = Root;

    fn key(name: &str) -> Root {
        match name {
            "participants" => Root::Participants,
            "messages" => Root::Messages,
            "threadName" => Root::ThreadName,
            "title" => Root::Title,
            "thread_path" => Root::Path,
            "conversation" => Root::Conversation,
            "thread_type" | "is_still_participant" | "magic_words" => Root::Typed,
            _ => Root::Unknown,
        }
    }

    fn value<'de, A: MapAccess<'de>>(&mut self, key: Root, map: &mut A) -> Result<(), A::Error> {
        match key {
            Root::Participants => map.next_value_seed(Objects(&mut People(self)))?,
            Root::Messages => {
                let mut messages = Messages { peek: self, seen: 0 };
                map.next_value_seed(Objects(&mut messages))?;
                self.empty = self.plain_messages == 0 && self.encrypted_messages == 0;
            }
            Root::ThreadName => self.thread_name = text(map)?,
            Root::Title => self.title = text(map)?,
            Root::Path => self.thread_path = text(map)?,
            Root::Conversation => {
                let mut found = Early(&mut self.early);
                map.next_value_seed(Objects(&mut found))?;
            }
            Root::Typed => {
                self.typed = true;
                map.next_value_seed(Scalar(|_: Token<'_>| ()))?;
            }
            Root::Unknown => map.next_value_seed(Scalar(|_: Token<'_>| ()))?,
        }
        Ok(())
    }
}

struct Early<'a>(&'a mut bool);

impl Shape for Early<'_> {
    type Key = bool;

    fn key(name: &str) -> bool {
        name == "created_at"
    }

    fn value<'de, A: MapAccess<'de>>(&mut self, it: bool, map: &mut A) -> Result<(), A::Error> {
        *self.0 |= it;
        map.next_value_seed(Scalar(|_: Token<'_>| ()))
    }

    fn full(&self) -> bool {
        *self.0
    }
}

struct People<'a>(&'a mut Peek);

impl Shape for People<'_> {
    type Key = bool;

    fn key(name: &str) -> bool {
        name == "name"
    }

    fn value<'de, A: MapAccess<'de>>(&mut self, it: bool, map: &mut A) -> Result<(), A::Error> {
        map.next_value_seed(Scalar(|t: Token<'_>| {
            if let (true, Token::Str(name)) = (it, t) {
                self.0.add(name);
            }
        }))
    }

    fn scalar<E: Error>(&mut self, token: Token<'_>) -> Result<(), E> {
        if let Token::Str(name) = token {
            self.0.plain = true;
            self.0.add(name);
        }
        Ok(())
    }
}

struct Messages<'a> {
    peek: &'a mut Peek,
    seen: u32,
}

enum MessageField {
    Sender { encrypted: bool },
    Time,
    Type,
    Unknown,
}

impl Shape for Messages<'_> {
    type Key = MessageField;

    fn key(name: &str) -> MessageField {
        match name {
            "sender_name" => MessageField::Sender { encrypted: false },
            "senderName" => MessageField::Sender { encrypted: true },
            "timestamp_ms" | "timestamp" => MessageField::Time,
            "type" => MessageField::Type,
            _ => MessageField::Unknown,
        }
    }

    fn begin(&mut self) {
        self.seen += 1;
        self.peek.sender = None;
        self.peek.time = None;
    }

    fn value<'de, A: MapAccess<'de>>(
        &mut self,
        key: MessageField,
        map: &mut A,
    ) -> Result<(), A::Error> {
        match key {
            MessageField::Sender { encrypted } => {
                self.peek.sender = Some(encrypted);
                if let Some(name) = text(map)? {
                    self.peek.senders.insert(name);
                }
            }
            MessageField::Time => {
                self.peek.time = map.next_value_seed(Scalar(|t: Token<'_>| t.int()))?;
            }
            MessageField::Type => {
                self.peek.typed = true;
                map.next_value_seed(Scalar(|_: Token<'_>| ()))?;
            }
            MessageField::Unknown => map.next_value_seed(Scalar(|_: Token<'_>| ()))?,
        }
        Ok(())
    }

    fn end<E: Error>(&mut self) -> Result<(), E> {
        let peek = &mut *self.peek;
        let (Some(encrypted), Some(time)) = (peek.sender, peek.time) else { return Ok(()) };
        if encrypted {
            peek.encrypted_messages += 1;
        } else {
            peek.plain_messages += 1;
        }
        if let Some(last) = peek.last.filter(|last| *last != time) {
            peek.falling.get_or_insert(time < last);
        }
        peek.last = Some(time);
        // Spring 2018 told seconds.
        let millis = if time < SECONDS { time.saturating_mul(1000) } else { time };
        peek.newest = peek.newest.max(Some(millis));
        Ok(())
    }

    fn full(&self) -> bool {
        self.seen >= FEW
    }
}
