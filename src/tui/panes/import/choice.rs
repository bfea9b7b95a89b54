//! Choosing among the exports that were found: which app, whose, from when to when, how large.

use crate::inbox::{ExportFound, ExportKey, ExportLook};
use crate::model::{Bytes, Timestamp};
use crate::tui::clock::{self, Zone};
use crate::tui::ink::{Ink, Piece};
use crate::tui::panes::sheet::Sheet;

/// Zips and folders of one export that are named.
const PLACES: usize = 2;

/// What was found, and what of it is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    rows: Vec<Row>,
    at: usize,
    /// Why Enter did nothing.
    complaint: &'static str,
}

#[derive(Clone, Debug, PartialEq)]
struct Row {
    found: ExportFound,
    /// `None`: not looked into yet.
    look: Option<Box<ExportLook>>,
    wanted: bool,
}

impl Choice {
    /// All of it is wanted, until the person says otherwise.
    pub fn new(found: Vec<ExportFound>) -> Self {
        let row = |found| Row { found, look: None, wanted: true };
        Self { rows: found.into_iter().map(row).collect(), at: 0, complaint: "" }
    }

    /// One of them has been looked into.
    pub fn looked(&mut self, index: usize, look: Box<ExportLook>) {
        if let Some(row) = self.rows.get_mut(index) {
            row.look = Some(look);
        }
    }

    /// Moves the cursor.
    pub fn step(&mut self, by: isize) {
        self.at = self.at.saturating_add_signed(by).min(self.rows.len().saturating_sub(1));
    }

    /// Takes or leaves the one under the cursor.
    pub fn toggle(&mut self) {
        self.complaint = "";
        if let Some(row) = self.rows.get_mut(self.at) {
            row.wanted = !row.wanted;
        }
    }

    /// Takes all; leaves all, if all are taken.
    pub fn toggle_all(&mut self) {
        self.complaint = "";
        let all = self.rows.iter().all(|r| r.wanted);
        for row in &mut self.rows {
            row.wanted = !all;
        }
    }

    /// What is wanted. `None`: nothing is, and the sheet says so.
    pub fn wanted(&mut self) -> Option<Vec<ExportKey>> {
        let wanted: Vec<ExportKey> =
            self.rows.iter().filter(|r| r.wanted).map(|r| r.found.key.clone()).collect();
        if wanted.is_empty() {
            self.complaint = "Nothing is chosen.";
            return None;
        }
        Some(wanted)
    }

    /// Puts it on a sheet.
    pub fn put(&self, zone: Zone, mut sheet: Sheet) -> Sheet {
        let wanted = self.rows.iter().filter(|r| r.wanted).count();
        sheet.title = format!("Import · {wanted} of {} chosen", self.rows.len());
        for (i, row) in self.rows.iter().enumerate() {
            let here = i == self.at;
            row.put(here, zone, &mut sheet);
            if here {
                sheet.show = Some(sheet.lines.len().saturating_sub(1));
            }
        }
        if !self.complaint.is_empty() {
            sheet.text(self.complaint, Ink::Warn, 2);
        }
        let sheet = sheet.key("Enter", "import").key("Space", "take or leave");
        sheet.key("a", "all or none").key("Esc", "back")
    }
}

impl Row {
    fn put(&self, here: bool, zone: Zone, sheet: &mut Sheet) {
        let mark = if here { "▌" } else { " " };
        let tick = if self.wanted { "[x] " } else { "[ ] " };
        let lead = vec![Piece::ours(mark, Ink::Accent), Piece::ours(tick, Ink::Muted)];
        let ink = if self.wanted { Ink::Strong } else { Ink::Muted };
        sheet.text_led(&self.heading(), ink, lead, 5);
        let room = usize::from(sheet.width).saturating_sub(5);
        let places = &self.found.key.lies;
        // One place too many takes no more room than to say so.
        let shown = if places.len() <= PLACES + 1 { places.len() } else { PLACES };
        for place in places.iter().take(shown) {
            let place = crate::text::Clean::line(place).fit_middle(room);
            sheet.line(vec![Piece::spaces(5), Piece::of(&place, Ink::Faint)]);
        }
        if places.len() > shown {
            sheet.text(&format!("… and {} more", places.len() - shown), Ink::Faint, 5);
        }
        let Some(look) = &self.look else { return sheet.text("looking into it…", Ink::Faint, 5) };
        if look.threads > 0 || look.locked.is_none() {
            sheet.text(&facts(look, zone), Ink::Muted, 5);
        }
        if let Some(lock) = &look.locked {
            sheet.text(&format!("locked: it wants {}", lock.wants), Ink::Warn, 5);
        }
        if let Some(why) = &look.broken {
            sheet.text(why, Ink::Warn, 5);
        }
        if look.oddities > 0 {
            let pieces = clock::counted(look.oddities, "piece", "pieces");
            sheet.text(&format!("{pieces} could not be read"), Ink::Warn, 5);
        }
    }

    fn heading(&self) -> String {
        let whose = self.look.as_deref().map_or("", |l| l.account.as_str());
        match whose {
            "" => self.found.what.clone(),
            name => format!("{} · {name}", self.found.what),
        }
    }
}

fn facts(look: &ExportLook, zone: Zone) -> String {
    let mut facts = Vec::new();
    if let (Some(first), Some(last)) = (look.first, look.last) {
        facts.push(period(first, last, zone));
    }
    facts.push(clock::counted(look.threads, "thread", "threads"));
    facts.push(clock::counted(look.messages, "message", "messages"));
    facts.push(Bytes(look.bytes).to_string());
    facts.join(" · ")
}

/// `Mar 2019 to Jun 2024`.
fn period(first: Timestamp, last: Timestamp, zone: Zone) -> String {
    let day = |t| zone.day(t).map_or_else(|| "?".to_owned(), |d| d.format("%b %Y").to_string());
    let (first, last) = (day(first), day(last));
    if first == last { first } else { format!("{first} to {last}") }
}
