//! The only place that prints. Strangers' text is made safe here, in words and in JSON.

use std::io::{self, Write};

use serde::Serialize;

/// Prints a line.
pub fn line(text: &str) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{text}")
}

/// Prints an error or remark on stderr, in one line, whatever is in it.
pub fn complain(text: &str) {
    let clean = crate::text::Clean::body(&text.replace('\n', " "));
    // Nothing can be done if even stderr is gone.
    drop(writeln!(io::stderr().lock(), "onebox: {}", clean.as_str()));
}

/// Rewrites the status line on stderr; empty text takes it away.
pub fn status(text: &str) {
    // Nothing can be done if even stderr is gone.
    drop(write!(io::stderr().lock(), "\r\x1b[K{text}"));
}

/// Prints one JSON object on a line. Controls and direction overrides are escaped, so that a
/// listing in a terminal is as harmless as the screen; a reader of the JSON gets the text as it
/// came.
pub fn json(value: &impl Serialize) -> io::Result<()> {
    let plain = serde_json::to_string(value)?;
    let risky = |c: char| {
        matches!(c as u32, 0x7f..=0x9f | 0x200e | 0x200f | 0x202a..=0x202e | 0x2066..=0x206f
            | 0xfeff | 0xfff0..=0xfffb)
    };
    if !plain.contains(risky) {
        return line(&plain);
    }
    let mut safe = String::with_capacity(plain.len() + 16);
    for c in plain.chars() {
        if risky(c) {
            safe.push_str(&format!("\\u{:04x}", c as u32));
        } else {
            safe.push(c);
        }
    }
    line(&safe)
}

/// Makes strangers' text safe for one line of a listing.
pub fn clean(text: &str) -> String {
    crate::text::Clean::line(text).as_str().to_owned()
}

/// Makes strangers' text safe, keeping its line breaks.
pub fn clean_body(text: &str) -> String {
    crate::text::Clean::body(text).as_str().to_owned()
}

/// "1 thread", "2 threads".
pub fn counted(n: u64, what: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{n} {what}{s}")
}
