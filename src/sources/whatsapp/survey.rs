//! The first walk over a chat: who writes, what it is called, whether it is a group, who is me.

use std::collections::HashMap;

use twox_hash::XxHash3_64;

use super::body::{self, Writer};
use super::dates::DateEvidence;
use super::header::{Shape, Stamp};
use super::lines::RawMessage;
use super::marks::{after_marks, bare, is_by_app};
use super::notices::{self, Meaning};
use super::people::{self, ChatName};
use super::phrases::YOU;
use crate::model::{MediaPlace, Membership, PostingLimit};

/// Lines after which a word that stands before a second colon in all of them belongs to the name.
const SURELY_LONGER: u64 = 12;
/// More senders than any group has; past it, lines are no names.
const MOST_SENDERS: usize = 20_000;

/// What is known of one written name.
#[derive(Clone, Debug, Default)]
pub struct Sender {
    /// Lines with it.
    pub count: u64,
    /// Lines of its own, not the app's.
    pub own: u64,
    /// The number of its first line.
    pub first: i64,
    /// The number of its last line of its own.
    pub last: i64,
    /// The app told it that it took a message back.
    pub by_me: bool,
    /// What stood before a second colon on every line: the name goes on.
    pub longer: Option<String>,
}

/// What one walk over a chat gathers.
#[derive(Clone, Debug)]
pub struct Survey {
    /// How the file writes headers.
    pub shape: Shape,
    /// What its dates say.
    pub dates: DateEvidence,
    /// Written names.
    pub senders: HashMap<String, Sender>,
    /// A notice of a group was seen.
    pub group: bool,
    /// The title that notices tell.
    pub title: Option<String>,
    /// A name in a line before the first message, or the one under which the app speaks in the
    /// first.
    pub preamble: Option<ChatName>,
    membership: (Membership, i64),
    admins_only: bool,
    admin: bool,
    /// Names that left, with the line.
    left: HashMap<String, i64>,
    /// A message ends with a carriage return: what stands behind a line feed alone was pasted.
    pub returns: bool,
    /// Messages behind a line feed alone.
    after_feed: u64,
    /// Messages.
    pub messages: u64,
    /// What tells the first line of somebody's from that of any other chat.
    pub begins: Option<u64>,
    /// The app's web page or desktop app wrote it.
    pub web: bool,
    web_begun: bool,
    /// A line bore the mark that the web sets before the app's own.
    unsigned: bool,
    /// The web's export says that earlier messages are left out.
    pub cut_short: bool,
}

/// A line's sender and what follows, or a line of the app's.
pub enum Who<'s, 't> {
    /// Somebody: the name as first written, and the body.
    Person(&'s str, &'t str),
    /// The app.
    App(&'t str),
}

impl Survey {
    /// An empty one.
    pub fn new(shape: Shape) -> Self {
        Self {
            shape,
            dates: DateEvidence::default(),
            senders: HashMap::new(),
            group: false,
            title: None,
            preamble: None,
            membership: (Membership::Unknown, -1),
            admins_only: false,
            admin: false,
            left: HashMap::new(),
            returns: false,
            after_feed: 0,
            messages: 0,
            begins: None,
            web: false,
            web_begun: false,
            unsigned: false,
            cut_short: false,
        }
    }

    /// Looks at a line before the first message.
    pub fn before(&mut self, line: &str) {
        if notices::is_of_encryption(line) {
            // The phones write this one with a date.
            self.web |= self.shape.is_web();
            self.web_begun = true;
            return;
        }
        // Only one thing follows, in whatever language: that earlier messages are not in it.
        if self.web_begun && self.web && !bare(line).is_empty() {
            self.cut_short = true;
            return;
        }
        if line.len() < 200 && !line.contains(": ") && self.preamble.is_none() {
            let name = people::chat_name(line);
            self.preamble = name.certain.then_some(name);
        }
    }

    /// Who wrote it.
    pub fn writer(&self) -> Writer {
        match (self.shape.bracket, self.web) {
            (false, _) => Writer::Android,
            (true, false) => Writer::Iphone,
            (true, true) => Writer::Web,
        }
    }

    /// Looks at a message.
    pub fn look(&mut self, m: &RawMessage) {
        self.messages += 1;
        self.after_feed += u64::from(m.after_feed && self.messages > 1);
        self.dates.add(&m.stamp);
        self.unsigned |= m.unsigned;
        let split = if m.unsigned { None } else { people::split(&m.text) };
        let Some((name, body)) = split else {
            self.notice(&m.text, m.index);
            return;
        };
        if !self.senders.contains_key(name) {
            if notices::is_piece(name) || self.senders.len() >= MOST_SENDERS {
                self.notice(&m.text, m.index);
                return;
            }
            let longer = people::split(body).map(|(more, _)| more.to_owned());
            let fresh = Sender { first: m.index, longer, ..Sender::default() };
            self.senders.insert(name.to_owned(), fresh);
        }
        let by_app = self.is_notice(name, body, m.index);
        if self.begins.is_none() && !by_app {
            let Stamp { date, minute, .. } = m.stamp;
            let line = format!("{date:?} {minute} {}", m.text);
            self.begins = Some(XxHash3_64::oneshot(line.as_bytes()));
        }
        if let Some(sender) = self.senders.get_mut(name) {
            sender.count += 1;
            if sender.longer.as_ref().is_some_and(|l| people::split_after(body, l).is_none()) {
                sender.longer = None;
            }
            if !by_app {
                sender.own += 1;
                sender.last = m.index;
                sender.by_me |= body::deleted_by_me(body);
            }
        }
        if by_app {
            // An iPhone writes this one first, under the other's name or the group's.
            let first = self.messages == 1 && self.shape.bracket && self.preamble.is_none();
            if first && is_by_app(body) && notices::is_of_encryption(body) {
                self.preamble = Some(ChatName { name: people::shown(name), certain: true });
            }
            self.notice(body, m.index);
        }
    }

    /// Whether a line with a sender is the app's all the same.
    pub fn is_notice(&self, name: &str, text: &str, index: i64) -> bool {
        // Under the name of a group nobody speaks but the app.
        let of_group = self.group && self.preamble.as_ref().is_some_and(|p| p.name == bare(name));
        is_notice(name, text, index, (self.writer(), of_group))
    }

    /// The walk has ended. An iPhone ends its lines otherwise than the web: there a line of the web's
    /// was pasted.
    pub fn end(&mut self) {
        let fed = self.after_feed + 1 >= self.messages;
        self.web |= self.unsigned && fed && self.shape.is_web();
    }

    /// Whether it seems to hold pieces of other chats. An iPhone ends messages with a carriage
    /// return, and the lines within one without: a few headers behind the latter are somebody's paste.
    pub fn holds_pasted(&self) -> bool {
        self.shape.bracket && self.after_feed > 0 && self.after_feed * 10 <= self.messages
    }

    fn notice(&mut self, text: &str, index: i64) {
        match notices::meaning(text) {
            Meaning::Chat => return,
            Meaning::IAmOut => self.membership = (Membership::Gone, index),
            Meaning::IAmIn => self.membership = (Membership::Member, index),
            Meaning::Title(title) => self.title = Some(title),
            Meaning::AdminsOnly(by_me) => {
                // The web's says the same where everybody may write again.
                self.admins_only = !(self.web && self.admins_only);
                self.admin |= by_me;
            }
            Meaning::Everyone => self.admins_only = false,
            Meaning::Admin(is) => self.admin = is,
            Meaning::Left(name) => {
                if self.left.len() < MOST_SENDERS {
                    self.left.insert(people::key(&name), index);
                }
            }
            Meaning::Group => {}
        }
        self.group = true;
    }

    /// Names that are no accident of a colon: everything that wrote, the longer form where the
    /// name goes on after a colon. What the chat is called says which is the name; else it takes many
    /// lines, for some begin all that they say with one word, until they do not.
    pub fn settle(&mut self, chat: &ChatName) {
        for (name, sender) in &mut self.senders {
            let called = |name: &str| {
                chat.certain && !chat.name.is_empty() && people::alike(name, &chat.name)
            };
            let whole = sender.longer.as_ref().map(|more| format!("{name}: {more}"));
            let is_chat = whole.is_some_and(|whole| called(&whole));
            if !is_chat && (called(name) || sender.count < SURELY_LONGER) {
                sender.longer = None;
            }
        }
    }

    /// Who speaks in a message, once everything is known.
    pub fn who<'s, 't>(&'s self, m: &'t RawMessage) -> Who<'s, 't> {
        if m.unsigned {
            return Who::App(&m.text);
        }
        if let Some((name, body)) = people::split(&m.text)
            && let Some((known, sender)) = self.senders.get_key_value(name)
        {
            let body = sender
                .longer
                .as_ref()
                .and_then(|more| people::split_after(body, more))
                .unwrap_or(body);
            return Who::Person(known, body);
        }
        // "Name:text": only where the name is known from elsewhere.
        let known = m.text.split_once(':').and_then(|(name, body)| {
            self.senders.get_key_value(name).map(|(known, _)| Who::Person(known.as_str(), body))
        });
        known.unwrap_or(Who::App(&m.text))
    }

    /// A written name with what belongs to it.
    pub fn full_name(&self, name: &str) -> String {
        match self.senders.get(name).and_then(|s| s.longer.as_ref()) {
            Some(more) => format!("{}: {more}", people::shown(name)),
            None => people::shown(name),
        }
    }

    /// Whether a name is nobody's: the group's own, under which the app speaks on iOS, or the "You"
    /// of its notices.
    pub fn is_title(&self, name: &str, chat: &str) -> bool {
        let called = || {
            (self.group || self.senders.len() > 2)
                && (people::alike(name, chat)
                    || self.title.as_ref().is_some_and(|t| people::alike(name, t)))
        };
        let silent = self.senders.get(name).is_some_and(|s| s.own == 0);
        silent && (called() || YOU.contains(&bare(name)) && !self.web)
    }

    /// People who write, in the order of their first line.
    pub fn people(&self, chat: &str) -> Vec<&str> {
        let mut all: Vec<(&str, i64)> = self
            .senders
            .iter()
            .filter(|(name, _)| !self.is_title(name, chat))
            .map(|(name, s)| (name.as_str(), s.first))
            .collect();
        all.sort_by_key(|(_, first)| *first);
        all.into_iter().map(|(name, _)| name).collect()
    }

    /// Whether it is a group.
    pub fn is_group(&self, chat: &ChatName) -> bool {
        let people = self.people(&chat.name);
        if self.group || people.len() > 2 {
            return true;
        }
        // The file bears the group's title: none of two writers is called so.
        chat.certain && people.len() == 2 && !people.iter().any(|p| people::alike(p, &chat.name))
    }

    /// Whether it is the chat in which I write to myself: nobody else is in it.
    pub fn is_to_myself(&self, chat: &ChatName) -> bool {
        people::is_oneself(&chat.name) && !self.group && self.people(&chat.name).len() <= 1
    }

    /// Which written name is me, and how that is known.
    pub fn me(&self, chat: &ChatName, said: Option<&str>) -> Option<(String, &'static str)> {
        let people = self.people(&chat.name);
        let you = people.iter().find(|p| YOU.contains(&bare(p)));
        let you = you.map(|p| ((*p).to_owned(), "the export says \"you\""));
        // Whatever my name is elsewhere, the web calls me so.
        if self.web && you.is_some() {
            return you;
        }
        if let Some(said) = said {
            let found = people.iter().find(|p| people::key(p) == people::key(said));
            let found = found.or_else(|| people.iter().find(|p| people::alike(p, said)));
            return found.map(|p| ((*p).to_owned(), "--me"));
        }
        if let Some(p) = people.iter().find(|p| self.senders.get(**p).is_some_and(|s| s.by_me)) {
            return Some(((*p).to_owned(), "took a message back"));
        }
        if you.is_some() {
            return you;
        }
        if self.is_group(chat) || chat.name.is_empty() {
            return None;
        }
        if self.is_to_myself(chat) {
            return people.first().map(|p| ((*p).to_owned(), "the file says \"you\""));
        }
        let others: Vec<_> = people.iter().filter(|p| !people::alike(p, &chat.name)).collect();
        match others[..] {
            [one] if people.len() == 2 || chat.certain => {
                Some(((*one).to_owned(), "the other name in a direct chat"))
            }
            _ => None,
        }
    }

    /// Whether I am still in; `me` is my written name.
    pub fn membership(&self, me: Option<&str>) -> Membership {
        let (membership, at) = self.membership;
        let wrote_later =
            me.and_then(|m| self.senders.get(m)).is_some_and(|s| s.own > 0 && s.last > at);
        if membership == Membership::Gone && wrote_later { Membership::Member } else { membership }
    }

    /// Who may write.
    pub fn posting(&self) -> PostingLimit {
        if self.admins_only && !self.admin {
            PostingLimit::AdminsOnly
        } else {
            PostingLimit::Everyone
        }
    }

    /// Whether somebody left and did not write again.
    pub fn has_left(&self, name: &str) -> bool {
        self.left
            .get(&people::key(name))
            .is_some_and(|at| self.senders.get(name).is_none_or(|s| s.last < *at))
    }
}

/// Whether a line with a sender is the app's all the same (iOS writes notices so).
fn is_notice(name: &str, text: &str, index: i64, (writer, of_group): (Writer, bool)) -> bool {
    if !is_by_app(text) {
        // The web's bear a mark of their own.
        if writer == Writer::Web {
            return false;
        }
        return notices::is_unmarked(name, after_marks(text), index);
    }
    let nowhere = |path: &str| MediaPlace::Export { path: path.to_owned(), container: None };
    let body = body::read(text, writer, &nowhere);
    body.unknown
        && !body.edited
        && (of_group
            || is_sentence(&body.text, text)
            || names_sender(&body.text, name, text)
            || notices::meaning(&body.text) != Meaning::Chat)
}

/// `Tom: \u{200e}Tom pinned a message`: of oneself one does not speak by name.
fn names_sender(text: &str, name: &str, whole: &str) -> bool {
    let name = bare(name).trim_start_matches(['~', ' ', '\u{202f}', '\u{a0}']);
    let ends = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    whole.starts_with('\u{200e}')
        && name.chars().nth(1).is_some()
        && text.len() <= 400
        && text.match_indices(name).any(|(at, _)| {
            ends(text[..at].chars().next_back()) && ends(text[at + name.len()..].chars().next())
        })
}

/// What the app writes of an event is a sentence; what it writes for a thing is a word or two. Who
/// writes from right to left may begin with the mark for that.
fn is_sentence(text: &str, whole: &str) -> bool {
    let long = || text.split_whitespace().count() > 4 || text.chars().count() > 40;
    notices::is_certain(text) || (!whole.starts_with('\u{200f}') && long())
}
