//! What is sent for a cell, so that a terminal with other ideas of widths leaves nothing behind.
//!
//! Terminals disagree on how wide emoji sequences and Indic clusters are. Two rules make that
//! harmless: a cluster that could be narrower than we think is drawn onto cells emptied first, and
//! one that could be wider is drawn as its first character only. Measuring is not concerned.

use std::io::{self, Write};
use std::num::NonZeroU16;

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::{Buffer, Cell, CellDiffOption};
use ratatui::layout::{Position, Size};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

use crate::text::width;

/// Stands in the cells under a cluster's tail. Never sent: it only makes them differ from what
/// comes when the cluster goes, so that they are drawn then. No clean text holds it.
const TAIL: &str = "\u{f8ff}";
/// No cluster is drawn wider than this.
pub const WIDEST: u16 = 32;

/// Which clusters the terminal draws as one, in two cells. The default suits every terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clusters {
    /// Emoji joined into one: families, professions.
    pub joined: bool,
    /// Emoji with a skin tone.
    pub toned: bool,
}

impl Clusters {
    /// What the environment says for sure. Within a multiplexer it says nothing.
    pub fn detect(var: impl Fn(&str) -> Option<String>) -> Self {
        let is = |name: &str, values: &[&str]| var(name).is_some_and(|v| values.contains(&&*v));
        let within = ["TMUX", "STY", "ZELLIJ"].into_iter().any(|name| var(name).is_some());
        let whole = is("TERM", &["xterm-kitty", "xterm-ghostty"])
            || is("TERM_PROGRAM", &["WezTerm", "ghostty"]);
        let knows = whole && !within;
        Self { joined: knows, toned: knows }
    }

    fn keeps(self, cluster: &str) -> bool {
        let joined = cluster.contains('\u{200d}');
        let toned = cluster.contains(|c| ('\u{1f3fb}'..='\u{1f3ff}').contains(&c));
        (joined || toned) && (self.joined || !joined) && (self.toned || !toned)
    }

    /// The part of a cluster that takes no more cells than we think, on every terminal.
    fn safe(self, cluster: &str) -> &str {
        let cells = width(cluster);
        let mut taken = 0;
        if self.keeps(cluster) {
            return cluster;
        }
        let over = cluster.char_indices().find(|(_, c)| {
            taken += c.width().unwrap_or(0);
            taken > cells
        });
        let Some((end, _)) = over else { return cluster };
        let head = cluster[..end].trim_end_matches('\u{200d}');
        // The first of several emoji, not as many of them as would fit.
        match head.find('\u{200d}') {
            Some(end) => &head[..end],
            None => head,
        }
    }
}

/// Makes a drawn buffer ready to be sent.
pub fn settle(buffer: &mut Buffer, clusters: Clusters) {
    let columns = usize::from(buffer.area.width).max(1);
    for row in buffer.content.chunks_mut(columns) {
        let mut x = 0;
        while x < row.len() {
            // Most cells: nothing to measure.
            if !is_doubtful(row[x].symbol()) {
                x += 1;
                continue;
            }
            let cells = cells_of(row[x].symbol());
            let end = x + cells.max(1);
            if cells < 2 {
                x = end;
                continue;
            }
            // Something was drawn over its tail, or the edge is in the way.
            let whole = end <= row.len() && row[x + 1..end].iter().all(|c| c.symbol() == " ");
            if !whole {
                row[x].set_symbol(" ");
                x += 1;
                continue;
            }
            let safe = clusters.safe(row[x].symbol()).to_owned();
            row[x].set_symbol(&safe);
            if let Some(cells) = u16::try_from(cells).ok().and_then(NonZeroU16::new) {
                row[x].set_diff_option(CellDiffOption::ForcedWidth(cells));
            }
            for tail in &mut row[x + 1..end] {
                tail.set_symbol(TAIL);
            }
            x = end;
        }
    }
}

fn cells_of(symbol: &str) -> usize {
    match symbol.as_bytes() {
        [b] if b.is_ascii() => 1,
        _ => symbol.graphemes(true).map(crate::text::grapheme_width).sum(),
    }
}

/// Terminals agree on letters and on East Asian characters alone.
fn is_doubtful(symbol: &str) -> bool {
    let mut chars = symbol.chars();
    let first = chars.next();
    chars.next().is_some() || first.is_some_and(|c| ('\u{1f000}'..'\u{20000}').contains(&c))
}

/// Sends cells: those of a doubtful cluster first as spaces, then the cluster.
#[derive(Debug)]
pub struct Glass<W: Write>(CrosstermBackend<W>);

impl<W: Write> Glass<W> {
    /// Over what takes the bytes.
    pub fn new(out: W) -> Self {
        Self(CrosstermBackend::new(out))
    }
}

impl<W: Write> Write for Glass<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Write::flush(&mut self.0)
    }
}

impl<W: Write> Backend for Glass<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let content: Vec<_> = content.collect();
        let blanks: Vec<Cell> = content.iter().filter_map(|(_, _, c)| blank(c)).collect();
        let mut blank = blanks.iter();
        let sent = content.into_iter().flat_map(|(x, y, cell)| {
            let cells = forced(cell);
            let under = if cells > 0 { blank.next() } else { None };
            let spaces = under.map(|b| (x..x.saturating_add(cells)).map(move |x| (x, y, b)));
            spaces.into_iter().flatten().chain([(x, y, cell)])
        });
        self.0.draw(sent)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.0.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.0.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        self.0.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.0.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.0.clear()
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        self.0.clear_region(region)
    }

    fn size(&self) -> io::Result<Size> {
        self.0.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.0.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.0)
    }
}

/// The cells of a doubtful cluster; none for any other cell.
fn forced(cell: &Cell) -> u16 {
    match cell.diff_option {
        CellDiffOption::ForcedWidth(cells) => cells.get(),
        _ => 0,
    }
}

fn blank(cell: &Cell) -> Option<Cell> {
    (forced(cell) > 0).then(|| {
        let mut blank = cell.clone();
        blank.set_symbol(" ").set_diff_option(CellDiffOption::None);
        blank
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::Terminal;
    use ratatui::layout::Rect;
    use ratatui::style::Style;
    use ratatui::{TerminalOptions, Viewport};

    use super::*;

    const COLS: u16 = 24;

    /// What a terminal that counts every character by itself shows after a few frames.
    fn on_glass(frames: &[Vec<String>]) -> (vt100::Parser, Buffer) {
        let rows = frames.iter().map(Vec::len).max().unwrap_or(0) as u16;
        let area = Rect::new(0, 0, COLS, rows);
        let options = TerminalOptions { viewport: Viewport::Fixed(area) };
        let backend = Glass::new(Vec::new());
        let mut terminal = Terminal::with_options(backend, options).unwrap();
        let mut plain = Buffer::empty(area);
        for frame in frames {
            terminal
                .draw(|f| {
                    for (y, text) in (0..).zip(frame) {
                        let room = usize::from(COLS);
                        f.buffer_mut().set_stringn(0, y, text, room, Style::new());
                    }
                    plain = f.buffer_mut().clone();
                    settle(f.buffer_mut(), Clusters::default());
                })
                .unwrap();
        }
        let mut parser =
            vt100::Parser::new(NonZeroU16::new(rows).unwrap(), NonZeroU16::new(COLS).unwrap(), 0);
        parser.process(terminal.backend().0.writer());
        (parser, plain)
    }

    /// Letters stand where they belong, and where nothing is, nothing is.
    fn assert_clean(frames: &[Vec<String>]) {
        let (parser, plain) = on_glass(frames);
        for y in 0..plain.area.height {
            let mut x = 0;
            while x < COLS {
                let cell = &plain[(x, y)];
                let cells = cells_of(cell.symbol()).max(1) as u16;
                if cells == 1 {
                    let glass = parser.screen().cell(y, x).unwrap().contents().to_owned();
                    let glass = if glass.is_empty() { " " } else { &glass };
                    assert_eq!(glass, cell.symbol(), "at {x},{y} after {frames:?}");
                }
                x += cells;
            }
        }
    }

    fn frames(texts: &[&str]) -> Vec<Vec<String>> {
        texts.iter().map(|t| vec![(*t).to_owned()]).collect()
    }

    #[test]
    fn nothing_stays_behind_an_emoji_that_the_terminal_draws_narrow() {
        assert_clean(&frames(&["Weekend in Lisbon sat", "Weekend in Lisbon ✈\u{fe0f}", "x"]));
        assert_clean(&frames(&["abcdefgh", "1\u{fe0f}\u{20e3} ❤\u{fe0f}!", "abcdefgh"]));
    }

    #[test]
    fn nothing_stays_behind_one_that_it_draws_wide() {
        assert_clean(&frames(&["abcdefgh", "👨‍👩‍👧‍👦bc👍🏽h", "👨‍👩‍👧‍👦xc👍🏽h", "ab"]));
    }

    #[test]
    fn nothing_stays_of_a_cluster_of_several_cells() {
        assert_clean(&frames(&["क्षि कोई मत छूना", "ab", "को", "  a"]));
    }

    #[test]
    fn a_cluster_whose_tail_is_drawn_over_goes() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 6, 1));
        buffer.set_string(0, 0, "aक्षिb", Style::new());
        buffer.set_string(3, 0, "│", Style::new());
        settle(&mut buffer, Clusters::default());
        let row: String = buffer.content.iter().map(|c| c.symbol()).collect();
        assert_eq!(row, "a  │b ");
    }

    #[test]
    fn only_the_first_emoji_unless_the_terminal_is_known() {
        let safe = Clusters::default();
        let whole = Clusters { joined: true, toned: true };
        for (cluster, first) in [
            ("👨‍👩‍👧‍👦", "👨"),
            ("👍🏽", "👍"),
            ("☝🏽", "☝"),
            ("🏳\u{fe0f}\u{200d}🌈", "🏳\u{fe0f}"),
            ("❤\u{fe0f}", "❤\u{fe0f}"),
            ("🇨🇿", "🇨🇿"),
            ("को", "को"),
        ] {
            assert_eq!(safe.safe(cluster), first);
            assert_eq!(whole.safe(cluster), cluster);
        }
        assert_eq!(Clusters { joined: true, toned: false }.safe("👍🏽"), "👍");
    }

    #[test]
    fn a_multiplexer_hides_what_the_terminal_can() {
        let kitty = |name: &str| (name == "TERM").then(|| "xterm-kitty".to_owned());
        assert!(Clusters::detect(kitty).joined);
        let tmux = |name: &str| (name == "TMUX").then(String::new).or_else(|| kitty(name));
        assert_eq!(Clusters::detect(tmux), Clusters::default());
        assert_eq!(Clusters::detect(|_| None), Clusters::default());
    }

    fn text() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "a",
            "b",
            " ",
            "日",
            "✈\u{fe0f}",
            "❤",
            "👍🏽",
            "👨‍👩‍👧",
            "🇨🇿",
            "1\u{fe0f}\u{20e3}",
            "क्षि",
            "को",
            "छू",
            "ｶﾞ",
            "e\u{301}",
            "☝🏽",
            "🏳\u{fe0f}\u{200d}🌈",
            "🥹",
        ]);
        prop::collection::vec(piece, 0..16).prop_map(|p| p.concat())
    }

    proptest! {
        #[test]
        fn whatever_was_there_before(texts in prop::collection::vec(text(), 1..6)) {
            assert_clean(&texts.into_iter().map(|t| vec![t]).collect::<Vec<_>>());
        }
    }
}
