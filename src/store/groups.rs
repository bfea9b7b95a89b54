//! Groups that an export and a live account may both tell: what the person said of two of them, and
//! what they are compared by. A name never joins two groups by itself; the person's word does, and
//! it can be taken back.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};

use super::stitch::{OWN, Strand, root};
use super::{Reader, StoreError, WordKind};
use crate::model::{AccountId, SourceId, StrandId, ThreadId};

/// Begins the keys under which such words are kept.
const WORDS: &str = "groups";

/// A word about two groups, each as one door tells it; the smaller strand comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GroupWord {
    /// What was said.
    pub kind: WordKind,
    /// Of this strand.
    pub a: StrandId,
    /// And of that one.
    pub b: StrandId,
}

impl GroupWord {
    /// A word about two strands in either order.
    pub fn new(kind: WordKind, a: StrandId, b: StrandId) -> Self {
        Self { kind, a: a.min(b), b: a.max(b) }
    }

    fn key(&self) -> String {
        format!("{WORDS}/{}/{}/{}", self.kind.slug(), self.a.0, self.b.0)
    }

    fn of(key: &str) -> Option<Self> {
        let mut parts = key.strip_prefix(WORDS)?.strip_prefix('/')?.split('/');
        let kind = WordKind::of_slug(parts.next()?);
        let mut strand = || Some(StrandId(parts.next()?.parse().ok()?));
        Some(Self::new(kind, strand()?, strand()?))
    }
}

/// A group as one door tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredGroup {
    /// The strand.
    pub strand: StrandId,
    /// Its thread.
    pub thread: ThreadId,
    /// The account of mine that stands for all that are one with the one that tells it.
    pub mine: AccountId,
    /// Its app.
    pub source: SourceId,
    /// Its name.
    pub title: String,
    /// A live account tells it.
    pub live: bool,
    /// So many messages.
    pub messages: u64,
    /// When the first was sent.
    pub first: i64,
    /// When the last was.
    pub last: i64,
}

impl Reader {
    /// Every group with a name; none where no live account tells any.
    pub fn named_groups(&self) -> Result<Vec<StoredGroup>, StoreError> {
        let mut q = self.db.prepare_cached(
            "SELECT s.id, s.thread_id, coalesce(a.same_as, a.id), a.source,
               json_extract(s.told, '$.title'), json_extract(s.told, '$.live') IS NOT NULL AS live,
               s.messages, s.first_at, s.last_at
             FROM strand s JOIN account a ON a.id = s.account_id
             WHERE s.messages > 0 AND json_extract(s.told, '$.kind') = 'group'
               AND trim(coalesce(json_extract(s.told, '$.title'), '')) <> ''
               AND substr(s.key, 1, length(?1)) <> ?1
               AND EXISTS(SELECT 1 FROM account l WHERE l.live_id IS NOT NULL
                 AND l.source = a.source)
             ORDER BY s.id",
        )?;
        let rows = q.query_map([OWN], |r| {
            Ok(StoredGroup {
                strand: StrandId(r.get(0)?),
                thread: ThreadId(r.get(1)?),
                mine: AccountId(r.get(2)?),
                source: SourceId::new(&r.get::<_, String>(3)?),
                title: r.get(4)?,
                live: r.get(5)?,
                messages: r.get::<_, i64>(6)?.unsigned_abs(),
                first: r.get(7)?,
                last: r.get(8)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The names of those who are or were in a strand, without mine.
    pub fn names_in(&self, strand: StrandId) -> Result<BTreeSet<String>, StoreError> {
        let mut q = self.db.prepare_cached(
            "SELECT name FROM participant WHERE strand_id = ?1 AND is_me = 0 AND placeholder = 0",
        )?;
        Ok(q.query_map([strand.0], |r| r.get(0))?.collect::<Result<_, _>>()?)
    }

    /// Everything that the person said of groups.
    pub fn group_words(&self) -> Result<Vec<GroupWord>, StoreError> {
        words(&self.db)
    }
}

fn words(db: &Connection) -> Result<Vec<GroupWord>, StoreError> {
    let mut q =
        db.prepare_cached("SELECT key FROM meta WHERE key >= 'groups/' AND key < 'groups0'")?;
    let keys = q.query_map([], |r| r.get::<_, String>(0))?;
    let mut all = Vec::new();
    for key in keys {
        all.extend(GroupWord::of(&key?));
    }
    all.sort_unstable();
    Ok(all)
}

/// Puts a word in; false: it was there.
pub fn say(db: &Connection, word: &GroupWord) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached("INSERT OR IGNORE INTO meta(key, value) VALUES(?1, '1')")?
        .execute([word.key()])?
        > 0)
}

/// Takes a word out; false: it was not there.
pub fn unsay(db: &Connection, word: &GroupWord) -> Result<bool, StoreError> {
    Ok(db.prepare_cached("DELETE FROM meta WHERE key = ?1")?.execute([word.key()])? > 0)
}

/// The account whose strands a word is about.
pub fn account_of(db: &Connection, word: &GroupWord) -> Result<Option<AccountId>, StoreError> {
    Ok(db
        .prepare_cached("SELECT account_id FROM strand WHERE id = ?1")?
        .query_row([word.a.0], |r| r.get(0).map(AccountId))
        .optional()?)
}

/// Joins a live strand and another of which the person said that they are one group, unless another
/// live one was joined to it.
pub fn join(db: &Connection, strands: &[Strand], parent: &mut [usize]) -> Result<(), StoreError> {
    if !strands.iter().any(|s| s.live) {
        return Ok(());
    }
    let words = words(db)?;
    if words.is_empty() {
        return Ok(());
    }
    let cut: BTreeSet<_> =
        words.iter().filter(|w| w.kind == WordKind::Cut).map(|w| (w.a, w.b)).collect();
    let places: HashMap<StrandId, usize> =
        strands.iter().enumerate().filter(|(_, s)| !s.direct).map(|(i, s)| (s.id, i)).collect();
    let mut lives: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (i, _) in strands.iter().enumerate().filter(|(_, s)| s.live) {
        lives.entry(root(parent, i)).or_default().insert(i);
    }
    for w in words.iter().filter(|w| w.kind == WordKind::Link && !cut.contains(&(w.a, w.b))) {
        let Some((&x, &y)) = places.get(&w.a).zip(places.get(&w.b)) else { continue };
        let (a, b) = (root(parent, x), root(parent, y));
        let both = [a, b].iter().filter_map(|r| lives.get(r)).map(BTreeSet::len).sum::<usize>();
        // What is sent must go by the one that was chosen.
        if a == b || strands[x].live == strands[y].live || both > 1 {
            continue;
        }
        parent[a.max(b)] = a.min(b);
        let live = lives.remove(&a.max(b)).unwrap_or_default();
        lives.entry(a.min(b)).or_default().extend(live);
    }
    Ok(())
}
