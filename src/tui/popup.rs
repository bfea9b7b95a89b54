//! Commands of whatever lies on top.

use super::app::{App, Effect, Layer};
use super::command::Command;
use super::history;
use super::panes::import::{Choice, ImportState, Step};
use super::panes::sheet;
use super::perform::{complete_as_typed, mark};
use super::write::{confirm_hand_off, edit_text};
use crate::inbox::{ExportFound, ExportLook, MarkChange, OpenAt, Request, Ticket};
use crate::model::Key;

/// Keys that a popup names itself.
pub fn own_key(app: &mut App, typed: char) -> Option<Vec<Effect>> {
    if let Some(Layer::People(_)) = app.layers.last() {
        return super::people::own_key(app, typed);
    }
    match app.layers.last() {
        Some(Layer::Accounts(_)) => return super::accounts::own_key(app, typed),
        Some(Layer::Message(_)) => return super::live::own_key(app, typed),
        _ => {}
    }
    match (app.layers.last_mut()?, typed) {
        (Layer::HandOff { .. }, 'c') => Some(confirm_hand_off(app, false)),
        // Opening something takes Enter; a stray letter must not.
        (Layer::HandOff { .. }, 'y' | 'n' | 'q') => Some(Vec::new()),
        (Layer::Suggestion { .. }, 'n') => {
            app.layers.pop();
            Some(mark(app, MarkChange::NotCrossApp, "Noted: not a cross-app thread"))
        }
        (Layer::History(_), 'a') => Some(history::again(app)),
        (Layer::Import(ImportState { step: Step::Running { asking, stopping, .. }, .. }), c) => {
            match (c, *asking) {
                ('y', true) => {
                    (*asking, *stopping) = (false, true);
                    return Some(vec![Effect::Ask(Request::CancelImport)]);
                }
                ('n', true) => *asking = false,
                ('b', _) => drop(app.layers.pop()),
                _ => {}
            }
            Some(Vec::new())
        }
        (Layer::Import(ImportState { step: Step::Choose(choice), .. }), ' ' | 'a') => {
            if typed == 'a' {
                choice.toggle_all()
            } else {
                choice.toggle()
            }
            Some(Vec::new())
        }
        _ => None,
    }
}

/// Does a command in a popup.
pub fn command(app: &mut App, command: Command) -> Vec<Effect> {
    match app.layers.last() {
        Some(Layer::Triage(_)) => return super::sheets::command(app, command),
        Some(Layer::People(_)) => return super::people::command(app, command),
        Some(Layer::Accounts(_)) => return super::accounts::command(app, command),
        Some(Layer::Message(_)) => return super::live::sheet_command(app, command),
        _ => {}
    }
    match command {
        Command::Back | Command::Cancel => return cancel(app),
        _ if matches!(app.layers.last(), Some(Layer::History(_))) => {
            return history::command(app, command);
        }
        Command::Confirm => return confirm(app),
        _ => {}
    }
    if let Some(Layer::CrossTo { others, chosen, .. }) = app.layers.last_mut() {
        let last = others.len().saturating_sub(1);
        match command {
            Command::MoveUp => *chosen = chosen.saturating_sub(1),
            Command::MoveDown => *chosen = (*chosen + 1).min(last),
            _ => {}
        }
        return Vec::new();
    }
    if let Some(Layer::Import(ImportState { step: Step::Choose(choice), .. })) =
        app.layers.last_mut()
    {
        choice.step(match command {
            Command::MoveUp => -1,
            Command::MoveDown => 1,
            Command::PageUp | Command::HalfPageUp => -5,
            Command::PageDown | Command::HalfPageDown => 5,
            Command::Top => isize::MIN,
            Command::Bottom => isize::MAX,
            _ => 0,
        });
        return Vec::new();
    }
    let Some(layer) = app.layers.last() else { return Vec::new() };
    let page = sheet::visible(&layer.sheet(app), app.areas().all).max(2) - 1;
    let Some(scroll) = app.layers.last_mut().and_then(Layer::scroll_mut) else {
        return Vec::new();
    };
    *scroll = match command {
        Command::MoveUp => scroll.saturating_sub(1),
        Command::MoveDown => scroll.saturating_add(1),
        Command::PageUp => scroll.saturating_sub(page),
        Command::PageDown => scroll.saturating_add(page),
        Command::HalfPageUp => scroll.saturating_sub(page.div_ceil(2)),
        Command::HalfPageDown => scroll.saturating_add(page.div_ceil(2)),
        Command::Top => 0,
        // Fitted to what there is before anything is drawn.
        Command::Bottom => usize::MAX,
        _ => *scroll,
    };
    Vec::new()
}

fn cancel(app: &mut App) -> Vec<Effect> {
    if let Some(Layer::Import(ImportState { step: Step::Running { asking, stopping, .. }, .. })) =
        app.layers.last_mut()
        && !*stopping
    {
        // A second Esc means no, too.
        *asking = !*asking;
        return Vec::new();
    }
    if let Some(Layer::Import(state)) = app.layers.last_mut()
        && matches!(state.step, Step::Looking | Step::Choose(_))
    {
        // Nothing has been imported yet: another path may be typed.
        state.step = Step::Path;
        return vec![Effect::Ask(Request::CancelImport)];
    }
    app.layers.pop();
    Vec::new()
}

fn confirm(app: &mut App) -> Vec<Effect> {
    match app.layers.last() {
        Some(Layer::HandOff { .. }) => confirm_hand_off(app, true),
        Some(Layer::Suggestion { row, .. }) => {
            let other = row.other.clone();
            app.layers.pop();
            mark(app, MarkChange::CrossApp(other), "Marked as a cross-app thread by you")
        }
        Some(Layer::CrossTo { others, chosen, .. }) => {
            let other = others.get(*chosen).map(|b| b.source.clone());
            app.layers.pop();
            other.map_or_else(Vec::new, |o| {
                mark(app, MarkChange::CrossApp(o), "Marked as a cross-app thread by you")
            })
        }
        Some(Layer::Import(ImportState { step: Step::Running { .. } | Step::Looking, .. })) => {
            Vec::new()
        }
        Some(Layer::Import(ImportState { step: Step::Choose(_), .. })) => import_chosen(app),
        Some(Layer::Import(ImportState { step: Step::Report { open, .. }, .. })) => {
            let open = open.clone();
            super::myself::after_report(app, open)
        }
        _ => {
            app.layers.pop();
            Vec::new()
        }
    }
}

/// Does a command where a line is typed: the import form, the date prompt.
pub fn path_command(app: &mut App, command: Command) -> Vec<Effect> {
    match app.layers.last() {
        Some(Layer::Triage(_)) => return super::sheets::command(app, command),
        Some(Layer::People(_)) => return super::people::command(app, command),
        Some(Layer::Accounts(_)) => return super::accounts::command(app, command),
        Some(Layer::Message(_)) => return super::live::sheet_command(app, command),
        Some(Layer::Attach(_)) => return super::attach::command(app, command),
        _ => {}
    }
    if matches!(app.layers.last(), Some(Layer::Import(ImportState { step: Step::Key { .. }, .. })))
    {
        return key_command(app, command);
    }
    if matches!(command, Command::Cancel | Command::Back) {
        app.layers.pop();
        return Vec::new();
    }
    match app.layers.last_mut() {
        Some(Layer::Date(state)) => {
            if command == Command::Confirm {
                return jump(app);
            }
            edit_text(state.typed.composer(), command);
            state.refused = false;
            Vec::new()
        }
        Some(Layer::Import(state)) => {
            match command {
                Command::MoveUp => return moved(state, -1),
                Command::MoveDown => return moved(state, 1),
                Command::CompletePath => drop(state.complete()),
                Command::Confirm if state.chosen.is_some() => drop(state.complete()),
                Command::Confirm => return import(app),
                Command::DeleteWordBack => {
                    state.typed.delete_part();
                    state.changed();
                }
                _ => {
                    let before = state.typed.text().to_owned();
                    edit_text(state.typed.composer(), command);
                    if state.typed.text() == before {
                        return Vec::new();
                    }
                    state.changed();
                }
            }
            complete_as_typed(app).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn moved(state: &mut ImportState, by: isize) -> Vec<Effect> {
    state.choose(by);
    Vec::new()
}

fn import(app: &mut App) -> Vec<Effect> {
    let Some(Layer::Import(state)) = app.layers.last_mut() else { return Vec::new() };
    let paths = state.targets();
    if paths.is_empty() {
        state.complaint = "Type or drop a path first.";
        return Vec::new();
    }
    if app.importing {
        state.complaint = "Another import is still running.";
        return Vec::new();
    }
    state.wanted = paths.clone();
    state.only = None;
    state.step = Step::Looking;
    let ticket = app.ticket();
    if let Some(Layer::Import(state)) = app.layers.last_mut() {
        state.look = ticket;
    }
    vec![Effect::Ask(Request::LookFor { ticket, paths })]
}

/// What there is: one export is imported at once, of several some are chosen.
pub fn exports_came(app: &mut App, ticket: Ticket, found: Vec<ExportFound>) -> Vec<Effect> {
    let Some(state) = looking(app, ticket) else { return Vec::new() };
    match found.len() {
        0 => {
            state.step = Step::Path;
            state.complaint = "Nothing to import there; see the notice.";
            Vec::new()
        }
        1 => run(app, None),
        _ => {
            state.step = Step::Choose(Choice::new(found));
            Vec::new()
        }
    }
}

/// One of them has been looked into.
pub fn looked(app: &mut App, ticket: Ticket, index: usize, look: Box<ExportLook>) {
    if let Some(ImportState { step: Step::Choose(choice), .. }) = looking(app, ticket) {
        choice.looked(index, look);
    }
}

fn looking(app: &mut App, ticket: Ticket) -> Option<&mut ImportState> {
    import_layer(app)
        .filter(|s| s.look == ticket && matches!(s.step, Step::Looking | Step::Choose(_)))
}

/// The import form, wherever it lies.
pub fn import_layer(app: &mut App) -> Option<&mut ImportState> {
    app.layers.iter_mut().rev().find_map(|l| match l {
        Layer::Import(state) => Some(state),
        _ => None,
    })
}

fn import_chosen(app: &mut App) -> Vec<Effect> {
    let Some(Layer::Import(state)) = app.layers.last_mut() else { return Vec::new() };
    let Step::Choose(choice) = &mut state.step else { return Vec::new() };
    let Some(wanted) = choice.wanted() else { return Vec::new() };
    state.only = Some(wanted);
    run(app, None)
}

fn run(app: &mut App, key: Option<Key>) -> Vec<Effect> {
    let Some(state) = import_layer(app) else { return Vec::new() };
    state.step = Step::Running { progress: None, asking: false, stopping: false };
    let (paths, only) = (state.wanted.clone(), state.only.clone());
    app.importing = true;
    app.progress = None;
    if app.status.as_ref().is_some_and(|s| s.empty) {
        app.threads.hold_top();
    }
    vec![Effect::Ask(Request::Import { paths, only, key })]
}

/// A key has no cursor to go back with, and no undo that remembers it.
fn key_command(app: &mut App, command: Command) -> Vec<Effect> {
    let Some(Layer::Import(state)) = app.layers.last_mut() else { return Vec::new() };
    let Step::Key { secret, summaries, .. } = &mut state.step else { return Vec::new() };
    match command {
        Command::Cancel | Command::Back => {
            let summaries = std::mem::take(summaries);
            let asked = super::myself::wanted(&summaries);
            state.step = Step::Report { summaries, scroll: 0, open: Vec::new() };
            return asked.into_iter().collect();
        }
        Command::DeleteBack => secret.backspace(),
        Command::DeleteWordBack | Command::DeleteToLineStart => secret.clear(),
        Command::Confirm if secret.count() > 0 => {
            let key = Key::new(secret.take().into_bytes());
            return run(app, Some(key));
        }
        _ => {}
    }
    Vec::new()
}

fn jump(app: &mut App) -> Vec<Effect> {
    let today = app.zone.day(app.now);
    let Some(Layer::Date(state)) = app.layers.last_mut() else { return Vec::new() };
    let Some(day) = today.and_then(|t| state.day(t)) else {
        state.refused = true;
        return Vec::new();
    };
    app.layers.pop();
    let at = OpenAt::Date(app.zone.start_of(day));
    if let Some(person) = app.transcript.person {
        return super::people::timeline(app, person, at);
    }
    let Some(thread) = app.transcript.thread else { return Vec::new() };
    let ticket = app.ticket();
    vec![Effect::Ask(app.transcript.open(thread, at, ticket))]
}
