//! Answering one message: the quote that goes along, as people quote in plain text.

use super::{Engine, EngineError};
use crate::inbox::{HandedRow, ReplyRow, TranscriptPos};
use crate::model::{Deletion, MessageId, MessageKind, ReplyTo, ThreadId};
use crate::store::{PageEnd, StoredMessage};

/// Characters of a quote, and of the name before it.
const QUOTE: usize = 120;
const NAME: usize = 60;
/// Texts of one answer, at most.
const WINDOW: usize = 200;

/// The message that a text answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// As the screen has it.
    pub row: ReplyRow,
    /// The source's own id of it.
    pub native_id: Option<String>,
}

impl Answered {
    fn of(m: StoredMessage) -> Option<Self> {
        if m.deletion != Deletion::None || m.kind == MessageKind::System {
            return None;
        }
        let mut quote = start(&m.text, QUOTE);
        if quote.is_empty() {
            quote = match (&m.kind, m.attachments.first()) {
                (MessageKind::Call(_), _) => "call".to_owned(),
                (_, Some(a)) => a.kind.word().to_owned(),
                (_, None) => return None,
            };
        }
        let sender = m.sender.unwrap_or_default();
        let row = ReplyRow { message: m.id, sender, mine: m.mine, quote };
        Some(Self { row, native_id: m.native_id })
    }

    /// The text with the quote before it: `> Name: first line…`. Nothing but the person's own text
    /// is on lines of its own, so that no quoted name or text can pass for it.
    pub fn quoting(&self, text: &str) -> String {
        if text.trim().is_empty() {
            return text.to_owned();
        }
        match start(&self.row.sender, NAME) {
            name if name.is_empty() => format!("> {}\n{text}", self.row.quote),
            name => format!("> {name}: {}\n{text}", self.row.quote),
        }
    }

    /// For the store.
    pub fn reply_to(self) -> ReplyTo {
        ReplyTo { native_id: self.native_id, quote: Some(self.row.quote) }
    }
}

/// Who said what, in a line.
fn words(m: StoredMessage) -> String {
    let who = match (m.mine, m.sender.as_deref()) {
        (true, _) => "You".to_owned(),
        (false, name) => start(name.unwrap_or_default(), NAME),
    };
    let what = match (m.deletion, m.kind == MessageKind::Sealed) {
        (Deletion::None, false) => Answered::of(m).map(|a| a.row.quote),
        (Deletion::None, true) => Some("an encrypted message".to_owned()),
        _ => Some("a message that was taken back".to_owned()),
    };
    let what = what.unwrap_or_else(|| "…".to_owned());
    if who.is_empty() { what } else { format!("{who}: {what}") }
}

/// The first line of a stranger's text that says something, of so many characters at most, without
/// what would steer a terminal or turn the direction of what follows.
fn start(text: &str, most: usize) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    let clean = |l: &str| l.chars().filter(|c| *c == '\t' || !steers(*c)).collect::<String>();
    let mut lines = text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).map(clean);
    let Some(line) = lines.find(|l| !l.trim().is_empty()) else { return String::new() };
    let more = lines.any(|l| !l.trim().is_empty());
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = line.char_indices().nth(most).map(|(at, _)| at);
    match end {
        Some(at) => format!("{}…", line[..at].trim_end()),
        None if more => format!("{line}…"),
        None => line,
    }
}

impl Engine {
    /// What a text that answers a message quotes. `None`: it is no message of this thread, or
    /// there is nothing to quote.
    pub fn answered(
        &self,
        thread: ThreadId,
        message: Option<MessageId>,
    ) -> Result<Option<Answered>, EngineError> {
        let Some(id) = message else { return Ok(None) };
        let found = self.reader.message(id)?.filter(|m| m.thread == thread);
        Ok(found.and_then(Answered::of))
    }

    /// Most apps tell by its id which message another one answers: its words stand with the answer.
    pub(super) fn quote_answered(&self, page: &mut [StoredMessage]) -> Result<(), EngineError> {
        for m in page {
            let strand = m.strand;
            let Some(reply) = m.reply_to.as_mut().filter(|r| r.quote.is_none()) else { continue };
            let Some(id) = reply.native_id.as_deref() else { continue };
            reply.quote = self.reader.by_native_id(strand, id)?.map(words);
        }
        Ok(())
    }

    /// The message that the draft of a thread answers.
    pub(super) fn reply_of_draft(&self, thread: ThreadId) -> Result<Option<ReplyRow>, EngineError> {
        let message = self.reader.reply_of_draft(thread)?;
        Ok(self.answered(thread, message)?.map(|a| a.row))
    }

    /// What was handed off from here in a thread, newest first, and whether there is more.
    pub fn handed(
        &self,
        thread: ThreadId,
        before: Option<TranscriptPos>,
        limit: usize,
    ) -> Result<(Vec<HandedRow>, bool), EngineError> {
        let limit = limit.clamp(1, WINDOW);
        let end = before.map_or(PageEnd::Edge, |p| PageEnd::Beside(p.at, p.order, p.message));
        let mut page = self.reader.own(thread, end, limit + 1)?;
        let more = page.len() > limit;
        page.truncate(limit);
        let row = |m: StoredMessage| {
            Some(HandedRow {
                pos: TranscriptPos { at: m.sent.at, order: m.order, message: m.id },
                state: m.send_state?,
                reply_quote: m.reply_to.and_then(|r| r.quote),
                text: m.text,
            })
        };
        Ok((page.into_iter().filter_map(row).collect(), more))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(sender: &str, quote: &str) -> Answered {
        let row = ReplyRow {
            message: MessageId(1),
            sender: sender.into(),
            mine: false,
            quote: start(quote, QUOTE),
        };
        Answered { row, native_id: None }
    }

    #[test]
    fn a_quote_is_one_bounded_line() {
        let a = answered("Jonas", "did the parcel arrive?\nit should have");
        assert_eq!(a.quoting("yes!\nthanks"), "> Jonas: did the parcel arrive?…\nyes!\nthanks");
        let long = answered(&"n".repeat(500), &"word ".repeat(500)).quoting("ok");
        assert!(long.chars().count() < 200 && long.ends_with("…\nok"), "{long}");
        assert_eq!(answered("", "hm").quoting("ok"), "> hm\nok");
        assert_eq!(answered("Jonas", "hm").quoting(" "), " ", "a quote alone is no message");
    }

    #[test]
    fn nobody_writes_lines_into_an_answer() {
        let evil = "\u{202e}Eve\nI owe you\u{2028}money\u{85}\u{1b}[2J";
        let text = answered(evil, evil).quoting("no");
        assert_eq!(text, "> Eve…: Eve…\nno");
        assert_eq!(text.lines().count(), 2);
    }
}
