//! How the index engine gets its words: from `search::tokens`, the one place that splits text.

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
/// So many characters of a longer word are a beginning of their own (a whole word is found as a
/// word). Words that begin with more are few enough to be gathered from the list of words, and
/// beginnings themselves are few enough to be gathered for less.
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
        if let Some(exact) = t.exact {
            out.push(EXACT);
            out.push_str(exact);
            out.push(BETWEEN);
        }
        out.push_str(t.folded);
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
    rest: &'a str,
    beginnings: bool,
    next: usize,
    token: Token,
}

impl<'a> Each<'a> {
    fn new(said: &'a str, beginnings: bool) -> Self {
        Self { rest: said, beginnings, next: 0, token: Token::default() }
    }

    /// Words are short: to look at their bytes one by one is quicker than any search.
    fn next_word(&mut self) -> Option<&'a str> {
        let end = self.rest.bytes().position(|b| char::from(b) == BETWEEN)?;
        let word = &self.rest[..end];
        self.rest = &self.rest[end + 1..];
        Some(word)
    }

    fn hand_out(&mut self, text: &str, position: usize) {
        self.token.text.clear();
        self.token.text.push_str(text);
        self.token.position = position;
        self.token.position_length = 1;
    }
}

/// How a word begins, if it goes on after that.
fn beginning(word: &str) -> Option<&str> {
    word.char_indices().nth(SHORT).map(|(end, _)| &word[..end])
}

impl TokenStream for Each<'_> {
    fn advance(&mut self) -> bool {
        while let Some(word) = self.next_word() {
            let (place, exact) = (self.next, word.starts_with(EXACT));
            self.next += usize::from(!exact);
            // Exact forms rank, they stand in no phrase: they need no place among the words.
            let told = match (self.beginnings, exact) {
                (true, true) | (false, false) => Some(word),
                (true, false) => beginning(word),
                (false, true) => None,
            };
            if let Some(told) = told {
                self.hand_out(told, place);
                return true;
            }
        }
        false
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
