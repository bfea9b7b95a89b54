//! Comma-separated values as older packages hold them: record by record, each bounded.

use std::io::BufRead;

/// A longer field is cut.
const LONGEST: usize = 1 << 20;
/// More fields there are not.
const FIELDS: usize = 16;

/// Reads records.
pub struct Records<R> {
    reader: R,
    /// Bytes read so far.
    pub bytes: u64,
    /// A part of the record that was read last was too long and is left out.
    pub cut: bool,
}

impl<R: BufRead> Records<R> {
    /// Of a file.
    pub fn new(reader: R) -> Self {
        Self { reader, bytes: 0, cut: false }
    }

    fn byte(&mut self) -> std::io::Result<Option<u8>> {
        let Some(byte) = self.reader.fill_buf()?.first().copied() else { return Ok(None) };
        self.reader.consume(1);
        self.bytes += 1;
        Ok(Some(byte))
    }

    /// The next record; `None` at the end. A quote that is never closed ends with the file.
    pub fn record(&mut self) -> std::io::Result<Option<Vec<String>>> {
        let mut fields: Vec<Vec<u8>> = vec![Vec::new()];
        let (mut quoted, mut met, mut left_quotes) = (false, false, false);
        self.cut = false;
        while let Some(byte) = self.byte()? {
            met = true;
            let empty = fields.last().is_none_or(Vec::is_empty);
            match byte {
                b'"' if quoted => (quoted, left_quotes) = (false, true),
                // A quote right after a quote is one that was written.
                b'"' if left_quotes => {
                    (quoted, left_quotes) = (true, false);
                    self.cut |= !put(&mut fields, b'"');
                }
                b'"' if empty => quoted = true,
                byte if quoted => self.cut |= !put(&mut fields, byte),
                b',' if fields.len() < FIELDS => {
                    left_quotes = false;
                    fields.push(Vec::new());
                }
                b'\n' => break,
                b'\r' => {}
                byte => self.cut |= !put(&mut fields, byte),
            }
        }
        let told = |f: Vec<u8>| String::from_utf8_lossy(&f).into_owned();
        Ok(met.then(|| fields.into_iter().map(told).collect()))
    }
}

/// Whether there was room for it.
fn put(fields: &mut [Vec<u8>], byte: u8) -> bool {
    match fields.last_mut().filter(|f| f.len() < LONGEST) {
        Some(field) => {
            field.push(byte);
            true
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_commas_and_lines() {
        let file = "a,b\r\n1,\"x, \"\"y\"\"\nz\",\n\n\"open,\n".as_bytes();
        let mut records = Records::new(file);
        let mut all = Vec::new();
        while let Some(record) = records.record().expect("memory") {
            all.push(record);
        }
        let all: Vec<Vec<&str>> =
            all.iter().map(|r| r.iter().map(String::as_str).collect()).collect();
        assert_eq!(all, [vec!["a", "b"], vec!["1", "x, \"y\"\nz", ""], vec![""], vec!["open,\n"]]);
        assert_eq!(records.bytes, file.len() as u64);
    }
}
