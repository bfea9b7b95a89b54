//! Conversations: as they are listed, and day by day as they lie in their folders.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;

use super::message::{self, Composed, Told};
use super::people::People;
use super::{LISTS, is_day};
use crate::model::{
    Evidence, EvidenceKind, Membership, ParticipantRecord, PostingLimit, Record, ThreadKind,
    ThreadRecord,
};
use crate::sources::json::{ITEM, Listener, Want, brief, flag, list, walk};
use crate::sources::odds::Odds;
use crate::sources::parted;
use crate::sources::{FileTree, Sink, Stop};

/// Conversations that are kept.
const MOST: usize = 200_000;
/// Members kept of all conversations together; beyond that it is not known who is in one.
const MEMBERS: usize = 2_000_000;
/// Longer ids there are not.
const ID: usize = 64;
/// So many members are told even if they never wrote.
const TOLD: usize = 500;
/// People told of one conversation.
const PEOPLE: usize = 200_000;

/// A conversation as a list tells it.
#[derive(Debug)]
pub struct Listed {
    /// Its id.
    key: Arc<str>,
    /// What its folder may be called.
    folders: Vec<String>,
    /// Its name; `None` where it is made of those who are in it.
    pub title: Option<String>,
    /// What it is.
    pub kind: ThreadKind,
    /// Who is in it, where that is told.
    pub members: Option<Vec<Arc<str>>>,
    archived: bool,
    read_only: bool,
}

/// Reads the lists, and learns the names of channels.
pub fn lists(
    tree: &FileTree,
    people: &mut People,
    sink: &mut dyn Sink,
) -> Result<Vec<Listed>, Stop> {
    let mut told = Vec::new();
    let mut left = MEMBERS;
    for name in LISTS {
        let Some(entry) = tree.find(name) else { continue };
        let mut lists = Lists { of: name, told: &mut told, left: &mut left, people };
        walk(tree, entry, &mut lists, sink)?;
    }
    Ok(told)
}

struct Lists<'a> {
    of: &'static str,
    told: &'a mut Vec<Listed>,
    left: &'a mut usize,
    people: &'a mut People,
}

impl Lists<'_> {
    fn members(&mut self, value: &Value) -> Option<Vec<Arc<str>>> {
        let told = value.get("members")?.as_array()?;
        *self.left = self.left.checked_sub(told.len())?;
        let ids = told.iter().filter_map(Value::as_str).filter(|id| id.len() <= ID);
        let mut all: Vec<Arc<str>> = ids.map(Arc::from).collect();
        all.sort_unstable();
        all.dedup();
        Some(all)
    }

    fn take(&mut self, value: &Value) {
        let (id, name) = (brief(value, "id"), brief(value, "name"));
        let Some(key) = id.clone().or_else(|| name.clone()) else { return };
        if self.told.len() >= MOST {
            return;
        }
        let several = self.of == "mpims.json" || flag(value, "is_mpim");
        let direct = self.of == "dms.json" || flag(value, "is_im");
        let title = name.clone().filter(|_| !several && !direct).map(|n| format!("#{n}"));
        if let (Some(id), Some(name)) = (&id, &name) {
            self.people.channels.insert(id.clone(), name.clone());
        }
        let members = self.members(value);
        self.told.push(Listed {
            key: key.into(),
            folders: name.into_iter().chain(id).collect(),
            title,
            kind: if direct { ThreadKind::Direct } else { ThreadKind::Group },
            members,
            archived: flag(value, "is_archived"),
            read_only: flag(value, "is_read_only"),
        });
    }
}

impl Listener for Lists<'_> {
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
        _: bool,
        _: &mut dyn Sink,
    ) -> Result<(), Stop> {
        self.take(&value);
        Ok(())
    }
}

/// A conversation that only its folder tells of.
fn unlisted(folder: &str) -> Listed {
    let is_id = |first: char| {
        folder.starts_with(first)
            && folder.len() > 8
            && folder.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    let title = match folder {
        // Talk about a file: `FC:F0123:name`.
        f if f.starts_with("FC:") => f.rsplit(':').next().map(str::to_owned),
        f if f.starts_with("mpdm-") || is_id('D') || is_id('C') || is_id('G') => None,
        "" => None,
        f => Some(format!("#{f}")),
    };
    Listed {
        key: if folder.is_empty() { "channel".into() } else { folder.into() },
        folders: vec![folder.to_owned()],
        title,
        kind: if is_id('D') { ThreadKind::Direct } else { ThreadKind::Group },
        members: None,
        archived: false,
        read_only: false,
    }
}

/// The folders that hold days, in order; the empty one for days beside the lists.
fn folders(tree: &FileTree) -> Vec<&str> {
    let mut all: Vec<&str> = Vec::new();
    for entry in tree.entries() {
        let (folder, name) = parted(&entry.path);
        if is_day(name) && !folder.contains('/') && all.last() != Some(&folder) {
            all.push(folder);
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// Reads every conversation that has something in it.
pub fn read(
    tree: &FileTree,
    people: &People,
    lists: Vec<Listed>,
    sink: &mut dyn Sink,
) -> Result<(), Stop> {
    let folders = folders(tree);
    let mut done: HashSet<&str> = HashSet::new();
    let mut unnamed = 0;
    let mut conversation = |folder: &str, of: &Listed, sink: &mut dyn Sink| {
        let mut it = Conversation::new(tree, people, folder, of);
        it.read(sink)?;
        unnamed += it.unnamed;
        Ok(())
    };
    for listed in &lists {
        let found = listed.folders.iter().find_map(|f| folders.binary_search(&f.as_str()).ok());
        let Some(folder) = found.and_then(|i| folders.get(i)).filter(|f| done.insert(f)) else {
            continue;
        };
        conversation(folder, listed, sink)?;
    }
    for folder in folders.iter().filter(|f| !done.contains(*f)) {
        conversation(folder, &unlisted(folder), sink)?;
    }
    match unnamed {
        0 => Ok(()),
        1 => sink
            .remark("1 reaction is only counted by Slack, without a name; it is left out".into()),
        n => sink.remark(format!(
            "{n} reactions are only counted by Slack, without names; they are left out"
        )),
    }
}

/// A conversation while it is read.
struct Conversation<'a> {
    tree: &'a FileTree,
    people: &'a People,
    folder: &'a str,
    of: &'a Listed,
    told: HashSet<Arc<str>>,
    odds: Odds,
    met: u64,
    unnamed: u64,
}

impl<'a> Conversation<'a> {
    fn new(tree: &'a FileTree, people: &'a People, folder: &'a str, of: &'a Listed) -> Self {
        let (told, odds) = (HashSet::new(), Odds::of(folder));
        Self { tree, people, folder, of, told, odds, met: 0, unnamed: 0 }
    }

    fn record(&self) -> ThreadRecord {
        let of = self.of;
        let mut record = ThreadRecord::new(Arc::clone(&of.key), "Slack export");
        record.title.clone_from(&of.title);
        record.kind = Some(of.kind);
        record.archived = of.archived;
        let members = of.members.as_deref().unwrap_or_default();
        if let Some(me) = self.people.me().filter(|_| !members.is_empty()) {
            let here = members.contains(me);
            record.membership = if here { Membership::Member } else { Membership::Gone };
        }
        if of.read_only {
            record.posting = PostingLimit::AdminsOnly;
        }
        let flag = |name: &str| Evidence::new(EvidenceKind::Flag, name);
        record.read_only = of.archived.then(|| flag("is_archived"));
        let gone =
            of.kind == ThreadKind::Direct && members.iter().any(|id| self.people.is_deleted(id));
        record.peer_gone = gone.then(|| flag("deleted"));
        record
    }

    fn read(&mut self, sink: &mut dyn Sink) -> Result<(), Stop> {
        sink.take(Record::Thread(Box::new(self.record())))?;
        for id in self.of.members.iter().flatten().take(TOLD + 1) {
            if self.of.members.as_ref().is_some_and(|m| m.len() <= TOLD) {
                self.person(id, None, sink)?;
            }
        }
        let prefix =
            if self.folder.is_empty() { String::new() } else { format!("{}/", self.folder) };
        for entry in self.tree.under(&prefix) {
            if !entry.path.strip_prefix(&prefix).is_some_and(is_day) {
                continue;
            }
            let before = std::mem::replace(&mut self.odds, Odds::of(&entry.path));
            before.end(sink)?;
            self.met = 0;
            walk(self.tree, entry, self, sink)?;
        }
        std::mem::replace(&mut self.odds, Odds::of(self.folder)).end(sink)
    }

    fn message(&mut self, composed: Composed, sink: &mut dyn Sink) -> Result<(), Stop> {
        self.unnamed = self.unnamed.saturating_add(composed.unnamed);
        for who in composed.people {
            self.person(&who.key, who.name, sink)?;
        }
        sink.take(Record::Message(composed.message))
    }

    fn person(
        &mut self,
        key: &Arc<str>,
        name: Option<String>,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        if self.told.len() >= PEOPLE || !self.told.insert(Arc::clone(key)) {
            return Ok(());
        }
        let known = self.people.name(key).map(str::to_owned);
        let members = self.of.members.as_deref().unwrap_or_default();
        sink.take(Record::Participant(ParticipantRecord {
            is_me: self.people.me() == Some(key),
            left: !members.is_empty()
                && self.people.is_person(key)
                && members.binary_search(key).is_err(),
            ..ParticipantRecord::new(
                &self.of.key,
                Arc::clone(key),
                known.or(name).unwrap_or_else(|| key.to_string()),
            )
        }))
    }
}

impl Listener for Conversation<'_> {
    fn names(&self) -> &'static [&'static str] {
        &["messages"]
    }

    fn want(&mut self, path: &[&'static str]) -> Want {
        match path {
            [] | ["messages"] => Want::Inside,
            [ITEM] | ["messages", ITEM] => Want::Whole,
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
        self.met += 1;
        let at = format!("message {}", self.met);
        if cut {
            self.odds.say(at.clone(), "too large; a part of it is left out", sink)?;
        }
        // What became of a message is told by name; the message itself stands elsewhere.
        let place = message::Place { tree: self.tree, folder: self.folder };
        match message::tell(&value, &self.of.key, self.people, &place) {
            Ok(Told::Message(composed)) => self.message(composed, sink),
            Ok(Told::Change(change, before)) => {
                if let Some(composed) = before {
                    self.message(composed, sink)?;
                }
                sink.take(Record::Revision(change))
            }
            Err(why) => self.odds.say(at, why, sink),
        }
    }
}

/// Names of people in a list of a message.
pub fn ids<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = Arc<str>> + use<'v> {
    list(value, name).iter().filter_map(Value::as_str).filter(|id| !id.is_empty()).map(Arc::from)
}
