//! A store that somebody else holds for long: what a connector tells meanwhile is kept, held back
//! where it is too much, and taken in when the store is free; nothing else waits for it.

mod played;

use std::sync::mpsc::{TryRecvError, sync_channel};
use std::time::{Duration, Instant};

use onebox::engine::{Store, now};
use onebox::inbox::{AccountState, Request, Update};
use onebox::model::{AccountRecord, Record, SendState, SourceId};
use serde_json::json;

use played::{House, Part, Played, idle, plays};

/// Longer than any writer waits for the store at a stretch.
const LONG: Duration = Duration::from_secs(11);

/// Holds the house's store as another onebox's import would that writes much at once.
fn while_held<T>(house: &mut House, then: impl FnOnce(&mut House) -> T) -> T {
    let other = Store::open(&house.dir.path().join("store")).expect("the same store");
    let mut writer = other.writer().expect("a writer");
    let mut import = writer.import("much", now()).expect("an import");
    let account = AccountRecord {
        source: SourceId::new("signal"),
        key: "sam".to_owned(),
        name: "Sam".to_owned(),
        me_names: Vec::new(),
        known_by: "a test".to_owned(),
    };
    import.take(Record::Account(account)).expect("the store is held from here on");
    let done = then(house);
    import.finish("{}").expect("an end");
    done
}

/// Takes in what the engine tells for so long.
fn for_a_while(house: &mut House, how_long: Duration) {
    let until = Instant::now() + how_long;
    while let Some(rest) = until.checked_duration_since(Instant::now()) {
        match house.updates.recv_timeout(rest) {
            Ok(Update::Accounts(rows)) => house.rows = rows,
            Ok(Update::Notice(n)) => house.notices.push(n.line()),
            Ok(_) | Err(_) => {}
        }
    }
}

/// What the person wants waits for no store.
fn wishes_are_granted(house: &House) {
    let begun = Instant::now();
    house.wish(Request::Accounts);
    let granted = |u: &Update| matches!(u, Update::Accounts(_));
    while !granted(&house.updates.recv_timeout(LONG).expect("the accounts")) {}
    assert!(begun.elapsed() < Duration::from_secs(3), "it took {:?}", begun.elapsed());
}

#[test]
fn a_connector_that_introduces_itself_to_a_busy_store_is_welcomed_once_it_is_free() {
    let (go, waits) = sync_channel::<()>(0);
    let parts: Vec<Part> = vec![Box::new(move |mut p: Played| {
        waits.recv().expect("a test");
        p.hello(true);
        p.online();
        p.message("$1", "hi", 1);
        idle(p);
    })];
    let mut house = House::new(plays(parts));
    house.add("played");
    house.until("started", |h| h.rows.first().map(|_| ()));
    while_held(&mut house, |h| {
        go.send(()).expect("a connector");
        for_a_while(h, LONG);
        assert_ne!(h.rows[0].state, AccountState::Online);
        wishes_are_granted(h);
    });
    let thread = house.thread("Ana");
    house.until("the message", |h| (h.texts(thread).len() == 1).then_some(()));
    assert_eq!(house.notices, [""; 0]);
}

#[test]
fn what_is_told_to_a_busy_store_is_kept_and_too_much_of_it_waits_at_the_door() {
    const FLOOD: u32 = 4_000;
    let (go, told) = sync_channel::<()>(0);
    let (poured, pouring) = sync_channel::<()>(1);
    let parts: Vec<Part> = vec![Box::new(move |mut p: Played| {
        p.hello(true);
        p.online();
        let order = p.expect("send");
        told.recv().expect("a test");
        p.tell(json!({"news":"outcome","key":order["key"],"state":"done","id":"$sent"}));
        // What needs no store is heard, whatever waits for it.
        p.tell(json!({"news":"ask","id":"a","text":"Still there?","kind":"text"}));
        p.expect("answer");
        for n in 0..FLOOD {
            p.record(json!({"record":"message","thread":"t","id":format!("$f{n}"),
                "sender":"ana","text":format!("{n} {}", "x".repeat(100)),
                "sent_at":format!("2026-01-01T11:{:02}:{:02}Z", n / 60 % 60, n % 60)}));
        }
        poured.send(()).expect("a test");
        idle(p);
    })];
    let mut house = House::new(plays(parts));
    house.add("played");
    let thread = house.thread("Ana");
    house.send(thread, "one");
    house.until("on its way", |h| {
        (h.texts(thread).last()?.1 == Some(SendState::Sending)).then_some(())
    });
    while_held(&mut house, |h| {
        go.send(()).expect("a connector");
        h.asks("Still there?");
        h.answer(Some("yes"));
        for_a_while(h, LONG);
        assert_eq!(pouring.try_recv(), Err(TryRecvError::Empty), "it is held back");
        assert_eq!(h.texts(thread).last().expect("a message").1, Some(SendState::Sending));
        wishes_are_granted(h);
    });
    house.until("sent", |h| {
        let is = |(t, s): &(String, _)| t == "one" && *s == Some(SendState::Sent);
        h.texts(thread).iter().any(is).then_some(())
    });
    pouring.recv_timeout(played::PATIENCE).expect("all of it");
    house.until("all stored", |h| {
        let row = h.threads().into_iter().find(|t| t.id == thread)?;
        let stored = row.messages;
        (stored == u64::from(FLOOD) + 1).then_some(())
    });
    assert_eq!(house.notices, [""; 0]);
}
