//! The store over real SQLite: taking in twice, in any order, cut off anywhere, gives one inbox.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use onebox::model::{
    AccountRecord, Change, Clock, MessageRecord, Moment, ParticipantRecord, Reaction,
    ReactionRecord, Record, RevisionRecord, SourceId, Stitch, ThreadKind, ThreadRecord, Timestamp,
};
use onebox::store::{PageEnd, Store, StoreError, StoredThread, ThreadQuery};

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn account() -> Record {
    Record::Account(AccountRecord {
        source: SourceId::known("messenger"),
        key: "sam".into(),
        name: "Sam".into(),
        me_names: vec!["Sam".into()],
        known_by: "profile file".into(),
    })
}

fn message(thread: &Arc<str>, who: &str, at: i64, text: &str) -> Record {
    let sent = Moment::exact(Timestamp(at));
    Record::Message(Box::new(MessageRecord::text(thread.clone(), Some(who.into()), sent, text)))
}

/// A telling: the thread, its people, its messages, and the thread again.
fn telling(key: &str, stitch: Stitch, messages: &[(&str, i64, &str)]) -> Vec<Record> {
    let key: Arc<str> = key.into();
    let mut thread = ThreadRecord::new(key.clone(), "test");
    thread.stitch = stitch;
    let mut out =
        vec![Record::Thread(Box::new(thread.clone())), Record::Telling { thread: key.clone() }];
    for name in ["Maya", "Sam"] {
        out.push(Record::Participant(ParticipantRecord {
            thread: key.clone(),
            key: name.into(),
            name: name.into(),
            source: None,
            is_me: false,
            placeholder: false,
            left: false,
        }));
    }
    out.extend(messages.iter().map(|(who, at, text)| message(&key, who, *at, text)));
    thread.title = Some("Maya".into());
    thread.kind = Some(ThreadKind::Direct);
    out.push(Record::Thread(Box::new(thread)));
    out
}

fn import(store: &Store, records: impl IntoIterator<Item = Record>) -> onebox::store::Tally {
    import_whole(store, std::iter::once(account()).chain(records))
}

/// The same of what tells its account itself.
fn import_whole(store: &Store, records: impl IntoIterator<Item = Record>) -> onebox::store::Tally {
    let mut writer = store.writer().unwrap();
    let mut run = writer.import("test", NOW).unwrap();
    for r in records {
        run.take(r).unwrap();
    }
    run.finish("{}").unwrap()
}

fn threads(store: &Store) -> Vec<StoredThread> {
    store.reader().unwrap().threads(&ThreadQuery::default(), 0, 100).unwrap()
}

/// A thread as seen: title, count, messages (time, sender, mine, text).
type Seen = (String, u64, Vec<(i64, String, bool, String)>);

/// What a person sees: titles, counts and every message in order. No ids.
fn inbox(store: &Store) -> Vec<Seen> {
    let reader = store.reader().unwrap();
    let mut out: Vec<_> = threads(store)
        .into_iter()
        .map(|t| {
            let page = reader.newer(t.id, PageEnd::Edge, 10_000).unwrap();
            let rows = page
                .into_iter()
                .map(|m| (m.sent.at.0, m.sender.unwrap_or_default(), m.mine, m.text))
                .collect();
            (t.title, t.messages, rows)
        })
        .collect();
    out.sort();
    out
}

const OLD: &[(&str, i64, &str)] =
    &[("Maya", 1_000_000, "hello"), ("Sam", 2_000_000, "hi"), ("Maya", 3_000_000, "tea?")];

#[test]
fn importing_twice_changes_nothing() {
    let store = Store::in_memory().unwrap();
    let first = import(&store, telling("a", Stitch::Overlap, OLD));
    assert_eq!((first.threads_added, first.messages_added), (1, 3));
    let before = inbox(&store);
    let second = import(&store, telling("a", Stitch::Overlap, OLD));
    assert_eq!((second.threads_added, second.threads_known), (0, 1));
    assert_eq!((second.messages_added, second.messages_known), (0, 3));
    assert_eq!(inbox(&store), before);
    assert!(before[0].2[1].2, "Sam is me");
}

#[test]
fn equal_messages_of_one_telling_stay_apart_and_of_two_are_one() {
    let store = Store::in_memory().unwrap();
    let twice = &[("Maya", 1_000_000, "ok"), ("Maya", 1_000_000, "ok")];
    let both =
        [telling("a", Stitch::Overlap, twice), telling("a", Stitch::Overlap, twice)].concat();
    let tally = import(&store, both);
    assert_eq!((tally.messages_added, tally.messages_known), (2, 2));
}

/// What was told under no key is known again, however long before it the other telling begins.
#[test]
fn an_account_without_a_key_is_found_in_a_longer_telling() {
    let texts: Vec<String> = (0..900).map(|n| format!("text {n}")).collect();
    let all: Vec<(&str, i64, &str)> =
        texts.iter().zip(0..).map(|(text, n)| ("Maya", n * 3_600_000, &**text)).collect();
    for (first, second) in [(700, 0), (0, 700)] {
        let store = Store::in_memory().unwrap();
        for (key, from) in [("", first), ("sam", second)] {
            let mut account = account();
            if let Record::Account(a) = &mut account {
                a.key = key.into();
                if key.is_empty() {
                    (a.name, a.me_names) = ("a folder".into(), Vec::new());
                }
            }
            let told = telling("a", Stitch::Overlap, &all[from..]);
            import_whole(&store, std::iter::once(account).chain(told));
        }
        let accounts = store.reader().unwrap().my_accounts().unwrap();
        assert!(accounts.iter().all(|a| a.same.len() == 1), "{accounts:?}");
        let counts: Vec<u64> = threads(&store).iter().map(|t| t.messages).collect();
        assert_eq!(counts, [900], "{first} {second}");
    }
}

/// A message that its app knows by a number.
fn numbered(number: usize) -> Record {
    let mut record = message(&"a".into(), "Maya", 1_000_000, &format!("text {number}"));
    if let Record::Message(m) = &mut record {
        m.native_id = Some(number.to_string());
    }
    record
}

/// Rows are written many at a time: however the known ones lie among them, each counts once.
#[test]
fn known_messages_among_new_ones_are_told_from_them() {
    // Three in four are told again at once; then some of them anew among more.
    let first: Vec<usize> = (0..300).map(|n| n * 7 % 75).collect();
    let second: Vec<usize> = (0..400).map(|n| (n * n + n) % 211).collect();
    for cut in [0, 1, 63, 64, 65, 128, 300] {
        let store = Store::in_memory().unwrap();
        let mut all: std::collections::HashSet<usize> = std::collections::HashSet::new();
        for (told, cut) in [(&first[..cut], 0), (&first[..], cut), (&second[..], 0)] {
            let new = told.iter().filter(|n| all.insert(**n)).count();
            let head = telling("a", Stitch::Overlap, &[]);
            let tally = import(&store, head.into_iter().chain(told.iter().map(|n| numbered(*n))));
            let counted = (tally.messages_added as usize, tally.messages_known as usize);
            assert_eq!(counted, (new, told.len() - new), "{cut} of {}", told.len());
        }
        let seen = inbox(&store).remove(0);
        assert_eq!((seen.1 as usize, seen.2.len()), (all.len(), all.len()));
    }
}

/// What is told of a message right after it finds it, though rows wait to be written.
#[test]
fn a_change_right_after_its_message_is_not_lost() {
    let store = Store::in_memory().unwrap();
    let change = Record::Revision(Box::new(RevisionRecord {
        thread: "a".into(),
        message: "3".into(),
        by: None,
        at: None,
        change: Change::Text("changed".into()),
    }));
    let told = telling("a", Stitch::Overlap, &[]).into_iter().chain((0..5).map(numbered));
    let tally = import(&store, told.chain([change]));
    assert_eq!((tally.messages_added, tally.messages_known), (5, 0));
    let texts: Vec<String> = inbox(&store).remove(0).2.into_iter().map(|m| m.3).collect();
    assert_eq!(texts, ["text 0", "text 1", "text 2", "changed", "text 4"]);
}

/// However far behind its message a reaction is told, and before it too, the message has it once.
#[test]
fn a_reaction_finds_its_message_wherever_that_is() {
    let react = |emoji: &str, by: &str, at: i64, removed: bool| {
        Record::Reaction(Box::new(ReactionRecord {
            thread: "a".into(),
            message: "3".into(),
            reaction: Reaction { emoji: emoji.into(), by: by.into(), at: Some(Timestamp(at)) },
            removed,
        }))
    };
    for (before, behind) in [(3, 1), (3, 2), (3, 59), (3, 60), (3, 61), (3, 200), (0, 8)] {
        let store = Store::in_memory().unwrap();
        // Told again it is as it was.
        for _ in 0..2 {
            let mut told: Vec<Record> = (0..=before + behind).map(numbered).collect();
            let at = if before == 3 { told.len() } else { 0 };
            let reactions = [
                react("👍", "Maya", 1, false),
                react("❤", "Sam", 2, false),
                react("😮", "Maya", 3, false),
                react("👍", "Maya", 4, false),
                react("❤", "Sam", 5, true),
            ];
            told.splice(at..at, reactions);
            import(&store, telling("a", Stitch::Overlap, &[]).into_iter().chain(told));
            let thread = threads(&store)[0].id;
            let page = store.reader().unwrap().newer(thread, PageEnd::Edge, 10).unwrap();
            let has: Vec<_> =
                page[3].reactions.iter().map(|r| (r.emoji.as_str(), r.at.unwrap())).collect();
            assert_eq!(page[3].text, "text 3");
            assert_eq!(has, [("😮", 3), ("👍", 4)], "{behind} behind it, {before} before it");
            assert!(page.iter().enumerate().all(|(n, m)| n == 3 || m.reactions.is_empty()));
        }
    }
}

#[test]
fn a_minute_on_a_wall_clock_is_known_again_in_another_zone() {
    let store = Store::in_memory().unwrap();
    let wall = |at: i64| {
        let mut r = telling("a", Stitch::Overlap, &[("Maya", at, "ok")]);
        for record in &mut r {
            if let Record::Message(m) = record {
                m.sent.clock = Clock::WallMinute(77);
            }
        }
        r
    };
    import(&store, wall(1_000_000));
    let again = import(&store, wall(4_600_000));
    assert_eq!((again.messages_added, again.messages_known), (0, 1));
}

#[test]
fn the_encrypted_continuation_joins_the_one_thread_that_ends_before_it() {
    let later: &[_] = &[("Maya", 3_000_000, "tea?"), ("Sam", 5_000_000, "yes!")];
    let parts =
        [telling("dyi", Stitch::Overlap, OLD), telling("e2ee", Stitch::Continuation, later)];
    let mut seen = Vec::new();
    for order in [[0, 1], [1, 0]] {
        let store = Store::in_memory().unwrap();
        for i in order {
            import(&store, parts[i].clone());
        }
        let view = inbox(&store);
        assert_eq!(view.len(), 1, "stitched: {view:?}");
        assert_eq!(view[0].1, 4, "the border message stands once");
        seen.push(view);
    }
    assert_eq!(seen[0], seen[1]);
}

#[test]
fn a_second_candidate_takes_the_stitch_apart_again() {
    let store = Store::in_memory().unwrap();
    let later: &[_] = &[("Sam", 50_000_000, "yes!")];
    import(&store, telling("dyi", Stitch::Overlap, OLD));
    import(&store, telling("e2ee", Stitch::Continuation, later));
    let joined = threads(&store)[0].id;
    store.writer().unwrap().save_draft(joined, "half a thou", NOW).unwrap();
    assert_eq!(threads(&store).len(), 1);
    // Another plain thread of people with the same names: now nobody can tell which it continues.
    import(&store, telling("other", Stitch::Overlap, &[("Maya", 9_000_000, "other Maya")]));
    let view = inbox(&store);
    assert_eq!(view.len(), 3, "{view:?}");
    assert_eq!(view.iter().map(|t| t.1).sum::<u64>(), 5);
    // The thread lives on and keeps its draft.
    let kept = store.reader().unwrap().thread(joined).unwrap().unwrap();
    assert_eq!(kept.draft.as_deref(), Some("half a thou"));
}

#[test]
fn overlapping_exports_under_other_keys_are_one_thread() {
    let newer: &[_] = &[("Sam", 2_000_000, "hi"), ("Maya", 3_000_000, "tea?"), ("Maya", 9, "old")];
    let mut seen = Vec::new();
    for order in [[0, 1], [1, 0]] {
        let parts = [telling("k1", Stitch::Overlap, OLD), telling("k2", Stitch::Overlap, newer)];
        let store = Store::in_memory().unwrap();
        for i in order {
            import(&store, parts[i].clone());
        }
        let view = inbox(&store);
        assert_eq!((view.len(), view[0].1), (1, 4), "{view:?}");
        seen.push(view);
    }
    assert_eq!(seen[0], seen[1]);
}

#[test]
fn what_a_second_telling_knows_more_is_added() {
    let store = Store::in_memory().unwrap();
    import(&store, telling("a", Stitch::Overlap, OLD));
    let mut richer = telling("a", Stitch::Overlap, OLD);
    for r in &mut richer {
        if let Record::Message(m) = r {
            m.reactions.push(Reaction { emoji: "👍".into(), by: "Maya".into(), at: None });
        }
    }
    import(&store, richer.clone());
    import(&store, richer);
    let t = threads(&store)[0].id;
    let page = store.reader().unwrap().newer(t, PageEnd::Edge, 10).unwrap();
    assert!(page.iter().all(|m| m.reactions.len() == 1));
}

#[test]
fn an_import_cut_off_anywhere_is_made_whole_by_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let later: &[_] = &[("Maya", 3_000_000, "tea?"), ("Sam", 5_000_000, "yes!")];
    let all: Vec<Record> =
        [telling("dyi", Stitch::Overlap, OLD), telling("e2ee", Stitch::Continuation, later)]
            .concat();
    let whole = Store::in_memory().unwrap();
    import(&whole, all.clone());
    for cut in 0..all.len() {
        for committed in [false, true] {
            let place = dir.path().join(format!("{cut}-{committed}"));
            {
                let store = Store::open(&place).unwrap();
                let mut writer = store.writer().unwrap();
                let mut run = writer.import("cut", NOW).unwrap();
                run.take(account()).unwrap();
                for r in &all[..cut] {
                    run.take(r.clone()).unwrap();
                }
                if committed {
                    run.commit().unwrap();
                }
                // Dropped without finish, as by a kill.
            }
            let store = Store::open(&place).unwrap();
            store.writer().unwrap().recover(NOW).unwrap();
            assert!(store.reader().unwrap().check().unwrap().is_empty());
            import(&store, all.clone());
            assert_eq!(inbox(&store), inbox(&whole), "cut at {cut}, committed {committed}");
        }
    }
}

#[test]
fn drafts_and_marks_outlive_the_program_and_follow_a_stitch() {
    let dir = tempfile::tempdir().unwrap();
    {
        let store = Store::open(dir.path()).unwrap();
        let later: &[_] = &[("Sam", 5_000_000, "yes!")];
        import(&store, telling("e2ee", Stitch::Continuation, later));
        let t = threads(&store)[0].id;
        let mut writer = store.writer().unwrap();
        writer.save_draft(t, "half a thou", NOW).unwrap();
        writer.change_mark(t, |m| m.read_only = true).unwrap();
    }
    let store = Store::open(dir.path()).unwrap();
    import(&store, telling("dyi", Stitch::Overlap, OLD));
    let all = threads(&store);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].draft.as_deref(), Some("half a thou"));
    assert!(all[0].mark.read_only);
}

/// Both halves of a conversation had a draft before they were joined: neither is lost, and
/// nothing of the thread that is gone stays behind.
#[test]
fn two_drafts_become_one_when_their_threads_do() {
    let store = Store::in_memory().unwrap();
    let mut writer = store.writer().unwrap();
    import(&store, telling("e2ee", Stitch::Continuation, &[("Sam", 5_000_000, "yes!")]));
    let later = threads(&store)[0].id;
    writer.save_draft(later, "see you", NOW).unwrap();
    writer.change_mark(later, |m| m.read_only = true).unwrap();
    // Told without its people the plain part is no candidate yet.
    let mut plain = telling("dyi", Stitch::Overlap, OLD);
    let people: Vec<Record> =
        plain.extract_if(.., |r| matches!(r, Record::Participant(_))).collect();
    plain.retain(|r| !matches!(r, Record::Message(m) if m.sender.as_deref() == Some("Maya")));
    import(&store, plain);
    let earlier = threads(&store).into_iter().find(|t| t.id != later).unwrap().id;
    writer.save_draft(earlier, "at six", NOW).unwrap();
    writer.change_mark(earlier, |m| m.not_cross_app = true).unwrap();
    import(&store, [telling("dyi", Stitch::Overlap, OLD), people].concat());
    let all = threads(&store);
    assert_eq!(all.len(), 1);
    let draft = all[0].draft.clone().unwrap();
    assert!(draft.contains("see you") && draft.contains("at six"), "{draft:?}");
    let drafts = ThreadQuery { drafts: true, ..ThreadQuery::default() };
    assert_eq!(store.reader().unwrap().count_threads(&drafts).unwrap(), 1);
}

#[test]
fn a_far_future_message_does_not_hold_its_thread_at_the_top() {
    let store = Store::in_memory().unwrap();
    let odd: &[_] = &[("Maya", 1_000, "then"), ("Maya", i64::MAX - 1, "one day")];
    import(&store, telling("a", Stitch::Overlap, odd));
    assert_eq!(threads(&store)[0].last, Some(Timestamp(1_000)));
    assert_eq!(threads(&store)[0].messages, 2);
}

#[cfg(unix)]
#[test]
fn only_the_person_may_read_the_store() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("new");
    let store = Store::open(&place).unwrap();
    import(&store, telling("a", Stitch::Overlap, OLD));
    let mode = |p: &std::path::Path| std::fs::metadata(p).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&place), 0o700);
    for file in std::fs::read_dir(&place).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_store_of_a_newer_version_and_a_strange_file_are_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(dir.path()).unwrap());
    let file = dir.path().join("onebox.db");
    let db = rusqlite::Connection::open(&file).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    drop(db);
    assert!(matches!(Store::open(dir.path()), Err(StoreError::Newer { found: 99, .. })));
    std::fs::write(&file, b"this is not a database, it is a shopping list").unwrap();
    assert!(matches!(Store::open(dir.path()), Err(StoreError::NotAStore { .. })));
    assert!(std::fs::read(&file).unwrap().starts_with(b"this is not"));
}

#[test]
fn two_writers_take_turns() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (Store::open(dir.path()).unwrap(), Store::open(dir.path()).unwrap());
    std::thread::scope(|s| {
        for (store, key) in [(&a, "a"), (&b, "b")] {
            s.spawn(move || {
                for n in 0..20 {
                    import(
                        store,
                        telling(&format!("{key}{n}"), Stitch::Overlap, &[("Maya", n, key)]),
                    );
                }
            });
        }
    });
    assert_eq!(threads(&a).len(), 40);
}

/// Hot queries seek; none walks a table.
#[test]
fn hot_queries_use_their_indexes() {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(dir.path()).unwrap());
    let db = rusqlite::Connection::open(dir.path().join("onebox.db")).unwrap();
    for sql in [
        "SELECT * FROM thread ORDER BY pinned DESC, last_at DESC, id DESC LIMIT 50",
        "SELECT * FROM thread ORDER BY pinned DESC, (coalesce(unread, 0) > 0) DESC, last_at DESC, id DESC LIMIT 50",
        "SELECT * FROM message m WHERE m.thread_id = 1 AND m.shadow = 0 AND (m.sent_at, m.ord, m.id) < (1,2,3)
           ORDER BY m.sent_at DESC, m.ord DESC, m.id DESC LIMIT 50",
        "SELECT * FROM message WHERE strand_id = 1 AND fp = 2",
    ] {
        let mut q = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let plan: Vec<String> =
            q.query_map([], |r| r.get(3)).unwrap().collect::<Result<_, _>>().unwrap();
        let plan = plan.join("; ");
        assert!(plan.contains("USING INDEX") && !plan.contains("TEMP B-TREE"), "{sql}: {plan}");
    }
}

#[test]
fn an_import_steps_back_for_whoever_writes_little_and_is_made_whole_if_it_is_killed_then() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    import(&store, telling("old", Stitch::Overlap, &[("Maya", 1_000, "hello")]));
    let mut writer = store.writer().unwrap();
    let mut run = writer.import("large", NOW).unwrap();
    run.take(account()).unwrap();
    let mut records = telling("new", Stitch::Overlap, &[("Maya", 2_000, "one")]);
    let key: Arc<str> = "new".into();
    records.pop();
    records.into_iter().for_each(|r| run.take(r).unwrap());
    let done = std::sync::atomic::AtomicBool::new(false);
    let mut taken = 1;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // The import's first transaction is open: without its stepping back this would wait.
            let thread = threads(&store)[0].id;
            assert!(!store.writer().unwrap().recover(NOW).unwrap(), "it has not been killed");
            store.writer().unwrap().save_draft(thread, "meanwhile", NOW).unwrap();
            done.store(true, std::sync::atomic::Ordering::SeqCst);
        });
        // It never commits of itself.
        while !done.load(std::sync::atomic::Ordering::SeqCst) {
            taken += 1;
            let text = format!("message {taken}");
            run.take(message(&key, "Maya", 2_000 + taken, &text)).unwrap();
        }
    });
    // Killed: what it had taken before it stepped back is there, in a row that says less.
    drop(run);
    drop(writer);
    let known = |store: &Store| threads(store).iter().map(|t| t.messages).sum::<u64>();
    let stored = |store: &Store| store.reader().unwrap().last_message_number().unwrap() as u64;
    assert!(stored(&store) > 1, "nothing of the import was kept");
    assert!(known(&store) < stored(&store), "the rows were worked out at once");
    assert!(store.writer().unwrap().recover(NOW).unwrap());
    assert_eq!(known(&store), stored(&store));
    assert!(threads(&store).iter().any(|t| t.draft.is_some()));
    assert!(!store.writer().unwrap().recover(NOW).unwrap());
}

#[test]
fn two_imports_that_take_turns_in_one_thread_count_all_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let mut writer = store.writer().unwrap();
    let mut first = writer.import("first", NOW).unwrap();
    let key: Arc<str> = "t".into();
    first.take(account()).unwrap();
    for r in telling("t", Stitch::Overlap, &[("Maya", 5_000, "one")]) {
        first.take(r).unwrap();
    }
    first.commit().unwrap();
    // Another one tells older and newer messages of it, and a name.
    let mut more =
        telling("t", Stitch::Overlap, &[("Maya", 1_000, "two"), ("Sam", 9_000, "three")]);
    if let Some(Record::Thread(t)) = more.last_mut() {
        t.title = Some("Maya of the choir".into());
    }
    import(&store, more);
    first.take(message(&key, "Maya", 6_000, "four")).unwrap();
    first.finish("{}").unwrap();
    let [thread] = threads(&store).try_into().unwrap();
    assert_eq!((thread.messages, thread.title.as_str()), (4, "Maya of the choir"));
    assert_eq!((thread.first, thread.last), (Some(Timestamp(1_000)), Some(Timestamp(9_000))));
}
