//! Instagram's single `messages.json` of before 2021: all conversations in one list.
//!
//! No part of it is described anywhere; the fields are those that public tools for such downloads
//! read: `text`, `heart`, `media`, `media_url`, `voice_media`, `animated_media_images`, `link`,
//! `story_share` (words), `media_share_url` with caption and owner, `profile_share_*`,
//! `location_name` with address, `video_call_action`, `action` (words about a group),
//! `live_video_invite`, `live_video_share`. Any other words stand where a message has no text.

mod line;

use std::collections::BTreeSet;
use std::io::Read;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Error, MapAccess};

use super::App;
use super::message::{Names, text};
use super::mojibake::repair;
use super::wording::is_placeholder;
use crate::model::{
    Attachment, AttachmentKind, Call, MediaPlace, MessageKind, MessageRecord, Moment, Oddity,
    ParticipantRecord, Record, ThreadKind, ThreadRecord, Timestamp,
};
use crate::sources::json::lenient::{Objects, Scalar, Shape, Token};
use crate::sources::json::mend::{Gauge, Mending};
use crate::sources::{Entry, FileTree, Sink, Stop};
use line::{Likes, Line, Sizes, is_web, moment, omitted};

/// Oddities told one by one.
const TOLD: u32 = 200;
const MANY: usize = 5000;
/// People of a conversation by whom it is told who I am, and bytes looked at for that.
const FEW: usize = 50;
const ENOUGH: u64 = 64 << 20;
/// Longer words of an unknown field are no message.
const WORDS: usize = 4096;

/// Who is in the conversations at the beginning of the file, one set for each.
pub fn heads(tree: &FileTree, entry: &Entry) -> Vec<BTreeSet<String>> {
    let mut heads = Heads::default();
    if let Ok(stream) = tree.open_entry(entry) {
        let stream = Mending::new(stream.take(ENOUGH), Gauge::default());
        let stream = std::io::BufReader::with_capacity(128 << 10, stream);
        let mut json = serde_json::Deserializer::from_reader(stream);
        // It may end in the middle: what came before counts.
        drop(Objects(&mut heads).deserialize(&mut json));
    }
    heads.out
}

#[derive(Default)]
struct Heads {
    out: Vec<BTreeSet<String>>,
    now: BTreeSet<String>,
}

impl Shape for Heads {
    type Key = bool;

    fn key(name: &str) -> bool {
        name == "participants"
    }

    fn begin(&mut self) {
        self.now.clear();
    }

    fn value<'de, A: MapAccess<'de>>(&mut self, it: bool, map: &mut A) -> Result<(), A::Error> {
        if it {
            let (left, now) = (FEW.saturating_sub(self.now.len()), &mut self.now);
            let take = |name: &str| now.insert(repair(name).into_owned());
            return map.next_value_seed(Objects(&mut Listed { left, take }));
        }
        map.next_value_seed(Scalar(|_: Token<'_>| ()))
    }

    fn end<E: Error>(&mut self) -> Result<(), E> {
        if !self.now.is_empty() {
            self.out.push(std::mem::take(&mut self.now));
        }
        Ok(())
    }

    fn full(&self) -> bool {
        self.out.len() >= MANY
    }
}

/// A list of names: each goes to `take`, which says whether it is a new one, until `left` are kept.
struct Listed<F> {
    left: usize,
    take: F,
}

impl<F: FnMut(&str) -> bool> Shape for Listed<F> {
    type Key = ();

    fn key(_: &str) {}

    fn value<'de, A: MapAccess<'de>>(&mut self, (): (), map: &mut A) -> Result<(), A::Error> {
        map.next_value_seed(Scalar(|_: Token<'_>| ()))
    }

    fn scalar<E: Error>(&mut self, token: Token<'_>) -> Result<(), E> {
        if let Token::Str(name) = token
            && (self.take)(name)
        {
            self.left = self.left.saturating_sub(1);
        }
        Ok(())
    }

    fn full(&self) -> bool {
        self.left == 0
    }
}

/// Reads the file into the sink.
pub fn tell(
    app: &App,
    tree: &FileTree,
    entry: &Entry,
    me: &[String],
    sink: &mut dyn Sink,
) -> Result<(), Stop> {
    let stream = match tree.open_entry(entry) {
        Ok(stream) => stream,
        Err(why) => return sink.odd(Oddity::file(&entry.path, why.to_string())),
    };
    let gauge = Gauge::default();
    let stream = std::io::BufReader::with_capacity(128 << 10, Mending::new(stream, gauge.clone()));
    let mut json = serde_json::Deserializer::from_reader(stream);
    let mut early = Early {
        app,
        me,
        tree,
        file: &entry.path,
        sink,
        names: Names::default(),
        people: Vec::new(),
        wrote: Vec::new(),
        key: "".into(),
        index: 0,
        last: Timestamp(0),
        title: None,
        line: Line::default(),
        odd: 0,
        stopped: false,
    };
    let result = Objects(&mut early).deserialize(&mut json);
    if early.stopped {
        return Err(Stop);
    }
    let healed = *gauge.healed.borrow();
    for words in healed.words() {
        sink.odd(Oddity::file(&entry.path, words))?;
    }
    if let Err(why) = result {
        let at = format!("line {}, column {}", why.line(), why.column());
        let words = "this is no valid JSON; the conversations before it were kept";
        sink.odd(Oddity::at(&entry.path, at, words))?;
    }
    sink.advance(gauge.bytes.get())
}

struct Early<'a> {
    app: &'a App,
    me: &'a [String],
    tree: &'a FileTree,
    file: &'a str,
    sink: &'a mut dyn Sink,
    names: Names,
    people: Vec<Arc<str>>,
    wrote: Vec<Arc<str>>,
    key: Arc<str>,
    index: i64,
    /// When the message before this one was sent.
    last: Timestamp,
    /// What a group was called last: the newest message comes first.
    title: Option<String>,
    line: Line,
    odd: u32,
    stopped: bool,
}

impl Early<'_> {
    fn checked<E: Error>(&mut self, result: Result<(), Stop>) -> Result<(), E> {
        result.map_err(|Stop| {
            self.stopped = true;
            E::custom("stopped")
        })
    }

    /// There is no id: who takes part is what tells two conversations apart.
    fn open(&mut self) -> Result<(), Stop> {
        let mut people: Vec<&str> = self.people.iter().map(|n| &**n).collect();
        people.sort_unstable();
        self.key = format!("direct/{}", people.join("+")).into();
        self.sink.take(Record::Thread(Box::new(self.thread())))?;
        self.sink.take(Record::Telling { thread: Arc::clone(&self.key) })
    }

    fn thread(&self) -> ThreadRecord {
        ThreadRecord::new(Arc::clone(&self.key), format!("{} export", self.app.name))
    }

    fn close(&mut self) -> Result<(), Stop> {
        let listed = self.people.iter().map(|n| (n, false));
        let wrote = self.wrote.iter().filter(|n| !self.people.contains(n)).map(|n| (n, true));
        for (name, left) in listed.chain(wrote) {
            self.sink.take(Record::Participant(ParticipantRecord {
                thread: Arc::clone(&self.key),
                key: Arc::clone(name),
                name: name.to_string(),
                source: None,
                is_me: self.me.iter().any(|m| **m == **name),
                placeholder: is_placeholder(name),
                left,
            }))?;
        }
        let mut thread = self.thread();
        let group = self.people.len() > 2 || self.title.is_some();
        thread.title = self.title.take();
        thread.kind = Some(if group { ThreadKind::Group } else { ThreadKind::Direct });
        self.sink.take(Record::Thread(Box::new(thread)))
    }

    fn odd(&mut self, why: &str) -> Result<(), Stop> {
        self.odd += 1;
        if self.odd > TOLD {
            return Ok(());
        }
        let place = format!("message {} of a conversation", self.index);
        self.sink.odd(Oddity::at(self.file, place, why))
    }

    fn message(&mut self) -> Result<(), Stop> {
        self.index += 1;
        let mut line = std::mem::take(&mut self.line);
        if line.at.is_none() {
            self.odd("it has no readable time")?;
        }
        // Such a one stands with the one before it in the file.
        let at = line.at.unwrap_or(self.last);
        self.last = at;
        if let Some(sender) = &line.sender
            && !self.wrote.contains(sender)
            && self.wrote.len() < MANY
        {
            self.wrote.push(Arc::clone(sender));
        }
        let shared = line.share();
        line.attachments.extend(shared);
        let said = line.text.take().or(line.heart.take()).unwrap_or_default();
        let mut record =
            MessageRecord::text(Arc::clone(&self.key), line.sender, Moment::exact(at), said);
        record.order = -self.index;
        if let Some(words) = line.call {
            let missed = words.contains("missed");
            record.kind = MessageKind::Call(Call { video: Some(true), seconds: None, missed });
            if record.text.is_empty() {
                record.text = words;
            }
        } else if let Some(words) = line.action.filter(|_| record.text.is_empty()) {
            if let Some((_, name)) = words.split_once(" named the group ") {
                self.title.get_or_insert_with(|| name.trim_end_matches('.').to_owned());
            }
            record.kind = MessageKind::System;
            record.text = words;
        }
        if record.text.is_empty() && line.attachments.is_empty() {
            record.text = line.other.unwrap_or_default();
        }
        record.attachments = line.attachments;
        record.reactions = line.likes;
        if record.text.is_empty() && record.attachments.is_empty() {
            self.odd("nothing that it says is known")?;
        }
        self.sink.take(Record::Message(Box::new(record)))
    }
}

enum ThreadField {
    Participants,
    Conversation,
    Unknown,
}

impl Shape for Early<'_> {
    type Key = ThreadField;

    fn key(name: &str) -> ThreadField {
        match name {
            "participants" => ThreadField::Participants,
            "conversation" => ThreadField::Conversation,
            _ => ThreadField::Unknown,
        }
    }

    fn begin(&mut self) {
        self.people.clear();
        self.wrote.clear();
        self.index = 0;
        self.last = Timestamp(0);
        self.title = None;
        self.key = "".into();
    }

    fn value<'de, A: MapAccess<'de>>(
        &mut self,
        key: ThreadField,
        map: &mut A,
    ) -> Result<(), A::Error> {
        match key {
            ThreadField::Participants => {
                let left = MANY.saturating_sub(self.people.len());
                let take = |name: &str| {
                    let name = self.names.get(name);
                    let new = !self.people.contains(&name);
                    if new {
                        self.people.push(name);
                    }
                    new
                };
                map.next_value_seed(Objects(&mut Listed { left, take }))
            }
            ThreadField::Conversation => {
                let opened = self.open();
                self.checked(opened)?;
                map.next_value_seed(Objects(&mut Lines(self)))
            }
            ThreadField::Unknown => map.next_value_seed(Scalar(|_: Token<'_>| ())),
        }
    }

    fn end<E: Error>(&mut self) -> Result<(), E> {
        if self.key.is_empty() {
            return Ok(());
        }
        let closed = self.close();
        self.checked(closed)
    }
}

enum LineField {
    Sender,
    Time,
    Text,
    Heart,
    Media(AttachmentKind),
    Gif,
    Shared,
    Post(usize),
    Profile(usize),
    Location(usize),
    Likes,
    Call,
    Action,
    /// Something about a field beside it.
    Detail,
    Unknown,
}

struct Lines<'r, 'a>(&'r mut Early<'a>);

impl Lines<'_, '_> {
    fn attach(&mut self, kind: AttachmentKind, told: String) {
        // The address of a picture ends in what it is called, then `?`.
        let path = told.split(['?', '#']).next().unwrap_or_default();
        let is = |ending: &str| path.to_ascii_lowercase().ends_with(ending);
        let kind = match kind {
            AttachmentKind::Photo if is(".mp4") || is(".mov") => AttachmentKind::Video,
            kind => kind,
        };
        let attachment = if is_web(&told) {
            Attachment { kind, name: None, place: MediaPlace::Web { url: told } }
        } else {
            let folder = self.0.file.rsplit_once('/').map_or("", |(folder, _)| folder);
            let beside = FileTree::inside(&format!("{folder}/{told}"));
            match self.0.tree.find(&beside) {
                Some(_) => {
                    let name = told.rsplit('/').next().map(str::to_owned);
                    Attachment { kind, name, place: self.0.tree.media(&beside) }
                }
                None => omitted(kind, told),
            }
        };
        self.0.line.attachments.push(attachment);
    }
}

impl Shape for Lines<'_, '_> {
    type Key = LineField;

    fn key(name: &str) -> LineField {
        match name {
            "sender" => LineField::Sender,
            "created_at" => LineField::Time,
            "text" => LineField::Text,
            "heart" => LineField::Heart,
            "media" | "media_url" => LineField::Media(AttachmentKind::Photo),
            "voice_media" => LineField::Media(AttachmentKind::Voice),
            "animated_media_images" => LineField::Gif,
            "story_share" | "link" => LineField::Shared,
            "media_share_url" => LineField::Post(0),
            "media_share_caption" => LineField::Post(1),
            "media_owner" => LineField::Post(2),
            "profile_share_name" => LineField::Profile(0),
            "profile_share_username" => LineField::Profile(1),
            "location_name" => LineField::Location(0),
            "address" => LineField::Location(1),
            "city" => LineField::Location(2),
            "likes" => LineField::Likes,
            "video_call_action" => LineField::Call,
            "action" => LineField::Action,
            "story_share_type" | "user" | "id" | "item_id" | "latitude" | "longitude" => {
                LineField::Detail
            }
            _ => LineField::Unknown,
        }
    }

    fn begin(&mut self) {
        self.0.line = Line::default();
    }

    fn value<'de, A: MapAccess<'de>>(
        &mut self,
        key: LineField,
        map: &mut A,
    ) -> Result<(), A::Error> {
        match key {
            LineField::Sender => {
                let names = &mut self.0.names;
                self.0.line.sender = map.next_value_seed(Scalar(|t: Token<'_>| match t {
                    Token::Str(name) => Some(names.get(name)),
                    _ => None,
                }))?;
            }
            LineField::Time => self.0.line.at = map.next_value_seed(Scalar(moment))?,
            LineField::Text => self.0.line.text = text(map)?,
            LineField::Heart => self.0.line.heart = text(map)?,
            LineField::Call => self.0.line.call = text(map)?,
            LineField::Action => self.0.line.action = text(map)?,
            LineField::Media(kind) => self.within(kind, map)?,
            LineField::Gif => self.within(AttachmentKind::Gif, map)?,
            LineField::Shared => {
                if let Some(told) = text(map)? {
                    self.attach(AttachmentKind::Share, told);
                }
            }
            LineField::Post(at) => keep(&mut self.0.line.post, at, map)?,
            LineField::Profile(at) => keep(&mut self.0.line.profile, at, map)?,
            LineField::Location(at) => keep(&mut self.0.line.location, at, map)?,
            LineField::Likes => {
                let early = &mut *self.0;
                let mut likes = Likes::new(&mut early.names, &mut early.line.likes);
                map.next_value_seed(Objects(&mut likes))?;
            }
            LineField::Detail => map.next_value_seed(Scalar(|_: Token<'_>| ()))?,
            LineField::Unknown => {
                let told = text(map)?.filter(|told| told.len() <= WORDS);
                let other = &mut self.0.line.other;
                *other = other.take().or(told);
            }
        }
        Ok(())
    }

    fn end<E: Error>(&mut self) -> Result<(), E> {
        let told = self.0.message();
        self.0.checked(told)
    }
}

impl Lines<'_, '_> {
    /// A file by its address, or by one of the sizes in which it is offered.
    fn within<'de, A: MapAccess<'de>>(
        &mut self,
        kind: AttachmentKind,
        map: &mut A,
    ) -> Result<(), A::Error> {
        let mut sizes = Sizes::default();
        map.next_value_seed(Objects(&mut sizes))?;
        if let Some(told) = sizes.told {
            self.attach(kind, told);
        }
        Ok(())
    }
}

fn keep<'de, A: MapAccess<'de>>(
    into: &mut [Option<String>],
    at: usize,
    map: &mut A,
) -> Result<(), A::Error> {
    let told = text(map)?;
    if let Some(place) = into.get_mut(at) {
        *place = told;
    }
    Ok(())
}
