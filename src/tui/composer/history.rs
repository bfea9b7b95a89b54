//! What can be undone: edits, of which runs of typing are one.

use std::collections::VecDeque;

/// Steps that are kept.
const STEPS: usize = 500;
/// Bytes that all steps together may hold.
const BYTES: usize = 1024 * 1024;

/// One replacement.
#[derive(Clone, Debug)]
pub(super) struct Edit {
    pub at: usize,
    pub took: String,
    pub put: String,
    /// The cursor before it.
    pub before: usize,
}

/// What an edit may become one step with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Run {
    /// Nothing.
    #[default]
    Alone,
    /// The typing before it.
    Typing,
    /// The deleting before it.
    Deleting,
}

#[derive(Clone, Debug, Default)]
pub(super) struct History {
    done: VecDeque<Edit>,
    undone: Vec<Edit>,
    open: Run,
    bytes: usize,
}

impl History {
    pub fn push(&mut self, edit: Edit, run: Run) {
        self.undone.clear();
        self.bytes += edit.took.len() + edit.put.len();
        let joined = run != Run::Alone
            && run == self.open
            && self.done.back_mut().is_some_and(|last| last.join(&edit));
        if !joined {
            self.done.push_back(edit);
        }
        self.open = run;
        while self.done.len() > STEPS || self.bytes > BYTES && self.done.len() > 1 {
            let Some(old) = self.done.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(old.took.len() + old.put.len());
        }
    }

    /// The next edit is a step of its own.
    pub fn seal(&mut self) {
        self.open = Run::Alone;
    }

    pub fn back(&mut self) -> Option<Edit> {
        self.seal();
        let edit = self.done.pop_back()?;
        self.undone.push(edit.clone());
        Some(edit)
    }

    pub fn forth(&mut self) -> Option<Edit> {
        self.seal();
        let edit = self.undone.pop()?;
        self.done.push_back(edit.clone());
        Some(edit)
    }
}

impl Edit {
    /// Takes in the next edit of a run, if it goes on where this one ended.
    fn join(&mut self, next: &Edit) -> bool {
        let typing = self.took.is_empty() && next.took.is_empty();
        let deleting = self.put.is_empty() && next.put.is_empty();
        if typing && next.at == self.at + self.put.len() {
            // A word and the space before it are one step.
            let word_ends = self.put.ends_with(|c: char| !c.is_whitespace());
            if word_ends && next.put.starts_with(char::is_whitespace) && self.put.len() > 40 {
                return false;
            }
            self.put.push_str(&next.put);
        } else if deleting && next.at == self.at {
            self.took.push_str(&next.took);
        } else if deleting && next.at + next.took.len() == self.at {
            self.took.insert_str(0, &next.took);
            self.at = next.at;
        } else {
            return false;
        }
        true
    }
}
