//! A chat's text export beside the phone's database: one thread, in either order, told once.

mod readers;

use std::path::Path;
use std::sync::Arc;

use chrono_tz::Tz;
use onebox::engine::{Engine, People, Rules, Settings};
use onebox::model::*;
use onebox::sources::{FileTree, ReadOptions, Zone};
use onebox::store::{PageEnd, Store, StoredMessage, StoredThread, ThreadQuery};
use readers::{Taking, source, utc};

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const ANDROID: &str = include_str!("databases/whatsapp_android.sql");
const BOOK: &str = include_str!("databases/wa_contacts.sql");
const IOS: &str = include_str!("databases/whatsapp_ios.sql");
/// 2024-05-01T09:00:00Z.
const MAY: i64 = 1_714_554_000_000;

/// A database with the tables of a sample, and rows of our own.
fn database(sample: &str, rows: &str) -> Vec<u8> {
    let tables: String =
        sample.lines().filter(|l| l.starts_with("CREATE")).map(|l| format!("{l}\n")).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path().join("fresh.db");
    let db = rusqlite::Connection::open(&at).expect("a database");
    db.execute_batch("PRAGMA journal_mode = OFF; PRAGMA foreign_keys = OFF;").expect("settings");
    db.execute_batch(&tables).expect("tables");
    db.execute_batch(rows).expect("rows");
    drop(db);
    std::fs::read(&at).expect("readable")
}

/// Who is on the phone: me, Ines, Tom; two groups of all three.
const PEOPLE: &str = "
INSERT INTO props(key, value) VALUES ('user_push_name', 'Sam Rivera');
INSERT INTO jid VALUES
 (2, '351912345678', 's.whatsapp.net', 0, 0, 0, '351912345678@s.whatsapp.net'),
 (4, '447700900333', 's.whatsapp.net', 0, 0, 0, '447700900333@s.whatsapp.net'),
 (5, '120363000000000001', 'g.us', 0, 0, 1, '120363000000000001@g.us'),
 (6, '120363000000000002', 'g.us', 0, 0, 1, '120363000000000002@g.us');
INSERT INTO chat(_id, jid_row_id, subject, unseen_message_count, participation_status) VALUES
 (1, 2, NULL, 2, NULL), (2, 5, 'Lake house', 0, 2), (3, 6, 'Lake house', 0, 2);
INSERT INTO group_participant_user(group_jid_row_id, user_jid_row_id) VALUES (5, 2), (5, 4), (6, 2), (6, 4);
";

/// (chat, who: 0 is me, milliseconds after `MAY`, kind, text) of a message, as a row.
fn rows(said: &[(i64, i64, i64, i64, &str)]) -> String {
    let mut sql = PEOPLE.to_owned();
    for (n, (chat, who, after, kind, text)) in said.iter().enumerate() {
        let id = n + 1;
        let text = if text.is_empty() { "NULL".to_owned() } else { format!("'{text}'") };
        sql += &format!(
            "INSERT INTO message(_id, chat_row_id, from_me, key_id, sender_jid_row_id, timestamp,
               message_type, text_data) VALUES ({id}, {chat}, {}, 'K{id}', {who}, {}, {kind}, {text});",
            i32::from(*who == 0),
            MAY + after,
        );
    }
    sql
}

fn phone(sql: &str) -> FileTree {
    let book: String = BOOK.replace("NULL, 'Tom'", "'Tom', NULL");
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path().join("wa.db");
    let db = rusqlite::Connection::open(&at).expect("a database");
    db.execute_batch(&book).expect("rows");
    drop(db);
    FileTree::memory([
        ("msgstore.db".to_owned(), database(ANDROID, sql)),
        ("wa.db".to_owned(), std::fs::read(&at).expect("readable")),
    ])
}

fn text(name: &str, lines: &[&str]) -> FileTree {
    FileTree::memory([(
        format!("WhatsApp Chat with {name}.txt"),
        format!("{}\n", lines.join("\n")).into_bytes(),
    )])
}

/// Imports, and says how many threads and messages were new.
fn import(store: &Store, tree: &FileTree, options: &ReadOptions) -> (u64, u64) {
    let mut writer = store.writer().expect("a writer");
    let mut import = writer.import("test", NOW).expect("an import");
    (source("whatsapp").read)(tree, options, &mut Taking(&mut import)).expect("readable");
    let tally = import.finish("{}").expect("an end");
    (tally.threads_added, tally.messages_added)
}

fn shown(store: &Store) -> Vec<(StoredThread, Vec<StoredMessage>)> {
    let reader = store.reader().expect("a reader");
    let threads = reader.threads(&ThreadQuery::default(), 0, 100).expect("threads");
    threads
        .into_iter()
        .map(|t| {
            let page = reader.older(t.id, PageEnd::Edge, 500).expect("messages");
            assert_eq!(u64::try_from(page.len()).ok(), Some(t.messages), "{}", t.title);
            (t, page)
        })
        .collect()
}

/// Each thread's title and messages: minutes after `MAY`, what, and whether it was me.
type Inbox = Vec<(String, Vec<(i64, String, bool)>)>;

fn inbox(store: &Store) -> Inbox {
    let mut all: Inbox = shown(store)
        .into_iter()
        .map(|(t, page)| {
            let said = page.into_iter().map(|m| {
                let what = if m.text.is_empty() { format!("{:?}", m.kind) } else { m.text };
                ((m.sent.at.0 - MAY).div_euclid(60_000), what, m.mine)
            });
            (t.title, said.collect())
        })
        .collect();
    all.sort();
    all
}

/// Both orders, each told again and again: the same inbox. Returns it.
fn both(text: &FileTree, phone: &FileTree) -> Inbox {
    let mut found: Vec<Inbox> = Vec::new();
    for order in [vec![text, phone, text, phone], vec![phone, text, phone, text]] {
        let store = Store::in_memory().expect("a store");
        for (n, tree) in order.into_iter().enumerate() {
            let new = import(&store, tree, &utc());
            assert!(n < 2 || new == (0, 0), "{n} has {new:?} that are new");
        }
        found.push(inbox(&store));
    }
    assert_eq!(found[0], found[1], "the order of imports makes no difference");
    found.remove(0)
}

/// How many people there are.
fn people(store: &Store) -> usize {
    let people = People::work_out(&store.reader().expect("a reader"), 0).expect("people");
    people.persons.len()
}

/// Who is in a thread, as a listing tells it: name, and whether it is me.
fn listed(store: Store, title: &str) -> Vec<(String, bool)> {
    let settings = Settings {
        rules: Rules::builtin().expect("rules"),
        as_of: None,
        read_only: false,
        offline: false,
        demo: true,
        keep_deleted: false,
    };
    let store = Arc::new(store);
    let (thread, _) = shown(&store).into_iter().find(|(t, _)| t.title == title).expect("a thread");
    let mut engine = Engine::new(store, Arc::new(settings)).expect("an engine");
    assert!(thread.facts.strands > 1, "nothing is joined");
    let people = engine.people_in(thread.id).expect("people");
    let header = engine.everyone(thread.id).expect("people").expect("it is joined");
    assert_eq!(header.len(), people.len(), "{header:?}");
    let mut all: Vec<_> = people.into_iter().map(|p| (p.name, p.is_me)).collect();
    all.sort();
    all
}

const INES: &[(i64, i64, i64, i64, &str)] = &[
    (1, 2, 0, 0, "Are you at the station?"),
    (1, 0, 40_000, 0, "Yes, platform 4!"),
    (1, 2, 45_000, 0, "I have the tickets"),
    (1, 0, 47_000, 0, "Perfect, thank you"),
    (1, 2, 50_000, 0, "ok"),
    (1, 2, 55_000, 0, "ok"),
    (1, 2, 60_000, 1, "our train"),
    (1, 2, 70_000, 15, ""),
    (1, 0, 130_000, 66, "Which day?"),
    (1, 2, 200_000, 10, ""),
    (1, 2, 3_600_000, 0, "only the phone has this"),
];

fn ines() -> String {
    rows(INES)
        + "INSERT INTO message_edit_info VALUES (2, 'X', 1714554060000, 1714554060000);
           INSERT INTO message_media(message_row_id, mime_type) VALUES (7, 'image/jpeg');
           INSERT INTO message_poll_option(message_row_id, option_name, vote_total)
             VALUES (9, 'Friday', 2), (9, 'Saturday', 1);
           INSERT INTO message_add_on VALUES (1, 1, 0, 'R1', 0, 2, 1714554070000, 0, 56);
           INSERT INTO message_add_on_reaction VALUES (1, '👍', 1714554070000);"
}

/// The text's clock is an hour ahead; it was made before one message was edited, another taken back
/// and a vote came; it says nothing of the picture's words.
const INES_TEXT: &[&str] = &[
    "30/04/2024, 20:15 - Messages and calls are end-to-end encrypted. Tap to learn more.",
    "30/04/2024, 20:15 - Ines Duarte: only the text has this",
    "01/05/2024, 10:00 - Ines Duarte: Are you at the station?",
    "01/05/2024, 10:00 - Sam: Yes, platform 5",
    "01/05/2024, 10:00 - Ines Duarte: I have the tickets",
    "01/05/2024, 10:00 - Sam: Perfect, thank you",
    "01/05/2024, 10:00 - Ines Duarte: ok",
    "01/05/2024, 10:00 - Ines Duarte: ok",
    "01/05/2024, 10:01 - Ines Duarte: <Media omitted>",
    "01/05/2024, 10:01 - Ines Duarte: soon taken back",
    "01/05/2024, 10:02 - Sam: POLL:",
    "Which day?",
    "OPTION: Friday (1 vote)",
    "OPTION: Saturday (1 vote)",
    "01/05/2024, 10:03 - Missed voice call",
    "01/05/2024, 10:04 - Ines Duarte: the phone has lost this one",
    "01/05/2024, 10:05 - Ines Duarte: see you there",
];

#[test]
fn a_text_and_a_database_are_one_thread_in_either_order() {
    let mut sql = ines();
    sql += &format!(
        "INSERT INTO message(chat_row_id, from_me, key_id, timestamp, message_type, text_data)
           VALUES (1, 0, 'K99', {}, 0, 'see you there');",
        MAY + 300_000
    );
    let (phone, text) = (phone(&sql), text("Ines Duarte", INES_TEXT));
    let all = both(&text, &phone);
    let with_ines: Vec<_> = all.iter().filter(|t| t.0 == "Ines Duarte").collect();
    assert_eq!(with_ines.len(), 1);
    let said: Vec<(&str, bool)> = with_ines[0].1.iter().map(|m| (m.1.as_str(), m.2)).collect();
    let call = "Call(Call { video: None, seconds: None, missed: true })";
    assert_eq!(
        said,
        [
            ("Messages and calls are end-to-end encrypted. Tap to learn more.", false),
            ("only the text has this", false),
            ("Are you at the station?", false),
            ("Yes, platform 4!", true),
            ("I have the tickets", false),
            ("Perfect, thank you", true),
            ("ok", false),
            ("ok", false),
            ("our train", false),
            ("Text", false),
            ("Which day?\nFriday (2 votes)\nSaturday (1 vote)", true),
            (call, false),
            ("see you there", false),
            ("only the phone has this", false),
            ("the phone has lost this one", false),
        ]
    );
}

#[test]
fn what_the_database_knows_stays() {
    let store = Store::in_memory().expect("a store");
    import(&store, &text("Ines Duarte", INES_TEXT), &utc());
    let before = people(&store);
    import(&store, &phone(&ines()), &utc());
    let (thread, page) =
        shown(&store).into_iter().find(|(t, _)| t.title == "Ines Duarte").expect("a thread");
    assert_eq!((before, people(&store)), (1, 2), "Ines is one; Tom is in the groups");
    assert_eq!(thread.unread, Some(2));
    assert_eq!(thread.facts.address.as_deref(), Some("+351912345678"));
    let yes = page.iter().find(|m| m.text.starts_with("Yes")).expect("told");
    assert!(yes.edited.is_some() && yes.mine);
    assert_eq!((yes.reactions.len(), yes.sent.at.0), (1, MAY + 40_000));
    assert!(page.iter().any(|m| m.deletion == Deletion::Unsent));
}

/// The text calls people by name, the database by number, and me otherwise: each is one.
#[test]
fn a_joined_thread_names_everybody_once() {
    for phone_first in [true, false] {
        let store = Store::in_memory().expect("a store");
        let (phone, text) = (phone(&ines()), text("Ines Duarte", INES_TEXT));
        let order = if phone_first { [&phone, &text] } else { [&text, &phone] };
        for tree in order {
            import(&store, tree, &utc());
        }
        let all = listed(store, "Ines Duarte");
        let (mine, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, me)| *me);
        assert_eq!((mine.len(), others), (1, vec![("Ines Duarte".to_owned(), false)]));
    }
}

/// An iPhone's database knows of an event that there was one; the text has the words.
/// The database numbers whoever is mentioned, the text names them.
#[test]
fn who_is_mentioned_has_a_name() {
    let said = [
        (2, 4, 0, 0, "@351912345678 are you coming tonight, or is it @3519123456789?"),
        (2, 2, 60_000, 0, "yes, and @447700900333 @447700900333 too"),
        (2, 0, 120_000, 0, "mail me: sam@example.org"),
    ];
    let sql = rows(&said)
        + "CREATE TABLE message_mentions(_id INTEGER PRIMARY KEY, message_row_id INTEGER,
             jid_row_id INTEGER);
           INSERT INTO message_mentions(message_row_id, jid_row_id) VALUES (1, 2), (2, 4);";
    let text = text(
        "Lake house",
        &[
            "01/05/2024, 09:00 - Tom: @\u{2068}Inês 🌸\u{2069} are you coming tonight, or is it \
             @3519123456789?",
            "01/05/2024, 09:01 - Ines Duarte: yes, and @\u{2068}Tom\u{2069} @\u{2068}Tom\u{2069} too",
            "01/05/2024, 09:02 - Sam: mail me: sam@example.org",
        ],
    );
    let all = both(&text, &phone(&sql));
    let house: Vec<_> = all.iter().filter(|t| t.0 == "Lake house").flat_map(|t| &t.1).collect();
    let texts: Vec<&str> = house.iter().map(|m| m.1.as_str()).collect();
    assert_eq!(
        texts,
        [
            "@\u{2068}Ines Duarte\u{2069} are you coming tonight, or is it @3519123456789?",
            "yes, and @\u{2068}Tom\u{2069} @\u{2068}Tom\u{2069} too",
            "mail me: sam@example.org",
        ]
    );
}

/// A phone's database without its address book knows numbers; the text has the names.
#[test]
fn a_text_names_whom_a_database_only_numbers() {
    let lines = [
        (1, 2, 0, 0, "Are you at the station?"),
        (1, 0, 60_000, 0, "Yes, platform 4!"),
        (1, 2, 120_000, 0, "I have the tickets"),
        (2, 2, 180_000, 0, "who brings the boat?"),
        (2, 4, 240_000, 0, "I do, of course"),
        (2, 0, 300_000, 0, "and I the oars"),
    ];
    let mut phone = phone(&rows(&lines));
    phone = FileTree::memory([(
        "msgstore.db".to_owned(),
        phone.read(phone.find("msgstore.db").expect("it"), 1 << 30).expect("readable"),
    )]);
    let direct = text(
        "Ines Duarte",
        &[
            "01/05/2024, 09:00 - Ines Duarte: Are you at the station?",
            "01/05/2024, 09:01 - Sam: Yes, platform 4!",
            "01/05/2024, 09:02 - Ines Duarte: I have the tickets",
        ],
    );
    let group = text(
        "Lake house",
        &[
            "01/05/2024, 09:03 - Ines Duarte: who brings the boat?",
            "01/05/2024, 09:04 - Tom: I do, of course",
            "01/05/2024, 09:05 - Sam: and I the oars",
        ],
    );
    for order in [[&direct, &group, &phone], [&phone, &direct, &group]] {
        let store = Store::in_memory().expect("a store");
        for tree in order {
            import(&store, tree, &utc());
        }
        // And the numbers, told again, take no name away.
        import(&store, &phone, &utc());
        let all = shown(&store);
        let mut titles: Vec<&str> =
            all.iter().filter(|(t, _)| t.messages > 0).map(|(t, _)| t.title.as_str()).collect();
        titles.sort_unstable();
        assert_eq!(titles, ["Ines Duarte", "Lake house"]);
        let said = all.iter().flat_map(|(_, page)| page).filter(|m| !m.mine);
        let mut who: Vec<String> = said.filter_map(|m| m.sender.clone()).collect();
        who.sort();
        who.dedup();
        assert_eq!(who, ["Ines Duarte", "Tom"]);
    }
}

#[test]
fn an_iphone_and_a_group_whose_text_does_not_say_who_i_am() {
    let seconds = |after: f64| 736_246_800.0 + after;
    let mut sql = "INSERT INTO ZWACHATSESSION(Z_PK, ZCONTACTJID, ZPARTNERNAME, ZSESSIONTYPE)
        VALUES (2, '120363000000000001@g.us', 'Lake house 🏡', 1);
      INSERT INTO ZWAGROUPMEMBER VALUES (1, 2, '351912345678@s.whatsapp.net', 'Ines Duarte', 0, 1),
        (2, 2, '447700900333@s.whatsapp.net', NULL, 1, 1);"
        .to_owned();
    for (n, (member, mine, after, kind, said)) in [
        ("NULL", 0, 0.25, 6, "NULL"),
        ("1", 0, 5.5, 0, "'I bring the boat'"),
        ("NULL", 1, 6.75, 0, "'And I the oars'"),
        ("2", 0, 9.0, 0, "'Nothing from me, as ever'"),
        ("NULL", 1, 70.0, 0, "'Thought so much'"),
    ]
    .iter()
    .enumerate()
    {
        sql += &format!(
            "INSERT INTO ZWAMESSAGE(Z_PK, ZCHATSESSION, ZGROUPMEMBER, ZISFROMME, ZMESSAGEDATE,
               ZSORT, ZTEXT, ZMESSAGETYPE, ZSTANZAID)
               VALUES ({n}, 2, {member}, {mine}, {}, {n}, {said}, {kind}, 'J{n}');",
            seconds(*after)
        );
    }
    let phone = FileTree::memory([("ChatStorage.sqlite".to_owned(), database(IOS, &sql))]);
    let text = FileTree::memory([(
        "_chat.txt".to_owned(),
        "[01.05.24, 11:00:00] Lake house: \u{200e}Tom added you\n\
         [01.05.24, 11:00:05] Ines Duarte: I bring the boat\n\
         [01.05.24, 11:00:06] Sam: And I the oars\n\
         [01.05.24, 11:00:09] ~\u{202f}Tommy: Nothing from me, as ever\n\
         [01.05.24, 11:01:10] Sam: Thought so much\n\
         [01.05.24, 11:02:10] Sam: the phone lost this\n"
            .as_bytes()
            .to_vec(),
    )])
    .with_name("WhatsApp Chat - Lake house.zip");
    let all = both(&text, &phone);
    assert_eq!(all.len(), 1, "{all:#?}");
    let said: Vec<(&str, bool)> = all[0].1.iter().map(|m| (m.1.as_str(), m.2)).collect();
    assert_eq!(
        said,
        [
            ("I bring the boat", false),
            ("And I the oars", true),
            ("Nothing from me, as ever", false),
            ("Thought so much", true),
            ("Tom added you", false),
            ("the phone lost this", true),
        ],
        "what the text alone has is mine, too; its clock is two hours ahead"
    );
}

/// Two groups of one name and the same people, both wished a happy new year: the text is the one's
/// whose words it tells, and of neither where it tells others.
#[test]
fn two_chats_of_the_same_people_stay_two() {
    let wishes = [
        (2, 2, 0, 0, "Happy new year to you all"),
        (2, 0, 10_000, 0, "And to you and yours"),
        (2, 4, 20_000, 0, "Same to everybody"),
        (3, 2, 5_000, 0, "Happy new year to you all"),
        (3, 0, 15_000, 0, "And to you and yours"),
        (3, 4, 25_000, 0, "Same to everybody"),
        (2, 2, 60_000, 0, "Who brings the boat?"),
        (2, 0, 120_000, 0, "I will, on Friday"),
        (3, 4, 90_000, 0, "The dentist has moved"),
        (3, 2, 150_000, 0, "Where to, the high street?"),
        (3, 0, 600_000, 0, "Number nine, I think"),
        (2, 4, 600_000, 0, "Bring the rope as well"),
    ];
    let wished = "01/05/2024, 09:00 - Ines Duarte: Happy new year to you all\n\
                  01/05/2024, 09:00 - Sam Rivera: And to you and yours\n\
                  01/05/2024, 09:00 - Tom: Same to everybody\n";
    let dentist = [
        wished.trim_end(),
        "01/05/2024, 09:01 - Tom: The dentist has moved",
        "01/05/2024, 09:02 - Ines Duarte: Where to, the high street?",
        "01/05/2024, 09:10 - Sam Rivera: Number nine, I think",
    ];
    let phone = phone(&rows(&wishes));
    let groups = |inbox: &Inbox| {
        let groups = inbox.iter().filter(|t| t.0 == "Lake house");
        let mut lengths: Vec<usize> = groups.map(|t| t.1.len()).collect();
        lengths.sort_unstable();
        lengths
    };
    let one = text("Lake house", &dentist);
    assert_eq!(groups(&both(&one, &phone)), [6, 6]);
    let others = [
        wished.trim_end(),
        "01/05/2024, 09:03 - Tom: A third group of ours",
        "01/05/2024, 09:04 - Ines Duarte: with things of its own",
        "01/05/2024, 09:05 - Sam Rivera: that nobody else has heard",
        "01/05/2024, 09:06 - Tom: or will hear",
        "01/05/2024, 09:09 - Tom: ever",
    ];
    assert_eq!(groups(&both(&text("Lake house", &others), &phone)), [6, 6, 8]);
}

/// Without an address book a database knows numbers only.
#[test]
fn words_find_the_thread_where_no_name_does() {
    let said = [
        (1, 2, 0, 0, "Are you at the station by now?"),
        (1, 0, 40_000, 0, "Yes, at platform number 4"),
        (1, 2, 50_000, 0, "Then I see you, I suppose"),
        (1, 2, 4_000_000, 0, "That was a fine day"),
    ];
    let phone = FileTree::memory([("msgstore.db".to_owned(), database(ANDROID, &rows(&said)))]);
    let text = text(
        "Inês 🌊",
        &[
            "01/05/2024, 09:00 - Inês 🌊: Are you at the station by now?",
            "01/05/2024, 09:00 - Samuel: Yes, at platform number 4",
            "01/05/2024, 09:00 - Inês 🌊: Then I see you, I suppose",
            "01/05/2024, 09:30 - Inês 🌊: lost by the phone",
        ],
    );
    let all = both(&text, &phone);
    let direct: Vec<_> = all.iter().filter(|t| t.0 != "Lake house").collect();
    assert_eq!((direct.len(), direct[0].1.len()), (1, 5), "{all:#?}");
    let store = Store::in_memory().expect("a store");
    import(&store, &phone, &utc());
    import(&store, &text, &utc());
    assert_eq!(people(&store), 2, "the one on the other side, and Tom");
}

/// Takes everything that one door told out of a store, as if it had never come.
fn remove(store: &Path, key: &str) {
    let db = rusqlite::Connection::open(store).expect("a store");
    let sql = format!(
        "DELETE FROM message WHERE strand_id IN (SELECT id FROM strand WHERE key {key});
         DELETE FROM participant WHERE strand_id IN (SELECT id FROM strand WHERE key {key});
         DELETE FROM strand WHERE key {key};
         INSERT OR REPLACE INTO meta(key, value) VALUES('unsettled', 'all');"
    );
    db.execute_batch(&sql).expect("taken out");
}

#[test]
fn what_was_joined_comes_apart_exactly() {
    let (phone, text) = (phone(&ines()), text("Ines Duarte", INES_TEXT));
    let alone = |tree: &FileTree| {
        let store = Store::in_memory().expect("a store");
        import(&store, tree, &utc());
        inbox(&store)
    };
    for (gone, left) in [("= 'ines duarte'", &phone), ("LIKE '%@%'", &text)] {
        for order in [[&phone, &text], [&text, &phone]] {
            let folder = tempfile::tempdir().expect("a folder");
            let store = Store::open(folder.path()).expect("a store");
            for tree in order {
                import(&store, tree, &utc());
            }
            drop(store);
            let file = std::fs::read_dir(folder.path())
                .expect("a folder")
                .map(|f| f.expect("a file").path())
                .find(|f| f.extension().is_some_and(|e| e == "db" || e == "sqlite"))
                .expect("the store's file");
            remove(&file, gone);
            let store = Store::open(folder.path()).expect("a store");
            store.writer().expect("a writer").recover(NOW).expect("settled");
            assert_eq!(inbox(&store), alone(left), "{gone}");
        }
    }
}

/// The same text read in another zone later on is still the same thread.
#[test]
fn another_zone_makes_no_difference() {
    let store = Store::in_memory().expect("a store");
    let (phone, text) = (phone(&ines()), text("Ines Duarte", INES_TEXT));
    import(&store, &phone, &utc());
    let elsewhere = ReadOptions { zone: Zone::Named(Tz::Asia__Tokyo), ..utc() };
    import(&store, &text, &elsewhere);
    let with_ines: Vec<usize> =
        inbox(&store).iter().filter(|t| t.0 == "Ines Duarte").map(|t| t.1.len()).collect();
    assert_eq!(with_ines, [15]);
}

/// One account has one chat with a number.
#[test]
fn a_number_is_proof_however_little_was_said() {
    let said = [(1, 2, 0, 0, "hi"), (1, 0, 40_000, 0, "yo"), (1, 2, 4_000_000, 0, "later")];
    let phone = FileTree::memory([("msgstore.db".to_owned(), database(ANDROID, &rows(&said)))]);
    let lines = |number| {
        let hi = format!("01/05/2024, 09:00 - {number}: hi");
        text(number, &[&hi, "01/05/2024, 09:00 - Sam: yo", "13/05/2024, 09:30 - Sam: lost"])
    };
    let said = |all: Inbox| -> Vec<Vec<String>> {
        let direct = all.into_iter().filter(|t| t.0 != "Lake house");
        direct.map(|t| t.1.into_iter().map(|m| m.1).collect()).collect()
    };
    let one = said(both(&lines("+351 912 345 678"), &phone));
    assert_eq!(one, [["hi", "yo", "later", "lost"]]);
    // Another number's chat is another chat.
    assert_eq!(said(both(&lines("+351 912 345 679"), &phone)).len(), 2);
}

/// Every order of some exports, each order told twice: the same inbox. Returns it.
fn any_order(trees: &[&FileTree]) -> Inbox {
    let mut orders: Vec<Vec<usize>> = vec![vec![]];
    for n in 0..trees.len() {
        let put = |o: &Vec<usize>, at: usize| {
            let mut o = o.clone();
            o.insert(at, n);
            o
        };
        orders = orders.iter().flat_map(|o| (0..=o.len()).map(move |at| put(o, at))).collect();
    }
    let mut found: Vec<(Vec<usize>, Inbox)> = Vec::new();
    for order in orders {
        let store = Store::in_memory().expect("a store");
        for (n, i) in order.iter().chain(&order).enumerate() {
            let new = import(&store, trees[*i], &utc());
            assert!(n < order.len() || new == (0, 0), "{order:?}: {new:?} are new");
        }
        let seen = shown(&store).into_iter().map(|(t, page)| {
            let said = page.into_iter().map(|m| {
                let gone = if m.deletion == Deletion::None { "" } else { " (gone)" };
                let edited = if m.edited.is_some() { " (edited)" } else { "" };
                let here = m.attachments.iter().any(|a| a.container_path.is_some());
                let here = if here { " (here)" } else { "" };
                let minute = (m.sent.at.0 - MAY).div_euclid(60_000);
                (minute, format!("{}{gone}{edited}{here}", m.text), m.mine)
            });
            (t.title, said.collect())
        });
        let mut seen: Inbox =
            seen.filter(|(title, _): &(String, _)| title != "Lake house").collect();
        seen.sort();
        found.push((order, seen));
    }
    for (order, seen) in &found {
        assert_eq!(seen, &found[0].1, "{order:?} and {:?}", found[0].0);
    }
    found.remove(0).1
}

const TALK: &[(i64, i64, i64, i64, &str)] = &[
    (1, 2, 0, 0, "shall we meet on Friday?"),
    (1, 0, 70_000, 0, "yes, at the old bridge"),
    (1, 2, 140_000, 0, "I bring something to eat"),
    (1, 0, 215_000, 0, "then I bring the blanket"),
    (1, 2, 280_000, 0, "words that are taken back"),
    (1, 0, 355_000, 0, "we meet at fife"),
];

/// The talk as a text: an Android phone's, to the minute, or an iPhone's, to the second.
fn talk(iphone: bool, last: &[&str]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (_, who, after, _, what) in TALK {
        let (minute, second) = (after / 60_000, after / 1000 % 60);
        let who = if *who == 0 { "Sam" } else { "Ines Duarte" };
        lines.push(match iphone {
            true => format!("[01/05/2024, 09:{minute:02}:{second:02}] {who}: {what}"),
            false => format!("01/05/2024, 09:{minute:02} - {who}: {what}"),
        });
    }
    let kept = lines.len() - last.len().min(2);
    lines.truncate(kept);
    lines.extend(last.iter().map(|l| (*l).to_owned()));
    lines
}

/// The talk's file, with another beside it.
fn talked(iphone: bool, last: &[&str], beside: Option<&str>) -> FileTree {
    let lines = format!("{}\n", talk(iphone, last).join("\n"));
    let mut files = vec![("WhatsApp Chat with Ines Duarte.txt".to_owned(), lines.into_bytes())];
    files.extend(beside.map(|f| (f.to_owned(), b"a picture".to_vec())));
    FileTree::memory(files)
}

/// The phone was changed: one text to the minute, one to the second, beside the old database.
#[test]
fn lines_with_seconds_and_without_are_laid_beside_the_same_database() {
    let phone = phone(&rows(TALK));
    let old = talked(false, &[], None);
    let new = talked(
        true,
        &[
            "[01/05/2024, 09:04:40] Ines Duarte: words that are taken back",
            "[01/05/2024, 09:05:55] Sam: we meet at fife",
            "[01/05/2024, 10:30:07] Ines Duarte: written to the other phone",
        ],
        None,
    );
    let all = any_order(&[&phone, &old, &new]);
    assert_eq!((all.len(), all[0].1.len()), (1, 7), "{all:?}");
}

/// A text that was made after the database: what was taken back or edited in between is once, as it
/// is now.
#[test]
fn what_was_taken_back_or_edited_after_the_database_is_so() {
    let phone = phone(&rows(TALK));
    let android = talked(
        false,
        &[
            "01/05/2024, 09:04 - Ines Duarte: This message was deleted",
            "01/05/2024, 09:05 - Sam: we meet at five <This message was edited>",
            "01/05/2024, 10:30 - Ines Duarte: see you there, then",
        ],
        None,
    );
    let iphone = talked(
        true,
        &[
            "[01/05/2024, 09:04:40] Ines Duarte: \u{200e}This message was deleted.",
            "[01/05/2024, 09:05:55] Sam: we meet at five \u{200e}<This message was edited>",
            "[01/05/2024, 10:30:07] Ines Duarte: see you there, then",
        ],
        None,
    );
    let older = talked(false, &[], None);
    for trees in [vec![&phone, &android], vec![&phone, &iphone], vec![&phone, &older, &android]] {
        let all = any_order(&trees);
        assert_eq!(all.len(), 1, "{all:?}");
        let said: Vec<&str> = all[0].1[4..].iter().map(|(_, what, _)| what.as_str()).collect();
        let now =
            ["words that are taken back (gone)", "we meet at five (edited)", "see you there, then"];
        assert_eq!(said, now);
    }
}

/// A line that was taken back is a message that was, not the call of the same minute.
#[test]
fn a_call_is_not_what_was_taken_back_in_its_minute() {
    let mut said = TALK.to_vec();
    said.extend([(1, 2, 370_000, 90, ""), (1, 2, 400_000, 15, "")]);
    let phone = phone(&rows(&said));
    let all = talk(false, &[]);
    let gone = "01/05/2024, 09:06 - Ines Duarte: This message was deleted";
    let text = talked(false, &[&all[4], &all[5], gone], None);
    let inbox = any_order(&[&phone, &text]);
    assert_eq!(inbox.len(), 1, "{inbox:?}");
    let of_minute: Vec<_> = inbox[0].1.iter().filter(|m| m.0 == 6).collect();
    let taken_back = of_minute.iter().filter(|m| m.1.contains("(gone)")).count();
    assert_eq!((of_minute.len(), taken_back), (2, 1), "{inbox:?}");
}

/// What a text knows more when it is told again, after it was laid beside the database.
#[test]
fn a_picture_that_comes_with_a_later_text_is_there() {
    let mut said = TALK.to_vec();
    said.push((1, 2, 420_000, 1, ""));
    let sql = rows(&said)
        + "INSERT INTO message_media(message_row_id, mime_type) VALUES (7, 'image/jpeg');";
    let phone = phone(&sql);
    let before = talk(false, &[]);
    let file = |last: &str, beside: Option<&str>| {
        let last = format!("01/05/2024, 09:07 - Ines Duarte: {last}");
        talked(false, &[&before[4], &before[5], &last], beside)
    };
    let bare = file("<Media omitted>", None);
    let picture = "IMG-20240501-WA0001.jpg";
    let with = file(&format!("{picture} (file attached)"), Some(picture));
    let all = any_order(&[&phone, &bare, &with]);
    assert_eq!((all.len(), all[0].1.len()), (1, 7), "{all:?}");
    assert!(all[0].1[6].1.ends_with("(here)"), "{all:?}");
}
