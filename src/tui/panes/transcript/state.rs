//! The open thread: loaded pages of it, where one stands, and the rows that are seen.

use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use super::rows::{Lead, Row, Stand, rows};
use crate::inbox::{
    ComposerState, Direction, MediaState, MessageRow, OpenAt, Request, ThreadHeader, Ticket,
    TimelineHeader, TranscriptPos,
};
use crate::model::{MessageId, PersonId, ThreadId};
use crate::search::Marker;
use crate::tui::clock::Zone;
use crate::tui::ink::Ink;

/// Messages in a page.
pub const PAGE: usize = 100;
/// Loaded messages beyond which far pages are dropped.
const KEEP: usize = 1200;
/// A page is asked for when fewer messages than this are loaded beyond what is seen.
const EDGE: usize = 50;
/// Rows of a message that are seen at least when it is opened, from the one that is meant on.
const BEHIND: usize = 3;
/// A run of one sender's messages breaks after this long.
const RUN_MS: i64 = 5 * 60 * 1000;

/// Where one stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Anchor {
    /// At the newest message, and new ones push the others up.
    #[default]
    Follow,
    /// This message's row is the first on screen.
    Top {
        /// The message.
        message: MessageId,
        /// Its row.
        row: usize,
    },
}

/// What is known of the open thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// No thread is open.
    #[default]
    None,
    /// Asked for; nothing has come.
    Opening,
    /// There.
    Ready,
    /// It could not be opened.
    Failed,
}

#[derive(Clone, Debug)]
struct Item {
    message: MessageRow,
    drawn: Option<(u16, Lead, Rc<[Row]>)>,
}

/// A row on screen: which message's, which of its rows.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The message.
    pub message: MessageId,
    /// The message is taken hold of.
    pub focused: bool,
    /// All rows of the message.
    pub rows: Rc<[Row]>,
    /// Which of them.
    pub row: usize,
}

/// What stands where messages are missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gaps {
    /// The gaps that are being fetched, by their tokens.
    pub fetching: Vec<String>,
    /// What stands at every other.
    pub line: String,
}

/// The transcript.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    /// The thread.
    pub thread: Option<ThreadId>,
    /// Whose merged timeline it is; then there is no one thread.
    pub person: Option<PersonId>,
    /// The timeline's head.
    pub timeline: Option<Box<TimelineHeader>>,
    /// What is known of it.
    pub stage: Stage,
    /// Its head.
    pub header: Option<Box<ThreadHeader>>,
    /// The message that is taken hold of, for copying.
    pub focus: Option<MessageId>,
    /// The rows that are seen, as of the last look.
    pub view: Vec<Seen>,
    /// What stands above the oldest message where there is more on the server.
    pub older: String,
    /// What stands where messages are missing in the middle.
    pub gaps: Gaps,
    /// Files that are fetched.
    pub media: Rc<HashMap<(MessageId, usize), MediaState>>,
    items: VecDeque<Item>,
    more_before: bool,
    more_after: bool,
    anchor: Anchor,
    opening: Option<(Ticket, bool)>,
    stale: bool,
    paging: [Option<Ticket>; 2],
    width: u16,
    height: usize,
    zone: Zone,
    marker: Option<Rc<Marker>>,
}

impl Transcript {
    /// Opens another thread, or another place of this one.
    pub fn open(&mut self, thread: ThreadId, at: OpenAt, ticket: Ticket) -> Request {
        if self.thread != Some(thread) {
            let (width, height, zone) = (self.width, self.height, self.zone);
            *self = Self { thread: Some(thread), width, height, zone, ..Self::default() };
            self.stage = Stage::Opening;
        }
        self.opening = Some((ticket, false));
        self.paging = [None, None];
        Request::Open { ticket, thread, at, limit: PAGE }
    }

    /// Opens a person's timeline, or another place of it.
    pub fn open_person(
        &mut self,
        person: PersonId,
        at: OpenAt,
        ticket: Ticket,
        limit: usize,
    ) -> Request {
        if self.person != Some(person) {
            let (width, height, zone) = (self.width, self.height, self.zone);
            *self = Self { person: Some(person), width, height, zone, ..Self::default() };
            self.stage = Stage::Opening;
        }
        self.opening = Some((ticket, false));
        self.paging = [None, None];
        Request::OpenPerson { ticket, person, at, limit }
    }

    /// What opens, or opens again, what this shows.
    fn ask(&self, ticket: Ticket, at: OpenAt) -> Option<Request> {
        match (self.thread, self.person) {
            (_, Some(person)) => Some(Request::OpenPerson { ticket, person, at, limit: PAGE }),
            (Some(thread), None) => Some(Request::Open { ticket, thread, at, limit: PAGE }),
            (None, None) => None,
        }
    }

    /// Takes the answer to the opening of a timeline; an old one is dropped.
    pub fn take_timeline(
        &mut self,
        ticket: Ticket,
        header: Box<TimelineHeader>,
        messages: Vec<MessageRow>,
        more: (bool, bool),
        focus: Option<usize>,
    ) {
        if self.person.is_none() || self.opening.is_none_or(|(t, _)| t != ticket) {
            return;
        }
        self.timeline = Some(header);
        self.fill(messages, more, focus);
    }

    /// Takes a page of a timeline.
    pub fn take_timeline_page(
        &mut self,
        ticket: Ticket,
        person: PersonId,
        messages: Vec<MessageRow>,
        more: bool,
    ) {
        if self.person == Some(person) {
            self.add(ticket, messages, more);
        }
    }

    /// Asks again for what is seen, because it may be stale. While an answer is on its way the
    /// wish is only noted.
    pub fn refresh(&mut self, ticket: impl FnOnce() -> Ticket) -> Option<Request> {
        self.thread.map(drop).or(self.person.map(drop))?;
        if self.opening.is_some() {
            self.stale = true;
            return None;
        }
        let ticket = ticket();
        self.opening = Some((ticket, true));
        self.stale = false;
        self.paging = [None, None];
        let at = match self.anchor {
            Anchor::Follow => OpenAt::End,
            Anchor::Top { message, .. } => OpenAt::Message(message),
        };
        self.ask(ticket, at)
    }

    /// Something changed while the last answer was on its way.
    pub fn is_stale(&self) -> bool {
        self.stale
    }

    /// Closes the thread.
    pub fn close(&mut self) {
        let (width, height, zone) = (self.width, self.height, self.zone);
        *self = Self { width, height, zone, ..Self::default() };
    }

    /// Takes the answer to an opening. `None`: an old one, dropped. `Some(true)`: another place
    /// or thread was opened; `Some(false)`: what was there came again.
    pub fn take(
        &mut self,
        ticket: Ticket,
        header: Box<ThreadHeader>,
        messages: Vec<MessageRow>,
        more: (bool, bool),
        focus: Option<usize>,
    ) -> Option<bool> {
        let (waiting, keep) = self.opening?;
        if waiting != ticket || self.thread != Some(header.row.id) {
            return None;
        }
        let hint = self.header.take().and_then(|h| h.person);
        self.header = Some(header);
        // Who it is with comes a moment later; until then it is who it was.
        if let Some(head) = &mut self.header {
            head.person = head.person.take().or(hint);
        }
        self.fill(messages, more, focus);
        Some(!keep)
    }

    /// Messages have come in place of those that were there.
    fn fill(&mut self, messages: Vec<MessageRow>, more: (bool, bool), focus: Option<usize>) {
        let Some((_, keep)) = self.opening.take() else { return };
        let focused = focus.and_then(|i| messages.get(i)).map(|m| m.id);
        self.items = messages.into_iter().map(|message| Item { message, drawn: None }).collect();
        (self.more_before, self.more_after) = more;
        self.stage = Stage::Ready;
        if keep {
            if let Anchor::Top { message, .. } = self.anchor
                && self.find(message).is_none()
            {
                self.anchor =
                    focused.map_or(Anchor::Follow, |message| Anchor::Top { message, row: 0 });
            }
        } else {
            self.focus = focused;
            self.anchor = match focused {
                Some(message) => Anchor::Top { message, row: self.first_row(focus.unwrap_or(0)) },
                None => Anchor::Follow,
            };
        }
        if self.focus.is_some_and(|f| self.find(f).is_none()) {
            self.focus = None;
        }
    }

    /// The row of a message that comes first when it is opened: where there is little room, what
    /// was said, and what was looked for in it, counts more than what stands above it.
    fn first_row(&mut self, at: usize) -> usize {
        let rows = self.rows_of(at);
        let said = rows.iter().position(|r| matches!(r.stand, Stand::Said | Stand::Middle));
        let is_marked = |r: &Row| r.pieces.iter().any(|p| p.ink() == Ink::Mark);
        let meant = rows.iter().position(is_marked).or(said).unwrap_or(0);
        (meant + BEHIND).min(rows.len()).saturating_sub(self.height).min(meant)
    }

    /// Takes a page.
    pub fn take_page(
        &mut self,
        ticket: Ticket,
        thread: ThreadId,
        messages: Vec<MessageRow>,
        more: bool,
    ) {
        if self.thread == Some(thread) {
            self.add(ticket, messages, more);
        }
    }

    fn add(&mut self, ticket: Ticket, messages: Vec<MessageRow>, more: bool) {
        let new = |message| Item { message, drawn: None };
        if self.paging[0] == Some(ticket) {
            self.paging[0] = None;
            self.more_before = more;
            messages.into_iter().rev().for_each(|m| self.items.push_front(new(m)));
            while self.items.len() > KEEP && self.bottom_index() + EDGE * 2 < self.items.len() {
                self.items.pop_back();
                self.more_after = true;
            }
        } else if self.paging[1] == Some(ticket) {
            self.paging[1] = None;
            self.more_after = more;
            messages.into_iter().for_each(|m| self.items.push_back(new(m)));
            while self.items.len() > KEEP && self.top_index() > EDGE * 2 {
                self.items.pop_front();
                self.more_before = true;
            }
        }
    }

    /// Pages that will soon be seen and are not there. Asked for once.
    pub fn missing(&mut self, mut ticket: impl FnMut() -> Ticket) -> Vec<Request> {
        let mut out = Vec::new();
        let (thread, person) = (self.thread, self.person);
        if self.height == 0 || self.opening.is_some() {
            return out;
        }
        let mut ask = |from: Option<TranscriptPos>, direction, slot: &mut Option<Ticket>| {
            if let (Some(from), None) = (from, *slot) {
                let ticket = ticket();
                *slot = Some(ticket);
                out.extend(match (thread, person) {
                    (_, Some(person)) => {
                        Some(Request::PagePerson { ticket, person, from, direction, limit: PAGE })
                    }
                    (Some(thread), None) => {
                        Some(Request::Page { ticket, thread, from, direction, limit: PAGE })
                    }
                    (None, None) => None,
                });
            }
        };
        let [mut before, mut after] = self.paging;
        if self.more_before && self.top_index() < EDGE {
            ask(self.items.front().map(|i| i.message.pos), Direction::Older, &mut before);
        }
        if self.more_after && self.bottom_index() + EDGE > self.items.len() {
            ask(self.items.back().map(|i| i.message.pos), Direction::Newer, &mut after);
        }
        self.paging = [before, after];
        out
    }

    /// What to mark in the messages.
    pub fn mark(&mut self, marker: Option<Rc<Marker>>) {
        if self.marker != marker {
            self.marker = marker;
            for item in &mut self.items {
                item.drawn = None;
            }
        }
    }

    /// The size of the pane and the clock of the person.
    pub fn resize(&mut self, width: u16, height: u16, zone: Zone) {
        self.width = width;
        self.height = usize::from(height);
        self.zone = zone;
    }

    fn find(&self, message: MessageId) -> Option<usize> {
        self.items.iter().position(|i| i.message.id == message)
    }

    /// The token of the gap that is meant: right before the message that is held, else the first
    /// that is seen.
    pub fn gap_in_sight(&self) -> Option<&str> {
        let held = self.focus.and_then(|id| self.message(id)).and_then(|m| m.gap.as_deref());
        let seen = self.view.iter().filter(|s| s.row == 0);
        held.or_else(|| seen.into_iter().find_map(|s| self.message(s.message)?.gap.as_deref()))
    }

    /// The newest message of the thread, if it is loaded.
    pub fn newest(&self) -> Option<MessageId> {
        self.items.back().filter(|_| !self.more_after).map(|i| i.message.id)
    }

    /// The first row of all is on screen.
    pub fn is_at_start(&self) -> bool {
        let first = self.items.front().map(|i| i.message.id);
        let top = self.view.first().filter(|s| s.row == 0).map(|s| s.message);
        !self.more_before && first.is_some() && first == top
    }

    /// The first message of all is held.
    pub fn holds_first(&self) -> bool {
        let first = self.items.front().map(|i| i.message.id);
        self.is_at_start() && first.is_some() && self.focus == first
    }

    /// How many messages are loaded.
    pub fn loaded(&self) -> usize {
        self.items.len()
    }

    /// A message that is loaded.
    pub fn message(&self, id: MessageId) -> Option<&MessageRow> {
        self.find(id).and_then(|i| self.items.get(i)).map(|i| &i.message)
    }

    /// One stands at the newest message.
    pub fn follows(&self) -> bool {
        self.anchor == Anchor::Follow && !self.more_after
    }

    fn lead(&self, at: usize) -> Lead {
        let Some(Item { message, .. }) = self.items.get(at) else { return Lead::default() };
        let before = at.checked_sub(1).and_then(|i| self.items.get(i)).map(|i| &i.message);
        let day = self.zone.day(message.pos.at);
        let new_day = before.is_none_or(|b| self.zone.day(b.pos.at) != day);
        let quiet = message.kind == crate::inbox::RowKind::System;
        let run = before.is_some_and(|b| {
            b.sender == message.sender
                && b.mine == message.mine
                && b.kind != crate::inbox::RowKind::System
                && message.pos.at.0.saturating_sub(b.pos.at.0) < RUN_MS
        });
        let last = at + 1 == self.items.len() && !self.more_after;
        let begins = before.is_none() && !self.more_before;
        let gap = self.header.as_ref().is_some_and(|h| h.older.is_some());
        Lead {
            start: begins && !gap,
            older: (begins && gap).then(|| self.older.clone()),
            gap: message.gap.as_ref().filter(|_| self.person.is_none()).map(|token| {
                match self.gaps.fetching.contains(token) {
                    true => "fetching missing messages…".to_owned(),
                    false => self.gaps.line.clone(),
                }
            }),
            media: (0..message.attachments.len())
                .filter_map(|i| Some((i, self.media.get(&(message.id, i))?.clone())))
                .collect(),
            first: before.is_none(),
            day: day.filter(|_| new_day),
            seam: message.seam.as_ref().map(|s| s.origin.clone()),
            name: !quiet && (!run || new_day || message.seam.is_some() || message.gap.is_some()),
            tail: if last { self.tail() } else { None },
            asides: if last { self.asides() } else { Vec::new() },
        }
    }

    fn asides(&self) -> Vec<(String, Ink)> {
        let Some(header) = &self.header else { return Vec::new() };
        let warnings = header.warnings.iter().map(|w| (format!("! {}", w.text), Ink::Warn));
        let guess = header.suggestion.iter().map(|s| (format!("? {}", s.text), Ink::Accent));
        let open = matches!(header.composer, ComposerState::Live);
        let request = (header.row.request && open).then(|| {
            let text = "+ a message request: writing here accepts it";
            (text.to_owned(), Ink::Accent)
        });
        warnings.chain(guess).chain(request).collect()
    }

    fn tail(&self) -> Option<String> {
        match &self.header.as_ref()?.composer {
            ComposerState::Closed(reason) if reason.since.is_empty() => Some("read-only".into()),
            ComposerState::Closed(reason) => Some(format!("read-only {}", reason.since)),
            _ => None,
        }
    }

    /// The rows of a message; wrapped once a width.
    fn rows_of(&mut self, at: usize) -> Rc<[Row]> {
        let lead = self.lead(at);
        let (width, zone) = (self.width, self.zone);
        let marker = self.marker.as_deref();
        let Some(item) = self.items.get_mut(at) else { return Rc::new([]) };
        match &item.drawn {
            Some((w, l, rows)) if *w == width && *l == lead => Rc::clone(rows),
            _ => {
                let made: Rc<[Row]> =
                    rows(&item.message, &lead, usize::from(width), zone, marker).into();
                item.drawn = Some((width, lead, Rc::clone(&made)));
                made
            }
        }
    }

    /// From a place up by some rows; stops at the first loaded row.
    fn up(&mut self, (mut at, mut row): (usize, usize), mut by: usize) -> (usize, usize) {
        while by > 0 {
            if row >= by {
                return (at, row - by);
            }
            by -= row;
            row = 0;
            if at == 0 {
                break;
            }
            at -= 1;
            row = self.rows_of(at).len();
        }
        (at, row)
    }

    /// From a place down by some rows; stops after the last loaded row.
    fn down(&mut self, (mut at, mut row): (usize, usize), mut by: usize) -> (usize, usize) {
        while at < self.items.len() {
            let left = self.rows_of(at).len().saturating_sub(row);
            if by < left {
                return (at, row + by);
            }
            by -= left;
            (at, row) = (at + 1, 0);
        }
        (at, row)
    }

    fn end(&self) -> (usize, usize) {
        (self.items.len(), 0)
    }

    /// The first row on screen, such that the pane is full if there is enough to fill it.
    fn top(&mut self) -> (usize, usize) {
        let end = self.end();
        let lowest = self.up(end, self.height);
        match self.anchor {
            Anchor::Follow => lowest,
            Anchor::Top { message, row } => match self.find(message) {
                Some(at) => {
                    let row = row.min(self.rows_of(at).len().saturating_sub(1));
                    (at, row).min(lowest)
                }
                None => lowest,
            },
        }
    }

    fn top_index(&self) -> usize {
        match self.anchor {
            Anchor::Follow => self.items.len().saturating_sub(self.height),
            Anchor::Top { message, .. } => self.find(message).unwrap_or(0),
        }
    }

    fn bottom_index(&self) -> usize {
        match self.anchor {
            Anchor::Follow => self.items.len(),
            Anchor::Top { message, .. } => {
                (self.find(message).unwrap_or(0) + self.height).min(self.items.len())
            }
        }
    }

    fn stand(&mut self, top: (usize, usize)) {
        let end = self.end();
        let lowest = self.up(end, self.height);
        self.anchor = match self.items.get(top.0) {
            Some(item) if top < lowest => Anchor::Top { message: item.message.id, row: top.1 },
            _ => Anchor::Follow,
        };
    }

    /// Scrolls by rows; up is negative.
    pub fn scroll(&mut self, by: isize) {
        let top = self.top();
        let to = if by < 0 {
            self.up(top, by.unsigned_abs())
        } else {
            self.down(top, by.unsigned_abs())
        };
        self.stand(to);
    }

    /// Scrolls by most of a pane; up is negative. The held message comes along.
    pub fn page(&mut self, by: isize) {
        let step = self.height.saturating_sub(2).max(1);
        self.scroll(by * isize::try_from(step).unwrap_or(1));
        self.hold_seen();
    }

    /// Half a pane.
    pub fn half_page(&mut self, by: isize) {
        let step = (self.height / 2).max(1);
        self.scroll(by * isize::try_from(step).unwrap_or(1));
        self.hold_seen();
    }

    /// If the held message has left the screen, the nearest seen one is held.
    fn hold_seen(&mut self) {
        let Some(focus) = self.focus else { return };
        let seen = self.seen();
        if seen.iter().any(|s| s.message == focus) {
            return;
        }
        let at = self.find(focus).unwrap_or(0);
        let above = seen.first().and_then(|s| self.find(s.message)).is_some_and(|i| at < i);
        self.focus = if above { seen.first() } else { seen.last() }.map(|s| s.message);
    }

    /// The first loaded message; `Some` if older ones must be asked for.
    pub fn to_start(&mut self) -> Option<OpenAt> {
        if self.more_before || self.stage != Stage::Ready {
            return Some(OpenAt::Start);
        }
        self.stand((0, 0));
        self.focus = self.items.front().map(|i| i.message.id);
        None
    }

    /// The newest message; `Some` if newer ones must be asked for.
    pub fn to_end(&mut self) -> Option<OpenAt> {
        if self.more_after || self.stage != Stage::Ready {
            return Some(OpenAt::End);
        }
        self.anchor = Anchor::Follow;
        self.focus = self.items.back().map(|i| i.message.id);
        None
    }

    /// Holds the next message (down, 1) or the one before (up, -1), and keeps it in sight.
    pub fn step(&mut self, by: isize) {
        let from = match self.focus.and_then(|f| self.find(f)) {
            Some(at) => at,
            None => {
                // The first step takes hold of the lowest message that is seen.
                self.focus = self.seen().last().map(|s| s.message);
                return;
            }
        };
        let rows = self.rows_of(from).len();
        let (first, last) = self.span_on_screen(from);
        // A message taller than the pane is read before it is left.
        if rows > self.height && ((by < 0 && first > 0) || (by > 0 && last < rows)) {
            self.scroll(by.signum() * 3);
            return;
        }
        let to = from.saturating_add_signed(by).min(self.items.len().saturating_sub(1));
        self.focus = self.items.get(to).map(|i| i.message.id);
        self.show(to);
    }

    fn span_on_screen(&mut self, at: usize) -> (usize, usize) {
        let id = self.items.get(at).map(|i| i.message.id);
        let seen = self.seen();
        let mut rows = seen.iter().filter(|s| Some(s.message) == id).map(|s| s.row);
        let first = rows.next();
        let last = rows.next_back().or(first);
        (first.unwrap_or(0), last.map_or(0, |l| l + 1))
    }

    fn show(&mut self, at: usize) {
        let top = self.top();
        let rows = self.rows_of(at).len();
        let lowest_top = self.up((at, rows), self.height);
        if at < top.0 || (at == top.0 && top.1 > 0) {
            self.stand((at, 0));
        } else if lowest_top > top {
            self.stand(lowest_top.min((at, 0)));
        }
    }

    /// The message at a row of the pane is held.
    pub fn hold_at(&mut self, row: usize) {
        let seen = self.seen();
        let blank = self.height.saturating_sub(seen.len());
        if let Some(s) = row.checked_sub(blank).and_then(|r| seen.get(r)) {
            self.focus = Some(s.message);
        }
    }

    /// The rows that are seen, top to bottom; fewer than fit only if there are no more.
    pub fn seen(&mut self) -> Vec<Seen> {
        let (mut at, mut row) = self.top();
        let mut out = Vec::with_capacity(self.height);
        while out.len() < self.height && at < self.items.len() {
            let rows = self.rows_of(at);
            let Some(item) = self.items.get(at) else { break };
            let message = item.message.id;
            let focused = self.focus == Some(message);
            let fits = (self.height - out.len()).min(rows.len().saturating_sub(row));
            out.extend((row..row + fits).map(|row| Seen {
                message,
                focused,
                rows: Rc::clone(&rows),
                row,
            }));
            (at, row) = (at + 1, 0);
        }
        self.forget_far_rows();
        out
    }

    /// Brings the rows that are seen up to date.
    pub fn look(&mut self) {
        self.view = self.seen();
    }

    /// Wrapped rows are kept near the screen only.
    fn forget_far_rows(&mut self) {
        if self.items.len() < 400 {
            return;
        }
        let (from, to) = (self.top_index().saturating_sub(150), self.bottom_index() + 150);
        let wrapped = self.items.iter().filter(|i| i.drawn.is_some()).count();
        if wrapped > 450 {
            for (i, item) in self.items.iter_mut().enumerate() {
                if i < from || i > to {
                    item.drawn = None;
                }
            }
        }
    }

    /// There is more than what is seen.
    pub fn overflows(&self) -> bool {
        self.more_before || self.more_after || self.view.len() >= self.height
    }

    /// Where in the thread's time one stands, 0 to 1: the first and the last message seen. Time is
    /// known without counting what is not loaded.
    pub fn share(&self) -> (f64, f64) {
        let span = self.header.as_ref().and_then(|h| Some((h.first?.0, h.row.last?.0)));
        let seen = self.view.first().zip(self.view.last());
        let (Some((first, last)), Some((top, bottom))) = (span, seen) else { return (0.0, 1.0) };
        let at = |id| {
            let sent = self.message(id).map_or(last, |m| m.pos.at.0);
            (sent as f64 - first as f64) / (last as f64 - first as f64).max(1.0)
        };
        let end = if self.follows() { 1.0 } else { at(bottom.message) };
        (at(top.message).clamp(0.0, 1.0), end.clamp(0.0, 1.0))
    }
}
