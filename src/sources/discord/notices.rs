//! What Discord itself tells in a channel, in sentences.
//!
//! DiscordChatExporter names only the oldest kinds and writes sentences of its own for them. Of all
//! others it gives the number, and what Discord's server said: a name, a count, a date or nothing.

use chrono::DateTime;
use serde_json::Value;

use crate::sources::json::{list, text, words};

/// What the app tells with a message of a kind; `by` is who did it.
pub fn tell(kind: &str, content: &str, value: &Value, by: &str) -> String {
    let said = content.trim();
    if !kind.bytes().all(|b| b.is_ascii_digit()) {
        return sentence(kind, said, by);
    }
    let quoted = if said.is_empty() { String::new() } else { format!(" “{said}”") };
    match kind {
        "8" => boosted(by, said),
        "9" => format!("{}, which reached level 1", boosted(by, said)),
        "10" => format!("{}, which reached level 2", boosted(by, said)),
        "11" => format!("{}, which reached level 3", boosted(by, said)),
        "12" if !said.is_empty() => format!("{by} added {said} to this channel"),
        "14" => "The server is no longer shown in discovery".to_owned(),
        "15" => "The server is shown in discovery again".to_owned(),
        "16" | "17" => "The server may soon be shown in discovery no longer".to_owned(),
        "22" => "A reminder to invite people".to_owned(),
        "24" => blocked(value, by),
        "25" => format!("{by} subscribed to a role of the server"),
        "27" => format!("{by} started the stage{quoted}"),
        "28" => format!("{by} ended the stage{quoted}"),
        "29" => format!("{by} is now a speaker"),
        "31" if !said.is_empty() => format!("{by} changed the topic of the stage: {said}"),
        "32" => format!("{by} subscribed to an app for the server"),
        "36" => match DateTime::parse_from_rfc3339(said) {
            Ok(until) => {
                let until = until.to_utc().format("%Y-%m-%d %H:%M");
                format!("{by} paused invites until {until} UTC")
            }
            Err(_) => format!("{by} paused invites"),
        },
        "37" => format!("{by} allowed invites again"),
        "38" => format!("{by} reported a raid"),
        "39" => format!("{by} reported that it was no raid"),
        _ if said.is_empty() => format!("{by}: notice of Discord ({kind})"),
        _ => format!("{by}: notice of Discord ({kind}): {said}"),
    }
}

/// "Changed the channel name." becomes what somebody did.
fn sentence(kind: &str, said: &str, by: &str) -> String {
    let said = said.trim_end_matches('.');
    let mut letters = said.chars();
    match letters.next() {
        Some(first) => format!("{by} {}{}", first.to_lowercase(), letters.as_str()),
        None => format!("{by}: notice of Discord ({kind})"),
    }
}

fn boosted(by: &str, times: &str) -> String {
    match times.parse::<u32>() {
        Ok(n) if n > 1 => format!("{by} boosted the server {n} times"),
        _ => format!("{by} boosted the server"),
    }
}

/// What was not let through, and why; it stands in an embed.
fn blocked(value: &Value, by: &str) -> String {
    let embed = list(value, "embeds").first();
    let rule = embed.and_then(|e| {
        let named = |f: &&Value| text(f, "name") == Some("rule_name");
        list(e, "fields").iter().find(named).and_then(|f| words(f, "value"))
    });
    let rule = rule.map_or(String::new(), |rule| format!(" ({rule})"));
    match embed.and_then(|e| words(e, "description")) {
        Some(said) => format!("AutoMod blocked a message of {by}{rule}: {said}"),
        None => format!("AutoMod blocked a message of {by}{rule}"),
    }
}
