//! A strand while an import tells it: what is known of it, and how a second telling is taken in.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rusqlite::{Connection, params};

use super::reworded::Reworded;
use super::rewritten::Minute;
use super::row::{self, More};
use super::{StoreError, redate, renamed, tell};
use crate::model::{
    AccountId, Membership, MessageKind, PostingLimit, StrandId, ThreadId, ThreadKind, ThreadRecord,
    VAGUE_MESSAGE,
};

/// A strand at hand during an import.
pub struct Strand {
    pub id: StrandId,
    pub thread: ThreadId,
    pub account: AccountId,
    pub key: Arc<str>,
    pub told: ThreadRecord,
    pub participants: HashMap<Arc<str>, i64>,
    /// Other keys of participants, by which this strand told of them later.
    pub aliases: HashMap<Arc<str>, Arc<str>>,
    /// Those whom this import told of, where the strand was known before it.
    pub heard: HashSet<Arc<str>>,
    /// The number of the telling that is under way, for [`super::fingerprint::Ordinals`].
    pub telling: u64,
    pub messages: i64,
    pub first: Option<i64>,
    pub last: Option<i64>,
    /// The newest message before this import, and in this telling.
    pub known_last: Option<i64>,
    /// The import that told how it stands.
    pub by: Option<i64>,
    pub telling_last: Option<i64>,
    /// The dates that come are guessed, and meant otherwise.
    pub turn: Option<redate::Turn>,
    pub minute: Minute,
    pub dirty: bool,
}

impl Strand {
    /// One that is stored.
    pub fn stored(
        db: &Connection,
        account: AccountId,
        key: &Arc<str>,
    ) -> Result<Option<Self>, StoreError> {
        let mut q = db.prepare_cached(
            "SELECT id, thread_id, told, messages, first_at, last_at, json_extract(told, '$.by')
             FROM strand WHERE account_id = ?1 AND key = ?2",
        )?;
        let mut rows = q.query(params![account.0, &**key])?;
        let Some(r) = rows.next()? else { return Ok(None) };
        let (id, last) = (StrandId(r.get(0)?), r.get(5)?);
        Ok(Some(Self {
            id,
            thread: ThreadId(r.get(1)?),
            account,
            key: Arc::clone(key),
            told: serde_json::from_str(&r.get::<_, String>(2)?)?,
            participants: participants_of(db, id)?,
            aliases: renamed::aliases(db, id)?,
            heard: HashSet::new(),
            telling: 0,
            messages: r.get(3)?,
            first: r.get(4)?,
            last,
            known_last: last,
            by: r.get(6)?,
            telling_last: None,
            turn: None,
            minute: Minute::default(),
            dirty: true,
        }))
    }

    /// Another import may have regrouped it, or told more of it, between two transactions of this
    /// one: what is stored is true.
    pub fn follow(&mut self, db: &Connection) -> Result<(), StoreError> {
        let told: String = db
            .prepare_cached(
                "SELECT thread_id, messages, first_at, last_at, told, json_extract(told, '$.by')
                 FROM strand WHERE id = ?1",
            )?
            .query_row([self.id.0], |r| {
                self.thread = ThreadId(r.get(0)?);
                (self.messages, self.first, self.last) = (r.get(1)?, r.get(2)?, r.get(3)?);
                self.by = r.get(5)?;
                r.get(4)
            })?;
        self.told = serde_json::from_str(&told)?;
        Ok(())
    }

    /// A thread is told of (again), by an import or a live account (`None`). What an import says of
    /// one that others told before is handed back: how it stands is for the newer export to say,
    /// and which one that is shows at its end (`standing`).
    pub fn hear(&mut self, mut new: ThreadRecord, import: Option<i64>) -> Option<ThreadRecord> {
        if new.live.is_some() {
            // A live account tells how things stand now, not what it has heard of them.
            new.title = new.title.or_else(|| self.told.title.take());
            new.kind = new.kind.or(self.told.kind);
            new.address = new.address.or_else(|| self.told.address.take());
            new.cross_app = new.cross_app.or_else(|| self.told.cross_app.take());
            new.unread = new.unread.or(self.told.unread);
            self.told = new;
            return None;
        }
        if self.told.live.is_some() {
            // An archive of the very same room knows how things stood, not how they stand.
            let told = &mut self.told;
            told.title = told.title.take().or(new.title);
            told.kind = told.kind.or(new.kind);
            told.address = told.address.take().or(new.address);
            told.cross_app = told.cross_app.take().or(new.cross_app);
            return None;
        }
        if import.is_none() || self.by == import {
            merge_told(&mut self.told, new);
            return None;
        }
        let told = &mut self.told;
        if told.title.as_deref().is_none_or(str::is_empty) {
            told.title.clone_from(&new.title);
        }
        told.kind = told.kind.or(new.kind);
        told.less_exact |= new.less_exact;
        Some(new)
    }
}

/// Participants of a strand by key.
fn participants_of(
    db: &Connection,
    strand: StrandId,
) -> Result<HashMap<Arc<str>, i64>, StoreError> {
    let mut q = db.prepare_cached("SELECT key, id FROM participant WHERE strand_id = ?1")?;
    let rows = q.query_map([strand.0], |r| Ok((Arc::from(r.get::<_, String>(0)?), r.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What a second telling says of a known message, beside its details.
pub struct Again<'a> {
    pub flags: i64,
    pub kind: i64,
    pub text: &'a str,
}

/// Adds what a second telling of a known message knows more: a later edit, the words of one that
/// was sealed, details. True if anything was new. Other words without a mark are kept back.
pub fn enrich(
    db: &Connection,
    strand: StrandId,
    fp: i64,
    told: Again<'_>,
    mut more: More,
    reworded: &mut Reworded,
) -> Result<bool, StoreError> {
    type Had = (i64, i64, Option<String>, i64, bool, Option<String>);
    let (id, had_flags, had, had_kind, other, said): Had = db
        .prepare_cached(
            "SELECT id, flags, more, kind, text <> ?3, CASE WHEN kind = ?4 OR text = '' THEN text END
             FROM message WHERE strand_id = ?1 AND fp = ?2",
        )?
        .query_row(params![strand.0, fp, told.text, row::kind::SYSTEM], |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?, r.get(5)?))
        })?;
    reworded.meet(id);
    let marked = (had_flags | told.flags) & (row::EDITED | row::UNSENT | row::TAKEN_DOWN) != 0;
    if other && !marked && had_kind == told.kind && more.native_id.is_some() {
        reworded.keep(strand, id, told.text);
    } else if !other {
        reworded.forget(id);
    }
    let flags = had_flags | told.flags;
    let sealed = row::kind_code(&MessageKind::Sealed);
    let opened = (had_kind == sealed && told.kind != sealed)
        || said.is_some_and(|said| knows_more(&said, had_kind, had_flags, had.as_deref(), &told));
    if had.is_none() && more.is_empty() && flags == had_flags && !opened {
        return Ok(false);
    }
    let before: More = had.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
    // A later edit than the one that is known, and not of what was taken away since.
    let edited = more.native_id.is_some()
        && told.flags & row::EDITED != 0
        && more.edited_at > before.edited_at
        && had_flags & (row::UNSENT | row::TAKEN_DOWN) == 0;
    let mut merged = before.clone();
    reworded.react(strand, id, &before.reactions, &mut more.reactions);
    reworded.sent(strand, id, before.send_state, &mut more.send_state);
    merged.merge(more);
    if opened || edited {
        let changed = db
            .prepare_cached(
                "UPDATE message SET text = ?2, kind = ?3, flags = ?4, more = ?5
                 WHERE id = ?1 AND (text <> ?2 OR kind <> ?3 OR flags <> ?4 OR more IS NOT ?5)",
            )?
            .execute(params![id, told.text, told.kind, flags, serde_json::to_string(&merged)?])?;
        if changed > 0 {
            tell::changed(db, id)?;
        }
        return Ok(changed > 0);
    }
    if merged == before && flags == had_flags {
        return Ok(false);
    }
    db.prepare_cached("UPDATE message SET flags = ?2, more = ?3 WHERE id = ?1")?
        .execute(params![id, flags, serde_json::to_string(&merged)?])?;
    tell::changed(db, id)?;
    Ok(true)
}

/// Whether a message of a kind that was not known is told as what it is, or one that was nothing at
/// all is told to be of such a kind: readers learn.
fn knows_more(said: &str, kind: i64, flags: i64, more: Option<&str>, told: &Again<'_>) -> bool {
    let is_vague =
        |kind: i64, text: &str| kind == row::kind::SYSTEM && text.starts_with(VAGUE_MESSAGE);
    if flags & (row::UNSENT | row::TAKEN_DOWN) != 0 || told.text.is_empty() {
        return false;
    }
    let vague = is_vague(told.kind, told.text);
    let attached = || {
        let more = more.and_then(|more| serde_json::from_str::<More>(more).ok());
        more.is_some_and(|more| !more.attachments.is_empty())
    };
    (is_vague(kind, said) && !vague) || (said.is_empty() && vague && !attached())
}

/// The opening record of a telling carries the key alone and knows nothing of how a thread stands.
pub fn is_full(told: &ThreadRecord) -> bool {
    told.kind.is_some() || told.title.is_some()
}

/// A later telling of a thread wins where it says something.
pub fn merge_told(told: &mut ThreadRecord, new: ThreadRecord) {
    if is_full(&new) {
        told.archived = new.archived;
        told.pinned = new.pinned;
        told.muted = new.muted;
    }
    if new.title.as_deref().is_some_and(|t| !t.is_empty()) {
        told.title = new.title;
    }
    if told.kind == Some(ThreadKind::Direct) && new.kind == Some(ThreadKind::Group) {
        // What was one person's address is not everybody's.
        told.address = None;
    }
    told.kind = new.kind.or(told.kind);
    if new.membership != Membership::Unknown {
        told.membership = new.membership;
    }
    if new.posting != PostingLimit::Everyone {
        told.posting = new.posting;
    }
    told.folder = new.folder.or_else(|| told.folder.take());
    told.unread = new.unread.or(told.unread);
    told.cross_app = new.cross_app.or_else(|| told.cross_app.take());
    told.read_only = new.read_only.or_else(|| told.read_only.take());
    told.will_be_read_only = new.will_be_read_only.or_else(|| told.will_be_read_only.take());
    told.peer_gone = new.peer_gone.or_else(|| told.peer_gone.take());
    told.stitch = new.stitch;
    told.less_exact |= new.less_exact;
    told.address = new.address.or_else(|| told.address.take());
}
