//! One message of a thread file, as its fields come: in any order, some missing, some absurd.

use std::collections::HashMap;
use std::sync::Arc;

use serde::de::MapAccess;

use super::beyond::{self, Beyond};
use super::mojibake::repair;
use crate::model::{AttachmentKind, Reaction, Timestamp};
use crate::sources::json::lenient::{Objects, Scalar, Shape, Token};

/// A list of one message is cut here; no real one comes near.
const MANY: usize = 10_000;
/// Reactions among which one is looked for that is told twice.
const LISTED: usize = 1000;
/// Names remembered per thread, so that a name is stored once and not once a message.
const NAMES: usize = 100_000;

/// Names by their mangled form.
#[derive(Default)]
pub struct Names(HashMap<Box<str>, Arc<str>>);

impl Names {
    /// The repaired name; the same one for the same letters.
    pub fn get(&mut self, mangled: &str) -> Arc<str> {
        if let Some(name) = self.0.get(mangled) {
            return Arc::clone(name);
        }
        let name: Arc<str> = repair(mangled).into();
        if self.0.len() < NAMES {
            self.0.insert(mangled.into(), Arc::clone(&name));
        }
        name
    }

    /// A name that was never mangled, as pages tell it.
    pub fn plain(&mut self, name: &str) -> Arc<str> {
        if let Some(name) = self.0.get(name) {
            return Arc::clone(name);
        }
        let told: Arc<str> = name.into();
        if self.0.len() < NAMES {
            self.0.insert(name.into(), Arc::clone(&told));
        }
        told
    }
}

/// The message type, where a file still tells it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Type {
    /// None given, or one that says nothing.
    #[default]
    Plain,
    /// A call.
    Call,
    /// Somebody was added, or left.
    Membership,
    /// Something was passed on.
    Share,
    /// Of an encrypted export: the place of a message that is not there.
    Placeholder,
}

/// What was passed on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// The address.
    pub link: Option<String>,
    /// Its text, or the words of a live location.
    pub text: Option<String>,
    /// Who posted it first.
    pub owner: Option<String>,
    /// A profile that was shared.
    pub profile: Option<String>,
    /// It can be nothing but a place.
    pub place: bool,
}

/// A message's fields.
#[derive(Default)]
pub struct Raw {
    /// Who wrote.
    pub sender: Option<Arc<str>>,
    /// The number given as its time, unit unknown.
    pub time: Option<i64>,
    /// The text.
    pub text: Option<String>,
    /// The type.
    pub kind: Type,
    /// Media in the order of the file: what list, and its address. `None`: told by its ending.
    pub media: Vec<(Option<AttachmentKind>, String)>,
    /// What was passed on.
    pub share: Option<Share>,
    /// Reactions.
    pub reactions: Vec<Reaction>,
    /// Seconds of a call.
    pub call_seconds: Option<i64>,
    /// Nobody answered.
    pub missed: bool,
    /// It names people who were added or removed.
    pub users: bool,
    /// Taken back.
    pub unsent: bool,
    /// Taken down.
    pub taken_down: bool,
    /// The text of a message brought up again.
    pub bumped: Option<String>,
    /// What stands beside the known fields.
    pub beyond: Option<Beyond>,
    /// The first field that held something else than it should.
    pub wrong: Option<&'static str>,
    /// How many fields were known.
    pub known: u32,
}

/// Fields of a message and of what is in it.
pub enum Field {
    Sender,
    Time,
    Text,
    Type,
    Media(Option<AttachmentKind>),
    Share,
    Reactions,
    CallSeconds,
    Missed,
    Users,
    Unsent,
    TakenDown,
    Bumped,
    Poll,
    Payment,
    /// Known to say nothing to people.
    Mark,
    /// By its name.
    Unknown(Box<str>),
}

/// The field of a name, in a Facebook or Instagram download or in an encrypted one.
pub fn field(name: &str) -> Field {
    match name {
        "sender_name" | "senderName" => Field::Sender,
        "timestamp_ms" | "timestamp" => Field::Time,
        "content" | "text" => Field::Text,
        "type" => Field::Type,
        "reactions" => Field::Reactions,
        "photos" => Field::Media(Some(AttachmentKind::Photo)),
        "share" => Field::Share,
        "videos" => Field::Media(Some(AttachmentKind::Video)),
        "audio_files" => Field::Media(Some(AttachmentKind::Audio)),
        "files" => Field::Media(Some(AttachmentKind::File)),
        "gifs" => Field::Media(Some(AttachmentKind::Gif)),
        "sticker" => Field::Media(Some(AttachmentKind::Sticker)),
        "media" => Field::Media(None),
        "call_duration" => Field::CallSeconds,
        "missed" => Field::Missed,
        "users" => Field::Users,
        "is_unsent" | "isUnsent" => Field::Unsent,
        "is_taken_down" => Field::TakenDown,
        "bumped_message_metadata" => Field::Bumped,
        "poll" => Field::Poll,
        "payment_info" => Field::Payment,
        "is_geoblocked_for_viewer"
        | "is_unsent_image_by_messenger_kid_parent"
        | "magic_words"
        | "ip"
        | "id"
        | "sender_id_INTERNAL"
        | "reply_to"
        | "thread_path" => Field::Mark,
        unknown => Field::Unknown(beyond::name(unknown)),
    }
}

impl Raw {
    /// Takes a field's value off the map.
    pub fn take<'de, A: MapAccess<'de>>(
        &mut self,
        field: Field,
        names: &mut Names,
        map: &mut A,
    ) -> Result<(), A::Error> {
        self.known += u32::from(!matches!(field, Field::Mark | Field::Unknown(_)));
        match field {
            Field::Sender => {
                let sender = map.next_value_seed(Scalar(|t: Token<'_>| match t {
                    Token::Str(s) => Ok(Some(names.get(s))),
                    Token::Null => Ok(None),
                    _ => Err(()),
                }))?;
                self.sender = self.right(sender, "the sender").flatten();
            }
            Field::Time => {
                let time = map.next_value_seed(Scalar(|t: Token<'_>| t.int().ok_or(())))?;
                self.time = self.right(time, "the time").or(self.time);
            }
            Field::Text => self.text = self.words(map, "the text")?.or(self.text.take()),
            Field::Type => self.kind = map.next_value_seed(Scalar(kind))?,
            Field::CallSeconds => {
                self.call_seconds = map.next_value_seed(Scalar(|t: Token<'_>| t.int()))?;
            }
            Field::Missed => self.missed = flag(map)?,
            Field::Unsent => self.unsent = flag(map)?,
            Field::TakenDown => self.taken_down = flag(map)?,
            _ => return self.take_list(field, names, map),
        }
        Ok(())
    }

    /// Takes a field that is a list or an object.
    fn take_list<'de, A: MapAccess<'de>>(
        &mut self,
        field: Field,
        names: &mut Names,
        map: &mut A,
    ) -> Result<(), A::Error> {
        match field {
            Field::Media(kind) => {
                let mut media = Media { kind, out: &mut self.media, wrong: false };
                map.next_value_seed(Objects(&mut media))?;
                if media.wrong {
                    self.wrong = Some("an attachment");
                }
            }
            Field::Share => {
                let mut share = Share::default();
                map.next_value_seed(Objects(&mut share))?;
                self.share = (share != Share::default()).then_some(share);
            }
            Field::Reactions => {
                let mut reading = Reactions {
                    out: &mut self.reactions,
                    names,
                    emoji: String::new(),
                    by: None,
                    at: None,
                };
                map.next_value_seed(Objects(&mut reading))?;
            }
            Field::Users => {
                let mut users = Users(false);
                map.next_value_seed(Objects(&mut users))?;
                self.users = users.0;
            }
            Field::Bumped => {
                let mut bumped = Bumped(None);
                map.next_value_seed(Objects(&mut bumped))?;
                self.bumped = bumped.0;
            }
            Field::Poll => self.beyond = beyond::poll(map)?.or(self.beyond.take()),
            Field::Payment => self.beyond = beyond::payment(map)?.or(self.beyond.take()),
            // Beside other words nobody misses these.
            Field::Unknown(name) if self.is_bare() => self.beyond = beyond::unknown(name, map)?,
            _ => map.next_value_seed(Scalar(|_: Token<'_>| ()))?,
        }
        Ok(())
    }

    fn is_bare(&self) -> bool {
        self.text.is_none()
            && self.media.is_empty()
            && self.share.is_none()
            && self.beyond.is_none()
    }

    fn words<'de, A: MapAccess<'de>>(
        &mut self,
        map: &mut A,
        what: &'static str,
    ) -> Result<Option<String>, A::Error> {
        let text = map.next_value_seed(Scalar(|t: Token<'_>| match t {
            Token::Str(s) => Ok(Some(repair(s).into_owned())),
            Token::Null => Ok(None),
            Token::Int(n) => Ok(Some(n.to_string())),
            _ => Err(()),
        }))?;
        Ok(self.right(text, what).flatten())
    }

    fn right<T>(&mut self, value: Result<T, ()>, what: &'static str) -> Option<T> {
        if value.is_err() {
            self.wrong = Some(what);
        }
        value.ok()
    }
}

fn flag<'de, A: MapAccess<'de>>(map: &mut A) -> Result<bool, A::Error> {
    map.next_value_seed(Scalar(|t: Token<'_>| t.flag().unwrap_or(false)))
}

fn kind(token: Token<'_>) -> Type {
    match token {
        Token::Str("Call") => Type::Call,
        Token::Str("Subscribe" | "Unsubscribe") => Type::Membership,
        Token::Str("Share" | "link") => Type::Share,
        Token::Str("placeholder") => Type::Placeholder,
        _ => Type::Plain,
    }
}

/// A repaired text, or nothing.
pub fn text<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Option<String>, A::Error> {
    map.next_value_seed(Scalar(|t: Token<'_>| match t {
        Token::Str(s) if !s.is_empty() => Some(repair(s).into_owned()),
        _ => None,
    }))
}

struct Media<'a> {
    kind: Option<AttachmentKind>,
    out: &'a mut Vec<(Option<AttachmentKind>, String)>,
    wrong: bool,
}

impl Shape for Media<'_> {
    type Key = bool;

    fn key(name: &str) -> bool {
        name == "uri"
    }

    fn value<'de, A: MapAccess<'de>>(&mut self, uri: bool, map: &mut A) -> Result<(), A::Error> {
        if !uri {
            return map.next_value_seed(Scalar(|_: Token<'_>| ()));
        }
        match text(map)? {
            Some(uri) => self.out.push((self.kind, uri)),
            None => self.wrong = true,
        }
        Ok(())
    }

    fn scalar<E: serde::de::Error>(&mut self, token: Token<'_>) -> Result<(), E> {
        match token {
            Token::Str(uri) => self.out.push((self.kind, repair(uri).into_owned())),
            Token::Null => {}
            _ => self.wrong = true,
        }
        Ok(())
    }

    fn full(&self) -> bool {
        self.out.len() >= MANY
    }
}

/// Fields of a share.
pub enum ShareField {
    /// `link`
    Link,
    /// `share_text`
    Text,
    /// `original_content_owner`
    Owner,
    /// `profile_share_name` or `profile_share_username`
    Profile,
    /// Anything else.
    Unknown,
}

impl Shape for Share {
    type Key = ShareField;

    fn key(name: &str) -> ShareField {
        match name {
            "link" => ShareField::Link,
            "share_text" => ShareField::Text,
            "original_content_owner" => ShareField::Owner,
            "profile_share_name" | "profile_share_username" => ShareField::Profile,
            _ => ShareField::Unknown,
        }
    }

    fn value<'de, A: MapAccess<'de>>(
        &mut self,
        key: ShareField,
        map: &mut A,
    ) -> Result<(), A::Error> {
        let into = match key {
            ShareField::Link => &mut self.link,
            ShareField::Text => &mut self.text,
            ShareField::Owner => &mut self.owner,
            ShareField::Profile => &mut self.profile,
            ShareField::Unknown => return map.next_value_seed(Scalar(|_: Token<'_>| ())),
        };
        if let Some(told) = text(map)? {
            into.get_or_insert(told);
        }
        Ok(())
    }
}

struct Reactions<'a> {
    out: &'a mut Vec<Reaction>,
    names: &'a mut Names,
    emoji: String,
    by: Option<Arc<str>>,
    at: Option<Timestamp>,
}

enum ReactionField {
    Emoji,
    Actor,
    Time,
    Unknown,
}

impl Shape for Reactions<'_> {
    type Key = ReactionField;

    fn key(name: &str) -> ReactionField {
        match name {
            "reaction" => ReactionField::Emoji,
            "actor" => ReactionField::Actor,
            "timestamp" | "timestamp_ms" => ReactionField::Time,
            _ => ReactionField::Unknown,
        }
    }

    fn begin(&mut self) {
        self.emoji.clear();
        self.by = None;
        self.at = None;
    }

    fn value<'de, A: MapAccess<'de>>(
        &mut self,
        key: ReactionField,
        map: &mut A,
    ) -> Result<(), A::Error> {
        match key {
            ReactionField::Emoji => self.emoji = text(map)?.unwrap_or_default(),
            ReactionField::Actor => {
                let names = &mut *self.names;
                self.by = map.next_value_seed(Scalar(|t: Token<'_>| match t {
                    Token::Str(s) => Some(names.get(s)),
                    _ => None,
                }))?;
            }
            ReactionField::Time => {
                let time = map.next_value_seed(Scalar(|t: Token<'_>| t.int()))?;
                self.at = time.filter(|t| *t != 0).map(|t| super::instant::milliseconds(t).0);
            }
            ReactionField::Unknown => map.next_value_seed(Scalar(|_: Token<'_>| ()))?,
        }
        Ok(())
    }

    fn end<E: serde::de::Error>(&mut self) -> Result<(), E> {
        if let (Some(by), false) = (self.by.take(), self.emoji.is_empty()) {
            let emoji = std::mem::take(&mut self.emoji);
            // Some files list them twice. Among very many it is not looked for.
            let twice = self.out.iter_mut().take(LISTED).find(|r| r.by == by && r.emoji == emoji);
            match twice {
                Some(known) => known.at = known.at.or(self.at),
                None => self.out.push(Reaction { emoji, by, at: self.at }),
            }
        }
        Ok(())
    }

    fn full(&self) -> bool {
        self.out.len() >= MANY
    }
}

struct Users(bool);

impl Shape for Users {
    type Key = ();

    fn key(_: &str) {}

    fn value<'de, A: MapAccess<'de>>(&mut self, (): (), map: &mut A) -> Result<(), A::Error> {
        self.0 = true;
        map.next_value_seed(Scalar(|_: Token<'_>| ()))
    }
}

struct Bumped(Option<String>);

impl Shape for Bumped {
    type Key = bool;

    fn key(name: &str) -> bool {
        name == "bumped_message"
    }

    fn value<'de, A: MapAccess<'de>>(&mut self, it: bool, map: &mut A) -> Result<(), A::Error> {
        if it {
            self.0 = text(map)?;
            return Ok(());
        }
        map.next_value_seed(Scalar(|_: Token<'_>| ()))
    }
}
