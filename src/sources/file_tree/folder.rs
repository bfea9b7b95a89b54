//! Folders on disk: every file below, links left alone, zips and tars opened beside.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::complaint::Complaints;
use super::{
    Entry, FileTree, Place, TreeError, absolute, complaint, file_name, is_litter, packed, shown,
};

const MAX_DEPTH: usize = 40;
const MAX_FILES: usize = 10_000_000;
/// A person's downloads lie near the top; a zip further down is an attachment.
const ZIPS_DOWN_TO: usize = 4;
const MAX_ZIPS: usize = 500;

struct Walk {
    entries: Vec<Entry>,
    zips: Vec<PathBuf>,
    complaints: Complaints,
    container: Arc<str>,
}

/// The folder and every zip and tar in it.
pub(super) fn open(path: &Path) -> Result<Vec<FileTree>, TreeError> {
    let mut walk = walk(path)?;
    let mut zips = Vec::new();
    for zip in &walk.zips {
        if zips.len() >= MAX_ZIPS {
            walk.complaints.add(&shown(zip), "one zip too many; import it by itself");
            continue;
        }
        let opened = match super::zip::looks_like_one(zip) {
            Ok(true) => super::zip::open(zip),
            // What is only called a tar is a file like any other.
            Ok(false) => match super::tar::looks_like_one(zip) {
                Ok(true) => super::tar::open(zip),
                Ok(false) => continue,
                Err(why) => Err(why),
            },
            Err(why) => Err(why),
        };
        match opened {
            Ok(tree) => zips.push(tree),
            Err(why) => walk.complaints.add(&shown(zip), &why.why()),
        }
    }
    let mut trees = vec![FileTree::build(file_name(path), walk.entries, walk.complaints)];
    trees.append(&mut zips);
    Ok(trees)
}

/// The folder without looking into its zips.
pub(super) fn alone(path: &Path) -> Result<FileTree, TreeError> {
    let walk = walk(path)?;
    Ok(FileTree::build(file_name(path), walk.entries, walk.complaints))
}

fn walk(path: &Path) -> Result<Walk, TreeError> {
    let root = absolute(path);
    let mut walk = Walk {
        entries: Vec::new(),
        zips: Vec::new(),
        complaints: Complaints::default(),
        container: shown(&root).into(),
    };
    let top = fs::read_dir(&root).map_err(|why| complaint::io(path, why))?;
    let mut open = vec![(top, String::new(), 1)];
    while let Some((dir, prefix, depth)) = open.pop() {
        for item in dir {
            let Ok(item) = item else {
                walk.complaints.add(&prefix, "the folder cannot be read to its end");
                break;
            };
            if walk.entries.len() >= MAX_FILES {
                walk.complaints.add(&prefix, "more files than onebox reads; import its parts");
                return Ok(walk);
            }
            let Some((sub, at)) = walk.take(&item, &prefix, depth) else { continue };
            match fs::read_dir(item.path()) {
                Ok(dir) => open.push((dir, sub, at)),
                Err(why) => {
                    walk.complaints.add(&sub, &complaint::io(&item.path(), why).to_string())
                }
            }
        }
    }
    walk.zips.sort();
    Ok(walk)
}

impl Walk {
    /// Notes a file; of a folder that is to be looked into it gives the prefix and depth.
    fn take(&mut self, item: &fs::DirEntry, prefix: &str, depth: usize) -> Option<(String, usize)> {
        let name = item.file_name().to_string_lossy().into_owned();
        // A mail server's folder of a maildir is hidden, and is not litter.
        let mails = || name.starts_with('.') && item.path().join("cur").is_dir();
        if is_litter(&name) && !mails() {
            return None;
        }
        let path = format!("{prefix}{name}");
        let Ok(kind) = item.file_type() else {
            self.complaints.add(&path, "the system does not say what it is");
            return None;
        };
        if kind.is_symlink() {
            self.complaints.add(&path, "a link; onebox follows none");
            return None;
        }
        if kind.is_dir() {
            if depth >= MAX_DEPTH {
                self.complaints.add(&path, "folders in folders too deep to be an export");
                return None;
            }
            return Some((format!("{path}/"), depth + 1));
        }
        if !kind.is_file() {
            self.complaints.add(&path, "neither a file nor a folder");
            return None;
        }
        let on_disk = item.path();
        match item.metadata() {
            Ok(meta) => {
                let lower = name.to_lowercase();
                let packed =
                    lower.len() > 4 && (lower.ends_with(".zip") || lower.ends_with(".tar"));
                if packed && depth <= ZIPS_DOWN_TO {
                    self.zips.push(on_disk.clone());
                }
                // Further down it is somebody's file, not an export.
                if depth == 1 && packed::is_named_so(&lower) {
                    self.complaints.add(&shown(&on_disk), packed::WHY);
                }
                let container = Arc::clone(&self.container);
                let place = Place::Disk(on_disk.into());
                self.entries.push(Entry { path, size: meta.len(), place, container });
            }
            Err(why) => self.complaints.add(&path, &complaint::io(&on_disk, why).to_string()),
        }
        None
    }
}
