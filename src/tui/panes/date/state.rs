//! The date that a person types to jump to: understood in the ways in which people write dates.

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::tui::composer::OneLine;

/// What stands in the popup.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DateState {
    /// As typed.
    pub typed: OneLine,
    /// It was entered and not understood.
    pub refused: bool,
}

impl DateState {
    /// The day that is meant, if it can be told.
    pub fn day(&self, today: NaiveDate) -> Option<NaiveDate> {
        parse(self.typed.text(), today)
    }
}

/// Reads `2023-11-14`, `14 nov 2023`, `nov 14, 2023`, `14.11.2023`, `nov 2023`, `2023-11`, `2023`,
/// `today`, `yesterday`, `3 weeks ago`. A month or a year means its first day.
pub fn parse(typed: &str, today: NaiveDate) -> Option<NaiveDate> {
    let text = typed.trim().to_lowercase();
    match text.as_str() {
        "" => return None,
        "today" => return Some(today),
        "yesterday" => return today.pred_opt(),
        _ => {}
    }
    if text.ends_with(" ago") {
        return ago(&text, today);
    }
    let parts: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || matches!(c, '-' | '/' | '.' | ','))
        .filter(|p| !p.is_empty() && *p != "of")
        .collect();
    let (mut numbers, mut month) = (Vec::new(), None);
    for part in &parts {
        if let Some(m) = month_named(part) {
            if month.replace(m).is_some() {
                return None;
            }
        } else {
            let digits = part.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            let n: u32 = digits.parse().ok()?;
            numbers.push((n, digits.len()));
        }
    }
    assemble(&numbers, month, today)
}

fn assemble(numbers: &[(u32, usize)], month: Option<u32>, today: NaiveDate) -> Option<NaiveDate> {
    let is_year = |(n, digits): (u32, usize)| digits == 4 && n >= 1970;
    let date = |y: u32, m: u32, d: u32| NaiveDate::from_ymd_opt(i32::try_from(y).ok()?, m, d);
    match (numbers, month) {
        ([], Some(m)) => {
            // The latest such month that has begun.
            let year = if m > today.month() { today.year() - 1 } else { today.year() };
            NaiveDate::from_ymd_opt(year, m, 1)
        }
        ([one], Some(m)) if is_year(*one) => date(one.0, m, 1),
        ([day], Some(m)) => {
            let this = NaiveDate::from_ymd_opt(today.year(), m, day.0)?;
            if this > today {
                NaiveDate::from_ymd_opt(today.year() - 1, m, day.0)
            } else {
                Some(this)
            }
        }
        ([a, b], Some(m)) if is_year(*b) => date(b.0, m, a.0),
        ([a, b], Some(m)) if is_year(*a) => date(a.0, m, b.0),
        ([one], None) if is_year(*one) => date(one.0, 1, 1),
        ([a, b], None) if is_year(*a) => date(a.0, b.0, 1),
        ([a, b], None) if is_year(*b) => date(b.0, a.0, 1),
        ([a, b, c], None) if is_year(*a) => date(a.0, b.0, c.0),
        // Day first, as most of the world writes; month first only where it cannot be otherwise.
        ([a, b, c], None) if is_year(*c) => date(c.0, b.0, a.0).or_else(|| date(c.0, a.0, b.0)),
        _ => None,
    }
}

fn ago(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let mut words = text.split_whitespace();
    let (first, unit) = (words.next()?, words.next()?);
    let n: u32 = if matches!(first, "a" | "an" | "one") { 1 } else { first.parse().ok()? };
    match unit.trim_end_matches('s') {
        "day" => today.checked_sub_days(Days::new(n.into())),
        "week" => today.checked_sub_days(Days::new(u64::from(n) * 7)),
        "month" => today.checked_sub_months(Months::new(n)),
        "year" => today.checked_sub_months(Months::new(n.checked_mul(12)?)),
        _ => None,
    }
}

fn month_named(word: &str) -> Option<u32> {
    const NAMES: [&str; 12] = [
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
    let at = NAMES.iter().position(|n| word.len() >= 3 && n.starts_with(word))?;
    u32::try_from(at + 1).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).expect("a day")
    }

    #[test]
    fn dates_as_people_write_them() {
        let today = day(2024, 6, 10);
        for (typed, expected) in [
            ("2023-11-14", Some(day(2023, 11, 14))),
            ("14 nov 2023", Some(day(2023, 11, 14))),
            ("14th of November 2023", Some(day(2023, 11, 14))),
            ("Nov 14, 2023", Some(day(2023, 11, 14))),
            ("14.11.2023", Some(day(2023, 11, 14))),
            ("11/14/2023", Some(day(2023, 11, 14))),
            ("nov 2023", Some(day(2023, 11, 1))),
            ("2023-11", Some(day(2023, 11, 1))),
            ("2023", Some(day(2023, 1, 1))),
            ("november", Some(day(2023, 11, 1))),
            ("may", Some(day(2024, 5, 1))),
            ("14 nov", Some(day(2023, 11, 14))),
            ("yesterday", Some(day(2024, 6, 9))),
            ("3 weeks ago", Some(day(2024, 5, 20))),
            ("a year ago", Some(day(2023, 6, 10))),
            ("", None),
            ("31 feb 2023", None),
            ("soon", None),
            ("nov dec", None),
        ] {
            assert_eq!(parse(typed, today), expected, "{typed}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(typed in "\\PC{0,24}", agos in "[0-9]{1,12} (day|week|month|year)s ago") {
            let today = day(2024, 6, 10);
            let _ = (parse(&typed, today), parse(&agos, today));
        }
    }
}
