//! Telegram Desktop's export in HTML, which it offers first: a whole account, or a single chat.
//!
//! A chat is `messages.html`, `messages2.html`, … of a thousand posts each, in the export's folder
//! or in `chats/chat_N/`. Ids of people and chats are not in it: names tell them apart. The shapes
//! are those of tdesktop's `export_output_html.cpp` from 2018 on; times have a zone since 2022.

mod compose;
mod lists;
mod parse;
mod survey;
mod tell;

use std::collections::HashSet;

use crate::sources::{Entry, FileTree};

pub use tell::read;

/// A page's head: it says what it is before the first post.
const HEAD: usize = 4 << 10;
/// Chats looked into to know an export.
pub const LOOKS: usize = 5_000;
/// Classes of a tag that are looked at.
const CLASSES: usize = 20;
/// Where an account's chats lie.
const CHATS: &str = "chats/chat_";

/// The first page of each chat.
pub fn pages(tree: &FileTree) -> impl Iterator<Item = &Entry> {
    let mut met = HashSet::new();
    let of_chat = |e: &&Entry| number(e.parted().1).is_some();
    // One of each folder: a chat of a million posts has a thousand.
    let folders = tree.entries().iter().filter(of_chat).filter(move |e| met.insert(e.parted().0));
    let first = |e: &Entry| in_order(tree, e).first().copied();
    folders.filter_map(first).filter(|e| is_page(tree, e))
}

/// Which of a chat's pages bears a name: `messages2.html`.
fn number(name: &str) -> Option<u32> {
    if name.len() > 24 {
        return None;
    }
    let name = name.to_ascii_lowercase();
    let number = name.strip_prefix("messages")?.strip_suffix(".html")?;
    if number.is_empty() { Some(1) } else { number.parse().ok() }
}

fn is_page(tree: &FileTree, entry: &Entry) -> bool {
    let Ok(head) = tree.head(entry, HEAD) else { return false };
    let holds = |what: &str| memchr::memmem::find(&head, what.as_bytes()).is_some();
    holds("page_header") && holds("chat_page") && holds("history")
}

/// The folder of the export that a chat's first page is of.
pub fn root(page: &str) -> &str {
    let folder = page.rfind('/').map_or("", |at| &page[..at]);
    match folder.rfind(CHATS) {
        Some(at) if at == 0 || folder[..at].ends_with('/') => folder[..at].trim_end_matches('/'),
        _ => folder,
    }
}

/// The pages of a chat in their order, given one of them.
fn in_order<'t>(tree: &'t FileTree, page: &Entry) -> Vec<&'t Entry> {
    let (folder, _) = page.parted();
    let prefix =
        if folder.is_empty() { "messages".to_owned() } else { format!("{folder}/messages") };
    let beside = tree.under(&prefix).iter().filter(|e| e.parted().0 == folder);
    let mut all: Vec<(u32, &Entry)> =
        beside.filter_map(|e| Some((number(e.parted().1)?, e))).collect();
    all.sort_by_key(|(n, _)| *n);
    all.into_iter().map(|(_, e)| e).collect()
}

/// The classes of a tag, out of its `class`.
fn classes(all: &str) -> impl Iterator<Item = &str> {
    all.split_ascii_whitespace().take(CLASSES)
}

/// Whether a tag is of a class.
fn has_class(all: &str, class: &str) -> bool {
    classes(all).any(|c| c == class)
}
