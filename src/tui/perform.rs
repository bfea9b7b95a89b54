//! What each command does.

use super::app::{App, Effect, Focus, Layer};
use super::command::{Command, Context};
use super::keymap::KeyChord;
use super::panes::date::DateState;
use super::panes::first_run::Way;
use super::panes::import::{ImportState, Step};
use super::panes::tabs::tabs;
use super::triage;
use super::update::{is_closed, keep_draft, tell_closed};
use super::{find, go, history, outside, popup, reply, write};
use crate::inbox::{MarkChange, Notice, OpenAt, ReasonRow, Request, Severity, ThreadFilter};
use crate::model::{ThreadId, Wish};

/// Does it.
pub fn perform(app: &mut App, command: Command, context: Context) -> Vec<Effect> {
    match command {
        Command::Quit => return quit(app),
        Command::Suspend => return keep_draft(app).into_iter().chain([Effect::Suspend]).collect(),
        Command::Redraw => return vec![Effect::Redraw],
        Command::ToggleMouse => {
            app.mouse = !app.mouse;
            return vec![Effect::Mouse(app.mouse)];
        }
        Command::Help => {
            if !matches!(app.layers.last(), Some(Layer::Help { .. })) {
                app.layers.push(Layer::Help { scroll: 0 });
            }
            return Vec::new();
        }
        Command::GoTo => return go::open(app, false),
        Command::Palette => return go::open(app, true),
        _ => {}
    }
    if matches!(context, Context::List | Context::Transcript)
        && let Some(effects) = triage::command(app, command)
    {
        return effects;
    }
    match context {
        Context::Popup => popup::command(app, command),
        Context::Import => popup::path_command(app, command),
        Context::Search if matches!(app.layers.last(), Some(Layer::Go(_))) => {
            go::command(app, command)
        }
        Context::Search => find::command(app, command),
        Context::Composer => write::command(app, command),
        Context::List => list(app, command),
        Context::Transcript => transcript(app, command),
        Context::Global => Vec::new(),
    }
}

/// Keys that mean something in one place only, where the place itself names them.
pub fn own_key(app: &mut App, chord: KeyChord) -> Option<Vec<Effect>> {
    if let Some(effects) = find::own_key(app, chord) {
        return Some(effects);
    }
    let typed = chord.text();
    if app.layers.is_empty() && app.is_first_run() {
        let way = match typed? {
            'd' => Way::Demo,
            'i' => Way::Import,
            'a' => Way::Accounts,
            _ => return None,
        };
        return Some(way_in(app, way));
    }
    if typed == Some('Y')
        && app.layers.is_empty()
        && app.focus != Focus::Threads
        && (super::live::is_invited(app) || super::live::is_left_behind(app))
    {
        return Some(super::live::accept(app));
    }
    if app.layers.is_empty() && app.focus == Focus::Composer && is_closed(app) {
        // The closed composer names these keys; there is nothing to type into.
        return match app.keymap.find(Context::Transcript, chord)? {
            Command::Why => Some(why_here(app)),
            Command::Reach => Some(super::people::reach(app)),
            Command::AcceptSuggestion if app.has_suggestion() => Some(suggestion(app)),
            Command::ClearMarks if app.is_marked() => Some(clear_marks(app)),
            _ => None,
        };
    }
    popup::own_key(app, typed?)
}

fn quit(app: &mut App) -> Vec<Effect> {
    keep_draft(app).into_iter().chain([Effect::Quit]).collect()
}

/// Takes a way in from the first page.
pub fn way_in(app: &mut App, way: Way) -> Vec<Effect> {
    match way {
        Way::Demo => vec![Effect::Ask(Request::LoadDemo)],
        Way::Import => open_import(app),
        Way::Accounts => super::accounts::open(app),
    }
}

/// Opens the import form, or the import that is running.
pub fn open_import(app: &mut App) -> Vec<Effect> {
    let mut state = ImportState::default();
    if app.importing {
        let progress = app.progress.clone();
        state.step = Step::Running { progress, asking: false, stopping: false };
        app.layers.push(Layer::Import(state));
        return Vec::new();
    }
    app.layers.push(Layer::Import(state));
    complete_as_typed(app).into_iter().collect()
}

/// Types into the import form or the date prompt.
pub fn type_path(app: &mut App, c: char) -> Vec<Effect> {
    match app.layers.last_mut() {
        Some(Layer::Date(state)) => {
            state.typed.put(c.encode_utf8(&mut [0; 4]));
            state.refused = false;
            Vec::new()
        }
        Some(Layer::Triage(_)) => super::sheets::put(app, c.encode_utf8(&mut [0; 4])),
        Some(Layer::People(_)) => super::people::put(app, c.encode_utf8(&mut [0; 4])),
        Some(Layer::Accounts(_)) => super::accounts::put(app, c.encode_utf8(&mut [0; 4])),
        Some(Layer::Message(_)) => super::live::put(app, c.encode_utf8(&mut [0; 4])),
        Some(Layer::Attach(_)) => super::attach::put(app, c.encode_utf8(&mut [0; 4]), false),
        Some(Layer::Import(ImportState { step: Step::Key { secret, .. }, .. })) => {
            secret.put(c.encode_utf8(&mut [0; 4]));
            Vec::new()
        }
        Some(Layer::Import(state)) => {
            state.push(c);
            complete_as_typed(app).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Asks for what completes the path.
pub fn complete_as_typed(app: &mut App) -> Option<Effect> {
    let ticket = app.ticket();
    match app.layers.last_mut() {
        Some(Layer::Import(state)) => {
            state.ticket = ticket;
            let typed = state.completing().to_owned();
            Some(Effect::Ask(Request::CompletePath { ticket, typed }))
        }
        Some(Layer::Attach(state)) => {
            state.ticket = ticket;
            let typed = state.typed.text().to_owned();
            Some(Effect::Ask(Request::CompletePath { ticket, typed }))
        }
        _ => None,
    }
}

/// A refusal, for telling.
pub fn refusal(what: &str, reason: &ReasonRow) -> Notice {
    Notice::new(Severity::Warning, what, reason.text.clone(), reason.next.clone())
}

/// Another pane takes the keys.
pub fn focus(app: &mut App, to: Focus) -> Vec<Effect> {
    let mut effects = Vec::new();
    if app.focus == Focus::Composer && to != Focus::Composer {
        effects.extend(keep_draft(app));
    }
    if to == Focus::Composer && app.transcript.person.is_some() {
        return super::people::to_its_thread(app);
    }
    let open = app.transcript.thread.is_some() || app.transcript.person.is_some();
    if to != Focus::Threads && !open {
        effects.extend(open_selected(app));
        if app.transcript.thread.is_none() {
            return effects;
        }
    }
    app.focus = to;
    effects
}

/// Opens the selected thread, unless it is open.
pub fn open_selected(app: &mut App) -> Vec<Effect> {
    // Whoever goes elsewhere by hand has left the hits.
    if app.found.take().is_some() {
        app.transcript.mark(None);
    }
    let Some(row) = app.threads.current() else { return Vec::new() };
    let (id, draft) = (row.id, row.draft.clone());
    if app.transcript.thread == Some(id) {
        return Vec::new();
    }
    let mut effects: Vec<Effect> = keep_draft(app).into_iter().collect();
    let draft = app.drafts.get(&id).cloned().or(draft).unwrap_or_default();
    app.composer.start(id, &draft);
    app.waiting.send = None;
    let ticket = app.ticket();
    effects.push(Effect::Ask(app.transcript.open(id, OpenAt::End, ticket)));
    effects
}

/// After the selection moved: side by side, the thread opens at once.
fn follow_selection(app: &mut App) -> Vec<Effect> {
    if app.is_wide() { open_selected(app) } else { Vec::new() }
}

/// The mouse was pressed on a row: selects it; on the selected one: goes into it.
pub fn click_thread(app: &mut App, at: usize) -> Vec<Effect> {
    let again = app.threads.selected == at && app.focus == Focus::Threads;
    let mut effects = focus(app, Focus::Threads);
    app.threads.select(at);
    effects.extend(open_selected(app));
    if again || !app.is_wide() {
        effects.extend(focus(app, Focus::Transcript));
    }
    effects
}

/// Goes into a thread that may stand anywhere.
pub fn go_to_thread(app: &mut App, thread: ThreadId) -> Vec<Effect> {
    if app.found.take().is_some() {
        app.transcript.mark(None);
    }
    if let Some(i) = app.threads.rows.iter().position(|r| r.id == thread) {
        app.threads.select(app.threads.offset + i);
    }
    let mut effects = Vec::new();
    if app.transcript.thread != Some(thread) {
        effects = find::open_at(app, thread, OpenAt::End);
    }
    effects.extend(focus(app, Focus::Transcript));
    effects
}

/// Shows another view.
pub fn set_filter(app: &mut App, filter: ThreadFilter) -> Vec<Effect> {
    let mut effects = focus(app, Focus::Threads);
    app.threads.set_filter(filter);
    let ticket = app.ticket();
    effects.extend(app.threads.refresh(|| ticket).map(Effect::Ask));
    effects
}

fn step_filter(app: &mut App, by: isize) -> Vec<Effect> {
    let tabs = tabs(&app.counts, &app.threads.filter);
    let at = tabs.iter().position(|t| t.filter == app.threads.filter).unwrap_or(0);
    let count = isize::try_from(tabs.len()).unwrap_or(1).max(1);
    let to = (isize::try_from(at).unwrap_or(0) + by).rem_euclid(count);
    let tab = usize::try_from(to).ok().and_then(|i| tabs.into_iter().nth(i));
    tab.map_or_else(Vec::new, |t| set_filter(app, t.filter))
}

fn toggle_filter(app: &mut App, filter: ThreadFilter) -> Vec<Effect> {
    let on = app.threads.filter == filter;
    set_filter(app, if on { ThreadFilter::default() } else { filter })
}

fn filters(app: &mut App, command: Command) -> Vec<Effect> {
    let none = ThreadFilter::default;
    match command {
        Command::FilterAll => set_filter(app, none()),
        Command::FilterNext => step_filter(app, 1),
        Command::FilterPrevious => step_filter(app, -1),
        Command::FilterCrossApp => toggle_filter(app, ThreadFilter { cross_app: true, ..none() }),
        Command::FilterReadOnly => toggle_filter(app, ThreadFilter { read_only: true, ..none() }),
        Command::FilterArchived => toggle_filter(app, ThreadFilter { archived: true, ..none() }),
        Command::FilterUnread => toggle_filter(app, ThreadFilter { unread: true, ..none() }),
        Command::FilterSource => {
            let sources: Vec<_> =
                app.counts.sources.iter().map(|s| s.badge.source.clone()).collect();
            let at = sources.iter().position(|s| Some(s) == app.threads.filter.source.as_ref());
            let next = sources.get(at.map_or(0, |i| i + 1)).cloned();
            set_filter(app, ThreadFilter { source: next, ..none() })
        }
        _ => Vec::new(),
    }
}

fn list(app: &mut App, command: Command) -> Vec<Effect> {
    let page = isize::try_from(app.threads.fits).unwrap_or(1).max(1);
    match command {
        Command::MoveUp => app.threads.step(-1),
        Command::MoveDown => app.threads.step(1),
        Command::PageUp => app.threads.step(-page),
        Command::PageDown => app.threads.step(page),
        Command::HalfPageUp => app.threads.step(-(page / 2).max(1)),
        Command::HalfPageDown => app.threads.step((page / 2).max(1)),
        Command::Top => app.threads.select(0),
        Command::Bottom => app.threads.select(usize::MAX),
        Command::OpenThread => {
            let mut effects = open_selected(app);
            if app.threads.current().is_some() {
                effects.extend(focus(app, Focus::Transcript));
            }
            return effects;
        }
        Command::FocusNext => return focus(app, Focus::Transcript),
        Command::FocusPrevious => return focus(app, Focus::Composer),
        Command::Back => {
            if app.threads.filter != ThreadFilter::default() {
                return set_filter(app, ThreadFilter::default());
            }
        }
        _ => return either(app, command),
    }
    follow_selection(app)
}

fn transcript(app: &mut App, command: Command) -> Vec<Effect> {
    let thread = app.transcript.thread;
    if let Some(effects) = super::live::command(app, command) {
        return effects;
    }
    // Whoever goes on up at the first row asks for what is older.
    let up = match command {
        Command::MoveUp => app.transcript.holds_first(),
        Command::PageUp | Command::HalfPageUp => app.transcript.is_at_start(),
        _ => false,
    };
    if up {
        return super::live::fetch(app, false);
    }
    if moved(app, command) {
        app.transcript.look();
        return super::live::scrolled(app);
    }
    let to = match command {
        Command::Top => app.transcript.to_start(),
        Command::Bottom => app.transcript.to_end(),
        Command::Back if app.found.is_some() => return find::back(app).unwrap_or_default(),
        Command::NextHit => return find::walk(app, 1),
        Command::PreviousHit => return find::walk(app, -1),
        Command::Back => return focus(app, Focus::Threads),
        Command::FocusNext => return focus(app, Focus::Composer),
        Command::FocusPrevious => return focus(app, Focus::Threads),
        Command::CopyMessage => return copy_message(app),
        Command::OpenLink => return copy_link(app),
        Command::React => return wish(app, Wish::React),
        Command::Reply => return reply::begin(app),
        Command::Attach => return super::attach::open(app),
        Command::EditOutside => return outside::begin(app),
        _ => return either(app, command),
    };
    let (Some(thread), Some(at)) = (thread, to) else { return Vec::new() };
    let ticket = app.ticket();
    vec![Effect::Ask(app.transcript.open(thread, at, ticket))]
}

/// Moves up or down, if it is one of these.
fn moved(app: &mut App, command: Command) -> bool {
    match command {
        Command::MoveUp => app.transcript.step(-1),
        Command::MoveDown => app.transcript.step(1),
        Command::PageUp => app.transcript.page(-1),
        Command::PageDown => app.transcript.page(1),
        Command::HalfPageUp => app.transcript.half_page(-1),
        Command::HalfPageDown => app.transcript.half_page(1),
        _ => return false,
    }
    true
}

/// Commands of the list and the transcript alike.
fn either(app: &mut App, command: Command) -> Vec<Effect> {
    match command {
        Command::Compose => return compose(app),
        Command::HandedOff => return history::open(app),
        Command::Why => return why_here(app),
        Command::Rules => return rules(app),
        Command::JumpToDate => {
            let effects = open_selected_if_listed(app);
            if app.transcript.thread.is_some() {
                app.focus = Focus::Transcript;
                app.layers.push(Layer::Date(DateState::default()));
            }
            return effects;
        }
        Command::Search => return find::open(app),
        Command::Import => return open_import(app),
        Command::Accounts => return super::accounts::open(app),
        Command::Notices => app.layers.push(Layer::Notices { scroll: 0 }),
        Command::Call => return wish(app, Wish::Call),
        Command::Reach => return super::people::reach(app),
        Command::NewConversation => return super::people::new_conversation(app),
        Command::Review => return super::people::review(app),
        Command::WhoTheyAre => return super::people::who_here(app),
        Command::Timeline => return super::people::timeline_here(app),
        Command::AcceptSuggestion => return suggestion(app),
        Command::RefuseSuggestion if app.has_suggestion() => {
            return mark(app, MarkChange::NotCrossApp, "Noted: not a cross-app thread");
        }
        Command::RefuseSuggestion => {}
        Command::MarkReadOnly => {
            return mark(app, MarkChange::ReadOnly, "Marked as read-only by you");
        }
        Command::MarkCrossApp => return mark_cross(app),
        Command::ClearMarks => return clear_marks(app),
        _ => return filters(app, command),
    }
    Vec::new()
}

fn compose(app: &mut App) -> Vec<Effect> {
    let mut effects = open_selected_if_listed(app);
    effects.extend(focus(app, Focus::Composer));
    if is_closed(app) {
        tell_closed(app);
    }
    effects
}

/// The ladder of the open thread.
pub fn why_here(app: &mut App) -> Vec<Effect> {
    let mut effects = open_selected_if_listed(app);
    let Some(thread) = app.transcript.thread else { return effects };
    let ticket = app.ticket();
    app.waiting.why = Some(ticket);
    let title = app.open_title();
    app.layers.push(Layer::Why { title, tables: None, scroll: 0 });
    effects.push(Effect::Ask(Request::Why { ticket, thread }));
    effects
}

/// In the list a command means the selected thread, not one that was opened before.
pub fn open_selected_if_listed(app: &mut App) -> Vec<Effect> {
    if app.focus == Focus::Threads { open_selected(app) } else { Vec::new() }
}

fn rules(app: &mut App) -> Vec<Effect> {
    let ticket = app.ticket();
    app.waiting.rules = Some(ticket);
    app.layers.push(Layer::Rules { rows: None, scroll: 0 });
    vec![Effect::Ask(Request::Rules { ticket })]
}

/// Asks whether a wish may be had in the open thread; a refusal says why.
pub fn wish(app: &mut App, wish: Wish) -> Vec<Effect> {
    let mut effects = open_selected_if_listed(app);
    let Some(thread) = app.transcript.thread else { return effects };
    let ticket = app.ticket();
    app.waiting.wish = Some(ticket);
    effects.push(Effect::Ask(Request::Try { ticket, thread, wish }));
    effects
}

fn suggestion(app: &mut App) -> Vec<Effect> {
    let effects = open_selected_if_listed(app);
    app.waiting.suggestion = app.transcript.thread.filter(|_| app.transcript.header.is_none());
    if app.waiting.suggestion.is_none() {
        show_suggestion(app);
    }
    effects
}

/// Shows the open thread's suggestion, or says that there is none.
pub fn show_suggestion(app: &mut App) {
    let header = app.transcript.header.as_ref();
    let found = header.and_then(|h| Some((h.row.id, h.suggestion.clone()?)));
    match found {
        Some((thread, row)) => app.layers.push(Layer::Suggestion { thread, row }),
        None => {
            let what = "There is no suggestion for this thread";
            let copy = app.keymap.keys_for(Command::CopyMessage, Context::Transcript);
            let hint = copy.first().map(|k| format!("{k} copies a message")).unwrap_or_default();
            app.tell(Notice::new(Severity::Info, what, "", hint));
        }
    }
}

/// Marks the open thread.
pub fn mark(app: &mut App, change: MarkChange, told: &str) -> Vec<Effect> {
    let mut effects = open_selected_if_listed(app);
    let Some(thread) = app.transcript.thread else { return effects };
    let hint = match app.keymap.keys_for(Command::ClearMarks, Context::List).first() {
        Some(key) if change != MarkChange::Clear => format!("{key} takes it back"),
        _ => String::new(),
    };
    app.tell(Notice::new(Severity::Info, told, "", hint));
    effects.push(Effect::Ask(Request::Mark { thread, change }));
    effects
}

fn clear_marks(app: &mut App) -> Vec<Effect> {
    mark(app, MarkChange::Clear, "Your marks were taken back")
}

/// Which app it crosses to is known where it is suggested, or where only one other app is here.
fn mark_cross(app: &mut App) -> Vec<Effect> {
    if app.has_suggestion() {
        return suggestion(app);
    }
    let mut effects = open_selected_if_listed(app);
    let own = app.threads.current().map(|r| r.badge.source.clone());
    let own = app.transcript.header.as_ref().map(|h| h.row.badge.source.clone()).or(own);
    let others: Vec<_> = app
        .counts
        .sources
        .iter()
        .map(|s| s.badge.clone())
        .filter(|b| Some(&b.source) != own.as_ref())
        .collect();
    if others.is_empty() {
        let what = "There is no other app here to cross to";
        let hint = "onebox mark THREAD --cross-app SOURCE names any app";
        app.tell(Notice::new(Severity::Warning, what, "", hint));
        return effects;
    }
    if let Some(thread) = app.transcript.thread {
        app.layers.push(Layer::CrossTo { thread, others, chosen: 0 });
    }
    effects.extend(keep_draft(app));
    effects
}

fn copy_message(app: &mut App) -> Vec<Effect> {
    let held = app.transcript.focus.or_else(|| app.transcript.view.last().map(|s| s.message));
    let text = held.and_then(|id| app.transcript.message(id)).map(|m| m.text.clone());
    match text.filter(|t| !t.trim().is_empty()) {
        Some(text) => {
            app.tell(Notice::new(Severity::Info, "Message copied", "", ""));
            vec![Effect::Copy(text)]
        }
        None => {
            app.tell(Notice::new(Severity::Info, "This message has no text to copy", "", ""));
            Vec::new()
        }
    }
}

/// Addresses from messages are shown and copied. Opening them is left to the person's browser:
/// nothing that a stranger wrote starts a program.
fn copy_link(app: &mut App) -> Vec<Effect> {
    let held = app.transcript.focus.or_else(|| app.transcript.view.last().map(|s| s.message));
    let found = held.and_then(|id| app.transcript.message(id)).and_then(|m| {
        let is_web = |w: &&str| w.starts_with("http://") || w.starts_with("https://");
        let shared = m.attachments.iter().map(|a| a.path.as_str()).find(|p| is_web(p));
        shared.or_else(|| m.text.split_whitespace().find(is_web)).map(str::to_owned)
    });
    match found {
        Some(url) => {
            let what = "Link copied";
            app.tell(Notice::new(Severity::Info, what, url.clone(), "Paste it in your browser"));
            vec![Effect::Copy(url)]
        }
        None => {
            app.tell(Notice::new(Severity::Info, "There is no link in this message", "", ""));
            Vec::new()
        }
    }
}
