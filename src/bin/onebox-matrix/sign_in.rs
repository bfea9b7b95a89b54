//! Signing in: a conversation about the server, the way, the name and the password.

use std::net::IpAddr;

use matrix_sdk::ruma::api::client::session::get_login_types::v3::LoginType;
use matrix_sdk::ruma::api::error::ErrorKind;
use matrix_sdk::{Client, Error};
use onebox::sources::live::Asking;

use super::desk::Desk;
use super::outcome;
use super::secret::{self, Safe, Secrets};
use super::session::{self, Session};
use super::sso::Listener;
use super::talk::GaveUp;

const DEVICE: &str = "onebox";
const PASSWORD: &str = "Name and password";
const BROWSER: &str = "In the browser";

/// Who signed in, with a client that has.
pub struct SignedIn {
    /// The client.
    pub client: Client,
    /// What is kept in clear.
    pub session: Session,
    /// The safe, for later tokens.
    pub safe: Safe,
    /// The secrets.
    pub secrets: Secrets,
}

/// Why nobody is signed in.
pub enum NotIn {
    /// The person gave up.
    GaveUp,
    /// The person signed out.
    SignedOut,
    /// Something on this machine went wrong.
    Broken(String),
}

impl NotIn {
    /// For people.
    pub fn sentence(self) -> Option<String> {
        match self {
            Self::GaveUp => Some("Signing in was given up.".to_owned()),
            Self::SignedOut => None,
            Self::Broken(why) => Some(why),
        }
    }
}

impl From<GaveUp> for NotIn {
    fn from(_: GaveUp) -> Self {
        Self::GaveUp
    }
}

fn broken(e: impl std::fmt::Display) -> NotIn {
    NotIn::Broken(e.to_string())
}

/// The host of an address as a person writes it.
fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let rest = rest.split('/').next().unwrap_or_default();
    match rest.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => rest.split(':').next().unwrap_or_default(),
    }
}

fn is_loopback(address: &str) -> bool {
    let host = host(address);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The address to look for, of what the person wrote: a server's name, an address, or an id.
pub fn address(written: &str) -> Result<String, &'static str> {
    let written = written.trim();
    let name = match written.strip_prefix('@').and_then(|id| id.split_once(':')) {
        Some((_, server)) => server,
        None => written,
    };
    if name.is_empty() || name.chars().any(char::is_whitespace) {
        return Err("That is no server’s name.");
    }
    if name.starts_with("http://") && !is_loopback(name) {
        return Err("Without encryption (http) only a server on this machine will do.");
    }
    Ok(if !name.contains("://") && is_loopback(name) {
        format!("http://{name}")
    } else {
        name.to_owned()
    })
}

/// Finds the server that the person means; what they wrote besides, if it was a whole id.
async fn find_server(desk: &Desk) -> Result<(String, Vec<LoginType>, Option<String>), NotIn> {
    let mut problem = None;
    let mut initial = String::new();
    loop {
        let text = "Which Matrix server? Its name or address, such as matrix.org:";
        let asking = Asking::Text { initial: initial.clone() };
        let written = desk.talk.ask(text, problem.take(), asking).await?;
        initial.clone_from(&written);
        let address = match address(&written) {
            Ok(address) => address,
            Err(why) => {
                problem = Some(why.to_owned());
                continue;
            }
        };
        let builder = Client::builder().server_name_or_homeserver_url(&address);
        let Ok(client) = builder.request_config(session::requests()).build().await else {
            problem = Some(format!("No Matrix server was found at {}.", host(&address)));
            continue;
        };
        let homeserver = client.homeserver().to_string();
        if homeserver.starts_with("http://") && !is_loopback(&homeserver) {
            problem = Some("That server wants to talk without encryption.".to_owned());
            continue;
        }
        match client.matrix_auth().get_login_types().await {
            Ok(types) => {
                let id = written.trim().starts_with('@').then(|| written.trim().to_owned());
                return Ok((homeserver, types.flows, id));
            }
            Err(e) => problem = Some(outcome::sentence(&Error::from(e))),
        }
    }
}

/// One way of signing in.
enum Way {
    Password,
    /// In the browser, with this provider.
    Browser(Option<String>),
}

async fn choose(desk: &Desk, flows: &[LoginType]) -> Result<Option<Way>, GaveUp> {
    let mut ways = Vec::new();
    for flow in flows {
        match flow {
            LoginType::Password(_) => ways.push((PASSWORD.to_owned(), Way::Password)),
            LoginType::Sso(sso) if sso.identity_providers.is_empty() => {
                ways.push((BROWSER.to_owned(), Way::Browser(None)));
            }
            LoginType::Sso(sso) => ways.extend(sso.identity_providers.iter().map(|p| {
                (format!("{BROWSER}, with {}", p.name), Way::Browser(Some(p.id.clone())))
            })),
            _ => {}
        }
    }
    if ways.len() <= 1 {
        return Ok(ways.pop().map(|(_, way)| way));
    }
    let choices: Vec<_> = ways.iter().map(|(name, _)| name.clone()).collect();
    let chosen =
        desk.talk.ask("How do you sign in there?", None, Asking::Choice { choices }).await?;
    let at = ways.iter().position(|(name, _)| *name == chosen).unwrap_or_default();
    Ok(Some(ways.swap_remove(at).1))
}

/// What is wrong with the last attempt, for people.
fn problem_of(e: &Error) -> String {
    match e.client_api_error_kind() {
        Some(ErrorKind::Forbidden) => {
            "The server knows no such name with this password.".to_owned()
        }
        _ => outcome::sentence(e),
    }
}

/// Signs a client in with a password; asks until it is right.
async fn with_password(
    desk: &Desk,
    client: &Client,
    mut name: Option<String>,
    device: Option<&Session>,
) -> Result<(), NotIn> {
    let mut problem = None;
    let mut initial = String::new();
    loop {
        let user = match (device, name.take()) {
            (Some(session), _) => session.user.to_string(),
            (None, Some(id)) => id,
            (None, None) => {
                let asking = Asking::Text { initial: initial.clone() };
                desk.talk.ask("Your name there?", problem.take(), asking).await?
            }
        };
        let text = format!("The password of {}?", user.trim());
        let password = desk.talk.ask(&text, problem.take(), Asking::Secret).await?;
        let mut login = client
            .matrix_auth()
            .login_username(user.trim(), &password)
            .initial_device_display_name(DEVICE)
            .request_refresh_token();
        if let Some(session) = device {
            login = login.device_id(session.device.as_str());
        }
        initial = user;
        match login.send().await {
            Ok(_) => return Ok(()),
            Err(e) => problem = Some(problem_of(&e)),
        }
    }
}

/// Signs a client in through the browser.
async fn in_browser(
    desk: &Desk,
    client: &Client,
    provider: Option<&str>,
    device: Option<&Session>,
) -> Result<(), NotIn> {
    let mut problem = None;
    loop {
        let listener = Listener::new().await.map_err(broken)?;
        let auth = client.matrix_auth();
        let url = auth.get_sso_login_url(&listener.url, provider).await.map_err(broken)?;
        let text = "Sign in in the browser:";
        let open = desk.talk.put(text, problem.take(), Asking::Link { url }).await;
        let id = open.id.clone();
        let token = tokio::select! {
            token = listener.token() => token.map_err(broken)?,
            answer = open.answered() => { answer?; continue }
        };
        desk.talk.over(id).await;
        let mut login =
            auth.login_token(&token).initial_device_display_name(DEVICE).request_refresh_token();
        if let Some(session) = device {
            login = login.device_id(session.device.as_str());
        }
        match login.send().await {
            Ok(_) => return Ok(()),
            Err(e) => problem = Some(problem_of(&e)),
        }
    }
}

/// Signs in for the first time.
pub async fn first(desk: &Desk) -> Result<SignedIn, NotIn> {
    // A store without a session is of nobody.
    session::forget_store(&desk.state_dir);
    let (homeserver, flows, name) = find_server(desk).await?;
    let way = choose(desk, &flows).await?;
    let Some(way) = way else {
        return Err(broken("This server offers no way to sign in that onebox knows."));
    };
    let store_key = secret::random().map_err(broken)?;
    let client = session::client(&homeserver, &desk.state_dir, &store_key).await.map_err(broken)?;
    match &way {
        Way::Password => with_password(desk, &client, name, None).await?,
        Way::Browser(provider) => in_browser(desk, &client, provider.as_deref(), None).await?,
    }
    let safe = match secret::make(desk).await {
        Ok(safe) => safe.map_err(broken)?,
        Err(gave_up) => {
            client.matrix_auth().logout().await.ok();
            return Err(gave_up.into());
        }
    };
    finish(desk, client, homeserver, safe, store_key)
}

/// Signs in again on the same device, after the server has refused the token.
pub async fn again(
    desk: &Desk,
    session: &Session,
    safe: Safe,
    secrets: &Secrets,
) -> Result<SignedIn, NotIn> {
    let client = session::client(&session.homeserver, &desk.state_dir, &secrets.store_key)
        .await
        .map_err(broken)?;
    let flows = client.matrix_auth().get_login_types().await.map_err(broken)?.flows;
    match choose(desk, &flows).await? {
        Some(Way::Browser(provider)) => {
            in_browser(desk, &client, provider.as_deref(), Some(session)).await?;
        }
        _ => with_password(desk, &client, None, Some(session)).await?,
    }
    finish(desk, client, session.homeserver.clone(), safe, secrets.store_key)
}

/// Keeps what a signed-in client needs to come back.
fn finish(
    desk: &Desk,
    client: Client,
    homeserver: String,
    safe: Safe,
    store_key: [u8; 32],
) -> Result<SignedIn, NotIn> {
    let Some(now) = client.matrix_auth().session() else {
        return Err(broken("The server gave no session."));
    };
    let session = Session { homeserver, user: now.meta.user_id, device: now.meta.device_id };
    let secrets = Secrets {
        store_key,
        access_token: now.tokens.access_token,
        refresh_token: now.tokens.refresh_token,
    };
    safe.put(&secrets).map_err(broken)?;
    session.save(&desk.state_dir).map_err(broken)?;
    Ok(SignedIn { client, session, safe, secrets })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_alone() {
        assert_eq!(address("matrix.org"), Ok("matrix.org".to_owned()));
        assert_eq!(address(" @sam:example.org "), Ok("example.org".to_owned()));
        assert_eq!(address("localhost:8008"), Ok("http://localhost:8008".to_owned()));
        assert_eq!(address("http://127.0.0.1:8008"), Ok("http://127.0.0.1:8008".to_owned()));
        assert_eq!(address("http://[::1]:8008"), Ok("http://[::1]:8008".to_owned()));
        assert!(address("http://example.org").is_err());
        assert!(address("http://127.0.0.1.example.org").is_err());
        assert!(address("http://localhost@example.org").is_err());
        assert!(address("two words").is_err());
        assert!(address("").is_err());
    }
}
