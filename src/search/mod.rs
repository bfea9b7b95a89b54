//! The search language: what a person types becomes a tree; text becomes words that can be found.
//!
//! Knows grammar and words, no store and no screen. [`Query`] is the tree; showing it gives text
//! that parses to the same tree.

mod fuzzy;
mod lexer;
mod mark;
mod parse;
mod pattern;
mod plain;
pub mod tokens;
mod tree;
mod until;
pub mod when;

pub use fuzzy::Fuzzy;
pub use lexer::OPERATORS;
pub use mark::Marker;
pub use parse::{Complaint, Parsed, Reading, parse};
pub use pattern::{Pattern, PatternWord};
pub use tree::{Filter, Query, Span, State, Thing, Who};
pub use until::until;
pub use when::nearest;

#[cfg(test)]
mod tests;
