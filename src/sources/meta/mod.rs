//! What Meta's downloads have in common: frame for Messenger's and Instagram's readers, no source.

mod beyond;
mod compose;
mod download;
mod early;
mod events;
mod instant;
mod kind;
mod layout;
mod media;
mod message;
mod mojibake;
mod nicknames;
mod page;
mod peek;
mod plan;
mod profile;
mod sent;
mod telling;
mod thread;
mod wording;

use std::collections::{BTreeMap, BTreeSet, HashMap};

pub use download::{Age, Download, made_on, newest, over_each_other};
pub use kind::{Kind, account_of, is_undecided, said_to_be};

use crate::model::Record;
use crate::sources::{Confidence, Entry, FileTree, Found, ReadError, ReadOptions, Sink, Stop};
use kind::Sign;
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

/// The message roots of an app. Where nothing seems to be its own, the person, or another part of
/// the download, has said that it is.
fn homes_of(kind: Kind, tree: &FileTree) -> Vec<Home> {
    let mut homes = discover(tree);
    if homes.iter().any(|h| h.kind == kind) {
        homes.retain(|h| h.kind == kind);
    }
    homes
}

/// Whose Messenger export this is, as far as its own files tell: the names of its profile; of encrypted
/// conversations, which come without one, whoever is in all of them. Empty: nothing says it.
pub fn owners(tree: &FileTree) -> BTreeSet<String> {
    let mut homes = discover(tree);
    homes.retain(|h| h.kind == Kind::Messenger);
    let names = from_profile(tree, Kind::Messenger, &homes);
    if !names.is_empty() {
        return names.into_iter().collect();
    }
    if !homes.iter().all(|h| h.encrypted) {
        return BTreeSet::new();
    }
    let mut tally = Tally::default();
    count(tree, &plan(tree, &homes), &mut tally);
    tally.in_all()
}

fn describe(app: &App, home: &Home) -> String {
    let json = home.tellings.iter().any(|t| !t.parts.is_empty());
    let html = home.tellings.iter().any(|t| !t.pages.is_empty()) || !home.flat_pages.is_empty();
    if json && html {
        format!("{} export (JSON and HTML)", app.name)
    } else if !json && home.flat.is_empty() {
        format!("{} export (HTML)", app.name)
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
    let homes = homes_of(app.kind, tree);
    if homes.is_empty() {
        let why = format!("no conversations of a {} export are in here", app.name);
        return Err(ReadError::Format { file: String::new(), why });
    }
    let plan = plan(tree, &homes);
    let mut profile = from_profile(tree, app.kind, &homes);
    let mut tally = Tally::default();
    // Instagram's messages bear display names, which its profile file may not hold.
    let certain = !profile.is_empty() && app.kind == Kind::Messenger;
    if !certain && options.me.is_none() {
        count(tree, &plan, &mut tally);
    }
    let mut heads = Vec::new();
    for home in &homes {
        heads.extend(page::heads(tree, home, sink)?);
    }
    if !certain && options.me.is_none() {
        count_heads(tree, &plan, &heads, &mut tally);
    }
    let mut by_page = false;
    if profile.is_empty()
        && let Some(name) = page::asked_by(tree, &homes, &plan, &tally)
    {
        by_page = true;
        profile.push(name);
    }
    let (mut me, remark) = account(app.id, options, profile, &tally);
    if by_page && options.me.is_none() {
        me.known_by = "the export's pages".to_owned();
    }
    if let Some(number) = page::my_number(&heads, &me.me_names) {
        me.me_names.push(number);
    }
    let names = me.me_names.clone();
    sink.take(Record::Account(me))?;
    if let Some(text) = remark {
        sink.remark(text)?;
    }
    remark_on_whose(app, &homes, sink)?;
    for oddity in &plan.oddities {
        sink.odd(oddity.clone())?;
    }
    let clocks: BTreeMap<&str, page::Clocks> = homes
        .iter()
        .filter(|h| !h.flat_pages.is_empty() || h.tellings.iter().any(|t| !t.pages.is_empty()))
        .map(|h| (h.root.as_str(), page::Clocks::of(tree, h, app.kind, options)))
        .collect();
    for thread in &plan.threads {
        telling::tell(app, tree, thread, (&names, &clocks), sink)?;
    }
    let mut met = HashMap::new();
    for home in &homes {
        let Some(clocks) = clocks.get(home.root.as_str()) else { continue };
        for entry in home.flat_pages.iter().filter_map(|i| tree.entries().get(*i)) {
            page::tell_old(app, tree, (home, entry), (&names, clocks), &mut met, sink)?;
        }
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

/// Up to 2023 both apps laid their threads into `messages/inbox`, and a download of messages alone
/// may hold nothing that tells which app it is from.
fn remark_on_whose(app: &App, homes: &[Home], sink: &mut dyn Sink) -> Result<(), Stop> {
    let open = |h: &Home| h.sign == Sign::Nothing && h.tellings.iter().any(|t| t.tray.is_both());
    if app.kind == Kind::Messenger && homes.iter().any(open) {
        sink.remark(
            "Nothing in it tells whether these conversations are Messenger's or Instagram's: they \
             were taken for Messenger's. If they are Instagram's, import with --source instagram."
                .to_owned(),
        )?;
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
            let peek = if thread.pages { page::peek(tree, entry) } else { look(entry) };
            tally.add(&peek);
        }
    }
}

/// Counts who is in the conversations of files that hold many.
fn count_heads(tree: &FileTree, plan: &Plan<'_>, old: &[BTreeSet<String>], tally: &mut Tally) {
    old.iter().for_each(|people| tally.add_people(people));
    for entry in plan.early.iter().filter_map(|i| tree.entries().get(*i)) {
        early::heads(tree, entry).iter().for_each(|people| tally.add_people(people));
    }
}

#[cfg(test)]
mod tests;
