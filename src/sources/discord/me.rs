//! Who I am: said by the package, said by the person, else found by talks between two.

use std::collections::HashMap;

use serde_json::Value;

use super::message::Who;
use super::package::Owner;
use crate::model::AccountRecord;
use crate::sources::json::{ITEM, Listener, Want, text, walk, words};
use crate::sources::{Entry, FileTree, Quiet, ReadOptions, Sink, Stop};

/// Talks between two that are looked into.
const TALKS: usize = 2000;

/// Me.
#[derive(Debug, Default)]
pub struct Me {
    /// My id.
    pub key: Option<String>,
    /// My name.
    pub name: String,
    known_by: &'static str,
    /// What is to be said of it.
    pub remarks: Vec<String>,
}

impl Me {
    /// The account's record.
    pub fn account(&self, options: &ReadOptions) -> AccountRecord {
        let name = Some(self.name.clone()).filter(|n| !n.is_empty());
        let name = name.or_else(|| options.me.clone()).unwrap_or_default();
        options.my_account(super::SOURCE.id, self.key.as_deref(), name, self.known_by)
    }

    /// Whether an id is mine.
    pub fn is(&self, id: &str) -> bool {
        self.key.as_deref() == Some(id)
    }

    fn found(who: Who, known_by: &'static str) -> Self {
        Self { key: Some(who.key), name: who.name, known_by, remarks: Vec::new() }
    }
}

/// Finds me.
pub fn find(
    tree: &FileTree,
    exports: &[&Entry],
    owner: &Owner,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> Result<Me, Stop> {
    if let Some(id) = &owner.id {
        let who = Who { key: id.clone(), name: owner.name.clone(), bot: false };
        return Ok(Me::found(who, "the package's own account"));
    }
    let names = options.me.as_ref().map_or(options.known_me.as_slice(), std::slice::from_ref);
    let mut votes: HashMap<String, (u64, String)> = HashMap::new();
    let mut talks = 0;
    for entry in exports {
        let mut look = Look { names, said: options.me.is_some(), ..Look::default() };
        // It stops as soon as it knows; what is wrong with the file is told when it is read.
        let ended = walk(tree, entry, &mut look, &mut Quiet(sink));
        if ended.is_err() && !look.enough {
            return Err(Stop);
        }
        if let Some(who) = look.found.take() {
            let known_by =
                if options.me.is_some() { "--me" } else { "your name in earlier imports" };
            return Ok(Me::found(who, known_by));
        }
        if look.direct && talks < TALKS {
            talks += 1;
            for who in look.mine() {
                votes.entry(who.key).or_insert((0, who.name)).0 += 1;
            }
        }
    }
    if let Some(said) = &options.me {
        let remarks = vec![format!("nobody is called {said}")];
        return Ok(Me { known_by: "--me", remarks, ..Me::default() });
    }
    let best = votes.into_iter().max_by(|a, b| (a.1.0, &b.0).cmp(&(b.1.0, &a.0)));
    Ok(match best {
        Some((key, (_, name))) => {
            Me::found(Who { key, name, bot: false }, "the other one in talks between two")
        }
        None => Me {
            known_by: "the export does not say",
            remarks: vec![
                "these files do not say who you are; give your name with --me NAME".to_owned(),
            ],
            ..Me::default()
        },
    })
}

/// Looks into one file.
#[derive(Default)]
struct Look<'a> {
    /// Names that are mine.
    names: &'a [String],
    /// They were said for this import, and are worth looking for in every file.
    said: bool,
    direct: bool,
    title: String,
    /// Who writes: the first few.
    authors: Vec<Who>,
    found: Option<Who>,
    /// More need not be looked at.
    enough: bool,
}

impl Look<'_> {
    /// Who in a talk between two is not the one after whom it is named.
    fn mine(&self) -> Vec<Who> {
        let named = |w: &Who| w.name == self.title;
        match self.authors.as_slice() {
            [a, b] if named(b) => vec![a.clone()],
            [a, b] if named(a) => vec![b.clone()],
            [one] if !named(one) => vec![one.clone()],
            // Only the other one wrote.
            [_] => Vec::new(),
            // Both have changed their names since; over several talks it shows.
            several => several.to_vec(),
        }
    }

    /// Ends the look.
    fn enough(&mut self) -> Result<(), Stop> {
        self.enough = true;
        Err(Stop)
    }

    fn channel(&mut self, channel: &Value) -> Result<(), Stop> {
        self.direct = text(channel, "type") == Some("DirectTextChat");
        self.title = words(channel, "name").unwrap_or_default();
        if self.direct || self.said { Ok(()) } else { self.enough() }
    }

    fn author(&mut self, message: &Value) -> Result<(), Stop> {
        let Some((who, called)) = Who::author(message) else { return Ok(()) };
        let is_mine = |name: &String| {
            let name = name.trim().trim_start_matches('@').to_lowercase();
            name == who.key || called.iter().any(|c| c.to_lowercase() == name)
        };
        if self.names.iter().any(is_mine) {
            self.found = Some(who);
            return self.enough();
        }
        if self.authors.len() < 2 && self.authors.iter().all(|a| a.key != who.key) {
            self.authors.push(who);
        }
        if self.authors.len() == 2 && !self.said { self.enough() } else { Ok(()) }
    }
}

impl Listener for Look<'_> {
    fn names(&self) -> &'static [&'static str] {
        super::export::NAMES
    }

    fn want(&mut self, path: &[&'static str]) -> Want {
        super::export::want(path)
    }

    fn whole(
        &mut self,
        path: &[&'static str],
        value: Value,
        _: bool,
        _: &mut dyn Sink,
    ) -> Result<(), Stop> {
        match path {
            ["channel"] => self.channel(&value),
            ["messages", ITEM] => self.author(&value),
            _ => Ok(()),
        }
    }
}
