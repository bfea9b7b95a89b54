//! README says what is true: its keys are the keymap's, its commands are those that are checked,
//! its links lead somewhere.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use onebox::tui::command::{COMMANDS, CommandInfo, Context, Group};
use onebox::tui::keymap::Keymap;

const FROM: &str = "<!-- keys -->\n";
const TO: &str = "<!-- /keys -->";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// Moving and deleting in a text is as everywhere; help names those keys.
fn is_editing(info: &CommandInfo) -> bool {
    info.group == Group::Write
        && !["compose", "reply", "send", "newline", "edit-outside", "handed-off", "discard-draft"]
            .contains(&info.name)
}

/// The keys of a command in the first place that has some.
fn keys(info: &CommandInfo, map: &Keymap) -> String {
    let order =
        [Context::List, Context::Transcript, Context::Composer, Context::Global, Context::Import];
    let found = order.iter().map(|c| map.keys_for(info.command, *c)).find(|k| !k.is_empty());
    let keys: Vec<String> = found.unwrap_or_default().iter().map(|k| code(k)).collect();
    keys.join(" ")
}

/// As code in a table's cell.
fn code(key: &str) -> String {
    format!("`{}`", key.replace('|', "\\|"))
}

/// A row for each group of commands.
fn table() -> String {
    let map = Keymap::builtin();
    let mut out = "| | |\n|---|---|\n".to_owned();
    for group in [Group::Move, Group::Filter, Group::Thread, Group::Write, Group::Program] {
        // What only answers a popup or a form is told there.
        let passing = |i: &CommandInfo| matches!(i.contexts[0], Context::Popup | Context::Import);
        let of_group =
            COMMANDS.iter().filter(|i| i.group == group && !is_editing(i) && !passing(i));
        let told: Vec<String> = of_group
            .map(|info| (keys(info, &map), info.help))
            .filter(|(keys, _)| !keys.is_empty())
            .map(|(keys, help)| format!("{keys} {}", lower(help)))
            .collect();
        writeln!(out, "| **{}** | {} |", group.title(), told.join(" · ")).expect("a string");
    }
    out
}

/// A sentence that goes on in a list.
fn lower(help: &str) -> String {
    let mut letters = help.chars();
    letters.next().map_or_else(String::new, |c| c.to_lowercase().chain(letters).collect())
}

#[test]
fn the_keys_are_those_of_the_keymap() {
    let text = read("README.md");
    let (head, rest) = text.split_once(FROM).expect("a place for the keys");
    let (_, tail) = rest.split_once(TO).expect("an end of the keys");
    let wanted = format!("{head}{FROM}{}{TO}{tail}", table());
    if std::env::var_os("ONEBOX_WRITE_README").is_some() {
        fs::write(root().join("README.md"), wanted).expect("a writable README");
    } else {
        assert!(
            text == wanted,
            "the keys in README are not those of the keymap; run ONEBOX_WRITE_README=1 cargo test \
             --test readme"
        );
    }
}

/// What README tells a person to run is what is checked on every change.
#[test]
fn the_test_command_is_the_one_that_is_run() {
    let command = "cargo test --locked";
    assert!(read("README.md").contains(&format!("\n{command} ")), "README names {command}");
    let run = read(".ci/run");
    assert_eq!(run.trim_end().lines().last(), Some(command));
}

#[test]
fn links_lead_somewhere() {
    for file in ["README.md", "src/README.md"] {
        let text = read(file);
        let base = root().join(file);
        let base = base.parent().unwrap_or(Path::new(""));
        for part in text.split("](").skip(1) {
            let target = part.split(')').next().unwrap_or("");
            if !target.starts_with("https://") {
                assert!(base.join(target).exists(), "{file}: {target}");
            }
        }
    }
}

#[test]
fn the_toolchain_is_the_one_that_is_stated() {
    let stated = env!("CARGO_PKG_RUST_VERSION");
    assert!(read("README.md").contains(&format!("({stated} or newer)")), "{stated}");
    for name in ["LICENSE-MIT", "LICENSE-APACHE"] {
        assert!(read(name).contains("the onebox contributors"), "{name}");
    }
}
