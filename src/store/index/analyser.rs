//! How the index engine gets its words: from `search::tokens`, the one place that splits text.

use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer, TokenizerManager};

use crate::search::tokens;

/// The name under which the words of a text go into the index.
pub const WORDS: &str = "words";
/// The name under which their beginnings do.
pub const BEGINNINGS: &str = "beginnings";
/// Stands before forms that keep their accents. No text has it in a word.
pub const EXACT: char = '\u{1}';
/// How many characters of a word are beginnings of their own. Longer ones are few enough to be
/// gathered from the list of words.
pub const SHORT: usize = 3;

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

/// A list of tokens, handed out one by one.
struct Ready {
    tokens: Vec<Token>,
    next: usize,
}

impl TokenStream for Ready {
    fn advance(&mut self) -> bool {
        self.next += 1;
        self.next <= self.tokens.len()
    }

    fn token(&self) -> &Token {
        &self.tokens[self.next - 1]
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.tokens[self.next - 1]
    }
}

fn token(text: String, position: u32) -> Token {
    Token { text, position: position as usize, offset_from: 0, offset_to: 0, position_length: 1 }
}

impl Tokenizer for Words {
    type TokenStream<'a> = Ready;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Ready {
        let mut out = Vec::new();
        tokens::each(text, |t| {
            if let Some(exact) = &t.exact {
                out.push(token(format!("{EXACT}{exact}"), t.position));
            }
            out.push(token(t.folded, t.position));
            true
        });
        Ready { tokens: out, next: 0 }
    }
}

impl Tokenizer for Beginnings {
    type TokenStream<'a> = Ready;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Ready {
        let mut out = Vec::new();
        tokens::each(text, |t| {
            let ends = t.folded.char_indices().skip(1).map(|(i, _)| i).chain([t.folded.len()]);
            for end in ends.take(SHORT) {
                out.push(token(t.folded[..end].to_owned(), t.position));
            }
            true
        });
        Ready { tokens: out, next: 0 }
    }
}
