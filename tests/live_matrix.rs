//! The Matrix connector against a real Synapse on the loopback, with bridges that are played.
//!
//! `ONEBOX_SYNAPSE` names the Python of a venv with `matrix-synapse`; without it nothing is tried,
//! and the test says so.

mod matrix;
#[path = "matrix/signing.rs"]
mod signing;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use matrix::{Bridges, Connector, Server};
use onebox::model::{
    AttachmentKind, Change, Deletion, MediaPlace, MessageKind, PostingLimit, Record, SendState,
    ShutWhy, ThreadKind, ThreadRecord, Wish,
};
use onebox::sources::live::{KnownThread, LinkState, News, Order, OutcomeState, React, SendFile};
use serde_json::{Value, json};

const ALICE: &str = "@alice:onebox.test";
/// Access tokens are renewed all the while.
const LIFETIME: &str = "5s";

/// A name, and what is done.
type Case = (&'static str, fn(&mut Stage));

struct Stage {
    server: Server,
    bridges: Bridges,
    /// Folders of the connectors.
    folder: tempfile::TempDir,
}

impl Stage {
    fn state(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        folder
    }

    /// A user of their own, signed in.
    fn signed_in(&mut self, user: &str) -> Connector {
        let mut connector = Connector::new(&self.state(user));
        connector.sign_in(&self.server.address(), user);
        connector
    }
}

#[test]
fn the_connector_against_a_real_server() {
    let Some(python) = std::env::var_os("ONEBOX_SYNAPSE") else {
        println!("ONEBOX_SYNAPSE is not set: no live test was made");
        return;
    };
    let begun = Instant::now();
    let server = Server::new(&PathBuf::from(python), LIFETIME);
    let bridges = server.bridges();
    let folder = tempfile::tempdir().expect("a folder");
    let mut stage = Stage { server, bridges, folder };
    println!("server up after {:?}", begun.elapsed());
    let cases: &[Case] = &[
        ("portals", portals),
        ("talk", talk),
        ("files", files),
        ("bridge verdicts", verdicts),
        ("older", older),
        ("sealed", sealed),
        ("recovery key", matrix::keys::recovery),
        ("pass-phrase", matrix::keys::phrase),
        ("unseen key", matrix::keys::unseen),
        ("late key", matrix::keys::late),
        ("emoji", matrix::keys::compare),
        ("hostile", hostile),
        ("server killed", server_killed),
        ("connector killed", connector_killed),
        ("renewed", renewed),
        ("left elsewhere", left_elsewhere),
        ("refused", refused),
        ("signed out", signed_out),
        ("single sign-on", signing::single_sign_on),
        ("oauth", signing::oauth),
        ("keyring", signing::keyring),
        ("moved to the keyring", signing::moved),
    ];
    let wanted = std::env::var("ONEBOX_LIVE_CASE").ok();
    let mut failed = Vec::new();
    let large: &[Case] = if wanted.is_some() { matrix::extremes::LARGE } else { &[] };
    let all = cases
        .iter()
        .chain(large)
        .chain(matrix::faults::CASES)
        .chain(matrix::whole::CASES)
        .chain(matrix::extremes::CASES);
    for (name, case) in all.filter(|(n, _)| wanted.as_deref().is_none_or(|w| n.contains(w))) {
        let begun = Instant::now();
        // One case that fails must not hide the others.
        let ended = catch_unwind(AssertUnwindSafe(|| case(&mut stage)));
        println!(
            "{name}: {} after {:?}",
            if ended.is_ok() { "ok" } else { "FAILED" },
            begun.elapsed()
        );
        if ended.is_err() {
            failed.push(*name);
        }
    }
    println!("all after {:?}", begun.elapsed());
    assert!(failed.is_empty(), "{failed:?}");
}

fn text(key: &str, thread: &str, text: &str) -> Order {
    Order::Send {
        key: key.to_owned(),
        thread: thread.into(),
        text: text.to_owned(),
        reply_to: None,
        file: None,
    }
}

/// Rooms of every kind by name.
type Rooms = BTreeMap<&'static str, String>;

/// Makes a portal for Alice; more of it in `named`.
fn portal(
    b: &mut Bridges,
    app: &str,
    channel: &str,
    kind: &str,
    ghosts: &Value,
    named: Value,
) -> String {
    let mut named = named;
    named["**"] = true.into();
    b.id("portal", json!([app, ALICE, channel, format!("{app} {channel}"), kind, ghosts, named]))
}

/// A portal that Alice is put out of.
fn out(b: &mut Bridges, app: &str, what: &str, reason: &str) -> String {
    let channel = format!("{what}-{reason}");
    let room = portal(b, app, &channel, "", &json!([["46703333333", "Cy"]]), json!({}));
    let bot = format!("@{app}bot:onebox.test");
    let body = json!({"user_id": ALICE, "reason": reason});
    b.ask("act", json!([format!("as-{app}"), bot, room, what, body]));
    room
}

/// One room for every row of the table.
fn every_kind(b: &mut Bridges) -> Rooms {
    let one = |id: &str, name: &str| json!([[id, name]]);
    let two = json!([["46701111111", "Ann (WA)"], ["46702222222", "Bo (WA)"]]);
    let kim = one("uuid-1", "Kim");
    let none = || json!({});
    let quiet = json!({"levels": {"events_default": 50, "events": {"m.reaction": 0, "m.room.redaction": 0}}});
    let loud = json!({"levels": {"events_default": 80}});
    let group = portal(b, "whatsapp", "123@g.us", "", &two, none());
    let old = portal(b, "whatsapp", "126old@g.us", "", &two, none());
    let stone = json!({"body": "gone on", "replacement_room": group});
    b.ask("state", json!(["whatsapp", old, "m.room.tombstone", "", stone]));
    let unbridged = portal(b, "signal", "sig-4", "dm", &kim, none());
    for who in ["@signal_uuid-1:onebox.test", "@signalbot:onebox.test"] {
        b.ask("act", json!(["as-signal", who, unbridged, "leave"]));
    }
    let space = json!({"creation_content": {"type": "m.space"}});
    let fb = |b: &mut Bridges, id: &str, named| {
        portal(b, "facebook", id, "dm", &one(id, "Nora (FB)"), named)
    };
    Rooms::from([
        ("direct", fb(b, "100001", none())),
        ("request", fb(b, "100009", json!({"request": true}))),
        ("meta", fb(b, "100003", json!({"meta": true}))),
        ("insta", portal(b, "instagram", "200001", "dm", &one("200001", "Emil (IG)"), none())),
        ("group", group),
        ("announce", portal(b, "whatsapp", "124@g.us", "", &two, quiet)),
        ("channel", portal(b, "telegram", "channel:1", "", &one("channel-1", "News"), loud)),
        ("old", old),
        ("kicked", out(b, "whatsapp", "kick", "no more")),
        ("deleted", out(b, "whatsapp", "kick", "Deleting portal")),
        ("banned", out(b, "telegram", "ban", "")),
        ("invited", portal(b, "signal", "sig-3", "dm", &kim, json!({"join": false}))),
        ("unbridged", unbridged),
        ("climbing", portal(b, "signal", "sig-1", "", &kim, none())),
        ("space", b.id("plain", json!([ALICE, "A space", space]))),
        ("plain", b.id("plain", json!([ALICE, "Plain room"]))),
    ])
}

/// What is to be said of each: the app, and why it cannot be written to.
const SAID: &[(&str, &str, Option<ShutWhy>)] = &[
    ("direct", "messenger", None),
    ("request", "messenger", None),
    ("meta", "meta", None),
    ("insta", "instagram", None),
    ("group", "whatsapp", None),
    ("announce", "whatsapp", None),
    ("channel", "telegram", None),
    ("old", "whatsapp", Some(ShutWhy::Replaced)),
    ("kicked", "whatsapp", Some(ShutWhy::Removed)),
    ("deleted", "whatsapp", Some(ShutWhy::ChatDeleted)),
    ("banned", "telegram", Some(ShutWhy::Banned)),
    ("invited", "signal", Some(ShutWhy::Invited)),
    ("unbridged", "signal", Some(ShutWhy::BridgeGone)),
    ("climbing", "signal", None),
    ("plain", "matrix", None),
];

/// Every row of the table: what a thread is, and why it cannot be written to.
fn portals(stage: &mut Stage) {
    let b = &mut stage.bridges;
    b.ask("register", json!(["alice"]));
    let rooms = every_kind(b);
    b.ask("say", json!(["facebook", rooms["direct"], "100001", "hi from Messenger"]));
    b.ask("puppet", json!([rooms["direct"], ALICE, "sent on my phone"]));

    let mut c = Connector::new(&stage.state("alice"));
    c.answer("server", "http://192.0.2.1");
    let problem = c.answer("server", &stage.server.address());
    assert!(problem.is_some_and(|p| p.contains("this machine")), "plain http is for the loopback");
    c.answer("name there", "alice");
    c.answer("password", "wrong");
    let problem = c.answer("name there", "alice");
    assert!(problem.is_some_and(|p| p.contains("no such name")), "a wrong password is asked again");
    c.answer("password", "pw-alice");
    c.news("every thread", 0, |n| *n == News::AllThreads);
    for (name, app, why) in SAID {
        let (told, thread) = c.thread(&rooms[name]).unwrap_or_else(|| panic!("{name} is told"));
        let shut = thread.live.as_ref().and_then(|l| l.shut.as_ref()).map(|s| s.why);
        assert_eq!((told.as_str(), shut), (*app, *why), "{name}: {thread:?}");
    }
    details(&c, &rooms);
    changes(&mut c, &mut stage.bridges, &rooms);
    c.stop();
}

/// What else is told of the rooms.
fn details(c: &Connector, rooms: &Rooms) {
    assert!(c.thread(&rooms["space"]).is_none(), "a space is no thread");
    let thread = |name: &str| c.thread(&rooms[name]).map(|(_, t)| t).expect("told");
    let live = |name: &str| thread(name).live.expect("live");
    assert!(live("request").request);
    assert_eq!(thread("announce").posting, PostingLimit::AdminsOnly);
    assert!(live("announce").can.contains(&Wish::React));
    assert!(!live("channel").can.contains(&Wish::React));
    let kind = |name: &str| thread(name).kind.expect("a kind");
    assert_eq!(kind("channel"), ThreadKind::Channel);
    assert_eq!(kind("direct"), ThreadKind::Direct);
    assert_eq!(kind("invited"), ThreadKind::Direct);
    assert_eq!(kind("group"), ThreadKind::Group);
    let replacement = live("old").shut.and_then(|s| s.replacement);
    assert_eq!(replacement.as_deref(), Some(rooms["group"].as_str()));

    // Who is in it: no bot; and what I wrote on my phone is mine.
    let people = c.people(&rooms["direct"]);
    let names: Vec<_> = people.iter().map(|p| p.name.as_str()).collect();
    assert!(names.contains(&"Nora (FB)") && people.len() == 2, "{names:?}");
    assert!(people.iter().all(|p| p.source.is_none()));
    let said = c.messages(&rooms["direct"]).into_iter().filter(|m| m.kind == MessageKind::Text);
    let said: Vec<_> = said.map(|m| (m.text, m.sender.unwrap_or_default().to_string())).collect();
    let nora = "@facebook_100001:onebox.test";
    let expected = [("hi from Messenger", nora), ("sent on my phone", ALICE)];
    assert_eq!(said, expected.map(|(text, by)| (text.to_owned(), by.to_owned())));
}

/// A thread is told again as it changes.
fn changes(c: &mut Connector, b: &mut Bridges, rooms: &Rooms) {
    let is_shut = |t: &ThreadRecord| t.live.as_ref().and_then(|l| l.shut.as_ref()).map(|s| s.why);
    let state = json!({"state_event": "BAD_CREDENTIALS", "message": "Log in again"});
    b.ask("management", json!(["whatsapp", ALICE, state]));
    c.record("signed out of WhatsApp", |r| {
        matches!(r, Record::Thread(t) if *t.key == *rooms["group"]
            && is_shut(t) == Some(ShutWhy::BridgeSignedOut))
    });
    let name = json!({"name": "Climbing again"});
    b.ask("state", json!(["signal", rooms["climbing"], "m.room.name", "", name]));
    c.record("the new name", |r| {
        matches!(r, Record::Thread(t) if *t.key == *rooms["climbing"]
            && t.title.as_deref() == Some("Climbing again"))
    });
    let invited = rooms["invited"].as_str();
    c.done(&Order::Accept { key: "accept-1".to_owned(), thread: invited.into() });
    c.record(
        "accepted",
        |r| matches!(r, Record::Thread(t) if *t.key == *invited && is_shut(t).is_none()),
    );
}

/// A user of their own with one portal, signed in.
fn pair(stage: &mut Stage, user: &str, app: &str) -> (Connector, String) {
    let b = &mut stage.bridges;
    let me = b.id("register", json!([user]));
    let room = b.id("portal", json!([app, me, "7", "Kim", "dm", [["7", "Kim"]]]));
    (stage.signed_in(user), room)
}

fn is_message(record: &Record, text: &str) -> bool {
    matches!(record, Record::Message(m) if m.text == text)
}

/// Everything that can be said and done about messages, both ways.
fn talk(stage: &mut Stage) {
    let (mut c, room) = pair(stage, "tess", "signal");
    let me = "@tess:onebox.test";
    let kim = "@signal_7:onebox.test";
    let b = &mut stage.bridges;
    let thread: std::sync::Arc<str> = room.as_str().into();
    c.order(&Order::Watch { thread: Some(thread.clone()) });

    let theirs = b.id("say", json!(["signal", room, "7", "hello"]));
    c.record("a message", |r| is_message(r, "hello"));
    let mine = c.done(&text("k1", &room, "hi Kim")).expect("an id");
    let echo = c.record("my own", |r| is_message(r, "hi Kim"));
    let Record::Message(echo) = echo else { panic!("a message") };
    assert_eq!(echo.client_key.as_deref(), Some("k1"));
    assert_eq!(echo.native_id.as_deref(), Some(mine.as_str()));
    assert_eq!(c.done(&text("k1", &room, "hi Kim")), Some(mine.clone()), "the same order again");

    let reply = Order::Send {
        key: "k2".to_owned(),
        thread: thread.clone(),
        text: "to that".to_owned(),
        reply_to: Some(theirs.clone()),
        file: None,
    };
    c.done(&reply);
    c.record("an answer", |r| {
        matches!(r, Record::Message(m) if m.text == "to that"
            && m.reply_to.as_ref().and_then(|t| t.native_id.as_deref()) == Some(&*theirs))
    });
    let (key, message) = ("k3".to_owned(), mine.clone());
    c.done(&Order::Edit { key, thread: thread.clone(), message, text: "hi, Kim".to_owned() });
    c.record("my edit", |r| {
        matches!(r, Record::Revision(r) if r.message == mine && r.change == Change::Text("hi, Kim".to_owned()))
    });

    let react = |key: &str, on| {
        Order::React(React {
            key: key.to_owned(),
            thread: thread.clone(),
            message: theirs.clone(),
            emoji: "👍".to_owned(),
            on,
        })
    };
    c.done(&react("k4", true));
    let reacted = |by: &'static str, removed| move |r: &Record| matches!(r, Record::Reaction(r) if &*r.reaction.by == by && r.removed == removed);
    c.record("my reaction", reacted(me, false));
    c.done(&react("k5", false));
    c.record("taken back", reacted(me, true));
    let theirs_on_mine =
        json!({"m.relates_to": {"rel_type": "m.annotation", "event_id": mine, "key": "❤️"}});
    let reaction = b.id("raw", json!(["signal", room, kim, "m.reaction", theirs_on_mine]));
    c.record("their reaction", reacted(kim, false));
    b.ask("redact", json!(["signal", room, kim, reaction]));
    c.record("theirs taken back", reacted(kim, true));

    b.ask("redact", json!(["signal", room, kim, theirs]));
    c.record("unsent", |r| {
        matches!(r, Record::Revision(r) if r.message == theirs && r.change == Change::Deleted(Deletion::Unsent))
    });
    c.done(&Order::Delete { key: "k6".to_owned(), thread: thread.clone(), message: mine.clone() });
    c.record("mine unsent", |r| {
        matches!(r, Record::Revision(r) if r.message == mine && r.change == Change::Deleted(Deletion::Unsent))
    });

    presence(&mut c, b, &room);
    // What the server refuses fails for good, with a reason.
    let from = c.drain();
    c.order(&Order::Edit {
        key: "k7".to_owned(),
        thread,
        message: "no id".to_owned(),
        text: "x".to_owned(),
    });
    let outcome = c.outcome("k7", from);
    assert!(outcome.state == OutcomeState::Failed && outcome.why.is_some(), "{outcome:?}");
    c.stop();
}

/// Who has read, and who is typing.
fn presence(c: &mut Connector, b: &mut Bridges, room: &str) {
    let (me, kim) = ("@tess:onebox.test", "@signal_7:onebox.test");
    let thread: std::sync::Arc<str> = room.into();
    let last = b.id("say", json!(["signal", room, "7", "still there?"]));
    c.record("the last", |r| is_message(r, "still there?"));
    c.order(&Order::MarkRead { thread: thread.clone(), message: last.clone(), quietly: false });
    let read = |by: &'static str| {
        let last = last.clone();
        move |r: &Record| matches!(r, Record::Receipt(r) if &*r.by == by && r.message == last)
    };
    c.record("I have read", read(me));
    b.ask("receipt", json!(["signal", room, kim, last]));
    c.record("they have read", read(kim));
    b.ask("typing", json!(["signal", room, kim]));
    c.news("typing", 0, |n| matches!(n, News::Typing { names, .. } if names == &["Kim"]));
    c.order(&Order::Typing { thread, on: true });
}

/// Files go up and come down again, unless they are too large.
fn files(stage: &mut Stage) {
    let (mut c, room) = pair(stage, "fay", "whatsapp");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cat.png");
    let bytes: Vec<u8> = (0..200_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    std::fs::write(&path, &bytes).expect("written");
    c.done(&Order::Send {
        key: "f1".to_owned(),
        thread: room.as_str().into(),
        text: "look".to_owned(),
        reply_to: None,
        file: Some(SendFile { path, name: "cat.png".to_owned(), kind: AttachmentKind::Photo }),
    });
    let echo = c.record("the picture", |r| is_message(r, "look"));
    let Record::Message(echo) = echo else { panic!("a message") };
    assert_eq!(echo.client_key.as_deref(), Some("f1"));
    assert_eq!(echo.attachments[0].kind, AttachmentKind::Photo);
    let MediaPlace::Live { handle, size } = echo.attachments[0].place.clone() else {
        panic!("live")
    };
    assert_eq!(size, Some(200_000));
    let fetch =
        |key: &str, limit| Order::FetchMedia { key: key.to_owned(), handle: handle.clone(), limit };
    c.order(&fetch("m1", 1000));
    c.news(
        "too large",
        0,
        |n| matches!(n, News::Media { key, failed: Some(_), .. } if key == "m1"),
    );
    c.order(&fetch("m2", 1_000_000));
    let got = c.news(
        "the file",
        0,
        |n| matches!(n, News::Media { key, path: Some(_), .. } if key == "m2"),
    );
    let News::Media { path: Some(path), .. } = got else { panic!("a file") };
    assert!(path.starts_with(stage.state("fay").join("media")));
    assert_eq!(std::fs::read(path).expect("readable"), bytes);
    c.stop();
}

/// What the bridge says of my message is told of the message, and is no line of the chat.
fn verdicts(stage: &mut Stage) {
    let (mut c, room) = pair(stage, "vera", "facebook");
    let bot = "@facebookbot:onebox.test";
    let b = &mut stage.bridges;
    let mut send = |key: &str| c.done(&text(key, &room, key)).expect("an id");
    let (delivered, failed, unsure) = (send("v1"), send("v2"), send("v3"));
    let status = |id: &str, status: &str| json!({"m.relates_to": {"rel_type": "m.reference", "event_id": id}, "status": status});
    b.ask(
        "raw",
        json!([
            "facebook",
            room,
            bot,
            "com.beeper.message_send_status",
            status(&delivered, "SUCCESS")
        ]),
    );
    let mut notice = |id: &str, body: &str| {
        let content = json!({"msgtype": "m.notice", "body": body, "m.relates_to": {"m.in_reply_to": {"event_id": id}}});
        b.ask("raw", json!(["facebook", room, bot, "m.room.message", content]));
    };
    notice(&failed, "\u{26a0}\u{fe0f} Your message was not bridged: You left this group");
    notice(&unsure, "\u{26a0}\u{fe0f} Your message may not have been bridged: timed out");
    for (id, state, why) in [
        (&delivered, SendState::Delivered, None),
        (&failed, SendState::Failed, Some("You left this group")),
        (&unsure, SendState::Unconfirmed, Some("timed out")),
    ] {
        c.record("a verdict", |r| {
            matches!(r, Record::Revision(r) if r.message == *id
                && r.change == Change::Sent(state, why.map(str::to_owned)))
        });
    }
    assert!(c.messages(&room).iter().all(|m| !m.text.contains("bridged")));
    c.stop();
}

fn gap_of(c: &Connector, room: &str) -> Option<(Option<String>, Option<String>)> {
    c.news.iter().rev().find_map(|n| match n {
        News::Gap { thread, before, token, .. } if **thread == *room => {
            Some((before.clone(), token.clone()))
        }
        _ => None,
    })
}

/// Fetches until nothing is missing.
fn fetch_all(c: &mut Connector, room: &str) {
    for _ in 0..20 {
        let Some((before, Some(token))) = gap_of(c, room) else { return };
        let from = c.drain();
        // The oldest gap can go without its token.
        let named = Some(token.clone()).filter(|_| before.is_some());
        c.order(&Order::FetchOlder { thread: room.into(), token: named, limit: 15 });
        c.until("the next gap", |all| {
            let mut later = all.iter().skip(from);
            later
                .find(|n| {
                    matches!(n, News::Gap { thread, token: t, .. }
                if **thread == *room && *t != Some(token.clone()))
                })
                .map(|_| ())
        });
        // A gap that moves is told as closed, then as open elsewhere, at once.
        c.news("a moment later", 0, |_| true);
        std::thread::park_timeout(Duration::from_millis(300));
        c.drain();
    }
    panic!("the gap does not close");
}

/// Messages that came before, or while nobody looked, are a gap, and can be fetched in order.
fn older(stage: &mut Stage) {
    let b = &mut stage.bridges;
    let me = b.id("register", json!(["olga"]));
    let room = b.id("portal", json!(["signal", me, "9", "Kim", "dm", [["9", "Kim"]]]));
    b.ask("say_many", json!(["signal", room, "9", 50]));
    let mut c = stage.signed_in("olga");
    let said = |c: &Connector| -> Vec<String> {
        let texts = c.messages(&room).into_iter().filter(|m| m.kind == MessageKind::Text);
        texts.map(|m| m.text).collect()
    };
    let first = said(&c);
    assert!(first.len() < 50 && first.last().is_some_and(|t| t == "9 49"), "{first:?}");
    assert!(matches!(gap_of(&c, &room), Some((None, Some(_)))));
    fetch_all(&mut c, &room);
    let all: Vec<String> = (0..50).map(|n| format!("9 {n}")).collect();
    assert_eq!(said(&c), all);

    // Away for a while: a gap in the middle, which ends where it began.
    let from = c.drain();
    c.order(&Order::Online { online: false });
    c.news("offline", from, |n| matches!(n, News::Link { state: LinkState::Offline, .. }));
    let more = stage.bridges.ask("say_many", json!(["signal", room, "9", 45]));
    let from = c.drain();
    c.order(&Order::Online { online: true });
    c.news("a gap in the middle", from, |n| {
        matches!(n, News::Gap { before: Some(_), token: Some(_), .. })
    });
    fetch_all(&mut c, &room);
    let ids: Vec<Value> =
        c.messages(&room).into_iter().rev().take(45).rev().map(|m| m.native_id.into()).collect();
    assert_eq!(Value::Array(ids), more, "none is missing, none is there twice");
    c.stop();

    // A restart tells the newest again and sees no gap where there is none.
    let has = |nth: usize| {
        vec![KnownThread {
            thread: room.as_str().into(),
            message: more[more.as_array().expect("ids").len() - nth].as_str().map(str::to_owned),
        }]
    };
    let mut c = Connector::knowing(&stage.state("olga"), has(1));
    c.news("every thread", 0, |n| *n == News::AllThreads);
    assert_eq!(gap_of(&c, &room), None);
    assert!(!c.messages(&room).is_empty());
    c.stop();

    // What was told to a onebox that lost it is told again, and what cannot be is a gap.
    let mut c = Connector::knowing(&stage.state("olga"), has(40));
    c.news("every thread", 0, |n| *n == News::AllThreads);
    let from = c.drain();
    assert!(gap_of(&c, &room).is_some() && from > 0);
    fetch_all(&mut c, &room);
    let told: Vec<Value> = c.messages(&room).into_iter().map(|m| m.native_id.into()).collect();
    for id in more.as_array().expect("ids").iter().rev().take(39) {
        assert!(told.contains(id), "{id} is missing");
    }
    c.stop();
}

/// Two connectors in an encrypted room.
fn sealed(stage: &mut Stage) {
    let b = &mut stage.bridges;
    let (ada, ben) = (b.id("register", json!(["ada"])), b.id("register", json!(["ben"])));
    let mut a = stage.signed_in("ada");
    let mut c = stage.signed_in("ben");
    let encryption = json!({"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}});
    let room = stage
        .bridges
        .id("plain", json!([ada, null, {"initial_state": [encryption], "is_direct": true}, [ben]]));
    c.record("an invitation", |r| {
        matches!(r, Record::Thread(t) if *t.key == *room
            && t.live.as_ref().and_then(|l| l.shut.as_ref()).is_some_and(|s| s.why == ShutWhy::Invited))
    });
    c.done(&Order::Accept { key: "e0".to_owned(), thread: room.as_str().into() });
    a.record(
        "they joined",
        |r| matches!(r, Record::Participant(p) if *p.thread == *room && *p.key == *ben && !p.left),
    );
    a.record("told", |r| is_message(r, "ben joined"));
    a.done(&text("e1", &room, "for your eyes"));
    c.record("a sealed message, opened", |r| {
        matches!(r, Record::Message(m) if m.text == "for your eyes" && m.kind == MessageKind::Text)
    });
    let raw = stage.bridges.texts(&room, &ada);
    assert!(raw.iter().all(|t| !t.contains("eyes")), "the server sees nothing of it");
    // A new device has no key for what was said before it.
    let mut new = Connector::new(&stage.state("ben, new"));
    new.sign_in(&stage.server.address(), "ben");
    new.record(
        "a sealed message",
        |r| matches!(r, Record::Message(m) if *m.thread == *room && m.kind == MessageKind::Sealed),
    );
    new.stop();
    a.stop();
    c.stop();
}

/// Names and events that want to do harm.
fn hostile(stage: &mut Stage) {
    let (mut c, room) = pair(stage, "hugo", "telegram");
    let b = &mut stage.bridges;
    let evil = "\u{1b}[2J\u{202e}evil\n\u{0}name";
    let bad = b.id(
        "portal",
        json!(["telegram", "@hugo:onebox.test", "8", "x", "dm", [["8", "\u{1b}]0;x\u{7}"]]]),
    );
    b.ask("state", json!(["telegram", bad, "m.room.name", "", {"name": evil}]));
    b.ask("state", json!(["telegram", bad, "m.bridge", "onebox.test/telegram", {"protocol": ["x"], "bridgebot": 7}]));
    let kim = "@telegram_7:onebox.test";
    for (kind, content) in [
        // (Synapse itself refuses a body or a kind that is no text; unit tests have those.)
        ("m.room.message", json!({"msgtype": "org.strange", "body": "a kind that nobody knows"})),
        (
            "m.room.message",
            json!({"msgtype": "m.image", "body": "no picture", "url": {"a": 1}, "info": 7}),
        ),
        (
            "m.room.message",
            json!({"msgtype": "m.text", "body": "x", "m.relates_to": {"rel_type": "m.replace", "event_id": 3}}),
        ),
        ("m.reaction", json!({"m.relates_to": "none"})),
        ("m.sticker", json!({})),
        (
            "com.beeper.message_send_status",
            json!({"status": "SUCCESS", "m.relates_to": {"event_id": "$forged"}}),
        ),
        ("m.poll.start", json!({"m.poll": []})),
    ] {
        b.ask("raw", json!(["telegram", room, kim, kind, content]));
    }
    b.ask("say", json!(["telegram", room, "7", "after all that"]));
    c.record("the message after", |r| is_message(r, "after all that"));
    c.record("a strange kind", |r| is_message(r, "a kind that nobody knows"));
    c.drain();
    let odd = c.news.iter().filter(|n| matches!(n, News::Oddity { .. })).count();
    assert!(odd >= 5, "{odd} oddities");
    assert!(c.news.iter().all(|n| !matches!(n, News::Record { record, .. }
        if serde_json::to_string(record).is_ok_and(|r| r.contains("$forged")))));
    c.record("the evil name", |r| matches!(r, Record::Thread(t) if t.title.as_deref().is_some_and(|t| t.contains("evil"))));
    c.stop();
}

/// Gives every order again that has to be, in its order, until all are done.
fn until_done(c: &mut Connector, orders: &[Order], mut from: usize) {
    for _ in 0..60 {
        let mut again = Vec::new();
        for order in orders {
            let key = order.key().expect("a key");
            let done = c.news.iter().any(
                |n| matches!(n, News::Outcome(o) if o.key == key && o.state == OutcomeState::Done),
            );
            if done {
                continue;
            }
            match c.outcome(key, from).state {
                OutcomeState::Done => {}
                OutcomeState::Retry => again.push(order),
                other => panic!("{key}: {other:?}"),
            }
        }
        if again.is_empty() {
            return;
        }
        std::thread::park_timeout(Duration::from_secs(1));
        from = c.drain();
        for order in again {
            c.order(order);
        }
    }
    panic!("it never gets through");
}

fn many(room: &str, name: &str, count: usize) -> Vec<Order> {
    (0..count).map(|n| text(&format!("{name}-{n}"), room, &format!("{name} {n}"))).collect()
}

fn texts_of(orders: &[Order]) -> Vec<String> {
    orders
        .iter()
        .map(|o| match o {
            Order::Send { text, .. } => text.clone(),
            _ => String::new(),
        })
        .collect()
}

/// The server dies while messages are on their way: each arrives once, in order.
fn server_killed(stage: &mut Stage) {
    let (late, other) = pair(stage, "lena", "whatsapp");
    late.stop();
    let (mut c, room) = pair(stage, "kate", "whatsapp");
    let orders = many(&room, "s", 30);
    let from = c.drain();
    for order in &orders {
        c.order(order);
    }
    c.outcome("s-4", from);
    stage.server.kill();
    c.news("offline", from, |n| matches!(n, News::Link { state: LinkState::Offline, .. }));
    // Another starts while the server is down.
    let mut late = Connector::new(&stage.state("lena"));
    late.news("offline", 0, |n| matches!(n, News::Link { state: LinkState::Offline, .. }));
    late.order(&text("l-1", &other, "held back"));
    assert_eq!(late.outcome("l-1", 0).state, OutcomeState::Retry);
    let back = c.drain();
    stage.server.start();
    until_done(&mut c, &orders, from);
    late.online(0);
    until_done(&mut late, &[text("l-1", &other, "held back")], 0);
    late.stop();
    assert_eq!(stage.bridges.texts(&room, "@kate:onebox.test"), texts_of(&orders));
    c.online(back);
    c.stop();
}

/// The connector dies while messages are on their way: given again, each arrives once, in order.
fn connector_killed(stage: &mut Stage) {
    let (mut c, room) = pair(stage, "carl", "whatsapp");
    let orders = many(&room, "c", 25);
    let from = c.drain();
    for order in &orders {
        c.order(order);
    }
    c.outcome("c-4", from);
    c.kill();
    let mut c = Connector::new(&stage.state("carl"));
    c.online(0);
    for order in &orders {
        c.order(order);
    }
    until_done(&mut c, &orders, 0);
    assert_eq!(stage.bridges.texts(&room, "@carl:onebox.test"), texts_of(&orders));
    c.stop();
}

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
    c.answer("new pass-phrase", "one");
    c.answer("once more", "two");
    let problem = c.answer("new pass-phrase", "one");
    assert!(problem.is_some_and(|p| p.contains("not the same")));
    c.answer("once more", "one");
    c.online(0);
    c.stop();
    let clear = std::fs::read_to_string(state.join("session.json")).expect("a session");
    assert!(!clear.contains("token") && !clear.contains("syt_"), "{clear}");

    let mut c = Connector::asking(&state);
    c.answer("pass-phrase", "wrong");
    let problem = c.answer("pass-phrase", "one");
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
