//! Answering one message: what is quoted above the composer, kept with the draft, and let go again.

use super::answer;
use super::app::{App, Effect, Focus};
use super::perform::focus;
use super::update::is_closed;
use crate::inbox::{MessageRow, Notice, ReplyRow, Request, RowKind, Severity, Update};
use crate::model::{Deletion, ThreadId, Wish};
use crate::text::Clean;

/// Cells of a quote that are of any use above the composer.
const QUOTE: usize = 160;

/// The message that what is being written answers.
pub fn current(app: &App) -> Option<&ReplyRow> {
    app.replies.get(&app.composer.thread?)?.as_ref()
}

/// Answers the message that is held, or the last one that is seen. The quote stands there at once,
/// so that whoever types on is not held up; the policy is asked all the same.
pub fn begin(app: &mut App) -> Vec<Effect> {
    let held = app.transcript.focus.or_else(|| app.transcript.view.last().map(|s| s.message));
    let row = held.and_then(|id| app.transcript.message(id)).and_then(row);
    let (Some(thread), Some(row)) = (app.transcript.thread, row) else {
        let what = "There is nothing to answer in this message";
        app.tell(Notice::new(Severity::Info, what, "", "↑ and ↓ take hold of another one"));
        return Vec::new();
    };
    let ticket = app.ticket();
    app.waiting.reply = Some((ticket, thread));
    let mut effects = vec![Effect::Ask(Request::Try { ticket, thread, wish: Wish::Reply })];
    if !is_closed(app) && app.composer.thread == Some(thread) {
        effects.extend(set(app, thread, Some(row)));
        effects.extend(focus(app, Focus::Composer));
    }
    effects
}

fn row(m: &MessageRow) -> Option<ReplyRow> {
    if m.deletion != Deletion::None || m.kind == RowKind::System {
        return None;
    }
    // The first line only, as it will go along.
    let mut lines = m.text.lines().filter(|l| !l.trim().is_empty());
    let first = lines.next().unwrap_or_default().trim();
    let more = if lines.next().is_some() { "…" } else { "" };
    let quote = Clean::line(&format!("{first}{more}")).fit(QUOTE);
    let quote = match (quote.is_empty(), m.kind, m.attachments.first()) {
        (false, ..) => quote.as_str().to_owned(),
        (true, RowKind::Call(_), _) => "call".to_owned(),
        (true, _, Some(a)) => a.kind.word().to_owned(),
        (true, _, None) => return None,
    };
    Some(ReplyRow { message: m.id, sender: m.sender.clone(), mine: m.mine, quote })
}

fn set(app: &mut App, thread: ThreadId, row: Option<ReplyRow>) -> Option<Effect> {
    let message = row.as_ref().map(|r| r.message);
    let before = app.replies.insert(thread, row).flatten().map(|r| r.message);
    (before != message).then_some(Effect::Ask(Request::SaveReply { thread, message }))
}

/// The text answers no message any more; it stays.
pub fn let_go(app: &mut App) -> Vec<Effect> {
    let thread = app.composer.thread.filter(|_| current(app).is_some());
    thread.and_then(|t| set(app, t, None)).into_iter().collect()
}

/// Backspace would take the quote: it stands before the text.
pub fn is_before_cursor(app: &App) -> bool {
    let text = &app.composer.text;
    text.cursor_offset() == 0 && text.selection().is_none() && current(app).is_some()
}

/// The text was handed off: the draft is gone, and the quote with it.
pub fn done(app: &mut App, thread: ThreadId) {
    app.replies.insert(thread, None);
}

/// A stored draft has come with what it answers. What was chosen in this session counts more.
pub fn restore(app: &mut App, thread: ThreadId, row: ReplyRow) {
    app.replies.entry(thread).or_insert(Some(row));
}

/// Takes the answer to a reply that was begun; other updates are given back.
pub fn take(app: &mut App, update: Update) -> Option<Update> {
    let asked = app.waiting.reply;
    let is_it = |ticket| asked.is_some_and(|(mine, _)| mine == ticket);
    match update {
        // It may be answered; what opens is asked when the text is there.
        Update::HandOff { ticket, .. } if is_it(ticket) => app.waiting.reply = None,
        Update::Refused { ticket, thread, reason, .. } if is_it(ticket) => {
            app.waiting.reply = None;
            // Nothing that was typed goes with it.
            app.replies.insert(thread, None);
            answer::refused(app, Wish::Reply, &reason);
        }
        other => return Some(other),
    }
    None
}

/// What is kept beside a draft that is kept.
pub fn beside(app: &App, kept: &Request) -> Option<Request> {
    let Request::SaveDraft { thread, text } = kept else { return None };
    let row = app.replies.get(thread).filter(|_| !text.is_empty())?;
    Some(Request::SaveReply { thread: *thread, message: row.as_ref().map(|r| r.message) })
}

/// Puts what is answered beside every draft on its way to the engine.
pub fn keep(app: &App, effects: Vec<Effect>) -> Vec<Effect> {
    if app.replies.is_empty() {
        return effects;
    }
    let with = |effect: Effect| {
        let more = match &effect {
            Effect::Ask(request) => beside(app, request).map(Effect::Ask),
            _ => None,
        };
        [Some(effect), more].into_iter().flatten()
    };
    effects.into_iter().flat_map(with).collect()
}
