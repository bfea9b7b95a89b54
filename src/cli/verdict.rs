//! `onebox why`, `rules`, `mark`.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;

use super::args::{MarkArgs, ThreadArg};
use super::{WrongUse, json as shapes, out};
use crate::engine::Engine;
use crate::inbox::MarkChange;
use crate::model::ThreadId;

pub fn why(engine: &Engine, a: &ThreadArg) -> Result<ExitCode> {
    let thread = ThreadId(a.thread);
    let (title, tables) = engine.why(thread)?;
    if a.json {
        for t in &tables {
            let rungs: Vec<_> = t
                .rungs
                .iter()
                .map(|r| {
                    json!({"floor": r.floor, "question": r.question, "answer": r.answer,
                           "decides": r.decides})
                })
                .collect();
            out::json(&json!({
                "thread": thread.0,
                "wish": t.wish,
                "verdict": t.verdict.word(),
                "reason": t.reason.as_ref().map(shapes::reason),
                "ladder": rungs,
            }))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    out::line(&out::clean(&title))?;
    for w in engine.warnings(thread)? {
        out::line(&format!("! {}", out::clean(&w)))?;
    }
    for t in &tables {
        out::line("")?;
        out::line(&format!("{}: {}", t.label, t.verdict.word()))?;
        if let Some(r) = &t.reason {
            let since = if r.since.is_empty() { String::new() } else { format!(" ({})", r.since) };
            out::line(&format!("  {}{} [{}]", out::clean(&r.text), since, r.sure))?;
            out::line(&format!("  {}", out::clean(&r.next)))?;
        }
        for r in &t.rungs {
            let mark = if r.decides { "→" } else { " " };
            out::line(&format!(
                "  {mark} {:<8}  {}  {}",
                r.floor,
                out::clean(&r.question),
                out::clean(&r.answer)
            ))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub fn rules(engine: &mut Engine, as_json: bool) -> Result<ExitCode> {
    for r in engine.rules()? {
        let touched = engine.touched_by(&r.id)?;
        if as_json {
            out::json(&json!({
                "id": r.id, "apps": r.apps, "kind": r.kind, "when": r.when,
                "in_force": r.in_force, "text": r.text, "sure": r.sure,
                "sources": r.sources, "threads": touched,
            }))?;
        } else {
            let state = if r.in_force { "in force" } else { "to come" };
            out::line(&format!(
                "{:<28} {:<10} {:<24} {:<9} {:>5} threads",
                r.id, r.kind, r.when, state, r.touches
            ))?;
            out::line(&format!("    {}: {} (sure: {})", r.apps, r.text, r.sure))?;
            if !touched.is_empty() {
                let shown: Vec<String> = touched.iter().take(20).map(ToString::to_string).collect();
                let more = if touched.len() > 20 { ", …" } else { "" };
                out::line(&format!("    threads: {}{more}", shown.join(", ")))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub fn mark(engine: &Engine, a: &MarkArgs) -> Result<ExitCode> {
    let thread = ThreadId(a.thread);
    let mut changes = Vec::new();
    if let Some(other) = &a.cross_app {
        super::known_app(engine, other)?;
        changes.push(MarkChange::CrossApp(other.clone()));
    }
    if a.not_cross_app {
        changes.push(MarkChange::NotCrossApp);
    }
    if a.read_only {
        changes.push(MarkChange::ReadOnly);
    }
    if a.clear {
        changes.push(MarkChange::Clear);
    }
    if changes.is_empty() {
        let how = "say how: --cross-app SOURCE, --not-cross-app, --read-only or --clear";
        return Err(WrongUse(how.into()).into());
    }
    for change in &changes {
        engine.mark(thread, change)?;
    }
    let row = engine.thread(thread)?;
    out::line(&format!("{}: {}", out::clean(&row.title), row.verdict.word()))?;
    Ok(ExitCode::SUCCESS)
}
