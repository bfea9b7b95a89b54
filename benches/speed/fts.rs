//! SQLite's own full-text search, used plainly, in a file of its own.

use std::path::Path;

use anyhow::Result;
use rusqlite::{Connection, params};

use crate::asked::Asked;
use crate::column::Column;
use crate::cost;

/// A filled table.
pub struct Fts {
    db: Connection,
    /// CPU seconds that filling it took.
    pub cpu: f64,
    /// Its size.
    pub bytes: u64,
}

impl Fts {
    /// Fills a table with the folded texts, oldest first, so that the newest have the highest
    /// numbers. What filters ask for stands in a file beside it, which its size does not count.
    pub fn fill(dir: &Path, column: &Column) -> Result<Self> {
        std::fs::create_dir_all(dir)?;
        let file = dir.join("fts.db");
        let mut db = Connection::open(&file)?;
        for (name, value) in [("page_size", "8192"), ("journal_mode", "WAL")] {
            db.pragma_update(None, name, value)?;
        }
        db.pragma_update(None, "synchronous", "NORMAL")?;
        db.pragma_update(None, "cache_size", -65_536)?;
        db.execute("ATTACH ?1 AS beside", [dir.join("beside.db").to_string_lossy()])?;
        db.execute_batch(
            "CREATE VIRTUAL TABLE f USING fts5(text, content='', tokenize='unicode61', prefix='2 3');
             CREATE TABLE beside.m(n INTEGER PRIMARY KEY, strand INTEGER, sender INTEGER, at INTEGER);",
        )?;
        let all = column.len();
        let each =
            |db: &mut Connection,
             sql: &str,
             put: &dyn Fn(&mut rusqlite::Statement<'_>, usize) -> rusqlite::Result<usize>|
             -> Result<()> {
                for chunk in (0..all).rev().collect::<Vec<_>>().chunks(100_000) {
                    let tx = db.transaction()?;
                    let mut q = tx.prepare(sql)?;
                    for n in chunk {
                        put(&mut q, *n)?;
                    }
                    drop(q);
                    tx.commit()?;
                }
                Ok(())
            };
        let before = cost::own()?;
        each(&mut db, "INSERT INTO f(rowid, text) VALUES(?1, ?2)", &|q, n| {
            q.execute(params![(all - n) as i64, column.text(n)])
        })?;
        let cpu = cost::own()? - before;
        each(&mut db, "INSERT INTO beside.m VALUES(?1, ?2, ?3, ?4)", &|q, n| {
            let p = column.place(n);
            q.execute(params![(all - n) as i64, p.strand, p.sender, p.at])
        })?;
        db.pragma_update(None, "wal_checkpoint", "TRUNCATE")?;
        let bytes = std::fs::metadata(&file)?.len();
        Ok(Self { db, cpu, bytes })
    }

    /// The numbers of the newest hits.
    pub fn ask(&self, asked: &Asked, limit: usize) -> Result<Vec<i64>> {
        let sql = match &asked.sql {
            None => "SELECT rowid FROM f WHERE f MATCH ?1 ORDER BY rowid DESC LIMIT ?2".to_owned(),
            Some(filter) => format!(
                "SELECT f.rowid FROM f JOIN beside.m ON m.n = f.rowid
                 WHERE f MATCH ?1 AND {filter} ORDER BY f.rowid DESC LIMIT ?2"
            ),
        };
        let mut q = self.db.prepare_cached(&sql)?;
        let rows = q.query_map(params![asked.fts, limit as i64], |r| r.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
