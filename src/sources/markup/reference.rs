//! References (`&amp;`, `&#10;`) and what they stand for.

use std::borrow::Cow;

/// No reference is longer.
const LONGEST: usize = 12;

/// Text with its references resolved. What is none stays as it is.
pub fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        out.push_str(before);
        match reference(behind) {
            Some((c, after)) => {
                out.push(c);
                rest = after;
            }
            None => {
                out.push('&');
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// What stands behind an `&`, and what follows it.
fn reference(text: &str) -> Option<(char, &str)> {
    let end = text.bytes().take(LONGEST).position(|b| b == b';')?;
    let (name, after) = (text.get(..end)?, text.get(end + 1..)?);
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{A0}',
        _ => return number(name.strip_prefix('#')?, after),
    };
    Some((c, after))
}

fn code(number: &str) -> Option<u32> {
    match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => number.parse().ok(),
    }
}

fn number<'a>(text: &str, after: &'a str) -> Option<(char, &'a str)> {
    let high = code(text)?;
    if (0xD800..0xDC00).contains(&high) {
        let low = after.strip_prefix("&#").and_then(|behind| {
            let (name, after) =
                behind.split_at_checked(behind.bytes().take(LONGEST).position(|b| b == b';')?)?;
            let low = code(name)?.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
            Some((low, after.get(1..)?))
        });
        if let Some((low, after)) = low {
            let both = 0x10000 + ((high - 0xD800) << 10) + low;
            return Some((char::from_u32(both).unwrap_or(char::REPLACEMENT_CHARACTER), after));
        }
    }
    let c = char::from_u32(high).filter(|c| *c != '\0').unwrap_or(char::REPLACEMENT_CHARACTER);
    Some((c, after))
}
