//! Conversations as they stream by: told to the sink with their people and messages.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::event::{compose, id, micros};
use super::survey::Known;
use crate::model::{Membership, MessageKind, ParticipantRecord, Record, ThreadKind, ThreadRecord};
use crate::sources::json::{ITEM, Listener, Want, brief, list, member, text, words};
use crate::sources::odds::Odds;
use crate::sources::{FileTree, Sink, Stop};

/// The names that matter on the way to an event.
pub const NAMES: &[&str] =
    &["conversations", "conversation_state", "conversation", "events", "event"];
/// People told in one conversation.
const PEOPLE: usize = 100_000;

/// What is wanted on the way to the events. Exports up to 2017 wrapped everything in
/// `conversation_state`.
pub fn want(path: &[&'static str]) -> Want {
    match path {
        []
        | ["conversations" | "conversation_state"]
        | ["conversations" | "conversation_state", ITEM]
        | ["conversations", ITEM, "events"]
        | ["conversation_state", ITEM, "conversation_state"]
        | ["conversation_state", ITEM, "conversation_state", "event"] => Want::Inside,
        ["conversations", ITEM, "conversation" | "events", ..]
        | ["conversation_state", ITEM, "conversation_state", "conversation" | "event", ..] => {
            Want::Whole
        }
        _ => Want::Skip,
    }
}

/// The conversation itself, whichever way it is wrapped.
pub fn unwrapped(value: &Value) -> &Value {
    member(value, "conversation").unwrap_or(value)
}

/// My id, as a conversation says it.
pub fn own(conversation: &Value) -> Option<String> {
    let state = conversation.get("self_conversation_state")?;
    state.get("self_read_state")?.get("participant_id").and_then(id)
}

/// Who is in a conversation: id, name, phone number.
pub fn people(conversation: &Value) -> Vec<(String, Option<String>, Option<String>)> {
    list(conversation, "participant_data")
        .iter()
        .filter_map(|p| {
            let phone = p.get("phone_number").and_then(|n| brief(n, "e164"));
            let name = brief(p, "fallback_name").filter(|n| !n.trim().is_empty());
            Some((id(p.get("id")?)?, name.or_else(|| phone.clone()), phone))
        })
        .collect()
}

/// The conversation that is being read.
#[derive(Default)]
struct Chat {
    record: Option<ThreadRecord>,
    me: Option<String>,
    /// Everyone told, and whether under a name.
    told: HashMap<Arc<str>, bool>,
    read_up_to: Option<i64>,
    unread: u32,
    events: u64,
}

/// Takes the conversations of a file.
pub struct Chats<'a> {
    tree: &'a FileTree,
    known: &'a Known,
    my_name: String,
    folder: &'a str,
    odds: Odds,
    chat: Chat,
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
        }
    }

    /// Ends, also where the file broke off within a conversation.
    pub fn finish(mut self, sink: &mut dyn Sink) -> Result<(), Stop> {
        self.close(sink)?;
        self.odds.end(sink)
    }

    fn conversation(&mut self, value: &Value, sink: &mut dyn Sink) -> Result<(), Stop> {
        let told = unwrapped(value);
        let key = ["id", "conversation_id"]
            .iter()
            .find_map(|n| told.get(*n).and_then(|i| words(i, "id")))
            .or_else(|| value.get("conversation_id").and_then(|i| words(i, "id")));
        let key = key.unwrap_or_else(|| "conversation".to_owned());
        let mut record = ThreadRecord::new(key, "Hangouts export");
        let group = match text(told, "type").unwrap_or_default() {
            "" => None,
            kind => Some(kind.contains("GROUP")),
        };
        let all = people(told);
        self.chat.me = own(told).or_else(|| Some(self.known.me.clone()).filter(|m| !m.is_empty()));
        record.kind = group.map(|g| if g { ThreadKind::Group } else { ThreadKind::Direct });
        record.title = words(told, "name").filter(|n| group != Some(false) && !n.trim().is_empty());
        if group == Some(false) {
            let other = all.iter().find(|(id, ..)| Some(id) != self.chat.me.as_ref());
            record.address = other.and_then(|(.., phone)| phone.clone());
        }
        let present: Vec<String> =
            list(told, "current_participant").iter().filter_map(id).collect();
        if let (Some(true), Some(me), false) = (group, &self.chat.me, present.is_empty()) {
            let there = present.contains(me);
            record.membership = if there { Membership::Member } else { Membership::Gone };
        }
        let state = told.get("self_conversation_state").unwrap_or(&Value::Null);
        let views = list(state, "view");
        record.archived = views.iter().any(|v| v.as_str().is_some_and(|v| v.contains("ARCHIVED")));
        if text(state, "status").is_some_and(|s| s.contains("INVITED")) {
            record.folder = Some("requests".to_owned());
        }
        self.chat.read_up_to =
            state.get("self_read_state").and_then(|s| micros(s, "latest_read_timestamp"));
        // Where it comes after its events, they are in the thread that was told.
        if let Some(had) = &self.chat.record {
            record.key = Arc::clone(&had.key);
        }
        self.chat.record = Some(record.clone());
        let thread = Arc::clone(&record.key);
        sink.take(Record::Thread(Box::new(record)))?;
        for (who, name, _) in all {
            let gone = !present.is_empty() && !present.contains(&who);
            self.person(&thread, &who, name, gone, sink)?;
        }
        Ok(())
    }

    /// The thread of an event, told if no conversation came before.
    fn thread(&mut self, value: &Value, sink: &mut dyn Sink) -> Result<Arc<str>, Stop> {
        if let Some(record) = &self.chat.record {
            return Ok(Arc::clone(&record.key));
        }
        let key = value.get("conversation_id").and_then(|i| words(i, "id"));
        let record =
            ThreadRecord::new(key.unwrap_or_else(|| "conversation".to_owned()), "Hangouts export");
        let thread = Arc::clone(&record.key);
        self.chat.record = Some(record.clone());
        sink.take(Record::Thread(Box::new(record)))?;
        Ok(thread)
    }

    fn person(
        &mut self,
        thread: &Arc<str>,
        who: &str,
        name: Option<String>,
        left: bool,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        let me = self.chat.me.as_deref().or(Some(&*self.known.me)).filter(|m| !m.is_empty());
        let is_me = me == Some(who);
        let name = name.or_else(|| self.known.names.get(who).cloned());
        let name = name.or_else(|| Some(self.my_name.clone()).filter(|n| is_me && !n.is_empty()));
        let key: Arc<str> = who.into();
        match self.chat.told.get(&key) {
            Some(named) if *named || name.is_none() => return Ok(()),
            None if self.chat.told.len() >= PEOPLE => return Ok(()),
            _ => {}
        }
        self.chat.told.insert(Arc::clone(&key), name.is_some());
        // Without a name, yet nothing says that the account is gone.
        sink.take(Record::Participant(ParticipantRecord {
            is_me,
            left,
            ..ParticipantRecord::new(
                thread,
                key,
                name.unwrap_or_else(|| "Unknown person".to_owned()),
            )
        }))
    }

    fn event(&mut self, value: &Value, cut: bool, sink: &mut dyn Sink) -> Result<(), Stop> {
        let thread = self.thread(value, sink)?;
        self.chat.events += 1;
        let at = format!("event {} of {thread}", self.chat.events);
        if cut {
            self.odds.say(at.clone(), "too large; a part of it is left out", sink)?;
        }
        let (tree, folder) = (self.tree, self.folder);
        let place = |name: &str| {
            let path = format!("{folder}{name}");
            tree.find(&path).is_some().then(|| tree.media(&path))
        };
        let names = &self.known.names;
        let called = |who: &str| names.get(who).cloned().unwrap_or_else(|| "somebody".to_owned());
        let message = match compose(value, &thread, &place, &called) {
            Ok(message) => message,
            Err(why) => return self.odds.say(at, why, sink),
        };
        if let Some(who) = message.sender.clone() {
            self.person(&thread, &who, None, false, sink)?;
            let mine = self.chat.me.as_deref() == Some(&*who);
            let later = self.chat.read_up_to.is_some_and(|read| message.order > read);
            if later && !mine && message.kind == MessageKind::Text {
                self.chat.unread = self.chat.unread.saturating_add(1);
            }
        }
        sink.take(Record::Message(message))
    }

    fn close(&mut self, sink: &mut dyn Sink) -> Result<(), Stop> {
        let chat = std::mem::take(&mut self.chat);
        if let (Some(mut record), Some(_)) = (chat.record, chat.read_up_to) {
            record.unread = Some(chat.unread);
            sink.take(Record::Thread(Box::new(record)))?;
        }
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
            [.., "conversation"] if value.is_object() => self.conversation(&value, sink),
            [.., "events" | "event", ITEM] => self.event(&value, cut, sink),
            _ => Ok(()),
        }
    }

    fn ended(&mut self, path: &[&'static str], sink: &mut dyn Sink) -> Result<(), Stop> {
        match path {
            ["conversations" | "conversation_state", ITEM] => self.close(sink),
            _ => Ok(()),
        }
    }
}
