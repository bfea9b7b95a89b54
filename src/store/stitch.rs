//! Which strands are one thread. A pure function of the strands, worked out anew after each
//! import, so that the order of imports does not matter and joining can be undone.
//!
//! Two strands of one account, or of accounts of which the person said that they are one (`same`),
//! with the same people are one thread if
//! - they tell of the same messages (overlapping exports, a box and its copy), or
//! - one is the encrypted continuation, and exactly one plain thread of these people ends about
//!   where it begins (`formats-meta.md` §4), or
//! - one is live, the other is not, and both are with the same number or handle, or tell of the same
//!   messages at the same time in the same words, or the person said that those whom they are with
//!   are one (`seam`), or that these two groups are one (`groups`), or
//! - one is told by the less exact form of an export: a page of the JSON's thread, or a chat's text of
//!   which the phone's database, or a later text under another name, tells most (`retold`,
//!   `renamed_text`), or
//! - nothing but what was said tells that they are one: both are alone, and somebody was renamed
//!   (`renamed_threads`).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::{Connection, params};

use super::same::GROUP;
use super::{
    StoreError, carried, groups, instants, renamed_text, renamed_threads, retold, seam, triage,
    walk,
};
use crate::model::{AccountId, Stitch, StrandId, ThreadId, ThreadKind, ThreadRecord};

/// How far a plain thread may reach into its encrypted continuation: both were written for a
/// while on some devices.
const BORDER_MS: i64 = 45 * 86_400_000;

/// More strands than this with the same people or title are not compared pair by pair: they are
/// stand-ins ("Facebook User"), and the square of a hundred thousand is for ever.
const CROWD: usize = 200;
/// What lifts the shadow from a message.
pub const UNSHADE: &str = "UPDATE message SET shadow = 0 WHERE id = ?1 AND shadow = 1";
/// Begins the key of a strand that holds what was written from here; the anchor's key follows.
pub const OWN: &str = "onebox/own/";

pub(super) struct Strand {
    pub id: StrandId,
    pub thread: ThreadId,
    /// Whose its thread is.
    home: AccountId,
    pub account: AccountId,
    pub key: String,
    stitch: Stitch,
    pub live: bool,
    /// With one other.
    pub direct: bool,
    /// A direct thread's other side: a number or a handle.
    pub address: Option<String>,
    /// Names of the others.
    pub people: BTreeSet<String>,
    placeholder: bool,
    pub title: String,
    /// Told by names and a wall clock.
    pub less_exact: bool,
    pub first: i64,
    pub last: i64,
    pub messages: i64,
}

/// Regroups an account's strands. Returns the threads whose rows are stale.
pub fn account(db: &Connection, account: AccountId) -> Result<BTreeSet<ThreadId>, StoreError> {
    let strands = load(db, account)?;
    let groups = group(db, account, &strands)?;
    let mut stale = BTreeSet::new();
    let mut homes: HashMap<ThreadId, Vec<usize>> = HashMap::new();
    for (i, s) in strands.iter().enumerate() {
        homes.entry(s.thread).or_default().push(i);
    }
    let accounts: BTreeSet<AccountId> = strands.iter().map(|s| s.account).collect();
    for members in &groups {
        apply(db, (&strands, &accounts), &homes, members, &mut stale)?;
    }
    for i in retold::clear_vague(db, &strands)? {
        unshade(db, &strands[i])?;
        stale.insert(thread_of(db, &strands[i])?);
        for members in groups.iter().filter(|g| g.len() > 1 && g.contains(&i)) {
            members.iter().try_for_each(|&m| retold::forget(db, &strands[m]))?;
            shade(db, &strands, members)?;
        }
    }
    // A thread that lost all its strands is gone.
    db.prepare_cached(&format!(
        "DELETE FROM thread WHERE account_id IN {GROUP} AND NOT EXISTS
           (SELECT 1 FROM strand WHERE strand.thread_id = thread.id)"
    ))?
    .execute([account.0])?;
    Ok(stale)
}

/// Works out anew which messages of a thread are told twice: older ones have come.
pub fn reshade(db: &Connection, account: AccountId, thread: ThreadId) -> Result<(), StoreError> {
    let strands = load(db, account)?;
    let groups = group(db, account, &strands)?;
    for members in groups.iter().filter(|g| g.iter().any(|&i| strands[i].thread == thread)) {
        if members.len() > 1 {
            shade(db, &strands, members)?;
        }
    }
    Ok(())
}

fn load(db: &Connection, account: AccountId) -> Result<Vec<Strand>, StoreError> {
    let mut people: HashMap<i64, (BTreeSet<String>, bool)> = HashMap::new();
    let mut q = db.prepare_cached(&format!(
        "SELECT p.strand_id, p.name, p.placeholder FROM participant p
         JOIN strand s ON s.id = p.strand_id WHERE s.account_id IN {GROUP} AND p.is_me = 0"
    ))?;
    let mut rows = q.query([account.0])?;
    while let Some(r) = rows.next()? {
        let entry = people.entry(r.get(0)?).or_default();
        entry.0.insert(r.get::<_, String>(1)?.to_lowercase());
        entry.1 |= r.get::<_, bool>(2)?;
    }
    let mut q = db.prepare_cached(&format!(
        "SELECT s.id, s.thread_id, s.key, s.told, s.messages, s.first_at, s.last_at, s.account_id,
           t.account_id
         FROM strand s JOIN thread t ON t.id = s.thread_id
         WHERE s.account_id IN {GROUP} AND s.messages > 0 ORDER BY s.id"
    ))?;
    let mut rows = q.query([account.0])?;
    let mut out = Vec::new();
    while let Some(r) = rows.next()? {
        let id: i64 = r.get(0)?;
        let told: ThreadRecord = serde_json::from_str(&r.get::<_, String>(3)?)?;
        let (people, placeholder) = people.remove(&id).unwrap_or_default();
        let direct = told.kind == Some(ThreadKind::Direct);
        out.push(Strand {
            live: told.live.is_some(),
            less_exact: told.less_exact,
            direct,
            address: told.address.filter(|_| direct).map(|a| seam::address(&a)),
            id: StrandId(id),
            thread: ThreadId(r.get(1)?),
            account: AccountId(r.get(7)?),
            home: AccountId(r.get(8)?),
            key: r.get(2)?,
            stitch: told.stitch,
            people,
            placeholder,
            title: told.title.unwrap_or_default().to_lowercase(),
            messages: r.get(4)?,
            first: r.get(5)?,
            last: r.get(6)?,
        });
    }
    Ok(out)
}

/// Groups of indices into `strands`, each sorted by precedence.
fn group(
    db: &Connection,
    account: AccountId,
    strands: &[Strand],
) -> Result<Vec<Vec<usize>>, StoreError> {
    let mut by_people: BTreeMap<&BTreeSet<String>, Vec<usize>> = BTreeMap::new();
    let mut by_title: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (i, s) in strands.iter().enumerate() {
        by_people.entry(&s.people).or_default().push(i);
        if !s.title.is_empty() {
            by_title.entry(&s.title).or_default().push(i);
        }
    }
    let mut parent: Vec<usize> = (0..strands.len()).collect();
    join_own(strands, &mut parent);
    join_keys(strands, &mut parent);
    seam::join(strands, &mut parent);
    seam::join_said(db, account, strands, &mut parent)?;
    groups::join(db, strands, &mut parent)?;
    retold::join(strands, &mut parent);
    let near = by_people.values().chain(by_title.values());
    for near in near.filter(|v| v.len() > 1 && v.len() <= CROWD) {
        for (n, &a) in near.iter().enumerate() {
            for &b in &near[n + 1..] {
                if root(&parent, a) == root(&parent, b) {
                    continue;
                }
                let (one, other) = (&strands[a], &strands[b]);
                if overlap(db, one, other)?
                    || seam::overlap(db, one, other)?
                    || retold::overlap(db, one, other)?
                {
                    let (ra, rb) = (root(&parent, a), root(&parent, b));
                    parent[ra.max(rb)] = ra.min(rb);
                }
            }
        }
    }
    retold::join_texts(db, account, strands, &mut parent)?;
    renamed_text::join(db, account, strands, &mut parent)?;
    for near in by_people.values().filter(|v| v.len() > 1 && v.len() <= CROWD) {
        join_continuations(strands, near, &mut parent);
    }
    renamed_threads::join(db, strands, &mut parent)?;
    let pairs = renamed_threads::pairs(db, strands)?;
    let in_pair: BTreeSet<i64> = pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for i in 0..strands.len() {
        groups.entry(root(&parent, i)).or_default().push(i);
    }
    let precedence = |i: &usize| {
        let s = &strands[*i];
        // What a live account knows can be answered. Of two that were renamed the later one stands.
        let renamed = s.less_exact || in_pair.contains(&s.id.0);
        let renamed = renamed.then(|| std::cmp::Reverse(retold::reach(s)));
        (
            !s.live,
            retold::is_retold(s),
            // A stand-in for an account that is gone names nobody.
            s.direct && s.placeholder,
            renamed,
            s.stitch == Stitch::Continuation,
            s.key.clone(),
            s.id,
        )
    };
    Ok(groups
        .into_values()
        .map(|mut g| {
            g.sort_by_cached_key(precedence);
            g
        })
        .collect())
}

/// What was written from here belongs to the strand that it was written under.
fn join_own(strands: &[Strand], parent: &mut [usize]) {
    if !strands.iter().any(|s| s.key.starts_with(OWN)) {
        return;
    }
    let mut by_key: HashMap<(AccountId, &str), usize> = HashMap::with_capacity(strands.len());
    for (i, s) in strands.iter().enumerate() {
        by_key.entry((s.account, &s.key)).or_insert(i);
    }
    for (i, own) in strands.iter().enumerate() {
        let Some(anchor) = own.key.strip_prefix(OWN) else { continue };
        if let Some(&j) = by_key.get(&(own.account, anchor)) {
            let (a, b) = (root(parent, i), root(parent, j));
            parent[a.max(b)] = a.min(b);
        }
    }
}

/// Told under one key by two accounts that are one it is one thread, as it were within one account.
/// Two live threads stay two: what is sent must go by the one that was chosen.
fn join_keys(strands: &[Strand], parent: &mut [usize]) {
    if strands.windows(2).all(|w| w[0].account == w[1].account) {
        return;
    }
    let mut by_key: HashMap<&str, (usize, bool)> = HashMap::with_capacity(strands.len());
    for (i, s) in strands.iter().enumerate().filter(|(_, s)| !s.key.starts_with(OWN)) {
        let (j, live) = *by_key.entry(&s.key).or_insert((i, s.live));
        if i != j && !(live && s.live) {
            by_key.insert(&s.key, (j, live || s.live));
            let (a, b) = (root(parent, i), root(parent, j));
            parent[a.max(b)] = a.min(b);
        }
    }
}

pub(super) fn root(parent: &[usize], mut i: usize) -> usize {
    while parent[i] != i {
        i = parent[i];
    }
    i
}

/// The condition that message `o` and this one were sent at one time, as far as their clocks can
/// tell. Some apps count the messages of every chat from one, so that an id alone means nothing
/// outside of its chat.
fn at_once(message: &str) -> String {
    format!(
        "(abs(o.sent_at - {message}.sent_at) <= 1000 OR json_extract(o.more, '$.w') IS NOT NULL
          OR json_extract({message}.more, '$.w') IS NOT NULL)"
    )
}

/// Do two strands tell of the same messages? One shared message is proof where times are exact;
/// a shared minute and a "ok" are not. Without words it is a file of the very millisecond.
fn overlap(db: &Connection, a: &Strand, b: &Strand) -> Result<bool, StoreError> {
    let (from, to) = (a.first.max(b.first), a.last.min(b.last));
    // Wall clocks may have been read in different zones; a day is wider than any.
    const SLACK: i64 = 86_400_000;
    if from > to.saturating_add(SLACK) {
        return Ok(false);
    }
    let (small, large) = if a.messages <= b.messages { (a, b) } else { (b, a) };
    let (shared, timed): (i64, i64) = db
        .prepare_cached(&format!(
            "SELECT count(*), coalesce(sum(exact), 0) FROM (
               SELECT m.more IS NULL OR json_extract(m.more, '$.w') IS NULL AS exact
               FROM message m WHERE m.strand_id = ?1 AND (length(m.text) > 0
                 OR (m.sent_at % 1000 <> 0 AND json_type(m.more, '$.a') IS NOT NULL
                   AND json_type(m.more, '$.n') IS NULL AND json_type(m.more, '$.w') IS NULL))
                 AND EXISTS
                 (SELECT 1 FROM message o WHERE o.strand_id = ?2 AND o.fp = m.fp
                    AND o.text = m.text AND {}) LIMIT 3)",
            at_once("m")
        ))?
        .query_row(params![small.id.0, large.id.0], |r| Ok((r.get(0)?, r.get(1)?)))?;
    if are_named_apart(a, b) {
        return Ok(shared >= 3 || (shared >= 2 && shared == small.messages));
    }
    Ok(timed >= 1 || shared >= 3 || (shared > 0 && shared == small.messages))
}

/// Groups with names of their own: one greeting that was sent to both in one second is no proof that
/// they are one. A group that was given another name has more in common with itself.
fn are_named_apart(a: &Strand, b: &Strand) -> bool {
    !a.direct && !b.direct && !a.title.is_empty() && !b.title.is_empty() && a.title != b.title
}

fn join_continuations(strands: &[Strand], near: &[usize], parent: &mut [usize]) {
    let continuation = |i: &&usize| strands[**i].stitch == Stitch::Continuation;
    let roots: BTreeSet<usize> =
        near.iter().filter(continuation).map(|&i| root(parent, i)).collect();
    for later in roots {
        let members = |r: usize, parent: &[usize]| -> Vec<usize> {
            near.iter().copied().filter(|&i| root(parent, i) == r).collect()
        };
        let ours = members(later, parent);
        // Placeholders stand for many people: never a reason to join. An empty set is myself.
        if ours.iter().any(|&i| strands[i].placeholder || strands[i].people.is_empty()) {
            continue;
        }
        let begins = ours.iter().map(|&i| strands[i].first).min().unwrap_or(i64::MAX);
        let ends = ours.iter().map(|&i| strands[i].last).max().unwrap_or(i64::MIN);
        let plain: BTreeSet<usize> = near
            .iter()
            .filter(|i| strands[**i].stitch == Stitch::Overlap)
            .map(|&i| root(parent, i))
            .filter(|&r| r != later)
            .filter(|&r| {
                let theirs = members(r, parent);
                let first = theirs.iter().map(|&i| strands[i].first).min().unwrap_or(i64::MAX);
                let last = theirs.iter().map(|&i| strands[i].last).max().unwrap_or(i64::MIN);
                first < begins && last <= begins.saturating_add(BORDER_MS) && last < ends
            })
            .collect();
        if let (Some(&earlier), 1) = (plain.first(), plain.len()) {
            let (low, high) = (earlier.min(later), earlier.max(later));
            parent[high] = low;
        }
    }
}

/// Makes the rows agree with a group. `homes` says which strands each thread has had so far.
fn apply(
    db: &Connection,
    (strands, accounts): (&[Strand], &BTreeSet<AccountId>),
    homes: &HashMap<ThreadId, Vec<usize>>,
    members: &[usize],
    stale: &mut BTreeSet<ThreadId>,
) -> Result<(), StoreError> {
    let threads: BTreeSet<ThreadId> = members.iter().map(|&i| strands[i].thread).collect();
    let shared_with_others = |t: ThreadId| {
        homes
            .get(&t)
            .into_iter()
            .flatten()
            .any(|i| strands[*i].id < strands[members[0]].id && !members.contains(i))
    };
    // A thread that an account has from a time when it was one with another is the other's.
    let home =
        |t: ThreadId| members.iter().find(|i| strands[**i].thread == t).map(|&i| strands[i].home);
    let ours = |t: ThreadId| home(t).is_some_and(|home| accounts.contains(&home));
    let first = strands[members[0]].account;
    let keep = threads.iter().copied().find(|&t| ours(t) && !shared_with_others(t));
    let regrouped = threads.len() > 1 || keep.is_none();
    let keep = match keep {
        Some(t) => t,
        None => {
            db.prepare_cached(
                "INSERT INTO thread(account_id, source) SELECT id, source FROM account WHERE id = ?1",
            )?
            .execute([first.0])?;
            ThreadId(db.last_insert_rowid())
        }
    };
    // It is the account's whose word stands first: that one keeps it if they are to part.
    if home(keep).is_some_and(|home| home != first) {
        db.prepare_cached("UPDATE thread SET account_id = ?2 WHERE id = ?1")?
            .execute(params![keep.0, first.0])?;
    }
    if regrouped {
        stale.extend(threads.iter().copied());
        stale.insert(keep);
        for &i in members.iter().filter(|&&i| strands[i].thread != keep) {
            move_strand(db, &strands[i], keep)?;
        }
        for &gone in threads.iter().filter(|&&t| t != keep) {
            move_words(db, gone, keep)?;
        }
    }
    if members.len() > 1 {
        stale.insert(keep);
        shade(db, strands, members)?;
    } else if regrouped
        || homes.get(&keep).is_some_and(|had| had.len() > 1)
        || retold::was_settled(db, &strands[members[0]])?
    {
        // Whom it was joined with has gone, or is left behind.
        stale.insert(keep);
        unshade(db, &strands[members[0]])?;
        retold::unsettled(db, &strands[members[0]])?;
    }
    Ok(())
}

fn thread_of(db: &Connection, s: &Strand) -> Result<ThreadId, StoreError> {
    Ok(db
        .prepare_cached("SELECT thread_id FROM strand WHERE id = ?1")?
        .query_row([s.id.0], |r| r.get(0).map(ThreadId))?)
}

fn move_strand(db: &Connection, s: &Strand, to: ThreadId) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE strand SET thread_id = ?2 WHERE id = ?1")?
        .execute(params![s.id.0, to.0])?;
    let moved = "UPDATE message SET thread_id = ?2 WHERE id = ?1";
    walk::change(db, &walk::ids(db, s.id)?, moved, &[&to.0])
}

/// What the person wrote or said of a thread that is no more goes where its messages went. Two
/// drafts become one text: nothing typed is lost. Of two marks the one that is there stays.
fn move_words(db: &Connection, from: ThreadId, to: ThreadId) -> Result<(), StoreError> {
    let lives: bool = db
        .prepare_cached("SELECT EXISTS(SELECT 1 FROM strand WHERE thread_id = ?1)")?
        .query_row([from.0], |r| r.get(0))?;
    if lives {
        return Ok(());
    }
    db.prepare_cached(
        "INSERT INTO draft(thread_id, text, saved_at, reply_to)
           SELECT ?2, text, saved_at, reply_to FROM draft WHERE thread_id = ?1
         ON CONFLICT(thread_id) DO UPDATE SET text = draft.text || char(10) || excluded.text,
           saved_at = max(draft.saved_at, excluded.saved_at),
           reply_to = coalesce(draft.reply_to, excluded.reply_to)",
    )?
    .execute(params![from.0, to.0])?;
    db.prepare_cached(
        "INSERT OR IGNORE INTO mark(thread_id, mark) SELECT ?2, mark FROM mark WHERE thread_id = ?1",
    )?
    .execute(params![from.0, to.0])?;
    triage::carry(db, from, to)?;
    for table in ["draft", "mark"] {
        db.prepare_cached(&format!("DELETE FROM {table} WHERE thread_id = ?1"))?
            .execute([from.0])?;
    }
    Ok(())
}

/// Of messages that several strands tell, the first strand's stands and the others' are shadows.
fn shade(db: &Connection, strands: &[Strand], members: &[usize]) -> Result<(), StoreError> {
    let pairs = renamed_threads::pairs(db, strands)?;
    let earlier =
        |n: usize| -> Vec<&Strand> { members[..n].iter().map(|&i| &strands[i]).collect() };
    let furthest = members.iter().map(|&i| &strands[i]).max_by_key(|s| retold::reach(s));
    let Some(furthest) = furthest.map(|s| s.id) else { return Ok(()) };
    // Where each less exact form is laid beside all that go before it, so are these.
    let mut settled = members.iter().any(|&i| retold::is_retold(&strands[i]));
    for (n, &i) in members.iter().enumerate() {
        settled = settled
            && (!retold::is_retold(&strands[i])
                || retold::is_settled(db, &strands[i], &earlier(n))?);
    }
    for (n, &i) in members.iter().enumerate() {
        if settled && !strands[i].key.starts_with(OWN) {
            continue;
        }
        let ids = walk::ids(db, strands[i].id)?;
        walk::change(db, &ids, UNSHADE, &[])?;
        for &earlier in &members[..n] {
            let (a, b) = (&strands[earlier], &strands[i]);
            if a.first.max(b.first) > a.last.min(b.last).saturating_add(86_400_000) {
                continue;
            }
            // A server dates anew what was written from here.
            let dated_anew = [a, b].iter().any(|s| s.live || s.key.starts_with(OWN));
            let when = if dated_anew { "1".to_owned() } else { at_once("message") };
            let told = format!(
                "UPDATE message SET shadow = 1 WHERE id = ?1 AND shadow = 0 AND EXISTS
                   (SELECT 1 FROM message o WHERE o.strand_id = ?2 AND o.fp = message.fp AND {when})"
            );
            walk::change(db, &ids, &told, &[&a.id.0])?;
            carried::same(db, a, b, furthest)?;
            instants::shade(db, a, b, furthest)?;
            seam::shade(db, a, b)?;
            retold::shade(db, a, b, furthest)?;
            if renamed_threads::are_one(&pairs, a.id, b.id) {
                renamed_threads::shade(db, a, b)?;
            }
        }
    }
    // After all of them: what is carried over changes those that went before.
    for (n, &i) in members.iter().enumerate().filter(|(_, i)| retold::is_retold(&strands[**i])) {
        if !settled {
            retold::settled(db, &strands[i], &earlier(n))?;
        }
    }
    let own = members.iter().filter(|&&i| strands[i].key.starts_with(OWN));
    seam::hand_offs(db, &own.map(|&i| strands[i].id).collect::<Vec<_>>())?;
    let strands: Vec<i64> = members.iter().map(|&i| strands[i].id.0).collect();
    triage::show_stars(db, &strands)
}

fn unshade(db: &Connection, s: &Strand) -> Result<(), StoreError> {
    walk::change(db, &walk::ids(db, s.id)?, UNSHADE, &[])
}
