//! Asks for the profiles of those of whom nothing else tells which app they are of.
//!
//! Bridges write that into their ghosts' profiles where the server keeps fields of one's own
//! (MSC4133); it is not in the room's state, so each costs a request. Few are asked about: where
//! ghosts are called as usual nobody is, and one answer tells how all ghosts of that bridge are
//! called.

use std::sync::atomic::Ordering;

use matrix_sdk::ruma::OwnedUserId;
use matrix_sdk::ruma::api::error::ErrorKind::{Forbidden, NotFound};
use serde_json::Value;

use super::live::Live;

/// Profiles that are asked for in one run of the program.
pub const MOST: u32 = 100;
/// Profiles of one room that are asked for at a time. Who is left is asked about when the room comes
/// again.
const AT_ONCE: usize = 5;
/// What is read of a profile.
const FIELDS: [&str; 3] =
    ["com.beeper.bridge.service", "com.beeper.bridge.network", "com.beeper.bridge.remote_id"];

/// The profiles of some of them. Of whom the server does not answer nothing is told, and they may be
/// asked about again.
pub async fn of(live: &Live, people: Vec<String>) -> Vec<(String, Value)> {
    if people.is_empty() || !may_ask(live) || !has_fields(live).await {
        return Vec::new();
    }
    let mut told = Vec::new();
    for id in people.into_iter().take(AT_ONCE) {
        let Ok(user) = OwnedUserId::try_from(id.as_str()) else { continue };
        let left = |n: u32| n.checked_sub(1);
        if live.questions.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left).is_err() {
            break;
        }
        match live.client.account().fetch_user_profile_of(&user).await {
            Ok(profile) => {
                let field = |name: &&str| Some(((*name).to_owned(), profile.get(name)?.clone()));
                told.push((id, FIELDS.iter().filter_map(field).collect()));
            }
            // There is no such profile, or it is not for me to see.
            Err(e) if matches!(e.client_api_error_kind(), Some(NotFound | Forbidden)) => {
                told.push((id, Value::Null));
            }
            Err(_) => break,
        }
    }
    told
}

/// Whether anybody may still be asked about.
pub fn may_ask(live: &Live) -> bool {
    live.questions.load(Ordering::Relaxed) > 0
}

/// Whether the server keeps fields of one's own. The SDK remembers the answer; where it says that it
/// does not, nobody is asked about any more.
async fn has_fields(live: &Live) -> bool {
    match live.client.homeserver_capabilities().extended_profile_fields().await {
        Ok(fields) if fields.enabled => true,
        Ok(_) => {
            live.questions.store(0, Ordering::Relaxed);
            false
        }
        Err(_) => false,
    }
}
