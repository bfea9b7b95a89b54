//! Bytes as the files of an export: a byte of options, then any number of times a mark, a path, a
//! line break and the file's content. `seeds.rs` writes the same.

use std::borrow::Cow;

use onebox::sources::FileTree;

/// Stands before each file.
pub const MARK: &[u8] = b"\x1c\x1cFILE ";
/// Files of one export: a tree of thousands is another matter than what stands in them.
const MOST: usize = 40;

/// A file: its path, and what is in it.
pub type File<'a> = (Cow<'a, str>, &'a [u8]);

/// The options, and the files. Bytes without a mark are one file of the given name.
pub fn files<'a>(bytes: &'a [u8], name: &'a str) -> (u8, Vec<File<'a>>) {
    let Some((options, rest)) = bytes.split_first() else { return (0, Vec::new()) };
    let mut marks = memchr::memmem::find_iter(rest, MARK).take(MOST).peekable();
    if marks.peek() != Some(&0) {
        return (*options, vec![(name.into(), rest)]);
    }
    let mut all = Vec::new();
    while let Some(at) = marks.next() {
        let end = marks.peek().copied().unwrap_or(rest.len());
        let part = &rest[at + MARK.len()..end];
        let line = part.iter().position(|b| *b == b'\n').unwrap_or(part.len());
        let path = String::from_utf8_lossy(&part[..line]);
        all.push((path, part.get(line + 1..).unwrap_or_default()));
    }
    (*options, all)
}

/// The files as a tree in memory. Of two files of one path the last stays, as on a disk; a path that
/// no tree has is made one, as an opened folder or zip makes it.
pub fn tree(files: &[File<'_>]) -> FileTree {
    let mut kept: Vec<(String, Vec<u8>)> = Vec::new();
    for (path, bytes) in files {
        let path: Vec<&str> =
            path.split(['/', '\\']).filter(|p| !matches!(*p, "" | "." | "..")).collect();
        let path = path.join("/").replace('\0', "");
        if path.is_empty() || path.len() > 500 {
            continue;
        }
        kept.retain(|(other, _)| *other != path);
        kept.push((path, bytes.to_vec()));
    }
    FileTree::memory(kept)
}
