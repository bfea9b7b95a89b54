//! Signing in: a conversation about the server, the way, the name and the password.

use std::net::IpAddr;
use std::time::Duration;

use matrix_sdk::ruma::api::client::session::get_login_types::v3::LoginType;
use matrix_sdk::ruma::api::error::ErrorKind;
use matrix_sdk::{Client, Error};
use onebox::sources::live::{Asking, LinkState, News};

use super::desk::Desk;
use super::outcome::Trouble;
use super::secret::{self, Safe, Secrets};
use super::session::{self, Session};
use super::talk::GaveUp;
use super::{locking, oauth, outcome, sso};

/// What this device is called there.
pub const DEVICE: &str = "onebox";
/// Why somebody who was signed in is not.
pub const AGAIN: &str = "The server wants you to sign in again.";
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
const PASSWORD: &str = "Name and password";
const BROWSER: &str = "In the browser";
const OAUTH: &str = "In the browser (OAuth 2.0)";

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
    /// The person signed out; what did not go well, for people.
    SignedOut(Option<String>),
    /// Something on this machine went wrong.
    Broken(String),
}

impl NotIn {
    /// For people.
    pub fn sentence(self) -> Option<String> {
        match self {
            Self::GaveUp => Some("Signing in was given up.".to_owned()),
            Self::SignedOut(why) => why,
            Self::Broken(why) => Some(why),
        }
    }
}

impl From<GaveUp> for NotIn {
    fn from(_: GaveUp) -> Self {
        Self::GaveUp
    }
}

/// Something on this machine went wrong.
pub fn broken(e: impl std::fmt::Display) -> NotIn {
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

/// A server that was found.
struct Found {
    /// Its address.
    homeserver: String,
    ways: Vec<(String, Way)>,
    /// The name that the person wrote besides, if it was a whole id.
    id: Option<String>,
}

/// Finds the server that the person means.
async fn find_server(desk: &Desk) -> Result<Found, NotIn> {
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
        desk.contacted(Some(host(&address)));
        let builder = Client::builder().server_name_or_homeserver_url(&address);
        let Ok(client) = builder.request_config(session::requests()).build().await else {
            let place = address.split_once("://").map_or(&*address, |(_, rest)| rest);
            problem = Some(format!(
                "No Matrix server answers at {place}: it is down, or has another name."
            ));
            continue;
        };
        let homeserver = client.homeserver().to_string();
        desk.contacted(client.homeserver().host_str());
        // Nobody elsewhere may send a password to a program on this machine.
        let both_here = is_loopback(&homeserver) && is_loopback(&address);
        if homeserver.starts_with("http://") && !both_here {
            problem = Some("That server wants to talk without encryption.".to_owned());
            continue;
        }
        match ways(&client).await {
            Ok(ways) => {
                let id = written.trim().starts_with('@').then(|| written.trim().to_owned());
                return Ok(Found { homeserver, ways, id });
            }
            Err(trouble) => problem = Some(trouble.why),
        }
    }
}

/// One way of signing in.
enum Way {
    Password,
    /// In the browser, the older way, with this provider.
    Browser(Option<String>),
    /// In the browser, with OAuth 2.0.
    OAuth,
    /// One that onebox does not know, by its name.
    Unknown,
}

/// The ways that a server offers, best first.
async fn ways(client: &Client) -> Result<Vec<(String, Way)>, Trouble> {
    let oauth = oauth::is_offered(client).await;
    let flows = match client.matrix_auth().get_login_types().await {
        Ok(types) => types.flows,
        // With OAuth 2.0 there need not be anything else.
        Err(_) if oauth == Ok(true) => Vec::new(),
        Err(e) => return Err(Trouble::from(&Error::from(e))),
    };
    Ok(named(oauth?, &flows))
}

/// The pause before the next attempt: twice the last one, and no shorter than the server asks for.
fn next_pause(last: Option<Duration>, passes: Duration) -> Duration {
    last.map_or(FIRST_PAUSE, |last| last.saturating_mul(2)).min(LONGEST_PAUSE).max(passes)
}

/// The ways that a server offers, once it tells them. Nobody has asked for this moment: a server
/// that has a fault or cannot be reached is asked again, and the person sees what is waited for.
async fn ways_in_time(desk: &Desk, client: &Client, me: &str) -> Result<Vec<(String, Way)>, NotIn> {
    let mut pause = None;
    loop {
        desk.wanted().await;
        let trouble = match ways(client).await {
            Ok(ways) => {
                if pause.is_some() {
                    let why = Some(AGAIN.to_owned());
                    tell_link(desk, LinkState::SignedOut, why, None).await;
                }
                return Ok(ways);
            }
            Err(trouble) => trouble,
        };
        let Some(passes) = trouble.passes else { return Err(NotIn::Broken(trouble.why)) };
        let now = next_pause(pause, passes);
        pause = Some(now);
        let seconds = now.as_secs_f64().ceil();
        let why = format!("{} Signing in again is tried in {seconds} s.", trouble.why);
        tell_link(desk, LinkState::Offline, Some(why), Some(me.to_owned())).await;
        let mut online = desk.online.clone();
        online.mark_unchanged();
        tokio::select! {
            () = tokio::time::sleep(now) => {}
            // The person does not want to wait.
            () = desk.again.notified() => {}
            _ = online.changed() => {}
        }
    }
}

async fn tell_link(desk: &Desk, state: LinkState, why: Option<String>, me: Option<String>) {
    desk.out.tell(News::Link { state, why, me, hosts: desk.hosts() }).await;
}

/// Each way by its name for people.
fn named(oauth: bool, flows: &[LoginType]) -> Vec<(String, Way)> {
    let mut ways = Vec::new();
    if oauth {
        ways.push((OAUTH.to_owned(), Way::OAuth));
    }
    for flow in flows {
        match flow {
            LoginType::Password(_) => ways.push((PASSWORD.to_owned(), Way::Password)),
            // The same server, spoken to in the older way.
            LoginType::Sso(sso) if sso.oauth_aware_preferred && oauth => {}
            LoginType::Sso(sso) if sso.identity_providers.is_empty() => {
                ways.push((BROWSER.to_owned(), Way::Browser(None)));
            }
            LoginType::Sso(sso) => ways.extend(sso.identity_providers.iter().map(|p| {
                (format!("{BROWSER}, with {}", p.name), Way::Browser(Some(p.id.clone())))
            })),
            // How the browser's token is handed in; no way of its own.
            LoginType::Token(_) => {}
            other => ways.push((other.login_type().to_owned(), Way::Unknown)),
        }
    }
    ways
}

async fn choose(desk: &Desk, mut ways: Vec<(String, Way)>) -> Result<Way, NotIn> {
    let unknown: Vec<String> =
        ways.extract_if(.., |(_, way)| matches!(way, Way::Unknown)).map(|(name, _)| name).collect();
    if ways.is_empty() {
        return Err(NotIn::Broken(format!(
            "This server offers no way to sign in that onebox knows, only: {}.",
            if unknown.is_empty() { "none".to_owned() } else { unknown.join(", ") }
        )));
    }
    if ways.len() == 1 {
        return Ok(ways.swap_remove(0).1);
    }
    let choices: Vec<_> = ways.iter().map(|(name, _)| name.clone()).collect();
    let chosen =
        desk.talk.ask("How do you sign in there?", None, Asking::Choice { choices }).await?;
    let at = ways.iter().position(|(name, _)| *name == chosen).unwrap_or_default();
    Ok(ways.swap_remove(at).1)
}

/// What is wrong with the last attempt, for people.
pub fn problem_of(e: &Error) -> String {
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
        // What was meant for the question before.
        if device.is_none() && user.contains("://") {
            problem = Some("That is an address; a name is like maya or @maya:server.".to_owned());
            continue;
        }
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

/// Who signed in though another was expected, in words; `None`: the right one, or nobody did.
pub async fn someone_else(client: &Client, device: Option<&Session>) -> Option<String> {
    let who = client.whoami().await.ok()?.user_id;
    let expected = &device?.user;
    (who != *expected).then(|| format!("You signed in as {who}; this account is {expected}’s."))
}

/// Signs in for the first time.
pub async fn first(desk: &Desk) -> Result<SignedIn, NotIn> {
    // A store without a session is of nobody.
    session::forget_store(&desk.state_dir);
    let Found { homeserver, ways, id } = find_server(desk).await?;
    let way = choose(desk, ways).await?;
    let store_key = secret::random().map_err(broken)?;
    let client = session::client(&homeserver, &desk.state_dir, &store_key).await.map_err(broken)?;
    by(desk, &client, way, id, None).await?;
    match keep(desk, &client, homeserver, store_key).await {
        Ok((session, safe, secrets)) => Ok(SignedIn { client, session, safe, secrets }),
        Err(why) => {
            // What cannot be kept must not live on there.
            client.logout().await.ok();
            Err(why)
        }
    }
}

/// Signs in again on the same device, after the server has refused the token.
pub async fn again(
    desk: &Desk,
    session: &Session,
    safe: Safe,
    secrets: &Secrets,
) -> Result<SignedIn, NotIn> {
    session::publish_again(&desk.state_dir, &secrets.store_key).await;
    let client = session::client(&session.homeserver, &desk.state_dir, &secrets.store_key)
        .await
        .map_err(broken)?;
    let ways = ways_in_time(desk, &client, session.user.as_str()).await?;
    by(desk, &client, choose(desk, ways).await?, None, Some(session)).await?;
    let homeserver = session.homeserver.clone();
    let (session, secrets) = signed_in(&client, homeserver, secrets.store_key)?;
    safe.put(&secrets).map_err(broken)?;
    session.save(&desk.state_dir).map_err(broken)?;
    Ok(SignedIn { client, session, safe, secrets })
}

/// Signs in one way.
async fn by(
    desk: &Desk,
    client: &Client,
    way: Way,
    id: Option<String>,
    device: Option<&Session>,
) -> Result<(), NotIn> {
    match way {
        Way::OAuth => oauth::sign_in(desk, client, id.as_deref(), device).await,
        Way::Browser(provider) => sso::sign_in(desk, client, provider.as_deref(), device).await,
        Way::Password | Way::Unknown => with_password(desk, client, id, device).await,
    }
}

/// What a signed-in client needs to come back.
fn signed_in(
    client: &Client,
    homeserver: String,
    store_key: [u8; 32],
) -> Result<(Session, Secrets), NotIn> {
    let (Some(meta), Some(tokens)) = (client.session_meta().cloned(), client.session_tokens())
    else {
        return Err(broken("The server gave no session."));
    };
    let oauth_client = client.oauth().client_id().map(|id| id.as_str().to_owned());
    let session = Session { homeserver, user: meta.user_id, device: meta.device_id, oauth_client };
    let secrets = Secrets {
        store_key,
        access_token: tokens.access_token,
        refresh_token: tokens.refresh_token,
    };
    Ok((session, secrets))
}

/// Keeps it, where the person wishes.
async fn keep(
    desk: &Desk,
    client: &Client,
    homeserver: String,
    store_key: [u8; 32],
) -> Result<(Session, Safe, Secrets), NotIn> {
    let (session, _) = signed_in(client, homeserver.clone(), store_key)?;
    let safe = locking::make(desk, &session.entry()).await?;
    // The tokens may have been renewed while the person thought about it.
    let (session, secrets) = signed_in(client, homeserver, store_key)?;
    safe.put(&secrets).map_err(broken)?;
    session.save(&desk.state_dir).map_err(broken)?;
    Ok((session, safe, secrets))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(oauth: bool, flows: serde_json::Value) -> Vec<String> {
        let flows: Vec<LoginType> = serde_json::from_value(flows).expect("flows");
        named(oauth, &flows).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn every_way_of_a_server_is_offered_once() {
        let providers = json!([{"id": "a", "name": "Ann’s"}, {"id": "b", "name": "Bo’s"}]);
        let old = json!([
            {"type": "m.login.sso", "identity_providers": providers},
            {"type": "m.login.token"},
            {"type": "m.login.password"},
        ]);
        assert_eq!(
            names(false, old),
            ["In the browser, with Ann’s", "In the browser, with Bo’s", "Name and password"]
        );
        // An account's own server, which also speaks the older way for programs that know no other.
        let both = json!([
            {"type": "m.login.sso", "oauth_aware_preferred": true},
            {"type": "m.login.password"},
            {"type": "org.example.fingerprint"},
        ]);
        assert_eq!(
            names(true, both.clone()),
            ["In the browser (OAuth 2.0)", "Name and password", "org.example.fingerprint"]
        );
        assert_eq!(names(false, both).first().map(String::as_str), Some("In the browser"));
        assert!(names(false, json!([])).is_empty());
    }

    #[test]
    fn a_server_with_a_fault_is_asked_ever_more_seldom() {
        let mut pauses = vec![next_pause(None, Duration::ZERO)];
        for _ in 0..7 {
            pauses.push(next_pause(pauses.last().copied(), Duration::ZERO));
        }
        let seconds: Vec<u64> = pauses.iter().map(Duration::as_secs).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60]);
        let asked = Duration::from_secs(90);
        assert_eq!(next_pause(pauses.last().copied(), asked), asked);
        assert_eq!(next_pause(Some(asked), Duration::ZERO), LONGEST_PAUSE);
    }

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
