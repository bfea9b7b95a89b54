//! Completing while one writes: `:shortcodes:` become emoji, `@` names somebody in the thread.

use super::app::{App, Focus};
use super::command::Command;
use super::panes::complete::{CompleteState, Kind, finished_shortcode};
use super::update::is_closed;

/// The popup above the composer, if it is open, and where it was closed by hand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Completing {
    /// What it offers.
    pub open: Option<CompleteState>,
    /// It is not to come back for what begins here.
    closed_at: Option<usize>,
}

fn offer(app: &App) -> Option<CompleteState> {
    let text = &app.composer.text;
    if text.selection().is_some() {
        return None;
    }
    let header = app.transcript.header.as_deref();
    let header = header.filter(|h| Some(h.row.id) == app.composer.thread);
    let people = header.map(|h| h.participants.as_slice()).unwrap_or_default();
    let others = people.iter().filter(|(_, _, me)| !me).map(|(name, _, _)| name.as_str());
    CompleteState::at(text.text(), text.cursor_offset(), others)
}

/// Something was typed: what stands before the cursor may be completed now.
pub fn typed(app: &mut App, typed: &str) {
    if typed == ":"
        && let Some((from, emoji)) =
            finished_shortcode(app.composer.text.text(), app.composer.text.cursor_offset())
    {
        // A step of its own: undoing it gives back what was typed.
        app.composer.text.complete(from, emoji).unwrap_or_default();
        app.completing = Completing::default();
        return;
    }
    let found = offer(app);
    if found.as_ref().map(|f| f.from) != app.completing.closed_at {
        app.completing.closed_at = None;
        app.completing.open = found;
    }
}

/// Keeps the popup true to what stands before the cursor; it never opens by itself.
pub fn follow(app: &mut App) {
    let Some(open) = app.completing.open.take() else { return };
    let here = app.focus == Focus::Composer && app.layers.is_empty() && !is_closed(app);
    let found = if here { offer(app) } else { None };
    app.completing.open = found.filter(|f| f.from == open.from).map(|f| f.like(open));
}

/// Does a command in the popup. False: it is none of its own.
pub fn command(app: &mut App, command: Command) -> bool {
    let Some(open) = &mut app.completing.open else { return false };
    match command {
        Command::MoveUp => open.step(-1),
        Command::MoveDown => open.step(1),
        Command::Back => {
            app.completing = Completing { closed_at: Some(open.from), open: None };
        }
        Command::FocusNext | Command::Send => {
            let (from, kind, put) = (open.from, open.kind, open.put());
            // What does not fit is left as it was typed.
            app.composer.text.complete(from, &put).unwrap_or_default();
            // Behind a name that was put in, one goes on writing.
            let closed_at = (kind == Kind::Person).then_some(from);
            app.completing = Completing { closed_at, open: None };
            app.composer.touched(app.now);
        }
        _ => return false,
    }
    true
}
