//! How the index engine gets its words: from `search::tokens`, the one place that splits text.

use std::str::SplitTerminator;

use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer, TokenizerManager};

use crate::search::tokens;

/// The name under which the words of a text go into the index.
pub const WORDS: &str = "words";
/// The name under which their beginnings do.
pub const BEGINNINGS: &str = "beginnings";
/// Stands before forms that keep their accents. No text has it in a word.
pub const EXACT: char = '\u{1}';
/// Stands after every word. No text has it in one.
const BETWEEN: char = '\u{2}';
/// How many characters of a longer word are beginnings of their own (a whole word is found as a
/// word). Longer ones are few enough to be gathered from the list of words.
pub const SHORT: usize = 2;

/// The analysers, by name.
pub fn manager() -> TokenizerManager {
    // The engine wants its own ones for fields that are no text.
    let manager = TokenizerManager::default();
    manager.register(WORDS, TextAnalyzer::builder(Words).build());
    manager.register(BEGINNINGS, TextAnalyzer::builder(Beginnings).build());
    manager
}

#[derive(Clone)]
struct Words;

#[derive(Clone)]
struct Beginnings;

/// A text as its words, each ended by [`BETWEEN`]: split once, whoever asks for them. A form that
/// keeps its accents stands before the folded one, with [`EXACT`] before it.
pub fn said(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    tokens::each(text, |t| {
        if let Some(exact) = &t.exact {
            out.push(EXACT);
            out.push_str(exact);
            out.push(BETWEEN);
        }
        out.push_str(&t.folded);
        out.push(BETWEEN);
        true
    });
    out
}

/// The folded words of what [`said`] gave.
pub fn words(said: &str) -> impl Iterator<Item = &str> {
    said.split_terminator(BETWEEN).filter(|w| !w.starts_with(EXACT))
}

/// The words, handed out one by one.
struct Each<'a> {
    rest: SplitTerminator<'a, char>,
    /// The folded word that is handed out by its beginnings, and how many characters were.
    begun: Option<(&'a str, usize)>,
    beginnings: bool,
    next: usize,
    token: Token,
}

impl<'a> Each<'a> {
    fn new(said: &'a str, beginnings: bool) -> Self {
        let rest = said.split_terminator(BETWEEN);
        Self { rest, begun: None, beginnings, next: 0, token: Token::default() }
    }

    fn hand_out(&mut self, text: &str, position: usize) {
        self.token.text.clear();
        self.token.text.push_str(text);
        self.token.position = position;
        self.token.position_length = 1;
    }

    /// The next beginning of the word at hand.
    fn begin(&mut self) -> bool {
        let Some((word, letters)) = self.begun.take().filter(|(_, n)| *n < SHORT) else {
            return false;
        };
        let Some((end, _)) = word.char_indices().nth(letters + 1) else { return false };
        self.begun = Some((word, letters + 1));
        self.hand_out(&word[..end], self.next - 1);
        true
    }
}

impl TokenStream for Each<'_> {
    fn advance(&mut self) -> bool {
        while !self.begin() {
            let Some(word) = self.rest.next() else { return false };
            // An exact form has the place of the folded one that follows it.
            let (place, exact) = (self.next, word.starts_with(EXACT));
            self.next += usize::from(!exact);
            if !self.beginnings {
                self.hand_out(word, place);
                return true;
            }
            self.begun = (!exact).then_some((word, 0));
        }
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

impl Tokenizer for Words {
    type TokenStream<'a> = Each<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Each<'a> {
        Each::new(text, false)
    }
}

impl Tokenizer for Beginnings {
    type TokenStream<'a> = Each<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Each<'a> {
        Each::new(text, true)
    }
}
