//! On which clock a page's dates were read.
//!
//! A page says when it was made twice: as an instant and as the account's clock showed it
//! (`<time datetime="2026-08-19T14:33Z">… 4:33 PM UTC+02:00</time>`; the zone in words may be
//! wrong, Instagram writes `UTC` behind a time of UTC-7). The difference is the zone on that day.
//! Where it is also what the person's own zone was on that day, theirs is taken, summer and winter.
//!
//! Without such a line Instagram's clock stands at UTC-8 the whole year, as pairs of one record in
//! both formats from two people's downloads show; Facebook's is the account's.

use chrono::{DateTime, NaiveDateTime, TimeDelta};

use super::super::Kind;
use super::stamp;
use crate::model::{Moment, Timestamp};
use crate::sources::{DateOrder, Zone};

/// When an export was made, and how far the account's clock was from UTC then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    at: Timestamp,
    offset: i64,
}

const QUARTER: i64 = 900_000;
const HOUR: i64 = 3_600_000;

/// What the two forms of an instant say together.
pub fn made(utc: &str, text: &str, order: DateOrder) -> Option<Made> {
    let at = DateTime::parse_from_rfc3339(utc.trim()).ok().map(|t| t.timestamp_millis()).or_else(
        || {
            let plain = utc.trim().strip_suffix('Z')?;
            let at = NaiveDateTime::parse_from_str(plain, "%Y-%m-%dT%H:%M").ok()?;
            Some(at.and_utc().timestamp_millis())
        },
    )?;
    // The instant twice says nothing of a clock.
    if text.trim() == utc.trim() {
        return None;
    }
    let shown = stamp::read(text, order)?.reading.and_utc().timestamp_millis();
    let away = shown.checked_sub(at)?;
    let offset = away.checked_add(QUARTER / 2)?.div_euclid(QUARTER) * QUARTER;
    // The attribute is to the minute.
    ((away - offset).abs() < 60_000 && offset.abs() <= 15 * HOUR)
        .then_some(Made { at: Timestamp(at), offset })
}

impl Made {
    /// Whether a clock that showed this was later by more than a day, wherever it stood.
    pub fn is_before(&self, reading: NaiveDateTime) -> bool {
        reading.and_utc().timestamp_millis().saturating_sub(self.at.0) > 24 * HOUR
    }
}

/// Turns what clocks showed into instants.
#[derive(Clone, Copy, Debug)]
pub struct Clockwork {
    /// What the page, or the export, says.
    pub made: Option<Made>,
    /// The person's zone.
    pub zone: Zone,
    /// Whose page it is.
    pub kind: Kind,
}

impl Clockwork {
    /// The moment of a date. The clock's minute is kept: another zone must not make another
    /// message of it.
    pub fn moment(&self, stamp: &stamp::Stamp) -> Moment {
        let at = self.instant(stamp);
        // Where the date bears its zone, two downloads may have asked for it in two.
        let told = stamp.offset.and_then(|_| at.to_utc()).map(|t| t.naive_utc());
        Moment::wall(at, told.unwrap_or(stamp.reading))
    }

    /// The instant of a date.
    pub fn instant(&self, stamp: &stamp::Stamp) -> Timestamp {
        let reading = stamp.reading;
        let from = |ms: i64| Timestamp(reading.and_utc().timestamp_millis().saturating_sub(ms));
        if let Some(seconds) = stamp.offset {
            return from(i64::from(seconds) * 1000);
        }
        match (self.made, self.zone) {
            (Some(made), zone) if fits(made, zone) => zone.instant(reading),
            (Some(made), _) => from(made.offset),
            (None, Zone::Local) if self.kind == Kind::Instagram => from(-8 * HOUR),
            (None, zone) => zone.instant(reading),
        }
    }
}

/// Whether a zone was as far from UTC when the page was made.
fn fits(made: Made, zone: Zone) -> bool {
    let shown = made
        .at
        .to_utc()
        .and_then(|t| t.naive_utc().checked_add_signed(TimeDelta::milliseconds(made.offset)));
    shown.is_some_and(|wall| zone.instant(wall) == made.at)
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;

    fn at(clock: &Clockwork, date: &str) -> String {
        clock.instant(&stamp::read(date, DateOrder::Dmy).expect("a date")).to_rfc3339()
    }

    #[test]
    fn the_zone_of_a_page() {
        let made = made(
            "2026-08-19T14:33Z",
            "Wednesday, August 19, 2026 at 4:33 PM UTC+02:00",
            DateOrder::Dmy,
        );
        assert_eq!(made.map(|m| m.offset), Some(2 * HOUR));
        let clock = |zone| Clockwork { made, zone: Zone::Named(zone), kind: Kind::Messenger };
        // Where I live it was that time as well: winters are told by my zone.
        let mine = clock(Tz::Europe__Amsterdam);
        assert_eq!(at(&mine, "Jan 05, 2024 8:00:10 pm"), "2024-01-05T19:00:10Z");
        assert_eq!(at(&mine, "Jul 05, 2024 8:00:10 pm"), "2024-07-05T18:00:10Z");
        let other = clock(Tz::America__New_York);
        assert_eq!(at(&other, "Jan 05, 2024 8:00:10 pm"), "2024-01-05T18:00:10Z");
    }

    #[test]
    fn a_label_that_lies() {
        let text = "Terça-feira, 11 de agosto de 2026 às 22:03 UTC";
        let made = made("2026-08-12T05:03Z", text, DateOrder::Dmy);
        assert_eq!(made.map(|m| m.offset), Some(-7 * HOUR));
    }

    #[test]
    fn no_page_says() {
        let clock = |zone, kind| Clockwork { made: None, zone, kind };
        let date = "Aug 09, 2026 9:49 am";
        // A real pair: the JSON of this record says 1786297781.
        let instagram = clock(Zone::Local, Kind::Instagram);
        assert_eq!(at(&instagram, date), "2026-08-09T17:49:00Z");
        let told = clock(Zone::Named(Tz::UTC), Kind::Instagram);
        assert_eq!(at(&told, date), "2026-08-09T09:49:00Z");
        let made = |utc, text| made(utc, text, DateOrder::Dmy);
        assert_eq!(made("2026-08-12T05:03Z", "2026-08-12T05:03Z"), None);
        assert_eq!(made("soon", date), None);
        assert_eq!(made("2026-08-12T05:03Z", date), None);
    }
}
