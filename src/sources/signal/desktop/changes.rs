//! What the app itself tells in a chat, told as the updates of an export.

use serde_json::{Map, Value, json};

use super::frames::{Roll, either};
use super::groups;
use super::items::Raw;
use crate::sources::database::{Database, Row};
use crate::sources::json::{flag, int, member, text, words};

/// A flag of old messages: the timer was set.
const TIMER: i64 = 2;
/// A flag of old messages: the session ended.
const END_SESSION: i64 = 1;

/// The question for the calls that messages tell of, in the messages' order.
pub fn calls(db: &Database) -> String {
    let column = |name: &str| db.column("h", "callsHistory", &[name]);
    format!(
        "SELECT 0, m.rowid, h.callId, {}, {}, {}, {}, {}, {}, {}, {} FROM messages m
         CROSS JOIN callsHistory h ON h.callId =
             CASE WHEN json_valid(m.json) THEN json_extract(m.json, '$.callId') END
         WHERE m.type = 'call-history' ORDER BY m.rowid",
        column("mode"),
        column("type"),
        column("direction"),
        column("status"),
        column("timestamp"),
        column("startedById"),
        column("ringerId"),
        column("endedTimestamp"),
    )
}

/// Takes a call.
pub fn row(r: &Row<'_>) -> Value {
    json!({
        "callId": r.text(2),
        "mode": r.text(3),
        "type": r.text(4),
        "direction": r.text(5),
        "status": r.text(6),
        "timestamp": r.int(7),
        "startedById": r.text(8).or_else(|| r.text(9)),
        "endedTimestamp": r.int(10),
    })
}

/// An update, and who brought it about.
pub struct Update {
    /// As the export tells it.
    pub told: Value,
    /// The number of whoever did it, or whom it is about.
    pub by: Option<i64>,
}

/// Whether a message tells only that the timer was set.
pub fn is_timer(json: &Value) -> bool {
    member(json, "expirationTimerUpdate").is_some()
        || int(json, "flags").is_some_and(|f| f & TIMER != 0)
}

fn simple(word: &str) -> Value {
    json!({ "simpleUpdate": { "type": word } })
}

/// The update that a message is. `None`: it is none, or nothing to tell.
pub fn update(raw: &Raw, roll: &Roll, chat: Option<i64>, author: Option<i64>) -> Option<Update> {
    let json = &raw.json;
    let of_chat = chat.filter(|c| !roll.is_group(*c));
    let (told, by) = match raw.kind.as_str() {
        "call-history" => return call(raw, roll, of_chat),
        "timer-notification" => return timer(raw, roll, author),
        "incoming" | "outgoing" if is_timer(json) => return timer(raw, roll, author),
        "incoming" | "outgoing" if int(json, "flags").is_some_and(|f| f & END_SESSION != 0) => {
            (simple("END_SESSION"), author)
        }
        "incoming" | "outgoing" => (groups::old_group(raw, roll, chat)?, author),
        "group-v2-change" => {
            let change = member(json, "groupV2Change")?;
            let by = words(change, "from").and_then(|id| roll.who(&id));
            (groups::group(change, roll)?, by)
        }
        "group-v1-migration" => {
            (json!({ "groupChange": { "updates": groups::migration(json) } }), author)
        }
        "conversation-merge" => (json!({ "threadMerge": {} }), author),
        "pinned-message-notification" => (json!({ "pinMessage": {} }), author),
        "poll-terminate" => {
            let question = member(json, "pollTerminateNotification").map(|p| text(p, "question"));
            (json!({ "pollTerminate": { "question": question } }), author)
        }
        "message-request-response-event" => {
            let word = match text(json, "messageRequestResponseEvent")? {
                "ACCEPT" => "MESSAGE_REQUEST_ACCEPTED",
                "BLOCK" => "BLOCKED",
                "UNBLOCK" => "UNBLOCKED",
                "SPAM" => "REPORTED_SPAM",
                _ => return None,
            };
            (simple(word), author)
        }
        // Nothing that happened to anybody.
        "universal-timer-notification"
        | "message-history-unsynced"
        | "contact-removed-notification"
        | "story"
        | "" => return None,
        _ => return somebody(raw, roll, of_chat, author),
    };
    Some(Update { told, by })
}

/// An update about somebody: whom it names, else who is told with it, else whom the chat is with.
fn somebody(raw: &Raw, roll: &Roll, of_chat: Option<i64>, author: Option<i64>) -> Option<Update> {
    let json = &raw.json;
    let (told, named) = match raw.kind.as_str() {
        "keychange" => (simple("IDENTITY_UPDATE"), "key_changed"),
        "verified-change" if flag(json, "verified") => {
            (simple("IDENTITY_VERIFIED"), "verifiedChanged")
        }
        "verified-change" => (simple("IDENTITY_DEFAULT"), "verifiedChanged"),
        "change-number-notification" => (simple("CHANGE_NUMBER"), "changedId"),
        "joined-signal-notification" => (simple("JOINED_SIGNAL"), ""),
        "chat-session-refreshed" => (simple("CHAT_SESSION_REFRESH"), ""),
        "delivery-issue" => (simple("BAD_DECRYPT"), ""),
        "phone-number-discovery" => (json!({ "sessionSwitchover": {} }), ""),
        "profile-change" => {
            let change = member(json, "profileChange")?;
            let (new, old) = (words(change, "newName")?, words(change, "oldName")?);
            let told = json!({ "newName": new, "previousName": old });
            (json!({ "profileChange": told }), "changedId")
        }
        "title-transition" => {
            let info = member(json, "titleTransition").and_then(|t| member(t, "renderInfo"))?;
            let phone = text(info, "e164").map(|n| n.trim_start_matches('+'));
            let told = json!({ "e164": phone, "username": text(info, "username") });
            (json!({ "learnedProfileChange": told }), "")
        }
        other => {
            // What is not known here is told by its name.
            let mut told = Map::new();
            told.insert(other.replace(['-', '_'], " "), json!({}));
            (Value::Object(told), "")
        }
    };
    let named = text(json, named).and_then(|id| roll.who(id));
    Some(Update { told, by: named.or(author).or(of_chat) })
}

/// The timer of a chat was set.
fn timer(raw: &Raw, roll: &Roll, author: Option<i64>) -> Option<Update> {
    let told = member(&raw.json, "expirationTimerUpdate");
    let by = told.and_then(|t| {
        let by = either(t, "sourceServiceId", "sourceUuid").or_else(|| words(t, "source"));
        by.and_then(|id| roll.who(&id))
    });
    let seconds =
        told.and_then(|t| int(t, "expireTimer")).or_else(|| int(&raw.json, "expireTimer"));
    let ms = seconds.unwrap_or(0).saturating_mul(1000);
    let told = json!({ "expirationTimerChange": { "expiresInMs": ms } });
    Some(Update { told, by: by.or(author) })
}

/// The id of a call. Calls of before 2023 were given ids of another kind, of which nobody else knows.
fn number(of: &Value) -> Option<String> {
    words(of, "callId").filter(|id| id.bytes().all(|b| b.is_ascii_digit()) && id != "0")
}

/// A call: of its own table, or, before that, of the message.
fn call(raw: &Raw, roll: &Roll, of_chat: Option<i64>) -> Option<Update> {
    let Some(call) = &raw.call else { return old_call(raw, roll, of_chat) };
    let word = |name: &str| text(call, name).unwrap_or_default();
    let id = number(call);
    let status = word("status");
    if status == "Deleted" {
        return None;
    }
    if word("mode") == "Direct" || of_chat.is_some() {
        let outgoing = word("direction") == "Outgoing";
        let state = match status {
            "Accepted" => "ACCEPTED",
            "Missed" => "MISSED",
            "MissedNotificationProfile" => "MISSED_NOTIFICATION_PROFILE",
            "Pending" if !outgoing => "MISSED",
            "Declined" | "Pending" => "NOT_ACCEPTED",
            _ => "UNKNOWN_STATE",
        };
        let told = json!({ "individualCall": {
            "callId": id,
            "type": if word("type") == "Video" { "VIDEO_CALL" } else { "AUDIO_CALL" },
            "direction": if outgoing { "OUTGOING" } else { "INCOMING" },
            "state": state,
        } });
        return Some(Update { told, by: if outgoing { Some(roll.me) } else { of_chat } });
    }
    let by = text(call, "startedById").and_then(|id| roll.who(id));
    let state = match status {
        "Missed" => "MISSED",
        "MissedNotificationProfile" => "MISSED_NOTIFICATION_PROFILE",
        _ => "GENERIC",
    };
    let told = json!({ "groupCall": {
        "callId": id,
        "state": state,
        "startedCallRecipientId": by,
        "startedCallTimestamp": int(call, "timestamp"),
        "endedCallTimestamp": int(call, "endedTimestamp"),
    } });
    Some(Update { told, by })
}

/// A call as messages told it before 2023.
fn old_call(raw: &Raw, roll: &Roll, of_chat: Option<i64>) -> Option<Update> {
    let Some(call) = member(&raw.json, "callHistoryDetails") else {
        let id = number(&raw.json);
        let told = match of_chat {
            Some(_) => json!({ "individualCall": { "callId": id } }),
            None => json!({ "groupCall": { "callId": id } }),
        };
        return Some(Update { told, by: of_chat });
    };
    let id = number(call);
    if text(call, "callMode") == Some("Group") {
        let by = either(call, "creatorAci", "creatorUuid").and_then(|id| roll.who(&id));
        let told = json!({ "groupCall": { "callId": id, "startedCallRecipientId": by } });
        return Some(Update { told, by });
    }
    let outgoing = !flag(call, "wasIncoming");
    let state = match member(call, "acceptedTime") {
        Some(_) => "ACCEPTED",
        None if flag(call, "wasDeclined") || outgoing => "NOT_ACCEPTED",
        None => "MISSED",
    };
    let told = json!({ "individualCall": {
        "callId": id,
        "type": if flag(call, "wasVideoCall") { "VIDEO_CALL" } else { "AUDIO_CALL" },
        "direction": if outgoing { "OUTGOING" } else { "INCOMING" },
        "state": state,
    } });
    Some(Update { told, by: if outgoing { Some(roll.me) } else { of_chat } })
}
