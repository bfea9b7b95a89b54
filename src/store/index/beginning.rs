//! Words by how they begin, where the beginning does not stand in the index itself. The few words
//! that begin with more letters, or the few beginnings of one letter, are looked up side by side, so
//! that the newest hits are met first and the rest is left unread.

use std::ops::Bound;

use tantivy::query::{
    BooleanQuery, EmptyScorer, EnableScoring, Explanation, InvertedIndexRangeQuery, Query, Scorer,
    TermQuery, Weight,
};
use tantivy::schema::{Field, IndexRecordOption, Schema};
use tantivy::{DocId, SegmentReader, TantivyError, Term};

use super::analyser::SHORT;

/// More words than this are gathered whole.
const FEW: usize = 512;
/// Stands behind every character of a word.
pub const LAST: char = '\u{10ffff}';

/// Messages with a word that begins so.
#[derive(Clone, Debug)]
pub struct Beginning {
    /// The field of words.
    pub field: Field,
    /// The field of beginnings.
    pub start: Field,
    /// How they begin: with one letter, or with more than stand among the beginnings.
    pub prefix: String,
}

struct BeginningWeight {
    asked: Beginning,
    schema: Schema,
}

impl Query for Beginning {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(BeginningWeight { asked: self.clone(), schema: scoring.schema().clone() }))
    }
}

impl Beginning {
    /// The first that does not begin so any more: all that do come before it.
    fn after(&self) -> String {
        format!("{}{LAST}", self.prefix)
    }

    fn is_short(&self) -> bool {
        self.prefix.chars().count() < SHORT
    }

    /// What is looked up in a segment.
    fn terms(&self, segment: &SegmentReader) -> tantivy::Result<Terms> {
        let mut found = Terms { all: Vec::new(), most: FEW };
        if !self.is_short() {
            self.walk(segment, self.field, &mut found)?;
            return Ok(found);
        }
        // Beginnings are looked up one by one however many there are: of a script with thousands of
        // characters each one has few messages.
        found.most = usize::MAX;
        self.walk(segment, self.start, &mut found)?;
        self.leap(segment, &mut found)?;
        Ok(found)
    }

    /// All that begins so.
    fn walk(&self, segment: &SegmentReader, field: Field, to: &mut Terms) -> tantivy::Result<()> {
        let index = segment.inverted_index(field)?;
        let range = index.terms().range().ge(self.prefix.as_bytes()).le(self.after().as_bytes());
        let mut all = range.into_stream()?;
        while !to.are_many() && all.advance() {
            to.add(field, all.key());
        }
        Ok(())
    }

    /// Words that are no longer than a beginning: those that go on are leapt over.
    fn leap(&self, segment: &SegmentReader, to: &mut Terms) -> tantivy::Result<()> {
        let index = segment.inverted_index(self.field)?;
        let (mut from, after) = (self.prefix.clone(), self.after());
        loop {
            let range = index.terms().range().ge(from.as_bytes()).le(after.as_bytes());
            let mut all = range.into_stream()?;
            let longer = loop {
                if !all.advance() {
                    return Ok(());
                }
                let word = std::str::from_utf8(all.key()).unwrap_or_default();
                match word.char_indices().nth(SHORT) {
                    None => to.add(self.field, all.key()),
                    Some((end, _)) => break format!("{}{LAST}", &word[..end]),
                }
            };
            from = longer;
        }
    }

    fn whole(&self) -> InvertedIndexRangeQuery {
        InvertedIndexRangeQuery::new(
            Bound::Included(Term::from_field_text(self.field, &self.prefix)),
            Bound::Included(Term::from_field_text(self.field, &self.after())),
        )
    }
}

/// What is looked up side by side, unless it is too much.
struct Terms {
    all: Vec<Term>,
    most: usize,
}

impl Terms {
    fn add(&mut self, field: Field, key: &[u8]) {
        let word = std::str::from_utf8(key).unwrap_or_default();
        self.all.push(Term::from_field_text(field, word));
    }

    fn are_many(&self) -> bool {
        self.all.len() > self.most
    }
}

impl Weight for BeginningWeight {
    fn scorer(&self, segment: &SegmentReader, boost: f32) -> tantivy::Result<Box<dyn Scorer>> {
        let scoring = EnableScoring::disabled_from_schema(&self.schema);
        let terms = self.asked.terms(segment)?;
        if terms.are_many() {
            return self.asked.whole().weight(scoring)?.scorer(segment, boost);
        }
        if terms.all.is_empty() {
            return Ok(Box::new(EmptyScorer));
        }
        let each =
            |word| -> Box<dyn Query> { Box::new(TermQuery::new(word, IndexRecordOption::Basic)) };
        let any = BooleanQuery::union(terms.all.into_iter().map(each).collect());
        any.weight(scoring)?.scorer(segment, boost)
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        if self.scorer(segment, 1.0)?.seek(doc) == doc {
            return Ok(Explanation::new("a word that begins so", 1.0));
        }
        Err(TantivyError::InvalidArgument(format!("message {doc} has no such word")))
    }
}
