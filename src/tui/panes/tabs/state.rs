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

/// The views, in order. Those that would always be empty are left out, the chosen one never.
pub fn tabs(counts: &Counts, chosen: &ThreadFilter) -> Vec<Tab> {
    let all = ThreadFilter::default;
    let mut out = vec![Tab {
        filter: all(),
        label: "All".into(),
        short: "All".into(),
        count: counts.all,
        source: None,
        breaks: false,
    }];
    out.extend(counts.sources.iter().map(|s| Tab {
        filter: ThreadFilter { source: Some(s.badge.source.clone()), ..all() },
        label: s.badge.name.clone(),
        short: s.badge.short.clone(),
        count: s.threads,
        source: Some(s.badge.source.clone()),
        breaks: false,
    }));
    let views = [
        ("Cross-app", "Cross", counts.cross_app, ThreadFilter { cross_app: true, ..all() }),
        ("Read-only", "R/O", counts.read_only, ThreadFilter { read_only: true, ..all() }),
        ("Unread", "Unread", counts.unread, ThreadFilter { unread: true, ..all() }),
        ("Drafts", "Drafts", counts.drafts, ThreadFilter { drafts: true, ..all() }),
        ("Archived", "Arch", counts.archived, ThreadFilter { archived: true, ..all() }),
    ];
    let mut breaks = true;
    for (label, short, count, filter) in views {
        let wanted = count > 0 || filter == *chosen || filter.cross_app || filter.read_only;
        if wanted {
            out.push(Tab {
                filter,
                label: label.into(),
                short: short.into(),
                count,
                source: None,
                breaks: std::mem::take(&mut breaks),
            });
        }
    }
    if !out.iter().any(|t| t.filter == *chosen) {
        out.push(Tab {
            filter: chosen.clone(),
            label: "Chosen".into(),
            short: "Chosen".into(),
            count: 0,
            source: chosen.source.clone(),
            breaks: true,
        });
    }
    out
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
