//! What may be done in a thread: wishes, verdicts, warnings, hand-off links, send states.

use serde::{Deserialize, Serialize};

use super::{DayRange, Reason};

/// Something a person may want to do in a thread. Each is asked for separately.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Wish {
    /// Write a message.
    Send,
    /// Answer one message in particular.
    Reply,
    /// React to a message.
    React,
    /// Change a message of mine.
    Edit,
    /// Take a message of mine back.
    Delete,
    /// Send a file.
    Attach,
    /// Voice or video.
    Call,
    /// Begin a new thread with this person from the thread's own app.
    StartThread,
    /// Tell the others that I have read.
    MarkRead,
}

impl Wish {
    /// Every wish, in the order in which they are listed to people.
    pub const ALL: [Self; 9] = [
        Self::Send,
        Self::Reply,
        Self::React,
        Self::Edit,
        Self::Delete,
        Self::Attach,
        Self::Call,
        Self::StartThread,
        Self::MarkRead,
    ];
}

/// Whether a wish is granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// A connected account can do it now.
    Live,
    /// Known from an export only, no rule against it: the text goes to the clipboard and the app's
    /// own link is opened. `None` where no link can be built (a group, an unknown address).
    HandOff(Option<AppLink>),
    /// Not possible, and why.
    Denied(Reason),
}

impl Verdict {
    /// The verdict without its details.
    pub fn kind(&self) -> VerdictKind {
        match self {
            Self::Live => VerdictKind::Live,
            Self::HandOff(_) => VerdictKind::HandOff,
            Self::Denied(_) => VerdictKind::ReadOnly,
        }
    }
}

/// The three words of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VerdictKind {
    /// Writable from here.
    Live,
    /// Writable through the app's own link.
    HandOff,
    /// Closed.
    ReadOnly,
}

impl VerdictKind {
    /// The word on screen and in `--json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::HandOff => "hand-off",
            Self::ReadOnly => "read-only",
        }
    }
}

/// A closure that is coming or under way; the thread is still writable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// The interop rule that announces it.
    pub rule: String,
    /// When.
    pub when: DayRange,
    /// One sentence for people.
    pub text: String,
}

/// A link that opens a conversation in the app itself. Built by policy from allow-listed schemes
/// only, percent-encoded, free of control characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppLink {
    /// What it opens, for people: `WhatsApp`, `Messenger`.
    pub app: String,
    /// The URL without the text.
    pub url: String,
    /// The query key that carries the text (`text`), where the app takes one. Without it the
    /// text travels by clipboard only.
    pub prefill: Option<String>,
}

/// What became of a message of mine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum SendState {
    /// Given to the app through its own link; onebox does not know more.
    HandedOff,
    /// Waits in the outbox.
    Queued,
    /// On its way.
    Sending,
    /// The service has it. Whether the app behind a bridge has it too is not known.
    Sent,
    /// The app behind the bridge has it.
    Delivered,
    /// Somebody has read it.
    Read,
    /// It may or may not have arrived.
    Unconfirmed,
    /// It did not.
    Failed,
}

impl SendState {
    /// The word on screen and in `--json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::HandedOff => "handed off",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Unconfirmed => "unconfirmed",
            Self::Failed => "failed",
        }
    }
}
