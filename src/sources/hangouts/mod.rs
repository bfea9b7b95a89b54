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

use super::json::{holds, is_object};
use super::{Entry, FileTree, Found, ReadError, ReadOptions, Sink, Source};
use crate::model::Record;
use chats::Chats;

/// Hangouts exports.
pub const SOURCE: Source = Source { id: "hangouts", parts_share_a_tree: false, recognise, read };

/// Enough to meet the first conversation.
const HEAD: usize = 16 << 10;

fn is_export(head: &[u8]) -> bool {
    let told = |name: &str| holds(head, name);
    is_object(head)
        && (told("conversations") || told("conversation_state"))
        && told("conversation_id")
        && (told("self_conversation_state") || told("participant_data"))
}

fn files(tree: &FileTree) -> impl Iterator<Item = (&Entry, &'static str)> {
    let look = |head: &[u8]| is_export(head).then_some("Hangouts (Takeout)");
    super::json::files(tree, HEAD, |name| name.starts_with("hangouts"), look)
}

fn recognise(tree: &FileTree) -> Vec<Found> {
    Found::in_folders(files(tree))
}

fn read(tree: &FileTree, options: &ReadOptions, sink: &mut dyn Sink) -> Result<(), ReadError> {
    for (entry, _) in files(tree).filter(|(e, _)| !e.path.contains('/')) {
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
