//! Who I am, and what everybody is called: said here and there, before the first thread is told.

use std::collections::HashMap;

use serde_json::Value;

use super::chats::NAMES;
use super::message::{id, sender};
use crate::model::AccountRecord;
use crate::sources::json::{ITEM, Listener, Want, text, walk, words};
use crate::sources::{Entry, FileTree, Quiet, ReadOptions, Sink, Stop};

/// Names that are kept.
const PEOPLE: usize = 200_000;
/// Bytes of a name or an id.
pub const NAME: usize = 1_000;

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
        let name = name.unwrap_or_else(|| super::message::bare(&self.me).to_owned());
        let known_by = match (known, &options.me) {
            (true, _) => "the export's own owner",
            (false, Some(_)) => "--me",
            (false, None) => "the export does not say",
        };
        let id = known.then_some(self.me.as_str());
        options.my_account(super::SOURCE.id, id, name, known_by)
    }
}

/// Looks through a file.
pub fn look(tree: &FileTree, entry: &Entry, sink: &mut dyn Sink) -> Result<Known, Stop> {
    let mut known = Known::default();
    walk(tree, entry, &mut Survey(&mut known), &mut Quiet(sink))?;
    Ok(known)
}

struct Survey<'a>(&'a mut Known);

impl Survey<'_> {
    fn learn(&mut self, who: &str, name: Option<String>) {
        let Some(mut name) = name.filter(|n| !n.trim().is_empty() && n != who) else { return };
        // Longer ones there are not: the table is bounded.
        name.truncate(name.floor_char_boundary(NAME));
        if self.0.names.len() < PEOPLE && !who.is_empty() && who.len() <= NAME {
            self.0.names.entry(who.to_owned()).or_insert(name);
        }
    }
}

impl Listener for Survey<'_> {
    fn names(&self) -> &'static [&'static str] {
        NAMES
    }

    fn want(&mut self, path: &[&'static str]) -> Want {
        super::chats::want(path)
    }

    fn whole(
        &mut self,
        path: &[&'static str],
        value: Value,
        _: bool,
        _: &mut dyn Sink,
    ) -> Result<(), Stop> {
        match path {
            ["userId"] => id(value.as_str().unwrap_or_default()).clone_into(&mut self.0.me),
            [.., "MessageList", ITEM] => {
                if let Some(who) = sender(&value) {
                    let name =
                        words(&value, "displayName").or_else(|| words(&value, "imdisplayname"));
                    self.learn(who, name);
                }
                if text(&value, "messagetype") == Some("Event/Call") {
                    let said =
                        super::content::read(text(&value, "content").unwrap_or_default(), false);
                    for (who, name) in said.names {
                        let kind = who.split_once(':').map_or("-", |(kind, _)| kind);
                        let whole = match kind.bytes().all(|b| b.is_ascii_digit()) {
                            true => who,
                            false => format!("8:{who}"),
                        };
                        self.learn(&whole, Some(name));
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}
