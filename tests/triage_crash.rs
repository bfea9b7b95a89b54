//! Triage against what happens to programs: killed at any moment, run twice at once. Every thread
//! is as it was before or as it was to be, all of one command alike, and the counts are right.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[allow(dead_code, reason = "each test uses some of it")]
mod program;

use std::fmt::Write as _;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use onebox::engine::{Engine, Rules, Settings, Store, now};
use onebox::inbox::{ListOrder, ThreadFilter, ThreadRow};
use program::Person;

const MANY: usize = 250;

fn with_many_threads() -> Person {
    let person = Person::new();
    let mut text = "{\"onebox\":1}\n".to_owned();
    for t in 0..MANY {
        let (minute, second) = (t / 60, t % 60);
        writeln!(
            text,
            "{{\"record\":\"message\",\"thread\":\"t{t}\",\"sender\":\"Ana {t}\",\"sent_at\":\
             \"2024-01-01T00:{minute:02}:{second:02}Z\",\"text\":\"{t}\"}}"
        )
        .unwrap();
    }
    person.import(&person.file("many.jsonl", &text));
    person
}

fn open(person: &Person) -> Engine {
    let store = Store::open(&person.store()).unwrap();
    store.writer().unwrap().recover(now()).unwrap();
    assert_eq!(store.reader().unwrap().check().unwrap(), Vec::<String>::new());
    let settings = Settings::plain(Rules::builtin().unwrap());
    Engine::new(Arc::new(store), Arc::new(settings)).unwrap()
}

/// All threads, by number; each view's count agrees with its list.
fn threads(engine: &mut Engine) -> Vec<ThreadRow> {
    let mut listed = |filter: &ThreadFilter| {
        let page = engine.threads_in(filter, ListOrder::Activity, 0, 2 * MANY, None).unwrap();
        assert_eq!(page.rows.len(), page.total);
        page.rows
    };
    let none = ThreadFilter::default;
    let here = listed(&none());
    let archived = listed(&ThreadFilter { archived: true, ..none() });
    let unread = listed(&ThreadFilter { unread: true, ..none() });
    let starred = listed(&ThreadFilter { starred: true, ..none() });
    let labelled = listed(&ThreadFilter { label: Some("soon".into()), ..none() });
    let counts = engine.counts().unwrap();
    let numbers = [counts.all, counts.archived, counts.unread, counts.starred];
    let lists = [&here, &archived, &unread, &starred].map(|l| l.len() as u64);
    assert_eq!(numbers, lists);
    let soon = counts.labels.iter().find(|(name, _)| name == "soon").map_or(0, |(_, n)| *n);
    assert_eq!(soon, labelled.len() as u64);
    let mut all = [here, archived].concat();
    all.sort_by_key(|r| r.id);
    assert_eq!(all.len(), MANY);
    all
}

fn spawn(person: &Person, ids: &[String], flags: &[&str]) -> Child {
    let mut command = person.command(&["triage"]);
    command.args(ids).args(flags).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

fn wait(time: Duration) {
    // Nobody ever sends: the channel is a clock that may be waited on.
    let (_never, beat) = sync_channel::<()>(0);
    assert_eq!(beat.recv_timeout(time), Err(RecvTimeoutError::Timeout));
}

const ON: &[&str] = &["--archive", "--pin", "--unread", "--label", "soon"];
const OFF: &[&str] = &["--unarchive", "--unpin", "--read", "--unlabel", "soon"];

#[test]
fn killed_at_any_moment_all_of_it_is_done_or_nothing() {
    let person = with_many_threads();
    let ids: Vec<String> = threads(&mut open(&person)).iter().map(|r| r.id.to_string()).collect();
    // How long it takes when it is let alone.
    let begun = Instant::now();
    assert!(spawn(&person, &ids, OFF).wait().unwrap().success());
    let whole = begun.elapsed();
    let mut stands = false;
    let mut unfinished = 0;
    for share in [0, 30, 50, 60, 70, 80, 85, 90, 95, 100] {
        let wanted = !stands;
        let mut child = spawn(&person, &ids, if wanted { ON } else { OFF });
        wait(whole * share / 100);
        // It may have ended already.
        drop(child.kill());
        let done = child.wait().unwrap().success();
        let all = threads(&mut open(&person));
        let first = all[0].archived;
        for row in &all {
            let is = (row.archived, row.pinned, row.unread == Some(1), row.labels.len() == 1);
            assert_eq!(is, (first, first, first, first), "in part only, at {share} %: {row:#?}");
        }
        assert!(first == wanted || (!done && first == stands), "at {share} %");
        unfinished += u32::from(first != wanted);
        stands = first;
    }
    assert!(unfinished > 0, "nothing was ever cut off");
    assert!(spawn(&person, &ids, if stands { OFF } else { ON }).wait().unwrap().success());
    assert!(threads(&mut open(&person)).iter().all(|r| r.archived != stands));
}

#[test]
fn a_star_is_there_or_not() {
    let person = with_many_threads();
    let shown = person.lines(&["show", "1", "--json"]);
    let message = shown[0]["id"].to_string();
    for share in 0..8 {
        let off = share % 2 == 1;
        let mut command = person.command(if off { &["star", "--off"][..] } else { &["star"] });
        let mut child = command.arg(&message).stdout(Stdio::null()).spawn().unwrap();
        wait(Duration::from_millis(share * 6));
        drop(child.kill());
        let done = child.wait().unwrap().success();
        let row = threads(&mut open(&person)).remove(0);
        assert!(row.starred <= 1 && (!done || (row.starred == 0) == off), "{row:#?}");
    }
}

#[test]
fn two_at_once_are_both_done() {
    let person = with_many_threads();
    let ids: Vec<String> = threads(&mut open(&person)).iter().map(|r| r.id.to_string()).collect();
    let both = [&["--pin", "--label", "soon"][..], &["--archive"]];
    let mut running = both.map(|flags| spawn(&person, &ids, flags));
    assert!(running.iter_mut().all(|c| c.wait().unwrap().success()));
    let all = threads(&mut open(&person));
    assert!(all.iter().all(|r| r.pinned && r.archived && r.labels == ["soon"]));
}
