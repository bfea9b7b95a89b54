//! What is asked of one message.

use crate::model::MessageId;
use crate::tui::composer::OneLine;
use crate::tui::panes::complete::CompleteState;

/// Offered before anything is typed.
const FIRST: [(&str, &str); 6] = [
    ("👍", "thumbsup"),
    ("❤️", "heart"),
    ("😂", "joy"),
    ("😮", "open_mouth"),
    ("😢", "cry"),
    ("🙏", "pray"),
];

/// The question.
#[derive(Clone, Debug, PartialEq)]
pub enum MessageSheet {
    /// Which reaction.
    React {
        /// The message.
        message: MessageId,
        /// A shortcode, or part of one, or an emoji.
        typed: OneLine,
        /// The chosen offer.
        chosen: usize,
        /// The only ones that are taken here; empty: any.
        allowed: Vec<String>,
    },
    /// Whether it may go.
    Delete {
        /// The message.
        message: MessageId,
        /// Its text.
        text: String,
        /// It has not been sent.
        unsent: bool,
    },
}

/// Some write the sign that asks for a picture, some do not.
fn bare(emoji: &str) -> String {
    emoji.replace('\u{fe0f}', "")
}

/// Of the only ones that are taken those that are called so, or that are meant.
fn of(allowed: &[String], typed: &str) -> Vec<(String, String)> {
    let word = typed.to_lowercase();
    let mut offers = Vec::new();
    for one in allowed {
        let known = emojis::get(one).or_else(|| emojis::get(&bare(one)));
        let codes: Vec<&str> = known.into_iter().flat_map(|e| e.shortcodes()).collect();
        let word_of = codes.iter().copied().find(|code| code.starts_with(char::is_alphabetic));
        let name = word_of.or_else(|| known.map(|e| e.name())).unwrap_or(one);
        let called = codes.iter().any(|code| code.contains(&word)) || name.contains(&word);
        if typed.is_empty() || called || bare(one) == bare(typed) {
            offers.push((one.clone(), name.to_owned()));
        }
    }
    offers
}

impl MessageSheet {
    /// Plain characters are text.
    pub fn takes_text(&self) -> bool {
        matches!(self, Self::React { .. })
    }

    /// What may be chosen: the emoji and its name.
    pub fn offers(&self) -> Vec<(String, String)> {
        let Self::React { typed, allowed, .. } = self else { return Vec::new() };
        let typed = typed.text().trim().trim_matches(':').to_owned();
        if !allowed.is_empty() {
            return of(allowed, &typed);
        }
        if typed.is_empty() {
            return FIRST.map(|(emoji, name)| (emoji.to_owned(), name.to_owned())).to_vec();
        }
        if let Some(emoji) = emojis::get(&typed) {
            return vec![(emoji.as_str().to_owned(), emoji.name().to_owned())];
        }
        let word = format!(":{typed}");
        let found = CompleteState::at(&word, word.len(), std::iter::empty());
        found.map_or_else(Vec::new, |f| f.offers.into_iter().map(|o| (o.put, o.name)).collect())
    }

    /// Another offer.
    pub fn step(&mut self, by: isize) {
        let count = self.offers().len();
        if let Self::React { chosen, .. } = self {
            *chosen = chosen.saturating_add_signed(by).min(count.saturating_sub(1));
        }
    }

    /// Types or pastes.
    pub fn put(&mut self, text: &str) {
        if let Self::React { typed, chosen, .. } = self {
            typed.put(text);
            *chosen = 0;
        }
    }
}
