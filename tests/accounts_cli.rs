//! `onebox accounts` and `onebox send` with the connector in Python: questions, listings, exit
//! codes.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn connector() -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/connector/folder.py");
    path.to_str().expect("a path").to_owned()
}

/// Runs onebox over a store, with something to read.
fn onebox(data: &Path, args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_onebox"))
        .arg("--data-dir")
        .arg(data)
        .args(args)
        .env("XDG_CONFIG_HOME", data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("onebox");
    let mut to = child.stdin.take().expect("a pipe");
    to.write_all(input.as_bytes()).expect("it reads");
    drop(to);
    child.wait_with_output().expect("it ends")
}

fn said(output: &Output) -> (i32, String, String) {
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

#[test]
fn an_account_is_added_listed_written_to_and_removed() {
    let dir = tempfile::tempdir().expect("a folder");
    let (data, shared) = (dir.path().join("data"), dir.path().join("shared"));
    std::fs::create_dir_all(shared.join("Climbing")).expect("a folder");
    std::fs::write(shared.join("Climbing/1700000000000-Ana-a1.txt"), "hi").expect("a message");
    let (code, out, _) = said(&onebox(&data, &["accounts", "list"], ""));
    assert_eq!((code, out.contains("accounts add matrix")), (0, true), "{out}");

    let answers = format!("/nowhere\n{}\nSam\n", shared.display());
    let (code, out, err) = said(&onebox(&data, &["accounts", "add", &connector()], &answers));
    assert_eq!(code, 0, "{out}{err}");
    assert!(
        out.contains("Connected as Sam: 1 thread") && err.contains("is no folder"),
        "{out}{err}"
    );

    let listed = || said(&onebox(&data, &["threads", "--json"], "")).1;
    let line = listed();
    let row: Value = serde_json::from_str(line.lines().next().expect("a thread")).expect("JSON");
    assert_eq!((&row["title"], &row["verdict"]), (&"Climbing".into(), &"live".into()), "{row}");

    let id = row["id"].to_string();
    let (code, out, err) = said(&onebox(&data, &["send", &id, "see you there"], ""));
    assert_eq!((code, out.as_str()), (0, "sent\n"), "{err}");
    let said_there = std::fs::read_dir(shared.join("Climbing")).expect("a folder");
    let texts = said_there.map(|f| std::fs::read_to_string(f.expect("a file").path()));
    assert!(texts.into_iter().any(|t| t.expect("text") == "see you there"));

    // What is piped in is the text.
    let (code, ..) = said(&onebox(&data, &["send", &id, "-"], "two\nlines\n"));
    assert_eq!(code, 0);
    let all = std::fs::read_dir(shared.join("Climbing")).expect("a folder");
    let mut texts = all.map(|f| std::fs::read_to_string(f.expect("a file").path()).expect("text"));
    assert!(texts.any(|t| t == "two\nlines"));

    let (_, out, _) = said(&onebox(&data, &["accounts", "list", "--json"], ""));
    let account: Value = serde_json::from_str(out.trim()).expect("one account");
    assert_eq!((&account["me"], &account["quiet"]), (&"Sam".into(), &false.into()), "{account}");
    let (code, ..) = said(&onebox(&data, &["accounts", "quiet", "1"], ""));
    assert_eq!(code, 0);

    let (code, _, err) = said(&onebox(&data, &["--read-only", "send", &id, "quietly"], ""));
    assert_eq!((code, err.contains("--read-only")), (3, true), "{err}");

    let (code, out, err) = said(&onebox(&data, &["accounts", "remove", "1"], ""));
    assert_eq!((code, out.contains("archives")), (0, true), "{err}");
    let (code, _, err) = said(&onebox(&data, &["send", &id, "gone"], ""));
    assert_eq!((code, err.contains("no account is connected")), (3, true), "{err}");
    assert!(listed().contains("hand-off"));
}

#[test]
fn giving_up_adds_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let (code, _, err) = said(&onebox(dir.path(), &["accounts", "add", &connector()], ""));
    assert_eq!((code, err.contains("nothing was added")), (1, true), "{err}");
    let (code, _, err) = said(&onebox(dir.path(), &["accounts", "add", "no-such-thing"], ""));
    assert_eq!((code, err.contains("no program")), (1, true), "{err}");
    let (_, out, _) = said(&onebox(dir.path(), &["accounts", "list", "--json"], ""));
    assert_eq!(out, "");
    let (code, _, err) = said(&onebox(dir.path(), &["accounts", "remove", "7"], ""));
    assert_eq!((code, err.contains("no account 7")), (2, true), "{err}");
}

/// A connector that is online and has a question left; it writes down what was answered.
const ASKS: &str = r#"#!/usr/bin/env python3
import json, pathlib, sys
def tell(news, **more):
    print(json.dumps({"news": news, **more}), flush=True)
order = json.loads(sys.stdin.readline())
there = pathlib.Path(order["state_dir"]) / "answer"
tell("hello", version=1, name="Asks", can=["verify"])
tell("link", state="online", me="Sam")
tell("ask", id="1", text="Verify this device:", kind="compare", symbols=["\U0001F436 Dog"])
for line in sys.stdin:
    order = json.loads(line)
    if order["order"] == "answer":
        there.write_text(json.dumps(order["value"]))
        tell("all-threads")
    if order["order"] == "stop":
        break
"#;

/// Who is signed in may leave what is still asked for later, and nothing but a clear yes agrees.
#[cfg(unix)]
#[test]
fn a_question_after_signing_in_does_not_undo_it() {
    use std::os::unix::fs::PermissionsExt as _;
    for (input, answer) in [("maybe\nY\n", "\"yes\""), ("n\n", "\"no\""), ("", "null")] {
        let dir = tempfile::tempdir().expect("a folder");
        let (data, asks) = (dir.path().join("data"), dir.path().join("asks"));
        std::fs::write(&asks, ASKS).expect("a connector");
        std::fs::set_permissions(&asks, std::fs::Permissions::from_mode(0o755)).expect("runs");
        let asks = asks.to_str().expect("a path");
        let (code, out, err) = said(&onebox(&data, &["accounts", "add", asks], input));
        assert_eq!((code, out.contains("Connected as Sam")), (0, true), "{input:?}: {out}{err}");
        let kept = std::fs::read_to_string(data.join("connectors/1/answer"));
        assert_eq!(kept.expect("an answer"), answer, "{input:?}");
    }
}

/// Killed at any moment, a text that was taken goes out once, or stays where it was.
#[test]
fn sends_that_are_killed_are_neither_lost_nor_doubled() {
    let dir = tempfile::tempdir().expect("a folder");
    let (data, shared) = (dir.path().join("data"), dir.path().join("shared"));
    std::fs::create_dir_all(shared.join("Climbing")).expect("a folder");
    let answers = format!("{}\nSam\n", shared.display());
    let (code, out, err) = said(&onebox(&data, &["accounts", "add", &connector()], &answers));
    assert_eq!(code, 0, "{out}{err}");
    // Ever later, until one has come to its end by itself.
    for n in 0..200u64 {
        let mut child = Command::new(env!("CARGO_BIN_EXE_onebox"))
            .arg("--data-dir")
            .arg(&data)
            .args(["send", "1", &format!("text {n}")])
            .env("XDG_CONFIG_HOME", &data)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("onebox");
        std::thread::park_timeout(std::time::Duration::from_millis(n * 45));
        let done = child.try_wait().expect("a process").is_some();
        drop(child.kill());
        drop(child.wait());
        if done {
            break;
        }
    }
    let (code, _, err) = said(&onebox(&data, &["send", "1", "the last"], ""));
    assert_eq!(code, 0, "{err}");
    let files = std::fs::read_dir(shared.join("Climbing")).expect("a folder");
    let mut there: Vec<String> =
        files.map(|f| std::fs::read_to_string(f.expect("a file").path()).expect("text")).collect();
    there.sort();
    let (_, out, _) = said(&onebox(&data, &["show", "1", "--json"], ""));
    let mut here: Vec<String> = out
        .lines()
        .map(|l| serde_json::from_str::<Value>(l).expect("JSON")["text"].clone())
        .map(|t| t.as_str().expect("a text").to_owned())
        .collect();
    here.sort();
    assert_eq!(there, here, "once there, once here");
    let mut once = here.clone();
    once.dedup();
    assert_eq!(once.len(), here.len(), "{here:?}");
    assert!(here.len() >= 2, "one had time: {here:?}");
}

#[test]
fn two_accounts_of_mine_are_one_and_two_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path().join("data");
    let run = |args: &[&str]| said(&onebox(&data, args, ""));
    for (name, minute) in [("Sam", 1), ("Sam Rivera", 2)] {
        let chat = dir.path().join(format!("{minute}/WhatsApp Chat with Ana.txt"));
        std::fs::create_dir_all(chat.parent().expect("a folder")).expect("a folder");
        let lines = format!(
            "25/12/2023, 10:0{minute} - Ana: merry christmas {name}\n\
             25/12/2023, 10:1{minute} - {name}: to you too\n"
        );
        std::fs::write(&chat, lines).expect("an export");
        let path = chat.display().to_string();
        let (code, _, err) = run(&["import", &path, "--account", name, "--me", name]);
        assert_eq!(code, 0, "{err}");
    }
    let rows = || -> Vec<Value> {
        let (code, out, err) = run(&["accounts", "mine", "--json"]);
        assert_eq!(code, 0, "{err}");
        out.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect()
    };
    let ids: Vec<String> = rows().iter().map(|r| r["id"].to_string()).collect();
    assert_eq!(ids.len(), 2, "{:?}", rows());
    let threads = || run(&["threads", "--json"]).1.lines().count();
    assert_eq!(threads(), 2);
    let (code, out, err) = run(&["accounts", "same", &ids[0], &ids[1]]);
    assert_eq!((code, out.trim().ends_with("are one account now")), (0, true), "{out}{err}");
    assert_eq!(threads(), 1);
    assert_eq!(rows()[0]["same_as"], serde_json::json!([rows()[1]["id"]]));
    let (_, out, _) = run(&["accounts", "mine"]);
    assert!(out.lines().all(|l| l.contains("the same as")), "{out}");
    let (code, out, err) = run(&["accounts", "apart", &ids[1]]);
    assert_eq!((code, out.contains("of its own again")), (0, true), "{err}");
    assert_eq!(threads(), 2);
    let (code, _, err) = run(&["accounts", "same", &ids[0], "99"]);
    assert_eq!((code, err.contains("no account 99")), (2, true), "{err}");
}
