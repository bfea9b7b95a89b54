//! Puts the commands and their keys on a sheet.

use crate::text::{Clean, width};
use crate::tui::app::{App, Focus};
use crate::tui::command::{COMMANDS, Command, Context};
use crate::tui::ink::{Ink, Piece};
use crate::tui::panes::sheet::Sheet;

/// The shortest key of a command where the person is; empty if it has none.
pub fn key(app: &App, command: Command) -> String {
    let context = crate::tui::update::context(app);
    let keys = app.keymap.keys_for(command, context);
    keys.into_iter().min_by_key(|k| width(k)).unwrap_or_default()
}

/// The context that lies below the popups.
fn below(app: &App) -> Context {
    match app.focus {
        Focus::Threads => Context::List,
        Focus::Transcript => Context::Transcript,
        Focus::Composer => Context::Composer,
    }
}

/// Help for where the person is; the other contexts follow.
pub fn sheet(app: &App, screen: u16) -> Sheet {
    let mut sheet = Sheet::new("Help", Sheet::columns(76, screen));
    let here = below(app);
    sheet.text(
        "⊘ read-only   ! ends soon   ? a guess waits   + request   ● unread   archive: hands off",
        Ink::Muted,
        0,
    );
    for signs in [
        "▲ pinned   ◷ snoozed   @ mentioned   ↵ awaits you",
        "★ starred   ∅ muted   # labelled   ✓ selected",
    ] {
        sheet.text(signs, Ink::Muted, 0);
    }
    let mut order = vec![here];
    order.extend(
        [Context::List, Context::Transcript, Context::Composer, Context::Search, Context::Import]
            .into_iter()
            .filter(|c| *c != here),
    );
    for context in order {
        commands(app, context, &mut sheet);
    }
    sheet.key("↑↓", "scroll").key("Esc", "back")
}

fn heading(context: Context) -> &'static str {
    match context {
        Context::Global => "Everywhere",
        Context::List => "In the thread list",
        Context::Transcript => "In the transcript",
        Context::Composer => "While writing",
        Context::Popup => "In a popup",
        Context::Import => "While importing",
        Context::Search => "While searching",
    }
}

fn commands(app: &App, context: Context, sheet: &mut Sheet) {
    sheet.gap();
    sheet.heading(heading(context));
    let mut group = None;
    for info in COMMANDS {
        let keys = app.keymap.keys_for(info.command, context);
        if keys.is_empty() {
            continue;
        }
        if group.replace(info.group).is_some_and(|g| g != info.group) {
            sheet.gap();
        }
        let column = 22.min(usize::from(sheet.width) / 2);
        let keys = Clean::line(&keys.join("  ")).fit(column - 1);
        let lead = vec![
            Piece::ours("  ", Ink::Text),
            Piece::of(&keys, Ink::Key),
            Piece::spaces(column.saturating_sub(width(keys.as_str()))),
        ];
        sheet.text_led(info.help, Ink::Text, lead, column + 2);
    }
}
