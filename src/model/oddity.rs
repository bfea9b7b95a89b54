//! A piece of an export that could not be read: counted, kept, shown; never a reason to stop.

use serde::{Deserialize, Serialize};

/// Something that could not be read, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Oddity {
    /// Path of the file inside the export, with `/`.
    pub file: String,
    /// Where in the file: `line 12`, `byte 4096`, `message 7`, or empty.
    pub at: String,
    /// What was wrong, in words for people. Never holds message text.
    pub why: String,
}

impl Oddity {
    /// An oddity about a whole file.
    pub fn file(file: impl Into<String>, why: impl Into<String>) -> Self {
        Self { file: file.into(), at: String::new(), why: why.into() }
    }

    /// An oddity at a place in a file.
    pub fn at(file: impl Into<String>, at: impl Into<String>, why: impl Into<String>) -> Self {
        Self { file: file.into(), at: at.into(), why: why.into() }
    }
}
