//! The system's keyring: the Secret Service, or a Mac's Keychain. It holds the key that locks an
//! account's file of secrets, and nothing else: whoever removes the file has removed the secrets.

use std::sync::Arc;
use std::time::Duration;

#[cfg(target_os = "macos")]
use apple_native_keyring_store::keychain::Store;
use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};
#[cfg(not(target_os = "macos"))]
use zbus_secret_service_keyring_store::Store;

/// Under this name the keyring keeps what is onebox's.
const SERVICE: &str = "onebox";
/// So long a keyring may take to say that it is there.
const PROBE: Duration = Duration::from_secs(5);
/// So long it may take to forget. Nothing hangs on it: a key without its file opens nothing.
const FORGETTING: Duration = Duration::from_secs(2);

/// Why the keyring was of no use.
#[derive(Debug, PartialEq, Eq)]
pub enum Trouble {
    /// There is none, or it cannot be reached.
    Away,
    /// It is locked, and was not unlocked.
    Locked,
    /// It has no such key.
    Gone,
    /// Something else; the system's own words.
    Other(String),
}

impl Trouble {
    /// One sentence for people.
    pub fn sentence(&self) -> String {
        match self {
            Self::Away => "The system’s keyring cannot be reached.".to_owned(),
            Self::Locked => "The system’s keyring is locked, and was not unlocked.".to_owned(),
            Self::Gone => "The system’s keyring no longer has this account’s key.".to_owned(),
            Self::Other(words) => format!("The system’s keyring would not: {words}."),
        }
    }
}

impl From<Error> for Trouble {
    fn from(e: Error) -> Self {
        match e {
            Error::NoEntry => Self::Gone,
            Error::NoStorageAccess(_) => Self::Locked,
            // The words of other kinds may hold what was to be kept.
            Error::PlatformFailure(e) => Self::Other(e.to_string()),
            _ => Self::Other("it does not say why".to_owned()),
        }
    }
}

/// Each time anew: a keyring that was started again knows nothing of an older connection.
fn store() -> Result<Arc<Store>, Trouble> {
    Store::new().map_err(|_| Trouble::Away)
}

fn entry(name: &str) -> Result<Entry, Trouble> {
    Ok(store()?.build(SERVICE, name, None)?)
}

async fn asked<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Trouble> + Send + 'static,
) -> Result<T, Trouble> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(Trouble::Other("it broke off".to_owned())))
}

/// Whether there is one. It may be locked.
pub async fn is_there() -> bool {
    let there = asked(|| store().map(drop));
    matches!(tokio::time::timeout(PROBE, there).await, Ok(Ok(())))
}

/// Keeps a key under a name. The system may ask the person to unlock the keyring: no limit of time.
pub async fn keep(name: &str, key: [u8; 32]) -> Result<(), Trouble> {
    let name = name.to_owned();
    asked(move || Ok(entry(&name)?.set_secret(&key)?)).await
}

/// The key of a name; as patient.
pub async fn key(name: &str) -> Result<[u8; 32], Trouble> {
    let name = name.to_owned();
    let key = asked(move || Ok(entry(&name)?.get_secret()?)).await?;
    // Whatever else lies there is not ours.
    key.try_into().map_err(|_| Trouble::Gone)
}

/// Forgets the key of a name, if that can be done at once.
pub async fn forget(name: &str) {
    let name = name.to_owned();
    let gone = asked(move || Ok(entry(&name)?.delete_credential()?));
    tokio::time::timeout(FORGETTING, gone).await.map(drop).ok();
}
