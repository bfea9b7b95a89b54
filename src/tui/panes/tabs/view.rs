//! Draws the top bar and knows which view stands where.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};

use super::state::{Tab, set_break, tabs};
use crate::inbox::ThreadFilter;
use crate::text::Clean;
use crate::tui::app::App;
use crate::tui::ink::{Ink, Piece};
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

/// The bar as it is laid out.
struct Bar {
    placed: Vec<Placed>,
    /// Views that there is no room for stand in a sheet; where it is opened from.
    more: Option<u16>,
    /// There is room to name what the help key does.
    help: bool,
}

/// Cells for the help key, with and without its word.
const HELP: u16 = 8;
const HELP_KEY: u16 = 4;
/// Narrower than this the bar is the views' alone.
const WITH_HELP: u16 = 60;

/// Opens the sheet with the views that there is no room for.
const MORE: &str = " more… ";
const MORE_CELLS: u16 = 7;

/// Something in the bar that can be pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hit {
    /// A view.
    View(ThreadFilter),
    /// The views that there is no room for.
    More,
}

/// Lays the views out: by full name if all fit, else with as few short names as it takes; at last
/// those that there is no room for are folded away, never the chosen one.
fn laid_out(app: &App, bar: Rect) -> Bar {
    let tabs = tabs(&app.counts, &app.threads.filter);
    let start = u16::try_from(NAME.len()).unwrap_or(8) + 1;
    let (wide, end) = match bar.width {
        w if w >= WITH_HELP => (w.saturating_sub(HELP), w.saturating_sub(HELP_KEY)),
        w => (w.saturating_sub(1), w.saturating_sub(1)),
    };
    for short in Short::STEPS {
        let (placed, to) = lay(&tabs, start, short);
        if to <= end {
            return Bar { placed, more: None, help: to <= wide };
        }
    }
    // Fewer views by their names rather than more by what only their friends know.
    let short = if bar.width >= WITH_HELP { Short::Apps } else { Short::All };
    let kept = fold(tabs, &app.threads.filter, end.saturating_sub(start + MORE_CELLS), short);
    let (placed, to) = lay(&kept, start, short);
    Bar { placed, more: Some(to.min(end.saturating_sub(MORE_CELLS))), help: false }
}

/// The views that fit into so many columns, in order, the chosen one among them.
fn fold(tabs: Vec<Tab>, chosen: &ThreadFilter, room: u16, short: Short) -> Vec<Tab> {
    // The first of another kind is set apart by two columns.
    let cells = |t: &Tab| width_of(t, short).2;
    let mut left = room.saturating_sub(2);
    let at = tabs.iter().position(|t| t.filter == *chosen);
    left = left.saturating_sub(at.and_then(|i| tabs.get(i)).map_or(0, cells));
    let mut full = false;
    let keeps = |(i, tab): (usize, Tab)| {
        if Some(i) == at {
            return Some(tab);
        }
        full |= cells(&tab) > left;
        left = left.saturating_sub(cells(&tab));
        (!full).then_some(tab)
    };
    let mut kept: Vec<Tab> = tabs.into_iter().enumerate().filter_map(keeps).collect();
    set_break(&mut kept);
    kept
}

/// Which names are shortened: those that lose least first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Short {
    None,
    Apps,
    Archived,
    CrossApp,
    All,
}

impl Short {
    const STEPS: [Self; 5] = [Self::None, Self::Apps, Self::Archived, Self::CrossApp, Self::All];

    fn shortens(self, tab: &Tab) -> bool {
        let filter = &tab.filter;
        self == Self::All
            || self >= Self::Apps && filter.source.is_some()
            || self >= Self::Archived && filter.archived
            || self >= Self::CrossApp && filter.cross_app
    }
}

fn lay(tabs: &[Tab], start: u16, short: Short) -> (Vec<Placed>, u16) {
    let mut at = start;
    let mut out: Vec<Placed> = Vec::new();
    for tab in tabs {
        let (text, count, width) = width_of(tab, short);
        if tab.breaks {
            at += 2;
        }
        out.push(Placed { tab: tab.clone(), text, count, at, width });
        at += width;
    }
    (out, at)
}

/// A view's name, its count, and the columns that both take.
fn width_of(tab: &Tab, short: Short) -> (Clean, String, u16) {
    let name = if short.shortens(tab) { &tab.short } else { &tab.label };
    let text = Clean::line(name).fit(14);
    let count = clock::number(tab.count);
    let width = u16::try_from(text.width() + count.len() + 3).unwrap_or(20);
    (text, count, width)
}

/// The bar says what the help key is for.
pub fn names_help(app: &App, bar: Rect) -> bool {
    bar.width >= WITH_HELP && laid_out(app, bar).help
}

/// What is at a cell.
pub fn hit(app: &App, bar: Rect, x: u16, y: u16) -> Option<Hit> {
    if !bar.contains(Position::new(x, y)) {
        return None;
    }
    let Bar { placed, more, .. } = laid_out(app, bar);
    let x = x - bar.x;
    if more.is_some_and(|at| (at..at + MORE_CELLS).contains(&x)) {
        return Some(Hit::More);
    }
    let found = placed.into_iter().find(|p| (p.at..p.at + p.width).contains(&x));
    found.map(|p| Hit::View(p.tab.filter))
}

/// Draws the bar.
pub fn draw(app: &App, bar: Rect, frame: &mut Frame<'_>) {
    let theme = &app.theme;
    let buf = frame.buffer_mut();
    paint::text(buf, bar, 0, NAME, theme.style(Role::Title));
    if app.is_first_run() || app.status.is_none() {
        return;
    }
    let Bar { placed, more, help } = laid_out(app, bar);
    if let Some(at) = more {
        paint::text(buf, bar, at, MORE, theme.style(Role::Accent));
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
    if bar.width >= WITH_HELP {
        let key = crate::tui::panes::help::key(app, crate::tui::command::Command::Help);
        let word = if help { " help " } else { " " };
        let help = [Piece::line(&key, Ink::Key), Piece::ours(word, Ink::Muted)];
        paint::right(buf, bar, &help, theme);
    }
}
