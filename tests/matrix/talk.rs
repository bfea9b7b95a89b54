//! What is said: both ways, with files, and what bridges say became of it.

use std::time::Duration;

use onebox::model::{AttachmentKind, Change, Deletion, MediaPlace, MessageKind, Record, SendState};
use onebox::sources::live::{KnownThread, LinkState, News, Order, OutcomeState, React, SendFile};
use serde_json::{Value, json};

use super::{Bridges, Connector};
use crate::{Case, Stage, is_message, pair, text};

/// The cases.
pub const CASES: &[Case] = &[
    Case::new("talk", &["tess"], talk),
    Case::new("files", &["fay"], files),
    Case::new("bridge verdicts", &["vera"], verdicts),
    Case::new("older", &["olga"], older),
];

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
    let unread = |count| move |r: &Record| matches!(r, Record::Thread(t) if *t.key == *room && t.unread == Some(count));
    // (I have answered what came before.)
    c.record("unread", unread(1));
    assert_eq!(c.thread(room).and_then(|(_, t)| t.unread), Some(1));
    let from = c.drain();
    c.order(&Order::MarkRead { thread: thread.clone(), message: last.clone(), quietly: false });
    let read = |by: &'static str| {
        let last = last.clone();
        move |r: &Record| matches!(r, Record::Receipt(r) if &*r.by == by && r.message == last)
    };
    c.record("I have read", read(me));
    let all_read = |n: &News| matches!(n, News::Record { record, .. } if record.clone().into_record().is_ok_and(|r| unread(0)(&r)));
    c.news("nothing is unread", from, all_read);
    b.ask("receipt", json!(["signal", room, kim, last]));
    c.record("they have read", read(kim));
    b.ask("typing", json!(["signal", room, kim]));
    c.news("typing", 0, |n| matches!(n, News::Typing { names, .. } if names == &["Kim"]));
    c.order(&Order::Typing { thread, on: true });
    spoken_for(c, b, room);
}

/// Kim's account speaks for somebody else, who is a person of their own.
fn spoken_for(c: &mut Connector, b: &mut Bridges, room: &str) {
    let kim = "@signal_7:onebox.test";
    let profile = json!({"id": "B1", "displayname": "Build", "has_fallback": true});
    let said = json!({"msgtype": "m.text", "body": "Build: green",
        "com.beeper.per_message_profile": profile});
    b.ask("raw", json!(["signal", room, kim, "m.room.message", said]));
    let Record::Message(m) = c.record("what they said", |r| is_message(r, "green")) else {
        panic!("a message")
    };
    let sender = m.sender.expect("a sender");
    let people = c.people(room);
    let build = people.iter().find(|p| p.key == sender).expect("they are told before");
    assert_eq!((build.name.as_str(), build.source.as_ref(), build.left), ("Build", None, false));
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
    let unread = |c: &Connector| c.thread(&room).and_then(|(_, t)| t.unread);
    assert_eq!(unread(&c), None, "nobody knows what I have read of it elsewhere");
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
    assert_eq!(unread(&c), Some(20), "as many as have come, and still so");
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
