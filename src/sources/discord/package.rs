//! Discord's own data package: my messages, channel by channel.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::BufReader;
use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime};
use serde_json::Value;

use super::csv::Records;
use super::me::Me;
use super::message::kind_of;
use super::text::plain;
use super::{HEAD, channel_files, instant, is_channel};
use crate::model::{
    Attachment, MediaPlace, Membership, MessageKind, MessageRecord, Moment, Oddity,
    ParticipantRecord, Record, ThreadKind, ThreadRecord, Timestamp, VAGUE_MESSAGE,
};
use crate::sources::json::holds;
use crate::sources::json::{
    ITEM, Listener, Want, brief, int, list, member, parse, text, walk, words,
};
use crate::sources::odds::Odds;
use crate::sources::parted;
use crate::sources::{Entry, FileTree, Sink, Stop};

/// People and titles that are kept.
const MOST: usize = 500_000;
/// The file of one channel's description.
const SMALL: u64 = 1 << 20;
const CUT: &str = "too large; a part of it is left out";
/// How often progress is told.
const TOLD_EVERY: u64 = 64 << 10;

/// What a package tells of its owner, and of whom and what its owner knows.
#[derive(Debug, Default)]
pub struct Owner {
    /// My id; `None` where there is no package.
    pub id: Option<String>,
    /// My name.
    pub name: String,
    username: Option<String>,
    people: HashMap<String, String>,
    titles: HashMap<String, String>,
    /// Names of channels that were looked up, where they have one.
    channels: RefCell<HashMap<String, Option<String>>>,
}

impl Owner {
    /// The name of a channel of the package: its own word goes before the list of titles.
    fn channel(&self, tree: &FileTree, folder: &str, id: &str) -> Option<String> {
        if let Some(known) = self.channels.borrow().get(id) {
            return known.clone();
        }
        let described = ["c", ""].iter().find_map(|c| {
            let entry = tree.find(&format!("{folder}/{c}{id}/channel.json"))?;
            parse(&tree.read(entry, SMALL).ok()?)
        });
        let name = described.and_then(|d| words(&d, "name"));
        let titled = || Some(titled(self.titles.get(id)?)?.0.to_owned());
        let name = name.or_else(titled);
        let mut all = self.channels.borrow_mut();
        if all.len() < MOST {
            all.insert(id.to_owned(), name.clone());
        }
        name
    }
}

/// The channel and the server of a title: `general in Tea House`, before 2024 `general, Tea House`.
fn titled(title: &str) -> Option<(&str, &str)> {
    if title.starts_with("Unknown channel") || title.starts_with("Direct Message") {
        return None;
    }
    // Names of channels have no spaces, those of threads may.
    let parts = |separator| title.split_once(separator).filter(|(name, _)| !name.contains(' '));
    parts(" in ").or_else(|| parts(", ")).or_else(|| title.rsplit_once(" in "))
}

/// Reads who the package is of, and the titles of its channels.
pub fn owner(tree: &FileTree, sink: &mut dyn Sink) -> Result<Owner, Stop> {
    let mut owner = Owner::default();
    if channel_files(tree).next().is_none() {
        return Ok(owner);
    }
    let named = |name: &'static str| {
        tree.entries()
            .iter()
            .filter(move |e| parted(&e.path).1 == name && e.path.matches('/').count() <= 1)
    };
    for entry in named("user.json") {
        let says = |head: Vec<u8>| holds(&head, "username") || holds(&head, "relationships");
        if owner.id.is_none() && tree.head(entry, HEAD).is_ok_and(says) {
            walk(tree, entry, &mut User(&mut owner), sink)?;
        }
    }
    owner.name =
        if owner.name.is_empty() { owner.username.clone().unwrap_or_default() } else { owner.name };
    for entry in named("index.json") {
        walk(tree, entry, &mut Titles(&mut owner), sink)?;
    }
    Ok(owner)
}

struct User<'a>(&'a mut Owner);

impl User<'_> {
    fn friend(&mut self, value: &Value) {
        let user = member(value, "user").unwrap_or(value);
        let name = brief(value, "nickname")
            .or_else(|| brief(user, "global_name"))
            .or_else(|| brief(user, "username"));
        if let (Some(id), Some(name)) = (brief(user, "id").or_else(|| brief(value, "id")), name)
            && self.0.people.len() < MOST
        {
            self.0.people.insert(id, name);
        }
    }
}

impl Listener for User<'_> {
    fn names(&self) -> &'static [&'static str] {
        &["id", "username", "global_name", "relationships"]
    }

    fn want(&mut self, path: &[&'static str]) -> Want {
        match path {
            [] | ["relationships"] => Want::Inside,
            ["id" | "username" | "global_name"] | ["relationships", ITEM] => Want::Whole,
            _ => Want::Skip,
        }
    }

    fn whole(
        &mut self,
        path: &[&'static str],
        value: Value,
        _: bool,
        _: &mut dyn Sink,
    ) -> Result<(), Stop> {
        let said = match &value {
            Value::String(s) if !s.trim().is_empty() => Some(s.clone()),
            Value::Number(n) => Some(n.to_string()),
            _ => None,
        };
        match path {
            ["id"] => self.0.id = said,
            ["username"] => self.0.username = said,
            ["global_name"] => self.0.name = said.unwrap_or_default(),
            _ => self.friend(&value),
        }
        Ok(())
    }
}

struct Titles<'a>(&'a mut Owner);

impl Listener for Titles<'_> {
    fn names(&self) -> &'static [&'static str] {
        &[]
    }

    fn want(&mut self, path: &[&'static str]) -> Want {
        if path.is_empty() { Want::Whole } else { Want::Skip }
    }

    fn whole(
        &mut self,
        _: &[&'static str],
        value: Value,
        _: bool,
        _: &mut dyn Sink,
    ) -> Result<(), Stop> {
        for (id, title) in value.as_object().into_iter().flatten() {
            if let Some(title) = title.as_str().filter(|_| self.0.titles.len() < MOST) {
                self.0.titles.insert(id.clone(), title.to_owned());
            }
        }
        Ok(())
    }
}

/// Reads the messages.
pub fn read(tree: &FileTree, owner: &Owner, me: &Me, sink: &mut dyn Sink) -> Result<(), Stop> {
    let mut any = false;
    for file in message_files(tree) {
        let (folder, _) = parted(&file.path);
        let described = described(tree, folder, file, sink)?;
        let id = words(&described, "id");
        let folder_id = parted(folder).1.trim_start_matches('c');
        let key: Arc<str> = id.as_deref().unwrap_or(folder_id).into();
        let mut channel = Channel {
            tree,
            folder: parted(folder).0,
            owner,
            me,
            key,
            odds: Odds::of(&file.path),
            open: false,
            met: 0,
            described,
        };
        if file.path.ends_with(".csv") {
            channel.table(tree, file, sink)?;
        } else {
            walk(tree, file, &mut channel, sink)?;
        }
        any |= channel.open;
        channel.odds.end(sink)?;
    }
    if any {
        sink.remark(
            "a Discord package holds your own messages only; what others wrote is not in it"
                .to_owned(),
        )?;
    }
    Ok(())
}

/// The files of messages, one a channel.
fn message_files(tree: &FileTree) -> impl Iterator<Item = &Entry> {
    tree.entries().iter().filter(|e| {
        let (folder, name) = parted(&e.path);
        let one = match name {
            "messages.json" => true,
            "messages.csv" => tree.find(&format!("{folder}/messages.json")).is_none(),
            _ => false,
        };
        one && e.path.matches('/').count() <= 2 && is_channel(parted(folder).1)
    })
}

/// What is told of the channel in a folder; null where nothing is, and that is told.
fn described(
    tree: &FileTree,
    folder: &str,
    file: &Entry,
    sink: &mut dyn Sink,
) -> Result<Value, Stop> {
    let Some(entry) = tree.find(&format!("{folder}/channel.json")) else {
        let why = "nothing beside it says what channel this is";
        sink.odd(Oddity::file(&file.path, why))?;
        return Ok(Value::Null);
    };
    match tree.read(entry, SMALL) {
        Ok(bytes) => match parse(&bytes) {
            Some(described) => return Ok(described),
            None => sink.odd(Oddity::file(&entry.path, "it does not say what channel this is"))?,
        },
        Err(why) => sink.odd(Oddity::file(&entry.path, why.to_string()))?,
    }
    Ok(Value::Null)
}

/// A time: `2024-01-05 23:30:00` in UTC, or with a fraction and a zone.
fn time(told: &str) -> Option<Timestamp> {
    let told = told.trim();
    let exact = DateTime::parse_from_rfc3339(told)
        .or_else(|_| DateTime::parse_from_str(told, "%Y-%m-%d %H:%M:%S%.f%:z"));
    if let Ok(time) = exact {
        return Some(Timestamp(time.timestamp_millis()));
    }
    let told = told.replacen('T', " ", 1);
    let wall = NaiveDateTime::parse_from_str(&told, "%Y-%m-%d %H:%M:%S%.f").ok()?;
    Some(Timestamp(wall.and_utc().timestamp_millis()))
}

/// A channel while it is read.
struct Channel<'a> {
    tree: &'a FileTree,
    /// Where the channels' folders lie.
    folder: &'a str,
    owner: &'a Owner,
    me: &'a Me,
    key: Arc<str>,
    odds: Odds,
    open: bool,
    met: u64,
    described: Value,
}

impl Channel<'_> {
    fn is_type(&self, word: &str, number: i64) -> bool {
        text(&self.described, "type") == Some(word) || int(&self.described, "type") == Some(number)
    }

    fn record(&self) -> ThreadRecord {
        let mut record = ThreadRecord::new(Arc::clone(&self.key), "Discord package");
        let told = self.owner.titles.get(&*self.key).cloned();
        let name = words(&self.described, "name");
        let (direct, group) = (self.is_type("DM", 1), self.is_type("GROUP_DM", 3));
        record.kind = Some(if direct { ThreadKind::Direct } else { ThreadKind::Group });
        let server = member(&self.described, "guild").and_then(|g| words(g, "name"));
        record.title = match (direct, group) {
            (true, _) => None,
            (false, true) => name.or(told),
            (false, false) => match (name, &server) {
                (Some(name), Some(server)) => Some(format!("#{name} ({server})")),
                (name, _) => name.map(|n| format!("#{n}")).or_else(|| {
                    let told = told?;
                    let parts = titled(&told);
                    let whole = parts.map(|(name, server)| format!("#{name} ({server})"));
                    Some(whole.unwrap_or(told))
                }),
            },
        };
        // Of a server that I am no longer in, nothing but the id is told.
        if !direct && !group && !self.described.is_null() && server.is_none() {
            record.membership = Membership::Gone;
        }
        record
    }

    fn others(&self) -> Vec<(String, String)> {
        let all = list(&self.described, "recipients").iter().filter_map(|r| match r {
            Value::String(id) => Some(id.clone()),
            other => words(other, "id"),
        });
        let titled = self.owner.titles.get(&*self.key);
        // `Direct Message with ines#0`
        let with = titled
            .and_then(|t| t.split_once(" with "))
            .map(|(_, name)| name.trim_end_matches("#0"))
            .filter(|_| self.is_type("DM", 1));
        all.filter(|id| !self.me.is(id))
            .map(|id| {
                let known = self.owner.people.get(&id).map(String::as_str).or(with);
                let name = known.unwrap_or(&id).to_owned();
                (id, name)
            })
            .collect()
    }

    fn person(&self, key: &str, name: &str, is_me: bool, sink: &mut dyn Sink) -> Result<(), Stop> {
        let placeholder = name.starts_with("deleted_user_") || name.starts_with("Deleted User");
        sink.take(Record::Participant(ParticipantRecord {
            is_me,
            placeholder: placeholder && !is_me,
            ..ParticipantRecord::new(&self.key, key, name.to_owned())
        }))
    }

    fn mine(&self) -> Arc<str> {
        self.me.key.as_deref().unwrap_or("me").into()
    }

    fn message(
        &mut self,
        id: Option<String>,
        when: Option<&str>,
        said: &str,
        attached: &str,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        self.met += 1;
        let by_id = id.as_deref().and_then(instant);
        // The id tells the instant more exactly, of the same second.
        let at = match (when.and_then(time), by_id) {
            (Some(told), Some(exact)) if told.0.div_euclid(1000) == exact.0.div_euclid(1000) => {
                exact
            }
            (Some(told), _) => told,
            (None, Some(exact)) => exact,
            (None, None) => {
                let at = format!("message {}", self.met);
                return self.odds.say(at, "it has no time that can be read", sink);
            }
        };
        if !self.open {
            self.open = true;
            sink.take(Record::Thread(Box::new(self.record())))?;
            let name = if self.me.name.is_empty() { "me" } else { &self.me.name };
            self.person(&self.mine(), name, true, sink)?;
            for (id, name) in self.others() {
                self.person(&id, &name, false, sink)?;
            }
        }
        let owner = self.owner;
        // Who is no friend may be named by the channel's title.
        let titled = |id: &str| {
            let other = self.others().into_iter().find(|(other, _)| other == id)?;
            Some(other.1).filter(|name| name != id)
        };
        let named = |what: char, id: &str| match what {
            '@' if self.me.is(id) => Some(self.me.name.clone()),
            '@' => owner.people.get(id).cloned().or_else(|| titled(id)),
            _ => owner.channel(self.tree, self.folder, id),
        };
        let words = plain(said, &named);
        let moment = Moment::exact(at);
        let mut message =
            MessageRecord::text(Arc::clone(&self.key), Some(self.mine()), moment, words);
        message.order = id.as_deref().and_then(|id| id.trim().parse().ok()).unwrap_or(0);
        message.native_id = id;
        for url in attached.split_whitespace().filter(|u| u.contains("://")) {
            let path = url.split(['?', '#']).next().unwrap_or(url);
            message.attachments.push(Attachment {
                kind: kind_of(path),
                name: Some(parted(path).1.to_owned()).filter(|n| !n.is_empty()),
                place: MediaPlace::Web { url: url.to_owned() },
            });
        }
        // Polls, stickers and what was passed on are not in a package.
        if message.text.is_empty() && message.attachments.is_empty() {
            message.kind = MessageKind::System;
            VAGUE_MESSAGE.clone_into(&mut message.text);
        }
        sink.take(Record::Message(Box::new(message)))
    }

    /// Reads an older package's table.
    fn table(&mut self, tree: &FileTree, file: &Entry, sink: &mut dyn Sink) -> Result<(), Stop> {
        let stream = match tree.open_entry(file) {
            Ok(stream) => stream,
            Err(why) => return sink.odd(Oddity::file(&file.path, why.to_string())),
        };
        let mut records = Records::new(BufReader::with_capacity(64 << 10, stream));
        let mut told = 0;
        loop {
            let record = match records.record() {
                Ok(Some(record)) => record,
                Ok(None) => break,
                Err(why) => {
                    let why = format!("the rest cannot be read: {why}");
                    sink.odd(Oddity::file(&file.path, why))?;
                    break;
                }
            };
            if records.cut {
                let at = format!("message {}", self.met + 1);
                self.odds.say(at, CUT, sink)?;
            }
            if let [id, when, said, rest @ ..] = record.as_slice()
                && id != "ID"
                && id.trim_start_matches('\u{feff}') != "ID"
            {
                let attached = rest.first().map_or("", String::as_str);
                let id = Some(id.clone()).filter(|id| !id.trim().is_empty());
                self.message(id, Some(when), said, attached, sink)?;
            } else if record.len() < 3 && record.iter().any(|f| !f.trim().is_empty()) {
                self.met += 1;
                self.odds.say(format!("message {}", self.met), "a row without its parts", sink)?;
            }
            if records.bytes - told >= TOLD_EVERY {
                sink.advance(records.bytes - std::mem::replace(&mut told, records.bytes))?;
            }
        }
        sink.advance(records.bytes - told)
    }
}

impl Listener for Channel<'_> {
    fn names(&self) -> &'static [&'static str] {
        &[]
    }

    fn want(&mut self, path: &[&'static str]) -> Want {
        match path {
            [] => Want::Inside,
            [ITEM] => Want::Whole,
            _ => Want::Skip,
        }
    }

    fn whole(
        &mut self,
        _: &[&'static str],
        value: Value,
        cut: bool,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        if cut {
            self.odds.say(format!("message {}", self.met + 1), CUT, sink)?;
        }
        if !value.is_object() {
            self.met += 1;
            return self.odds.say(format!("message {}", self.met), "it is no message", sink);
        }
        let said = text(&value, "Contents").unwrap_or_default();
        let attached = text(&value, "Attachments").unwrap_or_default();
        self.message(words(&value, "ID"), text(&value, "Timestamp"), said, attached, sink)
    }
}
