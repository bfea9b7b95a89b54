//! Draws the top bar and knows which view stands where.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};

use super::state::{Tab, tabs};
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
    /// Views are out of sight to the left.
    cut: bool,
    /// There is room to name what the help key does.
    help: bool,
}

/// Cells for the help key, with and without its word.
const HELP: u16 = 8;
const HELP_KEY: u16 = 4;
/// Narrower than this the bar is the views' alone.
const WITH_HELP: u16 = 60;

/// Lays the views out: by full name if all fit, else with as few short names as it takes, at last
/// scrolled so that the chosen one is seen.
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
            return Bar { placed, cut: false, help: to <= wide };
        }
    }
    let (mut placed, _) = lay(&tabs, start, Short::All);
    let chosen = placed.iter().find(|p| p.tab.filter == app.threads.filter);
    let over = chosen.map_or(0, |p| (p.at + p.width).saturating_sub(end));
    placed.retain_mut(|p| {
        let stays = p.at >= start + over;
        p.at = p.at.saturating_sub(over);
        stays && p.at + p.width <= end
    });
    Bar { placed, cut: over > 0, help: false }
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
        let name = if short.shortens(tab) { &tab.short } else { &tab.label };
        let text = Clean::line(name).fit(14);
        let count = clock::number(tab.count);
        let width = u16::try_from(text.width() + count.len() + 3).unwrap_or(20);
        if tab.breaks {
            at += 2;
        }
        out.push(Placed { tab: tab.clone(), text, count, at, width });
        at += width;
    }
    (out, at)
}

/// The bar says what the help key is for.
pub fn names_help(app: &App, bar: Rect) -> bool {
    bar.width >= WITH_HELP && laid_out(app, bar).help
}

/// The view at a cell.
pub fn hit(app: &App, bar: Rect, x: u16, y: u16) -> Option<ThreadFilter> {
    if !bar.contains(Position::new(x, y)) {
        return None;
    }
    let placed = laid_out(app, bar).placed;
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
    let Bar { placed, cut, help } = laid_out(app, bar);
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
    if bar.width >= WITH_HELP {
        let key = crate::tui::panes::help::key(app, crate::tui::command::Command::Help);
        let word = if help { " help " } else { " " };
        let help = [Piece::line(&key, Ink::Key), Piece::ours(word, Ink::Muted)];
        paint::right(buf, bar, &help, theme);
    }
}
