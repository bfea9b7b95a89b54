//! DiscordChatExporter's files: a channel each, told as it streams by.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;

use super::me::Me;
use super::message::{self, Composed, Who};
use crate::model::{
    ParticipantRecord, PostingLimit, Record, ThreadKind, ThreadRecord, VAGUE_MESSAGE,
};
use crate::sources::json::{ITEM, Listener, Want, member, walk, words};
use crate::sources::odds::Odds;
use crate::sources::{Entry, FileTree, Sink, Stop};

/// The names that occur in a file.
pub const NAMES: &[&str] = &["guild", "channel", "messages"];
/// People told of one channel.
const PEOPLE: usize = 200_000;

/// What is wanted of a file.
pub fn want(path: &[&'static str]) -> Want {
    match path {
        [] | ["messages"] => Want::Inside,
        ["guild" | "channel"] | ["messages", ITEM] => Want::Whole,
        _ => Want::Skip,
    }
}

/// Reads the files.
pub fn read(tree: &FileTree, entries: &[&Entry], me: &Me, sink: &mut dyn Sink) -> Result<(), Stop> {
    let mut unnamed = 0u64;
    let mut hollow: Vec<&str> = Vec::new();
    for entry in entries {
        let mut channel = Channel::new(tree, me, entry);
        walk(tree, entry, &mut channel, sink)?;
        unnamed = unnamed.saturating_add(channel.unnamed);
        if channel.is_hollow() {
            hollow.push(&entry.path);
        }
        channel.finish(sink)?;
    }
    if let Some(first) = hollow.first() {
        let which = match hollow.len() {
            1 => (*first).to_owned(),
            n => format!("{n} files ({first} is the first)"),
        };
        sink.remark(format!(
            "{which}: nearly all messages are empty, as a bot exports them that may not read them; \
             switch on its Message Content Intent and export again"
        ))?;
    }
    match unnamed {
        0 => Ok(()),
        1 => sink.remark("1 reaction is only counted in these files; it is left out".to_owned()),
        n => {
            sink.remark(format!("{n} reactions are only counted in these files; they are left out"))
        }
    }
}

/// A channel while it is read.
struct Channel<'a> {
    tree: &'a FileTree,
    me: &'a Me,
    odds: Odds,
    /// What it is called where it does not say.
    file: &'a str,
    guild: Value,
    channel: Value,
    key: Option<Arc<str>>,
    told: HashSet<String>,
    mine: bool,
    met: u64,
    /// Messages with nothing in them.
    blank: u64,
    unnamed: u64,
}

impl<'a> Channel<'a> {
    fn new(tree: &'a FileTree, me: &'a Me, entry: &'a Entry) -> Self {
        Self {
            tree,
            me,
            odds: Odds::of(&entry.path),
            file: &entry.path,
            guild: Value::Null,
            channel: Value::Null,
            key: None,
            told: HashSet::new(),
            mine: false,
            met: 0,
            blank: 0,
            unnamed: 0,
        }
    }

    fn record(&self) -> ThreadRecord {
        let key = self.key.clone().unwrap_or_else(|| {
            words(&self.channel, "id").unwrap_or_else(|| self.file.to_owned()).into()
        });
        let mut record = ThreadRecord::new(key, "DiscordChatExporter");
        let kind = words(&self.channel, "type").unwrap_or_default();
        let name = words(&self.channel, "name");
        let server = words(&self.guild, "name");
        record.kind = Some(match kind.as_str() {
            "DirectTextChat" => ThreadKind::Direct,
            "GuildNews" => ThreadKind::Channel,
            _ => ThreadKind::Group,
        });
        // The parent of a thread is told as its category.
        let parent = words(&self.channel, "category").filter(|_| kind.ends_with("Thread"));
        let server = match (server, parent) {
            (Some(server), Some(parent)) => Some(format!("#{parent}, {server}")),
            (server, _) => server,
        };
        record.title = match (kind.starts_with("Direct"), name, server) {
            (true, name, _) | (false, name, None) => name,
            (false, Some(name), Some(server)) => Some(format!("#{name} ({server})")),
            (false, None, server) => server,
        };
        if record.kind == Some(ThreadKind::Channel) && !self.mine {
            record.posting = PostingLimit::AdminsOnly;
        }
        record
    }

    /// Tells the channel, once: before the first of its messages.
    fn open(&mut self, sink: &mut dyn Sink) -> Result<Arc<str>, Stop> {
        if let Some(key) = &self.key {
            return Ok(Arc::clone(key));
        }
        let mut record = self.record();
        // Whether I post in a channel is known at its end.
        record.posting = PostingLimit::Everyone;
        let key = Arc::clone(&record.key);
        self.key = Some(Arc::clone(&key));
        sink.take(Record::Thread(Box::new(record)))?;
        Ok(key)
    }

    fn person(&mut self, thread: &Arc<str>, who: Who, sink: &mut dyn Sink) -> Result<(), Stop> {
        if self.told.len() >= PEOPLE || !self.told.insert(who.key.clone()) {
            return Ok(());
        }
        sink.take(Record::Participant(ParticipantRecord {
            is_me: self.me.is(&who.key),
            placeholder: who.is_placeholder(),
            ..ParticipantRecord::new(thread, who.key.as_str(), who.name)
        }))
    }

    fn message(&mut self, value: &Value, cut: bool, sink: &mut dyn Sink) -> Result<(), Stop> {
        self.met += 1;
        let at = format!("message {}", self.met);
        if cut {
            self.odds.say(at.clone(), "too large; a part of it is left out", sink)?;
        }
        let thread = self.open(sink)?;
        let Composed { message, people, unnamed } =
            match message::compose(value, &thread, self.tree) {
                Ok(composed) => composed,
                Err(why) => return self.odds.say(at, why, sink),
            };
        self.unnamed = self.unnamed.saturating_add(unnamed);
        self.blank += u64::from(message.text == VAGUE_MESSAGE);
        self.mine |= message.sender.as_deref().is_some_and(|id| self.me.is(id));
        for who in people {
            self.person(&thread, who, sink)?;
        }
        sink.take(Record::Message(message))
    }

    /// Whether hardly any message has anything in it.
    fn is_hollow(&self) -> bool {
        self.blank >= 3 && self.blank.saturating_mul(10) >= self.met.saturating_mul(9)
    }

    /// Ends: what was learnt too late, and what was only counted.
    fn finish(mut self, sink: &mut dyn Sink) -> Result<(), Stop> {
        if member(&self.channel, "id").is_some() || self.met > 0 {
            self.open(sink)?;
            sink.take(Record::Thread(Box::new(self.record())))?;
        }
        self.odds.end(sink)
    }
}

impl Listener for Channel<'_> {
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
            ["guild"] => self.guild = value,
            ["channel"] => self.channel = value,
            ["messages", ITEM] => return self.message(&value, cut, sink),
            _ => {}
        }
        Ok(())
    }
}
