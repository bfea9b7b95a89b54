//! A database as another program writes it, with values of the fuzzer's in it. Bytes that are
//! changed inside a database's file mostly end at SQLite; so the values get further.

use std::borrow::Cow;

use rusqlite::types::Value;
use rusqlite::{Connection, MAIN_DB};

/// Takes bytes off the front.
pub struct Cut<'a>(pub &'a [u8]);

impl<'a> Cut<'a> {
    /// One; 0 where none is left.
    pub fn byte(&mut self) -> u8 {
        self.bytes(1).first().copied().unwrap_or(0)
    }

    /// So many, or what is left.
    pub fn bytes(&mut self, n: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(n.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// Two.
    pub fn short(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    fn long(&mut self) -> i64 {
        let mut all = [0; 8];
        let got = self.bytes(8);
        all[..got.len()].copy_from_slice(got);
        i64::from_le_bytes(all)
    }

    fn value(&mut self) -> Value {
        match self.byte() % 8 {
            0 => Value::Null,
            1 => Value::Integer(self.byte().into()),
            2 => Value::Integer(self.short().into()),
            3 => Value::Integer(self.long()),
            4 => Value::Real(f64::from_bits(self.long().cast_unsigned())),
            5 | 6 => {
                let n = usize::from(self.byte());
                Value::Text(String::from_utf8_lossy(self.bytes(n)).into_owned())
            }
            _ => {
                let n = usize::from(self.short() % 4096);
                Value::Blob(self.bytes(n).to_vec())
            }
        }
    }
}

/// Tables with the names of their columns.
fn tables(db: &Connection) -> Vec<(String, Vec<String>)> {
    let mut all: Vec<(String, Vec<String>)> = Vec::new();
    let mut q = db
        .prepare(
            "SELECT s.name, c.name FROM sqlite_schema s JOIN pragma_table_info(s.name) c
             WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite%' ORDER BY s.name, c.cid",
        )
        .expect("a question");
    let mut rows = q.query([]).expect("rows");
    while let Some(row) = rows.next().expect("a row") {
        let (table, column): (String, String) =
            (row.get(0).expect("a name"), row.get(1).expect("a name"));
        match all.last_mut() {
            Some((last, columns)) if *last == table => columns.push(column),
            _ => all.push((table, vec![column])),
        }
    }
    all
}

/// The bytes of a database with changes in it.
pub fn edited(template: &'static [u8], cut: &mut Cut<'_>) -> Vec<u8> {
    let mut db = Connection::open_in_memory().expect("a database");
    db.deserialize_read_exact(MAIN_DB, template, template.len(), false).expect("a sample");
    let tables = tables(&db);
    // What contradicts a key or a check is left out.
    let mut edits = 0;
    while !cut.0.is_empty() && edits < 64 {
        edits += 1;
        let kind = cut.byte();
        let (table, columns) = &tables[usize::from(cut.byte()) % tables.len()];
        let column = &columns[usize::from(cut.byte()) % columns.len()];
        let row = i64::from(cut.byte());
        let done = match kind % 8 {
            0..=4 => {
                let sql = format!(
                    "UPDATE OR IGNORE \"{table}\" SET \"{column}\" = ?1 WHERE rowid = (SELECT rowid \
                     FROM \"{table}\" LIMIT 1 OFFSET ?2 % (SELECT max(count(*), 1) FROM \"{table}\"))"
                );
                db.execute(&sql, (cut.value(), row))
            }
            5 => {
                let all: Vec<Cow<'_, str>> = columns
                    .iter()
                    .map(|c| if c == column { "?1".into() } else { format!("\"{c}\"").into() })
                    .collect();
                let sql = format!(
                    "INSERT OR IGNORE INTO \"{table}\" SELECT {} FROM \"{table}\" LIMIT 1 OFFSET ?2",
                    all.join(", ")
                );
                db.execute(&sql, (cut.value(), row))
            }
            6 => db.execute(&format!("DELETE FROM \"{table}\" WHERE rowid % 16 = ?1 % 16"), [row]),
            _ => db.execute(&format!("ALTER TABLE \"{table}\" DROP COLUMN \"{column}\""), []),
        };
        drop(done);
    }
    db.serialize(MAIN_DB).expect("a database").to_vec()
}
