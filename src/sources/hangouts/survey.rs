//! Who I am, and what everybody is called: each conversation names some, and people who have left
//! one are named in another.

use std::collections::HashMap;

use serde_json::Value;

use super::chats::{NAMES, own, people, unwrapped};
use crate::model::AccountRecord;
use crate::sources::json::{Listener, Want, walk};
use crate::sources::{Entry, FileTree, Quiet, ReadOptions, Sink, Stop};

/// Names that are kept.
const PEOPLE: usize = 200_000;

/// Me, and everybody's names.
#[derive(Debug, Default)]
pub struct Known {
    /// My id; empty where the file does not say.
    pub me: String,
    /// Names by id.
    pub names: HashMap<String, String>,
}

impl Known {
    /// The account's record.
    pub fn account(&self, options: &ReadOptions) -> AccountRecord {
        let known = !self.me.is_empty();
        let name = options.me.clone().or_else(|| self.names.get(&self.me).cloned());
        let name = name.unwrap_or_default();
        let known_by = match (known, &options.me) {
            (true, _) => "whose reading is kept with each conversation",
            (false, Some(_)) => "--me",
            (false, None) => "the export does not say",
        };
        let id = known.then_some(self.me.as_str());
        options.my_account(super::SOURCE.id, id, name, known_by)
    }
}

/// Looks through a file.
pub fn look(tree: &FileTree, entry: &Entry, sink: &mut dyn Sink) -> Result<Known, Stop> {
    let mut survey = Survey::default();
    walk(tree, entry, &mut survey, &mut Quiet(sink))?;
    let best = survey.mine.into_iter().max_by(|a, b| (a.1, &b.0).cmp(&(b.1, &a.0)));
    survey.known.me = best.map(|(id, _)| id).unwrap_or_default();
    Ok(survey.known)
}

#[derive(Default)]
struct Survey {
    known: Known,
    mine: HashMap<String, u64>,
}

impl Listener for Survey {
    fn names(&self) -> &'static [&'static str] {
        NAMES
    }

    fn want(&mut self, path: &[&'static str]) -> Want {
        match path {
            // Only the conversations themselves.
            [.., "events" | "event"] => Want::Skip,
            path => super::chats::want(path),
        }
    }

    fn whole(
        &mut self,
        path: &[&'static str],
        value: Value,
        _: bool,
        _: &mut dyn Sink,
    ) -> Result<(), Stop> {
        if path.last() != Some(&"conversation") {
            return Ok(());
        }
        let told = unwrapped(&value);
        if let Some(me) = own(told).filter(|_| self.mine.len() < PEOPLE) {
            *self.mine.entry(me).or_insert(0) += 1;
        }
        for (who, name, _) in people(told) {
            if let (Some(name), true) = (name, self.known.names.len() < PEOPLE) {
                self.known.names.entry(who).or_insert(name);
            }
        }
        Ok(())
    }
}
