//! What only a live account tells: changes of messages, receipts, gaps. A change may come before
//! its message, which is then made as it is now when it comes.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::ingest::Import;
use super::row::{self, More, StoredReaction};
use super::{StoreError, Writer, fingerprint, seam, tell};
use crate::model::{
    AccountId, Change, Deletion, LiveId, MessageKind, MessageRecord, ReactionRecord, ReceiptRecord,
    RevisionRecord, SendState, StrandId, ThreadId, Timestamp,
};

/// Who tells.
pub struct Live {
    /// The live account.
    pub account: LiveId,
    /// Texts that their sender took back are kept, out of sight.
    pub keep_deleted: bool,
    /// A thread or somebody in one was told for the first time.
    pub newcomers: bool,
    /// Threads in which a message came that another door may have told too.
    pub overlapping: BTreeSet<(AccountId, ThreadId)>,
}

impl Live {
    fn new(account: LiveId, keep_deleted: bool) -> Self {
        Self { account, keep_deleted, newcomers: false, overlapping: BTreeSet::new() }
    }
}

/// A change, as it waits for its message.
#[derive(Serialize, Deserialize)]
enum Ahead {
    Text(String, Option<i64>),
    /// The same, and who changed it.
    TextBy(String, Option<i64>, String),
    Deleted(Deletion),
    /// Taken away by somebody: how, if it is not known whose it was.
    DeletedBy(Deletion, String),
    Sent(SendState, Option<String>),
    Reaction(StoredReaction, bool),
}

/// A message as far as a change needs it.
struct Held {
    id: i64,
    flags: i64,
    text: String,
    more: More,
    sender: Option<String>,
}

impl Writer {
    /// Begins a batch of a live account: everything until [`Import::finish_live`] is one commit.
    pub fn live_batch(
        &mut self,
        account: LiveId,
        keep_deleted: bool,
        now: Timestamp,
    ) -> Result<Import<'_>, StoreError> {
        let what = format!("live account {account}");
        let known: Option<i64> = self
            .db
            .prepare_cached("SELECT id FROM import WHERE what = ?1 ORDER BY id LIMIT 1")?
            .query_row([&what], |r| r.get(0))
            .optional()?;
        let id = match known {
            Some(id) => id,
            None => {
                self.db.execute(
                    "INSERT INTO import(started_at, finished_at, what) VALUES(?1, ?1, ?2)",
                    params![now.0, what],
                )?;
                self.db.last_insert_rowid()
            }
        };
        Import::begun(&self.db, id, now, Some(Live::new(account, keep_deleted)))
    }
}

impl Import<'_> {
    pub(super) fn newcomer(&mut self) {
        if let Some(live) = &mut self.live {
            live.newcomers = true;
        }
    }

    /// A new message has come: does another door reach as far?
    pub(super) fn meets(&mut self, i: usize, at: Timestamp) -> Result<(), StoreError> {
        let s = &self.strands[i];
        if s.messages == 1 {
            // Strands without a message are nobody's to join.
            self.newcomer();
            return Ok(());
        }
        let reach: Option<i64> = self
            .db
            .prepare_cached("SELECT max(last_at) FROM strand WHERE thread_id = ?1 AND id <> ?2")?
            .query_row(params![s.thread.0, s.id.0], |r| r.get(0))?;
        if reach.is_some_and(|last| at.0 <= last.saturating_add(seam::SENT_WITHIN)) {
            let place = (s.account, s.thread);
            if let Some(live) = &mut self.live {
                live.overlapping.insert(place);
            }
        }
        Ok(())
    }

    pub(super) fn revision(&mut self, r: RevisionRecord) -> Result<(), StoreError> {
        self.write_what_waits_of(&r.thread, &r.message)?;
        let ahead = match r.change {
            Change::Text(text) => match r.by {
                Some(by) => Ahead::TextBy(text, r.at.map(|t| t.0), by.to_string()),
                None => Ahead::Text(text, r.at.map(|t| t.0)),
            },
            Change::Deleted(how) => match r.by {
                Some(by) => Ahead::DeletedBy(how, by.to_string()),
                None => Ahead::Deleted(how),
            },
            Change::Sent(state, why) => Ahead::Sent(state, why),
        };
        self.change(&r.thread, &r.message, ahead)
    }

    pub(super) fn reaction(&mut self, r: ReactionRecord) -> Result<(), StoreError> {
        let stored = StoredReaction {
            emoji: r.reaction.emoji,
            by: r.reaction.by.to_string(),
            at: r.reaction.at.map(|t| t.0),
        };
        match self.waits(&r.thread, &r.message) {
            Some(row) if !r.removed => {
                row.more.react(stored, false);
                return Ok(());
            }
            Some(_) => self.write_waiting()?,
            None => {}
        }
        self.change(&r.thread, &r.message, Ahead::Reaction(stored, r.removed))
    }

    fn write_what_waits_of(&mut self, thread: &Arc<str>, message: &str) -> Result<(), StoreError> {
        match self.waits(thread, message) {
            Some(_) => self.write_waiting(),
            None => Ok(()),
        }
    }

    /// Receipts only ever move on.
    pub(super) fn receipt(&mut self, r: &ReceiptRecord) -> Result<(), StoreError> {
        self.write_what_waits_of(&r.thread, &r.message)?;
        let i = self.strand(&r.thread)?;
        let strand = self.strands[i].id;
        let fp = native(&r.message);
        let at: Option<i64> = self
            .db
            .prepare_cached("SELECT sent_at FROM message WHERE strand_id = ?1 AND fp = ?2")?
            .query_row(params![strand.0, fp], |r| r.get(0))
            .optional()?;
        let Some(at) = at.or(r.at.map(|t| t.0)) else { return Ok(()) };
        let moved = self
            .db
            .prepare_cached(
                "UPDATE participant SET read_to = ?3
                 WHERE strand_id = ?1 AND key = ?2 AND coalesce(read_to, -1) < ?3",
            )?
            .execute(params![strand.0, &*r.by, at])?;
        self.strands[i].dirty |= moved > 0;
        Ok(())
    }

    fn change(&mut self, thread: &Arc<str>, message: &str, ahead: Ahead) -> Result<(), StoreError> {
        let i = self.strand(thread)?;
        let strand = self.strands[i].id;
        let fp = native(message);
        let keep = self.live.as_ref().is_none_or(|l| l.keep_deleted);
        match held(self.db, strand, fp)? {
            Some(held) => {
                if matches!(ahead, Ahead::Sent(..)) {
                    self.reworded.is_sent(held.id);
                }
                self.strands[i].dirty |= apply(self.db, held, ahead, keep)?;
            }
            None => {
                self.ahead.insert(strand);
                self.db
                    .prepare_cached("INSERT INTO ahead(strand_id, fp, what) VALUES(?1, ?2, ?3)")?
                    .execute(params![strand.0, fp, serde_json::to_string(&ahead)?])?;
            }
        }
        Ok(())
    }

    /// A message has come for the first time: what was told of it before happens to it now.
    pub(super) fn catch_up(&mut self, i: usize, fp: i64) -> Result<(), StoreError> {
        let strand = self.strands[i].id;
        let waiting: Vec<String> = self
            .db
            .prepare_cached("SELECT what FROM ahead WHERE strand_id = ?1 AND fp = ?2 ORDER BY seq")?
            .query_map(params![strand.0, fp], |r| r.get(0))?
            .collect::<Result<_, _>>()?;
        if waiting.is_empty() {
            return Ok(());
        }
        let keep = self.live.as_ref().is_none_or(|l| l.keep_deleted);
        for what in waiting {
            if let Some(held) = held(self.db, strand, fp)? {
                apply(self.db, held, serde_json::from_str(&what)?, keep)?;
            }
        }
        self.db
            .prepare_cached("DELETE FROM ahead WHERE strand_id = ?1 AND fp = ?2")?
            .execute(params![strand.0, fp])?;
        Ok(())
    }

    /// The echo of what was sent from here becomes one with what stands in the outbox; a message
    /// that could not be read before is told again in clear. False: it is neither.
    pub(super) fn adopt(&mut self, i: usize, m: &MessageRecord) -> Result<bool, StoreError> {
        let Some(id) = &m.native_id else { return Ok(false) };
        let strand = self.strands[i].id;
        let fp = native(id);
        if let Some(key) = &m.client_key {
            let gone = super::outbox::arrived(self.db, key, id)?;
            self.strands[i].messages -= i64::from(gone);
        }
        let known: Option<(i64, i64, Option<String>, i64, i64)> = self
            .db
            .prepare_cached(
                "SELECT id, kind, more, flags, sent_at FROM message
                 WHERE strand_id = ?1 AND fp = ?2",
            )?
            .query_row(params![strand.0, fp], |r| {
                Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?))
            })
            .optional()?;
        let Some((row, kind, more, flags, written)) = known else { return Ok(false) };
        let sealed = row::kind_code(&MessageKind::Sealed);
        let unsealed = kind == sealed && m.kind != MessageKind::Sealed;
        let had: More = more.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
        if !unsealed && had.send_state.is_none() {
            return Ok(false);
        }
        // The service's word on when and in which order replaces our own clock's.
        let mut told = self.more(&mut m.clone())?;
        told.merge(had);
        let text = flags & (row::UNSENT | row::TAKEN_DOWN | row::EDITED) == 0;
        self.db
            .prepare_cached(
                "UPDATE message SET sent_at = ?2, ord = ?3, kind = ?4, more = ?6, flags = flags | ?7,
                   text = CASE WHEN ?8 THEN ?5 ELSE text END WHERE id = ?1",
            )?
            .execute(params![
                row,
                m.sent.at.0,
                m.order,
                row::kind_code(&m.kind),
                m.text,
                serde_json::to_string(&told)?,
                row::flags(m),
                text,
            ])?;
        tell::changed(self.db, row)?;
        if m.client_key.is_some() {
            self.keep_below(row, written, m.sent.at.0)?;
        }
        let s = &mut self.strands[i];
        s.last = s.last.max(Some(m.sent.at.0));
        s.first = Some(s.first.map_or(m.sent.at.0, |t| t.min(m.sent.at.0)));
        s.dirty = true;
        Ok(true)
    }

    /// What was written after a message of mine stays below it when that gets the service's time:
    /// until it has one of its own, it stands where our clock put it.
    fn keep_below(&self, row: i64, written: i64, sent: i64) -> Result<(), StoreError> {
        let mut moved = self.db.prepare_cached(
            "UPDATE message SET sent_at = ?4
             WHERE thread_id = (SELECT thread_id FROM message WHERE id = ?1) AND shadow = 0
               AND sent_at >= ?2 AND sent_at < ?4 AND ord >= ?3 AND id > ?1 RETURNING id",
        )?;
        let moved: Vec<i64> = moved
            .query_map(params![row, written, super::outbox::LAST, sent], |r| r.get(0))?
            .collect::<Result<_, _>>()?;
        moved.into_iter().try_for_each(|id| tell::changed(self.db, id))?;
        Ok(())
    }

    /// Messages are missing right before one (`None`: before the oldest that was told); `None` for
    /// the token: nothing is missing there any more.
    pub fn gap(
        &mut self,
        thread: &Arc<str>,
        before: Option<&str>,
        token: Option<&str>,
    ) -> Result<(), StoreError> {
        self.begin()?;
        let i = self.strand(thread)?;
        let strand = self.strands[i].id.0;
        let fp = before.map_or(0, native);
        match token {
            Some(token) => self
                .db
                .prepare_cached(
                    "INSERT OR REPLACE INTO gap(strand_id, fp, token) VALUES(?1,?2,?3)",
                )?
                .execute(params![strand, fp, token])?,
            None => self
                .db
                .prepare_cached("DELETE FROM gap WHERE strand_id = ?1 AND fp = ?2")?
                .execute(params![strand, fp])?,
        };
        self.strands[i].dirty = true;
        Ok(())
    }

    /// Where the connector can go on from, now that all before this is stored.
    pub fn place(&mut self, live: LiveId, place: &str) -> Result<(), StoreError> {
        self.begin()?;
        self.db
            .prepare_cached("INSERT OR REPLACE INTO meta(key, value) VALUES(?1, ?2)")?
            .execute(params![self::place(live), place])?;
        Ok(())
    }
}

/// Where the place of a live account is kept.
pub(super) fn place(live: LiveId) -> String {
    format!("place/{live}")
}

/// The fingerprint of a message with the source's own id.
pub(super) fn native(id: &str) -> i64 {
    fingerprint::nth(fingerprint::of_id(id), 0)
}

/// Strands of which changes wait for their messages.
pub(super) fn are_ahead(db: &Connection) -> Result<HashSet<StrandId>, StoreError> {
    let mut q = db.prepare_cached("SELECT DISTINCT strand_id FROM ahead")?;
    let rows = q.query_map([], |r| r.get(0).map(StrandId))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn held(db: &Connection, strand: StrandId, fp: i64) -> Result<Option<Held>, StoreError> {
    let found = db
        .prepare_cached(
            "SELECT m.id, m.flags, m.text, m.more, p.key FROM message m
             LEFT JOIN participant p ON p.id = m.sender_id WHERE m.strand_id = ?1 AND m.fp = ?2",
        )?
        .query_row(params![strand.0, fp], |r| {
            let more: Option<String> = r.get(3)?;
            let (id, flags, text) = (r.get(0)?, r.get(1)?, r.get(2)?);
            Ok((Held { id, flags, text, more: More::default(), sender: r.get(4)? }, more))
        })
        .optional()?;
    let Some((mut held, more)) = found else { return Ok(None) };
    held.more = more.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
    Ok(Some(held))
}

/// Makes a change. True if anything is another now.
fn apply(db: &Connection, mut m: Held, ahead: Ahead, keep: bool) -> Result<bool, StoreError> {
    let before = (m.flags, m.text.clone(), m.more.clone());
    let gone = m.flags & (row::UNSENT | row::TAKEN_DOWN) != 0;
    let ahead = match ahead {
        // What somebody else says of it is not heard.
        Ahead::TextBy(_, _, by) if m.sender.as_ref().is_some_and(|own| *own != by) => {
            return Ok(false);
        }
        Ahead::TextBy(text, at, _) => Ahead::Text(text, at),
        Ahead::DeletedBy(how, by) => Ahead::Deleted(match &m.sender {
            Some(own) if *own == by => Deletion::Unsent,
            Some(_) => Deletion::TakenDown,
            None => how,
        }),
        ahead => ahead,
    };
    match ahead {
        Ahead::Text(text, at) if !gone && at >= m.more.edited_at => {
            m.text = text;
            m.more.edited_at = at;
            m.flags |= row::EDITED;
        }
        Ahead::Text(..) | Ahead::TextBy(..) => {}
        Ahead::Deleted(how) | Ahead::DeletedBy(how, _) => {
            m.flags |= match how {
                Deletion::None => 0,
                Deletion::Unsent => row::UNSENT,
                Deletion::TakenDown => row::TAKEN_DOWN,
            };
            if !keep {
                m.text.clear();
                m.more.attachments.clear();
            }
        }
        // What a later step said holds against one that came late.
        Ahead::Sent(state, why) => {
            if !(m.more.send_state == Some(SendState::Read) && state == SendState::Delivered) {
                m.more.send_state = Some(state);
                m.more.send_why = why;
            }
        }
        Ahead::Reaction(r, removed) => m.more.react(r, removed),
    }
    if before == (m.flags, m.text.clone(), m.more.clone()) {
        return Ok(false);
    }
    db.prepare_cached("UPDATE message SET flags = ?2, text = ?3, more = ?4 WHERE id = ?1")?
        .execute(params![m.id, m.flags, m.text, serde_json::to_string(&m.more)?])?;
    tell::changed(db, m.id)?;
    Ok(true)
}

/// The strand of a thread that a live account tells, and whose account it is.
pub(super) fn strand_of(
    db: &Connection,
    thread: ThreadId,
) -> Result<Option<(StrandId, LiveId)>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT s.id, a.live_id FROM strand s JOIN account a ON a.id = s.account_id
             WHERE s.thread_id = ?1 AND a.live_id IS NOT NULL
               AND json_extract(s.told, '$.live') IS NOT NULL
             ORDER BY s.last_at DESC, s.id DESC LIMIT 1",
        )?
        .query_row([thread.0], |r| Ok((StrandId(r.get(0)?), LiveId(r.get(1)?))))
        .optional()?)
}
