//! What a file of an export is wrapped in, if it does not lie there as it is: locked by itself, or
//! inside another file. It stands behind the path, so that whoever keeps the one keeps the other.

use super::FileLock;

/// Parts a path from where in the file at that path another one lies.
const BETWEEN: &str = "//in:";
/// No ending of a file's name is longer.
const ENDING: usize = 5;

/// What a file is wrapped in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrapped {
    /// It is locked with keys of its own.
    Locked(FileLock),
    /// It lies inside the file at its path.
    Within(Within),
}

/// How one file lies in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// As base64 (an MMS in a backup).
    Base64,
    /// As a part of a mail that is a file by itself: which one of its attachments, from 0.
    Mail(u32),
    /// The same of a mail in a mailbox of one file, with the line before it.
    Mbox(u32),
}

/// Where in a file another one lies, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Within {
    /// Where what holds it begins.
    pub at: u64,
    /// Bytes of what holds it.
    pub length: u64,
    /// How it is held.
    pub how: How,
    ending: String,
}

impl Within {
    /// With the ending of a name for it, which may be empty.
    pub fn new(at: u64, length: u64, how: How, ending: &str) -> Self {
        let fits = ending.len() <= ENDING && ending.bytes().all(|b| b.is_ascii_alphanumeric());
        Self { at, length, how, ending: if fits { ending.to_owned() } else { String::new() } }
    }

    /// A path with this behind it.
    pub fn onto(&self, path: &str) -> String {
        let (how, part) = match self.how {
            How::Base64 => ("base64", 0),
            How::Mail(part) => ("mail", part),
            How::Mbox(part) => ("mbox", part),
        };
        format!("{path}{BETWEEN}{}:{}:{how}:{part}:{}", self.at, self.length, self.ending)
    }

    fn parse(told: &str) -> Option<Self> {
        let parts: Vec<&str> = told.split(':').collect();
        let [at, length, how, part, ending] = parts.as_slice() else { return None };
        let part: u32 = part.parse().ok()?;
        let how = match *how {
            "base64" if part == 0 => How::Base64,
            "mail" => How::Mail(part),
            "mbox" => How::Mbox(part),
            _ => return None,
        };
        let found = Self::new(at.parse().ok()?, length.parse().ok()?, how, ending);
        (found.ending == *ending).then_some(found)
    }
}

impl Wrapped {
    /// The path of a file, and what it is wrapped in.
    pub fn split(path: &str) -> (&str, Option<Self>) {
        if let (bare, Some(lock)) = FileLock::split(path) {
            return (bare, Some(Self::Locked(lock)));
        }
        match path.split_once(BETWEEN).map(|(bare, told)| (bare, Within::parse(told))) {
            Some((bare, Some(within))) => (bare, Some(Self::Within(within))),
            _ => (path, None),
        }
    }

    /// A path with this behind it.
    pub fn onto(&self, path: &str) -> String {
        match self {
            Self::Locked(lock) => lock.onto(path),
            Self::Within(within) => within.onto(path),
        }
    }

    /// What the file is called by its path, or by its name where it has a name.
    pub fn called(&self, path: &str, name: Option<&str>) -> String {
        match (self, name) {
            (Self::Locked(lock), _) => lock.named(path),
            (Self::Within(_), Some(name)) if name.contains('.') => name.to_owned(),
            (Self::Within(within), name) => {
                let dot = if within.ending.is_empty() { "" } else { "." };
                format!("{}{dot}{}", name.unwrap_or("attachment"), within.ending)
            }
        }
    }

    /// Bytes that are read, of a file of so many.
    pub fn size(&self, whole: u64) -> u64 {
        match self {
            Self::Locked(_) => whole,
            Self::Within(within) => within.length,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stands_behind_a_path() {
        let base64 = Within::new(1 << 40, 77, How::Base64, "jpg");
        assert_eq!(base64.onto("a/sms.xml"), "a/sms.xml//in:1099511627776:77:base64:0:jpg");
        for within in
            [base64, Within::new(0, 9, How::Mail(3), ""), Within::new(4, 9, How::Mbox(0), "pdf")]
        {
            let whole = within.onto("a/b");
            let wrapped = Wrapped::Within(within);
            assert_eq!(Wrapped::split(&whole), ("a/b", Some(wrapped.clone())));
            assert_eq!(wrapped.onto("a/b"), whole);
        }
        let lock = FileLock::new(&[7; 64], 18, "ogg").expect("a lock");
        let whole = lock.onto("d0/d086");
        assert_eq!(Wrapped::split(&whole), ("d0/d086", Some(Wrapped::Locked(lock))));
        for other in [
            "a",
            "a//in:",
            "a//in:1:2:base64:0",
            "a//in:1:2:base64:1:jpg",
            "a//in:1:2:zip:0:jpg",
            "a//in:-1:2:mail:0:jpg",
            "a//in:1:2:mail:0:../x",
            "a//in:1:2:mail:0:jpg:",
        ] {
            assert_eq!(Wrapped::split(other), (other, None), "{other}");
        }
    }

    #[test]
    fn it_has_a_name_that_says_what_it_is() {
        let photo = Wrapped::Within(Within::new(5, 9, How::Base64, "jpg"));
        assert_eq!(photo.called("sms.xml", Some("IMG_1.jpeg")), "IMG_1.jpeg");
        assert_eq!(photo.called("sms.xml", Some("photo")), "photo.jpg");
        assert_eq!(photo.called("sms.xml", None), "attachment.jpg");
        assert_eq!(photo.size(1000), 9);
        let bare = Wrapped::Within(Within::new(5, 9, How::Base64, "../exe"));
        assert_eq!(bare.called("sms.xml", None), "attachment");
    }
}
