//! Draws the composer; closed, it is a sentence that says why and what to do.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};

use crate::inbox::{ComposerState, ReasonRow, ReplyRow};
use crate::model::VerdictKind;
use crate::text::Clean;
use crate::tui::app::{App, Focus};
use crate::tui::command::{Command, Context};
use crate::tui::ink::{Ink, Piece};
use crate::tui::panes::attach::file_line;
use crate::tui::panes::sheet::{Line, Sheet};
use crate::tui::theme::Role;
use crate::tui::{attach, layout, live, paint, reply};

/// It grows no further.
const MOST: u16 = 8;
/// Files named above the text.
const FILES: usize = 3;

fn state(app: &App) -> Option<&ComposerState> {
    app.transcript.header.as_ref().map(|h| &h.composer)
}

/// The columns of text in a pane.
pub fn text_width(area: Rect) -> u16 {
    layout::inside(area).width.saturating_sub(2)
}

/// The rows that it would like inside its border.
pub fn rows_wanted(app: &App, width: u16) -> u16 {
    let inner = width.saturating_sub(4);
    let rows = match state(app) {
        Some(ComposerState::Closed(reason)) => closed(app, reason, inner).len(),
        _ => app.composer.text.rows(inner.into()).len(),
    };
    let above = u16::try_from(above_rows(app)).unwrap_or(0);
    u16::try_from(rows).unwrap_or(MOST).clamp(1, MOST) + above
}

/// Rows above the text: the quote, the files that go along.
fn above_rows(app: &App) -> usize {
    let closed = matches!(state(app), Some(ComposerState::Closed(_)));
    let files = if closed { 0 } else { attach::current(app).len().min(FILES) };
    usize::from(answered(app).is_some()) + files
}

/// What stands above the text.
fn above(app: &App, width: u16) -> Vec<Line> {
    let mut lines: Vec<Line> =
        answered(app).map(|row| quote(app, row, width)).into_iter().collect();
    let files = attach::current(app);
    let left = files.len().saturating_sub(FILES);
    let key = app.keymap.keys_for(Command::DropFile, Context::Composer).into_iter().next();
    for (n, file) in files.iter().take(FILES).enumerate() {
        let mut end: Line = Vec::new();
        if left > 0 && n + 1 == FILES {
            end.push(Piece::line(&format!("  and {left} more"), Ink::Muted));
        } else if let Some(key) = key.as_ref().filter(|_| n == 0 && width >= 48) {
            end.push(Piece::ours("  ", Ink::Text));
            end.push(Piece::line(key, Ink::Key));
            end.push(Piece::ours(" removes", Ink::Muted));
        }
        let room = usize::from(width).saturating_sub(end.iter().map(Piece::width).sum());
        let mut line = file_line(file, room);
        line.append(&mut end);
        lines.push(line);
    }
    lines
}

/// The message that is answered, where anything can be written.
fn answered(app: &App) -> Option<&ReplyRow> {
    let closed = matches!(state(app), Some(ComposerState::Closed(_)));
    reply::current(app).filter(|_| !closed && app.composer.editing.is_none())
}

/// Where the text stands: below the quote and the files, as far as there is room for them.
fn below_quote(app: &App, inner: Rect) -> Rect {
    let above = u16::try_from(above_rows(app)).unwrap_or(0).min(inner.height.saturating_sub(1));
    Rect { y: inner.y + above, height: inner.height - above, ..inner }
}

fn answered_by(row: &ReplyRow) -> Clean {
    match (row.mine, row.sender.is_empty()) {
        (true, _) => Clean::ours("you"),
        (false, true) => Clean::ours("unknown sender"),
        (false, false) => Clean::line(&row.sender),
    }
}

/// One line: who is answered, the start of what they wrote, and how to let go of it.
fn quote(app: &App, row: &ReplyRow, width: u16) -> Line {
    let mut room = usize::from(width).saturating_sub(2);
    let mut end: Line = Vec::new();
    let key = app.keymap.keys_for(Command::DropReply, Context::Composer).into_iter().next();
    if let Some(key) = key.filter(|_| width >= 48) {
        end = vec![
            Piece::ours("  ", Ink::Text),
            Piece::line(&key, Ink::Key),
            Piece::ours(" lets go", Ink::Muted),
        ];
        room = room.saturating_sub(end.iter().map(Piece::width).sum());
    }
    let name = answered_by(row).fit((room / 2).max(4));
    let rest = Clean::ours(": ").then(&Clean::line(&row.quote));
    let rest = rest.fit(room.saturating_sub(name.width()));
    let mut line = vec![Piece::ours("↪ ", Ink::Faint), Piece::of(&name, Ink::Accent)];
    line.push(Piece::of(&rest, Ink::Quote));
    line.append(&mut end);
    line
}

/// Draws it.
pub fn draw(app: &App, area: Rect, frame: &mut Frame<'_>) {
    let focused = app.focus == Focus::Composer && app.layers.is_empty();
    let theme = &app.theme;
    let title: Line = match state(app) {
        Some(ComposerState::Closed(reason)) => {
            let title = format!("read-only {}", reason.since);
            let room = usize::from(area.width.saturating_sub(6));
            vec![Piece::of(&Clean::line(title.trim()).fit(room), Ink::Greyed)]
        }
        _ if app.composer.editing.is_some() => vec![
            Piece::ours("Edit your message", Ink::Strong),
            Piece::ours(" · Esc leaves it as it was", Ink::Muted),
        ],
        Some(ComposerState::HandOff(_)) => vec![
            Piece::ours(if answered(app).is_some() { "Reply" } else { "Write" }, Ink::Strong),
            Piece::ours(" · ", Ink::Faint),
            Piece::line(&format!("hands off to {}", app_name(app)), Ink::Muted),
        ],
        Some(ComposerState::Live) if live::waits(app) => vec![
            Piece::ours(if answered(app).is_some() { "Reply" } else { "Write" }, Ink::Strong),
            Piece::ours(" · ", Ink::Faint),
            Piece::ours("offline: what you send waits", Ink::Warn),
        ],
        Some(ComposerState::Live) if live::is_request(app) => vec![
            Piece::ours(if answered(app).is_some() { "Reply" } else { "Write" }, Ink::Strong),
            Piece::ours(" · ", Ink::Faint),
            Piece::ours("sending accepts the request", Ink::Warn),
        ],
        Some(ComposerState::Live) | None if answered(app).is_some() => {
            vec![Piece::ours("Reply", Ink::Strong)]
        }
        Some(ComposerState::Live) | None => vec![Piece::ours("Write", Ink::Strong)],
    };
    let inner = paint::boxed(frame.buffer_mut(), area, &title, focused, theme);
    let text = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    match state(app) {
        Some(ComposerState::Closed(reason)) => {
            let lines = closed(app, reason, text.width);
            let buf = frame.buffer_mut();
            for (y, line) in (0..text.height).zip(&lines) {
                paint::pieces(buf, paint::row(text, y), 0, line, theme);
            }
            if focused {
                frame.set_cursor_position(Position::new(text.x, text.y));
            }
        }
        _ => {
            let below = below_quote(app, text);
            let lines = above(app, text.width);
            // The last are nearest to the text; the first go where there is no room.
            let hidden = lines.len().saturating_sub((below.y - text.y).into());
            for (y, line) in (0..below.y - text.y).zip(lines.iter().skip(hidden)) {
                paint::pieces(frame.buffer_mut(), paint::row(text, y), 0, line, theme);
            }
            written(app, below, focused, frame);
        }
    }
}

fn app_name(app: &App) -> String {
    let Some(header) = &app.transcript.header else { return String::new() };
    match &header.composer {
        ComposerState::HandOff(Some(link)) => link.app.clone(),
        _ => header.row.badge.name.clone(),
    }
}

/// The reason, since when, how sure, the next step: the most important first, as the last rows
/// may not be seen.
fn closed(app: &App, reason: &ReasonRow, width: u16) -> Vec<Line> {
    let mut sheet = Sheet::new("", width);
    let lead = vec![Piece::ours("⊘", Ink::Greyed), Piece::ours(" ", Ink::Text)];
    sheet.text_led(&reason.text, Ink::Greyed, lead, 2);
    sheet.text(&reason.next, Ink::Text, 2);
    // Since when stands in the border.
    let mut sure = Vec::new();
    sure.push(match reason.sure {
        "yours" => "you marked it".into(),
        other => other.to_owned(),
    });
    if !reason.evidence.is_empty() {
        sure.push(reason.evidence.clone());
    }
    let mut keys: Line = Vec::new();
    let takes = match (live::is_invited(app), live::is_left_behind(app)) {
        (true, _) => Some(" accept"),
        (_, true) => Some(" follow it"),
        _ => None,
    };
    if let Some(takes) = takes {
        keys.push(Piece::ours("  ", Ink::Text));
        keys.push(Piece::ours("Y", Ink::Key));
        keys.push(Piece::ours(takes, Ink::Muted));
    }
    if let Some(ways) = elsewhere(app) {
        sheet.text_led(&ways, Ink::Text, vec![Piece::ours("  ", Ink::Text)], 2);
    }
    for (command, does) in
        [(Command::Reach, " reach"), (Command::Why, " why"), (Command::ClearMarks, " take it back")]
    {
        let works = command != Command::ClearMarks || app.is_marked();
        let key = app.keymap.keys_for(command, Context::Transcript).into_iter().next();
        if let Some(key) = key.filter(|_| works) {
            keys.push(Piece::ours("  ", Ink::Text));
            keys.push(Piece::line(&key, Ink::Key));
            keys.push(Piece::ours(does, Ink::Muted));
        }
    }
    let room = usize::from(width).saturating_sub(2 + keys.iter().map(Piece::width).sum::<usize>());
    let text = Clean::line(&sure.join(" · ")).fit(room);
    let mut line = vec![Piece::ours("  ", Ink::Text), Piece::of(&text, Ink::Muted)];
    line.append(&mut keys);
    sheet.line(line);
    if !app.composer.text.is_empty() {
        sheet.text("Your draft is kept.", Ink::Muted, 2);
    }
    sheet.lines
}

/// Where else they are: "Jonas Weber: Messenger (open) · WhatsApp (open)".
fn elsewhere(app: &App) -> Option<String> {
    let hint = app.transcript.header.as_ref()?.person.as_ref()?;
    let ways: Vec<String> = hint
        .elsewhere
        .iter()
        .map(|(badge, verdict)| match verdict {
            VerdictKind::ReadOnly => format!("{} (read-only)", badge.name),
            VerdictKind::Live | VerdictKind::HandOff => format!("{} (open)", badge.name),
        })
        .collect();
    (!ways.is_empty()).then(|| format!("{} on {}", hint.name, ways.join(" · ")))
}

/// The first row that is drawn, so that the cursor's is.
fn first_row(app: &App, width: u16, height: u16) -> usize {
    let (row, _) = app.composer.text.cursor(width.into());
    (row + 1).saturating_sub(height.into())
}

fn written(app: &App, text: Rect, focused: bool, frame: &mut Frame<'_>) {
    let theme = &app.theme;
    let composer = &app.composer.text;
    let buf = frame.buffer_mut();
    if composer.is_empty() {
        let hint = match state(app) {
            Some(ComposerState::HandOff(Some(_))) => {
                format!("Enter hands off to {}…", app_name(app))
            }
            Some(ComposerState::HandOff(None)) => {
                format!("Enter copies it, to be pasted in {}…", app_name(app))
            }
            Some(ComposerState::Live) => match attach::current(app).len() {
                0 => "Write a message…".to_owned(),
                1 => "Enter sends the file; a text goes with it…".to_owned(),
                n => format!("Enter sends the {n} files; a text goes with the first…"),
            },
            _ => String::new(),
        };
        let hint = Clean::line(&hint).fit(text.width.into());
        paint::text(buf, text, 0, hint.as_str(), theme.style(Role::Muted));
    }
    let rows = composer.rows(text.width.into());
    let from = first_row(app, text.width, text.height);
    let selected = composer.selection();
    for (y, row) in (0..text.height).zip(rows.iter().skip(from)) {
        let place = paint::row(text, y);
        paint::text(buf, place, 0, &row.text, theme.style(Role::Text));
        if let Some(s) = &selected
            && s.start < row.range.end.max(row.range.start + 1)
            && s.end > row.range.start
        {
            let a = row.column_of(s.start.max(row.range.start));
            let b = row.column_of(s.end.min(row.range.end));
            let (a, b) = (a.min(place.width.into()), b.min(place.width.into()));
            let marked = Rect { x: place.x + a as u16, width: (b - a.min(b)) as u16, ..place };
            paint::wash(buf, marked, theme.style(Role::Selected));
        }
    }
    if focused {
        let (row, column) = composer.cursor(text.width.into());
        let x = text.x + u16::try_from(column).unwrap_or(0).min(text.width.saturating_sub(1));
        let y = text.y + u16::try_from(row - from.min(row)).unwrap_or(0);
        frame.set_cursor_position(Position::new(x, y.min(text.bottom().saturating_sub(1))));
    }
}

/// The mouse was pressed in it.
pub fn click(app: &mut App, area: Rect, x: u16, y: u16) {
    let inner = layout::inside(area);
    let width = text_width(area);
    if !inner.contains(Position::new(x, y)) {
        return;
    }
    let text = below_quote(app, inner);
    let row = first_row(app, width, text.height) + usize::from(y.saturating_sub(text.y));
    let column = usize::from(x.saturating_sub(inner.x + 1));
    app.composer.text.click(width.into(), row, column);
}
