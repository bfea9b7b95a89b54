//! Signal Desktop's own database, locked by `SQLCipher`, and the plaintext export of the same
//! account.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use onebox::model::{
    AttachmentKind, Deletion, FileLock, Key, Locked, MediaPlace, Membership, MessageKind,
    MessageRecord, ThreadRecord, Timestamp,
};
use onebox::sources::{Confidence, FileTree, ReadError, ReadOptions, Unlocked};
use onebox::store::Store;

use super::readers::{Taking, Told, read_path, read_tree, sample, source, utc};
use super::sqlcipher::{self, PAGE};

const SQL: &str = include_str!("signal_desktop.sql");
const KEY: [u8; 32] = [0x5a; 32];
/// The key of each file, and its base64.
const FILE_KEY: [u8; 64] = [0x21; 64];

const DATABASE: &str = "sql/db.sqlite";
const PHOTO: &str = "attachments.noindex/d6/d66e668e0ba3.jpg";
const VOICE: &str = "attachments.noindex/d0/d086442fc201";
const OURS: &[u8] = b"OggS our voices\n\n\n";
const STORY: &str = "attachments.noindex/68/6846f99b3f1d";

fn sql() -> String {
    SQL.replace("LOCALKEY", &format!("{}IQ==", "ISEh".repeat(21)))
}

fn digits() -> String {
    "5a".repeat(32)
}

fn story() -> String {
    let rain = "And then it rained. ".repeat(12);
    format!("The whole story of the boat. {rain}")
}

type Files = BTreeMap<String, Vec<u8>>;

/// The app's folder.
fn folder() -> Files {
    let config = format!("{{\n  \"key\": \"{}\",\n  \"spellCheck\": true\n}}\n", digits());
    let story = sqlcipher::file(story().as_bytes(), &FILE_KEY);
    [
        ("config.json", config.into_bytes()),
        (DATABASE, sqlcipher::locked(&sqlcipher::database(&sql()), &KEY)),
        (PHOTO, b"\xff\xd8\xff\xe0 our pier \n".to_vec()),
        (STORY, story),
        (VOICE, sqlcipher::file(OURS, &FILE_KEY)),
    ]
    .map(|(path, bytes)| (path.to_owned(), bytes))
    .into()
}

/// The same, of an install that keeps its key in the keyring.
fn newer() -> Files {
    let mut files = folder();
    let config = r#"{"encryptedKey": "763131c0ffee", "safeStorageBackend": "gnome_libsecret"}"#;
    files.insert("config.json".to_owned(), config.as_bytes().to_vec());
    files
}

fn with(key: &str) -> ReadOptions {
    ReadOptions { key: Some(Key::new(key.as_bytes().to_vec())), ..utc() }
}

fn read(files: &Files, options: &ReadOptions) -> Result<Told, ReadError> {
    read_tree("signal", &FileTree::memory(files.clone()), options)
}

fn locked(files: &Files, options: &ReadOptions) -> Locked {
    match read(files, options) {
        Err(ReadError::Locked(lock)) => lock,
        other => panic!("{other:?}"),
    }
}

fn export() -> Told {
    read_path("signal", &sample("signal", "desktop"), &utc()).remove(0)
}

/// The sample is made of the text; `ONEBOX_WRITE_SAMPLES=1` makes it anew.
#[test]
fn the_sample_opens_with_its_own_key() {
    let at = sample("signal", "app");
    if std::env::var_os("ONEBOX_WRITE_SAMPLES").is_some() {
        for (path, bytes) in folder() {
            let at = at.join(path);
            std::fs::create_dir_all(at.parent().expect("a folder")).expect("a folder");
            std::fs::write(at, bytes).expect("written");
        }
    }
    let all = read_path("signal", &at, &utc());
    assert_eq!(all.len(), 1, "found for sure, once");
    let fresh = read(&folder(), &utc()).expect("readable");
    assert_eq!(all[0].oddities, []);
    assert_eq!(all[0].threads, fresh.threads);
    let words = |told: &Told| -> Vec<_> {
        told.messages
            .iter()
            .map(|m| (m.native_id.clone(), m.text.clone(), m.kind.clone()))
            .collect()
    };
    assert_eq!(words(&all[0]), words(&fresh), "ONEBOX_WRITE_SAMPLES=1 makes it");
}

/// All that both tell is told alike: the same keys, names, states, ids, words.
#[test]
fn it_tells_what_the_export_of_the_account_tells() {
    let (told, export) = (read(&folder(), &utc()).expect("readable"), export());
    assert_eq!(told.oddities, []);
    assert_eq!(told.accounts, export.accounts);
    let threads = |told: &Told| -> BTreeMap<String, ThreadRecord> {
        told.threads.iter().map(|t| (t.key.to_string(), t.clone())).collect()
    };
    assert_eq!(threads(&told), threads(&export));
    let people = |told: &Told| {
        let mut all = told.people.clone();
        all.sort_by(|a, b| (&a.thread, &a.key).cmp(&(&b.thread, &b.key)));
        all
    };
    assert_eq!(people(&told), people(&export));
    assert_eq!(told.receipts, export.receipts);
    // Where files lie is another thing, and one notice of the export is of a kind nobody knows.
    let messages = |told: &Told| -> Vec<MessageRecord> {
        let mut all = told.messages.clone();
        all.retain(|m| !m.text.contains("group pie"));
        for file in all.iter_mut().flat_map(|m| &mut m.attachments) {
            if matches!(file.place, MediaPlace::Export { .. }) {
                file.place = MediaPlace::Omitted;
            }
        }
        all
    };
    for (told, export) in messages(&told).iter().zip(&messages(&export)) {
        assert_eq!(told, export);
    }
    assert_eq!(messages(&told).len(), messages(&export).len());
}

#[test]
fn both_are_one_inbox_in_either_order() {
    let app = FileTree::memory(folder());
    let export = FileTree::open(&sample("signal", "desktop")).expect("it opens").remove(0);
    // (first, second, what only the second knows).
    for (first, second, more) in [(&app, &export, 1), (&export, &app, 0)] {
        let store = Store::in_memory().expect("a store");
        let take = |tree: &FileTree| {
            let mut writer = store.writer().expect("a writer");
            let mut import = writer.import("test", Timestamp(0)).expect("an import");
            let read = (source("signal").read)(tree, &utc(), &mut Taking(&mut import));
            read.expect("readable");
            let tally = import.finish("{}").expect("an end");
            (tally.threads_added, tally.messages_added)
        };
        assert_eq!(take(first).0, 7);
        assert_eq!(take(second), (0, more));
        assert_eq!((take(first), take(second)), ((0, 0), (0, 0)));
    }
}

#[test]
fn files_lie_open_or_locked() {
    let told = read(&folder(), &utc()).expect("readable");
    let pier = &told.saying("our pier").attachments;
    let here = |at: &MediaPlace| match at {
        MediaPlace::Export { path, container } => container.is_some().then(|| path.clone()),
        _ => None,
    };
    assert_eq!(
        (pier[0].kind, here(&pier[0].place).as_deref()),
        (AttachmentKind::Photo, Some(PHOTO))
    );
    assert_eq!(pier[1].place, MediaPlace::Omitted, "never fetched");
    let voice = told.messages.iter().flat_map(|m| &m.attachments);
    let voice: Vec<_> = voice.filter(|a| a.kind == AttachmentKind::Voice).collect();
    assert_eq!(voice.len(), 1);
    let MediaPlace::Export { path, container: Some(_) } = &voice[0].place else {
        panic!("{:?}", voice[0].place)
    };
    let (path, lock) = FileLock::split(path);
    let lock = lock.expect("locked by itself");
    assert_eq!((path, lock.named(path)), (VOICE, format!("{VOICE}.ogg")));
    let sealed = &folder()[VOICE];
    let mut open = Vec::new();
    Unlocked::new(&sealed[..], &lock).expect("a key").read_to_end(&mut open).expect("opened");
    assert_eq!(open, OURS);
    assert_eq!(told.saying("The whole story").text, story(), "opened");
    assert_eq!(
        told.remarks,
        [
            "one message set to disappear left out, as Signal's own export leaves them out",
            "one story, or an answer to one in a group, left out, as Signal's own export leaves \
             them out"
        ]
    );
    // Without its key nobody opens it.
    let keyless =
        "UPDATE message_attachments SET localKey = 'c2hvcnQ=' WHERE contentType LIKE 'audio%';";
    let mut files = folder();
    files.insert(DATABASE.to_owned(), sqlcipher::locked(&with_rows(keyless), &KEY));
    let told = read(&files, &utc()).expect("readable");
    let voice = told.messages.iter().flat_map(|m| &m.attachments);
    let voice: Vec<_> = voice.filter(|a| a.kind == AttachmentKind::Voice).collect();
    assert_eq!(voice[0].place, MediaPlace::Omitted);
    let remark = "one file of a message is left out: locked in Signal's folder, with a key that \
                  the database does not tell";
    assert_eq!(told.remarks[2], remark);
    // A text whose file is not as it was locked stays as long as the message has it.
    let mut files = folder();
    files.entry(STORY.to_owned()).and_modify(|bytes| bytes[40] ^= 1);
    let told = read(&files, &utc()).expect("readable");
    assert_eq!(told.saying("The whole story").text, "The whole story of the boat. And then it");
}

#[test]
fn what_was_typed_and_not_sent_is_told() {
    let draft = "UPDATE conversations SET json = json_set(json, '$.draft', 'and bring the old map',
        '$.draftTimestamp', 1717400000000) WHERE id LIKE '%0002';
        UPDATE conversations SET json = json_set(json, '$.draft', '') WHERE id LIKE '%0003';
        UPDATE conversations SET json = json_set(json, '$.draft', 'when?', '$.timestamp', null,
        '$.active_at', null) WHERE id LIKE '%0004';";
    let mut files = folder();
    files.insert(DATABASE.to_owned(), sqlcipher::locked(&with_rows(draft), &KEY));
    let (told, before) = (read(&files, &utc()).expect("readable"), read(&folder(), &utc()));
    let ours = told.saying("old map");
    assert_eq!(ours.text, "Draft, not sent: and bring the old map");
    assert_eq!((&ours.kind, ours.sender.as_ref()), (&MessageKind::System, None));
    assert_eq!(ours.sent.at, Timestamp(1_717_400_000_000));
    assert_eq!(ours.thread, told.saying("Are you coming").thread);
    assert_eq!(told.messages.len(), before.expect("readable").messages.len() + 1);
    let why = "it has no time that can be read";
    assert_eq!((told.oddities.len(), told.oddities[0].why.as_str()), (1, why));
}

#[test]
fn a_key_in_the_keyring_is_asked_for() {
    let lock = locked(&newer(), &utc());
    assert_eq!((lock.file.as_str(), &lock.refused), (DATABASE, &None));
    let wants = "the 64-digit key of Signal Desktop's database, which the GNOME keyring keeps \
                 locked; “sigtop export-key -D” or “signalbackup-tools --showdesktopkey” prints it";
    assert_eq!(lock.wants, wants);
    let told = read(&newer(), &with(&digits())).expect("opened");
    assert_eq!(told.threads, read(&folder(), &utc()).expect("opened").threads);
    let refused = |files: &Files, key: &str| locked(files, &with(key)).refused;
    let wrong = Some("the key does not open it".to_owned());
    assert_eq!(refused(&newer(), &"5b".repeat(32)), wrong);
    let none = Some("what was given is not 64 hexadecimal digits".to_owned());
    assert_eq!(refused(&newer(), "hunter2"), none);
    // A key that is meant for something else in the import is in nobody's way.
    assert_eq!(read(&folder(), &with(&"5b".repeat(32))).expect("opened").threads, told.threads);
    let mut files = folder();
    files.insert("config.json".to_owned(), format!("{{\"key\":\"{}\"}}", "5b".repeat(32)).into());
    let lock = locked(&files, &utc());
    assert_eq!(lock.refused.as_deref(), Some("the key in config.json does not open it"));
    assert!(read(&files, &with(&digits())).is_ok());
    files.remove("config.json");
    assert!(locked(&files, &utc()).wants.contains("give Signal's whole folder"));
}

#[test]
fn what_is_locked_keeps_nothing_else_from_being_read() {
    let mut files = newer();
    let lines = [
        r#"{"version":"1","backupTimeMs":"5"}"#,
        r#"{"account":{"givenName":"Sam"}}"#,
        r#"{"recipient":{"id":"1","self":{}}}"#,
        r#"{"chat":{"id":"1","recipientId":"1"}}"#,
        r#"{"chatItem":{"chatId":"1","authorId":"1","dateSent":"6","outgoing":{},"standardMessage":{"text":{"body":"hi"}}}}"#,
    ];
    files.insert("main.jsonl".to_owned(), lines.join("\n").into_bytes());
    let mut told = Told::default();
    let result = (source("signal").read)(&FileTree::memory(files), &utc(), &mut told);
    assert!(matches!(result, Err(ReadError::Locked(_))), "{result:?}");
    assert_eq!(told.messages.len(), 1);
}

#[test]
fn it_is_known_by_its_folder() {
    let claims = |files: &Files| -> Vec<(String, Confidence)> {
        let found = (source("signal").recognise)(&FileTree::memory(files.clone()));
        found.into_iter().map(|f| (f.root, f.confidence)).collect()
    };
    let one = |root: &str, sure| vec![(root.to_owned(), sure)];
    assert_eq!(claims(&folder()), one("", Confidence::Sure));
    assert_eq!(claims(&newer()), one("", Confidence::Sure));
    let deep: Files = folder().into_iter().map(|(p, b)| (format!("a/Signal/{p}"), b)).collect();
    assert_eq!(claims(&deep), one("a/Signal", Confidence::Sure));
    let database = folder().remove(DATABASE).expect("there");
    let alone = |path: &str, bytes: &[u8]| Files::from([(path.to_owned(), bytes.to_vec())]);
    assert_eq!(claims(&alone(DATABASE, &database)), one("", Confidence::Likely));
    assert_eq!(claims(&alone("db.sqlite", &database)), one("", Confidence::Maybe));
    let named = FileTree::memory(alone("db.sqlite", &database)).with_name("sql");
    assert_eq!((source("signal").recognise)(&named)[0].confidence, Confidence::Likely);
    assert_eq!(claims(&alone("other.sqlite", &database)), []);
    assert_eq!(claims(&alone("db.sqlite", &database[..5000])), [], "not whole pages");
    let mut beside = alone("x/db.sqlite", &database);
    beside.insert("x/config.json".to_owned(), b"{}".to_vec());
    assert_eq!(claims(&beside), one("x", Confidence::Likely));
    // One that somebody has unlocked is read without a key.
    let plain = alone("db.sqlite", &sqlcipher::database(&sql()));
    assert_eq!(claims(&plain), one("", Confidence::Likely));
    let told = read(&plain, &utc()).expect("readable");
    assert_eq!(told.threads, read(&folder(), &utc()).expect("readable").threads);
}

#[test]
fn a_journal_is_read_along() {
    let at = tempfile::tempdir().expect("a folder");
    let plain = at.path().join("db.sqlite");
    let db = sqlcipher::open(&sql(), &plain);
    let later = "INSERT INTO messages(id, json, sent_at, conversationId, type, body,
        sourceServiceId) SELECT 'later' || value, '{}', 1717300000000 + value, conversationId,
        'incoming', 'said later ' || value, sourceServiceId FROM messages, json_each('[1,2,3]')
        WHERE body = 'Are you coming on Saturday?'";
    db.execute_batch("DROP TRIGGER messages_on_insert; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;")
        .expect("settings");
    db.execute_batch(later).expect("rows");
    db.execute_batch("UPDATE messages SET body = 'milk, bread' WHERE body = 'milk, eggs'")
        .expect("a row");
    let bytes = |name: &str| std::fs::read(at.path().join(name)).expect("readable");
    let (before, beside) = (bytes("db.sqlite"), bytes("db.sqlite-wal"));
    let mut files = folder();
    files.insert(DATABASE.to_owned(), sqlcipher::locked(&before, &KEY));
    let older = read(&files, &utc()).expect("readable").messages.len();
    let whole = sqlcipher::journal(&beside, &KEY);
    let told = |journal: &[u8]| {
        let mut files = files.clone();
        files.insert(format!("{DATABASE}-wal"), journal.to_vec());
        let told = read(&files, &utc()).expect("readable");
        assert_eq!(told.oddities, []);
        let bread = told.messages.iter().any(|m| m.text == "milk, bread");
        (told.messages.len() - older, bread)
    };
    assert_eq!(told(&whole), (3, true));
    // The second transaction is torn, and is as if it had never begun; without its end, too.
    assert_eq!(told(&whole[..whole.len() - 1]), (3, false));
    let mut flipped = whole.clone();
    let last = flipped.len() - 9;
    flipped[last] ^= 1;
    assert_eq!(told(&flipped), (3, false));
    assert_eq!(told(&whole[..20]), (0, false));
    assert_eq!(
        told(b"no journal at all, but something that is longer than its header is"),
        (0, false)
    );
    drop(db);
}

#[test]
fn damage_is_told_with_its_place() {
    // Many messages, on pages of their own.
    let many = "INSERT INTO messages(id, json, sent_at, conversationId, type, body,
        sourceServiceId) WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 500)
        SELECT 'm' || n, '{}', 1717300000000 + n, 'c0000000-0000-4000-8000-000000000002',
        'incoming', 'number ' || n, '43e42857-112b-2c21-f246-91b7499961c7' FROM c;";
    let plain = with_rows(many);
    let page = plain
        .chunks_exact(PAGE)
        .position(|page| memchr::memmem::find(page, b"incomingnumber 250").is_some())
        .expect("a page");
    let mut files = folder();
    let mut bytes = sqlcipher::locked(&plain, &KEY);
    files.insert(DATABASE.to_owned(), bytes.clone());
    let whole = read(&files, &utc()).expect("readable").messages.len();
    bytes[page * PAGE + 100] ^= 1;
    files.insert(DATABASE.to_owned(), bytes.clone());
    let told = read(&files, &utc()).expect("readable");
    let why = format!("page {} is damaged; what was on it is missing", page + 1);
    assert_eq!((told.oddities[0].file.as_str(), told.oddities[0].why.as_str()), (DATABASE, &*why));
    let there = told.messages.len();
    assert!(there < whole && there > whole - 60, "{there} of {whole}");
    assert!(told.messages.iter().any(|m| m.text == "number 500"), "what comes behind it is read");
    bytes.truncate(bytes.len() - 1);
    files.insert(DATABASE.to_owned(), bytes);
    let told = read(&files, &utc()).expect("readable");
    assert!(told.oddities.iter().any(|o| o.why.contains("cut short")), "{:?}", told.oddities);
}

/// The database with more rows.
fn with_rows(rows: &str) -> Vec<u8> {
    let end = "\n-- The app's own";
    sqlcipher::database(&sql().replace(end, &format!("\n{rows}{end}")))
}

/// What the app tells in a chat of a message of a kind, with its JSON. Nobody is told with it.
fn notice(chat: &str, kind: &str, json: &str) -> Option<String> {
    let plain = with_rows(&format!(
        "INSERT INTO messages(id, json, sent_at, conversationId, type)
            SELECT 'n', '{json}', 1717400000000, id, '{kind}' FROM conversations
            WHERE json_extract(json, '$.name') = '{chat}';"
    ));
    let mut files = folder();
    files.insert(DATABASE.to_owned(), sqlcipher::locked(&plain, &KEY));
    let told = read(&files, &utc()).expect("readable");
    assert_eq!(told.oddities, []);
    told.messages.into_iter().find(|m| m.sent.at.0 == 1_717_400_000_000).map(|m| m.text)
}

#[test]
fn changes_of_a_group_are_told_as_an_export_tells_them() {
    const SAM: &str = "d209acdd-1fb6-6a1a-4beb-4688902b7161";
    const INES: &str = "43e42857-112b-2c21-f246-91b7499961c7";
    const BEN: &str = "0d94de9d-3688-ae3b-8078-9a4838298d72";
    let about = |kind: &str, whom: &str| format!(r#"{{"type":"{kind}","aci":"{whom}"}}"#);
    let by_ines = [
        about("member-add", BEN),
        about("member-add", INES),
        about("member-remove", BEN),
        about("member-remove", INES),
        about("member-add-from-invite", BEN),
        about("member-add-from-invite", INES),
        about("member-add-from-link", BEN),
        format!(r#"{{"type":"member-privilege","aci":"{BEN}","newPrivilege":2}}"#),
        format!(r#"{{"type":"pending-add-one","serviceId":"{SAM}"}}"#),
        format!(r#"{{"type":"pending-add-one","serviceId":"{BEN}"}}"#),
        r#"{"type":"pending-add-many","count":3}"#.to_owned(),
        about("admin-approval-add-one", BEN),
        about("admin-approval-remove-one", BEN),
        r#"{"type":"title","newTitle":"Small choir"}"#.to_owned(),
        r#"{"type":"description","description":"we sing"}"#.to_owned(),
        r#"{"type":"description","removed":true,"description":"we sing"}"#.to_owned(),
        r#"{"type":"announcements-only","announcementsOnly":true}"#.to_owned(),
        r#"{"type":"avatar"}"#.to_owned(),
        r#"{"type":"access-members","newPrivilege":3}"#.to_owned(),
        r#"{"type":"of tomorrow"}"#.to_owned(),
    ];
    let told = |from: &str, details: &[String]| {
        let change = format!(r#"{{"groupV2Change":{{{from}"details":[{}]}}}}"#, details.join(","));
        notice("Choir", "group-v2-change", &change).expect("told")
    };
    let all = told(&format!(r#""from":"{INES}","#), &by_ines);
    let lines: Vec<&str> = all.lines().collect();
    assert_eq!(
        lines,
        [
            "Ines Duarte added Benny",
            "Ines Duarte joined",
            "Ines Duarte removed Benny",
            "Ines Duarte left",
            "Ines Duarte added Benny",
            "Ines Duarte accepted the invitation",
            "Benny joined",
            "Ines Duarte made Benny an admin",
            "Ines Duarte invited you",
            "Ines Duarte invited somebody",
            "Ines Duarte invited 3 people",
            "Benny asks to join",
            "Ines Duarte refused Benny",
            "Ines Duarte named the group “Small choir”",
            "Ines Duarte changed the description: we sing",
            "Ines Duarte took the description away",
            "Ines Duarte turned “only admins send messages” on",
            "Ines Duarte changed the picture",
            "Ines Duarte: group membership access level change",
            "Ines Duarte changed the group",
        ]
    );
    assert_eq!(told("", &[about("member-remove", BEN)]), "Somebody removed Benny");
}

#[test]
fn notices_name_whom_they_are_about() {
    let ines = |kind: &str, json: &str| notice("Ines Duarte", kind, json).unwrap_or_default();
    let number = "c0000000-0000-4000-8000-000000000003";
    let about_ben = format!(r#"{{"verifiedChanged":"{number}","verified":true}}"#);
    assert_eq!(
        [
            ines("verified-change", &about_ben),
            ines("profile-change", r#"{"profileChange":{"oldName":"Ines","newName":"I. D."}}"#),
            ines("change-number-notification", "{}"),
            ines("delivery-issue", "{}"),
            ines("chat-session-refreshed", "{}"),
            ines("title-transition", r#"{"titleTransition":{"renderInfo":{"e164":"+351912"}}}"#),
            ines("message-request-response-event", r#"{"messageRequestResponseEvent":"BLOCK"}"#),
            ines("group-v1-migration", r#"{"groupMigration":{"areWeInvited":false}}"#),
            ines("something-of-tomorrow", "{}"),
            ines("universal-timer-notification", "{}"),
        ],
        [
            "The safety number with Benny was verified",
            "Ines is called I. D. now",
            "Ines Duarte has another number now",
            "A message from Ines Duarte could not be opened",
            "The secure session was renewed",
            "+351912 is called Ines Duarte",
            "This chat was blocked",
            "This became a new kind of group",
            "Ines Duarte: something of tomorrow",
            "",
        ]
    );
}

/// An install of before 2020: ids are numbers, files stand in the JSON, calls in the message.
#[test]
fn older_installs_are_read() {
    let sql = r#"
        CREATE TABLE items(id STRING PRIMARY KEY ASC, json TEXT);
        CREATE TABLE conversations(id STRING PRIMARY KEY ASC, json TEXT, type STRING);
        CREATE TABLE messages(id STRING PRIMARY KEY ASC, json TEXT, unread INTEGER,
            sent_at INTEGER, conversationId STRING, source STRING, type STRING, body TEXT);
        INSERT INTO items VALUES('number_id', '{"id":"number_id","value":"+4915550001.1"}');
        INSERT INTO conversations VALUES
            ('+4915550001', '{"type":"private","profileName":"Sam"}', 'private'),
            ('+4915550002', '{"type":"private","name":"Ines","e164":"+4915550002"}', 'private'),
            ('band', '{"type":"group","name":"Band","groupId":"bandid","left":true,
                "members":["+4915550001","+4915550002"]}', 'group');
        UPDATE conversations SET json = json_set(json, '$.e164', '+4915550001')
            WHERE id = '+4915550001';
        INSERT INTO messages VALUES
            ('m1', '{"attachments":[{"contentType":"image/jpeg","path":"ab\\abcdef"}]}', 1,
                1500000000000, '+4915550002', '+4915550002', 'incoming', 'look'),
            ('m2', '{"callHistoryDetails":{"wasIncoming":true,"wasVideoCall":false,"callId":
                "5d6b2d3e-0000-4000-8000-000000000000"}}', NULL, 1500000001000, '+4915550002',
                NULL, 'call-history', NULL),
            ('m3', '{"group_update":{"name":"The band","joined":["+4915550002"]}}', NULL,
                1500000002000, 'band', '+4915550002', 'incoming', NULL),
            ('m4', '{"quote":{"id":1500000000000,"author":"+4915550002","text":"look"}}', NULL,
                1500000003000, '+4915550002', NULL, 'outgoing', 'nice');"#;
    let mut files = folder();
    files.insert(DATABASE.to_owned(), sqlcipher::locked(&sqlcipher::database(sql), &KEY));
    files.insert("attachments.noindex/ab/abcdef".to_owned(), b"jpeg".to_vec());
    let told = read(&files, &utc()).expect("readable");
    assert_eq!(told.oddities, []);
    assert_eq!(told.me(), ["Sam"]);
    let ines = told.thread("Ines");
    assert_eq!((&*ines.key, ines.unread), ("+4915550002", Some(1)));
    let look = told.saying("look");
    assert_eq!(look.native_id.as_deref(), Some("+4915550002|1500000000000"));
    assert!(matches!(&look.attachments[0].place, MediaPlace::Export { container: Some(_), .. }));
    let nice = told.saying("nice");
    assert_eq!(nice.reply_to.as_ref().and_then(|r| r.native_id.clone()), look.native_id);
    assert_eq!(nice.sender.as_deref(), Some("self"));
    let call = told.messages.iter().find(|m| m.sent.at.0 == 1_500_000_001_000).expect("a call");
    assert_eq!((&call.native_id, call.sender.as_deref()), (&None, Some("+4915550002")));
    assert_eq!(told.thread("Band").membership, Membership::Gone);
    assert!(told.messages.iter().any(|m| m.text.contains("named the group “The band”")));
    assert!(told.messages.iter().all(|m| m.deletion == Deletion::None));
}

/// `SQLCipher`'s own program (4.12, by way of Python's `sqlcipher3`) has made these, with this key.
#[test]
fn what_sqlcipher_itself_has_made_is_read() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/databases/sqlcipher");
    let bytes = |name: &str| std::fs::read(beside.join(name)).expect("readable");
    let key: String = (0..32).map(|n| format!("{:02x}", n * 7)).collect();
    let mut files = Files::from([(DATABASE.to_owned(), bytes("made.db"))]);
    let texts = |files: &Files| -> Vec<String> {
        let told = read(files, &with(&key)).expect("opened");
        assert_eq!(told.oddities, []);
        told.messages.into_iter().map(|m| m.text).collect()
    };
    assert_eq!(texts(&files), ["written back", "to be changed"]);
    files.insert(format!("{DATABASE}-wal"), bytes("made.db-wal"));
    assert_eq!(texts(&files), ["written back", "changed in the journal", "only in the journal"]);
}

#[test]
fn opening_can_be_stopped_and_every_byte_is_told() {
    let tree = FileTree::memory(folder());
    for n in [1, 3, 12] {
        let mut told = Told { stop_after: Some(n), ..Told::default() };
        let result = (source("signal").read)(&tree, &utc(), &mut told);
        assert!(matches!(result, Err(ReadError::Stopped)), "{n}: {result:?}");
    }
    let told = read(&folder(), &utc()).expect("readable");
    assert_eq!(told.bytes, u64::try_from(folder()[DATABASE].len()).expect("small"));
}
