//! Google Chat as Takeout hands it out: a folder `Groups` with one folder for each conversation
//! (`DM <id>`, `Space <id>`: `group_info.json`, `messages.json`, files), and a folder `Users` with
//! `user_info.json`, which is me.
//!
//! Files are known by what they hold, since Takeout translates the names of folders. Times are
//! prose in the account's language ([`date`]). The shapes are those that public readers of the
//! format know; no export of a real account was at hand.

mod cards;
mod date;
mod message;
mod months;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use super::json::{ITEM, Listener, Want, list, parse, text, words};
use super::odds::Odds;
use super::parted;
use super::{
    Confidence, Entry, FileTree, Found, Quiet, ReadError, ReadOptions, Sink, Source, Stop, Zone,
};
use crate::model::{
    AccountRecord, Deletion, MediaPlace, Membership, Moment, ParticipantRecord, Record, SourceId,
    ThreadKind, ThreadRecord, Timestamp,
};
use message::{Composed, Who, compose, when, who};

/// Google Chat. A Takeout comes in several zips.
pub const SOURCE: Source = Source { id: "google-chat", parts_share_a_tree: true, recognise, read };

/// Enough to meet the first message.
const HEAD: usize = 8 << 10;
/// What describes a conversation or me is small.
const SMALL: u64 = 16 << 20;
/// Names of files that are counted in one conversation.
const NAMES_KEPT: usize = 100_000;
/// People told in one conversation.
const PEOPLE: usize = 200_000;

fn is_messages(tree: &FileTree, entry: &Entry) -> bool {
    if !parted(&entry.path).1.starts_with("messages") || !entry.path.ends_with(".json") {
        return false;
    }
    let Ok(head) = tree.head(entry, HEAD) else { return false };
    let holds =
        |name: &str| memchr::memmem::find(&head, format!("\"{name}\"").as_bytes()).is_some();
    holds("messages") && holds("created_date") && (holds("creator") || holds("topic_id"))
}

fn files(tree: &FileTree) -> impl Iterator<Item = &Entry> {
    tree.entries().iter().filter(|e| is_messages(tree, e))
}

/// The folder that holds `Groups` and `Users`: two above a conversation's, as far as there are.
fn root(path: &str) -> &str {
    parted(parted(parted(path).0).0).0
}

fn recognise(tree: &FileTree) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for entry in files(tree) {
        let root = root(&entry.path);
        if found.iter().all(|f| f.root != root) {
            let what = "Google Chat (Takeout)".to_owned();
            found.push(Found { root: root.to_owned(), confidence: Confidence::Sure, what });
        }
    }
    if found.is_empty() {
        // A part of a Takeout that holds me, and none of the messages.
        let users = tree.entries().iter().filter(|e| parted(&e.path).1 == "user_info.json");
        for entry in users {
            let what = "Google Chat (Takeout), without messages".to_owned();
            let root = root(&entry.path).to_owned();
            if small(tree, entry).is_some_and(|v| v.get("membership_info").is_some())
                && found.iter().all(|f| f.root != root)
            {
                found.push(Found { root, confidence: Confidence::Sure, what });
            }
        }
    }
    found
}

fn small(tree: &FileTree, entry: &Entry) -> Option<Value> {
    parse(&tree.read(entry, SMALL).ok()?)
}

/// Me, and where I am a member.
#[derive(Default)]
struct Me {
    who: Option<Who>,
    /// Of groups, by the end of their id: still there or not.
    groups: Vec<(String, Membership)>,
}

fn me(tree: &FileTree) -> Me {
    let mut me = Me::default();
    for entry in tree.entries().iter().filter(|e| parted(&e.path).1 == "user_info.json") {
        let Some(value) = small(tree, entry) else { continue };
        let told = value.get("user").and_then(who);
        let groups = list(&value, "membership_info");
        // Should there be several, I am the one whose groups are told.
        if me.who.is_some() && (groups.is_empty() || !me.groups.is_empty()) {
            continue;
        }
        me.who = told.or(me.who);
        me.groups = groups
            .iter()
            .filter_map(|g| {
                let state = match text(g, "membership_state")? {
                    "MEMBER_JOINED" => Membership::Member,
                    "MEMBER_NOT_A_MEMBER" | "MEMBER_LEFT" | "MEMBER_REMOVED" => Membership::Gone,
                    _ => return None,
                };
                let id = words(g, "group_id")?;
                Some((id.rsplit('/').next().unwrap_or_default().to_owned(), state))
            })
            .collect();
    }
    me
}

impl Me {
    fn account(&self, options: &ReadOptions) -> AccountRecord {
        let told = self.who.as_ref();
        let name = options.me.clone().or_else(|| told.and_then(|w| w.name.clone()));
        let name = name.or_else(|| told.map(|w| w.key.clone())).unwrap_or_default();
        AccountRecord {
            source: SourceId::known(SOURCE.id),
            key: options
                .account
                .clone()
                .or_else(|| told.map(|w| w.key.clone()))
                .unwrap_or_default(),
            me_names: if told.is_some() || name.is_empty() { vec![] } else { vec![name.clone()] },
            name,
            known_by: match (told, &options.me) {
                (Some(_), _) => "user_info.json",
                (None, Some(_)) => "--me",
                (None, None) => "the export does not say",
            }
            .to_owned(),
        }
    }

    fn is(&self, key: &str) -> bool {
        self.who.as_ref().is_some_and(|w| w.key == key)
    }
}

fn read(tree: &FileTree, options: &ReadOptions, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let me = me(tree);
    let all: Vec<&Entry> = files(tree).filter(|e| root(&e.path).is_empty()).collect();
    if me.who.is_none() && options.me.is_none() && !all.is_empty() {
        let why = "the export lacks user_info.json, which says who you are; give --me NAME";
        sink.remark(why.to_owned())?;
    }
    sink.take(Record::Account(me.account(options)))?;
    for entry in all {
        let mut group = Group::of(tree, entry, options, &me);
        group.open(sink)?;
        super::json::walk(tree, entry, &mut group, sink)?;
        group.finish(sink)?;
    }
    Ok(())
}

/// A conversation that is being read.
struct Group<'a> {
    tree: &'a FileTree,
    options: &'a ReadOptions,
    me: &'a Me,
    entry: &'a Entry,
    record: ThreadRecord,
    members: Vec<Who>,
    told: HashSet<String>,
    odds: Odds,
    messages: i64,
    unnamed: u64,
    /// How often a name of a file was met before.
    names: HashMap<String, u32>,
    /// When the message before was sent.
    last: Option<Moment>,
}

impl<'a> Group<'a> {
    fn of(tree: &'a FileTree, entry: &'a Entry, options: &'a ReadOptions, me: &'a Me) -> Self {
        let dir = parted(&entry.path).0;
        let own = parted(dir).1;
        let info = match dir {
            "" => tree.find("group_info.json"),
            dir => tree.find(&format!("{dir}/group_info.json")),
        };
        let info = info.and_then(|e| small(tree, e)).unwrap_or(Value::Null);
        let members: Vec<Who> = list(&info, "members").iter().filter_map(who).collect();
        let key: Arc<str> = match own {
            "" => "conversation".into(),
            own => own.into(),
        };
        let mut record = ThreadRecord::new(key, "Google Chat export");
        let id = own.split_once(' ').map_or(own, |(_, id)| id);
        let title = words(&info, "name");
        let direct = members.len() <= 2 && title.is_none() && !own.starts_with("Space");
        record.kind = Some(if direct { ThreadKind::Direct } else { ThreadKind::Group });
        record.title = title.filter(|_| !direct);
        if direct {
            let other = members.iter().find(|m| !me.is(&m.key));
            record.address = other.map(|m| m.key.clone()).filter(|k| k.contains('@'));
        }
        let membership = me.groups.iter().find(|(group, _)| !id.is_empty() && group == id);
        record.membership = membership.map_or(Membership::Unknown, |(_, m)| *m);
        Self {
            tree,
            options,
            me,
            entry,
            record,
            members,
            told: HashSet::new(),
            odds: Odds::of(&entry.path),
            messages: 0,
            unnamed: 0,
            names: HashMap::new(),
            last: None,
        }
    }

    fn open(&mut self, sink: &mut dyn Sink) -> Result<(), Stop> {
        sink.take(Record::Thread(Box::new(self.record.clone())))?;
        for who in std::mem::take(&mut self.members) {
            self.person(&who, sink)?;
        }
        Ok(())
    }

    fn person(&mut self, who: &Who, sink: &mut dyn Sink) -> Result<(), Stop> {
        if self.told.len() >= PEOPLE || !self.told.insert(who.key.clone()) {
            return Ok(());
        }
        let is_me = self.me.is(&who.key);
        let my_name = self.me.who.as_ref().and_then(|w| w.name.clone()).filter(|_| is_me);
        sink.take(Record::Participant(ParticipantRecord {
            is_me,
            ..ParticipantRecord::new(
                &self.record.key,
                who.key.as_str(),
                my_name.or_else(|| who.name.clone()).unwrap_or_else(|| who.key.clone()),
            )
        }))
    }

    fn message(&mut self, value: &Value, cut: bool, sink: &mut dyn Sink) -> Result<(), Stop> {
        self.messages += 1;
        let at = format!("message {}", self.messages);
        if cut {
            self.odds.say(at.clone(), "too large; a part of it is left out", sink)?;
        }
        let (tree, dir) = (self.tree, parted(&self.entry.path).0);
        let names = RefCell::new(&mut self.names);
        let place = |name: &str| {
            let mut names = names.borrow_mut();
            let before = match names.get_mut(name) {
                Some(before) => {
                    *before += 1;
                    *before
                }
                None => {
                    if names.len() < NAMES_KEPT {
                        names.insert(name.to_owned(), 0);
                    }
                    0
                }
            };
            media(tree, dir, name, before)
        };
        let (thread, zone) = (Arc::clone(&self.record.key), self.options.zone);
        let (told, odd) = when(value, zone);
        let sent = match told.or(self.last) {
            Some(sent) => sent,
            None => first(tree, self.entry, zone, sink)?,
        };
        let composed = match compose(value, &thread, sent, zone, self.messages, &place) {
            Ok(composed) => composed,
            Err(why) => return self.odds.say(at, why, sink),
        };
        if let Some(why) = odd {
            self.odds.say(at, why, sink)?;
        }
        self.last = Some(sent);
        let Composed { mut message, sender, others, unnamed } = composed;
        self.unnamed = self.unnamed.saturating_add(unnamed);
        match &sender {
            Some(who) => self.person(who, sink)?,
            // Nothing is left of it, not even whose it was.
            None if message.deletion != Deletion::None => {}
            None => {
                // Whose account is gone.
                let key: Arc<str> = "deleted".into();
                if self.told.insert(key.to_string()) {
                    sink.take(Record::Participant(ParticipantRecord {
                        placeholder: true,
                        ..ParticipantRecord::new(
                            &thread,
                            Arc::clone(&key),
                            "Deleted account".to_owned(),
                        )
                    }))?;
                }
                message.sender = Some(key);
            }
        }
        for who in &others {
            self.person(who, sink)?;
        }
        sink.take(Record::Message(message))
    }

    fn finish(self, sink: &mut dyn Sink) -> Result<(), Stop> {
        if self.unnamed > 0 {
            let file = &self.entry.path;
            let left_out = match self.unnamed {
                1 => "1 reaction names nobody and is".to_owned(),
                n => format!("{n} reactions name nobody and are"),
            };
            sink.remark(format!("{file}: {left_out} left out"))?;
        }
        self.odds.end(sink)
    }
}

/// The first time that a file tells; the beginning of time where it tells none.
fn first(tree: &FileTree, entry: &Entry, zone: Zone, sink: &mut dyn Sink) -> Result<Moment, Stop> {
    let mut first = First { zone, found: None };
    let ended = super::json::walk(tree, entry, &mut first, &mut Quiet(sink));
    match (first.found, ended) {
        (Some(found), _) => Ok(found),
        (None, ended) => ended.map(|()| Moment::exact(Timestamp(0))),
    }
}

/// Looks for the first time of a file, and stops there.
struct First {
    zone: Zone,
    found: Option<Moment>,
}

impl Listener for First {
    fn names(&self) -> &'static [&'static str] {
        NAMES
    }

    fn want(&mut self, path: &[&'static str]) -> Want {
        want(path)
    }

    fn whole(
        &mut self,
        _: &[&'static str],
        value: Value,
        _: bool,
        _: &mut dyn Sink,
    ) -> Result<(), Stop> {
        self.found = when(&value, self.zone).0;
        self.found.map_or(Ok(()), |_| Err(Stop))
    }
}

/// The names on the way to a message.
const NAMES: &[&str] = &["messages"];

fn want(path: &[&'static str]) -> Want {
    match path {
        [] | ["messages"] => Want::Inside,
        ["messages", ITEM] => Want::Whole,
        _ => Want::Skip,
    }
}

/// A file beside the messages. What cannot stand in a file's name is `_` on the disk; of files of
/// one name the second is told as `name(1)`, or as the first is and only lies there under that name.
fn media(tree: &FileTree, dir: &str, name: &str, before: u32) -> MediaPlace {
    let at = |name: &str| match dir {
        "" => name.to_owned(),
        dir => format!("{dir}/{name}"),
    };
    let plain: String = name
        .chars()
        .map(|c| {
            if matches!(c, '?' | '*' | ':' | '"' | '<' | '>' | '|' | '&' | '=' | '%' | '/' | '\\') {
                '_'
            } else {
                c
            }
        })
        .collect();
    let numbered = |name: &str| match name.rsplit_once('.') {
        Some((stem, ending)) => format!("{stem}({before}).{ending}"),
        None => format!("{name}({before})"),
    };
    let again = [numbered(name), numbered(&plain)].into_iter().filter(|_| before > 0);
    let names = again.chain([name.to_owned(), plain.clone()]);
    let found = names.into_iter().find(|n| tree.find(&at(n)).is_some());
    match found {
        Some(found) => tree.media(&at(&found)),
        None => tree.media(&at(&plain)),
    }
}

impl Listener for Group<'_> {
    fn names(&self) -> &'static [&'static str] {
        NAMES
    }

    fn want(&mut self, path: &[&'static str]) -> Want {
        want(path)
    }

    fn whole(
        &mut self,
        _: &[&'static str],
        value: Value,
        cut: bool,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        self.message(&value, cut, sink)
    }
}
