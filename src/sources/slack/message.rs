//! One message of a day: pure functions over its JSON.

use std::sync::Arc;

use serde_json::Value;

use super::blocks::{self, Laid};
use super::channel::ids;
use super::mrkdwn::{by_name, plain};
use super::people::{People, name_of};
use crate::model::{
    Attachment, AttachmentKind, Call, Change, Deletion, MediaPlace, MessageKind, MessageRecord,
    Moment, Reaction, ReplyTo, RevisionRecord, Timestamp,
};
use crate::sources::FileTree;
use crate::sources::json::{brief, flag, int, list, member, text, words};

/// Of a file's words no more is told, in bytes.
const LONGEST: usize = 64 << 10;
/// The bot that is the app itself.
const SLACKBOT: &str = "USLACKBOT";
/// So many addresses of a text are looked through for one that its blocks tell again.
const KNOWN: usize = 1_000;

/// Where a message stands.
pub struct Place<'a> {
    /// The export.
    pub tree: &'a FileTree,
    /// The conversation's folder in it.
    pub folder: &'a str,
}

/// Somebody who writes or reacts.
#[derive(Debug)]
pub struct Who {
    /// The id: `U…`, `W…`, of a bot `B…`, perhaps with a name; a name where there is none.
    pub key: Arc<str>,
    /// The name, where the message tells it.
    pub name: Option<String>,
}

/// A message, and who is named by it.
#[derive(Debug)]
pub struct Composed {
    /// The message.
    pub message: Box<MessageRecord>,
    /// Who wrote it or reacted to it.
    pub people: Vec<Who>,
    /// Reactions of which only the number is told.
    pub unnamed: u64,
}

/// What an entry of a day tells.
#[derive(Debug)]
pub enum Told {
    /// A message.
    Message(Composed),
    /// An earlier one has changed (exports that keep every edit), and what it said, if that is told.
    Change(Box<RevisionRecord>, Option<Composed>),
}

/// A time as Slack writes it, `1452988821.000002`: the instant, and microseconds for the order.
fn time(ts: &str) -> Option<(Timestamp, i64)> {
    let (secs, part) = ts.trim().split_once('.').unwrap_or((ts.trim(), ""));
    let secs: i64 = secs.parse().ok()?;
    let mut micros = 0i64;
    for digit in part.bytes().chain(std::iter::repeat(b'0')).take(6) {
        micros = micros * 10 + i64::from(char::from(digit).to_digit(10)?);
    }
    let all = secs.checked_mul(1_000_000)?.checked_add(micros)?;
    Some((Timestamp(all.div_euclid(1000)), all))
}

/// Who wrote. A bot speaks under other names than its own, for several services or for the people of
/// another app: who speaks is then its id and the name, in whatever order the messages come. One that
/// was renamed is thereby two. Under its own name, as the message or the list of people tells it, it
/// is its id.
fn sender(value: &Value, people: &People) -> Option<Who> {
    let subtype = text(value, "subtype").unwrap_or_default();
    let bot = words(value, "bot_id");
    let own = words(value, "user")
        .or_else(|| member(value, "comment").and_then(|c| words(c, "user")))
        .filter(|_| subtype != "bot_message" || bot.is_none());
    let profile = |name: &str| member(value, name).and_then(name_of);
    if let Some(id) = own {
        return Some(Who {
            key: id.into(),
            name: profile("user_profile").or_else(|| words(value, "username")),
        });
    }
    let (given, own) = (brief(value, "username"), profile("bot_profile"));
    let other = given.as_ref().filter(|name| own.as_ref() != Some(*name));
    let key = match (bot, other) {
        (Some(id), Some(name)) if !people.is_bot_called(&id, name) => Some(format!("{id}/{name}")),
        (bot, _) => bot,
    };
    let name = given.or(own);
    let key = key.or_else(|| name.clone())?;
    Some(Who { key: key.into(), name: name.or_else(|| Some("Bot".to_owned())) })
}

/// What the app itself tells: who came, what is called otherwise, what was pinned.
fn is_system(subtype: &str) -> bool {
    const BEGIN: [&str; 6] = ["channel_", "group_", "mpim_", "im_", "conversation_", "joiner_"];
    const WHOLE: [&str; 10] = [
        "bot_add",
        "bot_remove",
        "bot_enable",
        "bot_disable",
        "pinned_item",
        "unpinned_item",
        "reminder_add",
        "reminder_delete",
        "app_conversation_join",
        "app_conversation_leave",
    ];
    BEGIN.iter().any(|b| subtype.starts_with(b)) || WHOLE.contains(&subtype)
}

/// A call in a conversation (a huddle).
fn is_call(subtype: &str) -> bool {
    matches!(subtype, "huddle_thread" | "sh_room_created")
}

/// Who began a call: Slack's own bot tells of it.
fn caller(value: &Value, people: &People) -> Option<Who> {
    let told = sender(value, people).filter(|who| &*who.key != SLACKBOT);
    let began = || member(value, "room").and_then(|room| words(room, "created_by"));
    told.or_else(|| began().map(|id| Who { key: id.into(), name: None }))
}

/// How long it took.
fn call(value: &Value) -> Call {
    let room = value.get("room").unwrap_or(&Value::Null);
    let span = int(room, "date_start").zip(int(room, "date_end"));
    let seconds = span
        .filter(|(from, to)| *from > 0 && to >= from)
        .and_then(|(from, to)| u32::try_from(to.saturating_sub(from)).ok());
    Call { video: None, seconds, missed: flag(room, "was_missed") }
}

fn kind_of(mime: &str, file: &Value) -> AttachmentKind {
    let voice = text(file, "subtype") == Some("slack_audio");
    match mime.split('/').next().unwrap_or_default() {
        "image" if mime == "image/gif" => AttachmentKind::Gif,
        "image" => AttachmentKind::Photo,
        "video" => AttachmentKind::Video,
        "audio" if voice => AttachmentKind::Voice,
        "audio" => AttachmentKind::Audio,
        _ => AttachmentKind::File,
    }
}

/// A file. Slack keeps it at an address; tools that save exports may have laid it beside.
fn file(file: &Value, place: &Place<'_>) -> Option<Attachment> {
    file.as_object()?;
    // Canvases and lists bear a name that says nothing.
    let titled = matches!(text(file, "mode"), Some("quip" | "list" | "canvas"));
    let (first, then) = if titled { ("title", "name") } else { ("name", "title") };
    let name = words(file, first).or_else(|| words(file, then));
    let mime = text(file, "mimetype").unwrap_or_default();
    let kind = kind_of(mime, file);
    let gone = matches!(text(file, "mode"), Some("tombstone" | "hidden_by_limit"));
    let beside = || {
        let (id, name) = (text(file, "id")?, name.as_deref()?);
        [
            format!("__uploads/{id}/{name}"),
            format!("{}/attachments/{id}-{name}", place.folder),
            format!("attachments/{id}-{name}"),
        ]
        .iter()
        .find_map(|path| place.tree.find(path))
        .map(|entry| place.tree.media(&entry.path))
    };
    let at = ["url_private", "url_private_download", "external_url", "permalink"];
    let web = || at.iter().find_map(|n| words(file, n)).filter(|url| url.contains("://"));
    let found = if gone {
        MediaPlace::Omitted
    } else {
        beside().or_else(|| web().map(|url| MediaPlace::Web { url })).unwrap_or(MediaPlace::Omitted)
    };
    Some(Attachment { kind, name, place: found })
}

/// The words of a file that the export holds beside its address: a mail, the beginning of a snippet,
/// what was spoken.
fn within(file: &Value) -> Option<String> {
    let spoken = || words(member(member(file, "transcription")?, "preview")?, "content");
    let is_mail = text(file, "mode") == Some("email");
    let begin = || words(file, "preview").filter(|_| !is_mail);
    let told = words(file, "plain_text")
        .or_else(|| words(file, "preview_plain_text"))
        .or_else(begin)
        .or_else(spoken);
    let all = [words(file, "subject").filter(|_| is_mail), told].into_iter().flatten();
    let mut all = all.collect::<Vec<_>>().join("\n");
    all.truncate(all.floor_char_boundary(LONGEST));
    Some(all).filter(|all| !all.trim().is_empty())
}

/// What is attached: previews of addresses, what bots write, messages that were passed on.
struct Cards<'a> {
    people: &'a People,
    lines: Vec<String>,
    media: Vec<Attachment>,
    forwarded: bool,
}

impl Cards<'_> {
    fn say(&mut self, told: &str) {
        let told = plain(told, self.people, "@", &mut self.media);
        if !told.trim().is_empty() {
            self.lines.push(told);
        }
    }

    /// What a card says, in its own fields or laid out in blocks.
    fn words_of(&mut self, card: &Value) {
        let own = ["pretext", "title", "text"].map(|name| words(card, name));
        let bare = own.iter().all(Option::is_none);
        own.into_iter().flatten().for_each(|told| self.say(&told));
        for field in list(card, "fields") {
            let told = [words(field, "title"), words(field, "value")];
            self.say(&told.into_iter().flatten().collect::<Vec<_>>().join(": "));
        }
        if !bare {
            return;
        }
        let inner = list(card, "message_blocks").iter().filter_map(|m| member(m, "message"));
        let mut told = std::iter::once(card).chain(inner).map(|c| blocks::laid(c, self.people));
        match told.find(|laid| !laid.text.is_empty()) {
            Some(laid) => self.lay(laid),
            None => self.say(&words(card, "fallback").unwrap_or_default()),
        }
    }

    /// Tells what is laid out; an address that was told before is not told again.
    fn lay(&mut self, laid: Laid) {
        let known = self.media.len().min(KNOWN);
        for link in laid.links {
            let told = self.media.get(..known).unwrap_or_default();
            if told.iter().all(|m| m.place != link.place) {
                self.media.push(link);
            }
        }
        self.lines.extend(Some(laid.text).filter(|w| !w.is_empty()));
    }

    /// What is laid out in blocks, where the text beside it does not say so already.
    fn laid(&mut self, value: &Value, raw: &str) {
        let laid = blocks::laid(value, self.people);
        if laid.text.is_empty() && laid.links.is_empty() {
            return;
        }
        let told = self.lines.join("\n");
        if !told.is_empty() && laid.is_said(raw, &told) {
            return;
        }
        if laid.says_all_of(&told) {
            self.lines.clear();
        }
        self.lay(laid);
    }

    fn share(&mut self, name: Option<String>, url: Option<String>, kind: AttachmentKind) {
        if let Some(url) = url.filter(|u| u.contains("://")) {
            self.media.push(Attachment { kind, name, place: MediaPlace::Web { url } });
        }
    }

    fn card(&mut self, card: &Value, alone: bool, place: &Place<'_>) {
        let url = ["from_url", "title_link", "original_url"].iter().find_map(|n| words(card, n));
        let passed_on = flag(card, "is_share") || flag(card, "is_msg_unfurl");
        self.forwarded |= flag(card, "is_share");
        self.media.extend(list(card, "files").iter().filter_map(|f| file(f, place)));
        let title = words(card, "title")
            .or_else(|| words(card, "author_name"))
            .or_else(|| words(card, "service_name"));
        // A preview of an address in the text says nothing that was not said.
        let preview = ["from_url", "original_url"].iter().any(|n| words(card, n).is_some());
        if !alone && !passed_on && preview {
            let kind = AttachmentKind::Share;
            let url = url.or_else(|| words(card, "image_url"));
            return self.share(title.or_else(|| words(card, "fallback")), url, kind);
        }
        let first = self.lines.len();
        self.words_of(card);
        // What was passed on is somebody else's: they are named before it.
        let author = words(card, "author_name").or_else(|| words(card, "author_subname"));
        if let (true, Some(line), Some(author)) = (passed_on, self.lines.get_mut(first), author) {
            *line = format!("{author}: {line}");
        }
        self.share(title, url, AttachmentKind::Share);
        self.share(None, words(card, "image_url"), AttachmentKind::Photo);
    }
}

fn reactions(value: &Value, people: &mut Vec<Who>) -> (Vec<Reaction>, u64) {
    let mut out = Vec::new();
    let mut unnamed = 0u64;
    for reaction in list(value, "reactions") {
        let Some(name) = words(reaction, "name") else { continue };
        let emoji = by_name(&name);
        let mut named = 0u64;
        for by in ids(reaction, "users") {
            named += 1;
            people.push(Who { key: Arc::clone(&by), name: None });
            out.push(Reaction { emoji: emoji.clone(), by, at: None });
        }
        let count = int(reaction, "count").and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
        unnamed = unnamed.saturating_add(count.saturating_sub(named));
    }
    (out, unnamed)
}

/// An edit or a deletion that is told on its own.
fn change(value: &Value, thread: &Arc<str>) -> Option<Box<RevisionRecord>> {
    let at = words(value, "ts").and_then(|ts| time(&ts)).map(|(at, _)| at);
    let (message, change) = match text(value, "subtype")? {
        "message_deleted" => {
            let of = words(value, "deleted_ts")
                .or_else(|| words(member(value, "previous_message")?, "ts"))?;
            (of, Change::Deleted(Deletion::Unsent))
        }
        _ => return None,
    };
    Some(Box::new(RevisionRecord { thread: Arc::clone(thread), message, change, at, by: None }))
}

/// What an entry tells; in words what is wrong with it where it tells nothing.
pub fn tell(
    entry: &Value,
    thread: &Arc<str>,
    people: &People,
    place: &Place<'_>,
) -> Result<Told, &'static str> {
    if !entry.is_object() {
        return Err("it is no message");
    }
    if let Some(change) = change(entry, thread) {
        // Its words stand nowhere else, where it was deleted before the export was made.
        let before = member(entry, "previous_message").filter(|m| text(m, "subtype").is_none());
        let before = before.and_then(|m| match tell(m, thread, people, place) {
            Ok(Told::Message(composed)) => Some(composed),
            _ => None,
        });
        return Ok(Told::Change(change, before));
    }
    // An edit that is told on its own holds the message as it is now.
    let value = match text(entry, "subtype") {
        Some("message_changed") => member(entry, "message").unwrap_or(entry),
        _ => entry,
    };
    let ts = words(value, "ts").ok_or("it has no time")?;
    let (at, order) = time(&ts).ok_or("it has no time that can be read")?;
    let subtype = text(value, "subtype").unwrap_or_default();
    let who = match is_call(subtype) {
        true => caller(value, people),
        false => sender(value, people),
    };
    let key = who.as_ref().map(|w| Arc::clone(&w.key));
    let mut message = MessageRecord::text(Arc::clone(thread), key, Moment::exact(at), "");
    message.order = order;
    message.reply_to = words(value, "thread_ts")
        .filter(|first| *first != ts)
        .map(|first| ReplyTo { native_id: Some(first), quote: None });
    message.native_id = Some(ts);
    message.edited =
        member(value, "edited").map(|e| words(e, "ts").and_then(|ts| time(&ts)).map(|(at, _)| at));
    let mut named: Vec<Who> = who.into_iter().collect();
    let told = text(value, "text").unwrap_or_default();
    if subtype == "tombstone" {
        // Where answers hang on a message that was deleted, this stands in its place.
        (message.sender, message.deletion) = (None, Deletion::Unsent);
        named.clear();
    } else if is_system(subtype) {
        let words = plain(told, people, "", &mut message.attachments);
        message.sender = None;
        message.kind = MessageKind::System;
        message.text = match words.is_empty() {
            true => subtype.replace('_', " "),
            false => done(told, words, named.first(), people),
        };
    } else if is_call(subtype) {
        message.kind = MessageKind::Call(call(value));
    } else {
        body(value, told, &mut message, people, place);
    }
    let (reactions, unnamed) = reactions(value, &mut named);
    message.reactions = reactions;
    Ok(Told::Message(Composed { message: Box::new(message), people: named, unnamed }))
}

/// A notice with whoever did it before it, where it begins with what was done: it names them only
/// at times.
fn done(told: &str, words: String, who: Option<&Who>, people: &People) -> String {
    let does = words.trim_start();
    let begins = does.chars().next().is_some_and(char::is_lowercase);
    if !begins || told.trim_start().starts_with('<') {
        return words;
    }
    let name = who.and_then(|who| people.name(&who.key).or(who.name.as_deref()));
    match name.filter(|name| !does.starts_with(name)) {
        Some(name) => format!("{name} {does}"),
        None => words,
    }
}

/// What somebody wrote, and what came with it.
fn body(
    value: &Value,
    told: &str,
    message: &mut MessageRecord,
    people: &People,
    place: &Place<'_>,
) {
    let old = member(value, "file").filter(|_| list(value, "files").is_empty());
    let files: Vec<Attachment> =
        list(value, "files").iter().chain(old).filter_map(|f| file(f, place)).collect();
    let mut cards = Cards { people, lines: Vec::new(), media: Vec::new(), forwarded: false };
    // Before 2018 the text of a file that was shared only told that it was.
    let only_told = text(value, "subtype") == Some("file_share")
        && old.is_some()
        && told.contains("> uploaded a file: <");
    if only_told {
        if let Some(said) = old.and_then(|f| member(f, "initial_comment")) {
            cards.say(&words(said, "comment").unwrap_or_default());
        }
    } else if !told.is_empty() {
        cards.say(told);
    }
    let alone = told.trim().is_empty();
    if let Some(comment) = member(value, "comment").filter(|_| alone) {
        cards.say(&words(comment, "comment").unwrap_or_default());
    }
    cards.laid(value, told);
    cards.lines.extend(list(value, "files").iter().chain(old).filter_map(within));
    for card in list(value, "attachments") {
        cards.card(card, alone, place);
    }
    message.text = cards.lines.join("\n");
    if text(value, "subtype") == Some("me_message") {
        message.text = format!("* {}", message.text);
    }
    message.forwarded = cards.forwarded;
    message.attachments = files;
    message.attachments.extend(cards.media);
}
