//! Draws a sheet.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};

use super::Sheet;
use crate::text::Clean;
use crate::tui::ink::{Ink, Piece};
use crate::tui::theme::Theme;
use crate::tui::{layout, paint};

/// Where a sheet stands.
pub fn area(sheet: &Sheet, all: Rect) -> Rect {
    let rows = u16::try_from(sheet.lines.len()).unwrap_or(u16::MAX);
    // Border, a free row above and below, the keys.
    let width = sheet.width.saturating_add(6);
    let keys = key_rows(sheet, layout::popup(all, width, all.height));
    layout::popup(all, width, rows.saturating_add(4).saturating_add(keys))
}

/// How many lines of it are seen at once.
pub fn visible(sheet: &Sheet, all: Rect) -> usize {
    usize::from(inside(sheet, area(sheet, all)).height)
}

/// Where its lines stand.
pub fn text_area(sheet: &Sheet, all: Rect) -> Rect {
    inside(sheet, area(sheet, all))
}

fn inside(sheet: &Sheet, area: Rect) -> Rect {
    let keys = key_rows(sheet, area);
    // On a low screen the free rows go first.
    let wanted = sheet.lines.len() + 4 + usize::from(keys);
    let free = u16::from(area.height >= 12 || usize::from(area.height) >= wanted);
    let inner = layout::inside(area);
    Rect::new(
        inner.x + 2.min(inner.width),
        inner.y + free.min(inner.height),
        inner.width.saturating_sub(4),
        inner.height.saturating_sub(free * 2).saturating_sub(keys),
    )
}

/// The line in the first row, where it is scrolled down by so many lines.
pub fn first_line(sheet: &Sheet, scroll: usize, all: Rect) -> usize {
    let rows = visible(sheet, all);
    let from = scroll.min(sheet.lines.len().saturating_sub(rows));
    match sheet.show {
        Some(show) => from.min(show).max((show + 1).saturating_sub(rows)),
        None => from,
    }
}

/// Draws it, scrolled down by so many lines.
pub fn draw(sheet: &Sheet, scroll: usize, frame: &mut Frame<'_>, theme: &Theme) {
    let all = frame.area();
    let area = area(sheet, all);
    let buf = frame.buffer_mut();
    paint::clear(buf, area);
    let title = Clean::line(&sheet.title).fit(usize::from(area.width.saturating_sub(6)));
    paint::boxed(buf, area, &[Piece::of(&title, Ink::Strong)], true, theme);
    let inner = inside(sheet, area);
    let rows = usize::from(inner.height);
    let most = sheet.lines.len().saturating_sub(rows);
    let from = first_line(sheet, scroll, all);
    for (at, line) in (0..inner.height).zip(sheet.lines.iter().skip(from)) {
        paint::pieces(buf, paint::row(inner, at), 0, line, theme);
    }
    if most > 0 {
        let all = sheet.lines.len() as f64;
        let (a, b) = (from as f64 / all, (from + rows) as f64 / all);
        paint::scroll_mark(buf, area, a, b, theme);
    }
    keys(sheet, area, buf, theme);
    if let Some((line, column)) = sheet.cursor
        && let Some(row) = line.checked_sub(from).and_then(|r| u16::try_from(r).ok())
        && row < inner.height
    {
        let x = inner.x + column.min(inner.width.saturating_sub(1));
        frame.set_cursor_position(Position::new(x, inner.y + row));
    } else {
        // Out of the way, yet within the popup, for those who follow the cursor.
        frame
            .set_cursor_position(Position::new(inner.x, inner.y.min(all.height.saturating_sub(1))));
    }
}

fn keys(sheet: &Sheet, area: Rect, buf: &mut ratatui::buffer::Buffer, theme: &Theme) {
    if sheet.keys.is_empty() || area.height < 4 {
        return;
    }
    let named = named(sheet);
    let rows = key_rows(sheet, area);
    let mut left: Vec<&Vec<Piece>> = named.iter().collect();
    for row in (0..rows).rev() {
        let y = area.bottom().saturating_sub(2 + row);
        let place = Rect::new(area.x + 3, y, area.width.saturating_sub(6), 1);
        let (fitting, rest, gap) = whole(&left, place.width);
        let mut line: Vec<Piece> = Vec::new();
        for key in fitting {
            if !line.is_empty() {
                line.push(Piece::spaces(gap.into()));
            }
            line.extend(key.iter().cloned());
        }
        paint::pieces(buf, place, 0, &line, theme);
        left = rest;
    }
}

/// Each key with what it does.
fn named(sheet: &Sheet) -> Vec<Vec<Piece>> {
    let key = |(key, does): &(String, &'static str)| {
        let does = Piece::ours(does, Ink::Muted);
        vec![Piece::line(key, Ink::Key), Piece::ours(" ", Ink::Text), does]
    };
    sheet.keys.iter().map(key).collect()
}

/// The rows that the keys take: a second one where the sheet asks for it and they do not all fit into
/// the first, unless the text would be left with next to none. How one goes back is known.
fn key_rows(sheet: &Sheet, area: Rect) -> u16 {
    const LOW: u16 = 8;
    if sheet.keys.is_empty() {
        return 0;
    }
    if !sheet.more_keys || area.height < LOW {
        return 1;
    }
    let named = named(sheet);
    let (_, rest, _) = whole(&named.iter().collect::<Vec<_>>(), area.width.saturating_sub(6));
    let back = sheet.keys.last().map_or(0, |(key, _)| usize::from(key == "Esc"));
    if rest.len() <= back { 1 } else { 2 }
}

/// The keys that there is whole room for, the first ones first, those that there is none for, and
/// the columns between them.
fn whole<'k>(
    keys: &[&'k Vec<Piece>],
    room: u16,
) -> (Vec<&'k Vec<Piece>>, Vec<&'k Vec<Piece>>, u16) {
    let width = |key: &[Piece]| paint::pieces_width(key);
    let all: u16 = keys.iter().fold(0, |sum, key| sum.saturating_add(width(key)));
    let gaps = u16::try_from(keys.len().saturating_sub(1)).unwrap_or(u16::MAX);
    let gap = if all.saturating_add(gaps.saturating_mul(3)) <= room { 3 } else { 2 };
    let mut left = room.saturating_add(gap);
    let fits = |key: &&Vec<Piece>| match left.checked_sub(width(key).saturating_add(gap)) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    let (fitting, rest) = keys.iter().copied().partition(fits);
    (fitting, rest, gap)
}
