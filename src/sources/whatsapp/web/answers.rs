//! What each answer quotes: the page tells it, the text does not.

use std::collections::VecDeque;

use super::super::lines::Lines;
use super::super::marks::{bare, digit};
use super::super::people;
use super::Page;
use super::body::is_picture;
use crate::sources::FileTree;

/// As much of a quote is kept.
const LONGEST_QUOTE: usize = 2 << 10;
/// As much of an answer's first line is compared.
const LONGEST_LINE: usize = 200;
/// Answers to look ahead for one that stands elsewhere than it should.
const NEAR: usize = 16;
/// No name is longer, with room for odd ones.
const LONGEST_NAME: usize = 400;
/// Messages that page and text may differ by.
const APART: i64 = 200;
/// The app writes no more messages into one export.
const MOST: usize = 100_000;

/// A message as the text has it.
pub struct Asked<'a> {
    /// Its number among all messages, from 0.
    pub index: i64,
    /// Hour and minute.
    pub time: (u32, u32),
    /// Who wrote it.
    pub name: &'a str,
    /// What.
    pub text: &'a str,
}

/// An answer on the page.
struct Answer {
    index: i64,
    /// Hour of the half day, and minute.
    time: (u32, u32),
    name: String,
    /// Its first line.
    line: String,
    /// What it quotes, without the name.
    quote: String,
}

impl Answer {
    fn is(&self, asked: &Asked<'_>) -> bool {
        let (hour, minute) = asked.time;
        self.time == (hour % 12, minute) && self.name == bare(asked.name)
    }
}

/// The answers of a chat, in their order.
#[derive(Default)]
pub struct Answers {
    all: VecDeque<Answer>,
    /// Page and text have as many messages: the numbers of one are the numbers of the other.
    even: bool,
}

impl Answers {
    /// Those on a page, for a text of so many messages. What cannot be read has none.
    pub fn of(tree: &FileTree, page: Page<'_>, messages: u64) -> Self {
        let Ok(reader) = tree.open_entry(page.entry) else { return Self::default() };
        Self::from((&mut Lines::new(reader), messages))
    }

    /// What a message quotes. To be asked of one message after the other.
    pub fn quote(&mut self, asked: &Asked<'_>) -> Option<String> {
        if self.even {
            while self.all.front().is_some_and(|answer| answer.index < asked.index) {
                self.all.pop_front();
            }
            let here = |answer: &mut Answer| answer.index == asked.index && answer.is(asked);
            return self.all.pop_front_if(here).map(|answer| answer.quote);
        }
        // Somebody's text looks like a message in one of the two, but not in the other.
        while self.all.front().is_some_and(|answer| answer.index + APART < asked.index) {
            self.all.pop_front();
        }
        let line = first_line(asked.text);
        let said = |answer: &Answer| answer.is(asked) && answer.line == line;
        let at = self.all.iter().take(NEAR).position(said)?;
        self.all.drain(..=at).next_back().map(|answer| answer.quote)
    }
}

impl From<(&mut Lines<'_>, u64)> for Answers {
    fn from((lines, messages): (&mut Lines<'_>, u64)) -> Self {
        let (all, count) = all(lines);
        Self { all, even: u64::try_from(count) == Ok(messages) }
    }
}

fn first_line(text: &str) -> &str {
    let line = text.lines().next().unwrap_or("");
    &line[..line.floor_char_boundary(LONGEST_LINE)]
}

/// What begins a message on the page.
struct Begun<'l> {
    time: (u32, u32),
    /// Who wrote it, and what stands behind the name; `None`: the app.
    signed: Option<(&'l str, &'l str)>,
}

fn header(line: &str) -> Option<Begun<'_>> {
    let (time, rest) = line.strip_prefix('[')?.split_once("] ")?;
    if time.len() > 40 {
        return None;
    }
    let mut numbers = time.split(|c| digit(c).is_none()).filter(|n| !n.is_empty());
    let mut number =
        || Some(numbers.next()?.chars().filter_map(digit).fold(0, |n, d| (n * 10 + d) % 1000));
    let (hour, minute) = (number()?, number()?);
    let time = (hour % 12, minute);
    if let Some(signed) = rest.strip_prefix("**") {
        return Some(Begun { time, signed: Some(signed.split_once(":**")?) });
    }
    rest.starts_with(['_', '[']).then_some(Begun { time, signed: None })
}

/// A message that has begun with nothing behind the name.
struct Open {
    time: (u32, u32),
    name: String,
    quote: String,
    closed: bool,
}

/// The answers, and the number of messages.
fn all(lines: &mut Lines<'_>) -> (VecDeque<Answer>, i64) {
    let mut out = VecDeque::new();
    let mut raw = Vec::new();
    let mut count = 0;
    let mut open: Option<Open> = None;
    while let Ok(Some(line)) = lines.next(&mut raw) {
        let line = line.text.as_ref();
        if let Some(Begun { time, signed }) = header(line) {
            count += 1;
            let bare_name =
                signed.filter(|(name, rest)| bare(rest).is_empty() && name.len() <= LONGEST_NAME);
            open = bare_name.map(|(name, _)| Open {
                time,
                name: bare(name).to_owned(),
                quote: String::new(),
                closed: false,
            });
            continue;
        }
        let Some(now) = &mut open else { continue };
        if !now.closed {
            now.closed = add(&mut now.quote, line);
            if now.quote.is_empty() {
                open = None;
            }
        } else if !bare(line).is_empty() {
            let quote = quoted(&now.quote);
            if out.len() < MOST && !quote.is_empty() {
                let (time, name) = (now.time, std::mem::take(&mut now.name));
                let line = first_line(line).to_owned();
                out.push_back(Answer { index: count - 1, time, name, line, quote });
            }
            open = None;
        }
    }
    (out, count)
}

/// Adds a line to a quote (`> _Name: text`, more lines without a mark); whether it is the last.
fn add(quote: &mut String, line: &str) -> bool {
    let begun = !quote.is_empty();
    let piece = if begun { Some(line) } else { line.strip_prefix("> _") };
    let Some(piece) = piece else { return false };
    let (piece, last) = match piece.strip_suffix('_') {
        Some(piece) => (piece, true),
        None => (piece, false),
    };
    let room = LONGEST_QUOTE.saturating_sub(quote.len());
    if begun && room > 0 {
        quote.push('\n');
    }
    quote.push_str(&piece[..piece.floor_char_boundary(room.min(piece.len()))]);
    last
}

/// What is quoted, without the name. A message that is not there any more is quoted in brackets,
/// with nobody's name; a place by its picture, which nobody can read.
fn quoted(quote: &str) -> String {
    let text = quote.split_once(": ").map_or(quote, |(_, text)| text);
    if quote.starts_with('[') || is_picture(text) {
        return String::new();
    }
    if text.starts_with("BEGIN:VCARD") {
        return people::on_card(text).unwrap_or_default();
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# WhatsApp Chat Export: Cake\nExport date: today\n\n---\n\n## January 5, 2026\n\n\
        [3:04\u{202f}PM] __Maya created the group__\n\n\
        [3:05 PM] **Maya:** Who brings the cake?\n\n\
        [3:06 PM] **You:**\n> _Maya: Who brings the cake?_\nI do\n\n\
        [3:07 PM] **Uma:**\n> _[Original message not available]_\nyes\n\n\
        [15:08] **Uma:**\n> _You: one\ntwo_\n\n[Image] look\n\n\
        [3:09 PM] **Uma:**\nnothing quoted\n\n\
        [\u{663}:\u{661}\u{660} \u{645}] **Uma:**\n> _Maya: BEGIN:VCARD\nFN:Jonas\nEND:VCARD_\nok\n";

    fn answers(page: &str, messages: u64) -> Answers {
        Answers::from((&mut Lines::new(Box::new(page.as_bytes())), messages))
    }

    fn ask(told: &mut Answers, index: i64, time: (u32, u32), said: (&str, &str)) -> String {
        let (name, text) = said;
        told.quote(&Asked { index, time, name, text }).unwrap_or_default()
    }

    #[test]
    fn an_answer_quotes_what_the_page_says() {
        let told = &mut answers(PAGE, 7);
        assert_eq!(ask(told, 1, (15, 5), ("Maya", "Who brings the cake?")), "");
        assert_eq!(ask(told, 2, (15, 6), ("You", "I do")), "Who brings the cake?");
        assert_eq!(ask(told, 3, (15, 7), ("Uma", "yes")), "");
        assert_eq!(ask(told, 4, (15, 8), ("Uma", "<image omitted> look")), "one\ntwo");
        assert_eq!(ask(told, 5, (15, 9), ("Uma", "nothing quoted")), "");
        assert_eq!(ask(told, 6, (15, 10), ("Uma", "ok")), "Jonas");
    }

    #[test]
    fn a_plain_message_in_the_words_of_an_answer_takes_nothing() {
        let page = "[3:01 PM] **Ann:** ok\n\n[3:01 PM] **Uma:**\n> _Ann: A_\nyes\n\n\
                    [3:01 PM] **Ann:**\n> _Uma: B_\nok\n";
        let told = &mut answers(page, 3);
        assert_eq!(ask(told, 0, (15, 1), ("Ann", "ok")), "");
        assert_eq!(ask(told, 1, (15, 1), ("Uma", "yes")), "A");
        assert_eq!(ask(told, 2, (15, 1), ("Ann", "ok")), "B");
    }

    #[test]
    fn a_page_and_a_text_that_count_otherwise_go_by_time_and_words() {
        let told = &mut answers(PAGE, 5);
        assert_eq!(ask(told, 0, (15, 6), ("You", "I do")), "Who brings the cake?");
        assert_eq!(ask(told, 4, (15, 10), ("Uma", "ok")), "Jonas");
        let strange = &mut answers(PAGE, 5);
        assert_eq!(ask(strange, 2, (15, 6), ("Uma", "I do")), "", "somebody else's");
        assert_eq!(ask(strange, 2, (15, 7), ("You", "I do")), "", "another time");
    }

    #[test]
    fn what_has_no_end_or_no_words_is_no_quote() {
        let mut page = "# x: y\nd: d\n\n[3:06 PM] **You:**\n> _Maya: a".to_owned();
        page.push_str(&"\nb".repeat(LONGEST_QUOTE));
        assert!(answers(&page, 1).all.is_empty());
        let picture = format!("[3:06 PM] **You:**\n> _Maya: {}_\nthere?\n", "/9j/".repeat(60));
        assert!(answers(&picture, 1).all.is_empty());
        assert!(answers("[3:06 PM] **You:**", 1).all.is_empty());
        assert!(answers("[3:06 PM] **You:**\n> _a_", 1).all.is_empty());
    }
}
