//! Names and events that want to do harm.

use onebox::model::Record;
use onebox::sources::live::News;
use serde_json::json;

use super::Bridges;
use crate::{Case, Stage, is_message, pair};

/// The cases.
pub const CASES: &[Case] = &[Case::new("hostile", &["hugo"], hostile)];

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
        ("com.beeper.message_send_status", json!({"success": true, "m.relates_to": "$forged"})),
    ] {
        b.ask("raw", json!(["telegram", room, kim, kind, content]));
    }
    wrong_in_part(b, &room);
    b.ask("say", json!(["telegram", room, "7", "after all that"]));
    c.record("the message after", |r| is_message(r, "after all that"));
    c.record("a strange kind", |r| is_message(r, "a kind that nobody knows"));
    for (body, ..) in IN_PART {
        c.record(body, |r| is_message(r, body));
    }
    c.drain();
    let odd = c.news.iter().filter(|n| matches!(n, News::Oddity { .. })).count();
    assert!(odd >= 5, "{odd} oddities");
    assert!(c.news.iter().all(|n| !matches!(n, News::Record { record, .. }
        if serde_json::to_string(record).is_ok_and(|r| r.contains("$forged")))));
    // Names and topics that never end.
    let b = &mut stage.bridges;
    let long = "\u{202e}evil ".repeat(8_000);
    b.ask("state", json!(["telegram", room, "m.room.name", "", {"name": long}]));
    b.ask("state", json!(["telegram", room, "m.room.topic", "", {"topic": long}]));
    // (Of a person's name Synapse takes 256 characters; unit tests have longer ones.)
    let name = "\u{202e}evil ".repeat(40);
    let member = json!({"membership": "join", "displayname": name});
    b.ask("rename", json!(["telegram", room, kim, member]));
    let is_long = |n: &str| n.starts_with("\u{202e}evil");
    let bounded = |n: &str| n.chars().count() < 1_100;
    let r = c.record(
        "the endless name",
        |r| matches!(r, Record::Thread(t) if t.title.as_deref().is_some_and(is_long)),
    );
    assert!(matches!(r, Record::Thread(t) if t.title.as_deref().is_some_and(bounded)));
    c.record("an evil name", |r| matches!(r, Record::Participant(p) if p.name == name));
    let r = c.record(
        "the endless topic",
        |r| matches!(r, Record::Message(m) if m.text.contains("topic")),
    );
    assert!(matches!(r, Record::Message(m) if bounded(&m.text)));
    c.record("the evil name", |r| matches!(r, Record::Thread(t) if t.title.as_deref().is_some_and(|t| t.contains("evil"))));
    c.stop();
}

/// Messages of which one field is wrong: the text, the field, what stands there.
const IN_PART: [(&str, &str, &str); 5] = [
    ("an answer to nothing", "m.relates_to", r#"{"m.in_reply_to": []}"#),
    ("a thread of nothing", "m.relates_to", r#"{"rel_type": "m.thread", "event_id": [1]}"#),
    ("nobody's face", "com.beeper.per_message_profile", r#"[1]"#),
    ("dressed in nothing", "formatted_body", r#"{"a": "b"}"#),
    ("for no time", "com.beeper.disappearing_timer", r#""soon""#),
];

/// What is wrong with a part of a message costs that part, not the message. (Synapse itself refuses
/// mentions that are none and reactions to nothing.)
fn wrong_in_part(b: &mut Bridges, room: &str) {
    let kim = "@telegram_7:onebox.test";
    for (body, field, value) in IN_PART {
        let mut content = json!({"msgtype": "m.text", "body": body});
        content[field] = serde_json::from_str(value).expect("JSON");
        b.ask("raw", json!(["telegram", room, kim, "m.room.message", content]));
    }
    // The same of state: what a bridge may carry, how long messages stay.
    b.ask(
        "state",
        json!(["telegram", room, "com.beeper.room_features", "onebox.test/telegram",
        {"file": [1], "reply": "full", "max_text_length": {}}]),
    );
    b.ask("state", json!(["telegram", room, "com.beeper.disappearing_timer", "", {"type": 5}]));
    b.ask(
        "state",
        json!(["telegram", room, "io.element.functional_members", "",
        {"service_members": {"a": 1}}]),
    );
}
