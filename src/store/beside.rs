//! Two forms of one thread laid beside each other. The less exact one tells the same messages to the
//! minute or the second, on a clock that may stand some quarters of an hour off, so that what tells
//! two messages to be one is who said what, and when on the clock that most of them agree on.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::Hasher;

use rusqlite::{CachedStatement, Connection, Row};
use twox_hash::XxHash3_64;

use super::row::kind::{CALL, POLL, SEALED, SYSTEM};
use super::row::{EDITED, TAKEN_DOWN, UNSENT};
use super::stitch::Strand;
use super::voices::{Voices, Votes};
use super::{StoreError, walk};
use crate::model::{VAGUE_EVENT, VAGUE_MESSAGE};

const MINUTE: i64 = 60_000;
const QUARTER: i64 = 15 * MINUTE;
/// No clock is farther off: a zone's fourteen hours, read in another's twelve.
const FARTHEST: i64 = 26 * 60 * MINUTE;
/// Messages by which the clocks are compared.
const SAMPLE: usize = 200_000;
/// Texts shorter than this are said too often to tell anything.
pub const TELLING: usize = 4;
/// Exact messages held at a time.
const WINDOW: usize = 100_000;
/// Bytes of a name that is mentioned, at the most, and digits of a number, at the least.
const LONGEST_NAME: usize = 200;
const SHORTEST_NUMBER: usize = 6;
/// Messages of one minute that are looked at twice.
const TOGETHER: usize = 2_000;

/// A message of the less exact form that is told exactly too.
pub struct Pair {
    pub id: i64,
    /// The exact one.
    pub of: i64,
    /// Bytes of its text.
    pub length: usize,
    /// They are one by who and when alone: the words were changed, taken back or left out.
    pub loose: bool,
    /// The exact one is an event of which only that is known, the other has its words.
    pub vague: bool,
    /// It was edited after the exact form was made.
    pub edited: bool,
    /// It was taken back after the exact form was made.
    pub gone: bool,
}

/// How far the two reach into each other.
#[derive(Default)]
pub struct Reach {
    /// Telling messages of the less exact form from the time that both cover.
    pub told: u64,
    /// Those of its participants who are me in the exact form.
    pub mine: Vec<i64>,
    /// Those who are somebody in the exact form.
    pub same: Vec<i64>,
    /// Participants of the exact form of whom it knows the number only, and their names.
    pub named: Vec<(i64, String)>,
}

/// What two tellings of a message have in common.
struct Said {
    id: i64,
    at: i64,
    sender: Option<i64>,
    what: What,
    /// The text alone.
    text: u64,
    /// Bytes of the text.
    length: usize,
}

impl Said {
    /// How exactly its time is written down, in milliseconds.
    fn slot(&self) -> i64 {
        if self.at % MINUTE == 0 { MINUTE } else { 1000 }
    }
}

/// Who said what.
#[derive(Clone, Copy)]
struct What {
    hash: u64,
    /// The same of a message with nothing in it.
    empty: u64,
    /// It was taken back: one form keeps the words, the other does not.
    gone: bool,
    edited: bool,
    attached: bool,
    /// The kind's code.
    kind: i64,
    vague: bool,
}

impl What {
    fn is(self, other: Self) -> bool {
        let nothing = |w: Self| w.gone || w.hash == w.empty;
        // A call has no words either, and nobody takes one back.
        let gone_alike = self.gone == other.gone || self.kind == other.kind;
        (self.hash == other.hash && gone_alike)
            || ((self.gone || other.gone)
                && self.kind == other.kind
                && self.empty == other.empty
                && nothing(self)
                && nothing(other))
    }

    /// Whether this exact message may be what a text told in other words, nothing else of the same
    /// time being it. An app that marks no edit leaves only the second to go by.
    fn may_be(self, told: Self, by_second: bool) -> bool {
        if told.kind == SYSTEM {
            return matches!(self.kind, SYSTEM | CALL);
        }
        self.empty == told.empty
            && (self.gone
                || self.vague
                || (self.edited && !told.attached)
                || self.kind == SEALED
                || (self.kind == POLL && told.kind == POLL)
                || (self.attached && told.attached)
                || (by_second && self.kind == told.kind && self.attached == told.attached))
    }
}

/// Whether an exact message is taken by another one, and what it is.
type Slot = (i64, Option<(i64, What)>);

const MESSAGE: &str = "
  SELECT m.id, m.sent_at, m.text, m.sender_id, m.flags,
      m.more IS NOT NULL AND json_type(m.more, '$.a') IS NOT NULL, m.kind
    FROM message m WHERE m.id = ?1";

/// Whoever is mentioned is named in one form and numbered in the other, or named otherwise: between
/// the marks that keep a name's direction to itself, or as a number.
fn without_mentions(text: &str) -> Cow<'_, str> {
    if !text.contains('@') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        let (before, after) = rest.split_at(at + 1);
        out.push_str(before);
        let named = after
            .strip_prefix('\u{2068}')
            .and_then(|name| name.split_once('\u{2069}'))
            .filter(|(name, _)| name.len() <= LONGEST_NAME && !name.contains('\n'));
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        rest = match named {
            Some((_, rest)) => rest,
            None if digits >= SHORTEST_NUMBER => &after[digits..],
            None => after,
        };
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Messages one after the other.
struct Telling<'a> {
    message: CachedStatement<'a>,
    ids: std::slice::Iter<'a, i64>,
}

impl<'a> Telling<'a> {
    fn of(db: &'a Connection, ids: &'a [i64]) -> Result<Self, StoreError> {
        Ok(Self { message: db.prepare_cached(MESSAGE)?, ids: ids.iter() })
    }

    fn next(&mut self, voices: &Voices) -> Result<Option<Said>, StoreError> {
        let Some(id) = self.ids.next() else { return Ok(None) };
        Ok(Some(self.message.query_row([id], |r| said(r, voices))?))
    }
}

fn said(r: &Row<'_>, voices: &Voices) -> rusqlite::Result<Said> {
    let text = r.get_ref(2)?.as_str().unwrap_or("");
    let sender: Option<i64> = r.get(3)?;
    let flags: i64 = r.get(4)?;
    let attached: bool = r.get(5)?;
    let kind = r.get(6)?;
    let mut hasher = XxHash3_64::new();
    hasher.write(&voices.of_sender(sender).to_le_bytes());
    hasher.write(&[0xff]);
    let empty = hasher.finish();
    let mut plain = XxHash3_64::new();
    let mut length = 0;
    // Pages fold blanks, and lose those at the ends.
    for word in without_mentions(text).split_whitespace() {
        length += word.len();
        for hasher in [&mut hasher, &mut plain] {
            hasher.write(word.as_bytes());
            hasher.write(b" ");
        }
    }
    if length == 0 && attached {
        hasher.write(&[1]);
    }
    let what = What {
        hash: hasher.finish(),
        empty,
        gone: flags & (UNSENT | TAKEN_DOWN) != 0,
        edited: flags & EDITED != 0,
        attached,
        kind,
        vague: kind == SYSTEM && (text.starts_with(VAGUE_EVENT) || text.starts_with(VAGUE_MESSAGE)),
    };
    let (id, at) = (r.get(0)?, r.get(1)?);
    Ok(Said { id, at, sender, what, text: plain.finish(), length })
}

/// The time that both cover, with the farthest that clocks are apart on either side.
fn span(exact: &Strand, retold: &Strand) -> Option<(i64, i64)> {
    let from = exact.first.max(retold.first).saturating_sub(FARTHEST);
    let to = exact.last.min(retold.last).saturating_add(FARTHEST);
    (from <= to).then_some((from, to))
}

/// Walks the messages of `retold` that `exact` tells too, each of which has one of its own there.
pub fn pairs(
    db: &Connection,
    exact: &Strand,
    retold: &Strand,
    mut found: impl FnMut(Pair) -> Result<(), StoreError>,
) -> Result<Reach, StoreError> {
    let Some(span) = span(exact, retold) else { return Ok(Reach::default()) };
    let mut voices = Voices::of(db, exact, retold)?;
    let (exactly, roughly) =
        (walk::in_time(db, exact.id, span)?, walk::in_time(db, retold.id, span)?);
    // Who says it in both tells nothing where not all are known by one key.
    let by_text = retold.less_exact || voices.is_unsure();
    let shifts = shifts(db, (&exactly, &roughly), by_text, &mut voices)?;
    let mut laying = Laying {
        on: shifts.first().copied().unwrap_or(0),
        widest: shifts.iter().copied().max().unwrap_or(0),
        least: shifts.iter().copied().min().unwrap_or(0),
        shifts,
        window: VecDeque::new(),
        loosely: retold.less_exact,
        covers: (exact.first, exact.last),
        reach: Reach { told: 0, mine: voices.mine(), same: voices.known(), named: voices.named() },
    };
    let mut exactly = Telling::of(db, &exactly)?;
    let mut roughly = Telling::of(db, &roughly)?;
    let mut ahead = exactly.next(&voices)?;
    let mut next = roughly.next(&voices)?;
    let mut together = Vec::new();
    while let Some(message) = next.take() {
        let until = message.at.saturating_sub(laying.least).saturating_add(MINUTE);
        while ahead.as_ref().is_some_and(|e| e.at < until) {
            if let Some(e) = ahead.take() {
                laying.window.push_back((e.at, Some((e.id, e.what))));
                ahead = exactly.next(&voices)?;
            }
            if laying.window.len() > WINDOW {
                laying.window.pop_front();
            }
        }
        laying.forget_before(message.at);
        next = roughly.next(&voices)?;
        let last = next.as_ref().is_none_or(|n| n.at != message.at);
        together.push(message);
        if last || together.len() >= TOGETHER {
            laying.lay(&mut together, &mut found)?;
        }
    }
    Ok(laying.reach)
}

/// The less exact messages being laid beside the exact ones.
struct Laying {
    shifts: Vec<i64>,
    widest: i64,
    least: i64,
    /// The clock that held for the one before.
    on: i64,
    /// Exact messages around the ones that are looked for; `None`: found.
    window: VecDeque<Slot>,
    loosely: bool,
    /// From when to when the exact form tells.
    covers: (i64, i64),
    reach: Reach,
}

impl Laying {
    fn forget_before(&mut self, at: i64) {
        let first = at.saturating_sub(self.widest);
        while self.window.front().is_some_and(|(at, _)| *at < first) {
            self.window.pop_front();
        }
    }

    /// Finds those of one time. Those whose words are told go first.
    fn lay(
        &mut self,
        together: &mut Vec<Said>,
        found: &mut impl FnMut(Pair) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut left = Vec::new();
        for message in together.drain(..) {
            match self.find(&message) {
                Some((of, what)) => found(Pair {
                    id: message.id,
                    of,
                    length: message.length,
                    loose: false,
                    vague: false,
                    edited: false,
                    gone: message.what.gone && !what.gone,
                })?,
                None => left.push(message),
            }
        }
        for message in left {
            let begins = message.at.saturating_sub(self.on);
            let slot = message.slot();
            let covered = begins.saturating_add(slot) > self.covers.0 && begins <= self.covers.1;
            match self.changed(&message, begins) {
                Some(pair) => found(pair)?,
                None if covered && message.length >= TELLING && message.what.kind != SYSTEM => {
                    self.reach.told += 1;
                }
                None => {}
            }
        }
        Ok(())
    }

    /// The exact message whose words are others: taken back, edited, left out.
    fn changed(&mut self, message: &Said, begins: i64) -> Option<Pair> {
        let slot = message.slot();
        let told = message.what;
        let gone = |e: What| e.gone && e.empty == told.empty;
        let (of, what) = match self.loosely {
            true => self.take(begins, slot, |e| e.may_be(told, slot < MINUTE)),
            // An older page has the words of what was taken back since.
            false => self.take(begins, slot, gone),
        }
        .or_else(|| self.changed_since(told, begins, slot))?;
        Some(Pair {
            id: message.id,
            of,
            length: message.length,
            loose: true,
            vague: what.vague && message.length > 0,
            edited: message.length > 0 && told.edited && !what.edited && !what.gone && !what.vague,
            gone: told.gone && !what.gone,
        })
    }

    /// The only exact message of a slot that may have been taken back or edited since: marks come, and
    /// never go.
    fn changed_since(&mut self, told: What, begins: i64, slot: i64) -> Option<(i64, What)> {
        if !told.gone && !told.edited {
            return None;
        }
        let may_be = |e: What| {
            e.empty == told.empty && e.kind == told.kind && !e.gone && (told.gone || !e.edited)
        };
        let end = begins.saturating_add(slot);
        let first = self.window.partition_point(|(at, _)| *at < begins);
        let there = self.window.iter().skip(first).take_while(|(at, _)| *at < end);
        let few = there.filter(|(_, e)| e.is_some_and(|(_, what)| may_be(what))).count();
        (few == 1).then(|| self.take(begins, slot, may_be)).flatten()
    }

    fn find(&mut self, message: &Said) -> Option<(i64, What)> {
        // The clock that held for the one before it comes first: summers and winters change.
        let others: Vec<i64> = self.shifts.iter().copied().filter(|s| *s != self.on).collect();
        for shift in std::iter::once(self.on).chain(others) {
            let begins = message.at.saturating_sub(shift);
            if let Some(exact) = self.take(begins, message.slot(), |e| e.is(message.what)) {
                self.on = shift;
                self.reach.told += u64::from(message.length >= TELLING);
                return Some(exact);
            }
        }
        None
    }

    /// The first exact message of a slot that fits, which is nobody else's from then on.
    fn take(&mut self, begins: i64, slot: i64, fits: impl Fn(What) -> bool) -> Option<(i64, What)> {
        let first = self.window.partition_point(|(at, _)| *at < begins);
        let end = begins.saturating_add(slot);
        self.window
            .iter_mut()
            .skip(first)
            .take_while(|(at, _)| *at < end)
            .find(|(_, e)| e.is_some_and(|(_, what)| fits(what)))
            .and_then(|(_, e)| e.take())
    }
}

/// How far the less exact clock is off, in milliseconds: what most messages say that both tell once.
/// Several where the clock changed for summers. The likeliest first. On the way it is learnt who is
/// who: those who say the same at the same time.
fn shifts(
    db: &Connection,
    (exact, retold): (&[i64], &[i64]),
    by_text: bool,
    voices: &mut Voices,
) -> Result<Vec<i64>, StoreError> {
    // (when, who, told more than once)
    let mut once: HashMap<u64, (i64, Option<i64>, bool)> = HashMap::new();
    let by = |m: &Said| if by_text { m.text } else { m.what.hash };
    let mut told = Telling::of(db, retold)?;
    while let Some(m) = told.next(voices)? {
        if m.length < TELLING || m.what.kind == SYSTEM {
            continue;
        }
        if let Some(known) = once.get_mut(&by(&m)) {
            known.2 = true;
        } else if once.len() < SAMPLE {
            once.insert(by(&m), (m.at, m.sender, false));
        }
    }
    let mut votes: BTreeMap<i64, u64> = BTreeMap::new();
    let mut who = Votes::default();
    let mut told = Telling::of(db, exact)?;
    while let Some(m) = told.next(voices)? {
        let Some((at, sender, false)) = once.remove(&by(&m)) else { continue };
        let off = at.saturating_sub(m.at);
        if !(-FARTHEST..=FARTHEST).contains(&off) || !voices.may_be(m.sender, sender) {
            continue;
        }
        let shift = (off + QUARTER / 2).div_euclid(QUARTER) * QUARTER;
        // A page's minute begins before the message.
        if (-MINUTE..=0).contains(&(off - shift)) {
            *votes.entry(shift).or_default() += 1;
            who.vote(shift, m.sender, sender);
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
    if by_text {
        voices.learn(who, &shifts);
    }
    Ok(shifts)
}
