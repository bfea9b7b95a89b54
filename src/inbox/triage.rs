//! Triage at the counter: what a person does with threads and messages to keep the inbox small,
//! and what is about to close.

use super::Badge;
use crate::model::{ThreadId, Timestamp};

/// The order of the list. Pinned threads come first in either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ListOrder {
    /// Newest activity first.
    #[default]
    Activity,
    /// Threads with unread messages first, each half by activity.
    UnreadFirst,
}

/// What is done with threads. Survives every later import; what an export knows of it counts until
/// the person has said otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TriageChange {
    /// Into the archive, or out of it.
    Archive(bool),
    /// Pinned at the top, or not.
    Pin(bool),
    /// Muted, or not.
    Mute(bool),
    /// Marked unread, or read.
    Unread(bool),
    /// Out of sight until then; `None`: back now.
    Snooze(Option<Timestamp>),
    /// Labelled so, or no longer.
    Label {
        /// The label.
        name: String,
        /// Put on or taken off.
        on: bool,
    },
}

/// A thread, for a list inside a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadRef {
    /// The thread.
    pub id: ThreadId,
    /// Its title.
    pub title: String,
    /// Its app.
    pub badge: Badge,
    /// When something last happened there.
    pub last: Option<Timestamp>,
}

/// A rule with a coming end, and what of this inbox it will close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosingRow {
    /// The rule.
    pub rule: String,
    /// "Instagram ↔ Messenger".
    pub apps: String,
    /// The date in words.
    pub when: String,
    /// What it means, one or two sentences.
    pub text: String,
    /// How sure, in words.
    pub sure: String,
    /// The threads that it touches, newest activity first; at most 200.
    pub threads: Vec<ThreadRef>,
    /// How many in all.
    pub total: u64,
    /// What to do, a sentence each, the best first.
    pub todo: Vec<String>,
}
