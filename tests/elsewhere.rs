//! Two oneboxes over one store: the one that has an account sends what the other has written, and
//! the other takes the account over when it is let go.

mod played;

use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use onebox::engine::accounts::{Accounts, Call};
use onebox::engine::{Engine, Store, now};
use onebox::inbox::{AccountState, Request, Update};
use onebox::model::SendState;
use serde_json::json;

use played::{House, Part, Played, idle, plays, settings};

/// Sends whatever it is told to, under ids of its own.
fn sends(mut p: Played) {
    while let Some(order) = p.order() {
        if order["order"] == "send" {
            let id = format!("id-{}", order["text"].as_str().unwrap_or_default());
            p.tell(json!({"news":"outcome","key":order["key"],"state":"done","id":id}));
        }
    }
}

#[test]
fn what_another_onebox_writes_is_sent_at_once_and_the_account_goes_over_when_it_is_free() {
    let first: Part = Box::new(|mut p| {
        p.hello(true);
        p.online();
        sends(p);
    });
    let mut house = House::new(plays(vec![first]));
    house.add("played");
    house.state(AccountState::Online);
    let thread = house.thread("Ana");

    // Another onebox: it writes, finds the account taken, and rings.
    let store = Arc::new(Store::open(&house.dir.path().join("store")).expect("the same store"));
    let engine = Engine::new(store, settings()).expect("an engine");
    let message = engine.enqueue(thread, "hello", None, now()).expect("a store").expect("granted");
    let (tell, updates) = sync_channel(4096);
    let second: Part = Box::new(|mut p| {
        p.hello(true);
        p.online();
        idle(p);
    });
    let other = Accounts::start(
        engine.another().expect("another engine"),
        house.dir.path().join("store"),
        plays(vec![second]),
        tell,
        Box::new(|| {}),
    );
    let stands = |state: AccountState| {
        let mut seen = Vec::new();
        for update in updates.iter() {
            if let Update::Accounts(rows) = update {
                seen.extend(rows.first().map(|r| r.state));
                if seen.last() == Some(&state) {
                    return;
                }
            }
        }
        panic!("never {state:?}: {seen:?}");
    };
    stands(AccountState::Elsewhere);
    // Nobody wakes the first one but the bell.
    house.until("sent by the one that is open", |_| {
        let state = engine.send_state(message).expect("a store");
        state.filter(|(s, _)| *s == SendState::Sent).map(|_| ())
    });
    // What the other writes later, while it stays open, goes too.
    let later = engine.enqueue(thread, "again", None, now()).expect("a store").expect("granted");
    drop(other.calls().send(Call::Wake));
    house.until("sent, too", |_| {
        let state = engine.send_state(later).expect("a store");
        state.filter(|(s, _)| *s == SendState::Sent).map(|_| ())
    });
    // Only the one that has the account can sign it out.
    let account = house.rows[0].id;
    other.wish(Request::RemoveAccount { account });
    let refused = updates.iter().find_map(|u| match u {
        Update::Notice(n) => Some(n.line()),
        _ => None,
    });
    assert!(refused.is_some_and(|n| n.contains("another onebox")));
    assert_eq!(engine.live_accounts().expect("a store").len(), 1);
    // The first one is closed: nothing is restarted by hand.
    drop(house.accounts.take());
    stands(AccountState::Online);
    drop(other);
}
