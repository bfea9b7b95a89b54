//! `ChatStorage.sqlite`.

use onebox::model::{
    AttachmentKind, Call, Deletion, MediaPlace, MessageKind, MessageRecord, Mute, PostingLimit,
    ThreadKind, Timestamp,
};
use onebox::sources::FileTree;

use super::readers::{NO_CORPUS, Told, corpus, read_path, read_tree, sample, utc};
use super::{build, sample_is, tree_of};

const SQL: &str = include_str!("whatsapp_ios.sql");

fn told() -> Told {
    let mut all = read_path("whatsapp", &sample("whatsapp", "ios-db"), &utc());
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[test]
fn the_sample_is_what_its_text_says() {
    sample_is(SQL, &sample("whatsapp", "ios-db").join("ChatStorage.sqlite"));
}

#[test]
fn chats_and_people_bear_their_names() {
    let told = told();
    let ines = told.thread("Ines Duarte");
    assert_eq!((ines.kind, ines.unread), (Some(ThreadKind::Direct), Some(3)));
    assert_eq!(ines.address.as_deref(), Some("+351912345678"));
    let lake = told.thread("Lake house");
    assert_eq!((lake.kind, lake.archived), (Some(ThreadKind::Group), true));
    assert_eq!(told.thread("Ferry times").posting, PostingLimit::AdminsOnly);
    assert_eq!(told.threads.len(), 3, "a status feed is no conversation");
    let names: Vec<&str> =
        told.people.iter().filter(|p| p.thread == lake.key).map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["Ines Duarte", "Tom", "+447700900444"]);
    assert_eq!(told.me(), ["Me"]);
    assert_eq!(told.oddities.len(), 1, "one message has no time: {:?}", told.oddities);
}

#[test]
fn replies_reactions_and_media_are_told() {
    let told = told();
    let yes = told.saying("platform 4");
    assert_eq!((yes.sender.as_deref(), yes.sent.at.0), (Some("me"), 1_714_554_040_500));
    let reply = yes.reply_to.as_ref().expect("a reply");
    assert_eq!(reply.native_id.as_deref(), Some("I1"));
    assert_eq!(reply.quote.as_deref(), Some("Are you at the station?"));
    let by: Vec<(&str, &str)> = yes.reactions.iter().map(|r| (&*r.by, r.emoji.as_str())).collect();
    assert_eq!(by, [("351912345678@s.whatsapp.net", "👍"), ("me", "🎉")]);
    let train = told.saying("our train");
    assert_eq!(train.attachments[0].kind, AttachmentKind::Photo);
    let ines = told.of("351912345678@s.whatsapp.net");
    let of = |id: &str| ines.iter().find(|m| m.native_id.as_deref() == Some(id)).expect("told");
    assert_eq!((of("I4").deletion, of("I4").text.as_str()), (Deletion::Unsent, ""));
    assert!(
        matches!(&of("I5").attachments[0].place, MediaPlace::Web { url } if url.contains("38.7139"))
    );
    assert_eq!(of("I6").attachments[0].name.as_deref(), Some("plan.pdf"));
    assert_eq!(of("I8").kind, MessageKind::System);
    assert_eq!(told.saying("boat").sender.as_deref(), Some("447700900333@s.whatsapp.net"));
    assert!(told.messages.iter().all(|m| m.text != "a story"));
}

#[test]
fn the_public_sample_is_read_whole() {
    let Some(root) = corpus("whatsapp") else { return println!("{NO_CORPUS}") };
    let path =
        root.join("noahejung__locket/tests/fixtures/whatsapp_backup/ChatStorage-personal.sqlite");
    let told = &read_path("whatsapp", &path, &utc())[0];
    assert_eq!((told.threads.len(), told.messages.len(), told.oddities.len()), (2, 8, 0));
    assert_eq!(told.thread("Trip Crew").kind, Some(ThreadKind::Group));
    let gone = told.messages.iter().filter(|m| m.deletion == Deletion::Unsent).count();
    assert_eq!(gone, 1);
}

#[test]
fn out_of_a_backup_by_its_hashed_name() {
    let bytes =
        std::fs::read(sample("whatsapp", "ios-db").join("ChatStorage.sqlite")).expect("readable");
    let path = "7c/7c7fba66680ef796b916b067077cc246adacf01d".to_owned();
    let tree = FileTree::memory([(path, bytes)]);
    assert_eq!(read_tree("whatsapp", &tree, &utc()).expect("read").threads.len(), 3);
}

/// The sample with more columns, and with what is put into it.
fn with(rows: &str) -> Told {
    with_files(rows, &[])
}

fn with_files(rows: &str, beside: &[(&str, &str)]) -> Told {
    let folder = tempfile::tempdir().expect("a folder");
    let more = "ALTER TABLE ZWAMESSAGE ADD ZGROUPEVENTTYPE INTEGER;
        ALTER TABLE ZWAMEDIAITEM ADD ZVCARDNAME TEXT; DELETE FROM ZWAMESSAGE;
        DELETE FROM ZWAMEDIAITEM; DELETE FROM ZWAMESSAGEINFO;";
    let mut files = vec![("ChatStorage.sqlite", folder.path().join("c.db"))];
    build(&format!("{SQL}{more}{rows}"), &files[0].1);
    for (name, sql) in beside {
        files.push((name, folder.path().join(name)));
        build(sql, &files[files.len() - 1].1);
    }
    let files: Vec<(&str, &std::path::Path)> =
        files.iter().map(|(name, at)| (*name, at.as_path())).collect();
    read_tree("whatsapp", &tree_of(&files), &utc()).expect("read")
}

/// A row of the app's own: chat, member, mine, type, code, text.
type Row<'a> = (i64, Option<i64>, i64, i64, i64, Option<&'a str>);

fn events(rows: &[Row<'_>]) -> Told {
    let mut sql = String::new();
    for (n, (chat, member, mine, kind, code, text)) in rows.iter().enumerate() {
        let member = member.map_or("NULL".to_owned(), |m| m.to_string());
        let text = text.map_or("NULL".to_owned(), |t| format!("'{t}'"));
        sql.push_str(&format!(
            "INSERT INTO ZWAMESSAGE(Z_PK, ZCHATSESSION, ZGROUPMEMBER, ZISFROMME, ZMESSAGEDATE,
               ZSORT, ZTEXT, ZMESSAGETYPE, ZSTANZAID, ZGROUPEVENTTYPE) VALUES
             ({n} + 1, {chat}, {member}, {mine}, 736246800 + {n}, {n}, {text}, {kind}, 'E{n}', {code});"
        ));
    }
    with(&sql)
}

fn texts(told: &Told) -> Vec<&str> {
    told.messages.iter().map(|m| m.text.as_str()).collect()
}

#[test]
fn a_groups_events_are_told_in_words() {
    let (ines, tom) = ("351912345678@s.whatsapp.net", "447700900333@s.whatsapp.net");
    let both = format!("{tom},{ines}");
    let some = format!("{tom};{ines},447700900444@s.whatsapp.net");
    let told = events(&[
        (2, Some(1), 0, 6, 12, Some("Lake house")),
        (2, Some(1), 0, 6, 2, Some(tom)),
        (2, None, 0, 6, 2, Some(tom)),
        (2, Some(1), 0, 6, 2, None),
        (2, Some(2), 0, 6, 3, None),
        (2, Some(1), 0, 6, 7, Some(tom)),
        (2, Some(2), 0, 6, 1, Some("Lake house two")),
        (
            2,
            Some(2),
            0,
            6,
            1,
            Some("{\"author\":\"447700900333@s.whatsapp.net\",\"subject\":\"Boats\"}"),
        ),
        (2, Some(2), 0, 6, 4, Some("1714554000")),
        (2, None, 0, 6, 10, None),
        (2, Some(2), 0, 6, 50, Some(&both)),
        (2, None, 0, 6, 50, Some(&some)),
        (2, Some(2), 0, 6, 98, Some("admin_add")),
        (2, Some(2), 0, 6, 98, Some(tom)),
        (2, Some(2), 0, 6, 98, Some("a sentence of the app")),
        (2, Some(2), 0, 6, 98, Some("{\"a\":1}")),
    ]);
    assert_eq!(
        texts(&told),
        [
            "The group “Lake house” was created",
            "Tom added Ines Duarte",
            "Tom added you",
            "Ines Duarte joined",
            "Tom left",
            "Tom removed Ines Duarte",
            "The subject is now “Lake house two”",
            "The subject is now “Boats”",
            "The picture was changed",
            "You are an administrator now",
            "Tom, Ines Duarte joined",
            "Tom added Ines Duarte, +447700900444",
            "An event of the app",
            "An event of the app: Tom",
            "a sentence of the app",
            "An event of the app",
        ]
    );
    assert!(told.messages.iter().all(|m| m.kind == MessageKind::System && m.sender.is_none()));
}

#[test]
fn a_chats_events_are_told_in_words_and_missed_calls_as_calls() {
    let both = "351912345678@s.whatsapp.net,447700900333@s.whatsapp.net";
    let told = events(&[
        (1, None, 0, 10, 2, None),
        (1, None, 0, 10, 36, None),
        (1, None, 0, 10, 34, None),
        (1, None, 0, 10, 40, Some("3EB0A1B2C3D4")),
        (1, None, 0, 10, 99, Some("1714554000")),
        (1, None, 0, 10, 22, Some(both)),
        (1, None, 0, 10, 45, None),
        (2, Some(2), 0, 10, 21, Some(both)),
        (1, None, 0, 10, 46, None),
    ]);
    assert_eq!(
        texts(&told)[..6],
        [
            "Messages and calls are end-to-end encrypted",
            "The security code of Ines Duarte has changed",
            "You blocked this contact",
            "An event of the app",
            "An event of the app",
            "An event of the app: Ines Duarte, Tom",
        ]
    );
    let missed =
        |video| MessageKind::Call(Call { video: Some(video), seconds: None, missed: true });
    let calls: Vec<_> = told.messages[6..]
        .iter()
        .map(|m| (m.kind.clone(), m.sender.as_deref().unwrap_or_default(), m.text.as_str()))
        .collect();
    let (ines, tom) = ("351912345678@s.whatsapp.net", "447700900333@s.whatsapp.net");
    assert!(
        calls.contains(&(missed(false), ines, "")) && calls.contains(&(missed(true), ines, ""))
    );
    assert!(calls.contains(&(missed(false), tom, "")), "{calls:?}");
}

/// Messages of Ines: type, text, and of what comes with them the path, title and `ZVCARDSTRING`.
type Item<'a> = (i64, Option<&'a str>, Option<&'a str>, Option<&'a str>, Option<&'a str>);

fn items(rows: &[Item<'_>]) -> Told {
    let mut sql = String::new();
    let quoted = |t: &Option<&str>| t.map_or("NULL".to_owned(), |t| format!("'{t}'"));
    for (n, (kind, text, path, title, card)) in rows.iter().enumerate() {
        let [text, path, title, card] = [text, path, title, card].map(quoted);
        sql.push_str(&format!(
            "INSERT INTO ZWAMESSAGE(Z_PK, ZCHATSESSION, ZISFROMME, ZMESSAGEDATE, ZSORT, ZTEXT,
               ZMESSAGETYPE, ZSTANZAID) VALUES
             ({n} + 1, 1, 0, 736246800 + {n}, {n}, {text}, {kind}, 'M{n}');
             INSERT INTO ZWAMEDIAITEM(ZMESSAGE, ZMEDIALOCALPATH, ZTITLE, ZVCARDSTRING)
             VALUES ({n} + 1, {path}, {title}, {card});"
        ));
    }
    with(&sql)
}

/// The text of a message, and the kinds and names of what comes with it.
type Shown<'t> = (&'t str, Vec<(AttachmentKind, Option<&'t str>)>);

/// Text, kinds and names of what comes with each message.
fn shown(told: &Told) -> Vec<Shown<'_>> {
    told.messages
        .iter()
        .map(|m| {
            let with = m.attachments.iter().map(|a| (a.kind, a.name.as_deref())).collect();
            (m.text.as_str(), with)
        })
        .collect()
}

#[test]
fn a_document_bears_its_name_and_its_words() {
    let (pdf, path) = (Some("application/pdf"), Some("Media/a/b/x.pdf"));
    let word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    let told = items(&[
        (8, Some("Plan 2025.pdf"), path, Some("see page 3"), pdf),
        (8, Some("Plan 2025.pdf"), path, None, pdf),
        (8, Some("Plan 2025.pdf"), path, Some("Plan 2025.pdf"), pdf),
        (8, Some("see page 3"), path, Some("Plan 2025.pdf"), pdf),
        (8, None, path, Some("Plan 2025.pdf"), pdf),
        (8, Some("Minutes.docx"), None, Some("as agreed"), Some(word)),
        (8, Some("see example.com"), None, Some("Plan"), pdf),
    ]);
    let file = |name| vec![(AttachmentKind::File, Some(name))];
    assert_eq!(
        shown(&told),
        [
            ("see page 3", file("Plan 2025.pdf")),
            ("", file("Plan 2025.pdf")),
            ("", file("Plan 2025.pdf")),
            ("see page 3", file("Plan 2025.pdf")),
            ("", file("Plan 2025.pdf")),
            ("as agreed", file("Minutes.docx")),
            ("see example.com", file("Plan")),
        ]
    );
}

#[test]
fn what_became_of_calls_lies_in_a_file_of_its_own() {
    // Of the last message the length stands in its own metadata: 87: { 1: { 3: 300 } }.
    let rows: String = [0, 0, 1, 1, 0, 0]
        .iter()
        .enumerate()
        .map(|(n, mine)| {
            format!(
                "INSERT INTO ZWAMESSAGE(Z_PK, ZCHATSESSION, ZISFROMME, ZMESSAGEDATE, ZSORT,
                   ZMESSAGETYPE, ZSTANZAID) VALUES ({n} + 1, 1, {mine}, 736246800 + {n}, {n}, 59, 'C{n}');"
            )
        })
        .collect();
    let length = "INSERT INTO ZWAMEDIAITEM(ZMESSAGE, ZMETADATA) VALUES (6, X'BA05050A0318AC02');";
    let history = "CREATE TABLE ZWAAGGREGATECALLEVENT (Z_PK INTEGER PRIMARY KEY, ZINCOMING INT, ZMISSED INT, ZVIDEO INT);
        CREATE TABLE ZWACDCALLEVENT (Z_PK INTEGER PRIMARY KEY, Z1CALLEVENTS INT, ZOUTCOME INT, ZDATE REAL, ZDURATION REAL, ZCALLIDSTRING TEXT);
        INSERT INTO ZWAAGGREGATECALLEVENT VALUES (1, 1, 1, 1), (2, 1, 0, 0), (3, 0, 0, 0);
        INSERT INTO ZWACDCALLEVENT VALUES (1, 1, 1, 0, 0, 'C0'), (2, 2, 0, 0, 77.6, 'C1'),
          (3, 3, 4, 0, 0, 'C2'), (4, 3, 0, 0, 12, 'C3');";
    let calls = |told: &Told| -> Vec<(Option<bool>, Option<u32>, bool)> {
        let of = |m: &MessageRecord| match m.kind {
            MessageKind::Call(call) => (call.video, call.seconds, call.missed),
            _ => panic!("{m:?}"),
        };
        told.messages.iter().map(of).collect()
    };
    let rows = format!("{rows}{length}");
    let unknown = (None, None, false);
    assert_eq!(
        calls(&with_files(&rows, &[("CallHistory.sqlite", history)])),
        [
            (Some(true), None, true),
            (Some(false), Some(77), false),
            (Some(false), None, false),
            (Some(false), Some(12), false),
            unknown,
            (None, Some(300), false),
        ]
    );
    assert_eq!(calls(&with(&rows))[..2], [unknown, unknown]);
    let foreign = [("CallHistory.sqlite", "CREATE TABLE ZWACDCALLEVENT (x);")];
    assert_eq!(calls(&with_files(&rows, &foreign))[..2], [unknown, unknown]);
}

#[test]
fn a_poll_is_told_with_its_options_and_votes() {
    // 8: { 2: "Which day?", 3: { 1: "Friday" }, 3: { 1: "Saturday" }, 5: { 1: 1, 4: "x" },
    //      5: { 1: packed 0 1 }, 6: { 1: 1 } }
    let (question, options) =
        ("120A57686963682064", "61793F1A080A064672696461791A0A0A085361747572646179");
    let poll = |votes: &str| format!("42{:02X}{question}{options}{votes}", 34 + votes.len() / 2);
    let info = |n: i64, blob: &str| {
        format!("INSERT INTO ZWAMESSAGEINFO(ZMESSAGE, ZRECEIPTINFO) VALUES ({n}, X'{blob}');")
    };
    let rows: String = (1..=4)
        .map(|n| {
            let text = if n == 3 { "'Which day then?'" } else { "NULL" };
            format!(
                "INSERT INTO ZWAMESSAGE(Z_PK, ZCHATSESSION, ZISFROMME, ZMESSAGEDATE, ZSORT, ZTEXT,
                   ZMESSAGETYPE, ZSTANZAID) VALUES ({n}, 1, 0, 736246800 + {n}, {n}, {text}, 46, 'P{n}');"
            )
        })
        .collect();
    let votes = "2A0508012201782A040A02000132020801";
    let told = with(&format!(
        "{rows}{}{}{}",
        info(1, &poll(votes)),
        info(2, &poll("")),
        info(3, &poll(""))
    ));
    assert!(told.messages.iter().all(|m| m.kind == MessageKind::Poll));
    assert_eq!(
        texts(&told),
        [
            "Which day?\nFriday (1 vote)\nSaturday (3 votes)",
            "Which day?\nFriday\nSaturday",
            "Which day then?\nFriday\nSaturday",
            "",
        ]
    );
}

#[test]
fn what_was_never_fetched_is_told_as_what_it_is() {
    use AttachmentKind::{File, Photo, Video, Voice};
    let told = items(&[
        (54, None, None, None, Some("video/mp4")),
        (53, None, Some("Media/x.opus"), None, Some("audio/ogg; codecs=opus")),
        (53, None, None, None, Some("audio/ogg; codecs=opus")),
        (20, Some("look"), None, None, Some("image/jpeg")),
        (24, None, None, Some("plan.pdf"), Some("application/pdf")),
        (43, None, None, None, Some("video/mp4")),
        (7, Some("https://example.org/"), None, Some("A page"), Some("text/html")),
        (91, None, None, None, Some("1.5;2.5")),
    ]);
    assert_eq!(
        shown(&told),
        [
            ("", vec![(Video, None)]),
            ("", vec![(Voice, None)]),
            ("", vec![(Voice, None)]),
            ("look", vec![(Photo, None)]),
            ("", vec![(File, Some("plan.pdf"))]),
            ("", vec![(Video, None)]),
            ("https://example.org/", vec![]),
            ("A message of a kind that onebox does not know (91)", vec![]),
        ]
    );
    assert_eq!(told.messages[0].attachments[0].place, MediaPlace::Omitted);
}

#[test]
fn several_cards_of_one_message_are_all_told() {
    let card = |name: &str| format!("BEGIN:VCARD\nVERSION:3.0\n{name}\nEND:VCARD");
    let quoted = "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=4A=C3=BCrgen=20Ott";
    let both = [card("FN:Uma"), card("FN:Vik")].join("_$!<VCard-Separator>!$_");
    let told =
        items(&[(4, None, None, None, Some(&both)), (4, None, None, None, Some(&card(quoted)))]);
    let contact = |name| (AttachmentKind::Contact, Some(name));
    assert_eq!(
        shown(&told),
        [("", vec![contact("Uma"), contact("Vik")]), ("", vec![contact("Jürgen Ott")])]
    );
}

#[test]
fn a_place_bears_its_name() {
    let told = items(&[(5, None, None, Some("Cafe Blau"), None), (5, None, None, None, None)]);
    let place = |name| vec![(AttachmentKind::Location, name)];
    assert_eq!(shown(&told), [("", place(Some("Cafe Blau"))), ("", place(None))]);
}

#[test]
fn what_is_muted_until_when() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path().join("c.db");
    let muted =
        "CREATE TABLE ZWACHATPUSHCONFIG (Z_PK INTEGER PRIMARY KEY, ZJID TEXT, ZMUTEDUNTIL REAL);
      INSERT INTO ZWACHATPUSHCONFIG VALUES (1, '351912345678@s.whatsapp.net', 736246800),
        (2, '120363000000000001@g.us', 63113904000), (3, '120363000000000003@newsletter', 0);";
    build(&format!("{SQL}{muted}"), &at);
    let told =
        read_tree("whatsapp", &tree_of(&[("ChatStorage.sqlite", &at)]), &utc()).expect("read");
    let end = Mute::Until(Timestamp(1_714_554_000_000));
    assert_eq!(told.thread("Ines Duarte").muted, Some(end));
    assert_eq!(told.thread("Lake house").muted, Some(Mute::Always));
    assert_eq!(told.thread("Ferry times").muted, None);
}
