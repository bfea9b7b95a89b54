//! A chat that is told again later, by an app that gives messages no id: a line was edited or taken back
//! since, a poll has more votes, the phone speaks another language. Nothing but the time and the sender
//! says which line of before it was, so that a line that is not known waits until all of its time are told: those that
//! are known go first, and what is left of both sides is laid beside each other.

use rusqlite::{OptionalExtension, params};

use super::renamed_lines::take_over;
use super::row::kind::{CALL, POLL, SEALED, SYSTEM};
use super::row::{EDITED, TAKEN_DOWN, UNSENT};
use super::strand::{Again, enrich};
use super::waiting::Row;
use super::{Import, StoreError, fingerprint, tell};
use crate::model::{Clock, Moment, StrandId, ThreadId, Timestamp};

/// Lines of one time that are held back, and that are compared, at the most.
const TOGETHER: usize = 200;
/// Texts that have less in common, in thousandths, have nothing.
const ALIKE: usize = 250;
/// In milliseconds.
const MINUTE: i64 = 60_000;
/// Bytes at either end of a text that are compared.
const LOOKED_AT: usize = 256;

/// The time that a strand's telling has come to.
pub struct Minute {
    at: i64,
    /// In milliseconds.
    length: i64,
    /// Between which fingerprints its lines lie, in a store whose fingerprints follow the clock.
    span: (i64, i64),
    /// Fingerprints of known lines that were told again.
    met: Vec<i64>,
    /// Lines that are not known.
    held: Vec<Row>,
    /// More lines lie in it than are compared: nothing is.
    crowded: bool,
    /// The last known line on a clock that was told again: its time, fingerprint and place.
    seam: Option<(i64, i64, i64)>,
}

impl Default for Minute {
    fn default() -> Self {
        // A time that no message has.
        Self {
            at: i64::MIN,
            length: 1,
            span: (0, 0),
            met: Vec::new(),
            held: Vec::new(),
            crowded: false,
            seam: None,
        }
    }
}

impl Minute {
    /// A known line was told again.
    pub fn meet(&mut self, fp: i64) {
        if self.met.len() < TOGETHER {
            self.met.push(fp);
        } else {
            self.crowded = true;
        }
    }
}

impl Import<'_> {
    /// A known line was told again, and where it stands among the others of its time.
    pub(super) fn seam(&mut self, row: &Row) {
        if row.more.wall.is_some() {
            self.strands[row.strand].minute.seam = Some((row.at.0, row.fp, row.order));
        }
    }

    /// A new line follows a known one of the same minute. Of another export, which counts its lines
    /// from elsewhere, only how far it stands behind that one says anything.
    pub(super) fn follows(&mut self, row: &Row) -> Result<(), StoreError> {
        let Some((at, known, order)) = self.strands[row.strand].minute.seam else { return Ok(()) };
        if row.more.wall.is_none() || at != row.at.0 {
            return Ok(());
        }
        let stands: Option<i64> = self
            .db
            .prepare_cached("SELECT ord FROM message WHERE strand_id = ?1 AND fp = ?2")?
            .query_row(params![row.strand_id, known], |r| r.get(0))
            .optional()?;
        let place = stands.map(|s| s.saturating_add(row.order.saturating_sub(order)));
        if let Some(place) = place.filter(|p| *p != row.order) {
            self.db
                .prepare_cached("UPDATE message SET ord = ?3 WHERE strand_id = ?1 AND fp = ?2")?
                .execute(params![row.strand_id, row.fp, place])?;
        }
        Ok(())
    }
}

/// A line that is known, and was not told again.
pub struct Known {
    pub id: i64,
    pub fp: i64,
    pub sender: Option<i64>,
    at: i64,
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

    /// Whether it is what an older onebox read in the row.
    fn is_formerly(&self, row: &Row) -> bool {
        row.formerly.as_ref() == Some(&self.text) && self.flags & CHANGED == 0
    }

    /// Whether the two may be one line that was changed, or was told under another name.
    fn may_be(&self, row: &Row) -> bool {
        self.sender == row.sender
            && is_one_time(self.at, row.at.0)
            && if self.kind == row.kind {
                self.is_formerly(row)
                    || (self.flags | row.flags) & CHANGED != 0
                    || matches!(row.kind, SYSTEM | CALL | POLL)
                    || self.says(row)
            } else {
                self.kind == SEALED || row.kind == SEALED
            }
    }

    /// From the columns of a row on.
    fn at(r: &rusqlite::Row<'_>, first: usize) -> rusqlite::Result<Self> {
        Ok(Self {
            id: r.get(first)?,
            fp: r.get(first + 1)?,
            sender: r.get(first + 2)?,
            kind: r.get(first + 3)?,
            flags: r.get(first + 4)?,
            text: r.get(first + 5)?,
            attached: r.get(first + 6)?,
            at: r.get(first + 7)?,
        })
    }
}

/// Whether two times may be one: a phone that writes seconds and one that writes none.
fn is_one_time(one: i64, other: i64) -> bool {
    one == other || one % MINUTE == 0 || other % MINUTE == 0
}

/// Bytes at both ends that two texts have in common, in thousandths of the longer one.
fn likeness(one: &str, other: &str) -> usize {
    let ends = |text: &[u8]| text.len().min(LOOKED_AT);
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let same = |(a, b): &(&u8, &u8)| a == b;
    let begin = one.iter().zip(other).take(LOOKED_AT).take_while(same).count();
    let rest = (one.len().min(other.len()) - begin).min(LOOKED_AT);
    let end = one.iter().rev().zip(other.iter().rev()).take(rest).take_while(same).count();
    let like = (begin + end) * 1000 / (ends(one).max(ends(other)).max(1));
    // That both end in a dot says nothing.
    if like < ALIKE { 0 } else { like }
}

/// Which lines are which known ones: the likest first, of equally like ones the earlier. Where nothing
/// is alike, only as many as there are: to tell a line twice is better than to lose one.
fn pairs(rows: &mut [Option<Row>], known: Vec<Known>) -> Vec<(Row, Known)> {
    let mut may_be = Vec::new();
    for (r, row) in rows.iter().enumerate() {
        let Some(row) = row else { continue };
        let those = known.iter().enumerate().filter(|(_, k)| k.may_be(row));
        may_be.extend(those.map(|(k, known)| (likeness(&known.text, &row.text), r, k)));
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

/// When the time of a row begins, and how long it is, in milliseconds. Of a wall clock all of a
/// minute is one time: another phone wrote it without seconds.
fn time_of(row: &Row) -> (i64, i64) {
    match row.more.wall {
        Some(_) => (row.at.0.saturating_sub(row.at.0.rem_euclid(MINUTE)), MINUTE),
        None => (row.at.0, 1),
    }
}

impl Import<'_> {
    /// Whether a row is a message without an id of a thread that was told before, of the time that
    /// was told.
    fn is_told_again(&self, row: &Row) -> bool {
        row.more.native_id.is_none()
            && self.live.is_none()
            && self.strands[row.strand].known_last.is_some_and(|last| time_of(row).0 <= last)
    }

    /// The time of a strand's telling goes on: what was held back until then is settled.
    pub(super) fn comes_to(&mut self, row: &Row) -> Result<(), StoreError> {
        let (at, length) = time_of(row);
        let same = |minute: &Minute| (minute.at, minute.length) == (at, length);
        if self.is_told_again(row) && !same(&self.strands[row.strand].minute) {
            self.settle_minute(row.strand)?;
            let clock = row.more.wall.map_or(Clock::Utc, Clock::WallMinute);
            let minute = &mut self.strands[row.strand].minute;
            (minute.at, minute.length, minute.crowded) = (at, length, false);
            minute.span = fingerprint::span(Moment { clock, ..Moment::exact(row.at) });
        }
        Ok(())
    }

    /// A line that is not known is held back, if it may be a known one in other words.
    pub(super) fn hold(&mut self, row: Row) -> Result<Option<Row>, StoreError> {
        if !self.is_told_again(&row) {
            return Ok(Some(row));
        }
        if self.reworded.was_known(row.strand_id, row.fp) {
            self.tally.messages_known += 1;
            self.unwrite(&row)?;
            return Ok(None);
        }
        let full = self.strands[row.strand].minute.held.len() >= TOGETHER;
        let unmet = self.unmet(row.strand)?;
        if full || !unmet.iter().any(|known| known.may_be(&row)) {
            // Some apps do not mark what was edited. An exact time and the sender tell it, if the
            // known words are told nowhere else: that is seen at the end.
            let exact = row.more.wall.is_none() && row.at.0 % 1000 != 0;
            if exact && unmet.iter().any(|k| k.sender == row.sender && k.kind == row.kind) {
                self.reworded.suspect(StrandId(row.strand_id), row.fp);
            }
            self.vote(&row)?;
            return Ok(Some(row));
        }
        self.unwrite(&row)?;
        self.strands[row.strand].minute.held.push(row);
        Ok(None)
    }

    /// Takes a row out again that was written in this transaction.
    fn unwrite(&self, row: &Row) -> Result<(), StoreError> {
        self.db
            .prepare_cached("DELETE FROM message WHERE strand_id = ?1 AND fp = ?2")?
            .execute(params![row.strand_id, row.fp])?;
        Ok(())
    }

    /// The known lines of a strand's time that were not told again.
    pub(super) fn unmet(&mut self, i: usize) -> Result<Vec<Known>, StoreError> {
        let s = &self.strands[i];
        if s.minute.crowded {
            return Ok(Vec::new());
        }
        let times = (s.minute.at, s.minute.at.saturating_add(s.minute.length - 1));
        let mut all = self.known_at((s.id, s.thread), times, s.minute.span)?;
        if all.len() >= TOGETHER {
            // Which of so many were told again is not known.
            self.strands[i].minute.crowded = true;
            return Ok(Vec::new());
        }
        let met = &s.minute.met;
        all.retain(|known| !met.contains(&known.fp) && !self.reworded.is_met(known.id));
        Ok(all)
    }

    /// What was known of a strand at a time before this import.
    fn known_at(
        &self,
        (strand, thread): (StrandId, ThreadId),
        (first, last): (i64, i64),
        (from, to): (i64, i64),
    ) -> Result<Vec<Known>, StoreError> {
        // Whichever index leads there: a long chat is not gone through for each line.
        let there = match self.rows.by_minute {
            true => "strand_id = ?1 AND fp BETWEEN ?2 AND ?3 AND sent_at BETWEEN ?5 AND ?8",
            false => {
                "thread_id = ?4 AND sent_at BETWEEN ?5 AND ?8 AND shadow = 0 AND strand_id = ?1
                 AND ?2 <= ?3"
            }
        };
        let mut q = self.db.prepare_cached(&format!(
            "SELECT id, fp, sender_id, kind, flags, text,
               more IS NOT NULL AND json_type(more, '$.a') IS NOT NULL, sent_at FROM message
             WHERE {there} AND ?4 = ?4 AND id <= ?6
               AND (more IS NULL OR json_type(more, '$.n') IS NULL) ORDER BY ord, id LIMIT ?7"
        ))?;
        let newest = self.renamed.messages;
        let known = params![strand.0, from, to, thread.0, first, newest, TOGETHER as i64, last];
        let rows = q.query_map(known, |r| Known::at(r, 0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The import has ended: what was told in other words than before, where the former words were
    /// told no more, is one message.
    pub(super) fn settle_edits(&mut self) -> Result<(), StoreError> {
        for (strand, fp) in std::mem::take(&mut self.reworded.suspects) {
            let told: Option<(i64, i64, Known)> = self
                .db
                .prepare_cached(
                    "SELECT thread_id, sent_at, id, fp, sender_id, kind, flags, text,
                       more IS NOT NULL AND json_type(more, '$.a') IS NOT NULL, sent_at
                     FROM message WHERE strand_id = ?1 AND fp = ?2",
                )?
                .query_row([strand.0, fp], |r| Ok((r.get(0)?, r.get(1)?, Known::at(r, 2)?)))
                .optional()?;
            let Some((thread, at, told)) = told else { continue };
            let span = fingerprint::span(Moment::exact(Timestamp(at)));
            let mut known = self.known_at((strand, ThreadId(thread)), (at, at), span)?;
            known.retain(|k| {
                (k.sender, k.kind, k.attached) == (told.sender, told.kind, told.attached)
                    && !self.reworded.is_met(k.id)
            });
            // What has no words any more is no edit.
            if told.text.is_empty() || !self.reworded.has_room(&told.text) {
                continue;
            }
            let alone = known.len() == 1;
            known.retain(|k| alone || likeness(&k.text, &told.text) > 0);
            let likest = known.iter().max_by_key(|k| (likeness(&k.text, &told.text), -k.id));
            if let Some(known) = likest {
                self.is_edited(strand, (fp, &told.text), known)?;
            }
        }
        Ok(())
    }

    fn is_edited(
        &mut self,
        strand: StrandId,
        (fp, text): (i64, &str),
        known: &Known,
    ) -> Result<(), StoreError> {
        if !take_over(self.db, strand, fp, known.id, &mut self.reworded)? {
            return Ok(());
        }
        if known.text.is_empty() {
            self.say(known.id, text)?;
        } else {
            self.reworded.keep(strand, known.id, text);
        }
        let thread: i64 = self
            .db
            .prepare_cached(
                "UPDATE strand SET messages = messages - 1 WHERE id = ?1 RETURNING thread_id",
            )?
            .query_row([strand.0], |r| r.get(0))?;
        self.touched.insert(ThreadId(thread));
        self.tally.messages_added = self.tally.messages_added.saturating_sub(1);
        self.tally.messages_known += 1;
        Ok(())
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

    /// Gives a known line other words.
    fn say(&self, message: i64, text: &str) -> Result<(), StoreError> {
        self.db
            .prepare_cached("UPDATE message SET text = ?2 WHERE id = ?1")?
            .execute(params![message, text])?;
        tell::changed(self.db, message)
    }

    /// A known line is told in other words. Which of them are the newer ones is known by their marks,
    /// or at the end of the import.
    fn rewrite(&mut self, known: Known, row: Row) -> Result<(), StoreError> {
        self.tally.messages_known += 1;
        let strand = StrandId(row.strand_id);
        let gone = (known.flags | row.flags) & (UNSENT | TAKEN_DOWN) != 0;
        let edited = [known.flags, row.flags].map(|flags| flags & EDITED != 0);
        let votes = known.kind == POLL && row.kind == POLL;
        // Nothing, or a message that cannot be read, takes no words away.
        let says = !row.text.is_empty() && (row.kind != SEALED || known.kind == SEALED);
        self.reworded.is_known(row.strand_id, row.fp);
        if known.text != row.text && known.is_formerly(&row) {
            self.say(known.id, &row.text)?;
        } else if known.text != row.text && !gone && says {
            if edited == [false, true] || known.text.is_empty() {
                self.say(known.id, &row.text)?;
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
