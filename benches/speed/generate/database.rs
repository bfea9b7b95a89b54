//! Databases of the apps: tables as `tests/databases/` has them, filled in large transactions.

use std::fs;
use std::path::Path;

use anyhow::Result;
use rusqlite::Connection;

/// A new database below a folder, with the tables that a script creates. What else the script does
/// is left out: its rows are a test's.
pub fn with_tables(folder: &Path, name: &str, script: &str) -> Result<Connection> {
    fs::create_dir_all(folder)?;
    let db = Connection::open(folder.join(name))?;
    db.pragma_update(None, "synchronous", "OFF")?;
    db.pragma_update(None, "journal_mode", "OFF")?;
    for table in script.lines().filter(|line| line.starts_with("CREATE ")) {
        db.execute_batch(table)?;
    }
    Ok(db)
}

/// A field of protocol buffers that holds bytes.
pub fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = varint(u64::from(number) << 3 | 2);
    out.extend(varint(bytes.len() as u64));
    out.extend_from_slice(bytes);
    out
}

/// A field of protocol buffers that holds a number.
pub fn number(number: u8, value: u64) -> Vec<u8> {
    let mut out = varint(u64::from(number) << 3);
    out.extend(varint(value));
    out
}

fn varint(mut n: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while n >= 0x80 {
        out.push((n & 0x7F) as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
    out
}
