//! One event of a conversation: pure functions over its JSON.

use std::sync::Arc;

use serde_json::Value;

use crate::model::{
    Attachment, AttachmentKind, Call, MediaPlace, MessageKind, MessageRecord, Moment, Timestamp,
};
use crate::sources::json::{brief, int, list, member, text, words};

/// Finds a file that lies beside `Hangouts.json`.
pub type Place<'a> = dyn Fn(&str) -> Option<MediaPlace> + 'a;
/// What somebody is called.
pub type Called<'a> = dyn Fn(&str) -> String + 'a;

/// Somebody's id: Google's own, else the one of the chat.
pub fn id(value: &Value) -> Option<String> {
    ["gaia_id", "chat_id"].iter().find_map(|n| brief(value, n)).map(|i| i.trim().to_owned())
}

/// The moment of a time in microseconds.
pub fn micros(value: &Value, name: &str) -> Option<i64> {
    int(value, name).filter(|t| *t > 0)
}

fn name_of(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let name = path.rsplit('/').next()?;
    let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy().into_owned();
    let whole = name.contains('.') && !name.contains('/') && name.len() < 250;
    whole.then_some(name)
}

fn file(kind: AttachmentKind, url: Option<String>, place: &Place<'_>) -> Attachment {
    let name = url.as_deref().and_then(name_of);
    let here = name.as_deref().and_then(place);
    let at = here.or_else(|| url.map(|url| MediaPlace::Web { url }));
    Attachment { kind, name, place: at.unwrap_or(MediaPlace::Omitted) }
}

fn photo(photo: &Value, place: &Place<'_>) -> Attachment {
    let kind = match text(photo, "media_type").unwrap_or_default() {
        "VIDEO" => AttachmentKind::Video,
        "ANIMATED_PHOTO" => AttachmentKind::Gif,
        _ => AttachmentKind::Photo,
    };
    let thumbnail = photo.get("thumbnail").unwrap_or(&Value::Null);
    let url = words(photo, "original_content_url")
        .or_else(|| words(photo, "url").filter(|u| name_of(u).is_some()))
        .or_else(|| words(thumbnail, "image_url"))
        .or_else(|| words(photo, "url"));
    file(kind, url, place)
}

fn spot(spot: &Value) -> Attachment {
    let name = words(spot, "name").filter(|n| !n.trim().is_empty());
    let url = words(spot, "url").or_else(|| {
        let geo = spot.get("geo").and_then(|g| member(g, "geo_coordinates_v2").or(Some(g)))?;
        let degree = |n: &str| geo.get(n).and_then(Value::as_f64);
        let (lat, lon) = (degree("latitude")?, degree("longitude")?);
        Some(format!("https://www.openstreetmap.org/?mlat={lat}&mlon={lon}"))
    });
    let place = url.map_or(MediaPlace::Omitted, |url| MediaPlace::Web { url });
    Attachment { kind: AttachmentKind::Location, name, place }
}

/// A thing that came with the text. Its parts are named plainly, or after their type:
/// `plus_photo`, `embeds.PlusPhoto.plus_photo`.
fn attachment(value: &Value, place: &Place<'_>) -> Option<Attachment> {
    let item = member(value, "embed_item")?;
    let part = |name: &str| {
        let ending = format!(".{name}");
        item.as_object()?.iter().find(|(n, _)| *n == name || n.ends_with(&ending)).map(|(_, v)| v)
    };
    if let Some(p) = part("plus_photo") {
        return Some(photo(p, place));
    }
    if let Some(p) = part("plus_audio_v2") {
        let url = words(p, "url").or_else(|| words(p, "embed_url"));
        return Some(file(AttachmentKind::Audio, url, place));
    }
    if let Some(p) = part("place_v2").or_else(|| part("place")) {
        return Some(spot(p));
    }
    let link = part("thing_v2").or_else(|| part("thing")).unwrap_or(item);
    let kind = list(item, "type").first().and_then(Value::as_str).unwrap_or_default();
    let url = words(link, "url").or_else(|| words(item, "id").filter(|i| i.starts_with("http")));
    Some(Attachment {
        kind: if url.is_some() { AttachmentKind::Share } else { AttachmentKind::File },
        name: words(link, "name")
            .or_else(|| Some(kind.to_lowercase().replace('_', " ")).filter(|k| !k.is_empty())),
        place: url.map_or(MediaPlace::Omitted, |url| MediaPlace::Web { url }),
    })
}

fn said(chat: &Value, place: &Place<'_>, message: &mut MessageRecord) {
    let content = chat.get("message_content").unwrap_or(&Value::Null);
    for segment in list(content, "segment") {
        let words = text(segment, "text").unwrap_or_default();
        if text(segment, "type") == Some("LINE_BREAK") {
            message.text.push('\n');
            continue;
        }
        message.text.push_str(words);
        let to = segment.get("link_data").and_then(|l| text(l, "link_target"));
        if let Some(to) = to.filter(|to| !leads_where_it_says(words, to)) {
            message.attachments.push(Attachment {
                kind: AttachmentKind::Share,
                name: Some(words.to_owned()).filter(|w| !w.is_empty()),
                place: MediaPlace::Web { url: to.to_owned() },
            });
        }
    }
    message
        .attachments
        .extend(list(content, "attachment").iter().filter_map(|a| attachment(a, place)));
}

/// Google wraps links in one of its own, and adds what people leave out.
fn leads_where_it_says(words: &str, to: &str) -> bool {
    let plain = |s: &str| {
        let s = s.trim().trim_end_matches('/');
        s.split_once("://").map_or(s, |(_, rest)| rest).to_lowercase()
    };
    let decoded = percent_encoding::percent_decode_str(to).decode_utf8_lossy();
    !words.trim().is_empty()
        && (plain(&decoded).contains(&plain(words)) || plain(words) == plain(to))
}

/// The message of an event; in words what is wrong with it where it is none.
pub fn compose(
    value: &Value,
    thread: &Arc<str>,
    place: &Place<'_>,
    called: &Called<'_>,
) -> Result<Box<MessageRecord>, &'static str> {
    if !value.is_object() {
        return Err("it is no event");
    }
    let at = micros(value, "timestamp").ok_or("it has no time that can be read")?;
    let sender = value.get("sender_id").and_then(id);
    let who = || sender.as_deref().map_or_else(|| "Somebody".to_owned(), called);
    let key: Option<Arc<str>> = sender.as_deref().map(Arc::from);
    let sent = Moment::exact(Timestamp(at.div_euclid(1000)));
    let mut message = MessageRecord::text(Arc::clone(thread), key, sent, "");
    message.order = at;
    message.native_id = words(value, "event_id");
    let mut tell = |words: String| {
        message.kind = MessageKind::System;
        message.sender = None;
        message.text = words;
    };
    if let Some(chat) = member(value, "chat_message") {
        said(chat, place, &mut message);
    } else if let Some(change) = member(value, "membership_change") {
        let people: Vec<String> = list(change, "participant_id").iter().filter_map(id).collect();
        let alone = people.iter().all(|p| Some(p) == sender.as_ref());
        let names: Vec<String> = people.iter().map(|p| called(p)).collect();
        let names = if names.is_empty() { "somebody".to_owned() } else { names.join(", ") };
        tell(match (text(change, "type").unwrap_or_default(), alone) {
            ("LEAVE", true) => format!("{} left", who()),
            ("LEAVE", false) => format!("{} removed {names}", who()),
            (_, true) => format!("{} joined", who()),
            (_, false) => format!("{} added {names}", who()),
        });
    } else if let Some(change) = member(value, "conversation_rename") {
        tell(match words(change, "new_name") {
            Some(name) => format!("{} changed the name to “{name}”", who()),
            None => format!("{} removed the name", who()),
        });
    } else if let Some(call) = member(value, "hangout_event") {
        match text(call, "event_type").unwrap_or_default() {
            "END_HANGOUT" => {
                let seconds = int(call, "hangout_duration_secs")
                    .or_else(|| int(call, "duration_secs"))
                    .and_then(|s| u32::try_from(s).ok())
                    .filter(|s| *s > 0);
                let video = match text(call, "media_type").unwrap_or_default() {
                    "AUDIO_VIDEO" => Some(true),
                    "AUDIO_ONLY" => Some(false),
                    _ => None,
                };
                message.kind = MessageKind::Call(Call { video, seconds, missed: false });
            }
            "START_HANGOUT" => tell(format!("{} started a call", who())),
            "JOIN_HANGOUT" => tell(format!("{} joined the call", who())),
            "LEAVE_HANGOUT" => tell(format!("{} left the call", who())),
            other => tell(format!("{}: {}", who(), other.to_lowercase().replace('_', " "))),
        }
    } else {
        // What is not known here is told as it came: `OTR_MODIFICATION` reads as it is.
        let kind = text(value, "event_type").unwrap_or("an event without a name");
        tell(format!("{}: {}", who(), kind.to_lowercase().replace('_', " ")));
    }
    Ok(Box::new(message))
}
