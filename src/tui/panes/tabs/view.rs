//! Draws the top bar and knows which view stands where.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};

use super::state::{Tab, tabs};
use crate::inbox::ThreadFilter;
use crate::tui::app::App;
use crate::tui::ink::{Ink, Piece};
use crate::tui::text::Clean;
use crate::tui::theme::Role;
use crate::tui::{clock, paint};

const NAME: &str = " onebox ";

struct Placed {
    tab: Tab,
    text: Clean,
    count: String,
    at: u16,
    width: u16,
}

/// Lays the views out: by full name if all fit, else by short name, scrolled so that the chosen
/// one is seen.
fn placed(app: &App, bar: Rect) -> (Vec<Placed>, bool) {
    let tabs = tabs(&app.counts, &app.threads.filter);
    let start = u16::try_from(NAME.len()).unwrap_or(8) + 1;
    let end = bar.width.saturating_sub(if bar.width >= 60 { 8 } else { 1 });
    let lay = |long: bool| {
        let mut at = start;
        let mut out: Vec<Placed> = Vec::new();
        for tab in &tabs {
            let text = Clean::line(if long { &tab.label } else { &tab.short }).fit(14);
            let count = clock::number(tab.count);
            let cells = text.width() + count.len() + 3;
            let width = u16::try_from(cells).unwrap_or(20);
            if tab.breaks {
                at += 2;
            }
            out.push(Placed { tab: tab.clone(), text, count, at, width });
            at += width;
        }
        (out, at)
    };
    let (full, full_end) = lay(true);
    if full_end <= end {
        return (full, false);
    }
    let (mut short, short_end) = lay(false);
    if short_end <= end {
        return (short, false);
    }
    let chosen = short.iter().find(|p| p.tab.filter == app.threads.filter);
    let over = chosen.map_or(0, |p| (p.at + p.width).saturating_sub(end));
    short.retain_mut(|p| {
        let stays = p.at >= start + over;
        p.at = p.at.saturating_sub(over);
        stays && p.at + p.width <= end
    });
    (short, over > 0)
}

/// The view at a cell.
pub fn hit(app: &App, bar: Rect, x: u16, y: u16) -> Option<ThreadFilter> {
    if !bar.contains(Position::new(x, y)) {
        return None;
    }
    let (placed, _) = placed(app, bar);
    let found = placed.into_iter().find(|p| (p.at..p.at + p.width).contains(&(x - bar.x)));
    found.map(|p| p.tab.filter)
}

/// Draws the bar.
pub fn draw(app: &App, bar: Rect, frame: &mut Frame<'_>) {
    let theme = &app.theme;
    let buf = frame.buffer_mut();
    paint::text(buf, bar, 0, NAME, theme.style(Role::Title));
    if app.is_first_run() || app.status.is_none() {
        return;
    }
    let (placed, cut) = placed(app, bar);
    if cut && let Some(first) = placed.first() {
        paint::text(buf, bar, first.at.saturating_sub(1), "‹", theme.style(Role::Border));
    }
    let shown = placed.len();
    if shown < tabs(&app.counts, &app.threads.filter).len()
        && let Some(last) = placed.last()
    {
        paint::text(buf, bar, last.at + last.width, "›", theme.style(Role::Muted));
    }
    for p in &placed {
        let chosen = p.tab.filter == app.threads.filter;
        if p.tab.breaks && p.at >= 2 {
            paint::text(buf, bar, p.at - 1, "│", theme.style(Role::Border));
        }
        let place = Rect { x: bar.x + p.at, width: p.width.min(bar.width - p.at), ..bar };
        let style = match (&p.tab.source, chosen) {
            (_, true) => theme.style(Role::Selected),
            (Some(source), false) => paint::badge(theme, source),
            (None, false) => theme.style(Role::Text),
        };
        if chosen {
            paint::wash(buf, place, style);
        }
        let used = paint::text(buf, place, 1, p.text.as_str(), style);
        let count = if chosen { style } else { theme.style(Role::Muted) };
        paint::text(buf, place, used + 2, &p.count, count);
    }
    if bar.width >= 60 {
        let key = crate::tui::panes::help::key(app, crate::tui::command::Command::Help);
        let help = [Piece::line(&key, Ink::Key), Piece::ours(" help ", Ink::Muted)];
        paint::right(buf, bar, &help, theme);
    }
}
