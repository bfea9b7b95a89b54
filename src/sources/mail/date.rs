//! Dates of mails as programs of all times have written them, in the `Date` header and on the lines
//! between the mails of a mailbox.

use chrono::{DateTime, Datelike, NaiveDateTime};

use crate::model::{Moment, Timestamp};
use crate::sources::Zone;

/// A date as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Date {
    /// With a zone.
    Exact(Timestamp),
    /// Without: what a clock showed.
    Wall(NaiveDateTime),
}

impl Date {
    /// The moment; `zone` is that of clocks that do not tell theirs.
    pub fn moment(self, zone: Zone) -> Moment {
        match self {
            Self::Exact(at) => Moment::exact(at),
            Self::Wall(reading) => Moment::wall(zone.instant(reading), reading),
        }
    }
}

/// A date without a zone; `None` for any other.
pub fn bare(text: &str) -> Option<Date> {
    const FORMATS: &[&str] = &[
        "%d %b %Y %H:%M:%S",
        "%d %b %Y %H:%M",
        "%b %e %H:%M:%S %Y",
        "%d-%b-%Y %H:%M:%S",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M:%S",
    ];
    let text = without_weekday(text.trim());
    let naive = FORMATS.iter().find_map(|f| NaiveDateTime::parse_from_str(text, f).ok());
    // A year of two digits is none of antiquity.
    naive.filter(|t| t.year() >= 1970).map(Date::Wall)
}

/// A date with a zone that is not written as the standard says.
pub fn zoned(text: &str) -> Option<Date> {
    const FORMATS: &[&str] = &[
        "%Y-%m-%d %H:%M:%S %z",
        "%d-%b-%Y %H:%M:%S %z",
        "%Y-%m-%dT%H:%M:%S%:z",
        "%b %e %H:%M:%S %z %Y",
        "%b %e %H:%M:%S %Y %z",
    ];
    let text = text.trim();
    let told = DateTime::parse_from_rfc2822(text).ok().or_else(|| {
        let text = without_weekday(text);
        FORMATS.iter().find_map(|f| DateTime::parse_from_str(text, f).ok())
    });
    told.map(|t| Date::Exact(Timestamp::from_secs(t.timestamp())))
}

/// It may be the wrong one, which matters to nobody.
fn without_weekday(text: &str) -> &str {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    match text.split_once([',', ' ']) {
        Some((day, rest)) if DAYS.iter().any(|d| day.to_ascii_lowercase().starts_with(d)) => {
            rest.trim_start()
        }
        _ => text,
    }
}

/// The time on the line before a mail in a mailbox: `From ada@x Mon Feb 10 15:45:22 2025`. When it
/// was delivered, or fetched.
pub fn of_separator(line: &[u8]) -> Option<Date> {
    let line = String::from_utf8_lossy(line.get(..line.len().min(500))?);
    let told = line.strip_prefix("From ")?.trim();
    // The address may hold blanks, and may be missing: what is left once it is gone is the time.
    let mut rest = Some(told);
    while let Some(text) = rest {
        if let Some(date) = bare(text).or_else(|| zoned(text)) {
            return Some(date);
        }
        rest = text.split_once(' ').map(|(_, after)| after.trim_start());
    }
    None
}

/// When a mail came into a maildir: its name begins with that second.
pub fn of_name(path: &str) -> Option<Date> {
    let name = path.rsplit('/').next()?;
    let seconds = name.split(['.', '_', '-']).next()?;
    let told = seconds.parse::<i64>().ok().filter(|_| (9..=10).contains(&seconds.len()))?;
    Some(Date::Exact(Timestamp::from_secs(told)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_before_a_mail_tells_a_time() {
        let wall = |text: &str| {
            let reading = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok();
            reading.map(Date::Wall)
        };
        let told = wall("2025-02-10 15:45:22");
        assert_eq!(of_separator(b"From ada@x Mon Feb 10 15:45:22 2025\r\n"), told);
        assert_eq!(of_separator(b"From - Mon Feb 10 15:45:22 2025"), told);
        assert_eq!(of_separator(b"From MAILER DAEMON  Mon Feb 10 15:45:22 2025"), told);
        assert_eq!(of_separator(b"From a@x Sat Feb  1 05:04:03 2025"), wall("2025-02-01 05:04:03"));
        let exact = Some(Date::Exact(Timestamp(1_739_202_322_000)));
        assert_eq!(of_separator(b"From 1798@xxx Mon Feb 10 15:45:22 +0000 2025"), exact);
        assert_eq!(of_separator(b"From a@x Mon Feb 10 16:45:22 2025 +0100"), exact);
        assert_eq!(of_separator(b"From a 10:00"), None);
        assert_eq!(of_separator(b"From"), None);
    }

    #[test]
    fn a_file_of_a_maildir_tells_a_time_by_its_name() {
        let told = Some(Date::Exact(Timestamp(1_714_555_200_000)));
        assert_eq!(of_name("cur/1714555200.M1P1.host!2,S"), told);
        assert_eq!(of_name("cur/17.host"), None);
        assert_eq!(of_name("cur/letter.eml"), None);
    }
}
