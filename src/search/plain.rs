//! Words of plain characters: those that fold to one character each, whatever stands beside them.
//! Nearly all words are such, and their forms are looked up a character at a time.
//!
//! What is looked up is what [`super::tokens`] works out for the character alone, once.

use std::sync::OnceLock;

use unicode_normalization::char::{
    canonical_combining_class, decompose_compatible, is_combining_mark,
};
use unicode_normalization::{IsNormalized, is_nfc_quick};

use super::tokens::{LONGEST, slow_forms};

/// Characters of one page.
const PAGE: usize = 256;
/// Pages: what lies beyond the first 65,536 characters is rare in words.
const PAGES: usize = 256;

/// What is known of characters, worked out a page at a time when one of it is met first.
pub struct Pages<T>([OnceLock<Box<[T; PAGE]>>; PAGES]);

impl<T: Copy> Pages<T> {
    pub const fn new() -> Self {
        Self([const { OnceLock::new() }; PAGES])
    }

    /// What `work_out` says of a character; `None` beyond the pages.
    pub fn get(&self, c: char, work_out: fn(char) -> T) -> Option<T> {
        let code = c as usize;
        let page = self.0.get(code / PAGE)?.get_or_init(|| {
            let char_at = |n| char::from_u32(u32::try_from(code / PAGE * PAGE + n).ok()?);
            // Halves of pairs are no characters, and never asked for.
            Box::new(std::array::from_fn(|n| work_out(char_at(n).unwrap_or_default())))
        });
        Some(page[code % PAGE])
    }
}

/// A character in lower case and as it is compared; `None`: it takes a closer look.
type Forms = Option<(char, char)>;

static KNOWN: Pages<Forms> = Pages::new();

/// Adds the folded form of a word, and the form as written where that differs. False: a closer look
/// at the whole word is needed, and what was added so far means nothing.
pub fn forms(word: &str, folded: &mut String, lower: &mut String) -> bool {
    for (n, c) in word.chars().enumerate() {
        // What is cut off might hang on what is kept, so it is looked at as well.
        let forms = if c.is_ascii_alphanumeric() {
            let low = c.to_ascii_lowercase();
            Some((low, low))
        } else {
            KNOWN.get(c, alone).flatten()
        };
        let Some((low, bare)) = forms else { return false };
        if n >= LONGEST {
            continue;
        }
        if low != bare && lower.is_empty() {
            lower.push_str(folded);
            lower.push(low);
        } else if !lower.is_empty() {
            lower.push(low);
        }
        folded.push(bare);
    }
    true
}

/// The forms of a character, if they are the same beside every other plain one.
fn alone(c: char) -> Forms {
    if !begins_anew(c) {
        return None;
    }
    let (folded, exact) = slow_forms(c.encode_utf8(&mut [0; 4]), false);
    let bare = single(&folded)?;
    let low = exact.as_deref().map_or(Some(bare), single)?;
    // Nor does any of what it comes apart into meet what stands before it.
    let mut first: Option<char> = None;
    decompose_compatible(low, |part| {
        first.get_or_insert(part);
    });
    // A mark that comes first would hang on that, and be kept where it is dropped alone.
    let first =
        first.is_some_and(|p| p.is_alphanumeric() && !is_combining_mark(p) && begins_anew(p));
    let apart = first && begins_anew(low) && begins_anew(bare);
    apart.then_some((low, bare))
}

/// Nothing before it is ever put together with it, nor trades places with it.
fn begins_anew(c: char) -> bool {
    canonical_combining_class(c) == 0 && is_nfc_quick(std::iter::once(c)) == IsNormalized::Yes
}

fn single(text: &str) -> Option<char> {
    let mut all = text.chars();
    all.next().filter(|_| all.next().is_none())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Signs of many scripts, plain ones and such that hang together with their neighbours.
    const MIXED: &str = "([a-z0-9A-Zé-ÿĀ-žΑ-ωЀ-џא-תء-ي]|[\u{64b}-\u{655}\u{900}-\u{97f}\u{e01}-\u{e5b}]|[가-각\u{1100}-\u{1112}\u{1161}-\u{1175}\u{11a8}-\u{11c2}\u{3131}-\u{318e}]|[ぁ-ゖァ-ー\u{3099}\u{309a}\u{ff66}-\u{ff9f}一-三\u{f900}-\u{fa20}]|[\u{ff21}-\u{ff5a}\u{300}-\u{330}\u{200d}\u{1f3fb}]|[ßæœøðłıİſςﬁ㍿①½ª\u{1d400}-\u{1d433}]){1,9}";

    fn both_forms(word: &str) -> Option<(String, Option<String>)> {
        let (mut folded, mut lower) = (String::new(), String::new());
        let known = forms(word, &mut folded, &mut lower);
        known.then(|| (folded, (!lower.is_empty()).then_some(lower)))
    }

    proptest! {
        #[test]
        fn plain_words_are_what_a_closer_look_says(word in MIXED) {
            if let Some(forms) = both_forms(&word) {
                prop_assert_eq!(forms, slow_forms(&word, false));
            }
        }

        #[test]
        fn whatever_the_signs_are(word in "\\PC{1,8}") {
            if let Some(forms) = both_forms(&word) {
                prop_assert_eq!(forms, slow_forms(&word, false));
            }
        }
    }

    #[test]
    fn every_plain_sign_between_others() {
        let mut plain = 0;
        for c in (0..=0xffff).filter_map(char::from_u32).filter(|c| !c.is_ascii()) {
            if KNOWN.get(c, alone).flatten().is_none() {
                continue;
            }
            plain += 1;
            for word in
                [format!("{c}"), format!("a{c}é"), format!("か{c}{c}가"), format!("{c}\u{ac00}x")]
            {
                if let Some(forms) = both_forms(&word) {
                    assert_eq!(forms, slow_forms(&word, false), "{word:?} {c:?}");
                }
            }
        }
        assert!(plain > 40_000, "{plain} signs are plain");
    }

    #[test]
    fn long_words_are_cut_as_ever() {
        for word in
            ["é".repeat(63), "é".repeat(64), "é".repeat(65), format!("{}\u{301}", "é".repeat(64))]
        {
            if let Some(forms) = both_forms(&word) {
                assert_eq!(forms, slow_forms(&word, false));
            }
        }
        assert!(both_forms("naïve").is_some_and(|f| f == ("naive".into(), Some("naïve".into()))));
        assert!(both_forms("ok\u{301}").is_none());
    }
}
