//! Who I am in an account: asked after an import that cannot tell, changed later.

use super::accounts::mine;
use super::screens::{SIZES, snap};
use super::*;
use crate::inbox::{CandidateRow, ImportSummary, MyAccountRow};

fn candidate(key: &str, name: &str, threads: u64, me: bool) -> CandidateRow {
    let id = (key != name).then(|| key.to_owned());
    CandidateRow { key: key.into(), name: name.into(), id, threads, me }
}

fn came(s: &mut Scene, rows: &[CandidateRow]) {
    let Some(Request::Candidates { ticket, .. }) = s.asked.last() else {
        panic!("nobody asked who there is: {:?}", s.asked.last());
    };
    let ticket = *ticket;
    s.update(Update::Candidates { ticket, rows: rows.to_vec() });
}

fn said_of_me(s: &Scene) -> Vec<(i64, String)> {
    let said = |r: &Request| match r {
        Request::IAm { account, key } => Some((account.0, key.clone())),
        _ => None,
    };
    s.asked.iter().filter_map(said).collect()
}

#[test]
fn an_import_that_cannot_tell_asks_who_i_am() {
    for (width, height) in SIZES {
        let mut s = Scene::new(width, height);
        let slack = ImportSummary {
            id: "instagram".into(),
            source: "Instagram".into(),
            account: String::new(),
            known_by: String::new(),
            remarks: vec!["it does not say who you are; give your name with --me".into()],
            ..importing::summary()
        };
        s.update(Update::ImportDone(vec![importing::summary(), slack]));
        assert_eq!(s.asked.last(), Some(&Request::MyAccounts));
        let unknown = |id, app| MyAccountRow { nobody: true, ..mine(id, app, "", &[]) };
        // WhatsApp was not imported now, and Messenger said it.
        let rows = vec![mine(1, "MSG", "Maya", &[]), unknown(4, "IG"), unknown(6, "WA")];
        s.update(Update::MyAccounts(rows));
        s.hides("--me").shows("say who you are");
        s.keys("G");
        s.shows("it does not say who you are");
        s.keys("enter");
        snap("who_am_i_looking", &s);
        let people = [
            candidate("U1", "Ana Duarte", 12, false),
            candidate("U2", "Ben", 3, false),
            candidate("U3", "Ben", 1, false),
            candidate("Zoë", "Zoë", 1, false),
        ];
        came(&mut s, &people);
        snap("who_am_i", &s);
        s.keys("q q").shows("Nobody there is called so");
        s.keys("enter");
        assert_eq!(said_of_me(&s), []);
        s.keys("backspace backspace b e").hides("Ana Duarte").hides("Zoë");
        s.keys("down down enter");
        assert_eq!(said_of_me(&s), [(4, "U3".to_owned())]);
        assert!(s.app.layers.is_empty(), "nothing else is open");
    }
}

/// A guess is told with how to put it right here, not with a flag of the command line.
#[test]
fn a_guess_is_told_with_its_way_out() {
    let mut s = Scene::new(80, 24);
    let remark = "Your name was taken to be Maya. If that is wrong, import again with --me.";
    let guessed = ImportSummary { remarks: vec![remark.into()], ..importing::summary() };
    s.update(Update::ImportDone(vec![guessed]));
    s.shows("taken to be Maya.").hides("--me").shows("m, then w");
}

/// A workspace of thousands stays as quick as a handful, and everybody in it can be found.
#[test]
fn many_people_are_narrowed_by_typing() {
    let mut s = Scene::new(80, 24);
    let unknown = ImportSummary { account: String::new(), ..importing::summary() };
    s.update(Update::ImportDone(vec![unknown]));
    s.update(Update::MyAccounts(vec![MyAccountRow { nobody: true, ..mine(1, "MSG", "", &[]) }]));
    s.keys("enter");
    let all: Vec<CandidateRow> = (0..5_000)
        .map(|n| candidate(&format!("Person {n}"), &format!("Person {n}"), 1, false))
        .collect();
    came(&mut s, &all);
    s.shows("5,000 people: type part of a name");
    s.keys("\"person 4321\"").shows("Person 4321").hides("type part of a name");
    s.keys("enter");
    assert_eq!(said_of_me(&s), [(1, "Person 4321".to_owned())]);
}

#[test]
fn who_i_am_is_asked_account_by_account_and_may_wait() {
    let mut s = Scene::new(80, 24);
    let unknown = ImportSummary { account: String::new(), ..importing::summary() };
    s.update(Update::ImportDone(vec![unknown.clone()]));
    let row = |id| MyAccountRow { nobody: true, ..mine(id, "MSG", "", &[]) };
    s.update(Update::MyAccounts(vec![row(1), row(2), row(3)]));
    s.keys("enter");
    came(&mut s, &[candidate("Ana", "Ana", 1, false)]);
    s.keys("enter");
    came(&mut s, &[candidate("Ben", "Ben", 1, false)]);
    s.shows("Ben");
    s.keys("esc");
    assert_eq!(said_of_me(&s), [(1, "Ana".to_owned())]);
    assert!(s.app.layers.is_empty(), "later is not asked again at once");
    // Whoever does not want to say it goes to the inbox at once.
    s.update(Update::ImportDone(vec![unknown]));
    s.update(Update::MyAccounts(vec![row(2)]));
    s.keys("esc");
    assert!(s.app.layers.is_empty());
    // Nobody is asked where it is known, or where there is nobody to choose.
    let asked = s.asked.len();
    s.update(Update::ImportDone(vec![importing::summary()]));
    assert!(!s.asked[asked..].contains(&Request::MyAccounts));
    s.keys("enter");
    assert!(s.app.layers.is_empty());
}

#[test]
fn who_i_am_can_be_changed_from_my_accounts() {
    let mut s = Scene::new(80, 24);
    s.keys("A");
    s.update(Update::Accounts(Vec::new()));
    s.keys("m");
    let unknown = MyAccountRow { nobody: true, ..mine(4, "WA", "a chat", &[]) };
    s.update(Update::MyAccounts(vec![mine(5, "IG", "@maya:example.org", &[]), unknown]));
    s.shows("who you are there is not known").hides("w who I am");
    s.keys("w").shows("My accounts");
    s.keys("down").shows("w who I am");
    s.keys("w");
    came(&mut s, &[candidate("Ana", "Ana", 2, false), candidate("Me", "Maya", 1, true)]);
    // One stands on whoever is it now.
    s.shows("Maya");
    s.keys("up enter");
    assert_eq!(said_of_me(&s), [(4, "Ana".to_owned())]);
    s.shows("My accounts");
}
