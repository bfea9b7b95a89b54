//! What stands in the index of a message.

use tantivy::index::{IndexBuilder, Order};
use tantivy::schema::{
    Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::store::{Compressor, ZstdCompressor};
use tantivy::{IndexSettings, IndexSortByField, TantivyDocument};

use super::analyser;
use super::find::Tag;
use crate::store::StoreError;

/// The fields.
#[derive(Clone, Copy)]
pub struct Fields {
    /// Words, with their positions.
    pub text: Field,
    /// How words begin, and words as they were written where that differs.
    pub start: Field,
    /// What came with it, and what it is.
    pub tag: Field,
    /// The strand.
    pub strand: Field,
    /// The sender's number; 0: the app itself.
    pub sender: Field,
    /// When, in milliseconds.
    pub at: Field,
    /// The message.
    pub id: Field,
}

/// The name of the field that segments are sorted by.
pub const AT: &str = "at";
/// The name of the field with the message's number.
pub const ID: &str = "id";
/// The name of the field with the strand.
pub const STRAND: &str = "strand";
/// The name of the field with the sender.
pub const SENDER: &str = "sender";

/// A message on its way into the index.
pub struct Entry {
    /// Its number.
    pub id: i64,
    /// Its strand.
    pub strand: i64,
    /// Its sender's number; 0: the app itself.
    pub sender: i64,
    /// When, in milliseconds.
    pub at: i64,
    /// The words of its text, and of the names of what came with it: each split already.
    pub said: Vec<String>,
    /// What it is and has.
    pub tags: Vec<Tag>,
}

/// The schema.
pub fn schema() -> Schema {
    let words = |analyser: &str, record, norms| {
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(analyser)
            .set_index_option(record)
            .set_fieldnorms(norms);
        TextOptions::default().set_indexing_options(indexing)
    };
    // Numbers are looked up, never ranked: lengths of their fields would be kept for nothing.
    let looked_up = || NumericOptions::default().set_indexed();
    let number = || NumericOptions::default().set_fast();
    let mut s = Schema::builder();
    s.add_text_field(
        "text",
        words(analyser::WORDS, IndexRecordOption::WithFreqsAndPositions, true),
    );
    s.add_text_field("start", words(analyser::BEGINNINGS, IndexRecordOption::Basic, false));
    s.add_u64_field("tag", looked_up());
    s.add_i64_field(STRAND, looked_up().set_fast());
    s.add_i64_field(SENDER, number());
    s.add_i64_field(AT, number());
    s.add_i64_field(ID, number());
    s.build()
}

/// Documents of one block of the engine's store of whole documents. Nothing is kept there, but where
/// each document would begin is: little is left of such a list if its numbers fit a byte.
const TOGETHER: usize = 256;
/// How hard that list is packed: below this, repeats of three bytes are not looked for, and it
/// consists of them.
const PACKED: i32 = 13;
/// What the engine takes an empty document and its place for, in bytes.
const EMPTY: usize = 1 + size_of::<usize>();

/// Makes an index: newest first in every segment.
pub fn builder() -> IndexBuilder {
    let newest_first = IndexSortByField { field: AT.into(), order: Order::Desc };
    let settings = IndexSettings {
        sort_by_field: Some(newest_first),
        docstore_compression: Compressor::Zstd(ZstdCompressor { compression_level: Some(PACKED) }),
        docstore_blocksize: TOGETHER * EMPTY - 1,
        ..IndexSettings::default()
    };
    tantivy::Index::builder().schema(schema()).settings(settings).tokenizers(analyser::manager())
}

impl Fields {
    /// The fields of a schema.
    pub fn of(schema: &Schema) -> Result<Self, StoreError> {
        Ok(Self {
            text: schema.get_field("text")?,
            start: schema.get_field("start")?,
            tag: schema.get_field("tag")?,
            strand: schema.get_field(STRAND)?,
            sender: schema.get_field(SENDER)?,
            at: schema.get_field(AT)?,
            id: schema.get_field(ID)?,
        })
    }

    /// The document of a message.
    pub fn document(&self, e: &Entry) -> TantivyDocument {
        let mut doc = TantivyDocument::default();
        for said in &e.said {
            doc.add_text(self.text, said);
            doc.add_text(self.start, said);
        }
        for tag in &e.tags {
            doc.add_u64(self.tag, tag.code());
        }
        doc.add_i64(self.strand, e.strand);
        doc.add_i64(self.sender, e.sender);
        doc.add_i64(self.at, e.at);
        doc.add_i64(self.id, e.id);
        doc
    }
}
