//! Signing in in the browser with OAuth 2.0: onebox registers itself with the account's own server,
//! the browser brings a code, and only who asked for it can turn it into tokens (PKCE).

use matrix_sdk::Client;
use matrix_sdk::authentication::oauth::error::{
    BasicErrorResponseType, OAuthAuthorizationCodeError, OAuthClientRegistrationError,
    OAuthDiscoveryError, RequestTokenError,
};
use matrix_sdk::authentication::oauth::registration::{
    ApplicationType, ClientMetadata, Localized, OAuthGrantType,
};
use matrix_sdk::authentication::oauth::{ClientRegistrationData, OAuthError};
use matrix_sdk::reqwest::Url;
use matrix_sdk::ruma::UserId;
use matrix_sdk::ruma::serde::Raw;
use matrix_sdk::utils::UrlOrQuery;
use matrix_sdk::{Error, HttpError};
use onebox::sources::live::Asking;

use super::desk::Desk;
use super::listener::{self, Listener};
use super::outcome::{self, Trouble};
use super::session::Session;
use super::sign_in::{self, NotIn, broken};

/// What the server shows the person as onebox's page. There is none: a name that is nobody's.
const HOME: &str = "https://onebox.invalid/";

/// Whether the server offers it.
pub async fn is_offered(client: &Client) -> Result<bool, Trouble> {
    match client.oauth().server_metadata().await {
        Ok(_) => Ok(true),
        Err(e) if e.is_not_supported() => Ok(false),
        Err(OAuthDiscoveryError::Http(e)) => Err(Trouble::from(&Error::from(e))),
        Err(e) => {
            let why = format!("The server’s page on signing in cannot be used: {e}.");
            Err(Trouble { why, passes: None })
        }
    }
}

fn registration(back: &Url) -> Result<ClientRegistrationData, NotIn> {
    let home = Url::parse(HOME).map_err(broken)?;
    let grant = OAuthGrantType::AuthorizationCode { redirect_uris: vec![back.clone()] };
    let mut metadata =
        ClientMetadata::new(ApplicationType::Native, vec![grant], Localized::new(home, []));
    metadata.client_name = Some(Localized::new(sign_in::DEVICE.to_owned(), []));
    Ok(Raw::new(&metadata).map_err(broken)?.into())
}

/// What brings an answer to the question that was asked, and to no other.
fn is_answer(query: &str, state: &str) -> bool {
    let has = |name| listener::value(query, name).is_some();
    listener::value(query, "state").as_deref() == Some(state) && (has("code") || has("error"))
}

/// Signs a client in through the browser. Who wrote their whole id need not write it there again.
pub async fn sign_in(
    desk: &Desk,
    client: &Client,
    id: Option<&str>,
    device: Option<&Session>,
) -> Result<(), NotIn> {
    let written = id.and_then(|id| UserId::parse(id).ok());
    let user = device.map(|session| session.user.clone()).or(written);
    let oauth = client.oauth();
    let listener = Listener::new().await.map_err(broken)?;
    let back = Url::parse(&listener.url).map_err(broken)?;
    let mut problem = None;
    loop {
        let mut asked = oauth.login(
            back.clone(),
            device.map(|session| session.device.clone()),
            Some(registration(&back)?),
            None,
        );
        if let Some(user) = &user {
            asked = asked.user_id_hint(user);
        }
        let asked = asked.build().await.map_err(|e| NotIn::Broken(sentence(&e)))?;
        if let Ok(metadata) = oauth.cached_server_metadata().await {
            desk.contacted(metadata.token_endpoint.host_str());
        }
        let asking = Asking::Link { url: asked.url.to_string() };
        let text = "Sign in in the browser (OAuth 2.0):";
        let open = desk.talk.put(text, problem.take(), asking).await;
        let id = open.id.clone();
        let query = tokio::select! {
            query = listener.query(is_answer, asked.state.secret()) => query.map_err(broken)?,
            answer = open.answered() => {
                answer?;
                oauth.abort_login(&asked.state).await;
                continue;
            }
        };
        desk.talk.over(id).await;
        match oauth.finish_login(UrlOrQuery::Query(query)).await {
            Ok(()) => return Ok(()),
            Err(Error::OAuth(e)) => problem = Some(sentence(&e)),
            Err(e) => match sign_in::someone_else(client, device).await {
                Some(why) => {
                    oauth.logout().await.ok();
                    return Err(NotIn::Broken(why));
                }
                None => problem = Some(outcome::sentence(&e)),
            },
        }
    }
}

/// One sentence for people. Never holds a secret.
pub fn sentence(e: &OAuthError) -> String {
    match e {
        OAuthError::AuthorizationCode(OAuthAuthorizationCodeError::Cancelled) => {
            "It was refused in the browser.".to_owned()
        }
        OAuthError::AuthorizationCode(OAuthAuthorizationCodeError::Authorization(e)) => {
            match e.error_description() {
                Some(words) => format!("The server refused it in the browser: {words}"),
                None => "The server refused it in the browser.".to_owned(),
            }
        }
        OAuthError::AuthorizationCode(OAuthAuthorizationCodeError::RequestToken(
            RequestTokenError::ServerResponse(e),
        )) if *e.error() == BasicErrorResponseType::InvalidGrant => {
            "That took too long: the server no longer takes the browser’s answer.".to_owned()
        }
        OAuthError::AuthorizationCode(OAuthAuthorizationCodeError::RequestToken(
            RequestTokenError::Request(_),
        )) => "The server cannot be reached.".to_owned(),
        OAuthError::ClientRegistration(OAuthClientRegistrationError::NotSupported) => {
            "The server takes no programs that it does not know.".to_owned()
        }
        OAuthError::ClientRegistration(e) => format!("The server does not take onebox: {e}."),
        OAuthError::Discovery(OAuthDiscoveryError::Http(HttpError::Reqwest(_))) => {
            "The server cannot be reached.".to_owned()
        }
        e => format!("It could not be done: {e}."),
    }
}

/// The server refuses to renew the session.
pub fn is_refused(e: &OAuthError) -> bool {
    let OAuthError::RefreshToken(RequestTokenError::ServerResponse(e)) = e else { return false };
    matches!(
        e.error(),
        BasicErrorResponseType::InvalidGrant
            | BasicErrorResponseType::InvalidClient
            | BasicErrorResponseType::UnauthorizedClient
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_to_what_was_asked() {
        assert!(is_answer("code=c&state=s", "s"));
        assert!(is_answer("state=s%2B&error=access_denied", "s+"));
        assert!(!is_answer("code=c&state=other", "s"));
        assert!(!is_answer("code=c", "s"));
        assert!(!is_answer("state=s", "s"));
    }

    #[test]
    fn onebox_registers_as_a_program_on_this_machine() {
        let back = Url::parse("http://127.0.0.1:4711/abc").expect("a url");
        let data = registration(&back).ok().expect("made");
        let said = data.metadata.json().get();
        for part in [
            r#""application_type":"native""#,
            r#""redirect_uris":["http://127.0.0.1:4711/abc"]"#,
            r#""token_endpoint_auth_method":"none""#,
            r#""client_name":"onebox""#,
        ] {
            assert!(said.contains(part), "{said}");
        }
    }
}
