//! Streams one thread file into the sink, message by message.

use std::collections::HashSet;
use std::io::{BufReader, Read};
use std::sync::Arc;

use serde::de::{DeserializeSeed, Error, MapAccess};

use super::compose::{Composed, compose, is_closing_notice};
use super::media::MediaFinder;
use super::message::{Field, Names, Raw, field, text};
use super::nicknames::Nicknames;
use super::page::Halves;
use crate::model::{MessageKind, MessageRecord, Moment, Oddity, Record, ThreadRecord};
use crate::sources::json::lenient::{Objects, Scalar, Shape, Token};
use crate::sources::json::mend::{Gauge, Healed, Mending, mend};
use crate::sources::{Entry, FileTree, Sink, Stop};

/// Files up to this size are read whole: borrowed strings, one pass.
const WHOLE: u64 = 24 << 20;
/// Oddities told one by one per file; a file of a million broken messages is one sentence.
const TOLD: u32 = 200;
/// Messages of a thread that wait for a time to stand beside.
const WAITING: usize = 1000;
/// People remembered per thread.
const PEOPLE: usize = 100_000;

/// What the files of a thread say of the thread.
#[derive(Default)]
pub struct Learnt {
    /// The listed participants, in order.
    pub listed: Vec<Arc<str>>,
    /// Everyone who wrote.
    pub senders: Vec<Arc<str>>,
    seen: HashSet<Arc<str>>,
    /// Participants are plain strings and I am not among them (spring 2018), or it is encrypted.
    pub plain_list: bool,
    /// The title.
    pub title: Option<String>,
    /// `is_still_participant`
    pub still_in: Option<bool>,
    /// The type, the picture or the invitation of a group.
    pub group: bool,
    /// `is_xac_thread`, or a thread type that says so.
    pub cross_app: Option<&'static str>,
    /// `is_xac_thread` says no.
    pub not_cross_app: bool,
    /// `is_xac_readonly`, or a reason not to reply that says so.
    pub read_only: Option<&'static str>,
    /// `will_xac_be_readonly`
    pub will_be_read_only: bool,
    /// The notice of the end stands among the messages.
    pub notice: bool,
}

/// What the newest file of a thread knows best.
pub struct Words {
    title: Option<String>,
    still_in: Option<bool>,
}

/// A thread file being read.
pub struct Reading<'a> {
    /// The export.
    pub tree: &'a FileTree,
    /// Takes the messages.
    pub sink: &'a mut dyn Sink,
    /// The thread, of which only the key is known yet.
    pub record: ThreadRecord,
    key: Arc<str>,
    // Told before the first message; a file without any readable part tells nothing.
    opening: Option<Box<ThreadRecord>>,
    /// Of an encrypted export.
    pub encrypted: bool,
    /// Messages run from new to old.
    pub newest_first: bool,
    /// Finds media.
    pub media: MediaFinder<'a>,
    /// What people are called in it.
    pub called: Nicknames,
    /// Names of this thread.
    pub names: Names,
    /// What was learnt so far.
    pub learnt: Learnt,
    /// The thread is told once more from here.
    pub again: bool,
    /// Messages so far in this telling, over all parts.
    pub index: i64,
    /// What the places of messages that run from new to old are counted down from.
    pub base: i64,
    /// The file that is read.
    pub file: String,
    /// Messages of the file so far.
    pub in_file: u64,
    /// Oddities of the file so far.
    pub told: u32,
    /// The message that is read.
    pub raw: Raw,
    /// Its time, where it is a wall clock's.
    pub wall: Option<Moment>,
    /// Of a page: what its clocks have shown.
    pub halves: Halves,
    /// When the message before was sent, and those before it that have no time.
    last: Option<Moment>,
    waiting: Vec<MessageRecord>,
    gauge: Option<(Gauge, u64)>,
    stopped: bool,
}

impl<'a> Reading<'a> {
    /// Begins to read a thread.
    pub fn new(
        tree: &'a FileTree,
        sink: &'a mut dyn Sink,
        thread: ThreadRecord,
        media: MediaFinder<'a>,
    ) -> Self {
        Self {
            tree,
            sink,
            key: Arc::clone(&thread.key),
            record: thread.clone(),
            opening: Some(Box::new(thread)),
            encrypted: false,
            newest_first: true,
            media,
            called: Nicknames::default(),
            names: Names::default(),
            learnt: Learnt::default(),
            again: false,
            index: 0,
            base: 0,
            file: String::new(),
            in_file: 0,
            told: 0,
            raw: Raw::default(),
            wall: None,
            halves: Halves::default(),
            last: None,
            waiting: Vec::new(),
            gauge: None,
            stopped: false,
        }
    }

    /// Whether a message was told.
    pub fn begun(&self) -> bool {
        self.opening.is_none()
    }

    /// Tells of the thread, if nothing has yet: its people and messages come after it.
    pub fn open(&mut self) -> Result<(), Stop> {
        match self.opening.take() {
            Some(thread) => self.sink.take(Record::Thread(thread)),
            None => Ok(()),
        }
    }

    /// Reads one part. Whatever is wrong with it becomes an oddity.
    pub fn part(&mut self, entry: &Entry) -> Result<(), Stop> {
        self.file.clone_from(&entry.path);
        self.in_file = 0;
        self.told = 0;
        if entry.size <= WHOLE {
            match self.tree.read(entry, WHOLE) {
                Ok(bytes) => {
                    let (text, healed) = mend(&bytes);
                    self.called.scan(&text);
                    let mut json = serde_json::Deserializer::from_str(&text);
                    let result = Objects(&mut *self).deserialize(&mut json);
                    self.finish(result, healed, text.trim().is_empty())?;
                    return self.sink.advance(bytes.len() as u64);
                }
                // It declared less than it holds.
                Err(crate::sources::TreeError::TooLarge { .. }) => {}
                Err(why) => return self.sink.odd(Oddity::file(&self.file, why.to_string())),
            }
        }
        let tree = self.tree;
        match tree.open_entry(entry) {
            Ok(stream) => self.stream(stream),
            Err(why) => self.sink.odd(Oddity::file(&self.file, why.to_string())),
        }
    }

    fn stream(&mut self, stream: impl Read) -> Result<(), Stop> {
        let gauge = Gauge::default();
        self.gauge = Some((gauge.clone(), 0));
        let mended = BufReader::with_capacity(128 << 10, Mending::new(stream, gauge.clone()));
        let mut json = serde_json::Deserializer::from_reader(mended);
        let result = Objects(&mut *self).deserialize(&mut json);
        let healed = *gauge.healed.borrow();
        self.finish(result, healed, false)?;
        self.progress()?;
        self.gauge = None;
        Ok(())
    }

    fn finish(
        &mut self,
        result: Result<(), serde_json::Error>,
        healed: Healed,
        empty: bool,
    ) -> Result<(), Stop> {
        if self.stopped {
            return Err(Stop);
        }
        for words in healed.words() {
            self.sink.odd(Oddity::file(&self.file, words))?;
        }
        self.count_odd()?;
        match result {
            Ok(()) => Ok(()),
            Err(_) if empty => self.sink.odd(Oddity::file(&self.file, "the file is empty")),
            Err(why) => {
                let at = format!("line {}, column {}", why.line(), why.column());
                let kept = match self.in_file {
                    1 => "1 message before it was kept".to_owned(),
                    n => format!("{n} messages before it were kept"),
                };
                let words = format!("{}; {kept}", fault(&why));
                self.sink.odd(Oddity::at(&self.file, at, words))
            }
        }
    }

    /// Tells how many oddities of the file were only counted.
    pub fn count_odd(&mut self) -> Result<(), Stop> {
        match self.told.saturating_sub(TOLD) {
            0 => Ok(()),
            n => {
                let more = format!("{n} more messages with something strange");
                self.sink.odd(Oddity::file(&self.file, more))
            }
        }
    }

    fn progress(&mut self) -> Result<(), Stop> {
        let Some((gauge, told)) = &mut self.gauge else { return Ok(()) };
        let now = gauge.bytes.get();
        let step = now - *told;
        *told = now;
        self.sink.advance(step)
    }

    /// Tells what is odd about the message, or only counts it where there are many.
    pub fn odd(&mut self, why: &str) -> Result<(), Stop> {
        self.told = self.told.saturating_add(1);
        if self.told > TOLD {
            return Ok(());
        }
        self.sink.odd(Oddity::at(&self.file, format!("message {}", self.in_file), why))
    }

    /// Tells the message that was read.
    pub fn message(&mut self) -> Result<(), Stop> {
        self.in_file += 1;
        self.index += 1;
        if self.in_file.is_multiple_of(1024) {
            self.progress()?;
        }
        let raw = std::mem::take(&mut self.raw);
        let timeless = raw.time.is_none();
        let wall = self.wall.take();
        let order = if self.newest_first { self.base - self.index } else { self.index };
        let known = (&self.media, &self.called);
        match compose(raw, &self.key, order, self.encrypted, known) {
            Composed::Echo => Ok(()),
            Composed::Unreadable(why) => self.odd(why),
            Composed::Message(mut message, odd) => {
                if let Some(why) = odd {
                    self.odd(&why)?;
                }
                if timeless && wall.is_none() {
                    return self.beside(message);
                }
                if message.kind == MessageKind::System {
                    self.called.learn(&message.text);
                }
                message.sent = wall.unwrap_or(message.sent);
                self.last = Some(message.sent);
                if !self.waiting.is_empty() {
                    self.waited()?;
                }
                self.give(message)
            }
        }
    }

    /// A message without a time stands beside its neighbour.
    fn beside(&mut self, mut message: Box<MessageRecord>) -> Result<(), Stop> {
        match self.last {
            Some(before) => message.sent = before,
            None if self.waiting.len() < WAITING => {
                self.waiting.push(*message);
                return Ok(());
            }
            None => {}
        }
        self.give(message)
    }

    /// Tells what waited for a time, and at the end of a telling what has found none.
    fn waited(&mut self) -> Result<(), Stop> {
        for mut message in std::mem::take(&mut self.waiting) {
            message.sent = self.last.unwrap_or(message.sent);
            self.give(Box::new(message))?;
        }
        Ok(())
    }

    /// A telling has ended.
    pub fn settle(&mut self) -> Result<(), Stop> {
        self.waited()?;
        self.last = None;
        Ok(())
    }

    fn give(&mut self, message: Box<MessageRecord>) -> Result<(), Stop> {
        if let Some(sender) = &message.sender
            && !self.learnt.seen.contains(sender)
            && self.learnt.seen.len() < PEOPLE
        {
            self.learnt.seen.insert(Arc::clone(sender));
            self.learnt.senders.push(Arc::clone(sender));
        }
        self.learnt.notice |= is_closing_notice(&message);
        self.open()?;
        if std::mem::take(&mut self.again) {
            self.sink.take(Record::Telling { thread: Arc::clone(&self.key) })?;
        }
        self.sink.take(Record::Message(message))
    }
}

/// What is wrong with the JSON, in words that hold none of its text.
fn fault(why: &serde_json::Error) -> String {
    use serde_json::error::Category;
    match why.classify() {
        Category::Eof => "the file breaks off in the middle".to_owned(),
        Category::Io => format!("the file cannot be read on: {why}"),
        Category::Syntax | Category::Data => "this is no valid JSON".to_owned(),
    }
}

/// Fields of a thread.
pub enum RootField {
    /// `messages`
    Messages,
    /// `participants`
    Participants,
    /// `title`
    Title,
    /// `is_still_participant`
    StillIn,
    /// `image`, `joinable_mode`
    Group,
    /// `thread_type`
    ThreadType,
    /// A flag of cross-app chats.
    Flag(Flag),
    /// Something else, which may hold flags.
    Unknown,
}

/// The flags of cross-app chats.
#[derive(Clone, Copy)]
pub enum Flag {
    /// `is_xac_thread`
    CrossApp,
    /// `is_xac_readonly`
    ReadOnly,
    /// `will_xac_be_readonly`
    WillBeReadOnly,
    /// `cannot_reply_reason`
    CannotReply,
}

fn flag(name: &str) -> Option<Flag> {
    match name {
        "is_xac_thread" => Some(Flag::CrossApp),
        "is_xac_readonly" => Some(Flag::ReadOnly),
        "will_xac_be_readonly" => Some(Flag::WillBeReadOnly),
        "cannot_reply_reason" => Some(Flag::CannotReply),
        _ => None,
    }
}

impl Learnt {
    /// Forgets what only one of several files is asked for.
    pub fn take_words(&mut self) -> Words {
        Words { title: self.title.take(), still_in: self.still_in.take() }
    }

    /// What another file says, where those so far said nothing.
    pub fn fill(&mut self, words: Words) {
        self.title = self.title.take().or(words.title);
        self.still_in = self.still_in.or(words.still_in);
    }

    fn flag(&mut self, flag: Flag, token: Token<'_>) {
        match (flag, token.flag()) {
            (Flag::CrossApp, Some(true)) => self.cross_app = Some("is_xac_thread in the export"),
            (Flag::CrossApp, Some(false)) => self.not_cross_app = true,
            (Flag::ReadOnly, Some(true)) => self.read_only = Some("is_xac_readonly in the export"),
            (Flag::WillBeReadOnly, Some(true)) => self.will_be_read_only = true,
            (Flag::CannotReply, _) if token == Token::Str("read_only") => {
                self.read_only.get_or_insert("cannot_reply_reason in the export");
            }
            _ => {}
        }
    }

    fn thread_type(&mut self, token: Token<'_>) {
        match token {
            Token::Str("RegularGroup") => self.group = true,
            Token::Str("XAC_GROUP" | "200") | Token::Int(200) => {
                self.group = true;
                self.cross_app.get_or_insert("thread_type XAC_GROUP in the export");
            }
            _ => {}
        }
    }
}

impl Shape for Reading<'_> {
    type Key = RootField;

    fn key(name: &str) -> RootField {
        match name {
            "messages" => RootField::Messages,
            "participants" => RootField::Participants,
            "title" | "threadName" | "thread_name" => RootField::Title,
            "is_still_participant" => RootField::StillIn,
            "image" | "joinable_mode" => RootField::Group,
            "thread_type" => RootField::ThreadType,
            _ => flag(name).map_or(RootField::Unknown, RootField::Flag),
        }
    }

    fn value<'de, A: MapAccess<'de>>(
        &mut self,
        key: RootField,
        map: &mut A,
    ) -> Result<(), A::Error> {
        let learnt = &mut self.learnt;
        match key {
            RootField::Messages => map.next_value_seed(Objects(&mut Messages(self))),
            RootField::Participants => {
                let mut people = People { learnt, names: &mut self.names };
                map.next_value_seed(Objects(&mut people))
            }
            RootField::Title => {
                // Where one file tells it twice, the first.
                let title = text(map)?;
                learnt.title = learnt.title.take().or(title);
                Ok(())
            }
            RootField::StillIn => {
                let told = map.next_value_seed(Scalar(|t: Token<'_>| t.flag()))?;
                learnt.still_in = learnt.still_in.or(told);
                Ok(())
            }
            RootField::Group => {
                let there = map.next_value_seed(Scalar(|t: Token<'_>| t != Token::Null))?;
                learnt.group |= there;
                Ok(())
            }
            RootField::ThreadType => {
                map.next_value_seed(Scalar(|t: Token<'_>| learnt.thread_type(t)))
            }
            RootField::Flag(f) => map.next_value_seed(Scalar(|t: Token<'_>| learnt.flag(f, t))),
            RootField::Unknown => map.next_value_seed(Objects(&mut Nested(learnt))),
        }
    }
}

/// Flags one level down.
struct Nested<'a>(&'a mut Learnt);

impl Shape for Nested<'_> {
    type Key = Option<Flag>;

    fn key(name: &str) -> Option<Flag> {
        flag(name)
    }

    fn value<'de, A: MapAccess<'de>>(
        &mut self,
        key: Option<Flag>,
        map: &mut A,
    ) -> Result<(), A::Error> {
        map.next_value_seed(Scalar(|t: Token<'_>| {
            if let Some(flag) = key {
                self.0.flag(flag, t);
            }
        }))
    }
}

struct People<'a> {
    learnt: &'a mut Learnt,
    names: &'a mut Names,
}

impl People<'_> {
    fn add(&mut self, name: &str) {
        let name = self.names.get(name);
        if !self.learnt.listed.contains(&name) {
            self.learnt.listed.push(name);
        }
    }
}

impl Shape for People<'_> {
    type Key = bool;

    fn key(name: &str) -> bool {
        name == "name"
    }

    fn value<'de, A: MapAccess<'de>>(&mut self, it: bool, map: &mut A) -> Result<(), A::Error> {
        map.next_value_seed(Scalar(|t: Token<'_>| {
            if let (true, Token::Str(name)) = (it, t) {
                self.add(name);
            }
        }))
    }

    fn scalar<E: Error>(&mut self, token: Token<'_>) -> Result<(), E> {
        if let Token::Str(name) = token {
            self.learnt.plain_list = true;
            self.add(name);
        }
        Ok(())
    }

    fn full(&self) -> bool {
        // Searching the list is quadratic; no thread has more members than this.
        self.learnt.listed.len() >= 5000
    }
}

struct Messages<'r, 'a>(&'r mut Reading<'a>);

impl Messages<'_, '_> {
    fn done<E: Error>(&mut self, result: Result<(), Stop>) -> Result<(), E> {
        result.map_err(|Stop| {
            self.0.stopped = true;
            E::custom("stopped")
        })
    }
}

impl Shape for Messages<'_, '_> {
    type Key = Field;

    fn key(name: &str) -> Field {
        field(name)
    }

    fn begin(&mut self) {
        self.0.raw = Raw::default();
    }

    fn value<'de, A: MapAccess<'de>>(&mut self, key: Field, map: &mut A) -> Result<(), A::Error> {
        self.0.raw.take(key, &mut self.0.names, map)
    }

    fn end<E: Error>(&mut self) -> Result<(), E> {
        let result = self.0.message();
        self.done(result)
    }

    fn scalar<E: Error>(&mut self, token: Token<'_>) -> Result<(), E> {
        if token == Token::Null {
            return Ok(());
        }
        self.0.in_file += 1;
        self.0.index += 1;
        let result = self.0.odd("it is no message");
        self.done(result)
    }
}
