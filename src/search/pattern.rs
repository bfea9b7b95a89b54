//! A word or phrase of a query as what it is compared by, and where it occurs in a text.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::tokens::{self, Run, Token};

/// Words that stand next to each other in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The words, never none.
    pub words: Vec<PatternWord>,
    /// The last one may go on.
    pub prefix: bool,
}

/// A word of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternWord {
    /// As it is compared.
    pub folded: String,
    /// As written, where that differs.
    pub exact: Option<String>,
}

impl Pattern {
    /// The pattern of a text; `None` if there is no word in it (signs alone).
    pub fn new(text: &str, prefix: bool) -> Option<Self> {
        let mut words = tokens::tokens(text);
        let mut prefix = prefix;
        match words.last() {
            // The pair before holds it already, and in a longer run it would not stand alone.
            Some(Token { run: Run::Tail, .. }) => drop(words.pop()),
            // A single character is how pairs begin.
            Some(Token { run: Run::Packed, bytes, .. })
                if text.get(bytes.clone()).is_some_and(is_single) =>
            {
                prefix = true;
            }
            _ => {}
        }
        let words: Vec<_> =
            words.into_iter().map(|t| PatternWord { folded: t.folded, exact: t.exact }).collect();
        (!words.is_empty()).then_some(Self { words, prefix })
    }

    /// Where it occurs among the words of a text: ranges of bytes, ascending.
    pub fn find(&self, text: &[Token]) -> Vec<Range<usize>> {
        let n = self.words.len();
        let mut out = Vec::new();
        for window in text.windows(n) {
            if self.fits(window) {
                out.push(window[0].bytes.start..self.end(&window[n - 1]));
            }
        }
        out
    }

    /// Where the last word's mark ends. Of a pair that a single character begins, only that
    /// character was asked for.
    fn end(&self, last: &Token) -> usize {
        let pair = self.prefix && last.run == Run::Packed;
        let asked = self.words.last().map_or(0, |w| w.folded.graphemes(true).count());
        let first = last.first.filter(|_| pair && asked == 1);
        first.unwrap_or(last.bytes.end)
    }

    /// Whether it occurs.
    pub fn occurs(&self, text: &[Token]) -> bool {
        text.windows(self.words.len()).any(|w| self.fits(w))
    }

    /// Whether it occurs among the folded words of a text.
    pub fn occurs_among(&self, words: &[&str]) -> bool {
        words.windows(self.words.len()).any(|w| self.fit(w.iter().copied()))
    }

    fn fits(&self, window: &[Token]) -> bool {
        self.fit(window.iter().map(|t| t.folded.as_str()))
    }

    fn fit<'w>(&self, window: impl Iterator<Item = &'w str>) -> bool {
        let last = self.words.len() - 1;
        self.words.iter().zip(window).enumerate().all(|(i, (want, have))| {
            if i == last && self.prefix {
                have.starts_with(&want.folded)
            } else {
                have == want.folded
            }
        })
    }
}

fn is_single(text: &str) -> bool {
    text.graphemes(true).nth(1).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'t>(query: &str, prefix: bool, text: &'t str) -> Vec<&'t str> {
        let Some(p) = Pattern::new(query, prefix) else { return Vec::new() };
        p.find(&tokens::tokens(text)).into_iter().map(|r| &text[r]).collect()
    }

    #[test]
    fn words_prefixes_and_phrases() {
        assert_eq!(found("cafe", false, "Café or cafeteria"), ["Café"]);
        assert_eq!(found("cafe", true, "Café or cafeteria"), ["Café", "cafeteria"]);
        assert_eq!(found("see you", false, "See, YOU see your"), ["See, YOU"]);
        assert_eq!(found("see you", true, "See, YOU see your"), ["See, YOU", "see your"]);
        assert_eq!(found("don't", false, "I don’t"), ["don’t"]);
        assert_eq!(found("…", false, "…"), Vec::<&str>::new());
    }

    #[test]
    fn scripts_without_spaces() {
        let text = "明日東京タワーで会おう";
        for query in ["東京", "東京タワー", "京", "う", "タワ", "で会おう"] {
            assert!(!found(query, false, text).is_empty(), "{query}");
        }
        for query in ["東タ", "大阪", "おう会"] {
            assert!(found(query, false, text).is_empty(), "{query}");
        }
        assert!(!found("東京ok", false, "東京OK").is_empty());
    }
}
