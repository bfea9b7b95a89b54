//! How the options of a poll stand in a text: one a line, with its votes where they are told.

/// An option and its votes.
pub fn option(text: &str, votes: Option<i64>) -> String {
    match votes {
        Some(1) => format!("{text} (1 vote)"),
        Some(n) => format!("{text} ({n} votes)"),
        None => text.to_owned(),
    }
}
