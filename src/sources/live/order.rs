//! What onebox orders of a connector.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::AttachmentKind;

/// An order, one line of the connector's standard input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Order {
    /// The first line.
    Hello {
        /// The versions of the contract that onebox speaks.
        versions: Vec<u32>,
        /// Which account this is: a number that stays the same for ever.
        account: i64,
        /// A private folder (0700) that belongs to this account alone.
        state_dir: PathBuf,
        /// Where fetched media goes.
        media_dir: PathBuf,
        /// The person wants no connection now: do not open one before `online`.
        #[serde(default)]
        offline: bool,
        /// onebox keeps a `place` and gives it back. Without this, tell none.
        #[serde(default)]
        places: bool,
    },
    /// What onebox has, right after the hand-shake, in one order or several: the connector tells
    /// everything newer, whatever it has told before, and a `gap` where it cannot. Threads that
    /// are not named have nothing.
    Known {
        /// Threads with what is known of them.
        threads: Vec<KnownThread>,
        /// There is no more of this.
        last: bool,
        /// The last `place` that was told: everything before it is stored here. Comes with the last
        /// of these orders; a connector that cannot go on from it tells everything anew.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<String>,
    },
    /// Answered at once by `pong`.
    Ping {
        /// Comes back.
        n: u64,
    },
    /// Go on- or offline.
    Online {
        /// Which.
        online: bool,
    },
    /// The answer to a question.
    Answer {
        /// The question's.
        id: String,
        /// What the person said: the text, the choice, `yes` or `no`. `null`: they gave up.
        value: Option<String>,
    },
    /// The person looks at a thread: what is typed in it and read of it is news now.
    Watch {
        /// The thread; `null`: none any more.
        thread: Option<Arc<str>>,
    },
    /// Send a message. Answered by an outcome with this key. The same key may come again after a
    /// restart: a connector that calls itself `idempotent` then sends nothing twice.
    Send {
        /// Names this order; opaque, unique for ever.
        key: String,
        /// The thread's key.
        thread: Arc<str>,
        /// The text. With a file: its caption; may be empty then.
        text: String,
        /// The id of the message that it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<String>,
        /// A file to go with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<SendFile>,
    },
    /// Change the text of a message of mine. Answered by an outcome.
    Edit {
        /// Names this order.
        key: String,
        /// The thread's key.
        thread: Arc<str>,
        /// The id of the message.
        message: String,
        /// The new text.
        text: String,
    },
    /// Take a message of mine back. Answered by an outcome.
    Delete {
        /// Names this order.
        key: String,
        /// The thread's key.
        thread: Arc<str>,
        /// The id of the message.
        message: String,
    },
    /// React, or take a reaction back. Answered by an outcome.
    React(React),
    /// I have read as far as a message.
    MarkRead {
        /// The thread's key.
        thread: Arc<str>,
        /// The id of the message.
        message: String,
        /// Tell nobody else.
        #[serde(default)]
        quietly: bool,
    },
    /// I am typing, or not any more.
    Typing {
        /// The thread's key.
        thread: Arc<str>,
        /// Which.
        on: bool,
    },
    /// Accept an invitation or request; of a thread that another took the place of (`replaced`):
    /// join that one. Answered by an outcome.
    Accept {
        /// Names this order.
        key: String,
        /// The thread's key.
        thread: Arc<str>,
    },
    /// Older messages: answered by records, then by a `gap` for the same place.
    FetchOlder {
        /// The thread's key.
        thread: Arc<str>,
        /// The gap's token; `null`: before the oldest message that was told.
        token: Option<String>,
        /// About how many.
        limit: u32,
    },
    /// A file of a message. Answered by `media`.
    FetchMedia {
        /// Names this order.
        key: String,
        /// The attachment's handle.
        handle: String,
        /// Give up if it is larger, in bytes.
        limit: u64,
    },
    /// The person wants to see to the keys of encryption: what is missing is asked (`ask`), whatever
    /// they have put off before.
    Verify,
    /// Sign out at the service and forget every secret. Answered by `link` with `signed-out`.
    SignOut,
    /// Stop in an orderly way.
    Stop,
}

/// What onebox has of a thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct KnownThread {
    /// The thread's key.
    pub thread: Arc<str>,
    /// The id of the newest message; `null`: none.
    pub message: Option<String>,
}

/// A reaction of mine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct React {
    /// Names this order.
    pub key: String,
    /// The thread's key.
    pub thread: Arc<str>,
    /// The id of the message.
    pub message: String,
    /// The emoji.
    pub emoji: String,
    /// On, or taken back.
    pub on: bool,
}

/// A file to send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SendFile {
    /// Where it lies on this machine.
    pub path: PathBuf,
    /// The name that others see.
    pub name: String,
    /// What it is.
    pub kind: AttachmentKind,
}

impl Order {
    /// The name of an order that is answered by an outcome.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Send { key, .. }
            | Self::Edit { key, .. }
            | Self::Delete { key, .. }
            | Self::React(React { key, .. })
            | Self::Accept { key, .. } => Some(key),
            Self::Hello { .. }
            | Self::Known { .. }
            | Self::Ping { .. }
            | Self::Online { .. }
            | Self::Answer { .. }
            | Self::Watch { .. }
            | Self::MarkRead { .. }
            | Self::Typing { .. }
            | Self::FetchOlder { .. }
            | Self::FetchMedia { .. }
            | Self::Verify
            | Self::SignOut
            | Self::Stop => None,
        }
    }
}
