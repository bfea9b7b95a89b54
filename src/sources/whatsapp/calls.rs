//! Calls as a line of text: missed or made, and how long they were.

use super::marks::{bare, is_mark};
use super::phrases as words;
use crate::model::Call;

/// The call that a line tells of, given in lower case. `by_app`: it stands behind the app's mark.
pub fn call(low: &str, by_app: bool) -> Option<Call> {
    // Behind the app's mark anything may follow; else what only the app says.
    let ends = |rest: &str| match by_app {
        true => rest.is_empty() || rest.starts_with([',', '.', ' ', '\u{200e}']),
        false => rest.is_empty() || is_after_call(rest),
    };
    for (phrase, video) in words::MISSED {
        if low.strip_prefix(phrase).is_some_and(ends) {
            return Some(Call { video: Some(*video), seconds: None, missed: true });
        }
    }
    for (phrase, video) in words::CALLS {
        let Some(rest) = low.strip_prefix(phrase).filter(|r| ends(r)) else { continue };
        if rest.is_empty() && !by_app {
            continue;
        }
        let missed = words::NO_ANSWER.iter().any(|p| rest.contains(p));
        return Some(Call { video: Some(*video), seconds: duration(rest), missed });
    }
    None
}

/// `, 5 min`, `. No answer`, `. Tap to call back`: nothing that people write behind the word for a call.
fn is_after_call(rest: &str) -> bool {
    let Some(tail) = rest.strip_prefix([',', '.']) else { return false };
    let tail = bare(tail).trim_end_matches(words::DOTS);
    let known = [words::NO_ANSWER, words::AFTER_CALL].iter().any(|l| l.contains(&tail));
    known || !tail.is_empty() && tail.len() <= 40 && is_duration(tail)
}

/// Numbers with units, and nothing else.
fn is_duration(text: &str) -> bool {
    let mut parts = text.split_whitespace();
    let mut any = false;
    while let Some(number) = parts.next() {
        let timed = number.bytes().all(|b| b.is_ascii_digit())
            && parts.next().is_some_and(|u| unit(u).is_some());
        if !timed {
            return false;
        }
        any = true;
    }
    any
}

/// `5 min`, `1 hr 2 min`, `12 sec`.
fn duration(text: &str) -> Option<u32> {
    let mut total = None;
    let mut number: Option<u32> = None;
    for word in
        text.split(|c: char| c.is_whitespace() || is_mark(c) || c == ',').filter(|w| !w.is_empty())
    {
        if let Ok(n) = word.parse::<u32>() {
            number = Some(n);
            continue;
        }
        let Some(unit) = unit(word) else { continue };
        if let Some(n) = number.take() {
            total = Some(total.unwrap_or(0_u32).saturating_add(n.saturating_mul(unit)));
        }
    }
    total
}

/// How many seconds a unit of time has.
fn unit(word: &str) -> Option<u32> {
    const UNITS: &[(&str, u32)] = &[
        ("dk", 60),
        ("dtk", 1),
        ("sn", 1),
        ("sa", 3600),
        ("std", 3600),
        ("jam", 3600),
        ("मिनट", 60),
        ("सेकंड", 1),
        ("घंट", 3600),
        ("دق", 60),
        ("ثان", 1),
        ("ساع", 3600),
        ("мин", 60),
        ("сек", 1),
        ("h", 3600),
        ("m", 60),
        ("s", 1),
    ];
    UNITS.iter().find(|(name, _)| word.starts_with(name)).map(|(_, seconds)| *seconds)
}
