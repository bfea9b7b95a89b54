//! Draws the status line.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};

use crate::inbox::ComposerState;
use crate::model::SendState;
use crate::text::Clean;
use crate::tui::app::{App, Focus};
use crate::tui::command::{Command, Context};
use crate::tui::ink::{Ink, Piece};
use crate::tui::panes::{help, tabs};
use crate::tui::theme::Role;
use crate::tui::{accounts, clock, find, paint, update};

/// From this width on there is room for whole sentences.
const ROOMY: u16 = 72;

/// Draws the line.
pub fn draw(app: &App, line: Rect, frame: &mut Frame<'_>) {
    let theme = &app.theme;
    let buf = frame.buffer_mut();
    let mut x = 1;
    for (word, role) in switches(app) {
        let text = Clean::line(&format!(" {word} "));
        x += paint::text(buf, line, x, text.as_str(), theme.style(role)) + 1;
    }
    let mut left = Vec::new();
    if app.engine_gone {
        left.push(Piece::ours("the engine has stopped; quit and start again", Ink::Error));
    } else if let Some(text) = &app.import_line() {
        left.push(Piece::line(text, Ink::Accent));
    } else if let Some(text) = find::line(app) {
        let room = usize::from(line.width / 2);
        left.push(Piece::of(&Clean::line(&text).fit(room), Ink::Accent));
    } else if let Some((done, total)) = app.indexing {
        let share = done as f64 / total.max(1) as f64 * 100.0;
        left.push(Piece::line(&format!("making messages searchable {share:.0} %"), Ink::Muted));
    } else if let Some(text) = troubles(app, line.width) {
        left.push(Piece::of(&text, Ink::Warn));
    } else if let Some(text) = closing(app, line.width) {
        left.push(Piece::line(&text, Ink::Warn));
    }
    if !left.is_empty() {
        x += paint::pieces(buf, line, x, &left, theme) + 2;
    }
    let room = line.width.saturating_sub(x + 1);
    let keys = keys(app, room);
    let at = line.width.saturating_sub(paint::pieces_width(&keys) + 1);
    paint::pieces(buf, line, at, &keys, theme);
}

/// What is wrong with live accounts and with what was sent, as far as there is room.
fn troubles(app: &App, width: u16) -> Option<Clean> {
    let troubles = accounts::troubles(app);
    if troubles.is_empty() {
        return None;
    }
    let text = Clean::line(&format!("! {}", troubles.join(" · ")));
    Some(text.fit(usize::from(width / 2)))
}

/// What is about to close, in a few words and with the key that tells more.
fn closing(app: &App, width: u16) -> Option<String> {
    let chats = match app.counts.closing {
        0 => return None,
        1 if width < ROOMY => "1 closes soon".to_owned(),
        n if width < ROOMY => format!("{} close soon", clock::number(n)),
        1 => "1 chat closes soon".to_owned(),
        n => format!("{} chats close soon", clock::number(n)),
    };
    let context = match app.focus {
        Focus::Transcript => Context::Transcript,
        _ => Context::List,
    };
    let key = app.keymap.keys_for(Command::Closing, context).into_iter().next();
    let works = app.focus != Focus::Composer;
    let key = key.filter(|_| works).map(|k| format!(" · {k}")).unwrap_or_default();
    Some(format!("! {chats}{key}"))
}

/// A cell is on what is said of things that are about to close.
pub fn hits_closing(app: &App, line: Rect, x: u16, y: u16) -> bool {
    let from: usize = switches(app).iter().map(|(word, _)| crate::text::width(word) + 3).sum();
    let said = closing(app, line.width).filter(|_| {
        !app.engine_gone
            && app.import_line().is_none()
            && find::line(app).is_none()
            && app.indexing.is_none()
            && troubles(app, line.width).is_none()
    });
    let until = said.map_or(0, |text| from + 1 + crate::text::width(&text));
    line.contains(Position::new(x, y)) && (from + 1..until).contains(&usize::from(x - line.x))
}

fn switches(app: &App) -> Vec<(String, Role)> {
    let mut out = Vec::new();
    let Some(status) = &app.status else { return out };
    if status.demo {
        out.push(("demo".into(), Role::StatusBar));
    }
    if status.read_only {
        out.push(("read-only".into(), Role::Warning));
    }
    if status.offline {
        out.push(("offline".into(), Role::StatusBar));
    }
    if let Some(day) = &status.as_of {
        out.push((format!("as of {day}"), Role::StatusBar));
    }
    if !app.mouse {
        out.push(("mouse off".into(), Role::Muted));
    }
    out
}

/// What is written leaves by hand.
fn hands_off(app: &App) -> bool {
    let header = app.transcript.header.as_ref();
    header.is_some_and(|h| matches!(h.composer, ComposerState::HandOff(_)))
}

/// The commands that matter most here.
fn wanted(app: &App, context: Context, closed: bool) -> &'static [(Command, &'static str)] {
    match context {
        Context::Composer if closed => &[
            (Command::Why, "why"),
            (Command::AcceptSuggestion, "answer the guess"),
            (Command::ClearMarks, "take your mark back"),
            (Command::Back, "back"),
        ],
        Context::Composer if hands_off(app) => {
            &[(Command::Send, "hand off"), (Command::Back, "leave"), (Command::Newline, "new line")]
        }
        Context::Composer => &[
            (Command::Send, "send"),
            (Command::Back, "leave"),
            (Command::Newline, "new line"),
            (Command::Attach, "attach"),
        ],
        Context::Transcript => &[
            (Command::SendAgain, "send again"),
            (Command::EditMessage, "edit"),
            (Command::DeleteMessage, "discard"),
            (Command::OpenFile, "open file"),
            (Command::Reply, "reply"),
            (Command::AcceptSuggestion, "answer the guess"),
            (Command::Compose, "write"),
            (Command::Why, "why"),
            (Command::JumpToDate, "date"),
            (Command::CopyMessage, "copy"),
            (Command::Back, "back"),
            (Command::Quit, "quit"),
        ],
        Context::List if app.is_first_run() => &[(Command::Quit, "quit")],
        Context::List if !app.threads.picked.is_empty() => &[
            (Command::Archive, "archive"),
            (Command::Snooze, "snooze"),
            (Command::Labels, "labels"),
            (Command::Pin, "pin"),
            (Command::MarkUnread, "read"),
            (Command::Mute, "mute"),
            (Command::Back, "deselect"),
        ],
        Context::List => &[
            (Command::AcceptSuggestion, "answer the guess"),
            (Command::OpenThread, "open"),
            (Command::Search, "search"),
            (Command::Compose, "write"),
            (Command::Why, "why"),
            (Command::Archive, "archive"),
            (Command::Views, "views"),
            (Command::Import, "import"),
            (Command::Help, "help"),
            (Command::Quit, "quit"),
        ],
        _ => &[],
    }
}

/// The held message did not go.
fn not_gone(app: &App) -> bool {
    let held = app.transcript.focus.and_then(|id| app.transcript.message(id));
    let state = held.and_then(|m| m.send_state);
    matches!(state, Some(SendState::Failed | SendState::Unconfirmed))
}

/// The held message has a file that is here or can be fetched.
fn has_file(app: &App) -> bool {
    let held = app.transcript.focus.and_then(|id| app.transcript.message(id));
    held.is_some_and(|m| m.attachments.iter().any(|a| a.present || a.remote))
}

/// The keys that matter most here, as many as there is room for.
fn keys(app: &App, room: u16) -> Vec<Piece> {
    let mut context = update::context(app);
    let closed = update::is_closed(app);
    let wanted = wanted(app, context, closed);
    if context == Context::Composer && closed {
        // It is the transcript's keys that work here.
        context = Context::Transcript;
    }
    let mut out: Vec<Piece> = Vec::new();
    for (command, does) in wanted {
        // A message is answered, so one must be held.
        if *command == Command::Reply && (closed || app.transcript.focus.is_none())
            || *command == Command::Compose && closed
            || matches!(command, Command::SendAgain | Command::EditMessage | Command::DeleteMessage)
                && !not_gone(app)
            || matches!(command, Command::OpenFile | Command::SaveFile) && !has_file(app)
            || *command == Command::ClearMarks && !app.is_marked()
            || *command == Command::Help && tabs::names_help(app, app.areas().tabs)
            || *command == Command::AcceptSuggestion && !app.has_suggestion()
        {
            continue;
        }
        // Whatever else leads back, Esc does so everywhere.
        let keys = match command {
            Command::Help => vec![help::key(app, Command::Help)],
            _ => app.keymap.keys_for(*command, context),
        };
        let esc = keys.iter().position(|k| *command == Command::Back && k == "Esc");
        let Some(key) = keys.into_iter().nth(esc.unwrap_or(0)) else {
            continue;
        };
        let mut add = Vec::new();
        if !out.is_empty() {
            add.push(Piece::ours("   ", Ink::Text));
        }
        add.push(Piece::line(&key, Ink::Key));
        add.push(Piece::ours(" ", Ink::Text));
        add.push(Piece::ours(does, Ink::Muted));
        if paint::pieces_width(&out) + paint::pieces_width(&add) > room {
            break;
        }
        out.extend(add);
    }
    out
}
