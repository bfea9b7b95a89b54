//! What is being looked for, what was found, and which hit one stands on.

use std::rc::Rc;

use crate::inbox::{Coverage, HitOrder, HitRow, Hits, Scope, SearchRequest, Ticket};
use crate::model::{Day, PersonId, ThreadId};
use crate::search::{Marker, Parsed, Query, Reading, parse};
use crate::tui::composer::OneLine;

/// Hits asked for at once.
const PAGE: usize = 50;
/// So close to the last hit that is here, more are asked for.
const EDGE: usize = 15;

/// Where the person was when the search began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The thread that was open.
    pub thread: Option<ThreadId>,
    /// Whose timeline was.
    pub person: Option<PersonId>,
    /// The transcript had the keys.
    pub in_transcript: bool,
}

/// A search.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SearchState {
    /// As typed.
    pub typed: OneLine,
    /// What was understood of it.
    pub parsed: Parsed,
    /// Where to look; the first of these is the present one.
    pub scopes: Vec<Scope>,
    /// Which hits come first.
    pub order: HitOrder,
    /// The hits that are here.
    pub hits: Vec<HitRow>,
    /// How many there are in all, as far as counted.
    pub total: u64,
    /// There are more than that.
    pub at_least: bool,
    /// What was looked through. `None`: nothing has been answered yet.
    pub coverage: Option<Coverage>,
    /// The hit that one stands on.
    pub chosen: usize,
    /// The first hit on screen.
    pub top: usize,
    /// What to mark.
    pub marker: Rc<Marker>,
    /// Where the person was.
    pub origin: Origin,
    /// Which former search is recalled.
    pub recalled: Option<usize>,
    waiting: Option<(Ticket, usize)>,
    /// The last answer: one in a hurry may come once more, in full.
    answered: Option<(Ticket, usize)>,
    complete: bool,
}

impl SearchState {
    /// A search that begins, with the scopes that make sense here.
    pub fn begin(scopes: Vec<Scope>, origin: Origin) -> Self {
        Self { scopes, origin, ..Self::default() }
    }

    /// Where to look.
    pub fn scope(&self) -> Scope {
        self.scopes.first().copied().unwrap_or_default()
    }

    /// Reads what is typed. True if something else is looked for now.
    pub fn read(&mut self, today: Day) -> bool {
        let parsed = parse(self.typed.text(), Reading { today, typing: true });
        let other = parsed.query != self.parsed.query;
        self.parsed = parsed;
        if other {
            self.marker = Rc::new(Marker::new(&self.parsed.query));
        }
        other
    }

    /// Nothing is looked for.
    pub fn is_idle(&self) -> bool {
        self.parsed.query == Query::Everything
    }

    /// An answer is on its way.
    pub fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    /// Asks anew. `None`: there is nothing to look for.
    pub fn ask(&mut self, ticket: Ticket) -> Option<SearchRequest> {
        (self.chosen, self.top, self.complete) = (0, 0, false);
        if self.is_idle() {
            (self.waiting, self.answered) = (None, None);
            self.hits.clear();
            (self.total, self.at_least, self.coverage) = (0, false, None);
            return None;
        }
        Some(self.request(ticket, 0))
    }

    /// Asks for more hits, if one comes near the last that is here.
    pub fn ask_more(&mut self, ticket: impl FnOnce() -> Ticket) -> Option<SearchRequest> {
        let near = self.chosen + EDGE >= self.hits.len();
        let more = !self.complete && !self.hits.is_empty();
        (near && more && self.waiting.is_none()).then(|| self.request(ticket(), self.hits.len()))
    }

    fn request(&mut self, ticket: Ticket, offset: usize) -> SearchRequest {
        self.waiting = Some((ticket, offset));
        SearchRequest {
            ticket,
            query: self.parsed.query.clone(),
            scope: self.scope(),
            order: self.order,
            offset,
            limit: PAGE,
        }
    }

    /// Takes an answer. False: it is an old one.
    pub fn take(&mut self, hits: Hits) -> bool {
        let Some((_, offset)) = self.awaited().filter(|(ticket, _)| *ticket == hits.ticket) else {
            return false;
        };
        let again = self.waiting.is_none();
        self.answered = self.waiting.take().or(self.answered);
        let stood_on = self.current().filter(|_| again).map(|hit| hit.message);
        self.complete = hits.rows.len() < PAGE;
        self.hits.truncate(offset);
        self.hits.extend(hits.rows);
        (self.total, self.at_least) = (hits.total.max(self.hits.len() as u64), hits.at_least);
        self.coverage = Some(hits.coverage);
        // Hits that were missing stand among the others now: the person stays on theirs.
        let there = stood_on.and_then(|m| self.hits.iter().position(|hit| hit.message == m));
        let last = self.hits.len().saturating_sub(1);
        let chosen = there.filter(|_| self.chosen > 0).unwrap_or(self.chosen).min(last);
        self.top += chosen.saturating_sub(self.chosen);
        self.chosen = chosen;
        true
    }

    /// The answer that would be taken.
    fn awaited(&self) -> Option<(Ticket, usize)> {
        self.waiting.or(self.answered)
    }

    /// Goes some hits on.
    pub fn step(&mut self, by: isize) {
        let last = self.hits.len().saturating_sub(1);
        self.chosen = self.chosen.saturating_add_signed(by).min(last);
    }

    /// Keeps the hit that one stands on in sight, where so many fit.
    pub fn fit(&mut self, fits: usize) {
        let fits = fits.max(1);
        self.top = self.top.min(self.chosen).max((self.chosen + 1).saturating_sub(fits));
    }

    /// The hit that one stands on.
    pub fn current(&self) -> Option<&HitRow> {
        self.hits.get(self.chosen)
    }

    /// The next scope.
    pub fn widen(&mut self) {
        if !self.scopes.is_empty() {
            self.scopes.rotate_left(1);
        }
    }

    /// `3 of 41`.
    pub fn place(&self) -> String {
        let more = if self.at_least { "+" } else { "" };
        let total = crate::tui::clock::number(self.total);
        format!("{} of {total}{more}", crate::tui::clock::number(self.chosen as u64 + 1))
    }
}
