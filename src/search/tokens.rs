//! Text as words that can be found: folded, split in every script, each with its place in the text.
//!
//! The index, the marks in a message and the scan of what is not indexed yet all stand on this one
//! splitting, so that what is found is what is marked.
//!
//! Scripts that write without spaces (Chinese, Japanese, Thai, …) become overlapping pairs, and
//! the last character of a run stands alone once more: a single character is found as the
//! beginning of a pair, two as a word, more as a phrase.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

use super::plain::{self, Pages};

/// Longer words are found by their beginning: nobody types more, and an index must not hold a
/// megabyte as one word.
pub(super) const LONGEST: usize = 64;

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Lower case, without accents: what is compared.
    pub folded: String,
    /// Lower case, with everything else as written, if that differs: ranks exact forms first.
    pub exact: Option<String>,
    /// Where it stands in the text, in bytes.
    pub bytes: Range<usize>,
    /// Which word of the text it is: neighbours in a phrase differ by one.
    pub position: u32,
    /// What kind of run it is from.
    pub run: Run,
    /// Of a pair: where its first character ends, in bytes of the text.
    pub first: Option<usize>,
}

/// Where a token comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// A word or an emoji.
    Word,
    /// Two neighbours, or the only character, of a run in a script without spaces.
    Packed,
    /// The last character of such a run, which the pair before holds too.
    Tail,
}

/// A word as [`each`] hands it out: a [`Token`] whose forms last until the next one.
pub struct Passing<'f> {
    /// See [`Token::folded`].
    pub folded: &'f str,
    /// See [`Token::exact`].
    pub exact: Option<&'f str>,
    /// See [`Token::bytes`].
    pub bytes: Range<usize>,
    /// See [`Token::position`].
    pub position: u32,
    /// See [`Token::run`].
    pub run: Run,
    /// See [`Token::first`].
    pub first: Option<usize>,
}

/// The words of a text, in order.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    each(text, |t| {
        let (folded, exact) = (t.folded.to_owned(), t.exact.map(str::to_owned));
        let Passing { bytes, position, run, first, .. } = t;
        out.push(Token { folded, exact, bytes, position, run, first });
        true
    });
    out
}

/// Hands out the words of a text, in order, until `take` has had enough.
pub fn each(text: &str, mut take: impl FnMut(Passing<'_>) -> bool) {
    let mut position = 0;
    let mut rest = Splitter { text, at: 0 };
    let mut forms = Forms::default();
    while let Some((kind, bytes)) = rest.next_run() {
        let run = &text[bytes.clone()];
        let go_on = match kind {
            Kind::Packed => pairs(run, bytes.start, &mut position, &mut forms, &mut take),
            Kind::Word | Kind::Picture => {
                forms.read(run, kind == Kind::Picture);
                if forms.folded.is_empty() {
                    continue;
                }
                let (folded, exact) = forms.both();
                let word = Passing { folded, exact, bytes, position, run: Run::Word, first: None };
                position += 1;
                take(word)
            }
        };
        if !go_on {
            return;
        }
    }
}

/// What a stretch of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Letters and digits.
    Word,
    /// A script without spaces.
    Packed,
    /// An emoji.
    Picture,
}

/// Cuts a text into runs of one kind.
struct Splitter<'t> {
    text: &'t str,
    at: usize,
}

impl Splitter<'_> {
    fn next_run(&mut self) -> Option<(Kind, Range<usize>)> {
        let mut chars = self.text.char_indices();
        let (start, first, kind) = chars.find_map(|(i, c)| Some((i, c, kind_of(c)?)))?;
        let mut end = start + first.len_utf8();
        for (i, c) in chars {
            let same = kind_of(c) == Some(kind);
            // Whatever hangs on a character (accents, joiners, variation selectors) stays with it.
            let stays = match kind {
                Kind::Word | Kind::Packed => same || hangs(c),
                Kind::Picture => hangs(c) || (same && follows_joiner(self.text, i)),
            };
            if !stays {
                break;
            }
            end = i + c.len_utf8();
        }
        let found = self.at + start..self.at + end;
        self.text = &self.text[end..];
        self.at = found.end;
        Some((kind, found))
    }
}

fn hangs(c: char) -> bool {
    !c.is_ascii() && (is_combining_mark(c) || is_joiner(c))
}

fn is_joiner(c: char) -> bool {
    // Zero-width joiner and non-joiner, variation selectors, keycap, skin tones, tags.
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{20e3}'
        | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}' | '\u{640}')
}

/// The second half of a flag, or what a joiner ties to the emoji before.
fn follows_joiner(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    let flag = |c: char| matches!(c, '\u{1f1e6}'..='\u{1f1ff}');
    match before {
        Some('\u{200d}') => true,
        Some(b) => flag(b) && text[at..].chars().next().is_some_and(flag),
        None => false,
    }
}

/// Looked up: what is a letter is a long question, asked of every character of an import.
fn kind_of(c: char) -> Option<Kind> {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric().then_some(Kind::Word);
    }
    static KNOWN: Pages<Option<Kind>> = Pages::new();
    KNOWN.get(c, work_out_kind).unwrap_or_else(|| work_out_kind(c))
}

fn work_out_kind(c: char) -> Option<Kind> {
    if is_packed(c) {
        Some(Kind::Packed)
    } else if c.is_alphanumeric() {
        Some(Kind::Word)
    } else if is_picture(c) {
        Some(Kind::Picture)
    } else {
        None
    }
}

/// Scripts that write without spaces between words.
fn is_packed(c: char) -> bool {
    matches!(c,
        // Thai, Lao; Burmese; Khmer; Tibetan has marks between syllables and needs none of this.
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        // Hiragana, Katakana, Bopomofo, small and half-width Katakana.
        | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30ff}' | '\u{3105}'..='\u{312f}'
        | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}'
        // Han.
        | '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Characters of scripts without spaces that nothing is ever put together with.
fn stands_alone(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}

fn is_picture(c: char) -> bool {
    matches!(c,
        '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2190}'..='\u{21ff}'
        | '\u{2300}'..='\u{23ff}' | '\u{24c2}' | '\u{25a0}'..='\u{27bf}' | '\u{2934}' | '\u{2935}'
        | '\u{2b05}'..='\u{2bff}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}'
        | '\u{1f000}'..='\u{1faff}')
}

/// A run of a script without spaces, as overlapping pairs and the last character.
fn pairs(
    run: &str,
    at: usize,
    position: &mut u32,
    forms: &mut Forms,
    take: &mut impl FnMut(Passing<'_>) -> bool,
) -> bool {
    // Marks above and below hang on the letter before them.
    let units: Vec<(usize, &str)> = if run.chars().all(stands_alone) {
        run.char_indices().map(|(i, c)| (i, &run[i..i + c.len_utf8()])).collect()
    } else {
        run.grapheme_indices(true).collect()
    };
    for (i, (start, unit)) in units.iter().enumerate() {
        let end = units.get(i + 1).map_or(start + unit.len(), |(s, next)| s + next.len());
        forms.read(&run[*start..end], false);
        if forms.folded.is_empty() {
            continue;
        }
        let (folded, exact) = forms.both();
        let alone = i + 1 == units.len();
        let run = if alone && i > 0 { Run::Tail } else { Run::Packed };
        let bytes = at + start..at + end;
        let first = Some(at + start + unit.len());
        let pair = Passing { folded, exact, bytes, position: *position, run, first };
        *position += 1;
        if !take(pair) {
            return false;
        }
    }
    true
}

/// The forms of one word after the other, in the same memory.
#[derive(Default)]
struct Forms {
    folded: String,
    /// As written, empty where that is the same.
    exact: String,
}

impl Forms {
    fn read(&mut self, word: &str, picture: bool) {
        self.folded.clear();
        self.exact.clear();
        if word.is_ascii() {
            self.folded.push_str(&word[..word.len().min(LONGEST)]);
            self.folded.make_ascii_lowercase();
        } else if picture || !plain::forms(word, &mut self.folded, &mut self.exact) {
            let (folded, exact) = slow_forms(word, picture);
            (self.folded, self.exact) = (folded, exact.unwrap_or_default());
        }
    }

    fn both(&self) -> (&str, Option<&str>) {
        (&self.folded, Some(&*self.exact).filter(|e| !e.is_empty()))
    }
}

/// The same in every case, however the signs hang together.
pub(super) fn slow_forms(word: &str, picture: bool) -> (String, Option<String>) {
    let lower: String = word.nfc().flat_map(char::to_lowercase).take(LONGEST).collect();
    let folded = if picture { bare_picture(&lower) } else { fold(&lower) };
    let exact = (folded != lower).then_some(lower);
    (folded, exact)
}

/// An emoji without its skin tone and the wish how to draw it.
fn bare_picture(emoji: &str) -> String {
    let tone = |c: &char| !matches!(c, '\u{1f3fb}'..='\u{1f3ff}' | '\u{fe00}'..='\u{fe0f}');
    emoji.chars().filter(tone).collect()
}

/// A lower-case word without accents and without the differences that people do not type.
pub fn fold(lower: &str) -> String {
    let mut out = String::with_capacity(lower.len());
    for c in lower.nfkd().flat_map(char::to_lowercase) {
        // Accents, and what some signs come apart into beside letters: spaces, points, strokes.
        // A mark of spelling needs a letter to stand on.
        let kept = if is_spelling(c) && is_combining_mark(c) {
            !out.is_empty()
        } else {
            c.is_alphanumeric() && !is_combining_mark(c) && !is_joiner(c)
        };
        if !kept {
            continue;
        }
        match c {
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'ø' => out.push('o'),
            'đ' | 'ð' => out.push('d'),
            'ł' => out.push('l'),
            'ı' => out.push('i'),
            'ħ' => out.push('h'),
            'þ' => out.push_str("th"),
            'ς' => out.push('σ'),
            // Arabic: alef with and without hamza, the two forms of ya and kaf, ta marbuta.
            'ٱ' => out.push('ا'),
            'ى' | 'ی' => out.push('ي'),
            'ک' => out.push('ك'),
            'ة' => out.push('ه'),
            c => out.push(c),
        }
    }
    // Korean syllables are put together again, so that a prefix is one of syllables.
    out.nfc().collect()
}

/// Marks without which a word is another word: vowel signs of the scripts of India and its
/// neighbours, and the voicing of Kana.
fn is_spelling(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{dff}' | '\u{e00}'..='\u{eff}' | '\u{f00}'..='\u{fff}'
        | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3099}' | '\u{309a}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|t| t.folded).collect()
    }

    #[test]
    fn words_of_many_scripts() {
        let cases: &[(&str, &[&str])] = &[
            ("See you at SIX?", &["see", "you", "at", "six"]),
            ("Ça va, naïve Straße", &["ca", "va", "naive", "strasse"]),
            ("don't", &["don", "t"]),
            ("it’s 18:30", &["it", "s", "18", "30"]),
            ("@maya #climbing_crew", &["maya", "climbing", "crew"]),
            ("https://example.org/a-b?c=d", &["https", "example", "org", "a", "b", "c", "d"]),
            ("Łódź øre İstanbul ISTANBUL", &["lodz", "ore", "istanbul", "istanbul"]),
            ("ПРИВЕТ Ёлка", &["привет", "елка"]),
            ("ΣΟΦΟΣ", &["σοφοσ"]),
            ("الْمَدْرَسَة", &["المدرسه"]),
            ("شكرـــا", &["شكرا"]),
            ("안녕하세요 친구", &["안녕하세요", "친구"]),
            ("हिन्दी", &["हिन्दी"]),
            ("東京タワー", &["東京", "京タ", "タワ", "ワー", "ー"]),
            ("我OK", &["我", "ok"]),
            ("สวัสดี", &["สวั", "วัส", "สดี", "ดี"]),
            ("hi👋🏽there", &["hi", "👋", "there"]),
            ("👩‍👩‍👧🇩🇪❤️", &["👩\u{200d}👩\u{200d}👧", "🇩🇪", "❤"]),
            ("…!? — ", &[]),
            ("ok x 1", &["ok", "x", "1"]),
        ];
        for (text, expected) in cases {
            assert_eq!(words(text), *expected, "{text}");
        }
    }

    #[test]
    fn exact_forms_stand_beside_folded_ones() {
        let found = tokens("Café cafe");
        assert_eq!(found[0].folded, "cafe");
        assert_eq!(found[0].exact.as_deref(), Some("café"));
        assert_eq!(found[1].exact, None);
        // Composed and decomposed are the same letters.
        assert_eq!(tokens("cafe\u{301}")[0].exact.as_deref(), Some("café"));
    }

    #[test]
    fn a_long_word_is_found_by_its_beginning() {
        let long = "x".repeat(1_000_000);
        assert_eq!(tokens(&long)[0].folded.len(), LONGEST);
        assert_eq!(tokens(&long)[0].bytes, 0..1_000_000);
    }

    proptest! {
        #[test]
        fn signs_that_stand_alone_are_letters_of_their_own(run in "[ぁ-ゖァ-ヺー㐀-\u{4dbf}一-\u{9fff}]{1,9}") {
            prop_assert!(run.chars().all(stands_alone));
            prop_assert_eq!(run.graphemes(true).count(), run.chars().count());
        }

        #[test]
        fn places_are_true(text in "\\PC{0,60}|[a-zé東京 👋🏽\u{200d}\u{301}ก็]{0,30}") {
            let mut last = 0;
            for (n, t) in tokens(&text).into_iter().enumerate() {
                prop_assert!(text.get(t.bytes.clone()).is_some());
                prop_assert!(t.bytes.start >= last, "starts ascend");
                last = t.bytes.start;
                prop_assert_eq!(t.position as usize, n);
                prop_assert!(!t.folded.is_empty());
            }
        }

    }
}
