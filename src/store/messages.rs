//! Reading messages: pages of a transcript, forwards and backwards, each one seek and a walk.

use std::sync::Arc;

use rusqlite::{OptionalExtension, Params, Row, params};

use super::row::{self, More, StoredAttachment, StoredReaction};
use super::{Reader, StoreError, live, stitch};
use crate::model::{
    Clock, Deletion, MessageId, MessageKind, Moment, ReplyTo, SendState, SourceId, StrandId,
    ThreadId, Timestamp, Wrapped,
};

/// A message as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredMessage {
    /// The message.
    pub id: MessageId,
    /// Its thread.
    pub thread: ThreadId,
    /// Its strand.
    pub strand: StrandId,
    /// When.
    pub sent: Moment,
    /// Ties within one instant.
    pub order: i64,
    /// The sender's key; `None`: the app itself.
    pub sender_key: Option<String>,
    /// The sender's name.
    pub sender: Option<String>,
    /// The sender's source, where known.
    pub sender_source: Option<SourceId>,
    /// It is mine.
    pub mine: bool,
    /// What it is.
    pub kind: MessageKind,
    /// The text as it came, even of deleted messages.
    pub text: String,
    /// Attachments.
    pub attachments: Vec<StoredAttachment>,
    /// Reactions.
    pub reactions: Vec<StoredReaction>,
    /// What it answers.
    pub reply_to: Option<ReplyTo>,
    /// It was edited; when, where known.
    pub edited: Option<Option<Timestamp>>,
    /// Taken away.
    pub deletion: Deletion,
    /// Forwarded.
    pub forwarded: bool,
    /// From whom, where known.
    pub forwarded_from: Option<String>,
    /// The source's own id.
    pub native_id: Option<String>,
    /// What became of it, if sent from here.
    pub send_state: Option<SendState>,
    /// Why it was not, in the service's words.
    pub send_why: Option<String>,
    /// The person starred it.
    pub starred: bool,
    /// The door it came through.
    pub origin: Arc<str>,
}

/// Where a page begins, exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageEnd {
    /// At the very end of the thread.
    Edge,
    /// Next to this message (time, order, id).
    Beside(Timestamp, i64, MessageId),
    /// At an instant: older pages end before it, newer pages begin with it.
    Instant(Timestamp),
}

/// Where older messages end.
fn upper(from: PageEnd) -> (i64, i64, i64) {
    match from {
        PageEnd::Edge => (i64::MAX, i64::MAX, i64::MAX),
        PageEnd::Beside(t, order, id) => (t.0, order, id.0),
        PageEnd::Instant(t) => (t.0, i64::MIN, i64::MIN),
    }
}

const COLUMNS: &str = "SELECT m.id, m.thread_id, m.strand_id, m.sent_at, m.ord, p.key, p.name,
  p.source, p.is_me, m.kind, m.flags, m.text, m.more, o.name,
  EXISTS(SELECT 1 FROM star r WHERE r.message_id = m.id) FROM message m
  JOIN strand s ON s.id = m.strand_id JOIN origin o ON o.id = s.origin_id
  LEFT JOIN participant p ON p.id = m.sender_id";

impl Reader {
    /// Messages before a place, **oldest first**; the last of them is the nearest.
    pub fn older(
        &self,
        thread: ThreadId,
        from: PageEnd,
        limit: usize,
    ) -> Result<Vec<StoredMessage>, StoreError> {
        let (at, order, id) = upper(from);
        let sql = format!(
            "{COLUMNS} WHERE m.thread_id = ?1 AND m.shadow = 0 AND (m.sent_at, m.ord, m.id) < (?2, ?3, ?4)
             ORDER BY m.sent_at DESC, m.ord DESC, m.id DESC LIMIT ?5"
        );
        let mut page = self.page(&sql, params![thread.0, at, order, id, limit as i64])?;
        page.reverse();
        Ok(page)
    }

    /// Messages after a place, oldest first.
    pub fn newer(
        &self,
        thread: ThreadId,
        from: PageEnd,
        limit: usize,
    ) -> Result<Vec<StoredMessage>, StoreError> {
        let (at, order, id) = match from {
            PageEnd::Edge => (i64::MIN, i64::MIN, i64::MIN),
            PageEnd::Beside(t, order, id) => (t.0, order, id.0),
            PageEnd::Instant(t) => (t.0, i64::MIN, i64::MIN),
        };
        let sql = format!(
            "{COLUMNS} WHERE m.thread_id = ?1 AND m.shadow = 0 AND (m.sent_at, m.ord, m.id) > (?2, ?3, ?4)
             ORDER BY m.sent_at, m.ord, m.id LIMIT ?5"
        );
        self.page(&sql, params![thread.0, at, order, id, limit as i64])
    }

    /// Every message of a strand, shadows too, oldest first: for export. Only their ids, since no
    /// index has this order and sorting whole messages needs room on disk.
    pub fn strand_order(&self, strand: StrandId) -> Result<Vec<MessageId>, StoreError> {
        let mut q = self.db.prepare_cached(
            "SELECT id FROM message WHERE strand_id = ?1 ORDER BY sent_at, ord, id",
        )?;
        Ok(q.query_map([strand.0], |r| r.get(0).map(MessageId))?.collect::<Result<_, _>>()?)
    }

    /// What was written from here into a thread, **newest first**.
    pub fn own(
        &self,
        thread: ThreadId,
        from: PageEnd,
        limit: usize,
    ) -> Result<Vec<StoredMessage>, StoreError> {
        let (at, order, id) = upper(from);
        let sql = format!(
            "{COLUMNS} WHERE m.strand_id IN
               (SELECT id FROM strand WHERE thread_id = ?1 AND key LIKE ?6 || '%')
               AND (m.sent_at, m.ord, m.id) < (?2, ?3, ?4)
             ORDER BY m.sent_at DESC, m.ord DESC, m.id DESC LIMIT ?5"
        );
        self.page(&sql, params![thread.0, at, order, id, limit as i64, stitch::OWN])
    }

    /// The message that a thread's draft answers.
    pub fn reply_of_draft(&self, thread: ThreadId) -> Result<Option<MessageId>, StoreError> {
        let kept: Option<Option<i64>> = self
            .db
            .prepare_cached("SELECT reply_to FROM draft WHERE thread_id = ?1")?
            .query_row([thread.0], |r| r.get(0))
            .optional()?;
        Ok(kept.flatten().map(MessageId))
    }

    /// One message.
    pub fn message(&self, id: MessageId) -> Result<Option<StoredMessage>, StoreError> {
        Ok(self.page(&format!("{COLUMNS} WHERE m.id = ?1"), params![id.0])?.pop())
    }

    /// The message of a strand that its source knows by this id.
    pub fn by_native_id(
        &self,
        strand: StrandId,
        id: &str,
    ) -> Result<Option<StoredMessage>, StoreError> {
        let sql = format!("{COLUMNS} WHERE m.strand_id = ?1 AND m.fp = ?2");
        let found = self.page(&sql, params![strand.0, live::native(id)])?.pop();
        Ok(found.filter(|m| m.native_id.as_deref() == Some(id)))
    }

    fn page(&self, sql: &str, params: impl Params) -> Result<Vec<StoredMessage>, StoreError> {
        let mut q = self.db.prepare_cached(sql)?;
        let mut rows = q.query(params)?;
        let mut out: Vec<StoredMessage> = Vec::new();
        while let Some(r) = rows.next()? {
            let last_origin = out.last().map(|m| m.origin.clone());
            out.push(stored(r, last_origin)?);
        }
        for m in &mut out {
            for a in &mut m.attachments {
                if let Some((path, Some(wrapped))) = a.path.as_deref().map(Wrapped::split) {
                    let path = path.to_owned();
                    (a.path, a.wrapped) = (Some(path), Some(wrapped));
                }
                if let Some(id) = a.container {
                    a.container_path = self.container(id)?;
                }
            }
        }
        Ok(out)
    }

    fn container(&self, id: i64) -> Result<Option<Arc<str>>, StoreError> {
        Ok(self
            .db
            .prepare_cached("SELECT path FROM container WHERE id = ?1")?
            .query_row([id], |r| r.get::<_, String>(0))
            .optional()?
            .map(Arc::from))
    }
}

fn stored(r: &Row<'_>, last_origin: Option<Arc<str>>) -> Result<StoredMessage, StoreError> {
    let more: Option<String> = r.get(12)?;
    let more: More = more.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
    let flags: i64 = r.get(10)?;
    let kind = row::kind_of(r.get(9)?, &more);
    let origin: String = r.get(13)?;
    Ok(StoredMessage {
        id: MessageId(r.get(0)?),
        thread: ThreadId(r.get(1)?),
        strand: StrandId(r.get(2)?),
        sent: Moment {
            at: Timestamp(r.get(3)?),
            clock: more.wall.map_or(Clock::Utc, Clock::WallMinute),
        },
        order: r.get(4)?,
        sender_key: r.get(5)?,
        sender: r.get(6)?,
        sender_source: r.get::<_, Option<String>>(7)?.map(|s| SourceId::new(&s)),
        mine: r.get::<_, Option<bool>>(8)?.unwrap_or(false),
        kind,
        text: r.get(11)?,
        attachments: more.attachments,
        reactions: more.reactions,
        reply_to: more.reply_to,
        edited: (flags & row::EDITED != 0).then_some(more.edited_at.map(Timestamp)),
        deletion: row::deletion_of(flags),
        forwarded: flags & row::FORWARDED != 0,
        forwarded_from: more.forwarded_from,
        native_id: more.native_id,
        send_state: more.send_state,
        send_why: more.send_why,
        starred: r.get(14)?,
        // Neighbours mostly share their door: one string serves the page.
        origin: match last_origin {
            Some(last) if *last == *origin => last,
            _ => origin.into(),
        },
    })
}
