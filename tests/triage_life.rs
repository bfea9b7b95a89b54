//! Triage as time goes by: exports that say otherwise, answers, parted threads, closing doors,
//! snoozes that end, and what the screen takes back.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use onebox::engine::{Desk, Engine, Rules, Settings, Store, now};
use onebox::inbox::{Counts, ListOrder, Request, ThreadFilter, ThreadRow, TriageChange, Update};
use onebox::model::{
    AccountRecord, MessageRecord, Moment, ParticipantRecord, Record, SourceId, Stitch, ThreadId,
    ThreadKind, ThreadRecord, Timestamp,
};

const LATER: Timestamp = Timestamp(2_000_000_000_000);

fn settings(rules: &str) -> Arc<Settings> {
    Arc::new(Settings::plain(Rules::builtin().unwrap().with_user(rules).unwrap()))
}

fn empty() -> Engine {
    Engine::new(Arc::new(Store::in_memory().unwrap()), settings("")).unwrap()
}

/// An export's thread as it is told: opened by its key, described at the end.
fn told(thread: &ThreadRecord, people: &[&str], messages: &[(&str, i64, &str)]) -> Vec<Record> {
    let account = Record::Account(AccountRecord {
        source: SourceId::new("signal"),
        key: "me".into(),
        name: "Sam Rivera".into(),
        me_names: vec!["Sam Rivera".into()],
        known_by: "a test".into(),
    });
    let mut opening = ThreadRecord::new(thread.key.clone(), thread.origin.clone());
    opening.stitch = thread.stitch;
    let key = thread.key.clone();
    let mut out =
        vec![account, Record::Thread(Box::new(opening)), Record::Telling { thread: key.clone() }];
    out.extend(people.iter().chain(&["Sam Rivera"]).map(|name| {
        Record::Participant(ParticipantRecord {
            thread: key.clone(),
            key: (*name).into(),
            name: (*name).into(),
            source: None,
            is_me: false,
            placeholder: false,
            left: false,
        })
    }));
    out.extend(messages.iter().map(|(who, at, text)| {
        let sent = Moment::exact(Timestamp(*at));
        let who = Some((*who).into());
        Record::Message(Box::new(MessageRecord::text(key.clone(), who, sent, *text)))
    }));
    out.push(Record::Thread(Box::new(thread.clone())));
    out
}

fn direct(key: &str) -> ThreadRecord {
    let mut thread = ThreadRecord::new(key, "a test");
    thread.kind = Some(ThreadKind::Direct);
    thread.title = Some(key.to_owned());
    thread
}

fn take(store: &Store, records: Vec<Record>) {
    let mut writer = store.writer().unwrap();
    let mut import = writer.import("a test", LATER).unwrap();
    records.into_iter().for_each(|r| import.take(r).unwrap());
    import.finish("{}").unwrap();
}

fn list(engine: &mut Engine, filter: &ThreadFilter) -> Vec<ThreadRow> {
    engine.threads_in(filter, ListOrder::Activity, 0, 100, None).unwrap().rows
}

fn only(engine: &mut Engine) -> ThreadRow {
    let archived = ThreadFilter { archived: true, ..ThreadFilter::default() };
    let mut all = list(engine, &ThreadFilter::default());
    all.extend(list(engine, &archived));
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

/// An export of an earlier day: three unread, not archived.
fn earlier() -> Vec<Record> {
    let mut thread = direct("Maya");
    (thread.unread, thread.archived) = (Some(3), false);
    told(&thread, &["Maya"], &[("Maya", 1_000, "hello")])
}

/// One of a later day: archived, and of the newer messages one is unread.
fn later() -> Vec<Record> {
    let mut thread = direct("Maya");
    (thread.unread, thread.archived) = (Some(1), true);
    told(&thread, &["Maya"], &[("Maya", 1_000, "hello"), ("Maya", 9_000, "are you there?")])
}

#[test]
fn of_two_exports_the_newer_knows_whichever_comes_first() {
    for order in [[earlier(), later()], [later(), earlier()]] {
        let mut engine = empty();
        order.into_iter().for_each(|export| take(engine.store(), export));
        let row = only(&mut engine);
        assert_eq!((row.unread, row.archived, row.messages), (Some(1), true, 2));
    }
}

/// What the person said stands, whenever they said it and whatever exports say before and after.
#[test]
fn the_persons_word_stands_over_exports_of_any_day() {
    for flip in [false, true] {
        for said_after in [1, 2] {
            for word in [true, false] {
                let mut exports = [earlier(), later()];
                if flip {
                    exports.reverse();
                }
                let mut engine = empty();
                for (n, export) in exports.into_iter().enumerate() {
                    take(engine.store(), export);
                    if n + 1 == said_after {
                        let id = only(&mut engine).id;
                        let change = TriageChange::Archive(word);
                        engine.triage(&[id], &change).unwrap();
                    }
                }
                let case = format!("flip {flip}, said after {said_after}");
                assert_eq!(only(&mut engine).archived, word, "{case}");
            }
        }
    }
}

#[test]
fn what_was_read_is_read_and_newer_messages_are_not() {
    let read = |exports: [Vec<Record>; 2], after: usize| {
        let mut engine = empty();
        for (n, export) in exports.into_iter().enumerate() {
            take(engine.store(), export);
            if n + 1 == after {
                let id = only(&mut engine).id;
                engine.triage(&[id], &TriageChange::Unread(false)).unwrap();
                assert_eq!(only(&mut engine).unread, Some(0));
            }
        }
        only(&mut engine).unread
    };
    assert_eq!(read([earlier(), later()], 2), Some(0));
    assert_eq!(read([later(), earlier()], 2), Some(0));
    // The older export knows of nothing that was not read.
    assert_eq!(read([later(), earlier()], 1), Some(0));
    // The newer one does.
    assert_eq!(read([earlier(), later()], 1), Some(1));
}

#[test]
fn a_mention_is_shown_until_it_is_answered() {
    let mut engine = empty();
    let mut crew = direct("crew");
    (crew.kind, crew.title) = (Some(ThreadKind::Group), Some("Climbing crew".into()));
    let mut messages = vec![("Ana", 1_000, "who drives?"), ("Ben", 2_000, "mail me@sam.org")];
    let mut hear = |engine: &mut Engine, message: Option<(&'static str, i64, &'static str)>| {
        messages.extend(message);
        take(engine.store(), told(&crew, &["Ana", "Ben"], &messages));
        let mentions = ThreadFilter { mentions: true, ..ThreadFilter::default() };
        let awaiting = ThreadFilter { awaiting: true, ..ThreadFilter::default() };
        let listed = (list(engine, &mentions).len(), list(engine, &awaiting).len());
        let counts = engine.counts().unwrap();
        assert_eq!((counts.mentions, counts.awaiting), (listed.0 as u64, listed.1 as u64));
        listed
    };
    assert_eq!(hear(&mut engine, None), (0, 0), "an address is no call");
    assert_eq!(hear(&mut engine, Some(("Ana", 3_000, "@sam, you?"))), (1, 1));
    assert_eq!(hear(&mut engine, Some(("Ben", 4_000, "or me"))), (1, 1), "still to be answered");
    let id = list(&mut engine, &ThreadFilter::default())[0].id;
    engine.triage(&[id], &TriageChange::Mute(true)).unwrap();
    assert_eq!(hear(&mut engine, None), (1, 0), "a muted thread awaits nothing");
    engine.triage(&[id], &TriageChange::Mute(false)).unwrap();
    assert_eq!(hear(&mut engine, Some(("Sam Rivera", 5_000, "I do"))), (0, 0));
    assert_eq!(hear(&mut engine, Some(("Ana", 6_000, "thank you"))), (0, 0));
    assert_eq!(hear(&mut engine, Some(("Ana", 7_000, "@Sam Rivera at nine?"))), (1, 1));
    // An answer from here counts as one.
    engine.hand_off(id, "yes", false, Timestamp(8_000)).unwrap();
    assert_eq!(hear(&mut engine, None), (0, 0));
}

#[test]
fn a_thread_that_is_parted_keeps_what_was_said_of_it() {
    let mut engine = empty();
    let plain = direct("plain");
    let mut sealed = direct("sealed");
    sealed.stitch = Stitch::Continuation;
    take(engine.store(), told(&plain, &["Maya"], &[("Maya", 1_000_000, "hello")]));
    take(engine.store(), told(&sealed, &["Maya"], &[("Maya", 50_000_000, "it goes on")]));
    let id = only(&mut engine).id;
    let label = TriageChange::Label { name: "soon".into(), on: true };
    let changes = [TriageChange::Pin(true), TriageChange::Archive(true), label];
    engine.triage_all(&[id], &changes).unwrap();
    for m in engine.messages(id, None, None, 10).unwrap() {
        engine.star(m.id, true).unwrap();
    }
    assert_eq!(only(&mut engine).starred, 2);
    // Another plain thread of the same name: nobody can tell any more which of them goes on.
    let other = direct("other");
    take(engine.store(), told(&other, &["Maya"], &[("Maya", 9_000_000, "another Maya")]));
    let kept = engine.thread(id).unwrap();
    assert!(kept.pinned && kept.archived, "{kept:#?}");
    assert_eq!((kept.labels.as_slice(), kept.starred), (&["soon".to_owned()][..], 1));
    let others = list(&mut engine, &ThreadFilter::default());
    assert_eq!(others.len(), 2, "{others:#?}");
    assert!(others.iter().all(|r| !r.pinned && r.labels.is_empty()), "{others:#?}");
    // A star goes with its message.
    assert_eq!(others.iter().map(|r| r.starred).sum::<u64>(), 1);
    let counts = engine.counts().unwrap();
    assert_eq!((counts.all, counts.archived, counts.starred), (2, 1, 2));
}

/// Runs the screen's engine over a store, lets it be used, and returns all that it told.
fn at_the_desk(
    store: &Arc<Store>,
    rules: &str,
    using: impl FnOnce(&dyn Fn(Request), &Receiver<Update>),
) -> Vec<Update> {
    let engine = Engine::new(store.clone(), settings(rules)).unwrap();
    let (desk, requests, updates) = Desk::start(engine).unwrap();
    using(&|request| requests.send(request).unwrap(), &updates);
    drop(requests);
    desk.join();
    updates.into_iter().collect()
}

fn next<T>(updates: &Receiver<Update>, wanted: impl Fn(&Update) -> Option<T>) -> T {
    loop {
        let update = updates.recv_timeout(Duration::from_secs(60)).expect("an update");
        if let Some(found) = wanted(&update) {
            return found;
        }
    }
}

fn notice(updates: &Receiver<Update>) -> String {
    next(updates, |u| match u {
        Update::Notice(n) => Some(n.what.clone()),
        _ => None,
    })
}

fn counted(updates: &Receiver<Update>, right: impl Fn(&Counts) -> bool) {
    next(updates, |u| match u {
        Update::Counts(c) if right(c) => Some(()),
        _ => None,
    });
}

const CLOSING: &str = r#"
[[rule]]
id = "my-signal-end"
apps = ["signal"]
kind = "deletes"
when = 2099-06-01
scope = ["direct", "group", "call"]
announced = "2020-01-01"
text = "Signal goes away, I have heard."
"#;

#[test]
fn a_closing_door_is_announced_once() {
    let dir = tempfile::tempdir().unwrap();
    let announced = |rules: &str| -> Vec<String> {
        let store = Arc::new(Store::open(dir.path()).unwrap());
        take(&store, earlier());
        let told = at_the_desk(&store, rules, |ask, updates| {
            ask(Request::Triage { threads: vec![ThreadId(1)], change: TriageChange::Pin(true) });
            counted(updates, |c| c.closing == 1);
        });
        let notices = told.into_iter().filter_map(|u| match u {
            Update::Notice(n) if n.what.starts_with("Signal: ") => Some(n.what),
            _ => None,
        });
        notices.collect()
    };
    let first = announced(CLOSING);
    assert_eq!(first.len(), 1, "{first:?}");
    assert!(first[0].contains("1 thread closes") && first[0].contains("2099"), "{first:?}");
    assert_eq!(announced(CLOSING), Vec::<String>::new());
    let moved = CLOSING.replace("2099", "2098");
    assert_eq!(announced(&moved).len(), 1, "another date is news");
    assert_eq!(announced(&moved), Vec::<String>::new());
}

#[test]
fn a_snooze_ends_when_its_time_comes() {
    let store = Arc::new(Store::in_memory().unwrap());
    take(&store, earlier());
    let until = Timestamp(now().0 + 2_500);
    at_the_desk(&store, "", |ask, updates| {
        let change = TriageChange::Snooze(Some(until));
        ask(Request::Triage { threads: vec![ThreadId(1)], change });
        counted(updates, |c| (c.snoozed, c.all) == (1, 0));
        // Nobody asks for anything: it is told when it is time.
        next(updates, |u| {
            matches!(u, Update::Changed { threads } if threads.is_empty()).then_some(())
        });
        assert!(now() >= until, "not a moment too early");
        counted(updates, |c| (c.snoozed, c.all) == (0, 1));
    });
    let mut engine = Engine::new(store, settings("")).unwrap();
    assert_eq!(only(&mut engine).snoozed, None);
}

#[test]
fn the_last_thing_is_taken_back_first() {
    let store = Arc::new(Store::in_memory().unwrap());
    take(&store, earlier());
    let mut engine = Engine::new(store.clone(), settings("")).unwrap();
    let before = only(&mut engine);
    let message = engine.messages(before.id, None, None, 1).unwrap()[0].id;
    let threads = vec![before.id];
    at_the_desk(&store, "", |ask, updates| {
        let triage = |change| ask(Request::Triage { threads: threads.clone(), change });
        triage(TriageChange::Archive(true));
        assert_eq!(notice(updates), "Archived: Maya");
        triage(TriageChange::Label { name: "soon".into(), on: true });
        assert_eq!(notice(updates), "Labelled soon: Maya");
        ask(Request::Star { message, on: true });
        assert_eq!(notice(updates), "Starred the message");
        // What was so already is told of by nobody and not taken back.
        ask(Request::Star { message, on: true });
        counted(updates, |c| (c.archived, c.starred, c.labels.len()) == (1, 1, 1));
        ask(Request::Undo);
        assert_eq!(notice(updates), "Undone: Starred the message");
        counted(updates, |c| (c.archived, c.starred, c.labels.len()) == (1, 0, 1));
        ask(Request::Undo);
        assert_eq!(notice(updates), "Undone: Labelled soon: Maya");
        ask(Request::Undo);
        assert_eq!(notice(updates), "Undone: Archived: Maya");
        counted(updates, |c| (c.archived, c.starred, c.labels.len()) == (0, 0, 0));
        ask(Request::Undo);
        assert_eq!(notice(updates), "There is nothing to undo");
        triage(TriageChange::Label { name: " ".into(), on: true });
        assert!(notice(updates).contains("a label needs a name"));
        ask(Request::Undo);
        assert_eq!(notice(updates), "There is nothing to undo", "what failed is not remembered");
    });
    assert_eq!(only(&mut engine), before);
}
