//! `SQLCipher`'s pages, opened one by one with a raw key.
//!
//! As its fourth version lays them out by default: pages of 4096 bytes, each ending in 80 bytes
//! that hold an initialisation vector and an HMAC-SHA512; AES-256 in CBC mode; the first 16 bytes
//! of the file are a salt, where an open database has its magic. The HMAC covers what is encrypted,
//! the vector and the page's number, and its key is stretched from the other one with the salt, of
//! which every byte is changed. A page of nothing but zeros was never written.
//!
//! A journal (`-wal`) holds whole pages locked in the same way. Those up to the last one that ends
//! a transaction, as far as their checksums hold, are put where they belong.

use std::io::{self, Read, Seek, SeekFrom, Write};

use aes::Aes256;
use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use hmac::{Hmac, Mac};
use sha2::Sha512;
use zeroize::Zeroizing;

use crate::sources::Stop;
use crate::sources::database::MAGIC;

/// The size of a page.
pub const PAGE: usize = 4096;
const SALT: usize = 16;
const VECTOR: usize = 16;
const RESERVED: usize = VECTOR + 64;
/// What changes the salt for the second key.
const OTHER: u8 = 0x3a;
/// Damaged pages that are named.
const NAMED: usize = 5;
/// Where the first page says that the database has a journal (2) or not (1), to writers and readers.
const TELLS_JOURNAL: usize = 18;
/// Where the first page tells how many bytes of each page are reserved.
const TELLS_RESERVED: usize = 20;

const JOURNAL_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The journal's magic; its last bit says that checksums are made of big-endian words.
const JOURNAL: u32 = 0x377f_0682;

/// What opens the pages of a file.
pub struct Cipher {
    key: Zeroizing<[u8; 32]>,
    sign: Zeroizing<[u8; 32]>,
}

/// What came of opening a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// Pages that are not what was written.
    pub damaged: u64,
    /// The first of them, by their numbers.
    pub which: Vec<u32>,
    /// The file ends within a page.
    pub torn: bool,
    /// Pages that came out of the journal.
    pub journal: u64,
}

/// Why a file was not opened.
#[derive(Debug)]
pub enum Closed {
    /// The file cannot be read, or its copy not written.
    Io(io::Error),
    /// It was to stop.
    Stop,
}

impl From<io::Error> for Closed {
    fn from(why: io::Error) -> Self {
        Self::Io(why)
    }
}

impl From<Stop> for Closed {
    fn from(_: Stop) -> Self {
        Self::Stop
    }
}

impl Cipher {
    /// Of a key, for the file that begins with this page; `None`: it does not open it.
    pub fn new(key: &[u8; 32], first: &[u8]) -> Option<Self> {
        let salt = first.first_chunk::<SALT>()?;
        let sign = stretched(key, &salt.map(|b| b ^ OTHER))?;
        let cipher = Self { key: Zeroizing::new(*key), sign };
        let mut page = first.get(..PAGE)?.to_vec();
        let opens = cipher.open(1, &mut page);
        let reserved = page.get(TELLS_RESERVED).copied().map(usize::from);
        (opens && reserved == Some(RESERVED)).then_some(cipher)
    }

    /// Opens a page where it stands; whether it is what was written.
    fn open(&self, number: u32, page: &mut [u8]) -> bool {
        let from = if number == 1 { SALT } else { 0 };
        let (Some(body), Some(sealed)) = (page.len().checked_sub(RESERVED), page.get(from..))
        else {
            return false;
        };
        let Some((covered, told)) = sealed.split_at_checked(body + VECTOR - from) else {
            return false;
        };
        let Ok(mac) = Hmac::<Sha512>::new_from_slice(&*self.sign) else { return false };
        let mac = mac.chain_update(covered).chain_update(number.to_le_bytes());
        if mac.verify_slice(told).is_err() {
            return false;
        }
        let Some((text, rest)) = page.split_at_mut_checked(body) else { return false };
        let Some(vector) = rest.get(..VECTOR) else { return false };
        let Ok(cipher) = cbc::Decryptor::<Aes256>::new_from_slices(&*self.key, vector) else {
            return false;
        };
        let Some(text) = text.get_mut(from..) else { return false };
        if cipher.decrypt_padded::<NoPadding>(text).is_err() {
            return false;
        }
        rest.fill(0);
        if number == 1 {
            page.iter_mut().zip(MAGIC).for_each(|(b, m)| *b = *m);
            // The copy is whole by itself.
            page.iter_mut().skip(TELLS_JOURNAL).take(2).for_each(|b| *b = 1);
        }
        true
    }

    /// Opens a page, or makes it one with nothing on it; whether it was whole.
    fn page(&self, number: u32, page: &mut [u8], opened: &mut Opened) -> bool {
        if page.iter().all(|b| *b == 0) || self.open(number, page) {
            return true;
        }
        opened.damaged += 1;
        if opened.which.len() < NAMED {
            opened.which.push(number);
        }
        page.fill(0);
        page.iter_mut().zip(LEAF).for_each(|(b, told)| *b = told);
        page.iter_mut().skip(CELL).zip(NOTHING).for_each(|(b, told)| *b = told);
        false
    }
}

/// What stands for a damaged page: a leaf of a table with one row (of none at all SQLite makes no
/// sense), numbered 0, of which every column is nothing (the first says so).
const NOTHING: [u8; 4] = [2, 0, 2, 0];
const CELL: usize = PAGE - RESERVED - NOTHING.len();
#[expect(clippy::cast_possible_truncation, reason = "4012 has two bytes")]
const AT: [u8; 2] = (CELL as u16).to_be_bytes();
const LEAF: [u8; 10] = [0x0d, 0, 0, 0, 1, AT[0], AT[1], 0, AT[0], AT[1]];

/// PBKDF2 with HMAC-SHA512 (RFC 8018) in two rounds, cut to one key: what is stretched is a key, no
/// password, and needs no more.
fn stretched(key: &[u8; 32], salt: &[u8; SALT]) -> Option<Zeroizing<[u8; 32]>> {
    let mac = Hmac::<Sha512>::new_from_slice(key).ok()?;
    let first = mac.clone().chain_update(salt).chain_update(1u32.to_be_bytes());
    let first = Zeroizing::new(<[u8; 64]>::from(first.finalize().into_bytes()));
    let second = mac.chain_update(*first).finalize().into_bytes();
    let second = Zeroizing::new(<[u8; 64]>::from(second));
    let mut out = Zeroizing::new([0; 32]);
    for (out, (a, b)) in out.iter_mut().zip(first.iter().zip(second.iter())) {
        *out = a ^ b;
    }
    Some(out)
}

/// Fills the buffer as far as there is something. Damage to what holds the file is its end.
fn fill(from: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|r| !r.is_empty()) {
        match from.read(rest) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
            Err(why) if why.kind() == io::ErrorKind::InvalidData => break,
            Err(why) => return Err(why),
        }
    }
    Ok(filled)
}

/// Opens a whole file. `advance` is told the bytes of each page.
pub fn open(
    cipher: &Cipher,
    from: &mut dyn Read,
    to: &mut impl Write,
    advance: &mut dyn FnMut(u64) -> Result<(), Stop>,
) -> Result<Opened, Closed> {
    let mut page = vec![0; PAGE];
    let mut opened = Opened::default();
    let mut number = 0u32;
    loop {
        let got = fill(from, &mut page)?;
        advance(got as u64)?;
        if got < PAGE {
            opened.torn = got > 0;
            return Ok(opened);
        }
        number =
            number.checked_add(1).ok_or_else(|| io::Error::from(io::ErrorKind::FileTooLarge))?;
        cipher.page(number, &mut page, &mut opened);
        to.write_all(&page)?;
    }
}

/// A running checksum of the journal.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Sum(u32, u32);

impl Sum {
    fn of(self, bytes: &[u8], big: bool) -> Self {
        let word = |b: &[u8]| match b.try_into() {
            Ok(b) if big => u32::from_be_bytes(b),
            Ok(b) => u32::from_le_bytes(b),
            Err(_) => 0,
        };
        bytes.chunks_exact(8).fold(self, |Self(a, b), eight| {
            let (one, two) = eight.split_at(4);
            let a = a.wrapping_add(word(one)).wrapping_add(b);
            Self(a, b.wrapping_add(word(two)).wrapping_add(a))
        })
    }
}

/// A number at a place of a header.
fn at(header: &[u8], place: usize) -> u32 {
    let bytes = header.get(place..place + 4).and_then(|b| b.try_into().ok());
    bytes.map_or(0, u32::from_be_bytes)
}

/// Takes a frame of a journal: its page's number, how many pages the database has after it where it
/// ends a transaction (else 0), and the page; whether to go on.
type Each<'a> = dyn FnMut(u32, u32, &mut [u8]) -> Result<bool, Closed> + 'a;

/// Walks the frames of a journal as far as they hold, or until `each` says no.
fn frames(from: &mut dyn Read, each: &mut Each<'_>) -> Result<(), Closed> {
    let mut header = [0; JOURNAL_HEADER];
    if fill(from, &mut header)? < JOURNAL_HEADER || at(&header, 0) & !1 != JOURNAL {
        return Ok(());
    }
    let big = at(&header, 0) & 1 == 1;
    let mut sum = Sum::default().of(header.get(..24).unwrap_or_default(), big);
    if usize::try_from(at(&header, 8)) != Ok(PAGE) || sum != Sum(at(&header, 24), at(&header, 28)) {
        return Ok(());
    }
    let mut page = vec![0; PAGE];
    loop {
        let mut frame = [0; FRAME_HEADER];
        if fill(from, &mut frame)? < FRAME_HEADER || fill(from, &mut page)? < PAGE {
            return Ok(());
        }
        // Frames of an earlier round bear another salt.
        let stale = frame.get(8..16) != header.get(16..24);
        sum = sum.of(frame.get(..8).unwrap_or_default(), big).of(&page, big);
        if stale || sum != Sum(at(&frame, 16), at(&frame, 20)) || at(&frame, 0) == 0 {
            return Ok(());
        }
        if !each(at(&frame, 0), at(&frame, 4), &mut page)? {
            return Ok(());
        }
    }
}

/// How many frames of a journal there are up to the end of its last transaction, and how many
/// pages the database has after it.
pub fn committed(
    from: &mut dyn Read,
    advance: &mut dyn FnMut(u64) -> Result<(), Stop>,
) -> Result<(u64, u32), Closed> {
    let (mut count, mut last) = (0, (0, 0));
    frames(from, &mut |_, pages, _| {
        advance(0)?;
        count += 1;
        if pages > 0 {
            last = (count, pages);
        }
        Ok(true)
    })?;
    Ok(last)
}

/// Pages that a transaction may take and give back without ever writing them.
const UNWRITTEN: u64 = 4096;

/// How many pages a database can have after a journal: its own, and those that the journal writes.
/// The journal's word needs no key: a made-up one must not make a copy of terabytes.
pub fn believable((count, pages): (u64, u32), size: u64) -> (u64, u32) {
    let most = (size / PAGE as u64).saturating_add(count).saturating_add(UNWRITTEN);
    (count, pages.min(u32::try_from(most).unwrap_or(u32::MAX)))
}

/// Puts so many frames of a journal where they belong.
pub fn replay(
    cipher: &Cipher,
    (count, pages): (u64, u32),
    from: &mut dyn Read,
    to: &mut (impl Write + Seek),
    opened: &mut Opened,
    advance: &mut dyn FnMut(u64) -> Result<(), Stop>,
) -> Result<(), Closed> {
    let mut left = count;
    frames(from, &mut |number, _, page| {
        advance(0)?;
        let Some(rest) = left.checked_sub(1) else { return Ok(false) };
        left = rest;
        // A page beyond the end was cut off again later; of a damaged one the older form stands.
        if number <= pages && cipher.page(number, page, opened) {
            let place = u64::from(number - 1).saturating_mul(PAGE as u64);
            to.seek(SeekFrom::Start(place))?;
            to.write_all(page)?;
            opened.journal += 1;
        }
        Ok(left > 0)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn the_second_key_is_stretched_from_the_first() {
        let salt = b"salt of sixteen.".map(|b| b ^ OTHER);
        // Worked out with Python's `hashlib.pbkdf2_hmac`.
        let known = "fa64f2f9ba35086f5659d1e9f0dbe6bb7ca21b5b6738ddac36a22fa5bb27f074";
        let got: String =
            stretched(&[0x5a; 32], &salt).unwrap().iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(got, known);
    }

    #[test]
    fn a_journal_is_not_believed_that_speaks_of_pages_nobody_wrote() {
        assert_eq!(believable((3, 12), 10 * PAGE as u64), (3, 12));
        assert_eq!(believable((3, u32::MAX), 10 * PAGE as u64), (3, 10 + 3 + 4096));
        assert_eq!(believable((u64::MAX, 7), u64::MAX), (u64::MAX, 7));
    }

    #[test]
    fn a_page_of_zeros_is_whole_and_of_a_damaged_one_nothing_is_left() {
        let sign = Zeroizing::new([2; 32]);
        let cipher = Cipher { key: Zeroizing::new([1; 32]), sign };
        let mut opened = Opened::default();
        let mut page = vec![0; PAGE];
        assert!(cipher.page(2, &mut page, &mut opened) && opened.damaged == 0);
        page.fill(7);
        assert!(!cipher.page(3, &mut page, &mut opened));
        assert_eq!((opened.damaged, opened.which.as_slice()), (1, &[3][..]));
        let (told, rest) = page.split_at(10);
        assert_eq!(told, [0x0d, 0, 0, 0, 1, 0x0f, 0xac, 0, 0x0f, 0xac]);
        assert_eq!(rest[4000..4008], [0, 0, 2, 0, 2, 0, 0, 0]);
    }
}
