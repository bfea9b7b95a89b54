//! What is laid out in blocks: its words, and whether a text beside them says them already.
//!
//! As Slack's page "Reference: blocks" tells, a text beside blocks is what notifications show: the
//! same words, a part of them, or none. What people type is laid out too (`rich_text`), and its text
//! says all of it.

use std::collections::HashSet;

use serde_json::Value;

use super::mrkdwn::{by_name, plain, unescaped};
use super::people::People;
use crate::model::{Attachment, AttachmentKind, MediaPlace};
use crate::sources::json::{list, member, text, words};

/// Addresses told of one message.
const LINKS: usize = 1_000;
/// Letters gone through at the most to find what is said already; no message comes near.
const LOOKED_THROUGH: usize = 1 << 28;
/// A longer text is said to say everything, in bytes.
const LONGEST: usize = 1 << 20;
/// Shorter pieces are looked for as words: `no` is not said by `notes`.
const SHORT: usize = 4;

/// What begins a line.
const LINES: [&str; 14] = [
    "section",
    "header",
    "context",
    "rich_text_section",
    "rich_text_preformatted",
    "rich_text_quote",
    "actions",
    "image",
    "markdown",
    "video",
    "input",
    "call",
    "alert",
    "card",
];

/// What blocks say.
#[derive(Debug, Default)]
pub struct Laid {
    /// Their words.
    pub text: String,
    /// Addresses behind words and buttons.
    pub links: Vec<Attachment>,
    /// Letters and digits of each piece, and whether it may be a part of a word.
    pieces: Vec<(String, bool)>,
    /// What comes between two texts: those of a context stand in one line.
    apart: char,
    /// In a row of a table, which is one line.
    row: bool,
}

/// What is still to be laid out.
enum Step<'v> {
    Block(&'v Value),
    /// A row of a table begins.
    Row,
    /// The next cell of it.
    Cell,
    /// It ends.
    End,
}

/// Lays out the blocks of a message or a card.
pub fn laid(value: &Value, people: &People) -> Laid {
    let mut laid = Laid { apart: '\n', ..Laid::default() };
    let mut open: Vec<Step<'_>> = list(value, "blocks").iter().rev().map(Step::Block).collect();
    while let Some(step) = open.pop() {
        match step {
            Step::Row => {
                laid.line();
                laid.row = true;
            }
            Step::Cell => laid.text.push_str(" | "),
            Step::End => laid.row = false,
            Step::Block(block) => {
                laid.block(block, people);
                let first = open.len();
                within(block, &mut open);
                open.get_mut(first..).unwrap_or_default().reverse();
            }
        }
    }
    laid.text.truncate(laid.text.trim_end().len());
    laid
}

/// What lies in a block, in the order in which it is shown.
fn within<'v>(block: &'v Value, out: &mut Vec<Step<'v>>) {
    let one = |name: &str| block.get(name).filter(|v| v.is_object()).map(Step::Block);
    out.extend(["label", "text", "title", "description"].into_iter().filter_map(one));
    for row in list(block, "rows") {
        out.push(Step::Row);
        for (i, cell) in row.as_array().into_iter().flatten().enumerate() {
            out.extend((i > 0).then_some(Step::Cell));
            out.push(Step::Block(cell));
        }
        out.push(Step::End);
    }
    out.extend(list(block, "elements").iter().chain(list(block, "fields")).map(Step::Block));
    // Of a menu nobody sees the choices; boxes to tick stand in sight.
    if matches!(text(block, "type"), Some("checkboxes" | "radio_buttons")) {
        out.extend(list(block, "options").iter().map(Step::Block));
    }
    out.extend(["accessory", "element"].into_iter().filter_map(one));
}

/// Letters and digits, by which texts are compared: marks and spaces are each app's own.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn words_in(text: &str) -> impl Iterator<Item = String> + use<'_> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase)
}

impl Laid {
    fn line(&mut self) {
        if !self.row && !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    /// Words that count. `typed`: where style changes, a word is laid out in parts.
    fn say(&mut self, said: &str, typed: bool) {
        self.text.push_str(said);
        let piece = letters(said);
        if !piece.is_empty() {
            self.pieces.push((piece, typed));
        }
    }

    fn link(&mut self, name: Option<String>, url: Option<String>) {
        let url = url.filter(|url| url.contains("://") && self.links.len() < LINKS);
        self.links.extend(url.map(|url| Attachment {
            kind: AttachmentKind::Share,
            name,
            place: MediaPlace::Web { url },
        }));
    }

    /// A block's own words.
    fn block(&mut self, block: &Value, people: &People) {
        let kind = text(block, "type").unwrap_or_default();
        if LINES.contains(&kind) {
            self.line();
            self.apart = if matches!(kind, "context" | "actions") { ' ' } else { '\n' };
        } else if matches!(kind, "mrkdwn" | "plain_text")
            && !self.text.is_empty()
            && !self.text.ends_with(char::is_whitespace)
        {
            self.text.push(self.apart);
        }
        let of = |name: &str| text(block, name).unwrap_or_default();
        match kind {
            // Whom and what a text names it names in its own way: these prove nothing.
            "user" => {
                let id = of("user_id");
                self.text.push('@');
                self.text.push_str(people.name(id).unwrap_or(id));
            }
            "channel" => {
                let id = of("channel_id");
                self.text.push('#');
                self.text.push_str(people.channels.get(id).map_or(id, String::as_str));
            }
            "broadcast" => {
                self.text.push('@');
                self.text.push_str(of("range"));
            }
            "usergroup" => {
                self.text.push('@');
                self.text.push_str(of("usergroup_id"));
            }
            "emoji" => self.text.push_str(&by_name(of("name"))),
            "date" => self.text.push_str(of("fallback")),
            "color" => self.text.push_str(of("value")),
            "mrkdwn" => {
                let mut links = Vec::new();
                let said = plain(of("text"), people, "@", &mut links);
                self.say(&said, false);
                let room = LINKS.saturating_sub(self.links.len());
                self.links.extend(links.into_iter().take(room));
            }
            "link" => {
                let (label, url) = (words(block, "text"), words(block, "url"));
                let said = label.clone().or_else(|| url.clone()).unwrap_or_default();
                self.say(&said, true);
                if label.is_some() && label != url {
                    self.link(label, url);
                }
            }
            "call" => {
                let call = member(block, "call").and_then(|c| member(c, "v1"));
                let name = call.and_then(|c| words(c, "name"));
                self.say(name.as_deref().unwrap_or_default(), false);
                self.link(name, call.and_then(|c| words(c, "join_url")));
            }
            "button" => self.link(title(block, "text"), words(block, "url")),
            "video" => self.link(
                title(block, "title"),
                words(block, "title_url").or_else(|| words(block, "video_url")),
            ),
            _ => {
                let said = text(block, "text").or_else(|| text(block, "alt_text"));
                self.say(said.unwrap_or_default(), kind == "text");
            }
        }
    }

    /// Whether a text says all of it: as it came, or as it is told.
    pub fn is_said(&self, raw: &str, told: &str) -> bool {
        // Slack takes no text that comes near; copies of one of megabytes are room for nothing.
        if self.pieces.is_empty() || raw.len() > LONGEST || told.len() > LONGEST {
            return true;
        }
        let all = format!("{}\n{}", letters(&unescaped(raw)), letters(told));
        if self.pieces.len().saturating_mul(all.len()) > LOOKED_THROUGH {
            return true;
        }
        let single: HashSet<String> = words_in(told).collect();
        self.pieces.iter().all(|(piece, typed)| match *typed || piece.chars().count() >= SHORT {
            true => all.contains(piece.as_str()),
            false => single.contains(piece),
        })
    }

    /// Whether a text says nothing beside it: each of its words, or only that there is more to see.
    pub fn says_all_of(&self, told: &str) -> bool {
        const NOTHING: [&str; 2] =
            ["thiscontentcantbedisplayed", "thismessagecontainsinteractiveelements"];
        if NOTHING.contains(&letters(told).as_str()) {
            return true;
        }
        // Slack's own way to make a text of blocks with buttons.
        let told = told.trim_end().strip_suffix("with interactive elements").unwrap_or(told);
        let here: HashSet<String> = words_in(&self.text).collect();
        let mut said = words_in(told).peekable();
        match said.peek() {
            Some(_) => said.all(|word| here.contains(&word)),
            None => self.text.contains(told.trim()),
        }
    }
}

/// The text of a member that is laid out itself.
fn title(block: &Value, name: &str) -> Option<String> {
    words(member(block, name)?, "text")
}
