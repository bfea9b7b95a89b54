//! Slack's workspace exports, read as an import reads them.

mod readers;

use onebox::model::{
    AttachmentKind, Call, Deletion, MediaPlace, Membership, MessageKind, ThreadKind, Timestamp,
};
use onebox::sources::{FileTree, ReadOptions};
use onebox::store::{Store, ThreadQuery};
use readers::{NO_CORPUS, Taking, corpus, read_files, read_path, read_tree, sample, source, utc};

fn workspace(me: Option<&str>) -> readers::Told {
    let options = ReadOptions { me: me.map(str::to_owned), ..utc() };
    let mut all = read_path("slack", &sample("slack", "workspace"), &options);
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[test]
fn a_workspace_tells_its_conversations_and_which_are_closed() {
    let told = workspace(None);
    assert_eq!(told.oddities, []);
    let me = &told.accounts[0];
    assert_eq!((me.key.as_str(), me.name.as_str()), ("T0HARBOUR1", "Sam Rivera"));
    assert_eq!(told.me(), ["Sam Rivera"], "who is in all three private conversations");
    assert_eq!(told.threads.len(), 7, "a channel without messages is none: {:?}", told.threads);
    let general = told.thread("#general");
    assert_eq!((&*general.key, general.kind), ("C0GENERAL1", Some(ThreadKind::Group)));
    assert_eq!((general.membership, &general.read_only), (Membership::Member, &None));
    let old = told.thread("#old-office");
    assert!(old.archived);
    assert_eq!(old.read_only.as_ref().map(|e| e.detail.as_str()), Some("is_archived"));
    assert_eq!(told.thread("#sailing").membership, Membership::Gone, "I am not in it");
    assert_eq!(told.thread("#plans").membership, Membership::Member);
    let by_key = |key: &str| told.threads.iter().find(|t| &*t.key == key).expect("told");
    let ines = by_key("D0INES0001");
    assert_eq!((ines.kind, &ines.title, &ines.read_only), (Some(ThreadKind::Direct), &None, &None));
    let rui = by_key("D0RUI00001");
    assert_eq!(rui.read_only, None, "not the workspace closed it");
    let gone = told.threads.iter().filter(|t| t.peer_gone.is_some()).count();
    assert!(rui.peer_gone.is_some() && gone == 1, "his account is closed");
    assert_eq!(by_key("G0MANY0001").kind, Some(ThreadKind::Group));
    assert_eq!(told.remarks.len(), 2, "{:?}", told.remarks);
    assert!(told.remarks[0].contains("taken to be you"));
    assert!(told.remarks[1].starts_with("2 reactions are only counted"));
}

#[test]
fn every_kind_of_message_is_told() {
    let told = workspace(None);
    let welcome = told.saying("Welcome");
    assert_eq!(welcome.text, "Welcome @inês! 🎉 The map is here, ask in #quiet & <be nice>");
    assert_eq!(
        welcome.attachments[0].place,
        MediaPlace::Web { url: "https://example.org/map?a=1&b=2".into() }
    );
    assert_eq!(welcome.native_id.as_deref(), Some("1709280060.000200"));
    assert_eq!((welcome.sent.at.0, &welcome.reply_to), (1_709_280_060_000, &None));
    let hands: Vec<(&str, &str)> =
        welcome.reactions.iter().map(|r| (r.emoji.as_str(), &*r.by)).collect();
    assert_eq!(hands, [("👍🏽", "U0INES0001"), ("👍🏽", "U0BEN00001"), (":our_cat:", "U0BEN00001")]);
    let thanks = told.saying("Thank you!");
    let first = thanks.reply_to.as_ref().and_then(|r| r.native_id.as_deref());
    assert_eq!(first, Some("1709280060.000200"));
    assert_eq!(thanks.edited.flatten().map(|t| t.0), Some(1_709_280_180_000));
    assert!(told.saying("also to the channel").reply_to.is_some());
    let joined = told.saying("has joined");
    assert_eq!(
        (joined.text.as_str(), &joined.kind),
        ("inês has joined the channel", &MessageKind::System)
    );
    assert_eq!(joined.sender, None);
    assert_eq!(
        told.saying("set the channel topic").text,
        "Sam Rivera set the channel topic: Boats & tea"
    );
    let general = told.of("C0GENERAL1");
    let gone = general.iter().find(|m| m.deletion == Deletion::Unsent).expect("a tombstone");
    assert_eq!((gone.text.as_str(), &gone.sender), ("", &None));
    let call = general.iter().find(|m| matches!(m.kind, MessageKind::Call(_))).expect("a huddle");
    assert_eq!(
        call.kind,
        MessageKind::Call(Call { video: None, seconds: Some(600), missed: false })
    );
    assert_eq!(told.saying("waves").text, "* waves");
    assert_eq!(told.saying("in blocks").text, "in blocks for @Ben Okafor👋");
    assert_eq!(told.changes, 1, "a message was deleted");
}

#[test]
fn files_previews_and_bots_are_told() {
    let told = workspace(None);
    let files = &told.saying("The plan").attachments;
    assert_eq!((files[0].kind, files[0].name.as_deref()), (AttachmentKind::File, Some("plan.pdf")));
    assert!(matches!(&files[0].place, MediaPlace::Web { url } if url.ends_with("plan.pdf")));
    assert_eq!(files[1].kind, AttachmentKind::Photo);
    assert!(
        matches!(&files[1].place, MediaPlace::Export { path, container: Some(_) } if path == "__uploads/F0PHOTO001/pier.jpg"),
        "a tool laid it beside: {:?}",
        files[1].place
    );
    assert_eq!(files[2].place, MediaPlace::Omitted);
    let bot = told.saying("Release");
    assert_eq!(bot.text, "Release\nv2\nout on the site\nState: green");
    assert_eq!(bot.sender.as_deref(), Some("B0DEPLOY01/deploy"));
    assert_eq!(bot.attachments.len(), 2);
    let look = told.saying("look:");
    assert_eq!(
        (look.text.as_str(), look.attachments.len()),
        ("look: https://example.org/gulls", 1)
    );
    assert_eq!(look.attachments[0].name.as_deref(), Some("Gulls"));
    let name =
        |key: &str| told.people.iter().find(|p| &*p.key == key).map(|p| (p.name.as_str(), p.left));
    assert_eq!(name("B0DEPLOY01/deploy"), Some(("deploy", false)));
    assert_eq!(name("U0GUEST001"), Some(("Kim Guest", false)), "of another workspace");
    assert_eq!(name("U0INES0001"), Some(("inês", false)));
}

#[test]
fn who_i_am_can_be_said_in_any_way() {
    for said in ["U0BEN00001", "Ben Okafor", "@ben", "BEN@harbour.example"] {
        let told = workspace(Some(said));
        assert_eq!(told.me(), ["Ben Okafor"], "{said}");
        assert_eq!(told.accounts[0].key, "T0HARBOUR1", "the account stays the same");
        assert_eq!(told.remarks.len(), 1, "{said}: {:?}", told.remarks);
    }
    let told = workspace(Some("Nobody"));
    assert_eq!((told.me().len(), told.remarks[0].as_str()), (0, "nobody is called Nobody"));
    assert_eq!(told.accounts[0].me_names, ["Nobody"]);
}

#[test]
fn folders_tell_what_no_list_does() {
    let told = &read_path("slack", &sample("slack", "folders-only"), &utc())[0];
    assert_eq!(told.oddities, []);
    assert_eq!(&*told.thread("#tea").key, "tea");
    let day =
        br#"[{"type": "message", "ts": "1620374400.000100", "user": "U1", "text": "about it"}]"#;
    let file = read_files("slack", &[("FC:F0NOTES001:notes/2021-05-07.json", day)]);
    assert_eq!(&*file.thread("notes").key, "FC:F0NOTES001:notes", "talk about a file");
    let pot = told.saying("hot");
    assert_eq!((pot.text.as_str(), pot.attachments[0].name.as_deref()), ("hot", Some("pot.png")));
    assert_eq!(told.saying("mine is").text, "mine is 🫖");
    assert!(told.people.iter().any(|p| p.name == "lea"));
    assert_eq!((told.accounts[0].key.as_str(), told.remarks.len()), ("", 1));
}

/// Two workspaces of whose lists nothing was kept: their channels are told apart by what the
/// messages say of where they were written.
#[test]
fn a_workspace_is_known_by_its_messages() {
    let day = |team: &str, text: &str| {
        format!(
            r#"[{{"type": "message", "ts": "1620374400.000100", "user": "U1", "text": "{text}", "team": "{team}"}},
                {{"type": "message", "ts": "1620374401.000100", "user": "U2", "text": "and", "team":"T0GUEST01"}},
                {{"type": "message", "ts": "1620374402.000100", "user": "U1", "text": "so on", "team" : "{team}"}}]"#
        )
    };
    let (one, two) = (day("T0HARBOUR1", "boats"), day("T0FOREST01", "trees"));
    let told =
        [one, two].map(|day| read_files("slack", &[("general/2021-05-07.json", day.as_bytes())]));
    assert_eq!(told.each_ref().map(|t| t.accounts[0].key.as_str()), ["T0HARBOUR1", "T0FOREST01"]);

    let file =
        br#"[{"type": "message", "ts": "1620374400.000100", "user": "U1", "files": [{"id": "F1",
        "url_private": "https:\/\/files.slack.com\/files-pri\/T0HARBOUR1-F1\/a.png"}]}]"#;
    let told = read_files("slack", &[("general/2021-05-07.json", file)]);
    assert_eq!(told.accounts[0].key, "T0HARBOUR1");

    // In one import they are two threads; a second one says nothing new.
    let folder = tempfile::tempdir().expect("a folder");
    for (place, team) in [("a", "T0HARBOUR1"), ("b", "T0FOREST01")] {
        let at = folder.path().join(place).join("general");
        std::fs::create_dir_all(&at).expect("a folder");
        std::fs::write(at.join("2021-05-07.json"), day(team, place)).expect("written");
    }
    let store = Store::in_memory().expect("a store");
    let mut writer = store.writer().expect("a writer");
    for found in read_path("slack", folder.path(), &utc()) {
        assert_eq!(found.threads.len(), 1);
    }
    for tree in FileTree::open(folder.path()).expect("it opens") {
        for found in (source("slack").recognise)(&tree) {
            let mut import = writer.import("x", Timestamp(1_800_000_000_000)).expect("an import");
            let mut taking = Taking(&mut import);
            (source("slack").read)(&tree.below(&found.root), &utc(), &mut taking).expect("read");
            import.finish("[]").expect("finished");
        }
    }
    let threads = store.reader().expect("a reader").threads(&ThreadQuery::default(), 0, 10);
    let threads = threads.expect("threads");
    assert_eq!((threads.len(), threads.iter().map(|t| t.messages).sum::<u64>()), (2, 6));
}

/// An earlier onebox could not read which workspace a folder without lists is of, and stored it under
/// no key. Read again, it is the same account, also where there is another workspace beside it.
#[test]
fn a_workspace_that_was_stored_under_no_key_is_known_again() {
    let tree = |team: &str, about: &str, at: u64| {
        let said = |n: u64| {
            format!(
                r#"{{"type": "message", "ts": "{}.000{at}", "user": "U1", "text": "{about} {n}", "team": "{team}"}}"#,
                1_620_374_400 + n
            )
        };
        let day = format!("[{}]", (0..5).map(said).collect::<Vec<_>>().join(","));
        FileTree::memory([("general/2021-05-07.json".to_owned(), day.into_bytes())])
    };
    let (boats, trees) = (tree("T0HARBOUR1", "boats", 100), tree("T0FOREST01", "trees", 200));
    for alone in [true, false] {
        let store = Store::in_memory().expect("a store");
        let mut writer = store.writer().expect("a writer");
        let mut take = |tree: &FileTree, account: Option<&str>, me: &str| {
            let (account, me) = (account.map(str::to_owned), Some(me.to_owned()));
            let options = ReadOptions { account, me, ..utc() };
            let mut import = writer.import("x", Timestamp(1_800_000_000_000)).expect("an import");
            (source("slack").read)(tree, &options, &mut Taking(&mut import)).expect("read");
            import.finish("[]").expect("finished");
        };
        if !alone {
            take(&trees, None, "Lea");
        }
        // As it was told before.
        take(&boats, Some(""), "Sam");
        let before = store.reader().expect("a reader").my_accounts().expect("accounts").len();
        assert_eq!(before, if alone { 1 } else { 2 });
        take(&boats, None, "Sam");
        take(&boats, None, "Sam");
        let reader = store.reader().expect("a reader");
        let threads = reader.threads(&ThreadQuery::default(), 0, 10).expect("threads");
        let counts: Vec<u64> = threads.iter().map(|t| t.messages).collect();
        assert_eq!(counts, if alone { vec![5] } else { vec![5, 5] });
        let accounts = reader.my_accounts().expect("accounts");
        let apart = accounts.iter().filter(|a| a.same.is_empty()).count();
        assert_eq!(apart, 1, "the other workspace, or the only one: {accounts:?}");
        // The person's word stands over what is told alike.
        if let Some(joined) = accounts.iter().find(|a| !a.same.is_empty()) {
            let now = Timestamp(1_800_000_000_000);
            writer.account_apart(joined.id, now).expect("apart");
            let mut import = writer.import("x", now).expect("an import");
            (source("slack").read)(&boats, &utc(), &mut Taking(&mut import)).expect("read");
            import.finish("[]").expect("finished");
            let accounts = reader.my_accounts().expect("accounts");
            assert!(accounts.iter().all(|a| a.same.is_empty()), "{accounts:?}");
        }
    }
}

#[test]
fn who_i_am_is_said_once() {
    let again = |known: &str| {
        let options = ReadOptions { known_me: vec![known.to_owned()], ..utc() };
        let mut all = read_path("slack", &sample("slack", "workspace"), &options);
        all.remove(0)
    };
    let told = again("Sam Rivera");
    assert_eq!((told.me(), told.remarks.len()), (vec!["Sam Rivera"], 1), "{:?}", told.remarks);
    assert_eq!(again("Somebody Else").remarks.len(), 2);
    let lea = || "lea".to_owned();
    for options in
        [ReadOptions { known_me: vec![lea()], ..utc() }, ReadOptions { me: Some(lea()), ..utc() }]
    {
        let told = &read_path("slack", &sample("slack", "folders-only"), &options)[0];
        assert_eq!((told.remarks.len(), &told.accounts[0].me_names), (0, &vec![lea()]));
    }
}

#[test]
fn odd_values_are_counted_and_lose_nothing_else() {
    let day = br#"[null, 3, {"type": "message", "text": "no time"}, {"ts": "x.y", "text": "a bad one"},
        {"type": "message", "ts": "99999999999999999999.1", "text": "far away"},
        {"type": "message", "ts": 1700000000.5, "user": 7, "text": ["x"], "files": {"a": 1}, "reactions": [1, {"name": "x", "users": [2]}], "attachments": "none", "edited": 4},
        {"type": "message", "ts": "1700000001.000000", "user": "U1", "text": "kept", "blocks": [[[]]]}]"#;
    let told =
        read_files("slack", &[("a/2023-11-14.json", day), ("users.json", b"[1, {}, {\"id\": 5}]")]);
    assert_eq!(told.oddities.len(), 5, "{:?}", told.oddities);
    assert_eq!((told.messages.len(), told.threads.len()), (2, 1));
    assert_eq!(told.saying("kept").sender.as_deref(), Some("U1"));
    let tree = FileTree::memory([("a/2023-11-14.json".to_owned(), b"[{\"ts\": 5}]".to_vec())]);
    assert_eq!((source("slack").recognise)(&tree).len(), 0, "days of another app");
}

#[test]
fn a_text_of_nothing_but_marks_is_walked_once() {
    let marks = "<".repeat(400_000) + &":".repeat(400_000);
    let day = format!(r#"[{{"type": "message", "ts": "1.0", "user": "U1", "text": "{marks}"}}]"#);
    let told = read_files("slack", &[("a/2023-11-14.json", day.as_bytes())]);
    assert_eq!(told.messages[0].text.len(), marks.len());
}

#[test]
fn the_public_sample_is_read_whole() {
    let Some(root) = corpus("slack") else { return println!("{NO_CORPUS}") };
    let path = root.join("hfaran__slack-export-viewer/tests/testarchive.zip");
    let options = ReadOptions { me: Some("Harry Potter".into()), ..utc() };
    let all = read_path("slack", &path, &options);
    assert_eq!(all.len(), 1);
    let told = &all[0];
    assert_eq!(told.oddities, []);
    let quiet = told.messages.iter().filter(|m| m.kind == MessageKind::System).count();
    let attached: usize = told.messages.iter().map(|m| m.attachments.len()).sum();
    let figures = (told.threads.len(), told.messages.len(), quiet, attached);
    assert_eq!(figures, (2, 158, 11, 140), "threads, messages, told by Slack, attachments");
    assert_eq!(told.me(), ["abilinski"], "as Slack shows him");
    assert!(told.messages.iter().all(|m| !m.text.is_empty() || !m.attachments.is_empty()));
    let tree = FileTree::open(&path).expect("it opens").remove(0);
    assert_eq!(read_tree("slack", &tree, &utc()).expect("readable").me().len(), 0);
}

/// Words may stand in the blocks of what is attached, in a file, in a comment on one, or in what was
/// deleted. What was passed on is somebody else's.
#[test]
fn words_are_told_wherever_they_lie() {
    let day = br#"[
        {"type": "message", "user": "U1", "ts": "1.0", "text": "", "attachments": [{"fallback": "[no preview available]", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "Build *green*"}, "fields": [{"type": "mrkdwn", "text": "Branch"}, {"type": "mrkdwn", "text": "main"}]}]}]},
        {"type": "message", "user": "U1", "ts": "2.0", "text": "see", "attachments": [{"is_share": true, "author_name": "Bo", "message_blocks": [{"message": {"blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "his words"}]}]}]}}]}]},
        {"type": "message", "user": "U1", "ts": "3.0", "text": "", "blocks": [{"type": "context", "elements": [{"type": "mrkdwn", "text": "by Ana"}, {"type": "plain_text", "text": "today"}]}], "attachments": [{"color": "g", "text": "and more"}]},
        {"type": "message", "subtype": "file_comment", "ts": "4.0", "text": "", "comment": {"user": "U2", "comment": "on the file"}},
        {"type": "message", "subtype": "message_deleted", "ts": "6.0", "deleted_ts": "5.0", "previous_message": {"type": "message", "user": "U2", "text": "gone", "ts": "5.0"}},
        {"type": "message", "user": "U1", "ts": "7.0", "text": "mail", "files": [{"id": "F1", "mode": "email", "name": "mail", "subject": "Offer", "plain_text": "Dear Sam"}]},
        {"type": "message", "user": "U1", "ts": "8.0", "text": "", "files": [{"id": "F2", "mode": "snippet", "name": "s.py", "preview": "print(1)"}]},
        {"type": "message", "user": "U1", "ts": "9.0", "text": "bot", "attachments": [{"text": "beside a text"}]}]"#;
    let told = read_files("slack", &[("a/2023-11-14.json", day)]);
    let texts: Vec<&str> = told.messages.iter().map(|m| m.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "Build *green*\nBranch\nmain",
            "see\nBo: his words",
            "by Ana today\nand more",
            "on the file",
            "gone",
            "mail\nOffer\nDear Sam",
            "print(1)",
            "bot\nbeside a text"
        ]
    );
    assert_eq!((told.changes, told.messages[4].native_id.as_deref()), (1, Some("5.0")));
}

/// A text of each of these messages, and what is told of it.
fn laid_out(rows: &[(&str, &str, &str)]) {
    let messages: Vec<String> = rows
        .iter()
        .enumerate()
        .map(|(i, (text, blocks, _))| {
            format!(
                r#"{{"type": "message", "user": "U1", "ts": "{}.0", "text": "{text}", "blocks": [{blocks}]}}"#,
                i + 1
            )
        })
        .collect();
    let day = format!("[{}]", messages.join(","));
    let told = read_files("slack", &[("a/2023-11-14.json", day.as_bytes())]);
    assert_eq!(told.oddities, []);
    for (message, (text, _, want)) in told.messages.iter().zip(rows) {
        assert_eq!(message.text, *want, "{text}");
    }
}

/// What a bot lays out is told, also beside a text: that one is for notifications.
#[test]
fn blocks_say_what_their_text_does_not() {
    let section = |said: &str| {
        format!(r#"{{"type": "section", "text": {{"type": "mrkdwn", "text": "{said}"}}}}"#)
    };
    let vote = r#"{"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Vote"}, "url": "https://vote.example"}]}"#;
    let table = r#"{"type": "table", "rows": [[{"type": "raw_text", "text": "Boat"}, {"type": "raw_text", "text": "Berth"}], [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "Gull"}]}]}, {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "7"}]}]}]]}"#;
    let video = r#"{"type": "video", "alt_text": "a film", "title": {"type": "plain_text", "text": "The tide"}, "description": {"type": "plain_text", "text": "six hours in one minute"}, "video_url": "https://film.example"}"#;
    laid_out(&[
        ("This content can't be displayed.", &section("*Release* is out"), "*Release* is out"),
        (
            "Lunch?",
            &[section("*Lunch?*"), section("Soup"), vote.into()].join(","),
            "*Lunch?*\nSoup\nVote",
        ),
        (
            "Somebody asks",
            &section("Is the &lt;pier&gt; open?"),
            "Somebody asks\nIs the <pier> open?",
        ),
        (
            "Build <https://b.example|12> failed",
            &section("Build <https://b.example|*12*> failed"),
            "Build 12 failed",
        ),
        ("notes of today", &section("No"), "notes of today\nNo"),
        (
            "Approve it with interactive elements",
            &[section("Approve it"), vote.into()].join(","),
            "Approve it\nVote",
        ),
        ("", table, "Boat | Berth\nGull | 7"),
        ("New film", video, "New film\nThe tide\nsix hours in one minute"),
        (
            "",
            r#"{"type": "header", "text": {"type": "plain_text", "text": "Tides"}}, {"type": "section", "text": {"type": "mrkdwn", "text": "today"}, "accessory": {"type": "button", "text": {"type": "plain_text", "text": "More"}}}"#,
            "Tides\ntoday\nMore",
        ),
        (
            "A call started",
            r#"{"type": "call", "call": {"v1": {"name": "Crew talk", "join_url": "https://call.example"}}}"#,
            "A call started\nCrew talk",
        ),
    ]);
    let day = format!(
        r#"[{{"type": "message", "user": "U1", "ts": "1.0", "text": "Lunch?", "blocks": [{vote}]}},
            {{"type": "message", "user": "U1", "ts": "2.0", "text": "", "files": [{{"id": "F1", "name": "a.pdf"}}], "blocks": [{}]}}]"#,
        section("see the <https://map.example|map>")
    );
    let told = read_files("slack", &[("a/2023-11-14.json", day.as_bytes())]);
    let share = &told.messages[0].attachments[0];
    assert_eq!(share.name.as_deref(), Some("Vote"));
    assert_eq!(share.place, MediaPlace::Web { url: "https://vote.example".into() });
    assert_eq!(told.messages[1].text, "see the map", "beside a file");
    assert_eq!(told.messages[1].attachments.len(), 2, "{:?}", told.messages[1]);
}

/// What people type is laid out as well, and its text says all of it: it stays as it is.
#[test]
fn what_people_type_is_told_once() {
    let rich = |parts: &str| {
        format!(
            r#"{{"type": "rich_text", "elements": [{{"type": "rich_text_section", "elements": [{parts}]}}]}}"#
        )
    };
    laid_out(&[
        (
            "un*believ*able &amp; _so_ `a &lt; b`",
            &rich(
                r#"{"type": "text", "text": "un"}, {"type": "text", "text": "believ", "style": {"bold": true}}, {"type": "text", "text": "able & "}, {"type": "text", "text": "so"}, {"type": "text", "text": "a < b", "style": {"code": true}}"#,
            ),
            "un*believ*able & _so_ `a < b`",
        ),
        (
            "<@U2|ana> <!here> <!subteam^S1> :tada: <https://x.example/?a=1&amp;b=2|this> <!date^1^{date}|noon>",
            &rich(
                r#"{"type": "user", "user_id": "U2"}, {"type": "broadcast", "range": "here"}, {"type": "usergroup", "usergroup_id": "S1"}, {"type": "emoji", "name": "tada"}, {"type": "link", "url": "https://x.example/?a=1&b=2", "text": "this"}, {"type": "date", "timestamp": 1, "fallback": "midday"}"#,
            ),
            "@ana @here @subteam 🎉 this noon",
        ),
        (
            "• one\\n• two\\n```x = 1```",
            r#"{"type": "rich_text", "elements": [{"type": "rich_text_list", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}, {"type": "rich_text_section", "elements": [{"type": "text", "text": "two"}]}]}, {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x = 1"}]}]}"#,
            "• one\n• two\n```x = 1```",
        ),
        (
            "short",
            &rich(r#"{"type": "text", "text": "short, and then more"}"#),
            "short, and then more",
        ),
    ]);
}

#[test]
fn odd_blocks_are_no_trouble() {
    let many = r#"{"type": "mrkdwn", "text": "aaaa"},"#.repeat(20_000);
    let day = format!(
        r#"[{{"type": "message", "user": "U1", "ts": "1.0", "text": "{}", "blocks": [3, null, {{"type": "table", "rows": [4, [5, {{"rows": [[]]}}]]}}, {{"type": "context", "elements": [{many} 1]}}]}}]"#,
        "ab".repeat(200_000)
    );
    let told = read_files("slack", &[("a/2023-11-14.json", day.as_bytes())]);
    assert_eq!(told.messages[0].text.len(), 400_000);
}

/// A bot that speaks under several names is told by each; under its own it is what it always was.
#[test]
fn a_bot_is_told_by_the_name_it_speaks_under() {
    let users = br#"[{"id": "U7", "name": "builder", "is_bot": true, "profile": {"real_name": "Builder", "bot_id": "B2"}}]"#;
    let row = |n: u32, rest: &str| {
        format!(r#"{{"type": "message", "ts": "{n}.0", "text": "words {n}", {rest}}}"#)
    };
    let mut rows = [
        row(1, r#""subtype": "bot_message", "bot_id": "B1", "username": "Ann (bridge)""#),
        row(2, r#""subtype": "bot_message", "bot_id": "B1", "username": "Bo (bridge)""#),
        row(3, r#""subtype": "bot_message", "bot_id": "B2", "username": "Builder""#),
        row(
            4,
            r#""subtype": "bot_message", "bot_id": "B3", "username": "Tides", "bot_profile": {"name": "Tides"}"#,
        ),
        row(5, r#""subtype": "bot_message", "bot_id": "B3", "bot_profile": {"name": "Tides"}"#),
        row(6, r#""user": "U1", "user_profile": {"real_name": "Cy"}"#),
        row(7, r#""user": "U1", "user_profile": {"real_name": "Cyrus"}"#),
    ];
    let mut read = || {
        let day = format!("[{}]", rows.join(","));
        rows.reverse();
        let told =
            read_files("slack", &[("a/2023-11-14.json", day.as_bytes()), ("users.json", users)]);
        let name = |key: &str| told.people.iter().find(|p| &*p.key == key).map(|p| p.name.clone());
        let mut all: Vec<(String, String, String)> = told
            .messages
            .iter()
            .map(|m| {
                let key = m.sender.as_deref().unwrap_or_default();
                (m.text.clone(), key.to_owned(), name(key).unwrap_or_default())
            })
            .collect();
        all.sort();
        all
    };
    let told = read();
    let keys: Vec<&str> = told.iter().map(|(_, key, _)| key.as_str()).collect();
    assert_eq!(keys, ["B1/Ann (bridge)", "B1/Bo (bridge)", "B2", "B3", "B3", "U1", "U1"]);
    let names: Vec<&str> = told.iter().take(4).map(|(_, _, name)| name.as_str()).collect();
    assert_eq!(names, ["Ann (bridge)", "Bo (bridge)", "Builder", "Tides"]);
    assert_eq!(read().iter().take(5).collect::<Vec<_>>(), told.iter().take(5).collect::<Vec<_>>());
}

/// A notice tells what was done, and by whom, which stands beside its words at times.
#[test]
fn a_notice_says_who_did_it() {
    let users = br#"[{"id": "U1", "name": "nora", "real_name": "Nora Quill"}, {"id": "U2", "name": "sam", "real_name": "Sam Reed"}]"#;
    let day = br#"[{"type": "message", "subtype": "channel_topic", "user": "U2", "topic": "x", "text": "set the channel topic: x", "ts": "1700000001.000000"},
        {"type": "message", "subtype": "reminder_add", "user": "U1", "text": " set up a reminder \u201ctea\u201d", "ts": "1700000002.000000"},
        {"type": "message", "subtype": "channel_join", "user": "U2", "text": "<@U2> has joined", "ts": "1700000003.000000"},
        {"type": "message", "subtype": "channel_name", "user": "U9", "text": "has renamed it", "ts": "1700000004.000000"},
        {"type": "message", "subtype": "channel_canvas_updated", "user": "U1", "text": "", "ts": "1700000005.000000"},
        {"type": "message", "subtype": "bot_add", "user": "U1", "text": "Nora Quill added tea", "ts": "1700000006.000000"}]"#;
    let told = read_files("slack", &[("a/2023-11-14.json", day), ("users.json", users)]);
    let texts: Vec<&str> = told.messages.iter().map(|m| m.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "Sam Reed set the channel topic: x",
            "Nora Quill set up a reminder “tea”",
            "Sam Reed has joined",
            "has renamed it",
            "channel canvas updated",
            "Nora Quill added tea",
        ]
    );
}

/// Slack's bot tells of a huddle, and has no part in it.
#[test]
fn a_huddle_is_whose_who_began_it() {
    let users = br#"[{"id": "U1", "name": "nora"}, {"id": "U2", "name": "sam"}]"#;
    let dms = br#"[{"id": "D0AAAAAA1", "members": ["U1", "U2"]}]"#;
    let day = br#"[{"user": "USLACKBOT", "type": "message", "subtype": "huddle_thread", "ts": "1700000103.000000", "text": "A huddle happened", "room": {"created_by": "U2", "date_start": 1700000103, "date_end": 1700000703}},
        {"user": "USLACKBOT", "type": "message", "subtype": "huddle_thread", "ts": "1700000104.000000", "room": {}},
        {"user": "U1", "type": "message", "subtype": "sh_room_created", "ts": "1700000105.000000", "room": {"created_by": "U2"}}]"#;
    let files: [(&str, &[u8]); 3] =
        [("D0AAAAAA1/2023-11-14.json", day), ("users.json", users), ("dms.json", dms)];
    let told = read_files("slack", &files);
    let by: Vec<Option<&str>> = told.messages.iter().map(|m| m.sender.as_deref()).collect();
    assert_eq!(by, [Some("U2"), None, Some("U1")]);
    assert!(told.messages.iter().all(|m| matches!(m.kind, MessageKind::Call(_))));
    assert_eq!(told.people.len(), 2, "{:?}", told.people);
}

/// A canvas and a list are called what their title says: all bear the same name.
#[test]
fn canvases_and_lists_have_titles() {
    let day =
        br#"[{"type": "message", "ts": "1700000001.000000", "user": "U1", "text": "see", "files": [
        {"id": "F1", "name": "Untitled", "title": "Weekly tea", "mode": "quip"},
        {"id": "F2", "name": "list", "title": "Tasks", "mode": "list"},
        {"id": "F3", "name": "Untitled", "title": " ", "mode": "quip"},
        {"id": "F4", "name": "a.png", "title": "A gull", "mode": "hosted"}]}]"#;
    let told = read_files("slack", &[("a/2023-11-14.json", day)]);
    let names: Vec<Option<&str>> =
        told.messages[0].attachments.iter().map(|a| a.name.as_deref()).collect();
    assert_eq!(names, [Some("Weekly tea"), Some("Tasks"), Some("Untitled"), Some("a.png")]);
}

/// An organisation's export holds its own conversations and, each in a folder, its workspaces.
#[test]
fn the_workspaces_of_an_organisation_are_read() {
    let people = |team: &str| {
        format!(
            r#"[{{"id": "U1", "team_id": "{team}", "name": "nora"}}, {{"id": "U2", "team_id": "{team}", "name": "sam"}}]"#
        )
    };
    let channel = |id: &str| format!(r#"[{{"id": "{id}", "name": "general", "members": ["U1"]}}]"#);
    let day = |text: &str| {
        format!(
            r#"[{{"type": "message", "user": "U2", "text": "{text}", "ts": "1700000000.0001"}}]"#
        )
    };
    let files = [
        ("org_users.json", people("E1")),
        ("channels.json", channel("C9")),
        ("general/2023-11-14.json", day("of all")),
        ("teams/tea/channels.json", channel("C1")),
        ("teams/tea/users.json", people("T1")),
        ("teams/tea/general/2023-11-14.json", day("of tea")),
        ("teams/ops/channels.json", channel("C2")),
        ("teams/ops/general/2023-11-14.json", day("of ops")),
    ];
    let files: Vec<(&str, &[u8])> = files.iter().map(|(p, t)| (*p, t.as_bytes())).collect();
    let told = read_files("slack", &files);
    let threads: Vec<&str> = told.threads.iter().map(|t| &*t.key).collect();
    assert_eq!(threads, ["C9", "C2", "C1"]);
    let accounts: Vec<&str> = told.accounts.iter().map(|a| a.key.as_str()).collect();
    assert_eq!(accounts, ["E1", "E1/ops", "T1"]);
    assert!(told.people.iter().all(|p| p.name == "nora" || p.name == "sam"), "{:?}", told.people);
    assert_eq!((told.messages.len(), told.remarks.len(), &told.oddities), (3, 1, &vec![]));
}
