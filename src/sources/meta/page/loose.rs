//! Pages without any known class, read by their order: a line that is a date ends a message, whose
//! first line is who wrote.
//!
//! Before the first known class of a page nobody knows yet whether there will be one, and a page's
//! head has a line with a date, too. So the first few messages wait until it is known.

use super::body::{Content, is_neither};
use super::parse::{Boxed, SHORT, Seen, words};
use super::{people, stamp};
use crate::sources::DateOrder;

const LEAVES: usize = 64;
/// Messages that wait: no head has more lines with a date.
const HELD: usize = 4;

/// Parts of a page around the messages: a thread's picture and name, who asked for the download.
pub fn is_head(class: &str) -> bool {
    matches!(class, "_a709" | "_3b0b" | "_a70d" | "_aoaa" | "_a707" | "_4t5o")
}

/// What was read so.
#[derive(Debug, Default)]
pub struct Loose {
    /// Inside the body.
    pub in_body: bool,
    /// A head lies so deep, and is no part of any message.
    head: Option<usize>,
    leaf: Vec<u8>,
    leaves: Vec<String>,
    media: Vec<String>,
    held: Vec<Seen>,
    /// More than wait were told: it is such a page.
    sure: bool,
}

impl Loose {
    /// A head begins.
    pub fn enter(&mut self, level: usize) {
        self.head.get_or_insert(level);
    }

    /// What lay at a level is left.
    pub fn leave(&mut self, level: usize) {
        if self.head.is_some_and(|head| head >= level) {
            self.head = None;
        }
    }

    fn is_open(&self) -> bool {
        self.in_body && self.head.is_none()
    }

    /// Some text.
    pub fn text(&mut self, bytes: &[u8]) {
        if self.is_open() {
            let room = (SHORT << 4).saturating_sub(self.leaf.len());
            self.leaf.extend(bytes.iter().take(room));
        }
    }

    /// A line ends.
    pub fn newline(&mut self) {
        if self.leaf.len() < SHORT << 4 {
            self.leaf.push(b'\n');
        }
    }

    /// A picture, a film or a sound.
    pub fn media(&mut self, src: &str) {
        if self.is_open() && !is_neither(src) && self.media.len() < LEAVES {
            self.media.push(src.to_owned());
        }
    }

    /// Forgets the text since the last tag, which was somebody else's.
    pub fn skip(&mut self) {
        self.leaf.clear();
    }

    /// A piece of text has ended. What it told that need not wait.
    pub fn end_leaf(&mut self) -> Vec<Seen> {
        if self.leaf.is_empty() {
            return Vec::new();
        }
        let leaf = words(&std::mem::take(&mut self.leaf));
        if leaf.is_empty() {
            return Vec::new();
        }
        if stamp::read(&leaf, DateOrder::Dmy).is_some() {
            let mut leaves = std::mem::take(&mut self.leaves).into_iter();
            let Some(sender) = leaves.next() else { return Vec::new() };
            let text = leaves.collect::<Vec<_>>().join("\n");
            let mut content = Content { text, ..Content::default() };
            content.media =
                std::mem::take(&mut self.media).into_iter().map(|m| (None, m)).collect();
            self.held.push(Seen::Message(Box::new(Boxed { sender, date: leaf, content })));
            self.sure |= self.held.len() > HELD;
            return if self.sure { self.told() } else { Vec::new() };
        }
        if self.leaves.is_empty() && people::listed(&leaf).is_some() {
            return vec![Seen::Header(leaf)];
        }
        if self.leaves.len() < LEAVES {
            self.leaves.push(leaf);
        }
        Vec::new()
    }

    /// The page has ended, and no known class was in it.
    pub fn told(&mut self) -> Vec<Seen> {
        std::mem::take(&mut self.held)
    }

    /// A known class was met: what seemed to be messages was the head of the page.
    pub fn forget(&mut self) {
        self.held = Vec::new();
    }
}
