//! Where an account's secrets are locked away: chosen with the person, opened at every start.

use std::io;
use std::time::Duration;

use onebox::sources::live::{Asking, LinkState, News};

use super::desk::Desk;
use super::keyring::{self, Trouble};
use super::secret::{self, Lock, Safe, Secrets};
use super::session;
use super::sign_in::NotIn;
use super::talk::GaveUp;

/// Answers the question for the pass-phrase where nobody sits at the keyboard.
const VARIABLE: &str = "ONEBOX_SECRET_PASSPHRASE";
/// A keyring that takes longer has asked the person something.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Whoever has the file may try as often as they like: this many characters at the least.
const SHORTEST: usize = 8;

const IN_KEYRING: &str = "In the system’s keyring";
const IN_FILE: &str = "In a file that a pass-phrase locks";
const STAY: &str = "Stay with the pass-phrase";
const AGAIN: &str = "Try again";
const ANEW: &str = "Forget it and sign in anew";

type Opened = (Safe, Secrets);

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

fn unreadable(e: impl std::fmt::Display) -> NotIn {
    NotIn::Broken(format!("The file of secrets cannot be read: {e}."))
}

fn unwritable(e: impl std::fmt::Display) -> NotIn {
    NotIn::Broken(format!("The file of secrets cannot be written: {e}."))
}

fn given() -> Option<String> {
    std::env::var(VARIABLE).ok().filter(|phrase| !phrase.is_empty())
}

fn choice(choices: &[&str]) -> Asking {
    Asking::Choice { choices: choices.iter().map(|&c| c.to_owned()).collect() }
}

/// Waits for the keyring; says so if the system has to ask first.
async fn patiently<T>(desk: &Desk, work: impl Future<Output = T>) -> T {
    tokio::pin!(work);
    tokio::select! {
        done = &mut work => return done,
        () = tokio::time::sleep(AT_ONCE) => {}
    }
    let why = Some("The system asks to unlock its keyring.".to_owned());
    let state = LinkState::Connecting;
    desk.out.tell(News::Link { state, why, me: None, hosts: desk.hosts() }).await;
    work.await
}

/// Locks away with a new key, which the keyring keeps under this name.
async fn in_keyring(desk: &Desk, entry: &str) -> Result<Safe, Trouble> {
    let key = secret::random().map_err(|e| Trouble::Other(e.to_string()))?;
    patiently(desk, keyring::keep(entry, key)).await?;
    Ok(Safe::with_key(&desk.state_dir, entry.to_owned(), key))
}

async fn with_phrase(desk: &Desk, phrase: String) -> Result<Safe, NotIn> {
    let dir = desk.state_dir.clone();
    blocking(move || Safe::with_phrase(&dir, &phrase)).await.map_err(unwritable)
}

/// Makes a safe: in the keyring under this name, or with a pass-phrase, as the person wishes.
pub async fn make(desk: &Desk, entry: &str) -> Result<Safe, NotIn> {
    if let Some(phrase) = given() {
        desk.out.log(format!("The session is locked with the pass-phrase in {VARIABLE}.")).await;
        return with_phrase(desk, phrase).await;
    }
    if !keyring::is_there().await {
        let why = "No keyring of the system can be reached. ";
        return with_phrase(desk, new_phrase(desk, why).await?).await;
    }
    let mut problem = None;
    loop {
        let text = "Where are this account’s session and keys to be kept?";
        let asking = choice(&[IN_KEYRING, IN_FILE]);
        if desk.talk.ask(text, problem.take(), asking).await? != IN_KEYRING {
            break;
        }
        match in_keyring(desk, entry).await {
            Ok(safe) => return Ok(safe),
            Err(trouble) => problem = Some(trouble.sentence()),
        }
    }
    with_phrase(desk, new_phrase(desk, "").await?).await
}

/// A new pass-phrase, twice the same.
async fn new_phrase(desk: &Desk, why: &str) -> Result<String, GaveUp> {
    let text = format!(
        "{why}A new pass-phrase, {SHORTEST} characters or more, to lock this account’s session \
         and keys in a file. It is asked for whenever onebox starts:"
    );
    let mut problem = None;
    loop {
        let first = desk.talk.ask(&text, problem.take(), Asking::Secret).await?;
        if first.trim().chars().count() < SHORTEST {
            problem = Some("That is too short: it would be guessed.".to_owned());
            continue;
        }
        let second = desk.talk.ask("The same once more:", None, Asking::Secret).await?;
        if first == second {
            return Ok(first);
        }
        problem = Some("The two were not the same.".to_owned());
    }
}

/// Opens the safe; `None`: the person would rather begin anew, and everything is forgotten.
pub async fn open(desk: &Desk) -> Result<Option<Opened>, NotIn> {
    match secret::entry(&desk.state_dir).map_err(unreadable)? {
        Some(entry) => from_keyring(desk, &entry).await,
        None => from_phrase(desk).await.map(Some),
    }
}

async fn try_key(desk: &Desk, entry: &str) -> Result<Opened, Result<Trouble, NotIn>> {
    let key = patiently(desk, keyring::key(entry)).await.map_err(Ok)?;
    match Safe::open_with_key(&desk.state_dir, key) {
        Ok(Some(opened)) => Ok(opened),
        Ok(None) => Err(Ok(Trouble::Gone)),
        Err(e) => Err(Err(unreadable(e))),
    }
}

async fn from_keyring(desk: &Desk, entry: &str) -> Result<Option<Opened>, NotIn> {
    loop {
        let trouble = match try_key(desk, entry).await {
            Ok(opened) => return Ok(Some(opened)),
            Err(trouble) => trouble?,
        };
        let text = "This account’s session is locked with a key in the system’s keyring. Signed in \
                    anew, older encrypted messages need your recovery key.";
        let asking = choice(&[AGAIN, ANEW]);
        if desk.talk.ask(text, Some(trouble.sentence()), asking).await? == ANEW {
            session::forget(&desk.state_dir).await;
            return Ok(None);
        }
    }
}

async fn from_phrase(desk: &Desk) -> Result<Opened, NotIn> {
    let mut given = given();
    let asked = given.is_none();
    let mut problem = None;
    loop {
        let phrase = match given.take() {
            Some(phrase) => phrase,
            None => {
                let text = "The pass-phrase that locks this account’s session and keys?";
                desk.talk.ask(text, problem.take(), Asking::Secret).await?
            }
        };
        let dir = desk.state_dir.clone();
        match blocking(move || Safe::open(&dir, &phrase)).await.map_err(unreadable)? {
            Some(opened) if asked => return move_over(desk, opened).await,
            Some(opened) => return Ok(opened),
            None => problem = Some("That is not the pass-phrase.".to_owned()),
        }
    }
}

/// Offers once to move from the pass-phrase to the keyring, where there is one.
async fn move_over(desk: &Desk, (mut safe, secrets): Opened) -> Result<Opened, NotIn> {
    let Lock::Phrase { salt, stays: false } = safe.lock else { return Ok((safe, secrets)) };
    let session = session::Session::load(&desk.state_dir);
    let Some(session) = session.filter(|_| !secrets.access_token.is_empty()) else {
        return Ok((safe, secrets));
    };
    if !keyring::is_there().await {
        return Ok((safe, secrets));
    }
    let text = "Where are this account’s session and keys to be kept from now on?";
    let mut problem = None;
    loop {
        let answer = desk.talk.ask(text, problem.take(), choice(&[IN_KEYRING, STAY])).await;
        match answer.as_deref() {
            // Not now is not never.
            Err(GaveUp) => return Ok((safe, secrets)),
            Ok(IN_KEYRING) => match in_keyring(desk, &session.entry()).await {
                Ok(moved) => safe = moved,
                Err(trouble) => {
                    problem = Some(trouble.sentence());
                    continue;
                }
            },
            Ok(_) => safe.lock = Lock::Phrase { salt, stays: true },
        }
        safe.put(&secrets).map_err(unwritable)?;
        return Ok((safe, secrets));
    }
}

/// Opens the safe if that needs nobody's word.
pub async fn open_unasked(desk: &Desk) -> Option<Opened> {
    let dir = desk.state_dir.clone();
    match secret::entry(&dir).ok()? {
        Some(entry) => {
            let key = keyring::key(&entry).await.ok()?;
            Safe::open_with_key(&dir, key).ok()?
        }
        None => {
            let phrase = given()?;
            blocking(move || Safe::open(&dir, &phrase)).await.ok()?
        }
    }
}
