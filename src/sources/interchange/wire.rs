//! The lines of the interchange format. Apart from the model, so that the model may change.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::{
    AccountRecord, Attachment, AttachmentKind, Call, Clock, CrossApp, Deletion, Evidence,
    EvidenceKind, LiveThread, MediaPlace, Membership, MessageKind, MessageRecord, Moment, Mute,
    Notify, ParticipantRecord, PostingLimit, Reaction, Record, ReplyTo, SendState, SourceId,
    Stitch, ThreadKind, ThreadRecord,
};

use super::changes::{ReactionLine, Receipt, Revision};
use super::time;

/// Shown as the origin of threads whose line does not name one.
const ORIGIN: &str = "onebox file";

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A record as a line: what a file of the interchange format and a connector both write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "record"))]
pub enum Line {
    /// My identity within an app.
    Account(Account),
    /// A thread.
    Thread(Box<Thread>),
    /// Somebody in a thread.
    Participant(Participant),
    /// A message.
    Message(Box<Message>),
    /// A thread is told once more.
    Telling(Telling),
    /// A message has changed.
    Revision(Box<Revision>),
    /// A reaction comes or goes.
    Reaction(Box<ReactionLine>),
    /// Somebody has read.
    Receipt(Receipt),
}

/// Equal messages are counted anew from here: the thread is told once more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Telling {
    thread: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Account {
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

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Thread {
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
    peer_gone: Option<Grounds>,
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
    pinned: Option<bool>,
    #[serde(default, skip_serializing_if = "is_default")]
    muted: Option<Muted>,
    #[serde(default, skip_serializing_if = "is_default")]
    stitch: Option<Stitch>,
    #[serde(default, skip_serializing_if = "is_default")]
    address: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    less_exact: Option<bool>,
    /// Only a connector tells it.
    #[serde(default, skip_serializing_if = "is_default")]
    live: Option<LiveThread>,
}

/// `true`, or the time until when.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
enum Muted {
    Mark(bool),
    Until(String),
}

impl Muted {
    fn mute(self) -> Option<Mute> {
        match self {
            Self::Mark(muted) => muted.then_some(Mute::Always),
            // Nobody knows until when: it is muted.
            Self::Until(end) => Some(time::instant(&end).map_or(Mute::Always, Mute::Until)),
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
enum Crossing {
    Mark(bool),
    With(String),
    Full { other: Option<String>, evidence: Option<Grounds> },
}

#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
enum Grounds {
    Mark(bool),
    Words(String),
    Full { kind: EvidenceKind, detail: String },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Participant {
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

#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum Kind {
    Text,
    System,
    Call,
    Poll,
    Sealed,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Message {
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
    /// The id may be another message's, too, as those of mails.
    #[serde(default, skip_serializing_if = "is_default")]
    id_is_shared: Option<bool>,
    #[serde(default, skip_serializing_if = "is_default")]
    forwarded: Option<bool>,
    #[serde(default, skip_serializing_if = "is_default")]
    forwarded_from: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    send_state: Option<SendState>,
    /// Only a connector tells it: the key of the order that sent this message.
    #[serde(default, skip_serializing_if = "is_default")]
    client_key: Option<String>,
    /// Only a connector tells it.
    #[serde(default, skip_serializing_if = "is_default")]
    notify: Option<Notify>,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CallLine {
    #[serde(default, skip_serializing_if = "is_default")]
    video: Option<bool>,
    #[serde(default, skip_serializing_if = "is_default")]
    seconds: Option<u32>,
    #[serde(default, skip_serializing_if = "is_default")]
    missed: Option<bool>,
}

#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
    /// Only a connector tells it: what `fetch-media` names.
    #[serde(default, skip_serializing_if = "is_default")]
    handle: Option<String>,
    /// Bytes.
    #[serde(default, skip_serializing_if = "is_default")]
    size: Option<u64>,
}

#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct React {
    emoji: String,
    by: Arc<str>,
    #[serde(default, skip_serializing_if = "is_default")]
    at: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Reply {
    #[serde(default, skip_serializing_if = "is_default")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    quote: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
enum Edit {
    Mark(bool),
    At(String),
}

/// A list or text that is empty is left out of its line.
pub(super) fn said<T: Default + PartialEq>(value: T) -> Option<T> {
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
            Record::Revision(r) => Self::Revision(Box::new((&**r).into())),
            Record::Reaction(r) => Self::Reaction(Box::new((&**r).into())),
            Record::Receipt(r) => Self::Receipt(r.into()),
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
        peer_gone: t.peer_gone.as_ref().map(grounds),
        membership: said(t.membership),
        posting: said(t.posting),
        folder: t.folder.clone(),
        archived: said(t.archived),
        unread: t.unread,
        pinned: said(t.pinned),
        muted: t.muted.map(|m| match m {
            Mute::Always => Muted::Mark(true),
            Mute::Until(end) => Muted::Until(time::instant_text(end)),
        }),
        stitch: said(t.stitch),
        address: t.address.clone(),
        less_exact: said(t.less_exact),
        live: t.live.clone(),
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
        MessageKind::Sealed => (Some(Kind::Sealed), None),
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
        id_is_shared: said(m.id_is_shared),
        forwarded: said(m.forwarded),
        forwarded_from: m.forwarded_from.clone(),
        send_state: m.send_state,
        client_key: m.client_key.clone(),
        notify: m.notify,
    }
}

fn piece(a: &Attachment) -> Piece {
    let (mut path, mut container, mut url, mut handle, mut size) = (None, None, None, None, None);
    match &a.place {
        MediaPlace::Export { path: p, container: c } => {
            path = Some(p.clone());
            container.clone_from(c);
        }
        MediaPlace::Web { url: u } => url = Some(u.clone()),
        MediaPlace::Live { handle: h, size: s } => {
            handle = Some(h.clone());
            size = *s;
        }
        MediaPlace::Omitted => {}
    }
    Piece { kind: a.kind, name: a.name.clone(), path, container, url, handle, size }
}

fn react(r: &Reaction) -> React {
    React { emoji: r.emoji.clone(), by: Arc::clone(&r.by), at: r.at.map(time::instant_text) }
}

impl Line {
    /// The record; or why the line makes none.
    pub fn into_record(self) -> Result<Record, &'static str> {
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
            Self::Revision(r) => Record::Revision(Box::new(r.into_record()?)),
            Self::Reaction(r) => Record::Reaction(Box::new(r.into_record()?)),
            Self::Receipt(r) => Record::Receipt(r.into_record()?),
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
            dates: None,
            key: self.thread,
            origin: self.origin.unwrap_or_else(|| ORIGIN.to_owned()),
            title: self.title,
            kind: self.kind,
            membership: self.membership.unwrap_or_default(),
            posting: self.posting.unwrap_or_default(),
            folder: self.folder,
            archived: self.archived.unwrap_or_default(),
            unread: self.unread,
            pinned: self.pinned.unwrap_or_default(),
            muted: self.muted.and_then(Muted::mute),
            cross_app: self.cross_app.and_then(Crossing::mark),
            read_only: self.read_only.and_then(|g| g.evidence("read_only")),
            will_be_read_only: self.will_be_read_only.and_then(|g| g.evidence("will_be_read_only")),
            peer_gone: self.peer_gone.and_then(|g| g.evidence("peer_gone")),
            stitch: self.stitch.unwrap_or_default(),
            address: self.address,
            less_exact: self.less_exact.unwrap_or_default(),
            live: self.live,
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
            Kind::Sealed => MessageKind::Sealed,
        };
        let reactions = self.reactions.unwrap_or_default().into_iter().map(|r| {
            let at = r.at.map(|t| time::instant(&t).ok_or("a reaction's time is no RFC 3339 time"));
            Ok(Reaction { emoji: r.emoji, by: r.by, at: at.transpose()? })
        });
        Ok(MessageRecord {
            thread: self.thread,
            native_id: self.id,
            id_is_shared: self.id_is_shared.unwrap_or_default(),
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
            forwarded_from: self.forwarded_from,
            send_state: self.send_state,
            client_key: self.client_key,
            notify: self.notify,
            formerly: None,
        })
    }
}

fn place(p: Piece) -> Attachment {
    let place = match (p.handle, p.path, p.url) {
        (Some(handle), _, _) => MediaPlace::Live { handle, size: p.size },
        (None, Some(path), _) => MediaPlace::Export { path, container: p.container },
        (None, None, Some(url)) => MediaPlace::Web { url },
        (None, None, None) => MediaPlace::Omitted,
    };
    Attachment { kind: p.kind, name: p.name, place }
}
