//! Times as Google writes them for people: `Monday, February 10, 2025 at 3:45:22 PM UTC`, and what
//! stands in its place in other languages and orders.
//!
//! Read by structure: the number of four digits is the year, the one with colons the time, the word
//! that is a month's the month, the number that is left the day.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use crate::model::{Moment, Timestamp};
use crate::sources::Zone;

/// Names of the months in the languages that the parser knows; other languages are an oddity.
const MONTHS: [&[&str]; 12] = [
    &[
        "january",
        "jan",
        "januar",
        "jänner",
        "janvier",
        "enero",
        "janeiro",
        "gennaio",
        "januari",
        "stycznia",
        "ocak",
        "января",
    ],
    &[
        "february",
        "feb",
        "februar",
        "février",
        "febrero",
        "fevereiro",
        "febbraio",
        "februari",
        "lutego",
        "şubat",
        "февраля",
    ],
    &["march", "mar", "märz", "mars", "marzo", "março", "maart", "marts", "marca", "mart", "марта"],
    &["april", "apr", "avril", "abril", "aprile", "kwietnia", "nisan", "апреля"],
    &["may", "mai", "mayo", "maio", "maggio", "mei", "maj", "maja", "mayıs", "мая"],
    &["june", "jun", "juni", "juin", "junio", "junho", "giugno", "czerwca", "haziran", "июня"],
    &["july", "jul", "juli", "juillet", "julio", "julho", "luglio", "lipca", "temmuz", "июля"],
    &["august", "aug", "août", "agosto", "augustus", "augusti", "sierpnia", "ağustos", "августа"],
    &[
        "september",
        "sep",
        "sept",
        "septembre",
        "septiembre",
        "setembro",
        "settembre",
        "września",
        "eylül",
        "сентября",
    ],
    &[
        "october",
        "oct",
        "oktober",
        "octobre",
        "octubre",
        "outubro",
        "ottobre",
        "okt",
        "października",
        "ekim",
        "октября",
    ],
    &["november", "nov", "novembre", "noviembre", "novembro", "listopada", "kasım", "ноября"],
    &[
        "december",
        "dec",
        "dezember",
        "décembre",
        "diciembre",
        "dezembro",
        "dicembre",
        "grudnia",
        "aralık",
        "декабря",
    ],
];

#[derive(Debug, PartialEq)]
enum Token {
    Number(u32),
    Time(NaiveTime),
    Word(String),
    Sign(i64),
}

fn time(text: &str) -> Option<NaiveTime> {
    let mut parts = text.split(':').map(|p| p.parse::<u32>().ok());
    let (h, m) = (parts.next()??, parts.next()??);
    let s = parts.next().map_or(Some(0), |s| s)?;
    NaiveTime::from_hms_opt(h, m, s)
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let is_digit = |c: char| c.is_ascii_digit() || c == ':';
        let len = if c.is_ascii_digit() {
            rest.find(|c| !is_digit(c)).unwrap_or(rest.len())
        } else if c.is_alphabetic() {
            rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len())
        } else {
            c.len_utf8()
        };
        let (token, after) = rest.split_at_checked(len)?;
        rest = after;
        match c {
            c if c.is_ascii_digit() && token.contains(':') => {
                out.push(Token::Time(time(token.trim_end_matches(':'))?));
            }
            c if c.is_ascii_digit() => out.push(Token::Number(token.parse().ok()?)),
            c if c.is_alphabetic() => out.push(Token::Word(token.to_lowercase())),
            '+' => out.push(Token::Sign(1)),
            '-' | '−' => out.push(Token::Sign(-1)),
            _ => {}
        }
    }
    Some(out)
}

fn month(word: &str) -> Option<u32> {
    let at = MONTHS.iter().position(|names| names.contains(&word))?;
    u32::try_from(at + 1).ok()
}

/// Whether the time is of the second half of the day, where that is said.
fn afternoon(words: &[Token]) -> Option<bool> {
    let word = |t: Option<&Token>, w: &str| matches!(t, Some(Token::Word(have)) if have == w);
    words.iter().enumerate().find_map(|(i, token)| {
        let then_m = word(words.get(i + 1), "m");
        match token {
            Token::Word(w) if matches!(w.as_str(), "下午" | "午後" | "오후" | "晚上" | "中午") => {
                Some(true)
            }
            Token::Word(w) if matches!(w.as_str(), "上午" | "午前" | "오전" | "凌晨" | "早上") => {
                Some(false)
            }
            Token::Word(w) if w == "pm" || (w == "p" && then_m) => Some(true),
            Token::Word(w) if w == "am" || (w == "a" && then_m) => Some(false),
            _ => None,
        }
    })
}

/// What a zone is off UTC; `None`: no zone that is known is named.
fn offset(tokens: &[Token]) -> Option<TimeDelta> {
    let at = tokens
        .iter()
        .position(|t| matches!(t, Token::Word(w) if matches!(w.as_str(), "utc" | "gmt" | "z")))?;
    let sign = match tokens.get(at + 1) {
        Some(Token::Sign(sign)) => *sign,
        _ => return Some(TimeDelta::zero()),
    };
    let minutes = match tokens.get(at + 2) {
        Some(Token::Number(hours)) => i64::from(*hours) * 60,
        Some(Token::Time(t)) => i64::from(chrono::Timelike::num_seconds_from_midnight(t) / 60),
        _ => 0,
    };
    TimeDelta::try_minutes(sign * minutes.min(24 * 60))
}

/// A time as Google writes it.
pub fn read(text: &str, zone: Zone) -> Option<Moment> {
    if let Ok(exact) = chrono::DateTime::parse_from_rfc3339(text.trim()) {
        return Some(Moment::exact(Timestamp(exact.timestamp_millis())));
    }
    if text.len() > 200 {
        return None;
    }
    let tokens = tokens(text)?;
    let offset = offset(&tokens);
    let zone_at = tokens
        .iter()
        .position(|t| matches!(t, Token::Word(w) if matches!(w.as_str(), "utc" | "gmt" | "z")));
    let told = tokens.get(..zone_at.unwrap_or(tokens.len()))?;
    let mut time = told.iter().find_map(|t| match t {
        Token::Time(t) => Some(*t),
        _ => None,
    })?;
    if let Some(late) = afternoon(told) {
        let hour = chrono::Timelike::hour(&time);
        // 12 AM is midnight, 12 PM is noon; `15:04 PM` says nothing more.
        let hour = match (hour, late) {
            (12, false) => 0,
            (1..=11, true) => hour + 12,
            (hour, _) => hour,
        };
        time = chrono::Timelike::with_hour(&time, hour)?;
    }
    let numbers: Vec<u32> = told
        .iter()
        .filter_map(|t| match t {
            Token::Number(n) => Some(*n),
            _ => None,
        })
        .collect();
    let year_at = numbers.iter().position(|n| (1990..=9999).contains(n))?;
    let year = i32::try_from(*numbers.get(year_at)?).ok()?;
    let word = told.iter().find_map(|t| match t {
        Token::Word(w) => month(w),
        _ => None,
    });
    let others: Vec<u32> =
        numbers.iter().enumerate().filter(|(i, _)| *i != year_at).map(|(_, n)| *n).collect();
    let (month, day) = match (word, others.as_slice()) {
        (Some(month), [day]) => (month, *day),
        // Year, month, day: the one order in which the month may be a number without doubt.
        (None, [month, day]) if year_at == 0 => (*month, *day),
        _ => return None,
    };
    let reading: NaiveDateTime = NaiveDate::from_ymd_opt(year, month, day)?.and_time(time);
    Some(match offset {
        Some(offset) => {
            let utc = reading.checked_sub_signed(offset)?;
            Moment::exact(Timestamp(utc.and_utc().timestamp_millis()))
        }
        None => Moment::wall(zone.instant(reading), reading),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Clock;

    fn at(text: &str) -> Option<String> {
        read(text, Zone::Named(chrono_tz::Tz::UTC)).map(|m| m.at.to_rfc3339())
    }

    #[test]
    fn every_order_and_half_of_the_day_is_read() {
        for text in [
            "Monday, February 10, 2025 at 3:45:22 PM UTC",
            "Monday, February 10, 2025 at 3:45:22\u{202F}PM UTC",
            "Monday, 10 February 2025 at 15:45:22 UTC",
            "Monday, 10 February 2025 at 3:45:22 p.m. UTC",
            "Montag, 10. Februar 2025 um 15:45:22 UTC",
            "lundi 10 février 2025 à 15:45:22 UTC",
            "lunes, 10 de febrero de 2025, 3:45:22 p. m. UTC",
            "2025年2月10日月曜日 15:45:22 UTC",
            "Monday, February 10, 2025 at 4:45:22 PM GMT+1",
            "Monday, February 10, 2025 at 10:15:22 AM UTC-5:30",
            "2025-02-10T15:45:22Z",
        ] {
            assert_eq!(at(text).as_deref(), Some("2025-02-10T15:45:22Z"), "{text}");
        }
        assert_eq!(at("May 1, 2020 at 12:05:00 AM UTC").as_deref(), Some("2020-05-01T00:05:00Z"));
        assert_eq!(at("May 1, 2020 at 12:05:00 PM UTC").as_deref(), Some("2020-05-01T12:05:00Z"));
    }

    #[test]
    fn without_a_zone_it_is_a_wall_clock() {
        let moment =
            read("Monday, February 10, 2025 at 3:45:22 PM", Zone::Named(chrono_tz::Tz::UTC));
        assert!(matches!(moment.expect("read").clock, Clock::WallMinute(_)));
    }

    #[test]
    fn what_is_not_understood_is_not_guessed() {
        for text in [
            "",
            "yesterday",
            "Monday, Smarch 10, 2025 at 3:45:22 PM UTC",
            "10/02/2025 at 15:45 UTC",
            "February 31, 2025 at 3:45 PM UTC",
            "February 10, 2025 UTC",
            "25:61:00 1 May 2020 UTC",
            "May 99999999999, 2020 at 1:00 UTC",
        ] {
            assert_eq!(at(text), None, "{text}");
        }
    }
}
