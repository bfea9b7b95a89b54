//! Conversations as documents: plain text, Markdown and HTML, written message by message.
//!
//! Knows neither the store nor the disk: a [`Page`] is told a [`Head`], then any number of
//! messages, oldest first, and writes each at once. Memory does not grow with their number.

mod escape;
mod html;
mod index;
mod links;
mod markdown;
mod names;
mod plain;
mod words;

use std::io::{self, Write};

pub use index::{Listed, index};
pub use names::{Names, href, media_name, saved_name};
pub use words::years;

use crate::inbox::{Badge, MessageRow, ReasonRow};
use crate::model::{AttachmentKind, Timestamp};

/// What a document is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Markdown.
    Markdown,
    /// Plain text.
    Plain,
    /// A page for a browser.
    Html,
}

impl Style {
    /// The ending of its files.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Plain => "txt",
            Self::Html => "html",
        }
    }
}

/// Somebody in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their name.
    pub name: String,
    /// The account that they write from, where it is another app's: "Facebook account".
    pub account: Option<String>,
    /// It is me.
    pub mine: bool,
}

/// Why nobody can write there any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner {
    /// Which of several threads is meant.
    pub about: Option<String>,
    /// Why.
    pub reason: ReasonRow,
}

/// What stands above the messages, and what is known before the first.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// The title.
    pub title: String,
    /// The apps, in words: "Instagram, with a Facebook account".
    pub apps: Vec<String>,
    /// Who is in it.
    pub people: Vec<Person>,
    /// Closed doors.
    pub banners: Vec<Banner>,
    /// How many messages.
    pub messages: u64,
    /// The first one's time.
    pub first: Option<Timestamp>,
    /// The last one's.
    pub last: Option<Timestamp>,
    /// Drafts that were never sent.
    pub drafts: Vec<String>,
    /// When the document was written.
    pub written: Timestamp,
}

/// How a file is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// As a picture.
    Picture,
    /// As a moving picture.
    Video,
    /// As sound.
    Sound,
    /// As a link.
    File,
}

/// Where an attachment went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Media {
    /// A file that the document can point at: a relative or `file:` address, encoded.
    Here(String, Shown),
    /// An address in the web, as a stranger wrote it.
    Web(String),
    /// Not to be had: why, in words.
    Gone(String),
}

/// A message, with what its document needs beside its row.
#[derive(Clone, Debug)]
pub struct Told {
    /// Its row.
    pub row: MessageRow,
    /// The app it stands in, where a document merges several.
    pub app: Option<Badge>,
    /// Where its attachments went, one for each.
    pub media: Vec<Media>,
}

/// A document that is being written.
pub trait Page {
    /// Writes what stands above the messages.
    fn begin(&mut self, head: &Head) -> io::Result<()>;
    /// Writes a message; they come oldest first.
    fn message(&mut self, told: &Told) -> io::Result<()>;
    /// Writes what stands below them, and flushes.
    fn end(&mut self) -> io::Result<()>;
}

/// Begins a document.
pub fn page<'a>(style: Style, out: impl Write + 'a) -> Box<dyn Page + 'a> {
    match style {
        Style::Markdown => Box::new(markdown::Markdown::new(out)),
        Style::Plain => Box::new(plain::Plain::new(out)),
        Style::Html => Box::new(html::Html::new(out)),
    }
}

/// How a file of this name and kind is shown.
pub fn shown(kind: AttachmentKind, name: &str) -> Shown {
    let ending = names::ending(name);
    let ending = ending.as_str();
    match kind {
        _ if names::runs(ending) => Shown::File,
        _ if ["jpg", "jpeg", "png", "gif", "webp", "avif", "bmp"].contains(&ending) => {
            Shown::Picture
        }
        _ if ["mp4", "m4v", "mov", "webm"].contains(&ending) && kind != AttachmentKind::Voice => {
            Shown::Video
        }
        _ if ["ogg", "opus", "mp3", "m4a", "aac", "wav", "oga", "flac"].contains(&ending) => {
            Shown::Sound
        }
        AttachmentKind::Photo | AttachmentKind::Gif | AttachmentKind::Sticker
            if ending.is_empty() =>
        {
            Shown::Picture
        }
        AttachmentKind::Audio | AttachmentKind::Voice if names::is_sound(ending) => Shown::Sound,
        _ => Shown::File,
    }
}

#[cfg(test)]
mod tests;
