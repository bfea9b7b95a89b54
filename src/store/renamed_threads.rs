//! A thread of an app that gives nothing an id, which a newer export tells under another key and with
//! other people: somebody bears another name since, and the folders were numbered anew. No name leads
//! from one to the other; that both tell the same words at the same milliseconds does. Looked for where
//! a thread is alone, when an export tells more of an account.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::beside::TELLING;
use super::stitch::{OWN, Strand, root};
use super::{StoreError, renamed_text, walk};
use crate::model::{AccountId, StrandId};

/// Messages at each end of a thread by which it is looked for, and how many of them prove it.
const ENDS: i64 = 8;
const PROOF: u64 = 2;
/// Messages that are looked at for them: where the app gives ids, none of any number will do.
const LOOKED_AT: i64 = 100;
/// More threads than this are not looked through.
const CROWD: usize = 20_000;
/// More threads that have one message at one of their ends are not compared.
const TOGETHER: usize = 20;

/// What is known of an account.
#[derive(Default, Serialize, Deserialize)]
struct Known {
    /// Strands up to this number have been looked for.
    upto: i64,
    /// Strands that are one, in pairs.
    pairs: BTreeSet<(i64, i64)>,
}

/// Of accounts that are one, the first one keeps what is known.
fn lead(strands: &[Strand]) -> AccountId {
    strands.iter().map(|s| s.account).min().unwrap_or(AccountId(0))
}

impl Known {
    fn of(db: &Connection, account: AccountId) -> Result<Self, StoreError> {
        let found: Option<String> = db
            .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
            .query_row([place(account)], |r| r.get(0))
            .optional()?;
        Ok(found.map(|f| serde_json::from_str(&f)).transpose()?.unwrap_or_default())
    }
}

fn place(account: AccountId) -> String {
    format!("alone/{}", account.0)
}

/// The strands that are one with another of another key. Of them the one that reaches further stands.
pub fn pairs(db: &Connection, strands: &[Strand]) -> Result<BTreeSet<(i64, i64)>, StoreError> {
    Ok(Known::of(db, lead(strands))?.pairs)
}

/// Joins threads that are one, after all else has been tried.
pub fn join(db: &Connection, strands: &[Strand], parent: &mut [usize]) -> Result<(), StoreError> {
    let account = lead(strands);
    let told = |s: &Strand| !s.live && !s.less_exact && !s.key.starts_with(OWN);
    let newest = strands.iter().filter(|s| told(s)).map(|s| s.id.0).max().unwrap_or(0);
    let mut known = Known::of(db, account)?;
    if newest > known.upto {
        let mut members: HashMap<usize, u32> = HashMap::new();
        for i in (0..strands.len()).filter(|i| !strands[*i].key.starts_with(OWN)) {
            *members.entry(root(parent, i)).or_default() += 1;
        }
        let all: Vec<usize> = (0..strands.len()).filter(|i| told(&strands[*i])).collect();
        if all.len() <= CROWD {
            let mut pairs = match known.upto {
                0 => at_first(db, strands, &all)?,
                upto => found(db, strands, &all, upto)?,
            };
            // One of the two is alone: the other may go on encrypted, or be told by pages, too.
            let by_id: HashMap<i64, usize> =
                all.iter().map(|&i| (strands[i].id.0, root(parent, i))).collect();
            pairs.retain(|(a, b)| {
                let roots = [by_id.get(a).copied(), by_id.get(b).copied()];
                let alone = |r: &Option<usize>| r.is_some_and(|r| members.get(&r) == Some(&1));
                roots[0] != roots[1] && roots.iter().any(alone)
            });
            known.pairs.extend(pairs);
        }
        known.upto = newest;
        db.prepare_cached("INSERT OR REPLACE INTO meta(key, value) VALUES(?1, ?2)")?
            .execute(params![place(account), serde_json::to_string(&known)?])?;
    }
    if known.pairs.is_empty() {
        return Ok(());
    }
    let by_id: HashMap<i64, usize> = strands.iter().enumerate().map(|(i, s)| (s.id.0, i)).collect();
    for (a, b) in &known.pairs {
        if let (Some(&a), Some(&b)) = (by_id.get(a), by_id.get(b)) {
            let (a, b) = (root(parent, a), root(parent, b));
            parent[a.max(b)] = a.min(b);
        }
    }
    Ok(())
}

/// What stands at either end of a strand: the time and the text.
fn ends(db: &Connection, s: &Strand) -> Result<BTreeSet<(i64, String)>, StoreError> {
    let mut all = BTreeSet::new();
    for order in ["", "DESC"] {
        let mut q = db.prepare_cached(&format!(
            "SELECT sent_at, text FROM (
               SELECT sent_at, text, kind, more FROM message WHERE thread_id = ?1 AND strand_id = ?2
                 AND shadow = 0 ORDER BY sent_at {order} LIMIT ?5)
             WHERE kind = 0 AND length(text) >= ?3 AND sent_at % 1000 <> 0
               AND (more IS NULL OR json_type(more, '$.n') IS NULL)
             ORDER BY sent_at {order} LIMIT ?4"
        ))?;
        let sql = params![s.thread.0, s.id.0, TELLING as i64, ENDS, LOOKED_AT];
        let rows = q.query_map(sql, |r| Ok((r.get(0)?, r.get(1)?)))?;
        for row in rows {
            all.insert(row?);
        }
    }
    Ok(all)
}

/// The first import of all may be one of several downloads. Nothing is known before, and everything is
/// new: going through all of it would cost more than the import of one. Two that tell one thread
/// begin alike.
fn at_first(
    db: &Connection,
    strands: &[Strand],
    all: &[usize],
) -> Result<Vec<(i64, i64)>, StoreError> {
    let mut at: HashMap<(i64, String), Vec<usize>> = HashMap::new();
    let mut votes: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    let mut told: HashMap<usize, u64> = HashMap::new();
    for &i in all {
        let ends = ends(db, &strands[i])?;
        told.insert(i, ends.len() as u64);
        for end in ends {
            let there = at.entry(end).or_default();
            for &other in there.iter().filter(|&&o| strands[o].direct == strands[i].direct) {
                *votes.entry((other, i)).or_default() += 1;
            }
            if there.len() < TOGETHER {
                there.push(i);
            }
        }
    }
    let proven = votes.into_iter().filter(|((a, b), n)| {
        let fewest = told.get(a).min(told.get(b)).copied().unwrap_or_default();
        *n >= PROOF || (fewest <= 1 && *n > 0)
    });
    Ok(proven.map(|((a, b), _)| (strands[a].id.0, strands[b].id.0)).collect())
}

/// Among known strands, those that tell the same as one of the new ones.
fn found(
    db: &Connection,
    strands: &[Strand],
    told: &[usize],
    upto: i64,
) -> Result<Vec<(i64, i64)>, StoreError> {
    let (new, before): (Vec<&Strand>, Vec<&Strand>) =
        told.iter().map(|&i| &strands[i]).partition(|s| s.id.0 > upto);
    if new.is_empty() || before.is_empty() {
        return Ok(Vec::new());
    }
    // By time: what was said then at the ends of the known ones.
    let mut there: HashMap<i64, Vec<(&Strand, String)>> = HashMap::new();
    for s in &before {
        for (at, text) in ends(db, s)? {
            there.entry(at).or_default().push((s, text));
        }
    }
    let mut out = Vec::new();
    let mut q = db.prepare_cached(
        "SELECT sent_at, text FROM message WHERE thread_id = ?1 AND strand_id = ?2 AND shadow = 0
         ORDER BY sent_at",
    )?;
    for s in new.iter().filter(|_| !there.is_empty()) {
        let mut votes: BTreeMap<i64, u64> = BTreeMap::new();
        let mut rows = q.query(params![s.thread.0, s.id.0])?;
        while let Some(r) = rows.next()? {
            let Some(there) = there.get(&r.get(0)?) else { continue };
            let text = r.get_ref(1)?.as_str().unwrap_or("");
            for (other, _) in there.iter().filter(|(o, t)| o.direct == s.direct && t == text) {
                *votes.entry(other.id.0).or_default() += 1;
            }
        }
        let most = votes.iter().max_by_key(|(id, n)| (**n, **id));
        if let Some((other, n)) = most {
            let shorter = before.iter().find(|o| o.id.0 == *other).map(|o| o.messages);
            let whole = shorter.is_some_and(|n| n.min(s.messages) <= 1);
            if *n >= PROOF || whole {
                out.push((*other, s.id.0));
            }
        }
    }
    Ok(out)
}

/// What the strand that stands tells too becomes a shadow, whoever is named, and whoever is told so
/// stands for nobody of their own.
pub fn shade(db: &Connection, stands: &Strand, other: &Strand) -> Result<(), StoreError> {
    // The plus sign keeps SQLite from going through the whole other strand for each message.
    let told = "UPDATE message SET shadow = 1 WHERE id = ?1 AND shadow = 0 AND EXISTS
       (SELECT 1 FROM message o WHERE o.thread_id = message.thread_id
          AND o.sent_at = message.sent_at AND o.shadow = 0 AND +o.strand_id = ?2
          AND o.text = message.text AND o.kind = message.kind)";
    walk::change(db, &walk::ids(db, other.id)?, told, &[&stands.id.0])?;
    let said: Vec<i64> = db
        .prepare_cached(
            "SELECT DISTINCT sender_id FROM message
             WHERE strand_id = ?1 AND +shadow = 1 AND sender_id IS NOT NULL",
        )?
        .query_map([other.id.0], |r| r.get(0))?
        .collect::<Result<_, _>>()?;
    renamed_text::called(db, other, &said)
}

/// Whether two strands are one of those pairs.
pub fn are_one(pairs: &BTreeSet<(i64, i64)>, a: StrandId, b: StrandId) -> bool {
    pairs.contains(&(a.0, b.0)) || pairs.contains(&(b.0, a.0))
}
