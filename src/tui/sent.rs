//! Messages that are sent from here: what the composer does when one is in the outbox, and when
//! one comes back.

use std::path::PathBuf;

use super::app::{App, Effect};
use super::update::keep_draft;
use super::{attach, reply};
use crate::inbox::{Notice, Severity, Ticket};
use crate::model::ThreadId;

/// A message that the engine was given and has not answered yet: it stands in the composer still.
#[derive(Clone, Debug)]
pub struct Sent {
    ticket: Ticket,
    thread: ThreadId,
    text: String,
    files: Vec<PathBuf>,
}

impl Sent {
    /// It was just given to the engine.
    pub fn new(ticket: Ticket, thread: ThreadId, text: &str, files: &[PathBuf]) -> Self {
        Self { ticket, thread, text: text.to_owned(), files: files.to_vec() }
    }
}

/// What stands in the composer was given to the engine, which has not answered yet; sent again it
/// would go twice. What was added since can be sent when the answer has taken the rest out.
pub fn is_on_its_way(app: &mut App, thread: ThreadId, text: &str, files: &[PathBuf]) -> bool {
    let stands = |s: &&Sent| {
        let all = text.starts_with(&s.text) && s.files.iter().all(|f| files.contains(f));
        s.thread == thread && all
    };
    let Some(sent) = app.waiting.sent.iter().find(stands) else { return false };
    let added = sent.text != text || sent.files.len() != files.len();
    // Whoever came back to the thread meanwhile wants the answer too.
    app.waiting.send = Some(sent.ticket);
    if added {
        let what = "The message before is still on its way";
        app.tell(Notice::new(Severity::Info, what, "", "send the rest in a moment"));
    }
    true
}

/// It does not go, or not from here, or something failed: it can be sent again.
pub fn stays(app: &mut App, ticket: Ticket) {
    app.waiting.sent.retain(|s| s.ticket != ticket);
}

/// A message is in the outbox: its text leaves the composer, what was typed since stays.
pub fn queued(app: &mut App, ticket: Ticket, thread: ThreadId) -> Vec<Effect> {
    if app.waiting.send == Some(ticket) {
        app.waiting.send = None;
    }
    let Some(at) = app.waiting.sent.iter().position(|s| s.ticket == ticket) else {
        return Vec::new();
    };
    let Sent { text, files, .. } = app.waiting.sent.remove(at);
    reply::done(app, thread);
    attach::done(app, thread, &text, &files);
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
