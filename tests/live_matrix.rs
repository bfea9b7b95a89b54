//! The Matrix connector against a real Synapse on the loopback, with bridges that are played.
//!
//! `ONEBOX_SYNAPSE` names the Python of a venv with `matrix-synapse`; without it nothing is tried,
//! and the test says so. `ONEBOX_LIVE_CASE` names cases by a part of their names.

mod matrix;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::Instant;

use matrix::{Bridges, Connector, Server};
use onebox::model::Record;
use onebox::sources::live::Order;
use serde_json::json;

/// Access tokens are renewed all the while.
const LIFETIME: &str = "5s";

/// Something that is tried.
struct Case {
    name: &'static str,
    /// Who is registered for it: the server is everybody's, so nobody else may have them.
    people: &'static [&'static str],
    run: fn(&mut Stage),
}

impl Case {
    const fn new(name: &'static str, people: &'static [&'static str], run: fn(&mut Stage)) -> Self {
        Self { name, people, run }
    }
}

/// All of them, in their order. Those of `LARGE` only where they are named.
const CASES: &[&[Case]] = &[
    matrix::portals::CASES,
    matrix::talk::CASES,
    matrix::rules::CASES,
    matrix::keys::CASES,
    matrix::hostile::CASES,
    matrix::killed::CASES,
    matrix::places::CASES,
    matrix::sessions::CASES,
    matrix::signing::CASES,
    matrix::faults::CASES,
    matrix::whole::CASES,
    matrix::extremes::CASES,
];
const LARGE: &[Case] = matrix::extremes::LARGE;

struct Stage {
    server: Server,
    bridges: Bridges,
    /// Folders of the connectors.
    folder: tempfile::TempDir,
}

impl Stage {
    fn state(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        folder
    }

    /// A user of their own, signed in.
    fn signed_in(&mut self, user: &str) -> Connector {
        let mut connector = Connector::new(&self.state(user));
        connector.sign_in(&self.server.address(), user);
        connector
    }
}

/// Who shares a person with whom: a server registers nobody twice.
#[test]
fn every_case_has_people_of_its_own() {
    let mut whose = BTreeMap::new();
    for case in CASES.iter().copied().flatten().chain(LARGE) {
        for person in case.people {
            if let Some(other) = whose.insert(person, case.name) {
                panic!("{person} is of {other:?} and of {:?}", case.name);
            }
        }
    }
}

#[test]
fn the_connector_against_a_real_server() {
    let Some(python) = std::env::var_os("ONEBOX_SYNAPSE") else {
        println!("ONEBOX_SYNAPSE is not set: no live test was made");
        return;
    };
    every_case_has_people_of_its_own();
    let begun = Instant::now();
    let server = Server::new(&PathBuf::from(python), LIFETIME);
    let bridges = server.bridges();
    let folder = tempfile::tempdir().expect("a folder");
    let mut stage = Stage { server, bridges, folder };
    println!("server up after {:?}", begun.elapsed());
    let wanted = std::env::var("ONEBOX_LIVE_CASE").ok();
    let mut failed = Vec::new();
    let large = if wanted.is_some() { LARGE } else { &[] };
    let all = CASES.iter().copied().flatten().chain(large);
    for case in all.filter(|c| wanted.as_deref().is_none_or(|w| c.name.contains(w))) {
        let begun = Instant::now();
        stage.bridges.only(case.people);
        // One case that fails must not hide the others.
        let ended = catch_unwind(AssertUnwindSafe(|| (case.run)(&mut stage)));
        println!(
            "{}: {} after {:?}",
            case.name,
            if ended.is_ok() { "ok" } else { "FAILED" },
            begun.elapsed()
        );
        if ended.is_err() {
            failed.push(case.name);
        }
    }
    println!("all after {:?}", begun.elapsed());
    assert!(failed.is_empty(), "{failed:?}");
}

/// A message to be sent.
fn text(key: &str, thread: &str, text: &str) -> Order {
    Order::Send {
        key: key.to_owned(),
        thread: thread.into(),
        text: text.to_owned(),
        reply_to: None,
        file: None,
    }
}

/// A user of their own with one portal, signed in.
fn pair(stage: &mut Stage, user: &str, app: &str) -> (Connector, String) {
    let b = &mut stage.bridges;
    let me = b.id("register", json!([user]));
    let room = b.id("portal", json!([app, me, "7", "Kim", "dm", [["7", "Kim"]]]));
    (stage.signed_in(user), room)
}

/// A message of these words.
fn is_message(record: &Record, text: &str) -> bool {
    matches!(record, Record::Message(m) if m.text == text)
}
