//! What an interop rule, an app's name and a hand-off link are, as data.

use serde::Deserialize;

use crate::model::{Day, DayRange, Precision, SourceId, ThreadKind, Wish};

/// An app as people know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// Its slug.
    pub id: SourceId,
    /// `Messenger`.
    pub name: String,
    /// `MSG`, `IG`, `WA`.
    pub short: String,
    /// What an account there is called: `Facebook account`.
    pub account: String,
    /// The same in letters: `FB`.
    pub account_short: String,
}

impl App {
    /// An app that no file names: its slug in title case, and three letters of it.
    pub fn unknown(id: &SourceId) -> Self {
        let name = title_case(id.as_str());
        let short: String = id
            .as_str()
            .chars()
            .filter(|c| c.is_alphanumeric())
            .take(3)
            .flat_map(char::to_uppercase)
            .collect();
        Self {
            id: id.clone(),
            account: format!("{name} account"),
            account_short: short.clone(),
            short,
            name,
        }
    }

    /// The account's brand without the word "account": `Facebook`, `Instagram`.
    pub fn brand(&self) -> &str {
        self.account.strip_suffix(" account").unwrap_or(&self.name)
    }
}

fn title_case(slug: &str) -> String {
    slug.split(['-', '_', ' '])
        .filter(|w| !w.is_empty())
        .map(|word| {
            let mut chars = word.chars();
            chars.next().map_or_else(String::new, |first| {
                first.to_uppercase().chain(chars).collect::<String>()
            })
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// What a rule says happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleKind {
    /// A door between two apps opened.
    Opens,
    /// A door between two apps, or an app itself, closed.
    Closes,
    /// An app's data was deleted.
    Deletes,
    /// The first app became the second.
    Migrates,
    /// One way of using the app ended; the threads go on.
    ClientCloses,
    /// One address of the app leads elsewhere; the threads go on.
    Redirects,
    /// An ability was withdrawn from some threads.
    Withdrawn,
    /// Old messages were removed; the threads go on.
    HistoryCut,
    /// Something was never possible.
    Barred,
    /// A door was announced; nobody is known to have walked through it.
    Offered,
    /// Messages were lost between the apps; nothing was closed.
    Lossy,
    /// Single threads may be cut off on any day.
    Disconnects,
}

impl RuleKind {
    /// The word on screen and in `--json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Opens => "opens",
            Self::Closes => "closes",
            Self::Deletes => "deletes",
            Self::Migrates => "migrates",
            Self::ClientCloses => "client-closes",
            Self::Redirects => "redirects",
            Self::Withdrawn => "withdrawn",
            Self::HistoryCut => "history-cut",
            Self::Barred => "barred",
            Self::Offered => "offered",
            Self::Lossy => "lossy",
            Self::Disconnects => "disconnects",
        }
    }
}

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Threads of two people.
    Direct,
    /// Groups and channels.
    Group,
    /// Calls.
    Call,
    /// One way of using the app. Never closes a thread.
    Client,
}

impl Scope {
    /// The word on screen and in `--json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Group => "group",
            Self::Call => "call",
            Self::Client => "client",
        }
    }

    /// What kind of thread it is, to a rule.
    pub fn of_thread(kind: ThreadKind) -> Self {
        match kind {
            ThreadKind::Direct => Self::Direct,
            ThreadKind::Group | ThreadKind::Channel => Self::Group,
        }
    }

    /// What a wish in such a thread is about.
    pub fn of_wish(wish: Wish, kind: ThreadKind) -> Self {
        match wish {
            Wish::Call => Self::Call,
            Wish::Send
            | Wish::Reply
            | Wish::React
            | Wish::Edit
            | Wish::Delete
            | Wish::Attach
            | Wish::StartThread
            | Wish::MarkRead => Self::of_thread(kind),
        }
    }
}

/// What becomes of threads that exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Existing {
    /// Nothing.
    #[default]
    Unchanged,
    /// They can be read, not written.
    ReadOnly,
    /// They go on elsewhere.
    Moved,
    /// Some of them, or of their messages, are lost.
    Lossy,
    /// They are no longer there.
    Gone,
}

/// Whether new threads can be begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NewThreads {
    /// As before.
    #[default]
    Unchanged,
    /// Yes.
    Allowed,
    /// No.
    Refused,
}

/// How well a rule is documented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleSureness {
    /// The vendor's own page, or two sources that agree.
    High,
    /// One good source.
    Medium,
    /// Inferred.
    Low,
}

impl RuleSureness {
    /// The word on screen and in `--json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// A door between apps that opened or closed, or an app that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Names it.
    pub id: String,
    /// The app, or the two apps between which the door stands.
    pub apps: Vec<SourceId>,
    /// What happened.
    pub kind: RuleKind,
    /// When; `None`: no date is known.
    pub when: Option<DayRange>,
    /// Where it holds, in words.
    pub region: String,
    /// What it is about.
    pub scope: Vec<Scope>,
    /// What becomes of threads that exist.
    pub existing: Existing,
    /// Whether new threads can be begun.
    pub new: NewThreads,
    /// The way on, one sentence; `{other}` stands for the other app. May be empty.
    pub handoff: String,
    /// From when on it is warned of.
    pub announced: Option<DayRange>,
    /// The rule that revised this one, which is then not applied.
    pub superseded_by: Option<String>,
    /// Where it is from.
    pub sources: Vec<String>,
    /// How well it is documented.
    pub sure: RuleSureness,
    /// What it means, one or two sentences.
    pub text: String,
    /// It is from the person's own file.
    pub yours: bool,
}

impl Rule {
    /// Whether it has come into force by that day. A closure that is under way has not.
    pub fn in_force(&self, as_of: Day) -> bool {
        self.when.is_some_and(|when| match self.kind {
            RuleKind::Opens | RuleKind::Offered | RuleKind::Barred | RuleKind::Lossy => {
                as_of >= when.from
            }
            RuleKind::Closes
            | RuleKind::Deletes
            | RuleKind::Migrates
            | RuleKind::ClientCloses
            | RuleKind::Redirects
            | RuleKind::Withdrawn
            | RuleKind::HistoryCut
            | RuleKind::Disconnects => is_past(&when, as_of),
        })
    }
}

/// Whether a closure is over and done. A day that is known counts from its morning on; of a
/// stretch, only what lies after its last day is certain.
pub(super) fn is_past(when: &DayRange, as_of: Day) -> bool {
    if when.precision == Precision::Day && when.from == when.to {
        as_of >= when.from
    } else {
        as_of > when.to
    }
}

/// What a hand-off link must be told of the other person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Needs {
    /// A handle: letters, digits, dots, dashes, underscores.
    Handle,
    /// A phone number with its country, in digits.
    Phone,
    /// `name@host`.
    Email,
    /// `@name:server`.
    MatrixId,
}

/// How a conversation is opened in the app itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRule {
    /// The app.
    pub app: SourceId,
    /// The URL, with `{address}` for the other person.
    pub url: String,
    /// What the address must be.
    pub needs: Needs,
    /// The query key that carries the text, where the app takes one.
    pub prefill: Option<String>,
}
