//! The index as of one of its commits. Opening its segments costs more than most searches, so that
//! is done once for each commit.

use std::path::Path;
use std::sync::Arc;

use tantivy::Searcher;
use tantivy::directory::Directory;

use super::fields::Fields;
use super::{Index, label_of};
use crate::store::StoreError;

/// What a commit left.
pub struct Snapshot {
    pub(super) searcher: Searcher,
    pub(super) fields: Fields,
    /// Every message up to this number is in it.
    pub upto: i64,
    /// The list of segments that it was opened by.
    list: Vec<u8>,
}

impl Index {
    /// The newest commit, whoever made it.
    pub fn snapshot(&self) -> Result<Arc<Snapshot>, StoreError> {
        let mut seen = self.seen.lock().map_err(|_| StoreError::Index("a search failed".into()))?;
        loop {
            let list = self.list()?;
            if let Some(known) = seen.as_ref().filter(|s| s.list == list) {
                return Ok(known.clone());
            }
            self.reader.reload()?;
            let upto = label_of(&self.index)?.map_or(0, |l| l.upto);
            // Whatever was committed meanwhile may be in one and not in the other.
            if self.list()? == list {
                let searcher = self.reader.searcher();
                *seen = Some(Arc::new(Snapshot { searcher, fields: self.fields, upto, list }));
            }
        }
    }

    fn list(&self) -> Result<Vec<u8>, StoreError> {
        let read = self.index.directory().atomic_read(Path::new("meta.json"));
        read.map_err(|e| StoreError::Index(e.to_string()))
    }
}
