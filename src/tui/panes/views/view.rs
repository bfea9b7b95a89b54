//! Puts the views on a sheet.

use super::state::ViewsState;
use crate::text::Clean;
use crate::tui::app::App;
use crate::tui::clock;
use crate::tui::ink::{Ink, Piece};
use crate::tui::panes::sheet::Sheet;
use crate::tui::panes::tabs::{self, Tab};

/// What stands in each line: a view, or a gap before another kind.
pub fn lines(app: &App) -> Vec<Option<Tab>> {
    let mut out = Vec::new();
    let mut labels = false;
    for tab in tabs::views(&app.counts, &app.threads.filter) {
        let is_label = tab.filter.label.is_some();
        if tab.breaks || is_label && !labels {
            out.push(None);
        }
        labels |= is_label;
        out.push(Some(tab));
    }
    out
}

/// The views.
pub fn sheet(state: &ViewsState, app: &App) -> Sheet {
    let mut sheet = Sheet::new("Views", Sheet::columns(40, app.size.0));
    for tab in lines(app) {
        let Some(tab) = tab else {
            sheet.gap();
            continue;
        };
        let chosen = tab.filter == state.chosen;
        if chosen {
            sheet.cursor = Some((sheet.lines.len(), 0));
            sheet.show = Some(sheet.lines.len());
        }
        let present = tab.filter == app.threads.filter;
        let count = clock::number(tab.count);
        let room = usize::from(sheet.width).saturating_sub(count.len() + 9);
        let name = Clean::line(&tab.label).fit(room.max(4));
        let ink = match (chosen, tab.count) {
            (true, _) => Ink::Strong,
            (false, 0) => Ink::Muted,
            (false, _) => Ink::Text,
        };
        let used = 2 + name.width() + if present { 6 } else { 0 };
        let gap = usize::from(sheet.width).saturating_sub(used + count.len());
        let mut line =
            vec![Piece::ours(if chosen { "▌ " } else { "  " }, Ink::Accent), Piece::of(&name, ink)];
        if present {
            line.push(Piece::ours(" · now", Ink::Muted));
        }
        line.push(Piece::spaces(gap));
        line.push(Piece::line(&count, if tab.count > 0 { Ink::Text } else { Ink::Muted }));
        sheet.line(line);
    }
    sheet.key("↑↓", "choose").key("Enter", "show").key("Esc", "back")
}
