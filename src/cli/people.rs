//! `onebox people` and `onebox reach`.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Value, json};

use super::args::{PeopleCommand, ThreadArg};
use super::{WrongUse, json as shapes, out};
use crate::engine::Engine;
use crate::inbox::{
    GroundRow, GroupRow, IdentityRow, PeopleChange, PersonRow, ReachCard, ReachRow,
};
use crate::model::{IdentityId, PersonId, ThreadId, Timestamp};

/// Rows asked for at once.
const CHUNK: usize = 200;

pub fn people(engine: &mut Engine, command: PeopleCommand) -> Result<ExitCode> {
    match command {
        PeopleCommand::List { name, json } => list(engine, &name.join(" "), json),
        PeopleCommand::Suggest { json } => suggest(engine, json),
        PeopleCommand::Show { person, json } => show(engine, person, json),
        PeopleCommand::Link { a, b } => {
            let (a, b) = (engine.person_numbered(a)?, engine.person_numbered(b)?);
            if a == b {
                let why = "these are one person already; `onebox people list` shows the others";
                return Err(WrongUse(why.into()).into());
            }
            let told = change(engine, &PeopleChange::Link(a, b))?;
            done(&told)
        }
        PeopleCommand::Refuse { a, b } => {
            let (a, b) = (engine.person_numbered(a)?, engine.person_numbered(b)?);
            let told = change(engine, &PeopleChange::Refuse(a, b))?;
            done(&told)
        }
        PeopleCommand::JoinGroups { a, b } => {
            let told = change(engine, &PeopleChange::JoinGroups(ThreadId(a), ThreadId(b)))?;
            done(&told)
        }
        PeopleCommand::RefuseGroups { a, b } => {
            let told = change(engine, &PeopleChange::GroupsApart(ThreadId(a), ThreadId(b)))?;
            done(&told)
        }
        PeopleCommand::PartGroup { thread } => {
            let told = change(engine, &PeopleChange::PartGroup(ThreadId(thread)))?;
            done(&told)
        }
        PeopleCommand::Unlink { a } => {
            engine.person_numbered(a)?;
            let told = change(engine, &PeopleChange::Unlink(IdentityId(a)))?;
            done(&told)
        }
        PeopleCommand::Undo => {
            let told = match engine.take_people_back()? {
                Some(what) => format!("Taken back: {}", out::clean(&what)),
                None => "There is nothing to take back".to_owned(),
            };
            out::line(&told)?;
            Ok(ExitCode::SUCCESS)
        }
        PeopleCommand::Import { file } => {
            let report = engine.import_contacts(&file)?;
            let s = if report.cards == 1 { "" } else { "s" };
            out::line(&format!(
                "{} contact card{s}, {} new; {} without a name or a number that tells its country",
                report.cards, report.added, report.without
            ))?;
            for o in &report.samples {
                out::complain(&format!("{}, {}: {}", o.file, o.at, o.why));
            }
            if report.oddities > report.samples.len() as u64 {
                out::complain(&format!(
                    "{} could not be read in all",
                    out::counted(report.oddities, "piece")
                ));
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn done(told: &str) -> Result<ExitCode> {
    out::line(&format!("{told} (onebox people undo takes it back)"))?;
    Ok(ExitCode::SUCCESS)
}

fn change(engine: &mut Engine, change: &PeopleChange) -> Result<String> {
    let (notice, _) = engine.change_people(change)?;
    Ok(out::clean(&notice.what))
}

fn list(engine: &mut Engine, name: &str, json: bool) -> Result<ExitCode> {
    let mut offset = 0;
    loop {
        let (rows, total) = engine.list_people(name, offset, CHUNK)?;
        offset += rows.len();
        for p in &rows {
            if json { out::json(&person_json(p))? } else { out::line(&person_line(p))? }
        }
        if rows.is_empty() || offset >= total {
            break;
        }
    }
    if offset == 0 && !json {
        let none = if name.is_empty() {
            "Nobody is here yet: import an export."
        } else {
            "Nobody is called so."
        };
        out::line(none)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn group_line(g: &GroupRow) -> String {
    let door = if g.live { "live" } else { "an export" };
    format!("{} {}: {door}, {} messages", g.badge.name, out::clean(&g.title), g.messages)
}

/// What may be the same, and why.
fn suggestion(
    pair: &str,
    (score, later): (u8, bool),
    both: &[String; 2],
    grounds: &[GroundRow],
) -> std::io::Result<()> {
    let later = if later { ", put off" } else { "" };
    out::line(&format!("{score} % {pair}{later}"))?;
    for one in both {
        out::line(&format!("  {one}"))?;
    }
    for g in grounds {
        out::line(&format!("  because: {}", out::clean(&g.text)))?;
    }
    Ok(())
}

fn suggest(engine: &mut Engine, json: bool) -> Result<ExitCode> {
    let links = engine.links()?;
    for l in &links {
        if json {
            out::json(&json!({
                "a": person_json(&l.a),
                "b": person_json(&l.b),
                "score": l.score,
                "later": l.later,
                "grounds": l.grounds.iter().map(ground_json).collect::<Vec<_>>(),
            }))?;
            continue;
        }
        let pair = format!("{} and {}", l.a.id, l.b.id);
        suggestion(&pair, (l.score, l.later), &[&l.a, &l.b].map(person_line), &l.grounds)?;
        out::line(&format!("  onebox people link {} {}, or refuse", l.a.id, l.b.id))?;
    }
    let groups = engine.group_links()?;
    for l in &groups {
        if json {
            out::json(&json!({
                "live": group_json(&l.live),
                "other": group_json(&l.other),
                "score": l.score,
                "later": l.later,
                "grounds": l.grounds.iter().map(ground_json).collect::<Vec<_>>(),
            }))?;
            continue;
        }
        let (a, b) = (l.live.thread, l.other.thread);
        let pair = format!("the groups {a} and {b}");
        suggestion(&pair, (l.score, l.later), &[&l.live, &l.other].map(group_line), &l.grounds)?;
        out::line(&format!("  onebox people join-groups {a} {b}, or refuse-groups"))?;
    }
    if links.is_empty() && groups.is_empty() && !json {
        out::line("There is nothing to suggest.")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn group_json(g: &GroupRow) -> Value {
    json!({
        "thread": g.thread.0,
        "title": g.title,
        "source": g.badge.name,
        "live": g.live,
        "people": g.people,
        "messages": g.messages,
        "first": time(Some(g.first)),
        "last": time(Some(g.last)),
    })
}

fn show(engine: &mut Engine, person: i64, json: bool) -> Result<ExitCode> {
    let person = engine.person_numbered(person)?;
    let row = engine.person(person)?;
    if json {
        out::json(&person_json(&row))?;
        return Ok(ExitCode::SUCCESS);
    }
    out::line(&person_line(&row))?;
    for i in &row.identities {
        out::line(&format!("  {}", identity_line(i)))?;
        for g in &i.grounds {
            out::line(&format!("      {} ({} %)", out::clean(&g.text), g.weight))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// `onebox reach`.
pub fn reach(engine: &mut Engine, a: &ThreadArg) -> Result<ExitCode> {
    let card = engine.reach(ThreadId(a.thread))?;
    if a.json {
        out::json(&card_json(&card))?;
        return Ok(ExitCode::SUCCESS);
    }
    out::line(&out::clean(&card.name))?;
    for r in &card.rows {
        let at = r.thread.map_or_else(|| r.address.clone(), |t| format!("thread {t}"));
        let maybe = r.maybe.map_or(String::new(), |n| format!(" (perhaps them, {n} %)"));
        let here = if r.here { " (here)".to_owned() } else { maybe };
        let when = r.last.and_then(|t| t.day()).map_or(String::new(), |d| format!(", last {d}"));
        let words = out::clean(&r.text);
        out::line(&format!(
            "  {:<9}  {}, {}{here}{when}: {words}",
            r.verdict.word(),
            out::clean(&r.badge.name),
            out::clean(&at)
        ))?;
    }
    for g in &card.groups {
        let title = out::clean(&g.title);
        out::line(&format!("  {:<9}  group {title}, thread {}", g.verdict.word(), g.thread))?;
    }
    for l in &card.left {
        out::line(&format!("  {}", out::clean(l)))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn person_line(p: &PersonRow) -> String {
    let apps: Vec<&str> = p.identities.iter().map(|i| i.badge.short.as_str()).collect();
    let mut apps: Vec<String> = apps.into_iter().map(out::clean).collect();
    apps.dedup();
    let when = p.last.and_then(Timestamp::day).map_or("-".to_owned(), |d| d.to_string());
    let s = if p.messages == 1 { "" } else { "s" };
    format!(
        "{}  {}  {}  {} message{s}  {when}",
        p.id,
        out::clean(&p.name),
        apps.join(" "),
        p.messages
    )
}

fn identity_line(i: &IdentityRow) -> String {
    let address = if i.address.is_empty() { String::new() } else { format!(", {}", i.address) };
    let s = if i.threads == 1 { "" } else { "s" };
    out::clean(&format!(
        "{}  {} on {}{address}, {} direct thread{s}",
        i.id, i.name, i.badge.name, i.threads
    ))
}

fn ground_json(g: &GroundRow) -> Value {
    json!({"kind": g.kind, "text": g.text, "weight": g.weight})
}

fn time(t: Option<Timestamp>) -> Option<String> {
    t.map(Timestamp::to_rfc3339)
}

fn person_json(p: &PersonRow) -> Value {
    let identities: Vec<Value> = p
        .identities
        .iter()
        .map(|i| {
            json!({
                "id": i.id,
                "source": i.badge.source,
                "name": i.name,
                "address": Some(&i.address).filter(|a| !a.is_empty()),
                "account": i.account,
                "threads": i.threads,
                "messages": i.messages,
                "last": time(i.last),
                "grounds": i.grounds.iter().map(ground_json).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "id": p.id,
        "name": p.name,
        "identities": identities,
        "threads": p.threads,
        "messages": p.messages,
        "last": time(p.last),
        "suggestions": p.suggestions,
    })
}

fn way_json(r: &ReachRow) -> Value {
    json!({
        "thread": r.thread,
        "identity": r.identity,
        "source": r.badge.source,
        "address": Some(&r.address).filter(|a| !a.is_empty()),
        "account": r.account,
        "verdict": r.verdict.word(),
        "reason": r.reason.as_ref().map(shapes::reason),
        "text": r.text,
        "link": r.link.as_ref().map(|l| &l.url),
        "last": time(r.last),
        "here": r.here,
        "maybe": r.maybe,
    })
}

fn card_json(card: &ReachCard) -> Value {
    let groups: Vec<Value> = card
        .groups
        .iter()
        .map(|g| {
            json!({"thread": g.thread, "title": g.title, "source": g.badge.source,
                   "verdict": g.verdict.word(), "last": time(g.last)})
        })
        .collect();
    json!({
        "from": card.from,
        "person": card.person,
        "name": card.name,
        "ways": card.rows.iter().map(way_json).collect::<Vec<_>>(),
        "groups": groups,
        "left": card.left,
    })
}

/// The person behind a number on the command line.
pub fn person_of(engine: &mut Engine, id: i64) -> Result<PersonId> {
    Ok(engine.person_numbered(id)?)
}
