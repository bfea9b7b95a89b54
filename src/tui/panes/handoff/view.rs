//! Puts a hand-off on a sheet: the app, the address, the text.

use crate::inbox::HandOffRow;
use crate::tui::ink::Ink;
use crate::tui::panes::sheet::Sheet;

/// Lines of text that are shown before it is cut.
const LINES: usize = 12;

/// The hand-off.
pub fn sheet(row: &HandOffRow, screen: u16) -> Sheet {
    let mut sheet = Sheet::new(format!("Hand off to {}", row.app), Sheet::columns(68, screen));
    let text = !row.text.trim().is_empty();
    match (&row.url, text) {
        (Some(_), true) => sheet.text(
            &format!("onebox opens {} at this conversation. You send it there.", row.app),
            Ink::Text,
            0,
        ),
        (Some(_), false) => {
            sheet.text(&format!("onebox opens {} at this conversation.", row.app), Ink::Text, 0)
        }
        (None, _) => sheet.text(
            &format!("No link leads to this conversation. Open {} and paste it there.", row.app),
            Ink::Text,
            0,
        ),
    }
    if text {
        sheet.gap();
        sheet.text("The text", Ink::Muted, 0);
        let before = sheet.lines.len();
        sheet.text(&row.text, Ink::Text, 2);
        if sheet.lines.len() > before + LINES {
            let left = sheet.lines.len() - before - LINES;
            sheet.lines.truncate(before + LINES);
            sheet.text(&format!("… and {left} more lines"), Ink::Muted, 2);
        }
    }
    if let Some(url) = &row.url {
        sheet.gap();
        sheet.text("The address", Ink::Muted, 0);
        sheet.text(url, Ink::Link, 2);
    }
    if text {
        sheet.gap();
        let paste = if row.paste || row.url.is_none() {
            "The text is copied to the clipboard: paste it there."
        } else {
            "The text goes along, and is copied to the clipboard as well."
        };
        sheet.text(paste, Ink::Muted, 0);
        sheet.text("It is recorded as handed off, never as sent.", Ink::Muted, 0);
    }
    let sheet = if row.url.is_some() {
        sheet.key("Enter", if text { "copy and open" } else { "open" })
    } else {
        sheet.key("Enter", "copy")
    };
    let sheet = if text && row.url.is_some() { sheet.key("c", "copy only") } else { sheet };
    sheet.key("Esc", "back, keep the draft")
}
