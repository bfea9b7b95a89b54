//! Tells whether anything of a tree was touched, without reading a byte of it.

use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::path::Path;
use std::time::UNIX_EPOCH;

use twox_hash::XxHash3_128;

use super::FileTree;
use super::place::Place;
use crate::model::Timestamp;

/// Changed so shortly ago, a file may change again within the same tick of its clock.
const STILL_WARM_MS: i64 = 2_000;

impl FileTree {
    /// A number that stays the same while every file stays the same file at the same place,
    /// untouched: a file more or less, written to, replaced or moved, gives another number.
    /// `None` where that cannot be told: in memory, or touched only just before `now`.
    pub fn stamp(&self, now: Timestamp) -> Option<u128> {
        let mut sum = XxHash3_128::new();
        let mut zips: HashMap<&Path, u64> = HashMap::new();
        for entry in self.entries() {
            sum.write(entry.path.as_bytes());
            sum.write(&entry.size.to_le_bytes());
            sum.write(entry.container.as_bytes());
            match &entry.place {
                Place::Memory(_) => return None,
                Place::Disk(path) => touched(path, now, &mut sum)?,
                Place::Tar(stretch) => {
                    let next = zips.len() as u64;
                    let number = *zips.entry(&stretch.tar).or_insert(next);
                    if number == next {
                        touched(&stretch.tar, now, &mut sum)?;
                    }
                    for n in [number, stretch.start, stretch.len] {
                        sum.write(&n.to_le_bytes());
                    }
                }
                Place::Zip(packed) => {
                    let next = zips.len() as u64;
                    let number = *zips.entry(&packed.zip).or_insert(next);
                    if number == next {
                        touched(&packed.zip, now, &mut sum)?;
                    }
                    for n in [number, packed.header, packed.packed, u64::from(packed.crc)] {
                        sum.write(&n.to_le_bytes());
                    }
                }
            }
        }
        if let Some(folder) = &self.beside {
            touched(folder, now, &mut sum)?;
        }
        for oddity in &self.oddities {
            sum.write(oddity.file.as_bytes());
            sum.write(oddity.why.as_bytes());
        }
        Some(sum.finish_128())
    }
}

fn touched(path: &Path, now: Timestamp, sum: &mut XxHash3_128) -> Option<()> {
    let meta = fs::metadata(path).ok()?;
    let modified = meta.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    let changed = changed(&meta);
    let newest = (modified.as_nanos() as i128).max(changed) / 1_000_000;
    if newest + i128::from(STILL_WARM_MS) > i128::from(now.0) {
        return None;
    }
    sum.write(path.as_os_str().as_encoded_bytes());
    sum.write(&meta.len().to_le_bytes());
    sum.write(&modified.as_nanos().to_le_bytes());
    sum.write(&changed.to_le_bytes());
    sum.write(&number(&meta).to_le_bytes());
    Some(())
}

/// Nanoseconds of the last change of anything about the file. Nobody can set this one back.
#[cfg(unix)]
fn changed(meta: &Metadata) -> i128 {
    use std::os::unix::fs::MetadataExt;
    i128::from(meta.ctime()) * 1_000_000_000 + i128::from(meta.ctime_nsec())
}

#[cfg(not(unix))]
fn changed(_: &Metadata) -> i128 {
    0
}

/// The file's own number on its disk.
#[cfg(unix)]
fn number(meta: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(meta)
}

#[cfg(not(unix))]
fn number(_: &Metadata) -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    const LATER: Timestamp = Timestamp(9_000_000_000_000);

    fn stamp(dir: &Path) -> Option<u128> {
        FileTree::open(dir).expect("a folder")[0].stamp(LATER)
    }

    #[test]
    fn whatever_is_touched_gives_another_number() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = |name: &str| dir.path().join(name);
        fs::write(file("a.json"), "1").expect("written");
        let mut seen = vec![stamp(dir.path()).expect("a number")];
        assert_eq!(stamp(dir.path()), Some(seen[0]), "nothing was touched");
        let mut changed = |what: &str| {
            let now = stamp(dir.path()).expect("a number");
            assert!(!seen.contains(&now), "{what}");
            seen.push(now);
        };
        fs::write(file("a.json"), "2").expect("written");
        changed("the same length, other content");
        fs::write(file("photo.jpg"), "").expect("written");
        changed("media that appeared later");
        fs::rename(file("photo.jpg"), file("b.jpg")).expect("renamed");
        changed("another name");
        fs::remove_file(file("b.jpg")).expect("removed");
        fs::write(file("new"), "2").expect("written");
        fs::rename(file("new"), file("a.json")).expect("replaced");
        changed("the same content in another file");
    }

    #[test]
    fn what_was_touched_just_now_has_none() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("a.json"), "1").expect("written");
        let tree = FileTree::open(dir.path()).expect("a folder").remove(0);
        assert_eq!(tree.stamp(Timestamp(0)), None);
        assert_eq!(FileTree::memory([("a".to_owned(), vec![1])]).stamp(LATER), None);
    }

    #[test]
    fn a_single_file_minds_what_lies_beside_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("chat.txt");
        fs::write(&file, "hello").expect("written");
        let before = stamp(&file);
        assert!(before.is_some());
        fs::write(dir.path().join("IMG-1.jpg"), "").expect("written");
        assert_ne!(stamp(&file), before);
    }
}
