//! Google Hangouts as Takeout handed it out until it closed: `Hangouts.json`, with the pictures
//! beside it in later years.
//!
//! The file holds `conversations`, each a `conversation` (people, what I have read) and its
//! `events`; until 2017 the same stood in `conversation_state`. Times are microseconds. The shapes
//! are those that public readers of the format know (Jessecar96/hangouts-reader and others); no
//! export of a real account was at hand.

mod chats;
mod event;
mod survey;

use super::{Confidence, Entry, FileTree, Found, ReadError, ReadOptions, Sink, Source};
use crate::model::Record;
use chats::Chats;

/// Hangouts exports.
pub const SOURCE: Source = Source { id: "hangouts", parts_share_a_tree: false, recognise, read };

/// Enough to meet the first conversation.
const HEAD: usize = 16 << 10;
/// Files that are looked into for what they are, beside those that bear the right name.
const LOOKED_AT: usize = 200;

fn is_export(head: &[u8]) -> bool {
    let start = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let holds = |name: &str| memchr::memmem::find(head, format!("\"{name}\"").as_bytes()).is_some();
    start.starts_with(b"{")
        && (holds("conversations") || holds("conversation_state"))
        && holds("conversation_id")
        && (holds("self_conversation_state") || holds("participant_data"))
}

fn files(tree: &FileTree) -> impl Iterator<Item = &Entry> {
    let mut looked_at = 0;
    tree.entries().iter().filter(move |entry| {
        let name = entry.path.rsplit('/').next().unwrap_or(&entry.path).to_ascii_lowercase();
        if !name.ends_with(".json") {
            return false;
        }
        if !name.starts_with("hangouts") {
            looked_at += 1;
            if looked_at > LOOKED_AT {
                return false;
            }
        }
        tree.head(entry, HEAD).is_ok_and(|head| is_export(&head))
    })
}

fn recognise(tree: &FileTree) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for entry in files(tree) {
        let root = entry.path.rsplit_once('/').map_or("", |(dir, _)| dir);
        if found.iter().all(|f| f.root != root) {
            let what = "Hangouts (Takeout)".to_owned();
            found.push(Found { root: root.to_owned(), confidence: Confidence::Sure, what });
        }
    }
    found
}

fn read(tree: &FileTree, options: &ReadOptions, sink: &mut dyn Sink) -> Result<(), ReadError> {
    for entry in files(tree).filter(|e| !e.path.contains('/')) {
        let known = survey::look(tree, entry, sink)?;
        let account = known.account(options);
        let my_name = account.name.clone();
        if known.me.is_empty() && options.me.is_none() {
            sink.remark(format!(
                "{} does not say who you are; give your name with --me NAME",
                entry.path
            ))?;
        }
        sink.take(Record::Account(account))?;
        let mut chats = Chats::new(tree, &known, &my_name, &entry.path);
        super::json::walk(tree, entry, &mut chats, sink)?;
        chats.finish(sink)?;
    }
    Ok(())
}
