//! Messages with an id of their own that a newer export tells in other words, without a mark that they
//! were edited: some apps keep none. The same of reactions that were given in place of others, and of
//! what has become of a message that did not go out. Which export is the newer one shows at the end.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::renamed::Renamed;
use super::row::{self, More, StoredReaction};
use super::stitch::OWN;
use super::{StoreError, tell};
use crate::model::{SendState, StrandId, ThreadId};

/// What is kept back at the most. More than that is taken over by the next import.
const MOST: usize = 100_000;
const BYTES: usize = 32 << 20;

/// The new words, until it is known which words are new.
#[derive(Default)]
pub struct Reworded {
    told: BTreeMap<i64, (StrandId, String)>,
    bytes: usize,
    /// Reactions that are told in place of known ones.
    reactions: BTreeMap<i64, (StrandId, Vec<StoredReaction>)>,
    /// What has become of messages, where it is told otherwise.
    sent: BTreeMap<i64, (StrandId, Option<SendState>)>,
    /// A live account tells, which says what is taken back.
    live: bool,
    /// Messages that were met again, a bit each.
    met: Vec<u64>,
    /// New ones without an id that may be known ones in other words: strand and fingerprint.
    pub suspects: Vec<(StrandId, i64)>,
    /// Those that turned out to be known ones in other words: strand and fingerprint.
    known: HashSet<(i64, i64)>,
}

impl Reworded {
    /// Nothing yet; `live`: a live account tells.
    pub fn of(live: bool) -> Self {
        Self { live, ..Self::default() }
    }

    /// A known message was told again.
    pub fn meet(&mut self, message: i64) {
        let Ok(at) = usize::try_from(message) else { return };
        let (word, bit) = (at / 64, at % 64);
        if self.met.len() <= word {
            self.met.resize(word + 1, 0);
        }
        if let Some(word) = self.met.get_mut(word) {
            *word |= 1 << bit;
        }
    }

    /// Whether it was.
    pub fn is_met(&self, message: i64) -> bool {
        let at = usize::try_from(message).unwrap_or(usize::MAX);
        self.met.get(at / 64).is_some_and(|word| word & (1 << (at % 64)) != 0)
    }

    /// A message of this fingerprint is a known one in other words.
    pub fn is_known(&mut self, strand: i64, fp: i64) {
        if self.known.len() < MOST {
            self.known.insert((strand, fp));
        }
    }

    /// Whether it is, as was found before in this import.
    pub fn was_known(&self, strand: i64, fp: i64) -> bool {
        self.known.contains(&(strand, fp))
    }

    /// Whether other words of a message can be kept.
    pub fn has_room(&self, text: &str) -> bool {
        self.told.len() < MOST && self.bytes + text.len() <= BYTES
    }

    /// A new message was told where a known one was told otherwise.
    pub fn suspect(&mut self, strand: StrandId, fp: i64) {
        if self.suspects.len() < MOST {
            self.suspects.push((strand, fp));
        }
    }

    /// A message was told in other words than it is stored with. Told several times, the last time
    /// counts, so that the same export says the same when it is told again.
    pub fn keep(&mut self, strand: StrandId, message: i64, text: &str) {
        self.forget(message);
        if self.has_room(text) {
            self.bytes += text.len();
            self.told.insert(message, (strand, text.to_owned()));
        }
    }

    /// It was told in the words that it is stored with.
    pub fn forget(&mut self, message: i64) {
        if let Some((_, text)) = self.told.remove(&message) {
            self.bytes -= text.len();
        }
    }

    /// Keeps back what is told in place of a known reaction.
    pub fn react(
        &mut self,
        strand: StrandId,
        message: i64,
        known: &[StoredReaction],
        told: &mut Vec<StoredReaction>,
    ) {
        if self.live || known.is_empty() || told.is_empty() {
            return;
        }
        let (instead, others): (Vec<_>, Vec<_>) =
            told.iter().cloned().partition(|one| row::replaced(known, told, one).is_some());
        self.reactions.remove(&message);
        if !instead.is_empty() && self.reactions.len() < MOST {
            self.reactions.insert(message, (strand, instead));
        }
        *told = others;
    }

    /// Keeps back what a telling says of the sending of a known message. Told as it is known, what
    /// was told before does not count.
    pub fn sent(
        &mut self,
        strand: StrandId,
        message: i64,
        known: Option<SendState>,
        told: &mut Option<SendState>,
    ) {
        if self.live {
            return;
        }
        let told = told.take();
        self.sent.remove(&message);
        if told != known && self.sent.len() < MOST {
            self.sent.insert(message, (strand, told));
        }
    }

    /// A file says by itself what has become of a message.
    pub fn is_sent(&mut self, message: i64) {
        self.sent.remove(&message);
    }

    /// The import has ended: the newer words hold. Returns the threads that changed.
    pub fn settle(
        &mut self,
        db: &Connection,
        told: &Renamed,
    ) -> Result<BTreeSet<ThreadId>, StoreError> {
        let mut touched = BTreeSet::new();
        for (message, (strand, text)) in std::mem::take(&mut self.told) {
            if !told.is_newer(strand) || !is_told(db, strand)? {
                continue;
            }
            let thread = db
                .prepare_cached(
                    "UPDATE message SET text = ?2 WHERE id = ?1 AND text <> ?2 RETURNING thread_id",
                )?
                .query_row(params![message, text], |r| r.get(0).map(ThreadId))
                .optional()?;
            if let Some(thread) = thread {
                touched.insert(thread);
                tell::changed(db, message)?;
            }
        }
        self.bytes = 0;
        for (message, (strand, instead)) in std::mem::take(&mut self.reactions) {
            if told.is_newer(strand) && is_told(db, strand)? {
                touched.extend(replace(db, message, instead)?);
            }
        }
        for (message, (strand, state)) in std::mem::take(&mut self.sent) {
            if told.is_newer(strand) && is_told(db, strand)? {
                touched.extend(send(db, message, state, told.is_further(strand))?);
            }
        }
        Ok(touched)
    }
}

/// Whether exports are all that tells a strand: a live account knows better, and what was written from
/// here is nobody else's.
fn is_told(db: &Connection, strand: StrandId) -> Result<bool, StoreError> {
    let told = db
        .prepare_cached(
            "SELECT json_type(told, '$.live') IS NULL AND substr(key, 1, length(?2)) <> ?2
             FROM strand WHERE id = ?1",
        )?
        .query_row(params![strand.0, OWN], |r| r.get(0))
        .optional()?;
    Ok(told.unwrap_or_default())
}

/// Says what has become of a message, if it was not written from here. Of two exports that reach as
/// far, the one holds that knows of the later step.
fn send(
    db: &Connection,
    message: i64,
    state: Option<SendState>,
    further: bool,
) -> Result<Option<ThreadId>, StoreError> {
    let row: Option<(i64, Option<String>)> = db
        .prepare_cached(
            "SELECT m.thread_id, m.more FROM message m WHERE m.id = ?1
               AND NOT EXISTS(SELECT 1 FROM outbox o WHERE o.message_id = m.id)",
        )?
        .query_row([message], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?;
    let Some((thread, more)) = row else { return Ok(None) };
    let mut more: More = more.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
    if more.send_state == state || !(further || step(state) > step(more.send_state)) {
        return Ok(None);
    }
    (more.send_state, more.send_why) = (state, None);
    let json = (!more.is_empty()).then(|| serde_json::to_string(&more)).transpose()?;
    db.prepare_cached("UPDATE message SET more = ?2 WHERE id = ?1")?
        .execute(params![message, json])?;
    tell::changed(db, message)?;
    Ok(Some(ThreadId(thread)))
}

/// How far a message is on its way. One that went out mostly bears no mark.
fn step(state: Option<SendState>) -> u8 {
    match state {
        Some(SendState::Queued) => 0,
        Some(SendState::Sending) => 1,
        Some(SendState::HandedOff) => 2,
        Some(SendState::Unconfirmed) => 3,
        Some(SendState::Failed) => 4,
        Some(SendState::Sent) | None => 5,
        Some(SendState::Delivered) => 6,
        Some(SendState::Read) => 7,
    }
}

/// Puts reactions in place of those that the same people gave before.
fn replace(
    db: &Connection,
    message: i64,
    instead: Vec<StoredReaction>,
) -> Result<Option<ThreadId>, StoreError> {
    let row: Option<(i64, Option<String>)> = db
        .prepare_cached("SELECT thread_id, more FROM message WHERE id = ?1")?
        .query_row([message], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?;
    let Some((thread, more)) = row else { return Ok(None) };
    let mut more: More = more.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
    let before = more.clone();
    for one in instead {
        if let Some(mine) = row::replaced(&more.reactions, std::slice::from_ref(&one), &one) {
            more.reactions[mine] = one;
        }
    }
    if more == before {
        return Ok(None);
    }
    db.prepare_cached("UPDATE message SET more = ?2 WHERE id = ?1")?
        .execute(params![message, serde_json::to_string(&more)?])?;
    tell::changed(db, message)?;
    Ok(Some(ThreadId(thread)))
}
