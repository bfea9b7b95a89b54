//! Commands without a screen: import, list, show, search, explain, mark, export, check.
//!
//! The stable contract of `product.md`: every listing has `--json`, one object a line; errors are
//! one line on stderr saying what, why and what to do; exit 2 for wrong use, 1 for the rest.

mod accounts;
mod args;
mod check;
mod choose;
mod export;
mod import;
mod journal;
mod json;
mod listing;
mod me;
mod out;
mod people;
mod search;
mod triage;
mod verdict;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use clap::{CommandFactory, Parser};

pub use args::{Args, Command, Global};

use crate::config::Config;
use crate::engine::{Engine, EngineError, Rules, Settings, Store, default_data_dir, explain};
use crate::model::SourceId;

/// Reads the command line. Wrong use is told in one line, like every error.
pub fn parse() -> Result<Args, ExitCode> {
    Args::try_parse().map_err(|e| {
        if !e.use_stderr() {
            // Help or version, asked for.
            drop(e.print());
            return ExitCode::SUCCESS;
        }
        let text = e.to_string();
        let first = text.lines().next().unwrap_or("").trim_start_matches("error: ");
        let more = |l: &&str| !l.starts_with("Usage") && !l.starts_with("For more");
        let rest: Vec<&str> = text.lines().skip(1).map(str::trim).take_while(more).collect();
        let line = format!("{first} {}", rest.join(" "));
        out::complain(&format!("{}; `onebox --help` says more", line.trim()));
        ExitCode::from(2)
    })
}

/// Runs a command. The exit code is the contract's.
pub fn run(global: &Global, command: Command) -> ExitCode {
    match dispatch(global, command) {
        Ok(code) => code,
        Err(e) => fail(&e),
    }
}

/// The inbox without a screen: the list of threads, in words. `--plain`, or output into a pipe.
pub fn plain_inbox(global: &Global) -> Result<ExitCode> {
    listing::inbox(&mut engine(global)?)
}

/// Prints an error in one line and gives its exit code.
pub fn fail(error: &anyhow::Error) -> ExitCode {
    if let Some(io) = error.downcast_ref::<std::io::Error>()
        && io.kind() == std::io::ErrorKind::BrokenPipe
    {
        // The reader of our output has seen enough (`onebox show … | head`).
        return ExitCode::SUCCESS;
    }
    let line = match error.downcast_ref::<EngineError>() {
        Some(e) => explain(e).line(),
        None if error.is::<std::io::Error>() => {
            format!("the output cannot be written: {error}. is there space where it goes to?")
        }
        None => error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": "),
    };
    log::error!("{}", error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": "));
    out::complain(&line);
    ExitCode::from(if error.is::<WrongUse>() { 2 } else { 1 })
}

/// The command line asks for something that makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct WrongUse(pub String);

fn dispatch(global: &Global, command: Command) -> Result<ExitCode> {
    match command {
        Command::Completions { shell } => {
            // The generator panics where its output goes nowhere; memory takes all.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Args::command(), "onebox", &mut script);
            std::io::stdout().lock().write_all(&script)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Man => {
            clap_mangen::Man::new(Args::command()).render(&mut std::io::stdout())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Doctor(a) => check::doctor(global, a.json),
        Command::Import(a) => import::import(&mut engine_for(global, a.dry_run)?, &a),
        Command::Threads(a) => listing::threads(&mut engine(global)?, &a),
        Command::Show(a) => listing::show(&engine(global)?, &a),
        Command::Search(a) => search::search(&mut engine(global)?, &a),
        Command::People { command } => people::people(&mut engine(global)?, command),
        Command::Accounts { command } => accounts::accounts(&mut engine(global)?, &command),
        Command::Send(a) => accounts::send(&mut engine(global)?, &a),
        Command::Reach(a) => people::reach(&mut engine(global)?, &a),
        Command::Triage(a) => triage::triage(&mut engine(global)?, &a),
        Command::Star(a) => triage::star(&mut engine(global)?, &a),
        Command::Closing(a) => triage::closing(&mut engine(global)?, a.json),
        Command::Why(a) => verdict::why(&engine(global)?, &a),
        Command::Rules(a) => verdict::rules(&mut engine(global)?, a.json),
        Command::Mark(a) => verdict::mark(&engine(global)?, &a),
        Command::Export(a) => export::export(&mut engine(global)?, &a),
    }
}

/// Refuses an app that neither the rules nor any account know.
fn known_app(engine: &Engine, app: &SourceId) -> Result<()> {
    let mut known: Vec<SourceId> =
        engine.settings().rules.apps().iter().map(|a| a.id.clone()).collect();
    known.extend(engine.accounts()?.into_iter().map(|a| a.source));
    if known.contains(app) {
        return Ok(());
    }
    known.sort();
    known.dedup();
    let known: Vec<&str> = known.iter().map(SourceId::as_str).collect();
    let why = format!("there is no app {:?}; there are {}", app.as_str(), known.join(", "));
    Err(WrongUse(out::clean(&why)).into())
}

/// The settings file's content; absent is fine, wrong is not.
pub fn config(global: &Global) -> Result<Config> {
    Ok(Config::load(global.config.as_deref())?)
}

/// The folder of the store.
pub fn data_dir(global: &Global, config: &Config) -> Result<PathBuf> {
    global
        .data_dir
        .clone()
        .or_else(|| config.data_dir.clone())
        .or_else(default_data_dir)
        .ok_or_else(|| WrongUse("there is no home folder; say --data-dir DIR".into()).into())
}

/// The engine that the switches ask for: over the person's store, or over the demo.
pub fn engine(global: &Global) -> Result<Engine> {
    engine_for(global, false)
}

/// The same; for one who only looks, a store that is not there is not made.
fn engine_for(global: &Global, only_looks: bool) -> Result<Engine> {
    let config = config(global)?;
    let mut rules = Rules::builtin()?;
    if let Some((file, text)) = &config.rules {
        rules = rules.with_user(text).map_err(|e| WrongUse(format!("{}: {e}", file.display())))?;
    }
    let settings = Arc::new(Settings {
        rules,
        as_of: global.as_of,
        read_only: global.read_only,
        offline: global.offline,
        demo: global.demo,
        keep_deleted: config.keep_deleted,
    });
    let store = if global.demo {
        journal::start(global.log_level, None);
        let store = Store::in_memory().map_err(EngineError::from)?;
        crate::engine::load_demo(&store, &settings.rules)?;
        store
    } else {
        let dir = data_dir(global, &config)?;
        let none = only_looks && !Store::is_at(&dir);
        let opened = if none { Store::in_memory() } else { Store::open(&dir) };
        let store = opened.map_err(EngineError::from)?;
        journal::start(global.log_level, Some(&dir).filter(|_| !none).map(|d| &**d));
        if store.is_writable() {
            // An import that was killed is made whole before anybody looks.
            let mut writer = store.writer().map_err(EngineError::from)?;
            if writer.recover(crate::engine::now()).map_err(EngineError::from)? {
                log::warn!("an import had been cut off; its threads were settled");
            }
        }
        store
    };
    Ok(Engine::new(Arc::new(store), settings)?)
}
