//! Draws the transcript: bottom-anchored rows behind a gutter that no message can reach.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::rows::{Row, Stand};
use super::state::{Seen, Stage};
use crate::text::Clean;
use crate::tui::app::{App, Focus};
use crate::tui::ink::{Ink, Piece};
use crate::tui::theme::{Role, Theme};
use crate::tui::{clock, live, paint};

/// Draws the pane.
pub fn draw(app: &App, area: Rect, frame: &mut Frame<'_>) {
    let theme = &app.theme;
    let focused = app.focus == Focus::Transcript && app.layers.is_empty();
    let room = usize::from(area.width.saturating_sub(6));
    let buf = frame.buffer_mut();
    let inner = paint::boxed(buf, area, &title(app, room), focused, theme);
    match app.transcript.stage {
        Stage::None => {
            let text = ["Nothing is open.", "", "Choose a thread on the left."];
            middle(buf, inner, &text, theme);
        }
        Stage::Failed => {
            middle(
                buf,
                inner,
                &["This thread could not be opened.", "", "See the notices."],
                theme,
            );
        }
        Stage::Opening => middle(buf, inner, &["opening…"], theme),
        Stage::Ready if app.transcript.view.is_empty() && app.transcript.person.is_some() => {
            let text = ["You meet in groups only.", "r shows how to reach them."];
            middle(buf, inner, &text, theme);
        }
        Stage::Ready if app.transcript.view.is_empty() => {
            middle(buf, inner, &["This thread has no messages."], theme);
        }
        Stage::Ready => {
            let cursor = messages(app, inner, buf);
            let (from, to) = app.transcript.share();
            if app.transcript.overflows() {
                paint::scroll_mark(buf, area, from, to, theme);
            }
            typing(app, area, buf);
            if !app.transcript.follows() && area.width > 24 {
                let below = [Piece::ours(" ↓ newer below ", Ink::Muted)];
                let place = Rect::new(area.x + 2, area.bottom() - 1, area.width - 4, 1);
                paint::right(buf, place, &below, theme);
            }
            if focused {
                frame.set_cursor_position(cursor);
            }
        }
    }
}

/// Who is typing, in the border above the composer.
fn typing(app: &App, area: Rect, buf: &mut Buffer) {
    let Some(text) = live::typing_line(app) else { return };
    let room = usize::from(area.width / 2);
    let line = [
        Piece::ours(" ", Ink::Text),
        Piece::of(&Clean::line(&text).fit(room), Ink::Muted),
        Piece::ours(" ", Ink::Text),
    ];
    let place =
        Rect::new(area.x + 1, area.bottom().saturating_sub(1), area.width.saturating_sub(2), 1);
    paint::pieces(buf, place, 1, &line, &app.theme);
}

/// Name, apps, account, number of messages: as far as there is room.
fn title(app: &App, room: usize) -> Vec<Piece> {
    if app.transcript.person.is_some() {
        return timeline_title(app, room);
    }
    let selected = app.threads.current().filter(|r| Some(r.id) == app.transcript.thread);
    let Some(row) = app.transcript.header.as_ref().map(|h| &h.row).or(selected) else {
        return Vec::new();
    };
    let name = Clean::line(&row.title).fit(room.saturating_sub(2).max(4));
    let mut out = vec![Piece::of(&name, Ink::Strong)];
    let mut left = room.saturating_sub(name.width());
    let mut add = |text: String, ink| {
        let text = Clean::line(&text);
        let fits = text.width() + 3 <= left;
        if fits {
            left -= text.width() + 3;
            out.push(Piece::ours(" · ", Ink::Faint));
            out.push(Piece::of(&text, ink));
        }
        fits
    };
    let (own, other) = (&row.badge, row.cross.as_ref());
    let apps = other.map_or_else(
        || [own.name.clone(), own.short.clone()],
        |other| {
            [format!("{} ↔ {}", own.name, other.name), format!("{}↔{}", own.short, other.short)]
        },
    );
    // The long name if it fits, else the short one.
    for name in apps {
        if add(name, Ink::Muted) {
            break;
        }
    }
    if let Some(h) = &app.transcript.header {
        if row.kind != crate::model::ThreadKind::Direct {
            let people = h.participants.len() as u64;
            add(clock::counted(people, "person", "people"), Ink::Muted);
        }
        if row.messages > 0 {
            add(clock::counted(row.messages, "message", "messages"), Ink::Faint);
        }
    }
    out
}

/// Whose timeline, over which apps, and what Enter does.
fn timeline_title(app: &App, room: usize) -> Vec<Piece> {
    let Some(head) = &app.transcript.timeline else {
        return vec![Piece::ours("timeline", Ink::Muted)];
    };
    let mut apps: Vec<&str> = Vec::new();
    for i in head.person.identities.iter().filter(|i| i.threads > 0) {
        if !apps.contains(&i.badge.short.as_str()) {
            apps.push(&i.badge.short);
        }
    }
    let name = Clean::line(&head.person.name).fit(room.saturating_sub(2).max(4));
    let mut out = vec![Piece::of(&name, Ink::Strong)];
    let mut left = room.saturating_sub(name.width());
    let messages = clock::counted(head.person.messages, "message", "messages");
    for text in ["timeline".to_owned(), apps.join(" "), messages, "Enter: answer there".to_owned()]
    {
        let text = Clean::line(&text);
        if !text.as_str().is_empty() && text.width() + 3 <= left {
            left -= text.width() + 3;
            out.push(Piece::ours(" · ", Ink::Faint));
            out.push(Piece::of(&text, Ink::Muted));
        }
    }
    out
}

fn messages(app: &App, inner: Rect, buf: &mut Buffer) -> Position {
    let theme = &app.theme;
    let view = &app.transcript.view;
    let count = u16::try_from(view.len()).unwrap_or(inner.height).min(inner.height);
    // The newest stands at the bottom, however little there is.
    let from = inner.height - count;
    let mut cursor = Position::new(inner.x, inner.bottom().saturating_sub(1));
    let mut found = false;
    for (y, seen) in (from..inner.height).zip(view) {
        let place = paint::row(inner, y);
        let Some(row) = seen.rows.get(seen.row) else { continue };
        draw_row(row, seen, place, buf, theme);
        if seen.focused && !found && matches!(row.stand, Stand::Said | Stand::Middle) {
            cursor = Position::new(inner.x, place.y);
            found = true;
        }
    }
    cursor
}

fn draw_row(row: &Row, seen: &Seen, place: Rect, buf: &mut Buffer, theme: &Theme) {
    match row.stand {
        Stand::Blank => return,
        Stand::Rule => return rule(row, place, buf, theme),
        Stand::Middle => paint::middle(buf, place, &row.pieces, theme),
        Stand::Name => {
            paint::pieces(buf, place, 1, &row.pieces, theme);
        }
        Stand::Said => {
            paint::text(buf, place, 1, "▏", paint::style(theme, row.gutter));
            paint::pieces(buf, place, 3, &row.pieces, theme);
        }
    }
    if let Some(right) = &row.right {
        let edge = place.width.min(super::rows::full_width());
        let at = edge.saturating_sub(paint::pieces_width(std::slice::from_ref(right)) + 1);
        paint::pieces(buf, place, at, std::slice::from_ref(right), theme);
    }
    if seen.focused && row.stand != Stand::Name {
        paint::text(buf, place, 0, "▌", theme.style(Role::Accent));
    }
}

fn rule(row: &Row, place: Rect, buf: &mut Buffer, theme: &Theme) {
    let Some(piece) = row.pieces.first() else { return };
    let room = usize::from(place.width).saturating_sub(10);
    let text = Clean::line(piece.text()).fit(room);
    let line = [
        Piece::ours("── ", Ink::Faint),
        Piece::of(&text, piece.ink()),
        Piece::ours(" ──", Ink::Faint),
    ];
    paint::middle(buf, place, &line, theme);
}

fn middle(buf: &mut Buffer, inner: Rect, text: &[&'static str], theme: &Theme) {
    let count = u16::try_from(text.len()).unwrap_or(0);
    let from = inner.height.saturating_sub(count) / 2;
    for (y, line) in (from..).zip(text) {
        paint::middle(buf, paint::row(inner, y), &[Piece::ours(line, Ink::Muted)], theme);
    }
}
