//! Which of a date's numbers is the day: decided over a whole file, never on its first lines.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::header::{Era, Shape, Stamp};
use crate::sources::DateOrder;

/// The app began in 2009; a two-digit year that would be earlier is no year.
const FIRST_YEAR: i32 = 2009;
/// Where no date of a chat can be read: the day on which the app began.
const FIRST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(FIRST_YEAR, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};
const LAST_YEAR: i32 = 2200;
/// From one date to the next: nearly a year, or more.
const LEAP: u64 = 300;
/// Fewer dates than these can be one birthday after another.
const BIRTHDAYS: u64 = 8;
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
    /// Times that a year or more is passed over under each order.
    leaps: [u64; 3],
    last: [Option<NaiveDate>; 3],
    last_stamp: Option<Stamp>,
    /// The first time that can be read under each order.
    first: [Option<NaiveDateTime>; 3],
    half_days: u64,
    padded: u64,
    /// Years of four digits, at the end.
    long_years: u64,
    /// Dates that differ with day and month changed about, and with day and year.
    differing: u64,
    turning: u64,
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
        self.long_years += u64::from(stamp.digits[2] == 4);
        let same_day = self.last_stamp.is_some_and(|l| {
            l.date == stamp.date && l.digits == stamp.digits && l.era == stamp.era
        });
        if same_day {
            return;
        }
        for (first, order) in self.first.iter_mut().zip(ORDERS) {
            *first = first.or_else(|| reading(stamp, order));
        }
        self.days += 1;
        self.year_first += u64::from(stamp.digits[0] == 4);
        self.differing += u64::from(stamp.date[0] != stamp.date[1]);
        self.turning += u64::from(stamp.date[0] != stamp.date[2]);
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
                self.leaps[i] += u64::from(days.unsigned_abs() > LEAP);
            }
        }
    }

    /// The order that explains the file best.
    pub fn decide(&self, shape: &Shape) -> Decision {
        if self.last.iter().all(Option::is_none) {
            return Decision { order: DateOrder::Dmy, guessed: false };
        }
        if self.year_first * 2 > self.differing.max(self.year_first) {
            return Decision { order: DateOrder::Ymd, guessed: false };
        }
        let best = usize::from(self.rank(1) < self.rank(0));
        if self.is_year_first(best) {
            return Decision { order: DateOrder::Ymd, guessed: false };
        }
        if self.leaps_unless_year_first(best) {
            let open = self.rank(2) == self.rank(best) && self.days < BIRTHDAYS;
            return Decision { order: DateOrder::Ymd, guessed: open };
        }
        let open = self.may_be_year_first(best, shape);
        let told = self.day_or_month(best, shape);
        Decision { guessed: told.guessed || open, ..told }
    }

    /// Orders under which every date is one.
    pub fn fitting(&self) -> Vec<DateOrder> {
        ORDERS.into_iter().zip(self.impossible).filter(|(_, n)| *n == 0).map(|(o, _)| o).collect()
    }

    /// How they are written, but for the order: each phone has its own way.
    pub fn written(&self, shape: &Shape) -> String {
        let marks = [
            (shape.bracket, '['),
            (shape.colon, 'c'),
            (shape.time_first, 't'),
            (shape.comma, ','),
            (shape.seconds, 's'),
            (self.half_days > 0, 'h'),
            (self.long_years > 0, 'y'),
        ];
        let marks = marks.into_iter().filter(|(is, _)| *is).map(|(_, mark)| mark);
        [shape.date_sep, shape.time_sep].into_iter().chain(marks).collect()
    }

    /// Whether the app's web page may have written them: the month first, whoever exports, halves of
    /// the day, and nothing that speaks for the day first.
    pub fn may_be_web(&self, shape: &Shape) -> bool {
        shape.is_web()
            && self.half_days == self.lines
            && self.impossible[1] == 0
            && self.rank(1) <= self.rank(0)
    }

    /// Whether the day comes first or the month, if it is not the year.
    fn day_or_month(&self, best: usize, shape: &Shape) -> Decision {
        if self.rank(0) != self.rank(1) || self.differing == 0 {
            return Decision { order: ORDERS[best], guessed: false };
        }
        // The right order walks through the calendar; the wrong one jumps across it.
        // Two days are too few to tell which.
        let few = self.days < 3;
        if self.walks(0, 1) {
            return Decision { order: DateOrder::Dmy, guessed: few };
        }
        if self.walks(1, 0) {
            return Decision { order: DateOrder::Mdy, guessed: few };
        }
        self.likely(shape)
    }

    /// What speaks against an order: dates that are none, and going back.
    fn rank(&self, order: usize) -> (u64, u64) {
        (self.impossible[order], self.backward[order])
    }

    /// Whether one order passes over far fewer days than the other.
    fn walks(&self, one: usize, other: usize) -> bool {
        self.travelled[one].saturating_mul(3) < self.travelled[other]
    }

    /// Whether an order of a chat's dates is at least possible where the decided one is.
    pub fn fits(&self, order: DateOrder, decided: DateOrder) -> bool {
        self.impossible[order as usize] <= self.impossible[decided as usize]
    }

    /// Where messages stand whose dates cannot be read, until there is one that can.
    pub fn first(&self, order: DateOrder) -> NaiveDateTime {
        self.first[order as usize].unwrap_or(FIRST_DAY.and_time(NaiveTime::MIN))
    }

    /// Whether any date looks different under another order.
    pub fn tells(&self) -> bool {
        // 24/03/24 is the same day from both ends.
        self.last.iter().any(Option::is_some)
            && self.differing > 0
            && (self.turning > 0 || self.impossible[2] > 0)
    }

    /// Two digits of a year in front are rare: a damaged line or two must not suggest them.
    fn is_year_first(&self, other: usize) -> bool {
        let (far, back) = (self.impossible[other], self.backward[other]);
        let often = |n: u64| n * 4 > self.days;
        (often(far) && self.impossible[2] * 4 < far && self.backward[2] < far)
            || (often(back) && self.impossible[2] <= far && self.backward[2] * 4 < back)
    }

    /// A chat goes on by days and weeks. Where it is another year at every new date, and all of them
    /// lie together with the year in front, it is in front.
    fn leaps_unless_year_first(&self, other: usize) -> bool {
        let steps = self.days.saturating_sub(self.impossible[other] + 1);
        self.days >= 3
            && self.impossible[2] <= self.impossible[other]
            && self.backward[2] <= self.backward[other]
            && self.leaps[other] * 2 > steps
            && self.leaps[2] * 4 < self.leaps[other]
            && self.walks(2, other)
    }

    /// Whether two digits of a year in front explain the dates as well: 22/03/18.
    fn may_be_year_first(&self, other: usize, shape: &Shape) -> bool {
        // Hardly anybody writes so with dots, and nearly everybody the day first.
        shape.date_sep != '.'
            && self.turning > 0
            && self.rank(2) <= self.rank(other)
            && !self.walks(other, 2)
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
        match order {
            // Four digits at the end are a year, whatever the file's order.
            DateOrder::Ymd if third == 4 => return None,
            DateOrder::Dmy => (c, b, a, third),
            DateOrder::Mdy => (c, a, b, third),
            DateOrder::Ymd => (a, b, c, first),
        }
    };
    if digits == 4 && stamp.era == Era::Common && PERSIAN.contains(&y) {
        return persian(y, m, d);
    }
    NaiveDate::from_ymd_opt(year(y, digits, stamp.era)?, m, d)
}

/// Years since WhatsApp in the count of Iran, whose phones write them without a mark.
const PERSIAN: std::ops::RangeInclusive<u32> = 1387..=1425;

/// A day of the Persian calendar: six months of 31 days, five of 30, one of 29 or 30. In these
/// years every fourth is a leap year, and once in 33 the fifth.
fn persian(y: u32, m: u32, d: u32) -> Option<NaiveDate> {
    const LEAP: [u32; 8] = [1, 5, 9, 13, 17, 22, 26, 30];
    let is_leap = |y: u32| LEAP.contains(&(y % 33));
    let length = match m {
        1..=6 => 31,
        7..=11 => 30,
        12 => 29 + u32::from(is_leap(y)),
        _ => return None,
    };
    if !(1..=length).contains(&d) {
        return None;
    }
    let years: u32 = (*PERSIAN.start()..y).map(|y| 365 + u32::from(is_leap(y))).sum();
    let months = (m - 1) * 30 + (m - 1).min(6);
    let first = NaiveDate::from_ymd_opt(2008, 3, 20)?;
    first.checked_add_days(chrono::Days::new(u64::from(years + months + d - 1)))
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

    fn check(table: &[(&[&str], DateOrder, bool)]) {
        for (lines, order, guessed) in table {
            let got = decide(lines);
            assert_eq!(got, Decision { order: *order, guessed: *guessed }, "{lines:?}");
        }
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
        check(table);
    }

    #[test]
    fn a_two_digit_year_first_follows_from_it_as_well() {
        use DateOrder::{Dmy, Mdy, Ymd};
        let table: &[(&[&str], DateOrder, bool)] = &[
            // Another year at every new date: it is the year that stands first.
            (
                &["22/03/18, 9:00 - A: x", "22/03/19, 9:00 - A: x", "22/03/28, 9:00 - A: x"],
                Ymd,
                true,
            ),
            (
                &[
                    "22/03/18, 10:00 - A: x",
                    "22/03/19, 10:00 - A: x",
                    "22/03/28, 10:00 - A: x",
                    "22/04/02, 10:00 - A: x",
                ],
                Ymd,
                false,
            ),
            // One date or two, or far apart under each: the likelier, and open.
            (&["22/03/18, 10:00 - A: x", "22/03/18, 10:01 - A: x"], Dmy, true),
            (&["18-03-22, 10:00 - A: x"], Dmy, true),
            (&["22/03/18, 10:00 - A: x", "22/03/19, 10:00 - A: x"], Dmy, true),
            (
                &["14/03/20, 9:00 - A: x", "15/03/24, 9:00 - A: x", "15/03/26, 9:00 - A: x"],
                Dmy,
                true,
            ),
            (
                &["22/03/24, 9:00 - A: x", "22/04/24, 9:00 - A: x", "22/05/24, 9:00 - A: x"],
                Dmy,
                true,
            ),
            // The same from both ends, or no year at one of them, or days that follow each other.
            (&["24/03/24, 10:00 - A: x"], Dmy, false),
            (&["12/25/24, 10:00 - A: x"], Mdy, false),
            (&["22/03/08, 10:00 - A: x"], Ymd, false),
            (&["22/03/24, 10:00 - A: x", "23/03/24, 10:00 - A: x"], Dmy, false),
            (&["18.03.22, 10:00 - A: x"], Dmy, false),
            (&["18/03/2022, 10:00 - A: x", "19/03/2022, 10:00 - A: x"], Dmy, false),
        ];
        check(table);
    }

    #[test]
    fn a_month_of_days_is_no_score_of_years() {
        let lines: Vec<_> = (10..30).map(|day| format!("22/03/{day}, 10:00 - A: x")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(decide(&lines), Decision { order: DateOrder::Ymd, guessed: false });
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
