//! The sheets about people: what has come, and what one stands on.

use crate::inbox::{LinkRow, PersonRow, ReachCard, ReachRow, SharedGroupRow, Ticket};
use crate::model::ThreadId;
use crate::tui::composer::OneLine;

/// One of them.
#[derive(Clone, Debug, PartialEq)]
pub enum PeopleSheet {
    /// Where somebody can be reached.
    Reach(ReachState),
    /// Who may be the same.
    Links(LinksState),
    /// Who there is.
    Everybody(EverybodyState),
}

/// The reach card.
#[derive(Clone, Debug, PartialEq)]
pub struct ReachState {
    /// Of the request.
    pub ticket: Ticket,
    /// The thread that it was opened from.
    pub from: ThreadId,
    /// `None` until it has come.
    pub card: Option<Box<ReachCard>>,
    /// The row that one stands on: the ways first, then the groups.
    pub chosen: usize,
    /// Why the last Enter did nothing.
    pub refused: String,
}

/// What one stands on.
pub enum Choice<'c> {
    /// A thread or an address.
    Way(&'c ReachRow),
    /// A group.
    Group(&'c SharedGroupRow),
}

impl ReachState {
    /// Asked for.
    pub fn asked(ticket: Ticket, from: ThreadId) -> Self {
        Self { ticket, from, card: None, chosen: 0, refused: String::new() }
    }

    /// What one stands on.
    pub fn choice(&self) -> Option<Choice<'_>> {
        let card = self.card.as_ref()?;
        let way = card.rows.get(self.chosen).map(Choice::Way);
        way.or_else(|| card.groups.get(self.chosen - card.rows.len()).map(Choice::Group))
    }

    /// Takes the card; one stands on the first way that is not where one came from.
    pub fn take(&mut self, card: Box<ReachCard>) {
        self.chosen = card.rows.iter().position(|r| !r.here).unwrap_or(0);
        self.card = Some(card);
    }

    fn count(&self) -> usize {
        self.card.as_ref().map_or(0, |c| c.rows.len() + c.groups.len())
    }
}

/// Who may be the same.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinksState {
    /// Of the latest request.
    pub ticket: Ticket,
    /// `None` until they have come.
    pub rows: Option<Vec<LinkRow>>,
    /// The pair that one stands on.
    pub at: usize,
    /// Pairs that were answered here.
    pub answered: usize,
}

/// Who there is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EverybodyState {
    /// Of the latest request.
    pub ticket: Ticket,
    /// Part of a name.
    pub typed: OneLine,
    /// `None` until they have come.
    pub rows: Option<Vec<PersonRow>>,
    /// How many there are.
    pub total: usize,
    /// The row that one stands on.
    pub chosen: usize,
}

impl PeopleSheet {
    /// Goes up or down.
    pub fn step(&mut self, by: isize) {
        let (at, count) = match self {
            Self::Reach(s) => {
                s.refused.clear();
                let count = s.count();
                (&mut s.chosen, count)
            }
            Self::Links(s) => (&mut s.at, s.rows.as_ref().map_or(0, Vec::len)),
            Self::Everybody(s) => (&mut s.chosen, s.rows.as_ref().map_or(0, Vec::len)),
        };
        *at = at.saturating_add_signed(by).min(count.saturating_sub(1));
    }
}
