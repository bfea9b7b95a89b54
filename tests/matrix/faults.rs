//! What goes wrong between the connector and the server: refusals, faults, halves of answers, answers
//! that never end. Counted on the server: nothing is lost, nothing is there twice, all is in order.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use onebox::model::{AttachmentKind, MediaPlace, Record};
use onebox::sources::live::{LinkState, News, Order, OutcomeState, SendFile};
use serde_json::json;

use super::killed::{many, texts_of, until_done};
use super::{Connector, Fault, Proxy};
use crate::{Case, Stage, is_message, text};

/// The cases.
pub const CASES: &[Case] = &[
    Case::new("faults while sending", &["sven"], sending),
    Case::new("faults while reading", &["rolf"], reading),
    Case::new("faults while signing in", &["sina"], signing_in),
    Case::new("faults while signing in again", &["signe"], signing_in_again),
    Case::new("faults of files", &["filip"], files),
    Case::new("stalled", &["stan"], stalled),
];

const SEND: &str = "/send/m.room.message/";
/// The long poll, in both of its spellings.
const SYNC: &str = "sync";
const LOGIN: &str = "v3/login";
const REFRESH: &str = "/refresh";

/// A user of their own with one portal, signed in through a proxy.
fn behind(stage: &mut Stage, user: &str) -> (Connector, String, Proxy) {
    let b = &mut stage.bridges;
    let me = b.id("register", json!([user]));
    let room = b.id("portal", json!(["signal", me, "7", "Kim", "dm", [["7", "Kim"]]]));
    let proxy = Proxy::new(&stage.server.address());
    let mut c = Connector::new(&stage.state(user));
    c.sign_in(&proxy.address(), user);
    (c, room, proxy)
}

/// How often each message was told.
fn tellings(c: &Connector, room: &str) -> BTreeMap<String, usize> {
    let mut times = BTreeMap::new();
    for news in &c.news {
        let News::Record { record, .. } = news else { continue };
        if let Ok(Record::Message(m)) = record.clone().into_record()
            && *m.thread == *room
        {
            *times.entry(m.text).or_default() += 1;
        }
    }
    times
}

/// Messages go out through every fault: each arrives once, in order, and none is asked for more
/// often than it failed.
fn sending(stage: &mut Stage) {
    let (mut c, room, proxy) = behind(stage, "sven");
    let orders = many(&room, "q", 40);
    let from = c.drain();
    for order in &orders {
        c.order(order);
    }
    c.outcome("q-0", from);
    let faults = [
        (3, Fault::Cut),
        (1, Fault::Refused(429, Some(2000))),
        (1, Fault::Refused(429, None)),
        (1, Fault::Refused(500, None)),
        (1, Fault::Page(502)),
        (4, Fault::Slow),
        (2, Fault::Cut),
    ];
    for (times, fault) in faults.clone() {
        proxy.next(SEND, times, fault);
    }
    // The token is renewed meanwhile, which goes wrong as well.
    proxy.next(REFRESH, 1, Fault::Refused(500, None));
    proxy.next(REFRESH, 1, Fault::Cut);
    until_done(&mut c, &orders, from);
    assert_eq!(stage.bridges.texts(&room, "@sven:onebox.test"), texts_of(&orders));
    let expected: usize = faults.iter().map(|(times, _)| times).sum();
    assert_eq!(proxy.failed(SEND), expected, "every fault has happened");

    let waits: Vec<u64> = c
        .news
        .iter()
        .filter_map(|n| match n {
            News::Outcome(o) if o.state == OutcomeState::Retry => o.after_ms,
            _ => None,
        })
        .collect();
    assert!(waits.contains(&2000), "what the server asks for is handed on: {waits:?}");
    assert!(waits.iter().all(|ms| *ms >= 2000), "nothing is asked to be tried at once: {waits:?}");
    // One more request for each message whose answer was no answer, and for each new token.
    let asked = proxy.seen(SEND).len();
    assert!(asked <= orders.len() + expected + 40, "{asked} requests");
    let signed_out = |n: &News| matches!(n, News::Link { state: LinkState::SignedOut, .. });
    assert!(!c.news.iter().any(signed_out), "a fault is no refusal");
    for order in texts_of(&orders) {
        c.record("its echo", |r| is_message(r, &order));
    }
    assert!(tellings(&c, &room).values().all(|n| *n == 1), "{:?}", tellings(&c, &room));
    c.stop();
}

/// The pauses between requests, from one that failed to the next.
fn pauses(proxy: &Proxy, path: &str) -> Vec<(Fault, Duration)> {
    let seen = proxy.seen(path);
    let pairs = seen.iter().zip(seen.iter().skip(1));
    pairs.filter_map(|((at, fault), (next, _))| Some((fault.clone()?, *next - *at))).collect()
}

/// Fetches what is missing in every place of a thread.
fn close_gaps(c: &mut Connector, room: &str) {
    for _ in 0..60 {
        let mut open: BTreeMap<Option<String>, String> = BTreeMap::new();
        for news in &c.news {
            let News::Gap { thread, before, token, .. } = news else { continue };
            if **thread != *room {
                continue;
            }
            match token {
                Some(token) => open.insert(before.clone(), token.clone()),
                None => open.remove(before),
            };
        }
        let Some((before, token)) = open.into_iter().next_back() else { return };
        let from = c.drain();
        let (thread, token) = (room.into(), Some(token));
        c.order(&Order::FetchOlder { thread, token, limit: 50 });
        c.news("the place has moved", from, |n| {
            matches!(n, News::Gap { thread, before: b, token, .. }
                if **thread == *room && *b == before && (b.is_none() || token.is_none()))
        });
        std::thread::park_timeout(Duration::from_millis(200));
        c.drain();
    }
    panic!("the gaps do not close");
}

/// Messages come in through every fault.
fn reading(stage: &mut Stage) {
    let (mut c, room, proxy) = behind(stage, "rolf");
    let mut said = Vec::new();
    let steps = [
        (4, Fault::Refused(429, Some(2000))),
        (4, Fault::Refused(500, None)),
        (2, Fault::Page(502)),
        (4, Fault::Cut),
        (3, Fault::Slow),
    ];
    for (step, (times, fault)) in steps.iter().enumerate() {
        let before = proxy.failed(SYNC);
        let from = c.drain();
        proxy.next(SYNC, *times, fault.clone());
        // The first ends the poll that is under way; the others come while it goes wrong.
        for n in 0..30 {
            let what = format!("step {step}, {n}");
            stage.bridges.ask("say", json!(["signal", room, "7", what]));
            said.push(what);
        }
        let last = said[said.len() - 1].clone();
        c.record("the last of the step", |r| is_message(r, &last));
        if !matches!(fault, Fault::Slow) {
            let begun = Instant::now();
            while proxy.failed(SYNC) - before < *times {
                assert!(begun.elapsed() < Duration::from_secs(30), "{fault:?} did not happen");
                stage.bridges.ask("typing", json!(["signal", room, "@signal_7:onebox.test"]));
                std::thread::park_timeout(Duration::from_millis(200));
            }
        }
        proxy.heal();
        stage.bridges.ask("say", json!(["signal", room, "7", format!("after {step}")]));
        said.push(format!("after {step}"));
        c.record("what comes after", |r| is_message(r, &format!("after {step}")));
        // The last word about the link is the truth.
        let links: Vec<LinkState> = c.news[from..]
            .iter()
            .filter_map(|n| match n {
                News::Link { state, .. } => Some(*state),
                _ => None,
            })
            .collect();
        assert!(links.last().is_none_or(|s| *s == LinkState::Online), "{fault:?}: {links:?}");
        assert!(links.len() <= 8, "{fault:?}: no flutter: {links:?}");
    }
    for (fault, pause) in pauses(&proxy, SYNC) {
        let least = match fault {
            Fault::Refused(429, _) => Duration::from_millis(1900),
            Fault::Slow => Duration::ZERO,
            _ => Duration::from_millis(200),
        };
        assert!(pause >= least, "{fault:?} is followed after {pause:?}");
    }
    close_gaps(&mut c, &room);
    let told: Vec<String> = c.messages(&room).into_iter().map(|m| m.text).collect();
    let told: Vec<String> = told.into_iter().filter(|t| said.contains(t)).collect();
    assert_eq!(told, said);
    c.stop();
}

/// The server has forgotten the session, and has faults when it is asked how to sign in again: it is
/// asked ever more seldom, what is waited for is said, and then it goes on.
fn signing_in_again(stage: &mut Stage) {
    let (mut c, room, proxy) = behind(stage, "signe");
    let faults = [Fault::Page(502), Fault::Cut, Fault::Refused(429, Some(5000))];
    for fault in faults.clone() {
        proxy.next(LOGIN, 1, fault);
    }
    let from = c.drain();
    stage.bridges.ask("drop_tokens", json!(["@signe:onebox.test"]));
    c.answer("password of @signe:onebox.test", "pw-signe");
    c.online(from);
    c.done(&text("s1", &room, "here again"));
    let failed: Vec<_> = pauses(&proxy, LOGIN);
    assert_eq!(failed.len(), faults.len());
    for ((fault, pause), least) in failed.iter().zip([1_000, 2_000, 5_000]) {
        assert!(*pause >= Duration::from_millis(least), "{fault:?} is followed after {pause:?}");
    }
    let waits: Vec<String> = c.news[from..]
        .iter()
        .filter_map(|n| match n {
            News::Link { state: LinkState::Offline, why: Some(why), .. } => Some(why.clone()),
            _ => None,
        })
        .filter(|why| why.contains("Signing in again is tried in"))
        .collect();
    let said = ["fault", "reached", "wait"].into_iter().zip([1, 2, 5]);
    assert_eq!(waits.len(), faults.len(), "{waits:?}");
    for (why, (word, seconds)) in waits.iter().zip(said) {
        assert!(why.contains(word) && why.ends_with(&format!("in {seconds} s.")), "{why}");
    }
    // The person need not wait to the end, and can leave meanwhile.
    proxy.next(LOGIN, 100, Fault::Refused(500, None));
    let from = c.drain();
    stage.bridges.ask("drop_tokens", json!(["@signe:onebox.test"]));
    c.news(
        "a long pause",
        from,
        |n| matches!(n, News::Link { why: Some(why), .. } if why.ends_with("in 4 s.")),
    );
    let (before, from) = (proxy.failed(LOGIN), c.drain());
    c.order(&Order::Online { online: true });
    c.news(
        "asked at once",
        from,
        |n| matches!(n, News::Link { why: Some(why), .. } if why.ends_with("in 8 s.")),
    );
    assert_eq!(proxy.failed(LOGIN), before + 1);
    let from = c.drain();
    c.order(&Order::SignOut);
    c.news("signed out", from, |n| matches!(n, News::Link { state: LinkState::SignedOut, .. }));
    c.stop();
}

/// Signing in goes wrong in every way, and is gone on with.
fn signing_in(stage: &mut Stage) {
    stage.bridges.ask("register", json!(["sina"]));
    let proxy = Proxy::new(&stage.server.address());
    let mut c = Connector::new(&stage.state("sina"));
    proxy.next(LOGIN, 1, Fault::Page(502));
    c.answer("server", &proxy.address());
    let problem = c.answer("server", &proxy.address());
    assert!(problem.is_some(), "the ways of signing in could not be asked for");
    c.answer("name there", "sina");
    // A fault or two is tried again by itself; when it goes on, the person is told and asked.
    for (fault, expected) in [
        (Fault::Refused(429, Some(1000)), "wait"),
        (Fault::Refused(500, None), "fault"),
        (Fault::Cut, "reached"),
    ] {
        let before = proxy.seen(LOGIN).len();
        proxy.next(LOGIN, 100, fault.clone());
        c.answer("password", "pw-sina");
        let problem = c.answer("name there", "sina").unwrap_or_default();
        proxy.heal();
        assert!(problem.contains(expected), "{fault:?}: {problem}");
        let asked = proxy.seen(LOGIN).len() - before;
        assert!((1..=4).contains(&asked), "{fault:?}: asked {asked} times");
    }
    c.answer("password", "pw-sina");
    c.online(0);
    c.stop();
}

fn order_file(key: &str, room: &str, path: &Path) -> Order {
    let path = path.to_owned();
    Order::Send {
        key: key.to_owned(),
        thread: room.into(),
        text: key.to_owned(),
        reply_to: None,
        file: Some(SendFile { path, name: "cat.png".to_owned(), kind: AttachmentKind::Photo }),
    }
}

/// The handle of a file that was told with this text.
fn handle(c: &mut Connector, said: &str) -> String {
    let Record::Message(m) = c.record("the file", |r| is_message(r, said)) else {
        panic!("a message")
    };
    match m.attachments[0].place.clone() {
        MediaPlace::Live { handle, .. } => handle,
        other => panic!("{other:?}"),
    }
}

/// Fetches a file; where it is, or why not.
fn fetched(c: &mut Connector, key: &str, handle: &str) -> Result<std::path::PathBuf, String> {
    let (from, limit) = (c.drain(), 1_000_000);
    c.order(&Order::FetchMedia { key: key.to_owned(), handle: handle.to_owned(), limit });
    c.until("the file", |all| {
        all.iter().skip(from).find_map(|n| match n {
            News::Media { key: k, path: Some(path), .. } if k == key => Some(Ok(path.clone())),
            News::Media { key: k, failed: Some(why), .. } if k == key => Some(Err(why.clone())),
            _ => None,
        })
    })
}

/// Files go up once and come down whole.
fn files(stage: &mut Stage) {
    let (mut c, room, proxy) = behind(stage, "filip");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cat.png");
    let bytes: Vec<u8> = (0..50_000_u32).map(|n| n.to_le_bytes()[1]).collect();
    std::fs::write(&path, &bytes).expect("written");
    let order = order_file("f-1", &room, &path);
    for (what, fault) in [
        ("/upload", Fault::Refused(429, Some(1000))),
        ("/upload", Fault::Refused(500, None)),
        ("/upload", Fault::Cut),
        (SEND, Fault::Cut),
    ] {
        proxy.next(what, 1, fault);
    }
    let from = c.drain();
    c.order(&order);
    until_done(&mut c, std::slice::from_ref(&order), from);
    assert_eq!((proxy.failed("/upload"), proxy.failed(SEND)), (3, 1));
    assert_eq!(stage.bridges.texts(&room, "@filip:onebox.test"), ["f-1"]);

    let handle = handle(&mut c, "f-1");
    let download = "/download/";
    for fault in [Fault::Cut, Fault::Page(502), Fault::Refused(429, Some(1000))] {
        proxy.next(download, 1, fault.clone());
        let why = fetched(&mut c, "m-1", &handle).expect_err("it cannot be");
        assert!(!why.is_empty(), "{fault:?}");
    }
    assert_eq!(proxy.failed(download), 3);
    let place = fetched(&mut c, "m-2", &handle).expect("it comes");
    assert_eq!(std::fs::read(place).expect("readable"), bytes, "nothing half of it was kept");
    c.stop();
}

/// Answers that never end hold nothing up for ever: a poll, a message, a file, all at once.
fn stalled(stage: &mut Stage) {
    let (mut c, room, proxy) = behind(stage, "stan");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cat.png");
    std::fs::write(&path, vec![7_u8; 20_000]).expect("written");
    c.done(&order_file("f-1", &room, &path));
    let handle = handle(&mut c, "f-1");
    let from = c.drain();
    proxy.next(SYNC, 1, Fault::Stalled);
    proxy.next(SEND, 1, Fault::Stalled);
    proxy.next("/download/", 1, Fault::Stalled);
    proxy.next("/typing/", 1, Fault::Silent);
    c.order(&Order::Typing { thread: room.as_str().into(), on: true });
    stage.bridges.ask("say", json!(["signal", room, "7", "into the void"]));
    let (key, limit) = ("m-1".to_owned(), 1_000_000);
    c.order(&Order::FetchMedia { key, handle: handle.clone(), limit });
    c.order(&text("s-1", &room, "hello?"));
    // The server has it, the connector does not know: given again, it is there once.
    let outcome = c.outcome("s-1", from);
    assert_eq!(outcome.state, OutcomeState::Retry, "{outcome:?}");
    // As onebox does: again as often as it takes.
    let mut state = OutcomeState::Retry;
    for _ in 0..10 {
        let from = c.drain();
        c.order(&text("s-1", &room, "hello?"));
        state = c.outcome("s-1", from).state;
        if state != OutcomeState::Retry {
            break;
        }
    }
    assert_eq!(state, OutcomeState::Done);
    c.news(
        "no file",
        from,
        |n| matches!(n, News::Media { key, failed: Some(_), .. } if key == "m-1"),
    );
    c.news("offline", from, |n| matches!(n, News::Link { state: LinkState::Offline, .. }));
    let from = c.drain();
    c.online(from);
    c.record("what was said meanwhile", |r| is_message(r, "into the void"));
    assert!(fetched(&mut c, "m-2", &handle).is_ok());
    assert_eq!(stage.bridges.texts(&room, "@stan:onebox.test"), ["f-1", "into the void", "hello?"]);
    c.stop();
}
