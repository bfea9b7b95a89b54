//! The two kinds of key, and what each makes of itself for a backup.
//!
//! A key file is a Java byte array as Java writes it: 131 bytes for the account's key (`key`:
//! cipher's version 2, key's version 1, server's salt 32, account's salt 16, its digest 32, zeros
//! 16, the key 32), 32 for the person's own (`encrypted_backup.key`). The own key is also what the
//! 64 digits are that the app shows. As ElDavoo/wa-crypt-tools documents it.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::header::{Header, Lock};
use crate::model::Key;

/// A key of 32 bytes that is wiped.
pub type Bytes = Zeroizing<[u8; 32]>;

/// How Java begins a byte array; four bytes of its length follow.
const JAVA: &[u8] = b"\xac\xed\0\x05ur\0\x02[B\xac\xf3\x17\xf8\x06\x08T\xe0\x02\0\0xp";
/// Bytes of the account's key.
const ACCOUNT: usize = 131;

/// A key that was given, understood. Nothing of it can be printed.
pub enum Given {
    /// The account's.
    Account {
        /// The server's and the account's salt.
        salts: ([u8; 32], [u8; 16]),
        /// What the bytes are locked with.
        key: Bytes,
    },
    /// The person's own.
    Own(Bytes),
}

impl Given {
    /// What a key file or typed digits stand for; `None`: neither.
    pub fn new(key: &Key) -> Option<Self> {
        if let Some(digits) = key.digits() {
            return Some(Self::Own(digits));
        }
        let bytes = match key.bytes().strip_prefix(JAVA) {
            Some(array) => {
                let (length, bytes) = array.split_first_chunk::<4>()?;
                bytes.get(..usize::try_from(u32::from_be_bytes(*length)).ok()?)?
            }
            None => key.bytes(),
        };
        if bytes.len() == ACCOUNT {
            let salts = (bytes.get(3..35)?.try_into().ok()?, bytes.get(35..51)?.try_into().ok()?);
            return Some(Self::Account { salts, key: whole(bytes.get(99..)?)? });
        }
        Some(Self::Own(whole(bytes)?))
    }

    /// The key of a backup's bytes, or why it cannot be this one.
    pub fn of(&self, header: &Header) -> Result<Bytes, &'static str> {
        match (self, header.lock) {
            (Self::Own(root), Lock::Own) => derived(root).ok_or("the key cannot be used"),
            (Self::Account { salts, key }, Lock::Account) => {
                let theirs = header.salts.as_ref().map(|(s, a)| (&s[..], &a[..]));
                match theirs {
                    Some(theirs) if theirs != (&salts.0[..], &salts.1[..]) => {
                        Err("the key file is another account's, or of another time")
                    }
                    _ => Ok(key.clone()),
                }
            }
            (Self::Own(_), Lock::Account) => {
                Err("that is the key of an end-to-end encrypted backup, which this is not")
            }
            (Self::Account { .. }, Lock::Own) => {
                Err("that is the account's key file, and this backup is end-to-end encrypted")
            }
        }
    }
}

fn whole(bytes: &[u8]) -> Option<Bytes> {
    let mut key = Bytes::default();
    (bytes.len() == key.len()).then(|| key.copy_from_slice(bytes))?;
    Some(key)
}

/// HKDF with SHA-256 (RFC 5869), without salt, for one block.
fn derived(root: &Bytes) -> Option<Bytes> {
    let mut extract = Hmac::<Sha256>::new_from_slice(&[0; 32]).ok()?;
    extract.update(&root[..]);
    let mut mixed = extract.finalize().into_bytes();
    let mut expand = Hmac::<Sha256>::new_from_slice(&mixed).ok()?;
    expand.update(b"backup encryption\x01");
    let mut out = expand.finalize().into_bytes();
    let key = whole(&out);
    zeroize::Zeroize::zeroize(mixed.as_mut_slice());
    zeroize::Zeroize::zeroize(out.as_mut_slice());
    key
}
