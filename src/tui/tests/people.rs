//! People on screen: reached with the draft, reviewed, read over all apps.

use super::screens::{SIZES, snap};
use super::*;
use crate::inbox::{PeopleChange, Whose};
use crate::model::{IdentityId, PersonId, ThreadId};
use crate::tui::app::{Focus, Layer};

#[test]
fn screens() {
    for (width, height) in SIZES {
        for (name, keys) in [
            ("reach", "G r"),
            ("reach_closed", "G r down down down enter"),
            ("review", "p"),
            ("review_done", "p y n"),
            ("people", "p tab \"jo\""),
            ("timeline", "p tab enter"),
            ("who", "W down"),
            ("who_alone", "W x x x"),
        ] {
            let mut s = Scene::new(width, height);
            s.keys(keys);
            snap(name, &s);
        }
    }
}

#[test]
fn a_text_is_taken_along_and_nothing_is_sent() {
    let mut s = Scene::new(120, 40);
    s.keys("i \"see you at six\" esc r");
    s.shows("Reach").shows("take your text there");
    s.keys("enter");
    let carried = s.asked.iter().find_map(|r| match r {
        Request::Carry { from, to, text, .. } => Some((*from, *to, text.clone())),
        _ => None,
    });
    assert_eq!(carried, Some((ThreadId(1), ThreadId(2), "see you at six".into())));
    s.shows("Your text is now in").shows("Nothing was sent");
    assert_eq!(s.app.composer.thread, Some(ThreadId(2)));
    assert_eq!(s.app.composer.text.text(), "see you at six");
    assert_eq!(s.app.focus, Focus::Composer);
    assert!(!s.asked.iter().any(|r| matches!(r, Request::Send { .. })));
}

#[test]
fn what_is_typed_meanwhile_stays() {
    let mut s = Scene::new(120, 40);
    s.keys("i \"one\" esc r");
    s.fake.silent = true;
    s.keys("enter").keys("i \" two\"");
    let ticket = s.asked.iter().find_map(|r| match r {
        Request::Carry { ticket, .. } => Some(*ticket),
        _ => None,
    });
    s.update(Update::Carried { ticket: ticket.unwrap(), to: ThreadId(2), draft: "one".into() });
    assert_eq!(s.app.drafts.get(&ThreadId(1)).map(String::as_str), Some("two"));
    assert_eq!(s.app.drafts.get(&ThreadId(2)).map(String::as_str), Some("one"));
}

#[test]
fn a_closed_way_keeps_the_text_and_says_why() {
    let mut s = Scene::new(120, 40);
    s.keys("i \"hello\" esc r");
    if let Some(Layer::People(sheet)) = s.app.layers.last_mut()
        && let crate::tui::panes::people::PeopleSheet::Reach(state) = sheet.as_mut()
        && let Some(card) = &mut state.card
    {
        card.rows[0].reason = Some(fake::reason());
        card.rows[0].verdict = crate::model::VerdictKind::ReadOnly;
    }
    s.keys("enter").shows("Your text stays here");
    assert!(!s.asked.iter().any(|r| matches!(r, Request::Carry { .. })));
    assert_eq!(s.app.composer.text.text(), "hello");
}

#[test]
fn an_address_is_shown_in_full_before_it_opens() {
    let mut s = Scene::new(120, 40);
    s.keys("i \"hello\" esc r down enter");
    let start = s.asked.iter().find_map(|r| match r {
        Request::StartAt { ticket, from, identity, .. } => Some((*ticket, *from, *identity)),
        _ => None,
    });
    let (ticket, thread, identity) = start.unwrap();
    assert_eq!((thread, identity), (ThreadId(1), IdentityId(9)));
    let row = crate::inbox::HandOffRow {
        thread,
        text: "hello".into(),
        written: "hello".into(),
        reply: None,
        app: "WhatsApp".into(),
        url: Some("https://wa.me/420700000000?text=hello".into()),
        paste: false,
    };
    s.update(Update::HandOff { ticket, row });
    s.shows("https://wa.me/420700000000");
    s.keys("enter");
    assert!(s.asked.iter().any(|r| matches!(r, Request::OpenStart { .. })));
    assert!(!s.asked.iter().any(|r| matches!(r, Request::OpenHandOff { .. })));
    assert_eq!(s.app.composer.text.text(), "hello", "no thread holds it yet: the draft stays");
}

#[test]
fn who_is_who_is_answered_one_by_one() {
    let mut s = Scene::new(100, 30);
    s.keys("p").shows("Are these the same person?").shows("Jonas Weber").shows("70 %, likely");
    s.keys("y").shows("Ana").shows("a mere hint");
    s.keys("n").shows("Nothing is left to review.");
    let said: Vec<_> = s
        .asked
        .iter()
        .filter_map(|r| match r {
            Request::ChangePeople(change) => Some(change.clone()),
            _ => None,
        })
        .collect();
    let (link, refuse) = (
        PeopleChange::Link(PersonId(7), PersonId(8)),
        PeopleChange::Refuse(PersonId(17), PersonId(18)),
    );
    assert_eq!(said, [link, refuse]);
    s.keys("Z");
    assert!(s.asked.iter().any(|r| matches!(r, Request::Undo)));
    s.keys("esc");
    assert!(s.app.layers.is_empty());
}

#[test]
fn groups_of_one_name_come_behind_the_people() {
    let mut s = Scene::new(100, 30);
    let come = |s: &mut Scene| {
        let ticket = s.asked.iter().rev().find_map(|r| match r {
            Request::Links { ticket } => Some(*ticket),
            _ => None,
        });
        let (rows, groups) = (fake_people::links(), vec![fake_people::group_link()]);
        s.update(Update::Links { ticket: ticket.unwrap(), rows, groups });
    };
    s.keys("p");
    come(&mut s);
    s.shows("1 of 3");
    s.keys("y n").shows("Are these the same group?").shows("an export").shows("two groups");
    s.keys("n").shows("Nothing is left to review.");
    let last = s.asked.iter().rev().find_map(|r| match r {
        Request::ChangePeople(change) => Some(change.clone()),
        _ => None,
    });
    assert_eq!(last, Some(PeopleChange::GroupsApart(ThreadId(2), ThreadId(9))));
    s.keys("esc p");
    come(&mut s);
    s.keys("end y");
    let joined = PeopleChange::JoinGroups(ThreadId(2), ThreadId(9));
    assert!(s.asked.iter().any(|r| matches!(r, Request::ChangePeople(c) if *c == joined)));
}

#[test]
fn somebody_is_the_person_themselves() {
    let mut s = Scene::new(100, 30);
    s.keys("W").shows("this is me");
    s.keys("m");
    assert!(s.asked.iter().any(|r| matches!(r, Request::ThisIsMe { .. })));
    s.keys("Z");
    assert!(s.asked.iter().any(|r| matches!(r, Request::Undo)));
}

#[test]
fn an_account_is_taken_out_and_put_back() {
    let out = |s: &Scene| -> Vec<IdentityId> {
        let said = s.asked.iter().filter_map(|r| match r {
            Request::ChangePeople(PeopleChange::Unlink(i)) => Some(*i),
            _ => None,
        });
        said.collect()
    };
    let whose = |s: &Scene| {
        let asked = s.asked.iter().rev().find_map(|r| match r {
            Request::Person { whose, .. } => Some(*whose),
            _ => None,
        });
        asked.unwrap()
    };
    let mut s = Scene::new(100, 30);
    s.keys("W").shows("One person, known by several accounts").shows("+420700000000");
    assert_eq!(whose(&s), Whose::Thread(ThreadId(1)));
    // The first one carries the person's number: the others stay whom it is about.
    s.keys("x").shows("is a person of their own now").shows("you said so");
    assert_eq!((out(&s), whose(&s)), (vec![IdentityId(7)], Whose::Person(PersonId(8))));
    s.keys("Z");
    assert!(s.asked.iter().any(|r| matches!(r, Request::Undo)));
    s.shows("Messenger · Jonas Weber");
    s.keys("x x").shows("Known by one account only.");
    s.keys("x").shows("It stands alone already");
    assert_eq!(out(&s).len(), 3, "the last one cannot be taken out");
    s.keys("esc");
    assert!(s.app.layers.is_empty());
}

#[test]
fn who_somebody_is_opens_from_everybody_and_from_a_timeline() {
    let mut s = Scene::new(100, 30);
    s.keys("p tab alt-w").shows("One person, known by several accounts");
    s.keys("esc").shows("their timeline");
    s.keys("alt-w enter");
    assert!(s.app.layers.is_empty(), "the timeline lies under no sheet");
    assert_eq!(s.app.transcript.person, Some(PersonId(7)));
    s.keys("W").shows("One person, known by several accounts");
    let asked = s.asked.iter().rev().find_map(|r| match r {
        Request::Person { whose, .. } => Some(*whose),
        _ => None,
    });
    assert_eq!(asked, Some(Whose::Person(PersonId(7))));
}

#[test]
fn a_timeline_leads_to_each_message_in_its_thread() {
    let mut s = Scene::new(120, 40);
    s.keys("p tab enter").shows("timeline").shows("MSG IG");
    assert_eq!((s.app.transcript.thread, s.app.transcript.person), (None, Some(PersonId(7))));
    let asked = s.asked.len();
    s.keys("E P U c w");
    let acts = |r: &Request| matches!(r, Request::Triage { .. } | Request::Try { .. });
    assert!(!s.asked[asked..].iter().any(acts), "a timeline is no thread to act on");
    s.keys("/").shows("everywhere");
    s.keys("tab").shows("with this person");
    s.keys("esc");
    s.keys("enter");
    assert!(s.app.transcript.person.is_none() && s.app.transcript.thread.is_some());
}

#[test]
fn whoever_is_read_in_a_timeline_can_be_reached_from_it() {
    for key in ["r", "N"] {
        let mut s = Scene::new(120, 40);
        s.keys("p tab enter").shows("timeline");
        s.keys(key).shows("Reach Jonas Weber");
        let person = PersonId(7);
        let asked =
            |r: &Request| matches!(r, Request::ReachPerson { person: p, .. } if *p == person);
        assert!(s.asked.iter().any(asked), "{key}");
        s.keys("esc").shows("timeline");
    }
}

#[test]
fn leaving_a_search_goes_back_to_the_timeline() {
    let mut s = Scene::new(120, 40);
    s.keys("p tab enter / \"thanks for\" enter");
    assert_eq!(s.app.transcript.person, None, "at the hit");
    s.keys("esc esc");
    assert!(s.app.layers.is_empty());
    assert_eq!(s.app.transcript.person, Some(PersonId(7)));
}

#[test]
fn the_timeline_of_a_listed_thread_opens_as_soon_as_it_is_known_whose_it_is() {
    let mut s = Scene::new(60, 24);
    s.keys("T");
    assert_eq!(s.app.transcript.person, Some(PersonId(7)), "its thread was not open before");
    // A group is nobody's.
    let mut s = Scene::new(60, 24);
    s.keys("down T").shows("There is no timeline for this thread");
}

#[test]
fn what_is_written_there_meanwhile_stays_too() {
    let mut s = Scene::new(120, 40);
    s.keys("i \"one\" esc r");
    s.fake.silent = true;
    s.keys("enter").keys("esc down i \"mine\"");
    assert_eq!(s.app.composer.thread, Some(ThreadId(2)));
    let ticket = s.asked.iter().find_map(|r| match r {
        Request::Carry { ticket, .. } => Some(*ticket),
        _ => None,
    });
    s.update(Update::Carried { ticket: ticket.unwrap(), to: ThreadId(2), draft: "one".into() });
    assert_eq!(s.app.composer.text.text(), "one\nmine");
    let kept = s.asked.iter().rev().find_map(|r| match r {
        Request::SaveDraft { thread: ThreadId(2), text } => Some(text.clone()),
        _ => None,
    });
    assert_eq!(kept.as_deref(), Some("one\nmine"));
}

#[test]
fn a_text_for_one_is_not_taken_into_a_group() {
    let mut s = Scene::new(120, 40);
    s.keys("i \"only for you\" esc r end enter");
    assert!(!s.asked.iter().any(|r| matches!(r, Request::Carry { .. })));
    assert_eq!(s.app.transcript.thread, Some(ThreadId(2)), "the group is open");
    assert_eq!(s.app.drafts.get(&ThreadId(1)).map(String::as_str), Some("only for you"));
    s.shows("Your text stays");
}

#[test]
fn a_change_reaches_an_open_timeline_and_leaves_the_hint() {
    let mut s = Scene::new(120, 40);
    let hint = s.app.transcript.header.as_ref().unwrap().person.clone();
    assert!(hint.is_some());
    s.fake.hints = false;
    s.update(Update::Changed { threads: vec![ThreadId(1)] });
    assert_eq!(s.app.transcript.header.as_ref().unwrap().person, hint, "nothing flickers");
    s.keys("p tab enter");
    let asked = s.asked.len();
    s.update(Update::Changed { threads: vec![ThreadId(2)] });
    assert!(s.asked[asked..].iter().any(|r| matches!(r, Request::OpenPerson { .. })));
}

/// A joined group is counted by people once it is known who is who.
#[test]
fn a_joined_group_is_as_many_as_its_people() {
    let mut s = Scene::new(120, 40);
    s.keys("down enter");
    s.shows("2 people");
    let thread = s.app.transcript.thread.unwrap();
    let who = |name: &str, me: bool| (name.to_owned(), None, me);
    let everyone = Some(vec![who("Tomáš", false), who("Ana", false), who("Maya", true)]);
    s.update(Update::Person { thread: ThreadId(99), hint: None, everyone: everyone.clone() });
    s.shows("2 people");
    s.update(Update::Person { thread, hint: None, everyone });
    s.shows("3 people");
}
