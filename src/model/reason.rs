//! Why a wish is refused: a code, how it is known, since when, how sure.
//!
//! The words for people are in `policy/words.rs`, the one place that has them.

use serde::{Deserialize, Serialize};

use super::{AttachmentKind, DayRange, SourceId, ThreadId, Timestamp};

/// Why something cannot be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// What kind of reason.
    pub code: ReasonCode,
    /// Since when, as exactly as it is known.
    pub since: Option<Since>,
    /// How onebox knows.
    pub evidence: Evidence,
}

/// Since when a door is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Since {
    /// A date from an interop rule, with its precision.
    Range(DayRange),
    /// An instant that the data knows.
    At(Timestamp),
}

/// The typed reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReasonCode {
    /// Chats between these two apps have ended.
    CrossAppEnded {
        /// The interop rule.
        rule: String,
        /// The thread's app.
        home: SourceId,
        /// The other app.
        other: SourceId,
    },
    /// The app, or this way of using it, is gone.
    AppClosed {
        /// The interop rule.
        rule: String,
        /// The app.
        source: SourceId,
    },
    /// I left or was removed, or the other side is gone; the data does not say which.
    NotAMember,
    /// An invitation that has not been accepted.
    NotAccepted,
    /// I left.
    YouLeft,
    /// I was removed.
    Removed,
    /// I was banned.
    Banned,
    /// The chat itself was deleted, by the service or the bridge that carried it.
    ChatDeleted,
    /// The bridge that carried it has left it: what is written here reaches nobody.
    BridgeGone,
    /// The bridge is signed out of the app.
    BridgeSignedOut,
    /// Only administrators may write.
    AnnouncementsOnly,
    /// Another thread took its place.
    ReplacedBy {
        /// The thread, where onebox has it.
        thread: Option<ThreadId>,
    },
    /// Another thread of a connected account took its place, and I am not in it: it can be joined.
    ReplacedElsewhere,
    /// The conversation goes on in an encrypted thread.
    MovedToEncrypted {
        /// The thread, where onebox has it.
        thread: Option<ThreadId>,
    },
    /// The time in which one may answer is over.
    ReplyWindowClosed {
        /// When it opens again; `None`: they must write first.
        reopens: Option<Timestamp>,
    },
    /// The person cannot be reached here: account deleted, blocked, unavailable.
    PersonUnavailable,
    /// The service itself says that the thread cannot be answered.
    ServiceSaysNo,
    /// No account is signed in; what is written waits.
    SignedOut,
    /// The person marked the thread read-only.
    MarkedByYou,
    /// `--read-only` is on.
    ReadOnlySwitch,
    /// This kind of file is not taken here.
    FileKindRefused {
        /// The kind.
        kind: AttachmentKind,
    },
    /// The file is larger than what is taken here.
    FileTooLarge {
        /// Its size in bytes.
        size: u64,
        /// The largest that is taken, in bytes.
        largest: u64,
    },
    /// The text is longer than what is taken here.
    TextTooLong {
        /// Its length in characters.
        length: u64,
        /// The longest that is taken, in characters.
        longest: u64,
    },
    /// The words that would go with a file of this kind are lost on the way.
    WordsLost {
        /// The kind.
        kind: AttachmentKind,
    },
    /// The app has no such thing, or what carries the thread there does not pass it on.
    NotCarried,
    /// The message was sent too long ago to be changed.
    TooLate {
        /// How long it could be, in seconds.
        within: u64,
    },
    /// One cannot react with this emoji here.
    ReactionRefused {
        /// Those that are taken.
        allowed: Vec<String>,
    },
    /// This cannot be done without a live account, or the app has no such thing.
    NotOffered,
}

impl ReasonCode {
    /// The stable code of `--json`.
    pub fn slug(&self) -> &'static str {
        match self {
            Self::CrossAppEnded { .. } => "cross-app-ended",
            Self::AppClosed { .. } => "app-closed",
            Self::NotAMember => "not-a-member",
            Self::NotAccepted => "not-accepted",
            Self::YouLeft => "you-left",
            Self::Removed => "removed",
            Self::Banned => "banned",
            Self::ChatDeleted => "chat-deleted",
            Self::BridgeGone => "bridge-gone",
            Self::BridgeSignedOut => "bridge-signed-out",
            Self::AnnouncementsOnly => "announcements-only",
            Self::ReplacedBy { .. } => "replaced",
            Self::ReplacedElsewhere => "replaced-elsewhere",
            Self::MovedToEncrypted { .. } => "moved-to-encrypted",
            Self::ReplyWindowClosed { .. } => "reply-window-closed",
            Self::PersonUnavailable => "person-unavailable",
            Self::ServiceSaysNo => "service-says-no",
            Self::SignedOut => "signed-out",
            Self::MarkedByYou => "marked-by-you",
            Self::ReadOnlySwitch => "read-only-switch",
            Self::FileKindRefused { .. } => "file-kind-refused",
            Self::FileTooLarge { .. } => "file-too-large",
            Self::TextTooLong { .. } => "text-too-long",
            Self::WordsLost { .. } => "words-lost",
            Self::NotCarried => "not-carried",
            Self::TooLate { .. } => "too-late",
            Self::ReactionRefused { .. } => "reaction-refused",
            Self::NotOffered => "not-offered",
        }
    }
}

/// How onebox knows a thing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Evidence {
    /// What kind of evidence.
    pub kind: EvidenceKind,
    /// What exactly, in words: a flag's name, a notice, the grounds of a guess. May hold text
    /// from an export: clean it where it is shown.
    pub detail: String,
}

impl Evidence {
    /// Evidence of a kind with its detail.
    pub fn new(kind: EvidenceKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }

    /// How sure that makes it.
    pub fn sureness(&self) -> Sureness {
        match self.kind {
            EvidenceKind::Flag
            | EvidenceKind::Participant
            | EvidenceKind::Notice
            | EvidenceKind::Rule
            | EvidenceKind::Account
            | EvidenceKind::Switch => Sureness::Known,
            EvidenceKind::You => Sureness::Yours,
            EvidenceKind::Guess => Sureness::Inferred,
        }
    }
}

/// The kinds of evidence, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum EvidenceKind {
    /// A flag in the data.
    Flag,
    /// A participant's source, known from the data or a live account.
    Participant,
    /// The person said so.
    You,
    /// A notice inside the thread.
    Notice,
    /// An interop rule.
    Rule,
    /// The state of an account or link.
    Account,
    /// A command-line switch or setting.
    Switch,
    /// A guess with grounds. Never closes a thread until the person accepts it.
    Guess,
}

/// How sure a reason is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sureness {
    /// The data or the service said so.
    Known,
    /// The person marked it.
    Yours,
    /// A guess, shown with its grounds.
    Inferred,
}

impl Sureness {
    /// The word on screen and in `--json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Yours => "yours",
            Self::Inferred => "inferred",
        }
    }
}
