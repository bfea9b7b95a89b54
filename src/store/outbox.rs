//! What waits to be sent. A message of mine stands in the transcript from the moment it is
//! written; the outbox says what has become of it. Nothing leaves it but by an outcome, and nothing
//! is sent twice without the person's word.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use serde::{Deserialize, Serialize};

use super::row::{More, StoredAttachment};
use super::{Reader, StoreError, Writer, live, people, settle, tell};
use crate::model::{
    AttachmentKind, LiveId, MessageId, ReplyTo, SendState, StrandId, ThreadId, Timestamp, Wish,
};
use crate::policy::Permit;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Work {
    /// Send what stands in the transcript.
    Send,
    /// Send it with a file: where that lies, the name that others see, what it is.
    SendFile(PathBuf, String, AttachmentKind),
    /// Change a message: its id and the new text.
    Edit(String, String),
    /// Take a message back.
    Delete(String),
    /// React, or take it back: the message's id, the emoji, on or off.
    React(String, String, bool),
    /// Accept an invitation.
    Accept,
}

/// Something in the outbox.
#[derive(Clone, Debug, PartialEq)]
pub struct OutboxItem {
    /// The idempotency key.
    pub key: String,
    /// The thread.
    pub thread: ThreadId,
    /// The thread's key with its service.
    pub thread_key: String,
    /// The message in the transcript, if it is one.
    pub message: Option<MessageId>,
    /// Its text.
    pub text: String,
    /// What it answers.
    pub reply_to: Option<ReplyTo>,
    /// What is to be done.
    pub work: Work,
    /// How often it was tried.
    pub attempt: u32,
}

/// The order of what was written here, until the service has given it one: after all that came at
/// the same instant, in the order of writing.
pub(super) const LAST: i64 = i64::MAX / 2;

/// How a try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The service has it, under this id.
    Done(Option<String>),
    /// Later, not before that instant.
    Retry(Timestamp),
    /// It will not go, and why.
    Failed(String),
    /// Nobody knows.
    Unconfirmed,
}

/// A file on its way into the outbox.
#[derive(Debug)]
pub struct OutgoingFile {
    /// Of the wish to attach.
    pub permit: Permit,
    /// The idempotency key.
    pub key: String,
    /// The caption.
    pub text: String,
    /// What it answers.
    pub reply_to: Option<ReplyTo>,
    /// The whole path.
    pub path: PathBuf,
    /// What it is.
    pub kind: AttachmentKind,
    /// Bytes.
    pub size: u64,
}

impl Writer {
    /// Puts a message into the outbox and the transcript and forgets the draft, in one commit that
    /// is on disk when it returns. Needs a permit.
    pub fn enqueue(
        &mut self,
        permit: Permit,
        key: &str,
        text: &str,
        reply_to: Option<ReplyTo>,
        now: Timestamp,
    ) -> Result<MessageId, StoreError> {
        debug_assert!(matches!(permit.wish(), Wish::Send | Wish::Reply));
        let more = More { send_state: Some(SendState::Queued), reply_to, ..More::default() };
        let thread = permit.thread();
        self.durably(|tx| enqueue_in(tx, thread, key, text, (more, Work::Send), now))
    }

    /// The same with files, a message each, of which the texts are the captions: all in one
    /// commit, so that none goes if one cannot be put there.
    pub fn enqueue_files(
        &mut self,
        files: Vec<OutgoingFile>,
        now: Timestamp,
    ) -> Result<Vec<MessageId>, StoreError> {
        self.durably(|tx| files.into_iter().map(|file| enqueue_file_in(tx, file, now)).collect())
    }

    fn durably<T>(
        &mut self,
        write: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.db.pragma_update(None, "synchronous", "FULL")?;
        let done = self.in_one(write);
        self.db.pragma_update(None, "synchronous", "NORMAL")?;
        done
    }

    fn in_one<T>(
        &mut self,
        write: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = write(&tx)?;
        tx.commit()?;
        Ok(done)
    }

    /// Puts other work into the outbox. Needs a permit.
    pub fn enqueue_work(
        &mut self,
        permit: &Permit,
        key: &str,
        work: &Work,
    ) -> Result<(), StoreError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (strand, account) = strand(&tx, permit.thread())?;
        tx.execute(
            "INSERT INTO outbox(key, live_id, strand_id, work, state)
             VALUES(?1, ?2, ?3, ?4, 'queued')",
            params![key, account.0, strand.0, serde_json::to_string(work)?],
        )?;
        tx.commit()?;
        Ok(())
    }

    /// Accepts an invitation: it is not written to yet, so that no permit can be had.
    pub fn enqueue_accept(&mut self, thread: ThreadId, key: &str) -> Result<(), StoreError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (strand, account) = strand(&tx, thread)?;
        tx.execute(
            "INSERT INTO outbox(key, live_id, strand_id, work, state)
             VALUES(?1, ?2, ?3, ?4, 'queued')",
            params![key, account.0, strand.0, serde_json::to_string(&Work::Accept)?],
        )?;
        tx.commit()?;
        Ok(())
    }

    /// It is about to be handed to the connector: on disk before it is.
    pub fn set_sending(&mut self, key: &str, now: Timestamp) -> Result<(), StoreError> {
        self.db.pragma_update(None, "synchronous", "FULL")?;
        let done = self.step(key, SendState::Sending, None, now, |tx| {
            tx.execute(
                "UPDATE outbox SET state = 'sending', attempt = attempt + 1 WHERE key = ?1",
                [key],
            )
        });
        self.db.pragma_update(None, "synchronous", "NORMAL")?;
        done.map(drop)
    }

    /// What has become of it: its thread (`None`: nobody knows this key any more), and whether it
    /// is a message that shows it.
    pub fn set_ended(
        &mut self,
        key: &str,
        ended: &Ended,
        now: Timestamp,
    ) -> Result<(Option<ThreadId>, bool), StoreError> {
        match ended {
            Ended::Done(id) => self.step(key, SendState::Sent, None, now, |tx| {
                match id {
                    Some(id) => drop(arrived(tx, key, id)?),
                    None => drop(tx.execute("DELETE FROM outbox WHERE key = ?1", [key])?),
                }
                Ok(0)
            }),
            Ended::Retry(at) => self.step(key, SendState::Queued, None, now, |tx| {
                tx.execute(
                    "UPDATE outbox SET state = 'queued', next_at = ?2 WHERE key = ?1",
                    params![key, at.0],
                )
            }),
            Ended::Failed(why) => self.step(key, SendState::Failed, Some(why), now, |tx| {
                tx.execute("UPDATE outbox SET state = 'failed' WHERE key = ?1", [key])
            }),
            Ended::Unconfirmed => self.step(key, SendState::Unconfirmed, None, now, |tx| {
                tx.execute("UPDATE outbox SET state = 'unconfirmed' WHERE key = ?1", [key])
            }),
        }
    }

    fn step(
        &mut self,
        key: &str,
        state: SendState,
        why: Option<&str>,
        now: Timestamp,
        write: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<usize>,
    ) -> Result<(Option<ThreadId>, bool), StoreError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let place: Option<(i64, Option<i64>)> = tx
            .query_row(
                "SELECT s.thread_id, o.message_id FROM outbox o JOIN strand s ON s.id = o.strand_id
                 WHERE o.key = ?1",
                [key],
                |r| Ok((r.get(0)?, r.get(1)?)),
            )
            .optional()?;
        let Some((thread, message)) = place else { return Ok((None, true)) };
        if let Some(message) = message {
            show_state(&tx, message, state, why)?;
        }
        write(&tx)?;
        // A reaction or an edit that failed has nothing to stand on: it is told once and goes.
        if message.is_none() && matches!(state, SendState::Failed | SendState::Unconfirmed) {
            tx.execute("DELETE FROM outbox WHERE key = ?1", [key])?;
        }
        settle::refresh(&tx, ThreadId(thread), now)?;
        tx.commit()?;
        Ok((Some(ThreadId(thread)), message.is_some()))
    }

    /// A connector starts (again): what was on its way when it ended is queued again if sending
    /// the same key twice does no harm, else unconfirmed until the person decides.
    pub fn recover_outbox(
        &mut self,
        live: LiveId,
        idempotent: bool,
        now: Timestamp,
    ) -> Result<Vec<ThreadId>, StoreError> {
        let keys: Vec<String> = self
            .db
            .prepare(
                "SELECT key FROM outbox WHERE live_id = ?1 AND state = 'sending' ORDER BY seq",
            )?
            .query_map([live.0], |r| r.get(0))?
            .collect::<Result<_, _>>()?;
        let mut threads = Vec::new();
        for key in keys {
            let ended = if idempotent { Ended::Retry(now) } else { Ended::Unconfirmed };
            threads.extend(self.set_ended(&key, &ended, now)?.0);
        }
        Ok(threads)
    }

    /// The person wants it sent (again). False: there is nothing to send.
    pub fn retry(&mut self, message: MessageId, now: Timestamp) -> Result<bool, StoreError> {
        match self.key_of(message)? {
            Some(key) => Ok(self.set_ended(&key, &Ended::Retry(now), now)?.0.is_some()),
            None => Ok(false),
        }
    }

    /// Takes a message that did not go back out of the outbox and the transcript: its thread, text
    /// and file. `None`: it is on its way or gone already.
    pub fn discard(
        &mut self,
        message: MessageId,
        now: Timestamp,
    ) -> Result<Option<(ThreadId, String, Option<PathBuf>)>, StoreError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found: Option<(i64, i64, String, String)> = tx
            .query_row(
                "SELECT m.thread_id, m.strand_id, m.text, o.work FROM outbox o
                 JOIN message m ON m.id = o.message_id
                 WHERE o.message_id = ?1 AND o.state <> 'sending'",
                [message.0],
                |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)),
            )
            .optional()?;
        let Some((thread, strand, text, work)) = found else { return Ok(None) };
        let file = match serde_json::from_str(&work)? {
            Work::SendFile(path, ..) => Some(path),
            _ => None,
        };
        tx.execute("DELETE FROM outbox WHERE message_id = ?1", [message.0])?;
        remove(&tx, message.0, StrandId(strand))?;
        settle::refresh(&tx, ThreadId(thread), now)?;
        tx.commit()?;
        Ok(Some((ThreadId(thread), text, file)))
    }

    fn key_of(&self, message: MessageId) -> Result<Option<String>, StoreError> {
        Ok(self
            .db
            .prepare_cached(
                "SELECT o.key FROM outbox o JOIN live_account a ON a.id = o.live_id
                 WHERE o.message_id = ?1 AND o.state <> 'sending' AND a.removed = 0",
            )?
            .query_row([message.0], |r| r.get(0))
            .optional()?)
    }
}

fn enqueue_file_in(
    tx: &Transaction<'_>,
    file: OutgoingFile,
    now: Timestamp,
) -> Result<MessageId, StoreError> {
    let OutgoingFile { permit, key, text, reply_to, path, kind, size } = file;
    debug_assert!(permit.wish() == Wish::Attach);
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let mut attachment = StoredAttachment::bare(kind, Some(name.clone()));
    attachment.size = Some(size);
    if let Some(folder) = path.parent().map(Path::to_string_lossy) {
        tx.execute("INSERT OR IGNORE INTO container(path) VALUES(?1)", [&*folder])?;
        let sql = "SELECT id FROM container WHERE path = ?1";
        attachment.container = Some(tx.query_row(sql, [&*folder], |r| r.get(0))?);
        attachment.path = Some(name.clone());
    }
    let state = Some(SendState::Queued);
    let attachments = vec![attachment];
    let more = More { send_state: state, attachments, reply_to, ..More::default() };
    let work = Work::SendFile(path, name, kind);
    enqueue_in(tx, permit.thread(), &key, &text, (more, work), now)
}

fn enqueue_in(
    tx: &Transaction<'_>,
    thread: ThreadId,
    key: &str,
    text: &str,
    (more, work): (More, Work),
    now: Timestamp,
) -> Result<MessageId, StoreError> {
    let (strand, account) = strand(tx, thread)?;
    let me = me(tx, strand)?;
    // Below everything that is here, even if our clock is behind.
    let last: Option<i64> = tx.query_row(
        "SELECT max(sent_at) FROM message WHERE thread_id = ?1 AND shadow = 0 AND sent_at < ?2",
        params![thread.0, now.0.saturating_add(2 * 86_400_000)],
        |r| r.get(0),
    )?;
    let at = now.0.max(last.unwrap_or(i64::MIN));
    tx.execute(
        "INSERT INTO message(thread_id, strand_id, sent_at, ord, fp, sender_id, kind, flags, text, more)
         VALUES(?1, ?2, ?3, ?4, ?5, ?6, 0, 0, ?7, ?8)",
        params![
            thread.0,
            strand.0,
            at,
            // After what came at the same instant, in the order of writing.
            LAST + now.0,
            live::native(&local_id(key)),
            me,
            text,
            serde_json::to_string(&more)?
        ],
    )?;
    let message = tx.last_insert_rowid();
    tx.execute(
        "INSERT INTO outbox(key, live_id, strand_id, message_id, work, state)
         VALUES(?1, ?2, ?3, ?4, ?5, 'queued')",
        params![key, account.0, strand.0, message, serde_json::to_string(&work)?],
    )?;
    tx.execute(
        "UPDATE strand SET messages = messages + 1, last_at = max(coalesce(last_at, ?2), ?2),
           first_at = coalesce(first_at, ?2) WHERE id = ?1",
        params![strand.0, at],
    )?;
    tx.execute("DELETE FROM draft WHERE thread_id = ?1", [thread.0])?;
    settle::refresh(tx, thread, now)?;
    people::stamp(tx)?;
    Ok(MessageId(message))
}

impl Reader {
    /// What can go out now: of each thread the oldest that waits, unless something of that thread
    /// is on its way or has to wait longer.
    pub fn outbox_due(
        &self,
        live: LiveId,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<OutboxItem>, StoreError> {
        let mut q = self.db.prepare_cached(
            "SELECT o.key, s.thread_id, s.key, o.message_id, coalesce(m.text, ''), m.more, o.work, o.attempt
             FROM outbox o JOIN strand s ON s.id = o.strand_id
             LEFT JOIN message m ON m.id = o.message_id
             WHERE o.live_id = ?1 AND o.state = 'queued' AND o.next_at <= ?2 AND NOT EXISTS(
               SELECT 1 FROM outbox b WHERE b.strand_id = o.strand_id
                 AND b.state IN ('sending', 'queued') AND (b.seq < o.seq OR b.state = 'sending'))
             ORDER BY o.seq LIMIT ?3",
        )?;
        let mut rows = q.query(params![live.0, now.0, i64::try_from(limit).unwrap_or(i64::MAX)])?;
        let mut out = Vec::new();
        while let Some(r) = rows.next()? {
            let more: Option<String> = r.get(5)?;
            let more: More =
                more.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
            out.push(OutboxItem {
                key: r.get(0)?,
                thread: ThreadId(r.get(1)?),
                thread_key: r.get(2)?,
                message: r.get::<_, Option<i64>>(3)?.map(MessageId),
                text: r.get(4)?,
                reply_to: more.reply_to,
                work: serde_json::from_str(&r.get::<_, String>(6)?)?,
                attempt: r.get(7)?,
            });
        }
        Ok(out)
    }

    /// When the next thing in the outbox may be tried.
    pub fn outbox_next(&self, live: LiveId) -> Result<Option<Timestamp>, StoreError> {
        let mut q = self.db.prepare_cached(
            "SELECT min(next_at) FROM outbox o WHERE live_id = ?1 AND state = 'queued'
               AND NOT EXISTS(SELECT 1 FROM outbox b WHERE b.strand_id = o.strand_id
                 AND b.state IN ('sending', 'queued') AND (b.seq < o.seq OR b.state = 'sending'))",
        )?;
        Ok(q.query_row([live.0], |r| r.get::<_, Option<i64>>(0))?.map(Timestamp))
    }

    /// How many messages wait, are on their way, and did not go, over all accounts.
    pub fn outbox_counts(&self) -> Result<(u64, u64), StoreError> {
        let mut q = self.db.prepare_cached(
            "SELECT coalesce(sum(state IN ('queued', 'sending')), 0),
               coalesce(sum(state IN ('failed', 'unconfirmed')), 0)
             FROM outbox WHERE message_id IS NOT NULL",
        )?;
        let n = |v: i64| v.unsigned_abs();
        Ok(q.query_row([], |r| Ok((n(r.get(0)?), n(r.get(1)?))))?)
    }

    /// What became of an outbox message: its state as shown, and the reason.
    pub fn send_state(
        &self,
        message: MessageId,
    ) -> Result<Option<(SendState, Option<String>)>, StoreError> {
        let more: Option<Option<String>> = self
            .db
            .prepare_cached("SELECT more FROM message WHERE id = ?1")?
            .query_row([message.0], |r| r.get(0))
            .optional()?;
        let Some(Some(more)) = more else { return Ok(None) };
        let more: More = serde_json::from_str(&more)?;
        Ok(more.send_state.map(|s| (s, more.send_why)))
    }
}

/// The service has a message under an id: it leaves the outbox and bears that id. Where the
/// service told it before we knew, the two become one, and ours
/// goes (true).
pub(super) fn arrived(db: &Connection, key: &str, id: &str) -> rusqlite::Result<bool> {
    let place: Option<(i64, Option<i64>)> = db
        .prepare_cached("SELECT strand_id, message_id FROM outbox WHERE key = ?1")?
        .query_row([key], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?;
    let Some((strand, message)) = place else { return Ok(false) };
    db.prepare_cached("DELETE FROM outbox WHERE key = ?1")?.execute([key])?;
    let Some(message) = message else { return Ok(false) };
    let fp = live::native(id);
    let told: bool = db
        .prepare_cached("SELECT EXISTS(SELECT 1 FROM message WHERE strand_id = ?1 AND fp = ?2)")?
        .query_row(params![strand, fp], |r| r.get(0))?;
    if told {
        remove(db, message, StrandId(strand))?;
        return Ok(true);
    }
    let sent = SendState::Sent;
    db.prepare_cached(
        "UPDATE message SET fp = ?2,
           more = json_remove(json_set(coalesce(more, '{}'), '$.n', ?3, '$.s', ?4), '$.y')
         WHERE id = ?1",
    )?
    .execute(params![message, fp, id, state_word(sent)])?;
    db.prepare_cached("INSERT INTO reindex(message_id) VALUES(?1)")?.execute([message])?;
    Ok(false)
}

/// Everything of an account that waits will not go.
pub(super) fn fail_all(db: &Connection, live: LiveId, why: &str) -> Result<(), StoreError> {
    let messages: Vec<i64> = db
        .prepare("SELECT message_id FROM outbox WHERE live_id = ?1 AND message_id IS NOT NULL")?
        .query_map([live.0], |r| r.get(0))?
        .collect::<Result<_, _>>()?;
    for message in messages {
        show_state(db, message, SendState::Failed, Some(why))?;
    }
    db.execute("DELETE FROM outbox WHERE live_id = ?1 AND message_id IS NULL", [live.0])?;
    db.execute("UPDATE outbox SET state = 'failed' WHERE live_id = ?1", [live.0])?;
    Ok(())
}

fn show_state(
    db: &Connection,
    message: i64,
    state: SendState,
    why: Option<&str>,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE message SET more = json_set(json_remove(coalesce(more, '{}'), '$.y'), '$.s', ?2)
         WHERE id = ?1",
    )?
    .execute(params![message, state_word(state)])?;
    if let Some(why) = why {
        db.prepare_cached("UPDATE message SET more = json_set(more, '$.y', ?2) WHERE id = ?1")?
            .execute(params![message, why])?;
    }
    tell::changed(db, message)
}

/// As serde writes it.
fn state_word(state: SendState) -> String {
    serde_json::to_value(state).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn remove(db: &Connection, message: i64, strand: StrandId) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM star WHERE message_id = ?1")?.execute([message])?;
    db.prepare_cached("DELETE FROM message WHERE id = ?1")?.execute([message])?;
    db.prepare_cached("INSERT INTO reindex(message_id) VALUES(?1)")?.execute([message])?;
    // From the newest on: a strand may hold half a million.
    db.prepare_cached(
        "UPDATE strand SET messages = max(messages - 1, 0),
           last_at = (SELECT m.sent_at FROM message m WHERE m.thread_id = strand.thread_id
             AND m.shadow = 0 AND m.strand_id = ?1 ORDER BY m.sent_at DESC LIMIT 1),
           first_at = CASE WHEN messages > 1 THEN first_at END WHERE id = ?1",
    )?
    .execute([strand.0])?;
    Ok(())
}

/// What a message is recognised by until the service has given it an id. No service's own id
/// begins so.
fn local_id(key: &str) -> String {
    format!("onebox/outbox/{key}")
}

fn strand(db: &Connection, thread: ThreadId) -> Result<(StrandId, LiveId), StoreError> {
    live::strand_of(db, thread)?.ok_or(StoreError::NoThread(thread))
}

/// My participant in a strand; made where nobody told of me.
fn me(db: &Connection, strand: StrandId) -> Result<i64, StoreError> {
    let known: Option<i64> = db
        .query_row(
            "SELECT id FROM participant WHERE strand_id = ?1 AND is_me = 1 ORDER BY told_me DESC, id LIMIT 1",
            [strand.0],
            |r| r.get(0),
        )
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    db.execute(
        "INSERT INTO participant(strand_id, key, name, told_me, is_me)
         SELECT s.id, 'me', a.name, 1, 1 FROM strand s JOIN account a ON a.id = s.account_id
         WHERE s.id = ?1",
        [strand.0],
    )?;
    Ok(db.last_insert_rowid())
}
