//! Which exports were read to their end, and what came of it, so that the same one need not be
//! read again.

use rusqlite::{OptionalExtension, params};

use super::{Import, StoreError, Writer};

impl Writer {
    /// What was left with a mark by [`Import::remember`]. Whoever comes to delete messages must
    /// forget every mark with them.
    pub fn remembered(&self, mark: &str) -> Result<Option<String>, StoreError> {
        let key = format!("read:{mark}");
        Ok(self
            .db
            .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
            .query_row([key], |r| r.get(0))
            .optional()?)
    }
}

impl Import<'_> {
    /// Leaves something with a mark; it stays if this import ends as it should. Marks that begin
    /// otherwise, by another program, mean nothing any more and go.
    pub fn remember(&mut self, program: &str, mark: &str, value: &str) -> Result<(), StoreError> {
        self.begin()?;
        self.db
            .prepare_cached(
                "DELETE FROM meta WHERE key >= 'read:' AND key < 'read;'
                   AND substr(key, 1, length(?1)) <> ?1",
            )?
            .execute([format!("read:{program}")])?;
        self.db
            .prepare_cached("INSERT OR REPLACE INTO meta(key, value) VALUES(?1, ?2)")?
            .execute(params![format!("read:{program}{mark}"), value])?;
        Ok(())
    }
}
