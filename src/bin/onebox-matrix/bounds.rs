//! Strangers' words are told as they came, and onebox makes them safe; but a name or a reason that
//! never ends would be carried about with every thread, so its end is left out here.

/// Characters of a name: a person's, a thread's, a file's.
pub const NAME: usize = 300;
/// Characters of a sentence: a reason, a topic.
pub const SENTENCE: usize = 1_000;
/// Characters of an app's name.
pub const APP: usize = 60;
/// Bytes of a reaction; emoji of several parts have some dozen, a bridge's own a web address.
pub const REACTION: usize = 500;

/// A text without what is too much of it.
pub fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_cut_and_nothing_else_is_touched() {
        let odd = "\u{1b}[2J\u{202e}é\n\0👍🏽";
        assert_eq!(cut(odd, NAME), odd);
        assert_eq!(cut("", 0), "");
        assert_eq!(cut("éèê", 3), "éèê");
        assert_eq!(cut("éèêë", 3), "éèê…");
        assert_eq!(cut(&"x".repeat(60_000), NAME).chars().count(), NAME + 1);
    }
}
