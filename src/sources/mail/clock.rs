//! Dates that are not written as the standard says: zones by names of their own, dots in a time.
//!
//! A parser that takes what it knows of them would read another time.

use chrono::{FixedOffset, NaiveDate, NaiveTime};

use super::date::Date;
use crate::model::Timestamp;

/// Nobody writes a longer date, in bytes.
const LONGEST: usize = 200;
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/// Zones of the standard.
const KNOWN: [&str; 12] =
    ["gmt", "ut", "utc", "z", "est", "edt", "cst", "cdt", "mst", "mdt", "pst", "pdt"];
/// Zones by name, in minutes. Names of several zones are none of them.
const ZONES: [(&str, i32); 35] = [
    ("gmt", 0),
    ("utc", 0),
    ("ut", 0),
    ("z", 0),
    ("wet", 0),
    ("west", 60),
    ("cet", 60),
    ("met", 60),
    ("mez", 60),
    ("cest", 120),
    ("mest", 120),
    ("mesz", 120),
    ("eet", 120),
    ("eest", 180),
    ("msk", 180),
    ("bst", 60),
    ("est", -300),
    ("edt", -240),
    ("cst", -360),
    ("cdt", -300),
    ("mst", -420),
    ("mdt", -360),
    ("pst", -480),
    ("pdt", -420),
    ("akst", -540),
    ("akdt", -480),
    ("hst", -600),
    ("hkt", 480),
    ("sgt", 480),
    ("jst", 540),
    ("kst", 540),
    ("aest", 600),
    ("aedt", 660),
    ("nzst", 720),
    ("nzdt", 780),
];

/// Whether a date is written as the standard says: `Mon, 6 Jan 2025 12:52:00 +0100 (CET)`.
fn is_standard(text: &str) -> bool {
    let mut words = text.split_ascii_whitespace().peekable();
    words.next_if(|word| word.ends_with(','));
    let digits = |word: &str| word.bytes().all(|b| b.is_ascii_digit());
    let day = words.next().is_some_and(|w| w.len() <= 2 && digits(w));
    let month = words.next().is_some_and(|w| w.len() == 3);
    let year = words.next().is_some_and(|w| w.len() == 4 && digits(w));
    let time = words.next().is_some_and(|w| w.bytes().all(|b| b.is_ascii_digit() || b == b':'));
    let zone = words.next().is_some_and(|w| match w.strip_prefix(['+', '-']) {
        Some(rest) => rest.len() == 4 && digits(rest),
        None => KNOWN.iter().any(|zone| w.eq_ignore_ascii_case(zone)),
    });
    day && month && year && time && zone && words.next().is_none_or(|w| w.starts_with('('))
}

/// The instant of a date that is written in another way than the standard's, and names its zone.
pub fn odd(text: &str) -> Option<Date> {
    if text.len() > LONGEST || is_standard(text) {
        return None;
    }
    let mut told = Told::default();
    let plain = without_remarks(text).to_ascii_lowercase();
    for word in plain.split([' ', '\t', '\r', '\n', ',']).filter(|word| !word.is_empty()) {
        told.word(word)?;
    }
    told.date()
}

/// Without what stands in brackets.
fn without_remarks(text: &str) -> String {
    let mut deep = 0u32;
    let kept = text.chars().filter(|c| {
        match c {
            '(' => deep += 1,
            ')' => deep = deep.saturating_sub(1),
            _ => return deep == 0,
        }
        false
    });
    kept.collect()
}

/// What the words of a date say.
#[derive(Default)]
struct Told {
    year: Option<i32>,
    month: Option<u32>,
    day: Option<u32>,
    time: Option<NaiveTime>,
    /// In minutes.
    zone: Option<i32>,
    afternoon: Option<bool>,
}

impl Told {
    /// Takes a word; `None` where it is none of a date.
    fn word(&mut self, word: &str) -> Option<()> {
        // `oct` is no such mark.
        let iso = |(day, time): &(&str, &str)| {
            day.contains('-') && time.starts_with(|c: char| c.is_ascii_digit())
        };
        if let Some((day, time)) = word.split_once('t').filter(iso) {
            self.word(day)?;
            return self.clock(time);
        }
        if word.starts_with(['+', '-']) {
            // Behind `GMT` it says how far from it; behind another it says the same once more.
            let minutes = offset(word)?;
            self.zone = self.zone.filter(|zone| *zone != 0).or(Some(minutes));
            return Some(());
        }
        let first = word.chars().next()?;
        match first.is_ascii_digit() {
            true if word.contains(':') || word.matches('.').count() == 2 => self.clock(word),
            true if word.contains('-') => self.joined(word),
            true => self.number(word),
            false => self.name(word),
        }
    }

    /// `2025-01-06`, `06-jan-2025`.
    fn joined(&mut self, word: &str) -> Option<()> {
        let parts: Vec<&str> = word.splitn(4, '-').collect();
        let [a, b, c] = parts.as_slice() else { return None };
        match b.parse::<u32>() {
            Ok(month) if a.len() == 4 => {
                (self.year, self.month) = (a.parse().ok(), Some(month));
                self.day = c.parse().ok();
                Some(())
            }
            Ok(_) => None,
            Err(_) => {
                self.name(b)?;
                self.number(a)?;
                self.number(c)
            }
        }
    }

    /// `12:52:00`, with fractions and a zone behind it.
    fn clock(&mut self, word: &str) -> Option<()> {
        let end = word.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.'));
        let (time, zone) = word.split_at_checked(end.unwrap_or(word.len()))?;
        let mut parts = time.split([':', '.']).map(|part| part.parse::<u32>().ok());
        let (hour, minute) = (parts.next()??, parts.next()??);
        let second = parts.next().flatten().unwrap_or(0);
        self.time = Some(NaiveTime::from_hms_opt(hour, minute, second.min(59))?);
        if zone.is_empty() { Some(()) } else { self.word(zone) }
    }

    fn number(&mut self, word: &str) -> Option<()> {
        let told: u32 = word.trim_end_matches('.').parse().ok()?;
        match word.trim_end_matches('.').len() {
            4 => self.year = i32::try_from(told).ok(),
            1 | 2 if self.day.is_none() => self.day = Some(told),
            2 => self.year = i32::try_from(if told < 70 { 2000 + told } else { 1900 + told }).ok(),
            _ => return None,
        }
        Some(())
    }

    fn name(&mut self, word: &str) -> Option<()> {
        let begins = |all: &[&str]| {
            let known = |name: &&str| word.trim_end_matches('.').starts_with(*name);
            all.iter().position(known).and_then(|at| u32::try_from(at).ok())
        };
        if let "am" | "pm" = word {
            self.afternoon = Some(word == "pm");
            return Some(());
        }
        let end = word.find(['+', '-']).unwrap_or(word.len());
        let (name, more) = word.split_at_checked(end)?;
        if let Some((_, minutes)) = ZONES.iter().find(|(zone, _)| *zone == name) {
            // What was told in numbers holds.
            self.zone = self.zone.or(Some(*minutes));
            return if more.is_empty() { Some(()) } else { self.word(more) };
        }
        match (begins(&MONTHS), begins(&DAYS)) {
            (Some(month), _) => self.month = Some(month + 1),
            (None, day) => {
                day?;
            }
        }
        Some(())
    }

    fn date(self) -> Option<Date> {
        let day = NaiveDate::from_ymd_opt(self.year?, self.month?, self.day?)?;
        let mut time = self.time?;
        if let Some(afternoon) = self.afternoon {
            use chrono::Timelike;
            time = time.with_hour(time.hour() % 12 + if afternoon { 12 } else { 0 })?;
        }
        let zone = FixedOffset::east_opt(self.zone?.checked_mul(60)?)?;
        let at = day.and_time(time).and_local_timezone(zone).single()?;
        Some(Date::Exact(Timestamp::from_secs(at.timestamp())))
    }
}

/// `+0100`, `+01:00`, `+1`, in minutes.
fn offset(word: &str) -> Option<i32> {
    let behind = word.starts_with('-');
    let digits: String = word.chars().skip(1).filter(|c| *c != ':').collect();
    if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let told: i32 = digits.parse().ok()?;
    let minutes = if digits.len() <= 2 { told * 60 } else { told / 100 * 60 + told % 100 };
    Some(if behind { -minutes } else { minutes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_dates_are_read_as_they_are_meant() {
        let noon = Some(Date::Exact(Timestamp(1_736_164_320_000)));
        for text in [
            "Mon, 6 Jan 2025 19:52:00 GMT+0800",
            "Mon, 6 Jan 2025 12:52:00 GMT+01:00",
            "Mon, 6 Jan 2025 12:52:00 GMT +0100",
            "Mon, 6 Jan 2025 12:52:00 UTC+0100",
            "Mon, 6 Jan 2025 12:52:00 CET",
            "6 Jan 2025 12:52:00 MET",
            "Mon, 6 Jan 2025 20:52:00 JST",
            "Mon, 6 Jan 2025 12.52.00 +0100",
            "Mon Jan 06 12:52:00 GMT+01:00 2025",
            "Mon Jan  6 12:52:00 CET 2025",
            "2025-01-06T12:52:00+01:00",
            "2025-01-06T11:52:00Z",
            "2025-01-06T12:52:00.123+0100",
            "2025-01-06 12:52:00 +0100",
            "06-Jan-2025 12:52:00 +0100",
            "Mon, 6 Jan 25 12:52 +01:00",
            "Monday, January 6, 2025 12:52 PM +0100",
            "Mon, 06 Jan 2025 12:52:00 +0100 CET",
        ] {
            assert_eq!(odd(text), noon, "{text}");
        }
        assert_eq!(
            odd("06-Oct-2024 12:52:00 +0100"),
            Some(Date::Exact(Timestamp(1_728_215_520_000)))
        );
        for text in [
            "Mon, 6 Jan 2025 12:52:00 +0100",
            "Mon, 6 Jan 2025 12:52:00 +0100 (CET)",
            "Mon, 6 Jan 2025 11:52:00 GMT",
            "6 Jan 2025 11:52 EST",
            "Mon, 6 Jan 2025 11:52:00",
            "Mon, 6 Jan 2025 11:52:00 XYZ",
            "soon",
            "",
            "99 Jan 2025 12:00:00 CET",
            "-",
            "+",
            "6-6-6-6 12:00 CET",
            "1:",
            "2025-01-06T",
        ] {
            assert_eq!(odd(text), None, "{text}");
        }
    }
}
