//! Accounts of mine: which there are, and which of them the person says are one.

use super::undo::Undoable;
use super::{Engine, EngineError, now, rows};
use crate::inbox::{MyAccountRow, Notice, Severity};
use crate::model::{AccountId, ThreadId};
use crate::store::{Joined, MyAccount};

/// What came of it: to be told, to be taken back, and the threads that changed.
pub type Said = Result<(Notice, Option<Undoable>, Vec<ThreadId>), Notice>;

impl Engine {
    /// Every account of mine, by app.
    pub fn my_accounts(&self) -> Result<Vec<MyAccount>, EngineError> {
        Ok(self.reader.my_accounts()?)
    }

    /// The same for the screen.
    pub fn my_account_rows(&self) -> Result<Vec<MyAccountRow>, EngineError> {
        let row = |a: MyAccount| MyAccountRow {
            id: a.id,
            badge: rows::badge(self.settings(), &a.source),
            name: title(&a).to_owned(),
            live: a.live.is_some(),
            threads: a.threads,
            same: a.same,
            nobody: a.nobody,
        };
        Ok(self.my_accounts()?.into_iter().map(row).collect())
    }

    /// "These two are one": they stitch, know me by each other's names and suggest as one. `Err`:
    /// why they cannot be.
    pub fn same_account(&self, a: AccountId, b: AccountId) -> Result<Said, EngineError> {
        let known = self.my_accounts()?;
        let alone = |id: &AccountId| known.iter().any(|k| k.id == *id && k.same.is_empty());
        let joined = self.store().writer()?.same_account(a, b, now())?;
        Ok(match joined {
            Joined::Done(threads) => {
                let what =
                    format!("{} and {} are one account now", name(&known, a), name(&known, b));
                // What parts them again: whichever stood alone does again.
                let back = [b, a].into_iter().find(alone).map(Undoable::Apart);
                Ok((Notice::new(Severity::Info, what, "", ""), back, threads))
            }
            Joined::Already => {
                let what = format!("{} and {} are one already", name(&known, a), name(&known, b));
                Ok((Notice::new(Severity::Info, what, "", ""), None, Vec::new()))
            }
            Joined::OtherApp => Err(Notice::new(
                Severity::Warning,
                format!("{} and {} cannot be one", name(&known, a), name(&known, b)),
                "they are accounts of two apps",
                "people are linked over apps, accounts are not",
            )),
            Joined::Unknown(id) => Err(no_account(id)),
        })
    }

    /// "This account stands alone after all." `Err`: why that says nothing.
    pub fn account_apart(&self, a: AccountId) -> Result<Said, EngineError> {
        let known = self.my_accounts()?;
        let with = known.iter().find(|k| k.id == a).and_then(|k| k.same.first().copied());
        let joined = self.store().writer()?.account_apart(a, now())?;
        Ok(match joined {
            Joined::Done(threads) => {
                let what = format!("{} is an account of its own again", name(&known, a));
                let back = with.map(|with| Undoable::Same(with, a));
                Ok((Notice::new(Severity::Info, what, "", ""), back, threads))
            }
            Joined::Already | Joined::OtherApp => {
                let what = format!("{} is an account of its own already", name(&known, a));
                Ok((Notice::new(Severity::Info, what, "", ""), None, Vec::new()))
            }
            Joined::Unknown(id) => Err(no_account(id)),
        })
    }
}

fn no_account(id: AccountId) -> Notice {
    let what = format!("There is no account {}", id.0);
    Notice::new(Severity::Warning, what, "", "`onebox accounts mine` lists them")
}

/// What a person tells an account by.
pub fn name(known: &[MyAccount], id: AccountId) -> String {
    match known.iter().find(|a| a.id == id) {
        Some(a) => format!("{} {}", a.source, title(a)),
        None => id.0.to_string(),
    }
}

/// Its name, else its key.
pub fn title(account: &MyAccount) -> &str {
    match (account.name.as_str(), account.key.as_str()) {
        ("", "") => "(no name)",
        ("", key) => key,
        (name, _) => name,
    }
}
