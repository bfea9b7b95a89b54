//! Skype's export: `messages.json` and the folder `media`, in a tar, a zip or a folder.
//!
//! The file holds `userId` (me), and `conversations`, each with its `MessageList`, newest first.
//! Content is text with tags. The shapes are those that public readers of the export and of Skype's
//! own service know (siwen-r/skype-export-parser, Terrance/SkPy, Miranda NG); no export of a real
//! account was at hand, so that whatever is not known stays as text.

mod chats;
mod content;
mod message;
mod survey;

use super::json::{holds, is_object};
use super::{Entry, FileTree, Found, ReadError, ReadOptions, Sink, Source};
use crate::model::Record;
use chats::Chats;

/// Skype's exports.
pub const SOURCE: Source = Source { id: "skype", parts_share_a_tree: false, recognise, read };

/// Enough to meet the first conversation.
const HEAD: usize = 16 << 10;

fn is_export(head: &[u8]) -> bool {
    let told = |name: &str| holds(head, name);
    is_object(head)
        && told("conversations")
        && ((told("userId") && told("exportDate"))
            || (told("MessageList") && told("originalarrivaltime"))
            || (told("userId") && told("threadProperties")))
}

fn files(tree: &FileTree) -> impl Iterator<Item = (&Entry, &'static str)> {
    let look = |head: &[u8]| is_export(head).then_some("Skype export");
    super::json::files(tree, HEAD, |name| name == "messages.json", look)
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
