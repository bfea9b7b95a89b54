//! Sinks: one that keeps what it is told, one that stops.

use onebox::model::{MediaPlace, Oddity, Record};
use onebox::sources::{Sink, Stop};

/// Keeps everything.
#[derive(Debug, Default, PartialEq)]
pub struct Kept {
    /// What was told, in its order.
    pub records: Vec<Record>,
    /// What could not be read.
    pub oddities: Vec<Oddity>,
    /// What the person should know.
    pub remarks: Vec<String>,
    /// Bytes worked through.
    pub bytes: u64,
    most: usize,
}

impl Kept {
    /// Takes at most so many things.
    pub fn at_most(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    fn room(&self) -> Result<(), Stop> {
        let told = self.records.len() + self.oddities.len() + self.remarks.len();
        assert!(told <= self.most, "more is told than {} things: {:?}", self.most, self.last());
        Ok(())
    }

    fn last(&self) -> (Option<&Record>, Option<&Oddity>) {
        (self.records.last(), self.oddities.last())
    }

    /// No attachment lies outside of its export.
    pub fn assert_inside(&self) {
        for record in &self.records {
            let Record::Message(message) = record else { continue };
            for attachment in &message.attachments {
                let MediaPlace::Export { path, .. } = &attachment.place else { continue };
                let drive = path.as_bytes().get(1) == Some(&b':');
                let climbs = path.split(['/', '\\']).any(|part| part == "..");
                assert!(!path.starts_with(['/', '\\']) && !drive && !climbs, "{path}");
            }
        }
    }
}

impl Sink for Kept {
    fn take(&mut self, record: Record) -> Result<(), Stop> {
        self.records.push(record);
        self.room()
    }
    fn odd(&mut self, oddity: Oddity) -> Result<(), Stop> {
        assert!(!oddity.why.is_empty(), "an oddity that says nothing: {oddity:?}");
        self.oddities.push(oddity);
        self.room()
    }
    fn remark(&mut self, text: String) -> Result<(), Stop> {
        assert!(!text.is_empty(), "a remark that says nothing");
        self.remarks.push(text);
        self.room()
    }
    fn advance(&mut self, bytes: u64) -> Result<(), Stop> {
        self.bytes += bytes;
        Ok(())
    }
}

/// Stops at the n-th record, as an import does that is cancelled.
pub struct Impatient(pub usize);

impl Sink for Impatient {
    fn take(&mut self, _: Record) -> Result<(), Stop> {
        self.0 = self.0.checked_sub(1).ok_or(Stop)?;
        Ok(())
    }
    fn odd(&mut self, _: Oddity) -> Result<(), Stop> {
        Ok(())
    }
    fn remark(&mut self, _: String) -> Result<(), Stop> {
        Ok(())
    }
    fn advance(&mut self, _: u64) -> Result<(), Stop> {
        Ok(())
    }
}
