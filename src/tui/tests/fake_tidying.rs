//! What the engine of a few lines does with threads: everything that can be undone.

use std::collections::HashMap;

use super::fake::{Fake, at, badge};
use crate::inbox::*;
use crate::model::*;

/// The threads and messages before a change.
pub(crate) type Before = (Vec<ThreadHeader>, HashMap<ThreadId, Vec<MessageRow>>);

impl Fake {
    pub(super) fn done(&self, what: String) -> Vec<Update> {
        vec![
            Update::Notice(Notice::new(Severity::Info, what, "", "")),
            self.counts(),
            Update::Changed { threads: Vec::new() },
        ]
    }

    pub(super) fn triage(&mut self, threads: &[ThreadId], change: &TriageChange) -> Vec<Update> {
        self.before.push((self.threads.clone(), self.messages.clone()));
        for head in self.threads.iter_mut().filter(|t| threads.contains(&t.row.id)) {
            let row = &mut head.row;
            match change {
                TriageChange::Archive(on) => row.archived = *on,
                TriageChange::Pin(on) => row.pinned = *on,
                TriageChange::Mute(on) => row.muted = *on,
                TriageChange::Unread(on) => row.unread = Some(u32::from(*on)),
                TriageChange::Snooze(until) => row.snoozed = *until,
                TriageChange::Label { name, on } => {
                    row.labels.retain(|l| l != name);
                    row.labels.extend(on.then(|| name.clone()));
                    row.labels.sort();
                }
            }
        }
        self.done(format!("{} changed: {change:?}", threads.len()))
    }

    pub(super) fn star(&mut self, message: MessageId, on: bool) -> Vec<Update> {
        self.before.push((self.threads.clone(), self.messages.clone()));
        for m in self.messages.values_mut().flatten().filter(|m| m.id == message) {
            m.starred = on;
        }
        for head in &mut self.threads {
            let of = self.messages.get(&head.row.id);
            head.row.starred = of.map_or(0, |m| m.iter().filter(|m| m.starred).count() as u64);
        }
        self.done(format!("Starred: {on}"))
    }

    pub(super) fn undo(&mut self) -> Vec<Update> {
        let Some((threads, messages)) = self.before.pop() else {
            return vec![Update::Notice(Notice::new(Severity::Info, "Nothing to undo", "", ""))];
        };
        (self.threads, self.messages) = (threads, messages);
        self.done("Taken back".into())
    }
}

pub(super) fn closing(threads: impl IntoIterator<Item = i64>) -> ClosingRow {
    let thread = |id| ThreadRef {
        id: ThreadId(id),
        title: format!("Studio {id}"),
        badge: badge("IG"),
        last: Some(at("2023-12-08T12:00:00Z")),
    };
    let threads: Vec<ThreadRef> = threads.into_iter().map(thread).collect();
    ClosingRow {
        rule: "ig-msgr-end".into(),
        apps: "Instagram ↔ Messenger".into(),
        when: "mid-January 2024".into(),
        text: "Existing chats become read-only, and nobody can start a new one. Calls end, too."
            .into(),
        sure: "announced by the service".into(),
        total: threads.len() as u64,
        threads,
        todo: vec!["Ask where else they can be reached.".into(), "Export both accounts.".into()],
    }
}
