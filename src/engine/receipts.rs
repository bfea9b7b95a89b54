//! Rows of a page, with how far the others have read and where messages are missing.

use super::{Engine, EngineError, rows};
use crate::inbox::MessageRow;
use crate::model::SendState;
use crate::store::{StoredMessage, StoredParticipant, StoredThread};

impl Engine {
    /// A page as rows, with its gaps. What I sent and somebody has read says so.
    pub(super) fn message_rows(
        &self,
        stored: &StoredThread,
        people: &[StoredParticipant],
        mut page: Vec<StoredMessage>,
    ) -> Result<Vec<MessageRow>, EngineError> {
        self.quote_answered(&mut page)?;
        let door = self.door_before(stored.id, &page)?;
        let names = rows::names(people);
        let mut rows = rows::messages(&self.settings, stored, &names, door.as_deref(), page);
        self.name_messages(&mut rows)?;
        let there =
            |m: &MessageRow| matches!(m.send_state, Some(SendState::Sent | SendState::Delivered));
        if rows.iter().any(there)
            && let Some(read) = self.reader.read_by_others(stored.id)?
        {
            for m in rows.iter_mut().filter(|m| m.mine && m.pos.at <= read && there(m)) {
                m.send_state = Some(SendState::Read);
            }
        }
        for (message, token) in self.reader.gaps(stored.id)? {
            if let Some(m) = rows.iter_mut().find(|m| m.id == message) {
                m.gap = Some(token);
            }
        }
        Ok(rows)
    }
}
