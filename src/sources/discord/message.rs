//! One message as DiscordChatExporter writes it: pure functions over its JSON.

use std::sync::Arc;

use chrono::DateTime;
use serde_json::Value;

use super::text::plain;
use super::{instant, notices};
use crate::model::{
    Attachment, AttachmentKind, Call, MediaPlace, MessageKind, MessageRecord, Moment, Reaction,
    ReplyTo, Timestamp, VAGUE_MESSAGE,
};
use crate::sources::FileTree;
use crate::sources::json::{brief, flag, int, list, member, text, words};
use crate::sources::poll;

/// So many embeds of a message are looked at for words of their own; Discord takes ten.
const EMBEDS: usize = 100;
/// What a program lays out is nested less deeply.
const DEEPEST: usize = 10;

/// Somebody who writes or reacts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// The id; of a webhook with the name.
    pub key: String,
    /// The name: in that server, else everywhere.
    pub name: String,
    /// A program.
    pub bot: bool,
}

impl Who {
    /// Of a user, with everything by which they may be called.
    fn of(user: &Value) -> Option<(Self, Vec<String>)> {
        let (name, nickname) = (brief(user, "name"), brief(user, "nickname"));
        let key = brief(user, "id").or_else(|| name.clone())?;
        let full = name.as_ref().zip(brief(user, "discriminator")).map(|(n, d)| format!("{n}#{d}"));
        let shown = nickname.clone().or_else(|| name.clone()).unwrap_or_else(|| key.clone());
        let called = [name, nickname, full].into_iter().flatten().collect();
        Some((Self { key, name: shown, bot: flag(user, "isBot") }, called))
    }

    /// Who wrote a message. A webhook speaks under another name in each message, for the people of
    /// another app or for several services: who speaks is its id and the name. One that was renamed
    /// is thereby two, in whatever order its messages come. Any other program has a discriminator, as
    /// webhooks have none, and is known by its id, as people are.
    pub fn author(message: &Value) -> Option<(Self, Vec<String>)> {
        let author = member(message, "author")?;
        let (mut who, called) = Self::of(author)?;
        let is_webhook = who.bot && int(author, "discriminator").unwrap_or(0) == 0;
        // Its nickname is the exporter's guess: the name that it met first.
        if let Some(name) = brief(author, "name").filter(|_| is_webhook) {
            who.key = format!("{}/{name}", who.key);
            who.name = name;
        }
        Some((who, called))
    }

    /// What Discord shows in place of an account that was deleted.
    pub fn is_placeholder(&self) -> bool {
        self.name == "Deleted User" || self.name.starts_with("deleted_user_")
    }
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

/// A time with its zone, as `2024-05-01T10:00:00.123+00:00`.
pub fn time(value: &Value, name: &str) -> Option<Timestamp> {
    let told = text(value, name)?.trim();
    DateTime::parse_from_rfc3339(told).ok().map(|t| Timestamp(t.timestamp_millis()))
}

/// No saved file lies deeper.
const DEEP: usize = 32;

/// What a file is by the ending of its name.
pub fn kind_of(name: &str) -> AttachmentKind {
    let path = name.split(['?', '#']).next().unwrap_or(name);
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    match ending.as_str() {
        "gif" => AttachmentKind::Gif,
        "png" | "jpg" | "jpeg" | "webp" | "bmp" | "heic" | "avif" | "tiff" => AttachmentKind::Photo,
        "mp4" | "mov" | "webm" | "mkv" | "avi" | "m4v" => AttachmentKind::Video,
        "mp3" | "wav" | "flac" | "m4a" | "aac" | "opus" => AttachmentKind::Audio,
        "ogg" if path.ends_with("voice-message.ogg") => AttachmentKind::Voice,
        "ogg" => AttachmentKind::Audio,
        _ => AttachmentKind::File,
    }
}

/// Where a file is: at its address, or beside the export, where it was saved. The program writes the
/// path as its system does: `room.json_Files\\cat.png`, or `D:\\all files\\cat.png` outside.
fn place(url: &str, tree: &FileTree) -> MediaPlace {
    if url.contains("://") {
        return MediaPlace::Web { url: url.to_owned() };
    }
    let as_told = tree.media(url);
    let found = matches!(as_told, MediaPlace::Export { container: Some(_), .. });
    if found || !(url.contains('\\') || url.starts_with('/')) {
        return as_told;
    }
    let plain = url.replace('\\', "/");
    let starts = [0].into_iter().chain(plain.match_indices('/').map(|(at, _)| at + 1));
    let found = starts.take(DEEP).find_map(|at| tree.find(&plain[at..]));
    match found {
        Some(entry) => tree.media(&entry.path),
        // Of a file that was given by itself, what lies beside it.
        None => match tree.media(&plain) {
            beside @ MediaPlace::Export { container: Some(_), .. } => beside,
            _ => as_told,
        },
    }
}

fn files(value: &Value, tree: &FileTree, out: &mut Vec<Attachment>) {
    for file in list(value, "attachments") {
        let Some(url) = words(file, "url") else { continue };
        let name = words(file, "fileName");
        let kind = kind_of(name.as_deref().unwrap_or(&url));
        out.push(Attachment { kind, name, place: place(&url, tree) });
    }
    for sticker in list(value, "stickers") {
        let url = words(sticker, "sourceUrl");
        let place = url.map_or(MediaPlace::Omitted, |url| place(&url, tree));
        out.push(Attachment { kind: AttachmentKind::Sticker, name: words(sticker, "name"), place });
    }
}

/// Embeds: previews of addresses in the text, or what a program lays out beside a text or in place
/// of one.
fn embeds(
    value: &Value,
    content: &str,
    by_bot: bool,
    tree: &FileTree,
    out: &mut Vec<Attachment>,
) -> Vec<String> {
    let mut lines = Vec::new();
    for (i, embed) in list(value, "embeds").iter().enumerate() {
        let title = words(embed, "title");
        let author = member(embed, "author").and_then(|a| words(a, "name"));
        let url = words(embed, "url").filter(|u| u.contains("://"));
        let known = i >= EMBEDS || is_preview(embed, url.as_deref(), content, by_bot);
        if let Some(url) = url {
            let name = title.clone().or_else(|| author.clone());
            let (kind, place) = (AttachmentKind::Share, MediaPlace::Web { url });
            out.push(Attachment { kind, name, place });
        } else {
            let one = member(embed, "image").filter(|_| list(embed, "images").is_empty());
            let pictures = one.into_iter().chain(list(embed, "images"));
            out.extend(pictures.filter_map(|i| words(i, "url")).map(|url| Attachment {
                kind: AttachmentKind::Photo,
                name: title.clone(),
                place: place(&url, tree),
            }));
        }
        if !content.is_empty() && known {
            continue;
        }
        lines.extend([author, title, words(embed, "description")].into_iter().flatten());
        for field in list(embed, "fields") {
            let told = [words(field, "name"), words(field, "value")];
            lines.push(told.into_iter().flatten().collect::<Vec<_>>().join(": "));
        }
        lines.extend(member(embed, "footer").and_then(|f| words(f, "text")));
    }
    lines
}

/// Whether an embed is what Discord shows of an address in a text. That one may lead elsewhere, so
/// that the preview bears another address; but only programs lay out what is no preview.
fn is_preview(embed: &Value, url: Option<&str>, content: &str, by_bot: bool) -> bool {
    let Some(url) = url else { return false };
    match by_bot {
        true => text(embed, "type") != Some("rich") && content.contains(url.trim_end_matches('/')),
        false => content.contains("://"),
    }
}

/// How a poll ended, where a message tells nothing else.
fn result(value: &Value, by: Option<&Who>) -> Option<String> {
    let fields = list(list(value, "embeds").first()?, "fields");
    let said = |name: &str| {
        let field = fields.iter().find(|f| text(f, "name") == Some(name))?;
        words(field, "value")
    };
    let by = by.map_or("Somebody", |who| who.name.as_str());
    let ended = format!("{by}'s poll “{}” has ended", said("poll_question_text")?);
    let votes = said("victor_answer_votes").and_then(|n| n.trim().parse().ok());
    Some(match said("victor_answer_text") {
        Some(winner) => format!("{ended}: {}", poll::option(&winner, votes)),
        None => ended,
    })
}

fn poll(poll: &Value) -> String {
    let said = |value: &Value, name: &str| match value.get(name) {
        Some(nested @ Value::Object(_)) => words(nested, "text"),
        _ => words(value, name),
    };
    let mut lines = vec![said(poll, "question").unwrap_or_default()];
    for answer in list(poll, "answers") {
        let option = said(answer, "text").or_else(|| said(answer, "answer")).unwrap_or_default();
        let votes = int(answer, "votes").or_else(|| int(answer, "count"));
        lines.push(poll::option(&option, votes.filter(|n| *n > 0)));
    }
    lines.join("\n")
}

fn reactions(value: &Value, people: &mut Vec<Who>) -> (Vec<Reaction>, u64) {
    let mut out = Vec::new();
    let mut unnamed = 0u64;
    for reaction in list(value, "reactions") {
        let Some(emoji) = member(reaction, "emoji") else { continue };
        let name = words(emoji, "name").unwrap_or_default();
        // A server's own emoji has an id, and a name that is no picture.
        let own = words(emoji, "id").is_some_and(|id| id != "0");
        let emoji = if own { format!(":{name}:") } else { name };
        let mut named = 0u64;
        for (who, _) in list(reaction, "users").iter().filter_map(Who::of) {
            named += 1;
            out.push(Reaction { emoji: emoji.clone(), by: who.key.as_str().into(), at: None });
            people.push(who);
        }
        let count = int(reaction, "count").and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
        unnamed = unnamed.saturating_add(count.saturating_sub(named));
    }
    (out, unnamed)
}

/// A reply's target; of another channel its id means nothing here. What is passed on answers nothing.
fn reply(value: &Value, channel: &str) -> Option<ReplyTo> {
    let reference = member(value, "reference").filter(|r| text(r, "type") != Some("Forward"))?;
    let elsewhere = words(reference, "channelId").is_some_and(|id| id != channel);
    let native_id = words(reference, "messageId").filter(|_| !elsewhere);
    native_id.map(|id| ReplyTo { native_id: Some(id), quote: None })
}

/// The message of a JSON value; in words what is wrong with it where it is none.
pub fn compose(
    value: &Value,
    thread: &Arc<str>,
    tree: &FileTree,
) -> Result<Composed, &'static str> {
    if !value.is_object() {
        return Err("it is no message");
    }
    let id = words(value, "id");
    let at = time(value, "timestamp").or_else(|| instant(id.as_deref()?));
    let at = at.ok_or("it has no time that can be read")?;
    let who = Who::author(value).map(|(who, _)| who);
    let key: Option<Arc<str>> = who.as_ref().map(|w| w.key.as_str().into());
    let mut message = MessageRecord::text(Arc::clone(thread), key, Moment::exact(at), "");
    message.order = id.as_deref().and_then(|id| id.trim().parse().ok()).unwrap_or(0);
    message.native_id = id;
    message.edited = time(value, "timestampEdited").map(Some);
    let mentioned = |what: char, id: &str| {
        let all = list(value, "mentions").iter().filter_map(Who::of);
        all.map(|(who, _)| who).find(|who| what == '@' && who.key == id).map(|who| who.name)
    };
    let content = plain(text(value, "content").unwrap_or_default(), &mentioned);
    let kind = text(value, "type").unwrap_or("Default");
    match kind {
        "Default" | "Reply" | "ChatInputCommand" | "ContextMenuCommand" | "20" | "23" | "21" => {
            body(value, content, &mut message, tree);
            message.reply_to = reply(value, thread);
        }
        "Call" => {
            let seconds = time(value, "callEndedTimestamp")
                .and_then(|end| u32::try_from(end.0.saturating_sub(at.0) / 1000).ok());
            message.kind = MessageKind::Call(Call { video: None, seconds, missed: false });
        }
        other => {
            message.kind = MessageKind::System;
            let ended = matches!(other, "46" | "PollResult");
            let told = ended.then(|| result(value, who.as_ref())).flatten();
            let by = who.as_ref().map_or("Somebody", |who| who.name.as_str());
            message.text = told.unwrap_or_else(|| notices::tell(other, &content, value, by));
            message.sender = None;
        }
    }
    let mut people: Vec<Who> = who.into_iter().collect();
    let (reactions, unnamed) = reactions(value, &mut people);
    message.reactions = reactions;
    Ok(Composed { message: Box::new(message), people, unnamed })
}

/// What somebody wrote, and what came with it.
fn body(value: &Value, content: String, message: &mut MessageRecord, tree: &FileTree) {
    let passed_on = member(value, "forwardedMessage");
    let kind = member(value, "reference").and_then(|r| text(r, "type"));
    message.forwarded = passed_on.is_some() || kind == Some("Forward");
    let by_bot = Who::author(value).is_some_and(|(who, _)| who.bot);
    let mut lines = Vec::new();
    let passed = passed_on.map(|p| (p, words(p, "content").unwrap_or_default()));
    for (part, said) in std::iter::once((value, content)).chain(passed) {
        files(part, tree, &mut message.attachments);
        let laid = embeds(part, &said, by_bot, tree, &mut message.attachments);
        lines.push(said);
        lines.extend(laid);
    }
    if let Some(asked) = member(value, "poll") {
        message.kind = MessageKind::Poll;
        lines.push(poll(asked));
    }
    let bare = message.attachments.is_empty();
    let mut labels = Vec::new();
    components(value, DEEPEST, &mut message.attachments, &mut labels);
    lines.retain(|line| !line.trim().is_empty());
    // Buttons are told where there is nothing else.
    if lines.is_empty() && bare {
        lines = labels;
    }
    message.text = lines.join("\n");
    if message.text.is_empty() && message.attachments.is_empty() {
        message.kind = MessageKind::System;
        message.text = match text(value, "type") {
            Some("21") => "This thread began with a message in another channel".to_owned(),
            _ => VAGUE_MESSAGE.to_owned(),
        };
    }
}

/// What a program lays out around a text: buttons that lead somewhere, and what stands on others.
fn components(value: &Value, deep: usize, out: &mut Vec<Attachment>, labels: &mut Vec<String>) {
    let Some(deep) = deep.checked_sub(1) else { return };
    for component in list(value, "components") {
        let label = words(component, "label");
        match words(component, "url").filter(|url| url.contains("://")) {
            Some(url) => out.push(Attachment {
                kind: AttachmentKind::Share,
                name: label,
                place: MediaPlace::Web { url },
            }),
            None => labels.extend(label.map(|label| format!("[{label}]"))),
        }
        labels.extend(words(component, "content"));
        components(component, deep, out, labels);
    }
}
