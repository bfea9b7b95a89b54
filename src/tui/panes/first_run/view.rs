//! Draws the first page.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};

use crate::tui::app::App;
use crate::tui::ink::{Ink, Piece};
use crate::tui::{layout, paint};

/// A way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The demo inbox.
    Demo,
    /// An import.
    Import,
    /// A live account.
    Accounts,
}

const WAYS: [(Way, &str, &str, &str); 3] = [
    (Way::Import, "i", "Import an export", "Messenger, Instagram, WhatsApp"),
    (Way::Demo, "d", "Look at the demo", "an invented inbox, nothing is kept"),
    (Way::Accounts, "a", "Connect an account", "Matrix, and other apps through it"),
];

/// Rows from the page's top to the first way, and from way to way.
const FIRST: u16 = 5;
const STEP: u16 = 3;

fn page(middle: Rect) -> Rect {
    let rows = FIRST + STEP * 3 + 3;
    if middle.height < rows + 2 {
        return middle;
    }
    layout::popup(middle, 62, rows)
}

fn step(page: Rect) -> (u16, u16) {
    if page.height < FIRST + STEP * 3 { (3, 2) } else { (FIRST, STEP) }
}

/// The way at a cell.
pub fn hit(middle: Rect, x: u16, y: u16) -> Option<Way> {
    let page = page(middle);
    let (first, step) = step(page);
    let row = y.checked_sub(page.y + first)?;
    if !page.contains(Position::new(x, y)) || row % step > 1 {
        return None;
    }
    WAYS.get(usize::from(row / step)).map(|w| w.0)
}

/// Draws the page.
pub fn draw(app: &App, middle: Rect, frame: &mut Frame<'_>) {
    let theme = &app.theme;
    let page = page(middle);
    let (first, step) = step(page);
    let buf = frame.buffer_mut();
    let head = if first == FIRST { 1 } else { 0 };
    let name = [Piece::ours("onebox", Ink::Strong)];
    paint::middle(buf, paint::row(page, head), &name, theme);
    let line = if page.width >= 52 {
        "Every conversation, from every app, in one place."
    } else {
        "Every conversation in one place."
    };
    let line = [Piece::ours(line, Ink::Muted)];
    paint::middle(buf, paint::row(page, head + 1), &line, theme);
    let left = page.width.saturating_sub(46) / 2;
    for (i, (_, key, what, how)) in (0u16..).zip(WAYS) {
        let top = first + i * step;
        let row = [
            Piece::ours(key, Ink::Key),
            Piece::ours("   ", Ink::Text),
            Piece::ours(what, Ink::Text),
        ];
        paint::pieces(buf, paint::row(page, top), left, &row, theme);
        paint::pieces(
            buf,
            paint::row(page, top + 1),
            left + 4,
            &[Piece::ours(how, Ink::Muted)],
            theme,
        );
    }
    let last = first + 3 * step;
    let text = "Everything stays on this machine. onebox opens no connection.";
    let short = "Everything stays on this machine.";
    let text = if page.width >= 62 { text } else { short };
    paint::middle(buf, paint::row(page, last + 1), &[Piece::ours(text, Ink::Faint)], theme);
    if app.layers.is_empty() {
        frame.set_cursor_position(Position::new(
            page.x + left.min(page.width.saturating_sub(1)),
            page.y + first.min(page.height.saturating_sub(1)),
        ));
    }
}
