//! Gathers what the policy may look at.

use super::{Engine, EngineError, Settings};
use crate::model::{Evidence, EvidenceKind, Facts, SourceId, ThreadId, ThreadKind};
use crate::policy::Rules;
use crate::store::{Reader, StoreError, StoredThread};

impl Engine {
    /// The facts of a thread.
    pub(super) fn facts(&self, thread: ThreadId) -> Result<Facts, EngineError> {
        let stored = self.stored(thread)?;
        Ok(with_guess(&stored, &self.settings, &self.reader)?)
    }
}

/// The facts of a stored thread, without the guess (which costs a look-up).
pub fn of(thread: &StoredThread, settings: &Settings) -> Facts {
    let f = &thread.facts;
    Facts {
        foreign_sources: f.foreign.clone(),
        cross_app: f.cross_app.clone(),
        flagged_read_only: f.read_only.clone(),
        flagged_will_close: f.will_be_read_only.clone(),
        membership: f.membership,
        posting: f.posting,
        peer_gone: f.peer_gone.clone(),
        mark: thread.mark.clone(),
        read_only_switch: settings.read_only,
        last_activity: thread.last,
        address: f.address.clone(),
        peer_source: f.peer_source.clone(),
        live: f.live.clone(),
        files: f.files.clone(),
        longest: f.longest,
        limits: f.limits.clone(),
        shut: f.shut.clone(),
        ..Facts::bare(thread.id, thread.source.clone(), thread.kind)
    }
}

/// The facts with the guess, if there is ground for one.
pub fn with_guess(
    thread: &StoredThread,
    settings: &Settings,
    reader: &Reader,
) -> Result<Facts, StoreError> {
    let mut facts = of(thread, settings);
    let replacement = facts.shut.as_ref().and_then(|s| s.replacement.as_deref());
    facts.shut_for = match replacement {
        Some(key) => reader.thread_of_key(thread.account, key)?,
        None => None,
    };
    facts.suggestion = guess(thread, &facts, &settings.rules, reader)?;
    Ok(facts)
}

/// A direct thread that fell silent when chats with another app ended, was alive while they were
/// possible, and whose name is also that of a thread in the other app, was probably one of them.
/// Only ever shown as a suggestion.
fn guess(
    thread: &StoredThread,
    facts: &Facts,
    rules: &Rules,
    reader: &Reader,
) -> Result<Option<(SourceId, Evidence)>, StoreError> {
    let already = facts.cross_app.is_some()
        || !facts.foreign_sources.is_empty()
        || facts.mark.cross_app.is_some()
        || facts.mark.not_cross_app
        || facts.peer_gone.is_some();
    let (Some(first), Some(last)) = (thread.first, thread.last) else { return Ok(None) };
    if already || thread.kind != ThreadKind::Direct || thread.title.is_empty() {
        return Ok(None);
    }
    for span in rules.cross_app_spans(&thread.source).into_iter().filter(|s| s.kept_here) {
        // A chat that crosses apps is at home in both; the guess is made for the side whose
        // export keeps the thread that can no longer be written to.
        let begins = midnight(span.opened.0);
        let ends = end_of_year(span.closed.0);
        if last.0 < begins || last.0 >= ends || first.0 >= ends {
            continue;
        }
        if reader.title_twin(&span.other, &thread.title)?.is_some() {
            let other = rules.app(&span.other);
            return Ok(Some((
                span.other,
                Evidence::new(
                    EvidenceKind::Guess,
                    format!(
                        "the last message is from before the end of these chats, and there is a \
                         {} thread of exactly this name",
                        other.name
                    ),
                ),
            )));
        }
    }
    Ok(None)
}

fn midnight(day: chrono::NaiveDate) -> i64 {
    day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis()
}

fn end_of_year(day: chrono::NaiveDate) -> i64 {
    use chrono::Datelike;
    chrono::NaiveDate::from_ymd_opt(day.year() + 1, 1, 1).map_or(i64::MAX, midnight)
}
