//! The doors: one folder per app, and the frame that they share.
//!
//! A source reads its own exports and turns them into [`Record`](crate::model::Record)s. No source
//! knows another; none knows the store or the screen. What two sources of one maker share (Meta's
//! JSON) is frame, not source.

mod catalog;
mod database;
mod discord;
mod export;
mod file_tree;
mod google_chat;
mod hangouts;
mod imessage;
mod instagram;
pub mod interchange;
mod ios_backup;
mod json;
pub mod live;
mod mail;
pub mod markup;
pub mod matrix;
mod messenger;
mod meta;
mod odds;
mod poll;
mod signal;
mod skype;
mod slack;
mod sms;
mod strangers;
mod telegram;
mod whatsapp;
mod wrapped;

/// Parsers of pieces inside of files, open so that they can be fuzzed by themselves (`fuzz/`): no
/// promise to anybody.
#[doc(hidden)]
pub mod parts {
    pub use super::imessage::text as typedstream;
    pub use super::json::mend::{Gauge, Mending, mend};
    pub use super::json::parse;
    pub use super::whatsapp::parts::*;
}

pub use catalog::{CATALOG, Source};
pub use export::{Confidence, DateOrder, Found, Quiet, ReadError, ReadOptions, Sink, Stop, Zone};
pub(crate) use file_tree::differ;
pub use file_tree::{
    Entry, FileTree, OnDisk, Private, TreeError, Unlocked, has_room, in_utf8, parted, sweep,
};
pub use meta::{
    Age, Download, account_of, is_undecided, made_on, newest, over_each_other,
    owners as messenger_owners,
};
pub use strangers::strangers;
pub use wrapped::unwrapped;

/// What a source does not recognise as its own, and reads where the person, or another part of the
/// same download, says that it is.
pub fn said_to_be(source: &str, tree: &FileTree) -> Vec<Found> {
    match source {
        "messenger" => messenger::said_to_be(tree),
        "instagram" => instagram::said_to_be(tree),
        _ => Vec::new(),
    }
}
