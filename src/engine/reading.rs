//! Answers questions about what is stored, each in one read transaction's worth of queries.

use std::collections::HashSet;

use super::detecting::Detected;
use super::importing::{self, ImportOptions, Progress};
use super::judging::{Judged, Listed};
use super::replying::Answered;
use super::resolving::Known;
use super::searching::Covered;
use super::{EngineError, Settings, facts, handing_off, now, rows};
use crate::inbox::{
    Counts, Direction, HandOffRow, ImportSummary, LadderTable, ListOrder, MarkChange, MessageRow,
    OpenAt, ReasonRow, ReplyRow, RuleRow, ThreadFilter, ThreadHeader, ThreadRow, TranscriptPos,
};
use crate::model::{AccountId, Facts, MessageId, PersonalMark, ThreadId, Timestamp, Verdict, Wish};
use crate::policy::{self, Decision, Permit};
use crate::store::index::Kept;
use crate::store::{
    PageEnd, Reader, Store, StoredAccount, StoredMessage, StoredParticipant, StoredThread,
    ThreadQuery,
};

/// Rows or messages of one answer, at most.
pub(super) const WINDOW: usize = 500;

/// The engine without channels: one question, one answer.
pub struct Engine {
    pub(super) store: std::sync::Arc<Store>,
    pub(super) settings: std::sync::Arc<Settings>,
    pub(super) reader: Reader,
    judged: Option<Judged>,
    pub(super) people: Option<std::sync::Arc<super::people::People>>,
    pub(super) book: std::cell::RefCell<Option<std::sync::Arc<super::book::Book>>>,
    pub(super) names: Option<super::finding::Names>,
    pub(super) known: Option<Known>,
    /// Names of the last search that nobody and nothing bears.
    pub(super) unknown: Vec<String>,
    pub(super) covered: Option<Covered>,
    pub(super) tail: Kept,
}

/// A window of the thread list.
#[derive(Debug)]
pub struct ThreadPage {
    /// The first row's place.
    pub offset: usize,
    /// The rows.
    pub rows: Vec<ThreadRow>,
    /// How many threads there are in all.
    pub total: usize,
}

/// A page of an opened thread.
#[derive(Debug)]
pub struct TranscriptPage {
    /// The head.
    pub header: ThreadHeader,
    /// Messages, oldest first.
    pub rows: Vec<MessageRow>,
    /// There is more before.
    pub more_before: bool,
    /// There is more after.
    pub more_after: bool,
    /// The row that was asked for.
    pub focus: Option<usize>,
    /// The draft.
    pub draft: Option<String>,
    /// The message that it answers.
    pub reply: Option<ReplyRow>,
}

impl Engine {
    /// An engine over a store.
    pub fn new(
        store: std::sync::Arc<Store>,
        settings: std::sync::Arc<Settings>,
    ) -> Result<Self, EngineError> {
        let reader = store.reader()?;
        Ok(Self {
            store,
            settings,
            reader,
            judged: None,
            people: None,
            book: std::cell::RefCell::default(),
            names: None,
            known: None,
            unknown: Vec::new(),
            covered: None,
            tail: Kept::default(),
        })
    }

    /// The switches.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Another engine over the same store, for another thread of the program.
    pub fn another(&self) -> Result<Self, EngineError> {
        Self::new(self.store.clone(), self.settings.clone())
    }

    /// A window of the list. Only the read-only filter has to judge more than the window.
    pub fn threads(
        &mut self,
        filter: &ThreadFilter,
        offset: usize,
        limit: usize,
        around: Option<ThreadId>,
    ) -> Result<ThreadPage, EngineError> {
        self.threads_in(filter, ListOrder::Activity, offset, limit, around)
    }

    /// The same in an order.
    pub fn threads_in(
        &mut self,
        filter: &ThreadFilter,
        order: ListOrder,
        offset: usize,
        limit: usize,
        around: Option<ThreadId>,
    ) -> Result<ThreadPage, EngineError> {
        let limit = limit.min(WINDOW);
        if filter.read_only || filter.awaiting || filter.requests {
            return self.judged_threads(filter, order, offset, limit, around);
        }
        let query = query_of(filter, order, self.present());
        let total = self.reader.count_threads(&query)?;
        let mut offset = offset.min(total.saturating_sub(1));
        if let Some(thread) = around {
            let place = self.reader.place_of(&query, thread)?;
            offset = hold(place, offset, limit, total);
        }
        let stored = self.reader.threads(&query, offset, limit)?;
        let rows = stored.iter().map(|t| self.row(t)).collect::<Result<_, _>>()?;
        Ok(ThreadPage { offset, rows, total })
    }

    fn judged_threads(
        &mut self,
        filter: &ThreadFilter,
        order: ListOrder,
        offset: usize,
        limit: usize,
        around: Option<ThreadId>,
    ) -> Result<ThreadPage, EngineError> {
        let source = filter.source.clone();
        let wanted = self.also_wanted(filter)?;
        let judged = self.judged()?;
        let all = match (filter.requests, filter.read_only) {
            (true, _) => &judged.requests,
            (false, true) => &judged.read_only,
            (false, false) => &judged.awaiting,
        };
        let mut listed: Vec<&Listed> =
            all.iter().filter(|l| source.as_ref().is_none_or(|want| *want == l.source)).collect();
        if filter.read_only && filter.awaiting {
            // An answer is due only where one can be given.
            listed.clear();
        }
        if let Some(wanted) = wanted {
            listed.retain(|l| wanted.contains(&l.id));
        }
        if order == ListOrder::UnreadFirst {
            listed.sort_by_key(|l| (!l.pinned, !l.unread));
        }
        let ids: Vec<ThreadId> = listed.into_iter().map(|l| l.id).collect();
        let total = ids.len();
        let mut offset = offset.min(total.saturating_sub(1));
        if let Some(place) = around.and_then(|t| ids.iter().position(|id| *id == t)) {
            offset = hold(place, offset, limit, total);
        }
        let mut rows = Vec::new();
        for id in ids.iter().skip(offset).take(limit) {
            if let Some(t) = self.reader.thread(*id)? {
                rows.push(self.row(&t)?);
            }
        }
        Ok(ThreadPage { offset, rows, total })
    }

    /// Which threads the rest of a filter leaves, where judging is only a part of it.
    fn also_wanted(&self, filter: &ThreadFilter) -> Result<Option<HashSet<ThreadId>>, EngineError> {
        let mut rest = filter.clone();
        (rest.source, rest.read_only, rest.awaiting, rest.requests) = (None, false, false, false);
        if rest == ThreadFilter::default() {
            return Ok(None);
        }
        let query = query_of(&rest, ListOrder::Activity, self.present());
        let threads = self.reader.threads(&query, 0, usize::MAX)?;
        Ok(Some(threads.into_iter().map(|t| t.id).collect()))
    }

    /// Every thread judged, worked out again if anything was stored since.
    pub(super) fn judged(&mut self) -> Result<&Judged, EngineError> {
        let version = self.reader.version()?;
        let now = self.present();
        let stale = |j: &Judged| j.version != version || j.next_due.is_some_and(|t| t <= now);
        if self.judged.as_ref().is_none_or(stale) {
            self.judged = Some(Judged::work_out(&self.reader, &self.settings, version, now)?);
        }
        self.judged.as_ref().ok_or(EngineError::Lost("judging"))
    }

    /// How many threads each view holds.
    pub fn counts(&mut self) -> Result<Counts, EngineError> {
        let mut counts = self.judged()?.counts.clone();
        (counts.outbox_waiting, counts.outbox_failed) = self.reader.outbox_counts()?;
        Ok(counts)
    }

    /// Changes whenever anybody has stored something.
    pub fn version(&self) -> Result<i64, EngineError> {
        Ok(self.reader.version()?)
    }

    pub(super) fn row(&self, t: &StoredThread) -> Result<ThreadRow, EngineError> {
        let facts = facts::with_guess(t, &self.settings, &self.reader)?;
        let decision = self.decide(&facts, Wish::Send);
        self.thread_row(t, &facts, &decision)
    }

    /// A list row, with the names that contact cards give.
    pub(super) fn thread_row(
        &self,
        t: &StoredThread,
        facts: &Facts,
        decision: &Decision,
    ) -> Result<ThreadRow, EngineError> {
        let mut row = rows::thread_row(&self.settings, t, facts, decision);
        self.name_thread(&mut row)?;
        Ok(row)
    }

    pub(super) fn decide(&self, facts: &Facts, wish: Wish) -> Decision {
        policy::decide(facts, &self.settings.rules, self.settings.day(), wish)
    }

    pub(super) fn stored(&self, thread: ThreadId) -> Result<StoredThread, EngineError> {
        self.reader.thread(thread)?.ok_or(EngineError::NoThread(thread))
    }

    /// A thread's row.
    pub fn thread(&self, thread: ThreadId) -> Result<ThreadRow, EngineError> {
        self.row(&self.stored(thread)?)
    }

    /// My accounts.
    pub fn accounts(&self) -> Result<Vec<StoredAccount>, EngineError> {
        Ok(self.reader.accounts()?)
    }

    /// A thread's head and first page.
    pub fn open(
        &self,
        thread: ThreadId,
        at: OpenAt,
        limit: usize,
    ) -> Result<TranscriptPage, EngineError> {
        let limit = limit.clamp(1, WINDOW);
        let stored = self.stored(thread)?;
        let people = self.reader.participants(thread)?;
        let (page, focus, more_before, more_after) = self.first_page(thread, at, limit)?;
        let header = self.header(&stored, &people)?;
        let rows = self.message_rows(&stored, &people, page)?;
        let draft = stored.draft;
        let reply = if draft.is_some() { self.reply_of_draft(thread)? } else { None };
        Ok(TranscriptPage { header, rows, more_before, more_after, focus, draft, reply })
    }

    fn first_page(
        &self,
        thread: ThreadId,
        at: OpenAt,
        limit: usize,
    ) -> Result<(Vec<StoredMessage>, Option<usize>, bool, bool), EngineError> {
        let around = |end: PageEnd, own: Option<StoredMessage>| {
            let half = (limit / 2).max(1);
            let mut page = self.reader.older(thread, end, half + 1)?;
            let more_before = page.len() > half;
            if more_before {
                page.remove(0);
            }
            let focus = page.len();
            page.extend(own);
            let mut after = self.reader.newer(thread, end, half + 1)?;
            let more_after = after.len() > half;
            after.truncate(half);
            page.append(&mut after);
            // A date after the last message stands on the last message.
            let focus = focus.min(page.len().saturating_sub(1));
            Ok((page, Some(focus), more_before, more_after))
        };
        match at {
            OpenAt::End => {
                let mut page = self.reader.older(thread, PageEnd::Edge, limit + 1)?;
                let more = page.len() > limit;
                if more {
                    page.remove(0);
                }
                Ok((page, None, more, false))
            }
            OpenAt::Start => {
                let mut page = self.reader.newer(thread, PageEnd::Edge, limit + 1)?;
                let more = page.len() > limit;
                page.truncate(limit);
                Ok((page, Some(0), false, more))
            }
            OpenAt::Date(t) => around(PageEnd::Instant(t), None),
            OpenAt::Message(id) => match self.reader.message(id)? {
                Some(m) if m.thread == thread => around(beside(m.sent.at, m.order, id), Some(m)),
                _ => self.first_page(thread, OpenAt::End, limit),
            },
        }
    }

    pub(super) fn door_before(
        &self,
        thread: ThreadId,
        page: &[StoredMessage],
    ) -> Result<Option<String>, EngineError> {
        let Some(first) = page.first() else { return Ok(None) };
        let end = beside(first.sent.at, first.order, first.id);
        Ok(self.reader.older(thread, end, 1)?.pop().map(|m| m.origin.to_string()))
    }

    /// One more page, oldest first, and whether there is more beyond it.
    pub fn page(
        &self,
        thread: ThreadId,
        from: TranscriptPos,
        direction: Direction,
        limit: usize,
    ) -> Result<(Vec<MessageRow>, bool), EngineError> {
        let limit = limit.clamp(1, WINDOW);
        let stored = self.stored(thread)?;
        let people = self.reader.participants(thread)?;
        let end = beside(from.at, from.order, from.message);
        let mut page = match direction {
            Direction::Older => self.reader.older(thread, end, limit + 1)?,
            Direction::Newer => self.reader.newer(thread, end, limit + 1)?,
        };
        let more = page.len() > limit;
        if more {
            match direction {
                Direction::Older => drop(page.remove(0)),
                Direction::Newer => page.truncate(limit),
            }
        }
        Ok((self.message_rows(&stored, &people, page)?, more))
    }

    pub(super) fn header(
        &self,
        stored: &StoredThread,
        people: &[StoredParticipant],
    ) -> Result<ThreadHeader, EngineError> {
        let facts = facts::with_guess(stored, &self.settings, &self.reader)?;
        let decision = self.decide(&facts, Wish::Send);
        let account = self.reader.accounts()?.into_iter().find(|a| a.id == stored.account);
        let mut participants = rows::participants(&self.settings, stored, people);
        self.name_everyone(&mut participants)?;
        Ok(ThreadHeader {
            row: self.thread_row(stored, &facts, &decision)?,
            participants,
            composer: rows::composer(&self.settings, &facts, &decision),
            warnings: rows::warnings(&decision),
            suggestion: rows::suggestion(&decision),
            account: account.map(|a| a.name).unwrap_or_default(),
            first: stored.first,
            person: None,
            no_files: self.why_no_files(&facts),
            live: self.reader.live_of(stored.id)?.map(|(live, _)| live),
            older: self.reader.gap_before_oldest(stored.id)?,
            reactions: facts.limits.reactions,
        })
    }

    /// The ladder for every wish.
    pub fn why(&self, thread: ThreadId) -> Result<(String, Vec<LadderTable>), EngineError> {
        let stored = self.stored(thread)?;
        let facts = facts::with_guess(&stored, &self.settings, &self.reader)?;
        let tables = Wish::ALL
            .iter()
            .map(|w| rows::ladder(&self.settings, &facts, *w, &self.decide(&facts, *w)))
            .collect();
        let mut title = stored.title;
        self.book()?.rename(&mut title);
        Ok((title, tables))
    }

    /// Coming closures of a thread, as sentences.
    pub fn warnings(&self, thread: ThreadId) -> Result<Vec<String>, EngineError> {
        let decision = self.decide(&self.facts(thread)?, Wish::Send);
        Ok(decision.warnings.into_iter().map(|w| w.text).collect())
    }

    /// The rules, and how many threads each touches.
    pub fn rules(&mut self) -> Result<Vec<RuleRow>, EngineError> {
        let settings = self.settings.clone();
        let touches = &self.judged()?.touches;
        let touched = |id: &str| touches.get(id).map_or(0, |t| t.len() as u64);
        Ok(settings
            .rules
            .rules()
            .iter()
            .map(|r| rows::rule(&settings, r, touched(&r.id)))
            .collect())
    }

    /// The threads that a rule touches, newest activity first.
    pub fn touched_by(&mut self, rule: &str) -> Result<Vec<ThreadId>, EngineError> {
        Ok(self.judged()?.touches.get(rule).cloned().unwrap_or_default())
    }

    /// Asks the policy for a wish: what a hand-off would open, or why it is refused.
    pub fn wish(
        &self,
        thread: ThreadId,
        wish: Wish,
        text: &str,
    ) -> Result<Result<HandOffRow, ReasonRow>, EngineError> {
        self.wish_answering(thread, wish, text, None)
    }

    /// The same, of a text that answers a message.
    pub fn wish_answering(
        &self,
        thread: ThreadId,
        wish: Wish,
        text: &str,
        reply: Option<MessageId>,
    ) -> Result<Result<HandOffRow, ReasonRow>, EngineError> {
        let answered = self.answered(thread, reply)?;
        let facts = self.facts(thread)?;
        let decision = self.decide(&facts, wish);
        Ok(match &decision.verdict {
            Verdict::Denied(r) => Err(rows::reason(&self.settings, &facts, r, wish)),
            granted @ (Verdict::Live | Verdict::HandOff(_)) => Ok(rows::hand_off(
                &self.settings,
                thread,
                &facts,
                granted,
                (text, answered.as_ref()),
            )),
        })
    }

    /// Records a hand-off and opens the app's link. The policy is asked again: the thread may have
    /// closed while the text lay on screen.
    pub fn hand_off(
        &self,
        thread: ThreadId,
        text: &str,
        open: bool,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        self.hand_off_reply(thread, text, None, open, now)
    }

    /// The same, of a text that answers a message.
    pub fn hand_off_reply(
        &self,
        thread: ThreadId,
        text: &str,
        reply: Option<MessageId>,
        open: bool,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let facts = self.facts(thread)?;
        let wish = if reply.is_some() { Wish::Reply } else { Wish::Send };
        let decision = self.decide(&facts, wish);
        let answered = self.answered(thread, reply)?;
        let texts = (text, answered.as_ref());
        let row = rows::hand_off(&self.settings, thread, &facts, &decision.verdict, texts);
        let permit: Permit = match (decision.permit(), decision.verdict) {
            (Some(permit), _) => permit,
            (None, Verdict::Denied(r)) => return Err(EngineError::Refused(Box::new(r))),
            (None, Verdict::Live | Verdict::HandOff(_)) => return Err(EngineError::Lost("policy")),
        };
        if let (true, Some(url)) = (open, &row.url) {
            handing_off::open_link(url)?;
        }
        let reply_to = answered.map(Answered::reply_to);
        Ok(self.store.writer()?.hand_off_reply(permit, text, reply_to, now)?)
    }

    /// Imports what was found.
    pub fn import(
        &self,
        found: Vec<Detected>,
        options: &ImportOptions,
        progress: &Progress,
    ) -> Result<Vec<ImportSummary>, EngineError> {
        let rules = &self.settings.rules;
        importing::import(&self.store, rules, found, options, progress, now(), &mut |_| {})
    }

    /// Changes what the person said of a thread.
    pub fn mark(&self, thread: ThreadId, change: &MarkChange) -> Result<PersonalMark, EngineError> {
        let apply = |m: &mut PersonalMark| match change {
            MarkChange::CrossApp(other) => {
                m.cross_app = Some(other.clone());
                m.not_cross_app = false;
            }
            MarkChange::NotCrossApp => {
                m.cross_app = None;
                m.not_cross_app = true;
            }
            MarkChange::ReadOnly => m.read_only = true,
            MarkChange::Clear => *m = PersonalMark::default(),
        };
        Ok(self.store.writer()?.change_mark(thread, apply)?)
    }

    /// My account in a thread, and when its first message was sent.
    pub fn account_and_first(
        &self,
        thread: ThreadId,
    ) -> Result<(AccountId, Option<Timestamp>), EngineError> {
        let stored = self.stored(thread)?;
        Ok((stored.account, stored.first))
    }

    /// SQLite's own check of the store, the number of threads and of messages.
    pub fn check(&self) -> Result<(Vec<String>, usize, u64), EngineError> {
        let threads = self.reader.count_threads(&ThreadQuery::default())?;
        Ok((self.reader.check()?, threads, self.reader.count_messages()?))
    }

    /// The store holds no thread at all.
    pub fn is_empty(&self) -> Result<bool, EngineError> {
        Ok(self.reader.threads(&ThreadQuery::default(), 0, 1)?.is_empty())
    }
}

fn beside(at: Timestamp, order: i64, id: MessageId) -> PageEnd {
    PageEnd::Beside(at, order, id)
}

/// Archived and snoozed threads are in views of their own; other filters look everywhere.
pub fn query_of(filter: &ThreadFilter, order: ListOrder, now: Timestamp) -> ThreadQuery {
    let narrowed = filter.cross_app
        || filter.unread
        || filter.drafts
        || filter.starred
        || filter.mentions
        || filter.snoozed
        || filter.label.is_some();
    ThreadQuery {
        source: filter.source.clone(),
        cross_app: filter.cross_app,
        archived: match (filter.archived, narrowed) {
            (true, _) => Some(true),
            (false, true) => None,
            (false, false) => Some(false),
        },
        unread: filter.unread,
        drafts: filter.drafts,
        snoozed: match (filter.snoozed, narrowed || filter.archived) {
            (true, _) => Some((true, now)),
            (false, true) => None,
            (false, false) => Some((false, now)),
        },
        starred: filter.starred,
        mentioned: filter.mentions,
        label: filter.label.clone(),
        unread_first: order == ListOrder::UnreadFirst,
    }
}

/// Moves a window as little as possible so that it holds a place.
fn hold(place: usize, offset: usize, limit: usize, total: usize) -> usize {
    if place >= total || (offset..offset + limit).contains(&place) {
        return offset;
    }
    place.saturating_sub(limit / 2)
}
