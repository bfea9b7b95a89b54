//! What is known of a thread when the policy is asked. Gathered by the engine, judged by policy.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Evidence, FileRules, Limits, Shut, SourceId, ThreadId, Timestamp, Wish};

/// Direct, group or channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum ThreadKind {
    /// Two people, or one with themselves.
    #[default]
    Direct,
    /// Several people.
    Group,
    /// One writes, many read.
    Channel,
}

impl ThreadKind {
    /// The word on screen, in `--json` and in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Group => "group",
            Self::Channel => "channel",
        }
    }
}

/// Whether I am still in the thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Membership {
    /// The data does not say; taken as still there.
    #[default]
    Unknown,
    /// Still there.
    Member,
    /// Left, removed, or the other side is gone.
    Gone,
}

/// Who may post.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum PostingLimit {
    /// Everyone in the thread.
    #[default]
    Everyone,
    /// Administrators only, and I am none.
    AdminsOnly,
}

/// What the person said of the thread (`onebox mark`, or keys on screen).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PersonalMark {
    /// "This thread is read-only."
    pub read_only: bool,
    /// "This thread crosses to that app." Also set by accepting a suggestion.
    pub cross_app: Option<SourceId>,
    /// "This is not a cross-app thread": the suggestion is refused.
    pub not_cross_app: bool,
}

/// Everything that the policy may look at. Gathering is the engine's work; judging is policy's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The thread.
    pub thread: ThreadId,
    /// The thread's home source.
    pub home: SourceId,
    /// Direct, group or channel.
    pub kind: ThreadKind,
    /// The sources of everyone who *ever* wrote or was listed here, where it differs from home.
    pub foreign_sources: BTreeSet<SourceId>,
    /// A cross-app flag or notice in the data, and the other app where it is named.
    pub cross_app: Option<(Option<SourceId>, Evidence)>,
    /// The data says that the thread is read-only.
    pub flagged_read_only: Option<Evidence>,
    /// The data says that the thread will become read-only.
    pub flagged_will_close: Option<Evidence>,
    /// Whether I am still in.
    pub membership: Membership,
    /// Who may post.
    pub posting: PostingLimit,
    /// The other person's account is gone (a placeholder name in a direct thread).
    pub peer_gone: Option<Evidence>,
    /// The thread that took this one's place.
    pub replaced_by: Option<ThreadId>,
    /// The encrypted thread in which this one goes on.
    pub moved_to_encrypted: Option<ThreadId>,
    /// What a connected account can do here; `None`: known from an export only.
    pub live: Option<BTreeSet<Wish>>,
    /// What a live account says of files here.
    pub files: FileRules,
    /// The longest text that a live account says is taken here, in characters.
    pub longest: Option<u64>,
    /// What a live account says of answering, changing and reacting here.
    pub limits: Limits,
    /// Why a live account says that it cannot write here.
    pub shut: Option<Shut>,
    /// The thread that a live account names in its place, where onebox has it.
    pub shut_for: Option<ThreadId>,
    /// What the person said.
    pub mark: PersonalMark,
    /// `--read-only` is on.
    pub read_only_switch: bool,
    /// The guess that this was a cross-app thread, with its grounds, not yet accepted or refused.
    pub suggestion: Option<(SourceId, Evidence)>,
    /// When the last message was sent.
    pub last_activity: Option<Timestamp>,
    /// Where a hand-off can go: the other person's handle, or digits of a phone number.
    pub address: Option<String>,
    /// The source that the other person writes from, where it is not home (whose app's link a
    /// hand-off would need).
    pub peer_source: Option<SourceId>,
}

impl Facts {
    /// Facts of a thread of which only its home and kind are known.
    pub fn bare(thread: ThreadId, home: SourceId, kind: ThreadKind) -> Self {
        Self {
            thread,
            home,
            kind,
            foreign_sources: BTreeSet::new(),
            cross_app: None,
            flagged_read_only: None,
            flagged_will_close: None,
            membership: Membership::Unknown,
            posting: PostingLimit::Everyone,
            peer_gone: None,
            replaced_by: None,
            moved_to_encrypted: None,
            live: None,
            files: FileRules::new(),
            longest: None,
            limits: Limits::default(),
            shut: None,
            shut_for: None,
            mark: PersonalMark::default(),
            read_only_switch: false,
            suggestion: None,
            last_activity: None,
            address: None,
            peer_source: None,
        }
    }
}
