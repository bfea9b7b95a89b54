//! What each answer quotes: the page tells it, the text does not.

use std::collections::VecDeque;

use super::super::lines::Lines;
use super::super::marks::bare;
use super::Page;
use crate::sources::FileTree;

/// As much of a quote is kept.
const LONGEST_QUOTE: usize = 2 << 10;
/// Answers to look ahead for one that stands elsewhere than it should.
const NEAR: usize = 16;
/// The app writes no more messages into one export.
const MOST: usize = 100_000;

/// An answer on the page.
struct Answer {
    /// Its number among all messages, from 0.
    index: i64,
    /// Who gave it.
    name: String,
    /// Its first line.
    line: String,
    /// What it quotes, without the name.
    quote: String,
}

/// The answers of a chat, in their order.
#[derive(Default)]
pub struct Answers {
    all: VecDeque<Answer>,
    /// How many messages more the page was found to have so far than the text.
    ahead: i64,
}

impl Answers {
    /// Those on a page. What cannot be read has none.
    pub fn of(tree: &FileTree, page: Page<'_>) -> Self {
        let Ok(reader) = tree.open_entry(page.entry) else { return Self::default() };
        Self { all: all(&mut Lines::new(reader)), ahead: 0 }
    }

    /// What a message quotes. To be asked of one message after the other.
    pub fn quote(&mut self, index: i64, name: &str, text: &str) -> Option<String> {
        let name = bare(name);
        let line = text.lines().next().unwrap_or("");
        while self.all.front().is_some_and(|a| a.index < index + self.ahead) {
            // The page may be behind, where a text of somebody's looks like a message.
            let says = |a: &Answer| a.name == name && a.line == line;
            if self.all.front().is_some_and(says) {
                break;
            }
            self.all.pop_front();
        }
        let here = |a: &Answer| a.index == index + self.ahead && a.name == name;
        let said = |a: &Answer| a.name == name && a.line == line && !line.is_empty();
        let at = match self.all.front() {
            Some(front) if here(front) => 0,
            _ => self.all.iter().take(NEAR).position(said)?,
        };
        let answer = self.all.drain(..=at).next_back()?;
        self.ahead = answer.index - index;
        Some(answer.quote)
    }
}

/// A line that begins a message: whose it is, and what stands behind; `None`: the app's.
fn header(line: &str) -> Option<Option<(&str, &str)>> {
    let (time, rest) = line.strip_prefix('[')?.split_once("] ")?;
    if time.len() > 40 || !time.contains(char::is_numeric) {
        return None;
    }
    if let Some(signed) = rest.strip_prefix("**") {
        return Some(Some(signed.split_once(":**")?));
    }
    rest.starts_with(['_', '[']).then_some(None)
}

fn all(lines: &mut Lines<'_>) -> VecDeque<Answer> {
    let mut out = VecDeque::new();
    let mut raw = Vec::new();
    let mut index = -1;
    // Whose message has begun with nothing behind the name, the quote so far, and its end.
    let mut open: Option<(String, String, bool)> = None;
    while let Ok(Some(line)) = lines.next(&mut raw) {
        let line = line.text.as_ref();
        if let Some(begun) = header(line) {
            index += 1;
            open = begun
                .filter(|(_, rest)| bare(rest).is_empty())
                .map(|(name, _)| (bare(name).to_owned(), String::new(), false));
            continue;
        }
        let Some((name, quote, closed)) = &mut open else { continue };
        if !*closed {
            *closed = add(quote, line);
            if quote.is_empty() {
                open = None;
            }
        } else if bare(line).is_empty() {
            // Between a quote and its answer.
        } else {
            let quoted = without_name(quote);
            if out.len() < MOST && !quoted.is_empty() {
                let (name, quote) = (std::mem::take(name), quoted.to_owned());
                out.push_back(Answer { index, name, line: line.to_owned(), quote });
            }
            open = None;
        }
    }
    out
}

/// Adds a line to a quote (`> _Name: text`, more lines without a mark); whether it is the last.
fn add(quote: &mut String, line: &str) -> bool {
    let piece = match quote.is_empty() {
        true => match line.strip_prefix("> _") {
            Some(piece) => piece,
            None => return false,
        },
        false => line,
    };
    let (piece, last) = match piece.strip_suffix('_') {
        Some(piece) => (piece, true),
        None => (piece, false),
    };
    let room = LONGEST_QUOTE.saturating_sub(quote.len());
    if !quote.is_empty() {
        quote.push('\n');
    }
    quote.push_str(&piece[..piece.floor_char_boundary(room.min(piece.len()))]);
    last
}

/// A message that is not there any more is quoted in brackets, with nobody's name.
fn without_name(quote: &str) -> &str {
    if quote.starts_with('[') {
        return "";
    }
    quote.split_once(": ").map_or(quote, |(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# WhatsApp Chat Export: Cake\nExport date: today\n\n---\n\n## January 5, 2026\n\n\
        [3:04\u{202f}PM] __Maya created the group__\n\n\
        [3:05 PM] **Maya:** Who brings the cake?\n\n\
        [3:06 PM] **You:**\n> _Maya: Who brings the cake?_\nI do\n\n\
        [3:07 PM] **Uma:**\n> _[Original message not available]_\nyes\n\n\
        [3:08 PM] **Uma:**\n> _You: one\ntwo_\n\n[Image] look\n\n\
        [3:09 PM] **Uma:**\nnothing quoted\n";

    fn answers(page: &str) -> Answers {
        Answers { all: all(&mut Lines::new(Box::new(page.as_bytes()))), ahead: 0 }
    }

    #[test]
    fn an_answer_quotes_what_the_page_says() {
        let mut told = answers(PAGE);
        assert_eq!(told.quote(1, "Maya", "Who brings the cake?"), None);
        assert_eq!(told.quote(2, "You", "I do").as_deref(), Some("Who brings the cake?"));
        assert_eq!(told.quote(3, "Uma", "yes"), None);
        assert_eq!(told.quote(4, "Uma", "<image omitted> look").as_deref(), Some("one\ntwo"));
        assert_eq!(told.quote(5, "Uma", "nothing quoted"), None);
    }

    #[test]
    fn a_page_and_a_text_that_count_otherwise_meet_again() {
        let mut told = answers(PAGE);
        // The text has two messages less, then the same number again.
        assert_eq!(told.quote(0, "You", "I do").as_deref(), Some("Who brings the cake?"));
        assert_eq!(told.quote(2, "Uma", "<image omitted> look").as_deref(), Some("one\ntwo"));
        let mut behind = answers(PAGE);
        assert_eq!(behind.quote(7, "You", "I do").as_deref(), Some("Who brings the cake?"));
        let mut strange = answers(PAGE);
        assert_eq!(strange.quote(2, "Uma", "I do"), None, "somebody else's");
    }

    #[test]
    fn a_quote_without_end_is_none() {
        let mut page = "# x: y\nd: d\n\n[3:06 PM] **You:**\n> _Maya: a".to_owned();
        page.push_str(&"\nb".repeat(LONGEST_QUOTE));
        assert!(answers(&page).all.is_empty());
        assert!(answers("[3:06 PM] **You:**").all.is_empty());
        assert!(answers("[3:06 PM] **You:**\n> _a_").all.is_empty());
    }
}
