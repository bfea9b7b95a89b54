//! `msgstore.db` and `wa.db`.

use onebox::model::{
    AttachmentKind, Call, Deletion, MediaPlace, Membership, MessageKind, MessageRecord, Mute,
    PostingLimit, ThreadKind, Timestamp,
};
use onebox::sources::{CATALOG, FileTree, ReadOptions, Sink};

use super::readers::{NO_CORPUS, Told, corpus, read_path, read_tree, sample, utc};
use super::{build, sample_is, tree_of};

const STORE: &str = include_str!("whatsapp_android.sql");
const BOOK: &str = include_str!("wa_contacts.sql");

fn told() -> Told {
    let mut all = read_path("whatsapp", &sample("whatsapp", "android-db"), &utc());
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[test]
fn the_sample_is_what_its_text_says() {
    sample_is(STORE, &sample("whatsapp", "android-db").join("msgstore.db"));
    sample_is(BOOK, &sample("whatsapp", "android-db").join("wa.db"));
}

#[test]
fn chats_say_who_is_in_them_and_which_are_closed() {
    let told = told();
    assert_eq!((told.accounts[0].name.as_str(), told.me()), ("Sam Rivera", vec!["Sam Rivera"]));
    let ines = told.thread("Ines Duarte");
    assert_eq!(&*ines.key, "351912345678@s.whatsapp.net", "by her number, not the hidden address");
    assert_eq!((ines.kind, ines.unread), (Some(ThreadKind::Direct), Some(2)));
    assert_eq!(ines.address.as_deref(), Some("+351912345678"));
    let lake = told.thread("Lake house");
    assert_eq!((lake.membership, lake.archived, lake.unread), (Membership::Gone, true, Some(0)));
    assert_eq!(told.thread("School news").posting, PostingLimit::AdminsOnly);
    let band = told.thread("Band");
    assert_eq!((band.membership, band.posting), (Membership::Member, PostingLimit::Everyone));
    assert_eq!(band.unread, None);
    let ferry = told.thread("Ferry times");
    assert_eq!((ferry.kind, ferry.posting), (Some(ThreadKind::Channel), PostingLimit::AdminsOnly));
    let names: Vec<&str> =
        told.people.iter().filter(|p| p.thread == lake.key).map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["Ines Duarte", "Tom", "Sam Rivera", "Quiet Q"]);
    assert!(told.threads.iter().all(|t| !t.key.starts_with("status")));
}

#[test]
fn messages_come_with_what_belongs_to_them() {
    let told = told();
    let yes = told.saying("platform 4");
    assert_eq!(yes.sender.as_deref(), Some("me"));
    assert_eq!(yes.reply_to.as_ref().and_then(|r| r.native_id.as_deref()), Some("A1"));
    assert_eq!(yes.edited.flatten().map(|t| t.0), Some(1_714_554_060_000));
    let by: Vec<(&str, &str)> = yes.reactions.iter().map(|r| (&*r.by, r.emoji.as_str())).collect();
    assert_eq!(by, [("351912345678@s.whatsapp.net", "👍")]);
    let boat = told.saying("boat");
    let by: Vec<&str> = boat.reactions.iter().map(|r| &*r.by).collect();
    assert_eq!(by, ["me", "351912345678@s.whatsapp.net"], "one was taken back");
    assert!(boat.forwarded);
    let train = told.saying("our train");
    assert!(train.forwarded);
    let place = &train.attachments[0].place;
    assert!(matches!(place, MediaPlace::Export { container: Some(_), .. }), "{place:?}");
    let ines = told.of("351912345678@s.whatsapp.net");
    let kinds: Vec<_> = ines.iter().flat_map(|m| &m.attachments).map(|a| a.kind).collect();
    use AttachmentKind::{Contact, Location, Photo, Voice};
    assert_eq!(kinds, [Photo, Voice, Location, Contact]);
    assert_eq!(told.saying("the plan").attachments[0].name.as_deref(), Some("plan.pdf"));
}

#[test]
fn calls_polls_cards_and_events_are_told() {
    let told = told();
    let ines = told.of("351912345678@s.whatsapp.net");
    let of = |id: &str| ines.iter().find(|m| m.native_id.as_deref() == Some(id)).expect("told");
    assert_eq!(of("A5").deletion, Deletion::Unsent);
    assert_eq!(
        of("A8").kind,
        MessageKind::Call(Call { video: Some(true), seconds: Some(77), missed: false })
    );
    assert_eq!(of("A7").text, "Which day?\nFriday (2 votes)\nSaturday (1 vote)");
    assert_eq!(of("A10").text, "Your parcel\nIt comes on Monday");
    assert_eq!(of("A11").kind, MessageKind::System);
    assert_eq!(of("A13").kind, MessageKind::Sealed);
    assert_eq!(of("A9").attachments[0].name.as_deref(), Some("Rui Costa"));
    assert!(ines.iter().all(|m| m.native_id.as_deref() != Some("A12")), "an album's envelope");
    assert_eq!(told.saying("was created").text, "The group “Lake house” was created");
    let removed = told.saying("removed");
    assert_eq!((removed.text.as_str(), &removed.sender), ("Tom removed Sam Rivera", &None));
    let band = told.messages.iter().find(|m| m.native_id.as_deref() == Some("B1")).expect("told");
    assert_eq!(band.deletion, Deletion::TakenDown);
    let tom = told.of("447700900333@s.whatsapp.net");
    assert_eq!(tom.len(), 1, "a call that no message stands for");
    assert_eq!(
        tom[0].kind,
        MessageKind::Call(Call { video: Some(false), seconds: None, missed: true })
    );
    assert_eq!(told.oddities.len(), 1, "{:?}", told.oddities);
    assert!(
        told.messages.iter().all(|m| !m.text.contains("a story") && !m.text.contains("deleted"))
    );
}

#[test]
fn what_older_and_rarer_messages_say_is_told_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path().join("msgstore.db");
    let more = "INSERT INTO message(_id, chat_row_id, from_me, key_id, timestamp, message_type)
           SELECT 900 + n, chat_row_id, 0, 'X' || n, 1714650000000 + n, kind
           FROM (SELECT chat_row_id FROM message WHERE key_id = 'A5'),
             (SELECT 1 AS n, 10 AS kind UNION ALL SELECT 2, 27 UNION ALL SELECT 3, 24);
         INSERT INTO call_log VALUES (90, 3, 0, 'X1', 1714650000001, 0, 0, 2, 0);
         CREATE TABLE message_template(message_row_id INTEGER, content_text_data TEXT, footer_text_data TEXT);
         INSERT INTO message_template VALUES (902, 'Your code is 12', 'the bank');
         CREATE TABLE message_group_invite(message_row_id INTEGER, group_name TEXT);
         INSERT INTO message_group_invite VALUES (903, 'Lake house');";
    build(&format!("{STORE}\n{more}"), &at);
    let told =
        read_tree("whatsapp", &tree_of(&[("Databases/msgstore.db", &at)]), &utc()).expect("read");
    let of = |id: &str| -> Vec<_> {
        told.messages.iter().filter(|m| m.native_id.as_deref() == Some(id)).collect()
    };
    assert!(matches!(of("X1")[0].kind, MessageKind::Call(call) if call.missed));
    assert!(of("call:X1").is_empty(), "it stands as a message");
    assert_eq!(of("X2")[0].text, "Your code is 12\nthe bank");
    assert_eq!(of("X3")[0].text, "Lake house");
}

/// The sample with more in it.
fn with(more: &str) -> Told {
    with_book(more, "")
}

fn with_book(more: &str, book: &str) -> Told {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, wa) = (folder.path().join("msgstore.db"), folder.path().join("wa.db"));
    build(&format!("{STORE}\n{more}"), &store);
    build(&format!("{BOOK}\n{book}"), &wa);
    let files = [("Databases/msgstore.db", &*store), ("Databases/wa.db", &*wa)];
    read_tree("whatsapp", &tree_of(&files), &utc()).expect("read")
}

fn by_id<'t>(told: &'t Told, id: &str) -> &'t MessageRecord {
    let found = told.messages.iter().find(|m| m.native_id.as_deref() == Some(id));
    found.unwrap_or_else(|| panic!("{id} is not told"))
}

/// Events of the app: chat, mine, sender, action, to whom, text.
type Row = (i64, i64, i64, i64, Option<i64>, Option<&'static str>);

fn events(more: &str, rows: &[Row]) -> Vec<String> {
    let mut sql = more.to_owned();
    for (n, (chat, mine, sender, action, whom, text)) in rows.iter().enumerate() {
        let (id, text) = (900 + n, text.map_or("NULL".to_owned(), |t| format!("'{t}'")));
        sql.push_str(&format!(
            "INSERT INTO message(_id, chat_row_id, from_me, key_id, sender_jid_row_id, timestamp,
               message_type, text_data) VALUES ({id}, {chat}, {mine}, 'E{n}', {sender},
               1714650000000 + {n}, 7, {text});
             INSERT INTO message_system VALUES ({id}, {action});"
        ));
        if let Some(whom) = whom {
            sql.push_str(&format!(
                "INSERT INTO message_system_chat_participant VALUES ({id}, {whom});"
            ));
        }
    }
    let told = with(&sql);
    (0..rows.len()).map(|n| by_id(&told, &format!("E{n}")).text.clone()).collect()
}

/// In the sample, chat 1 is with Ines (2), chat 6 a group with Tom (4), and I am 1.
#[test]
fn events_name_who_acted_and_whom_it_was_done_to() {
    let joined = "INSERT INTO message_system_group VALUES (902, 1), (903, 1);";
    let told = events(
        joined,
        &[
            (1, 0, 0, 18, None, None),
            (1, 0, 2, 18, None, None),
            (6, 0, 4, 4, None, None),
            (6, 0, 4, 12, None, None),
            (6, 0, 4, 12, Some(2), None),
            (6, 0, 2, 12, Some(2), None),
            (6, 1, 0, 12, Some(2), None),
            (6, 0, 4, 14, Some(2), None),
            (6, 0, 4, 14, None, None),
            (6, 0, 4, 7, None, None),
            (6, 1, 0, 5, None, None),
            (6, 0, 4, 5, None, None),
            (6, 1, 0, 15, None, None),
            (6, 0, 4, 15, None, None),
            (6, 0, 4, 15, Some(2), None),
            (6, 0, 4, 16, None, None),
        ],
    );
    assert_eq!(
        told,
        [
            "The security code of Ines Duarte has changed",
            "The security code of Ines Duarte has changed",
            "Tom added you",
            "Tom added you",
            "Tom added Ines Duarte",
            "Ines Duarte joined",
            "You added Ines Duarte",
            "Tom removed Ines Duarte",
            "Tom removed somebody",
            "Tom was removed",
            "You left",
            "Tom left",
            "You are an administrator now",
            "You are an administrator now",
            "Ines Duarte is an administrator now",
            "You are no administrator any more",
        ]
    );
}

#[test]
fn events_say_what_several_readers_know_and_no_data_of_the_app() {
    let blocked = "CREATE TABLE message_system_block_contact (message_row_id INTEGER PRIMARY KEY, is_blocked INTEGER);
        INSERT INTO message_system_block_contact VALUES (900, 1), (901, 0);";
    let told = events(
        blocked,
        &[
            (1, 1, 0, 58, None, None),
            (1, 1, 0, 58, None, None),
            (1, 1, 0, 58, None, None),
            (6, 0, 4, 79, Some(2), None),
            (6, 0, 4, 91, None, None),
            (1, 0, 0, 165, None, None),
            (6, 0, 4, 250, None, Some("{\"x\":1}")),
            (6, 0, 4, 250, None, Some("1714554000")),
            (6, 0, 4, 250, None, Some("invite_link")),
            (6, 0, 4, 250, Some(2), Some("447700900001@s.whatsapp.net")),
            (6, 0, 4, 250, None, Some("words of the app")),
        ],
    );
    assert_eq!(
        told,
        [
            "You blocked this contact",
            "You let this contact in again",
            "The contact was blocked or let in again",
            "Ines Duarte joined from the community",
            "Everybody may add others now",
            "Ines Duarte has a new username",
            "An event of the app (250)",
            "An event of the app (250)",
            "An event of the app (250)",
            "An event of the app (250): Ines Duarte",
            "words of the app",
        ]
    );
}

/// Messages of Ines: type, text, and the mime type of what comes with them.
fn items(rows: &[(i64, Option<&str>, Option<&str>)], more: &str) -> Told {
    let mut sql = more.to_owned();
    let quoted = |t: &Option<&str>| t.map_or("NULL".to_owned(), |t| format!("'{t}'"));
    for (n, (kind, text, mime)) in rows.iter().enumerate() {
        let (id, text) = (900 + n, quoted(text));
        sql.push_str(&format!(
            "INSERT INTO message(_id, chat_row_id, from_me, key_id, timestamp, message_type, text_data)
               VALUES ({id}, 1, 0, 'I{n}', 1714650000000 + {n}, {kind}, {text});"
        ));
        if mime.is_some() {
            let mime = quoted(mime);
            sql.push_str(&format!(
                "INSERT INTO message_media(message_row_id, mime_type) VALUES ({id}, {mime});"
            ));
        }
    }
    with(&sql)
}

/// The text of a message, and the kinds and names of what comes with it.
type Shown<'t> = (&'t str, Vec<(AttachmentKind, Option<&'t str>)>);

/// Text, kinds and names of what comes with the messages that were put in.
fn shown(told: &Told, many: usize) -> Vec<Shown<'_>> {
    (0..many)
        .map(|n| {
            let m = by_id(told, &format!("I{n}"));
            let with = m.attachments.iter().map(|a| (a.kind, a.name.as_deref())).collect();
            (m.text.as_str(), with)
        })
        .collect()
}

#[test]
fn what_was_never_fetched_is_told_as_what_it_is() {
    use AttachmentKind::{Photo, Video};
    let told = items(
        &[
            (81, None, Some("video/mp4")),
            (81, None, None),
            (62, Some("watch this"), Some("video/mp4")),
            (103, None, Some("image/jpeg")),
            (0, Some("words"), Some("image/jpeg")),
            (118, None, None),
        ],
        "",
    );
    assert_eq!(
        shown(&told, 6),
        [
            ("", vec![(Video, None)]),
            ("", vec![(Video, None)]),
            ("watch this", vec![(Video, None)]),
            ("", vec![(Photo, None)]),
            ("words", vec![]),
            ("A message of a kind that onebox does not know (118)", vec![]),
        ]
    );
    assert_eq!(by_id(&told, "I2").attachments[0].place, MediaPlace::Omitted);
}

#[test]
fn a_card_is_not_said_as_well() {
    let cards = "INSERT INTO message_vcard(message_row_id, vcard) VALUES
        (900, 'BEGIN:VCARD\nVERSION:3.0\nFN:Lena Roth\nEND:VCARD'),
        (901, 'BEGIN:VCARD\nVERSION:3.0\nFN:Uma\nEND:VCARD'),
        (901, 'BEGIN:VCARD\nVERSION:2.1\nFN;ENCODING=QUOTED-PRINTABLE:=56=69=6B\nEND:VCARD');";
    let rows =
        [(4, Some("Lena Roth"), None), (14, Some("2 contacts"), None), (4, Some("Tim"), None)];
    let told = items(&rows, cards);
    let contact = |name| (AttachmentKind::Contact, Some(name));
    assert_eq!(
        shown(&told, 3),
        [
            ("", vec![contact("Lena Roth")]),
            ("", vec![contact("Uma"), contact("Vik")]),
            ("Tim", vec![]),
        ]
    );
}

#[test]
fn a_call_that_nobody_answered_was_one_with_picture_or_not() {
    let missed = "CREATE TABLE missed_call_logs (_id INTEGER PRIMARY KEY AUTOINCREMENT, message_row_id INTEGER, timestamp INTEGER, video_call INTEGER);
        INSERT INTO missed_call_logs(message_row_id, video_call) VALUES (900, 1), (901, 0);";
    let told = items(&[(10, None, None), (10, None, None), (10, None, None)], missed);
    let video: Vec<Option<bool>> = (0..3)
        .map(|n| match by_id(&told, &format!("I{n}")).kind {
            MessageKind::Call(call) if call.missed => call.video,
            ref kind => panic!("{kind:?}"),
        })
        .collect();
    assert_eq!(video, [Some(true), Some(false), None]);
}

#[test]
fn what_is_said_to_an_album_is_said_to_its_first_picture() {
    let album = "CREATE TABLE message_association (_id INTEGER PRIMARY KEY, parent_message_row_id INTEGER, child_message_row_id INTEGER, association_type INTEGER);
        INSERT INTO message_association VALUES (1, 900, 902, 2), (2, 900, 901, 2), (3, 903, 900, 4);
        INSERT INTO message_add_on VALUES (50, 1, 1, 'RA', 0, 900, 1714650009000, 0, 56),
          (51, 1, 0, 'RB', 2, 902, 1714650009000, 0, 56);
        INSERT INTO message_add_on_reaction VALUES (50, '🔥', 1714650009000), (51, '👍', 1714650009000);
        INSERT INTO message_quoted VALUES (903, 1, 0, 0, 'I0', 1714650000000, 99, NULL);
        INSERT INTO message_edit_info VALUES (901, 'FIRST', 1714650009000, 1714650009000);";
    let picture = (1, None, Some("image/jpeg"));
    let told = items(&[(99, None, None), picture, picture, (0, Some("lovely"), None)], album);
    let reacted = |id: &str| -> Vec<String> {
        by_id(&told, id).reactions.iter().map(|r| r.emoji.clone()).collect()
    };
    assert_eq!((reacted("FIRST"), reacted("I2")), (vec!["🔥".to_owned()], vec!["👍".to_owned()]));
    let answered = told.saying("lovely").reply_to.as_ref().and_then(|r| r.native_id.clone());
    assert_eq!(answered.as_deref(), Some("FIRST"));
    assert!(told.messages.iter().all(|m| m.native_id.as_deref() != Some("I0")));
}

#[test]
fn names_are_found_wherever_the_address_book_has_them() {
    let people = "INSERT INTO jid VALUES (20, '447700900801', 's.whatsapp.net', 0, 0, 0, '447700900801@s.whatsapp.net'),
          (21, '901', 'lid', 0, 0, 18, '901@lid'),
          (22, '447700900802', 's.whatsapp.net', 0, 0, 0, '447700900802@s.whatsapp.net'),
          (23, '902', 'lid', 0, 0, 18, '902@lid'),
          (24, '447700900803', 's.whatsapp.net', 0, 0, 0, '447700900803@s.whatsapp.net'),
          (25, '447700900804', 's.whatsapp.net', 0, 0, 0, '447700900804@s.whatsapp.net'),
          (26, '904', 'lid', 0, 0, 18, '904@lid');
        INSERT INTO jid_map VALUES (21, 20, 1), (23, 22, 1), (26, 25, 1);
        INSERT INTO group_participant_user(group_jid_row_id, user_jid_row_id, rank) VALUES
          (10, 20, 0), (10, 23, 0), (10, 24, 0), (10, 26, 0);";
    let book = "CREATE TABLE wa_address_book (jid TEXT, display_name TEXT);
        INSERT INTO wa_address_book VALUES ('447700900803@s.whatsapp.net', 'Vik');
        INSERT INTO wa_contacts(jid, is_whatsapp_user, display_name, wa_name) VALUES
          ('901@lid', 1, 'Uma', 'u'), ('902@lid', 1, NULL, 'Wes'), ('904@lid', 1, 'Hidden Zoe', NULL),
          ('447700900804@s.whatsapp.net', 1, 'Zoe', 'z'), ('447700900801@s.whatsapp.net', 1, NULL, 'umi');";
    let told = with_book(people, book);
    let band = told.thread("Band");
    let names: Vec<&str> =
        told.people.iter().filter(|p| p.thread == band.key).map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["Quiet Q", "Uma", "Wes", "Vik", "Zoe"]);
}

#[test]
fn a_channel_is_called_as_its_own_table_says() {
    let told = with(
        "UPDATE chat SET subject = NULL WHERE _id = 5;
         CREATE TABLE newsletter (chat_row_id INTEGER PRIMARY KEY, name TEXT);
         INSERT INTO newsletter VALUES (5, 'Tide tables');",
    );
    assert_eq!(told.thread("Tide tables").kind, Some(ThreadKind::Channel));
}

#[test]
fn in_memory_and_with_a_journal_it_is_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path().join("msgstore.db");
    build(STORE, &at);
    let plain =
        read_tree("whatsapp", &tree_of(&[("Databases/msgstore.db", &at)]), &utc()).expect("read");
    assert_eq!(plain.remarks.len(), 1, "no address book: {:?}", plain.remarks);
    // What is only in the journal counts, and nothing is written beside the file.
    let db = rusqlite::Connection::open(&at).expect("a database");
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
         INSERT INTO message VALUES (50, 1, 0, 'W1', 0, 0, 0, 0, 1714555000000, 0, 'only in the journal', 0, 50);",
    )
    .expect("rows");
    let before: Vec<_> = names(folder.path());
    let told = read_path("whatsapp", folder.path(), &utc());
    assert_eq!(told[0].messages.len(), plain.messages.len() + 1);
    assert_eq!(told[0].saying("only in the journal").native_id.as_deref(), Some("W1"));
    assert_eq!(names(folder.path()), before);
}

fn names(folder: &std::path::Path) -> Vec<(String, u64)> {
    let mut all: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|e| e.expect("a file"))
        .map(|e| (e.file_name().to_string_lossy().into_owned(), e.metadata().expect("size").len()))
        .collect();
    all.sort();
    all
}

#[test]
fn an_encrypted_or_foreign_file_is_told() {
    let mut noise = b"SQLite format 3\0".to_vec();
    noise.extend((0..9000u32).map(|n| u8::try_from(n * 7919 % 251).unwrap_or(0)));
    let tree = FileTree::memory([("msgstore.db".to_owned(), noise)]);
    let told = read_tree("whatsapp", &tree, &utc()).expect("told");
    assert_eq!((told.messages.len(), told.oddities.len()), (0, 1), "{:?}", told.oddities);
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path().join("other.db");
    build("CREATE TABLE message (x); CREATE VIEW chat AS SELECT 1 AS _id;", &at);
    let told = read_tree("whatsapp", &tree_of(&[("msgstore.db", &at)]), &utc()).expect("told");
    assert_eq!(told.oddities.len(), 1, "a view is no table: {:?}", told.oddities);
}

/// Stops after some records.
struct Impatient(usize);

impl Sink for Impatient {
    fn take(&mut self, _: onebox::model::Record) -> Result<(), onebox::sources::Stop> {
        self.0 = self.0.checked_sub(1).ok_or(onebox::sources::Stop)?;
        Ok(())
    }
    fn odd(&mut self, _: onebox::model::Oddity) -> Result<(), onebox::sources::Stop> {
        Ok(())
    }
    fn remark(&mut self, _: String) -> Result<(), onebox::sources::Stop> {
        Ok(())
    }
    fn advance(&mut self, _: u64) -> Result<(), onebox::sources::Stop> {
        Ok(())
    }
}

#[test]
fn a_stop_ends_it_at_every_record() {
    let source = CATALOG.iter().find(|s| s.id == "whatsapp").expect("in the catalog");
    for tree in FileTree::open(&sample("whatsapp", "android-db")).expect("it opens") {
        for n in 0..36 {
            let result = (source.read)(&tree, &utc(), &mut Impatient(n));
            assert!(matches!(result, Err(onebox::sources::ReadError::Stopped)), "{n}: {result:?}");
        }
    }
}

/// File, threads, messages, me.
const FILES: &[(&str, usize, usize, &str)] = &[
    ("whatsapp-android_2023-10", 2, 4, "Aaaaa Aaaaaaaaaaa"),
    ("whatsapp-android_2026-01", 1, 1, ""),
];

#[test]
fn the_public_samples_are_read_whole() {
    let Some(root) = corpus("whatsapp") else { return println!("{NO_CORPUS}") };
    let base = root.join("frozenspider__chat-history-manager/crates/loaders/resources/test");
    let mut wrong = Vec::new();
    for (case, threads, messages, me) in FILES {
        let folder = tempfile::tempdir().expect("a folder");
        for (from, to) in [("msgstore.sql", "msgstore.db"), ("wa.sql", "wa.db")] {
            let sql = std::fs::read_to_string(base.join(case).join(from)).expect("readable");
            build(&sql, &folder.path().join(to));
        }
        let told = &read_path("whatsapp", folder.path(), &utc())[0];
        assert_eq!(told.oddities, [], "{case}");
        let got = (told.threads.len(), told.messages.len(), told.me().join(", "));
        if got != (*threads, *messages, (*me).to_owned()) {
            wrong.push(format!("{case}: {got:?} {:?}", told.messages));
        }
        assert_eq!(told.accounts[0].name, "Aaaaa Aaaaaaaaaaa");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn two_accounts_of_one_person_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let (private, work) = (folder.path().join("a.db"), folder.path().join("b.db"));
    build(STORE, &private);
    let renamed = "UPDATE props SET value = 'Rivera Ltd' WHERE value = 'Sam Rivera';";
    build(&format!("{STORE}\n{renamed}"), &work);
    let both = [("private/msgstore.db", &*private), ("work/msgstore.db", &*work)];
    let remarks = |files: &[(&str, &std::path::Path)], options: &ReadOptions| {
        let mut told = read_tree("whatsapp", &tree_of(files), options).expect("read").remarks;
        told.retain(|r| r.contains("--account"));
        told
    };
    let told = remarks(&both, &utc());
    assert!(told.len() == 1 && told[0].contains("Rivera Ltd's"), "{told:?}");
    assert_eq!(remarks(&both[..1], &utc()), Vec::<String>::new());
    let known = |name: &str| ReadOptions { known_me: vec![name.into()], ..utc() };
    assert_eq!(remarks(&both[..1], &known("sam rivera")), Vec::<String>::new());
    assert_eq!(remarks(&both[..1], &known("Rivera Ltd")).len(), 1);
    let apart = ReadOptions { account: Some("work".into()), ..known("Rivera Ltd") };
    assert_eq!(remarks(&both[..1], &apart), Vec::<String>::new());
}

/// An edit and a withdrawal take the message's place under an id of their own.
#[test]
fn a_later_backup_knows_what_was_edited_and_withdrawn_since() {
    let folder = tempfile::tempdir().expect("a folder");
    let read = |name: &str, sql: &str| {
        let path = folder.path().join(name);
        build(&format!("{STORE}\n{sql}"), &path);
        read_tree("whatsapp", &tree_of(&[("msgstore.db", &path)]), &utc()).expect("read")
    };
    let before = read("before.db", "");
    let after = read(
        "after.db",
        "UPDATE message SET text_data = 'I bring the canoe', key_id = 'G2NEW' WHERE _id = 11;
         INSERT INTO message_edit_info VALUES (11, 'G2', 1714551050000, 1714551050000);
         UPDATE message SET text_data = NULL, key_id = 'S1NEW', message_type = 15 WHERE _id = 14;
         INSERT INTO message_revoked VALUES (14, 'S1', NULL, 1714642000000);",
    );
    let ids = |told: &Told| -> Vec<Option<String>> {
        told.messages.iter().map(|m| m.native_id.clone()).collect()
    };
    assert_eq!(ids(&before), ids(&after), "one message, whatever became of it");
    let of = |id: &str| after.messages.iter().find(|m| m.native_id.as_deref() == Some(id));
    let boat = of("G2").expect("the edited one");
    assert_eq!((boat.text.as_str(), boat.edited.is_some()), ("I bring the canoe", true));
    assert_eq!(of("S1").expect("the withdrawn one").deletion, Deletion::Unsent);
    assert!(of("A2EDIT").is_none() && of("A2").is_some(), "an id of an edit is nobody's");
}

#[test]
fn later_versions_know_what_is_pinned_and_muted_by_the_row_of_the_chat() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, settings) = (folder.path().join("m.db"), folder.path().join("s.db"));
    let pinned = "CREATE TABLE chat_pinned (chat_row_id INTEGER PRIMARY KEY, timestamp INTEGER);
        INSERT INTO chat_pinned VALUES (1, 1714554300000);";
    build(&format!("{STORE}\n{pinned}"), &store);
    build(
        "CREATE TABLE settings (chat_row_id INTEGER PRIMARY KEY, mute INTEGER);
         INSERT INTO settings VALUES (1, 1714600000000), (2, -1), (3, 0);",
        &settings,
    );
    let tree = tree_of(&[("msgstore.db", &store), ("chatsettings.db", &settings)]);
    let told = read_tree("whatsapp", &tree, &utc()).expect("read");
    let of = |key: &str| {
        let thread = told.threads.iter().find(|t| &*t.key == key).expect("told");
        (thread.pinned, thread.muted)
    };
    let end = Mute::Until(Timestamp(1_714_600_000_000));
    assert_eq!(of("351912345678@s.whatsapp.net"), (true, Some(end)));
    assert_eq!(of("120363000000000001@g.us"), (false, Some(Mute::Always)));
    assert_eq!(of("120363000000000002@g.us"), (false, None));
}

#[test]
fn what_is_pinned_and_muted_lies_in_a_file_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, settings) = (folder.path().join("m.db"), folder.path().join("s.db"));
    build(STORE, &store);
    build(
        "CREATE TABLE settings (_id INTEGER PRIMARY KEY AUTOINCREMENT, jid TEXT, mute_end INTEGER,
           pinned BOOLEAN, pinned_time INTEGER);
         INSERT INTO settings(jid, mute_end, pinned) VALUES
           ('351912345678@s.whatsapp.net', 1714600000000, 1), ('120363000000000001@g.us', -1, 0),
           ('120363000000000002@g.us', 0, NULL);",
        &settings,
    );
    let tree = tree_of(&[("msgstore.db", &store), ("chatsettings.db", &settings)]);
    let told = read_tree("whatsapp", &tree, &utc()).expect("read");
    let of = |key: &str| {
        let thread = told.threads.iter().find(|t| &*t.key == key).expect("told");
        (thread.pinned, thread.muted)
    };
    let end = Mute::Until(Timestamp(1_714_600_000_000));
    assert_eq!(of("351912345678@s.whatsapp.net"), (true, Some(end)));
    assert_eq!(of("120363000000000001@g.us"), (false, Some(Mute::Always)));
    assert_eq!(of("120363000000000002@g.us"), (false, None));
}
