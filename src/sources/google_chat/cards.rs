//! What a message without words shows: a call, a task, an event, a link, an app's card.

use serde_json::Value;

use super::message::url;
use crate::model::{
    Attachment, AttachmentKind, Call, Deletion, MediaPlace, MessageKind, MessageRecord,
    VAGUE_MESSAGE,
};
use crate::sources::json::{list, member, text, words};

/// Lines of one message's cards, and their bytes.
const LINES: usize = 100;
const BYTES: usize = 64 << 10;
/// Cards are looked into as deep as this.
const DEEP: u32 = 16;

/// Tells what a message without words shows.
pub fn fill(value: &Value, message: &mut MessageRecord) {
    // One without an id is known again by its words and by what came with it.
    if message.native_id.is_none() {
        return;
    }
    let mut share = |kind, url: Option<String>| {
        if let Some(url) = url.filter(|u| u.contains("://") && !message.text.contains(u.as_str())) {
            let place = MediaPlace::Web { url };
            message.attachments.push(Attachment { kind, name: None, place });
        }
    };
    for gif in list(value, "attached_gifs") {
        share(AttachmentKind::Gif, words(gif, "uri"));
    }
    for annotation in list(value, "annotations") {
        let link = member(annotation, "interaction_data").and_then(|i| i.get("url"));
        share(AttachmentKind::Share, link.and_then(url));
    }
    said(value, message);
}

fn said(value: &Value, message: &mut MessageRecord) {
    if !message.text.trim().is_empty() || message.deletion != Deletion::None {
        return;
    }
    let mut lines = Vec::new();
    for annotation in list(value, "annotations") {
        let Some(of) = member(annotation, "gsuite_integration_metadata") else { continue };
        if let Some(call) = member(of, "call_data") {
            let missed = text(call, "call_status").is_some_and(|s| s.contains("MISSED"));
            message.kind = MessageKind::Call(Call { video: None, seconds: None, missed });
        }
        let task = member(of, "tasks_data").and_then(|t| member(t, "task_properties"));
        lines.extend(task.and_then(|t| words(t, "title")).map(|t| format!("Task: {t}")));
        let event = member(of, "calendar_event_data").and_then(|e| member(e, "calendar_event"));
        lines.extend(event.and_then(|e| words(e, "title")).map(|t| format!("Event: {t}")));
    }
    if lines.is_empty() {
        for app in list(value, "add_on_data") {
            says(app.get("cards").unwrap_or(app), 0, &mut lines);
        }
    }
    message.text = lines.join("\n");
    message.text.truncate(message.text.floor_char_boundary(BYTES));
    let bare = message.text.is_empty() && message.attachments.is_empty();
    if bare && message.kind == MessageKind::Text {
        message.kind = MessageKind::System;
        VAGUE_MESSAGE.clone_into(&mut message.text);
    }
}

/// The words of a card, wherever they lie in it.
fn says(card: &Value, depth: u32, lines: &mut Vec<String>) {
    const WORDS: [&str; 9] = [
        "title",
        "subtitle",
        "header",
        "top_label",
        "text",
        "content",
        "bottom_label",
        "topLabel",
        "bottomLabel",
    ];
    if depth > DEEP || lines.len() >= LINES {
        return;
    }
    match card {
        Value::Array(all) => all.iter().for_each(|inner| says(inner, depth + 1, lines)),
        Value::Object(all) => {
            for told in WORDS.iter().filter_map(|name| all.get(*name)?.as_str()) {
                if !told.trim().is_empty() && lines.len() < LINES {
                    lines.push(told.trim().to_owned());
                }
            }
            all.values().for_each(|inner| says(inner, depth + 1, lines));
        }
        _ => {}
    }
}
