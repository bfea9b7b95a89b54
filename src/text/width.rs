//! How many cells a text takes, as the drawing library counts them; cutting and padding by cells.

use ratatui::buffer::CellWidth;
use unicode_segmentation::UnicodeSegmentation;

/// Cells of one grapheme. Controls count nothing: the library drops them.
pub fn grapheme_width(g: &str) -> usize {
    if g.contains(char::is_control) { 0 } else { usize::from(g.cell_width()) }
}

/// Cells of a text: the sum over its graphemes, which is what is drawn. `str::width` is not: it
/// knows ligatures that terminals do not draw.
pub fn width(s: &str) -> usize {
    if s.is_ascii() {
        return s.bytes().filter(|b| !b.is_ascii_control()).count();
    }
    s.graphemes(true).map(grapheme_width).sum()
}

/// The longest head of whole graphemes within `cols` cells, and its width.
fn head(s: &str, cols: usize) -> (&str, usize) {
    let mut taken = 0;
    for (at, g) in s.grapheme_indices(true) {
        let w = grapheme_width(g);
        if taken + w > cols {
            return (&s[..at], taken);
        }
        taken += w;
    }
    (s, taken)
}

/// The longest tail of whole graphemes within `cols` cells.
fn tail(s: &str, cols: usize) -> &str {
    let mut taken = 0;
    let mut from = s.len();
    for (at, g) in s.grapheme_indices(true).rev() {
        let w = grapheme_width(g);
        if taken + w > cols {
            break;
        }
        taken += w;
        from = at;
    }
    &s[from..]
}

/// A joiner that has lost its right neighbour joins nothing.
fn without_joiner(s: &str) -> &str {
    s.trim_end_matches(['\u{200c}', '\u{200d}'])
}

/// Cuts at a grapheme boundary to at most `cols` cells and marks the cut with `…`.
pub fn fit(s: &str, cols: usize) -> String {
    if s.len() <= cols && s.is_ascii() || width(s) <= cols {
        return s.to_owned();
    }
    if cols == 0 {
        return String::new();
    }
    let mut out = without_joiner(head(s, cols - 1).0).to_owned();
    out.push('…');
    out
}

/// Cuts in the middle, so that both the start and the end (a file's extension) stay readable.
pub fn fit_middle(s: &str, cols: usize) -> String {
    if width(s) <= cols {
        return s.to_owned();
    }
    if cols < 3 {
        return fit(s, cols);
    }
    let (start, taken) = head(s, (cols - 1).div_ceil(2));
    let mut out = without_joiner(start).to_owned();
    out.push('…');
    out.push_str(tail(&s[start.len()..], cols - 1 - taken));
    out
}

/// Exactly `cols` cells: cut if too long, filled with spaces if too short.
pub fn pad(s: &str, cols: usize) -> String {
    let mut out = fit(s, cols);
    let short = cols.saturating_sub(width(&out));
    out.extend(std::iter::repeat_n(' ', short));
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    #[test]
    fn counts_cells_and_not_chars() {
        for (text, cells) in [
            ("", 0),
            ("abc", 3),
            ("日本語", 6),
            ("👨‍👩‍👧‍👦", 2),
            ("👍🏽", 2),
            ("🇨🇿", 2),
            ("❤\u{fe0f}", 2),
            ("ｶﾞ", 3),
            ("لا", 2),
            ("e\u{301}", 1),
            ("\u{200f}שלום", 4),
            ("a\tb", 2),
        ] {
            assert_eq!(width(text), cells, "{text:?}");
        }
    }

    #[test]
    fn cuts_with_an_ellipsis() {
        assert_eq!(fit("日本語です", 6), "日本…");
        assert_eq!(fit("日本語です", 5), "日本…");
        assert_eq!(fit("abc", 3), "abc");
        assert_eq!(fit("abcd", 3), "ab…");
        assert_eq!(fit("abcd", 1), "…");
        assert_eq!(fit("abcd", 0), "");
        assert_eq!(fit("👨‍👩‍👧‍👦👍🏽x", 4), "👨‍👩‍👧‍👦…");
        assert_eq!(fit_middle("holiday-pictures-2023.zip", 11), "holid…3.zip");
        assert_eq!(fit_middle("short.zip", 11), "short.zip");
        assert_eq!(fit_middle("abcdef", 2), "a…");
        assert_eq!(pad("日本語", 5), "日本…");
        assert_eq!(pad("日本語", 8), "日本語  ");
    }

    proptest! {
        #[test]
        fn fits(s in "\\PC{0,40}", cols in 0usize..30) {
            prop_assert!(width(&fit(&s, cols)) <= cols);
            prop_assert!(width(&fit_middle(&s, cols)) <= cols);
            let whole = width(&s) <= cols;
            prop_assert_eq!(whole, fit(&s, cols) == s);
            prop_assert_eq!(whole, fit_middle(&s, cols) == s);
        }

        /// The one opinion on widths that counts.
        #[test]
        fn agrees_with_the_buffer(s in "\\PC{0,20}") {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 200, 1));
            let (x, _) = buffer.set_stringn(0, 0, &s, 200, Style::new());
            prop_assert_eq!(usize::from(x), width(&s));
        }
    }
}
