//! The accounts sheet: which account one stands on, and what is being typed.

use super::super::secret::Secret;
use crate::inbox::{AccountRow, AskKind, AskRow};
use crate::model::{AccountId, LiveId};
use crate::tui::composer::OneLine;

/// The sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccountsState {
    /// The account that one stands on.
    pub chosen: usize,
    /// What one does there.
    pub mode: Mode,
    /// Lines scrolled down.
    pub scroll: usize,
}

/// What one does on the sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Mode {
    /// Looking at the list.
    #[default]
    List,
    /// Typing the name of a connector.
    Connector(OneLine),
    /// Answering a question.
    Answer(Answering),
    /// Saying which accounts of mine are one: the one that one stands on, and the one that was
    /// taken first.
    Mine(usize, Option<AccountId>),
    /// Asked whether to remove one.
    Remove(LiveId),
}

/// A question that is being answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Answering {
    /// Whose.
    pub account: LiveId,
    /// The question.
    pub ask: AskRow,
    /// A text.
    pub line: OneLine,
    /// A text that nobody may see.
    pub secret: Secret,
    /// One of several.
    pub chosen: usize,
}

impl Answering {
    /// A question as it is first shown.
    pub fn of(account: LiveId, ask: AskRow) -> Self {
        let mut line = OneLine::default();
        if let AskKind::Text(initial) = &ask.kind {
            line.put(initial);
        }
        Self { account, ask, line, secret: Secret::default(), chosen: 0 }
    }

    /// Plain characters are its answer.
    pub fn takes_text(&self) -> bool {
        matches!(self.ask.kind, AskKind::Text(_) | AskKind::Secret)
    }
}

impl AccountsState {
    /// Plain characters are text.
    pub fn takes_text(&self) -> bool {
        match &self.mode {
            Mode::Connector(_) => true,
            Mode::Answer(answering) => answering.takes_text(),
            Mode::List | Mode::Mine(..) | Mode::Remove(_) => false,
        }
    }

    /// The account that one stands on.
    pub fn account<'a>(&self, rows: &'a [AccountRow]) -> Option<&'a AccountRow> {
        rows.get(self.chosen.min(rows.len().saturating_sub(1)))
    }

    /// Where one stands among the accounts or what may be chosen, and how many there are.
    pub fn at(&mut self, accounts: usize, mine: usize) -> Option<(&mut usize, usize)> {
        match &mut self.mode {
            Mode::Mine(at, _) => Some((at, mine)),
            Mode::Answer(Answering {
                ask: AskRow { kind: AskKind::Choice(all), .. },
                chosen,
                ..
            }) => Some((chosen, all.len())),
            Mode::List => Some((&mut self.chosen, accounts)),
            _ => None,
        }
    }

    /// Goes up or down.
    pub fn step(&mut self, by: isize, accounts: usize, mine: usize) {
        let Some((at, count)) = self.at(accounts, mine) else { return };
        *at = at.saturating_add_signed(by).min(count.saturating_sub(1));
        self.scroll = 0;
    }

    /// Types or pastes.
    pub fn put(&mut self, text: &str) {
        match &mut self.mode {
            Mode::Connector(line) => line.put(text),
            Mode::Answer(a) if a.ask.kind == AskKind::Secret => a.secret.put(text),
            Mode::Answer(a) if a.takes_text() => a.line.put(text),
            _ => {}
        }
    }
}
