//! `onebox doctor`.

use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;

use super::{Global, config, data_dir, engine, out};

pub fn doctor(global: &Global, as_json: bool) -> Result<ExitCode> {
    let config = config(global)?;
    let engine = engine(global)?;
    let (problems, threads, messages) = engine.check()?;
    let writable = engine.store().is_writable();
    let dir = if global.demo { None } else { Some(data_dir(global, &config)?) };
    let var = |name: &str| std::env::var(name).unwrap_or_default();
    let accounts = engine.accounts()?;
    let index = engine.index_state()?;
    if as_json {
        out::json(&json!({
            "version": env!("CARGO_PKG_VERSION"),
            "store": {"dir": dir, "writable": writable, "sound": problems.is_empty(),
                      "problems": problems, "threads": threads, "messages": messages},
            "search": {"messages": index.messages, "missing": index.missing, "bytes": index.bytes},
            "terminal": {"term": var("TERM"), "colorterm": var("COLORTERM"),
                         "no_color": !var("NO_COLOR").is_empty(), "lang": var("LANG"),
                         "stdout_is_terminal": std::io::stdout().is_terminal()},
            "accounts": accounts.iter().map(|a| json!({"source": a.source, "name": a.name,
                         "known_by": a.known_by})).collect::<Vec<_>>(),
        }))?;
    } else {
        out::line(&format!("onebox {}", env!("CARGO_PKG_VERSION")))?;
        let place = dir.map_or("in memory".to_owned(), |d| out::clean(&d.display().to_string()));
        let access = if writable { "" } else { " · read-only" };
        out::line(&format!("store     {place}{access}"))?;
        let state = if problems.is_empty() { "sound" } else { "DAMAGED" };
        let (threads, messages) =
            (out::counted(threads as u64, "thread"), out::counted(messages, "message"));
        out::line(&format!("          {state} · {threads} · {messages}"))?;
        for p in &problems {
            out::line(&format!("          {}", out::clean(p)))?;
        }
        out::line(&format!(
            "search    {} can be found · {} not yet · {:.1} MB",
            out::counted(index.messages, "message"),
            index.missing,
            index.bytes as f64 / 1e6
        ))?;
        out::line(&format!(
            "terminal  TERM={} COLORTERM={} NO_COLOR={} LANG={}",
            out::clean(&var("TERM")),
            out::clean(&var("COLORTERM")),
            out::clean(&var("NO_COLOR")),
            out::clean(&var("LANG"))
        ))?;
        for a in &accounts {
            let name = if a.name.is_empty() { "(name not known)" } else { &a.name };
            out::line(&format!(
                "account   {} · {} · {}",
                a.source,
                out::clean(name),
                out::clean(&a.known_by)
            ))?;
        }
    }
    Ok(ExitCode::from(u8::from(!problems.is_empty())))
}
