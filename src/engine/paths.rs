//! Where the store lives, and completing paths as they are typed.

use std::fs;
use std::path::{Path, PathBuf};

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

/// A typed path with `~` made real.
pub fn expand(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), std::env::var_os("HOME")) {
        (Ok(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => path.to_owned(),
    }
}
