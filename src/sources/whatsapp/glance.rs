//! Whether a line can be a phrase of the app's at all, by its first or last three letters.
//!
//! Nearly no line can, and this costs a fraction of lowering a line and comparing it with every phrase.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::phrases as words;

/// Three letters in lower case; fewer where there are no more.
type Three = [char; 3];

/// Beginnings of what `body` looks for at the front of a line.
static BEGINNINGS: LazyLock<Vec<Three>> = LazyLock::new(|| {
    let whole = [words::DELETED_BY_ME, words::DELETED, words::LIVE_LOCATION];
    let front = [words::TAKEN_DOWN, words::VIEW_ONCE, words::WAITING];
    let calls = [words::MISSED, words::CALLS];
    let calls = calls.into_iter().flatten().map(|(phrase, _)| *phrase);
    let phrases = whole.into_iter().chain(front).flatten().copied().chain(calls);
    sorted(phrases.map(first))
});

/// Ends of what stands for media that were left out.
static ENDS: LazyLock<Vec<Three>> =
    LazyLock::new(|| sorted(words::OMITTED.iter().flat_map(|(_, list)| *list).map(|p| last(p))));

fn sorted(all: impl Iterator<Item = Three>) -> Vec<Three> {
    all.collect::<BTreeSet<_>>().into_iter().collect()
}

fn first(text: &str) -> Three {
    let mut letters = text.chars().flat_map(char::to_lowercase);
    std::array::from_fn(|_| letters.next().unwrap_or_default())
}

fn last(text: &str) -> Three {
    let mut letters = text.chars().rev().flat_map(|c| c.to_lowercase().rev());
    std::array::from_fn(|_| letters.next().unwrap_or_default())
}

/// Whether a line may begin with one of the phrases that are told by their beginning, or be one.
pub fn may_begin(text: &str) -> bool {
    BEGINNINGS.binary_search(&first(text)).is_ok()
}

/// Whether a line may end with what stands for media that were left out.
pub fn may_end(text: &str) -> bool {
    ENDS.binary_search(&last(text)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_gets_through_and_talk_does_not() {
        let whole = [words::DELETED_BY_ME, words::DELETED, words::LIVE_LOCATION, words::VIEW_ONCE];
        for phrase in whole.into_iter().flatten() {
            assert!(may_begin(phrase) && may_begin(&phrase.to_uppercase()), "{phrase}");
        }
        for (phrase, _) in words::MISSED.iter().chain(words::CALLS) {
            assert!(may_begin(&format!("{phrase}, 5 min")), "{phrase}");
        }
        for phrase in words::OMITTED.iter().flat_map(|(_, list)| *list) {
            assert!(may_end(&format!("x.pdf • {}", phrase.to_uppercase())), "{phrase}");
        }
        for line in ["", "a", "we went to the sea", "ok!", "🐟🐟🐟🐟"] {
            assert!(!may_begin(line) && !may_end(line), "{line}");
        }
    }

    /// A phrase is told by three letters: a shorter one would be missed at the front of a line.
    #[test]
    fn no_phrase_is_shorter() {
        let phrases = words::OMITTED.iter().flat_map(|(_, list)| *list);
        let calls = words::MISSED.iter().chain(words::CALLS).map(|(phrase, _)| phrase);
        let others = words::TAKEN_DOWN.iter().chain(words::VIEW_ONCE);
        for phrase in phrases.chain(calls).chain(others) {
            assert!(phrase.chars().count() >= 3, "{phrase}");
        }
    }
}
