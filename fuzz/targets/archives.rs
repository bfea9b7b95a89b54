//! Zips and tars, well-formed or not: what is in them stays inside, is no larger than it says, and
//! can be opened again by the name that it was given.

#![no_main]

use std::io::Read;
use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use onebox::model::Timestamp;
use onebox::sources::{CATALOG, FileTree};
use onebox_fuzz::{exports, memory, zips};

/// What is read of one archive: one that unpacks to much more is read in pieces as any.
const ENOUGH: u64 = 4 << 20;
/// An archive may hold no more than this in memory, whatever it lists.
const ROOM: usize = 32 << 20;

/// A file that is written anew each time, in a folder of its own.
static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = tempfile::Builder::new().prefix("onebox-fuzz-").tempdir().expect("a folder");
    folder.keep().join("export")
});

fuzz_target!(|bytes: &[u8]| {
    let Some((way, rest)) = bytes.split_first() else { return };
    let bytes = match way {
        b'z' => {
            let line = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
            let name = String::from_utf8_lossy(&rest[..line]);
            zips::zip(&name, rest.get(line + 1..).unwrap_or_default())
        }
        _ => rest.to_vec(),
    };
    std::fs::write(&*FILE, &bytes).expect("room for a file");
    memory::within(ROOM + bytes.len() * 200, "archive", || looked_through(*way, &bytes));
});

fn looked_through(way: u8, bytes: &[u8]) {
    let Ok(trees) = FileTree::open(&FILE) else { return };
    for tree in &trees {
        assert!(tree.entries().len() <= bytes.len() + 1);
        let mut left = ENOUGH;
        for entry in tree.entries() {
            let odd = |part: &str| matches!(part, "" | "." | "..");
            assert!(!entry.path.split('/').any(odd) && !entry.path.contains('\0'), "{entry:?}");
            assert_eq!(tree.find(&entry.path).map(|e| &e.path), Some(&entry.path));
            let Ok(reader) = tree.open_entry(entry) else { continue };
            let read = std::io::copy(&mut reader.take(left.min(1 << 20)), &mut std::io::sink());
            let read = read.unwrap_or(0);
            // Two bytes of UTF-16 are read as up to three.
            assert!(read <= entry.size / 2 * 3 + 3, "{entry:?}: {read}");
            left -= read;
            if left == 0 {
                break;
            }
        }
        let _touched = tree.stamp(Timestamp(i64::MAX));
        if let Some(entry) = tree.entries().first() {
            let container = tree.container(entry);
            let again = FileTree::reopen(&container).expect("it was just open");
            assert!(again.find(&entry.path).is_some(), "{container}: {}", entry.path);
            let media = FileTree::read_media(&container, &entry.path, ENOUGH);
            assert!(media.is_err() || media.is_ok_and(|m| m.len() as u64 <= ENOUGH));
        }
        for source in CATALOG {
            for found in (source.recognise)(tree) {
                assert!(found.root.is_empty() || !tree.under(&found.root).is_empty(), "{found:?}");
            }
        }
        if way & 1 == 1 && left > 0 {
            exports::read(tree, &["messenger", "whatsapp", "onebox"], 0, bytes);
        }
    }
}
