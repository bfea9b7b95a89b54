//! The interchange format, as anybody may write it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use onebox_fuzz::{exports, files};

const SOURCES: &[&str] = &["onebox"];

fuzz_target!(|bytes: &[u8]| {
    let (options, files) = files::files(bytes, "export.jsonl");
    exports::read(&files::tree(&files), SOURCES, options, bytes);
});
