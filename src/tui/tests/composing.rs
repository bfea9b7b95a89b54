//! Replies, completion, the editor and what was handed off: keys in, what is asked and shown.

use super::screens::{SIZES, at_every_size, snap};
use super::*;
use crate::inbox::{HandedRow, Notice, OpenAt, ReplyRow, Severity, TranscriptPos};
use crate::model::{MessageId, SendState, ThreadId, Wish};
use crate::tui::app::{Focus, Layer};

fn written(s: &Scene) -> &str {
    s.app.composer.text.text()
}

fn kept(s: &Scene) -> Vec<(i64, Option<i64>)> {
    let kept = |r: &Request| match r {
        Request::SaveReply { thread, message } => Some((thread.0, message.map(|m| m.0))),
        _ => None,
    };
    s.asked.iter().filter_map(kept).collect()
}

fn handed(id: i64, text: &str, quote: Option<&str>) -> HandedRow {
    let at = Timestamp(fake::at("2023-12-20T10:00:00Z").0 + id * 60_000);
    HandedRow {
        pos: TranscriptPos { at, order: id, message: MessageId(id) },
        text: text.into(),
        reply_quote: quote.map(str::to_owned),
        state: SendState::HandedOff,
    }
}

fn with_history() -> Fake {
    let mut fake = Fake::inbox();
    let rows = vec![
        handed(13, "I'll bring the rope\nand the shoes", Some("see you at six? 👋🏽")),
        handed(12, "yes ❤️", None),
        handed(11, "\u{1b}]0;x\u{7}\u{202e}so", None),
    ];
    fake.handed.insert(ThreadId(1), rows);
    fake
}

#[test]
fn screens() {
    at_every_size("reply", "enter v \"yes, at the gate\"");
    at_every_size("complete_emoji", "i \"see you :smi\" down");
    at_every_size("complete_person", "j i \"@\"");
    at_every_size("handed_off_none", "H");
    for (width, height) in SIZES {
        let mut s = Scene::blank(width, height, with_history());
        s.begin();
        s.keys("H down");
        snap("handed_off", &s);
    }
}

#[test]
fn a_reply_stands_above_the_text_and_goes_along() {
    let mut s = Scene::new(100, 30);
    s.keys("enter up up up v");
    let tried = |r: &Request| matches!(r, Request::Try { wish: Wish::Reply, .. });
    assert!(s.asked.iter().any(tried), "the policy is asked");
    assert_eq!(s.app.focus, Focus::Composer);
    s.shows("↪ Ana Dvořáková: Are you coming to the lake").shows("Reply · hands off");
    s.keys("\"yes\" enter");
    let Some(Request::Send { text, reply, .. }) =
        s.asked.iter().rev().find(|r| matches!(r, Request::Send { .. }))
    else {
        panic!("sent")
    };
    assert_eq!((text.as_str(), *reply), ("yes", Some(MessageId(11))));
    s.shows("> Ana Dvořáková: Are you coming");
    s.keys("enter");
    let whole = "> Ana Dvořáková: Are you coming to the lake tomorrow?\nyes";
    assert_eq!(s.effects, [Effect::Copy(whole.into())]);
    let opened = |r: &&Request| matches!(r, Request::OpenHandOff { .. });
    let Some(Request::OpenHandOff { text, reply, .. }) = s.asked.iter().find(opened) else {
        panic!("handed off")
    };
    assert_eq!((text.as_str(), *reply), ("yes", Some(MessageId(11))));
    assert!(written(&s).is_empty());
    s.hides("↪ Ana").hides("Reply · ");
}

#[test]
fn a_reply_is_let_go_of_and_the_text_stays() {
    for keys in ["alt-r", "home backspace"] {
        let mut s = Scene::new(100, 30);
        s.keys("enter v \"six\"").shows("↪ Ana");
        s.keys(keys).hides("↪ Ana");
        assert_eq!(written(&s), "six", "{keys}");
        s.keys("enter");
        let plain = |r: &Request| matches!(r, Request::Send { reply: None, .. });
        assert!(s.asked.iter().any(plain), "{keys}");
    }
}

#[test]
fn a_reply_is_kept_with_its_draft() {
    let mut s = Scene::new(100, 30);
    s.keys("enter v \"six\" esc esc j").hides("↪ Ana");
    let draft = Request::SaveDraft { thread: ThreadId(1), text: "six".into() };
    let at = s.asked.iter().position(|r| *r == draft).unwrap();
    let beside = Request::SaveReply { thread: ThreadId(1), message: Some(MessageId(13)) };
    assert_eq!(s.asked[at + 1], beside, "after the draft, or there is nothing to keep it with");
    s.keys("k i").shows("↪ Ana");
    s.keys("alt-r");
    assert_eq!(kept(&s).last(), Some(&(1, None)));
}

#[test]
fn a_stored_reply_comes_back_unless_it_was_let_go_of() {
    let mut s = Scene::new(100, 30);
    s.app.replies.clear();
    let row = ReplyRow {
        message: MessageId(11),
        sender: "Ana".into(),
        mine: false,
        quote: "the \u{202e}lake".into(),
    };
    let came = |s: &mut Scene, row: &ReplyRow| {
        let Some(request) = s.app.transcript.refresh(|| crate::inbox::Ticket(999)) else { return };
        for mut update in s.fake.answer(request) {
            if let Update::Transcript { reply, draft, .. } = &mut update {
                (*reply, *draft) = (Some(row.clone()), Some("six".into()));
            }
            s.update(update);
        }
    };
    came(&mut s, &row);
    s.shows("↪ Ana: the lake");
    s.keys("i alt-r").hides("↪ Ana");
    came(&mut s, &row);
    s.hides("↪ Ana");
}

#[test]
fn a_refused_reply_is_told_and_nothing_typed_is_lost() {
    let mut s = Scene::new(120, 30);
    s.keys("G enter v").shows("A reply is not possible").shows("Start again on Messenger.");
    s.hides("↪");
    let mut fake = Fake::inbox();
    fake.no_replies = true;
    let mut s = Scene::blank(120, 30, fake);
    s.begin();
    s.keys("i \"half a sentence\" esc v").shows("A reply is not possible").hides("↪");
    assert_eq!(written(&s), "half a sentence");
}

#[test]
fn what_cannot_be_answered_is_said() {
    let mut s = Scene::new(100, 30);
    // The system's line, and a message that was taken back.
    s.keys("j enter g v").shows("There is nothing to answer in this message");
    s.keys("down v").shows("↪ Tomáš: photo");
}

#[test]
fn a_hostile_quote_stays_in_its_line() {
    let mut s = Scene::new(60, 14);
    let evil = "\u{1b}[2J\u{202e}\nEnter send\u{7}".repeat(20);
    let m = fake::message(14, &evil, "2023-12-28T10:00:00Z", &evil);
    s.fake.messages.get_mut(&ThreadId(1)).unwrap().push(m);
    s.update(Update::Changed { threads: vec![] });
    s.keys("enter v \"ok\"");
    let row = s.row_of("↪");
    assert_eq!(s.row_of("ok"), row + 1);
    assert!(s.text().lines().nth(row.into()).unwrap().ends_with('│'));
}

#[test]
fn shortcodes_are_completed_while_one_types() {
    let mut s = Scene::new(100, 30);
    s.keys("i \"so :s\"").hides("Emoji");
    s.keys("\"mi\"").shows("╭─ Emoji").shows(":smile:");
    s.keys("tab").hides("╭─ Emoji");
    assert_eq!(written(&s), "so 😄");
    s.keys("ctrl-_");
    assert_eq!(written(&s), "so :smi", "undo gives back what was typed");
    s.hides("╭─ Emoji");
    s.keys("\"l\" down enter");
    assert!(!written(&s).contains(':') && s.app.layers.is_empty(), "{}", written(&s));
    // Esc closes the popup first, then leaves the composer.
    s.keys("\" :tad\" esc").hides("╭─ Emoji");
    assert_eq!(s.app.focus, Focus::Composer);
    s.keys("\"a\"").hides("╭─ Emoji");
    s.keys("enter");
    assert!(matches!(s.app.layers.last(), Some(Layer::HandOff { .. })), "Enter sends again");
    s.keys("esc esc");
    assert_eq!(s.app.focus, Focus::Transcript);
}

#[test]
fn a_whole_shortcode_becomes_its_emoji_at_once() {
    let mut s = Scene::new(100, 30);
    s.keys("i \"done :tada: at 12:30:45\"");
    assert_eq!(written(&s), "done 🎉 at 12:30:45");
    let mut s = Scene::new(100, 30);
    s.keys("i \"done :tada:\" ctrl-_");
    assert_eq!(written(&s), "done :tada:");
    s.keys("\" ok\"");
    assert_eq!(written(&s), "done :tada: ok", "it does not come again by itself");
    let mut s = Scene::new(100, 30);
    s.keys("i \"http://a:8080/:tada: a:tada:\"");
    assert_eq!(written(&s), "http://a:8080/:tada: a:tada:");
    s.event(Event::Paste(" :tada:".into()));
    assert!(written(&s).ends_with(" :tada:"), "what is pasted stays as it is");
}

#[test]
fn people_are_named_after_an_at() {
    let mut s = Scene::new(100, 30);
    s.keys("i \"@dvo\"").shows("Somebody here").shows("Ana Dvořáková");
    s.keys("enter");
    assert_eq!(written(&s), "@Ana Dvořáková");
    s.keys("\" me@an\"").hides("Somebody here");
    // What is no longer there to be completed is not offered.
    s.keys("\" @a\"").shows("Somebody here");
    s.keys("left left").hides("Somebody here");
    s.keys("end \" @a\"").shows("Somebody here");
    s.keys("ctrl-u").hides("Somebody here");
    s.keys("\"@a\"").shows("Somebody here");
    s.event(Event::Resize(60, 12));
    s.shows("Somebody here");
}

#[test]
fn the_editor_gets_the_draft_and_gives_it_back() {
    let mut s = Scene::new(100, 30);
    s.keys("i \"dear\" alt-e");
    let draft = Request::SaveDraft { thread: ThreadId(1), text: "dear".into() };
    assert_eq!(s.asked.last(), Some(&draft), "it is kept first");
    let edit = Effect::Edit { thread: ThreadId(1), text: "dear".into() };
    assert_eq!(s.effects, [edit]);
    s.event(Event::Edited(ThreadId(1), Ok("dear Ana,\nhello\r\n\0there".into())));
    assert_eq!(written(&s), "dear Ana,\nhello\nthere");
    assert!(matches!(s.asked.last(), Some(Request::SaveDraft { text, .. }) if text.len() > 10));
    s.keys("ctrl-_");
    assert_eq!(written(&s), "dear", "one step back");

    s.event(Event::Edited(ThreadId(1), Ok("dear".into())));
    s.shows("Nothing was changed");
    let failed = Notice::new(Severity::Error, "The draft is as it was", "vi broke off", "");
    s.event(Event::Edited(ThreadId(1), Err(failed)));
    s.shows("vi broke off");
    assert_eq!(written(&s), "dear");
    s.event(Event::Edited(ThreadId(1), Ok(String::new())));
    s.shows("came back empty").shows("brings it back");
    s.keys("ctrl-_");
    assert_eq!(written(&s), "dear");
    let long = "x".repeat(100_000);
    s.event(Event::Edited(ThreadId(1), Ok(long.clone())));
    assert_eq!(written(&s), long);
    s.shows("Too long");
    // For a thread that is not open any more.
    s.event(Event::Edited(ThreadId(2), Ok("other".into())));
    let other = Request::SaveDraft { thread: ThreadId(2), text: "other".into() };
    assert_eq!(s.asked.last(), Some(&other));
}

#[test]
fn the_editor_is_not_opened_where_nothing_can_be_written() {
    let mut s = Scene::new(100, 30);
    s.keys("G enter alt-e").shows("This cannot be written to");
    assert!(s.effects.is_empty());
    let mut s = Scene::new(100, 30);
    s.keys("enter alt-e");
    assert!(
        matches!(s.effects.last(), Some(Effect::Edit { .. })) && s.app.focus == Focus::Composer
    );
}

#[test]
fn what_was_handed_off_is_gone_to_or_written_again() {
    let mut s = Scene::blank(100, 30, with_history());
    s.begin();
    s.keys("H").shows("Handed off · Ana Dvořáková").shows("I'll bring the rope and the shoes");
    s.shows("handed off").shows("↪ see you at six?").hides("\u{202e}");
    s.keys("down enter");
    let opened = s.asked.iter().rev().find_map(|r| match r {
        Request::Open { at, .. } => Some(*at),
        _ => None,
    });
    assert_eq!(opened, Some(OpenAt::Message(MessageId(12))));
    assert!(s.app.layers.is_empty() && s.app.focus == Focus::Transcript);
    s.keys("i \"now: \" alt-h a");
    assert_eq!(written(&s), "now: I'll bring the rope\nand the shoes");
    assert_eq!(s.app.focus, Focus::Composer);
    // Nothing there, nothing to do.
    let mut s = Scene::new(100, 30);
    s.keys("H").shows("Nothing was handed off from here in this thread yet.");
    s.keys("a").shows("Nothing was handed off");
    s.keys("enter");
    assert!(s.app.layers.is_empty());
    // In a thread that is closed by now the text can be read, not written.
    let mut fake = with_history();
    let rows = fake.handed.remove(&ThreadId(1)).unwrap();
    fake.handed.insert(ThreadId(3), rows);
    let mut s = Scene::blank(100, 30, fake);
    s.begin();
    s.keys("G H a").shows("This cannot be written to");
}

#[test]
fn a_long_history_is_asked_for_in_pages() {
    let mut fake = Fake::inbox();
    let rows = (0..130).rev().map(|i| handed(i, &format!("text {i}"), None)).collect();
    fake.handed.insert(ThreadId(1), rows);
    let mut s = Scene::blank(80, 24, fake);
    s.begin();
    let asked = |s: &Scene| s.asked.iter().filter(|r| matches!(r, Request::Handed { .. })).count();
    s.keys("H G G G G").shows("text 0");
    assert_eq!(asked(&s), 3);
    s.keys("G k g").shows("text 129");
    assert_eq!(asked(&s), 3, "all of it is here");
}
