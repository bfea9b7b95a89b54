//! Turns text written by strangers into text that is safe to put in a terminal cell.
//!
//! Escape sequences are never parsed: without its introducer a sequence is only visible litter.
//! The rules are a closed table; what they forbid is dropped or replaced by [`STAND_IN`].

use std::ops::Range;

use unicode_properties::{GeneralCategory as G, UnicodeEmoji, UnicodeGeneralCategory};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

use super::width::{fit, fit_middle, pad, width};

/// Stands for what must not be shown. Not a control picture (few fonts have them), not U+FFFD
/// (some terminals take it for broken UTF-8).
pub const STAND_IN: char = '□';
/// Marks on one base character: Tibetan and pointed Hebrew stay whole.
pub const MAX_MARKS: usize = 6;
/// Characters in one grapheme; the longest emoji that vendors draw has ten.
pub const MAX_CLUSTER: usize = 16;
/// Bytes of a message body that are shown before it is cut with `…`.
pub const MAX_BODY: usize = 64 * 1024;
/// Cells of a one-line text.
pub const MAX_LINE_CELLS: usize = 256;

/// Text that may be drawn: no controls but line breaks, no hidden or reordering characters, no
/// floods of marks. The only text that the drawing code takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Clean(String);

impl Clean {
    /// A message body: line breaks stay, tabs become spaces, 64 KiB at most.
    pub fn body(text: &str) -> Self {
        Self(clean(text, Kind::Body))
    }

    /// A name, a title, a notice: one line of at most 256 cells.
    pub fn line(text: &str) -> Self {
        let text = cut_bytes(text, MAX_BODY);
        Self(fit(&clean(text, Kind::Line), MAX_LINE_CELLS))
    }

    /// A text of our own.
    pub fn ours(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Nothing to draw.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Its width in cells.
    pub fn width(&self) -> usize {
        width(&self.0)
    }

    /// Cut to `cols` cells with `…`.
    pub fn fit(&self, cols: usize) -> Self {
        Self(fit(&self.0, cols))
    }

    /// Cut in the middle to `cols` cells.
    pub fn fit_middle(&self, cols: usize) -> Self {
        Self(fit_middle(&self.0, cols))
    }

    /// Exactly `cols` cells.
    pub fn pad(&self, cols: usize) -> Self {
        Self(pad(&self.0, cols))
    }

    /// A part of it, for rows from [`wrap`](super::wrap). Nothing, if the range is none of it.
    pub fn slice(&self, range: Range<usize>) -> &str {
        self.0.get(range).unwrap_or("")
    }

    /// This followed by that.
    #[must_use]
    pub fn then(mut self, more: &Clean) -> Self {
        self.0.push_str(&more.0);
        self
    }
}

impl std::fmt::Display for Clean {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Body,
    Line,
}

fn clean(text: &str, kind: Kind) -> String {
    let plain = |b: u8| matches!(b, 0x20..=0x7e) || b == b'\n' && kind == Kind::Body;
    if text.len() <= MAX_BODY && text.bytes().all(plain) {
        return text.to_owned();
    }
    let mut out = Pass::over(text, kind);
    // Cutting can leave half a flag or a joiner without a partner; a second look at what is left
    // settles that. The bound is for peace of mind: each round only ever shortens.
    for _ in 0..8 {
        let Some(cut) = cap_size(&out).or_else(|| cap_clusters(&out)) else { break };
        out = Pass::over(&cut, kind);
    }
    out
}

/// Cuts what is too long; `None` if it is not.
fn cap_size(s: &str) -> Option<String> {
    if s.strip_suffix('…').unwrap_or(s).len() <= MAX_BODY {
        return None;
    }
    let head = cut_bytes(s, MAX_BODY).trim_end_matches(['\u{200c}', '\u{200d}']);
    Some(format!("{head}…"))
}

fn cut_bytes(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

/// One walk over a text, with what the rules need to remember.
struct Pass {
    out: String,
    kind: Kind,
    /// The last character that was kept.
    prev: Option<char>,
    /// A joiner that waits for its right neighbour.
    joiner: Option<char>,
    /// Characters without width since the last one with.
    marks: usize,
    /// There is something in this word that a mark can sit on.
    seat: bool,
}

impl Pass {
    fn over(text: &str, kind: Kind) -> String {
        let mut pass = Self {
            out: String::with_capacity(text.len().min(MAX_BODY + 8)),
            kind,
            prev: None,
            joiner: None,
            marks: 0,
            seat: false,
        };
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            if pass.out.len() > MAX_BODY {
                break;
            }
            match c {
                '\r' if chars.as_str().starts_with('\n') => {}
                '\u{1f3f4}' => {
                    pass.keep(c);
                    let flag = region_flag(chars.as_str());
                    pass.out.push_str(flag);
                    chars = chars.as_str()[flag.len()..].chars();
                }
                _ => pass.take(c),
            }
        }
        pass.out
    }

    fn take(&mut self, c: char) {
        match c {
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                self.keep(if self.kind == Kind::Body { '\n' } else { ' ' });
            }
            '\t' => {
                let spaces = if self.kind == Kind::Body { 4 } else { 1 };
                (0..spaces).for_each(|_| self.keep(' '));
            }
            c if c.is_control() => self.keep(STAND_IN),
            '\u{200e}' | '\u{200f}' | '\u{61c}' => self.direction_mark(c),
            '\u{200c}' | '\u{200d}' => self.joiner = self.joiner.or(Some(c)),
            '\u{fe0f}' => {
                if self.prev.is_some_and(takes_variation) {
                    self.weightless(c);
                }
            }
            c if invisible(c) => {}
            _ => match c.general_category() {
                G::NonspacingMark | G::EnclosingMark | G::SpacingMark => self.mark(c),
                G::PrivateUse | G::Unassigned | G::Surrogate => self.keep(STAND_IN),
                G::Format => {}
                // Conjoining vowels and the like: letters by name, marks by width.
                _ if c.width() == Some(0) && !halfwidth_sound_mark(c) => self.mark(c),
                _ => self.keep(c),
            },
        }
    }

    /// A character with a width of its own (or a line break): begins a new budget of marks.
    fn keep(&mut self, c: char) {
        self.join(c);
        self.out.push(c);
        self.prev = Some(c);
        self.marks = 0;
        self.seat = !c.is_whitespace();
    }

    fn mark(&mut self, c: char) {
        if !self.seat {
            // A mark never climbs on what we draw beside the text.
            self.keep('\u{25cc}');
        }
        if self.marks < MAX_MARKS {
            self.join(c);
            self.weightless(c);
        }
    }

    fn direction_mark(&mut self, c: char) {
        if self.marks < MAX_MARKS {
            self.weightless(c);
        }
    }

    fn weightless(&mut self, c: char) {
        self.joiner = None;
        self.out.push(c);
        self.prev = Some(c);
        self.marks += 1;
    }

    /// Puts in the waiting joiner, if `next` is what it may join.
    fn join(&mut self, next: char) {
        let (Some(joiner), Some(prev)) = (self.joiner.take(), self.prev) else { return };
        let emoji = (pictographic(prev) || prev == '\u{fe0f}') && pictographic(next);
        let letters = joining_script(prev) && joining_script(next);
        if letters || emoji && joiner == '\u{200d}' {
            self.out.push(joiner);
            self.marks += 1;
        }
    }
}

/// Cuts clusters that are too long; `None` if there are none.
fn cap_clusters(s: &str) -> Option<String> {
    let too_long = |g: &str| g.len() > MAX_CLUSTER && g.chars().count() > MAX_CLUSTER;
    if !s.graphemes(true).any(too_long) {
        return None;
    }
    let mut out = String::with_capacity(s.len());
    for g in s.graphemes(true) {
        let end = g.char_indices().nth(MAX_CLUSTER).map_or(g.len(), |(i, _)| i);
        out.push_str(&g[..end]);
    }
    Some(out)
}

/// The tag letters of England, Scotland or Wales at the start of a text; else nothing.
fn region_flag(rest: &str) -> &str {
    let tag = |c: char| ('\u{e0020}'..='\u{e007f}').contains(&c);
    let end = rest.find(|c| !tag(c)).unwrap_or(rest.len());
    let plain = |c: char| char::from_u32(u32::from(c) - 0xe0000);
    let name: String = rest[..end].chars().take(8).filter_map(plain).collect();
    match name.as_str() {
        "gbeng\u{7f}" | "gbsct\u{7f}" | "gbwls\u{7f}" => &rest[..end],
        _ => "",
    }
}

fn pictographic(c: char) -> bool {
    !c.is_ascii() && c.is_emoji_char()
}

fn takes_variation(c: char) -> bool {
    pictographic(c) || matches!(c, '0'..='9' | '#' | '*')
}

fn halfwidth_sound_mark(c: char) -> bool {
    matches!(c, '\u{ff9e}' | '\u{ff9f}')
}

/// Scripts in which joiners carry meaning: Arabic to Samaritan, and those of the Indic family.
fn joining_script(c: char) -> bool {
    matches!(u32::from(c),
        0x0600..=0x08ff | 0x0900..=0x0dff | 0x0e80..=0x109f | 0x1780..=0x18af
        | 0xfb50..=0xfdff | 0xfe70..=0xfefe)
}

/// Letters, marks and spaces without ink that their category does not give away.
fn invisible(c: char) -> bool {
    matches!(u32::from(c),
        0xad | 0x34f | 0x115f | 0x1160 | 0x17b4 | 0x17b5 | 0x180b..=0x180f | 0x200b..=0x200d
        | 0x202a..=0x202e | 0x2060..=0x206f | 0x2800 | 0x3164 | 0xfe00..=0xfe0f | 0xfeff
        | 0xffa0 | 0xfff0..=0xfffb | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn body(s: &str) -> String {
        Clean::body(s).0
    }

    #[test]
    fn disarms_what_attacks() {
        for (raw, shown) in [
            ("a\x1b[31mb", "a□[31mb"),
            ("a\u{9b}31mb", "a□31mb"),
            ("a\x1b]52;c;cHduZWQ=\x07b", "a□]52;c;cHduZWQ=□b"),
            ("a\x07\x08\x7fb", "a□□□b"),
            ("a\r\nb\rc\u{85}d\u{2028}e", "a\nb\nc\nd\ne"),
            ("a\tb", "a    b"),
            ("\u{202e}gpj.exe\u{202c}", "gpj.exe"),
            ("a\u{2066}b\u{2069}\u{206a}", "ab"),
            ("hi\u{e0068}\u{e0069}!", "hi!"),
            ("🏴\u{e0068}\u{e0069}\u{e007f}", "🏴"),
            ("a\u{200b}\u{2060}\u{feff}b\u{ad}\u{34f}\u{115f}\u{3164}\u{ffa0}\u{2800}", "ab"),
            ("a\u{200d}b\u{fe0f}", "ab"),
            ("👍\u{200c}👍", "👍👍"),
            ("⌚\u{fe0e}", "⌚"),
            ("x\u{fe01}\u{e0101}\u{180b}", "x"),
            ("\u{e000}\u{378}", "□□"),
            ("\u{301}x", "\u{25cc}\u{301}x"),
            ("x \u{301}y", "x \u{25cc}\u{301}y"),
            ("\u{200f}\u{301}", "\u{200f}\u{25cc}\u{301}"),
            ("\u{1161}x", "\u{25cc}\u{1161}x"),
        ] {
            assert_eq!(body(raw), shown, "{raw:?}");
        }
        assert_eq!(Clean::line("a\nb\tc\r\nd").as_str(), "a b c d");
    }

    #[test]
    fn leaves_honest_text_alone() {
        for s in [
            "plain\n\nlines",
            "👨‍👩‍👧‍👦 👍🏽 ❤️ 🏳️‍🌈 🇨🇿 1️⃣ 👩🏽‍🚀",
            "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
            "می\u{200c}خواهم",
            "\u{200f}שלום\u{200f}",
            "שָׁלוֹם",
            "क्षत्रिय क्\u{200d}ष",
            "Příliš žluťoučký kůň",
            "e\u{301}",
            "日本語 ｶﾞ 한국어 \u{1112}\u{1161}\u{11ab}",
            "ไทย ภาษาไทย",
        ] {
            assert_eq!(body(s), s);
        }
    }

    #[test]
    fn stops_floods() {
        let marks = format!("e{}", "\u{301}".repeat(10_000));
        assert_eq!(body(&marks).chars().count(), 1 + MAX_MARKS);
        let laced = format!("e{}", "\u{301}\u{200b}\u{200f}".repeat(500));
        assert_eq!(body(&laced).chars().count(), 1 + MAX_MARKS);
        let chain = body(&"👩\u{200d}".repeat(500));
        assert!(chain.graphemes(true).all(|g| g.chars().count() <= MAX_CLUSTER));
        let long = body(&"x".repeat(MAX_BODY * 2));
        assert!(long.len() <= MAX_BODY + 3 && long.ends_with('…'));
        let name = Clean::line(&"日本語".repeat(100_000));
        assert!(name.width() <= MAX_LINE_CELLS && name.as_str().ends_with('…'));
    }

    #[test]
    fn every_character_of_unicode_is_settled_at_once() {
        for c in (0u32..0x3_2000).chain(0xe_0000..0xe_1000).chain(0xf_0000..0xf_0010) {
            let Some(c) = char::from_u32(c) else { continue };
            let s = format!("x{c}y");
            let once = body(&s);
            assert!(!once.contains(|c: char| c.is_control() && c != '\n'), "{s:?}");
            assert_eq!(body(&once), once, "{s:?}");
        }
    }

    const NASTY: &str = "ae1# \n\t\r\x1b\u{9b}\u{301}\u{20e3}\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\
        \u{202e}\u{2066}\u{fe0f}\u{fe0e}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e007f}\u{e0100}👍👩🏽❤🏴🇨🇿\
        मकۀم日ﾞ\u{94d}\u{e33}\u{1160}\u{1161}\u{1100}\u{25cc}\u{600}\u{17d8}";

    fn nasty() -> impl Strategy<Value = String> {
        let alphabet: Vec<char> = NASTY.chars().collect();
        let flag = "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}";
        let piece = prop_oneof![
            20 => proptest::sample::select(alphabet).prop_map(String::from),
            1 => Just(flag.to_owned()),
            1 => Just("👩\u{200d}".to_owned()),
            3 => any::<char>().prop_map(String::from),
        ];
        proptest::collection::vec(piece, 0..80).prop_map(|v| v.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn cleaning_twice_is_cleaning_once(s in nasty()) {
            let once = Clean::body(&s);
            prop_assert_eq!(&Clean::body(once.as_str()), &once);
            let once = Clean::line(&s);
            prop_assert_eq!(&Clean::line(once.as_str()), &once);
        }

        #[test]
        fn nothing_bad_comes_through(s in nasty()) {
            for (text, line_breaks) in [(body(&s), true), (Clean::line(&s).0, false)] {
                let control = |c: char| c.is_control() && !(line_breaks && c == '\n');
                prop_assert!(!text.contains(control));
                prop_assert!(!text.contains(|c: char| matches!(u32::from(c),
                    0x202a..=0x202e | 0x2066..=0x206f | 0xfeff | 0x200b | 0xe0100..=0xe01ef)));
                prop_assert!(text.graphemes(true).all(|g| g.chars().count() <= MAX_CLUSTER));
            }
        }
    }

    #[test]
    fn long_text_is_cut_the_same_way_twice() {
        for unit in [
            "می\u{200c}",
            "👩\u{200d}",
            "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
            "\t",
            "e\u{301}\u{301}",
        ] {
            for lead in 0..12 {
                let s = "x".repeat(lead) + &unit.repeat(30_000);
                let once = Clean::body(&s);
                assert!(once.as_str().len() <= MAX_BODY + 64);
                assert!(Clean::body(once.as_str()) == once, "{unit:?} {lead}");
                let line = Clean::line(&s);
                assert!(Clean::line(line.as_str()) == line, "{unit:?} {lead}");
            }
        }
    }
}
