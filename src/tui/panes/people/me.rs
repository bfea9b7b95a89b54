//! Who of an account's people is me: asked where an export does not say, and changed later.

use crate::inbox::{CandidateRow, Ticket};
use crate::model::AccountId;
use crate::text::{Clean, width};
use crate::tui::app::App;
use crate::tui::clock;
use crate::tui::composer::OneLine;
use crate::tui::ink::{Ink, Piece};
use crate::tui::panes::sheet::Sheet;

/// Columns wanted.
const WIDTH: u16 = 64;
/// Columns that leave room for the explanation, and for how much somebody is in.
const WIDE: u16 = 50;

/// People shown at once. A workspace has thousands: what is typed narrows them.
const SHOWN: usize = 200;

/// The question.
#[derive(Clone, Debug, PartialEq)]
pub struct MeState {
    /// Of the request.
    pub ticket: Ticket,
    /// In which account.
    pub account: AccountId,
    /// What the account is called on screen.
    pub title: String,
    /// It is asked since nothing says; else somebody is known and may be wrong.
    pub unknown: bool,
    /// Part of a name.
    pub typed: OneLine,
    /// `None` until they have come.
    pub rows: Option<Vec<CandidateRow>>,
    /// Among those that hold what is typed, the one that one stands on.
    pub chosen: usize,
    /// Accounts to be asked about next, with their titles.
    pub next: Vec<(AccountId, String)>,
}

impl MeState {
    /// About an account.
    pub fn about(account: AccountId, title: String, unknown: bool) -> Self {
        let (typed, ticket) = (OneLine::default(), Ticket(0));
        let next = Vec::new();
        Self { ticket, account, title, unknown, typed, rows: None, chosen: 0, next }
    }

    /// Takes who may be me; one stands on whoever is.
    pub fn take(&mut self, rows: Vec<CandidateRow>) {
        self.chosen = rows.iter().position(|r| r.me).unwrap_or(0);
        self.rows = Some(rows);
    }

    /// Those whose name or id holds what is typed, as many as are shown.
    pub fn shown(&self) -> Vec<&CandidateRow> {
        let typed = self.typed.text().trim().to_lowercase();
        let holds = |text: &str| text.to_lowercase().contains(&typed);
        let rows = self.rows.iter().flatten();
        let held = rows.filter(|r| holds(&r.name) || r.id.as_deref().is_some_and(holds));
        held.take(SHOWN).collect()
    }

    /// The one that one stands on.
    pub fn choice(&self) -> Option<&CandidateRow> {
        self.shown().get(self.chosen).copied()
    }
}

/// The sheet.
pub fn sheet(state: &MeState, app: &App) -> Sheet {
    let title = format!("Who are you? · {}", state.title);
    let mut sheet = Sheet::new(title, Sheet::columns(WIDTH, app.size.0));
    let wide = sheet.width >= WIDE;
    if wide {
        let why = match state.unknown {
            true => {
                "The export does not say which of these people is you. Say it, and your messages \
                 stand as yours."
            }
            false => "Which of these people is you? Your messages stand as yours then.",
        };
        sheet.text(why, Ink::Text, 0);
        sheet.gap();
    }
    let cols = usize::from(sheet.width);
    let (typed, column) = state.typed.view(cols.saturating_sub(3));
    sheet.cursor = Some((sheet.lines.len(), column.saturating_add(2)));
    sheet.line(vec![Piece::ours("› ", Ink::Accent), Piece::line(&typed, Ink::Text)]);
    sheet.gap();
    let shown = state.shown();
    match &state.rows {
        None => sheet.text("looking…", Ink::Muted, 2),
        Some(rows) if rows.is_empty() => sheet.text("Nobody is in its threads.", Ink::Muted, 2),
        Some(_) if shown.is_empty() => sheet.text("Nobody there is called so.", Ink::Muted, 2),
        Some(rows) if shown.len() == SHOWN => {
            let all = clock::counted(rows.len() as u64, "person", "people");
            sheet.text(&format!("{all}: type part of a name"), Ink::Muted, 2);
        }
        Some(_) => {}
    }
    for (at, row) in shown.iter().enumerate() {
        let chosen = at == state.chosen;
        if chosen {
            sheet.show = Some(sheet.lines.len());
        }
        person(&mut sheet, row, chosen, wide);
    }
    let sheet = match shown.is_empty() {
        true => sheet,
        // A small screen has no room for what goes without saying.
        false if wide => sheet.key("↑↓", "choose").key("Enter", "this is me"),
        false => sheet.key("Enter", "this is me"),
    };
    sheet.key("Esc", if state.unknown { "later" } else { "back" })
}

fn person(sheet: &mut Sheet, row: &CandidateRow, chosen: bool, wide: bool) {
    let cols = usize::from(sheet.width);
    let end = match (row.me, wide) {
        (true, _) => "you".to_owned(),
        (false, true) => clock::counted(row.threads, "thread", "threads"),
        (false, false) => String::new(),
    };
    let room = cols.saturating_sub(2 + 1 + width(&end)).max(4);
    let name = Clean::line(&row.name);
    let name = if name.is_empty() { Clean::ours("(no name)") } else { name }.fit(room);
    let mut line = vec![Piece::ours(if chosen { "▌ " } else { "  " }, Ink::Accent)];
    let left = room.saturating_sub(name.width());
    line.push(Piece::of(&name, if chosen { Ink::Strong } else { Ink::Text }));
    // Two of one name are told apart by their ids.
    if let Some(id) = row.id.as_deref().filter(|_| left > 6) {
        line.push(Piece::ours("  ", Ink::Faint));
        line.push(Piece::of(&Clean::line(id).fit_middle(left - 2), Ink::Faint));
    }
    let used: usize = line.iter().map(Piece::width).sum();
    line.push(Piece::spaces(cols.saturating_sub(used + width(&end))));
    line.push(Piece::line(&end, if row.me { Ink::Accent } else { Ink::Muted }));
    sheet.line(line);
}
