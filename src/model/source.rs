//! A source is an app family (Messenger, WhatsApp, …), named by a short lower-case slug.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The slug of an app family: `messenger`, `instagram`, `whatsapp`, … Lower case, stable, stored.
///
/// Logic never compares it with a literal outside `sources/`: ask for a capability, a fact or the
/// catalog's description instead. Rules (data) name sources by this slug.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SourceId(Cow<'static, str>);

impl SourceId {
    /// A slug known when the program is built.
    pub const fn known(slug: &'static str) -> Self {
        Self(Cow::Borrowed(slug))
    }

    /// A slug that came from data; folded to lower case, trimmed.
    pub fn new(slug: &str) -> Self {
        Self(Cow::Owned(slug.trim().to_lowercase()))
    }

    /// The slug.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for SourceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}
