//! The person says who they are after an import: without a new one, over every later one, and back.

mod readers;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use onebox::engine::{Engine, Rules, Settings, Store};
use onebox::inbox::{MessageRow, OpenAt, ThreadFilter, ThreadRow};
use onebox::model::*;
use onebox::sources::FileTree;
use readers::{Taking, source, utc};

const NOW: Timestamp = Timestamp(1_800_000_000_000);

/// Two groups of Maya, Jonas and Ana; nothing in them says who I am.
fn groups() -> FileTree {
    let chat = |name: &str, text: &str| {
        (format!("WhatsApp Chat with {name}.txt"), text.as_bytes().to_vec())
    };
    FileTree::memory([
        chat(
            "Climbing crew",
            "13/03/2024, 10:00 - Ana created group \"Climbing crew\"\n\
             13/03/2024, 10:01 - Ana: who is in?\n\
             13/03/2024, 10:02 - Maya: me\n\
             13/03/2024, 10:03 - Jonas: me too, what about Friday?\n",
        ),
        chat(
            "Book club",
            "14/03/2024, 10:00 - Ana created group \"Book club\"\n\
             14/03/2024, 10:01 - Jonas: what do we read?\n\
             14/03/2024, 10:02 - Ana: something short\n\
             14/03/2024, 10:03 - Maya: agreed\n",
        ),
    ])
}

fn import(engine: &Engine, tree: &FileTree, me: Option<&str>) -> (u64, u64) {
    let mut writer = engine.store().writer().expect("a writer");
    let mut import = writer.import("test", NOW).expect("an import");
    let mut options = utc();
    options.me = me.map(str::to_owned);
    (source("whatsapp").read)(tree, &options, &mut Taking(&mut import)).expect("readable");
    let tally = import.finish("{}").expect("an end");
    (tally.threads_added, tally.messages_added)
}

fn engine() -> Engine {
    let settings = Settings {
        rules: Rules::builtin().expect("rules"),
        as_of: Some(Day::parse("2024-04-01").expect("a day")),
        read_only: false,
        offline: false,
        demo: true,
        keep_deleted: false,
    };
    let store = Store::in_memory().expect("a store");
    Engine::new(Arc::new(store), Arc::new(settings)).expect("an engine")
}

/// All that is seen: the list, every message, who there is, and my accounts.
type Seen = (Vec<ThreadRow>, Vec<Vec<MessageRow>>, Vec<String>, Vec<(String, String)>);

fn seen(engine: &mut Engine) -> Seen {
    let rows = engine.threads(&ThreadFilter::default(), 0, 50, None).expect("threads").rows;
    let open = |engine: &mut Engine, t: &ThreadRow| {
        engine.open(t.id, OpenAt::Start, 100).expect("a page").rows
    };
    let messages = rows.iter().map(|t| open(engine, t)).collect();
    let mut people: Vec<String> =
        engine.list_people("", 0, 50).expect("people").0.into_iter().map(|p| p.name).collect();
    people.sort();
    let accounts = engine.accounts().expect("accounts");
    (rows, messages, people, accounts.into_iter().map(|a| (a.name, a.known_by)).collect())
}

fn mine(seen: &Seen) -> Vec<&str> {
    let all = seen.1.iter().flatten().filter(|m| m.mine);
    all.map(|m| m.text.as_str()).collect()
}

fn account(engine: &Engine) -> AccountId {
    engine.accounts().expect("accounts")[0].id
}

#[test]
fn said_later_it_holds_everywhere_and_is_taken_back_exactly() {
    let mut engine = engine();
    import(&engine, &groups(), None);
    let before = seen(&mut engine);
    assert_eq!(
        (mine(&before), before.2.as_slice()),
        (vec![], &["Ana", "Jonas", "Maya"].map(str::to_owned)[..])
    );
    let it = account(&engine);
    let (notice, undo) = engine.say_me(it, Some("maya")).expect("said");
    assert_eq!(notice.what, "You are Maya there now");
    let after = seen(&mut engine);
    assert_eq!(mine(&after), ["agreed", "me"]);
    assert_eq!(after.2, ["Ana", "Jonas"]);
    assert_eq!(after.3, [("Maya".to_owned(), "you said so".to_owned())]);
    let awaiting = |s: &Seen| s.0.iter().map(|t| (t.title.clone(), t.awaiting)).collect::<Vec<_>>();
    assert_eq!(
        awaiting(&after),
        [("Book club".to_owned(), false), ("Climbing crew".to_owned(), false)],
    );
    assert!(after.0[0].preview_mine && !before.0[0].preview_mine);

    // The same again adds nothing and changes nothing, nor does one that guesses otherwise.
    assert_eq!(import(&engine, &groups(), None), (0, 0));
    assert_eq!(seen(&mut engine), after);
    assert_eq!(import(&engine, &groups(), Some("Jonas")), (0, 0));
    assert_eq!(seen(&mut engine), after);

    let (_, back) = engine.say_me(it, Some("Ana")).expect("said");
    assert_eq!(mine(&seen(&mut engine)), ["something short", "who is in?"]);
    assert!(engine.take_back(&back).expect("undone"));
    assert_eq!(seen(&mut engine), after);

    let mut engine = self::engine();
    import(&engine, &groups(), None);
    let it = account(&engine);
    engine.say_me(it, Some("Maya")).expect("said");
    assert!(engine.take_back(&undo).expect("undone"));
    assert_eq!(seen(&mut engine), before);
}

#[test]
fn an_account_in_which_nobody_is_me_is_asked_about_until_somebody_is() {
    let mut engine = engine();
    import(&engine, &groups(), None);
    let it = account(&engine);
    let open = |e: &Engine| e.my_account_rows().expect("accounts")[0].nobody;
    assert!(open(&engine));
    let people = |e: &Engine| {
        let rows = e.candidate_rows(it).expect("people");
        rows.into_iter().map(|c| (c.key, c.name, c.id, c.threads, c.me)).collect::<Vec<_>>()
    };
    let of = |name: &str, me| (name.to_owned(), name.to_owned(), None, 2, me);
    assert_eq!(people(&engine), ["Ana", "Jonas", "Maya"].map(|n| of(n, false)));
    let (_, undo) = engine.say_me(it, Some("Maya")).expect("said");
    assert!(!open(&engine));
    assert_eq!(people(&engine)[2], of("Maya", true));
    engine.take_back(&undo).expect("undone");
    assert!(open(&engine));

    // Who was told by the import is not asked about, nor is an account with nobody in it.
    let engine = self::engine();
    import(&engine, &groups(), Some("Jonas"));
    assert!(!open(&engine));
}

#[test]
fn a_wrong_guess_is_put_right() {
    let mut engine = engine();
    import(&engine, &groups(), Some("Jonas"));
    let wrong = seen(&mut engine);
    assert_eq!(mine(&wrong), ["what do we read?", "me too, what about Friday?"]);
    let it = account(&engine);
    let (_, undo) = engine.say_me(it, Some("Maya")).expect("said");
    assert_eq!(mine(&seen(&mut engine)), ["agreed", "me"]);
    // A chat of Jonas's that I am not in is not mine because it was once thought so.
    let other = FileTree::memory([(
        "WhatsApp Chat with Sailing.txt".to_owned(),
        b"15/03/2024, 10:00 - Ana created group \"Sailing\"\n\
          15/03/2024, 10:01 - Jonas: ahoy\n15/03/2024, 10:02 - Ana: ahoy\n"
            .to_vec(),
    )]);
    import(&engine, &other, Some("Jonas"));
    assert_eq!(mine(&seen(&mut engine)), ["agreed", "me"]);
    assert!(engine.take_back(&undo).expect("undone"));
    assert_eq!(mine(&seen(&mut engine)).len(), 3);
}

#[test]
fn by_somebody_s_sheet() {
    let mut engine = engine();
    import(&engine, &groups(), None);
    let before = seen(&mut engine);
    let people = engine.list_people("Maya", 0, 5).expect("people").0;
    let (_, undo) = engine.identity_is_me(people[0].identities[0].id).expect("said");
    assert_eq!(mine(&seen(&mut engine)), ["agreed", "me"]);
    assert!(engine.take_back(&undo).expect("undone"));
    assert_eq!(seen(&mut engine), before);
}

/// What a database marks as mine stays mine, and a namesake of mine is not me.
#[test]
fn ids_and_namesakes() {
    let mut engine = engine();
    let tree = FileTree::open(&readers::sample("whatsapp", "android-db")).expect("opens").remove(0);
    let mut writer = engine.store().writer().expect("a writer");
    let mut import = writer.import("test", NOW).expect("an import");
    let mut told = readers::Told::default();
    (source("whatsapp").read)(&tree, &utc(), &mut told).expect("readable");
    for record in told
        .accounts
        .into_iter()
        .map(Record::Account)
        .chain(told.threads.into_iter().map(|t| Record::Thread(Box::new(t))))
        .chain(told.people.into_iter().map(Record::Participant))
        .chain(told.messages.into_iter().map(|m| Record::Message(Box::new(m))))
    {
        import.take(record).expect("taken");
    }
    import.finish("{}").expect("an end");
    drop(writer);
    let before = seen(&mut engine);
    let it = account(&engine);
    let why = engine.say_me(it, Some("Nobody")).expect_err("unknown").to_string();
    assert_eq!(why, "nobody is called Nobody there");
    // By an id: only where that is, and nowhere else does anything change.
    let (_, undo) = engine.say_me(it, Some("447700900333@s.whatsapp.net")).expect("said");
    let after = seen(&mut engine);
    assert!(mine(&after).contains(&"Closed on Friday"));
    assert!(mine(&after).contains(&"Yes, platform 4"), "the database's own mark, elsewhere");
    assert!(engine.take_back(&undo).expect("undone"));
    assert_eq!(seen(&mut engine), before);
}

fn onebox(data: &Path, args: &[&str]) -> (i32, String, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_onebox"))
        .arg("--data-dir")
        .arg(data)
        .args(args)
        .env("XDG_CONFIG_HOME", data)
        .output()
        .expect("onebox");
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    (out.status.code().unwrap_or(-1), text(&out.stdout), text(&out.stderr))
}

#[test]
fn on_the_command_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, chats) = (folder.path().join("data"), folder.path().join("chats"));
    std::fs::create_dir(&chats).expect("a folder");
    for entry in groups().entries() {
        let bytes = groups().head(entry, 10_000).expect("readable");
        std::fs::write(chats.join(&entry.path), bytes).expect("written");
    }
    let (code, _, err) = onebox(&data, &["import", chats.to_str().expect("a path")]);
    assert_eq!(code, 0, "{err}");
    let (_, out, _) = onebox(&data, &["accounts", "me"]);
    assert_eq!(out, "1  whatsapp  not known  (the export does not say)\n");
    let (_, out, _) = onebox(&data, &["accounts", "me", "whatsapp"]);
    assert_eq!(out, "Ana  2 threads\nJonas  2 threads\nMaya  2 threads\n");
    let (code, out, err) = onebox(&data, &["accounts", "me", "whatsapp", "Maya"]);
    assert_eq!((code, out.as_str()), (0, "You are Maya there now\n"), "{err}");
    let (_, out, _) = onebox(&data, &["accounts", "me", "1", "--json"]);
    let lines: Vec<serde_json::Value> =
        out.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    assert_eq!(
        lines[2],
        serde_json::json!({"id": "Maya", "name": "Maya", "threads": 2, "me": true})
    );
    let (_, out, _) = onebox(&data, &["search", "agreed", "--json"]);
    assert!(out.contains("\"is_me\":true"), "{out}");
    let (code, _, err) = onebox(&data, &["accounts", "me", "2", "Maya"]);
    assert_eq!(code, 2, "{err}");
    let (code, _, err) = onebox(&data, &["accounts", "me", "1", "Tom"]);
    assert_eq!((code, err.contains("nobody is called Tom there")), (1, true), "{err}");
    onebox(&data, &["accounts", "me", "1", "--clear"]);
    let (_, out, _) = onebox(&data, &["accounts", "me"]);
    assert_eq!(out, "1  whatsapp  not known  (the export does not say)\n");
}
