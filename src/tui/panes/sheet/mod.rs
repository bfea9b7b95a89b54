//! A sheet: lines of text in a popup, with a title and the keys that work there.

mod view;

use crate::text::{Clean, wrap};
use crate::tui::ink::{Ink, Piece};

pub use view::{area, draw, first_line, text_area, visible};

/// A row of pieces.
pub type Line = Vec<Piece>;

/// What a popup shows.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// In the top border.
    pub title: String,
    /// The text, wrapped for `width`.
    pub lines: Vec<Line>,
    /// The keys, in the last row.
    pub keys: Vec<(String, &'static str)>,
    /// There may be a second row of them: each does something that nothing else on the sheet tells.
    pub more_keys: bool,
    /// Columns of text wanted.
    pub width: u16,
    /// Where the cursor stands: line and column.
    pub cursor: Option<(usize, u16)>,
    /// A line that must be seen.
    pub show: Option<usize>,
}

impl Sheet {
    /// A sheet of some width.
    pub fn new(title: impl Into<String>, width: u16) -> Self {
        Self { title: title.into(), width, ..Self::default() }
    }

    /// The columns of text that fit on a screen this wide.
    pub fn columns(wanted: u16, screen: u16) -> u16 {
        wanted.min(screen.saturating_sub(8)).max(8)
    }

    /// An empty line.
    pub fn gap(&mut self) {
        self.lines.push(Vec::new());
    }

    /// A line.
    pub fn line(&mut self, line: Line) {
        self.lines.push(line);
    }

    /// A heading.
    pub fn heading(&mut self, text: &str) {
        self.lines.push(vec![Piece::line(text, Ink::Strong)]);
    }

    /// Any text, wrapped, behind so many columns.
    pub fn text(&mut self, text: &str, ink: Ink, indent: usize) {
        self.text_led(text, ink, Vec::new(), indent);
    }

    /// Any text, wrapped; the first row begins with a lead, the others stand behind it.
    pub fn text_led(&mut self, text: &str, ink: Ink, lead: Line, indent: usize) {
        let text = Clean::body(text);
        if text.as_str().trim().is_empty() && lead.is_empty() {
            return;
        }
        let led: usize = lead.iter().map(Piece::width).sum();
        let inset = indent.max(led);
        let cols = usize::from(self.width).saturating_sub(inset).max(4);
        let mut lead = Some(lead);
        for range in wrap(text.as_str(), cols) {
            let mut line = lead.take().unwrap_or_default();
            let have: usize = line.iter().map(Piece::width).sum();
            line.push(Piece::spaces(inset.saturating_sub(have)));
            line.push(Piece::cut(&text, range, ink));
            self.lines.push(line);
        }
    }

    /// A word and what it stands for, in two columns.
    pub fn pair(&mut self, word: &str, text: &str, ink: Ink, column: usize) {
        self.text_led(text, ink, vec![Piece::line(word, Ink::Muted)], column);
    }

    /// Adds a key to the last row.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>, does: &'static str) -> Self {
        self.keys.push((key.into(), does));
        self
    }
}
