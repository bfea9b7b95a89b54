//! What a query's operators mean in this store: names become senders and strands, days become
//! instants.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use chrono::{Local, NaiveDate, NaiveTime, TimeZone};

use super::book::Book;
use super::{Engine, EngineError};
use crate::model::{SourceId, ThreadId};
use crate::search::{Filter, Pattern, Query, Span, State, Thing, Who, nearest, tokens};
use crate::store::index::{Find, Senders, Tag};
use crate::store::{Sender, StrandPlace};

/// What searches have looked up, until something is stored.
pub struct Known {
    version: i64,
    /// Strands and their threads.
    pub strands: Vec<StrandPlace>,
    /// Everyone who sends.
    pub senders: Vec<Sender>,
    book: Arc<Book>,
    unread: OnceCell<Arc<HashSet<i64>>>,
    sender_words: OnceCell<Vec<Vec<String>>>,
    strand_words: OnceCell<Vec<Vec<String>>>,
}

impl Known {
    fn senders_named(&self, name: &str) -> Vec<&Sender> {
        let words = || self.senders.iter().map(|s| self.words(&s.name)).collect();
        by_name(&self.senders, self.sender_words.get_or_init(words), name)
    }

    fn strands_named(&self, title: &str) -> Vec<&StrandPlace> {
        let words = || self.strands.iter().map(|s| self.words(&s.title)).collect();
        by_name(&self.strands, self.strand_words.get_or_init(words), title)
    }

    /// A name's words; of a number also those of its card, and the number in one piece.
    fn words(&self, name: &str) -> Vec<String> {
        let mut all = words(name);
        if !name.chars().any(char::is_alphabetic) {
            let mut shown = name.to_owned();
            self.book.rename(&mut shown);
            let digits = name.chars().filter(char::is_ascii_digit).collect();
            all.extend(words(&shown).into_iter().chain([digits]));
        }
        all
    }
}

impl Engine {
    pub(super) fn known(&mut self) -> Result<&Known, EngineError> {
        let version = self.reader.version()?;
        if self.known.as_ref().is_none_or(|k| k.version != version) {
            self.known = Some(Known {
                version,
                strands: self.reader.strand_places()?,
                senders: self.reader.senders()?,
                book: self.book()?,
                unread: OnceCell::new(),
                sender_words: OnceCell::new(),
                strand_words: OnceCell::new(),
            });
        }
        self.known.as_ref().ok_or(EngineError::Lost("searching"))
    }

    /// A query with all names and days looked up.
    pub(super) fn resolve(&mut self, query: &Query) -> Result<Find, EngineError> {
        Ok(match query {
            Query::Everything => Find::Anything,
            Query::Word { text, prefix } | Query::Phrase { text, prefix } => {
                // Signs alone have no words: nothing is asked of them.
                Pattern::new(text, *prefix).map_or(Find::Anything, Find::Words)
            }
            Query::Filter(filter) => self.filter(filter)?,
            Query::All(parts) => Find::All(self.resolve_each(parts)?),
            Query::Any(parts) => Find::Any(self.resolve_each(parts)?),
            Query::Not(part) => Find::Not(Box::new(self.resolve(part)?)),
        })
    }

    fn resolve_each(&mut self, parts: &[Query]) -> Result<Vec<Find>, EngineError> {
        parts.iter().map(|p| self.resolve(p)).collect()
    }

    fn filter(&mut self, filter: &Filter) -> Result<Find, EngineError> {
        Ok(match filter {
            Filter::From(Who::Me) => self.mine()?,
            Filter::From(Who::Named(name)) => {
                let named = self.known()?.senders_named(name);
                let found = named.into_iter().map(|s| (s.id, s.strand)).collect::<Senders>();
                if found.ids.is_empty() {
                    self.unknown.push(format!("nobody who writes here is called {name:?}"));
                }
                Find::Senders(Arc::new(found))
            }
            Filter::In(title) => {
                let id = title.parse().ok().map(ThreadId);
                let known = self.known()?;
                let named = known.strands_named(title);
                let strands = known.strands.iter().filter(|s| Some(s.thread) == id).chain(named);
                let found: HashSet<i64> = strands.map(|s| s.strand).collect();
                if found.is_empty() {
                    self.unknown.push(format!("no thread is called {title:?}"));
                }
                Find::Strands(Arc::new(found))
            }
            Filter::App(app) => {
                let sources = self.sources_named(app)?;
                if sources.is_empty() {
                    let why = self.unknown_app(app)?;
                    self.unknown.push(why);
                }
                Find::Strands(self.strands_where(|s| sources.contains(&s.source))?)
            }
            Filter::Person(name) => {
                let people = self.people()?;
                let threads = people.threads_named(name);
                let known = self.known()?;
                let named = known.senders_named(name);
                let strands = named.into_iter().filter(|s| !s.me).map(|s| s.strand);
                let theirs = known.strands.iter().filter(|s| threads.contains(&s.thread));
                let found: HashSet<i64> = strands.chain(theirs.map(|s| s.strand)).collect();
                if found.is_empty() {
                    self.unknown.push(format!("nobody is called {name:?}"));
                }
                Find::Strands(Arc::new(found))
            }
            Filter::Before(span) => Find::Sent(i64::MIN..instants(*span).start),
            Filter::After(span) => Find::Sent(instants(*span).end..i64::MAX),
            Filter::On(span) => Find::Sent(instants(*span)),
            Filter::Has(thing) => Find::Tag(tag(*thing)),
            Filter::Kind(kind) => Find::Strands(self.strands_where(|s| s.kind == *kind)?),
            Filter::Is(state) => self.state(*state)?,
        })
    }

    fn state(&mut self, state: State) -> Result<Find, EngineError> {
        Ok(match state {
            State::Mine => self.mine()?,
            State::Unread => Find::Ids(self.unread()?),
            State::Archived => Find::Strands(self.strands_where(|s| s.archived)?),
            State::ReadOnly => {
                let closed: HashSet<ThreadId> =
                    self.judged()?.read_only.iter().map(|l| l.id).collect();
                Find::Strands(self.strands_where(|s| closed.contains(&s.thread))?)
            }
            State::CrossApp => {
                let crossing = self.judged()?.cross_app.clone();
                Find::Strands(self.strands_where(|s| crossing.contains(&s.thread))?)
            }
            State::Pinned => Find::Strands(self.strands_where(|s| s.pinned)?),
            State::Starred => Find::Ids(Arc::new(self.reader.starred()?.into_iter().collect())),
        })
    }

    /// Unread messages, asked for once until something is stored.
    fn unread(&mut self) -> Result<Arc<HashSet<i64>>, EngineError> {
        if let Some(known) = self.known()?.unread.get() {
            return Ok(Arc::clone(known));
        }
        let ids: HashSet<i64> = self.reader.unread_messages()?.into_iter().collect();
        Ok(Arc::clone(self.known()?.unread.get_or_init(|| Arc::new(ids))))
    }

    fn mine(&mut self) -> Result<Find, EngineError> {
        let me = self.known()?.senders.iter().filter(|s| s.me).map(|s| (s.id, s.strand));
        Ok(Find::Senders(Arc::new(me.collect())))
    }

    /// Nothing came from an app of this name: what did, or what was probably meant.
    fn unknown_app(&self, app: &str) -> Result<String, EngineError> {
        let rules = &self.settings().rules;
        let extents = self.reader.extents(None)?;
        let names: Vec<String> =
            extents.iter().map(|e| rules.app(&e.source).name.to_lowercase()).collect();
        let asked = app.to_lowercase();
        Ok(match nearest(&asked, names.iter().map(String::as_str)) {
            Some(near) => format!("no app here is called {app:?}; did you mean {near}?"),
            None if names.is_empty() => format!("no app here is called {app:?}"),
            None => format!("no app here is called {app:?}; there are {}", names.join(", ")),
        })
    }

    /// Sources by slug, name or badge.
    fn sources_named(&mut self, app: &str) -> Result<HashSet<SourceId>, EngineError> {
        let wanted = folded(app);
        let rules = &self.settings().rules;
        let sources: HashSet<SourceId> =
            self.reader.extents(None)?.into_iter().map(|e| e.source).collect();
        Ok(sources
            .into_iter()
            .filter(|s| {
                let app = rules.app(s);
                [s.as_str(), &app.name, &app.short].iter().any(|n| folded(n) == wanted)
            })
            .collect())
    }
}

fn folded(name: &str) -> String {
    words(name).join(" ")
}

fn words(name: &str) -> Vec<String> {
    tokens::tokens(name).into_iter().map(|t| t.folded).collect()
}

/// Whose name holds every word that was asked for. Where none does, whose words begin so. `words`
/// are those of each one's name.
fn by_name<'t, T>(all: &'t [T], words: &[Vec<String>], asked: &str) -> Vec<&'t T> {
    let asked = self::words(asked);
    if asked.is_empty() {
        return Vec::new();
    }
    let those = |fits: &dyn Fn(&String, &String) -> bool| -> Vec<&'t T> {
        all.iter()
            .zip(words)
            .filter(|(_, have)| asked.iter().all(|a| have.iter().any(|h| fits(h, a))))
            .map(|(t, _)| t)
            .collect()
    };
    let exact = those(&|have, asked| have == asked);
    if exact.is_empty() { those(&|have, asked| have.starts_with(asked.as_str())) } else { exact }
}

fn tag(thing: Thing) -> Tag {
    match thing {
        Thing::Photo => Tag::Photo,
        Thing::Video => Tag::Video,
        Thing::Audio => Tag::Audio,
        Thing::File => Tag::File,
        Thing::Link => Tag::Link,
        Thing::Reaction => Tag::Reaction,
    }
}

/// The days of a span on this machine's clock, in milliseconds; the end is not included.
fn instants(span: Span) -> Range<i64> {
    let after = span.last.0.succ_opt().unwrap_or(NaiveDate::MAX);
    midnight(span.first.0)..midnight(after)
}

fn midnight(day: NaiveDate) -> i64 {
    let start = day.and_time(NaiveTime::MIN);
    // Where the clocks skip midnight the day begins an hour later.
    let local = Local
        .from_local_datetime(&start)
        .earliest()
        .or_else(|| Local.from_local_datetime(&(start + chrono::TimeDelta::hours(1))).earliest());
    local.map_or_else(|| start.and_utc().timestamp_millis(), |t| t.timestamp_millis())
}
