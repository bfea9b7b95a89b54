//! A coming moment in words, as people type it: "tomorrow 9", "in 2 weeks", "friday 18:30".

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Weekday};

use super::when::{self, MONTHS, WEEKDAYS};

/// The hour of a day that is named without one.
const MORNING: u32 = 8;
const EVENING: u32 = 18;
const NIGHT: u32 = 21;

const WORDS: [&str; 14] = [
    "today",
    "tomorrow",
    "tonight",
    "weekend",
    "next",
    "week",
    "month",
    "year",
    "morning",
    "noon",
    "afternoon",
    "evening",
    "night",
    "in",
];

/// The moment that a text means, seen from `now`, both by the wall clock. A day without an hour
/// means eight in the morning. What is past, or is no moment, is told why.
pub fn until(typed: &str, now: NaiveDateTime) -> Result<NaiveDateTime, String> {
    let text = typed.trim().to_lowercase().replace([',', '@'], " ");
    let words: Vec<&str> =
        text.split_whitespace().filter(|w| !["at", "on", "the", "um"].contains(w)).collect();
    if words.is_empty() {
        return Err("say until when: tomorrow 9, in 2 weeks, friday 18:30, 2026-12-24".into());
    }
    if words[0] == "in" {
        return after(&words[1..], now).and_then(|t| coming(t, now));
    }
    let mut reading = Reading::default();
    for word in &words {
        reading.word(word, now)?;
    }
    coming(reading.moment(now)?, now)
}

fn coming(moment: NaiveDateTime, now: NaiveDateTime) -> Result<NaiveDateTime, String> {
    match moment > now {
        true => Ok(moment),
        false => Err(format!("{} is in the past", moment.format("%Y-%m-%d %H:%M"))),
    }
}

/// `in 2 weeks`, `in an hour`, `in 1 day 3 hours`.
fn after(words: &[&str], now: NaiveDateTime) -> Result<NaiveDateTime, String> {
    let mut at = now;
    let mut rough = false;
    let mut pieces = Vec::new();
    for word in words {
        // `2h` is two pieces.
        let digits = word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len());
        if digits > 0 && digits < word.len() {
            pieces.extend([&word[..digits], &word[digits..]]);
        } else {
            pieces.push(*word);
        }
    }
    if pieces.is_empty() || pieces.len() % 2 == 1 {
        return Err("in how long? in 3 hours, in 2 weeks".into());
    }
    for pair in pieces.chunks(2) {
        let count = match pair[0] {
            "a" | "an" | "one" => 1,
            "two" => 2,
            "three" => 3,
            n => n.parse::<u32>().map_err(|_| format!("'{n}' is no number; in 2 weeks"))?,
        };
        let far = || format!("{count} {} is too far away", pair[1]);
        let unit = pair[1].strip_suffix('s').filter(|u| u.len() > 1).unwrap_or(pair[1]);
        let step = |by: TimeDelta| at.checked_add_signed(by);
        at = match unit {
            "m" | "min" | "minute" => step(TimeDelta::minutes(count.into())),
            "h" | "hr" | "hour" => step(TimeDelta::hours(count.into())),
            "d" | "day" => step(TimeDelta::days(count.into())),
            "w" | "wk" | "week" => step(TimeDelta::weeks(count.into())),
            "month" => at.checked_add_months(Months::new(count)),
            "y" | "year" => at.checked_add_months(Months::new(count.saturating_mul(12))),
            other => return Err(unknown(other)),
        }
        .ok_or_else(far)?;
        rough |= !["m", "min", "minute", "h", "hr", "hour"].contains(&unit);
    }
    // In two weeks means that morning; in two hours means in two hours.
    let hours = pieces.chunks(2).any(|p| p[1].starts_with(['h', 'm']) && !p[1].starts_with("mo"));
    Ok(if rough && !hours { morning(at.date(), MORNING) } else { at })
}

#[derive(Default)]
struct Reading {
    day: Option<NaiveDate>,
    time: Option<NaiveTime>,
    /// `24` before `dec`.
    number: Option<u32>,
    month: Option<u32>,
    next: bool,
}

impl Reading {
    fn word(&mut self, word: &str, now: NaiveDateTime) -> Result<(), String> {
        let today = now.date();
        let hour = |h| NaiveTime::from_hms_opt(h, 0, 0);
        match word {
            "today" => self.day = Some(today),
            "tomorrow" | "tmr" | "tmrw" => self.day = today.succ_opt(),
            "later" => self.time = (now + TimeDelta::hours(3)).time().into(),
            "tonight" => (self.day, self.time) = (Some(today), hour(NIGHT)),
            "morning" => self.time = hour(MORNING),
            "noon" => self.time = hour(12),
            "afternoon" => self.time = hour(14),
            "evening" => self.time = hour(EVENING),
            "night" => self.time = hour(NIGHT),
            "weekend" => self.day = on(today, Weekday::Sat),
            "next" => self.next = true,
            "week" if self.next => self.day = on(today, Weekday::Mon),
            "month" if self.next => {
                self.day = today.with_day(1).and_then(|d| d.checked_add_months(Months::new(1)));
            }
            "year" if self.next => self.day = NaiveDate::from_ymd_opt(today.year() + 1, 1, 1),
            "this" => {}
            _ => return self.figures(word, today),
        }
        Ok(())
    }

    fn figures(&mut self, word: &str, today: NaiveDate) -> Result<(), String> {
        if let Some(n) = named(word, &WEEKDAYS) {
            let day = Weekday::try_from(n as u8).ok().and_then(|w| on(today, w));
            self.day = day;
        } else if let Some(n) = named(word, &MONTHS) {
            self.month = Some(n as u32 + 1);
        } else if let Some(time) = clock(word) {
            self.time = Some(time);
        } else if let Ok(n) = word.trim_end_matches(['.', 't', 'h', 's', 'n', 'd', 'r']).parse() {
            // A second bare number is the hour of the first one's day: `24 dec 9`.
            match (self.number, self.day.is_some()) {
                (None, false) => self.number = Some(n),
                _ => {
                    let time = NaiveTime::from_hms_opt(n, 0, 0);
                    self.time = Some(time.ok_or_else(|| format!("there is no hour {n}"))?);
                }
            }
        } else if let Some(day) = date(word, today) {
            self.day = Some(day);
        } else {
            return Err(unknown(word));
        }
        Ok(())
    }

    fn moment(mut self, now: NaiveDateTime) -> Result<NaiveDateTime, String> {
        let today = now.date();
        if let Some(month) = self.month {
            let day = self.number.take().unwrap_or(1);
            let year = |y| NaiveDate::from_ymd_opt(y, month, day);
            // 29 February comes every eighth year at the latest.
            let found = (0..=8).filter_map(|n| year(today.year() + n)).find(|d| *d > today);
            self.day = Some(
                found.ok_or_else(|| format!("{} has no day {day}", MONTHS[month as usize - 1]))?,
            );
        }
        if let (Some(n), None) = (self.number, self.time) {
            // A bare number is an hour.
            let time = NaiveTime::from_hms_opt(n, 0, 0);
            self.time =
                Some(time.ok_or_else(|| format!("'{n}' is no hour; write 9, 9pm or 18:30"))?);
        }
        match (self.day, self.time) {
            (Some(day), Some(time)) => Ok(day.and_time(time)),
            (Some(day), None) if day == today => Ok(morning(day, EVENING)),
            (Some(day), None) => Ok(morning(day, MORNING)),
            (None, Some(time)) => {
                let at = today.and_time(time);
                Ok(if at > now { at } else { at + Days::new(1) })
            }
            (None, None) => Err("say until when: tomorrow 9, in 2 weeks, friday 18:30".into()),
        }
    }
}

fn morning(day: NaiveDate, hour: u32) -> NaiveDateTime {
    day.and_hms_opt(hour, 0, 0).unwrap_or_else(|| day.and_time(NaiveTime::MIN))
}

/// The next such day after today.
fn on(today: NaiveDate, weekday: Weekday) -> Option<NaiveDate> {
    let ahead = 7 - today.weekday().days_since(weekday);
    today.checked_add_days(Days::new(ahead.into()))
}

/// A name, or at least three letters that begin one.
fn named(word: &str, names: &[&str]) -> Option<usize> {
    let word = word.trim_end_matches('.');
    names.iter().position(|n| word.len() >= 3 && n.starts_with(word))
}

/// `18:30`, `9pm`, `9:15am`, `18h`.
fn clock(word: &str) -> Option<NaiveTime> {
    let (digits, half) = match word {
        w if w.ends_with("am") => (&w[..w.len() - 2], Some(0)),
        w if w.ends_with("pm") => (&w[..w.len() - 2], Some(12)),
        w => (w, None),
    };
    let (h, m) = digits.split_once(':').unwrap_or((digits, ""));
    if m.is_empty() && half.is_none() {
        return None;
    }
    let m: u32 = if m.is_empty() { 0 } else { m.parse().ok()? };
    let h: u32 = h.parse().ok()?;
    let h = match half {
        Some(_) if !(1..=12).contains(&h) => return None,
        Some(half) => h % 12 + half,
        None => h,
    };
    NaiveTime::from_hms_opt(h, m, 0)
}

/// `2026-12-24`, `24.12.`, `24.12.2026`.
fn date(word: &str, today: NaiveDate) -> Option<NaiveDate> {
    if let Ok(day) = NaiveDate::parse_from_str(word, "%Y-%m-%d") {
        return Some(day);
    }
    let parts: Vec<u32> =
        word.trim_end_matches('.').split('.').map(|p| p.parse().ok()).collect::<Option<_>>()?;
    match parts.as_slice() {
        [d, m] => {
            let this = NaiveDate::from_ymd_opt(today.year(), *m, *d).filter(|d| *d > today);
            this.or_else(|| NaiveDate::from_ymd_opt(today.year() + 1, *m, *d))
        }
        [d, m, y] if *y < 100 => NaiveDate::from_ymd_opt(2000 + i32::try_from(*y).ok()?, *m, *d),
        [d, m, y] if *y > 99 => NaiveDate::from_ymd_opt(i32::try_from(*y).ok()?, *m, *d),
        _ => None,
    }
}

fn unknown(word: &str) -> String {
    let known = WORDS.iter().chain(&WEEKDAYS).chain(&MONTHS).copied();
    match when::nearest(word, known) {
        Some(near) => format!("'{word}' is no time; did you mean {near}?"),
        None => format!("'{word}' is no time; tomorrow 9, in 2 weeks, friday 18:30, 2026-12-24"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(text: &str) -> String {
        // A Wednesday.
        let now = NaiveDate::from_ymd_opt(2026, 11, 18).unwrap().and_hms_opt(14, 30, 0).unwrap();
        until(text, now).map_or_else(|e| e, |t| t.format("%Y-%m-%d %H:%M").to_string())
    }

    #[test]
    fn moments_as_people_type_them() {
        for (text, expected) in [
            ("tomorrow", "2026-11-19 08:00"),
            ("Tomorrow 9", "2026-11-19 09:00"),
            ("tomorrow at 9:15pm", "2026-11-19 21:15"),
            ("tonight", "2026-11-18 21:00"),
            ("today", "2026-11-18 18:00"),
            ("evening", "2026-11-18 18:00"),
            ("morning", "2026-11-19 08:00"),
            ("in 2 weeks", "2026-12-02 08:00"),
            ("in 3 hours", "2026-11-18 17:30"),
            ("in an hour", "2026-11-18 15:30"),
            ("in 2h", "2026-11-18 16:30"),
            ("in 1 month", "2026-12-18 08:00"),
            ("friday", "2026-11-20 08:00"),
            ("next fri 18:30", "2026-11-20 18:30"),
            ("wednesday", "2026-11-25 08:00"),
            ("weekend", "2026-11-21 08:00"),
            ("next week", "2026-11-23 08:00"),
            ("next month", "2026-12-01 08:00"),
            ("9", "2026-11-19 09:00"),
            ("16", "2026-11-18 16:00"),
            ("9pm", "2026-11-18 21:00"),
            ("12am", "2026-11-19 00:00"),
            ("2026-12-24", "2026-12-24 08:00"),
            ("24 dec", "2026-12-24 08:00"),
            ("dec 24 9", "2026-12-24 09:00"),
            ("24.12. 8:30", "2026-12-24 08:30"),
            ("1 march", "2027-03-01 08:00"),
            ("29 feb", "2028-02-29 08:00"),
            ("24.12.26", "2026-12-24 08:00"),
        ] {
            assert_eq!(meant(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_coming_moment() {
        for (text, part) in [
            ("", "until when"),
            ("yestreday", "is no time"),
            ("tomorow", "did you mean tomorrow?"),
            ("2020-01-01", "is in the past"),
            ("in 2 fortnights", "is no time"),
            ("in", "in how long?"),
            ("31 feb", "has no day 31"),
            ("tomorrow 25", "no hour 25"),
            ("in 4000000000 years", "too far away"),
            ("next", "until when"),
        ] {
            assert!(meant(text).contains(part), "{text}: {}", meant(text));
        }
    }
}
