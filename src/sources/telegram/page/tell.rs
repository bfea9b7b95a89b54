//! Chats in pages, told with their people and messages.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime};

use super::compose::{DELETED, compose, name, unnamed, when};
use super::lists::{self, Listed};
use super::parse::{Page, Post, Seen};
use super::survey::{Me, Survey};
use super::{in_order, pages, root};
use crate::model::{
    MediaPlace, Membership, Moment, Oddity, ParticipantRecord, PostingLimit, Record, ThreadKind,
    ThreadRecord, Timestamp,
};
use crate::sources::odds::Odds;
use crate::sources::telegram::chat;
use crate::sources::{Entry, FileTree, ReadError, ReadOptions, Sink, Stop};

/// People told per chat; what lies beyond are readers of a channel.
const PEOPLE: usize = 200_000;
/// Lines that wait for the first post of their day.
const WAITING: usize = 1_000;

/// A chat of an export.
pub struct Chat<'t> {
    /// Its pages in their order.
    pub pages: Vec<&'t Entry>,
    /// As the account's list has it.
    pub listed: Listed,
    /// What its first pages show.
    pub survey: Survey,
}

/// Reads the chats of an export.
pub fn read(tree: &FileTree, options: &ReadOptions, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let list = lists::chats(tree);
    let mut chats: Vec<Chat<'_>> = Vec::new();
    for first in pages(tree).filter(|e| root(&e.path).is_empty()) {
        let pages = in_order(tree, first);
        let listed = lists::folder(&first.path).and_then(|f| list.get(f)).cloned();
        let survey = Survey::of(tree, &pages, &mut *sink)?;
        chats.push(Chat { pages, listed: listed.unwrap_or_default(), survey });
    }
    if chats.is_empty() {
        return Ok(());
    }
    let me = Me::find(lists::owner(tree), &chats, options);
    if me.name.is_empty() || me.unmet {
        sink.remark(match &options.me {
            Some(said) => format!("nobody in these pages is called {said}"),
            None => {
                "Telegram's pages do not say who you are; give your name with --me NAME".to_owned()
            }
        })?;
    }
    sink.take(Record::Account(me.account(options)))?;
    let mut keys = HashSet::new();
    let mut nameless = 0;
    for chat in &chats {
        let mut telling = Telling::new(tree, chat, &me, options, &mut keys);
        telling.chat(sink)?;
        nameless += telling.nameless;
    }
    if nameless > 0 {
        sink.remark(format!(
            "{nameless} reactions are only counted by Telegram, without names; they are left out"
        ))?;
    }
    Ok(())
}

/// One chat being told.
struct Telling<'a> {
    tree: &'a FileTree,
    chat: &'a Chat<'a>,
    me: &'a Me,
    options: &'a ReadOptions,
    thread: Arc<str>,
    people: HashSet<Arc<str>>,
    from: Option<Arc<str>>,
    passed_on_from: Option<String>,
    last: Option<Moment>,
    /// The day that a line between days names, until the first post of it.
    day: Option<NaiveDate>,
    waiting: Vec<Post>,
    mine: bool,
    nameless: u64,
}

impl<'a> Telling<'a> {
    fn new(
        tree: &'a FileTree,
        chat: &'a Chat<'a>,
        me: &'a Me,
        options: &'a ReadOptions,
        keys: &mut HashSet<String>,
    ) -> Self {
        let mut key = match (chat.listed.saved, chat.survey.title.as_str()) {
            (true, _) => "saved".to_owned(),
            (false, "") => "chat".to_owned(),
            (false, title) => title.to_owned(),
        };
        // Names are all that tells chats apart: where one comes twice, the first post does.
        let twice = chat.survey.title == DELETED || keys.contains(&key);
        if twice && let Some(first) = chat.survey.first {
            key = format!("{key} · {first}");
        }
        keys.insert(key.clone());
        Self {
            tree,
            chat,
            me,
            options,
            thread: key.into(),
            people: HashSet::new(),
            from: None,
            passed_on_from: None,
            last: None,
            day: None,
            waiting: Vec::new(),
            mine: false,
            nameless: 0,
        }
    }

    fn record(&self) -> ThreadRecord {
        let (listed, survey) = (&self.chat.listed, &self.chat.survey);
        let mut record = ThreadRecord::new(Arc::clone(&self.thread), "Telegram export (pages)");
        record.title = match listed.saved {
            true => Some("Saved Messages".to_owned()),
            false => Some(survey.title.clone()).filter(|t| !t.is_empty()),
        };
        let kind = listed.kind.unwrap_or_else(|| survey.kind(self.people.len()));
        record.kind = Some(kind);
        if listed.left {
            record.membership = Membership::Gone;
        }
        record
    }

    fn chat(&mut self, sink: &mut dyn Sink) -> Result<(), Stop> {
        sink.take(Record::Thread(Box::new(self.record())))?;
        sink.take(Record::Telling { thread: Arc::clone(&self.thread) })?;
        for entry in &self.chat.pages {
            self.page(entry, sink)?;
        }
        self.end(sink)?;
        // How many write, and whether I post in a channel, is known now.
        let mut record = self.record();
        if record.kind == Some(ThreadKind::Channel) && !self.mine {
            record.posting = PostingLimit::AdminsOnly;
        }
        sink.take(Record::Thread(Box::new(record)))
    }

    fn page(&mut self, entry: &Entry, sink: &mut dyn Sink) -> Result<(), Stop> {
        let reader = match self.tree.open_entry(entry) {
            Ok(reader) => reader,
            Err(why) => return sink.odd(Oddity::file(&entry.path, why.to_string())),
        };
        let mut odds = Odds::of(&entry.path);
        let mut page = Page::new(reader);
        let mut done = 0;
        loop {
            let seen = page.next();
            sink.advance(page.bytes().saturating_sub(done))?;
            done = page.bytes();
            match seen {
                Ok(Some(Seen::Post(post))) => self.post(*post, entry, &mut odds, sink)?,
                Ok(Some(Seen::Title(_) | Seen::Breath)) => {}
                Ok(None) => break,
                Err(why) => {
                    let why = format!("cannot be read to its end: {why}");
                    sink.odd(Oddity::file(&entry.path, why))?;
                    break;
                }
            }
        }
        let torn = page.torn();
        if torn > 0 {
            sink.odd(Oddity::file(&entry.path, format!("{torn} tags are torn and left out")))?;
        }
        odds.end(sink)
    }

    fn post(
        &mut self,
        post: Post,
        entry: &Entry,
        odds: &mut Odds,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        // Below zero stand the lines between days, and what was written before the group grew.
        if post.service
            && post.id < 0
            && let Some(day) = day(&post.text)
        {
            // Nobody wrote on the day before.
            self.waited(self.midnight(), entry, sink)?;
            self.day = day.or(self.day);
            return Ok(());
        }
        let told = when(&post.date, self.options.zone);
        if told.is_none() && !post.service {
            let why = "it has no time that can be read; it stands beside its neighbour";
            odds.say(format!("message {}", post.id), why, sink)?;
        }
        let Some(sent) = told else {
            // A line of the app's bears no time: it stands between its neighbours of that day.
            return match self.last.filter(|_| self.day.is_none()) {
                Some(last) => self.one(post, last, entry, sink),
                None if self.waiting.len() < WAITING => {
                    self.waiting.push(post);
                    Ok(())
                }
                None => self.one(post, self.midnight(), entry, sink),
            };
        };
        self.day = None;
        self.last = Some(sent);
        self.waited(sent, entry, sink)?;
        self.one(post, sent, entry, sink)
    }

    /// Tells what waited for a time.
    fn waited(&mut self, at: Moment, entry: &Entry, sink: &mut dyn Sink) -> Result<(), Stop> {
        for waited in std::mem::take(&mut self.waiting) {
            self.one(waited, at, entry, sink)?;
        }
        Ok(())
    }

    /// The beginning of the day that was named last.
    fn midnight(&self) -> Moment {
        match self.day.map(|day| day.and_time(NaiveTime::MIN)) {
            Some(reading) => Moment::wall(self.options.zone.instant(reading), reading),
            None => self.last.unwrap_or(Moment::exact(Timestamp(0))),
        }
    }

    fn end(&mut self, sink: &mut dyn Sink) -> Result<(), Stop> {
        let Some(entry) = self.chat.pages.last() else { return Ok(()) };
        self.waited(self.midnight(), entry, sink)
    }

    fn one(
        &mut self,
        mut post: Post,
        sent: Moment,
        entry: &Entry,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        if !post.service {
            if let Some(told) = post.from.take() {
                self.from = Some(name(&told).into());
            }
            let from = self.from.get_or_insert_with(|| DELETED.into()).clone();
            self.mine |= *from == *self.me.name;
            self.person(&from, sink)?;
        }
        if post.forwarded
            && let Some(told) = post.forwarded_from.take()
        {
            self.passed_on_from = Some(name(&told).to_owned());
        }
        for reaction in &post.reactions {
            for by in &reaction.by {
                self.person(&name(by).into(), sink)?;
            }
        }
        self.nameless = self.nameless.saturating_add(unnamed(&post));
        let from = self.from.clone().filter(|_| !post.service);
        let passed_on_from = self.passed_on_from.clone();
        let place = |href: &str| -> MediaPlace { self.tree.media(&beside(&entry.path, href)) };
        let message = compose(post, &self.thread, (from, passed_on_from), sent, &place);
        sink.take(Record::Message(Box::new(message)))
    }

    fn person(&mut self, key: &Arc<str>, sink: &mut dyn Sink) -> Result<(), Stop> {
        if self.people.len() >= PEOPLE || !self.people.insert(Arc::clone(key)) {
            return Ok(());
        }
        let placeholder = **key == *DELETED;
        let name = if placeholder { chat::DELETED } else { &**key };
        sink.take(Record::Participant(ParticipantRecord {
            is_me: !self.me.name.is_empty() && **key == *self.me.name,
            placeholder,
            ..ParticipantRecord::new(&self.thread, Arc::clone(key), name)
        }))
    }
}

/// The day that a line between days names; `Some(None)`: it says that there is nothing.
fn day(text: &str) -> Option<Option<NaiveDate>> {
    match text.trim() {
        "No exported messages" => Some(None),
        text => NaiveDate::parse_from_str(text, "%d %B %Y").ok().map(Some),
    }
}

/// The path of an address as seen from a page. It cannot climb out of the export.
fn beside(page: &str, href: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in href.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Chats by how often somebody other than whom they are called after writes in them.
pub fn votes<'c>(chats: impl Iterator<Item = &'c Chat<'c>>) -> HashMap<&'c str, u64> {
    let mut votes: HashMap<&str, u64> = HashMap::new();
    for chat in chats {
        let direct =
            chat.listed.kind.map_or_else(|| chat.survey.is_direct(), |k| k == ThreadKind::Direct);
        if let Some(other) = chat.survey.other().filter(|_| direct && !chat.listed.saved) {
            *votes.entry(other).or_insert(0) += 1;
        }
    }
    votes
}

#[cfg(test)]
mod tests {
    use super::beside;

    #[test]
    fn an_address_is_seen_from_its_page() {
        let page = "chats/chat_01/messages2.html";
        assert_eq!(
            beside(page, "../../chats/chat_01/photos/a b.jpg"),
            "chats/chat_01/photos/a b.jpg"
        );
        assert_eq!(beside("messages.html", "photos/a.jpg"), "photos/a.jpg");
        assert_eq!(beside("messages.html", "../../../etc/passwd"), "etc/passwd");
    }
}
