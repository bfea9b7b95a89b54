//! Threads as documents: one for each, or several merged into one in the order of time.

use std::collections::{HashMap, VecDeque};
use std::path::Path;

use super::files::{Part, failed};
use super::media::Keeper;
use super::{Export, ExportMedia, ExportReport};
use crate::engine::shelf::Shelf;
use crate::engine::{Engine, EngineError, now, rows};
use crate::inbox::{Badge, MessageRow, ThreadHeader};
use crate::model::{Deletion, MessageId, ThreadId, Timestamp};
use crate::pages::{self, Banner, Head, Listed, Names, Person, Style, Told};
use crate::store::{PageEnd, StoredAttachment, StoredThread};

/// Messages of a thread that are read at once.
const PAGE: usize = 256;

/// The messages of one thread, oldest first, a page at a time.
struct Walk<'a> {
    engine: &'a Engine,
    thread: StoredThread,
    names: HashMap<String, String>,
    /// Set where several threads are merged.
    app: Option<Badge>,
    waiting: VecDeque<(MessageRow, Vec<StoredAttachment>)>,
    end: PageEnd,
    door: Option<String>,
    done: bool,
}

impl<'a> Walk<'a> {
    fn new(engine: &'a Engine, thread: StoredThread, badged: bool) -> Result<Self, EngineError> {
        let people = engine.reader.participants(thread.id)?;
        Ok(Self {
            app: badged.then(|| rows::badge(&engine.settings, &thread.source)),
            names: people.into_iter().map(|p| (p.key, p.name)).collect(),
            engine,
            thread,
            waiting: VecDeque::new(),
            end: PageEnd::Edge,
            door: None,
            done: false,
        })
    }

    /// The next message, left where it is.
    fn peek(&mut self) -> Result<Option<(Timestamp, i64, MessageId)>, EngineError> {
        if self.waiting.is_empty() && !self.done {
            self.fill()?;
        }
        let key = |row: &MessageRow| (row.pos.at, row.pos.order, row.pos.message);
        Ok(self.waiting.front().map(|(row, _)| key(row)))
    }

    fn fill(&mut self) -> Result<(), EngineError> {
        let mut page = self.engine.reader.newer(self.thread.id, self.end, PAGE)?;
        self.engine.quote_answered(&mut page)?;
        self.done = page.len() < PAGE;
        let Some(last) = page.last() else { return Ok(()) };
        self.end = PageEnd::Beside(last.sent.at, last.order, last.id);
        let door = self.door.replace(last.origin.to_string());
        // What came with a deleted message is as hidden as its text.
        let attached: Vec<_> = page
            .iter()
            .map(|m| if m.deletion == Deletion::None { m.attachments.clone() } else { Vec::new() })
            .collect();
        let names = self.names.iter().map(|(k, n)| (k.as_str(), n.as_str())).collect();
        let settings = &self.engine.settings;
        let mut rows = rows::messages(settings, &self.thread, &names, door.as_deref(), page);
        self.engine.name_messages(&mut rows)?;
        self.waiting.extend(rows.into_iter().zip(attached));
        Ok(())
    }
}

/// The messages of all walks, by time.
fn next(
    walks: &mut [Walk<'_>],
) -> Result<Option<(usize, MessageRow, Vec<StoredAttachment>)>, EngineError> {
    let mut first = None;
    for (n, walk) in walks.iter_mut().enumerate() {
        if let Some(key) = walk.peek()?
            && first.is_none_or(|(least, _)| key < least)
        {
            first = Some((key, n));
        }
    }
    let Some((_, n)) = first else { return Ok(None) };
    let message = walks.get_mut(n).and_then(|w| w.waiting.pop_front());
    Ok(message.map(|(row, attached)| (n, row, attached)))
}

impl Engine {
    /// Writes documents, and a list of them if there are several.
    pub(super) fn export_pages(
        &mut self,
        documents: impl Iterator<Item = (Option<String>, Vec<ThreadId>)>,
        style: Style,
        media: ExportMedia,
        to: &Path,
        export: &mut Export<'_>,
    ) -> Result<ExportReport, EngineError> {
        let mut report = ExportReport::default();
        let mut names = Names::default();
        names.reserve("index");
        let mut shelf = Shelf::new(self.settings.demo);
        let mut listed = Vec::new();
        let written = now();
        for (title, threads) in documents {
            let head = self.head(title, &threads, written)?;
            let name = names.unique(&head.title, &name_rest(&head));
            let file = to.join(format!("{name}.{}", style.ending()));
            let (mut part, out) = Part::file(&file)?;
            let mut keeper = Keeper::new(&mut shelf, media, to, &name);
            let mut page = pages::page(style, out);
            page.begin(&head).map_err(failed(part.path()))?;
            let merged = threads.len() > 1;
            let mut walks = Vec::with_capacity(threads.len());
            for id in &threads {
                walks.push(Walk::new(&*self, self.stored(*id)?, merged)?);
            }
            let mut messages = 0;
            while let Some((n, row, attached)) = next(&mut walks)? {
                let app = walks.get(n).and_then(|w| w.app.clone());
                let media = attached.iter().map(|a| keeper.place(a)).collect::<Result<_, _>>()?;
                page.message(&Told { row, app, media }).map_err(failed(part.path()))?;
                messages += 1;
                if !export.goes_on(1) {
                    report.stopped = true;
                    break;
                }
            }
            if report.stopped {
                break;
            }
            page.end().map_err(failed(part.path()))?;
            drop(page);
            // The pictures first: a page never points at what is not there yet.
            keeper.keep()?;
            part.keep()?;
            report.files += 1;
            report.threads += threads.len() as u64;
            report.messages += messages;
            report.media += keeper.copied;
            report.missing += keeper.missing;
            report.file.clone_from(&file);
            listed.push(entry(&head, &file, messages));
        }
        if listed.len() > 1 {
            report.file = to.join(format!("index.{}", style.ending()));
            let (mut part, mut out) = Part::file(&report.file)?;
            let text = pages::index(style, &listed, written);
            std::io::Write::write_all(&mut out, text.as_bytes())
                .and_then(|()| std::io::Write::flush(&mut out))
                .map_err(failed(part.path()))?;
            part.keep()?;
        }
        Ok(report)
    }

    fn head(
        &mut self,
        title: Option<String>,
        threads: &[ThreadId],
        written: Timestamp,
    ) -> Result<Head, EngineError> {
        let mut head = Head { written, ..Head::default() };
        for id in threads {
            let stored = self.stored(*id)?;
            let people = self.people_in(*id)?;
            let h = self.header(&stored, &people)?;
            take_in(&mut head, h, stored.last, threads.len() > 1);
        }
        if let Some(title) = title {
            head.title = title;
        }
        Ok(head)
    }
}

fn take_in(head: &mut Head, h: ThreadHeader, last: Option<Timestamp>, merged: bool) {
    if head.title.is_empty() {
        head.title.clone_from(&h.row.title);
    }
    let app = match &h.row.cross {
        Some(other) => format!("{} ↔ {}", h.row.badge.name, other.name),
        None => h.row.badge.name.clone(),
    };
    for (name, account, mine) in h.participants {
        let person = Person { name, account: account.map(|b| b.name), mine };
        if !head.people.contains(&person) {
            head.people.push(person);
        }
    }
    head.banners
        .extend(h.row.reason.map(|reason| Banner { about: merged.then(|| app.clone()), reason }));
    if !head.apps.contains(&app) {
        head.apps.push(app);
    }
    head.messages += h.row.messages;
    head.first = head.first.into_iter().chain(h.first).min();
    head.last = head.last.into_iter().chain(last).max();
    head.drafts.extend(h.row.draft);
}

/// What stands behind the title in a file's name: the app and the years.
fn name_rest(head: &Head) -> String {
    let app = match head.apps.as_slice() {
        [one] => one.split(" ↔ ").next().unwrap_or(one),
        _ => "",
    };
    let years = pages::years(head.first, head.last);
    [app, &years].into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" ")
}

fn entry(head: &Head, file: &Path, messages: u64) -> Listed {
    Listed {
        file: file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
        title: head.title.clone(),
        apps: head.apps.join("; "),
        read_only: !head.banners.is_empty(),
        messages,
        first: head.first,
        last: head.last,
    }
}
