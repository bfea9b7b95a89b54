//! What the app's own rows tell, in words: `message_system.action_type`.

use crate::model::VAGUE_EVENT;
use crate::sources::json;

/// How I am called where I have no name, and where I am spoken to.
pub const YOU: &str = "You";

/// The words of an event. `who` acted, `whom` it was done to, `text` came with it; each may be
/// unknown.
pub fn words(action: i64, who: Option<&str>, whom: &[String], text: Option<&str>) -> String {
    let everyone = whom.join(", ");
    let named =
        || if whom.is_empty() { who.unwrap_or("Somebody").to_owned() } else { everyone.clone() };
    let quoted = text.map_or(String::new(), |t| format!(" “{t}”"));
    match action {
        1 => format!("The subject is now{quoted}"),
        4 | 12 => format!("{} joined", named()),
        5 | 13 => format!("{} left", named()),
        7 | 14 => format!("{} was removed", named()),
        6 => "The picture was changed".to_owned(),
        10 | 28 => match whom {
            [old, new] => format!("{old} has a new number: {new}"),
            _ => format!("{} has a new number", named()),
        },
        11 => format!("The group{quoted} was created"),
        15 => format!("{} is an administrator now", named()),
        18 => format!("The security code of {} has changed", named()),
        20 => format!("{} joined by a link", named()),
        27 => format!(
            "The description was changed{}",
            text.map_or(String::new(), |t| format!(": {t}"))
        ),
        19 | 67 => "Messages and calls are end-to-end encrypted".to_owned(),
        56 | 59 => "The time after which messages disappear was changed".to_owned(),
        57 => "A device was added or removed".to_owned(),
        58 => "The contact was blocked or let in again".to_owned(),
        118 => "A message was pinned".to_owned(),
        _ => match (text, whom.is_empty()) {
            (Some(text), _) => text.to_owned(),
            (None, false) => format!("{VAGUE_EVENT} ({action}): {everyone}"),
            (None, true) => format!("{VAGUE_EVENT} ({action})"),
        },
    }
}

/// What came with an event, as far as it is words for people. Much of it is data of the app: a
/// number, an address, JSON, a name of the app's own or a hash.
pub fn words_only(text: &str) -> Option<&str> {
    const HASH: usize = 8;
    let text = text.trim();
    let one = !text.contains(char::is_whitespace);
    let all = |of: fn(char) -> bool| text.chars().all(of);
    let digits = text.contains(|c: char| c.is_ascii_digit());
    let data = text.starts_with(['{', '[']) && json::parse(text.as_bytes()).is_some()
        || all(|c| c.is_ascii_digit() || ".,:;+-".contains(c))
        || one
            && text.contains('_')
            && all(|c| c.is_ascii_lowercase() || "_0123456789".contains(c))
        || text.len() >= HASH && digits && all(|c| c.is_ascii_hexdigit())
        || one && text.split([',', ';']).all(is_address);
    (!data && !text.is_empty()).then_some(text)
}

/// Whether it is the address of somebody, or of a group.
pub fn is_address(text: &str) -> bool {
    const SERVERS: [&str; 4] = ["s.whatsapp.net", "lid", "g.us", "newsletter"];
    text.split_once('@').is_some_and(|(user, server)| !user.is_empty() && SERVERS.contains(&server))
}

/// What a group is called, of what came with an event; newer ones say it in JSON.
pub fn subject(text: &str) -> Option<String> {
    let value = Some(text).filter(|t| t.starts_with('{')).and_then(|t| json::parse(t.as_bytes()));
    match value {
        Some(value) => ["new_subject", "subject"].iter().find_map(|n| json::words(&value, n)),
        None => Some(text.to_owned()).filter(|t| !t.trim().is_empty()),
    }
}

/// That somebody came, by whom where that is known and somebody else.
pub fn added(who: Option<&str>, whom: &str) -> String {
    match who.filter(|who| *who != whom) {
        Some(who) => format!("{who} added {}", object(whom)),
        None => format!("{whom} joined"),
    }
}

/// That somebody was sent away, by whom where that is known.
pub fn removed(who: Option<&str>, whom: &str) -> String {
    match who.filter(|who| *who != whom) {
        Some(who) => format!("{who} removed {}", object(whom)),
        None => format!("{whom} {} removed", if whom == YOU { "were" } else { "was" }),
    }
}

/// A name in the middle of a sentence.
fn object(name: &str) -> &str {
    if name == YOU { "you" } else { name }
}
