//! What may stand for the word before the cursor, best first.

use crate::search::tokens::fold;
use crate::text::Clean;

/// Letters after the colon before emoji are offered: `:D` is a face of its own.
const LEAST: usize = 2;
/// Longer words are no shortcode and no name.
const LONGEST: usize = 40;
/// Offered at most.
const MOST: usize = 30;

/// What kind of word is completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `:shortcode`.
    Emoji,
    /// `@name`.
    Person,
}

/// Something to take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What is put for the word.
    pub put: String,
    /// What it is called.
    pub name: String,
}

/// What is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompleteState {
    /// Where the word begins: the byte offset of its sign.
    pub from: usize,
    /// What kind of word it is.
    pub kind: Kind,
    /// Best first; never empty.
    pub offers: Vec<Offer>,
    /// The chosen one.
    pub chosen: usize,
}

impl CompleteState {
    /// What completes the word that ends at the cursor, if anything does.
    pub fn at<'n>(
        text: &str,
        cursor: usize,
        people: impl Iterator<Item = &'n str>,
    ) -> Option<Self> {
        let before = text.get(..cursor)?;
        let (from, word) = word(before, '@').or_else(|| word(before, ':'))?;
        let (kind, offers) = if before[from..].starts_with('@') {
            (Kind::Person, persons(word, people))
        } else {
            (Kind::Emoji, emoji(word))
        };
        (!offers.is_empty()).then_some(Self { from, kind, offers, chosen: 0 })
    }

    /// With the choice of another one, where it is still offered.
    #[must_use]
    pub fn like(mut self, other: Self) -> Self {
        let chosen = other.offers.into_iter().nth(other.chosen);
        let at = self.offers.iter().position(|o| Some(o) == chosen.as_ref());
        self.chosen = at.filter(|_| self.offers.len() > 1 && other.chosen > 0).unwrap_or(0);
        self
    }

    /// Chooses another one; after the last comes the first.
    pub fn step(&mut self, by: isize) {
        let count = isize::try_from(self.offers.len()).unwrap_or(1).max(1);
        let at = isize::try_from(self.chosen).unwrap_or(0);
        self.chosen = usize::try_from((at + by).rem_euclid(count)).unwrap_or(0);
    }

    /// What the chosen one puts for the word.
    pub fn put(&self) -> String {
        self.offers.get(self.chosen).map(|o| o.put.clone()).unwrap_or_default()
    }
}

/// The word that begins with a sign and ends the text: its offset, and what follows the sign.
fn word(before: &str, sign: char) -> Option<(usize, &str)> {
    let from = before.rfind(sign)?;
    let rest = &before[from + sign.len_utf8()..];
    let fits = |c: char| match sign {
        ':' => is_shortcode(c),
        _ => !c.is_whitespace() && !c.is_control() && c != sign,
    };
    let whole = rest.chars().take(LONGEST + 1).all(fits) && rest.chars().count() <= LONGEST;
    (whole && begins_word(&before[..from])).then_some((from, rest))
}

fn is_shortcode(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-')
}

/// A word may begin here: not inside another one, an address or a time.
fn begins_word(before: &str) -> bool {
    let inside = |c: char| {
        c.is_alphanumeric()
            || matches!(c, ':' | '/' | '.' | '_' | '-' | '@' | '#' | '%' | '&')
            || matches!(c, '=' | '?' | '+' | '~' | '\\')
    };
    let run = before.rsplit(char::is_whitespace).next().unwrap_or("");
    !run.ends_with(inside) && !run.contains("://")
}

/// A shortcode that is typed to its end, `:tada:`, and what it stands for.
pub fn finished_shortcode(text: &str, cursor: usize) -> Option<(usize, &'static str)> {
    let before = text.get(..cursor)?.strip_suffix(':')?;
    let (from, name) = word(before, ':')?;
    let emoji = emojis::get_by_shortcode(name)?.as_str();
    can_be_shown(emoji).then_some((from, emoji))
}

/// Emoji newer than what we know would come out as a box.
fn can_be_shown(emoji: &str) -> bool {
    Clean::line(emoji).as_str() == emoji
}

fn emoji(word: &str) -> Vec<Offer> {
    if word.chars().count() < LEAST {
        return Vec::new();
    }
    let word = word.to_ascii_lowercase();
    let mut found: Vec<(usize, usize, &str, &str)> = Vec::new();
    for (order, emoji) in emojis::iter().enumerate() {
        let by_code = emoji.shortcodes().filter_map(|code| Some((rank(code, &word)?, code)));
        let best = by_code.min_by_key(|(rank, code)| (*rank, code.len()));
        if let Some((rank, code)) = best {
            found.push((rank, order, emoji.as_str(), code));
        }
    }
    found.sort_by_key(|(rank, order, _, code)| {
        (*rank, if *rank == 0 { 0 } else { code.len() }, *order)
    });
    let shown = found.into_iter().filter(|(_, _, emoji, _)| can_be_shown(emoji));
    let offer = |(_, _, emoji, code): (usize, usize, &str, &str)| Offer {
        put: emoji.to_owned(),
        name: format!(":{code}:"),
    };
    shown.take(MOST).map(offer).collect()
}

/// How well a shortcode fits: whole, its beginning, the beginning of a part, anywhere.
fn rank(code: &str, word: &str) -> Option<usize> {
    match code.find(word)? {
        0 if code.len() == word.len() => Some(0),
        0 => Some(1),
        at if code[..at].ends_with(['_', '-']) => Some(2),
        _ => Some(3),
    }
}

fn persons<'n>(word: &str, people: impl Iterator<Item = &'n str>) -> Vec<Offer> {
    let typed = word;
    let word = fold(&word.to_lowercase());
    if word.is_empty() && !typed.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<(usize, usize, Offer)> = Vec::new();
    for (order, name) in people.enumerate() {
        let name = Clean::line(name.trim()).as_str().to_owned();
        let offer = Offer { put: format!("@{name}"), name };
        if offer.name.is_empty() || found.iter().any(|(_, _, o)| *o == offer) {
            continue;
        }
        if let Some(rank) = likeness(&offer.name, &word) {
            found.push((rank, order, offer));
        }
    }
    found.sort_by_key(|(rank, order, _)| (*rank, *order));
    found.into_iter().take(MOST).map(|(_, _, offer)| offer).collect()
}

/// How well a name fits: its beginning, that of a part, anywhere, the letters in their order.
fn likeness(name: &str, word: &str) -> Option<usize> {
    let parts: Vec<String> =
        name.split_whitespace().map(|part| fold(&part.to_lowercase())).collect();
    let whole = parts.concat();
    if whole.starts_with(word) {
        return Some(0);
    }
    if parts.iter().any(|part| part.starts_with(word)) {
        return Some(1);
    }
    if whole.contains(word) {
        return Some(2);
    }
    let mut letters = whole.chars();
    word.chars().all(|c| letters.any(|l| l == c)).then_some(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<CompleteState> {
        let people = ["Tomáš Dvořák", "Ana", "  ", "Ana", "Jonas \u{1b}[2JWeber"];
        CompleteState::at(text, text.len(), people.into_iter())
    }

    fn names(text: &str) -> Vec<String> {
        at(text).into_iter().flat_map(|s| s.offers).map(|o| o.put).collect()
    }

    #[test]
    fn shortcodes_are_completed_at_the_start_of_a_word_only() {
        assert_eq!(names(":tad")[0], "🎉");
        assert_eq!(at("so (:tada").map(|s| s.from), Some(4));
        assert!(names(":smi").len() > 3);
        for text in [
            ":s",
            ":D",
            "12:30:45",
            "a:smile",
            "http://x/:smile",
            "https://x/(:smile",
            "std::smile",
            ":smile ",
            ": smile",
            "",
            ":zzzzzz",
        ] {
            assert_eq!(at(text), None, "{text}");
        }
    }

    #[test]
    fn only_a_whole_shortcode_becomes_an_emoji() {
        let done = |t: &str| finished_shortcode(t, t.len());
        assert_eq!(done("yes :tada:"), Some((4, "🎉")));
        assert_eq!(done("🎉:+1:"), Some(("🎉".len(), "👍")));
        for text in
            ["x:tada:", "12:30:", ":nothing_of_the_kind:", "::", "http://a:tada:", ":tada: "]
        {
            assert_eq!(done(text), None, "{text}");
        }
    }

    #[test]
    fn people_are_found_by_folded_names() {
        assert_eq!(names("@"), ["@Tomáš Dvořák", "@Ana", "@Jonas □[2JWeber"]);
        assert_eq!(names("hi @tomas"), ["@Tomáš Dvořák"]);
        assert_eq!(names("@dvor"), ["@Tomáš Dvořák"]);
        assert_eq!(names("@an"), ["@Ana", "@Jonas □[2JWeber"][..1].to_vec());
        assert_eq!(names("@js"), ["@Jonas □[2JWeber"]);
        for text in ["me@an", "@ana ", "a.@an", "@nobody"] {
            assert_eq!(at(text), None, "{text}");
        }
    }

    #[test]
    fn the_choice_goes_round_and_stays_with_what_is_chosen() {
        let mut s = at("@").expect("offers");
        s.step(-1);
        assert_eq!(s.chosen, 2);
        let narrowed = at("@j").expect("one").like(s.clone());
        assert_eq!((narrowed.chosen, narrowed.put()), (0, "@Jonas □[2JWeber".into()));
        s.step(1);
        assert_eq!(s.chosen, 0);
    }
}
