//! Puts the files that go along, and the path that is typed, on a sheet.

use super::state::{AttachState, Item};
use crate::inbox::FileRow;
use crate::model::Bytes;
use crate::text::Clean;
use crate::tui::app::App;
use crate::tui::attach;
use crate::tui::command::{Command, Context};
use crate::tui::ink::{Ink, Piece};
use crate::tui::panes::sheet::{Line, Sheet};
use crate::tui::panes::transcript::attachment_words;

/// Completions shown at once.
const SHOWN: usize = 7;
/// Files shown at once.
const FILES: usize = 4;

/// A file in one line: what it is, its name, its size.
pub fn file_line(file: &FileRow, width: usize) -> Line {
    let (mark, word) = attachment_words(file.kind);
    let size = Bytes(file.size).to_string();
    let room = width.saturating_sub(crate::text::width(word) + crate::text::width(&size) + 6);
    vec![
        Piece::ours(mark, Ink::Accent),
        Piece::ours(" ", Ink::Text),
        Piece::ours(word, Ink::Muted),
        Piece::ours("  ", Ink::Text),
        Piece::of(&Clean::line(&file.name).fit_middle(room.max(4)), Ink::Text),
        Piece::ours("  ", Ink::Text),
        Piece::line(&size, Ink::Muted),
    ]
}

/// The sheet.
pub fn sheet(state: &AttachState, app: &App) -> Sheet {
    lay(state, app).0
}

/// What stands in a line of the sheet.
pub fn hit(state: &AttachState, app: &App, line: usize) -> Option<Item> {
    let found = lay(state, app).1;
    found.into_iter().find(|(at, _)| *at == line).map(|(_, item)| item)
}

fn lay(state: &AttachState, app: &App) -> (Sheet, Vec<(usize, Item)>) {
    let mut sheet = Sheet::new("Attach files", Sheet::columns(64, app.size.0));
    let mut items = Vec::new();
    let room = usize::from(sheet.width).saturating_sub(3);
    let (shown, column) = state.typed.view(room);
    sheet.cursor = Some((0, column.saturating_add(2)));
    sheet.line(vec![Piece::ours("› ", Ink::Accent), Piece::line(&shown, Ink::Text)]);
    if let Some((why, next)) = &state.problem {
        sheet.text(why, Ink::Warn, 2);
        sheet.text(next, Ink::Muted, 2);
    } else if state.typed.text().is_empty() {
        sheet.text("A path: type it, or drop the file here.", Ink::Muted, 2);
    }
    let files = attach::current(app);
    if !files.is_empty() {
        sheet.gap();
        let standing = match state.chosen {
            Some(Item::File(n)) => n,
            Some(Item::Path(_)) | None => files.len() - 1,
        };
        let from = (standing + 1).saturating_sub(FILES);
        for (n, file) in files.iter().enumerate().skip(from).take(FILES) {
            let item = Item::File(n);
            items.push((sheet.lines.len(), item));
            let mut line = vec![mark(state, item)];
            line.extend(file_line(file, room));
            sheet.line(line);
        }
        if files.len() > FILES {
            sheet.text(&format!("{} files go along", files.len()), Ink::Faint, 2);
        }
    }
    sheet.gap();
    let at = match state.chosen {
        Some(Item::Path(n)) => n,
        Some(Item::File(_)) | None => 0,
    };
    let from = (at + 1).saturating_sub(SHOWN);
    for (n, path) in state.paths.iter().enumerate().skip(from).take(SHOWN) {
        let item = Item::Path(n);
        items.push((sheet.lines.len(), item));
        let ink = if state.chosen == Some(item) { Ink::Accent } else { Ink::Muted };
        sheet.line(vec![mark(state, item), Piece::of(&Clean::line(path).fit_middle(room), ink)]);
    }
    let left = state.paths.len().saturating_sub(from + SHOWN);
    if left > 0 {
        sheet.text(&format!("… {left} more"), Ink::Faint, 2);
    }
    if let Some(item) = state.chosen {
        sheet.show = items.iter().find(|(_, i)| *i == item).map(|(line, _)| *line);
    }
    let sheet = match (state.typed.text(), files.is_empty()) {
        ("", false) => sheet.key("Enter", "done"),
        _ => sheet.key("Enter", "attach").key("Tab", "complete"),
    };
    let remove = app.keymap.keys_for(Command::DropFile, Context::Import).into_iter().next();
    let sheet = match remove.filter(|_| !files.is_empty()) {
        Some(key) => sheet.key(key, "remove"),
        None => sheet,
    };
    (sheet.key("Esc", "back"), items)
}

fn mark(state: &AttachState, item: Item) -> Piece {
    Piece::ours(if state.chosen == Some(item) { "▌ " } else { "  " }, Ink::Accent)
}
