//! Which of the views one stands on.

use super::view;
use crate::inbox::ThreadFilter;
use crate::tui::app::App;
use crate::tui::panes::tabs;

/// The sheet of views.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ViewsState {
    /// The view that one stands on.
    pub chosen: ThreadFilter,
}

impl ViewsState {
    /// The sheet, standing on the present view.
    pub fn at(filter: &ThreadFilter) -> Self {
        Self { chosen: filter.clone() }
    }

    /// Goes some views on.
    pub fn step(&mut self, by: isize, app: &App) {
        let all = tabs::views(&app.counts, &app.threads.filter);
        let at = all.iter().position(|t| t.filter == self.chosen).unwrap_or(0);
        let to = at.saturating_add_signed(by).min(all.len().saturating_sub(1));
        if let Some(tab) = all.into_iter().nth(to) {
            self.chosen = tab.filter;
        }
    }

    /// Chooses the view in a line of the sheet. False: there is none.
    pub fn click(&mut self, line: usize, app: &App) -> bool {
        let found = view::lines(app).into_iter().nth(line).flatten();
        let hit = found.is_some();
        if let Some(tab) = found {
            self.chosen = tab.filter;
        }
        hit
    }
}
