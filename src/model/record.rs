//! The neutral unit that every reader and connector produces and the store takes in.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    DatesRead, Evidence, LiveThread, Membership, Moment, Notify, PostingLimit, SendState, SourceId,
    ThreadKind, Timestamp,
};

/// One thing that an export or a connector tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// My identity within the source. Comes before any thread of it.
    Account(AccountRecord),
    /// A thread. May come more than once: first with its key alone, later with what was learnt
    /// while reading; the later one wins field by field where it says something.
    Thread(Box<ThreadRecord>),
    /// One pass through a thread's messages begins (again): equal messages are counted anew, so
    /// that a thread told twice, in two boxes or two files, is recognised and not doubled.
    Telling {
        /// The thread's key.
        thread: Arc<str>,
    },
    /// Somebody in a thread.
    Participant(ParticipantRecord),
    /// A message, with its attachments and reactions.
    Message(Box<MessageRecord>),
    /// A message that was told before has changed.
    Revision(Box<RevisionRecord>),
    /// A reaction to a message, or one that was taken back.
    Reaction(Box<ReactionRecord>),
    /// Somebody has read as far as a message.
    Receipt(ReceiptRecord),
}

/// My identity within a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRecord {
    /// The app.
    pub source: SourceId,
    /// What tells this account from my others on the same source. The reader's best stable key
    /// (a folded full name, a handle); empty where the export does not say.
    pub key: String,
    /// My name, as people see it. Empty where unknown.
    pub name: String,
    /// Every name under which I appear as a sender. Matching participants are me.
    pub me_names: Vec<String>,
    /// How my name is known, or why it is not: `profile file`, `in every thread`, `--me`, …
    pub known_by: String,
}

/// Begins the key of a thread that a second form of the same export tells, less exactly (pages
/// beside JSON): the rest of the key is that of the first form, which is the same thread.
pub const RETOLD: &str = "html/";
/// The same for JSON whose times are whole seconds, as Messenger's was in spring 2018: what was said
/// is the same as in every later export, when it was said is not.
pub const BY_SECOND: &str = "html/by-second/";

/// The rest of a key that begins with [`RETOLD`] or [`BY_SECOND`].
pub fn told_first(key: &str) -> Option<&str> {
    key.strip_prefix(BY_SECOND).or_else(|| key.strip_prefix(RETOLD))
}

/// How a reader words an event of the app of which it knows no more than that there was one. Where
/// a less exact form of the thread has the app's own words, those are shown.
pub const VAGUE_EVENT: &str = "An event of the app";
/// The same of a message of which nothing can be shown.
pub const VAGUE_MESSAGE: &str = "A message of a kind that onebox does not know";

/// A thread as one export or connector tells it (a strand).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThreadRecord {
    /// Recognises the thread within its account on a re-import (folder, chat title, room id).
    pub key: Arc<str>,
    /// What the door was, for the seam: `Messenger export`, `Messenger encrypted export`.
    pub origin: String,
    /// The title; `None`: not known yet, or made from the participants.
    pub title: Option<String>,
    /// Direct, group or channel; `None`: not known yet.
    pub kind: Option<ThreadKind>,
    /// Whether I am still in.
    pub membership: Membership,
    /// Who may post.
    pub posting: PostingLimit,
    /// The box that the app keeps it in, where the export says so (`inbox`, `archived`,
    /// `requests`, `filtered`).
    pub folder: Option<String>,
    /// Archived in the app.
    pub archived: bool,
    /// Unread messages, where the data knows.
    pub unread: Option<u32>,
    /// Pinned in the app.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
    /// Muted in the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted: Option<Mute>,
    /// The data marks it as a cross-app thread, with the other app where named.
    pub cross_app: Option<CrossApp>,
    /// The data marks it read-only.
    pub read_only: Option<Evidence>,
    /// The data says that it will become read-only.
    pub will_be_read_only: Option<Evidence>,
    /// The data says that the other person's account is there no more (direct threads).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer_gone: Option<Evidence>,
    /// This strand ends where another of the same people goes on (`e2ee_cutover`, an encrypted
    /// export): the store may stitch the two by participants and time.
    pub stitch: Stitch,
    /// The other person's handle or number, for hand-off links in direct threads.
    pub address: Option<String>,
    /// Told by names and a wall clock (a chat's text export): where another export tells the same
    /// messages with ids and instants, it is the same thread and that one's messages stand.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub less_exact: bool,
    /// How its dates were read; `None`: there is one way.
    #[serde(skip)]
    pub dates: Option<DatesRead>,
    /// How it stands in a live account; `None`: told by an export.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<LiveThread>,
}

/// For how long a thread is muted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mute {
    /// Until it is undone.
    Always,
    /// Until then.
    Until(Timestamp),
}

impl Mute {
    /// When it ends by itself.
    pub fn end(self) -> Option<Timestamp> {
        match self {
            Self::Always => None,
            Self::Until(end) => Some(end),
        }
    }

    /// Whether it holds at a moment.
    pub fn holds(self, now: Timestamp) -> bool {
        match self {
            Self::Always => true,
            Self::Until(end) => end > now,
        }
    }
}

/// A cross-app mark in the data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrossApp {
    /// The other app, where the data names it.
    pub other: Option<SourceId>,
    /// How it is known.
    pub evidence: Evidence,
}

/// Which strands may be stitched into one thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Stitch {
    /// Joined only with strands that tell of the same messages (overlapping exports).
    #[default]
    Overlap,
    /// The later part of a conversation, split off by encryption: joined with the one plain
    /// strand of the same participants that ends before it begins.
    Continuation,
}

impl ThreadRecord {
    /// A thread of which only the key is known.
    pub fn new(key: impl Into<Arc<str>>, origin: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            origin: origin.into(),
            title: None,
            kind: None,
            membership: Membership::Unknown,
            posting: PostingLimit::Everyone,
            folder: None,
            archived: false,
            unread: None,
            pinned: false,
            muted: None,
            cross_app: None,
            read_only: None,
            will_be_read_only: None,
            peer_gone: None,
            stitch: Stitch::Overlap,
            address: None,
            less_exact: false,
            dates: None,
            live: None,
        }
    }
}

/// Somebody in one thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParticipantRecord {
    /// The thread's key.
    pub thread: Arc<str>,
    /// What tells participants of this thread apart: a native id, else the name as written.
    pub key: Arc<str>,
    /// The name as written in the data.
    pub name: String,
    /// The source that they write from, where it is known to differ from the thread's.
    pub source: Option<SourceId>,
    /// Known to be me, whatever the name.
    pub is_me: bool,
    /// A stand-in for a deleted account ("Facebook User"); never one person with another.
    pub placeholder: bool,
    /// No longer in the thread.
    pub left: bool,
}

impl ParticipantRecord {
    /// Somebody else who is there, of whom nothing more is known than the name.
    pub fn new(thread: &Arc<str>, key: impl Into<Arc<str>>, name: impl Into<String>) -> Self {
        Self {
            thread: Arc::clone(thread),
            key: key.into(),
            name: name.into(),
            source: None,
            is_me: false,
            placeholder: false,
            left: false,
        }
    }
}

/// A message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MessageRecord {
    /// The thread's key.
    pub thread: Arc<str>,
    /// The source's own id, where it has one; else the store makes a fingerprint.
    pub native_id: Option<String>,
    /// The id may be another message's, too (mail): one that differs in two of sender, time and
    /// words is another.
    pub id_is_shared: bool,
    /// The sender's participant key. `None`: the app itself speaks.
    pub sender: Option<Arc<str>>,
    /// When it was sent.
    pub sent: Moment,
    /// Breaks ties between messages of one instant: lower is earlier. Any numbers, so long as two
    /// exports of one thread order the same messages alike.
    pub order: i64,
    /// What it is.
    pub kind: MessageKind,
    /// The text as it came (repaired, never cleaned). Empty for bare media.
    pub text: String,
    /// Media, files, shares.
    pub attachments: Vec<Attachment>,
    /// Reactions.
    pub reactions: Vec<Reaction>,
    /// The message it answers.
    pub reply_to: Option<ReplyTo>,
    /// It was edited; when, where known.
    pub edited: Option<Option<Timestamp>>,
    /// It was taken back or taken down. The text, if the export kept it, is stored yet hidden.
    pub deletion: Deletion,
    /// Forwarded from elsewhere.
    pub forwarded: bool,
    /// From whom, where the data names them.
    pub forwarded_from: Option<String>,
    /// What became of it, if it was sent or handed off from here.
    pub send_state: Option<SendState>,
    /// The key under which it was sent from here, if it was.
    pub client_key: Option<String>,
    /// Whether it calls me, where the service has rules of mine for that.
    pub notify: Option<Notify>,
    /// The words that an older onebox read in it, where they are no longer its text: by them it is
    /// known again.
    pub formerly: Option<String>,
}

impl MessageRecord {
    /// A text message with nothing else to it.
    pub fn text(
        thread: Arc<str>,
        sender: Option<Arc<str>>,
        sent: Moment,
        text: impl Into<String>,
    ) -> Self {
        Self {
            thread,
            native_id: None,
            id_is_shared: false,
            sender,
            sent,
            order: 0,
            kind: MessageKind::Text,
            text: text.into(),
            attachments: Vec::new(),
            reactions: Vec::new(),
            reply_to: None,
            edited: None,
            deletion: Deletion::None,
            forwarded: false,
            forwarded_from: None,
            send_state: None,
            client_key: None,
            notify: None,
            formerly: None,
        }
    }
}

/// A message has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevisionRecord {
    /// The thread's key.
    pub thread: Arc<str>,
    /// The source's own id of the message.
    pub message: String,
    /// How.
    pub change: Change,
    /// When, where known. Of two edits the later one holds.
    pub at: Option<Timestamp>,
    /// Who changed it: the participant's key. Of another's message only its sender may change the
    /// text; services pass on what anybody says. One that its sender took away was unsent, one that
    /// another did was taken down. `None`: whoever tells it vouches for it.
    pub by: Option<Arc<str>>,
}

/// How a message changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The text is another.
    Text(String),
    /// It was taken away.
    Deleted(Deletion),
    /// What became of a message of mine after the service took it, and in whose words.
    Sent(SendState, Option<String>),
}

/// A reaction comes or goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReactionRecord {
    /// The thread's key.
    pub thread: Arc<str>,
    /// The source's own id of the message.
    pub message: String,
    /// The reaction.
    pub reaction: Reaction,
    /// It was taken back.
    pub removed: bool,
}

/// Somebody has read as far as a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptRecord {
    /// The thread's key.
    pub thread: Arc<str>,
    /// The participant's key.
    pub by: Arc<str>,
    /// The source's own id of the newest message that they have read.
    pub message: String,
    /// When, where known.
    pub at: Option<Timestamp>,
}

/// What a message is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MessageKind {
    /// Somebody wrote or sent something.
    Text,
    /// The app tells of an event: joined, left, renamed, …
    System,
    /// A call.
    Call(Call),
    /// A poll; the options stand in the text, one a line.
    Poll,
    /// Encrypted, and the key is not here (yet). Told again once it is.
    Sealed,
}

/// A call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// With picture, where known.
    pub video: Option<bool>,
    /// Seconds; `None`: unknown.
    pub seconds: Option<u32>,
    /// Nobody answered.
    pub missed: bool,
}

/// Whether a message was taken away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Deletion {
    /// It stands.
    #[default]
    None,
    /// Its sender took it back.
    Unsent,
    /// The service or an administrator took it down.
    TakenDown,
}

/// The message that another answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyTo {
    /// The source's own id of it.
    pub native_id: Option<String>,
    /// The text quoted with the answer, where the data copies it.
    pub quote: Option<String>,
}

/// A reaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// The emoji or word as it came.
    pub emoji: String,
    /// Who: the participant's key.
    pub by: Arc<str>,
    /// When, where known.
    pub at: Option<Timestamp>,
}

/// Something that came with a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// What it is.
    pub kind: AttachmentKind,
    /// Its name, or the title of a share.
    pub name: Option<String>,
    /// Where it is.
    pub place: MediaPlace,
}

/// Kinds of attachment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum AttachmentKind {
    /// A picture.
    Photo,
    /// A moving picture.
    Video,
    /// Sound.
    Audio,
    /// A voice note.
    Voice,
    /// A short loop.
    Gif,
    /// A sticker.
    Sticker,
    /// A document or anything else.
    File,
    /// A contact card.
    Contact,
    /// A place on the map.
    Location,
    /// A link, story, reel or post that was passed on.
    Share,
}

impl AttachmentKind {
    /// The word on screen, in `--json` and in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Voice => "voice",
            Self::Gif => "gif",
            Self::Sticker => "sticker",
            Self::File => "file",
            Self::Contact => "contact",
            Self::Location => "location",
            Self::Share => "share",
        }
    }
}

/// A size, for people: `3.4 MB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub u64);

impl std::fmt::Display for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const STEPS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
        let Self(size) = *self;
        match STEPS.iter().find(|(unit, _)| size >= *unit) {
            Some((unit, name)) if size < 10 * unit => {
                write!(f, "{}.{} {name}", size / unit, size % unit * 10 / unit)
            }
            Some((unit, name)) => write!(f, "{} {name}", size / unit),
            None => write!(f, "{size} bytes"),
        }
    }
}

/// Where an attachment is. Media is never copied; it stays in the export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum MediaPlace {
    /// A file of the export.
    Export {
        /// Its path inside the export (`/`, never `..`).
        path: String,
        /// The zip or folder on disk that holds it. `None`: it was not there when the export was
        /// read.
        container: Option<Arc<str>>,
    },
    /// A web address. onebox never fetches it.
    Web {
        /// The address.
        url: String,
    },
    /// A live account can fetch it.
    Live {
        /// What the connector knows it by.
        handle: String,
        /// Bytes, where known.
        size: Option<u64>,
    },
    /// The export left it out.
    Omitted,
}
