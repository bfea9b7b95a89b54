//! What opens a file of an export that is locked by itself. It stands behind the file's path, so
//! that whoever keeps the one keeps the other.

use std::fmt;

/// Parts a path from what opens it. No path of a file has this: two slashes are one.
const BETWEEN: &str = "//aes:";
/// Bytes of both keys.
const KEYS: usize = 64;
/// No ending of a file's name is longer.
const ENDING: usize = 5;

/// A file that is locked with keys of its own (AES-256 in CBC mode, then HMAC-SHA256).
#[derive(Clone, PartialEq, Eq)]
pub struct FileLock {
    keys: [u8; KEYS],
    size: u64,
    ending: String,
}

impl FileLock {
    /// From 32 bytes that open and 32 that sign; the bytes that the file has when it is open; and
    /// the ending of a name for it, which may be empty.
    pub fn new(keys: &[u8], size: u64, ending: &str) -> Option<Self> {
        let fits = ending.len() <= ENDING && ending.bytes().all(|b| b.is_ascii_alphanumeric());
        let ending = if fits { ending.to_owned() } else { String::new() };
        Some(Self { keys: keys.try_into().ok()?, size, ending })
    }

    /// What opens it, and what signs it.
    pub fn keys(&self) -> (&[u8], &[u8]) {
        self.keys.split_at(KEYS / 2)
    }

    /// Bytes of the open file.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// A name of a file, with an ending where it has none.
    pub fn named(&self, path: &str) -> String {
        let bare = !path.rsplit('/').next().unwrap_or(path).contains('.');
        match bare && !self.ending.is_empty() {
            true => format!("{path}.{}", self.ending),
            false => path.to_owned(),
        }
    }

    /// A path with this behind it.
    pub fn onto(&self, path: &str) -> String {
        use fmt::Write as _;
        let mut out = format!("{path}{BETWEEN}{}:{}:", self.size, self.ending);
        for byte in self.keys {
            let _infallible = write!(out, "{byte:02x}");
        }
        out
    }

    /// The path of a file, and what opens it where it is locked.
    pub fn split(path: &str) -> (&str, Option<Self>) {
        let Some((bare, told)) = path.split_once(BETWEEN) else { return (path, None) };
        match Self::parse(told) {
            Some(lock) => (bare, Some(lock)),
            None => (path, None),
        }
    }

    fn parse(told: &str) -> Option<Self> {
        let mut parts = told.splitn(3, ':');
        let (size, ending, hex) = (parts.next()?.parse().ok()?, parts.next()?, parts.next()?);
        let digit = |c: u8| char::from(c).to_digit(16).and_then(|d| u8::try_from(d).ok());
        let byte = |two: &[u8]| Some(digit(*two.first()?)? << 4 | digit(*two.get(1)?)?);
        let keys: Option<Vec<u8>> = hex.as_bytes().chunks(2).map(byte).collect();
        Self::new(&keys?, size, ending)
    }
}

impl fmt::Debug for FileLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileLock({} bytes)", self.size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stands_behind_a_path() {
        let keys: Vec<u8> = (0..64).collect();
        let lock = FileLock::new(&keys, 18, "ogg").expect("a lock");
        let whole = lock.onto("d0/d086");
        let (path, again) = FileLock::split(&whole);
        assert_eq!((path, again.as_ref()), ("d0/d086", Some(&lock)));
        assert_eq!(
            (lock.named("d0/d086"), lock.named("a.b/x.jpg")),
            ("d0/d086.ogg".into(), "a.b/x.jpg".into())
        );
        assert_eq!(format!("{lock:?}"), "FileLock(18 bytes)");
        for other in [
            "d0/d086",
            "d0//aes:",
            "d0//aes:18:ogg:00",
            "d0//aes:x:ogg:",
            "",
            &whole[..whole.len() - 1],
        ] {
            assert_eq!(FileLock::split(other), (other, None));
        }
        assert_eq!(FileLock::new(&keys[..63], 1, ""), None);
        let odd = FileLock::new(&keys, 1, "../x").expect("a lock");
        assert_eq!(odd.named("x"), "x", "an ending is letters");
    }
}
