//! Exports as text: chats of WhatsApp, mail in every kind of box, chats as signal-export writes them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use onebox_fuzz::{exports, files};

const SOURCES: &[&str] = &["whatsapp", "mail", "signal", "discord"];

fuzz_target!(|bytes: &[u8]| {
    let (options, files) = files::files(bytes, "_chat.txt");
    exports::read(&files::tree(&files), SOURCES, options, bytes);
});
