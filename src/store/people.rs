//! What is stored of who is who: identities, what the person said of them, contact cards.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::groups::{self, GroupWord};
use super::{Reader, StoreError, Writer, settle};
use crate::model::{AccountId, IdentityId, SourceId, ThreadId, Timestamp};

/// The key under which it is kept what takes the latest changes back.
const DONE: &str = "people-done";
/// So many of them.
const KEPT: usize = 100;

/// Somebody as one account of mine knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredIdentity {
    /// The identity.
    pub id: IdentityId,
    /// My account that knows them.
    pub account: AccountId,
    /// The account that stands for all that are one with it.
    pub mine: AccountId,
    /// The source they write from.
    pub source: SourceId,
    /// Their name as it came.
    pub name: String,
    /// Handle or number as it came.
    pub address: Option<String>,
    /// Their number in its international form.
    pub phone: Option<String>,
    /// What a group calls them by; `None` for the other end of a direct thread.
    pub group_name: bool,
    /// Their participant key.
    pub key: String,
    /// Direct threads with them.
    pub direct: Vec<ThreadId>,
    /// Groups that they are in.
    pub groups: Vec<ThreadId>,
    /// Threads that several strands tell, and what tells there that two of its identities are one:
    /// a name that nobody else bears in either, or that they are the only other one in each.
    pub retold: Vec<(ThreadId, String)>,
}

/// What the person said of two identities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum WordKind {
    /// They are the same.
    Link,
    /// They are not.
    Cut,
    /// Ask later.
    Later,
}

impl WordKind {
    pub(super) fn slug(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Cut => "cut",
            Self::Later => "later",
        }
    }

    pub(super) fn of_slug(slug: &str) -> Self {
        match slug {
            "link" => Self::Link,
            "cut" => Self::Cut,
            _ => Self::Later,
        }
    }
}

/// One such word; the smaller identity comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PeopleWord {
    /// What was said.
    pub kind: WordKind,
    /// Of this identity.
    pub a: IdentityId,
    /// And of that one.
    pub b: IdentityId,
}

impl PeopleWord {
    /// A word about two identities in either order.
    pub fn new(kind: WordKind, a: IdentityId, b: IdentityId) -> Self {
        Self { kind, a: a.min(b), b: a.max(b) }
    }
}

/// Words to be put in and taken out; the inverse of a change is one too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeopleRows {
    /// To be said.
    pub add: Vec<PeopleWord>,
    /// To be taken back.
    pub remove: Vec<PeopleWord>,
    /// The same of groups: to be said.
    pub add_groups: Vec<GroupWord>,
    /// To be taken back.
    pub remove_groups: Vec<GroupWord>,
}

/// A contact card as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredContact {
    /// Its number.
    pub id: i64,
    /// The name on it.
    pub name: String,
    /// Kind (`tel`, `email`, `handle`) and value.
    pub addresses: Vec<(String, String)>,
}

/// A contact card to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactCard {
    /// What tells it from others: its own id, or its name and addresses.
    pub key: String,
    /// The name on it.
    pub name: String,
    /// Kind (`tel`, `email`, `handle`) and value.
    pub addresses: Vec<(&'static str, String)>,
}

impl Reader {
    /// Every identity with its threads, in the order of their numbers.
    pub fn identities(&self) -> Result<Vec<StoredIdentity>, StoreError> {
        let mut q = self.db.prepare_cached(
            "SELECT i.id, i.account_id, i.source, i.name, i.address, i.phone, i.key,
               coalesce(a.same_as, a.id)
             FROM identity i JOIN account a ON a.id = i.account_id ORDER BY i.id",
        )?;
        let mut all: Vec<StoredIdentity> = q
            .query_map([], |r| {
                let key: String = r.get(6)?;
                let group_name = key.starts_with("name/");
                Ok(StoredIdentity {
                    id: IdentityId(r.get(0)?),
                    account: AccountId(r.get(1)?),
                    mine: AccountId(r.get(7)?),
                    source: SourceId::new(&r.get::<_, String>(2)?),
                    name: r.get(3)?,
                    address: r.get(4)?,
                    phone: r.get(5)?,
                    group_name,
                    key: if group_name { key["name/".len()..].to_owned() } else { String::new() },
                    direct: Vec::new(),
                    groups: Vec::new(),
                    retold: Vec::new(),
                })
            })?
            .collect::<Result<_, _>>()?;
        let at: HashMap<IdentityId, usize> =
            all.iter().enumerate().map(|(n, i)| (i.id, n)).collect();
        let mut q = self.db.prepare_cached(
            "SELECT DISTINCT p.identity_id, s.thread_id, t.kind = 'direct', p.key
             FROM participant p JOIN strand s ON s.id = p.strand_id
             JOIN thread t ON t.id = s.thread_id WHERE p.identity_id IS NOT NULL
             ORDER BY p.identity_id, s.thread_id",
        )?;
        let mut rows = q.query([])?;
        while let Some(r) = rows.next()? {
            let Some(&n) = at.get(&IdentityId(r.get(0)?)) else { continue };
            let (thread, who) = (ThreadId(r.get(1)?), &mut all[n]);
            let list = if r.get(2)? { &mut who.direct } else { &mut who.groups };
            if list.last() != Some(&thread) {
                list.push(thread);
            }
            if who.key.is_empty() {
                who.key = r.get(3)?;
            }
        }
        drop(rows);
        for (identity, thread, shared) in self.retold()? {
            if let Some(&n) = at.get(&identity) {
                all[n].retold.push((thread, shared));
            }
        }
        // Those whom no thread has any more keep their numbers, and are not shown.
        all.retain(|i| !i.direct.is_empty() || !i.groups.is_empty());
        Ok(all)
    }

    /// Who is who in threads that several strands tell.
    fn retold(&self) -> Result<Vec<(IdentityId, ThreadId, String)>, StoreError> {
        let mut q = self.db.prepare_cached(
            "SELECT s.thread_id, s.id, p.identity_id, p.name FROM strand s
             JOIN participant p ON p.strand_id = s.id WHERE p.identity_id IS NOT NULL
               AND s.thread_id IN (SELECT thread_id FROM strand GROUP BY 1 HAVING count(*) > 1)
             ORDER BY 1, 2, 3",
        )?;
        type Strands = BTreeMap<i64, BTreeMap<IdentityId, String>>;
        let mut threads: BTreeMap<i64, Strands> = BTreeMap::new();
        let mut rows = q.query([])?;
        while let Some(r) = rows.next()? {
            let name: String = r.get(3)?;
            let letters = name.chars().filter(|c| c.is_alphanumeric());
            let name = letters.flat_map(char::to_lowercase).collect();
            let strand = threads.entry(r.get(0)?).or_default().entry(r.get(1)?).or_default();
            strand.insert(IdentityId(r.get(2)?), name);
        }
        let mut out = Vec::new();
        for (thread, strands) in threads {
            let between_two = strands.values().all(|s| s.len() == 1);
            let mut bearers: BTreeMap<&str, u32> = BTreeMap::new();
            for name in strands.values().flat_map(BTreeMap::values) {
                *bearers.entry(name).or_default() += 1;
            }
            for (identity, name) in strands.values().flatten() {
                let twice = |s: &BTreeMap<_, String>| s.values().filter(|n| *n == name).count() > 1;
                if between_two {
                    out.push((*identity, ThreadId(thread), String::new()));
                } else if !name.is_empty()
                    && bearers.get(name.as_str()).is_some_and(|n| *n > 1)
                    && !strands.values().any(twice)
                {
                    out.push((*identity, ThreadId(thread), name.clone()));
                }
            }
        }
        Ok(out)
    }

    /// How many messages each thread holds, and when the last one was sent.
    pub fn thread_activity(
        &self,
    ) -> Result<HashMap<ThreadId, (u64, Option<Timestamp>)>, StoreError> {
        let mut q = self.db.prepare_cached("SELECT id, messages, last_at FROM thread")?;
        let rows = q.query_map([], |r| {
            let last = r.get::<_, Option<i64>>(2)?.map(Timestamp);
            Ok((ThreadId(r.get(0)?), (r.get::<_, i64>(1)?.unsigned_abs(), last)))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Threads that a live account tells, or told before it was taken away.
    pub fn threads_told_live(&self) -> Result<HashSet<ThreadId>, StoreError> {
        let mut q = self.db.prepare_cached(
            "SELECT DISTINCT thread_id FROM strand WHERE json_extract(told, '$.live') IS NOT NULL",
        )?;
        Ok(q.query_map([], |r| r.get(0).map(ThreadId))?.collect::<Result<_, _>>()?)
    }

    /// Changes when anything of who is who may have changed.
    pub fn people_stamp(&self) -> Result<i64, StoreError> {
        let found: Option<i64> = self
            .db
            .prepare_cached("SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'people'")?
            .query_row([], |r| r.get(0))
            .optional()?;
        Ok(found.unwrap_or(0))
    }

    /// What takes the latest changes back, in words and exactly; the latest last.
    pub fn people_done(&self) -> Result<Vec<(String, PeopleRows)>, StoreError> {
        let found: Option<String> = self
            .db
            .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
            .query_row([DONE], |r| r.get(0))
            .optional()?;
        Ok(found.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default())
    }

    /// Everything that the person said of who is who.
    pub fn people_words(&self) -> Result<Vec<PeopleWord>, StoreError> {
        let mut q =
            self.db.prepare_cached("SELECT word, a, b FROM people_word ORDER BY word, a, b")?;
        let rows = q.query_map([], |r| {
            let kind = WordKind::of_slug(&r.get::<_, String>(0)?);
            Ok(PeopleWord { kind, a: IdentityId(r.get(1)?), b: IdentityId(r.get(2)?) })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Every contact card.
    pub fn contacts(&self) -> Result<Vec<StoredContact>, StoreError> {
        let mut q = self.db.prepare_cached(
            "SELECT c.id, c.name, a.kind, a.value FROM contact c
             JOIN contact_address a ON a.contact_id = c.id ORDER BY c.id, a.kind, a.value",
        )?;
        let mut rows = q.query([])?;
        let mut out: Vec<StoredContact> = Vec::new();
        while let Some(r) = rows.next()? {
            let id: i64 = r.get(0)?;
            if out.last().is_none_or(|c| c.id != id) {
                out.push(StoredContact { id, name: r.get(1)?, addresses: Vec::new() });
            }
            if let Some(last) = out.last_mut() {
                last.addresses.push((r.get(2)?, r.get(3)?));
            }
        }
        Ok(out)
    }
}

/// The account in which a word about two of its people may join a live thread and an archive.
fn account_of_seam(db: &Connection, w: &PeopleWord) -> Result<Option<AccountId>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT a.account_id FROM identity a JOIN account mine ON mine.id = a.account_id
             JOIN account other ON coalesce(other.same_as, other.id) = coalesce(mine.same_as, mine.id)
             JOIN identity b ON b.account_id = other.id
             WHERE a.id = ?1 AND b.id = ?2 AND EXISTS(SELECT 1 FROM participant p
               JOIN strand s ON s.id = p.strand_id WHERE p.identity_id IN (?1, ?2)
                 AND json_extract(s.told, '$.live') IS NOT NULL)",
        )?
        .query_row(params![w.a.0, w.b.0], |r| r.get(0).map(AccountId))
        .optional()?)
}

/// Notes that something of who is who has changed.
pub(super) fn stamp(db: &Connection) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO meta(key, value) VALUES('people', '1')
         ON CONFLICT(key) DO UPDATE SET value = CAST(value AS INTEGER) + 1",
    )?
    .execute([])?;
    Ok(())
}

impl Writer {
    /// Keeps what takes the latest changes back.
    pub fn keep_people_done(&mut self, done: &[(String, PeopleRows)]) -> Result<(), StoreError> {
        let kept = done.get(done.len().saturating_sub(KEPT)..).unwrap_or_default();
        self.db
            .prepare_cached("INSERT OR REPLACE INTO meta(key, value) VALUES(?1, ?2)")?
            .execute(params![DONE, serde_json::to_string(kept)?])?;
        Ok(())
    }

    /// Puts words in and takes words out, in one commit. Returns exactly what takes that back.
    /// Threads that an export and a live account tell become one by it, or two again.
    pub fn change_people(
        &mut self,
        rows: &PeopleRows,
        now: Timestamp,
    ) -> Result<PeopleRows, StoreError> {
        let tx = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let mut inverse = PeopleRows::default();
        for w in &rows.remove {
            let gone = tx
                .prepare_cached("DELETE FROM people_word WHERE word = ?1 AND a = ?2 AND b = ?3")?
                .execute(params![w.kind.slug(), w.a.0, w.b.0])?;
            if gone > 0 {
                inverse.add.push(*w);
            }
        }
        for w in &rows.add {
            let new = tx
                .prepare_cached("INSERT OR IGNORE INTO people_word(word, a, b) VALUES(?1, ?2, ?3)")?
                .execute(params![w.kind.slug(), w.a.0, w.b.0])?;
            if new > 0 {
                inverse.remove.push(*w);
            }
        }
        let mut touched = BTreeSet::new();
        for w in inverse.add.iter().chain(&inverse.remove).filter(|w| w.kind != WordKind::Later) {
            touched.extend(account_of_seam(&tx, w)?);
        }
        for w in &rows.remove_groups {
            if groups::unsay(&tx, w)? {
                inverse.add_groups.push(*w);
            }
        }
        for w in &rows.add_groups {
            if groups::say(&tx, w)? {
                inverse.remove_groups.push(*w);
            }
        }
        for w in inverse.add_groups.iter().chain(&inverse.remove_groups) {
            touched.extend(groups::account_of(&tx, w)?);
        }
        for account in touched {
            for thread in settle::account(&tx, account)? {
                settle::refresh(&tx, thread, now)?;
            }
        }
        stamp(&tx)?;
        tx.commit()?;
        Ok(inverse)
    }

    /// Takes contact cards in; a card that is known is replaced. Returns how many were new.
    pub fn take_contacts(&mut self, cards: &[ContactCard]) -> Result<usize, StoreError> {
        let tx = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let mut added = 0;
        for card in cards {
            added += tx
                .prepare_cached("INSERT OR IGNORE INTO contact(key, name) VALUES(?1, ?2)")?
                .execute(params![card.key, card.name])?;
            let id: i64 = tx
                .prepare_cached("UPDATE contact SET name = ?2 WHERE key = ?1 RETURNING id")?
                .query_row(params![card.key, card.name], |r| r.get(0))?;
            tx.prepare_cached("DELETE FROM contact_address WHERE contact_id = ?1")?
                .execute([id])?;
            for (kind, value) in &card.addresses {
                tx.prepare_cached(
                    "INSERT OR IGNORE INTO contact_address(contact_id, kind, value) VALUES(?1,?2,?3)",
                )?
                .execute(params![id, kind, value])?;
            }
        }
        stamp(&tx)?;
        tx.commit()?;
        Ok(added)
    }
}
