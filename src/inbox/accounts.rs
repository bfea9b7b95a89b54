//! Live accounts as they are shown.

use super::Badge;
use crate::model::{AccountId, LiveId};

/// A live account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// The account.
    pub id: LiveId,
    /// What carries it: `Matrix`; until it has said so, the name of its program.
    pub name: String,
    /// Who I am there; empty until known.
    pub me: String,
    /// How it stands.
    pub state: AccountState,
    /// Why, one sentence; may be empty.
    pub why: String,
    /// What it asks of the person.
    pub ask: Option<AskRow>,
    /// What else it told of itself: what it is about, and how it stands.
    pub facts: Vec<(String, String)>,
    /// Reads without telling the others.
    pub quiet: bool,
    /// The apps whose threads it carries, with their number.
    pub apps: Vec<(Badge, u64)>,
    /// Hosts that it has ever contacted.
    pub hosts: Vec<String>,
    /// What it may do, in words.
    pub can: Vec<String>,
    /// Pieces that could not be read since the start.
    pub oddities: u64,
    /// Every thread has been told since the start.
    pub complete: bool,
}

/// An account of mine in one app, as an export or a live account tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MyAccountRow {
    /// The account.
    pub id: AccountId,
    /// Its app.
    pub badge: Badge,
    /// My name there, else what the app tells it by.
    pub name: String,
    /// A live account carries it.
    pub live: bool,
    /// Its threads.
    pub threads: u64,
    /// The others that are the same, as the person said.
    pub same: Vec<AccountId>,
    /// Nobody in its threads is known to be me.
    pub nobody: bool,
}

/// Somebody who may be me in an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CandidateRow {
    /// Their key there, by which they are named in the answer.
    pub key: String,
    /// Their name.
    pub name: String,
    /// Their id, where the app tells one.
    pub id: Option<String>,
    /// Threads that they are in.
    pub threads: u64,
    /// They are me, as far as is known.
    pub me: bool,
}

/// How a live account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountState {
    /// Its connector starts.
    Starting,
    /// On the way to the service.
    Connecting,
    /// All is told as it happens.
    Online,
    /// The service cannot be reached; it is tried again.
    Offline,
    /// The person must sign in.
    SignedOut,
    /// Its connector has ended and is started again in so many seconds.
    Waiting(u64),
    /// Its connector cannot be used; `r` tries again.
    Stopped,
    /// Another onebox has it.
    Elsewhere,
}

impl AccountState {
    /// The word on screen and in `--json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Connecting => "connecting",
            Self::Online => "online",
            Self::Offline => "offline",
            Self::SignedOut => "signed out",
            Self::Waiting(_) => "waiting",
            Self::Stopped => "stopped",
            Self::Elsewhere => "in use elsewhere",
        }
    }
}

/// A question of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskRow {
    /// Names it in the answer.
    pub id: String,
    /// The question.
    pub text: String,
    /// What was wrong with the last answer.
    pub problem: Option<String>,
    /// How it is asked.
    pub kind: AskKind,
}

/// How a question is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskKind {
    /// A line of text, with what stands there already.
    Text(String),
    /// A line that is neither shown nor kept.
    Secret,
    /// One of these.
    Choice(Vec<String>),
    /// A link to open; it answers itself.
    Link(String),
    /// Symbols to compare with another device: `yes` or `no`.
    Compare(Vec<String>),
}
