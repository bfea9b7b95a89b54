//! Keeping the inbox small: archive, pin, mute, snooze, label, star, undo, views, closing soon.

use super::screens::{SIZES, snap};
use super::*;
use crate::inbox::{Notice, Severity, ThreadFilter, TriageChange};
use crate::model::{MessageId, ThreadId};
use crate::tui::app::{Focus, Layer};

/// What was asked to be done, with which threads.
fn done(s: &Scene) -> Vec<(Vec<i64>, TriageChange)> {
    s.asked
        .iter()
        .filter_map(|r| match r {
            Request::Triage { threads, change } => {
                Some((threads.iter().map(|t| t.0).collect(), change.clone()))
            }
            _ => None,
        })
        .collect()
}

/// The inbox with one of everything that a person does with threads.
fn kept(width: u16, height: u16) -> Scene {
    let mut fake = Fake::inbox();
    let labels = |of: &[&str]| of.iter().map(ToString::to_string).collect();
    for (i, head) in fake.threads.iter_mut().enumerate() {
        let row = &mut head.row;
        match i {
            0 => (row.pinned, row.awaiting, row.starred) = (true, true, 2),
            1 => {
                (row.mentioned, row.muted) = (true, true);
                row.labels = labels(&["climbing", "weekend"]);
            }
            2 => row.labels = labels(&["family"]),
            3 => row.snoozed = Some(fake::at("2023-12-30T09:00:00Z")),
            _ => row.archived = true,
        }
    }
    fake.closing = vec![fake_tidying::closing([5, 1])];
    let mut s = Scene::blank(width, height, fake);
    s.begin();
    s
}

#[test]
fn screens() {
    for (width, height) in SIZES {
        for (name, keys) in [
            ("tidy_rows", ""),
            ("tidy_selected", "space space"),
            ("tidy_views", "v down down"),
            ("tidy_labels", "j L"),
            ("tidy_labels_bulk", "ctrl-a L \"fam\""),
            ("tidy_labels_done", "j L down enter"),
            ("tidy_archived", "j E"),
            ("tidy_snooze_complaint", "S \"next blue moon\" enter"),
            ("tidy_snooze", "S"),
            ("tidy_snooze_typed", "S \"14 jan 2024\""),
            ("tidy_snoozed_view", "v down down down down down down down down down down down enter"),
            ("tidy_closing", "K"),
            ("tidy_closing_chosen", "K down down down down down down down down down down down"),
        ] {
            let mut s = kept(width, height);
            s.keys(keys);
            snap(name, &s);
        }
        let mut s = kept(width, height);
        s.fake.closing.clear();
        s.keys("K");
        snap("tidy_closing_none", &s);
    }
}

#[test]
fn each_key_turns_on_and_off_and_is_undone() {
    for (key, on, off) in [
        ("P", TriageChange::Pin(true), TriageChange::Pin(false)),
        ("B", TriageChange::Mute(true), TriageChange::Mute(false)),
        ("U", TriageChange::Unread(false), TriageChange::Unread(true)),
    ] {
        for go in ["", "enter "] {
            let mut s = Scene::new(100, 30);
            s.keys(go).keys(key);
            assert_eq!(done(&s), [(vec![1], on.clone())]);
            assert_eq!(s.app.toast.as_ref().map(|t| t.hint.as_str()), Some("Z takes it back"));
            s.shows("Z takes it back");
            s.keys(key);
            assert_eq!(done(&s).last(), Some(&(vec![1], off.clone())), "{key}");
            s.keys("Z Z");
            assert_eq!(s.fake.threads, Fake::inbox().threads, "{key} undone");
            s.keys("Z").shows("Nothing to undo");
        }
    }
}

#[test]
fn the_cursor_goes_on_to_the_next_thread_when_one_leaves() {
    let mut s = Scene::new(100, 30);
    s.keys("j E");
    assert_eq!(done(&s), [(vec![2], TriageChange::Archive(true))]);
    assert_eq!(s.app.threads.selected_id, Some(ThreadId(4)));
    assert_eq!(s.app.transcript.thread, Some(ThreadId(4)), "and is open beside the list");
    s.shows("1 changed").hides("Climbing crew");
    s.keys("Z").shows("Climbing crew");
    assert_eq!(s.app.threads.selected_id, Some(ThreadId(4)));
    // The last row leaves: the one before it.
    s.keys("G E");
    assert_eq!(s.app.threads.selected_id, Some(ThreadId(5)));
    // A block around the cursor leaves: what stands below the cursor.
    let mut s = Scene::new(100, 30);
    s.keys("space space space k E");
    assert_eq!(done(&s), [(vec![1, 2, 4], TriageChange::Archive(true))]);
    assert_eq!(s.app.threads.selected_id, Some(ThreadId(5)));
    // In its view it is taken out again.
    s.keys("z").shows("Ana");
    s.keys("E");
    assert_eq!(done(&s).last(), Some(&(vec![1], TriageChange::Archive(false))));
}

#[test]
fn selected_rows_are_marked_counted_and_survive_reordering() {
    let mut s = Scene::new(100, 30);
    s.keys("j space").shows("1 selected").hides("newest first");
    let y = s.row_of("Climbing crew");
    assert_eq!(s.frame()[(2, y + 1)].symbol(), "✓");
    s.fake.threads.reverse();
    s.update(Update::Changed { threads: vec![] });
    let y = s.row_of("Climbing crew");
    assert_eq!(s.frame()[(2, y + 1)].symbol(), "✓");
    s.keys("esc").shows("newest first");
    assert_eq!(s.app.threads.filter, ThreadFilter::default());
    // From the last selected to the cursor, and everything.
    s.keys("g space j V").shows("3 selected");
    s.keys("P");
    assert_eq!(done(&s).last().map(|d| d.0.len()), Some(3));
    s.shows("newest first");
    s.keys("ctrl-a").shows("5 selected");
    s.keys("B");
    assert_eq!(done(&s).last().map(|d| d.0.len()), Some(5));
    // Some muted, some not: all become muted; all muted: none.
    s.keys("g B ctrl-a B");
    assert_eq!(done(&s).last().map(|d| d.1.clone()), Some(TriageChange::Mute(true)));
}

#[test]
fn a_view_larger_than_its_window_is_selected_whole() {
    let mut s = Scene::blank(100, 30, Fake::large(1300, 3));
    s.begin();
    s.keys("ctrl-a").shows("1,300 selected");
    s.keys("E");
    assert_eq!(done(&s).last().map(|d| d.0.len()), Some(1300));
    s.keys("Z space G V").shows("1,300 selected");
    s.keys("0").hides("selected");
    s.fake.silent = true;
    s.keys("g ctrl-a").shows("selecting…");
    s.keys("E");
    assert_eq!(done(&s).len(), 1);
    s.shows("Still selecting");
    s.keys("esc").hides("selecting…");
}

#[test]
fn a_snooze_is_shown_before_it_is_taken() {
    let mut s = Scene::new(100, 30);
    s.keys("S").shows("Snooze · Ana").shows("tomorrow morning").shows("Fri 29 Dec, 08:00");
    s.keys("\"14 jan 2024\"").shows("→ Sun 14 Jan 2024, 08:00");
    s.keys("enter");
    let at = fake::at("2024-01-14T08:00:00Z");
    assert_eq!(done(&s), [(vec![1], TriageChange::Snooze(Some(at)))]);
    s.hides("Ana Dvořáková");
    s.keys("Z").shows("Ana Dvořáková");
    s.keys("g S \"gibberish\" enter").shows("! ");
    assert!(matches!(s.app.layers.last(), Some(Layer::Triage(_))), "it stays");
    s.keys("down enter");
    let Some((_, TriageChange::Snooze(Some(at)))) = done(&s).pop() else { panic!("snoozed") };
    assert!(at > s.app.now);
    // In the view of snoozed ones it is taken back.
    s.app.counts.snoozed = 1;
    let filter = ThreadFilter { snoozed: true, ..ThreadFilter::default() };
    let effects = super::super::perform::set_filter(&mut s.app, filter);
    s.run(effects);
    s.shows("until ");
    s.keys("S").shows("back now");
    s.keys("enter");
    assert_eq!(done(&s).last(), Some(&(vec![1], TriageChange::Snooze(None))));
    s.shows("Nothing is snoozed.");
}

#[test]
fn labels_are_toggled_made_and_filtered_by() {
    let label = |name: &str, on| TriageChange::Label { name: name.into(), on };
    let mut s = Scene::new(100, 30);
    s.keys("L").shows("No labels yet.");
    s.keys("\"family\"").shows("[+] family");
    s.keys("enter").shows("[x] family");
    assert_eq!(done(&s), [(vec![1], label("family", true))]);
    s.keys("esc j j space k space L").shows("[ ] family");
    s.keys("esc g L").shows("[x] family");
    s.keys("esc esc g space space L").shows("[~] family · on some");
    s.keys("enter");
    assert_eq!(done(&s).last(), Some(&(vec![1, 2], label("family", true))));
    s.keys("enter");
    assert_eq!(done(&s).last(), Some(&(vec![1, 2], label("family", false))));
    s.keys("esc Z g").shows("#family 2");
    s.keys("v G enter");
    assert_eq!(s.app.threads.filter.label.as_deref(), Some("family"));
    s.hides("Jonas").shows("Ana");
}

#[test]
fn hostile_labels_are_harmless() {
    for hostile in
        ["\u{1b}]0;x\u{7}\u{202e}evil", "", "\u{300}\u{300}", &"w".repeat(300), "日本語 👩‍👩‍👧‍👦"]
    {
        for (width, height) in SIZES {
            let mut fake = Fake::inbox();
            fake.threads[0].row.labels = vec![hostile.to_owned()];
            let mut s = Scene::blank(width, height, fake);
            s.begin();
            for keys in ["", "v G", "enter", "esc L", "enter", "\"日\" enter", "esc"] {
                s.keys(keys);
                let buffer = s.frame();
                let bad = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
                assert!(buffer.content.iter().all(|c| !c.symbol().contains(bad)), "{hostile:?}");
            }
        }
    }
}

#[test]
fn a_star_is_seen_on_the_message_and_on_the_row() {
    let mut s = Scene::new(100, 30);
    s.keys("enter up *");
    let star = |on| Request::Star { message: MessageId(13), on };
    assert_eq!(s.asked.iter().filter(|r| **r == star(true)).count(), 1);
    s.shows("Z takes it back").shows("Ana Dvořáková ★");
    s.keys("down").shows("★ starred");
    s.keys("* down").hides("★");
    assert!(s.asked.contains(&star(false)));
    s.keys("Z down").shows("★ starred");
}

#[test]
fn the_order_is_said_and_asked_for() {
    let mut s = Scene::new(100, 30);
    s.keys("O").shows("unread first");
    let orders = |s: &Scene| {
        let mut orders = s.asked.iter().filter_map(|r| match r {
            Request::Threads { order, .. } => Some(*order),
            _ => None,
        });
        orders.next_back()
    };
    assert_eq!(orders(&s), Some(crate::inbox::ListOrder::UnreadFirst));
    s.keys("z 0").shows("unread first");
    s.keys("O").shows("newest first");
    assert_eq!(orders(&s), Some(crate::inbox::ListOrder::Activity));
}

#[test]
fn views_that_do_not_fit_are_folded_and_stay_in_reach() {
    for (width, height) in SIZES {
        let mut s = kept(width, height);
        let bar = s.text().lines().next().unwrap_or_default().to_owned();
        assert!(crate::text::width(&bar) <= usize::from(width));
        assert!(bar.contains("more…"), "{bar}");
        // Whatever view is on stands in the bar.
        for _ in 0..16 {
            s.keys("]");
            let on = s.app.threads.filter.clone();
            let tabs = crate::tui::panes::tabs::tabs(&s.app.counts, &on);
            let tab = tabs.into_iter().find(|t| t.filter == on).unwrap();
            let bar = s.text().lines().next().unwrap_or_default().to_owned();
            let named = |n: &String| bar.contains(&n.chars().take(8).collect::<String>());
            assert!(named(&tab.short) || named(&tab.label), "{tab:?} in {bar}");
        }
    }
    let mut s = kept(40, 12);
    let bar = s.text().lines().next().unwrap_or_default().to_owned();
    let x = bar.chars().position(|c| c == 'm').unwrap();
    s.mouse(MouseDid::Press, u16::try_from(x).unwrap(), 0).shows("Views");
    s.keys("end").shows("#weekend");
    let y = s.row_of("#weekend");
    s.mouse(MouseDid::Press, 12, y);
    assert_eq!(s.app.threads.filter.label.as_deref(), Some("weekend"));
    s.mouse(MouseDid::Press, 11, 0);
    assert_eq!(s.app.threads.filter, ThreadFilter::default());
}

#[test]
fn what_is_about_to_close_is_said_and_listed() {
    let mut s = kept(100, 30);
    s.shows("2 chats close soon · K");
    s.keys("K").shows("Closing soon").shows("mid-January 2024").shows("announced by the service");
    s.shows("→ Ask where else").shows("2 threads:");
    s.keys("down enter");
    assert_eq!(s.app.transcript.thread, Some(ThreadId(5)));
    assert_eq!(s.app.focus, Focus::Transcript);
    let mut s = kept(100, 30);
    let y = s.row_of("close soon");
    s.mouse(MouseDid::Press, 12, y).shows("Closing soon");
    let y = s.row_of("Studio 1");
    s.mouse(MouseDid::Press, 50, y);
    assert_eq!(s.app.transcript.thread, Some(ThreadId(1)));
    s.keys("K esc").hides("Closing soon");
    let s = Scene::new(100, 30);
    s.hides("close soon");
}

#[test]
fn all_of_a_long_closing_is_read_on_the_way_down() {
    let mut s = kept(40, 12);
    s.fake.closing = vec![fake_tidying::closing(1..20), fake_tidying::closing(20..300)];
    s.keys("K");
    let mut seen = String::new();
    for _ in 0..60 {
        seen.push_str(&s.text());
        s.keys("down");
    }
    for text in
        ["Existing chats", "Calls end", "announced", "Ask where else", "Export both", "Studio 19"]
    {
        assert!(seen.contains(text), "{text}");
    }
    s.keys("end").shows("Studio 299");
    s.keys("enter");
    assert_eq!(s.app.transcript.thread, Some(ThreadId(299)));
    s.keys("K end home").shows("Instagram ↔ Messenger");
}

#[test]
fn a_notice_that_is_not_about_a_change_keeps_its_own_hint() {
    let mut s = Scene::new(100, 30);
    s.fake.silent = true;
    s.keys("P");
    let failed = Notice::new(Severity::Error, "Not stored", "", "Try again");
    s.update(Update::Notice(failed));
    s.shows("Try again").hides("takes it back");
}
