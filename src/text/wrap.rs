//! Breaks text into rows of at most so many cells.

use std::ops::Range;

use unicode_linebreak::linebreaks;
use unicode_segmentation::UnicodeSegmentation;

use super::width::{grapheme_width, width};

/// The rows of a text, as byte ranges of it.
///
/// Breaks where Unicode allows it (after spaces, between CJK characters), else between graphemes.
/// Every `\n` starts a row and is in none. Spaces before a soft break stay with the row as far as
/// they fit and are in no row beyond that. No row is wider than `cols`, unless `cols` is less than
/// a single character needs. At least one row, always.
pub fn wrap(s: &str, cols: usize) -> Vec<Range<usize>> {
    let cols = cols.max(1);
    let mut rows = Vec::with_capacity(1 + s.len() / cols);
    let mut start = 0;
    for paragraph in s.split('\n') {
        Wrapper { text: paragraph, offset: start, cols, rows: &mut rows }.run();
        start += paragraph.len() + 1;
    }
    rows
}

struct Wrapper<'a> {
    text: &'a str,
    offset: usize,
    cols: usize,
    rows: &'a mut Vec<Range<usize>>,
}

/// A row in the making.
#[derive(Default)]
struct Row {
    start: usize,
    width: usize,
    /// The last place to break at, and the width up to there.
    chance: Option<(usize, usize)>,
}

impl Wrapper<'_> {
    fn run(mut self) {
        if self.text.is_ascii() {
            if self.text.len() <= self.cols {
                self.rows.push(self.offset..self.offset + self.text.len());
                return;
            }
            let bytes = self.text.char_indices();
            self.fill(bytes.map(|(at, c)| (at, 1, usize::from(!c.is_control()), c == ' ')));
        } else {
            let graphemes = self.text.grapheme_indices(true);
            self.fill(graphemes.map(|(at, g)| (at, g.len(), grapheme_width(g), g == " ")));
        }
    }

    /// Takes (start, length, cells, is a space) of every grapheme.
    fn fill(&mut self, pieces: impl Iterator<Item = (usize, usize, usize, bool)>) {
        let mut chances = linebreaks(self.text).map(|(at, _)| at).peekable();
        let mut row = Row::default();
        for (at, len, cells, space) in pieces {
            while chances.next_if(|c| *c < at).is_some() {}
            if chances.next_if_eq(&at).is_some() && at > row.start {
                row.chance = Some((at, row.width));
            }
            if space {
                // Spaces hang over the edge; the next word decides.
                row.width += cells;
                continue;
            }
            if row.width + cells > self.cols
                && let Some((chance, up_to)) = row.chance.take()
            {
                self.close(row.start, chance);
                row.start = chance;
                row.width -= up_to;
            }
            if row.width + cells > self.cols && at > row.start {
                self.close(row.start, at);
                row = Row { start: at, ..Row::default() };
            }
            if cells > self.cols {
                row = self.split_cluster(at, len);
            } else {
                row.width += cells;
            }
        }
        self.close(row.start, self.text.len());
    }

    /// A grapheme wider than the row is broken between its characters; what is left of it begins
    /// the next row.
    fn split_cluster(&mut self, at: usize, len: usize) -> Row {
        let mut row = Row { start: at, ..Row::default() };
        let cluster = &self.text[at..at + len];
        for (i, _) in cluster.char_indices().skip(1) {
            let end = at + i + cluster[i..].chars().next().map_or(0, char::len_utf8);
            if width(&self.text[row.start..end]) > self.cols {
                self.close(row.start, at + i);
                row.start = at + i;
            }
        }
        row.width = width(&self.text[row.start..at + len]);
        row
    }

    fn close(&mut self, start: usize, end: usize) {
        let text = &self.text[start..end];
        let ink = text.trim_end_matches(' ');
        let spaces = text.len() - ink.len();
        // Without spaces to drop there is nothing to measure again.
        let fitting = match spaces {
            0 => 0,
            _ => spaces.min(self.cols.saturating_sub(width(ink))),
        };
        let start = self.offset + start;
        self.rows.push(start..start + ink.len() + fitting);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_width::UnicodeWidthChar;

    use super::*;

    /// Below this many columns no wrap can keep its promise.
    fn widest_char(s: &str) -> usize {
        s.chars().map(|c| c.width().unwrap_or(0)).max().unwrap_or(0)
    }

    fn rows(s: &str, cols: usize) -> Vec<&str> {
        wrap(s, cols).into_iter().map(|r| &s[r]).collect()
    }

    #[test]
    fn breaks_where_words_end() {
        assert_eq!(rows("the quick brown fox", 10), ["the quick ", "brown fox"]);
        assert_eq!(rows("the quick brown fox", 9), ["the quick", "brown fox"]);
        assert_eq!(rows("well-known fact", 6), ["well-", "known ", "fact"]);
        assert_eq!(rows("Přijdeš zítra večer?", 8), ["Přijdeš ", "zítra ", "večer?"]);
    }

    #[test]
    fn breaks_long_words_hard() {
        assert_eq!(rows("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(rows("see abcdefghij", 5), ["see ", "abcde", "fghij"]);
        assert_eq!(rows("👨‍👩‍👧‍👦👍🏽🇨🇿", 5), ["👨‍👩‍👧‍👦👍🏽", "🇨🇿"]);
    }

    #[test]
    fn breaks_between_cjk_characters_but_not_before_their_full_stop() {
        assert_eq!(rows("日本語の文", 4), ["日本", "語の", "文"]);
        assert_eq!(rows("日本語の文", 5), ["日本", "語の", "文"]);
        assert_eq!(rows("ああいい。う", 8), ["ああい", "い。う"]);
    }

    #[test]
    fn keeps_empty_lines() {
        assert_eq!(rows("", 10), [""]);
        assert_eq!(rows("a\n\nb\n", 10), ["a", "", "b", ""]);
    }

    #[test]
    fn spaces_hang_over_the_edge() {
        assert_eq!(rows("ab    cd", 3), ["ab ", "cd"]);
        assert_eq!(rows("ab     ", 3), ["ab "]);
        assert_eq!(rows("      ", 3), ["   "]);
        assert_eq!(rows("     x", 3), ["   ", "x"]);
    }

    #[test]
    fn survives_no_room_at_all() {
        assert_eq!(rows("ab", 0), ["a", "b"]);
        assert_eq!(rows("日", 1), ["日"]);
        assert_eq!(rows("あﾞﾞ", 2), ["あ", "ﾞ", "ﾞ"]);
    }

    fn nasty() -> impl Strategy<Value = String> {
        prop_oneof![
            "\\PC{0,80}",
            "[a-z \n,.!-]{0,120}",
            "[ab \n日本。👍🏽\u{200d}\u{fe0f}❤ﾞक्षि\u{301}\u{200f}ש]{0,60}",
        ]
    }

    proptest! {
        #[test]
        fn no_row_is_too_wide(s in nasty(), cols in 2usize..40) {
            prop_assume!(widest_char(&s) <= cols);
            for row in rows(&s, cols) {
                prop_assert!(width(row) <= cols, "{:?} at {}", row, cols);
            }
        }

        /// Whatever is in no row is a line break or a space; rows come in order.
        #[test]
        fn nothing_is_lost(s in nasty(), cols in 0usize..40) {
            let mut at = 0;
            for row in wrap(&s, cols) {
                prop_assert!(row.start >= at);
                prop_assert!(s[at..row.start].chars().all(|c| c == '\n' || c == ' '));
                prop_assert!(!s[row.clone()].contains('\n'));
                at = row.end;
            }
            prop_assert!(s[at..].chars().all(|c| c == ' '));
        }

        #[test]
        fn wide_enough_is_one_row_per_line(s in nasty()) {
            prop_assert_eq!(wrap(&s, 1000).len(), s.split('\n').count());
        }
    }
}
