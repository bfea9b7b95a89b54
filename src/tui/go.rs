//! Commands of the quick switcher and the palette: typing a few letters, going there, doing it.

use super::app::{App, Effect, Focus, Layer};
use super::command::{Command, Context};
use super::panes::go::{self, GoState};
use super::panes::sheet;
use super::perform::{focus, go_to_thread, perform};
use super::update::keep_draft;
use super::write::edit_text;
use crate::inbox::{FoundRow, Request, Ticket};

/// Threads asked for: nobody goes through more by hand.
const LIMIT: usize = 100;
/// Threads that were gone into, remembered for going back.
const REMEMBERED: usize = 50;

/// Opens it: for threads, or for commands.
pub fn open(app: &mut App, commands: bool) -> Vec<Effect> {
    let mut effects: Vec<Effect> = keep_draft(app).into_iter().collect();
    app.layers.push(Layer::Go(Box::new(GoState::begin(app.focus, commands))));
    effects.extend(ask(app));
    effects
}

fn state(app: &mut App) -> Option<&mut GoState> {
    match app.layers.last_mut() {
        Some(Layer::Go(state)) => Some(state),
        _ => None,
    }
}

/// Types or pastes into the line.
pub fn put(app: &mut App, text: &str) -> Vec<Effect> {
    if let Some(state) = state(app) {
        state.typed.put(text);
    }
    edited(app)
}

fn edited(app: &mut App) -> Vec<Effect> {
    if let Some(state) = state(app) {
        state.edited();
    }
    ask(app).into_iter().collect()
}

/// Commands are looked up here; threads are the engine's.
fn ask(app: &mut App) -> Option<Effect> {
    let ticket = app.ticket();
    // Where one is, one need not go.
    let here = app.transcript.thread;
    let first = app.visited.iter().rev().copied().filter(|t| Some(*t) != here).collect();
    let state = state(app).filter(|s| !s.is_commands())?;
    state.ticket = ticket;
    let typed = state.letters().to_owned();
    Some(Effect::Ask(Request::Find { ticket, typed, first, limit: LIMIT }))
}

/// Takes what was found.
pub fn take(app: &mut App, ticket: Ticket, rows: Vec<FoundRow>, total: usize) {
    for layer in &mut app.layers {
        if let Layer::Go(state) = layer
            && state.ticket == ticket
        {
            state.chosen = state.chosen.min(rows.len().saturating_sub(1));
            (state.threads, state.total) = (Some(rows), total);
            return;
        }
    }
}

/// Does a command in it.
pub fn command(app: &mut App, command: Command) -> Vec<Effect> {
    let fits = go::fits(app.size.1);
    let page = isize::try_from(fits).unwrap_or(1);
    let by = match command {
        Command::Back | Command::Cancel => {
            app.layers.pop();
            return Vec::new();
        }
        Command::Confirm => return confirm(app),
        Command::SearchWhere => {
            if let Some(state) = state(app) {
                state.turn();
            }
            return edited(app);
        }
        Command::MoveUp => -1,
        Command::MoveDown => 1,
        Command::PageUp => -page,
        Command::PageDown => page,
        _ => {
            let Some(state) = state(app) else { return Vec::new() };
            let before = state.typed.text().to_owned();
            edit_text(state.typed.composer(), command);
            return if state.typed.text() == before { Vec::new() } else { edited(app) };
        }
    };
    let Some(Layer::Go(found)) = app.layers.last() else { return Vec::new() };
    let count = found.count(app);
    if let Some(state) = state(app) {
        state.step(by, count, fits);
    }
    Vec::new()
}

fn confirm(app: &mut App) -> Vec<Effect> {
    let Some(Layer::Go(state)) = app.layers.last() else { return Vec::new() };
    if state.is_commands() {
        let Some(listed) = state.commands(app).into_iter().nth(state.chosen) else {
            return Vec::new();
        };
        app.layers.pop();
        let pane = match listed.context {
            Context::List => Some(Focus::Threads),
            Context::Transcript => Some(Focus::Transcript),
            _ => None,
        };
        let mut effects = pane.map_or_else(Vec::new, |pane| focus(app, pane));
        effects.extend(perform(app, listed.command, listed.context));
        return effects;
    }
    let found = state.threads.as_ref().and_then(|t| t.get(state.chosen));
    let Some(thread) = found.map(|f| f.row.id) else { return Vec::new() };
    app.layers.pop();
    go_to_thread(app, thread)
}

/// A press on a row chooses it and goes there.
pub fn click(app: &mut App, y: u16) -> Vec<Effect> {
    let all = app.areas().all;
    let (fits, before) = (go::fits(app.size.1), go::rows_before(app.size.1));
    let Some(layer @ Layer::Go(found)) = app.layers.last() else { return Vec::new() };
    let inner = sheet::text_area(&layer.sheet(app), all);
    let row = usize::from(y).checked_sub(usize::from(inner.y) + before).filter(|r| *r < fits);
    let Some(at) = row.map(|r| found.first(fits) + r).filter(|at| *at < found.count(app)) else {
        return Vec::new();
    };
    if let Some(state) = state(app) {
        state.chosen = at;
    }
    confirm(app)
}

/// Remembers the thread that is read or written in.
pub fn visit(app: &mut App) {
    let Some(thread) = app.transcript.thread.filter(|_| app.focus != Focus::Threads) else {
        return;
    };
    if app.visited.last() == Some(&thread) {
        return;
    }
    app.visited.retain(|t| *t != thread);
    app.visited.push(thread);
    if app.visited.len() > REMEMBERED {
        app.visited.remove(0);
    }
}
