//! One message: a pure function over its frame.

use std::sync::Arc;

use serde_json::Value;

use super::recipient::{Book, Chat};
use super::update;
use super::{desktop, keys};
use crate::model::{
    Attachment, AttachmentKind, Deletion, MediaPlace, MessageKind, MessageRecord, Moment, Reaction,
    ReplyTo, Timestamp,
};
use crate::sources::FileTree;
use crate::sources::json::{int, list, member, text, words};
use crate::sources::poll;

/// A text that is longer than Signal sends in a message lies in a file of this size at most.
const LONG_TEXT: u64 = 1 << 20;

/// Where a file's messages stand.
pub struct Place<'a> {
    /// The export.
    pub tree: &'a FileTree,
    /// The folder of `main.jsonl` in it.
    pub folder: &'a str,
    /// Who is who.
    pub book: &'a Book,
}

/// A message, and who is named by it.
pub struct Composed {
    /// The message.
    pub message: Box<MessageRecord>,
    /// Who wrote it or reacted to it: keys and names.
    pub people: Vec<(Arc<str>, String)>,
}

/// A flag or a kind, by its name or its number.
pub fn is(value: &Value, name: &str, word: &str, number: i64) -> bool {
    match value.get(name) {
        Some(Value::String(s)) => s == word || s.trim().parse() == Ok(number),
        Some(Value::Number(n)) => n.as_i64() == Some(number),
        _ => false,
    }
}

/// Signal knows a message by who wrote it and when.
fn id(author: &str, sent: i64) -> String {
    format!("{author}|{sent}")
}

impl Place<'_> {
    fn who(&self, value: &Value, name: &str) -> Option<(Arc<str>, String)> {
        let found = self.book.by_number(int(value, name).unwrap_or(0))?;
        Some((Arc::clone(&found.key), found.name.clone()))
    }

    /// The text, with people's names where they are mentioned.
    fn said(&self, value: &Value) -> String {
        let body = text(value, "body").unwrap_or_default();
        let mut mentions: Vec<(i64, i64, String)> = list(value, "bodyRanges")
            .iter()
            .filter_map(|range| {
                let name = self.book.called(range, "mentionAci")?;
                Some((int(range, "start").unwrap_or(0), int(range, "length").unwrap_or(0), name))
            })
            .collect();
        if mentions.is_empty() {
            return body.to_owned();
        }
        mentions.sort();
        let mut mentions = mentions.into_iter().peekable();
        let mut out = String::with_capacity(body.len());
        // Ranges are counted in units of UTF-16.
        let (mut at, mut until) = (0i64, 0i64);
        for c in body.chars() {
            if let Some((_, length, name)) = mentions.next_if(|(start, ..)| *start <= at) {
                out.push('@');
                out.push_str(&name);
                until = at.saturating_add(length);
            }
            if at >= until {
                out.push(c);
            }
            at = at.saturating_add(i64::try_from(c.len_utf16()).unwrap_or(1));
        }
        out
    }

    /// A file of the export, by what is told of it: in the app's own folder its path.
    fn find(&self, pointer: &Value) -> Option<MediaPlace> {
        if let Some(path) = text(pointer, "path").filter(|p| desktop::is_file(p)) {
            return Some(desktop::place(self.tree.media(path), pointer));
        }
        let locator = member(pointer, "locatorInfo")?;
        let hash = keys::member_bytes(locator, "plaintextHash")?;
        let key = keys::member_bytes(locator, "localKey")?;
        let name = keys::file(&hash, &key);
        let short = name.get(..2)?;
        let inside = match self.folder {
            "" => String::new(),
            folder => format!("{folder}/"),
        };
        [inside.as_str(), ""].iter().find_map(|above| {
            let prefix = format!("{above}files/{short}/{name}");
            self.tree.under(&prefix).first().map(|entry| self.tree.media(&entry.path))
        })
    }

    fn file(&self, pointer: &Value, kind: AttachmentKind) -> Attachment {
        Attachment {
            kind,
            name: words(pointer, "fileName"),
            place: self.find(pointer).unwrap_or(MediaPlace::Omitted),
        }
    }

    fn attachment(&self, value: &Value) -> Option<Attachment> {
        let pointer = member(value, "pointer")?;
        let mime = text(pointer, "contentType").unwrap_or_default();
        let kind = match mime.split('/').next().unwrap_or_default() {
            _ if is(value, "flag", "VOICE_MESSAGE", 1) => AttachmentKind::Voice,
            _ if is(value, "flag", "GIF", 3) || mime == "image/gif" => AttachmentKind::Gif,
            "image" if is(value, "flag", "BORDERLESS", 2) => AttachmentKind::Sticker,
            "image" => AttachmentKind::Photo,
            "video" => AttachmentKind::Video,
            "audio" => AttachmentKind::Audio,
            _ => AttachmentKind::File,
        };
        Some(self.file(pointer, kind))
    }

    /// The rest of a text that was too long for one message.
    fn long_text(&self, pointer: &Value, begin: &str) -> Option<String> {
        let MediaPlace::Export { path, .. } = self.find(pointer)? else { return None };
        let bytes = self.tree.read(self.tree.find(&path)?, LONG_TEXT).ok()?;
        let whole = String::from_utf8(bytes).ok()?;
        whole.starts_with(begin).then_some(whole)
    }

    fn standard(&self, value: &Value, message: &mut MessageRecord) {
        let said = member(value, "text");
        message.text = said.map(|t| self.said(t)).unwrap_or_default();
        if let Some(long) = member(value, "longText")
            && let Some(whole) = self.long_text(long, &message.text)
        {
            message.text = whole;
        }
        message
            .attachments
            .extend(list(value, "attachments").iter().filter_map(|a| self.attachment(a)));
        let captions = list(value, "attachments").iter().filter_map(|a| member(a, "pointer"));
        for caption in captions.filter_map(|p| words(p, "caption")) {
            if !message.text.is_empty() {
                message.text.push('\n');
            }
            message.text.push_str(&caption);
        }
        for preview in list(value, "linkPreview") {
            if let Some(url) = words(preview, "url") {
                let (name, place) = (words(preview, "title"), MediaPlace::Web { url });
                message.attachments.push(Attachment { kind: AttachmentKind::Share, name, place });
            }
        }
        message.reply_to = member(value, "quote").map(|quote| self.quote(quote));
    }

    fn quote(&self, quote: &Value) -> ReplyTo {
        let author = self.who(quote, "authorId");
        let sent = int(quote, "targetSentTimestamp").filter(|t| *t > 0);
        let said = member(quote, "text").map(|t| self.said(t)).filter(|t| !t.is_empty());
        let file = || {
            let first = list(quote, "attachments").first()?;
            words(first, "fileName").or_else(|| words(first, "contentType"))
        };
        ReplyTo {
            native_id: author.zip(sent).map(|((key, _), sent)| id(&key, sent)),
            quote: said.or_else(file),
        }
    }

    fn contact(&self, value: &Value, message: &mut MessageRecord) {
        let cards = match member(value, "contact") {
            Some(Value::Array(all)) => all.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        for card in cards {
            let parts = ["prefix", "givenName", "middleName", "familyName", "suffix"];
            let of = |n: &Value| parts.iter().filter_map(|p| words(n, p)).collect::<Vec<_>>();
            let mut all = member(card, "name").map(of).unwrap_or_default();
            all.extend(words(card, "organization").filter(|_| all.is_empty()));
            all.extend(list(card, "number").iter().filter_map(|n| words(n, "value")));
            all.extend(list(card, "email").iter().filter_map(|n| words(n, "value")));
            message.attachments.push(Attachment {
                kind: AttachmentKind::Contact,
                name: Some(all.join(" ")).filter(|n| !n.is_empty()),
                place: MediaPlace::Omitted,
            });
        }
    }

    fn reactions(&self, value: &Value, people: &mut Vec<(Arc<str>, String)>) -> Vec<Reaction> {
        let one = |reaction: &Value| {
            let emoji = words(reaction, "emoji")?;
            let (by, name) = self.who(reaction, "authorId")?;
            people.push((Arc::clone(&by), name));
            let at = int(reaction, "sentTimestamp").filter(|t| *t > 0).map(Timestamp);
            Some(Reaction { emoji, by, at })
        };
        list(value, "reactions").iter().filter_map(one).collect()
    }
}

fn poll(value: &Value) -> String {
    let mut lines = vec![words(value, "question").unwrap_or_default()];
    for option in list(value, "options") {
        let name = words(option, "option").unwrap_or_default();
        let votes = i64::try_from(list(option, "votes").len()).ok().filter(|n| *n > 0);
        lines.push(poll::option(&name, votes));
    }
    lines.join("\n")
}

fn payment(value: &Value) -> String {
    let amount =
        words(value, "amountMob").map_or("Payment".to_owned(), |n| format!("Payment of {n} MOB"));
    [Some(amount), words(value, "note")].into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// What a message can be.
const KINDS: [&str; 11] = [
    "standardMessage",
    "contactMessage",
    "stickerMessage",
    "remoteDeletedMessage",
    "adminDeletedMessage",
    "updateMessage",
    "paymentNotification",
    "giftBadge",
    "viewOnceMessage",
    "directStoryReplyMessage",
    "poll",
];

/// The name of a kind that is not known here, as words.
fn unknown(item: &Value) -> Option<String> {
    const KNOWN: [&str; 12] = [
        "chatId",
        "authorId",
        "dateSent",
        "expireStartDate",
        "expiresInMs",
        "revisions",
        "sms",
        "incoming",
        "outgoing",
        "directionless",
        "pinDetails",
        "expirationTimerVersion",
    ];
    let members = item.as_object()?;
    let (name, _) = members.iter().find(|(n, v)| v.is_object() && !KNOWN.contains(&n.as_str()))?;
    Some(update::spaced(name))
}

/// The message of a chat item. `None`: it tells nothing, as Signal's own readers hold it. In words
/// what is wrong with it where it is none.
pub fn compose(
    item: &Value,
    chat: &Chat,
    place: &Place<'_>,
) -> Result<Option<Composed>, &'static str> {
    // After an edit the item is the newest of its revisions; the message is as old as the first.
    let newest = int(item, "dateSent").filter(|t| *t > 0);
    let first = list(item, "revisions").first().and_then(|r| int(r, "dateSent")).filter(|t| *t > 0);
    let sent = first.or(newest).ok_or("it has no time that can be read")?;
    let author = place.who(item, "authorId");
    let key = author.as_ref().map(|(key, _)| Arc::clone(key));
    let at = Moment::exact(Timestamp(sent));
    let mut message = MessageRecord::text(Arc::clone(&chat.key), key.clone(), at, "");
    message.native_id = key.as_ref().map(|key| id(key, sent));
    message.edited = first.map(|_| newest.map(Timestamp));
    let mut people: Vec<_> = author.into_iter().collect();
    let Some((name, value)) = KINDS.iter().find_map(|n| Some((*n, member(item, n)?))) else {
        let Some(words) = unknown(item) else { return Ok(None) };
        (message.kind, message.text, message.sender) = (MessageKind::System, words, None);
        return Ok(Some(Composed { message: Box::new(message), people: Vec::new() }));
    };
    match name {
        "standardMessage" => place.standard(value, &mut message),
        "contactMessage" => place.contact(value, &mut message),
        "stickerMessage" => {
            let sticker = member(value, "sticker").unwrap_or(value);
            let data = member(sticker, "data").unwrap_or(&Value::Null);
            let mut it = place.file(data, AttachmentKind::Sticker);
            it.name = words(sticker, "emoji").or(it.name);
            message.attachments.push(it);
        }
        "remoteDeletedMessage" => message.deletion = Deletion::Unsent,
        "adminDeletedMessage" => message.deletion = Deletion::TakenDown,
        "updateMessage" => {
            let Some(told) = update::tell(value, item, chat, place.book) else { return Ok(None) };
            message.sender = told.sender.as_ref().map(|(key, _)| Arc::clone(key));
            people = told.sender.into_iter().collect();
            // The app's own notices share their instants; a call has an id.
            message.native_id = told.call.map(|id| format!("call|{id}"));
            (message.kind, message.text) = (told.kind, told.text);
        }
        "paymentNotification" => message.text = payment(value),
        "giftBadge" => message.text = "A donation badge as a gift".to_owned(),
        "viewOnceMessage" => {
            let seen = || Attachment {
                kind: AttachmentKind::Photo,
                name: Some("seen once".to_owned()),
                place: MediaPlace::Omitted,
            };
            let it = member(value, "attachment").and_then(|a| place.attachment(a));
            message.attachments.push(it.unwrap_or_else(seen));
        }
        "directStoryReplyMessage" => {
            let said = member(value, "textReply").and_then(|r| member(r, "text"));
            message.text =
                said.map(|t| place.said(t)).or_else(|| words(value, "emoji")).unwrap_or_default();
            message.reply_to = Some(ReplyTo { native_id: None, quote: Some("a story".to_owned()) });
        }
        _ => (message.kind, message.text) = (MessageKind::Poll, poll(value)),
    }
    message.reactions = place.reactions(value, &mut people);
    Ok(Some(Composed { message: Box::new(message), people }))
}
