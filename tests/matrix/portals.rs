//! Rooms as bridges make them: what a thread is, and why it cannot be written to.

use std::collections::BTreeMap;

use onebox::model::{MessageKind, PostingLimit, Record, ShutWhy, ThreadKind, ThreadRecord, Wish};
use onebox::sources::live::{News, Order, OutcomeState};
use serde_json::{Value, json};

use super::{Bridges, Connector};
use crate::{Case, Stage, pair};

/// The cases.
pub const CASES: &[Case] = &[
    Case::new("portals", &["alice"], portals),
    Case::new("profiles", &["petra", "odd-7", "odd-8", "bystander"], profiles),
    Case::new("follow", &["flora", "fritz"], follow),
];

const ALICE: &str = "@alice:onebox.test";

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

/// Ghosts that are called like no other: what their profile says tells which app they are of.
fn profiles(stage: &mut Stage) {
    let b = &mut stage.bridges;
    let at = |name: &str| format!("@{name}:onebox.test");
    for name in ["petra", "odd-7", "odd-8", "bystander"] {
        b.ask("register", json!([name]));
    }
    let fields = json!({
        "com.beeper.bridge.service": "signal", "com.beeper.bridge.network": "signal",
        "com.beeper.bridge.remote_id": "7", "com.beeper.bridge.is_network_bot": false,
    });
    b.ask("profile", json!([at("odd-7"), fields]));
    let kim = json!([["uuid-1", "Kim"]]);
    let room = b.id("portal", json!(["signal", at("petra"), "sig-p", "Odd", "", kim]));
    for name in ["odd-7", "odd-8", "bystander"] {
        b.ask("act", json!(["as-doublepuppet", at(name), room, "join"]));
    }
    let mut c = stage.signed_in("petra");
    // One has said it, and the other is called alike.
    for name in ["odd-7", "odd-8"] {
        c.record(
            name,
            |r| matches!(r, Record::Participant(p) if *p.key == *at(name) && p.source.is_none()),
        );
    }
    let of = |name: &str| {
        let people = c.people(&room);
        let one = people.into_iter().find(|p| *p.key == *at(name)).expect("told");
        one.source.map(|s| s.as_str().to_owned())
    };
    assert_eq!(of("bystander").as_deref(), Some("matrix"));
    assert_eq!((of("signal_uuid-1"), of("odd-7"), of("odd-8")), (None, None, None));
    c.stop();
}

/// A room that another took the place of leads there: joined by its id, through the servers of those
/// who are here; where that is not for me, it is said.
fn follow(stage: &mut Stage) {
    let (mut c, room) = pair(stage, "flora", "signal");
    let b = &mut stage.bridges;
    let fritz = b.id("register", json!(["fritz"]));
    let shut = b.id("plain", json!([fritz, "For few"]));
    let open = b.id("plain", json!([fritz, "The next", {"preset": "public_chat"}]));
    for (n, next) in [shut, open.clone()].into_iter().enumerate() {
        let stone = json!({"body": format!("moved, {n}"), "replacement_room": next});
        stage.bridges.ask("state", json!(["signal", room, "m.room.tombstone", "", stone]));
        c.record("it is replaced", |r| {
            matches!(r, Record::Thread(t) if *t.key == *room
            && t.live.as_ref().and_then(|l| l.shut.as_ref()).is_some_and(|s| {
                s.why == ShutWhy::Replaced && s.replacement.as_deref() == Some(&next)
            }))
        });
        let from = c.drain();
        let key = format!("follow {n}");
        c.order(&Order::Accept { key: key.clone(), thread: room.as_str().into() });
        let outcome = c.outcome(&key, from);
        if n == 0 {
            assert_eq!(outcome.state, OutcomeState::Failed, "{outcome:?}");
            assert!(outcome.why.is_some_and(|why| why.contains("not allow")));
        } else {
            assert_eq!(outcome.state, OutcomeState::Done, "{outcome:?}");
        }
    }
    c.record("the next room", |r| matches!(r, Record::Thread(t) if *t.key == *open));
    c.stop();
}
