//! Puts the verdict ladder on a sheet: each wish, each rung, the deciding one marked.

use crate::inbox::{LadderTable, ReasonRow};
use crate::model::VerdictKind;
use crate::text::Clean;
use crate::tui::ink::{Ink, Piece};
use crate::tui::panes::sheet::Sheet;

/// The ladder. `None`: not come yet. What decided the first wish comes first, then every wish at a
/// glance, then all that was asked.
pub fn sheet(title: &str, tables: Option<&[LadderTable]>, screen: u16) -> Sheet {
    let width = Sheet::columns(84, screen);
    let mut sheet = Sheet::new(format!("Why · {title}"), width);
    let Some(tables) = tables else {
        sheet.text("asking…", Ink::Muted, 0);
        return sheet.key("Esc", "back");
    };
    if let Some(first) = tables.first() {
        decision(&mut sheet, first);
        sheet.gap();
    }
    glance(&mut sheet, tables);
    let mut told: Vec<&LadderTable> = Vec::new();
    for t in tables {
        if !told.iter().any(|other| is_same(other, t)) {
            let same = tables.iter().filter(|other| is_same(other, t));
            let labels: Vec<&str> = same.map(|other| other.label).collect();
            ladder(&mut sheet, t, &labels.join(", "), told.is_empty());
            told.push(t);
        }
    }
    sheet.key("↑↓", "scroll").key("Esc", "back")
}

/// Asked and answered alike: told once.
fn is_same(a: &LadderTable, b: &LadderTable) -> bool {
    a.verdict == b.verdict && a.reason == b.reason && a.rungs == b.rungs
}

fn decision(sheet: &mut Sheet, t: &LadderTable) {
    let (mark, ink) = outcome(t.verdict);
    sheet.line(vec![
        Piece::ours(mark, ink),
        Piece::ours(" ", Ink::Text),
        Piece::line(t.label, Ink::Strong),
        Piece::ours(": ", Ink::Text),
        Piece::ours(t.verdict.word(), ink),
    ]);
    match t.rungs.iter().find(|r| r.decides) {
        Some(rung) => {
            let lead = vec![Piece::ours("→ ", Ink::Accent)];
            sheet.text_led(&rung.question, Ink::Text, lead, 2);
            sheet.text(&rung.answer, Ink::Accent, 2);
        }
        None => sheet.text("Nothing that was asked stands in the way.", Ink::Muted, 2),
    }
    if let Some(reason) = &t.reason {
        reason_lines(sheet, reason, 2);
    }
}

/// A row for each wish, with the reason in short where it is refused.
fn glance(sheet: &mut Sheet, tables: &[LadderTable]) {
    let labels = tables.iter().map(|t| t.label.chars().count()).max().unwrap_or(0) + 2;
    let words = tables.iter().map(|t| t.verdict.word().chars().count()).max().unwrap_or(0) + 2;
    let mut before: Option<&ReasonRow> = None;
    for t in tables {
        let (mark, ink) = outcome(t.verdict);
        let mut line = vec![
            Piece::ours(mark, ink),
            Piece::ours(" ", Ink::Text),
            Piece::of(&Clean::line(t.label).pad(labels), Ink::Text),
            Piece::of(&Clean::line(t.verdict.word()).pad(words), ink),
        ];
        if let Some(reason) = &t.reason {
            let same = before.is_some_and(|b| b.text == reason.text);
            let text = if same { "for the same reason" } else { &*reason.text };
            let used: usize = line.iter().map(Piece::width).sum();
            let room = usize::from(sheet.width).saturating_sub(used);
            if room >= 12 {
                line.push(Piece::of(&Clean::line(text).fit(room), Ink::Muted));
            }
        }
        before = t.reason.as_ref();
        sheet.line(line);
    }
}

fn outcome(verdict: VerdictKind) -> (&'static str, Ink) {
    match verdict {
        VerdictKind::Live => ("●", Ink::Good),
        VerdictKind::HandOff => ("↗", Ink::Accent),
        VerdictKind::ReadOnly => ("⊘", Ink::Greyed),
    }
}

fn ladder(sheet: &mut Sheet, t: &LadderTable, labels: &str, reason_told: bool) {
    sheet.gap();
    let (_, ink) = outcome(t.verdict);
    sheet.text(labels, Ink::Strong, 0);
    sheet.text(t.verdict.word(), ink, 0);
    for rung in &t.rungs {
        let (mark, ink) = if rung.decides { ("→ ", Ink::Accent) } else { ("  ", Ink::Faint) };
        let floor = format!("{:<10}", rung.floor);
        let lead = vec![Piece::ours(mark, ink), Piece::line(&floor, Ink::Faint)];
        let question = if rung.decides { Ink::Text } else { Ink::Muted };
        sheet.text_led(&rung.question, question, lead, 13);
        let ink = if rung.decides { Ink::Accent } else { Ink::Muted };
        sheet.text(&rung.answer, ink, 15);
        if rung.decides {
            sheet.text("This decides.", Ink::Accent, 15);
        }
    }
    if let Some(reason) = t.reason.as_ref().filter(|_| !reason_told) {
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
