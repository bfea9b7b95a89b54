//! A chat's text that is told again under another name: the contact or the group is called otherwise
//! since. What was said tells that the two are one, most of it in the same minute and words. The
//! later text is the one that stands.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::beside::TELLING;
use super::retold::{reach, shared};
use super::stitch::{Strand, root};
use super::{StoreError, fingerprint};
use crate::model::{AccountId, Moment, StrandId, Timestamp};

/// Messages of a text by which others are looked for, and how many of them must be there.
const SAMPLE: i64 = 48;
const ENOUGH: usize = 3;
/// No clock is farther off, in milliseconds.
const ZONES: i64 = 26 * 3_600_000;
/// More texts than this are not compared with each other.
const CROWD: usize = 400;

/// Joins the texts of an account that tell the same. Worked out anew when any of them has changed.
pub fn join(
    db: &Connection,
    account: AccountId,
    strands: &[Strand],
    parent: &mut [usize],
) -> Result<(), StoreError> {
    let texts: Vec<usize> = (0..strands.len()).filter(|i| strands[*i].less_exact).collect();
    if texts.len() < 2 || texts.len() > CROWD {
        return Ok(());
    }
    let by_id: HashMap<i64, usize> = texts.iter().map(|&i| (strands[i].id.0, i)).collect();
    for (a, b) in found(db, account, strands, &texts)? {
        if let (Some(&a), Some(&b)) = (by_id.get(&a), by_id.get(&b)) {
            let (a, b) = (root(parent, a), root(parent, b));
            parent[a.max(b)] = a.min(b);
        }
    }
    Ok(())
}

/// Strands that are one, in pairs.
fn found(
    db: &Connection,
    account: AccountId,
    strands: &[Strand],
    texts: &[usize],
) -> Result<Vec<(i64, i64)>, StoreError> {
    let place = format!("texts/{}", account.0);
    let mut state = String::new();
    for &i in texts {
        let s = &strands[i];
        state.push_str(&format!("{}:{}:{}:{};", s.id.0, s.messages, s.first, s.last));
    }
    let known: Option<String> = db
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([&place], |r| r.get(0))
        .optional()?;
    if let Some((_, known)) =
        known.as_deref().and_then(|k| k.split_once('|')).filter(|(of, _)| *of == state)
    {
        return Ok(serde_json::from_str(known)?);
    }
    let mut found = Vec::new();
    for (n, &i) in texts.iter().enumerate() {
        for &j in &texts[n + 1..] {
            let (a, b) = (&strands[i], &strands[j]);
            let (later, earlier) = if reach(a) >= reach(b) { (a, b) } else { (b, a) };
            if may_be_one(db, later, earlier)? && shared(db, later, earlier)? > 0 {
                found.push((later.id.0, earlier.id.0));
            }
        }
    }
    db.prepare_cached("INSERT OR REPLACE INTO meta(key, value) VALUES(?1, ?2)")?
        .execute(params![place, format!("{state}|{}", serde_json::to_string(&found)?)])?;
    Ok(found)
}

/// Whether some of what was said last in both is the same: what I said, and whoever has not been
/// renamed, bears the same fingerprint in both.
fn may_be_one(db: &Connection, later: &Strand, earlier: &Strand) -> Result<bool, StoreError> {
    let (from, to) = (later.first.max(earlier.first), later.last.min(earlier.last));
    if from > to {
        return Ok(false);
    }
    // Where fingerprints follow the clock, what came later need not be passed over one by one.
    let last = match fingerprint::are_by_minute(db)? {
        true => fingerprint::span(Moment::exact(Timestamp(to.saturating_add(ZONES)))).1,
        false => i64::MAX,
    };
    let (all, shared): (usize, usize) = db
        .prepare_cached(
            "SELECT count(*), coalesce(sum(EXISTS(SELECT 1 FROM message o
                WHERE o.strand_id = ?1 AND o.fp = m.fp AND o.text = m.text)), 0)
             FROM (SELECT fp, text FROM message WHERE strand_id = ?2 AND kind = 0
                     AND sent_at BETWEEN ?3 AND ?4 AND length(text) >= ?5 AND fp <= ?7
                   ORDER BY fp DESC LIMIT ?6) m",
        )?
        .query_row(
            params![earlier.id.0, later.id.0, from, to, TELLING as i64, SAMPLE, last],
            |r| {
                Ok((
                    r.get::<_, i64>(0)?.unsigned_abs() as usize,
                    r.get::<_, i64>(1)?.unsigned_abs() as usize,
                ))
            },
        )?;
    Ok(shared > 0 && shared >= all.min(ENOUGH))
}

/// Participants of a text who are called otherwise in a later one, or the same: they stand for nobody
/// of their own.
pub fn called(db: &Connection, text: &Strand, same: &[i64]) -> Result<(), StoreError> {
    let place = place(text.id);
    if same.is_empty() {
        db.prepare_cached("DELETE FROM meta WHERE key = ?1")?.execute([place])?;
        return Ok(());
    }
    db.prepare_cached("INSERT OR REPLACE INTO meta(key, value) VALUES(?1, ?2)")?
        .execute(params![place, serde_json::to_string(same)?])?;
    Ok(())
}

fn place(text: StrandId) -> String {
    format!("called/{}", text.0)
}

/// The condition that a participant `p` of a strand `s` stands for somebody, as SQL.
pub const STANDS: &str = "NOT EXISTS(SELECT 1 FROM meta c, json_each(c.value) n
  WHERE c.key = 'called/' || s.id AND n.value = p.id)";
