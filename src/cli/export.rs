//! `onebox export`.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;

use super::args::{ExportArgs, Format, MediaChoice};
use super::{WrongUse, import, out, search};
use crate::engine::{
    Engine, ExportChoice, ExportFormat, ExportMedia, ExportProgress, ExportReport, ExportView,
};
use crate::inbox::ThreadFilter;
use crate::model::{SourceId, ThreadId};
use crate::pages::Style;
use crate::search::{Reading, parse};

pub fn export(engine: &mut Engine, a: &ExportArgs) -> Result<ExitCode> {
    let choice = choice(engine, a)?;
    let format = match a.format {
        Format::Jsonl => ExportFormat::Jsonl,
        Format::Md => ExportFormat::Pages(Style::Markdown),
        Format::Txt => ExportFormat::Pages(Style::Plain),
        Format::Html => ExportFormat::Pages(Style::Html),
    };
    let media = match a.media {
        MediaChoice::Copy => ExportMedia::Copy,
        MediaChoice::Link => ExportMedia::Link,
        MediaChoice::None => ExportMedia::Leave,
    };
    let stop = import::interrupt()?;
    let mut bar = Bar::new(stop);
    let report = engine.export(&choice, format, media, &a.to, &mut |p| bar.tell(p));
    bar.end();
    let report = report?;
    if report.files > 0 {
        out::line(&told(&report))?;
    }
    if report.stopped {
        let left = if report.files == 0 { "nothing was written" } else { "what is named is whole" };
        out::complain(&format!("stopped; {left}. Export again to get the rest"));
    }
    Ok(ExitCode::from(u8::from(report.stopped)))
}

fn told(r: &ExportReport) -> String {
    let media = match r.media {
        0 => String::new(),
        n => format!(", {}", count(n, "picture or file", "pictures and files")),
    };
    let missing = match r.missing {
        0 => String::new(),
        1 => " (1 attachment is only named)".to_owned(),
        n => format!(" ({n} attachments are only named)"),
    };
    format!(
        "{}: {}, {}{media}{missing}",
        out::clean(&r.file.display().to_string()),
        count(r.threads, "thread", "threads"),
        count(r.messages, "message", "messages")
    )
}

fn count(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

fn choice(engine: &mut Engine, a: &ExportArgs) -> Result<ExportChoice> {
    if let Some(query) = &a.search {
        let reading = Reading { today: engine.settings().day(), typing: false };
        let parsed = parse(query, reading);
        if let Some(c) = parsed.complaints.first() {
            return Err(WrongUse(c.text.clone()).into());
        }
        search::catch_up(engine, true)?;
        return Ok(ExportChoice::Search(parsed.query));
    }
    if let Some(id) = a.person {
        let person = engine.person_numbered(id)?;
        let row = engine.person(person)?;
        let threads = engine.people()?.threads(person).into_iter().collect();
        return Ok(match a.format {
            Format::Jsonl => ExportChoice::Threads(threads),
            Format::Md | Format::Txt | Format::Html => {
                ExportChoice::Merged { title: row.name, threads }
            }
        });
    }
    if let Some(name) = &a.view {
        return Ok(ExportChoice::View(view(engine, name)?));
    }
    if a.threads.is_empty() {
        return Ok(ExportChoice::View(ExportView::All));
    }
    Ok(ExportChoice::Threads(a.threads.iter().copied().map(ThreadId).collect()))
}

fn view(engine: &mut Engine, name: &str) -> Result<ExportView> {
    let mut filter = ThreadFilter::default();
    match name.to_lowercase().as_str() {
        "all" => return Ok(ExportView::All),
        "unread" => filter.unread = true,
        "awaiting" => filter.awaiting = true,
        "mentions" => filter.mentions = true,
        "requests" => filter.requests = true,
        "drafts" => filter.drafts = true,
        "snoozed" => filter.snoozed = true,
        "starred" => filter.starred = true,
        "read-only" => filter.read_only = true,
        "cross-app" => filter.cross_app = true,
        "archived" => filter.archived = true,
        other => match other.split_once(':') {
            Some(("label", label)) => {
                let labels = engine.counts()?.labels;
                let known = labels.iter().find(|(l, _)| l.to_lowercase() == label.trim());
                let unknown = || WrongUse(format!("no thread has the label {:?}", label.trim()));
                filter.label = Some(known.ok_or_else(unknown)?.0.clone());
            }
            _ => return of_app(engine, name),
        },
    }
    Ok(ExportView::Shown(filter))
}

/// The threads of one app, by any of its names; also archived ones.
fn of_app(engine: &Engine, name: &str) -> Result<ExportView> {
    let mut known: Vec<SourceId> = engine.accounts()?.into_iter().map(|a| a.source).collect();
    known.sort();
    known.dedup();
    let rules = &engine.settings().rules;
    let called = |s: &&SourceId| {
        let app = rules.app(s);
        [s.as_str(), &app.name, &app.short].iter().any(|n| n.eq_ignore_ascii_case(name))
    };
    if let Some(source) = known.iter().find(called) {
        return Ok(ExportView::Source(source.clone()));
    }
    let known: Vec<_> = known.iter().map(SourceId::as_str).collect();
    Err(WrongUse(format!(
        "there is no view {name:?}; there are all, unread, awaiting, mentions, requests, drafts, \
         snoozed, starred, read-only, cross-app, archived, label:NAME, {}",
        known.join(", ")
    ))
    .into())
}

/// Tells on a terminal how far it is, and hears when it shall stop.
struct Bar {
    stop: Arc<AtomicBool>,
    watched: bool,
    begun: Instant,
    shown: Option<Duration>,
}

impl Bar {
    fn new(stop: Arc<AtomicBool>) -> Self {
        let watched = std::io::stderr().is_terminal();
        Self { stop, watched, begun: Instant::now(), shown: None }
    }

    fn tell(&mut self, p: ExportProgress) -> bool {
        let now = self.begun.elapsed();
        let beat = Duration::from_millis(200);
        if self.watched && now.saturating_sub(self.shown.unwrap_or_default()) > beat {
            self.shown = Some(now);
            let share = (p.done as f64 / p.total.max(1) as f64).min(1.0);
            let left = now.as_secs_f64() * (1.0 - share) / share.max(0.001);
            out::status(&format!(
                "{:3.0} %  {} of {} messages · {left:.0} s left · Ctrl-C stops",
                share * 100.0,
                p.done,
                p.total
            ));
        }
        !self.stop.load(Ordering::Relaxed)
    }

    fn end(&self) {
        if self.shown.is_some() {
            out::status("");
        }
    }
}
