//! Puts what was handed off on a sheet: when, what became of it, and the text.

use super::state::HistoryState;
use crate::inbox::HandedRow;
use crate::model::SendState;
use crate::text::Clean;
use crate::tui::app::App;
use crate::tui::clock;
use crate::tui::ink::{Ink, Piece};
use crate::tui::panes::sheet::{Line, Sheet};

/// The history.
pub fn sheet(state: &HistoryState, app: &App) -> Sheet {
    let width = Sheet::columns(72, app.size.0);
    let mut sheet = Sheet::new(format!("Handed off · {}", state.title), width);
    match &state.rows {
        None => sheet.text("looking…", Ink::Muted, 0),
        Some(rows) if rows.is_empty() => {
            sheet.text("Nothing was handed off from here in this thread yet.", Ink::Text, 0);
            sheet.text("What you hand off from the composer is listed here.", Ink::Muted, 0);
        }
        Some(rows) => {
            for (at, row) in rows.iter().enumerate() {
                entry(&mut sheet, row, at == state.chosen, app);
            }
        }
    }
    if state.current().is_none() {
        return sheet.key("Esc", "back");
    }
    // The second row of the chosen one is seen, and with it the first.
    sheet.show = Some(state.chosen * 2 + 1);
    sheet.cursor = Some((state.chosen * 2, 0));
    sheet.key("Enter", "open").key("a", "again").key("Esc", "back")
}

/// Two rows: when and what became of it, then the text.
fn entry(sheet: &mut Sheet, row: &HandedRow, chosen: bool, app: &App) {
    let mark = || Piece::ours(if chosen { "▌ " } else { "  " }, Ink::Accent);
    let room = usize::from(sheet.width).saturating_sub(2);
    let bad = matches!(row.state, SendState::Failed | SendState::Unconfirmed);
    let (day, time) =
        (clock::when(app.zone, row.pos.at, app.now), clock::time(app.zone, row.pos.at));
    let time = if day == time { format!("today {time}") } else { format!("{day} · {time}") };
    let state = row.state.word();
    let time = Clean::line(&time).fit(room.saturating_sub(state.len() + 2));
    let mut head: Line = vec![mark(), Piece::of(&time, Ink::Muted), Piece::ours("  ", Ink::Text)];
    head.push(Piece::ours(state, if bad { Ink::Error } else { Ink::Good }));
    sheet.line(head);
    let mut body = vec![mark()];
    let mut room = room;
    if let Some(quote) = &row.reply_quote {
        let quote = Clean::line(quote).fit((room / 3).min(24));
        room = room.saturating_sub(quote.width() + 3);
        body.push(Piece::ours("↪ ", Ink::Faint));
        body.push(Piece::of(&quote, Ink::Quote));
        body.push(Piece::ours(" ", Ink::Text));
    }
    let ink = if chosen { Ink::Strong } else { Ink::Text };
    body.push(Piece::of(&Clean::line(&row.text).fit(room), ink));
    sheet.line(body);
}
