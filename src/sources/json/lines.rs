//! Files of one value a line: read line by line, each line bounded.

use std::io::{BufRead, Read};

/// Longer than any message that a person could read.
const MAX_LINE: usize = 16 << 20;

/// What came of reading on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Got {
    /// The file is at its end.
    End,
    /// A line stands in the buffer.
    Line,
    /// A line was longer than there is room for; it was passed over.
    TooLong,
}

/// Reads a line into the buffer and says how many bytes it took. Of a line that is too long, the
/// rest is passed over.
pub fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<(Got, u64)> {
    line.clear();
    let mut bytes = reader.by_ref().take(MAX_LINE as u64).read_until(b'\n', line)? as u64;
    if bytes == 0 {
        return Ok((Got::End, 0));
    }
    if line.len() < MAX_LINE || line.ends_with(b"\n") {
        return Ok((Got::Line, bytes));
    }
    line.clear();
    loop {
        let piece = reader.fill_buf()?;
        let (used, end) = match memchr::memchr(b'\n', piece) {
            Some(i) => (i + 1, true),
            None => (piece.len(), piece.is_empty()),
        };
        reader.consume(used);
        bytes += used as u64;
        if end {
            return Ok((Got::TooLong, bytes));
        }
    }
}
