//! Commands of the history: what was handed off from here, gone back to or written again.

use super::app::{App, Effect, Focus, Layer};
use super::command::Command;
use super::find::open_at;
use super::panes::history::HistoryState;
use super::panes::sheet;
use super::perform::{focus, open_selected_if_listed};
use super::update::{is_closed, keep_draft, tell_closed};
use crate::inbox::{HandedRow, OpenAt, Ticket};

/// Opens the history of the thread.
pub fn open(app: &mut App) -> Vec<Effect> {
    let mut effects = open_selected_if_listed(app);
    let Some(thread) = app.transcript.thread else { return effects };
    effects.extend(keep_draft(app));
    let ticket = app.ticket();
    let (state, request) = HistoryState::begin(thread, app.open_title(), ticket);
    app.layers.push(Layer::History(Box::new(state)));
    effects.push(Effect::Ask(request));
    effects
}

fn state(app: &mut App) -> Option<&mut HistoryState> {
    match app.layers.last_mut() {
        Some(Layer::History(state)) => Some(state.as_mut()),
        _ => None,
    }
}

/// Takes what was handed off.
pub fn take(app: &mut App, ticket: Ticket, rows: Vec<HandedRow>, more: bool) {
    let layers = app.layers.iter_mut().rev();
    let state = layers.into_iter().find_map(|l| match l {
        Layer::History(state) => Some(state),
        _ => None,
    });
    if let Some(state) = state {
        state.take(ticket, rows, more);
    }
}

/// Does a command in the history.
pub fn command(app: &mut App, command: Command) -> Vec<Effect> {
    let page = match app.layers.last() {
        Some(layer) => sheet::visible(&layer.sheet(app), app.areas().all) / 2,
        None => 1,
    };
    let page = isize::try_from(page).unwrap_or(1).max(1);
    let ticket = app.ticket();
    let Some(state) = state(app) else { return Vec::new() };
    match command {
        Command::Confirm => return go(app),
        Command::MoveUp => state.step(-1),
        Command::MoveDown => state.step(1),
        Command::PageUp => state.step(-page),
        Command::PageDown => state.step(page),
        Command::HalfPageUp => state.step(-(page / 2).max(1)),
        Command::HalfPageDown => state.step((page / 2).max(1)),
        Command::Top => state.chosen = 0,
        Command::Bottom => state.step(isize::MAX),
        _ => {}
    }
    state.ask_more(ticket).map(Effect::Ask).into_iter().collect()
}

/// To the chosen one in the transcript.
fn go(app: &mut App) -> Vec<Effect> {
    let Some(Layer::History(state)) = app.layers.pop() else { return Vec::new() };
    let Some(row) = state.current() else { return Vec::new() };
    app.found = None;
    app.transcript.mark(None);
    app.focus = Focus::Transcript;
    open_at(app, state.thread, OpenAt::Message(row.pos.message))
}

/// Puts the chosen text into the composer, behind what stands there.
pub fn again(app: &mut App) -> Vec<Effect> {
    let Some(text) = state(app).and_then(|s| s.current()).map(|r| r.text.clone()) else {
        return Vec::new();
    };
    app.layers.pop();
    if is_closed(app) {
        tell_closed(app);
        return Vec::new();
    }
    let effects = focus(app, Focus::Composer);
    super::update::put(app, &text);
    effects
}
