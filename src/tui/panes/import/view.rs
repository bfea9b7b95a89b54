//! Puts importing on a sheet: the path, the progress, the report.

use std::time::Duration;

use super::state::{ImportState, Step, pace};
use crate::inbox::{ImportProgress, ImportSummary};
use crate::model::Locked;
use crate::text::Clean;
use crate::tui::clock::{self, Zone};
use crate::tui::ink::{Ink, Piece};
use crate::tui::panes::secret::Secret;
use crate::tui::panes::sheet::Sheet;

/// Completions shown at once.
const SHOWN: usize = 8;

/// The popup.
pub fn sheet(state: &ImportState, zone: Zone, screen: u16) -> Sheet {
    let sheet = Sheet::new("Import", Sheet::columns(72, screen));
    match &state.step {
        Step::Path => path(state, sheet),
        Step::Looking => looking(sheet),
        Step::Choose(choice) => choice.put(zone, sheet),
        Step::Running { progress, asking, stopping } => {
            running(progress.as_ref(), *asking, *stopping, sheet)
        }
        Step::Key { locked, secret, .. } => key(locked, secret, sheet),
        Step::Report { summaries, open, .. } => report(summaries, !open.is_empty(), sheet),
    }
}

fn path(state: &ImportState, mut sheet: Sheet) -> Sheet {
    sheet.text(
        "Where is the export? A zip, a folder or a file; type, paste, or drop it here.",
        Ink::Text,
        0,
    );
    sheet.gap();
    let room = usize::from(sheet.width).saturating_sub(3);
    let (shown, column) = state.typed.view(room);
    sheet.cursor = Some((sheet.lines.len(), column.saturating_add(2)));
    sheet.line(vec![Piece::ours("› ", Ink::Accent), Piece::line(&shown, Ink::Text)]);
    if !state.complaint.is_empty() {
        sheet.text(state.complaint, Ink::Warn, 2);
    }
    sheet.gap();
    let from = state.chosen.map_or(0, |c| (c + 1).saturating_sub(SHOWN));
    for i in from..from + SHOWN {
        match state.paths.get(i) {
            Some(path) => {
                let chosen = state.chosen == Some(i);
                let mark = if chosen { "▌ " } else { "  " };
                let ink = if chosen { Ink::Accent } else { Ink::Muted };
                let name = Clean::line(path).fit_middle(room);
                sheet.line(vec![Piece::ours(mark, Ink::Accent), Piece::of(&name, ink)]);
            }
            None => sheet.gap(),
        }
    }
    let left = state.paths.len().saturating_sub(from + SHOWN);
    if left > 0 {
        sheet.text(&format!("… {left} more"), Ink::Faint, 2);
    } else {
        sheet.gap();
    }
    sheet.key("Tab", "complete").key("↑↓", "choose").key("Enter", "import").key("Esc", "back")
}

fn looking(mut sheet: Sheet) -> Sheet {
    sheet.text("looking for exports there…", Ink::Muted, 0);
    sheet.key("Esc", "back")
}

fn key(locked: &Locked, secret: &Secret, mut sheet: Sheet) -> Sheet {
    sheet.title = "Import · locked".into();
    sheet.text(&format!("{} is locked.", locked.file), Ink::Strong, 0);
    sheet.text(&format!("It wants {}.", locked.wants), Ink::Text, 0);
    if let Some(why) = &locked.refused {
        sheet.text_led(why, Ink::Warn, vec![Piece::ours("! ", Ink::Warn)], 2);
    }
    sheet.gap();
    let shown = secret.shown(usize::from(sheet.width).saturating_sub(4));
    let column = u16::try_from(crate::text::width(&shown)).unwrap_or(0);
    sheet.cursor = Some((sheet.lines.len(), column.saturating_add(2)));
    sheet.show = Some(sheet.lines.len());
    sheet.line(vec![Piece::ours("› ", Ink::Accent), Piece::line(&shown, Ink::Text)]);
    sheet.gap();
    sheet.text(
        "Type or paste the key, or the path of the file that holds it. Not shown, and not kept.",
        Ink::Muted,
        0,
    );
    sheet.key("Enter", "import").key("Esc", "leave it out")
}

fn running(
    progress: Option<&ImportProgress>,
    asking: bool,
    stopping: bool,
    mut sheet: Sheet,
) -> Sheet {
    let width = usize::from(sheet.width);
    match progress {
        None => {
            sheet.text("looking at what is there…", Ink::Muted, 0);
            sheet.gap();
            sheet.line(bar(0.0, width));
            sheet.gap();
            sheet.gap();
        }
        Some(p) => {
            let pace = pace(p);
            sheet.text_led(
                Clean::line(&p.what).fit_middle(width).as_str(),
                Ink::Text,
                Vec::new(),
                0,
            );
            sheet.gap();
            sheet.line(bar(pace.done.unwrap_or(0.0), width));
            let mut facts = Vec::new();
            if let Some(done) = pace.done {
                facts.push(format!("{:.0} %", done * 100.0));
            }
            facts.push(clock::counted(p.messages, "message", "messages"));
            if pace.rate > 0 {
                facts.push(format!("{} a second", clock::number(pace.rate)));
            }
            if let Some(left) = pace.left {
                facts.push(format!("{} left", rounded(left)));
            }
            sheet.text(&facts.join(" · "), Ink::Muted, 0);
            match p.oddities {
                0 => sheet.gap(),
                n => {
                    let pieces = clock::counted(n, "piece", "pieces");
                    let text = format!("{pieces} could not be read so far");
                    sheet.text(&text, Ink::Warn, 0);
                }
            }
        }
    }
    sheet.gap();
    if stopping {
        sheet.text("Stopping. What was stored stays.", Ink::Warn, 0);
        return sheet.key("b", "go on in the background");
    }
    if asking {
        sheet.text("Stop the import? What was stored stays.", Ink::Warn, 0);
        return sheet.key("y", "stop").key("n", "go on");
    }
    sheet.text("You may go on reading meanwhile.", Ink::Muted, 0);
    sheet.key("b", "in the background").key("Esc", "stop…")
}

fn rounded(left: Duration) -> String {
    let seconds = left.as_secs();
    // Nobody believes seconds in an hour-long estimate.
    clock::duration(if seconds < 60 { seconds.div_ceil(5) * 5 } else { seconds })
}

fn bar(done: f64, width: usize) -> Vec<Piece> {
    let full = ((done * width as f64) as usize).min(width);
    vec![
        Piece::line(&"━".repeat(full), Ink::Accent),
        Piece::line(&"─".repeat(width - full), Ink::Faint),
    ]
}

fn report(summaries: &[ImportSummary], asks: bool, mut sheet: Sheet) -> Sheet {
    sheet.title = "Import · report".into();
    if summaries.is_empty() {
        sheet.text("Nothing was imported.", Ink::Warn, 0);
        sheet.text("onebox looked there for exports of the apps it knows.", Ink::Muted, 0);
    }
    for (i, s) in summaries.iter().enumerate() {
        if i > 0 {
            sheet.gap();
        }
        summary(s, &mut sheet);
    }
    if asks {
        return sheet
            .key("Enter", "say who you are")
            .key("↑↓", "scroll")
            .key("Esc", "to the inbox");
    }
    sheet.key("↑↓", "scroll").key("Enter", "to the inbox")
}

const UNREADABLE: &str =
    "Nothing of it could be read. It may be damaged or cut off: download or copy it again.";

/// What an import remarks, without what only the command line has: the screen asks who I am.
fn on_screen(remark: &str) -> String {
    let told: String = remark.split_inclusive([';', '.']).filter(|c| !c.contains("--me")).collect();
    told.trim_end_matches([';', ' ']).to_owned()
}

fn summary(s: &ImportSummary, sheet: &mut Sheet) {
    let heading = match (s.account.is_empty(), s.known_by.is_empty()) {
        (true, _) => s.source.clone(),
        (false, true) => format!("{} · {}", s.source, s.account),
        (false, false) => format!("{} · {} ({})", s.source, s.account, s.known_by),
    };
    let unreadable = s.is_unreadable() && !s.partial;
    let mark = if s.partial || unreadable { ("! ", Ink::Warn) } else { ("✓ ", Ink::Good) };
    sheet.text_led(&heading, Ink::Strong, vec![Piece::ours(mark.0, mark.1)], 2);
    let n = clock::number;
    let column = 13;
    let mut pair = |word: &str, text: String| {
        let lead = vec![Piece::ours("  ", Ink::Text), Piece::line(word, Ink::Muted)];
        sheet.text_led(&text, Ink::Text, lead, column);
    };
    if !unreadable {
        pair("threads", format!("{} new · {} known", n(s.threads_added), n(s.threads_known)));
        pair("messages", format!("{} new · {} known", n(s.messages_added), n(s.messages_known)));
    }
    let seconds = s.elapsed.as_secs_f64();
    pair("files", format!("{} in {seconds:.1} s", n(s.files)));
    if unreadable {
        sheet.text(UNREADABLE, Ink::Warn, 2);
    }
    for lock in &s.locked {
        sheet.text(&lock.to_string(), Ink::Warn, 2);
    }
    if s.partial && s.locked.is_empty() {
        sheet.text("It broke off; what was stored stays. Import again to go on.", Ink::Warn, 2);
    }
    for remark in s.remarks.iter().map(|r| on_screen(r)).filter(|r| !r.is_empty()) {
        sheet.text_led(&remark, Ink::Text, vec![Piece::ours("  · ", Ink::Accent)], 4);
    }
    if !s.account.is_empty() && s.remarks.iter().any(|r| r.contains("--me")) {
        sheet.text("If that is not you, the accounts change it: m, then w.", Ink::Muted, 4);
    }
    if s.oddities > 0 {
        let text = format!("{} could not be read:", clock::counted(s.oddities, "piece", "pieces"));
        sheet.text(&text, Ink::Warn, 2);
        for o in &s.samples {
            let place =
                if o.at.is_empty() { o.file.clone() } else { format!("{} · {}", o.file, o.at) };
            sheet.text(&place, Ink::Muted, 4);
            sheet.text(&o.why, Ink::Text, 6);
        }
        let left = s.oddities.saturating_sub(s.samples.len() as u64);
        if left > 0 {
            sheet.text(&format!("… and {} more", n(left)), Ink::Muted, 4);
        }
    }
}
