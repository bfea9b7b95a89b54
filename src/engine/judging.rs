//! Every thread judged at once: what the counts in the top bar and the read-only view stand on.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{EngineError, Settings, facts, rows};
use crate::inbox::{Counts, SourceCount};
use crate::model::{SourceId, ThreadId, VerdictKind, Wish};
use crate::policy;
use crate::store::{Reader, ThreadQuery};

/// The verdicts of all threads at one state of the store.
pub struct Judged {
    /// The state of the store.
    pub version: i64,
    /// Read-only threads, newest activity first.
    pub read_only: Vec<(ThreadId, SourceId)>,
    /// Cross-app threads.
    pub cross_app: HashSet<ThreadId>,
    /// How many threads each view holds.
    pub counts: Counts,
    /// Which threads each rule touches, newest activity first.
    pub touches: HashMap<String, Vec<ThreadId>>,
}

const CHUNK: usize = 2_000;

impl Judged {
    /// Judges everything.
    pub fn work_out(
        reader: &Reader,
        settings: &Settings,
        version: i64,
    ) -> Result<Self, EngineError> {
        let mut read_only = Vec::new();
        let mut cross_app = HashSet::new();
        let mut counts = Counts::default();
        let mut sources: BTreeMap<SourceId, u64> = BTreeMap::new();
        let mut touches: HashMap<String, Vec<ThreadId>> = HashMap::new();
        let day = settings.day();
        let mut offset = 0;
        loop {
            let chunk = reader.threads(&ThreadQuery::default(), offset, CHUNK)?;
            offset += chunk.len();
            for t in &chunk {
                let facts = facts::of(t, settings);
                let decision = policy::decide(&facts, &settings.rules, day, Wish::Send);
                if decision.verdict.kind() == VerdictKind::ReadOnly {
                    counts.read_only += 1;
                    read_only.push((t.id, t.source.clone()));
                }
                if rows::other_source(&facts, settings).is_some() {
                    counts.cross_app += 1;
                    cross_app.insert(t.id);
                }
                counts.unread += u64::from(t.unread.is_some_and(|n| n > 0));
                counts.drafts += u64::from(t.draft.is_some());
                if t.archived {
                    counts.archived += 1;
                } else {
                    counts.all += 1;
                    *sources.entry(t.source.clone()).or_default() += 1;
                }
                for rule in settings.rules.rules() {
                    if policy::touches(rule, &facts) {
                        touches.entry(rule.id.clone()).or_default().push(t.id);
                    }
                }
            }
            if chunk.len() < CHUNK {
                break;
            }
        }
        counts.sources = sources
            .into_iter()
            .map(|(s, threads)| SourceCount { badge: rows::badge(settings, &s), threads })
            .collect();
        counts.sources.sort_by_key(|s| std::cmp::Reverse(s.threads));
        Ok(Self { version, read_only, cross_app, counts, touches })
    }
}
