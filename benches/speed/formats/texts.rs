//! The bare reading of text and markup: lines as they stand, `quick-xml`, `html5gum`.

use std::fs;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use chrono::NaiveDateTime;
use html5gum::{Token, Tokenizer};
use mail_parser::mailbox::mbox::MessageIterator;
use mail_parser::{MessageParser, MessagePart, MimeHeaders};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::objects::files;
use crate::bare::{Bare, More};

/// An instant of a wall clock, taken for UTC, in milliseconds.
fn clock(text: &str, pattern: &str) -> Option<i64> {
    NaiveDateTime::parse_from_str(text, pattern).ok().map(|t| t.and_utc().timestamp_millis())
}

/// WhatsApp's texts as Android writes them: `date - sender: text`, and lines without a date belong
/// to what stands before them.
pub fn whatsapp_android(export: &Path, out: &mut Bare) -> Result<()> {
    whatsapp(export, out, &|line| {
        let (date, rest) = line.split_once(" - ")?;
        Some((clock(date, "%d/%m/%Y, %H:%M")?, rest))
    })
}

/// The same as an iPhone writes them: `[date] sender: text`.
pub fn whatsapp_ios(export: &Path, out: &mut Bare) -> Result<()> {
    whatsapp(export, out, &|line| {
        let line = line.trim_start_matches('\u{200e}');
        let (date, rest) = line.strip_prefix('[')?.split_once("] ")?;
        Some((clock(date, "%d/%m/%Y, %H:%M:%S")?, rest))
    })
}

type Begin<'b> = dyn for<'l> Fn(&'l str) -> Option<(i64, &'l str)> + 'b;

fn whatsapp(export: &Path, out: &mut Bare, begin: &Begin<'_>) -> Result<()> {
    let none = More::default();
    for file in files(export)? {
        out.thread();
        let all = fs::read_to_string(file)?;
        let mut now: Option<(i64, &str, String)> = None;
        for line in all.lines() {
            let begun = begin(line).and_then(|(at, rest)| Some((at, rest.split_once(": ")?)));
            match (begun, &mut now) {
                (Some((at, (sender, text))), now) => {
                    let next = (at, sender, text.to_owned());
                    if let Some((at, sender, text)) = now.replace(next) {
                        out.row(at, sender, &text, &none)?;
                    }
                }
                (None, Some((_, _, text))) => {
                    text.push('\n');
                    text.push_str(line);
                }
                (None, None) => {}
            }
        }
        if let Some((at, sender, text)) = now {
            out.row(at, sender, &text, &none)?;
        }
    }
    Ok(())
}

/// An attribute; what `quick-xml` cannot resolve (half letters as numbers) stays as it stands.
fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<String> {
    let Some(attribute) = tag.try_get_attribute(name)? else { return Ok(String::new()) };
    let raw = String::from_utf8_lossy(&attribute.value);
    Ok(quick_xml::escape::unescape(&raw).map_or_else(|_| raw.to_string(), |t| t.into_owned()))
}

/// SMS and MMS.
pub fn sms(export: &Path, out: &mut Bare) -> Result<()> {
    for file in files(export)? {
        let mut reader = Reader::from_file(file)?;
        let (mut buffer, mut at, mut text, mut sender) = (Vec::new(), 0, String::new(), None);
        let mut people = String::new();
        let mut more = More::default();
        loop {
            match reader.read_event_into(&mut buffer)? {
                Event::Eof => break,
                Event::Empty(tag) if tag.name().as_ref() == b"sms" => {
                    let address = attribute(&tag, "address")?;
                    out.thread_called(&address);
                    let mine = attribute(&tag, "type")? == "2";
                    let sender = if mine { "me".to_owned() } else { address };
                    let body = attribute(&tag, "body")?;
                    out.row(attribute(&tag, "date")?.parse()?, &sender, &body, &More::default())?;
                }
                Event::Start(tag) if tag.name().as_ref() == b"mms" => {
                    at = attribute(&tag, "date")?.parse()?;
                    people = attribute(&tag, "address")?;
                    out.thread_called(&people);
                }
                Event::Empty(tag) if tag.name().as_ref() == b"part" => {
                    match attribute(&tag, "ct")?.as_str() {
                        "text/plain" => text = attribute(&tag, "text")?,
                        _ => more.media.push(attribute(&tag, "name")?),
                    }
                }
                // The code of who sent it.
                Event::Empty(tag)
                    if tag.name().as_ref() == b"addr" && attribute(&tag, "type")? == "137" =>
                {
                    sender = Some(attribute(&tag, "address")?);
                }
                Event::End(tag) if tag.name().as_ref() == b"mms" => {
                    let from = sender.take().unwrap_or_else(|| people.clone());
                    out.row(at, &from, &text, &std::mem::take(&mut more))?;
                    text.clear();
                }
                _ => {}
            }
            buffer.clear();
        }
    }
    Ok(())
}

/// Messenger's pages: the boxes by their classes, as `html5gum` tells tags and text.
pub fn pages(export: &Path, out: &mut Bare) -> Result<()> {
    let mut folder = None;
    for file in files(&export.join("your_facebook_activity"))? {
        let parent = file.parent().map(Path::to_owned);
        if folder != parent {
            folder = parent;
            out.thread();
        }
        page(&file, out)?;
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq)]
enum In {
    Nothing,
    Sender,
    Body,
    Reactions,
    Date,
}

fn page(file: &Path, out: &mut Bare) -> Result<()> {
    let reader = BufReader::new(fs::File::open(file)?);
    let (mut now, mut sender, mut text, mut date) =
        (In::Nothing, String::new(), String::new(), String::new());
    let mut more = More::default();
    for token in Tokenizer::new(html5gum::IoReader::new(reader)) {
        match token? {
            Token::StartTag(tag) => {
                let class = tag.attributes.get(&b"class"[..]).map(|c| c.value.as_slice());
                now = match class.unwrap_or_default() {
                    b"_2ph_ _a6-h _a6-i" => In::Sender,
                    b"_2ph_ _a6-p" => In::Body,
                    b"_a6-q" => In::Reactions,
                    b"_a72d" => In::Date,
                    _ => now,
                };
                if tag.name.as_slice() == b"br" {
                    text.push('\n');
                }
                if let Some(source) = tag.attributes.get(&b"src"[..]) {
                    more.media.push(String::from_utf8_lossy(&source.value).into_owned());
                }
            }
            Token::String(said) => {
                let said = String::from_utf8_lossy(&said);
                match now {
                    In::Sender => sender.push_str(&said),
                    In::Body => text.push_str(&said),
                    In::Reactions => more.reactions.push((said.into_owned(), String::new())),
                    In::Date => date.push_str(&said),
                    In::Nothing => {}
                }
            }
            Token::EndTag(tag) if tag.name.as_slice() == b"footer" => {
                let at = clock(&date, "%b %d, %Y %I:%M:%S %P").unwrap_or(0);
                out.row(at, &sender, &text, &std::mem::take(&mut more))?;
                (now, sender, text, date) =
                    (In::Nothing, String::new(), String::new(), String::new());
            }
            _ => {}
        }
    }
    Ok(())
}

/// Telegram's pages: the posts by their classes, as `html5gum` tells tags and text.
pub fn telegram_pages(export: &Path, out: &mut Bare) -> Result<()> {
    let mut folder = None;
    for file in files(&export.join("chats"))? {
        let parent = file.parent().map(Path::to_owned);
        if folder != parent {
            folder = parent;
            out.thread();
        }
        posts(&file, out)?;
    }
    Ok(())
}

/// A post that is being read.
#[derive(Default)]
struct Post {
    at: i64,
    text: String,
    more: More,
    begun: bool,
}

fn posts(file: &Path, out: &mut Bare) -> Result<()> {
    let reader = BufReader::new(fs::File::open(file)?);
    let (mut class, mut sender, mut post) = (Vec::new(), String::new(), Post::default());
    for token in Tokenizer::new(html5gum::IoReader::new(reader)) {
        match token? {
            Token::StartTag(mut tag) => {
                let mut value = |name: &[u8]| tag.attributes.remove(name).map(|v| v.value.0);
                if let Some(found) = value(b"class") {
                    class = found;
                }
                if class.starts_with(b"message default") {
                    tell(
                        &sender,
                        std::mem::replace(&mut post, Post { begun: true, ..Post::default() }),
                        out,
                    )?;
                    class.clear();
                }
                let title = value(b"title").map(|t| String::from_utf8_lossy(&t).into_owned());
                match class.as_slice() {
                    b"pull_right date details" => {
                        let date = title.and_then(|t| clock(t.get(..19)?, "%d.%m.%Y %H:%M:%S"));
                        post.at = date.unwrap_or(post.at);
                    }
                    b"initials" => {
                        post.more.reactions.extend(title.map(|by| (String::new(), by)));
                    }
                    b"reply_to details" => {
                        post.more.reply =
                            value(b"href").map(|v| String::from_utf8_lossy(&v).into_owned());
                    }
                    b"text" if tag.name.as_slice() == b"br" => post.text.push('\n'),
                    _ => {}
                }
            }
            Token::String(said) if !said.0.trim_ascii().is_empty() => {
                let said = String::from_utf8_lossy(&said);
                let said = said.trim_matches(['\n', ' ']);
                match class.as_slice() {
                    b"from_name" => said.clone_into(&mut sender),
                    b"text" => post.text.push_str(said),
                    b"title bold" => post.more.media.push(said.to_owned()),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    tell(&sender, post, out)
}

fn tell(sender: &str, post: Post, out: &mut Bare) -> Result<()> {
    if post.begun { out.row(post.at, sender, &post.text, &post.more) } else { Ok(()) }
}

/// A mailbox: `mail-parser` finds the mails and takes them apart.
pub fn mbox(export: &Path, out: &mut Bare) -> Result<()> {
    let reader = BufReader::new(fs::File::open(export.join("All mail.mbox"))?);
    for mail in MessageIterator::new(reader) {
        let mail = mail.map_err(|e| anyhow!("the mailbox: {e:?}"))?;
        let parsed = MessageParser::default().parse(mail.contents()).context("no mail")?;
        let from = parsed.from().and_then(|f| f.first()).and_then(|f| f.address());
        let at = parsed.date().map_or(0, |d| d.to_timestamp() * 1000);
        let name = |p: &MessagePart<'_>| p.attachment_name().map(str::to_owned);
        let more = More {
            media: parsed.attachments().filter_map(name).collect(),
            reply: parsed.in_reply_to().as_text().map(str::to_owned),
            ..More::default()
        };
        let text = parsed.body_text(0).unwrap_or_default();
        out.thread_called(parsed.thread_name().unwrap_or_default());
        out.row(at, from.unwrap_or_default(), &text, &more)?;
    }
    Ok(())
}
