//! Instants as people read them: times, days, and how far back.

use chrono::{DateTime, Datelike, FixedOffset, Local, NaiveDate, NaiveDateTime, TimeZone, Utc};

use crate::model::Timestamp;

/// The clock that times are shown by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zone {
    /// This machine's.
    #[default]
    Local,
    /// A fixed distance from UTC.
    Fixed(FixedOffset),
}

impl Zone {
    /// The wall clock at an instant; `None` for instants that no calendar has.
    pub fn wall(self, at: Timestamp) -> Option<NaiveDateTime> {
        let utc: DateTime<Utc> = at.to_utc()?;
        // Far from the year 0 the offset alone would leave the calendar.
        if !(-9999..=9999).contains(&utc.year()) {
            return None;
        }
        Some(match self {
            Self::Local => utc.with_timezone(&Local).naive_local(),
            Self::Fixed(offset) => utc.with_timezone(&offset).naive_local(),
        })
    }

    /// The day at an instant.
    pub fn day(self, at: Timestamp) -> Option<NaiveDate> {
        self.wall(at).map(|w| w.date())
    }

    /// The instant at which a day begins.
    pub fn start_of(self, day: NaiveDate) -> Timestamp {
        self.instant(day.and_time(chrono::NaiveTime::MIN))
    }

    /// The instant at which the wall clock stands so, for the first time.
    pub fn instant(self, wall: NaiveDateTime) -> Timestamp {
        let utc = match self {
            Self::Local => Local.from_local_datetime(&wall).earliest().map(|t| t.to_utc()),
            Self::Fixed(o) => o.from_local_datetime(&wall).earliest().map(|t| t.to_utc()),
        };
        Timestamp(utc.unwrap_or_else(|| wall.and_utc()).timestamp_millis())
    }
}

/// `18:02`.
pub fn time(zone: Zone, at: Timestamp) -> String {
    zone.wall(at).map_or_else(|| "--:--".into(), |w| w.format("%H:%M").to_string())
}

/// `Tuesday, 14 November 2023`.
pub fn day_in_words(day: NaiveDate) -> String {
    day.format("%A, %-d %B %Y").to_string()
}

/// For a list: the time today, the weekday this week, the day this year, else month and year.
pub fn when(zone: Zone, at: Timestamp, now: Timestamp) -> String {
    let (Some(then), Some(today)) = (zone.wall(at), zone.day(now)) else { return "?".into() };
    let days = today.signed_duration_since(then.date()).num_days();
    let format = match days {
        0 => "%H:%M",
        1..=6 => "%a",
        _ if days > 0 && then.year() == today.year() => "%-d %b",
        _ => "%b %Y",
    };
    then.format(format).to_string()
}

/// `2 h 05 min`, `12 min`, `40 s`.
pub fn duration(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", (seconds + 30) / 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// `12,345`: digits in groups.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `1 message`, `12,345 messages`.
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    const UTC: Zone = Zone::Fixed(FixedOffset::east_opt(0).expect("utc"));

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse::<DateTime<Utc>>().expect("a date").timestamp_millis())
    }

    #[test]
    fn lists_say_as_much_as_is_needed() {
        let now = at("2023-11-14T12:00:00Z");
        for (then, words) in [
            ("2023-11-14T09:41:00Z", "09:41"),
            ("2023-11-13T23:59:00Z", "Mon"),
            ("2023-11-10T08:00:00Z", "Fri"),
            ("2023-03-02T08:00:00Z", "2 Mar"),
            ("2022-11-14T08:00:00Z", "Nov 2022"),
            ("2031-11-14T08:00:00Z", "Nov 2031"),
        ] {
            assert_eq!(when(UTC, at(then), now), words);
        }
    }

    #[test]
    fn absurd_instants_are_survived() {
        for ms in [i64::MIN, i64::MAX, -62_135_596_800_000 * 10, 0] {
            for zone in [UTC, Zone::Local] {
                let _ = (time(zone, Timestamp(ms)), when(zone, Timestamp(ms), Timestamp(0)));
            }
        }
        assert_eq!(time(UTC, Timestamp(i64::MAX)), "--:--");
    }

    #[test]
    fn a_day_begins_at_its_own_wall() {
        let zone = Zone::Fixed(FixedOffset::east_opt(7200).expect("an offset"));
        let day = NaiveDate::from_ymd_opt(2023, 11, 14).expect("a day");
        assert_eq!(zone.start_of(day), at("2023-11-13T22:00:00Z"));
    }

    #[test]
    fn numbers_and_durations() {
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(number(12), "12");
        assert_eq!(duration(40), "40 s");
        assert_eq!(duration(750), "13 min");
        assert_eq!(duration(7500), "2 h 05 min");
    }
}
