//! What a person does with live accounts: adds, signs in, quiets, restarts, removes them.

use super::app::{App, Effect, Focus, Layer};
use super::command::{Command, Context};
use super::panes::accounts::{self, AccountsState, Answering, Mode};
use super::panes::sheet;
use super::write::edit_text;
use crate::inbox::{AccountRow, AccountState, AskKind, AskRow, Notice, Request, Severity};
use crate::model::LiveId;

/// What is known of signing in, beside the accounts themselves.
#[derive(Clone, Debug, Default)]
pub struct SigningIn {
    /// One was added here and has not come yet.
    adding: bool,
    /// Those that the person is signing in: their questions open by themselves.
    here: Vec<LiveId>,
    /// What was answered last: it stands there until the account has heard.
    answered: Option<(LiveId, AskRow)>,
}

/// The connector that everybody gets.
const MATRIX: &str = "matrix";

/// Opens the sheet.
pub fn open(app: &mut App) -> Vec<Effect> {
    if top(app).is_none() {
        app.layers.push(Layer::Accounts(Box::default()));
    }
    vec![Effect::Ask(Request::Accounts)]
}

fn top(app: &mut App) -> Option<&mut AccountsState> {
    match app.layers.last_mut() {
        Some(Layer::Accounts(state)) => Some(state),
        _ => None,
    }
}

fn chosen(app: &App) -> Option<&AccountRow> {
    match app.layers.last() {
        Some(Layer::Accounts(state)) => state.account(&app.accounts),
        _ => None,
    }
}

/// Keys that the sheet names itself.
pub fn own_key(app: &mut App, typed: char) -> Option<Vec<Effect>> {
    let state = top(app)?;
    if state.takes_text() {
        return None;
    }
    match &state.mode {
        Mode::Remove(id) => {
            let id = *id;
            // Taking something away takes `y`; a stray letter must not.
            if typed == 'y' {
                state.mode = Mode::List;
                return Some(vec![Effect::Ask(Request::RemoveAccount { account: id })]);
            }
            if matches!(typed, 'n' | 'q') {
                state.mode = Mode::List;
            }
            return Some(Vec::new());
        }
        Mode::Answer(a) => {
            return match (&a.ask.kind, typed) {
                (AskKind::Compare(_), 'y') => Some(answer(app, Some("yes".into()))),
                (AskKind::Compare(_), 'n') => Some(answer(app, Some("no".into()))),
                (AskKind::Choice(_), 'j' | 'k' | 'g' | 'G') => None,
                // Neither opens a link nor gives up by a stray letter.
                _ => Some(Vec::new()),
            };
        }
        Mode::Mine(..) => return super::mine::own_key(app, typed),
        Mode::List | Mode::Connector(_) => {}
    }
    match typed {
        'm' => Some(super::mine::open(app)),
        'a' => Some(add(app, MATRIX)),
        'c' => {
            state.mode = Mode::Connector(Default::default());
            Some(Vec::new())
        }
        'i' if app.accounts.is_empty() => {
            app.layers.pop();
            Some(super::perform::open_import(app))
        }
        'v' if chosen(app).is_some_and(verifies) => {
            let id = chosen(app).map(|a| a.id)?;
            // What it asks opens by itself.
            app.signing.here.push(id);
            Some(vec![Effect::Ask(Request::VerifyAccount { account: id })])
        }
        'r' | 's' | 'x' => {
            let Some((id, quiet)) = chosen(app).map(|a| (a.id, a.quiet)) else {
                return Some(Vec::new());
            };
            let request = match typed {
                'r' => {
                    app.signing.here.push(id);
                    Request::RestartAccount { account: id }
                }
                's' => Request::QuietAccount { account: id, quiet: !quiet },
                _ => {
                    top(app)?.mode = Mode::Remove(id);
                    return Some(Vec::new());
                }
            };
            Some(vec![Effect::Ask(request)])
        }
        'y' => Some(Vec::new()),
        _ => None,
    }
}

/// The account's keys can be seen to from here, now.
pub fn verifies(row: &AccountRow) -> bool {
    row.state == AccountState::Online && row.can.iter().any(|can| can == "verify")
}

fn add(app: &mut App, connector: &str) -> Vec<Effect> {
    app.signing.adding = true;
    if let Some(state) = top(app) {
        state.mode = Mode::List;
    }
    vec![Effect::Ask(Request::AddAccount { connector: connector.to_owned() })]
}

/// Types or pastes into the sheet.
pub fn put(app: &mut App, text: &str) -> Vec<Effect> {
    if let Some(state) = top(app) {
        state.put(text);
    }
    Vec::new()
}

/// Does a command in the sheet.
pub fn command(app: &mut App, command: Command) -> Vec<Effect> {
    let (accounts, mine) = (app.accounts.len(), app.mine.len());
    let Some(state) = top(app) else { return Vec::new() };
    let by = match command {
        Command::Back | Command::Cancel => return back(app),
        Command::Confirm => return confirm(app),
        Command::MoveUp => -1,
        Command::MoveDown => 1,
        Command::PageUp | Command::HalfPageUp => {
            state.scroll = state.scroll.saturating_sub(4);
            return Vec::new();
        }
        Command::PageDown | Command::HalfPageDown => {
            state.scroll = state.scroll.saturating_add(4);
            return Vec::new();
        }
        Command::Top => isize::MIN / 2,
        Command::Bottom => isize::MAX / 2,
        other => {
            edit(state, other);
            return Vec::new();
        }
    };
    state.step(by, accounts, mine);
    Vec::new()
}

/// A press on an account or a choice goes there; on the one that one stands on: takes it.
pub fn click(app: &mut App, y: u16) -> Vec<Effect> {
    let all = app.areas().all;
    let Some(layer @ Layer::Accounts(state)) = app.layers.last() else { return Vec::new() };
    let shown = layer.sheet(app);
    let inner = sheet::text_area(&shown, all);
    let Some(row) = y.checked_sub(inner.y).filter(|r| *r < inner.height) else {
        return Vec::new();
    };
    let line = sheet::first_line(&shown, layer.scroll(), all) + usize::from(row);
    let Some(hit) = accounts::hit(state, app, line) else { return Vec::new() };
    let (accounts, mine) = (app.accounts.len(), app.mine.len());
    let Some((at, _)) = top(app).and_then(|s| s.at(accounts, mine)) else { return Vec::new() };
    if std::mem::replace(at, hit) == hit { confirm(app) } else { Vec::new() }
}

fn edit(state: &mut AccountsState, command: Command) {
    match &mut state.mode {
        Mode::Connector(line) => edit_text(line.composer(), command),
        // A secret has no cursor to go back with, and no undo that remembers it.
        Mode::Answer(a) if a.ask.kind == AskKind::Secret => match command {
            Command::DeleteBack => a.secret.backspace(),
            Command::DeleteWordBack | Command::DeleteToLineStart => a.secret.clear(),
            _ => {}
        },
        Mode::Answer(a) => edit_text(a.line.composer(), command),
        Mode::List | Mode::Mine(..) | Mode::Remove(_) => {}
    }
}

fn back(app: &mut App) -> Vec<Effect> {
    let Some(state) = top(app) else { return Vec::new() };
    match &state.mode {
        Mode::Answer(_) => return answer(app, None),
        Mode::Mine(at, Some(_)) => state.mode = Mode::Mine(*at, None),
        Mode::Connector(_) | Mode::Mine(..) | Mode::Remove(_) => state.mode = Mode::List,
        Mode::List => drop(app.layers.pop()),
    }
    Vec::new()
}

fn confirm(app: &mut App) -> Vec<Effect> {
    let Some(state) = top(app) else { return Vec::new() };
    match &mut state.mode {
        Mode::Connector(line) => {
            let connector = line.text().trim().to_owned();
            if connector.is_empty() {
                return Vec::new();
            }
            add(app, &connector)
        }
        Mode::Answer(a) => {
            let value = match &a.ask.kind {
                AskKind::Text(_) => a.line.text().to_owned(),
                AskKind::Secret => a.secret.take(),
                AskKind::Choice(all) => match all.get(a.chosen) {
                    Some(choice) => choice.clone(),
                    None => return Vec::new(),
                },
                AskKind::Link(_) => String::new(),
                // `y` and `n` say which.
                AskKind::Compare(_) => return Vec::new(),
            };
            answer(app, Some(value))
        }
        Mode::List => {
            let asked = chosen(app).and_then(|a| Some((a.id, a.ask.clone()?)));
            if let Some((id, ask)) = asked {
                app.signing.here.push(id);
                begin(app, id, ask);
            }
            Vec::new()
        }
        Mode::Mine(..) => super::mine::confirm(app),
        // Only `y` removes.
        Mode::Remove(_) => Vec::new(),
    }
}

fn begin(app: &mut App, id: LiveId, ask: AskRow) {
    let at = app.accounts.iter().position(|a| a.id == id);
    if let Some(state) = top(app) {
        state.chosen = at.unwrap_or(state.chosen);
        state.scroll = 0;
        state.mode = Mode::Answer(Answering::of(id, ask));
    }
}

/// The answer goes out; what was typed goes with it.
fn answer(app: &mut App, value: Option<String>) -> Vec<Effect> {
    let Some(state) = top(app) else { return Vec::new() };
    let Mode::Answer(a) = std::mem::take(&mut state.mode) else { return Vec::new() };
    if value.is_none() {
        app.signing.here.retain(|id| *id != a.account);
    }
    app.signing.answered = Some((a.account, a.ask.clone()));
    vec![Effect::Ask(Request::AnswerAccount { account: a.account, id: a.ask.id.clone(), value })]
}

/// Takes the accounts: a question of one that is being signed in opens by itself, any other is
/// told.
pub fn came(app: &mut App, rows: Vec<AccountRow>) {
    let before = std::mem::replace(&mut app.accounts, rows);
    let known = |id: LiveId| before.iter().find(|a| a.id == id);
    let new: Vec<(usize, LiveId)> = (0..)
        .zip(&app.accounts)
        .filter(|(_, a)| known(a.id).is_none())
        .map(|(at, a)| (at, a.id))
        .collect();
    if let Some((at, id)) = new.last().copied()
        && std::mem::take(&mut app.signing.adding)
    {
        app.signing.here.push(id);
        if let Some(state) = top(app) {
            state.chosen = at;
        }
    }
    let rows = app.accounts.clone();
    // Whoever stays on the sheet stays in the conversation: the next question may take a moment.
    let stays = matches!(app.layers.last(), Some(Layer::Accounts(_)));
    app.signing.here.retain(|id| {
        let going_on = |a: &AccountRow| a.ask.is_some() || a.state != AccountState::Online;
        rows.iter().any(|a| a.id == *id && (stays || going_on(a)))
    });
    if let Some((id, ask)) = &app.signing.answered
        && !rows.iter().any(|a| a.id == *id && a.ask.as_ref() == Some(ask))
    {
        app.signing.answered = None;
    }
    follow(app, &rows);
    let count = rows.len();
    for row in rows {
        let Some(ask) = &row.ask else { continue };
        if known(row.id).and_then(|a| a.ask.as_ref()) == Some(ask) {
            continue;
        }
        if app.signing.answered.as_ref().is_some_and(|(id, had)| *id == row.id && had == ask) {
            continue;
        }
        if app.signing.here.contains(&row.id) && opens(app, row.id) {
            begin(app, row.id, ask.clone());
        } else if !is_answering(app, row.id) {
            let key = app.keymap.keys_for(Command::Accounts, Context::List).into_iter().next();
            let hint = key.map(|k| format!("{k} shows the accounts")).unwrap_or_default();
            let what = format!("{} asks you something", row.name);
            // Its words stay on the sheet: they may hold what only the person may see.
            app.tell(Notice::new(Severity::Warning, what, "it waits for your answer", hint));
        }
    }
    if let Some(state) = top(app) {
        state.chosen = state.chosen.min(count.saturating_sub(1));
    }
}

/// A question that is gone, or is another now, is not answered any more.
fn follow(app: &mut App, rows: &[AccountRow]) {
    let Some(state) = app.layers.iter_mut().find_map(|l| match l {
        Layer::Accounts(state) => Some(state),
        _ => None,
    }) else {
        return;
    };
    match &mut state.mode {
        Mode::Answer(a) => {
            let now = rows.iter().find(|r| r.id == a.account).and_then(|r| r.ask.as_ref());
            match now {
                Some(ask) if *ask == a.ask => {}
                Some(ask) => *a = Answering::of(a.account, ask.clone()),
                None => state.mode = Mode::List,
            }
        }
        Mode::Remove(id) if !rows.iter().any(|r| r.id == *id) => state.mode = Mode::List,
        _ => {}
    }
}

fn is_answering(app: &App, id: LiveId) -> bool {
    app.layers.iter().any(|l| {
        matches!(l, Layer::Accounts(s) if matches!(&s.mode, Mode::Answer(a) if a.account == id))
    })
}

/// The sheet is there for a question, or may open for it: not over what somebody types.
fn opens(app: &mut App, id: LiveId) -> bool {
    if is_answering(app, id) {
        return false;
    }
    match app.layers.last() {
        Some(Layer::Accounts(state)) => state.mode == Mode::List,
        Some(_) => false,
        None if app.focus == Focus::Composer => false,
        None => {
            app.layers.push(Layer::Accounts(Box::default()));
            true
        }
    }
}

/// What is wrong with live accounts and with what was sent, one word each; nothing where all is
/// well.
pub fn troubles(app: &App) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for row in &app.accounts {
        match row.state {
            _ if row.ask.is_some() => out.push(format!("{} asks you", row.name)),
            AccountState::Offline | AccountState::SignedOut | AccountState::Stopped => {
                out.push(format!("{} {}", row.name, row.state.word()));
            }
            AccountState::Waiting(_) => out.push(format!("{} stopped", row.name)),
            AccountState::Elsewhere => out.push(format!("{} in use elsewhere", row.name)),
            AccountState::Online | AccountState::Starting | AccountState::Connecting => {}
        }
    }
    if app.counts.outbox_waiting > 0 {
        out.push(format!("{} waiting", super::clock::number(app.counts.outbox_waiting)));
    }
    if app.counts.outbox_failed > 0 {
        out.push(format!("{} not sent", super::clock::number(app.counts.outbox_failed)));
    }
    out
}
