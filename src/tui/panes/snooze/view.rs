//! Puts the snooze prompt on a sheet.

use chrono::Datelike;

use super::state::SnoozeState;
use crate::model::Timestamp;
use crate::tui::app::App;
use crate::tui::ink::{Ink, Piece};
use crate::tui::panes::sheet::Sheet;

/// Lines above the first ready moment.
pub const HEAD: usize = 3;

/// `Sat 28 Nov, 09:00`; the year where it is another.
pub fn moment(app: &App, at: Timestamp) -> String {
    let Some(wall) = app.zone.wall(at) else { return "?".into() };
    let same = app.zone.day(app.now).is_some_and(|d| d.year() == wall.year());
    let format = if same { "%a %-d %b, %H:%M" } else { "%a %-d %b %Y, %H:%M" };
    wall.format(format).to_string()
}

/// The prompt.
pub fn sheet(state: &SnoozeState, app: &App) -> Sheet {
    let title = match &state.title {
        Some(title) => format!("Snooze · {title}"),
        None => format!("Snooze · {} threads", state.threads.len()),
    };
    let mut sheet = Sheet::new(title, Sheet::columns(46, app.size.0));
    let cols = usize::from(sheet.width);
    let (typed, column) = state.typed.view(cols.saturating_sub(3));
    sheet.cursor = Some((0, column.saturating_add(2)));
    sheet.line(vec![Piece::ours("› ", Ink::Accent), Piece::line(&typed, Ink::Text)]);
    said(state, app, &mut sheet);
    sheet.lines.resize(HEAD, Vec::new());
    for (at, (name, until)) in state.ready(app.now, app.zone).into_iter().enumerate() {
        let chosen = !state.is_typed() && at == state.chosen;
        if chosen && at > 0 {
            sheet.show = Some(sheet.lines.len());
        }
        let ink = match (chosen, state.is_typed()) {
            (true, _) => Ink::Strong,
            (false, true) => Ink::Muted,
            (false, false) => Ink::Text,
        };
        // All of them are within days: no year, and where there is little room no date.
        let format = if cols >= 40 { "%a %-d %b, %H:%M" } else { "%a %H:%M" };
        let wall = until.and_then(|at| app.zone.wall(at));
        let when = wall.map(|w| w.format(format).to_string()).unwrap_or_default();
        let gap = cols.saturating_sub(2 + name.len() + crate::text::width(&when));
        sheet.line(vec![
            Piece::ours(if chosen { "▌ " } else { "  " }, Ink::Accent),
            Piece::ours(name, ink),
            Piece::spaces(gap),
            Piece::line(&when, Ink::Muted),
        ]);
    }
    let sheet = if cols >= 40 { sheet.key("↑↓", "choose") } else { sheet };
    sheet.key("Enter", "snooze").key("Esc", "back")
}

/// The moment that is understood, or why there is none; at most two lines.
fn said(state: &SnoozeState, app: &App, sheet: &mut Sheet) {
    let (text, ink) = match state.until(app.now, app.zone) {
        _ if !state.is_typed() => ("fri 18:00 · in 3 days · 24 dec".to_owned(), Ink::Muted),
        Ok(Some(at)) => (format!("→ {}", moment(app, at)), Ink::Good),
        Ok(None) => ("→ back now".to_owned(), Ink::Good),
        Err(why) => (format!("! {why}"), if state.refused { Ink::Warn } else { Ink::Muted }),
    };
    let indent = if state.is_typed() { 0 } else { 2 };
    sheet.text(&text, ink, indent);
}
