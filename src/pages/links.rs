//! Web addresses in messages: only plain http and https, only where they say where they lead.

/// A stretch of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Words.
    Text(&'a str),
    /// An address.
    Link(&'a str),
}

/// Splits a text into words and addresses. All parts together are the text.
pub fn parts(text: &str) -> Vec<Part<'_>> {
    let mut out = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(found) = next(text, at) {
        let end = found + length(&text[found..]);
        if is_web(&text[found..end]) {
            if from < found {
                out.push(Part::Text(&text[from..found]));
            }
            out.push(Part::Link(&text[found..end]));
            from = end;
        }
        at = end.max(found + 4);
    }
    if from < text.len() {
        out.push(Part::Text(&text[from..]));
    }
    out
}

/// A whole string that is a web address which leads where it seems to.
pub fn is_web(address: &str) -> bool {
    let lower = address.get(..8.min(address.len())).unwrap_or("").to_ascii_lowercase();
    let rest = if lower.starts_with("https://") {
        &address[8..]
    } else if lower.starts_with("http://") {
        &address[7..]
    } else {
        return false;
    };
    let host = rest.split(['/', '?', '#', '\\']).next().unwrap_or("");
    // "https://bank.example@evil.example" leads elsewhere than it seems to.
    host.chars().next().is_some_and(|c| c.is_alphanumeric() || c == '[')
        && !host.contains('@')
        && !address.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"`\\".contains(c))
}

fn next(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    (from..bytes.len().saturating_sub(7)).find(|&i| {
        bytes[i..i + 4].eq_ignore_ascii_case(b"http")
            && (bytes[i + 4..].starts_with(b"://")
                || bytes[i + 4].eq_ignore_ascii_case(&b's') && bytes[i + 5..].starts_with(b"://"))
            && (i == 0 || !bytes[i - 1].is_ascii_alphanumeric())
    })
}

/// How far an address reaches: punctuation at its end belongs to the sentence, and so does a
/// bracket that it did not open.
fn length(text: &str) -> usize {
    let stop = |c: char| c.is_whitespace() || c.is_control() || "<>\"`\\".contains(c);
    let mut link = &text[..text.find(stop).unwrap_or(text.len())];
    // Counted once: a flood of brackets is as long as its writer likes.
    let mut unopened = [('(', ')'), ('[', ']'), ('{', '}')]
        .map(|(a, b)| (b, link.matches(b).count().saturating_sub(link.matches(a).count())));
    loop {
        let Some(last) = link.chars().next_back() else { return 0 };
        let drop = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_' | '~' | '…' | '»' | '”' => {
                true
            }
            _ => match unopened.iter_mut().find(|(bracket, n)| *bracket == last && *n > 0) {
                Some((_, n)) => {
                    *n -= 1;
                    true
                }
                None => false,
            },
        };
        if !drop {
            return link.len();
        }
        link = &link[..link.len() - last.len_utf8()];
    }
}
