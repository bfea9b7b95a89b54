//! Keys while a connector tells of messages as fast as they are stored.

use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use onebox::engine::accounts::Accounts;
use onebox::engine::{Engine, Rules, Settings, Store};
use onebox::inbox::{Request, ThreadFilter};

use crate::table::{Row, Runs, Target};
use crate::terminal::Terminal;

const KEYS: usize = 200;
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two keys; a key that has moved nothing after the other never will.
const PACE: Duration = Duration::from_millis(25);
const WAIT: Duration = Duration::from_millis(1000);
const TITLE: &str = "Storm ";

/// A store with one account of the storm, and the first of its threads.
fn fill(root: &Path) -> Result<()> {
    let settings = Settings::plain(Rules::builtin()?);
    let engine = Engine::new(Arc::new(Store::open(root)?), Arc::new(settings))?;
    let (tell, _updates) = sync_channel(100_000);
    let mut look = engine.another()?;
    let accounts =
        Accounts::start(engine, root.to_owned(), Accounts::real(), tell, Box::new(|| {}));
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/live/storm.py");
    accounts.wish(Request::AddAccount { connector: program.to_owned() });
    let begun = Instant::now();
    while look.threads(&ThreadFilter::default(), 0, 100, None)?.rows.len() < 100 {
        if begun.elapsed() > PATIENCE {
            bail!("the storm does not begin");
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
    Ok(())
}

/// Keys in the list, and what stands still in the transcript, while it storms.
pub fn rows() -> Result<Vec<Row>> {
    eprintln!("… keys in a storm");
    let folder = tempfile::tempdir()?;
    let root = folder.path().join("store");
    fill(&root)?;
    let args = [OsStr::new("--data-dir"), root.as_os_str()];
    let program = std::env::var_os("ONEBOX").unwrap_or_else(|| env!("CARGO_BIN_EXE_onebox").into());
    let mut terminal = Terminal::start(&program, &args)?;
    terminal.shows(TITLE)?;
    terminal.listen(Duration::from_secs(2));
    let before = stored(&root)?;
    let begun = Instant::now();
    let mut took = Runs::default();
    let mut unmoved = 0;
    for n in 0..KEYS {
        // Help comes and goes: a frame that nothing but the key can have drawn.
        let (key, opens): (&[u8], bool) = if n % 2 == 0 { (b"?", true) } else { (b"\x1b", false) };
        let pressed = terminal.press(key)?;
        let mut answered = None;
        while answered.is_none() && pressed.elapsed() < WAIT {
            let seen = terminal.contents();
            if let Some(frame) = terminal.change(&seen, WAIT)
                && terminal.contents().contains("Help") == opens
            {
                answered = Some(frame.at - pressed);
            }
        }
        match answered {
            Some(time) => took.push(time.as_secs_f64() * 1e3),
            None => unmoved += 1,
        }
        terminal.listen(PACE);
    }
    let rate = (stored(&root)? - before) as f64 / begun.elapsed().as_secs_f64();
    let memory = terminal.memory()?;
    let ms = |n: f64| format!("{n:.2} ms");
    Ok(vec![
        Row::told(format!("key to frame in a storm, p50 of {}", took.count()), ms(took.median()))
            .against(format!("{rate:.0} messages stored a second; {unmoved} keys unanswered")),
        Row::told("· p99", ms(took.percentile(99))).held(
            took.percentile(99),
            "ms",
            Some(Target::AtMost(16.0)),
        ),
        Row::told("· worst", ms(took.percentile(100))),
        Row::told("· the inbox's memory, peak", format!("{:.1} MB", memory.peak)),
    ])
}

/// How many messages the store holds.
fn stored(root: &Path) -> Result<u64> {
    let store = Store::open(root)?;
    Ok(store.reader()?.extents(None)?.iter().map(|e| e.messages).sum())
}
