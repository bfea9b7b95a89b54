//! From tags to posts: who, when and what, by the classes that Telegram Desktop writes.
//!
//! A post is a `div` of the class `message`, with its number as `id`. `default` ones hold a date
//! (in a `title`), `from_name` unless the post before is by the same one (`joined`), `reply_to`,
//! media, `text`; `service` ones a line. What was passed on stands in a `forwarded body` of its
//! own. The writer breaks lines around its tags; a break of the text is a `br`.

use std::collections::VecDeque;
use std::io::{self, Read};

use super::{classes, has_class};
use crate::sources::markup::{Bounds, Piece, Tag, Tags};

/// Nothing nests deeper in a page that Telegram has written.
const DEEP: usize = 256;
/// A text is cut here, in bytes.
const LONGEST: usize = 1 << 20;
/// Links, files, reactions, options and buttons of one post.
const MOST: usize = 500;
/// Pieces between two breaths.
const BREATH: u32 = 4096;

const BOUNDS: Bounds =
    Bounds { value: 16 << 10, tag: 64 << 10, text: LONGEST, heavy: ("style", 0) };

/// What a page tells, in its order.
#[derive(Debug)]
pub enum Seen {
    /// The chat's name.
    Title(String),
    /// A post.
    Post(Box<Post>),
    /// Much was read, and nothing told: a breath, so that whoever reads may stop.
    Breath,
}

/// A post as the page has it.
#[derive(Debug, Default)]
pub struct Post {
    /// Its number; below zero for the lines between days.
    pub id: i64,
    /// The app speaks.
    pub service: bool,
    /// `01.02.2024 10:00:00 UTC+01:00`
    pub date: String,
    /// Who wrote it; `None`: whoever wrote the one before.
    pub from: Option<String>,
    /// It was passed on.
    pub forwarded: bool,
    /// From whom; `None`: from whom the one before was.
    pub forwarded_from: Option<String>,
    /// It answers the post of this number; `Some(None)`: one of another chat.
    pub reply: Option<Option<i64>>,
    /// Its text.
    pub text: String,
    /// Addresses behind words of it.
    pub links: Vec<Link>,
    /// Its media.
    pub media: Vec<Media>,
    /// A poll: its question and options, each with what stands beside it.
    pub poll: Option<(String, Vec<(String, String)>)>,
    /// Reactions.
    pub reactions: Vec<Reaction>,
    /// What stands on a bot's buttons, with the address behind it.
    pub buttons: Vec<Link>,
}

/// Words with an address behind them.
#[derive(Debug, Default)]
pub struct Link {
    /// The words.
    pub words: String,
    /// The address; may be empty.
    pub href: String,
}

/// A file, a place, a card or a call.
#[derive(Debug, Default)]
pub struct Media {
    /// `photo_wrap`, `media_voice_message`, …
    pub class: String,
    /// Where it lies, as seen from the page.
    pub href: Option<String>,
    /// `Voice message`, a file's name, a title.
    pub title: String,
    /// What is said of it, or why it is not there.
    pub description: String,
    /// Its length, size, number or sum.
    pub status: String,
}

/// A reaction and whom it is known of.
#[derive(Debug, Default)]
pub struct Reaction {
    /// The emoji.
    pub emoji: String,
    /// Names of some that reacted so.
    pub by: Vec<String>,
    /// How many did.
    pub count: String,
}

/// Where text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Title,
    From,
    ForwardedFrom,
    Text,
    MediaTitle,
    Description,
    Status,
    Question,
    Answer,
    Votes,
    Emoji,
    Count,
    Button,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Plain,
    /// Its text is nobody's.
    Hidden,
    Header,
    Post,
    Service,
    Forwarded,
    Reply,
    Media,
    Poll,
    Reactions,
    /// An address: where its words begin in the text.
    Link(usize),
    Field(Field),
}

/// A page being read.
pub struct Page<R: Read> {
    tags: Tags<R>,
    stack: Vec<(String, Role)>,
    over: usize,
    now: Option<Post>,
    title: Option<String>,
    out: VecDeque<Seen>,
    href: String,
    ended: bool,
}

impl<R: Read> Page<R> {
    /// Reads a page.
    pub fn new(page: R) -> Self {
        Self {
            tags: Tags::new(page, BOUNDS),
            stack: Vec::new(),
            over: 0,
            now: None,
            title: None,
            out: VecDeque::new(),
            href: String::new(),
            ended: false,
        }
    }

    /// Bytes that have been worked through.
    pub fn bytes(&self) -> u64 {
        self.tags.bytes()
    }

    /// Tags left out because they were torn.
    pub fn torn(&mut self) -> u64 {
        self.tags.torn()
    }

    /// The next thing that it tells.
    pub fn next(&mut self) -> io::Result<Option<Seen>> {
        let mut pieces = 0;
        while self.out.is_empty() && !self.ended {
            pieces += 1;
            if pieces > BREATH {
                return Ok(Some(Seen::Breath));
            }
            self.step()?;
        }
        Ok(self.out.pop_front())
    }

    fn step(&mut self) -> io::Result<()> {
        match self.tags.piece()? {
            None => {
                self.finish();
                self.ended = true;
            }
            Some(Piece::Text(text)) => self.text(&text, false),
            Some(Piece::Tag(tag)) => {
                let name = tag.name().to_ascii_lowercase();
                if tag.closes() {
                    self.close(&name);
                } else if name == "br" {
                    self.text("\n", true);
                } else if !tag.is_empty() && !is_void(&name) {
                    let told = Told::of(tag, &name);
                    self.open(name, told);
                }
            }
        }
        Ok(())
    }

    /// The innermost thing around that means something.
    fn within(&self) -> Role {
        let means = |r: &&Role| !matches!(r, Role::Plain | Role::Link(_));
        self.stack.iter().rev().map(|(_, r)| r).find(means).copied().unwrap_or(Role::Plain)
    }

    fn is_in(&self, role: Role) -> bool {
        self.stack.iter().any(|(_, r)| *r == role)
    }

    fn open(&mut self, name: String, told: Told) {
        if self.stack.len() >= DEEP {
            self.over += 1;
            return;
        }
        let role = self.role(&name, told);
        self.stack.push((name, role));
    }

    fn role(&mut self, name: &str, told: Told) -> Role {
        let is = |class: &str| has_class(&told.class, class);
        if is("message") && (is("default") || is("service")) {
            self.finish();
            self.stack.retain(|(_, r)| !matches!(r, Role::Post | Role::Service));
            let id = told.id.strip_prefix("message").or(told.id.strip_prefix('m'));
            let id = id.and_then(|id| id.parse().ok()).unwrap_or(0);
            let service = is("service");
            self.now = Some(Post { id, service, ..Post::default() });
            return if service { Role::Service } else { Role::Post };
        }
        let within = self.within();
        if self.now.is_none() {
            return match within {
                Role::Header if is("text") => Role::Field(Field::Title),
                _ if is("page_header") => Role::Header,
                Role::Header => Role::Plain,
                _ => Role::Hidden,
            };
        }
        match within {
            // The rest of the post around it.
            Role::Post | Role::Service | Role::Forwarded => self.part(name, within, told),
            Role::Media => self.of_media(&told),
            Role::Poll => self.of_poll(&told),
            Role::Reactions => self.of_reactions(&told),
            Role::Reply => {
                self.answers(&told);
                Role::Plain
            }
            Role::Field(Field::From | Field::ForwardedFrom) if is("details") => Role::Hidden,
            Role::Field(Field::Answer) if is("details") => Role::Field(Field::Votes),
            Role::Field(Field::Text) if name == "a" => {
                self.href = told.href;
                Role::Link(self.now.as_ref().map_or(0, |p| p.text.len()))
            }
            Role::Field(Field::Button) if name == "a" => {
                if let Some(button) = self.now.as_mut().and_then(|p| p.buttons.last_mut()) {
                    button.href = told.href;
                }
                Role::Plain
            }
            _ => Role::Plain,
        }
    }

    fn part(&mut self, name: &str, within: Role, told: Told) -> Role {
        let is = |class: &str| has_class(&told.class, class);
        let forwarded = self.is_in(Role::Forwarded);
        let Some(post) = self.now.as_mut() else { return Role::Plain };
        if is("userpic_wrap") || is("userpic") || is("signature") {
            return Role::Hidden;
        }
        if is("date") {
            if post.date.is_empty() {
                post.date = told.title;
            }
            return Role::Hidden;
        }
        if is("from_name") {
            let field = if forwarded { Field::ForwardedFrom } else { Field::From };
            *(if forwarded { &mut post.forwarded_from } else { &mut post.from }) =
                Some(String::new());
            return Role::Field(field);
        }
        if is("forwarded") && is("body") {
            post.forwarded = true;
            return Role::Forwarded;
        }
        if is("reply_to") {
            post.reply = Some(None);
            return Role::Reply;
        }
        if is("reactions") {
            return Role::Reactions;
        }
        if is("bot_button") {
            if post.buttons.len() < MOST {
                post.buttons.push(Link::default());
            }
            return Role::Field(Field::Button);
        }
        if is("text") || within == Role::Service && is("body") {
            return Role::Field(Field::Text);
        }
        self.media(name, told)
    }

    fn media(&mut self, name: &str, told: Told) -> Role {
        let Some(post) = self.now.as_mut() else { return Role::Plain };
        if has_class(&told.class, "media_poll") {
            post.poll = Some(Default::default());
            return Role::Poll;
        }
        let of_media = |c: &&str| {
            c.starts_with("media_") && *c != "media_wrap"
                || matches!(*c, "photo_wrap" | "sticker_wrap" | "animated_wrap" | "video_file_wrap")
        };
        let Some(class) = classes(&told.class).find(of_media) else { return Role::Plain };
        if post.media.len() < MOST {
            let href = (name == "a" && !told.href.is_empty()).then_some(told.href);
            post.media.push(Media { class: class.to_owned(), href, ..Media::default() });
        }
        Role::Media
    }

    fn of_media(&self, told: &Told) -> Role {
        let is = |class: &str| has_class(&told.class, class);
        match () {
            () if is("title") => Role::Field(Field::MediaTitle),
            () if is("description") => Role::Field(Field::Description),
            () if is("status") => Role::Field(Field::Status),
            () if is("body") => Role::Plain,
            () => Role::Hidden,
        }
    }

    fn of_poll(&mut self, told: &Told) -> Role {
        let is = |class: &str| has_class(&told.class, class);
        if is("question") {
            return Role::Field(Field::Question);
        }
        if is("answer") {
            if let Some((_, answers)) = self.now.as_mut().and_then(|p| p.poll.as_mut())
                && answers.len() < MOST
            {
                answers.push(Default::default());
            }
            return Role::Field(Field::Answer);
        }
        Role::Hidden
    }

    fn of_reactions(&mut self, told: &Told) -> Role {
        let is = |class: &str| has_class(&told.class, class);
        let Some(post) = self.now.as_mut() else { return Role::Plain };
        if is("reaction") {
            if post.reactions.len() < MOST {
                post.reactions.push(Reaction::default());
            }
            return Role::Plain;
        }
        if is("emoji") {
            return Role::Field(Field::Emoji);
        }
        if is("count") {
            return Role::Field(Field::Count);
        }
        if !told.title.is_empty()
            && let Some(last) = post.reactions.last_mut()
            && last.by.len() < MOST
        {
            last.by.push(told.title.trim().to_owned());
        }
        Role::Plain
    }

    fn answers(&mut self, told: &Told) {
        let to = told.href.rsplit_once("go_to_message").and_then(|(_, id)| id.parse().ok());
        if let (Some(id), Some(post)) = (to, self.now.as_mut()) {
            post.reply = Some(Some(id));
        }
    }

    fn text(&mut self, text: &str, is_break: bool) {
        let Role::Field(field) = self.within() else { return };
        let text = if is_break { "\n" } else { &*without_breaks(text) };
        let into = match (field, self.now.as_mut()) {
            (Field::Title, _) => Some(self.title.get_or_insert_default()),
            (_, None) => None,
            (field, Some(post)) => place(field, post),
        };
        if let Some(into) = into {
            let room = LONGEST.saturating_sub(into.len());
            into.push_str(&text[..text.floor_char_boundary(room)]);
        }
    }

    fn close(&mut self, name: &str) {
        if self.over > 0 {
            self.over -= 1;
            return;
        }
        let Some(at) = self.stack.iter().rposition(|(open, _)| open == name) else { return };
        while self.stack.len() > at {
            let Some((_, role)) = self.stack.pop() else { return };
            match role {
                Role::Post | Role::Service => self.finish(),
                Role::Header => {
                    let title = self.title.take().map(|t| t.trim().to_owned());
                    self.out.extend(title.filter(|t| !t.is_empty()).map(Seen::Title));
                }
                Role::Link(from) => self.link(from),
                _ => {}
            }
        }
    }

    fn link(&mut self, from: usize) {
        let href = std::mem::take(&mut self.href);
        let Some(post) = self.now.as_mut() else { return };
        let words = post.text.get(from..).unwrap_or_default();
        let is_web = href.starts_with("http://") || href.starts_with("https://");
        // An address that was written out is in the text.
        let told = words == href
            || href.strip_suffix('/').is_some_and(|h| h.ends_with(words))
            || href.ends_with(words) && words.contains('.');
        let mention = words.starts_with('@');
        if is_web && !told && !mention && !words.is_empty() && post.links.len() < MOST {
            post.links.push(Link { words: words.to_owned(), href });
        }
    }

    fn finish(&mut self) {
        let Some(mut post) = self.now.take() else { return };
        for name in [&mut post.from, &mut post.forwarded_from].into_iter().flatten() {
            *name = name.trim().to_owned();
        }
        self.out.push_back(Seen::Post(Box::new(post)));
    }
}

/// Where a field of a post is kept.
fn place(field: Field, post: &mut Post) -> Option<&mut String> {
    match field {
        Field::Title => None,
        Field::From => post.from.as_mut(),
        Field::ForwardedFrom => post.forwarded_from.as_mut(),
        Field::Text => Some(&mut post.text),
        Field::MediaTitle => post.media.last_mut().map(|m| &mut m.title),
        Field::Description => post.media.last_mut().map(|m| &mut m.description),
        Field::Status => post.media.last_mut().map(|m| &mut m.status),
        Field::Question => post.poll.as_mut().map(|(question, _)| question),
        Field::Answer => post.poll.as_mut()?.1.last_mut().map(|(answer, _)| answer),
        Field::Votes => post.poll.as_mut()?.1.last_mut().map(|(_, votes)| votes),
        Field::Emoji => post.reactions.last_mut().map(|r| &mut r.emoji),
        Field::Count => post.reactions.last_mut().map(|r| &mut r.count),
        Field::Button => post.buttons.last_mut().map(|b| &mut b.words),
    }
}

/// What is wanted of a tag.
#[derive(Debug, Default)]
struct Told {
    class: String,
    id: String,
    href: String,
    title: String,
}

impl Told {
    fn of(tag: &Tag, name: &str) -> Self {
        let value = |n: &str| tag.value(n).unwrap_or_default();
        let href = if name == "a" { value("href") } else { String::new() };
        Self { class: value("class"), id: value("id"), href, title: value("title") }
    }
}

fn is_void(tag: &str) -> bool {
    matches!(tag, "img" | "meta" | "link" | "input" | "hr" | "source" | "wbr" | "col" | "area")
}

/// Text without the lines that the writer breaks around it.
fn without_breaks(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains(['\n', '\r']) {
        return text.into();
    }
    let text = text.trim_start_matches('\r');
    let text = text.strip_prefix('\n').unwrap_or(text);
    let text = match text.rfind('\n') {
        Some(at) if text[at..].trim().is_empty() => text[..at].trim_end_matches(['\r', '\n']),
        _ => text,
    };
    if text.contains('\n') { text.replace('\n', " ").into() } else { text.into() }
}
