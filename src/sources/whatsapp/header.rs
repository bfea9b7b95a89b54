//! The date and time at the front of a message's first line, in every shape that phones write.
//!
//! Two groups of numbers (a date, a time, in either order) with short words between them, then
//! `]`, ` - ` or `: `. What is a date and what a time follows from separators and lengths; which
//! number is the day is decided later, over the whole file (see `dates`).

use super::marks::{after_marks as marks_off, digit, is_mark, is_space};

/// Words around the numbers are short; anything longer is message text.
const LONGEST_WORD: usize = 28;

/// How a file writes its headers. One file has one shape; lines of another are message text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    /// `[…]` (iOS, Web) rather than ` - ` (Android) or `: ` (old Android).
    pub bracket: bool,
    /// Old Android: the time ends with a colon.
    pub colon: bool,
    /// The time stands before the date.
    pub time_first: bool,
    /// Between the numbers of the date.
    pub date_sep: char,
    /// Between the numbers of the time.
    pub time_sep: char,
    /// A comma (of any script) stands between date and time.
    pub comma: bool,
    /// The time has seconds.
    pub seconds: bool,
}

impl Shape {
    /// Whether the app's web page writes so: `[1/5/26, 3:04:05 PM]`.
    pub fn is_web(&self) -> bool {
        let order = !self.colon && !self.time_first;
        let parts = self.comma && self.seconds && self.date_sep == '/' && self.time_sep == ':';
        self.bracket && order && parts
    }
}

/// A calendar that counts years otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Era {
    /// The common one, or unmarked.
    #[default]
    Common,
    /// Buddhist, marked `BE`.
    Buddhist,
    /// Japanese, since 2019.
    Reiwa,
    /// Japanese, 1989 to 2019.
    Heisei,
}

/// Numbers as they stand, undecided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// The date's three numbers as written.
    pub date: [u32; 3],
    /// How many digits each has.
    pub digits: [u8; 3],
    /// How years are counted.
    pub era: Era,
    /// Hour of the day, 0 to 23.
    pub hour: u32,
    /// Minute.
    pub minute: u32,
    /// Second; zero where the shape has none.
    pub second: u32,
    /// Whether the hour was written with a day period.
    pub half_day: bool,
}

/// A header and what follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// The shape.
    pub shape: Shape,
    /// The numbers.
    pub stamp: Stamp,
    /// The line after the header.
    pub rest: &'a str,
    /// Web's way to say that the app speaks: `[…] - text`.
    pub unsigned: bool,
}

#[derive(Default)]
struct Group {
    parts: [u32; 3],
    digits: [u8; 3],
    len: usize,
    sep: char,
    era: Era,
}

/// Reads a header, if the line begins with one.
pub fn parse(line: &str) -> Option<Header<'_>> {
    let mut s = marks_off(line);
    let bracket = s.starts_with('[');
    let mut lead = "";
    if bracket {
        (lead, s) = words(&s[1..])?;
    }
    let (first, s) = group(s)?;
    let (between, s) = words(s)?;
    // "R4" can stand first in a date that stands second; its letter was taken for a word.
    let (second, s) = group(s)?;
    let (tail, rest, colon) = if bracket { bracket_end(s)? } else { open_end(s)? };
    let comma = between.contains([',', '،', '、', '，']);
    if !comma && !between.chars().any(is_space) {
        return None;
    }
    let time_first = is_time(&first, &second)?;
    let (date, time) = if time_first { (&second, &first) } else { (&first, &second) };
    let stamp = stamp(date, time, [lead, between, tail])?;
    if !bracket && !stamp.half_day && !is_suffix(tail) {
        return None;
    }
    let shape = Shape {
        bracket,
        colon,
        time_first,
        date_sep: date.sep,
        time_sep: time.sep,
        comma,
        seconds: time.len == 3,
    };
    let (rest, unsigned) = match rest.strip_prefix("- ") {
        Some(after) if bracket => (after, true),
        _ => (rest, false),
    };
    Some(Header { shape, stamp, rest, unsigned })
}

/// `h`, `Uhr`, `BE`: one short word after the numbers, where no day period stands.
fn is_suffix(tail: &str) -> bool {
    let mut words = tail.split(is_space).filter(|w| !w.is_empty());
    words.next().is_none_or(|w| w.chars().count() <= 6) && words.next().is_none()
}

fn stamp(date: &Group, time: &Group, words: [&str; 3]) -> Option<Stamp> {
    let mut era = date.era;
    let mut half = None;
    for word in words.into_iter().filter(|w| w.chars().any(char::is_alphabetic)) {
        half = half.or_else(|| day_half(word));
        if era == Era::Common && is_buddhist(word) {
            era = Era::Buddhist;
        }
    }
    let [hour, minute, second] = time.parts;
    let hour = match half {
        Some(Half::Morning) if hour == 12 => 0,
        Some(Half::Evening) if hour < 12 => hour + 12,
        _ => hour,
    };
    let fits = hour < 24 && minute < 60 && second < 60 && date.len == 3;
    fits.then_some(Stamp {
        date: date.parts,
        digits: date.digits,
        era,
        hour,
        minute,
        second,
        half_day: half.is_some(),
    })
}

/// Whether the first group is the time; `None` if they are not one date and one time.
fn is_time(first: &Group, second: &Group) -> Option<bool> {
    let clock = |g: &Group| {
        matches!(g.sep, ':' | '.')
            && g.era == Era::Common
            && g.digits[0] <= 2
            && g.digits[1] == 2
            && (g.len == 2 || g.digits[2] == 2)
    };
    let date = |g: &Group| g.len == 3 && g.sep != ':';
    if date(first) && clock(second) && could_be_date(first) {
        Some(false)
    } else {
        (clock(first) && date(second)).then_some(true)
    }
}

fn could_be_date(g: &Group) -> bool {
    let [a, b, c] = g.parts;
    let pair = |day: u32, month: u32| (1..=31).contains(&day) && (1..=12).contains(&month);
    pair(a, b) || pair(b, a) || pair(c, b) || pair(b, c)
}

/// Everything up to the next number. Line ends, brackets and colons end a header's words.
fn words(s: &str) -> Option<(&str, &str)> {
    for (i, c) in s.char_indices() {
        if digit(c).is_some() {
            // An era's letter belongs to the number.
            let at = if s[..i].ends_with('R') && !s[..i].ends_with("PR") { i - 1 } else { i };
            return Some((&s[..at], &s[at..]));
        }
        if i > LONGEST_WORD || matches!(c, '[' | ']' | ':' | '<' | '>' | '?' | '!' | '"') {
            return None;
        }
    }
    None
}

/// Two or three numbers with one separator.
fn group(s: &str) -> Option<(Group, &str)> {
    let mut g = Group::default();
    let mut read = number(s)?;
    loop {
        let (value, digits, era, rest) = read;
        *g.parts.get_mut(g.len)? = value;
        *g.digits.get_mut(g.len)? = digits;
        if era != Era::Common {
            g.era = era;
        }
        g.len += 1;
        let end = |g: Group, rest| (g.len >= 2).then_some((g, rest));
        let after = marks_off(rest);
        let Some(c) = after.chars().next() else { return end(g, rest) };
        let (sep, beyond) = (plain_sep(c), &after[c.len_utf8()..]);
        if g.len == 1 && matches!(sep, ':' | '.' | '/' | '-') {
            g.sep = sep;
        } else if sep != g.sep {
            return end(g, rest);
        }
        if g.len == 3 {
            // A fourth number: a version, an address, a list of times; not a date.
            if number(beyond).is_some() {
                return None;
            }
            return end(g, if sep == '.' { beyond } else { rest });
        }
        let next = if sep == '.' { marks_off(beyond).trim_start_matches(is_space) } else { beyond };
        match number(next) {
            Some(number) => read = number,
            None => return end(g, rest),
        }
    }
}

fn plain_sep(c: char) -> char {
    match c {
        '\u{2010}' | '\u{2011}' | '\u{2013}' | '\u{2212}' => '-',
        '／' => '/',
        '：' | '∶' => ':',
        '٫' => '.',
        c => c,
    }
}

fn number(s: &str) -> Option<(u32, u8, Era, &str)> {
    // Nearly every number: of plain digits, with nothing before it.
    let plain = s.bytes().take_while(u8::is_ascii_digit).take(5).count();
    if (1..=4).contains(&plain) && s.as_bytes().get(plain).is_none_or(u8::is_ascii) {
        let value = s.bytes().take(plain).fold(0, |n, d| n * 10 + u32::from(d - b'0'));
        return Some((value, u8::try_from(plain).ok()?, Era::Common, &s[plain..]));
    }
    let mut s = marks_off(s);
    let mut era = Era::Common;
    for (name, it) in
        [("R", Era::Reiwa), ("令和", Era::Reiwa), ("H", Era::Heisei), ("平成", Era::Heisei)]
    {
        if let Some(rest) = s.strip_prefix(name) {
            (s, era) = (rest, it);
            break;
        }
    }
    let (mut value, mut digits) = (0, 0);
    let mut rest = s;
    for (i, c) in s.char_indices() {
        let Some(d) = digit(c) else { break };
        if digits == 4 {
            return None;
        }
        value = value * 10 + d;
        digits += 1;
        rest = &s[i + c.len_utf8()..];
    }
    (digits > 0).then_some((value, digits, era, rest))
}

/// `]` after at most a short word; returns (word, rest, false).
fn bracket_end(s: &str) -> Option<(&str, &str, bool)> {
    let end = s.char_indices().find(|(i, c)| *c == ']' || *i > LONGEST_WORD)?;
    let (tail, after) = (s.get(..end.0)?, s.get(end.0..)?.strip_prefix(']')?);
    if tail.contains(|c: char| digit(c).is_some()) {
        return None;
    }
    let rest = after.strip_prefix(is_space).unwrap_or(after);
    Some((tail, rest, false))
}

/// ` - ` or `: ` after at most a short word.
fn open_end(s: &str) -> Option<(&str, &str, bool)> {
    let mut before = ' ';
    for (i, c) in s.char_indices() {
        let after = &s[i + c.len_utf8()..];
        if matches!(c, '-' | '–' | '\u{2011}') && (is_space(before) && i > 0) {
            return after.strip_prefix(is_space).map(|rest| (&s[..i], rest, false));
        }
        if c == ':' {
            return after.strip_prefix(is_space).map(|rest| (&s[..i], rest, true));
        }
        if i > LONGEST_WORD || digit(c).is_some() || matches!(c, '<' | '[' | ']' | '?' | '!') {
            return None;
        }
        if !is_mark(c) {
            before = c;
        }
    }
    None
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Morning,
    Evening,
}

fn is_buddhist(word: &str) -> bool {
    word.split(|c: char| !c.is_alphanumeric() && c != '.')
        .any(|w| matches!(w, "BE" | "B.E." | "พ.ศ."))
}

/// The day period that a word beside the time means.
fn day_half(word: &str) -> Option<Half> {
    let word = word.trim_matches(|c| is_space(c) || is_mark(c) || matches!(c, ',' | '،'));
    if word.eq_ignore_ascii_case("am") {
        return Some(Half::Morning);
    }
    if word.eq_ignore_ascii_case("pm") {
        return Some(Half::Evening);
    }
    let silent = |c: &char| {
        is_space(*c) || is_mark(*c) || matches!(c, '.' | '"' | '\'' | '״' | '׳' | '\u{200c}')
    };
    let plain: String = word.chars().filter(|c| !silent(c)).flat_map(char::to_lowercase).collect();
    MORNING
        .iter()
        .map(|w| (w, Half::Morning))
        .chain(EVENING.iter().map(|w| (w, Half::Evening)))
        .find_map(|(w, half)| (**w == plain).then_some(half))
        .or_else(|| contained_half(&plain))
}

/// Scripts without spaces may write further words against the period.
fn contained_half(plain: &str) -> Option<Half> {
    const MORNING: [&str; 6] = ["午前", "上午", "凌晨", "早上", "清晨", "오전"];
    const EVENING: [&str; 6] = ["午後", "下午", "中午", "傍晚", "晚上", "오후"];
    if MORNING.iter().any(|w| plain.contains(w)) {
        Some(Half::Morning)
    } else {
        EVENING.iter().any(|w| plain.contains(w)).then_some(Half::Evening)
    }
}

/// Lower case, without dots, quotes and spaces.
const MORNING: &[&str] = &[
    "am",
    "a",
    "ص",
    "صباحا",
    "صباحًا",
    "قظ",
    "قبلازظهر",
    "öö",
    "πμ",
    "sa",
    "fm",
    "de",
    "дп",
    "проб",
    "преобед",
    "ap",
    "पूर्वाह्न",
    "সকাল",
    "পূর্বাহ্ণ",
    "ก่อนเที่ยง",
    "לפנהצ",
    "pg",
    "pd",
    "vm",
    "मपू",
    "முற்பகல்",
    "morning",
    "inthemorning",
    "delamañana",
    "damanhã",
    "dumatin",
    "dopoledne",
    "dop",
    "rano",
    "prijepodne",
];
const EVENING: &[&str] = &[
    "pm",
    "p",
    "م",
    "مساء",
    "مساءً",
    "بظ",
    "بعدازظهر",
    "ös",
    "μμ",
    "ch",
    "em",
    "du",
    "пп",
    "слоб",
    "следобед",
    "ip",
    "अपराह्न",
    "বিকাল",
    "অপরাহ্ণ",
    "หลังเที่ยง",
    "אחהצ",
    "ptg",
    "md",
    "nm",
    "मउ",
    "பிற்பகல்",
    "afternoon",
    "intheafternoon",
    "intheevening",
    "atnight",
    "delatarde",
    "delanoche",
    "datarde",
    "danoite",
    "odpoledne",
    "odp",
    "poslijepodne",
];

#[cfg(test)]
mod tests {
    use super::super::dates::reading;
    use super::*;
    use crate::sources::DateOrder::{Dmy, Mdy, Ymd};

    /// (line, order of its file, wall clock, rest).
    const TABLE: &[(&str, crate::sources::DateOrder, &str, &str)] = &[
        // iOS.
        ("[3/18/22, 14:56:01] Ann: hi", Mdy, "2022-03-18 14:56:01", "Ann: hi"),
        (
            "\u{200e}[18/03/2022, 14:56:01] Ann: \u{200e}hi",
            Dmy,
            "2022-03-18 14:56:01",
            "Ann: \u{200e}hi",
        ),
        ("\u{feff}[18/03/2022 14:56:01] Ann: hi", Dmy, "2022-03-18 14:56:01", "Ann: hi"),
        ("[18/03/22 14.56.01] Ann: hi", Dmy, "2022-03-18 14:56:01", "Ann: hi"),
        ("[14:56:01, 3/18/22] Ann: hi", Mdy, "2022-03-18 14:56:01", "Ann: hi"),
        ("[14.56.01, 18/03/22] Ann: hi", Dmy, "2022-03-18 14:56:01", "Ann: hi"),
        ("[14.56.01, 18.03.22] Ann: hi", Dmy, "2022-03-18 14:56:01", "Ann: hi"),
        ("[1.1.2019, 12.00.00] Ann: hi", Dmy, "2019-01-01 12:00:00", "Ann: hi"),
        ("[12.3.2022 klo 14.08.18] Ann: hi", Dmy, "2022-03-12 14:08:18", "Ann: hi"),
        ("[2020-01-01, 12:00:01] Ann: hi", Ymd, "2020-01-01 12:00:01", "Ann: hi"),
        ("[2020/05/01, 12:00:01] Ann: hi", Ymd, "2020-05-01 12:00:01", "Ann: hi"),
        ("[2022. 3. 18. 오후 2:56:01] Ann: hi", Ymd, "2022-03-18 14:56:01", "Ann: hi"),
        ("[2022/3/18 午前12:56:01] Ann: hi", Ymd, "2022-03-18 00:56:01", "Ann: hi"),
        ("[2022/3/18 下午2:56:01] Ann: hi", Ymd, "2022-03-18 14:56:01", "Ann: hi"),
        ("[下午2:56:01 2022/3/18] Ann: hi", Ymd, "2022-03-18 14:56:01", "Ann: hi"),
        ("[3/18/22, 2:56:01\u{202f}PM] Ann: hi", Mdy, "2022-03-18 14:56:01", "Ann: hi"),
        ("[3/18/22, 12:56:01\u{2009}AM] Ann: hi", Mdy, "2022-03-18 00:56:01", "Ann: hi"),
        ("[18/3/22, 2:56:01 p.\u{a0}m.] Ann: hi", Dmy, "2022-03-18 14:56:01", "Ann: hi"),
        (
            "[\u{200f}18\u{200f}/3\u{200f}/2022، ٢:٥٦:٠٠ م] آن: مرحبا",
            Dmy,
            "2022-03-18 14:56:00",
            "آن: مرحبا",
        ),
        (
            "\u{200f}[١٨\u{200f}/٣\u{200f}/٢٠٢٢، ٢:٥٦:٠٠ ص] آن: مرحبا",
            Dmy,
            "2022-03-18 02:56:00",
            "آن: مرحبا",
        ),
        ("[۲۰۲۲/۳/۱۸،\u{a0}۱۴:۵۶:۰۰] آن: سلام", Ymd, "2022-03-18 14:56:00", "آن: سلام"),
        ("[१८/०३/२०२२, २:५६:०० अपराह्न] Ann: hi", Dmy, "2022-03-18 14:56:00", "Ann: hi"),
        ("[18/3/2565 14:56:01] Ann: hi", Dmy, "2022-03-18 14:56:01", "Ann: hi"),
        ("[3/18/2565 BE, 14:56:01] Ann: hi", Mdy, "2022-03-18 14:56:01", "Ann: hi"),
        ("[18/3/65 14:56:01] Ann: hi", Dmy, "2022-03-18 14:56:01", "Ann: hi"),
        ("[3/18/R4, 14:56:01] Ann: hi", Mdy, "2022-03-18 14:56:01", "Ann: hi"),
        ("[R4/03/18 14:56:01] Ann: hi", Ymd, "2022-03-18 14:56:01", "Ann: hi"),
        ("[18\u{2011}03\u{2011}2022, 14:56:01] Ann: hi", Dmy, "2022-03-18 14:56:01", "Ann: hi"),
        // Web.
        ("[3/18/22, 2:56:01 PM] - hello", Mdy, "2022-03-18 14:56:01", "hello"),
        // Android.
        ("23/03/2022, 13:31 - Ann: hi", Dmy, "2022-03-23 13:31:00", "Ann: hi"),
        ("1/29/18, 12:24 PM - Ann: hi", Mdy, "2018-01-29 12:24:00", "Ann: hi"),
        ("1/29/18, 12:24\u{202f}am - Ann: hi", Mdy, "2018-01-29 00:24:00", "Ann: hi"),
        ("01/01/2019, 11:25 a. m. - Ann: hi", Dmy, "2019-01-01 11:25:00", "Ann: hi"),
        ("01/01/2019, 08:25 p.\u{a0}m. - Ann: hi", Dmy, "2019-01-01 20:25:00", "Ann: hi"),
        ("23.03.22 13:31 - Ann: hi", Dmy, "2022-03-23 13:31:00", "Ann: hi"),
        ("23-03-2022 13:31 - Ann: hi", Dmy, "2022-03-23 13:31:00", "Ann: hi"),
        ("03/10/2025 09:45 - Ann: hi", Dmy, "2025-10-03 09:45:00", "Ann: hi"),
        ("2019/01/01, 11:25 - Ann: hi", Ymd, "2019-01-01 11:25:00", "Ann: hi"),
        ("03-06-2018, 01.55 PM - Ann: hi", Dmy, "2018-06-03 13:55:00", "Ann: hi"),
        ("2022. 03. 18. 14:56 - Ann: hi", Ymd, "2022-03-18 14:56:00", "Ann: hi"),
        ("18.03.22 г., 14:56 - Ann: hi", Dmy, "2022-03-18 14:56:00", "Ann: hi"),
        ("23/03/2022 à 13:31 - Ann: hi", Dmy, "2022-03-23 13:31:00", "Ann: hi"),
        ("20/06/20, 00:08 a. m. - Ann: hi", Dmy, "2020-06-20 00:08:00", "Ann: hi"),
        // Older Android.
        ("13. 6. 2018. 21:25:15: Ann: hi", Dmy, "2018-06-13 21:25:15", "Ann: hi"),
        ("13.06.18 21.25.15: Ann: hi", Dmy, "2018-06-13 21:25:15", "Ann: hi"),
        ("2016-06-27, 8:04:08 AM: Ann: hi", Ymd, "2016-06-27 08:04:08", "Ann: hi"),
    ];

    #[test]
    fn every_shape_is_read() {
        for (line, order, wall, rest) in TABLE {
            let header = parse(line).unwrap_or_else(|| panic!("no header: {line}"));
            let read = reading(&header.stamp, *order).map(|t| t.to_string());
            assert_eq!((read.as_deref(), header.rest), (Some(*wall), *rest), "{line}");
        }
    }

    #[test]
    fn text_that_begins_with_numbers_is_text() {
        for line in [
            "2016-04-29 10:30:00",
            "20.15.21.15 h",
            "1.2.3.4 - 5",
            "12:30 - lunch",
            "10/10 would do it again - really",
            "3/18/22",
            "[3/18/22] Ann: hi",
            "[edit] 3/18/22, 14:56 - x",
            "3/18/22, 14:56",
            "3/18/22, 14:56 and then - x",
            "3/18/22, 25:56 - x",
            "+49 170 1234567",
            "[",
            "[]",
            "",
            "-",
            "{\"a\": 1}",
            "99999/1/1, 10:00 - x",
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}
