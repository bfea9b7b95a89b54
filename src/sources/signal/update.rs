//! What the app itself tells in a chat: calls, and changes in words.

use std::sync::Arc;

use serde_json::Value;

use super::item::is;
use super::recipient::{Book, Chat};
use crate::model::{Call, MessageKind};
use crate::sources::json::{flag, int, list, member, text, words};

/// What an update tells.
pub struct Told {
    /// A call or a notice.
    pub kind: MessageKind,
    /// In words.
    pub text: String,
    /// Whose call it is: key and name.
    pub sender: Option<(Arc<str>, String)>,
    /// The call's id.
    pub call: Option<String>,
}

/// `pinMessage` as `pin message`.
pub fn spaced(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push(' ');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// A span of time in its largest whole unit.
fn span(ms: i64) -> String {
    const UNITS: [(i64, &str); 5] = [
        (604_800_000, "week"),
        (86_400_000, "day"),
        (3_600_000, "hour"),
        (60_000, "minute"),
        (1000, "second"),
    ];
    let whole = UNITS.into_iter().find(|(unit, _)| ms >= *unit && ms % unit == 0);
    let (unit, word) = whole.unwrap_or((1000, "second"));
    match ms / unit {
        1 => format!("1 {word}"),
        n => format!("{n} {word}s"),
    }
}

fn timer(by: &str, ms: i64) -> String {
    match ms {
        ms if ms > 0 => format!("{by} set messages to disappear after {}", span(ms)),
        _ => format!("{by} set messages to stay"),
    }
}

/// What an update of a chat tells. `None`: nothing.
pub fn tell(value: &Value, item: &Value, chat: &Chat, book: &Book) -> Option<Told> {
    let person = |id: Option<i64>| {
        let found = book.by_number(id?)?;
        Some((Arc::clone(&found.key), found.name.clone()))
    };
    let author = person(Some(int(item, "authorId").unwrap_or(0)));
    if let Some(call) = member(value, "individualCall") {
        let outgoing = is(call, "direction", "OUTGOING", 2);
        let with = person(Some(chat.recipient));
        let sender = if outgoing { author } else { with.or(author) };
        let missed = [("NOT_ACCEPTED", 2), ("MISSED", 3), ("MISSED_NOTIFICATION_PROFILE", 4)]
            .iter()
            .any(|(word, n)| is(call, "state", word, *n));
        let video = Some(is(call, "type", "VIDEO_CALL", 2));
        let kind = MessageKind::Call(Call { video, seconds: None, missed });
        return Some(Told { kind, text: String::new(), sender, call: words(call, "callId") });
    }
    if let Some(call) = member(value, "groupCall") {
        let sender = person(int(call, "startedCallRecipientId")).or(author);
        let missed = [("MISSED", 6), ("MISSED_NOTIFICATION_PROFILE", 7)]
            .iter()
            .any(|(word, n)| is(call, "state", word, *n));
        let span = int(call, "startedCallTimestamp").zip(int(call, "endedCallTimestamp"));
        let seconds = span
            .filter(|(from, to)| *from > 0 && to >= from)
            .and_then(|(from, to)| u32::try_from(to.saturating_sub(from) / 1000).ok());
        let kind = MessageKind::Call(Call { video: None, seconds, missed });
        return Some(Told { kind, text: String::new(), sender, call: words(call, "callId") });
    }
    let by = author.map(|(_, name)| name).filter(|n| !n.is_empty());
    let text = notice(value, &by.unwrap_or_else(|| "Somebody".to_owned()), book)?;
    Some(Told { kind: MessageKind::System, text, sender: None, call: None })
}

/// A notice in words.
fn notice(value: &Value, by: &str, book: &Book) -> Option<String> {
    if let Some(change) = member(value, "groupChange") {
        let all: Vec<String> =
            list(change, "updates").iter().filter_map(|u| group_change(u, book)).collect();
        return (!all.is_empty()).then(|| all.join("\n"));
    }
    if let Some(simple) = member(value, "simpleUpdate") {
        return simple_update(simple, by);
    }
    if let Some(change) = member(value, "expirationTimerChange") {
        return Some(timer(by, int(change, "expiresInMs").unwrap_or(0)));
    }
    if let Some(change) = member(value, "profileChange") {
        let old = words(change, "previousName").unwrap_or_else(|| by.to_owned());
        return words(change, "newName").map(|new| format!("{old} is called {new} now"));
    }
    if let Some(learned) = member(value, "learnedProfileChange") {
        let number = words(learned, "e164").map(|n| format!("+{n}"));
        let old = number.or_else(|| words(learned, "username"))?;
        return Some(format!("{old} is called {by}"));
    }
    if let Some(ended) = member(value, "pollTerminate") {
        let question = words(ended, "question").map_or(String::new(), |q| format!(" “{q}”"));
        return Some(format!("{by} ended the poll{question}"));
    }
    if member(value, "threadMerge").is_some() {
        return Some(
            "The messages of another chat with the same person were moved here".to_owned(),
        );
    }
    if member(value, "sessionSwitchover").is_some() {
        return Some(format!("These messages are from {by}"));
    }
    // What is not known here is told by its name.
    let (name, _) = value.as_object()?.iter().find(|(_, v)| v.is_object())?;
    Some(format!("{by}: {}", spaced(name)))
}

fn simple_update(simple: &Value, by: &str) -> Option<String> {
    const WORDS: [&str; 17] = [
        "UNKNOWN",
        "JOINED_SIGNAL",
        "IDENTITY_UPDATE",
        "IDENTITY_VERIFIED",
        "IDENTITY_DEFAULT",
        "CHANGE_NUMBER",
        "RELEASE_CHANNEL_DONATION_REQUEST",
        "END_SESSION",
        "CHAT_SESSION_REFRESH",
        "BAD_DECRYPT",
        "PAYMENTS_ACTIVATED",
        "PAYMENT_ACTIVATION_REQUEST",
        "UNSUPPORTED_PROTOCOL_MESSAGE",
        "REPORTED_SPAM",
        "BLOCKED",
        "UNBLOCKED",
        "MESSAGE_REQUEST_ACCEPTED",
    ];
    let number = int(simple, "type").and_then(|n| usize::try_from(n).ok());
    let word = number.and_then(|n| WORDS.get(n).copied()).or_else(|| text(simple, "type"))?;
    Some(match word {
        "UNKNOWN" => return None,
        "JOINED_SIGNAL" => format!("{by} joined Signal"),
        "IDENTITY_UPDATE" => format!("The safety number with {by} has changed"),
        "IDENTITY_VERIFIED" => format!("The safety number with {by} was verified"),
        "IDENTITY_DEFAULT" => format!("The safety number with {by} is no longer verified"),
        "CHANGE_NUMBER" => format!("{by} has another number now"),
        "END_SESSION" | "CHAT_SESSION_REFRESH" => "The secure session was renewed".to_owned(),
        "BAD_DECRYPT" => format!("A message from {by} could not be opened"),
        "UNSUPPORTED_PROTOCOL_MESSAGE" => {
            format!("A message from {by} needs a newer Signal")
        }
        "REPORTED_SPAM" => format!("{by} was reported as spam"),
        "BLOCKED" => "This chat was blocked".to_owned(),
        "UNBLOCKED" => "This chat was unblocked".to_owned(),
        "MESSAGE_REQUEST_ACCEPTED" => "The message request was accepted".to_owned(),
        other => format!("{by}: {}", other.to_lowercase().replace('_', " ")),
    })
}

fn group_change(update: &Value, book: &Book) -> Option<String> {
    let (name, value) = update.as_object()?.iter().find(|(_, v)| v.is_object())?;
    let who = |field: &str| book.called(value, field).unwrap_or_else(|| "Somebody".to_owned());
    let by = ["updaterAci", "removerAci", "revokerAci", "inviterAci"]
        .iter()
        .find_map(|field| book.called(value, field))
        .unwrap_or_else(|| "Somebody".to_owned());
    let on_or_off = |name: &str| if flag(value, name) { "on" } else { "off" };
    Some(match name.as_str() {
        "genericGroupUpdate" => format!("{by} changed the group"),
        "groupCreationUpdate" => format!("{by} created the group"),
        "groupNameUpdate" => match words(value, "newGroupName") {
            Some(name) => format!("{by} named the group “{name}”"),
            None => format!("{by} took the group's name away"),
        },
        "groupAvatarUpdate" => format!("{by} changed the picture"),
        "groupDescriptionUpdate" => match words(value, "newDescription") {
            Some(told) => format!("{by} changed the description: {told}"),
            None => format!("{by} took the description away"),
        },
        "groupAnnouncementOnlyChangeUpdate" => {
            format!("{by} turned “only admins send messages” {}", on_or_off("isAnnouncementOnly"))
        }
        "groupAdminStatusUpdate" => {
            let whom = who("memberAci");
            match flag(value, "wasAdminStatusGranted") {
                true => format!("{by} made {whom} an admin"),
                false => format!("{by} made {whom} no longer an admin"),
            }
        }
        "groupMemberLeftUpdate" => format!("{} left", who("aci")),
        "groupMemberRemovedUpdate" => format!("{by} removed {}", who("removedAci")),
        "selfInvitedToGroupUpdate" => format!("{by} invited you"),
        "groupUnknownInviteeUpdate" => match int(value, "inviteeCount") {
            Some(n) if n > 1 => format!("{by} invited {n} people"),
            _ => format!("{by} invited somebody"),
        },
        "groupInvitationAcceptedUpdate" => {
            format!("{} accepted the invitation", who("newMemberAci"))
        }
        "groupInvitationDeclinedUpdate" => format!("{} declined the invitation", who("inviteeAci")),
        "groupMemberJoinedUpdate" | "groupMemberJoinedByLinkUpdate" => {
            format!("{} joined", who("newMemberAci"))
        }
        "groupMemberAddedUpdate" => format!("{by} added {}", who("newMemberAci")),
        "groupJoinRequestUpdate" => format!("{} asks to join", who("requestorAci")),
        "groupJoinRequestApprovalUpdate" => {
            let whom = who("requestorAci");
            match flag(value, "wasApproved") {
                true => format!("{by} let {whom} in"),
                false => format!("{by} refused {whom}"),
            }
        }
        "groupV2MigrationUpdate" => "This became a new kind of group".to_owned(),
        "groupExpirationTimerUpdate" => timer(&by, int(value, "expiresInMs").unwrap_or(0)),
        "groupTerminateChangeUpdate" => format!("{by} ended the group"),
        other => {
            let words = spaced(other.strip_suffix("Update").unwrap_or(other));
            format!("{by}: {words}")
        }
    })
}
