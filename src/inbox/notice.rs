//! Something told to the person: what happened, why, what to do.

/// How grave a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Refused or incomplete; nothing is lost.
    Warning,
    /// Failed.
    Error,
}

/// A message to the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How grave.
    pub severity: Severity,
    /// What happened.
    pub what: String,
    /// Why; may be empty.
    pub why: String,
    /// What to do; may be empty.
    pub hint: String,
}

impl Notice {
    /// A notice.
    pub fn new(
        severity: Severity,
        what: impl Into<String>,
        why: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { severity, what: what.into(), why: why.into(), hint: hint.into() }
    }

    /// All of it in one line.
    pub fn line(&self) -> String {
        let mut line = String::new();
        for part in [&self.what, &self.why, &self.hint].into_iter().filter(|s| !s.is_empty()) {
            if !line.is_empty() {
                // What goes on in lower case is no sentence of its own.
                let goes_on = part.chars().next().is_some_and(char::is_lowercase);
                line.push_str(if goes_on { "; " } else { ". " });
            }
            line.push_str(part.trim_end_matches('.'));
        }
        line
    }
}
