//! Imports of every kind of export, killed at random points and run again: the same inbox as in one
//! go, and nothing left behind.

#[allow(dead_code, reason = "no file of tests uses all of it")]
mod program;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use program::Person;

/// Messages of each export, in three threads, half of them mine.
const MANY: u64 = 6_000;
/// 2024-01-01T00:00:00Z, in seconds. A message a minute.
const START: u64 = 1_704_067_200;

const ANDROID: &str = include_str!("databases/whatsapp_android.sql");
const IOS: &str = include_str!("databases/whatsapp_ios.sql");
const IMESSAGE: &str = include_str!("databases/imessage.sql");

/// (number, thread, whether it is mine, seconds since 1970)
fn messages() -> impl Iterator<Item = (u64, u64, bool, u64)> {
    (0..MANY).map(|n| (n, n % 3, n % 2 == 0, START + n * 60))
}

fn telegram(person: &Person) -> PathBuf {
    let mut chats: Vec<Vec<serde_json::Value>> = vec![Vec::new(); 3];
    for (n, thread, mine, at) in messages() {
        let (from, id) =
            if mine { ("Sam Rivera".into(), 700_100) } else { (format!("P{thread}"), thread) };
        chats[usize::try_from(thread).expect("small")].push(serde_json::json!({
            "id": n, "type": "message", "date": "2024-01-01T00:00:00",
            "date_unixtime": at.to_string(), "from": from, "from_id": format!("user{id}"),
            "text": format!("message {n}"), "text_entities": []}));
    }
    let list: Vec<_> = chats
        .into_iter()
        .enumerate()
        .map(|(n, messages)| {
            serde_json::json!({"name": format!("P{n}"), "type": "personal_chat", "id": n,
                "messages": messages})
        })
        .collect();
    let whole = serde_json::json!({"about": "x", "personal_information": {"user_id": 700_100,
        "first_name": "Sam", "last_name": "Rivera"}, "chats": {"about": "x", "list": list}});
    person.file("telegram/result.json", &whole.to_string());
    person.home().join("telegram")
}

fn whatsapp_text(person: &Person) -> PathBuf {
    for chat in 0..3 {
        let mut text = String::new();
        for (n, thread, mine, at) in messages().filter(|m| m.1 == chat) {
            let minutes = (at - START) / 60;
            let (day, hour, minute) = (minutes / 1440 + 1, minutes / 60 % 24, minutes % 60);
            let who = if mine { "Sam".to_owned() } else { format!("P{thread}") };
            writeln!(text, "{day:02}/01/2024, {hour:02}:{minute:02} - {who}: message {n}")
                .expect("a string takes all");
        }
        person.file(&format!("texts/WhatsApp Chat with P{chat}.txt"), &text);
    }
    person.home().join("texts")
}

/// A database with the tables of a sample.
fn database(person: &Person, name: &str, sample: &str, rows: &str) -> PathBuf {
    let path = person.file(name, "");
    std::fs::remove_file(&path).expect("just made");
    let db = rusqlite::Connection::open(&path).expect("a database");
    let tables: String =
        sample.lines().filter(|l| l.starts_with("CREATE")).map(|l| format!("{l}\n")).collect();
    db.execute_batch("PRAGMA journal_mode = OFF; PRAGMA foreign_keys = OFF; BEGIN;")
        .expect("settings");
    db.execute_batch(&tables).expect("tables");
    db.execute_batch(rows).expect("rows");
    db.execute_batch("COMMIT").expect("kept");
    path
}

/// With a journal beside it, so that it is read from a private copy.
fn whatsapp_android(person: &Person) -> PathBuf {
    let mut sql = String::new();
    for chat in 1..4 {
        writeln!(
            sql,
            "INSERT INTO jid VALUES ({chat}, '3519123456{chat}0', 's.whatsapp.net', 0, 0, 0, NULL);
             INSERT INTO chat(_id, jid_row_id) VALUES ({chat}, {chat});"
        )
        .expect("a string takes all");
    }
    for (n, thread, mine, at) in messages() {
        writeln!(
            sql,
            "INSERT INTO message(_id, chat_row_id, from_me, key_id, timestamp, message_type, text_data)
             VALUES ({}, {}, {}, 'K{n}', {}, 0, 'message {n}');",
            n + 1,
            thread + 1,
            i32::from(mine),
            at * 1000
        )
        .expect("a string takes all");
    }
    let path = database(person, "android/msgstore.db", ANDROID, &sql);
    person.file("android/msgstore.db-wal", "no journal, and no harm");
    path.parent().expect("a folder").to_owned()
}

fn whatsapp_ios(person: &Person) -> PathBuf {
    let mut sql = String::new();
    for chat in 1..4 {
        writeln!(
            sql,
            "INSERT INTO ZWACHATSESSION(Z_PK, ZCONTACTJID, ZPARTNERNAME, ZSESSIONTYPE)
             VALUES ({chat}, '3519123456{chat}0@s.whatsapp.net', 'P{chat}', 0);"
        )
        .expect("a string takes all");
    }
    for (n, thread, mine, at) in messages() {
        writeln!(
            sql,
            "INSERT INTO ZWAMESSAGE(Z_PK, ZCHATSESSION, ZISFROMME, ZMESSAGEDATE, ZSORT, ZTEXT,
               ZMESSAGETYPE, ZSTANZAID)
             VALUES ({}, {}, {}, {}, {n}, 'message {n}', 0, 'I{n}');",
            n + 1,
            thread + 1,
            i32::from(mine),
            at - 978_307_200
        )
        .expect("a string takes all");
    }
    database(person, "ios/ChatStorage.sqlite", IOS, &sql)
}

fn imessage(person: &Person) -> PathBuf {
    let mut sql = String::new();
    for chat in 1..4 {
        writeln!(
            sql,
            "INSERT INTO handle(ROWID, id, service) VALUES ({chat}, '+3519123456{chat}0', 'iMessage');
             INSERT INTO chat(ROWID, guid, style, chat_identifier, service_name)
               VALUES ({chat}, 'iMessage;-;{chat}', 45, '+3519123456{chat}0', 'iMessage');
             INSERT INTO chat_handle_join VALUES ({chat}, {chat});"
        )
        .expect("a string takes all");
    }
    for (n, thread, mine, at) in messages() {
        let (id, chat) = (n + 1, thread + 1);
        writeln!(
            sql,
            "INSERT INTO message(ROWID, guid, text, handle_id, date, is_from_me)
               VALUES ({id}, 'M{n}', 'message {n}', {chat}, {}, {});
             INSERT INTO chat_message_join(chat_id, message_id) VALUES ({chat}, {id});",
            (at - 978_307_200) * 1_000_000_000,
            i32::from(mine)
        )
        .expect("a string takes all");
    }
    database(person, "mac/chat.db", IMESSAGE, &sql)
}

fn signal(person: &Person) -> PathBuf {
    let mut text = "{\"version\":\"1\",\"backupTimeMs\":\"1717200000000\"}\n\
        {\"account\":{\"givenName\":\"Lea\"}}\n{\"recipient\":{\"id\":\"9\",\"self\":{}}}\n"
        .to_owned();
    for chat in 1..4 {
        writeln!(
            text,
            "{{\"recipient\":{{\"id\":\"{chat}\",\"contact\":{{\"e164\":\"3519123456{chat}0\",\
             \"systemGivenName\":\"P{chat}\"}}}}}}\n{{\"chat\":{{\"id\":\"{chat}\",\"recipientId\":\"{chat}\"}}}}"
        )
        .expect("a string takes all");
    }
    for (n, thread, mine, at) in messages() {
        let chat = thread + 1;
        let (author, way) = if mine {
            (9, "\"outgoing\":{}".to_owned())
        } else {
            (chat, format!("\"incoming\":{{\"dateReceived\":\"{}\",\"read\":true}}", at * 1000))
        };
        writeln!(
            text,
            "{{\"chatItem\":{{\"chatId\":\"{chat}\",\"authorId\":\"{author}\",\"dateSent\":\"{}\",{way},\
             \"standardMessage\":{{\"text\":{{\"body\":\"message {n}\"}}}}}}}}",
            at * 1000
        )
        .expect("a string takes all");
    }
    person.file("signal/metadata.json", "{\"version\":1}");
    person.file("signal/main.jsonl", &text);
    person.home().join("signal")
}

fn slack(person: &Person) -> PathBuf {
    person.file(
        "slack/users.json",
        r#"[{"id": "U1", "name": "sam", "real_name": "Sam"}, {"id": "U2", "name": "ana", "real_name": "Ana"}]"#,
    );
    let channels: Vec<_> = (0..3)
        .map(|c| serde_json::json!({"id": format!("C{c}"), "name": format!("room{c}"), "members": ["U1", "U2"]}))
        .collect();
    person.file("slack/channels.json", &serde_json::Value::from(channels).to_string());
    for channel in 0..3 {
        for day in 0..MANY / 1440 + 1 {
            let of_day = messages().filter(|m| m.1 == channel && m.0 / 1440 == day);
            let told: Vec<_> = of_day
                .map(|(n, _, mine, at)| {
                    serde_json::json!({"type": "message", "user": if mine { "U1" } else { "U2" },
                        "text": format!("message {n}"), "ts": format!("{at}.000100")})
                })
                .collect();
            let name = format!("slack/room{channel}/2024-01-{:02}.json", day + 1);
            person.file(&name, &serde_json::Value::from(told).to_string());
        }
    }
    person.home().join("slack")
}

fn sms(person: &Person) -> PathBuf {
    let mut text = format!("<?xml version='1.0' encoding='UTF-8'?>\n<smses count=\"{MANY}\">\n");
    for (n, thread, mine, at) in messages() {
        writeln!(
            text,
            "<sms protocol=\"0\" address=\"+3519123456{thread}0\" date=\"{}\" type=\"{}\" body=\"message {n}\" \
             read=\"1\" contact_name=\"P{thread}\" />",
            at * 1000,
            1 + i32::from(mine)
        )
        .expect("a string takes all");
    }
    person.file("sms-20240105000000.xml", &(text + "</smses>\n"))
}

fn mail(person: &Person) -> PathBuf {
    let mut text = String::new();
    for (n, thread, mine, at) in messages() {
        let minutes = (at - START) / 60;
        let (day, hour, minute) = (minutes / 1440 + 1, minutes / 60 % 24, minutes % 60);
        let (from, to) = match mine {
            true => ("sam@example.org".to_owned(), format!("p{thread}@example.org")),
            false => (format!("p{thread}@example.org"), "sam@example.org".to_owned()),
        };
        let answers = if n < 3 { String::new() } else { format!("References: <{thread}@x>\n") };
        writeln!(
            text,
            "From {from} Mon Jan  1 00:00:00 2024\nFrom: {from}\nTo: {to}\nSubject: talk {thread}\n\
             Message-ID: <{n}@x>\n{answers}Date: {day} Jan 2024 {hour:02}:{minute:02}:00 +0000\n\n\
             message {n}\n"
        )
        .expect("a string takes all");
    }
    person.file("all.mbox", &text)
}

fn moment(at: u64) -> chrono::DateTime<chrono::Utc> {
    let at = i64::try_from(at).expect("small");
    chrono::DateTime::from_timestamp(at, 0).expect("a time")
}

/// The messages of one thread, as a list of what each is told by.
fn told_by(of: u64, tell: impl Fn(u64, bool, u64) -> serde_json::Value) -> Vec<serde_json::Value> {
    messages().filter(|m| m.1 == of).map(|(n, _, mine, at)| tell(n, mine, at)).collect()
}

/// As DiscordChatExporter writes it: one file a channel, the oldest message first.
fn discord(person: &Person) -> PathBuf {
    for channel in 0..3 {
        let told = told_by(channel, |n, mine, at| {
            let (id, name) = if mine { ("700", "sam") } else { ("701", "ana") };
            serde_json::json!({"id": format!("{}", 1_000_000 + n), "type": "Default",
                "timestamp": moment(at).to_rfc3339(), "timestampEdited": null, "isPinned": false,
                "content": format!("message {n}"),
                "author": {"id": id, "name": name, "nickname": name, "isBot": false},
                "attachments": [], "embeds": [], "stickers": [], "reactions": [], "mentions": []})
        });
        let whole = serde_json::json!({
            "guild": {"id": "9", "name": "Harbour"},
            "channel": {"id": format!("80{channel}"), "type": "GuildTextChat", "name": format!("room{channel}")},
            "dateRange": {"after": null, "before": null}, "exportedAt": "2024-05-11T18:00:00.000+00:00",
            "messages": told, "messageCount": told.len()});
        person.file(
            &format!("discord/Harbour - room{channel} [80{channel}].json"),
            &whole.to_string(),
        );
    }
    person.home().join("discord")
}

fn google_chat(person: &Person) -> PathBuf {
    let who = |mine: bool| {
        let (name, email) =
            if mine { ("Sam", "sam@example.org") } else { ("Ana", "ana@example.org") };
        serde_json::json!({"name": name, "email": email, "user_type": "Human"})
    };
    let folder = "takeout/Google Chat";
    let me = serde_json::json!({"user": who(true), "membership_info": []});
    person.file(&format!("{folder}/Users/User 1/user_info.json"), &me.to_string());
    for group in 0..3 {
        let told = told_by(group, |n, mine, at| {
            let date = moment(at).format("%A, %B %-d, %Y at %-I:%M:%S %p UTC").to_string();
            serde_json::json!({"creator": who(mine), "created_date": date,
                "text": format!("message {n}"), "topic_id": format!("t{n}"),
                "message_id": format!("G{group}/t{n}/t{n}")})
        });
        let at = format!("{folder}/Groups/DM G{group}");
        let members = serde_json::json!({"members": [who(true), who(false)]});
        person.file(&format!("{at}/group_info.json"), &members.to_string());
        let told = serde_json::json!({"messages": told});
        person.file(&format!("{at}/messages.json"), &told.to_string());
    }
    person.home().join("takeout")
}

fn hangouts(person: &Person) -> PathBuf {
    let id = |mine: bool| if mine { "100" } else { "101" };
    let someone = |mine: bool| serde_json::json!({"gaia_id": id(mine), "chat_id": id(mine)});
    let mut all = Vec::new();
    for chat in 0..3 {
        let place = serde_json::json!({"id": format!("Ugx{chat}")});
        let events = told_by(chat, |n, mine, at| {
            serde_json::json!({"conversation_id": place, "sender_id": someone(mine),
                "timestamp": format!("{at}000000"), "event_id": format!("e{n}"),
                "event_type": "REGULAR_CHAT_MESSAGE",
                "chat_message": {"message_content": {"segment": [
                    {"type": "TEXT", "text": format!("message {n}")}]}}})
        });
        let people = [true, false].map(|mine| {
            serde_json::json!({"id": someone(mine), "participant_type": "GAIA",
                "fallback_name": if mine { "Sam" } else { "Ana" }})
        });
        all.push(serde_json::json!({
            "conversation": {"conversation_id": place, "conversation": {"id": place,
                "type": "STICKY_ONE_TO_ONE",
                "self_conversation_state": {"self_read_state": {"participant_id": someone(true),
                    "latest_read_timestamp": "0"}, "status": "ACTIVE", "view": ["INBOX_VIEW"]},
                "read_state": [], "current_participant": [someone(true), someone(false)],
                "participant_data": people}},
            "events": events}));
    }
    let whole = serde_json::json!({"conversations": all});
    person.file("hangouts/Hangouts.json", &whole.to_string());
    person.home().join("hangouts")
}

fn skype(person: &Person) -> PathBuf {
    let mut all = Vec::new();
    for chat in 0..3 {
        let id = format!("8:live:p{chat}");
        let mut told = told_by(chat, |n, mine, at| {
            let from = if mine { "8:live:sam" } else { id.as_str() };
            serde_json::json!({"id": format!("{n}"), "displayName": null,
                "originalarrivaltime": moment(at).format("%Y-%m-%dT%H:%M:%SZ").to_string(),
                "messagetype": "RichText", "version": n, "content": format!("message {n}"),
                "conversationid": id, "from": from, "properties": null, "amsreferences": null})
        });
        told.reverse();
        all.push(serde_json::json!({"id": id, "displayName": format!("P{chat}"), "version": 1,
            "properties": {"conversationstatus": null}, "threadProperties": null,
            "MessageList": told}));
    }
    let whole = serde_json::json!({"userId": "8:live:sam", "exportDate": "2025-04-20T10:15",
        "conversations": all});
    person.file("skype/messages.json", &whole.to_string());
    person.home().join("skype")
}

/// As Element writes it: one folder a room.
fn matrix(person: &Person) -> PathBuf {
    for room in 0..3 {
        let place = format!("!room{room}:x.example");
        let told = told_by(room, |n, mine, at| {
            let sender = if mine { "@sam:x.example" } else { "@ana:x.example" };
            serde_json::json!({"type": "m.room.message", "sender": sender,
                "content": {"msgtype": "m.text", "body": format!("message {n}")},
                "origin_server_ts": at * 1000, "event_id": format!("$e{n}"), "room_id": place})
        });
        let whole = serde_json::json!({"room_name": format!("Room {room}"),
            "room_creator": "@sam:x.example", "topic": "", "export_date": "2 May 2024",
            "exported_by": "@sam:x.example", "messages": told});
        person.file(&format!("matrix/room{room}/export.json"), &whole.to_string());
    }
    person.home().join("matrix")
}

/// How many messages are stored, asked of the file itself while the program runs.
fn stored(store: &Path) -> u64 {
    use rusqlite::{Connection, OpenFlags};
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(store.join("onebox.db"), flags)
        .and_then(|db| db.query_row("SELECT count(*) FROM message", [], |r| r.get::<_, i64>(0)))
        .map_or(0, i64::unsigned_abs)
}

/// Everything that matters of a store.
fn rows(store: &Path) -> Vec<String> {
    let db = rusqlite::Connection::open(store.join("onebox.db")).expect("a store");
    let mut all = Vec::new();
    for sql in [
        "SELECT s.key, m.sent_at, m.ord, m.text, m.kind, m.flags, m.shadow, p.key, p.is_me, m.more
         FROM message m JOIN strand s ON s.id = m.strand_id
         LEFT JOIN participant p ON p.id = m.sender_id ORDER BY 1, 2, 3, 4",
        "SELECT title, kind, messages, first_at, last_at, preview, unread, archived, awaiting
         FROM thread ORDER BY 1, 2, 3, 4, 5",
        "SELECT source, key, name FROM account ORDER BY 1, 2",
        "SELECT s.key, p.key, p.name, p.is_me FROM participant p JOIN strand s ON s.id = p.strand_id
         ORDER BY 1, 2",
    ] {
        let mut q = db.prepare(sql).expect("SQL");
        let columns = q.column_count();
        let mut found = q.query([]).expect("rows");
        while let Some(row) = found.next().expect("a row") {
            let cells = (0..columns).map(|i| format!("{:?}", row.get_ref(i).expect("a cell")));
            all.push(cells.collect::<Vec<_>>().join(" "));
        }
    }
    all
}

/// Waits until so many messages are stored, or the program has ended.
fn run_until(person: &Person, child: &mut Child, share: u64) {
    // Nobody ever sends: the channel is a clock that may be waited on.
    let (_never, beat) = sync_channel::<()>(0);
    let end = Instant::now() + Duration::from_secs(120);
    while stored(&person.store()) < share && child.try_wait().expect("a child").is_none() {
        assert!(Instant::now() < end, "waited too long for {share} messages");
        assert_eq!(beat.recv_timeout(Duration::from_millis(2)), Err(RecvTimeoutError::Timeout));
    }
}

/// Kills an import at points drawn from a seed, goes on each time, and compares.
fn killed(seed: u64, make: fn(&Person) -> PathBuf) {
    let whole = Person::new();
    let report = whole.import(&make(&whole));
    assert_eq!((&report["messages_added"], &report["oddities"]), (&MANY.into(), &0.into()));

    let person = Person::new();
    let path = make(&person);
    let temporary = person.home().join("tmp");
    std::fs::create_dir(&temporary).expect("a folder");
    let import = || {
        let mut command = person.command(&["import", path.to_str().expect("a path")]);
        command.env("TMPDIR", &temporary).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    };
    let mut drawn = seed;
    let mut shares: Vec<u64> = (0..3)
        .map(|_| {
            drawn = drawn
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (drawn >> 33) % MANY
        })
        .collect();
    shares.sort_unstable();
    let mut cut = 0;
    for &share in &shares {
        let mut child = import().spawn().expect("the program starts");
        run_until(&person, &mut child, share);
        child.kill().expect("killed");
        cut += u64::from(child.wait().expect("it ends").code().is_none());
        assert!(stored(&person.store()) <= MANY, "nothing is doubled");
    }
    assert!(cut > 0, "it was never cut off at {shares:?}");
    let out = import().output().expect("it ends");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let (once, again) = (rows(&whole.store()), rows(&person.store()));
    let differs = once.iter().zip(&again).find(|(a, b)| a != b);
    assert!(differs.is_none() && once.len() == again.len(), "killed at {shares:?}: {differs:?}");
    let left: Vec<_> = std::fs::read_dir(&temporary).expect("a folder").collect();
    assert!(left.is_empty(), "private copies stay: {left:?}");
}

#[test]
fn telegram_is_killed() {
    killed(1, telegram);
}

#[test]
fn a_chat_s_text_is_killed() {
    killed(2, whatsapp_text);
}

#[test]
fn an_android_database_is_killed() {
    killed(3, whatsapp_android);
}

#[test]
fn an_iphone_s_database_is_killed() {
    killed(4, whatsapp_ios);
}

#[test]
fn imessage_is_killed() {
    killed(5, imessage);
}

#[test]
fn signal_is_killed() {
    killed(6, signal);
}

#[test]
fn slack_is_killed() {
    killed(7, slack);
}

#[test]
fn sms_is_killed() {
    killed(8, sms);
}

#[test]
fn mail_is_killed() {
    killed(9, mail);
}

#[test]
fn discord_is_killed() {
    killed(10, discord);
}

#[test]
fn google_chat_is_killed() {
    killed(11, google_chat);
}

#[test]
fn hangouts_is_killed() {
    killed(12, hangouts);
}

#[test]
fn skype_is_killed() {
    killed(13, skype);
}

#[test]
fn a_matrix_export_is_killed() {
    killed(14, matrix);
}
