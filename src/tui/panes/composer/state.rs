//! What is being written, and when it is worth keeping.

use crate::inbox::Ticket;
use crate::model::{MessageId, ThreadId, Timestamp};
use crate::tui::composer::Composer;

/// A draft is kept this long after a change at the latest, if anything happens at all.
const KEEP_AFTER_MS: i64 = 1000;
/// And after so many changes at the latest.
const KEEP_AFTER_CHANGES: usize = 20;

/// A message of mine whose text is being changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Editing {
    /// The message.
    pub message: MessageId,
    /// What stood in the composer before, and comes back.
    pub draft: String,
    /// It went out, and nothing was heard yet.
    pub sent: Option<Ticket>,
}

/// The pane's state.
#[derive(Clone, Debug, Default)]
pub struct ComposerPane {
    /// The text.
    pub text: Composer,
    /// The thread that it is for.
    pub thread: Option<ThreadId>,
    /// What stands there is no draft, but the text of a message.
    pub editing: Option<Editing>,
    /// What the engine was told last.
    kept: String,
    changed: Option<Timestamp>,
    changes: usize,
}

impl ComposerPane {
    /// Another thread, with the text as it is known so far.
    pub fn start(&mut self, thread: ThreadId, draft: &str) {
        *self = Self { thread: Some(thread), kept: draft.to_owned(), ..Self::default() };
        self.text.set_text(draft);
    }

    /// No thread is being written to.
    pub fn leave(&mut self) {
        *self = Self::default();
    }

    /// The stored draft has come; what was typed meanwhile stands behind it.
    pub fn restore(&mut self, draft: &str) {
        if let Some(editing) = &mut self.editing {
            self.kept = draft.to_owned();
            editing.draft = format!("{draft}{}", editing.draft);
            return;
        }
        if self.text.text() == draft {
            self.kept = draft.to_owned();
            return;
        }
        let typed = self.text.text().to_owned();
        self.kept = draft.to_owned();
        self.text.set_text(&format!("{draft}{typed}"));
    }

    /// Notes that the text may have changed.
    pub fn touched(&mut self, now: Timestamp) {
        if self.editing.is_some() || self.text.text() == self.kept {
            (self.changed, self.changes) = (None, 0);
        } else {
            self.changed.get_or_insert(now);
            self.changes += 1;
        }
    }

    /// It is time to keep the draft.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.changes >= KEEP_AFTER_CHANGES
            || self.changed.is_some_and(|t| now.0.saturating_sub(t.0) >= KEEP_AFTER_MS)
    }

    /// What is to be kept, if it is not yet.
    pub fn unkept(&mut self) -> Option<(ThreadId, String)> {
        let thread = self.thread?;
        (self.changed, self.changes) = (None, 0);
        if self.editing.is_some() || self.text.text() == self.kept {
            return None;
        }
        self.kept = self.text.text().to_owned();
        Some((thread, self.kept.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(pane: &mut ComposerPane, text: &str, now: i64) {
        for c in text.chars() {
            pane.text.insert_str(c.encode_utf8(&mut [0; 4])).unwrap();
            pane.touched(Timestamp(now));
        }
    }

    #[test]
    fn a_draft_is_due_after_a_second_or_twenty_changes() {
        let mut pane = ComposerPane::default();
        pane.start(ThreadId(1), "");
        typed(&mut pane, "hi", 0);
        assert!(!pane.is_due(Timestamp(999)));
        assert!(pane.is_due(Timestamp(1000)));
        assert_eq!(pane.unkept(), Some((ThreadId(1), "hi".into())));
        assert_eq!(pane.unkept(), None);
        typed(&mut pane, "12345678901234567890", 2000);
        assert!(pane.is_due(Timestamp(2000)));
    }

    #[test]
    fn what_was_typed_before_the_draft_came_is_not_lost() {
        let mut pane = ComposerPane::default();
        pane.start(ThreadId(1), "");
        typed(&mut pane, "more", 0);
        pane.restore("some ");
        assert_eq!(pane.text.text(), "some more");
    }
}
