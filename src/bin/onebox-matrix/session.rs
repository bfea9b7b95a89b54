//! The session: what is kept of it in clear, and the client that it makes.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use matrix_sdk::authentication::AuthSession;
use matrix_sdk::authentication::matrix::MatrixSession;
use matrix_sdk::authentication::oauth::{ClientId, OAuthSession, UserSession};
use matrix_sdk::config::RequestConfig;
use matrix_sdk::encryption::{BackupDownloadStrategy, EncryptionSettings};
use matrix_sdk::ruma::{OwnedDeviceId, OwnedUserId};
use matrix_sdk::{
    Client, ClientBuildError, SessionMeta, SessionTokens, SqliteCryptoStore, SqliteStoreConfig,
};
use matrix_sdk_crypto::olm::Account;
use matrix_sdk_crypto::store::CryptoStore;
use matrix_sdk_crypto::store::types::PendingChanges;
use serde::{Deserialize, Serialize};

use super::keyring;
use super::secret::{self, Safe, Secrets};

/// No request takes longer, but for those that carry files.
const PATIENCE: Duration = Duration::from_secs(30);

/// Who is signed in where. Nothing of it is secret.
#[derive(Clone, Serialize, Deserialize)]
pub struct Session {
    /// The server's address.
    pub homeserver: String,
    /// My Matrix id.
    pub user: OwnedUserId,
    /// This device's id.
    pub device: OwnedDeviceId,
    /// What the server calls onebox, where the person signed in with OAuth 2.0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oauth_client: Option<String>,
}

fn file(state_dir: &Path) -> PathBuf {
    state_dir.join("session.json")
}

fn store(state_dir: &Path) -> PathBuf {
    state_dir.join("store")
}

impl Session {
    /// The one that is kept, if any.
    pub fn load(state_dir: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(file(state_dir)).ok()?).ok()
    }

    /// Keeps it.
    pub fn save(&self, state_dir: &Path) -> io::Result<()> {
        secret::write_private(&file(state_dir), &serde_json::to_vec_pretty(self)?)
    }

    /// The name of its key in the system's keyring, as people see it there.
    pub fn entry(&self) -> String {
        format!("{} {}", self.user, self.device)
    }

    /// As the SDK wants it.
    pub fn with(&self, secrets: &Secrets) -> AuthSession {
        let meta = SessionMeta { user_id: self.user.clone(), device_id: self.device.clone() };
        let tokens = SessionTokens {
            access_token: secrets.access_token.clone(),
            refresh_token: secrets.refresh_token.clone(),
        };
        match &self.oauth_client {
            Some(id) => AuthSession::OAuth(Box::new(OAuthSession {
                client_id: ClientId::new(id.clone()),
                user: UserSession { meta, tokens },
            })),
            None => AuthSession::Matrix(MatrixSession { meta, tokens }),
        }
    }
}

/// Forgets everything of the account.
pub async fn forget(state_dir: &Path) {
    let entry = secret::entry(state_dir).ok().flatten();
    for file in [file(state_dir), state_dir.join("secret.box")] {
        std::fs::remove_file(file).ok();
    }
    forget_store(state_dir);
    if let Some(entry) = entry {
        keyring::forget(&entry).await;
    }
}

/// Forgets the SDK's store.
pub fn forget_store(state_dir: &Path) {
    std::fs::remove_dir_all(store(state_dir)).ok();
}

/// How requests are made: once. What goes wrong is told, and onebox or the sync decides.
pub fn requests() -> RequestConfig {
    RequestConfig::new().timeout(PATIENCE).disable_retry()
}

/// The part of the account's store that holds the keys, beside the client's own hand on it.
pub async fn crypto(state_dir: &Path, key: &[u8; 32]) -> Option<SqliteCryptoStore> {
    let config = SqliteStoreConfig::new(store(state_dir)).key(Some(key));
    SqliteCryptoStore::open_with_config(&config).await.ok()
}

/// The server may have forgotten this device, and its keys with it: they are given to it anew, so
/// that others can write to it in secret. The account itself, and what it opens, stays.
pub async fn publish_again(state_dir: &Path, key: &[u8; 32]) {
    let Some(store) = crypto(state_dir, key).await else { return };
    let Ok(Some(account)) = store.load_account().await else { return };
    let mut kept = account.pickle();
    (kept.shared, kept.uploaded_signed_key_count) = (false, 0);
    if let Ok(account) = Account::from_pickle(kept) {
        store.save_pending_changes(PendingChanges { account: Some(account) }).await.ok();
    }
}

/// A client with the account's store.
pub async fn client(
    homeserver: &str,
    state_dir: &Path,
    key: &[u8; 32],
) -> Result<Client, ClientBuildError> {
    let dir = store(state_dir);
    std::fs::create_dir_all(&dir).ok();
    Client::builder()
        .homeserver_url(homeserver)
        .sqlite_store_with_config_and_cache_path(
            SqliteStoreConfig::new(&dir).key(Some(key)),
            None::<PathBuf>,
        )
        .user_agent(concat!("onebox/", env!("CARGO_PKG_VERSION")))
        .respect_login_well_known(false)
        .request_config(requests())
        .with_encryption_settings(EncryptionSettings {
            backup_download_strategy: BackupDownloadStrategy::AfterDecryptionFailure,
            ..EncryptionSettings::default()
        })
        .handle_refresh_tokens()
        .build()
        .await
}

/// Saves the tokens whenever the SDK gets new ones.
pub fn keep_fresh(client: &Client, safe: Safe, secrets: Secrets) {
    let reload = |client: Client| client.session_tokens().ok_or_else(|| "no session".into());
    let save = move |client: Client| {
        let Some(tokens) = client.session_tokens() else { return Ok(()) };
        let mut now = secrets.clone();
        now.access_token = tokens.access_token;
        now.refresh_token = tokens.refresh_token;
        safe.put(&now).map_err(Into::into)
    };
    client.set_session_callbacks(Box::new(reload), Box::new(save)).ok();
}
