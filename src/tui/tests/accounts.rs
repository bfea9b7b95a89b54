//! Live accounts on screen: the sheet in every state, signing in, and what is told of trouble.

use super::screens::{SIZES, snap};
use super::*;
use crate::inbox::{AccountRow, AccountState, AskKind, AskRow, Counts, MyAccountRow, Status};
use crate::model::{AccountId, LiveId};
use crate::tui::app::Layer;

fn account(id: i64, state: AccountState) -> AccountRow {
    AccountRow {
        id: LiveId(id),
        name: "Matrix".into(),
        me: "@maya:example.org".into(),
        state,
        why: String::new(),
        ask: None,
        facts: Vec::new(),
        quiet: false,
        apps: vec![(fake::badge("WA"), 12), (fake::badge("IG"), 1_204)],
        hosts: vec!["matrix.example.org".into()],
        can: vec!["send".into(), "react".into(), "mark-read".into()],
        oddities: 0,
        complete: true,
    }
}

fn fresh() -> AccountRow {
    AccountRow {
        name: "matrix".into(),
        me: String::new(),
        apps: Vec::new(),
        hosts: Vec::new(),
        can: Vec::new(),
        ..account(1, AccountState::SignedOut)
    }
}

fn asking(kind: AskKind) -> AccountRow {
    let ask = AskRow { id: "q1".into(), text: "Your homeserver?".into(), problem: None, kind };
    AccountRow { ask: Some(ask), ..fresh() }
}

fn answers(s: &Scene) -> Vec<Option<String>> {
    let answer = |r: &Request| match r {
        Request::AnswerAccount { value, .. } => Some(value.clone()),
        _ => None,
    };
    s.asked.iter().filter_map(answer).collect()
}

/// The person has added an account, and it asks.
fn asked(width: u16, height: u16, kind: AskKind) -> Scene {
    let mut s = Scene::new(width, height);
    s.keys("A a");
    s.update(Update::Accounts(vec![fresh()]));
    s.update(Update::Accounts(vec![asking(kind)]));
    s
}

#[test]
fn screens() {
    let symbols = ["🐶 Dog", "🔑 Key", "🍎 Apple", "🚗 Car", "🎩 Hat", "⚓ Anchor", "☎️ Telephone"];
    let long = format!("https://example.org/login?redirect={}", "a1b2c3d4".repeat(18));
    let kinds = [
        ("accounts_text", AskKind::Text("matrix.org".into())),
        ("accounts_secret", AskKind::Secret),
        ("accounts_choice", AskKind::Choice(vec!["Password".into(), "In the browser".into()])),
        ("accounts_link", AskKind::Link(long)),
        ("accounts_compare", AskKind::Compare(symbols.map(str::to_owned).to_vec())),
    ];
    for (width, height) in SIZES {
        let mut s = Scene::new(width, height);
        s.keys("A");
        snap("accounts_empty", &s);
        for (name, kind) in &kinds {
            let mut s = asked(width, height, kind.clone());
            if *name == "accounts_secret" {
                s.keys("\"hunter2\"");
                s.hides("hunter2").shows("•••••••");
            }
            snap(name, &s);
        }
        let mut s = Scene::new(width, height);
        let gone = AccountRow {
            why: "there is no program matrix on this machine".into(),
            ..AccountRow { state: AccountState::Stopped, id: LiveId(2), ..fresh() }
        };
        let waits = account(3, AccountState::Waiting(12));
        s.update(Update::Accounts(vec![account(1, AccountState::Online), gone, waits]));
        s.keys("A");
        snap("accounts_online", &s);
        s.keys("down");
        snap("accounts_stopped", &s);
        s.keys("page-down page-down page-down").shows("reading");
        s.keys("x");
        snap("accounts_remove", &s);
    }
}

#[test]
fn an_account_is_added_and_signed_in() {
    let mut s = asked(80, 24, AskKind::Text("matrix.org".into()));
    assert!(s.asked.contains(&Request::AddAccount { connector: "matrix".into() }));
    s.shows("Your homeserver?");
    s.keys("backspace backspace backspace \"com q\" enter");
    assert_eq!(answers(&s), [Some("matrix.com q".to_owned())]);
    // The next question opens by itself; what was wrong with the answer is said.
    let mut again = asking(AskKind::Secret);
    again.ask = again.ask.map(|a| AskRow { problem: Some("wrong password".into()), ..a });
    s.update(Update::Accounts(vec![again]));
    s.shows("! wrong password");
    s.keys("\"p w?\" enter");
    assert_eq!(answers(&s)[1], Some("p w?".to_owned()));
    s.update(Update::Accounts(vec![account(1, AccountState::Online)]));
    s.shows("● Matrix · @maya:example.org").shows("online").shows("WhatsApp 12");
    s.keys("esc");
    assert!(s.app.layers.is_empty());
}

#[test]
fn a_secret_is_nowhere_but_in_its_answer() {
    let mut s = asked(80, 24, AskKind::Secret);
    s.keys("\"hunter2\"");
    assert!(!format!("{:?}", s.app.layers).contains("hunter2"));
    s.event(Event::Paste("hunter3".into()));
    s.hides("hunter");
    s.keys("ctrl-u \"x\" backspace \"hunter4\" enter");
    assert_eq!(answers(&s), [Some("hunter4".to_owned())]);
    assert!(s.app.drafts.values().all(|d| !d.contains("hunter")));
    assert!(!format!("{:?} {:?}", s.app.notices, s.app.layers).contains("hunter"));
}

#[test]
fn every_kind_of_question_is_answered_or_given_up() {
    let mut s = asked(80, 24, AskKind::Choice(vec!["a".into(), "b".into()]));
    s.keys("down enter");
    assert_eq!(answers(&s), [Some("b".to_owned())]);
    let mut s = asked(80, 24, AskKind::Link("https://example.org/\u{202e}x".into()));
    s.hides("\u{202e}");
    s.keys("y n q");
    assert!(answers(&s).is_empty(), "no stray letter opens or gives up");
    s.keys("enter");
    assert_eq!(answers(&s), [Some(String::new())]);
    for (key, said) in [("y", Some("yes")), ("n", Some("no")), ("esc", None)] {
        let mut s = asked(80, 24, AskKind::Compare(vec!["🐶 Dog".into()]));
        s.keys("enter").keys(key);
        assert_eq!(answers(&s), [said.map(str::to_owned)], "{key}");
    }
}

#[test]
fn a_question_that_nobody_waits_for_is_told_and_does_not_open() {
    let mut s = Scene::new(100, 24);
    s.update(Update::Accounts(vec![account(1, AccountState::Online)]));
    s.update(Update::Accounts(vec![asking(AskKind::Secret)]));
    assert!(s.app.layers.is_empty());
    assert!(s.app.notices.iter().any(|(_, n)| n.what.contains("asks you something")));
    s.keys("j").shows("! matrix asks you");
    s.keys("A").shows("answer");
    s.keys("enter").shows("Your homeserver?");
    s.keys("\"half\"");
    // Whoever has the question open sees it go when it is answered elsewhere.
    s.update(Update::Accounts(vec![account(1, AccountState::Online)]));
    s.hides("Your homeserver?");
    s.keys("esc").hides("! matrix");
}

#[test]
fn an_account_is_quieted_restarted_and_removed() {
    let mut s = Scene::new(100, 40);
    s.update(Update::Accounts(vec![account(7, AccountState::Online)]));
    let id = LiveId(7);
    s.keys("A s r v x");
    assert!(!s.asked.contains(&Request::VerifyAccount { account: id }), "it cannot do that");
    assert!(s.asked.contains(&Request::QuietAccount { account: id, quiet: true }));
    assert!(s.asked.contains(&Request::RestartAccount { account: id }));
    s.shows("Remove Matrix").shows("stay, as archives");
    s.keys("enter n");
    assert!(!s.asked.contains(&Request::RemoveAccount { account: id }));
    s.keys("x y");
    assert!(s.asked.contains(&Request::RemoveAccount { account: id }));
    s.keys("c \"/opt/my q\" enter");
    assert!(s.asked.contains(&Request::AddAccount { connector: "/opt/my q".into() }));
}

#[test]
fn trouble_stands_in_the_status_line_and_nothing_else_does() {
    let mut s = Scene::new(120, 24);
    s.update(Update::Accounts(vec![account(1, AccountState::Online)]));
    s.hides("Matrix");
    s.update(Update::Accounts(vec![account(1, AccountState::Offline)]));
    let Update::Counts(counts) = s.fake.counts() else { unreachable!() };
    let counts = crate::inbox::Counts { outbox_waiting: 2, outbox_failed: 1, ..counts };
    s.update(Update::Counts(counts));
    s.shows("! Matrix offline · 2 waiting · 1 not sent");
}

#[test]
fn the_sheet_can_be_read_without_colours() {
    let mut s = Scene::new(80, 24);
    s.app.theme = Theme::load("dark", Depth::None).unwrap();
    s.update(Update::Accounts(vec![account(1, AccountState::Offline)]));
    s.keys("A");
    assert!(matches!(s.app.layers.last(), Some(Layer::Accounts(_))));
    s.shows("○ Matrix").shows("offline").shows("it is tried again");
    let reset = ratatui::style::Color::Reset;
    assert!(s.frame().content.iter().all(|c| c.fg == reset));
}

#[test]
fn the_first_threads_of_an_account_end_the_first_run_page() {
    let mut s = Scene::new(80, 24);
    s.update(Update::Status(Status { empty: true, ..Status::default() }));
    s.shows("Connect an account");
    s.update(Update::Counts(Counts { all: 3, ..Counts::default() }));
    s.hides("Connect an account").shows("Inbox");
}

#[test]
fn keys_are_seen_to_in_one_conversation() {
    let mut s = Scene::new(80, 30);
    let mut row = account(7, AccountState::Online);
    row.can.push("verify".into());
    row.facts = vec![("encryption".into(), "this device is not verified".into())];
    s.update(Update::Accounts(vec![row.clone()]));
    s.keys("A").shows("encryption").shows("this device is not verified");
    s.keys("v");
    assert!(s.asked.contains(&Request::VerifyAccount { account: LiveId(7) }));
    // Each question opens by itself, though between two of them there may be none.
    let choices = ["Compare emoji", "Later"].map(str::to_owned).to_vec();
    let ask =
        |id: &str, kind| AskRow { id: id.into(), text: "Verify it?".into(), problem: None, kind };
    let asked = |ask| Update::Accounts(vec![AccountRow { ask, ..row.clone() }]);
    s.update(asked(Some(ask("q1", AskKind::Choice(choices)))));
    s.shows("Compare emoji").hides("Sign in");
    s.keys("enter");
    s.update(asked(None));
    s.update(asked(Some(ask("q2", AskKind::Compare(vec!["🐶 Dog".into()])))));
    s.shows("🐶 Dog").shows("the same");
    s.keys("y");
    assert!(s.asked.contains(&Request::AnswerAccount {
        account: LiveId(7),
        id: "q2".into(),
        value: Some("yes".into()),
    }));
    // Whoever has left the sheet is told, and not interrupted.
    s.update(asked(None));
    s.keys("esc");
    s.update(asked(None));
    s.update(asked(Some(ask("q3", AskKind::Secret))));
    s.hides("Not shown");
}

/// A recovery key is shown whole, even on a small screen: it is not shown again.
#[test]
fn a_recovery_key_is_shown_whole() {
    let key = "EsT1 abcd efgh ijkl mnop qrst uvwx yzAB CDEF GHIJ KLMN PQRS TUVW XYZ9";
    let text = format!(
        "Your recovery key: {key} — keep it, not on this machine alone. Without it and without \
         another device, older messages are lost. It is not shown again."
    );
    for size in [(80, 24), (44, 16)] {
        let mut s = Scene::new(size.0, size.1);
        let choices = vec!["I have it in a safe place".to_owned()];
        let ask = AskRow {
            id: "k".into(),
            text: text.clone(),
            problem: None,
            kind: AskKind::Choice(choices),
        };
        let row = AccountRow { ask: Some(ask), ..account(1, AccountState::Online) };
        s.update(Update::Accounts(vec![row]));
        // Being told that something is asked shows nothing of it.
        s.hides("EsT1");
        s.keys("A enter");
        for group in key.split(' ') {
            s.shows(group);
        }
        s.shows("I have it");
    }
}

#[test]
fn the_mouse_chooses_an_account_or_an_answer_and_takes_it_at_the_second_press() {
    let press = |s: &mut Scene, words: &str| {
        let y = s.row_of(words);
        s.mouse(MouseDid::Press, 30, y);
    };
    for (width, height) in SIZES {
        // A choice that takes several lines is met on each of them.
        let long = "In the browser, at the account service of the server, which asks for more";
        let choices = vec![long.to_owned(), "Password".into(), "A code by letter".into()];
        let mut s = asked(width, height, AskKind::Choice(choices));
        press(&mut s, "Password");
        assert_eq!(answers(&s), []);
        press(&mut s, "service");
        press(&mut s, "Password");
        assert_eq!(answers(&s), [], "each press was on another one");
        press(&mut s, "Password");
        assert_eq!(answers(&s), [Some("Password".into())]);
        // The list: what stands below it is no account.
        let mut s = Scene::new(width, height);
        s.keys("A");
        let two = AccountRow { me: "@sam:other.org".into(), ..account(2, AccountState::Offline) };
        s.update(Update::Accounts(vec![account(1, AccountState::Online), two]));
        press(&mut s, "@sam");
        s.shows("tried");
        press(&mut s, "About this");
        s.shows("tried");
        press(&mut s, "@maya");
        s.hides("tried");
    }
}

pub(super) fn mine(id: i64, app: &str, name: &str, same: &[i64]) -> MyAccountRow {
    MyAccountRow {
        id: AccountId(id),
        badge: fake::badge(app),
        name: name.into(),
        live: name.starts_with('@'),
        threads: 12,
        same: same.iter().copied().map(AccountId).collect(),
        nobody: false,
    }
}

/// What was said of my accounts: two of them are one, or one stands alone.
fn said_of_mine(s: &Scene) -> Vec<(i64, Option<i64>)> {
    let said = |r: &Request| match r {
        Request::SameAccount { a, b } => Some((a.0, Some(b.0))),
        Request::AccountApart { account } => Some((account.0, None)),
        _ => None,
    };
    s.asked.iter().filter_map(said).collect()
}

#[test]
fn two_of_my_accounts_are_said_to_be_one_and_parted() {
    let asked = |s: &Scene| s.asked.iter().filter(|r| matches!(r, Request::MyAccounts)).count();
    for (width, height) in SIZES {
        let mut s = Scene::new(width, height);
        s.keys("A");
        s.update(Update::Accounts(vec![account(1, AccountState::Online)]));
        s.keys("m");
        let rows = |one: &[i64], other: &[i64]| {
            vec![
                mine(3, "IG", "Maya Okafor", one),
                mine(5, "IG", "@maya:example.org", other),
                mine(4, "WA", "Maya", &[]),
            ]
        };
        s.update(Update::MyAccounts(rows(&[], &[])));
        snap("accounts_mine", &s);
        s.keys("p");
        assert_eq!(said_of_mine(&s), [], "it stands alone");
        // Taken and let go again, by the same key and by Esc.
        s.keys("enter enter down enter esc");
        s.shows("My accounts");
        assert_eq!(said_of_mine(&s), []);
        s.keys("up enter");
        s.shows("the same as");
        s.keys("down enter");
        assert_eq!(said_of_mine(&s), [(3, Some(5))]);
        // Done, the list is asked for anew.
        let before = asked(&s);
        s.update(Update::Changed { threads: Vec::new() });
        assert_eq!(asked(&s), before + 1);
        s.update(Update::MyAccounts(rows(&[5], &[3])));
        s.shows("one with Maya Okafor");
        s.keys("p");
        assert_eq!(said_of_mine(&s), [(3, Some(5)), (5, None)]);
        s.keys("esc");
        s.shows("Live accounts");
        s.update(Update::Changed { threads: Vec::new() });
        assert_eq!(asked(&s), before + 1, "nobody looks at it");
    }
}
