//! An archive and a live account of the same conversation are one thread, whichever came first.

use std::sync::Arc;

use onebox::engine::{Engine, Rules, Settings};
use onebox::inbox::PeopleChange;
use onebox::model::{
    AccountRecord, Clock, Evidence, EvidenceKind, LiveThread, Membership, MessageRecord, Moment,
    ParticipantRecord, Record, SendState, SourceId, ThreadKind, ThreadRecord, Timestamp, Wish,
};
use onebox::store::{PageEnd, Store, StoredMessage, ThreadQuery};

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const START: i64 = 1_700_000_040_000;

fn account(key: &str) -> Record {
    Record::Account(AccountRecord {
        source: SourceId::known("whatsapp"),
        key: key.to_owned(),
        name: "Sam".to_owned(),
        me_names: vec!["Sam".to_owned()],
        known_by: "test".to_owned(),
    })
}

fn who(thread: &str, key: &str, name: &str) -> Record {
    Record::Participant(ParticipantRecord {
        thread: thread.into(),
        key: key.into(),
        name: name.to_owned(),
        source: None,
        is_me: name == "Sam",
        placeholder: false,
        left: false,
    })
}

/// What was said: (minute, second, mine, text).
type Said<'a> = &'a [(i64, i64, bool, &'a str)];

const BOTH: Said<'static> = &[
    (0, 5, false, "are you coming tonight?"),
    (0, 40, true, "ok"),
    (0, 50, true, "ok"),
    (3, 0, false, "bring the rope, please"),
    (4, 0, true, "will do, see you at six"),
];
const EARLIER: Said<'static> = &[(-9_000, 0, false, "happy new year!")];
const LATER: Said<'static> = &[(60, 0, false, "that was lovely")];

/// A WhatsApp text export: minutes only, no ids.
fn export(store: &Store, address: Option<&str>, said: &[Said<'_>]) {
    let key = "Ana";
    let mut thread = ThreadRecord::new(key, "WhatsApp export");
    (thread.title, thread.kind) = (Some("Ana".to_owned()), Some(ThreadKind::Direct));
    thread.address = address.map(str::to_owned);
    let mut records = vec![Record::Thread(Box::new(thread))];
    records.push(Record::Telling { thread: key.into() });
    records.extend([who(key, "Ana", "Ana"), who(key, "Sam", "Sam")]);
    for (minute, _, mine, text) in said.iter().copied().flatten().copied() {
        let at = START + minute * 60_000;
        let sent = Moment { at: Timestamp(at), clock: Clock::WallMinute(at / 60_000) };
        let sender = if mine { "Sam" } else { "Ana" };
        let m = MessageRecord::text(key.into(), Some(sender.into()), sent, text);
        records.push(Record::Message(Box::new(m)));
    }
    let mut writer = store.writer().expect("a writer");
    let mut import = writer.import("test", NOW).expect("an import");
    import.take(account("")).expect("an account");
    for r in records {
        import.take(r).expect("a record");
    }
    import.finish("{}").expect("an end");
}

/// The same as a bridge tells it: seconds, ids, another name.
fn live(store: &Store, address: Option<&str>, said: &[Said<'_>]) {
    live_as(store, "Ana (WA)", address, said);
}

fn live_as(store: &Store, name: &str, address: Option<&str>, said: &[Said<'_>]) {
    let mut writer = store.writer().expect("a writer");
    let id = match store.reader().expect("a reader").live_accounts().expect("accounts").first() {
        Some(a) => a.id,
        None => writer.add_live_account("test").expect("an account"),
    };
    let key = "!room";
    let mut thread = ThreadRecord::new(key, "WhatsApp via Matrix");
    (thread.title, thread.kind) = (Some(name.to_owned()), Some(ThreadKind::Direct));
    thread.address = address.map(str::to_owned);
    thread.live = Some(LiveThread { can: [Wish::Send].into(), ..LiveThread::default() });
    let mut records = vec![Record::Thread(Box::new(thread))];
    records.extend([who(key, "@wa_1:x", name), who(key, "@sam:x", "Sam")]);
    for (minute, second, mine, text) in said.iter().copied().flatten().copied() {
        let at = START + minute * 60_000 + second * 1_000 + 123;
        let sender = if mine { "@sam:x" } else { "@wa_1:x" };
        let sent = Moment::exact(Timestamp(at));
        let mut m = MessageRecord::text(key.into(), Some(sender.into()), sent, text);
        m.native_id = Some(format!("${minute}/{second}"));
        records.push(Record::Message(Box::new(m)));
    }
    // In two batches, as it comes.
    let later = records.split_off(5.min(records.len()));
    for part in [records, later] {
        let mut batch = writer.live_batch(id, false, NOW).expect("a batch");
        batch.take(account("@sam:x")).expect("an account");
        for r in part {
            batch.take(r).expect("a record");
        }
        batch.finish_live().expect("an end");
    }
}

fn inbox(store: &Store) -> Vec<Vec<StoredMessage>> {
    let reader = store.reader().expect("a reader");
    let threads = reader.threads(&ThreadQuery::default(), 0, 10).expect("threads");
    let page = |id| reader.older(id, PageEnd::Edge, 100).expect("messages");
    threads.iter().map(|t| page(t.id)).collect()
}

fn texts(inbox: &[Vec<StoredMessage>]) -> Vec<Vec<&str>> {
    inbox.iter().map(|t| t.iter().map(|m| m.text.as_str()).collect()).collect()
}

/// Compared without numbers, which depend on who came first.
fn story(store: &Store) -> Vec<Vec<(i64, String, String, bool)>> {
    inbox(store)
        .into_iter()
        .map(|t| {
            t.into_iter().map(|m| (m.sent.at.0, m.text, m.origin.to_string(), m.mine)).collect()
        })
        .collect()
}

#[test]
fn one_number_is_one_thread_in_either_order() {
    let number = Some("+420 604 111 222");
    let bare = Some("420604111222");
    let one = Store::in_memory().expect("a store");
    export(&one, number, &[EARLIER, BOTH]);
    live(&one, bare, &[BOTH, LATER]);
    let all = [
        "happy new year!",
        "are you coming tonight?",
        "ok",
        "ok",
        "bring the rope, please",
        "will do, see you at six",
        "that was lovely",
    ];
    assert_eq!(texts(&inbox(&one)), [all.to_vec()]);
    let other = Store::in_memory().expect("a store");
    live(&other, bare, &[BOTH, LATER]);
    export(&other, number, &[EARLIER, BOTH]);
    assert_eq!(story(&other), story(&one));
    // Both again: nothing new.
    export(&other, number, &[EARLIER, BOTH]);
    live(&other, bare, &[BOTH, LATER]);
    assert_eq!(story(&other), story(&one));
    // The seam is where the door changes, and the thread is live.
    let reader = one.reader().expect("a reader");
    let thread = &reader.threads(&ThreadQuery::default(), 0, 1).expect("threads")[0];
    assert_eq!(thread.facts.strands, 2);
    assert!(thread.facts.live.as_ref().is_some_and(|can| can.contains(&Wish::Send)));
}

#[test]
fn without_a_number_the_same_words_at_the_same_time_are_proof() {
    let store = Store::in_memory().expect("a store");
    export(&store, None, &[EARLIER, BOTH]);
    live(&store, None, &[BOTH, LATER]);
    // Names differ by the bridge's suffix, so that nobody compares them: two threads.
    assert_eq!(inbox(&store).len(), 2);
    let store = Store::in_memory().expect("a store");
    export(&store, None, &[EARLIER, BOTH]);
    live_as(&store, "Ana", None, &[BOTH, LATER]);
    assert_eq!(texts(&inbox(&store))[0].len(), 7);
    assert_eq!(inbox(&store).len(), 1);
    let store = Store::in_memory().expect("a store");
    export(&store, None, &[EARLIER]);
    live_as(&store, "Ana", None, &[LATER]);
    assert_eq!(inbox(&store).len(), 2, "a name is no proof");
    let store = Store::in_memory().expect("a store");
    export(&store, Some("+420604111222"), &[EARLIER, BOTH]);
    live(&store, Some("+420604111333"), &[LATER]);
    assert_eq!(inbox(&store).len(), 2, "another number is another person");
}

#[test]
fn a_backfill_that_comes_late_doubles_nothing() {
    let number = Some("420604111222");
    let store = Store::in_memory().expect("a store");
    export(&store, number, &[EARLIER, BOTH]);
    live(&store, number, &[LATER]);
    assert_eq!(texts(&inbox(&store))[0].len(), 7);
    live(&store, number, &[BOTH]);
    assert_eq!(texts(&inbox(&store))[0].len(), 7);
    // Equal messages are counted: the third "ok" is told by the live account alone.
    live(&store, number, &[&[(0, 55, true, "ok")]]);
    assert_eq!(texts(&inbox(&store))[0].len(), 8);
}

/// Some exports bear the ids of the live account: the same room, the same messages.
#[test]
fn an_export_of_the_very_room_tells_nothing_of_how_it_stands_now() {
    let thread = |store: &Store| {
        let reader = store.reader().expect("a reader");
        reader.threads(&ThreadQuery::default(), 0, 10).expect("threads")
    };
    let store = Store::in_memory().expect("a store");
    live(&store, None, &[BOTH]);
    let before = thread(&store);
    let mut told = ThreadRecord::new("!room", "Matrix export");
    (told.title, told.kind) = (Some("An older name".to_owned()), Some(ThreadKind::Group));
    (told.archived, told.membership) = (true, Membership::Gone);
    told.read_only = Some(Evidence::new(EvidenceKind::Notice, "m.room.tombstone"));
    let said = [("$-9/0", -540_000, "the very first"), ("$0/5", 5_123, "are you coming tonight?")];
    let mut writer = store.writer().expect("a writer");
    let mut import = writer.import("test", NOW).expect("an import");
    import.take(account("@sam:x")).expect("an account");
    import.take(Record::Thread(Box::new(told.clone()))).expect("a thread");
    for (id, at, text) in said {
        let sent = Moment::exact(Timestamp(START + at));
        let mut m = MessageRecord::text("!room".into(), Some("@wa_1:x".into()), sent, text);
        m.native_id = Some(id.to_owned());
        import.take(Record::Message(Box::new(m))).expect("a message");
    }
    // As it is told again at its end.
    import.take(Record::Thread(Box::new(told))).expect("a thread");
    import.finish("{}").expect("an end");
    let after = thread(&store);
    assert_eq!(after.len(), 1);
    assert_eq!(after[0].facts, before[0].facts);
    assert_eq!((after[0].archived, &after[0].title), (false, &before[0].title));
    let texts = texts(&inbox(&store)).concat().join("|");
    assert!(texts.starts_with("the very first|are you coming tonight?|ok|"), "{texts}");
    assert_eq!(after[0].messages, before[0].messages + 1);
}

/// What has become of a message in a live thread, the account knows better than an export that says
/// nothing of it.
#[test]
fn an_export_of_the_very_room_says_nothing_of_what_has_become_of_a_message() {
    use onebox::model::{Change, RevisionRecord};
    let store = Store::in_memory().expect("a store");
    live(&store, None, &[BOTH]);
    let mut writer = store.writer().expect("a writer");
    let account_id = store.reader().expect("a reader").live_accounts().expect("accounts")[0].id;
    let mut batch = writer.live_batch(account_id, false, NOW).expect("a batch");
    batch.take(account("@sam:x")).expect("an account");
    let read = RevisionRecord {
        thread: "!room".into(),
        message: "$4/0".to_owned(),
        change: Change::Sent(SendState::Read, None),
        at: None,
        by: None,
    };
    batch.take(Record::Revision(Box::new(read))).expect("a change");
    batch.finish_live().expect("an end");
    let mut import = writer.import("test", NOW).expect("an import");
    import.take(account("@sam:x")).expect("an account");
    import
        .take(Record::Thread(Box::new(ThreadRecord::new("!room", "Matrix export"))))
        .expect("one");
    for (id, minute, text) in [("$4/0", 4, "will do, see you at six"), ("$9/0", 9, "later")] {
        let sent = Moment::exact(Timestamp(START + minute * 60_000 + 123));
        let mut m = MessageRecord::text("!room".into(), Some("@sam:x".into()), sent, text);
        m.native_id = Some(id.to_owned());
        import.take(Record::Message(Box::new(m))).expect("a message");
    }
    import.finish("{}").expect("an end");
    let all = inbox(&store).concat();
    let state = |id: &str| all.iter().find(|m| m.native_id.as_deref() == Some(id));
    assert_eq!(state("$4/0").expect("told").send_state, Some(SendState::Read));
    assert!(state("$9/0").is_some());
}

/// An export of before that tells the same messages by the same ids brings nothing back that was
/// withdrawn since: the live account knows.
#[test]
fn what_was_withdrawn_in_a_live_thread_stays_withdrawn() {
    use onebox::model::{Deletion, Reaction};
    let told = |store: &Store| {
        let mut thread = ThreadRecord::new("export", "another export");
        (thread.title, thread.kind) = (Some("Ana".to_owned()), Some(ThreadKind::Direct));
        thread.address = Some("+49 1".to_owned());
        let mut records = vec![Record::Thread(Box::new(thread)), who("export", "@wa_1:x", "Ana")];
        for (n, (minute, second, _, text)) in BOTH.iter().enumerate().filter(|(_, s)| !s.2) {
            let at = Moment::exact(Timestamp(START + minute * 60_000 + second * 1_000 + 123));
            let mut m = MessageRecord::text("export".into(), Some("@wa_1:x".into()), at, *text);
            m.native_id = Some(format!("${minute}/{second}"));
            m.reactions.push(Reaction { emoji: "❤".to_owned(), by: "@wa_1:x".into(), at: None });
            m.deletion = if n > 0 { Deletion::Unsent } else { Deletion::None };
            records.push(Record::Message(Box::new(m)));
        }
        let mut writer = store.writer().expect("a writer");
        let mut import = writer.import("test", NOW).expect("an import");
        import.take(account("@sam:x")).expect("an account");
        for r in records {
            import.take(r).expect("a record");
        }
        import.finish("{}").expect("an end");
    };
    for export_first in [true, false] {
        let store = Store::in_memory().expect("a store");
        if export_first {
            told(&store);
        }
        live(&store, Some("+49 1"), &[BOTH]);
        told(&store);
        let inbox = inbox(&store);
        let shown: Vec<_> = inbox.iter().flatten().collect();
        assert_eq!((inbox.len(), shown.len()), (1, BOTH.len()), "export first: {export_first}");
        let untouched = |m: &&StoredMessage| m.reactions.is_empty() && m.deletion == Deletion::None;
        assert!(shown.iter().all(untouched), "export first: {export_first}: {shown:#?}");
    }
}

/// An archive of the very room that ends with the same message: the live account knows its words.
#[test]
fn an_export_of_the_very_room_changes_no_words() {
    let store = Store::in_memory().expect("a store");
    live(&store, None, &[BOTH]);
    let before = inbox(&store);
    let mut told = ThreadRecord::new("!room", "Matrix export");
    (told.title, told.kind) = (Some("Ana (WA)".to_owned()), Some(ThreadKind::Direct));
    let mut writer = store.writer().expect("a writer");
    let mut import = writer.import("test", NOW).expect("an import");
    import.take(account("@sam:x")).expect("an account");
    import.take(Record::Thread(Box::new(told))).expect("a thread");
    for (minute, second, mine, _) in BOTH {
        let at = START + minute * 60_000 + second * 1_000 + 123;
        let sender = if *mine { "@sam:x" } else { "@wa_1:x" };
        let sent = Moment::exact(Timestamp(at));
        let mut m = MessageRecord::text("!room".into(), Some(sender.into()), sent, "before");
        m.native_id = Some(format!("${minute}/{second}"));
        import.take(Record::Message(Box::new(m))).expect("a message");
    }
    import.finish("{}").expect("an end");
    assert_eq!(texts(&inbox(&store)), texts(&before));
}

/// A file may hold changes too, before what they change, and twice.
#[test]
fn changes_in_a_file_are_made() {
    use onebox::model::{Change, RevisionRecord};
    let store = Store::in_memory().expect("a store");
    for _ in 0..2 {
        let mut writer = store.writer().expect("a writer");
        let mut import = writer.import("test", NOW).expect("an import");
        let change = Change::Text("at six".to_owned());
        let mut m = MessageRecord::text(
            "t".into(),
            None,
            Moment::exact(Timestamp(START)),
            "at five".to_owned(),
        );
        m.native_id = Some("1".to_owned());
        for r in [
            account(""),
            Record::Thread(Box::new(ThreadRecord::new("t", "test"))),
            Record::Revision(Box::new(RevisionRecord {
                thread: "t".into(),
                message: "1".to_owned(),
                change,
                at: None,
                by: None,
            })),
            Record::Message(Box::new(m)),
        ] {
            import.take(r).expect("a record");
        }
        import.finish("{}").expect("an end");
        drop(writer);
        assert_eq!(texts(&inbox(&store)), [["at six"]]);
    }
}

/// An export of the newest messages may change older ones, which another export tells later.
#[test]
fn a_change_waits_for_its_message_over_imports() {
    use onebox::model::{Change, Deletion, Reaction, ReactionRecord, RevisionRecord};
    let told = |id: &str, minute: i64| {
        let at = Moment::exact(Timestamp(START + minute * 60_000));
        let mut m = MessageRecord::text("t".into(), None, at, format!("words of {id}"));
        m.native_id = Some(id.to_owned());
        Record::Message(Box::new(m))
    };
    let heart = Record::Reaction(Box::new(ReactionRecord {
        thread: "t".into(),
        message: "1".to_owned(),
        reaction: Reaction { emoji: "❤".into(), by: "Ana".into(), at: None },
        removed: false,
    }));
    let gone = Record::Revision(Box::new(RevisionRecord {
        thread: "t".into(),
        message: "2".to_owned(),
        change: Change::Deleted(Deletion::Unsent),
        at: None,
        by: None,
    }));
    let newest = [told("3", 3), heart, gone];
    let older = [told("1", 1), told("2", 2), told("3", 3)];
    let store = Store::in_memory().expect("a store");
    for records in [&newest[..], &older[..]] {
        let mut writer = store.writer().expect("a writer");
        let mut import = writer.import("test", NOW).expect("an import");
        import.take(account("")).expect("an account");
        let thread = Record::Thread(Box::new(ThreadRecord::new("t", "test")));
        for r in std::iter::once(&thread).chain(records) {
            import.take(r.clone()).expect("a record");
        }
        import.finish("{}").expect("an end");
    }
    let all = inbox(&store).remove(0);
    let seen: Vec<_> = all.iter().map(|m| (m.reactions.len(), m.deletion)).collect();
    assert_eq!(seen, [(1, Deletion::None), (0, Deletion::Unsent), (0, Deletion::None)]);
}

/// Somebody's name may be all that an export and a live thread share: then it is asked.
#[test]
fn by_a_name_alone_a_live_thread_is_offered_joined_and_parted_again() {
    let store = Arc::new(Store::in_memory().expect("a store"));
    export(&store, None, &[EARLIER, BOTH]);
    live_as(&store, "Ána", None, &[LATER]);
    let mut engine = engine(&store);
    let before = story(&store);
    assert_eq!(before.len(), 2, "a name is no proof");
    let offered = engine.links().expect("suggestions");
    assert_eq!(offered.len(), 1);
    let why = &offered[0].grounds[0];
    assert!(why.text.contains("live thread of one account"), "{}", why.text);
    let link = PeopleChange::Link(offered[0].a.id, offered[0].b.id);
    let (told, back) = engine.change_people(&link).expect("joined");
    assert!(told.what.contains("one thread"), "{}", told.what);
    let joined = story(&store);
    assert_eq!(joined.len(), 1);
    assert_eq!(joined[0].len(), 7);
    let thread = &store.reader().expect("a reader").threads(&ThreadQuery::default(), 0, 1);
    let thread = &thread.as_ref().expect("threads")[0];
    assert_eq!(thread.facts.strands, 2, "with its seam");
    assert!(thread.facts.live.is_some());
    // Told again by both doors it stays so.
    live_as(&store, "Ána", None, &[LATER]);
    export(&store, None, &[EARLIER, BOTH]);
    assert_eq!(story(&store), joined);
    assert!(engine.links().expect("suggestions").is_empty());
    // Taken back, all is as it was, and asked again.
    let again = engine.undo_people(&back).expect("taken back");
    assert_eq!(story(&store), before);
    assert_eq!(engine.links().expect("suggestions").len(), 1);
    engine.undo_people(&again).expect("and done again");
    assert_eq!(story(&store), joined);
    // Whoever is taken out of the person takes their thread along.
    let person = engine.list_people("", 0, 10).expect("people").0.remove(0);
    let live = person.identities.iter().find(|i| i.name == "Ána").expect("the live one");
    engine.change_people(&PeopleChange::Unlink(live.id)).expect("taken out");
    assert_eq!(story(&store), before);
}

/// What both told stood once while they were one thread; parted, each tells all of it again.
#[test]
fn what_both_told_is_in_both_when_they_are_parted() {
    let store = Arc::new(Store::in_memory().expect("a store"));
    export(&store, None, &[EARLIER, BOTH]);
    live_as(&store, "Ána", None, &[BOTH, LATER]);
    let mut engine = engine(&store);
    let before = story(&store);
    assert_eq!(before.len(), 2);
    let offered = engine.links().expect("suggestions").remove(0);
    let link = PeopleChange::Link(offered.a.id, offered.b.id);
    let (_, back) = engine.change_people(&link).expect("joined");
    assert_eq!(story(&store)[0].len(), 7);
    engine.undo_people(&back).expect("taken back");
    assert_eq!(story(&store), before);
}

#[test]
fn a_refusal_is_remembered_over_every_import() {
    let store = Arc::new(Store::in_memory().expect("a store"));
    live_as(&store, "Ana", None, &[LATER]);
    export(&store, None, &[EARLIER]);
    let mut engine = engine(&store);
    let offered = engine.links().expect("suggestions").remove(0);
    engine.change_people(&PeopleChange::Refuse(offered.a.id, offered.b.id)).expect("noted");
    for _ in 0..2 {
        export(&store, None, &[EARLIER]);
        live_as(&store, "Ana", None, &[LATER]);
        assert!(engine.links().expect("suggestions").is_empty());
        assert_eq!(inbox(&store).len(), 2);
    }
}

fn engine(store: &Arc<Store>) -> Engine {
    let settings = Settings::plain(Rules::builtin().expect("rules"));
    Engine::new(store.clone(), Arc::new(settings)).expect("an engine")
}

/// Hands texts off in the only thread, each so many minutes after the start.
fn hand_off(store: &Arc<Store>, texts: &[(i64, &str)]) {
    let engine = engine(store);
    let reader = store.reader().expect("a reader");
    let thread = reader.threads(&ThreadQuery::default(), 0, 1).expect("threads")[0].id;
    for (minute, text) in texts {
        let at = Timestamp(START + minute * 60_000 + 30_000);
        engine.hand_off(thread, text, false, at).expect("handed off");
    }
}

/// What the app tells, what was handed off, how many of those stay.
type Case<'a> = (Said<'a>, &'a [(i64, &'a str)], usize);

fn states(store: &Store) -> Vec<(String, Option<SendState>)> {
    assert_eq!(inbox(store).len(), 1);
    inbox(store).remove(0).into_iter().map(|m| (m.text, m.send_state)).collect()
}

#[test]
fn what_was_handed_off_becomes_the_message_that_the_app_tells() {
    let number = Some("420604111222");
    let handed = |text: &str| (text.to_owned(), Some(SendState::HandedOff));
    let real = |text: &str| (text.to_owned(), None);
    let store = Arc::new(Store::in_memory().expect("a store"));
    export(&store, number, &[EARLIER]);
    hand_off(&store, &[(100, "happy new year to you "), (200, "see you")]);
    assert_eq!(
        states(&store),
        [real("happy new year!"), handed("happy new year to you "), handed("see you")]
    );
    // The account is connected; the newest comes first, what was before it with a later page.
    live(&store, number, &[&[(202, 10, true, "see you"), (203, 0, false, "yes")]]);
    let first =
        [real("happy new year!"), handed("happy new year to you "), real("see you"), real("yes")];
    assert_eq!(states(&store), first);
    live(&store, number, &[&[(104, 0, true, "happy new year to you")]]);
    let whole =
        [real("happy new year!"), real("happy new year to you"), real("see you"), real("yes")];
    assert_eq!(states(&store), whole);
    // Whatever is told again.
    export(&store, number, &[EARLIER]);
    assert_eq!(states(&store), whole);
    // The list of what was handed off from here keeps both.
    let thread = store.reader().expect("a reader").threads(&ThreadQuery::default(), 0, 1);
    let thread = thread.expect("threads")[0].id;
    let (rows, _) = engine(&store).handed(thread, None, 10).expect("a history");
    assert_eq!(rows.len(), 2);
}

/// A database, and a text beside it that tells of a message taken back in the minute of what was handed
/// off from here: that was another one.
#[test]
fn what_was_handed_off_is_nobody_elses_to_take_back() {
    use onebox::model::Deletion;
    let told = |store: &Store, text: bool, last: &[(i64, bool, Option<&str>)]| {
        let key = if text { "Ana" } else { "1@s" };
        let mut thread = ThreadRecord::new(key, "WhatsApp export");
        (thread.title, thread.kind) = (Some("Ana".to_owned()), Some(ThreadKind::Direct));
        thread.less_exact = text;
        let mut records = vec![Record::Thread(Box::new(thread))];
        records.extend([who(key, "Ana", "Ana"), who(key, "Sam", "Sam")]);
        let both = BOTH.iter().map(|(minute, _, mine, what)| (*minute, *mine, Some(*what)));
        for (n, (minute, mine, what)) in both.chain(last.iter().copied()).enumerate() {
            let at = START + minute * 60_000;
            let second = i64::try_from(n).expect("few") * 1_000 + 123;
            let sent = match text {
                true => Moment { at: Timestamp(at), clock: Clock::WallMinute(at / 60_000) },
                false => Moment::exact(Timestamp(at + second)),
            };
            let sender = if mine { "Sam" } else { "Ana" };
            let words = what.unwrap_or_default();
            let mut m = MessageRecord::text(key.into(), Some(sender.into()), sent, words);
            m.native_id = (!text).then(|| format!("K{n}"));
            m.deletion = if what.is_some() { Deletion::None } else { Deletion::Unsent };
            records.push(Record::Message(Box::new(m)));
        }
        let mut writer = store.writer().expect("a writer");
        let mut import = writer.import("test", NOW).expect("an import");
        import.take(account("")).expect("an account");
        records.into_iter().for_each(|r| import.take(r).expect("a record"));
        import.finish("{}").expect("an end");
    };
    let store = Arc::new(Store::in_memory().expect("a store"));
    told(&store, false, &[]);
    told(&store, true, &[]);
    hand_off(&store, &[(10, "see you at five")]);
    told(&store, true, &[(10, true, None), (60, false, Some("fine then, until tomorrow"))]);
    let inbox = inbox(&store);
    assert_eq!(inbox.len(), 1);
    let mine = inbox[0].iter().find(|m| m.text == "see you at five").expect("it is there");
    assert_eq!((mine.deletion, mine.send_state), (Deletion::None, Some(SendState::HandedOff)));
    assert_eq!(inbox[0].len(), BOTH.len() + 3, "{inbox:#?}");
}

#[test]
fn a_later_export_that_holds_what_was_handed_off_doubles_nothing() {
    let store = Arc::new(Store::in_memory().expect("a store"));
    export(&store, Some("420604111222"), &[EARLIER]);
    hand_off(&store, &[(100, "on my way")]);
    export(&store, Some("420604111222"), &[EARLIER, &[(101, 0, true, "on my way")]]);
    assert_eq!(
        states(&store),
        [("happy new year!".to_owned(), None), ("on my way".to_owned(), None)]
    );
}

#[test]
fn a_hand_off_that_nothing_surely_tells_of_stays() {
    let number = Some("420604111222");
    // Too late, too late for so short a text, another's, other words, before it, one for two.
    let cases: [Case<'_>; 6] = [
        (&[(111, 0, true, "see you")], &[(100, "see you")], 1),
        (&[(105, 0, true, "ok")], &[(100, "ok")], 1),
        (&[(101, 0, false, "see you")], &[(100, "see you")], 1),
        (&[(101, 0, true, "see you!")], &[(100, "see you")], 1),
        (&[(97, 0, true, "see you")], &[(100, "see you")], 1),
        (&[(101, 0, true, "see you")], &[(100, "see you"), (102, "see you")], 1),
    ];
    for (said, texts, stay) in cases {
        let store = Arc::new(Store::in_memory().expect("a store"));
        export(&store, number, &[EARLIER]);
        hand_off(&store, texts);
        live(&store, number, &[said]);
        let handed = |(_, s): &&(String, _)| *s == Some(SendState::HandedOff);
        assert_eq!(states(&store).iter().filter(handed).count(), stay, "{said:?}");
        let others = states(&store).len() - stay;
        assert_eq!(others, 2, "{said:?}");
    }
}

/// A group, told by an export or by a live account.
fn group(store: &Store, live: bool, key: &str, title: &str, said: &[Said<'_>]) {
    let mut thread =
        ThreadRecord::new(key, if live { "WhatsApp via Matrix" } else { "WhatsApp export" });
    (thread.title, thread.kind) = (Some(title.to_owned()), Some(ThreadKind::Group));
    if live {
        thread.live = Some(LiveThread { can: [Wish::Send].into(), ..LiveThread::default() });
    }
    let people = if live { ["@wa_1:x", "@wa_2:x", "@sam:x"] } else { ["Ana", "Ben", "Sam"] };
    let mut records = vec![Record::Thread(Box::new(thread))];
    if !live {
        records.push(Record::Telling { thread: key.into() });
    }
    records.extend(people.iter().zip(["Ana", "Ben", "Sam"]).map(|(id, name)| who(key, id, name)));
    for (minute, second, mine, text) in said.iter().copied().flatten().copied() {
        let at = Timestamp(START + minute * 60_000 + second * 1_000);
        let sender = if mine { people[2] } else { people[0] };
        let mut m = MessageRecord::text(key.into(), Some(sender.into()), Moment::exact(at), text);
        m.native_id = live.then(|| format!("${key}/{minute}/{second}"));
        records.push(Record::Message(Box::new(m)));
    }
    let mut writer = store.writer().expect("a writer");
    let id = match store.reader().expect("a reader").live_accounts().expect("accounts").first() {
        Some(a) => a.id,
        None => writer.add_live_account("test").expect("an account"),
    };
    let mut import = match live {
        true => writer.live_batch(id, false, NOW),
        false => writer.import("test", NOW),
    }
    .expect("a batch");
    import.take(account(if live { "@sam:x" } else { "" })).expect("an account");
    for r in records {
        import.take(r).expect("a record");
    }
    match live {
        true => drop(import.finish_live().expect("an end")),
        false => drop(import.finish("{}").expect("an end")),
    }
}

/// A group of one name in an export and live is offered, never joined by itself; joined, parted and
/// joined again it is what it was.
#[test]
fn a_group_is_offered_by_its_name_and_joined_only_by_a_word() {
    let store = Arc::new(Store::in_memory().expect("a store"));
    group(&store, false, "crew", "Climbing Crew", &[EARLIER, BOTH]);
    group(&store, true, "!crew", "Climbing crew", &[LATER]);
    group(&store, true, "!other", "Choir", &[LATER]);
    let mut engine = engine(&store);
    let before = story(&store);
    assert_eq!(before.len(), 3, "a name is no proof");
    let offered = engine.group_links().expect("suggestions");
    assert_eq!(offered.len(), 1);
    assert!(offered[0].live.live && !offered[0].other.live && offered[0].score >= 70);
    let (a, b) = (offered[0].live.thread, offered[0].other.thread);
    // Put off, it is asked last, and again.
    engine.change_people(&PeopleChange::GroupsLater(a, b)).expect("put off");
    assert!(engine.group_links().expect("suggestions")[0].later);
    let (told, back) = engine.change_people(&PeopleChange::JoinGroups(b, a)).expect("joined");
    assert!(told.what.contains("one thread"), "{}", told.what);
    let joined = story(&store);
    assert_eq!(joined.len(), 2);
    assert!(engine.group_links().expect("suggestions").is_empty());
    let threads = store.reader().expect("a reader").threads(&ThreadQuery::default(), 0, 5);
    let threads = threads.expect("threads");
    let one = threads.iter().find(|t| t.facts.strands == 2).expect("with its seam");
    assert!(one.facts.live.is_some(), "it can be answered");
    // Told again by both doors it stays so.
    group(&store, true, "!crew", "Climbing crew", &[LATER]);
    group(&store, false, "crew", "Climbing Crew", &[EARLIER, BOTH]);
    assert_eq!(story(&store), joined);
    let again = engine.undo_people(&back).expect("taken back");
    assert_eq!(story(&store), before);
    assert!(engine.group_links().expect("suggestions")[0].later, "as it was");
    engine.undo_people(&again).expect("and done again");
    assert_eq!(story(&store), joined);
    // Much later, without anything to undo.
    let threads = store.reader().expect("a reader").threads(&ThreadQuery::default(), 0, 5);
    let one = threads.expect("threads").into_iter().find(|t| t.facts.strands == 2).expect("one");
    let (_, back) = engine.change_people(&PeopleChange::PartGroup(one.id)).expect("parted");
    assert_eq!(story(&store), before);
    assert!(engine.group_links().expect("suggestions").is_empty(), "it was said");
    engine.undo_people(&back).expect("taken back");
    assert_eq!(story(&store), joined);
}

/// Two live groups of one name: which of them goes on is asked of each, and one word is enough.
#[test]
fn two_live_groups_never_become_one() {
    let store = Arc::new(Store::in_memory().expect("a store"));
    group(&store, false, "crew", "Crew", &[EARLIER]);
    group(&store, true, "!one", "Crew", &[LATER]);
    group(&store, true, "!two", "Crew", &[LATER]);
    let mut engine = engine(&store);
    let offered = engine.group_links().expect("suggestions");
    assert_eq!(offered.len(), 2);
    let join =
        |l: &onebox::inbox::GroupLinkRow| PeopleChange::JoinGroups(l.live.thread, l.other.thread);
    engine.change_people(&join(&offered[0])).expect("joined");
    assert_eq!(story(&store).len(), 2);
    assert!(engine.group_links().expect("suggestions").is_empty());
    let (notice, nothing) = engine.change_people(&join(&offered[1])).expect("refused");
    assert!(notice.what.contains("cannot"), "{}", notice.what);
    assert_eq!(nothing, onebox::store::PeopleRows::default());
    // One that was told to be another group is not offered again, whatever is imported.
    let other = Arc::new(Store::in_memory().expect("a store"));
    group(&other, true, "!one", "Crew", &[LATER]);
    group(&other, false, "crew", "Crew", &[EARLIER]);
    let mut engine = self::engine(&other);
    let offered = engine.group_links().expect("suggestions").remove(0);
    let (a, b) = (offered.live.thread, offered.other.thread);
    engine.change_people(&PeopleChange::GroupsApart(a, b)).expect("noted");
    group(&other, false, "crew", "Crew", &[EARLIER, BOTH]);
    assert!(engine.group_links().expect("suggestions").is_empty());
    assert_eq!(story(&other).len(), 2);
}
