//! Where threads lie, whose they are, who is me.

use super::*;

#[test]
fn every_era_and_box() {
    for (path, app, folder) in [
        ("messages/bo_1/message.json", "messenger", None),
        ("messages/inbox/bo_1/message_1.json", "messenger", Some("inbox")),
        ("messages/archived_threads/bo_1/message_1.json", "messenger", Some("archived")),
        ("messages/filtered_threads/bo_1/message_1.json", "messenger", Some("filtered")),
        ("messages/message_requests/bo_1/message_1.json", "messenger", Some("requests")),
        ("messages/e2ee_cutover/bo_1/message_1.json", "messenger", Some("cutover")),
        ("messages/legacy_threads/bo_1/message_1.json", "messenger", Some("legacy")),
        (
            "your_activity_across_facebook/messages/inbox/bo_1/message_1.json",
            "messenger",
            Some("inbox"),
        ),
        (
            "facebook-bo/your_facebook_activity/messages/inbox/bo_1/message_1.json",
            "messenger",
            Some("inbox"),
        ),
        ("facebook-bo-2023/messages/inbox/bo_1/messa.json", "messenger", Some("inbox")),
        ("your_instagram_activity/messages/inbox/bo_1/messa.json", "instagram", Some("inbox")),
        (
            "x/your_instagram_activity/messages/message_requests/bo_1/message_1.json",
            "instagram",
            Some("requests"),
        ),
        ("instagram-bo-2022/messages/inbox/bo_1/message_1.json", "instagram", Some("inbox")),
        ("inbox/bo_1/message_1.json", "messenger", Some("inbox")),
    ] {
        let tree = tree(&[(path, &thread(HELLO))]);
        let found = claims(&tree);
        assert_eq!(found.iter().map(|f| f.0).collect::<Vec<_>>(), [app], "{path}");
        assert!(path.starts_with(&found[0].1.root));
        let kept = import(app, &tree);
        let threads = kept.threads();
        let t = threads.get("bo_1").unwrap_or_else(|| panic!("{path}: {threads:?}"));
        assert_eq!(
            (t.folder.as_deref(), t.archived),
            (folder, folder == Some("archived")),
            "{path}"
        );
        assert_eq!(kept.texts("bo_1"), ["hello"], "{path}");
        assert_eq!(t.title.as_deref(), Some("Bo Berg"));
    }
}

#[test]
fn the_root_is_the_export_and_not_the_messages() {
    let t = tree(&[
        ("a/facebook-x/your_facebook_activity/messages/inbox/bo_1/message_1.json", &thread(HELLO)),
        (
            "a/instagram-x/your_instagram_activity/messages/inbox/bo_1/message_1.json",
            &thread(HELLO),
        ),
    ]);
    let roots: Vec<_> = claims(&t).into_iter().map(|(id, f)| (id, f.root)).collect();
    let expected =
        [("messenger", "a/facebook-x".to_owned()), ("instagram", "a/instagram-x".to_owned())];
    assert_eq!(roots, expected);
    assert_eq!(import("messenger", &t).messages().len(), 1);
}

#[test]
fn plain_messages_are_told_apart_by_what_stands_beside_them() {
    let plain = "messages/inbox/bo_1/message_1.json";
    let hello = thread(HELLO);
    for (more, app) in [
        ("followers_and_following/followers.json", "instagram"),
        ("messages/no-data.txt", "instagram"),
        ("account_information/personal_information.json", "instagram"),
        ("friends/friends.json", "messenger"),
        ("profile_information/profile_information.json", "messenger"),
        ("messages/stickers_used/1.png", "messenger"),
        ("messages/archived_threads/cy_2/message_1.json", "messenger"),
        ("something/else.txt", "messenger"),
    ] {
        assert_eq!(claimed_by(&[(plain, &hello), (more, "{}")]), [app], "{more}");
    }
    let story = HELLO.replace("hello", "https://instagram.com/stories/zoe/1");
    assert_eq!(claimed_by(&[(plain, &thread(&story))]), ["instagram"]);
    assert_eq!(
        claimed_by(&[("messages/inbox/instagramuser_1/message_1.json", &hello)]),
        ["instagram"]
    );
}

#[test]
fn what_is_no_export_is_claimed_by_nobody() {
    for (path, text) in [
        ("package.json", r#"{"name": "x"}"#),
        ("notes_1.json", r#"{"messages": ["a", {"role": "user", "content": "x"}]}"#),
        ("messages/settings.json", r#"{"messaging_settings": []}"#),
        ("_chat.txt", "[01.01.20, 10:00:00] Bo: hello"),
        (
            "result.json",
            r#"{"name": "Bo", "type": "personal_chat", "messages": [{"id": 1, "from": "Bo", "text": "x"}]}"#,
        ),
        ("empty.json", ""),
        ("mail/inbox/2024/index.json", r#"{"subject": "x"}"#),
        ("mail/inbox/2024/index.html", "<html></html>"),
        ("html/messages.html", "<html></html>"),
        ("messages/inbox/bo_1/message_1.json", "{}"),
        ("forum.html", r#"<div class="thread"><div class="post">hello</div></div>"#),
        // Telegram's pages are called nearly so.
        ("message_1.html", r#"<div class="message default clearfix" id="message1">hello</div>"#),
        ("saved/page_1.html", r#"<div class="_a6-g">hello</div>"#),
    ] {
        assert!(claimed_by(&[(path, text)]).is_empty(), "{path}");
    }
    assert!(claimed_by(&[]).is_empty());
    let mut kept = Kept::default();
    let options = ReadOptions::default();
    for source in CATALOG.iter().filter(|s| ["messenger", "instagram"].contains(&s.id)) {
        let result = (source.read)(&tree(&[]), &options, &mut kept);
        assert!(matches!(result, Err(ReadError::Format { .. })));
    }
}

#[test]
fn parts_are_in_numeric_order_and_ties_run_backwards() {
    let part = |texts: [&str; 2]| {
        let one = |t| {
            format!(
                r#"{{"sender_name": "Bo Berg", "timestamp_ms": 1600000000000, "content": "{t}"}}"#
            )
        };
        thread(&texts.map(one).join(","))
    };
    let kept = import(
        "messenger",
        &tree(&[
            ("messages/inbox/bo_1/message_1.json", &part(["f", "e"])),
            ("messages/inbox/bo_1/message_10.json", &part(["b", "a"])),
            ("messages/inbox/bo_1/message_2.json", &part(["d", "c"])),
        ]),
    );
    assert_eq!(kept.texts("bo_1"), ["a", "b", "c", "d", "e", "f"]);
}

/// The oldest file is told first; what it is called and whether I am in it the newest knows best.
#[test]
fn of_several_parts_the_newest_has_the_last_word() {
    let part = |at: u32, end: &str| {
        format!(
            r#"{{"participants": [{{"name": "Bo Berg"}}, {{"name": "Sam Rivera"}}, {{"name": "Ida"}}],
            "messages": [
              {{"sender_name": "Bo Berg", "timestamp_ms": 16{at}1, "content": "later {at}"}},
              {{"sender_name": "Bo Berg", "timestamp_ms": 16{at}0, "content": "sooner {at}"}}]{end}}}"#
        )
    };
    let kept = import(
        "messenger",
        &tree(&[
            ("messages/inbox/bo_1/message_1.json", &part(3, r#", "title": "New name""#)),
            (
                "messages/inbox/bo_1/message_2.json",
                &part(2, r#", "title": "Old name", "is_still_participant": true"#),
            ),
            (
                "messages/inbox/bo_1/message_3.json",
                &part(1, r#", "title": "Oldest name", "is_still_participant": false"#),
            ),
        ]),
    );
    let told: Vec<&str> = kept.messages().iter().map(|m| m.text.as_str()).collect();
    assert_eq!(told, ["later 1", "sooner 1", "later 2", "sooner 2", "later 3", "sooner 3"]);
    let threads = kept.threads();
    assert_eq!(threads["bo_1"].title.as_deref(), Some("New name"));
    assert_eq!(threads["bo_1"].membership, Membership::Member, "the newest that says so");
}

#[test]
fn a_thread_in_several_places_is_one() {
    let more = format!(
        r#"{HELLO}, {HELLO}, {{"sender_name": "Bo Berg", "timestamp_ms": 1600000005000, "content": "again"}}"#
    );
    let copy = format!(r#"{{"thread_name": "Rope", "messages": [{HELLO}]}}"#);
    let t = tree(&[
        (
            "your_facebook_activity/messages/archived_threads/rope_1157564424322632/message_1.json",
            &thread(HELLO),
        ),
        (
            "your_facebook_activity/messages/inbox/ropeteam_1157564424322632/message_1.json",
            &thread(&more),
        ),
        ("your_facebook_activity/groups/your_group_messages/1157564424322632.json", &copy),
    ]);
    let kept = import("messenger", &t);
    // Two equal messages of one telling stay two; each further telling says that it is one, so
    // that the store counts equal messages anew.
    let mut tellings = vec![vec![]];
    for record in &kept.records {
        match record {
            Record::Telling { thread } => {
                assert_eq!(&**thread, "1157564424322632");
                tellings.push(vec![]);
            }
            Record::Message(m) => tellings.last_mut().expect("one").push(m.text.as_str()),
            _ => {}
        }
    }
    assert_eq!(tellings, [vec!["hello", "hello", "again"], vec!["hello"], vec!["hello"]]);
    let threads = kept.threads();
    assert_eq!(threads.len(), 1);
    let told = threads["1157564424322632"];
    assert_eq!((told.folder.as_deref(), told.archived), (Some("inbox"), false));
}

#[test]
fn folders_without_slug_or_with_short_ids() {
    for (folder, key) in [
        ("jhdgfylq-w", "jhdgfylq-w"),
        ("1157564424322632", "1157564424322632"),
        ("alice_ABC123", "alice_ABC123"),
        ("alice_1157564424322632", "1157564424322632"),
        ("_2jzaxws1kg", "2jzaxws1kg"),
        ("bo_2jza-ws1kg", "bo_2jza-ws1kg"),
    ] {
        let path = format!("messages/inbox/{folder}/message_1.json");
        let kept = import("messenger", &tree(&[(&path, &thread(HELLO))]));
        assert_eq!(kept.threads().keys().collect::<Vec<_>>(), [key], "{folder}");
    }
}

#[test]
fn a_thread_opens_before_its_messages_and_closes_with_what_was_learnt() {
    let kept = messages("messenger", HELLO);
    let order: Vec<_> = kept
        .records
        .iter()
        .map(|r| match r {
            Record::Account(_) => "account",
            Record::Thread(t) if t.title.is_none() => "key",
            Record::Thread(_) => "thread",
            Record::Participant(_) => "person",
            Record::Message(_) => "message",
            Record::Telling { .. } => "again",
            Record::Revision(_) | Record::Reaction(_) | Record::Receipt(_) => "change",
        })
        .collect();
    assert_eq!(order, ["account", "key", "message", "person", "person", "thread"]);
    assert_eq!(kept.threads()["bo_1"].origin, "Messenger export");
    assert!(kept.bytes > 100);
}

#[test]
fn me_by_the_profile() {
    let facebook = r#"{"profile_v2": {"name": {"full_name": "Zo\u00c3\u00ab Lima"}, "previous_names": [{"name": "Zo\u00c3\u00ab Berg", "timestamp": 1}]}}"#;
    let instagram = r#"{"profile_user": [{"string_map_data": {"Nome de usu\u00c3\u00a1rio": {"value": "zoe.l"}, "Nome": {"value": "Zo\u00c3\u00ab Lima"}, "E-mail": {"value": "z@example.com"}}}]}"#;
    for (source, path, profile, names) in [
        (
            "messenger",
            "personal_information/profile_information/profile_information.json",
            facebook,
            ["Zoë Lima", "Zoë Berg"],
        ),
        (
            "messenger",
            "profile_information/profile_information.json",
            &facebook.replace("profile_v2", "profile"),
            ["Zoë Lima", "Zoë Berg"],
        ),
        (
            "instagram",
            "personal_information/personal_information/personal_information.json",
            instagram,
            ["Zoë Lima", "zoe.l"],
        ),
    ] {
        let thread = thread(HELLO).replace("Ana Lima", r"Zo\u00c3\u00ab Lima");
        let t = tree(&[(path, profile), ("messages/inbox/bo_1/message_1.json", &thread)]);
        let kept = import(source, &t);
        let me = kept.account();
        assert_eq!((me.key.as_str(), me.name.as_str()), ("zoë lima", "Zoë Lima"));
        assert_eq!(
            (&me.me_names[..], me.known_by.as_str()),
            (&names.map(str::to_owned)[..], "profile file")
        );
        assert!(kept.remarks.is_empty());
        let me: Vec<_> = kept.people("bo_1").iter().filter(|p| p.is_me).map(|p| &*p.name).collect();
        assert_eq!(me, ["Zoë Lima"]);
    }
}

#[test]
fn me_by_being_in_every_thread_and_said_so() {
    let one = thread(HELLO);
    let two = one.replace("Bo Berg", "Cy Clark");
    let t = tree(&[
        ("your_facebook_activity/messages/inbox/bo_1/message_1.json", &one),
        ("your_facebook_activity/messages/inbox/cy_2/message_1.json", &two),
    ]);
    let kept = import("messenger", &t);
    assert_eq!(
        (kept.account().key.as_str(), kept.account().known_by.as_str()),
        ("ana lima", "in every thread")
    );
    assert!(kept.remarks[0].contains("Ana Lima") && kept.remarks[0].contains("2 of 2"));

    let mut named = Kept::default();
    let options = ReadOptions {
        me: Some("Bo Berg".into()),
        account: Some("Work".into()),
        ..ReadOptions::default()
    };
    read(
        &App { id: "messenger", other: "instagram", name: "Messenger", kind: Kind::Messenger },
        &t,
        &options,
        &mut named,
    )
    .expect("readable");
    assert_eq!((named.account().key.as_str(), named.account().known_by.as_str()), ("work", "--me"));
    assert!(named.remarks.is_empty());
}

#[test]
fn a_profile_with_a_handle_alone_is_joined_with_the_name_in_the_threads() {
    let profile = r#"{"profile_user": [{"string_map_data": {"Username": {"value": "ana.l"}, "X": {"value": "Ana Lima"}}}]}"#;
    let t = tree(&[
        ("personal_information/personal_information.json", profile),
        ("your_instagram_activity/messages/inbox/bo_1/message_1.json", &thread(HELLO)),
    ]);
    let kept = import("instagram", &t);
    assert_eq!(kept.account().me_names, ["ana.l", "Ana Lima"]);
    assert_eq!(kept.account().key, "ana.l");
    assert!(kept.remarks[0].contains("Ana Lima"));
}

#[test]
fn a_chat_with_myself() {
    let selfie = HELLO.replace("Bo Berg", "Ana Lima");
    let file = format!(
        r#"{{"participants": [{{"name": "Ana Lima"}}], "messages": [{selfie}], "title": "Ana Lima"}}"#
    );
    let t = tree(&[
        (
            "profile_information/profile_information.json",
            r#"{"profile": {"name": {"full_name": "Ana Lima"}}}"#,
        ),
        ("messages/inbox/analima_1/message_1.json", &file),
    ]);
    let kept = import("messenger", &t);
    assert_eq!(kept.threads()["analima_1"].kind, Some(ThreadKind::Direct));
    let people: Vec<_> = kept.people("analima_1").iter().map(|p| (p.is_me, p.left)).collect();
    assert_eq!(people, [(true, false)]);
}

#[test]
fn nobody_is_guessed_to_be_me_without_grounds() {
    let lone = format!(r#"{{"messages": [{HELLO}, {}]}}"#, HELLO.replace("Bo Berg", "Ana"));
    let kept = import("instagram", &tree(&[("chat.json", &lone)]));
    assert_eq!((kept.account().key.as_str(), kept.account().me_names.len()), ("", 0));
    assert!(kept.remarks[0].contains("--me"));
    assert_eq!(kept.texts("loose/chat").len(), 2);
}

#[test]
fn pages_are_read_beside_the_json() {
    let page = r#"<html><title>Bo Berg</title><body><div class="pam _3-95 _2ph- _a6-g uiBoxWhite noborder">
        <div class="_a6-h _a6-i">Bo Berg</div><div class="_a6-p"><div>hello</div></div>
        <div class="_3-94 _a6-o">Sep 13, 2020, 12:26 PM</div></div></body></html>"#;
    let t = tree(&[
        ("your_facebook_activity/messages/inbox/bo_1/message_1.html", page),
        ("your_facebook_activity/messages/inbox/bo_1/message_2.html", page),
        ("your_facebook_activity/messages/inbox/cy_2/message_1.html", page),
        ("your_facebook_activity/messages/inbox/cy_2/message_1.json", &thread(HELLO)),
        ("your_facebook_activity/messages/chats.html", "<html></html>"),
    ]);
    assert!(claims(&t)[0].1.what.ends_with("(JSON and HTML)"));
    let kept = import("messenger", &t);
    assert!(kept.oddities.is_empty(), "{:?}", kept.oddities);
    assert_eq!(kept.texts("cy_2"), ["hello"]);
    assert_eq!(kept.texts("html/cy_2"), ["hello"]);
    assert_eq!(kept.texts("html/bo_1"), ["hello", "hello"]);
    let paged = kept.messages().into_iter().find(|m| &*m.thread == "html/bo_1").expect("a page's");
    assert_eq!(paged.sent.clock, Clock::WallMinute(1_600_000_000 / 60));

    let only = tree(&[("messages/inbox/bo_1/message_1.html", page)]);
    let found = claims(&only);
    assert!(found.len() == 1 && found[0].1.what.ends_with("(HTML)"), "{found:?}");
}

/// Pages taken out of their folder are one thread, called after its title; the one page with all
/// conversations is known under any name.
#[test]
fn pages_by_themselves() {
    let page = |text: &str| {
        format!(
            r#"<html><title>Bo Berg</title><body><div class="pam _3-95 _2ph- _a6-g uiBoxWhite noborder">
            <div class="_a6-h _a6-i">Bo Berg</div><div class="_a6-p"><div>{text}</div></div>
            <div class="_3-94 _a6-o">Sep 13, 2020, 12:26 PM</div></div></body></html>"#
        )
    };
    let (first, second, tenth) = (page("c"), page("b"), page("a"));
    let t = tree(&[
        ("some/message_1.html", &first),
        ("some/message_10.html", &tenth),
        ("some/message_2.html", &second),
    ]);
    assert_eq!(claims(&t).len(), 1);
    let kept = import("messenger", &t);
    assert!(kept.oddities.is_empty(), "{:?}", kept.oddities);
    assert_eq!(kept.threads().keys().collect::<Vec<_>>(), ["html/loose/Bo Berg"]);
    assert_eq!(kept.texts("html/loose/Bo Berg"), ["a", "b", "c"]);

    let old = r#"<html><title>Ana Lima - Messages</title><body><h1>Ana Lima</h1>
        <div class="thread">Ana Lima, Bo Berg<div class="message"><div class="message_header">
        <span class="user">Bo Berg</span><span class="meta">Sunday, September 13, 2015 at 12:26pm UTC</span>
        </div></div><p>hello</p></div></body></html>"#;
    for name in ["messages (1).htm", "facebook/my old messages.html"] {
        let kept = import("messenger", &tree(&[(name, old)]));
        let texts: Vec<&str> = kept.messages().iter().map(|m| m.text.as_str()).collect();
        assert_eq!((texts, kept.account().name.as_str()), (vec!["hello"], "Ana Lima"), "{name}");
    }
}

/// Should the markup change, nobody must think that the thread was empty.
#[test]
fn a_page_in_which_nothing_is_known_is_told() {
    let page = r#"<html><title>Bo</title><body><div class="_b1-x">Bo</div><p>hello</p></body>"#;
    let path = "your_facebook_activity/messages/inbox/bo_1/message_1.html";
    let kept = import("messenger", &tree(&[(path, page)]));
    assert_eq!(kept.oddities.len(), 1);
    assert!(kept.oddities[0].why.contains("no message"));
    let quiet = r#"<html><title>Crew</title><body><div class="_a6-g">
        <div class="_a6-h">Participants: Ana, Bo and Cy</div></div></body>"#;
    let kept = import("messenger", &tree(&[(path, quiet)]));
    assert!(kept.oddities.is_empty(), "{:?}", kept.oddities);
    assert_eq!(kept.people("html/bo_1").len(), 3);
}

#[test]
fn parts_taken_out_of_their_folder_are_one_thread() {
    let t = tree(&[
        ("message_1.json", &thread(&HELLO.replace("hello", "new"))),
        ("message_2.json", &thread(&HELLO.replace("hello", "old"))),
    ]);
    assert_eq!(claims(&t).len(), 1);
    assert_eq!(import("messenger", &t).texts("loose/Bo Berg"), ["old", "new"]);
}

#[test]
fn the_single_file_of_before_2021() {
    let file = r#"[
        {"participants": ["zoe.lq", "bo"], "conversation": [
            {"sender": "bo", "created_at": "2020-05-04T12:00:01.500000+00:00", "text": "né?", "likes": [{"username": "zoe.lq", "date": "2020-05-04T12:00:02+00:00"}]},
            {"sender": "zoe.lq", "created_at": "2020-05-04T12:00:00+00:00", "media_share_url": "https://www.instagram.com/p/x/", "media_share_caption": "A caption", "media_owner": "cy"},
            {"sender": "bo", "created_at": "2020-05-04T12:00:00+00:00", "video_call_action": "bo started a video chat"},
            {"sender": "bo", "created_at": "yesterday", "text": "lost"}]},
        {"participants": ["zoe.lq", "bo", "cy"], "conversation": [{"sender": "cy", "created_at": "2019-01-01T00:00:00+00:00", "text": "three"}]}]"#;
    for path in ["messages.json", "zoe_20201201/messages.json"] {
        let t = tree(&[(path, file), ("profile.json", r#"{"username": "zoe.lq", "name": "Zoë"}"#)]);
        let found = claims(&t);
        assert_eq!(found.iter().map(|f| f.0).collect::<Vec<_>>(), ["instagram"]);
        let kept = import("instagram", &t);
        let threads = kept.threads();
        assert_eq!(threads.keys().collect::<Vec<_>>(), ["direct/bo+cy+zoe.lq", "direct/bo+zoe.lq"]);
        assert_eq!(threads["direct/bo+cy+zoe.lq"].kind, Some(ThreadKind::Group));
        // What has no time that can be read stands with the one before it.
        assert_eq!(kept.texts("direct/bo+zoe.lq"), ["lost", "bo started a video chat", "", "né?"]);
        let first = kept.messages()[0];
        assert_eq!(first.sent.at, Timestamp(1_588_593_601_500));
        assert_eq!(&*first.reactions[0].by, "zoe.lq");
        assert_eq!(kept.messages()[1].attachments[0].name.as_deref(), Some("A caption"));
        assert_eq!(kept.oddities.len(), 1);
        assert_eq!(kept.account().me_names, ["Zoë", "zoe.lq"]);
        assert_eq!(kept.people("direct/bo+cy+zoe.lq").len(), 3);
    }
    let cut = import("instagram", &tree(&[("messages.json", &file[..700])]));
    assert!(!cut.messages().is_empty() && !cut.oddities.is_empty());
}

/// What a message of an early download with these fields says.
fn early(fields: &str) -> MessageRecord {
    let file = format!(
        r#"[{{"participants": ["zoe.lq", "bo"], "conversation": [
          {{"sender": "bo", "created_at": "2019-05-04T12:00:00", {fields}}}]}}]"#
    );
    let files = [("messages.json", &*file), ("direct/201905/a.jpg", "x")];
    let kept = import("instagram", &tree(&files));
    assert_eq!(kept.oddities, [], "{fields}");
    let m = kept.one().clone();
    assert_eq!(m.sent.at, Timestamp(1_556_971_200_000));
    m
}

/// Every field that public tools for these downloads know, and one that nobody does.
#[test]
fn what_an_early_message_may_hold() {
    for (fields, text) in [
        (r#""heart": "\u2764\ufe0f""#, "❤️"),
        (r#""action": "bo left the group""#, "bo left the group"),
        (r#""live_video_invite": "bo invited you""#, "bo invited you"),
        (r#""something_new": "words""#, "words"),
        (r#""text": "hi", "something_new": "words""#, "hi"),
        (r#""text": null, "mentioned_username": "cy""#, "cy"),
    ] {
        let m = early(fields);
        assert_eq!((m.text.as_str(), m.attachments.len()), (text, 0), "{fields}");
    }
}

#[test]
fn what_may_come_with_an_early_message() {
    let web = |url: &str| MediaPlace::Web { url: url.to_owned() };
    for (fields, kind, name, place) in [
        (
            r#""animated_media_images": {"original": {"height": "1", "url": "https://g.example/a.gif"}}"#,
            AttachmentKind::Gif,
            None,
            Some(web("https://g.example/a.gif")),
        ),
        (
            r#""media": "https://s.example/a.mp4?x=1""#,
            AttachmentKind::Video,
            None,
            Some(web("https://s.example/a.mp4?x=1")),
        ),
        (r#""media": "direct/201905/a.jpg""#, AttachmentKind::Photo, Some("a.jpg"), None),
        (
            r#""voice_media": "Media unavailable.""#,
            AttachmentKind::Voice,
            Some("Media unavailable."),
            Some(MediaPlace::Omitted),
        ),
        (
            r#""story_share": "Shared cy's story", "story_share_type": "default""#,
            AttachmentKind::Share,
            Some("Shared cy's story"),
            Some(MediaPlace::Omitted),
        ),
        (
            r#""media_owner": "cy", "media_share_url": "Media share unavailable.""#,
            AttachmentKind::Share,
            Some("cy"),
            Some(MediaPlace::Omitted),
        ),
        (
            r#""profile_share_username": "cy", "profile_share_name": "Cy Ek""#,
            AttachmentKind::Share,
            Some("Cy Ek"),
            Some(MediaPlace::Omitted),
        ),
        (
            r#""location_name": "Harbour", "city": "Porto", "latitude": "41.1""#,
            AttachmentKind::Location,
            Some("Harbour, Porto"),
            Some(MediaPlace::Omitted),
        ),
    ] {
        let m = early(fields);
        let [a] = m.attachments.as_slice() else { panic!("{fields}: {m:?}") };
        assert_eq!((a.kind, a.name.as_deref(), m.text.as_str()), (kind, name, ""), "{fields}");
        match place {
            Some(place) => assert_eq!(a.place, place, "{fields}"),
            None => assert!(matches!(a.place, MediaPlace::Export { container: Some(_), .. })),
        }
    }
}

#[test]
fn an_early_group_is_called_what_it_was_called_last() {
    let named = r#"[{"participants": ["zoe.lq", "bo"], "conversation": [
        {"sender": "bo", "created_at": "2019-05-05T12:00:00+00:00", "action": "bo named the group New"},
        {"sender": "bo", "created_at": "2019-05-04T12:00:00+00:00", "action": "bo named the group Old"},
        {"sender": "bo", "created_at": "2019-05-03T12:00:00+00:00", "is_random": true}]}]"#;
    let kept = import("instagram", &tree(&[("messages.json", named)]));
    let thread = kept.threads()["direct/bo+zoe.lq"].clone();
    assert_eq!((thread.title.as_deref(), thread.kind), (Some("New"), Some(ThreadKind::Group)));
    assert_eq!(kept.oddities.len(), 1, "one says nothing that is known");
}

/// The file by itself: I am who is in every conversation.
#[test]
fn an_early_file_without_a_profile() {
    let one = |who: &str| {
        format!(
            r#"{{"participants": ["zoe.lq", "{who}"], "conversation": [
              {{"sender": "{who}", "created_at": "2019-05-04T12:00:00", "text": "hi"}}]}}"#
        )
    };
    let file = format!("[{}, {}, {}]", one("bo"), one("cy"), one("jo"));
    let kept = import("instagram", &tree(&[("messages.json", &file)]));
    assert_eq!(kept.account().me_names, ["zoe.lq"], "{:?}", kept.remarks);
    let me: Vec<_> = kept.people("direct/bo+zoe.lq").into_iter().filter(|p| p.is_me).collect();
    assert_eq!(me.len(), 1);
    // Of one alone it cannot be told.
    let kept = import("instagram", &tree(&[("messages.json", &format!("[{}]", one("bo")))]));
    assert!(kept.account().me_names.is_empty());
}
