//! What opens a locked export: a secret that is never stored, never told, and wiped after use.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

/// Digits of a key that people write down.
const DIGITS: usize = 64;

/// A key as the person gave it: the bytes of a key file, or what they typed. Copies share one
/// place in memory, which is wiped with the last of them; nothing prints it.
#[derive(Clone)]
pub struct Key(Arc<Zeroizing<Vec<u8>>>);

impl Key {
    /// From bytes, which it takes.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Zeroizing::new(bytes)))
    }

    /// As it was given.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The 32 bytes that 64 hexadecimal digits stand for, however they are grouped by spaces,
    /// dashes, colons or line ends. `None`: these are no such digits.
    pub fn digits(&self) -> Option<Zeroizing<[u8; DIGITS / 2]>> {
        let mut out = Zeroizing::new([0; DIGITS / 2]);
        let mut count = 0;
        for &b in self.0.iter().filter(|b| !matches!(b, b' ' | b'-' | b':' | b'\t' | b'\r' | b'\n'))
        {
            let digit = char::from(b).to_digit(16)?;
            let byte = out.get_mut(count / 2)?;
            *byte = (*byte << 4) | u8::try_from(digit).ok()?;
            count += 1;
        }
        (count == DIGITS).then_some(out)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

/// An export that cannot be read without its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    /// The locked file, inside its export.
    pub file: String,
    /// What opens it, for people: `the 64-digit key or the file "encrypted_backup.key"`.
    pub wants: String,
    /// Why the key that was given did not do. `None`: none was given.
    pub refused: Option<String>,
}

impl fmt::Display for Locked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, wants, refused } = self;
        match refused {
            Some(why) => write!(f, "{file} stays locked: {why}; it wants {wants}"),
            None => write!(f, "{file} is locked; it wants {wants}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_however_they_are_grouped() {
        let plain = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";
        let grouped =
            "0011 2233-4455:6677 8899 aabb ccdd eeff\n00112233445566778899AABBCCDDEEFF\r\n";
        let key = Key::new(plain.into()).digits().expect("digits");
        assert_eq!((key[1], key[15], key[31]), (0x11, 0xff, 0xff));
        assert_eq!(Key::new(grouped.into()).digits(), Some(key));
        for wrong in ["", "00", &plain[1..], &format!("{plain}0"), &plain.replace('a', "g")] {
            assert_eq!(Key::new(wrong.into()).digits(), None, "{wrong}");
        }
    }

    #[test]
    fn nothing_prints_it() {
        let key = Key::new(b"hunter2".to_vec());
        assert_eq!(format!("{key:?}"), "Key(…)");
        assert_eq!(key.clone().bytes(), b"hunter2");
    }
}
