//! Strangers' text made fit for a file: cleaned as for the screen, then escaped for its format.

use crate::text::{Clean, MAX_BODY};

/// How much is cleaned at once: what is longer than the screen shows must still be written whole.
const PIECE: usize = MAX_BODY / 4;

/// A body of any length without controls, hidden direction changes or floods of marks.
pub fn body(text: &str) -> String {
    if text.len() <= PIECE {
        return Clean::body(text).as_str().to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.floor_char_boundary(PIECE);
        // Between words, where a cluster cannot be torn.
        let cut = match rest.len() <= PIECE {
            true => end,
            false => rest[..end].rfind([' ', '\n']).map_or(end, |at| at + 1),
        };
        out.push_str(Clean::body(&rest[..cut]).as_str());
        rest = &rest[cut..];
    }
    out
}

/// A name or title in one line.
pub fn line(text: &str) -> String {
    Clean::line(text).as_str().trim().to_owned()
}

/// Text in HTML, also inside an attribute's quotes.
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Text in Markdown: a backslash before whatever could become formatting, a link or HTML, there
/// or in its dialects. Some renderers make links of bare mail addresses in any words; those lead
/// where they say.
pub fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for (n, line) in text.split('\n').enumerate() {
        if n > 0 {
            out.push('\n');
        }
        let words = line.trim_start();
        // Spaces in front would make it code or part of a list.
        (0..line.len() - words.len()).for_each(|_| out.push('\u{a0}'));
        markdown_line(words, &mut out);
    }
    out
}

fn markdown_line(line: &str, out: &mut String) {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let mut before = ' ';
    let mut rest = line.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let next = rest.peek().map_or(' ', |(_, c)| *c);
        let escaped = match c {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&'
            | '$' | '^' => true,
            '-' | '+' | '=' if at == 0 => true,
            '=' | '%' => next == c || before == c,
            // A numbered list, and what looks like a bare address.
            '.' | ')' if digits > 0 && at == digits => true,
            '.' => before.eq_ignore_ascii_case(&'w'),
            ':' => next.is_ascii_alphanumeric() && !before.is_ascii_digit() || next == '/',
            _ => false,
        };
        if escaped {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
}
