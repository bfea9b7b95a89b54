//! One message of the export: pure functions over its JSON.

use std::sync::Arc;

use chrono::DateTime;
use serde_json::Value;

use super::content::{self, Content, Shared};
use crate::model::{
    Attachment, AttachmentKind, Call, Deletion, MediaPlace, MessageKind, MessageRecord, Moment,
    Reaction, Timestamp,
};
use crate::sources::json::{int, list, member, number, parse, text, words};

/// Finds a file of the export by the name that Skype gave it.
pub type Place<'a> = dyn Fn(&str) -> Option<MediaPlace> + 'a;
/// What somebody is called.
pub type Called<'a> = dyn Fn(&str) -> String + 'a;

/// A message, and names that it tells.
pub struct Composed {
    /// The message.
    pub message: Box<MessageRecord>,
    /// Who reacted.
    pub others: Vec<String>,
}

/// An id without the address it is told in: `https://…/contacts/8:live:ada` is `8:live:ada`.
pub fn id(told: &str) -> &str {
    let told = told.trim();
    match told.starts_with("http") {
        true => told.rsplit('/').next().unwrap_or(told),
        false => told,
    }
}

/// Who wrote a message.
pub fn sender(value: &Value) -> Option<&str> {
    text(value, "from").map(id).filter(|f| !f.is_empty())
}

/// What is shown of somebody without a name.
pub fn bare(id: &str) -> &str {
    let bare = id.split_once(':').map_or(id, |(kind, rest)| {
        if kind.bytes().all(|b| b.is_ascii_digit()) { rest } else { id }
    });
    let bare = bare.strip_prefix("live:").unwrap_or(bare);
    if bare.is_empty() { id } else { bare }
}

/// A list that may be written as text.
fn unwrapped(value: &Value, name: &str) -> Vec<Value> {
    match member(value, name) {
        Some(Value::Array(all)) => all.clone(),
        Some(Value::String(s)) => match parse(s.as_bytes()) {
            Some(Value::Array(all)) => all,
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Who is in a conversation, as its own part says.
pub fn members(thread: &Value) -> Vec<String> {
    unwrapped(thread, "members")
        .iter()
        .filter_map(|m| match m {
            Value::String(s) => Some(s.clone()),
            m => ["id", "MemberMri", "mri"].iter().find_map(|n| words(m, n)),
        })
        .collect()
}

fn sent(value: &Value) -> Option<Timestamp> {
    let exact = text(value, "originalarrivaltime").and_then(|t| {
        let told = DateTime::parse_from_rfc3339(t.trim()).ok();
        told.or_else(|| DateTime::parse_from_rfc3339(&format!("{}Z", t.trim())).ok())
    });
    // The id is the time at which the server took it, in milliseconds.
    exact
        .map(|t| Timestamp(t.timestamp_millis()))
        .or_else(|| int(value, "id").filter(|id| *id > 1_000_000_000_000).map(Timestamp))
}

/// Emoji of the reactions that the app offered. Any other stays as its word.
fn emoji(key: &str) -> String {
    match key {
        "like" | "yes" => "👍",
        "heart" => "❤️",
        "laugh" => "😆",
        "surprised" => "😮",
        "sad" => "😢",
        "angry" => "😠",
        other => return by_code(other).unwrap_or_else(|| other.to_owned()),
    }
    .to_owned()
}

/// `1f973_partyingface`: the emoji's own code, before its name.
fn by_code(key: &str) -> Option<String> {
    let (code, _) = key.split_once('_')?;
    let parts = code.split('-').map(|part| {
        let fits = (4..=5).contains(&part.len());
        fits.then(|| u32::from_str_radix(part, 16).ok().and_then(char::from_u32)).flatten()
    });
    let emoji: String = parts.collect::<Option<_>>()?;
    let of_emoji = |c: char| matches!(u32::from(c), 0x200d | 0xfe0f | 0x2190..=0x2bff | 0x3030..=0x3299 | 0x1f000..=0x1faff);
    emoji.chars().all(of_emoji).then_some(emoji)
}

fn reactions(properties: &Value, others: &mut Vec<String>) -> Vec<Reaction> {
    let mut out = Vec::new();
    for reaction in unwrapped(properties, "emotions") {
        let Some(key) = words(&reaction, "key") else { continue };
        for user in list(&reaction, "users") {
            let Some(who) = text(user, "mri").map(id).filter(|w| !w.is_empty()) else { continue };
            let at = int(user, "time").filter(|t| *t > 0).map(Timestamp);
            out.push(Reaction { emoji: emoji(&key), by: who.into(), at });
            others.push(who.to_owned());
        }
    }
    out
}

fn kind_of(shared: &Shared, message: &str) -> AttachmentKind {
    let kind = shared.kind.to_lowercase();
    let of = |word: &str| kind.starts_with(word);
    let name = shared.name.as_deref().unwrap_or_default().to_lowercase();
    match message {
        "RichText/Media_AudioMsg" => AttachmentKind::Voice,
        _ if of("picture") && name.ends_with(".gif") => AttachmentKind::Gif,
        _ if of("picture") => AttachmentKind::Photo,
        _ if of("video") => AttachmentKind::Video,
        _ if of("audio") => AttachmentKind::Audio,
        "RichText/Media_FlikMsg" => AttachmentKind::Sticker,
        _ => AttachmentKind::File,
    }
}

/// Files of a message: those of the export, else where Skype kept them.
fn files(value: &Value, content: &mut Content, kind: &str, place: &Place<'_>) -> Vec<Attachment> {
    let mut references: Vec<String> =
        list(value, "amsreferences").iter().filter_map(Value::as_str).map(str::to_owned).collect();
    references.reverse();
    let mut out = Vec::new();
    for shared in std::mem::take(&mut content.shared) {
        let own = shared.url.as_deref().map(|u| id(u).to_owned()).filter(|r| !r.is_empty());
        let reference = match own.filter(|own| references.is_empty() || references.contains(own)) {
            Some(own) => {
                references.retain(|r| *r != own);
                Some(own)
            }
            None => references.pop(),
        };
        let found = reference.as_deref().and_then(place);
        // What lay on Skype's servers is gone with them.
        let at = found.unwrap_or(MediaPlace::Omitted);
        out.push(Attachment { kind: kind_of(&shared, kind), name: shared.name, place: at });
    }
    references.reverse();
    for reference in references {
        let Some(at) = place(&reference) else { continue };
        out.push(Attachment { kind: AttachmentKind::File, name: None, place: at });
    }
    out
}

fn people<'a>(ids: impl Iterator<Item = &'a str>, called: &Called<'_>) -> String {
    let all: Vec<String> = ids.map(|i| called(id(i))).collect();
    if all.is_empty() { "somebody".to_owned() } else { all.join(", ") }
}

/// What an event tells, in words.
fn event(kind: &str, content: &Content, raw: &str, sender: &str, called: &Called<'_>) -> String {
    let json = parse(raw.as_bytes()).filter(Value::is_object);
    let said = |name: &str| content.said(name).next().map(str::to_owned);
    let who = said("initiator")
        .or_else(|| json.as_ref().and_then(|j| words(j, "initiator")))
        .unwrap_or_else(|| sender.to_owned());
    let mut targets: Vec<String> = content.said("target").map(str::to_owned).collect();
    if let Some(json) = &json {
        targets.extend(list(json, "members").iter().filter_map(|m| words(m, "id")));
    }
    let alone = targets.iter().all(|t| id(t) == id(&who));
    let (who, whom) = (called(id(&who)), people(targets.iter().map(String::as_str), called));
    match kind {
        "AddMember" | "MemberJoined" if alone => format!("{who} joined"),
        "AddMember" | "MemberJoined" => format!("{who} added {whom}"),
        "DeleteMember" | "MemberLeft" if alone => format!("{who} left"),
        "DeleteMember" | "MemberLeft" => format!("{who} removed {whom}"),
        "TopicUpdate" => match said("value") {
            Some(name) => format!("{who} changed the name to “{name}”"),
            None => format!("{who} removed the name"),
        },
        "PictureUpdate" => format!("{who} changed the picture"),
        "HistoryDisclosedUpdate" => format!("{who} changed who can see older messages"),
        "JoiningEnabledUpdate" => format!("{who} changed who can join"),
        "RoleUpdate" => format!("{who} changed the role of {whom}"),
        "E2EEHandshakeInvite" => format!("{who} invited to a private conversation"),
        "E2EEHandshakeAccept" | "E2EEHandshakeComplete" => "The private conversation began".into(),
        // What is not known here is told as it came.
        other => match content.text.is_empty() {
            true => format!("{who}: {other}"),
            false => content.text.clone(),
        },
    }
}

fn call(told: &content::Told) -> Call {
    Call { video: None, seconds: told.seconds.filter(|s| *s > 0), missed: told.what == "missed" }
}

/// A call of which nothing is told, but perhaps that nobody answered.
fn untold(raw: &str) -> Call {
    Call { missed: raw.to_lowercase().contains("missed"), ..Call::default() }
}

/// Names in a program's notes whose values are not for people.
const NOTES: [&str; 11] =
    ["id", "ids", "mri", "type", "url", "uri", "link", "version", "locale", "timezone", "code"];

/// The words of what a program wrote down for programs, as polls and invitations come: one a line;
/// `None` where it is no such thing.
fn noted(told: &str) -> Option<String> {
    let told = told.trim();
    let json = parse(told.as_bytes()).filter(|_| told.starts_with(['{', '[']))?;
    let mut lines: Vec<&str> = Vec::new();
    let mut open = vec![("", &json)];
    while let Some((name, value)) = open.pop() {
        match value {
            Value::String(said) => lines.extend(Some(said.trim()).filter(|s| are_words(name, s))),
            Value::Array(all) => open.extend(all.iter().rev().map(|v| (name, v))),
            Value::Object(all) => open.extend(all.iter().rev().map(|(n, v)| (n.as_str(), v))),
            _ => {}
        }
    }
    Some(lines.join("\n"))
}

/// Whether a value is for people, as its name and its look tell: no id, no address.
fn are_words(name: &str, said: &str) -> bool {
    // `pollId`, `poll_id`: the last word of a name says what it is.
    let start = name.rfind(|c: char| c.is_uppercase() || !c.is_alphanumeric()).unwrap_or(0);
    let last = name.get(start..).unwrap_or_default().trim_start_matches(['_', '-', '.']);
    let about = ["created", "updated", "modified"].iter().any(|n| name.starts_with(n));
    // A time of the day (`12:30`) is none.
    let is_id = said.split_once(':').is_some_and(|(kind, rest)| {
        let named = matches!(kind, "1" | "2" | "4" | "8" | "28" | "48")
            && rest.starts_with(|c: char| c.is_alphabetic() || c == '+');
        !rest.contains(' ') && (named || rest.contains("@thread"))
    });
    let is_number = said.len() >= 16 && said.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let is_note = NOTES.iter().any(|note| last.eq_ignore_ascii_case(note));
    !about && !is_note && !is_id && !is_number && !said.is_empty() && !said.contains("://")
}

/// Says what a message shows that has no text of its own: a poll and what else came as notes, and a
/// quote without a word of the one who quotes, which is then what they say.
fn put_in_words(message: &mut MessageRecord, content: &mut Content, kind: &str) {
    if !matches!(kind, "" | "Text" | "RichText" | "RichText/Html")
        && let Some(words) = noted(&message.text)
    {
        message.text = if words.is_empty() { placeholder(kind) } else { words };
    }
    let mute = message.kind == MessageKind::Text
        && message.text.trim().is_empty()
        && message.attachments.is_empty();
    if let Some(answer) = content.reply_to.as_mut().filter(|_| mute)
        && let Some(quote) = answer.quote.take()
    {
        message.text = quote;
        content.reply_to = content.reply_to.take().filter(|answer| answer.native_id.is_some());
    }
    // What nothing could be made of is not lost: a card, or whatever came later.
    if message.text.is_empty()
        && message.attachments.is_empty()
        && kind.contains('/')
        && !matches!(kind, "RichText/Html" | "Event/Call")
    {
        message.text = placeholder(kind);
    }
}

fn placeholder(kind: &str) -> String {
    let word = kind.rsplit('/').next().unwrap_or(kind).trim_start_matches("Media_");
    format!("[{word}]")
}

/// The message of a JSON value; in words what is wrong with it where it is none.
pub fn compose(
    value: &Value,
    thread: &Arc<str>,
    place: &Place<'_>,
    called: &Called<'_>,
) -> Result<Composed, &'static str> {
    if !value.is_object() {
        return Err("it is no message");
    }
    let at = sent(value).ok_or("it has no time that can be read")?;
    let from = sender(value);
    let raw = text(value, "content").unwrap_or_default();
    let kind = text(value, "messagetype").unwrap_or_default();
    let mut content = content::read(raw, matches!(kind, "Text" | ""));
    let key: Option<Arc<str>> = from.map(Arc::from);
    let mut message =
        MessageRecord::text(Arc::clone(thread), key, Moment::exact(at), content.text.as_str());
    message.native_id = words(value, "id").filter(|i| !i.trim().is_empty());
    message.order = int(value, "id").unwrap_or(0);
    message.attachments = std::mem::take(&mut content.attachments);
    message.attachments.extend(files(value, &mut content, kind, place));
    match (kind.split_once('/'), &content.call) {
        (Some(("ThreadActivity", what)), _) => {
            message.kind = MessageKind::System;
            message.sender = None;
            message.text = event(what, &content, raw, from.unwrap_or_default(), called);
        }
        (Some(("Event", "Call")), told) => {
            message.text.clear();
            match told {
                Some(told) if told.what.is_empty() || told.what == "started" => {
                    message.kind = MessageKind::System;
                    message.sender = None;
                    message.text = format!("{} started a call", called(from.unwrap_or_default()));
                }
                Some(told) => message.kind = MessageKind::Call(call(told)),
                None => message.kind = MessageKind::Call(untold(raw)),
            }
        }
        (Some(("EndToEndEncryption", _)), _) => {
            message.text = "A message of a private conversation; it was never in the cloud".into();
        }
        _ if matches!(kind, "Notice" | "PopCard") || kind.starts_with("InviteFree") => {
            message.kind = MessageKind::System;
            message.sender = None;
        }
        _ if kind == "Poll" => message.kind = MessageKind::Poll,
        _ => {}
    }
    put_in_words(&mut message, &mut content, kind);
    message.reply_to = content.reply_to;
    message.edited = content.edited;
    let mut others = Vec::new();
    if let Some(properties) = member(value, "properties") {
        let when = |name: &str| properties.get(name).and_then(number).filter(|t| *t > 0);
        if let Some(at) = when("edittime") {
            message.edited = Some(Some(Timestamp(at)));
        }
        if when("deletetime").is_some() {
            message.deletion = Deletion::Unsent;
        }
        message.reactions = reactions(properties, &mut others);
    }
    // An edit that left nothing was how a message was taken back.
    if message.kind == MessageKind::Text
        && message.text.is_empty()
        && message.attachments.is_empty()
        && message.edited.is_some()
    {
        message.deletion = Deletion::Unsent;
    }
    Ok(Composed { message: Box::new(message), others })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reaction_is_the_emoji_of_its_code() {
        for (key, shown) in [
            ("like", "👍"),
            ("1f973_partyingface", "🥳"),
            ("1f9d1-200d-1f33e_farmer", "🧑\u{200d}🌾"),
            ("cwl", "cwl"),
            ("0041_a", "0041_a"),
            ("fade_out", "fade_out"),
            ("heart_blue", "heart_blue"),
        ] {
            assert_eq!(emoji(key), shown, "{key}");
        }
    }
}
