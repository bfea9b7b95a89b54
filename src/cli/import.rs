//! `onebox import`.

use std::io::{IsTerminal, Read};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;

use super::args::ImportArgs;
use super::{WrongUse, json, out};
use crate::engine::{Detected, Engine, EngineError, ImportOptions, Progress, ReadOptions};
use crate::inbox::{ExportLook, ImportProgress, ImportSummary};
use crate::model::{Bytes, Key, Timestamp};

/// What is found at the paths, and is wanted. `None`: none of it.
fn wanted(a: &ImportArgs) -> Result<Option<Vec<Detected>>> {
    for path in &a.paths {
        if !path.exists() {
            let why = "does not exist; give the zip or folder that you downloaded";
            return Err(WrongUse(format!("{}: {why}", path.display())).into());
        }
    }
    let found = match crate::engine::detect(&a.paths, a.source.as_deref()) {
        Err(EngineError::Source(why)) => return Err(WrongUse(why).into()),
        found => found?,
    };
    let ask = found.len() > 1 && !(a.all || a.json || a.dry_run) && somebody();
    if ask { super::choose::ask(found) } else { Ok(Some(found)) }
}

pub fn import(engine: &mut Engine, a: &ImportArgs) -> Result<ExitCode> {
    let Some(found) = wanted(a)? else { return Ok(ExitCode::SUCCESS) };
    let mut options = ImportOptions {
        source: a.source.clone(),
        read: ReadOptions {
            account: a.account.clone(),
            me: a.me.clone(),
            date_order: a.date_order.map(Into::into),
            zone: a.time_zone.unwrap_or_default(),
            known_me: Vec::new(),
            key: a.key.as_deref().map(key).transpose()?,
        },
        again: a.again,
    };
    let progress = Arc::new(Progress::default());
    let stop = interrupt()?;
    progress.watch(Arc::clone(&stop));
    let show = !a.json && std::io::stderr().is_terminal();
    if a.dry_run {
        return with_progress(&progress, show, || engine.look_into(&found, &options, &progress))
            .and_then(|looks| would(&looks, &found, a.json));
    }
    let chosen: Vec<_> = found.iter().map(Detected::key).collect();
    let mut summaries =
        with_progress(&progress, show, || engine.import(found, &options, &progress))?;
    while let Some(key) = while_asking(&stop, || asked(a, &summaries))? {
        options.read.key = Some(key);
        let mut found = crate::engine::detect(&a.paths, a.source.as_deref())?;
        let (before, done): (Vec<_>, Vec<_>) =
            summaries.into_iter().partition(|s| !s.locked.is_empty());
        found.retain(|d| chosen.contains(&d.key()) && before.iter().any(|s| s.id == d.source.id));
        let opened = with_progress(&progress, show, || engine.import(found, &options, &progress))?;
        summaries = done;
        summaries.extend(opened.into_iter().map(|s| since(&before, s)));
    }
    if a.json {
        let reports: Vec<_> = summaries.iter().map(json::report).collect();
        match reports.as_slice() {
            [one] => out::json(one)?,
            many => out::json(&many)?,
        }
    } else {
        for s in &summaries {
            print(s)?;
        }
        // Whoever stops it wants to go.
        if a.me.is_none() && somebody() && !progress.is_cancelled() {
            let open = summaries.iter().filter(|s| s.account.is_empty());
            let open: Vec<_> = open.map(|s| s.id.as_str()).collect();
            while_asking(&stop, || super::me::ask(engine, &open))?;
        }
    }
    if !a.no_index {
        super::search::follow(engine, show, &|| !progress.is_cancelled())?;
    }
    let cut = progress.is_cancelled();
    if cut {
        out::complain("stopped; what was stored stays. Import the same path again to go on");
    }
    for s in summaries.iter().filter(|s| s.is_unreadable() && !s.partial) {
        let source = out::clean(&s.source);
        out::complain(&format!(
            "nothing of this {source} export could be read; it may be damaged or cut off: download \
             or copy it again"
        ));
    }
    let unread = summaries.iter().any(|s| !s.locked.is_empty() || s.is_unreadable());
    Ok(ExitCode::from(u8::from(cut || unread)))
}

/// What came of an export in both passes: what the first one stored is new, though the second one,
/// which had the key, met it again.
fn since(before: &[ImportSummary], mut now: ImportSummary) -> ImportSummary {
    let same = |b: &&ImportSummary| {
        b.id == now.id
            && (b.account == now.account || b.account.is_empty() || now.account.is_empty())
    };
    if let Some(first) = before.iter().find(same) {
        let moved = first.threads_added.min(now.threads_known);
        now.threads_added += moved;
        now.threads_known -= moved;
        let moved = first.messages_added.min(now.messages_known);
        now.messages_added += moved;
        now.messages_known -= moved;
        now.elapsed += first.elapsed;
    }
    now
}

/// What would be imported.
fn would(looks: &[ExportLook], found: &[Detected], as_json: bool) -> Result<ExitCode> {
    for (d, look) in found.iter().zip(looks) {
        if as_json {
            out::json(&json::look(d, look))?;
            continue;
        }
        out::line(&format!("{}  {}", out::clean(&d.what), out::clean(&d.lies.join(", "))))?;
        let me = whose(&look.account, &look.known_by, look.locked.is_some());
        out::line(&format!("  {}", out::clean(&me)))?;
        let mut facts = vec![out::counted(look.threads, "thread")];
        facts.push(out::counted(look.messages, "message"));
        if let (Some(first), Some(last)) = (look.first, look.last) {
            facts.push(period(first, last));
        }
        facts.push(out::counted(look.files, "file"));
        facts.push(Bytes(look.bytes).to_string());
        out::line(&format!("  {}", facts.join(" · ")))?;
        if let Some(lock) = &look.locked {
            out::line(&format!("  ! {}; give it with --key FILE", out::clean(&lock.to_string())))?;
        }
        if let Some(why) = &look.broken {
            out::line(&format!("  ! {}", out::clean(why)))?;
        }
        if look.oddities > 0 {
            let pieces = out::counted(look.oddities, "piece");
            out::line(&format!("  {pieces} could not be read"))?;
        }
    }
    let cut = looks.len() < found.len();
    if cut {
        let left = out::counted((found.len() - looks.len()) as u64, "export");
        out::complain(&format!("stopped; {left} more were found and not looked into"));
    }
    Ok(ExitCode::from(u8::from(cut)))
}

/// A key is no longer.
const KEY_BYTES: usize = 64 << 10;

/// The key in a file, or on standard input.
fn key(file: &Path) -> Result<Key> {
    if file == Path::new("-") {
        let stdin = std::io::stdin();
        if stdin.is_terminal() {
            return Ok(Key::new(rpassword::prompt_password("Key> ")?.into_bytes()));
        }
        // Room at once, so that growing leaves no copy behind.
        let mut bytes = Vec::with_capacity(KEY_BYTES + 1);
        stdin.lock().take(KEY_BYTES as u64).read_to_end(&mut bytes)?;
        return Ok(Key::new(bytes));
    }
    crate::engine::key_file(file).ok_or_else(|| {
        let why = "cannot be read as a key; give the file that holds it, or - and the key itself";
        WrongUse(format!("{}: {why}", file.display())).into()
    })
}

/// Somebody sits there who can be asked.
fn somebody() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// While somebody is asked, the first Ctrl-C ends the program: nothing is under way. One that came
/// before stays.
fn while_asking<T>(stop: &AtomicBool, ask: impl FnOnce() -> Result<T>) -> Result<T> {
    let before = stop.swap(true, Ordering::SeqCst);
    let answer = ask();
    stop.store(before, Ordering::SeqCst);
    answer
}

/// Asks for the key of what is locked, where somebody can be asked. `None`: nothing is locked, or
/// they have none.
fn asked(a: &ImportArgs, summaries: &[ImportSummary]) -> Result<Option<Key>> {
    let Some(locked) = summaries.iter().find_map(|s| s.locked.first()) else { return Ok(None) };
    if a.json || a.key.is_some() || !somebody() {
        return Ok(None);
    }
    out::complain(&locked.to_string());
    out::complain("The key, or the path of its file (not shown, not kept); Enter alone leaves it");
    let typed = rpassword::prompt_password("> ")?;
    let given = Some(typed).filter(|t| !t.trim().is_empty()).map(|t| Key::new(t.into_bytes()));
    Ok(given.map(|k| crate::engine::key_given(&k)))
}

/// Is raised by Ctrl-C, so that the work ends in good order; a second one ends the program.
pub fn interrupt() -> Result<Arc<AtomicBool>> {
    use signal_hook::consts::SIGINT;
    let asked = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register_conditional_shutdown(SIGINT, 130, asked.clone())?;
    signal_hook::flag::register(SIGINT, asked.clone())?;
    Ok(asked)
}

fn with_progress<T>(
    progress: &Arc<Progress>,
    show: bool,
    work: impl FnOnce() -> std::result::Result<T, EngineError>,
) -> Result<T> {
    if !show {
        return Ok(work()?);
    }
    let begun = Instant::now();
    let (done, watching) = std::sync::mpsc::sync_channel::<()>(1);
    let result = std::thread::scope(|scope| {
        scope.spawn(move || {
            let beat = Duration::from_millis(200);
            while watching.recv_timeout(beat) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                out::status(&bar(&progress.snapshot(begun.elapsed())));
            }
            out::status("");
        });
        let result = work();
        drop(done);
        result
    });
    Ok(result?)
}

fn bar(p: &ImportProgress) -> String {
    let share = if p.bytes_total == 0 {
        0.0
    } else {
        (p.bytes_done as f64 / p.bytes_total as f64).min(1.0)
    };
    let secs = p.elapsed.as_secs_f64().max(0.001);
    let left = if share > 0.02 { secs * (1.0 - share) / share } else { f64::NAN };
    let left = if left.is_finite() { format!(" · {left:.0} s left") } else { String::new() };
    format!(
        "{:3.0} %  {} messages · {:.0}/s{left}  {}",
        share * 100.0,
        p.messages,
        p.messages as f64 / secs,
        out::clean(&p.what)
    )
}

/// `3 Mar 2019 to 5 Jun 2024`, by this machine's days.
fn period(first: Timestamp, last: Timestamp) -> String {
    let day = |t| super::listing::local(t, "%-d %b %Y");
    let (first, last) = (day(first), day(last));
    if first == last { first } else { format!("{first} to {last}") }
}

fn whose(account: &str, known_by: &str, locked: bool) -> String {
    match (account, known_by) {
        ("", "") if locked => "you: not known while it is locked".to_owned(),
        ("", "") => "you: not known (say --me NAME)".to_owned(),
        // Why it is not known, or that it need not be.
        ("", by) => format!("you: no name known ({by}; --me NAME gives one)"),
        (name, "") => format!("you: {name}"),
        (name, by) => format!("you: {name} ({by})"),
    }
}

fn print(s: &ImportSummary) -> Result<()> {
    let me = whose(&s.account, &s.known_by, !s.locked.is_empty());
    out::line(&format!("{}  {}", s.source, out::clean(&me)))?;
    out::line(&format!(
        "  {} new, {} known · {} new, {} known · {} · {:.1} s",
        out::counted(s.threads_added, "thread"),
        s.threads_known,
        out::counted(s.messages_added, "message"),
        s.messages_known,
        out::counted(s.files, "file"),
        s.elapsed.as_secs_f64()
    ))?;
    for remark in &s.remarks {
        out::line(&format!("  note: {}", out::clean(remark)))?;
    }
    for lock in &s.locked {
        let what = "give it with --key FILE";
        out::line(&format!("  ! {}; {what}", out::clean(&lock.to_string())))?;
    }
    if s.oddities > 0 {
        out::line(&format!("  {} could not be read:", out::counted(s.oddities, "piece")))?;
    }
    for o in &s.samples {
        let at = if o.at.is_empty() { String::new() } else { format!(" ({})", o.at) };
        out::line(&format!(
            "    {}{}: {}",
            out::clean(&o.file),
            out::clean(&at),
            out::clean(&o.why)
        ))?;
    }
    if s.oddities > s.samples.len() as u64 {
        out::line(&format!("    … and {} more", s.oddities - s.samples.len() as u64))?;
    }
    Ok(())
}
