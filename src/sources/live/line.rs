//! Lines of bounded length from a pipe: whatever the other side writes, memory stays bounded.

use std::io::{BufRead, Result};

use super::LONGEST;

/// What came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Got {
    /// A line, without its end.
    Line,
    /// A line that was longer than [`LONGEST`]; passed over.
    TooLong,
    /// The other side has closed.
    End,
}

/// Reads lines.
pub struct Lines<R> {
    from: R,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// Lines of this.
    pub fn new(from: R) -> Self {
        Self { from, line: Vec::new() }
    }

    /// The next one; its bytes are [`Lines::bytes`].
    pub fn read(&mut self) -> Result<Got> {
        self.line.clear();
        let mut too_long = false;
        loop {
            let chunk = match self.from.fill_buf() {
                Ok(chunk) => chunk,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            };
            if chunk.is_empty() {
                // A last line without its end was cut off: it is not whole.
                return Ok(Got::End);
            }
            let end = memchr::memchr(b'\n', chunk);
            let part = &chunk[..end.unwrap_or(chunk.len())];
            if self.line.len() + part.len() > LONGEST {
                too_long = true;
                self.line.clear();
            }
            if !too_long {
                self.line.extend_from_slice(part);
            }
            let used = part.len() + usize::from(end.is_some());
            self.from.consume(used);
            if end.is_some() {
                return Ok(if too_long { Got::TooLong } else { Got::Line });
            }
        }
    }

    /// The bytes of the line.
    pub fn bytes(&self) -> &[u8] {
        &self.line
    }
}
