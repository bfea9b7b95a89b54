//! Locks databases as `SQLCipher` 4 does with a raw key: each page by itself, and its journal's.

use std::path::Path;

use aes::Aes256;
use aes::cipher::block_padding::{NoPadding, Pkcs7};
use aes::cipher::{BlockModeEncrypt, KeyIvInit};
use hmac::{Hmac, Mac};
use sha2::{Sha256, Sha512};

pub const PAGE: usize = 4096;
const RESERVED: usize = 80;
const SALT: [u8; 16] = *b"salt of sixteen.";
/// Bytes of a journal before its first frame, and of a frame before its page.
const HEADERS: (usize, usize) = (32, 24);

/// An empty database whose pages leave room at their ends. SQLite keeps to that.
fn empty() -> Vec<u8> {
    let mut page = b"SQLite format 3\0\x10\0\x01\x01".to_vec();
    page.extend([80, 64, 32, 32]);
    for number in [1u32, 1, 0, 0, 1, 4, 0, 0, 1, 0, 0, 0] {
        page.extend(number.to_be_bytes());
    }
    page.extend([0; 20]);
    page.extend([1u32.to_be_bytes(), 3_050_000u32.to_be_bytes()].concat());
    page.extend([0x0d, 0, 0, 0, 0, 0x0f, 0xb0, 0]);
    page.resize(PAGE, 0);
    page
}

/// Makes a database of its text, with room at the ends of its pages, and leaves it open.
pub fn open(sql: &str, at: &Path) -> rusqlite::Connection {
    std::fs::write(at, empty()).expect("written");
    let db = rusqlite::Connection::open(at).expect("a database");
    db.execute_batch(
        "PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF;",
    )
    .expect("settings");
    db.execute_batch(sql).expect("rows");
    db
}

/// The bytes of a database of its text.
pub fn database(sql: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path().join("made.db");
    drop(open(sql, &at));
    std::fs::read(at).expect("readable")
}

/// PBKDF2 with HMAC-SHA512, two rounds, one block.
pub fn stretched(key: &[u8; 32]) -> Vec<u8> {
    let mac = |bytes: &[u8]| {
        let mac = Hmac::<Sha512>::new_from_slice(key).expect("any length");
        mac.chain_update(bytes).finalize().into_bytes().to_vec()
    };
    let salt: Vec<u8> = SALT.iter().map(|b| b ^ 0x3a).collect();
    let first = mac(&[&salt[..], &[0, 0, 0, 1]].concat());
    let second = mac(&first);
    first.iter().zip(second).take(32).map(|(a, b)| a ^ b).collect()
}

fn page(number: u32, plain: &[u8], key: &[u8; 32]) -> Vec<u8> {
    let vector = [u8::try_from(number % 251).expect("small"); 16];
    let salt = if number == 1 { &SALT[..] } else { &[] };
    let mut text = plain[salt.len()..PAGE - RESERVED].to_vec();
    let length = text.len();
    cbc::Encryptor::<Aes256>::new(key.into(), &vector.into())
        .encrypt_padded::<NoPadding>(&mut text, length)
        .expect("whole blocks");
    text.extend(vector);
    let mac = Hmac::<Sha512>::new_from_slice(&stretched(key)).expect("any length");
    let mac = mac.chain_update(&text).chain_update(number.to_le_bytes());
    [salt, &text, &mac.finalize().into_bytes()].concat()
}

/// A database, locked.
pub fn locked(plain: &[u8], key: &[u8; 32]) -> Vec<u8> {
    (1..).zip(plain.chunks_exact(PAGE)).flat_map(|(n, plain)| page(n, plain, key)).collect()
}

/// A journal, locked; its checksums are made anew.
pub fn journal(plain: &[u8], key: &[u8; 32]) -> Vec<u8> {
    let word = |b: &[u8]| u32::from_le_bytes(b.try_into().expect("four"));
    let sum = |mut at: (u32, u32), bytes: &[u8]| {
        for eight in bytes.chunks_exact(8) {
            at.0 = at.0.wrapping_add(word(&eight[..4])).wrapping_add(at.1);
            at.1 = at.1.wrapping_add(word(&eight[4..])).wrapping_add(at.0);
        }
        at
    };
    let (header, frames) = plain.split_at(HEADERS.0);
    assert_eq!(header[..4], 0x377f_0682_u32.to_be_bytes(), "words with the low byte first");
    let (mut at, mut all) = (sum((0, 0), &header[..24]), header.to_vec());
    for frame in frames.chunks_exact(HEADERS.1 + PAGE) {
        let (told, plain) = frame.split_at(HEADERS.1);
        let number = u32::from_be_bytes(told[..4].try_into().expect("four"));
        let page = page(number, plain, key);
        at = sum(sum(at, &told[..8]), &page);
        all.extend([&told[..16], &at.0.to_be_bytes(), &at.1.to_be_bytes(), &page].concat());
    }
    all
}

/// A file of a message, locked by itself and padded with zeros.
pub fn file(plain: &[u8], keys: &[u8; 64]) -> Vec<u8> {
    let (key, sign) = keys.split_at(32);
    let vector = [7; 16];
    let mut text = plain.to_vec();
    text.resize(plain.len() + 300, 0);
    let length = text.len();
    text.resize(length + 16, 0);
    let key: &[u8; 32] = key.try_into().expect("half");
    let text = cbc::Encryptor::<Aes256>::new(key.into(), &vector.into())
        .encrypt_padded::<Pkcs7>(&mut text, length)
        .expect("room");
    let mac = Hmac::<Sha256>::new_from_slice(sign).expect("any length");
    let mac = mac.chain_update(vector).chain_update(text).finalize().into_bytes();
    [&vector, text, &mac].concat()
}
