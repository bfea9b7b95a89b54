//! Making messages searchable: the index follows the store, and is made anew if it is damaged.

use super::{Engine, EngineError};
use crate::store::StoreError;
use crate::store::index::Followed;

/// How the index stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexState {
    /// Messages that can be found.
    pub messages: u64,
    /// Messages that are stored and cannot be found yet.
    pub missing: u64,
    /// Its size.
    pub bytes: u64,
}

impl Engine {
    /// Brings the index up to the store. `progress` hears how many messages were taken in of how
    /// many that were missing, and says whether to go on.
    pub fn follow_index(
        &self,
        progress: &mut dyn FnMut(u64, u64) -> bool,
    ) -> Result<Followed, EngineError> {
        match self.store.index().and_then(|i| i.follow(&self.store, progress)) {
            Err(StoreError::IndexBusy) => Ok(Followed::Busy),
            Err(StoreError::Index(why)) => {
                // It is derived: nothing is lost by starting over.
                log::warn!("the search index is made anew: {why}");
                match self.store.drop_index() {
                    Err(StoreError::IndexBusy) => return Ok(Followed::Busy),
                    other => other?,
                }
                Ok(self.store.index()?.follow(&self.store, progress)?)
            }
            other => Ok(other?),
        }
    }

    /// How the index stands.
    pub fn index_state(&self) -> Result<IndexState, EngineError> {
        let index = self.store.index()?;
        let (bytes, messages) = index.size()?;
        let missing = self.reader.messages_after(index.upto()?)?;
        Ok(IndexState { messages, missing, bytes })
    }
}
