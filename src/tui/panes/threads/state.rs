//! The thread list: a window of rows around the selection; the rest is only counted.

use super::picked::Picked;
use crate::inbox::{ListOrder, Request, ThreadFilter, ThreadRow, Ticket};
use crate::model::ThreadId;

/// Rows asked for at once.
pub const WINDOW: usize = 100;
/// Rows kept loaded beyond what is seen.
const MARGIN: usize = 30;

/// Whether there is something to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Load {
    /// Nothing has come yet.
    #[default]
    Loading,
    /// Rows, or known to be none.
    Ready,
    /// The engine is gone.
    Failed,
}

/// What the selection holds on to while rows come and go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Hold {
    /// The selected thread, wherever it moves.
    #[default]
    Thread,
    /// The top: a first import fills the list, and nobody has chosen a thread yet.
    Top,
    /// The top once more; the import has ended.
    LastTop,
}

/// The list.
#[derive(Clone, Debug, Default)]
pub struct Threads {
    /// Which threads.
    pub filter: ThreadFilter,
    /// In which order.
    pub order: ListOrder,
    /// The threads that are picked out, to be dealt with together.
    pub picked: Picked,
    /// Whether there is something to show.
    pub load: Load,
    /// How many threads the filter has.
    pub total: usize,
    /// The place of the first loaded row.
    pub offset: usize,
    /// The loaded rows.
    pub rows: Vec<ThreadRow>,
    /// The selected place.
    pub selected: usize,
    /// The selected thread. `None` while its row is not loaded.
    pub selected_id: Option<ThreadId>,
    /// The place of the first row on screen.
    pub top: usize,
    /// Rows that fit.
    pub fits: usize,
    waiting: Option<(Ticket, usize)>,
    /// Something changed while an answer was on its way.
    stale: bool,
    hold: Hold,
}

impl Threads {
    /// The row at a place, if loaded.
    pub fn row(&self, at: usize) -> Option<&ThreadRow> {
        self.rows.get(at.checked_sub(self.offset)?)
    }

    /// The selected row, if loaded.
    pub fn current(&self) -> Option<&ThreadRow> {
        self.row(self.selected)
    }

    /// Selects another place.
    pub fn select(&mut self, at: usize) {
        self.hold = Hold::Thread;
        self.selected = at.min(self.total.saturating_sub(1));
        self.selected_id = self.current().map(|r| r.id);
        self.show_selected();
    }

    /// Moves the selection.
    pub fn step(&mut self, by: isize) {
        self.select(self.selected.saturating_add_signed(by));
    }

    /// Scrolls without selecting (the wheel).
    pub fn scroll(&mut self, by: isize) {
        let last = self.total.saturating_sub(self.fits);
        self.top = self.top.saturating_add_signed(by).min(last);
    }

    /// Takes the number of rows that fit.
    pub fn resize(&mut self, fits: usize) {
        if self.fits != fits.max(1) {
            self.fits = fits.max(1);
            self.show_selected();
        }
    }

    /// The selected row is on screen.
    pub fn shows_selected(&self) -> bool {
        (self.top..self.top + self.fits.max(1)).contains(&self.selected)
    }

    fn show_selected(&mut self) {
        let fits = self.fits.max(1);
        self.top = self.top.min(self.selected).max((self.selected + 1).saturating_sub(fits));
        self.top = self.top.min(self.total.saturating_sub(fits));
    }

    /// Another filter: everything known is dropped.
    pub fn set_filter(&mut self, filter: ThreadFilter) {
        *self = Self { filter, order: self.order, fits: self.fits, ..Self::default() };
    }

    /// The other order, from its top.
    pub fn turn_order(&mut self) {
        self.order = match self.order {
            ListOrder::Activity => ListOrder::UnreadFirst,
            ListOrder::UnreadFirst => ListOrder::Activity,
        };
        // An answer that is on its way has the old order.
        self.waiting = None;
    }

    /// Asks again for what is loaded, wherever the selected thread stands now. While an answer is
    /// on its way the wish is only noted: else changes in quick succession would outrun them all.
    pub fn refresh(&mut self, ticket: impl FnOnce() -> Ticket) -> Option<Request> {
        if self.waiting.is_some() {
            self.stale = true;
            return None;
        }
        let (ticket, offset) = (ticket(), self.window_start());
        self.waiting = Some((ticket, offset));
        self.stale = false;
        Some(Request::Threads {
            ticket,
            filter: self.filter.clone(),
            order: self.order,
            offset,
            limit: WINDOW,
            around: self.selected_id.filter(|_| self.hold == Hold::Thread && self.shows_selected()),
        })
    }

    /// Asks for rows that are missing around what is seen, unless they were asked for already.
    pub fn missing(&mut self, ticket: impl FnOnce() -> Ticket) -> Option<Request> {
        if self.load != Load::Ready || self.total == 0 {
            return None;
        }
        let from = self.top.saturating_sub(MARGIN);
        let to = (self.top + self.fits + MARGIN).min(self.total);
        if from >= self.offset && to <= self.offset + self.rows.len() {
            return None;
        }
        let offset = self.window_start();
        if self.waiting.is_some_and(|(_, asked)| asked == offset) {
            return None;
        }
        let ticket = ticket();
        self.waiting = Some((ticket, offset));
        let filter = self.filter.clone();
        Some(Request::Threads {
            ticket,
            filter,
            order: self.order,
            offset,
            limit: WINDOW,
            around: None,
        })
    }

    /// In steps of a quarter window, so that a creeping selection does not ask at every key.
    fn window_start(&self) -> usize {
        let middle = self.top + self.fits / 2;
        middle.saturating_sub(WINDOW / 2) / (WINDOW / 4) * (WINDOW / 4)
    }

    /// Takes a window; an old ticket is ignored. `true`: ask again, it is stale already.
    pub fn take(
        &mut self,
        ticket: Ticket,
        offset: usize,
        rows: Vec<ThreadRow>,
        total: usize,
    ) -> bool {
        if self.waiting.is_none_or(|(t, _)| t != ticket) {
            return false;
        }
        self.waiting = None;
        let in_sight = self.shows_selected();
        let from_top = self.selected.saturating_sub(self.top);
        self.load = Load::Ready;
        self.total = total;
        self.offset = offset;
        let before = std::mem::replace(&mut self.rows, rows);
        self.picked.renew(&self.rows, self.rows.len() == total);
        // Where the window is elsewhere, nothing is known of the thread's whereabouts.
        let end = self.offset + self.rows.len();
        let covers = (self.offset..end).contains(&self.selected.min(total.saturating_sub(1)));
        if self.hold != Hold::Thread {
            (self.selected, self.top, self.selected_id) = (0, 0, None);
        }
        let heir =
            self.selected_id.map(|id| if covers { heir(&before, &self.rows, id) } else { id });
        if let Some(id) = heir
            && let Some(i) = self.rows.iter().position(|r| r.id == id)
        {
            // The same thread at the same height, wherever it stands now.
            self.selected = self.offset + i;
            if in_sight {
                self.top = self.selected.saturating_sub(from_top);
            }
        }
        self.selected = self.selected.min(self.total.saturating_sub(1));
        self.selected_id = self.current().map(|r| r.id);
        if in_sight {
            self.show_selected();
        }
        self.top = self.top.min(self.total.saturating_sub(self.fits));
        if self.hold == Hold::LastTop && !self.stale {
            self.hold = Hold::Thread;
        }
        self.stale
    }

    /// Stays at the top while a first import fills the list, until a thread is chosen.
    pub fn hold_top(&mut self) {
        self.hold = Hold::Top;
    }

    /// That import has ended. `true`: the list is to be asked for once more.
    pub fn let_go(&mut self) -> bool {
        let held = self.hold == Hold::Top;
        if held {
            self.hold = Hold::LastTop;
        }
        held
    }
}

/// The thread to stand on: the same, or where it has gone the next one that is still there, or
/// the one before.
fn heir(before: &[ThreadRow], now: &[ThreadRow], id: ThreadId) -> ThreadId {
    let here: std::collections::HashSet<ThreadId> = now.iter().map(|r| r.id).collect();
    if here.contains(&id) {
        return id;
    }
    let Some(at) = before.iter().position(|r| r.id == id) else { return id };
    let (above, below) = before.split_at(at);
    let mut near = below.iter().chain(above.iter().rev()).map(|r| r.id);
    near.find(|r| here.contains(r)).unwrap_or(id)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::inbox::Badge;
    use crate::model::{SourceId, ThreadKind, Timestamp, VerdictKind};

    pub(crate) fn row(id: i64) -> ThreadRow {
        ThreadRow {
            id: ThreadId(id),
            title: format!("Thread {id}"),
            badge: Badge {
                source: SourceId::known("messenger"),
                name: "Messenger".into(),
                short: "MSG".into(),
            },
            cross: None,
            kind: ThreadKind::Direct,
            last: Some(Timestamp::from_secs(1_700_000_000 - id)),
            preview_sender: None,
            preview_mine: false,
            preview: "hello".into(),
            unread: None,
            archived: false,
            verdict: VerdictKind::HandOff,
            reason: None,
            warned: false,
            suggested: false,
            draft: None,
            messages: 3,
            pinned: false,
            muted: false,
            snoozed: None,
            awaiting: false,
            mentioned: false,
            request: false,
            starred: 0,
            labels: Vec::new(),
        }
    }

    fn rows(ids: impl IntoIterator<Item = i64>) -> Vec<ThreadRow> {
        ids.into_iter().map(row).collect()
    }

    fn list(total: usize) -> Threads {
        let mut t = Threads { fits: 10, ..Threads::default() };
        let _ = t.refresh(|| Ticket(1));
        t.take(Ticket(1), 0, rows(0..200.min(total as i64)), total);
        t
    }

    #[test]
    fn the_selection_follows_its_thread() {
        let mut t = list(200);
        t.select(3);
        let _ = t.refresh(|| Ticket(2));
        t.take(Ticket(2), 0, rows([900, 901, 0, 1, 2, 3, 4]), 7);
        assert_eq!((t.selected, t.selected_id), (5, Some(ThreadId(3))));
        assert_eq!(t.top, 0);
    }

    #[test]
    fn a_vanished_thread_leaves_its_place_selected() {
        let mut t = list(5);
        t.select(4);
        let _ = t.refresh(|| Ticket(2));
        t.take(Ticket(2), 0, rows([0, 1, 2]), 3);
        assert_eq!((t.selected, t.selected_id), (2, Some(ThreadId(2))));
    }

    #[test]
    fn the_next_one_that_is_left_inherits_the_selection() {
        let mut t = list(8);
        t.select(4);
        let _ = t.refresh(|| Ticket(2));
        t.take(Ticket(2), 0, rows([0, 3, 6, 7]), 4);
        assert_eq!((t.selected, t.selected_id), (2, Some(ThreadId(6))));
        let _ = t.refresh(|| Ticket(3));
        t.take(Ticket(3), 0, rows([0, 3]), 2);
        assert_eq!((t.selected, t.selected_id), (1, Some(ThreadId(3))));
    }

    #[test]
    fn scrolling_far_away_leaves_the_selection_where_it_is() {
        let mut t = list(1000);
        t.select(2);
        t.scroll(300);
        let Some(Request::Threads { ticket, offset, .. }) = t.missing(|| Ticket(2)) else {
            panic!("a window is asked for")
        };
        t.take(ticket, offset, rows(offset as i64..offset as i64 + 100), 1000);
        assert_eq!(t.selected, 2);
    }

    #[test]
    fn a_hundred_thousand_threads_ask_for_a_window_only() {
        let mut t = list(100_000);
        t.select(usize::MAX);
        assert_eq!((t.selected, t.selected_id), (99_999, None));
        let Some(Request::Threads { offset, limit, .. }) = t.missing(|| Ticket(7)) else {
            panic!("a window is asked for")
        };
        assert!(limit <= 200 && offset + limit >= 100_000, "{offset}");
        assert!(t.missing(|| Ticket(8)).is_none(), "asked once");
        let end: Vec<_> = rows(offset as i64..100_000);
        t.take(Ticket(7), offset, end, 100_000);
        assert_eq!(t.selected_id, Some(ThreadId(99_999)));
        assert!(t.missing(|| Ticket(9)).is_none());
    }

    #[test]
    fn changes_in_quick_succession_ask_once_and_again_after_the_answer() {
        let mut t = list(5);
        assert!(t.refresh(|| Ticket(2)).is_some());
        assert!(t.refresh(|| Ticket(3)).is_none());
        assert!(t.take(Ticket(2), 0, rows(0..5), 5), "stale: ask again");
        assert!(t.refresh(|| Ticket(4)).is_some());
        assert!(!t.take(Ticket(4), 0, rows(0..5), 5));
    }

    #[test]
    fn an_old_answer_is_dropped() {
        let mut t = list(5);
        let _ = t.refresh(|| Ticket(3));
        t.take(Ticket(2), 0, rows([42]), 1);
        assert_eq!(t.total, 5);
    }
}
