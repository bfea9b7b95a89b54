//! What stands on the glass in more than one character a cell: terminals disagree on how many
//! cells such clusters take, and the drawing library alone leaves pieces of them behind.

use std::collections::HashMap;
use std::num::NonZeroU16;

use ratatui::buffer::{Buffer, CellDiffOption, CellWidth};

/// The wide clusters of the last frame: column, row, what stands there.
#[derive(Debug, Default)]
pub struct Drawn(HashMap<(u16, u16), String>);

impl Drawn {
    /// Nothing stands there any more: the screen was emptied.
    pub fn forget(&mut self) {
        self.0.clear();
    }

    /// Prepares a frame that follows the last one. `true`: this frame only empties the cells of
    /// new emoji and the real one must follow. A terminal that draws such an emoji in one cell
    /// would go on showing what stood in the second.
    pub fn prepare(&mut self, buffer: &mut Buffer) -> bool {
        let now = clusters(buffer);
        for (at, old) in &self.0 {
            if now.get(at) != Some(old) {
                // The second half of what stood there is the library's blank, but not on the glass.
                redraw(buffer, (at.0.saturating_add(1), at.1));
            }
        }
        let mut fresh = false;
        for (at, new) in &now {
            if new.contains('\u{fe0f}') && self.0.get(at) != Some(new) {
                fresh = true;
                if let Some(cell) = buffer.cell_mut(*at) {
                    cell.set_symbol(" ");
                }
                redraw(buffer, (at.0.saturating_add(1), at.1));
            }
        }
        fix_widths(buffer);
        self.0 = now;
        fresh
    }
}

fn clusters(buffer: &Buffer) -> HashMap<(u16, u16), String> {
    let cells = buffer.content.iter().enumerate();
    let wide = cells.filter(|(_, c)| c.symbol().chars().nth(1).is_some() && c.cell_width() > 1);
    wide.map(|(i, c)| (buffer.pos_of(i), c.symbol().to_owned())).collect()
}

fn redraw(buffer: &mut Buffer, at: (u16, u16)) {
    if let Some(cell) = buffer.cell_mut(at) {
        cell.set_diff_option(CellDiffOption::AlwaysUpdate);
    }
}

/// ratatui 0.30.2 shifts the rest of a row when text is replaced by an emoji with VS16 on
/// terminals that draw it two cells wide.
fn fix_widths(buffer: &mut Buffer) {
    let two = NonZeroU16::MIN.saturating_add(1);
    for cell in &mut buffer.content {
        if cell.symbol().contains('\u{fe0f}') {
            cell.set_diff_option(CellDiffOption::ForcedWidth(two));
        }
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    fn frame(text: &str) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 8, 1));
        buffer.set_string(0, 0, text, Style::new());
        buffer
    }

    /// The cells that are written when one frame follows another.
    fn written(drawn: &mut Drawn, before: &Buffer, mut next: Buffer) -> (String, Buffer, bool) {
        let again = drawn.prepare(&mut next);
        let cells = before.diff(&next).into_iter().map(|(x, _, c)| format!("{x}{}", c.symbol()));
        (cells.collect::<Vec<_>>().join(","), next, again)
    }

    #[test]
    fn both_halves_of_a_replaced_cluster_are_written() {
        let mut drawn = Drawn::default();
        let (_, devanagari, again) = written(&mut drawn, &frame(""), frame("को|"));
        assert!(!again);
        let (cells, plain, _) = written(&mut drawn, &devanagari, frame("a |"));
        assert_eq!(cells, "0a,1 ");
        // The library takes the wish itself for a difference: once more, then never.
        let (cells, plain, _) = written(&mut drawn, &plain, frame("a |"));
        assert_eq!(cells, "1 ");
        assert_eq!(written(&mut drawn, &plain, frame("a |")).0, "");
    }

    #[test]
    fn the_place_of_a_new_emoji_is_emptied_first() {
        let mut drawn = Drawn::default();
        let (_, before, _) = written(&mut drawn, &frame(""), frame("AB|"));
        let (cells, emptied, again) = written(&mut drawn, &before, frame("✈\u{fe0f}|"));
        assert_eq!((cells.as_str(), again), ("0 ,1 ", true));
        let (cells, there, again) = written(&mut drawn, &emptied, frame("✈\u{fe0f}|"));
        assert_eq!((cells.as_str(), again), ("0✈\u{fe0f}", false));
        // What stands there already is left alone.
        let (cells, _, again) = written(&mut drawn, &there, frame("✈\u{fe0f}|"));
        assert_eq!((cells.as_str(), again), ("", false));
    }
}
