//! The elements of a backup as they stand there: one `sms`, `mms` or `call` at a time.

use std::io::{self, Read};
use std::ops::Range;

use super::number::{address, addresses, said};
use crate::sources::markup::{Bounds, Piece, Tag, Tags};
use crate::sources::wrapped::Base64;

/// What is kept of a tag. Pictures and films stand inside as base64, of which only so much is wanted
/// as a text may be long.
pub const BOUNDS: Bounds =
    Bounds { value: 4 << 20, tag: 16 << 20, text: 0, heavy: ("data", 64 << 10) };
/// Parts and addresses of one MMS.
const MOST: usize = 500;
/// Text of one MMS.
const TEXT: usize = 8 << 20;

/// A part of an MMS.
#[derive(Debug, Default)]
pub struct Part {
    /// Its media type, in lower case.
    pub mime: String,
    /// Its name.
    pub name: Option<String>,
    /// Its text, if it is one.
    pub text: Option<String>,
    /// Where it lies in the file as base64, in bytes.
    pub place: Option<Range<u64>>,
}

/// An MMS (RCS messages are kept as such by Android, and come as such).
#[derive(Debug, Default)]
pub struct Mms {
    /// Milliseconds.
    pub date: Option<i64>,
    /// 1: received, 2: sent, 3: draft, 4: outbox, 5: failed.
    pub msg_box: Option<i64>,
    /// What the network calls it: 130 a notice of what was not fetched, 134 and 136 reports.
    pub m_type: Option<i64>,
    /// The network's own id.
    pub id: Option<String>,
    /// Whether it was read.
    pub read: Option<bool>,
    /// The others, where the phone says who they are.
    pub others: Vec<String>,
    /// The name of the other one, or of several in any order.
    pub contact: Option<String>,
    /// The subject.
    pub subject: Option<String>,
    /// Content.
    pub parts: Vec<Part>,
    /// Who sent it.
    pub from: Option<String>,
    /// Whom it was sent to.
    pub to: Vec<String>,
    /// Something was larger than what is kept.
    pub cut: bool,
    room: usize,
}

/// An SMS.
#[derive(Debug, Default)]
pub struct Sms {
    /// Milliseconds.
    pub date: Option<i64>,
    /// 1: received, 2: sent, 3: draft, 4: outbox, 5: failed, 6: queued.
    pub kind: Option<i64>,
    /// The other one.
    pub address: Option<String>,
    /// The other one's name.
    pub contact: Option<String>,
    /// The text.
    pub body: String,
    /// Whether it was read.
    pub read: Option<bool>,
    /// 64: the network said that it failed.
    pub status: Option<i64>,
    /// Something was larger than what is kept.
    pub cut: bool,
}

/// A call.
#[derive(Debug, Default)]
pub struct Called {
    /// Milliseconds.
    pub date: Option<i64>,
    /// 1: incoming, 2: outgoing, 3: missed, 4: voicemail, 5: declined, 6: blocked, 7: answered on
    /// another device.
    pub kind: Option<i64>,
    /// The other one.
    pub address: Option<String>,
    /// The other one's name.
    pub contact: Option<String>,
    /// Seconds.
    pub seconds: Option<u32>,
}

/// One of them.
#[derive(Debug)]
pub enum Item {
    /// An SMS.
    Sms(Sms),
    /// An MMS, with all its parts.
    Mms(Box<Mms>),
    /// A call.
    Call(Called),
}

fn int(tag: &Tag, name: &str) -> Option<i64> {
    tag.value(name)?.trim().parse().ok()
}

/// Milliseconds; some apps write seconds, as the phone's own table of MMS has them.
fn date(tag: &Tag) -> Option<i64> {
    let told = int(tag, "date")?;
    Some(if (0..100_000_000_000).contains(&told) { told * 1000 } else { told })
}

fn read(tag: &Tag) -> Option<bool> {
    match int(tag, "read")? {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

impl Sms {
    fn of(tag: &Tag) -> Self {
        Self {
            date: date(tag),
            kind: int(tag, "type"),
            address: address(tag.value("address")),
            contact: said(tag.value("contact_name")),
            body: tag.value("body").filter(|b| b != "null").unwrap_or_default(),
            read: read(tag),
            status: int(tag, "status"),
            cut: tag.is_cut("body"),
        }
    }
}

impl Called {
    fn of(tag: &Tag) -> Self {
        Self {
            date: date(tag),
            kind: int(tag, "type"),
            address: address(tag.value("number")),
            contact: said(tag.value("contact_name")),
            seconds: int(tag, "duration").and_then(|s| u32::try_from(s).ok()),
        }
    }
}

impl Mms {
    fn of(tag: &Tag) -> Self {
        Self {
            date: date(tag),
            msg_box: int(tag, "msg_box"),
            m_type: int(tag, "m_type"),
            id: said(tag.value("m_id")).map(|id| id.trim().to_owned()),
            read: read(tag),
            others: addresses(tag.value("address")),
            contact: said(tag.value("contact_name")),
            // What some phones put where nobody wrote a subject.
            subject: said(tag.value("sub")).filter(|s| s != "NoSubject" && s != "no subject"),
            room: TEXT,
            ..Self::default()
        }
    }

    fn part(&mut self, tag: &Tag) {
        if self.parts.len() >= MOST {
            self.cut = true;
            return;
        }
        let mime = said(tag.value("ct")).unwrap_or_default().trim().to_lowercase();
        // How it is laid out, and wrappings; nothing that a person sent.
        if mime == "application/smil" || mime.starts_with("application/vnd.wap.multipart") {
            return;
        }
        let name = ["name", "cl", "fn", "cid"]
            .iter()
            .find_map(|n| said(tag.value(n)))
            .map(|n| n.trim_matches(['<', '>']).to_owned());
        let is_text = mime == "text/plain" || (mime.starts_with("text/") && !is_card(&mime));
        let text = is_text.then(|| match tag.value("text").filter(|t| t != "null") {
            Some(text) => {
                self.cut |= tag.is_cut("text");
                text
            }
            None => {
                self.cut |= tag.is_cut("data");
                tag.value("data").map(|d| decoded(&d)).unwrap_or_default()
            }
        });
        let size = text.as_ref().map_or(0, String::len);
        match self.room.checked_sub(size) {
            Some(left) => self.room = left,
            None => {
                self.cut = true;
                return;
            }
        }
        let held = |data: &String| !data.is_empty() && data != "null";
        let place = tag.place("data").filter(|_| tag.value("data").is_some_and(|d| held(&d)));
        self.parts.push(Part { mime, name, text, place });
    }

    fn address(&mut self, tag: &Tag) {
        let Some(who) = address(tag.value("address")) else { return };
        match int(tag, "type") {
            Some(137) => self.from = self.from.take().or(Some(who)),
            _ if self.to.len() < MOST => self.to.push(who),
            _ => self.cut = true,
        }
    }
}

/// A contact or a date, which are text and yet a file.
pub fn is_card(mime: &str) -> bool {
    mime.contains("vcard") || mime.contains("vcalendar") || mime.contains("calendar")
}

/// Base64 as text.
fn decoded(data: &str) -> String {
    let mut out = Vec::with_capacity(data.len() / 4 * 3);
    // Memory cannot fail to be read.
    let read = Base64::of(data.as_bytes()).read_to_end(&mut out);
    read.map(|_| String::from_utf8_lossy(&out).into_owned()).unwrap_or_default()
}

/// Reads one element after another.
pub struct Items<R> {
    tags: Tags<R>,
    open: Option<Box<Mms>>,
    /// The tag that closes the file was met.
    pub ended: bool,
}

impl<R: Read> Items<R> {
    /// Of a file.
    pub fn of(source: R) -> Self {
        Self { tags: Tags::new(source, BOUNDS), open: None, ended: false }
    }

    /// Bytes that have been worked through.
    pub fn bytes(&self) -> u64 {
        self.tags.bytes()
    }

    /// Tags left out because they were torn, since this was last asked.
    pub fn torn(&mut self) -> u64 {
        self.tags.torn()
    }

    /// The next one. An MMS that is never closed ends where the next one begins.
    pub fn item(&mut self) -> io::Result<Option<Item>> {
        loop {
            let tag = match self.tags.piece()? {
                None => return Ok(self.open.take().map(Item::Mms)),
                Some(Piece::Text(_)) => continue,
                Some(Piece::Tag(tag)) => tag,
            };
            match (tag.closes(), tag.name()) {
                (true, "smses" | "calls") => self.ended = true,
                (true, "mms") => {
                    if let Some(mms) = self.open.take() {
                        return Ok(Some(Item::Mms(mms)));
                    }
                }
                (false, "mms") => {
                    let before = self.open.replace(Box::new(Mms::of(tag)));
                    if tag.is_empty()
                        && before.is_none()
                        && let Some(mms) = self.open.take()
                    {
                        return Ok(Some(Item::Mms(mms)));
                    }
                    if let Some(before) = before {
                        return Ok(Some(Item::Mms(before)));
                    }
                }
                (false, "part") => {
                    if let Some(mms) = &mut self.open {
                        mms.part(tag);
                    }
                }
                (false, "addr") => {
                    if let Some(mms) = &mut self.open {
                        mms.address(tag);
                    }
                }
                (false, "sms") => return Ok(Some(Item::Sms(Sms::of(tag)))),
                (false, "call") => return Ok(Some(Item::Call(Called::of(tag)))),
                _ => {}
            }
        }
    }
}
