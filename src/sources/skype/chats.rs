//! Conversations as they stream by: told to the sink with their people and messages.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;

use super::message::{self, Composed, bare, compose, id, members, sender};
use super::survey::{Known, NAME};
use crate::model::{MediaPlace, Membership, ParticipantRecord, Record, ThreadKind, ThreadRecord};
use crate::sources::json::{ITEM, Listener, Want, words};
use crate::sources::odds::Odds;
use crate::sources::{FileTree, Sink, Stop};

/// The names that matter on the way to a message.
pub const NAMES: &[&str] =
    &["userId", "conversations", "id", "displayName", "threadProperties", "MessageList"];
/// People told in one conversation.
const PEOPLE: usize = 200_000;

/// What is wanted on the way to the messages.
pub fn want(path: &[&'static str]) -> Want {
    match path {
        []
        | ["conversations"]
        | ["conversations", ITEM]
        | ["conversations", ITEM, "MessageList"] => Want::Inside,
        ["userId"]
        | ["conversations", ITEM, "id" | "displayName" | "threadProperties"]
        | ["conversations", ITEM, "MessageList", ITEM] => Want::Whole,
        _ => Want::Skip,
    }
}

/// The conversation that is being read.
#[derive(Default)]
struct Chat {
    id: String,
    name: Option<String>,
    topic: Option<String>,
    members: Vec<String>,
    key: Option<Arc<str>>,
    people: HashSet<Arc<str>>,
    messages: u64,
}

/// Takes the conversations of a file.
pub struct Chats<'a> {
    tree: &'a FileTree,
    known: &'a Known,
    my_name: String,
    /// The folder that the file lies in, with a slash, or nothing.
    folder: &'a str,
    odds: Odds,
    chat: Chat,
    logged: u64,
}

impl<'a> Chats<'a> {
    /// Begins with a file.
    pub fn new(tree: &'a FileTree, known: &'a Known, my_name: &str, file: &'a str) -> Self {
        let folder = file.rfind('/').and_then(|i| file.get(..=i)).unwrap_or_default();
        Self {
            tree,
            known,
            my_name: my_name.to_owned(),
            folder,
            odds: Odds::of(file),
            chat: Chat::default(),
            logged: 0,
        }
    }

    /// Ends, also where the file broke off within a conversation.
    pub fn finish(mut self, sink: &mut dyn Sink) -> Result<(), Stop> {
        self.close(sink)?;
        if self.logged > 0 {
            let left_out = match self.logged {
                1 => "1 entry of Skype's call log is".to_owned(),
                n => format!("{n} entries of Skype's call log are"),
            };
            sink.remark(format!("{left_out} left out: the calls stand in their chats"))?;
        }
        self.odds.end(sink)
    }

    fn record(&self) -> ThreadRecord {
        let chat = &self.chat;
        let key: Arc<str> = match chat.id.as_str() {
            "" => "conversation".into(),
            id => id.into(),
        };
        let mut record = ThreadRecord::new(key, "Skype export");
        let stream = chat.id.split(':').next().unwrap_or_default();
        let group = stream == "19";
        record.kind = match stream {
            "" => None,
            "19" => Some(ThreadKind::Group),
            _ => Some(ThreadKind::Direct),
        };
        record.title = match chat.id.as_str() {
            "48:notes" => Some("Notes to myself".to_owned()),
            _ if group => chat.topic.clone().or_else(|| chat.name.clone()),
            _ if stream == "48" => Some(chat.name.clone().unwrap_or_else(|| chat.id.clone())),
            _ => None,
        };
        if group && !chat.members.is_empty() && !self.known.me.is_empty() {
            let there = chat.members.iter().any(|m| id(m) == self.known.me);
            record.membership = if there { Membership::Member } else { Membership::Gone };
        }
        // A phone that was called or written to.
        record.address = chat.id.strip_prefix("4:").filter(|n| n.starts_with('+')).map(Into::into);
        record
    }

    /// Tells the conversation, once: before the first of its people and messages.
    fn open(&mut self, sink: &mut dyn Sink) -> Result<Arc<str>, Stop> {
        if let Some(key) = &self.chat.key {
            return Ok(Arc::clone(key));
        }
        let record = self.record();
        let key = Arc::clone(&record.key);
        self.chat.key = Some(Arc::clone(&key));
        sink.take(Record::Thread(Box::new(record)))?;
        Ok(key)
    }

    fn person(&mut self, thread: &Arc<str>, who: &str, sink: &mut dyn Sink) -> Result<(), Stop> {
        let key: Arc<str> = who.into();
        if who.len() > NAME
            || self.chat.people.len() >= PEOPLE
            || !self.chat.people.insert(Arc::clone(&key))
        {
            return Ok(());
        }
        let is_me = !self.known.me.is_empty() && self.known.me == who;
        let name = match self.known.names.get(who) {
            _ if is_me && !self.my_name.is_empty() => self.my_name.clone(),
            Some(name) => name.clone(),
            // The conversation with somebody bears their name.
            None if *who == self.chat.id => {
                self.chat.name.clone().unwrap_or_else(|| bare(who).to_owned())
            }
            None => bare(who).to_owned(),
        };
        sink.take(Record::Participant(ParticipantRecord {
            is_me,
            ..ParticipantRecord::new(thread, key, name)
        }))
    }

    fn message(&mut self, value: &Value, cut: bool, sink: &mut dyn Sink) -> Result<(), Stop> {
        if self.chat.id == "48:calllogs" {
            self.logged += 1;
            return Ok(());
        }
        let thread = self.open(sink)?;
        self.chat.messages += 1;
        let at = format!("message {} of {}", self.chat.messages, bare(&thread));
        if cut {
            self.odds.say(at.clone(), "too large; a part of it is left out", sink)?;
        }
        let (tree, folder) = (self.tree, self.folder);
        let place = move |reference: &str| -> Option<MediaPlace> { media(tree, folder, reference) };
        let names = &self.known.names;
        let called = |who: &str| names.get(who).cloned().unwrap_or_else(|| bare(who).to_owned());
        let composed = match compose(value, &thread, &place, &called) {
            Ok(composed) => composed,
            Err(why) => return self.odds.say(at, why, sink),
        };
        let Composed { message, others } = composed;
        if message.sender.is_some()
            && let Some(who) = sender(value)
        {
            self.person(&thread, who, sink)?;
        }
        for who in others {
            self.person(&thread, &who, sink)?;
        }
        sink.take(Record::Message(message))
    }

    /// Ends a conversation: whoever never wrote is told, and what was learnt too late.
    fn close(&mut self, sink: &mut dyn Sink) -> Result<(), Stop> {
        if !self.chat.id.is_empty() && self.chat.id != "48:calllogs" || self.chat.messages > 0 {
            // A conversation that is empty is one that was only looked at.
            if self.chat.messages > 0 {
                let thread = self.open(sink)?;
                let mut all = self.chat.members.clone();
                // Somebody and I; a group says itself who is in it.
                if !matches!(self.chat.id.split(':').next(), Some("19" | "")) {
                    let notes = self.chat.id.starts_with("48:");
                    all.extend((!notes).then(|| self.chat.id.clone()));
                    all.extend(Some(self.known.me.clone()).filter(|me| !me.is_empty()));
                }
                for who in &all {
                    self.person(&thread, message::id(who), sink)?;
                }
                sink.take(Record::Thread(Box::new(self.record())))?;
            }
        }
        self.chat = Chat::default();
        Ok(())
    }
}

/// The file of a reference: `media/<reference>.1.jpg`. What Skype knew of it lies beside it as JSON.
fn media(tree: &FileTree, folder: &str, reference: &str) -> Option<MediaPlace> {
    if reference.is_empty() || reference.contains('/') {
        return None;
    }
    let found = tree.under(&format!("{folder}media/{reference}"));
    let file = found.iter().find(|e| {
        let rest = e.path.rsplit('/').next().unwrap_or_default().strip_prefix(reference);
        rest.is_some_and(|r| r.starts_with('.') || r.is_empty()) && !e.path.ends_with(".json")
    })?;
    Some(tree.media(&file.path))
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
            [.., "MessageList", ITEM] => return self.message(&value, cut, sink),
            [.., "id"] => id(value.as_str().unwrap_or_default()).clone_into(&mut self.chat.id),
            [.., "displayName"] => {
                self.chat.name = value.as_str().filter(|n| !n.trim().is_empty()).map(str::to_owned);
            }
            [.., "threadProperties"] => {
                self.chat.topic = words(&value, "topic");
                self.chat.members = members(&value);
            }
            _ => {}
        }
        Ok(())
    }

    fn ended(&mut self, path: &[&'static str], sink: &mut dyn Sink) -> Result<(), Stop> {
        match path {
            ["conversations", ITEM] => self.close(sink),
            _ => Ok(()),
        }
    }
}
