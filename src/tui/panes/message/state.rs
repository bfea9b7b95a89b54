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

impl MessageSheet {
    /// Plain characters are text.
    pub fn takes_text(&self) -> bool {
        matches!(self, Self::React { .. })
    }

    /// What may be chosen: the emoji and its name.
    pub fn offers(&self) -> Vec<(String, String)> {
        let Self::React { typed, .. } = self else { return Vec::new() };
        let typed = typed.text().trim().trim_matches(':').to_owned();
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
