//! One message of Instagram's early `messages.json`, as its fields come.

use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime};
use serde::de::{Error, MapAccess};

use crate::model::{Attachment, AttachmentKind, MediaPlace, Reaction, Timestamp};
use crate::sources::json::lenient::{Objects, Scalar, Shape, Token};
use crate::sources::meta::instant;
use crate::sources::meta::message::{Names, text};
use crate::sources::meta::mojibake::repair;

/// Likes of one message.
const MANY: usize = 5000;

/// What a message says.
#[derive(Default)]
pub struct Line {
    /// Who wrote.
    pub sender: Option<Arc<str>>,
    /// When.
    pub at: Option<Timestamp>,
    /// The text.
    pub text: Option<String>,
    /// A heart, where that is all of it.
    pub heart: Option<String>,
    /// What became of a call, in words.
    pub call: Option<String>,
    /// What happened in a group, in words.
    pub action: Option<String>,
    /// The words of the first unknown field.
    pub other: Option<String>,
    /// What came with it.
    pub attachments: Vec<Attachment>,
    /// Who liked it.
    pub likes: Vec<Reaction>,
    /// Of a post that was passed on: its address, its words, whose it is.
    pub post: [Option<String>; 3],
    /// Of a profile: its name, its handle.
    pub profile: [Option<String>; 2],
    /// Of a place: name, address, town.
    pub location: [Option<String>; 3],
}

impl Line {
    /// What was passed on.
    pub fn share(&mut self) -> Vec<Attachment> {
        let mut out = Vec::new();
        let [url, caption, owner] = std::mem::take(&mut self.post);
        let (url, instead) = match url {
            Some(url) if is_web(&url) => (Some(url), None),
            // `Media share unavailable.`
            words => (None, words),
        };
        let name = caption.or(owner).or(instead);
        if let Some(url) = url {
            let place = MediaPlace::Web { url };
            out.push(Attachment { kind: AttachmentKind::Share, name, place });
        } else if let Some(name) = name {
            out.push(omitted(AttachmentKind::Share, name));
        }
        if let [Some(name), _] | [None, Some(name)] = std::mem::take(&mut self.profile) {
            out.push(omitted(AttachmentKind::Share, name));
        }
        let location: Vec<String> =
            std::mem::take(&mut self.location).into_iter().flatten().collect();
        if !location.is_empty() {
            out.push(omitted(AttachmentKind::Location, location.join(", ")));
        }
        out
    }
}

/// What has a name, and is not there.
pub fn omitted(kind: AttachmentKind, name: String) -> Attachment {
    Attachment { kind, name: Some(name), place: MediaPlace::Omitted }
}

/// An address on the web.
pub fn is_web(address: &str) -> bool {
    address.starts_with("https://") || address.starts_with("http://")
}

/// An address, or an object of sizes with one each: the first is kept.
#[derive(Default)]
pub struct Sizes {
    /// The address.
    pub told: Option<String>,
    inner: bool,
}

impl Shape for Sizes {
    type Key = bool;

    fn key(name: &str) -> bool {
        matches!(name, "url" | "uri" | "mp4" | "media")
    }

    fn value<'de, A: MapAccess<'de>>(&mut self, it: bool, map: &mut A) -> Result<(), A::Error> {
        if it {
            let told = text(map)?;
            self.told = self.told.take().or(told);
        } else if !self.inner {
            let mut size = Self { told: None, inner: true };
            map.next_value_seed(Objects(&mut size))?;
            let told = size.told.filter(|t| is_web(t));
            self.told = self.told.take().or(told);
        } else {
            map.next_value_seed(Scalar(|_: Token<'_>| ()))?;
        }
        Ok(())
    }

    fn scalar<E: Error>(&mut self, token: Token<'_>) -> Result<(), E> {
        if let Token::Str(told) = token
            && !told.is_empty()
        {
            self.told.get_or_insert_with(|| repair(told).into_owned());
        }
        Ok(())
    }
}

/// A time: as text, of UTC where it names no zone, or as a number.
pub fn moment(token: Token<'_>) -> Option<Timestamp> {
    match token {
        Token::Str(s) => {
            let s = s.trim();
            let zoned = DateTime::parse_from_rfc3339(s).map(|t| t.timestamp_millis());
            // All times are of UTC, whether they say so or not.
            let plain = || {
                let read = |form| NaiveDateTime::parse_from_str(s, form);
                let read = read("%Y-%m-%dT%H:%M:%S%.f").or_else(|_| read("%Y-%m-%d %H:%M:%S%.f"));
                read.map(|t| t.and_utc().timestamp_millis())
            };
            zoned.or_else(|_| plain()).ok().map(Timestamp)
        }
        Token::Int(n) => Some(instant::milliseconds(n).0),
        _ => None,
    }
}

/// Who liked a message, one after the other.
pub struct Likes<'a> {
    names: &'a mut Names,
    out: &'a mut Vec<Reaction>,
    by: Option<Arc<str>>,
    at: Option<Timestamp>,
}

impl<'a> Likes<'a> {
    /// Adds them to a list.
    pub fn new(names: &'a mut Names, out: &'a mut Vec<Reaction>) -> Self {
        Self { names, out, by: None, at: None }
    }
}

/// Fields of a like.
pub enum LikeField {
    /// `username`
    By,
    /// `date`
    Time,
    /// Anything else.
    Unknown,
}

impl Shape for Likes<'_> {
    type Key = LikeField;

    fn key(name: &str) -> LikeField {
        match name {
            "username" => LikeField::By,
            "date" => LikeField::Time,
            _ => LikeField::Unknown,
        }
    }

    fn begin(&mut self) {
        (self.by, self.at) = (None, None);
    }

    fn value<'de, A: MapAccess<'de>>(
        &mut self,
        key: LikeField,
        map: &mut A,
    ) -> Result<(), A::Error> {
        match key {
            LikeField::By => {
                let names = &mut *self.names;
                self.by = map.next_value_seed(Scalar(|t: Token<'_>| match t {
                    Token::Str(name) => Some(names.get(name)),
                    _ => None,
                }))?;
            }
            LikeField::Time => self.at = map.next_value_seed(Scalar(moment))?,
            LikeField::Unknown => map.next_value_seed(Scalar(|_: Token<'_>| ()))?,
        }
        Ok(())
    }

    fn end<E: Error>(&mut self) -> Result<(), E> {
        if let Some(by) = self.by.take() {
            self.out.push(Reaction { emoji: "❤".to_owned(), by, at: self.at });
        }
        Ok(())
    }

    fn full(&self) -> bool {
        self.out.len() >= MANY
    }
}
