//! How Matrix's events read: the same for an export and for a live account, so that both tell one
//! room alike.

use serde_json::Value;

use crate::sources::poll::option;

/// Who is behind the ids of a room.
pub struct Names<'a> {
    /// The name of somebody.
    pub name: &'a dyn Fn(&str) -> String,
    /// Whether somebody is a bot that keeps the room going, and no person.
    pub service: &'a dyn Fn(&str) -> bool,
}

/// The sentence for a state event, if people want one.
pub fn sentence(kind: &str, event: &Value, names: &Names<'_>) -> Option<String> {
    let content = &event["content"];
    let by = (names.name)(event["sender"].as_str()?);
    match kind {
        "m.room.member" => membership(event, names, &by),
        "m.room.name" => Some(match content["name"].as_str().filter(|n| !n.is_empty()) {
            Some(name) => format!("{by} named this “{name}”"),
            None => format!("{by} took the name away"),
        }),
        "m.room.topic" => content["topic"]
            .as_str()
            .filter(|t| !t.is_empty())
            .map(|topic| format!("{by} changed the topic: {topic}")),
        "m.room.avatar" => Some(format!("{by} changed the picture")),
        "m.room.encryption" => Some("Messages are encrypted from here on".to_owned()),
        "m.room.tombstone" => Some("This goes on elsewhere".to_owned()),
        "com.beeper.disappearing_timer" => Some(match content["timer"].as_u64() {
            Some(ms) if ms > 0 => format!("{by} lets messages disappear after {}", span(ms)),
            _ => format!("{by} lets messages stay"),
        }),
        _ => None,
    }
}

/// A span of time in its largest whole unit.
fn span(ms: u64) -> String {
    const UNITS: [(u64, &str); 4] =
        [(86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1000, "second")];
    let (unit, word) = UNITS
        .into_iter()
        .find(|(unit, _)| ms >= *unit && ms.is_multiple_of(*unit))
        .unwrap_or((1000, "second"));
    let n = ms / unit;
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

fn membership(event: &Value, names: &Names<'_>, by: &str) -> Option<String> {
    let who_id = event["state_key"].as_str()?;
    if (names.service)(who_id) {
        return None;
    }
    let now = &event["content"];
    let before = &event["unsigned"]["prev_content"];
    let own = event["sender"] == who_id;
    let of_bridge = |id: &Value| id.as_str().is_some_and(|id| (names.service)(id));
    let by_bridge = of_bridge(&event["sender"]);
    let called = |content: &Value| {
        content["displayname"].as_str().filter(|n| !n.trim().is_empty()).map(str::to_owned)
    };
    let who = called(now).or_else(|| called(before)).unwrap_or_else(|| (names.name)(who_id));
    let was = before["membership"].as_str().unwrap_or("leave");
    match (now["membership"].as_str()?, was) {
        ("join", "join") => match (called(before), called(now)) {
            (Some(old), Some(new)) if old != new => Some(format!("{old} is called {new} now")),
            _ => None,
        },
        // A bridge invites everybody whom it brings: that tells of the bridge, not of the chat.
        ("join", "invite") if of_bridge(&event["unsigned"]["prev_sender"]) => None,
        ("join", _) => Some(format!("{who} joined")),
        ("invite", _) if by_bridge => None,
        ("invite", _) => Some(format!("{by} invited {who}")),
        ("leave", "invite") if own => Some(format!("{who} declined the invitation")),
        ("leave", "ban") => Some(format!("{by} let {who} in again")),
        ("leave", _) if own => Some(format!("{who} left")),
        ("leave", _) if by_bridge => Some(format!("{who} was removed")),
        ("leave", _) => Some(format!("{by} removed {who}")),
        ("ban", _) if by_bridge => Some(format!("{who} was banned")),
        ("ban", _) => Some(format!("{by} banned {who}")),
        ("knock", _) => Some(format!("{who} asks to join")),
        _ => None,
    }
}

/// An answer's text without the quote that older programs put before it; what somebody does, too.
pub fn answer(text: &str) -> String {
    match text.strip_prefix("* ") {
        Some(done) => format!("* {}", without_fallback(done)),
        None => without_fallback(text).to_owned(),
    }
}

fn without_fallback(text: &str) -> &str {
    if !text.starts_with("> <") && !text.starts_with("> * <") {
        return text;
    }
    let mut rest = text;
    while rest.starts_with('>') {
        rest = rest.split_once('\n').map_or("", |(_, after)| after);
    }
    rest.strip_prefix('\n').unwrap_or(rest)
}

/// A poll's question and options, one a line, with the votes for each where they are known.
pub fn poll(content: &Value, votes: &dyn Fn(&Value) -> Option<i64>) -> Option<String> {
    let poll = asked(content)?;
    let mut lines = vec![words(&poll["question"])?];
    let answers = poll["answers"].as_array().into_iter().flatten();
    lines.extend(answers.filter_map(|a| Some(option(&words(a)?, votes(a)))));
    Some(lines.join("\n"))
}

/// What a poll asks, in any of the ways that it is written.
pub fn asked(content: &Value) -> Option<&Value> {
    ["m.poll", "org.matrix.msc3381.poll.start", "m.poll.start"]
        .iter()
        .map(|key| &content[*key])
        .find(|poll| poll.is_object())
}

/// A text in any of the ways that polls write one.
fn words(text: &Value) -> Option<String> {
    ["org.matrix.msc1767.text", "m.text", "body"].iter().find_map(|key| match &text[*key] {
        Value::String(said) => Some(said.clone()),
        Value::Array(ways) => ways.iter().find_map(|w| w["body"].as_str()).map(str::to_owned),
        _ => None,
    })
}
