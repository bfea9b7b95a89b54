//! Messenger: Facebook's download and the one of its encrypted chats.

use super::meta::{self, App, Kind};
use super::{FileTree, Found, ReadError, ReadOptions, Sink, Source};

const APP: App =
    App { id: "messenger", other: "instagram", name: "Messenger", kind: Kind::Messenger };

/// Messenger's exports.
pub const SOURCE: Source = Source { id: APP.id, parts_share_a_tree: true, recognise, read };

fn recognise(tree: &FileTree) -> Vec<Found> {
    meta::recognise(&APP, tree)
}

/// What may be Messenger's, if somebody says so.
pub fn said_to_be(tree: &FileTree) -> Vec<Found> {
    meta::said_to_be(&APP, tree)
}

fn read(tree: &FileTree, options: &ReadOptions, sink: &mut dyn Sink) -> Result<(), ReadError> {
    meta::read(&APP, tree, options, sink)
}
