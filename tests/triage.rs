//! Triage over a real store: what is done survives imports, is taken back exactly, and every
//! view's count agrees with its list and with a slow look at every thread.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::Arc;

use onebox::engine::{
    Engine, ImportOptions, Progress, Rules, Settings, Store, Undoable, detect, load_demo,
};
use onebox::inbox::{ListOrder, ThreadFilter, ThreadRow, TriageChange};
use onebox::model::{
    AccountRecord, MessageRecord, Moment, ParticipantRecord, Record, SourceId, ThreadId,
    ThreadKind, ThreadRecord, Timestamp, VerdictKind,
};
use proptest::prelude::*;

fn settings() -> Arc<Settings> {
    Arc::new(Settings {
        rules: Rules::builtin().unwrap(),
        as_of: None,
        read_only: false,
        offline: false,
        demo: true,
        keep_deleted: false,
    })
}

fn demo() -> Engine {
    let (store, settings) = (Store::in_memory().unwrap(), settings());
    load_demo(&store, &settings.rules).unwrap();
    Engine::new(Arc::new(store), settings).unwrap()
}

fn list(engine: &mut Engine, filter: &ThreadFilter, order: ListOrder) -> Vec<ThreadRow> {
    let page = engine.threads_in(filter, order, 0, 500, None).unwrap();
    assert_eq!(page.rows.len(), page.total, "{filter:?}");
    page.rows
}

/// Every thread, whatever was done with it.
fn everything(engine: &mut Engine) -> Vec<ThreadRow> {
    let mut all = list(engine, &ThreadFilter::default(), ListOrder::Activity);
    let others = [
        ThreadFilter { archived: true, ..ThreadFilter::default() },
        ThreadFilter { snoozed: true, ..ThreadFilter::default() },
    ];
    for filter in others {
        all.extend(list(engine, &filter, ListOrder::Activity));
    }
    all.sort_by_key(|r| r.id);
    all.dedup_by_key(|r| r.id);
    all
}

/// Each view's rows and count, against the plain meaning of its name.
fn recount(engine: &mut Engine) {
    let all = everything(engine);
    let counts = engine.counts().unwrap();
    let none = ThreadFilter::default;
    type Plain = fn(&ThreadRow) -> bool;
    let views: [(&str, ThreadFilter, u64, Plain); 10] = [
        ("all", none(), counts.all, |r| !r.archived && r.snoozed.is_none()),
        ("unread", ThreadFilter { unread: true, ..none() }, counts.unread, |r| {
            r.unread.is_some_and(|n| n > 0)
        }),
        ("archived", ThreadFilter { archived: true, ..none() }, counts.archived, |r| r.archived),
        ("snoozed", ThreadFilter { snoozed: true, ..none() }, counts.snoozed, |r| {
            r.snoozed.is_some()
        }),
        ("starred", ThreadFilter { starred: true, ..none() }, counts.starred, |r| r.starred > 0),
        ("awaiting", ThreadFilter { awaiting: true, ..none() }, counts.awaiting, |r| {
            r.awaiting && !r.archived && !r.muted && r.verdict != VerdictKind::ReadOnly
        }),
        ("mentions", ThreadFilter { mentions: true, ..none() }, counts.mentions, |r| r.mentioned),
        ("read-only", ThreadFilter { read_only: true, ..none() }, counts.read_only, |r| {
            r.verdict == VerdictKind::ReadOnly
        }),
        ("cross-app", ThreadFilter { cross_app: true, ..none() }, counts.cross_app, |r| {
            r.cross.is_some()
        }),
        ("drafts", ThreadFilter { drafts: true, ..none() }, counts.drafts, |r| r.draft.is_some()),
    ];
    for (name, filter, count, plain) in views {
        let mut wanted: Vec<ThreadId> = all.iter().filter(|r| plain(r)).map(|r| r.id).collect();
        for order in [ListOrder::Activity, ListOrder::UnreadFirst] {
            let rows = list(engine, &filter, order);
            assert!(rows.is_sorted_by_key(|r| !r.pinned), "{name}: pinned come first");
            let mut have: Vec<ThreadId> = rows.iter().map(|r| r.id).collect();
            have.sort_unstable();
            wanted.sort_unstable();
            assert_eq!(have, wanted, "{name}");
            if order == ListOrder::UnreadFirst {
                let rank = |r: &ThreadRow| (!r.pinned, r.unread.unwrap_or(0) == 0);
                assert!(rows.is_sorted_by_key(rank), "{name}: unread come first");
            }
        }
        assert_eq!(count, wanted.len() as u64, "{name}");
    }
    for (label, count) in counts.labels {
        let filter = ThreadFilter { label: Some(label.clone()), ..none() };
        let have = list(engine, &filter, ListOrder::Activity).len();
        assert_eq!(
            (have as u64, all.iter().filter(|r| r.labels.contains(&label)).count()),
            (count, have)
        );
    }
}

fn change() -> impl Strategy<Value = TriageChange> {
    let far = Timestamp(4_000_000_000_000);
    prop_oneof![
        any::<bool>().prop_map(TriageChange::Archive),
        any::<bool>().prop_map(TriageChange::Pin),
        any::<bool>().prop_map(TriageChange::Mute),
        any::<bool>().prop_map(TriageChange::Unread),
        prop::option::of(Just(far)).prop_map(TriageChange::Snooze),
        // One that is past already hides nothing.
        Just(TriageChange::Snooze(Some(Timestamp(1_000)))),
        ("[ab]", any::<bool>()).prop_map(|(name, on)| TriageChange::Label { name, on }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn counts_are_right_and_everything_can_be_taken_back(
        steps in prop::collection::vec((prop::collection::vec(1i64..15, 1..6), change(), any::<bool>()), 1..12),
    ) {
        let mut engine = demo();
        let before = everything(&mut engine);
        let mut undo: Vec<Undoable> = Vec::new();
        for (threads, change, again) in steps {
            let threads: Vec<ThreadId> = threads.into_iter().map(ThreadId).collect();
            undo.push(engine.triage(&threads, &change).unwrap().1);
            if again {
                let stands = everything(&mut engine);
                load_demo(engine.store(), &engine.settings().rules).unwrap();
                prop_assert_eq!(everything(&mut engine), stands, "an import changes nothing of it");
            }
            recount(&mut engine);
        }
        while let Some(last) = undo.pop() {
            assert!(engine.take_back(&last).unwrap());
        }
        prop_assert_eq!(everything(&mut engine), before);
        recount(&mut engine);
    }
}

#[test]
fn stars_are_found_and_taken_back() {
    let mut engine = demo();
    let row = everything(&mut engine)[0].clone();
    let message = engine.messages(row.id, None, None, 1).unwrap()[0].id;
    assert!(engine.star(message, true).unwrap().is_some());
    assert!(engine.star(message, true).unwrap().is_none(), "it is so already");
    load_demo(engine.store(), &engine.settings().rules).unwrap();
    assert_eq!(engine.thread(row.id).unwrap().starred, 1);
    recount(&mut engine);
    engine.star(message, false).unwrap();
    assert_eq!(engine.thread(row.id).unwrap(), row);
}

#[test]
fn a_thread_that_was_read_stays_read_over_the_same_export() {
    let mut engine = demo();
    let id = everything(&mut engine)[0].id;
    engine.triage(&[id], &TriageChange::Unread(true)).unwrap();
    assert_eq!(engine.thread(id).unwrap().unread, Some(1));
    engine.triage(&[id], &TriageChange::Unread(false)).unwrap();
    load_demo(engine.store(), &engine.settings().rules).unwrap();
    assert_eq!(engine.thread(id).unwrap().unread, Some(0));
}

#[test]
fn over_the_corpus() {
    let Some(corpus) = std::env::var_os("ONEBOX_CORPUS") else {
        println!("ONEBOX_CORPUS is not set: the counts are checked over the demo only");
        return;
    };
    let engine = Engine::new(Arc::new(Store::in_memory().unwrap()), settings());
    let mut engine = engine.unwrap();
    let found = detect(&[Path::new(&corpus).to_owned()], None).unwrap();
    engine.import(found, &ImportOptions::default(), &Progress::default()).unwrap();
    recount(&mut engine);
    let ids: Vec<ThreadId> = everything(&mut engine).iter().map(|r| r.id).collect();
    let third = |n: usize| ids.iter().copied().skip(n).step_by(3).collect::<Vec<_>>();
    engine.triage(&third(0), &TriageChange::Archive(true)).unwrap();
    engine.triage(&third(1), &TriageChange::Pin(true)).unwrap();
    engine.triage(&third(2), &TriageChange::Unread(true)).unwrap();
    recount(&mut engine);
}

fn chat(key: &str, messages: &[(i64, &str)]) -> Vec<Record> {
    let mut thread = ThreadRecord::new(key, "a test");
    thread.kind = Some(ThreadKind::Direct);
    let mut out = vec![
        Record::Account(AccountRecord {
            source: SourceId::new("messenger"),
            key: "me".into(),
            name: "Me".into(),
            me_names: vec!["Me".into()],
            known_by: "a test".into(),
        }),
        Record::Thread(Box::new(thread)),
        Record::Telling { thread: key.into() },
    ];
    for name in ["Maya", "Me"] {
        out.push(Record::Participant(ParticipantRecord {
            thread: key.into(),
            key: name.into(),
            name: name.into(),
            source: None,
            is_me: false,
            placeholder: false,
            left: false,
        }));
    }
    out.extend(messages.iter().map(|(at, text)| {
        let sent = Moment::exact(Timestamp(*at));
        let message = MessageRecord::text(key.into(), Some("Maya".into()), sent, *text);
        Record::Message(Box::new(message))
    }));
    out
}

fn take(engine: &Engine, records: Vec<Record>) {
    let mut writer = engine.store().writer().unwrap();
    let mut import = writer.import("a test", Timestamp(2_000_000_000_000)).unwrap();
    records.into_iter().for_each(|r| import.take(r).unwrap());
    import.finish("{}").unwrap();
}

/// Two threads that turn out to be one: what was said of either is said of both.
#[test]
fn what_was_said_of_two_threads_holds_when_they_become_one() {
    for flip in [false, true] {
        let (first, second) = if flip { ("b", "a") } else { ("a", "b") };
        let mut engine = Engine::new(Arc::new(Store::in_memory().unwrap()), settings()).unwrap();
        take(&engine, chat(first, &[(1_000, "hello")]));
        take(&engine, chat(second, &[(500_000_000, "the key is under the pot")]));
        let ids: Vec<ThreadId> = everything(&mut engine).iter().map(|r| r.id).collect();
        assert_eq!(ids.len(), 2);
        engine.triage(&[ids[0]], &TriageChange::Mute(true)).unwrap();
        engine.triage(&[ids[1]], &TriageChange::Pin(true)).unwrap();
        engine.triage(&[ids[1]], &TriageChange::Archive(true)).unwrap();
        let shown = engine.messages(ids[1], None, None, 1).unwrap()[0].id;
        engine.star(shown, true).unwrap();
        take(&engine, chat(first, &[(1_000, "hello"), (500_000_000, "the key is under the pot")]));
        let all = everything(&mut engine);
        assert_eq!(all.len(), 1, "{all:#?}");
        let row = &all[0];
        assert!(row.muted && row.pinned && row.archived, "{row:#?}");
        assert_eq!(row.starred, 1, "{row:#?}");
        let messages = engine.messages(row.id, None, None, 10).unwrap();
        let starred: Vec<_> = messages.iter().filter(|m| m.starred).collect();
        assert_eq!((messages.len(), starred.len()), (2, 1));
        // Taken away, it stays away whatever comes in.
        engine.star(starred[0].id, false).unwrap();
        take(&engine, chat(second, &[(600_000_000, "thanks")]));
        assert_eq!(everything(&mut engine)[0].starred, 0);
        // The one that is gone is passed over, and the other is told of.
        let gone = ids.iter().copied().find(|id| *id != row.id).unwrap();
        let (notice, _) = engine.triage(&[gone, row.id], &TriageChange::Pin(false)).unwrap();
        assert_eq!(notice.what, "No longer pinned: Maya");
    }
}

#[test]
fn filters_narrow_each_other() {
    let mut engine = demo();
    let waiting = ThreadFilter { awaiting: true, ..ThreadFilter::default() };
    let some = list(&mut engine, &waiting, ListOrder::Activity)[1].id;
    let name = "soon".to_owned();
    engine.triage(&[some, ThreadId(1)], &TriageChange::Label { name, on: true }).unwrap();
    let both = ThreadFilter { label: Some("soon".into()), ..waiting };
    let ids: Vec<ThreadId> =
        list(&mut engine, &both, ListOrder::Activity).iter().map(|r| r.id).collect();
    assert_eq!(ids, [some]);
}
