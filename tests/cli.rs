//! The command line as a person and a script use it: every command, every JSON shape of the
//! contract, exit codes and complaints.

mod program;

use std::path::{Path, PathBuf};

use program::{Person, ran};
use serde_json::{Value, json};

/// A JSON object as the contract has it: every field there, in a form that its description allows.
/// Fields beyond the contract are allowed; missing and mistyped ones are not.
fn holds(object: &Value, contract: &[(&str, &str)]) {
    for (field, form) in contract {
        let value = object.get(field).unwrap_or_else(|| panic!("no {field} in {object}"));
        let fits = form.split('|').any(|form| match form {
            "text" => value.is_string(),
            "count" => value.is_u64(),
            "number" => value.is_number(),
            "flag" => value.is_boolean(),
            "list" => value.is_array(),
            "object" => value.is_object(),
            "time" => value.as_str().is_some_and(|t| {
                chrono::DateTime::parse_from_rfc3339(t).is_ok() && t.ends_with('Z')
            }),
            "null" => value.is_null(),
            word => value == word,
        });
        assert!(fits, "{field} is {value}, not {form}");
    }
}

const REPORT: &[(&str, &str)] = &[
    ("source", "text"),
    ("account", "text"),
    ("files", "count"),
    ("threads_added", "count"),
    ("threads_known", "count"),
    ("messages_added", "count"),
    ("messages_known", "count"),
    ("oddities", "count"),
    ("oddity_samples", "list"),
    ("seconds", "number"),
];

const THREAD: &[(&str, &str)] = &[
    ("id", "count"),
    ("source", "text"),
    ("account", "text"),
    ("title", "text"),
    ("kind", "direct|group|channel"),
    ("participants", "list"),
    ("messages", "count"),
    ("first", "time"),
    ("last", "time"),
    ("unread", "count|null"),
    ("cross_app", "flag"),
    ("cross_app_with", "text|null"),
    ("verdict", "live|hand-off|read-only"),
    ("reason", "object|null"),
];

const REASON: &[(&str, &str)] =
    &[("code", "text"), ("text", "text"), ("since", "text|null"), ("sure", "known|yours|inferred")];

const MESSAGE: &[(&str, &str)] = &[
    ("id", "count"),
    ("thread", "count"),
    ("sender", "text|null"),
    ("is_me", "flag"),
    ("time", "time"),
    ("kind", "message|system|call|poll"),
    ("text", "text"),
    ("attachments", "list"),
    ("reactions", "list"),
    ("reply_to", "text|null"),
    ("edited", "flag"),
    ("deleted", "flag"),
    ("send_state", "text|null"),
];

const ATTACHMENT: &[(&str, &str)] = &[
    ("kind", "photo|video|audio|voice|gif|sticker|file|contact|location|share"),
    ("name", "text|null"),
    ("path", "text|null"),
    ("present", "flag"),
];

/// A file of the interchange format: its first line, then these.
fn jsonl(lines: &[Value]) -> String {
    let mut text = "{\"onebox\":1}\n".to_owned();
    for line in lines {
        text.push_str(&line.to_string());
        text.push('\n');
    }
    text
}

/// Three apps: a plain chat, a cross-app thread, a group that I left, one with everything in it.
fn inbox() -> String {
    let message = |thread: &str, sender: &str, at: &str, text: &str| json!({"record": "message", "thread": thread, "sender": sender, "sent_at": at, "text": text});
    let me = |thread: &str| json!({"record": "participant", "thread": thread, "name": "Sam", "is_me": true});
    let mut lines = vec![
        json!({"record": "account", "source": "instagram", "key": "sam.r", "name": "Sam",
               "me_names": ["Sam"], "known_by": "profile file"}),
        json!({"record": "thread", "thread": "jonas", "title": "Jonas Weber", "kind": "direct",
               "cross_app": "messenger"}),
        json!({"record": "participant", "thread": "jonas", "name": "Jonas Weber", "source": "messenger"}),
        me("jonas"),
        message("jonas", "Jonas Weber", "2023-11-14T18:02:00Z", "did the parcel arrive?"),
        message("jonas", "Sam", "2023-11-14T18:05:00.250Z", "yes! thank you"),
        json!({"record": "thread", "thread": "studio", "title": "Studio Lindqvist", "kind": "direct"}),
        me("studio"),
        message("studio", "Studio Lindqvist", "2024-02-01T09:00:00Z", "your photos are ready"),
        json!({"record": "account", "source": "whatsapp", "key": "+4915550100", "name": "Sam",
               "me_names": ["Sam"]}),
        json!({"record": "thread", "thread": "crew", "title": "Climbing crew", "kind": "group",
               "membership": "gone", "archived": true, "unread": 3}),
        json!({"record": "message", "thread": "crew", "sent_at": "2024-03-01T07:15:00Z",
               "kind": "system", "text": "Ana created this group"}),
        message("crew", "Ana", "2024-03-01T07:16:00Z", "rope's in my car"),
        json!({"record": "thread", "thread": "maya", "title": "Maya Okafor", "kind": "direct"}),
        me("maya"),
    ];
    lines.extend([
        message("maya", "Maya Okafor", "2024-05-01T10:00:00Z", "one"),
        json!({"record": "message", "thread": "maya", "sender": "Sam", "sent_at": "2024-05-01T10:01:00Z",
               "text": "two", "reply_to": {"quote": "one"}, "edited": true,
               "reactions": [{"emoji": "🎉", "by": "Maya Okafor"}],
               "attachments": [{"kind": "photo", "path": "media/cat.png"}, {"kind": "voice"},
                               {"kind": "file", "name": "plan.pdf", "path": "media/gone.pdf"}]}),
        json!({"record": "message", "thread": "maya", "sender": "Maya Okafor",
               "sent_at": "2024-05-01T10:02:00Z", "text": "a secret", "deleted": "unsent"}),
        json!({"record": "message", "thread": "maya", "sender": "Maya Okafor",
               "sent_at": "2024-05-02T10:03:00Z", "kind": "call",
               "call": {"video": true, "seconds": 61}}),
        json!({"record": "message", "thread": "maya", "sender": "Sam", "sent_at": "2024-05-02T10:04:00Z",
               "kind": "poll", "text": "Where?\nHere\nThere"}),
    ]);
    jsonl(&lines)
}

fn with_inbox() -> Person {
    let person = Person::new();
    person.file("export/media/cat.png", "not really a picture");
    person.file("export/inbox.jsonl", &inbox());
    person.import(&person.home().join("export"));
    person
}

/// The thread of that title.
fn thread(person: &Person, title: &str) -> Value {
    let all = person.lines(&["threads", "--json"]);
    let found = all.iter().find(|t| t["title"] == title);
    found.unwrap_or_else(|| panic!("no {title:?} in {all:?}")).clone()
}

fn id(person: &Person, title: &str) -> String {
    thread(person, title)["id"].to_string()
}

fn titles(list: &[Value]) -> Vec<&str> {
    list.iter().map(|t| t["title"].as_str().expect("a title")).collect()
}

/// What a phone's database tells stays what it was, whichever year's layout tells it, and whether
/// it was locked or not.
#[test]
fn a_phones_databases_are_one_inbox() {
    let person = Person::new();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/whatsapp");
    let numbers = ["threads_added", "threads_known", "messages_added", "messages_known"];
    let told = |case: &str| {
        let report = person.import(&samples.join(case));
        numbers.map(|n| report[n].as_u64().expect("a number"))
    };
    assert_eq!(told("android-older"), [4, 0, 13, 0]);
    assert_eq!(told("android-db"), [4, 2, 11, 9]);
    assert_eq!(told("android-locked"), [0, 6, 0, 20]);
}

#[test]
fn an_import_reports_what_it_did() {
    let person = Person::new();
    let broken = inbox() + "{\"record\":\"message\",\n";
    let file = person.file("inbox.jsonl", &broken);
    let report = person.import(&file);
    holds(&report, REPORT);
    let numbers = ["files", "threads_added", "threads_known", "messages_added", "messages_known"];
    assert_eq!(numbers.map(|n| report[n].as_u64()), [1, 4, 0, 10, 0].map(Some));
    assert_eq!(report["oddities"], 1);
    let odd = &report["oddity_samples"][0];
    holds(odd, &[("file", "text"), ("at", "text"), ("why", "text")]);
    assert_eq!(odd["file"], "inbox.jsonl");
    assert!(odd["at"].as_str().is_some_and(|at| at.starts_with("line 2")), "{odd}");

    let again = person.import(&file);
    assert_eq!(numbers.map(|n| again[n].as_u64()), [1, 0, 4, 0, 10].map(Some));

    // Several files of one source are one report; several sources are an array.
    let one = |thread: &str| {
        jsonl(&[json!({"record": "message", "thread": thread, "sender": thread,
                       "sent_at": "2024-05-01T10:00:00Z", "text": "hello"})])
    };
    person.file("many/a/one.jsonl", &one("Ana"));
    person.file("many/b/two.jsonl", &one("Ben"));
    let same = person.import(&person.home().join("many"));
    assert_eq!((same["files"].as_u64(), same["messages_added"].as_u64()), (Some(2), Some(2)));
    person.file(
        "many/c/_chat.txt",
        "[01/05/2024, 10:00:00] Ana: hello\n[31/05/2024, 10:01:00] Ben: hi\n",
    );
    let many = person.import(&person.home().join("many"));
    assert_eq!(many.as_array().map(Vec::len), Some(2));
    many.as_array().into_iter().flatten().for_each(|r| holds(r, REPORT));
}

#[test]
fn what_could_not_be_read_is_counted_once_however_often_it_is_imported() {
    let person = Person::new();
    let broken = inbox() + "{\"record\":\"message\",\n";
    let file = person.file("inbox.jsonl", &broken);
    for _ in 0..3 {
        assert_eq!(person.import(&file)["oddities"], 1);
        let found = person.run(&["search", "parcel"]);
        let told = found.out + &found.err;
        assert!(told.contains("1 piece of exports that could not be read"), "{told}");
    }
}

#[test]
fn a_broken_zip_in_a_mixed_folder_is_told_once() {
    let person = Person::new();
    person.file("dl/inbox.jsonl", &inbox());
    person.file(
        "dl/_chat.txt",
        "[01/05/2024, 10:00:00] Ana: hello\n[31/05/2024, 10:01:00] Ben: hi\n",
    );
    person.file("dl/broken.zip", "PK\u{3}\u{4} and then nothing that a zip would hold");
    let dl = person.home().join("dl");
    let reports = person.import(&dl);
    let reports = reports.as_array().expect("two kinds of export");
    let samples = reports.iter().filter_map(|r| r["oddity_samples"].as_array()).flatten();
    let of_zip = samples.filter(|o| o["file"].as_str().is_some_and(|f| f.ends_with("broken.zip")));
    assert_eq!(of_zip.count(), 1, "{reports:?}");
}

#[test]
fn a_dry_run_stores_nothing() {
    let person = Person::new();
    let file = person.file("inbox.jsonl", &inbox());
    let path = file.to_str().expect("a path");
    let found = person.run(&["import", "--dry-run", path]).ok();
    for part in ["inbox.jsonl", "you: Sam", "4 threads", "1 file", " to "] {
        assert!(found.contains(part), "{part}: {found}");
    }
    let json: Vec<Value> = person.lines(&["import", "--dry-run", "--json", path]);
    let found = &json[0];
    assert_eq!((&found["account"], &found["threads"]), (&json!("Sam"), &json!(4)));
    assert_eq!(found["first"], "2023-11-14T18:02:00Z");
    assert_eq!(found["bytes"], std::fs::metadata(&file).expect("a file").len());
    assert!(!person.store().exists(), "no store was made for it");
    assert_eq!(person.run(&["threads", "--json"]).ok(), "");
}

#[test]
fn a_dry_run_of_what_is_locked_asks_for_its_key_and_not_for_a_name() {
    let person = Person::new();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/signal/app/sql");
    person.file("Signal/config.json", "{\"encryptedKey\":\"7631\"}");
    let to = person.home().join("Signal/sql");
    std::fs::create_dir_all(&to).expect("a folder");
    std::fs::copy(from.join("db.sqlite"), to.join("db.sqlite")).expect("a copy");
    let folder = person.home().join("Signal");
    let found = person.run(&["import", "--dry-run", folder.to_str().expect("a path")]).ok();
    for part in ["not known while it is locked", "sql/db.sqlite is locked", "--key FILE"] {
        assert!(found.contains(part), "{part}: {found}");
    }
    assert!(!found.contains("--me"), "{found}");
}

#[test]
fn threads_are_listed_newest_first_with_their_verdicts() {
    let person = with_inbox();
    let all = person.lines(&["threads", "--json"]);
    all.iter().for_each(|t| holds(t, THREAD));
    // The archived one comes after the others.
    let order = ["Maya Okafor", "Studio Lindqvist", "Jonas Weber", "Climbing crew"];
    assert_eq!(titles(&all), order);

    let jonas = &all[2];
    assert_eq!(jonas["source"], "instagram");
    assert_eq!((&jonas["account"], &jonas["kind"]), (&json!("Sam"), &json!("direct")));
    assert_eq!(jonas["messages"], 2);
    assert_eq!(jonas["first"], "2023-11-14T18:02:00Z");
    assert_eq!(jonas["last"], "2023-11-14T18:05:00.250Z");
    assert_eq!(jonas["cross_app_with"], "messenger");
    assert_eq!(jonas["verdict"], "read-only");
    holds(&jonas["reason"], REASON);
    assert_eq!(jonas["reason"]["code"], "cross-app-ended");
    assert_eq!(jonas["reason"]["since"], "since mid-December 2023");
    assert_eq!(jonas["reason"]["sure"], "known");
    let people = json!([{"name": "Jonas Weber", "source": "messenger", "is_me": false},
                        {"name": "Sam", "source": "instagram", "is_me": true}]);
    assert_eq!(jonas["participants"], people);

    assert_eq!((&all[0]["verdict"], &all[0]["reason"]), (&json!("hand-off"), &Value::Null));
    assert_eq!((&all[3]["unread"], &all[3]["reason"]["code"]), (&json!(3), &json!("not-a-member")));

    let plain = person.run(&["threads"]).ok();
    assert!(plain.lines().any(|l| l.contains("IG↔FB") && l.contains("read-only")), "{plain}");
}

#[test]
fn filters_narrow_the_list() {
    let person = with_inbox();
    let listed = |args: &[&str]| {
        let all = person.lines(&[&["threads", "--json"], args].concat());
        titles(&all).join(", ")
    };
    assert_eq!(listed(&["--source", "instagram"]), "Studio Lindqvist, Jonas Weber");
    assert_eq!(listed(&["--source", "WhatsApp"]), "Maya Okafor, Climbing crew");
    assert_eq!(listed(&["--cross-app"]), "Jonas Weber");
    assert_eq!(listed(&["--read-only"]), "Climbing crew, Jonas Weber");
    assert_eq!(listed(&["--unread"]), "Climbing crew");
    assert_eq!(listed(&["--source", "signal"]), "");
}

#[test]
fn a_thread_is_shown_with_all_that_is_known() {
    let person = with_inbox();
    let maya = id(&person, "Maya Okafor");
    let shown = person.lines(&["show", &maya, "--json"]);
    shown.iter().for_each(|m| holds(m, MESSAGE));
    let kinds: Vec<_> = shown.iter().map(|m| m["kind"].as_str().unwrap_or("")).collect();
    assert_eq!(kinds, ["message", "message", "message", "call", "poll"]);

    let two = &shown[1];
    assert_eq!((&two["sender"], &two["is_me"]), (&json!("Sam"), &json!(true)));
    assert_eq!((&two["time"], &two["text"]), (&json!("2024-05-01T10:01:00Z"), &json!("two")));
    assert_eq!((&two["reply_to"], &two["edited"]), (&json!("one"), &json!(true)));
    assert_eq!(two["reactions"], json!([{"emoji": "🎉", "by": "Maya Okafor"}]));
    let pieces = two["attachments"].as_array().expect("a list");
    pieces.iter().for_each(|a| holds(a, ATTACHMENT));
    let there: Vec<_> = pieces.iter().map(|a| (&a["kind"], &a["present"])).collect();
    let (yes, no) = (json!(true), json!(false));
    assert_eq!(there, [(&json!("photo"), &yes), (&json!("voice"), &no), (&json!("file"), &no)]);
    assert_eq!(pieces[2]["name"], "plan.pdf");

    // What was deleted is told, not shown.
    assert_eq!((&shown[2]["deleted"], &shown[2]["text"]), (&json!(true), &json!("")));

    let texts = |args: &[&str]| -> Vec<String> {
        let shown = person.lines(&[&["show", &maya, "--json"], args].concat());
        shown.iter().map(|m| m["time"].as_str().unwrap_or("")[8..16].to_owned()).collect()
    };
    assert_eq!(texts(&["--limit", "2"]), ["02T10:03", "02T10:04"], "the newest");
    assert_eq!(texts(&["--from", "2024-05-01", "--limit", "2"]), ["01T10:00", "01T10:01"]);
    assert_eq!(texts(&["--from", "2024-05-02"]), ["02T10:03", "02T10:04"]);

    let plain = person.run(&["show", &maya]).ok();
    for words in
        ["You: two", "(edited)", "🎉 Maya Okafor", "(message deleted)", "not in the export"]
    {
        assert!(plain.contains(words), "{words}: {plain}");
    }
    assert!(!plain.contains("a secret"));
}

#[test]
fn the_ladder_names_one_reason_for_every_wish() {
    let person = with_inbox();
    let jonas = id(&person, "Jonas Weber");
    let ladders = person.lines(&["why", &jonas, "--json"]);
    let wishes: Vec<_> = ladders.iter().map(|l| l["wish"].as_str().unwrap_or("")).collect();
    assert_eq!(wishes.len(), 9, "{wishes:?}");
    for wish in ["send", "reply", "react", "edit", "delete", "call"] {
        assert!(wishes.contains(&wish), "{wish} is not in {wishes:?}");
    }
    for ladder in &ladders {
        let rungs = ladder["ladder"].as_array().expect("a ladder");
        let deciding: Vec<_> = rungs.iter().filter(|r| r["decides"] == true).collect();
        assert_eq!(deciding.len(), 1, "{ladder}");
        holds(deciding[0], &[("floor", "text"), ("question", "text"), ("answer", "text")]);
    }
    let of = |wish: &str| ladders.iter().find(|l| l["wish"] == wish).expect("a wish");
    for wish in ["send", "call"] {
        assert_eq!(of(wish)["verdict"], "read-only", "{wish}");
        holds(&of(wish)["reason"], REASON);
        assert_eq!(of(wish)["reason"]["code"], "cross-app-ended");
    }
    let plain = person.run(&["why", &jonas]).ok();
    assert_eq!(plain.lines().filter(|l| l.trim_start().starts_with('→')).count(), 9, "{plain}");
    assert!(plain.contains("since mid-December 2023"), "{plain}");
}

#[test]
fn the_rules_say_when_whom_and_how_sure() {
    let person = with_inbox();
    let rules = person.lines(&["rules", "--json"]);
    assert!(rules.len() >= 29, "{} rules", rules.len());
    for r in &rules {
        let shape = [("id", "text"), ("apps", "text"), ("kind", "text"), ("in_force", "flag")];
        holds(r, &shape);
        holds(r, &[("text", "text"), ("sure", "text"), ("sources", "list"), ("threads", "list")]);
    }
    let end = rules.iter().find(|r| r["id"] == "ig-msgr-end").expect("the rule of the closure");
    assert_eq!(
        (&json!(end["threads"].as_array().map(Vec::len)), &end["in_force"]),
        (&json!(1), &json!(true))
    );
    let before = person.lines(&["rules", "--json", "--as-of", "2023-11-01"]);
    let end = before.iter().find(|r| r["id"] == "ig-msgr-end").expect("the rule of the closure");
    assert_eq!(end["in_force"], false);
}

#[test]
fn a_day_decides_what_is_closed() {
    let person = with_inbox();
    let on = |day: &str| {
        let all = person.lines(&["threads", "--json", "--as-of", day]);
        let jonas = all.iter().find(|t| t["title"] == "Jonas Weber").expect("still listed");
        assert_eq!(jonas["messages"], 2, "a day hides no message");
        (jonas["verdict"].as_str().unwrap_or("").to_owned(), jonas["warned"] == true)
    };
    assert_eq!(on("2023-11-01"), ("hand-off".into(), false));
    assert_eq!(on("2023-12-06"), ("hand-off".into(), true), "announced the day before");
    assert_eq!(on("2023-12-15"), ("hand-off".into(), true));
    assert_eq!(on("2023-12-21"), ("read-only".into(), false));
    assert_eq!(on("2026-11-22"), ("read-only".into(), false));
    assert_eq!(person.run(&["threads", "--as-of", "tomorrow"]).code, Some(2));
}

#[test]
fn marks_close_and_open_again() {
    let person = with_inbox();
    let studio = id(&person, "Studio Lindqvist");
    let verdict = || {
        let t = thread(&person, "Studio Lindqvist");
        (t["verdict"].clone(), t["reason"]["code"].clone(), t["reason"]["sure"].clone())
    };
    let open = (json!("hand-off"), Value::Null, Value::Null);
    assert_eq!(verdict(), open);
    person.run(&["mark", &studio, "--read-only"]).ok();
    assert_eq!(verdict(), (json!("read-only"), json!("marked-by-you"), json!("yours")));
    person.run(&["mark", &studio, "--clear"]).ok();
    assert_eq!(verdict(), open);
    person.run(&["mark", &studio, "--cross-app", "messenger"]).ok();
    assert_eq!(verdict(), (json!("read-only"), json!("cross-app-ended"), json!("yours")));
    assert_eq!(thread(&person, "Studio Lindqvist")["cross_app_with"], "messenger");
    // Marks outlive a new import of the same export.
    person.import(&person.home().join("export"));
    assert_eq!(verdict().0, "read-only");
    person.run(&["mark", &studio, "--clear"]).ok();
    assert_eq!(verdict(), open);

    assert!(person.run(&["mark", &studio]).failed(2).contains("--read-only"));
    person.run(&["mark", "4711", "--read-only"]).failed(1);
}

#[test]
fn the_read_only_switch_closes_everything() {
    let person = with_inbox();
    let all = person.lines(&["--read-only", "threads", "--json"]);
    assert_eq!(all.len(), 4);
    assert!(all.iter().all(|t| t["verdict"] == "read-only"), "{all:?}");
    let maya = all.iter().find(|t| t["title"] == "Maya Okafor").expect("Maya");
    assert_eq!(maya["reason"]["code"], "read-only-switch");
}

/// Everything that listings say, without the ids, which mean nothing outside one store.
fn told(person: &Person) -> Vec<(Value, Vec<Value>)> {
    let without_ids = |mut v: Value| {
        for id in ["id", "thread"] {
            v.as_object_mut().expect("an object").remove(id);
        }
        v
    };
    let mut all: Vec<_> = person
        .lines(&["threads", "--json"])
        .into_iter()
        .map(|t| {
            let shown = person.lines(&["show", &t["id"].to_string(), "--json"]);
            (without_ids(t), shown.into_iter().map(without_ids).collect::<Vec<_>>())
        })
        .collect();
    all.sort_by_key(|(t, _)| t.to_string());
    all
}

/// The invented exports of all three apps, read from their files.
fn with_three_apps() -> Person {
    let person = Person::new();
    person.import(&Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/demo"));
    person
}

#[test]
fn exports_of_three_apps_become_one_inbox() {
    let person = with_three_apps();
    let all = person.lines(&["threads", "--json"]);
    all.iter().for_each(|t| holds(t, THREAD));
    let apps: std::collections::BTreeSet<_> =
        all.iter().filter_map(|t| t["source"].as_str()).collect();
    assert_eq!(apps.into_iter().collect::<Vec<_>>(), ["instagram", "messenger", "whatsapp"]);
    let mut jonas: Vec<_> = all
        .iter()
        .filter(|t| t["title"] == "Jonas Weber")
        .map(|t| (t["source"].as_str().unwrap_or(""), t["verdict"].as_str().unwrap_or("")))
        .collect();
    jonas.sort_unstable();
    let open = [("instagram", "read-only"), ("messenger", "hand-off"), ("whatsapp", "hand-off")];
    assert_eq!(jonas, open, "one friend, three doors, one of them closed");
    for t in &all {
        let shown = person.lines(&["show", &t["id"].to_string(), "--json"]);
        assert_eq!(shown.len() as u64, t["messages"].as_u64().unwrap_or(0), "{t}");
        shown.iter().for_each(|m| holds(m, MESSAGE));
        let pieces = shown.iter().filter_map(|m| m["attachments"].as_array()).flatten();
        pieces.for_each(|a| holds(a, ATTACHMENT));
        // Mojibake is repaired, whoever wrote it.
        assert!(!shown.iter().any(|m| m["text"].as_str().is_some_and(|t| t.contains('Ã'))), "{t}");
    }
}

#[test]
fn three_apps_come_back_the_same_from_an_export() {
    let person = with_three_apps();
    let to = person.home().join("out");
    person.run(&["export", "--to", to.to_str().expect("a path")]).ok();
    let other = Person::new();
    other.import(&to.join("onebox.jsonl"));
    assert_eq!(told(&other), told(&person));
}

#[test]
fn what_is_exported_comes_back_the_same() {
    let person = with_inbox();
    let to = person.home().join("out");
    let said = person.run(&["export", "--to", to.to_str().expect("a path")]).ok();
    assert!(said.contains("4 threads") && said.contains("10 messages"), "{said}");
    let file = to.join("onebox.jsonl");
    private(&file, 0o600);

    let other = Person::new();
    other.import(&file);
    assert_eq!(told(&other), told(&person));
    // And once more: the file itself is the same then.
    let again = other.home().join("out");
    other.run(&["export", "--to", again.to_str().expect("a path")]).ok();
    let text = |path: PathBuf| {
        let text = std::fs::read_to_string(path).expect("an export");
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(text(again.join("onebox.jsonl")), text(file));

    // One thread only.
    let maya = id(&person, "Maya Okafor");
    let one = person.home().join("one");
    person.run(&["export", &maya, "--to", one.to_str().expect("a path")]).ok();
    let third = Person::new();
    third.import(&one.join("onebox.jsonl"));
    assert_eq!(titles(&third.lines(&["threads", "--json"])), ["Maya Okafor"]);

    person.run(&["export", "4711", "--to", one.to_str().expect("a path")]).failed(1);
}

#[cfg(unix)]
fn private(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    let found = std::fs::metadata(path).expect("it exists").permissions().mode() & 0o777;
    assert_eq!(found, mode, "{}: {found:o}", path.display());
}

#[test]
#[cfg(unix)]
fn nobody_else_can_read_the_store() {
    use std::os::unix::process::CommandExt;
    let person = Person::new();
    let file = person.file("inbox.jsonl", &inbox());
    // A careless umask changes nothing.
    let mut shell = person.alone("/bin/sh");
    shell.arg0("sh").args(["-c", "umask 000; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_onebox")]);
    shell.arg("--data-dir").arg(person.store()).arg("import").arg(&file);
    ran(&mut shell).ok();
    private(&person.store(), 0o700);
    for entry in std::fs::read_dir(person.store()).expect("the store") {
        let path = entry.expect("a file").path();
        // Nobody comes into a folder of 0700, whatever is in it.
        private(&path, if path.is_dir() { 0o700 } else { 0o600 });
    }
}

#[test]
fn wrong_use_and_failures_differ() {
    let person = with_inbox();
    // What, why, what to do; in one line.
    let line = person.run(&["import", "/no/such/place.zip"]).failed(2);
    assert!(line.contains("does not exist") && line.contains("zip or folder"), "{line}");
    let line = person.run(&["show", "4711"]).failed(1);
    assert!(line.contains("no thread 4711") && line.contains("onebox threads"), "{line}");
    person.run(&["why", "4711"]).failed(1);

    let nothing = person.file("letter.txt", "Dear diary, nothing here looks like a chat.");
    let line = person.run(&["import", nothing.to_str().expect("a path")]).failed(1);
    assert!(line.contains("letter.txt") && line.contains("under the name"), "{line}");
    let file = person.file("inbox.jsonl", &inbox());
    let line = person.run(&["import", "--source", "fax", file.to_str().expect("a path")]).failed(2);
    assert!(line.contains("fax") && line.contains("onebox"), "{line}");
    let jonas = id(&person, "Jonas Weber");
    for (wrong, word) in [
        (&["mark", &jonas, "--cross-app", "nosuch"][..], "messenger"),
        (&["threads", "--source", "nosuch"], "messenger"),
        (&["--theme", "pink", "threads"], "high-contrast"),
        (&["triage", "abc", "--pin"], "onebox threads"),
        (&["show", "abc"], "onebox threads"),
    ] {
        let line = person.run(wrong).failed(2);
        assert!(line.contains(word) && !line.contains("digit"), "{line}");
    }
    let people = person.lines(&["people", "list", "--json"]);
    let one = people[0]["id"].to_string();
    let line = person.run(&["people", "link", &one, &one]).failed(2);
    assert!(line.contains("one person already"), "{line}");
    let line = person.run(&["people", "import", nothing.to_str().expect("a path")]).failed(1);
    assert!(line.contains("no contact card") && line.contains(".vcf"), "{line}");

    for wrong in [
        &["nonsense"][..],
        &["show"],
        &["show", "Maya"],
        &["import"],
        &["export"],
        &["import", "--time-zone", "Mars/Olympus", "x"],
        &["import", "--date-order", "dym", "x"],
        &["completions", "cash"],
    ] {
        let ran = person.run(wrong);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{wrong:?}");
        assert!(ran.err.contains("error:") || ran.err.starts_with("onebox:"), "{}", ran.err);
    }
}

#[test]
fn strangers_cannot_write_to_the_terminal_through_a_listing() {
    let person = Person::new();
    let evil = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}txt.exe\u{e0041}";
    let file = person.file(
        "evil.jsonl",
        &jsonl(&[
            json!({"record": "thread", "thread": evil, "title": evil}),
            json!({"record": "message", "thread": evil, "sender": evil,
                   "sent_at": "2024-05-01T10:00:00Z", "text": evil}),
        ]),
    );
    person.import(&file);
    let outputs = [
        person.run(&["threads"]).ok(),
        person.run(&["show", "1"]).ok(),
        person.run(&["why", "1"]).ok(),
        person.run(&["mark", "1", "--read-only"]).ok(),
        person.run(&["threads", "--json"]).ok(),
        person.run(&["show", "1", "--json"]).ok(),
    ];
    for out in outputs {
        assert!(!out.contains(['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}']), "{out:?}");
    }
    // In JSON it is whole all the same.
    assert_eq!(person.lines(&["show", "1", "--json"])[0]["text"], evil);
}

#[test]
fn the_doctor_looks_at_the_store() {
    let person = with_inbox();
    let report = &person.lines(&["doctor", "--json"])[0];
    assert_eq!(report["store"]["sound"], true);
    assert_eq!(
        (&report["store"]["threads"], &report["store"]["messages"]),
        (&json!(4), &json!(10))
    );
    assert_eq!(report["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(report["accounts"].as_array().map(Vec::len), Some(2));
    let plain = person.run(&["doctor"]).ok();
    assert!(plain.contains("sound") && plain.contains("4 threads"), "{plain}");
}

#[test]
fn help_manual_and_completions_know_every_command() {
    let person = Person::new();
    let help = person.run(&["--help"]).ok();
    let manual = person.run(&["man"]).ok();
    let bash = person.run(&["completions", "bash"]).ok();
    for command in ["import", "threads", "show", "why", "rules", "mark", "export", "doctor"] {
        for (text, of) in [(&help, "help"), (&manual, "manual"), (&bash, "completions")] {
            assert!(text.contains(command), "{command} is not in the {of}");
        }
        person.run(&[command, "--help"]).ok();
    }
    assert_eq!(
        person.run(&["--version"]).ok().trim(),
        concat!("onebox ", env!("CARGO_PKG_VERSION"))
    );
    assert!(!person.store().exists(), "asking for help makes no store");
}

#[test]
fn the_demo_touches_nothing() {
    let person = Person::new();
    let all = person.lines(&["--demo", "threads", "--json"]);
    all.iter().for_each(|t| holds(t, THREAD));
    assert!(!person.store().exists());
    assert_eq!(std::fs::read_dir(person.home()).expect("home").count(), 0);
}
