//! Triage: what is done with threads and messages, told in words, with its exact inverse.

use super::undo::Undoable;
use super::{Engine, EngineError, rows};
use crate::inbox::{ClosingRow, Notice, Severity, ThreadRef, TriageChange};
use crate::model::{MessageId, ThreadId, Timestamp};
use crate::policy::words;
use crate::store::{TriageBefore, TriageWord};

/// Threads that a closing door lists, at most.
const LISTED: usize = 200;
/// A label's length, at most, in characters.
const LABEL: usize = 40;

impl Engine {
    /// The present of this inbox.
    pub(super) fn present(&self) -> Timestamp {
        self.settings.clock().unwrap_or_else(super::now)
    }

    /// Does something with threads. What is told of it, and what takes it back.
    pub fn triage(
        &mut self,
        threads: &[ThreadId],
        change: &TriageChange,
    ) -> Result<(Notice, Undoable), EngineError> {
        let (mut told, undo) = self.triage_all(threads, std::slice::from_ref(change))?;
        let told = told.pop().unwrap_or_default();
        Ok((Notice::new(Severity::Info, told, "", ""), undo))
    }

    /// Does several things with threads, all or none. What is told of each, and what takes all of
    /// them back.
    pub fn triage_all(
        &mut self,
        threads: &[ThreadId],
        changes: &[TriageChange],
    ) -> Result<(Vec<String>, Undoable), EngineError> {
        let words = changes.iter().map(word).collect::<Result<Vec<_>, _>>()?;
        let before = self.store().writer()?.triage(threads, &words, self.present())?;
        if let ([one], []) = (threads, before.as_slice()) {
            return Err(EngineError::NoThread(*one));
        }
        let told = changes.iter().map(|c| self.told(c, before.len(), threads)).collect();
        Ok((told, Undoable::Triage(before)))
    }

    fn told(&self, change: &TriageChange, count: usize, threads: &[ThreadId]) -> String {
        // Of those that were asked for some may be gone.
        let one = match count {
            1 => threads.iter().find_map(|t| self.stored(*t).ok()),
            _ => None,
        };
        let some = if count == 1 { "1 thread".to_owned() } else { format!("{count} threads") };
        let mut what = one.map_or(some, |t| t.title);
        if let Ok(book) = self.book() {
            book.rename(&mut what);
        }
        match change {
            TriageChange::Archive(true) => format!("Archived: {what}"),
            TriageChange::Archive(false) => format!("Back from the archive: {what}"),
            TriageChange::Pin(true) => format!("Pinned: {what}"),
            TriageChange::Pin(false) => format!("No longer pinned: {what}"),
            TriageChange::Mute(true) => format!("Muted: {what}"),
            TriageChange::Mute(false) => format!("No longer muted: {what}"),
            TriageChange::Unread(true) => format!("Marked unread: {what}"),
            TriageChange::Unread(false) => format!("Marked read: {what}"),
            TriageChange::Snooze(None) => format!("No longer snoozed: {what}"),
            TriageChange::Snooze(Some(until)) => {
                let local = until.to_utc().map(|t| t.with_timezone(&chrono::Local));
                let when =
                    local.map_or(String::new(), |t| t.format("%a %-d %b %Y, %H:%M").to_string());
                format!("Snoozed until {when}: {what}")
            }
            TriageChange::Label { name, on: true } => format!("Labelled {}: {what}", name.trim()),
            TriageChange::Label { name, on: false } => {
                format!("No longer labelled {}: {what}", name.trim())
            }
        }
    }

    /// Puts threads back as they stood.
    pub(super) fn untriage(&mut self, before: &[TriageBefore]) -> Result<usize, EngineError> {
        Ok(self.store().writer()?.untriage(before, self.present())?)
    }

    /// Stars a message, or takes its star away. `None`: it was so already.
    pub fn star(
        &mut self,
        message: MessageId,
        on: bool,
    ) -> Result<Option<(Notice, ThreadId)>, EngineError> {
        let thread = self.store().writer()?.star(message, on, self.present())?;
        let told = if on { "Starred the message" } else { "Took the star away" };
        Ok(thread.map(|t| (Notice::new(Severity::Info, told, "", ""), t)))
    }

    /// When the next snoozed thread comes back.
    pub(super) fn next_due(&mut self) -> Result<Option<Timestamp>, EngineError> {
        Ok(self.judged()?.next_due)
    }

    /// What is about to close, soonest first.
    pub fn closing(&mut self) -> Result<Vec<ClosingRow>, EngineError> {
        let closing = self.judged()?.closing.clone();
        let settings = self.settings.clone();
        let mut out = Vec::new();
        for rule in settings.rules.rules() {
            let Some(ids) = closing.get(&rule.id) else { continue };
            let mut threads = Vec::new();
            for id in ids.iter().take(LISTED) {
                let row = self.thread(*id)?;
                let (title, badge, last) = (row.title, row.badge, row.last);
                threads.push(ThreadRef { id: *id, title, badge, last });
            }
            let row = rows::rule(&settings, rule, ids.len() as u64);
            let at = rule.when.as_ref().map(|w| w.from);
            out.push((
                at,
                ClosingRow {
                    rule: row.id,
                    apps: row.apps,
                    when: row.when,
                    text: row.text,
                    sure: row.sure,
                    total: ids.len() as u64,
                    todo: words::before_closing(rule),
                    threads,
                },
            ));
        }
        out.sort_by_key(|(at, _)| *at);
        Ok(out.into_iter().map(|(_, row)| row).collect())
    }

    /// Closing doors that were not announced yet, in words; they count as announced from now on.
    /// What is only supposed (`--as-of`, the demo) is announced to nobody.
    pub(super) fn announce_closing(&mut self) -> Result<Vec<Notice>, EngineError> {
        if self.settings.demo || self.settings.as_of.is_some() || !self.store().is_writable() {
            return Ok(Vec::new());
        }
        let mut out = Vec::new();
        for row in self.closing()? {
            // A date that has changed is news.
            if !self.store().writer()?.announce(&format!("{} {}", row.rule, row.when))? {
                continue;
            }
            let s = if row.total == 1 { " closes" } else { "s close" };
            let what = format!("{}: {} thread{s} {}", row.apps, row.total, row.when);
            let todo = row.todo.first().cloned().unwrap_or_default();
            out.push(Notice::new(Severity::Warning, what, row.text, todo));
        }
        Ok(out)
    }
}

/// A change as the store knows it.
fn word(change: &TriageChange) -> Result<TriageWord, EngineError> {
    Ok(match change {
        TriageChange::Archive(on) => TriageWord::Archive(*on),
        TriageChange::Pin(on) => TriageWord::Pin(*on),
        TriageChange::Mute(on) => TriageWord::Mute(*on),
        TriageChange::Unread(on) => TriageWord::Unread(*on),
        TriageChange::Snooze(until) => TriageWord::Snooze(*until),
        TriageChange::Label { name, on } => {
            let name = label(name).ok_or(EngineError::Source("a label needs a name".into()))?;
            TriageWord::Label(name, *on)
        }
    })
}

/// A label as it is kept: trimmed, on one line, of bounded length.
fn label(name: &str) -> Option<String> {
    let plain: String =
        name.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LABEL).collect();
    Some(plain.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|n| !n.is_empty())
}
