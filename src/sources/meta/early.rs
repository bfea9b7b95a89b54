//! Instagram's single `messages.json` of before 2021: all conversations in one list.

use std::sync::Arc;

use chrono::DateTime;
use serde::de::{DeserializeSeed, Error, MapAccess};

use super::App;
use super::message::{Names, text};
use super::wording::is_placeholder;
use crate::model::{
    Attachment, AttachmentKind, Call, MediaPlace, MessageKind, MessageRecord, Moment, Oddity,
    ParticipantRecord, Reaction, Record, ThreadKind, ThreadRecord, Timestamp,
};
use crate::sources::json::lenient::{Objects, Scalar, Shape, Token};
use crate::sources::json::mend::{Gauge, Mending};
use crate::sources::{Entry, FileTree, Sink, Stop};

/// Oddities told one by one.
const TOLD: u32 = 200;
const MANY: usize = 5000;

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
        file: &entry.path,
        sink,
        names: Names::default(),
        people: Vec::new(),
        wrote: Vec::new(),
        key: "".into(),
        index: 0,
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
    file: &'a str,
    sink: &'a mut dyn Sink,
    names: Names,
    people: Vec<Arc<str>>,
    wrote: Vec<Arc<str>>,
    key: Arc<str>,
    index: i64,
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
        let group = self.people.len() > 2;
        thread.kind = Some(if group { ThreadKind::Group } else { ThreadKind::Direct });
        self.sink.take(Record::Thread(Box::new(thread)))
    }

    fn message(&mut self) -> Result<(), Stop> {
        self.index += 1;
        let line = std::mem::take(&mut self.line);
        let Some(at) = line.at else {
            self.odd += 1;
            if self.odd > TOLD {
                return Ok(());
            }
            let place = format!("message {} of a conversation", self.index);
            return self.sink.odd(Oddity::at(self.file, place, "it has no readable time"));
        };
        if let Some(sender) = &line.sender
            && !self.wrote.contains(sender)
            && self.wrote.len() < MANY
        {
            self.wrote.push(Arc::clone(sender));
        }
        let text = line.text.unwrap_or_default();
        let mut record =
            MessageRecord::text(Arc::clone(&self.key), line.sender, Moment::exact(at), text);
        record.order = -self.index;
        if let Some(words) = line.call {
            let missed = words.contains("missed");
            record.kind = MessageKind::Call(Call { video: Some(true), seconds: None, missed });
            if record.text.is_empty() {
                record.text = words;
            }
        }
        record.attachments = line.attachments;
        record.reactions = line.likes.into_iter().map(like).collect();
        self.sink.take(Record::Message(Box::new(record)))
    }
}

fn like(by: Arc<str>) -> Reaction {
    Reaction { emoji: "❤".to_owned(), by, at: None }
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
        self.key = "".into();
    }

    fn value<'de, A: MapAccess<'de>>(
        &mut self,
        key: ThreadField,
        map: &mut A,
    ) -> Result<(), A::Error> {
        match key {
            ThreadField::Participants => map.next_value_seed(Objects(&mut People(self))),
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

struct People<'r, 'a>(&'r mut Early<'a>);

impl Shape for People<'_, '_> {
    type Key = ();

    fn key(_: &str) {}

    fn value<'de, A: MapAccess<'de>>(&mut self, (): (), map: &mut A) -> Result<(), A::Error> {
        map.next_value_seed(Scalar(|_: Token<'_>| ()))
    }

    fn scalar<E: Error>(&mut self, token: Token<'_>) -> Result<(), E> {
        if let Token::Str(name) = token {
            let name = self.0.names.get(name);
            if !self.0.people.contains(&name) {
                self.0.people.push(name);
            }
        }
        Ok(())
    }

    fn full(&self) -> bool {
        self.0.people.len() >= MANY
    }
}

#[derive(Default)]
struct Line {
    sender: Option<Arc<str>>,
    at: Option<Timestamp>,
    text: Option<String>,
    call: Option<String>,
    attachments: Vec<Attachment>,
    likes: Vec<Arc<str>>,
    caption: Option<String>,
}

enum LineField {
    Sender,
    Time,
    Text,
    Media(AttachmentKind),
    Shared,
    Caption,
    Likes,
    Call,
    Unknown,
}

struct Lines<'r, 'a>(&'r mut Early<'a>);

impl Lines<'_, '_> {
    fn attach(&mut self, kind: AttachmentKind, told: Option<String>) {
        let Some(told) = told else { return };
        let web = told.starts_with("https://") || told.starts_with("http://");
        let attachment = if web {
            Attachment { kind, name: None, place: MediaPlace::Web { url: told } }
        } else {
            Attachment { kind, name: Some(told), place: MediaPlace::Omitted }
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
            "media" => LineField::Media(AttachmentKind::Photo),
            "voice_media" => LineField::Media(AttachmentKind::Voice),
            "animated_media_images" => LineField::Media(AttachmentKind::Gif),
            "media_share_url" | "story_share" | "link" | "media_url" => LineField::Shared,
            "media_share_caption" => LineField::Caption,
            "likes" => LineField::Likes,
            "video_call_action" => LineField::Call,
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
            LineField::Time => self.0.line.at = map.next_value_seed(Scalar(instant))?,
            LineField::Text => self.0.line.text = text(map)?,
            LineField::Call => self.0.line.call = text(map)?,
            LineField::Media(kind) => {
                let told = text(map)?;
                self.attach(kind, told);
            }
            LineField::Shared => {
                let told = text(map)?;
                self.attach(AttachmentKind::Share, told);
            }
            LineField::Caption => self.0.line.caption = text(map)?,
            LineField::Likes => {
                let early = &mut *self.0;
                let mut likes = Likes { names: &mut early.names, out: &mut early.line.likes };
                map.next_value_seed(Objects(&mut likes))?;
            }
            LineField::Unknown => map.next_value_seed(Scalar(|_: Token<'_>| ()))?,
        }
        Ok(())
    }

    fn end<E: Error>(&mut self) -> Result<(), E> {
        let line = &mut self.0.line;
        let shares = line.attachments.iter_mut().find(|a| a.kind == AttachmentKind::Share);
        if let (Some(caption), Some(share)) = (line.caption.take(), shares) {
            share.name = Some(caption);
        }
        let told = self.0.message();
        self.0.checked(told)
    }
}

fn instant(token: Token<'_>) -> Option<Timestamp> {
    match token {
        Token::Str(s) => {
            DateTime::parse_from_rfc3339(s.trim()).ok().map(|t| Timestamp(t.timestamp_millis()))
        }
        Token::Int(n) => Some(super::instant::milliseconds(n).0),
        _ => None,
    }
}

struct Likes<'a> {
    names: &'a mut Names,
    out: &'a mut Vec<Arc<str>>,
}

impl Shape for Likes<'_> {
    type Key = bool;

    fn key(name: &str) -> bool {
        name == "username"
    }

    fn value<'de, A: MapAccess<'de>>(&mut self, it: bool, map: &mut A) -> Result<(), A::Error> {
        map.next_value_seed(Scalar(|t: Token<'_>| {
            if let (true, Token::Str(name)) = (it, t) {
                self.out.push(self.names.get(name));
            }
        }))
    }

    fn full(&self) -> bool {
        self.out.len() >= MANY
    }
}
