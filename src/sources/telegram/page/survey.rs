//! A first look at a chat's pages: what it is called, who writes there, of what kind it is; and who
//! of them is me.

use std::collections::HashMap;

use super::compose::name;
use super::parse::{Page, Seen};
use super::tell::{Chat, votes};
use crate::model::{AccountRecord, ThreadKind};
use crate::sources::telegram::SOURCE;
use crate::sources::{Entry, FileTree, ReadOptions, Sink, Stop};

/// Pages that are looked into for a second one who writes.
const PAGES: usize = 3;
/// Posts after which a chat in which nobody answers is a channel.
const MONOLOGUE: u64 = 10;
/// Names that are remembered of one chat.
const PEOPLE: usize = 1_000;

/// What the first pages of a chat show.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// The chat's name.
    pub title: String,
    /// The number of its first post.
    pub first: Option<i64>,
    senders: HashMap<String, u64>,
    group: bool,
    channel: bool,
}

impl Survey {
    /// Of a chat. What is wrong with its pages is told when they are read.
    pub fn of(tree: &FileTree, pages: &[&Entry], sink: &mut dyn Sink) -> Result<Self, Stop> {
        let mut survey = Self::default();
        for entry in pages.iter().take(PAGES) {
            let Ok(reader) = tree.open_entry(entry) else { continue };
            let mut page = Page::new(reader);
            while let Ok(Some(seen)) = page.next() {
                match seen {
                    Seen::Title(title) if survey.title.is_empty() => survey.title = title,
                    Seen::Post(post) if post.service => survey.notice(post.id, &post.text),
                    Seen::Post(post) => survey.wrote(post.id, post.from.as_deref()),
                    Seen::Title(_) => {}
                    Seen::Breath => sink.advance(0)?,
                }
            }
            sink.advance(0)?;
            if survey.senders.len() > 1 {
                break;
            }
        }
        Ok(survey)
    }

    fn wrote(&mut self, id: i64, from: Option<&str>) {
        self.first = self.first.or(Some(id));
        let Some(from) = from else { return };
        let from = name(from);
        if let Some(count) = self.senders.get_mut(from) {
            *count += 1;
        } else if self.senders.len() < PEOPLE {
            self.senders.insert(from.to_owned(), 1);
        }
    }

    /// Telegram Desktop writes these lines in English, whatever its own language.
    fn notice(&mut self, id: i64, text: &str) {
        const GROUP: &[&str] = &[
            " created group «",
            " changed group ",
            " removed group ",
            " joined group ",
            " converted this group",
            " converted a basic group",
            " invited ",
            " created topic «",
        ];
        if id < 0 && text.trim().ends_with(|c: char| c.is_ascii_digit()) {
            return;
        }
        self.first = self.first.or(Some(id));
        self.channel |= text.trim_start().starts_with("Channel ");
        self.group |= GROUP.iter().any(|g| text.contains(g));
    }

    /// Of what kind it is, as far as can be told, where so many write.
    pub fn kind(&self, people: usize) -> ThreadKind {
        let people = people.max(self.senders.len());
        let alone = people == 1 && self.senders.get(&self.title).is_some_and(|n| *n >= MONOLOGUE);
        match () {
            () if (self.channel || alone) && !self.group => ThreadKind::Channel,
            () if self.group || people > 2 => ThreadKind::Group,
            // None of two is whom the chat is called after.
            () if people == 2 && !self.senders.contains_key(&self.title) => ThreadKind::Group,
            () => ThreadKind::Direct,
        }
    }

    /// Nothing speaks against a chat between two.
    pub fn is_direct(&self) -> bool {
        self.kind(0) == ThreadKind::Direct
    }

    /// Who writes there beside the one whom it is called after.
    pub fn other(&self) -> Option<&str> {
        let mut others = self.senders.keys().filter(|name| **name != self.title);
        let one = others.next()?;
        others.next().is_none().then_some(one)
    }

    fn has(&self, name: &str) -> bool {
        self.senders.contains_key(name)
    }
}

/// Me.
#[derive(Debug, Default)]
pub struct Me {
    /// My name; empty: nobody knows.
    pub name: String,
    /// What the person said is nobody's name here.
    pub unmet: bool,
    known_by: &'static str,
}

impl Me {
    /// Who I am: said, in the account's own page, or beside the other one in chats between two.
    pub fn find(owner: Option<String>, chats: &[Chat<'_>], options: &ReadOptions) -> Self {
        if let Some(said) = &options.me {
            let unmet = !chats.iter().any(|c| c.survey.has(said));
            return Self { name: said.clone(), unmet, known_by: "--me" };
        }
        if let Some(name) = owner {
            return Self { name, unmet: false, known_by: "the account's own part of the export" };
        }
        let best = votes(chats.iter()).into_iter().max_by(|a, b| (a.1, b.0).cmp(&(b.1, a.0)));
        if let Some((name, _)) = best {
            let known_by = "the other one in chats between two";
            return Self { name: name.to_owned(), unmet: false, known_by };
        }
        let met = |n: &&String| chats.iter().any(|c| c.survey.has(n));
        match options.known_me.iter().find(met) {
            Some(name) => Self { name: name.clone(), unmet: false, known_by: "an earlier import" },
            None => Self { known_by: "the export does not say", ..Self::default() },
        }
    }

    /// The account's record.
    pub fn account(&self, options: &ReadOptions) -> AccountRecord {
        options.my_account(SOURCE.id, None, self.name.clone(), self.known_by)
    }
}
