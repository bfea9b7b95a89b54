//! The texts that were handed off, as far as they are here, and the chosen one.

use crate::inbox::{HandedRow, Request, Ticket};
use crate::model::ThreadId;

/// Texts asked for at once.
const PAGE: usize = 50;
/// So close to the last one that is here, more are asked for.
const EDGE: usize = 10;

/// The history of a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryState {
    /// The thread.
    pub thread: ThreadId,
    /// Its title.
    pub title: String,
    /// `None` until they have come.
    pub rows: Option<Vec<HandedRow>>,
    /// The chosen one.
    pub chosen: usize,
    more: bool,
    waiting: Option<Ticket>,
}

impl HistoryState {
    /// A history that is asked for.
    pub fn begin(thread: ThreadId, title: String, ticket: Ticket) -> (Self, Request) {
        let waiting = Some(ticket);
        let state = Self { thread, title, rows: None, chosen: 0, more: false, waiting };
        (state, Request::Handed { ticket, thread, before: None, limit: PAGE })
    }

    /// Takes an answer; an old one is dropped.
    pub fn take(&mut self, ticket: Ticket, rows: Vec<HandedRow>, more: bool) {
        if self.waiting == Some(ticket) {
            self.waiting = None;
            self.more = more && !rows.is_empty();
            self.rows.get_or_insert_default().extend(rows);
        }
    }

    /// Goes some texts on.
    pub fn step(&mut self, by: isize) {
        let last = self.rows.as_ref().map_or(0, |r| r.len().saturating_sub(1));
        self.chosen = self.chosen.saturating_add_signed(by).min(last);
    }

    /// Asks for older ones, if one comes near the last that is here.
    pub fn ask_more(&mut self, ticket: Ticket) -> Option<Request> {
        let rows = self.rows.as_ref()?;
        if !self.more || self.waiting.is_some() || self.chosen + EDGE < rows.len() {
            return None;
        }
        let before = rows.last().map(|r| r.pos);
        self.waiting = Some(ticket);
        Some(Request::Handed { ticket, thread: self.thread, before, limit: PAGE })
    }

    /// The chosen one.
    pub fn current(&self) -> Option<&HandedRow> {
        self.rows.as_ref()?.get(self.chosen)
    }
}
