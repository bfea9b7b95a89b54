//! The secrets of an account: in a file that a pass-phrase locks, or a key in the system's keyring.

use std::io;
use std::path::{Path, PathBuf};

use argon2::{Algorithm, Argon2, Params};
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};

/// Argon2id: 19 MiB, two passes, one lane (what OWASP asks for).
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// What must not lie in clear.
#[derive(Clone, Serialize, Deserialize)]
pub struct Secrets {
    /// The key of the SDK's store.
    pub store_key: [u8; 32],
    /// The access token; empty: signed out, the store is kept.
    pub access_token: String,
    /// The refresh token, where the server gives one.
    pub refresh_token: Option<String>,
}

/// The file, as JSON. `kdf` is `argon2id` (the pass-phrase is stretched with the salt) or `keyring`
/// (the system's keyring has the key, under the name `entry`).
#[derive(Serialize, Deserialize)]
struct Locked {
    kdf: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    entry: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    stays: bool,
    #[serde(default)]
    memory_kib: u32,
    #[serde(default)]
    passes: u32,
    #[serde(default)]
    salt: [u8; 16],
    nonce: Vec<u8>,
    sealed: Vec<u8>,
}

const PHRASE: &str = "argon2id";
const KEYRING: &str = "keyring";

/// What opens a safe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lock {
    /// A pass-phrase, stretched.
    Phrase {
        /// With this salt.
        salt: [u8; 16],
        /// The person was asked, and stays with the pass-phrase.
        stays: bool,
    },
    /// A key in the system's keyring.
    Keyring {
        /// Under this name.
        entry: String,
    },
}

/// An open safe: its file, what locks it, and the key.
#[derive(Clone)]
pub struct Safe {
    file: PathBuf,
    /// What locks it.
    pub lock: Lock,
    key: [u8; 32],
}

/// Random bytes.
pub fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes)
}

fn broken(e: argon2::Error) -> io::Error {
    io::Error::other(e.to_string())
}

fn stretch(phrase: &str, salt: &[u8], memory_kib: u32, passes: u32) -> io::Result<[u8; 32]> {
    let params = Params::new(memory_kib, passes, 1, Some(32)).map_err(broken)?;
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, argon2::Version::V0x13, params)
        .hash_password_into(phrase.as_bytes(), salt, &mut key)
        .map_err(broken)?;
    Ok(key)
}

/// Writes a file that nobody else can read, whole or not at all.
pub fn write_private(file: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let new = file.with_extension("new");
    let mut to = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&new)?;
    to.write_all(bytes)?;
    to.sync_all()?;
    std::fs::rename(&new, file)
}

fn file(state_dir: &Path) -> PathBuf {
    state_dir.join("secret.box")
}

fn read(state_dir: &Path) -> io::Result<Locked> {
    Ok(serde_json::from_slice(&std::fs::read(file(state_dir))?)?)
}

/// The name in the system's keyring that opens what is kept there; `None`: a pass-phrase does.
pub fn entry(state_dir: &Path) -> io::Result<Option<String>> {
    Ok(read(state_dir)?.entry)
}

impl Safe {
    /// A new safe under this pass-phrase.
    pub fn with_phrase(state_dir: &Path, phrase: &str) -> io::Result<Self> {
        let salt = random()?;
        let key = stretch(phrase, &salt, MEMORY_KIB, PASSES)?;
        Ok(Self { file: file(state_dir), lock: Lock::Phrase { salt, stays: false }, key })
    }

    /// A new safe under a key that the system's keyring keeps by this name.
    pub fn with_key(state_dir: &Path, entry: String, key: [u8; 32]) -> Self {
        Self { file: file(state_dir), lock: Lock::Keyring { entry }, key }
    }

    /// Locks the secrets away.
    pub fn put(&self, secrets: &Secrets) -> io::Result<()> {
        let nonce: [u8; 24] = random()?;
        let plain = serde_json::to_vec(secrets)?;
        let sealed = XChaCha20Poly1305::new(Key::from_slice(&self.key))
            .encrypt(XNonce::from_slice(&nonce), plain.as_slice())
            .map_err(|_| io::Error::other("the secrets could not be locked"))?;
        let nonce = nonce.to_vec();
        let locked = match &self.lock {
            Lock::Phrase { salt, stays } => Locked {
                kdf: PHRASE.to_owned(),
                entry: None,
                stays: *stays,
                memory_kib: MEMORY_KIB,
                passes: PASSES,
                salt: *salt,
                nonce,
                sealed,
            },
            Lock::Keyring { entry } => Locked {
                kdf: KEYRING.to_owned(),
                entry: Some(entry.clone()),
                stays: false,
                memory_kib: 0,
                passes: 0,
                salt: [0; 16],
                nonce,
                sealed,
            },
        };
        write_private(&self.file, &serde_json::to_vec(&locked)?)
    }

    /// Opens the file with a pass-phrase; `None`: it is the wrong one.
    pub fn open(state_dir: &Path, phrase: &str) -> io::Result<Option<(Self, Secrets)>> {
        let locked = read(state_dir)?;
        if locked.kdf != PHRASE {
            return Err(io::Error::other("the file of secrets is of another kind"));
        }
        let key = stretch(phrase, &locked.salt, locked.memory_kib, locked.passes)?;
        let lock = Lock::Phrase { salt: locked.salt, stays: locked.stays };
        Self { file: file(state_dir), lock, key }.unlock(&locked)
    }

    /// Opens the file with the key from the system's keyring; `None`: it is another one's.
    pub fn open_with_key(state_dir: &Path, key: [u8; 32]) -> io::Result<Option<(Self, Secrets)>> {
        let locked = read(state_dir)?;
        match &locked.entry {
            Some(entry) if locked.kdf == KEYRING => {
                Self::with_key(state_dir, entry.clone(), key).unlock(&locked)
            }
            _ => Err(io::Error::other("the file of secrets is of another kind")),
        }
    }

    fn unlock(self, locked: &Locked) -> io::Result<Option<(Self, Secrets)>> {
        if locked.nonce.len() != 24 {
            return Err(io::Error::other("the file of secrets is damaged"));
        }
        let plain = XChaCha20Poly1305::new(Key::from_slice(&self.key))
            .decrypt(XNonce::from_slice(&locked.nonce), locked.sealed.as_slice());
        let Ok(plain) = plain else { return Ok(None) };
        Ok(Some((self, serde_json::from_slice(&plain)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_safe_opens_with_its_pass_phrase_alone_and_shows_nothing() {
        let dir = tempfile::tempdir().expect("a folder");
        let safe = Safe::with_phrase(dir.path(), "right").expect("a safe");
        let secrets = Secrets {
            store_key: [7; 32],
            access_token: "syt_topsecret".to_owned(),
            refresh_token: None,
        };
        safe.put(&secrets).expect("written");
        let raw = std::fs::read_to_string(dir.path().join("secret.box")).expect("the file");
        assert!(!raw.contains("topsecret"));
        assert!(Safe::open(dir.path(), "wrong").expect("readable").is_none());
        let (_, back) = Safe::open(dir.path(), "right").expect("readable").expect("opened");
        assert_eq!((back.access_token, back.store_key), (secrets.access_token, [7; 32]));
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(dir.path().join("secret.box")).expect("a file").permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
    }

    #[test]
    fn a_safe_under_a_key_says_where_the_key_is_and_opens_with_it_alone() {
        let dir = tempfile::tempdir().expect("a folder");
        let secrets =
            Secrets { store_key: [7; 32], access_token: "t".to_owned(), refresh_token: None };
        let safe = Safe::with_key(dir.path(), "@sam:example.org DEV".to_owned(), [1; 32]);
        safe.put(&secrets).expect("written");
        let entry = entry(dir.path()).expect("readable");
        assert_eq!(entry.as_deref(), Some("@sam:example.org DEV"));
        assert!(Safe::open(dir.path(), "any").is_err());
        assert!(Safe::open_with_key(dir.path(), [2; 32]).expect("readable").is_none());
        let (back, _) = Safe::open_with_key(dir.path(), [1; 32]).expect("readable").expect("open");
        assert_eq!(back.lock, safe.lock);
    }

    #[test]
    fn who_stays_with_the_pass_phrase_is_remembered() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut safe = Safe::with_phrase(dir.path(), "right").expect("a safe");
        let Lock::Phrase { salt, stays: false } = safe.lock else { panic!("nobody was asked") };
        safe.lock = Lock::Phrase { salt, stays: true };
        let secrets =
            Secrets { store_key: [7; 32], access_token: "t".to_owned(), refresh_token: None };
        safe.put(&secrets).expect("written");
        let (back, _) = Safe::open(dir.path(), "right").expect("readable").expect("opened");
        assert_eq!(back.lock, safe.lock);
    }

    #[test]
    fn a_file_of_an_older_onebox_still_opens() {
        let dir = tempfile::tempdir().expect("a folder");
        let safe = Safe::with_phrase(dir.path(), "right").expect("a safe");
        let secrets =
            Secrets { store_key: [7; 32], access_token: "t".to_owned(), refresh_token: None };
        safe.put(&secrets).expect("written");
        let raw = std::fs::read(file(dir.path())).expect("the file");
        let keys: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(&raw).expect("JSON");
        let keys: Vec<_> = keys.keys().map(String::as_str).collect();
        assert_eq!(keys, ["kdf", "memory_kib", "passes", "salt", "nonce", "sealed"]);
    }
}
