//! What the whole of a room's file tells: its id, who is in it, who I am, how it ended.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::event;
use super::votes::Votes;
use crate::model::{AccountRecord, Evidence, EvidenceKind, Membership, ThreadKind, ThreadRecord};
use crate::sources::json::{ITEM, Listener, Want, brief, flag, member, text, walk};
use crate::sources::{Entry, FileTree, Quiet, ReadOptions, Sink, Stop};

/// People that are kept.
const PEOPLE: usize = 200_000;

/// Longer ids there are not (the specification of Matrix).
pub const ID: usize = 255;

/// Somebody in the room.
#[derive(Debug, Default)]
pub struct Person {
    /// The display name.
    pub name: Option<String>,
    /// No longer in the room.
    pub gone: bool,
    /// Met, in the order of the file.
    at: usize,
}

/// A room, looked at as a whole.
#[derive(Debug, Default)]
pub struct Survey {
    name: Option<String>,
    exporter: Option<String>,
    id: Option<String>,
    direct: bool,
    moved: bool,
    people: HashMap<String, Person>,
    me: Option<String>,
    known_by: &'static str,
    votes: Votes,
}

/// The names that occur in a room's file.
pub const NAMES: &[&str] = &["room_name", "exported_by", "messages"];

/// What is wanted of a room's file.
pub fn want(path: &[&'static str]) -> Want {
    match path {
        [] | ["messages"] => Want::Inside,
        ["room_name" | "exported_by"] | ["messages", ITEM] => Want::Whole,
        _ => Want::Skip,
    }
}

/// The part of a Matrix id that is a name.
pub fn localpart(id: &str) -> &str {
    id.strip_prefix('@').unwrap_or(id).split(':').next().unwrap_or_default()
}

/// Looks at a file. What is wrong with it is told when it is read.
pub fn of(
    tree: &FileTree,
    entry: &Entry,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> Result<Survey, Stop> {
    let mut survey = Survey::default();
    walk(tree, entry, &mut survey, &mut Quiet(sink))?;
    survey.find_me(options);
    Ok(survey)
}

impl Survey {
    fn event(&mut self, value: &Value) {
        let value = event::opened(value);
        self.votes.take(value);
        if self.id.is_none() {
            self.id = brief(value, "room_id").filter(|id| id.starts_with('!'));
        }
        let content = member(value, "content").unwrap_or(&Value::Null);
        match (text(value, "type"), text(value, "state_key")) {
            (Some("m.room.member"), Some(who)) => {
                let gone = matches!(text(content, "membership"), Some("leave" | "ban"));
                let name = brief(content, "displayname");
                self.direct |= flag(content, "is_direct");
                if let Some(person) = self.person(who) {
                    person.gone = gone;
                    // Who leaves is named no more.
                    person.name = name.or(person.name.take());
                }
            }
            (Some("m.room.tombstone"), Some("")) => self.moved = true,
            _ => {}
        }
        if let Some(sender) = text(value, "sender") {
            self.person(sender);
        }
    }

    fn person(&mut self, id: &str) -> Option<&mut Person> {
        let at = self.people.len();
        if !id.starts_with('@') || id.len() > ID || (at >= PEOPLE && !self.people.contains_key(id))
        {
            return None;
        }
        Some(self.people.entry(id.to_owned()).or_insert(Person { at, ..Person::default() }))
    }

    /// The one person who is called so.
    fn called(&self, said: &str) -> Option<String> {
        let said = said.trim();
        if self.people.contains_key(said) {
            return Some(said.to_owned());
        }
        let folded = said.to_lowercase();
        let one = |is: &dyn Fn(&str, &Person) -> bool| {
            let mut all = self.people.iter().filter(|(id, p)| is(id, p));
            all.next().filter(|_| all.next().is_none()).map(|(id, _)| id.clone())
        };
        one(&|_, p| p.name.as_deref() == Some(said))
            .or_else(|| one(&|id, _| localpart(id).to_lowercase() == folded))
    }

    fn find_me(&mut self, options: &ReadOptions) {
        if let Some(said) = &options.me {
            (self.me, self.known_by) = (self.called(said), "--me");
            return;
        }
        if let Some(id) = self.exporter.as_deref().and_then(|name| self.called(name)) {
            (self.me, self.known_by) = (Some(id), "whoever made the export");
            return;
        }
        let known = options.known_me.iter().find_map(|name| self.called(name));
        self.known_by = match known {
            Some(_) => "your name in earlier imports",
            None => "whoever made the export",
        };
        self.me = known;
    }

    /// What is to be said of me.
    pub fn remark(&self, options: &ReadOptions) -> Option<String> {
        match (&self.me, &options.me, &self.exporter) {
            (Some(_), ..) => None,
            (None, Some(said), _) => Some(format!("nobody is called {said}")),
            (None, None, Some(name)) => Some(format!(
                "{name} made the export, but nobody in it is called so; give your Matrix id with --me"
            )),
            (None, None, None) => {
                Some("it does not say who you are; give your Matrix id with --me".to_owned())
            }
        }
    }

    /// The account.
    pub fn account(&self, options: &ReadOptions) -> AccountRecord {
        let own = self.me.as_deref().map(|id| self.called_here(id));
        let name = own.or_else(|| options.me.clone()).or_else(|| self.exporter.clone());
        let name = name.unwrap_or_default();
        options.my_account(super::SOURCE.id, self.me.as_deref(), name, self.known_by)
    }

    /// Whether an id is mine.
    pub fn is_me(&self, id: &str) -> bool {
        self.me.as_deref() == Some(id)
    }

    /// The name of somebody.
    pub fn called_here(&self, id: &str) -> String {
        let named = self.people.get(id).and_then(|p| p.name.clone());
        named.unwrap_or_else(|| localpart(id).to_owned())
    }

    /// Everybody, in the order in which they were met.
    pub fn people(&self) -> Vec<(&str, &Person)> {
        let mut all: Vec<(&str, &Person)> =
            self.people.iter().map(|(id, p)| (id.as_str(), p)).collect();
        all.sort_by_key(|(_, p)| p.at);
        all
    }

    /// How many voted for an answer of a poll, where that is known.
    pub fn votes(&self, poll: &str, answer: &Value) -> Option<i64> {
        self.votes.of(poll, answer)
    }

    /// The thread's key: the room's id, as a live account has it.
    pub fn key(&self) -> Arc<str> {
        self.id.clone().or_else(|| self.name.clone()).unwrap_or_else(|| "room".to_owned()).into()
    }

    /// The room as a thread.
    pub fn thread(&self) -> ThreadRecord {
        let mut record = ThreadRecord::new(self.key(), "Matrix export");
        let mut others = self.people.keys().filter(|id| !self.is_me(id));
        let other = others.next().filter(|_| others.next().is_none());
        let name = self.name.clone().filter(|n| !n.trim().is_empty());
        let named_so =
            other.is_some_and(|id| name.as_ref().is_none_or(|n| *n == self.called_here(id)));
        let direct = other.is_some() && (self.direct || named_so);
        record.kind = Some(if direct { ThreadKind::Direct } else { ThreadKind::Group });
        record.title = name.filter(|_| !(direct && named_so));
        record.address = other.filter(|_| direct).cloned();
        if let Some(me) = self.me.as_deref().and_then(|id| self.people.get(id)) {
            record.membership = if me.gone { Membership::Gone } else { Membership::Member };
        }
        record.read_only =
            self.moved.then(|| Evidence::new(EvidenceKind::Notice, "m.room.tombstone"));
        record
    }
}

impl Listener for Survey {
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
        _: bool,
        _: &mut dyn Sink,
    ) -> Result<(), Stop> {
        match path {
            ["messages", ITEM] => self.event(&value),
            ["room_name"] => self.name = value.as_str().map(str::to_owned),
            ["exported_by"] => self.exporter = value.as_str().map(str::to_owned),
            _ => {}
        }
        Ok(())
    }
}
