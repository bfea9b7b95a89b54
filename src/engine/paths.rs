//! Where the store lives, and completing paths as they are typed.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::model::Key;

/// Names that a completion offers, at most.
const OFFERED: usize = 50;

/// `$XDG_DATA_HOME/onebox` or what the system has instead.
pub fn default_data_dir() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "onebox").map(|d| d.data_dir().to_owned())
}

/// What begins as typed; folders end in `/`. Hidden names only if a dot was typed.
pub fn complete(typed: &str) -> Vec<String> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let (folder, stem) = match typed.rfind('/') {
        Some(i) => (&typed[..=i], &typed[i + 1..]),
        None => ("", typed),
    };
    let real: PathBuf = match (folder.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ if folder.is_empty() => PathBuf::from("."),
        _ => PathBuf::from(folder),
    };
    let Ok(names) = fs::read_dir(&real) else { return Vec::new() };
    let folded = stem.to_lowercase();
    let mut out: Vec<String> = names
        .filter_map(Result::ok)
        .filter_map(|e| {
            let name = e.file_name().into_string().ok()?;
            let fits = name.to_lowercase().starts_with(&folded)
                && (!name.starts_with('.') || stem.starts_with('.'));
            fits.then(|| {
                let end = if e.path().is_dir() { "/" } else { "" };
                format!("{folder}{name}{end}")
            })
        })
        .collect();
    out.sort_by_key(|n| n.to_lowercase());
    out.truncate(OFFERED);
    out
}

/// A key file is some hundred bytes; whatever is larger is something else.
const KEY_FILE: u64 = 64 << 10;

/// What a person gave as a key: the content of the file that they named, else what they typed.
pub fn key_given(given: &Key) -> Key {
    let typed = std::str::from_utf8(given.bytes()).ok().filter(|_| given.digits().is_none());
    typed.and_then(|t| key_file(Path::new(t.trim()))).unwrap_or_else(|| given.clone())
}

/// The key in a file. `None`: it cannot be read, or is too large to be one.
pub fn key_file(path: &Path) -> Option<Key> {
    let path = expand(path);
    // A pipe would wait for somebody to write.
    let meta = fs::metadata(&path).ok().filter(|m| m.is_file() && m.len() <= KEY_FILE)?;
    let file = fs::File::open(path).ok()?;
    // Room at once, so that growing leaves no copy behind.
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).ok()? + 1);
    file.take(KEY_FILE).read_to_end(&mut bytes).ok()?;
    Some(Key::new(bytes))
}

/// A typed path with `~` made real.
pub fn expand(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), std::env::var_os("HOME")) {
        (Ok(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => path.to_owned(),
    }
}
