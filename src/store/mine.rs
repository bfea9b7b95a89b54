//! Who is me: what exports told, what follows from the threads beside each other, and what the
//! person said.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, params};

use super::StoreError;
use super::stitch::Strand;
use crate::model::{AccountId, ThreadId};

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

fn noted(db: &Connection) -> Result<BTreeSet<i64>, StoreError> {
    let mut q = db.prepare_cached("SELECT value FROM meta WHERE key GLOB 'mine/*'")?;
    let lists: Vec<String> = q.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?;
    Ok(lists.iter().flat_map(|l| l.split(',')).filter_map(|id| id.parse().ok()).collect())
}

/// Marks the participants of an account who are me, and nobody else. Returns the threads in which
/// that changed.
pub fn account(db: &Connection, account: AccountId) -> Result<BTreeSet<ThreadId>, StoreError> {
    let noted = noted(db)?;
    let mut q = db.prepare_cached(
        "SELECT p.id, s.thread_id, p.is_me, p.told_me OR p.name IN
             (SELECT name FROM account_name WHERE account_id = ?1)
         FROM participant p JOIN strand s ON s.id = p.strand_id WHERE s.account_id = ?1",
    )?;
    let mut changed: BTreeMap<i64, (ThreadId, bool)> = BTreeMap::new();
    let mut rows = q.query([account.0])?;
    while let Some(r) = rows.next()? {
        let (id, is, told): (i64, bool, bool) = (r.get(0)?, r.get(2)?, r.get(3)?);
        let me = told || noted.contains(&id);
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
