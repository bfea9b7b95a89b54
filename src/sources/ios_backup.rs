//! Backups of an iPhone as Finder and iTunes make them: files under hashed names, and
//! `Manifest.db`, which knows what each is called on the phone. Frame for the readers, no source.
//!
//! Since iOS 10 (2016) `Files` has `fileID` (the hash, and the file's name), `domain` and
//! `relativePath`; a file lies in the folder of its hash's first two digits, before that beside the
//! others. Both widely documented (libimobiledevice, "Practical Mobile Forensics").

use std::collections::HashMap;

use super::database::{Database, MAGIC};
use super::{Entry, FileTree, ReadError, Sink};
use crate::model::MediaPlace;

/// Why nothing of an encrypted backup is read, and what to do.
const ENCRYPTED: &str = "this backup of an iPhone is encrypted: in Finder or iTunes turn off \
                         “Encrypt local backup”, back up again, and import that one";
/// Files kept of a domain; no phone has so many.
const MOST: usize = 1_000_000;
/// Bytes of a path; no phone has longer ones.
const LONGEST: usize = 1024;
/// Digits of a hash.
const DIGITS: usize = 40;

/// Files of a backup by what the phone calls them.
pub struct IosBackup {
    files: HashMap<String, String>,
}

/// Whose files are asked for.
#[derive(Clone, Copy)]
pub enum Domain<'a> {
    /// Those of the domain that a file belongs to.
    Own,
    /// Those of a named one.
    Named(&'a str),
}

/// The folder of a backup that a file under a hashed name lies in; with a `/` unless empty.
fn root(entry: &Entry) -> Option<&str> {
    let (folder, name) = entry.parted();
    if name.len() != DIGITS || !name.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    if folder.is_empty() {
        return Some(folder);
    }
    let above = folder.strip_suffix(name.get(..2)?).filter(|a| a.is_empty() || a.ends_with('/'));
    above.or_else(|| entry.path.get(..folder.len() + 1))
}

/// The manifest of an encrypted backup, by files under hashed names that should be databases and
/// are none.
fn encrypted<'t>(tree: &'t FileTree, names: &[&str]) -> Option<&'t Entry> {
    tree.entries().iter().find_map(|e| {
        let root = names.contains(&e.parted().1).then(|| root(e)).flatten()?;
        let manifest = ["Manifest.db", "Manifest.plist", "Manifest.mbdb"]
            .iter()
            .find_map(|name| tree.find(&format!("{root}{name}")))?;
        let open = tree.head(e, MAGIC.len()).is_ok_and(|head| head == MAGIC);
        (!open && e.size > 0).then_some(manifest)
    })
}

/// Tells of an encrypted backup that holds databases of these hashed names, if there is one.
pub fn locked(tree: &FileTree, names: &[&str]) -> Option<ReadError> {
    encrypted(tree, names)
        .map(|e| ReadError::Format { file: e.path.clone(), why: ENCRYPTED.to_owned() })
}

impl IosBackup {
    /// The backup that a database was found in under its hashed name, as far as files of a domain
    /// below a path go. `None`: it lies in no backup, or in one without a manifest that is known.
    pub fn of(
        tree: &FileTree,
        entry: &Entry,
        domain: Domain<'_>,
        below: &str,
        sink: &mut dyn Sink,
    ) -> Result<Option<Self>, ReadError> {
        let Some(root) = root(entry) else { return Ok(None) };
        let Some(manifest) = tree.find(&format!("{root}Manifest.db")) else { return Ok(None) };
        let Some(db) = Database::with(&["Files"], tree, manifest, sink)? else { return Ok(None) };
        let columns = ["fileID", "domain", "relativePath"];
        if columns.iter().any(|c| db.column("f", "Files", &[c]) == "NULL") {
            return Ok(None);
        }
        let domain = match domain {
            Domain::Named(name) => format!("'{name}'"),
            Domain::Own => {
                let id = entry.parted().1.to_ascii_lowercase();
                format!("(SELECT domain FROM Files WHERE fileID = '{id}')")
            }
        };
        let sql = format!(
            "SELECT f.fileID, f.relativePath FROM Files f
             WHERE f.domain = {domain} AND f.relativePath LIKE '{below}%'"
        );
        let mut files = HashMap::new();
        db.each(&sql, sink, &mut |r, sink| {
            sink.advance(0)?;
            let (Some(id), Some(path)) = (r.text(0), r.text(1)) else { return Ok(()) };
            if id.len() != DIGITS || path.len() > LONGEST {
                return Ok(());
            }
            let folder = id.get(..2).unwrap_or_default();
            let there = tree
                .find(&format!("{root}{folder}/{id}"))
                .or_else(|| tree.find(&format!("{root}{id}")));
            if let Some(file) = there.filter(|_| files.len() < MOST) {
                files.insert(path, file.path.clone());
            }
            Ok(())
        })?;
        Ok(Some(Self { files }))
    }

    /// The file of a path on the phone.
    pub fn find<'t>(&self, tree: &'t FileTree, path: &str) -> Option<&'t Entry> {
        tree.find(self.files.get(path)?)
    }

    /// Where the file of a path on the phone is; `None`: it is not in the backup.
    pub fn media(&self, tree: &FileTree, path: &str) -> Option<MediaPlace> {
        Some(tree.media(self.files.get(path)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_found_around_its_files() {
        let hash = "7c7fba66680ef796b916b067077cc246adacf01d";
        let root_of = |path: &str| {
            let tree = FileTree::memory([(path.to_owned(), Vec::new())]);
            root(&tree.entries()[0]).map(str::to_owned)
        };
        assert_eq!(root_of(&format!("7c/{hash}")).as_deref(), Some(""));
        assert_eq!(root_of(&format!("Backup/00-1/7c/{hash}")).as_deref(), Some("Backup/00-1/"));
        assert_eq!(root_of(&format!("old/{hash}")).as_deref(), Some("old/"));
        assert_eq!(root_of(&format!("x7c/{hash}")).as_deref(), Some("x7c/"));
        assert_eq!(root_of(hash).as_deref(), Some(""));
        assert_eq!(root_of("7c/ChatStorage.sqlite"), None);
    }
}
