//! Names found by some of their letters, in order: what is typed to go somewhere.

use std::ops::Range;

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use unicode_segmentation::UnicodeSegmentation;

/// Letters of a name that are looked at: a stranger may have chosen a longer one.
const LONGEST: usize = 400;

/// What was typed, ready to be held against many names. Case and accents do not matter; the words
/// may stand in any order.
pub struct Fuzzy {
    letters: Pattern,
    matcher: Matcher,
    room: Vec<char>,
}

impl Fuzzy {
    /// For what was typed.
    pub fn new(typed: &str) -> Self {
        let letters =
            Pattern::new(typed, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy);
        Self { letters, matcher: Matcher::new(Config::DEFAULT), room: Vec::new() }
    }

    /// Nothing was typed: every name is found.
    pub fn is_empty(&self) -> bool {
        self.letters.atoms.is_empty()
    }

    /// How well a name fits; the more the better. `None`: not at all.
    pub fn score(&mut self, name: &str) -> Option<u32> {
        let name = Utf32Str::new(head(name), &mut self.room);
        self.letters.score(name, &mut self.matcher)
    }

    /// Which of a name's bytes were found, where it is found: ascending, apart from each other.
    pub fn marks(&mut self, name: &str) -> Vec<(usize, usize)> {
        let name = head(name);
        let mut found = Vec::new();
        // A word of what was typed may be found in something else that goes with the name.
        for atom in &self.letters.atoms {
            let name = Utf32Str::new(name, &mut self.room);
            let _ = atom.indices(name, &mut self.matcher, &mut found);
        }
        found.sort_unstable();
        found.dedup();
        let letters: Vec<Range<usize>> =
            name.grapheme_indices(true).map(|(at, g)| at..at + g.len()).collect();
        let mut out: Vec<(usize, usize)> = Vec::new();
        for at in found {
            let Some(r) = usize::try_from(at).ok().and_then(|i| letters.get(i)) else { continue };
            match out.last_mut() {
                Some((_, end)) if *end == r.start => *end = r.end,
                _ => out.push((r.start, r.end)),
            }
        }
        out
    }
}

fn head(name: &str) -> &str {
    name.char_indices().nth(LONGEST).map_or(name, |(at, _)| &name[..at])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn best<'a>(typed: &str, names: &[&'a str]) -> Vec<&'a str> {
        let mut fuzzy = Fuzzy::new(typed);
        let mut found: Vec<_> = names.iter().filter_map(|n| Some((fuzzy.score(n)?, *n))).collect();
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        found.into_iter().map(|(_, n)| n).collect()
    }

    #[test]
    fn a_few_letters_find_a_name() {
        let names =
            ["Jonas Weber", "Maya Okafor", "Climbing crew", "José Álvarez", "Юлия", "山田太郎"];
        assert_eq!(best("jw", &names), ["Jonas Weber"]);
        assert_eq!(best("weber jonas", &names), ["Jonas Weber"]);
        assert_eq!(best("jose al", &names), ["José Álvarez"]);
        assert_eq!(best("CREW", &names), ["Climbing crew"]);
        assert_eq!(best("юл", &names), ["Юлия"]);
        assert_eq!(best("太", &names), ["山田太郎"]);
        assert_eq!(best("xyz", &names), [] as [&str; 0]);
        assert!(Fuzzy::new("  ").is_empty());
        assert_eq!(best("", &names).len(), names.len());
    }

    #[test]
    fn a_beginning_comes_before_letters_that_lie_apart() {
        assert_eq!(best("ma", &["Emma", "Simona", "Maya"])[0], "Maya");
        assert_eq!(best("ana", &["Alina Novak", "Ana"])[0], "Ana");
    }

    #[test]
    fn what_was_found_is_marked() {
        let marked = |typed: &str, name: &str| -> Vec<String> {
            let marks = Fuzzy::new(typed).marks(name);
            marks.into_iter().map(|(a, b)| name[a..b].to_owned()).collect()
        };
        assert_eq!(marked("jw", "Jonas Weber"), ["J", "W"]);
        assert_eq!(marked("alvar", "José Álvarez"), ["Álvar"]);
        // The other word is the app's.
        assert_eq!(marked("jonas insta", "Jonas Weber"), ["Jonas"]);
        assert_eq!(marked("", "Jonas"), [] as [String; 0]);
    }

    proptest! {
        #[test]
        fn marks_are_pieces_of_the_name(typed in ".{0,8}", name in "\\PC{0,40}") {
            let mut fuzzy = Fuzzy::new(&typed);
            let mut end = 0;
            for (from, to) in fuzzy.marks(&name) {
                prop_assert!(end <= from && from < to);
                prop_assert!(name.get(from..to).is_some());
                end = to;
            }
            if fuzzy.score(&name).is_some() && !fuzzy.is_empty() {
                prop_assert!(!fuzzy.marks(&name).is_empty());
            }
        }
    }
}
