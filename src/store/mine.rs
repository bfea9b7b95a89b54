//! Who is me: what exports told, what follows from the threads beside each other, and what the
//! person said.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::same::GROUP;
use super::stitch::Strand;
use super::{Reader, StoreError, Writer, settle};
use crate::model::{AccountId, IdentityId, ThreadId, Timestamp};

/// Participants of a less exact form of a thread who are me in the exact one.
pub fn beside(db: &Connection, strand: &Strand, mine: &[i64]) -> Result<(), StoreError> {
    let place = format!("mine/{}", strand.id.0);
    if mine.is_empty() {
        db.prepare_cached("DELETE FROM meta WHERE key = ?1")?.execute([place])?;
        return Ok(());
    }
    let ids: Vec<String> = mine.iter().map(i64::to_string).collect();
    db.prepare_cached("INSERT OR REPLACE INTO meta(key, value) VALUES(?1, ?2)")?
        .execute(params![place, ids.join(",")])?;
    Ok(())
}

/// The thread is told by one form only.
pub fn alone(db: &Connection, strand: &Strand) -> Result<(), StoreError> {
    beside(db, strand, &[])
}

/// Those participants, in all accounts.
pub fn noted(db: &Connection) -> Result<BTreeSet<i64>, StoreError> {
    let mut q = db.prepare_cached("SELECT value FROM meta WHERE key GLOB 'mine/*'")?;
    let lists: Vec<String> = q.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?;
    Ok(lists.iter().flat_map(|l| l.split(',')).filter_map(|id| id.parse().ok()).collect())
}

/// Whom the person said to be: keys of participants, of whom those that are ids mean one each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// The keys, in whichever thread they stand.
    pub keys: Vec<String>,
    /// The name.
    pub name: String,
}

/// As it is kept: with what exports said of the account, for the day when it is taken back.
#[derive(Serialize, Deserialize)]
struct Kept {
    me: Me,
    name: String,
    known_by: String,
}

/// Somebody in the threads of an account, for choosing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Their key.
    pub key: String,
    /// Their name.
    pub name: String,
    /// Threads that they are in.
    pub threads: u64,
    /// They are me, as far as is known.
    pub me: bool,
}

impl Candidate {
    /// Known by name alone: the key is the name.
    pub fn is_name(&self) -> bool {
        is_name(&self.key, &self.name)
    }
}

fn is_name(key: &str, name: &str) -> bool {
    let letters = |s: &str| -> String {
        s.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    key == name || letters(key) == letters(name)
}

fn place(account: AccountId) -> String {
    format!("me/{}", account.0)
}

fn kept(db: &Connection, account: AccountId) -> Result<Option<Kept>, StoreError> {
    let kept: Option<String> = db
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([place(account)], |r| r.get(0))
        .optional()?;
    Ok(kept.as_deref().map(serde_json::from_str).transpose()?)
}

fn keep(db: &Connection, account: AccountId, kept: &Kept) -> Result<(), StoreError> {
    db.prepare_cached("INSERT OR REPLACE INTO meta(key, value) VALUES(?1, ?2)")?
        .execute(params![place(account), serde_json::to_string(kept)?])?;
    named(db, account, &kept.me.name, "you said so")
}

fn named(db: &Connection, account: AccountId, name: &str, by: &str) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE account SET name = ?2, known_by = ?3 WHERE id = ?1")?
        .execute(params![account.0, name, by])?;
    Ok(())
}

/// An export tells of an account again: what it says of me is kept aside where the person spoke.
/// Returns my name, and how it is known.
pub fn told_again(db: &Connection, account: AccountId) -> Result<(String, String), StoreError> {
    let told: (String, String) = db
        .prepare_cached("SELECT name, known_by FROM account WHERE id = ?1")?
        .query_row([account.0], |r| Ok((r.get(0)?, r.get(1)?)))?;
    let Some(mut kept) = kept(db, account)? else { return Ok(told) };
    let said = (kept.me.name.clone(), "you said so".to_owned());
    if told != said {
        (kept.name, kept.known_by) = told;
        keep(db, account, &kept)?;
    }
    Ok(said)
}

impl Writer {
    /// The person says who they are in an account; `None`: what exports tell holds. Returns what
    /// they had said before, which is the exact inverse.
    pub fn say_me(
        &mut self,
        account: AccountId,
        me: Option<Me>,
        now: Timestamp,
    ) -> Result<Option<Me>, StoreError> {
        let tx = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let before = kept(&tx, account)?;
        match (me, &before) {
            (Some(me), Some(before)) => {
                let (name, known_by) = (before.name.clone(), before.known_by.clone());
                keep(&tx, account, &Kept { me, name, known_by })?;
            }
            (Some(me), None) => {
                let (name, known_by) = tx
                    .prepare_cached("SELECT name, known_by FROM account WHERE id = ?1")?
                    .query_row([account.0], |r| Ok((r.get(0)?, r.get(1)?)))?;
                keep(&tx, account, &Kept { me, name, known_by })?;
            }
            (None, Some(before)) => {
                tx.execute("DELETE FROM meta WHERE key = ?1", [place(account)])?;
                named(&tx, account, &before.name, &before.known_by)?;
            }
            (None, None) => return Ok(None),
        }
        // Who is who in two forms of a thread follows from who is me.
        tx.execute_batch("DELETE FROM meta WHERE key GLOB 'retold/*' OR key GLOB 'beside/*'")?;
        for thread in settle::account(&tx, account)? {
            settle::refresh(&tx, thread, now)?;
        }
        tx.commit()?;
        Ok(before.map(|b| b.me))
    }
}

impl Reader {
    /// Everybody in an account's threads who has a key or a name, those in most threads first.
    pub fn candidates(&self, account: AccountId) -> Result<Vec<Candidate>, StoreError> {
        let mut q = self.db.prepare_cached(
            "SELECT p.key, p.name, count(DISTINCT s.thread_id), max(p.is_me) FROM participant p
             JOIN strand s ON s.id = p.strand_id WHERE s.account_id = ?1 AND p.placeholder = 0
             GROUP BY p.key, p.name ORDER BY 3 DESC, p.name, p.key",
        )?;
        let rows = q.query_map([account.0], |r| {
            let threads = r.get::<_, i64>(2)?.unsigned_abs();
            Ok(Candidate { key: r.get(0)?, name: r.get(1)?, threads, me: r.get(3)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Under which keys, and in which account, threads tell of an identity.
    pub fn keys_of(
        &self,
        identity: IdentityId,
    ) -> Result<Option<(AccountId, Vec<String>)>, StoreError> {
        let mut q = self.db.prepare_cached(
            "SELECT DISTINCT i.account_id, p.key FROM identity i
             JOIN participant p ON p.identity_id = i.id WHERE i.id = ?1 ORDER BY 2",
        )?;
        let rows = q.query_map([identity.0], |r| Ok((AccountId(r.get(0)?), r.get(1)?)))?;
        let all: Vec<(AccountId, String)> = rows.collect::<Result<_, _>>()?;
        let account = all.first().map(|(a, _)| *a);
        Ok(account.map(|a| (a, all.into_iter().map(|(_, key)| key).collect())))
    }
}

/// Marks the participants of an account who are me, and nobody else. Returns the threads in which
/// that changed.
///
/// Where the person said who they are, that holds in every thread in which they are; elsewhere an
/// export's own marks hold, but for names, which were guessed.
pub fn account(db: &Connection, account: AccountId) -> Result<BTreeSet<ThreadId>, StoreError> {
    let noted = noted(db)?;
    let said = kept(db, account)?.map(|k| k.me.keys).unwrap_or_default();
    let mut there: BTreeSet<i64> = BTreeSet::new();
    for key in &said {
        let mut q = db.prepare_cached(
            "SELECT s.id FROM participant p JOIN strand s ON s.id = p.strand_id
             WHERE s.account_id = ?1 AND p.key = ?2",
        )?;
        for strand in q.query_map(params![account.0, key], |r| r.get(0))? {
            there.insert(strand?);
        }
    }
    // Where nobody said anything, those that exports and notes are at one about need no look.
    let mut q = db.prepare_cached(&format!(
        "SELECT * FROM (SELECT p.id AS id, s.thread_id, p.is_me AS is_me, p.told_me OR p.name IN
             (SELECT name FROM account_name WHERE account_id IN {GROUP}) AS told, s.id, p.key, p.name
           FROM participant p JOIN strand s ON s.id = p.strand_id WHERE s.account_id = ?1)
         WHERE ?2 OR is_me <> told OR id IN (SELECT value FROM json_each(?3))"
    ))?;
    let mut changed: BTreeMap<i64, (ThreadId, bool)> = BTreeMap::new();
    let ids = serde_json::to_string(&noted)?;
    let mut rows = q.query(params![account.0, !said.is_empty(), ids])?;
    while let Some(r) = rows.next()? {
        let (id, is, told): (i64, bool, bool) = (r.get(0)?, r.get(2)?, r.get(3)?);
        let me = if said.is_empty() {
            told || noted.contains(&id)
        } else {
            let (key, name): (String, String) = (r.get(5)?, r.get(6)?);
            match there.contains(&r.get(4)?) {
                true => said.contains(&key),
                false => (told && !is_name(&key, &name)) || noted.contains(&id),
            }
        };
        if me != is {
            changed.insert(id, (ThreadId(r.get(1)?), me));
        }
    }
    drop(rows);
    let mut update = db.prepare_cached("UPDATE participant SET is_me = ?2 WHERE id = ?1")?;
    for (id, (_, me)) in &changed {
        update.execute(params![id, me])?;
    }
    Ok(changed.into_values().map(|(thread, _)| thread).collect())
}
