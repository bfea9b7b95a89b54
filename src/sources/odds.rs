//! Counting what is odd about a file without drowning in it.

use super::{Sink, Stop};
use crate::model::Oddity;

/// Oddities told one by one for each file; a file of a million broken messages is one sentence.
const TOLD: u64 = 200;

/// The oddities of one file.
pub struct Odds {
    file: String,
    met: u64,
}

impl Odds {
    /// Of a file, by its path.
    pub fn of(file: &str) -> Self {
        Self { file: file.to_owned(), met: 0 }
    }

    /// Tells one, or only counts it where there are many.
    pub fn say(&mut self, at: String, why: &str, sink: &mut dyn Sink) -> Result<(), Stop> {
        self.met += 1;
        if self.met > TOLD {
            return Ok(());
        }
        sink.odd(Oddity::at(self.file.as_str(), at, why))
    }

    /// Tells how many were only counted.
    pub fn end(self, sink: &mut dyn Sink) -> Result<(), Stop> {
        match self.met.saturating_sub(TOLD) {
            0 => Ok(()),
            n => {
                sink.odd(Oddity::file(self.file, format!("{n} more pieces with something strange")))
            }
        }
    }
}
