//! A chat's text that is told again, in which somebody bears another name: the person's address book
//! says something else of them since. One line of one minute proves nothing; that most of what is told
//! of somebody new was said by somebody who is heard no more, in the same minutes and words, does.
//! Where both are me, one line does: some exports call me by name, others "You".
//! Known at the end of the import, when all of it was told.

use std::collections::{BTreeMap, HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::reworded::Reworded;
use super::row::More;
use super::strand::{Again, enrich};
use super::waiting::Row;
use super::{Import, StoreError, tell};
use crate::model::{StrandId, ThreadId};

/// As many lines are proof, if they are four fifths of what somebody new said.
const PROOF: usize = 3;
/// Pairs that are kept at the most.
const MOST: usize = 500_000;

/// What those said who are new in a text that was told before.
#[derive(Default)]
pub struct Lines {
    /// By strand and newcomer.
    new: BTreeMap<(StrandId, i64), Newcomer>,
    /// Participants who are heard of in this import.
    heard: HashSet<i64>,
    pairs: usize,
}

#[derive(Default)]
struct Newcomer {
    /// Lines from the time that was told before.
    lines: usize,
    /// By somebody who is known: fingerprints of the lines, and the known ones that they would be.
    by: HashMap<i64, Vec<(i64, i64)>>,
}

/// Somebody new who was known.
struct Proven {
    strand: StrandId,
    who: i64,
    before: i64,
    pairs: Vec<(i64, i64)>,
}

impl Lines {
    /// Somebody is heard of.
    pub fn hear(&mut self, participant: i64) {
        self.heard.insert(participant);
    }

    /// Somebody new said something, and perhaps it is known as somebody else's.
    pub fn vote(&mut self, (strand, who): (StrandId, i64), fp: i64, known: Option<(i64, i64)>) {
        let newcomer = self.new.entry((strand, who)).or_default();
        newcomer.lines += 1;
        if let Some((before, message)) = known.filter(|_| self.pairs < MOST) {
            self.pairs += 1;
            newcomer.by.entry(before).or_default().push((fp, message));
        }
    }

    /// Whether somebody who was known may be somebody new.
    pub fn may_be(&self, before: i64) -> bool {
        !self.heard.contains(&before)
    }

    /// Who is who. `mine`: whether somebody is me.
    fn proven(
        &mut self,
        mine: impl Fn(i64) -> Result<bool, StoreError>,
    ) -> Result<Vec<Proven>, StoreError> {
        let mut out = Vec::new();
        for ((strand, who), newcomer) in std::mem::take(&mut self.new) {
            let by = newcomer.by.into_iter().filter(|(before, _)| !self.heard.contains(before));
            let Some((before, pairs)) = by.max_by_key(|(id, pairs)| (pairs.len(), -id)) else {
                continue;
            };
            let most = pairs.len() * 5 >= newcomer.lines * 4;
            if most && (pairs.len() >= PROOF || (mine(who)? && mine(before)?)) {
                // Nobody else was the same one.
                self.heard.insert(before);
                out.push(Proven { strand, who, before, pairs });
            }
        }
        Ok(out)
    }
}

impl Import<'_> {
    /// Counts what somebody new said, and whether somebody who is heard no more had said it.
    pub(super) fn vote(&mut self, row: &Row) -> Result<(), StoreError> {
        let Some(who) = row.sender.filter(|who| *who > self.renamed.people) else { return Ok(()) };
        let mut known = self.unmet(row.strand)?;
        known.retain(|k| k.says(row) && k.sender.is_some_and(|before| self.lines.may_be(before)));
        let known = known.first().and_then(|k| Some((k.sender?, k.id, k.fp)));
        if let Some((.., fp)) = known {
            self.strands[row.strand].minute.meet(fp);
        }
        let pair = known.map(|(before, id, _)| (before, id));
        self.lines.vote((StrandId(row.strand_id), who), row.fp, pair);
        Ok(())
    }

    /// The import has ended: those who were renamed are who they were, and said it once.
    pub(super) fn settle_lines(&mut self) -> Result<(), StoreError> {
        let db = self.db;
        let mine = |participant: i64| -> Result<bool, StoreError> {
            let mut q = db.prepare_cached("SELECT is_me FROM participant WHERE id = ?1")?;
            Ok(q.query_row([participant], |r| r.get(0))?)
        };
        for Proven { strand, who, before, pairs } in self.lines.proven(mine)? {
            let one = self.can_be_one(strand, who, before)?;
            if one {
                self.db
                    .prepare_cached(
                        "INSERT OR IGNORE INTO alias(strand_id, key, participant_id)
                         SELECT strand_id, key, ?2 FROM participant WHERE id = ?1",
                    )?
                    .execute(params![who, before])?;
            }
            let theirs = !one && self.knows_better(who, before)?;
            let mut gone = 0;
            for (fp, message) in pairs {
                gone += u64::from(take_over(self.db, strand, fp, message, &mut self.reworded)?);
                if theirs {
                    self.db
                        .prepare_cached("UPDATE message SET sender_id = ?2 WHERE id = ?1")?
                        .execute(params![message, who])?;
                    tell::changed(self.db, message)?;
                }
            }
            let thread: i64 = self
                .db
                .prepare_cached(
                    "UPDATE strand SET messages = messages - ?2 WHERE id = ?1 RETURNING thread_id",
                )?
                .query_row(params![strand.0, gone.cast_signed()], |r| r.get(0))?;
            self.touched.insert(ThreadId(thread));
            self.tally.messages_added = self.tally.messages_added.saturating_sub(gone);
            self.tally.messages_known += gone;
        }
        Ok(())
    }
}

/// A line becomes the known one that it is. False: it was not there any more.
pub fn take_over(
    db: &Connection,
    strand: StrandId,
    line: i64,
    message: i64,
    reworded: &mut Reworded,
) -> Result<bool, StoreError> {
    let known: Option<i64> = db
        .prepare_cached("SELECT fp FROM message WHERE id = ?1")?
        .query_row([message], |r| r.get(0))
        .optional()?;
    type Told = (i64, i64, String, Option<String>, i64);
    let told: Option<Told> = db
        .prepare_cached(
            "DELETE FROM message WHERE strand_id = ?1 AND fp = ?2 AND ?3
             RETURNING flags, kind, text, more, id",
        )?
        .query_row(params![strand.0, line, known.is_some()], |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?))
        })
        .optional()?;
    let (Some(fp), Some((flags, kind, text, more, id))) = (known, told) else { return Ok(false) };
    tell::gone(db, id)?;
    let more: More = more.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
    let told = Again { flags, kind, text: &text };
    enrich(db, strand, fp, told, more, reworded)?;
    Ok(true)
}
