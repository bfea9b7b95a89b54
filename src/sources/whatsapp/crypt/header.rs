//! What stands in clear before an encrypted backup: which kind it is, its nonce, and whose key it
//! wants. As ElDavoo/wa-crypt-tools documents it.
//!
//! `crypt12` has fixed places: 2 bytes of the cipher's version, 1 of the key's, 32 of the server's
//! salt, 16 of the account's salt, 16 of the nonce. `crypt14` and `crypt15` have a length, a byte
//! 1 in some years, and a protocol buffer with the same.

use super::super::wire;

/// No header is longer.
pub const LONGEST: usize = 4 << 10;
/// What `crypt12` has before its bytes.
const FIXED: usize = 67;

/// How a backup is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// With the key that WhatsApp keeps for the account: `crypt12`, `crypt14`.
    Account,
    /// With a key of the person's own, or one made from a password or a passkey: `crypt15`.
    Own,
}

/// A backup's header.
#[derive(Debug, PartialEq, Eq)]
pub struct Header {
    /// How it is locked.
    pub lock: Lock,
    /// The nonce.
    pub nonce: Vec<u8>,
    /// The server's and the account's salt, of the account's key.
    pub salts: Option<(Vec<u8>, Vec<u8>)>,
    /// Where the locked bytes begin.
    pub length: usize,
    /// Its key was made from a password or a passkey, which onebox cannot do.
    pub worded: Option<&'static str>,
}

/// The header of a file by its first bytes; `None`: it is no backup of WhatsApp, or damaged.
pub fn header(head: &[u8]) -> Option<Header> {
    told(head).or_else(|| fixed(head))
}

fn told(head: &[u8]) -> Option<Header> {
    let mut rest = head;
    let size = usize::try_from(wire::varint(&mut rest)?).ok().filter(|n| *n <= LONGEST)?;
    // Before the length was what it is, a byte told that a table of features follows.
    if rest.first() == Some(&1) {
        rest = rest.get(1..)?;
    }
    let told = rest.get(..size)?;
    let length = head.len() - rest.len() + size;
    let first = |path: &[u64]| wire::at(told, path).first().map(|b| b.to_vec());
    let nonce = |path: &[u64]| first(path).filter(|n| (12..=32).contains(&n.len()));
    if let Some(nonce) = nonce(&[3, 1]) {
        let worded = match wire::number(told, &[6]) {
            Some(2) => Some("a password"),
            Some(4) => Some("a passkey"),
            _ => None,
        };
        return Some(Header { lock: Lock::Own, nonce, salts: None, length, worded });
    }
    let nonce = nonce(&[2, 5])?;
    let salts = first(&[2, 3]).zip(first(&[2, 4]));
    Some(Header { lock: Lock::Account, nonce, salts, length, worded: None })
}

fn fixed(head: &[u8]) -> Option<Header> {
    let head = head.get(..FIXED)?;
    let (version, rest) = head.split_at_checked(3)?;
    if !matches!(version, [0, 0 | 1, 1..=9]) {
        return None;
    }
    let (server, rest) = rest.split_at_checked(32)?;
    let (account, nonce) = rest.split_at_checked(16)?;
    Some(Header {
        lock: Lock::Account,
        nonce: nonce.to_vec(),
        salts: Some((server.to_vec(), account.to_vec())),
        length: FIXED,
        worded: None,
    })
}
