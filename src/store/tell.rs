//! What the index is told of messages, and which of them it has not been told of.

use rusqlite::{Connection, OptionalExtension, params};

use super::index::{Entry, Tag, said};
use super::row::{self, More};
use super::{Reader, StoreError, Writer};
use crate::model::{AttachmentKind, StrandId};

const COLUMNS: &str =
    "SELECT id, strand_id, coalesce(sender_id, 0), sent_at, kind, flags, text, more FROM message";

/// Notes that a message is to be taken in anew, and that its strand is not what it was.
pub fn changed(db: &Connection, message: i64) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO reindex(message_id) VALUES(?1)")?.execute([message])?;
    db.prepare_cached(
        "INSERT INTO meta(key, value) SELECT 'changes/' || strand_id, '1' FROM message WHERE id = ?1
         ON CONFLICT(key) DO UPDATE SET value = CAST(value AS INTEGER) + 1",
    )?
    .execute([message])?;
    Ok(())
}

/// How often messages of a strand have changed.
pub fn changes(db: &Connection, strand: StrandId) -> Result<i64, StoreError> {
    let known = db
        .prepare_cached("SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'changes/' || ?1")?
        .query_row([strand.0], |r| r.get(0))
        .optional()?;
    Ok(known.unwrap_or_default())
}

/// Notes that a message that the index may know is gone. Its number may be given again.
pub fn gone(db: &Connection, message: i64) -> Result<(), StoreError> {
    changed(db, message)?;
    db.prepare_cached(
        "INSERT INTO meta(key, value) VALUES('gone', ?1) ON CONFLICT(key) DO UPDATE
           SET value = max(CAST(value AS INTEGER), CAST(excluded.value AS INTEGER))",
    )?
    .execute([message])?;
    Ok(())
}

/// Notes the messages of an import whose numbers others had before: above `last`, which was the
/// greatest one when it began.
pub fn given_again(db: &Connection, last: i64) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO reindex(message_id) SELECT id FROM message WHERE id > ?1 AND id <=
           (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'gone')",
    )?
    .execute([last])?;
    Ok(())
}

/// Messages after a number, in the order of their numbers.
pub fn entries(reader: &Reader, after: i64, limit: usize) -> Result<Vec<Entry>, StoreError> {
    let sql = format!("{COLUMNS} WHERE id > ?1 ORDER BY id LIMIT ?2");
    let mut q = reader.db.prepare_cached(&sql)?;
    let mut rows = q.query(params![after, i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let mut out = Vec::with_capacity(limit.min(4096));
    while let Some(r) = rows.next()? {
        out.push(told(r)?);
    }
    Ok(out)
}

/// Messages with numbers above one, up to another, in the order of their numbers.
pub fn between(reader: &Reader, after: i64, upto: i64) -> Result<Vec<Entry>, StoreError> {
    let sql = format!("{COLUMNS} WHERE id > ?1 AND id <= ?2 ORDER BY id");
    let mut q = reader.db.prepare_cached(&sql)?;
    let mut rows = q.query(params![after, upto])?;
    let mut out = Vec::new();
    while let Some(r) = rows.next()? {
        out.push(told(r)?);
    }
    Ok(out)
}

/// One message.
pub fn entry(reader: &Reader, id: i64) -> Result<Option<Entry>, StoreError> {
    let sql = format!("{COLUMNS} WHERE id = ?1");
    let mut q = reader.db.prepare_cached(&sql)?;
    let mut rows = q.query([id])?;
    rows.next()?.map(told).transpose()
}

fn told(r: &rusqlite::Row<'_>) -> Result<Entry, StoreError> {
    let more: More = match r.get_ref(7)?.as_str_or_null().map_err(rusqlite::Error::from)? {
        // Nearly all tell the clock's minute alone, and nothing that is looked for.
        Some(more) if !only_a_minute(more) => serde_json::from_str(more)?,
        _ => More::default(),
    };
    let flags: i64 = r.get(5)?;
    let text: String = r.get(6)?;
    let mut tags = tags(r.get(4)?, flags, &text, &more);
    let hidden = flags & (row::UNSENT | row::TAKEN_DOWN) != 0;
    let mut texts: Vec<String> = Vec::new();
    if hidden {
        // What was taken back is not found by what it said.
        tags = vec![Tag::Deleted];
    } else {
        texts.extend(more.attachments.into_iter().filter_map(|a| a.name));
        texts.push(text);
    }
    texts.retain(|t| !t.is_empty());
    Ok(Entry {
        id: r.get(0)?,
        strand: r.get(1)?,
        sender: r.get(2)?,
        at: r.get(3)?,
        said: texts.iter().map(|t| said(t)).collect(),
        tags,
    })
}

fn only_a_minute(more: &str) -> bool {
    let minute = more.strip_prefix("{\"w\":").and_then(|m| m.strip_suffix('}'));
    minute.is_some_and(|m| m.bytes().all(|b| b.is_ascii_digit()))
}

fn tags(kind: i64, flags: i64, text: &str, more: &More) -> Vec<Tag> {
    let mut tags = Vec::new();
    tags.extend(match kind {
        1 => Some(Tag::System),
        2 => Some(Tag::Call),
        3 => Some(Tag::Poll),
        _ => None,
    });
    if flags & row::EDITED != 0 {
        tags.push(Tag::Edited);
    }
    if flags & row::FORWARDED != 0 {
        tags.push(Tag::Forwarded);
    }
    if !more.reactions.is_empty() {
        tags.push(Tag::Reaction);
    }
    for a in &more.attachments {
        tags.push(match a.kind {
            AttachmentKind::Photo => Tag::Photo,
            AttachmentKind::Video | AttachmentKind::Gif => Tag::Video,
            AttachmentKind::Audio | AttachmentKind::Voice => Tag::Audio,
            AttachmentKind::Sticker => Tag::Sticker,
            AttachmentKind::File => Tag::File,
            AttachmentKind::Contact => Tag::Contact,
            AttachmentKind::Location => Tag::Location,
            AttachmentKind::Share => Tag::Link,
        });
    }
    if text.contains("http://") || text.contains("https://") || text.contains("www.") {
        tags.push(Tag::Link);
    }
    tags.sort_unstable();
    tags.dedup();
    tags
}

impl Reader {
    /// How many messages have a number above this one. Numbers have no gaps worth speaking of.
    pub fn messages_after(&self, id: i64) -> Result<u64, StoreError> {
        Ok(self.last_message_number()?.saturating_sub(id).max(0).unsigned_abs())
    }

    /// The number of the newest message in the order of arrival.
    pub fn last_message_number(&self) -> Result<i64, StoreError> {
        let mut q = self.db.prepare_cached("SELECT coalesce(max(id), 0) FROM message")?;
        Ok(q.query_row([], |r| r.get(0))?)
    }

    pub(super) fn has_changed_messages(&self) -> Result<bool, StoreError> {
        Ok(self.db.query_row("SELECT EXISTS(SELECT 1 FROM reindex)", [], |r| r.get(0))?)
    }

    /// Messages that changed after the index had taken them in, and the last entry of the list.
    pub(super) fn changed_messages(
        &self,
        limit: usize,
    ) -> Result<(Option<i64>, Vec<i64>), StoreError> {
        let mut q =
            self.db.prepare_cached("SELECT seq, message_id FROM reindex ORDER BY seq LIMIT ?1")?;
        let rows = q.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |r| {
            Ok((r.get::<_, i64>(0)?, r.get::<_, i64>(1)?))
        })?;
        let mut last = None;
        let mut ids = Vec::new();
        for row in rows {
            let (seq, id) = row?;
            last = Some(seq);
            ids.push(id);
        }
        Ok((last, ids))
    }

    /// Entries of the list of changed messages after one, with their numbers, in order.
    pub(super) fn changes_after(
        &self,
        seq: i64,
        limit: usize,
    ) -> Result<Vec<(i64, i64)>, StoreError> {
        let mut q = self.db.prepare_cached(
            "SELECT seq, message_id FROM reindex WHERE seq > ?1 ORDER BY seq LIMIT ?2",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = q.query_map([seq, limit], |r| Ok((r.get(0)?, r.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The first entry of that list; those before it were crossed off.
    pub(super) fn first_change(&self) -> Result<Option<i64>, StoreError> {
        let mut q = self.db.prepare_cached("SELECT min(seq) FROM reindex")?;
        Ok(q.query_row([], |r| r.get(0))?)
    }

    /// Grows whenever a message has changed, even if it was taken in since.
    pub(super) fn changes_so_far(&self) -> Result<i64, StoreError> {
        let mut q =
            self.db.prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'reindex'")?;
        Ok(q.query_row([], |r| r.get(0)).optional()?.unwrap_or(0))
    }

    /// What tells this store from every other.
    pub fn store_id(&self) -> Result<String, StoreError> {
        let id = self
            .db
            .query_row("SELECT value FROM meta WHERE key = 'store_id'", [], |r| r.get(0))
            .optional()?;
        Ok(id.unwrap_or_default())
    }
}

impl Writer {
    /// Crosses messages off the list of changed ones, up to an entry.
    pub(super) fn forget_changed(&mut self, last: i64) -> Result<(), StoreError> {
        self.db.execute("DELETE FROM reindex WHERE seq <= ?1", [last])?;
        Ok(())
    }
}
