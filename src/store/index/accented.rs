//! A word that was asked for without accents, where it stands with some: those who ask without want
//! the others first.

use tantivy::query::{
    BooleanQuery, EmptyScorer, EnableScoring, Explanation, Query, Scorer, TermQuery, Weight,
};
use tantivy::schema::{Field, IndexRecordOption, Schema};
use tantivy::termdict::TermDictionary;
use tantivy::{DocId, SegmentReader, TantivyError, Term};

use super::analyser::EXACT;
use super::beginning::LAST;
use crate::search::tokens;

/// More ways to write one word are not looked for.
const WAYS: usize = 64;

/// Messages in which a word stands in a form that folds to it and is not it.
#[derive(Clone, Debug)]
pub struct Accented {
    /// The field of exact forms.
    pub start: Field,
    /// The word.
    pub folded: String,
}

struct AccentedWeight {
    asked: Accented,
    schema: Schema,
}

impl Query for Accented {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(AccentedWeight { asked: self.clone(), schema: scoring.schema().clone() }))
    }
}

impl Accented {
    fn forms(&self, segment: &SegmentReader) -> tantivy::Result<Vec<Term>> {
        let index = segment.inverted_index(self.start)?;
        let mut walk = Walk { terms: index.terms(), taken: EXACT.to_string(), found: Vec::new() };
        walk.on(&self.folded)?;
        let term = |form: &String| Term::from_field_text(self.start, form);
        Ok(walk.found.iter().map(term).collect())
    }
}

/// Goes letter by letter through the forms that are there.
struct Walk<'a> {
    terms: &'a TermDictionary,
    taken: String,
    found: Vec<String>,
}

impl Walk<'_> {
    /// From what was taken, on to what folds to the rest.
    fn on(&mut self, rest: &str) -> tantivy::Result<()> {
        let after = format!("{}{LAST}", self.taken);
        let mut from = self.taken.clone();
        while self.found.len() < WAYS {
            let range = self.terms.range().ge(from.as_bytes()).le(after.as_bytes());
            let mut there = range.into_stream()?;
            if !there.advance() {
                break;
            }
            let form = std::str::from_utf8(there.key()).unwrap_or_default();
            let next = form.get(self.taken.len()..).and_then(|more| more.chars().next());
            let Some(next) = next else {
                if rest.is_empty() {
                    self.found.push(form.to_owned());
                }
                from = format!("{}\0", self.taken);
                continue;
            };
            let folded = tokens::fold(next.encode_utf8(&mut [0; 4]));
            if let Some(rest) = rest.strip_prefix(folded.as_str()) {
                self.taken.push(next);
                self.on(rest)?;
                self.taken.pop();
            }
            from = format!("{}{next}{LAST}", self.taken);
        }
        Ok(())
    }
}

impl Weight for AccentedWeight {
    fn scorer(&self, segment: &SegmentReader, boost: f32) -> tantivy::Result<Box<dyn Scorer>> {
        let forms = self.asked.forms(segment)?;
        if forms.is_empty() {
            return Ok(Box::new(EmptyScorer));
        }
        let each =
            |form| -> Box<dyn Query> { Box::new(TermQuery::new(form, IndexRecordOption::Basic)) };
        let any = BooleanQuery::union(forms.into_iter().map(each).collect());
        any.weight(EnableScoring::disabled_from_schema(&self.schema))?.scorer(segment, boost)
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        if self.scorer(segment, 1.0)?.seek(doc) == doc {
            return Ok(Explanation::new("a word with accents", 1.0));
        }
        Err(TantivyError::InvalidArgument(format!("message {doc} has no such word")))
    }
}
