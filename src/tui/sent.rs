//! Messages that are sent from here: what the composer does when one is in the outbox, and when
//! one comes back.

use super::app::{App, Effect};
use super::update::keep_draft;
use super::{attach, reply};
use crate::inbox::{Notice, Severity, Ticket};
use crate::model::ThreadId;

/// A message is in the outbox: its text leaves the composer, what was typed since stays.
pub fn queued(app: &mut App, ticket: Ticket, thread: ThreadId) -> Vec<Effect> {
    if app.waiting.send == Some(ticket) {
        app.waiting.send = None;
    }
    let Some((_, _, text)) = app.waiting.sent.take_if(|(t, ..)| *t == ticket) else {
        return Vec::new();
    };
    reply::done(app, thread);
    attach::done(app, thread);
    if app.composer.thread != Some(thread) {
        // Left meanwhile: what was kept of it there is gone with it.
        app.drafts.remove(&thread);
        return Vec::new();
    }
    let rest = app.composer.text.text().strip_prefix(text.as_str()).map(str::to_owned);
    if let Some(rest) = rest {
        app.composer.text.set_text(rest.trim_start_matches('\n'));
    }
    keep_draft(app).into_iter().collect()
}

/// A message that had not gone is text again, before what stands in the composer.
pub fn taken_back(app: &mut App, thread: ThreadId, text: &str) -> Vec<Effect> {
    if app.composer.thread == Some(thread) {
        let had = app.composer.text.text().to_owned();
        let joint = match (text.is_empty(), had.is_empty()) {
            (_, true) => text.to_owned(),
            (true, false) => had,
            (false, false) => format!("{text}\n{had}"),
        };
        app.composer.text.set_text(&joint);
        app.tell(Notice::new(Severity::Info, "Taken back; it is in the composer", "", ""));
        return keep_draft(app).into_iter().collect();
    }
    let joint = match app.drafts.get(&thread) {
        Some(had) if !had.is_empty() => format!("{text}\n{had}"),
        Some(_) | None => text.to_owned(),
    };
    app.drafts.insert(thread, joint.clone());
    let kept = crate::inbox::Request::SaveDraft { thread, text: joint };
    vec![Effect::Ask(kept)]
}
