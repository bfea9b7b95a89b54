//! Pieces become a tree. What cannot be understood is told precisely and left out; the rest is
//! looked for all the same.

use std::ops::Range;

use super::lexer::{OPERATORS, Piece, What, pieces};
use super::tree::{Filter, Query, Span, State, Thing, Who};
use super::when::{self, Unclear};
use crate::model::{Day, ThreadKind};

/// Longer queries are cut: nobody types them, but anything can be pasted.
const LONGEST: usize = 4_096;
/// Brackets in brackets, at most.
const DEEPEST: usize = 32;

/// What was understood of a query, and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// What is looked for.
    pub query: Query,
    /// What was not understood.
    pub complaints: Vec<Complaint>,
}

/// Something that was not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Which bytes of the text.
    pub at: Range<usize>,
    /// What is wrong, and what would be right.
    pub text: String,
    /// It is at the end of what is being typed and may become right: a hint, not yet a complaint.
    pub unfinished: bool,
}

/// How a query is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The day that "today" means.
    pub today: Day,
    /// It is still being typed: the last word may go on.
    pub typing: bool,
}

/// Reads a query.
pub fn parse(text: &str, reading: Reading) -> Parsed {
    let mut cut = text.len().min(LONGEST);
    while !text.is_char_boundary(cut) {
        cut -= 1;
    }
    // What a space follows is finished.
    let open = reading.typing && !text.ends_with(char::is_whitespace);
    let pieces = pieces(&text[..cut]);
    let mut p = Parser { pieces, next: 0, depth: 0, reading, open, complaints: Vec::new() };
    if cut < text.len() {
        let why = format!("only the first {LONGEST} bytes are looked for");
        p.complain(cut..text.len(), why, false);
    }
    if open {
        p.let_go_on(cut);
    }
    let mut parts = vec![p.alternatives()];
    while let Some(piece) = p.pieces.get(p.next) {
        // Only a bracket that was never opened stops the reading.
        let at = piece.at.clone();
        p.next += 1;
        p.complain(at, "this bracket was never opened".into(), false);
        parts.push(p.alternatives());
    }
    let query = all(parts);
    Parsed { query, complaints: p.complaints }
}

struct Parser {
    pieces: Vec<Piece>,
    next: usize,
    depth: usize,
    reading: Reading,
    /// The last piece is still being typed.
    open: bool,
    complaints: Vec<Complaint>,
}

impl Parser {
    fn complain(&mut self, at: Range<usize>, text: String, unfinished: bool) {
        self.complaints.push(Complaint { at, text, unfinished });
    }

    /// Of what is begun and not ended nobody is told who is still at it.
    fn complain_of_the_end(&mut self, at: Range<usize>, text: &str) {
        if !self.reading.typing {
            self.complain(at, text.into(), false);
        }
    }

    /// The word at the very end, which is still being typed, may go on.
    fn let_go_on(&mut self, end: usize) {
        if let Some(Piece { at, what: What::Word { star, .. } }) = self.pieces.last_mut()
            && at.end == end
        {
            *star = true;
        }
    }

    fn peek(&self) -> Option<&What> {
        self.pieces.get(self.next).map(|p| &p.what)
    }

    fn alternatives(&mut self) -> Query {
        let mut ways = vec![self.conjunction()];
        while let Some(What::Or) = self.peek() {
            let at = self.pieces[self.next].at.clone();
            self.next += 1;
            let before = ways.last() == Some(&Query::Everything);
            let way = self.conjunction();
            if before || way == Query::Everything {
                let why = "or stands between two things";
                if self.next == self.pieces.len() {
                    self.complain_of_the_end(at, why);
                } else {
                    self.complain(at, why.into(), false);
                }
            }
            ways.push(way);
        }
        ways.retain(|w| *w != Query::Everything);
        any(ways)
    }

    fn conjunction(&mut self) -> Query {
        let mut parts = Vec::new();
        while let Some(what) = self.peek() {
            if matches!(what, What::Or | What::Close) {
                break;
            }
            parts.extend(self.part());
        }
        all(parts)
    }

    fn part(&mut self) -> Option<Query> {
        let Piece { at, what } = self.pieces.get(self.next)?.clone();
        self.next += 1;
        match what {
            What::Not => {
                let mut negated = true;
                while let Some(What::Not | What::And) = self.peek() {
                    negated ^= self.peek() == Some(&What::Not);
                    self.next += 1;
                }
                if matches!(self.peek(), None | Some(What::Or | What::Close)) {
                    self.complain_of_the_end(at, "nothing follows to be left out");
                    return None;
                }
                let inner = self.part()?;
                match inner {
                    Query::Everything => None,
                    inner if negated => Some(not(inner)),
                    inner => Some(inner),
                }
            }
            What::Open => self.bracket(at),
            // Stopped at by whoever calls, or without a meaning of its own.
            What::Close | What::Or | What::And => None,
            What::Word { text, star } => {
                if !star && text.starts_with('*') && has_words(&text) {
                    let why = "a * stands at the end of a word: what begins so is found";
                    self.complain(at.clone(), why.into(), false);
                }
                self.misspelt(&text, at);
                words(text, star)
            }
            What::Quoted { text, star, closed } => {
                if !closed {
                    self.complain_of_the_end(at, "the closing quote is missing");
                }
                let prefix = star || (!closed && self.reading.typing);
                has_words(&text).then_some(Query::Phrase { text, prefix })
            }
            What::Operator { name, value, value_at, closed, .. } => {
                if !closed {
                    self.complain_of_the_end(at, "the closing quote is missing");
                }
                self.operator(name, value.trim(), value_at).map(Query::Filter)
            }
        }
    }

    /// A word that looks like an operator with a slip in it is looked for as it stands, and told.
    fn misspelt(&mut self, text: &str, at: Range<usize>) {
        let Some((head, value)) = text.split_once(':') else { return };
        let is_word = head.len() > 2 && head.chars().all(char::is_alphabetic);
        if !is_word || value.is_empty() || value.starts_with('/') {
            return;
        }
        if let Some(near) = when::nearest(&head.to_lowercase(), OPERATORS.iter().copied()) {
            let why = format!("there is no {head}: to ask by; did you mean {near}:?");
            self.complain(at, why, false);
        }
    }

    fn bracket(&mut self, at: Range<usize>) -> Option<Query> {
        if self.depth >= DEEPEST {
            let why = format!("brackets go {DEEPEST} deep at most");
            self.complain(at, why, false);
            return None;
        }
        self.depth += 1;
        let inner = self.alternatives();
        self.depth -= 1;
        if let Some(What::Close) = self.peek() {
            self.next += 1;
        } else {
            self.complain_of_the_end(at, "the closing bracket is missing");
        }
        (inner != Query::Everything).then_some(inner)
    }

    fn operator(&mut self, name: &str, value: &str, at: Range<usize>) -> Option<Filter> {
        let last = self.open && at.end == self.pieces.last().map_or(0, |p| p.at.end);
        if value.is_empty() {
            let why = format!("{name}: needs {}", wanted(name));
            self.complain(at, why, last);
            return None;
        }
        let chosen = match name {
            "from" if value.eq_ignore_ascii_case("me") => Ok(Filter::From(Who::Me)),
            "from" => Ok(Filter::From(Who::Named(value.into()))),
            "in" => Ok(Filter::In(value.into())),
            "app" => Ok(Filter::App(value.into())),
            "person" => Ok(Filter::Person(value.into())),
            "before" => self.date(name, value).map(Filter::Before),
            "after" => self.date(name, value).map(Filter::After),
            "on" => self.date(name, value).map(Filter::On),
            "has" => one_of(name, value, THINGS).map(Filter::Has),
            "is" => one_of(name, value, STATES).map(Filter::Is),
            _ => one_of(name, value, KINDS).map(Filter::Kind),
        };
        match chosen {
            Ok(filter) => Some(filter),
            Err(why) => {
                let may_go_on = match name {
                    "has" => begins(value, THINGS),
                    "is" => begins(value, STATES),
                    "kind" => begins(value, KINDS),
                    _ => when::may_go_on(value),
                };
                self.complain(at, why, last && may_go_on);
                None
            }
        }
    }

    fn date(&self, name: &str, value: &str) -> Result<Span, String> {
        when::span(value, self.reading.today).map_err(|unclear| match unclear {
            Unclear::Unknown(Some(near)) => {
                format!("{name}: needs a date, got '{value}'; did you mean {near}?")
            }
            Unclear::Unknown(None) => {
                format!(
                    "{name}: needs a date, got '{value}'; 2023, 2023-05, 2023-05-14 or yesterday"
                )
            }
            Unclear::Ambiguous(a, b) => {
                format!("{name}: '{value}' may be {a} or {b}; write it like that")
            }
        })
    }
}

/// `has:` by word.
pub const THINGS: &[(&str, Thing)] = &[
    ("photo", Thing::Photo),
    ("video", Thing::Video),
    ("audio", Thing::Audio),
    ("file", Thing::File),
    ("link", Thing::Link),
    ("reaction", Thing::Reaction),
];

/// `is:` by word.
pub const STATES: &[(&str, State)] = &[
    ("unread", State::Unread),
    ("starred", State::Starred),
    ("mine", State::Mine),
    ("cross-app", State::CrossApp),
    ("read-only", State::ReadOnly),
    ("archived", State::Archived),
    ("pinned", State::Pinned),
];

/// `kind:` by word.
pub const KINDS: &[(&str, ThreadKind)] = &[
    ("direct", ThreadKind::Direct),
    ("group", ThreadKind::Group),
    ("channel", ThreadKind::Channel),
];

/// Whether a word that is known begins so.
fn begins<T>(value: &str, known: &[(&str, T)]) -> bool {
    let plain = value.to_lowercase().replace('_', "-");
    known.iter().any(|(word, _)| word.starts_with(&plain))
}

fn one_of<T: Copy>(name: &str, value: &str, known: &[(&str, T)]) -> Result<T, String> {
    let plain = value.to_lowercase().replace('_', "-");
    let singular = plain.strip_suffix('s').unwrap_or(&plain);
    let found = known.iter().find(|(word, _)| *word == plain || *word == singular);
    found.map(|(_, t)| *t).ok_or_else(|| {
        let words: Vec<&str> = known.iter().map(|(w, _)| *w).collect();
        match when::nearest(&plain, words.iter().copied()) {
            Some(near) => format!("{name}: does not know '{value}'; did you mean {near}?"),
            None => format!("{name}: does not know '{value}'; it knows {}", words.join(", ")),
        }
    })
}

fn wanted(name: &str) -> &'static str {
    match name {
        "from" => "a name, or me",
        "in" => "a thread's title or number",
        "app" => "an app, such as whatsapp",
        "person" => "a name",
        "has" => "one of photo, video, audio, file, link, reaction",
        "is" => "one of unread, starred, mine, cross-app, read-only, archived, pinned",
        "kind" => "one of direct, group, channel",
        _ => "a date: 2023, 2023-05, 2023-05-14 or yesterday",
    }
}

/// A bare word. What holds several (`don't`, a run of Chinese) is a phrase to whoever looks.
fn words(text: String, prefix: bool) -> Option<Query> {
    // Signs alone say nothing that could be found.
    has_words(&text).then_some(Query::Word { text, prefix })
}

fn has_words(text: &str) -> bool {
    !super::tokens::tokens(text).is_empty()
}

fn not(inner: Query) -> Query {
    match inner {
        Query::Not(inner) => *inner,
        inner => Query::Not(Box::new(inner)),
    }
}

/// All of these, as flat as can be.
pub fn all(parts: Vec<Query>) -> Query {
    let mut flat = Vec::new();
    for part in parts {
        match part {
            Query::Everything => {}
            Query::All(inner) => flat.extend(inner),
            part => flat.push(part),
        }
    }
    match flat.len() {
        0 | 1 => flat.pop().unwrap_or_default(),
        _ => Query::All(flat),
    }
}

/// Any of these, as flat as can be.
pub fn any(ways: Vec<Query>) -> Query {
    let mut flat = Vec::new();
    for way in ways {
        match way {
            Query::Any(inner) => flat.extend(inner),
            way => flat.push(way),
        }
    }
    match flat.len() {
        0 | 1 => flat.pop().unwrap_or_default(),
        _ => Query::Any(flat),
    }
}
