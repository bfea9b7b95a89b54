//! AES-256 in Galois/counter mode as a stream (NIST SP 800-38D): bytes are opened as they come, the
//! tag is checked at the end. What there is ready-made wants the whole file in memory.

use aes::Aes256;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit, consts::U16};
use ghash::GHash;
use ghash::universal_hash::UniversalHash;

/// Bytes of a block, and of a tag.
pub const BLOCK: usize = 16;
/// Blocks that are worked on together.
const BATCH: usize = 64;

type Block = Array<u8, U16>;

/// A message that is being opened. The key's schedule is wiped when it is let go.
#[derive(Clone)]
pub struct Opening {
    aes: Aes256,
    hash: GHash,
    nonce: [u8; BLOCK],
    counter: u32,
    mask: Block,
    bytes: u64,
}

impl Opening {
    /// Begins with a key and the message's nonce, which may be of any length.
    pub fn new(key: &[u8; 32], nonce: &[u8]) -> Self {
        let aes = Aes256::new(&(*key).into());
        let mut of_zeros = Block::default();
        aes.encrypt_block(&mut of_zeros);
        let hash = GHash::new(&of_zeros);
        let mut first = [0; BLOCK];
        if let Ok(short) = <[u8; 12]>::try_from(nonce) {
            first[..12].copy_from_slice(&short);
            first[15] = 1;
        } else {
            let mut sum = hash.clone();
            sum.update_padded(nonce);
            sum.update(&[lengths(0, nonce.len() as u64)]);
            first.copy_from_slice(&sum.finalize());
        }
        let mut mask = Block::from(first);
        aes.encrypt_block(&mut mask);
        let [.., a, b, c, d] = first;
        let counter = u32::from_be_bytes([a, b, c, d]);
        Self { aes, hash, nonce: first, counter, mask, bytes: 0 }
    }

    /// Opens bytes in their place: whole blocks, unless they are the last ones.
    pub fn open(&mut self, bytes: &mut [u8]) {
        self.bytes += bytes.len() as u64;
        for batch in bytes.chunks_mut(BLOCK * BATCH) {
            self.hash.update_padded(batch);
            self.uncover(batch);
        }
    }

    fn uncover(&mut self, batch: &mut [u8]) {
        let mut stream = [Block::default(); BATCH];
        let wanted = batch.len().div_ceil(BLOCK);
        for block in stream.iter_mut().take(wanted) {
            self.counter = self.counter.wrapping_add(1);
            let mut count = self.nonce;
            count[12..].copy_from_slice(&self.counter.to_be_bytes());
            *block = Block::from(count);
        }
        self.aes.encrypt_blocks(&mut stream[..wanted]);
        for (byte, cover) in batch.iter_mut().zip(stream.iter().flatten()) {
            *byte ^= cover;
        }
    }

    /// Whether what was opened, with these last bytes after it, is what the tag was made of.
    /// Answers those bytes, opened.
    pub fn end(&self, rest: &[u8], tag: &[u8]) -> Option<Vec<u8>> {
        let mut last = self.clone();
        let mut rest = rest.to_vec();
        last.open(&mut rest);
        last.hash.update(&[lengths(0, last.bytes)]);
        let sum = last.hash.finalize();
        let differ =
            sum.iter().zip(&last.mask).zip(tag).fold(0, |all, ((s, m), t)| all | s ^ m ^ t);
        (differ == 0 && tag.len() == BLOCK).then_some(rest)
    }
}

/// The block of lengths, in bits, that ends a sum.
fn lengths(beside: u64, bytes: u64) -> Block {
    let mut block = [0; BLOCK];
    block[..8].copy_from_slice(&beside.wrapping_mul(8).to_be_bytes());
    block[8..].copy_from_slice(&bytes.wrapping_mul(8).to_be_bytes());
    Block::from(block)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(digits: &str) -> Vec<u8> {
        (0..digits.len())
            .step_by(2)
            .map(|i| u8::from_str_radix(&digits[i..i + 2], 16).expect("digits"))
            .collect()
    }

    fn key(digits: &str) -> [u8; 32] {
        hex(digits).try_into().expect("a key")
    }

    /// Test cases 13, 14 and 15 of McGrew and Viega, "The Galois/Counter Mode of Operation".
    #[test]
    fn published_cases_come_out() {
        let zeros = [0; 32];
        let none = Opening::new(&zeros, &[0; 12]);
        let tag = hex("530f8afbc74536b9a963b4f1c4cb738b");
        assert_eq!(none.end(&[], &tag), Some(Vec::new()));
        let one = hex("cea7403d4d606b6e074ec5d3baf39d18");
        let tag = hex("d0d1c8a799996bf0265b98b5d48ab919");
        assert_eq!(none.end(&one, &tag), Some(vec![0; 16]));

        let key = key("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
        let plain = hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
             1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255");
        let mut sealed = hex("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa\
             8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad");
        let tag = hex("b094dac5d93471bdec1a502270e3cc6c");
        let begun = Opening::new(&key, &hex("cafebabefacedbaddecaf888"));
        assert_eq!(begun.end(&sealed, &tag).as_deref(), Some(&plain[..]));
        let mut pieces = begun.clone();
        pieces.open(&mut sealed[..32]);
        let rest = pieces.end(&sealed[32..], &tag).expect("the same in pieces");
        assert_eq!([&sealed[..32], &rest[..]].concat(), plain);
        sealed[40] ^= 1;
        assert_eq!(pieces.end(&sealed[32..], &tag), None);
        assert_eq!(pieces.end(&sealed[32..], &tag[..8]), None);
    }

    /// A nonce of 16 bytes, as backups have; sealed once with Python's `cryptography`.
    #[test]
    fn a_long_nonce_is_hashed() {
        let key: [u8; 32] = std::array::from_fn(|i| i as u8);
        let nonce: Vec<u8> = (100..116).collect();
        let sealed = hex(SEALED);
        let (bytes, tag) = sealed.split_at(sealed.len() - BLOCK);
        let plain = Opening::new(&key, &nonce).end(bytes, tag).expect("it opens");
        assert_eq!(plain, b"a backup's nonce has sixteen bytes");
    }

    const SEALED: &str = "b9932130877f52a8958a8de728b98f007a1939b3bc9c8973b1e57100b9957ebc1eb213c6643f355de9623055ae31d5e724ab";
}
