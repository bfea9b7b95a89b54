//! What a service message tells, in words.

use serde_json::Value;

use super::message::prose;
use crate::model::{Call, MessageKind};
use crate::sources::json::{flag, int, list, text, words};

/// Fields of a service message that are told, and things of a list.
const FIELDS: usize = 50;
/// A longer field is cut, in bytes.
const LONGEST: usize = 4096;

/// Who did it.
fn actor(value: &Value) -> String {
    words(value, "actor").unwrap_or_else(|| "Somebody".to_owned())
}

fn members(value: &Value) -> String {
    let names: Vec<&str> = list(value, "members")
        .iter()
        .map(|m| m.as_str().filter(|m| !m.is_empty()).unwrap_or("a deleted account"))
        .collect();
    if names.is_empty() { "somebody".to_owned() } else { names.join(", ") }
}

fn title(value: &Value) -> String {
    words(value, "title")
        .or_else(|| words(value, "new_title"))
        .map_or(String::new(), |t| format!(" “{t}”"))
}

fn period(seconds: i64) -> String {
    let (n, unit) = match seconds {
        s if s % 86_400 == 0 => (s / 86_400, "day"),
        s if s % 3600 == 0 => (s / 3600, "hour"),
        s if s % 60 == 0 => (s / 60, "minute"),
        s => (s, "second"),
    };
    many(n, unit)
}

/// One or several of a thing.
pub fn many(n: i64, unit: &str) -> String {
    if n == 1 { format!("1 {unit}") } else { format!("{n} {unit}s") }
}

/// Numbers that say how much of what.
fn numbers(value: &Value) -> String {
    const UNITS: [(&str, &str); 6] = [
        ("boosts", "boost"),
        ("days", "day"),
        ("months", "month"),
        ("stars", "Star"),
        ("price_stars", "Star"),
        ("distance", "metre"),
    ];
    let told = UNITS.iter().filter_map(|(name, unit)| {
        let n = int(value, name).filter(|n| *n > 0 || *name == "price_stars")?;
        Some(many(n, unit))
    });
    let all: Vec<String> = told.chain(birthday(value)).collect();
    if all.is_empty() { String::new() } else { format!(" ({})", all.join(", ")) }
}

fn birthday(value: &Value) -> Option<String> {
    let month = u8::try_from(int(value, "month")?).ok()?;
    let month = chrono::Month::try_from(month).ok()?.name();
    let year = int(value, "year").filter(|y| *y > 0).map(|y| format!(" {y}"));
    Some(format!("{} {month}{}", int(value, "day")?, year.unwrap_or_default()))
}

/// The price of a post that somebody suggested.
fn price(value: &Value) -> String {
    let Some(whole) = words(value, "price_amount_whole") else { return String::new() };
    let nano = int(value, "price_amount_nano").filter(|n| (1..1_000_000_000).contains(n));
    let rest = nano.map(|n| format!(".{n:09}").trim_end_matches('0').to_owned());
    let currency = words(value, "price_currency").map(|c| format!(" {c}"));
    format!(" of {whole}{}{}", rest.unwrap_or_default(), currency.unwrap_or_default())
}

fn call(value: &Value) -> Call {
    let seconds = int(value, "duration_seconds")
        .or_else(|| int(value, "duration"))
        .and_then(|s| u32::try_from(s).ok());
    let reason = text(value, "discard_reason").unwrap_or_default();
    let missed = matches!(reason, "missed" | "busy") || flag(value, "is_missed");
    Call { video: None, seconds, missed: seconds.is_none() && missed }
}

/// How much was paid, as it is told.
fn sum(value: &Value) -> String {
    match (words(value, "amount"), words(value, "currency")) {
        (Some(amount), Some(currency)) => format!(" of {amount} {currency}"),
        (Some(amount), None) => format!(" of {amount}"),
        _ => String::new(),
    }
}

/// Whether a field holds words that are not told elsewhere.
fn is_more(name: &str) -> bool {
    const TOLD: [&str; 15] = [
        "action",
        "actor",
        "amount",
        "currency",
        "date",
        "edited",
        "forwarded_from",
        "members",
        "new_title",
        "photo",
        "text",
        "text_entities",
        "thumbnail",
        "title",
        "type",
    ];
    let is_number = name == "id" || name.ends_with("_id") || name.ends_with("_unixtime");
    !is_number && !name.starts_with("price_") && !TOLD.contains(&name)
}

/// The words that stand in the fields of a service message, a field or a thing of a list a line.
fn written(value: &Value) -> Vec<String> {
    let fields = value.as_object().into_iter().flatten().filter(|(name, _)| is_more(name));
    let mut lines: Vec<String> = Vec::new();
    for (name, field) in fields.take(FIELDS) {
        match field {
            // Pieces of one text.
            Value::Array(all) if all.iter().any(|piece| piece.get("type").is_some()) => {
                lines.push(prose(value, name));
            }
            Value::Array(all) => {
                let things = all.iter().take(FIELDS).map(|thing| prose(thing, "text"));
                lines.extend(things.filter(|t| !t.is_empty()).map(|t| format!("· {t}")));
            }
            // In brackets it says why a file is not there.
            Value::String(told) if !told.starts_with('(') => lines.push(told.trim().to_owned()),
            _ => {}
        }
    }
    lines.retain(|line| !line.is_empty());
    lines.iter_mut().for_each(|line| line.truncate(line.floor_char_boundary(LONGEST)));
    lines
}

/// The kind of a service message and its words; `told` is the text that came with it.
pub fn tell(value: &Value, told: &str) -> (MessageKind, String) {
    let action = text(value, "action").unwrap_or_default();
    if matches!(action, "phone_call" | "group_call" | "conference_call") {
        return (MessageKind::Call(call(value)), told.to_owned());
    }
    let who = actor(value);
    let words = match action {
        "create_group" => format!("{who} created the group{}", title(value)),
        "create_channel" => format!("The channel{} was created", title(value)),
        "edit_group_title" => format!("{who} changed the name to{}", title(value)),
        "edit_group_photo" => format!("{who} changed the picture"),
        "delete_group_photo" => format!("{who} removed the picture"),
        "suggest_profile_photo" => format!("{who} suggested a profile picture"),
        "invite_members" => match members(value) {
            all if all == who => format!("{who} joined"),
            all => format!("{who} added {all}"),
        },
        "remove_members" => match members(value) {
            all if all == who => format!("{who} left"),
            all => format!("{who} removed {all}"),
        },
        "join_group_by_link" => format!("{who} joined by a link"),
        "join_group_by_request" => format!("{who} was let in"),
        "migrate_to_supergroup" => "The group became a supergroup".to_owned(),
        "migrate_from_group" => format!("The group{} became this supergroup", title(value)),
        "pin_message" => format!("{who} pinned a message"),
        "clear_history" => "The history was cleared".to_owned(),
        "take_screenshot" => format!("{who} took a screenshot"),
        "joined_telegram" => format!("{who} joined Telegram"),
        "invite_to_group_call" => format!("{who} invited {} to a call", members(value)),
        "group_call_scheduled" => format!("{who} scheduled a call"),
        "set_messages_ttl" => match int(value, "period") {
            Some(s) if s > 0 => format!("{who} set messages to disappear after {}", period(s)),
            _ => format!("{who} set messages to stay"),
        },
        "topic_created" => format!("{who} opened the topic{}", title(value)),
        "topic_edit" => format!("{who} changed the topic{}", title(value)),
        "edit_chat_theme" => format!("{who} changed the theme"),
        "set_chat_wallpaper" | "set_same_chat_wallpaper" => format!("{who} changed the wallpaper"),
        "score_in_game" => match int(value, "score") {
            Some(score) => format!("{who} scored {score}"),
            None => format!("{who} played a game"),
        },
        "proximity_reached" => {
            let near = |name| words(value, name).unwrap_or_else(|| "somebody".to_owned());
            let at = int(value, "distance").map(|n| many(n, "metre"));
            let at = at.map_or_else(|| "near".to_owned(), |n| format!("within {n} of"));
            format!("{} is {at} {}", near("from"), near("to"))
        }
        "requested_peer" => format!("{who} shared what a bot had asked for"),
        // What the app says is a sentence of its own.
        "" if text(value, "information_text").is_some() => written(value).join("\n"),
        // What is not known here is told as it came: `send_star_gift` reads as it is, and so do the
        // words that somebody wrote with it.
        other => {
            let (other, much) = (other.replace('_', " "), sum(value) + &price(value));
            let what = format!("{who}: {other}{much}{}{}", title(value), numbers(value));
            std::iter::once(what).chain(written(value)).collect::<Vec<_>>().join("\n")
        }
    };
    let words = if told.is_empty() { words } else { format!("{words}\n{told}") };
    (MessageKind::System, words)
}
