//! A live thread on screen: what became of every message, and what is done with them.

use super::screens::{SIZES, snap};
use super::*;
use crate::config::Call;
use crate::inbox::{
    AccountRow, AccountState, Alteration, AttachmentRow, ComposerState, Heard, MediaState,
    MessageRow, ReasonRow,
};
use crate::model::{AttachmentKind, LiveId, MessageId, SendState, ThreadId, VerdictKind, Wish};
use crate::tui::app::Focus;
use crate::tui::presence;

const STATES: [(SendState, &str); 7] = [
    (SendState::Read, "bring the rope"),
    (SendState::Delivered, "and the helmets"),
    (SendState::Sent, "six at the lake"),
    (SendState::Unconfirmed, "or seven"),
    (SendState::Failed, "did you see the forecast?"),
    (SendState::Sending, "on my way"),
    (SendState::Queued, "nearly there"),
];

/// A live thread, the first of the list, with one message of mine in every state.
fn inbox() -> Fake {
    let mut fake = Fake::inbox();
    let head = &mut fake.threads[0];
    head.live = Some(LiveId(1));
    head.composer = ComposerState::Live;
    head.row.verdict = VerdictKind::Live;
    let all = fake.messages.get_mut(&ThreadId(1)).unwrap();
    for (id, (state, text)) in (100..).zip(STATES) {
        let when = format!("2023-12-28T10:{:02}:00Z", id - 100);
        let why = "the room does not exist\u{202e} any more".to_owned();
        all.push(MessageRow {
            send_state: Some(state),
            send_why: (state == SendState::Failed).then_some(why),
            ..fake::message(id, "Maya", &when, text)
        });
    }
    fake
}

fn scene(width: u16, height: u16, fake: Fake) -> Scene {
    let mut s = Scene::blank(width, height, fake);
    s.begin();
    s
}

fn online(state: AccountState) -> Update {
    Update::Accounts(vec![AccountRow {
        id: LiveId(1),
        name: "Matrix".into(),
        me: "@maya:example.org".into(),
        state,
        why: String::new(),
        ask: None,
        facts: Vec::new(),
        quiet: false,
        apps: Vec::new(),
        hosts: Vec::new(),
        can: Vec::new(),
        oddities: 0,
        complete: true,
    }])
}

fn last(s: &Scene) -> &Request {
    s.asked.last().unwrap()
}

#[test]
fn every_send_state_has_a_mark_and_a_word() {
    for (width, height) in SIZES {
        let mut s = scene(width, height, inbox());
        s.update(online(AccountState::Online));
        s.keys("enter");
        snap("live_states", &s);
        s.update(online(AccountState::Offline));
        s.update(Update::Typing { thread: ThreadId(1), names: vec!["Ana\u{1b}[31m".into()] });
        snap("live_offline", &s);
    }
    let mut s = scene(100, 40, inbox());
    s.app.theme = Theme::load("dark", Depth::None).unwrap();
    s.keys("enter");
    for word in ["◷ queued", "… sending", "✓ on the server", "✓✓ delivered", "✓✓ seen"]
    {
        s.shows(word);
    }
    s.shows("? unconfirmed").shows("✗ not sent").shows("└ the room does not exist any more");
}

#[test]
fn what_did_not_go_is_sent_again_taken_back_or_dropped() {
    // The failed one is the third from the end.
    let mut s = scene(100, 40, inbox());
    s.keys("enter up up up").shows("send again");
    s.keys("s");
    assert_eq!(*last(&s), Request::Retry { message: MessageId(104) });
    s.keys("C");
    let Request::TakeBack { ticket, message: MessageId(104) } = *last(&s) else { panic!() };
    let text = "did you see the forecast?".to_owned();
    s.update(Update::TakenBack { ticket, thread: ThreadId(1), text: text.clone(), file: None });
    assert_eq!((s.app.composer.text.text(), s.app.focus), (text.as_str(), Focus::Composer));
    s.keys("alt-d esc up D").shows("Discard the message");
    let asked = s.asked.len();
    s.keys("enter x");
    assert_eq!(s.asked.len(), asked, "only y drops");
    s.keys("y");
    let Request::TakeBack { ticket, .. } = *last(&s) else { panic!("{:?}", last(&s)) };
    s.update(Update::TakenBack { ticket, thread: ThreadId(1), text, file: None });
    assert!(s.app.composer.text.is_empty());
    s.shows("Message discarded");
}

#[test]
fn a_sent_message_is_edited_and_the_draft_comes_back() {
    let mut s = scene(100, 40, inbox());
    s.keys("i \"half\" esc end up up up up C");
    let editing = s.app.composer.editing.clone().unwrap();
    assert_eq!(editing.message, MessageId(102));
    assert_eq!(s.app.composer.text.text(), "six at the lake");
    s.shows("Edit your message");
    s.wait(5000).keys("\"!\" enter");
    let Request::Alter { ticket, message, change } = last(&s).clone() else { panic!() };
    assert_eq!((message, change), (MessageId(102), Alteration::Edit("six at the lake!".into())));
    // Refused: the text stays to be sent again.
    let reason = fake::reason();
    s.update(Update::Refused { ticket, thread: ThreadId(1), wish: Wish::Edit, reason });
    s.shows("Editing is not possible").shows("six at the lake!");
    s.keys("enter");
    s.update(Update::Changed { threads: vec![ThreadId(1)] });
    assert_eq!(s.app.composer.text.text(), "half");
    assert!(s.app.composer.editing.is_none());
    let kept = |r: &Request| matches!(r, Request::SaveDraft { text, .. } if text.contains("lake"));
    assert!(!s.asked.iter().any(kept), "an edited text is no draft");
    s.keys("esc C esc");
    assert_eq!(s.app.composer.text.text(), "half", "Esc leaves all as it was");
}

#[test]
fn a_message_is_deleted_only_when_confirmed_and_only_if_mine() {
    let mut s = scene(100, 40, inbox());
    s.keys("enter up up up up up D").shows("Delete the message").shows("everybody");
    s.keys("n D y");
    let Request::Alter { message, change, .. } = last(&s) else { panic!() };
    assert_eq!((*message, change), (MessageId(102), &Alteration::Delete));
    s.keys("g D").shows("Only your own messages");
    // Where nothing is live the policy says why.
    s.keys("left G enter D");
    assert!(matches!(last(&s), Request::Try { wish: Wish::Delete, .. }));
}

#[test]
fn what_is_not_possible_is_said_before_anything_is_typed() {
    let mut fake = inbox();
    fake.no_replies = true;
    let mut s = scene(100, 40, fake);
    s.keys("i \"half\" esc end up up up up C").shows("Editing is not possible");
    assert!(s.app.composer.editing.is_none());
    assert_eq!((s.app.composer.text.text(), s.app.focus), ("half", Focus::Transcript));
    s.keys("D").shows("Deleting is not possible").hides("Delete the message");
    s.keys("+").shows("A reaction is not possible").hides("thumbsup");
    assert!(s.app.layers.is_empty());
}

#[test]
fn a_reaction_is_found_by_its_shortcode() {
    let mut s = scene(100, 40, inbox());
    s.keys("enter g +").shows("thumbsup");
    s.keys("\"tad\"").shows("🎉");
    s.keys("enter");
    let Request::Alter { message, change, .. } = last(&s) else { panic!() };
    assert_eq!((*message, change), (MessageId(11), &Alteration::React("🎉".into())));
    for (width, height) in SIZES {
        let mut s = scene(width, height, inbox());
        s.keys("enter g + \"hea\" down");
        snap("live_react", &s);
    }
}

#[test]
fn older_messages_are_fetched_once_by_scrolling_and_again_by_key() {
    let mut fake = inbox();
    fake.threads[0].older = Some("t1".into());
    let mut s = scene(100, 40, fake);
    s.keys("enter g").shows("older messages are on the server · f fetches them");
    s.hides("the conversation begins here");
    let wanted = Request::FetchOlder { thread: ThreadId(1), token: Some("t1".into()) };
    let count = |s: &Scene| s.asked.iter().filter(|r| **r == wanted).count();
    s.keys("up up page-up");
    assert_eq!(count(&s), 1);
    s.shows("fetching older messages…");
    s.keys("f");
    assert_eq!(count(&s), 2);
    s.fake.threads[0].older = None;
    s.update(Update::Changed { threads: vec![ThreadId(1)] });
    s.shows("the conversation begins here");
}

#[test]
fn gaps_in_the_middle_are_filled_by_scrolling_and_by_key() {
    for (width, height) in SIZES {
        let mut fake = inbox();
        fake.messages.get_mut(&ThreadId(1)).unwrap()[9].gap = Some("mid".into());
        let mut s = scene(width, height, fake);
        s.keys("enter").shows("messages are missing here");
        snap("live_gap", &s);
    }
    let mut fake = inbox();
    let all = fake.messages.get_mut(&ThreadId(1)).unwrap();
    // Far up, so that it is scrolled to.
    for i in 0..60 {
        let when = format!("2023-12-28T11:{i:02}:00Z");
        all.push(fake::message(200 + i, "Maya", &when, "and on"));
    }
    all[4].gap = Some("mid".into());
    let mut s = scene(100, 30, fake);
    s.keys("enter").hides("messages are missing");
    let wanted = Request::FetchOlder { thread: ThreadId(1), token: Some("mid".into()) };
    let count = |s: &Scene| s.asked.iter().filter(|r| **r == wanted).count();
    s.keys("page-up");
    assert_eq!(count(&s), 0, "it is not seen yet");
    s.keys("page-up page-up page-up page-up page-up up");
    s.shows("fetching missing messages…");
    assert_eq!(count(&s), 1, "by scrolling only once");
    s.keys("f");
    assert_eq!(count(&s), 2);
    // It has not been filled whole: the gap that is left may be asked for again.
    s.update(Update::Changed { threads: vec![ThreadId(1)] });
    s.shows("messages are missing here · f fetches them");
    // Offline nothing is asked for by itself.
    s.update(online(AccountState::Offline));
    s.keys("down up");
    assert_eq!(count(&s), 2);
}

#[test]
fn a_file_is_fetched_and_opened_by_key() {
    let file = |name: &str| AttachmentRow {
        kind: AttachmentKind::Photo,
        name: name.into(),
        path: String::new(),
        present: false,
        remote: true,
        size: Some(3_400_000),
    };
    let with_files = || {
        let mut fake = inbox();
        let last = fake.messages.get_mut(&ThreadId(1)).unwrap().last_mut().unwrap();
        last.attachments = vec![file("cat.jpg"), file("dog.jpg")];
        fake
    };
    for (width, height) in SIZES {
        let mut s = scene(width, height, with_files());
        s.keys("enter");
        let state = MediaState::Fetching { done: 850_000, total: Some(3_400_000) };
        s.update(Update::Media { message: MessageId(106), index: 0, state });
        snap("live_file", &s);
    }
    let mut s = scene(100, 40, with_files());
    s.keys("enter").shows("cat.jpg  on the server · 3.4 MB");
    s.keys("up end F");
    let asks = |index| Request::OpenFile { message: MessageId(106), index };
    assert_eq!(*last(&s), asks(0));
    let media = |s: &mut Scene, index, state| {
        s.update(Update::Media { message: MessageId(106), index, state });
    };
    media(&mut s, 0, MediaState::Fetching { done: 0, total: Some(3_400_000) });
    s.shows("└ fetching 3.4 MB…");
    media(&mut s, 0, MediaState::Fetching { done: 1_700_000, total: Some(3_400_000) });
    s.shows("└ fetching… 50 % of 3.4 MB");
    media(&mut s, 0, MediaState::Failed("the server\u{1b}[31m says no".into()));
    s.shows("└ not fetched: the server").hides("fetching…");
    media(&mut s, 0, MediaState::Here);
    s.hides("not fetched");
    // Here: the other one is next, and then the first again.
    let all = s.fake.messages.get_mut(&ThreadId(1)).unwrap();
    all.last_mut().unwrap().attachments[0].present = true;
    s.update(Update::Changed { threads: vec![ThreadId(1)] });
    s.keys("F");
    assert_eq!(*last(&s), asks(1));
    let all = s.fake.messages.get_mut(&ThreadId(1)).unwrap();
    all.last_mut().unwrap().attachments[1].present = true;
    s.update(Update::Changed { threads: vec![ThreadId(1)] });
    s.keys("F");
    assert_eq!(*last(&s), asks(0));
    // What was just opened is saved, then the other one; and what was just saved is opened.
    for (key, asked) in [
        ("ctrl-s", Request::SaveFile { message: MessageId(106), index: 0 }),
        ("ctrl-s", Request::SaveFile { message: MessageId(106), index: 1 }),
        ("F", asks(1)),
    ] {
        s.keys(key);
        assert_eq!(*last(&s), asked);
    }
    s.keys("g F").shows("There is no file in this message");
    s.keys("g ctrl-s").shows("There is no file in this message");
}

#[test]
fn a_file_that_cannot_be_had_does_not_keep_the_next_one_back() {
    let file = |name: &str| AttachmentRow {
        kind: AttachmentKind::Photo,
        name: name.into(),
        path: String::new(),
        present: false,
        remote: true,
        size: Some(3_400_000),
    };
    let mut fake = inbox();
    let last_one = fake.messages.get_mut(&ThreadId(1)).unwrap().last_mut().unwrap();
    last_one.attachments = vec![file("film.mp4"), file("dog.jpg")];
    let mut s = scene(100, 40, fake);
    let asks = |index| Request::OpenFile { message: MessageId(106), index };
    let failed = |s: &mut Scene, index| {
        let state = MediaState::Failed("it is too large".into());
        s.update(Update::Media { message: MessageId(106), index, state });
    };
    s.keys("enter up end F");
    assert_eq!(*last(&s), asks(0));
    failed(&mut s, 0);
    s.keys("F");
    assert_eq!(*last(&s), asks(1));
    // Where none can be had, each is tried again in turn.
    failed(&mut s, 1);
    for index in [0, 1, 0] {
        s.keys("F");
        assert_eq!(*last(&s), asks(index));
        failed(&mut s, index);
    }
}

#[test]
fn the_service_is_told_where_one_looks_and_what_was_truly_read() {
    let mut s = scene(100, 40, inbox());
    let looks = |s: &Scene| -> Vec<(Option<i64>, bool)> {
        let look = |r: &Request| match r {
            Request::Look { thread, read } => Some((thread.map(|t| t.0), *read)),
            _ => None,
        };
        s.asked.iter().filter_map(look).collect()
    };
    assert_eq!(looks(&s), [(Some(1), false)], "side by side it is open, and not yet read");
    s.wait(5000).keys("enter");
    s.wait(300).keys("end");
    assert_eq!(looks(&s).len(), 1);
    s.wait(2000);
    s.update(Update::Changed { threads: vec![ThreadId(2)] });
    assert_eq!(looks(&s).len(), 1, "what comes by itself is nobody looking");
    s.keys("left");
    assert_eq!(looks(&s)[1..], [(Some(1), true)]);
    s.keys("down");
    assert_eq!(looks(&s)[2..], [(None, false)]);
}

#[test]
fn only_reactions_that_are_taken_are_offered() {
    let mut fake = inbox();
    fake.threads[0].live = Some(LiveId(1));
    fake.threads[0].reactions = vec!["👍".into(), "🔥".into(), "own".into()];
    let mut s = scene(100, 40, fake);
    s.keys("enter +").shows("thumbsup").shows("fire").shows("own").shows("No others").hides("joy");
    s.keys("\"jo\"").shows("None of those");
    s.keys("backspace backspace \"fi\" enter");
    let Request::Alter { change, .. } = last(&s) else { panic!("{:?}", last(&s)) };
    assert_eq!(*change, Alteration::React("🔥".into()));
}

#[test]
fn a_thread_that_took_the_place_of_another_is_followed() {
    let mut fake = inbox();
    let reason = ReasonRow {
        code: "replaced-elsewhere",
        text: "Another thread took the place of this one, and you are not in it yet.".into(),
        next: "Follow it there (Y).".into(),
        ..fake::reason()
    };
    fake.threads[0].live = Some(LiveId(1));
    fake.threads[0].composer = ComposerState::Closed(reason);
    let mut s = scene(100, 40, fake);
    s.keys("enter").shows("Y follow it");
    s.keys("Y").shows("Asked to join what took its place");
    assert_eq!(*last(&s), Request::Accept { thread: ThreadId(1) });
}

#[test]
fn an_invitation_is_accepted() {
    let mut fake = inbox();
    let reason = ReasonRow {
        code: "not-accepted",
        text: "You were invited and have not accepted yet.".into(),
        next: "Accept it to write (Y).".into(),
        ..fake::reason()
    };
    fake.threads[0].composer = ComposerState::Closed(reason);
    let mut s = scene(100, 40, fake);
    s.keys("enter").shows("Y accept");
    s.keys("Y");
    assert_eq!(*last(&s), Request::Accept { thread: ThreadId(1) });
    s.shows("Asked to accept");
    s.keys("i Y");
    assert_eq!(*last(&s), Request::Accept { thread: ThreadId(1) });
    s.update(online(AccountState::Offline));
    s.keys("esc alt-y").shows("as soon as the account is online");
    assert_eq!(*last(&s), Request::Accept { thread: ThreadId(1) });
    // Where there is nothing to accept, nothing is asked.
    let asked = s.asked.len();
    s.keys("left down enter alt-y").shows("This is no invitation");
    assert!(!s.asked[asked..].iter().any(|r| matches!(r, Request::Accept { .. })));
}

#[test]
fn requests_stand_apart_and_say_that_writing_accepts() {
    for (width, height) in SIZES {
        let mut fake = inbox();
        fake.threads[0].row.request = true;
        fake.threads[2].row.request = true;
        fake.threads[2].row.verdict = VerdictKind::ReadOnly;
        let mut s = scene(width, height, fake);
        snap("live_requests", &s);
        s.keys("enter").shows("sending accepts the request");
        snap("live_request", &s);
        s.keys("alt-y").shows("message request");
        assert!(!s.asked.iter().any(|r| matches!(r, Request::Accept { .. })));
    }
    let mut fake = inbox();
    fake.threads[0].row.request = true;
    let mut s = scene(120, 40, fake);
    s.shows("Requests 1");
    let mut tries = 0;
    while !s.app.threads.filter.requests && tries < 20 {
        s.keys("]");
        tries += 1;
    }
    assert_eq!(s.app.threads.total, 1);
    s.shows("+ Ana").shows("request · ").hides("Climbing crew");

    // Where nothing was said yet, nothing is set apart from it.
    let mut fake = inbox();
    fake.threads[0].row.request = true;
    fake.threads[0].row.verdict = VerdictKind::ReadOnly;
    fake.threads[0].row.preview = String::new();
    scene(120, 40, fake).shows("invitation").hides("invitation ·");
}

fn looked(s: &Scene) -> usize {
    s.asked.iter().filter(|r| matches!(r, Request::Look { read: true, .. })).count()
}

/// The moment that is waited for comes, if there is one.
fn moment(s: &mut Scene) -> bool {
    let Some(at) = presence::deadline(&s.app) else { return false };
    s.app.now = s.app.now.max(at);
    s.event(Event::Moment);
    true
}

#[test]
fn what_was_in_sight_for_a_second_is_read_without_another_key() {
    let mut s = scene(100, 40, inbox());
    assert!(!moment(&mut s), "the list is looked at, not the thread");
    s.wait(5000).keys("enter");
    assert!(moment(&mut s));
    assert_eq!(looked(&s), 1);
    assert!(!moment(&mut s), "nothing is waited for any more");
    // What comes by itself: whether somebody is there is not known until they do something.
    let more = |s: &mut Scene, id| {
        let all = s.fake.messages.get_mut(&ThreadId(1)).unwrap();
        all.push(fake::message(id, "Ana", "2023-12-28T11:00:00Z", "and?"));
        s.wait(60_000);
        s.update(Update::Changed { threads: vec![ThreadId(1)] });
    };
    more(&mut s, 300);
    assert!(!moment(&mut s));
    s.wait(2000).keys("end");
    assert_eq!(looked(&s), 2, "as soon as they are");
    // A terminal that says that it is in front needs no key; behind something, nothing is read.
    s.event(Event::Focus(true));
    more(&mut s, 301);
    assert!(moment(&mut s));
    assert_eq!(looked(&s), 3);
    s.event(Event::Focus(false));
    more(&mut s, 302);
    assert!(!moment(&mut s));
    s.wait(60_000).event(Event::Focus(true));
    let due = presence::deadline(&s.app).unwrap();
    assert_eq!(due.0 - s.app.now.0, 1000, "they look from now on");
    // Gone before the second is over: not read.
    s.keys("left");
    assert!(!moment(&mut s));
    assert_eq!(looked(&s), 3);
}

#[test]
fn who_looks_elsewhere_is_called_as_they_want_it_and_never_told_what_was_written() {
    let mut s = scene(100, 40, inbox());
    let heard = |s: &mut Scene, to_me| {
        s.effects.clear();
        let badge = s.fake.threads[0].row.badge.clone();
        let who = "Ana\u{1b}]52;c;aGk=\u{7}".to_owned();
        s.update(Update::Heard(Heard { thread: ThreadId(1), who, badge, to_me }));
        std::mem::take(&mut s.effects)
    };
    assert_eq!(heard(&mut s, true), [], "whether they look is not known");
    s.event(Event::Focus(true));
    assert_eq!(heard(&mut s, true), []);
    s.event(Event::Focus(false));
    let called = heard(&mut s, true);
    let [Effect::Call(words)] = called.as_slice() else { panic!("{called:?}") };
    let words = words.to_string();
    assert!(words.starts_with("onebox: Ana") && !words.contains(char::is_control), "{words:?}");
    assert_eq!(heard(&mut s, false), [], "a group's talk");
    s.app.call = Call::All;
    assert_eq!(heard(&mut s, false).len(), 1);
    s.app.call = Call::Off;
    assert_eq!(heard(&mut s, true), []);
}

#[test]
fn writing_is_told_while_it_lasts_and_not_at_every_key() {
    let mut s = scene(100, 40, inbox());
    s.update(online(AccountState::Online));
    let told = |s: &mut Scene| -> Vec<bool> {
        let typing = |r: &Request| match r {
            Request::Typing { thread: ThreadId(1), on } => Some(*on),
            _ => None,
        };
        let told = s.asked.iter().filter_map(typing).collect();
        s.asked.clear();
        told
    };
    s.keys("enter i");
    assert!(told(&mut s).is_empty());
    s.keys("\"hel\"");
    assert_eq!(told(&mut s), [true]);
    s.wait(3000).keys("\"lo\"");
    assert_eq!(told(&mut s), [true], "again after a while");
    // A pause ends it, of itself; going on begins it again; moving about is not writing.
    assert!(moment(&mut s));
    assert_eq!(told(&mut s), [false]);
    s.keys("left");
    assert!(told(&mut s).is_empty());
    s.keys("\"x\" esc");
    assert_eq!(told(&mut s), [true, false], "leaving ends it");
    s.keys("i \"y\" alt-d");
    assert_eq!(told(&mut s), [true, false], "nothing stands there any more");
    // Quiet: nobody is told.
    let Update::Accounts(mut rows) = online(AccountState::Online) else { unreachable!() };
    rows[0].quiet = true;
    s.update(Update::Accounts(rows));
    s.keys("\"z\"");
    assert!(told(&mut s).is_empty());
}
