//! One message of Google Chat: pure functions over its JSON.

use std::sync::Arc;

use serde_json::Value;

use super::{cards, date};
use crate::model::{
    Attachment, AttachmentKind, Deletion, MediaPlace, MessageRecord, Moment, Reaction, ReplyTo,
};
use crate::sources::Zone;
use crate::sources::json::{brief, list, member, text, words};

/// Finds a file that lies beside the messages.
pub type Place<'a> = dyn Fn(&str) -> MediaPlace + 'a;

/// Somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// Their mail address in lower case; the name where there is none.
    pub key: String,
    /// The name.
    pub name: Option<String>,
}

/// A message, and who is named by it.
pub struct Composed {
    /// The message.
    pub message: Box<MessageRecord>,
    /// Who wrote it.
    pub sender: Option<Who>,
    /// Who reacted.
    pub others: Vec<Who>,
    /// Reactions of which nobody is named.
    pub unnamed: u64,
}

/// A person as Google writes one.
pub fn who(value: &Value) -> Option<Who> {
    let name = brief(value, "name").map(|n| n.trim().to_owned());
    let email = brief(value, "email").map(|e| e.trim().to_lowercase());
    Some(Who { key: email.or_else(|| name.clone())?, name })
}

/// What a file is, by its name.
pub fn kind_of(name: &str) -> AttachmentKind {
    let ending = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    match ending.as_str() {
        "jpg" | "jpeg" | "png" | "webp" | "heic" | "bmp" | "tif" | "tiff" => AttachmentKind::Photo,
        "gif" => AttachmentKind::Gif,
        "mp4" | "mov" | "webm" | "mkv" | "3gp" | "avi" => AttachmentKind::Video,
        "mp3" | "m4a" | "wav" | "flac" | "ogg" | "opus" | "amr" | "aac" => AttachmentKind::Audio,
        "vcf" => AttachmentKind::Contact,
        _ => AttachmentKind::File,
    }
}

fn files(value: &Value, place: &Place<'_>, out: &mut Vec<Attachment>) {
    for file in list(value, "attached_files") {
        let original = words(file, "original_name");
        let exported = words(file, "export_name");
        let Some(name) = original.clone().or_else(|| exported.clone()) else { continue };
        out.push(Attachment {
            kind: kind_of(&name),
            place: exported.map_or(MediaPlace::Omitted, |e| place(&e)),
            name: Some(name),
        });
    }
}

/// An address inside one of Google's wrappings.
pub fn url(value: &Value) -> Option<String> {
    match value {
        Value::String(s) => Some(s.clone()),
        Value::Object(all) => {
            all.values().filter_map(Value::as_str).find(|s| s.starts_with("http")).map(Into::into)
        }
        _ => None,
    }
}

/// Links and files of Google's other services.
fn annotations(value: &Value, out: &mut Vec<Attachment>) {
    let told = text(value, "text").unwrap_or_default();
    for annotation in list(value, "annotations") {
        if let Some(link) = member(annotation, "url_metadata") {
            let title = words(link, "title").filter(|t| !t.trim().is_empty());
            let Some(to) = link.get("url").and_then(url) else { continue };
            // One that stands in the text already needs no telling, unless it has a title.
            if title.is_some() || !told.contains(&to) {
                let place = MediaPlace::Web { url: to };
                out.push(Attachment { kind: AttachmentKind::Share, name: title, place });
            }
        } else if let Some(file) = member(annotation, "drive_metadata") {
            let Some(id) = words(file, "id") else { continue };
            let to = format!("https://drive.google.com/open?id={id}");
            out.push(Attachment {
                kind: AttachmentKind::Share,
                name: words(file, "title"),
                place: MediaPlace::Web { url: to },
            });
        } else if let Some(video) = member(annotation, "youtube_metadata") {
            let Some(id) = words(video, "id") else { continue };
            let to = format!("https://www.youtube.com/watch?v={id}");
            if !told.contains(&id) {
                let place = MediaPlace::Web { url: to };
                out.push(Attachment { kind: AttachmentKind::Share, name: None, place });
            }
        } else if let Some(call) = member(annotation, "video_call_metadata") {
            let space = call.get("meeting_space").unwrap_or(call);
            let Some(to) = space.get("meeting_url").and_then(url) else { continue };
            let place = MediaPlace::Web { url: to };
            let name = Some("Google Meet".to_owned());
            out.push(Attachment { kind: AttachmentKind::Share, name, place });
        }
    }
}

fn reactions(value: &Value, others: &mut Vec<Who>) -> (Vec<Reaction>, u64) {
    let mut out = Vec::new();
    let mut unnamed = 0u64;
    for reaction in list(value, "reactions") {
        let emoji = reaction.get("emoji").and_then(|e| {
            let own = e.get("custom_emoji").unwrap_or(e);
            let plain = words(e, "unicode").or_else(|| e.as_str().map(str::to_owned));
            plain.or_else(|| words(own, "short_code").or_else(|| words(own, "shortcode")))
        });
        let emoji = emoji.unwrap_or_else(|| "custom emoji".to_owned());
        let emails = list(reaction, "reactor_emails");
        unnamed += u64::from(emails.is_empty());
        for email in emails.iter().filter_map(Value::as_str).map(|e| e.trim().to_lowercase()) {
            if email.is_empty() || email.len() > 1_000 {
                continue;
            }
            out.push(Reaction { emoji: emoji.clone(), by: email.as_str().into(), at: None });
            others.push(Who { key: email, name: None });
        }
    }
    (out, unnamed)
}

/// In a space a message bears the ids of its topic and its own: `space/topic/message`. What is not
/// the topic's first message answers it.
fn topic(id: &str) -> Option<String> {
    let (rest, own) = id.rsplit_once('/')?;
    let (_, topic) = rest.rsplit_once('/')?;
    (topic != own && !topic.is_empty()).then(|| format!("{rest}/{topic}"))
}

fn deletion(value: &Value) -> Deletion {
    let state = text(value, "message_state").unwrap_or_default();
    let told = member(value, "deletion_metadata");
    if told.is_none() && state != "DELETED" {
        return Deletion::None;
    }
    match told.and_then(|d| text(d, "deletion_type")).unwrap_or_default() {
        kind if kind.contains("ADMIN") || kind.contains("OWNER") => Deletion::TakenDown,
        _ => Deletion::Unsent,
    }
}

/// When a message was sent, as far as it says so, and what is wrong with how it says it.
pub fn when(value: &Value, zone: Zone) -> (Option<Moment>, Option<&'static str>) {
    // Of one that was deleted nothing else may be left.
    let deleted = || text(value, "deleted_date").filter(|_| deletion(value) != Deletion::None);
    let Some(written) = text(value, "created_date").or_else(deleted) else {
        return (None, Some("it has no time; it stands beside its neighbour"));
    };
    match date::read(written, zone) {
        Some(told) => {
            let strange = "its time is of a zone that onebox does not know; taken for one of here";
            (Some(told.moment), told.strange_zone.then_some(strange))
        }
        None => (
            None,
            Some(
                "its time is written in a way that onebox cannot read, so it stands beside its \
                 neighbour; export it in English",
            ),
        ),
    }
}

/// The message of a JSON value; in words what is wrong with it where it is none.
pub fn compose(
    value: &Value,
    thread: &Arc<str>,
    sent: Moment,
    zone: Zone,
    order: i64,
    place: &Place<'_>,
) -> Result<Composed, &'static str> {
    if !value.is_object() {
        return Err("it is no message");
    }
    let sender = member(value, "creator").and_then(who);
    let key: Option<Arc<str>> = sender.as_ref().map(|w| w.key.as_str().into());
    let mut message =
        MessageRecord::text(Arc::clone(thread), key, sent, text(value, "text").unwrap_or_default());
    message.order = order;
    message.native_id = words(value, "message_id");
    message.edited = text(value, "updated_date").map(|t| date::read(t, zone).map(|t| t.moment.at));
    message.deletion = deletion(value);
    files(value, place, &mut message.attachments);
    annotations(value, &mut message.attachments);
    cards::fill(value, &mut message);
    message.reply_to = match member(value, "quoted_message_metadata") {
        Some(quoted) => {
            Some(ReplyTo { native_id: words(quoted, "message_id"), quote: words(quoted, "text") })
        }
        None => message
            .native_id
            .as_deref()
            .and_then(topic)
            .map(|first| ReplyTo { native_id: Some(first), quote: None }),
    };
    let mut others = Vec::new();
    let (reactions, unnamed) = reactions(value, &mut others);
    message.reactions = reactions;
    Ok(Composed { message: Box::new(message), sender, others, unnamed })
}
