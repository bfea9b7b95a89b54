//! What a decision is made of: verdict, ladder, warnings, and the permit that only it gives.

use crate::model::{AppLink, Evidence, SourceId, ThreadId, Verdict, Warning, Wish};

/// A floor of the ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Floor {
    /// Facts.
    Cannot,
    /// Interop rules.
    MustNot,
    /// The person's own switch and marks.
    WillNot,
    /// What is left.
    Allow,
}

impl Floor {
    /// The word on screen and in `--json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cannot => "cannot",
            Self::MustNot => "must not",
            Self::WillNot => "will not",
            Self::Allow => "allow",
        }
    }
}

/// One question that was asked, and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rung {
    /// The floor.
    pub floor: Floor,
    /// What was asked.
    pub question: String,
    /// What was found. May hold text from an export: clean it where it is shown.
    pub answer: String,
    /// This rung decided.
    pub decides: bool,
}

/// A guess that the thread is a cross-app one. Never closes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What accepting would mark.
    pub other: SourceId,
    /// "This was probably an Instagram ↔ Facebook chat."
    pub text: String,
    /// Its grounds.
    pub evidence: Evidence,
}

/// Leave to do one thing in one thread. Only [`super::decide`] leads to one; it is used once.
///
/// It cannot be made by hand:
/// ```compile_fail,E0451
/// use onebox::{model::{ThreadId, Wish}, policy::Permit};
/// let forged = Permit { thread: ThreadId(1), wish: Wish::Send };
/// ```
/// nor doubled:
/// ```compile_fail,E0599
/// fn twice(permit: onebox::policy::Permit) -> (onebox::policy::Permit, onebox::policy::Permit) {
///     (permit.clone(), permit)
/// }
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Permit {
    thread: ThreadId,
    wish: Wish,
}

impl Permit {
    /// Where.
    pub fn thread(&self) -> ThreadId {
        self.thread
    }

    /// What.
    pub fn wish(&self) -> Wish {
        self.wish
    }
}

/// What may be done, and how that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub(super) thread: ThreadId,
    pub(super) wish: Wish,
    /// What the permit hangs on: unlike the verdict, nobody else can write it.
    pub(super) granted: bool,
    /// Live, hand-off or denied.
    pub verdict: Verdict,
    /// Closures that are coming or under way.
    pub warnings: Vec<Warning>,
    /// A guess that waits for an answer.
    pub suggestion: Option<Suggestion>,
    /// Every question that was asked, in order.
    pub ladder: Vec<Rung>,
    /// Where a cross-app thread has ended: the link to the same person in their own app.
    pub way_on: Option<AppLink>,
}

impl Decision {
    /// The permit, unless the wish was denied.
    pub fn permit(&self) -> Option<Permit> {
        self.granted.then_some(Permit { thread: self.thread, wish: self.wish })
    }
}
