//! The hallway: records of both doors become rows. Taking the same thing in twice changes nothing.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use rusqlite::{Connection, params};

use super::fingerprint::Ordinals;
use super::live::{self, Live};
use super::renamed::{self, Renamed};
use super::renamed_lines::Lines;
use super::reworded::Reworded;
use super::rewritten::Minute;
use super::standing::Standings;
use super::strand::Strand;
use super::turn::{Importing, Turn};
use super::waiting::Rows;
use super::{StoreError, Writer, identities, mine, retold, seam, settle, stitch, tell};
use crate::model::{
    AccountId, AccountRecord, Oddity, ParticipantRecord, Record, StrandId, ThreadId, ThreadRecord,
    Timestamp,
};

/// How many strands an import keeps at hand.
const STRANDS_AT_HAND: usize = 32;
/// How many oddities of one import are kept in full; the rest is only counted.
const ODDITIES_KEPT: u64 = 10_000;
/// What an import has done so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Threads that were new.
    pub threads_added: u64,
    /// Threads that were known.
    pub threads_known: u64,
    /// Messages that were new.
    pub messages_added: u64,
    /// Messages that were known.
    pub messages_known: u64,
    /// Pieces that could not be read.
    pub oddities: u64,
    /// My name, as far as it is known.
    pub account: String,
    /// How it is known.
    pub known_by: String,
}

/// A running import. Everything since the last [`Import::commit`] is lost if it is dropped;
/// everything before stays, and is made whole by the next [`Writer::recover`].
pub struct Import<'w> {
    pub(super) db: &'w Connection,
    pub(super) rows: Rows<'w>,
    id: i64,
    pub(super) now: Timestamp,
    pub(super) open: bool,
    /// Where others are seen who wait, and how many rows were written since the last look.
    pub(super) turn: Option<&'w Turn>,
    pub(super) since: u32,
    _under_way: Option<Importing>,
    /// Who tells, if it is a live account.
    pub(super) live: Option<Live>,
    /// Strands of which a change came before its message, in this import or an earlier one.
    pub(super) ahead: HashSet<StrandId>,
    pub(super) account: Option<Account>,
    accounts: BTreeSet<AccountId>,
    pub(super) strands: VecDeque<Strand>,
    pub(super) ordinals: Ordinals,
    pub(super) containers: HashMap<Arc<str>, i64>,
    seen_strands: HashSet<StrandId>,
    standings: Standings,
    pub(super) renamed: Renamed,
    pub(super) reworded: Reworded,
    pub(super) lines: Lines,
    pub(super) touched: BTreeSet<ThreadId>,
    changed: BTreeSet<ThreadId>,
    pub(super) tally: Tally,
}

pub(super) struct Account {
    pub(super) id: AccountId,
    source: String,
    names: HashSet<String>,
}

impl Writer {
    /// Begins an import. `now` bounds what counts as activity: a message from the far future must
    /// not hold its thread at the top for ever.
    pub fn import(&mut self, what: &str, now: Timestamp) -> Result<Import<'_>, StoreError> {
        self.recover(now)?;
        let under_way = self.dir.as_deref().and_then(Importing::begin);
        self.db
            .execute("INSERT INTO import(started_at, what) VALUES(?1, ?2)", params![now.0, what])?;
        let id = self.db.last_insert_rowid();
        let mut import = Import::begun(&self.db, id, now, None)?;
        // It writes much: from here on it steps back for others.
        import._under_way = under_way;
        import.turn = self.turn.as_ref();
        import.turn.iter().for_each(|t| t.forgo());
        Ok(import)
    }

    /// Finishes what an import that was killed has left undone. Cheap if there is nothing; one that
    /// runs is left to itself.
    pub fn recover(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        // Asked at every start: files are looked at only where there is something to do.
        if !settle::is_unsettled(&self.db)?
            || self.dir.as_deref().is_some_and(Importing::is_under_way)
        {
            return Ok(false);
        }
        settle::recover(&mut self.db, now)
    }
}

impl<'w> Import<'w> {
    pub(super) fn begun(
        db: &'w Connection,
        id: i64,
        now: Timestamp,
        live: Option<Live>,
    ) -> Result<Self, StoreError> {
        // A live account looks for itself.
        let ahead = if live.is_some() { HashSet::new() } else { live::are_ahead(db)? };
        Ok(Import {
            db,
            rows: Rows::of(db)?,
            id,
            now,
            open: false,
            turn: None,
            since: 0,
            _under_way: None,
            reworded: Reworded::of(live.is_some()),
            live,
            ahead,
            account: None,
            accounts: BTreeSet::new(),
            strands: VecDeque::new(),
            ordinals: Ordinals::default(),
            containers: HashMap::new(),
            seen_strands: HashSet::new(),
            standings: Standings::begun(db, now)?,
            renamed: Renamed::begun(db)?,
            lines: Lines::default(),
            touched: BTreeSet::new(),
            changed: BTreeSet::new(),
            tally: Tally::default(),
        })
    }
}

impl Import<'_> {
    /// Takes a record in.
    pub fn take(&mut self, record: Record) -> Result<(), StoreError> {
        self.begin()?;
        self.breathe()?;
        match record {
            Record::Account(a) => self.account(&a),
            Record::Thread(t) => self.thread(*t),
            Record::Telling { thread } => {
                let i = self.strand(&thread)?;
                self.write_waiting()?;
                self.settle_minute(i)?;
                self.strands[i].telling = self.ordinals.telling();
                Ok(())
            }
            Record::Participant(p) => self.participant(p).map(drop),
            Record::Message(m) => self.message(*m),
            Record::Revision(r) => self.revision(*r),
            Record::Reaction(r) => self.reaction(*r),
            Record::Receipt(r) => self.receipt(&r),
        }
    }

    /// Counts and keeps a piece that could not be read.
    pub fn odd(&mut self, oddity: &Oddity) -> Result<(), StoreError> {
        self.begin()?;
        self.tally.oddities += 1;
        if self.tally.oddities <= ODDITIES_KEPT {
            self.db
                .prepare_cached("INSERT INTO oddity(import_id, file, at, why) VALUES(?1,?2,?3,?4)")?
                .execute(params![self.id, oddity.file, oddity.at, oddity.why])?;
        }
        Ok(())
    }

    /// What has been done so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Makes everything taken so far durable and visible. Returns the threads that changed.
    pub fn commit(&mut self) -> Result<Vec<ThreadId>, StoreError> {
        if !self.open {
            return Ok(Vec::new());
        }
        self.refresh_touched()?;
        self.db.execute_batch("COMMIT")?;
        self.open = false;
        Ok(std::mem::take(&mut self.changed).into_iter().collect())
    }

    /// Ends a batch of a live account in one commit. Returns the threads that changed.
    pub fn finish_live(mut self) -> Result<Vec<ThreadId>, StoreError> {
        if !self.open {
            return Ok(Vec::new());
        }
        for i in 0..self.strands.len() {
            self.flush(i)?;
        }
        tell::given_again(self.db, self.renamed.messages)?;
        let live = self.live.take();
        if live.as_ref().is_some_and(|l| l.newcomers) {
            for account in &self.accounts {
                self.touched.extend(settle::account(self.db, *account)?);
            }
        } else if let Some(live) = live {
            for (account, thread) in live.overlapping {
                stitch::reshade(self.db, account, thread)?;
            }
        }
        for thread in std::mem::take(&mut self.touched) {
            settle::refresh(self.db, thread, self.now)?;
        }
        self.db.execute_batch("COMMIT")?;
        self.open = false;
        Ok(std::mem::take(&mut self.changed).into_iter().collect())
    }

    /// Ends the import: stitches, names, and leaves the report (JSON) with it.
    pub fn finish(mut self, report: &str) -> Result<Tally, StoreError> {
        self.begin()?;
        self.write_waiting()?;
        for i in 0..self.strands.len() {
            self.settle_minute(i)?;
        }
        for i in 0..self.strands.len() {
            self.flush(i)?;
        }
        // Before any of this import's own go again: nobody has had their numbers before.
        tell::given_again(self.db, self.renamed.messages)?;
        self.settle_lines()?;
        self.settle_edits()?;
        self.renamed.break_ties(self.db, &self.standings)?;
        self.touched.extend(renamed::settle(self.db, &self.renamed)?);
        self.touched.extend(self.reworded.settle(self.db, &self.renamed)?);
        let told = retold::Told::of(self.db, &self.accounts)?;
        self.touched.extend(self.standings.settle(self.db, self.id)?);
        for account in &self.accounts {
            self.touched.extend(settle::account(self.db, *account)?);
        }
        self.touched.extend(self.standings.first_words(self.db, self.now)?);
        told.correct(self.db, &self.accounts, &mut self.tally)?;
        self.refresh_touched()?;
        settle::clear_unsettled(self.db)?;
        self.db
            .prepare_cached("UPDATE import SET finished_at = ?2, report = ?3 WHERE id = ?1")?
            .execute(params![self.id, self.now.0, report])?;
        self.db.execute_batch("COMMIT")?;
        self.open = false;
        Ok(std::mem::take(&mut self.tally))
    }

    pub(super) fn begin(&mut self) -> Result<(), StoreError> {
        if !self.open {
            self.db.execute_batch("BEGIN IMMEDIATE")?;
            self.open = true;
            // A live batch is one commit, and leaves the mark of an import beside it alone.
            if self.live.is_none() {
                settle::set_unsettled(self.db)?;
            }
            for s in &mut self.strands {
                s.follow(self.db)?;
            }
        }
        Ok(())
    }

    fn account(&mut self, a: &AccountRecord) -> Result<(), StoreError> {
        let source = a.source.as_str();
        // One that the other kind of door told of already, if it can be no other.
        let key = seam::account_key(self.db, a, self.live.as_ref().map(|l| l.account))?;
        self.db
            .prepare_cached(
                "INSERT INTO account(source, key, name, known_by) VALUES(?1,?2,?3,?4)
                 ON CONFLICT(source, key) DO UPDATE SET
                   name = CASE WHEN excluded.name <> '' THEN excluded.name ELSE name END,
                   known_by = CASE WHEN excluded.name <> '' THEN excluded.known_by ELSE known_by END",
            )?
            .execute(params![source, key, a.name, a.known_by])?;
        let id: i64 = self
            .db
            .prepare_cached("SELECT id FROM account WHERE source = ?1 AND key = ?2")?
            .query_row(params![source, key], |r| r.get(0))?;
        let (name, known_by) = mine::told_again(self.db, AccountId(id))?;
        if let Some(live) = &self.live {
            self.db
                .prepare_cached(
                    "UPDATE account SET live_id = ?2 WHERE id = ?1 AND live_id IS NOT ?2
                       AND EXISTS(SELECT 1 FROM live_account WHERE id = ?2 AND removed = 0)",
                )?
                .execute(params![id, live.account.0])?;
        }
        // Not the account's own name: where a reader knows me by my id, a namesake is not me.
        for name in a.me_names.iter().filter(|n| !n.is_empty()) {
            self.db
                .prepare_cached(
                    "INSERT OR IGNORE INTO account_name(account_id, name) VALUES(?1,?2)",
                )?
                .execute(params![id, name])?;
        }
        let names = self
            .db
            .prepare_cached("SELECT name FROM account_name WHERE account_id = ?1")?
            .query_map([id], |r| r.get(0))?
            .collect::<Result<_, _>>()?;
        self.tally.account = name;
        self.tally.known_by = if a.name.is_empty() { a.known_by.clone() } else { known_by };
        self.accounts.insert(AccountId(id));
        self.account = Some(Account { id: AccountId(id), source: source.to_owned(), names });
        Ok(())
    }

    fn thread(&mut self, t: ThreadRecord) -> Result<(), StoreError> {
        let account =
            self.account.as_ref().ok_or(StoreError::Order("a thread before its account"))?;
        let account_id = account.id;
        let dates = t.dates.clone();
        let i = if let Some(i) = self.at_hand(account_id, &t.key) {
            self.hear(i, t);
            i
        } else if let Some(known) = Strand::stored(self.db, account_id, &t.key)? {
            let i = self.keep_at_hand(known)?;
            self.hear(i, t);
            i
        } else {
            let new = self.new_strand(account_id, t)?;
            self.keep_at_hand(new)?
        };
        self.dates(i, dates.as_ref())
    }

    fn hear(&mut self, i: usize, t: ThreadRecord) {
        let s = &mut self.strands[i];
        s.dirty = true;
        if let Some(told) = s.hear(t, self.live.is_none().then_some(self.id)) {
            self.standings.hear(s, told);
        }
    }

    fn keep_at_hand(&mut self, strand: Strand) -> Result<usize, StoreError> {
        // Only a strand that this import meets for the first time counts as found.
        if self.seen_strands.insert(strand.id) {
            self.tally.threads_known += 1;
        }
        if self.strands.len() >= STRANDS_AT_HAND {
            self.write_waiting()?;
            self.settle_minute(0)?;
            self.flush(0)?;
            self.strands.pop_front();
        }
        self.strands.push_back(Strand { telling: self.ordinals.telling(), ..strand });
        Ok(self.strands.len() - 1)
    }

    fn new_strand(&mut self, account: AccountId, t: ThreadRecord) -> Result<Strand, StoreError> {
        let source = self.account.as_ref().map(|a| a.source.clone()).unwrap_or_default();
        self.db
            .prepare_cached("INSERT OR IGNORE INTO origin(name) VALUES(?1)")?
            .execute([&t.origin])?;
        let origin: i64 = self
            .db
            .prepare_cached("SELECT id FROM origin WHERE name = ?1")?
            .query_row([&t.origin], |r| r.get(0))?;
        self.db
            .prepare_cached("INSERT INTO thread(account_id, source) VALUES(?1,?2)")?
            .execute(params![account.0, source])?;
        let thread = ThreadId(self.db.last_insert_rowid());
        self.db
            .prepare_cached(
                "INSERT INTO strand(thread_id, account_id, key, origin_id, told) VALUES(?1,?2,?3,?4,?5)",
            )?
            .execute(params![thread.0, account.0, &*t.key, origin, serde_json::to_string(&t)?])?;
        let id = StrandId(self.db.last_insert_rowid());
        self.newcomer();
        self.tally.threads_added += 1;
        self.seen_strands.insert(id);
        Ok(Strand {
            id,
            thread,
            account,
            key: t.key.clone(),
            told: t,
            participants: HashMap::new(),
            aliases: HashMap::new(),
            heard: HashSet::new(),
            telling: 0,
            messages: 0,
            first: None,
            last: None,
            by: Some(self.id),
            known_last: None,
            telling_last: None,
            turn: None,
            minute: Minute::default(),
            dirty: true,
        })
    }

    pub(super) fn at_hand(&self, account: AccountId, key: &str) -> Option<usize> {
        self.strands.iter().rposition(|s| s.account == account && &*s.key == key)
    }

    pub(super) fn strand(&mut self, key: &Arc<str>) -> Result<usize, StoreError> {
        let account =
            self.account.as_ref().ok_or(StoreError::Order("a message before its account"))?;
        if let Some(i) = self.at_hand(account.id, key) {
            return Ok(i);
        }
        let known = Strand::stored(self.db, account.id, key)?;
        self.keep_at_hand(known.ok_or(StoreError::Order("a message before its thread"))?)
    }

    fn participant(&mut self, p: ParticipantRecord) -> Result<i64, StoreError> {
        let i = self.strand(&p.thread)?;
        if let Some(known) = self.by_alias(i, &p)? {
            return Ok(known);
        }
        self.hear_of(i, &p.key)?;
        let me = p.is_me || self.account.as_ref().is_some_and(|a| a.names.contains(&p.name));
        let s = &mut self.strands[i];
        let source = p.source.as_ref().map(crate::model::SourceId::as_str);
        // Of one strand several exports may tell; an account that is live tells all that it knows.
        let live = self.live.is_some();
        // A number, or that an account is gone, is no name.
        let nameless = !live && (p.placeholder || identities::is_bare(&p.name) || p.name == *p.key);
        // How they are called, and whether they are there, is for the newer export to say.
        let known = s
            .participants
            .get(&p.key)
            .copied()
            .filter(|id| !live && s.known_last.is_some() && *id <= self.renamed.people);
        if let Some(id) = known {
            self.renamed.call(id, s.id, &p, false);
        }
        self.db
            .prepare_cached(
                "INSERT INTO participant(strand_id, key, name, source, told_me, is_me, placeholder, gone)
                 VALUES(?1,?2,?3,?4,?5,?6,?7,?8)
                 ON CONFLICT(strand_id, key) DO UPDATE SET
                   name = CASE WHEN excluded.name <> '' AND NOT ?10 AND (NOT ?11 OR name = '')
                          THEN excluded.name ELSE name END,
                   source = CASE WHEN ?9 THEN excluded.source
                                 ELSE coalesce(excluded.source, source) END,
                   told_me = max(told_me, excluded.told_me), is_me = max(is_me, excluded.is_me),
                   placeholder = max(placeholder, excluded.placeholder),
                   gone = CASE WHEN ?10 THEN gone ELSE excluded.gone END",
            )?
            .execute(params![
                s.id.0,
                &*p.key,
                p.name,
                source,
                p.is_me,
                me,
                p.placeholder,
                p.left,
                live,
                known.is_some(),
                nameless
            ])?;
        let id: i64 = self
            .db
            .prepare_cached("SELECT id FROM participant WHERE strand_id = ?1 AND key = ?2")?
            .query_row(params![s.id.0, &*p.key], |r| r.get(0))?;
        let newcomer = s.participants.insert(p.key, id).is_none();
        s.dirty = true;
        if newcomer {
            self.newcomer();
        }
        Ok(id)
    }

    pub(super) fn sender(
        &mut self,
        i: usize,
        key: &Arc<str>,
        source: &Arc<str>,
    ) -> Result<i64, StoreError> {
        self.hear_of(i, key)?;
        if let Some(id) = self.strands[i].participants.get(key) {
            return Ok(*id);
        }
        // Someone who writes without being listed: they have left, or the list is of today.
        self.participant(ParticipantRecord {
            thread: source.clone(),
            key: key.clone(),
            name: key.to_string(),
            source: None,
            is_me: false,
            placeholder: false,
            left: false,
        })
    }

    pub(super) fn flush(&mut self, i: usize) -> Result<(), StoreError> {
        self.write_waiting()?;
        let s = &mut self.strands[i];
        self.standings.reaches(s);
        self.renamed.reaches(s);
        if !s.dirty {
            return Ok(());
        }
        s.dirty = false;
        self.db
            .prepare_cached(
                "UPDATE strand SET told = json_set(?2, '$.by', ?6), messages = ?3, first_at = ?4,
                   last_at = ?5 WHERE id = ?1",
            )?
            .execute(params![
                s.id.0,
                serde_json::to_string(&s.told)?,
                s.messages,
                s.first,
                s.last,
                s.by
            ])?;
        self.touched.insert(s.thread);
        self.changed.insert(s.thread);
        Ok(())
    }
}

impl Drop for Import<'_> {
    fn drop(&mut self) {
        if self.open && self.db.execute_batch("ROLLBACK").is_err() {
            // The connection is past helping; SQLite rolls back when it closes.
            self.open = false;
        }
    }
}
