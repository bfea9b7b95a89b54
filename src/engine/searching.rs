//! Searching: what only the store knows is looked up first, then the index is asked, then what it
//! does not know yet is read, and the hits are put into rows.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::{Engine, EngineError, facts, rows};
use crate::inbox::{Coverage, CoverageRow, HitOrder, Hits, Scope, SearchRequest};
use crate::model::{Day, MessageId, ThreadId, Timestamp, VerdictKind, Wish};
use crate::policy;
use crate::search::Marker;
use crate::store::index::{Find, Found, Look};
use crate::store::{SourceExtent, StoredMessage, StoredThread};

/// Hits of one answer, at most.
const MOST: usize = 200;
/// Threads that are kept for the next search.
const KEPT: usize = 5_000;
/// How often the index may be committed to while one search begins.
const TRIES: usize = 5;

/// What every search needs, kept until something is stored.
pub struct Covered {
    version: i64,
    /// Messages that are told twice.
    shadows: Arc<HashSet<i64>>,
    /// What is stored of each source.
    extents: Vec<SourceExtent>,
    /// Pieces that could not be read.
    oddities: u64,
    /// Threads that hits were in, and whether they are read-only on a day.
    threads: HashMap<ThreadId, (StoredThread, bool)>,
    day: Day,
}

/// Hits as the store has them.
#[derive(Debug)]
pub struct FoundMessages {
    /// In order.
    pub messages: Vec<StoredMessage>,
    /// How many there are, as far as they were counted.
    pub total: u64,
    /// There are more.
    pub at_least: bool,
    /// What was looked through.
    pub coverage: Coverage,
}

impl Engine {
    /// From now on a search reads for so long what the index does not know yet, and no longer:
    /// while another program imports, an answer may leave some of it out, and says so
    /// ([`Coverage::searched`]).
    pub fn hurry(&mut self, patience: Duration) {
        self.tail.patience = Some(patience);
    }

    /// The last search left something out for want of time.
    pub fn is_behind(&self) -> bool {
        self.tail.behind
    }

    /// Reads on where the last search gave up for want of time.
    pub fn read_on(&mut self) -> Result<(), EngineError> {
        // Whatever goes wrong, nobody asks for it again and again.
        self.tail.behind = false;
        let upto = self.store.index()?.snapshot()?.upto;
        self.reader.tail(upto, &Find::Nothing, &HashSet::new(), &mut self.tail)?;
        Ok(())
    }

    /// Searches. `None`: it was given up since a newer search came.
    pub fn search(
        &mut self,
        request: &SearchRequest,
        cancel: &AtomicBool,
    ) -> Result<Option<Hits>, EngineError> {
        let Some(found) = self.search_messages(request, cancel)? else { return Ok(None) };
        let marker = Marker::new(&request.query);
        let mut threads = std::mem::take(&mut self.covered()?.threads);
        let book = self.book()?;
        let mut hits = Vec::with_capacity(found.messages.len());
        for m in found.messages {
            let (stored, closed) = match threads.entry(m.thread) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let stored = self.stored(m.thread)?;
                    let facts = facts::of(&stored, self.settings());
                    let day = self.settings().day();
                    let decision = policy::decide(&facts, &self.settings().rules, day, Wish::Send);
                    let closed = decision.verdict.kind() == VerdictKind::ReadOnly;
                    new.insert((stored, closed))
                }
            };
            let mut hit = rows::hit(self.settings(), stored, *closed, &marker, m);
            book.hit(&mut hit);
            hits.push(hit);
        }
        if threads.len() <= KEPT
            && let Some(covered) = &mut self.covered
        {
            covered.threads = threads;
        }
        Ok(Some(Hits {
            ticket: request.ticket,
            rows: hits,
            total: found.total,
            at_least: found.at_least,
            coverage: found.coverage,
        }))
    }

    /// Searches, for whoever wants the messages as they are stored.
    pub fn search_messages(
        &mut self,
        request: &SearchRequest,
        cancel: &AtomicBool,
    ) -> Result<Option<FoundMessages>, EngineError> {
        self.unknown.clear();
        let mut find = self.resolve(&request.query)?;
        if let Some(scope) = self.scope(request.scope)? {
            find = Find::All(vec![scope, find]);
        }
        let limit = request.limit.clamp(1, MOST);
        let Some((found, unseen)) = self.look(&find, request, limit, cancel)? else {
            return Ok(None);
        };
        let mut messages = Vec::with_capacity(found.hits.len());
        for (_, id) in &found.hits {
            messages.extend(self.reader.message(*id)?);
        }
        self.book()?.stored(&mut messages);
        let mut coverage = self.coverage(request.scope, unseen)?;
        coverage.unknown.clone_from(&self.unknown);
        let (total, at_least) = (found.total, found.at_least);
        Ok(Some(FoundMessages { messages, total, at_least, coverage }))
    }

    /// The threads in which something is found, newest hit first. Each round leaves out the
    /// threads that are known to have hits, so that no list of all hits is ever held.
    pub(super) fn threads_with_hits(
        &mut self,
        query: &crate::search::Query,
    ) -> Result<Vec<ThreadId>, EngineError> {
        let find = self.resolve(query)?;
        let request = SearchRequest {
            ticket: crate::inbox::Ticket(0),
            query: query.clone(),
            scope: Scope::Everything,
            order: HitOrder::Newest,
            offset: 0,
            limit: MOST,
        };
        let never = AtomicBool::new(false);
        let (mut threads, mut seen) = (Vec::new(), HashSet::new());
        loop {
            let known = self.strands_where(|s| seen.contains(&s.thread))?;
            let rest = match seen.is_empty() {
                true => find.clone(),
                false => Find::All(vec![find.clone(), Find::Not(Box::new(Find::Strands(known)))]),
            };
            let found = self.look(&rest, &request, MOST, &never)?;
            let hits = found.map(|(found, _)| found.hits).unwrap_or_default();
            let before = threads.len();
            for (_, id) in hits {
                let thread = self.reader.message(id)?.map(|m| m.thread);
                threads.extend(thread.filter(|t| seen.insert(*t)));
            }
            if threads.len() == before {
                return Ok(threads);
            }
        }
    }

    /// Asks the index and what it does not know yet. Also how many messages neither has seen.
    fn look(
        &mut self,
        find: &Find,
        request: &SearchRequest,
        limit: usize,
        cancel: &AtomicBool,
    ) -> Result<Option<(Found, u64)>, EngineError> {
        let index = self.store.index()?;
        let shadows = self.covered()?.shadows.clone();
        let mut tries = 0;
        let (snapshot, tail) = loop {
            let snapshot = index.snapshot()?;
            let tail = self.reader.tail(snapshot.upto, find, &shadows, &mut self.tail)?;
            tries += 1;
            // What the index took in meanwhile is not on the list of changed messages any more.
            if tries >= TRIES || Arc::ptr_eq(&snapshot, &index.snapshot()?) {
                break (snapshot, tail);
            }
        };
        let but: Vec<&HashSet<i64>> =
            [&*shadows, &*tail.stale].into_iter().filter(|ids| !ids.is_empty()).collect();
        let best = request.order == HitOrder::Best;
        // What the tail has may push any of these down.
        let (offset, limit) = (request.offset, limit);
        let reach = offset.saturating_add(limit);
        let look = Look { find, but: &but, best, offset: 0, limit: reach, cancel };
        let Some(mut found) = snapshot.look(&look)? else { return Ok(None) };
        found.total += tail.hits.len() as u64;
        // What is not in the index has no rank there: it is new, and comes first.
        let mut hits: Vec<(Timestamp, MessageId)> =
            tail.hits.into_iter().chain(found.hits).collect();
        if !best {
            hits.sort_by_key(|h| std::cmp::Reverse(*h));
        }
        found.hits = hits.into_iter().skip(offset).take(limit).collect();
        Ok(Some((found, tail.unseen)))
    }

    fn covered(&mut self) -> Result<&mut Covered, EngineError> {
        let (version, day) = (self.reader.version()?, self.settings().day());
        if self.covered.as_ref().is_none_or(|c| (c.version, c.day) != (version, day)) {
            self.covered = Some(Covered {
                version,
                shadows: Arc::new(self.reader.shadows()?.into_iter().collect()),
                extents: self.reader.extents(None)?,
                oddities: self.reader.oddities()?,
                threads: HashMap::new(),
                day,
            });
        }
        self.covered.as_mut().ok_or(EngineError::Lost("searching"))
    }

    fn scope(&mut self, scope: Scope) -> Result<Option<Find>, EngineError> {
        let strands = match scope {
            Scope::Everything => return Ok(None),
            Scope::Thread(thread) => self.strands_where(|s| s.thread == thread)?,
            Scope::Person(person) => {
                let threads = self.threads_of_person(person)?;
                self.strands_where(|s| threads.contains(&s.thread))?
            }
        };
        Ok(Some(Find::Strands(strands)))
    }

    /// What a search looks through, and what it cannot see.
    pub fn coverage(&mut self, scope: Scope, unseen: u64) -> Result<Coverage, EngineError> {
        let among: Option<HashSet<ThreadId>> = match scope {
            Scope::Everything => None,
            Scope::Thread(thread) => Some(HashSet::from([thread])),
            Scope::Person(person) => Some(self.threads_of_person(person)?),
        };
        let holds = |thread: &ThreadId| among.as_ref().is_none_or(|a| a.contains(thread));
        let extents = match &among {
            None => self.covered()?.extents.clone(),
            Some(threads) => {
                let mut all = Vec::new();
                for thread in threads {
                    all.extend(self.reader.extents(Some(*thread))?);
                }
                all
            }
        };
        let messages = extents.iter().map(|e| e.messages).sum();
        let oddities = self.covered()?.oddities;
        let mut not_covered = vec!["what pictures, videos and sound show or say".to_owned()];
        if oddities > 0 {
            let s = if oddities == 1 { "" } else { "s" };
            not_covered.push(format!("{oddities} piece{s} of exports that could not be read"));
        }
        match self.reader.threads_with_gaps()?.into_iter().filter(|t| holds(t)).count() {
            0 => {}
            1 => {
                not_covered.push("older messages of a live thread that were not fetched".to_owned())
            }
            n => not_covered
                .push(format!("older messages of {n} live threads that were not fetched")),
        }
        not_covered.push("apps and years that were never imported".to_owned());
        let settings = self.settings();
        Ok(Coverage {
            unknown: Vec::new(),
            threads: extents.iter().map(|e| e.threads).sum(),
            messages,
            searched: u64::saturating_sub(messages, unseen),
            sources: extents
                .into_iter()
                .map(|e| CoverageRow {
                    badge: rows::badge(settings, &e.source),
                    threads: e.threads,
                    messages: e.messages,
                    first: e.first,
                    last: e.last,
                })
                .collect(),
            not_covered,
        })
    }

    pub(super) fn strands_where(
        &mut self,
        which: impl Fn(&crate::store::StrandPlace) -> bool,
    ) -> Result<Arc<HashSet<i64>>, EngineError> {
        let known = self.known()?;
        Ok(Arc::new(known.strands.iter().filter(|s| which(s)).map(|s| s.strand).collect()))
    }
}
