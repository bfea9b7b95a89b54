//! The secrets of an account: in a file that a pass-phrase locks.

use std::io;
use std::path::{Path, PathBuf};

use argon2::{Algorithm, Argon2, Params};
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use onebox::sources::live::Asking;
use serde::{Deserialize, Serialize};

use super::desk::Desk;
use super::talk::GaveUp;

/// Answers the question for the pass-phrase where nobody sits at the keyboard.
const VARIABLE: &str = "ONEBOX_SECRET_PASSPHRASE";
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

/// The file, as JSON.
#[derive(Serialize, Deserialize)]
struct Locked {
    kdf: String,
    memory_kib: u32,
    passes: u32,
    salt: [u8; 16],
    nonce: Vec<u8>,
    sealed: Vec<u8>,
}

/// An open safe: its file, and the key that the pass-phrase made.
#[derive(Clone)]
pub struct Safe {
    file: PathBuf,
    salt: [u8; 16],
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

impl Safe {
    fn file(state_dir: &Path) -> PathBuf {
        state_dir.join("secret.box")
    }

    /// A new safe under this pass-phrase.
    fn new(state_dir: &Path, phrase: &str) -> io::Result<Self> {
        let salt = random()?;
        let key = stretch(phrase, &salt, MEMORY_KIB, PASSES)?;
        Ok(Self { file: Self::file(state_dir), salt, key })
    }

    /// Locks the secrets away.
    pub fn put(&self, secrets: &Secrets) -> io::Result<()> {
        let nonce: [u8; 24] = random()?;
        let plain = serde_json::to_vec(secrets)?;
        let sealed = XChaCha20Poly1305::new(Key::from_slice(&self.key))
            .encrypt(XNonce::from_slice(&nonce), plain.as_slice())
            .map_err(|_| io::Error::other("the secrets could not be locked"))?;
        let locked = Locked {
            kdf: "argon2id".to_owned(),
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            salt: self.salt,
            nonce: nonce.to_vec(),
            sealed,
        };
        write_private(&self.file, &serde_json::to_vec(&locked)?)
    }

    /// Opens the file with a pass-phrase; `None`: it is the wrong one.
    fn open(state_dir: &Path, phrase: &str) -> io::Result<Option<(Self, Secrets)>> {
        let file = Self::file(state_dir);
        let locked: Locked = serde_json::from_slice(&std::fs::read(&file)?)?;
        if locked.kdf != "argon2id" || locked.nonce.len() != 24 {
            return Err(io::Error::other("the file of secrets is of another kind"));
        }
        let key = stretch(phrase, &locked.salt, locked.memory_kib, locked.passes)?;
        let plain = XChaCha20Poly1305::new(Key::from_slice(&key))
            .decrypt(XNonce::from_slice(&locked.nonce), locked.sealed.as_slice());
        let Ok(plain) = plain else { return Ok(None) };
        Ok(Some((Self { file, salt: locked.salt, key }, serde_json::from_slice(&plain)?)))
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

/// Opens the safe; asks for the pass-phrase until it is right.
pub async fn open(desk: &Desk) -> Result<io::Result<(Safe, Secrets)>, GaveUp> {
    let mut given = std::env::var(VARIABLE).ok();
    let mut problem = None;
    loop {
        let phrase = match given.take() {
            Some(phrase) => phrase,
            None => {
                let text = "The pass-phrase that locks this account’s keys?";
                desk.talk.ask(text, problem.take(), Asking::Secret).await?
            }
        };
        let dir = desk.state_dir.clone();
        match blocking(move || Safe::open(&dir, &phrase)).await {
            Ok(Some(opened)) => return Ok(Ok(opened)),
            Ok(None) => problem = Some("That is not the pass-phrase.".to_owned()),
            Err(e) => return Ok(Err(e)),
        }
    }
}

/// Makes a safe; asks for a pass-phrase, twice the same.
pub async fn make(desk: &Desk) -> Result<io::Result<Safe>, GaveUp> {
    let phrase = match std::env::var(VARIABLE) {
        Ok(phrase) => phrase,
        Err(_) => choose(desk).await?,
    };
    let dir = desk.state_dir.clone();
    Ok(blocking(move || Safe::new(&dir, &phrase)).await)
}

async fn choose(desk: &Desk) -> Result<String, GaveUp> {
    let mut problem = None;
    loop {
        let text = "A new pass-phrase, to lock this account’s keys on this machine:";
        let first = desk.talk.ask(text, problem.take(), Asking::Secret).await?;
        if first.is_empty() {
            problem = Some("An empty pass-phrase locks nothing.".to_owned());
            continue;
        }
        let second = desk.talk.ask("The same once more:", None, Asking::Secret).await?;
        if first == second {
            return Ok(first);
        }
        problem = Some("The two were not the same.".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_safe_opens_with_its_pass_phrase_alone_and_shows_nothing() {
        let dir = tempfile::tempdir().expect("a folder");
        let safe = Safe::new(dir.path(), "right").expect("a safe");
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
}
