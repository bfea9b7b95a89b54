//! Times as Google writes them for people: `Monday, February 10, 2025 at 3:45:22 PM UTC`, and what
//! stands in its place in other languages and orders.
//!
//! Read by structure: the number of four digits is the year, the one with colons (or dots, or words
//! for hours and minutes) the time, the word that is a month's the month, the number that is left
//! the day. The zone may stand before the time as behind it.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};

use super::months;
use crate::model::{Moment, Timestamp};
use crate::sources::Zone;

/// A time that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// When it was.
    pub moment: Moment,
    /// A zone is named that is not known: the time is taken for one of here.
    pub strange_zone: bool,
}

#[derive(Debug, PartialEq)]
enum Token<'t> {
    Number(u32),
    Time(NaiveTime),
    /// As it stands.
    Word(&'t str),
    Sign(i64),
}

fn time(text: &str, between: char) -> Option<NaiveTime> {
    let mut parts = text.split(between).map(|p| p.parse::<u32>().ok());
    let (h, m) = (parts.next()??, parts.next()??);
    let s = parts.next().map_or(Some(0), |s| s)?;
    NaiveTime::from_hms_opt(h, m, s)
}

/// How much of a text is a time with dots: `17.32.11`. Two numbers may be a date.
fn dotted(text: &str) -> Option<usize> {
    let len = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let whole = text.get(..len)?.trim_end_matches('.');
    let mut parts = whole.split('.');
    let hours = parts.next().is_some_and(|h| (1..=2).contains(&h.len()));
    let rest: Vec<&str> = parts.collect();
    (hours && rest.len() == 2 && rest.iter().all(|p| p.len() == 2)).then_some(whole.len())
}

/// Arabic, Persian and Indian digits, and wide ones, as ours.
fn western(c: char) -> char {
    let zeros = [0x660, 0x6f0, 0x966, 0x9e6, 0xff10];
    let digit = zeros.iter().find_map(|zero| {
        let n = u32::from(c).checked_sub(*zero).filter(|n| *n < 10)?;
        char::from_digit(n, 10)
    });
    digit.unwrap_or(c)
}

/// Scripts that write words without spaces between them and others'.
fn is_east(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

fn is_letter(c: char) -> bool {
    // Some marks of Indian scripts and of Thai are no letters by themselves.
    c.is_alphabetic() || matches!(c, '\u{900}'..='\u{e7f}')
}

fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let is_digit = |c: char| c.is_ascii_digit() || c == ':';
        let with_dots = if c.is_ascii_digit() { dotted(rest) } else { None };
        let len = if let Some(len) = with_dots {
            len
        } else if c.is_ascii_digit() {
            rest.find(|c| !is_digit(c)).unwrap_or(rest.len())
        } else if is_letter(c) {
            rest.find(|n: char| !is_letter(n) || is_east(n) != is_east(c)).unwrap_or(rest.len())
        } else {
            c.len_utf8()
        };
        let (token, after) = rest.split_at_checked(len)?;
        rest = after;
        match c {
            _ if with_dots.is_some() => out.push(Token::Time(time(token, '.')?)),
            c if c.is_ascii_digit() && token.contains(':') => {
                out.push(Token::Time(time(token.trim_end_matches(':'), ':')?));
            }
            c if c.is_ascii_digit() => out.push(Token::Number(token.parse().ok()?)),
            c if is_letter(c) => out.push(Token::Word(token)),
            '+' => out.push(Token::Sign(1)),
            '-' | '−' => out.push(Token::Sign(-1)),
            _ => {}
        }
    }
    Some(out)
}

/// What a zone says.
enum East {
    /// So many minutes east of UTC.
    Minutes(i64),
    /// One is named that is not known.
    Strange,
    /// None is named.
    Unsaid,
}

/// Takes the zone out.
fn take_zone(tokens: &mut Vec<Token<'_>>) -> Option<East> {
    let is_utc = |t: &Token<'_>| {
        matches!(t, Token::Word(w)
            if ["utc", "gmt", "z"].iter().any(|name| w.eq_ignore_ascii_case(name)))
    };
    if let Some(at) = tokens.iter().position(is_utc) {
        let Some(Token::Sign(sign)) = tokens.get(at + 1) else {
            tokens.remove(at);
            return Some(East::Minutes(0));
        };
        let (minutes, end) = match tokens.get(at + 2) {
            // `+5`, `+0530`
            Some(Token::Number(n @ 100..=2400)) => (n / 100 * 60 + n % 100, at + 3),
            Some(Token::Number(hours @ 0..=24)) => (hours * 60, at + 3),
            Some(Token::Time(t)) => (t.num_seconds_from_midnight() / 60, at + 3),
            _ => return None,
        };
        let minutes = sign * i64::from(minutes);
        tokens.drain(at..end);
        return Some(East::Minutes(minutes));
    }
    let known = tokens.iter().enumerate().find_map(|(at, t)| match t {
        Token::Word(word) => Some((at, months::zone(word)?)),
        _ => None,
    });
    if let Some((at, minutes)) = known {
        tokens.remove(at);
        return Some(East::Minutes(minutes));
    }
    let strange = |t: &Token<'_>| matches!(t, Token::Word(word) if months::is_zone_like(word));
    Some(if tokens.iter().any(strange) { East::Strange } else { East::Unsaid })
}

/// Takes the time out: `17:32:11`, else `17時32分11秒`.
fn take_time(tokens: &mut Vec<Token<'_>>) -> Option<NaiveTime> {
    let whole = |t: &Token<'_>| match t {
        Token::Time(time) => Some(*time),
        _ => None,
    };
    if let Some(at) = tokens.iter().position(|t| whole(t).is_some()) {
        return whole(&tokens.remove(at));
    }
    let counted = |at: usize, tokens: &[Token<'_>]| match (tokens.get(at), tokens.get(at + 1)) {
        (Some(Token::Number(n)), Some(Token::Word(word))) => {
            months::unit(&word.to_lowercase()).map(|unit| (unit, *n))
        }
        _ => None,
    };
    let at = (0..tokens.len()).find(|at| matches!(counted(*at, tokens), Some((0, _))))?;
    let mut hands = [0u32; 3];
    let mut end = at;
    while let Some((unit, n)) = counted(end, tokens).filter(|(unit, _)| *unit * 2 == end - at) {
        *hands.get_mut(unit)? = n;
        end += 2;
    }
    tokens.drain(at..end);
    let [h, m, s] = hands;
    NaiveTime::from_hms_opt(h, m, s)
}

/// Takes the month out, where a word or a sign says which number it is.
fn take_month(tokens: &mut Vec<Token<'_>>) -> Option<u32> {
    // `6月`, `6월`; `tháng 6`
    let marked = tokens.windows(2).enumerate().find_map(|(at, pair)| match pair {
        [Token::Number(n), Token::Word("月" | "월")] => Some((at, *n)),
        [Token::Word(word), Token::Number(n)] if word.to_lowercase() == "tháng" => Some((at, *n)),
        _ => None,
    });
    if let Some((at, month)) = marked {
        tokens.drain(at..at + 2);
        return Some(month);
    }
    let words = lower(tokens);
    months::month(words.iter().map(String::as_str))
}

fn lower(tokens: &[Token<'_>]) -> Vec<String> {
    let words = tokens.iter().filter_map(|t| match t {
        Token::Word(w) => Some(w.to_lowercase()),
        _ => None,
    });
    words.collect()
}

/// A time as Google writes it.
pub fn read(text: &str, zone: Zone) -> Option<Told> {
    let known = |moment| Some(Told { moment, strange_zone: false });
    if let Ok(exact) = chrono::DateTime::parse_from_rfc3339(text.trim()) {
        return known(Moment::exact(Timestamp(exact.timestamp_millis())));
    }
    if text.len() > 300 {
        return None;
    }
    let text: String = text.chars().map(western).collect();
    let mut tokens = tokens(&text)?;
    let east = take_zone(&mut tokens)?;
    let mut time = take_time(&mut tokens)?;
    let words = lower(&tokens);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if let Some(late) = months::afternoon(&words) {
        // 12 AM is midnight, 12 PM is noon; `15:04 PM` says nothing more, and 11 at noon is before.
        let hour = match (time.hour(), late) {
            (12, false) => 0,
            (11, true) if words.contains(&"中午") => 11,
            (hour @ 1..=11, true) => hour + 12,
            (hour, _) => hour,
        };
        time = time.with_hour(hour)?;
    }
    let month = take_month(&mut tokens);
    let numbers: Vec<u32> = tokens
        .iter()
        .filter_map(|t| match t {
            Token::Number(n) => Some(*n),
            _ => None,
        })
        .collect();
    let year_at = numbers.iter().position(|n| (1990..=9999).contains(n))?;
    let year = i32::try_from(*numbers.get(year_at)?).ok()?;
    // Thailand counts from 543 before.
    let year = if year > 2400 { year - 543 } else { year };
    let others: Vec<u32> =
        numbers.iter().enumerate().filter(|(i, _)| *i != year_at).map(|(_, n)| *n).collect();
    let (month, day) = match (month, others.as_slice()) {
        (Some(month), [day]) => (month, *day),
        // Year, month, day: the one order in which the month may be a number without doubt.
        (None, [month, day]) if year_at == 0 => (*month, *day),
        _ => return None,
    };
    let reading: NaiveDateTime = NaiveDate::from_ymd_opt(year, month, day)?.and_time(time);
    match east {
        East::Minutes(minutes) => {
            let utc = reading.checked_sub_signed(TimeDelta::try_minutes(minutes)?)?;
            known(Moment::exact(Timestamp(utc.and_utc().timestamp_millis())))
        }
        East::Strange | East::Unsaid => Some(Told {
            moment: Moment::wall(zone.instant(reading), reading),
            strange_zone: matches!(east, East::Strange),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Clock;

    fn at(text: &str) -> Option<String> {
        read(text, Zone::Named(chrono_tz::Tz::UTC)).map(|t| t.moment.at.to_rfc3339())
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
            "Monday, February 10, 2025 at 9:15:22 PM GMT+0530",
            "2025-02-10T15:45:22Z",
        ] {
            assert_eq!(at(text).as_deref(), Some("2025-02-10T15:45:22Z"), "{text}");
        }
        assert_eq!(at("May 1, 2020 at 12:05:00 AM UTC").as_deref(), Some("2020-05-01T00:05:00Z"));
        assert_eq!(at("May 1, 2020 at 12:05:00 PM UTC").as_deref(), Some("2020-05-01T12:05:00Z"));
    }

    #[test]
    fn every_language_is_read() {
        for text in [
            "вівторок, 11 червня 2024 р. о 17:32:11 UTC",
            "úterý 11. června 2024 v 17:32:11 UTC",
            "utorok 11. júna 2024 o 17:32:11 UTC",
            "2024. június 11., kedd 17:32:11 UTC",
            "tirsdag den 11. juni 2024 kl. 17.32.11 UTC",
            "tirsdag 11. juni 2024 kl. 17:32:11 UTC",
            "tiistai 11. kesäkuuta 2024 klo 17.32.11 UTC",
            "2024년 6월 11일 화요일 오후 5시 32분 11초 UTC",
            "2024년 6월 11일 화요일 PM 5:32:11 UTC",
            "יום שלישי, 11 ביוני 2024 בשעה 17:32:11 UTC",
            "lúc 17:32:11 UTC Thứ Ba, 11 tháng 6, 2024",
            "2024年6月11日火曜日 17時32分11秒 UTC",
            "2024年6月11日星期二 UTC 17:32:11",
            "2024年6月11日 星期二 下午5:32:11 [UTC]",
            "2024年6月11日星期二 UTC下午5:32:11",
            "วันอังคารที่ 11 มิถุนายน พ.ศ. 2567 เวลา 17 นาฬิกา 32 นาที 11 วินาที UTC",
            "الثلاثاء، ١١ يونيو ٢٠٢٤ في ٥:٣٢:١١ م UTC",
            "मंगलवार, 11 जून 2024 को 5:32:11 pm बजे UTC",
            "Τρίτη 11 Ιουνίου 2024 στις 5:32:11 μ.μ. UTC",
            "11 Haziran 2024 Salı 17:32:11 UTC",
            "mardi 11 juin 2024 à 17 h 32 min 11 s UTC",
            "martes, 11 de junio de 2024, 17:32:11 UTC",
            "marți, 11 iunie 2024 la 17:32:11 UTC",
            "2024 m. birželio 11 d., antradienis 17:32:11 UTC",
            "otrdiena, 2024. gada 11. jūnijs plkst. 17:32:11 UTC",
            "dimarts, 11 de juny del 2024, a les 17:32:11 UTC",
            "Selasa, 11 Juni 2024 pukul 17.32.11 UTC",
            "вторник, 11 юни 2024 г. в 17:32:11 ч. UTC",
            "Tuesday, June 11, 2024 at UTC 17:32:11",
            "Tuesday, June 11, 2024 at GMT+8 01:32:11 AM",
        ] {
            let day = if text.contains("GMT+8") { "2024-06-10" } else { "2024-06-11" };
            assert_eq!(at(text), Some(format!("{day}T17:32:11Z")), "{text}");
        }
        let listopad = |day: &str| at(&format!("{day}, 5. listopada 2024. 10:00:00 UTC"));
        assert_eq!(listopad("wtorek").as_deref(), Some("2024-11-05T10:00:00Z"));
        assert_eq!(listopad("subota").as_deref(), Some("2024-10-05T10:00:00Z"));
    }

    #[test]
    fn a_named_zone_counts() {
        for (text, utc) in [
            ("Tuesday, June 11, 2024 at 5:32:11 PM PDT", "2024-06-12T00:32:11Z"),
            ("Tuesday, January 9, 2024 at 5:32:11 PM PST", "2024-01-10T01:32:11Z"),
            ("Tuesday, January 9, 2024 at 5:32:11 PM MST", "2024-01-10T00:32:11Z"),
            ("Dienstag, 9. Januar 2024 um 17:32:11 MEZ", "2024-01-09T16:32:11Z"),
            ("mardi 9 janvier 2024 CET 17:32:11", "2024-01-09T16:32:11Z"),
            ("9 January 2024 at 17:32:11 IST", "2024-01-09T12:02:11Z"),
        ] {
            assert_eq!(at(text).as_deref(), Some(utc), "{text}");
        }
        let strange = read(
            "Tuesday, June 11, 2024 at 5:32:11 PM XYZT",
            Zone::Named(chrono_tz::Europe::Lisbon),
        );
        let strange = strange.expect("read");
        assert!(strange.strange_zone);
        assert_eq!(strange.moment.at.to_rfc3339(), "2024-06-11T16:32:11Z");
    }

    #[test]
    fn without_a_zone_it_is_a_wall_clock() {
        let told = read("Monday, February 10, 2025 at 3:45:22 PM", Zone::Named(chrono_tz::Tz::UTC));
        let told = told.expect("read");
        assert!(matches!(told.moment.clock, Clock::WallMinute(_)));
        assert!(!told.strange_zone);
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
