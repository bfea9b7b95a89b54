//! Which threads tell the words of a chat's text, where no name says so: a database without an
//! address book knows numbers only. One walk over the account's messages answers it for every text
//! that is left, and the answer is kept until there is more to look through.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hasher;

use rusqlite::{Connection, OptionalExtension, params};
use twox_hash::XxHash3_64;

use super::StoreError;
use super::stitch::Strand;
use crate::model::AccountId;

/// Texts of one chat that are looked for.
const SAMPLE: i64 = 200;
/// Bytes of a text that is not said everywhere.
const LONG: i64 = 12;
/// As many of them must be in a thread.
const ENOUGH: u64 = 3;
/// Threads that are looked at closely for one text.
const FEW: usize = 4;

/// The likeliest threads of each text that is `lost`, among the `exact`.
pub fn threads(
    db: &Connection,
    account: AccountId,
    strands: &[Strand],
    lost: &[usize],
    exact: &[usize],
) -> Result<Vec<(usize, BTreeSet<usize>)>, StoreError> {
    let place = |i: usize| format!("sought/{}", strands[i].id.0);
    let by_id: HashMap<i64, usize> = exact.iter().map(|&i| (strands[i].id.0, i)).collect();
    let total: i64 = exact.iter().map(|&i| strands[i].messages).sum();
    let mut out = Vec::new();
    let mut open = Vec::new();
    for &i in lost {
        let state = format!("{}:{}:{total}", strands[i].messages, exact.len());
        let known: Option<String> = db
            .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
            .query_row([place(i)], |r| r.get(0))
            .optional()?;
        match known.as_deref().and_then(|k| k.split_once('|')).filter(|(of, _)| *of == state) {
            Some((_, ids)) => {
                let ids = ids.split(',').filter_map(|id| id.parse().ok());
                out.push((i, ids.filter_map(|id: i64| by_id.get(&id).copied()).collect()));
            }
            None => open.push((i, state)),
        }
    }
    if open.is_empty() {
        return Ok(out);
    }
    let votes = look(db, account, strands, &open)?;
    for (n, (i, state)) in open.into_iter().enumerate() {
        let mut found: Vec<(u64, i64)> = votes
            .iter()
            .filter(|((text, id), votes)| *text == n && **votes >= ENOUGH && by_id.contains_key(id))
            .map(|((_, id), votes)| (*votes, *id))
            .collect();
        found.sort_unstable_by_key(|(votes, id)| (std::cmp::Reverse(*votes), *id));
        found.truncate(FEW);
        let ids: Vec<String> = found.iter().map(|(_, id)| id.to_string()).collect();
        db.prepare_cached("INSERT OR REPLACE INTO meta(key, value) VALUES(?1, ?2)")?
            .execute(params![place(i), format!("{state}|{}", ids.join(","))])?;
        out.push((i, found.iter().filter_map(|(_, id)| by_id.get(id).copied()).collect()));
    }
    Ok(out)
}

/// How many texts of each chat each strand has: by (place in `open`, strand).
fn look(
    db: &Connection,
    account: AccountId,
    strands: &[Strand],
    open: &[(usize, String)],
) -> Result<BTreeMap<(usize, i64), u64>, StoreError> {
    let mut wanted: HashMap<u64, BTreeSet<usize>> = HashMap::new();
    for (n, (i, _)) in open.iter().enumerate() {
        let mut q = db.prepare_cached(
            "SELECT DISTINCT text FROM message WHERE strand_id = ?1 AND kind = 0
               AND length(text) >= ?2 ORDER BY length(text) DESC, text LIMIT ?3",
        )?;
        let mut rows = q.query(params![strands[*i].id.0, LONG, SAMPLE])?;
        while let Some(r) = rows.next()? {
            wanted.entry(hash(r.get_ref(0)?.as_str().unwrap_or(""))).or_default().insert(n);
        }
    }
    let mut votes = BTreeMap::new();
    if wanted.is_empty() {
        return Ok(votes);
    }
    let mut q = db.prepare_cached(
        "SELECT m.strand_id, m.text FROM message m WHERE m.kind = 0 AND length(m.text) >= ?2
           AND m.strand_id IN (SELECT id FROM strand WHERE account_id = ?1)",
    )?;
    let mut rows = q.query(params![account.0, LONG])?;
    while let Some(r) = rows.next()? {
        let text = r.get_ref(1)?.as_str().unwrap_or("");
        for n in wanted.get(&hash(text)).into_iter().flatten() {
            *votes.entry((*n, r.get(0)?)).or_default() += 1;
        }
    }
    Ok(votes)
}

fn hash(text: &str) -> u64 {
    let mut hasher = XxHash3_64::new();
    for word in text.split_whitespace() {
        hasher.write(word.as_bytes());
        hasher.write(b" ");
    }
    hasher.finish()
}
