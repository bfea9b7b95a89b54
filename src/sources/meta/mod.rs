//! What Meta's downloads have in common: frame for Messenger's and Instagram's readers, no source.

mod compose;
mod early;
mod instant;
mod layout;
mod media;
mod message;
mod mojibake;
mod peek;
mod plan;
mod profile;
mod telling;
mod thread;
mod wording;

use std::collections::BTreeMap;

pub use layout::Kind;

use crate::model::{Oddity, Record};
use crate::sources::{Confidence, Entry, FileTree, Found, ReadError, ReadOptions, Sink};
use layout::{Home, discover};
use peek::Peek;
use plan::{Plan, plan};
use profile::{Tally, account, from_profile};

/// One of Meta's apps, as its reader describes it.
pub struct App {
    /// The slug.
    pub id: &'static str,
    /// The slug of the app that its cross-app threads cross to.
    pub other: &'static str,
    /// The name for people.
    pub name: &'static str,
    /// Whose downloads it reads.
    pub kind: Kind,
}

/// Threads looked at to infer who "me" is.
const SAMPLE: usize = 2000;
/// So few threads are looked at as a whole.
const FEW: usize = 8;
const SMALL: u64 = 16 << 20;
/// Threads in HTML that are told one by one.
const PAGES_TOLD: usize = 50;
const HEAD: usize = 64 << 10;

/// The exports of an app in a tree.
pub fn recognise(app: &App, tree: &FileTree) -> Vec<Found> {
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    for home in discover(tree).iter().filter(|h| h.kind == app.kind) {
        let root = home.base.trim_end_matches('/').to_owned();
        let what = describe(app, home);
        let known = found.entry(root.clone()).or_insert_with(|| Found {
            root,
            confidence: Confidence::Maybe,
            what: what.clone(),
        });
        if home.confidence > known.confidence {
            known.confidence = home.confidence;
            known.what = what;
        }
    }
    found.into_values().collect()
}

fn describe(app: &App, home: &Home) -> String {
    let json = home.tellings.iter().any(|t| !t.parts.is_empty());
    if !json && home.flat.is_empty() {
        format!("{} export (HTML; onebox reads JSON)", app.name)
    } else if !json && home.encrypted {
        format!("{} encrypted export (JSON)", app.name)
    } else {
        format!("{} export (JSON)", app.name)
    }
}

/// Reads an app's export.
pub fn read(
    app: &App,
    tree: &FileTree,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    let mut homes = discover(tree);
    // Where nothing seems to be the app's own, the person has said that it is.
    if homes.iter().any(|h| h.kind == app.kind) {
        homes.retain(|h| h.kind == app.kind);
    }
    if homes.is_empty() {
        let why = format!("no conversations of a {} export are in here", app.name);
        return Err(ReadError::Format { file: String::new(), why });
    }
    let plan = plan(tree, &homes);
    let profile = from_profile(tree, app.kind);
    let mut tally = Tally::default();
    // Instagram's messages bear display names, which its profile file may not hold.
    let certain = !profile.is_empty() && app.kind == Kind::Messenger;
    if !certain && options.me.is_none() {
        count(tree, &plan, &mut tally);
    }
    let (me, remark) = account(app.id, options, profile, &tally);
    let names = me.me_names.clone();
    sink.take(Record::Account(me))?;
    if let Some(text) = remark {
        sink.remark(text)?;
    }
    for oddity in &plan.oddities {
        sink.odd(oddity.clone())?;
    }
    pages(&homes, sink)?;
    for thread in &plan.threads {
        telling::tell(app, tree, thread, &names, sink)?;
    }
    for entry in plan.early.iter().filter_map(|i| tree.entries().get(*i)) {
        early::tell(app, tree, entry, &names, sink)?;
    }
    if plan.empty > 0 {
        let n = plan.empty;
        sink.remark(match n {
            1 => "1 encrypted conversation holds no messages and was left out.".to_owned(),
            n => format!("{n} encrypted conversations hold no messages and were left out."),
        })?;
    }
    Ok(())
}

fn count(tree: &FileTree, plan: &Plan<'_>, tally: &mut Tally) {
    // With few threads a name in all of them proves little, and the titles have to decide.
    let few = plan.threads.len() <= FEW;
    let look = |entry: &Entry| {
        if few && entry.size <= SMALL {
            Peek::whole(tree, entry, HEAD)
        } else {
            Peek::read(tree, entry, HEAD)
        }
    };
    for thread in plan.threads.iter().take(SAMPLE) {
        if let Some(peek) = &thread.peek {
            tally.add(peek);
        } else if let Some(entry) = thread.first_part(tree) {
            tally.add(&look(entry));
        }
    }
}

/// Threads that are there as HTML only.
fn pages(homes: &[Home], sink: &mut dyn Sink) -> Result<(), ReadError> {
    let mut folders: Vec<&str> = homes
        .iter()
        .flat_map(|h| &h.tellings)
        .filter(|t| t.page.is_some() && t.parts.is_empty())
        .map(|t| t.folder.as_str())
        .collect();
    folders.sort_unstable();
    folders.dedup();
    if folders.is_empty() {
        return Ok(());
    }
    let found = match folders.len() {
        1 => "1 conversation is".to_owned(),
        n => format!("{n} conversations are"),
    };
    sink.remark(format!(
        "{found} in HTML, which onebox does not read yet. Ask for the download again and choose JSON \
         as its format."
    ))?;
    for folder in folders.iter().take(PAGES_TOLD) {
        sink.odd(Oddity::file(*folder, "this is an HTML export: ask for JSON"))?;
    }
    if let Some(more) = folders.len().checked_sub(PAGES_TOLD).filter(|n| *n > 0) {
        let more = match more {
            1 => "1 more conversation is".to_owned(),
            n => format!("{n} more conversations are"),
        };
        let why = format!("{more} HTML: ask for JSON");
        sink.odd(Oddity::file("", why))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
