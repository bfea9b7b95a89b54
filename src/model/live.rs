//! What only a live account tells of a thread: what can be done in it now, and why not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{AttachmentKind, Wish};

/// How a thread stands in a live account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LiveThread {
    /// What the account can do here now.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub can: BTreeSet<Wish>,
    /// Why it can do nothing, or not write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shut: Option<Shut>,
    /// A message request: writing accepts it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub request: bool,
    /// What it says of files, by their kind as an attachment writes it (`photo`, `file`); `other`
    /// is said of every kind that is not named. A kind of which nothing is said may be tried.
    #[serde(default, skip_serializing_if = "FileRules::is_empty")]
    pub files: FileRules,
    /// Longer texts do not go, in characters (Unicode scalar values).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest: Option<u64>,
    /// What it says of answering, changing and reacting.
    #[serde(default, skip_serializing_if = "Limits::is_none")]
    pub limits: Limits,
    /// What of it calls the person, as they have set it at the service.
    #[serde(default, skip_serializing_if = "NotifyOf::is_all")]
    pub notify: NotifyOf,
}

/// What a thread says of answering, changing and reacting, beyond whether it can be done at all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Limits {
    /// Of what is not in `can`: what the app behind has no way for, or what is not passed on to
    /// it, whoever one is.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub not_carried: BTreeSet<Wish>,
    /// A message can be edited for so long after it was sent, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edit_within: Option<u64>,
    /// A message can be taken back for so long after it was sent, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_within: Option<u64>,
    /// One can react with these emoji only; empty: nothing is said of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<String>,
}

impl Limits {
    /// Nothing is said.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// What of a thread calls the person, as they have set it at the service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum NotifyOf {
    /// Every message, or nothing is said of it.
    #[default]
    All,
    /// Only what mentions them.
    Mentions,
    /// Nothing: it is muted there.
    Nothing,
    /// Something that a later onebox knows.
    #[serde(other)]
    Unknown,
}

impl NotifyOf {
    /// Nothing has to be said of it.
    pub fn is_all(&self) -> bool {
        *self == Self::All
    }
}

/// Whether a message calls the person, by the rules that they have set at the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Notify {
    /// It calls nobody.
    Quiet,
    /// It calls.
    Call,
    /// It calls, for it mentions them: by name, or by a word that they have named.
    Mention,
    /// Something that a later onebox knows.
    #[serde(other)]
    Unknown,
}

/// What a thread says of files, by kind.
pub type FileRules = BTreeMap<String, FileRule>;

/// What a thread says of one kind of file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FileRule {
    /// It does not take them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
    /// Larger ones do not go, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub largest: Option<u64>,
    /// Words that go with one are lost.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wordless: bool,
    /// Longer words do not go with one, in characters (Unicode scalar values).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest: Option<u64>,
}

impl FileRule {
    /// What is said of a kind.
    pub fn of(rules: &FileRules, kind: AttachmentKind) -> Option<&Self> {
        rules.get(kind.word()).or_else(|| rules.get("other"))
    }
}

/// A closed door, as the service told it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Shut {
    /// Why.
    pub why: ShutWhy,
    /// What exactly the service said, in its words. May be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The key of the thread that took this one's place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement: Option<Arc<str>>,
}

/// Why a live thread cannot be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum ShutWhy {
    /// I was invited and have not accepted.
    Invited,
    /// I left.
    Left,
    /// I was removed.
    Removed,
    /// I was banned.
    Banned,
    /// The chat itself is gone: the bridge or the service deleted it.
    ChatDeleted,
    /// Another thread took its place.
    Replaced,
    /// The bridge that carried it has left: what is written reaches nobody.
    BridgeGone,
    /// The bridge is signed out of the app.
    BridgeSignedOut,
}
