//! Times as the interchange format writes them: RFC 3339, and a form for what that cannot say.

use chrono::{DateTime, Datelike, NaiveDateTime};

use crate::model::Timestamp;

const WALL: &str = "%Y-%m-%dT%H:%M";

/// RFC 3339 knows four digits of year; exports know more.
pub(super) fn instant_text(at: Timestamp) -> String {
    match at.to_utc() {
        Some(t) if (0..=9999).contains(&t.year()) => at.to_rfc3339(),
        _ => format!("@{}ms", at.0),
    }
}

pub(super) fn instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Some(ms) = text.strip_prefix('@').and_then(|t| t.strip_suffix("ms")) {
        return ms.parse().ok().map(Timestamp);
    }
    DateTime::parse_from_rfc3339(text).ok().map(|t| Timestamp(t.timestamp_millis()))
}

/// A wall clock's minute, counted as if it were UTC.
pub(super) fn wall_text(minute: i64) -> String {
    let time = minute.checked_mul(60).and_then(|s| DateTime::from_timestamp(s, 0));
    match time {
        Some(t) if (0..=9999).contains(&t.year()) => t.format(WALL).to_string(),
        _ => format!("@{minute}min"),
    }
}

pub(super) fn wall(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Some(minute) = text.strip_prefix('@').and_then(|t| t.strip_suffix("min")) {
        return minute.parse().ok();
    }
    let time = NaiveDateTime::parse_from_str(text, WALL).ok()?;
    Some(time.and_utc().timestamp().div_euclid(60))
}
