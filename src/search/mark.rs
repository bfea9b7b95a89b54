//! What of a message a query found.

use std::ops::Range;

use super::tokens::tokens;
use super::{Pattern, Query};

/// The words that a query asks for, ready to be found in many texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marker {
    patterns: Vec<Pattern>,
}

impl Marker {
    /// The words of a query; those that must not occur are left out.
    pub fn new(query: &Query) -> Self {
        let mut patterns = Vec::new();
        gather(query, &mut patterns);
        Self { patterns }
    }

    /// There is nothing to mark.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Where they stand: ranges of bytes, ascending, neither touching nor overlapping.
    pub fn marks(&self, text: &str) -> Vec<(usize, usize)> {
        if self.is_empty() || text.is_empty() {
            return Vec::new();
        }
        let words = tokens(text);
        let mut found: Vec<Range<usize>> =
            self.patterns.iter().flat_map(|p| p.find(&words)).collect();
        found.sort_by_key(|r| (r.start, r.end));
        let mut out: Vec<(usize, usize)> = Vec::new();
        for r in found {
            match out.last_mut() {
                Some((_, end)) if r.start <= *end => *end = (*end).max(r.end),
                _ => out.push((r.start, r.end)),
            }
        }
        out
    }
}

fn gather(query: &Query, out: &mut Vec<Pattern>) {
    match query {
        Query::Word { text, prefix } | Query::Phrase { text, prefix } => {
            out.extend(Pattern::new(text, *prefix));
        }
        Query::All(parts) | Query::Any(parts) => parts.iter().for_each(|p| gather(p, out)),
        Query::Everything | Query::Filter(_) | Query::Not(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn word(text: &str, prefix: bool) -> Query {
        Query::Word { text: text.into(), prefix }
    }

    #[test]
    fn marks_what_was_asked_for() {
        let query = Query::All(vec![
            word("lamp", true),
            Query::Phrase { text: "at six".into(), prefix: false },
            Query::Not(Box::new(word("see", false))),
        ]);
        let text = "See the Lampion at SIX";
        let marks = Marker::new(&query).marks(text);
        let marked: Vec<_> = marks.iter().map(|(a, b)| &text[*a..*b]).collect();
        assert_eq!(marked, ["Lampion", "at SIX"]);
    }

    #[test]
    fn a_single_character_is_marked_alone() {
        let text = "明日東京へ";
        let marks = Marker::new(&word("東", false)).marks(text);
        assert_eq!(marks.iter().map(|(a, b)| &text[*a..*b]).collect::<Vec<_>>(), ["東"]);
        let marks = Marker::new(&word("明日東", false)).marks(text);
        assert_eq!(marks.iter().map(|(a, b)| &text[*a..*b]).collect::<Vec<_>>(), ["明日東"]);
    }

    proptest! {
        #[test]
        fn marks_are_ranges_of_the_text(
            text in "\\PC{0,40}|[a-c東京é 👋🏽\u{301}]{0,20}",
            a in "[a-c東京é👋]{1,3}", b in "[a-c東京é ]{1,5}", prefix: bool,
        ) {
            let query =
                Query::Any(vec![word(&a, prefix), Query::Phrase { text: b, prefix: !prefix }]);
            let mut last = None;
            for (from, to) in Marker::new(&query).marks(&text) {
                prop_assert!(from < to && text.get(from..to).is_some());
                prop_assert!(last.is_none_or(|l| l < from));
                last = Some(to);
            }
        }
    }
}
