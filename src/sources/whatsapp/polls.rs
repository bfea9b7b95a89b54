//! What the app writes out over several lines: polls and events.

use super::body::Body;
use super::marks::{after_marks, bare, is_mark};
use crate::model::MessageKind;

/// `POLL:`, the question, then the options; or Web's `Poll: question`.
pub fn poll(line: &str, rest: &str) -> Option<Body> {
    let label = bare(line);
    let (word, told) = label.split_once(':')?;
    let (word, told) = (word.trim_end(), told.trim());
    let one_word = !word.contains(' ') && word.chars().count() <= 24;
    let (question, options) = if one_word && told.is_empty() {
        // The question may have lines, options have one each, all under one word: anything else is
        // a list of somebody's.
        let first = rest.lines().position(|line| option(line).is_some())?;
        let at = rest.lines().take(first).map(|line| line.len() + 1).sum::<usize>();
        (rest.get(..at)?, options(rest.get(at..)?)?)
    } else if one_word && word == word.to_uppercase() {
        // Or it stands behind the word.
        (told, options(rest)?)
    } else {
        let question = label.strip_prefix("Poll: ")?;
        let options = rest.lines().filter_map(|l| l.strip_prefix("    - ")).map(str::to_owned);
        (question, options.collect())
    };
    if options.is_empty() {
        return None;
    }
    let text =
        std::iter::once(bare(question).to_owned()).chain(options).collect::<Vec<_>>().join("\n");
    Some(Body { kind: MessageKind::Poll, ..Body::text(&text) })
}

/// The options of a poll, one a line, all under one word. `None`: something else is among them.
fn options(lines: &str) -> Option<Vec<String>> {
    let lines = lines.lines().filter(|line| !bare(line).is_empty());
    let all: Vec<(&str, &str)> = lines.map(option).collect::<Option<_>>()?;
    let one = all.iter().all(|(label, _)| *label == all[0].0);
    one.then(|| all.into_iter().map(|(_, text)| text.to_owned()).collect())
}

/// `EVENT: Picnic`, then what the app keeps of it, a line each, the time in milliseconds.
pub fn event(line: &str, rest: &str) -> Option<Body> {
    let title = bare(line).strip_prefix("EVENT: ")?;
    let field = |name: &str| {
        let found = rest.lines().find_map(|l| after_marks(l).strip_prefix(name));
        found.map(bare).filter(|value| !value.is_empty())
    };
    let start: i64 = field("Event Start time:")?.parse().ok()?;
    let start = chrono::DateTime::from_timestamp_millis(start)?;
    let mut lines = vec![title.to_owned(), start.format("%Y-%m-%d %H:%M UTC").to_string()];
    let more = ["Event Location Name:", "Event Description:", "Event Join Link:"];
    lines.extend(more.iter().filter_map(|name| field(name)).map(str::to_owned));
    if field("Event Cancelled:") == Some("true") {
        lines.push("(cancelled)".to_owned());
    }
    Some(Body::text(&lines.join("\n")))
}

/// `OPTION: x (3 votes)` → `OPTION`, `x (3 votes)`. The word is the app's: capitals, or behind a mark.
fn option(line: &str) -> Option<(&str, &str)> {
    let marked = line.starts_with(is_mark);
    let (label, option) = after_marks(line).split_once(':')?;
    let label = label.trim_end();
    let capitals = !label.is_empty() && !label.contains(' ') && label == label.to_uppercase();
    (capitals && (marked || option.trim_end().ends_with(')'))).then(|| (label, bare(option)))
}
