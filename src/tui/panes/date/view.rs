//! Puts the date prompt on a sheet.

use super::state::DateState;
use crate::tui::app::App;
use crate::tui::clock;
use crate::tui::ink::{Ink, Piece};
use crate::tui::panes::sheet::Sheet;

/// The prompt.
pub fn sheet(state: &DateState, app: &App, screen: u16) -> Sheet {
    let mut sheet = Sheet::new("Jump to a date", Sheet::columns(46, screen));
    let (typed, column) = state.typed.view(usize::from(sheet.width).saturating_sub(3));
    sheet.cursor = Some((0, column.saturating_add(2)));
    sheet.line(vec![Piece::ours("› ", Ink::Accent), Piece::line(&typed, Ink::Text)]);
    sheet.gap();
    let today = app.zone.day(app.now);
    match today.and_then(|t| state.day(t)) {
        Some(day) => sheet.text(&clock::day_in_words(day), Ink::Good, 2),
        None if state.refused => {
            sheet.text("That is no date that onebox knows.", Ink::Warn, 2);
        }
        None => sheet.text("14 nov 2023 · nov 2023 · 2023-11-14 · 2023", Ink::Muted, 2),
    }
    sheet.key("Enter", "go there").key("Esc", "back")
}
