//! `msgstore.db` in the layout of before 2021.

use onebox::model::{
    AttachmentKind, Call, Deletion, MediaPlace, Membership, MessageKind, MessageRecord, ThreadKind,
};

use super::readers::{Told, read_path, read_tree, sample, utc};
use super::{build, sample_is, tree_of};

const STORE: &str = include_str!("whatsapp_older.sql");
const LATER: &str = include_str!("whatsapp_android.sql");
const INES: &str = "351912345678@s.whatsapp.net";

fn told() -> Told {
    let mut all = read_path("whatsapp", &sample("whatsapp", "android-older"), &utc());
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn of(sql: &str) -> Told {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path().join("msgstore.db");
    build(sql, &at);
    read_tree("whatsapp", &tree_of(&[("msgstore.db", &at)]), &utc()).expect("readable")
}

#[test]
fn the_sample_is_what_its_text_says() {
    sample_is(STORE, &sample("whatsapp", "android-older").join("msgstore.db"));
}

#[test]
fn chats_say_who_is_in_them_and_which_i_left() {
    let told = told();
    assert_eq!((told.accounts[0].name.as_str(), told.me()), ("Sam Rivera", vec!["Sam Rivera"]));
    let (choir, lake) = (told.thread("Choir"), told.thread("Lake house"));
    assert_eq!((choir.membership, choir.archived), (Membership::Gone, true));
    assert_eq!((lake.membership, lake.archived), (Membership::Member, false));
    assert_eq!((lake.kind, choir.kind), (Some(ThreadKind::Group), Some(ThreadKind::Group)));
    let ines = told.thread("+351912345678");
    assert_eq!((&*ines.key, ines.unread), (INES, Some(1)));
    assert_eq!(told.of("447700900555@s.whatsapp.net").len(), 1, "a chat that no row stands for");
    assert!(told.threads.iter().all(|t| !t.key.starts_with("status")));
    assert_eq!(told.threads.len(), 4);
    let who: Vec<&str> =
        told.people.iter().filter(|p| p.thread == lake.key).map(|p| p.name.as_str()).collect();
    assert_eq!(who, ["+351912345678", "+447700900333"]);
}

#[test]
fn messages_come_with_what_belongs_to_them() {
    let told = told();
    let yes = told.saying("platform 4");
    assert_eq!(yes.sender.as_deref(), Some("me"));
    let reply = yes.reply_to.as_ref().expect("an answer");
    assert_eq!(reply.native_id.as_deref(), Some("A1"));
    assert_eq!(reply.quote.as_deref(), Some("Are you at the station?"));
    let train = told.saying("our train");
    assert!(train.forwarded && !train.text.contains("iVBOR"));
    let place = &train.attachments[0].place;
    let MediaPlace::Export { path, container: Some(_) } = place else { panic!("{place:?}") };
    assert_eq!(path, "Media/WhatsApp Images/IMG-20240501-WA0001.jpg");
    let boat = told.saying("boat");
    assert_eq!(boat.sender.as_deref(), Some("447700900333@s.whatsapp.net"));
    let score = told.saying("alto and tenor");
    assert_eq!(score.attachments[0].name.as_deref(), Some("score.pdf"));
    let ines = told.of(INES);
    let of = |id: &str| ines.iter().find(|m| m.native_id.as_deref() == Some(id)).expect("told");
    assert_eq!(of("A5").deletion, Deletion::Unsent);
    assert_eq!(of("A6").attachments[0].name.as_deref(), Some("Old pier"));
    assert_eq!(of("A9").attachments[0].name.as_deref(), Some("Rui Costa"));
    let call = Call { video: Some(true), seconds: Some(77), missed: false };
    assert_eq!(of("call:77").kind, MessageKind::Call(call));
    assert_eq!(told.saying("was created").text, "The group “Lake house” was created");
    assert_eq!(told.saying("added").text, "+351912345678 added +447700900444");
    assert_eq!(told.oddities.len(), 1, "one has no time: {:?}", told.oddities);
    assert_eq!(told.messages.len(), 13);
}

/// What a later database of the same phone tells of the same messages has the same ids.
#[test]
fn a_later_database_tells_the_same_messages() {
    let (told, later) = (of(STORE), of(LATER));
    let mut same = 0;
    for old in &told.messages {
        let new = later.messages.iter().find(|m| m.native_id == old.native_id);
        let Some(new) = new else { continue };
        let kinds = |m: &MessageRecord| -> Vec<AttachmentKind> {
            m.attachments.iter().map(|a| a.kind).collect()
        };
        let of = |m: &MessageRecord| {
            let text = m.text.clone();
            (m.thread.clone(), m.sender.clone(), m.sent, m.kind.clone(), text, m.deletion, kinds(m))
        };
        assert_eq!(of(old), of(new));
        same += 1;
    }
    assert_eq!(same, 9);
}

#[test]
fn a_call_is_one_with_picture_or_not_and_says_nothing() {
    let mut more = String::new();
    for (n, (mine, kind, says)) in
        [(0, 8, "audio"), (0, 8, "video"), (0, 10, "video"), (0, 10, "audio"), (1, 8, "audio")]
            .iter()
            .enumerate()
    {
        more.push_str(&format!(
            "INSERT INTO messages(key_remote_jid, key_from_me, key_id, status, timestamp,
               media_wa_type, media_size, media_caption) VALUES
             ('{INES}', {mine}, 'V{n}', 0, 1714650000000 + {n}, '{kind}', 0, '{says}');"
        ));
    }
    let later = "CREATE TABLE missed_call_logs (_id INTEGER PRIMARY KEY, message_row_id INTEGER, video_call INTEGER);
        INSERT INTO messages(_id, key_remote_jid, key_from_me, key_id, status, timestamp, media_wa_type, media_size)
          VALUES (99, '351912345678@s.whatsapp.net', 0, 'V9', 0, 1714650009000, '10', 0);
        INSERT INTO missed_call_logs VALUES (1, 99, 1);";
    let told = of(&format!("{STORE}{more}{later}"));
    let calls: Vec<_> = told
        .messages
        .iter()
        .filter(|m| m.native_id.as_deref().is_some_and(|id| id.starts_with('V')))
        .map(|m| (m.kind.clone(), m.text.as_str()))
        .collect();
    let call =
        |video, missed| (MessageKind::Call(Call { video: Some(video), seconds: None, missed }), "");
    assert_eq!(
        calls,
        [
            call(false, false),
            call(true, false),
            call(true, true),
            call(false, true),
            call(false, false),
            call(true, true)
        ]
    );
}

/// A phone in the middle of moving its messages has both layouts; the whole one is read.
#[test]
fn what_is_not_moved_yet_is_read_where_it_was() {
    let moving = "CREATE TABLE jid (_id INTEGER PRIMARY KEY, user TEXT, server TEXT, raw_string TEXT);
        CREATE TABLE chat (_id INTEGER PRIMARY KEY, jid_row_id INTEGER, subject TEXT, archived INTEGER);
        CREATE TABLE message (_id INTEGER PRIMARY KEY, chat_row_id INTEGER, from_me INTEGER, key_id TEXT, timestamp INTEGER, text_data TEXT);
        CREATE TABLE call_log (_id INTEGER PRIMARY KEY, jid_row_id INTEGER, from_me INTEGER, call_id TEXT, timestamp INTEGER, video_call INTEGER, duration INTEGER);
        INSERT INTO jid VALUES (1, '351912345678', 's.whatsapp.net', '351912345678@s.whatsapp.net'), (2, '120363000000000001', 'g.us', NULL);
        INSERT INTO chat VALUES (1, 1, NULL, 0), (2, 2, 'Lake house', 1);
        INSERT INTO message VALUES (2, 1, 0, 'A1', 1714554000000, 'Are you at the station?');
        INSERT INTO call_log VALUES (1, 1, 0, 'X1', 1714554000000, 0, 0), (2, 1, 0, 'X2', 1714554000000, 0, 9);";
    let told = of(&format!("{STORE}{moving}"));
    assert_eq!(told.messages.len(), 14, "and a call, but not the missed one");
    let lake = told.thread("Lake house");
    assert_eq!((lake.archived, lake.membership), (true, Membership::Member));
    let moved = "DELETE FROM messages WHERE _id > 2;";
    assert_eq!(of(&format!("{STORE}{moving}{moved}")).messages.len(), 3);
}
