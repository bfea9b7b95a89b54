//! Messages, told as the chat items of an export.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::changes;
use super::files::{self, File};
use super::frames::{NOBODY, Roll, account, either};
use crate::sources::FileTree;
use crate::sources::database::{Database, Row};
use crate::sources::json::{flag, int, list, member, parse, text, words};

/// `readStatus` of what was not read.
const UNREAD: i64 = 1;

/// What was left out on purpose.
#[derive(Default)]
pub struct Left {
    /// Messages that were to disappear.
    pub disappearing: u64,
    /// Files that are there, but locked, and nothing opens them.
    pub locked: u64,
    /// Stories, and what was answered to them in groups.
    pub stories: u64,
}

/// The question for all messages, in the order in which they were stored.
pub fn messages(db: &Database) -> String {
    let column = |names: &[&str]| db.column("m", "messages", names);
    format!(
        "SELECT m.rowid, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {} FROM messages m ORDER BY \
         m.rowid",
        column(&["json"]),
        column(&["sent_at"]),
        column(&["conversationId"]),
        column(&["type"]),
        column(&["body"]),
        column(&["sourceServiceId", "sourceUuid"]),
        column(&["source"]),
        column(&["readStatus", "unread"]),
        column(&["isErased"]),
        column(&["isViewOnce"]),
        column(&["storyId"]),
        column(&["expireTimer"]),
    )
}

/// The question for the files of messages, in the same order. The older form of a message's id
/// bears a type that no index on the other's would do for.
pub fn files(db: &Database) -> String {
    let columns: Vec<String> =
        files::COLUMNS.iter().map(|name| db.column("a", "message_attachments", &[name])).collect();
    let edit = db.column("a", "message_attachments", &["editHistoryIndex"]);
    format!(
        "SELECT 0, m.rowid, a.attachmentType, a.orderInMessage, {} FROM messages m
         CROSS JOIN message_attachments a ON a.messageId = CAST(m.id AS TEXT)
         WHERE coalesce({edit}, -1) = -1 ORDER BY m.rowid",
        columns.join(", ")
    )
}

/// A message as its row tells it.
pub struct Raw {
    /// What has no column of its own.
    pub json: Value,
    /// When it was sent, in milliseconds.
    pub sent: i64,
    /// What kind it is.
    pub kind: String,
    /// Its call.
    pub call: Option<Value>,
    /// Whose it is: an id of either kind.
    pub service: Option<String>,
    conversation: String,
    body: String,
    phone: Option<String>,
    unread: bool,
    erased: bool,
    once: bool,
    story: bool,
    disappears: bool,
    files: Vec<File>,
}

/// Takes a row. What older versions kept in the JSON is looked up there. `None`: the JSON is none.
pub fn raw(r: &Row<'_>, mut files: Vec<File>, calls: Vec<Value>) -> Option<Raw> {
    let json = match r.bytes(1) {
        Some(bytes) => parse(bytes).filter(Value::is_object)?,
        None => json!({}),
    };
    files.sort_by_key(|(_, order, _)| *order);
    Some(Raw {
        sent: r.int(2).or_else(|| int(&json, "sent_at")).unwrap_or(0),
        conversation: r.text(3).or_else(|| words(&json, "conversationId")).unwrap_or_default(),
        kind: r.text(4).or_else(|| words(&json, "type")).unwrap_or_default(),
        body: r.text(5).or_else(|| words(&json, "body")).unwrap_or_default(),
        service: r.text(6).or_else(|| either(&json, "sourceServiceId", "sourceUuid")),
        phone: r.text(7).or_else(|| words(&json, "source")).map(|phone| {
            // For a while the column held the digits alone.
            if phone.bytes().all(|b| b.is_ascii_digit()) { format!("+{phone}") } else { phone }
        }),
        unread: r.int(8) == Some(UNREAD),
        erased: r.flag(9) || flag(&json, "isErased"),
        once: r.flag(10) || flag(&json, "isViewOnce"),
        story: r.text(11).is_some()
            || member(&json, "storyId").is_some()
            || member(&json, "storyReplyContext").is_some(),
        disappears: r.int(12).or_else(|| int(&json, "expireTimer")).is_some_and(|s| s > 0),
        call: calls.into_iter().next(),
        files,
        json,
    })
}

impl Raw {
    /// Files that are one thing to the message; before they had a table, those of the JSON.
    fn files<'r>(&'r self, kind: &str, of_old: &'r [Value]) -> Vec<&'r Value> {
        let told: Vec<&Value> =
            self.files.iter().filter(|(k, ..)| k == kind).map(|(_, _, file)| file).collect();
        if told.is_empty() { of_old.iter().collect() } else { told }
    }

    fn file<'r>(&'r self, kind: &str, of_old: Option<&'r Value>) -> Option<&'r Value> {
        self.files.iter().find(|(k, ..)| k == kind).map(|(_, _, file)| file).or(of_old)
    }

    fn said(&self) -> Value {
        json!({ "body": self.body, "bodyRanges": ranges(&self.json) })
    }
}

/// Who is mentioned where.
fn ranges(of: &Value) -> Vec<Value> {
    let mention = |range: &Value| {
        let id = account(&either(range, "mentionAci", "mentionUuid")?)?;
        let (start, length) = (int(range, "start")?, int(range, "length")?);
        Some(json!({ "start": start, "length": length, "mentionAci": id }))
    };
    list(of, "bodyRanges").iter().filter_map(mention).collect()
}

/// The frame of a message. `None`: it is nothing for a transcript.
pub fn frame(raw: &Raw, roll: &Roll, tree: &FileTree, left: &mut Left) -> Option<Value> {
    let chat = roll.of(&raw.conversation);
    let group = chat.is_some_and(|c| roll.is_group(c));
    // Stories are no messages; what is answered to them in a group stands with them.
    if raw.kind == "story" || (raw.story && group) {
        left.stories += 1;
        return None;
    }
    let spoken = matches!(raw.kind.as_str(), "incoming" | "outgoing");
    if spoken && raw.disappears && !changes::is_timer(&raw.json) {
        left.disappearing += 1;
        return None;
    }
    let direct = chat.filter(|_| !group);
    let source = raw.service.as_deref().and_then(|id| roll.who(id));
    let by_number = || raw.phone.as_deref().and_then(|number| roll.who(number));
    // A number alone may be an old one of theirs.
    let source = source.or(direct.filter(|_| raw.kind == "incoming")).or_else(by_number);
    let mut item = Map::new();
    item.insert("chatId".to_owned(), chat.unwrap_or(NOBODY).into());
    item.insert("dateSent".to_owned(), raw.sent.into());
    let author = if raw.kind == "outgoing" { Some(roll.me) } else { source };
    if let Some(update) = changes::update(raw, roll, chat, author) {
        item.insert("authorId".to_owned(), update.by.unwrap_or(NOBODY).into());
        item.insert("directionless".to_owned(), json!({}));
        item.insert("updateMessage".to_owned(), update.told);
        return Some(json!({ "chatItem": item }));
    }
    if !spoken {
        return None;
    }
    let (name, told) = content(raw, roll, tree, left)?;
    item.insert("authorId".to_owned(), author.unwrap_or(NOBODY).into());
    if author == Some(roll.me) {
        item.insert("outgoing".to_owned(), json!({ "sendStatus": sent(raw, roll, chat) }));
    } else {
        item.insert("incoming".to_owned(), json!({ "read": !raw.unread }));
    }
    edited(raw, &mut item);
    item.insert(name.to_owned(), told);
    Some(json!({ "chatItem": item }))
}

/// An edited message is as old as the first of its versions, and told with the time of the newest.
fn edited(raw: &Raw, item: &mut Map<String, Value>) {
    let times = list(&raw.json, "editHistory").iter().filter_map(|v| int(v, "timestamp"));
    let newest = int(&raw.json, "editMessageTimestamp").or_else(|| times.clone().max());
    if let Some(newest) = newest.filter(|newest| *newest > raw.sent) {
        item.insert("dateSent".to_owned(), newest.into());
        item.insert("revisions".to_owned(), json!([{ "dateSent": raw.sent }]));
    }
}

/// What became of a message of mine, for each whom it went to. I am among them in my notes only.
fn sent(raw: &Raw, roll: &Roll, chat: Option<i64>) -> Vec<Value> {
    let states = member(&raw.json, "sendStateByConversationId").and_then(Value::as_object);
    let one = |(id, state): (&String, &Value)| {
        let to = roll.of(id).filter(|to| *to != roll.me || chat == Some(roll.me))?;
        let status = text(state, "status")?.to_lowercase();
        let at = int(state, "updatedAt").unwrap_or(0);
        let mut told = Map::new();
        told.insert("recipientId".to_owned(), to.into());
        told.insert("timestamp".to_owned(), at.into());
        told.insert(status, json!({}));
        Some(Value::Object(told))
    };
    states.into_iter().flatten().filter_map(one).collect()
}

/// What a message is, and what of it, in the order in which an export asks. `None`: nothing.
fn content(
    raw: &Raw,
    roll: &Roll,
    tree: &FileTree,
    left: &mut Left,
) -> Option<(&'static str, Value)> {
    let json = &raw.json;
    if flag(json, "deletedForEveryone") {
        let by_admin = member(json, "deletedForEveryoneByAdminAci").is_some();
        let kind = if by_admin { "adminDeletedMessage" } else { "remoteDeletedMessage" };
        return Some((kind, json!({})));
    }
    let reactions = reactions(raw, roll);
    if raw.once {
        return Some(("viewOnceMessage", json!({ "reactions": reactions })));
    }
    let locked = &mut left.locked;
    if let Some(told) = member(json, "payment") {
        let (note, amount) = (text(told, "note"), words(told, "amountMob"));
        let told = json!({ "note": note, "amountMob": amount, "reactions": reactions });
        return Some(("paymentNotification", told));
    }
    if !list(json, "contact").is_empty() {
        let contact = member(json, "contact");
        let told = json!({ "contact": contact, "reactions": reactions });
        return Some(("contactMessage", told));
    }
    if let Some(sticker) = member(json, "sticker") {
        let data = raw.file("sticker", member(sticker, "data"));
        let data = data.map(|d| files::pointer(d, locked));
        let sticker = json!({ "emoji": text(sticker, "emoji"), "data": data });
        return Some(("stickerMessage", json!({ "sticker": sticker, "reactions": reactions })));
    }
    if member(json, "giftBadge").is_some() {
        return Some(("giftBadge", json!({ "reactions": reactions })));
    }
    if raw.story || member(json, "storyReaction").is_some() {
        let emoji = member(json, "storyReaction").and_then(|r| text(r, "emoji"));
        let reply = (!raw.body.is_empty()).then(|| json!({ "text": raw.said() }));
        let told = json!({ "textReply": reply, "emoji": emoji, "reactions": reactions });
        return Some(("directStoryReplyMessage", told));
    }
    if let Some(told) = member(json, "poll") {
        return Some(("poll", poll(told, reactions)));
    }
    (!raw.erased).then_some(())?;
    let long = raw.file("long-message", member(json, "bodyAttachment"));
    let whole = long.and_then(|file| files::long_text(file, &raw.body, tree));
    let body = whole.as_ref().unwrap_or(&raw.body);
    let files = raw.files("attachment", list(json, "attachments"));
    if body.is_empty() && files.is_empty() {
        return None;
    }
    let worded = !body.is_empty();
    let files: Vec<Value> =
        files.into_iter().map(|file| files::attachment(file, worded, locked)).collect();
    let previews: Vec<Value> = list(json, "preview")
        .iter()
        .map(|p| json!({ "url": text(p, "url"), "title": text(p, "title") }))
        .collect();
    let told = json!({
        "text": { "body": body, "bodyRanges": ranges(json) },
        "attachments": files,
        "linkPreview": previews,
        "quote": member(json, "quote").map(|quote| quoted(quote, roll)),
        "reactions": reactions,
    });
    Some(("standardMessage", told))
}

/// What is quoted: who said it (before 2021 told by number), when, and what.
fn quoted(quote: &Value, roll: &Roll) -> Value {
    let by = either(quote, "authorAci", "authorUuid").or_else(|| words(quote, "author"));
    let files: Vec<Value> = list(quote, "attachments")
        .iter()
        .map(|f| json!({ "fileName": text(f, "fileName"), "contentType": text(f, "contentType") }))
        .collect();
    json!({
        "targetSentTimestamp": int(quote, "id"),
        "authorId": by.and_then(|by| roll.who(&by)).unwrap_or(NOBODY),
        "text": { "body": text(quote, "text"), "bodyRanges": ranges(quote) },
        "attachments": files,
    })
}

fn reactions(raw: &Raw, roll: &Roll) -> Vec<Value> {
    let one = |reaction: &Value| {
        let by = roll.who(text(reaction, "fromId")?)?;
        let (emoji, at) = (text(reaction, "emoji")?, int(reaction, "timestamp"));
        Some(json!({ "emoji": emoji, "authorId": by, "sentTimestamp": at }))
    };
    list(&raw.json, "reactions").iter().filter_map(one).collect()
}

/// A poll: of everybody's votes the last ones count.
fn poll(told: &Value, reactions: Vec<Value>) -> Value {
    let mut votes: Vec<&Value> = list(told, "votes").iter().collect();
    votes.sort_by_key(|v| Reverse(int(v, "voteCount").unwrap_or(0)));
    let mut last: HashMap<&str, &Value> = HashMap::new();
    for vote in votes {
        last.entry(text(vote, "fromConversationId").unwrap_or_default()).or_insert(vote);
    }
    let mut counts: HashMap<i64, usize> = HashMap::new();
    for at in last.values().flat_map(|v| list(v, "optionIndexes")).filter_map(Value::as_i64) {
        *counts.entry(at).or_default() += 1;
    }
    let options: Vec<Value> = (0..)
        .zip(list(told, "options"))
        .map(|(at, option)| {
            let votes = vec![json!({}); counts.get(&at).copied().unwrap_or(0)];
            json!({ "option": option.as_str(), "votes": votes })
        })
        .collect();
    json!({ "question": text(told, "question"), "options": options, "reactions": reactions })
}
