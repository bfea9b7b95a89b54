//! What a connector tells.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::sources::interchange::Line;

/// News, one line of the connector's standard output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "news", rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum News {
    /// The first line.
    Hello {
        /// The version of the contract that it speaks, one of those offered.
        version: u32,
        /// Its name, for people: `Matrix`.
        name: String,
        /// Its own release.
        #[serde(default)]
        release: String,
        /// What it can do at all. What it can do in a thread stands in the thread's `live`.
        #[serde(default)]
        can: Vec<Ability>,
        /// An order with a key that it has seen before is not carried out twice, even over a
        /// restart.
        #[serde(default)]
        idempotent: bool,
    },
    /// The answer to a ping.
    Pong {
        /// The ping's.
        n: u64,
    },
    /// A question to the person.
    Ask(Ask),
    /// A question has answered itself or no longer matters.
    AskOver {
        /// The question's.
        id: String,
    },
    /// The state of the link.
    Link {
        /// How it stands.
        state: LinkState,
        /// Why, in one sentence for people. Never holds a secret.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
        /// Who I am there, as people write it: `@sam:example.org`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        me: Option<String>,
        /// Hosts that were contacted since the start.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        hosts: Vec<String>,
    },
    /// What else the person should know of the account: shown beside its state. Takes the place
    /// of what was told before.
    About {
        /// A few of them.
        facts: Vec<Fact>,
    },
    /// Something of a thread. The app's account comes before its first thread, a thread before
    /// what is in it; each may come again, and the later one holds.
    Record {
        /// The app whose account it belongs to (its slug).
        app: String,
        /// The record.
        record: Line,
    },
    /// Every thread that there is has been told; others come later as they come about.
    AllThreads,
    /// All that came until here has been told: where the connector can go on from after a restart.
    /// onebox keeps it in one step with what was told before it, and gives it back in `known`: it
    /// is never newer than what onebox has. Only for a onebox that said so in its `hello`.
    Place {
        /// Opaque; at most [`LONGEST_PLACE`](super::LONGEST_PLACE) bytes, or it is not kept.
        place: String,
    },
    /// Messages are missing here: older ones, or some between two that were told.
    Gap {
        /// The app.
        app: String,
        /// The thread's key.
        thread: Arc<str>,
        /// The id of the message right after the gap; `null`: the oldest that was told.
        before: Option<String>,
        /// What `fetch-older` names; `null`: nothing is missing here (any more).
        token: Option<String>,
    },
    /// Who is typing.
    Typing {
        /// The app.
        app: String,
        /// The thread's key.
        thread: Arc<str>,
        /// Names; empty: nobody.
        names: Vec<String>,
    },
    /// What became of an order.
    Outcome(Outcome),
    /// A file that was asked for.
    Media {
        /// The order's key.
        key: String,
        /// Bytes so far.
        #[serde(default)]
        done: u64,
        /// Bytes in all, where known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        total: Option<u64>,
        /// Where it lies now, below `media_dir`: it is complete.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        path: Option<PathBuf>,
        /// It cannot be had, and why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failed: Option<String>,
    },
    /// Something of an app or account could not be understood; counted and kept.
    Oddity {
        /// What and where.
        at: String,
        /// Why.
        why: String,
    },
    /// A line for the log.
    Log {
        /// The line. Never holds a secret or a message.
        text: String,
    },
}

/// What a connector may be able to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Ability {
    /// Send text.
    Send,
    /// Send an answer to one message.
    Reply,
    /// React.
    React,
    /// Edit.
    Edit,
    /// Delete.
    Delete,
    /// Send files.
    Attach,
    /// Tell that I have read.
    MarkRead,
    /// Tell that I am typing.
    Typing,
    /// Fetch older messages.
    FetchOlder,
    /// Fetch files.
    FetchMedia,
    /// Accept invitations.
    Accept,
    /// See to the keys of encryption when the person wants it.
    Verify,
    /// Sign out.
    SignOut,
    /// Something that a later onebox knows.
    #[serde(other)]
    Unknown,
}

/// Something that the person should know of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Fact {
    /// What it is about, one word: `encryption`.
    pub name: String,
    /// How it stands, one sentence for people. Never holds a secret.
    pub text: String,
}

/// A question to the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Ask {
    /// Names it.
    pub id: String,
    /// The question, one sentence.
    pub text: String,
    /// What went wrong with the last answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// How it is asked.
    #[serde(flatten)]
    pub asking: Asking,
}

/// How a question is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Asking {
    /// A line of text.
    Text {
        /// What stands there already.
        #[serde(default)]
        initial: String,
    },
    /// A line that is not shown and not kept.
    Secret,
    /// One of these.
    Choice {
        /// The choices; the answer is one of them.
        choices: Vec<String>,
    },
    /// Open a link in the browser. It answers itself (`ask-over`); the person can only give up.
    Link {
        /// The link.
        url: String,
    },
    /// Compare these with the other device: `yes` or `no`. Where the other device gives up
    /// meanwhile, the question is taken back (`ask-over`), and what came of it is the `problem` of
    /// the next one.
    Compare {
        /// Emoji with their names, or numbers.
        symbols: Vec<String>,
    },
}

/// The state of the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum LinkState {
    /// On the way.
    Connecting,
    /// All is told as it happens.
    Online,
    /// The service cannot be reached; it is tried again.
    Offline,
    /// The person must sign in.
    SignedOut,
}

/// What became of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Outcome {
    /// The order's key.
    pub key: String,
    /// What.
    pub state: OutcomeState,
    /// The id that the service gave the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Why it failed, in one sentence for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// `retry`: not before so many milliseconds have passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_ms: Option<u64>,
}

/// What became of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum OutcomeState {
    /// The service has it.
    Done,
    /// It did not go through now and may be tried again with the same key.
    Retry,
    /// It will not go through.
    Failed,
    /// It may or may not have gone through.
    Unconfirmed,
}
