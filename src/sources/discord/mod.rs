//! Discord: the data package that Discord sends, and the JSON of DiscordChatExporter.
//!
//! The **package** holds one's own messages only: `Messages/c<id>/channel.json` with
//! `messages.json` (before 2024 `messages.csv`), `Messages/index.json` with titles, and
//! `Account/user.json`, which says who I am. Folders bear the names of the account's language, so
//! they are known by what lies in them. **DiscordChatExporter** writes one file for each channel,
//! with everybody's messages (`JsonMessageWriter.cs`); files that it saved lie beside, in
//! `<name>.json_Files/`. Nothing in it says who made it.
//!
//! Ids are snowflakes, which tell their instant to the millisecond; both kinds name a message by the
//! same id.

mod csv;
mod export;
mod me;
mod message;
mod notices;
mod package;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use super::json::{holds, is_object};
use super::parted;
use super::{Confidence, Entry, FileTree, Found, ReadError, ReadOptions, Sink, Source};
use crate::model::{Record, Timestamp};

/// Discord's exports.
pub const SOURCE: Source = Source { id: "discord", parts_share_a_tree: false, recognise, read };

/// Enough to meet the first message of a channel, or what comes before it.
const HEAD: usize = 16 << 10;
/// Files that are looked into in each folder, for what they are.
const LOOKED_AT: usize = 40;
/// Folders whose files are looked into.
const FOLDERS: usize = 500;
/// The instant from which snowflakes count.
const EPOCH: i64 = 1_420_070_400_000;

/// The instant that an id tells.
fn instant(id: &str) -> Option<Timestamp> {
    let number: i64 = id.trim().parse().ok().filter(|n| *n > 1 << 22)?;
    Some(Timestamp((number >> 22).saturating_add(EPOCH)))
}

/// The folder of a package's channel: an id, since 2021 with a `c` before it.
fn is_channel(folder: &str) -> bool {
    let id = folder.strip_prefix('c').unwrap_or(folder);
    (15..=20).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a file is one of DiscordChatExporter's.
fn is_export(tree: &FileTree, entry: &Entry) -> bool {
    let told = |head: &[u8]| {
        is_object(head)
            && ["guild", "channel", "messages"].iter().all(|n| holds(head, n))
            && (holds(head, "dateRange") || (holds(head, "author") && holds(head, "timestamp")))
    };
    parted(&entry.path).1.to_ascii_lowercase().ends_with(".json")
        && tree.head(entry, HEAD).is_ok_and(|head| told(&head))
}

/// Whether a file says what channel of a package its folder is.
fn is_channel_file(entry: &Entry) -> bool {
    let (folder, name) = parted(&entry.path);
    name == "channel.json" && is_channel(parted(folder).1)
}

/// The channels of the package whose root is the tree's; another one may lie further down.
fn channel_files(tree: &FileTree) -> impl Iterator<Item = &Entry> {
    tree.entries().iter().filter(|e| e.path.matches('/').count() <= 2 && is_channel_file(e))
}

fn recognise(tree: &FileTree) -> Vec<Found> {
    let mut packages: BTreeSet<&str> = BTreeSet::new();
    let mut folders: BTreeMap<&str, usize> = BTreeMap::new();
    let mut exports: BTreeSet<&str> = BTreeSet::new();
    for entry in tree.entries() {
        let (folder, name) = parted(&entry.path);
        if is_channel_file(entry) {
            let root = parted(parted(folder).0).0;
            let is_one =
                |head: Vec<u8>| is_object(&head) && holds(&head, "id") && holds(&head, "type");
            if !packages.contains(root) && tree.head(entry, HEAD).is_ok_and(is_one) {
                packages.insert(root);
            }
        } else if name.to_ascii_lowercase().ends_with(".json") && !exports.contains(folder) {
            let many = folders.len() >= FOLDERS && !folders.contains_key(folder);
            let looked_at = folders.entry(folder).or_default();
            *looked_at += 1;
            if !many && *looked_at <= LOOKED_AT && is_export(tree, entry) {
                exports.insert(folder);
            }
        }
    }
    let found = |root: &str, what: &str| Found {
        root: root.to_owned(),
        confidence: Confidence::Sure,
        what: what.to_owned(),
    };
    let mut all: Vec<Found> =
        packages.iter().map(|root| found(root, "Discord data package")).collect();
    let others = exports.iter().filter(|root| !packages.contains(*root));
    all.extend(others.map(|root| found(root, "Discord channels (DiscordChatExporter)")));
    all
}

fn read(tree: &FileTree, options: &ReadOptions, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let exports: Vec<&Entry> =
        tree.entries().iter().filter(|e| !e.path.contains('/') && is_export(tree, e)).collect();
    let owner = package::owner(tree, sink)?;
    let me = me::find(tree, &exports, &owner, options, sink)?;
    for remark in &me.remarks {
        sink.remark(remark.clone())?;
    }
    sink.take(Record::Account(me.account(options)))?;
    package::read(tree, &owner, &me, sink)?;
    export::read(tree, &exports, &me, sink)?;
    Ok(())
}
