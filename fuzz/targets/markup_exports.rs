//! Exports as pages and in XML: Meta's and Telegram's HTML, backups of SMS, Skype's content.

#![no_main]

use libfuzzer_sys::fuzz_target;
use onebox_fuzz::{exports, files};

const SOURCES: &[&str] = &["messenger", "instagram", "telegram", "sms", "skype"];

fuzz_target!(|bytes: &[u8]| {
    let (options, files) = files::files(bytes, "sms.xml");
    exports::read(&files::tree(&files), SOURCES, options, bytes);
});
