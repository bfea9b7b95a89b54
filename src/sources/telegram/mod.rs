//! Telegram Desktop's export: a whole account, or a single chat, of any year, in JSON or as pages.
//!
//! `result.json` is one object. Of an account it holds `personal_information`, `contacts`,
//! `chats.list` and `left_chats.list`; of a single chat it is that chat. Media lie beside it. The
//! shapes are those of tdesktop's `export_output_json.cpp` and of the exports that it wrote from
//! 2020 on: ids were bare numbers once, times had no zone before the end of 2021.

mod chat;
mod message;
mod page;
mod rich;
mod service;
mod survey;

use super::json::{holds, is_object};
use super::{Entry, FileTree, Found, ReadError, ReadOptions, Sink, Source};
use crate::model::Record;
use chat::Chats;

/// Telegram's exports.
pub const SOURCE: Source = Source { id: "telegram", parts_share_a_tree: false, recognise, read };

/// Enough to meet the first message, or what comes before it.
const HEAD: usize = 64 << 10;

/// What the beginning of a file says that it is.
fn kind(head: &[u8]) -> Option<&'static str> {
    if !is_object(head) {
        return None;
    }
    let told = |names: &[&str]| names.iter().all(|n| holds(head, n));
    let messages = told(&["messages", "type"])
        && (told(&["date_unixtime"]) || told(&["date", "from_id"]) || told(&["date", "actor_id"]));
    if told(&["personal_information", "user_id"])
        || is_account(head)
        || (told(&["chats", "list"]) && messages)
    {
        return Some("Telegram export (JSON)");
    }
    let empty = told(&["messages", "name", "id"])
        && ["personal_chat", "bot_chat", "private_group", "private_supergroup", "saved_messages"]
            .iter()
            .any(|t| holds(head, t));
    (messages || empty).then_some("Telegram chat (JSON)")
}

/// Whether it is an account's, of which long lists may come before the first chat.
fn is_account(head: &[u8]) -> bool {
    const PARTS: [&str; 6] = [
        "profile_pictures",
        "stories",
        "contacts",
        "frequent_contacts",
        "sessions",
        "web_sessions",
    ];
    holds(&head[..head.len().min(64)], "about")
        && PARTS.iter().any(|part| holds(head, part))
        && ["user_id", "date_unixtime", "rating", "last_active"].iter().any(|n| holds(head, n))
}

fn files(tree: &FileTree) -> impl Iterator<Item = (&Entry, &'static str)> {
    super::json::files(tree, HEAD, |name| name.starts_with("result"), kind)
}

fn recognise(tree: &FileTree) -> Vec<Found> {
    let mut found = Found::in_folders(files(tree));
    for page in page::pages(tree).take(page::LOOKS) {
        let root = page::root(&page.path);
        if found.iter().all(|f| f.root != root) {
            found.push(Found::sure(root, "Telegram export (HTML)"));
        }
    }
    found
}

fn read(tree: &FileTree, options: &ReadOptions, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let mut all = files(tree).filter(|(e, _)| !e.path.contains('/')).peekable();
    // Beside it the pages of the same export say less.
    if all.peek().is_none() {
        return page::read(tree, options, sink);
    }
    for (entry, _) in all {
        let me = survey::me(tree, entry, options, sink)?;
        if me.key.is_none() {
            sink.remark(match &options.me {
                Some(said) => format!("{}: nobody is called {said}", entry.path),
                None => format!(
                    "{} does not say who you are; give your name with --me NAME",
                    entry.path
                ),
            })?;
        }
        sink.take(Record::Account(me.account(options)))?;
        let mut chats = Chats::new(tree, options, &me, &entry.path);
        super::json::walk(tree, entry, &mut chats, sink)?;
        chats.finish(sink)?;
    }
    Ok(())
}
