//! The views of the inbox.

use crate::inbox::{Counts, ThreadFilter};
use crate::model::SourceId;

/// A view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    /// Which threads.
    pub filter: ThreadFilter,
    /// Its name.
    pub label: String,
    /// Its name where there is little room.
    pub short: String,
    /// How many threads.
    pub count: u64,
    /// The app, for its colour.
    pub source: Option<SourceId>,
    /// A view of its own kind begins here.
    pub breaks: bool,
}

fn tab(label: &str, short: &str, count: u64, filter: ThreadFilter) -> Tab {
    let (label, short) = (label.into(), short.into());
    Tab { source: filter.source.clone(), filter, label, short, count, breaks: false }
}

/// Every view, in order, those that hold nothing and the chosen one among them.
pub fn views(counts: &Counts, chosen: &ThreadFilter) -> Vec<Tab> {
    let all = ThreadFilter::default;
    let mut out = vec![tab("All", "All", counts.all, all())];
    out.extend(counts.sources.iter().map(|s| {
        let filter = ThreadFilter { source: Some(s.badge.source.clone()), ..all() };
        tab(&s.badge.name, &s.badge.short, s.threads, filter)
    }));
    let kinds = [
        tab("Cross-app", "Cross", counts.cross_app, ThreadFilter { cross_app: true, ..all() }),
        tab("Read-only", "R/O", counts.read_only, ThreadFilter { read_only: true, ..all() }),
        tab("Unread", "Unread", counts.unread, ThreadFilter { unread: true, ..all() }),
        tab("Awaiting me", "Await", counts.awaiting, ThreadFilter { awaiting: true, ..all() }),
        tab("Mentions", "Ment", counts.mentions, ThreadFilter { mentions: true, ..all() }),
        tab("Requests", "Req", counts.requests, ThreadFilter { requests: true, ..all() }),
        tab("Drafts", "Drafts", counts.drafts, ThreadFilter { drafts: true, ..all() }),
        tab("Starred", "Star", counts.starred, ThreadFilter { starred: true, ..all() }),
        tab("Snoozed", "Later", counts.snoozed, ThreadFilter { snoozed: true, ..all() }),
        tab("Archived", "Arch", counts.archived, ThreadFilter { archived: true, ..all() }),
    ];
    let breaks = out.len();
    out.extend(kinds);
    if let Some(first) = out.get_mut(breaks) {
        first.breaks = true;
    }
    out.extend(counts.labels.iter().map(|(name, count)| {
        let shown = format!("#{name}");
        tab(&shown, &shown, *count, ThreadFilter { label: Some(name.clone()), ..all() })
    }));
    if !out.iter().any(|t| t.filter == *chosen) {
        let name = chosen.label.as_ref().map_or_else(|| "Chosen".into(), |l| format!("#{l}"));
        out.push(tab(&name, &name, 0, chosen.clone()));
    }
    out
}

/// The views of the bar: those that hold something, and the chosen one.
pub fn tabs(counts: &Counts, chosen: &ThreadFilter) -> Vec<Tab> {
    let is_kind = |t: &Tab| t.source.is_none() && t.filter != ThreadFilter::default();
    let wanted = |t: &Tab| t.count > 0 || !is_kind(t) || t.filter == *chosen;
    let mut out: Vec<Tab> = views(counts, chosen).into_iter().filter(wanted).collect();
    set_break(&mut out);
    out
}

/// The first view of another kind than an app is set apart.
pub fn set_break(tabs: &mut [Tab]) {
    let mut breaks = true;
    for tab in tabs {
        let kind = tab.source.is_none() && tab.filter != ThreadFilter::default();
        tab.breaks = kind && breaks;
        breaks &= !kind;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chosen_view_is_always_there() {
        let counts = Counts { all: 3, unread: 0, ..Counts::default() };
        let unread = ThreadFilter { unread: true, ..ThreadFilter::default() };
        assert!(tabs(&counts, &unread).iter().any(|t| t.filter == unread));
        assert!(!tabs(&counts, &ThreadFilter::default()).iter().any(|t| t.filter == unread));
        let app = ThreadFilter { source: Some(SourceId::known("x")), ..ThreadFilter::default() };
        assert!(tabs(&counts, &app).iter().any(|t| t.filter == app));
    }
}
