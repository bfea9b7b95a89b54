//! The unit of a time is told by its size, as exports have written seconds, milli- and microseconds.

use crate::model::Timestamp;

/// The year 2100; nothing in an export can be later.
const FAR: i64 = 4_102_444_800_000;

/// The instant, and what is strange about it.
///
/// As milliseconds, numbers below 10¹¹ would lie before March 1973; as seconds they reach to the
/// year 5138. The same gap parts milliseconds from microseconds.
pub fn milliseconds(number: i64) -> (Timestamp, Option<&'static str>) {
    let size = number.unsigned_abs();
    let at = if size < 100_000_000_000 {
        number.saturating_mul(1000)
    } else if (100_000_000_000_000..100_000_000_000_000_000).contains(&size) {
        number.div_euclid(1000)
    } else {
        number
    };
    let odd = match at {
        0 => Some("its time is zero"),
        i64::MIN..0 => Some("its time is before 1970"),
        1..FAR => None,
        _ => Some("its time is far in the future"),
    };
    (Timestamp(at), odd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_by_size() {
        for (number, ms, odd) in [
            (1_600_000_000_123, 1_600_000_000_123, false),
            (1_345_519_043, 1_345_519_043_000, false),
            (1_600_000_000_123_456, 1_600_000_000_123, false),
            (0, 0, true),
            (-5, -5000, true),
            (9_999_999_999_999, 9_999_999_999_999, true),
            (i64::MAX, i64::MAX, true),
            (i64::MIN, i64::MIN, true),
        ] {
            let (at, why) = milliseconds(number);
            assert_eq!((at, why.is_some()), (Timestamp(ms), odd), "{number}");
        }
    }
}
