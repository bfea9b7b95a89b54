//! Puts what was found on a sheet.

use super::state::{GoState, Listed};
use crate::inbox::{FoundRow, ThreadRow};
use crate::model::VerdictKind;
use crate::text::Clean;
use crate::tui::app::App;
use crate::tui::clock;
use crate::tui::ink::{Ink, Piece};
use crate::tui::panes::search::marked;
use crate::tui::panes::sheet::{Line, Sheet};

/// Columns wanted.
const WIDTH: u16 = 72;
/// Rows at most.
const ROWS: usize = 14;
/// From this height on there is room for air.
const AIRY: u16 = 16;
/// Columns of an app's name, or of two.
const BADGE: usize = 6;

/// How many rows fit on a screen.
pub fn fits(height: u16) -> usize {
    // Border, air, the line, what is said of it, the keys.
    let around = if height < AIRY { 6 } else { 10 };
    usize::from(height.saturating_sub(around)).clamp(1, ROWS)
}

/// Rows above the first one.
pub fn rows_before(height: u16) -> usize {
    if height < AIRY { 1 } else { 2 }
}

/// The sheet.
pub fn sheet(state: &GoState, app: &App) -> Sheet {
    let (screen, height) = app.size;
    let commands = state.is_commands();
    let title = if commands { "Commands" } else { "Go to a thread" };
    let mut sheet = Sheet::new(title, Sheet::columns(WIDTH, screen));
    let cols = usize::from(sheet.width);
    let (typed, column) = state.typed.view(cols.saturating_sub(3));
    sheet.cursor = Some((0, column.saturating_add(2)));
    sheet.line(vec![Piece::ours("› ", Ink::Accent), Piece::line(&typed, Ink::Text)]);
    if rows_before(height) > 1 {
        sheet.gap();
    }
    let (fits, before) = (fits(height), sheet.lines.len());
    let first = state.first(fits);
    let shown = first..first + fits;
    let total = if commands {
        let all = state.commands(app);
        let seen = all.iter().enumerate().skip(shown.start).take(fits);
        seen.for_each(|(at, c)| sheet.line(command(c, at == state.chosen, app, cols)));
        all.len()
    } else {
        let all = state.threads.as_deref().unwrap_or_default();
        let seen = all.iter().enumerate().skip(shown.start).take(fits);
        seen.for_each(|(at, t)| sheet.line(thread(t, at == state.chosen, app, cols)));
        state.total
    };
    if total == 0 {
        nothing(state, &mut sheet);
    }
    // It does not grow and shrink under what is typed.
    while sheet.lines.len() < before + fits {
        sheet.gap();
    }
    if height >= AIRY {
        sheet.line(vec![Piece::line(&count(state, total, commands), Ink::Muted)]);
    }
    let (does, other) = match commands {
        true => ("do", "threads"),
        false => ("open", "commands"),
    };
    sheet.key("↑↓", "choose").key("Enter", does).key("Tab", other).key("Esc", "back")
}

fn count(state: &GoState, total: usize, commands: bool) -> String {
    let what = match (commands, total) {
        (_, 0) => return String::new(),
        (true, 1) => "command",
        (true, _) => "commands",
        (false, 1) => "thread",
        (false, _) => "threads",
    };
    let n = clock::number(total as u64);
    match state.letters().trim().is_empty() {
        true if !commands => format!("{n} {what} · : finds commands"),
        _ => format!("{n} {what}"),
    }
}

fn nothing(state: &GoState, sheet: &mut Sheet) {
    let text = match (state.is_commands(), &state.threads) {
        (true, _) => "No command is called so.",
        (false, None) => "looking…",
        (false, Some(_)) if state.letters().trim().is_empty() => "There is no thread yet.",
        (false, Some(_)) => "No thread is called so. / searches what was written.",
    };
    sheet.text(text, Ink::Muted, 2);
}

fn mark(chosen: bool) -> Piece {
    Piece::ours(if chosen { "▌ " } else { "  " }, Ink::Accent)
}

/// `▌ Archive, or take out of the archive      E`
fn command(listed: &Listed, chosen: bool, app: &App, cols: usize) -> Line {
    let keys = app.keymap.keys_for(listed.command, listed.context);
    let key = keys.into_iter().min_by_key(|k| crate::text::width(k)).unwrap_or_default();
    let ink = if chosen { Ink::Strong } else { Ink::Text };
    let help = Clean::line(listed.command.info().help);
    ended(mark(chosen), (&help, &listed.marks, ink), Piece::line(&key, Ink::Key), cols)
}

/// The shape that says what the list's says.
fn sign(row: &ThreadRow) -> (&'static str, Ink) {
    match row.verdict {
        _ if row.request => ("+ ", Ink::Accent),
        VerdictKind::ReadOnly => ("⊘ ", Ink::Greyed),
        _ if row.unread.is_some_and(|n| n > 0) => ("● ", Ink::Accent),
        _ => ("○ ", Ink::Muted),
    }
}

/// `▌ ⊘ IG↔FB  Jonas Weber · archived      Nov 2023`
fn thread(found: &FoundRow, chosen: bool, app: &App, cols: usize) -> Line {
    let row = &found.row;
    let closed = row.verdict == VerdictKind::ReadOnly && !row.request;
    let ink = match (closed, chosen) {
        (true, _) => Ink::Greyed,
        (false, true) => Ink::Strong,
        (false, false) => Ink::Text,
    };
    let badge = match &row.cross {
        Some(other) => format!("{}↔{}", row.badge.short, other.short),
        None => row.badge.short.clone(),
    };
    let badge = Clean::line(&badge).fit(BADGE);
    let gap = Piece::spaces(BADGE.saturating_sub(badge.width()) + 1);
    let (sign, of_sign) = sign(row);
    let when = row.last.map(|t| clock::when(app.zone, t, app.now)).unwrap_or_default();
    let (title, marks) = match Clean::line(&row.title) {
        // What was cleaned away would shift the marks.
        clean if clean.as_str() == row.title => (clean, found.marks.as_slice()),
        clean => (clean, &[][..]),
    };
    let lead = [Piece::ours(sign, of_sign), Piece::of(&badge, Ink::Muted), gap];
    let used: usize = lead.iter().map(Piece::width).sum();
    let end = Piece::line(&when, Ink::Faint);
    let rest = ended(mark(chosen), (&title, marks, ink), end, cols.saturating_sub(used));
    let mut line = rest;
    line.splice(1..1, lead);
    line
}

/// A row with something at its right end: a text, cut where it must be, with its marks.
fn ended(
    mark: Piece,
    (text, marks, ink): (&Clean, &[(usize, usize)], Ink),
    end: Piece,
    cols: usize,
) -> Line {
    let room = cols.saturating_sub(mark.width() + end.width() + 2).max(4);
    let mut line = vec![mark];
    let shown = text.fit(room);
    // Cut off, it ends in a sign of our own.
    let same =
        text.as_str().bytes().zip(shown.as_str().bytes()).take_while(|(a, b)| a == b).count();
    let marks: Vec<(usize, usize)> = marks.iter().copied().filter(|(_, to)| *to <= same).collect();
    line.extend(marked(&shown, 0..shown.as_str().len(), &marks, ink));
    let used: usize = line.iter().map(Piece::width).sum();
    line.push(Piece::spaces(cols.saturating_sub(used + end.width())));
    line.push(end);
    line
}
