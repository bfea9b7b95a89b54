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
        [&self.what, &self.why, &self.hint]
            .into_iter()
            .filter(|s| !s.is_empty())
            .map(|s| s.trim_end_matches('.'))
            .collect::<Vec<_>>()
            .join(". ")
    }
}
