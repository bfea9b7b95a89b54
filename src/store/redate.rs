//! Dates that were read in the wrong order: a chat's text whose first days fit more than one was
//! read by the likelier one, and a longer export, or the person, knows better. What was told is then
//! moved to the day that was meant, so that it is recognised when it is told again; and where the
//! better reading came first, what a guess tells is moved as it comes in.
//!
//! Only between dates that are written alike in every other way: two phones may write them in two
//! orders, and both may be right.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, NaiveDate};
use rusqlite::{Connection, OptionalExtension, params};

use super::fingerprint;
use super::row::More;
use super::{Import, StoreError, tell};
use crate::model::{Clock, DateOrder, DatesRead, Moment, OrderKnown, StrandId, Timestamp};

const MINUTE: i64 = 60_000;
const MINUTES_A_DAY: i64 = 24 * 60;

/// Which order a date was read in, and which was meant.
pub type Turn = (DateOrder, DateOrder);

/// A reading of a clock by another order of its numbers: minutes since 1970 by that clock. `None`:
/// it means the same, or is no day.
fn turned(wall: i64, (read, meant): Turn) -> Option<i64> {
    let (days, rest) = (wall.div_euclid(MINUTES_A_DAY), wall.rem_euclid(MINUTES_A_DAY));
    let date = DateTime::from_timestamp(days.checked_mul(86_400)?, 0)?.date_naive();
    let (year, month, day) = (date.year().rem_euclid(100).unsigned_abs(), date.month(), date.day());
    let numbers = match read {
        DateOrder::Dmy => [day, month, year],
        DateOrder::Mdy => [month, day, year],
        DateOrder::Ymd => [year, month, day],
    };
    let [year, month, day] = match (meant, numbers) {
        (DateOrder::Dmy, [d, m, y]) | (DateOrder::Mdy, [m, d, y]) | (DateOrder::Ymd, [y, m, d]) => {
            [y, m, d]
        }
    };
    let century = date.year() - date.year().rem_euclid(100);
    let meant = NaiveDate::from_ymd_opt(century + i32::try_from(year).ok()?, month, day)?;
    let wall = (meant - NaiveDate::default()).num_days() * MINUTES_A_DAY + rest;
    (meant != date).then_some(wall)
}

/// The moment that was meant.
pub fn meant(sent: Moment, turn: Turn) -> Moment {
    let Clock::WallMinute(wall) = sent.clock else { return sent };
    let Some(meant) = turned(wall, turn) else { return sent };
    let at = Timestamp(sent.at.0.saturating_add((meant - wall).saturating_mul(MINUTE)));
    Moment { at, clock: Clock::WallMinute(meant) }
}

/// What is to be moved of two readings.
enum Fate {
    Known,
    New,
    Neither,
}

fn fate(known: &DatesRead, new: &DatesRead) -> Fate {
    use OrderKnown::{Guessed, Said, Shown};
    if known.order == new.order {
        return Fate::Neither;
    }
    match (known.known, new.known) {
        // Two phones of one kind that write them in two orders: both may be right.
        (Shown, Shown) => Fate::Neither,
        (_, Said) | (Guessed, Shown) => Fate::Known,
        // What gives way must be able to.
        (_, Guessed) | (Said, Shown) if new.fits.contains(&known.order) => Fate::New,
        (_, Guessed) | (Said, Shown) => Fate::Neither,
    }
}

/// A message of a strand, and when it was meant to be.
struct Told {
    id: i64,
    fp: i64,
    sent: Moment,
    meant: Moment,
    /// Its fingerprint then, without the ordinal.
    base: u64,
    more: More,
}

impl Import<'_> {
    /// A strand's dates are told. What is known may have to be moved, or what comes.
    pub(super) fn dates(&mut self, i: usize, now: Option<&DatesRead>) -> Result<(), StoreError> {
        self.strands[i].turn = None;
        let Some(now) = now else { return Ok(()) };
        let strand = self.strands[i].id;
        let place = format!("dates/{}", strand.0);
        let before: Option<String> = self
            .db
            .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
            .query_row([&place], |r| r.get(0))
            .optional()?;
        let before: Vec<DatesRead> =
            before.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
        let known = before.iter().find(|b| b.written == now.written);
        match known.map(|known| (known, fate(known, now))) {
            Some((known, Fate::Known)) => {
                self.write_waiting()?;
                self.settle_minute(i)?;
                self.flush(i)?;
                self.move_known(i, (known.order, now.order))?;
            }
            Some((known, Fate::New)) => {
                self.strands[i].turn = Some((now.order, known.order));
                return Ok(());
            }
            Some((known, Fate::Neither)) if known.known >= now.known => return Ok(()),
            Some((_, Fate::Neither)) | None => {}
        }
        let mut all: Vec<&DatesRead> = before.iter().filter(|b| b.written != now.written).collect();
        all.push(now);
        self.db
            .prepare_cached("INSERT OR REPLACE INTO meta(key, value) VALUES(?1, ?2)")?
            .execute(params![place, serde_json::to_string(&all)?])?;
        Ok(())
    }

    /// Moves what a strand is known to tell.
    fn move_known(&mut self, i: usize, turn: Turn) -> Result<(), StoreError> {
        let (strand, thread) = (self.strands[i].id, self.strands[i].thread);
        let by_minute = self.rows.by_minute;
        let mut ordinals: HashMap<u64, u32> = HashMap::new();
        let mut moved = Vec::new();
        for told in told(self.db, strand, turn)? {
            let n = ordinals.entry(told.base).or_default();
            let fp = fingerprint::nth(told.base, *n);
            *n += 1;
            let fp = if by_minute { fingerprint::by_minute(fp, told.meant) } else { fp };
            if fp != told.fp || told.meant != told.sent {
                moved.push((told, fp));
            }
        }
        // Two may change places: first all go out of the way.
        for (told, _) in &moved {
            self.db
                .prepare_cached("UPDATE message SET fp = ?2 WHERE id = ?1")?
                .execute([told.id, i64::MIN + told.id])?;
        }
        for (mut told, fp) in moved {
            if let Clock::WallMinute(wall) = told.meant.clock {
                told.more.wall = Some(wall);
            }
            self.db
                .prepare_cached(
                    "UPDATE message SET sent_at = ?2, fp = ?3, more = ?4 WHERE id = ?1",
                )?
                .execute(params![
                    told.id,
                    told.meant.at.0,
                    fp,
                    serde_json::to_string(&told.more)?
                ])?;
            tell::changed(self.db, told.id)?;
        }
        let (first, last) = self
            .db
            .prepare_cached("SELECT min(sent_at), max(sent_at) FROM message WHERE strand_id = ?1")?
            .query_row([strand.0], |r| Ok((r.get(0)?, r.get(1)?)))?;
        let s = &mut self.strands[i];
        (s.first, s.last, s.dirty) = (first, last, true);
        s.known_last = s.known_last.and(last);
        self.touched.insert(thread);
        Ok(())
    }
}

/// The messages of a strand that bear a wall clock and no id, in the order in which they were told.
fn told(db: &Connection, strand: StrandId, turn: Turn) -> Result<Vec<Told>, StoreError> {
    let mut q = db.prepare_cached(
        "SELECT m.id, m.sent_at, m.fp, coalesce(p.key, ''), m.text, m.more FROM message m
         LEFT JOIN participant p ON p.id = m.sender_id
         WHERE m.strand_id = ?1 AND m.more IS NOT NULL ORDER BY m.ord, m.id",
    )?;
    let mut rows = q.query([strand.0])?;
    let mut out = Vec::new();
    while let Some(r) = rows.next()? {
        let more: More = serde_json::from_str(&r.get::<_, String>(5)?)?;
        let (Some(wall), None) = (more.wall, &more.native_id) else { continue };
        let (at, key, text): (i64, String, String) = (r.get(1)?, r.get(3)?, r.get(4)?);
        let sent = Moment { at: Timestamp(at), clock: Clock::WallMinute(wall) };
        let meant = meant(sent, turn);
        let Clock::WallMinute(minute) = meant.clock else { continue };
        let base = fingerprint::stored(minute, &key, &text, !more.attachments.is_empty());
        out.push(Told { id: r.get(0)?, fp: r.get(2)?, sent, meant, base, more });
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(text: &str) -> i64 {
        let at = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("a time");
        at.and_utc().timestamp() / 60
    }

    #[test]
    fn numbers_are_read_in_another_order() {
        use DateOrder::{Dmy, Mdy, Ymd};
        for (read, turn, meant) in [
            ("2024-02-01 10:07", (Dmy, Mdy), Some("2024-01-02 10:07")),
            ("2024-01-02 10:07", (Mdy, Dmy), Some("2024-02-01 10:07")),
            ("2024-02-13 10:07", (Dmy, Mdy), None),
            ("2024-02-02 10:07", (Dmy, Mdy), None),
            ("2018-03-22 00:00", (Dmy, Ymd), Some("2022-03-18 00:00")),
            ("2022-03-18 00:00", (Ymd, Dmy), Some("2018-03-22 00:00")),
            ("1969-12-31 23:59", (Dmy, Mdy), None),
        ] {
            assert_eq!(turned(wall(read), turn), meant.map(wall), "{read} {turn:?}");
        }
        for extreme in [i64::MIN, i64::MAX, i64::MAX / 60] {
            turned(extreme, (Dmy, Mdy));
        }
        let exact = Moment::exact(Timestamp(5));
        assert_eq!(super::meant(exact, (Dmy, Mdy)), exact);
    }
}
