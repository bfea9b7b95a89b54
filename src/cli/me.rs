//! `onebox accounts me`: who I am in an account.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;

use super::{WrongUse, out};
use crate::engine::{Candidate, Engine, StoredAccount};
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

/// Asks who I am in those accounts of these sources in which nothing says it.
pub fn ask(engine: &mut Engine, sources: &[&str]) -> Result<()> {
    let mut open = engine.my_accounts()?;
    open.retain(|a| a.nobody && sources.contains(&a.source.as_str()));
    for account in open {
        let all = engine.candidates(account.id)?;
        let app = engine.settings().rules.app(&account.source).name;
        out::line(&format!("\nWho are you in {}?", Clean::line(&app).as_str()))?;
        for (n, c) in all.iter().take(LISTED).enumerate() {
            out::line(&format!("{:>4}  {}", n + 1, one(c)))?;
        }
        if all.len() > LISTED {
            out::line(&format!("      and {} more, by name", all.len() - LISTED))?;
        }
        out::line("Your number or name; Enter alone leaves it open:")?;
        while let Some(answer) = super::accounts::read()?.filter(|l| !l.trim().is_empty()) {
            let chosen =
                answer.trim().parse::<usize>().ok().and_then(|n| all.get(n.checked_sub(1)?));
            match engine.say_me(account.id, Some(chosen.map_or(&answer, |c| &c.key))) {
                Ok((notice, _)) => {
                    out::line(&out::clean(&notice.what))?;
                    break;
                }
                Err(e) => out::complain(&e.to_string()),
            }
        }
    }
    Ok(())
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

/// Somebody of an account: name, id, threads.
fn one(c: &Candidate) -> String {
    let id =
        if c.is_name() { String::new() } else { format!("  {}", Clean::line(&c.key).as_str()) };
    let me = if c.me { "  you" } else { "" };
    let name = Clean::line(&c.name);
    format!("{}{id}  {}{me}", name.as_str(), out::counted(c.threads, "thread"))
}

fn people(engine: &Engine, account: &StoredAccount, as_json: bool) -> Result<ExitCode> {
    let all = engine.candidates(account.id)?;
    for c in all.iter().take(if as_json { usize::MAX } else { LISTED }) {
        if as_json {
            out::json(&json!({"id": c.key, "name": c.name, "threads": c.threads, "me": c.me}))?;
            continue;
        }
        out::line(&one(c))?;
    }
    if all.len() > LISTED && !as_json {
        out::line(&format!("and {} more (--json lists all)", all.len() - LISTED))?;
    }
    Ok(ExitCode::SUCCESS)
}
