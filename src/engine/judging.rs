//! Every thread judged at once: what the counts in the top bar and the read-only view stand on.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{EngineError, Settings, facts, rows};
use crate::inbox::{Counts, SourceCount};
use crate::model::{Mute, SourceId, ThreadId, Timestamp, VerdictKind, Wish};
use crate::policy;
use crate::store::{Reader, StoredThread, ThreadQuery};

/// The verdicts of all threads at one state of the store.
pub struct Judged {
    /// The state of the store.
    pub version: i64,
    /// Read-only threads, newest activity first.
    pub read_only: Vec<Listed>,
    /// Threads in which an answer of mine is due, newest activity first.
    pub awaiting: Vec<Listed>,
    /// When the next snoozed thread comes back.
    pub next_due: Option<Timestamp>,
    /// Which threads each coming end of a rule will close, newest activity first.
    pub closing: HashMap<String, Vec<ThreadId>>,
    /// Message requests and invitations, newest activity first.
    pub requests: Vec<Listed>,
    /// Cross-app threads.
    pub cross_app: HashSet<ThreadId>,
    /// How many threads each view holds.
    pub counts: Counts,
    /// Which threads each rule touches, newest activity first.
    pub touches: HashMap<String, Vec<ThreadId>>,
}

/// A thread of a view that only judging can make.
pub struct Listed {
    /// The thread.
    pub id: ThreadId,
    /// Its source.
    pub source: SourceId,
    /// With unread messages.
    pub unread: bool,
    /// Pinned.
    pub pinned: bool,
}

const CHUNK: usize = 2_000;

impl Judged {
    /// Judges everything, as it stands at an instant.
    pub fn work_out(
        reader: &Reader,
        settings: &Settings,
        version: i64,
        now: Timestamp,
    ) -> Result<Self, EngineError> {
        let mut judged = Self {
            version,
            read_only: Vec::new(),
            awaiting: Vec::new(),
            requests: Vec::new(),
            next_due: None,
            cross_app: HashSet::new(),
            counts: Counts::default(),
            touches: HashMap::new(),
            closing: HashMap::new(),
        };
        let mut tally = Tally::default();
        let mut offset = 0;
        loop {
            let chunk = reader.threads(&ThreadQuery::default(), offset, CHUNK)?;
            offset += chunk.len();
            for t in &chunk {
                judged.judge(t, settings, now);
                judged.count(t, now, &mut tally);
            }
            if chunk.len() < CHUNK {
                break;
            }
        }
        let sources = tally.sources.into_iter();
        judged.counts.sources = sources
            .map(|(s, threads)| SourceCount { badge: rows::badge(settings, &s), threads })
            .collect();
        judged.counts.sources.sort_by_key(|s| std::cmp::Reverse(s.threads));
        judged.counts.labels = tally.labels.into_iter().collect();
        let closing: HashSet<ThreadId> = judged.closing.values().flatten().copied().collect();
        judged.counts.closing = closing.len() as u64;
        Ok(judged)
    }

    fn judge(&mut self, t: &StoredThread, settings: &Settings, now: Timestamp) {
        let facts = facts::of(t, settings);
        let decision = policy::decide(&facts, &settings.rules, settings.day(), Wish::Send);
        let listed = || Listed {
            id: t.id,
            source: t.source.clone(),
            unread: t.unread.is_some_and(|n| n > 0),
            pinned: t.pinned,
        };
        if decision.verdict.kind() == VerdictKind::ReadOnly {
            self.counts.read_only += 1;
            self.read_only.push(listed());
        }
        if rows::is_awaiting(t, &decision, now) {
            self.counts.awaiting += 1;
            self.awaiting.push(listed());
        }
        if rows::is_request(t) {
            self.counts.requests += 1;
            self.requests.push(listed());
        }
        if rows::other_source(&facts, settings).is_some() {
            self.counts.cross_app += 1;
            self.cross_app.insert(t.id);
        }
        for warning in &decision.warnings {
            self.closing.entry(warning.rule.clone()).or_default().push(t.id);
        }
        for rule in settings.rules.rules() {
            if policy::touches(rule, &facts) {
                self.touches.entry(rule.id.clone()).or_default().push(t.id);
            }
        }
    }

    fn count(&mut self, t: &StoredThread, now: Timestamp, tally: &mut Tally) {
        let counts = &mut self.counts;
        counts.unread += u64::from(t.unread.is_some_and(|n| n > 0));
        counts.drafts += u64::from(t.draft.is_some());
        counts.mentions += u64::from(t.mentioned);
        counts.starred += u64::from(t.stars > 0);
        for label in &t.labels {
            *tally.labels.entry(label.clone()).or_default() += 1;
        }
        let due = t.snoozed_until.filter(|until| *until > now);
        let mute_ends = t.muted.and_then(Mute::end).filter(|end| *end > now);
        self.next_due = [self.next_due, due, mute_ends].into_iter().flatten().min();
        counts.snoozed += u64::from(due.is_some());
        counts.archived += u64::from(t.archived);
        if !t.archived && due.is_none() {
            counts.all += 1;
            *tally.sources.entry(t.source.clone()).or_default() += 1;
        }
    }
}

#[derive(Default)]
struct Tally {
    sources: BTreeMap<SourceId, u64>,
    labels: BTreeMap<String, u64>,
}
