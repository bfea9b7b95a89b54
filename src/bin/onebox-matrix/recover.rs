//! The recovery key: given where there is one, so that older encrypted messages open and this
//! device is vouched for; made where there is none.

use matrix_sdk::encryption::recovery::RecoveryError;
use matrix_sdk::encryption::secret_storage::SecretStorageError;
use matrix_sdk::ruma::api::client::uiaa::{
    AuthData, AuthType, MatrixUserIdentifier, Password, UiaaInfo, UserIdentifier,
};
use matrix_sdk::{Client, Error};
use onebox::sources::live::Asking;
use serde::{Deserialize, Serialize};

use super::live::Live;
use super::outcome;
use super::trust::{Trust, Turn};

/// Remembered while a recovery key was made here and nobody has said that they have it: a
/// [`Mark`].
const UNSEEN: &str = "recovery-key-unseen";
/// Remembered where the person has put off saying so.
pub const UNSEEN_LATER: &str = "later.unseen-key";
const NOTED: &str = "I have it in a safe place";
const KEY: &str = "A recovery key, made for you";
const PHRASE: &str = "A pass-phrase of mine, and a recovery key";
const VOID: &str =
    "The key that was shown before opens nothing any more, nor does a pass-phrase of before.";
const MEANWHILE: &str = "Another app of yours has made another recovery key meanwhile: that one \
                         holds, and none was made here.";
/// A pass-phrase guards everything that was ever said: this many characters at the least.
const SHORTEST: usize = 12;

/// The recovery key that was made here and that nobody is known to have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Mark {
    /// Its id, as `m.secret_storage.default_key` of the account names it.
    Made(String),
    /// One that is about to be made; also what earlier versions wrote.
    Unnamed(bool),
}

impl Mark {
    /// Whether the person is to be asked if they have the account’s key, `now` by its id.
    fn asks(&self, now: Option<&str>) -> bool {
        match (self, now) {
            // Another one by now: whoever made it has it, and ours opens nothing.
            (Self::Made(made), Some(now)) => made == now,
            (Self::Unnamed(_), Some(_)) => true,
            (_, None) => false,
        }
    }
}

/// The id of the key that locks the account’s secrets; `None`: there is none.
pub async fn key_id(client: &Client) -> Result<Option<String>, Error> {
    let raw = client.encryption().secret_storage().fetch_default_key_id().await?;
    // Account data cannot be deleted, only emptied: what cannot be read is none.
    Ok(raw.and_then(|raw| raw.deserialize().ok()).map(|content| content.key_id))
}

/// Remembers that nobody has the key yet.
async fn mark(live: &Live, mark: &Mark) {
    live.memory.forget(UNSEEN_LATER).await;
    live.memory.put(UNSEEN, mark).await;
}

/// The person has the key, or it is none any more.
pub async fn noted(live: &Live) {
    live.memory.forget(UNSEEN).await;
    live.memory.forget(UNSEEN_LATER).await;
}

/// Whether the account’s key, `now` by its id, was made here and nobody has said that they have
/// it. A mark of another key is forgotten.
pub async fn is_unseen(live: &Live, now: Option<&str>) -> bool {
    let Some(mark) = live.memory.get::<Mark>(UNSEEN).await else { return false };
    let asks = mark.asks(now);
    match (mark, now) {
        _ if !asks => noted(live).await,
        // From here on it is this one that is asked about.
        (Mark::Unnamed(_), Some(now)) => live.memory.put(UNSEEN, &Mark::Made(now.to_owned())).await,
        _ => {}
    }
    asks
}

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
            Ok(()) => {
                noted(&trust.live).await;
                return Ok(Ok(true));
            }
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
    let before = match key_id(&trust.live.client).await {
        Ok(before) => before,
        Err(e) => return Ok(Err(outcome::sentence(&e))),
    };
    mark(&trust.live, &Mark::Unnamed(true)).await;
    let recovery = trust.live.client.encryption().recovery();
    let enable = recovery.enable();
    let made = match &phrase {
        Some(phrase) => enable.with_passphrase(phrase).await,
        None => enable.await,
    };
    match made {
        Ok(key) => show(trust, &key, None).await.map(Ok),
        Err(e) => {
            if key_id(&trust.live.client).await.is_ok_and(|now| now == before) {
                noted(&trust.live).await;
            }
            Ok(Err(problem(&e)))
        }
    }
}

/// Makes another recovery key instead of one that the person does not have.
pub async fn make_anew(trust: &mut Trust) -> Turn<Result<bool, String>> {
    // The question may have stood for days.
    let now = match key_id(&trust.live.client).await {
        Ok(now) => now,
        Err(e) => return Ok(Err(outcome::sentence(&e))),
    };
    if !is_unseen(&trust.live, now.as_deref()).await {
        return Ok(Err(MEANWHILE.to_owned()));
    }
    // Where this ends in between, nobody knows which of the two holds.
    mark(&trust.live, &Mark::Unnamed(true)).await;
    match trust.live.client.encryption().recovery().reset_key().await {
        Ok(key) => show(trust, &key, Some(VOID)).await.map(Ok),
        Err(e) => Ok(Err(problem(&e))),
    }
}

/// Shows the key that was just made. Only who says that they have it is believed to.
async fn show(trust: &mut Trust, key: &str, more: Option<&str>) -> Turn<bool> {
    // Where the server does not say, the mark stays without a name, which asks.
    if let Ok(Some(id)) = key_id(&trust.live.client).await {
        mark(&trust.live, &Mark::Made(id)).await;
    }
    let mut text = format!(
        "Your recovery key: {key} — keep it, not on this machine alone. Without it and without \
         another device, older messages are lost. It is not shown again."
    );
    if let Some(more) = more {
        text = format!("{text} {more}");
    }
    let choices = vec![NOTED.to_owned()];
    let has_it = trust.ask(&text, None, Asking::Choice { choices }).await?.is_some();
    if has_it {
        noted(&trust.live).await;
    }
    Ok(has_it)
}

#[cfg(test)]
mod tests {
    use matrix_sdk::ruma::api::client::uiaa::AuthFlow;

    use super::*;

    #[test]
    fn only_the_key_that_was_made_here_is_asked_about() {
        let made = Mark::Made("ours".to_owned());
        assert!(made.asks(Some("ours")));
        assert!(!made.asks(Some("made in another app")));
        assert!(!made.asks(None));
        assert!(Mark::Unnamed(true).asks(Some("whose, nobody knows")));
        assert!(!Mark::Unnamed(true).asks(None), "nothing was made");
    }

    #[test]
    fn marks_of_earlier_versions_are_read() {
        let read = |line: &str| serde_json::from_str::<Mark>(line).ok();
        assert_eq!(read("true"), Some(Mark::Unnamed(true)));
        let made = Mark::Made("ours".to_owned());
        assert_eq!(read(&serde_json::to_string(&made).expect("a line")), Some(made));
    }

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
