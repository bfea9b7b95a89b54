//! Text whose lines were broken on the way, and are joined again (`format=flowed`, RFC 3676).

use mail_parser::{MessagePart, MimeHeaders};

/// How the lines of a part are broken: whether the blank at their end belongs to the break. `None`: they
/// stand as they were written.
pub fn is_flowed(part: &MessagePart<'_>) -> Option<bool> {
    let kind = part.content_type()?;
    let says = |name: &str, word: &str| {
        kind.attribute(name).is_some_and(|v| v.trim().eq_ignore_ascii_case(word))
    };
    says("format", "flowed").then(|| says("delsp", "yes"))
}

/// The text with its lines joined. A line that ends with a blank goes on in the next one, where both
/// are quoted as deep.
pub fn joined(text: &str, with_blank: bool) -> String {
    let mut out = String::with_capacity(text.len());
    // How deep the line before was quoted, if it goes on.
    let mut open: Option<usize> = None;
    for (n, line) in text.split('\n').enumerate() {
        let deep = line.bytes().take_while(|b| *b == b'>').count();
        let rest = line.get(deep..).unwrap_or_default();
        // A blank before a line keeps it from looking like a quote, or like the next mail's begin.
        let words = rest.strip_prefix(' ').unwrap_or(rest);
        let signature = words == "-- " || words == "--";
        let goes_on = !signature && words.ends_with(' ');
        let words = match words.strip_suffix(' ') {
            Some(bare) if goes_on && with_blank => bare,
            _ => words,
        };
        if open != Some(deep) || signature || words.is_empty() {
            if n > 0 {
                if open.is_some() {
                    out.truncate(out.trim_end_matches(' ').len());
                }
                out.push('\n');
            }
            out.extend(std::iter::repeat_n('>', deep));
            if deep > 0 && !words.is_empty() {
                out.push(' ');
            }
        }
        out.push_str(words);
        open = goes_on.then_some(deep);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_were_broken_are_one() {
        for (text, blank, want) in [
            ("one \ntwo\nthree", false, "one two\nthree"),
            ("Donau \ndampf \nschiff", true, "Donaudampfschiff"),
            (" From here\n >no quote", false, "From here\n>no quote"),
            ("> a \n> b\n>> c \nme \n> d", false, "> a b\n>> c\nme\n> d"),
            ("end \n\nnew", false, "end\n\nnew"),
            ("> a \n>\n> b", false, "> a\n>\n> b"),
            ("a\n-- \nAda \nLind", false, "a\n-- \nAda Lind"),
            ("a \n-- \nAda", false, "a\n-- \nAda"),
            (">\n> \nx", false, ">\n>\nx"),
            ("", false, ""),
            ("\n\na", false, "\n\na"),
        ] {
            assert_eq!(joined(text, blank), want, "{text:?}");
        }
    }
}
