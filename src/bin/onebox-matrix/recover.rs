//! The recovery key: given where there is one, so that older encrypted messages open and this
//! device is vouched for; made where there is none.

use matrix_sdk::encryption::recovery::RecoveryError;
use matrix_sdk::encryption::secret_storage::SecretStorageError;
use matrix_sdk::ruma::api::client::uiaa::{
    AuthData, AuthType, MatrixUserIdentifier, Password, UiaaInfo, UserIdentifier,
};
use matrix_sdk::{Client, Error};
use onebox::sources::live::Asking;

use super::live::Live;
use super::outcome;
use super::trust::{Trust, Turn};

/// Set while a recovery key was made and nobody has said that they have it.
pub const UNSEEN: &str = "recovery-key-unseen";
const NOTED: &str = "I have it in a safe place";
const KEY: &str = "A recovery key, made for you";
const PHRASE: &str = "A pass-phrase of mine, and a recovery key";
/// A pass-phrase guards everything that was ever said: this many characters at the least.
const SHORTEST: usize = 12;

/// What is wrong with a recovery key, for people.
fn problem(e: &RecoveryError) -> String {
    match e {
        RecoveryError::Sdk(e) | RecoveryError::SecretStorage(SecretStorageError::Sdk(e)) => {
            outcome::sentence(e)
        }
        RecoveryError::SecretStorage(SecretStorageError::SecretStorageKey(_)) => {
            "That is neither the recovery key nor its pass-phrase.".to_owned()
        }
        RecoveryError::SecretStorage(
            SecretStorageError::InconsistentBackupDecryptionKey
            | SecretStorageError::MissingOrInvalidBackupDecryptionKey,
        ) => "The key is right, but the backup of your messages has another.".to_owned(),
        RecoveryError::BackupExistsOnServer => {
            "There is a backup already that this device cannot open.".to_owned()
        }
        e => format!("The server’s copy of your keys cannot be used: {e}."),
    }
}

/// The key is right, and what it opens is not what it should be: asking again is of no use.
fn is_beside_the_key(e: &RecoveryError) -> bool {
    matches!(
        e,
        RecoveryError::SecretStorage(
            SecretStorageError::InconsistentBackupDecryptionKey
                | SecretStorageError::MissingOrInvalidBackupDecryptionKey
        )
    )
}

/// Asks for the recovery key until it is right; `Ok(false)`: the person gave up.
pub async fn give(trust: &mut Trust) -> Turn<Result<bool, String>> {
    let recovery = trust.live.client.encryption().recovery();
    let mut wrong = None;
    loop {
        let text = "Your recovery key, or its pass-phrase:";
        let Some(said) = trust.ask(text, wrong.take(), Asking::Secret).await? else {
            return Ok(Ok(false));
        };
        match recovery.recover(said.trim()).await {
            Ok(()) => return Ok(Ok(true)),
            Err(e) if is_beside_the_key(&e) => return Ok(Err(problem(&e))),
            Err(e) => wrong = Some(problem(&e)),
        }
    }
}

/// Whether the password is one of the ways of proving it.
fn takes_password(info: &UiaaInfo) -> bool {
    info.flows.iter().any(|flow| flow.stages.iter().all(|stage| *stage == AuthType::Password))
}

fn password(info: &UiaaInfo, client: &Client, said: String) -> Option<AuthData> {
    let user = client.user_id()?.localpart().to_owned();
    let user = UserIdentifier::Matrix(MatrixUserIdentifier::new(user));
    let mut password = Password::new(user, said);
    password.session.clone_from(&info.session);
    Some(AuthData::Password(password))
}

/// Makes the keys by which my devices know each other; `false`: the person gave up. Most servers
/// take the first ones without further proof.
async fn identity(trust: &mut Trust) -> Turn<Result<bool, String>> {
    let encryption = trust.live.client.encryption();
    let mut refused: Error = match encryption.bootstrap_cross_signing_if_needed(None).await {
        Ok(()) => return Ok(Ok(true)),
        Err(e) => e,
    };
    let mut wrong = None;
    loop {
        let Some(info) = refused.as_uiaa_response().cloned() else {
            return Ok(Err(outcome::sentence(&refused)));
        };
        if !takes_password(&info) {
            let why = "This server wants more proof for that than onebox can give: set it up in \
                       another app, then verify this device.";
            return Ok(Err(why.to_owned()));
        }
        let text = "The server wants your password once more:";
        let Some(said) = trust.ask(text, wrong.take(), Asking::Secret).await? else {
            return Ok(Ok(false));
        };
        let auth = password(&info, &trust.live.client, said);
        refused = match encryption.bootstrap_cross_signing(auth).await {
            Ok(()) => return Ok(Ok(true)),
            Err(e) => e,
        };
        wrong = Some("That is not the password.".to_owned());
    }
}

/// A pass-phrase of the person's, if they want one; `None`: they gave up.
async fn phrase(trust: &mut Trust) -> Turn<Option<Option<String>>> {
    let text = "What shall open your messages on a new device?";
    let choices = [KEY, PHRASE].map(str::to_owned).to_vec();
    match trust.ask(text, None, Asking::Choice { choices }).await?.as_deref() {
        None => return Ok(None),
        Some(PHRASE) => {}
        Some(_) => return Ok(Some(None)),
    }
    let mut wrong = None;
    loop {
        let text = format!("A pass-phrase, {SHORTEST} characters or more:");
        let Some(said) = trust.ask(&text, wrong.take(), Asking::Secret).await? else {
            return Ok(None);
        };
        if said.trim().chars().count() < SHORTEST {
            wrong = Some("That is too short.".to_owned());
            continue;
        }
        let Some(again) = trust.ask("The same once more:", None, Asking::Secret).await? else {
            return Ok(None);
        };
        if again == said {
            return Ok(Some(Some(said.trim().to_owned())));
        }
        wrong = Some("The two were not the same.".to_owned());
    }
}

/// Makes what is missing: the keys of the account, a backup, a recovery key. `Ok(false)`: the
/// person gave up.
pub async fn make(trust: &mut Trust, with_identity: bool) -> Turn<Result<bool, String>> {
    let Some(phrase) = phrase(trust).await? else { return Ok(Ok(false)) };
    if with_identity {
        match identity(trust).await? {
            Ok(true) => {}
            other => return Ok(other),
        }
    }
    // Without all of them here, what is made would take the place of what is whole elsewhere.
    let status = trust.live.client.encryption().cross_signing_status().await;
    if !status.is_some_and(|keys| keys.is_complete()) {
        return Ok(Err("Another device of yours has set it up meanwhile.".to_owned()));
    }
    trust.live.memory.put(UNSEEN, &true).await;
    let recovery = trust.live.client.encryption().recovery();
    let enable = recovery.enable();
    let made = match &phrase {
        Some(phrase) => enable.with_passphrase(phrase).await,
        None => enable.await,
    };
    match made {
        Ok(key) => show(trust, &key).await.map(Ok),
        Err(e) => {
            trust.live.memory.forget(UNSEEN).await;
            Ok(Err(problem(&e)))
        }
    }
}

/// Makes another recovery key instead of one that nobody has seen.
pub async fn make_anew(trust: &mut Trust) -> Turn<Result<bool, String>> {
    let recovery = trust.live.client.encryption().recovery();
    match recovery.reset_key().await {
        Ok(key) => show(trust, &key).await.map(Ok),
        Err(e) => Ok(Err(problem(&e))),
    }
}

/// Shows the key. Only who says that they have it is believed to.
async fn show(trust: &mut Trust, key: &str) -> Turn<bool> {
    let text = format!(
        "Your recovery key: {key} — keep it, not on this machine alone. Without it and without \
         another device, older messages are lost. It is not shown again."
    );
    let choices = vec![NOTED.to_owned()];
    let noted = trust.ask(&text, None, Asking::Choice { choices }).await?.is_some();
    if noted {
        trust.live.memory.forget(UNSEEN).await;
    }
    Ok(noted)
}

/// A key was made here, and the connector ended before anybody had seen it.
pub async fn is_unseen(live: &Live) -> bool {
    live.memory.get::<bool>(UNSEEN).await.is_some()
}

#[cfg(test)]
mod tests {
    use matrix_sdk::ruma::api::client::uiaa::AuthFlow;

    use super::*;

    #[test]
    fn only_a_way_with_nothing_but_the_password_is_gone() {
        let of = |flows: &[&[AuthType]]| {
            let flows = flows.iter().map(|stages| AuthFlow::new(stages.to_vec())).collect();
            takes_password(&UiaaInfo::new(flows))
        };
        assert!(of(&[&[AuthType::Sso], &[AuthType::Password]]));
        assert!(!of(&[&[AuthType::Sso]]));
        assert!(!of(&[&[AuthType::Password, AuthType::ReCaptcha]]));
        assert!(!of(&[]));
    }

    #[test]
    fn what_is_wrong_with_a_key_is_said() {
        let exists = problem(&RecoveryError::BackupExistsOnServer);
        assert!(exists.contains("cannot open"), "{exists}");
        let other =
            RecoveryError::SecretStorage(SecretStorageError::InconsistentBackupDecryptionKey);
        assert!(problem(&other).contains("right"), "{}", problem(&other));
        assert!(
            is_beside_the_key(&other) && !is_beside_the_key(&RecoveryError::BackupExistsOnServer)
        );
    }
}
