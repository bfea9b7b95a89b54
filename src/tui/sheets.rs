//! The sheets for tidying the inbox: views, labels, snoozing, what is about to close.

use super::app::{App, Effect, Focus, Layer};
use super::command::Command;
use super::panes::closing::ClosingState;
use super::panes::labels::LabelsState;
use super::panes::sheet::{self, Sheet};
use super::panes::snooze::SnoozeState;
use super::panes::views::ViewsState;
use super::panes::{closing, labels, snooze, views};
use super::perform::{go_to_thread, set_filter};
use super::triage::ask;
use super::write::edit_text;
use crate::inbox::{ClosingRow, Ticket, TriageChange};

/// One of them.
#[derive(Clone, Debug, PartialEq)]
pub enum TriageSheet {
    /// All views.
    Views(ViewsState),
    /// Labels of some threads.
    Labels(LabelsState),
    /// Until when?
    Snooze(SnoozeState),
    /// What is about to close.
    Closing(ClosingState),
}

impl TriageSheet {
    /// What it shows.
    pub fn sheet(&self, app: &App) -> Sheet {
        match self {
            Self::Views(state) => views::sheet(state, app),
            Self::Labels(state) => labels::sheet(state, app),
            Self::Snooze(state) => snooze::sheet(state, app),
            Self::Closing(state) => closing::sheet(state, app),
        }
    }

    /// Plain characters are text there.
    pub fn takes_text(&self) -> bool {
        matches!(self, Self::Labels(_) | Self::Snooze(_))
    }

    /// How far it is scrolled.
    pub fn scroll(&self) -> usize {
        match self {
            Self::Closing(state) => state.scroll,
            _ => 0,
        }
    }

    /// Where its scrolling is kept, if it scrolls.
    pub fn scroll_mut(&mut self) -> Option<&mut usize> {
        match self {
            Self::Closing(state) => Some(&mut state.scroll),
            _ => None,
        }
    }
}

fn top(app: &mut App) -> Option<&mut TriageSheet> {
    match app.layers.last_mut() {
        Some(Layer::Triage(sheet)) => Some(sheet),
        _ => None,
    }
}

/// Types or pastes into it.
pub fn put(app: &mut App, text: &str) -> Vec<Effect> {
    match top(app) {
        Some(TriageSheet::Labels(state)) => state.put(text),
        Some(TriageSheet::Snooze(state)) => state.put(text),
        _ => {}
    }
    Vec::new()
}

/// Does a command in it.
pub fn command(app: &mut App, command: Command) -> Vec<Effect> {
    match command {
        Command::Back | Command::Cancel => {
            app.layers.pop();
            return Vec::new();
        }
        Command::Confirm => return confirm(app),
        _ => {}
    }
    let Some(by) = steps(app, command) else {
        edit(app, command);
        return Vec::new();
    };
    step(app, by);
    Vec::new()
}

fn edit(app: &mut App, command: Command) {
    match top(app) {
        Some(TriageSheet::Labels(state)) => {
            edit_text(state.typed.composer(), command);
            state.edited();
        }
        Some(TriageSheet::Snooze(state)) => {
            edit_text(state.typed.composer(), command);
            state.edited();
        }
        _ => {}
    }
}

/// How many rows a command goes.
fn steps(app: &App, command: Command) -> Option<isize> {
    let layer = app.layers.last()?;
    let page = sheet::visible(&layer.sheet(app), app.areas().all).max(2) - 1;
    let page = isize::try_from(page).unwrap_or(1);
    Some(match command {
        Command::MoveUp => -1,
        Command::MoveDown => 1,
        Command::PageUp => -page,
        Command::PageDown => page,
        Command::HalfPageUp => -(page / 2).max(1),
        Command::HalfPageDown => (page / 2).max(1),
        Command::Top => isize::MIN / 2,
        Command::Bottom => isize::MAX / 2,
        _ => return None,
    })
}

fn step(app: &mut App, by: isize) {
    let Some(Layer::Triage(found)) = app.layers.last() else { return };
    let mut sheet = found.clone();
    match sheet.as_mut() {
        TriageSheet::Views(state) => state.step(by, app),
        TriageSheet::Labels(state) => state.step(by, app),
        TriageSheet::Snooze(state) => state.step(by, app),
        TriageSheet::Closing(state) => {
            let shown = closing::sheet(state, app);
            let rows = sheet::visible(&shown, app.areas().all);
            state.step(by, shown.lines.len(), rows, app.size.0);
        }
    }
    if let Some(layer) = app.layers.last_mut() {
        *layer = Layer::Triage(sheet);
    }
}

fn confirm(app: &mut App) -> Vec<Effect> {
    let Some(Layer::Triage(found)) = app.layers.last() else { return Vec::new() };
    match found.as_ref() {
        TriageSheet::Views(state) => {
            let filter = state.chosen.clone();
            app.layers.pop();
            set_filter(app, filter)
        }
        TriageSheet::Labels(_) => toggle_label(app),
        TriageSheet::Snooze(state) => match state.until(app.now, app.zone) {
            Ok(until) => {
                let threads = state.threads.clone();
                app.layers.pop();
                ask(app, threads, TriageChange::Snooze(until))
            }
            Err(_) => {
                if let Some(TriageSheet::Snooze(state)) = top(app) {
                    state.refused = true;
                }
                Vec::new()
            }
        },
        TriageSheet::Closing(state) => {
            let Some(thread) = state.thread().map(|t| t.id) else { return Vec::new() };
            app.layers.pop();
            app.focus = Focus::Threads;
            go_to_thread(app, thread)
        }
    }
}

fn toggle_label(app: &mut App) -> Vec<Effect> {
    let known = app.counts.labels.clone();
    let Some(TriageSheet::Labels(state)) = top(app) else { return Vec::new() };
    let Some((name, on)) = state.toggle(&known) else { return Vec::new() };
    let threads = state.targets.iter().map(|r| r.id).collect();
    ask(app, threads, TriageChange::Label { name, on })
}

/// Takes what is about to close.
pub fn closing_came(app: &mut App, ticket: Ticket, rows: Vec<ClosingRow>) {
    for layer in &mut app.layers {
        if let Layer::Triage(sheet) = layer
            && let TriageSheet::Closing(state) = sheet.as_mut()
            && state.ticket == ticket
        {
            state.rows = Some(rows);
            return;
        }
    }
}

/// The mouse was pressed on a row of the screen, inside the sheet: chooses what stands there, and
/// does it.
pub fn click(app: &mut App, y: u16) -> Vec<Effect> {
    let Some(layer @ Layer::Triage(found)) = app.layers.last() else { return Vec::new() };
    let shown = layer.sheet(app);
    let all = app.areas().all;
    let inner = sheet::text_area(&shown, all);
    let Some(row) = y.checked_sub(inner.y).filter(|r| *r < inner.height) else {
        return Vec::new();
    };
    let line = sheet::first_line(&shown, layer.scroll(), all) + usize::from(row);
    let mut sheet = found.clone();
    let hit = match sheet.as_mut() {
        TriageSheet::Views(state) => state.click(line, app),
        TriageSheet::Labels(state) => state.click(line, app),
        TriageSheet::Snooze(state) => state.click(line, app),
        TriageSheet::Closing(state) => state.click(line, app.size.0),
    };
    if !hit {
        return Vec::new();
    }
    if let Some(layer) = app.layers.last_mut() {
        *layer = Layer::Triage(sheet);
    }
    confirm(app)
}
