//! How a message's details lie in its row: flags for what is asked often, one JSON column for the
//! rest, absent for the plain majority.

use serde::{Deserialize, Serialize};

use super::attached;
use crate::model::{
    AttachmentKind, Call, Deletion, MessageKind, MessageRecord, Notify, ReplyTo, SendState, Wrapped,
};

pub const EDITED: i64 = 1;
pub const UNSENT: i64 = 2;
pub const TAKEN_DOWN: i64 = 4;
pub const FORWARDED: i64 = 8;
/// It mentions me, as the service has it.
pub const MENTION: i64 = 16;
/// It calls nobody, as the service has it.
pub const QUIET: i64 = 32;
/// It calls me, as the service has it.
pub const CALL: i64 = 64;

/// An attachment as stored: like the record's, with the container by number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredAttachment {
    /// What it is.
    #[serde(rename = "k")]
    pub kind: AttachmentKind,
    /// Its name or title.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Path inside the export.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The container, if the file was there.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub(super) container: Option<i64>,
    /// Web address.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What a connector knows it by.
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
    /// Bytes, where known.
    #[serde(rename = "z", default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The zip or folder that holds it; filled in on reading.
    #[serde(skip)]
    pub container_path: Option<std::sync::Arc<str>>,
    /// What the file is wrapped in, where it does not lie there as it is; parted from the path on
    /// reading.
    #[serde(skip)]
    pub wrapped: Option<Wrapped>,
}

impl StoredAttachment {
    /// One of which nothing is here.
    pub fn bare(kind: AttachmentKind, name: Option<String>) -> Self {
        Self {
            kind,
            name,
            path: None,
            container: None,
            url: None,
            handle: None,
            size: None,
            container_path: None,
            wrapped: None,
        }
    }
}

/// A reaction as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredReaction {
    /// The emoji.
    #[serde(rename = "e")]
    pub emoji: String,
    /// The participant's key.
    #[serde(rename = "b")]
    pub by: String,
    /// Milliseconds, where known.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
}

/// The JSON column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct More {
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<StoredAttachment>,
    #[serde(rename = "r", default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<StoredReaction>,
    #[serde(rename = "q", default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<ReplyTo>,
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub call: Option<Call>,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<i64>,
    /// The wall clock's minute, where the time was written without a zone.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub wall: Option<i64>,
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub native_id: Option<String>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub send_state: Option<SendState>,
    /// The service's words on the send state.
    #[serde(rename = "y", default, skip_serializing_if = "Option::is_none")]
    pub send_why: Option<String>,
    /// From whom it was forwarded.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub forwarded_from: Option<String>,
}

impl More {
    /// Nothing worth a column.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Somebody reacts, or does no more.
    pub fn react(&mut self, r: StoredReaction, removed: bool) {
        self.reactions.retain(|had| (&had.emoji, &had.by) != (&r.emoji, &r.by));
        if !removed {
            self.reactions.push(r);
        }
    }

    /// Takes in what another telling of the same message knows. The result does not depend on
    /// which came first; nothing that either knows is lost.
    pub fn merge(&mut self, other: Self) {
        attached::merge(&mut self.attachments, other.attachments);
        for r in other.reactions {
            match self.reactions.iter_mut().find(|m| m.emoji == r.emoji && m.by == r.by) {
                Some(mine) => mine.at = mine.at.or(r.at),
                None => self.reactions.push(r),
            }
        }
        self.reply_to = self.reply_to.take().or(other.reply_to);
        self.call = self.call.or(other.call);
        self.edited_at = self.edited_at.max(other.edited_at);
        self.wall = self.wall.or(other.wall);
        self.native_id = self.native_id.take().or(other.native_id);
        self.send_state = self.send_state.or(other.send_state);
        self.send_why = self.send_why.take().or(other.send_why);
        self.forwarded_from = self.forwarded_from.take().or(other.forwarded_from);
    }
}

/// Which of the known reactions one of another telling's is given in place of: whoever gave it gave
/// one in each, and not the same.
pub fn replaced(
    known: &[StoredReaction],
    told: &[StoredReaction],
    one: &StoredReaction,
) -> Option<usize> {
    let only = |all: &[StoredReaction]| {
        let mut theirs = (0..all.len()).filter(|i| all[*i].by == one.by);
        theirs.next().filter(|_| theirs.next().is_none())
    };
    only(told).filter(|_| !one.by.is_empty())?;
    only(known).filter(|mine| known[*mine].emoji != one.emoji)
}

/// The kind column.
pub fn kind_code(kind: &MessageKind) -> i64 {
    match kind {
        MessageKind::Text => 0,
        MessageKind::System => kind::SYSTEM,
        MessageKind::Call(_) => kind::CALL,
        MessageKind::Poll => kind::POLL,
        MessageKind::Sealed => kind::SEALED,
    }
}

/// Codes of kinds other than text.
pub mod kind {
    pub const SYSTEM: i64 = 1;
    pub const CALL: i64 = 2;
    pub const POLL: i64 = 3;
    pub const SEALED: i64 = 4;
}

/// The kind of a row.
pub fn kind_of(code: i64, more: &More) -> MessageKind {
    match code {
        kind::SYSTEM => MessageKind::System,
        kind::CALL => MessageKind::Call(more.call.unwrap_or_default()),
        kind::POLL => MessageKind::Poll,
        kind::SEALED => MessageKind::Sealed,
        _ => MessageKind::Text,
    }
}

/// The flags column.
pub fn flags(m: &MessageRecord) -> i64 {
    let deletion = match m.deletion {
        Deletion::None => 0,
        Deletion::Unsent => UNSENT,
        Deletion::TakenDown => TAKEN_DOWN,
    };
    let notify = match m.notify {
        Some(Notify::Mention) => MENTION,
        Some(Notify::Quiet) => QUIET,
        Some(Notify::Call) => CALL,
        Some(Notify::Unknown) | None => 0,
    };
    let edited = if m.edited.is_some() { EDITED } else { 0 };
    let forwarded = if m.forwarded { FORWARDED } else { 0 };
    deletion | edited | forwarded | notify
}

/// Whether somebody says something with it. Calls, the app's own lines and deleted messages say
/// nothing.
pub fn is_word(kind: i64, flags: i64) -> bool {
    matches!(kind, 0 | 3) && flags & (UNSENT | TAKEN_DOWN) == 0
}

/// Whether it calls me, as flags tell. Told twice, the louder holds: it was sealed, and is open.
pub fn notify_of(flags: i64) -> Notify {
    if flags & MENTION != 0 {
        Notify::Mention
    } else if flags & CALL != 0 {
        Notify::Call
    } else if flags & QUIET != 0 {
        Notify::Quiet
    } else {
        Notify::Unknown
    }
}

/// The deletion that flags tell.
pub fn deletion_of(flags: i64) -> Deletion {
    if flags & TAKEN_DOWN != 0 {
        Deletion::TakenDown
    } else if flags & UNSENT != 0 {
        Deletion::Unsent
    } else {
        Deletion::None
    }
}
