//! Writes threads to files that outlive every app: which ones, as what, and how far it is.

mod documents;
mod files;
mod jsonl;
mod media;

use std::path::{Path, PathBuf};

pub(in crate::engine) use files::private;

use super::{Engine, EngineError};
use crate::engine::reading::WINDOW;
use crate::inbox::ThreadFilter;
use crate::model::{SourceId, ThreadId};
use crate::pages::Style;
use crate::search::Query;
use crate::store::ThreadQuery;

/// What an export is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// onebox's own interchange format: one file, which import reads back.
    Jsonl,
    /// A document for each thread.
    Pages(Style),
}

/// What becomes of pictures, sound and files in documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExportMedia {
    /// They are copied into a folder beside the document.
    #[default]
    Copy,
    /// The document points at the export that they lie in; what is in a zip is named in words.
    Link,
    /// They are named in words.
    Leave,
}

/// A view of the inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportView {
    /// Everything, archived threads too.
    All,
    /// What a view of the screen shows.
    Shown(ThreadFilter),
    /// One app, archived threads too.
    Source(SourceId),
}

/// Which threads are exported.
#[derive(Clone, Debug, PartialEq)]
pub enum ExportChoice {
    /// These; a document for each.
    Threads(Vec<ThreadId>),
    /// Those of a view.
    View(ExportView),
    /// Those in which a search finds something; whole, since a hit alone says little.
    Search(Query),
    /// These, as one document in the order of time, each message with its app: a person's.
    Merged {
        /// The document's title.
        title: String,
        /// The threads.
        threads: Vec<ThreadId>,
    },
}

/// How far an export is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExportProgress {
    /// Messages that were written.
    pub done: u64,
    /// Messages in all.
    pub total: u64,
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportReport {
    /// What to open first: the list of documents, or the only file. Empty if there is none.
    pub file: PathBuf,
    /// How many files, media and the list of documents left out.
    pub files: u64,
    /// How many threads.
    pub threads: u64,
    /// How many messages; in the interchange format also those that several exports tell.
    pub messages: u64,
    /// Media files that were copied.
    pub media: u64,
    /// Attachments that the documents can only name.
    pub missing: u64,
    /// It was stopped; what is counted here is whole.
    pub stopped: bool,
}

/// A running export: counts, and asks whether it goes on.
struct Export<'a> {
    progress: ExportProgress,
    tell: &'a mut dyn FnMut(ExportProgress) -> bool,
}

impl Export<'_> {
    fn goes_on(&mut self, messages: u64) -> bool {
        self.progress.done += messages;
        (self.tell)(self.progress)
    }
}

impl Engine {
    /// Writes threads into a folder. `tell` hears of each message and says whether to go on; what
    /// is not whole by then is not left behind.
    pub fn export(
        &mut self,
        choice: &ExportChoice,
        format: ExportFormat,
        media: ExportMedia,
        to: &Path,
        tell: &mut dyn FnMut(ExportProgress) -> bool,
    ) -> Result<ExportReport, EngineError> {
        let ids = self.chosen(choice)?;
        if ids.is_empty() && *choice != ExportChoice::View(ExportView::All) {
            return Err(EngineError::NothingToExport);
        }
        let mut total = 0;
        for id in &ids {
            total += self.stored(*id)?.messages;
        }
        files::folder(to)?;
        let mut export = Export { progress: ExportProgress { done: 0, total }, tell };
        match (format, choice) {
            (ExportFormat::Jsonl, _) => self.export_jsonl(&ids, to, &mut export),
            (ExportFormat::Pages(style), ExportChoice::Merged { title, .. }) => {
                let one = [(Some(title.clone()), ids)];
                self.export_pages(one.into_iter(), style, media, to, &mut export)
            }
            (ExportFormat::Pages(style), _) => {
                let each = ids.into_iter().map(|id| (None, vec![id]));
                self.export_pages(each, style, media, to, &mut export)
            }
        }
    }

    fn chosen(&mut self, choice: &ExportChoice) -> Result<Vec<ThreadId>, EngineError> {
        match choice {
            ExportChoice::Threads(ids) | ExportChoice::Merged { threads: ids, .. } => {
                let mut seen = std::collections::HashSet::new();
                let once: Vec<_> = ids.iter().copied().filter(|id| seen.insert(*id)).collect();
                for id in &once {
                    self.stored(*id)?;
                }
                Ok(once)
            }
            ExportChoice::Search(query) => self.threads_with_hits(query),
            ExportChoice::View(ExportView::All) => self.of_app(None),
            ExportChoice::View(ExportView::Source(source)) => self.of_app(Some(source.clone())),
            ExportChoice::View(ExportView::Shown(filter)) => self.shown(filter),
        }
    }

    fn of_app(&self, source: Option<SourceId>) -> Result<Vec<ThreadId>, EngineError> {
        let query = ThreadQuery { source, ..ThreadQuery::default() };
        Ok(self.reader.threads(&query, 0, usize::MAX)?.into_iter().map(|t| t.id).collect())
    }

    fn shown(&mut self, filter: &ThreadFilter) -> Result<Vec<ThreadId>, EngineError> {
        let mut all = Vec::new();
        loop {
            let page = self.threads(filter, all.len(), WINDOW, None)?;
            let before = all.len();
            all.extend(page.rows.into_iter().map(|row| row.id).skip(before - page.offset));
            if all.len() == before || all.len() >= page.total {
                return Ok(all);
            }
        }
    }
}
