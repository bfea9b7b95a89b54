//! Scripts: an inbox before, keys, what is asked and shown after.

use super::*;
use crate::inbox::{Direction, MarkChange, Notice, OpenAt, Severity, ThreadFilter};
use crate::model::{SourceId, ThreadId, Wish};
use crate::tui::app::{Focus, Layer};

fn drafts(s: &Scene) -> Vec<(i64, String)> {
    s.asked
        .iter()
        .filter_map(|r| match r {
            Request::SaveDraft { thread, text } => Some((thread.0, text.clone())),
            _ => None,
        })
        .collect()
}

fn sent(s: &Scene) -> Vec<&Request> {
    s.asked
        .iter()
        .filter(|r| matches!(r, Request::Send { .. } | Request::OpenHandOff { .. }))
        .collect()
}

#[test]
fn the_selected_thread_opens_beside_the_list() {
    let mut s = Scene::new(100, 30);
    assert_eq!(s.app.transcript.thread, Some(ThreadId(1)));
    s.keys("j");
    assert_eq!(s.app.transcript.thread, Some(ThreadId(2)));
    s.shows("Messenger encrypted export").shows("video call · 13 min");
    // One at a time where there is room for one.
    let mut s = Scene::new(60, 30);
    assert_eq!(s.app.transcript.thread, None);
    s.keys("j enter").shows("rope's in my car").hides("newest first");
    s.keys("esc").shows("newest first");
}

#[test]
fn typing_into_a_read_only_thread_is_answered_with_the_reason() {
    for keys in ["G i", "G enter i \"x\"", "G enter enter enter", "G tab tab \"hello\""] {
        let mut s = Scene::new(100, 30);
        s.keys(keys);
        let toast = s.app.toast.clone().unwrap_or_else(|| panic!("{keys}: told nothing"));
        assert!(toast.why.contains("ended in mid-December 2023"), "{keys}");
        assert!(toast.hint.contains("Messenger"), "{keys}");
        assert!(sent(&s).is_empty() && s.app.composer.text.is_empty(), "{keys}");
        s.shows("This cannot be written to").shows("read-only since mid-December 2023");
    }
    let mut s = Scene::new(100, 30);
    s.keys("G enter");
    s.event(Event::Paste("pasted".into()));
    assert!(s.app.toast.is_some());
    s.keys("tab w").shows("Why · Jonas Weber");
}

#[test]
fn calls_and_new_conversations_are_refused_where_they_were_tried() {
    for (key, wish, told) in [
        ("c", Wish::Call, "cannot be called from here"),
        ("N", Wish::StartThread, "A new conversation with"),
        ("enter e", Wish::React, "A reaction is not possible"),
    ] {
        let mut s = Scene::new(120, 30);
        s.keys("G").keys(key).shows(told).shows("Start again on Messenger.");
        let tried = s.asked.iter().any(|r| matches!(r, Request::Try { wish: w, .. } if *w == wish));
        assert!(tried);
        if key == "N" {
            s.shows("Reach");
            s.keys("esc");
        }
        s.keys("!").shows("Notices").shows(told);
    }
}

#[test]
fn a_hand_off_is_shown_before_anything_happens() {
    let mut s = Scene::new(100, 30);
    s.keys("i \"see you\" enter");
    s.shows("Hand off to WhatsApp").shows("https://wa.me/420700000000").shows("see you");
    assert!(s.effects.is_empty() && sent(&s).len() == 1, "nothing is copied or opened yet");
    s.keys("esc");
    assert_eq!(s.app.composer.text.text(), "see you", "the draft is kept");
    // A stray letter opens nothing.
    s.keys("enter y");
    assert!(matches!(s.app.layers.last(), Some(Layer::HandOff { .. })));
    s.keys("enter");
    assert_eq!(s.effects, [Effect::Copy("see you".into())]);
    let Some(Request::OpenHandOff { open: true, text, .. }) = sent(&s).last() else {
        panic!("opened")
    };
    assert_eq!(text, "see you");
    assert!(s.app.composer.text.is_empty());
    assert_eq!(drafts(&s).last(), Some(&(1, String::new())));
}

#[test]
fn copying_only_opens_nothing() {
    let mut s = Scene::new(100, 30);
    s.keys("i \"hi\" enter c");
    assert_eq!(s.effects, [Effect::Copy("hi".into())]);
    assert!(matches!(sent(&s).last(), Some(Request::OpenHandOff { open: false, .. })));
}

#[test]
fn drafts_are_kept_per_thread() {
    let mut s = Scene::new(100, 30);
    s.keys("i \"for Ana\" esc esc j");
    assert_eq!(drafts(&s), [(1, "for Ana".into())]);
    assert!(s.app.composer.text.is_empty());
    s.keys("k").shows("for Ana");
    s.keys("i \"!\"").wait(1000).keys("left");
    assert_eq!(drafts(&s).last(), Some(&(1, "for Ana!".into())), "after a second");
    s.keys("\" x\" ctrl-q");
    assert_eq!(drafts(&s).last().map(|d| d.1.len()), Some("for Ana! x".len()), "when quitting");
    assert_eq!(s.effects, [Effect::Quit]);
}

#[test]
fn a_stored_draft_comes_back() {
    let mut fake = Fake::inbox();
    fake.drafts.insert(ThreadId(1), "from last week".into());
    let mut s = Scene::blank(100, 30, fake);
    s.begin();
    s.shows("from last week");
    assert!(drafts(&s).is_empty(), "nothing to keep");
}

#[test]
fn what_is_written_survives_a_refusal() {
    let mut s = Scene::new(100, 30);
    s.fake.silent = true;
    s.keys("i \"hello\" enter");
    let Some(Request::Send { ticket, thread, .. }) = sent(&s).last().copied().cloned() else {
        panic!("sent")
    };
    s.update(Update::Refused { ticket, thread, wish: Wish::Send, reason: fake::reason() });
    s.shows("what you wrote is kept").shows("hello");
}

#[test]
fn old_answers_are_dropped() {
    let mut s = Scene::new(100, 30);
    s.fake.silent = true;
    s.keys("w");
    let Some(Request::Why { ticket: old, .. }) = s.asked.last().cloned() else { panic!("asked") };
    s.keys("esc w");
    let why = |ticket| Update::Why {
        ticket,
        thread: ThreadId(1),
        title: "x".into(),
        tables: fake::ladder(),
    };
    s.update(why(old));
    s.shows("asking…");
    let Some(Request::Why { ticket, .. }) = s.asked.last().cloned() else { panic!("asked") };
    s.update(why(ticket));
    s.shows("→ Has an interop rule").shows("rule ig-msgr-end");
}

#[test]
fn filters_by_key_and_mouse() {
    let mut s = Scene::new(120, 30);
    s.keys("o");
    assert!(s.app.threads.filter.read_only);
    s.shows("Jonas Weber").hides("Climbing crew");
    s.keys("o");
    assert_eq!(s.app.threads.filter, ThreadFilter::default());
    s.keys("s");
    assert_eq!(s.app.threads.filter.source, Some(SourceId::known("instagram")));
    s.keys("esc");
    assert_eq!(s.app.threads.filter, ThreadFilter::default());
    let x = s.text().lines().next().unwrap().find("Unread").unwrap();
    s.mouse(MouseDid::Press, u16::try_from(x).unwrap() - 2, 0);
    assert!(s.app.threads.filter.unread);
    s.shows("Ana Dvořáková").hides("Climbing crew");
}

#[test]
fn an_empty_view_says_why() {
    let mut s = Scene::new(100, 30);
    s.keys("z").shows("No thread is archived.");
    s.fake.threads.clear();
    s.keys("o").shows("Nothing is read-only.");
    s.keys("x").shows("No thread crosses apps.");
    s.keys("u").shows("Nothing unread.");
}

#[test]
fn a_suggestion_is_asked_about_with_its_grounds() {
    let mut s = Scene::new(100, 30);
    s.keys("j j y").shows("probably an Instagram ↔ Facebook").shows("has no handle");
    s.keys("esc");
    assert!(!s.asked.iter().any(|r| matches!(r, Request::Mark { .. })));
    s.keys("y enter");
    let Some(Request::Mark { thread, change: MarkChange::CrossApp(other) }) = s.asked.last() else {
        panic!("marked")
    };
    assert_eq!((thread.0, other.as_str()), (4, "messenger"));
    s.keys("y n");
    let refused = Request::Mark { thread: ThreadId(4), change: MarkChange::NotCrossApp };
    assert_eq!(s.asked.last(), Some(&refused));
}

#[test]
fn jumping_to_a_date() {
    let mut s = Scene::blank(100, 30, Fake::large(3, 5000));
    s.begin();
    s.keys("t \"soon\" enter").shows("no date that onebox knows");
    s.keys("ctrl-u \"14 mar 2020\"").shows("Saturday, 14 March 2020");
    s.keys("enter").shows("── Saturday, 14 March 2020 ──");
    assert!(s.app.layers.is_empty() && s.app.focus == Focus::Transcript);
}

#[test]
fn a_long_thread_is_paged_and_bounded_at_any_point() {
    let mut s = Scene::blank(100, 30, Fake::large(1, 20_000));
    s.begin();
    s.keys("enter g").shows("the conversation begins here").shows("message 1 ");
    for _ in 0..400 {
        s.keys("page-down");
    }
    let newer = |r: &&Request| matches!(r, Request::Page { direction: Direction::Newer, .. });
    assert!(s.asked.iter().filter(newer).count() > 3);
    assert!(s.app.transcript.loaded() <= 1600, "{}", s.app.transcript.loaded());
    let here = s.text();
    for _ in 0..3 {
        s.keys("page-up");
    }
    for _ in 0..3 {
        s.keys("page-down");
    }
    assert_eq!(s.text(), here, "the way back is the way there");
    s.keys("G").shows("message 20000");
    for _ in 0..200 {
        s.keys("page-up");
    }
    let older = |r: &&Request| matches!(r, Request::Page { direction: Direction::Older, .. });
    assert!(s.asked.iter().filter(older).count() > 1);
    assert!(s.app.transcript.loaded() <= 1600);
    let asked = s.asked.len();
    s.keys("up up down");
    assert!(s.asked.len() <= asked + 1, "a key does not ask for what is there");
}

#[test]
fn a_change_leaves_the_view_where_it_is() {
    let mut s = Scene::blank(100, 30, Fake::large(300, 3000));
    s.begin();
    s.keys("enter page-up page-up page-up page-up");
    let before = s.text();
    let newest = fake::message(9999, "Person 1", "2023-12-28T11:00:00Z", "brand new");
    s.fake.messages.get_mut(&ThreadId(1)).unwrap().push(newest);
    s.update(Update::Changed { threads: vec![ThreadId(1)] });
    assert_eq!(s.text(), before);
    s.keys("G").shows("brand new");
    let newer = fake::message(10_000, "Person 1", "2023-12-28T11:30:00Z", "and newer");
    s.fake.messages.get_mut(&ThreadId(1)).unwrap().push(newer);
    s.update(Update::Changed { threads: vec![] });
    s.shows("and newer");
}

#[test]
fn the_list_keeps_its_thread_when_others_arrive() {
    let mut s = Scene::new(100, 30);
    s.keys("j j");
    let id = s.app.threads.selected_id;
    s.fake.threads.insert(0, fake::thread(99, "New", "WA", "2023-12-28T11:59:00Z", "hi"));
    s.update(Update::Changed { threads: vec![] });
    assert_eq!(s.app.threads.selected_id, id);
    assert_eq!(s.app.transcript.thread, id);
    s.shows("New");
}

#[test]
fn the_first_run_has_three_ways_in() {
    let start = || {
        let mut s = Scene::blank(80, 24, Fake { empty: true, ..Fake::default() });
        s.begin();
        s
    };
    let mut s = start();
    s.shows("Import an export").shows("Look at the demo").shows("Connect an account");
    s.keys("d");
    assert_eq!(s.asked.last(), Some(&Request::LoadDemo));
    let mut s = start();
    s.keys("a").shows("No live account yet.");
    s.keys("i").shows("Where is the export?");
    let mut s = start();
    s.event(Event::Paste("'/tmp/my export.zip'".into()));
    s.shows("/tmp/my export.zip");
    let mut s = start();
    let y = s.row_of("Look at the demo");
    s.mouse(MouseDid::Press, 30, y);
    assert_eq!(s.asked.last(), Some(&Request::LoadDemo));
}

#[test]
fn messages_are_copied_as_they_came() {
    let mut s = Scene::new(100, 30);
    let hostile = "plain \u{202e}text\u{1b}[2J";
    s.fake.messages.get_mut(&ThreadId(1)).unwrap().push(fake::message(
        14,
        "Ana",
        "2023-12-28T10:00:00Z",
        hostile,
    ));
    s.update(Update::Changed { threads: vec![] });
    s.keys("enter up Y");
    assert_eq!(s.effects, [Effect::Copy(hostile.into())]);
    s.shows("Message copied");
}

#[test]
fn the_mouse_goes_where_it_points() {
    let mut s = Scene::new(100, 30);
    let y = s.row_of("Climbing crew");
    s.mouse(MouseDid::Press, 5, y);
    assert_eq!(s.app.transcript.thread, Some(ThreadId(2)));
    let y = s.row_of("only if it does not rain");
    s.mouse(MouseDid::Press, 60, y);
    assert_eq!((s.app.focus, s.app.transcript.focus.map(|m| m.0)), (Focus::Transcript, Some(24)));
    s.mouse(MouseDid::Press, 60, 27);
    assert_eq!(s.app.focus, Focus::Composer);
    s.keys("f2");
    assert_eq!(s.effects.last(), Some(&Effect::Mouse(false)));
    s.keys("esc ?");
    s.mouse(MouseDid::WheelDown, 50, 15);
    assert_eq!(s.app.layers.last().map(Layer::scroll), Some(3));
    s.mouse(MouseDid::Press, 0, 15);
    assert!(s.app.layers.is_empty());
}

#[test]
fn the_engine_failing_is_said() {
    let mut s = Scene::blank(80, 24, Fake { silent: true, ..Fake::default() });
    s.begin();
    s.shows("opening your inbox…");
    s.update(Update::Notice(Notice::new(Severity::Error, "The store is damaged", "", "")));
    s.shows("The inbox could not be read.").shows("The store is damaged");
    s.event(Event::EngineGone);
    s.shows("the engine has stopped");
}

#[test]
fn opening_a_thread_asks_for_its_end_once() {
    let s = Scene::new(100, 30);
    let opened: Vec<_> =
        s.asked.iter().filter(|r| matches!(r, Request::Open { at: OpenAt::End, .. })).collect();
    assert_eq!(opened.len(), 1);
    assert!(s.asked.len() <= 3, "{:?}", s.asked);
}

#[test]
fn the_cursor_stands_where_the_person_is() {
    let mut s = Scene::new(100, 30);
    let (_, cursor) = frame(&s.app);
    assert_eq!((cursor.x, cursor.y), (1, 2));
    s.keys("j");
    assert_eq!(frame(&s.app).1.y, 4);
    s.keys("i \"日本\"");
    let (buffer, cursor) = frame(&s.app);
    assert_eq!(buffer[(cursor.x - 4, cursor.y)].symbol(), "日");
    s.keys("esc up");
    let (buffer, cursor) = frame(&s.app);
    assert_eq!(buffer[(cursor.x, cursor.y)].symbol(), "▌");
}

#[test]
fn whoever_types_before_the_answer_comes_is_told_when_it_comes() {
    let mut s = Scene::new(100, 30);
    s.fake.silent = true;
    s.keys("G i \"quick\"");
    assert!(s.app.toast.is_none());
    let Some(open @ Request::Open { .. }) =
        s.asked.iter().rev().find(|r| matches!(r, Request::Open { .. })).cloned()
    else {
        panic!("opened")
    };
    s.fake.silent = false;
    for answer in s.fake.answer(open) {
        s.update(answer);
    }
    s.shows("This cannot be written to").shows("Your draft is kept.");
    assert_eq!(s.app.composer.text.text(), "quick");
}

#[test]
fn what_is_coming_and_what_is_guessed_stand_below_the_last_message() {
    let mut s = Scene::new(100, 30);
    s.keys("j j").shows("? This was probably an Instagram ↔ Facebook chat.");
    s.shows("y answer the guess");
    s.keys("j").shows("! Chats between Instagram and Facebook accounts end in");
    s.hides("answer the guess");
}

#[test]
fn a_closed_composer_names_the_keys_that_work_in_it() {
    let mut s = Scene::new(100, 30);
    s.keys("G enter tab");
    assert_eq!(s.app.focus, Focus::Composer);
    s.shows("w why   Esc back").hides("Enter send").hides("new line").hides("take your mark back");
    s.keys("w").shows("Why · Jonas Weber");
    s.keys("esc esc");
    assert_eq!(s.app.focus, Focus::Transcript);
    // Where the person's own mark closed it, the key that takes it back is named and works.
    if let Some(header) = &mut s.app.transcript.header
        && let crate::inbox::ComposerState::Closed(reason) = &mut header.composer
    {
        reason.sure = "yours";
    }
    s.keys("tab").shows("take your mark back").shows("M take it back");
    s.keys("M");
    let cleared = |r: &Request| matches!(r, Request::Mark { change: MarkChange::Clear, .. });
    assert!(s.asked.iter().any(cleared));
}

#[test]
fn the_deciding_rung_is_seen_without_scrolling() {
    let mut s = Scene::new(80, 24);
    s.keys("G enter w");
    s.shows("→ Has an interop rule ended these chats?");
    s.shows("⊘ send a message  read-only  Instagram ↔ Facebook chats ended in");
    s.keys("G").shows("This decides.");
}

#[test]
fn views_are_spelled_out_where_there_is_room() {
    let bar = |width| Scene::new(width, 24).text().lines().next().unwrap_or_default().to_owned();
    assert!(bar(120).contains("Messenger 1") && bar(120).ends_with("? help"));
    let b = bar(80);
    assert!(b.contains("MSG 1") && b.contains("Cross-app 1  Read-only 1  Unread 1"), "{b}");
    let b = bar(74);
    assert!(b.contains("Cross 1") && b.contains("Read-only 1"), "{b}");
}

#[test]
fn a_notice_leaves_what_it_is_about_in_sight_and_goes_with_the_next_key() {
    let mut s = Scene::new(40, 12);
    s.keys("G enter c").shows("cannot be called").shows("! shows all").shows("yes! thank you");
    s.keys("j").hides("cannot be called");
    s.keys("!").shows("Jonas Weber cannot be").shows("called from here");
}

#[test]
fn prompts_are_edited_like_messages() {
    let mut s = Scene::new(100, 30);
    s.keys("t \"14 dec 2023\" ctrl-left ctrl-left delete delete delete \"nov\"");
    s.shows("14 nov 2023").shows("Tuesday, 14 November 2023");
    s.keys("ctrl-u").shows("›  2023");
    s.keys("ctrl-_").shows("14 nov 2023");
    s.keys("esc I \"/home/maya\" home delete \"/\" end backspace ctrl-a right right");
    let Some(Layer::Import(state)) = s.app.layers.last() else { panic!("open") };
    assert_eq!(state.typed.text(), "/home/may");
    let (_, cursor) = frame(&s.app);
    let row = s.row_of("› /home/may");
    let column = s.text().lines().nth(row.into()).unwrap().chars().position(|c| c == '›').unwrap();
    assert_eq!((usize::from(cursor.x), cursor.y), (column + 4, row));
}

#[test]
fn a_long_name_leaves_room_for_what_was_said() {
    let mut fake = Fake::inbox();
    let group = fake.threads.iter_mut().find(|t| t.row.id == ThreadId(2)).unwrap();
    group.row.preview_sender = Some("Kathryn Petronella von Ahn".into());
    group.row.preview = "he did".into();
    let mut s = Scene::blank(80, 24, fake);
    s.begin();
    s.shows("Kathryn: he did");
}
