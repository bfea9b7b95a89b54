//! Puts what is about to close on a sheet.

use super::state::ClosingState;
use crate::inbox::{ClosingRow, ThreadRef};
use crate::text::{Clean, width};
use crate::tui::app::App;
use crate::tui::clock;
use crate::tui::ink::{Ink, Piece};
use crate::tui::panes::sheet::{Line, Sheet};

/// Columns of text wanted.
const WIDTH: u16 = 76;

/// The sheet.
pub fn sheet(state: &ClosingState, app: &App) -> Sheet {
    let when = |t: &ThreadRef| t.last.map(|at| clock::when(app.zone, at, app.now));
    laid_out(state, app.size.0, &when).0
}

/// The line of each thread, counted over all rules.
pub fn places(state: &ClosingState, screen: u16) -> Vec<usize> {
    laid_out(state, screen, &|_| None).1
}

fn laid_out(
    state: &ClosingState,
    screen: u16,
    when: &dyn Fn(&ThreadRef) -> Option<String>,
) -> (Sheet, Vec<usize>) {
    let mut sheet = Sheet::new("Closing soon", Sheet::columns(WIDTH, screen));
    let mut places = Vec::new();
    match state.rows.as_deref() {
        None => sheet.text("asking…", Ink::Muted, 0),
        Some([]) => {
            sheet.text("Nothing is about to close.", Ink::Text, 0);
            sheet.gap();
            let text = "Rules between apps with a coming end that touch your threads would stand \
                        here ahead of time.";
            sheet.text(text, Ink::Muted, 0);
        }
        Some(rows) => {
            for (i, row) in rows.iter().enumerate() {
                if i > 0 {
                    sheet.gap();
                }
                rule(&mut sheet, row);
                threads(&mut sheet, row, state.chosen, &mut places, when);
            }
        }
    }
    let open = !places.is_empty();
    let sheet = sheet.key("↑↓", "choose");
    let sheet = if open { sheet.key("Enter", "open") } else { sheet };
    (sheet.key("Esc", "back"), places)
}

fn rule(sheet: &mut Sheet, row: &ClosingRow) {
    let lead = vec![Piece::ours("! ", Ink::Warn)];
    sheet.text_led(&format!("{} · {}", row.apps, row.when), Ink::Strong, lead, 2);
    sheet.text(&row.text, Ink::Text, 2);
    sheet.text(&format!("{} · rule {}", row.sure, row.rule), Ink::Muted, 2);
    for todo in &row.todo {
        sheet.text_led(todo, Ink::Text, vec![Piece::ours("  → ", Ink::Accent)], 4);
    }
}

fn threads(
    sheet: &mut Sheet,
    row: &ClosingRow,
    chosen: Option<usize>,
    places: &mut Vec<usize>,
    when: &dyn Fn(&ThreadRef) -> Option<String>,
) {
    let sum = match row.total {
        1 => "1 thread:".to_owned(),
        n => format!("{} threads:", clock::number(n)),
    };
    sheet.text(&sum, Ink::Muted, 2);
    for thread in &row.threads {
        let is_chosen = chosen == Some(places.len());
        if is_chosen {
            sheet.cursor = Some((sheet.lines.len(), 0));
        }
        places.push(sheet.lines.len());
        let line = line(thread, is_chosen, usize::from(sheet.width), when);
        sheet.line(line);
    }
    let more = row.total.saturating_sub(row.threads.len() as u64);
    if more > 0 {
        sheet.text(&format!("and {} more", clock::number(more)), Ink::Muted, 2);
    }
}

fn line(
    thread: &ThreadRef,
    chosen: bool,
    cols: usize,
    when: &dyn Fn(&ThreadRef) -> Option<String>,
) -> Line {
    let badge = Clean::line(&thread.badge.short).fit(4);
    let when = when(thread).unwrap_or_default();
    let right = badge.width() + 2 + width(&when).max(8);
    let title = Clean::line(&thread.title).fit(cols.saturating_sub(2 + right + 1).max(4));
    let title = if title.is_empty() { Clean::ours("(no title)") } else { title };
    let gap = cols.saturating_sub(2 + title.width() + right);
    vec![
        Piece::ours(if chosen { "▌ " } else { "  " }, Ink::Accent),
        Piece::of(&title, if chosen { Ink::Strong } else { Ink::Text }),
        Piece::spaces(gap),
        Piece::of(&badge, Ink::Muted),
        Piece::spaces(2 + 8usize.saturating_sub(width(&when))),
        Piece::line(&when, Ink::Muted),
    ]
}
