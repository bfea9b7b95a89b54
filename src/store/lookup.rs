//! Reading what a search needs to know beforehand: which strands and senders its filters mean.

use super::{Reader, StoreError};
use crate::model::{SourceId, ThreadId, ThreadKind, Timestamp};

/// A strand with what a search may ask of its thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrandPlace {
    /// The strand's number.
    pub strand: i64,
    /// Its thread.
    pub thread: ThreadId,
    /// The thread's source.
    pub source: SourceId,
    /// The thread's kind.
    pub kind: ThreadKind,
    /// The thread's title, as it came.
    pub title: String,
    /// It is archived.
    pub archived: bool,
    /// It is pinned.
    pub pinned: bool,
}

/// Somebody who sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The participant's number.
    pub id: i64,
    /// Their strand.
    pub strand: i64,
    /// Their name, as it came.
    pub name: String,
    /// It is me.
    pub me: bool,
}

/// What of a source is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceExtent {
    /// The source.
    pub source: SourceId,
    /// Threads.
    pub threads: u64,
    /// Messages.
    pub messages: u64,
    /// The first one's time.
    pub first: Option<Timestamp>,
    /// The last one's.
    pub last: Option<Timestamp>,
}

impl Reader {
    /// Every strand with its place.
    pub fn strand_places(&self) -> Result<Vec<StrandPlace>, StoreError> {
        let mut q = self.db.prepare_cached(
            "SELECT s.id, t.id, t.source, t.kind, t.title, t.archived, t.pinned
             FROM strand s JOIN thread t ON t.id = s.thread_id",
        )?;
        let rows = q.query_map([], |r| {
            Ok(StrandPlace {
                strand: r.get(0)?,
                thread: ThreadId(r.get(1)?),
                source: SourceId::new(&r.get::<_, String>(2)?),
                kind: match r.get::<_, String>(3)?.as_str() {
                    "group" => ThreadKind::Group,
                    "channel" => ThreadKind::Channel,
                    _ => ThreadKind::Direct,
                },
                title: r.get(4)?,
                archived: r.get(5)?,
                pinned: r.get(6)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Everyone who sends anywhere.
    pub fn senders(&self) -> Result<Vec<Sender>, StoreError> {
        let mut q = self.db.prepare_cached("SELECT id, strand_id, name, is_me FROM participant")?;
        let rows = q.query_map([], |r| {
            Ok(Sender { id: r.get(0)?, strand: r.get(1)?, name: r.get(2)?, me: r.get(3)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Starred messages.
    pub fn starred(&self) -> Result<Vec<i64>, StoreError> {
        let mut q = self.db.prepare_cached("SELECT message_id FROM star")?;
        Ok(q.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?)
    }

    /// Unread messages: of every thread, as many of the newest that others wrote as it says.
    pub fn unread_messages(&self) -> Result<Vec<i64>, StoreError> {
        let mut threads = self
            .db
            .prepare_cached("SELECT id, unread FROM thread WHERE coalesce(unread, 0) > 0")?;
        let mut newest = self.db.prepare_cached(
            "SELECT m.id FROM message m LEFT JOIN participant p ON p.id = m.sender_id
             WHERE m.thread_id = ?1 AND m.shadow = 0 AND coalesce(p.is_me, 0) = 0
             ORDER BY m.sent_at DESC, m.ord DESC, m.id DESC LIMIT ?2",
        )?;
        let mut out = Vec::new();
        let mut rows = threads.query([])?;
        while let Some(r) = rows.next()? {
            let (thread, unread): (i64, i64) = (r.get(0)?, r.get(1)?);
            for id in newest.query_map([thread, unread], |r| r.get(0))? {
                out.push(id?);
            }
        }
        Ok(out)
    }

    /// Messages that another strand of their thread tells too.
    pub fn shadows(&self) -> Result<Vec<i64>, StoreError> {
        let mut q = self
            .db
            .prepare_cached("SELECT id FROM message INDEXED BY message_shadow WHERE shadow = 1")?;
        Ok(q.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?)
    }

    /// What is stored of each source, or of one thread's.
    pub fn extents(&self, thread: Option<ThreadId>) -> Result<Vec<SourceExtent>, StoreError> {
        let mut q = self.db.prepare_cached(
            "SELECT source, count(*), sum(messages), min(first_at), max(last_at) FROM thread
             WHERE messages > 0 AND (?1 IS NULL OR id = ?1) GROUP BY source ORDER BY 3 DESC",
        )?;
        let rows = q.query_map([thread.map(|t| t.0)], |r| {
            Ok(SourceExtent {
                source: SourceId::new(&r.get::<_, String>(0)?),
                threads: r.get::<_, i64>(1)?.unsigned_abs(),
                messages: r.get::<_, i64>(2)?.unsigned_abs(),
                first: r.get::<_, Option<i64>>(3)?.map(Timestamp),
                last: r.get::<_, Option<i64>>(4)?.map(Timestamp),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Pieces of exports that could not be read. An export that was imported again tells the same
    /// ones again: they are counted as often as the import that told them most often.
    pub fn oddities(&self) -> Result<u64, StoreError> {
        let n: i64 = self.db.query_row(
            "SELECT coalesce(sum(n), 0) FROM (SELECT max(n) AS n FROM (
               SELECT i.what, o.file, o.at, o.why, count(*) AS n
               FROM oddity o JOIN import i ON i.id = o.import_id
               GROUP BY o.import_id, o.file, o.at, o.why)
             GROUP BY what, file, at, why)",
            [],
            |r| r.get(0),
        )?;
        Ok(n.unsigned_abs())
    }
}
