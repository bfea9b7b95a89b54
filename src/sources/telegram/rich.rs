//! Rich messages, which bots lay out in blocks: text, lists, tables, quotes and files.

use serde_json::Value;

use super::message::{Place, media};
use crate::model::{Attachment, AttachmentKind, MediaPlace};
use crate::sources::json::{list, text, words};

/// What is nested deeper is left out.
const DEEPEST: usize = 30;

/// The words of a rich message, a block a line; what came with them goes to `out`.
pub fn tell(value: &Value, place: &Place<'_>, out: &mut Vec<Attachment>) -> String {
    let mut lines = Vec::new();
    blocks(value, place, DEEPEST, out, &mut lines);
    lines.join("\n")
}

fn blocks(
    value: &Value,
    place: &Place<'_>,
    deep: usize,
    out: &mut Vec<Attachment>,
    lines: &mut Vec<String>,
) {
    let Some(deep) = deep.checked_sub(1) else { return };
    for block in list(value, "blocks") {
        media(block, place, out);
        for name in ["title", "header", "summary", "text", "caption"] {
            lines.push(block.get(name).map(|t| prose(t, deep, out)).unwrap_or_default());
        }
        blocks(block, place, deep, out, lines);
        for item in list(block, "items") {
            let mut inside = vec![prose(item.get("text").unwrap_or(item), deep, out)];
            blocks(item, place, deep, out, &mut inside);
            inside.retain(|line| !line.trim().is_empty());
            if !inside.is_empty() {
                lines.push(format!("· {}", inside.join("\n")));
            }
        }
        for row in list(block, "rows") {
            let cells = list(row, "cells").iter();
            let cells = cells.map(|cell| prose(cell.get("text").unwrap_or(cell), deep, out));
            lines.push(cells.collect::<Vec<_>>().join(" | "));
        }
        for button in list(block, "buttons") {
            let url = ["url", "data"].iter().find_map(|n| text(button, n));
            match url.filter(|u| u.contains("://")) {
                Some(url) => out.push(link(url, words(button, "text"))),
                None => lines.extend(words(button, "text").map(|text| format!("[{text}]"))),
            }
        }
    }
    lines.retain(|line| !line.trim().is_empty());
}

/// Text: words, or pieces within pieces.
fn prose(value: &Value, deep: usize, out: &mut Vec<Attachment>) -> String {
    let Some(deep) = deep.checked_sub(1) else { return String::new() };
    match value {
        Value::String(said) => said.clone(),
        Value::Array(all) => all.iter().map(|piece| prose(piece, deep, out)).collect(),
        Value::Object(_) => {
            let said = value.get("text").map(|text| prose(text, deep, out)).unwrap_or_default();
            let url = ["url", "href"].iter().find_map(|n| text(value, n));
            if let Some(url) = url.filter(|u| u.contains("://") && *u != said) {
                out.push(link(url, Some(said.clone()).filter(|s| !s.is_empty())));
            }
            said
        }
        _ => String::new(),
    }
}

fn link(url: &str, name: Option<String>) -> Attachment {
    let place = MediaPlace::Web { url: url.to_owned() };
    Attachment { kind: AttachmentKind::Share, name, place }
}
