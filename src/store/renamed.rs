//! A newer export of an app that gives neither messages nor people an id: both are known by name, and
//! names change. A message of the very same millisecond and words is the same message, whoever is
//! named; its sender bears another name now, if the former one is heard no more. So is one that was
//! taken back since, of which nothing but its time is told. And so is what was said in the same
//! minute on the clock of another zone: a text or a page was written where its owner was then.
//!
//! The key by which somebody was known first stays theirs, and the others are aliases of it, so that
//! what is told under any of them is recognised from then on like everything else.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use super::row::{More, TAKEN_DOWN, UNSENT};
use super::standing::Standings;
use super::strand::{Again, Strand, enrich};
use super::waiting::Row;
use super::{Import, StoreError, identities, tell};
use crate::model::{MessageRecord, ParticipantRecord, StrandId, ThreadId};

/// Messages of one moment that are compared.
const TOGETHER: i64 = 20;

/// What an import has met of it.
#[derive(Default)]
pub struct Renamed {
    /// Messages and participants with greater numbers are of this import.
    pub(super) messages: i64,
    pub(super) people: i64,
    /// The strand and moment last looked at, and which of its messages were met again.
    moment: (i64, i64),
    met: Vec<i64>,
    /// How far each strand is told, beside how far it was known.
    newer: HashMap<StrandId, Ordering>,
    /// What those who were known are called in this import, and whether they have left.
    called: HashMap<i64, Called>,
    /// Aliases of this import, by strand and the key that was known first: none of them holds if
    /// that one is heard of after all.
    new: Vec<(StrandId, Arc<str>)>,
}

/// What somebody who was known is called now. Which export knows it better shows at the end.
struct Called {
    strand: StrandId,
    /// Empty: nothing is said of it.
    name: String,
    left: bool,
    /// Their key is a name, too.
    by_key: bool,
}

impl Renamed {
    /// Somebody who was known is told of again; `by_key`: their key is a name, too.
    pub fn call(&mut self, id: i64, strand: StrandId, p: &ParticipantRecord, by_key: bool) {
        // Of an account that is gone, a bare key or a number, nobody learns a name.
        let named = !p.placeholder && (by_key || p.name != *p.key) && !identities::is_bare(&p.name);
        let name = if named { p.name.as_str() } else { "" };
        let called = self.called.entry(id).or_insert_with(|| Called {
            strand,
            name: String::new(),
            left: p.left,
            by_key,
        });
        called.left = p.left;
        if !name.is_empty() {
            name.clone_into(&mut called.name);
        }
    }

    /// An import begins.
    pub fn begun(db: &Connection) -> Result<Self, StoreError> {
        let last = |table: &str| {
            let sql = format!("SELECT coalesce(max(id), 0) FROM {table}");
            db.prepare_cached(&sql)?.query_row([], |r| r.get(0))
        };
        Ok(Self { messages: last("message")?, people: last("participant")?, ..Self::default() })
    }

    /// Whether a strand is told as far as it was known, or further.
    pub fn is_newer(&self, strand: StrandId) -> bool {
        self.newer.get(&strand).is_some_and(|n| *n != Ordering::Less)
    }

    /// Whether a strand is told further than it was known.
    pub fn is_further(&self, strand: StrandId) -> bool {
        self.newer.get(&strand) == Some(&Ordering::Greater)
    }

    /// Nothing was said in a thread since: the export that has newer messages elsewhere is the newer
    /// one.
    pub fn break_ties(&mut self, db: &Connection, told: &Standings) -> Result<(), StoreError> {
        for (strand, newer) in self.newer.iter_mut().filter(|(_, n)| **n == Ordering::Equal) {
            *newer = told.compare(db, *strand)?;
        }
        Ok(())
    }

    /// How far a strand is told.
    pub fn reaches(&mut self, strand: &Strand) {
        if let Some(told) = strand.telling_last {
            let newer = self.newer.entry(strand.id).or_insert(Ordering::Less);
            // What nobody told before is told further than by anybody.
            let now = strand.known_last.map_or(Ordering::Greater, |known| told.cmp(&known));
            *newer = now.max(*newer);
        }
    }
}

/// The aliases of a strand: by key, the key that was known first.
pub fn aliases(
    db: &Connection,
    strand: StrandId,
) -> Result<HashMap<Arc<str>, Arc<str>>, StoreError> {
    let mut q = db.prepare_cached(
        "SELECT a.key, p.key FROM alias a JOIN participant p ON p.id = a.participant_id
         WHERE a.strand_id = ?1",
    )?;
    let rows = q.query_map([strand.0], |r| {
        Ok((Arc::from(r.get::<_, String>(0)?), Arc::from(r.get::<_, String>(1)?)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A known message that one which came now may be.
struct Twin {
    id: i64,
    fp: i64,
    sender: Option<i64>,
    key: Option<String>,
}

impl Import<'_> {
    /// Names everybody in a message as they were known first.
    pub(super) fn by_first_names(&self, i: usize, m: &mut MessageRecord) {
        let aliases = &self.strands[i].aliases;
        if aliases.is_empty() {
            return;
        }
        if let Some(first) = m.sender.as_ref().and_then(|s| aliases.get(s)) {
            m.sender = Some(Arc::clone(first));
        }
        for r in &mut m.reactions {
            if let Some(first) = aliases.get(&r.by) {
                r.by = Arc::clone(first);
            }
        }
    }

    /// Somebody with aliases is told of: what they are called is settled at the end. Returns their
    /// number, if they are one of those.
    pub(super) fn by_alias(
        &mut self,
        i: usize,
        p: &ParticipantRecord,
    ) -> Result<Option<i64>, StoreError> {
        let s = &mut self.strands[i];
        let first = Arc::clone(s.aliases.get(&p.key).unwrap_or(&p.key));
        if !s.aliases.values().any(|key| *key == first) {
            return Ok(None);
        }
        let Some(id) = s.participants.get(&first).copied() else { return Ok(None) };
        let strand = s.id;
        self.hear_of(i, &first)?;
        if !p.placeholder && !p.name.is_empty() {
            // Under an alias the key is the name.
            self.renamed.call(id, strand, p, true);
        }
        if p.is_me {
            self.db
                .prepare_cached("UPDATE participant SET told_me = 1, is_me = 1 WHERE id = ?1")?
                .execute([id])?;
        }
        Ok(Some(id))
    }

    /// Somebody is told of by the key that was known first: nobody else bears another name of theirs.
    pub(super) fn hear_of(&mut self, i: usize, key: &Arc<str>) -> Result<(), StoreError> {
        let s = &mut self.strands[i];
        if s.known_last.is_none() || s.heard.contains(key) {
            return Ok(());
        }
        s.heard.insert(Arc::clone(key));
        if let Some(id) = s.participants.get(key) {
            self.lines.hear(*id);
        }
        let wrong = (s.id, Arc::clone(key));
        if self.renamed.new.contains(&wrong) {
            self.renamed.new.retain(|new| *new != wrong);
            self.db
                .prepare_cached(
                    "DELETE FROM alias WHERE strand_id = ?1 AND participant_id =
                       (SELECT id FROM participant WHERE strand_id = ?1 AND key = ?2)
                     AND EXISTS(SELECT 1 FROM participant p
                       WHERE p.strand_id = alias.strand_id AND p.key = alias.key AND p.id > ?3)",
                )?
                .execute(params![wrong.0.0, &*wrong.1, self.renamed.people])?;
        }
        Ok(())
    }

    /// A new row of a time that was known before: whether the message was known after all, under
    /// another name or before it was taken back. Then the row is gone again.
    pub(super) fn was_known(&mut self, row: &Row) -> Result<bool, StoreError> {
        let s = &self.strands[row.strand];
        let in_reach = s.known_last.is_some_and(|last| row.at.0 <= last);
        if !in_reach || row.more.native_id.is_some() || self.live.is_some() {
            return Ok(false);
        }
        let moment = (row.strand_id, row.at.0);
        if self.renamed.moment != moment {
            self.renamed.moment = moment;
            self.renamed.met.clear();
        }
        let Some(twin) = self.twin(row)? else { return Ok(false) };
        self.renamed.met.push(twin.id);
        self.strands[row.strand].minute.meet(twin.fp);
        self.db
            .prepare_cached("DELETE FROM message WHERE strand_id = ?1 AND fp = ?2")?
            .execute(params![row.strand_id, row.fp])?;
        if let (Some(now), Some(before)) =
            (row.sender, twin.sender.filter(|s| row.sender != Some(*s)))
        {
            let former = (before, twin.key.as_deref().unwrap_or_default());
            if !self.rename(row.strand, now, former)? && self.knows_better(now, before)? {
                self.db
                    .prepare_cached("UPDATE message SET sender_id = ?2 WHERE id = ?1")?
                    .execute(params![twin.id, now])?;
                tell::changed(self.db, twin.id)?;
                self.strands[row.strand].dirty = true;
            }
        }
        let told = Again { flags: row.flags, kind: row.kind, text: &row.text };
        let (strand, more) = (StrandId(row.strand_id), row.more.clone());
        let changed = enrich(self.db, strand, twin.fp, told, more, &mut self.reworded)?;
        self.strands[row.strand].dirty |= changed;
        Ok(true)
    }

    fn twin(&self, row: &Row) -> Result<Option<Twin>, StoreError> {
        let mut q = self.db.prepare_cached(
            "SELECT m.id, m.fp, m.sender_id, p.key, m.text, m.flags, m.kind,
               m.more IS NOT NULL AND json_type(m.more, '$.a') IS NOT NULL,
               json_extract(m.more, '$.w'), coalesce(p.placeholder, 0)
             FROM message m LEFT JOIN participant p ON p.id = m.sender_id
             WHERE m.thread_id = ?1 AND m.sent_at = ?2 AND m.shadow = 0 AND m.strand_id = ?3
               AND m.id <= ?4 AND (m.more IS NULL OR json_type(m.more, '$.n') IS NULL)
             ORDER BY m.sender_id IS NOT ?5, m.id LIMIT ?6",
        )?;
        let last = self.renamed.messages;
        let sql = params![row.thread_id, row.at.0, row.strand_id, last, row.sender, TOGETHER];
        let mut rows = q.query(sql)?;
        while let Some(r) = rows.next()? {
            let twin = Twin { id: r.get(0)?, fp: r.get(1)?, sender: r.get(2)?, key: r.get(3)? };
            let (flags, kind): (i64, i64) = (r.get(5)?, r.get(6)?);
            let text = r.get_ref(4)?.as_str().unwrap_or("");
            let attached: bool = r.get(7)?;
            let same =
                text == row.text && kind == row.kind && attached != row.more.attachments.is_empty();
            let gone = (row.flags | flags) & (UNSENT | TAKEN_DOWN) != 0
                && (text.is_empty() || row.text.is_empty());
            let wall: Option<i64> = r.get(8)?;
            if let (Some(now), Some(then)) = (row.more.wall, wall) {
                // The same moment on the clock of another zone; one minute proves no new name.
                let elsewhere = same && now != then && twin.sender == row.sender;
                if elsewhere && !self.renamed.met.contains(&twin.id) {
                    return Ok(Some(twin));
                }
            }
            if row.more.wall.is_some() || wall.is_some() {
                continue;
            }
            // Whoever is still heard of under that name has not changed it; those who are gone bear
            // it together.
            let gone_since: bool = r.get(9)?;
            let heard =
                |key: &String| !gone_since && self.strands[row.strand].heard.contains(key.as_str());
            let sender = twin.sender == row.sender
                || (row.sender.is_some() && twin.key.as_ref().is_some_and(|key| !heard(key)));
            if (same || gone) && sender && !self.renamed.met.contains(&twin.id) {
                return Ok(Some(twin));
            }
        }
        Ok(None)
    }

    /// Whether the first of two has a name and the other stands for those who are gone.
    pub(super) fn knows_better(&self, now: i64, before: i64) -> Result<bool, StoreError> {
        let mut q = self.db.prepare_cached("SELECT placeholder FROM participant WHERE id = ?1")?;
        let mut gone = |id: i64| q.query_row([id], |r| r.get::<_, bool>(0));
        Ok(!gone(now)? && gone(before)?)
    }

    /// Whether somebody who is new can be somebody who was known. Of those who are gone several bear
    /// one name; of two people it can be but one.
    pub(super) fn can_be_one(
        &self,
        strand: StrandId,
        now: i64,
        before: i64,
    ) -> Result<bool, StoreError> {
        let mut q = self.db.prepare_cached(
            "SELECT coalesce(max(placeholder AND id IN (?2, ?3)), 0), coalesce(sum(id <= ?4), 0),
               coalesce(sum(id > ?4), 0) FROM participant WHERE strand_id = ?1",
        )?;
        let sql = params![strand.0, now, before, self.renamed.people];
        let (gone, known, new): (bool, i64, i64) =
            q.query_row(sql, |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
        Ok(!gone || (known <= 2 && new <= 1))
    }

    /// Somebody who is new was known under another name. False if that cannot be.
    fn rename(&mut self, i: usize, now: i64, former: (i64, &str)) -> Result<bool, StoreError> {
        let (before, known_as) = former;
        if now <= self.renamed.people || before > self.renamed.people {
            return Ok(false);
        }
        let s = &self.strands[i];
        let key: String = self
            .db
            .prepare_cached("SELECT key FROM participant WHERE id = ?1")?
            .query_row([now], |r| r.get(0))?;
        let one = self.can_be_one(s.id, now, before)?;
        if one {
            self.db
                .prepare_cached(
                    "INSERT OR IGNORE INTO alias(strand_id, key, participant_id) VALUES(?1, ?2, ?3)",
                )?
                .execute(params![s.id.0, key, before])?;
            let new = (s.id, Arc::from(known_as));
            if !self.renamed.new.contains(&new) {
                self.renamed.new.push(new);
            }
        }
        Ok(one)
    }
}

/// Makes those one who turned out to be. Returns the threads that changed.
pub fn settle(db: &Connection, told: &Renamed) -> Result<BTreeSet<ThreadId>, StoreError> {
    let mut touched = BTreeSet::new();
    let mut q = db.prepare_cached(
        "SELECT a.strand_id, s.thread_id, a.participant_id, first.key, other.id, other.key
         FROM alias a JOIN strand s ON s.id = a.strand_id
         JOIN participant first ON first.id = a.participant_id
         JOIN participant other ON other.strand_id = a.strand_id AND other.key = a.key",
    )?;
    let rows = q.query_map([], |r| {
        let strand = StrandId(r.get(0)?);
        Ok((strand, ThreadId(r.get(1)?), r.get(2)?, r.get(3)?, r.get(4)?, r.get(5)?))
    })?;
    let found: Vec<(StrandId, ThreadId, i64, String, i64, String)> =
        rows.collect::<Result<_, _>>()?;
    for (strand, thread, first, first_key, other, key) in found {
        db.prepare_cached(
            "UPDATE message SET sender_id = ?3 WHERE strand_id = ?1 AND sender_id = ?2",
        )?
        .execute(params![strand.0, other, first])?;
        reactions(db, strand, &key, &first_key)?;
        let newer = told.is_newer(strand);
        db.prepare_cached(
            "UPDATE participant AS f SET told_me = max(f.told_me, o.told_me),
               is_me = max(f.is_me, o.is_me),
               name = CASE WHEN ?3 AND o.placeholder = 0 AND o.name <> '' THEN o.name ELSE f.name END,
               gone = CASE WHEN ?3 THEN o.gone ELSE f.gone END
             FROM participant o WHERE f.id = ?1 AND o.id = ?2",
        )?
        .execute(params![first, other, newer])?;
        db.prepare_cached("DELETE FROM participant WHERE id = ?1")?.execute([other])?;
        touched.insert(thread);
    }
    for (id, called) in &told.called {
        touched.extend(call(db, *id, called, told.is_newer(called.strand))?);
    }
    Ok(touched)
}

/// How somebody who was known is called: by the newer export, or by the one that has a name for them.
fn call(
    db: &Connection,
    id: i64,
    called: &Called,
    newer: bool,
) -> Result<Option<ThreadId>, StoreError> {
    let row: Option<(String, String, bool, bool)> = db
        .prepare_cached("SELECT key, name, placeholder, gone FROM participant WHERE id = ?1")?
        .query_row([id], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))
        .optional()?;
    let Some((key, had, gone_since, had_left)) = row else { return Ok(None) };
    let nameless = had.is_empty()
        || (!called.by_key && (had == key || gone_since || identities::is_bare(&had)));
    let named = !called.name.is_empty() && (newer || nameless);
    let name = if named { called.name.as_str() } else { had.as_str() };
    let left = if newer { called.left } else { had_left };
    if name == had && left == had_left {
        return Ok(None);
    }
    Ok(db
        .prepare_cached(
            "UPDATE participant SET name = ?2, gone = ?3 WHERE id = ?1
             RETURNING (SELECT thread_id FROM strand WHERE id = strand_id)",
        )?
        .query_row(params![id, name, left], |r| r.get(0).map(ThreadId))
        .optional()?)
}

/// What somebody reacted under another name is theirs, once.
fn reactions(db: &Connection, strand: StrandId, key: &str, first: &str) -> Result<(), StoreError> {
    let mut q = db.prepare_cached(
        "SELECT m.id, m.more FROM message m WHERE m.strand_id = ?1 AND m.more IS NOT NULL
           AND EXISTS(SELECT 1 FROM json_each(m.more, '$.r') r
                      WHERE json_extract(r.value, '$.b') = ?2)",
    )?;
    let rows = q.query_map(params![strand.0, key], |r| Ok((r.get(0)?, r.get(1)?)))?;
    let found: Vec<(i64, String)> = rows.collect::<Result<_, _>>()?;
    for (id, more) in found {
        let mut more: More = serde_json::from_str(&more)?;
        let mut all = More::default();
        for mut r in std::mem::take(&mut more.reactions) {
            if r.by == key {
                first.clone_into(&mut r.by);
            }
            all.merge(More { reactions: vec![r], ..More::default() });
        }
        more.reactions = all.reactions;
        db.prepare_cached("UPDATE message SET more = ?2 WHERE id = ?1")?
            .execute(params![id, serde_json::to_string(&more)?])?;
    }
    Ok(())
}
