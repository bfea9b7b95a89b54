//! The query tree.

use crate::model::{Day, ThreadKind};

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Query {
    /// Anything: nothing was typed, or the filters stand alone.
    #[default]
    Everything,
    /// One word, in any of its forms (case and accents folded).
    Word {
        /// As typed.
        text: String,
        /// Words that begin with it count too (`pla*`, or the word still being typed).
        prefix: bool,
    },
    /// Words next to each other, in this order. Also a single run of a script without spaces.
    Phrase {
        /// As typed, without the quotes.
        text: String,
        /// The last word may go on.
        prefix: bool,
    },
    /// An operator.
    Filter(Filter),
    /// All of these. Never empty, never one, never nested directly.
    All(Vec<Query>),
    /// Any of these. Never empty, never one, never nested directly.
    Any(Vec<Query>),
    /// Not this.
    Not(Box<Query>),
}

/// An operator with its value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Filter {
    /// `from:` the sender.
    From(Who),
    /// `in:` the thread's title, or its id.
    In(String),
    /// `app:` the thread's app, by name, slug or badge.
    App(String),
    /// `person:` in any thread with this person, by name or id.
    Person(String),
    /// `before:` sent before the first day.
    Before(Span),
    /// `after:` sent after the last day.
    After(Span),
    /// `on:` sent within.
    On(Span),
    /// `has:` something came with it.
    Has(Thing),
    /// `is:` a state of the message or of its thread.
    Is(State),
    /// `kind:` direct, group or channel.
    Kind(ThreadKind),
}

/// Whom `from:` means.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// `from:me`.
    Me,
    /// Everyone whose name holds these words.
    Named(String),
}

/// Days, both ends included: a day, a month (`2023-05`), a year (`2023`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first day.
    pub first: Day,
    /// The last day.
    pub last: Day,
}

/// What `has:` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Thing {
    Photo,
    Video,
    Audio,
    File,
    Link,
    Reaction,
}

/// What `is:` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the words say it")]
pub enum State {
    Unread,
    Starred,
    Mine,
    CrossApp,
    ReadOnly,
    Archived,
    Pinned,
}
