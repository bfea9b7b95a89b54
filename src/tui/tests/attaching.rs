//! Files that go with a message, on screen: picked, dropped, taken out, sent, taken back.

use std::path::PathBuf;

use super::screens::{SIZES, snap};
use super::*;
use crate::inbox::{ComposerState, FileRow, Notice, Severity, ThreadHeader};
use crate::model::{AttachmentKind, LiveId, ThreadId, VerdictKind, Wish};
use crate::tui::app::{Focus, Layer};

/// The first thread is live and takes files.
fn inbox() -> Fake {
    let mut fake = Fake::inbox();
    let head: &mut ThreadHeader = &mut fake.threads[0];
    head.live = Some(LiveId(1));
    head.composer = ComposerState::Live;
    head.row.verdict = VerdictKind::Live;
    fake
}

fn scene(width: u16, height: u16) -> Scene {
    let mut s = Scene::blank(width, height, inbox());
    s.begin();
    s.keys("enter i");
    s
}

fn row(path: &str, problem: Option<&str>) -> FileRow {
    FileRow {
        path: PathBuf::from(path),
        name: path.rsplit('/').next().unwrap().to_owned(),
        kind: AttachmentKind::Photo,
        size: 1_234_567,
        problem: problem.map(|p| (p.to_owned(), "Make it smaller.".to_owned())),
    }
}

/// Answers the files that are being looked at.
fn looked(s: &mut Scene, files: Vec<FileRow>) {
    let asked = s.asked.iter().rev().find_map(|r| match r {
        Request::LookAtFiles { ticket, .. } => Some(*ticket),
        _ => None,
    });
    let ticket = asked.expect("files were looked at");
    s.update(Update::Files { ticket, thread: ThreadId(1), files });
}

fn offers(s: &mut Scene, paths: &[&str]) {
    let Some(Layer::Attach(state)) = s.app.layers.last() else { panic!("no prompt") };
    let ticket = state.ticket;
    let paths = paths.iter().map(|p| (*p).to_owned()).collect();
    s.update(Update::Paths { ticket, paths });
}

fn typed(s: &Scene) -> String {
    let Some(Layer::Attach(state)) = s.app.layers.last() else { panic!("no prompt") };
    state.typed.text().to_owned()
}

#[test]
fn files_are_picked_by_path_and_go_with_the_text() {
    let mut s = scene(100, 40);
    s.keys("\"for you\" ctrl-o").shows("Attach files");
    s.keys("\"~/pi\"");
    let completes =
        |r: &Request| matches!(r, Request::CompletePath { typed, .. } if typed == "~/pi");
    assert!(s.asked.iter().any(completes), "it completes as one types");
    offers(&mut s, &["~/pics/"]);
    s.keys("tab");
    assert_eq!(typed(&s), "~/pics/");
    offers(&mut s, &["~/pics/a.png", "~/pics/b.png"]);
    s.keys("down down enter");
    looked(&mut s, vec![row("/home/maya/pics/b.png", None)]);
    assert_eq!(typed(&s), "~/pics/", "the next one is often beside it");
    s.shows("b.png  1.2 MB");
    // The same again is one; another that is refused says why and stays to be mended.
    s.keys("\"b.png\" enter");
    looked(&mut s, vec![row("/home/maya/pics/b.png", None)]);
    s.keys("\"huge.png\" enter");
    looked(&mut s, vec![row("/home/maya/pics/huge.png", Some("It is too large."))]);
    s.shows("It is too large.").shows("Make it smaller.");
    s.keys("ctrl-w \"a.png\" enter");
    looked(&mut s, vec![row("/home/maya/pics/a.png", None)]);
    s.keys("enter");
    assert!(s.app.layers.is_empty());
    assert_eq!((s.app.focus, s.app.composer.text.text()), (Focus::Composer, "for you"));
    s.shows("b.png").shows("a.png").shows("Alt+X removes");
    s.keys("enter");
    let Request::SendFiles { ticket, files, text, .. } = s.asked.last().unwrap().clone() else {
        panic!("{:?}", s.asked.last())
    };
    let names: Vec<_> = files.iter().map(|f| f.to_string_lossy().into_owned()).collect();
    assert_eq!(names, ["/home/maya/pics/b.png", "/home/maya/pics/a.png"]);
    assert_eq!(text, "for you");
    s.shows("a.png");
    s.update(Update::Queued { ticket, thread: ThreadId(1) });
    s.hides("a.png");
    assert!(s.app.composer.text.is_empty());
}

#[test]
fn files_are_taken_out_again_and_stay_with_their_thread() {
    let mut s = scene(100, 40);
    s.keys("ctrl-o");
    s.event(Event::Paste("'/p/one.png' '/p/two.png' '/p/three.png'".into()));
    looked(
        &mut s,
        vec![row("/p/one.png", None), row("/p/two.png", None), row("/p/three.png", None)],
    );
    s.keys("up up alt-x").hides("two.png").shows("one.png").shows("three.png");
    s.keys("enter").shows("three.png");
    s.keys("backspace").hides("three.png").shows("one.png").shows("Enter sends the file");
    // Another thread knows nothing of it.
    s.keys("esc left down enter").hides("one.png");
    s.keys("left up enter i").shows("one.png");
    s.keys("alt-x").hides("one.png");
    let before = s.asked.len();
    s.keys("enter");
    assert_eq!(s.asked.len(), before, "there is nothing to send");
}

#[test]
fn a_pasted_path_is_text_until_one_says_that_it_is_a_file() {
    let mut s = scene(100, 40);
    s.keys("\"look: \"");
    s.event(Event::Paste("/p/my\\ cat.png".into()));
    assert_eq!(s.app.composer.text.text(), "look: /p/my\\ cat.png");
    let looked_at = |r: &Request| match r {
        Request::LookAtFiles { paths, .. } => paths == &[PathBuf::from("/p/my cat.png")],
        _ => false,
    };
    assert!(s.asked.iter().any(looked_at));
    looked(&mut s, vec![row("/p/my cat.png", None)]);
    s.shows("That is a file on this machine").shows("Ctrl+O attaches instead");
    s.keys("ctrl-o").shows("my cat.png");
    assert_eq!(s.app.composer.text.text(), "look:");
    assert!(s.app.layers.is_empty());
    // What is no file, and what is no path, is text and nothing else.
    s.keys("alt-d alt-x");
    s.event(Event::Paste("/p/none.png".into()));
    looked(&mut s, vec![row("/p/none.png", Some("there is no such file"))]);
    s.hides("on this machine");
    let before = s.asked.iter().filter(|r| matches!(r, Request::LookAtFiles { .. })).count();
    s.event(Event::Paste("and/or".into()));
    let after = s.asked.iter().filter(|r| matches!(r, Request::LookAtFiles { .. })).count();
    assert_eq!(before, after);
}

#[test]
fn where_no_file_goes_the_reason_is_told_at_the_key() {
    let mut fake = inbox();
    fake.threads[0].no_files = Some(crate::inbox::ReasonRow {
        text: "Your WhatsApp account cannot attach a file here.".into(),
        next: "Open WhatsApp and send the file there.".into(),
        ..fake::reason()
    });
    let mut s = Scene::blank(100, 40, fake);
    s.begin();
    s.keys("enter ctrl-o").shows("A file cannot be sent here").shows("cannot attach a file here");
    assert!(s.app.layers.is_empty());
    // Where nothing is live the policy says why.
    s.keys("left down enter ctrl-o");
    assert!(matches!(s.asked.last(), Some(Request::Try { wish: Wish::Attach, .. })));
}

#[test]
fn a_message_that_is_taken_back_brings_its_file() {
    let mut s = scene(100, 40);
    let (thread, file) = (ThreadId(1), Some(PathBuf::from("/p/cat.png")));
    let ticket = s.app.ticket();
    s.update(Update::TakenBack { ticket, thread, text: String::new(), file });
    looked(&mut s, vec![row("/p/cat.png", None)]);
    s.shows("cat.png");
    assert_eq!(s.app.composer.text.text(), "");
    assert!(s.app.composer.editing.is_none());
}

#[test]
fn the_prompt_is_used_with_the_mouse() {
    let mut s = scene(80, 24);
    s.keys("ctrl-o \"/p/\"");
    offers(&mut s, &["/p/a.png", "/p/sub/"]);
    let y = s.row_of("/p/sub/");
    s.mouse(MouseDid::Press, 20, y).mouse(MouseDid::Press, 20, y);
    assert_eq!(typed(&s), "/p/sub/");
}

#[test]
fn it_stands_on_every_size() {
    for (width, height) in SIZES {
        let mut s = scene(width, height);
        s.keys("ctrl-o");
        let long = format!("/p/{}.jpg", "holiday-".repeat(12));
        s.event(Event::Paste("/p/one.png".into()));
        looked(&mut s, vec![row("/p/one.png", None), row(&long, None)]);
        s.keys("\"/p/\"");
        offers(&mut s, &["/p/a\u{202e}.png", "/p/.hidden", "/p/sub/"]);
        s.keys("down");
        snap("attach", &s);
        s.keys("esc");
        snap("attached", &s);
    }
}

fn sendings(s: &Scene) -> Vec<Request> {
    let is = |r: &&Request| matches!(r, Request::Send { .. } | Request::SendFiles { .. });
    s.asked.iter().filter(is).cloned().collect()
}

fn ticket_of(request: Option<&Request>) -> crate::inbox::Ticket {
    match request {
        Some(Request::Send { ticket, .. } | Request::SendFiles { ticket, .. }) => *ticket,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_on_its_way_is_not_sent_twice() {
    let mut s = scene(100, 40);
    s.fake.silent = true;
    s.keys("\"hi\" enter enter enter");
    assert_eq!(sendings(&s).len(), 1);
    // What is added meanwhile waits for the answer, and does not take what is sent along.
    s.keys("\" there\" enter").shows("still on its way");
    assert_eq!(sendings(&s).len(), 1);
    let ticket = ticket_of(sendings(&s).last());
    s.update(Update::Queued { ticket, thread: ThreadId(1) });
    assert_eq!(s.app.composer.text.text(), " there");
    s.keys("enter");
    assert!(matches!(sendings(&s).as_slice(), [_, Request::Send { text, .. }] if text == " there"));
    // Refused, or failed: it can be sent again.
    let (ticket, thread) = (ticket_of(sendings(&s).last()), ThreadId(1));
    s.update(Update::Refused { ticket, thread, wish: Wish::Send, reason: fake::reason() });
    s.keys("enter enter");
    assert_eq!(sendings(&s).len(), 3);
    // What fails meanwhile and is not this lets nothing go twice.
    let failed = || Notice::new(Severity::Error, "The store is busy", "", "");
    s.update(Update::Notice(failed()));
    s.keys("enter enter");
    assert_eq!(sendings(&s).len(), 3);
    let ticket = ticket_of(sendings(&s).last());
    s.update(Update::NotSent { ticket, notice: failed() });
    s.shows("The store is busy");
    assert_eq!(s.app.composer.text.text(), " there");
    s.keys("enter enter");
    assert_eq!(sendings(&s).len(), 4);
    let ticket = ticket_of(sendings(&s).last());
    s.update(Update::Queued { ticket, thread });
    assert!(s.app.composer.text.is_empty());
}

#[test]
fn files_on_their_way_are_not_sent_twice() {
    let mut s = scene(100, 40);
    s.keys("ctrl-o");
    s.event(Event::Paste("/p/one.png".into()));
    looked(&mut s, vec![row("/p/one.png", None)]);
    s.keys("enter enter enter");
    assert_eq!(sendings(&s).len(), 1);
    let ticket = ticket_of(sendings(&s).last());
    s.update(Update::Queued { ticket, thread: ThreadId(1) });
    s.hides("one.png");
    s.keys("enter");
    assert_eq!(sendings(&s).len(), 1);
}

#[test]
fn a_failure_of_something_else_does_not_keep_what_was_sent_in_the_composer() {
    let mut s = scene(100, 40);
    s.fake.silent = true;
    s.keys("\"hi\" enter");
    let ticket = ticket_of(sendings(&s).last());
    s.update(Update::Notice(Notice::new(Severity::Error, "The search failed", "", "")));
    // Sent elsewhere meanwhile: each answer finds its own.
    s.keys("esc left down enter i \"you\" enter");
    let second = ticket_of(sendings(&s).last());
    assert_ne!(ticket, second);
    let elsewhere = s.app.composer.thread.unwrap();
    s.update(Update::Queued { ticket, thread: ThreadId(1) });
    assert!(!s.app.drafts.contains_key(&ThreadId(1)));
    s.update(Update::Queued { ticket: second, thread: elsewhere });
    assert!(s.app.composer.text.is_empty());
}

#[test]
fn a_hand_off_that_was_put_away_can_be_wanted_again() {
    let mut s = Scene::new(100, 30);
    s.fake.silent = true;
    s.keys("i \"hello\" enter enter");
    assert_eq!(sendings(&s).len(), 1);
    let asked = sendings(&s).remove(0);
    s.fake.silent = false;
    for answer in s.fake.answer(asked) {
        s.update(answer);
    }
    assert!(matches!(s.app.layers.last(), Some(Layer::HandOff { .. })));
    s.keys("esc enter");
    assert_eq!(sendings(&s).len(), 2);
    assert!(matches!(s.app.layers.last(), Some(Layer::HandOff { .. })));
}

#[test]
fn a_file_that_was_added_after_enter_stays() {
    let mut s = scene(100, 40);
    s.keys("ctrl-o");
    s.event(Event::Paste("/p/one.png".into()));
    looked(&mut s, vec![row("/p/one.png", None)]);
    s.keys("enter enter ctrl-o");
    s.event(Event::Paste("/p/two.png".into()));
    looked(&mut s, vec![row("/p/two.png", None)]);
    s.keys("enter");
    let ticket = ticket_of(sendings(&s).last());
    s.update(Update::Queued { ticket, thread: ThreadId(1) });
    s.hides("one.png").shows("two.png");
    s.keys("enter");
    let again = sendings(&s);
    let Some(Request::SendFiles { files, .. }) = again.last() else { panic!("{again:?}") };
    assert_eq!((again.len(), files.as_slice()), (2, [PathBuf::from("/p/two.png")].as_slice()));
}

#[test]
fn two_messages_taken_back_at_once_bring_both_files() {
    let mut s = scene(100, 40);
    for path in ["/p/cat.png", "/p/dog.png"] {
        let (ticket, file) = (s.app.ticket(), Some(PathBuf::from(path)));
        s.update(Update::TakenBack { ticket, thread: ThreadId(1), text: String::new(), file });
    }
    let looks = s.asked.iter().filter_map(|r| match r {
        Request::LookAtFiles { ticket, paths, .. } => Some((*ticket, paths[0].clone())),
        _ => None,
    });
    let looks: Vec<_> = looks.collect();
    for (ticket, path) in looks {
        let files = vec![row(&path.to_string_lossy(), None)];
        s.update(Update::Files { ticket, thread: ThreadId(1), files });
    }
    s.shows("cat.png").shows("dog.png");
}
