//! What is stored, as it is stored but for the names that contact cards give: for the command line.

use super::{Engine, EngineError};
use crate::model::{MessageId, ThreadId, Timestamp};
use crate::store::{PageEnd, StoredMessage, StoredParticipant};

impl Engine {
    /// Everyone in a thread.
    pub fn participants(&self, thread: ThreadId) -> Result<Vec<StoredParticipant>, EngineError> {
        let mut all = self.reader.participants(thread)?;
        self.book()?.participants(&mut all);
        Ok(all)
    }

    /// The place after which the newest N messages come; `None`: all of them do.
    pub fn before_newest(
        &self,
        thread: ThreadId,
        n: usize,
    ) -> Result<Option<(Timestamp, i64, MessageId)>, EngineError> {
        let page = self.reader.older(thread, PageEnd::Edge, n.saturating_add(1))?;
        let first = page.first().filter(|_| page.len() > n);
        Ok(first.map(|m| (m.sent.at, m.order, m.id)))
    }

    /// Messages as stored, oldest first, for the command line.
    pub fn messages(
        &self,
        thread: ThreadId,
        from: Option<Timestamp>,
        after: Option<(Timestamp, i64, MessageId)>,
        limit: usize,
    ) -> Result<Vec<StoredMessage>, EngineError> {
        let end = match (after, from) {
            (Some((at, order, id)), _) => PageEnd::Beside(at, order, id),
            (None, Some(t)) => PageEnd::Instant(t),
            (None, None) => PageEnd::Edge,
        };
        let mut page = self.reader.newer(thread, end, limit)?;
        self.book()?.stored(&mut page);
        Ok(page)
    }
}
