//! The export door's contract: recognise, then pour records into a sink.
//!
//! Reading pushes rather than being pulled: serde streams an array of any length through a visitor
//! in constant memory, and a visitor cannot be turned inside out without a thread. A sink that
//! answers [`Stop`] ends the reading at once, which is how an import is cancelled.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use chrono::{Local, LocalResult, NaiveDateTime, TimeZone};

use super::Entry;
use crate::model::{AccountRecord, Key, Locked, Oddity, Record, SourceId, Timestamp};

/// Takes what a reader finds.
pub trait Sink {
    /// Takes a record. Threads, participants and messages belong to the account told last.
    fn take(&mut self, record: Record) -> Result<(), Stop>;
    /// Counts and keeps a piece that could not be read.
    fn odd(&mut self, oddity: Oddity) -> Result<(), Stop>;
    /// Something the person should know of this import (an order that was guessed, a name that
    /// was inferred).
    fn remark(&mut self, text: String) -> Result<(), Stop>;
    /// Tells how many bytes of input have been worked through since the last call.
    fn advance(&mut self, bytes: u64) -> Result<(), Stop>;
    /// Flags of which any says to stop once it is raised: for work during which nobody can be asked.
    fn flags(&self) -> Vec<Arc<AtomicBool>> {
        Vec::new()
    }
}

/// Hears nothing but whether to stop: for a first look at files of which all is told later.
pub struct Quiet<'a>(pub &'a mut dyn Sink);

impl Sink for Quiet<'_> {
    fn take(&mut self, _: Record) -> Result<(), Stop> {
        Ok(())
    }
    fn odd(&mut self, _: Oddity) -> Result<(), Stop> {
        Ok(())
    }
    fn remark(&mut self, _: String) -> Result<(), Stop> {
        Ok(())
    }
    fn advance(&mut self, _: u64) -> Result<(), Stop> {
        self.0.advance(0)
    }
    fn flags(&self) -> Vec<Arc<AtomicBool>> {
        self.0.flags()
    }
}

/// The sink wants no more: cancelled, or it cannot store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop;

/// Why an export as a whole could not be read. Pieces that cannot be read are oddities instead.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The sink said stop.
    #[error("stopped")]
    Stopped,
    /// A file that everything hangs on cannot be opened.
    #[error(transparent)]
    Tree(#[from] super::TreeError),
    /// The format is newer than this reader, or not what it seemed.
    #[error("{file}: {why}")]
    Format {
        /// The file.
        file: String,
        /// What is wrong.
        why: String,
    },
    /// Part of it cannot be read without its key. What else there is was handed on.
    #[error("{0}")]
    Locked(Locked),
}

impl From<Stop> for ReadError {
    fn from(_: Stop) -> Self {
        Self::Stopped
    }
}

/// How sure a reader is that an export is its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// It might be.
    Maybe,
    /// The layout fits.
    Likely,
    /// A file's content says so.
    Sure,
}

/// An export found in a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The folder inside the tree below which it lies; empty for the whole tree.
    pub root: String,
    /// How sure.
    pub confidence: Confidence,
    /// What it is, for people: `Messenger export (JSON)`.
    pub what: String,
}

impl Found {
    /// Found for sure: a file's content says so.
    pub fn sure(root: &str, what: &str) -> Self {
        Self { root: root.to_owned(), confidence: Confidence::Sure, what: what.to_owned() }
    }

    /// One export for each folder that holds such files; the first of a folder says what it is.
    pub fn in_folders<'t>(files: impl IntoIterator<Item = (&'t Entry, &'static str)>) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        for (entry, what) in files {
            let (root, _) = entry.parted();
            if found.iter().all(|f| f.root != root) {
                found.push(Self::sure(root, what));
            }
        }
        found
    }
}

pub use crate::model::DateOrder;

/// The zone in which wall clocks without a zone are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zone {
    /// This machine's.
    #[default]
    Local,
    /// A named one.
    Named(chrono_tz::Tz),
}

impl Zone {
    /// The instant of a wall clock reading. In the hour that a zone repeats it takes the earlier
    /// one; in the hour that it skips it moves on by an hour.
    pub fn instant(self, wall: NaiveDateTime) -> Timestamp {
        let in_zone = |t: NaiveDateTime| match self.readings(t) {
            LocalResult::Single(ms) | LocalResult::Ambiguous(ms, _) => Some(ms),
            LocalResult::None => None,
        };
        in_zone(wall)
            .or_else(|| wall.checked_add_signed(chrono::TimeDelta::hours(1)).and_then(in_zone))
            .map_or_else(|| Timestamp(wall.and_utc().timestamp_millis()), Timestamp)
    }

    /// The same of a reading that was written down after `before`: in the hour that a zone repeats
    /// it is the later one, if the earlier one would go back.
    pub fn instant_after(self, wall: NaiveDateTime, before: Timestamp) -> Timestamp {
        match self.readings(wall) {
            LocalResult::Ambiguous(first, second) if first < before.0 && second >= before.0 => {
                Timestamp(second)
            }
            LocalResult::Single(ms) | LocalResult::Ambiguous(ms, _) => Timestamp(ms),
            LocalResult::None => self.instant(wall),
        }
    }

    fn readings(self, wall: NaiveDateTime) -> LocalResult<i64> {
        match self {
            Self::Local => Local.from_local_datetime(&wall).map(|t| t.timestamp_millis()),
            Self::Named(tz) => tz.from_local_datetime(&wall).map(|t| t.timestamp_millis()),
        }
    }
}

/// What the person said on the command line or in the import pane.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// The account's name, where the person gave one.
    pub account: Option<String>,
    /// My name in the export.
    pub me: Option<String>,
    /// Names that I bear on this source by earlier imports: a hint where an export does not say.
    pub known_me: Vec<String>,
    /// The order of dates, where the person gave one.
    pub date_order: Option<DateOrder>,
    /// The zone of wall clocks.
    pub zone: Zone,
    /// What opens a locked export, where the person gave it.
    pub key: Option<Key>,
}

impl ReadOptions {
    /// My account in an export: under the key that the person gave, else under my id there. Where
    /// nothing but my name is known, everybody of that name is me; where I have an id, nobody is.
    pub fn my_account(
        &self,
        source: &'static str,
        id: Option<&str>,
        name: String,
        known_by: &str,
    ) -> AccountRecord {
        let by_name = id.is_none() && !name.is_empty();
        AccountRecord {
            source: SourceId::known(source),
            key: self.account.as_deref().or(id).unwrap_or_default().to_owned(),
            me_names: if by_name { vec![name.clone()] } else { Vec::new() },
            name,
            known_by: known_by.to_owned(),
        }
    }
}
