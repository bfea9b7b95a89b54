//! The lines of the interchange format that change what was told before.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::time;
use super::wire::{is_default, said};
use crate::model::{
    Change, Deletion, Reaction, ReactionRecord, ReceiptRecord, RevisionRecord, SendState, Timestamp,
};

/// A message that was told before is another now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Revision {
    thread: Arc<str>,
    /// The id of the message.
    message: String,
    /// Its new text.
    #[serde(default, skip_serializing_if = "is_default")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    deleted: Option<Deletion>,
    #[serde(default, skip_serializing_if = "is_default")]
    send_state: Option<SendState>,
    /// The service's own words on the send state.
    #[serde(default, skip_serializing_if = "is_default")]
    why: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    at: Option<String>,
    /// Who changed it: the participant's key. Of a message of somebody else a new text is not taken;
    /// one that its sender took away was unsent, one that another did was taken down.
    #[serde(default, skip_serializing_if = "is_default")]
    by: Option<Arc<str>>,
}

/// A reaction comes or goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ReactionLine {
    thread: Arc<str>,
    /// The id of the message.
    message: String,
    emoji: String,
    by: Arc<str>,
    #[serde(default, skip_serializing_if = "is_default")]
    at: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    removed: Option<bool>,
}

/// Somebody has read as far as a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Receipt {
    thread: Arc<str>,
    by: Arc<str>,
    /// The id of the message.
    message: String,
    #[serde(default, skip_serializing_if = "is_default")]
    at: Option<String>,
}

impl From<&RevisionRecord> for Revision {
    fn from(r: &RevisionRecord) -> Self {
        let (mut text, mut deleted, mut send_state, mut why) = (None, None, None, None);
        match &r.change {
            Change::Text(new) => text = Some(new.clone()),
            Change::Deleted(how) => deleted = Some(*how),
            Change::Sent(state, words) => {
                send_state = Some(*state);
                why.clone_from(words);
            }
        }
        Self {
            thread: Arc::clone(&r.thread),
            message: r.message.clone(),
            text,
            deleted,
            send_state,
            why,
            at: r.at.map(time::instant_text),
            by: r.by.clone(),
        }
    }
}

impl From<&ReactionRecord> for ReactionLine {
    fn from(r: &ReactionRecord) -> Self {
        Self {
            thread: Arc::clone(&r.thread),
            message: r.message.clone(),
            emoji: r.reaction.emoji.clone(),
            by: Arc::clone(&r.reaction.by),
            at: r.reaction.at.map(time::instant_text),
            removed: said(r.removed),
        }
    }
}

impl From<&ReceiptRecord> for Receipt {
    fn from(r: &ReceiptRecord) -> Self {
        Self {
            thread: Arc::clone(&r.thread),
            by: Arc::clone(&r.by),
            message: r.message.clone(),
            at: r.at.map(time::instant_text),
        }
    }
}

fn instant(text: Option<String>) -> Result<Option<Timestamp>, &'static str> {
    text.map(|t| time::instant(&t).ok_or("at is no RFC 3339 time")).transpose()
}

impl Revision {
    /// The record.
    pub(super) fn into_record(self) -> Result<RevisionRecord, &'static str> {
        let change = match (self.deleted, self.send_state, self.text) {
            (Some(how), _, _) => Change::Deleted(how),
            (None, Some(state), _) => Change::Sent(state, self.why),
            (None, None, Some(text)) => Change::Text(text),
            (None, None, None) => return Err("a revision that changes nothing"),
        };
        Ok(RevisionRecord {
            thread: self.thread,
            message: self.message,
            change,
            at: instant(self.at)?,
            by: self.by,
        })
    }
}

impl ReactionLine {
    /// The record.
    pub(super) fn into_record(self) -> Result<ReactionRecord, &'static str> {
        Ok(ReactionRecord {
            thread: self.thread,
            message: self.message,
            reaction: Reaction { emoji: self.emoji, by: self.by, at: instant(self.at)? },
            removed: self.removed.unwrap_or_default(),
        })
    }
}

impl Receipt {
    /// The record.
    pub(super) fn into_record(self) -> Result<ReceiptRecord, &'static str> {
        Ok(ReceiptRecord {
            thread: self.thread,
            by: self.by,
            message: self.message,
            at: instant(self.at)?,
        })
    }
}
