//! A told message becomes a row, and rows wait to be written many in one statement: what a statement
//! costs by itself, and finding one's way to the ends of the indexes, is a third of the cost of a row.

use std::collections::HashSet;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Statement};

use super::row::{self, More, StoredAttachment, StoredReaction};
use super::strand::{Again, enrich};
use super::{Import, StoreError, fingerprint, live, redate};
use crate::model::{Clock, MediaPlace, MessageKind, MessageRecord, Timestamp};

/// Rows of one statement.
const TOGETHER: usize = 64;
/// Parameters of a row.
const COLUMNS: usize = 10;

/// A message on its way into the table.
pub struct Row {
    /// Its strand's place among those at hand, which holds as long as it waits.
    pub strand: usize,
    pub thread_id: i64,
    pub strand_id: i64,
    pub at: Timestamp,
    pub order: i64,
    pub fp: i64,
    pub id_is_shared: bool,
    pub sender: Option<i64>,
    pub kind: i64,
    pub flags: i64,
    pub text: String,
    pub formerly: Option<String>,
    pub more: More,
}

impl Row {
    fn bind(&self, q: &mut Statement<'_>, first: usize) -> Result<(), StoreError> {
        let more = (!self.more.is_empty()).then(|| serde_json::to_string(&self.more));
        q.raw_bind_parameter(first, self.thread_id)?;
        q.raw_bind_parameter(first + 1, self.strand_id)?;
        q.raw_bind_parameter(first + 2, self.at.0)?;
        q.raw_bind_parameter(first + 3, self.order)?;
        q.raw_bind_parameter(first + 4, self.fp)?;
        q.raw_bind_parameter(first + 5, self.sender)?;
        q.raw_bind_parameter(first + 6, self.kind)?;
        q.raw_bind_parameter(first + 7, self.flags)?;
        q.raw_bind_parameter(first + 8, &*self.text)?;
        q.raw_bind_parameter(first + 9, more.transpose()?)?;
        Ok(())
    }
}

/// What waits to be written, and how it is.
pub struct Rows<'w> {
    waiting: Vec<Row>,
    // At hand: even looking a statement up in the cache would show.
    one: Statement<'w>,
    /// Made when there are that many.
    many: Option<Statement<'w>>,
    /// Known messages came last: a second telling. Each is asked for by itself then.
    singly: bool,
    /// Fingerprints of text exports follow the clock.
    pub by_minute: bool,
}

impl<'w> Rows<'w> {
    pub fn of(db: &'w Connection) -> Result<Self, StoreError> {
        Ok(Self {
            waiting: Vec::new(),
            one: db.prepare(&insert(1))?,
            many: None,
            singly: false,
            by_minute: fingerprint::are_by_minute(db)?,
        })
    }

    /// As many rows as one statement takes: how many of them were new.
    fn insert_together(&mut self, db: &'w Connection, rows: &[Row]) -> Result<usize, StoreError> {
        let q = match &mut self.many {
            Some(q) => q,
            none => none.insert(db.prepare(&insert(TOGETHER))?),
        };
        for (n, row) in rows.iter().enumerate() {
            row.bind(q, 1 + n * COLUMNS)?;
        }
        Ok(q.raw_execute()?)
    }

    /// One row: whether it was new.
    pub fn insert_one(&mut self, row: &Row) -> Result<bool, StoreError> {
        row.bind(&mut self.one, 1)?;
        Ok(self.one.raw_execute()? > 0)
    }
}

fn insert(rows: usize) -> String {
    // What fails undoes the whole transaction: the statement needs no journal of its own.
    let values = vec!["(?,?,?,?,?,?,?,?,?,?)"; rows].join(",");
    format!(
        "INSERT OR FAIL INTO message(thread_id, strand_id, sent_at, ord, fp, sender_id, kind, flags, text, more)
         VALUES {values} ON CONFLICT(strand_id, fp) DO NOTHING"
    )
}

impl Import<'_> {
    pub(super) fn message(&mut self, mut m: MessageRecord) -> Result<(), StoreError> {
        let i = self.strand(&m.thread)?;
        if let Some(turn) = self.strands[i].turn {
            m.sent = redate::meant(m.sent, turn);
        }
        self.by_first_names(i, &mut m);
        let sender = match &m.sender {
            Some(key) => Some(self.sender(i, key, &m.thread)?),
            None => None,
        };
        if self.live.is_some() && self.adopt(i, &m)? {
            self.tally.messages_known += 1;
            return Ok(());
        }
        let base = fingerprint::base(&m);
        let flags = row::flags(&m);
        let more = self.more(&mut m)?;
        let s = &mut self.strands[i];
        s.telling_last = s.telling_last.max(Some(m.sent.at.0));
        let fp = if more.native_id.is_some() {
            fingerprint::nth(base, 0)
        } else {
            let fp = fingerprint::nth(base, self.ordinals.next(s.telling, base));
            if self.rows.by_minute { fingerprint::by_minute(fp, m.sent) } else { fp }
        };
        let ahead = self.ahead.contains(&s.id);
        self.rows.waiting.push(Row {
            strand: i,
            thread_id: s.thread.0,
            strand_id: s.id.0,
            at: m.sent.at,
            order: m.order,
            fp,
            id_is_shared: m.id_is_shared,
            sender,
            kind: row::kind_code(&m.kind),
            flags,
            text: m.text,
            formerly: m.formerly,
            more,
        });
        // Of a live account, and where changes were told ahead of their messages, each counts at once.
        let waits = self.live.is_none() && !ahead && !self.rows.singly;
        if waits && self.rows.waiting.len() < TOGETHER { Ok(()) } else { self.write_waiting() }
    }

    /// The row of a message, if it waits.
    pub(super) fn waits(&mut self, thread: &Arc<str>, message: &str) -> Option<&mut Row> {
        if self.rows.waiting.is_empty() {
            return None;
        }
        let strand = self.at_hand(self.account.as_ref()?.id, thread)?;
        let fp = live::native(message);
        // Most often one of the last.
        self.rows.waiting.iter_mut().rev().find(|row| row.fp == fp && row.strand == strand)
    }

    /// Writes what waits. Before anything is read that may be among it.
    pub(super) fn write_waiting(&mut self) -> Result<(), StoreError> {
        if self.rows.waiting.is_empty() {
            return Ok(());
        }
        let mut rows = std::mem::take(&mut self.rows.waiting);
        if rows.len() == TOGETHER {
            self.write_together(&mut rows)?;
        } else {
            for row in rows.drain(..) {
                let new = self.rows.insert_one(&row)?;
                self.rows.singly = !new;
                self.written(row, new)?;
            }
        }
        // Its memory serves the next ones.
        self.rows.waiting = rows;
        Ok(())
    }

    fn write_together(&mut self, rows: &mut Vec<Row>) -> Result<(), StoreError> {
        let before: i64 = self
            .db
            .prepare_cached("SELECT coalesce(max(id), 0) FROM message")?
            .query_row([], |r| r.get(0))?;
        let all = self.rows.insert_together(self.db, rows)? == rows.len();
        let mut first = HashSet::new();
        for row in rows.drain(..) {
            let new = all || {
                // Told twice among these, it is new once.
                let number: Option<i64> = self
                    .db
                    .prepare_cached("SELECT id FROM message WHERE strand_id = ?1 AND fp = ?2")?
                    .query_row([row.strand_id, row.fp], |r| r.get(0))
                    .optional()?;
                let Some(number) = number else {
                    // The first of the two was known under another name.
                    self.tally.messages_known += 1;
                    continue;
                };
                number > before && first.insert(number)
            };
            self.rows.singly = !new;
            self.written(row, new)?;
        }
        Ok(())
    }

    /// A row is in the table, now or since long.
    fn written(&mut self, row: Row, new: bool) -> Result<(), StoreError> {
        let (row, new) = if new { (row, true) } else { self.under_own_id(row)? };
        self.comes_to(&row)?;
        if new && self.was_known(&row)? {
            self.tally.messages_known += 1;
            return Ok(());
        }
        if new {
            return match self.hold(row)? {
                Some(row) => self.is_new(&row),
                None => Ok(()),
            };
        }
        self.tally.messages_known += 1;
        let s = &mut self.strands[row.strand];
        s.minute.meet(row.fp);
        self.seam(&row);
        let s = &mut self.strands[row.strand];
        let told = Again { flags: row.flags, kind: row.kind, text: &row.text };
        let changed = enrich(self.db, s.id, row.fp, told, row.more, &mut self.reworded)?;
        s.dirty |= changed;
        Ok(())
    }

    /// A message that was not known is in the table.
    pub(super) fn is_new(&mut self, row: &Row) -> Result<(), StoreError> {
        self.follows(row)?;
        let s = &mut self.strands[row.strand];
        self.tally.messages_added += 1;
        s.messages += 1;
        s.first = Some(s.first.map_or(row.at.0, |t| t.min(row.at.0)));
        s.last = s.last.max(Some(row.at.0));
        s.dirty = true;
        if self.live.is_some() || self.ahead.contains(&s.id) {
            self.catch_up(row.strand, row.fp)?;
        }
        if self.live.is_some() {
            self.meets(row.strand, row.at)?;
        }
        Ok(())
    }

    /// What does not fit the columns, taken out of the message.
    pub(super) fn more(&mut self, m: &mut MessageRecord) -> Result<More, StoreError> {
        let mut attachments = Vec::with_capacity(m.attachments.len());
        for a in std::mem::take(&mut m.attachments) {
            let mut stored = StoredAttachment::bare(a.kind, a.name);
            match a.place {
                MediaPlace::Export { path, container } => {
                    stored.container = container.map(|c| self.container(&c)).transpose()?;
                    stored.path = Some(path);
                }
                MediaPlace::Web { url } => stored.url = Some(url),
                MediaPlace::Live { handle, size } => {
                    stored.handle = Some(handle);
                    stored.size = size;
                }
                MediaPlace::Omitted => {}
            }
            attachments.push(stored);
        }
        let reactions = std::mem::take(&mut m.reactions).into_iter().map(|r| StoredReaction {
            emoji: r.emoji,
            by: r.by.to_string(),
            at: r.at.map(|t| t.0),
        });
        Ok(More {
            attachments,
            reactions: reactions.collect(),
            reply_to: m.reply_to.take(),
            call: match m.kind {
                MessageKind::Call(call) => Some(call),
                MessageKind::Text
                | MessageKind::System
                | MessageKind::Poll
                | MessageKind::Sealed => None,
            },
            edited_at: m.edited.flatten().map(|t| t.0),
            wall: match m.sent.clock {
                Clock::WallMinute(minute) => Some(minute),
                Clock::Utc => None,
            },
            native_id: m.native_id.take(),
            send_state: m.send_state,
            send_why: None,
            forwarded_from: m.forwarded_from.take(),
        })
    }

    fn container(&mut self, path: &Arc<str>) -> Result<i64, StoreError> {
        if let Some(id) = self.containers.get(path) {
            return Ok(*id);
        }
        self.db
            .prepare_cached("INSERT OR IGNORE INTO container(path) VALUES(?1)")?
            .execute([&**path])?;
        let id: i64 = self
            .db
            .prepare_cached("SELECT id FROM container WHERE path = ?1")?
            .query_row([&**path], |r| r.get(0))?;
        self.containers.insert(path.clone(), id);
        Ok(id)
    }
}
