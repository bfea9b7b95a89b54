//! `chat.db` and `sms.db`.

use onebox::model::{AttachmentKind, Deletion, MediaPlace, MessageKind, SendState, ThreadKind};
use onebox::sources::FileTree;

use super::readers::{NO_CORPUS, Told, corpus, read_path, read_tree, sample, utc};
use super::sample_is;

const SQL: &str = include_str!("imessage.sql");

fn told() -> Told {
    let mut all = read_path("imessage", &sample("imessage", "mac"), &utc());
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[test]
fn the_sample_is_what_its_text_says() {
    sample_is(SQL, &sample("imessage", "mac").join("chat.db"));
}

#[test]
fn both_services_with_one_person_are_one_thread() {
    let told = told();
    let keys: Vec<&str> = told.threads.iter().map(|t| &*t.key).collect();
    assert_eq!(keys, ["+351912345678", "chat8001", "+447700900999"]);
    let ines = &told.threads[0];
    assert_eq!(
        (ines.kind, ines.unread),
        (Some(ThreadKind::Direct), Some(2)),
        "one of each service"
    );
    assert_eq!(ines.address.as_deref(), Some("+351912345678"));
    let lake = told.thread("Lake house");
    assert_eq!((lake.kind, lake.archived), (Some(ThreadKind::Group), true));
    let sms = told.saying("by SMS");
    assert_eq!((&*sms.thread, sms.sent.at.0), ("+351912345678", 1_378_307_200_000), "in seconds");
    assert_eq!(told.saying("of no conversation").sender.as_deref(), Some("+447700900999"));
    assert_eq!(told.oddities.len(), 1, "one message is nobody's: {:?}", told.oddities);
    assert_eq!(told.me(), ["sam@example.org"]);
}

#[test]
fn bodies_tapbacks_and_events_are_told() {
    let told = told();
    let yes = told.saying("platform 4");
    assert_eq!((yes.text.as_str(), yes.sender.as_deref()), ("Yes, platform 4", Some("me")));
    assert_eq!(yes.reply_to.as_ref().and_then(|r| r.native_id.as_deref()), Some("M1"));
    assert!(yes.edited.is_some());
    assert_eq!(told.changes, 3, "tapbacks, one of them taken back");
    let train = told.saying("our train");
    assert_eq!(train.text, "our train");
    let kinds: Vec<_> = train.attachments.iter().map(|a| a.kind).collect();
    assert_eq!(kinds, [AttachmentKind::Photo, AttachmentKind::File]);
    assert_eq!(
        train.attachments[0].place,
        MediaPlace::Export { path: "Attachments/ab/11/A1/IMG_0001.jpg".into(), container: None }
    );
    let group = told.of("chat8001");
    let texts: Vec<&str> = group.iter().map(|m| m.text.as_str()).collect();
    let named = "tom@example.org named the conversation “Lake house”";
    let added = "tom@example.org added +351912345678";
    assert_eq!(texts, [named, added, "", "A message of an app (Polls)"]);
    assert_eq!(group[2].deletion, Deletion::Unsent);
    assert_eq!(group[0].kind, MessageKind::System);
}

#[test]
fn a_subject_stands_above_its_text() {
    let folder = tempfile::tempdir().expect("a folder");
    let more = "ALTER TABLE message ADD COLUMN subject TEXT;
         INSERT INTO message(ROWID, guid, text, handle_id, date, subject) VALUES
         (20, 'S1', 'at nine', 1, 736248000000000000, 'Tomorrow'),
         (21, 'S2', NULL, 1, 736248010000000000, 'Alone');
         INSERT INTO chat_message_join(chat_id, message_id) VALUES (1, 20), (1, 21);";
    super::build(&format!("{SQL}\n{more}"), &folder.path().join("chat.db"));
    let told = read_path("imessage", folder.path(), &utc()).remove(0);
    assert_eq!(told.saying("at nine").text, "Tomorrow\nat nine");
    assert_eq!(told.saying("Alone").kind, MessageKind::Text);
}

#[test]
fn no_time_and_a_tapback_on_nothing_lose_no_message() {
    let folder = tempfile::tempdir().expect("a folder");
    let more = "INSERT INTO message(ROWID, guid, text, handle_id, date, associated_message_guid, associated_message_type) VALUES
         (20, 'T1', 'Loved “Where are you?”', 1, 736248000000000000, 'p:0/GONE', 2000),
         (21, 'T2', NULL, 1, 736248010000000000, 'bp:GONE', 3001),
         (22, 'Z1', 'after', 1, 0, NULL, 0);
         UPDATE message SET date = NULL WHERE ROWID = 1;
         INSERT INTO chat_message_join(chat_id, message_id) VALUES (1, 20), (1, 21), (1, 22);";
    super::build(&format!("{SQL}\n{more}"), &folder.path().join("chat.db"));
    let mut all = read_path("imessage", folder.path(), &utc());
    let told = all.remove(0);
    let loved = told.saying("Loved");
    assert_eq!(
        (loved.text.as_str(), loved.native_id.as_deref()),
        ("Loved “Where are you?”", Some("T1"))
    );
    assert_eq!(loved.sender.as_deref(), Some("+351912345678"));
    assert_eq!(told.saying("Took back 👍").sender.as_deref(), Some("+351912345678"));
    assert_eq!(told.changes, 3, "the others are tapbacks still");
    assert_eq!(told.saying("after").sent, told.saying("Took back").sent);
    assert_eq!(told.saying("Are you at").sent, told.saying("platform 4").sent, "the next one's");
    assert_eq!(told.oddities.len(), 3, "{:?}", told.oddities);
}

/// The sample with more rows.
fn with(more: &str) -> Told {
    let folder = tempfile::tempdir().expect("a folder");
    super::build(&format!("{SQL}\n{more}"), &folder.path().join("chat.db"));
    read_path("imessage", folder.path(), &utc()).remove(0)
}

/// What was deleted lately stands where it stood.
#[test]
fn recently_deleted_messages_stay_in_their_conversation() {
    let more = "CREATE TABLE chat_recoverable_message_join (chat_id INTEGER, message_id INTEGER, delete_date INTEGER);
         INSERT INTO message(ROWID, guid, text, handle_id, date, is_from_me) VALUES
         (20, 'D1', 'away from Tom', 3, 736248000000000000, 0),
         (21, 'D2', 'away from me', 0, 736248010000000000, 1),
         (22, 'D3', 'still here', 3, 736248020000000000, 0);
         INSERT INTO chat_message_join(chat_id, message_id) VALUES (3, 22);
         INSERT INTO chat_recoverable_message_join(chat_id, message_id) VALUES (3, 20), (3, 21), (3, 22);";
    let told = with(more);
    let threads = told.threads.iter().map(|t| &*t.key).collect::<Vec<_>>();
    assert_eq!(threads, ["+351912345678", "chat8001", "+447700900999"], "none is made up");
    for (words, sender) in
        [("away from Tom", "tom@example.org"), ("away from me", "me"), ("still", "tom@example.org")]
    {
        let message = told.saying(words);
        assert_eq!((&*message.thread, message.sender.as_deref()), ("chat8001", Some(sender)));
    }
    assert_eq!(told.messages.iter().filter(|m| m.text == "still here").count(), 1);
    assert_eq!(
        told.remarks,
        ["2 messages that are shown stand under Recently Deleted in Messages"]
    );
    assert_eq!(told.oddities.len(), 1, "{:?}", told.oddities);
}

/// The pictures that the app shows a link with nobody has sent.
#[test]
fn a_links_preview_is_no_attachment() {
    let told = with(
        "ALTER TABLE attachment ADD COLUMN hide_attachment INTEGER DEFAULT 0;
         INSERT INTO message(ROWID, guid, text, handle_id, date) VALUES
         (20, 'L1', 'https://example.org', 1, 736248000000000000), (21, 'L2', NULL, 1, 736248010000000000);
         INSERT INTO attachment(ROWID, guid, filename, mime_type, transfer_name, hide_attachment) VALUES
         (10, 'P1', '~/Library/Messages/Attachments/a/1.pluginPayloadAttachment', NULL, '1.pluginPayloadAttachment', 0),
         (11, 'P2', '~/Library/Messages/Attachments/a/2.png', 'image/png', '2.png', 1),
         (12, 'P3', '~/Library/Messages/Attachments/a/3.png', 'image/png', '3.png', 0),
         (13, 'P4', '~/Library/Messages/Attachments/a/4.pluginPayloadAttachment', NULL, '4.pluginPayloadAttachment', 0);
         INSERT INTO message_attachment_join VALUES (20, 10), (20, 11), (20, 12), (21, 13);
         INSERT INTO chat_message_join(chat_id, message_id) VALUES (1, 20), (1, 21);",
    );
    let names = |id: &str| -> Vec<String> {
        let message = told.messages.iter().find(|m| m.native_id.as_deref() == Some(id));
        let all = &message.expect("told").attachments;
        all.iter().filter_map(|a| a.name.clone()).collect()
    };
    assert_eq!(names("L1"), ["3.png"]);
    assert_eq!(names("L2"), ["4.pluginPayloadAttachment"], "all that there is");
}

/// What could not be sent says so; what waits for its time is not told as sent.
#[test]
fn what_was_not_sent_says_so() {
    let told = with(
        "ALTER TABLE message ADD COLUMN error INTEGER DEFAULT 0;
         ALTER TABLE message ADD COLUMN is_sent INTEGER DEFAULT 1;
         ALTER TABLE message ADD COLUMN schedule_type INTEGER DEFAULT 0;
         INSERT INTO message(ROWID, guid, text, date, is_from_me, error, is_sent, schedule_type) VALUES
         (20, 'W1', 'on time', 736248000000000000, 1, 0, 1, 2),
         (21, 'W2', 'much later', 936248000000000000, 1, 0, 0, 2),
         (22, 'W3', 'lost', 736248020000000000, 1, 22, 0, 0),
         (23, 'W4', 'sent after all', 736248030000000000, 1, 22, 1, 0);
         INSERT INTO chat_message_join(chat_id, message_id) VALUES (1, 20), (1, 21), (1, 22), (1, 23);",
    );
    assert_eq!(told.saying("lost").send_state, Some(SendState::Failed));
    assert_eq!(told.saying("sent after all").send_state, None);
    let later = told.saying("much later");
    assert_eq!((later.kind.clone(), &later.sender), (MessageKind::System, &None));
    assert_eq!(later.sent, told.saying("on time").sent, "where it was written");
    assert_eq!(later.text, "Scheduled for 2030-09-02T04:53:20Z, not sent: much later");
    assert_ne!(later.native_id.as_deref(), Some("W2"), "that is the message's once it is sent");
}

/// A group that went over to another service has a row of each.
#[test]
fn a_group_in_two_rows_is_one_conversation() {
    let told = with(
        "ALTER TABLE chat ADD COLUMN group_id TEXT;
         UPDATE chat SET group_id = 'G1' WHERE ROWID = 3;
         INSERT INTO chat(ROWID, guid, style, chat_identifier, display_name, group_id) VALUES
         (4, 'SMS;+;chat8002', 43, 'chat8002', 'Lake house', 'G1'),
         (5, 'SMS;+;chat8003', 43, 'chat8003', 'Lake house', NULL),
         (6, 'SMS;+;chat8004', 43, 'chat8004', 'Lake house', NULL),
         (7, 'SMS;+;chat8005', 43, 'chat8005', NULL, 'G2'),
         (8, 'SMS;+;chat8006', 43, 'chat8006', NULL, 'G3');
         INSERT INTO chat_handle_join VALUES (5, 2), (5, 3), (6, 3), (6, 4), (7, 1), (7, 3), (8, 1), (8, 3);
         INSERT INTO message(ROWID, guid, text, handle_id, date) VALUES
         (20, 'G20', 'by its id', 1, 736248000000000000), (21, 'G21', 'by its people', 3, 736248010000000000),
         (22, 'G22', 'of others', 3, 736248020000000000);
         INSERT INTO chat_message_join(chat_id, message_id) VALUES (4, 20), (5, 21), (6, 22);",
    );
    assert_eq!(&*told.saying("by its id").thread, "chat8001");
    assert_eq!(&*told.saying("by its people").thread, "chat8001");
    assert_eq!(&*told.saying("of others").thread, "chat8004", "other people");
    let keys: Vec<&str> = told.threads.iter().map(|t| &*t.key).collect();
    let want = ["+351912345678", "chat8001", "chat8004", "chat8005", "chat8006", "+447700900999"];
    assert_eq!(keys, want, "a name that is none joins nothing");
    assert_eq!(told.thread("Lake house").kind, Some(ThreadKind::Group));
}

#[test]
fn the_public_sample_is_read_whole() {
    let Some(root) = corpus("imessage") else { return println!("{NO_CORPUS}") };
    let told =
        read_path("imessage", &root.join("noahejung__locket/tests/fixtures/ios_backup"), &utc());
    let told = &told[0];
    assert_eq!((told.threads.len(), told.messages.len(), told.changes), (2, 11, 1));
    assert_eq!(told.saying("Noter test").sender.as_deref(), Some("+15551234567"));
    assert_eq!(told.saying("test 1").text, "test 1test 2 test 3");
    assert_eq!(told.oddities, []);
}

#[test]
fn out_of_a_backup_by_its_hashed_name() {
    let bytes = std::fs::read(sample("imessage", "mac").join("chat.db")).expect("readable");
    let path = "3d/3d0d7e5fb2ce288813306e4d4636395e047a3d28".to_owned();
    let tree = FileTree::memory([(path, bytes)]);
    let told = read_tree("imessage", &tree, &utc()).expect("read");
    assert_eq!(told.threads.len(), 3);
}

/// Stickers, recordings and places are what they are; a sticker that was put on a message answers it.
#[test]
fn stickers_recordings_and_places_are_told() {
    let told = with(
        "ALTER TABLE attachment ADD COLUMN uti TEXT;
         ALTER TABLE attachment ADD COLUMN is_sticker INTEGER DEFAULT 0;
         INSERT INTO message(ROWID, guid, text, handle_id, date, is_audio_message, associated_message_guid, associated_message_type) VALUES
         (20, 'S1', char(65532), 1, 736248000000000000, 0, NULL, 0),
         (21, 'S2', NULL, 1, 736248010000000000, 0, 'p:0/M1', 1000),
         (22, 'S3', 'Reacted with a sticker to “Are you…”', 1, 736248020000000000, 0, 'p:0/M1', 2007),
         (23, 'S4', NULL, 1, 736248030000000000, 1, NULL, 0),
         (24, 'S5', NULL, 1, 736248040000000000, 0, NULL, 0);
         INSERT INTO attachment(ROWID, guid, filename, mime_type, transfer_name, uti, is_sticker) VALUES
         (20, 'B1', NULL, 'image/heic-sequence', 'a.heics', 'public.heics', 1),
         (21, 'B2', NULL, 'image/heic', 'b.heic', 'public.heic', 1),
         (22, 'B3', NULL, 'image/heic', 'c.heic', 'public.heic', 1),
         (23, 'B4', NULL, NULL, 'Audio Message.caf', 'com.apple.coreaudio-format', 0),
         (24, 'B5', NULL, 'text/x-vlocation', 'CL.loc.vcf', 'public.vlocation', 0);
         INSERT INTO message_attachment_join VALUES (20, 20), (21, 21), (22, 22), (23, 23), (24, 24);
         INSERT INTO chat_message_join(chat_id, message_id) VALUES (1, 20), (1, 21), (1, 22), (1, 23), (1, 24);",
    );
    for (guid, kind, answers) in [
        ("S1", AttachmentKind::Sticker, None),
        ("S2", AttachmentKind::Sticker, Some("M1")),
        ("S3", AttachmentKind::Sticker, Some("M1")),
        ("S4", AttachmentKind::Voice, None),
        ("S5", AttachmentKind::Location, None),
    ] {
        let found = told.messages.iter().find(|m| m.native_id.as_deref() == Some(guid));
        let message = found.unwrap_or_else(|| panic!("{guid} is told"));
        let kinds: Vec<AttachmentKind> = message.attachments.iter().map(|a| a.kind).collect();
        assert_eq!((kinds, message.text.as_str()), (vec![kind], ""), "{guid}");
        let before = message.reply_to.as_ref().and_then(|r| r.native_id.as_deref());
        assert_eq!(before, answers, "{guid}");
    }
}
