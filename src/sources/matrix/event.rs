//! One event of a room: a pure function over its JSON.

use std::sync::Arc;

use serde_json::Value;

use super::content;
use super::survey::Survey;
use super::wording::{self, Names};
use crate::model::{
    AttachmentKind, Call, Change, Deletion, MessageKind, MessageRecord, Moment, Reaction, ReplyTo,
    RevisionRecord, Timestamp,
};
use crate::sources::FileTree;
use crate::sources::json::{flag, int, member, text, words};

/// Where an event stands.
pub struct Place<'a> {
    /// The export.
    pub tree: &'a FileTree,
    /// The room as a whole.
    pub survey: &'a Survey,
    /// The thread's key.
    pub thread: Arc<str>,
}

/// What an event tells.
#[derive(Debug)]
pub enum Told {
    /// A message.
    Message(Box<MessageRecord>),
    /// A message told before has another text.
    Change {
        /// How.
        revision: Box<RevisionRecord>,
        /// Who says so.
        by: String,
        /// The message as it is after it, for where nothing else tells it.
        whole: Box<MessageRecord>,
    },
    /// A reaction, with the id that its end will name.
    Reaction {
        /// Its own event.
        event: String,
        /// To which message.
        message: String,
        /// What it is.
        reaction: Reaction,
    },
    /// An event is taken back: a message or a reaction.
    Redaction {
        /// Which.
        target: String,
        /// By whom.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// Nothing that people would want to see.
    Nothing,
}

const NONE: Value = Value::Null;

/// An event that was encrypted and stands beside what was encrypted.
pub fn opened(value: &Value) -> &Value {
    member(value, "decrypted").filter(|v| v.is_object()).unwrap_or(value)
}

/// What an event tells; in words what is wrong with it where it tells nothing.
pub fn tell(value: &Value, place: &Place<'_>) -> Result<Told, &'static str> {
    let event = opened(value);
    let id = text(event, "event_id").ok_or("an event without an id")?;
    let sender = text(event, "sender").ok_or("an event without a sender")?;
    let kind = text(event, "type").ok_or("an event without a type")?;
    let at = int(event, "origin_server_ts").map(Timestamp).ok_or("an event without a time")?;
    let content = member(event, "content").unwrap_or(&NONE);
    let unsigned = member(event, "unsigned").unwrap_or(&NONE);
    let it = Event { event, id, sender, at, content, unsigned, place };
    if member(event, "state_key").is_some() {
        return Ok(it
            .state(kind)
            .map_or(Told::Nothing, |said| it.message(MessageKind::System, said)));
    }
    if let Some(because) = member(unsigned, "redacted_because") {
        return Ok(it.taken(kind, because));
    }
    match kind {
        "m.room.message" => it.room_message(),
        "m.room.encrypted" if it.replaces().is_some() => Ok(Told::Nothing),
        "m.room.encrypted" => Ok(it.message(MessageKind::Sealed, String::new())),
        "m.sticker" => {
            let mut message = it.bare(MessageKind::Text, String::new());
            let kind = AttachmentKind::Sticker;
            let sticker =
                content::attachment(content, kind, "stickers", (Some(id), at), place.tree);
            message.attachments.push(sticker);
            Ok(Told::Message(Box::new(message)))
        }
        "m.reaction" => it.reaction(),
        "m.room.redaction" => it.redaction(),
        "m.poll.start" | "org.matrix.msc3381.poll.start" => {
            let votes = |answer: &Value| place.survey.votes(id, answer);
            let asked = wording::poll(content, &votes).ok_or("a poll without a question")?;
            Ok(it.message(MessageKind::Poll, asked))
        }
        "m.call.invite" | "org.matrix.msc4075.rtc.notification" | "m.rtc.notification" => {
            let sdp = member(content, "offer").and_then(|offer| text(offer, "sdp"));
            let video = sdp.map(|sdp| sdp.contains("m=video"));
            let call = Call { video, seconds: None, missed: false };
            Ok(it.message(MessageKind::Call(call), String::new()))
        }
        // What is not known here and has words for people is told in them.
        _ => Ok(match words(content, "body") {
            Some(body) => it.message(MessageKind::Text, body),
            None => Told::Nothing,
        }),
    }
}

/// An event with what every reading of it needs.
struct Event<'a> {
    event: &'a Value,
    id: &'a str,
    sender: &'a str,
    at: Timestamp,
    content: &'a Value,
    unsigned: &'a Value,
    place: &'a Place<'a>,
}

impl Event<'_> {
    fn bare(&self, kind: MessageKind, text: String) -> MessageRecord {
        let sender = (kind != MessageKind::System).then(|| Arc::from(self.sender));
        let thread = Arc::clone(&self.place.thread);
        let mut message = MessageRecord::text(thread, sender, Moment::exact(self.at), text);
        message.native_id = Some(self.id.to_owned());
        message.kind = kind;
        message
    }

    fn message(&self, kind: MessageKind, text: String) -> Told {
        Told::Message(Box::new(self.bare(kind, text)))
    }

    /// The message that this one is the newer text of.
    fn replaces(&self) -> Option<&str> {
        let related = member(self.content, "m.relates_to")?;
        (text(related, "rel_type") == Some("m.replace")).then(|| text(related, "event_id"))?
    }

    /// A message that was taken back. Of other events nothing is left to tell.
    fn taken(&self, kind: &str, because: &Value) -> Told {
        let was_message = matches!(
            kind,
            "m.room.message"
                | "m.room.encrypted"
                | "m.sticker"
                | "m.poll.start"
                | "org.matrix.msc3381.poll.start"
        );
        if !was_message {
            return Told::Nothing;
        }
        let mut message = self.bare(MessageKind::Text, String::new());
        let own = text(because, "sender").is_none_or(|by| by == self.sender);
        message.deletion = if own { Deletion::Unsent } else { Deletion::TakenDown };
        Told::Message(Box::new(message))
    }

    fn room_message(&self) -> Result<Told, &'static str> {
        // In place of what could not be opened Element writes why.
        if text(self.content, "msgtype") == Some("m.bad.encrypted") {
            return Ok(self.message(MessageKind::Sealed, String::new()));
        }
        if let Some(target) = self.replaces() {
            return self.edit(target);
        }
        // In a locked room it is locked, and the newest text stands in the message itself.
        let newest = member(self.unsigned, "m.relations")
            .and_then(|r| member(r, "m.replace"))
            .map(opened)
            .filter(|newest| text(newest, "sender").is_none_or(|by| by == self.sender))
            .filter(|newest| new_content(newest).is_some() || is_locked(newest));
        let said = newest.and_then(new_content).unwrap_or(self.content);
        if newest.is_some_and(is_locked) && member(self.content, "body").is_none() {
            // Element empties what is replaced by something that it cannot open.
            return Ok(self.message(MessageKind::Sealed, String::new()));
        }
        text(said, "body").ok_or("a message whose body is no text")?;
        let mut message = self.bare(MessageKind::Text, String::new());
        content::fill(&mut message, said, self.place.tree);
        if let Some(newest) = newest {
            message.edited = Some(int(newest, "origin_server_ts").map(Timestamp));
        }
        if let Some(to) = self.answers() {
            message.text = wording::answer(&message.text);
            message.reply_to = Some(ReplyTo { native_id: Some(to), quote: None });
        }
        Ok(Told::Message(Box::new(message)))
    }

    /// What it answers. In a chain of answers, what stands there for older programs is no answer to
    /// that one, but to the chain.
    fn answers(&self) -> Option<String> {
        let related = member(self.content, "m.relates_to")?;
        let chain = text(related, "rel_type") == Some("m.thread");
        if chain && flag(related, "is_falling_back") {
            return words(related, "event_id");
        }
        member(related, "m.in_reply_to").and_then(|to| words(to, "event_id"))
    }

    fn edit(&self, target: &str) -> Result<Told, &'static str> {
        let said = member(self.content, "m.new_content").ok_or("an edit without a new text")?;
        text(said, "body").ok_or("an edit without a new text")?;
        let mut filled = self.bare(MessageKind::Text, String::new());
        content::fill(&mut filled, said, self.place.tree);
        let revision = RevisionRecord {
            thread: Arc::clone(&self.place.thread),
            message: target.to_owned(),
            change: Change::Text(filled.text.clone()),
            at: Some(self.at),
            by: Some(self.sender.into()),
        };
        filled.native_id = Some(target.to_owned());
        // When it was edited the revision says, to a message by whoever edits it. A message that an
        // earlier export told may be somebody else's: it keeps its words.
        filled.edited = Some(None);
        Ok(Told::Change {
            revision: Box::new(revision),
            by: self.sender.to_owned(),
            whole: Box::new(filled),
        })
    }

    fn reaction(&self) -> Result<Told, &'static str> {
        let related = member(self.content, "m.relates_to").unwrap_or(&NONE);
        let (Some(message), Some(emoji)) = (words(related, "event_id"), words(related, "key"))
        else {
            return Err("a reaction to nothing, or with nothing");
        };
        let reaction = Reaction { emoji, by: self.sender.into(), at: Some(self.at) };
        Ok(Told::Reaction { event: self.id.to_owned(), message, reaction })
    }

    fn redaction(&self) -> Result<Told, &'static str> {
        let target = words(self.event, "redacts").or_else(|| words(self.content, "redacts"));
        let target = target.ok_or("a redaction of nothing")?;
        Ok(Told::Redaction { target, by: self.sender.to_owned(), at: self.at })
    }

    /// What the room itself tells, as one sentence.
    fn state(&self, kind: &str) -> Option<String> {
        let name = |id: &str| self.place.survey.called_here(id);
        // Nothing in an export says who is a bridge's bot.
        wording::sentence(kind, self.event, &Names { name: &name, service: &|_| false })
    }
}

/// Nobody with the room's keys has told what is in it.
fn is_locked(event: &Value) -> bool {
    text(event, "type") == Some("m.room.encrypted")
}

/// The text that an edit puts in a message's place.
fn new_content(edit: &Value) -> Option<&Value> {
    let said = member(member(edit, "content")?, "m.new_content")?;
    text(said, "body").map(|_| said)
}
