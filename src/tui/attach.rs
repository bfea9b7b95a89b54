//! Files that go with what is being written: picked by path, dropped or pasted, taken out again.

use std::collections::HashMap;
use std::path::PathBuf;

use super::app::{App, Effect, Focus, Layer};
use super::command::{Command, Context};
use super::panes::attach::{self, AttachState, Item};
use super::panes::import::paths;
use super::panes::sheet;
use super::perform::{complete_as_typed, focus, refusal, wish};
use super::write::edit_text;
use crate::inbox::{ComposerState, FileRow, Notice, Request, Severity, Ticket};
use crate::model::{ThreadId, Wish};

/// More files than this are not dropped at once.
const DROPPED: usize = 30;

/// What is known of files that go along, and of those that are being looked at.
#[derive(Clone, Debug, Default)]
pub struct Attaching {
    /// By thread, in the order in which they go.
    files: HashMap<ThreadId, Vec<FileRow>>,
    /// Files that are looked at, by the request: for which thread, and what of.
    looked: HashMap<Ticket, (ThreadId, Looked)>,
    /// What was pasted may be meant as files: the thread, the text, the files.
    offered: Option<(ThreadId, String, Vec<FileRow>)>,
}

/// Why files are looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Looked {
    /// They are to go along.
    Wanted,
    /// The person pasted a text that may be meant so.
    Pasted(String),
}

/// The files that go with what is being written.
pub fn current(app: &App) -> &[FileRow] {
    let files = app.composer.thread.and_then(|t| app.attaching.files.get(&t));
    files.filter(|_| app.composer.editing.is_none()).map_or(&[], Vec::as_slice)
}

/// These are on their way, with this text; what was added since stays.
pub fn done(app: &mut App, thread: ThreadId, text: &str, sent: &[PathBuf]) {
    if let Some(files) = app.attaching.files.get_mut(&thread) {
        files.retain(|f| !sent.contains(&f.path));
    }
    app.attaching.offered.take_if(|(t, pasted, _)| *t == thread && text.contains(pasted.as_str()));
}

/// Opens the prompt, or takes the files that were just pasted as text.
pub fn open(app: &mut App) -> Vec<Effect> {
    let Some(thread) = app.transcript.thread else { return Vec::new() };
    let Some(header) = &app.transcript.header else { return Vec::new() };
    if header.live.is_none() || !matches!(header.composer, ComposerState::Live) {
        return wish(app, Wish::Attach);
    }
    if let Some(reason) = header.no_files.clone() {
        app.tell(refusal("A file cannot be sent here", &reason));
        return Vec::new();
    }
    if app.composer.editing.is_some() {
        app.tell(Notice::new(
            Severity::Info,
            "No file is added to a message that was sent",
            "",
            "",
        ));
        return Vec::new();
    }
    let mut effects = focus(app, Focus::Composer);
    if let Some(taken) = take_offer(app, thread) {
        effects.extend(taken);
        return effects;
    }
    app.layers.push(Layer::Attach(Box::new(AttachState::new(thread))));
    effects.extend(complete_as_typed(app));
    effects
}

/// What was pasted stands in the composer still: it goes as files instead.
fn take_offer(app: &mut App, thread: ThreadId) -> Option<Vec<Effect>> {
    let (_, text, files) = app.attaching.offered.take_if(|(t, ..)| *t == thread)?;
    let rest = app.composer.text.text().replacen(&text, "", 1);
    if rest == app.composer.text.text() {
        return None;
    }
    app.composer.text.set_text(rest.trim_end());
    app.composer.touched(app.now);
    add(app, thread, files);
    Some(Vec::new())
}

fn add(app: &mut App, thread: ThreadId, files: Vec<FileRow>) {
    let all = app.attaching.files.entry(thread).or_default();
    for file in files {
        if !all.iter().any(|f| f.path == file.path) {
            all.push(file);
        }
    }
}

fn look(app: &mut App, thread: ThreadId, paths: Vec<PathBuf>, why: Looked) -> Effect {
    let ticket = app.ticket();
    app.attaching.looked.insert(ticket, (thread, why));
    Effect::Ask(Request::LookAtFiles { ticket, thread, paths })
}

/// A message with a file was taken back: the file is there again.
pub fn again(app: &mut App, thread: ThreadId, path: PathBuf) -> Effect {
    look(app, thread, vec![path], Looked::Wanted)
}

/// A text was pasted into the composer. Where it is the path of a file, that may be meant.
pub fn pasted(app: &mut App, text: &str) -> Option<Effect> {
    let header = app.transcript.header.as_ref()?;
    let takes = header.live.is_some() && header.no_files.is_none();
    let thread = app.composer.thread.filter(|_| takes && app.composer.editing.is_none())?;
    let found = paths(text);
    let is_path = |p: &String| p.starts_with('/') || p.starts_with("~/");
    if found.is_empty() || found.len() > DROPPED || !found.iter().all(is_path) {
        return None;
    }
    let paths = found.into_iter().map(PathBuf::from).collect();
    Some(look(app, thread, paths, Looked::Pasted(text.trim().to_owned())))
}

/// Files were looked at.
pub fn came(app: &mut App, ticket: Ticket, files: Vec<FileRow>) -> Vec<Effect> {
    let Some((thread, why)) = app.attaching.looked.remove(&ticket) else {
        return Vec::new();
    };
    let (fine, bad): (Vec<_>, Vec<_>) = files.into_iter().partition(|f| f.problem.is_none());
    if let Looked::Pasted(text) = why {
        let key = app.keymap.keys_for(Command::Attach, Context::Composer).into_iter().next();
        if let Some(key) = key.filter(|_| bad.is_empty() && !fine.is_empty()) {
            let what = match fine.len() {
                1 => "That is a file on this machine".to_owned(),
                n => format!("Those are {n} files on this machine"),
            };
            app.tell(Notice::new(Severity::Info, what, "", format!("{key} attaches instead")));
            app.attaching.offered = Some((thread, text, fine));
        }
        return Vec::new();
    }
    let problem = bad.into_iter().find_map(|f| f.problem);
    let picked = !fine.is_empty();
    add(app, thread, fine);
    match app.layers.last_mut() {
        Some(Layer::Attach(state)) => {
            if picked {
                state.picked();
            }
            state.problem = problem;
            complete_as_typed(app).into_iter().collect()
        }
        _ => {
            if let Some((why, next)) = problem {
                app.tell(Notice::new(Severity::Warning, "The file is not attached", why, next));
            }
            Vec::new()
        }
    }
}

/// Takes a file out again: the one that is chosen, else the last.
pub fn remove(app: &mut App) -> Vec<Effect> {
    let Some(thread) = app.composer.thread else { return Vec::new() };
    let chosen = match app.layers.last() {
        Some(Layer::Attach(state)) => match state.chosen {
            Some(Item::File(n)) => Some(n),
            Some(Item::Path(_)) | None => None,
        },
        _ => None,
    };
    let Some(files) = app.attaching.files.get_mut(&thread) else { return Vec::new() };
    let at = chosen.unwrap_or(files.len().saturating_sub(1));
    if at < files.len() {
        files.remove(at);
    }
    let left = files.len();
    if let Some(Layer::Attach(state)) = app.layers.last_mut()
        && let Some(Item::File(n)) = state.chosen
    {
        state.chosen = left.checked_sub(1).map(|last| Item::File(n.min(last)));
    }
    Vec::new()
}

/// Backspace would take a file: they stand before the text.
pub fn is_before_cursor(app: &App) -> bool {
    let text = &app.composer.text;
    text.cursor_offset() == 0 && text.selection().is_none() && !current(app).is_empty()
}

fn top(app: &mut App) -> Option<&mut AttachState> {
    match app.layers.last_mut() {
        Some(Layer::Attach(state)) => Some(state),
        _ => None,
    }
}

/// Types or pastes into the prompt. What is dropped on it goes along at once.
pub fn put(app: &mut App, text: &str, dropped: bool) -> Vec<Effect> {
    let Some(state) = top(app) else { return Vec::new() };
    let thread = state.thread;
    if dropped && state.typed.text().is_empty() {
        let found: Vec<PathBuf> =
            paths(text).into_iter().take(DROPPED).map(PathBuf::from).collect();
        if let [one] = found.as_slice() {
            // A path in parts is typed on.
            state.typed.put(&one.to_string_lossy());
        }
        if !found.is_empty() {
            return vec![look(app, thread, found, Looked::Wanted)];
        }
    }
    state.typed.put(text);
    state.changed();
    complete_as_typed(app).into_iter().collect()
}

/// Does a command in the prompt.
pub fn command(app: &mut App, command: Command) -> Vec<Effect> {
    let files = current(app).len();
    let Some(state) = top(app) else { return Vec::new() };
    match command {
        Command::Cancel | Command::Back => drop(app.layers.pop()),
        Command::MoveUp => state.choose(files, -1),
        Command::MoveDown => state.choose(files, 1),
        Command::DropFile => return remove(app),
        Command::CompletePath => {
            state.complete();
            return complete_as_typed(app).into_iter().collect();
        }
        Command::Confirm => return confirm(app),
        Command::DeleteWordBack => {
            state.typed.delete_part();
            state.changed();
            return complete_as_typed(app).into_iter().collect();
        }
        other => {
            let before = state.typed.text().to_owned();
            edit_text(state.typed.composer(), other);
            if state.typed.text() != before {
                state.changed();
                return complete_as_typed(app).into_iter().collect();
            }
        }
    }
    Vec::new()
}

fn confirm(app: &mut App) -> Vec<Effect> {
    let any = !current(app).is_empty();
    let Some(state) = top(app) else { return Vec::new() };
    let thread = state.thread;
    if matches!(state.chosen, Some(Item::Path(_))) && !state.complete() {
        return complete_as_typed(app).into_iter().collect();
    }
    let typed = state.typed.text().trim().to_owned();
    // Nothing more is named: they go with the text.
    if typed.is_empty() || typed.ends_with('/') && any {
        app.layers.pop();
        return Vec::new();
    }
    let found = paths(&typed).into_iter().map(PathBuf::from).collect();
    vec![look(app, thread, found, Looked::Wanted)]
}

/// The mouse was pressed in the prompt.
pub fn click(app: &mut App, y: u16) -> Vec<Effect> {
    let all = app.areas().all;
    let Some(Layer::Attach(state)) = app.layers.last() else { return Vec::new() };
    let shown = attach::sheet(state, app);
    let area = sheet::text_area(&shown, all);
    let line = usize::from(y.saturating_sub(area.y)) + sheet::first_line(&shown, 0, all);
    let item = attach::hit(state, app, line);
    let again = item.is_some() && item == state.chosen;
    if let Some(state) = top(app).filter(|_| item.is_some()) {
        state.chosen = item;
    }
    if again { confirm(app) } else { Vec::new() }
}
