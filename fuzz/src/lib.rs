//! What the fuzz targets share: how bytes become the files of an export, and what must hold whatever
//! stands in them. A promise that is broken panics, which is what the fuzzer looks for.

pub mod edits;
pub mod exports;
pub mod files;
pub mod memory;
pub mod sink;
pub mod zips;
