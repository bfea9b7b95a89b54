//! Slack's workspace export: lists of people and conversations, and a folder of days for each.
//!
//! `users.json`, `channels.json` (public), `groups.json` (private), `mpims.json` (several people) and
//! `dms.json` (two people) lie beside the folders; who may not export private conversations gets
//! fewer of them. A folder bears a channel's name, or its id, and holds one `YYYY-MM-DD.json` for
//! each day. The shapes are those that hfaran/slack-export-viewer reads and that Slack's page "Read
//! JSON exports" names; rusq/slackdump writes the same, with files in `__uploads/<id>/` or
//! `<channel>/attachments/`. Nothing says whose export it is. An organisation's export holds its
//! workspaces in `teams/`.

mod blocks;
mod channel;
mod message;
mod mrkdwn;
mod people;

use std::collections::{BTreeMap, BTreeSet};

use super::parted;
use super::{Confidence, Entry, FileTree, Found, ReadError, ReadOptions, Sink, Source};
use crate::model::Record;

/// Slack's exports.
pub const SOURCE: Source = Source { id: "slack", parts_share_a_tree: false, recognise, read };

/// The files that list conversations.
const LISTS: [&str; 4] = ["channels.json", "groups.json", "mpims.json", "dms.json"];
/// The files that list people: of a workspace, of an organisation.
const PEOPLE: [&str; 2] = ["users.json", "org_users.json"];
/// Enough to meet the time of a first message.
const HEAD: usize = 16 << 10;
/// What lies before the workspaces of an organisation, and how many there are.
const TEAMS: &str = "teams/";
const WORKSPACES: usize = 1_000;
/// Days looked into for each export: some are empty.
const LOOKED_AT: usize = 6;

/// `2024-01-31.json`.
fn is_day(name: &str) -> bool {
    let Some(day) = name.strip_suffix(".json") else { return false };
    day.len() == 10
        && day.bytes().enumerate().all(|(i, b)| match i {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        })
}

/// Whether a day begins like one of Slack's: a list of messages whose `ts` is text with a fraction.
fn is_slack(head: &[u8]) -> bool {
    let start = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    if !start.starts_with(b"[") || memchr::memmem::find(head, b"\"type\"").is_none() {
        return false;
    }
    memchr::memmem::find_iter(head, b"\"ts\"").any(|at| {
        let rest = head.get(at + 4..).unwrap_or_default().trim_ascii_start();
        let Some(rest) = rest.strip_prefix(b":").map(<[u8]>::trim_ascii_start) else {
            return false;
        };
        let Some(time) = rest.strip_prefix(b"\"") else { return false };
        let digits = time.iter().take_while(|b| b.is_ascii_digit()).count();
        digits > 0 && time.get(digits) == Some(&b'.')
    })
}

fn recognise(tree: &FileTree) -> Vec<Found> {
    let mut days: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    let mut lists: BTreeSet<&str> = BTreeSet::new();
    for entry in tree.entries() {
        let (folder, name) = parted(&entry.path);
        if is_day(name) {
            let some = days.entry(parted(folder).0).or_default();
            // Some from the first, some from the last of them.
            match some.len() {
                n if n < LOOKED_AT => some.push(entry),
                _ => some[LOOKED_AT - 1] = entry,
            }
        } else if LISTS.contains(&name) || PEOPLE.contains(&name) {
            lists.insert(folder);
        }
    }
    let said = |e: &&Entry| tree.head(e, HEAD).is_ok_and(|head| is_slack(&head));
    let found = |root: &&str| Found {
        root: (*root).to_owned(),
        confidence: Confidence::Sure,
        what: "Slack workspace export".to_owned(),
    };
    let sure: Vec<&str> =
        days.iter().filter(|(_, d)| d.iter().any(said)).map(|(root, _)| *root).collect();
    // A channel's own folder is none where its workspace is there.
    let whole = |root: &&&str| {
        !sure.iter().any(|o| *o != **root && parted(root).0 == *o && lists.contains(o))
    };
    sure.iter().filter(whole).map(found).collect()
}

fn read(tree: &FileTree, options: &ReadOptions, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let mut people = people::read(tree, sink)?;
    let lists = channel::lists(tree, &mut people, sink)?;
    people.find_me(options, &lists);
    for remark in people.remarks() {
        sink.remark(remark)?;
    }
    let account = people.account(options);
    let key = account.key.clone();
    sink.take(Record::Account(account))?;
    channel::read(tree, &people, lists, sink)?;
    for root in workspaces(tree) {
        let name = parted(&root).1;
        workspace(&tree.below(&root), &people, &format!("{key}/{name}"), options, sink)?;
    }
    Ok(())
}

/// The workspaces of an organisation whose export holds each in a folder of its own (Enterprise Grid).
fn workspaces(tree: &FileTree) -> Vec<String> {
    let mut all: BTreeSet<String> = BTreeSet::new();
    for entry in tree.under(TEAMS) {
        let rest = entry.path.strip_prefix(TEAMS).unwrap_or_default();
        let Some((own, file)) = rest.split_once('/') else { continue };
        if is_day(parted(file).1) && !all.contains(own) && all.len() < WORKSPACES {
            all.insert(own.to_owned());
        }
    }
    all.into_iter().map(|own| format!("{TEAMS}{own}")).collect()
}

/// Reads a workspace of an organisation, whose people are listed there or with the organisation; `key`:
/// what it is known by where nothing in it says it.
fn workspace(
    tree: &FileTree,
    organisation: &people::People,
    key: &str,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    let mut people = people::read(tree, sink)?;
    people.join(organisation);
    let lists = channel::lists(tree, &mut people, sink)?;
    let mut account = people.account(options);
    if account.key.is_empty() {
        key.clone_into(&mut account.key);
    }
    sink.take(Record::Account(account))?;
    channel::read(tree, &people, lists, sink)?;
    Ok(())
}
