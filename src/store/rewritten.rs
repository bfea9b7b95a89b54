//! A chat that is told again later, by an app that gives messages no id: a line was edited or taken back
//! since, a poll has more votes, the phone speaks another language. Nothing but the time and the sender
//! says which line of before it was, so that a line that is not known waits until all of its time are told: those that
//! are known go first, and what is left of both sides is laid beside each other.

use rusqlite::params;

use super::row::kind::{CALL, POLL, SEALED, SYSTEM};
use super::row::{EDITED, TAKEN_DOWN, UNSENT};
use super::strand::{Again, enrich};
use super::waiting::Row;
use super::{Import, StoreError, fingerprint, tell};
use crate::model::{Clock, Moment, StrandId};

/// Lines of one time that are held back, and that are compared, at the most.
const TOGETHER: usize = 200;
/// Bytes at either end of a text that are compared.
const LOOKED_AT: usize = 256;

/// The time that a strand's telling has come to.
#[derive(Default)]
pub struct Minute {
    at: i64,
    /// Between which fingerprints its lines lie, in a store whose fingerprints follow the clock.
    span: (i64, i64),
    /// Fingerprints of known lines that were told again.
    met: Vec<i64>,
    /// Lines that are not known.
    held: Vec<Row>,
}

impl Minute {
    /// A known line was told again.
    pub fn meet(&mut self, fp: i64) {
        if self.met.len() < TOGETHER {
            self.met.push(fp);
        }
    }
}

/// A line that is known, and was not told again.
pub struct Known {
    pub id: i64,
    pub fp: i64,
    pub sender: Option<i64>,
    kind: i64,
    flags: i64,
    text: String,
    attached: bool,
}

const CHANGED: i64 = EDITED | UNSENT | TAKEN_DOWN;

impl Known {
    /// Whether the two say the same.
    pub fn says(&self, row: &Row) -> bool {
        self.kind == row.kind
            && self.text == row.text
            && self.attached != row.more.attachments.is_empty()
    }

    /// Whether the two may be one line that was changed, or was told under another name.
    fn may_be(&self, row: &Row) -> bool {
        self.sender == row.sender
            && if self.kind == row.kind {
                // Nobody says two things at once, and some apps do not mark what was edited.
                let exact = row.more.wall.is_none();
                (exact && self.attached != row.more.attachments.is_empty())
                    || (self.flags | row.flags) & CHANGED != 0
                    || matches!(row.kind, SYSTEM | CALL | POLL)
                    || self.says(row)
            } else {
                self.kind == SEALED || row.kind == SEALED
            }
    }

    /// Bytes at both ends that the two texts have in common, in thousandths of the longer one.
    fn likeness(&self, row: &Row) -> usize {
        let ends = |text: &[u8]| text.len().min(LOOKED_AT);
        let (one, other) = (self.text.as_bytes(), row.text.as_bytes());
        let same = |(a, b): &(&u8, &u8)| a == b;
        let begin = one.iter().zip(other).take(LOOKED_AT).take_while(same).count();
        let rest = (one.len().min(other.len()) - begin).min(LOOKED_AT);
        let end = one.iter().rev().zip(other.iter().rev()).take(rest).take_while(same).count();
        (begin + end) * 1000 / (ends(one).max(ends(other)).max(1))
    }
}

/// Which lines are which known ones: the likest first, of equally like ones the earlier. Where nothing
/// is alike, only as many as there are: to tell a line twice is better than to lose one.
fn pairs(rows: &mut [Option<Row>], known: Vec<Known>) -> Vec<(Row, Known)> {
    let mut may_be = Vec::new();
    for (r, row) in rows.iter().enumerate() {
        let Some(row) = row else { continue };
        let those = known.iter().enumerate().filter(|(_, k)| k.may_be(row));
        may_be.extend(those.map(|(k, known)| (known.likeness(row), r, k)));
    }
    may_be.sort_unstable_by_key(|&(likeness, r, k)| (std::cmp::Reverse(likeness), r, k));
    let mut known: Vec<Option<Known>> = known.into_iter().map(Some).collect();
    let mut out = Vec::new();
    let mut even: Option<Vec<bool>> = None;
    for &(likeness, r, k) in &may_be {
        if likeness == 0 && even.is_none() {
            even = Some(as_many(rows, &known));
        }
        if known[k].is_none() || even.as_ref().is_some_and(|even| !even[r]) {
            continue;
        }
        if let Some(row) = rows[r].take()
            && let Some(known) = known[k].take()
        {
            out.push((row, known));
        }
    }
    out
}

/// Of each line that is left, whether as many known ones are left as lines that they may be.
fn as_many(rows: &[Option<Row>], known: &[Option<Known>]) -> Vec<bool> {
    let known = || known.iter().flatten();
    let even = |row: &Row| {
        let those = known().filter(|k| k.may_be(row)).count();
        rows.iter().flatten().filter(|r| known().any(|k| k.may_be(row) && k.may_be(r))).count()
            == those
    };
    rows.iter().map(|row| row.as_ref().is_some_and(even)).collect()
}

impl Import<'_> {
    /// Whether a row is a message without an id of a thread that was told before, of the time that
    /// was told.
    fn is_told_again(&self, row: &Row) -> bool {
        row.more.native_id.is_none()
            && self.live.is_none()
            && self.strands[row.strand].known_last.is_some_and(|last| row.at.0 <= last)
    }

    /// The time of a strand's telling goes on: what was held back until then is settled.
    pub(super) fn comes_to(&mut self, row: &Row) -> Result<(), StoreError> {
        if self.is_told_again(row) && self.strands[row.strand].minute.at != row.at.0 {
            self.settle_minute(row.strand)?;
            let clock = row.more.wall.map_or(Clock::Utc, Clock::WallMinute);
            let minute = &mut self.strands[row.strand].minute;
            minute.at = row.at.0;
            minute.span = fingerprint::span(Moment { clock, ..Moment::exact(row.at) });
        }
        Ok(())
    }

    /// A line that is not known is held back, if it may be a known one in other words.
    pub(super) fn hold(&mut self, row: Row) -> Result<Option<Row>, StoreError> {
        if !self.is_told_again(&row) {
            return Ok(Some(row));
        }
        let full = self.strands[row.strand].minute.held.len() >= TOGETHER;
        if full || !self.unmet(row.strand)?.iter().any(|known| known.may_be(&row)) {
            self.vote(&row)?;
            return Ok(Some(row));
        }
        self.db
            .prepare_cached("DELETE FROM message WHERE strand_id = ?1 AND fp = ?2")?
            .execute(params![row.strand_id, row.fp])?;
        self.strands[row.strand].minute.held.push(row);
        Ok(None)
    }

    /// The known lines of a strand's time that were not told again.
    pub(super) fn unmet(&self, i: usize) -> Result<Vec<Known>, StoreError> {
        let s = &self.strands[i];
        // Whichever index leads there: a long chat is not gone through for each line.
        let there = match self.rows.by_minute {
            true => "strand_id = ?1 AND fp BETWEEN ?2 AND ?3 AND sent_at = ?5",
            false => {
                "thread_id = ?4 AND sent_at = ?5 AND shadow = 0 AND strand_id = ?1 AND ?2 <= ?3"
            }
        };
        let mut q = self.db.prepare_cached(&format!(
            "SELECT id, fp, sender_id, kind, flags, text,
               more IS NOT NULL AND json_type(more, '$.a') IS NOT NULL FROM message
             WHERE {there} AND ?4 = ?4 AND id <= ?6 ORDER BY ord, id LIMIT ?7"
        ))?;
        let (from, to) = s.minute.span;
        let last = self.renamed.messages;
        let known = params![s.id.0, from, to, s.thread.0, s.minute.at, last, TOGETHER as i64];
        let rows = q.query_map(known, |r| {
            Ok(Known {
                id: r.get(0)?,
                fp: r.get(1)?,
                sender: r.get(2)?,
                kind: r.get(3)?,
                flags: r.get(4)?,
                text: r.get(5)?,
                attached: r.get(6)?,
            })
        })?;
        let mut all: Vec<Known> = rows.collect::<Result<_, _>>()?;
        all.retain(|known| !s.minute.met.contains(&known.fp));
        Ok(all)
    }

    /// All of a time are told: what is held back is what is left of it, or new after all.
    pub(super) fn settle_minute(&mut self, i: usize) -> Result<(), StoreError> {
        let held = std::mem::take(&mut self.strands[i].minute.held);
        let mut known = if held.is_empty() { Vec::new() } else { self.unmet(i)? };
        let mut left = Vec::new();
        // In the very words that it had come to, first.
        for mut row in held {
            (row.strand, row.thread_id) = (i, self.strands[i].thread.0);
            match known.iter().position(|k| k.may_be(&row) && k.text == row.text) {
                Some(n) => self.rewrite(known.remove(n), row)?,
                None => left.push(Some(row)),
            }
        }
        for (row, known) in pairs(&mut left, known) {
            self.rewrite(known, row)?;
        }
        for row in left.into_iter().flatten() {
            if self.rows.insert_one(&row)? {
                self.is_new(&row)?;
            } else {
                self.tally.messages_known += 1;
            }
        }
        self.strands[i].minute.met.clear();
        Ok(())
    }

    /// A known line is told in other words. Which of them are the newer ones is known by their marks,
    /// or at the end of the import.
    fn rewrite(&mut self, known: Known, row: Row) -> Result<(), StoreError> {
        self.tally.messages_known += 1;
        let strand = StrandId(row.strand_id);
        let gone = (known.flags | row.flags) & (UNSENT | TAKEN_DOWN) != 0;
        let edited = [known.flags, row.flags].map(|flags| flags & EDITED != 0);
        let votes = known.kind == POLL && row.kind == POLL;
        if known.text != row.text && !gone {
            if edited == [false, true] {
                self.db
                    .prepare_cached("UPDATE message SET text = ?2 WHERE id = ?1")?
                    .execute(params![known.id, row.text])?;
                tell::changed(self.db, known.id)?;
            } else if edited[0] == edited[1] || votes {
                self.reworded.keep(strand, known.id, &row.text);
            }
        } else if !gone {
            self.reworded.forget(known.id);
        }
        let told = Again { flags: row.flags, kind: row.kind, text: &row.text };
        enrich(self.db, strand, known.fp, told, row.more, &mut self.reworded)?;
        self.strands[row.strand].dirty = true;
        Ok(())
    }
}
