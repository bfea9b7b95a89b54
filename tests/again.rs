//! A newer export of an account that is known: what changed since is taken over, and nobody is
//! taken for somebody else.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::sync::Arc;

use onebox::model::{
    AccountRecord, Attachment, AttachmentKind, Change, Deletion, Evidence, EvidenceKind,
    MediaPlace, Membership, MessageKind, MessageRecord, Moment, Mute, ParticipantRecord,
    PostingLimit, Record, RevisionRecord, SendState, SourceId, ThreadKind, ThreadRecord, Timestamp,
};
use onebox::store::{PageEnd, Store, StoredMessage, StoredThread, ThreadQuery, TriageWord};

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn account(key: &str, name: &str, me_names: &[&str]) -> Record {
    Record::Account(AccountRecord {
        source: SourceId::known("telegram"),
        key: key.into(),
        name: name.into(),
        me_names: me_names.iter().map(|n| (*n).to_owned()).collect(),
        known_by: "test".into(),
    })
}

fn message(id: &str, text: &str) -> MessageRecord {
    let sent = Moment::exact(Timestamp(1_000_000));
    let mut message = MessageRecord::text("t".into(), Some("user2".into()), sent, text);
    message.native_id = Some(id.into());
    message
}

fn person(key: &str, name: &str, is_me: bool) -> Record {
    Record::Participant(ParticipantRecord {
        thread: "t".into(),
        key: key.into(),
        name: name.into(),
        source: None,
        is_me,
        placeholder: false,
        left: false,
    })
}

fn import(store: &Store, account: Record, people: &[Record], messages: &[MessageRecord]) {
    let mut writer = store.writer().unwrap();
    let mut run = writer.import("test", NOW).unwrap();
    let mut thread = ThreadRecord::new(Arc::<str>::from("t"), "test");
    thread.title = Some("Alex".into());
    thread.kind = Some(ThreadKind::Direct);
    run.take(account).unwrap();
    run.take(Record::Thread(Box::new(thread))).unwrap();
    for person in people {
        run.take(person.clone()).unwrap();
    }
    for m in messages {
        run.take(Record::Message(Box::new(m.clone()))).unwrap();
    }
    run.finish("{}").unwrap();
}

fn rows(store: &Store) -> Vec<StoredMessage> {
    let reader = store.reader().unwrap();
    let threads = reader.threads(&ThreadQuery::default(), 0, 100).unwrap();
    threads.iter().flat_map(|t| reader.newer(t.id, PageEnd::Edge, 100).unwrap()).collect()
}

fn people() -> Vec<Record> {
    vec![person("user1", "Alex", true), person("user2", "Alex", false)]
}

fn people_as(other: &str) -> Vec<Record> {
    vec![person("user1", "Alex", true), person("user2", other, false)]
}

fn mine() -> Record {
    account("user1", "Alex", &[])
}

fn edited(text: &str, at: i64) -> MessageRecord {
    let mut m = message("7", text);
    m.edited = Some(Some(Timestamp(at)));
    m
}

/// What did not go out at first may have gone out since, and a message that did bears no mark.
#[test]
fn what_the_newer_export_says_of_the_sending_holds_whichever_comes_first() {
    let at = |id: &str, minute: i64, state| {
        let mut m = message(id, "on my way");
        m.sent = Moment::exact(Timestamp(minute * 60_000));
        m.send_state = state;
        m
    };
    let failed = Some(SendState::Failed);
    let older = [at("1", 1, failed), at("2", 2, None), at("3", 3, Some(SendState::Unconfirmed))];
    let newer = [at("1", 1, None), at("2", 2, failed), at("3", 3, failed), at("4", 4, None)];
    let after = |told: &[&[MessageRecord]]| {
        let store = Store::in_memory().unwrap();
        for messages in told {
            import(&store, mine(), &people(), messages);
        }
        rows(&store).into_iter().map(|m| m.send_state).collect::<Vec<_>>()
    };
    let now = [None, failed, failed, None];
    assert_eq!(after(&[&older, &newer]), now);
    assert_eq!(after(&[&newer, &older]), now);
    assert_eq!(after(&[&older, &newer, &older, &newer, &newer]), now);
    // Neither reaches further: the later step holds.
    let (tried, went) = ([at("1", 1, failed)], [at("1", 1, None)]);
    assert_eq!(after(&[&tried, &went]), [None]);
    assert_eq!(after(&[&went, &tried]), [None]);
}

/// A file that one export holds stands in place of its link, its stub or its mere name in another.
#[test]
fn each_file_is_here_that_any_export_holds_whichever_comes_first() {
    let file = |name: &str| MediaPlace::Export {
        path: format!("files/{name}"),
        container: Some("/export".into()),
    };
    let link = MediaPlace::Web { url: "https://x.example/one?ex=1".to_owned() };
    let told = |one: (&str, MediaPlace), two: (&str, MediaPlace)| {
        let mut m = message("7", "look");
        m.attachments = [one, two]
            .map(|(name, place)| Attachment {
                kind: AttachmentKind::Photo,
                name: Some(name.to_owned()),
                place,
            })
            .to_vec();
        m
    };
    let first = told(("one", link), ("two", file("two")));
    let second = told(("one", file("one")), ("Deleted: two", MediaPlace::Omitted));
    for told in [[&first, &second], [&second, &first]] {
        let store = Store::in_memory().unwrap();
        let held = [(); 2].map(|()| {
            for m in told {
                import(&store, mine(), &people(), std::slice::from_ref(m));
            }
            let all = rows(&store).remove(0).attachments;
            all.into_iter()
                .map(|a| (a.name.unwrap(), a.path.unwrap(), a.container_path.is_some(), a.url))
                .collect::<Vec<_>>()
        });
        let url = Some("https://x.example/one?ex=1".to_owned());
        let all = [
            ("one".to_owned(), "files/one".to_owned(), true, url),
            ("two".to_owned(), "files/two".to_owned(), true, None),
        ];
        assert_eq!(held, [all.to_vec(), all.to_vec()]);
    }
}

/// Some apps keep no mark of an edit: the words of the newer export hold, whichever comes first.
/// An export that tells one message in two ways says the same each time that it is told.
#[test]
fn two_ways_to_tell_a_message_are_no_change() {
    for words in [["one", "two", "two"], ["one", "two", "one"], ["one", "two", "three"]] {
        let told = words.map(|w| message("7", w));
        let store = Store::in_memory().unwrap();
        let after = [(); 3].map(|()| {
            import(&store, mine(), &people(), &told);
            rows(&store).into_iter().map(|m| m.text).collect::<Vec<_>>()
        });
        assert_eq!(after, [(); 3].map(|()| vec![words[2].to_owned()]));
    }
}

#[test]
fn other_words_of_a_newer_export_hold() {
    let older = [message("7", "one")];
    let mut last = message("8", "and more");
    last.sent = Moment::exact(Timestamp(2_000_000));
    let newer = [message("7", "two"), last];
    for order in [[&older[..], &newer[..]], [&newer[..], &older[..]]] {
        let store = Store::in_memory().unwrap();
        for messages in order {
            import(&store, mine(), &people(), messages);
        }
        let texts: Vec<String> = rows(&store).into_iter().map(|m| m.text).collect();
        assert_eq!(texts, ["two", "and more"]);
    }
}

/// Whoever bears an id keeps it; how they are called now the newer export knows.
#[test]
fn a_new_name_holds_whichever_export_comes_first() {
    let mut last = message("8", "and more");
    last.sent = Moment::exact(Timestamp(2_000_000));
    let older = (people_as("Ines"), vec![message("7", "one")]);
    let newer = (people_as("Ines Duarte"), vec![message("7", "one"), last]);
    // One that knows nobody's name takes none away.
    let bare = (people_as(""), vec![message("7", "one")]);
    for order in [
        [&older, &newer, &bare],
        [&newer, &older, &bare],
        [&bare, &newer, &older],
        [&bare, &older, &newer],
    ] {
        let store = Store::in_memory().unwrap();
        for (people, messages) in order {
            import(&store, mine(), people, messages);
        }
        let names: BTreeSet<_> = rows(&store).into_iter().map(|m| m.sender.unwrap()).collect();
        assert_eq!(names, BTreeSet::from(["Ines Duarte".to_owned()]));
    }
}

/// A number, or that an account is gone, is no name: an older export that has one gives it.
#[test]
fn a_number_gives_way_to_a_name_whichever_export_comes_first() {
    let mut last = message("8", "and more");
    last.sent = Moment::exact(Timestamp(2_000_000));
    let named = (people_as("Ines"), vec![message("7", "one")]);
    let mut gone = people_as("Deleted account");
    if let Record::Participant(p) = &mut gone[1] {
        p.placeholder = true;
    }
    for people in [people_as("+49 170 1234567"), gone, people_as("user2")] {
        let nameless = (people, vec![message("7", "one"), last.clone()]);
        for order in [[&named, &nameless], [&nameless, &named]] {
            let store = Store::in_memory().unwrap();
            for (people, messages) in order {
                import(&store, mine(), people, messages);
            }
            let names: BTreeSet<_> = rows(&store).into_iter().map(|m| m.sender.unwrap()).collect();
            assert_eq!(names, BTreeSet::from(["Ines".to_owned()]));
            // In one import, too.
            let store = Store::in_memory().unwrap();
            let people: Vec<Record> = order.iter().flat_map(|o| o.0.clone()).collect();
            import(&store, mine(), &people, &nameless.1);
            let names: BTreeSet<_> = rows(&store).into_iter().map(|m| m.sender.unwrap()).collect();
            assert_eq!(names, BTreeSet::from(["Ines".to_owned()]));
        }
    }
}

#[test]
fn the_later_edit_stands_whichever_export_comes_first() {
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let store = Store::in_memory().unwrap();
        let tellings = [message("7", "one"), edited("two", 2_000_000), edited("three", 3_000_000)];
        for n in order {
            import(&store, mine(), &people(), &[tellings[n].clone()]);
        }
        let rows = rows(&store);
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].text, "three", "{order:?}");
    }
}

#[test]
fn what_was_taken_back_is_not_brought_back_by_an_edit() {
    let store = Store::in_memory().unwrap();
    import(&store, mine(), &people(), &[message("7", "one")]);
    let mut gone = message("7", "");
    gone.deletion = Deletion::Unsent;
    import(&store, mine(), &people(), &[gone]);
    import(&store, mine(), &people(), &[edited("two", 2_000_000)]);
    let rows = rows(&store);
    assert_eq!((rows.len(), rows[0].deletion), (1, Deletion::Unsent));
}

#[test]
fn a_sealed_message_opens_when_an_export_knows_its_words_and_never_closes() {
    let store = Store::in_memory().unwrap();
    let mut sealed = message("7", "");
    sealed.kind = MessageKind::Sealed;
    import(&store, mine(), &people(), &[sealed.clone()]);
    assert_eq!(rows(&store)[0].kind, MessageKind::Sealed);
    import(&store, mine(), &people(), &[message("7", "open")]);
    import(&store, mine(), &people(), &[sealed]);
    let rows = rows(&store);
    assert_eq!((&rows[0].kind, rows[0].text.as_str()), (&MessageKind::Text, "open"));
}

/// What a reader did not know once, or another kind of export does not tell.
#[test]
fn a_message_of_an_unknown_kind_is_known_once_something_knows_it() {
    let vague = || {
        let mut message = message("m", onebox::model::VAGUE_MESSAGE);
        message.kind = MessageKind::System;
        message
    };
    let shown = |told: &[MessageRecord]| {
        let store = Store::in_memory().unwrap();
        for message in told {
            import(&store, mine(), &people(), std::slice::from_ref(message));
        }
        let rows = rows(&store);
        assert_eq!(rows.len(), 1);
        (rows[0].kind.clone(), rows[0].text.clone())
    };
    let known = (MessageKind::Text, "words".to_owned());
    assert_eq!(shown(&[vague(), message("m", "words")]), known);
    assert_eq!(shown(&[message("m", "words"), vague()]), known);
    assert_eq!(shown(&[message("m", ""), vague()]).0, MessageKind::System);
    let mut photo = message("m", "");
    photo.attachments.push(Attachment {
        kind: AttachmentKind::Photo,
        name: None,
        place: MediaPlace::Omitted,
    });
    assert_eq!(shown(&[photo, vague()]), (MessageKind::Text, String::new()));
    let mut gone = message("m", "");
    gone.deletion = Deletion::Unsent;
    assert_eq!(shown(&[gone, vague()]).0, MessageKind::Text);
}

#[test]
fn a_namesake_is_not_me() {
    let store = Store::in_memory().unwrap();
    import(&store, mine(), &people(), &[message("7", "hello")]);
    let rows = rows(&store);
    assert!(!rows[0].mine, "both are called Alex; it is the other one's");
}

#[test]
fn who_has_no_name_is_somebody_and_not_me() {
    let title = |people: &[Record]| {
        let store = Store::in_memory().unwrap();
        let mut writer = store.writer().unwrap();
        let mut run = writer.import("test", NOW).unwrap();
        let mut thread = ThreadRecord::new(Arc::<str>::from("t"), "test");
        thread.kind = Some(ThreadKind::Direct);
        run.take(mine()).unwrap();
        run.take(Record::Thread(Box::new(thread))).unwrap();
        people.iter().for_each(|p| run.take(p.clone()).unwrap());
        run.take(Record::Message(Box::new(message("7", "hi")))).unwrap();
        run.finish("{}").unwrap();
        let reader = store.reader().unwrap();
        reader.threads(&ThreadQuery::default(), 0, 10).unwrap()[0].title.clone()
    };
    assert_eq!(title(&[person("user1", "Alex", true), person("user2", "", false)]), NOBODY);
    assert_eq!(title(&[person("user2", "Alex", true)]), "Notes to myself");
}

const NOBODY: &str = "Somebody without a name";

/// What an older onebox read as words is known again by them, and they go.
#[test]
fn former_words_are_no_second_message() {
    const SENT: &str = "Ana sent an attachment.";
    for at in [1_700_000_000_123, 1_700_000_000_000] {
        let store = Store::in_memory().unwrap();
        let told = |text: &str, attached: bool, formerly: Option<&str>, at: i64| {
            let mut m = message("", text);
            m.native_id = None;
            m.sent = Moment::exact(Timestamp(at));
            m.formerly = formerly.map(str::to_owned);
            let file =
                Attachment { kind: AttachmentKind::Share, name: None, place: MediaPlace::Omitted };
            m.attachments = attached.then_some(file).into_iter().collect();
            m
        };
        let older = [told(SENT, true, None, at), told("", false, None, at + 1000)];
        import(&store, mine(), &people(), &older);
        for _ in 0..2 {
            let newer = [told("", true, Some(SENT), at), told("", true, Some(""), at + 1000)];
            import(&store, mine(), &people(), &newer);
            let rows = rows(&store);
            let texts: Vec<_> = rows.iter().map(|m| (&*m.text, m.attachments.len())).collect();
            assert_eq!(texts, [("", 1), ("", 1)], "{at}");
        }
    }
}

#[test]
fn an_export_that_names_no_account_is_the_only_accounts() {
    let said = || account("", "", &[]);
    for order in [[said(), mine()], [mine(), said()]] {
        let store = Store::in_memory().unwrap();
        for account in order {
            import(&store, account, &people(), &[message("7", "hello")]);
        }
        assert_eq!(rows(&store).len(), 1);
        // Of another account it is another's.
        import(&store, account("user9", "Sam", &[]), &people(), &[message("7", "hello")]);
        assert_eq!(rows(&store).len(), 2);
        // And what was the only account's stays it when there are two.
        import(&store, said(), &people(), &[message("7", "hello")]);
        assert_eq!(rows(&store).len(), 2);
    }
}

/// Services pass on what anybody says of anybody's message.
#[test]
fn only_the_sender_of_a_message_changes_its_text() {
    let revision = |by: Option<&str>, text: &str, at: i64| {
        Record::Revision(Box::new(RevisionRecord {
            thread: "t".into(),
            message: "7".into(),
            change: Change::Text(text.into()),
            at: Some(Timestamp(at)),
            by: by.map(Into::into),
        }))
    };
    let forged = revision(Some("user9"), "forged", 4_000_000);
    let own = revision(Some("user2"), "mended", 3_000_000);
    // It may come before its message, too.
    for early in [true, false] {
        let store = Store::in_memory().unwrap();
        let mut writer = store.writer().unwrap();
        let mut run = writer.import("test", NOW).unwrap();
        run.take(mine()).unwrap();
        run.take(Record::Thread(Box::new(ThreadRecord::new(Arc::<str>::from("t"), "test"))))
            .unwrap();
        let told = Record::Message(Box::new(message("7", "one")));
        let changes = [forged.clone(), own.clone()];
        let all: Vec<Record> = if early {
            people().into_iter().chain(changes).chain([told]).collect()
        } else {
            people().into_iter().chain([told]).chain(changes).collect()
        };
        for record in all {
            run.take(record).unwrap();
        }
        run.finish("{}").unwrap();
        drop(writer);
        let rows = rows(&store);
        assert_eq!((rows.len(), rows[0].text.as_str()), (1, "mended"), "early: {early}");
    }
}

/// An export: how the thread stands, and messages of it and another one, at these seconds.
fn export(store: &Store, stands: impl Fn(&mut ThreadRecord), here: &[i64], elsewhere: &[i64]) {
    let mut writer = store.writer().unwrap();
    let mut run = writer.import("test", NOW).unwrap();
    run.take(mine()).unwrap();
    for (key, times) in [("t", here), ("other", elsewhere)] {
        let mut thread = ThreadRecord::new(Arc::<str>::from(key), "test");
        thread.title = Some(key.into());
        thread.kind = Some(ThreadKind::Group);
        if key == "t" {
            stands(&mut thread);
        }
        run.take(Record::Thread(Box::new(thread))).unwrap();
        for at in times {
            let mut m = message(&format!("{key}{at}"), "hello");
            m.thread = key.into();
            m.sent = Moment::exact(Timestamp(at * 1000));
            run.take(Record::Message(Box::new(m))).unwrap();
        }
    }
    // As an import does it: what ends it comes behind the last messages.
    run.commit().unwrap();
    run.finish("{}").unwrap();
}

fn thread(store: &Store) -> StoredThread {
    let reader = store.reader().unwrap();
    let all = reader.threads(&ThreadQuery::default(), 0, 9).unwrap();
    all.into_iter().find(|t| t.title == "t").unwrap()
}

fn closed(t: &mut ThreadRecord) {
    t.read_only = Some(Evidence::new(EvidenceKind::Flag, "closed"));
    t.posting = PostingLimit::AdminsOnly;
    t.membership = Membership::Gone;
    t.archived = true;
    t.unread = Some(4);
}

/// Nothing new was said in the thread itself: which export is the newer one shows elsewhere.
#[test]
fn the_newer_export_says_how_a_thread_stands_whichever_comes_first() {
    let older = |store: &Store| export(store, closed, &[10], &[20]);
    let newer = |store: &Store| export(store, |_| {}, &[10], &[20, 30]);
    let both: [&dyn Fn(&Store); 2] = [&older, &newer];
    for order in [vec![0, 1], vec![1, 0], vec![0, 1, 0], vec![1, 0, 0, 1, 0]] {
        let store = Store::in_memory().unwrap();
        order.iter().for_each(|n| both[*n](&store));
        let t = thread(&store);
        let facts = (&t.facts.read_only, t.facts.posting, t.facts.membership);
        assert_eq!(facts, (&None, PostingLimit::Everyone, Membership::Unknown), "{order:?}");
        assert_eq!((t.archived, t.unread), (false, None), "{order:?}");
    }
    // And the other way round: closed since.
    let older = |store: &Store| export(store, |_| {}, &[10], &[20]);
    let newer = |store: &Store| export(store, closed, &[10], &[20, 30]);
    let both: [&dyn Fn(&Store); 2] = [&older, &newer];
    for order in [vec![0, 1], vec![1, 0], vec![0, 1, 0]] {
        let store = Store::in_memory().unwrap();
        order.iter().for_each(|n| both[*n](&store));
        let t = thread(&store);
        assert!(t.facts.read_only.is_some() && t.archived, "{order:?}");
        assert_eq!((t.facts.membership, t.unread), (Membership::Gone, Some(4)), "{order:?}");
    }
}

/// The same of what somebody in it is called, and of words that bear no mark of an edit.
#[test]
fn the_newer_export_knows_names_where_nothing_was_said_since() {
    let told = |store: &Store, name: &str, words: &str, elsewhere: &[i64]| {
        let mut writer = store.writer().unwrap();
        let mut run = writer.import("test", NOW).unwrap();
        run.take(mine()).unwrap();
        for key in ["t", "other"] {
            let mut thread = ThreadRecord::new(Arc::<str>::from(key), "test");
            (thread.title, thread.kind) = (Some(key.into()), Some(ThreadKind::Group));
            run.take(Record::Thread(Box::new(thread))).unwrap();
            if key == "t" {
                run.take(person("user2", name, false)).unwrap();
                run.take(Record::Message(Box::new(message("7", words)))).unwrap();
                continue;
            }
            for at in elsewhere {
                let mut m = message(&format!("other{at}"), "hello");
                (m.thread, m.sent) = (key.into(), Moment::exact(Timestamp(at * 1000)));
                run.take(Record::Message(Box::new(m))).unwrap();
            }
        }
        run.commit().unwrap();
        run.finish("{}").unwrap();
    };
    for order in [vec![0, 1], vec![1, 0], vec![0, 1, 0]] {
        let store = Store::in_memory().unwrap();
        for n in &order {
            match n {
                0 => told(&store, "Ana", "one vote", &[2_000]),
                _ => told(&store, "Ana Ek", "two votes", &[2_000, 3_000]),
            }
        }
        let id = thread(&store).id;
        let m = store.reader().unwrap().newer(id, PageEnd::Edge, 9).unwrap().remove(0);
        assert_eq!(
            (m.sender.as_deref(), m.text.as_str()),
            (Some("Ana Ek"), "two votes"),
            "{order:?}"
        );
    }
}

/// Another app's export of the same thread does not know what the first one said.
#[test]
fn another_door_takes_back_nothing() {
    let store = Store::in_memory().unwrap();
    export(&store, closed, &[10], &[20]);
    let by_another = |t: &mut ThreadRecord| t.origin = "another".into();
    export(&store, by_another, &[10, 40], &[20, 30]);
    let t = thread(&store);
    assert!(t.facts.read_only.is_some());
    assert_eq!(t.facts.membership, Membership::Gone);
}

#[test]
fn pinned_and_muted_is_where_the_person_begins() {
    let begins = |t: &mut ThreadRecord| {
        t.pinned = true;
        t.muted = Some(Mute::Until(Timestamp(NOW.0 + 1000)));
    };
    let store = Store::in_memory().unwrap();
    export(&store, begins, &[10], &[]);
    let t = thread(&store);
    let until = Some(Mute::Until(Timestamp(NOW.0 + 1000)));
    assert_eq!((t.pinned, t.muted), (true, until));
    // The person unpins and archives: no later export takes that back.
    let words = [TriageWord::Pin(false), TriageWord::Archive(true)];
    store.writer().unwrap().triage(&[t.id], &words, NOW).unwrap();
    export(&store, begins, &[10, 20], &[30]);
    let t = thread(&store);
    assert_eq!((t.pinned, t.muted, t.archived), (false, until, true));
    // It is muted for a while only, whether or not anything is done with it.
    let at = |ms: i64| t.is_muted(Timestamp(NOW.0 + ms));
    assert_eq!((at(999), at(1000)), (true, false));

    // A known thread that an app says to be pinned now is the person's to pin.
    let store = Store::in_memory().unwrap();
    export(&store, |_| {}, &[10], &[]);
    export(&store, begins, &[10, 20], &[]);
    let t = thread(&store);
    assert_eq!((t.pinned, t.muted), (false, None));
    let store = Store::in_memory().unwrap();
    export(&store, |t| t.muted = Some(Mute::Until(Timestamp(NOW.0 - 1))), &[10], &[]);
    assert_eq!(thread(&store).muted, None, "that is over");
}

/// Two chats of an export that counts every chat's messages from one.
fn two_chats(people: &[&str], title: &str, said: [&[(&str, i64, &str)]; 2]) -> Vec<Vec<String>> {
    let store = Store::in_memory().unwrap();
    let mut writer = store.writer().unwrap();
    let mut run = writer.import("test", NOW).unwrap();
    run.take(account("user1", "Sam", &[])).unwrap();
    for (chat, said) in ["chat1", "chat2"].into_iter().zip(said) {
        let mut thread = ThreadRecord::new(Arc::<str>::from(chat), "test");
        thread.title = Some(title.into());
        thread.kind = Some(ThreadKind::Group);
        run.take(Record::Thread(Box::new(thread))).unwrap();
        for key in people.iter().chain(&["user1"]) {
            let me = *key == "user1";
            let mut person = ParticipantRecord::new(&chat.into(), *key, *key);
            person.is_me = me;
            run.take(Record::Participant(person)).unwrap();
        }
        for (id, at, text) in said {
            let sent = Moment::exact(Timestamp(1_000_000_000 + at * 1000));
            let mut m = MessageRecord::text(chat.into(), Some("user1".into()), sent, *text);
            m.native_id = Some((*id).into());
            run.take(Record::Message(Box::new(m))).unwrap();
        }
    }
    run.finish("{}").unwrap();
    let reader = store.reader().unwrap();
    let mut out: Vec<Vec<String>> = reader
        .threads(&ThreadQuery::default(), 0, 9)
        .unwrap()
        .iter()
        .map(|t| {
            let page = reader.newer(t.id, PageEnd::Edge, 50).unwrap();
            page.into_iter().map(|m| m.text).collect()
        })
        .collect();
    out.sort();
    out
}

#[test]
fn an_id_means_nothing_outside_of_its_chat() {
    let recipes: &[_] = &[("1", 0, "soup"), ("2", 9000, "bread")];
    let secrets: &[_] = &[("1", 50, "router"), ("2", 9100, "bread"), ("3", 9200, "attic")];
    let own = || {
        vec![
            vec!["router".to_owned(), "bread".into(), "attic".into()],
            vec!["soup".to_owned(), "bread".into()],
        ]
    };
    // Alone with myself, with the same people, under one name.
    assert_eq!(two_chats(&[], "", [recipes, secrets]), own());
    assert_eq!(two_chats(&["user2", "user3"], "Trip", [recipes, secrets]), own());
    // The same id, time and words are one message: this is one chat under two keys.
    let again: &[_] = &[("2", 9000, "bread"), ("3", 9200, "attic")];
    let whole = vec![vec!["soup".to_owned(), "bread".into(), "attic".into()]];
    assert_eq!(two_chats(&["user2"], "Trip", [recipes, again]), whole);
}

/// A greeting that I sent to two groups in one second does not make one of them; a group that was
/// given another name between two exports is one.
#[test]
fn groups_with_names_of_their_own_are_one_only_on_more_than_one_message() {
    let threads = |shared: &[&str]| {
        let store = Store::in_memory().unwrap();
        let mut writer = store.writer().unwrap();
        let mut run = writer.import("test", NOW).unwrap();
        run.take(mine()).unwrap();
        for (key, own) in [("Work", "the numbers are in"), ("Family", "dinner on Sunday")] {
            let mut thread = ThreadRecord::new(Arc::<str>::from(key), "test");
            thread.title = Some(key.into());
            thread.kind = Some(ThreadKind::Group);
            run.take(Record::Thread(Box::new(thread))).unwrap();
            for (n, text) in shared.iter().chain([&own]).enumerate() {
                let mut m = message("", text);
                m.thread = key.into();
                m.native_id = None;
                m.sent = Moment::exact(Timestamp(n as i64 * 60_000));
                run.take(Record::Message(Box::new(m))).unwrap();
            }
        }
        run.finish("{}").unwrap();
        let reader = store.reader().unwrap();
        reader.threads(&ThreadQuery::default(), 0, 9).unwrap().len()
    };
    assert_eq!(threads(&["Happy new year!"]), 2);
    assert_eq!(threads(&["who is in?", "me", "me too, at six"]), 1);
}

/// Whoever left a room may have an account as before: only an export that says so makes them gone.
#[test]
fn who_has_left_is_not_gone_but_who_is_said_to_be_gone_is() {
    let facts = |left: bool, gone: Option<Evidence>| {
        let store = Store::in_memory().unwrap();
        let mut writer = store.writer().unwrap();
        let mut run = writer.import("test", NOW).unwrap();
        run.take(account("user1", "Sam", &[])).unwrap();
        let mut record = ThreadRecord::new(Arc::<str>::from("t"), "test");
        record.kind = Some(ThreadKind::Direct);
        record.title = Some("t".into());
        record.peer_gone = gone;
        run.take(Record::Thread(Box::new(record))).unwrap();
        let mut ana = ParticipantRecord::new(&"t".into(), "user2", "Ana");
        ana.left = left;
        run.take(Record::Participant(ana)).unwrap();
        run.take(Record::Message(Box::new(message("1", "hi")))).unwrap();
        run.finish("{}").unwrap();
        thread(&store).facts.peer_gone
    };
    assert_eq!(facts(true, None), None);
    let said = Evidence::new(EvidenceKind::Flag, "deleted");
    assert_eq!(facts(false, Some(said.clone())), Some(said));
}
