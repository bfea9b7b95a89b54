//! Importing: what was found at paths, what a look at it shows, how far it is, how it ended.

use std::time::Duration;

use crate::model::{Locked, Oddity, Timestamp};

/// Tells one export from the others found at the same paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportKey {
    /// The source's slug.
    pub source: String,
    /// The zips and folders that it lies in.
    pub lies: Vec<String>,
}

/// An export that was found and can be imported.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportFound {
    /// Which.
    pub key: ExportKey,
    /// The app's name.
    pub source: String,
    /// What it is: `Messenger export (JSON)`.
    pub what: String,
}

/// What an export holds, as its reader tells it; nothing is stored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExportLook {
    /// My name there; empty if it does not say.
    pub account: String,
    /// How my name is known.
    pub known_by: String,
    /// Threads.
    pub threads: u64,
    /// Messages, each as often as it is told.
    pub messages: u64,
    /// When the first of them was sent.
    pub first: Option<Timestamp>,
    /// When the last of them was sent.
    pub last: Option<Timestamp>,
    /// Files that belong to it.
    pub files: u64,
    /// Their bytes together, as declared.
    pub bytes: u64,
    /// Pieces that could not be read.
    pub oddities: u64,
    /// It, or part of it, wants a key first.
    pub locked: Option<Locked>,
    /// Why it cannot be read to its end, if so.
    pub broken: Option<String>,
}

/// How far an import is.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportProgress {
    /// What is being read: `Messenger · facebook-maya.zip`.
    pub what: String,
    /// Bytes worked through.
    pub bytes_done: u64,
    /// Bytes in all; 0 while unknown.
    pub bytes_total: u64,
    /// Messages stored or recognised.
    pub messages: u64,
    /// Pieces that could not be read.
    pub oddities: u64,
    /// Since the start.
    pub elapsed: Duration,
}

/// How one source's import ended.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportSummary {
    /// The app's slug.
    pub id: String,
    /// The app's name.
    pub source: String,
    /// My name there; empty if unknown.
    pub account: String,
    /// How my name is known.
    pub known_by: String,
    /// Files read.
    pub files: u64,
    /// Threads that were new.
    pub threads_added: u64,
    /// Threads that were known.
    pub threads_known: u64,
    /// Messages that were new.
    pub messages_added: u64,
    /// Messages that were known.
    pub messages_known: u64,
    /// Pieces that could not be read.
    pub oddities: u64,
    /// The first few of them.
    pub samples: Vec<Oddity>,
    /// It was cancelled or broke off; what was stored stays.
    pub partial: bool,
    /// Exports that want a key first. Nothing of them was stored.
    pub locked: Vec<Locked>,
    /// Things to tell (an ambiguous date order that was guessed, my name that was inferred).
    pub remarks: Vec<String>,
    /// How long it took.
    pub elapsed: Duration,
}

impl ImportSummary {
    /// It holds an export, of which nothing at all could be read.
    pub fn is_unreadable(&self) -> bool {
        let got =
            self.threads_added + self.threads_known + self.messages_added + self.messages_known;
        self.oddities > 0 && got == 0 && self.locked.is_empty()
    }
}
