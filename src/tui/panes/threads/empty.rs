//! What is said where a view holds nothing: what would stand there.

use crate::inbox::{Counts, ThreadFilter};

/// Why a filter shows nothing.
pub fn why_empty(filter: &ThreadFilter, counts: &Counts) -> &'static [&'static str] {
    if *filter == ThreadFilter::default() && counts.archived + counts.snoozed > 0 {
        return &[
            "Everything is put away.",
            "",
            "Archived and snoozed threads",
            "have views of their own.",
        ];
    }
    if filter.read_only {
        &["Every thread here can still be", "answered. Nothing is read-only."]
    } else if filter.cross_app {
        &["No thread crosses apps.", "", "Instagram ↔ Facebook chats", "would stand here."]
    } else if filter.unread {
        &["Nothing unread.", "", "Only some exports say", "what was read."]
    } else if filter.archived {
        &["No thread is archived.", "", "E archives the thread", "or the selected ones."]
    } else if filter.drafts {
        &["No drafts.", "", "What you began to write", "would stand here."]
    } else {
        why_empty_of_mine(filter)
    }
}

fn why_empty_of_mine(filter: &ThreadFilter) -> &'static [&'static str] {
    if filter.awaiting {
        &[
            "Nobody waits for your answer.",
            "",
            "Threads in which the last word",
            "is theirs would be here.",
        ]
    } else if filter.mentions {
        &[
            "Nobody mentioned you.",
            "",
            "Groups that named you since",
            "you last looked would be here.",
        ]
    } else if filter.requests {
        &["Nobody asks to reach you.", "", "Message requests and invitations", "would be here."]
    } else if filter.snoozed {
        &["Nothing is snoozed.", "", "S puts a thread out of sight", "until a time of your choice."]
    } else if filter.starred {
        &["Nothing is starred.", "", "* stars a message; its thread", "would stand here."]
    } else if filter.label.is_some() {
        &["No thread has this label.", "", "L puts labels on threads."]
    } else if filter.source.is_some() {
        &["No threads from this app.", "", "Archived ones stand", "under Archived."]
    } else {
        &["No threads yet.", "", "Import an export to fill", "the inbox."]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_away_is_not_denied() {
        let said = |archived, filter: &ThreadFilter| {
            why_empty(filter, &Counts { archived, ..Counts::default() })[0]
        };
        let all = ThreadFilter::default();
        assert_eq!(said(0, &all), "No threads yet.");
        assert_eq!(said(3, &all), "Everything is put away.");
        assert_eq!(said(3, &ThreadFilter { unread: true, ..all }), "Nothing unread.");
    }
}
