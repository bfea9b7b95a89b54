//! The composer's text in rows: what is drawn, and which bytes of the text each row shows.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::tui::text::{Clean, width, wrap};

/// A row as drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Clean, may be drawn.
    pub text: String,
    /// Which bytes of the composer's text it shows.
    pub range: Range<usize>,
    /// (byte offset in the composer's text, column) of each grapheme, and of the row's end.
    stops: Vec<(usize, usize)>,
}

impl Row {
    /// The column of a byte offset; beyond the row, its end.
    pub fn column_of(&self, at: usize) -> usize {
        let stop = self.stops.iter().find(|(offset, _)| *offset >= at).or(self.stops.last());
        stop.map_or(0, |(_, col)| *col)
    }

    /// The byte offset at a column, or the nearest before it.
    pub(super) fn offset_at(&self, col: usize) -> usize {
        let stop = self.stops.iter().rev().find(|(_, c)| *c <= col).or(self.stops.first());
        stop.map_or(self.range.start, |(offset, _)| *offset)
    }
}

/// One grapheme of the raw text and what stands for it on the screen.
struct Piece {
    raw: usize,
    shown: usize,
}

pub(super) fn rows(text: &str, width: usize) -> Vec<Row> {
    let cols = width.saturating_sub(1).max(1);
    let mut rows = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        line_rows(line, start, cols, &mut rows);
        start += line.len() + 1;
    }
    rows
}

/// What is drawn is cleaned grapheme by grapheme, so that every place in it has its place in the
/// raw text; only if the whole is not clean as it stands, which is rare.
fn line_rows(line: &str, offset: usize, cols: usize, rows: &mut Vec<Row>) {
    let whole = Clean::body(line).as_str() == line;
    let mut shown = String::with_capacity(line.len());
    let mut pieces = Vec::with_capacity(line.len() + 1);
    for (at, g) in line.grapheme_indices(true) {
        pieces.push(Piece { raw: offset + at, shown: shown.len() });
        if whole {
            shown.push_str(g);
        } else {
            shown.push_str(Clean::body(g).as_str());
        }
    }
    pieces.push(Piece { raw: offset + line.len(), shown: shown.len() });
    let breaks = wrap(&shown, cols);
    for (i, row) in breaks.iter().enumerate() {
        // Spaces that hang over the edge belong to the row that they hang from.
        let next = breaks.get(i + 1).map_or(shown.len() + 1, |r| r.start);
        let inside = |p: &&Piece| p.shown >= row.start && p.shown < next;
        let mut stops: Vec<_> = pieces
            .iter()
            .skip(pieces.partition_point(|p| p.shown < row.start))
            .take_while(|p| inside(p))
            .map(|p| (p.raw, width(&shown[row.start..p.shown.min(row.end)])))
            .collect();
        let last = pieces.partition_point(|p| p.shown < next).saturating_sub(1);
        let end = pieces.get(last + 1).or(pieces.last()).map_or(offset, |p| p.raw);
        let start = stops.first().map_or(end, |(raw, _)| *raw);
        if stops.is_empty() {
            stops.push((end, 0));
        }
        rows.push(Row { text: shown[row.clone()].to_owned(), range: start..end, stops });
    }
}
