//! Until when: as typed in words, or one of some ready moments.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use super::view::HEAD;
use crate::inbox::ThreadRow;
use crate::model::{ThreadId, Timestamp};
use crate::search::until;
use crate::tui::app::App;
use crate::tui::clock::Zone;
use crate::tui::composer::OneLine;

/// The hour at which a day begins for those who snooze.
const MORNING: u32 = 8;
/// Saturday and Monday, counted from Monday.
const SATURDAY: u32 = 5;
const MONDAY: u32 = 0;

/// The sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SnoozeState {
    /// The threads.
    pub threads: Vec<ThreadId>,
    /// The only one's title.
    pub title: Option<String>,
    /// All of them are out of sight already.
    pub asleep: bool,
    /// As typed.
    pub typed: OneLine,
    /// The ready moment that one stands on.
    pub chosen: usize,
    /// It was entered and not understood.
    pub refused: bool,
}

impl SnoozeState {
    /// For these threads.
    pub fn of(rows: Vec<ThreadRow>) -> Self {
        Self {
            title: match rows.as_slice() {
                [one] => Some(one.title.clone()),
                _ => None,
            },
            asleep: rows.iter().all(|r| r.snoozed.is_some()),
            threads: rows.iter().map(|r| r.id).collect(),
            ..Self::default()
        }
    }

    /// Types or pastes.
    pub fn put(&mut self, text: &str) {
        self.typed.put(text);
        self.edited();
    }

    /// What is typed has changed.
    pub fn edited(&mut self) {
        self.refused = false;
    }

    /// Something is typed.
    pub fn is_typed(&self) -> bool {
        !self.typed.text().trim().is_empty()
    }

    /// The moment that Enter takes; a complaint in words where there is none. `None` is: now.
    pub fn until(&self, now: Timestamp, zone: Zone) -> Result<Option<Timestamp>, String> {
        if self.is_typed() {
            return understood(self.typed.text(), now, zone).map(Some);
        }
        let ready = self.ready(now, zone);
        let at = self.chosen.min(ready.len().saturating_sub(1));
        ready.into_iter().nth(at).map(|(_, at)| at).ok_or_else(|| "Type a moment.".to_owned())
    }

    /// The ready moments.
    pub fn ready(&self, now: Timestamp, zone: Zone) -> Vec<(&'static str, Option<Timestamp>)> {
        let mut out = Vec::new();
        if self.asleep {
            out.push(("back now", None));
        }
        let Some(wall) = zone.wall(now) else { return out };
        let mut add = |name, at: Option<NaiveDateTime>| {
            if let Some(at) = at {
                out.push((name, Some(zone.instant(at))));
            }
        };
        add("later today", later(wall));
        add("tomorrow morning", morning(wall.date(), 1));
        add("the weekend", morning(wall.date(), until_weekday(wall, SATURDAY)));
        add("next week", morning(wall.date(), until_weekday(wall, MONDAY)));
        out.sort_by_key(|(_, at)| *at);
        out
    }

    /// Goes some moments on.
    pub fn step(&mut self, by: isize, app: &App) {
        let last = self.ready(app.now, app.zone).len().saturating_sub(1);
        self.chosen = self.chosen.saturating_add_signed(by).min(last);
        // Whoever chooses has given up typing.
        self.typed = OneLine::default();
        self.refused = false;
    }

    /// Chooses the moment in a line of the sheet. False: there is none.
    pub fn click(&mut self, line: usize, app: &App) -> bool {
        let at = line.checked_sub(HEAD);
        let Some(at) = at.filter(|at| *at < self.ready(app.now, app.zone).len()) else {
            return false;
        };
        self.chosen = at;
        self.typed = OneLine::default();
        true
    }
}

/// Three hours on, at a full hour; not where that would be in the night.
fn later(now: NaiveDateTime) -> Option<NaiveDateTime> {
    let hour = now.hour() + 3;
    (hour <= 22).then(|| now.date().and_hms_opt(hour, 0, 0)).flatten()
}

fn morning(today: NaiveDate, days: u64) -> Option<NaiveDateTime> {
    let day = today.checked_add_days(Days::new(days))?;
    Some(day.and_time(NaiveTime::from_hms_opt(MORNING, 0, 0)?))
}

/// Days until the next such day of the week, today not among them.
fn until_weekday(now: NaiveDateTime, wanted: u32) -> u64 {
    let today = now.weekday().num_days_from_monday();
    u64::from((wanted + 6 - today) % 7 + 1)
}

/// What is typed as an instant, or why it is none.
fn understood(typed: &str, now: Timestamp, zone: Zone) -> Result<Timestamp, String> {
    let wall = zone.wall(now).ok_or_else(|| "The clock is wrong.".to_owned())?;
    // Days as they are typed to jump to one are understood here, too.
    let day = || crate::tui::panes::date::parse(typed, wall.date()).and_then(|d| morning(d, 0));
    let at = until(typed, wall).or_else(|why| day().filter(|d| *d > wall).ok_or(why));
    at.map(|at| zone.instant(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_moments_are_to_come() {
        let zone = Zone::Fixed(chrono::FixedOffset::east_opt(3600).expect("an offset"));
        let hour = 3_600_000;
        // A fortnight, hour by hour.
        for h in 0..24 * 14 {
            let now = Timestamp(1_703_764_800_000 + h * hour);
            let ready = SnoozeState::default().ready(now, zone);
            assert!(ready.len() >= 3);
            for (name, at) in ready {
                let at = at.expect("a moment");
                assert!(at > now && at.0 - now.0 <= 8 * 24 * hour, "{name}");
                let day = zone.wall(at).expect("a day").weekday();
                assert!(name != "the weekend" || day == chrono::Weekday::Sat);
                assert!(name != "next week" || day == chrono::Weekday::Mon);
            }
        }
    }
}
