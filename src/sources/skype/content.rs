//! What a message holds: text with tags of Skype's own among those of HTML.

use crate::model::{Attachment, AttachmentKind, MediaPlace, ReplyTo, Timestamp};
use crate::sources::markup::{Bounds, Piece, Tag, Tags, unescape};

const BOUNDS: Bounds =
    Bounds { value: 64 << 10, tag: 256 << 10, text: 8 << 20, heavy: ("b64", 64) };
/// Things of one kind in one message.
const MOST: usize = 1_000;

/// A file that a message names.
#[derive(Debug, Default)]
pub struct Shared {
    /// Skype's word for it: `Picture.1`, `File.1`, `Video.1/Message.1`, …
    pub kind: String,
    /// Its name.
    pub name: Option<String>,
    /// Where Skype kept it.
    pub url: Option<String>,
}

/// A call as one message tells it.
#[derive(Debug, Default)]
pub struct Told {
    /// `started`, `ended`, `missed`; empty in old ones.
    pub what: String,
    /// The longest time that somebody was in it.
    pub seconds: Option<u32>,
}

/// What a message holds.
#[derive(Debug, Default)]
pub struct Content {
    /// The text.
    pub text: String,
    /// The message it answers, by the first quote.
    pub reply_to: Option<ReplyTo>,
    /// When it was edited, where known.
    pub edited: Option<Option<Timestamp>>,
    /// Links, contacts, places.
    pub attachments: Vec<Attachment>,
    /// Files.
    pub shared: Vec<Shared>,
    /// A call.
    pub call: Option<Told>,
    /// Names by id, as lists of people tell them.
    pub names: Vec<(String, String)>,
    /// What an event says, tag by tag: `initiator`, `target`, `value`.
    pub said: Vec<(String, String)>,
}

impl Content {
    /// What an event says under a name, in the order said.
    pub fn said<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.said.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// Where the reading stands.
#[derive(Default)]
struct State {
    content: Content,
    /// A link: where it leads, and where its words begin in the text.
    link: Option<(String, usize)>,
    /// How deep in quotes.
    quotes: usize,
    legacy: usize,
    quote: String,
    quoted: Option<String>,
    /// The tag whose text is wanted, outside the message's text.
    inner: Option<(String, String)>,
    /// Inside something whose words are for programs that do not know it.
    object: usize,
    part: Option<(String, Option<String>)>,
}

/// Tags whose words are values, not text.
const VALUES: &[&str] = &[
    "initiator",
    "target",
    "value",
    "name",
    "duration",
    "eventtime",
    "friendlyname",
    "id",
    "title",
    "file",
    "role",
    "mri",
];

/// Reads the content of a message. `plain`: it is text without tags, though with references, unless
/// it holds what only tags can be.
pub fn read(content: &str, plain: bool) -> Content {
    if plain && !content.contains("</") && !content.contains("/>") {
        return Content { text: unescape(content).into_owned(), ..Content::default() };
    }
    let mut tags = Tags::of(content, BOUNDS);
    let mut state = State::default();
    // A slice gives no error.
    while let Ok(Some(piece)) = tags.piece() {
        match piece {
            Piece::Text(text) => state.text(&text),
            Piece::Tag(tag) if tag.closes() => state.close(&tag.name().to_lowercase()),
            Piece::Tag(tag) => {
                let name = tag.name().to_lowercase();
                state.open(&name, tag);
                if tag.is_empty() {
                    state.close(&name);
                }
            }
        }
    }
    state.end()
}

impl State {
    fn text(&mut self, text: &str) {
        if let Some((_, value)) = &mut self.inner {
            value.push_str(text);
        } else if self.quotes > 0 {
            if self.legacy == 0 {
                self.quote.push_str(text);
            }
        } else if self.object == 0 {
            self.content.text.push_str(text);
        }
    }

    fn line(&mut self) {
        let text = match self.quotes {
            0 => &mut self.content.text,
            _ => &mut self.quote,
        };
        if self.object == 0 && !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
    }

    fn open(&mut self, name: &str, tag: &Tag) {
        match name {
            "br" if self.object == 0 && self.quotes == 0 => self.content.text.push('\n'),
            "br" => self.quote.push('\n'),
            "p" | "div" | "li" | "tr" => self.line(),
            "a" if self.link.is_none() => {
                let url = tag.value("href").unwrap_or_default();
                self.link = Some((url, self.content.text.len()));
            }
            "quote" => {
                if self.quotes == 0 {
                    self.quoted = tag.value("messageid");
                    self.quote.clear();
                }
                self.quotes += 1;
            }
            "legacyquote" => self.legacy += 1,
            "e_m" => {
                let number = |n: &str| tag.value(n).and_then(|v| v.trim().parse::<i64>().ok());
                let at = number("ts_ms").or_else(|| number("ts").map(|s| s.saturating_mul(1000)));
                self.content.edited = Some(at.filter(|at| *at > 0).map(Timestamp));
            }
            "uriobject" => {
                self.object += 1;
                self.share(Shared {
                    kind: tag.value("type").unwrap_or_default(),
                    name: None,
                    url: tag.value("uri").filter(|u| !u.is_empty()),
                });
            }
            "originalname" => {
                let name = tag.value("v").filter(|n| !n.trim().is_empty());
                if let Some(shared) = self.content.shared.last_mut() {
                    shared.name = name.or_else(|| shared.name.take());
                }
            }
            "meta" if self.object > 0 => {
                let name = tag.value("originalName").filter(|n| !n.trim().is_empty());
                if let Some(shared) = self.content.shared.last_mut() {
                    shared.name = shared.name.take().or(name);
                }
            }
            "files" | "contacts" | "location" | "swift" => {
                self.object += 1;
                if name == "location" {
                    self.place(tag);
                }
            }
            "c" if self.object > 0 => {
                let name = tag.value("f").or_else(|| tag.value("s"));
                self.attach(AttachmentKind::Contact, name, MediaPlace::Omitted);
            }
            "partlist" => {
                self.content.call.get_or_insert_default().what =
                    tag.value("type").unwrap_or_default().to_lowercase();
                self.object += 1;
            }
            "calleventtype" => self.inner = Some((name.to_owned(), String::new())),
            "part" => self.part = Some((tag.value("identity").unwrap_or_default(), None)),
            _ if VALUES.contains(&name) && self.quotes == 0 => {
                self.inner = Some((name.to_owned(), String::new()));
            }
            _ => {}
        }
    }

    fn share(&mut self, shared: Shared) {
        if self.content.shared.len() < MOST {
            self.content.shared.push(shared);
        }
    }

    fn attach(&mut self, kind: AttachmentKind, name: Option<String>, place: MediaPlace) {
        if self.content.attachments.len() < MOST {
            let name = name.filter(|n| !n.trim().is_empty());
            self.content.attachments.push(Attachment { kind, name, place });
        }
    }

    /// Degrees, as millionths or written out.
    fn place(&mut self, tag: &Tag) {
        let degrees = |n: &str, most: f64| {
            let told: f64 = tag.value(n)?.trim().parse().ok()?;
            let degrees = if told.abs() > most { told / 1_000_000.0 } else { told };
            (degrees.abs() <= most).then_some(degrees)
        };
        let place = match (degrees("latitude", 90.0), degrees("longitude", 180.0)) {
            (Some(lat), Some(lon)) => MediaPlace::Web {
                url: format!("https://www.openstreetmap.org/?mlat={lat}&mlon={lon}"),
            },
            _ => MediaPlace::Omitted,
        };
        let name = tag.value("address").or_else(|| tag.value("pointOfInterest"));
        self.attach(AttachmentKind::Location, name, place);
    }

    fn close(&mut self, name: &str) {
        if self.inner.as_ref().is_some_and(|(open, _)| open == name) {
            if let Some((name, value)) = self.inner.take() {
                self.value(&name, value.trim());
            }
            return;
        }
        match name {
            "p" | "div" | "li" | "tr" => self.line(),
            "a" => {
                if let Some((url, start)) = self.link.take() {
                    let words = self.content.text.get(start..).unwrap_or_default().to_owned();
                    // A link that shows where it leads needs no telling.
                    if self.object == 0 && self.quotes == 0 && !url.is_empty() && url != words {
                        self.attach(AttachmentKind::Share, Some(words), MediaPlace::Web { url });
                    }
                }
            }
            "legacyquote" => self.legacy = self.legacy.saturating_sub(1),
            "quote" => {
                self.quotes = self.quotes.saturating_sub(1);
                if self.quotes == 0 {
                    self.answered();
                }
            }
            "uriobject" | "files" | "contacts" | "location" | "swift" | "partlist" => {
                self.object = self.object.saturating_sub(1);
            }
            "part" => {
                if let Some((id, Some(name))) = self.part.take()
                    && !id.is_empty()
                    && self.content.names.len() < MOST
                {
                    self.content.names.push((id, name));
                }
            }
            _ => {}
        }
    }

    fn answered(&mut self) {
        let quote = std::mem::take(&mut self.quote);
        let quote = quote.trim();
        if self.content.reply_to.is_none() {
            self.content.reply_to = Some(ReplyTo {
                native_id: self.quoted.take().filter(|id| !id.trim().is_empty()),
                quote: Some(quote.to_owned()).filter(|q| !q.is_empty()),
            });
        } else if !quote.is_empty() {
            // A message can answer several; the further ones stay in its text.
            for line in quote.lines() {
                self.content.text.push_str(&format!("> {line}\n"));
            }
        }
    }

    fn value(&mut self, name: &str, value: &str) {
        match (name, &mut self.part) {
            ("name", Some((_, told))) => *told = Some(value.to_owned()),
            ("duration", Some(_)) => {
                let whole = value.split('.').next().and_then(|s| s.parse::<u32>().ok());
                let call = self.content.call.get_or_insert_default();
                call.seconds = call.seconds.max(whole);
            }
            ("calleventtype", _) => {
                let call = self.content.call.get_or_insert_default();
                if call.what.is_empty() {
                    call.what = value.to_lowercase().trim_start_matches("call").to_owned();
                }
            }
            ("title", _) if self.object > 0 => {
                let title = value.strip_prefix("Title: ").unwrap_or(value);
                if let Some(shared) = self.content.shared.last_mut()
                    && shared.name.is_none()
                    && !title.is_empty()
                {
                    shared.name = Some(title.to_owned());
                }
            }
            ("file", _) => {
                let name = Some(value.to_owned()).filter(|n| !n.is_empty());
                self.share(Shared { kind: "File.1".to_owned(), name, url: None });
            }
            _ if self.content.said.len() < MOST && !value.is_empty() => {
                self.content.said.push((name.to_owned(), value.to_owned()));
            }
            _ => {}
        }
    }

    fn end(mut self) -> Content {
        // Whatever was never closed. A value that is none was text.
        if let Some((_, value)) = self.inner.take() {
            self.content.text.push_str(&value);
        }
        if self.quotes > 0 {
            self.answered();
        }
        let text = self.content.text.trim_matches(['\n', '\r']);
        self.content.text = text.to_owned();
        self.content
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_become_text() {
        let said = read(
            "Are we <b raw_pre=\"*\">on</b>? <ss type=\"smile\">:)</ss><br/>I &amp; <at id=\"8:d\">Dev</at>",
            false,
        );
        assert_eq!(said.text, "Are we on? :)\nI & Dev");
        let said = read("<p>See you <i>then</i></p><p>there</p>", false);
        assert_eq!(said.text, "See you then\nthere");
        assert_eq!(read("a &lt; b < c", true).text, "a < b < c");
        assert_eq!(read("1 <2 & 3", false).text, "1 <2 & 3");
    }

    #[test]
    fn a_quote_is_an_answer() {
        let said = read(
            "<quote author=\"bea\" timestamp=\"1\" messageid=\"17\"><legacyquote>[1] Bea: </legacyquote>On <b>Saturday</b>?<legacyquote>\n\n&lt;&lt;&lt; </legacyquote></quote>Of course",
            false,
        );
        assert_eq!(said.text, "Of course");
        let answer = said.reply_to.expect("an answer");
        assert_eq!(
            (answer.native_id.as_deref(), answer.quote.as_deref()),
            (Some("17"), Some("On Saturday?"))
        );
        let two =
            read("<quote messageid=\"1\">a</quote><quote messageid=\"2\">b</quote>both", false);
        assert_eq!(two.text, "> b\nboth");
        assert!(read("<quote messageid=\"1\">never closed", false).reply_to.is_some());
    }

    #[test]
    fn what_is_never_closed_is_not_lost() {
        assert_eq!(
            read("put your <name> here, <b>please</b>", false).text,
            "put your  here, please"
        );
        assert_eq!(read("<quote>a", false).reply_to.and_then(|r| r.quote).as_deref(), Some("a"));
    }

    #[test]
    fn an_edit_a_link_and_a_file_are_known() {
        let said = read(
            "x<e_m ts=\"1700000000\" ts_ms=\"1700000000123\" a=\"sam\" t=\"61\"></e_m>",
            false,
        );
        assert_eq!(
            (said.text.as_str(), said.edited),
            ("x", Some(Some(Timestamp(1_700_000_000_123))))
        );
        let said = read(
            "see <a href=\"https://example.org/a\">https://example.org/a</a> <a href=\"https://example.org/b\">this</a>",
            false,
        );
        assert_eq!(said.text, "see https://example.org/a this");
        assert_eq!(said.attachments.len(), 1);
        let said = read(
            "<URIObject type=\"Picture.1\" uri=\"https://x/1\"><Title>Title: </Title>To view this, go to: <a href=\"y\">y</a><OriginalName v=\"a.jpg\"/><meta originalName=\"b.jpg\"/></URIObject>",
            false,
        );
        assert_eq!((said.text.as_str(), said.shared[0].name.as_deref()), ("", Some("a.jpg")));
        let said =
            read("<files alt=\"\"><file size=\"1\" index=\"0\">old.zip</file></files>", false);
        assert_eq!(said.shared[0].name.as_deref(), Some("old.zip"));
    }

    #[test]
    fn calls_people_and_places_are_known() {
        let said = read(
            "<partlist type=\"ended\" alt=\"\"><part identity=\"bea\"><name>Bea</name><duration>84.82</duration></part></partlist>",
            false,
        );
        let call = said.call.expect("a call");
        assert_eq!((call.what.as_str(), call.seconds), ("ended", Some(84)));
        assert_eq!(said.names, [("bea".to_owned(), "Bea".to_owned())]);
        let said = read(
            "<contacts><c t=\"s\" s=\"live:x\" f=\"Ada L\"/></contacts><location latitude=\"52500000\" longitude=\"13400000\" address=\"Here\">x</location>",
            false,
        );
        assert_eq!(said.text, "");
        assert_eq!(said.attachments[0].name.as_deref(), Some("Ada L"));
        assert_eq!(
            said.attachments[1].place,
            MediaPlace::Web { url: "https://www.openstreetmap.org/?mlat=52.5&mlon=13.4".into() }
        );
    }
}
