//! Bytes as the export writes them, and the names that are made of them.

use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// No id, hash or key is longer.
const LONGEST: usize = 4096;

/// The bytes of a base64 text, in either alphabet.
pub fn bytes(text: &str) -> Option<Vec<u8>> {
    let text = text.trim().trim_end_matches('=');
    if text.len() > LONGEST {
        return None;
    }
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0u32, 0u32);
    for c in text.bytes() {
        let six = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(six)) & 0xFFFF;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 0xFF).unwrap_or_default());
        }
    }
    Some(out)
}

/// Bytes as base64, as the export writes them.
pub fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |at: usize| three.get(at).copied().map_or(0, usize::from);
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let letter = LETTERS.get(bits >> (18 - 6 * place) & 63).copied().unwrap_or(b'=');
            out.push(if place <= three.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

/// The 16 bytes of an id as people's ids are written.
pub fn uuid(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|b| *b != b'-').collect();
    let half = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let bytes: Option<Vec<u8>> =
        digits.chunks(2).map(|two| Some(half(*two.first()?)? << 4 | half(*two.get(1)?)?)).collect();
    bytes.filter(|b| b.len() == 16)
}

/// The bytes of a member.
pub fn member_bytes(value: &Value, name: &str) -> Option<Vec<u8>> {
    value.get(name)?.as_str().and_then(bytes).filter(|b| !b.is_empty())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut all, b| {
        let _infallible = write!(all, "{b:02x}");
        all
    })
}

/// A service id: 16 bytes, written as people's ids are. One of a number has a byte before it.
pub fn service_id(bytes: &[u8]) -> Option<String> {
    let (kind, id) = match bytes.len() {
        16 => ("", bytes),
        17 => ("PNI:", bytes.get(1..)?),
        _ => return None,
    };
    let hex = hex(id);
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    Some(format!(
        "{kind}{}-{}-{}-{}-{}",
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32)
    ))
}

/// What a group is known by: a digest of its key, for the key itself opens the group.
pub fn group(master: &[u8]) -> String {
    hex(Sha256::digest(master).get(..16).unwrap_or_default())
}

/// The name of a file without its ending: the digest of what was in it and of its own key.
pub fn file(plaintext_hash: &[u8], local_key: &[u8]) -> String {
    hex(&Sha256::new().chain_update(plaintext_hash).chain_update(local_key).finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_in_either_alphabet() {
        assert_eq!(bytes("X4xWjQEZR72BqruHybcZlQ==").map(|b| b.len()), Some(16));
        assert_eq!(bytes("-_8").as_deref(), Some(&[0xFB, 0xFF][..]));
        assert_eq!(bytes("+/8=").as_deref(), Some(&[0xFB, 0xFF][..]));
        assert_eq!(bytes(""), Some(Vec::new()));
        assert_eq!(bytes("a b"), None);
        let id = bytes("X4xWjQEZR72BqruHybcZlQ==").and_then(|b| service_id(&b));
        assert_eq!(id.as_deref(), Some("5f8c568d-0119-47bd-81aa-bb87c9b71995"));
        let back = id.and_then(|id| uuid(&id)).map(|b| base64(&b));
        assert_eq!(back.as_deref(), Some("X4xWjQEZR72BqruHybcZlQ=="));
        assert_eq!((base64(&[0xFB, 0xFF]), base64(b"")), ("+/8=".to_owned(), String::new()));
        assert_eq!((uuid("5f8c568d"), uuid("5f8c568d-0119-47bd-81aa-bb87c9b7199é")), (None, None));
    }

    #[test]
    fn names_are_digests() {
        // SHA-256 of "abc", from FIPS 180-2.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(file(b"a", b"bc"), abc);
        assert_eq!(group(b"abc"), abc[..32]);
    }
}
