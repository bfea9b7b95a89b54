//! Which of a date's numbers is the day: decided over a whole file, never on its first lines.

use chrono::{NaiveDate, NaiveDateTime};

use super::header::{Era, Shape, Stamp};
use crate::sources::DateOrder;

/// The app began in 2009; a two-digit year that would be earlier is no year.
const FIRST_YEAR: i32 = 2009;
const LAST_YEAR: i32 = 2200;
const ORDERS: [DateOrder; 3] = [DateOrder::Dmy, DateOrder::Mdy, DateOrder::Ymd];

/// What a file's dates say about their order, gathered line by line.
#[derive(Clone, Debug, Default)]
pub struct DateEvidence {
    lines: u64,
    /// Lines that are no date under each order.
    impossible: [u64; 3],
    /// Times that the date goes back under each order.
    backward: [u64; 3],
    /// Days passed over under each order, forth and back.
    travelled: [u64; 3],
    last: [Option<NaiveDate>; 3],
    last_stamp: Option<Stamp>,
    half_days: u64,
    padded: u64,
    differing: u64,
    year_first: u64,
    days: u64,
}

/// A date order, and whether the file left it open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The order.
    pub order: DateOrder,
    /// The dates fit another order as well; this one is the likelier.
    pub guessed: bool,
}

impl DateEvidence {
    /// Counts one line's numbers.
    pub fn add(&mut self, stamp: &Stamp) {
        self.lines += 1;
        self.half_days += u64::from(stamp.half_day);
        self.padded += u64::from(stamp.digits[0] == 2 && stamp.date[0] < 10);
        let same_day = self.last_stamp.is_some_and(|l| {
            l.date == stamp.date && l.digits == stamp.digits && l.era == stamp.era
        });
        if same_day && self.last.iter().all(Option::is_some) {
            return;
        }
        self.days += 1;
        self.year_first += u64::from(stamp.digits[0] == 4);
        self.differing += u64::from(stamp.date[0] != stamp.date[1]);
        self.last_stamp = Some(*stamp);
        for (i, order) in ORDERS.into_iter().enumerate() {
            let Some(date) = strict_date(stamp, order) else {
                self.impossible[i] += 1;
                continue;
            };
            if let Some(last) = self.last[i].replace(date) {
                let days = (date - last).num_days();
                // A message that arrived late goes back by a day; a wrong order by weeks.
                self.backward[i] += u64::from(days < -1);
                self.travelled[i] += days.unsigned_abs();
            }
        }
    }

    /// The order that explains the file best.
    pub fn decide(&self, shape: &Shape) -> Decision {
        if self.year_first * 2 > self.differing.max(self.year_first) {
            return Decision { order: DateOrder::Ymd, guessed: false };
        }
        let rank = |i: usize| (self.impossible[i], self.backward[i]);
        let mut best = usize::from(rank(1) < rank(0));
        if self.is_year_first(best) {
            best = 2;
        }
        let dmy_or_mdy = best < 2 && rank(0) == rank(1) && self.differing > 0;
        if !dmy_or_mdy {
            return Decision { order: ORDERS[best], guessed: false };
        }
        // The right order walks through the calendar; the wrong one jumps across it.
        // Two days are too few to tell which.
        let few = self.days < 3;
        let (dmy, mdy) = (self.travelled[0], self.travelled[1]);
        if dmy.saturating_mul(3) < mdy {
            return Decision { order: DateOrder::Dmy, guessed: few };
        }
        if mdy.saturating_mul(3) < dmy {
            return Decision { order: DateOrder::Mdy, guessed: few };
        }
        self.likely(shape)
    }

    /// Whether any date looks different under another order.
    pub fn tells(&self) -> bool {
        self.differing > 0
    }

    /// Two digits of a year in front are rare: a damaged line or two must not suggest them.
    fn is_year_first(&self, other: usize) -> bool {
        let (far, back) = (self.impossible[other], self.backward[other]);
        let often = |n: u64| n * 4 > self.days;
        (often(far) && self.impossible[2] * 4 < far)
            || (often(back) && self.impossible[2] <= far && self.backward[2] * 4 < back)
    }

    /// Nothing in the dates decides: what phones with this shape usually write.
    fn likely(&self, shape: &Shape) -> Decision {
        if shape.date_sep != '/' {
            // Nobody writes the month first with dots or dashes.
            return Decision { order: DateOrder::Dmy, guessed: shape.date_sep == '-' };
        }
        let american = self.half_days * 2 > self.lines && self.padded == 0 && shape.comma;
        let order = if american { DateOrder::Mdy } else { DateOrder::Dmy };
        Decision { order, guessed: true }
    }
}

/// The reading of the clock that a header's numbers mean. A line that is impossible under the
/// file's order is read under one that fits.
pub fn reading(stamp: &Stamp, order: DateOrder) -> Option<NaiveDateTime> {
    let date = strict_date(stamp, order)
        .or_else(|| ORDERS[..2].iter().find_map(|other| strict_date(stamp, *other)))?;
    date.and_hms_opt(stamp.hour, stamp.minute, stamp.second)
}

fn strict_date(stamp: &Stamp, order: DateOrder) -> Option<NaiveDate> {
    let [a, b, c] = stamp.date;
    let [first, _, third] = stamp.digits;
    let (y, m, d, digits) = if first == 4 {
        if b > 12 && c <= 12 { (a, c, b, 4) } else { (a, b, c, 4) }
    } else {
        let order = if third == 4 && order == DateOrder::Ymd { DateOrder::Dmy } else { order };
        match order {
            DateOrder::Dmy => (c, b, a, third),
            DateOrder::Mdy => (c, a, b, third),
            DateOrder::Ymd => (a, b, c, first),
        }
    };
    NaiveDate::from_ymd_opt(year(y, digits, stamp.era)?, m, d)
}

fn year(value: u32, digits: u8, era: Era) -> Option<i32> {
    let value = i32::try_from(value).ok()?;
    let common = match (era, digits) {
        (Era::Reiwa, _) => value + 2018,
        (Era::Heisei, _) => value + 1988,
        (Era::Buddhist, 4) => value - 543,
        (Era::Buddhist, _) => value + 2500 - 543,
        (Era::Common, 4) if value >= 2400 => value - 543,
        (Era::Common, 4) => value,
        // No chat is of 2052 or later; in the Buddhist count those years are 2009 to 2056.
        (Era::Common, 2) if value >= 52 => value + 2500 - 543,
        (Era::Common, 2) => value + 2000,
        (Era::Common, _) => return None,
    };
    let first = if digits == 4 && era == Era::Common { 1970 } else { FIRST_YEAR };
    (first..=LAST_YEAR).contains(&common).then_some(common)
}

#[cfg(test)]
mod tests {
    use super::super::header::parse;
    use super::*;

    fn decide(lines: &[&str]) -> Decision {
        let mut evidence = DateEvidence::default();
        let mut shape = None;
        for line in lines {
            let header = parse(line).unwrap_or_else(|| panic!("no header: {line}"));
            evidence.add(&header.stamp);
            shape = Some(header.shape);
        }
        evidence.decide(&shape.expect("lines"))
    }

    #[test]
    fn the_order_of_dates_follows_from_the_whole_file() {
        use DateOrder::{Dmy, Mdy, Ymd};
        let table: &[(&[&str], DateOrder, bool)] = &[
            // A number over twelve, late in the file.
            (
                &["1/2/23, 10:00 - A: x", "3/2/23, 10:00 - A: x", "13/2/23, 10:00 - A: x"],
                Dmy,
                false,
            ),
            (
                &["1/2/23, 10:00 - A: x", "1/3/23, 10:00 - A: x", "1/13/23, 10:00 - A: x"],
                Mdy,
                false,
            ),
            // All small; only one order is forward.
            (&["9/1/23, 10:00 - A: x", "2/2/23, 10:00 - A: x", "5/2/23, 10:00 - A: x"], Dmy, false),
            (&["1/9/23, 10:00 - A: x", "2/2/23, 10:00 - A: x", "2/5/23, 10:00 - A: x"], Mdy, false),
            // Forward in both: the number that changes faster is the day.
            (&["1/2/23, 10:00 - A: x", "2/2/23, 10:00 - A: x", "3/2/23, 10:00 - A: x"], Dmy, false),
            (&["2/1/23, 10:00 - A: x", "2/2/23, 10:00 - A: x", "2/3/23, 10:00 - A: x"], Mdy, false),
            // One day only: open. Twelve hours and unpadded is American, else day first.
            (&["1/2/23, 10:00 - A: x"], Dmy, true),
            (&["1/2/23, 10:00 AM - A: x"], Mdy, true),
            (&["01/02/23, 10:00 am - A: x"], Dmy, true),
            (&["1.2.23, 10:00 - A: x"], Dmy, false),
            // Two days are too few to be sure.
            (&["1/2/23, 10:00 - A: x", "2/2/23, 10:00 - A: x"], Dmy, true),
            // The same under both: nothing to guess.
            (&["2/2/23, 10:00 - A: x", "2/2/23, 10:01 - A: x"], Dmy, false),
            // Year first, four digits and two.
            (&["2023/02/01, 10:00 - A: x", "2023/02/14, 10:00 - A: x"], Ymd, false),
            (
                &[
                    "[23-02-25, 10:00:00] A: x",
                    "[23-02-28, 10:00:00] A: x",
                    "[23-03-02, 10:00:00] A: x",
                ],
                Ymd,
                false,
            ),
        ];
        for (lines, order, guessed) in table {
            let got = decide(lines);
            assert_eq!(got, Decision { order: *order, guessed: *guessed }, "{lines:?}");
        }
    }

    #[test]
    fn a_late_message_does_not_turn_the_order() {
        let mut lines = vec![];
        for day in 1..=12 {
            lines.push(format!("{day:02}/03/2024, 10:00 - A: x"));
        }
        lines.push("11/03/2024, 23:00 - A: late".into());
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(decide(&lines), Decision { order: DateOrder::Dmy, guessed: false });
    }
}
