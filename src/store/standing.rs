//! How threads stand: read-only, who may post, whether I am in, archived, unread, pinned, muted. Of
//! two exports the newer one knows, whichever is imported last, and what it says no more does not
//! hold any more. How new an export is shows in the newest message of its account.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};

use rusqlite::{Connection, OptionalExtension, params};

use super::StoreError;
use super::strand::{Strand, is_full, merge_told};
use super::triage;
use crate::model::{AccountId, Mute, StrandId, ThreadId, ThreadRecord, Timestamp};

/// What an import tells of how threads stand that were known before it.
pub struct Standings {
    told: HashMap<StrandId, Told>,
    /// The newest message of each account in this import.
    newest: HashMap<AccountId, i64>,
    /// Strands with greater numbers are new.
    known: i64,
    /// When the import began.
    now: i64,
}

struct Told {
    record: ThreadRecord,
    /// The newest message that was known.
    known_last: Option<i64>,
}

impl Standings {
    /// An import begins.
    pub fn begun(db: &Connection, now: Timestamp) -> Result<Self, StoreError> {
        let known = db
            .prepare_cached("SELECT coalesce(max(id), 0) FROM strand")?
            .query_row([], |r| r.get(0))?;
        Ok(Self { told: HashMap::new(), newest: HashMap::new(), known, now: now.0 })
    }

    /// A strand that others told before is told of.
    pub fn hear(&mut self, strand: &Strand, told: ThreadRecord) {
        match self.told.get_mut(&strand.id) {
            Some(known) => merge_told(&mut known.record, told),
            None => {
                let known_last = strand.known_last;
                self.told.insert(strand.id, Told { record: told, known_last });
            }
        }
    }

    /// How far a strand is told.
    pub fn reaches(&mut self, strand: &Strand) {
        // A message from the far future makes no export the newest for ever.
        if let Some(last) = strand.telling_last.filter(|last| *last <= self.now) {
            let newest = self.newest.entry(strand.account).or_insert(last);
            *newest = last.max(*newest);
        }
    }

    /// How new this import's messages of a strand's account are beside those of the one that told how
    /// it stands.
    pub fn compare(&self, db: &Connection, strand: StrandId) -> Result<Ordering, StoreError> {
        let (account, by): (i64, Option<i64>) = db
            .prepare_cached(
                "SELECT account_id, json_extract(told, '$.by') FROM strand WHERE id = ?1",
            )?
            .query_row([strand.0], |r| Ok((r.get(0)?, r.get(1)?)))?;
        let account = AccountId(account);
        // Told by a program of before: nobody knows.
        let Some(theirs) = by.map(|by| newest_of(db, by, account)).transpose()?.flatten() else {
            return Ok(Ordering::Equal);
        };
        Ok(self.newest.get(&account).copied().cmp(&Some(theirs)))
    }

    /// The import has ended: where it is the newer one, its word holds. Returns the threads that it
    /// told of.
    pub fn settle(
        &mut self,
        db: &Connection,
        import: i64,
    ) -> Result<BTreeSet<ThreadId>, StoreError> {
        for (account, newest) in &self.newest {
            db.prepare_cached("INSERT OR REPLACE INTO meta(key, value) VALUES(?1, ?2)")?
                .execute(params![place(import, *account), newest.to_string()])?;
        }
        let mut touched = BTreeSet::new();
        let mut strands: Vec<(StrandId, Told)> =
            std::mem::take(&mut self.told).into_iter().collect();
        strands.sort_by_key(|(id, _)| *id);
        for (id, told) in strands {
            touched.extend(self.settle_one(db, import, id, told)?);
        }
        Ok(touched)
    }

    fn settle_one(
        &self,
        db: &Connection,
        import: i64,
        id: StrandId,
        told: Told,
    ) -> Result<Option<ThreadId>, StoreError> {
        let row: Option<(i64, i64, String, Option<i64>)> = db
            .prepare_cached(
                "SELECT thread_id, account_id, told, json_extract(told, '$.by') FROM strand
                 WHERE id = ?1",
            )?
            .query_row([id.0], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))
            .optional()?;
        let Some((thread, account, before, by)) = row else { return Ok(None) };
        let before: ThreadRecord = serde_json::from_str(&before)?;
        if before.live.is_some() {
            return Ok(None);
        }
        let account = AccountId(account);
        let theirs = match by {
            Some(by) => newest_of(db, by, account)?,
            // Told by a program of before.
            None => told.known_last,
        };
        let newer = theirs <= self.newest.get(&account).copied();
        let same_door = before.origin == told.record.origin && is_full(&told.record);
        let mut now = before.clone();
        if newer {
            let standing = told.record.clone();
            merge_told(&mut now, told.record);
            if same_door {
                stands(&mut now, &standing);
            }
        } else {
            now = told.record;
            merge_told(&mut now, before.clone());
            if same_door {
                stands(&mut now, &before);
            }
        }
        let by = if newer { Some(import) } else { by };
        db.prepare_cached("UPDATE strand SET told = json_set(?2, '$.by', ?3) WHERE id = ?1")?
            .execute(params![id.0, serde_json::to_string(&now)?, by])?;
        Ok((now != before).then_some(ThreadId(thread)))
    }

    /// What an app says of a new thread being pinned or muted is where the person begins. From then
    /// on it is theirs to say. Tells which threads that concerns.
    pub fn first_words(
        &self,
        db: &Connection,
        now: Timestamp,
    ) -> Result<Vec<ThreadId>, StoreError> {
        let mut touched = Vec::new();
        let mut q = db.prepare_cached(
            "SELECT s.thread_id, coalesce(json_extract(s.told, '$.pinned'), 0),
               json_extract(s.told, '$.muted') IS NOT NULL, s.told FROM strand s
             WHERE s.id > ?1 AND json_extract(s.told, '$.live') IS NULL
               AND (json_extract(s.told, '$.pinned') = 1
                 OR json_extract(s.told, '$.muted') IS NOT NULL)
               AND NOT EXISTS(SELECT 1 FROM strand o WHERE o.thread_id = s.thread_id AND o.id <= ?1)",
        )?;
        let mut rows = q.query([self.known])?;
        while let Some(r) = rows.next()? {
            let told: ThreadRecord = serde_json::from_str(&r.get::<_, String>(3)?)?;
            let muted = told.muted.filter(|m| m.holds(now)).map_or(0, |m| match m {
                Mute::Always => triage::FOR_GOOD,
                Mute::Until(end) => end.0.max(triage::FOR_GOOD + 1),
            });
            if told.pinned || muted != 0 {
                let thread = ThreadId(r.get(0)?);
                triage::first_word(db, thread, told.pinned, muted)?;
                touched.push(thread);
            }
        }
        Ok(touched)
    }
}

fn place(import: i64, account: AccountId) -> String {
    format!("newest/{import}/{}", account.0)
}

fn newest_of(db: &Connection, import: i64, account: AccountId) -> Result<Option<i64>, StoreError> {
    // None: it told no message, or was cut off.
    Ok(db
        .prepare_cached("SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?1")?
        .query_row([place(import, account)], |r| r.get(0))
        .optional()?)
}

/// How a thread stands is what another telling says of it, and nothing besides.
fn stands(thread: &mut ThreadRecord, told: &ThreadRecord) {
    thread.membership = told.membership;
    thread.posting = told.posting;
    thread.folder.clone_from(&told.folder);
    thread.archived = told.archived;
    thread.unread = told.unread;
    thread.pinned = told.pinned;
    thread.muted = told.muted;
    thread.read_only.clone_from(&told.read_only);
    thread.will_be_read_only.clone_from(&told.will_be_read_only);
    thread.peer_gone.clone_from(&told.peer_gone);
}
