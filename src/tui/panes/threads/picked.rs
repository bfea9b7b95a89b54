//! Threads picked out of the list, to be dealt with together. Held by thread, not by place: they
//! stay picked wherever they stand.

use std::collections::BTreeMap;

use crate::inbox::{ListOrder, Request, ThreadFilter, ThreadRow, Ticket};
use crate::model::ThreadId;

/// Rows asked for at once where more are picked than are loaded.
const CHUNK: usize = 500;

/// Rows of a range that are still to come.
#[derive(Clone, Copy, Debug)]
struct Gathering {
    ticket: Ticket,
    to: usize,
}

/// The threads that are picked out, as they were last seen.
#[derive(Clone, Debug, Default)]
pub struct Picked {
    rows: BTreeMap<ThreadId, ThreadRow>,
    /// The one that was picked last.
    last: Option<(ThreadId, usize)>,
    gathering: Option<Gathering>,
}

impl Picked {
    /// How many.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// None is picked, and none is on its way.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.gathering.is_none()
    }

    /// This one is picked.
    pub fn has(&self, id: ThreadId) -> bool {
        self.rows.contains_key(&id)
    }

    /// All of them.
    pub fn rows(&self) -> impl Iterator<Item = &ThreadRow> {
        self.rows.values()
    }

    /// The one that was picked last, and where it stood then.
    pub fn last(&self) -> Option<(ThreadId, usize)> {
        self.last
    }

    /// Some are still on their way.
    pub fn is_gathering(&self) -> bool {
        self.gathering.is_some()
    }

    /// Picks one, or puts it back.
    pub fn toggle(&mut self, row: &ThreadRow, at: usize) {
        if self.rows.remove(&row.id).is_none() {
            self.rows.insert(row.id, row.clone());
        }
        self.last = Some((row.id, at));
    }

    /// Picks these, the first of which stands at a place.
    pub fn add<'r>(&mut self, rows: impl IntoIterator<Item = &'r ThreadRow>, from: usize) {
        for (at, row) in (from..).zip(rows) {
            self.rows.insert(row.id, row.clone());
            self.last = Some((row.id, at));
        }
    }

    /// Puts all back.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes what is known of the picked ones now; where everything is known, those that are no
    /// longer in the view are put back.
    pub fn renew(&mut self, rows: &[ThreadRow], all: bool) {
        if self.rows.is_empty() {
            return;
        }
        let before = std::mem::take(&mut self.rows);
        let known: BTreeMap<ThreadId, &ThreadRow> = rows.iter().map(|r| (r.id, r)).collect();
        for (id, row) in before {
            match known.get(&id) {
                Some(now) => drop(self.rows.insert(id, (*now).clone())),
                None if !all => drop(self.rows.insert(id, row)),
                None => {}
            }
        }
    }

    /// Asks for the rows of a range, a part at a time.
    pub fn gather(
        &mut self,
        ticket: Ticket,
        (filter, order): (&ThreadFilter, ListOrder),
        (from, to): (usize, usize),
    ) -> Request {
        self.gathering = Some(Gathering { ticket, to });
        Request::Threads {
            ticket,
            filter: filter.clone(),
            order,
            offset: from,
            limit: CHUNK,
            around: None,
        }
    }

    /// Takes a part. `None`: this is no answer for here. `Some(None)`: that was all. Otherwise the
    /// range that is still missing.
    pub fn gathered(
        &mut self,
        ticket: Ticket,
        offset: usize,
        rows: &[ThreadRow],
    ) -> Option<Option<(usize, usize)>> {
        let to = self.gathering.filter(|g| g.ticket == ticket)?.to;
        self.gathering = None;
        let end = offset + rows.len();
        self.add(rows.iter().take(to.saturating_sub(offset)), offset);
        Some((end < to && !rows.is_empty()).then_some((end, to)))
    }
}
