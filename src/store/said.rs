//! What the person said of threads that became one since their accounts did: drafts, marks, labels
//! and the like. Each thread's is kept, so that it has it again when they are apart.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::same::GROUP;
use crate::model::{AccountId, StrandId, ThreadId};

/// Archived, pinned, muted, unread, read to, snoozed until.
type Triage = (Option<bool>, bool, i64, Option<i64>, Option<i64>, Option<i64>);

/// What was said of a thread.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Words {
    /// Text, when it was saved, the message that it answers.
    draft: Option<(String, i64, Option<i64>)>,
    mark: Option<String>,
    triage: Option<Triage>,
    labels: BTreeSet<String>,
}

const TABLES: [&str; 4] = ["draft", "mark", "triage", "label"];

impl Words {
    fn of(db: &Connection, thread: ThreadId) -> Result<Self, StoreError> {
        let draft = db
            .prepare_cached("SELECT text, saved_at, reply_to FROM draft WHERE thread_id = ?1")?
            .query_row([thread.0], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
            .optional()?;
        let mark = db
            .prepare_cached("SELECT mark FROM mark WHERE thread_id = ?1")?
            .query_row([thread.0], |r| r.get(0))
            .optional()?;
        let triage = db
            .prepare_cached(
                "SELECT archived, pinned, muted, unread, read_to, snoozed_until
                 FROM triage WHERE thread_id = ?1",
            )?
            .query_row([thread.0], |r| {
                Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?, r.get(5)?))
            })
            .optional()?;
        let labels = db
            .prepare_cached("SELECT name FROM label WHERE thread_id = ?1")?
            .query_map([thread.0], |r| r.get(0))?
            .collect::<Result<_, _>>()?;
        Ok(Self { draft, mark, triage, labels })
    }

    /// Says this of a thread, and nothing else.
    fn say(&self, db: &Connection, thread: ThreadId) -> Result<(), StoreError> {
        for table in TABLES {
            db.prepare_cached(&format!("DELETE FROM {table} WHERE thread_id = ?1"))?
                .execute([thread.0])?;
        }
        if let Some((text, at, reply)) = &self.draft {
            db.prepare_cached(
                "INSERT INTO draft(thread_id, text, saved_at, reply_to) VALUES(?1, ?2, ?3, ?4)",
            )?
            .execute(params![thread.0, text, at, reply])?;
        }
        if let Some(mark) = &self.mark {
            db.prepare_cached("INSERT INTO mark(thread_id, mark) VALUES(?1, ?2)")?
                .execute(params![thread.0, mark])?;
        }
        if let Some((archived, pinned, muted, unread, read_to, snoozed)) = &self.triage {
            db.prepare_cached(
                "INSERT INTO triage(thread_id, archived, pinned, muted, unread, read_to, snoozed_until)
                 VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![thread.0, archived, pinned, muted, unread, read_to, snoozed])?;
        }
        for label in &self.labels {
            db.prepare_cached("INSERT INTO label(thread_id, name) VALUES(?1, ?2)")?
                .execute(params![thread.0, label])?;
        }
        Ok(())
    }
}

/// Before threads become one: keeps what was said of each with the first of its strands. What is
/// kept there already is older, and stays.
pub(super) fn remember(db: &Connection, account: AccountId) -> Result<(), StoreError> {
    let said = TABLES.map(|t| format!("SELECT thread_id FROM {t}")).join(" UNION ");
    let mut q = db.prepare_cached(&format!(
        "SELECT thread_id, min(id) FROM strand
         WHERE account_id IN {GROUP} AND thread_id IN ({said}) GROUP BY thread_id"
    ))?;
    let rows: Vec<(i64, i64)> =
        q.query_map([account.0], |r| Ok((r.get(0)?, r.get(1)?)))?.collect::<Result<_, _>>()?;
    for (thread, strand) in rows {
        let words = serde_json::to_string(&Words::of(db, ThreadId(thread))?)?;
        db.prepare_cached("INSERT OR IGNORE INTO said_apart(strand_id, words) VALUES(?1, ?2)")?
            .execute(params![strand, words])?;
    }
    Ok(())
}

/// After it: keeps what is said of each thread now, so that it is seen whether anything was said
/// since.
pub(super) fn note(db: &Connection, account: AccountId) -> Result<(), StoreError> {
    for (strand, kept) in rows(db, account)? {
        let since = serde_json::to_string(&Words::of(db, kept.thread)?)?;
        db.prepare_cached("UPDATE said_apart SET since = ?2 WHERE strand_id = ?1")?
            .execute(params![strand.0, since])?;
    }
    Ok(())
}

struct Kept {
    thread: ThreadId,
    words: Words,
    since: Option<Words>,
}

fn rows(db: &Connection, account: AccountId) -> Result<BTreeMap<StrandId, Kept>, StoreError> {
    let mut q = db.prepare_cached(&format!(
        "SELECT s.id, s.thread_id, w.words, w.since FROM said_apart w
         JOIN strand s ON s.id = w.strand_id WHERE s.account_id IN {GROUP}"
    ))?;
    let mut rows = q.query([account.0])?;
    let mut out = BTreeMap::new();
    while let Some(r) = rows.next()? {
        let since: Option<String> = r.get(3)?;
        let kept = Kept {
            thread: ThreadId(r.get(1)?),
            words: serde_json::from_str(&r.get::<_, String>(2)?)?,
            since: since.map(|s| serde_json::from_str(&s)).transpose()?,
        };
        out.insert(StrandId(r.get(0)?), kept);
    }
    Ok(out)
}

/// A thread that may fall apart, of which nothing was said since it became one.
pub(super) struct Whole {
    strands: Vec<StrandId>,
    words: Vec<(StrandId, Words)>,
}

/// Before threads fall apart: what was kept.
pub(super) fn kept(db: &Connection, account: AccountId) -> Result<Vec<Whole>, StoreError> {
    let mut by_thread: BTreeMap<ThreadId, Vec<(StrandId, Words)>> = BTreeMap::new();
    for (strand, kept) in rows(db, account)? {
        let now = Words::of(db, kept.thread)?;
        if kept.since.is_some_and(|since| since == now) {
            by_thread.entry(kept.thread).or_default().push((strand, kept.words));
        }
    }
    let mut q = db.prepare_cached("SELECT id FROM strand WHERE thread_id = ?1 ORDER BY id")?;
    let mut out = Vec::new();
    for (thread, words) in by_thread {
        let strands =
            q.query_map([thread.0], |r| r.get(0).map(StrandId))?.collect::<Result<_, _>>()?;
        out.push(Whole { strands, words });
    }
    Ok(out)
}

/// Threads are apart: each has what was said of it before. Where something was said since, all stays
/// with the thread that goes on.
pub(super) fn give_back(db: &Connection, before: &[Whole]) -> Result<(), StoreError> {
    let mut q = db.prepare_cached("SELECT thread_id FROM strand WHERE id = ?1")?;
    let mut thread = |s: &StrandId| q.query_row([s.0], |r| r.get(0).map(ThreadId));
    for whole in before {
        let parts: BTreeSet<ThreadId> =
            whole.strands.iter().map(&mut thread).collect::<Result<_, _>>()?;
        let mut words: BTreeMap<ThreadId, &Words> = BTreeMap::new();
        for (strand, said) in &whole.words {
            words.insert(thread(strand)?, said);
        }
        // Of two that are still one it is not known what was said of both.
        if parts.len() < 2 || words.len() < whole.words.len() {
            continue;
        }
        for part in parts {
            words.get(&part).map_or_else(Words::default, |w| (*w).clone()).say(db, part)?;
        }
    }
    Ok(())
}

/// An account that stands alone needs nothing kept.
pub(super) fn forget(db: &Connection, account: AccountId) -> Result<(), StoreError> {
    db.prepare_cached(&format!(
        "DELETE FROM said_apart WHERE strand_id IN (SELECT id FROM strand WHERE account_id = ?1)
           AND (SELECT count(*) FROM account WHERE id IN {GROUP}) = 1"
    ))?
    .execute([account.0])?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::store::Store;

    #[test]
    fn what_is_said_again_is_what_was_said() {
        let store = Store::in_memory().unwrap();
        let db = &store.writer().unwrap().db;
        db.execute_batch(
            "INSERT INTO account(id, source, key, name, known_by) VALUES(1, 'x', '', '', '');
             INSERT INTO thread(id, account_id, source) VALUES(1, 1, 'x');
             INSERT INTO triage VALUES(1, 1, 1, 1800000000000, 0, 5, 7);
             INSERT INTO label(thread_id, name) VALUES(1, 'home')",
        )
        .unwrap();
        let said = Words::of(db, ThreadId(1)).unwrap();
        said.say(db, ThreadId(1)).unwrap();
        let muted: i64 = db.query_row("SELECT muted FROM triage", [], |r| r.get(0)).unwrap();
        assert_eq!(muted, 1_800_000_000_000, "until then, not for good");
        assert_eq!(Words::of(db, ThreadId(1)).unwrap(), said);
    }
}
