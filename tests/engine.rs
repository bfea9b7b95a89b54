//! The engine over the demo and over files, and its desk: requests in, updates out.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use onebox::engine::{
    Desk, Engine, ExportChoice, ExportFormat, ExportMedia, ExportView, ImportOptions, Progress,
    Rules, Settings, Store, detect, load_demo,
};
use onebox::inbox::{
    ComposerState, MarkChange, OpenAt, Request, ThreadFilter, ThreadRow, Ticket, Update,
};
use onebox::model::{Day, ThreadKind, VerdictKind, Wish};

fn settings(as_of: &str) -> Arc<Settings> {
    Arc::new(Settings {
        rules: Rules::builtin().unwrap(),
        as_of: Some(Day::parse(as_of).unwrap()),
        read_only: false,
        offline: false,
        demo: true,
        keep_deleted: false,
    })
}

fn demo(as_of: &str) -> Engine {
    let store = Store::in_memory().unwrap();
    let settings = settings(as_of);
    load_demo(&store, &settings.rules).unwrap();
    Engine::new(Arc::new(store), settings).unwrap()
}

fn rows(engine: &mut Engine, filter: &ThreadFilter) -> Vec<ThreadRow> {
    engine.threads(filter, 0, 500, None).unwrap().rows
}

fn all(engine: &mut Engine) -> Vec<ThreadRow> {
    let archived = ThreadFilter { archived: true, ..ThreadFilter::default() };
    [rows(engine, &ThreadFilter::default()), rows(engine, &archived)].concat()
}

fn jonas(engine: &mut Engine) -> ThreadRow {
    all(engine)
        .into_iter()
        .find(|r| r.title == "Jonas Weber" && r.badge.short == "IG")
        .expect("the Instagram thread with Jonas")
}

#[test]
fn the_demo_shows_the_whole_product() {
    let mut engine = demo("2026-11-22");
    let all = all(&mut engine);
    assert_eq!(all.len(), 14);
    let crossing: Vec<_> = all.iter().filter(|r| r.cross.is_some()).collect();
    assert_eq!(crossing.len(), 2, "a direct thread and a group");
    assert!(crossing.iter().all(|r| r.verdict == VerdictKind::ReadOnly));
    assert!(crossing.iter().any(|r| r.kind == ThreadKind::Group));
    assert_eq!(all.iter().filter(|r| r.suggested).count(), 1, "one guess");
    let guess = all.iter().find(|r| r.suggested).unwrap();
    assert_eq!(guess.verdict, VerdictKind::HandOff, "a guess greys nothing");
    let left: Vec<_> = all
        .iter()
        .filter(|r| r.reason.as_ref().is_some_and(|r| r.code == "not-a-member"))
        .collect();
    assert_eq!(left.len(), 2, "a group that I left, and one in the archive");
    let counts = engine.counts().unwrap();
    assert_eq!((counts.all, counts.archived, counts.cross_app, counts.read_only), (13, 1, 2, 4));
    assert_eq!(counts.sources.len(), 3);
}

#[test]
fn a_cross_app_thread_through_the_years() {
    for (day, verdict, warned) in [
        ("2023-11-01", VerdictKind::HandOff, true),
        ("2023-12-15", VerdictKind::HandOff, true),
        ("2023-12-21", VerdictKind::ReadOnly, false),
        ("2026-11-22", VerdictKind::ReadOnly, false),
    ] {
        let mut engine = demo(day);
        let row = jonas(&mut engine);
        assert_eq!((row.verdict, row.warned), (verdict, warned), "{day}");
        let closed = verdict == VerdictKind::ReadOnly;
        for wish in [Wish::Send, Wish::Call, Wish::StartThread] {
            let asked = engine.wish(row.id, wish, "hello").unwrap();
            let refused = asked.as_ref().err().map(|r| r.code);
            let offered = wish != Wish::Call;
            if closed {
                assert_eq!(refused, Some("cross-app-ended"), "{day} {wish:?}");
            } else if offered {
                assert_eq!(refused, None, "{day} {wish:?}");
            }
        }
        // Reading is never touched by the day that is judged.
        assert!(engine.open(row.id, OpenAt::End, 200).unwrap().rows.len() > 10);
    }
}

#[test]
fn nothing_is_handed_off_where_the_policy_refuses() {
    let mut engine = demo("2026-11-22");
    let row = jonas(&mut engine);
    let before = engine.open(row.id, OpenAt::End, 500).unwrap().rows.len();
    assert!(engine.hand_off(row.id, "hello?", false, onebox::engine::now()).is_err());
    assert_eq!(engine.open(row.id, OpenAt::End, 500).unwrap().rows.len(), before);
    let maya = all(&mut engine).into_iter().find(|r| r.title == "Maya Okafor").unwrap();
    engine.hand_off(maya.id, "on my way", false, onebox::engine::now()).unwrap();
    let page = engine.open(maya.id, OpenAt::End, 500).unwrap();
    let last = page.rows.last().unwrap();
    assert_eq!(last.text, "on my way");
    assert_eq!(last.send_state, Some(onebox::model::SendState::HandedOff));
    assert!(last.mine);
}

#[test]
fn a_reply_is_handed_off_with_its_quote() {
    let mut engine = demo("2026-11-22");
    let maya = all(&mut engine).into_iter().find(|r| r.title == "Maya Okafor").unwrap();
    let page = engine.open(maya.id, OpenAt::End, 500).unwrap();
    let theirs = page.rows.iter().rev().find(|m| !m.mine && !m.text.is_empty()).unwrap();
    let reply = Some(theirs.id);
    let row = engine.wish_answering(maya.id, Wish::Reply, "on my way", reply).unwrap().unwrap();
    assert!(row.text.starts_with("> Maya") && row.text.ends_with("\non my way"), "{}", row.text);
    assert_eq!((row.written.as_str(), row.reply), ("on my way", reply));
    // As the desk keeps it: the draft, and beside it what it answers.
    let mut writer = engine.store().writer().unwrap();
    writer.save_reply(maya.id, reply).unwrap();
    assert_eq!(engine.open(maya.id, OpenAt::End, 9).unwrap().reply, None, "there is no draft");
    writer.save_draft(maya.id, "on my", onebox::engine::now()).unwrap();
    writer.save_reply(maya.id, reply).unwrap();
    writer.save_draft(maya.id, "on my way", onebox::engine::now()).unwrap();
    drop(writer);
    let kept = engine.open(maya.id, OpenAt::End, 9).unwrap().reply.expect("kept with the draft");
    assert_eq!(kept.message, theirs.id);

    let now = onebox::engine::now();
    engine.hand_off_reply(maya.id, "on my way", reply, false, now).unwrap();
    let page = engine.open(maya.id, OpenAt::End, 9).unwrap();
    let last = page.rows.last().unwrap();
    assert_eq!((last.text.as_str(), page.draft, page.reply), ("on my way", None, None));
    assert!(theirs.text.starts_with(last.reply_quote.as_deref().unwrap().trim_end_matches('…')));

    // A message of another thread is not quoted here.
    let row = jonas(&mut engine);
    let foreign = engine.open(row.id, OpenAt::End, 9).unwrap().rows.last().map(|m| m.id);
    assert!(engine.answered(maya.id, foreign).unwrap().is_none());
    let refused = engine.wish_answering(row.id, Wish::Reply, "hello?", foreign).unwrap();
    assert!(refused.is_err(), "the policy is asked for replies too");
    assert!(engine.hand_off_reply(row.id, "hello?", foreign, false, now).is_err());
}

#[test]
fn what_was_handed_off_is_paged_newest_first() {
    let mut engine = demo("2026-11-22");
    let maya = all(&mut engine).into_iter().find(|r| r.title == "Maya Okafor").unwrap();
    assert_eq!(engine.handed(maya.id, None, 10).unwrap(), (Vec::new(), false));
    let now = onebox::engine::now();
    for i in 0..5 {
        let at = onebox::model::Timestamp(now.0 + i / 2);
        engine.hand_off(maya.id, &format!("text {i}"), false, at).unwrap();
    }
    let (first, more) = engine.handed(maya.id, None, 3).unwrap();
    let texts = |rows: &[onebox::inbox::HandedRow]| -> Vec<String> {
        rows.iter().map(|r| r.text.clone()).collect()
    };
    assert_eq!(
        (texts(&first), more),
        (vec!["text 4".into(), "text 3".into(), "text 2".into()], true)
    );
    let (rest, more) = engine.handed(maya.id, first.last().map(|r| r.pos), 3).unwrap();
    assert_eq!((texts(&rest), more), (vec!["text 1".into(), "text 0".into()], false));
}

#[test]
fn threads_are_found_by_letters_of_their_names_in_every_view() {
    let mut engine = demo("2026-11-22");
    let mut find = |typed: &str, first: &[onebox::model::ThreadId]| {
        let (rows, total) = engine.find_threads(typed, first, 50).expect("threads");
        assert_eq!(rows.len(), total);
        for found in &rows {
            assert!(found.marks.iter().all(|(a, b)| found.row.title.get(*a..*b).is_some()));
        }
        rows
    };
    let everything = find("", &[]);
    // Newest activity first, archived ones among them.
    assert!(everything.iter().any(|f| f.row.archived));
    assert!(everything.is_sorted_by_key(|f| std::cmp::Reverse(f.row.last)));
    let jonas = find("jnas web", &[]);
    assert_eq!(jonas[0].row.title, "Jonas Weber");
    let marked: Vec<&str> =
        jonas[0].marks.iter().map(|(a, b)| &jonas[0].row.title[*a..*b]).collect();
    assert_eq!(marked, ["J", "nas", "Web"]);
    // A word may be the app's.
    let apps = |rows: &[onebox::inbox::FoundRow]| -> Vec<String> {
        rows.iter().map(|f| f.row.badge.name.clone()).collect()
    };
    let both = apps(&find("jonas", &[]));
    assert!(both.contains(&"Instagram".to_owned()) && both.contains(&"Messenger".to_owned()));
    assert!(apps(&find("jonas insta", &[])).iter().all(|app| app == "Instagram"));
    assert!(find("nobody is called so", &[]).is_empty());
    // Where one was last comes first.
    let oldest = everything.last().expect("a thread").row.id;
    assert_eq!(find("", &[oldest])[0].row.id, oldest);
}

#[test]
fn accepting_a_guess_closes_and_clearing_opens_again() {
    let mut engine = demo("2026-11-22");
    let guess = all(&mut engine).into_iter().find(|r| r.suggested).unwrap();
    let header = engine.open(guess.id, OpenAt::End, 10).unwrap().header;
    let suggestion = header.suggestion.expect("a suggestion with its grounds");
    assert!(!suggestion.grounds.is_empty());
    engine.mark(guess.id, &MarkChange::CrossApp(suggestion.other)).unwrap();
    let row = engine.thread(guess.id).unwrap();
    assert_eq!(row.verdict, VerdictKind::ReadOnly);
    assert_eq!(row.reason.unwrap().sure, "yours");
    engine.mark(guess.id, &MarkChange::Clear).unwrap();
    assert!(engine.thread(guess.id).unwrap().suggested);
    engine.mark(guess.id, &MarkChange::NotCrossApp).unwrap();
    let row = engine.thread(guess.id).unwrap();
    assert_eq!((row.verdict, row.suggested), (VerdictKind::HandOff, false));
}

#[test]
fn the_stitched_thread_has_one_seam() {
    let mut engine = demo("2026-11-22");
    let stitched: Vec<_> = all(&mut engine)
        .into_iter()
        .filter_map(|r| {
            let page = engine.open(r.id, OpenAt::Start, 500).unwrap();
            let seams: Vec<_> = page.rows.into_iter().filter_map(|m| m.seam).collect();
            (!seams.is_empty()).then_some((r.title, seams))
        })
        .collect();
    assert_eq!(stitched.len(), 1);
    assert_eq!(stitched[0].0, "Jonas Weber");
    assert_eq!(stitched[0].1.len(), 1);
    assert_eq!(stitched[0].1[0].origin, "Messenger encrypted export");
}

/// Everything that a thread shows, without ids, for comparing two inboxes.
fn shown(engine: &mut Engine) -> Vec<String> {
    let mut out: Vec<String> = all(engine)
        .into_iter()
        .map(|r| {
            let page = engine.open(r.id, OpenAt::Start, 500).unwrap();
            let people: Vec<_> = page.header.participants.clone();
            let messages: Vec<_> = page
                .rows
                .iter()
                .map(|m| {
                    let media: Vec<_> = m
                        .attachments
                        .iter()
                        .map(|a| (a.kind, a.name.clone(), a.path.clone()))
                        .collect();
                    (
                        (m.pos.at, m.sender.clone(), m.mine, m.kind, m.text.clone(), media),
                        (m.reactions.clone(), m.edited, m.deletion, m.seam.clone(), m.send_state),
                    )
                })
                .collect();
            format!(
                "{:?}",
                (
                    r.title, r.badge, r.cross, r.kind, r.last, r.archived, r.verdict, r.reason,
                    people, messages
                )
            )
        })
        .collect();
    out.sort();
    out
}

#[test]
fn an_export_in_our_own_format_is_the_same_inbox_when_imported() {
    let dir = tempfile::tempdir().unwrap();
    let mut first = demo("2026-11-22");
    let maya = all(&mut first).into_iter().find(|r| r.title == "Maya Okafor").unwrap();
    first.hand_off(maya.id, "on my way", false, onebox::engine::now()).unwrap();
    let report = first
        .export(
            &ExportChoice::View(ExportView::All),
            ExportFormat::Jsonl,
            ExportMedia::Copy,
            dir.path(),
            &mut |_| true,
        )
        .unwrap();
    assert_eq!(report.threads, 14);
    let settings = settings("2026-11-22");
    let mut second = Engine::new(Arc::new(Store::in_memory().unwrap()), settings).unwrap();
    for _ in 0..2 {
        let found = detect(std::slice::from_ref(&report.file), None).unwrap();
        second.import(found, &ImportOptions::default(), &Progress::default()).unwrap();
        let (one, two) = (shown(&mut first), shown(&mut second));
        assert_eq!(one.len(), two.len());
        for (a, b) in one.iter().zip(&two) {
            assert_eq!(a, b);
        }
    }
}

/// Most apps tell by its id which message is answered: its words stand with the answer.
#[test]
fn an_answer_says_what_it_answers() {
    let said = |id: i64, who: &str, text: &str, to: Option<i64>| {
        let mut m = serde_json::json!({"id": id, "type": "message", "from": who,
            "from_id": format!("user{}", who.len()), "date": "2024-05-01T10:00:00",
            "date_unixtime": format!("{}", 1_714_557_600 + id), "text": text});
        if let Some(to) = to {
            m["reply_to_message_id"] = to.into();
        }
        m
    };
    let chat = serde_json::json!({"name": "Ana Duarte", "type": "personal_chat", "id": 10, "messages": [
        said(1, "Ana Duarte", "shall we meet?\nat six, or later", None),
        said(2, "Sam", "at six", Some(1)),
        said(3, "Ana Duarte", "good", Some(2)),
        said(4, "Ana Duarte", "of which nothing is left", Some(99)),
    ]});
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("result.json"), chat.to_string()).unwrap();
    let store = Arc::new(Store::in_memory().unwrap());
    let mut engine = Engine::new(store, settings("2024-06-01")).unwrap();
    let options = ImportOptions {
        read: onebox::engine::ReadOptions { me: Some("Sam".into()), ..Default::default() },
        ..Default::default()
    };
    let found = detect(&[dir.path().to_owned()], None).unwrap();
    engine.import(found, &options, &Arc::new(Progress::default())).unwrap();
    let id = rows(&mut engine, &ThreadFilter::default())[0].id;
    let page = engine.open(id, OpenAt::Start, 10).unwrap().rows;
    let quotes: Vec<Option<&str>> = page.iter().map(|m| m.reply_quote.as_deref()).collect();
    assert_eq!(quotes, [None, Some("Ana Duarte: shall we meet?…"), Some("You: at six"), None]);
}

fn corpus() -> Option<PathBuf> {
    std::env::var_os("ONEBOX_CORPUS").map(PathBuf::from)
}

fn import(engine: &Engine, path: &Path) -> Vec<onebox::inbox::ImportSummary> {
    let found = detect(&[path.to_owned()], None).unwrap();
    // The second time too, although nothing has changed.
    let options = ImportOptions { again: true, ..ImportOptions::default() };
    engine.import(found, &options, &Progress::default()).unwrap()
}

#[test]
fn the_whole_corpus_twice_is_the_corpus_once() {
    let Some(corpus) = corpus() else {
        println!("ONEBOX_CORPUS is not set: the corpus was not read");
        return;
    };
    let mut engine =
        Engine::new(Arc::new(Store::in_memory().unwrap()), settings("2026-11-22")).unwrap();
    let first = import(&engine, &corpus);
    assert!(first.iter().map(|s| s.messages_added).sum::<u64>() > 400);
    let seen = shown(&mut engine);
    let second = import(&engine, &corpus);
    assert!(second.iter().all(|s| (s.messages_added, s.threads_added) == (0, 0)), "{second:?}");
    assert_eq!(shown(&mut engine), seen);
}

fn next(updates: &Receiver<Update>, what: &str, wanted: impl Fn(&Update) -> bool) -> Update {
    loop {
        let update = updates
            .recv_timeout(Duration::from_secs(60))
            .unwrap_or_else(|e| panic!("no {what}: {e}"));
        if wanted(&update) {
            return update;
        }
    }
}

#[test]
fn the_desk_answers_imports_and_writes_drafts_before_it_ends() {
    let dir = tempfile::tempdir().unwrap();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/demo/facebook-sam");
    let store = Arc::new(Store::open(dir.path()).unwrap());
    let engine = Engine::new(store.clone(), settings("2026-11-22")).unwrap();
    let (desk, requests, updates) = Desk::start(engine).unwrap();
    let Update::Status(status) = next(&updates, "status", |u| matches!(u, Update::Status(_)))
    else {
        unreachable!()
    };
    assert!(status.empty);
    requests.send(Request::Import { paths: vec![samples], only: None, key: None }).unwrap();
    next(&updates, "report", |u| matches!(u, Update::ImportDone(s) if s.len() == 1));
    let window = Request::Threads {
        ticket: Ticket(7),
        filter: ThreadFilter::default(),
        order: onebox::inbox::ListOrder::default(),
        offset: 0,
        limit: 50,
        around: None,
    };
    requests.send(window).unwrap();
    let Update::Threads { rows, ticket, .. } =
        next(&updates, "threads", |u| matches!(u, Update::Threads { .. }))
    else {
        unreachable!()
    };
    assert_eq!(ticket, Ticket(7));
    let thread = rows[0].id;
    for text in ["h", "he", "hello 👩‍👩‍👧"] {
        requests.send(Request::SaveDraft { thread, text: text.into() }).unwrap();
    }
    drop((requests, updates));
    desk.join();
    let mut again = Engine::new(store, settings("2026-11-22")).unwrap();
    let drafts = ThreadFilter { drafts: true, ..ThreadFilter::default() };
    assert_eq!(rows_texts(&mut again, &drafts), ["hello 👩‍👩‍👧"]);
    let composer = again.open(thread, OpenAt::End, 10).unwrap().header.composer;
    assert!(matches!(composer, ComposerState::HandOff(_)));
}

fn rows_texts(engine: &mut Engine, filter: &ThreadFilter) -> Vec<String> {
    rows(engine, filter).into_iter().filter_map(|r| r.draft).collect()
}

#[test]
fn whoever_sends_is_answered_with_their_own_ticket_even_by_a_failure() {
    let engine = Engine::new(Arc::new(Store::in_memory().unwrap()), settings("2026-11-22"));
    let (desk, requests, updates) = Desk::start(engine.unwrap()).unwrap();
    let (thread, text) = (onebox::model::ThreadId(404), String::from("hi"));
    let files = vec![dir_of_nothing()];
    let sends = [
        Request::Send { ticket: Ticket(8), thread, text: text.clone(), reply: None },
        Request::SendFiles { ticket: Ticket(9), thread, text: text.clone(), files, reply: None },
    ];
    // What fails beside it is told without a ticket.
    requests.send(Request::SaveDraft { thread, text }).unwrap();
    next(&updates, "a notice", |u| matches!(u, Update::Notice(_)));
    for (send, wanted) in sends.into_iter().zip([8, 9]) {
        requests.send(send).unwrap();
        let answer = next(&updates, "answer", |u| matches!(u, Update::NotSent { .. }));
        let Update::NotSent { ticket, notice } = answer else { unreachable!() };
        assert_eq!(ticket, Ticket(wanted));
        assert!(notice.line().contains("404"), "{}", notice.line());
    }
    drop((requests, updates));
    desk.join();
}

fn dir_of_nothing() -> std::path::PathBuf {
    std::path::PathBuf::from("/nowhere/at all.png")
}

#[test]
fn the_demo_from_the_first_run_page_leaves_the_disk_alone() {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::open(dir.path()).unwrap());
    let engine = Engine::new(store.clone(), settings("2026-11-22")).unwrap();
    let (desk, requests, updates) = Desk::start(engine).unwrap();
    requests.send(Request::LoadDemo).unwrap();
    next(&updates, "demo", |u| matches!(u, Update::Status(s) if s.demo && !s.empty));
    drop((requests, updates));
    desk.join();
    assert!(Engine::new(store, settings("2026-11-22")).unwrap().is_empty().unwrap());
}

/// A folder as downloads land in it: exports of several apps side by side.
#[test]
fn a_folder_of_several_exports_gives_all_of_them() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/demo");
    let mut engine =
        Engine::new(Arc::new(Store::in_memory().unwrap()), settings("2026-11-22")).unwrap();
    import(&engine, &samples);
    let mut sources: Vec<_> =
        engine.counts().unwrap().sources.into_iter().map(|s| (s.badge.short, s.threads)).collect();
    sources.sort();
    assert_eq!(sources, [("IG".into(), 4), ("MSG".into(), 5), ("WA".into(), 4)]);
}

/// The two downloads of one Messenger account, apart and in any order: one account, one thread.
#[test]
fn the_encrypted_export_finds_its_account_in_any_order() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/demo");
    let mut seen = Vec::new();
    for order in [["facebook-sam", "messages"], ["messages", "facebook-sam"]] {
        let store = Arc::new(Store::in_memory().unwrap());
        let mut engine = Engine::new(store, settings("2026-11-22")).unwrap();
        for part in order {
            import(&engine, &samples.join(part));
        }
        let accounts = engine.accounts().unwrap();
        assert_eq!(accounts.len(), 1, "{order:?}: {accounts:?}");
        let view = shown(&mut engine);
        assert_eq!(view.len(), 6, "{order:?}");
        seen.push(view);
    }
    for (a, b) in seen[0].iter().zip(&seen[1]) {
        assert_eq!(a, b);
    }
}
