//! The index as of one of its commits. Opening its segments costs more than most searches, so that
//! is done once for each commit.

use std::cmp::Reverse;
use std::path::Path;
use std::sync::Arc;

use tantivy::columnar::ColumnValues;
use tantivy::directory::Directory;
use tantivy::{Searcher, SegmentReader};

use super::fields::{AT, Fields, ID};
use super::{Index, label_of};
use crate::store::StoreError;

/// What a commit left.
pub struct Snapshot {
    pub(super) searcher: Searcher,
    pub(super) fields: Fields,
    /// The one with the newest message first.
    pub(super) segments: Vec<Segment>,
    /// Every message up to this number is in it.
    pub upto: i64,
    /// The list of segments that it was opened by.
    list: Vec<u8>,
}

/// A segment with what every hit is asked for.
pub(super) struct Segment {
    pub reader: SegmentReader,
    /// The time of its newest message.
    pub newest: i64,
    pub at: Arc<dyn ColumnValues<i64>>,
    pub id: Arc<dyn ColumnValues<i64>>,
}

/// Segments, the one with the newest message first.
fn segments(searcher: &Searcher) -> Result<Vec<Segment>, StoreError> {
    let mut all = Vec::new();
    for reader in searcher.segment_readers() {
        let at = reader.fast_fields().i64(AT)?;
        let id = reader.fast_fields().i64(ID)?.first_or_default_col(0);
        let newest = at.max_value();
        let at = at.first_or_default_col(i64::MIN);
        all.push(Segment { reader: reader.clone(), newest, at, id });
    }
    all.sort_by_key(|s| Reverse(s.newest));
    Ok(all)
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
                let (fields, segments) = (self.fields, segments(&searcher)?);
                *seen = Some(Arc::new(Snapshot { searcher, fields, segments, upto, list }));
            }
        }
    }

    fn list(&self) -> Result<Vec<u8>, StoreError> {
        let read = self.index.directory().atomic_read(Path::new("meta.json"));
        read.map_err(|e| StoreError::Index(e.to_string()))
    }
}
