//! Chats as they stream by: told to the sink with their people and messages.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use super::message::{self, Place, compose, is_unsupported, peer, sender, when};
use super::survey::{Me, contact};
use crate::model::{
    MediaPlace, Membership, Moment, ParticipantRecord, PostingLimit, Record, ThreadKind,
    ThreadRecord, Timestamp,
};
use crate::sources::json::{ITEM, Listener, Want, number};
use crate::sources::odds::Odds;
use crate::sources::{FileTree, ReadOptions, Sink, Stop};

/// The names that matter on the way to a message.
pub const NAMES: &[&str] = &[
    "personal_information",
    "contacts",
    "chats",
    "left_chats",
    "list",
    "messages",
    "name",
    "type",
    "id",
];
/// Numbers of the address book that are kept.
const CONTACTS: usize = 200_000;
/// People told per chat; what lies beyond are readers of a channel.
const PEOPLE: usize = 200_000;
/// Messages without a time that wait for the first one with a time.
const WAITING: usize = 100;
/// What an account that is gone is called.
pub const DELETED: &str = "Deleted account";

/// What is wanted on the way to the messages.
pub fn want(path: &[&'static str]) -> Want {
    match path {
        []
        | ["contacts" | "chats" | "left_chats" | "messages"]
        | ["contacts" | "chats" | "left_chats", "list"]
        | ["chats" | "left_chats", "list", ITEM]
        | ["chats" | "left_chats", "list", ITEM, "messages"] => Want::Inside,
        ["personal_information"]
        | ["contacts", "list", ITEM]
        | ["messages", ITEM]
        | ["name" | "type" | "id"]
        | ["chats" | "left_chats", "list", ITEM, "name" | "type" | "id"]
        | ["chats" | "left_chats", "list", ITEM, "messages", ITEM] => Want::Whole,
        _ => Want::Skip,
    }
}

/// The chat that is being read.
#[derive(Default)]
struct Chat {
    name: Option<String>,
    kind: Option<String>,
    id: Option<i64>,
    key: Option<Arc<str>>,
    people: HashSet<Arc<str>>,
    /// I have posted here.
    mine: bool,
    /// Of an early export, whose ids are bare numbers.
    early: bool,
    messages: u64,
    /// When the message before was sent.
    last: Option<Moment>,
    /// Messages at the beginning that have no time, and what was left out of them.
    waiting: Vec<(Value, bool)>,
}

/// Whether Telegram itself writes there.
fn is_service(kind: &str) -> bool {
    matches!(kind, "replies" | "verification_codes" | "verify_codes")
}

/// Takes the chats of a file.
pub struct Chats<'a> {
    tree: &'a FileTree,
    options: &'a ReadOptions,
    me: &'a Me,
    odds: Odds,
    phones: HashMap<String, String>,
    chat: Chat,
    unnamed_reactions: u64,
    file: &'a str,
}

impl<'a> Chats<'a> {
    /// Begins with a file.
    pub fn new(tree: &'a FileTree, options: &'a ReadOptions, me: &'a Me, file: &'a str) -> Self {
        Self {
            tree,
            options,
            me,
            odds: Odds::of(file),
            phones: HashMap::new(),
            chat: Chat::default(),
            unnamed_reactions: 0,
            file,
        }
    }

    /// Ends: a single chat, or one that the file broke off in, and what was only counted.
    pub fn finish(mut self, sink: &mut dyn Sink) -> Result<(), Stop> {
        self.close(false, sink)?;
        if self.unnamed_reactions > 0 {
            let n = self.unnamed_reactions;
            sink.remark(format!(
                "{}: {n} reactions are only counted by Telegram, without names; they are left out",
                self.file
            ))?;
        }
        self.odds.end(sink)
    }

    fn record(&self, left: bool) -> ThreadRecord {
        let chat = &self.chat;
        let key = chat.key.clone().unwrap_or_else(|| self.key());
        let mut record = ThreadRecord::new(key, "Telegram export");
        let kind = chat.kind.as_deref().unwrap_or_default();
        record.title = match kind {
            "saved_messages" => Some("Saved Messages".to_owned()),
            "replies" => Some("Replies".to_owned()),
            kind if is_service(kind) => Some("Verification Codes".to_owned()),
            _ => chat.name.clone().filter(|n| !n.is_empty()),
        };
        record.kind = match kind {
            "" => None,
            k if k.ends_with("channel") || is_service(k) => Some(ThreadKind::Channel),
            k if k.ends_with("group") => Some(ThreadKind::Group),
            _ => Some(ThreadKind::Direct),
        };
        if left {
            record.membership = Membership::Gone;
        }
        if record.kind == Some(ThreadKind::Channel) && !chat.mine {
            record.posting = PostingLimit::AdminsOnly;
        }
        if kind == "personal_chat" {
            record.address = self.phones.get(&*record.key).cloned();
        }
        record
    }

    fn key(&self) -> Arc<str> {
        let chat = &self.chat;
        let kind = chat.kind.as_deref().unwrap_or_default();
        let id = chat.id.map(|id| if chat.early { id & message::ID_BITS } else { id });
        let by_id = || id.and_then(|id| peer(kind, id));
        match kind {
            "saved_messages" => "saved".into(),
            _ => by_id().or_else(|| chat.name.clone()).unwrap_or_else(|| "chat".to_owned()).into(),
        }
    }

    /// Tells the chat, once: before the first of its people and messages.
    fn open(&mut self, left: bool, sink: &mut dyn Sink) -> Result<Arc<str>, Stop> {
        if let Some(key) = &self.chat.key {
            return Ok(Arc::clone(key));
        }
        let mut record = self.record(left);
        // Whether I post in a channel is known at its end.
        record.posting = PostingLimit::Everyone;
        let key = Arc::clone(&record.key);
        self.chat.key = Some(Arc::clone(&key));
        sink.take(Record::Thread(Box::new(record)))?;
        Ok(key)
    }

    fn person(
        &mut self,
        thread: &Arc<str>,
        key: &Arc<str>,
        name: Option<String>,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        if self.chat.people.len() >= PEOPLE || !self.chat.people.insert(Arc::clone(key)) {
            return Ok(());
        }
        let is_me = self.me.key.as_deref() == Some(&**key);
        let placeholder = name.is_none() && !is_me;
        let name =
            name.unwrap_or_else(|| if is_me { self.me.name.clone() } else { DELETED.into() });
        sink.take(Record::Participant(ParticipantRecord {
            is_me,
            placeholder,
            ..ParticipantRecord::new(thread, Arc::clone(key), name)
        }))
    }

    /// Takes a message. One without a time stands beside its neighbour in the chat.
    fn message(
        &mut self,
        value: Value,
        cut: bool,
        left: bool,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        let told = when(&value, self.options.zone);
        if told.is_none() && self.chat.last.is_none() && self.chat.waiting.len() < WAITING {
            self.chat.waiting.push((value, cut));
            return Ok(());
        }
        let sent = told.or(self.chat.last);
        self.chat.last = sent;
        self.waited(sent, left, sink)?;
        self.one(&value, sent.unwrap_or(Moment::exact(Timestamp(0))), cut, left, sink)
    }

    /// Tells what waited for a time.
    fn waited(
        &mut self,
        sent: Option<Moment>,
        left: bool,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        for (value, cut) in std::mem::take(&mut self.chat.waiting) {
            let sent = sent.unwrap_or(Moment::exact(Timestamp(0)));
            self.one(&value, sent, cut, left, sink)?;
        }
        Ok(())
    }

    fn one(
        &mut self,
        value: &Value,
        sent: Moment,
        cut: bool,
        left: bool,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        self.chat.early |=
            ["from_id", "actor_id"].iter().any(|n| value.get(*n).is_some_and(Value::is_number));
        let thread = self.open(left, sink)?;
        self.chat.messages += 1;
        let at = format!("message {}", self.chat.messages);
        if cut {
            self.odds.say(at.clone(), "too large; a part of it is left out", sink)?;
        }
        let tree = self.tree;
        let place = |path: &str| -> MediaPlace { tree.media(path) };
        let place: &Place<'_> = &place;
        if value.is_object() && when(value, self.options.zone).is_none() && !is_unsupported(value) {
            let why = "it has no time that can be read; it stands beside its neighbour";
            self.odds.say(at.clone(), why, sink)?;
        }
        let composed = match compose(value, &thread, sent, self.options.zone, place) {
            Ok(composed) => composed,
            Err(why) => return self.odds.say(at, why, sink),
        };
        let message::Composed { message, people, unnamed } = composed;
        self.unnamed_reactions = self.unnamed_reactions.saturating_add(unnamed);
        for who in people {
            self.person(&thread, &who.key.as_str().into(), who.name, sink)?;
        }
        self.chat.mine |= self.me.key.is_some()
            && sender(value).map(|s| s.key).as_deref() == self.me.key.as_deref();
        sink.take(Record::Message(message))
    }

    /// Ends a chat: whoever never wrote is told, and what was learnt too late.
    fn close(&mut self, left: bool, sink: &mut dyn Sink) -> Result<(), Stop> {
        self.waited(self.chat.last, left, sink)?;
        let known = self.chat.id.is_some() || self.chat.name.is_some() || self.chat.messages > 0;
        if known && (self.chat.kind.is_some() || self.chat.messages > 0) {
            let thread = self.open(left, sink)?;
            let direct = matches!(self.chat.kind.as_deref(), Some("personal_chat" | "bot_chat"));
            if direct && thread.starts_with("user") {
                let name = self.chat.name.clone();
                self.person(&thread, &Arc::clone(&thread), name, sink)?;
            }
            sink.take(Record::Thread(Box::new(self.record(left))))?;
        }
        self.chat = Chat::default();
        Ok(())
    }
}

impl Listener for Chats<'_> {
    fn names(&self) -> &'static [&'static str] {
        NAMES
    }

    fn want(&mut self, path: &[&'static str]) -> Want {
        want(path)
    }

    fn whole(
        &mut self,
        path: &[&'static str],
        value: Value,
        cut: bool,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        match path {
            ["contacts", ..] => {
                if let Some((who, phone)) = contact(&value).filter(|_| self.phones.len() < CONTACTS)
                {
                    self.phones.insert(who, phone);
                }
            }
            [first, .., "messages", ITEM] => {
                return self.message(value, cut, *first == "left_chats", sink);
            }
            ["messages", ITEM] => return self.message(value, cut, false, sink),
            [.., "name"] => self.chat.name = value.as_str().map(str::to_owned),
            [.., "type"] => self.chat.kind = value.as_str().map(str::to_owned),
            [.., "id"] => self.chat.id = number(&value),
            _ => {}
        }
        Ok(())
    }

    fn ended(&mut self, path: &[&'static str], sink: &mut dyn Sink) -> Result<(), Stop> {
        match path {
            [first @ ("chats" | "left_chats"), "list", ITEM] => {
                self.close(*first == "left_chats", sink)
            }
            _ => Ok(()),
        }
    }
}
