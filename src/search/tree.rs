//! The query tree.

use std::fmt;

use chrono::{Datelike, Months};

use super::lexer::begins_something;
use super::parse::{KINDS, STATES, THINGS};
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

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything => Ok(()),
            Self::Word { text, prefix } => write!(f, "{text}{}", star(*prefix)),
            Self::Phrase { text, prefix } => write!(f, "\"{text}\"{}", star(*prefix)),
            Self::Filter(filter) => filter.fmt(f),
            Self::All(parts) => joined(f, parts, " ", |p| matches!(p, Self::Any(_))),
            Self::Any(ways) => joined(f, ways, " or ", |_| false),
            Self::Not(inner) => match &**inner {
                Self::All(_) | Self::Any(_) => write!(f, "-({inner})"),
                Self::Word { text, .. } if !text.starts_with(begins_something) => {
                    write!(f, "-({inner})")
                }
                _ => write!(f, "-{inner}"),
            },
        }
    }
}

fn star(prefix: bool) -> &'static str {
    if prefix { "*" } else { "" }
}

fn joined(
    f: &mut fmt::Formatter<'_>,
    parts: &[Query],
    between: &str,
    brackets: impl Fn(&Query) -> bool,
) -> fmt::Result {
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            f.write_str(between)?;
        }
        if brackets(part) { write!(f, "({part})")? } else { write!(f, "{part}")? }
    }
    Ok(())
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn word<T: PartialEq + Copy>(of: &T, known: &[(&'static str, T)]) -> &'static str {
            known.iter().find(|(_, t)| t == of).map_or("", |(w, _)| w)
        }
        match self {
            Self::From(Who::Me) => f.write_str("from:me"),
            Self::From(Who::Named(name)) => write!(f, "from:\"{name}\""),
            Self::In(title) => write!(f, "in:\"{title}\""),
            Self::App(app) => write!(f, "app:\"{app}\""),
            Self::Person(name) => write!(f, "person:\"{name}\""),
            Self::Before(span) => write!(f, "before:{span}"),
            Self::After(span) => write!(f, "after:{span}"),
            Self::On(span) => write!(f, "on:{span}"),
            Self::Has(thing) => write!(f, "has:{}", word(thing, THINGS)),
            Self::Is(state) => write!(f, "is:{}", word(state, STATES)),
            Self::Kind(kind) => write!(f, "kind:{}", word(kind, KINDS)),
        }
    }
}

impl fmt::Display for Span {
    /// A day, a month or a year where it is one; else its two ends.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (a, b) = (self.first.0, self.last.0);
        let ends = |next: Option<chrono::NaiveDate>| next.and_then(|d| d.pred_opt()) == Some(b);
        if a == b {
            write!(f, "{}", self.first)
        } else if a.day() == 1 && a.month() == 1 && ends(a.checked_add_months(Months::new(12))) {
            write!(f, "{}", a.format("%Y"))
        } else if a.day() == 1 && ends(a.checked_add_months(Months::new(1))) {
            write!(f, "{}", a.format("%Y-%m"))
        } else {
            write!(f, "{}..{}", self.first, self.last)
        }
    }
}
