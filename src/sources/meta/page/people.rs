//! Names in a page that stand in running text: who takes part, who reacted.

use unicode_segmentation::UnicodeSegmentation;

use super::stamp;
use crate::sources::DateOrder;

/// The last name follows a word, in the languages known.
const AND: &[&str] = &[
    " and ", " e ", " y ", " et ", " und ", " en ", " i ", " och ", " og ", " ve ", " ja ", " és ",
    " a ", " și ", " и ", " та ", " і ", " και ", " dan ", " và ", "和", "と", " 및 ", " و",
];

/// The names in `Participants: Ana Lima, Bo Berg and Jo Ek`, whatever its language; `None`: the
/// line is about something else.
pub fn listed(line: &str) -> Option<Vec<String>> {
    let (label, names) = line.split_once(": ").or_else(|| line.split_once('：'))?;
    if label.chars().count() > 40 || names.contains("://") || names.trim().is_empty() {
        return None;
    }
    let mut pieces: Vec<&str> = names.split([',', '、', '،']).map(str::trim).collect();
    if let Some(last) = pieces.pop() {
        let parted = AND.iter().find_map(|and| last.rsplit_once(and));
        // `and` behind a comma leaves nothing before it.
        match parted {
            Some((before, name)) => pieces.extend([before.trim(), name.trim()]),
            None => pieces.push(last),
        }
    }
    let names: Vec<String> =
        pieces.into_iter().filter(|n| !n.is_empty()).map(str::to_owned).collect();
    (!names.is_empty()).then_some(names)
}

/// A reaction as it stands: the emoji, the name right behind it, and the date, if there is one.
pub fn reaction(item: &str, order: DateOrder) -> Option<(String, String, Option<stamp::Stamp>)> {
    let item = item.trim();
    let dated =
        item.strip_suffix(')').and_then(|rest| rest.rsplit_once('(')).and_then(|(before, date)| {
            stamp::read(date.trim(), order).map(|stamp| (before.trim(), stamp))
        });
    let (rest, at) = match dated {
        Some((before, stamp)) => (before, Some(stamp)),
        None => (item, None),
    };
    let emoji = rest.graphemes(true).next()?;
    let name = rest.get(emoji.len()..)?.trim();
    (!name.is_empty()).then(|| (emoji.to_owned(), name.to_owned(), at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_takes_part() {
        let names = |line: &str| listed(line).unwrap_or_default().join("|");
        assert_eq!(names("Participants: Ana Lima, Bo Berg and Jo Ek"), "Ana Lima|Bo Berg|Jo Ek");
        assert_eq!(names("Participants: Ana Lima and Bo Berg"), "Ana Lima|Bo Berg");
        assert_eq!(names("Participantes: Ana Lima, Bo Berg e Jo Ek"), "Ana Lima|Bo Berg|Jo Ek");
        assert_eq!(names("Teilnehmer: Ana Lima, Bo Berg und Jo"), "Ana Lima|Bo Berg|Jo");
        assert_eq!(names("Participants: Ana Lima"), "Ana Lima");
        assert_eq!(names("Group Invite Link: https://ig.me/j/Abc"), "");
        assert_eq!(names("Mailbox thread pending"), "");
    }

    #[test]
    fn who_reacted() {
        let of = |item: &str| {
            let (emoji, name, at) = reaction(item, DateOrder::Dmy).unwrap_or_default();
            format!("{emoji}|{name}|{}", at.map_or(String::new(), |s| s.reading.to_string()))
        };
        assert_eq!(of("❤️ana.lima"), "❤️|ana.lima|");
        assert_eq!(of("👍🏽Bo Berg (Apr 23, 2022 5:32 pm)"), "👍🏽|Bo Berg|2022-04-23 17:32:00");
        assert_eq!(of("👩‍👧Bo (the other)"), "👩‍👧|Bo (the other)|");
        assert_eq!(of("❤"), "||");
    }
}
