//! What a person does with people: reaches them elsewhere with the draft, says who is who, reads
//! the timeline over all apps.

use super::app::{App, Effect, Focus, Layer, Start};
use super::command::Command;
use super::panes::people::{EverybodyState, LinksState, PeopleSheet, PersonState, ReachState};
use super::perform::{focus, go_to_thread, open_selected_if_listed};
use super::update::keep_draft;
use super::write::edit_text;
use crate::inbox::{
    GroupLinkRow, LinkRow, Notice, OpenAt, PeopleChange, PersonHint, PersonRow, ReachCard, Request,
    Severity, Ticket, Who, Whose,
};
use crate::model::{PersonId, ThreadId};
use crate::tui::panes::people::{Choice, Pair};

/// People asked for at once.
const PEOPLE: usize = 200;
/// Messages asked for at once.
const PAGE: usize = 100;

/// Opens the reach card of a thread, or of the person whose timeline is open.
pub fn reach(app: &mut App) -> Vec<Effect> {
    if let Some(person) = whose_timeline(app) {
        let ticket = app.ticket();
        let asked = ReachState::asked(ticket, ThreadId(0));
        app.layers.push(Layer::People(Box::new(PeopleSheet::Reach(asked))));
        return vec![Effect::Ask(Request::ReachPerson { ticket, person })];
    }
    let Some(from) = here(app) else { return nowhere(app) };
    let mut effects: Vec<Effect> = keep_draft(app).into_iter().collect();
    let ticket = app.ticket();
    app.layers.push(Layer::People(Box::new(PeopleSheet::Reach(ReachState::asked(ticket, from)))));
    effects.push(Effect::Ask(Request::Reach { ticket, thread: from }));
    effects
}

/// A new conversation goes through the same card: why it may not begin here stands on it.
pub fn new_conversation(app: &mut App) -> Vec<Effect> {
    let mut effects = reach(app);
    let Some(thread) = here(app).filter(|_| whose_timeline(app).is_none()) else { return effects };
    let ticket = app.ticket();
    app.waiting.begin = Some(ticket);
    let wish = crate::model::Wish::StartThread;
    effects.push(Effect::Ask(Request::Try { ticket, thread, wish }));
    effects
}

/// A new conversation may not begin where one is: said on the card.
pub fn refused_here(app: &mut App, notice: &Notice) {
    refuse(app, notice.line());
}

fn whose_timeline(app: &App) -> Option<PersonId> {
    app.transcript.person.filter(|_| app.focus != Focus::Threads)
}

fn nowhere(app: &mut App) -> Vec<Effect> {
    app.tell(Notice::new(Severity::Info, "No thread is chosen", "", "↑ and ↓ choose one"));
    Vec::new()
}

/// The thread that a command is about.
fn here(app: &App) -> Option<ThreadId> {
    match app.focus {
        Focus::Threads => app.threads.current().map(|r| r.id),
        Focus::Transcript | Focus::Composer => app.transcript.thread,
    }
}

/// Opens the review of who may be the same.
pub fn review(app: &mut App) -> Vec<Effect> {
    app.layers.push(Layer::People(Box::new(PeopleSheet::Links(LinksState::default()))));
    ask_links(app).into_iter().collect()
}

fn ask_links(app: &mut App) -> Option<Effect> {
    let ticket = app.ticket();
    let Some(PeopleSheet::Links(state)) = top(app) else { return None };
    state.ticket = ticket;
    Some(Effect::Ask(Request::Links { ticket }))
}

fn ask_everybody(app: &mut App) -> Option<Effect> {
    let ticket = app.ticket();
    let Some(PeopleSheet::Everybody(state)) = top(app) else { return None };
    state.ticket = ticket;
    let name = state.typed.text().to_owned();
    Some(Effect::Ask(Request::People { ticket, name, offset: 0, limit: PEOPLE }))
}

/// Who somebody is where: whoever is read, or the thread is with.
pub fn who_here(app: &mut App) -> Vec<Effect> {
    let read = match app.focus {
        Focus::Threads => None,
        Focus::Transcript | Focus::Composer => app.transcript.person.map(Whose::Person),
    };
    match read.or_else(|| here(app).map(Whose::Thread)) {
        Some(whose) => who(app, whose),
        None => Vec::new(),
    }
}

fn who(app: &mut App, whose: Whose) -> Vec<Effect> {
    app.layers.push(Layer::People(Box::new(PeopleSheet::Person(PersonState::about(whose)))));
    ask_person(app).into_iter().collect()
}

fn ask_person(app: &mut App) -> Option<Effect> {
    let ticket = app.ticket();
    let Some(PeopleSheet::Person(state)) = top(app) else { return None };
    state.ticket = ticket;
    Some(Effect::Ask(Request::Person { ticket, whose: state.whose }))
}

/// "This account is somebody else": what one stands on is taken out of its person.
fn take_out(app: &mut App) -> Vec<Effect> {
    let Some(PeopleSheet::Person(state)) = top(app) else { return Vec::new() };
    match state.take_out() {
        Some(identity) => vec![Effect::Ask(Request::ChangePeople(PeopleChange::Unlink(identity)))],
        None => {
            state.refused = "It stands alone already.";
            Vec::new()
        }
    }
}

/// "This is me": what one stands on is the person themselves, in that account.
fn this_is_me(app: &mut App) -> Option<Vec<Effect>> {
    let Some(PeopleSheet::Person(state)) = top(app) else { return None };
    let identity = state.person()?.identities.get(state.chosen)?.id;
    Some(vec![Effect::Ask(Request::ThisIsMe { identity })])
}

/// Something of people may have changed: asks for what is shown again.
pub fn changed(app: &mut App) -> Option<Effect> {
    ask_links(app).or_else(|| ask_everybody(app)).or_else(|| ask_person(app))
}

fn top(app: &mut App) -> Option<&mut PeopleSheet> {
    match app.layers.last_mut() {
        Some(Layer::People(sheet)) => Some(sheet),
        _ => None,
    }
}

/// Keys that a sheet names itself.
pub fn own_key(app: &mut App, typed: char) -> Option<Vec<Effect>> {
    match top(app) {
        Some(PeopleSheet::Links(_)) => {}
        Some(PeopleSheet::Person(_)) => {
            return match typed {
                'Z' => Some(vec![Effect::Ask(Request::Undo)]),
                'm' => this_is_me(app),
                _ => None,
            };
        }
        _ => return None,
    }
    Some(match typed {
        'y' => answer(app, PeopleChange::Link, PeopleChange::JoinGroups),
        'n' => answer(app, PeopleChange::Refuse, PeopleChange::GroupsApart),
        'l' => answer(app, PeopleChange::Later, PeopleChange::GroupsLater),
        'Z' | 'u' => vec![Effect::Ask(Request::Undo)],
        _ => return None,
    })
}

fn answer(
    app: &mut App,
    of_people: fn(PersonId, PersonId) -> PeopleChange,
    of_groups: fn(ThreadId, ThreadId) -> PeopleChange,
) -> Vec<Effect> {
    let Some(PeopleSheet::Links(state)) = top(app) else { return Vec::new() };
    let change = match state.pair() {
        None => return Vec::new(),
        Some(Pair::People(link)) => of_people(link.a.id, link.b.id),
        Some(Pair::Groups(link)) => of_groups(link.live.thread, link.other.thread),
    };
    // What was answered is gone at once; the list comes anew when it is stored.
    state.answered();
    vec![Effect::Ask(Request::ChangePeople(change))]
}

/// Does a command in a sheet.
pub fn command(app: &mut App, command: Command) -> Vec<Effect> {
    let page = isize::try_from(app.size.1 / 4).unwrap_or(1).max(1);
    let by = match command {
        Command::Back | Command::Cancel => {
            app.layers.pop();
            return Vec::new();
        }
        Command::Confirm => return confirm(app),
        Command::TakeOut => return take_out(app),
        Command::WhoTheyAre => return who_of_chosen(app),
        Command::FocusNext | Command::CompletePath => return other_sheet(app),
        Command::MoveUp => -1,
        Command::MoveDown => 1,
        Command::PageUp | Command::HalfPageUp => -page,
        Command::PageDown | Command::HalfPageDown => page,
        Command::Top => isize::MIN / 2,
        Command::Bottom => isize::MAX / 2,
        other => {
            if let Some(PeopleSheet::Everybody(state)) = top(app) {
                edit_text(state.typed.composer(), other);
                state.chosen = 0;
                return ask_everybody(app).into_iter().collect();
            }
            super::myself::edit(app, other);
            return Vec::new();
        }
    };
    if let Some(sheet) = top(app) {
        sheet.step(by);
    }
    Vec::new()
}

/// Types or pastes into a sheet.
pub fn put(app: &mut App, text: &str) -> Vec<Effect> {
    if super::myself::put(app, text) {
        return Vec::new();
    }
    if let Some(PeopleSheet::Everybody(state)) = top(app) {
        state.typed.put(text);
        state.chosen = 0;
        return ask_everybody(app).into_iter().collect();
    }
    Vec::new()
}

/// From everybody to the one that one stands on.
fn who_of_chosen(app: &mut App) -> Vec<Effect> {
    let Some(PeopleSheet::Everybody(state)) = top(app) else { return Vec::new() };
    let rows = state.rows.as_deref().unwrap_or_default();
    match rows.get(state.chosen).map(|p| Whose::Person(p.id)) {
        Some(whose) => who(app, whose),
        None => Vec::new(),
    }
}

/// From the review to everybody, and back.
fn other_sheet(app: &mut App) -> Vec<Effect> {
    match top(app) {
        Some(sheet @ PeopleSheet::Links(_)) => {
            *sheet = PeopleSheet::Everybody(EverybodyState::default());
        }
        Some(sheet @ PeopleSheet::Everybody(_)) => {
            *sheet = PeopleSheet::Links(LinksState::default());
        }
        _ => return Vec::new(),
    }
    changed(app).into_iter().collect()
}

fn confirm(app: &mut App) -> Vec<Effect> {
    match app.layers.last() {
        Some(Layer::People(sheet)) => match sheet.as_ref() {
            PeopleSheet::Reach(state) => {
                let state = state.clone();
                go(app, &state)
            }
            PeopleSheet::Links(_) => Vec::new(),
            PeopleSheet::Me(_) => super::myself::confirm(app),
            PeopleSheet::Person(state) => {
                let Some(person) = state.person().map(|p| p.id) else { return Vec::new() };
                app.layers.retain(|l| !matches!(l, Layer::People(_)));
                timeline(app, person, OpenAt::End)
            }
            PeopleSheet::Everybody(state) => {
                let rows = state.rows.as_deref().unwrap_or_default();
                let Some(person) = rows.get(state.chosen).map(|p| p.id) else { return Vec::new() };
                app.layers.pop();
                timeline(app, person, OpenAt::End)
            }
        },
        _ => Vec::new(),
    }
}

/// Goes to what is chosen on a reach card, with the draft.
fn go(app: &mut App, state: &ReachState) -> Vec<Effect> {
    let text = super::panes::people::draft(state, app);
    let (to, closed) = match state.choice() {
        None => return Vec::new(),
        Some(Choice::Way(row)) => match (row.thread, &row.reason) {
            (None, Some(reason)) => return refuse(app, reason.text.clone()),
            (None, None) => return start(app, state.from, row.identity, text),
            (Some(to), reason) => (to, reason.as_ref().map(|r| r.text.clone())),
        },
        // What was written to one person is not for a group to read.
        Some(Choice::Group(group)) => {
            let group = group.thread;
            app.layers.pop();
            let effects = go_to_thread(app, group);
            if !text.is_empty() {
                let what = "Your text stays where it was written";
                app.tell(Notice::new(Severity::Info, what, "this is a group", ""));
            }
            return effects;
        }
    };
    if to == state.from {
        app.layers.pop();
        return go_to_thread(app, to);
    }
    if text.is_empty() {
        app.layers.pop();
        return go_to_thread(app, to);
    }
    if let Some(why) = closed {
        return refuse(app, format!("Your text stays here: {why}"));
    }
    let ticket = app.ticket();
    app.waiting.carry = Some((ticket, state.from, text.clone()));
    app.layers.pop();
    vec![Effect::Ask(Request::Carry { ticket, from: state.from, to, text })]
}

fn refuse(app: &mut App, why: String) -> Vec<Effect> {
    if let Some(PeopleSheet::Reach(state)) = top(app) {
        state.refused = why;
    }
    Vec::new()
}

/// Begins at a bare address: asked first, shown in full, opened only when confirmed.
fn start(
    app: &mut App,
    from: ThreadId,
    identity: crate::model::IdentityId,
    text: String,
) -> Vec<Effect> {
    let ticket = app.ticket();
    app.waiting.start = Some(Start { ticket, identity });
    app.layers.pop();
    vec![Effect::Ask(Request::StartAt { ticket, from, identity, text })]
}

/// A text has arrived in another thread: goes there, and says where that is.
pub fn carried(app: &mut App, ticket: Ticket, to: ThreadId, draft: String) -> Vec<Effect> {
    let Some((_, from, text)) = app.waiting.carry.take_if(|(t, ..)| *t == ticket) else {
        app.drafts.insert(to, draft);
        return Vec::new();
    };
    let mut effects = Vec::new();
    if app.composer.thread == Some(from) {
        let now = app.composer.text.text().to_owned();
        // What was typed since stays where it was typed.
        let rest = now.strip_prefix(&text).unwrap_or(&now).trim_start().to_owned();
        app.composer.start(from, &rest);
        app.drafts.insert(from, rest.clone());
        if !rest.is_empty() {
            effects.push(Effect::Ask(Request::SaveDraft { thread: from, text: rest }));
        }
    } else {
        app.drafts.remove(&from);
    }
    // Whoever has gone there already may have begun to write.
    let typed = match app.composer.thread == Some(to) {
        true => app.composer.text.text().to_owned(),
        false => String::new(),
    };
    let draft = if typed.is_empty() || draft.contains(&typed) {
        draft
    } else {
        let text = format!("{draft}\n{typed}");
        effects.push(Effect::Ask(Request::SaveDraft { thread: to, text: text.clone() }));
        text
    };
    app.composer.leave();
    app.drafts.insert(to, draft.clone());
    effects.extend(go_to_thread(app, to));
    app.composer.start(to, &draft);
    effects.extend(focus(app, Focus::Composer));
    let listed = app.threads.rows.iter().find(|r| r.id == to);
    let place =
        listed.map_or("another thread".to_owned(), |r| format!("{} · {}", r.badge.name, r.title));
    app.tell(Notice::new(
        Severity::Info,
        format!("Your text is now in {place}"),
        "",
        "Nothing was sent",
    ));
    effects
}

/// Opens a person's timeline.
pub fn timeline(app: &mut App, person: PersonId, at: OpenAt) -> Vec<Effect> {
    let mut effects: Vec<Effect> = keep_draft(app).into_iter().collect();
    let ticket = app.ticket();
    app.composer.leave();
    effects.push(Effect::Ask(app.transcript.open_person(person, at, ticket, PAGE)));
    app.focus = Focus::Transcript;
    effects
}

/// The timeline of whom the thread is with, as soon as that is known.
pub fn timeline_here(app: &mut App) -> Vec<Effect> {
    let mut effects = open_selected_if_listed(app);
    let hint = app.transcript.header.as_ref().and_then(|h| h.person.as_ref()).map(|h| h.id);
    match hint {
        Some(person) => effects.extend(timeline(app, person, OpenAt::End)),
        None if app.transcript.person.is_some() => {}
        None => {
            app.waiting.timeline = app.transcript.thread;
            // What was asked for may be known already, or never asked.
            effects.extend(refresh(app));
        }
    }
    effects
}

fn refresh(app: &mut App) -> Option<Effect> {
    let ticket = app.ticket();
    app.transcript.refresh(|| ticket).map(Effect::Ask)
}

/// Who an open thread is with has come.
pub fn hint_came(
    app: &mut App,
    thread: ThreadId,
    hint: Option<PersonHint>,
    everyone: Option<Vec<Who>>,
) -> Vec<Effect> {
    if app.transcript.thread != Some(thread) {
        return Vec::new();
    }
    let person = hint.as_ref().map(|h| h.id);
    if let Some(header) = &mut app.transcript.header {
        header.person = hint;
        if let Some(everyone) = everyone {
            header.participants = everyone;
        }
    }
    let asked = app.waiting.timeline.take_if(|t| *t == thread).is_some();
    match person {
        Some(person) if asked => timeline(app, person, OpenAt::End),
        None if asked => {
            let what = "There is no timeline for this thread";
            let why = "it is a group, or nobody in it has a name";
            app.tell(Notice::new(Severity::Info, what, why, ""));
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// In a timeline: goes to the message's own thread, where one can write.
pub fn to_its_thread(app: &mut App) -> Vec<Effect> {
    let held = app.transcript.focus.or_else(|| app.transcript.view.last().map(|s| s.message));
    let found = held.and_then(|id| app.transcript.message(id)).map(|m| (m.thread, m.id));
    let Some((thread, message)) = found else { return Vec::new() };
    let effects = super::find::open_at(app, thread, OpenAt::Message(message));
    app.focus = Focus::Transcript;
    effects
}

/// Takes a card.
pub fn card_came(app: &mut App, ticket: Ticket, card: Box<ReachCard>) {
    for layer in &mut app.layers {
        if let Layer::People(sheet) = layer
            && let PeopleSheet::Reach(state) = sheet.as_mut()
            && state.ticket == ticket
        {
            state.take(card);
            return;
        }
    }
}

/// Takes suggestions.
pub fn links_came(app: &mut App, ticket: Ticket, rows: Vec<LinkRow>, groups: Vec<GroupLinkRow>) {
    if let Some(PeopleSheet::Links(state)) = top(app)
        && state.ticket == ticket
    {
        (state.rows, state.groups) = (Some(rows), groups);
        state.at = state.at.min(state.count().saturating_sub(1));
    }
}

/// Takes people.
pub fn people_came(app: &mut App, ticket: Ticket, mut rows: Vec<PersonRow>, total: usize) {
    if let Some(PeopleSheet::Person(state)) = top(app) {
        if state.ticket == ticket {
            state.take(rows.pop());
        }
        return;
    }
    if let Some(PeopleSheet::Everybody(state)) = top(app)
        && state.ticket == ticket
    {
        state.chosen = state.chosen.min(rows.len().saturating_sub(1));
        (state.rows, state.total) = (Some(rows), total);
    }
}
