//! Signing in in the browser, the older way: the server hands the browser over to whoever knows the
//! person, and the browser comes back with a token.

use matrix_sdk::Client;
use onebox::sources::live::Asking;

use super::desk::Desk;
use super::listener::{self, Listener};
use super::session::Session;
use super::sign_in::{self, DEVICE, NotIn, broken};

fn has(query: &str, name: &str) -> bool {
    listener::value(query, name).is_some()
}

/// Signs a client in through the browser.
pub async fn sign_in(
    desk: &Desk,
    client: &Client,
    provider: Option<&str>,
    device: Option<&Session>,
) -> Result<(), NotIn> {
    const TOKEN: &str = "loginToken";
    let listener = Listener::new().await.map_err(broken)?;
    let auth = client.matrix_auth();
    let url = auth.get_sso_login_url(&listener.url, provider).await.map_err(broken)?;
    let mut problem = None;
    loop {
        let asking = Asking::Link { url: url.clone() };
        let open = desk.talk.put("Sign in in the browser:", problem.take(), asking).await;
        let id = open.id.clone();
        let query = tokio::select! {
            query = listener.query(has, TOKEN) => query.map_err(broken)?,
            answer = open.answered() => { answer?; continue }
        };
        desk.talk.over(id).await;
        let token = listener::value(&query, TOKEN).unwrap_or_default();
        let mut login =
            auth.login_token(&token).initial_device_display_name(DEVICE).request_refresh_token();
        if let Some(session) = device {
            login = login.device_id(session.device.as_str());
        }
        match login.send().await {
            Ok(_) => return Ok(()),
            Err(e) => match sign_in::someone_else(client, device).await {
                Some(why) => {
                    auth.logout().await.ok();
                    return Err(NotIn::Broken(why));
                }
                None => problem = Some(sign_in::problem_of(&e)),
            },
        }
    }
}
