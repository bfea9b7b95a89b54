//! Puts a guess on a sheet, with its grounds.

use crate::inbox::{Badge, SuggestionRow};
use crate::tui::ink::{Ink, Piece};
use crate::tui::panes::sheet::Sheet;

/// The guess.
pub fn sheet(row: &SuggestionRow, screen: u16) -> Sheet {
    let mut sheet = Sheet::new("A guess", Sheet::columns(64, screen));
    sheet.text(&row.text, Ink::Text, 0);
    sheet.gap();
    sheet.text("Why onebox thinks so", Ink::Muted, 0);
    sheet.text(&row.grounds, Ink::Text, 2);
    sheet.gap();
    sheet.text("Nothing changes until you say so, and you can undo it.", Ink::Muted, 0);
    sheet.key("y", "it is").key("n", "it is not").key("Esc", "later")
}

/// Which app does it cross to?
pub fn cross_to(others: &[Badge], chosen: usize, screen: u16) -> Sheet {
    let mut sheet = Sheet::new("Cross-app thread", Sheet::columns(56, screen));
    sheet.text("The other side of this thread writes from another app. Which?", Ink::Text, 0);
    sheet.gap();
    for (i, badge) in others.iter().enumerate() {
        let (mark, ink) = if i == chosen { ("▌ ", Ink::Accent) } else { ("  ", Ink::Muted) };
        sheet.line(vec![Piece::ours(mark, Ink::Accent), Piece::line(&badge.name, ink)]);
    }
    sheet.key("↑↓", "choose").key("Enter", "mark").key("Esc", "back")
}
