//! The clock: the one place that asks what time it is.

use chrono::{Local, Utc};

use crate::model::{Day, Timestamp};

/// This instant.
pub fn now() -> Timestamp {
    Timestamp(Utc::now().timestamp_millis())
}

/// Today, where the person is.
pub fn today() -> Day {
    Day(Local::now().date_naive())
}
