//! Puts my accounts on the sheet: which of them are one, as exports and live accounts tell them.

use super::view::ended;
use crate::model::AccountId;
use crate::text::{Clean, width};
use crate::tui::app::App;
use crate::tui::clock;
use crate::tui::ink::{Ink, Piece};
use crate::tui::panes::sheet::Sheet;

/// The sheet, where one stands on an account and has taken one before.
pub fn sheet(at: usize, first: Option<AccountId>, app: &App, cols: u16) -> Sheet {
    let mut sheet = Sheet::new("My accounts", cols);
    sheet.more_keys = true;
    if app.mine.is_empty() {
        sheet.text("No account yet: an import or a live account brings some.", Ink::Text, 0);
        return sheet.key("Esc", "back");
    }
    let taken = first.and_then(|id| app.mine.iter().find(|a| a.id == id));
    match taken {
        Some(a) => {
            let what = format!("Which account is the same as {} {}?", a.badge.name, a.name);
            sheet.text(&what, Ink::Strong, 0);
        }
        // A small screen has room for the accounts alone.
        None if cols < 50 => sheet.text("Which of them are one?", Ink::Muted, 0),
        None => sheet.text(
            "An export and a live account of one app may be one account of yours. Said so, their \
             threads become one where they are the same; nothing is lost, and it can be undone.",
            Ink::Muted,
            0,
        ),
    }
    sheet.gap();
    let at = at.min(app.mine.len() - 1);
    for (n, a) in app.mine.iter().enumerate() {
        let here = n == at;
        if here {
            sheet.show = Some(sheet.lines.len());
            sheet.cursor = Some((sheet.lines.len(), 0));
        }
        let door = if a.live { "live" } else { "export" };
        let (service, end) = match cols < 50 {
            true => (&a.badge.short, door.to_owned()),
            false => {
                let threads = clock::counted(a.threads, "thread", "threads");
                (&a.badge.name, format!("{door} · {threads}"))
            }
        };
        let mark = if first == Some(a.id) { "✓ " } else { "  " };
        let room = usize::from(sheet.width).saturating_sub(4 + width(&end) + 1).max(4);
        let name = Clean::line(&format!("{service} · {}", a.name));
        let line = vec![
            Piece::ours(if here { "▌ " } else { "  " }, Ink::Accent),
            Piece::ours(mark, Ink::Good),
            Piece::of(&name.fit(room), if here { Ink::Strong } else { Ink::Text }),
        ];
        ended(&mut sheet, line, &end, Ink::Muted);
        if a.nobody {
            sheet.text("who you are there is not known", Ink::Warn, 4);
        }
        let same: Vec<&str> =
            app.mine.iter().filter(|o| a.same.contains(&o.id)).map(|o| o.name.as_str()).collect();
        if !same.is_empty() {
            sheet.text(&format!("one with {}", same.join(", ")), Ink::Accent, 4);
        }
    }
    let parts = app.mine.get(at).is_some_and(|a| !a.same.is_empty());
    let sheet = sheet.key("Enter", if taken.is_some() { "the same" } else { "take" });
    let sheet = if parts { sheet.key("p", "part") } else { sheet };
    let said = app.mine.get(at).is_some_and(|a| !a.live) && taken.is_none();
    let sheet = if said { sheet.key("w", "who I am") } else { sheet };
    sheet.key("Esc", "back")
}
