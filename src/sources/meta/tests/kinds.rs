//! What a message or a thread turns out to be.

use super::*;

fn message(fields: &str) -> Kept {
    let all = format!(r#"{{"sender_name": "Bo Berg", "timestamp_ms": 1600000000000, {fields}}}"#);
    messages("messenger", &all)
}

#[test]
fn text_names_and_reactions_are_repaired() {
    let kept = message(
        r#""content": "caf\u00c3\u00a9?", "type": "Generic", "ip": "192.0.2.1",
           "reactions": [{"reaction": "\u00e2\u009d\u00a4", "actor": "Zo\u00c3\u00ab", "timestamp": 1600000001},
                         {"reaction": "\u00f0\u009f\u0091\u008d", "actor": "Bo Berg", "timestamp": 1600000001500},
                         {"actor": "Bo Berg"}, 7]"#,
    );
    let m = kept.one();
    assert_eq!((m.text.as_str(), &m.kind), ("café?", &MessageKind::Text));
    assert_eq!(m.sender.as_deref(), Some("Bo Berg"));
    assert_eq!(m.sent, Moment::exact(Timestamp(1_600_000_000_000)));
    let reactions: Vec<_> =
        m.reactions.iter().map(|r| (r.emoji.as_str(), &*r.by, r.at.map(|t| t.0))).collect();
    assert_eq!(
        reactions,
        [("❤", "Zoë", Some(1_600_000_001_000)), ("👍", "Bo Berg", Some(1_600_000_001_500))]
    );
    assert!(!format!("{m:?}").contains("192.0.2.1"));
    assert!(kept.oddities.is_empty(), "{:?}", kept.oddities);
}

#[test]
fn reactions_listed_twice_are_told_once() {
    let one = r#"{"reaction": "x", "actor": "Ana Lima"}"#;
    let two = r#"{"reaction": "x", "actor": "Bo Berg"}"#;
    let late = r#"{"reaction": "x", "actor": "Ana Lima", "timestamp": 1600000001}"#;
    let other = r#"{"reaction": "y", "actor": "Ana Lima"}"#;
    let kept = message(&format!(
        r#""content": "hi", "reactions": [{one}, {two}, {late}, {two}, {other}]"#
    ));
    let told: Vec<_> =
        kept.one().reactions.iter().map(|r| (r.emoji.as_str(), &*r.by, r.at.is_some())).collect();
    assert_eq!(told, [("x", "Ana Lima", true), ("x", "Bo Berg", false), ("y", "Ana Lima", false)]);
}

#[test]
fn media_of_every_list() {
    let kept = message(
        r#""photos": [{"uri": "photos/a.jpg", "creation_timestamp": 1}, {"uri": "https://cdn.example/b.jpg"}],
           "videos": [{"uri": "v.mp4", "thumbnail": {"uri": "t.jpg"}}],
           "audio_files": [{"uri": "n.aac"}, {"uri": "song.mp3"}], "files": [{"uri": "files/list.pdf"}],
           "gifs": [{"uri": "g.gif"}], "sticker": {"uri": "stickers_used/s.png", "ai_stickers": []}"#,
    );
    let kinds: Vec<_> = kept.one().attachments.iter().map(|a| a.kind.word()).collect();
    let all = ["photo", "photo", "video", "voice", "audio", "file", "gif", "sticker"];
    assert_eq!(kinds, all);
    assert_eq!(kept.one().attachments[5].name.as_deref(), Some("list.pdf"));
    let web = MediaPlace::Web { url: "https://cdn.example/b.jpg".to_owned() };
    assert_eq!(kept.one().attachments[1].place, web);
}

#[test]
fn shares() {
    for (fields, kind, name, link) in [
        (
            r#""link": "https://example.com/a", "share_text": "A text""#,
            AttachmentKind::Share,
            Some("A text"),
            Some("https://example.com/a"),
        ),
        (
            r#""link": "https://www.instagram.com/stories/zoe/123""#,
            AttachmentKind::Share,
            None,
            Some("https://www.instagram.com/stories/zoe/123"),
        ),
        (
            r#""link": "https://media.giphy.com/media/x.gif""#,
            AttachmentKind::Gif,
            None,
            Some("https://media.giphy.com/media/x.gif"),
        ),
        (r#""share_text": "Live location""#, AttachmentKind::Location, Some("Live location"), None),
        (r#""original_content_owner": "zoe""#, AttachmentKind::Share, Some("zoe"), None),
        (
            r#""share_text": "a reel", "original_content_owner": "zoe""#,
            AttachmentKind::Share,
            Some("a reel · zoe"),
            None,
        ),
        (r#""profile_share_username": "zoe""#, AttachmentKind::Share, Some("zoe"), None),
        (
            r#""link": "javascript:alert(1)""#,
            AttachmentKind::Share,
            Some("javascript:alert(1)"),
            None,
        ),
    ] {
        let kept = message(&format!(r#""content": "Bo sent it", "share": {{{fields}}}"#));
        let a = &kept.one().attachments[0];
        let place = match link {
            Some(url) => MediaPlace::Web { url: url.to_owned() },
            None => MediaPlace::Omitted,
        };
        assert_eq!((a.kind, a.name.as_deref(), &a.place), (kind, name, &place), "{fields}");
    }
}

/// The app says that something was sent; what it was stands beside it.
#[test]
fn what_the_app_says_of_something_sent_is_no_text() {
    let link = r#""share": {"link": "https://www.instagram.com/reel/X1/"}"#;
    let photo = r#""photos": [{"uri": "photos/a.jpg"}]"#;
    for (content, beside, text) in [
        ("Bo sent an attachment.", link, ""),
        ("Captain sent an attachment.", link, ""),
        ("You sent an attachment.", photo, ""),
        ("Bo Berg sent 2 attachments.", photo, ""),
        ("Enviaste un archivo adjunto.", link, ""),
        ("Bo bir ek g\\u00c3\\u00b6nderdi.", link, ""),
        ("Look. Bo sent an attachment.", link, "Look. Bo sent an attachment."),
        ("Bo sent an attachment. Look!", link, "Bo sent an attachment. Look!"),
        ("Bo sent a location.", photo, "Bo sent a location."),
    ] {
        let kept = message(&format!(r#""content": "{content}", {beside}"#));
        let m = kept.one();
        assert_eq!((m.text.as_str(), &m.kind), (text, &MessageKind::Text), "{content}");
        assert_eq!((m.attachments.len(), m.formerly.is_some()), (1, text.is_empty()), "{content}");
    }
    let alone = message(r#""content": "Bo sent an attachment.""#);
    assert_eq!(alone.one().kind, MessageKind::System);
    assert_eq!(alone.one().text, "Bo sent an attachment.");
}

#[test]
fn a_message_with_nothing_in_it_had_something_that_the_export_left_out() {
    for (fields, kind) in [
        (r#""is_geoblocked_for_viewer": false"#, AttachmentKind::File),
        (
            r#""reactions": [{"reaction": "x", "actor": "Ana Lima"}], "content": """#,
            AttachmentKind::File,
        ),
        (r#""type": "link", "text": "", "media": []"#, AttachmentKind::Share),
        (r#""type": "media", "text": "", "media": []"#, AttachmentKind::File),
    ] {
        let kept = message(fields);
        let m = kept.one();
        let left_out = Attachment { kind, name: None, place: MediaPlace::Omitted };
        assert_eq!((m.text.as_str(), &m.kind), ("", &MessageKind::Text), "{fields}");
        assert_eq!(m.attachments, [left_out], "{fields}");
        assert_eq!(m.formerly.as_deref(), Some(""), "{fields}");
    }
    for fields in [r#""is_unsent": true"#, r#""call_duration": 5"#, r#""content": {"x": 1}"#] {
        assert!(message(fields).one().attachments.is_empty(), "{fields}");
    }
}

#[test]
fn places_on_the_map() {
    let map = "https://www.bing.com/maps/default.aspx?v=2&where1=42.5%2C+23.25&FORM=X";
    for (content, share, kind, name, text) in [
        ("Bo sent a location.", format!(r#""link": "{map}""#), "location", "42.5, 23.25", ""),
        (
            "Bo Berg sent a location.",
            format!(r#""link": "{map}", "share_text": "Old Town""#),
            "location",
            "Old Town",
            "",
        ),
        (
            "Bo sent a live location.",
            r#""share_text": "Bo sent a live location.""#.to_owned(),
            "location",
            "",
            "",
        ),
        ("Bo sent an attachment.", r#""share_text": "a reel""#.to_owned(), "share", "a reel", ""),
        ("look", r#""share_text": "a reel""#.to_owned(), "share", "a reel", "look"),
    ] {
        let kept = message(&format!(r#""content": "{content}", "share": {{{share}}}"#));
        let m = kept.one();
        let a = &m.attachments[0];
        assert_eq!((a.kind.word(), a.name.as_deref().unwrap_or("")), (kind, name), "{content}");
        assert_eq!(m.text, text, "{content}");
    }
}

#[test]
fn calls() {
    let call = |video, seconds, missed| MessageKind::Call(Call { video, seconds, missed });
    for (fields, kind) in [
        (r#""type": "Call", "call_duration": 192"#, call(None, Some(192), false)),
        (r#""call_duration": 0, "missed": true"#, call(None, Some(0), true)),
        (
            r#""content": "You missed a call from Bo Berg", "call_duration": 0"#,
            call(None, Some(0), true),
        ),
        (
            r#""content": "Du hast einen Anruf von Bo Berg verpasst.", "call_duration": 0"#,
            call(None, Some(0), true),
        ),
        (
            r#""content": "The video call ended.", "call_duration": 60"#,
            call(Some(true), Some(60), false),
        ),
        (r#""content": "Bo Berg called you.""#, call(None, None, false)),
        (r#""content": "Video chat ended""#, call(Some(true), None, false)),
        // By the first name, and by any other where it is a call for certain.
        (r#""content": "Bo called you.""#, call(None, None, false)),
        (r#""content": "Bo missed a video call from Ana Lima.""#, call(Some(true), None, true)),
        (
            r#""content": "Captain started a video chat", "call_duration": 60"#,
            call(Some(true), Some(60), false),
        ),
        (r#""content": "Captain started a video chat""#, MessageKind::Text),
        (r#""content": "Bo called you an hour ago.""#, MessageKind::Text),
    ] {
        assert_eq!(message(fields).one().kind, kind, "{fields}");
    }
}

#[test]
fn taken_back_and_taken_down() {
    for (fields, deletion, text) in [
        (r#""is_unsent": true"#, Deletion::Unsent, ""),
        (
            r#""is_unsent": true, "content": "kept by the export""#,
            Deletion::Unsent,
            "kept by the export",
        ),
        (r#""is_taken_down": true, "content": "x""#, Deletion::TakenDown, "x"),
        (r#""is_unsent": false, "content": "x""#, Deletion::None, "x"),
    ] {
        let kept = message(fields);
        assert_eq!((kept.one().deletion, kept.one().text.as_str()), (deletion, text));
    }
}

#[test]
fn lines_of_the_app_and_bumps() {
    for fields in [
        r#""content": "Bo Berg named the group X.", "type": "Generic""#,
        r#""content": "Bo Berg left the chat", "type": "Unsubscribe""#,
        r#""content": "something in a tongue unknown", "users": [{"name": "Zoe"}]"#,
        r#""content": "Bo named the group X.""#,
        r#""content": "Bo removed the group name.""#,
        r#""content": "Bo created a poll: Where to?""#,
        r#""content": "Bo voted for \"Here\" in the poll: Where to?""#,
    ] {
        assert_eq!(message(fields).one().kind, MessageKind::System, "{fields}");
    }
    let bumped =
        r#""bumped_message_metadata": {"bumped_message": "caf\u00c3\u00a9", "is_bumped": true}"#;
    assert_eq!(message(bumped).one().text, "café");
    assert_eq!(message(r#""content": "", "users": []"#).one().kind, MessageKind::Text);
}

#[test]
fn reactions_told_as_messages_are_not_told_twice() {
    let like = r#"{"sender_name": "Bo Berg", "timestamp_ms": 1600000000000, "content": "Liked a message"}"#;
    let heart = r#"{"sender_name": "Bo Berg", "timestamp_ms": 1600000000000, "content": "Reacted \u00e2\u009d\u00a4 to your message "}"#;
    let with_photo = r#"{"sender_name": "Bo Berg", "timestamp_ms": 1600000000000, "content": "Liked a message", "photos": [{"uri": "a.jpg"}]}"#;
    let named = like.replace("Liked", "bo.berg liked");
    let other = heart.replace("Reacted", "Reagiu com");
    let other = other.replace("to your message", "\\u00c3\\u00a0 sua mensagem");
    let kept = messages("instagram", &[like, heart, with_photo, &named, &other].join(","));
    assert_eq!(kept.one().attachments.len(), 1);
    assert!(kept.oddities.is_empty());
}

/// A nickname is given before it is used, and files run from new to old.
#[test]
fn lines_under_a_nickname_that_was_given_in_the_thread() {
    let line = |sender: &str, at: u32, content: &str| {
        format!(
            r#"{{"sender_name": "{sender}", "timestamp_ms": 160000000{at}000, "content": "{content}"}}"#
        )
    };
    let said = [
        line("Bo Berg", 5, "Captain Zo\\u00c3\\u00ab left the group."),
        line("Ana Lima", 4, "Captain Zo\\u00c3\\u00ab left the group."),
        line("Bo Berg", 3, "Captain of what?"),
        line("Ana Lima", 2, "Ana set the nickname for Bo Berg to Captain Zo\\u00c3\\u00ab."),
    ];
    let kept = messages("messenger", &said.join(","));
    let kinds: Vec<_> = kept.messages().iter().map(|m| m.kind.clone()).collect();
    let (system, text) = (MessageKind::System, MessageKind::Text);
    assert_eq!(kinds, [system.clone(), text.clone(), text, system]);
}

#[test]
fn placeholders_stand_for_nobody() {
    let thread = r#"{"participants": [{"name": "Facebook User"}, {"name": "Ana Lima"}], "messages": [], "title": "Facebook User"}"#;
    let other = r#"{"participants": [{"name": "Nutzer"}, {"name": "Ana Lima"}], "messages": [], "title": "Nutzer"}"#;
    let kept = import(
        "messenger",
        &tree(&[
            ("messages/inbox/facebookuser_1/message_1.json", thread),
            ("messages/inbox/facebookuser_2/message_1.json", other),
        ]),
    );
    for key in ["facebookuser_1", "facebookuser_2"] {
        let marks: Vec<_> = kept.people(key).iter().map(|p| (p.placeholder, p.is_me)).collect();
        assert_eq!(marks, [(true, false), (false, true)], "{key}");
    }
}

#[test]
fn flags_wherever_they_stand() {
    for (flags, cross, read_only, will) in [
        (r#""is_xac_thread": true"#, true, false, false),
        (r#""is_xac_thread": 1, "is_xac_readonly": "true""#, true, true, false),
        (r#""thread": {"is_xac_thread": true, "will_xac_be_readonly": true}"#, true, false, true),
        (r#""is_xac_readonly": 1"#, true, true, false),
        (r#""is_xac_thread": false, "is_xac_readonly": 0"#, false, false, false),
        (r#""thread_type": "XAC_GROUP""#, true, false, false),
        (r#""thread_type": 200"#, true, false, false),
        (r#""cannot_reply_reason": "read_only""#, false, true, false),
        (r#""other": {"deep": {"is_xac_thread": true}}"#, false, false, false),
        (r#""is_still_participant": false"#, false, false, false),
    ] {
        let file = format!(r#"{{"messages": [{HELLO}], "title": "Bo", {flags}}}"#);
        for (source, root, other) in [
            ("instagram", "your_instagram_activity", "messenger"),
            ("messenger", "your_facebook_activity", "instagram"),
        ] {
            let path = format!("{root}/messages/inbox/bo_1/message_1.json");
            let kept = import(source, &tree(&[(&path, &file)]));
            let threads = kept.threads();
            let t = threads["bo_1"];
            let crosses = t.cross_app.as_ref().and_then(|c| c.other.as_ref()).map(SourceId::as_str);
            assert_eq!(crosses, cross.then_some(other), "{flags}");
            assert_eq!(t.read_only.is_some(), read_only, "{flags}");
            assert_eq!(t.will_be_read_only.is_some(), will, "{flags}");
            let evidence = t.cross_app.iter().map(|c| &c.evidence).chain(&t.read_only);
            assert!(evidence.chain(&t.will_be_read_only).all(|e| e.kind == EvidenceKind::Flag));
        }
    }
}

#[test]
fn the_notice_in_an_instagram_thread() {
    let notice = r#"{"sender_name": "Bo Berg", "timestamp_ms": 1696000000000, "content": "After mid-October, you will no longer be able to chat with Facebook friends on Instagram, so this chat will become read-only. Start a new chat on Messenger or Facebook to continue the conversation."}"#;
    let path = "your_instagram_activity/messages/inbox/bo_1/message_1.json";
    let kept = import("instagram", &tree(&[(path, &thread(notice))]));
    assert_eq!(kept.one().kind, MessageKind::System);
    let threads = kept.threads();
    let cross = threads["bo_1"].cross_app.as_ref().expect("a cross-app mark");
    assert_eq!(cross.evidence.kind, EvidenceKind::Notice);
    assert!(threads["bo_1"].read_only.is_none());
}

/// A group that I have left lists nobody but me.
#[test]
fn a_group_is_known_by_those_who_wrote() {
    let said = |senders: &[&str]| {
        let line = |(n, who): (usize, &&str)| {
            format!(
                r#"{{"sender_name": "{who}", "timestamp_ms": 160000000000{n}, "content": "hi"}}"#
            )
        };
        let all: Vec<_> = senders.iter().enumerate().map(line).collect();
        let file = format!(
            r#"{{"participants": [{{"name": "Ana Lima"}}], "title": "T", "messages": [{}]}}"#,
            all.join(",")
        );
        let kept = import("messenger", &tree(&[("messages/inbox/t_1/message_1.json", &file)]));
        kept.threads()["t_1"].kind
    };
    assert_eq!(said(&["Bo Berg", "Cy", "Ana Lima"]), Some(ThreadKind::Group));
    assert_eq!(said(&["Bo Berg", "Ana Lima", "Bo Berg"]), Some(ThreadKind::Direct));
    assert_eq!(said(&["Ana Lima"]), Some(ThreadKind::Direct));
}

#[test]
fn membership_and_groups() {
    let file = |people: &str, more: &str| {
        format!(
            r#"{{"participants": [{people}], "messages": [{HELLO}], "title": "T", {more} "x": 1}}"#
        )
    };
    let (a, b, c) = (r#"{"name": "Ana Lima"}"#, r#"{"name": "Bo Berg"}"#, r#"{"name": "Cy"}"#);
    for (people, more, kind, membership) in [
        (format!("{a},{b}"), "", ThreadKind::Direct, Membership::Unknown),
        (
            format!("{a},{b},{c}"),
            r#""is_still_participant": true,"#,
            ThreadKind::Group,
            Membership::Member,
        ),
        (
            format!("{a},{b}"),
            r#""is_still_participant": false,"#,
            ThreadKind::Direct,
            Membership::Gone,
        ),
        (
            format!("{a},{b}"),
            r#""joinable_mode": {"mode": 1, "link": ""},"#,
            ThreadKind::Group,
            Membership::Unknown,
        ),
        (a.to_owned(), r#""image": {"uri": "g.jpg"},"#, ThreadKind::Group, Membership::Unknown),
        (a.to_owned(), r#""thread_type": "RegularGroup","#, ThreadKind::Group, Membership::Unknown),
    ] {
        let kept = import(
            "messenger",
            &tree(&[("messages/inbox/t_1/message_1.json", &file(&people, more))]),
        );
        let threads = kept.threads();
        assert_eq!(
            (threads["t_1"].kind, threads["t_1"].membership),
            (Some(kind), membership),
            "{more}"
        );
        let left: Vec<_> = kept.people("t_1").iter().filter(|p| p.left).map(|p| &*p.key).collect();
        assert_eq!(
            left.contains(&"Bo Berg"),
            !people.contains("Bo"),
            "who wrote but is not listed left"
        );
    }
}

#[test]
fn encrypted_threads() {
    let alice = r#"{"participants": ["Ana Lima", "Alice"], "threadName": "Alice_7", "messages": [
        {"senderName": "Ana Lima", "text": "hi", "timestamp": 1700000000000, "type": "text", "isUnsent": false, "media": [], "reactions": [{"actor": "Alice", "reaction": "👍🏽"}]},
        {"senderName": "Alice", "text": "", "timestamp": 1700000001000, "type": "media", "media": [{"uri": "./media/0a.jpeg"}, {"uri": "Failed to download media"}]},
        {"senderName": "Alice", "text": "https://example.com", "timestamp": 1700000002000, "type": "link", "media": []},
        {"senderName": "Alice", "text": "User unsent a message", "timestamp": 1700000003000, "type": "placeholder", "media": []},
        {"senderName": "Alice", "text": "oops", "timestamp": 1700000003000, "type": "text", "isUnsent": true, "media": []}]}"#;
    let bob = r#"{"participants": ["Ana Lima", "Bob"], "threadName": "Bob_9", "messages": [{"senderName": "Bob", "text": "yo", "timestamp": 1700000000000, "type": "text"}]}"#;
    let empty = r#"{"participants": ["Ana Lima", "Cy"], "threadName": "Cy_10", "messages": []}"#;
    let t = tree(&[
        ("messages/Alice_7.json", alice),
        ("messages/Bob_9.json", bob),
        ("messages/Cy_10.json", empty),
        ("messages/autofill_information.json", r#"{"autofill_information_v2": {"x": []}}"#),
        ("messages/media/0a.jpeg", "x"),
    ]);
    let found = claims(&t);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].0, found[0].1.confidence), ("messenger", Confidence::Sure));
    let kept = import("messenger", &t);
    assert_eq!(kept.account().name, "Ana Lima");
    assert_eq!(
        kept.texts("e2ee/Alice"),
        ["hi", "", "https://example.com", "User unsent a message", "oops"]
    );
    let threads = kept.threads();
    assert_eq!(threads.keys().collect::<Vec<_>>(), ["e2ee/Alice", "e2ee/Bob"]);
    let t = threads["e2ee/Alice"];
    assert_eq!((t.title.as_deref(), t.stitch), (Some("Alice"), Stitch::Continuation));
    assert_eq!(t.origin, "Messenger encrypted export");
    assert_eq!(t.kind, Some(ThreadKind::Direct));
    let all = kept.messages();
    assert_eq!(all[0].reactions[0].emoji, "👍🏽");
    assert_eq!(all[1].attachments[1].place, MediaPlace::Omitted);
    let MediaPlace::Export { path, .. } = &all[1].attachments[0].place else { panic!("a file") };
    assert_eq!(path, "messages/media/0a.jpeg");
    assert_eq!((all[3].deletion, all[4].deletion), (Deletion::Unsent, Deletion::Unsent));
    assert!(kept.remarks.iter().any(|r| r.contains("holds no messages")));
    assert!(kept.oddities.is_empty(), "{:?}", kept.oddities);
}

/// Without a name of its own a thread's file is called after its people.
#[test]
fn an_encrypted_thread_with_somebody_without_a_name_has_no_title() {
    let file = |people: &str| {
        format!(
            r#"{{"participants": [{people}], "threadName": "_1", "messages": [{{"senderName": "Ana", "text": "hi", "timestamp": 1700000000000}}]}}"#
        )
    };
    let told = |people: &str| {
        let kept = import("messenger", &tree(&[("messages/_1.json", &file(people))]));
        let threads = kept.threads();
        threads.values().next().expect("a thread").title.clone()
    };
    assert_eq!(told(r#""", "Ana""#), None);
    assert_eq!(told(r#""Ana", "Bo""#).as_deref(), Some("Ana, Bo"));
}

#[test]
fn encrypted_threads_of_one_name_stay_apart() {
    let file = |people: &str, name: &str, text: &str| {
        format!(
            r#"{{"participants": [{people}], "threadName": "{name}", "messages": [{{"senderName": "Ana", "text": "{text}", "timestamp": 1700000000000}}]}}"#
        )
    };
    let kept = import(
        "messenger",
        &tree(&[
            ("messages/Rope_1.json", &file(r#""Ana", "Bo", "Cy""#, "Rope_1", "one")),
            ("messages/Rope_2.json", &file(r#""Ana", "Di", "Ed""#, "Rope_2", "two")),
            ("messages/Bo_3.json", &file(r#""Ana", "Bo""#, "Bo_3", "three")),
            ("messages/Bo_4.json", &file(r#""Ana", "Bo""#, "Bo_4", "four")),
        ]),
    );
    assert_eq!(kept.threads().len(), 4);
    assert_eq!((kept.texts("e2ee/Bo"), kept.texts("e2ee/Bo#2")), (vec!["three"], vec!["four"]));
}
