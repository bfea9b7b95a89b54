//! Days in words and numbers, as people type them into a search.

use chrono::{Datelike, Months, NaiveDate, TimeDelta, Weekday};

use super::Span;
use crate::model::Day;

/// Why no day was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unclear {
    /// It is no date; perhaps this word was meant.
    Unknown(Option<&'static str>),
    /// It may be either of these days.
    Ambiguous(Day, Day),
}

pub(super) const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
pub(super) const WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The days that a text means, seen from `today`.
pub fn span(text: &str, today: Day) -> Result<Span, Unclear> {
    let text = text.trim().to_lowercase().replace('_', " ");
    if let Some((first, last)) = text.split_once("..") {
        let (first, last) = (plain(first, today)?.first, plain(last, today)?.last);
        return if first <= last { Ok(Span { first, last }) } else { Err(Unclear::Unknown(None)) };
    }
    plain(&text, today)
}

/// The same of a text that is in small letters and has one end.
fn plain(text: &str, today: Day) -> Result<Span, Unclear> {
    let span = in_any_way(text.trim(), today)?;
    // Other years cannot be written so that they are read again, and there are no messages in them.
    let known = |day: Day| (0..=9999).contains(&day.0.year());
    if known(span.first) && known(span.last) { Ok(span) } else { Err(Unclear::Unknown(None)) }
}

fn in_any_way(text: &str, today: Day) -> Result<Span, Unclear> {
    if let Some(result) = numbers(text, today.0) {
        return result;
    }
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c == '-').collect();
    let words: Vec<&str> = words.into_iter().filter(|w| !w.is_empty()).collect();
    in_words(&words, today.0).ok_or_else(|| Unclear::Unknown(nearest(text, known_words())))
}

/// Whether what is no date yet may become one as more is typed.
pub fn may_go_on(text: &str) -> bool {
    let text = text.to_lowercase().replace('_', " ");
    let last = text.rsplit("..").next().unwrap_or_default().trim_start();
    let Some(word) = last.split([' ', '-']).next() else { return true };
    let whole = word.len() < last.len();
    let begins = |w: &str| if whole { w == word } else { w.starts_with(word) };
    word.starts_with(|c: char| c.is_ascii_digit())
        || known_words().chain(["last", "this"]).any(begins)
        || whole && named(word, &MONTHS).is_some()
}

fn known_words() -> impl Iterator<Item = &'static str> {
    ["today", "yesterday"].into_iter().chain(WEEKDAYS).chain(MONTHS)
}

/// A date in figures; `None` if it is none.
fn numbers(text: &str, today: NaiveDate) -> Option<Result<Span, Unclear>> {
    let sign = text.chars().find(|c| !c.is_ascii_digit());
    let parts: Vec<&str> = match sign {
        None => vec![text],
        Some(s @ ('-' | '.' | '/')) => text.trim_end_matches(s).split(s).collect(),
        Some(_) => return None,
    };
    if parts.iter().any(|p| p.is_empty() || p.len() > 4 || !p.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let n: Vec<u32> = parts.iter().filter_map(|p| p.parse().ok()).collect();
    let is_year = |i: usize| parts.get(i).is_some_and(|p| p.len() == 4);
    let unknown = || Err(Unclear::Unknown(None));
    let day = |y: u32, m: u32, d: u32| NaiveDate::from_ymd_opt(i32::try_from(y).ok()?, m, d);
    let found = |d: Option<NaiveDate>| d.map_or_else(unknown, |d| Ok(one(d)));
    Some(match (n.as_slice(), sign) {
        ([y], None) if is_year(0) => year(*y).map_or_else(unknown, Ok),
        ([y, m], Some(_)) if is_year(0) => month(*y, *m).map_or_else(unknown, Ok),
        ([m, y], Some(_)) if is_year(1) => month(*y, *m).map_or_else(unknown, Ok),
        ([y, m, d], Some(_)) if is_year(0) => found(day(*y, *m, *d)),
        // Points stand in dates that begin with the day.
        ([d, m, y], Some('.')) => found(day(full_year(*y, today), *m, *d)),
        ([d, m], Some('.')) => found(latest(today, |y| day(y, *m, *d))),
        ([a, b, y], Some(_)) => {
            let y = full_year(*y, today);
            match (day(y, *b, *a), day(y, *a, *b)) {
                (Some(x), Some(z)) if x != z => Err(Unclear::Ambiguous(Day(x), Day(z))),
                (x, z) => found(x.or(z)),
            }
        }
        _ => unknown(),
    })
}

fn full_year(y: u32, today: NaiveDate) -> u32 {
    if y >= 100 {
        return y;
    }
    let century = today.year().unsigned_abs() / 100 * 100;
    let guess = century + y;
    if guess > today.year().unsigned_abs() + 1 { guess - 100 } else { guess }
}

/// The latest such day that is not in the future.
fn latest(today: NaiveDate, day: impl Fn(u32) -> Option<NaiveDate>) -> Option<NaiveDate> {
    let year = today.year().unsigned_abs();
    (0..8).filter_map(|back| day(year.checked_sub(back)?)).find(|d| *d <= today)
}

fn in_words(words: &[&str], today: NaiveDate) -> Option<Span> {
    match words {
        ["today"] => Some(one(today)),
        ["yesterday"] => today.pred_opt().map(one),
        ["this", unit] => this(unit, today),
        ["last", unit] => match weekday(unit) {
            Some(w) => before(today.pred_opt()?, w).map(one),
            None => last(unit, today),
        },
        [count, unit, "ago"] => back(count.parse().ok()?, unit, today).map(one),
        [unit, "ago"] => {
            let (count, unit) = unit.split_at(unit.find(|c: char| !c.is_ascii_digit())?);
            back(count.parse().ok()?, unit, today).map(one)
        }
        [name] => single(name, today),
        [a, b] => {
            let (m, y) = if a.parse::<u32>().is_ok() { (b, a) } else { (a, b) };
            month(y.parse().ok().filter(|_| y.len() == 4)?, month_number(m)?)
        }
        [a, b, y] => {
            let (d, m) = if month_number(a).is_some() { (b, a) } else { (a, b) };
            let d = d.trim_end_matches(|c: char| c == ',' || c == '.' || c.is_alphabetic());
            let y: i32 = y.parse().ok()?;
            NaiveDate::from_ymd_opt(y, month_number(m)?, d.parse().ok()?).map(one)
        }
        _ => None,
    }
}

fn single(name: &str, today: NaiveDate) -> Option<Span> {
    if let Some(w) = weekday(name) {
        return before(today, w).map(one);
    }
    if let Some(m) = month_number(name) {
        let first = latest(today, |y| NaiveDate::from_ymd_opt(i32::try_from(y).ok()?, m, 1))?;
        return month(first.year().unsigned_abs(), m);
    }
    // 3d, 2w, 6m, 1y
    let at = name.find(|c: char| !c.is_ascii_digit()).filter(|i| *i > 0)?;
    let (count, unit) = name.split_at(at);
    back(count.parse().ok()?, unit, today).map(one)
}

fn back(count: u32, unit: &str, today: NaiveDate) -> Option<NaiveDate> {
    match unit.strip_suffix('s').filter(|u| u.len() > 1).unwrap_or(unit) {
        "d" | "day" => today.checked_sub_signed(TimeDelta::try_days(i64::from(count))?),
        "w" | "week" => today.checked_sub_signed(TimeDelta::try_weeks(i64::from(count))?),
        "m" | "month" => today.checked_sub_months(Months::new(count)),
        "y" | "year" => today.checked_sub_months(Months::new(count.checked_mul(12)?)),
        _ => None,
    }
}

fn this(unit: &str, today: NaiveDate) -> Option<Span> {
    match unit {
        "week" => week(today),
        "month" => month(today.year().unsigned_abs(), today.month()),
        "year" => year(today.year().unsigned_abs()),
        _ => None,
    }
}

fn last(unit: &str, today: NaiveDate) -> Option<Span> {
    match unit {
        "week" => week(today.checked_sub_signed(TimeDelta::weeks(1))?),
        "month" => {
            let then = today.checked_sub_months(Months::new(1))?;
            month(then.year().unsigned_abs(), then.month())
        }
        "year" => year(today.year().unsigned_abs().checked_sub(1)?),
        _ => month_number(unit).and_then(|_| single(unit, today)),
    }
}

fn week(day: NaiveDate) -> Option<Span> {
    let days = i64::from(day.weekday().num_days_from_monday());
    let first = day.checked_sub_signed(TimeDelta::days(days))?;
    Some(Span { first: Day(first), last: Day(first.checked_add_signed(TimeDelta::days(6))?) })
}

fn month(y: u32, m: u32) -> Option<Span> {
    let first = NaiveDate::from_ymd_opt(i32::try_from(y).ok()?, m, 1)?;
    let last = first.checked_add_months(Months::new(1))?.pred_opt()?;
    Some(Span { first: Day(first), last: Day(last) })
}

fn year(y: u32) -> Option<Span> {
    let y = i32::try_from(y).ok()?;
    let first = NaiveDate::from_ymd_opt(y, 1, 1)?;
    Some(Span { first: Day(first), last: Day(NaiveDate::from_ymd_opt(y, 12, 31)?) })
}

fn one(day: NaiveDate) -> Span {
    Span { first: Day(day), last: Day(day) }
}

/// The last such weekday up to a day.
fn before(day: NaiveDate, w: Weekday) -> Option<NaiveDate> {
    (0..7).filter_map(|n| day.checked_sub_signed(TimeDelta::days(n))).find(|d| d.weekday() == w)
}

fn weekday(name: &str) -> Option<Weekday> {
    named(name, &WEEKDAYS).and_then(|i| Weekday::try_from(u8::try_from(i).ok()?).ok())
}

fn month_number(name: &str) -> Option<u32> {
    named(name, &MONTHS).and_then(|i| u32::try_from(i + 1).ok())
}

/// By its name or the first three letters or more of it.
fn named(name: &str, names: &[&str]) -> Option<usize> {
    let name = name.trim_end_matches(['.', ',']);
    names.iter().position(|n| name.len() >= 3 && n.starts_with(name))
}

/// The word that was probably meant: at most two letters away.
pub fn nearest<'w>(typed: &str, words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    if typed.len() > 40 {
        return None;
    }
    let near = words.map(|w| (distance(typed, w), w)).min_by_key(|(d, _)| *d)?;
    let most = if near.1.len() <= 4 { 1 } else { 2 };
    (near.0 <= most).then_some(near.1)
}

/// How many letters must be changed, put in, taken out or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(row[j - 1] + 1).min(rows[i - 1][j - 1] + same);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(text: &str) -> String {
        // A Wednesday.
        let today = Day::parse("2026-11-18").unwrap();
        match span(text, today) {
            Ok(s) if s.first == s.last => s.first.to_string(),
            Ok(s) => format!("{}..{}", s.first, s.last),
            Err(e) => format!("{e:?}"),
        }
    }

    #[test]
    fn days_as_people_write_them() {
        for (text, expected) in [
            ("2023", "2023-01-01..2023-12-31"),
            ("2023-05", "2023-05-01..2023-05-31"),
            ("05/2023", "2023-05-01..2023-05-31"),
            ("2023-05-14", "2023-05-14"),
            ("2023/5/14", "2023-05-14"),
            ("14.5.2023", "2023-05-14"),
            ("14.5.23", "2023-05-14"),
            ("24.12.", "2025-12-24"),
            ("5/14/2023", "2023-05-14"),
            ("14/5/2023", "2023-05-14"),
            ("5/5/2023", "2023-05-05"),
            ("today", "2026-11-18"),
            ("Yesterday", "2026-11-17"),
            ("wednesday", "2026-11-18"),
            ("last wednesday", "2026-11-11"),
            ("mon", "2026-11-16"),
            ("this week", "2026-11-16..2026-11-22"),
            ("last week", "2026-11-09..2026-11-15"),
            ("last-month", "2026-10-01..2026-10-31"),
            ("last year", "2025-01-01..2025-12-31"),
            ("may", "2026-05-01..2026-05-31"),
            ("december", "2025-12-01..2025-12-31"),
            ("May 2021", "2021-05-01..2021-05-31"),
            ("14 may 2021", "2021-05-14"),
            ("may 14, 2021", "2021-05-14"),
            ("3 days ago", "2026-11-15"),
            ("2w", "2026-11-04"),
            ("1y", "2025-11-18"),
            ("6 months ago", "2026-05-18"),
        ] {
            assert_eq!(meant(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_day() {
        assert_eq!(meant("yestreday"), "Unknown(Some(\"yesterday\"))");
        assert_eq!(meant("2023-13"), "Unknown(None)");
        assert_eq!(meant("31.2.2023"), "Unknown(None)");
        assert_eq!(
            meant("3/4/2023"),
            format!(
                "{:?}",
                Unclear::Ambiguous(
                    Day::parse("2023-04-03").unwrap(),
                    Day::parse("2023-03-04").unwrap()
                )
            )
        );
        // Of years that take more than four figures there are no messages, nor a way to write the
        // day that is read again.
        for text in ["202361weeks", "9999 years ago", "800000d", "2028 years ago", "20-mar-20068"] {
            assert_eq!(meant(text), "Unknown(None)", "{text}");
            assert_eq!(meant(&format!("2020..{text}")), "Unknown(None)", "{text}");
        }
        assert_eq!(meant("3 mar 9999"), "9999-03-03");
        assert_eq!(meant("2020..2021..2022"), "Unknown(None)", "a span has two ends");
        assert_eq!(meant(&"today..".repeat(100_000)), "Unknown(None)");
        for text in ["", "-", "999999999999 days ago", "99999y", "0000", "x".repeat(9999).as_str()]
        {
            meant(text);
        }
    }
}
