//! Skype's exports, read as an import reads them.

mod readers;

use onebox::model::{
    AttachmentKind, Call, Deletion, MediaPlace, Membership, MessageKind, ThreadKind, Timestamp,
};
use onebox::sources::{FileTree, ReadOptions};
use readers::{Told, read_files, read_path, read_tree, sample, utc};

const ME: &str = "8:live:sam.rivera";
const BEA: &str = "8:bea.stone";
const BOOK: &str = "19:5f3c0d1e2b@thread.skype";

fn export() -> Told {
    let mut all = read_path("skype", &sample("skype", "export"), &utc());
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[test]
fn an_export_says_who_i_am_and_where_i_left() {
    let told = export();
    let me = &told.accounts[0];
    assert_eq!((me.key.as_str(), me.name.as_str()), (ME, "Sam Rivera"), "as a call names me");
    assert_eq!(told.me(), ["Sam Rivera"]);
    assert_eq!(told.threads.len(), 4, "the call log is none, nor what holds nothing");
    let bea = told.threads.iter().find(|t| &*t.key == BEA).expect("told");
    assert_eq!((bea.kind, &bea.title), (Some(ThreadKind::Direct), &None));
    let book = told.thread("Book club");
    assert_eq!((book.kind, book.membership), (Some(ThreadKind::Group), Membership::Member));
    assert_eq!(told.thread("Old team").membership, Membership::Gone);
    assert_eq!(told.of("48:notes")[0].sender.as_deref(), Some(ME));
    assert_eq!(told.oddities, []);
    assert!(told.remarks.iter().any(|r| r.starts_with("1 entry of Skype's call log")));
    let names: Vec<&str> =
        told.people.iter().filter(|p| &*p.thread == BOOK).map(|p| p.name.as_str()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(names.contains(&"Cal Morgan") && names.contains(&"Dev Rao"));
}

#[test]
fn text_answers_edits_and_reactions_are_told() {
    let told = export();
    let first = told.saying("Are we still on");
    assert_eq!(first.text, "Are we still on for Saturday? :)");
    assert_eq!(first.sent.at, Timestamp(1_714_555_200_000));
    let heart = &first.reactions[0];
    assert_eq!((heart.emoji.as_str(), &*heart.by), ("❤️", ME));
    assert_eq!(heart.at, Some(Timestamp(1_714_555_210_000)));
    let answer = told.saying("Cal comes too");
    assert_eq!((answer.text.as_str(), answer.sender.as_deref()), ("Yes & Cal comes too", Some(ME)));
    assert_eq!(answer.sent.at, Timestamp(1_714_555_260_123));
    assert_eq!(answer.edited, Some(Some(Timestamp(1_714_555_300_456))));
    let reply = answer.reply_to.as_ref().expect("an answer");
    assert_eq!(reply.native_id.as_deref(), first.native_id.as_deref());
    assert_eq!(reply.quote.as_deref(), Some("Are we still on for Saturday?"));
    let gone = told.messages.iter().find(|m| m.native_id.as_deref() == Some("1714555320000"));
    assert_eq!(gone.expect("told").deletion, Deletion::Unsent);
    let place = &told.saying("The place: terrace").attachments[0];
    assert_eq!(place.place, MediaPlace::Web { url: "https://example.org/terrace".into() });
    let like = told.saying("I am in, if a < b & c");
    assert_eq!((like.reactions[0].emoji.as_str(), like.reactions.len()), ("👍", 1));
}

#[test]
fn files_calls_and_events_are_told() {
    let told = export();
    let by_id =
        |id: &str| told.messages.iter().find(|m| m.native_id.as_deref() == Some(id)).expect("told");
    let photo = &by_id("1714555380000").attachments[0];
    assert_eq!((photo.kind, photo.name.as_deref()), (AttachmentKind::Photo, Some("table.jpg")));
    assert!(
        matches!(&photo.place, MediaPlace::Export { path, container: Some(_) }
            if path == "media/0-weu-d3-abc123.1.jpg"),
        "{photo:?}"
    );
    let file = &by_id("1714555440000").attachments[0];
    assert_eq!((file.name.as_deref(), &file.place), (Some("menu.pdf"), &MediaPlace::Omitted));
    assert_eq!(told.saying("started a call").kind, MessageKind::System);
    let call = |seconds, missed| MessageKind::Call(Call { video: None, seconds, missed });
    assert_eq!(by_id("1714555600000").kind, call(Some(84), false));
    assert_eq!(by_id("1714555700000").kind, call(None, true));
    let added = told.saying("added");
    assert_eq!(
        (added.text.as_str(), &added.sender),
        ("Sam Rivera added Cal Morgan, Dev Rao", &None)
    );
    assert_eq!(told.saying("changed the name").text, "Sam Rivera changed the name to “Book club”");
    assert_eq!(told.saying("Chapter 3").text, "Chapter 3 by Friday? Dev Rao you in?");
    let location = &by_id("1714640240000").attachments[0];
    assert_eq!(location.name.as_deref(), Some("Alexanderplatz, Berlin"));
    assert_eq!(by_id("1714640360000").attachments[0].name.as_deref(), Some("Ida Moe"));
    assert_eq!(by_id("1714640300000").attachments.len(), 1, "a card is not lost");
}

/// A tar of files, as Skype hands its exports out.
fn tar(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in files {
        let mut header = vec![0u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        header[156] = b'0';
        header[257..263].copy_from_slice(b"ustar\0");
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        out.extend(header);
        out.extend(content);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}

#[test]
fn the_tar_gives_the_same_as_the_folder() {
    let folder = sample("skype", "export");
    let names = ["messages.json", "media/0-weu-d3-abc123.1.jpg"];
    let files: Vec<(&str, Vec<u8>)> =
        names.iter().map(|n| (*n, std::fs::read(folder.join(n)).expect("a sample"))).collect();
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("8_live_sam.rivera_export.tar");
    std::fs::write(&path, tar(&files)).expect("written");
    let told = &read_path("skype", &path, &utc())[0];
    let whole = export();
    assert_eq!(told.messages.len(), whole.messages.len());
    let photo = told.messages.iter().flat_map(|m| &m.attachments).find_map(|a| match &a.place {
        MediaPlace::Export { path, container: Some(at) } => Some((path.clone(), at.clone())),
        _ => None,
    });
    let (inside, container) = photo.expect("the picture");
    let bytes = FileTree::read_media(&container, &inside, 1 << 20).expect("it opens again");
    assert_eq!(bytes, files[1].1);
}

#[test]
fn odd_values_are_counted_and_lose_nothing_else() {
    let json = br#"{"conversations": [3, {"id": "8:ada", "displayName": "Ada", "threadProperties": 5, "MessageList": [
        null, {"id": "x", "originalarrivaltime": "never", "messagetype": "RichText", "content": "no time"},
        {"id": "1714555200000", "originalarrivaltime": 5, "messagetype": "RichText", "content": "by its id", "from": "8:ada", "properties": 7, "amsreferences": {"a": 1}},
        {"id": "1714555200001", "originalarrivaltime": "2024-05-01T09:20:00.001Z", "messagetype": "Unknown/NewThing", "content": "", "from": "8:ada"},
        {"id": "1714555200002", "originalarrivaltime": "2024-05-01T09:20:00.002Z", "messagetype": "RichText", "content": "<b>mine", "from": "8:bob"}
        ]}], "userId": "8:bob"}"#;
    let told = read_files("skype", &[("messages.json", json)]);
    assert_eq!(told.oddities.len(), 2, "{:?}", told.oddities);
    assert_eq!(told.saying("by its id").sent.at, Timestamp(1_714_555_200_000));
    assert_eq!(told.saying("[NewThing]").sender.as_deref(), Some("8:ada"));
    assert_eq!((told.me(), told.saying("mine").sender.as_deref()), (vec!["bob"], Some("8:bob")));
}

/// A call whose parts are not told is a call all the same.
#[test]
fn a_call_of_which_nothing_is_told_is_one() {
    let json = br#"{"userId": "8:bob", "conversations": [{"id": "8:ada", "MessageList": [
        {"id": "1714555200001", "originalarrivaltime": "2024-05-01T09:20:00Z", "messagetype": "Event/Call", "content": "<missed/>", "from": "8:ada"},
        {"id": "1714555200002", "originalarrivaltime": "2024-05-01T09:21:00Z", "messagetype": "Event/Call", "content": "", "from": "8:ada"}]}]}"#;
    let told = read_files("skype", &[("messages.json", json)]);
    let kinds: Vec<_> = told.messages.iter().map(|m| m.kind.clone()).collect();
    let call = |missed| MessageKind::Call(Call { missed, ..Call::default() });
    assert_eq!(kinds, [call(true), call(false)]);
}

#[test]
fn who_i_am_can_be_said() {
    let json = br#"{"exportDate": "2025", "conversations": [{"id": "8:ada", "MessageList": [
        {"id": "1714555200000", "originalarrivaltime": "2024-05-01T09:20:00Z", "displayName": "Ada", "messagetype": "Text", "content": "hi", "from": "8:ada"}]}]}"#;
    let tree = FileTree::memory([("messages.json".to_owned(), json.to_vec())]);
    let told = read_tree("skype", &tree, &utc()).expect("readable");
    assert_eq!((told.me().len(), told.remarks.len()), (0, 1));
    let options = ReadOptions { me: Some("Ada".into()), ..utc() };
    let told = read_tree("skype", &tree, &options).expect("readable");
    assert_eq!(
        (told.accounts[0].me_names.as_slice(), told.remarks.len()),
        (&["Ada".to_owned()][..], 0)
    );
}

/// A quote alone is what is said; a poll and an invitation come as a program's notes.
#[test]
fn quotes_alone_and_polls_are_told_in_words() {
    let quote = r#"<quote author=\"ada\" messageid=\"1\"><legacyquote>[1] Ada: </legacyquote>at nine<legacyquote>\n\n&lt;&lt;&lt; </legacyquote></quote>"#;
    let poll = r#"<pollmessage>{\"pollId\":\"q1\",\"createdBy\":\"8:ada\",\"question\":\"Which day?\",\"options\":[{\"id\":\"1\",\"text\":\"Friday\"},{\"id\":\"2\",\"text\":\"12:30\"}],\"url\":\"https://poll.example\"}</pollmessage>"#;
    let rows = [
        ("RichText", quote.to_owned(), "at nine", true),
        ("RichText", quote.replace(r#" messageid=\"1\""#, ""), "at nine", false),
        ("RichText", format!("{quote}yes"), "yes", true),
        ("Poll", poll.to_owned(), "Which day?\nFriday\n12:30", false),
        (
            "RichText/ScheduledCallInvite",
            r#"{\"scopes\":[],\"owner\":\"8:ada\",\"meetingTitle\":\"Tide talk\"}"#.to_owned(),
            "Tide talk",
            false,
        ),
        (
            "RichText/ScheduledCallInvite",
            r#"{\"scopes\":[]}"#.to_owned(),
            "[ScheduledCallInvite]",
            false,
        ),
        ("RichText", r#"{\"a\": \"typed\"}"#.to_owned(), r#"{"a": "typed"}"#, false),
    ];
    let list: Vec<String> = rows
        .iter()
        .enumerate()
        .map(|(i, (kind, content, ..))| {
            format!(
                r#"{{"id": "171455520000{i}", "originalarrivaltime": "2024-05-01T09:20:0{i}Z", "messagetype": "{kind}", "content": "{content}", "from": "8:ada"}}"#
            )
        })
        .collect();
    let json = format!(
        r#"{{"userId": "8:bob", "exportDate": "x", "conversations": [{{"id": "8:ada", "MessageList": [{}]}}]}}"#,
        list.join(",")
    );
    let told = read_files("skype", &[("messages.json", json.as_bytes())]);
    assert_eq!((told.oddities.len(), told.messages.len()), (0, rows.len()));
    for (message, (_, content, text, answer)) in told.messages.iter().zip(&rows) {
        assert_eq!(
            (message.text.as_str(), message.reply_to.is_some()),
            (*text, *answer),
            "{content}"
        );
    }
    assert_eq!(told.messages[3].kind, MessageKind::Poll);
}
