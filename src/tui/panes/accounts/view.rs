//! Puts live accounts on a sheet.

use super::mine;
use super::state::{AccountsState, Answering, Mode};
use crate::inbox::{AccountRow, AccountState, AskKind};
use crate::text::{Clean, width};
use crate::tui::accounts::verifies;
use crate::tui::app::App;
use crate::tui::clock;
use crate::tui::composer::OneLine;
use crate::tui::ink::{Ink, Piece};
use crate::tui::panes::sheet::{Line, Sheet};

/// Columns wanted.
const WIDTH: u16 = 72;
/// Columns of the words in front of the details.
const WORDS: usize = 12;

/// The sheet.
pub fn sheet(state: &AccountsState, app: &App) -> Sheet {
    let cols = Sheet::columns(WIDTH, app.size.0);
    match &state.mode {
        Mode::Answer(answering) => answer(answering, app, cols),
        Mode::Connector(typed) => connector(typed, cols),
        Mode::Remove(id) => match app.accounts.iter().find(|a| a.id == *id) {
            Some(row) => remove(row, cols),
            None => list(state, app, cols),
        },
        Mode::Mine(at, first) => mine::sheet(*at, *first, app, cols),
        Mode::List => list(state, app, cols),
    }
}

/// What stands on a line of the sheet, of what may be chosen.
pub fn hit(state: &AccountsState, app: &App, line: usize) -> Option<usize> {
    let mut state = AccountsState { scroll: 0, ..state.clone() };
    let (_, count) = state.at(app.accounts.len(), app.mine.len())?;
    let list = matches!(state.mode, Mode::List | Mode::Mine(..));
    let mut found = None;
    // A choice may take several lines, and only the sheet knows how many.
    for i in 0..count {
        if let Some((at, _)) = state.at(count, count) {
            *at = i;
        }
        match sheet(&state, app).show {
            Some(first) if first == line || (first < line && !list) => found = Some(i),
            _ => {}
        }
    }
    found
}

/// The shape and colour of a state. The word says it too.
pub fn sign(row: &AccountRow) -> (&'static str, Ink) {
    match row.state {
        _ if row.ask.is_some() => ("?", Ink::Warn),
        AccountState::Online => ("●", Ink::Good),
        AccountState::Starting | AccountState::Connecting => ("◌", Ink::Muted),
        AccountState::Offline | AccountState::Elsewhere => ("○", Ink::Muted),
        AccountState::SignedOut | AccountState::Waiting(_) | AccountState::Stopped => {
            ("!", Ink::Warn)
        }
    }
}

fn word(row: &AccountRow) -> String {
    match row.state {
        AccountState::Waiting(s) => format!("stopped, again in {s} s"),
        AccountState::Online if !row.complete => "online, catching up".to_owned(),
        state => state.word().to_owned(),
    }
}

fn name(row: &AccountRow) -> String {
    if row.me.is_empty() { row.name.clone() } else { format!("{} · {}", row.name, row.me) }
}

fn list(state: &AccountsState, app: &App, cols: u16) -> Sheet {
    if app.accounts.is_empty() {
        return empty(cols);
    }
    let mut sheet = Sheet::new("Live accounts", cols);
    sheet.more_keys = true;
    let chosen = state.account(&app.accounts);
    for row in &app.accounts {
        let here = chosen.is_some_and(|c| c.id == row.id);
        if here {
            // Scrolled down, it is the details that are read.
            sheet.show = Some(sheet.lines.len()).filter(|_| state.scroll == 0);
            sheet.cursor = Some((sheet.lines.len(), 0));
        }
        one(&mut sheet, row, here);
    }
    if let Some(row) = chosen {
        sheet.gap();
        about(&mut sheet, row);
    }
    if chosen.is_some_and(|c| c.ask.is_some()) {
        sheet = sheet.key("Enter", "answer");
    }
    let quiet = if chosen.is_some_and(|c| c.quiet) { "tell again" } else { "quiet" };
    let mut sheet = sheet.key("a", "add").key("r", "restart").key("s", quiet).key("x", "remove");
    if chosen.is_some_and(verifies) {
        sheet = sheet.key("v", "verify");
    }
    sheet.key("c", "other").key("m", "mine").key("Esc", "back")
}

fn empty(cols: u16) -> Sheet {
    let mut sheet = Sheet::new("Live accounts", cols);
    sheet.more_keys = true;
    sheet.text("No live account yet.", Ink::Strong, 0);
    sheet.gap();
    sheet.text(
        "A live account brings new messages as they come and lets you answer from here. It stands \
         beside what you have imported: one thread, old and new.",
        Ink::Text,
        0,
    );
    sheet.gap();
    sheet.text_led(
        "Matrix, and through its bridges other apps: WhatsApp, Messenger, Instagram, Signal…",
        Ink::Text,
        vec![Piece::ours("a", Ink::Key), Piece::spaces(2)],
        3,
    );
    sheet.text_led(
        "another connector: a program on this machine",
        Ink::Text,
        vec![Piece::ours("c", Ink::Key), Piece::spaces(2)],
        3,
    );
    sheet.text_led(
        "import an export instead",
        Ink::Text,
        vec![Piece::ours("i", Ink::Key), Piece::spaces(2)],
        3,
    );
    sheet.gap();
    sheet.text(
        "A connector is a program of its own, and the only one that goes online. Your password \
         goes to it alone; onebox keeps none.",
        Ink::Muted,
        0,
    );
    let sheet = sheet.key("a", "add Matrix").key("c", "connector").key("i", "import");
    sheet.key("m", "mine").key("Esc", "back")
}

/// A line with something at its right end.
pub fn ended(sheet: &mut Sheet, mut line: Line, end: &str, ink: Ink) {
    let cols = usize::from(sheet.width);
    let used: usize = line.iter().map(Piece::width).sum();
    line.push(Piece::spaces(cols.saturating_sub(used + width(end)).max(1)));
    line.push(Piece::line(end, ink));
    sheet.line(line);
}

fn one(sheet: &mut Sheet, row: &AccountRow, chosen: bool) {
    let (shape, ink) = sign(row);
    let word = match &row.ask {
        Some(_) => "asks you".to_owned(),
        None => word(row),
    };
    let room = usize::from(sheet.width).saturating_sub(4 + width(&word) + 1).max(4);
    let line = vec![
        Piece::ours(if chosen { "▌ " } else { "  " }, Ink::Accent),
        Piece::ours(shape, ink),
        Piece::spaces(1),
        Piece::of(&Clean::line(&name(row)).fit(room), if chosen { Ink::Strong } else { Ink::Text }),
    ];
    ended(sheet, line, &word, ink);
}

/// What stands of an account under the list.
fn about(sheet: &mut Sheet, row: &AccountRow) {
    sheet.heading("About this account");
    if let Some(ask) = &row.ask {
        sheet.pair("asks", &Clean::line(&ask.text).fit(200).to_string(), Ink::Warn, WORDS);
    }
    let state = word(row);
    let why = Clean::line(&row.why);
    let said = if why.is_empty() { state } else { format!("{state}: {}", why.as_str()) };
    sheet.pair("state", &said, Ink::Text, WORDS);
    if let Some(what) = what_to_do(row) {
        sheet.pair("what to do", &what, Ink::Accent, WORDS);
    }
    for (name, text) in &row.facts {
        let name = Clean::line(name).fit(WORDS - 1).to_string();
        sheet.pair(&name, &Clean::line(text).fit(200).to_string(), Ink::Text, WORDS);
    }
    let apps: Vec<String> =
        row.apps.iter().map(|(badge, n)| format!("{} {}", badge.name, clock::number(*n))).collect();
    let apps = if apps.is_empty() { "no threads yet".to_owned() } else { apps.join(" · ") };
    sheet.pair("threads", &apps, Ink::Text, WORDS);
    let can: Vec<String> = row.can.iter().map(|c| c.replace(['-', '_'], " ")).collect();
    let can = if can.is_empty() { "not known yet".to_owned() } else { can.join(", ") };
    sheet.pair("it may", &can, Ink::Text, WORDS);
    let hosts = match row.hosts.is_empty() {
        true => "no host so far".to_owned(),
        false => row.hosts.join(", "),
    };
    sheet.pair("contacted", &hosts, Ink::Text, WORDS);
    let told = match row.quiet {
        true => "read quietly: the others are not told",
        false => "the others are told what you have read",
    };
    sheet.pair("reading", told, Ink::Text, WORDS);
    if row.oddities > 0 {
        let pieces = clock::counted(row.oddities, "piece", "pieces");
        let odd = format!("{pieces} could not be read");
        sheet.pair("oddities", &odd, Ink::Warn, WORDS);
    }
}

/// The next step where something is in the way.
fn what_to_do(row: &AccountRow) -> Option<String> {
    Some(match row.state {
        AccountState::Stopped | AccountState::Waiting(_)
            if row.why.contains("there is no program") =>
        {
            match row.name.as_str() {
                "matrix" | "onebox-matrix" | "Matrix" => {
                    "build it: cargo install --features matrix onebox, then r".to_owned()
                }
                _ => "put its program on the path or beside onebox, then r".to_owned(),
            }
        }
        AccountState::Stopped => "r starts it again; x removes it".to_owned(),
        AccountState::Waiting(_) => "nothing, or r at once".to_owned(),
        AccountState::SignedOut if row.ask.is_none() => "r asks you to sign in again".to_owned(),
        AccountState::Offline => "nothing: it is tried again, and what you send waits".to_owned(),
        AccountState::Elsewhere => "another onebox has it; here when that is closed".to_owned(),
        _ => return None,
    })
}

fn typed(sheet: &mut Sheet, line: &OneLine) {
    let (shown, column) = line.view(usize::from(sheet.width).saturating_sub(3));
    sheet.cursor = Some((sheet.lines.len(), column.saturating_add(2)));
    sheet.show = Some(sheet.lines.len());
    sheet.line(vec![Piece::ours("› ", Ink::Accent), Piece::line(&shown, Ink::Text)]);
}

fn connector(line: &OneLine, cols: u16) -> Sheet {
    let mut sheet = Sheet::new("Add a connector", cols);
    sheet.text("The name of its program, or a path to it:", Ink::Text, 0);
    typed(&mut sheet, line);
    sheet.gap();
    let what = "`matrix` is short for onebox-matrix, beside onebox or on your path. Whatever you \
                name is started as you: add only what you trust.";
    sheet.text(what, Ink::Muted, 0);
    sheet.key("Enter", "add").key("Esc", "back")
}

fn remove(row: &AccountRow, cols: u16) -> Sheet {
    let mut sheet = Sheet::new("Remove the account", cols);
    sheet.text(&format!("Remove {}?", Clean::line(&name(row)).fit(120)), Ink::Strong, 0);
    sheet.gap();
    sheet.text_led(
        "Its connector is told to sign out. If it is not running, sign out at the service, too.",
        Ink::Text,
        vec![Piece::ours("› ", Ink::Muted)],
        2,
    );
    sheet.text_led(
        "Its threads and messages stay, as archives.",
        Ink::Text,
        vec![Piece::ours("› ", Ink::Muted)],
        2,
    );
    sheet.text_led(
        "What still waits to be sent is not sent.",
        Ink::Text,
        vec![Piece::ours("› ", Ink::Muted)],
        2,
    );
    sheet.key("y", "remove").key("n", "keep")
}

fn answer(a: &Answering, app: &App, cols: u16) -> Sheet {
    let row = app.accounts.iter().find(|r| r.id == a.account);
    let title = row.map(|r| r.name.clone()).unwrap_or_default();
    // It asks at other times, too: about keys, when another device does.
    let signing = row.is_none_or(|r| r.state != AccountState::Online);
    let title = if signing { format!("Sign in · {title}") } else { title };
    let mut sheet = Sheet::new(title, cols);
    sheet.text(&a.ask.text, Ink::Strong, 0);
    if let Some(problem) = &a.ask.problem {
        sheet.text_led(problem, Ink::Warn, vec![Piece::ours("! ", Ink::Warn)], 2);
    }
    sheet.gap();
    match &a.ask.kind {
        AskKind::Text(_) => {
            typed(&mut sheet, &a.line);
            sheet.key("Enter", "go on").key("Esc", "give up")
        }
        AskKind::Secret => {
            let room = usize::from(sheet.width).saturating_sub(4);
            let dots = "•".repeat(a.secret.count().min(room));
            let column = u16::try_from(dots.chars().count()).unwrap_or(0);
            sheet.cursor = Some((sheet.lines.len(), column + 2));
            sheet.show = Some(sheet.lines.len());
            sheet.line(vec![Piece::ours("› ", Ink::Accent), Piece::line(&dots, Ink::Text)]);
            sheet.gap();
            sheet.text("Not shown, and not kept by onebox.", Ink::Muted, 0);
            sheet.key("Enter", "go on").key("Esc", "give up")
        }
        AskKind::Choice(all) => {
            for (at, choice) in all.iter().enumerate() {
                let here = at == a.chosen;
                if here {
                    sheet.show = Some(sheet.lines.len());
                    sheet.cursor = Some((sheet.lines.len(), 0));
                }
                let lead = Piece::ours(if here { "▌ " } else { "  " }, Ink::Accent);
                let ink = if here { Ink::Strong } else { Ink::Text };
                sheet.text_led(choice, ink, vec![lead], 2);
            }
            sheet.key("↑↓", "choose").key("Enter", "this one").key("Esc", "give up")
        }
        AskKind::Link(link) => {
            // In full, over as many rows as it takes: what opens is what stands here.
            sheet.text(Clean::line(link).as_str(), Ink::Link, 0);
            sheet.gap();
            sheet.text("It opens in your browser. Come back here afterwards.", Ink::Muted, 0);
            sheet.key("Enter", "open").key("Esc", "give up")
        }
        AskKind::Compare(symbols) => {
            for pair in symbols.chunks(2) {
                let mut line: Line = Vec::new();
                for symbol in pair {
                    let half = usize::from(sheet.width) / 2;
                    let shown = Clean::line(symbol).fit(half.saturating_sub(2));
                    let rest = half.saturating_sub(shown.width());
                    line.push(Piece::of(&shown, Ink::Strong));
                    line.push(Piece::spaces(rest));
                }
                sheet.line(line);
            }
            sheet.gap();
            sheet.text("Does the other device show the same, in this order?", Ink::Text, 0);
            sheet.key("y", "the same").key("n", "different").key("Esc", "give up")
        }
    }
}
