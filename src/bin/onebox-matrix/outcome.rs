//! What went wrong, as onebox wants it: whether to try again, when, and one sentence for people.

use std::time::Duration;

use matrix_sdk::ruma::api::error::{ErrorKind, RetryAfter};
use matrix_sdk::{Error, HttpError, RefreshTokenError};
use onebox::sources::live::{Outcome, OutcomeState};

use super::{bounds, oauth, sign_in};

/// A pause after a failure of the network.
const NETWORK: Duration = Duration::from_secs(3);
/// A pause after a failure of the server.
const SERVER: Duration = Duration::from_secs(10);
/// A server that asks to be left alone is left alone at least so long, and no longer than that.
const ASKED: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(3600));

/// How an order ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// Done; the id that the service gave, where it gave one.
    Done(Option<String>),
    /// Not now.
    Later(Duration, String),
    /// Never.
    Never(String),
}

impl Ended {
    /// As news.
    pub fn of(self, key: &str) -> Outcome {
        let key = key.to_owned();
        match self {
            Self::Done(id) => {
                Outcome { key, state: OutcomeState::Done, id, why: None, after_ms: None }
            }
            Self::Later(pause, why) => Outcome {
                key,
                state: OutcomeState::Retry,
                id: None,
                why: Some(why),
                after_ms: u64::try_from(pause.as_millis()).ok(),
            },
            Self::Never(why) => Outcome {
                key,
                state: OutcomeState::Failed,
                id: None,
                why: Some(why),
                after_ms: None,
            },
        }
    }
}

impl From<&Error> for Ended {
    fn from(e: &Error) -> Self {
        match pause(e) {
            Some(pause) => Self::Later(pause, sentence(e)),
            None => Self::Never(sentence(e)),
        }
    }
}

fn http(e: &Error) -> Option<&HttpError> {
    match e {
        Error::Http(e) => Some(e),
        _ => None,
    }
}

/// The server does not know my token any more.
pub fn is_refused(e: &Error) -> bool {
    let unknown =
        |e: &HttpError| matches!(e.client_api_error_kind(), Some(ErrorKind::UnknownToken(_)));
    match http(e) {
        Some(HttpError::RefreshToken(RefreshTokenError::MatrixAuth(e))) => {
            unknown(e) || matches!(e.client_api_error_kind(), Some(ErrorKind::Forbidden))
        }
        Some(HttpError::RefreshToken(RefreshTokenError::OAuth(e))) => oauth::is_refused(e),
        Some(HttpError::RefreshToken(RefreshTokenError::RefreshTokenRequired)) => true,
        Some(e) => unknown(e),
        None => false,
    }
}

/// How long to wait before it may go better; `None`: it never will.
fn pause(e: &Error) -> Option<Duration> {
    if is_refused(e) {
        return Some(SERVER);
    }
    match http(e)? {
        HttpError::Reqwest(_) | HttpError::RefreshToken(_) => return Some(NETWORK),
        _ => {}
    }
    if let Some(pause) = asked(e) {
        return Some(pause);
    }
    let status = e.as_client_api_error().map(|e| e.status_code.as_u16());
    status.filter(|s| *s >= 500 || *s == 429).map(|_| SERVER)
}

/// How long the server asks to be left alone, if it does.
pub fn asked(e: &Error) -> Option<Duration> {
    let Some(ErrorKind::LimitExceeded(limit)) = e.client_api_error_kind() else { return None };
    Some(match limit.retry_after {
        Some(RetryAfter::Delay(pause)) => pause.clamp(ASKED.0, ASKED.1),
        _ => SERVER,
    })
}

/// Why something cannot be known now.
#[derive(Debug, PartialEq, Eq)]
pub struct Trouble {
    /// One sentence for people.
    pub why: String,
    /// It may pass: not before so long. `None`: it stays.
    pub passes: Option<Duration>,
}

impl From<&Error> for Trouble {
    fn from(e: &Error) -> Self {
        let passes = pause(e).map(|_| asked(e).unwrap_or_default());
        Self { why: sentence(e), passes }
    }
}

/// One sentence for people. Never holds a secret.
pub fn sentence(e: &Error) -> String {
    if is_refused(e) {
        return sign_in::AGAIN.to_owned();
    }
    if matches!(http(e), Some(HttpError::Reqwest(_))) {
        return "The server cannot be reached.".to_owned();
    }
    if let Some(answer) = e.as_client_api_error() {
        let said = match answer.error_kind() {
            Some(ErrorKind::LimitExceeded(_)) => return "The server asks to wait.".to_owned(),
            Some(ErrorKind::TooLarge) => return "It is too large for the server.".to_owned(),
            Some(ErrorKind::Forbidden) => "The server does not allow it",
            Some(ErrorKind::NotFound) => "The server does not find it",
            _ if answer.status_code.as_u16() >= 500 => return "The server has a fault.".to_owned(),
            _ => "The server refuses it",
        };
        return match words(answer) {
            Some(words) => format!("{said}: {words}"),
            None => format!("{said}."),
        };
    }
    match e {
        Error::WrongRoomState(_) => "You are not in this thread.".to_owned(),
        e => format!("It could not be done: {e}."),
    }
}

fn words(answer: &matrix_sdk::ruma::api::error::Error) -> Option<String> {
    use matrix_sdk::ruma::api::error::ErrorBody;
    match &answer.body {
        ErrorBody::Standard(body) if !body.message.is_empty() => {
            Some(bounds::cut(&body.message, bounds::SENTENCE))
        }
        _ => None,
    }
}
