//! Google Chat and Hangouts as Takeout hands them out, read as an import reads them.

mod readers;

use onebox::model::{
    AttachmentKind, Call, Deletion, MediaPlace, Membership, MessageKind, ThreadKind, Timestamp,
};
use onebox::sources::{FileTree, ReadOptions};
use readers::{Told, read_files, read_path, read_tree, sample, source, utc};

fn only(id: &str, case: &str) -> Told {
    let mut all = read_path(id, &sample(id, case), &utc());
    assert_eq!(all.len(), 1, "{case}");
    all.remove(0)
}

const ME: &str = "sam.rivera@example.org";
const DM: &str = "DM xYz12AAAAAE";

#[test]
fn google_chat_says_who_i_am_and_where_i_am_no_more() {
    let told = only("google-chat", "takeout");
    let me = &told.accounts[0];
    assert_eq!((me.key.as_str(), me.name.as_str()), (ME, "Sam Rivera"));
    assert_eq!(told.me(), ["Sam Rivera"]);
    let dm = told.threads.iter().find(|t| &*t.key == DM).expect("told");
    assert_eq!((dm.kind, &dm.title), (Some(ThreadKind::Direct), &None));
    assert_eq!(dm.address.as_deref(), Some("ines@example.org"));
    let choir = told.thread("Choir");
    assert_eq!((choir.kind, choir.membership), (Some(ThreadKind::Group), Membership::Member));
    assert_eq!(told.thread("Old choir").membership, Membership::Gone);
    assert_eq!(told.oddities, []);
    assert_eq!(told.remarks.len(), 1, "one reaction names nobody: {:?}", told.remarks);
}

#[test]
fn google_chat_messages_are_told_with_all_that_belongs_to_them() {
    let told = only("google-chat", "takeout");
    let first = told.saying("Are you there?");
    assert_eq!(first.sent.at, Timestamp(1_739_202_322_000));
    let yes = told.saying("Yes, see");
    assert_eq!(yes.edited, Some(Some(Timestamp(1_739_202_420_000))));
    let reply = yes.reply_to.as_ref().expect("an answer");
    assert_eq!(reply.native_id.as_deref(), first.native_id.as_deref());
    assert_eq!(reply.quote.as_deref(), Some("Are you there?"));
    assert_eq!(yes.attachments[0].name.as_deref(), Some("Notes of the choir"));
}

#[test]
fn google_chat_files_reactions_and_topics_are_told() {
    let told = only("google-chat", "takeout");
    let files = told.of(DM)[2];
    assert_eq!(files.attachments[0].kind, AttachmentKind::Photo);
    assert!(
        matches!(&files.attachments[0].place, MediaPlace::Export { path, container: Some(_) }
            if path == "Groups/DM xYz12AAAAAE/File-stage_.png"),
        "{:?}",
        files.attachments
    );
    assert!(matches!(&files.attachments[1].place, MediaPlace::Export { container: None, .. }));
    assert_eq!((files.reactions[0].emoji.as_str(), &*files.reactions[0].by), ("👍", ME));
    assert_eq!(told.of(DM)[3].deletion, Deletion::Unsent);
    let friday = told.saying("Friday");
    let topic = friday.reply_to.as_ref().and_then(|r| r.native_id.as_deref());
    assert_eq!(topic, told.saying("Which day?").native_id.as_deref());
    assert_eq!(
        friday.attachments[0].place,
        MediaPlace::Web { url: "https://drive.google.com/open?id=1AbC".into() }
    );
    assert_eq!(told.saying("Which day?").reactions[0].emoji, ":dance:");
    assert_eq!(told.saying("I am gone").sender.as_deref(), Some("deleted"));
    assert_eq!(told.saying("Tot ziens").sent.at.to_rfc3339(), "2020-03-03T09:30:00Z");
}

/// Two pictures of one name lie as `name` and `name(1)`, whether the messages say so or not.
#[test]
fn files_of_one_name_are_told_apart() {
    let said = |name: &str| {
        format!(
            r#"{{"creator": {{"name": "Ada"}}, "created_date": "March 3, 2020 at 9:30:00 AM UTC",
                "attached_files": [{{"original_name": "pier.png", "export_name": "{name}"}}]}}"#
        )
    };
    for names in [["File-pier.png"; 3], ["File-pier.png", "File-pier(1).png", "File-pier(2).png"]] {
        let all = names.map(said).join(",");
        let json = format!("{{\"messages\": [{all}]}}");
        let told = read_files(
            "google-chat",
            &[
                ("messages.json", json.as_bytes()),
                ("File-pier.png", b"a"),
                ("File-pier(1).png", b"b"),
                ("File-pier(2).png", b"c"),
            ],
        );
        let files: Vec<&str> = told
            .messages
            .iter()
            .map(|m| match &m.attachments[0].place {
                MediaPlace::Export { path, container: Some(_) } => path.as_str(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(files, ["File-pier.png", "File-pier(1).png", "File-pier(2).png"]);
    }
}

#[test]
fn a_message_whose_time_cannot_be_read_stands_beside_its_neighbour() {
    let json = br#"{"messages": [
        {"creator": {"name": "Ada"}, "created_date": "3. Smarchar 2020 09:30:00 UTC", "text": "lost"},
        {"creator": {"name": "Ada"}, "text": "no time"}, 7,
        {"creator": 5, "created_date": "March 3, 2020 at 9:30:00 AM UTC", "text": "kept", "attached_files": [{}], "reactions": [3], "annotations": [{"url_metadata": 3}]}]}"#;
    let told = read_files("google-chat", &[("messages.json", json)]);
    assert_eq!((told.messages.len(), told.oddities.len()), (3, 3), "{:?}", told.oddities);
    let kept = told.saying("kept").sent;
    assert_eq!(kept.at.to_rfc3339(), "2020-03-03T09:30:00Z");
    assert_eq!((told.saying("lost").sent, told.saying("no time").sent), (kept, kept));
    assert!(told.oddities[0].why.contains("export it in English"));
    assert_eq!(told.remarks.len(), 2, "{:?}", told.remarks);
    let tree = FileTree::memory([("messages.json".to_owned(), json.to_vec())]);
    let options = ReadOptions { me: Some("Ada".into()), ..utc() };
    let told = read_tree("google-chat", &tree, &options).expect("readable");
    assert_eq!(told.accounts[0].me_names, ["Ada"]);
}

const DIRECT: &str = "UgxDirect0AAAQ";

#[test]
fn hangouts_say_who_i_am_and_what_i_have_read() {
    let told = only("hangouts", "takeout");
    let me = &told.accounts[0];
    assert_eq!((me.source.as_str(), me.key.as_str()), ("hangouts", "100200300400"));
    assert_eq!((me.name.as_str(), told.me()), ("Sam Rivera", vec!["Sam Rivera"]));
    let direct = told.threads.iter().find(|t| &*t.key == DIRECT).expect("told");
    assert_eq!((direct.kind, direct.unread), (Some(ThreadKind::Direct), Some(1)));
    let flat = told.thread("Flat");
    assert_eq!((flat.kind, flat.archived), (Some(ThreadKind::Group), true));
    assert_eq!((flat.membership, flat.unread), (Membership::Gone, None));
    let phone = told.threads.iter().find(|t| &*t.key == "UgxPhone00AAAQ").expect("told");
    assert_eq!(phone.address.as_deref(), Some("+351912345678"));
    let stranger = told.people.iter().find(|p| &*p.key == "999").expect("told");
    assert_eq!((stranger.name.as_str(), stranger.is_me), ("Unknown person", false));
    assert_eq!(told.oddities, []);
}

#[test]
fn hangouts_events_are_told() {
    let told = only("hangouts", "takeout");
    let all = told.of(DIRECT);
    assert_eq!(all[0].text, "Look at example.org/a\nand tell me");
    assert_eq!(all[0].attachments, [], "the link leads where it says");
    assert_eq!(all[0].sent.at, Timestamp(1_500_000_000_000));
    let photo = &all[1].attachments[0];
    assert_eq!((photo.kind, photo.name.as_deref()), (AttachmentKind::Photo, Some("stairs.jpg")));
    assert!(matches!(&photo.place, MediaPlace::Export { container: Some(_), .. }), "{photo:?}");
    assert_eq!(all[3].text, "Ines Duarte started a call");
    let call = Call { video: Some(true), seconds: Some(58), missed: false };
    assert_eq!(all[4].kind, MessageKind::Call(call));
    let flat: Vec<&str> = told.of("UgxGroup00AAAQ").iter().map(|m| m.text.as_str()).collect();
    assert_eq!(
        flat,
        [
            "Ines Duarte added Tom Brandt",
            "Ines Duarte changed the name to “Flat”",
            "We are here",
            "Who am I",
            "Sam Rivera left",
            "Ines Duarte: otr modification",
        ]
    );
    assert_eq!(told.saying("We are here").attachments[0].kind, AttachmentKind::Location);
}

#[test]
fn the_older_wrapping_gives_the_same() {
    let told = only("hangouts", "takeout-2014");
    assert_eq!((told.threads.len(), told.me()), (1, vec!["Sam Rivera"]));
    let message = told.saying("From 2014");
    assert_eq!(&*message.thread, "UgwOld0000AAAQ");
    assert_eq!(
        message.attachments[0].place,
        MediaPlace::Web { url: "https://lh3.googleusercontent.com/y/roof.jpg".into() }
    );
}

#[test]
fn odd_events_are_counted_and_lose_nothing_else() {
    let json = br#"{"conversations": [5, {"events": [
        {"conversation_id": {"id": "c"}, "sender_id": {"chat_id": "1"}, "timestamp": "1500000000000001", "chat_message": {"message_content": {"segment": [3, {"text": "early"}], "attachment": [{}, {"embed_item": {"type": "x"}}]}}},
        {"sender_id": 5, "timestamp": "x"}, null],
        "conversation": {"conversation": {"id": {"id": "other"}, "participant_data": [4, {"id": {"gaia_id": "1"}, "fallback_name": "Ada"}]}}}]}"#;
    let told = read_files("hangouts", &[("Hangouts.json", json)]);
    assert_eq!((told.messages.len(), told.oddities.len()), (1, 2), "{:?}", told.oddities);
    assert_eq!((told.threads.len(), told.threads[0].key.as_ref()), (1, "c"));
    assert_eq!(told.people.last().map(|p| p.name.as_str()), Some("Ada"));
    assert_eq!((told.me().len(), told.remarks.len()), (0, 1));
    assert_eq!(source("hangouts").id, "hangouts");
}

/// Of a message that was deleted nothing may be left but when it was: nobody has sent it.
#[test]
fn of_what_was_deleted_little_is_left() {
    let json = br#"{"messages": [
        {"creator": {"name": "Nora", "email": "nora@example.org"}, "created_date": "Monday, February 10, 2025 at 3:45:22 PM UTC", "text": "hi", "message_id": "a/1/1"},
        {"message_state": "DELETED", "deleted_date": "Tuesday, September 9, 2025 at 8:44:40 PM UTC", "topic_id": "2", "deletion_metadata": {"deletion_type": "CREATOR"}, "message_id": "a/2/2"}]}"#;
    let told = read_files("google-chat", &[("messages.json", json)]);
    assert_eq!(told.oddities, []);
    let names: Vec<&str> = told.people.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["Nora"]);
    let gone = &told.messages[1];
    assert_eq!((gone.deletion, &gone.sender), (Deletion::Unsent, &None));
    assert_eq!(gone.sent.at.to_rfc3339(), "2025-09-09T20:44:40Z");
}

/// A message without words is a call, a task, an event, a link or a card; else it is said that it is of
/// a kind that is not known.
#[test]
fn what_a_message_without_words_shows_is_told() {
    let of = |more: &str| {
        let json = format!(
            r#"{{"messages": [{{"creator": {{"name": "Nora"}}, "created_date": "March 3, 2020 at 9:30:00 AM UTC", "message_id": "a/1/1"{more}}}]}}"#
        );
        read_files("google-chat", &[("messages.json", json.as_bytes())]).messages.remove(0)
    };
    let within = |data: &str| {
        of(&format!(r#", "annotations": [{{"gsuite_integration_metadata": {{{data}}}}}]"#))
    };
    for (status, missed) in [("CALL_MISSED", true), ("CALL_ENDED", false)] {
        let call = within(&format!(r#""call_data": {{"call_status": "{status}"}}"#));
        assert_eq!(call.kind, MessageKind::Call(Call { video: None, seconds: None, missed }));
    }
    let task = within(r#""tasks_data": {"task_properties": {"title": "buy tea"}}"#);
    assert_eq!((task.text.as_str(), &task.kind), ("Task: buy tea", &MessageKind::Text));
    let event = within(r#""calendar_event_data": {"calendar_event": {"title": "Tasting"}}"#);
    assert_eq!(event.text, "Event: Tasting");
    let link = of(
        r#", "annotations": [{"interaction_data": {"url": {"wrapped": "https://x.example/1"}}}]"#,
    );
    let place = MediaPlace::Web { url: "https://x.example/1".into() };
    assert_eq!((link.attachments[0].place.clone(), link.text.as_str()), (place, ""));
    let card = of(
        r#", "add_on_data": [{"cards": [{"header": {"title": "Ticket 7"}, "sections": [{"widgets": [{"text_paragraph": {"text": "Needs a look"}}]}]}]}]"#,
    );
    assert_eq!(card.text, "Ticket 7\nNeeds a look");
    let gif = of(r#", "text": "see", "attached_gifs": [{"uri": "https://x.example/a.gif"}]"#);
    assert_eq!((gif.attachments[0].kind, gif.text.as_str()), (AttachmentKind::Gif, "see"));
    for bare in ["", r#", "annotations": [{"gsuite_integration_metadata": 3}], "add_on_data": 4"#] {
        let vague = of(bare);
        assert_eq!(vague.kind, MessageKind::System);
        assert!(vague.text.contains("of a kind"), "{}", vague.text);
    }
    let gone = of(r#", "message_state": "DELETED""#);
    assert_eq!((gone.text.as_str(), gone.kind), ("", MessageKind::Text));
}
