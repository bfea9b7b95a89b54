//! What a person does with threads: archive, pin, mute, snooze, label, star, undo; with one or
//! with all that are picked out.

use super::app::{App, Effect, Focus, Layer};
use super::command::{Command, Context};
use super::panes::closing::ClosingState;
use super::panes::labels::LabelsState;
use super::panes::snooze::SnoozeState;
use super::panes::views::ViewsState;
use super::sheets::TriageSheet;
use crate::inbox::{Notice, Request, Severity, ThreadRow, Ticket, TriageChange};
use crate::model::ThreadId;

/// Does a command of the list or the transcript, if it is one of these.
pub fn command(app: &mut App, command: Command) -> Option<Vec<Effect>> {
    let effects = match command {
        Command::Archive => toggle(app, |r| r.archived, TriageChange::Archive),
        Command::Pin => toggle(app, |r| r.pinned, TriageChange::Pin),
        Command::Mute => toggle(app, |r| r.muted, TriageChange::Mute),
        // Among read and unread ones, reading all is what is meant.
        Command::MarkUnread => toggle(app, |r| !is_unread(r), |read| TriageChange::Unread(!read)),
        Command::Snooze => open(app, |rows| TriageSheet::Snooze(SnoozeState::of(rows))),
        Command::Labels => open(app, |rows| TriageSheet::Labels(LabelsState::of(rows))),
        Command::Star => star(app),
        Command::TakeBack => {
            app.waiting.triage = false;
            vec![Effect::Ask(Request::Undo)]
        }
        Command::Closing => closing(app),
        Command::Views => {
            let state = ViewsState::at(&app.threads.filter);
            show(app, TriageSheet::Views(state))
        }
        Command::Order => {
            app.threads.turn_order();
            let ticket = app.ticket();
            app.threads.refresh(|| ticket).map(Effect::Ask).into_iter().collect()
        }
        _ => return picking(app, command),
    };
    Some(effects)
}

fn is_unread(row: &ThreadRow) -> bool {
    row.unread.is_some_and(|n| n > 0)
}

/// Opens a sheet.
pub fn show(app: &mut App, sheet: TriageSheet) -> Vec<Effect> {
    app.layers.push(Layer::Triage(Box::new(sheet)));
    Vec::new()
}

/// Opens the sheet of all views.
pub fn show_views(app: &mut App) -> Vec<Effect> {
    command(app, Command::Views).unwrap_or_default()
}

/// What a command is about: all that are picked out, else the thread where one is.
fn targets(app: &App) -> Vec<ThreadRow> {
    if app.focus == Focus::Threads {
        let picked = &app.threads.picked;
        if !picked.is_empty() {
            return picked.rows().cloned().collect();
        }
        return app.threads.current().cloned().into_iter().collect();
    }
    let listed = app.threads.rows.iter().find(|r| Some(r.id) == app.transcript.thread);
    let head = app.transcript.header.as_ref().map(|h| &h.row);
    listed.or(head).cloned().into_iter().collect()
}

/// Still gathering what was picked: too early.
fn too_early(app: &mut App) -> bool {
    let early = app.focus == Focus::Threads && app.threads.picked.is_gathering();
    if early {
        app.tell(Notice::new(Severity::Info, "Still selecting; try again in a moment", "", ""));
    }
    early
}

/// Turns something on, or off where it is on everywhere.
fn toggle(
    app: &mut App,
    is_on: impl Fn(&ThreadRow) -> bool,
    change: impl Fn(bool) -> TriageChange,
) -> Vec<Effect> {
    if too_early(app) {
        return Vec::new();
    }
    let rows = targets(app);
    let on = !rows.iter().all(is_on);
    let threads = rows.iter().map(|r| r.id).collect();
    ask(app, threads, change(on))
}

/// Asks for a change; what was picked out for it is put back.
pub fn ask(app: &mut App, threads: Vec<ThreadId>, change: TriageChange) -> Vec<Effect> {
    if threads.is_empty() {
        return Vec::new();
    }
    app.threads.picked.clear();
    app.waiting.triage = true;
    vec![Effect::Ask(Request::Triage { threads, change })]
}

fn open(app: &mut App, sheet: impl FnOnce(Vec<ThreadRow>) -> TriageSheet) -> Vec<Effect> {
    let rows = targets(app);
    if too_early(app) || rows.is_empty() {
        return Vec::new();
    }
    show(app, sheet(rows))
}

fn star(app: &mut App) -> Vec<Effect> {
    let held = app.transcript.focus.or_else(|| app.transcript.view.last().map(|s| s.message));
    let Some(message) = held.and_then(|id| app.transcript.message(id)) else {
        return Vec::new();
    };
    let request = Request::Star { message: message.id, on: !message.starred };
    app.waiting.triage = true;
    vec![Effect::Ask(request)]
}

fn closing(app: &mut App) -> Vec<Effect> {
    let ticket = app.ticket();
    let mut effects = show(app, TriageSheet::Closing(ClosingState::asked(ticket)));
    effects.push(Effect::Ask(Request::Closing { ticket }));
    effects
}

/// Picking threads out of the list.
fn picking(app: &mut App, command: Command) -> Option<Vec<Effect>> {
    match command {
        Command::SelectRow => {
            let Some(row) = app.threads.current().cloned() else { return Some(Vec::new()) };
            app.threads.picked.toggle(&row, app.threads.selected);
            // On to the next one; the last stays, so that it can be put back.
            let effects = super::perform::perform(app, Command::MoveDown, Context::List);
            Some(effects)
        }
        Command::SelectRange => {
            let here = app.threads.selected;
            // Where it stands now, if that is known.
            let place = |(id, at)| {
                let loaded = app.threads.rows.iter().position(|r| r.id == id);
                loaded.map_or(at, |i| i + app.threads.offset)
            };
            let from = app.threads.picked.last().map_or(here, place);
            Some(pick(app, from.min(here), from.max(here) + 1))
        }
        Command::SelectView => {
            let total = app.threads.total;
            Some(pick(app, 0, total))
        }
        Command::Back if app.focus == Focus::Threads && !app.threads.picked.is_empty() => {
            app.threads.picked.clear();
            Some(Vec::new())
        }
        _ => None,
    }
}

/// Picks the rows of a range; those that are not loaded are asked for.
fn pick(app: &mut App, from: usize, to: usize) -> Vec<Effect> {
    let list = &mut app.threads;
    let to = to.min(list.total);
    let loaded = list.offset..list.offset + list.rows.len();
    if from >= to {
        return Vec::new();
    }
    if loaded.contains(&from) && to <= loaded.end {
        let rows = &list.rows[from - list.offset..to - list.offset];
        list.picked.add(rows, from);
        return Vec::new();
    }
    gather(app, from, to)
}

fn gather(app: &mut App, from: usize, to: usize) -> Vec<Effect> {
    let ticket = app.ticket();
    let list = &mut app.threads;
    let request = list.picked.gather(ticket, (&list.filter, list.order), (from, to));
    vec![Effect::Ask(request)]
}

/// Takes rows that were asked for in order to pick them. `None`: they were not.
pub fn gathered(
    app: &mut App,
    ticket: Ticket,
    offset: usize,
    rows: &[ThreadRow],
) -> Option<Vec<Effect>> {
    let rest = app.threads.picked.gathered(ticket, offset, rows)?;
    Some(rest.map_or_else(Vec::new, |(from, to)| gather(app, from, to)))
}

/// What was done is told by the engine; the key that undoes it is known here.
pub fn told(app: &mut App, mut notice: Notice) {
    let done = std::mem::take(&mut app.waiting.triage);
    if !done || notice.severity != Severity::Info {
        return app.tell(notice);
    }
    let context = super::update::context(app);
    let context = if context == Context::Transcript { context } else { Context::List };
    if let Some(key) = app.keymap.keys_for(Command::TakeBack, context).first() {
        notice.hint = format!("{key} takes it back");
    }
    app.tell(notice);
    // A label's mark says it better, and is in the way of nothing.
    if let Some(Layer::Triage(sheet)) = app.layers.last()
        && matches!(sheet.as_ref(), TriageSheet::Labels(_))
    {
        app.toast = None;
    }
}
