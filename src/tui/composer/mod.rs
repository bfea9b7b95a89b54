//! The composer's text and cursor: edits by graphemes, with selection and undo. Draws nothing.

mod history;
mod layout;
mod one_line;

use std::ops::Range;
use std::rc::Rc;

use unicode_segmentation::UnicodeSegmentation;

use history::{Edit, History, Run};

pub use layout::Row;
pub use one_line::OneLine;

/// The most that a draft may hold, in bytes.
pub const LIMIT: usize = 64 * 1024;

/// The text would not fit; nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a message can hold 64 KiB; this would be more")]
pub struct TooLong;

/// Where to move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// One grapheme back.
    Left,
    /// One grapheme on.
    Right,
    /// To the start of this word, or of the one before.
    WordLeft,
    /// To the end of this word, or of the next one.
    WordRight,
    /// To the start of the line.
    LineStart,
    /// To the end of the line.
    LineEnd,
    /// To the start of the text.
    TextStart,
    /// To the end of the text.
    TextEnd,
}

/// A text being written.
#[derive(Clone, Debug, Default)]
pub struct Composer {
    text: String,
    /// Byte offset; always on a grapheme boundary.
    cursor: usize,
    /// The other end of the selection.
    anchor: Option<usize>,
    /// The column that up and down aim for.
    column: Option<usize>,
    history: History,
    laid: layout::Laid,
}

impl Composer {
    /// Empty.
    pub fn new() -> Self {
        Self::default()
    }

    /// The text as it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Nothing typed.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The cursor's byte offset.
    pub fn cursor_offset(&self) -> usize {
        self.cursor
    }

    /// Starts over with a text (a stored draft): cursor at the end, nothing to undo. What is over
    /// the limit is kept all the same: it was written once and must not be lost.
    pub fn set_text(&mut self, text: &str) {
        *self = Self { text: normal(text), ..Self::default() };
        self.cursor = self.text.len();
    }

    /// Empties it; can be undone.
    pub fn clear(&mut self) {
        self.replace(0..self.text.len(), "", Run::Alone);
    }

    /// Types a text, over the selection if there is one.
    pub fn insert_str(&mut self, text: &str) -> Result<(), TooLong> {
        self.put(text, Run::Typing)
    }

    /// Pastes a text: one step for undo. Control characters stay in the text (and show as such).
    pub fn paste(&mut self, text: &str) -> Result<(), TooLong> {
        self.put(text, Run::Alone)
    }

    /// Puts a text in place of all from an offset to the cursor, as a completion does: one step.
    pub fn complete(&mut self, from: usize, text: &str) -> Result<(), TooLong> {
        let from = self.text.floor_char_boundary(from).min(self.cursor);
        if self.text.len() + from + text.len() > LIMIT + self.cursor {
            return Err(TooLong);
        }
        self.replace(from..self.cursor, &normal(text), Run::Alone);
        Ok(())
    }

    /// Puts another text in place of all of it, as one step; `false` if it is the same. What is
    /// over the limit is kept all the same: it was written once and must not be lost.
    pub fn rewrite(&mut self, text: &str) -> bool {
        let text = normal(text);
        let other = text != self.text;
        if other {
            self.replace(0..self.text.len(), &text, Run::Alone);
        }
        other
    }

    /// A new line.
    pub fn newline(&mut self) -> Result<(), TooLong> {
        self.put("\n", Run::Alone)
    }

    fn put(&mut self, text: &str, run: Run) -> Result<(), TooLong> {
        let text = normal(text);
        let range = self.selection().unwrap_or(self.cursor..self.cursor);
        let after = self.text.len() - range.len() + text.len();
        if !text.is_empty() && after > LIMIT && after > self.text.len() {
            return Err(TooLong);
        }
        let run = if range.is_empty() { run } else { Run::Alone };
        self.replace(range, &text, run);
        Ok(())
    }

    /// Deletes the selection, or the grapheme before the cursor.
    pub fn backspace(&mut self) {
        self.delete_to(Motion::Left, Run::Deleting);
    }

    /// Deletes the selection, or the grapheme after the cursor.
    pub fn delete(&mut self) {
        self.delete_to(Motion::Right, Run::Deleting);
    }

    /// Deletes the selection, or from the cursor to there.
    pub fn delete_motion(&mut self, motion: Motion) {
        self.delete_to(motion, Run::Alone);
    }

    /// Deletes the selection, if there is one.
    pub fn delete_selection(&mut self) {
        if let Some(range) = self.selection() {
            self.replace(range, "", Run::Alone);
        }
    }

    fn delete_to(&mut self, motion: Motion, run: Run) {
        let selected = self.selection();
        let run = if selected.is_some() { Run::Alone } else { run };
        let to = self.target(motion);
        let range = selected.unwrap_or(self.cursor.min(to)..self.cursor.max(to));
        self.replace(range, "", run);
    }

    /// Moves; `extend` selects on the way. Without it a selection collapses to its side.
    pub fn go(&mut self, motion: Motion, extend: bool) {
        let to = match (self.selection(), motion) {
            (Some(s), Motion::Left) if !extend => s.start,
            (Some(s), Motion::Right) if !extend => s.end,
            _ => self.target(motion),
        };
        self.place(to, extend);
        self.column = None;
    }

    /// One row up, as drawn at `width`; from the first row to the start.
    pub fn up(&mut self, width: usize, extend: bool) {
        self.vertical(width, extend, false);
    }

    /// One row down, as drawn at `width`; from the last row to the end.
    pub fn down(&mut self, width: usize, extend: bool) {
        self.vertical(width, extend, true);
    }

    fn vertical(&mut self, width: usize, extend: bool, down: bool) {
        let (row, col) = self.cursor(width);
        let col = self.column.unwrap_or(col);
        let rows = self.rows(width);
        let next =
            if down { rows.get(row + 1) } else { row.checked_sub(1).and_then(|r| rows.get(r)) };
        let to = match next {
            Some(next) => next.offset_at(col),
            None if down => self.text.len(),
            None => 0,
        };
        self.place(self.on_boundary(to), extend);
        self.column = Some(col);
    }

    /// Puts the cursor where a click hit: row and column as drawn at `width`.
    pub fn click(&mut self, width: usize, row: usize, col: usize) {
        let rows = self.rows(width);
        let to = rows.get(row).map_or(self.text.len(), |r| r.offset_at(col));
        self.place(self.on_boundary(to), false);
        self.column = None;
    }

    /// Selects everything.
    pub fn select_all(&mut self) {
        self.place(0, false);
        self.place(self.text.len(), true);
    }

    /// The selected bytes; `None` if nothing is selected.
    pub fn selection(&self) -> Option<Range<usize>> {
        let anchor = self.anchor.filter(|a| *a != self.cursor)?;
        Some(anchor.min(self.cursor)..anchor.max(self.cursor))
    }

    /// The selected text.
    pub fn copy(&self) -> Option<&str> {
        self.selection().and_then(|s| self.text.get(s))
    }

    /// Takes the selected text out.
    pub fn cut(&mut self) -> Option<String> {
        let cut = self.copy()?.to_owned();
        self.delete_to(Motion::Left, Run::Alone);
        Some(cut)
    }

    /// Takes the last step back; `false` if there is none.
    pub fn undo(&mut self) -> bool {
        let Some(edit) = self.history.back() else { return false };
        let end = edit.at + edit.put.len();
        self.text.replace_range(edit.at..end, &edit.took);
        self.settle(edit.before);
        true
    }

    /// Does the step again that was taken back; `false` if there is none.
    pub fn redo(&mut self) -> bool {
        let Some(edit) = self.history.forth() else { return false };
        let end = edit.at + edit.took.len();
        self.text.replace_range(edit.at..end, &edit.put);
        self.settle(edit.at + edit.put.len());
        true
    }

    /// The rows as drawn in a pane `width` cells wide; the last column is left to the cursor.
    pub fn rows(&self, width: usize) -> Rc<[Row]> {
        self.laid.rows(&self.text, width)
    }

    /// The cursor's (row, column), in cells.
    pub fn cursor(&self, width: usize) -> (usize, usize) {
        let rows = self.rows(width);
        let at = rows.partition_point(|r| r.range.start <= self.cursor).saturating_sub(1);
        (at, rows.get(at).map_or(0, |r| r.column_of(self.cursor)))
    }

    fn replace(&mut self, range: Range<usize>, put: &str, run: Run) {
        if range.is_empty() && put.is_empty() {
            return;
        }
        let edit = Edit {
            at: range.start,
            took: self.text[range.clone()].to_owned(),
            put: put.to_owned(),
            before: self.cursor,
        };
        let after = range.start + put.len();
        self.text.replace_range(range, put);
        self.history.push(edit, run);
        self.settle(after);
    }

    fn settle(&mut self, cursor: usize) {
        self.laid = layout::Laid::default();
        self.cursor = self.on_boundary(cursor);
        self.anchor = None;
        self.column = None;
    }

    fn place(&mut self, to: usize, extend: bool) {
        self.anchor = if extend { self.anchor.or(Some(self.cursor)) } else { None };
        self.cursor = to;
        self.history.seal();
    }

    /// The grapheme boundary at or after an offset: a mark typed after a letter joins it.
    fn on_boundary(&self, at: usize) -> usize {
        // A line break always is a boundary, so only the line needs a look.
        let at = self.text.floor_char_boundary(at);
        let from = self.text[..at].rfind('\n').unwrap_or(0);
        let mut starts = self.text[from..].grapheme_indices(true).map(|(i, _)| from + i);
        starts.find(|i| *i >= at).unwrap_or(self.text.len())
    }

    fn target(&self, motion: Motion) -> usize {
        let (before, after) = self.text.split_at(self.cursor);
        match motion {
            Motion::Left => before.grapheme_indices(true).next_back().map_or(0, |(i, _)| i),
            Motion::Right => self.cursor + after.graphemes(true).next().map_or(0, str::len),
            Motion::WordLeft => {
                let mut words = before.split_word_bound_indices().rev();
                words.find(|(_, w)| !w.trim().is_empty()).map_or(0, |(i, _)| self.on_boundary(i))
            }
            Motion::WordRight => {
                let mut words = after.split_word_bound_indices();
                let word = words.find(|(_, w)| !w.trim().is_empty());
                let end = word.map_or(after.len(), |(i, w)| i + w.len());
                self.on_boundary(self.cursor + end)
            }
            Motion::LineStart => before.rfind('\n').map_or(0, |i| i + 1),
            Motion::LineEnd => self.cursor + after.find('\n').unwrap_or(after.len()),
            Motion::TextStart => 0,
            Motion::TextEnd => self.text.len(),
        }
    }
}

/// One kind of line break; NUL is never wanted.
fn normal(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "")
}

#[cfg(test)]
mod tests;
