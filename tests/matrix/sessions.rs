//! Sessions: renewed, refused, ended here and elsewhere.

use std::time::{Duration, Instant};

use onebox::model::ShutWhy;
use onebox::sources::live::{LinkState, News, Order, OutcomeState};
use serde_json::json;

use super::Connector;
use crate::{Case, Stage, pair, text};

/// The cases.
pub const CASES: &[Case] = &[
    Case::new("renewed", &["rena"], renewed),
    Case::new("left elsewhere", &["lou"], left_elsewhere),
    Case::new("refused", &["rita"], refused),
    Case::new("signed out", &["sue"], signed_out),
];

/// Tokens are renewed without a word, and the new ones are kept.
fn renewed(stage: &mut Stage) {
    let (mut c, room) = pair(stage, "rena", "signal");
    let safe = stage.state("rena").join("secret.box");
    let kept = || std::fs::read(&safe).expect("a safe");
    let first = kept();
    let begun = Instant::now();
    while kept() == first {
        assert!(begun.elapsed() < Duration::from_secs(60), "never renewed");
        c.order(&Order::Typing { thread: room.as_str().into(), on: true });
        std::thread::park_timeout(Duration::from_secs(1));
    }
    c.done(&text("n1", &room, "with a new token"));
    c.drain();
    let signed_out = |n: &News| matches!(n, News::Link { state: LinkState::SignedOut, .. });
    assert!(!c.news.iter().any(signed_out));
    c.stop();
    let mut c = Connector::new(&stage.state("rena"));
    c.online(0);
    c.done(&text("n2", &room, "after a restart"));
    assert!(!c.news.iter().any(signed_out));
    c.stop();
}

/// I leave on another device while the connector is not running: the list that no longer names the
/// room is enough.
fn left_elsewhere(stage: &mut Stage) {
    let (c, room) = pair(stage, "lou", "signal");
    c.stop();
    let me = "@lou:onebox.test";
    stage.bridges.ask("act", json!(["as-doublepuppet", me, room, "leave"]));
    let mut c = Connector::new(&stage.state("lou"));
    c.news("every thread", 0, |n| *n == News::AllThreads);
    let (_, thread) = c.thread(&room).expect("told");
    assert_eq!(thread.live.and_then(|l| l.shut).map(|s| s.why), Some(ShutWhy::Left));
    c.stop();
}

/// The server forgets the session: signed in again on the same device, all goes on.
fn refused(stage: &mut Stage) {
    let (mut c, room) = pair(stage, "rita", "signal");
    let from = c.drain();
    stage.bridges.ask("drop_tokens", json!(["@rita:onebox.test"]));
    c.news("signed out", from, |n| matches!(n, News::Link { state: LinkState::SignedOut, .. }));
    c.answer("password of @rita:onebox.test", "pw-rita");
    c.online(from);
    c.done(&text("r1", &room, "here again"));
    let links = c.news.iter().filter(|n| matches!(n, News::Link { .. })).count();
    assert!(links < 20, "no flutter of links: {links}");
    c.stop();
}

/// Without a pass-phrase at hand the person is asked; signing out leaves nothing behind, here or
/// there.
fn signed_out(stage: &mut Stage) {
    stage.bridges.ask("register", json!(["sue"]));
    let state = stage.state("sue");
    let mut c = Connector::asking(&state);
    c.answer("server", &stage.server.address());
    c.answer("name there", "sue");
    c.answer("password", "pw-sue");
    c.answer("new pass-phrase", "seven77");
    let problem = c.answer("new pass-phrase", "one of eight");
    assert!(problem.is_some_and(|p| p.contains("too short")));
    c.answer("once more", "two");
    let problem = c.answer("new pass-phrase", "one of eight");
    assert!(problem.is_some_and(|p| p.contains("not the same")));
    c.answer("once more", "one of eight");
    c.online(0);
    c.stop();
    let clear = std::fs::read_to_string(state.join("session.json")).expect("a session");
    assert!(!clear.contains("token") && !clear.contains("syt_"), "{clear}");

    let mut c = Connector::asking(&state);
    c.answer("pass-phrase", "wrong");
    let problem = c.answer("pass-phrase", "one of eight");
    assert!(problem.is_some_and(|p| p.contains("not the pass-phrase")));
    c.online(0);
    let from = c.drain();
    c.order(&Order::SignOut);
    c.news("signed out", from, |n| matches!(n, News::Link { state: LinkState::SignedOut, .. }));
    for name in ["session.json", "secret.box", "store"] {
        assert!(!state.join(name).exists(), "{name} is still there");
    }
    let key = "x1".to_owned();
    c.order(&text(&key, "!r", "x"));
    assert_eq!(c.outcome(&key, from).state, OutcomeState::Retry);
    // From here one can begin anew, or give up.
    let from = c.drain();
    c.order(&Order::Online { online: true });
    let ask = c.news("the first question", from, |n| matches!(n, News::Ask(_)));
    let News::Ask(ask) = ask else { panic!("a question") };
    c.order(&Order::Answer { id: ask.id, value: None });
    c.news("given up", from, |n| {
        matches!(n, News::Link { state: LinkState::SignedOut, why: Some(_), .. })
    });
    c.stop();
}
