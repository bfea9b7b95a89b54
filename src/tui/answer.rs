//! What the engine's updates change. Answers to old tickets are dropped.

use super::app::{App, Effect, Focus, Layer};
use super::panes::import::{ImportState, Step};
use super::panes::secret::Secret;
use super::panes::threads::Load;
use super::panes::transcript::Stage;
use super::people;
use super::perform::{open_selected, refusal};
use super::popup::{self, import_layer};
use crate::inbox::{
    Counts, ImportProgress, ImportSummary, Notice, ReasonRow, Severity, ThreadHeader, Update,
};
use crate::model::{ThreadId, Wish};

/// Takes an update.
#[allow(clippy::too_many_lines, reason = "one arm for each kind: a table, not a story")]
pub fn take(app: &mut App, update: Update) -> Vec<Effect> {
    let mine = super::reply::take(app, update).and_then(|u| super::live::take(app, u));
    let Some(update) = mine else { return Vec::new() };
    match update {
        Update::Status(status) => app.opened(status),
        Update::Counts(counts) => return counted(app, counts),
        Update::Threads { ticket, filter, offset, rows, total } => {
            // Rows of a view that was left meanwhile have an old ticket too.
            if filter == app.threads.filter {
                if let Some(effects) = super::triage::gathered(app, ticket, offset, &rows) {
                    return effects;
                }
                let again = app.threads.take(ticket, offset, rows, total);
                return threads_came(app, again);
            }
        }
        Update::Transcript {
            ticket,
            header,
            rows,
            more_before,
            more_after,
            focus,
            draft,
            reply,
        } => {
            let opened =
                app.transcript.take(ticket, header, rows, (more_before, more_after), focus);
            let restored = opened.and(app.transcript.thread).zip(reply);
            if let Some((thread, row)) = restored {
                super::reply::restore(app, thread, row);
            }
            return transcript_came(app, opened, draft);
        }
        Update::Page { ticket, thread, rows, more } => {
            app.transcript.take_page(ticket, thread, rows, more);
        }
        Update::Changed { threads } => {
            let mine = super::mine::again(app);
            return changed(app, &threads).into_iter().chain(mine).collect();
        }
        Update::HandOff { ticket, row } => {
            super::sent::stays(app, ticket);
            let starts = app.waiting.start.is_some_and(|s| s.ticket == ticket);
            if !starts {
                app.waiting.start = None;
            }
            if starts {
                app.layers.push(Layer::HandOff { row, scroll: 0 });
                return Vec::new();
            }
            let asked = [app.waiting.send, app.waiting.wish].contains(&Some(ticket));
            if asked && app.transcript.thread == Some(row.thread) {
                (app.waiting.send, app.waiting.wish) = (None, None);
                app.layers.push(Layer::HandOff { row, scroll: 0 });
            }
        }
        Update::Refused { ticket, wish, reason, .. } => {
            super::live::refused(app, ticket);
            super::sent::stays(app, ticket);
            let start = app.waiting.start.take_if(|s| s.ticket == ticket).is_some();
            if app.waiting.begin.take_if(|t| *t == ticket).is_some() || start {
                refused(app, wish, &reason);
                if let Some(notice) = app.toast.clone() {
                    people::refused_here(app, &notice);
                }
            }
            // Whatever kind of sending it was: what was written is what matters.
            let wish = if app.waiting.send == Some(ticket) { Wish::Send } else { wish };
            if [app.waiting.send, app.waiting.wish].contains(&Some(ticket)) {
                (app.waiting.send, app.waiting.wish) = (None, None);
                refused(app, wish, &reason);
            }
        }
        Update::NotSent { ticket, notice } => {
            super::sent::stays(app, ticket);
            if app.waiting.send == Some(ticket) {
                app.waiting.send = None;
            }
            app.tell(notice);
        }
        Update::Why { ticket, title, tables, .. } if app.waiting.why == Some(ticket) => {
            let layer = app.layers.iter_mut().rev().find(|l| matches!(l, Layer::Why { .. }));
            if let Some(layer) = layer {
                *layer = Layer::Why { title, tables: Some(tables), scroll: 0 };
            }
        }
        Update::Rules { ticket, rows } if app.waiting.rules == Some(ticket) => {
            let layer = app.layers.iter_mut().rev().find(|l| matches!(l, Layer::Rules { .. }));
            if let Some(layer) = layer {
                *layer = Layer::Rules { rows: Some(rows), scroll: 0 };
            }
        }
        Update::Why { .. } | Update::Rules { .. } => {}
        Update::Handed { ticket, rows, more, .. } => super::history::take(app, ticket, rows, more),
        Update::Paths { ticket, paths } => {
            if let Some(Layer::Attach(state)) = app.layers.last_mut()
                && state.ticket == ticket
            {
                state.paths = paths;
                state.chosen = None;
            } else if let Some(state) = import_layer(app).filter(|s| s.ticket == ticket) {
                state.paths = paths;
                state.chosen = None;
            }
        }
        Update::Files { ticket, files, .. } => return super::attach::came(app, ticket, files),
        Update::Media { message, index, state } => super::media::came(app, message, index, state),
        Update::Exports { ticket, found } => return popup::exports_came(app, ticket, found),
        Update::Looked { ticket, index, look } => popup::looked(app, ticket, index, look),
        Update::Import(progress) => progressed(app, progress),
        Update::ImportDone(summaries) => {
            let asked = super::myself::wanted(&summaries);
            import_done(app, summaries);
            let shown = if app.threads.let_go() { refresh_threads(app) } else { None };
            return asked.into_iter().chain(shown).collect();
        }
        Update::Hits(hits) => super::find::take(app, hits),
        Update::Found { ticket, rows, total } => super::go::take(app, ticket, rows, total),
        Update::Indexing { done, total } => {
            app.indexing = (done < total).then_some((done, total));
        }
        Update::Person { thread, hint, everyone } => {
            return people::hint_came(app, thread, hint, everyone);
        }
        Update::People { ticket, rows, total, .. } => people::people_came(app, ticket, rows, total),
        Update::Links { ticket, rows, groups } => people::links_came(app, ticket, rows, groups),
        Update::Reach { ticket, card } => people::card_came(app, ticket, card),
        Update::Carried { ticket, to, draft } => return people::carried(app, ticket, to, draft),
        Update::Timeline { ticket, header, rows, more_before, more_after, focus } => {
            app.transcript.take_timeline(ticket, header, rows, (more_before, more_after), focus);
        }
        Update::TimelinePage { ticket, person, rows, more } => {
            app.transcript.take_timeline_page(ticket, person, rows, more);
        }
        Update::Accounts(rows) => super::accounts::came(app, rows),
        Update::MyAccounts(rows) => {
            super::myself::accounts_came(app, &rows);
            super::mine::came(app, rows);
        }
        Update::Candidates { ticket, rows } => super::myself::came(app, ticket, rows),
        Update::Queued { ticket, thread } => return super::sent::queued(app, ticket, thread),
        Update::TakenBack { ticket, thread, text, file } => {
            if !super::live::dropped(app, ticket) {
                let file = file.map(|path| super::attach::again(app, thread, path));
                let effects = super::sent::taken_back(app, thread, &text);
                return effects.into_iter().chain(file).collect();
            }
        }
        Update::Typing { thread, names } => {
            if names.is_empty() {
                app.typing.remove(&thread);
            } else {
                app.typing.insert(thread, names);
            }
        }
        Update::Closing { ticket, rows } => super::sheets::closing_came(app, ticket, rows),
        Update::AccountLeft { why, .. } if why.is_empty() => {}
        Update::AccountLeft { why, .. } => {
            told(app, Notice::new(Severity::Warning, "The account is removed here", why, ""));
        }
        Update::Heard(heard) => return super::presence::heard(app, &heard).into_iter().collect(),
        Update::Notice(notice) => told(app, notice),
    }
    Vec::new()
}

fn counted(app: &mut App, counts: Counts) -> Vec<Effect> {
    let any = counts.all + counts.archived + counts.snoozed > 0;
    app.counts = counts;
    // The first threads of a live account end the first-run page.
    match &mut app.status {
        Some(status) if status.empty && any => {
            status.empty = false;
            refresh_threads(app).into_iter().collect()
        }
        Some(_) | None => Vec::new(),
    }
}

fn progressed(app: &mut App, progress: ImportProgress) {
    app.importing = true;
    if let Some(ImportState { step: Step::Running { progress: shown, .. }, .. }) = import_layer(app)
    {
        *shown = Some(progress.clone());
    }
    app.progress = Some(progress);
}

fn refresh_threads(app: &mut App) -> Option<Effect> {
    let ticket = app.ticket();
    app.threads.refresh(|| ticket).map(Effect::Ask)
}

fn refresh_transcript(app: &mut App) -> Option<Effect> {
    let ticket = app.ticket();
    app.transcript.refresh(|| ticket).map(Effect::Ask)
}

fn threads_came(app: &mut App, again: bool) -> Vec<Effect> {
    let mut effects = Vec::new();
    if again {
        effects.extend(refresh_threads(app));
    }
    // Side by side the selected thread is open, but nobody is torn away from what they read.
    if app.is_wide() && app.focus == Focus::Threads {
        effects.extend(open_selected(app));
    }
    if app.threads.total == 0 && app.focus == Focus::Threads {
        effects.extend(super::update::keep_draft(app));
        app.transcript.close();
    }
    effects
}

fn transcript_came(app: &mut App, opened: Option<bool>, draft: Option<String>) -> Vec<Effect> {
    let Some(_) = opened else { return Vec::new() };
    let id: Option<ThreadId> = app.transcript.thread;
    if let Some(id) = id
        && app.composer.thread != Some(id)
    {
        app.composer.start(id, "");
    }
    // What was written in this session is newer than what the engine has read.
    let known = id.is_some_and(|id| app.drafts.contains_key(&id));
    if let Some(draft) = draft.filter(|d| !d.is_empty() && !known)
        && let Some(id) = id
    {
        app.composer.restore(&draft);
        app.drafts.insert(id, draft);
    }
    // Whoever was quicker than the answer is told now.
    if opened == Some(true) && app.focus == Focus::Composer && super::update::is_closed(app) {
        super::update::tell_closed(app);
    }
    if id.is_some() && app.waiting.suggestion == id {
        app.waiting.suggestion = None;
        super::perform::show_suggestion(app);
    }
    if app.transcript.is_stale() {
        refresh_transcript(app).into_iter().collect()
    } else {
        Vec::new()
    }
}

fn changed(app: &mut App, threads: &[ThreadId]) -> Vec<Effect> {
    super::live::changed(app, threads);
    let mut effects: Vec<Effect> = refresh_threads(app).into_iter().collect();
    effects.extend(people::changed(app));
    let touched = app.transcript.thread.is_some_and(|id| threads.contains(&id));
    // Which threads a timeline is made of is the engine's to know.
    if touched || threads.is_empty() || app.transcript.person.is_some() {
        effects.extend(refresh_transcript(app));
    }
    effects
}

/// Says why a wish is refused.
pub fn refused(app: &mut App, wish: Wish, reason: &ReasonRow) {
    let header: Option<&ThreadHeader> = app.transcript.header.as_deref();
    let name = header.map(|h| h.row.title.clone()).unwrap_or_default();
    let what = match wish {
        Wish::Send => "Not sent; what you wrote is kept".to_owned(),
        Wish::Reply => "A reply is not possible".to_owned(),
        Wish::React => "A reaction is not possible".to_owned(),
        Wish::Edit => "Editing is not possible".to_owned(),
        Wish::Delete => "Deleting is not possible".to_owned(),
        Wish::Attach => "Sending a file is not possible".to_owned(),
        Wish::Call => format!("{name} cannot be called from here"),
        Wish::StartThread => format!("A new conversation with {name} cannot be started here"),
        Wish::MarkRead => "Marking as read is not possible".to_owned(),
    };
    let notice = refusal(&what, reason);
    app.tell(notice);
}

fn import_done(app: &mut App, summaries: Vec<ImportSummary>) {
    app.importing = false;
    app.progress = None;
    let added: u64 = summaries.iter().map(|s| s.messages_added).sum();
    let what = format!("Import ended: {} new messages", super::clock::number(added));
    let locked = summaries.iter().find_map(|s| s.locked.first()).cloned();
    let reading = import_layer(app).filter(|s| s.step != Step::Path);
    let report = match (locked, &reading) {
        // Whoever waits for it is asked for the key at once.
        (Some(locked), Some(state)) if !state.wanted.is_empty() => {
            Step::Key { locked, secret: Secret::default(), summaries }
        }
        _ => Step::Report { summaries, scroll: 0, open: Vec::new() },
    };
    match reading {
        Some(state) => state.step = report,
        None => {
            app.layers.push(Layer::Import(ImportState { step: report, ..ImportState::default() }))
        }
    }
    app.tell(Notice::new(Severity::Info, what, "", ""));
    // The report says it better.
    app.toast = None;
}

fn told(app: &mut App, notice: Notice) {
    if notice.severity == Severity::Error {
        if app.threads.load == Load::Loading {
            app.threads.load = Load::Failed;
        }
        if app.transcript.stage == Stage::Opening {
            app.transcript.stage = Stage::Failed;
        }
        // An import that failed as a whole ends with a notice, not with a report.
        if app.importing && app.progress.is_none() {
            app.importing = false;
            if let Some(state) = import_layer(app) {
                state.step = Step::Path;
                state.complaint = "It could not be imported; see the notice.";
            }
        }
    }
    super::triage::told(app, notice);
}
