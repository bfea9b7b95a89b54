//! `onebox accounts me`: who I am in an account.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;

use super::{WrongUse, out};
use crate::engine::{Engine, StoredAccount};
use crate::text::Clean;

/// People that are listed to choose from.
const LISTED: usize = 40;

pub fn run(
    engine: &mut Engine,
    account: Option<&str>,
    who: Option<&str>,
    clear: bool,
    as_json: bool,
) -> Result<ExitCode> {
    let Some(account) = account else { return list(engine, as_json) };
    let account = find(engine, account)?.id;
    if who.is_none() && !clear {
        return people(engine, &find(engine, &account.to_string())?, as_json);
    }
    let (notice, _) = engine.say_me(account, who)?;
    out::line(&out::clean(&notice.what))?;
    Ok(ExitCode::SUCCESS)
}

/// By number, or by app where that tells.
fn find(engine: &Engine, account: &str) -> Result<StoredAccount> {
    let all = engine.accounts()?;
    let mut of_app = all.iter().filter(|a| a.source.as_str() == account.to_lowercase());
    let found = all.iter().find(|a| a.id.to_string() == account).or_else(|| {
        let one = of_app.next();
        one.filter(|_| of_app.next().is_none())
    });
    found.cloned().ok_or_else(|| {
        let why =
            format!("there is no account {account}, or several; `onebox accounts me` lists them");
        WrongUse(why).into()
    })
}

fn list(engine: &Engine, as_json: bool) -> Result<ExitCode> {
    let accounts = engine.accounts()?;
    for a in &accounts {
        if as_json {
            out::json(&json!({"id": a.id, "source": a.source.as_str(), "me": a.name,
                "known_by": a.known_by}))?;
        } else {
            let name = if a.name.is_empty() { "not known" } else { &a.name };
            let (name, by) = (Clean::line(name), Clean::line(&a.known_by));
            out::line(&format!("{}  {}  {}  ({})", a.id, a.source, name.as_str(), by.as_str()))?;
        }
    }
    if accounts.is_empty() && !as_json {
        out::line("No account yet: import an export")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn people(engine: &Engine, account: &StoredAccount, as_json: bool) -> Result<ExitCode> {
    let all = engine.candidates(account.id)?;
    for c in all.iter().take(if as_json { usize::MAX } else { LISTED }) {
        if as_json {
            out::json(&json!({"id": c.key, "name": c.name, "threads": c.threads, "me": c.me}))?;
            continue;
        }
        let threads = if c.threads == 1 { "thread" } else { "threads" };
        let id =
            if c.is_name() { String::new() } else { format!("  {}", Clean::line(&c.key).as_str()) };
        let me = if c.me { "  you" } else { "" };
        let name = Clean::line(&c.name);
        out::line(&format!("{}{id}  {} {threads}{me}", name.as_str(), c.threads))?;
    }
    if all.len() > LISTED && !as_json {
        out::line(&format!("and {} more (--json lists all)", all.len() - LISTED))?;
    }
    Ok(ExitCode::SUCCESS)
}
