//! Draws everything: panes, then what was told, then what lies above. Only reads.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};

use super::app::App;
use super::ink::{Ink, Piece};
use super::layout::LEAST;
use super::paint;
use super::panes::{
    complete, composer, first_run, notices, sheet, status, tabs, threads, transcript,
};

/// Draws a frame.
pub fn draw(app: &App, frame: &mut Frame<'_>) {
    let all = frame.area();
    // The frame's own size counts: the state may be a resize behind.
    let areas = app.areas();
    if areas.too_small || areas.all != all {
        return too_small(app, all, frame);
    }
    tabs::draw(app, areas.tabs, frame);
    if app.is_first_run() {
        first_run::draw(app, areas.middle(), frame);
    } else {
        if let Some(area) = areas.threads {
            threads::draw(app, area, frame);
        }
        if let Some(area) = areas.transcript {
            transcript::draw(app, area, frame);
        }
        if let Some(area) = areas.composer {
            composer::draw(app, area, frame);
            complete::draw(app, area, areas.middle(), frame);
        }
    }
    status::draw(app, areas.status, frame);
    if let Some(layer) = app.layers.last() {
        // What lies below steps back.
        paint::wash(frame.buffer_mut(), all, Style::new().add_modifier(Modifier::DIM));
        sheet::draw(&layer.sheet(app), layer.scroll(), frame, &app.theme);
    }
    if let Some(notice) = &app.toast {
        // At the place where the person is: over the transcript's end, the popup's foot.
        let place = if app.layers.is_empty() {
            areas.transcript.filter(|_| !app.is_first_run()).unwrap_or(areas.middle())
        } else {
            areas.middle()
        };
        notices::draw_toast(app, notice, (place, areas.middle()), frame);
    }
}

fn too_small(app: &App, all: Rect, frame: &mut Frame<'_>) {
    let (width, height) = LEAST;
    let lines = [
        if all.width < 22 { "needs more room" } else { "onebox needs more room" }.to_owned(),
        format!("{width}×{height}, this is {}×{}", all.width, all.height),
    ];
    let buf = frame.buffer_mut();
    let from = all.height.saturating_sub(2) / 2;
    for (y, line) in (from..all.height).zip(&lines) {
        paint::middle(buf, paint::row(all, y), &[Piece::line(line, Ink::Text)], &app.theme);
    }
    if !all.is_empty() {
        frame.set_cursor_position(Position::new(0, 0));
    }
}
