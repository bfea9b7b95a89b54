//! The peer, in a terminal.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::terminal::Terminal;
use crate::{NAME, Took, process};

/// It needs minutes for its first rooms.
const PATIENCE: Duration = Duration::from_secs(600);
const LOOK: Duration = Duration::from_millis(50);

/// The program.
pub fn find() -> Option<PathBuf> {
    let path = std::env::var_os("IAMB").map_or_else(|| "iamb".into(), PathBuf::from);
    let asked = std::process::Command::new(&path).arg("--version").output();
    asked.is_ok_and(|o| o.status.success()).then_some(path)
}

fn shows(terminal: &mut Terminal, what: &str, right: impl Fn(&str) -> bool) -> Result<Instant> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        terminal.listen(LOOK);
        if right(&terminal.contents()) {
            return Ok(Instant::now());
        }
        if terminal.has_ended() {
            bail!("iamb ended before it showed {what}:\n{}", terminal.contents());
        }
    }
    bail!("iamb never shows {what}:\n{}", terminal.contents())
}

/// Starts it; cold, it signs in, and the clock starts with the password.
pub fn look(
    program: &Path,
    folder: &Path,
    (server, rooms): (&str, usize),
    cold: bool,
) -> Result<Took> {
    let home = folder.join("iamb");
    let config = home.join("config/iamb");
    std::fs::create_dir_all(&config)?;
    std::fs::write(
        config.join("config.toml"),
        format!(
            "default_profile = \"p\"\n[profiles.p]\nuser_id = \"@big:onebox.test\"\nurl = \"{server}\"\n\
             [settings]\nlog_level = \"warn\"\n[settings.notifications]\nenabled = false\n\
             [layout]\nstyle = \"config\"\n[[layout.tabs]]\nwindow = \"iamb://chats\"\n"
        ),
    )?;
    let set = |name: &str, folder: &str| format!("{name}={}", home.join(folder).display());
    let args = [
        set("HOME", "."),
        set("XDG_CONFIG_HOME", "config"),
        set("XDG_DATA_HOME", "data"),
        set("XDG_CACHE_HOME", "cache"),
        program.to_str().context("a path")?.to_owned(),
    ];
    let args: Vec<&OsStr> = args.iter().map(OsStr::new).collect();
    let mut begun = Instant::now();
    let mut terminal = Terminal::start(OsStr::new("env"), &args)?;
    if cold {
        shows(&mut terminal, "a way to sign in", |s| s.to_lowercase().contains("login type"))?;
        // Its prompt reads a key and Enter apart, and what is typed before it listens is lost.
        for _ in 0..10 {
            terminal.press(b"p")?;
            terminal.listen(Duration::from_millis(300));
            terminal.press(b"\r")?;
            terminal.listen(Duration::from_secs(1));
            if terminal.contents().contains("assword:") {
                break;
            }
        }
        shows(&mut terminal, "a prompt", |s| s.contains("assword:"))?;
        terminal.press(b"pw-big")?;
        terminal.listen(Duration::from_millis(300));
        begun = Instant::now();
        terminal.press(b"\r")?;
    }
    let rows = |s: &str| s.matches(&format!("{NAME} ")).count();
    let first = shows(&mut terminal, "a room", |s| rows(s) > 0)? - begun;
    let page = rooms.min(30);
    let all = shows(&mut terminal, "a page of rooms", |s| rows(s) >= page)? - begun;
    let mut took = Took { first: first.as_secs_f64(), all: all.as_secs_f64(), ..Took::default() };
    let id = terminal.id()?;
    process::rest(id, &mut took, |time| {
        terminal.listen(time);
    });
    Ok(took)
}
