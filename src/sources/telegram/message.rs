//! One message, as any year of Telegram Desktop wrote it: pure functions over its JSON.

use std::sync::Arc;

use chrono::NaiveDateTime;
use serde_json::Value;

use super::{rich, service};
use crate::model::{
    Attachment, AttachmentKind, MediaPlace, MessageKind, MessageRecord, Moment, Reaction, ReplyTo,
    Timestamp, VAGUE_MESSAGE,
};
use crate::sources::Zone;
use crate::sources::json::{int, list, member, number, text, words};
use crate::sources::poll;

/// Finds media of the export.
pub type Place<'a> = dyn Fn(&str) -> MediaPlace + 'a;

/// Ids of early exports carry their kind in the bits above these.
pub const ID_BITS: i64 = 0xFFFF_FFFF;

/// Somebody who writes, acts or reacts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// `user1`, `channel2`; the name where no id is told.
    pub key: String,
    /// The name. `None`: the account was deleted.
    pub name: Option<String>,
}

/// A message, and who is named by it.
pub struct Composed {
    /// The message.
    pub message: Box<MessageRecord>,
    /// Who wrote it or reacted to it.
    pub people: Vec<Who>,
    /// Reactions of which only the number is told.
    pub unnamed: u64,
}

/// The other side of a chat, as messages name their senders.
pub fn peer(kind: &str, id: i64) -> Option<String> {
    let what = match kind {
        "personal_chat" | "bot_chat" | "saved_messages" => "user",
        "private_group" => "chat",
        k if k.ends_with("supergroup") || k.ends_with("channel") => "channel",
        _ => return (id != 0).then(|| id.to_string()),
    };
    (id != 0).then(|| format!("{what}{id}"))
}

/// An id as it is told: `user1`, or a bare number before 2021.
fn id(value: &Value) -> Option<String> {
    match value {
        Value::String(s) if !s.trim().is_empty() => Some(s.trim().to_owned()),
        Value::Number(_) => number(value).filter(|n| *n != 0).map(|n| {
            let own = n & ID_BITS;
            match n >> 32 {
                2 => format!("chat{own}"),
                3 => format!("channel{own}"),
                _ => format!("user{own}"),
            }
        }),
        _ => None,
    }
}

fn who(value: &Value, id_name: &str, name: &str) -> Option<Who> {
    let told = words(value, name);
    let key = value.get(id_name).and_then(id).or_else(|| told.clone())?;
    Some(Who { key, name: told })
}

/// Who wrote a message, or did what it tells.
pub fn sender(value: &Value) -> Option<Who> {
    who(value, "from_id", "from").or_else(|| who(value, "actor_id", "actor"))
}

/// A time: exact where `<name>_unixtime` is there, else a wall clock.
fn moment(value: &Value, name: &str, zone: Zone) -> Option<Moment> {
    let exact = int(value, &format!("{name}_unixtime"));
    if let Some(seconds) = exact {
        return Some(Moment::exact(Timestamp::from_secs(seconds)));
    }
    let reading = NaiveDateTime::parse_from_str(text(value, name)?, "%Y-%m-%dT%H:%M:%S").ok()?;
    Some(Moment::wall(zone.instant(reading), reading))
}

/// The text: a string, or a list of strings and of pieces that mean something. Addresses that lie
/// behind words are told beside it.
fn body(value: &Value, links: &mut Vec<Attachment>) -> String {
    match value.get("text") {
        Some(Value::String(s)) => s.clone(),
        Some(Value::Array(pieces)) => {
            let mut all = String::new();
            for piece in pieces {
                match piece {
                    Value::String(s) => all.push_str(s),
                    piece => {
                        let words = text(piece, "text").unwrap_or_default();
                        all.push_str(words);
                        if let Some(url) = text(piece, "href").filter(|u| !u.is_empty()) {
                            links.push(Attachment {
                                kind: AttachmentKind::Share,
                                name: Some(words.to_owned()).filter(|w| !w.is_empty()),
                                place: MediaPlace::Web { url: url.to_owned() },
                            });
                        }
                    }
                }
            }
            all
        }
        _ => String::new(),
    }
}

/// Where a file is. Where it was left out, words in brackets stand in its place.
fn file(path: &str, place: &Place<'_>) -> MediaPlace {
    match place(path) {
        MediaPlace::Export { container: None, .. } if path.starts_with('(') => MediaPlace::Omitted,
        found => found,
    }
}

/// The files, contacts, places and addresses of a message.
pub fn media(value: &Value, place: &Place<'_>, out: &mut Vec<Attachment>) {
    let mut add = |kind, name, path: &str| {
        out.push(Attachment { kind, name, place: file(path, place) });
    };
    if let Some(path) = text(value, "photo") {
        add(AttachmentKind::Photo, None, path);
    }
    if let Some(path) = text(value, "file") {
        let mime = text(value, "mime_type").unwrap_or_default();
        let kind = match text(value, "media_type").unwrap_or_default() {
            "sticker" => AttachmentKind::Sticker,
            "voice_message" => AttachmentKind::Voice,
            "animation" => AttachmentKind::Gif,
            "video_message" | "video_file" => AttachmentKind::Video,
            "audio_file" => AttachmentKind::Audio,
            _ if mime.starts_with("video/") => AttachmentKind::Video,
            _ if mime.starts_with("audio/") => AttachmentKind::Audio,
            _ => AttachmentKind::File,
        };
        let song = [words(value, "performer"), words(value, "title")];
        let song = song.into_iter().flatten().collect::<Vec<_>>().join(" – ");
        let name = words(value, "file_name")
            .or_else(|| words(value, "sticker_emoji"))
            .or_else(|| Some(song).filter(|s| !s.is_empty()));
        add(kind, name, path);
    }
    if let Some(card) = member(value, "contact_information") {
        let parts = ["first_name", "last_name", "phone_number"].map(|p| words(card, p));
        let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let name = Some(name).filter(|n| !n.is_empty());
        let place = match text(value, "contact_vcard") {
            Some(path) => file(path, place),
            None => MediaPlace::Omitted,
        };
        out.push(Attachment { kind: AttachmentKind::Contact, name, place });
    }
    if let Some(at) = member(value, "location_information") {
        let coordinate = |name: &str| at.get(name).and_then(Value::as_f64);
        let place = match (coordinate("latitude"), coordinate("longitude")) {
            (Some(lat), Some(lon)) => MediaPlace::Web {
                url: format!("https://www.openstreetmap.org/?mlat={lat}&mlon={lon}"),
            },
            _ => MediaPlace::Omitted,
        };
        let parts = ["place_name", "address"].map(|p| words(value, p));
        let name = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let name = Some(name).filter(|n| !n.is_empty());
        out.push(Attachment { kind: AttachmentKind::Location, name, place });
    }
    for button in list(value, "inline_bot_buttons").iter().filter_map(Value::as_array).flatten() {
        if text(button, "type") == Some("url")
            && let Some(url) = text(button, "data")
        {
            out.push(Attachment {
                kind: AttachmentKind::Share,
                name: words(button, "text"),
                place: MediaPlace::Web { url: url.to_owned() },
            });
        }
    }
}

/// Text that may be a string, or a list of strings and of pieces that mean something.
pub fn prose(value: &Value, name: &str) -> String {
    match value.get(name) {
        Some(Value::Array(pieces)) => {
            pieces.iter().filter_map(|p| p.as_str().or_else(|| text(p, "text"))).collect()
        }
        _ => words(value, name).unwrap_or_default(),
    }
}

/// A poll as text: the question, then an option a line.
fn poll(poll: &Value) -> String {
    let mut lines = vec![prose(poll, "question")];
    for answer in list(poll, "answers") {
        let option = prose(answer, "text");
        lines.push(poll::option(&option, int(answer, "voters")));
    }
    lines.join("\n")
}

/// A list of things to do: its title, then one a line.
fn to_do(todo: &Value) -> String {
    let mut lines = vec![prose(todo, "title")];
    lines.extend(list(todo, "answers").iter().map(|item| format!("· {}", prose(item, "text"))));
    lines.retain(|line| !line.is_empty());
    if lines.is_empty() { "A to-do list".to_owned() } else { lines.join("\n") }
}

/// A giveaway, or how one ended. What is won is told by name only where it is a prize of its own.
fn giveaway(value: &Value, what: &str) -> String {
    let prizes = int(value, "quantity").or_else(|| int(value, "winners_count"));
    let prizes = prizes.map(|n| if n == 1 { "1 prize".to_owned() } else { format!("{n} prizes") });
    let channels: Vec<String> = list(value, "channels")
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        // A bare number is nobody's name.
        .chain(text(value, "channel").map(str::to_owned))
        .collect();
    let channels = Some(channels.join(", ")).filter(|c| !c.is_empty());
    let until = words(value, "until_date").map(|t| format!("until {}", t.replace('T', " ")));
    let more = [words(value, "additional_prize"), prizes, until, channels];
    let more: Vec<String> = more.into_iter().flatten().collect();
    if more.is_empty() { what.to_owned() } else { format!("{what}: {}", more.join(", ")) }
}

/// What is sent beside text and files, in words.
fn extra(value: &Value) -> Option<String> {
    if let Some(todo) = member(value, "todo_list") {
        return Some(to_do(todo));
    }
    if let Some(told) = member(value, "giveaway_information") {
        return Some(giveaway(told, "A giveaway"));
    }
    if let Some(told) = member(value, "giveaway_results") {
        return Some(giveaway(told, "A giveaway has ended"));
    }
    let story = text(value, "media_type") == Some("story") || value.get("story_id").is_some();
    if story {
        return Some("A story".to_owned());
    }
    let join = |parts: &[Option<String>]| {
        let all: Vec<String> = parts.iter().flatten().cloned().collect();
        (!all.is_empty()).then(|| all.join("\n"))
    };
    if member(value, "game_title").is_some() {
        return join(&["game_title", "game_description", "game_link"].map(|n| words(value, n)));
    }
    if let Some(invoice) = member(value, "invoice_information") {
        let price = match (words(invoice, "amount"), words(invoice, "currency")) {
            (Some(amount), Some(currency)) => Some(format!("{amount} {currency}")),
            (amount, _) => amount,
        };
        return join(&[words(invoice, "title"), words(invoice, "description"), price]);
    }
    if let Some(dice) = member(value, "dice") {
        let emoji = words(dice, "emoji").unwrap_or_else(|| "🎲".to_owned());
        return Some(words(dice, "value").map_or(emoji.clone(), |n| format!("{emoji} {n}")));
    }
    let has_file = value.get("photo").is_some() || value.get("file").is_some();
    if let Some(stars) = int(value, "paid_stars_amount").filter(|n| *n > 0 && !has_file) {
        return Some(format!("Paid media ({})", service::many(stars, "Star")));
    }
    None
}

/// What stands on the buttons of a bot that says nothing else.
fn buttons(value: &Value) -> String {
    let all = list(value, "inline_bot_buttons").iter().filter_map(Value::as_array).flatten();
    let all: Vec<String> =
        all.filter_map(|b| words(b, "text")).map(|text| format!("[{text}]")).collect();
    all.join(" ")
}

/// Reactions by name; the rest is counted.
fn reactions(value: &Value, zone: Zone, people: &mut Vec<Who>) -> (Vec<Reaction>, u64) {
    let mut out = Vec::new();
    let mut unnamed = 0u64;
    for reaction in list(value, "reactions") {
        let emoji = words(reaction, "emoji").unwrap_or_else(|| {
            match text(reaction, "type") {
                Some("paid") => "⭐",
                _ => "custom emoji",
            }
            .to_owned()
        });
        let recent = list(reaction, "recent");
        let mut named = 0;
        for by in recent {
            let Some(by_whom) = who(by, "from_id", "from") else { continue };
            named += 1;
            let at = moment(by, "date", zone).map(|m| m.at);
            out.push(Reaction { emoji: emoji.clone(), by: by_whom.key.as_str().into(), at });
            people.push(by_whom);
        }
        let count = int(reaction, "count").and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
        unnamed = unnamed.saturating_add(count.saturating_sub(named));
    }
    (out, unnamed)
}

/// When a message was sent, where it says so.
pub fn when(value: &Value, zone: Zone) -> Option<Moment> {
    moment(value, "date", zone)
}

/// Of messages that Telegram Desktop cannot export it tells the number and nothing else.
pub fn is_unsupported(value: &Value) -> bool {
    text(value, "type") == Some("unsupported")
}

/// The message of a JSON value; in words what is wrong with it where it is none.
pub fn compose(
    value: &Value,
    thread: &Arc<str>,
    sent: Moment,
    zone: Zone,
    place: &Place<'_>,
) -> Result<Composed, &'static str> {
    if !value.is_object() {
        return Err("it is no message");
    }
    let from = sender(value);
    let key: Option<Arc<str>> = from.as_ref().map(|w| w.key.as_str().into());
    let mut message = MessageRecord::text(Arc::clone(thread), key, sent, "");
    message.native_id = int(value, "id").map(|id| id.to_string());
    message.order = int(value, "id").unwrap_or(0);
    let mut people: Vec<Who> = from.into_iter().collect();
    media(value, place, &mut message.attachments);
    let mut told = body(value, &mut message.attachments);
    if let Some(laid_out) = member(value, "rich_message").filter(|_| told.is_empty()) {
        told = rich::tell(laid_out, place, &mut message.attachments);
    }
    if text(value, "type") == Some("service") {
        let (kind, words) = service::tell(value, &told);
        // The app tells of what was done; a call is somebody's.
        if kind == MessageKind::System {
            message.sender = None;
        }
        (message.kind, message.text) = (kind, words);
    } else if let Some(asked) = member(value, "poll") {
        message.kind = MessageKind::Poll;
        let question = poll(asked);
        message.text = if told.is_empty() { question } else { format!("{told}\n{question}") };
    } else {
        let more = extra(value);
        message.text = match (told.is_empty(), more) {
            (true, more) => more.unwrap_or_default(),
            // A list's caption stands above it.
            (false, Some(more)) if value.get("todo_list").is_some() => format!("{told}\n{more}"),
            (false, _) => told,
        };
        if message.text.is_empty() && message.attachments.is_empty() {
            message.text = buttons(value);
        }
        if message.text.is_empty() && message.attachments.is_empty() {
            message.kind = MessageKind::System;
            message.text = if is_unsupported(value) {
                "A message of a kind that Telegram does not export".to_owned()
            } else {
                VAGUE_MESSAGE.to_owned()
            };
        }
    }
    let (reactions, unnamed) = reactions(value, zone, &mut people);
    message.reactions = reactions;
    message.forwarded =
        value.get("forwarded_from").is_some() || value.get("forwarded_from_id").is_some();
    message.forwarded_from = words(value, "forwarded_from");
    message.reply_to = int(value, "reply_to_message_id").map(|id| ReplyTo {
        // Of another chat its number means nothing here.
        native_id: member(value, "reply_to_peer_id").is_none().then(|| id.to_string()),
        quote: None,
    });
    // 1970 is how it was said, once, that it never was.
    message.edited =
        moment(value, "edited", zone).map(|m| m.at).filter(|at| at.0 > 86_400_000).map(Some);
    Ok(Composed { message: Box::new(message), people, unnamed })
}
