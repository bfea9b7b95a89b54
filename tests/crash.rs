//! The program against what happens to programs: killed, interrupted, started twice, a disk that
//! is full, a store that is not theirs. What was stored stays, and doing it again makes it whole.

mod program;

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use program::{Person, ran};
use serde_json::Value;

/// Messages of the large export, in threads of different sizes.
const MANY: u64 = 100_000;
const THREADS: u64 = 12;

/// A large export. Every tenth message is equal to the one before, in the same second.
fn large(person: &Person) -> PathBuf {
    let mut text =
        "{\"onebox\":1}\n{\"record\":\"account\",\"source\":\"messenger\",\"key\":\"sam\",\
                    \"name\":\"Sam\",\"me_names\":[\"Sam\"]}\n"
            .to_owned();
    let mut n = 0;
    for t in 0..THREADS {
        let rest = MANY - n;
        let size = if t + 1 == THREADS { rest } else { rest / 5 + 1 };
        for i in 0..size {
            let (at, who) = (
                i - u64::from(i % 10 == 9),
                if i % 20 < 10 { t.to_string() } else { "Sam".into() },
            );
            let (minute, second) = (at / 60 % 60, at % 60);
            let (day, hour) = (at / 86_400 + 1, at / 3600 % 24);
            writeln!(
                text,
                "{{\"record\":\"message\",\"thread\":\"t{t}\",\"sender\":\"{who}\",\"sent_at\":\
                 \"2024-01-{day:02}T{hour:02}:{minute:02}:{second:02}Z\",\"text\":\"message {at} of {t}\"}}"
            )
            .expect("a string takes all");
        }
        n += size;
    }
    person.file("large.jsonl", &text)
}

/// How many messages are stored, asked of the file itself while the program runs.
fn stored(store: &Path) -> u64 {
    use rusqlite::{Connection, OpenFlags};
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(store.join("onebox.db"), flags)
        .and_then(|db| db.query_row("SELECT count(*) FROM message", [], |r| r.get::<_, i64>(0)))
        .map_or(0, i64::unsigned_abs)
}

/// Asks until the answer is yes.
fn wait_until(what: &str, mut yes: impl FnMut() -> bool) {
    // Nobody ever sends: the channel is a clock that may be waited on.
    let (_never, beat) = sync_channel::<()>(0);
    let end = Instant::now() + Duration::from_secs(120);
    while !yes() {
        assert!(Instant::now() < end, "waited too long for {what}");
        assert_eq!(beat.recv_timeout(Duration::from_millis(5)), Err(RecvTimeoutError::Timeout));
    }
}

fn spawn(person: &Person, args: &[&str]) -> Child {
    let mut command = person.command(args);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
}

fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status();
    assert!(sent.is_ok_and(|s| s.success()), "kill -{name} {pid}");
}

/// All that matters of an inbox: its threads, and each one's messages in order.
fn contents(person: &Person) -> Vec<(Value, u64, String)> {
    let mut all: Vec<_> = person
        .lines(&["threads", "--json"])
        .into_iter()
        .map(|t| {
            let shown = person.run(&["show", &t["id"].to_string()]).ok();
            (t["title"].clone(), t["messages"].as_u64().unwrap_or(0), shown)
        })
        .collect();
    all.sort_by_key(|(_, n, shown)| (*n, shown.clone()));
    all
}

#[test]
fn killed_or_stopped_at_any_point_and_run_again_gives_the_same_inbox() {
    let person = Person::new();
    let file = large(&person);
    let path = file.to_str().expect("a path");
    let whole = Person::new();
    let report = whole.import(&file);
    assert_eq!(
        (&report["messages_added"], &report["threads_added"]),
        (&MANY.into(), &THREADS.into())
    );

    // Once before anything is stored, then in the middle, each time going on from there.
    let mut child = spawn(&person, &["import", path]);
    signal(child.id(), "KILL");
    child.wait().expect("it ends");
    for share in [1, MANY * 3 / 10, MANY * 6 / 10] {
        let mut child = spawn(&person, &["import", path]);
        wait_until("messages in the store", || stored(&person.store()) >= share);
        signal(child.id(), "KILL");
        assert_eq!(child.wait().expect("it ends").code(), None, "killed, not finished");
        let listed = person.lines(&["threads", "--json"]);
        let half: u64 = listed.iter().filter_map(|t| t["messages"].as_u64()).sum();
        assert!((share..MANY).contains(&half), "{half} messages after {share}");
        assert_eq!(person.lines(&["doctor", "--json"])[0]["store"]["sound"], true);
    }

    // Ctrl-C ends it in good order and says how to go on.
    let mut child = spawn(&person, &["import", path]);
    wait_until("more messages", || stored(&person.store()) >= MANY * 8 / 10);
    signal(child.id(), "INT");
    let code = child.wait().expect("it ends").code();
    let mut said = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("text");
    assert_eq!((code, said.contains("Import the same path again")), (Some(1), true), "{said}");

    let report = person.import(&file);
    let (new, known) = (&report["messages_added"], &report["messages_known"]);
    assert_eq!(new.as_u64().zip(known.as_u64()).map(|(a, b)| a + b), Some(MANY));
    assert!(contents(&person) == contents(&whole), "not the same inbox as in one go");
    assert_eq!(person.import(&file)["messages_added"], 0);

    // A listing whose reader has seen enough is no error.
    let longest = person.lines(&["threads", "--json"]);
    let longest = longest.iter().max_by_key(|t| t["messages"].as_u64()).expect("threads");
    let mut child = spawn(&person, &["show", &longest["id"].to_string()]);
    let mut first = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut first).expect("a line");
    let out = child.wait_with_output().expect("it ends");
    assert_eq!((out.status.code(), out.stderr), (Some(0), vec![]), "{first}");
}

#[test]
fn two_imports_at_once_lose_and_double_nothing() {
    let person = Person::new();
    let mut text = "{\"onebox\":1}\n".to_owned();
    for i in 0..4_000 {
        let (thread, minute, second) = (i % 7, i / 60 % 60, i % 60);
        writeln!(
            text,
            "{{\"record\":\"message\",\"thread\":\"t{thread}\",\"sender\":\"Ana\",\"sent_at\":\
             \"2024-01-01T00:{minute:02}:{second:02}Z\",\"text\":\"{i}\"}}"
        )
        .expect("a string takes all");
    }
    let file = person.file("both.jsonl", &text);
    let path = file.to_str().expect("a path");
    let both =
        [spawn(&person, &["import", path, "--json"]), spawn(&person, &["import", path, "--json"])];
    let reports = both.map(|child| {
        let out = child.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!((out.status.code(), said.as_str()), (Some(0), ""));
        program::parse(&String::from_utf8_lossy(&out.stdout)).remove(0)
    });
    let sum = |field: &str| reports.iter().filter_map(|r| r[field].as_u64()).sum::<u64>();
    assert_eq!((sum("messages_added"), sum("messages_known")), (4_000, 4_000));
    assert_eq!(stored(&person.store()), 4_000);
    assert_eq!(person.lines(&["threads", "--json"]).len(), 7);
    assert_eq!(person.import(&file)["messages_added"], 0);
}

fn small(person: &Person) -> PathBuf {
    let line = "{\"record\":\"message\",\"thread\":\"Ana\",\"sender\":\"Ana\",\
                \"sent_at\":\"2024-05-01T10:00:00Z\",\"text\":\"hello\"}";
    person.file("small.jsonl", &format!("{{\"onebox\":1}}\n{line}\n"))
}

#[test]
fn a_store_from_a_newer_onebox_is_left_alone() {
    let person = Person::new();
    let file = small(&person);
    person.import(&file);
    let db = person.store().join("onebox.db");
    let newer = rusqlite::Connection::open(&db).expect("a database");
    newer.pragma_update(None, "user_version", 99).expect("a version");
    drop(newer);
    let before = std::fs::read(&db).expect("the file");
    for args in [&["threads"][..], &["import", file.to_str().expect("a path")], &["doctor"]] {
        let line = person.run(args).failed(1);
        assert!(line.contains("newer onebox") && line.contains("99"), "{line}");
        assert!(line.contains("--data-dir"), "no way on: {line}");
    }
    assert!(std::fs::read(&db).expect("the file") == before, "it was written to");
}

#[test]
fn what_is_not_a_store_is_left_alone() {
    let person = Person::new();
    let db = person.file("store/onebox.db", "this is somebody's letter, not a database at all\n");
    let line = person.run(&["threads"]).failed(1);
    assert!(line.contains("not a onebox store") && line.contains("--data-dir"), "{line}");
    let text = std::fs::read_to_string(db).expect("still there");
    assert!(text.starts_with("this is somebody's letter"));

    let other = Person::new();
    std::fs::create_dir(other.store()).expect("a folder");
    let db = rusqlite::Connection::open(other.store().join("onebox.db")).expect("a database");
    db.execute_batch("CREATE TABLE bookmark(url TEXT); INSERT INTO bookmark VALUES('x')")
        .expect("SQL");
    drop(db);
    let line = other.run(&["threads"]).failed(1);
    assert!(line.contains("not a onebox store"), "{line}");
}

#[test]
fn a_place_that_cannot_hold_a_store_is_named() {
    let person = Person::new();
    person.file("store", "a file where the folder should be");
    let line = person.run(&["threads"]).failed(1);
    assert!(line.contains("store") && line.contains("--data-dir"), "{line}");
    let line = person.run(&["import", small(&person).to_str().expect("a path")]).failed(1);
    assert!(line.contains("--data-dir"), "{line}");
}

/// A store that may only be read is read; writing is refused with a way on. (Root may write
/// anywhere, so this holds where tests do not run as root.)
#[test]
#[cfg(unix)]
fn a_read_only_folder_is_still_read() {
    use std::os::unix::fs::PermissionsExt;
    let person = Person::new();
    let file = small(&person);
    person.import(&file);
    let set = |mode: u32, path: &Path| {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).expect("permissions");
    };
    let db = person.store().join("onebox.db");
    set(0o400, &db);
    set(0o500, &person.store());
    let root = std::fs::write(person.store().join("probe"), "").is_ok();
    if !root {
        assert_eq!(person.lines(&["threads", "--json"]).len(), 1);
        let line = person.run(&["import", file.to_str().expect("a path")]).failed(1);
        assert!(line.contains("cannot be written") && line.contains("--data-dir"), "{line}");
    }
    set(0o700, &person.store());
    set(0o600, &db);
    assert_eq!(person.import(&file)["messages_known"], 1);
}

/// A file that may not grow is what a full disk looks like to one program.
#[test]
#[cfg(unix)]
fn a_disk_that_takes_no_more_loses_nothing_that_was_stored() {
    let person = Person::new();
    person.import(&small(&person));
    let mut text = "{\"onebox\":1}\n".to_owned();
    for i in 0..20_000 {
        let (hour, minute, second) = (i / 3600, i / 60 % 60, i % 60);
        writeln!(
            text,
            "{{\"record\":\"message\",\"thread\":\"Ben\",\"sender\":\"Ben\",\"sent_at\":\
             \"2024-01-01T{hour:02}:{minute:02}:{second:02}Z\",\"text\":\"message {i}\"}}"
        )
        .expect("a string takes all");
    }
    let file = person.file("more.jsonl", &text);
    let mut shell = person.alone("/bin/sh");
    // 1 MiB, in blocks of 512 bytes; the signal would end the program before it could speak.
    shell.args(["-c", "trap '' XFSZ; ulimit -f 2048; exec \"$0\" \"$@\""]);
    shell.arg(env!("CARGO_BIN_EXE_onebox")).arg("--data-dir").arg(person.store());
    let line = ran(shell.arg("import").arg(&file)).failed(1);
    assert!(!line.is_empty());
    let all = person.lines(&["threads", "--json"]);
    assert!(all.iter().any(|t| t["title"] == "Ana" && t["messages"] == 1), "{all:?}");
    assert_eq!(person.lines(&["doctor", "--json"])[0]["store"]["sound"], true);
    person.import(&file);
    let all = person.lines(&["threads", "--json"]);
    assert!(all.iter().any(|t| t["title"] == "Ben" && t["messages"] == 20_000), "{all:?}");
}
