//! Draws what is offered, right above the composer.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::state::{CompleteState, Kind};
use crate::text::{Clean, width};
use crate::tui::app::App;
use crate::tui::ink::{Ink, Piece};
use crate::tui::paint;
use crate::tui::theme::Role;

/// Offers that are seen at once.
const ROWS: usize = 6;
/// It is no wider.
const WIDEST: u16 = 44;

/// Draws it above the composer, no higher than where the panes begin.
pub fn draw(app: &App, composer: Rect, middle: Rect, frame: &mut Frame<'_>) {
    let Some(state) = &app.completing.open else { return };
    let room = composer.y.saturating_sub(middle.y);
    let rows = ROWS.min(state.offers.len()).min(usize::from(room.saturating_sub(2)));
    let columns = WIDEST.min(composer.width);
    let Some(height) = u16::try_from(rows).ok().filter(|r| *r > 0).map(|r| r + 2) else { return };
    let area = Rect::new(composer.x, composer.y - height, columns, height);
    let theme = &app.theme;
    let buf = frame.buffer_mut();
    paint::clear(buf, area);
    let title = match state.kind {
        Kind::Emoji => "Emoji",
        Kind::Person => "Somebody here",
    };
    let inner = paint::boxed(buf, area, &[Piece::ours(title, Ink::Strong)], true, theme);
    let from = (state.chosen + 1).saturating_sub(rows);
    for (y, (at, line)) in (0..inner.height).zip(lines(state, inner.width).skip(from)) {
        let place = paint::row(inner, y);
        paint::pieces(buf, place, 0, &line, theme);
        if at == state.chosen {
            paint::wash(buf, place, theme.style(Role::Selected));
        }
    }
    // The keys stand in the lower border: no row is lost to them.
    let keys = [
        Piece::ours(" ", Ink::Text),
        Piece::ours("Tab", Ink::Key),
        Piece::ours(" take  ", Ink::Muted),
        Piece::ours("Esc", Ink::Key),
        Piece::ours(" close ", Ink::Muted),
    ];
    let foot =
        Rect { x: area.x + 2, y: area.bottom() - 1, width: columns.saturating_sub(4), height: 1 };
    paint::pieces(buf, foot, 0, &keys, theme);
    let place = format!(" {} of {} ", state.chosen + 1, state.offers.len());
    if width(&place) + 24 < usize::from(foot.width) {
        paint::right(buf, foot, &[Piece::line(&place, Ink::Muted)], theme);
    }
}

/// Each offer as a row, with its place.
fn lines(state: &CompleteState, columns: u16) -> impl Iterator<Item = (usize, Vec<Piece>)> {
    let row = move |(at, offer): (usize, &super::state::Offer)| {
        let mark = if at == state.chosen { "▌ " } else { "  " };
        let mut line = vec![Piece::ours(mark, Ink::Accent)];
        if state.kind == Kind::Emoji {
            let emoji = Clean::line(&offer.put);
            line.push(Piece::of(&emoji, Ink::Text));
            line.push(Piece::spaces(4_usize.saturating_sub(emoji.width())));
        }
        let used: usize = line.iter().map(Piece::width).sum();
        let name = Clean::line(&offer.name).fit(usize::from(columns).saturating_sub(used + 1));
        line.push(Piece::of(&name, Ink::Text));
        (at, line)
    };
    state.offers.iter().enumerate().map(row)
}
