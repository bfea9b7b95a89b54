//! One event of a room's timeline as records: a pure function over its JSON.

use std::sync::Arc;

use onebox::model::{
    Change, Deletion, MessageKind, MessageRecord, Moment, Notify, Reaction, ReactionRecord,
    ReceiptRecord, Record, ReplyTo, RevisionRecord, Timestamp,
};
use onebox::sources::matrix::wording;
use serde_json::Value;

use super::bounds;
use super::content;
use super::notice;
use super::speaker::{self, Speaker};

/// Where an event stands.
pub struct Place<'a> {
    /// The thread's key.
    pub thread: Arc<str>,
    /// My Matrix id.
    pub me: &'a str,
    /// Whether somebody is a bot that keeps the room going, and no person.
    pub service: &'a (dyn Fn(&str) -> bool + Sync),
    /// Whether somebody may report what became of my messages.
    pub bot: &'a (dyn Fn(&str) -> bool + Sync),
    /// Whether somebody may speak for others: what belongs to a bridge.
    pub speaks: &'a (dyn Fn(&str) -> bool + Sync),
    /// The name of somebody.
    pub name: &'a (dyn Fn(&str) -> String + Sync),
    /// Whether the event calls me, by my rules on the server, where they are known.
    pub notify: Option<Notify>,
}

/// What an event tells.
#[derive(Debug, PartialEq)]
pub enum Telling {
    /// Something for onebox.
    Record(Box<Record>),
    /// A reaction, with the id that its end will name.
    Reaction {
        /// The reaction's own id.
        event: String,
        /// The record.
        record: Box<ReactionRecord>,
    },
    /// An event is taken back: a message or a reaction.
    Redaction {
        /// Which.
        target: String,
        /// By whom.
        by: String,
        /// When.
        at: Option<Timestamp>,
    },
    /// A bridge tells how a login stands.
    Login {
        /// The bridge's bot.
        bot: String,
        /// Its words.
        state: Value,
    },
    /// It could not be understood.
    Oddity(&'static str),
}

/// An event's time.
pub fn time(event: &Value) -> Option<Timestamp> {
    event["origin_server_ts"].as_i64().map(Timestamp)
}

/// What one event tells. `sealed`: it is encrypted, and the key is not here.
pub fn tell(event: &Value, sealed: bool, place: &Place<'_>, order: i64) -> Vec<Telling> {
    let (Some(id), Some(sender), Some(kind)) =
        (event["event_id"].as_str(), event["sender"].as_str(), event["type"].as_str())
    else {
        return vec![Telling::Oddity("an event without id, sender or type")];
    };
    let Some(at) = time(event) else {
        return vec![Telling::Oddity("an event without a time")];
    };
    let it = Event { event, id, sender, at, place, order };
    if event["content"]["com.beeper.exclude_from_timeline"] == true {
        return Vec::new();
    }
    if event.get("state_key").is_some() {
        return it.state(kind);
    }
    let taken = &event["unsigned"]["redacted_because"];
    match kind {
        "m.room.redaction" => it.redaction(),
        "m.reaction" if taken.is_null() => it.reaction(),
        "com.beeper.message_send_status" => it.status(),
        "m.room.message" | "m.sticker" | "m.room.encrypted" if !taken.is_null() => {
            vec![it.taken(taken)]
        }
        // An edit says of what it is one even while it is sealed: it is no message.
        "m.room.encrypted"
            if sealed && event["content"]["m.relates_to"]["rel_type"] == "m.replace" =>
        {
            Vec::new()
        }
        "m.room.encrypted" if sealed => vec![it.message(MessageKind::Sealed, String::new())],
        "m.room.message" => it.room_message(),
        "m.sticker" => it.attachment_only(),
        "m.poll.start" | "org.matrix.msc3381.poll.start" if taken.is_null() => it.poll(),
        "m.call.invite" | "org.matrix.msc4075.rtc.notification" | "m.rtc.notification" => {
            vec![it.message(content::call(event), String::new())]
        }
        _ => Vec::new(),
    }
}

/// An event with what every reading of it needs.
struct Event<'a> {
    event: &'a Value,
    id: &'a str,
    sender: &'a str,
    at: Timestamp,
    place: &'a Place<'a>,
    order: i64,
}

impl Event<'_> {
    fn content(&self) -> &Value {
        &self.event["content"]
    }

    fn record(record: Record) -> Telling {
        Telling::Record(Box::new(record))
    }

    /// A message with nothing to it but its text.
    fn bare(&self, kind: MessageKind, text: String) -> MessageRecord {
        let speaker = self.speaker();
        let people = kind != MessageKind::System
            && (speaker.is_some() || !(self.place.service)(self.sender));
        let sender = people.then(|| speaker.map_or_else(|| self.sender.into(), |s| s.key));
        let moment = Moment::exact(self.at);
        let mut message = MessageRecord::text(Arc::clone(&self.place.thread), sender, moment, text);
        message.native_id = Some(self.id.to_owned());
        message.order = self.order;
        message.kind = if people || kind != MessageKind::Text { kind } else { MessageKind::System };
        if self.sender == self.place.me {
            message.client_key =
                self.event["unsigned"]["transaction_id"].as_str().map(str::to_owned);
        } else if people {
            message.notify = self.place.notify;
        }
        message
    }

    /// For whom the sender speaks, if it may: anybody else would speak under another's name.
    fn speaker(&self) -> Option<Speaker> {
        let may = self.sender != self.place.me && (self.place.speaks)(self.sender);
        speaker::of(self.content(), self.sender).filter(|_| may)
    }

    /// The text without the name of somebody for whom the sender may speak.
    fn without_name(&self, text: &str, said: &Value) -> String {
        let may = (self.place.speaks)(self.sender);
        if may { speaker::without_name(text, said) } else { text }.to_owned()
    }

    fn message(&self, kind: MessageKind, text: String) -> Telling {
        Self::record(Record::Message(Box::new(self.bare(kind, text))))
    }

    fn revision(&self, message: &str, change: Change) -> Telling {
        Self::record(Record::Revision(Box::new(RevisionRecord {
            thread: Arc::clone(&self.place.thread),
            message: message.to_owned(),
            change,
            at: Some(self.at),
            by: None,
        })))
    }

    /// A message that was taken away before it was told.
    fn taken(&self, because: &Value) -> Telling {
        let mut message = self.bare(MessageKind::Text, String::new());
        let own = because["sender"].as_str().is_none_or(|by| by == self.sender);
        message.deletion = if own { Deletion::Unsent } else { Deletion::TakenDown };
        Self::record(Record::Message(Box::new(message)))
    }

    fn room_message(&self) -> Vec<Telling> {
        let said = self.content();
        if (self.place.bot)(self.sender) {
            if said["fi.mau.bridge_state"].is_object() {
                let state = said["fi.mau.bridge_state"].clone();
                let told = Telling::Login { bot: self.sender.to_owned(), state };
                return vec![told, self.message(MessageKind::Text, content::body(said))];
            }
            if let Some((message, state, why)) = notice::of_bot(said) {
                return vec![self.revision(message, Change::Sent(state, Some(why)))];
            }
        }
        let related = &said["m.relates_to"];
        if related["rel_type"] == "m.replace" {
            return self.edit(related, &said["m.new_content"]);
        }
        if !said["body"].is_string() {
            return vec![Telling::Oddity("a message whose body is no text")];
        }
        let mut message = self.bare(MessageKind::Text, String::new());
        let newest = &self.event["unsigned"]["m.relations"]["m.replace"];
        let edited = newest["content"]["m.new_content"]["body"].is_string();
        content::fill(
            &mut message,
            if edited { &newest["content"]["m.new_content"] } else { said },
        );
        if edited {
            message.edited = Some(time(newest));
        }
        // In a chain of answers, what stands there for older programs is no answer to that one.
        let chain = related["rel_type"] == "m.thread" && related["is_falling_back"] == true;
        let to = if chain { &related["event_id"] } else { &related["m.in_reply_to"]["event_id"] };
        if let Some(to) = to.as_str() {
            message.text = wording::answer(&message.text);
            message.reply_to = Some(ReplyTo { native_id: Some(to.to_owned()), quote: None });
        }
        message.text = self.without_name(&message.text, said);
        vec![Self::record(Record::Message(Box::new(message)))]
    }

    fn attachment_only(&self) -> Vec<Telling> {
        let mut message = self.bare(MessageKind::Text, String::new());
        let Some(sticker) = content::sticker(self.content()) else {
            return vec![Telling::Oddity("a sticker without a picture")];
        };
        message.attachments.push(sticker);
        vec![Self::record(Record::Message(Box::new(message)))]
    }

    fn edit(&self, related: &Value, new: &Value) -> Vec<Telling> {
        let Some(target) = related["event_id"].as_str() else {
            return vec![Telling::Oddity("an edit of nothing")];
        };
        if !new["body"].is_string() {
            return vec![Telling::Oddity("an edit without a new text")];
        }
        let mut filled = self.bare(MessageKind::Text, String::new());
        content::fill(&mut filled, new);
        let text = self.without_name(&filled.text, new);
        // Servers pass on what anybody says of anybody's message. A bridge's bot speaks for many.
        let speaks = (self.place.speaks)(self.sender) || (self.place.service)(self.sender);
        vec![Self::record(Record::Revision(Box::new(RevisionRecord {
            thread: Arc::clone(&self.place.thread),
            message: target.to_owned(),
            change: Change::Text(text),
            at: Some(self.at),
            by: (!speaks).then(|| self.sender.into()),
        })))]
    }

    fn redaction(&self) -> Vec<Telling> {
        let target = self.event["redacts"].as_str().or_else(|| self.content()["redacts"].as_str());
        let Some(target) = target else {
            return vec![Telling::Oddity("a redaction of nothing")];
        };
        let (target, by) = (target.to_owned(), self.sender.to_owned());
        vec![Telling::Redaction { target, by, at: Some(self.at) }]
    }

    fn reaction(&self) -> Vec<Telling> {
        let related = &self.content()["m.relates_to"];
        let (Some(target), Some(emoji)) = (related["event_id"].as_str(), related["key"].as_str())
        else {
            return vec![Telling::Oddity("a reaction to nothing, or with nothing")];
        };
        if emoji.len() > bounds::REACTION {
            return vec![Telling::Oddity("a reaction that never ends")];
        }
        let record = ReactionRecord {
            thread: Arc::clone(&self.place.thread),
            message: target.to_owned(),
            reaction: Reaction {
                emoji: emoji.to_owned(),
                by: self.sender.into(),
                at: Some(self.at),
            },
            removed: false,
        };
        vec![Telling::Reaction { event: self.id.to_owned(), record: Box::new(record) }]
    }

    /// What the bridge says of a message of mine. Nobody else may.
    fn status(&self) -> Vec<Telling> {
        if !(self.place.bot)(self.sender) {
            return vec![Telling::Oddity("a send status from somebody who is no bridge")];
        }
        match notice::of_status(self.content()) {
            Ok(Some((message, state, why))) => {
                vec![self.revision(message, Change::Sent(state, why))]
            }
            Ok(None) => Vec::new(),
            Err(why) => vec![Telling::Oddity(why)],
        }
    }

    fn poll(&self) -> Vec<Telling> {
        wording::poll(self.content(), &|_| None).map_or_else(
            || vec![Telling::Oddity("a poll without a question")],
            |text| vec![self.message(MessageKind::Poll, text)],
        )
    }

    fn state(&self, kind: &str) -> Vec<Telling> {
        let names = wording::Names { name: &self.place.name, service: &self.place.service };
        match wording::sentence(kind, self.event, &names) {
            Some(told) => {
                vec![self.message(MessageKind::System, bounds::cut(&told, bounds::SENTENCE))]
            }
            None => Vec::new(),
        }
    }
}

/// Who has read how far. A receipt that is not well formed is passed over.
pub fn receipts(content: &Value, thread: &str) -> Vec<ReceiptRecord> {
    let mut receipts = Vec::new();
    for (message, kinds) in content.as_object().into_iter().flatten() {
        for kind in ["m.read", "m.read.private"] {
            for (by, receipt) in kinds[kind].as_object().into_iter().flatten() {
                receipts.push(ReceiptRecord {
                    thread: thread.into(),
                    by: by.as_str().into(),
                    message: message.clone(),
                    at: receipt["ts"].as_i64().map(Timestamp),
                });
            }
        }
    }
    receipts
}
