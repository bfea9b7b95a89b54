//! Undoes Meta's double encoding: UTF-8 bytes written down as if each were a letter.

use std::borrow::Cow;

/// The text as its writer saw it. Text that was right already comes back as it is.
///
/// Every code point up to U+00FF is taken as a byte and the bytes are read as UTF-8. Anything
/// above U+00FF, or bytes that are no UTF-8, mean that the text was never mangled.
pub fn repair(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    match narrow(text).map(String::from_utf8) {
        None => Cow::Borrowed(text),
        Some(Ok(right)) => Cow::Owned(right),
        Some(Err(e)) => cut_tail(e).map_or(Cow::Borrowed(text), Cow::Owned),
    }
}

/// Code points as bytes; `None` if one does not fit.
fn narrow(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(b) = bytes.next() {
        match b {
            // U+0080–U+00BF and U+00C0–U+00FF are the two-byte letters led by C2 and C3.
            0..0x80 => out.push(b),
            0xC2 => out.push(bytes.next()?),
            0xC3 => out.push(bytes.next()? | 0x40),
            _ => return None,
        }
    }
    Some(out)
}

/// A preview may end in the middle of a letter: the good part, if it proves that the text was
/// mangled. Without that proof a last "é" is simply an "é".
fn cut_tail(error: std::string::FromUtf8Error) -> Option<String> {
    let good = error.utf8_error().valid_up_to();
    let cut_short = error.utf8_error().error_len().is_none();
    let mut bytes = error.into_bytes();
    bytes.truncate(good);
    let text = String::from_utf8(bytes).ok()?;
    (cut_short && !text.is_ascii()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table() {
        for (mangled, right) in [
            ("", ""),
            ("plain", "plain"),
            ("caf\u{c3}\u{a9} time?", "café time?"),
            ("\u{e2}\u{9d}\u{a4}", "❤"),
            ("\u{f0}\u{9f}\u{91}\u{8d}", "👍"),
            ("Nome de usu\u{c3}\u{a1}rio", "Nome de usuário"),
            ("\u{e6}\u{97}\u{a5}\u{e6}\u{9c}\u{ac}", "日本"),
            // Right already.
            ("café", "café"),
            ("naïve idea", "naïve idea"),
            ("“quoted” caf\u{c3}\u{a9}", "“quoted” caf\u{c3}\u{a9}"),
            ("日本", "日本"),
            ("👍🏽", "👍🏽"),
            // Cut in the middle of a letter.
            ("caf\u{c3}\u{a9} \u{f0}\u{9f}\u{91}", "café "),
            ("caf\u{c3}\u{a9} \u{e2}", "café "),
            // A byte that leads nowhere: left alone.
            ("\u{c3}\u{a9}\u{ff}x", "\u{c3}\u{a9}\u{ff}x"),
            ("\u{a0}", "\u{a0}"),
        ] {
            assert_eq!(repair(mangled), right, "{mangled:?}");
        }
    }

    #[test]
    fn ascii_is_not_copied() {
        assert!(matches!(repair("See you at six"), Cow::Borrowed(_)));
    }

    proptest::proptest! {
        #[test]
        fn whatever_was_mangled_comes_back(text in "\\PC*") {
            let mangled: String = text.bytes().map(char::from).collect();
            proptest::prop_assert_eq!(repair(&mangled), text);
        }
    }
}
