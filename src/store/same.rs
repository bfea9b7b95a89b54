//! Accounts of mine that are one: an export's and a live one, or two exports', of which the person
//! said so. The inbox follows from what was told and from which accounts are one, not from the
//! order in which either came, so that taking the word back gives the same inbox again.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension};

use super::stitch::UNSHADE;
use super::{Reader, StoreError, Writer, said, settle, walk};
use crate::model::{AccountId, LiveId, SourceId, StrandId, ThreadId, Timestamp};

/// So many messages that two accounts tell alike are no accident.
const PROOF: i64 = 3;
/// Threads, and messages of each, that are looked at for it.
const LOOKED_AT: i64 = 200;

/// An account of mine, with what the person may tell it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MyAccount {
    /// The account.
    pub id: AccountId,
    /// Its app.
    pub source: SourceId,
    /// What the app or the export tells it by; may be empty.
    pub key: String,
    /// My name there; may be empty.
    pub name: String,
    /// How it is known.
    pub known_by: String,
    /// The live account that carries it.
    pub live: Option<LiveId>,
    /// Its threads.
    pub threads: u64,
    /// Messages in those, as it tells them.
    pub messages: u64,
    /// The others that are the same, as the person said.
    pub same: Vec<AccountId>,
    /// People are in its threads, and none of them is known to be me.
    pub nobody: bool,
}

/// What came of "these are one" or "this one stands alone".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Joined {
    /// It is so now; these threads changed.
    Done(Vec<ThreadId>),
    /// It was so before.
    Already,
    /// They are accounts of two apps.
    OtherApp,
    /// There is no such account.
    Unknown(AccountId),
}

/// Accounts that are one with the account ?1, itself among them.
pub(super) const GROUP: &str = "(SELECT o.id FROM account o JOIN account x
  ON coalesce(o.same_as, o.id) = coalesce(x.same_as, x.id) WHERE x.id = ?1)";

/// Accounts that are one with an account, itself among them, oldest first.
pub(super) fn group(db: &Connection, account: AccountId) -> Result<Vec<AccountId>, StoreError> {
    let mut q = db.prepare_cached(&format!("SELECT id FROM account WHERE id IN {GROUP}"))?;
    let mut all: Vec<AccountId> =
        q.query_map([account.0], |r| r.get(0).map(AccountId))?.collect::<Result<_, _>>()?;
    all.sort_unstable();
    Ok(all)
}

/// The account that stands for all that are one with it.
fn first(db: &Connection, account: AccountId) -> Result<Option<(i64, String)>, StoreError> {
    Ok(db
        .prepare_cached("SELECT coalesce(same_as, id), source FROM account WHERE id = ?1")?
        .query_row([account.0], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?)
}

impl Reader {
    /// Every account of mine, by app.
    pub fn my_accounts(&self) -> Result<Vec<MyAccount>, StoreError> {
        let mut q = self.db.prepare_cached(
            "SELECT a.id, a.source, a.key, a.name, a.known_by, a.live_id,
               (SELECT count(DISTINCT s.thread_id) FROM strand s
                WHERE s.account_id = a.id AND s.messages > 0),
               (SELECT coalesce(sum(s.messages), 0) FROM strand s WHERE s.account_id = a.id),
               a.name = '' AND (SELECT max(p.is_me) FROM participant p
                 JOIN strand s ON s.id = p.strand_id
                 WHERE s.account_id = a.id AND p.placeholder = 0) IS 0
             FROM account a ORDER BY a.source, a.id",
        )?;
        let mut all: Vec<MyAccount> = q
            .query_map([], |r| {
                Ok(MyAccount {
                    id: AccountId(r.get(0)?),
                    source: SourceId::new(&r.get::<_, String>(1)?),
                    key: r.get(2)?,
                    name: r.get(3)?,
                    known_by: r.get(4)?,
                    live: r.get::<_, Option<i64>>(5)?.map(LiveId),
                    threads: r.get::<_, i64>(6)?.unsigned_abs(),
                    messages: r.get::<_, i64>(7)?.unsigned_abs(),
                    same: Vec::new(),
                    nobody: r.get(8)?,
                })
            })?
            .collect::<Result<_, _>>()?;
        for a in &mut all {
            a.same = group(&self.db, a.id)?.into_iter().filter(|id| *id != a.id).collect();
        }
        Ok(all)
    }
}

impl Writer {
    /// The person says that two accounts are one.
    pub fn same_account(
        &mut self,
        a: AccountId,
        b: AccountId,
        now: Timestamp,
    ) -> Result<Joined, StoreError> {
        let tx = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let Some((of_a, source)) = first(&tx, a)? else { return Ok(Joined::Unknown(a)) };
        let Some((of_b, other)) = first(&tx, b)? else { return Ok(Joined::Unknown(b)) };
        if source != other {
            return Ok(Joined::OtherApp);
        }
        if of_a == of_b {
            return Ok(Joined::Already);
        }
        for account in [a, b] {
            said::remember(&tx, account)?;
        }
        let (keep, gone) = (of_a.min(of_b), of_a.max(of_b));
        tx.execute(
            "UPDATE account SET same_as = ?1 WHERE coalesce(same_as, id) = ?2",
            [keep, gone],
        )?;
        let stale = settle_all(&tx, &[a])?;
        said::note(&tx, a)?;
        refresh(&tx, &stale, now)?;
        tx.commit()?;
        Ok(Joined::Done(stale.into_iter().collect()))
    }

    /// The person says that an account stands alone after all.
    pub fn account_apart(&mut self, a: AccountId, now: Timestamp) -> Result<Joined, StoreError> {
        let tx = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        if first(&tx, a)?.is_none() {
            return Ok(Joined::Unknown(a));
        }
        let others: Vec<AccountId> = group(&tx, a)?.into_iter().filter(|o| *o != a).collect();
        let Some(rest) = others.first().copied() else { return Ok(Joined::Already) };
        let before = said::kept(&tx, a)?;
        let mut stale = mixed(&tx, a)?;
        // What they tell alike does not join them again.
        tx.execute("INSERT OR REPLACE INTO meta(key, value) VALUES('apart/' || ?1, '1')", [a.0])?;
        tx.execute("UPDATE account SET same_as = NULL WHERE id IN (?1, ?2)", [a.0, rest.0])?;
        for other in others.iter().skip(1) {
            tx.execute("UPDATE account SET same_as = ?2 WHERE id = ?1", [other.0, rest.0])?;
        }
        stale.extend(settle_all(&tx, &[a, rest])?);
        said::give_back(&tx, &before)?;
        for account in [a, rest] {
            said::forget(&tx, account)?;
        }
        refresh(&tx, &stale, now)?;
        tx.commit()?;
        Ok(Joined::Done(stale.into_iter().collect()))
    }
}

/// Joins an account with one that exports told under no key, where both tell the same messages of
/// the same conversations: what an export says of whose it is, an earlier onebox could not read yet
/// (a Slack workspace without its lists). The person's word that they are apart stands.
pub(super) fn by_proof(db: &Connection, account: AccountId) -> Result<(), StoreError> {
    let unsaid: Vec<i64> = db
        .prepare_cached(
            "SELECT o.id FROM account a JOIN account o ON o.source = a.source AND o.id <> a.id
             WHERE a.id = ?1 AND (a.key = '') <> (o.key = '')
               AND a.live_id IS NULL AND o.live_id IS NULL
               AND coalesce(a.same_as, a.id) <> coalesce(o.same_as, o.id)
               AND NOT EXISTS(SELECT 1 FROM meta WHERE key IN ('apart/' || a.id, 'apart/' || o.id))",
        )?
        .query_map([account.0], |r| r.get(0))?
        .collect::<Result<_, _>>()?;
    for other in unsaid {
        if !proven(db, account, other)? {
            continue;
        }
        for account in [account, AccountId(other)] {
            said::remember(db, account)?;
        }
        let (Some((a, _)), Some((b, _))) = (first(db, account)?, first(db, AccountId(other))?)
        else {
            continue;
        };
        db.execute_batch("DELETE FROM meta WHERE key GLOB 'retold/*' OR key GLOB 'beside/*'")?;
        db.prepare_cached("UPDATE account SET same_as = ?1 WHERE coalesce(same_as, id) = ?2")?
            .execute([a.min(b), a.max(b)])?;
    }
    Ok(())
}

/// Whether two accounts tell the same messages, under the same keys of their threads: enough of
/// them that it is no accident.
fn proven(db: &Connection, account: AccountId, other: i64) -> Result<bool, StoreError> {
    let mut pairs = db.prepare_cached(
        "SELECT a.id, b.id FROM strand a JOIN strand b ON b.account_id = ?2 AND b.key = a.key
         WHERE a.account_id = ?1 ORDER BY min(a.messages, b.messages) DESC LIMIT ?3",
    )?;
    let pairs: Vec<(i64, i64)> = pairs
        .query_map([account.0, other, LOOKED_AT], |r| Ok((r.get(0)?, r.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let mut shared = 0;
    for (a, b) in pairs {
        shared += db
            .prepare_cached(
                "SELECT count(*) FROM (
                   SELECT fp, text FROM message INDEXED BY message_key
                   WHERE strand_id = ?1 AND fp >= max(
                     (SELECT min(fp) FROM message WHERE strand_id = ?1),
                     (SELECT min(fp) FROM message WHERE strand_id = ?2)) ORDER BY fp LIMIT ?3) m
                 JOIN message o ON o.strand_id = ?2 AND o.fp = m.fp AND o.text = m.text",
            )?
            .query_row([a, b, LOOKED_AT], |r| r.get::<_, i64>(0))?;
        if shared >= PROOF {
            return Ok(true);
        }
    }
    Ok(false)
}

fn settle_all(db: &Connection, accounts: &[AccountId]) -> Result<BTreeSet<ThreadId>, StoreError> {
    // Who is who in two forms of a thread follows from who is me.
    db.execute_batch("DELETE FROM meta WHERE key GLOB 'retold/*' OR key GLOB 'beside/*'")?;
    let mut stale = BTreeSet::new();
    for account in accounts {
        stale.extend(settle::account(db, *account)?);
    }
    Ok(stale)
}

/// Threads told by the account and by others that are one with it. Nothing in them is a shadow of
/// anything until that is worked out again.
fn mixed(db: &Connection, account: AccountId) -> Result<BTreeSet<ThreadId>, StoreError> {
    let mut q = db.prepare_cached(
        "SELECT DISTINCT s.thread_id, s.id FROM strand s WHERE s.thread_id IN
           (SELECT one.thread_id FROM strand one JOIN strand other
              ON other.thread_id = one.thread_id AND other.account_id <> ?1
            WHERE one.account_id = ?1)",
    )?;
    let rows: Vec<(i64, i64)> =
        q.query_map([account.0], |r| Ok((r.get(0)?, r.get(1)?)))?.collect::<Result<_, _>>()?;
    for (_, strand) in &rows {
        walk::change(db, &walk::ids(db, StrandId(*strand))?, UNSHADE, &[])?;
        db.prepare_cached("DELETE FROM meta WHERE key = 'mine/' || ?1")?.execute([strand])?;
    }
    Ok(rows.into_iter().map(|(thread, _)| ThreadId(thread)).collect())
}

fn refresh(
    db: &Connection,
    threads: &BTreeSet<ThreadId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    threads.iter().try_for_each(|t| settle::refresh(db, *t, now))
}
