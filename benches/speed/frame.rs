//! The screen: how soon the first frame stands, how soon a key is answered, what it costs to rest.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::Plan;
use crate::cost;
use crate::empty::{EMPTY, TEXT};
use crate::generate::{Form, GIANT};
use crate::import;
use crate::table::{Row, Runs, Target};
use crate::terminal::Terminal;

/// Starts of each program.
const STARTS: usize = 21;
/// Keys of each kind.
const KEYS: usize = 300;
/// Nothing more comes of a key after this.
const QUIET: Duration = Duration::from_millis(25);
/// A key that has not moved anything after this never will.
const WAIT: Duration = Duration::from_millis(500);
const REST: Duration = Duration::from_secs(3);

/// The store that is looked at; filled by an import if it is not there.
fn store(plan: &Plan) -> Result<PathBuf> {
    let store = plan.scratch.join(format!("screen-{}", plan.messages));
    let done = store.join("filled");
    if !done.exists() {
        let export = plan.export(Form::MessengerFolder, plan.messages)?;
        cost::of(&import::searchable(&export, &store))?;
        std::fs::write(done, "")?;
    }
    Ok(store)
}

fn onebox(store: &Path) -> Result<Terminal> {
    let args = [OsStr::new("--data-dir"), store.as_os_str()];
    Terminal::start(OsStr::new(env!("CARGO_BIN_EXE_onebox")), &args)
}

/// From the start of the program to the first frame that shows what it should.
pub fn first_frame(plan: &Plan) -> Result<Vec<Row>> {
    let store = store(plan)?;
    let this = std::env::current_exe()?;
    let (mut ours, mut empty) = (Runs::default(), Runs::default());
    let (mut memory, mut memory_empty) = (Runs::default(), Runs::default());
    for start in 0..=STARTS {
        let mut a = onebox(&store)?;
        let a_took = a.shows(GIANT)?;
        let mut b = Terminal::start(this.as_os_str(), &[OsStr::new(EMPTY)])?;
        let b_took = b.shows(TEXT)?;
        // The first start of each warms the page cache.
        if start > 0 {
            ours.push(a_took.as_secs_f64() * 1000.0);
            empty.push(b_took.as_secs_f64() * 1000.0);
            a.settle(QUIET);
            memory.push(a.memory()?.now);
            memory_empty.push(b.memory()?.now);
        }
    }
    Ok(vec![
        Row::told("first full frame, from exec", ours.shown(1, "ms"))
            .against(format!("{} an empty ratatui program", empty.shown(1, "ms")))
            .ratio(&single(ours.median() / empty.median()), "×", Some(Target::AtMost(2.0))),
        Row::told("· p90", single(ours.percentile(90)).shown(1, "ms"))
            .against(single(empty.percentile(90)).shown(1, "ms")),
        Row::told("· resident then", memory.shown(1, "MB"))
            .against(memory_empty.shown(1, "MB"))
            .held(memory.percentile(100), "MB", Some(Target::AtMost(40.0))),
    ])
}

fn single(n: f64) -> Runs {
    [n].into_iter().collect()
}

struct Answers {
    took: Runs,
    bytes: Runs,
    unmoved: usize,
}

/// From a key to the end of the frame that answers it, in the largest thread.
pub fn keys(plan: &Plan) -> Result<Vec<Row>> {
    let store = store(plan)?;
    let mut terminal = onebox(&store)?;
    terminal.shows(GIANT)?;
    terminal.settle(QUIET);
    // The giant wrote last, so it is the first row; entering it shows its newest messages.
    terminal.press(b"\r")?;
    terminal.frame()?;
    terminal.settle(QUIET * 8);
    let lines = answers(&mut terminal, b"k").context("line by line")?;
    let pages = answers(&mut terminal, b"\x1b[5~").context("page by page")?;
    let memory = terminal.memory()?;
    let mut rows = told("line up", &lines);
    rows.extend(told("page up", &pages));
    rows.push(Row::told("· resident after it, peak", single(memory.peak).shown(1, "MB")).held(
        memory.now,
        "MB",
        Some(Target::AtMost(40.0)),
    ));
    terminal.settle(QUIET * 8);
    let before = terminal.used()?;
    let bytes = terminal.listen(REST);
    let after = terminal.used()?;
    let wakes = after.wakes - before.wakes;
    rows.push(
        Row::told("at rest for 3 s", format!("{wakes} wakes, {bytes} bytes"))
            .against(format!("{} ticks of CPU", after.ticks - before.ticks))
            .held(wakes.max(bytes as u64) as f64, "", Some(Target::AtMost(0.0))),
    );
    Ok(rows)
}

fn answers(terminal: &mut Terminal, key: &[u8]) -> Result<Answers> {
    let mut answers = Answers { took: Runs::default(), bytes: Runs::default(), unmoved: 0 };
    for _ in 0..KEYS {
        let before = terminal.contents();
        let pressed = terminal.press(key)?;
        let Some(frame) = terminal.change(&before, WAIT) else {
            answers.unmoved += 1;
            continue;
        };
        answers.took.push((frame.at - pressed).as_secs_f64() * 1000.0);
        let more = terminal.settle(QUIET);
        answers.bytes.push((frame.bytes + more) as f64);
    }
    if answers.took.count() < KEYS / 2 {
        bail!("{} of {KEYS} keys moved nothing:\n{}", answers.unmoved, terminal.contents());
    }
    Ok(answers)
}

fn told(what: &str, a: &Answers) -> Vec<Row> {
    let (p50, p99) = (a.took.median(), a.took.percentile(99));
    vec![
        Row::told(
            format!("key to frame, {what}, p50 of {}", a.took.count()),
            single(p50).shown(2, "ms"),
        )
        .against(format!("{} keys moved nothing", a.unmoved))
        .held(p50, "ms", Some(Target::AtMost(2.0))),
        Row::told("· p99", single(p99).shown(2, "ms")).held(p99, "ms", Some(Target::AtMost(16.0))),
        Row::told("· bytes for a key", a.bytes.shown(0, "B")),
    ]
}
