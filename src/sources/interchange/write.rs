//! Writes records as lines of the interchange format.

use std::io;

use crate::model::Record;

use super::VERSION;
use super::wire::Line;

/// Writes the interchange format.
pub struct Writer<W: io::Write> {
    out: W,
}

impl<W: io::Write> Writer<W> {
    /// Begins a file: writes the line that names the version.
    pub fn new(mut out: W) -> io::Result<Self> {
        writeln!(out, "{{\"onebox\":{VERSION}}}")?;
        Ok(Self { out })
    }

    /// Writes one record. An account goes before what belongs to it.
    pub fn record(&mut self, record: &Record) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, &Line::from(record))?;
        self.out.write_all(b"\n")
    }

    /// Flushes, and gives the inner writer back.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}
