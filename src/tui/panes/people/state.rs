//! The sheets about people: what has come, and what one stands on.

use super::me::MeState;
use crate::inbox::{
    GroupLinkRow, LinkRow, PersonRow, ReachCard, ReachRow, SharedGroupRow, Ticket, Whose,
};
use crate::model::{IdentityId, PersonId, ThreadId};
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
    /// Who somebody is where.
    Person(PersonState),
    /// Who of an account's people is me.
    Me(MeState),
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
    /// Groups that may be one, behind the people.
    pub groups: Vec<GroupLinkRow>,
    /// The pair that one stands on.
    pub at: usize,
    /// Pairs that were answered here.
    pub answered: usize,
}

/// Two that may be one.
pub enum Pair<'l> {
    /// People.
    People(&'l LinkRow),
    /// Groups.
    Groups(&'l GroupLinkRow),
}

impl LinksState {
    /// How many pairs there are.
    pub fn count(&self) -> usize {
        self.rows.as_ref().map_or(0, |rows| rows.len() + self.groups.len())
    }

    /// The pair that one stands on.
    pub fn pair(&self) -> Option<Pair<'_>> {
        let rows = self.rows.as_ref()?;
        let group = || self.groups.get(self.at.checked_sub(rows.len())?);
        rows.get(self.at).map(Pair::People).or_else(|| group().map(Pair::Groups))
    }

    /// Takes the pair away that one stands on: it was answered.
    pub fn answered(&mut self) {
        let Some(rows) = &mut self.rows else { return };
        if self.at < rows.len() {
            rows.remove(self.at);
        } else if self.at - rows.len() < self.groups.len() {
            self.groups.remove(self.at - rows.len());
        }
        self.at = self.at.min(self.count().saturating_sub(1));
        self.answered += 1;
    }
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

/// Who somebody is where: their identities, of which one may be somebody else's.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonState {
    /// Of the latest request.
    pub ticket: Ticket,
    /// Whom it is about.
    pub whose: Whose,
    /// `None` until they have come; then `None` where there is nobody.
    pub row: Option<Option<PersonRow>>,
    /// The identity that one stands on.
    pub chosen: usize,
    /// Why the last key did nothing.
    pub refused: &'static str,
}

impl PersonState {
    /// About somebody.
    pub fn about(whose: Whose) -> Self {
        Self { ticket: Ticket(0), whose, row: None, chosen: 0, refused: "" }
    }

    /// Takes whom it is about. From then on they are meant, whichever thread is asked from.
    pub fn take(&mut self, row: Option<PersonRow>) {
        let count = row.as_ref().map_or(0, |p| p.identities.len());
        self.chosen = self.chosen.min(count.saturating_sub(1));
        self.row = Some(row);
    }

    /// The person.
    pub fn person(&self) -> Option<&PersonRow> {
        self.row.as_ref()?.as_ref()
    }

    /// Takes out what one stands on: it is gone at once, and the others are whom it is about.
    /// `None`: nobody would be left.
    pub fn take_out(&mut self) -> Option<IdentityId> {
        let person = self.row.as_mut()?.as_mut()?;
        if person.identities.len() < 2 || self.chosen >= person.identities.len() {
            return None;
        }
        let out = person.identities.remove(self.chosen).id;
        self.chosen = self.chosen.min(person.identities.len().saturating_sub(1));
        // Their number is that of an identity, which may have been the one that is gone.
        if let Some(kept) = person.identities.first() {
            self.whose = Whose::Person(PersonId(kept.id.0));
        }
        Some(out)
    }
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
            Self::Links(s) => {
                let count = s.count();
                (&mut s.at, count)
            }
            Self::Me(s) => {
                let count = s.shown().len();
                (&mut s.chosen, count)
            }
            Self::Everybody(s) => (&mut s.chosen, s.rows.as_ref().map_or(0, Vec::len)),
            Self::Person(s) => {
                s.refused = "";
                let count = s.person().map_or(0, |p| p.identities.len());
                (&mut s.chosen, count)
            }
        };
        *at = at.saturating_add_signed(by).min(count.saturating_sub(1));
    }
}
