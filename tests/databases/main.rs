//! Other programs' databases, read as an import reads them.

#[path = "../readers/mod.rs"]
mod readers;

mod imessage;
mod ios_backup;
mod signal_desktop;
mod sqlcipher;
mod whatsapp_android;
mod whatsapp_ios;
mod whatsapp_locked;
mod whatsapp_older;

use std::path::Path;

use onebox::sources::FileTree;

/// Makes a database of its text.
pub fn build(sql: &str, at: &Path) {
    let db = rusqlite::Connection::open(at).expect("a database");
    // Small pages: a byte that is flipped hits more of the structure.
    db.execute_batch(
        "PRAGMA page_size = 1024; PRAGMA journal_mode = OFF; PRAGMA foreign_keys = OFF;",
    )
    .expect("settings");
    db.execute_batch(sql).expect("rows");
    db.execute_batch("VACUUM").expect("tidy");
}

/// The samples of the project are what their text says; `ONEBOX_WRITE_SAMPLES=1` makes them anew.
pub fn sample_is(sql: &str, sample: &Path) {
    let folder = tempfile::tempdir().expect("a folder");
    let fresh = folder.path().join("fresh.db");
    build(sql, &fresh);
    if std::env::var_os("ONEBOX_WRITE_SAMPLES").is_some() {
        std::fs::create_dir_all(sample.parent().expect("a folder")).expect("a folder");
        std::fs::copy(&fresh, sample).expect("written");
    }
    assert_eq!(rows(&fresh), rows(sample), "{}: ONEBOX_WRITE_SAMPLES=1 makes it", sample.display());
}

/// Every row of every table, as text.
fn rows(at: &Path) -> Vec<String> {
    let db = rusqlite::Connection::open(at).expect("a database");
    let mut names =
        db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1").expect("sql");
    let names: Vec<String> =
        names.query_map([], |r| r.get(0)).expect("tables").map(|n| n.expect("a name")).collect();
    let mut all = Vec::new();
    for name in names {
        let mut q = db.prepare(&format!("SELECT * FROM {name} ORDER BY rowid")).expect("sql");
        let columns = q.column_count();
        let mut rows = q.query([]).expect("rows");
        while let Some(row) = rows.next().expect("a row") {
            let cells: Vec<String> =
                (0..columns).map(|i| format!("{:?}", row.get_ref(i).expect("a cell"))).collect();
            all.push(format!("{name}: {}", cells.join(", ")));
        }
    }
    all
}

/// A tree of files in memory, as out of a zip.
pub fn tree_of(files: &[(&str, &Path)]) -> FileTree {
    FileTree::memory(
        files.iter().map(|(name, at)| ((*name).to_owned(), std::fs::read(at).expect("readable"))),
    )
}
