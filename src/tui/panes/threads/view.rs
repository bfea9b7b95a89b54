//! Draws the thread list: two lines a row, marks and words before colours.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::state::Load;
use super::{empty, signs};
use crate::inbox::{ListOrder, ThreadFilter, ThreadRow};
use crate::model::VerdictKind;
use crate::text::Clean;
use crate::tui::app::{App, Focus};
use crate::tui::ink::{Ink, Piece};
use crate::tui::panes::tabs::{Tab, views};
use crate::tui::theme::{Role, Theme};
use crate::tui::{clock, layout, paint};

/// Lines a row.
const LINES: u16 = 2;
/// Columns of a view's name.
const VIEW: usize = 20;
/// From this width on badges and times stand in columns.
const COLUMNS: u16 = 40;

/// Rows that fit into the pane.
pub fn fits(area: Rect) -> usize {
    usize::from(layout::inside(area).height / LINES)
}

/// The place of the row at a cell of the screen.
pub fn hit(app: &App, area: Rect, x: u16, y: u16) -> Option<usize> {
    let inner = layout::inside(area);
    if !inner.contains(Position::new(x, y)) {
        return None;
    }
    let at = app.threads.top + usize::from((y - inner.y) / LINES);
    (at < app.threads.total).then_some(at)
}

/// Draws the list.
pub fn draw(app: &App, area: Rect, frame: &mut Frame<'_>) {
    let list = &app.threads;
    let theme = &app.theme;
    let focused = app.focus == Focus::Threads && app.layers.is_empty();
    let title = title(app);
    let buf = frame.buffer_mut();
    let inner = paint::boxed(buf, area, &title, focused, theme);
    match list.load {
        Load::Loading => lines(buf, inner, &["opening your inbox…"], Ink::Muted, theme),
        Load::Failed => {
            let text = ["The inbox could not be read.", "Quit, then run: onebox doctor"];
            lines(buf, inner, &text, Ink::Error, theme);
        }
        Load::Ready if list.total == 0 => {
            let why = empty::why_empty(&list.filter, &app.counts);
            lines(buf, inner, why, Ink::Muted, theme);
        }
        Load::Ready => rows(app, inner, area, frame, focused),
    }
}

/// Which view it is; how many are picked out, if any, else in which order they stand.
fn title(app: &App) -> Vec<Piece> {
    let list = &app.threads;
    // The bar marks the view by its colour alone.
    let chosen = |t: &Tab| t.filter == list.filter && t.filter != ThreadFilter::default();
    let view = views(&app.counts, &list.filter).into_iter().find(chosen);
    let mut title = vec![match view {
        Some(tab) => Piece::of(&Clean::line(&tab.label).fit(VIEW), Ink::Strong),
        None => Piece::ours("Inbox", Ink::Strong),
    }];
    if list.load != Load::Ready {
        return title;
    }
    title.push(Piece::ours(" · ", Ink::Muted));
    if list.picked.is_gathering() {
        title.push(Piece::ours("selecting…", Ink::Accent));
        return title;
    }
    title.push(match (list.picked.len(), list.order) {
        (0, ListOrder::Activity) => Piece::ours("newest first", Ink::Muted),
        (0, ListOrder::UnreadFirst) => Piece::ours("unread first", Ink::Muted),
        (n, _) => Piece::line(&format!("{} selected", clock::number(n as u64)), Ink::Accent),
    });
    title
}

fn rows(app: &App, inner: Rect, area: Rect, frame: &mut Frame<'_>, focused: bool) {
    let list = &app.threads;
    let theme = &app.theme;
    let buf = frame.buffer_mut();
    let fits = usize::from(inner.height / LINES);
    for i in 0..fits {
        let at = list.top + i;
        if at >= list.total {
            break;
        }
        let Ok(y) = u16::try_from(i * usize::from(LINES)) else { break };
        let place = Rect { y: inner.y + y, height: LINES, ..inner };
        let selected = at == list.selected;
        match list.row(at) {
            Some(row) => thread(app, row, place, buf, (selected, selected && focused)),
            None => {
                paint::text(buf, paint::row(place, 0), 3, "…", theme.style(Role::Muted));
            }
        }
        if selected {
            let bar = theme.style(if focused { Role::Accent } else { Role::Muted });
            paint::text(buf, paint::row(place, 0), 0, "▌", bar);
            paint::text(buf, paint::row(place, 1), 0, "▌", bar);
        }
    }
    if list.total > fits {
        let all = list.total as f64;
        let (from, to) = (list.top as f64 / all, (list.top + fits) as f64 / all);
        paint::scroll_mark(buf, area, from, to, theme);
    }
    if focused
        && let Some(i) = list.selected.checked_sub(list.top).filter(|i| *i < fits)
        && let Ok(y) = u16::try_from(i * usize::from(LINES))
    {
        frame.set_cursor_position(Position::new(inner.x, inner.y + y));
    }
}

/// The mark before the title and its role: a shape that says what the colour says.
fn mark(row: &ThreadRow) -> (&'static str, Role) {
    if row.request {
        ("+", Role::Accent)
    } else if row.verdict == VerdictKind::ReadOnly {
        ("⊘", Role::ReadOnlyMark)
    } else if row.warned {
        ("!", Role::Warning)
    } else if row.suggested {
        ("?", Role::Accent)
    } else if row.unread.is_some_and(|n| n > 0) {
        ("●", Role::Accent)
    } else {
        ("○", Role::Muted)
    }
}

/// What a row's parts are drawn in: the row that takes keys in one style throughout, a read-only
/// one greyed throughout.
#[derive(Clone, Copy)]
struct Coat<'a> {
    theme: &'a Theme,
    closed: bool,
    lit: bool,
}

impl Coat<'_> {
    fn or(self, style: Style) -> Style {
        let selected = self.theme.style(Role::Selected);
        match (self.lit, self.closed) {
            // On a ground of its own the row keeps its colours; reversed it would be a patchwork.
            (true, false) if selected.bg.is_some() => Style { bg: selected.bg, ..style },
            (true, true) => self.theme.style(Role::SelectedGreyed),
            (true, false) => self.theme.style(Role::Selected),
            (false, true) => self.theme.style(Role::Greyed),
            (false, false) => style,
        }
    }

    fn role(self, role: Role) -> Style {
        self.or(self.theme.style(role))
    }
}

fn thread(
    app: &App,
    row: &ThreadRow,
    place: Rect,
    buf: &mut Buffer,
    (selected, lit): (bool, bool),
) {
    let theme = &app.theme;
    let closed = row.verdict == VerdictKind::ReadOnly && !row.request;
    let coat = Coat { theme, closed, lit };
    if lit {
        paint::wash(buf, place, coat.role(Role::Text));
    }
    let base = |role: Role| coat.role(role);
    let unread = row.unread.unwrap_or(0);
    let (mark, mark_role) = mark(row);

    let first = paint::row(place, 0);
    let time = row.last.map(|t| clock::when(app.zone, t, app.now)).unwrap_or_default();
    let badge_width: u16 = match &row.cross {
        Some(other) => cells(&row.badge.short) + 1 + cells(&other.short),
        None => cells(&row.badge.short),
    };
    let columns = place.width >= COLUMNS;
    let time_width = if columns { 8 } else { cells(&time) };
    let badge_room = if columns { badge_width.max(5) } else { badge_width };
    let signs = signs::signs(row);
    let signs_width = u16::try_from(signs.chars().count()).unwrap_or(0);
    let right = time_width + 2 + badge_room + 1 + if signs_width > 0 { signs_width + 1 } else { 0 };
    let title_room = place.width.saturating_sub(3 + right + 1).max(4);

    let mark_style = if lit { base(mark_role) } else { theme.style(mark_role) };
    paint::text(buf, first, 1, mark, mark_style);
    let title = Clean::line(&row.title);
    let title = if title.is_empty() { Clean::ours("(no title)") } else { title };
    let style = base(if unread > 0 || selected { Role::Title } else { Role::Text });
    let title = title.fit(title_room.into());
    let used = paint::text(buf, first, 3, title.as_str(), style);
    paint::text(buf, first, 3 + used + 1, &signs, base(Role::Accent));

    let end = place.width.saturating_sub(1);
    paint::text(buf, first, end.saturating_sub(cells(&time)), &time, base(Role::Muted));
    let at = end.saturating_sub(time_width + 2 + badge_width);
    badge(row, buf, first, at, coat);

    let second = paint::row(place, 1);
    let count = if unread > 0 { unread.min(9999).to_string() } else { String::new() };
    let room = place.width.saturating_sub(3 + 1 + cells(&count) + 2);
    let preview = preview(app, row, room);
    if app.threads.picked.has(row.id) {
        paint::text(buf, second, 1, "✓", base(Role::Accent));
    }
    let mut at = 3;
    for piece in &preview {
        let left = room.saturating_sub(at - 3);
        let text = Clean::line(piece.text()).fit(left.into());
        let style = coat.or(paint::style(theme, piece.ink()));
        at += paint::text(buf, second, at, text.as_str(), style);
    }
    let at = end.saturating_sub(cells(&count));
    paint::text(buf, second, at, &count, base(if row.muted { Role::Muted } else { Role::Unread }));
}

fn badge(row: &ThreadRow, buf: &mut Buffer, line: Rect, at: u16, coat: Coat<'_>) {
    let style = |source| coat.or(paint::badge(coat.theme, source));
    let short = |text: &str| Clean::line(text).fit(4);
    let own = short(&row.badge.short);
    let mut x = at + paint::text(buf, line, at, own.as_str(), style(&row.badge.source));
    if let Some(other) = &row.cross {
        x += paint::text(buf, line, x, "↔", coat.role(Role::Muted));
        paint::text(buf, line, x, short(&other.short).as_str(), style(&other.source));
    }
}

fn cells(text: &str) -> u16 {
    u16::try_from(crate::text::width(text)).unwrap_or(u16::MAX).min(12)
}

/// The second line: state in a word, then who and what.
fn preview(app: &App, row: &ThreadRow, room: u16) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut word = |text: &'static str, ink| {
        out.push(Piece::ours(text, ink));
        out.push(Piece::ours(" · ", Ink::Faint));
    };
    if row.request {
        let invited = row.verdict == VerdictKind::ReadOnly;
        word(if invited { "invitation" } else { "request" }, Ink::Accent);
    } else if row.verdict == VerdictKind::ReadOnly {
        word("read-only", Ink::Greyed);
    } else if row.warned {
        word("ends soon", Ink::Warn);
    } else if row.verdict == VerdictKind::HandOff && row.snoozed.is_none() {
        word("archive", Ink::Muted);
    }
    signs::words(app, row, usize::from(room), &mut out);
    if let Some(draft) = row.draft.as_deref().filter(|d| !d.trim().is_empty()) {
        out.push(Piece::ours("draft", Ink::Accent));
        out.push(Piece::ours(" · ", Ink::Faint));
        out.push(Piece::line(draft, Ink::Muted));
        return out;
    }
    if row.preview_mine {
        out.push(Piece::ours("You: ", Ink::Muted));
    } else if let Some(sender) = &row.preview_sender
        && row.kind != crate::model::ThreadKind::Direct
    {
        out.push(Piece::of(&called(sender, usize::from(room) / 3), Ink::Muted));
        out.push(Piece::ours(": ", Ink::Muted));
    }
    if row.preview.trim().is_empty() && out.last().is_some_and(|p| p.text() == " · ") {
        // Nothing was said yet, as in an invitation: nothing is to be set apart.
        out.pop();
    }
    out.push(Piece::line(&row.preview, Ink::Muted));
    out
}

/// A sender where there is little room: what was said counts more than the whole name.
fn called(sender: &str, room: usize) -> Clean {
    let name = Clean::line(sender);
    if name.width() <= room {
        return name;
    }
    let first = name.as_str().split(' ').next().unwrap_or_default();
    Clean::line(first).fit(room.max(4))
}

fn lines(buf: &mut Buffer, inner: Rect, text: &[&'static str], ink: Ink, theme: &Theme) {
    let count = u16::try_from(text.len()).unwrap_or(0);
    let from = inner.height.saturating_sub(count) / 3;
    for (y, line) in (from..).zip(text) {
        paint::middle(buf, paint::row(inner, y), &[Piece::ours(line, ink)], theme);
    }
}
