//! What a person did with a thread, on its row: a sign behind the title, and words where there is
//! room for them.

use crate::inbox::ThreadRow;
use crate::text::{Clean, width};
use crate::tui::app::App;
use crate::tui::clock;
use crate::tui::ink::{Ink, Piece};

/// Columns that the words leave to what was said.
const LEFT: usize = 12;
/// A label is cut after so many columns.
const LABEL: usize = 14;

/// A sign each, one column wide.
pub fn signs(row: &ThreadRow) -> String {
    let signs = [
        (row.pinned, '▲'),
        (row.snoozed.is_some(), '◷'),
        (row.mentioned, '@'),
        (row.awaiting, '↵'),
        (row.starred > 0, '★'),
        (row.muted, '∅'),
        (!row.labels.is_empty(), '#'),
    ];
    signs.into_iter().filter(|(on, _)| *on).map(|(_, sign)| sign).collect()
}

/// The same in words, the most telling first, as many as leave room for what was said.
pub fn words(app: &App, row: &ThreadRow, room: usize, out: &mut Vec<Piece>) {
    let used: usize = out.iter().map(Piece::width).sum();
    let mut left = room.saturating_sub(used + LEFT);
    let mut add = |text: Clean, ink, always: bool| {
        let cells = text.width() + 3;
        if cells <= left || always {
            left = left.saturating_sub(cells);
            out.push(Piece::of(&text, ink));
            out.push(Piece::ours(" · ", Ink::Faint));
        }
    };
    if let Some(until) = row.snoozed {
        let text = format!("until {}", until_in_words(app, until));
        add(Clean::line(&text), Ink::Accent, true);
    }
    let words = [
        (row.mentioned, "mentioned", Ink::Accent),
        (row.awaiting, "awaits you", Ink::Accent),
        (row.muted, "muted", Ink::Muted),
        (row.pinned, "pinned", Ink::Muted),
    ];
    for (_, word, ink) in words.into_iter().filter(|(on, ..)| *on) {
        add(Clean::ours(word), ink, false);
    }
    if row.starred > 0 {
        add(Clean::line(&format!("★ {}", clock::number(row.starred))), Ink::Muted, false);
    }
    for label in &row.labels {
        add(Clean::line(&format!("#{label}")).fit(LABEL), Ink::Muted, false);
    }
}

/// The time today, the day of the week within a week, else the day.
fn until_in_words(app: &App, until: crate::model::Timestamp) -> String {
    let (Some(then), Some(today)) = (app.zone.wall(until), app.zone.day(app.now)) else {
        return "?".into();
    };
    let days = then.date().signed_duration_since(today).num_days();
    let format = match days {
        ..=0 => "%H:%M",
        1..=6 => "%a %H:%M",
        7..=300 => "%-d %b",
        _ => "%b %Y",
    };
    let text = then.format(format).to_string();
    debug_assert!(width(&text) <= 12);
    text
}
