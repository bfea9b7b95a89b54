//! The house rules that no compiler checks: who may import whom, what may be named where, how long
//! a file may be, and that the map is true.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Who may import whom. `model` is everyone's. The table is architecture, not habit: change the
/// map in `src/README.md` first.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("text", &[]),
    ("sources", &["model"]),
    ("policy", &["model"]),
    ("config", &["model"]),
    ("search", &["model"]),
    ("inbox", &["model", "search"]),
    ("pages", &["model", "inbox", "text"]),
    ("store", &["model", "policy", "search"]),
    ("engine", &["model", "sources", "store", "policy", "inbox", "config", "search", "pages"]),
    ("tui", &["model", "inbox", "config", "text", "search"]),
    ("cli", &["model", "engine", "inbox", "config", "text", "search", "pages"]),
    ("main", &["cli", "tui", "engine", "config", "inbox", "model"]),
    // Programs of their own: a connector knows the contract and nothing else of the house.
    ("bin", &["model", "sources"]),
];

/// (what must not be named, where it may be after all, why).
const ONLY_IN: &[(&str, &[&str], &str)] = &[
    (
        "rusqlite",
        &["store/", "sources/database/"],
        "the store knows its engine, a frame reads others' files",
    ),
    ("tantivy", &["store/index/"], "the index alone knows its engine"),
    (
        "crossterm::",
        &["tui/run.rs", "tui/terminal.rs", "tui/keymap.rs", "tui/input.rs"],
        "the rest of the screen is pure",
    ),
    ("anyhow", &["main.rs", "cli/"], "rooms have errors of their own"),
    (
        "std::fs",
        &[
            "engine/",
            "store/",
            "sources/file_tree",
            "sources/live/tests.rs",
            "bin/",
            "config/",
            "cli/",
            "main.rs",
        ],
        "readers get a FileTree, the screen gets rows",
    ),
    ("std::net", &["bin/"], "the inbox program opens no socket, ever"),
    ("tokio::net", &["bin/"], "the inbox program opens no socket, ever"),
    ("matrix_sdk", &["bin/onebox-matrix/"], "a network library belongs in its connector's program"),
    ("std::process::Command", &["engine/", "cli/", "bin/"], "only the engine starts programs"),
    ("Utc::now", &["engine/", "cli/", "main.rs", "tui/run.rs"], "time is a parameter"),
    ("SystemTime::now", &["engine/", "store/", "cli/", "main.rs"], "time is a parameter"),
    ("Local::now", &["engine/", "cli/", "main.rs", "tui/run.rs"], "time is a parameter"),
    (
        "Instant::now",
        &["engine/", "store/", "cli/", "main.rs", "tui/run.rs"],
        "time is a parameter",
    ),
];

/// Files that may be longer than 600 lines, and why.
const LONG: &[(&str, &str)] =
    &[("tui/panes/transcript/state.rs", "threads and timelines share every line of paging")];

/// Folders of `sources/` that are frame, not an app: what several of them share.
const FRAME: &[&str] = &["meta", "interchange", "live", "json", "database", "markup"];
const LIMIT: usize = 600;
const VAGUE: &[&str] = &["utils", "util", "helpers", "common", "base", "misc", "manager"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(below: &str, ending: &str) -> Vec<PathBuf> {
    fn walk(dir: &Path, ending: &str, out: &mut Vec<PathBuf>) {
        let mut names: Vec<_> = fs::read_dir(dir)
            .into_iter()
            .flatten()
            .map(|e| e.expect("a readable folder").path())
            .collect();
        names.sort();
        for path in names {
            if path.is_dir() {
                walk(&path, ending, out);
            } else if path.to_string_lossy().ends_with(ending) {
                out.push(path);
            }
        }
    }
    let mut out = Vec::new();
    walk(&root().join(below), ending, &mut out);
    out
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root().join("src")).expect("below src").to_string_lossy().replace('\\', "/")
}

/// Source files as (path below src, text).
fn sources() -> Vec<(String, String)> {
    files("src", ".rs")
        .into_iter()
        .map(|p| (relative(&p), fs::read_to_string(&p).expect("readable source")))
        .collect()
}

fn room(path: &str) -> &str {
    path.split(['/', '.']).next().expect("a first part")
}

/// Lines of code, without comments and without the unit tests at the end of a file.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .take_while(|l| !l.trim_start().starts_with("#[cfg(test)]"))
        .enumerate()
        .map(|(i, l)| (i + 1, l.split("//").next().unwrap_or("")))
}

#[test]
fn rooms_import_only_what_they_may() {
    let table: BTreeMap<_, BTreeSet<_>> =
        MAY_IMPORT.iter().map(|(r, may)| (*r, may.iter().copied().collect())).collect();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let here = room(&path);
        if here == "lib" {
            continue;
        }
        let Some(may) = table.get(here) else {
            wrong.push(format!("src/{path}: room {here} is not in the table"));
            continue;
        };
        for (line, text) in code(&text) {
            for part in text.split("crate::").skip(1).chain(text.split("onebox::").skip(1)) {
                let there = part.split(|c: char| !c.is_alphanumeric() && c != '_').next();
                let there = there.unwrap_or("");
                let is_room = table.contains_key(there);
                if is_room && there != here && !may.contains(there) {
                    wrong.push(format!("src/{path}:{line} → {there}"));
                }
            }
        }
        // One source never knows another.
        let mut parts = path.split('/');
        if let (Some("sources"), Some(mine), Some(_)) = (parts.next(), parts.next(), parts.next()) {
            for (line, text) in code(&text) {
                for other in text.split("sources::").skip(1) {
                    let other = other.split(|c: char| !c.is_alphanumeric() && c != '_').next();
                    let other = other.unwrap_or("");
                    let is_source = root().join("src/sources").join(other).is_dir();
                    if is_source && !other.is_empty() && other != mine && !FRAME.contains(&other) {
                        wrong.push(format!("src/{path}:{line} → sources/{other}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "imports against the house plan:\n{}", wrong.join("\n"));
}

/// The table itself has no way back up.
#[test]
fn rooms_form_no_cycle() {
    fn reach<'a>(from: &'a str, seen: &mut BTreeSet<&'a str>) {
        for (_, may) in MAY_IMPORT.iter().filter(|(r, _)| *r == from) {
            for next in *may {
                if seen.insert(next) {
                    reach(next, seen);
                }
            }
        }
    }
    for (start, _) in MAY_IMPORT {
        let mut seen = BTreeSet::new();
        reach(start, &mut seen);
        assert!(!seen.contains(start), "{start} can reach itself");
    }
}

#[test]
fn nothing_is_named_where_it_must_not_be() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        for (word, allowed, why) in ONLY_IN {
            if allowed.iter().any(|a| path.starts_with(a)) {
                continue;
            }
            for (line, text) in code(&text).filter(|(_, l)| l.contains(word)) {
                wrong.push(format!("src/{path}:{line}: {word} ({why}): {}", text.trim()));
            }
        }
        if path.ends_with("state.rs") && code(&text).any(|(_, l)| l.contains("ratatui")) {
            wrong.push(format!("src/{path}: a state draws nothing, so it needs no ratatui"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_are_small_and_say_what_they_are() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if !text.starts_with("//!") && !text.starts_with("#![doc") {
            wrong.push(format!("src/{path}: does not open with a //! sentence"));
        }
        let long = code(&text).count();
        if long > LIMIT && !LONG.iter().any(|(p, _)| *p == path) {
            wrong.push(format!("src/{path}: {long} lines without its tests; over {LIMIT}"));
        }
        let stem = Path::new(&path).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if VAGUE.contains(&stem.as_str()) || path.split('/').any(|p| VAGUE.contains(&p)) {
            wrong.push(format!("src/{path}: a name that says nothing"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The map's list of files is the tree's: each line "`path`: sentence", the sentence being the
/// file's own first line.
#[test]
fn the_map_is_true() {
    let map = fs::read_to_string(root().join("src/README.md")).expect("src/README.md");
    let mut expected = String::new();
    let mut at = String::new();
    for (path, text) in sources().into_iter().filter(|(p, _)| p.contains('/')) {
        let first = text.lines().next().unwrap_or("").trim_start_matches("//!").trim();
        let dir = path.rsplit_once('/').map_or("", |(d, _)| d).to_owned();
        if dir != at {
            expected.push_str(&format!("\n**`{dir}/`**\n"));
            at = dir;
        }
        let name = path.rsplit('/').next().unwrap_or(&path);
        expected.push_str(&format!("- `{name}`: {first}\n"));
    }
    let (head, _) = map.split_once("<!-- files -->").expect("a <!-- files --> line in the map");
    let wanted = format!("{head}<!-- files -->\n{expected}");
    if std::env::var_os("ONEBOX_WRITE_MAP").is_some() {
        fs::write(root().join("src/README.md"), &wanted).expect("a writable map");
    } else {
        assert!(
            map == wanted,
            "the map's list of files is not the tree's; run ONEBOX_WRITE_MAP=1 cargo test --test tidy"
        );
    }
}
