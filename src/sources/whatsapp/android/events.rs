//! What the app's own rows tell, in words: `message_system.action_type`.

use crate::model::VAGUE_EVENT;

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
