//! Instants, wall clocks and days with the precision that the data really has.

use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z. May be negative; may be absurd: exports are.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The instant as chrono knows it; `None` outside chrono's range.
    pub fn to_utc(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(self.0)
    }

    /// From whole seconds.
    pub fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// RFC 3339 in UTC with milliseconds only where there are any (`2023-12-10T08:15:00Z`).
    pub fn to_rfc3339(self) -> String {
        let format = if self.0 % 1000 == 0 { SecondsFormat::Secs } else { SecondsFormat::Millis };
        self.to_utc().map_or_else(|| format!("@{}ms", self.0), |t| t.to_rfc3339_opts(format, true))
    }

    /// The UTC day.
    pub fn day(self) -> Option<Day> {
        self.to_utc().map(|t| Day(t.date_naive()))
    }
}

/// How a message's time was written down, which decides how a re-import recognises it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// An exact instant.
    Utc,
    /// A phone's wall clock without a zone. The value is that clock's minute, counted as if the
    /// clock were UTC, so that a later import under another `--time-zone` finds the same message.
    WallMinute(i64),
}

/// When a message was sent: the instant to sort by and the clock it was written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Moment {
    /// The instant.
    pub at: Timestamp,
    /// How it was written down.
    pub clock: Clock,
}

impl Moment {
    /// An exact instant.
    pub fn exact(at: Timestamp) -> Self {
        Self { at, clock: Clock::Utc }
    }

    /// A wall clock reading and the instant that the assumed zone makes of it.
    pub fn wall(at: Timestamp, reading: NaiveDateTime) -> Self {
        let minute = reading.and_utc().timestamp().div_euclid(60);
        Self { at, clock: Clock::WallMinute(minute) }
    }
}

/// The order in which a date's numbers stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// Day, month, year.
    Dmy,
    /// Month, day, year.
    Mdy,
    /// Year, month, day.
    Ymd,
}

/// How the order of a date's numbers is known; the later the surer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderKnown {
    /// It is the likelier one.
    Guessed,
    /// The dates show it.
    Shown,
    /// The person said it.
    Said,
}

/// How a thread's dates were read, where their numbers may stand in more than one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatesRead {
    /// The order.
    pub order: DateOrder,
    /// How that is known.
    pub known: OrderKnown,
    /// Orders under which every one of them is a day.
    pub fits: Vec<DateOrder>,
    /// How they are written otherwise: what tells one phone's dates from another's.
    pub written: String,
}

/// A calendar day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(pub NaiveDate);

impl Day {
    /// Parses `YYYY-MM-DD`.
    pub fn parse(s: &str) -> Option<Self> {
        NaiveDate::parse_from_str(s.trim(), "%Y-%m-%d").ok().map(Self)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.format("%Y-%m-%d").fmt(f)
    }
}

/// How exactly a date is known. It also decides how the date is put into words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// The day is known.
    Day,
    /// Beginning, middle or end of a month.
    PartOfMonth,
    /// The month is known.
    Month,
    /// A season or quarter.
    Season,
    /// Only the year is known.
    Year,
}

/// A stretch of days within which something happened; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DayRange {
    /// The earliest day it can have been.
    pub from: Day,
    /// The latest day it can have been.
    pub to: Day,
    /// How exactly it is known.
    pub precision: Precision,
}
