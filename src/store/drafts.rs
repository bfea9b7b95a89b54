//! What the person writes and says: drafts, marks, hand-offs.

use rusqlite::{Connection, OptionalExtension, params};

use super::row::More;
use super::{StoreError, Writer, people, settle, stitch};
use crate::model::{
    MessageId, PersonalMark, ReplyTo, SendState, Stitch, StrandId, ThreadId, ThreadRecord,
    Timestamp, Wish,
};
use crate::policy::Permit;

impl Writer {
    /// Keeps a draft; empty text forgets it. Durable when it returns: a draft survives a crash.
    pub fn save_draft(
        &mut self,
        thread: ThreadId,
        text: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if text.is_empty() {
            self.db
                .prepare_cached("DELETE FROM draft WHERE thread_id = ?1")?
                .execute([thread.0])?;
            return Ok(());
        }
        let kept = self
            .db
            .prepare_cached(
                "INSERT INTO draft(thread_id, text, saved_at) SELECT ?1, ?2, ?3
                   WHERE EXISTS(SELECT 1 FROM thread WHERE id = ?1)
                 ON CONFLICT(thread_id) DO UPDATE SET text = excluded.text, saved_at = excluded.saved_at",
            )?
            .execute(params![thread.0, text, now.0])?;
        if kept == 0 { Err(StoreError::NoThread(thread)) } else { Ok(()) }
    }

    /// Takes a text from one thread's composer to another's: put behind what is written there, and
    /// gone here, in one commit. Returns what is written there now.
    pub fn carry_draft(
        &mut self,
        from: ThreadId,
        to: ThreadId,
        text: &str,
        now: Timestamp,
    ) -> Result<String, StoreError> {
        let tx = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let there: Option<String> = tx
            .query_row("SELECT text FROM draft WHERE thread_id = ?1", [to.0], |r| r.get(0))
            .optional()?;
        let exists: bool =
            tx.query_row("SELECT EXISTS(SELECT 1 FROM thread WHERE id = ?1)", [to.0], |r| {
                r.get(0)
            })?;
        if !exists {
            return Err(StoreError::NoThread(to));
        }
        let joint = match there {
            Some(there) if from == to || text.is_empty() || there == text => there,
            Some(there) => format!("{there}\n{text}"),
            None => text.to_owned(),
        };
        if from != to {
            tx.execute("DELETE FROM draft WHERE thread_id = ?1", [from.0])?;
        }
        if !joint.is_empty() {
            tx.execute(
                "INSERT INTO draft(thread_id, text, saved_at) VALUES(?1, ?2, ?3)
                 ON CONFLICT(thread_id) DO UPDATE SET text = excluded.text, saved_at = excluded.saved_at",
                params![to.0, joint, now.0],
            )?;
        }
        tx.commit()?;
        Ok(joint)
    }

    /// Keeps which message the draft answers. It goes with the draft: where there is none, there is
    /// nothing to keep.
    pub fn save_reply(
        &mut self,
        thread: ThreadId,
        message: Option<MessageId>,
    ) -> Result<(), StoreError> {
        self.db
            .prepare_cached("UPDATE draft SET reply_to = ?2 WHERE thread_id = ?1")?
            .execute(params![thread.0, message.map(|m| m.0)])?;
        Ok(())
    }

    /// Changes what the person said of a thread.
    pub fn change_mark(
        &mut self,
        thread: ThreadId,
        change: impl FnOnce(&mut PersonalMark),
    ) -> Result<PersonalMark, StoreError> {
        let tx = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let exists: bool =
            tx.query_row("SELECT EXISTS(SELECT 1 FROM thread WHERE id = ?1)", [thread.0], |r| {
                r.get(0)
            })?;
        if !exists {
            return Err(StoreError::NoThread(thread));
        }
        let had: Option<String> = tx
            .query_row("SELECT mark FROM mark WHERE thread_id = ?1", [thread.0], |r| r.get(0))
            .optional()?;
        let mut mark: PersonalMark =
            had.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
        change(&mut mark);
        if mark == PersonalMark::default() {
            tx.execute("DELETE FROM mark WHERE thread_id = ?1", [thread.0])?;
        } else {
            tx.execute(
                "INSERT INTO mark(thread_id, mark) VALUES(?1, ?2)
                 ON CONFLICT(thread_id) DO UPDATE SET mark = excluded.mark",
                params![thread.0, serde_json::to_string(&mark)?],
            )?;
        }
        tx.commit()?;
        Ok(mark)
    }

    /// Records that a text was handed off to the app, and forgets the draft, in one commit. Needs
    /// a permit: whoever forgot to ask the policy cannot call this.
    pub fn hand_off(
        &mut self,
        permit: Permit,
        text: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.hand_off_reply(permit, text, None, now)
    }

    /// The same, of a text that answers a message.
    pub fn hand_off_reply(
        &mut self,
        permit: Permit,
        text: &str,
        reply_to: Option<ReplyTo>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        debug_assert!(matches!(permit.wish(), Wish::Send | Wish::Reply | Wish::StartThread));
        let thread = permit.thread();
        let tx = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let strand = own_strand(&tx, thread)?;
        let me: i64 = tx.query_row(
            "SELECT id FROM participant WHERE strand_id = ?1 AND told_me = 1",
            [strand.0],
            |r| r.get(0),
        )?;
        let more = More { send_state: Some(SendState::HandedOff), reply_to, ..More::default() };
        let count: i64 =
            tx.query_row("SELECT count(*) FROM message WHERE strand_id = ?1", [strand.0], |r| {
                r.get(0)
            })?;
        tx.execute(
            "INSERT INTO message(thread_id, strand_id, sent_at, ord, fp, sender_id, kind, flags, text, more)
             VALUES(?1,?2,?3,?4,?4,?5,0,0,?6,?7)",
            params![thread.0, strand.0, now.0, count, me, text, serde_json::to_string(&more)?],
        )?;
        tx.execute(
            "UPDATE strand SET messages = messages + 1, last_at = ?2,
               first_at = coalesce(first_at, ?2) WHERE id = ?1",
            params![strand.0, now.0],
        )?;
        tx.execute("DELETE FROM draft WHERE thread_id = ?1", [thread.0])?;
        settle::refresh(&tx, thread, now)?;
        people::stamp(&tx)?;
        tx.commit()?;
        Ok(())
    }
}

/// The strand of a thread that holds what was written from here.
fn own_strand(db: &Connection, thread: ThreadId) -> Result<StrandId, StoreError> {
    let known: Option<i64> = db
        .query_row(
            "SELECT id FROM strand WHERE thread_id = ?1 AND key LIKE ?2 || '%'",
            params![thread.0, stitch::OWN],
            |r| r.get(0),
        )
        .optional()?;
    if let Some(id) = known {
        return Ok(StrandId(id));
    }
    let anchor: Option<(String, i64, String)> = db
        .query_row(
            "SELECT key, account_id, told FROM strand WHERE thread_id = ?1 ORDER BY last_at DESC LIMIT 1",
            [thread.0],
            |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)),
        )
        .optional()?;
    let (anchor, account, told) = anchor.ok_or(StoreError::NoThread(thread))?;
    // It tells of the thread what its anchor tells: it will be the newest strand of all.
    let mut told: ThreadRecord = serde_json::from_str(&told)?;
    told.key = format!("{}{anchor}", stitch::OWN).into();
    told.origin = "onebox".to_owned();
    (told.stitch, told.less_exact) = (Stitch::Overlap, false);
    db.execute("INSERT OR IGNORE INTO origin(name) VALUES('onebox')", [])?;
    db.execute(
        "INSERT INTO strand(thread_id, account_id, key, origin_id, told)
         SELECT ?1, ?2, ?3, id, ?4 FROM origin WHERE name = 'onebox'",
        params![thread.0, account, &*told.key, serde_json::to_string(&told)?],
    )?;
    let id = db.last_insert_rowid();
    db.execute(
        "INSERT INTO participant(strand_id, key, name, told_me, is_me)
         SELECT ?1, 'me', name, 1, 1 FROM account WHERE id = ?2",
        params![id, account],
    )?;
    Ok(StrandId(id))
}
