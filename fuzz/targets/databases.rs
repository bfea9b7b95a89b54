//! Databases of phones: their files as they come, values of any kind in any column, and locked
//! backups around either.

#![no_main]

use std::borrow::Cow;
use std::io::Write;

use aes_gcm::aead::consts::U16;
use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::aes::Aes256;
use aes_gcm::{AesGcm, Nonce};
use libfuzzer_sys::fuzz_target;
use onebox_fuzz::edits::{self, Cut};
use onebox_fuzz::{exports, files, zips};

const SOURCES: &[&str] = &["whatsapp", "imessage", "signal"];

macro_rules! sample {
    ($path:literal) => {
        include_bytes!(concat!("../../assets/samples/", $path))
    };
}

/// The files of an export, and which of them is edited.
type Sample = (&'static [(&'static str, &'static [u8])], usize);

/// Databases of the samples.
const SAMPLES: &[Sample] = &[
    (&[("msgstore.db", ANDROID), ("wa.db", WA)], 0),
    (&[("msgstore.db", ANDROID), ("wa.db", WA)], 1),
    (&[("msgstore.db", sample!("whatsapp/android-older/msgstore.db"))], 0),
    (&[("ChatStorage.sqlite", sample!("whatsapp/ios-db/ChatStorage.sqlite"))], 0),
    (&[("chat.db", sample!("imessage/mac/chat.db"))], 0),
    (&[("Manifest.db", MANIFEST), (IN_BACKUP, SMS)], 0),
    (&[("Manifest.db", MANIFEST), (IN_BACKUP, SMS)], 1),
    (&[("Manifest.db", WA_MANIFEST), (WA_IN_BACKUP, WA_CHATS)], 0),
    (&[("Manifest.db", WA_MANIFEST), (WA_IN_BACKUP, WA_CHATS)], 1),
];
const ANDROID: &[u8] = sample!("whatsapp/android-db/msgstore.db");
const WA: &[u8] = sample!("whatsapp/android-db/wa.db");
const MANIFEST: &[u8] = sample!("imessage/ios-backup/Manifest.db");
const IN_BACKUP: &str = "3d/3d0d7e5fb2ce288813306e4d4636395e047a3d28";
const SMS: &[u8] = sample!("imessage/ios-backup/3d/3d0d7e5fb2ce288813306e4d4636395e047a3d28");
const WA_MANIFEST: &[u8] = sample!("whatsapp/ios-backup/Manifest.db");
const WA_IN_BACKUP: &str = "7c/7c7fba66680ef796b916b067077cc246adacf01d";
const WA_CHATS: &[u8] = sample!("whatsapp/ios-backup/7c/7c7fba66680ef796b916b067077cc246adacf01d");

/// Locks bytes as `crypt12` does, with the account's key: its file, and the backup.
fn sealed(bytes: &[u8]) -> ([u8; 131], Vec<u8>) {
    let mut key = [0; 131];
    key[..3].copy_from_slice(&[0, 2, 1]);
    key[99..].fill(7);
    let head = [&[0, 1, 1][..], &[0; 32], &[0; 16], &[9; 16]].concat();
    let cipher = AesGcm::<Aes256, U16>::new((&[7; 32]).into());
    let nonce: Nonce<U16> = [9; 16].into();
    let locked = cipher.encrypt(&nonce, bytes).expect("a backup");
    (key, [head, locked, vec![0; 20]].concat())
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).and_then(|()| out.finish()).expect("memory")
}

fuzz_target!(|bytes: &[u8]| {
    if bytes.is_empty() {
        return;
    }
    let mut cut = Cut(bytes);
    let way = cut.byte();
    let mut all: Vec<(Cow<'_, str>, Vec<u8>)> = Vec::new();
    let mut options = cut.byte();
    match way {
        // Values in a sample.
        0..=8 => {
            let (files, which) = SAMPLES[usize::from(way)];
            for (i, (path, bytes)) in files.iter().enumerate() {
                let edited = i == which;
                let bytes = if edited { edits::edited(bytes, &mut cut) } else { bytes.to_vec() };
                all.push(((*path).into(), bytes));
            }
        }
        // The same, locked; what is locked may also be anything, packed or not, or an addition.
        b'a'..=b'd' => {
            let (name, inside) = match way {
                b'a' => ("msgstore.db.crypt12", deflated(&edits::edited(ANDROID, &mut cut))),
                b'b' => ("msgstore.db.crypt12", deflated(cut.0)),
                b'c' => ("msgstore.db.crypt12", cut.0.to_vec()),
                _ => ("msgstore-increment-1.db.crypt12", zips::zip("messages.bin", cut.0)),
            };
            let (key, backup) = sealed(&inside);
            all.push(("key".into(), key.to_vec()));
            if way == b'd' {
                // An addition means nothing without what it is added to.
                all.push(("msgstore.db".into(), ANDROID.to_vec()));
            }
            all.push((name.into(), backup));
        }
        _ => {
            let (byte, files) = files::files(&bytes[1..], "msgstore.db");
            options = byte;
            all.extend(files.into_iter().map(|(path, bytes)| (path, bytes.to_vec())));
        }
    }
    let all: Vec<files::File<'_>> = all.iter().map(|(p, b)| (p.clone(), &b[..])).collect();
    exports::read(&files::tree(&all), SOURCES, options, bytes);
});
