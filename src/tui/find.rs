//! Commands of a search: typing, walking hits, going there and coming back.

use super::app::{App, Effect, Focus, Layer};
use super::command::Command;
use super::keymap::KeyChord;
use super::panes::search::{Origin, SearchState};
use super::panes::sheet;
use super::update::keep_draft;
use super::write::edit_text;
use crate::inbox::{HitOrder, Hits, Notice, OpenAt, Request, Scope, Severity};
use crate::model::{Day, ThreadId};

/// Former searches that are remembered.
const REMEMBERED: usize = 50;

/// Opens the search, or the one that is being walked.
pub fn open(app: &mut App) -> Vec<Effect> {
    let state = match app.found.take() {
        Some(state) => state,
        None => {
            let origin = Origin {
                thread: app.transcript.thread,
                person: app.transcript.person,
                in_transcript: app.focus == Focus::Transcript,
            };
            let here = app.transcript.thread.map(Scope::Thread);
            let hint = app.transcript.header.as_ref().and_then(|h| h.person.as_ref());
            let person = app.transcript.person.or(hint.map(|h| h.id)).map(Scope::Person);
            let scopes = [Some(Scope::Everything), here, person];
            SearchState::begin(scopes.into_iter().flatten().collect(), origin)
        }
    };
    let effects = keep_draft(app).into_iter().collect();
    app.layers.push(Layer::Search(Box::new(state)));
    effects
}

fn state(app: &mut App) -> Option<&mut SearchState> {
    match app.layers.last_mut() {
        Some(Layer::Search(state)) => Some(state),
        _ => None,
    }
}

/// Types or pastes into the line.
pub fn put(app: &mut App, text: &str) -> Vec<Effect> {
    if let Some(state) = state(app) {
        state.typed.put(text);
        state.recalled = None;
    }
    typed(app)
}

/// What is typed has changed: what it means now is looked for.
fn typed(app: &mut App) -> Vec<Effect> {
    let today = app.zone.day(app.now).map(Day);
    let changed = match (state(app), today) {
        (Some(state), Some(today)) => state.read(today),
        _ => false,
    };
    if changed { ask(app) } else { Vec::new() }
}

fn ask(app: &mut App) -> Vec<Effect> {
    let ticket = app.ticket();
    let request = state(app).and_then(|s| s.ask(ticket));
    request.map(|r| Effect::Ask(Request::Search(r))).into_iter().collect()
}

/// Asks for more hits where the last ones come near.
pub fn more(app: &mut App) -> Option<Effect> {
    let ticket = app.ticket();
    let height = app.size.1;
    let state = match app.layers.last_mut() {
        Some(Layer::Search(state)) => {
            state.fit(super::panes::search::fits(height));
            state.as_mut()
        }
        _ => app.found.as_mut()?,
    };
    state.ask_more(|| ticket).map(|r| Effect::Ask(Request::Search(r)))
}

/// Takes what was found.
pub fn take(app: &mut App, hits: Hits) {
    let layer = app.layers.iter_mut().rev().find_map(|l| match l {
        Layer::Search(state) => Some(state.as_mut()),
        _ => None,
    });
    if let Some(state) = layer.or(app.found.as_mut()) {
        state.take(hits);
    }
}

/// Does a command in the search.
pub fn command(app: &mut App, command: Command) -> Vec<Effect> {
    let page = isize::try_from(super::panes::search::fits(app.size.1)).unwrap_or(1).max(1);
    let known = app.searches.len();
    let Some(state) = state(app) else { return Vec::new() };
    match command {
        Command::Back | Command::Cancel => return leave(app),
        Command::Confirm => return go(app),
        Command::MoveUp if state.hits.is_empty() && known > 0 => return recall(app),
        Command::MoveUp => state.step(-1),
        Command::MoveDown => state.step(1),
        Command::PageUp => state.step(-page),
        Command::PageDown => state.step(page),
        Command::SearchWhere => {
            state.widen();
            return ask(app);
        }
        Command::SearchOrder => {
            state.order = match state.order {
                HitOrder::Newest => HitOrder::Best,
                HitOrder::Best => HitOrder::Newest,
            };
            return ask(app);
        }
        _ => {
            edit_text(state.typed.composer(), command);
            return typed(app);
        }
    }
    Vec::new()
}

/// Puts a former search into the line; each time an older one.
fn recall(app: &mut App) -> Vec<Effect> {
    let known = app.searches.clone();
    let Some(state) = state(app) else { return Vec::new() };
    let at = state.recalled.map_or(0, |i| (i + 1).min(known.len().saturating_sub(1)));
    state.recalled = Some(at);
    if let Some(former) = known.iter().rev().nth(at) {
        state.typed.complete(0, former);
    }
    typed(app)
}

fn remember(app: &mut App, typed: &str) {
    let typed = typed.trim().to_owned();
    app.searches.retain(|s| *s != typed);
    app.searches.push(typed);
    if app.searches.len() > REMEMBERED {
        app.searches.remove(0);
    }
}

/// Leaves the search: back to where one was.
fn leave(app: &mut App) -> Vec<Effect> {
    let Some(Layer::Search(state)) = app.layers.pop() else { return Vec::new() };
    app.transcript.mark(None);
    if !state.is_idle() {
        remember(app, state.typed.text());
    }
    let origin = state.origin;
    app.focus = if origin.in_transcript { Focus::Transcript } else { Focus::Threads };
    if let Some(person) = origin.person {
        let there = app.transcript.person == Some(person);
        let focus = app.focus;
        let effects = match there {
            true => Vec::new(),
            false => super::people::timeline(app, person, OpenAt::End),
        };
        app.focus = focus;
        return effects;
    }
    match origin.thread {
        Some(thread) if app.transcript.thread != Some(thread) => open_at(app, thread, OpenAt::End),
        None if !app.is_wide() => {
            app.transcript.close();
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Opens the chosen hit in its transcript.
fn go(app: &mut App) -> Vec<Effect> {
    let Some(Layer::Search(state)) = app.layers.last() else { return Vec::new() };
    if state.current().is_none() {
        return Vec::new();
    }
    let Some(Layer::Search(state)) = app.layers.pop() else { return Vec::new() };
    remember(app, state.typed.text());
    app.found = Some(*state);
    show(app)
}

/// Opens the hit that one stands on.
fn show(app: &mut App) -> Vec<Effect> {
    let Some(found) = &app.found else { return Vec::new() };
    let Some(hit) = found.current() else { return Vec::new() };
    let (thread, message, marker) = (hit.thread, hit.message, found.marker.clone());
    let effects = open_at(app, thread, OpenAt::Message(message));
    app.transcript.mark(Some(marker));
    app.focus = Focus::Transcript;
    effects
}

/// Opens a thread at a place, wherever it stands in the list.
pub fn open_at(app: &mut App, thread: ThreadId, at: OpenAt) -> Vec<Effect> {
    let mut effects: Vec<Effect> = keep_draft(app).into_iter().collect();
    if app.transcript.thread != Some(thread) {
        let draft = app.drafts.get(&thread).cloned().unwrap_or_default();
        app.composer.start(thread, &draft);
        app.waiting.send = None;
    }
    let ticket = app.ticket();
    effects.push(Effect::Ask(app.transcript.open(thread, at, ticket)));
    effects
}

/// Hits are being walked: the keys that do so, and the way back to them.
pub fn own_key(app: &mut App, chord: KeyChord) -> Option<Vec<Effect>> {
    if app.found.is_none() || !app.layers.is_empty() || app.focus != Focus::Transcript {
        return None;
    }
    match chord.text() {
        Some('n') => Some(walk(app, 1)),
        Some('N') => Some(walk(app, -1)),
        _ => None,
    }
}

/// To the next hit or the one before.
pub fn walk(app: &mut App, by: isize) -> Vec<Effect> {
    let Some(found) = &mut app.found else {
        let what = "No search is being walked";
        app.tell(Notice::new(Severity::Info, what, "", "/ searches"));
        return Vec::new();
    };
    let before = found.chosen;
    found.step(by);
    if found.chosen == before {
        let what = if by > 0 { "This is the last hit" } else { "This is the first hit" };
        app.tell(Notice::new(Severity::Info, what, "", "Esc goes back to all of them"));
        return Vec::new();
    }
    show(app)
}

/// Back from a hit to the search, as it was.
pub fn back(app: &mut App) -> Option<Vec<Effect>> {
    let state = app.found.take()?;
    let effects = keep_draft(app).into_iter().collect();
    app.layers.push(Layer::Search(Box::new(state)));
    Some(effects)
}

/// What the status line says while hits are walked.
pub fn line(app: &App) -> Option<String> {
    let found = app.found.as_ref()?;
    Some(format!("hit {} · {}", found.place(), found.typed.text()))
}

/// A press on a hit chooses it; on the chosen one: goes there.
pub fn click(app: &mut App, y: u16) -> Vec<Effect> {
    let all = app.areas().all;
    let Some(layer @ Layer::Search(state)) = app.layers.last() else { return Vec::new() };
    let sheet = layer.sheet(app);
    let inner = sheet::text_area(&sheet, all);
    let rows_before = super::panes::search::rows_before(app.size.1);
    let Some(row) = usize::from(y).checked_sub(usize::from(inner.y) + rows_before) else {
        return Vec::new();
    };
    let at = state.top + row / 2;
    let (chosen, known) = (state.chosen, state.hits.len());
    if at >= known || row / 2 >= super::panes::search::fits(app.size.1) {
        return Vec::new();
    }
    if at == chosen {
        return go(app);
    }
    if let Some(Layer::Search(state)) = app.layers.last_mut() {
        state.chosen = at;
    }
    Vec::new()
}
