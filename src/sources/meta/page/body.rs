//! What stands in one message's box: its text, what came with it, and reactions.
//!
//! The body wraps one block that holds a row of blocks: an empty one, the text, then what was
//! shared, media and reactions. Where a page has another order, the first words are the text.

use crate::model::AttachmentKind;

use super::super::message::Share;

/// A message's text and all that stands around it are cut here.
const ROOM: usize = 1 << 20;
const PARTS: usize = 200;
const LEAVES: usize = 100;
const MEDIA: usize = 1000;
const REACTIONS: usize = 2000;

/// A body being read.
#[derive(Debug, Default)]
pub struct Body {
    /// How deep the body itself lies.
    level: usize,
    one: u32,
    two: u32,
    /// The most blocks in the first wrapper.
    row: u32,
    parts: Vec<Part>,
    media: Vec<(Option<AttachmentKind>, String)>,
    list: Option<usize>,
    items: Vec<Vec<u8>>,
    /// Below here stand labels.
    mute: Option<usize>,
    /// The next text begins a line.
    fresh: bool,
    broke: bool,
    room: usize,
    cut: bool,
}

#[derive(Debug, Default)]
struct Part {
    at: (u32, u32),
    leaves: Vec<Vec<u8>>,
    link: Option<String>,
}

/// What a body told.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// The text.
    pub text: String,
    /// Media: from what list of the JSON it would be, and its address.
    pub media: Vec<(Option<AttachmentKind>, String)>,
    /// What was passed on.
    pub share: Option<Share>,
    /// Words that stand behind those of what was passed on.
    pub more: Vec<String>,
    /// Reactions as they stand: the emoji, the name, sometimes a date.
    pub reactions: Vec<String>,
    /// There was more text than is kept.
    pub cut: bool,
}

fn is_block(tag: &str) -> bool {
    matches!(tag, "div" | "p" | "ul" | "ol" | "li" | "section" | "article" | "table" | "tr" | "td")
}

fn is_web(address: &str) -> bool {
    let lower = address.get(..8).unwrap_or(address).to_ascii_lowercase();
    lower.starts_with("http://") || lower.starts_with("https://")
}

/// Addresses that are neither in the export nor on the web.
pub fn is_neither(address: &str) -> bool {
    let lower = address.get(..11).unwrap_or(address).to_ascii_lowercase();
    address.is_empty()
        || address.starts_with('#')
        || ["data:", "mailto:", "tel:", "javascript:", "about:", "blob:"]
            .iter()
            .any(|scheme| lower.starts_with(scheme))
}

/// The list of the JSON that a file would stand in: by its folder, else by the tag.
fn kind(tag: &str, address: &str) -> Option<AttachmentKind> {
    let of_folder = address.rsplit('/').skip(1).find_map(|folder| match folder {
        "photos" => Some(AttachmentKind::Photo),
        "videos" => Some(AttachmentKind::Video),
        "audio" => Some(AttachmentKind::Audio),
        "gifs" => Some(AttachmentKind::Gif),
        "files" => Some(AttachmentKind::File),
        "stickers_used" => Some(AttachmentKind::Sticker),
        _ => None,
    });
    of_folder.or(match tag {
        "img" => Some(AttachmentKind::Photo),
        "video" => Some(AttachmentKind::Video),
        "audio" => Some(AttachmentKind::Audio),
        _ => None,
    })
}

impl Body {
    /// Of a tag that lies so deep.
    pub fn at(level: usize) -> Self {
        Self { level, room: ROOM, fresh: true, ..Self::default() }
    }

    /// How deep it lies.
    pub fn level(&self) -> usize {
        self.level
    }

    /// Nothing has been told yet.
    pub fn is_blank(&self) -> bool {
        self.parts.is_empty() && self.media.is_empty() && self.items.is_empty()
    }

    /// A tag opens at a level; `reactions`: it is the list of them.
    pub fn open(&mut self, tag: &str, level: usize, reactions: bool, src: &str, href: &str) {
        if reactions {
            self.list.get_or_insert(level);
        }
        if self.list.is_some() {
            if tag == "li" && self.items.len() < REACTIONS {
                self.items.push(Vec::new());
            }
            return;
        }
        if is_block(tag) {
            self.fresh = true;
            match level.saturating_sub(self.level) {
                1 => {
                    self.one += 1;
                    self.two = 0;
                }
                2 => {
                    self.two += 1;
                    if self.one == 1 {
                        self.row = self.two;
                    }
                }
                _ => {}
            }
        }
        if matches!(tag, "img" | "video" | "audio" | "source") && !src.is_empty() {
            self.file(tag, src);
        }
        if matches!(tag, "video" | "audio") {
            self.mute.get_or_insert(level);
        }
        if tag == "a" {
            self.link(href, level);
        }
    }

    fn link(&mut self, href: &str, level: usize) {
        if is_neither(href) {
            return;
        }
        if !is_web(href) {
            self.file("a", href);
            self.mute.get_or_insert(level);
        } else if self.mute.is_none()
            && let Some(part) = self.part()
        {
            part.link.get_or_insert_with(|| href.to_owned());
        }
    }

    fn file(&mut self, tag: &str, address: &str) {
        if is_neither(address) || self.media.len() >= MEDIA {
            return;
        }
        // A picture stands inside a link to itself.
        if !self.media.iter().any(|(_, known)| known == address) {
            self.media.push((kind(tag, address), address.to_owned()));
        }
    }

    /// A tag that lies at a level closes.
    pub fn close(&mut self, tag: &str, level: usize) {
        if self.list == Some(level) {
            self.list = None;
        }
        if self.mute == Some(level) {
            self.mute = None;
        }
        if is_block(tag) {
            self.fresh = true;
        }
    }

    /// A line ends.
    pub fn newline(&mut self) {
        if self.mute.is_none() && self.list.is_none() {
            self.fresh_leaf(false);
            self.push(b"\n");
            self.broke = true;
        }
    }

    /// Some text.
    pub fn text(&mut self, bytes: &[u8]) {
        if self.list.is_some() {
            if let Some(item) = self.items.last_mut() {
                let most = bytes.len().min(1000usize.saturating_sub(item.len()));
                item.extend(bytes.iter().take(most));
            }
            return;
        }
        if self.mute.is_some() {
            return;
        }
        let broke = std::mem::take(&mut self.broke);
        // The line break is written as a tag and once more as what it stands for.
        let bytes = if broke { bytes.strip_prefix(b"\n").unwrap_or(bytes) } else { bytes };
        let blank = bytes.iter().all(u8::is_ascii_whitespace);
        if blank && (self.fresh || bytes.contains(&b'\n')) {
            return;
        }
        self.fresh_leaf(true);
        self.push(bytes);
    }

    fn fresh_leaf(&mut self, settle: bool) {
        let fresh = self.fresh;
        if settle {
            self.fresh = false;
        }
        let Some(part) = self.part() else { return };
        let begin = part.leaves.is_empty() || (fresh && settle);
        if begin && part.leaves.len() < LEAVES {
            part.leaves.push(Vec::new());
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        let most = bytes.len().min(self.room);
        self.room -= most;
        self.cut |= most < bytes.len();
        if let Some(leaf) = self.part().and_then(|p| p.leaves.last_mut()) {
            leaf.extend(bytes.iter().take(most));
        }
    }

    fn part(&mut self) -> Option<&mut Part> {
        let at = (self.one, self.two);
        if self.parts.last().is_none_or(|p| p.at != at) && self.parts.len() < PARTS {
            self.parts.push(Part { at, ..Part::default() });
        }
        self.parts.last_mut()
    }

    /// What it told.
    pub fn finish(self) -> Content {
        let mut content = Content { media: self.media, cut: self.cut, ..Content::default() };
        content.reactions =
            self.items.iter().map(|i| String::from_utf8_lossy(i).into_owned()).collect();
        let strict = self.one == 1 && self.row >= 2;
        let mut text_at = None;
        let mut rest: Vec<(Vec<String>, Option<String>)> = Vec::new();
        let leaves = |part: &Part| -> Vec<String> {
            part.leaves.iter().map(|l| tidy(l)).filter(|l| !is_noise(l)).collect()
        };
        let row_text = |at| self.parts.iter().any(|p| p.at == at && !leaves(p).is_empty());
        let in_row = if !row_text((1, 2)) && row_text((1, 1)) { (1, 1) } else { (1, 2) };
        for part in self.parts {
            let leaves = leaves(&part);
            let of_text = if strict {
                part.at == in_row
            } else {
                let only_link = leaves.len() == 1 && leaves.first() == part.link.as_ref();
                !leaves.is_empty() && !only_link
            };
            if of_text && text_at.is_none_or(|at| at == part.at) {
                text_at = Some(part.at);
                content.text = leaves.join("\n");
            } else {
                rest.push((leaves, part.link));
            }
        }
        let mut share = Share { link: rest.iter().find_map(|r| r.1.clone()), ..Share::default() };
        for leaf in rest.into_iter().flat_map(|r| r.0) {
            if Some(&leaf) == share.link.as_ref() || leaf.trim().is_empty() {
                continue;
            }
            if let Some(path) = file_of_label(&leaf) {
                if !content.media.iter().any(|(_, known)| known == path) {
                    content.media.push((kind("a", path), path.to_owned()));
                }
            } else if share.text.is_none() {
                share.text = Some(leaf);
            } else if share.owner.is_none() {
                share.owner = Some(leaf);
            } else {
                content.more.push(leaf);
            }
        }
        content.share = (share != Share::default()).then_some(share);
        content
    }
}

/// A leaf without the indentation of the page around it.
fn tidy(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let head = text.len() - text.trim_start().len();
    let tail = text.trim_end().len();
    let from = if text.get(..head).is_some_and(|h| h.contains('\n')) { head } else { 0 };
    let to = if text.get(tail..).is_some_and(|t| t.contains('\n')) { tail } else { text.len() };
    text.get(from..to.max(from)).unwrap_or("").to_owned()
}

/// Nothing, or where somebody wrote from, which nobody needs to keep.
fn is_noise(leaf: &str) -> bool {
    leaf.trim().is_empty() || leaf.starts_with("IP Address:") || leaf.starts_with("IP address:")
}

/// `Download file: <path>`
fn file_of_label(leaf: &str) -> Option<&str> {
    let (_, path) = leaf.rsplit_once(": ")?;
    let path = path.trim();
    (path.contains("/files/") && path.contains("messages/") && !is_web(path)).then_some(path)
}
