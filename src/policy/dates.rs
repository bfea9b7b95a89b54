//! Dates and lengths of time in words, as exactly as they are known.

use chrono::Datelike;

use crate::model::{Day, DayRange, Precision, Since};

/// A date as exactly as it is known: "30 September 2020", "mid-December 2023", "autumn 2021".
pub fn when(range: &DayRange) -> String {
    let (from, to) = (range.from.0, range.to.0);
    match range.precision {
        Precision::Day => days(range),
        Precision::PartOfMonth => {
            let middle = middle(range);
            let part = match middle.day() {
                1..=10 => "early ",
                11..=20 => "mid-",
                _ => "late ",
            };
            format!("{part}{} {}", month(middle.month()), middle.year())
        }
        Precision::Month if (from.year(), from.month()) == (to.year(), to.month()) => {
            format!("{} {}", month(from.month()), from.year())
        }
        Precision::Month if from.year() == to.year() => {
            format!("{}–{} {}", month(from.month()), month(to.month()), from.year())
        }
        Precision::Month => {
            let (a, b) = (month(from.month()), month(to.month()));
            format!("{a} {}–{b} {}", from.year(), to.year())
        }
        Precision::Season => season(range),
        Precision::Year if from.year() == to.year() => from.year().to_string(),
        Precision::Year => format!("{}–{}", from.year(), to.year()),
    }
}

/// The same with its preposition: "on 30 September 2020", "in mid-December 2023".
pub fn on(range: &DayRange) -> String {
    let preposition = match range.precision {
        Precision::Day => "on",
        Precision::PartOfMonth | Precision::Month | Precision::Season | Precision::Year => "in",
    };
    format!("{preposition} {}", when(range))
}

fn days(range: &DayRange) -> String {
    let (from, to) = (range.from.0, range.to.0);
    if from == to {
        return one_day(range.to);
    }
    if (from.year(), from.month()) == (to.year(), to.month()) {
        return format!("{}–{}", from.day(), one_day(range.to));
    }
    format!("{} – {}", one_day(range.from), one_day(range.to))
}

fn one_day(day: Day) -> String {
    format!("{} {} {}", day.0.day(), month(day.0.month()), day.0.year())
}

fn middle(range: &DayRange) -> chrono::NaiveDate {
    let half = (range.to.0 - range.from.0).num_days() / 2;
    range.from.0 + chrono::Duration::days(half)
}

fn season(range: &DayRange) -> String {
    let middle = middle(range);
    match middle.month() {
        3..=5 => format!("spring {}", middle.year()),
        6..=8 => format!("summer {}", middle.year()),
        9..=11 => format!("autumn {}", middle.year()),
        // A winter belongs to two years.
        12 => format!("winter {}/{:02}", middle.year(), (middle.year() + 1).rem_euclid(100)),
        _ => format!("winter {}/{:02}", middle.year() - 1, middle.year().rem_euclid(100)),
    }
}

fn month(number: u32) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let index = usize::try_from(number).unwrap_or(1).saturating_sub(1);
    NAMES.get(index).copied().unwrap_or("")
}

/// Since when.
pub(super) fn since(since: &Since) -> String {
    match since {
        Since::Range(range) => when(range),
        Since::At(at) => at.day().map_or_else(|| at.to_rfc3339(), one_day),
    }
}

/// A length of time in the largest unit that says it exactly: "15 minutes", "2 days".
pub(super) fn lasting(seconds: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(86_400, "day"), (3_600, "hour"), (60, "minute")];
    let whole = |(size, _): &&(u64, &str)| seconds >= *size && seconds.is_multiple_of(*size);
    let (size, unit) = UNITS.iter().find(whole).copied().unwrap_or((1, "second"));
    let n = seconds / size;
    format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_told_in_the_unit_that_is_exact() {
        for (seconds, told) in [
            (1, "1 second"),
            (90, "90 seconds"),
            (900, "15 minutes"),
            (3_600, "1 hour"),
            (86_400, "1 day"),
            (172_800, "2 days"),
            (0, "0 seconds"),
        ] {
            assert_eq!(lasting(seconds), told);
        }
    }
}
