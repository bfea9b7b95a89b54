//! Files that are locked by themselves, opened as a stream: 16 bytes of initialisation vector,
//! AES-256 in CBC mode, and an HMAC-SHA256 of both. What is inside is padded; its size is told
//! beside the key.

use std::io::{self, Read};

use aes::Aes256;
use cbc::cipher::{Array, BlockModeDecrypt, KeyIvInit};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::model::FileLock;

const BLOCK: usize = 16;
const SIGN: usize = 32;
const CHUNK: usize = 16 << 10;

type Opener = cbc::Decryptor<Aes256>;

/// The open bytes of a locked file. Ends with an error where it is not as it was locked: nothing of
/// it is to be kept then.
pub struct Unlocked<R> {
    from: R,
    key: Vec<u8>,
    mac: Hmac<Sha256>,
    opener: Option<Opener>,
    /// What was read and not yet opened; its end may be the signature.
    held: Vec<u8>,
    out: Vec<u8>,
    given: usize,
    left: u64,
    ended: bool,
}

fn damaged(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

impl<R: Read> Unlocked<R> {
    /// Opens what another reader gives.
    pub fn new(from: R, lock: &FileLock) -> io::Result<Self> {
        let (key, sign) = lock.keys();
        let mac = Hmac::new_from_slice(sign).map_err(|_| damaged("its key is none"))?;
        Ok(Self {
            from,
            key: key.to_vec(),
            mac,
            opener: None,
            held: Vec::new(),
            out: Vec::new(),
            given: 0,
            left: lock.size(),
            ended: false,
        })
    }

    /// Opens some more blocks; at the end, looks whether the signature holds.
    fn refill(&mut self) -> io::Result<()> {
        self.out.clear();
        self.given = 0;
        let held = self.held.len();
        self.held.resize(held + CHUNK, 0);
        let got = self.from.read(self.held.get_mut(held..).unwrap_or_default());
        self.held.truncate(held + *got.as_ref().unwrap_or(&0));
        self.ended = got? == 0;
        let told = self.held.len().saturating_sub(SIGN);
        let whole = if self.ended { told } else { told / BLOCK * BLOCK };
        let rest = self.held.split_off(whole);
        let mut blocks = std::mem::replace(&mut self.held, rest);
        self.mac.update(&blocks);
        if self.ended {
            let mac = self.mac.clone();
            mac.verify_slice(&self.held).map_err(|_| damaged("it is not as it was locked"))?;
        }
        if self.opener.is_none() && blocks.len() >= BLOCK {
            let rest = blocks.split_off(BLOCK);
            let vector = std::mem::replace(&mut blocks, rest);
            let opener = Opener::new_from_slices(&self.key, &vector);
            self.opener = Some(opener.map_err(|_| damaged("its key is none"))?);
        }
        for block in blocks.chunks_exact_mut(BLOCK) {
            if let (Some(opener), Ok(block)) =
                (&mut self.opener, <&mut Array<u8, _>>::try_from(block))
            {
                opener.decrypt_block(block);
            }
        }
        let useful = usize::try_from(self.left).unwrap_or(usize::MAX).min(blocks.len());
        blocks.truncate(useful);
        self.left -= useful as u64;
        self.out = blocks;
        if self.ended && self.left > 0 {
            return Err(damaged("it is cut short"));
        }
        Ok(())
    }
}

impl<R: Read> Read for Unlocked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        loop {
            let ready = self.out.get(self.given..).unwrap_or_default();
            if !ready.is_empty() {
                let n = ready.len().min(into.len());
                if let (Some(to), Some(from)) = (into.get_mut(..n), ready.get(..n)) {
                    to.copy_from_slice(from);
                }
                self.given += n;
                return Ok(n);
            }
            if self.ended {
                return Ok(0);
            }
            self.refill()?;
        }
    }
}

#[cfg(test)]
mod tests {
    use cbc::cipher::BlockModeEncrypt;
    use cbc::cipher::block_padding::Pkcs7;

    use super::*;

    fn lock(size: u64) -> FileLock {
        FileLock::new(&[[3; 32], [5; 32]].concat(), size, "").expect("a lock")
    }

    /// Locked as Signal Desktop does it: padded with zeros first.
    fn locked(plain: &[u8]) -> Vec<u8> {
        let text = [plain, &[0; 37]].concat();
        let vector = [9u8; BLOCK];
        let mut room = text.clone();
        room.resize(text.len() + BLOCK, 0);
        let text = cbc::Encryptor::<Aes256>::new(&[3; 32].into(), &vector.into())
            .encrypt_padded::<Pkcs7>(&mut room, text.len())
            .expect("room")
            .to_vec();
        let sealed = [&vector[..], &text].concat();
        let mac = Hmac::<Sha256>::new_from_slice(&[5; 32]).expect("any length");
        [&sealed[..], &mac.chain_update(&sealed).finalize().into_bytes()].concat()
    }

    /// Gives a few bytes at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let n = into.len().min(self.1).min(self.0.len());
            let (now, rest) = self.0.split_at(n);
            into[..n].copy_from_slice(now);
            self.0 = rest;
            Ok(n)
        }
    }

    fn open(bytes: &[u8], size: u64, step: usize) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        Unlocked::new(Slow(bytes, step), &lock(size))?.read_to_end(&mut out)?;
        Ok(out)
    }

    #[test]
    fn files_of_any_size_come_open() {
        for size in [0usize, 1, 15, 16, 17, 1000, CHUNK, CHUNK * 3 + 5] {
            let plain: Vec<u8> = (0..size).map(|n| u8::try_from(n % 251).expect("small")).collect();
            for step in [1, 7, 16, 33, usize::MAX] {
                let got = open(&locked(&plain), size as u64, step).expect("open");
                assert!(got == plain, "{size} {step}");
            }
        }
    }

    #[test]
    fn what_was_changed_is_told() {
        let bytes = locked(b"our pier at noon");
        for at in 0..bytes.len() {
            let mut other = bytes.clone();
            other[at] ^= 1;
            assert!(open(&other, 16, 5).is_err(), "{at}");
            assert!(open(&bytes[..at], 16, 5).is_err(), "cut at {at}");
        }
        assert!(open(&bytes, 1000, 5).is_err(), "more than there is");
        assert_eq!(open(&bytes, 3, 5).expect("open"), b"our");
    }
}
