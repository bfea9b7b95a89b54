//! Searching on screen: as it is typed, walked, left and come back to.

use super::screens::at_every_size;
use super::*;
use crate::inbox::{OpenAt, Scope, SearchRequest};
use crate::model::{MessageId, ThreadId};
use crate::tui::app::{Focus, Layer};

fn searches(s: &Scene) -> Vec<&SearchRequest> {
    s.asked
        .iter()
        .filter_map(|r| match r {
            Request::Search(search) => Some(search),
            _ => None,
        })
        .collect()
}

fn opened(s: &Scene) -> Option<(ThreadId, OpenAt)> {
    s.asked.iter().rev().find_map(|r| match r {
        Request::Open { thread, at, .. } => Some((*thread, *at)),
        _ => None,
    })
}

#[test]
fn screens() {
    at_every_size("search_empty", "/");
    at_every_size("search_hits", "/ \"yes\"");
    at_every_size("search_nothing", "/ \"submarine\"");
    at_every_size("search_complaint", "/ \"before:yestreday yes\"");
    at_every_size("search_walked", "/ \"yes\" down enter");
}

#[test]
fn every_letter_asks_and_only_the_last_answer_counts() {
    let mut s = Scene::new(100, 30);
    s.fake.silent = true;
    s.keys("/ \"yes\"");
    let asked: Vec<String> = searches(&s).iter().map(|r| r.query.to_string()).collect();
    assert_eq!(asked, ["y*", "ye*", "yes*"]);
    s.shows("searching");
    let old = searches(&s)[0].clone();
    let new = searches(&s)[2].clone();
    s.fake.silent = false;
    for request in [new, old] {
        for update in s.fake.answer(Request::Search(request)) {
            s.update(update);
        }
    }
    // "your" and "you" begin with y, too: the old answer would show more.
    s.shows("2 messages").shows("yes! thank you");
}

/// However little room there is, and whatever stands above it or before it in the message.
#[test]
fn what_was_found_is_seen_when_the_hit_is_opened() {
    let last = |text: String| {
        let mut fake = Fake::inbox();
        let all = fake.messages.get_mut(&ThreadId(1)).expect("a thread");
        all.drain(1..);
        all[0].text = text;
        fake
    };
    for text in ["here is the zebra".to_owned(), format!("{} the zebra", "word ".repeat(300))] {
        for (width, height) in [(40, 12), (80, 24), (120, 40)] {
            let mut s = Scene::blank(width, height, last(text.clone()));
            s.begin();
            s.keys("/ \"zebra\" enter").shows("the zebra");
            assert_eq!(s.app.transcript.thread, Some(ThreadId(1)), "it is open");
            assert!(s.app.layers.is_empty());
        }
    }
}

#[test]
fn an_answer_in_a_hurry_is_made_whole_and_one_stays_on_the_same_hit() {
    let mut s = Scene::new(100, 30);
    s.fake.silent = true;
    s.keys("/ \"yes\"");
    let last = searches(&s).last().map(|r| Request::Search((*r).clone())).expect("a search");
    s.fake.silent = false;
    let Some(Update::Hits(mut hits)) = s.fake.answer(last).pop() else { panic!("hits") };
    // The hurried answer lacks the newest; one stands on the second of the others.
    let mut older = hits.rows[1].clone();
    older.message = MessageId(31);
    hits.rows.push(older);
    hits.total = 3;
    let mut hurried = hits.clone();
    hurried.rows.remove(0);
    hurried.total = 2;
    s.update(Update::Hits(hurried));
    s.keys("down").shows("2 messages");
    s.update(Update::Hits(hits.clone()));
    s.shows("3 messages");
    let Some(Layer::Search(state)) = s.app.layers.last() else { panic!("a search") };
    assert_eq!(state.current().map(|hit| hit.message), Some(MessageId(31)));
    // What is asked anew is not answered by it.
    s.fake.silent = true;
    s.keys("backspace");
    hits.total = 77;
    s.update(Update::Hits(hits));
    s.hides("77 messages");
}

#[test]
fn a_hit_is_opened_walked_and_come_back_from() {
    let mut s = Scene::new(100, 30);
    s.keys("/ \"yes\" enter");
    assert_eq!(opened(&s), Some((ThreadId(1), OpenAt::Message(MessageId(12)))));
    assert_eq!(s.app.focus, Focus::Transcript);
    s.shows("hit 1 of 2");
    s.keys("n").shows("hit 2 of 2").shows("Jonas Weber");
    assert_eq!(opened(&s), Some((ThreadId(3), OpenAt::Message(MessageId(32)))));
    s.keys("n").shows("This is the last hit");
    s.keys("N").shows("hit 1 of 2");
    s.keys("n esc");
    let Some(Layer::Search(state)) = s.app.layers.last() else { panic!("the hits") };
    assert_eq!((state.chosen, state.typed.text()), (1, "yes"));
    s.keys("esc");
    assert!(s.app.layers.is_empty() && s.app.focus == Focus::Threads);
    assert_eq!(s.app.transcript.thread, Some(ThreadId(1)), "what was open before");
    // Without a search the letters mean what they always meant.
    s.keys("G enter N").shows("A new conversation with");
}

#[test]
fn a_reply_to_a_hit_goes_to_its_thread() {
    let mut s = Scene::new(100, 30);
    s.keys("/ \"thanks for\" enter i \"x\"");
    assert_eq!(s.app.composer.thread, s.app.transcript.thread);
    assert_eq!(s.app.transcript.thread, Some(ThreadId(5)));
}

#[test]
fn where_and_in_which_order() {
    let mut s = Scene::new(100, 30);
    s.keys("enter / \"yes\" tab").shows("in Ana").shows("1 message");
    assert_eq!(searches(&s).last().map(|r| r.scope), Some(Scope::Thread(ThreadId(1))));
    s.keys("tab").shows("with this person");
    s.keys("tab").shows("everywhere").shows("2 messages");
    s.keys("ctrl-o").shows("best first");
}

#[test]
fn former_searches_come_back() {
    let mut s = Scene::new(100, 30);
    s.keys("/ \"yes\" esc / \"lake\" esc / up");
    let Some(Layer::Search(state)) = s.app.layers.last() else { panic!("a search") };
    assert_eq!(state.typed.text(), "lake");
    s.keys("ctrl-u up up");
    let Some(Layer::Search(state)) = s.app.layers.last() else { panic!("a search") };
    assert_eq!(state.typed.text(), "yes");
}

#[test]
fn coverage_stands_below_every_answer() {
    let mut s = Scene::new(100, 30);
    s.keys("/ \"submarine\"");
    s.shows("No message found.").shows("Searched 12,345 messages in 14 threads");
    s.shows("Not searched: what pictures");
    s.update(Update::Indexing { done: 43, total: 100 });
    s.keys("esc").shows("making messages searchable 43 %");
}

#[test]
fn a_pasted_text_is_one_line() {
    let mut s = Scene::new(100, 30);
    s.keys("/");
    s.event(Event::Paste("see\nyou\u{1b}[31m".into()));
    let Some(Layer::Search(state)) = s.app.layers.last() else { panic!("a search") };
    assert_eq!(state.typed.text(), "seeyou[31m");
}
