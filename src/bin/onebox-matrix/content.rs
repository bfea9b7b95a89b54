//! The content of a message: its text, what came with it, polls and calls.

use onebox::model::{Attachment, AttachmentKind, Call, MediaPlace, MessageKind, MessageRecord};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::bounds;

/// What onebox is given to name a file by, and gives back to fetch it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handle {
    /// `{"url": …}` or `{"file": …}`, as Matrix writes it.
    pub source: Value,
    /// The file's name.
    #[serde(default)]
    pub name: String,
    /// Bytes, as the sender says.
    #[serde(default)]
    pub size: Option<u64>,
}

/// The body, if it is text.
pub fn body(content: &Value) -> String {
    content["body"].as_str().unwrap_or_default().to_owned()
}

/// Fills in the text and the attachments of a message.
pub fn fill(message: &mut MessageRecord, content: &Value) {
    let text = body(content);
    let file = |kind| attachment(content, kind);
    let attached = match content["msgtype"].as_str().unwrap_or_default() {
        "m.emote" => {
            message.text = format!("* {text}");
            return;
        }
        "m.image" => {
            file(if is_loop(content) { AttachmentKind::Gif } else { AttachmentKind::Photo })
        }
        "m.video" => {
            file(if is_loop(content) { AttachmentKind::Gif } else { AttachmentKind::Video })
        }
        "m.audio" if content.get("org.matrix.msc3245.voice").is_some() => {
            file(AttachmentKind::Voice)
        }
        "m.audio" => file(AttachmentKind::Audio),
        "m.file" => file(AttachmentKind::File),
        "m.location" => location(content),
        _ => None,
    };
    let Some(attached) = attached else {
        message.text = text;
        return;
    };
    // The body is a caption only where the file has a name of its own.
    let named = content["filename"].as_str().is_some_and(|name| name != text);
    message.text =
        if named || attached.kind == AttachmentKind::Location { text } else { String::new() };
    message.attachments.push(attached);
}

fn is_loop(content: &Value) -> bool {
    content["info"]["fi.mau.gif"] == true || content["info"]["mimetype"] == "image/gif"
}

fn attachment(content: &Value, kind: AttachmentKind) -> Option<Attachment> {
    let source = if content["file"]["url"].is_string() {
        json!({"file": content["file"]})
    } else {
        json!({"url": content["url"].as_str()?})
    };
    let name =
        content["filename"].as_str().or_else(|| content["body"].as_str()).unwrap_or_default();
    let name = bounds::cut(name, bounds::NAME);
    let size = content["info"]["size"].as_u64();
    let handle = Handle { source, name: name.clone(), size };
    Some(Attachment {
        kind,
        name: Some(name).filter(|n| !n.is_empty()),
        place: MediaPlace::Live { handle: serde_json::to_string(&handle).ok()?, size },
    })
}

/// A sticker.
pub fn sticker(content: &Value) -> Option<Attachment> {
    attachment(content, AttachmentKind::Sticker)
}

fn location(content: &Value) -> Option<Attachment> {
    let url = content["geo_uri"].as_str().filter(|uri| uri.starts_with("geo:"))?;
    let place = MediaPlace::Web { url: url.to_owned() };
    Some(Attachment { kind: AttachmentKind::Location, name: None, place })
}

/// A call.
pub fn call(event: &Value) -> MessageKind {
    let sdp = event["content"]["offer"]["sdp"].as_str();
    let video = sdp.map(|sdp| sdp.contains("m=video"));
    MessageKind::Call(Call { video, seconds: None, missed: false })
}
