//! Live accounts: which connector carries which, and what is known of it. No secret is ever here.

use rusqlite::{OptionalExtension, Row, params};

use super::{Reader, StoreError, Writer, settle};
use crate::model::{AccountId, LiveId, SourceId, ThreadId, Timestamp};

/// A live account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveAccount {
    /// Its number.
    pub id: LiveId,
    /// The connector: the name of its program, or a path to it.
    pub connector: String,
    /// Who I am there, once it is known.
    pub me: String,
    /// Reads without telling the others.
    pub quiet: bool,
    /// Hosts that its connector has ever contacted.
    pub hosts: Vec<String>,
    /// What its connector can do, in the contract's words.
    pub can: Vec<String>,
}

const COLUMNS: &str =
    "SELECT id, connector, me, quiet, hosts, can FROM live_account WHERE removed = 0";

fn stored(r: &Row<'_>) -> rusqlite::Result<LiveAccount> {
    let list = |text: String| serde_json::from_str(&text).unwrap_or_default();
    Ok(LiveAccount {
        id: LiveId(r.get(0)?),
        connector: r.get(1)?,
        me: r.get(2)?,
        quiet: r.get(3)?,
        hosts: list(r.get(4)?),
        can: list(r.get(5)?),
    })
}

impl Reader {
    /// Every live account, oldest first.
    pub fn live_accounts(&self) -> Result<Vec<LiveAccount>, StoreError> {
        let mut q = self.db.prepare_cached(&format!("{COLUMNS} ORDER BY id"))?;
        Ok(q.query_map([], stored)?.collect::<Result<_, _>>()?)
    }

    /// One of them.
    pub fn live_account(&self, id: LiveId) -> Result<Option<LiveAccount>, StoreError> {
        let mut q = self.db.prepare_cached(&format!("{COLUMNS} AND id = ?1"))?;
        Ok(q.query_row([id.0], stored).optional()?)
    }

    /// The apps whose threads a live account carries.
    pub fn live_apps(&self, id: LiveId) -> Result<Vec<(SourceId, u64)>, StoreError> {
        let mut q = self.db.prepare_cached(
            "SELECT a.source, count(DISTINCT s.thread_id) AS n FROM account a
             JOIN strand s ON s.account_id = a.id
             WHERE a.live_id = ?1 GROUP BY a.source ORDER BY n DESC",
        )?;
        let rows = q.query_map([id.0], |r| {
            Ok((SourceId::new(&r.get::<_, String>(0)?), r.get::<_, i64>(1)?.unsigned_abs()))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The live account that carries a thread, and the thread's key there.
    pub fn live_of(&self, thread: ThreadId) -> Result<Option<(LiveId, String)>, StoreError> {
        let Some((strand, live)) = super::live::strand_of(&self.db, thread)? else {
            return Ok(None);
        };
        let key = self
            .db
            .prepare_cached("SELECT key FROM strand WHERE id = ?1")?
            .query_row([strand.0], |r| r.get(0))?;
        Ok(Some((live, key)))
    }

    /// The thread that a live account knows by a key.
    pub fn live_thread(&self, live: LiveId, key: &str) -> Result<Option<ThreadId>, StoreError> {
        let mut q = self.db.prepare_cached(
            "SELECT s.thread_id FROM strand s JOIN account a ON a.id = s.account_id
             WHERE s.key = ?1 AND a.live_id = ?2",
        )?;
        Ok(q.query_row(params![key, live.0], |r| r.get(0).map(ThreadId)).optional()?)
    }

    /// The thread that an account knows by a key.
    pub fn thread_of_key(
        &self,
        account: AccountId,
        key: &str,
    ) -> Result<Option<ThreadId>, StoreError> {
        let mut q = self
            .db
            .prepare_cached("SELECT thread_id FROM strand WHERE account_id = ?1 AND key = ?2")?;
        Ok(q.query_row(params![account.0, key], |r| r.get(0).map(ThreadId)).optional()?)
    }

    /// Every thread of a live account by its key, with the own id of its newest message.
    pub fn live_known(&self, live: LiveId) -> Result<Vec<(String, Option<String>)>, StoreError> {
        let mut q = self.db.prepare_cached(
            "SELECT s.key, CASE WHEN s.messages > 0 THEN (SELECT json_extract(m.more, '$.n') FROM message m
               WHERE m.thread_id = s.thread_id AND m.strand_id = s.id AND m.shadow = 0
                 AND json_extract(m.more, '$.n') IS NOT NULL
               ORDER BY m.sent_at DESC, m.ord DESC, m.id DESC LIMIT 1) END
             FROM strand s JOIN account a ON a.id = s.account_id
             WHERE a.live_id = ?1 AND json_extract(s.told, '$.live') IS NOT NULL",
        )?;
        let rows = q.query_map([live.0], |r| Ok((r.get(0)?, r.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Where a live account's connector can go on from: all that it told before is stored.
    pub fn live_place(&self, live: LiveId) -> Result<Option<String>, StoreError> {
        let mut q = self.db.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
        Ok(q.query_row([super::live::place(live)], |r| r.get(0)).optional()?)
    }

    /// How far back a live thread can still be fetched: the token of its oldest gap.
    pub fn gap_before_oldest(&self, thread: ThreadId) -> Result<Option<String>, StoreError> {
        let Some((strand, _)) = super::live::strand_of(&self.db, thread)? else { return Ok(None) };
        let mut q =
            self.db.prepare_cached("SELECT token FROM gap WHERE strand_id = ?1 AND fp = 0")?;
        Ok(q.query_row([strand.0], |r| r.get(0)).optional()?)
    }

    /// Threads of connected accounts of which messages lie at the service still.
    pub fn threads_with_gaps(&self) -> Result<Vec<ThreadId>, StoreError> {
        let mut q = self.db.prepare_cached(
            "SELECT DISTINCT s.thread_id FROM gap g JOIN strand s ON s.id = g.strand_id
             JOIN account a ON a.id = s.account_id
             WHERE EXISTS(SELECT 1 FROM live_account l WHERE l.id = a.live_id AND l.removed = 0)",
        )?;
        Ok(q.query_map([], |r| r.get(0).map(ThreadId))?.collect::<Result<_, _>>()?)
    }

    /// Where messages are missing in the middle of a live thread: the message right after each gap,
    /// and the gap's token.
    pub fn gaps(
        &self,
        thread: ThreadId,
    ) -> Result<Vec<(crate::model::MessageId, String)>, StoreError> {
        let Some((strand, _)) = super::live::strand_of(&self.db, thread)? else {
            return Ok(Vec::new());
        };
        let mut q = self.db.prepare_cached(
            "SELECT m.id, g.token FROM gap g
             JOIN message m ON m.strand_id = g.strand_id AND m.fp = g.fp
             WHERE g.strand_id = ?1 AND g.fp <> 0",
        )?;
        let rows =
            q.query_map([strand.0], |r| Ok((crate::model::MessageId(r.get(0)?), r.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How far the others have read a thread: the instant of the newest message that somebody else
    /// has read.
    pub fn read_by_others(&self, thread: ThreadId) -> Result<Option<Timestamp>, StoreError> {
        let mut q = self.db.prepare_cached(
            "SELECT max(p.read_to) FROM participant p JOIN strand s ON s.id = p.strand_id
             WHERE s.thread_id = ?1 AND p.is_me = 0",
        )?;
        Ok(q.query_row([thread.0], |r| r.get::<_, Option<i64>>(0))?.map(Timestamp))
    }

    /// The newest message of a thread's live strand that the service knows: its own id.
    pub fn newest_native(&self, thread: ThreadId) -> Result<Option<String>, StoreError> {
        let Some((strand, _)) = super::live::strand_of(&self.db, thread)? else { return Ok(None) };
        let mut q = self.db.prepare_cached(
            "SELECT json_extract(more, '$.n') FROM message
             WHERE thread_id = ?1 AND strand_id = ?2 AND shadow = 0
               AND json_extract(more, '$.n') IS NOT NULL
             ORDER BY sent_at DESC, ord DESC, id DESC LIMIT 1",
        )?;
        Ok(q.query_row([thread.0, strand.0], |r| r.get(0)).optional()?)
    }

    /// When the message was sent that the service of a live thread knows by this id.
    pub fn sent_at(&self, thread: ThreadId, id: &str) -> Result<Option<Timestamp>, StoreError> {
        let Some((strand, _)) = super::live::strand_of(&self.db, thread)? else { return Ok(None) };
        let mut q = self
            .db
            .prepare_cached("SELECT sent_at FROM message WHERE strand_id = ?1 AND fp = ?2")?;
        let found = q.query_row(params![strand.0, super::live::native(id)], |r| r.get(0));
        Ok(found.optional()?.map(Timestamp))
    }
}

impl Writer {
    /// Adds a live account.
    pub fn add_live_account(&mut self, connector: &str) -> Result<LiveId, StoreError> {
        self.db.execute("INSERT INTO live_account(connector) VALUES(?1)", [connector])?;
        Ok(LiveId(self.db.last_insert_rowid()))
    }

    /// Takes a live account away. Its threads stay, as archives.
    /// Returns the threads that changed; what waited to be sent is failed, never lost.
    pub fn remove_live_account(
        &mut self,
        id: LiveId,
        now: Timestamp,
    ) -> Result<Vec<ThreadId>, StoreError> {
        let tx = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let threads: Vec<i64> = tx
            .prepare(
                "SELECT DISTINCT s.thread_id FROM strand s JOIN account a ON a.id = s.account_id
                 WHERE a.live_id = ?1",
            )?
            .query_map([id.0], |r| r.get(0))?
            .collect::<Result<_, _>>()?;
        super::outbox::fail_all(&tx, id, "the account was removed")?;
        tx.execute("DELETE FROM meta WHERE key = ?1", [super::live::place(id)])?;
        tx.execute("UPDATE account SET live_id = NULL WHERE live_id = ?1", [id.0])?;
        tx.execute("UPDATE live_account SET removed = 1 WHERE id = ?1", [id.0])?;
        for thread in &threads {
            settle::refresh(&tx, ThreadId(*thread), now)?;
        }
        tx.commit()?;
        Ok(threads.into_iter().map(ThreadId).collect())
    }

    /// A file of a message has come. Its thread.
    pub fn set_media(
        &mut self,
        message: crate::model::MessageId,
        index: usize,
        path: &std::path::Path,
        now: Timestamp,
    ) -> Result<Option<ThreadId>, StoreError> {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Ok(None) };
        let tx = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let found: Option<(i64, Option<String>)> = tx
            .query_row("SELECT thread_id, more FROM message WHERE id = ?1", [message.0], |r| {
                Ok((r.get(0)?, r.get(1)?))
            })
            .optional()?;
        let Some((thread, Some(more))) = found else { return Ok(None) };
        let mut more: super::row::More = serde_json::from_str(&more)?;
        let Some(attachment) = more.attachments.get_mut(index) else { return Ok(None) };
        let folder = folder.to_string_lossy();
        tx.execute("INSERT OR IGNORE INTO container(path) VALUES(?1)", [&*folder])?;
        let id: i64 =
            tx.query_row("SELECT id FROM container WHERE path = ?1", [&*folder], |r| r.get(0))?;
        attachment.container = Some(id);
        attachment.path = Some(name.to_string_lossy().into_owned());
        tx.execute(
            "UPDATE message SET more = ?2 WHERE id = ?1",
            params![message.0, serde_json::to_string(&more)?],
        )?;
        settle::refresh(&tx, ThreadId(thread), now)?;
        tx.commit()?;
        Ok(Some(ThreadId(thread)))
    }

    /// Reads quietly, or not.
    pub fn set_quiet(&mut self, id: LiveId, quiet: bool) -> Result<(), StoreError> {
        self.db
            .execute("UPDATE live_account SET quiet = ?2 WHERE id = ?1", params![id.0, quiet])?;
        Ok(())
    }

    /// Keeps what a connector told of itself. Hosts are added to those that are known.
    pub fn learn_live_account(
        &mut self,
        id: LiveId,
        me: Option<&str>,
        hosts: &[String],
        can: Option<&[String]>,
    ) -> Result<(), StoreError> {
        let tx = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let had: Option<String> = tx
            .query_row("SELECT hosts FROM live_account WHERE id = ?1", [id.0], |r| r.get(0))
            .optional()?;
        let mut known: Vec<String> =
            had.and_then(|h| serde_json::from_str(&h).ok()).unwrap_or_default();
        known.extend(hosts.iter().cloned());
        known.sort();
        known.dedup();
        // A connector that names a host a message shall not fill the disk.
        known.truncate(200);
        tx.execute(
            "UPDATE live_account SET hosts = ?2, me = coalesce(?3, me), can = coalesce(?4, can)
             WHERE id = ?1",
            params![
                id.0,
                serde_json::to_string(&known)?,
                me,
                can.map(serde_json::to_string).transpose()?
            ],
        )?;
        tx.commit()?;
        Ok(())
    }

    /// I have read a live thread as far as it goes.
    pub fn read_live(&mut self, thread: ThreadId, now: Timestamp) -> Result<bool, StoreError> {
        let tx = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let Some((strand, _)) = super::live::strand_of(&tx, thread)? else { return Ok(false) };
        let changed = tx.execute(
            "UPDATE strand SET told = json_set(told, '$.unread', 0)
             WHERE id = ?1 AND coalesce(json_extract(told, '$.unread'), 0) <> 0",
            [strand.0],
        )?;
        if changed > 0 {
            settle::refresh(&tx, thread, now)?;
        }
        tx.commit()?;
        Ok(changed > 0)
    }
}
