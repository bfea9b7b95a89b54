//! Who I am in an account: asked after an import that could not tell, changed from the accounts.

use super::app::{App, Effect, Layer};
use super::command::Command;
use super::panes::import::{ImportState, Step};
use super::panes::people::{MeState, PeopleSheet};
use super::write::edit_text;
use crate::inbox::{CandidateRow, ImportSummary, MyAccountRow, Request, Ticket};
use crate::model::AccountId;

fn question(app: &mut App) -> Option<&mut MeState> {
    match app.layers.last_mut() {
        Some(Layer::People(sheet)) => match sheet.as_mut() {
            PeopleSheet::Me(state) => Some(state),
            _ => None,
        },
        _ => None,
    }
}

/// Asks about an account, and then about others.
fn ask(app: &mut App, mut state: MeState) -> Vec<Effect> {
    state.ticket = app.ticket();
    let asked = Request::Candidates { ticket: state.ticket, account: state.account };
    app.layers.push(Layer::People(Box::new(PeopleSheet::Me(state))));
    vec![Effect::Ask(asked)]
}

/// About one of my accounts, whatever is known.
pub fn change(app: &mut App, row: &MyAccountRow) -> Vec<Effect> {
    let title = title(row, &app.mine);
    ask(app, MeState::about(row.id, title, row.nobody))
}

/// What an account is called: its app, and more where that would not tell.
fn title(row: &MyAccountRow, others: &[MyAccountRow]) -> String {
    match others.iter().any(|o| o.id != row.id && o.badge == row.badge) {
        true => format!("{} · {}", row.badge.name, row.name),
        false => row.badge.name.clone(),
    }
}

/// After an import: who of the accounts of which it brought something does not say whose it is.
pub fn wanted(summaries: &[ImportSummary]) -> Option<Effect> {
    let open = |s: &ImportSummary| s.account.is_empty() && s.threads_added + s.threads_known > 0;
    summaries.iter().any(open).then_some(Effect::Ask(Request::MyAccounts))
}

/// My accounts came: the report of an import offers to say who I am in those that it left open.
pub fn accounts_came(app: &mut App, rows: &[MyAccountRow]) {
    let Some(Layer::Import(ImportState { step: Step::Report { summaries, open, .. }, .. })) =
        app.layers.last_mut()
    else {
        return;
    };
    let left = |r: &&MyAccountRow| {
        let of = |s: &&ImportSummary| s.account.is_empty() && s.id == r.badge.source.as_str();
        r.nobody && summaries.iter().any(|s| of(&s))
    };
    let left: Vec<MyAccountRow> = rows.iter().filter(left).cloned().collect();
    *open = left.iter().map(|r| (r.id, title(r, &left))).collect();
}

/// From the report to the questions, if there are any.
pub fn after_report(app: &mut App, mut open: Vec<(AccountId, String)>) -> Vec<Effect> {
    app.layers.pop();
    if open.is_empty() {
        return Vec::new();
    }
    let (account, title) = open.remove(0);
    let mut state = MeState::about(account, title, true);
    state.next = open;
    ask(app, state)
}

/// "This is me": what one stands on. Then the next account is asked about.
pub fn confirm(app: &mut App) -> Vec<Effect> {
    let Some(state) = question(app) else { return Vec::new() };
    let Some(key) = state.choice().map(|c| c.key.clone()) else { return Vec::new() };
    let (account, next) = (state.account, std::mem::take(&mut state.next));
    let mut effects = vec![Effect::Ask(Request::IAm { account, key })];
    effects.extend(after_report(app, next));
    effects
}

/// Types or pastes part of a name. False: that is not what lies on top.
pub fn put(app: &mut App, text: &str) -> bool {
    let Some(state) = question(app) else { return false };
    state.typed.put(text);
    state.chosen = 0;
    true
}

/// Edits what is typed.
pub fn edit(app: &mut App, command: Command) {
    if let Some(state) = question(app) {
        let before = state.typed.text().to_owned();
        edit_text(state.typed.composer(), command);
        if state.typed.text() != before {
            state.chosen = 0;
        }
    }
}

/// Those who may be me came.
pub fn came(app: &mut App, ticket: Ticket, rows: Vec<CandidateRow>) {
    if let Some(state) = question(app).filter(|s| s.ticket == ticket) {
        state.take(rows);
    }
}
