//! Signal's plaintext exports, read as an import reads them.

mod readers;

use onebox::model::{
    AttachmentKind, Call, Clock, Deletion, MediaPlace, Membership, MessageKind, Mute, PostingLimit,
    ThreadKind,
};
use onebox::sources::{FileTree, ReadOptions};
use readers::{NO_CORPUS, corpus, read_files, read_path, read_tree, sample, utc};

const START: i64 = 1_717_200_000_000;

fn desktop() -> readers::Told {
    let mut all = read_path("signal", &sample("signal", "desktop"), &utc());
    assert_eq!(all.len(), 1);
    all.remove(0)
}

/// The chat with Ines, by her id.
fn ines(told: &readers::Told) -> String {
    told.thread("Ines Duarte").key.to_string()
}

#[test]
fn who_is_not_registered_any_more_is_gone() {
    let told = desktop();
    let gone =
        told.threads.iter().filter_map(|t| Some((t.title.as_deref()?, t.peer_gone.as_ref()?)));
    let gone: Vec<_> = gone.map(|(title, why)| (title, why.detail.as_str())).collect();
    assert_eq!(gone, [("Rui", "notRegistered")]);
}

#[test]
fn chats_tell_who_i_am_and_which_doors_are_closed() {
    let told = desktop();
    assert_eq!((told.oddities.as_slice(), told.remarks.len()), (&[][..], 0));
    let me = &told.accounts[0];
    assert_eq!((me.key.as_str(), me.name.as_str()), ("sam.42", "Sam Rivera"));
    assert_eq!(told.me(), ["Sam Rivera"]);
    let direct = told.thread("Ines Duarte");
    assert_eq!((direct.kind, direct.unread), (Some(ThreadKind::Direct), Some(2)));
    assert_eq!(direct.address.as_deref(), Some("+351912345678"));
    assert_eq!((direct.key.len(), &direct.read_only), (36, &None), "known by her id");
    let choir = told.thread("Choir");
    assert_eq!((choir.kind, choir.archived), (Some(ThreadKind::Group), true));
    assert_eq!((choir.pinned, choir.muted), (false, Some(Mute::Always)));
    assert_eq!(told.threads.iter().filter(|t| t.pinned).count(), 1);
    assert_eq!((choir.membership, choir.posting), (Membership::Member, PostingLimit::AdminsOnly));
    let flat = told.thread("Old flat");
    assert_eq!((flat.membership, flat.unread), (Membership::Gone, Some(1)), "marked unread");
    assert_eq!(flat.posting, PostingLimit::Everyone);
    let why = |title: &str| told.thread(title).read_only.as_ref().map(|e| e.detail.clone());
    assert_eq!(why("Rui"), None);
    assert_eq!(why("Walks").as_deref(), Some("terminated"));
    assert_eq!(told.thread("Note to Self").key.as_ref(), "self");
    let news = told.thread("Signal");
    assert_eq!((news.kind, news.posting), (Some(ThreadKind::Channel), PostingLimit::AdminsOnly));
    let in_choir: Vec<&str> = told
        .people
        .iter()
        .filter(|p| p.thread == choir.key && !p.left)
        .map(|p| p.name.as_str())
        .collect();
    assert_eq!(in_choir, ["Sam Rivera", "Ines Duarte", "Benny"]);
}

#[test]
fn answers_name_the_message_and_quote_it() {
    let told = desktop();
    let key = ines(&told);
    let question = told.saying("Are you coming");
    assert_eq!(question.native_id, Some(format!("{key}|{START}")));
    let yes = told.saying("on the 9:40");
    let reply = yes.reply_to.as_ref().expect("an answer");
    assert_eq!(
        (&reply.native_id, reply.quote.as_deref()),
        (&question.native_id, Some("Are you coming on Saturday?"))
    );
    assert_eq!(
        (yes.sender.as_deref(), yes.native_id.as_deref()),
        (Some("self"), Some("self|1717200060000"))
    );
    assert_eq!((yes.reactions[0].emoji.as_str(), &*yes.reactions[0].by), ("👍", key.as_str()));
}

#[test]
fn files_edits_and_what_was_taken_back() {
    let told = desktop();
    let key = ines(&told);
    let all = told.of(&key);
    let pier = told.saying("our pier");
    assert_eq!(pier.attachments[0].kind, AttachmentKind::Photo);
    assert!(
        matches!(&pier.attachments[0].place, MediaPlace::Export { path, container: Some(_) } if path.starts_with("files/")),
        "by its digest: {:?}",
        pier.attachments[0]
    );
    assert_eq!(pier.attachments[1].place, MediaPlace::Omitted);
    assert_eq!(all[3].attachments[0].kind, AttachmentKind::Voice);
    assert!(told.saying("The whole story").text.ends_with("And then it rained. "), "from its file");
    let edited = told.saying("see you there");
    assert_eq!(edited.sent.at.0, START + 270_000, "as old as its first revision");
    assert_eq!(edited.edited.flatten().map(|t| t.0), Some(START + 300_000));
    assert_eq!((all[6].deletion, all[6].text.as_str()), (Deletion::Unsent, ""));
    let sticker = &all[7].attachments[0];
    assert_eq!((sticker.kind, sticker.name.as_deref()), (AttachmentKind::Sticker, Some("🎻")));
}

#[test]
fn calls_notices_and_cards() {
    let told = desktop();
    let key = ines(&told);
    let all = told.of(&key);
    let missed = Call { video: Some(true), seconds: None, missed: true };
    assert_eq!(
        (&all[8].kind, all[8].sender.as_deref()),
        (&MessageKind::Call(missed), Some(key.as_str()))
    );
    let answered = Call { video: Some(false), seconds: None, missed: false };
    assert_eq!(
        (&all[9].kind, all[9].sender.as_deref()),
        (&MessageKind::Call(answered), Some("self"))
    );
    assert_eq!(all[10].text, "The safety number with Ines Duarte has changed");
    assert_eq!(all[11].text, "Ines Duarte set messages to disappear after 1 week");
    assert_eq!(all[12].attachments[0].name.as_deref(), Some("Lea Sommer +49 30 5550 0000"));
    assert_eq!(all[13].attachments[0].name.as_deref(), Some("Gulls"));
    assert_eq!(all[14].attachments[0].place, MediaPlace::Omitted);
    assert_eq!(all.len(), 15);
    let receipt = &told.receipts[0];
    assert_eq!((&*receipt.by, receipt.message.as_str()), (key.as_str(), "self|1717200270000"));
}

#[test]
fn groups_tell_mentions_polls_and_changes() {
    let told = desktop();
    assert_eq!(told.saying("thanks").text, "🎶 thanks @Sam Rivera and @Ines Duarte!");
    let made = told.saying("created the group");
    assert_eq!(
        made.text,
        "Ines Duarte created the group\nInes Duarte added Sam Rivera\nBenny: group pie"
    );
    assert_eq!((&made.sender, &made.kind), (&None, &MessageKind::System));
    let poll = told.saying("Which day?");
    assert_eq!(poll.text, "Which day?\nFriday (2 votes)\nSaturday (1 vote)\nNever");
    let choir = told.of(&told.thread("Choir").key);
    let call = Call { video: None, seconds: Some(60), missed: false };
    assert_eq!(choir[3].kind, MessageKind::Call(call));
    assert_eq!(choir[4].deletion, Deletion::TakenDown);
    assert_eq!(told.saying("ended the group").text, "Benny ended the group");
}

#[test]
fn androids_file_holds_its_media() {
    let told = &read_path("signal", &sample("signal", "android"), &utc())[0];
    let direct = told.thread("Ines");
    assert_eq!(direct.key.as_ref(), "+351912345678", "without an id the number is hers");
    assert_eq!(direct.read_only.as_ref().map(|e| e.detail.as_str()), Some("blocked"));
    let photo = &told.messages[0].attachments[0];
    assert!(matches!(&photo.place, MediaPlace::Export { container: Some(_), .. }), "{photo:?}");
    assert_eq!((told.me(), told.receipts.len(), told.messages.len()), (vec!["Lea"], 0, 3));
}

#[test]
fn odd_lines_are_counted_and_lose_nothing_else() {
    let lines = [
        r#"{"version": 1, "backupTimeMs": 5}"#,
        r#"{"account": {"givenName": 7}}"#,
        r#"{"recipient": {"self": {}}}"#,
        r#"{"recipient": {"id": 2, "contact": {"aci": "!!", "e164": "x"}}}"#,
        r#"{"recipient": 5}"#,
        r#"{"chat": {"id": 1, "recipientId": 2}}"#,
        r#"{"chatItem": {"chatId": 9, "dateSent": 1}}"#,
        r#"{"chatItem": {"chatId": 1, "authorId": 2, "dateSent": "soon", "standardMessage": {}}}"#,
        r#"{"chatItem": {"chatId": 1, "authorId": 2, "dateSent": 3}}"#,
        r#"{"chatItem": {"chatId": 1, "authorId": 2, "dateSent": 4, "pinMessage": {}}}"#,
        r#"{"chatItem": {"chatId": 1, "authorId": 77, "dateSent": 5, "standardMessage": {"text": 3, "quote": 4, "attachments": {"a": 1}}}}"#,
        r#"{"chatItem": "#,
        "7",
        r#"{"chatItem": {"chatId": 1, "dateSent": 6, "standardMessage": {"text": {"body": "kept", "bodyRanges": [{"start": -4, "length": 99999999999, "mentionAci": "AAAAAAAAAAAAAAAAAAAAAA=="}]}}}}"#,
    ]
    .join("\n");
    let told = read_files("signal", &[("main.jsonl", lines.as_bytes())]);
    assert_eq!(told.oddities.len(), 4, "{:?}", told.oddities);
    assert_eq!(told.messages.len(), 3, "one tells nothing: {:?}", told.messages);
    assert_eq!(told.messages[0].text, "pin message");
    assert_eq!(told.messages[2].sender.as_deref(), Some("self"), "a number left out is zero");
}

#[test]
fn the_tools_files_are_read_the_better_one_of_each_chat() {
    let all = read_path("signal", &sample("signal", "written"), &utc());
    assert_eq!(all.len(), 1, "one export of two chats");
    let told = &all[0];
    assert_eq!(told.oddities, []);
    assert_eq!(told.me(), ["Me"]);
    assert_eq!(told.thread("Ines Duarte").kind, Some(ThreadKind::Direct));
    assert_eq!(told.thread("Choir").kind, Some(ThreadKind::Group));
    let ines = told.of("Ines Duarte");
    assert_eq!(ines.len(), 6, "from the JSON");
    assert_eq!((ines[0].sent.at.0, ines[0].sent.clock), (1_714_550_400_000, Clock::Utc));
    assert_eq!(ines[1].text, "Yes, on the 9:40");
    let quote = ines[1].reply_to.as_ref().and_then(|r| r.quote.as_deref());
    assert_eq!(quote, Some("Are you coming on Saturday?"));
    assert_eq!(
        (ines[1].reactions[0].emoji.as_str(), &*ines[1].reactions[0].by),
        ("👍", "Ines Duarte")
    );
    let here = |at: &MediaPlace| matches!(at, MediaPlace::Export { container: Some(_), .. });
    assert!(here(&ines[2].attachments[0].place), "{:?}", ines[2].attachments);
    let missed = Call { video: Some(true), seconds: None, missed: true };
    assert_eq!(ines[3].kind, MessageKind::Call(missed));
    assert_eq!(ines[4].deletion, Deletion::Unsent);
    assert!(matches!(ines[5].sent.clock, Clock::WallMinute(_)), "without a zone");
}

#[test]
fn markdown_of_any_year_is_read() {
    let told = &read_path("signal", &sample("signal", "written"), &utc())[0];
    let here = |at: &MediaPlace| matches!(at, MediaPlace::Export { container: Some(_), .. });
    let choir = told.of("Choir");
    assert_eq!((choir[0].text.as_str(), choir[0].reactions.len()), ("Hello choir!\nit rains", 2));
    let quote = choir[1].reply_to.as_ref().and_then(|r| r.quote.as_deref());
    assert_eq!((choir[1].text.as_str(), quote), ("At seven, room 3", Some("Hello choir!")));
    let kinds: Vec<_> = choir[1].attachments.iter().map(|a| (a.kind, here(&a.place))).collect();
    assert_eq!(kinds, [(AttachmentKind::Photo, true), (AttachmentKind::File, false)]);
    assert_eq!((choir[2].deletion, choir[3].sender.as_deref()), (Deletion::Unsent, None));
    assert_eq!(choir[4].attachments[0].name.as_deref(), Some("🎻"));
}

#[test]
fn the_public_text_is_read() {
    let Some(root) = corpus("signal") else { return println!("{NO_CORPUS}") };
    let path = root.join("joweich__chat-miner/test/signal/test_export.txt");
    let tree = FileTree::open(&path).expect("it opens").remove(0);
    let options = ReadOptions { me: Some("Jane Doe".into()), ..utc() };
    let told = read_tree("signal", &tree, &options).expect("readable");
    assert_eq!((told.messages.len(), told.oddities.len()), (2, 0));
    assert_eq!(told.messages[1].text, "Hello\nJane!");
    assert_eq!(told.me(), ["Jane Doe"], "whose name is written out");
}

/// Events name people as they are called when the export is made. Whoever is called otherwise since
/// doubles none of them, whichever export comes first.
#[test]
fn events_are_known_again_when_somebody_is_called_otherwise() {
    let at = |minute: i64| START + minute * 60_000;
    let export = |name: &str, newest: bool| {
        let item = |minute: i64, rest: &str| {
            format!(
                r#"{{"chatItem":{{"chatId":"1","authorId":"2","dateSent":"{}",{rest}}}}}"#,
                at(minute)
            )
        };
        let said = |minute: i64| {
            let rest = r#""incoming":{"read":true},"standardMessage":{"text":{"body":"words"}}"#;
            item(minute, rest)
        };
        let event = |minute: i64, told: &str| {
            item(minute, &format!(r#""directionless":{{}},"updateMessage":{{{told}}}"#))
        };
        let mut lines = vec![
            r#"{"version":"1","backupTimeMs":"1717999999000"}"#.to_owned(),
            r#"{"account":{"profileKey":"AA==","givenName":"Sam"}}"#.to_owned(),
            r#"{"recipient":{"id":"1","self":{}}}"#.to_owned(),
            format!(
                r#"{{"recipient":{{"id":"2","contact":{{"aci":"AAAAAAAAAAAAAAAAAAAAAA==","profileGivenName":"{name}","registered":{{}}}}}}}}"#
            ),
            r#"{"chat":{"id":"1","recipientId":"2"}}"#.to_owned(),
            said(1),
            event(2, r#""simpleUpdate":{"type":"IDENTITY_UPDATE"}"#),
            event(2, r#""expirationTimerChange":{"expiresInMs":"3600000"}"#),
            said(3),
        ];
        lines.extend(newest.then(|| said(9)));
        let tree = FileTree::memory([("main.jsonl".to_owned(), lines.join("\n").into_bytes())]);
        assert_eq!((readers::source("signal").recognise)(&tree).len(), 1);
        tree
    };
    for order in [[false, true, false], [true, false, true]] {
        let store = onebox::store::Store::in_memory().expect("a store");
        for newest in order {
            let tree = export(if newest { "Ana Married" } else { "Ana" }, newest);
            let mut writer = store.writer().expect("a writer");
            let when = onebox::model::Timestamp(1_800_000_000_000);
            let mut import = writer.import("test", when).expect("an import");
            let read = readers::source("signal").read;
            read(&tree, &utc(), &mut readers::Taking(&mut import)).expect("read");
            import.finish("{}").expect("an end");
        }
        let reader = store.reader().expect("a reader");
        let threads = reader.threads(&Default::default(), 0, 10).expect("threads");
        assert_eq!((threads.len(), threads[0].messages), (1, 5), "{order:?}");
    }
}

#[test]
fn files_behind_reactions_and_stickers_beside_the_chats_are_found() {
    let markdown = "[2024-05-01 10:00:00] Ana: look\n\
                    (- Bo: 👍, Cy: ❤ -)![pier](./media/pier.jpg)\n\
                    [2024-05-01 10:01:00] Me: ![sticker](../exported_stickers/p1/3.webp)\n\
                    [2024-05-01 10:02:00] Me: no [link](../docs/a.md) ![pier](./media/pier.jpg) here\n";
    let json = r#"{"date": "2024-05-01T10:00:00Z", "sender": "Me", "body": "", "quote": "", "sticker": {"packId": "p1", "id": 3, "extension": ".webp", "emoji": "🎻"}, "reactions": [], "attachments": []}"#;
    let told = read_files(
        "signal",
        &[
            ("Ana/chat.md", markdown.as_bytes()),
            ("Ana/media/pier.jpg", b"x"),
            ("Bo/data.json", json.as_bytes()),
            ("exported_stickers/p1/3.webp", b"x"),
        ],
    );
    assert_eq!(told.oddities, []);
    let here = |at: &MediaPlace| matches!(at, MediaPlace::Export { container: Some(_), .. });
    let ana = told.of("Ana");
    assert_eq!((ana[0].text.as_str(), ana[0].reactions.len()), ("look", 2));
    assert!(here(&ana[0].attachments[0].place), "{:?}", ana[0]);
    let stickers = [&ana[1].attachments[0], &told.of("Bo")[0].attachments[0]];
    for sticker in stickers {
        assert_eq!(sticker.kind, AttachmentKind::Sticker);
        assert!(here(&sticker.place), "{sticker:?}");
    }
    assert_eq!(ana[1].text, "");
    assert_eq!(ana[2].text, "no [link](../docs/a.md)  here");
    assert!(here(&ana[2].attachments[0].place));
}
