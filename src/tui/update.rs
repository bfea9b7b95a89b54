//! What every event changes. Pure: no clock, no lock, no query, only effects to be done outside.

use super::answer;
use super::app::{App, Effect, Event, Focus, Layer, Mouse, MouseDid};
use super::command::{Command, Context};
use super::composer::TooLong;
use super::keymap::KeyChord;
use super::panes::import::{ImportState, Step};
use super::panes::people::PeopleSheet;
use super::panes::{composer, first_run, sheet, status, tabs, threads};
use super::perform::{self, perform};
use super::sheets;
use super::triage;
use super::{attach, complete, find, go, live, outside, presence, reply};
use crate::inbox::{ComposerState, Notice, Request, Severity};

/// Rows that a turn of the wheel scrolls.
const WHEEL: isize = 3;

/// Takes an event. What is to be done outside is returned, in order.
pub fn update(app: &mut App, event: Event) -> Vec<Effect> {
    let there = matches!(event, Event::Key(_) | Event::Paste(_) | Event::Mouse(_));
    let read = if there { presence::active(app) } else { None };
    let before = presence::written(app);
    let mut effects = match event {
        Event::Key(chord) => key(app, chord),
        Event::Paste(text) => paste(app, &text),
        Event::Mouse(mouse) => clicked(app, mouse),
        Event::Focus(in_front) => {
            presence::front(app, in_front);
            Vec::new()
        }
        Event::Moment => presence::moment(app).into_iter().collect(),
        Event::Resize(width, height) => {
            app.size = (width, height);
            Vec::new()
        }
        Event::Update(update) => answer::take(app, update),
        Event::Edited(thread, result) => outside::edited(app, thread, result),
        Event::EngineGone => {
            app.engine_left();
            Vec::new()
        }
    };
    if app.composer.is_due(app.now) {
        effects.extend(keep_draft(app));
    }
    complete::follow(app);
    go::visit(app);
    effects.extend(app.settle());
    effects.extend(presence::follow(app, before.as_deref()));
    reply::keep(app, read.into_iter().chain(effects).collect())
}

/// Where keys go.
pub fn context(app: &App) -> Context {
    match app.layers.last() {
        Some(Layer::Date(_)) => Context::Import,
        Some(Layer::Triage(sheet)) if sheet.takes_text() => Context::Import,
        Some(Layer::People(sheet))
            if matches!(**sheet, PeopleSheet::Everybody(_) | PeopleSheet::Me(_)) =>
        {
            Context::Import
        }
        Some(Layer::Accounts(state)) if state.takes_text() => Context::Import,
        Some(Layer::Message(sheet)) if sheet.takes_text() => Context::Import,
        Some(Layer::Attach(_)) => Context::Import,
        Some(Layer::Search(_) | Layer::Go(_)) => Context::Search,
        Some(Layer::Import(state)) if state.takes_text() => Context::Import,
        Some(_) => Context::Popup,
        None => match app.focus {
            Focus::Threads => Context::List,
            Focus::Transcript => Context::Transcript,
            Focus::Composer => Context::Composer,
        },
    }
}

/// The draft on its way to the engine, if it is not kept yet.
pub fn keep_draft(app: &mut App) -> Option<Effect> {
    let (thread, text) = app.composer.unkept()?;
    app.drafts.insert(thread, text.clone());
    Some(Effect::Ask(Request::SaveDraft { thread, text }))
}

fn key(app: &mut App, chord: KeyChord) -> Vec<Effect> {
    // What was told stays until the next key, whatever that does.
    app.toast = None;
    if let Some(effects) = perform::own_key(app, chord) {
        return effects;
    }
    let context = context(app);
    if let Some(command) = app.keymap.find(context, chord) {
        return perform(app, command, context);
    }
    match (chord.text(), context) {
        (Some(c), Context::Composer) => type_text(app, c.encode_utf8(&mut [0; 4]), false),
        (Some(c), Context::Import) => perform::type_path(app, c),
        (Some(c), Context::Search) => put_in_search(app, c.encode_utf8(&mut [0; 4])),
        // Whoever types where nothing can be written is told why.
        (Some(_), Context::Transcript) if is_closed(app) => {
            tell_closed(app);
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn paste(app: &mut App, text: &str) -> Vec<Effect> {
    app.toast = None;
    match app.layers.last_mut() {
        Some(Layer::Search(_) | Layer::Go(_)) => put_in_search(app, text),
        Some(Layer::Triage(_)) => sheets::put(app, text),
        Some(Layer::People(_)) => super::people::put(app, text),
        Some(Layer::Accounts(_)) => super::accounts::put(app, text),
        Some(Layer::Message(_)) => live::put(app, text),
        Some(Layer::Attach(_)) => attach::put(app, text, true),
        Some(Layer::Date(state)) => {
            state.typed.put(text);
            Vec::new()
        }
        Some(Layer::Import(ImportState { step: Step::Key { secret, .. }, .. })) => {
            secret.put(text);
            Vec::new()
        }
        Some(Layer::Import(state)) if state.step == Step::Path => {
            state.paste(text);
            perform::complete_as_typed(app).into_iter().collect()
        }
        Some(_) => Vec::new(),
        None => paste_below(app, text),
    }
}

fn put_in_search(app: &mut App, text: &str) -> Vec<Effect> {
    match app.layers.last() {
        Some(Layer::Go(_)) => go::put(app, text),
        _ => find::put(app, text),
    }
}

fn paste_below(app: &mut App, text: &str) -> Vec<Effect> {
    // A file dropped on the first page can only mean one thing.
    if app.is_first_run() {
        let mut effects = perform::open_import(app);
        if let Some(Layer::Import(state)) = app.layers.last_mut() {
            state.paste(text);
        }
        effects.extend(perform::complete_as_typed(app));
        return effects;
    }
    if app.transcript.thread.is_none() {
        return Vec::new();
    }
    if !is_closed(app) {
        app.focus = Focus::Composer;
    }
    type_text(app, text, true)
}

/// The open thread cannot be written to.
pub fn is_closed(app: &App) -> bool {
    let header = app.transcript.header.as_ref();
    header.is_some_and(|h| matches!(h.composer, ComposerState::Closed(_)))
}

/// Says why nothing can be written here.
pub fn tell_closed(app: &mut App) {
    let Some(header) = &app.transcript.header else { return };
    if let ComposerState::Closed(reason) = &header.composer {
        let notice = perform::refusal("This cannot be written to", reason);
        app.tell(notice);
    }
}

fn type_text(app: &mut App, text: &str, pasted: bool) -> Vec<Effect> {
    if is_closed(app) {
        tell_closed(app);
        return Vec::new();
    }
    if pasted {
        put(app, text);
        return attach::pasted(app, text).into_iter().collect();
    }
    let typed = app.composer.text.insert_str(text);
    took(app, typed);
    complete::typed(app, text);
    Vec::new()
}

/// Puts a text into the composer as a paste does.
pub fn put(app: &mut App, text: &str) {
    let pasted = app.composer.text.paste(text);
    took(app, pasted);
}

fn took(app: &mut App, taken: Result<(), TooLong>) {
    if let Err(why) = taken {
        let hint = "Send it in parts, or as a file from the app itself";
        app.tell(Notice::new(Severity::Warning, "Too long", why.to_string(), hint));
    }
    app.composer.touched(app.now);
}

fn clicked(app: &mut App, mouse: Mouse) -> Vec<Effect> {
    let Mouse { did, x, y } = mouse;
    if !app.layers.is_empty() {
        return clicked_layer(app, mouse);
    }
    let areas = app.areas();
    let at = ratatui::layout::Position::new(x, y);
    if did == MouseDid::Press {
        app.toast = None;
    }
    if app.is_first_run() {
        return match first_run::hit(areas.middle(), x, y) {
            Some(way) if did == MouseDid::Press => perform::way_in(app, way),
            _ => Vec::new(),
        };
    }
    if let Some(area) = areas.threads.filter(|a| a.contains(at)) {
        return match did {
            MouseDid::WheelUp => wheel_list(app, -WHEEL),
            MouseDid::WheelDown => wheel_list(app, WHEEL),
            MouseDid::Press => match threads::hit(app, area, x, y) {
                Some(at) => perform::click_thread(app, at),
                None => perform::focus(app, Focus::Threads),
            },
        };
    }
    if let Some(area) = areas.transcript.filter(|a| a.contains(at)) {
        match did {
            MouseDid::WheelUp | MouseDid::WheelDown => {
                let by = if did == MouseDid::WheelUp { -WHEEL } else { WHEEL };
                app.transcript.scroll(by);
                app.transcript.look();
                return live::scrolled(app);
            }
            MouseDid::Press => {
                let effects = perform::focus(app, Focus::Transcript);
                app.transcript.hold_at(usize::from(y.saturating_sub(area.y + 1)));
                return effects;
            }
        }
    }
    if did != MouseDid::Press {
        return Vec::new();
    }
    if let Some(area) = areas.composer.filter(|a| a.contains(at)) {
        let effects = perform::focus(app, Focus::Composer);
        composer::click(app, area, x, y);
        return effects;
    }
    match tabs::hit(app, areas.tabs, x, y) {
        Some(tabs::Hit::View(filter)) => perform::set_filter(app, filter),
        Some(tabs::Hit::More) => triage::show_views(app),
        None if status::hits_closing(app, areas.status, x, y) => {
            triage::command(app, Command::Closing).unwrap_or_default()
        }
        None => Vec::new(),
    }
}

fn wheel_list(app: &mut App, by: isize) -> Vec<Effect> {
    app.threads.scroll(by);
    Vec::new()
}

fn clicked_layer(app: &mut App, mouse: Mouse) -> Vec<Effect> {
    let turned = match mouse.did {
        MouseDid::WheelUp => Some(Command::MoveUp),
        MouseDid::WheelDown => Some(Command::MoveDown),
        MouseDid::Press => None,
    };
    match (app.layers.last(), turned) {
        (Some(Layer::Search(_)), Some(command)) => return find::command(app, command),
        (Some(Layer::Go(_)), Some(command)) => return go::command(app, command),
        (Some(Layer::Attach(_)), Some(command)) => return attach::command(app, command),
        (Some(Layer::Triage(_)), Some(command)) => return sheets::command(app, command),
        (Some(Layer::People(_)), Some(command)) => return super::people::command(app, command),
        (Some(Layer::Accounts(_)), Some(command)) => {
            return super::accounts::command(app, command);
        }
        _ => {}
    }
    let by = match mouse.did {
        MouseDid::WheelUp => -WHEEL,
        MouseDid::WheelDown => WHEEL,
        MouseDid::Press => {
            let Some(layer) = app.layers.last() else { return Vec::new() };
            let all = app.areas().all;
            let inside = sheet::area(&layer.sheet(app), all)
                .contains(ratatui::layout::Position::new(mouse.x, mouse.y));
            // What asks a question is answered by key; what only tells goes away.
            match layer {
                Layer::Search(_) if inside => return find::click(app, mouse.y),
                Layer::Go(_) if inside => return go::click(app, mouse.y),
                Layer::Attach(_) if inside => return attach::click(app, mouse.y),
                Layer::Triage(_) if inside => return sheets::click(app, mouse.y),
                Layer::Accounts(_) if inside => return super::accounts::click(app, mouse.y),
                _ => {}
            }
            let asks = matches!(
                layer,
                Layer::HandOff { .. } | Layer::Import(_) | Layer::Search(_) | Layer::Accounts(_)
            );
            if !inside && !asks {
                app.layers.pop();
            }
            return Vec::new();
        }
    };
    if let Some(scroll) = app.layers.last_mut().and_then(Layer::scroll_mut) {
        *scroll = scroll.saturating_add_signed(by);
    }
    Vec::new()
}
