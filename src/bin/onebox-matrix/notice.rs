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
    match content["status"].as_str() {
        Some("SUCCESS") => Ok(Some((message, SendState::Delivered, None))),
        Some("FAIL_RETRIABLE" | "FAIL_PERMANENT") => {
            Ok(Some((message, SendState::Failed, words(content))))
        }
        Some("PENDING") => Ok(None),
        // Bridges of 2022 said it by switches; those in between say both.
        None if content["status"].is_null() => older(content).map(|state| {
            let words = words(content).filter(|_| state != Some(SendState::Delivered));
            state.map(|state| (message, state, words))
        }),
        _ => Err("a send status that is not known"),
    }
}

/// What became of it, as bridges said before there was a `status`.
fn older(content: &Value) -> Result<Option<SendState>, &'static str> {
    if content["still_working"] == true {
        return Ok(None);
    }
    match content["success"].as_bool() {
        Some(true) => Ok(Some(SendState::Delivered)),
        Some(false) if content["is_certain"] == false => Ok(Some(SendState::Unconfirmed)),
        Some(false) => Ok(Some(SendState::Failed)),
        None => Err("a send status that is not known"),
    }
}

/// Why: the bridge's sentence, else its code in ours. `error` is for developers, and comes last.
fn words(content: &Value) -> Option<String> {
    let said = |key: &str| content[key].as_str().filter(|s| !s.is_empty());
    let reason = said("reason").map(|code| REASONS.iter().find(|(c, _)| *c == code).ok_or(code));
    said("message")
        .or(match reason {
            Some(Ok((_, sentence))) => Some(*sentence),
            // A code that is not known says less than the developers' words, but more than nothing.
            Some(Err(code)) => said("error").or(Some(code)),
            None => said("error"),
        })
        .map(|s| bounds::cut(s, bounds::SENTENCE))
}

/// Codes of bridges (`event/beeper.go` of mautrix-go), in words.
const REASONS: [(&str, &str); 7] = [
    ("m.event_not_handled", "The bridge could not handle it."),
    ("com.beeper.unsupported_event", "The bridge cannot carry this kind of message."),
    (
        "com.beeper.undecryptable_event",
        "The bridge could not decrypt it; it may trust verified devices only.",
    ),
    ("m.event_too_old", "It came to the bridge too late."),
    ("m.foreign_network_error", "The app did not take it."),
    ("m.no_permission", "You may not do this there."),
    ("m.bridge_unavailable", "The bridge does not run."),
];

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
        assert!(status(json!("ON_ITS_WAY")).is_err());
        assert_eq!(
            status(json!("FAIL_RETRIABLE")),
            Ok(Some((SendState::Failed, Some("no".into()))))
        );
        assert!(of_status(&json!({"status": "SUCCESS"})).is_err());
    }

    fn said(mut content: Value) -> Result<Option<(SendState, Option<String>)>, &'static str> {
        content["m.relates_to"] = json!({"rel_type": "m.reference", "event_id": "$e"});
        content["network"] = json!("whatsapp");
        of_status(&content).map(|s| s.map(|(_, state, why)| (state, why)))
    }

    #[test]
    fn a_code_is_told_in_words_and_developers_words_come_last() {
        let why = |content: Value| said(content).ok().flatten().and_then(|(_, why)| why);
        let failed = |reason: &str, message: &str, error: &str| {
            why(
                json!({"status": "FAIL_PERMANENT", "reason": reason, "message": message, "error": error}),
            )
        };
        let told = |text: &str| Some(text.to_owned());
        assert_eq!(failed("m.no_permission", "You left", "403: nope"), told("You left"));
        for (code, sentence) in REASONS {
            assert_eq!(failed(code, "", "send failed: 403"), told(sentence));
        }
        assert_eq!(failed("m.new_code", "", "send failed"), told("send failed"));
        assert_eq!(failed("m.new_code", "", ""), told("m.new_code"));
        assert_eq!(failed("", "", "send failed"), told("send failed"));
        assert_eq!(failed("", "", ""), None);
    }

    #[test]
    fn what_older_bridges_say_by_switches_is_heard() {
        let delivered = Ok(Some((SendState::Delivered, None)));
        assert_eq!(said(json!({"success": true})), delivered);
        // Both ways at once, as for some months of 2022: the word holds.
        let both = json!({"status": "PENDING", "success": false, "can_retry": true,
            "still_working": true, "last_retry": "$r"});
        assert_eq!(said(both), Ok(None));
        assert_eq!(said(json!({"success": false, "still_working": true})), Ok(None));
        let failed = json!({"success": false, "can_retry": false, "reason": "m.event_too_old"});
        let late = "It came to the bridge too late.".to_owned();
        assert_eq!(said(failed), Ok(Some((SendState::Failed, Some(late)))));
        let unsure = json!({"success": false, "is_certain": false, "message": "timed out"});
        assert_eq!(said(unsure), Ok(Some((SendState::Unconfirmed, Some("timed out".to_owned())))));
        // It says who has it, too: that is the app's word for delivered.
        let who = json!({"status": "SUCCESS", "delivered_to_users": ["@whatsapp_1:hs"]});
        assert_eq!(said(who), delivered);
        assert!(said(json!({"success": "yes"})).is_err());
        assert!(said(json!({"status": 7, "success": true})).is_err());
    }
}
