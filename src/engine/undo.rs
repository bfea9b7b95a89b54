//! What can be taken back: the exact inverse of each change, the latest last.

use super::{Engine, EngineError};
use crate::inbox::{Notice, Severity};
use crate::model::{AccountId, MessageId};
use crate::store::{Me, PeopleRows, StoreError, TriageBefore};

/// Changes that are remembered.
const DEEPEST: usize = 100;

/// The inverse of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undoable {
    /// Of who is who.
    People(PeopleRows),
    /// Of threads: how they stood.
    Triage(Vec<TriageBefore>),
    /// Of a star: whether there was one.
    Star(MessageId, bool),
    /// Of who I am in an account: what was said before.
    Me(AccountId, Option<Me>),
    /// Of my accounts: these two are one again.
    Same(AccountId, AccountId),
    /// Of my accounts: this one stands alone again.
    Apart(AccountId),
}

impl Engine {
    /// Takes a change back.
    /// False: in part only, since some of what it was about is gone.
    pub fn take_back(&mut self, change: &Undoable) -> Result<bool, EngineError> {
        match change {
            Undoable::People(rows) => self.undo_people(rows).map(|_| true),
            Undoable::Triage(before) => Ok(self.untriage(before)? == before.len()),
            Undoable::Me(account, before) => self.set_me(*account, before.clone()).map(|_| true),
            Undoable::Star(message, on) => self.star(*message, *on).map(|_| true),
            Undoable::Same(a, b) => self.same_account(*a, *b).map(|said| said.is_ok()),
            Undoable::Apart(a) => self.account_apart(*a).map(|said| said.is_ok()),
        }
    }
}

/// Changes that can be taken back.
#[derive(Debug, Default)]
pub struct Undo {
    done: Vec<(String, Undoable)>,
}

impl Undo {
    /// Remembers what was told of a change, and its inverse.
    pub fn push(&mut self, told: impl Into<String>, inverse: Undoable) {
        if self.done.len() >= DEEPEST {
            self.done.remove(0);
        }
        self.done.push((told.into(), inverse));
    }

    /// Takes the last change back. What failed can be tried again.
    pub fn undo(&mut self, engine: &mut Engine) -> Result<Notice, EngineError> {
        let Some((told, inverse)) = self.done.pop() else {
            return Ok(Notice::new(Severity::Info, "There is nothing to undo", "", ""));
        };
        match engine.take_back(&inverse) {
            Ok(true) => Ok(Notice::new(Severity::Info, format!("Undone: {told}"), "", "")),
            Ok(false) => {
                let why = "some of these threads have become part of others";
                let what = format!("Undone as far as it could be: {told}");
                Ok(Notice::new(Severity::Warning, what, why, ""))
            }
            Err(e) => {
                // What can be tried again stays; what is gone for good must not bar the rest.
                if matches!(&e, EngineError::Store(StoreError::Busy | StoreError::Full)) {
                    self.done.push((told, inverse));
                }
                Err(e)
            }
        }
    }
}
