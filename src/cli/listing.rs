//! `onebox threads`, `show`.

use std::collections::HashMap;
use std::process::ExitCode;

use anyhow::Result;
use chrono::{Local, TimeZone};

use super::args::{ShowArgs, ThreadsArgs};
use super::{json, out};
use crate::engine::{Engine, StoredMessage};
use crate::inbox::{ListOrder, ThreadFilter, ThreadRow};
use crate::model::{AttachmentKind, Day, Deletion, MessageKind, ThreadId, Timestamp};

const CHUNK: usize = 500;

pub fn threads(engine: &mut Engine, a: &ThreadsArgs) -> Result<ExitCode> {
    if let Some(source) = &a.source {
        super::known_app(engine, source)?;
    }
    let label = match &a.label {
        Some(asked) => {
            let known = engine.counts()?.labels.into_iter().map(|(label, _)| label);
            let same = |label: &String| label.to_lowercase() == asked.trim().to_lowercase();
            Some(known.into_iter().find(same).unwrap_or_else(|| asked.clone()))
        }
        None => None,
    };
    let filter = ThreadFilter {
        source: a.source.clone(),
        cross_app: a.cross_app,
        read_only: a.read_only,
        unread: a.unread,
        awaiting: a.awaiting,
        mentions: a.mentions,
        requests: a.requests,
        snoozed: a.snoozed,
        starred: a.starred,
        archived: a.archived,
        drafts: a.drafts,
        label,
    };
    let order = if a.unread_first { ListOrder::UnreadFirst } else { ListOrder::Activity };
    let everything = ThreadFilter { source: filter.source.clone(), ..ThreadFilter::default() };
    list(engine, &filter, order, a.json, |_| true)?;
    // A listing hides nothing: snoozed and archived threads belong to it, after the others.
    if filter == everything {
        let snoozed = ThreadFilter { snoozed: true, ..filter.clone() };
        list(engine, &snoozed, order, a.json, |row| !row.archived)?;
        list(engine, &ThreadFilter { archived: true, ..filter }, order, a.json, |_| true)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What the person and the exports say of a thread, in words.
fn states(row: &ThreadRow) -> String {
    let mut out: Vec<String> = Vec::new();
    let words = [
        (row.pinned, "pinned"),
        (row.muted, "muted"),
        (row.archived, "archived"),
        (row.awaiting, "awaits an answer"),
        (row.mentioned, "names you"),
        (row.starred > 0, "starred"),
    ];
    out.extend(words.iter().filter(|(on, _)| *on).map(|(_, word)| (*word).to_owned()));
    out.extend(row.snoozed.map(|t| format!("snoozed until {}", local(t, "%Y-%m-%d %H:%M"))));
    out.extend(row.labels.iter().map(|l| format!("#{l}")));
    out.join(", ")
}

fn list(
    engine: &mut Engine,
    filter: &ThreadFilter,
    order: ListOrder,
    as_json: bool,
    wanted: impl Fn(&ThreadRow) -> bool,
) -> Result<()> {
    let accounts: HashMap<_, _> = engine.accounts()?.into_iter().map(|a| (a.id, a.name)).collect();
    let mut offset = 0;
    loop {
        let page = engine.threads_in(filter, order, offset, CHUNK, None)?;
        if page.rows.is_empty() || offset >= page.total {
            return Ok(());
        }
        offset += page.rows.len();
        for row in page.rows.iter().filter(|r| wanted(r)) {
            if as_json {
                let (account, first) = engine.account_and_first(row.id)?;
                let people = engine
                    .people_in(row.id)?
                    .into_iter()
                    .map(|p| json::Participant {
                        source: p.source.unwrap_or_else(|| row.badge.source.clone()).to_string(),
                        name: p.name,
                        is_me: p.is_me,
                    })
                    .collect();
                let account = accounts.get(&account).map_or("", String::as_str);
                let first = first.map(Timestamp::to_rfc3339);
                out::json(&json::thread(row, account, people, first))?;
            } else {
                let app = match &row.cross {
                    Some(other) => format!("{}↔{}", row.badge.short, other.short),
                    None => row.badge.short.clone(),
                };
                let state = out::clean(&states(row));
                let day = row.last.map(|t| local(t, "%Y-%m-%d")).unwrap_or_default();
                out::line(&format!(
                    "{:>6}  {:<7} {:<9} {:<10}  {}  {}",
                    row.id.0,
                    app,
                    row.verdict.word(),
                    day,
                    out::clean(&row.title),
                    state
                ))?;
            }
        }
    }
}

/// The inbox as sentences, one thread a line: for screen readers and pipes.
pub fn inbox(engine: &mut Engine) -> Result<ExitCode> {
    let counts = engine.counts()?;
    out::line(&format!(
        "Inbox: {}, {} read-only, {} cross-app, {} archived. Newest first.",
        out::counted(counts.all, "thread"),
        counts.read_only,
        counts.cross_app,
        counts.archived
    ))?;
    if engine.is_empty()? {
        out::line(
            "Nothing here yet. `onebox import PATH` reads your exports; `onebox --demo` shows an example.",
        )?;
        return Ok(ExitCode::SUCCESS);
    }
    let filter = ThreadFilter::default();
    let mut offset = 0;
    loop {
        let page = engine.threads(&filter, offset, CHUNK, None)?;
        if page.rows.is_empty() || offset >= page.total {
            break;
        }
        offset += page.rows.len();
        for row in &page.rows {
            out::line(&spoken(row))?;
        }
    }
    out::line("`onebox show ID` reads a thread; `onebox why ID` says what may be done in it.")?;
    Ok(ExitCode::SUCCESS)
}

fn spoken(row: &ThreadRow) -> String {
    let app = match &row.cross {
        Some(other) => {
            let article = if other.name.starts_with(['A', 'E', 'I', 'O']) { "an" } else { "a" };
            format!("{}, with {article} {}", row.badge.name, other.name)
        }
        None => row.badge.name.clone(),
    };
    let state = match &row.reason {
        Some(r) => format!("read-only: {}", out::clean(&r.text).trim_end_matches('.')),
        None => row.verdict.word().to_owned(),
    };
    let who = match (&row.preview_sender, row.preview_mine) {
        (_, true) => "you: ".to_owned(),
        (Some(name), false) => format!("{}: ", out::clean(name)),
        (None, false) => String::new(),
    };
    let day = row.last.map_or_else(|| "no messages".to_owned(), |t| local(t, "%-d %B %Y"));
    format!(
        "{}. {}. {app}. {state}. {day}. {who}{}",
        row.id.0,
        out::clean(&row.title),
        out::clean(&row.preview)
    )
}

pub fn show(engine: &Engine, a: &ShowArgs) -> Result<ExitCode> {
    let thread = ThreadId(a.thread);
    let row = engine.thread(thread)?;
    let people = engine.participants(thread)?;
    let name_of = |key: &str| {
        people.iter().find(|p| p.key == key).map_or_else(|| key.to_owned(), |p| p.name.clone())
    };
    if !a.json {
        let reason = row.reason.as_ref();
        let why = reason.map(|r| format!(" · {} {}", r.text, r.since)).unwrap_or_default();
        out::line(&format!(
            "{} · {} · {}{}",
            out::clean(&row.title),
            row.badge.name,
            row.verdict.word(),
            out::clean(&why)
        ))?;
    }
    let mut left = a.limit.unwrap_or(usize::MAX);
    let from = a.from.map(start_of);
    let mut after = match (from, a.limit) {
        // Without a date the newest N are meant.
        (None, Some(n)) => engine.before_newest(thread, n)?,
        _ => None,
    };
    while left > 0 {
        let page = engine.messages(thread, from, after, CHUNK.min(left))?;
        let Some(last) = page.last() else { break };
        after = Some((last.sent.at, last.order, last.id));
        left -= page.len();
        for m in page {
            if a.json {
                out::json(&json::message(m, &name_of))?;
            } else {
                out::line(&plain(&m, &name_of))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn start_of(day: Day) -> Timestamp {
    let midnight = day.0.and_time(chrono::NaiveTime::MIN);
    let local = Local.from_local_datetime(&midnight).earliest();
    Timestamp(local.map_or(midnight.and_utc().timestamp_millis(), |t| t.timestamp_millis()))
}

/// A time where the person is.
pub fn local(t: Timestamp, format: &str) -> String {
    t.to_utc()
        .map_or_else(|| t.to_rfc3339(), |utc| utc.with_timezone(&Local).format(format).to_string())
}

/// A message in words, for people and screen readers.
pub fn plain(m: &StoredMessage, name_of: &dyn Fn(&str) -> String) -> String {
    let who = match (&m.sender, m.mine) {
        (_, true) => "You".to_owned(),
        (Some(name), false) => out::clean(name),
        (None, false) => "—".to_owned(),
    };
    let mut text = match (m.deletion, m.kind.clone()) {
        (Deletion::Unsent, _) => "(message deleted)".to_owned(),
        (Deletion::TakenDown, _) => "(message removed by the service)".to_owned(),
        (Deletion::None, MessageKind::Call(call)) => {
            let what = if call.video == Some(true) { "video call" } else { "call" };
            match (call.missed, call.seconds) {
                (true, _) => format!("(missed {what})"),
                (false, Some(s)) => format!("({what}, {}:{:02})", s / 60, s % 60),
                (false, None) => format!("({what})"),
            }
        }
        (Deletion::None, _) => out::clean_body(&m.text),
    };
    if m.deletion == Deletion::None {
        for a in &m.attachments {
            let name = a.name.clone().or_else(|| a.url.clone()).or_else(|| a.path.clone());
            let name = name.map(|n| format!(" {}", out::clean(&n))).unwrap_or_default();
            let gone =
                a.container_path.is_none() && a.kind != AttachmentKind::Share && a.url.is_none();
            let missing = if gone { ", not in the export" } else { "" };
            text.push_str(&format!(" [{}{name}{missing}]", a.kind.word()));
        }
    }
    if m.edited.is_some() {
        text.push_str(" (edited)");
    }
    if !m.reactions.is_empty() {
        let all: Vec<String> = m
            .reactions
            .iter()
            .map(|r| format!("{} {}", out::clean(&r.emoji), out::clean(&name_of(&r.by))))
            .collect();
        text.push_str(&format!("  ({})", all.join(", ")));
    }
    let time = local(m.sent.at, "%Y-%m-%d %H:%M");
    let indent = " ".repeat(18);
    format!("{time}  {who}: {}", text.trim().replace('\n', &format!("\n{indent}")))
}
