//! Verifying by emoji: this device and another one of mine show the same pictures, and the person
//! says whether they do. Afterwards each vouches for the other, and the keys come over.

use std::fmt;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use matrix_sdk::encryption::verification::{
    CancelInfo, SasState, SasVerification, VerificationRequest, VerificationRequestState,
};
use matrix_sdk::ruma::events::key::verification::VerificationMethod;
use matrix_sdk::ruma::events::key::verification::cancel::CancelCode;
use onebox::sources::live::Asking;

use super::live::Live;
use super::outcome;
use super::talk::GaveUp;
use super::trust::Incoming;

/// No step takes longer: what the protocol allows to a request.
const LONGEST: Duration = Duration::from_secs(600);
/// Who was asked leaves the first step to who has asked, for so long.
const FIRST_STEP: Duration = Duration::from_secs(10);
const STOP: &str = "Stop";
const IT_IS_ME: &str = "Yes: compare emoji";
const NOT_ME: &str = "No, refuse";

/// Why it came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The person has stopped it here.
    Stopped,
    /// The person says here that the emoji differ.
    Differ,
    /// They say so on the other device.
    DifferThere,
    /// It was stopped on the other device.
    StoppedThere,
    /// It took too long.
    TooLong,
    /// Another device has answered.
    Elsewhere,
    /// Something went wrong.
    Failed(String),
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stopped => "You have stopped the verification.",
            Self::Differ => {
                "The emoji were not the same: nothing was verified. Somebody may be in between; if \
                 you looked at the right device, look at your list of devices."
            }
            Self::DifferThere => {
                "The other device says that the emoji were not the same: nothing was verified. \
                 Somebody may be in between."
            }
            Self::StoppedThere => "The other device has stopped the verification.",
            Self::TooLong => "Nobody answered on the other device in time.",
            Self::Elsewhere => "Another device of yours has answered.",
            Self::Failed(why) => return write!(f, "The verification failed: {why}"),
        })
    }
}

/// Why it was cancelled.
fn end(code: &CancelCode, by_us: bool, reason: &str) -> End {
    match code {
        CancelCode::User if by_us => End::Stopped,
        CancelCode::User => End::StoppedThere,
        CancelCode::Timeout => End::TooLong,
        CancelCode::MismatchedSas if by_us => End::Differ,
        CancelCode::MismatchedSas => End::DifferThere,
        CancelCode::Accepted => End::Elsewhere,
        _ => End::Failed(reason.to_owned()),
    }
}

impl From<CancelInfo> for End {
    fn from(info: CancelInfo) -> Self {
        end(info.cancel_code(), info.cancelled_by_us(), info.reason())
    }
}

impl From<matrix_sdk::Error> for End {
    fn from(e: matrix_sdk::Error) -> Self {
        Self::Failed(outcome::sentence(&e))
    }
}

/// Another device of mine has asked.
pub async fn answer(live: &Live, incoming: &Incoming) -> Result<(), End> {
    let request = &incoming.request;
    let text = format!(
        "Your device {} asks to be verified against this one. Did you just ask for it there?",
        incoming.device
    );
    let asking = Asking::Choice { choices: [IT_IS_ME, NOT_ME].map(str::to_owned).to_vec() };
    let said = unless(live, &text, asking, over(request)).await?;
    if said.as_deref() != Ok(IT_IS_ME) {
        request.cancel().await.ok();
        return Err(End::Stopped);
    }
    request.accept_with_methods(vec![VerificationMethod::SasV1]).await?;
    carry_on(live, request, false).await
}

/// Asks the other devices of mine.
pub async fn ask(live: &Live) -> Result<(), End> {
    let Some(me) = live.client.user_id() else { return Err(End::Stopped) };
    let identity = live.client.encryption().get_user_identity(me).await;
    let identity = identity.map_err(|e| End::Failed(e.to_string()))?;
    let Some(identity) = identity else {
        return Err(End::Failed("the account has no keys to verify with.".to_owned()));
    };
    let request = identity.request_verification_with_methods(vec![VerificationMethod::SasV1]);
    let request = request.await.map_err(|e| End::Failed(e.to_string()))?;
    carry_on(live, &request, true).await
}

/// From the request to the end. `first`: the first step is ours.
async fn carry_on(live: &Live, request: &VerificationRequest, first: bool) -> Result<(), End> {
    let all = async {
        let text = if first {
            "Look at your other device: it asks whether to verify this one. Accept it there."
        } else {
            "Go on at your other device: choose to compare emoji there."
        };
        let (sas, symbols) = while_waiting(live, text, symbols(request, first)).await?;
        compare(live, &sas, symbols).await?;
        let text = "Now say on your other device, too, that they are the same.";
        while_waiting(live, text, done(&sas)).await
    };
    let ended = all.await;
    if ended.is_err() {
        // Whatever is left of it is of no use to the other side, either.
        request.cancel().await.ok();
    }
    ended
}

/// Waits for the other device, unless the person stops it.
async fn while_waiting<T>(
    live: &Live,
    text: &str,
    what: impl Future<Output = Result<T, End>>,
) -> Result<T, End> {
    let asking = Asking::Choice { choices: vec![STOP.to_owned()] };
    let open = live.desk.talk.put(text, None, asking).await;
    let id = open.id.clone();
    let came = tokio::select! {
        came = what => came,
        () = tokio::time::sleep(LONGEST) => Err(End::TooLong),
        _ = open.answered() => return Err(End::Stopped),
    };
    live.desk.talk.over(id).await;
    came
}

/// Asks; where it ends before there is an answer, or there is none in time, the question is taken
/// back.
async fn unless(
    live: &Live,
    text: &str,
    asking: Asking,
    ended: impl Future<Output = End>,
) -> Result<Result<String, GaveUp>, End> {
    let open = live.desk.talk.put(text, None, asking).await;
    let id = open.id.clone();
    let end = tokio::select! {
        said = open.answered() => return Ok(said),
        end = ended => end,
        () = tokio::time::sleep(LONGEST) => End::TooLong,
    };
    live.desk.talk.over(id).await;
    Err(end)
}

/// The person compares.
async fn compare(live: &Live, sas: &SasVerification, symbols: Vec<String>) -> Result<(), End> {
    let text = "Verify this device:";
    let said = unless(live, text, Asking::Compare { symbols }, broken(sas)).await?;
    match said.as_deref() {
        Ok("yes") => Ok(sas.confirm().await?),
        Ok(_) => {
            sas.mismatch().await?;
            Err(End::Differ)
        }
        Err(_) => {
            sas.cancel().await?;
            Err(End::Stopped)
        }
    }
}

/// Waits until a request that nobody has answered here is over.
async fn over(request: &VerificationRequest) -> End {
    let mut changes = Box::pin(request.changes());
    loop {
        if let Some(info) = request.cancel_info() {
            return info.into();
        }
        if request.is_passive() {
            return End::Elsewhere;
        }
        if request.is_done() || changes.next().await.is_none() {
            return End::Elsewhere;
        }
    }
}

/// Waits until the emoji are known.
async fn symbols(
    request: &VerificationRequest,
    mut first: bool,
) -> Result<(SasVerification, Vec<String>), End> {
    let mut requests = Box::pin(request.changes());
    let mut exchange: Option<SasVerification> = None;
    let mut exchanges: BoxStream<'static, SasState> = stream::pending().boxed();
    loop {
        match request.state() {
            VerificationRequestState::Ready { .. } if first => {
                request.start_sas().await?;
                first = false;
            }
            // Both may have begun: what the request says now is what holds.
            VerificationRequestState::Transitioned { verification } => {
                let sas = verification.sas();
                let sas = sas.ok_or_else(|| End::Failed("it is no emoji.".to_owned()))?;
                if exchange.as_ref().is_none_or(|old| old.we_started() != sas.we_started()) {
                    exchanges = sas.changes().boxed();
                    if !sas.we_started() {
                        sas.accept().await?;
                    }
                    exchange = Some(sas);
                }
            }
            VerificationRequestState::Cancelled(info) => return Err(info.into()),
            VerificationRequestState::Done => return Err(End::Elsewhere),
            _ => {}
        }
        match exchange.as_ref().map(SasVerification::state) {
            Some(SasState::KeysExchanged { emojis, decimals }) => {
                let symbols = match emojis {
                    Some(emojis) => {
                        let shown = emojis.emojis.iter();
                        shown.map(|e| format!("{} {}", e.symbol, e.description)).collect()
                    }
                    None => [decimals.0, decimals.1, decimals.2].map(|n| n.to_string()).to_vec(),
                };
                if let Some(sas) = exchange {
                    return Ok((sas, symbols));
                }
            }
            Some(SasState::Cancelled(info)) => return Err(info.into()),
            _ => {}
        }
        let late = request.is_ready() && !first;
        tokio::select! {
            change = requests.next() => {
                if change.is_none() && exchange.is_none() {
                    return Err(End::Elsewhere);
                }
            }
            change = exchanges.next() => {
                if change.is_none() {
                    exchanges = stream::pending().boxed();
                }
            }
            () = tokio::time::sleep(FIRST_STEP), if late => first = true,
        }
    }
}

/// Waits until an exchange has broken.
async fn broken(sas: &SasVerification) -> End {
    let mut changes = Box::pin(sas.changes());
    loop {
        if let Some(info) = sas.cancel_info() {
            return info.into();
        }
        if changes.next().await.is_none() {
            return End::Elsewhere;
        }
    }
}

/// Waits for the other side's word.
async fn done(sas: &SasVerification) -> Result<(), End> {
    let mut changes = Box::pin(sas.changes());
    loop {
        match sas.state() {
            SasState::Done { .. } => return Ok(()),
            SasState::Cancelled(info) => return Err(info.into()),
            _ => {}
        }
        if changes.next().await.is_none() {
            return if sas.is_done() { Ok(()) } else { Err(End::Elsewhere) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_ended_it_is_named() {
        assert_eq!(end(&CancelCode::User, true, ""), End::Stopped);
        assert_eq!(end(&CancelCode::User, false, ""), End::StoppedThere);
        assert_eq!(end(&CancelCode::Timeout, false, ""), End::TooLong);
        assert_eq!(end(&CancelCode::MismatchedSas, true, ""), End::Differ);
        assert_eq!(end(&CancelCode::MismatchedSas, false, ""), End::DifferThere);
        assert_eq!(end(&CancelCode::Accepted, false, ""), End::Elsewhere);
        let failed = end(&CancelCode::KeyMismatch, false, "The keys differ.");
        assert_eq!(failed.to_string(), "The verification failed: The keys differ.");
        assert!(End::DifferThere.to_string().contains("other device"));
    }
}
