//! Discord's data package and DiscordChatExporter's files, read as an import reads them.

mod readers;

use onebox::model::{
    AttachmentKind, Call, MediaPlace, Membership, MessageKind, PostingLimit, ThreadKind,
};
use onebox::sources::{FileTree, ReadOptions};
use readers::{read_files, read_path, read_tree, sample, source, utc};

const SAM: &str = "700100000000000001";
const INES: &str = "700100000000000002";
const TALK: &str = "700200000000000001";

fn read(case: &str) -> readers::Told {
    let mut all = read_path("discord", &sample("discord", case), &utc());
    assert_eq!(all.len(), 1, "{case}");
    all.remove(0)
}

#[test]
fn a_package_tells_my_own_messages_and_what_i_left() {
    let told = read("package");
    assert_eq!(told.oddities, []);
    assert_eq!(told.remarks.len(), 1, "{:?}", told.remarks);
    let me = &told.accounts[0];
    assert_eq!((me.key.as_str(), me.name.as_str()), (SAM, "Sam Rivera"));
    assert_eq!(told.me(), ["Sam Rivera"]);
    assert_eq!(told.threads.len(), 4, "an empty one is none: {:?}", told.threads);
    let by_key = |key: &str| told.threads.iter().find(|t| &*t.key == key).expect("told");
    assert_eq!((by_key(TALK).kind, &by_key(TALK).title), (Some(ThreadKind::Direct), &None));
    assert_eq!(told.thread("Trip crew").kind, Some(ThreadKind::Group));
    assert_eq!(told.thread("#general (Harbour)").membership, Membership::Unknown);
    assert_eq!(told.thread("Unknown channel in Unknown server").membership, Membership::Gone);
    let hi = told.saying("hi ");
    assert_eq!(hi.text, "hi @Ines Duarte, see #general :gull:");
    assert_eq!((hi.sender.as_deref(), hi.sent.at.0), (Some(SAM), 1_714_550_460_123));
    let talk = told.of(TALK);
    let [pier, plan] = talk[1].attachments.as_slice() else { panic!("{:?}", talk[1]) };
    assert_eq!((pier.kind, pier.name.as_deref()), (AttachmentKind::Photo, Some("pier.png")));
    assert_eq!(plan.kind, AttachmentKind::File);
    let people: Vec<(&str, bool)> = told
        .people
        .iter()
        .filter(|p| &*p.thread != TALK)
        .map(|p| (p.name.as_str(), p.placeholder))
        .collect();
    assert!(people.contains(&("Ines Duarte", false)));
    assert!(people.contains(&("700100000000000003", false)), "not known, not gone: {people:?}");
}

#[test]
fn an_older_package_is_a_table_in_any_language() {
    let told = read("package-2020");
    assert_eq!((told.oddities.as_slice(), told.me()), (&[][..], vec!["sam"]));
    let old = told.saying("old, with");
    assert_eq!(old.text, "old, with \"quotes\"\nand two lines");
    assert_eq!(old.sent.at.0, 1_590_987_600_123);
    let tide = &told.messages[1].attachments[0];
    assert_eq!((tide.kind, tide.name.as_deref()), (AttachmentKind::Gif, Some("tide.gif")));
    assert_eq!((told.messages.len(), &*told.threads[0].key), (2, TALK));
    assert_eq!(told.threads[0].kind, Some(ThreadKind::Direct));
}

#[test]
fn an_exporters_files_tell_everybody() {
    let told = read("exporter");
    assert_eq!(told.oddities, []);
    assert_eq!(told.me(), ["Sam Rivera"], "the other one in a talk that is named after Ines");
    assert_eq!(told.accounts[0].key, SAM);
    let talk = told.thread("Ines Duarte");
    assert_eq!((&*talk.key, talk.kind), (TALK, Some(ThreadKind::Direct)), "as in the package");
    let general = told.thread("#general (Harbour)");
    assert_eq!((general.kind, general.posting), (Some(ThreadKind::Group), PostingLimit::Everyone));
    let news = told.thread("#news (Harbour)");
    assert_eq!((news.kind, news.posting), (Some(ThreadKind::Channel), PostingLimit::AdminsOnly));
    let hi = told.saying("hi ");
    let package = read("package");
    let same = package.saying("hi ");
    assert_eq!((&hi.native_id, hi.sent, &hi.text), (&same.native_id, same.sent, &same.text));
    assert_eq!(
        hi.reply_to.as_ref().and_then(|r| r.native_id.as_deref()),
        told.of(TALK)[0].native_id.as_deref()
    );
    assert_eq!(hi.edited.flatten().map(|t| t.0), Some(1_714_550_490_000));
    assert_eq!((hi.reactions[0].emoji.as_str(), &*hi.reactions[0].by), ("👍", INES));
    assert_eq!(told.remarks.len(), 1, "two reactions have no names: {:?}", told.remarks);
}

#[test]
fn an_exporters_files_tell_what_came_with_a_message() {
    let told = read("exporter");
    let files = &told.of(TALK)[2].attachments;
    assert!(
        matches!(&files[0].place, MediaPlace::Export { path, container: Some(_) } if path.ends_with("pier one-A1B2C.png")),
        "{files:?}"
    );
    assert_eq!(files[1].kind, AttachmentKind::Voice);
    let call = Call { video: None, seconds: Some(180), missed: false };
    assert_eq!(told.of(TALK)[3].kind, MessageKind::Call(call));
    let look = told.saying("look");
    assert_eq!(look.text, "look https://example.org/gulls");
    let shares: Vec<AttachmentKind> = look.attachments.iter().map(|a| a.kind).collect();
    assert_eq!(shares, [AttachmentKind::Sticker, AttachmentKind::Share]);
}

#[test]
fn servers_tell_programs_polls_and_the_departed() {
    let told = read("exporter");
    let joined = told.saying("joined the server");
    assert_eq!((joined.text.as_str(), &joined.sender), ("ben joined the server", &None));
    assert_eq!(joined.kind, MessageKind::System);
    assert_eq!(
        told.saying("Low tide").text,
        "Tides\nLow tide\nat nine\nHeight: 0.4 m\nharbour office"
    );
    let passed = told.saying("passed on");
    assert!(passed.forwarded && passed.reply_to.is_none(), "{passed:?}");
    assert_eq!(told.saying("friend").text, "I was @ben's friend");
    let gone = told.people.iter().find(|p| p.name == "Deleted User").expect("told");
    assert!(gone.placeholder && !gone.is_me);
    let poll = told.saying("Which day?");
    assert_eq!(
        (poll.text.as_str(), &poll.kind),
        ("Which day?\nFriday (2 votes)\nSaturday (1 vote)", &MessageKind::Poll)
    );
    assert_eq!(told.saying("notice of Discord").text, "ben: notice of Discord (44)");
    assert_eq!(told.saying("pinned").text, "ben pinned a message");
}

const CHANNEL: &[u8] = br#"{"guild": 5, "channel": {"id": "9", "type": "DirectTextChat", "name": "Ines"}, "dateRange": {},
  "messages": [null, 4, {"id": "x", "content": "no time"}, {"id": 7, "timestamp": "soon"},
    {"id": "3", "timestamp": "2024-05-01T10:00:00Z", "author": 4, "content": 5, "embeds": 7, "reactions": [1, {"emoji": 3}], "attachments": [{}]},
    {"id": "4", "timestamp": "2024-05-01T10:00:01+02:00", "author": {"id": 1, "name": "Sam"}, "content": "kept"}]}"#;

#[test]
fn odd_values_are_counted_and_lose_nothing_else() {
    let told = read_files("discord", &[("a.json", CHANNEL)]);
    assert_eq!(told.oddities.len(), 4, "{:?}", told.oddities);
    assert_eq!((told.messages.len(), told.me()), (2, vec!["Sam"]));
    assert_eq!(told.saying("kept").sent.at.0, 1_714_550_401_000);
    let tree = FileTree::memory([("a.json".to_owned(), CHANNEL.to_vec())]);
    let options = ReadOptions { me: Some("nobody".into()), ..utc() };
    let told = read_tree("discord", &tree, &options).expect("readable");
    assert_eq!(
        (told.me().len(), told.remarks.as_slice()),
        (0, &["nobody is called nobody".to_owned()][..])
    );
    let package: &[(&str, &[u8])] = &[
        ("Messages/c700200000000000001/channel.json", b"{\"id\": \"700200000000000001\", \"type\": 1}"),
        ("Messages/c700200000000000001/messages.json", br#"[7, {"ID": "abc", "Timestamp": "x", "Contents": "bad"}, {"ID": 4194304000, "Contents": "kept", "Attachments": 4}]"#),
        ("Messages/c700200000000000002/channel.json", b"nothing"),
        ("Messages/c700200000000000002/messages.csv", b"ID,Timestamp,Contents,Attachments\n1\n2,2020-01-01 00:00:00,in a table"),
    ];
    let told = read_files("discord", package);
    assert_eq!(told.oddities.len(), 4, "{:?}", told.oddities);
    assert_eq!((told.messages.len(), told.saying("kept").sent.at.0), (2, 1_420_070_401_000));
    assert_eq!(told.saying("in a table").text, "in a table");
}

/// Who is mentioned is named as well as the package can; the id tells the time more exactly.
#[test]
fn a_package_names_the_other_of_two_and_tells_their_instant() {
    let folder = "Messages/c700200000000000001";
    let (channel, messages) = (format!("{folder}/channel.json"), format!("{folder}/messages.json"));
    let told = read_files(
        "discord",
        &[
            ("Messages/index.json", br#"{"700200000000000001": "Direct Message with ines#0"}"#),
            (
                &channel,
                br#"{"id": "700200000000000001", "type": 1, "recipients": ["11", "22"]}"#,
            ),
            ("Account/user.json", br#"{"id": "11", "username": "sam", "relationships": []}"#),
            (
                &messages,
                br#"[{"ID": 4194304000, "Timestamp": "2015-01-01 00:00:01", "Contents": "hi <@22>, <@33>"},
                {"ID": 4886364160, "Timestamp": "2015-01-01 00:00:01", "Contents": "a moment later"}]"#,
            ),
        ],
    );
    assert_eq!(told.saying("hi").text, "hi @ines, <@33>");
    assert_eq!(told.saying("later").sent.at.0, told.saying("hi").sent.at.0 + 165);
}

/// What nothing describes is told all the same; what had no room is counted, not passed over.
#[test]
fn a_package_with_holes_loses_no_message() {
    let long = format!("[{{\"ID\": \"4194304000\", \"Contents\": \"{}\"}}]", "y".repeat(40 << 20));
    let table = format!(
        "ID,Timestamp,Contents,Attachments\n1,2020-01-01 00:00:00,first,\n\
         2,2020-01-01 00:00:01,\"never closed,\n{}",
        "3,2020-01-01 00:00:02,swallowed,\n".repeat(40_000)
    );
    let told = read_files(
        "discord",
        &[
            (
                "Messages/c700200000000000001/channel.json",
                b"{\"id\": \"700200000000000001\", \"type\": 1}",
            ),
            ("Messages/c700200000000000001/messages.json", long.as_bytes()),
            (
                "Messages/c700200000000000002/messages.json",
                br#"[{"ID": "4194304000", "Contents": "kept"}]"#,
            ),
            (
                "Messages/c700200000000000003/channel.json",
                b"{\"id\": \"700200000000000003\", \"type\": 1}",
            ),
            ("Messages/c700200000000000003/messages.csv", table.as_bytes()),
        ],
    );
    let kept = told.saying("kept");
    assert_eq!((&*kept.thread, told.threads.len()), ("700200000000000002", 3));
    let odd: Vec<(&str, &str)> = told.oddities.iter().map(|o| (&*o.at, &*o.why)).collect();
    let cut = "too large; a part of it is left out";
    let bare = "nothing beside it says what channel this is";
    assert_eq!(odd, [("", "a text of more than 8 MiB was cut"), ("", bare), ("message 2", cut)]);
    assert_eq!(told.messages.len(), 4);
}

#[test]
fn a_package_within_a_package_is_another() {
    let row: &[u8] = br#"[{"ID": "4194304000", "Contents": "mine"}]"#;
    let files = ["", "old/"].map(|root| {
        let folder = format!("{root}Messages/c700200000000000001");
        let channel = br#"{"id": "700200000000000001", "type": 1}"#.to_vec();
        [
            (format!("{folder}/channel.json"), channel),
            (format!("{folder}/messages.json"), row.to_vec()),
        ]
    });
    let tree = FileTree::memory(files.into_iter().flatten());
    let found: Vec<String> =
        (source("discord").recognise)(&tree).into_iter().map(|f| f.root).collect();
    assert_eq!(found, ["", "old"]);
    let told = read_tree("discord", &tree, &utc()).expect("readable");
    assert_eq!(told.messages.len(), 1, "the outer one alone");
}

/// A channel of DiscordChatExporter: each message has its own number and what is given here.
fn channel(messages: &[&str]) -> readers::Told {
    let messages: Vec<String> = messages
        .iter()
        .enumerate()
        .map(|(i, m)| {
            format!(r#"{{"id": "{}", "timestamp": "2024-05-01T10:{i:02}:00Z", {m}}}"#, i + 1)
        })
        .collect();
    let file = format!(
        r#"{{"guild": {{"id": "5", "name": "Harbour"}}, "channel": {{"id": "9", "type": "GuildTextChat", "name": "pier"}}, "dateRange": {{}}, "messages": [{}]}}"#,
        messages.join(",")
    );
    let told = read_files("discord", &[("a.json", file.as_bytes())]);
    assert_eq!(told.oddities, []);
    told
}

#[test]
fn what_a_program_lays_out_is_told_beside_a_text() {
    let ann = r#""author": {"id": "1", "name": "ann", "isBot": false}"#;
    let bot = r#""author": {"id": "2", "name": "tides", "isBot": true}"#;
    let card = |url: &str| {
        format!(
            r#""embeds": [{{"title": "Low tide", "url": {url}, "description": "at nine", "fields": [{{"name": "Height", "value": "0.4 m"}}], "footer": {{"text": "harbour office"}}}}]"#
        )
    };
    let all = "Low tide\nat nine\nHeight: 0.4 m\nharbour office";
    let rows = [
        format!(r#"{bot}, "content": "Today", {}"#, card("null")),
        format!(r#"{bot}, "content": "Today", {}"#, card("\"https://tide.example/1\"")),
        format!(
            r#"{bot}, "content": "see https://tide.example/1", {}"#,
            card("\"https://tide.example/1\"")
        ),
        format!(
            r#"{ann}, "content": "see https://t.example/short", {}"#,
            card("\"https://tide.example/1\"")
        ),
        format!(r#"{ann}, "content": "mine", {}"#, card("null")),
        format!(
            r#"{ann}, "content": "", "forwardedMessage": {{"content": "passed on", {}}}"#,
            card("null")
        ),
        format!(
            r#"{bot}, "content": "", "embeds": [{{"title": "", "images": [{{"url": "https://p.example/a.png"}}, {{"url": "https://p.example/b.png"}}]}}]"#
        ),
    ];
    let told = channel(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    let texts: Vec<&str> = told.messages.iter().map(|m| m.text.as_str()).collect();
    let below = |text: &str| format!("{text}\n{all}");
    assert_eq!(
        texts,
        [
            &*below("Today"),
            &*below("Today"),
            "see https://tide.example/1",
            "see https://t.example/short",
            &*below("mine"),
            &*below("passed on"),
            ""
        ]
    );
    assert_eq!(told.messages[6].attachments.len(), 2);
    assert_eq!(told.messages[2].attachments[0].kind, AttachmentKind::Share);
}

#[test]
fn how_a_poll_ended_is_told() {
    let ended = |kind: &str, fields: &str| {
        format!(
            r#""type": "{kind}", "author": {{"id": "1", "name": "ann"}}, "content": "", "embeds": [{{"fields": [{fields}]}}]"#
        )
    };
    let field = |name: &str, value: &str| format!(r#"{{"name": "{name}", "value": "{value}"}}"#);
    let asked = field("poll_question_text", "Which day?");
    let won =
        [asked.clone(), field("victor_answer_text", "Friday"), field("victor_answer_votes", "3")];
    let told =
        channel(&[&ended("46", &won.join(",")), &ended("PollResult", &asked), &ended("46", "")]);
    let texts: Vec<&str> = told.messages.iter().map(|m| m.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "ann's poll “Which day?” has ended: Friday (3 votes)",
            "ann's poll “Which day?” has ended",
            "ann: notice of Discord (46)"
        ]
    );
}

/// A webhook speaks for many; a bot and a person are who they are under any name.
#[test]
fn a_webhook_is_told_by_the_name_it_speaks_under() {
    let by = |author: &str| format!(r#""content": "words", "author": {{{author}}}"#);
    let hook = |name: &str| {
        by(&format!(
            r#""id": "7", "name": "{name}", "nickname": "Ann (bridge)", "discriminator": "0000", "isBot": true"#
        ))
    };
    let told = channel(&[
        &hook("Ann (bridge)"),
        &hook("Bo (bridge)"),
        &by(r#""id": "8", "name": "tides", "discriminator": "0420", "isBot": true"#),
        &by(r#""id": "8", "name": "high tides", "discriminator": "0420", "isBot": true"#),
        &by(r#""id": "9", "name": "cy", "discriminator": "0000", "isBot": false"#),
        &by(r#""id": "9", "name": "cyrus", "discriminator": "0000", "isBot": false"#),
    ]);
    let keys: Vec<&str> = told.messages.iter().filter_map(|m| m.sender.as_deref()).collect();
    assert_eq!(keys, ["7/Ann (bridge)", "7/Bo (bridge)", "8", "8", "9", "9"]);
    let names: Vec<&str> = told.people.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["Ann (bridge)", "Bo (bridge)", "tides", "cy"]);
}

const ANN: &str = r#""author": {"id": "1", "name": "ann"}"#;

/// The exporter names only the oldest kinds; of others it gives what the server said.
#[test]
fn notices_of_kinds_without_a_name_are_sentences() {
    let rows = [
        ("8", "", "ann boosted the server"),
        ("9", "2", "ann boosted the server 2 times, which reached level 1"),
        ("12", "News Hub #daily", "ann added News Hub #daily to this channel"),
        ("25", "", "ann subscribed to a role of the server"),
        ("27", "Open Mic", "ann started the stage “Open Mic”"),
        ("31", "Open Mic", "ann changed the topic of the stage: Open Mic"),
        ("36", "2024-01-26T10:15:00+00:00", "ann paused invites until 2024-01-26 10:15 UTC"),
        ("99", "As It Came.", "ann: notice of Discord (99): As It Came."),
        ("GuildMemberJoin", "Joined the server.", "ann joined the server"),
        ("21", "", "This thread began with a message in another channel"),
    ];
    let mut all: Vec<String> = rows
        .iter()
        .map(|(kind, content, _)| format!(r#""type": "{kind}", {ANN}, "content": "{content}""#))
        .collect();
    all.push(format!(
        r#""type": "24", {ANN}, "content": "", "embeds": [{{"description": "bad words", "fields": [{{"name": "rule_name", "value": "No puns"}}]}}]"#
    ));
    let told = channel(&all.iter().map(String::as_str).collect::<Vec<_>>());
    let mut texts: Vec<&str> = told.messages.iter().map(|m| m.text.as_str()).collect();
    assert_eq!(texts.pop(), Some("AutoMod blocked a message of ann (No puns): bad words"));
    assert_eq!(texts, rows.map(|(.., told)| told));
    assert!(told.messages.iter().all(|m| m.kind == MessageKind::System));
}

/// Buttons are told; what has nothing in it is not an empty line.
#[test]
fn messages_of_programs_are_not_empty() {
    let button = |more: &str| {
        format!(
            r#"{ANN}, "content": "", "components": [{{"type": "ActionRow", "components": [{{"type": "Button", "label": "Open", {more}}}]}}]"#
        )
    };
    let told = channel(&[
        &button(r#""url": "https://tea.example/p""#),
        &button(r#""url": null"#),
        &format!(r#"{ANN}, "content": "", "components": []"#),
        &format!(r#"{ANN}, "content": "words""#),
    ]);
    let texts: Vec<&str> = told.messages.iter().map(|m| m.text.as_str()).collect();
    let vague = "A message of a kind that onebox does not know";
    assert_eq!(texts, ["", "[Open]", vague, "words"]);
    assert_eq!(told.messages[0].attachments[0].name.as_deref(), Some("Open"));
    assert_eq!(told.messages[2].kind, MessageKind::System);
    assert_eq!(told.remarks.len(), 1, "who I am: {:?}", told.remarks);
    let empty = format!(r#"{ANN}, "content": """#);
    let hollow = channel(&[&*empty; 5]);
    assert!(hollow.remarks.iter().any(|r| r.contains("Message Content Intent")));
}

/// What is passed on within a channel answers nothing.
#[test]
fn a_forward_is_no_reply() {
    let told = channel(&[
        &format!(r#"{ANN}, "content": "hello""#),
        &format!(
            r#"{ANN}, "content": "", "reference": {{"type": "Forward", "messageId": "1", "channelId": "9"}}, "forwardedMessage": {{"content": "hello"}}"#
        ),
    ]);
    let passed = &told.messages[1];
    assert!(passed.forwarded && passed.reply_to.is_none() && passed.text == "hello");
}

/// Channels that a package mentions are named by what describes them, else by their titles.
#[test]
fn a_package_names_its_channels() {
    let folder = |n: u8, name: &str| format!("Messages/c70020000000000000{n}/{name}.json");
    let channel = |n: u8, more: &str| format!(r#"{{"id": "70020000000000000{n}"{more}}}"#);
    let said = |id: u64, what: &str| format!(r#"[{{"ID": {id}, "Contents": "{what}"}}]"#);
    let tea = r#", "type": "GUILD_TEXT", "name": "too hot", "guild": {"name": "Tea House"}"#;
    let files = [
        (folder(1, "channel"), channel(1, r#", "type": "DM", "recipients": ["11", "22"]"#)),
        (
            folder(1, "messages"),
            said(4_194_304_000, "<#700200000000000002> <#700200000000000003> <#700200000000000004>"),
        ),
        (folder(2, "channel"), channel(2, tea)),
        (folder(2, "messages"), said(4_194_304_001, "")),
        (folder(3, "channel"), channel(3, r#", "type": "GUILD_TEXT""#)),
        (folder(3, "messages"), said(4_194_304_002, "last")),
        (
            "Messages/index.json".to_owned(),
            r#"{"700200000000000002": "too hot in Tea House", "700200000000000003": "general in Made in Wales", "700200000000000004": "old, Harbour"}"#.to_owned(),
        ),
    ];
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())).collect();
    let told = read_files("discord", &files);
    assert_eq!(told.messages[0].text, "#too hot #general #old");
    assert_eq!(told.messages[1].text, "A message of a kind that onebox does not know");
    assert_eq!(told.thread("#too hot (Tea House)").kind, Some(ThreadKind::Group));
    assert_eq!(told.thread("#general (Made in Wales)").kind, Some(ThreadKind::Group));
}

#[test]
fn a_thread_is_told_with_its_parent() {
    let file = br#"{"guild": {"id": "5", "name": "Tea House"}, "channel": {"id": "9", "type": "GuildPublicThread", "category": "brewing", "name": "too bitter"}, "dateRange": {}, "messages": []}"#;
    let told = read_files("discord", &[("a.json", file)]);
    assert_eq!(told.thread("#too bitter (#brewing, Tea House)").kind, Some(ThreadKind::Group));
}

#[test]
fn files_saved_on_windows_are_found() {
    let message = |n: u8, url: &str| {
        format!(
            r#"{{"id": "{n}", "timestamp": "2024-05-01T10:0{n}:00Z", "content": "", "author": {{"id": "1", "name": "ann", "isBot": false}}, "attachments": [{{"id": "{n}", "url": {}, "fileName": "cat.png"}}]}}"#,
            serde_json::json!(url)
        )
    };
    let all = [
        message(1, r"pier [9].json_Files\cat-AB12C.png"),
        message(2, r"D:\saved\media\dog-AB12C.png"),
        message(3, "pier [9].json_Files/cat-AB12C.png"),
        message(4, r"pier [9].json_Files\gone.png"),
        message(5, "elsewhere/dog-AB12C.png"),
    ];
    let file = format!(
        r#"{{"guild": {{"id": "5", "name": "Harbour"}}, "channel": {{"id": "9", "type": "GuildTextChat", "name": "pier"}}, "dateRange": {{}}, "messages": [{}]}}"#,
        all.join(",")
    );
    let (cat, dog) = ("pier [9].json_Files/cat-AB12C.png", "media/dog-AB12C.png");
    let told = read_files(
        "discord",
        &[("pier [9].json", file.as_bytes()), (cat, b"x"), (dog, b"x"), ("dog-AB12C.png", b"x")],
    );
    let places: Vec<Option<&str>> = told
        .messages
        .iter()
        .map(|m| match &m.attachments[0].place {
            MediaPlace::Export { path, container: Some(_) } => Some(path.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(places, [Some(cat), Some(dog), Some(cat), None, None]);
}
