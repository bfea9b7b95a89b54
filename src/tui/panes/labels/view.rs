//! Puts the labels on a sheet.

use super::state::{LabelsState, On};
use crate::text::{Clean, width};
use crate::tui::app::App;
use crate::tui::clock;
use crate::tui::ink::{Ink, Piece};
use crate::tui::panes::sheet::Sheet;

/// Lines above the first label.
pub const HEAD: usize = 2;

/// The labels.
pub fn sheet(state: &LabelsState, app: &App) -> Sheet {
    let title = match state.targets.as_slice() {
        [one] => format!("Labels · {}", one.title),
        more => format!("Labels · {} threads", more.len()),
    };
    let mut sheet = Sheet::new(title, Sheet::columns(48, app.size.0));
    let cols = usize::from(sheet.width);
    let (typed, column) = state.typed.view(cols.saturating_sub(3));
    sheet.cursor = Some((0, column.saturating_add(2)));
    sheet.line(vec![Piece::ours("› ", Ink::Accent), Piece::line(&typed, Ink::Text)]);
    sheet.gap();
    let choices = state.choices(&app.counts.labels);
    if choices.is_empty() {
        sheet.text("No labels yet. Type a name to make one.", Ink::Muted, 2);
    }
    for (at, choice) in choices.iter().enumerate() {
        let chosen = at == state.chosen;
        if chosen && at > 0 {
            sheet.show = Some(sheet.lines.len());
        }
        let (mark, word) = match (choice.new, choice.on) {
            (true, _) => ("[+] ", "new label"),
            (false, On::All) => ("[x] ", "on"),
            (false, On::Some) => ("[~] ", "on some"),
            (false, On::None) => ("[ ] ", ""),
        };
        let count = match choice.count {
            0 => String::new(),
            n => clock::number(n),
        };
        let room = cols.saturating_sub(2 + 4 + width(word) + 3 + count.len() + 1);
        let name = Clean::line(&choice.name).fit(room.max(4));
        let name = if name.is_empty() { Clean::ours("(no name)") } else { name };
        let mut line = vec![
            Piece::ours(if chosen { "▌ " } else { "  " }, Ink::Accent),
            Piece::ours(mark, if choice.on == On::None { Ink::Muted } else { Ink::Accent }),
            Piece::of(&name, if chosen { Ink::Strong } else { Ink::Text }),
        ];
        if !word.is_empty() {
            line.push(Piece::ours(" · ", Ink::Faint));
            line.push(Piece::ours(word, Ink::Muted));
        }
        let used: usize = line.iter().map(Piece::width).sum();
        line.push(Piece::spaces(cols.saturating_sub(used + count.len())));
        line.push(Piece::line(&count, Ink::Muted));
        sheet.line(line);
    }
    let room = cols >= 40;
    let sheet = if room { sheet.key("type", "find or name") } else { sheet };
    sheet.key("Enter", "on or off").key("Esc", "done")
}
