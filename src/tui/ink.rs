//! Pieces of clean text, each with what it is drawn for. Nothing else reaches the glass.

use std::ops::Range;

use crate::text::{Clean, width};

/// What a piece is, for the theme to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ink {
    /// What people wrote.
    Text,
    /// Titles.
    Strong,
    /// Beside the matter.
    Muted,
    /// Barely there: times, rules.
    Faint,
    /// Ours, to be noticed.
    Accent,
    /// Read-only.
    Greyed,
    /// A warning.
    Warn,
    /// A failure.
    Error,
    /// Done.
    Good,
    /// A key.
    Key,
    /// A sender, by number.
    Name(u8),
    /// Me.
    You,
    /// Quoted text.
    Quote,
    /// The app speaks.
    System,
    /// Where strands meet.
    Seam,
    /// An address.
    Link,
    /// What a search found.
    Mark,
}

/// A piece of a row. Only clean text gets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    text: String,
    ink: Ink,
}

impl Piece {
    /// All of a text.
    pub fn of(text: &Clean, ink: Ink) -> Self {
        Self { text: text.as_str().to_owned(), ink }
    }

    /// A row of a wrapped text.
    pub fn cut(text: &Clean, range: Range<usize>, ink: Ink) -> Self {
        Self { text: text.slice(range).to_owned(), ink }
    }

    /// A text of our own.
    pub fn ours(text: &'static str, ink: Ink) -> Self {
        Self { text: text.to_owned(), ink }
    }

    /// Nothing, so many columns wide.
    pub fn spaces(columns: usize) -> Self {
        Self { text: " ".repeat(columns.min(512)), ink: Ink::Text }
    }

    /// Any text, cleaned to one line.
    pub fn line(text: &str, ink: Ink) -> Self {
        Self::of(&Clean::line(text), ink)
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it is.
    pub fn ink(&self) -> Ink {
        self.ink
    }

    /// Its width in cells.
    pub fn width(&self) -> usize {
        width(&self.text)
    }
}
