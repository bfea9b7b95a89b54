//! Finding the JSON files of an export by how they begin.

use crate::sources::{Entry, FileTree};

/// Files that are looked into for what they are, beside those that bear the right name.
const LOOKED_AT: usize = 200;

/// Whether a beginning is that of an object.
pub fn is_object(head: &[u8]) -> bool {
    head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start().starts_with(b"{")
}

/// Whether a name stands in it, in quotes.
pub fn holds(head: &[u8], name: &str) -> bool {
    memchr::memmem::find(head, format!("\"{name}\"").as_bytes()).is_some()
}

/// The JSON files whose first bytes are somebody's, and what they are. Those that bear the app's
/// name (in small letters) are all looked into, of others only the first.
pub fn files<'t, T>(
    tree: &'t FileTree,
    head: usize,
    named: impl Fn(&str) -> bool + 't,
    look: impl Fn(&[u8]) -> Option<T> + 't,
) -> impl Iterator<Item = (&'t Entry, T)> {
    let mut looked_at = 0;
    tree.entries().iter().filter_map(move |entry| {
        let name = entry.parted().1.to_ascii_lowercase();
        if !name.ends_with(".json") {
            return None;
        }
        if !named(&name) {
            looked_at += 1;
            if looked_at > LOOKED_AT {
                return None;
            }
        }
        Some((entry, look(&tree.head(entry, head).ok()?)?))
    })
}
