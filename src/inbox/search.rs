//! Searching at the counter: what is looked for where, what was found, and how much was covered.

use super::{Badge, RowKind, Ticket, TranscriptPos};
use crate::model::{MessageId, PersonId, ThreadId, Timestamp};
use crate::search::Query;

/// Where to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everywhere.
    #[default]
    Everything,
    /// In one thread.
    Thread(ThreadId),
    /// In every thread with one person.
    Person(PersonId),
}

/// Which hits come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HitOrder {
    /// The newest.
    #[default]
    Newest,
    /// Those that match best; exact forms before folded ones.
    Best,
}

/// A search. A newer one makes the engine give up an older one.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchRequest {
    /// For the answer.
    pub ticket: Ticket,
    /// What is looked for.
    pub query: Query,
    /// Where.
    pub scope: Scope,
    /// In which order.
    pub order: HitOrder,
    /// How many hits to skip.
    pub offset: usize,
    /// How many hits; at most 200.
    pub limit: usize,
}

/// A message that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HitRow {
    /// Its thread.
    pub thread: ThreadId,
    /// The message.
    pub message: MessageId,
    /// Its place in the thread.
    pub pos: TranscriptPos,
    /// The thread's title.
    pub title: String,
    /// The thread's app.
    pub badge: Badge,
    /// The thread is read-only.
    pub read_only: bool,
    /// Who; empty: the app itself.
    pub sender: String,
    /// It is mine.
    pub mine: bool,
    /// What it is.
    pub kind: RowKind,
    /// When.
    pub at: Timestamp,
    /// The whole text, as it came.
    pub text: String,
    /// What matched: byte ranges of `text`, ascending, not overlapping.
    pub marks: Vec<(usize, usize)>,
    /// What came with it, in a word each ("photo").
    pub attachments: Vec<String>,
}

/// How much of a source was searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoverageRow {
    /// The source.
    pub badge: Badge,
    /// Threads.
    pub threads: u64,
    /// Messages.
    pub messages: u64,
    /// The first message's time.
    pub first: Option<Timestamp>,
    /// The last one's.
    pub last: Option<Timestamp>,
}

/// What a search looked through, and what it cannot have seen: no hits are no proof.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Threads in the scope.
    pub threads: u64,
    /// Messages in the scope.
    pub messages: u64,
    /// Messages that were searched: fewer than there are while the index is being built.
    pub searched: u64,
    /// Per source.
    pub sources: Vec<CoverageRow>,
    /// What is not covered, a sentence each ("What pictures, videos and sound show or say: 1,204
    /// attachments").
    pub not_covered: Vec<String>,
    /// Names that were asked for and nobody and nothing here bears, a sentence each.
    pub unknown: Vec<String>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hits {
    /// The request's.
    pub ticket: Ticket,
    /// The hits, in order.
    pub rows: Vec<HitRow>,
    /// How many there are in all, as far as they were counted.
    pub total: u64,
    /// There are more than `total`: counting stopped.
    pub at_least: bool,
    /// What was looked through.
    pub coverage: Coverage,
}
