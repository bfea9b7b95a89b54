//! One thread told in two forms: pages beside JSON, a chat's text beside the phone's database. The
//! less exact form's messages become shadows of the exact ones (`beside` finds which). What only one
//! form tells stays.
//!
//! Pages know the JSON's key of their thread. A text does not, nor anybody's id: it is the thread
//! that tells the same messages, and of several the one that tells most of them; two chats of the
//! same people stay two.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::{Connection, OptionalExtension, params};

use super::beside::{self, TELLING};
use super::ingest::Tally;
use super::stitch::{OWN, Strand, root};
use super::{StoreError, carried, mine, renamed_text, sought, tell};
use crate::model::{AccountId, BY_SECOND, RETOLD, StrandId, told_first};

/// A number, among what a thread may be called.
const NUMBER: u8 = 1;
/// As many messages told by both are proof that two threads are one.
const PROOF: u64 = 3;
/// More threads of one name than this are not compared with a text: it is no name but a crowd.
const CROWD: usize = 200;

/// Whether a strand is told by the less exact form of an export.
pub fn is_retold(s: &Strand) -> bool {
    s.less_exact || s.key.starts_with(RETOLD)
}

/// The two forms of one thread bear one key, but for what it begins with.
pub fn join(strands: &[Strand], parent: &mut [usize]) {
    if !strands.iter().any(is_retold) {
        return;
    }
    let by_key: HashMap<&str, usize> =
        strands.iter().enumerate().map(|(i, s)| (s.key.as_str(), i)).collect();
    for (i, s) in strands.iter().enumerate() {
        let Some(first) = told_first(&s.key) else { continue };
        let second = format!("{BY_SECOND}{first}");
        if let Some(&j) = by_key.get(first).or_else(|| by_key.get(second.as_str())) {
            let (a, b) = (root(parent, i), root(parent, j));
            parent[a.max(b)] = a.min(b);
        }
    }
}

/// Do the two forms tell of the same messages? Asked of threads whose keys differ: folders are
/// numbered anew every few years.
pub fn overlap(db: &Connection, a: &Strand, b: &Strand) -> Result<bool, StoreError> {
    let Some((exact, retold)) = forms(a, b) else { return Ok(false) };
    // A text is not anybody's who shares some words with it: `join_texts` asks for the best.
    Ok(!retold.less_exact && shared(db, exact, retold)? > 0)
}

/// How many messages two forms share, as far as that is proof that they are one thread; 0: it is none.
pub fn shared(db: &Connection, exact: &Strand, retold: &Strand) -> Result<u64, StoreError> {
    let place = format!("beside/{}/{}", retold.id.0, exact.id.0);
    let state = state(db, retold, &[exact])?;
    let known: Option<String> = db
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([&place], |r| r.get(0))
        .optional()?;
    let known = known.as_deref().and_then(|k| k.split_once('|'));
    if let Some(n) = known.filter(|(of, _)| *of == state).and_then(|(_, n)| n.parse().ok()) {
        return Ok(n);
    }
    let mut shared = 0;
    let mut said = 0;
    let reach = beside::pairs(db, exact, retold, |pair| {
        shared += 1;
        said += u64::from(pair.length >= TELLING && !pair.loose);
        Ok(())
    })?;
    let all = u64::try_from(exact.messages.min(retold.messages)).unwrap_or(u64::MAX);
    let proof = said >= PROOF || (said > 0 && shared == all);
    // What one wishes everybody on New Year's Eve is in many chats; a chat is most of what is said.
    let most = !retold.less_exact || said.saturating_mul(2) >= reach.told;
    let said = if proof && most { said } else { 0 };
    db.prepare_cached("INSERT OR REPLACE INTO meta(key, value) VALUES(?1, ?2)")?
        .execute(params![place, format!("{state}|{said}")])?;
    Ok(said)
}

/// Texts and the threads that they tell: of those with the same people, title or number the one
/// that shares most with them, else any whose words they are.
pub fn join_texts(
    db: &Connection,
    account: AccountId,
    strands: &[Strand],
    parent: &mut [usize],
) -> Result<(), StoreError> {
    let is_exact = |s: &Strand| !is_retold(s) && !s.live && !s.key.starts_with(OWN);
    if !strands.iter().any(|s| s.less_exact) || !strands.iter().any(is_exact) {
        return Ok(());
    }
    let mut near: HashMap<(u8, String), Vec<usize>> = HashMap::new();
    for (i, s) in strands.iter().enumerate().filter(|(_, s)| is_exact(s)) {
        for name in names(s) {
            near.entry(name).or_default().push(i);
        }
    }
    let mut lost = Vec::new();
    for (i, s) in strands.iter().enumerate().filter(|(_, s)| s.less_exact) {
        if join_number(strands, &near, parent, i) {
            continue;
        }
        let bearers = names(s).into_iter().filter_map(|n| near.get(&n));
        let few: BTreeSet<usize> =
            bearers.filter(|b| b.len() <= CROWD).flatten().copied().collect();
        if !join_best(db, strands, parent, i, &few)? {
            lost.push(i);
        }
    }
    let exact: Vec<usize> = (0..strands.len()).filter(|i| is_exact(&strands[*i])).collect();
    for (i, few) in sought::threads(db, account, strands, &lost, &exact)? {
        join_best(db, strands, parent, i, &few)?;
    }
    Ok(())
}

/// One account has one chat with a number: nothing that was said in it proves more. Where the exact
/// form has it twice, what is said tells.
fn join_number(
    strands: &[Strand],
    near: &HashMap<(u8, String), Vec<usize>>,
    parent: &mut [usize],
    text: usize,
) -> bool {
    let Some(number) = strands[text].address.clone().filter(|a| !a.is_empty()) else {
        return false;
    };
    let bearers = near.get(&(NUMBER, number)).map_or(&[][..], Vec::as_slice);
    let threads: BTreeSet<usize> = bearers.iter().map(|&i| root(parent, i)).collect();
    let (Some(&one), 1) = (threads.first(), threads.len()) else { return false };
    let a = root(parent, text);
    parent[a.max(one)] = a.min(one);
    true
}

/// What a thread may be called in another form of it.
fn names(s: &Strand) -> Vec<(u8, String)> {
    // A file's name has lost what file systems do not take.
    let letters: String = s.title.chars().filter(|c| c.is_alphanumeric()).collect();
    let mut all = vec![(0, letters), (NUMBER, s.address.clone().unwrap_or_default())];
    all.push((2, s.people.iter().cloned().collect::<Vec<_>>().join("\n")));
    all.retain(|(_, name)| !name.is_empty());
    all
}

fn join_best(
    db: &Connection,
    strands: &[Strand],
    parent: &mut [usize],
    text: usize,
    among: &BTreeSet<usize>,
) -> Result<bool, StoreError> {
    let mut threads: BTreeMap<usize, u64> = BTreeMap::new();
    for &i in among {
        let n = shared(db, &strands[i], &strands[text])?;
        let most = threads.entry(root(parent, i)).or_default();
        *most = n.max(*most);
    }
    let mut best: Vec<(u64, usize)> =
        threads.into_iter().map(|(r, n)| (n, r)).filter(|(n, _)| *n > 0).collect();
    best.sort_unstable();
    let Some((most, one)) = best.pop() else { return Ok(false) };
    // Two that tell it equally well: nobody knows which.
    if best.last().is_some_and(|(next, _)| *next == most) {
        return Ok(false);
    }
    let (a, b) = (root(parent, text), one);
    parent[a.max(b)] = a.min(b);
    Ok(true)
}

/// What the exact form tells too becomes a shadow.
pub fn shade(
    db: &Connection,
    a: &Strand,
    b: &Strand,
    furthest: StrandId,
) -> Result<(), StoreError> {
    let Some((exact, retold)) = forms(a, b) else { return Ok(()) };
    let mut found = Vec::new();
    let reach = beside::pairs(db, exact, retold, |pair| {
        // Of an event of which the exact form knows no more than that, the other has the words.
        let (id, of, strand) = if pair.vague {
            (pair.of, pair.id, retold.id.0)
        } else {
            (pair.id, pair.of, exact.id.0)
        };
        found.push((id, of, strand, pair.gone, pair.edited));
        Ok(())
    })?;
    if exact.less_exact {
        renamed_text::called(db, retold, &reach.same)?;
    } else {
        mine::beside(db, retold, &reach.mine)?;
        // Of several exact ones another may know them all by their keys.
        if !retold.less_exact && !reach.same.is_empty() {
            // Whoever bears another name in the pages stands for nobody of their own.
            renamed_text::called(db, retold, &reach.same)?;
        }
        for (id, name) in &reach.named {
            db.prepare_cached("UPDATE participant SET name = ?2 WHERE id = ?1")?
                .execute(params![id, name])?;
        }
    }
    if found.iter().any(|f| f.2 == retold.id.0) {
        db.prepare_cached("INSERT OR REPLACE INTO meta(key, value) VALUES(?1, ?2)")?
            .execute(params![format!("vague/{}", exact.id.0), retold.id.0.to_string()])?;
    }
    let mut update = db.prepare_cached("UPDATE message SET shadow = 1 WHERE id = ?1")?;
    // A star goes to the one that is shown.
    let mut star = db.prepare_cached(
        "UPDATE OR IGNORE star SET message_id = ?2, strand_id = ?3 WHERE message_id = ?1",
    )?;
    for (id, of, strand, gone, edited) in found {
        update.execute([id])?;
        if edited {
            carried::words(db, of, id)?;
        }
        let hidden = if strand == exact.id.0 { retold.id } else { exact.id };
        carried::over(db, (of, id), gone, hidden == furthest)?;
        star.execute(params![id, of, strand])?;
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
    let Some(known) = known else { return Ok(false) };
    Ok(known == state(db, retold, others)?)
}

/// Whether it has shadows of others that are not beside it any more.
pub fn was_settled(db: &Connection, retold: &Strand) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached("SELECT EXISTS(SELECT 1 FROM meta WHERE key = ?1)")?
        .query_row([place(retold)], |r| r.get(0))?)
}

/// Exact strands with events of which a text that is beside them no more had the words.
pub fn clear_vague(db: &Connection, strands: &[Strand]) -> Result<Vec<usize>, StoreError> {
    let noted: Vec<(i64, i64)> = db
        .prepare_cached(
            "SELECT CAST(substr(key, 7) AS INTEGER), CAST(value AS INTEGER) FROM meta
             WHERE key GLOB 'vague/*'",
        )?
        .query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let mut alone = Vec::new();
    for (exact, text) in noted {
        let Some(i) = strands.iter().position(|s| s.id.0 == exact) else { continue };
        let together: bool = db
            .prepare_cached(
                "SELECT EXISTS(SELECT 1 FROM strand a JOIN strand b ON b.thread_id = a.thread_id
                 WHERE a.id = ?1 AND b.id = ?2)",
            )?
            .query_row([exact, text], |r| r.get(0))?;
        if !together {
            db.prepare_cached("DELETE FROM meta WHERE key = ?1")?
                .execute([format!("vague/{exact}")])?;
            alone.push(i);
        }
    }
    Ok(alone)
}

/// Remembers that they are.
pub fn settled(db: &Connection, retold: &Strand, others: &[&Strand]) -> Result<(), StoreError> {
    db.prepare_cached("INSERT OR REPLACE INTO meta(key, value) VALUES(?1, ?2)")?
        .execute(params![place(retold), state(db, retold, others)?])?;
    Ok(())
}

/// They are to be laid anew.
pub fn forget(db: &Connection, strand: &Strand) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM meta WHERE key = ?1")?.execute([place(strand)])?;
    Ok(())
}

/// They are no more.
pub fn unsettled(db: &Connection, strand: &Strand) -> Result<(), StoreError> {
    forget(db, strand)?;
    renamed_text::called(db, strand, &[])?;
    mine::alone(db, strand)
}

fn place(strand: &Strand) -> String {
    format!("retold/{}", strand.id.0)
}

/// Everything that the shadows follow from.
fn state(db: &Connection, retold: &Strand, others: &[&Strand]) -> Result<String, StoreError> {
    // Of the first edition nothing was carried over.
    let mut state = "2;".to_owned();
    for s in others.iter().copied().chain([retold]) {
        let changes = tell::changes(db, s.id)?;
        state.push_str(&format!("{}:{}:{}:{}", s.id.0, s.messages, s.first, s.last));
        state.push_str(&if changes > 0 { format!(":{changes};") } else { ";".to_owned() });
    }
    Ok(state)
}

/// (the exact form, the other). A live account's messages are another matter (`seam`).
fn forms<'s>(a: &'s Strand, b: &'s Strand) -> Option<(&'s Strand, &'s Strand)> {
    // What was written from here is nobody's telling (`seam::hand_offs`).
    if a.key.starts_with(OWN) || b.key.starts_with(OWN) {
        return None;
    }
    match (is_retold(a), is_retold(b)) {
        (false, true) if !a.live => Some((a, b)),
        (true, false) if !b.live => Some((b, a)),
        // Without the milliseconds, but told by the second, on the service's own clock.
        (true, true) if a.key.starts_with(BY_SECOND) && !b.key.starts_with(BY_SECOND) => {
            Some((a, b))
        }
        (true, true) if b.key.starts_with(BY_SECOND) && !a.key.starts_with(BY_SECOND) => {
            Some((b, a))
        }
        // Of two texts the later one knows what was changed since.
        (true, true) if a.less_exact && b.less_exact => {
            Some(if reach(a) >= reach(b) { (a, b) } else { (b, a) })
        }
        _ => None,
    }
}

/// How far a text reaches, to compare it with others.
pub fn reach(s: &Strand) -> impl Ord + use<> {
    (s.last, s.messages, s.id)
}

/// How much of some accounts is told more than once.
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
            let threads = count(&format!(
                "SELECT count(*) - count(DISTINCT thread_id) FROM strand
                 WHERE account_id = ?1 AND messages > 0 AND NOT key GLOB '{OWN}*'"
            ))?;
            if threads > 0 {
                told.threads += threads;
                told.messages += count(
                    "SELECT count(*) FROM message m JOIN strand s ON s.id = m.strand_id
                     WHERE m.shadow = 1 AND s.account_id = ?1",
                )?;
            }
        }
        Ok(told)
    }

    /// What has come to be told again since then is known, not new.
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
