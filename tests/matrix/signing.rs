//! Signing in through others, and where secrets lie: single sign-on, OAuth 2.0, the keyring.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use onebox::sources::live::{Ask, Asking, LinkState, News, Order};
use serde_json::{Value, json};

use super::{Bridges, Connector, Keyring, PHRASE, Server};
use crate::{Case, Stage, text};

/// The cases. (The first two have servers of their own.)
pub const CASES: &[Case] = &[
    Case::new("single sign-on", &[], single_sign_on),
    Case::new("oauth", &[], oauth),
    Case::new("keyring", &["kay"], keyring),
    Case::new("moved to the keyring", &["moe"], moved),
];

fn python() -> PathBuf {
    PathBuf::from(std::env::var_os("ONEBOX_SYNAPSE").expect("a Python with Synapse"))
}

fn link(ask: &Ask) -> String {
    let Asking::Link { url } = &ask.asking else { panic!("a link: {ask:?}") };
    url.clone()
}

/// The person opens the link, and does there as the door is set.
fn browse(door: &mut Bridges, ask: &Ask) {
    let seen = door.ask("browse", json!([link(ask)]));
    assert_eq!(seen["status"], 200, "{seen}");
    assert!(seen["page"].as_str().is_some_and(|p| p.contains("Back to onebox")), "{seen}");
}

fn is_signed_out(news: &News) -> bool {
    matches!(news, News::Link { state: LinkState::SignedOut, .. })
}

/// Why the last link stands as it does.
fn why(news: &[News]) -> Option<String> {
    news.iter().rev().find_map(|n| match n {
        News::Link { why, .. } => Some(why.clone()),
        _ => None,
    })?
}

fn hosts(c: &Connector) -> Vec<String> {
    let last = c.news.iter().rev().find_map(|n| match n {
        News::Link { hosts, .. } => Some(hosts.clone()),
        _ => None,
    });
    last.expect("a link")
}

fn devices(door: &mut Bridges, who: &str) -> usize {
    door.ask("devices", json!([who])).as_array().map_or(0, Vec::len)
}

fn port(door: &mut Bridges) -> u64 {
    door.ask("port", json!([])).as_u64().expect("a port")
}

/// Single sign-on, beside a password: the ways are shown, the browser brings the token, and another
/// person than the account's is turned away.
fn single_sign_on(stage: &mut Stage) {
    let mut door = Server::door(&python());
    let at = port(&mut door);
    let cas = json!({"cas_config": {
        "enabled": true, "server_url": format!("http://127.0.0.1:{at}/cas"), "idp_name": "Played",
    }});
    let server = Server::with(&python(), "1h", &cas);
    door.ask("set", json!(["server", server.port()]));
    let state = stage.state("sso");
    let mut c = Connector::new(&state);
    // Found by a name that only says where the server is.
    c.answer("server", &format!("localhost:{at}"));
    let ways = c.asked("How do you sign in");
    let browser = "In the browser, with Played";
    let Asking::Choice { choices } = &ways.asking else { panic!("a choice: {ways:?}") };
    assert_eq!(choices, &[browser, "Name and password"]);
    c.order(&Order::Answer { id: ways.id, value: Some(browser.to_owned()) });
    let ask = c.asked("in the browser");
    browse(&mut door, &ask);
    c.news("the link is over", 0, |n| *n == News::AskOver { id: ask.id.clone() });
    c.online(0);
    assert_eq!(hosts(&c), ["127.0.0.1", "localhost"]);
    assert_eq!(devices(&mut door, "sam"), 1);
    let room = bridged(&server, "sam");
    c.record("the thread", |r| matches!(r, onebox::model::Record::Thread(t) if *t.key == *room));
    c.done(&text("s1", &room, "signed in in the browser"));
    c.stop();

    // The server forgets the session, and somebody else is at the browser.
    let mut c = Connector::new(&state);
    c.online(0);
    let from = c.drain();
    server.bridges().ask("drop_tokens", json!(["@sam:onebox.test"]));
    c.news("signed out", from, is_signed_out);
    c.answer("How do you sign in", browser);
    door.ask("set", json!(["who", "eve"]));
    let ask = c.asked("in the browser");
    browse(&mut door, &ask);
    let from = c.until("turned away", |all| {
        let at = all.iter().rposition(is_signed_out)?;
        why(all).is_some_and(|why| why.contains("as @eve:onebox.test")).then_some(at + 1)
    });
    assert_eq!(devices(&mut door, "eve"), 0);
    door.ask("set", json!(["who", "sam"]));
    c.order(&Order::Online { online: true });
    c.answer("How do you sign in", browser);
    let ask = c.asked("in the browser");
    browse(&mut door, &ask);
    c.online(from);
    c.done(&text("s2", &room, "here again"));
    c.stop();

    // Signing out before anything is up still reaches the server.
    assert_eq!(devices(&mut door, "sam"), 1);
    let mut c = Connector::new(&state);
    c.order(&Order::SignOut);
    c.news("signed out", 0, is_signed_out);
    assert_eq!(why(&c.news), None);
    assert_eq!(devices(&mut door, "sam"), 0);
    assert!(!state.join("secret.box").exists());
    c.stop();
}

/// A room of Signal's with somebody in it.
fn bridged(server: &Server, user: &str) -> String {
    let mut named = json!({});
    named["**"] = true.into();
    let me = format!("@{user}:onebox.test");
    let ghosts = json!([["uuid-1", "Kim"]]);
    server.bridges().id("portal", json!(["signal", me, "sig-1", "dm", ghosts, named]))
}

/// A Synapse that leaves signing in to the door.
fn delegated(door: &mut Bridges) -> Server {
    let endpoint = format!("http://127.0.0.1:{}/", port(door));
    let more = json!({
        "matrix_authentication_service":
            {"enabled": true, "endpoint": endpoint, "secret": "shared-secret"},
        "password_config": {"enabled": false},
    });
    let server = Server::with(&python(), "1h", &more);
    door.ask("set", json!(["server", server.port()]));
    server
}

/// OAuth 2.0: refused, too late, forged, and at last right; renewed, ended by the server, given back.
fn oauth(stage: &mut Stage) {
    let mut door = Server::door(&python());
    let server = delegated(&mut door);
    door.ask("set", json!(["lifetime", 5]));
    let state = stage.state("oauth");
    let trust = state.join("trust.pem");
    let pem = door.ask("trust", json!([]));
    std::fs::write(&trust, pem.as_str().expect("a certificate")).expect("written");
    let within = [PHRASE, ("SSL_CERT_FILE", trust.to_str().expect("a path"))];
    let mut c = Connector::within(&state, &within);
    c.answer("server", &server.address());

    let ask = c.asked("OAuth 2.0");
    assert_eq!(door.ask("forge", json!([link(&ask)])), json!([404, 404]));
    door.ask("set", json!(["refuse", true]));
    browse(&mut door, &ask);
    let ask = c.asked("OAuth 2.0");
    assert!(ask.problem.as_deref().is_some_and(|p| p.contains("refused")), "{ask:?}");
    door.ask("set", json!(["refuse", false]));
    door.ask("set", json!(["stale", true]));
    browse(&mut door, &ask);
    let ask = c.asked("OAuth 2.0");
    assert!(ask.problem.as_deref().is_some_and(|p| p.contains("too long")), "{ask:?}");
    door.ask("set", json!(["stale", false]));
    browse(&mut door, &ask);
    c.online(0);
    assert_eq!(hosts(&c), ["127.0.0.1", "localhost"]);
    assert_eq!(devices(&mut door, "sam"), 1);
    let clear = std::fs::read_to_string(state.join("session.json")).expect("a session");
    assert!(clear.contains("client-") && !clear.contains("mat_"), "{clear}");

    let room = bridged(&server, "sam");
    c.record("the thread", |r| matches!(r, onebox::model::Record::Thread(t) if *t.key == *room));
    c.done(&text("o1", &room, "signed in with OAuth"));
    let kept = || std::fs::read(state.join("secret.box")).expect("a safe");
    let (first, begun) = (kept(), Instant::now());
    while kept() == first {
        assert!(begun.elapsed() < Duration::from_secs(60), "never renewed");
        c.order(&Order::Typing { thread: room.as_str().into(), on: true });
        std::thread::park_timeout(Duration::from_secs(1));
    }
    c.stop();
    let mut c = Connector::within(&state, &within);
    c.online(0);
    c.done(&text("o2", &room, "after a restart"));
    assert!(!c.news.iter().any(is_signed_out));

    let from = c.drain();
    door.ask("end", json!(["sam"]));
    c.news("signed out", from, is_signed_out);
    let ask = c.asked("OAuth 2.0");
    browse(&mut door, &ask);
    c.online(from);
    assert_eq!(door.ask("hints", json!([])), json!(["mxid:@sam:onebox.test"]));
    c.done(&text("o3", &room, "here again"));

    let from = c.drain();
    c.order(&Order::SignOut);
    c.news("signed out", from, is_signed_out);
    assert_eq!(why(&c.news), None);
    assert_eq!(door.ask("given_back", json!([])).as_array().map(Vec::len), Some(1));
    assert_eq!(devices(&mut door, "sam"), 0);
    c.stop();
}

fn kind(state: &std::path::Path) -> String {
    let raw = std::fs::read(state.join("secret.box")).expect("a safe");
    let safe: Value = serde_json::from_slice(&raw).expect("JSON");
    safe["kdf"].as_str().expect("a kind").to_owned()
}

fn sign_in(c: &mut Connector, stage: &Stage, user: &str) {
    c.answer("server", &stage.server.address());
    c.answer("name there", user);
    c.answer("password", &format!("pw-{user}"));
}

const IN_KEYRING: &str = "In the system’s keyring";

/// The key lies in the system's keyring: offered first, opened without a word, locked, gone.
fn keyring(stage: &mut Stage) {
    stage.bridges.ask("register", json!(["kay"]));
    let mut keyring = Keyring::new();
    keyring.start();
    let bus = keyring.bus.clone();
    let within = [("DBUS_SESSION_BUS_ADDRESS", bus.as_str())];
    let state = stage.state("kay");
    let mut c = Connector::within(&state, &within);
    sign_in(&mut c, stage, "kay");
    let ask = c.asked("to be kept");
    let Asking::Choice { choices } = &ask.asking else { panic!("a choice: {ask:?}") };
    assert_eq!(choices, &[IN_KEYRING, "In a file that a pass-phrase locks"]);
    c.order(&Order::Answer { id: ask.id, value: Some(IN_KEYRING.to_owned()) });
    c.online(0);
    assert_eq!((kind(&state).as_str(), keyring.keys()), ("keyring", 1));
    c.stop();

    let mut c = Connector::within(&state, &within);
    c.online(0);
    assert!(!c.news.iter().any(|n| matches!(n, News::Ask(_))), "nothing is asked");
    c.stop();

    keyring.lock();
    let mut c = Connector::within(&state, &within);
    let problem = c.answer("in the system’s keyring", "Try again");
    assert!(problem.is_some_and(|p| p.contains("locked")));
    let ask = c.asked("in the system’s keyring");
    keyring.stop();
    c.order(&Order::Answer { id: ask.id, value: Some("Try again".to_owned()) });
    let ask = c.asked("in the system’s keyring");
    assert!(ask.problem.is_some_and(|p| p.contains("cannot be reached")));
    keyring.start();
    c.order(&Order::Answer { id: ask.id, value: Some("Try again".to_owned()) });
    c.online(0);

    // The end right behind the order changes nothing.
    c.order(&Order::SignOut);
    c.stop();
    assert_eq!(keyring.keys(), 0);
    for name in ["session.json", "secret.box", "store"] {
        assert!(!state.join(name).exists(), "{name} is still there");
    }
}

/// A keyring that stays locked leads to the file; later the account can move.
fn moved(stage: &mut Stage) {
    stage.bridges.ask("register", json!(["moe"]));
    let mut keyring = Keyring::new();
    keyring.start();
    keyring.lock();
    let bus = keyring.bus.clone();
    let within = [("DBUS_SESSION_BUS_ADDRESS", bus.as_str())];
    let state = stage.state("moe");
    let mut c = Connector::within(&state, &within);
    sign_in(&mut c, stage, "moe");
    c.answer("to be kept", IN_KEYRING);
    let problem = c.answer("to be kept", "In a file that a pass-phrase locks");
    assert!(problem.is_some_and(|p| p.contains("locked")));
    c.answer("new pass-phrase", "one of eight");
    c.answer("once more", "one of eight");
    c.online(0);
    assert_eq!(kind(&state), "argon2id");
    c.stop();
    keyring.stop();
    keyring.start();

    // Not now is not never.
    let mut c = Connector::within(&state, &within);
    c.answer("pass-phrase", "one of eight");
    let ask = c.asked("from now on");
    c.order(&Order::Answer { id: ask.id, value: None });
    c.online(0);
    assert_eq!(kind(&state), "argon2id");
    c.stop();
    let mut c = Connector::within(&state, &within);
    c.answer("pass-phrase", "one of eight");
    c.answer("from now on", IN_KEYRING);
    c.online(0);
    assert_eq!((kind(&state).as_str(), keyring.keys()), ("keyring", 1));
    c.stop();
    // The key is no longer there: the account is begun anew.
    let mut other = Keyring::new();
    other.start();
    let within = [("DBUS_SESSION_BUS_ADDRESS", other.bus.as_str())];
    let mut c = Connector::within(&state, &within);
    let problem = c.answer("in the system’s keyring", "Forget it and sign in anew");
    assert!(problem.is_some_and(|p| p.contains("no longer has")));
    c.asked("server");
    assert!(!state.join("secret.box").exists());
    c.stop();
}
