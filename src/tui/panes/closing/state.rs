//! Which of the threads one stands on, and how far the sheet is scrolled.

use super::view;
use crate::inbox::{ClosingRow, ThreadRef, Ticket};

/// The sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClosingState {
    /// Of the request.
    pub ticket: Ticket,
    /// `None` until they have come.
    pub rows: Option<Vec<ClosingRow>>,
    /// The thread that one stands on, counted over all rules. `None`: only reading yet.
    pub chosen: Option<usize>,
    /// Lines scrolled down.
    pub scroll: usize,
}

impl ClosingState {
    /// Asked for.
    pub fn asked(ticket: Ticket) -> Self {
        Self { ticket, ..Self::default() }
    }

    /// The thread that one stands on.
    pub fn thread(&self) -> Option<&ThreadRef> {
        let rows = self.rows.as_deref().unwrap_or_default();
        rows.iter().flat_map(|r| &r.threads).nth(self.chosen?)
    }

    /// Goes on: to the next thread where it is in sight, else by lines, so that nothing that
    /// stands between is passed unread.
    pub fn step(&mut self, by: isize, lines: usize, rows: usize, screen: u16) {
        let places = view::places(self, screen);
        let most = lines.saturating_sub(rows);
        for _ in 0..by.unsigned_abs().min(lines + places.len()) {
            let seen = self.scroll..self.scroll + rows;
            let next = match (by > 0, self.chosen) {
                (true, None) => Some(0),
                (true, Some(at)) => Some(at + 1),
                (false, at) => at.and_then(|at| at.checked_sub(1)),
            };
            match next.filter(|n| places.get(*n).is_some_and(|line| seen.contains(line))) {
                Some(next) => self.chosen = Some(next),
                None if by > 0 => self.scroll = (self.scroll + 1).min(most),
                None => self.scroll = self.scroll.saturating_sub(1),
            }
        }
        // Scrolled out of sight, one stands nowhere above it.
        if by < 0 && self.scroll == 0 && self.chosen == Some(0) && places.first() > Some(&rows) {
            self.chosen = None;
        }
    }

    /// Chooses the thread in a line of the sheet. False: there is none.
    pub fn click(&mut self, line: usize, screen: u16) -> bool {
        let found = view::places(self, screen).iter().position(|at| *at == line);
        self.chosen = found.or(self.chosen);
        found.is_some()
    }
}
