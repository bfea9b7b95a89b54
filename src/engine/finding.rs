//! Threads by letters of their names, over all views at once.

use std::cmp::Reverse;

use super::{Engine, EngineError, reading::WINDOW};
use crate::inbox::FoundRow;
use crate::model::ThreadId;
use crate::search::Fuzzy;

/// What threads are called, as they stood at one state of the store.
pub struct Names {
    version: i64,
    /// Newest activity first.
    all: Vec<Name>,
}

struct Name {
    thread: ThreadId,
    /// As it is shown.
    title: String,
    /// Its title and its app: a word may narrow it to one app.
    whole: String,
}

impl Engine {
    /// Threads whose names hold these letters in order, and how many there are. The best come
    /// first, of equals the one in which something happened last. Where nothing is typed: those
    /// that are asked for, then all others.
    pub fn find_threads(
        &mut self,
        typed: &str,
        first: &[ThreadId],
        limit: usize,
    ) -> Result<(Vec<FoundRow>, usize), EngineError> {
        let mut fuzzy = Fuzzy::new(typed);
        let names = self.names()?;
        let mut found: Vec<(Reverse<u32>, usize, &Name)> = Vec::new();
        for (at, name) in names.all.iter().enumerate() {
            if fuzzy.is_empty() {
                let place = first.iter().position(|t| *t == name.thread);
                found.push((Reverse(0), place.unwrap_or(first.len() + at), name));
            } else if let Some(score) = fuzzy.score(&name.whole) {
                found.push((Reverse(score), at, name));
            }
        }
        found.sort_unstable_by_key(|(score, at, _)| (*score, *at));
        let total = found.len();
        let best: Vec<(ThreadId, Vec<(usize, usize)>)> = found
            .into_iter()
            .take(limit.min(WINDOW))
            .map(|(.., name)| (name.thread, fuzzy.marks(&name.title)))
            .collect();
        let mut rows = Vec::with_capacity(best.len());
        for (thread, marks) in best {
            // Gone meanwhile: there is nothing to go to.
            if let Some(stored) = self.reader.thread(thread)? {
                rows.push(FoundRow { row: self.row(&stored)?, marks });
            }
        }
        Ok((rows, total))
    }

    fn names(&mut self) -> Result<&Names, EngineError> {
        let version = self.reader.version()?;
        if self.names.as_ref().is_none_or(|n| n.version != version) {
            let mut all = Vec::new();
            for (thread, source, mut title) in self.reader.titles()? {
                self.name_title(&mut title)?;
                let whole = format!("{title} {}", self.settings.rules.app(&source).name);
                all.push(Name { thread, title, whole });
            }
            self.names = Some(Names { version, all });
        }
        self.names.as_ref().ok_or(EngineError::Lost("finding"))
    }
}
