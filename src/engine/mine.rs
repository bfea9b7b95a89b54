//! The person says who they are in an account, after an import that could not tell or guessed wrong.

use super::undo::Undoable;
use super::{Engine, EngineError};
use crate::inbox::{CandidateRow, Notice, Severity};
use crate::model::{AccountId, IdentityId};
use crate::store::{Candidate, Me};

impl Engine {
    /// Everybody in the threads of an account, those in most of them first.
    pub fn candidates(&self, account: AccountId) -> Result<Vec<Candidate>, EngineError> {
        Ok(self.reader.candidates(account)?)
    }

    /// The same for the screen.
    pub fn candidate_rows(&self, account: AccountId) -> Result<Vec<CandidateRow>, EngineError> {
        let row = |c: Candidate| CandidateRow {
            id: (!c.is_name()).then(|| c.key.clone()),
            key: c.key,
            name: c.name,
            threads: c.threads,
            me: c.me,
        };
        Ok(self.candidates(account)?.into_iter().map(row).collect())
    }

    /// Somebody of an account is me, by name or id; `None`: what exports tell holds. Returns what is
    /// told of it, and exactly what takes it back.
    pub fn say_me(
        &mut self,
        account: AccountId,
        who: Option<&str>,
    ) -> Result<(Notice, Undoable), EngineError> {
        let me = who.map(|who| self.called(account, who)).transpose()?;
        self.set_me(account, me)
    }

    /// An identity is me.
    pub fn identity_is_me(
        &mut self,
        identity: IdentityId,
    ) -> Result<(Notice, Undoable), EngineError> {
        let nobody = EngineError::NoPerson(identity.0);
        let Some((account, keys)) = self.reader.keys_of(identity)? else { return Err(nobody) };
        let people = self.people()?;
        let name = people.identities.get(&identity).map(|i| i.name.clone()).ok_or(nobody)?;
        self.set_me(account, Some(Me { keys, name }))
    }

    /// Says so, or takes it back.
    pub(super) fn set_me(
        &mut self,
        account: AccountId,
        me: Option<Me>,
    ) -> Result<(Notice, Undoable), EngineError> {
        let told = match &me {
            Some(me) => format!("You are {} there now", me.name),
            None => "Who you are there is what the exports tell".to_owned(),
        };
        let before = self.store().writer()?.say_me(account, me, self.present())?;
        Ok((Notice::new(Severity::Info, told, "", ""), Undoable::Me(account, before)))
    }

    /// Who bears a name or id. Of several ids with one name nobody knows which.
    fn called(&self, account: AccountId, who: &str) -> Result<Me, EngineError> {
        let all = self.reader.candidates(account)?;
        let fold = |s: &str| s.trim().to_lowercase();
        let exactly: Vec<&Candidate> = all.iter().filter(|c| c.key == who).collect();
        let named = all.iter().filter(|c| fold(&c.name) == fold(who) || fold(&c.key) == fold(who));
        let found: Vec<&Candidate> =
            if exactly.iter().any(|c| !c.is_name()) { exactly } else { named.collect() };
        let mut ids: Vec<&&Candidate> = found.iter().filter(|c| !c.is_name()).collect();
        // Whoever an export marks as me is who is meant.
        if ids.iter().any(|c| c.me) {
            ids.retain(|c| c.me);
        }
        let mut keys: Vec<String> = ids.iter().map(|c| c.key.clone()).collect();
        keys.dedup();
        if let [_, _, ..] = keys.as_slice() {
            let why =
                format!("several are called {who} there; name one by its id: {}", keys.join(", "));
            return Err(EngineError::Source(why));
        }
        keys.extend(found.iter().filter(|c| c.is_name()).map(|c| c.key.clone()));
        keys.sort();
        keys.dedup();
        match found.first() {
            Some(one) => Ok(Me { keys, name: one.name.clone() }),
            None => Err(EngineError::Source(format!("nobody is called {who} there"))),
        }
    }
}
