//! Scripts of importing from inside: the path, the choice, the progress, the key, the report.

use std::path::PathBuf;

use super::*;
use crate::inbox::{ExportFound, ExportKey, ExportLook};
use crate::tui::app::Layer;

/// An export that was found.
fn export(app: &str, lies: &str) -> ExportFound {
    let key = ExportKey { source: app.to_lowercase(), lies: vec![lies.to_owned()] };
    ExportFound { key, source: app.to_owned(), what: format!("{app} export") }
}

/// What is there: one export for each path if nothing else is said.
pub(super) fn found(there: &[ExportFound], paths: &[PathBuf]) -> Vec<ExportFound> {
    if there.is_empty() {
        return paths.iter().map(|p| export("Messenger", &p.display().to_string())).collect();
    }
    there.to_vec()
}

/// Three exports in one folder.
pub(super) fn downloads() -> Vec<ExportFound> {
    ["Messenger", "WhatsApp", "Signal"].map(|app| export(app, &format!("/d/{app}.zip"))).into()
}

/// The second of them is looked into, and the third is locked.
pub(super) fn looked_into(s: &mut Scene) {
    let Some(&Request::LookFor { ticket, .. }) = s.asked.last() else { panic!("asked") };
    let look = ExportLook {
        account: "Maya".into(),
        threads: 2,
        messages: 1_204,
        first: Some(fake::at("2019-03-03T10:00:00Z")),
        last: Some(fake::at("2024-06-05T10:00:00Z")),
        bytes: 12_400_000,
        oddities: 1,
        ..Default::default()
    };
    s.update(Update::Looked { ticket, index: 1, look: Box::new(look) });
    let locked = crate::model::Locked {
        file: "db.sqlite".into(),
        wants: "the 64-digit key".into(),
        refused: None,
    };
    let look = ExportLook { locked: Some(locked), ..Default::default() };
    s.update(Update::Looked { ticket, index: 2, look: Box::new(look) });
}

#[test]
fn importing_from_inside() {
    let mut s = Scene::new(100, 30);
    s.keys("I \"/home\" tab");
    let Some(Layer::Import(state)) = s.app.layers.last() else { panic!("open") };
    assert_eq!(state.typed.text(), "/home/maya/");
    s.keys("down down enter enter");
    let Some(Request::Import { paths, .. }) = s.asked.last() else { panic!("asked") };
    assert_eq!(paths, &[std::path::PathBuf::from("/home/maya/facebook-maya.zip")]);
    let progress = crate::inbox::ImportProgress {
        what: "Messenger · facebook-maya.zip".into(),
        bytes_done: 50,
        bytes_total: 200,
        messages: 12_000,
        oddities: 1,
        elapsed: std::time::Duration::from_secs(4),
    };
    s.update(Update::Import(progress));
    s.shows("25 %").shows("12,000 messages").shows("3,000 a second").shows("left");
    s.keys("esc").shows("Stop the import?");
    s.keys("n").hides("Stop the import?");
    s.keys("b").shows("importing 25 %");
    s.keys("I esc y").shows("Stopping.");
    assert_eq!(s.asked.last(), Some(&Request::CancelImport));
    s.update(Update::ImportDone(vec![summary()]));
    s.shows("Messenger · Maya").shows("1,234 new · 5 known").shows("line 12");
    s.shows("The date order was guessed.");
    s.keys("enter");
    assert!(s.app.layers.is_empty() && !s.app.importing);
}

#[test]
fn of_several_exports_some_are_chosen() {
    let mut s = Scene::new(80, 24);
    s.fake.exports = downloads();
    s.keys("I / d enter").shows("Import · 3 of 3 chosen").shows("/d/WhatsApp.zip");
    s.shows("looking into it…");
    looked_into(&mut s);
    s.shows("WhatsApp export · Maya");
    s.shows("Mar 2019 to Jun 2024 · 2 threads · 1,204 messages · 12 MB");
    s.keys("a enter").shows("Nothing is chosen.").shows("0 of 3");
    s.keys("down space enter");
    let Some(Request::Import { only: Some(only), .. }) = s.asked.last() else { panic!("asked") };
    assert_eq!(only.iter().map(|k| k.source.as_str()).collect::<Vec<_>>(), ["whatsapp"]);
    assert!(s.app.importing);
}

#[test]
fn who_looks_for_exports_may_turn_back() {
    let mut s = Scene::new(80, 24);
    s.fake.exports =
        ["Messenger", "WhatsApp"].map(|app| export(app, &format!("/d/{app}.zip"))).into();
    s.keys("I / d enter").shows("2 of 2 chosen");
    s.keys("esc").shows("Where is the export?").shows("/d");
    assert_eq!(s.asked.last(), Some(&Request::CancelImport));
    let Some(Request::LookFor { ticket, .. }) =
        s.asked.iter().rev().find(|r| matches!(r, Request::LookFor { .. })).cloned()
    else {
        panic!("asked")
    };
    // What comes late is no answer any more.
    s.update(Update::Looked { ticket, index: 0, look: Box::default() });
    s.update(Update::Exports { ticket, found: s.fake.exports.clone() });
    s.shows("Where is the export?");
    assert!(!s.app.importing);
}

#[test]
fn a_locked_export_asks_for_its_key() {
    let mut s = Scene::new(80, 24);
    s.keys("I");
    for c in "/x".chars() {
        s.keys(&c.to_string());
    }
    s.keys("enter");
    let path = std::path::PathBuf::from("/x");
    assert_eq!(
        s.asked.last(),
        Some(&Request::Import { paths: vec![path.clone()], only: None, key: None })
    );
    let locked = |refused: Option<&str>| crate::model::Locked {
        file: "msgstore.db.crypt15".into(),
        wants: "the 64-digit key".into(),
        refused: refused.map(str::to_owned),
    };
    let told = |refused| {
        Update::ImportDone(vec![crate::inbox::ImportSummary {
            locked: vec![locked(refused)],
            ..summary()
        }])
    };
    s.update(told(None));
    s.shows("msgstore.db.crypt15 is locked.").shows("It wants the 64-digit key.");
    s.keys("1 2 enter");
    let key = Some(crate::model::Key::new(b"12".to_vec()));
    assert_eq!(s.asked.last(), Some(&Request::Import { paths: vec![path], only: None, key }));
    s.update(told(Some("this is not its key")));
    s.shows("! this is not its key");
    s.keys("3 4");
    s.shows("› ••").hides("34");
    s.keys("esc").shows("msgstore.db.crypt15 stays locked: this is not its key;");
    s.keys("enter");
    assert!(s.app.layers.is_empty() && !s.app.importing);
}

#[test]
fn an_export_of_which_nothing_can_be_read_is_no_success() {
    let mut s = Scene::new(80, 24);
    s.keys("I / x enter");
    s.update(Update::ImportDone(vec![crate::inbox::ImportSummary {
        account: String::new(),
        known_by: String::new(),
        threads_added: 0,
        messages_added: 0,
        messages_known: 0,
        partial: false,
        ..summary()
    }]));
    s.shows("! Messenger").shows("Nothing of it could be read.").hides("0 new");
    s.shows("2 pieces could not be read:").shows("cut short");
}

pub(super) fn summary() -> crate::inbox::ImportSummary {
    crate::inbox::ImportSummary {
        id: "messenger".into(),
        source: "Messenger".into(),
        account: "Maya".into(),
        known_by: "profile file".into(),
        files: 7,
        threads_added: 12,
        threads_known: 0,
        messages_added: 1234,
        messages_known: 5,
        oddities: 2,
        samples: vec![crate::model::Oddity::at("inbox/x/message_1.json", "line 12", "cut short")],
        locked: Vec::new(),
        partial: true,
        remarks: vec!["The date order was guessed.".into()],
        elapsed: std::time::Duration::from_millis(1500),
    }
}

#[test]
fn a_first_import_ends_at_the_top_of_the_list() {
    let all = Scene::new(100, 30).fake.threads;
    let mut s = Scene::blank(100, 30, Fake { empty: true, ..Fake::default() });
    s.begin();
    s.keys("i / d enter");
    assert!(s.app.importing);
    // What is read first is not what is newest.
    s.fake.threads = all[all.len() - 1..].to_vec();
    s.update(Update::Changed { threads: vec![] });
    s.fake.threads.clone_from(&all);
    s.update(Update::Changed { threads: vec![] });
    s.update(Update::ImportDone(vec![summary()]));
    let top = Some(all[0].row.id);
    assert_eq!((s.app.threads.selected, s.app.threads.selected_id), (0, top));
    // From then on the thread is held, wherever it moves.
    s.fake.threads.insert(0, fake::thread(99, "New", "WA", "2023-12-28T11:59:00Z", "hi"));
    s.update(Update::Changed { threads: vec![] });
    assert_eq!((s.app.threads.selected, s.app.threads.selected_id), (1, top));
}

#[test]
fn whoever_chose_a_thread_meanwhile_keeps_it() {
    let all = Scene::new(100, 30).fake.threads;
    let mut s = Scene::blank(100, 30, Fake { empty: true, ..Fake::default() });
    s.begin();
    s.keys("i / d enter");
    s.fake.threads = all[1..].to_vec();
    s.update(Update::Changed { threads: vec![] });
    s.keys("b j");
    let chosen = s.app.threads.selected_id;
    assert_eq!(chosen, Some(all[2].row.id));
    s.fake.threads.clone_from(&all);
    s.update(Update::Changed { threads: vec![] });
    s.update(Update::ImportDone(vec![summary()]));
    assert_eq!(s.app.threads.selected_id, chosen);
}

#[test]
fn what_completes_a_path_comes_though_enter_was_quicker() {
    let mut s = Scene::new(80, 24);
    s.keys("I /");
    s.fake.silent = true;
    s.keys("h enter");
    let completing = s.asked.iter().rev().find_map(|r| match r {
        Request::CompletePath { ticket, .. } => Some(*ticket),
        _ => None,
    });
    let Some(&Request::LookFor { ticket, .. }) = s.asked.last() else { panic!("asked") };
    let paths = vec!["/harbour/".to_owned()];
    s.update(Update::Paths { ticket: completing.expect("asked"), paths });
    s.update(Update::Exports { ticket, found: Vec::new() });
    s.shows("Nothing to import there").shows("/harbour/");
}
