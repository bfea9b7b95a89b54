//! My rules on the server: what of a room calls me, and which message does.

use std::path::Path;

use onebox::model::{Notify, NotifyOf, Record};
use serde_json::json;

use super::{Bridges, Connector};
use crate::{Case, Stage, is_message, text};

/// The cases.
pub const CASES: &[Case] = &[Case::new("push rules", &["runa"], rules)];

fn mode(c: &Connector, room: &str) -> Option<NotifyOf> {
    c.thread(room).and_then(|(_, t)| t.live).map(|l| l.notify)
}

/// Waits until a room is told so.
fn is(c: &mut Connector, from: usize, room: &str, expected: NotifyOf) {
    c.news("the rules of a room", from, |n| {
        matches!(n, onebox::sources::live::News::Record { record, .. }
            if matches!(record.clone().into_record(), Ok(Record::Thread(t))
                if *t.key == *room && t.live.as_ref().is_some_and(|l| l.notify == expected)))
    });
}

/// Somebody says something; whether it calls.
fn said(
    c: &mut Connector,
    b: &mut Bridges,
    (room, who): (&str, &str),
    what: &str,
) -> Option<Notify> {
    b.ask("say", json!(["signal", room, who, what]));
    match c.record(what, |r| is_message(r, what)) {
        Record::Message(m) => m.notify,
        other => panic!("{other:?}"),
    }
}

/// A room is loud, silent, or silent but for what mentions me, as I have it there; each message
/// says whether it calls.
fn rules(stage: &mut Stage) {
    let b = &mut stage.bridges;
    let me = b.id("register", json!(["runa"]));
    let ghosts = json!([["7", "Kim"], ["8", "Lee"]]);
    let room = b.id("portal", json!(["signal", me, "climbers", "Climbers", "", ghosts]));
    let direct = b.id("portal", json!(["signal", me, "9", "Mia", "dm", [["9", "Mia"]]]));
    let mut c = stage.signed_in("runa");
    let state = stage.state("runa");
    let b = &mut stage.bridges;
    assert_eq!(mode(&c, &room), Some(NotifyOf::All));
    let kim = (room.as_str(), "7");
    assert_eq!(said(&mut c, b, kim, "hello"), Some(Notify::Call));
    assert_eq!(said(&mut c, b, (&direct, "9"), "hi"), Some(Notify::Call));
    c.done(&text("p1", &room, "hi all"));
    let mine = c.record("mine", |r| is_message(r, "hi all"));
    assert!(matches!(mine, Record::Message(m) if m.notify.is_none()));

    // A word that I have named is a mention, and so is my name.
    let highlight = json!(["notify", {"set_tweak": "highlight"}]);
    let ropes = json!({"pattern": "rope", "actions": highlight});
    b.ask("push_rule", json!([me, "content", "ropes", ropes]));
    assert_eq!(said(&mut c, b, kim, "who has the rope?"), Some(Notify::Mention));
    assert_eq!(said(&mut c, b, kim, "or the map?"), Some(Notify::Call));
    let named =
        json!({"msgtype": "m.text", "body": "you there?", "m.mentions": {"user_ids": [me]}});
    b.ask("raw", json!(["signal", room, "@signal_7:onebox.test", "m.room.message", named]));
    let named = c.record("named", |r| is_message(r, "you there?"));
    assert!(matches!(named, Record::Message(m) if m.notify == Some(Notify::Mention)));

    // Muted: not even a mention calls. The other room stays as it is.
    let muted = json!({"actions": [],
        "conditions": [{"kind": "event_match", "key": "room_id", "pattern": room}]});
    let from = c.drain();
    b.ask("push_rule", json!([me, "override", room, muted]));
    is(&mut c, from, &room, NotifyOf::Nothing);
    assert_eq!(said(&mut c, b, kim, "the rope is gone"), Some(Notify::Quiet));
    assert_eq!(said(&mut c, b, (&direct, "9"), "and here?"), Some(Notify::Call));
    assert_eq!(mode(&c, &direct), Some(NotifyOf::All));
    c.stop();
    changed_elsewhere(b, &state, &me, (&room, &direct));
}

/// Rules that were changed while the connector was not there, and all of them switched off.
fn changed_elsewhere(b: &mut Bridges, state: &Path, me: &str, (room, direct): (&str, &str)) {
    let kim = (room, "7");
    b.ask("push_rule", json!([me, "override", room, null]));
    b.ask("push_rule", json!([me, "room", room, {"actions": []}]));
    let mut c = Connector::new(state);
    is(&mut c, 0, room, NotifyOf::Mentions);
    assert_eq!(said(&mut c, b, kim, "nothing of note"), Some(Notify::Quiet));
    assert_eq!(said(&mut c, b, kim, "another rope"), Some(Notify::Mention));

    // Everything off, and on again.
    let from = c.drain();
    b.ask("silence", json!([me, true]));
    is(&mut c, from, room, NotifyOf::Nothing);
    is(&mut c, from, direct, NotifyOf::Nothing);
    assert_eq!(said(&mut c, b, (direct, "9"), "the last rope"), Some(Notify::Quiet));
    let from = c.drain();
    b.ask("silence", json!([me, false]));
    b.ask("push_rule", json!([me, "room", room, null]));
    is(&mut c, from, room, NotifyOf::All);
    assert_eq!(said(&mut c, b, kim, "loud again"), Some(Notify::Call));
    c.stop();
}
