//! The list of sources. An explicit list beats self-registration: one can read it.

use super::{FileTree, Found, ReadError, ReadOptions, Sink};
use super::{
    discord, google_chat, hangouts, imessage, instagram, interchange, mail, matrix, messenger,
    signal, skype, slack, sms, telegram, whatsapp,
};

/// An app whose exports can be read.
#[derive(Clone, Copy)]
pub struct Source {
    /// The slug (`--source`).
    pub id: &'static str,
    /// Parts of one export may lie in several zips that share one tree.
    pub parts_share_a_tree: bool,
    /// Looks at names and first kilobytes only.
    pub recognise: fn(&FileTree) -> Vec<Found>,
    /// Reads an export whose root is the tree's root.
    pub read: fn(&FileTree, &ReadOptions, &mut dyn Sink) -> Result<(), ReadError>,
}

/// Every source, in the order in which they are asked.
pub const CATALOG: &[Source] = &[
    messenger::SOURCE,
    instagram::SOURCE,
    whatsapp::SOURCE,
    telegram::SOURCE,
    imessage::SOURCE,
    signal::SOURCE,
    slack::SOURCE,
    discord::SOURCE,
    matrix::SOURCE,
    sms::SOURCE,
    skype::SOURCE,
    google_chat::SOURCE,
    hangouts::SOURCE,
    mail::SOURCE,
    interchange::SOURCE,
];
