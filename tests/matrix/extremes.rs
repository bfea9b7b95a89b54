//! Clocks that are wrong, two devices at once, a room that never ends, very many rooms.

#![allow(clippy::print_stdout, reason = "figures of the large cases, for whoever asked for them")]

use std::collections::BTreeMap;
use std::time::Instant;

use onebox::model::{Change, Record};
use onebox::sources::live::{News, Order};
use serde_json::json;

use super::Connector;
use crate::{Case, Stage, is_message, text};

/// The cases.
pub const CASES: &[Case] = &[
    Case::new("skewed clocks", &["svea", "urs"], skewed),
    Case::new("two editors", &["edda"], two_editors),
    Case::new("long room", &["lotte"], long_room),
];

/// Cases that take too long for every run: only where they are named.
pub const LARGE: &[Case] = &[Case::new("many rooms", &["mona"], many_rooms)];

/// So many messages a long room has, unless `ONEBOX_LIVE_MESSAGES` says otherwise.
const MESSAGES: usize = 20_000;
/// So many rooms an account has, unless `ONEBOX_LIVE_ROOMS` says otherwise.
const ROOMS: usize = 300;
/// What the connector may take of memory, in kB, in a debug build.
const MOST_MEMORY: usize = 160_000;

/// Two people whose clocks are four days apart, in a sealed room: all of it opens, and stands in the
/// order of the server.
fn skewed(stage: &mut Stage) {
    let b = &mut stage.bridges;
    let (svea, urs) = (b.id("register", json!(["svea"])), b.id("register", json!(["urs"])));
    let address = stage.server.address();
    let mut ahead = Connector::skewed(&stage.state("svea"), "+2d");
    ahead.sign_in(&address, "svea");
    let mut behind = Connector::skewed(&stage.state("urs"), "-2d");
    behind.sign_in(&address, "urs");
    let encryption = json!({"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}});
    let made = json!({"initial_state": [encryption], "is_direct": true});
    let room = stage.bridges.id("plain", json!([svea, null, made, [urs]]));
    behind.record("an invitation", |r| matches!(r, Record::Thread(t) if *t.key == *room));
    behind.done(&Order::Accept { key: "a-0".to_owned(), thread: room.as_str().into() });
    ahead.record("told", |r| is_message(r, "urs joined"));

    let mut ids = Vec::new();
    for n in 0..6 {
        let (speaker, listener) =
            if n % 2 == 0 { (&mut ahead, &mut behind) } else { (&mut behind, &mut ahead) };
        let said = format!("tick {n}");
        ids.extend(speaker.done(&text(&format!("t-{n}"), &room, &said)));
        listener.record("what the other said", |r| is_message(r, &said));
        speaker.record("its echo", |r| is_message(r, &said));
    }
    let real = i64::try_from(
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .expect("after 1970")
            .as_millis(),
    )
    .expect("a time");
    for c in [&ahead, &behind] {
        let told: Vec<_> =
            c.messages(&room).into_iter().filter(|m| m.text.starts_with("tick")).collect();
        let order: Vec<_> = told.iter().filter_map(|m| m.native_id.clone()).collect();
        assert_eq!(order, ids, "in the order of the server");
        for message in &told {
            let off = (message.sent.at.0 - real).abs();
            assert!(off < 3_600_000, "the time is the server's: {message:?}");
        }
        let refused = |n: &News| {
            matches!(n, News::Link { state: onebox::sources::live::LinkState::SignedOut, .. })
        };
        assert!(!c.news.iter().any(refused), "nothing has expired");
    }
    ahead.stop();
    behind.stop();
}

/// The text that a message has in the end, as a connector told it, once it told so many changes.
fn final_text(c: &mut Connector, message: &str, changes: usize) -> String {
    c.until("both edits", |all| {
        let texts: Vec<String> = all
            .iter()
            .filter_map(|n| match n {
                News::Record { record, .. } => match record.clone().into_record() {
                    Ok(Record::Revision(r)) if r.message == message => match r.change {
                        Change::Text(text) => Some(text),
                        _ => None,
                    },
                    _ => None,
                },
                _ => None,
            })
            .collect();
        (texts.len() >= changes).then(|| texts[texts.len() - 1].clone())
    })
}

/// Two devices change the same message at once: both show what the server has last.
fn two_editors(stage: &mut Stage) {
    let b = &mut stage.bridges;
    let me = b.id("register", json!(["edda"]));
    let room = b.id("portal", json!(["signal", me, "7", "Kim", "dm", [["7", "Kim"]]]));
    let address = stage.server.address();
    let mut one = Connector::new(&stage.state("edda, one"));
    one.sign_in(&address, "edda");
    let mut other = Connector::new(&stage.state("edda, other"));
    other.sign_in(&address, "edda");
    for round in 0..4 {
        let first = format!("round {round}");
        let id = one.done(&text(&format!("r-{round}"), &room, &first)).expect("an id");
        other.record("the message", |r| is_message(r, &first));
        let edit = |who: &str| Order::Edit {
            key: format!("{who}-{round}"),
            thread: room.as_str().into(),
            message: id.clone(),
            text: format!("{who} {round}"),
        };
        let from = (one.drain(), other.drain());
        one.order(&edit("one"));
        other.order(&edit("other"));
        one.outcome(&format!("one-{round}"), from.0);
        other.outcome(&format!("other-{round}"), from.1);
        let (a, b) = (final_text(&mut one, &id, 2), final_text(&mut other, &id, 2));
        let messages = stage.bridges.ask("messages", json!([room, me]));
        let last = messages.as_array().and_then(|m| m.last()).expect("messages");
        let last = last["content"]["m.new_content"]["body"].as_str().expect("an edit");
        assert_eq!((a.as_str(), b.as_str()), (last, last));
    }
    one.stop();
    other.stop();
}

fn setting(name: &str, usual: usize) -> usize {
    std::env::var(name).map_or(usual, |n| n.parse().expect("a number"))
}

/// What a process holds and has held at most, in kB.
fn memory(id: u32) -> (usize, usize) {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("it runs");
    let of = |name: &str| {
        let line = status.lines().find_map(|l| l.strip_prefix(name)).expect("a line");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    };
    (of("VmRSS:"), of("VmHWM:"))
}

/// A room of very many messages: the newest at once, the rest page by page, each once, in memory that
/// does not grow.
fn long_room(stage: &mut Stage) {
    let b = &mut stage.bridges;
    let me = b.id("register", json!(["lotte"]));
    let room = b.id("portal", json!(["signal", me, "77", "Kim", "dm", [["77", "Kim"]]]));
    b.ask("say", json!(["signal", room, "77", "before them"]));
    let count = setting("ONEBOX_LIVE_MESSAGES", MESSAGES);
    let begun = Instant::now();
    let ghost = "@signal_77:onebox.test";
    stage.server.seed(&["messages", &room, ghost, &count.to_string()]);
    println!("  {count} messages seeded after {:?}", begun.elapsed());

    let mut c = Connector::new(&stage.state("lotte"));
    c.sign_in(&stage.server.address(), "lotte");
    let newest = format!("seed {}", count - 1);
    c.record("the newest at once", |r| is_message(r, &newest));
    let begun = Instant::now();
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    let (mut pages, mut early) = (0, 0);
    loop {
        c.drain();
        let mut gap = None;
        // What was told is counted and let go: a long room must not need memory here either.
        for news in std::mem::take(&mut c.news) {
            match news {
                News::Record { record, .. } => {
                    if let Ok(Record::Message(m)) = record.into_record()
                        && *m.thread == *room
                    {
                        *told.entry(m.text).or_default() += 1;
                    }
                }
                News::Gap { thread, token, .. } if *thread == *room => gap = Some(token),
                _ => {}
            }
        }
        if pages == 10 {
            early = memory(c.id()).0;
        }
        match gap {
            Some(Some(token)) => {
                let (thread, token) = (room.as_str().into(), Some(token));
                c.order(&Order::FetchOlder { thread, token, limit: 200 });
                pages += 1;
            }
            Some(None) => break,
            None => {}
        }
        c.news("the next page", 0, |n| matches!(n, News::Gap { thread, .. } if **thread == *room));
    }
    let (now, peak) = memory(c.id());
    println!(
        "  {pages} pages in {:?}; {early} kB, then {now} kB, {peak} kB at most",
        begun.elapsed()
    );
    let missing = (0..count).filter(|n| told.get(&format!("seed {n}")) != Some(&1)).count();
    assert_eq!(missing, 0, "each was told once");
    assert_eq!(told.get("before them"), Some(&1));
    assert!(now < early + 30_000, "memory grows: {early} kB, then {now} kB");
    assert!(peak < MOST_MEMORY, "{peak} kB");
    c.stop();
}

/// Very many rooms: the first page at once, then all of them.
fn many_rooms(stage: &mut Stage) {
    let count = setting("ONEBOX_LIVE_ROOMS", ROOMS);
    let b = &mut stage.bridges;
    let me = b.id("register", json!(["mona"]));
    let room = b.id("portal", json!(["facebook", me, "88", "Chat", "dm", [["88", "Nora"]]]));
    b.ask("say", json!(["facebook", room, "88", "in each of them"]));
    let begun = Instant::now();
    let made = stage.server.seed(&["rooms", &room, &(count - 1).to_string()]);
    println!("  {count} rooms seeded after {:?}", begun.elapsed());
    let mut rooms: Vec<&str> = made.lines().collect();
    rooms.push(&room);
    assert_eq!(rooms.len(), count);

    let begun = Instant::now();
    let mut c = Connector::new(&stage.state("mona"));
    c.answer("server", &stage.server.address());
    c.answer("name there", "mona");
    c.answer("password", "pw-mona");
    c.record("a room", |r| matches!(r, Record::Thread(_)));
    let first = begun.elapsed();
    c.news("every thread", 0, |n| *n == News::AllThreads);
    let all = begun.elapsed();
    let (now, peak) = memory(c.id());
    println!("  the first after {first:?}, all after {all:?}; {now} kB, {peak} kB at most");
    assert!(first < all / 3, "the first page does not wait for the rest");
    assert!(peak < MOST_MEMORY, "{peak} kB");
    let mut threads: BTreeMap<String, usize> = BTreeMap::new();
    let mut said: BTreeMap<String, usize> = BTreeMap::new();
    for news in &c.news {
        let News::Record { app, record } = news else { continue };
        match record.clone().into_record() {
            Ok(Record::Thread(t)) => {
                assert_eq!(app, "messenger");
                *threads.entry(t.key.to_string()).or_default() += 1;
            }
            Ok(Record::Message(m)) if m.text == "in each of them" => {
                *said.entry(m.thread.to_string()).or_default() += 1;
            }
            _ => {}
        }
    }
    for room in rooms {
        assert!(threads.contains_key(room), "{room} was told");
        assert_eq!(said.get(room), Some(&1), "what was said in {room} was told once");
    }
    assert_eq!(threads.len(), count);
    c.stop();
}
