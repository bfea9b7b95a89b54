//! What an account's export says of itself: who I am, and of what kind its chats are.

use std::collections::HashMap;

use super::{CHATS, has_class};
use crate::model::ThreadKind;
use crate::sources::markup::{Bounds, Piece, Tags};
use crate::sources::{Entry, FileTree};

const BOUNDS: Bounds = Bounds { value: 4 << 10, tag: 16 << 10, text: 4 << 10, heavy: ("style", 0) };
/// Pieces of a list that are read.
const PIECES: u32 = 5_000_000;
/// Chats of a list.
const MOST: usize = 200_000;

/// A chat as the account's list has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Its kind.
    pub kind: Option<ThreadKind>,
    /// The chat with oneself.
    pub saved: bool,
    /// I am no longer in.
    pub left: bool,
}

/// Every text of a page with the classes of the tag that it stands in, and the last address before.
fn texts(tree: &FileTree, entry: &Entry, mut told: impl FnMut(&str, &str, &str)) {
    let Ok(reader) = tree.open_entry(entry) else { return };
    let mut tags = Tags::new(reader, BOUNDS);
    let (mut class, mut href) = (String::new(), String::new());
    for _ in 0..PIECES {
        match tags.piece() {
            Ok(Some(Piece::Tag(tag))) if !tag.closes() => {
                class = tag.value("class").unwrap_or_default();
                if let Some(to) = tag.value("href").filter(|_| tag.name() == "a") {
                    href = to;
                }
                if class.contains("entry_list") {
                    told(&class, &href, "");
                }
            }
            Ok(Some(Piece::Tag(_))) => {}
            Ok(Some(Piece::Text(text))) => {
                let text = text.trim();
                if !text.is_empty() {
                    told(&class, &href, text);
                }
            }
            Ok(None) | Err(_) => return,
        }
    }
}

/// My name, as the account's own page has it.
pub fn owner(tree: &FileTree) -> Option<String> {
    let entry = tree.find("export_results.html")?;
    let (mut label, mut parts) = (String::new(), Vec::new());
    texts(tree, entry, |class, _, text| {
        let is = |c: &str| has_class(class, c);
        if is("label") {
            text.clone_into(&mut label);
        } else if is("value") && matches!(label.as_str(), "First name" | "Last name") {
            parts.push(text.to_owned());
        }
    });
    Some(parts.join(" ")).filter(|name| !name.is_empty())
}

/// The chats of an account by the number of their folder.
pub fn chats(tree: &FileTree) -> HashMap<String, Listed> {
    let mut out: HashMap<String, Listed> = HashMap::new();
    let Some(entry) = tree.find("lists/chats.html") else { return out };
    let mut lists = 0;
    texts(tree, entry, |class, href, text| {
        let is = |c: &str| has_class(class, c);
        if is("entry_list") {
            // Chats that were left come in a list of their own, behind the others.
            lists += 1;
            return;
        }
        let Some(folder) = folder(href).filter(|_| out.len() < MOST) else { return };
        let listed = out.entry(folder.to_owned()).or_default();
        listed.left = lists > 1;
        if is("info") {
            listed.kind = match text {
                "private" | "bot" => Some(ThreadKind::Direct),
                "group" => Some(ThreadKind::Group),
                "channel" => Some(ThreadKind::Channel),
                _ => None,
            };
        } else if is("name") {
            listed.saved = text == "Saved messages";
        }
    });
    out
}

/// `chats/chat_12` of a page's path or address.
pub fn folder(path: &str) -> Option<&str> {
    let at = path.rfind(CHATS)?;
    let rest = &path[at..];
    let end = rest.get(CHATS.len()..)?.find('/')?;
    rest.get(..CHATS.len() + end)
}
