//! Puts the verdict ladder on a sheet: each wish, each rung, the deciding one marked.

use crate::inbox::{LadderTable, ReasonRow};
use crate::model::VerdictKind;
use crate::tui::ink::{Ink, Piece};
use crate::tui::panes::sheet::Sheet;

/// The ladder. `None`: not come yet.
pub fn sheet(title: &str, tables: Option<&[LadderTable]>, screen: u16) -> Sheet {
    let width = Sheet::columns(84, screen);
    let mut sheet = Sheet::new(format!("Why · {title}"), width);
    let Some(tables) = tables else {
        sheet.text("asking…", Ink::Muted, 0);
        return sheet.key("Esc", "back");
    };
    let column = tables.iter().map(|t| t.label.chars().count()).max().unwrap_or(0) + 5;
    for t in tables {
        let (mark, ink) = outcome(t.verdict);
        let lead = vec![
            Piece::ours(mark, ink),
            Piece::ours(" ", Ink::Text),
            Piece::line(t.label, Ink::Text),
        ];
        sheet.text_led(t.verdict.word(), ink, lead, column);
    }
    for t in tables {
        table(&mut sheet, t);
    }
    sheet.key("↑↓", "scroll").key("Esc", "back")
}

fn outcome(verdict: VerdictKind) -> (&'static str, Ink) {
    match verdict {
        VerdictKind::Live => ("●", Ink::Good),
        VerdictKind::HandOff => ("↗", Ink::Accent),
        VerdictKind::ReadOnly => ("⊘", Ink::Greyed),
    }
}

fn table(sheet: &mut Sheet, t: &LadderTable) {
    sheet.gap();
    let (_, ink) = outcome(t.verdict);
    sheet.line(vec![
        Piece::line(t.label, Ink::Strong),
        Piece::ours("  ", Ink::Text),
        Piece::ours(t.verdict.word(), ink),
    ]);
    for rung in &t.rungs {
        let (mark, ink) = if rung.decides { ("▶ ", Ink::Accent) } else { ("  ", Ink::Faint) };
        let floor = format!("{:<10}", rung.floor);
        let lead = vec![Piece::ours(mark, ink), Piece::line(&floor, Ink::Faint)];
        let question = if rung.decides { Ink::Text } else { Ink::Muted };
        sheet.text_led(&rung.question, question, lead, 13);
        sheet.text(&rung.answer, if rung.decides { Ink::Accent } else { Ink::Muted }, 15);
    }
    if let Some(reason) = &t.reason {
        reason_lines(sheet, reason, 13);
    }
}

/// A reason in full.
pub fn reason_lines(sheet: &mut Sheet, reason: &ReasonRow, indent: usize) {
    sheet.text(&reason.text, Ink::Text, indent);
    let known = [&reason.since, &format!("{}: {}", reason.sure, reason.evidence)]
        .into_iter()
        .filter(|s| !s.is_empty())
        .cloned()
        .collect::<Vec<_>>()
        .join(" · ");
    sheet.text(&known, Ink::Muted, indent);
    sheet.text(&reason.next, Ink::Good, indent);
}
