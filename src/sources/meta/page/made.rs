//! Who asked for a download, and when it was made: a line in the head of every page of it.
//!
//! Mostly in an `aside` with a `time` that says the instant as well; about 2023 in a `div` of the
//! class `_aoaa` that says only what the account's clock showed, mostly with its zone.

use chrono::TimeDelta;

use super::parse::{SHORT, Seen, words};
use super::{stamp, words as dates};
use crate::sources::DateOrder;

/// Such a part of a page.
#[derive(Debug)]
pub struct Aside {
    level: usize,
    said: Vec<u8>,
    told: bool,
}

impl Aside {
    /// One that lies so deep.
    pub fn at(level: usize) -> Self {
        Self { level, said: Vec::new(), told: false }
    }

    /// How deep it lies.
    pub fn level(&self) -> usize {
        self.level
    }

    /// Some text in it.
    pub fn text(&mut self, bytes: &[u8]) {
        let room = SHORT.saturating_sub(self.said.len());
        self.said.extend(bytes.iter().take(room));
    }

    /// The instant is told beside the words.
    pub fn timed(&mut self) {
        self.told = true;
    }

    /// What was said so far.
    pub fn said(&self) -> String {
        words(&self.said)
    }

    /// A block begins in it, or it ends: its first line is whole. What comes behind is what period
    /// was asked for.
    pub fn line(&mut self) -> Option<Seen> {
        if self.told || self.said.iter().all(u8::is_ascii_whitespace) {
            return None;
        }
        self.told = true;
        let line = self.said();
        // A zone that is only named is not always the one of the clock.
        if !["UTC+", "UTC-", "UTC\u{2212}", "GMT+", "GMT-"].iter().any(|zone| line.contains(zone)) {
            return Some(Seen::Made { utc: String::new(), text: String::new(), by: line });
        }
        let croatian = dates::is_croatian(&line).then(|| dates::from_croatian(&line));
        let read = stamp::read(croatian.as_deref().unwrap_or(&line), DateOrder::Dmy);
        let utc = read.and_then(|stamp| {
            let east = TimeDelta::seconds(i64::from(stamp.offset?));
            let utc = stamp.reading.checked_sub_signed(east)?;
            Some(utc.format("%Y-%m-%dT%H:%M:%SZ").to_string())
        });
        Some(Seen::Made { utc: utc.unwrap_or_default(), text: line.clone(), by: line })
    }
}
