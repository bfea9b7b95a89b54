//! A source is an app family (Messenger, WhatsApp, …), named by a short lower-case slug.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The slug of an app family: `messenger`, `instagram`, `whatsapp`, … Lower case, stable, stored.
///
/// Logic never compares it with a literal outside `sources/`: ask for a capability, a fact or the
/// catalog's description instead. Rules (data) name sources by this slug.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct SourceId(Cow<'static, str>);

/// No app's slug is longer.
const LONGEST: usize = 64;

impl From<String> for SourceId {
    fn from(slug: String) -> Self {
        Self::new(&slug)
    }
}

impl From<SourceId> for String {
    fn from(source: SourceId) -> Self {
        source.0.into_owned()
    }
}

impl SourceId {
    /// A slug known when the program is built.
    pub const fn known(slug: &'static str) -> Self {
        Self(Cow::Borrowed(slug))
    }

    /// A slug that came from data; folded to lower case, trimmed. It is shown as an app's name where
    /// no rule knows the app, so that nothing but letters, digits and `-_.` stays in it.
    pub fn new(slug: &str) -> Self {
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        let slug = slug.trim().to_lowercase();
        Self(slug.chars().take(LONGEST).map(|c| if plain(c) { c } else { '-' }).collect())
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
