//! `onebox accounts` and `onebox send`: live accounts without a screen.

use std::io::{BufRead, IsTerminal, Read};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::json;

use super::args::{AccountsCommand, SendArgs};
use super::{WrongUse, me, out};
use crate::engine::accounts::Accounts;
use crate::engine::same::{Said, title};
use crate::engine::{Engine, now};
use crate::inbox::{AccountRow, AccountState, AskKind, AskRow, Request, Update};
use crate::model::{AccountId, LiveId, MessageId, SendState, ThreadId, Wish};
use crate::text::Clean;

/// Exit codes of the contract.
const REFUSED: u8 = 3;
const QUEUED: u8 = 4;
const FAILED: u8 = 5;
/// How long `send` waits for the service, and a new account for its connector.
const SENDING: Duration = Duration::from_secs(30);
const STARTING: Duration = Duration::from_secs(30);
/// How long a new account is waited for until its threads have come.
const FIRST_THREADS: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(100);

pub fn accounts(engine: &mut Engine, command: &AccountsCommand) -> Result<ExitCode> {
    match command {
        AccountsCommand::List { json } => list(engine, *json),
        AccountsCommand::Add { connector } => add(engine, connector),
        AccountsCommand::Remove { id } => remove(engine, LiveId(*id)),
        AccountsCommand::Me { account, who, clear, json } => {
            me::run(engine, account.as_deref(), who.as_deref(), *clear, *json)
        }
        AccountsCommand::Quiet { id, off } => {
            known(engine, LiveId(*id))?;
            engine.store().writer()?.set_quiet(LiveId(*id), !off)?;
            out::line(match off {
                false => "You read quietly there: nobody is told",
                true => "Others are told what you have read there",
            })?;
            Ok(ExitCode::SUCCESS)
        }
        AccountsCommand::Mine { json } => mine(engine, *json),
        AccountsCommand::Same { a, b } => said(engine.same_account(AccountId(*a), AccountId(*b))?),
        AccountsCommand::Apart { a } => said(engine.account_apart(AccountId(*a))?),
    }
}

/// My accounts of every app.
fn mine(engine: &Engine, as_json: bool) -> Result<ExitCode> {
    let accounts = engine.my_accounts()?;
    for a in &accounts {
        let same: Vec<i64> = a.same.iter().map(|id| id.0).collect();
        if as_json {
            out::json(&json!({"id": a.id.0, "source": a.source, "name": a.name, "key": a.key,
                "known_by": a.known_by, "live": a.live, "threads": a.threads,
                "messages": a.messages, "same_as": same}))?;
        } else {
            let door = if a.live.is_some() { "live" } else { "export" };
            let same: Vec<String> = same.iter().map(i64::to_string).collect();
            let same = match same.is_empty() {
                true => String::new(),
                false => format!("  the same as {}", same.join(", ")),
            };
            let name = Clean::line(title(a));
            let threads = if a.threads == 1 { "thread" } else { "threads" };
            out::line(&format!(
                "{}  {}  {}  {door}  {} {threads}{same}",
                a.id.0,
                a.source,
                name.as_str(),
                a.threads
            ))?;
        }
    }
    if accounts.is_empty() && !as_json {
        out::line("No account yet. `onebox import` and `onebox accounts add` bring some")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn said(said: Said) -> Result<ExitCode> {
    match said {
        Ok((notice, ..)) => {
            out::line(Clean::line(&notice.line()).as_str())?;
            Ok(ExitCode::SUCCESS)
        }
        Err(notice) => Err(WrongUse(notice.line()).into()),
    }
}

fn list(engine: &Engine, as_json: bool) -> Result<ExitCode> {
    let accounts = engine.live_accounts()?;
    for a in &accounts {
        let apps: Vec<(String, u64)> = engine.live_apps(a.id)?;
        if as_json {
            let apps: Vec<_> = apps
                .iter()
                .map(|(app, threads)| json!({"source": app, "threads": threads}))
                .collect();
            out::json(&json!({"id": a.id, "connector": a.connector, "me": a.me, "quiet": a.quiet,
                "apps": apps, "can": a.can, "hosts": a.hosts}))?;
        } else {
            let apps: Vec<String> = apps.iter().map(|(app, n)| format!("{app} {n}")).collect();
            let quiet = if a.quiet { "  reads quietly" } else { "" };
            let me = Clean::line(if a.me.is_empty() { "not signed in" } else { &a.me });
            let connector = Clean::line(&a.connector);
            out::line(&format!(
                "{}  {}  {}  {}{quiet}",
                a.id,
                connector.as_str(),
                me.as_str(),
                apps.join(", ")
            ))?;
        }
    }
    if accounts.is_empty() && !as_json {
        out::line("No live account. `onebox accounts add matrix` connects one")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn known(engine: &Engine, id: LiveId) -> Result<()> {
    if engine.live_accounts()?.iter().any(|a| a.id == id) {
        return Ok(());
    }
    Err(WrongUse(format!("there is no account {id}; `onebox accounts list` lists them")).into())
}

/// The accounts, running, and what they tell.
struct Running {
    accounts: Accounts,
    updates: Receiver<Update>,
    rows: Vec<AccountRow>,
    /// Accounts that have gone, and what is to be said of it.
    left: Vec<(LiveId, String)>,
}

impl Running {
    fn start(engine: &Engine) -> Result<Self> {
        let root = engine
            .store()
            .file()
            .and_then(std::path::Path::parent)
            .context("the demo has no live accounts")?
            .to_owned();
        let (tell, updates) = sync_channel(1024);
        let accounts =
            Accounts::start(engine.another()?, root, Accounts::real(), tell, Box::new(|| {}));
        Ok(Self { accounts, updates, rows: Vec::new(), left: Vec::new() })
    }

    /// Takes in what comes within a moment. Notices are told.
    fn listen(&mut self) -> Result<()> {
        match self.updates.recv_timeout(LOOK) {
            Ok(Update::Accounts(rows)) => self.rows = rows,
            Ok(Update::AccountLeft { account, why }) => self.left.push((account, why)),
            Ok(Update::Notice(notice)) => out::complain(&notice.line()),
            Ok(_) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => anyhow::bail!("the accounts have stopped"),
        }
        Ok(())
    }
}

/// Signs in: the connector's questions are asked here.
fn add(engine: &mut Engine, connector: &str) -> Result<ExitCode> {
    let before = engine.live_accounts()?.iter().map(|a| a.id).max();
    let mut running = Running::start(engine)?;
    running.accounts.wish(Request::AddAccount { connector: connector.to_owned() });
    let mut begun = Instant::now();
    let mut done: Option<String> = None;
    let mut online: Option<Instant> = None;
    loop {
        running.listen()?;
        let row = running.rows.iter().find(|r| Some(r.id) > before);
        let Some(row) = row.cloned() else {
            anyhow::ensure!(begun.elapsed() < STARTING, "the account could not be added");
            continue;
        };
        if let Some(ask) = row.ask.clone().filter(|a| done.as_ref() != Some(&fresh(a))) {
            done = Some(fresh(&ask));
            let value = prompt(&ask)?;
            let gave_up = value.is_none();
            let answer = Request::AnswerAccount { account: row.id, id: ask.id, value };
            running.accounts.wish(answer);
            // Who is signed in may leave the rest for later.
            if gave_up && row.state != AccountState::Online {
                return give_up(running, row.id, "nothing was added");
            }
            begun = Instant::now();
            continue;
        }
        match row.state {
            AccountState::Online => {
                let since = *online.get_or_insert_with(Instant::now);
                if row.complete || since.elapsed() > FIRST_THREADS {
                    let n: u64 = row.apps.iter().map(|(_, n)| n).sum();
                    let threads = if n == 1 { "thread" } else { "threads" };
                    let me = Clean::line(&row.me);
                    let more = if row.complete { "" } else { ", and more as they come" };
                    out::line(&format!("Connected as {}: {n} {threads}{more}", me.as_str()))?;
                    return Ok(ExitCode::SUCCESS);
                }
            }
            AccountState::Stopped | AccountState::Elsewhere => {
                return give_up(running, row.id, &row.why);
            }
            AccountState::SignedOut if row.ask.is_none() && begun.elapsed() > LOOK * 5 => {
                return give_up(running, row.id, &row.why);
            }
            AccountState::Waiting(_) if row.me.is_empty() && begun.elapsed() > STARTING => {
                return give_up(running, row.id, &row.why);
            }
            _ => {}
        }
    }
}

/// The same question with another problem is a new one.
fn fresh(ask: &AskRow) -> String {
    format!("{}\n{:?}", ask.id, ask.problem)
}

fn give_up(running: Running, account: LiveId, why: &str) -> Result<ExitCode> {
    running.accounts.wish(Request::RemoveAccount { account });
    drop(running);
    let why = if why.is_empty() { "it did not sign in" } else { why };
    out::complain(&format!("The account was not added: {why}"));
    Ok(ExitCode::FAILURE)
}

/// Asks the person. `None`: they gave up.
fn prompt(ask: &AskRow) -> Result<Option<String>> {
    if let Some(problem) = &ask.problem {
        out::complain(problem);
    }
    let said = |text: &str| out::line(Clean::body(text).as_str());
    said(&ask.text)?;
    match &ask.kind {
        AskKind::Secret if std::io::stdin().is_terminal() => {
            Ok(Some(rpassword::prompt_password("> ")?).filter(|s| !s.is_empty()))
        }
        AskKind::Text(initial) => {
            if !initial.is_empty() {
                said(&format!("(Enter alone: {initial})"))?;
            }
            Ok(read()?.map(|l| if l.is_empty() { initial.clone() } else { l }))
        }
        AskKind::Secret => read(),
        AskKind::Choice(choices) => loop {
            for (n, choice) in choices.iter().enumerate() {
                said(&format!("  {}  {choice}", n + 1))?;
            }
            let Some(line) = read()? else { return Ok(None) };
            let numbered = line.parse::<usize>().ok().and_then(|n| choices.get(n.checked_sub(1)?));
            match numbered.or_else(|| choices.iter().find(|c| **c == line)) {
                Some(choice) => return Ok(Some(choice.clone())),
                None => out::complain("one of these, by its number"),
            }
        },
        AskKind::Link(url) => {
            said(&format!("  {url}"))?;
            said("Enter opens it; it goes on here by itself.")?;
            read()
        }
        AskKind::Compare(symbols) => {
            said(&format!("  {}", symbols.join("   ")))?;
            loop {
                said("The same on the other device, in this order? yes or no")?;
                let Some(line) = read()? else { return Ok(None) };
                // A slip of the finger is neither.
                if let Some(answer) = agreed(&line) {
                    return Ok(Some(answer.to_owned()));
                }
            }
        }
    }
}

/// What was answered to a comparison.
fn agreed(line: &str) -> Option<&'static str> {
    match line.trim().to_lowercase().as_str() {
        "yes" | "y" => Some("yes"),
        "no" | "n" => Some("no"),
        _ => None,
    }
}

pub(super) fn read() -> Result<Option<String>> {
    let mut line = String::new();
    let n = std::io::stdin().lock().read_line(&mut line)?;
    Ok((n > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
}

fn remove(engine: &mut Engine, id: LiveId) -> Result<ExitCode> {
    known(engine, id)?;
    let mut running = Running::start(engine)?;
    running.accounts.wish(Request::RemoveAccount { account: id });
    let begun = Instant::now();
    let why = loop {
        running.listen()?;
        if let Some((_, why)) = running.left.iter().find(|(left, _)| *left == id) {
            break why.clone();
        }
        let elsewhere = |r: &AccountRow| r.id == id && r.state == AccountState::Elsewhere;
        anyhow::ensure!(
            !running.rows.iter().any(elsewhere),
            "another onebox has the account open: remove it there, or close that one first"
        );
        anyhow::ensure!(begun.elapsed() < STARTING, "the account could not be removed");
    };
    if why.is_empty() {
        out::line("Signed out and removed. Its threads stay, as archives")?;
    } else {
        out::line("Removed. Its threads stay, as archives")?;
        out::complain(&why);
    }
    Ok(ExitCode::SUCCESS)
}

/// No service takes a longer text.
const LONGEST: u64 = 1 << 20;

/// The text that comes on standard input, without the line's end that every tool adds.
fn piped() -> Result<String> {
    let mut text = String::new();
    std::io::stdin().lock().take(LONGEST + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LONGEST {
        return Err(WrongUse("the text is longer than any service takes".to_owned()).into());
    }
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Sends a text and waits a while for what becomes of it.
pub fn send(engine: &mut Engine, args: &SendArgs) -> Result<ExitCode> {
    let thread = ThreadId(args.thread);
    let text = match args.text.as_str() {
        "-" => piped()?,
        text => text.to_owned(),
    };
    if text.trim().is_empty() && args.file.is_none() {
        return Err(WrongUse("there is nothing to send".to_owned()).into());
    }
    if !engine.is_live(thread, Wish::Send)? {
        let why = match engine.wish(thread, Wish::Send, &text)? {
            Err(reason) => format!("{} {}", reason.text, reason.next),
            Ok(row) => match row.url {
                Some(url) => format!("no account is connected to this thread. By hand: {url}"),
                None => format!("no account is connected to this thread. Write in {}", row.app),
            },
        };
        out::complain(&why);
        return Ok(ExitCode::from(REFUSED));
    }
    let taken = match &args.file {
        Some(file) => engine.enqueue_file(thread, &text, file, now())?,
        None => engine.enqueue(thread, &text, None, now())?,
    };
    let message = match taken {
        Ok(message) => message,
        Err(reason) => {
            out::complain(&format!("{} {}", reason.text, reason.next));
            return Ok(ExitCode::from(REFUSED));
        }
    };
    let mut running = Running::start(engine)?;
    let begun = Instant::now();
    loop {
        running.listen()?;
        if let Some(code) = became(engine, message)? {
            return Ok(code);
        }
        let elsewhere = running.rows.iter().any(|r| r.state == AccountState::Elsewhere);
        if begun.elapsed() >= SENDING {
            out::complain(if elsewhere {
                "queued: the onebox that is open sends it when the account is online"
            } else {
                "queued: it is sent when the account is online and onebox runs"
            });
            return Ok(ExitCode::from(QUEUED));
        }
    }
}

fn became(engine: &Engine, message: MessageId) -> Result<Option<ExitCode>> {
    // Gone from under its number: the service has told it under its own.
    let Some((state, why)) = engine.send_state(message)? else {
        out::line("sent")?;
        return Ok(Some(ExitCode::SUCCESS));
    };
    Ok(match state {
        SendState::Sent | SendState::Delivered | SendState::Read | SendState::HandedOff => {
            out::line("sent")?;
            Some(ExitCode::SUCCESS)
        }
        SendState::Failed | SendState::Unconfirmed => {
            let why = why.unwrap_or_else(|| "it may or may not have arrived".to_owned());
            out::complain(&format!("not sent: {why}"));
            Some(ExitCode::from(FAILED))
        }
        SendState::Queued | SendState::Sending => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_word_agrees() {
        assert_eq!(agreed("Yes"), Some("yes"));
        assert_eq!(agreed(" y "), Some("yes"));
        assert_eq!(agreed("no"), Some("no"));
        assert_eq!(agreed(""), None);
        assert_eq!(agreed("yess"), None);
    }
}
