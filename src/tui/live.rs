//! What a person does in a live thread: sends again, edits, deletes, reacts, accepts, fetches what
//! is missing.

use super::answer;
use super::app::{App, Effect, Focus, Layer};
use super::command::{Command, Context};
use super::panes::composer::Editing;
use super::panes::message::MessageSheet;
use super::panes::transcript::Gaps;
use super::perform::{focus, wish};
use super::update::keep_draft;
use super::write::edit_text;
use crate::inbox::{
    AccountRow, AccountState, Alteration, ComposerState, MessageRow, Notice, Request, RowKind,
    Severity, Ticket, Update,
};
use crate::model::{Deletion, SendState, ThreadId, Wish};

/// What is known of looking, fetching and changing.
#[derive(Clone, Debug, Default)]
pub struct LiveState {
    /// The gaps that were asked for and have not come.
    fetching: Vec<(ThreadId, String)>,
    /// A message that is taken back in order to be dropped.
    dropping: Option<Ticket>,
    /// What was begun while the policy is asked.
    trying: Option<Ticket>,
}

/// The open thread's live account, if it is live and known.
pub fn account(app: &App) -> Option<&AccountRow> {
    let live = app.transcript.header.as_ref()?.live?;
    app.accounts.iter().find(|a| a.id == live)
}

/// The open thread is live, and what is sent there waits.
pub fn waits(app: &App) -> bool {
    account(app).is_some_and(|a| a.state != AccountState::Online)
}

/// The open thread is live.
pub fn is_live(app: &App) -> bool {
    app.transcript.header.as_ref().is_some_and(|h| h.live.is_some())
}

/// The open thread is an invitation.
pub fn is_invited(app: &App) -> bool {
    let header = app.transcript.header.as_ref();
    header.is_some_and(
        |h| matches!(&h.composer, ComposerState::Closed(r) if r.code == "not-accepted"),
    )
}

/// Another thread took the place of the open one, and I am not in it yet.
pub fn is_left_behind(app: &App) -> bool {
    let header = app.transcript.header.as_ref();
    header.is_some_and(|h| {
        h.live.is_some()
            && matches!(&h.composer, ComposerState::Closed(r) if r.code == "replaced-elsewhere")
    })
}

fn held(app: &App) -> Option<&MessageRow> {
    let held = app.transcript.focus.or_else(|| app.transcript.view.last().map(|s| s.message));
    held.and_then(|id| app.transcript.message(id))
}

/// It has not gone, and may be taken back.
fn is_unsent(m: &MessageRow) -> bool {
    matches!(m.send_state, Some(SendState::Queued | SendState::Failed | SendState::Unconfirmed))
}

fn told(app: &mut App, what: &str) -> Vec<Effect> {
    app.tell(Notice::new(Severity::Info, what, "", ""));
    Vec::new()
}

/// Does a command of the transcript, if it is one of these.
pub fn command(app: &mut App, command: Command) -> Option<Vec<Effect>> {
    Some(match command {
        Command::SendAgain => send_again(app),
        Command::Accept => accept(app),
        Command::EditMessage => edit(app),
        Command::DeleteMessage => delete(app),
        Command::FetchOlder => fetch(app, true),
        Command::OpenFile => super::media::open(app),
        Command::SaveFile => super::media::save(app),
        Command::React if is_live(app) => react(app),
        _ => return None,
    })
}

/// The open thread is a message request: writing accepts it.
pub fn is_request(app: &App) -> bool {
    app.transcript.header.as_ref().is_some_and(|h| h.row.request) && !is_invited(app)
}

/// Accepts the invitation that is open. What came of it is told when the service has answered.
pub fn accept(app: &mut App) -> Vec<Effect> {
    if is_request(app) {
        return told(app, "It is a message request: writing accepts it");
    }
    let follows = is_left_behind(app);
    let Some(thread) = app.transcript.thread.filter(|_| follows || is_invited(app)) else {
        return told(app, "This is no invitation");
    };
    let when = match (waits(app), follows) {
        (true, false) => "It is accepted as soon as the account is online",
        (false, false) => "Asked to accept; the answer of the service follows",
        (true, true) => "The thread that took its place is joined as soon as the account is online",
        (false, true) => "Asked to join what took its place; the answer of the service follows",
    };
    app.tell(Notice::new(Severity::Info, when, "", ""));
    vec![Effect::Ask(Request::Accept { thread })]
}

fn send_again(app: &mut App) -> Vec<Effect> {
    match held(app).map(|m| (m.id, m.send_state)) {
        Some((message, Some(SendState::Failed | SendState::Unconfirmed))) => {
            vec![Effect::Ask(Request::Retry { message })]
        }
        Some((_, Some(SendState::Queued))) => told(app, "It waits already, and goes by itself"),
        _ => told(app, "This message needs no sending again"),
    }
}

/// My own message, or why not.
fn own(app: &mut App, asks: Wish) -> Result<MessageRow, Vec<Effect>> {
    if !is_live(app) {
        return Err(wish(app, asks));
    }
    match held(app) {
        Some(m) if !m.mine => Err(told(app, "Only your own messages can be changed")),
        Some(m) if m.send_state == Some(SendState::Sending) => {
            Err(told(app, "It is on its way; wait a moment"))
        }
        Some(m) if m.deletion == Deletion::None && m.kind == RowKind::Text => Ok(m.clone()),
        _ => Err(told(app, "This message cannot be changed")),
    }
}

/// Asks the policy of what is begun at once, so that whoever is quick is not held up.
fn tried(app: &mut App, thread: ThreadId, wish: Wish) -> Effect {
    let thread = app.transcript.thread.unwrap_or(thread);
    let ticket = app.ticket();
    app.live.trying = Some(ticket);
    Effect::Ask(Request::Try { ticket, thread, wish })
}

/// Takes the answer to what was begun; other updates are given back.
pub fn take(app: &mut App, update: Update) -> Option<Update> {
    let asked = app.live.trying;
    let is_it = |ticket| asked == Some(ticket);
    match update {
        Update::HandOff { ticket, .. } if is_it(ticket) => app.live.trying = None,
        Update::Refused { ticket, wish, reason, .. } if is_it(ticket) => {
            app.live.trying = None;
            match wish {
                Wish::Edit if app.composer.editing.is_some() => {
                    end_edit(app);
                    app.focus = Focus::Transcript;
                }
                Wish::Delete | Wish::React if top(app).is_some() => drop(app.layers.pop()),
                _ => {}
            }
            answer::refused(app, wish, &reason);
        }
        other => return Some(other),
    }
    None
}

fn edit(app: &mut App) -> Vec<Effect> {
    let m = match own(app, Wish::Edit) {
        Ok(m) => m,
        Err(effects) => return effects,
    };
    if is_unsent(&m) {
        let ticket = app.ticket();
        let mut effects = focus(app, Focus::Composer);
        effects.push(Effect::Ask(Request::TakeBack { ticket, message: m.id }));
        return effects;
    }
    let mut effects: Vec<Effect> = keep_draft(app).into_iter().collect();
    let draft = match &app.composer.editing {
        Some(editing) => editing.draft.clone(),
        None => app.composer.text.text().to_owned(),
    };
    app.composer.editing = Some(Editing { message: m.id, draft, sent: None });
    app.composer.text.set_text(&m.text);
    effects.extend(focus(app, Focus::Composer));
    effects.push(tried(app, m.thread, Wish::Edit));
    effects
}

/// The edited text goes out; it stays in the composer until it is taken.
pub fn send_edit(app: &mut App) -> Vec<Effect> {
    let ticket = app.ticket();
    let text = app.composer.text.text().to_owned();
    let Some(editing) = &mut app.composer.editing else { return Vec::new() };
    if text.trim().is_empty() || editing.sent.is_some() {
        return Vec::new();
    }
    editing.sent = Some(ticket);
    let message = editing.message;
    app.waiting.wish = Some(ticket);
    vec![Effect::Ask(Request::Alter { ticket, message, change: Alteration::Edit(text) })]
}

/// No message is edited any more; the draft is back.
pub fn end_edit(app: &mut App) {
    if let Some(editing) = app.composer.editing.take() {
        app.composer.text.set_text(&editing.draft);
    }
}

/// Something of a thread has changed: an edit that went out is done.
pub fn changed(app: &mut App, threads: &[ThreadId]) {
    let here = app.composer.thread.is_some_and(|t| threads.contains(&t));
    if here && app.composer.editing.as_ref().is_some_and(|e| e.sent.is_some()) {
        end_edit(app);
    }
    // What has come names another place; a gap that stays may be asked for again.
    app.live.fetching.retain(|(thread, _)| !threads.contains(thread));
}

/// A wish was refused: an edited text may be sent again.
pub fn refused(app: &mut App, ticket: Ticket) {
    if let Some(editing) = &mut app.composer.editing {
        editing.sent.take_if(|t| *t == ticket);
    }
}

/// A message that was taken back was to be dropped.
pub fn dropped(app: &mut App, ticket: Ticket) -> bool {
    let dropped = app.live.dropping.take_if(|t| *t == ticket).is_some();
    if dropped {
        told(app, "Message discarded");
    }
    dropped
}

fn delete(app: &mut App) -> Vec<Effect> {
    match own(app, Wish::Delete) {
        Ok(m) => {
            let unsent = is_unsent(&m);
            let sheet = MessageSheet::Delete { message: m.id, text: m.text, unsent };
            app.layers.push(Layer::Message(Box::new(sheet)));
            // What has not gone is dropped here.
            if unsent { Vec::new() } else { vec![tried(app, m.thread, Wish::Delete)] }
        }
        Err(effects) => effects,
    }
}

fn react(app: &mut App) -> Vec<Effect> {
    let Some((message, thread)) = held(app).map(|m| (m.id, m.thread)) else { return Vec::new() };
    // A person's timeline is of many threads: each is asked when it is chosen.
    let here = app.transcript.header.as_ref().filter(|_| app.transcript.person.is_none());
    let allowed = here.map(|h| h.reactions.clone()).unwrap_or_default();
    let sheet = MessageSheet::React { message, typed: Default::default(), chosen: 0, allowed };
    app.layers.push(Layer::Message(Box::new(sheet)));
    vec![tried(app, thread, Wish::React)]
}

fn top(app: &mut App) -> Option<&mut MessageSheet> {
    match app.layers.last_mut() {
        Some(Layer::Message(sheet)) => Some(sheet),
        _ => None,
    }
}

/// Types or pastes into the question.
pub fn put(app: &mut App, text: &str) -> Vec<Effect> {
    if let Some(sheet) = top(app) {
        sheet.put(text);
    }
    Vec::new()
}

/// Keys that the question names itself.
pub fn own_key(app: &mut App, typed: char) -> Option<Vec<Effect>> {
    let Some(MessageSheet::Delete { message, unsent, .. }) = top(app) else { return None };
    let (message, unsent) = (*message, *unsent);
    match typed {
        'y' => {}
        'n' | 'q' => {
            app.layers.pop();
            return Some(Vec::new());
        }
        // Taking something away takes `y`; a stray letter must not.
        _ => return Some(Vec::new()),
    }
    app.layers.pop();
    let ticket = app.ticket();
    if unsent {
        app.live.dropping = Some(ticket);
        return Some(vec![Effect::Ask(Request::TakeBack { ticket, message })]);
    }
    app.waiting.wish = Some(ticket);
    let change = Alteration::Delete;
    Some(vec![Effect::Ask(Request::Alter { ticket, message, change })])
}

/// Does a command in the question.
pub fn sheet_command(app: &mut App, command: Command) -> Vec<Effect> {
    let ticket = app.ticket();
    let Some(sheet) = top(app) else { return Vec::new() };
    match command {
        Command::Back | Command::Cancel => drop(app.layers.pop()),
        Command::MoveUp => sheet.step(-1),
        Command::MoveDown => sheet.step(1),
        Command::Confirm => {
            let offers = sheet.offers();
            let MessageSheet::React { message, chosen, .. } = sheet else { return Vec::new() };
            let (message, chosen) = (*message, *chosen);
            let Some((emoji, _)) = offers.into_iter().nth(chosen) else { return Vec::new() };
            app.layers.pop();
            app.waiting.wish = Some(ticket);
            let change = Alteration::React(emoji);
            return vec![Effect::Ask(Request::Alter { ticket, message, change })];
        }
        other => {
            if let MessageSheet::React { typed, chosen, .. } = sheet {
                edit_text(typed.composer(), other);
                *chosen = 0;
            }
        }
    }
    Vec::new()
}

/// Asks for what is missing: in the gap that is held or seen, else before the oldest message; of
/// itself only once.
pub fn fetch(app: &mut App, again: bool) -> Vec<Effect> {
    let seen = app.transcript.gap_in_sight().map(str::to_owned);
    let header = app.transcript.header.as_ref();
    let gap = header.and_then(|h| Some((h.row.id, seen.or_else(|| h.older.clone())?)));
    match gap {
        Some(gap) => ask_for(app, gap, again),
        None if again => told(app, "Nothing is missing that is on the server"),
        None => Vec::new(),
    }
}

fn ask_for(app: &mut App, gap: (ThreadId, String), again: bool) -> Vec<Effect> {
    let asked = app.live.fetching.contains(&gap);
    if asked && !again {
        return Vec::new();
    }
    if !asked {
        app.live.fetching.push(gap.clone());
    }
    let (thread, token) = gap;
    vec![Effect::Ask(Request::FetchOlder { thread, token: Some(token) })]
}

/// Whoever has scrolled to a gap wants what is in it.
pub fn scrolled(app: &mut App) -> Vec<Effect> {
    let there = app.transcript.thread.filter(|_| is_live(app) && !waits(app));
    let gap = there.zip(app.transcript.gap_in_sight().map(str::to_owned));
    gap.map_or_else(Vec::new, |gap| ask_for(app, gap, false))
}

fn fetch_key(app: &App) -> Option<String> {
    app.keymap.keys_for(Command::FetchOlder, Context::Transcript).into_iter().next()
}

/// What stands above the oldest message where there is more on the server.
pub fn older_line(app: &App) -> String {
    let token = app.transcript.header.as_ref().and_then(|h| h.older.as_ref());
    let asked = |(thread, asked): &(ThreadId, String)| {
        Some(*thread) == app.transcript.thread && Some(asked) == token
    };
    match fetch_key(app) {
        _ if app.live.fetching.iter().any(asked) => "fetching older messages…".to_owned(),
        Some(key) => format!("older messages are on the server · {key} fetches them"),
        None => "older messages are on the server".to_owned(),
    }
}

/// What stands where messages are missing in the middle.
pub fn gap_lines(app: &App) -> Gaps {
    let mine = app.live.fetching.iter().filter(|(t, _)| Some(*t) == app.transcript.thread);
    let line = match fetch_key(app) {
        Some(key) => format!("messages are missing here · {key} fetches them"),
        None => "messages are missing here".to_owned(),
    };
    Gaps { fetching: mine.map(|(_, token)| token.clone()).collect(), line }
}

/// Who is typing in the open thread.
pub fn typing_line(app: &App) -> Option<String> {
    let names = app.typing.get(&app.transcript.thread?)?;
    match names.as_slice() {
        [] => None,
        [one] => Some(format!("{one} is typing…")),
        [one, two] => Some(format!("{one} and {two} are typing…")),
        [one, rest @ ..] => Some(format!("{one} and {} others are typing…", rest.len())),
    }
}
