//! One thread in two forms of one export: pages beside JSON. A page tells the same messages to the
//! minute or the second, on a clock that may stand some quarters of an hour off, so that what tells
//! two messages to be one is who said what, and when on the clock that most of them agree on.
//!
//! The pages' messages become shadows of the exact ones. What only one form tells stays.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::hash::Hasher;

use rusqlite::{Connection, OptionalExtension, Rows, params};
use twox_hash::XxHash3_64;

use super::StoreError;
use super::ingest::Tally;
use super::row::{TAKEN_DOWN, UNSENT};
use super::stitch::{Strand, root};
use crate::model::{AccountId, RETOLD};

const MINUTE: i64 = 60_000;
const QUARTER: i64 = 15 * MINUTE;
/// No clock is farther off: a zone's fourteen hours, read in another's twelve.
const FARTHEST: i64 = 26 * 60 * MINUTE;
/// Messages by which the clocks are compared.
const SAMPLE: usize = 200_000;
/// Texts shorter than this are said too often to tell anything.
const TELLING: usize = 4;
/// As many messages told by both are proof that two threads are one.
const PROOF: u64 = 3;
/// Exact messages held at a time.
const WINDOW: usize = 100_000;

/// Whether a strand is told by the less exact form of an export.
pub fn is_retold(s: &Strand) -> bool {
    s.key.starts_with(RETOLD)
}

/// The two forms of one thread bear one key, but for what it begins with.
pub fn join(strands: &[Strand], parent: &mut [usize]) {
    if !strands.iter().any(is_retold) {
        return;
    }
    let by_key: HashMap<&str, usize> =
        strands.iter().enumerate().map(|(i, s)| (s.key.as_str(), i)).collect();
    for (i, s) in strands.iter().enumerate() {
        let Some(first) = s.key.strip_prefix(RETOLD) else { continue };
        if let Some(&j) = by_key.get(first) {
            let (a, b) = (root(parent, i), root(parent, j));
            parent[a.max(b)] = a.min(b);
        }
    }
}

/// Do the two forms tell of the same messages? Asked of threads whose keys differ: folders are
/// numbered anew every few years.
pub fn overlap(db: &Connection, a: &Strand, b: &Strand) -> Result<bool, StoreError> {
    let Some((exact, retold)) = forms(a, b) else { return Ok(false) };
    let mut shared = 0;
    let mut said = 0;
    pairs(db, exact, retold, |pair| {
        shared += 1;
        said += u64::from(pair.length >= TELLING);
        Ok(())
    })?;
    let all = u64::try_from(exact.messages.min(retold.messages)).unwrap_or(u64::MAX);
    Ok(said >= PROOF || (said > 0 && shared == all))
}

/// What the exact form tells too becomes a shadow.
pub fn shade(db: &Connection, a: &Strand, b: &Strand) -> Result<(), StoreError> {
    let Some((exact, retold)) = forms(a, b) else { return Ok(()) };
    let mut found = Vec::new();
    pairs(db, exact, retold, |pair| {
        found.push((pair.id, pair.of));
        Ok(())
    })?;
    let mut update = db.prepare_cached("UPDATE message SET shadow = 1 WHERE id = ?1")?;
    // A star goes to the one that is shown.
    let mut star = db.prepare_cached(
        "UPDATE OR IGNORE star SET message_id = ?2, strand_id = ?3 WHERE message_id = ?1",
    )?;
    for (id, of) in found {
        update.execute([id])?;
        star.execute(params![id, of, exact.id.0])?;
    }
    Ok(())
}

/// Whether a strand's shadows are as these others make them: comparing hundreds of thousands of
/// texts after each import of something else would be a waste.
pub fn is_settled(
    db: &Connection,
    retold: &Strand,
    others: &[&Strand],
) -> Result<bool, StoreError> {
    let known: Option<String> = db
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([place(retold)], |r| r.get(0))
        .optional()?;
    Ok(known.is_some_and(|known| known == state(retold, others)))
}

/// Remembers that they are.
pub fn settled(db: &Connection, retold: &Strand, others: &[&Strand]) -> Result<(), StoreError> {
    db.prepare_cached("INSERT OR REPLACE INTO meta(key, value) VALUES(?1, ?2)")?
        .execute(params![place(retold), state(retold, others)])?;
    Ok(())
}

/// They are no more.
pub fn unsettled(db: &Connection, strand: &Strand) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM meta WHERE key = ?1")?.execute([place(strand)])?;
    Ok(())
}

fn place(strand: &Strand) -> String {
    format!("retold/{}", strand.id.0)
}

/// Everything that the shadows follow from.
fn state(retold: &Strand, others: &[&Strand]) -> String {
    let mut state = String::new();
    for s in others.iter().copied().chain([retold]) {
        state.push_str(&format!("{}:{}:{}:{};", s.id.0, s.messages, s.first, s.last));
    }
    state
}

/// (the exact form, the other). A live account's messages are another matter (`seam`).
fn forms<'s>(a: &'s Strand, b: &'s Strand) -> Option<(&'s Strand, &'s Strand)> {
    match (is_retold(a), is_retold(b)) {
        (false, true) if !a.live => Some((a, b)),
        (true, false) if !b.live => Some((b, a)),
        _ => None,
    }
}

/// How much of some accounts is told in both forms.
pub struct Told {
    messages: u64,
    threads: u64,
}

impl Told {
    /// As it stands.
    pub fn of(db: &Connection, accounts: &BTreeSet<AccountId>) -> Result<Self, StoreError> {
        let mut told = Self { messages: 0, threads: 0 };
        for account in accounts {
            let count = |sql: &str| -> Result<u64, StoreError> {
                let n: i64 = db.prepare_cached(sql)?.query_row([account.0], |r| r.get(0))?;
                Ok(n.unsigned_abs())
            };
            let threads = count(
                "SELECT count(DISTINCT r.thread_id) FROM strand r
                 JOIN strand o ON o.thread_id = r.thread_id
                 WHERE r.account_id = ?1 AND r.key GLOB 'html/*' AND o.key NOT GLOB 'html/*'",
            )?;
            if threads > 0 {
                told.threads += threads;
                told.messages += count(
                    "SELECT count(*) FROM message m JOIN strand s ON s.id = m.strand_id
                     WHERE m.shadow = 1 AND s.account_id = ?1 AND s.key GLOB 'html/*'",
                )?;
            }
        }
        Ok(told)
    }

    /// What has come to be told in both forms since then is known, not new.
    pub fn correct(
        self,
        db: &Connection,
        accounts: &BTreeSet<AccountId>,
        tally: &mut Tally,
    ) -> Result<(), StoreError> {
        let now = Self::of(db, accounts)?;
        let shift = |added: &mut u64, known: &mut u64, n: u64| {
            let n = n.min(*added);
            *added -= n;
            *known += n;
        };
        let messages = now.messages.saturating_sub(self.messages);
        shift(&mut tally.messages_added, &mut tally.messages_known, messages);
        let threads = now.threads.saturating_sub(self.threads);
        shift(&mut tally.threads_added, &mut tally.threads_known, threads);
        Ok(())
    }
}

/// A message of a page that is told exactly too.
struct Pair {
    id: i64,
    /// The exact one.
    of: i64,
    /// Letters of its text.
    length: usize,
}

/// What two tellings of a message have in common.
struct Said {
    id: i64,
    at: i64,
    what: What,
    /// Letters of its text.
    length: usize,
}

/// Who said what.
#[derive(Clone, Copy)]
struct What {
    hash: u64,
    /// The same of a message with nothing in it.
    empty: u64,
    /// It was taken back: one form keeps the words, the other does not.
    gone: bool,
}

impl What {
    fn is(self, other: Self) -> bool {
        let nothing = |w: Self| w.gone || w.hash == w.empty;
        self.hash == other.hash
            || ((self.gone || other.gone)
                && self.empty == other.empty
                && nothing(self)
                && nothing(other))
    }
}

fn said(rows: &mut Rows<'_>) -> Result<Option<Said>, StoreError> {
    let Some(r) = rows.next()? else { return Ok(None) };
    let text = r.get_ref(2)?.as_str().unwrap_or("");
    let sender = r.get_ref(3)?.as_str_or_null().ok().flatten().unwrap_or("");
    let flags: i64 = r.get(4)?;
    let attached: bool = r.get(5)?;
    let mut hasher = XxHash3_64::new();
    hasher.write(sender.as_bytes());
    hasher.write(&[0xff]);
    let empty = hasher.finish();
    let mut length = 0;
    // Pages fold blanks, and lose those at the ends.
    for word in text.split_whitespace() {
        length += word.len();
        hasher.write(word.as_bytes());
        hasher.write(b" ");
    }
    if length == 0 && attached {
        hasher.write(&[1]);
    }
    let gone = flags & (UNSENT | TAKEN_DOWN) != 0;
    let what = What { hash: hasher.finish(), empty, gone };
    Ok(Some(Said { id: r.get(0)?, at: r.get(1)?, what, length }))
}

const MESSAGES: &str = "
  SELECT m.id, m.sent_at, m.text, p.key, m.flags,
      m.more IS NOT NULL AND json_type(m.more, '$.a') IS NOT NULL
    FROM message m LEFT JOIN participant p ON p.id = m.sender_id
    WHERE m.strand_id = ?1 AND m.sent_at BETWEEN ?2 AND ?3
    ORDER BY m.sent_at, m.ord, m.id";

/// Walks the messages of `retold` that `exact` tells too, each of which has one of its own there.
fn pairs(
    db: &Connection,
    exact: &Strand,
    retold: &Strand,
    mut found: impl FnMut(Pair) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let reach = |t: i64, by: i64| t.saturating_add(by);
    let from = reach(exact.first.max(retold.first), -FARTHEST);
    let to = reach(exact.last.min(retold.last), FARTHEST);
    if from > to {
        return Ok(());
    }
    let shifts = shifts(db, exact, retold, (from, to))?;
    let by_second: bool = db
        .prepare_cached(
            "SELECT EXISTS(SELECT 1 FROM message WHERE strand_id = ?1 AND sent_at % 60000 <> 0)",
        )?
        .query_row([retold.id.0], |r| r.get(0))?;
    let slot = if by_second { 1000 } else { MINUTE };
    let widest = shifts.iter().copied().max().unwrap_or(0);
    let least = shifts.iter().copied().min().unwrap_or(0);
    let mut exactly = db.prepare(MESSAGES)?;
    let mut exactly = exactly.query(params![exact.id.0, from, to])?;
    let mut roughly = db.prepare(MESSAGES)?;
    let mut roughly = roughly.query(params![retold.id.0, from, to])?;
    // Exact messages around the one that is looked for; `None`: found.
    let mut window: VecDeque<(i64, Option<(i64, What)>)> = VecDeque::new();
    let mut ahead = said(&mut exactly)?;
    let mut on = shifts.first().copied().unwrap_or(0);
    while let Some(message) = said(&mut roughly)? {
        let until = message.at.saturating_sub(least).saturating_add(slot);
        while ahead.as_ref().is_some_and(|e| e.at < until) {
            if let Some(e) = ahead.take() {
                window.push_back((e.at, Some((e.id, e.what))));
                ahead = said(&mut exactly)?;
            }
            if window.len() > WINDOW {
                window.pop_front();
            }
        }
        while window.front().is_some_and(|(at, _)| *at < message.at.saturating_sub(widest)) {
            window.pop_front();
        }
        // The clock that held for the one before it comes first: summers and winters change.
        for shift in std::iter::once(on).chain(shifts.iter().copied().filter(|s| *s != on)) {
            let begins = message.at.saturating_sub(shift);
            let first = window.partition_point(|(at, _)| *at < begins);
            let fits = window
                .iter_mut()
                .skip(first)
                .take_while(|(at, _)| *at < begins.saturating_add(slot))
                .find(|(_, e)| e.is_some_and(|(_, what)| what.is(message.what)));
            if let Some((of, _)) = fits.and_then(|(_, e)| e.take()) {
                on = shift;
                found(Pair { id: message.id, of, length: message.length })?;
                break;
            }
        }
    }
    Ok(())
}

/// How far the page's clock is off, in milliseconds: what most messages say that both tell once.
/// Several where the clock changed for summers. The likeliest first.
fn shifts(
    db: &Connection,
    exact: &Strand,
    retold: &Strand,
    (from, to): (i64, i64),
) -> Result<Vec<i64>, StoreError> {
    let mut query = db.prepare(MESSAGES)?;
    // (when, told more than once)
    let mut once: HashMap<u64, (i64, bool)> = HashMap::new();
    let mut rows = query.query(params![retold.id.0, from, to])?;
    while let Some(m) = said(&mut rows)? {
        if m.length < TELLING {
            continue;
        }
        if let Some(known) = once.get_mut(&m.what.hash) {
            known.1 = true;
        } else if once.len() < SAMPLE {
            once.insert(m.what.hash, (m.at, false));
        }
    }
    drop(rows);
    let mut votes: BTreeMap<i64, u64> = BTreeMap::new();
    let mut rows = query.query(params![exact.id.0, from, to])?;
    while let Some(m) = said(&mut rows)? {
        let Some((at, false)) = once.remove(&m.what.hash) else { continue };
        let off = at.saturating_sub(m.at);
        if !(-FARTHEST..=FARTHEST).contains(&off) {
            continue;
        }
        let shift = (off + QUARTER / 2).div_euclid(QUARTER) * QUARTER;
        // A page's minute begins before the message.
        if (-MINUTE..=0).contains(&(off - shift)) {
            *votes.entry(shift).or_default() += 1;
        }
    }
    let total: u64 = votes.values().sum();
    let mut said: Vec<(u64, i64)> =
        votes.into_iter().map(|(shift, n)| (n, shift)).filter(|(n, _)| n * 50 >= total).collect();
    said.sort_unstable_by_key(|(n, shift)| (std::cmp::Reverse(*n), shift.abs()));
    let most = said.first().map_or(0, |(n, _)| *n);
    let mut shifts: Vec<i64> =
        said.into_iter().filter(|(n, _)| *n > 1 || most <= 1).map(|(_, s)| s).take(8).collect();
    // Too little to go by: the clock may be right after all.
    if most <= 1 && !shifts.contains(&0) {
        shifts.push(0);
    }
    Ok(shifts)
}
