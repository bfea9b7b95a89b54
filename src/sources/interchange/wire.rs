//! The lines of the interchange format. Apart from the model, so that the model may change.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::{
    AccountRecord, Attachment, AttachmentKind, Call, Clock, CrossApp, Deletion, Evidence,
    EvidenceKind, MediaPlace, Membership, MessageKind, MessageRecord, Moment, ParticipantRecord,
    PostingLimit, Reaction, Record, ReplyTo, SendState, SourceId, Stitch, ThreadKind, ThreadRecord,
};

use super::time;

/// Shown as the origin of threads whose line does not name one.
const ORIGIN: &str = "onebox file";

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub(super) enum Line {
    Account(Account),
    Thread(Box<Thread>),
    Participant(Participant),
    Message(Box<Message>),
    Telling(Telling),
}

/// Equal messages are counted anew from here: the thread is told once more.
#[derive(Serialize, Deserialize)]
pub(super) struct Telling {
    thread: Arc<str>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Account {
    source: String,
    #[serde(default, skip_serializing_if = "is_default")]
    key: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    me_names: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "is_default")]
    known_by: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Thread {
    thread: Arc<str>,
    #[serde(default, skip_serializing_if = "is_default")]
    title: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    kind: Option<ThreadKind>,
    #[serde(default, skip_serializing_if = "is_default")]
    origin: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    cross_app: Option<Crossing>,
    #[serde(default, skip_serializing_if = "is_default")]
    read_only: Option<Grounds>,
    #[serde(default, skip_serializing_if = "is_default")]
    will_be_read_only: Option<Grounds>,
    #[serde(default, skip_serializing_if = "is_default")]
    membership: Option<Membership>,
    #[serde(default, skip_serializing_if = "is_default")]
    posting: Option<PostingLimit>,
    #[serde(default, skip_serializing_if = "is_default")]
    folder: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    archived: Option<bool>,
    #[serde(default, skip_serializing_if = "is_default")]
    unread: Option<u32>,
    #[serde(default, skip_serializing_if = "is_default")]
    stitch: Option<Stitch>,
    #[serde(default, skip_serializing_if = "is_default")]
    address: Option<String>,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(untagged)]
enum Crossing {
    Mark(bool),
    With(String),
    Full { other: Option<String>, evidence: Option<Grounds> },
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(untagged)]
enum Grounds {
    Mark(bool),
    Words(String),
    Full { kind: EvidenceKind, detail: String },
}

#[derive(Serialize, Deserialize)]
pub(super) struct Participant {
    thread: Arc<str>,
    #[serde(default, skip_serializing_if = "is_default")]
    key: Option<Arc<str>>,
    name: String,
    #[serde(default, skip_serializing_if = "is_default")]
    source: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    is_me: Option<bool>,
    #[serde(default, skip_serializing_if = "is_default")]
    placeholder: Option<bool>,
    #[serde(default, skip_serializing_if = "is_default")]
    left: Option<bool>,
}

#[derive(Clone, Copy, Serialize, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Text,
    System,
    Call,
    Poll,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Message {
    thread: Arc<str>,
    #[serde(default, skip_serializing_if = "is_default")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    sender: Option<Arc<str>>,
    sent_at: String,
    #[serde(default, skip_serializing_if = "is_default")]
    wall: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    order: Option<i64>,
    #[serde(default, skip_serializing_if = "is_default")]
    kind: Option<Kind>,
    #[serde(default, skip_serializing_if = "is_default")]
    call: Option<CallLine>,
    #[serde(default, skip_serializing_if = "is_default")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    attachments: Option<Vec<Piece>>,
    #[serde(default, skip_serializing_if = "is_default")]
    reactions: Option<Vec<React>>,
    #[serde(default, skip_serializing_if = "is_default")]
    reply_to: Option<Reply>,
    #[serde(default, skip_serializing_if = "is_default")]
    edited: Option<Edit>,
    #[serde(default, skip_serializing_if = "is_default")]
    deleted: Option<Deletion>,
    #[serde(default, skip_serializing_if = "is_default")]
    forwarded: Option<bool>,
    #[serde(default, skip_serializing_if = "is_default")]
    send_state: Option<SendState>,
}

#[derive(Clone, Copy, Default, Serialize, Deserialize, PartialEq)]
struct CallLine {
    #[serde(default, skip_serializing_if = "is_default")]
    video: Option<bool>,
    #[serde(default, skip_serializing_if = "is_default")]
    seconds: Option<u32>,
    #[serde(default, skip_serializing_if = "is_default")]
    missed: Option<bool>,
}

#[derive(Serialize, Deserialize, PartialEq)]
struct Piece {
    kind: AttachmentKind,
    #[serde(default, skip_serializing_if = "is_default")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    path: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    container: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "is_default")]
    url: Option<String>,
}

#[derive(Serialize, Deserialize, PartialEq)]
struct React {
    emoji: String,
    by: Arc<str>,
    #[serde(default, skip_serializing_if = "is_default")]
    at: Option<String>,
}

#[derive(Serialize, Deserialize, PartialEq)]
struct Reply {
    #[serde(default, skip_serializing_if = "is_default")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    quote: Option<String>,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(untagged)]
enum Edit {
    Mark(bool),
    At(String),
}

/// A list or text that is empty is left out of its line.
fn said<T: Default + PartialEq>(value: T) -> Option<T> {
    (!is_default(&value)).then_some(value)
}

impl From<&Record> for Line {
    fn from(record: &Record) -> Self {
        match record {
            Record::Account(a) => Self::Account(Account {
                source: a.source.as_str().to_owned(),
                key: said(a.key.clone()),
                name: said(a.name.clone()),
                me_names: said(a.me_names.clone()),
                known_by: said(a.known_by.clone()),
            }),
            Record::Thread(t) => Self::Thread(Box::new(thread_line(t))),
            Record::Participant(p) => Self::Participant(Participant {
                thread: Arc::clone(&p.thread),
                key: (*p.key != *p.name).then(|| Arc::clone(&p.key)),
                name: p.name.clone(),
                source: p.source.as_ref().map(|s| s.as_str().to_owned()),
                is_me: said(p.is_me),
                placeholder: said(p.placeholder),
                left: said(p.left),
            }),
            Record::Message(m) => Self::Message(Box::new(message_line(m))),
            Record::Telling { thread } => Self::Telling(Telling { thread: Arc::clone(thread) }),
        }
    }
}

fn grounds(evidence: &Evidence) -> Grounds {
    Grounds::Full { kind: evidence.kind, detail: evidence.detail.clone() }
}

fn thread_line(t: &ThreadRecord) -> Thread {
    Thread {
        thread: Arc::clone(&t.key),
        title: t.title.clone(),
        kind: t.kind,
        origin: (t.origin != ORIGIN).then(|| t.origin.clone()),
        cross_app: t.cross_app.as_ref().map(|c| Crossing::Full {
            other: c.other.as_ref().map(|s| s.as_str().to_owned()),
            evidence: Some(grounds(&c.evidence)),
        }),
        read_only: t.read_only.as_ref().map(grounds),
        will_be_read_only: t.will_be_read_only.as_ref().map(grounds),
        membership: said(t.membership),
        posting: said(t.posting),
        folder: t.folder.clone(),
        archived: said(t.archived),
        unread: t.unread,
        stitch: said(t.stitch),
        address: t.address.clone(),
    }
}

fn message_line(m: &MessageRecord) -> Message {
    let (kind, call) = match m.kind {
        MessageKind::Text => (None, None),
        MessageKind::System => (Some(Kind::System), None),
        MessageKind::Call(call) => {
            let missed = said(call.missed);
            let line = CallLine { video: call.video, seconds: call.seconds, missed };
            (Some(Kind::Call), said(line))
        }
        MessageKind::Poll => (Some(Kind::Poll), None),
    };
    Message {
        thread: Arc::clone(&m.thread),
        id: m.native_id.clone(),
        sender: m.sender.clone(),
        sent_at: time::instant_text(m.sent.at),
        wall: match m.sent.clock {
            Clock::Utc => None,
            Clock::WallMinute(minute) => Some(time::wall_text(minute)),
        },
        order: said(m.order),
        kind,
        call,
        text: said(m.text.clone()),
        attachments: said(m.attachments.iter().map(piece).collect()),
        reactions: said(m.reactions.iter().map(react).collect()),
        reply_to: m
            .reply_to
            .as_ref()
            .map(|r| Reply { id: r.native_id.clone(), quote: r.quote.clone() }),
        edited: m
            .edited
            .map(|at| at.map_or(Edit::Mark(true), |at| Edit::At(time::instant_text(at)))),
        deleted: said(m.deletion),
        forwarded: said(m.forwarded),
        send_state: m.send_state,
    }
}

fn piece(a: &Attachment) -> Piece {
    let (mut path, mut container, mut url) = (None, None, None);
    match &a.place {
        MediaPlace::Export { path: p, container: c } => {
            path = Some(p.clone());
            container.clone_from(c);
        }
        MediaPlace::Web { url: u } => url = Some(u.clone()),
        MediaPlace::Omitted => {}
    }
    Piece { kind: a.kind, name: a.name.clone(), path, container, url }
}

fn react(r: &Reaction) -> React {
    React { emoji: r.emoji.clone(), by: Arc::clone(&r.by), at: r.at.map(time::instant_text) }
}

impl Line {
    /// The record; or why the line makes none.
    pub(super) fn into_record(self) -> Result<Record, &'static str> {
        Ok(match self {
            Self::Account(a) => Record::Account(AccountRecord {
                source: SourceId::new(&a.source),
                key: a.key.unwrap_or_default(),
                name: a.name.unwrap_or_default(),
                me_names: a.me_names.unwrap_or_default(),
                known_by: a.known_by.unwrap_or_default(),
            }),
            Self::Thread(t) => Record::Thread(Box::new(t.into_record())),
            Self::Telling(t) => Record::Telling { thread: t.thread },
            Self::Participant(p) => Record::Participant(ParticipantRecord {
                thread: p.thread,
                key: p.key.unwrap_or_else(|| p.name.as_str().into()),
                name: p.name,
                source: p.source.as_deref().map(SourceId::new),
                is_me: p.is_me.unwrap_or_default(),
                placeholder: p.placeholder.unwrap_or_default(),
                left: p.left.unwrap_or_default(),
            }),
            Self::Message(m) => Record::Message(Box::new(m.into_record()?)),
        })
    }
}

impl Grounds {
    fn evidence(self, field: &str) -> Option<Evidence> {
        match self {
            Self::Mark(false) => None,
            Self::Mark(true) => Some(Evidence::new(EvidenceKind::Flag, field)),
            Self::Words(words) => Some(Evidence::new(EvidenceKind::Flag, words)),
            Self::Full { kind, detail } => Some(Evidence { kind, detail }),
        }
    }
}

impl Crossing {
    fn mark(self) -> Option<CrossApp> {
        let flag = || Evidence::new(EvidenceKind::Flag, "cross_app");
        match self {
            Self::Mark(false) => None,
            Self::Mark(true) => Some(CrossApp { other: None, evidence: flag() }),
            Self::With(app) => {
                Some(CrossApp { other: Some(SourceId::new(&app)), evidence: flag() })
            }
            Self::Full { other, evidence } => Some(CrossApp {
                other: other.as_deref().map(SourceId::new),
                evidence: evidence.and_then(|e| e.evidence("cross_app")).unwrap_or_else(flag),
            }),
        }
    }
}

impl Thread {
    fn into_record(self) -> ThreadRecord {
        ThreadRecord {
            key: self.thread,
            origin: self.origin.unwrap_or_else(|| ORIGIN.to_owned()),
            title: self.title,
            kind: self.kind,
            membership: self.membership.unwrap_or_default(),
            posting: self.posting.unwrap_or_default(),
            folder: self.folder,
            archived: self.archived.unwrap_or_default(),
            unread: self.unread,
            cross_app: self.cross_app.and_then(Crossing::mark),
            read_only: self.read_only.and_then(|g| g.evidence("read_only")),
            will_be_read_only: self.will_be_read_only.and_then(|g| g.evidence("will_be_read_only")),
            stitch: self.stitch.unwrap_or_default(),
            address: self.address,
        }
    }
}

impl Message {
    fn into_record(self) -> Result<MessageRecord, &'static str> {
        let at = time::instant(&self.sent_at).ok_or("sent_at is no RFC 3339 time")?;
        let clock = match &self.wall {
            None => Clock::Utc,
            Some(text) => Clock::WallMinute(time::wall(text).ok_or("wall is no clock reading")?),
        };
        let edited = match self.edited {
            None | Some(Edit::Mark(false)) => None,
            Some(Edit::Mark(true)) => Some(None),
            Some(Edit::At(t)) => Some(Some(time::instant(&t).ok_or("edited is no RFC 3339 time")?)),
        };
        let kind = match self.kind.unwrap_or(Kind::Text) {
            Kind::Text => MessageKind::Text,
            Kind::System => MessageKind::System,
            Kind::Call => {
                let CallLine { video, seconds, missed } = self.call.unwrap_or_default();
                MessageKind::Call(Call { video, seconds, missed: missed.unwrap_or_default() })
            }
            Kind::Poll => MessageKind::Poll,
        };
        let reactions = self.reactions.unwrap_or_default().into_iter().map(|r| {
            let at = r.at.map(|t| time::instant(&t).ok_or("a reaction's time is no RFC 3339 time"));
            Ok(Reaction { emoji: r.emoji, by: r.by, at: at.transpose()? })
        });
        Ok(MessageRecord {
            thread: self.thread,
            native_id: self.id,
            sender: self.sender,
            sent: Moment { at, clock },
            order: self.order.unwrap_or_default(),
            kind,
            text: self.text.unwrap_or_default(),
            attachments: self.attachments.unwrap_or_default().into_iter().map(place).collect(),
            reactions: reactions.collect::<Result<_, &'static str>>()?,
            reply_to: self.reply_to.map(|r| ReplyTo { native_id: r.id, quote: r.quote }),
            edited,
            deletion: self.deleted.unwrap_or_default(),
            forwarded: self.forwarded.unwrap_or_default(),
            send_state: self.send_state,
        })
    }
}

fn place(p: Piece) -> Attachment {
    let place = match (p.path, p.url) {
        (Some(path), _) => MediaPlace::Export { path, container: p.container },
        (None, Some(url)) => MediaPlace::Web { url },
        (None, None) => MediaPlace::Omitted,
    };
    Attachment { kind: p.kind, name: p.name, place }
}
