//! The composer's text in rows: what is drawn, and which bytes of the text each row shows.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use unicode_segmentation::UnicodeSegmentation;

use crate::text::{Clean, grapheme_width, wrap};

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

fn rows(text: &str, width: usize) -> Vec<Row> {
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
    let mut next_piece = 0;
    for (i, row) in breaks.iter().enumerate() {
        // Spaces that hang over the edge belong to the row that they hang from.
        let next = breaks.get(i + 1).map_or(shown.len() + 1, |r| r.start);
        while pieces.get(next_piece).is_some_and(|p| p.shown < row.start) {
            next_piece += 1;
        }
        let first = next_piece;
        while pieces.get(next_piece).is_some_and(|p| p.shown < next) {
            next_piece += 1;
        }
        let mut stops = stops(&shown, row.clone(), &pieces[first..next_piece]);
        let end = pieces.get(next_piece).or(pieces.last()).map_or(offset, |p| p.raw);
        let start = stops.first().map_or(end, |(raw, _)| *raw);
        if stops.is_empty() {
            stops.push((end, 0));
        }
        rows.push(Row { text: shown[row.clone()].to_owned(), range: start..end, stops });
    }
}

/// The column of each piece of a row, in one walk: prefixes measured one by one would take a
/// second for a long text without width.
fn stops(shown: &str, row: Range<usize>, pieces: &[Piece]) -> Vec<(usize, usize)> {
    let mut graphemes = shown[row.clone()].grapheme_indices(true).peekable();
    let mut column = 0;
    let mut stops = Vec::with_capacity(pieces.len());
    for piece in pieces {
        while let Some((_, g)) =
            graphemes.next_if(|(at, g)| row.start + at + g.len() <= piece.shown)
        {
            column += grapheme_width(g);
        }
        stops.push((piece.raw, column));
    }
    stops
}

/// The rows as they were laid out last. Drawing asks for them several times a frame.
#[derive(Clone, Debug, Default)]
pub(super) struct Laid(RefCell<Option<(usize, Rc<[Row]>)>>);

impl Laid {
    pub(super) fn rows(&self, text: &str, width: usize) -> Rc<[Row]> {
        let mut laid = self.0.borrow_mut();
        match &*laid {
            Some((at, rows)) if *at == width => Rc::clone(rows),
            _ => Rc::clone(&laid.insert((width, rows(text, width).into())).1),
        }
    }
}
