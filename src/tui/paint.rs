//! Brushes: pieces, boxes and bars put into the buffer, each within its own area.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::{Block, BorderType, Clear, Widget};

use super::glass::WIDEST;
use super::ink::{Ink, Piece};
use super::theme::{Role, Theme};
use crate::model::SourceId;
use crate::text::width;

/// The style of an ink.
pub fn style(theme: &Theme, ink: Ink) -> Style {
    theme.style(match ink {
        Ink::Text => Role::Text,
        Ink::Strong => Role::Title,
        Ink::Muted => Role::Muted,
        Ink::Faint => Role::Muted,
        Ink::Accent => Role::Accent,
        Ink::Greyed => Role::Greyed,
        Ink::Warn => Role::Warning,
        Ink::Error => Role::Error,
        Ink::Good => Role::Success,
        Ink::Key => Role::Key,
        Ink::Name(n) => Role::Sender(n),
        Ink::You => Role::Mine,
        Ink::Quote => Role::Muted,
        Ink::System => Role::System,
        Ink::Seam => Role::Seam,
        Ink::Link => Role::Link,
        Ink::Mark => Role::Found,
    })
}

/// The style of an app's badge.
pub fn badge(theme: &Theme, source: &SourceId) -> Style {
    theme.badge(source)
}

/// Puts a text down and returns the columns used. Never leaves the area.
pub fn text(buf: &mut Buffer, area: Rect, at: u16, text: &str, style: Style) -> u16 {
    if area.is_empty() || at >= area.width {
        return 0;
    }
    let room = usize::from(area.width - at);
    let (end, _) = buf.set_stringn(area.x + at, area.y, text, room, style);
    end.saturating_sub(area.x + at)
}

/// Puts pieces down, one behind the other, and returns the columns used.
pub fn pieces(buf: &mut Buffer, area: Rect, at: u16, row: &[Piece], theme: &Theme) -> u16 {
    let mut x = at;
    for piece in row {
        x += text(buf, area, x, piece.text(), style(theme, piece.ink()));
    }
    x - at
}

/// The width of pieces.
pub fn pieces_width(row: &[Piece]) -> u16 {
    u16::try_from(row.iter().map(Piece::width).sum::<usize>()).unwrap_or(u16::MAX)
}

/// Pieces in the middle of a row.
pub fn middle(buf: &mut Buffer, area: Rect, row: &[Piece], theme: &Theme) {
    let at = area.width.saturating_sub(pieces_width(row)) / 2;
    pieces(buf, area, at, row, theme);
}

/// Pieces at the right end of a row.
pub fn right(buf: &mut Buffer, area: Rect, row: &[Piece], theme: &Theme) {
    let at = area.width.saturating_sub(pieces_width(row));
    pieces(buf, area, at, row, theme);
}

/// One row of an area, counted from its top; empty if it has not that many.
pub fn row(area: Rect, at: u16) -> Rect {
    if at < area.height {
        Rect { y: area.y + at, height: 1, ..area }
    } else {
        Rect { y: area.bottom(), height: 0, ..area }
    }
}

/// A rounded box with a title; returns its inside.
pub fn boxed(buf: &mut Buffer, area: Rect, title: &[Piece], focused: bool, theme: &Theme) -> Rect {
    let role = if focused { Role::BorderFocused } else { Role::Border };
    let block = Block::bordered().border_type(BorderType::Rounded).border_style(theme.style(role));
    block.render(area, buf);
    if !title.is_empty() && area.width > 6 {
        let mut row = vec![Piece::ours(" ", Ink::Text)];
        row.extend_from_slice(title);
        row.push(Piece::ours(" ", Ink::Text));
        // The corner and one rule stay free at either end.
        let place = Rect { x: area.x + 2, y: area.y, width: area.width - 4, height: 1 };
        pieces(buf, place, 0, &row, theme);
    }
    super::layout::inside(area)
}

/// Empties an area for something that lies above the rest.
pub fn clear(buf: &mut Buffer, area: Rect) {
    // A cluster that the edge cuts in two would leave its other part behind.
    for back in 1..=WIDEST.min(area.x.saturating_sub(buf.area.x)) {
        for y in area.y..area.bottom() {
            if let Some(cell) = buf.cell_mut((area.x - back, y))
                && width(cell.symbol()) > usize::from(back)
            {
                cell.set_symbol(" ");
            }
        }
    }
    Clear.render(area, buf);
}

/// Colours a whole area, leaving what is written.
pub fn wash(buf: &mut Buffer, area: Rect, style: Style) {
    buf.set_style(area, style);
}

/// A scroll mark at an area's right border: where one stands, not how long it is.
pub fn scroll_mark(buf: &mut Buffer, border: Rect, from: f64, to: f64, theme: &Theme) {
    let rows = f64::from(border.height.saturating_sub(2));
    if rows < 3.0 || (from <= 0.0 && to >= 1.0) {
        return;
    }
    let first = (from.clamp(0.0, 1.0) * rows) as u16;
    let last = ((to.clamp(0.0, 1.0) * rows).ceil() as u16).max(first + 1);
    for y in first..last.min(border.height.saturating_sub(2)) {
        let place = Rect::new(border.right().saturating_sub(1), border.y + 1 + y, 1, 1);
        text(buf, place, 0, "┃", theme.style(Role::Border));
    }
}
