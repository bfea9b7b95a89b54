//! Events as bridges and hostile servers write them.

use onebox::model::{
    AttachmentKind, Change, Deletion, MediaPlace, MessageKind, MessageRecord, Notify, Record,
    SendState,
};
use serde_json::{Value, json};

use super::event::{Place, Telling, tell};

const ME: &str = "@me:hs";
const BOT: &str = "@bot:hs";

fn told(event: &Value, sealed: bool) -> Vec<Telling> {
    let is_bot = |id: &str| id == BOT;
    let place = Place {
        thread: "!r".into(),
        me: ME,
        service: &is_bot,
        bot: &is_bot,
        speaks: &|id| is_bot(id) || id.starts_with("@signal_"),
        name: &|id| id.trim_start_matches('@').split(':').next().unwrap_or_default().to_owned(),
        notify: Some(Notify::Call),
    };
    tell(event, sealed, &place, 0)
}

fn event(kind: &str, sender: &str, content: Value) -> Value {
    json!({"type": kind, "event_id": "$e", "sender": sender, "origin_server_ts": 1000, "content": content})
}

fn message(event: &Value) -> MessageRecord {
    match told(event, false).pop() {
        Some(Telling::Record(record)) => match *record {
            Record::Message(m) => *m,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn change(event: &Value) -> (String, Change) {
    match told(event, false).pop() {
        Some(Telling::Record(record)) => match *record {
            Record::Revision(r) => (r.message, r.change),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn said(content: Value) -> MessageRecord {
    message(&event("m.room.message", "@a:hs", content))
}

#[test]
fn text_in_all_its_kinds() {
    assert_eq!(said(json!({"msgtype": "m.text", "body": "hi"})).text, "hi");
    assert_eq!(said(json!({"msgtype": "m.emote", "body": "waves"})).text, "* waves");
    assert_eq!(said(json!({"msgtype": "org.new.kind", "body": "still here"})).text, "still here");
    let m = said(json!({"msgtype": "m.text", "body": "> <@b:hs> old\n> more\n\nanswer",
        "m.relates_to": {"m.in_reply_to": {"event_id": "$old"}}}));
    assert_eq!(m.text, "answer");
    assert_eq!(m.reply_to.and_then(|r| r.native_id).as_deref(), Some("$old"));
}

#[test]
fn what_i_sent_from_here_carries_its_key() {
    let mut mine = event("m.room.message", ME, json!({"msgtype": "m.text", "body": "x"}));
    mine["unsigned"] = json!({"transaction_id": "k1"});
    assert_eq!(message(&mine).client_key.as_deref(), Some("k1"));
    mine["sender"] = "@a:hs".into();
    assert_eq!(message(&mine).client_key, None);
}

#[test]
fn files_can_be_fetched_by_their_handle() {
    let m = said(json!({"msgtype": "m.image", "body": "look!", "filename": "cat.jpg",
        "url": "mxc://hs/1", "info": {"size": 7}}));
    assert_eq!((m.text.as_str(), m.attachments[0].kind), ("look!", AttachmentKind::Photo));
    assert_eq!(m.attachments[0].name.as_deref(), Some("cat.jpg"));
    let MediaPlace::Live { handle, size } = &m.attachments[0].place else { panic!("live") };
    assert!(handle.contains("mxc://hs/1") && *size == Some(7));
    let m = said(
        json!({"msgtype": "m.file", "body": "a.pdf", "file": {"url": "mxc://hs/2", "key": {}}}),
    );
    assert_eq!((m.text.as_str(), m.attachments[0].kind), ("", AttachmentKind::File));
    let m = said(
        json!({"msgtype": "m.audio", "body": "v", "url": "mxc://hs/3", "org.matrix.msc3245.voice": {}}),
    );
    assert_eq!(m.attachments[0].kind, AttachmentKind::Voice);
    let m = said(json!({"msgtype": "m.image", "body": "no picture", "url": 5}));
    assert_eq!((m.text.as_str(), m.attachments.len()), ("no picture", 0));
}

#[test]
fn an_edit_changes_and_an_edited_message_comes_as_it_is_now() {
    let edit = event(
        "m.room.message",
        "@a:hs",
        json!({"msgtype": "m.text", "body": "* new",
        "m.new_content": {"msgtype": "m.text", "body": "new"},
        "m.relates_to": {"rel_type": "m.replace", "event_id": "$old"}}),
    );
    assert_eq!(change(&edit), ("$old".to_owned(), Change::Text("new".to_owned())));
    let mut old = event("m.room.message", "@a:hs", json!({"msgtype": "m.text", "body": "old"}));
    old["unsigned"] = json!({"m.relations": {"m.replace": edit}});
    let m = message(&old);
    assert_eq!((m.text.as_str(), m.edited.is_some()), ("new", true));
}

#[test]
fn what_was_taken_away_is_told_so() {
    let mut gone = event("m.room.message", "@a:hs", json!({}));
    gone["unsigned"] = json!({"redacted_because": {"sender": "@a:hs"}});
    assert_eq!(message(&gone).deletion, Deletion::Unsent);
    gone["unsigned"]["redacted_because"]["sender"] = "@mod:hs".into();
    assert_eq!(message(&gone).deletion, Deletion::TakenDown);
    let redaction = event("m.room.redaction", "@a:hs", json!({"redacts": "$x"}));
    assert!(
        matches!(&told(&redaction, false)[..], [Telling::Redaction { target, .. }] if target == "$x")
    );
}

#[test]
fn only_a_bridge_says_what_became_of_my_message() {
    let status =
        json!({"m.relates_to": {"event_id": "$m"}, "status": "FAIL_PERMANENT", "message": "no"});
    let kind = "com.beeper.message_send_status";
    let failed = Change::Sent(SendState::Failed, Some("no".to_owned()));
    assert_eq!(change(&event(kind, BOT, status.clone())), ("$m".to_owned(), failed));
    assert!(matches!(told(&event(kind, "@a:hs", status), false)[..], [Telling::Oddity(_)]));
    let notice = json!({"msgtype": "m.notice", "body": "\u{26a0}\u{fe0f} Your message was not bridged: no",
        "m.relates_to": {"m.in_reply_to": {"event_id": "$m"}}});
    let (of, became) = change(&event("m.room.message", BOT, notice.clone()));
    assert_eq!(
        (of.as_str(), became),
        ("$m", Change::Sent(SendState::Failed, Some("no".to_owned())))
    );
    assert!(message(&event("m.room.message", "@a:hs", notice)).text.contains("not bridged"));
}

#[test]
fn a_bot_speaks_as_the_app_itself() {
    let m = message(&event("m.room.message", BOT, json!({"msgtype": "m.notice", "body": "hello"})));
    assert_eq!((m.kind, m.sender), (MessageKind::System, None));
}

#[test]
fn sealed_messages_polls_and_calls() {
    let sealed = event("m.room.encrypted", "@a:hs", json!({"ciphertext": "x"}));
    assert!(matches!(&told(&sealed, true)[..], [Telling::Record(r)]
        if matches!(&**r, Record::Message(m) if m.kind == MessageKind::Sealed)));
    let poll = json!({"org.matrix.msc3381.poll.start": {
        "question": {"org.matrix.msc1767.text": "Where?"},
        "answers": [{"id": "1", "org.matrix.msc1767.text": "Here"}, {"id": "2", "m.text": [{"body": "There"}]}]}});
    let m = message(&event("org.matrix.msc3381.poll.start", "@a:hs", poll));
    assert_eq!((m.kind, m.text.as_str()), (MessageKind::Poll, "Where?\nHere\nThere"));
    let call = event("m.call.invite", "@a:hs", json!({"offer": {"sdp": "v=0\r\nm=video 9"}}));
    assert!(matches!(message(&call).kind, MessageKind::Call(c) if c.video == Some(true)));
}

#[test]
fn what_a_bridge_does_to_bring_people_is_not_told() {
    let mut join =
        event("m.room.member", "@a:hs", json!({"membership": "join", "displayname": "Ann"}));
    join["state_key"] = "@a:hs".into();
    assert_eq!(message(&join).text, "Ann joined");
    join["unsigned"] = json!({"prev_content": {"membership": "invite"}, "prev_sender": BOT});
    assert_eq!(told(&join, false), []);
    let mut kick = event("m.room.member", BOT, json!({"membership": "leave"}));
    kick["state_key"] = "@a:hs".into();
    kick["unsigned"] = json!({"prev_content": {"membership": "join", "displayname": "Ann"}});
    assert_eq!(message(&kick).text, "Ann was removed");
}

#[test]
fn wrong_types_are_odd_and_never_a_panic() {
    let values = [
        json!(null),
        json!(5),
        json!("x"),
        json!([]),
        json!({}),
        json!({"body": []}),
        json!({"msgtype": [], "body": "b", "m.relates_to": 7}),
        json!({"m.relates_to": {"rel_type": "m.replace", "event_id": 5}}),
        json!({"m.relates_to": {"rel_type": "m.annotation", "event_id": "$x", "key": {}}}),
    ];
    for kind in [
        "m.room.message",
        "m.reaction",
        "m.sticker",
        "m.room.redaction",
        "m.poll.start",
        "m.call.invite",
        "com.beeper.message_send_status",
        "m.room.member",
        "m.room.name",
        "x.y",
    ] {
        for content in &values {
            for key in [None, Some(json!("@a:hs")), Some(json!(7))] {
                let mut odd = event(kind, BOT, content.clone());
                if let Some(key) = key {
                    odd["state_key"] = key;
                }
                told(&odd, false);
                odd["sender"] = "@a:hs".into();
                told(&odd, true);
                odd["unsigned"] =
                    json!({"redacted_because": 5, "prev_content": "x", "m.relations": []});
                told(&odd, false);
            }
        }
    }
    for broken in [
        json!(null),
        json!({}),
        json!({"type": "m.room.message", "sender": 5}),
        json!({"type": "m.room.message", "sender": "@a:hs", "event_id": "$e", "origin_server_ts": "soon"}),
    ] {
        assert!(matches!(told(&broken, false)[..], [Telling::Oddity(_)]));
    }
    assert!(matches!(
        told(&event("m.room.message", "@a:hs", json!({"body": 5})), false)[..],
        [Telling::Oddity(_)]
    ));
}

#[test]
fn what_others_say_calls_by_my_rules() {
    let text = json!({"msgtype": "m.text", "body": "hi"});
    let notify = |kind: &str, sender: &str| message(&event(kind, sender, text.clone())).notify;
    assert_eq!(notify("m.room.message", "@kim:hs"), Some(Notify::Call));
    assert_eq!(notify("m.call.invite", "@kim:hs"), Some(Notify::Call));
    assert_eq!(notify("m.room.message", ME), None, "nobody calls themselves");
    assert_eq!(notify("m.room.message", BOT), None, "nor does the app");
}

#[test]
fn a_bridge_may_speak_for_somebody_and_nobody_else_may() {
    let profile = json!({"id": "B1", "displayname": "Build", "has_fallback": true});
    let said = json!({"msgtype": "m.text", "body": "Build: green",
        "com.beeper.per_message_profile": profile});
    let by = |sender: &str| {
        let m = message(&event("m.room.message", sender, said.clone()));
        (m.sender.map(|s| s.to_string()), m.kind, m.text)
    };
    let build = |key: &str| (Some(key.to_owned()), MessageKind::Text, "green".to_owned());
    assert_eq!(by(BOT), build("@bot:hs#B1"));
    assert_eq!(by("@signal_7:hs"), build("@signal_7:hs#B1"));
    assert_eq!(by("@eve:hs").0.as_deref(), Some("@eve:hs"));
    assert_eq!(by(ME).0.as_deref(), Some(ME));
    assert_eq!(by("@eve:hs").2, "Build: green", "and what they say stands as it is");
    let edit = json!({"msgtype": "m.text", "body": "* Build: red", "m.new_content":
        {"msgtype": "m.text", "body": "Build: red", "com.beeper.per_message_profile": profile},
        "m.relates_to": {"rel_type": "m.replace", "event_id": "$b"}});
    let edit = event("m.room.message", "@signal_7:hs", edit);
    assert_eq!(change(&edit), ("$b".to_owned(), Change::Text("red".to_owned())));
}

#[test]
fn what_never_ends_is_told_as_far_as_anybody_reads() {
    let long = "\u{202e}\u{1b}[2J".repeat(10_000);
    let react = |key: &str| {
        let related = json!({"rel_type": "m.annotation", "event_id": "$b", "key": key});
        told(&event("m.reaction", "@kim:hs", json!({"m.relates_to": related})), false).pop()
    };
    assert!(matches!(react(&long), Some(Telling::Oddity(_))));
    assert!(matches!(react("\u{1b}"), Some(Telling::Reaction { .. })), "odd, but it ends");
    let mut topic = event("m.room.topic", "@kim:hs", json!({"topic": long}));
    topic["state_key"] = json!("");
    let sentence = message(&topic).text;
    assert!(sentence.starts_with("kim changed the topic: \u{202e}"), "as it came");
    assert!(sentence.chars().count() < 1_100);
    let file = json!({"msgtype": "m.file", "body": long, "url": "mxc://hs/a"});
    let file = message(&event("m.room.message", "@kim:hs", file)).attachments.remove(0);
    assert!(file.name.is_some_and(|n| n.chars().count() < 400));
    // A message is what was said, all of it: a server takes no longer one than this.
    let said = json!({"msgtype": "m.text", "body": "x".repeat(60_000)});
    assert_eq!(message(&event("m.room.message", "@kim:hs", said)).text.len(), 60_000);
}
