//! Where an archive ends and a live account begins: the same thread told by both doors. A live
//! message has its service's id, an exported one often has none, so that what tells them to be one
//! is when and what was said, and by whom.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::same::GROUP;
use super::stitch::{Strand, root};
use super::{StoreError, identities, stitch};
use crate::model::{AccountId, AccountRecord, LiveId, StrandId};

/// As many messages told by both are proof.
const PROOF: i64 = 3;

/// Pairs of messages, told by a live strand (?1) and another (?2), that are one: the same side, the
/// same words, the same second (the same minute, where only that was written down), and of equals
/// the same ordinal.
const PAIRS: &str = "
  WITH theirs AS (
    SELECT m.id, m.text, coalesce(p.is_me, 0) AS mine, m.more IS NOT NULL
        AND json_extract(m.more, '$.w') IS NOT NULL AS wall, m.sent_at, m.ord
      FROM message m LEFT JOIN participant p ON p.id = m.sender_id
      WHERE m.strand_id = ?2 AND m.kind IN (0, 3) AND m.sent_at BETWEEN ?3 AND ?4),
  ours AS (
    SELECT m.id, m.text, coalesce(p.is_me, 0) AS mine, m.sent_at, m.ord
      FROM message m LEFT JOIN participant p ON p.id = m.sender_id
      WHERE m.strand_id = ?1 AND m.kind IN (0, 3) AND m.sent_at BETWEEN ?3 AND ?4),
  a AS (SELECT id, text, mine, wall, sent_at / (CASE wall WHEN 1 THEN 60000 ELSE 1000 END) AS slot,
      row_number() OVER (PARTITION BY text, mine, wall,
        sent_at / (CASE wall WHEN 1 THEN 60000 ELSE 1000 END) ORDER BY sent_at, ord, id) AS n
    FROM theirs),
  b AS (SELECT id, text, mine, 0 AS wall, sent_at / 1000 AS slot,
      row_number() OVER (PARTITION BY text, mine, sent_at / 1000 ORDER BY sent_at, ord, id) AS n
    FROM ours
    UNION ALL
    SELECT id, text, mine, 1, sent_at / 60000,
      row_number() OVER (PARTITION BY text, mine, sent_at / 60000 ORDER BY sent_at, ord, id)
    FROM ours)
  SELECT a.id AS id, length(a.text) AS long FROM a JOIN b
    ON b.wall = a.wall AND b.slot = a.slot AND b.text = a.text AND b.mine = a.mine AND b.n = a.n";

/// A number in its international form, a handle in lower case: what two doors may both know.
pub fn address(text: &str) -> String {
    identities::number(text).unwrap_or_else(|| text.trim().trim_start_matches('@').to_lowercase())
}

/// Live strands and others with the same number or handle.
pub fn join(strands: &[Strand], parent: &mut [usize]) {
    if !strands.iter().any(|s| s.live) {
        return;
    }
    let mut by_address: HashMap<&str, Vec<usize>> = HashMap::new();
    for (i, s) in strands.iter().enumerate() {
        if let Some(address) = s.address.as_deref().filter(|a| !a.is_empty()) {
            by_address.entry(address).or_default().push(i);
        }
    }
    for same in by_address.values() {
        let (live, others): (Vec<usize>, Vec<usize>) =
            same.iter().copied().partition(|&i| strands[i].live);
        // Two live threads with one person are two threads; which one goes on is not known.
        let [live] = live.as_slice() else { continue };
        for other in others {
            let (a, b) = (root(parent, *live), root(parent, other));
            parent[a.max(b)] = a.min(b);
        }
    }
}

/// A live strand and another that are with people of whom the person said that they are one: they
/// stand in one account, and there is no second live thread with them.
pub fn join_said(
    db: &Connection,
    account: AccountId,
    strands: &[Strand],
    parent: &mut [usize],
) -> Result<(), StoreError> {
    if !strands.iter().any(|s| s.live) {
        return Ok(());
    }
    let said: Vec<(i64, i64, i64, i64)> = db
        .prepare_cached(&format!(
            "SELECT w.a, w.b, one.strand_id, other.strand_id FROM people_word w
             JOIN identity a ON a.id = w.a AND a.account_id IN {GROUP}
             JOIN identity b ON b.id = w.b AND b.account_id IN {GROUP}
             JOIN participant one ON one.identity_id = w.a
             JOIN participant other ON other.identity_id = w.b
             WHERE w.word = 'link' AND NOT EXISTS
               (SELECT 1 FROM people_word c WHERE c.word = 'cut' AND c.a = w.a AND c.b = w.b)
             ORDER BY w.a, w.b, 3, 4"
        ))?
        .query_map([account.0], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))?
        .collect::<Result<_, _>>()?;
    let places: HashMap<i64, usize> =
        strands.iter().enumerate().filter(|(_, s)| s.direct).map(|(i, s)| (s.id.0, i)).collect();
    let mut pairs: BTreeMap<(i64, i64), Vec<(usize, usize)>> = BTreeMap::new();
    for (a, b, one, other) in said {
        let Some((&x, &y)) = places.get(&one).zip(places.get(&other)) else { continue };
        if strands[x].live != strands[y].live {
            let (live, other) = if strands[x].live { (x, y) } else { (y, x) };
            pairs.entry((a, b)).or_default().push((live, other));
        }
    }
    for pairs in pairs.values() {
        let live: BTreeSet<usize> = pairs.iter().map(|p| root(parent, p.0)).collect();
        for (live, other) in pairs.iter().filter(|_| live.len() == 1) {
            let (a, b) = (root(parent, *live), root(parent, *other));
            parent[a.max(b)] = a.min(b);
        }
    }
    Ok(())
}

/// Do a live strand and another tell of the same messages?
pub fn overlap(db: &Connection, a: &Strand, b: &Strand) -> Result<bool, StoreError> {
    let (live, other) = match (a.live, b.live) {
        (true, false) => (a, b),
        (false, true) => (b, a),
        _ => return Ok(false),
    };
    let Some((from, to)) = common(live, other) else { return Ok(false) };
    let (shared, said): (i64, i64) = db
        .prepare_cached(&format!(
            "SELECT count(*), coalesce(sum(long > 3), 0) FROM ({PAIRS} LIMIT 50)"
        ))?
        .query_row(params![live.id.0, other.id.0, from, to], |r| Ok((r.get(0)?, r.get(1)?)))?;
    let all = live.messages.min(other.messages);
    Ok(said >= PROOF || (said > 0 && shared == all))
}

/// Of what both tell the live strand's stands and the other's is a shadow.
pub fn shade(db: &Connection, a: &Strand, b: &Strand) -> Result<(), StoreError> {
    if !a.live || b.live {
        return Ok(());
    }
    let Some((from, to)) = common(a, b) else { return Ok(()) };
    db.prepare_cached(&format!(
        "UPDATE message SET shadow = 1 WHERE shadow = 0 AND id IN (SELECT id FROM ({PAIRS}))"
    ))?
    .execute(params![a.id.0, b.id.0, from, to])?;
    Ok(())
}

/// How long after a text was handed off the app itself may tell of it, in milliseconds: the person
/// still has to press "send" there. Of a few letters less is believed.
pub const SENT_WITHIN: i64 = 10 * 60_000;
const SHORT_WITHIN: i64 = 2 * 60_000;
/// How far the app's clock may be behind ours, or tell of the minute only.
const BEHIND: i64 = 2 * 60_000;

/// A text that was handed off from here and that the app then tells of as mine is one message: the
/// app's word stands. Each is the same as one other at most; where nothing fits, it stays.
/// `own` are a thread's strands of what was written from here, all others' shadows known.
pub fn hand_offs(db: &Connection, own: &[StrandId]) -> Result<(), StoreError> {
    let mut taken: HashSet<i64> = HashSet::new();
    for strand in own {
        let handed: Vec<(i64, i64, i64, String, bool)> = db
            .prepare_cached(
                "SELECT id, thread_id, sent_at, trim(text), json_extract(more, '$.s') = 'handed-off'
                 FROM message WHERE strand_id = ?1 ORDER BY sent_at, id",
            )?
            .query_map([strand.0], |r| {
                let handed: Option<bool> = r.get(4)?;
                Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, handed.unwrap_or(false)))
            })?
            .collect::<Result<_, _>>()?;
        for (id, thread, at, text, _) in handed.into_iter().filter(|h| h.4 && !h.3.is_empty()) {
            let within = if text.chars().count() > 3 { SENT_WITHIN } else { SHORT_WITHIN };
            // An answer goes with what it quotes in front of it.
            let told: Vec<i64> = db
                .prepare_cached(
                    "SELECT m.id FROM message m JOIN participant p ON p.id = m.sender_id
                     JOIN strand s ON s.id = m.strand_id
                     WHERE m.thread_id = ?1 AND m.shadow = 0 AND m.sent_at BETWEEN ?2 AND ?3
                       AND m.kind = 0 AND p.is_me = 1 AND substr(s.key, 1, length(?6)) <> ?6
                       AND coalesce(json_extract(m.more, '$.s'), 'sent')
                         IN ('sent', 'delivered', 'read')
                       AND (trim(m.text) = ?4 OR (substr(m.text, 1, 2) = '> '
                         AND trim(substr(m.text, instr(m.text, char(10)) + 1)) = ?4))
                     ORDER BY abs(m.sent_at - ?5), m.id",
                )?
                .query_map(
                    params![
                        thread,
                        at.saturating_sub(BEHIND),
                        at.saturating_add(within),
                        text,
                        at,
                        stitch::OWN
                    ],
                    |r| r.get(0),
                )?
                .collect::<Result<_, _>>()?;
            if let Some(same) = told.into_iter().find(|m| !taken.contains(m)) {
                taken.insert(same);
                db.prepare_cached("UPDATE message SET shadow = 1 WHERE id = ?1")?.execute([id])?;
            }
        }
    }
    Ok(())
}

/// The time that both tell of, with a minute on either side.
fn common(a: &Strand, b: &Strand) -> Option<(i64, i64)> {
    let from = a.first.max(b.first).saturating_sub(60_000);
    let to = a.last.min(b.last).saturating_add(60_000);
    (from <= to).then_some((from, to))
}

/// Under which key an account is stored. An export and a live account may tell one account under
/// two keys: they are one if it is the only one of its app, the other kind of door told it, and the
/// names do not speak against it. Once that is found it is kept.
pub fn account_key(
    db: &Connection,
    told: &AccountRecord,
    live: Option<LiveId>,
) -> Result<String, StoreError> {
    let source = told.source.as_str();
    let fold = |name: &str| name.trim().to_lowercase();
    let fits =
        |name: &str| name.is_empty() || told.name.is_empty() || fold(name) == fold(&told.name);
    let alias: Option<(String, String)> = db
        .prepare_cached(
            "SELECT a.key, a.name FROM account_alias l JOIN account a ON a.id = l.account_id
             WHERE l.source = ?1 AND l.key = ?2
             UNION ALL SELECT key, name FROM account WHERE source = ?1 AND key = ?2 LIMIT 1",
        )?
        .query_row(params![source, told.key], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?;
    // That an export named no account says nothing of the next one that names none.
    if let Some((key, _)) = alias.filter(|(_, name)| !told.key.is_empty() || fits(name)) {
        return Ok(key);
    }
    if let Some((id, key)) = by_my_name(db, told)?.filter(|_| live.is_none()) {
        db.prepare_cached("INSERT INTO account_alias(source, key, account_id) VALUES(?1, ?2, ?3)")?
            .execute(params![source, told.key, id])?;
        return Ok(key);
    }
    let mut q =
        db.prepare_cached("SELECT id, key, name, live_id FROM account WHERE source = ?1 LIMIT 2")?;
    let known: Vec<(i64, String, String, Option<i64>)> = q
        .query_map([source], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))?
        .collect::<Result<_, _>>()?;
    let [(id, key, name, carried)] = known.as_slice() else { return Ok(told.key.clone()) };
    // Where an export does not say whose it is, it is the only account's that there is; once
    // another tells the key, that one is meant.
    let unsaid = live.is_none() && (told.key.is_empty() || key.is_empty());
    if !fits(name) || (live.is_some() == carried.is_some() && !unsaid) {
        return Ok(told.key.clone());
    }
    db.prepare_cached(
        "INSERT OR IGNORE INTO account_alias(source, key, account_id) VALUES(?1, ?2, ?3)",
    )?
    .execute(params![source, told.key, id])?;
    Ok(key.clone())
}

/// The one account of the app that bears one of my names: a download of messages alone knows me by
/// the name in them, one with the profile by my full name. Keys that the person gave are theirs.
fn by_my_name(db: &Connection, told: &AccountRecord) -> Result<Option<(i64, String)>, StoreError> {
    if told.key.is_empty() || told.key != told.name.trim().to_lowercase() {
        return Ok(None);
    }
    let mut q = db.prepare_cached(
        "SELECT a.id, a.key, a.name FROM account a WHERE a.source = ?1 AND a.live_id IS NULL
           AND EXISTS(SELECT 1 FROM account_name n WHERE n.account_id = a.id AND n.name = ?2)
         LIMIT 2",
    )?;
    let mut found: Option<(i64, String)> = None;
    for name in told.me_names.iter().chain([&told.name]).filter(|n| !n.is_empty()) {
        let rows: Vec<(i64, String, String)> = q
            .query_map(params![told.source.as_str(), name], |r| {
                Ok((r.get(0)?, r.get(1)?, r.get(2)?))
            })?
            .collect::<Result<_, _>>()?;
        for (id, key, name) in rows {
            if key != name.trim().to_lowercase() || found.as_ref().is_some_and(|f| f.0 != id) {
                return Ok(None);
            }
            found = Some((id, key));
        }
    }
    Ok(found)
}
