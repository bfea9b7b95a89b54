//! Exports in JSON.

#![no_main]

use libfuzzer_sys::fuzz_target;
use onebox_fuzz::{exports, files};

const SOURCES: &[&str] = &[
    "messenger",
    "instagram",
    "telegram",
    "signal",
    "slack",
    "discord",
    "matrix",
    "skype",
    "google-chat",
    "hangouts",
];

fuzz_target!(|bytes: &[u8]| {
    let (options, files) = files::files(bytes, "result.json");
    exports::read(&files::tree(&files), SOURCES, options, bytes);
});
