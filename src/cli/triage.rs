//! `onebox triage`, `star` and `closing`.

use std::process::ExitCode;

use anyhow::Result;
use chrono::{Local, TimeZone};
use serde_json::json;

use super::args::{StarArgs, TriageArgs};
use super::{WrongUse, out};
use crate::engine::Engine;
use crate::inbox::TriageChange;
use crate::model::{MessageId, ThreadId, Timestamp};
use crate::search::until;

pub fn triage(engine: &mut Engine, a: &TriageArgs) -> Result<ExitCode> {
    let threads: Vec<ThreadId> = a.threads.iter().copied().map(ThreadId).collect();
    for t in &threads {
        engine.thread(*t)?;
    }
    let changes = changes(a)?;
    // All or nothing: what cannot be done is told before anything is.
    if a.label.iter().chain(&a.unlabel).any(|l| l.trim().is_empty()) {
        return Err(WrongUse("a label needs a name".into()).into());
    }
    if changes.is_empty() {
        return Err(WrongUse("say what to do: --archive, --pin, --snooze WHEN, …".into()).into());
    }
    for told in engine.triage_all(&threads, &changes)?.0 {
        out::line(&out::clean(&told))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn changes(a: &TriageArgs) -> Result<Vec<TriageChange>> {
    let flags = [
        (a.archive, TriageChange::Archive(true)),
        (a.unarchive, TriageChange::Archive(false)),
        (a.pin, TriageChange::Pin(true)),
        (a.unpin, TriageChange::Pin(false)),
        (a.mute, TriageChange::Mute(true)),
        (a.unmute, TriageChange::Mute(false)),
        (a.unread, TriageChange::Unread(true)),
        (a.read, TriageChange::Unread(false)),
        (a.unsnooze, TriageChange::Snooze(None)),
    ];
    let mut out: Vec<TriageChange> =
        flags.into_iter().filter(|(on, _)| *on).map(|(_, change)| change).collect();
    if let Some(words) = &a.snooze {
        out.push(TriageChange::Snooze(Some(moment(words)?)));
    }
    for (names, on) in [(&a.label, true), (&a.unlabel, false)] {
        out.extend(names.iter().map(|name| TriageChange::Label { name: name.clone(), on }));
    }
    Ok(out)
}

fn moment(words: &str) -> Result<Timestamp> {
    let at = until(words, Local::now().naive_local()).map_err(WrongUse)?;
    // Where the clocks skip that hour, it is the next one.
    let local = Local.from_local_datetime(&at).earliest();
    let local =
        local.or_else(|| Local.from_local_datetime(&(at + chrono::TimeDelta::hours(1))).earliest());
    let local = local.ok_or_else(|| WrongUse(format!("{words:?} is no moment here")))?;
    Ok(Timestamp(local.timestamp_millis()))
}

pub fn star(engine: &mut Engine, a: &StarArgs) -> Result<ExitCode> {
    for id in &a.messages {
        let told = match engine.star(MessageId(*id), !a.off)? {
            Some((notice, _)) => format!("{id}: {}", notice.what),
            None => format!("{id}: it is so already"),
        };
        out::line(&told)?;
    }
    Ok(ExitCode::SUCCESS)
}

pub fn closing(engine: &mut Engine, as_json: bool) -> Result<ExitCode> {
    let rows = engine.closing()?;
    for r in &rows {
        if as_json {
            let threads: Vec<_> = r
                .threads
                .iter()
                .map(|t| {
                    json!({"id": t.id, "title": t.title, "source": t.badge.source,
                                "last": t.last.map(Timestamp::to_rfc3339)})
                })
                .collect();
            out::json(&json!({"rule": r.rule, "apps": r.apps, "when": r.when, "text": r.text,
                "sure": r.sure, "threads": threads, "total": r.total, "todo": r.todo}))?;
            continue;
        }
        let s = if r.total == 1 { "" } else { "s" };
        out::line(&format!("{}  {}  {} thread{s}  ({})", r.when, r.apps, r.total, r.sure))?;
        out::line(&format!("  {}", out::clean(&r.text)))?;
        for t in &r.threads {
            out::line(&format!("  {:>6}  {}", t.id.0, out::clean(&t.title)))?;
        }
        for t in &r.todo {
            out::line(&format!("  - {}", out::clean(t)))?;
        }
    }
    if rows.is_empty() && !as_json {
        out::line("Nothing that you have is about to close.")?;
    }
    Ok(ExitCode::SUCCESS)
}
