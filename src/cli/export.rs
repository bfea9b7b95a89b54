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

fn view(engine: &Engine, name: &str) -> Result<ExportView> {
    Ok(match name.to_lowercase().as_str() {
        "all" => ExportView::All,
        "unread" => ExportView::Unread,
        "read-only" => ExportView::ReadOnly,
        "cross-app" => ExportView::CrossApp,
        "archived" => ExportView::Archived,
        "drafts" => ExportView::Drafts,
        slug => {
            let source = SourceId::new(slug);
            let mut known: Vec<_> = engine.accounts()?.into_iter().map(|a| a.source).collect();
            if !known.contains(&source) {
                known.sort();
                known.dedup();
                let known: Vec<_> = known.iter().map(SourceId::as_str).collect();
                return Err(WrongUse(format!(
                    "there is no view {name:?}; there are all, unread, read-only, cross-app, \
                     archived, drafts, {}",
                    known.join(", ")
                ))
                .into());
            }
            ExportView::Source(source)
        }
    })
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
