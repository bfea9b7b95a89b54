//! What was typed, cut into pieces.

use std::ops::Range;

/// The operators, as they are typed.
pub const OPERATORS: &[&str] =
    &["from", "in", "app", "person", "before", "after", "on", "has", "is", "kind"];

/// A piece of what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Which bytes it is.
    pub at: Range<usize>,
    /// What it is.
    pub what: What,
}

/// What a piece is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// `(`
    Open,
    /// `)`
    Close,
    /// `or`, `OR`, `|`
    Or,
    /// `AND`, which changes nothing: what stands side by side is asked for together
    And,
    /// `-` before something, `NOT`
    Not,
    /// A bare word; `*` at its end asks for everything that begins so.
    Word {
        /// Without the `*`.
        text: String,
        /// With a `*`.
        star: bool,
    },
    /// Something in quotes.
    Quoted {
        /// Without the quotes.
        text: String,
        /// A `*` follows the closing quote.
        star: bool,
        /// The closing quote is there.
        closed: bool,
    },
    /// An operator and its value.
    Operator {
        /// Its name, one of [`OPERATORS`].
        name: &'static str,
        /// What follows the colon, without quotes.
        value: String,
        /// Where the value is.
        value_at: Range<usize>,
        /// The value stood in quotes.
        quoted: bool,
        /// Its closing quote is there, or it needs none.
        closed: bool,
    },
}

/// Cuts a query into pieces.
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let next = at + c.len_utf8();
        let what = match c {
            c if c.is_whitespace() => {
                at = next;
                continue;
            }
            '(' => Some((What::Open, next)),
            ')' => Some((What::Close, next)),
            '|' => Some((What::Or, next)),
            '-' | '−' if text[next..].chars().next().is_some_and(begins_something) => {
                Some((What::Not, next))
            }
            c if is_quote(c) => Some(quoted(text, at)),
            _ => None,
        };
        let (what, end) = what.unwrap_or_else(|| word(text, at));
        out.push(Piece { at: at..end, what });
        at = end;
    }
    out
}

/// A minus before it leaves out what follows; before anything else it is part of a word.
pub fn begins_something(c: char) -> bool {
    c.is_alphanumeric() || is_quote(c) || c == '(' || !c.is_ascii() && !c.is_whitespace()
}

fn is_quote(c: char) -> bool {
    // Keyboards and phones put in typographic ones by themselves.
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»')
}

/// Something in quotes. Returns it and where it ends.
fn quoted(text: &str, at: usize) -> (What, usize) {
    let begin = at + text[at..].chars().next().map_or(0, char::len_utf8);
    let (inner, end, closed) = until_quote(text, begin);
    let star = closed && text[end..].starts_with('*');
    let end = if star { end + 1 } else { end };
    (What::Quoted { text: inner.to_owned(), star, closed }, end)
}

/// The text up to the closing quote, where that ends, and whether it is there.
fn until_quote(text: &str, begin: usize) -> (&str, usize, bool) {
    match text[begin..].char_indices().find(|(_, c)| is_quote(*c)) {
        Some((i, c)) => (&text[begin..begin + i], begin + i + c.len_utf8(), true),
        None => (&text[begin..], text.len(), false),
    }
}

fn word(text: &str, at: usize) -> (What, usize) {
    let stops = |c: char| c.is_whitespace() || is_quote(c) || matches!(c, '(' | ')' | '|');
    let end = text[at..].find(stops).map_or(text.len(), |i| at + i);
    // A sign that ends words can also begin one: it is a word of its own then.
    let end =
        if end == at { at + text[at..].chars().next().map_or(1, char::len_utf8) } else { end };
    let bare = &text[at..end];
    if let Some((head, value)) = bare.split_once(':')
        && let Some(name) = OPERATORS.iter().find(|o| o.eq_ignore_ascii_case(head))
    {
        let begin = at + head.len() + 1;
        if value.is_empty() && text[end..].chars().next().is_some_and(is_quote) {
            let first = end + text[end..].chars().next().map_or(0, char::len_utf8);
            let (inner, after, closed) = until_quote(text, first);
            let value = inner.to_owned();
            let value_at = begin..after;
            return (What::Operator { name, value, value_at, quoted: true, closed }, after);
        }
        let (value, value_at) = (value.to_owned(), begin..end);
        return (What::Operator { name, value, value_at, quoted: false, closed: true }, end);
    }
    match bare {
        "or" | "OR" | "Or" => (What::Or, end),
        "AND" => (What::And, end),
        "NOT" => (What::Not, end),
        _ => match bare.strip_suffix('*').filter(|b| !b.is_empty()) {
            Some(beginning) => (What::Word { text: beginning.to_owned(), star: true }, end),
            None => (What::Word { text: bare.to_owned(), star: false }, end),
        },
    }
}
