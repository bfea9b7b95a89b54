//! Tars that are packed as a whole. No file of theirs can be read without unpacking all before it,
//! so that they are named, not read: who unpacks them once can also look at their pictures later.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::{TreeError, complaint};

pub(super) const WHY: &str = "it is packed as a whole, which onebox does not read: unpack it (tar xf), then import the folder";

/// The first bytes of gzip, xz, bzip2 and Zstandard.
const BEGINNINGS: [&[u8]; 4] = [&[0x1f, 0x8b, 8], b"\xfd7zXZ\0", b"BZh", &[0x28, 0xb5, 0x2f, 0xfd]];

/// By its first bytes, whatever it is called.
pub(super) fn looks_like_one(path: &Path) -> Result<bool, TreeError> {
    let mut first = Vec::with_capacity(6);
    File::open(path)
        .and_then(|f| f.take(6).read_to_end(&mut first))
        .map_err(|why| complaint::io(path, why))?;
    Ok(BEGINNINGS.iter().any(|b| first.starts_with(b)))
}

/// By its name, in small letters: a folder is not searched for them by content.
pub(super) fn is_named_so(name: &str) -> bool {
    [".tgz", ".tar.gz", ".txz", ".tar.xz", ".tbz2", ".tar.bz2", ".tar.zst"]
        .iter()
        .any(|ending| name.len() > ending.len() && name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::super::FileTree;
    use super::*;

    #[test]
    fn they_are_named_wherever_they_lie() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = folder.path().join("takeout-1.tgz");
        std::fs::write(&at, b"\x1f\x8b\x08\0\0\0\0\0").expect("written");
        let refused = FileTree::open(&at).expect_err("not read").to_string();
        assert!(refused.contains("tar xf"), "{refused}");
        let trees = FileTree::open(folder.path()).expect("a folder");
        let told = trees.iter().flat_map(FileTree::oddities).filter(|o| o.why == WHY).count();
        assert_eq!(told, 1);
    }
}
