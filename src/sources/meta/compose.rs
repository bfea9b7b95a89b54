//! Turns a message's raw fields into a record: what it is, what came with it, what is hidden.

use std::borrow::Cow;
use std::sync::Arc;

use super::beyond::Beyond;
use super::events;
use super::instant::milliseconds;
use super::media::MediaFinder;
use super::message::{Raw, Share, Type};
use super::nicknames::Nicknames;
use super::sent;
use super::wording::{self, Line};
use crate::model::{
    Attachment, AttachmentKind, Call, Deletion, MediaPlace, MessageKind, MessageRecord, Moment,
    VAGUE_MESSAGE,
};

/// What became of a message.
pub enum Composed {
    /// A record, and what was strange about it.
    Message(Box<MessageRecord>, Option<Cow<'static, str>>),
    /// It repeats what a reaction tells.
    Echo,
    /// Nothing in it is known; why.
    Unreadable(&'static str),
}

/// Whether the text is the notice that ends a cross-app chat.
pub fn is_closing_notice(message: &MessageRecord) -> bool {
    message.kind == MessageKind::System && wording::closes_cross_app(&message.text)
}

/// Composes the record; `encrypted`: of an encrypted export; `called`: what its people are called.
pub fn compose(
    mut raw: Raw,
    thread: &Arc<str>,
    order: i64,
    encrypted: bool,
    (media, called): (&MediaFinder<'_>, &Nicknames),
) -> Composed {
    if raw.known == 0 {
        return Composed::Unreadable(raw.wrong.unwrap_or("no field of it is known"));
    }
    let (at, mut odd) = raw.time.map_or((Default::default(), None), milliseconds);
    if raw.time.is_none() {
        odd = Some("it has no time; it stands beside its neighbour");
    }
    let text = match raw.text.take() {
        Some(text) if !text.is_empty() => text,
        _ => raw.bumped.take().unwrap_or_default(),
    };
    let mut attachments = attachments(&raw, &text, media);
    let sender = raw.sender.as_deref().unwrap_or("");
    if !encrypted && attachments.is_empty() && wording::echoes_reaction(sender, &text, called) {
        return Composed::Echo;
    }
    let mut kind = kind(&raw, &text, attachments.is_empty(), called);
    let deletion = deletion(&raw, &text);
    let bare = text.is_empty() && attachments.is_empty() && kind == MessageKind::Text;
    let beyond = raw.beyond.take().filter(|_| bare && deletion == Deletion::None);
    let mut unknown = None;
    let mut formerly = None;
    if bare && beyond.is_none() && deletion == Deletion::None && raw.wrong.is_none() {
        attachments.push(left_out(raw.kind));
        formerly = Some(String::new());
    }
    let text = match beyond {
        Some(beyond) => instead(beyond, &mut kind, &mut unknown),
        None if deletion == Deletion::None && says_sent(&text, &attachments) => {
            formerly = Some(text);
            String::new()
        }
        None => text,
    };
    let mut message = MessageRecord::text(Arc::clone(thread), raw.sender, Moment::exact(at), text);
    message.order = order;
    message.kind = if deletion == Deletion::None { kind } else { MessageKind::Text };
    message.deletion = deletion;
    message.attachments = attachments;
    message.reactions = raw.reactions;
    message.formerly = formerly;
    let wrong = raw.wrong.map(|what| match what {
        "the sender" => "its sender is no text",
        "the time" => "its time is no number; it stands beside its neighbour",
        "the text" => "its text is no text",
        other => other,
    });
    let strange = wrong.map(Cow::Borrowed).or(unknown).or(odd.map(Cow::Borrowed));
    Composed::Message(Box::new(message), strange)
}

/// What stands in the place of words, where there are none.
fn instead(
    beyond: Beyond,
    kind: &mut MessageKind,
    unknown: &mut Option<Cow<'static, str>>,
) -> String {
    match beyond {
        Beyond::Poll(text) => {
            *kind = MessageKind::Poll;
            text
        }
        Beyond::Payment(text) => text,
        Beyond::Unknown(field, words) => {
            *unknown = Some(Cow::Owned(format!("onebox does not know what “{field}” is")));
            *kind = MessageKind::System;
            match words.is_empty() {
                true => VAGUE_MESSAGE.to_owned(),
                false => format!("{VAGUE_MESSAGE}: {words}"),
            }
        }
    }
}

fn deletion(raw: &Raw, text: &str) -> Deletion {
    if raw.taken_down {
        Deletion::TakenDown
    } else if raw.unsent || (raw.kind == Type::Placeholder && text.contains("unsent")) {
        Deletion::Unsent
    } else {
        Deletion::None
    }
}

fn kind(raw: &Raw, text: &str, bare: bool, called: &Nicknames) -> MessageKind {
    let told = matches!(raw.kind, Type::Call | Type::Membership);
    let sure = told || raw.share.is_some() || raw.call_seconds.is_some() || raw.users;
    let line = wording::line(raw.sender.as_deref().unwrap_or(""), text, called, sure);
    if raw.kind == Type::Call || raw.call_seconds.is_some() {
        return MessageKind::Call(call(raw, line, text));
    }
    if raw.kind == Type::Membership || raw.users {
        return MessageKind::System;
    }
    match line {
        Some(Line::Call { video, missed }) if bare => {
            MessageKind::Call(Call { video, seconds: None, missed: missed || raw.missed })
        }
        Some(Line::Event) if bare => MessageKind::System,
        _ if raw.kind == Type::Placeholder => MessageKind::System,
        _ if bare && raw.reactions.is_empty() && wording::closes_cross_app(text) => {
            MessageKind::System
        }
        _ => MessageKind::Text,
    }
}

fn call(raw: &Raw, line: Option<Line>, text: &str) -> Call {
    let (video, missed) = match line {
        Some(Line::Call { video, missed }) => (video, missed),
        _ => (None, false),
    };
    let seconds = raw.call_seconds.and_then(|s| u32::try_from(s).ok());
    let unanswered = seconds.is_none_or(|s| s == 0) && events::says_missed(text);
    Call { video, seconds, missed: raw.missed || missed || unanswered }
}

/// Of a message with nothing in it: what the export left out.
fn left_out(kind: Type) -> Attachment {
    let kind = match kind {
        Type::Share => AttachmentKind::Share,
        _ => AttachmentKind::File,
    };
    Attachment { kind, name: None, place: MediaPlace::Omitted }
}

/// Whether the words are the app's, and say no more than what stands beside them.
fn says_sent(text: &str, attachments: &[Attachment]) -> bool {
    let place = |a: &Attachment| a.kind == AttachmentKind::Location;
    !attachments.is_empty()
        && (sent::is_attachment(text) || (attachments.iter().any(place) && sent::is_place(text)))
}

fn attachments(raw: &Raw, text: &str, media: &MediaFinder<'_>) -> Vec<Attachment> {
    let shared = raw.share.as_ref().map(|s| share(s, text));
    raw.media.iter().map(|(kind, uri)| media.attachment(*kind, uri)).chain(shared).collect()
}

fn share(share: &Share, text: &str) -> Attachment {
    let web =
        share.link.as_deref().filter(|l| l.starts_with("http://") || l.starts_with("https://"));
    let mut name = share.text.clone().filter(|words| !sent::is_place(words));
    // Who posted it, where the words do not say so.
    for who in [&share.profile, &share.owner].into_iter().flatten() {
        name = match name {
            Some(told) if told.contains(who.as_str()) => Some(told),
            Some(told) => Some(format!("{told} · {who}")),
            None => Some(who.clone()),
        };
    }
    let place = is_place(share, text);
    let kind = match web {
        Some(link) if is_giphy(link) => AttachmentKind::Gif,
        _ if place => AttachmentKind::Location,
        _ => AttachmentKind::Share,
    };
    if place {
        name = name.or_else(|| where_it_is(web?));
    }
    let place = web.map_or(MediaPlace::Omitted, |url| MediaPlace::Web { url: url.to_owned() });
    // An address of another scheme is told, never opened.
    let name = name.or_else(|| share.link.clone().filter(|_| web.is_none()));
    Attachment { kind, name, place }
}

/// Whether the words say that it is a place on the map: the app's own, or what is shared.
fn is_place(share: &Share, text: &str) -> bool {
    if share.owner.is_some() || share.profile.is_some() {
        return false;
    }
    let live =
        |words: &str| sent::is_place(words) || words.trim().eq_ignore_ascii_case("live location");
    let alone = share.link.is_none();
    sent::is_place(text) || (alone && (share.place || share.text.as_deref().is_some_and(live)))
}

/// `42.5,23.25`, out of the address of a map.
fn where_it_is(link: &str) -> Option<String> {
    let (_, rest) = link.split_once("where1=")?;
    let place = rest.split('&').next()?.replace('+', " ");
    let place = percent_encoding::percent_decode_str(&place).decode_utf8().ok()?;
    let place = place.trim();
    (!place.is_empty()).then(|| place.to_owned())
}

fn is_giphy(link: &str) -> bool {
    let host = link.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or("");
    host == "giphy.com" || host.ends_with(".giphy.com") || host == "gph.is"
}
