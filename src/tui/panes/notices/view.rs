//! Puts notices on a sheet, and the latest one into a box above the composer.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::inbox::{Notice, Severity};
use crate::tui::app::App;
use crate::tui::command::{Command, Context};
use crate::tui::ink::{Ink, Piece};
use crate::tui::panes::sheet::Sheet;
use crate::tui::{clock, paint};

fn mark(severity: Severity) -> (&'static str, Ink) {
    match severity {
        Severity::Info => ("✓", Ink::Good),
        Severity::Warning => ("!", Ink::Warn),
        Severity::Error => ("✕", Ink::Error),
    }
}

/// The history.
pub fn sheet(app: &App, screen: u16) -> Sheet {
    let mut sheet = Sheet::new("Notices", Sheet::columns(76, screen));
    if app.notices.is_empty() {
        sheet.text("Nothing was told yet.", Ink::Muted, 0);
    }
    for (at, notice) in app.notices.iter().rev() {
        if !sheet.lines.is_empty() {
            sheet.gap();
        }
        let (mark, ink) = mark(notice.severity);
        let lead = vec![
            Piece::line(&clock::time(app.zone, *at), Ink::Faint),
            Piece::ours("  ", Ink::Text),
            Piece::ours(mark, ink),
            Piece::ours(" ", Ink::Text),
        ];
        body(&mut sheet, notice, lead, 9);
    }
    sheet.key("↑↓", "scroll").key("Esc", "back")
}

fn body(sheet: &mut Sheet, notice: &Notice, lead: Vec<Piece>, indent: usize) {
    sheet.text_led(&notice.what, Ink::Text, lead, indent);
    sheet.text(&notice.why, Ink::Muted, indent);
    sheet.text(&notice.hint, Ink::Accent, indent);
}

/// Draws the latest notice at the lower end of an area; of a larger one if it does not fit there.
/// It never takes more than half of that: what it is about stays in sight.
pub fn draw_toast(app: &App, notice: &Notice, areas: (Rect, Rect), frame: &mut Frame<'_>) {
    let (sheet, width) = toast(notice, areas.0);
    let fits = sheet.lines.len() + 3 <= usize::from(areas.0.height);
    let ((mut sheet, width), above) =
        if fits { ((sheet, width), areas.0) } else { (toast(notice, areas.1), areas.1) };
    let theme = &app.theme;
    if width < 16 || above.height < 4 {
        return;
    }
    let most = (above.height / 2).max(4).min(above.height - 3);
    if sheet.lines.len() > usize::from(most) {
        sheet.lines.truncate(usize::from(most).saturating_sub(1));
        let key = app.keymap.keys_for(Command::Notices, Context::List).into_iter().next();
        sheet.line(vec![
            Piece::ours("  … ", Ink::Muted),
            Piece::line(&key.unwrap_or_default(), Ink::Key),
            Piece::ours(" shows all", Ink::Muted),
        ]);
    }
    let rows = u16::try_from(sheet.lines.len()).unwrap_or(1).min(most);
    let area = Rect::new(above.right() - width - 2, above.bottom() - rows - 3, width, rows + 2);
    let buf = frame.buffer_mut();
    paint::clear(buf, area);
    let inner = paint::boxed(buf, area, &[], true, theme);
    let text = Rect::new(inner.x + 1, inner.y, inner.width.saturating_sub(2), inner.height);
    for (y, line) in (0..rows).zip(&sheet.lines) {
        paint::pieces(buf, paint::row(text, y), 0, line, theme);
    }
}

fn toast(notice: &Notice, above: Rect) -> (Sheet, u16) {
    let width = above.width.saturating_sub(4).min(70);
    let mut sheet = Sheet::new("", width.saturating_sub(4));
    let (mark, ink) = mark(notice.severity);
    let lead = vec![Piece::ours(mark, ink), Piece::ours(" ", Ink::Text)];
    body(&mut sheet, notice, lead, 2);
    (sheet, width)
}
