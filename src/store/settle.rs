//! What follows from the records: who is me, which strands are one thread, what a thread's row
//! shows. All of it derived, all of it repeatable.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, params};

use super::renamed_text::STANDS;
use super::row::{self, More};
use super::same;
use super::threads::ThreadFacts;
use super::triage::Due;
use super::{StoreError, identities, mine, people, stitch, triage};
use crate::model::{
    AccountId, Deletion, Evidence, EvidenceKind, Membership, MessageKind, PostingLimit, RETOLD,
    SourceId, ThreadId, ThreadKind, ThreadRecord, Timestamp,
};

/// How much of a message the list shows, in characters.
const PREVIEW: usize = 160;
/// Clocks run ahead by a day at most; anything later is a broken date.
const AHEAD_MS: i64 = 2 * 86_400_000;

/// Notes that an import is under way, so that a killed one is found.
pub fn set_unsettled(db: &Connection) -> Result<(), StoreError> {
    db.prepare_cached("INSERT OR IGNORE INTO meta(key, value) VALUES('unsettled', '1')")?
        .execute([])?;
    Ok(())
}

/// Notes that rows of threads are behind what is stored of them.
pub fn set_rows_unsettled(db: &Connection) -> Result<(), StoreError> {
    db.prepare_cached("INSERT OR REPLACE INTO meta(key, value) VALUES('unsettled', 'all')")?
        .execute([])?;
    Ok(())
}

/// All is settled.
pub fn clear_unsettled(db: &Connection) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM meta WHERE key = 'unsettled'")?.execute([])?;
    Ok(())
}

/// Whether an import is under way or was killed.
pub fn is_unsettled(db: &Connection) -> Result<bool, StoreError> {
    Ok(db
        .query_row("SELECT 1 FROM meta WHERE key = 'unsettled'", [], |_| Ok(()))
        .optional()?
        .is_some())
}

/// Settles every account if an import was cut off: to be asked where one is unsettled. True if there was something to do.
pub fn recover(db: &mut Connection, now: Timestamp) -> Result<bool, StoreError> {
    let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    if !is_unsettled(&tx)? {
        return Ok(false);
    }
    let ids: Vec<i64> = tx
        .prepare("SELECT id FROM account WHERE same_as IS NULL")?
        .query_map([], |r| r.get(0))?
        .collect::<Result<_, _>>()?;
    for id in ids {
        for thread in account(&tx, AccountId(id))? {
            refresh(&tx, thread, now)?;
        }
    }
    refresh_all_if_asked(&tx, now)?;
    clear_unsettled(&tx)?;
    tx.commit()?;
    Ok(true)
}

/// After a step of the schema every row is worked out anew.
fn refresh_all_if_asked(db: &Connection, now: Timestamp) -> Result<(), StoreError> {
    let how: Option<String> = db
        .query_row("SELECT value FROM meta WHERE key = 'unsettled'", [], |r| r.get(0))
        .optional()?;
    if how.as_deref() == Some("all") {
        let mut q = db.prepare("SELECT id FROM thread")?;
        let ids: Vec<i64> = q.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?;
        for id in ids {
            refresh(db, ThreadId(id), now)?;
        }
    }
    Ok(())
}

/// Settles one account and those that are one with it: names, stitching. Returns the threads whose
/// rows are stale.
pub fn account(db: &Connection, account: AccountId) -> Result<BTreeSet<ThreadId>, StoreError> {
    same::by_proof(db, account)?;
    let group = same::group(db, account)?;
    let mut stale = whose(db, &group)?;
    let noted = mine::noted(db)?;
    stale.extend(stitch::account(db, account)?);
    // Threads beside each other tell of one another who is me.
    if mine::noted(db)? != noted {
        stale.extend(whose(db, &group)?);
    }
    for one in group {
        identities::account(db, one)?;
    }
    people::stamp(db)?;
    Ok(stale)
}

/// Who is me in each of these accounts.
fn whose(db: &Connection, group: &[AccountId]) -> Result<BTreeSet<ThreadId>, StoreError> {
    let mut stale = BTreeSet::new();
    for one in group {
        stale.extend(mine::account(db, *one)?);
    }
    Ok(stale)
}

struct StrandRow {
    told: ThreadRecord,
    messages: i64,
    first: Option<i64>,
    last: Option<i64>,
    /// Its account is connected.
    connected: bool,
    /// The newest message of the export that says how it stands.
    export: Option<i64>,
}

struct Person {
    name: String,
    source: Option<String>,
    me: bool,
    placeholder: bool,
}

/// Works out a thread's row anew from its strands.
pub fn refresh(db: &Connection, thread: ThreadId, now: Timestamp) -> Result<(), StoreError> {
    let strands = strands_of(db, thread)?;
    // The strand that reaches furthest knows best how things stand.
    let told = |s: &&StrandRow| !s.told.key.starts_with(stitch::OWN);
    // A live account knows how things stand now, however old its newest message is.
    let newest = strands
        .iter()
        .filter(told)
        .max_by_key(|s| (s.connected && s.told.live.is_some(), s.last, s.export))
        .or(strands.first());
    let Some(newest) = newest else {
        return Ok(());
    };
    let people = people_of(db, thread)?;
    let kind = newest.told.kind.or_else(|| strands.iter().find_map(|s| s.told.kind));
    let kind = kind.unwrap_or_default();
    let (home, word) = triage::standing(db, thread)?;
    let standing = standing(db, thread, &strands, newest)?;
    let unread = newest.told.unread.or(standing.unread);
    let archived = word.said.archived.unwrap_or(newest.told.archived || standing.archived);
    let facts = facts(&strands, (newest, standing), &people, kind, &home);
    let (messages, first): (i64, Option<i64>) = if strands.len() == 1 {
        (newest.messages, newest.first)
    } else {
        // What another form tells better is not shown, and counts for nothing.
        let sql = "SELECT count(*), min(sent_at) FROM message WHERE thread_id = ?1 AND shadow = 0";
        db.prepare_cached(sql)?.query_row([thread.0], |r| Ok((r.get(0)?, r.get(1)?)))?
    };
    let last = last_message(db, thread, now)?;
    let last_at = last.as_ref().map(|l| l.at);
    let cross = facts.cross_app.is_some() || !facts.foreign.is_empty();
    // Whose the last word is, where the last message says it; nothing of the future behind it.
    let latest = strands.iter().filter_map(|s| s.last).max();
    let said = last.as_ref().filter(|l| latest == Some(l.at)).and_then(|l| l.spoken);
    let due = Due::of(db, thread, kind, said)?;
    // One statement: each that moves a row moves its places in the orders of the list.
    db.prepare_cached(
        "UPDATE thread SET title = ?2, kind = ?3, messages = ?4, first_at = ?5, last_at = ?6,
           preview = ?7, preview_sender = ?8, preview_mine = ?9, cross_app = ?10, facts = ?11,
           unread = ?12, archived = ?13, pinned = ?14, muted = ?15, snoozed_until = ?16,
           stars = ?17, labels = ?18, awaiting = ?19, mentioned = ?20 WHERE id = ?1",
    )?
    .execute(params![
        thread.0,
        title(&strands, newest, &people, kind),
        kind.word(),
        messages,
        first,
        last_at,
        last.as_ref().map_or("", |l| l.preview.as_str()),
        last.as_ref().and_then(|l| l.sender.as_deref()),
        last.as_ref().is_some_and(|l| l.mine),
        cross,
        serde_json::to_string(&facts)?,
        word.said.unread_of(unread, last_at),
        archived,
        word.said.pinned,
        word.said.muted(),
        word.said.snoozed_until,
        word.stars,
        word.labels,
        due.awaiting,
        due.mentioned,
    ])?;
    Ok(())
}

fn strands_of(db: &Connection, thread: ThreadId) -> Result<Vec<StrandRow>, StoreError> {
    let mut q = db.prepare_cached(
        "SELECT s.told, s.messages, s.first_at, s.last_at, a.live_id IS NOT NULL,
           (SELECT CAST(value AS INTEGER) FROM meta
            WHERE key = 'newest/' || json_extract(s.told, '$.by') || '/' || s.account_id)
         FROM strand s JOIN account a ON a.id = s.account_id WHERE s.thread_id = ?1 ORDER BY s.id",
    )?;
    let mut rows = q.query([thread.0])?;
    let mut out = Vec::new();
    while let Some(r) = rows.next()? {
        out.push(StrandRow {
            told: serde_json::from_str(&r.get::<_, String>(0)?)?,
            messages: r.get(1)?,
            first: r.get(2)?,
            last: r.get(3)?,
            connected: r.get(4)?,
            export: r.get(5)?,
        });
    }
    Ok(out)
}

fn people_of(db: &Connection, thread: ThreadId) -> Result<Vec<Person>, StoreError> {
    let mut q = db.prepare_cached(&format!(
        "SELECT p.name, p.source, p.is_me, p.placeholder FROM participant p
         JOIN strand s ON s.id = p.strand_id WHERE s.thread_id = ?1 AND {STANDS} ORDER BY p.id"
    ))?;
    let rows = q.query_map([thread.0], |r| {
        Ok(Person { name: r.get(0)?, source: r.get(1)?, me: r.get(2)?, placeholder: r.get(3)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A page or a text says little of whether I am in and may write; the last exact telling of the
/// thread does, unless the other one says something after all or I have written since.
fn standing<'s>(
    db: &Connection,
    thread: ThreadId,
    strands: &'s [StrandRow],
    newest: &'s StrandRow,
) -> Result<&'s ThreadRecord, StoreError> {
    let retold = |s: &StrandRow| s.told.less_exact || s.told.key.starts_with(RETOLD);
    let says = newest.told.membership != Membership::Unknown
        || newest.told.posting != PostingLimit::Everyone;
    if !retold(newest) || says {
        return Ok(&newest.told);
    }
    let exact = |s: &&StrandRow| !retold(s) && !s.told.key.starts_with(stitch::OWN);
    let Some(exact) = strands.iter().filter(exact).max_by_key(|s| (s.last, s.export)) else {
        return Ok(&newest.told);
    };
    let wrote: bool = db
        .prepare_cached(
            "SELECT EXISTS(SELECT 1 FROM message m JOIN participant p ON p.id = m.sender_id
             WHERE m.thread_id = ?1 AND m.shadow = 0 AND m.sent_at > ?2 AND p.is_me = 1)",
        )?
        .query_row(params![thread.0, exact.last], |r| r.get(0))?;
    Ok(if wrote { &newest.told } else { &exact.told })
}

fn facts(
    strands: &[StrandRow],
    (newest, standing): (&StrandRow, &ThreadRecord),
    people: &[Person],
    kind: ThreadKind,
    home: &str,
) -> ThreadFacts {
    let foreign: BTreeSet<SourceId> = people
        .iter()
        .filter_map(|p| p.source.as_deref())
        .filter(|s| *s != home)
        .map(SourceId::new)
        .collect();
    let others: Vec<&Person> = people.iter().filter(|p| !p.me).collect();
    let stand_in = kind == ThreadKind::Direct
        && !others.is_empty()
        && others.iter().all(|p| p.placeholder)
        && standing.membership != Membership::Member;
    let gone = standing.peer_gone.clone().or_else(|| {
        let why = "the export shows only a stand-in for a deleted account";
        stand_in.then(|| Evidence::new(EvidenceKind::Flag, why))
    });
    let peer_source = match others.as_slice() {
        [peer] => peer.source.as_deref().filter(|s| *s != home).map(SourceId::new),
        _ => None,
    };
    let live = newest.told.live.as_ref();
    ThreadFacts {
        foreign,
        cross_app: strands
            .iter()
            .find_map(|s| s.told.cross_app.clone())
            .map(|c| (c.other, c.evidence)),
        read_only: standing.read_only.clone(),
        will_be_read_only: standing.will_be_read_only.clone(),
        membership: standing.membership,
        posting: standing.posting,
        peer_gone: gone,
        address: newest
            .told
            .address
            .clone()
            .or_else(|| strands.iter().find_map(|s| s.told.address.clone())),
        peer_source,
        live: live.filter(|_| newest.connected).map(|l| l.can.clone()),
        files: live.filter(|_| newest.connected).map(|l| l.files.clone()).unwrap_or_default(),
        longest: live.filter(|_| newest.connected).and_then(|l| l.longest),
        limits: live.filter(|_| newest.connected).map(|l| l.limits.clone()).unwrap_or_default(),
        request: live.is_some_and(|l| l.request && newest.connected),
        notify: live.filter(|_| newest.connected).map(|l| l.notify).unwrap_or_default(),
        shut: live.and_then(|l| l.shut.clone()),
        strands: strands.len() as u32,
    }
}

fn title(strands: &[StrandRow], newest: &StrandRow, people: &[Person], kind: ThreadKind) -> String {
    let told = |s: &StrandRow| s.told.title.clone().filter(|t| !t.trim().is_empty());
    let bare = identities::is_bare;
    let titles: Vec<String> =
        told(newest).into_iter().chain(strands.iter().filter_map(told)).collect();
    if let Some(title) = titles.iter().find(|t| !bare(t)) {
        return title.clone();
    }
    let mut names: Vec<&str> = Vec::new();
    for p in people.iter().filter(|p| !p.me && !p.name.is_empty()) {
        if !names.contains(&p.name.as_str()) {
            names.push(&p.name);
        }
    }
    // A number is what somebody is called where nobody knows their name.
    if let Some(number) = titles.into_iter().next() {
        names.retain(|name| !bare(name));
        return match names.as_slice() {
            [one] if kind == ThreadKind::Direct => (*one).to_owned(),
            _ => number,
        };
    }
    match names.as_slice() {
        [] if kind == ThreadKind::Direct && people.iter().any(|p| p.me) => {
            let alone = people.iter().all(|p| p.me);
            if alone { "Notes to myself" } else { "Somebody without a name" }.to_owned()
        }
        [] => "Unnamed thread".to_owned(),
        few if few.len() <= 4 => few.join(", "),
        many => format!("{} and {} others", many[..3].join(", "), many.len() - 3),
    }
}

struct Last {
    at: i64,
    preview: String,
    sender: Option<String>,
    mine: bool,
    /// Whether it was I who said it, if it says anything.
    spoken: Option<bool>,
}

fn last_message(
    db: &Connection,
    thread: ThreadId,
    now: Timestamp,
) -> Result<Option<Last>, StoreError> {
    let mut q = db.prepare_cached(
        "SELECT m.sent_at, m.text, m.flags, m.kind, m.more, p.name, p.is_me FROM message m
         LEFT JOIN participant p ON p.id = m.sender_id
         WHERE m.thread_id = ?1 AND m.shadow = 0 AND m.sent_at <= ?2
         ORDER BY m.sent_at DESC, m.ord DESC, m.id DESC LIMIT 1",
    )?;
    let mut read = |until: i64| -> Result<Option<Last>, StoreError> {
        let mut rows = q.query(params![thread.0, until])?;
        let Some(r) = rows.next()? else { return Ok(None) };
        let more: Option<String> = r.get(4)?;
        let more: More = more.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
        let text: String = r.get(1)?;
        let (flags, kind): (i64, i64) = (r.get(2)?, r.get(3)?);
        let whose: Option<bool> = r.get(6)?;
        let name: Option<String> = r.get(5)?;
        let mine = whose.unwrap_or(false);
        let spoken = kind != 1;
        Ok(Some(Last {
            at: r.get(0)?,
            preview: preview(&text, flags, kind, &more),
            spoken: whose.filter(|_| row::is_word(kind, flags)),
            sender: name.filter(|_| spoken && !mine),
            mine: mine && spoken,
        }))
    };
    Ok(match read(now.0.saturating_add(AHEAD_MS))? {
        Some(last) => Some(last),
        None => read(i64::MAX)?,
    })
}

fn preview(text: &str, flags: i64, kind: i64, more: &More) -> String {
    match row::deletion_of(flags) {
        Deletion::Unsent => return "message deleted".to_owned(),
        Deletion::TakenDown => return "message removed".to_owned(),
        Deletion::None => {}
    }
    if kind == row::kind_code(&MessageKind::Sealed) {
        return "encrypted message".to_owned();
    }
    if let (2, Some(call)) = (kind, more.call) {
        let what = if call.video == Some(true) { "video call" } else { "call" };
        return if call.missed { format!("missed {what}") } else { what.to_owned() };
    }
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if !line.is_empty() {
        return line.chars().take(PREVIEW).collect();
    }
    match more.attachments.as_slice() {
        [] => String::new(),
        [one] => one.kind.word().to_owned(),
        [first, ..] => format!("{} {}s", more.attachments.len(), first.kind.word()),
    }
}
