//! What a bridge says became of a message of mine, in either of its two ways.

use onebox::model::SendState;
use serde_json::Value;

use super::bounds;

/// A message, what became of it, and the bridge's words.
type Status<'a> = (&'a str, SendState, Option<String>);

/// From `com.beeper.message_send_status`; `None`: still on the way.
pub fn of_status(content: &Value) -> Result<Option<Status<'_>>, &'static str> {
    let Some(message) = content["m.relates_to"]["event_id"].as_str() else {
        return Err("a send status of nothing");
    };
    let words = ["message", "reason", "error"]
        .into_iter()
        .find_map(|key| content[key].as_str().filter(|s| !s.is_empty()))
        .map(|s| bounds::cut(s, bounds::SENTENCE));
    match content["status"].as_str() {
        Some("SUCCESS") => Ok(Some((message, SendState::Delivered, None))),
        Some("FAIL_RETRIABLE" | "FAIL_PERMANENT") => Ok(Some((message, SendState::Failed, words))),
        Some("PENDING") => Ok(None),
        _ => Err("a send status that is not known"),
    }
}

/// From a notice that a bridge's bot wrote in answer to my message: "⚠️ Your message was not
/// bridged: …" or "… may not have been bridged …".
pub fn of_bot(content: &Value) -> Option<(&str, SendState, String)> {
    let message = content["m.relates_to"]["m.in_reply_to"]["event_id"].as_str()?;
    let body = content["body"].as_str()?.trim_start();
    let words = body.strip_prefix('\u{26a0}')?.trim_start_matches('\u{fe0f}').trim_start();
    let line = words.strip_prefix("Your ")?;
    let (said, why) = line.split_once(": ").unwrap_or((line, ""));
    let state = if said.contains("may not have been bridged") {
        SendState::Unconfirmed
    } else if said.contains("not bridged") {
        SendState::Failed
    } else {
        return None;
    };
    let why = if why.is_empty() { words } else { why.trim() };
    Some((message, state, bounds::cut(why, bounds::SENTENCE)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn bot(body: &str) -> Option<(SendState, String)> {
        let said = json!({"body": body, "m.relates_to": {"m.in_reply_to": {"event_id": "$e"}}});
        of_bot(&said).map(|(_, state, why)| (state, why))
    }

    #[test]
    fn a_bots_notice_is_a_verdict_on_my_message() {
        let failed =
            bot("\u{26a0}\u{fe0f} Your message was not bridged: You are not in this group");
        assert_eq!(failed, Some((SendState::Failed, "You are not in this group".to_owned())));
        let unsure = bot("\u{26a0}\u{fe0f} Your message may not have been bridged: timed out");
        assert_eq!(unsure, Some((SendState::Unconfirmed, "timed out".to_owned())));
        assert_eq!(bot("\u{26a0} Your login has expired"), None);
        assert_eq!(bot("Your message was not bridged"), None);
    }

    #[test]
    fn a_status_needs_a_message_and_a_known_word() {
        let status = |status: Value| {
            let event = json!({"m.relates_to": {"event_id": "$e"}, "status": status, "reason": "m.x", "message": "no"});
            of_status(&event).map(|s| s.map(|(_, state, why)| (state, why)))
        };
        assert_eq!(status(json!("SUCCESS")), Ok(Some((SendState::Delivered, None))));
        assert_eq!(
            status(json!("FAIL_PERMANENT")),
            Ok(Some((SendState::Failed, Some("no".into()))))
        );
        assert_eq!(status(json!("PENDING")), Ok(None));
        assert!(status(json!(7)).is_err());
        assert!(of_status(&json!({"status": "SUCCESS"})).is_err());
    }
}
