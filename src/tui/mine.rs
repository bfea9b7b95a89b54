//! What a person says of their own accounts: which are one, and which stand alone after all.

use super::app::{App, Effect, Layer};
use super::panes::accounts::Mode;
use crate::inbox::{MyAccountRow, Request};
use crate::model::AccountId;

fn mode(app: &mut App) -> Option<&mut Mode> {
    match app.layers.last_mut() {
        Some(Layer::Accounts(state)) => Some(&mut state.mode),
        _ => None,
    }
}

/// Opens the list.
pub fn open(app: &mut App) -> Vec<Effect> {
    if let Some(mode) = mode(app) {
        *mode = Mode::Mine(0, None);
    }
    vec![Effect::Ask(Request::MyAccounts)]
}

/// The list came.
pub fn came(app: &mut App, rows: Vec<MyAccountRow>) {
    let count = rows.len();
    let known = |id: &AccountId| rows.iter().any(|r| r.id == *id);
    if let Some(Mode::Mine(at, first)) = mode(app) {
        *at = (*at).min(count.saturating_sub(1));
        *first = first.filter(known);
    }
    app.mine = rows;
}

/// Something changed: whoever looks at the list sees it.
pub fn again(app: &mut App) -> Option<Effect> {
    matches!(mode(app), Some(Mode::Mine(..))).then_some(Effect::Ask(Request::MyAccounts))
}

/// Enter: takes an account, or says that it is the same as the one that was taken.
pub fn confirm(app: &mut App) -> Vec<Effect> {
    let Some(&mut Mode::Mine(at, first)) = mode(app) else { return Vec::new() };
    let Some(here) = app.mine.get(at).map(|a| a.id) else { return Vec::new() };
    let (next, effects) = match first {
        None => (Some(here), Vec::new()),
        Some(taken) if taken == here => (None, Vec::new()),
        Some(taken) => (None, vec![Effect::Ask(Request::SameAccount { a: taken, b: here })]),
    };
    if let Some(Mode::Mine(_, first)) = mode(app) {
        *first = next;
    }
    effects
}

/// Keys that the list names itself.
pub fn own_key(app: &mut App, typed: char) -> Option<Vec<Effect>> {
    let &mut Mode::Mine(at, _) = mode(app)? else { return None };
    match typed {
        'p' => {
            let apart = app.mine.get(at).filter(|a| !a.same.is_empty());
            let effects = apart.map(|a| Effect::Ask(Request::AccountApart { account: a.id }));
            Some(effects.into_iter().collect())
        }
        'w' => {
            let here = app.mine.get(at).filter(|a| !a.live).cloned();
            Some(here.map(|a| super::myself::change(app, &a)).unwrap_or_default())
        }
        'y' | 'n' => Some(Vec::new()),
        _ => None,
    }
}
