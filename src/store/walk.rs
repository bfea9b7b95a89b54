//! Walks over a strand's messages in the order in which they lie in the table, or of time. Its index
//! knows them by fingerprint, which is neither: of more messages than the cache holds each would be
//! read from the disk anew. They are changed one by one, since a statement that changes many keeps
//! what they were in memory until its end.

use rusqlite::{Connection, ToSql, params};

use super::StoreError;
use crate::model::StrandId;

/// All of them as they lie in the table.
pub fn ids(db: &Connection, strand: StrandId) -> Result<Vec<i64>, StoreError> {
    let mut q = db.prepare_cached("SELECT id FROM message WHERE strand_id = ?1")?;
    let mut ids = q.query_map([strand.0], |r| r.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    ids.sort_unstable();
    Ok(ids)
}

/// Those from a time to another, by time.
pub fn in_time(
    db: &Connection,
    strand: StrandId,
    (from, to): (i64, i64),
) -> Result<Vec<i64>, StoreError> {
    // The limit that is none keeps SQLite from taking the two for one, and the order with it.
    let mut q = db.prepare_cached(
        "SELECT m.sent_at, m.ord, m.id
         FROM (SELECT id FROM message WHERE strand_id = ?1 ORDER BY id LIMIT -1) s
         CROSS JOIN message m ON m.id = s.id WHERE m.sent_at BETWEEN ?2 AND ?3",
    )?;
    let rows =
        q.query_map(params![strand.0, from, to], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
    let mut all = rows.collect::<Result<Vec<(i64, i64, i64)>, _>>()?;
    all.sort_unstable();
    Ok(all.into_iter().map(|(.., id)| id).collect())
}

/// Changes each by a statement whose first parameter is its number.
pub fn change(
    db: &Connection,
    ids: &[i64],
    statement: &str,
    others: &[&dyn ToSql],
) -> Result<(), StoreError> {
    let mut statement = db.prepare_cached(statement)?;
    for (n, value) in others.iter().enumerate() {
        statement.raw_bind_parameter(n + 2, value)?;
    }
    for id in ids {
        statement.raw_bind_parameter(1, id)?;
        statement.raw_execute()?;
    }
    Ok(())
}
