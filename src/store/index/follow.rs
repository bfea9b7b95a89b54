//! The index follows the store: new messages by their numbers, changed ones by a list.
//!
//! Every commit of the index says up to which message it reaches. What was not committed when the
//! program was killed is simply taken in again.

use std::collections::HashSet;
use std::sync::Arc;

use tantivy::{IndexWriter, TantivyDocument};

use super::fields::Entry;
use super::{Find, Index};
use crate::store::tell::entries;
use crate::store::{Reader, Store, StoreError};

/// Memory that documents may take before they become a segment.
const BUDGET: usize = 48 << 20;
/// Messages read at once.
const BATCH: usize = 2_000;
/// Messages between two commits: what a kill may undo.
const COMMIT: u64 = 200_000;
/// Changed messages taken in at once.
const CHANGED: usize = 5_000;
/// More than this, and segments are merged before the work is called done.
const BULK: u64 = 20_000;

/// How far the index has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Followed {
    /// Every message can be found.
    All,
    /// It was stopped; it goes on from there next time.
    Stopped,
    /// Another onebox is at it.
    Busy,
}

impl Index {
    /// Takes in what is new and what has changed. `progress` hears how many messages were taken in
    /// of how many that were missing, and says whether to go on.
    pub fn follow(
        &self,
        store: &Store,
        progress: &mut dyn FnMut(u64, u64) -> bool,
    ) -> Result<Followed, StoreError> {
        let reader = store.reader()?;
        let upto = self.upto()?;
        let missing = reader.messages_after(upto)?;
        if missing == 0 && !reader.has_changed_messages()? {
            return Ok(Followed::All);
        }
        let mut slot =
            self.writer.lock().map_err(|_| StoreError::Index("indexing failed".into()))?;
        let writer = match self.index.writer_with_num_threads(1, BUDGET) {
            Ok(writer) => slot.insert(writer),
            Err(e) => {
                return match e.into() {
                    StoreError::IndexBusy => Ok(Followed::Busy),
                    e => Err(e),
                };
            }
        };
        let mut run = Run { index: self, store, reader, done: 0, missing };
        let result = run.all(writer, progress);
        let bulk = run.done > BULK;
        // Dropping the writer lets other programs write.
        match slot.take() {
            Some(writer) if bulk && matches!(result, Ok(Followed::All)) => {
                writer.wait_merging_threads()?;
            }
            other => drop(other),
        }
        result
    }
}

struct Run<'a> {
    index: &'a Index,
    store: &'a Store,
    reader: Reader,
    done: u64,
    missing: u64,
}

impl Run<'_> {
    fn all(
        &mut self,
        writer: &mut IndexWriter<TantivyDocument>,
        progress: &mut dyn FnMut(u64, u64) -> bool,
    ) -> Result<Followed, StoreError> {
        // Another program may have gone on since this one looked.
        let mut upto = self.index.upto()?;
        let mut since_commit = 0;
        loop {
            let batch = entries(&self.reader, upto, BATCH)?;
            let Some(last) = batch.last().map(|e| e.id) else { break };
            since_commit += batch.len() as u64;
            self.done += batch.len() as u64;
            for entry in &batch {
                writer.add_document(self.index.fields.document(entry))?;
            }
            upto = last;
            let go_on = progress(self.done, self.missing.max(self.done));
            if since_commit >= COMMIT || !go_on {
                self.commit(writer, upto)?;
                since_commit = 0;
            }
            if !go_on {
                return Ok(Followed::Stopped);
            }
        }
        if since_commit > 0 {
            self.commit(writer, upto)?;
        }
        while self.changed(writer, upto)? {
            if !progress(self.done, self.missing.max(self.done)) {
                return Ok(Followed::Stopped);
            }
        }
        Ok(Followed::All)
    }

    fn commit(
        &self,
        writer: &mut IndexWriter<TantivyDocument>,
        upto: i64,
    ) -> Result<(), StoreError> {
        let mut prepared = writer.prepare_commit()?;
        prepared.set_payload(&self.index.label(upto)?);
        prepared.commit()?;
        Ok(())
    }

    /// Takes changed messages in anew. True if there may be more.
    fn changed(
        &mut self,
        writer: &mut IndexWriter<TantivyDocument>,
        upto: i64,
    ) -> Result<bool, StoreError> {
        let (last, ids) = self.reader.changed_messages(CHANGED)?;
        let Some(last) = last else { return Ok(false) };
        let known: HashSet<i64> = ids.iter().copied().filter(|id| *id <= upto).collect();
        if !known.is_empty() {
            let changed = Find::Ids(Arc::new(known.clone()));
            writer.delete_query(changed.query(&self.index.fields, false))?;
            for id in known {
                for entry in self.entry(id)? {
                    writer.add_document(self.index.fields.document(&entry))?;
                }
            }
            self.commit(writer, upto)?;
        }
        if !self.store.is_writable() {
            return Ok(false);
        }
        self.store.writer()?.forget_changed(last)?;
        Ok(true)
    }

    fn entry(&self, id: i64) -> Result<Vec<Entry>, StoreError> {
        let mut found = entries(&self.reader, id - 1, 1)?;
        found.retain(|e| e.id == id);
        Ok(found)
    }
}
