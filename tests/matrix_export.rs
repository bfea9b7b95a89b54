//! Element's JSON exports of Matrix rooms, read as an import reads them.

mod readers;

use onebox::model::{
    AttachmentKind, Call, Deletion, MediaPlace, Membership, MessageKind, MessageRecord, ThreadKind,
    Timestamp,
};
use onebox::sources::{FileTree, ReadOptions};
use onebox::store::{PageEnd, Store, ThreadQuery};
use readers::{Taking, read_files, read_path, read_tree, sample, source, utc};

fn room() -> readers::Told {
    let mut all = read_path("matrix", &sample("matrix", "room"), &utc());
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[test]
fn a_room_has_the_ids_that_a_live_account_gives_it() {
    let told = room();
    assert_eq!((told.oddities.as_slice(), told.remarks.len()), (&[][..], 0));
    let me = &told.accounts[0];
    assert_eq!((me.key.as_str(), me.name.as_str()), ("@sam:harbour.example", "Sam Rivera"));
    assert_eq!(told.me(), ["Sam Rivera"]);
    let pool = told.thread("Tide pool");
    assert_eq!((&*pool.key, pool.kind), ("!tidepool:harbour.example", Some(ThreadKind::Group)));
    assert_eq!((pool.membership, &pool.read_only), (Membership::Member, &None));
    let all: Vec<(&str, &str, bool)> =
        told.people.iter().map(|p| (&*p.key, p.name.as_str(), p.left)).collect();
    assert_eq!(
        all,
        [
            ("@sam:harbour.example", "Sam Rivera", false),
            ("@ines:harbour.example", "inês", false),
            ("@ben:elsewhere.example", "ben", true),
        ]
    );
    let tide = told.saying("Low tide at nine");
    assert_eq!((tide.native_id.as_deref(), tide.sent.at.0), (Some("$event06"), 1_714_550_460_000));
}

/// The message of an event.
fn by_id<'t>(told: &'t readers::Told, id: &str) -> &'t MessageRecord {
    let found = told.messages.iter().find(|m| m.native_id.as_deref() == Some(id));
    found.unwrap_or_else(|| panic!("no {id}"))
}

#[test]
fn answers_edits_and_what_the_room_tells() {
    let told = room();
    let by_id = |id: &str| by_id(&told, id);
    let answer = by_id("$event07");
    assert_eq!(answer.text, "I will be there", "without the quote for older programs");
    assert_eq!(answer.reply_to.as_ref().and_then(|r| r.native_id.as_deref()), Some("$event06"));
    assert_eq!(by_id("$event03").text, "Sam Rivera invited Ines");
    assert_eq!(by_id("$event05").text, "Ines Duarte is called inês now");
    assert_eq!(by_id("$event28").text, "Sam Rivera removed Ben");
    assert_eq!(by_id("$event02").kind, MessageKind::System);
    assert_eq!(told.changes, 4, "two reactions, one taken back, one edit");
    let pier = by_id("$event13");
    assert_eq!(
        (pier.text.as_str(), pier.edited.flatten().map(|t| t.0)),
        ("at the pier", Some(1_714_550_610_000))
    );
}

#[test]
fn files_are_found_where_element_lays_them() {
    let told = room();
    let by_id = |id: &str| by_id(&told, id);
    let pool = &by_id("$event15").attachments[0];
    assert!(
        matches!(&pool.place, MediaPlace::Export { path, container: Some(_) } if path.starts_with("images/pool-")),
        "{pool:?}"
    );
    let crab = by_id("$event16");
    assert_eq!(
        (crab.text.as_str(), crab.attachments[0].name.as_deref()),
        ("what a crab", Some("crab.jpg"))
    );
    assert!(matches!(&crab.attachments[0].place, MediaPlace::Export { .. }));
    let note = &by_id("$event17").attachments[0];
    assert_eq!((note.kind, &note.place), (AttachmentKind::Voice, &MediaPlace::Omitted));
    assert_eq!(by_id("$event18").attachments[0].kind, AttachmentKind::Location);
    assert_eq!(by_id("$event19").attachments[0].kind, AttachmentKind::Sticker);
}

#[test]
fn what_is_no_plain_text_is_told_as_what_it_is() {
    let told = room();
    let by_id = |id: &str| by_id(&told, id);
    assert_eq!(by_id("$event20").text, "* waves");
    assert_eq!(by_id("$event21").deletion, Deletion::TakenDown);
    assert_eq!(by_id("$event23").kind, MessageKind::Sealed);
    assert_eq!(
        (&by_id("$event24").kind, by_id("$event24").text.as_str()),
        (&MessageKind::Sealed, "")
    );
    assert_eq!(by_id("$event25").text, "Which day?\nFriday\nSaturday");
    let call = Call { video: Some(true), seconds: None, missed: false };
    assert_eq!(by_id("$event26").kind, MessageKind::Call(call));
    let chain = by_id("$event27").reply_to.as_ref().and_then(|r| r.native_id.as_deref());
    assert_eq!(chain, Some("$event06"), "the chain, not what stands there for older programs");
}

/// The last vote of each person counts that was given before the poll ended.
#[test]
fn votes_are_counted() {
    let event = |id: &str, by: &str, at: i64, kind: &str, content: serde_json::Value| {
        serde_json::json!({"type": kind, "sender": by, "event_id": id, "origin_server_ts": at,
            "room_id": "!r:x", "content": content})
    };
    let of = serde_json::json!({"rel_type": "m.reference", "event_id": "$poll"});
    let vote = |id: &str, by: &str, at: i64, all: &[&str]| {
        let said = serde_json::json!({"m.relates_to": of, "m.poll.response": {"answers": all}});
        event(id, by, at, "m.poll.response", said)
    };
    let unstable = "org.matrix.msc3381.poll.response";
    let text = |text: &str| serde_json::json!([{"body": text}]);
    let answer = |id: &str| serde_json::json!({"m.id": id, "m.text": text(id)});
    let asked = serde_json::json!({"m.poll": {"question": {"m.text": text("Which day?")},
        "max_selections": 1, "answers": [answer("fri"), answer("sat"), answer("sun")]}});
    let mut gone = vote("$6", "@d:x", 7, &["sat"]);
    gone["unsigned"] = serde_json::json!({"redacted_because": {"sender": "@d:x"}});
    let all = [
        event("$poll", "@a:x", 1, "m.poll.start", asked),
        vote("$1", "@a:x", 2, &["sat"]),
        vote("$2", "@b:x", 3, &["sat"]),
        event(
            "$3",
            "@b:x",
            4,
            unstable,
            serde_json::json!({"m.relates_to": of, (unstable): {"answers": ["fri", "sat"]}}),
        ),
        event(
            "$4",
            "@c:x",
            5,
            "m.poll.response",
            serde_json::json!({"m.relates_to": of, "m.selections": ["fri"]}),
        ),
        vote("$5", "@e:x", 6, &["nothing"]),
        gone,
        event("$7", "@b:x", 8, "m.poll.end", serde_json::json!({"m.relates_to": of})),
        vote("$8", "@c:x", 9, &["sat"]),
        event("$9", "@a:x", 10, "m.poll.end", serde_json::json!({"m.relates_to": of})),
        vote("$10", "@a:x", 11, &["sun"]),
    ];
    let file = serde_json::json!({"room_name": "A", "topic": "", "export_date": "x",
        "exported_by": "a", "messages": all});
    let told = read_files("matrix", &[("export.json", file.to_string().as_bytes())]);
    let poll = by_id(&told, "$poll");
    assert_eq!(poll.text, "Which day?\nfri (1 vote)\nsat (2 votes)\nsun (0 votes)");
    assert_eq!((told.messages.len(), told.oddities.len()), (1, 0));
}

#[test]
fn a_room_of_two_is_direct_and_says_that_it_ended() {
    let told = &read_path("matrix", &sample("matrix", "direct"), &utc())[0];
    let room = &told.threads[0];
    assert_eq!((room.kind, &room.title), (Some(ThreadKind::Direct), &None));
    assert_eq!(room.address.as_deref(), Some("@ines:harbour.example"));
    assert_eq!(room.membership, Membership::Gone);
    assert_eq!(room.read_only.as_ref().map(|e| e.detail.as_str()), Some("m.room.tombstone"));
    assert_eq!(told.me(), ["sam"]);
    let orders: Vec<i64> = told.messages.iter().map(|m| m.order).collect();
    assert_eq!(orders, [0, 0, 1, 0, 0], "two of one instant keep their order");
}

const ROOM: &[u8] = br#"{"room_name": "A", "topic": "", "export_date": "x", "exported_by": "Nobody",
  "messages": [null, 7, {"type": "m.room.message"}, {"type": "m.room.message", "sender": "@a:b", "event_id": "$1", "origin_server_ts": "soon"},
    {"type": "m.room.message", "sender": "@a:b", "event_id": "$2", "origin_server_ts": 5, "content": {"body": 5}},
    {"type": "m.room.member", "state_key": 5, "sender": "@a:b", "event_id": "$3", "origin_server_ts": 5, "content": 4},
    {"decrypted": {"type": "m.room.message", "sender": "@a:b", "event_id": "$4", "origin_server_ts": 6, "content": {"msgtype": 3, "body": "kept"}}, "encrypted": {}},
    {"type": "org.example.new", "sender": "@c:d", "event_id": "$5", "origin_server_ts": 7, "content": {"body": "of a kind that is new"}}]}"#;

#[test]
fn odd_events_are_counted_and_lose_nothing_else() {
    let told = read_files("matrix", &[("export.json", ROOM)]);
    assert_eq!(told.oddities.len(), 5, "{:?}", told.oddities);
    assert_eq!((told.messages.len(), &*told.threads[0].key), (2, "A"), "without an id its name");
    assert_eq!(told.saying("kept").sender.as_deref(), Some("@a:b"));
    assert_eq!((told.me().len(), told.remarks.len()), (0, 1), "{:?}", told.remarks);
    assert_eq!(told.accounts[0].me_names, ["Nobody"]);
    let tree = FileTree::memory([("export.json".to_owned(), ROOM.to_vec())]);
    let options = ReadOptions { me: Some("@c:d".into()), ..utc() };
    let told = read_tree("matrix", &tree, &options).expect("readable");
    assert_eq!((told.me(), told.remarks.len()), (vec!["c"], 0));
}

/// A room that says these events.
fn events(all: &[&str]) -> Vec<u8> {
    let all: Vec<String> = all
        .iter()
        .map(|e| format!(r#"{{"type": "m.room.message", "room_id": "!a:b", {e}}}"#))
        .collect();
    format!(
        r#"{{"room_name": "A", "topic": "", "export_date": "x", "exported_by": "Nobody", "messages": [{}]}}"#,
        all.join(",")
    )
    .into_bytes()
}

const EDIT: &str = r#""event_id": "$2", "sender": "@ann:b", "origin_server_ts": 1714550460000, "content": {"msgtype": "m.text", "body": "* red", "m.new_content": {"msgtype": "m.text", "body": "red"}, "m.relates_to": {"rel_type": "m.replace", "event_id": "$1"}}"#;
const LATER: &str = r#""event_id": "$3", "sender": "@ann:b", "origin_server_ts": 1714550470000, "content": {"msgtype": "m.text", "body": "* green", "m.new_content": {"msgtype": "m.text", "body": "green"}, "m.relates_to": {"rel_type": "m.replace", "event_id": "$1"}}"#;
const FORGED: &str = r#""event_id": "$4", "sender": "@bo:b", "origin_server_ts": 1714550480000, "content": {"msgtype": "m.text", "body": "* blue", "m.new_content": {"msgtype": "m.text", "body": "blue"}, "m.relates_to": {"rel_type": "m.replace", "event_id": "$1"}}"#;
const FIRST: &str = r#""event_id": "$1", "sender": "@ann:b", "origin_server_ts": 1714550400000, "content": {"msgtype": "m.text", "body": "rde"}"#;

#[test]
fn an_edit_tells_the_message_that_the_export_leaves_out() {
    let told = read_files("matrix", &[("export.json", &events(&[EDIT, LATER, FORGED]))]);
    let [message] = told.messages.as_slice() else { panic!("{:?}", told.messages) };
    assert_eq!((message.text.as_str(), message.native_id.as_deref()), ("green", Some("$1")));
    assert_eq!((message.sender.as_deref(), message.sent.at.0), (Some("@ann:b"), 1_714_550_470_000));
    assert!(message.edited.is_some());
    let whole = read_files("matrix", &[("export.json", &events(&[FIRST, EDIT, LATER]))]);
    assert_eq!(whole.messages.len(), 1, "the message itself");
    let gone = r#""type": "m.room.redaction", "event_id": "$9", "sender": "@ann:b", "origin_server_ts": 1714550490000, "redacts": "$1", "content": {}"#;
    let told = read_files("matrix", &[("export.json", &events(&[EDIT, gone]))]);
    assert_eq!(told.messages.len(), 0, "it was taken back");
}

/// In an encrypted room the newest text stands in the message, and what made it so is locked.
#[test]
fn an_edit_that_is_locked_marks_the_message() {
    let edited = |by: &str| {
        let event = r#""event_id": "$1", "sender": "@ann:b", "origin_server_ts": 1714550400000,
            "content": {"msgtype": "m.text", "body": "red"}, "unsigned": {"m.relations": {"m.replace":
            {"type": "m.room.encrypted", "event_id": "$2", "sender": "BY",
             "origin_server_ts": 1714550460000, "content": {"ciphertext": "x"}}}}"#;
        let told = read_files("matrix", &[("export.json", &events(&[&event.replace("BY", by)]))]);
        assert_eq!(told.messages[0].text, "red");
        told.messages[0].edited
    };
    assert_eq!(edited("@ann:b"), Some(Some(Timestamp(1_714_550_460_000))));
    assert_eq!(edited("@bo:b"), None);
}

/// A longer export knows it again, whichever comes first; and nobody changes another one's words.
#[test]
fn a_longer_export_knows_an_edited_message_again() {
    let short = events(&[EDIT, LATER]);
    let long = events(&[FIRST, EDIT, LATER]);
    let forged = events(&[FORGED]);
    let only = events(&[FIRST]);
    let stored = |files: &[&Vec<u8>]| {
        let store = Store::in_memory().expect("a store");
        let mut writer = store.writer().expect("a writer");
        for file in files {
            let tree = FileTree::memory([("export.json".to_owned(), (*file).clone())]);
            let mut import = writer.import("x", Timestamp(1_800_000_000_000)).expect("an import");
            (source("matrix").read)(&tree, &utc(), &mut Taking(&mut import)).expect("read");
            import.finish("[]").expect("finished");
        }
        let reader = store.reader().expect("a reader");
        let threads = reader.threads(&ThreadQuery::default(), 0, 10).expect("threads");
        assert_eq!(threads.len(), 1);
        let all = reader.older(threads[0].id, PageEnd::Edge, 100).expect("messages");
        all.iter().map(|m| (m.text.clone(), m.edited.is_some())).collect::<Vec<_>>()
    };
    let green = vec![("green".to_owned(), true)];
    assert_eq!(stored(&[&short]), green);
    assert_eq!(stored(&[&short, &long, &short]), green);
    assert_eq!(stored(&[&long, &short]), green);
    assert_eq!(stored(&[&only, &forged])[0].0, "rde");
    assert_eq!(stored(&[&only, &short]), green);
}

#[test]
fn what_somebody_does_in_answer_is_told_without_the_quote() {
    let waves = r#""event_id": "$5", "sender": "@ann:b", "origin_server_ts": 5, "content": {"msgtype": "m.emote", "body": "> <@bo:b> hi\n\nwaves", "m.relates_to": {"m.in_reply_to": {"event_id": "$1"}}}"#;
    let told = read_files("matrix", &[("export.json", &events(&[waves]))]);
    assert_eq!(told.messages[0].text, "* waves");
}

/// Where the picture of a message lies; the export holds these.
fn pictured(id: &str, at: i64, files: &[&str]) -> Option<String> {
    let event = format!(
        r#""event_id": "{id}", "sender": "@ann:b", "origin_server_ts": {at}, "content": {{"msgtype": "m.image", "body": "image.png"}}"#
    );
    let event = events(&[&event]);
    let mut all: Vec<(&str, &[u8])> = files.iter().map(|path| (*path, &b"png"[..])).collect();
    all.push(("Element - Room - Chat Export - 2026.json", &event));
    let told = read_files("matrix", &all);
    match &told.messages[0].attachments[0].place {
        MediaPlace::Export { path, container: Some(_) } => Some(path.clone()),
        _ => None,
    }
}

#[test]
fn a_picture_is_its_own_messages() {
    // 2024-05-01T08:00:07Z
    let at = 1_714_550_407_000;
    let new = "images/AbC12.jpg";
    assert_eq!(pictured("$AbC-1_2", at, &[new]).as_deref(), Some(new));
    let old = "images/image-2024-05-01 at 10.00.07.png";
    assert_eq!(pictured("$x", at, &[old]).as_deref(), Some(old));
    assert_eq!(pictured("$x", at, &["images/image-2024-05-01 at 10.00.09.png"]), None);
    let words = "images/image-1 May.png";
    assert_eq!(pictured("$x", at, &[words]).as_deref(), Some(words), "a date that says too little");
}

#[test]
fn what_an_edit_replaces_that_cannot_be_opened_is_sealed() {
    let event = r#""event_id": "$1", "sender": "@ann:b", "origin_server_ts": 1714550400000,
        "content": {}, "unsigned": {"m.relations": {"m.replace": {"type": "m.room.encrypted",
        "event_id": "$2", "sender": "@ann:b", "origin_server_ts": 1714550460000, "content": {}}}}"#;
    let told = read_files("matrix", &[("export.json", &events(&[event]))]);
    assert_eq!(told.oddities, []);
    assert_eq!(told.messages[0].kind, MessageKind::Sealed);
}
