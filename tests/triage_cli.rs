//! Triage on the command line: what is done, how it is told, exit codes, and what is about to
//! close by the person's own rules.

mod program;

use program::Person;
use serde_json::{Value, json};

/// Four threads: two direct ones, a group that names me, one that Instagram closed.
fn with_inbox() -> Person {
    let person = Person::new();
    let message = |thread: &str, sender: &str, at: &str, text: &str| json!({"record": "message", "thread": thread, "sender": sender, "sent_at": at, "text": text});
    let account = |source: &str| {
        json!({"record": "account", "source": source, "key": "sam", "name": "Sam",
               "me_names": ["Sam"]})
    };
    let thread = |key: &str, kind: &str| json!({"record": "thread", "thread": key, "title": key, "kind": kind});
    let lines = [
        account("signal"),
        thread("Maya", "direct"),
        message("Maya", "Maya", "2024-05-01T10:00:00Z", "the key is under the pot"),
        thread("Ben", "direct"),
        message("Ben", "Ben", "2024-04-01T10:00:00Z", "are you there?"),
        account("instagram"),
        thread("Crew", "group"),
        message("Crew", "Ana", "2024-03-01T10:00:00Z", "@Sam do you drive?"),
        json!({"record": "thread", "thread": "Jonas", "title": "Jonas", "kind": "direct",
               "cross_app": "messenger"}),
        message("Jonas", "Jonas", "2023-11-01T10:00:00Z", "hello"),
    ];
    let text: String = lines.iter().map(|l| format!("{l}\n")).collect();
    person.import(&person.file("inbox.jsonl", &format!("{{\"onebox\":1}}\n{text}")));
    person
}

fn thread(person: &Person, title: &str) -> Value {
    let all = person.lines(&["threads", "--json"]);
    all.iter().find(|t| t["title"] == title).unwrap_or_else(|| panic!("no {title}")).clone()
}

fn id(person: &Person, title: &str) -> String {
    thread(person, title)["id"].to_string()
}

fn titles(person: &Person, args: &[&str]) -> Vec<String> {
    let listed = person.lines(&[&["threads", "--json"], args].concat());
    listed.iter().map(|t| t["title"].as_str().expect("a title").to_owned()).collect()
}

#[test]
fn a_label_is_what_it_was_first_written_as_whatever_the_case() {
    let person = with_inbox();
    let (maya, ben) = (id(&person, "Maya"), id(&person, "Ben"));
    person.run(&["triage", &ben, "--label", "home"]).ok();
    person.run(&["triage", &maya, "--label", "Home"]).ok();
    assert_eq!(thread(&person, "Maya")["labels"], json!(["home"]));
    assert_eq!(titles(&person, &["--label", "HOME"]), ["Maya", "Ben"]);
    person.run(&["triage", &maya, "--unlabel", "HOME"]).ok();
    assert_eq!(thread(&person, "Maya")["labels"], json!([]));
}

#[test]
fn what_is_done_is_told_and_stays() {
    let person = with_inbox();
    let (maya, ben) = (id(&person, "Maya"), id(&person, "Ben"));
    assert_eq!(person.run(&["triage", &maya, "--archive"]).ok(), "Archived: Maya\n");
    assert_eq!(titles(&person, &["--archived"]), ["Maya"]);
    assert_eq!(titles(&person, &["--awaiting"]), ["Ben", "Crew"], "archived awaits nothing");
    assert_eq!(person.run(&["triage", &maya, &ben, "--mute"]).ok(), "Muted: 2 threads\n");
    // The same export again changes nothing of it.
    person.import(&person.home().join("inbox.jsonl"));
    let row = thread(&person, "Maya");
    assert_eq!((&row["archived"], &row["muted"]), (&json!(true), &json!(true)));
    assert_eq!(
        person.run(&["triage", &maya, &ben, "--unarchive", "--unmute", "--pin"]).ok(),
        "Back from the archive: 2 threads\nPinned: 2 threads\nNo longer muted: 2 threads\n"
    );
    person.run(&["triage", &maya, "--unpin"]).ok();
    assert_eq!(titles(&person, &[]), ["Ben", "Maya", "Crew", "Jonas"], "pinned come first");

    person.run(&["triage", &ben, "--unread", "--label", "  to  do ", "--label", "home"]).ok();
    let row = thread(&person, "Ben");
    assert_eq!((&row["unread"], &row["labels"]), (&json!(1), &json!(["home", "to do"])));
    assert_eq!(titles(&person, &["--unread"]), ["Ben"]);
    assert_eq!(titles(&person, &["--label", "to do"]), ["Ben"]);
    person.run(&["triage", &ben, "--read", "--unlabel", "to do"]).ok();
    let row = thread(&person, "Ben");
    assert_eq!((&row["unread"], &row["labels"]), (&json!(0), &json!(["home"])));

    let told = person.run(&["triage", &ben, "--snooze", "in 3 days"]).ok();
    assert!(told.starts_with("Snoozed until ") && told.ends_with(": Ben\n"), "{told}");
    assert_eq!(titles(&person, &["--snoozed"]), ["Ben"]);
    assert!(thread(&person, "Ben")["snoozed_until"].as_str().is_some_and(|t| t.ends_with('Z')));
    assert_eq!(person.run(&["triage", &ben, "--unsnooze"]).ok(), "No longer snoozed: Ben\n");
    assert_eq!(thread(&person, "Ben")["snoozed_until"], Value::Null);
}

#[test]
fn wrong_use_does_nothing_and_says_why() {
    let person = with_inbox();
    let maya = id(&person, "Maya");
    let before = person.lines(&["threads", "--json"]);
    let wrong: [(&[&str], i32, &str); 10] = [
        (&["triage"], 2, "--help"),
        (&["triage", &maya], 2, "say what to do"),
        (&["triage", "maya", "--pin"], 2, "maya"),
        (&["triage", &maya, "--pin", "--unpin"], 2, "cannot be used with"),
        (&["triage", &maya, "--pin", "--snooze", "someday"], 2, "someday"),
        (&["triage", &maya, "--pin", "--label", "  "], 2, "a label needs a name"),
        (&["triage", &maya, "4711", "--pin"], 1, "there is no thread 4711"),
        (&["star"], 2, "--help"),
        (&["star", "4711"], 1, "there is no message 4711"),
        (&["closing", "--as-of", "soon"], 2, "soon"),
    ];
    for (args, code, why) in wrong {
        let line = person.run(args).failed(code);
        assert!(line.contains(why), "{args:?}: {line}");
    }
    assert_eq!(person.lines(&["threads", "--json"]), before);
}

/// Several flags are one commit: where the last cannot be written, the first is not either.
#[test]
fn several_flags_are_all_or_nothing() {
    let person = with_inbox();
    let maya = id(&person, "Maya");
    let before = thread(&person, "Maya");
    let db = rusqlite::Connection::open(person.store().join("onebox.db")).expect("the store");
    db.execute_batch(
        "CREATE TRIGGER full BEFORE INSERT ON label BEGIN SELECT RAISE(ABORT, 'no more'); END",
    )
    .expect("SQL");
    let args = ["triage", &maya, "--pin", "--archive", "--label", "soon"];
    assert!(person.run(&args).failed(1).contains("no more"));
    assert_eq!(thread(&person, "Maya"), before);
    db.execute_batch("DROP TRIGGER full").expect("SQL");
    assert_eq!(person.run(&args).ok(), "Archived: Maya\nPinned: Maya\nLabelled soon: Maya\n");
    let row = thread(&person, "Maya");
    assert_eq!((&row["pinned"], &row["labels"]), (&json!(true), &json!(["soon"])));
}

#[test]
fn messages_are_starred_and_found() {
    let person = with_inbox();
    let shown = person.lines(&["show", &id(&person, "Maya"), "--json"]);
    let message = shown[0]["id"].to_string();
    assert_eq!(person.run(&["star", &message]).ok(), format!("{message}: Starred the message\n"));
    assert_eq!(person.run(&["star", &message]).ok(), format!("{message}: it is so already\n"));
    assert_eq!(titles(&person, &["--starred"]), ["Maya"]);
    let found = person.lines(&["search", "is:starred", "--json"]);
    assert_eq!((found.len(), &found[0]["id"]), (2, &shown[0]["id"]));
    let off = person.run(&["star", "--off", &message]).ok();
    assert_eq!(off, format!("{message}: Took the star away\n"));
    assert_eq!(thread(&person, "Maya")["starred"], 0);
}

const RULES: &str = r#"
[[rule]]
id = "my-signal-end"
apps = ["signal"]
kind = "deletes"
when = 2031-06-01
scope = ["direct", "group", "call"]
announced = "2031-03-01"
handoff = "Ask for their number."
text = "Signal goes away, I have heard."
sure = "medium"
"#;

#[test]
fn what_is_about_to_close_by_a_rule_of_ones_own() {
    let person = with_inbox();
    let closing = |args: &[&str]| person.lines(&[&["closing", "--json"], args].concat());
    assert_eq!(closing(&["--as-of", "2031-05-01"]), Vec::<Value>::new());
    let said = person.run(&["closing", "--as-of", "2031-05-01"]).ok();
    assert_eq!(said, "Nothing that you have is about to close.\n");

    let rules = person.file(".config/onebox/rules.toml", RULES);
    assert_eq!(closing(&["--as-of", "2031-02-28"]), Vec::<Value>::new(), "not announced yet");
    for day in ["2031-03-01", "2031-05-31"] {
        let rows = closing(&["--as-of", day]);
        let [row] = rows.as_slice() else { panic!("{day}: {rows:?}") };
        let told = ["rule", "apps", "when", "text"].map(|f| row[f].as_str().unwrap_or(""));
        assert_eq!(told[..2], ["my-signal-end", "Signal"]);
        assert!(told[2].contains("1 June 2031"), "{row}");
        assert_eq!(told[3], "Signal goes away, I have heard.");
        assert!(row["sure"].is_string() && row["todo"][0] == "Ask for their number.", "{row}");
        let threads = row["threads"].as_array().expect("a list");
        let names: Vec<_> = threads.iter().filter_map(|t| t["title"].as_str()).collect();
        assert_eq!((names, &row["total"]), (vec!["Maya", "Ben"], &json!(2)));
        assert_eq!(threads[0]["source"], "signal");
        assert_eq!(threads[0]["last"], "2024-05-01T10:00:00Z");
    }
    let said = person.run(&["closing", "--as-of", "2031-05-01"]).ok();
    assert!(said.contains("2 threads") && said.contains("- Ask for their number."), "{said}");
    let id = id(&person, "Ben");
    assert!(said.lines().any(|l| l.split_whitespace().eq([id.as_str(), "Ben"])), "{said}");
    // The door is shut: nothing closes any more, and its threads are read-only.
    assert_eq!(closing(&["--as-of", "2031-06-01"]), Vec::<Value>::new());
    let shut = titles(&person, &["--read-only", "--source", "signal", "--as-of", "2031-06-01"]);
    assert_eq!(shut, ["Maya", "Ben"]);

    std::fs::write(&rules, RULES.replace("deletes", "slams")).expect("a writable home");
    let line = person.run(&["closing"]).failed(2);
    assert!(line.contains("rules.toml") && line.contains("slams"), "{line}");
}

#[test]
fn one_is_not_many() {
    let person = with_inbox();
    let jonas = id(&person, "Jonas");
    let said = person.run(&["search", "hello"]).ok();
    assert!(said.contains("\n1 message found.\nSearched 4 messages in 4 threads"), "{said}");
    let said = person.run(&["search", "--thread", &jonas, "hello"]).ok();
    assert!(said.contains("\nSearched 1 message in 1 thread: Instagram"), "{said}");
    let groups = RULES.replace("\"signal\"", "\"instagram\"");
    let groups = groups.replace("[\"direct\", \"group\", \"call\"]", "[\"group\"]");
    person.file(".config/onebox/rules.toml", &groups);
    let said = person.run(&["closing", "--as-of", "2031-05-01"]).ok();
    assert!(said.contains("  1 thread  ("), "{said}");
}
