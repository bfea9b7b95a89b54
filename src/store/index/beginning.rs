//! Words by how they begin, where the beginning is too long to stand in the index itself: the few
//! words that do are looked up side by side, so that the newest hits are met first and the rest is
//! left unread.

use std::ops::Bound;

use tantivy::query::{
    BooleanQuery, EmptyScorer, EnableScoring, Explanation, InvertedIndexRangeQuery, Query, Scorer,
    TermQuery, Weight,
};
use tantivy::schema::{Field, IndexRecordOption, Schema};
use tantivy::{DocId, SegmentReader, TantivyError, Term};

/// More words than this are gathered whole.
const FEW: usize = 512;

/// Messages with a word that begins so.
#[derive(Clone, Debug)]
pub struct Beginning {
    /// The field of words.
    pub field: Field,
    /// How they begin.
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
        format!("{}\u{10ffff}", self.prefix)
    }

    /// The words of a segment that begin so, unless they are many.
    fn words(&self, segment: &SegmentReader) -> tantivy::Result<Option<Vec<Term>>> {
        let index = segment.inverted_index(self.field)?;
        let range = index.terms().range().ge(self.prefix.as_bytes()).le(self.after().as_bytes());
        let mut all = range.into_stream()?;
        let mut out = Vec::new();
        while all.advance() {
            let word = std::str::from_utf8(all.key()).unwrap_or_default();
            out.push(Term::from_field_text(self.field, word));
            if out.len() > FEW {
                return Ok(None);
            }
        }
        Ok(Some(out))
    }

    fn whole(&self) -> InvertedIndexRangeQuery {
        InvertedIndexRangeQuery::new(
            Bound::Included(Term::from_field_text(self.field, &self.prefix)),
            Bound::Included(Term::from_field_text(self.field, &self.after())),
        )
    }
}

impl Weight for BeginningWeight {
    fn scorer(&self, segment: &SegmentReader, boost: f32) -> tantivy::Result<Box<dyn Scorer>> {
        let scoring = EnableScoring::disabled_from_schema(&self.schema);
        let Some(words) = self.asked.words(segment)? else {
            return self.asked.whole().weight(scoring)?.scorer(segment, boost);
        };
        if words.is_empty() {
            return Ok(Box::new(EmptyScorer));
        }
        let each =
            |word| -> Box<dyn Query> { Box::new(TermQuery::new(word, IndexRecordOption::Basic)) };
        let any = BooleanQuery::union(words.into_iter().map(each).collect());
        any.weight(scoring)?.scorer(segment, boost)
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        if self.scorer(segment, 1.0)?.seek(doc) == doc {
            return Ok(Explanation::new("a word that begins so", 1.0));
        }
        Err(TantivyError::InvalidArgument(format!("message {doc} has no such word")))
    }
}
