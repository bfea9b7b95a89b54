//! Dates as pages write them: a wall clock in the account's language, mostly to the minute.
//!
//! Seen: `Jul 06, 2023 8:10:32 pm`, `Sep 22, 2017, 6:33 AM`, `Oct 19, 2019 at 2:37 PM`,
//! `19 Oct 2019, 14:37`, `11/12/2017, 21:48`, `ago 10, 2026 4:38 da manhã`; in the head of a page
//! `Wednesday, August 19, 2026 at 4:33 PM UTC+02:00`; up to 2017 with a zone at the end.

use chrono::{NaiveDate, NaiveDateTime};

use super::{halves, words};
use crate::sources::DateOrder;

/// No date is longer.
const LONGEST: usize = 160;

/// A date that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// What the clock showed.
    pub reading: NaiveDateTime,
    /// Seconds east of UTC, where the date itself says so.
    pub offset: Option<i32>,
    /// What is known of the half of the day.
    pub half: Half,
}

/// What a date says of the half of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// Which one it is.
    Told,
    /// Nothing.
    Silent,
    /// The clock has more than twelve hours.
    Beyond,
    /// There is a word, and nobody knows it.
    Unknown,
}

#[derive(Debug, PartialEq, Eq)]
enum Part<'t> {
    Number { value: u32, digits: usize },
    Word(&'t str),
}

/// Reads a date; `order` is that of dates in numbers alone.
pub fn read(text: &str, order: DateOrder) -> Option<Stamp> {
    if text.len() > LONGEST || text.is_empty() {
        return None;
    }
    let text = dotted(words::undotted(western(text)));
    let (start, end, clock) = clock(&text)?;
    let (before, after) = (text.get(..start)?, text.get(end..)?);
    let (words_after, offset) = zone(after);
    let half = halves::afternoon(words_after)
        .or_else(|| halves::afternoon_before(before))
        .or_else(|| halves::afternoon_before(after));
    let hour = match (half, clock.0) {
        (Some(false), 12) => 0,
        (Some(true), h) if h < 12 => h + 12,
        (_, h) => h,
    };
    let date = date(before, order).or_else(|| date(words_after, order))?;
    let reading = date.and_hms_opt(hour, clock.1, clock.2)?;
    let half = match (half, clock.0) {
        (Some(_), _) => Half::Told,
        (None, 0 | 13..) => Half::Beyond,
        _ if halves::may_be_one(words_after) => Half::Unknown,
        _ => Half::Silent,
    };
    Some(Stamp { reading, offset, half })
}

/// The words behind the clock's hands.
pub fn behind(text: &str) -> Option<String> {
    let text = dotted(western(text));
    let (_, end, _) = clock(&text)?;
    Some(zone(text.get(end..)?).0.trim().chars().take(40).collect())
}

/// The order of a date in numbers, where only one is possible.
pub fn order(text: &str) -> Option<DateOrder> {
    let text = dotted(text.to_owned());
    let (start, _, _) = clock(&text)?;
    let (parts, month) = parts(text.get(..start)?);
    let [first, second, _] = numbers(&parts)[..] else { return None };
    match (first, second) {
        _ if month.is_some() => None,
        (f, _) if f.1 == 4 => Some(DateOrder::Ymd),
        (f, s) if f.0 > 12 && s.0 <= 12 => Some(DateOrder::Dmy),
        (f, s) if s.0 > 12 && f.0 <= 12 => Some(DateOrder::Mdy),
        _ => None,
    }
}

/// Where the ten digits of a script begin: Arabic, Persian, the Indic ones, Thai, Lao, Burmese, Khmer.
const ZEROS: &[u32] = &[
    0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0,
    0x1040, 0x17e0,
];

/// The digits of other scripts as ours.
fn western(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let digit = |c: char, zero: u32| {
        let n = u32::from(c).checked_sub(zero).filter(|n| *n < 10)?;
        char::from_digit(n, 10)
    };
    let ours = |c: char| ZEROS.iter().find_map(|zero| digit(c, *zero));
    text.chars().map(|c| if c.is_ascii() { c } else { ours(c).unwrap_or(c) }).collect()
}

/// A time with dots (`20.10.32`, `klo 20.10`) as one with colons, where there is none with colons:
/// the last word that looks like one, since dates have dots, too.
fn dotted(text: String) -> String {
    if clock(&text).is_some() {
        return text;
    }
    let is_time = |word: &str| {
        let mut parts = word.split('.');
        let hour = parts.next().is_some_and(|h| (1..=2).contains(&h.len()) && is_digits(h));
        let rest: Vec<&str> = parts.collect();
        hour && (1..=2).contains(&rest.len()) && rest.iter().all(|p| p.len() == 2 && is_digits(p))
    };
    let (mut at, mut found) = (0, None);
    for word in text.split_inclusive(char::is_whitespace) {
        if at > 0 && is_time(word.trim_end()) {
            found = Some((at, word.replace('.', ":")));
        }
        at += word.len();
    }
    let Some((at, colons)) = found else { return text };
    let (before, rest) = text.split_at(at);
    [before, &colons, rest.get(colons.len()..).unwrap_or_default()].concat()
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

type Clock = (u32, u32, u32);

/// The first `h:mm` or `h:mm:ss`, and where it stands.
fn clock(text: &str) -> Option<(usize, usize, Clock)> {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|b| b.is_ascii_digit()).count();
    let number = |from: usize, n: usize| -> Option<u32> { text.get(from..from + n)?.parse().ok() };
    for (colon, _) in text.match_indices([':', 'h']) {
        let before = text.get(..colon)?;
        let n = before.len() - before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let minutes = digits(colon + 1);
        if !(1..=2).contains(&n) || minutes != 2 {
            continue;
        }
        let (hour, minute) = (number(colon - n, n)?, number(colon + 1, 2)?);
        let mut end = colon + 3;
        let mut second = 0;
        if bytes.get(end) == Some(&b':') && digits(end + 1) == 2 {
            second = number(end + 1, 2)?;
            end += 3;
        }
        if hour < 24 && minute < 60 && second < 60 {
            return Some((colon - n, end, (hour, minute, second)));
        }
    }
    None
}

fn parts(text: &str) -> (Vec<Part<'_>>, Option<u32>) {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let of = |test: fn(char) -> bool| rest.find(|c: char| !test(c)).unwrap_or(rest.len());
        if c.is_ascii_digit() {
            let (digits, more) = rest.split_at(of(|c| c.is_ascii_digit()));
            let value = digits.parse().unwrap_or(u32::MAX);
            out.push(Part::Number { value, digits: digits.len() });
            rest = more;
        } else if is_letter(c) {
            let (word, more) = rest.split_at(of(is_letter));
            out.push(Part::Word(word));
            rest = more;
        } else {
            rest = rest.get(c.len_utf8()..).unwrap_or("");
        }
    }
    // The last one: `mar. 19 oct.` is a Tuesday in October.
    let month = out.iter().rev().find_map(|p| match p {
        Part::Word(w) => words::month(w),
        Part::Number { .. } => None,
    });
    (out, month)
}

fn is_letter(c: char) -> bool {
    // Vowels of Indic scripts are marks, not letters.
    c.is_alphabetic() || ('\u{900}'..='\u{d7f}').contains(&c)
}

fn numbers(parts: &[Part<'_>]) -> Vec<(u32, usize)> {
    let of = |p: &Part<'_>| match p {
        Part::Number { value, digits } => Some((*value, *digits)),
        Part::Word(_) => None,
    };
    parts.iter().filter_map(of).take(8).collect()
}

fn date(text: &str, order: DateOrder) -> Option<NaiveDate> {
    let (parts, month) = parts(text);
    let mut all = numbers(&parts);
    let marked = |sign: &[&str]| {
        parts.windows(2).find_map(|w| match w {
            [Part::Number { value, .. }, Part::Word(word)]
                if sign.iter().any(|s| word.starts_with(s)) =>
            {
                Some(*value)
            }
            _ => None,
        })
    };
    // `Thg 7 06, 2023`, `06 tháng 7, 2023`
    let numbered = parts.windows(2).find_map(|w| match w {
        [Part::Word(word), Part::Number { value, .. }]
            if matches!(word.to_lowercase().as_str(), "thg" | "tháng") =>
        {
            Some(*value)
        }
        _ => None,
    });
    // `8月 10, 2026`, `2026年8月10日`
    let counted = marked(&["月", "월"]).or(numbered).filter(|_| month.is_none());
    if let Some(month) = month.or(counted) {
        if counted.is_some() {
            let at = all.iter().position(|n| n.0 == month && n.1 <= 2)?;
            all.remove(at);
        }
        let at = all.iter().position(|n| n.1 == 4)?;
        let year = all.remove(at).0;
        return day(year, month, all.first()?.0);
    }
    // `tháng 8 10, 2026`
    let [a, b, c] = all[..] else { return None };
    let short = |n: (u32, usize)| if n.1 == 2 { n.0 + 2000 } else { n.0 };
    let order = if a.1 == 4 { DateOrder::Ymd } else { order };
    match order {
        DateOrder::Ymd => day(short(a), b.0, c.0),
        DateOrder::Mdy => day(short(c), a.0, b.0).or_else(|| day(short(c), b.0, a.0)),
        DateOrder::Dmy => day(short(c), b.0, a.0).or_else(|| day(short(c), a.0, b.0)),
    }
}

fn day(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    // Thailand counts from 543 before.
    let year = if year > 2400 { year - 543 } else { year };
    let year = i32::try_from(year).ok().filter(|y| (1990..2200).contains(y))?;
    NaiveDate::from_ymd_opt(year, month, day)
}

/// Hours from UTC of the abbreviations in pages up to 2017.
const ZONES: &[(&str, i32)] = &[
    ("PDT", -7),
    ("PST", -8),
    ("MDT", -6),
    ("MST", -7),
    ("CDT", -5),
    ("CST", -6),
    ("EDT", -4),
    ("EST", -5),
    ("BST", 1),
    ("CEST", 2),
    ("CET", 1),
    ("EEST", 3),
    ("EET", 2),
    ("WEST", 1),
    ("WET", 0),
    ("MSK", 3),
    ("AEST", 10),
    ("AEDT", 11),
    ("JST", 9),
];

/// What stands before the zone, and the zone.
fn zone(after: &str) -> (&str, Option<i32>) {
    for name in ["UTC", "GMT"] {
        let Some((before, rest)) = after.split_once(name) else { continue };
        let sign = match rest.chars().next() {
            Some('+') => 1,
            Some('-' | '\u{2212}') => -1,
            _ => return (before, Some(0)),
        };
        let digits = |s: &str| s.chars().take_while(char::is_ascii_digit).collect::<String>();
        let rest = rest.trim_start_matches(['+', '-', '\u{2212}']);
        let hours = digits(rest);
        let minutes = rest.get(hours.len()..).and_then(|r| r.strip_prefix(':')).map(digits);
        let number = |s: &str| s.parse::<i32>().ok().filter(|n| *n < 60);
        let Some(hours) = number(&hours).filter(|h| *h <= 14) else { return (before, None) };
        let minutes = minutes.as_deref().and_then(number).unwrap_or(0);
        return (before, Some(sign * (hours * 3600 + minutes * 60)));
    }
    let last = after.split_whitespace().next_back().unwrap_or("");
    match ZONES.iter().find(|(name, _)| *name == last) {
        Some((name, hours)) => {
            (after.trim_end().strip_suffix(name).unwrap_or(after), Some(hours * 3600))
        }
        None => (after, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        read(text, DateOrder::Dmy).map_or("none".to_owned(), |s| {
            let zone = s.offset.map_or(String::new(), |o| format!(" {o}"));
            format!("{}{zone}", s.reading)
        })
    }

    #[test]
    fn every_way_to_write_a_date() {
        for (text, date) in [
            ("Jul 06, 2023 8:10:32 pm", "2023-07-06 20:10:32"),
            ("Sep 22, 2017, 6:33 AM", "2017-09-22 06:33:00"),
            ("Sep 22, 2017 12:33 am", "2017-09-22 00:33:00"),
            ("Sep 22, 2017 12:33 pm", "2017-09-22 12:33:00"),
            ("Jul 06, 2023 8:10:32\u{202f}PM", "2023-07-06 20:10:32"),
            ("Oct 19, 2019 at 2:37 PM", "2019-10-19 14:37:00"),
            ("19 Oct 2019, 14:37", "2019-10-19 14:37:00"),
            ("11/12/2017, 21:48", "2017-12-11 21:48:00"),
            ("11/25/2017, 21:48", "2017-11-25 21:48:00"),
            ("2019-10-19 14:37", "2019-10-19 14:37:00"),
            ("19.10.2019, 14:37", "2019-10-19 14:37:00"),
            ("ago 10, 2026 4:38 da manhã", "2026-08-10 04:38:00"),
            ("ago 07, 2026 7:31 da tarde/noite", "2026-08-07 19:31:00"),
            ("ago 07, 2026 12:31 da tarde/noite", "2026-08-07 12:31:00"),
            ("lip 06, 2023 8:10:32 po południu", "2023-07-06 20:10:32"),
            ("lip 06, 2023 8:10:32 rano", "2023-07-06 08:10:32"),
            ("août 06, 2023 8:10 PM", "2023-08-06 20:10:00"),
            ("ago 06, 2023 8:10 p. m.", "2023-08-06 20:10:00"),
            ("10月 06, 2023 8:10 下午", "2023-10-06 20:10:00"),
            ("2023年10月6日 下午8:10", "2023-10-06 20:10:00"),
            ("10월 06, 2023 8:10 오후", "2023-10-06 20:10:00"),
            ("marras 06, 2023 8:10 ip.", "2023-11-06 20:10:00"),
            ("أغسطس ٠٦, ٢٠٢٣ ٨:١٠ م", "2023-08-06 20:10:00"),
            ("Ağu 06, 2023 8:10 ÖS", "2023-08-06 20:10:00"),
            ("авг. 06, 2023 20:10", "2023-08-06 20:10:00"),
            ("mar. 19 oct. 2021 20:10", "2021-10-19 20:10:00"),
            ("Wednesday, August 19, 2026 at 4:33 PM UTC+02:00", "2026-08-19 16:33:00 7200"),
            ("Saturday 29 August 2026 at 08:10 UTC", "2026-08-29 08:10:00 0"),
            ("Terça-feira, 11 de agosto de 2026 às 22:03 UTC", "2026-08-11 22:03:00 0"),
            ("Friday, October 4, 2013 at 10:05pm PDT", "2013-10-04 22:05:00 -25200"),
            ("Friday, October 4, 2013 at 10:05pm UTC-07", "2013-10-04 22:05:00 -25200"),
            ("Thg 7 06, 2023 8:10:32 ch", "2023-07-06 20:10:32"),
            ("Thg 7 26, 2023 8:10:32 sa", "2023-07-26 08:10:32"),
            ("6. jul. 2023 20.10.32", "2023-07-06 20:10:32"),
            ("6.7.2023 klo 20.10", "2023-07-06 20:10:00"),
            ("06.07.2023 8.10", "2023-07-06 08:10:00"),
            ("ม.ค. 06, 2023 8:10:32 หลังเที่ยง", "2023-01-06 20:10:32"),
            ("6 มี.ค. 2566 20:10", "2023-03-06 20:10:00"),
            ("พ.ย. 06, 2023 20:10", "2023-11-06 20:10:00"),
            ("10 ביונ׳ 2023, 20:10", "2023-06-10 20:10:00"),
            ("яну 06, 2023 20:10", "2023-01-06 20:10:00"),
            // Up to 2017, in words.
            ("vendredi 4 octobre 2013, 22:05 UTC+02", "2013-10-04 22:05:00 7200"),
            ("Freitag, 4. Oktober 2013 um 22:05 UTC+02", "2013-10-04 22:05:00 7200"),
            ("4. oktober 2013 kl. 22:05 UTC+02", "2013-10-04 22:05:00 7200"),
            ("venerdì 4 ottobre 2013 alle ore 22:05 UTC+02", "2013-10-04 22:05:00 7200"),
            ("martes, 4 de junio de 2013 a las 22:05 UTC+02", "2013-06-04 22:05:00 7200"),
            ("piątek, 4 października 2013 o 22:05 UTC+02", "2013-10-04 22:05:00 7200"),
            ("2013. október 2., szerda, 22:05 UTC+02", "2013-10-02 22:05:00 7200"),
            ("4 Ekim 2013 Cuma, 22:05 UTC+03", "2013-10-04 22:05:00 10800"),
            ("4. lokakuuta 2013 kello 22:05 UTC+03", "2013-10-04 22:05:00 10800"),
            ("petak, 4. srpnja 2014. u 22:05 UTC+02", "2014-07-04 22:05:00 7200"),
            ("4. srpna 2014 v 22:05 UTC+02", "2014-08-04 22:05:00 7200"),
            ("2013年10月4日 22:05 UTC+09", "2013-10-04 22:05:00 32400"),
            ("Monday, October 7, 2013 at 1:05am UTC+05:30", "2013-10-07 01:05:00 19800"),
            ("Monday, October 7, 2013 at 1:05am UTC-03:30", "2013-10-07 01:05:00 -12600"),
            ("4 Ogos 2014 10:05 PTG", "2014-08-04 22:05:00"),
            ("ное 06, 2023 20:10", "2023-11-06 20:10:00"),
            ("dets 06, 2023 20:10", "2023-12-06 20:10:00"),
            ("2013年10月4日 晚上10:05", "2013-10-04 22:05:00"),
            ("19.10.2019", "none"),
            ("see you at 14:37", "none"),
            ("Jul 2023", "none"),
            ("Jul 36, 2023 8:10 pm", "none"),
            ("", "none"),
        ] {
            assert_eq!(told(text), date, "{text}");
        }
    }

    #[test]
    fn halves_of_the_day_of_other_languages() {
        for (text, date) in [
            ("Tháng 10 13, 2023 8:35:59chiều", "2023-10-13 20:35:59"),
            ("Tháng 10 13, 2023 11:41:36sáng", "2023-10-13 11:41:36"),
            ("Tháng 10 13, 2023 12:05:06sáng", "2023-10-13 00:05:06"),
            ("Tháng 1 02, 2023 12:05:06chiều", "2023-01-02 12:05:06"),
            ("13 Thg 10, 2023 8:35 CH", "2023-10-13 20:35:00"),
            ("4 Ogos 2014 10:05 petang", "2014-08-04 22:05:00"),
            ("أغسطس 06, 2023 8:10 مساءً", "2023-08-06 20:10:00"),
            ("10 ביונ׳ 2023, 8:10 אחה״צ", "2023-06-10 20:10:00"),
            ("яну 06, 2023 8:10 сл.об.", "2023-01-06 20:10:00"),
        ] {
            assert_eq!(told(text), date, "{text}");
        }
    }

    /// A word that nobody knows behind twelve hours is told, if the clock has no more of them.
    #[test]
    fn what_is_known_of_the_half_of_the_day() {
        for (text, half) in [
            ("Jul 06, 2023 8:10:32 pm", Half::Told),
            ("Jul 06, 2023 8:10:32", Half::Silent),
            ("Jul 06, 2023 8:10:32 Uhr", Half::Silent),
            ("Monday, October 7, 2013 at 1:05 UTC+05:30", Half::Silent),
            ("Jul 06, 2023 20:10:32 xyzzy", Half::Beyond),
            ("Jul 06, 2023 8:10:32 xyzzy", Half::Unknown),
            ("8:10, 6 Jul 2023", Half::Silent),
        ] {
            assert_eq!(read(text, DateOrder::Dmy).map(|s| s.half), Some(half), "{text}");
        }
        assert_eq!(behind("Jul 06, 2023 8:10:32xyzzy UTC+02").as_deref(), Some("xyzzy"));
    }

    #[test]
    fn orders_of_numbers() {
        assert_eq!(order("25/12/2017, 21:48"), Some(DateOrder::Dmy));
        assert_eq!(order("12/25/2017, 21:48"), Some(DateOrder::Mdy));
        assert_eq!(order("11/12/2017, 21:48"), None);
        assert_eq!(order("Oct 19, 2019 21:48"), None);
    }
}
