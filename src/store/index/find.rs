//! What is looked for, with everything that only the store knows already looked up.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use tantivy::query::doc_predicate_query::{DocPredicateQuery, FunctionPredicate};
use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, Occur, PhrasePrefixQuery,
    PhraseQuery, Query, TermQuery,
};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, SegmentReader, Term};

use super::accented::Accented;
use super::analyser::{self, EXACT, SHORT};
use super::beginning::Beginning;
use super::fields::{self, Entry, Fields};
use crate::search::{Pattern, PatternWord};

/// More strands than this are checked hit by hit instead of looked up one by one.
const FEW: usize = 24;
/// How many words may go on from a prefix inside a phrase.
const EXPANSIONS: u32 = 20_000;
/// How much an exact form counts beside a folded one.
const EXACT_BOOST: f32 = 3.0;

/// What a message is or has, apart from its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Tag {
    Photo,
    Video,
    Audio,
    File,
    Link,
    Reaction,
    Sticker,
    Location,
    Contact,
    System,
    Call,
    Poll,
    Edited,
    Deleted,
    Forwarded,
}

impl Tag {
    pub(super) fn code(self) -> u64 {
        self as u64
    }
}

/// Participants, each of whom takes part in one strand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Senders {
    /// Their numbers.
    pub ids: Arc<HashSet<i64>>,
    /// The strands that they take part in.
    pub strands: HashSet<i64>,
}

impl FromIterator<(i64, i64)> for Senders {
    /// From their numbers and strands.
    fn from_iter<T: IntoIterator<Item = (i64, i64)>>(all: T) -> Self {
        let (ids, strands): (HashSet<i64>, HashSet<i64>) = all.into_iter().unzip();
        Self { ids: Arc::new(ids), strands }
    }
}

/// What is looked for.
#[derive(Clone, Debug)]
pub enum Find {
    /// Every message.
    Anything,
    /// No message.
    Nothing,
    /// Words.
    Words(Pattern),
    /// What came with it.
    Tag(Tag),
    /// In one of these strands.
    Strands(Arc<HashSet<i64>>),
    /// By one of these participants.
    Senders(Arc<Senders>),
    /// One of these messages.
    Ids(Arc<HashSet<i64>>),
    /// Sent within: milliseconds, the end not included.
    Sent(Range<i64>),
    /// All of these.
    All(Vec<Find>),
    /// Any of these.
    Any(Vec<Find>),
    /// Not this.
    Not(Box<Find>),
}

impl Find {
    /// The time within which every hit lies, as far as it is asked for at the top.
    pub(super) fn within(&self) -> Range<i64> {
        match self {
            Self::Sent(range) => range.clone(),
            Self::All(parts) => parts.iter().fold(i64::MIN..i64::MAX, |r, p| {
                let p = p.within();
                r.start.max(p.start)..r.end.min(p.end)
            }),
            _ => i64::MIN..i64::MAX,
        }
    }

    /// Whether a message is a hit, for those that are not in the index yet.
    pub(super) fn matches(&self, e: &Entry) -> bool {
        match self {
            Self::Anything => true,
            Self::Nothing => false,
            Self::Words(p) => e.said.iter().any(|said| occurs(p, said)),
            Self::Tag(t) => e.tags.contains(t),
            Self::Strands(s) => s.contains(&e.strand),
            Self::Senders(s) => s.ids.contains(&e.sender),
            Self::Ids(s) => s.contains(&e.id),
            Self::Sent(r) => r.contains(&e.at),
            Self::All(parts) => parts.iter().all(|p| p.matches(e)),
            Self::Any(parts) => parts.iter().any(|p| p.matches(e)),
            Self::Not(p) => !p.matches(e),
        }
    }

    /// The same without the times that [`Self::within`] tells: segments lie in the order of time,
    /// so that a look begins and ends where they do.
    pub(super) fn at_any_time(&self) -> Self {
        match self {
            Self::Sent(_) => Self::Anything,
            Self::All(parts) => {
                let timeless = |p: &&Self| !matches!(p, Self::Sent(_));
                Self::All(parts.iter().filter(timeless).map(Self::at_any_time).collect())
            }
            other => other.clone(),
        }
    }

    /// As the index engine asks it; `best`: hits are ranked.
    pub(super) fn query(&self, f: &Fields, best: bool) -> Box<dyn Query> {
        match self {
            Self::Anything => Box::new(AllQuery),
            Self::Nothing => Box::new(EmptyQuery),
            Self::Words(p) if best => ranked(p, f),
            Self::Words(p) => words(p, f),
            Self::Tag(t) => unscored(term(Term::from_field_u64(f.tag, t.code()))),
            Self::Strands(s) if s.len() <= FEW => any_number(s, f.strand),
            Self::Strands(s) => number_in(fields::STRAND, s.clone()),
            Self::Senders(s) => by(s, f),
            Self::Ids(s) => number_in(fields::ID, s.clone()),
            Self::Sent(r) => sent(r.clone()),
            Self::All(parts) => {
                let (not, must): (Vec<_>, Vec<_>) =
                    parts.iter().partition(|p| matches!(p, Self::Not(_)));
                let mut clauses: Vec<(Occur, Box<dyn Query>)> =
                    must.iter().map(|p| (Occur::Must, p.query(f, best))).collect();
                if clauses.is_empty() {
                    clauses.push((Occur::Must, Box::new(AllQuery)));
                }
                clauses.extend(not.iter().filter_map(|p| match p {
                    Self::Not(inner) => Some((Occur::MustNot, inner.query(f, best))),
                    _ => None,
                }));
                Box::new(BooleanQuery::new(clauses))
            }
            Self::Any(parts) => {
                Box::new(BooleanQuery::union(parts.iter().map(|p| p.query(f, best)).collect()))
            }
            Self::Not(inner) => Box::new(BooleanQuery::new(vec![
                (Occur::Must, Box::new(AllQuery)),
                (Occur::MustNot, inner.query(f, best)),
            ])),
        }
    }
}

/// Whether a pattern occurs in a text that was split already.
fn occurs(p: &Pattern, said: &str) -> bool {
    // Most texts do not even have the letters.
    if !p.words.iter().all(|w| said.contains(&w.folded)) {
        return false;
    }
    let words: Vec<&str> = analyser::words(said).collect();
    p.occurs_among(&words)
}

fn words(p: &Pattern, f: &Fields) -> Box<dyn Query> {
    let folded = |w: &PatternWord| Term::from_field_text(f.text, &w.folded);
    match (p.words.as_slice(), p.prefix) {
        ([], _) => Box::new(EmptyQuery),
        ([one], false) => term(folded(one)),
        ([one], true) => beginning(&one.folded, f),
        (many, false) => Box::new(PhraseQuery::new(many.iter().map(folded).collect())),
        (many, true) => {
            let mut q = PhrasePrefixQuery::new(many.iter().map(folded).collect());
            q.set_max_expansions(EXPANSIONS);
            Box::new(q)
        }
    }
}

/// The same, with what stands there as it was asked for before what only folds to the same. Of a
/// word that goes on, whole ones come first.
fn ranked(p: &Pattern, f: &Fields) -> Box<dyn Query> {
    let as_asked = |w: &PatternWord| -> Box<dyn Query> {
        let there = match &w.exact {
            Some(exact) => term(Term::from_field_text(f.start, &format!("{EXACT}{exact}"))),
            None => {
                let plain = term(Term::from_field_text(f.text, &w.folded));
                let accented = Accented { start: f.start, folded: w.folded.clone() };
                Box::new(BooleanQuery::new(vec![
                    (Occur::Must, plain),
                    (Occur::MustNot, Box::new(accented)),
                ]))
            }
        };
        Box::new(BoostQuery::new(there, EXACT_BOOST))
    };
    let better = p.words.iter().map(|w| (Occur::Should, as_asked(w)));
    let all = std::iter::once((Occur::Must, words(p, f))).chain(better);
    Box::new(BooleanQuery::new(all.collect()))
}

fn beginning(prefix: &str, f: &Fields) -> Box<dyn Query> {
    if prefix.chars().count() == SHORT {
        let longer = unscored(term(Term::from_field_text(f.start, prefix)));
        let itself = unscored(term(Term::from_field_text(f.text, prefix)));
        return Box::new(BooleanQuery::union(vec![longer, itself]));
    }
    Box::new(Beginning { field: f.text, start: f.start, prefix: prefix.to_owned() })
}

fn term(term: Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
}

fn unscored(query: Box<dyn Query>) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, 0.0))
}

fn any_number(numbers: &HashSet<i64>, field: tantivy::schema::Field) -> Box<dyn Query> {
    let terms = numbers.iter().map(|n| unscored(term(Term::from_field_i64(field, *n))));
    Box::new(BooleanQuery::union(terms.collect()))
}

/// Senders are looked up by where they take part: a list of every sender's messages would tell little
/// more, and takes a byte a message.
fn by(senders: &Senders, f: &Fields) -> Box<dyn Query> {
    let theirs = number_in(fields::SENDER, Arc::clone(&senders.ids));
    if senders.strands.len() > FEW {
        return theirs;
    }
    Box::new(BooleanQuery::intersection(vec![any_number(&senders.strands, f.strand), theirs]))
}

fn number_in(name: &'static str, numbers: Arc<HashSet<i64>>) -> Box<dyn Query> {
    let predicate = FunctionPredicate::from(move |segment: &SegmentReader| {
        let column = segment.fast_fields().i64(name)?.first_or_default_col(i64::MIN);
        let numbers = numbers.clone();
        Ok(move |doc: DocId| numbers.contains(&column.get_val(doc)))
    });
    Box::new(DocPredicateQuery::from(predicate))
}

fn sent(within: Range<i64>) -> Box<dyn Query> {
    let predicate = FunctionPredicate::from(move |segment: &SegmentReader| {
        let column = segment.fast_fields().i64(fields::AT)?.first_or_default_col(i64::MIN);
        let within = within.clone();
        Ok(move |doc: DocId| within.contains(&column.get_val(doc)))
    });
    Box::new(DocPredicateQuery::from(predicate))
}
