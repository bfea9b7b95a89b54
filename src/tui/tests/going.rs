//! Going somewhere by name: to a thread, and to a command of the palette.

use super::screens::at_every_size;
use super::*;
use crate::inbox::{FoundRow, Ticket};
use crate::model::ThreadId;
use crate::search::Fuzzy;
use crate::tui::app::{Focus, Layer};
use crate::tui::command::{COMMANDS, Command, Context};
use crate::tui::panes::go::GoState;

/// Threads of the invented inbox, as the engine finds them.
pub(super) fn find(fake: &Fake, ticket: Ticket, typed: &str, first: &[ThreadId]) -> Update {
    let mut fuzzy = Fuzzy::new(typed);
    let mut rows: Vec<_> = Vec::new();
    for header in &fake.threads {
        let row = header.row.clone();
        if let Some(score) = fuzzy.score(&row.title) {
            let place = first.iter().position(|t| *t == row.id).unwrap_or(usize::MAX);
            rows.push((std::cmp::Reverse(score), place, row));
        }
    }
    rows.sort_by_key(|(score, place, _)| (*score, *place));
    let total = rows.len();
    let rows = rows.into_iter().map(|(.., row)| FoundRow { marks: fuzzy.marks(&row.title), row });
    Update::Found { ticket, rows: rows.collect(), total }
}

fn state(s: &Scene) -> &GoState {
    match s.app.layers.last() {
        Some(Layer::Go(state)) => state,
        other => panic!("{other:?}"),
    }
}

#[test]
fn screens() {
    at_every_size("go_threads", "ctrl-k");
    at_every_size("go_thread", "ctrl-k \"jw\"");
    at_every_size("go_nowhere", "ctrl-k \"submarine\"");
    at_every_size("go_commands", ":");
    at_every_size("go_command", ": \"arch\"");
}

#[test]
fn a_few_letters_go_to_a_thread() {
    for (width, height) in [(100, 30), (60, 20), (40, 12)] {
        let mut s = Scene::new(width, height);
        s.keys("ctrl-k \"weber\" enter");
        assert!(s.app.layers.is_empty());
        assert_eq!((s.app.transcript.thread, s.app.focus), (Some(ThreadId(3)), Focus::Transcript));
        s.shows("Jonas Weber");
    }
}

#[test]
fn an_answer_to_what_was_typed_before_is_dropped() {
    let mut s = Scene::new(100, 30);
    s.fake.silent = true;
    s.keys("ctrl-k \"w\"").shows("looking");
    let old = state(&s).ticket;
    s.keys("\"e\"");
    s.update(find(&Fake::inbox(), old, "w", &[]));
    assert_eq!(state(&s).threads, None);
    s.update(find(&Fake::inbox(), state(&s).ticket, "we", &[]));
    assert!(state(&s).total > 0);
    // Gone before the answer came: it means nothing any more.
    let last = state(&s).ticket;
    s.keys("esc");
    s.update(find(&Fake::inbox(), last, "we", &[]));
    assert!(s.app.layers.is_empty());
}

/// Enter on an empty line goes to where one was before, and back again.
#[test]
fn the_last_thread_comes_first() {
    let mut s = Scene::new(100, 30);
    s.keys("ctrl-k \"weber\" enter ctrl-k \"ana dv\" enter");
    assert_eq!(s.app.transcript.thread, Some(ThreadId(1)));
    for thread in [3, 1, 3] {
        s.keys("ctrl-g enter");
        assert_eq!(s.app.transcript.thread, Some(ThreadId(thread)));
    }
}

#[test]
fn what_is_written_stays_a_draft() {
    let mut s = Scene::new(100, 30);
    s.keys("i \"half a thought\" ctrl-g \"weber\" enter");
    assert_eq!(s.app.transcript.thread, Some(ThreadId(3)));
    s.keys("ctrl-g enter i").shows("half a thought");
}

#[test]
fn a_command_is_done_where_it_belongs() {
    let mut s = Scene::new(100, 30);
    // Of the list, from the transcript; the colon leads to commands from the switcher, too.
    s.keys("G enter ctrl-k \":unread only\" enter");
    assert!(s.app.layers.is_empty() && s.app.threads.filter.unread);
    assert_eq!(s.app.focus, Focus::Threads);
    // Of the transcript, from the list.
    let mut s = Scene::new(100, 30);
    s.keys(": \"copy the message\" enter").shows("copied");
    assert_eq!(s.app.focus, Focus::Transcript);
    // Narrow, nothing is open beside the list: nothing of it can be copied.
    let mut s = Scene::new(60, 20);
    s.keys(": \"copy the message\"").shows("No command is called so");
    s.keys("enter esc");
    assert!(s.app.layers.is_empty());
    // Everywhere.
    let mut s = Scene::new(100, 30);
    s.keys("i ctrl-g \":help\" enter").shows("While writing");
    // Known by the name that the keymap has, and turned from threads by a key.
    let mut s = Scene::new(100, 30);
    s.keys("ctrl-k \"filter-arch\" tab enter");
    assert!(s.app.threads.filter.archived);
}

#[test]
fn the_mouse_and_the_keys_choose() {
    let mut s = Scene::new(100, 30);
    s.keys("ctrl-k down down up");
    assert_eq!(state(&s).chosen, 1);
    s.mouse(MouseDid::WheelDown, 50, 15);
    assert_eq!(state(&s).chosen, 2);
    s.keys("\"weber\"");
    assert_eq!(state(&s).chosen, 0);
    let rows: Vec<usize> = s
        .text()
        .lines()
        .enumerate()
        .filter(|(_, l)| l.contains("Jonas Weber"))
        .map(|(y, _)| y)
        .collect();
    let y = rows.into_iter().find(|y| *y > 5).expect("a row");
    s.mouse(MouseDid::Press, 50, u16::try_from(y).expect("a row"));
    assert_eq!(s.app.transcript.thread, Some(ThreadId(3)));
    // Beside it the mouse closes it.
    s.keys(":").mouse(MouseDid::Press, 1, 1);
    assert!(s.app.layers.is_empty());
}

/// Every command that a key does in a pane can be found there by the words of its help.
#[test]
fn every_command_is_found() {
    let mut s = Scene::new(100, 30);
    s.keys("G enter");
    for info in COMMANDS.iter().filter(|i| i.command.is_found_by_name()) {
        if info.contexts == [Context::Composer] {
            continue;
        }
        let mut state = GoState::begin(s.app.focus, true);
        state.typed.put(info.help);
        let found = state.commands(&s.app);
        assert_eq!(found.first().map(|l| l.command), Some(info.command), "{}", info.help);
    }
    assert!(!Command::MoveUp.is_found_by_name() && !Command::DeleteBack.is_found_by_name());
}
