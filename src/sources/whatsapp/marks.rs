//! Characters that are not seen: direction marks, odd spaces, odd hyphens, other scripts' digits.

use unicode_normalization::UnicodeNormalization;

/// Marks that steer direction or order and show nothing. U+200D is not one: it builds emoji.
pub fn is_mark(c: char) -> bool {
    matches!(
        c,
        '\u{feff}'
            | '\u{061c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
    )
}

/// A space of any width within a line.
pub fn is_space(c: char) -> bool {
    matches!(
        c,
        ' ' | '\t' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// A digit's value, in any script that phones write dates in.
pub fn digit(c: char) -> Option<u32> {
    const ZEROS: [char; 13] = [
        '\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}', '\u{be6}', '\u{c66}',
        '\u{ce6}', '\u{d66}', '\u{e50}', '\u{1040}', '\u{ff10}',
    ];
    if c.is_ascii() {
        return c.to_digit(10);
    }
    ZEROS.iter().find_map(|zero| (c as u32).checked_sub(*zero as u32).filter(|v| *v < 10))
}

/// Whether a text begins with the mark that the app sets before its own words. People's words may
/// begin with marks of another kind.
pub fn is_by_app(text: &str) -> bool {
    text.starts_with(['\u{200e}', '\u{200f}'])
}

/// Without the marks at its front.
pub fn after_marks(s: &str) -> &str {
    // No mark is ASCII, and nearly nothing begins with one.
    if s.as_bytes().first().is_none_or(u8::is_ascii) { s } else { s.trim_start_matches(is_mark) }
}

/// Without marks and spaces at either end.
pub fn bare(s: &str) -> &str {
    // Nothing at either end of nearly all that is asked about.
    let plain = |b: Option<&u8>| b.is_some_and(u8::is_ascii_graphic);
    if plain(s.as_bytes().first()) && plain(s.as_bytes().last()) {
        return s;
    }
    s.trim_matches(|c: char| is_mark(c) || c.is_whitespace())
}

/// A name as it is compared: no marks, single plain spaces, plain hyphens, letters composed (a Mac
/// takes them apart in the names of files). Case stays.
pub fn fold_name(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    for c in s.chars().filter(|c| !is_mark(*c)).nfc() {
        match c {
            c if c.is_whitespace() => {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            '\u{2010}' | '\u{2011}' => out.push('-'),
            c => out.push(c),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// A name as it is compared with a file's name, which loses punctuation and sometimes emoji.
pub fn letters_only(s: &str) -> String {
    s.nfc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_fold_alike() {
        assert_eq!(fold_name("\u{200e}~\u{202f}Ana  María "), "~ Ana María");
        assert_eq!(fold_name("\u{202a}+44\u{a0}7700\u{2011}900\u{202c}"), "+44 7700-900");
        assert_eq!(letters_only("Zoë 🐟: Work"), "zoëwork");
        assert_eq!(fold_name("Jo\u{308}"), "J\u{f6}");
        assert_eq!(letters_only("Jo\u{308}"), "j\u{f6}");
    }

    #[test]
    fn digits_of_other_scripts_count() {
        for s in ["٢٠٢٣", "۲۰۲۳", "२०२३", "２０２３", "2023", "๒๐๒๓"] {
            let v: Vec<_> = s.chars().filter_map(digit).collect();
            assert_eq!(v, [2, 0, 2, 3], "{s}");
        }
    }
}
