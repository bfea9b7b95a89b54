//! Stores of other formats: one that an older onebox wrote has everything that a new one has, one of
//! a newer onebox is left alone.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[allow(dead_code, reason = "each test uses some of it")]
mod program;

use onebox::store::{Store, StoreError, ThreadQuery};
use program::Person;
use rusqlite::Connection;
use serde_json::{Value, json};

const OLD: &str = include_str!("stores/format-4.sql");
const EXPORT: &str = include_str!("stores/format-4.jsonl");

/// Somebody whose store was written in format 4.
fn with_old_store() -> Person {
    let person = Person::new();
    std::fs::create_dir(person.store()).unwrap();
    database(&person).execute_batch(OLD).unwrap();
    person
}

fn database(person: &Person) -> Connection {
    Connection::open(person.store().join("onebox.db")).unwrap()
}

fn format(person: &Person) -> i64 {
    database(person).query_row("PRAGMA user_version", [], |r| r.get(0)).unwrap()
}

/// Everything in the database that has a shape, as it was made.
fn shape(person: &Person) -> Vec<(String, String)> {
    let db = database(person);
    let sql = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name";
    let mut q = db.prepare(sql).unwrap();
    let rows = q.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

fn thread(person: &Person, title: &str) -> Value {
    let all = person.lines(&["threads", "--json"]);
    all.iter().find(|t| t["title"] == title).unwrap_or_else(|| panic!("no {title}")).clone()
}

/// What a listing says, without numbers that mean nothing outside one store.
fn told(person: &Person) -> Vec<(Value, String)> {
    let tell = |mut t: Value| {
        let id = t["id"].take().to_string();
        (t, person.run(&["show", &id]).ok())
    };
    person.lines(&["threads", "--json"]).into_iter().map(tell).collect()
}

#[test]
fn an_old_store_becomes_as_one_that_was_made_today() {
    let old = with_old_store();
    let store = Store::open(&old.store()).unwrap();
    assert_eq!(store.reader().unwrap().check().unwrap(), Vec::<String>::new());
    let listed = store.reader().unwrap().threads(&ThreadQuery::default(), 0, 100).unwrap();
    let messages: Vec<u64> = listed.iter().map(|t| t.messages).collect();
    assert_eq!(messages, [2, 1, 2, 2, 3], "by activity, whatever the format was");
    drop(store);

    let new = Person::new();
    new.import(&new.file("export.jsonl", EXPORT));
    let maya = thread(&new, "Maya O.")["id"].to_string();
    new.run(&["mark", &maya, "--read-only"]).ok();
    assert_eq!(told(&old), told(&new), "unread, archived, awaiting, mentions and all");
    assert_eq!((format(&old), shape(&old)), (format(&new), shape(&new)));
    assert_eq!(old.lines(&["people", "list", "--json"]).len(), 5);

    // The same export again: nothing in it is new.
    let report = old.import(&old.file("export.jsonl", EXPORT));
    let sum = |field: &str| -> u64 {
        report.as_array().map_or_else(
            || report[field].as_u64().unwrap(),
            |all| all.iter().filter_map(|r| r[field].as_u64()).sum(),
        )
    };
    assert_eq!((sum("messages_added"), sum("messages_known")), (0, 11));

    // Its fingerprints are of the kind that it began with; a new store has the new kind.
    let kind = |person: &Person| -> bool {
        let sql = "SELECT EXISTS(SELECT 1 FROM meta WHERE key = 'fingerprints')";
        database(person).query_row(sql, [], |r| r.get(0)).unwrap()
    };
    assert_eq!((kind(&old), kind(&new)), (false, true));
}

#[test]
fn everything_newer_works_on_an_old_store() {
    let person = with_old_store();
    let crew = thread(&person, "Climbing crew");
    assert_eq!((&crew["mentioned"], &crew["awaiting"]), (&json!(true), &json!(true)));
    let id = crew["id"].to_string();
    person.run(&["triage", &id, "--pin", "--label", "soon", "--snooze", "in 3 days"]).ok();
    let crew = thread(&person, "Climbing crew");
    assert_eq!((&crew["pinned"], &crew["labels"]), (&json!(true), &json!(["soon"])));
    assert!(crew["snoozed_until"].is_string(), "{crew}");

    let jonas = thread(&person, "Jonas Weber")["id"].to_string();
    let shown = person.lines(&["show", &jonas, "--json"]);
    person.run(&["star", &shown[1]["id"].to_string()]).ok();
    assert_eq!(thread(&person, "Jonas Weber")["starred"], 1);
    assert_eq!(person.lines(&["search", "parcel", "--json"]).len(), 2, "a hit and the coverage");

    // One number in two apps, which formats before knew nothing of.
    let people = person.lines(&["people", "list", "--json"]);
    let maya: Vec<_> = people.iter().filter(|p| p["threads"] == 2).collect();
    assert_eq!(maya.len(), 1, "{people:?}");

    // The draft is still there, and may answer a message now.
    let store = Store::open(&person.store()).unwrap();
    let drafts = ThreadQuery { drafts: true, ..ThreadQuery::default() };
    let draft = store.reader().unwrap().threads(&drafts, 0, 10).unwrap().remove(0);
    assert_eq!(draft.draft.as_deref(), Some("thanks, I found"));
    let answered = person.lines(&["show", &draft.id.to_string(), "--json"])[1]["id"].as_i64();
    let answered = answered.map(onebox::model::MessageId);
    store.writer().unwrap().save_reply(draft.id, answered).unwrap();
    assert_eq!(store.reader().unwrap().reply_of_draft(draft.id).unwrap(), answered);
}

/// Two programs that meet an old store at once: one changes it, the other waits.
#[test]
fn an_old_store_is_brought_up_once() {
    let person = with_old_store();
    let open = || Store::open(&person.store()).map(|s| s.reader().unwrap().store_id().unwrap());
    let ids: Vec<_> = std::thread::scope(|s| {
        let both = [s.spawn(open), s.spawn(open), s.spawn(open)];
        both.map(|t| t.join().unwrap().unwrap()).to_vec()
    });
    assert!(ids.iter().all(|id| id == "00112233445566778899aabbccddeeff"), "{ids:?}");
    assert_eq!(person.lines(&["threads", "--json"]).len(), 5);
}

#[test]
fn a_store_of_a_newer_onebox_is_refused() {
    let person = with_old_store();
    let newest = {
        drop(Store::open(&person.store()).unwrap());
        format(&person)
    };
    database(&person).pragma_update(None, "user_version", newest + 1).unwrap();
    match Store::open(&person.store()).err() {
        Some(StoreError::Newer { found, known, path }) => {
            assert_eq!((found, known), (newest + 1, newest));
            assert!(path.ends_with("onebox.db"));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(format(&person), newest + 1, "it was left alone");
}

/// Where an old store may only be read it cannot be brought up to date, and that is said. (Root may
/// write anywhere, so this holds where tests do not run as root.)
#[test]
#[cfg(unix)]
fn an_old_store_that_may_only_be_read_says_so() {
    use std::os::unix::fs::PermissionsExt;
    let person = with_old_store();
    let set = |mode: u32, path: &std::path::Path| {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    };
    set(0o400, &person.store().join("onebox.db"));
    set(0o500, &person.store());
    if std::fs::write(person.store().join("probe"), "").is_err() {
        let line = person.run(&["threads"]).failed(1);
        assert!(line.contains("older onebox") && line.contains("--data-dir"), "{line}");
        assert_eq!(format(&person), 4, "it was left alone");
    }
    set(0o700, &person.store());
    set(0o600, &person.store().join("onebox.db"));
    assert_eq!(person.lines(&["threads", "--json"]).len(), 5);
}
