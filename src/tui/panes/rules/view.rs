//! Puts the interop rules on a sheet.

use crate::inbox::RuleRow;
use crate::tui::clock;
use crate::tui::ink::{Ink, Piece};
use crate::tui::panes::sheet::Sheet;

/// The rules. `None`: not come yet.
pub fn sheet(rows: Option<&[RuleRow]>, screen: u16) -> Sheet {
    let mut sheet = Sheet::new("Interop rules", Sheet::columns(84, screen));
    match rows {
        None => sheet.text("asking…", Ink::Muted, 0),
        Some([]) => sheet.text("There are no rules.", Ink::Muted, 0),
        Some(rows) => {
            let touching = rows.iter().filter(|r| r.touches > 0).count();
            let sum = format!("touching threads of yours: {touching} of {}", rows.len());
            sheet.text(&sum, Ink::Muted, 0);
            // What concerns the person comes first.
            let (mine, rest): (Vec<_>, Vec<_>) = rows.iter().partition(|r| r.touches > 0);
            mine.into_iter().chain(rest).for_each(|r| rule(&mut sheet, r));
        }
    }
    sheet.key("↑↓", "scroll").key("Esc", "back")
}

fn rule(sheet: &mut Sheet, r: &RuleRow) {
    sheet.gap();
    let (mark, ink) = if r.in_force { ("■ ", Ink::Accent) } else { ("□ ", Ink::Faint) };
    let lead = vec![Piece::ours(mark, ink)];
    sheet.text_led(&format!("{} · {} {}", r.apps, r.kind, r.when), Ink::Strong, lead, 2);
    let force = if r.in_force { "in force" } else { "not in force" };
    let touches = match r.touches {
        0 => String::new(),
        1 => " · touches 1 thread".to_owned(),
        n => format!(" · touches {} threads", clock::number(n)),
    };
    let ink = if r.touches > 0 { Ink::Warn } else { Ink::Muted };
    sheet.text(&format!("{} · {force}{touches}", r.id), ink, 2);
    sheet.text(&r.text, Ink::Text, 2);
    sheet.text(&format!("how sure: {}", r.sure), Ink::Muted, 2);
    for source in &r.sources {
        sheet.text(source, Ink::Faint, 2);
    }
}
