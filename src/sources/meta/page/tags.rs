//! Tags and text of a page as they come: no tree is built, and nothing grows with the page.

use std::collections::VecDeque;
use std::io::Read;

use html5gum::{Emitter, Error, IoReader, State, Tokenizer, emitters::naive_next_state};

/// Text comes in pieces of about this size at most.
const PIECE: usize = 32 << 10;
/// The longest value of an attribute that is kept whole.
const VALUE: usize = 8 << 10;
const NAME: usize = 16;
/// Text that waits to be taken: the tokenizer hands out nothing before the next tag. Whatever is
/// longer is longer than any message may be, and its end is not kept.
const WAITING: usize = 2 << 20;

/// The attributes that pages of Meta's downloads say something with.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// `class`
    pub class: String,
    /// `src`
    pub src: String,
    /// `href`
    pub href: String,
    /// `datetime`
    pub datetime: String,
}

/// One piece of a page.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// A tag opens: its name (cut after a few letters) and attributes.
    Open(String, Box<Attributes>),
    /// A tag closes.
    Close(String),
    /// Some text, entities resolved; a letter may be cut in two between pieces.
    Text(Vec<u8>),
}

/// The pieces of a page.
pub struct Pieces<R: Read>(Tokenizer<IoReader<R>, Gather>);

impl<R: Read> Pieces<R> {
    /// Reads a page.
    pub fn new(page: R) -> Self {
        Self(Tokenizer::new_with_emitter(IoReader::new(page), Gather::default()))
    }
}

impl<R: Read> Iterator for Pieces<R> {
    type Item = std::io::Result<Piece>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

/// Gathers what the tokenizer sees into pieces. Comments and doctypes are passed over.
#[derive(Debug, Default)]
struct Gather {
    ready: VecDeque<Piece>,
    text: Vec<u8>,
    waiting: usize,
    closing: bool,
    name: Vec<u8>,
    last: Vec<u8>,
    attribute: Vec<u8>,
    value: Vec<u8>,
    attributes: Box<Attributes>,
}

fn push(into: &mut Vec<u8>, bytes: &[u8], most: usize) {
    let room = most.saturating_sub(into.len());
    into.extend(bytes.iter().take(room));
}

impl Gather {
    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.ready.push_back(Piece::Text(std::mem::take(&mut self.text)));
        }
    }

    fn keep_attribute(&mut self) {
        let into = match self.attribute.as_slice() {
            b"class" => &mut self.attributes.class,
            b"src" => &mut self.attributes.src,
            b"href" => &mut self.attributes.href,
            b"datetime" => &mut self.attributes.datetime,
            _ => return,
        };
        // Of two with one name the first counts.
        if into.is_empty() {
            *into = String::from_utf8_lossy(&self.value).into_owned();
        }
    }

    fn begin_tag(&mut self, closing: bool) {
        self.flush();
        self.closing = closing;
        self.name.clear();
        self.attribute.clear();
        self.value.clear();
        *self.attributes = Attributes::default();
    }
}

impl Emitter for Gather {
    type Token = Piece;

    fn set_last_start_tag(&mut self, last: Option<&[u8]>) {
        self.last.clear();
        self.last.extend(last.unwrap_or_default());
    }

    fn emit_eof(&mut self) {
        self.flush();
    }

    fn emit_error(&mut self, _: Error) {}

    fn should_emit_errors(&mut self) -> bool {
        false
    }

    fn pop_token(&mut self) -> Option<Piece> {
        self.waiting = 0;
        self.ready.pop_front()
    }

    fn emit_string(&mut self, bytes: &[u8]) {
        self.waiting = self.waiting.saturating_add(bytes.len());
        if self.waiting > WAITING {
            return;
        }
        self.text.extend(bytes);
        if self.text.len() >= PIECE {
            self.flush();
        }
    }

    fn init_start_tag(&mut self) {
        self.begin_tag(false);
    }

    fn init_end_tag(&mut self) {
        self.begin_tag(true);
    }

    fn init_comment(&mut self) {
        self.flush();
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        self.keep_attribute();
        let name = String::from_utf8_lossy(&self.name).into_owned();
        if self.closing {
            self.ready.push_back(Piece::Close(name));
            return None;
        }
        self.ready.push_back(Piece::Open(name, std::mem::take(&mut self.attributes)));
        self.last.clone_from(&self.name);
        naive_next_state(&self.name)
    }

    fn emit_current_comment(&mut self) {}

    fn emit_current_doctype(&mut self) {}

    fn set_self_closing(&mut self) {}

    fn set_force_quirks(&mut self) {}

    fn push_tag_name(&mut self, name: &[u8]) {
        push(&mut self.name, name, NAME);
    }

    fn push_comment(&mut self, _: &[u8]) {}

    fn push_doctype_name(&mut self, _: &[u8]) {}

    fn init_doctype(&mut self) {
        self.flush();
    }

    fn init_attribute(&mut self) {
        self.keep_attribute();
        self.attribute.clear();
        self.value.clear();
    }

    fn push_attribute_name(&mut self, name: &[u8]) {
        push(&mut self.attribute, name, NAME);
    }

    fn push_attribute_value(&mut self, value: &[u8]) {
        push(&mut self.value, value, VALUE);
    }

    fn set_doctype_public_identifier(&mut self, _: &[u8]) {}

    fn set_doctype_system_identifier(&mut self, _: &[u8]) {}

    fn push_doctype_public_identifier(&mut self, _: &[u8]) {}

    fn push_doctype_system_identifier(&mut self, _: &[u8]) {}

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        self.closing && !self.name.is_empty() && self.name == self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(html: &str) -> Vec<Piece> {
        Pieces::new(html.as_bytes()).map(|p| p.expect("memory")).collect()
    }

    fn text(s: &str) -> Piece {
        Piece::Text(s.as_bytes().to_vec())
    }

    fn open(name: &str, class: &str) -> Piece {
        let attributes = Attributes { class: class.to_owned(), ..Attributes::default() };
        Piece::Open(name.to_owned(), Box::new(attributes))
    }

    #[test]
    fn tags_and_text() {
        let html = "<!DOCTYPE html><!-- <b> --><div id=x class='a b' class=c>1 &lt; 2 &amp; \
                    &#x1F44B;<br/></div><style>p>a{}</style>";
        let told = pieces(html);
        assert_eq!(
            told,
            [
                open("div", "a b"),
                text("1 < 2 & \u{1f44b}"),
                open("br", ""),
                Piece::Close("div".to_owned()),
                open("style", ""),
                text("p>a{}"),
                Piece::Close("style".to_owned()),
            ]
        );
    }

    #[test]
    fn nothing_grows_without_bound() {
        let long = "x".repeat(5 << 20);
        for html in [
            long.clone(),
            format!("<a href='{long}'>"),
            format!("<{long}>"),
            format!("<a {long}=1>"),
            format!("<!--{long}"),
            format!("<!DOCTYPE {long}>"),
        ] {
            let told = pieces(&html);
            let text = |p: &Piece| if let Piece::Text(t) = p { t.len() } else { 0 };
            assert!(told.iter().map(text).sum::<usize>() <= WAITING);
            for piece in told {
                match piece {
                    Piece::Text(t) => assert!(t.len() <= PIECE + (16 << 10)),
                    Piece::Open(name, a) => {
                        assert!(name.len() <= NAME && a.href.len() <= VALUE);
                    }
                    Piece::Close(name) => assert!(name.len() <= NAME),
                }
            }
        }
    }
}
