//! Reading thread rows: windows of the list, one thread, its people, its strands.

use std::collections::BTreeSet;

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row, params, params_from_iter};
use serde::{Deserialize, Serialize};

use super::renamed_text::STANDS;
use super::{Reader, StoreError, triage};
use crate::model::{
    AccountId, Evidence, FileRules, IdentityId, Limits, Membership, Mute, NotifyOf, PersonalMark,
    PostingLimit, Shut, SourceId, StrandId, ThreadId, ThreadKind, Timestamp, Wish,
};

/// What the strands tell of a thread, for the policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ThreadFacts {
    /// Sources other than home from which anyone ever wrote or was listed.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub foreign: BTreeSet<SourceId>,
    /// A cross-app flag or notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cross_app: Option<(Option<SourceId>, Evidence)>,
    /// Flagged read-only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only: Option<Evidence>,
    /// Flagged as closing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub will_be_read_only: Option<Evidence>,
    /// Whether I am still in.
    pub membership: Membership,
    /// Who may post.
    pub posting: PostingLimit,
    /// The other account is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer_gone: Option<Evidence>,
    /// The other's handle or number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The other's source, where not home.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer_source: Option<SourceId>,
    /// What a connected account can do here; `None`: no account is connected to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live: Option<BTreeSet<Wish>>,
    /// What a connected account says of files here.
    #[serde(skip_serializing_if = "FileRules::is_empty")]
    pub files: FileRules,
    /// The longest text that a connected account says is taken here, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest: Option<u64>,
    /// What a connected account says of answering, changing and reacting here.
    #[serde(skip_serializing_if = "Limits::is_none")]
    pub limits: Limits,
    /// A message request of a connected account: writing accepts it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub request: bool,
    /// What of it calls me, as a connected account has it.
    #[serde(skip_serializing_if = "NotifyOf::is_all")]
    pub notify: NotifyOf,
    /// Why a live account could not write, as it was last told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shut: Option<Shut>,
    /// How many strands it is stitched from.
    pub strands: u32,
}

/// A thread's row.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredThread {
    /// The thread.
    pub id: ThreadId,
    /// My account.
    pub account: AccountId,
    /// Its home.
    pub source: SourceId,
    /// Title as it came.
    pub title: String,
    /// Direct, group or channel.
    pub kind: ThreadKind,
    /// How many messages.
    pub messages: u64,
    /// The first.
    pub first: Option<Timestamp>,
    /// The last.
    pub last: Option<Timestamp>,
    /// The last one's text.
    pub preview: String,
    /// Its sender; `None`: me or the app.
    pub preview_sender: Option<String>,
    /// It is mine.
    pub preview_mine: bool,
    /// Unread messages, where known.
    pub unread: Option<u32>,
    /// Archived.
    pub archived: bool,
    /// What the strands tell.
    pub facts: ThreadFacts,
    /// What the person said.
    pub mark: PersonalMark,
    /// The draft.
    pub draft: Option<String>,
    /// Pinned at the top.
    pub pinned: bool,
    /// Muted.
    pub muted: Option<Mute>,
    /// Out of sight until then.
    pub snoozed_until: Option<Timestamp>,
    /// The last word was theirs.
    pub awaiting: bool,
    /// Somebody named me since I last wrote.
    pub mentioned: bool,
    /// Starred messages.
    pub stars: u64,
    /// Labels, sorted.
    pub labels: Vec<String>,
}

impl StoredThread {
    /// Muted for good, or for a time that is not over.
    pub fn is_muted(&self, now: Timestamp) -> bool {
        self.muted.is_some_and(|m| m.holds(now))
    }
}

/// Somebody in a thread, over all its strands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredParticipant {
    /// What messages and reactions name them by.
    pub key: String,
    /// Their name as it came.
    pub name: String,
    /// Their source, where it is known.
    pub source: Option<SourceId>,
    /// It is me.
    pub is_me: bool,
    /// A stand-in for a deleted account.
    pub placeholder: bool,
    /// No longer in.
    pub gone: bool,
    /// Whom it is known as; nobody for me and for stand-ins.
    pub identity: Option<IdentityId>,
}

/// One strand of a thread.
#[derive(Clone, Debug, PartialEq)]
pub struct StrandInfo {
    /// The strand.
    pub id: StrandId,
    /// The door.
    pub origin: String,
    /// How many messages it tells.
    pub messages: u64,
    /// As it was told.
    pub told: crate::model::ThreadRecord,
}

/// My account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAccount {
    /// The account.
    pub id: AccountId,
    /// Its source.
    pub source: SourceId,
    /// Its key.
    pub key: String,
    /// My name there.
    pub name: String,
    /// How it is known.
    pub known_by: String,
    /// Every name under which I write.
    pub names: Vec<String>,
}

/// Which threads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThreadQuery {
    /// Of one source.
    pub source: Option<SourceId>,
    /// Cross-app by flag, participant or mark.
    pub cross_app: bool,
    /// Archived (`Some(true)`), not archived (`Some(false)`), either.
    pub archived: Option<bool>,
    /// With unread messages.
    pub unread: bool,
    /// With a draft.
    pub drafts: bool,
    /// Out of sight at an instant (`true`), or in sight (`false`).
    pub snoozed: Option<(bool, Timestamp)>,
    /// With starred messages.
    pub starred: bool,
    /// In which somebody named me.
    pub mentioned: bool,
    /// With this label.
    pub label: Option<String>,
    /// Threads with unread messages come first; pinned ones before all.
    pub unread_first: bool,
}

const COLUMNS: &str = "t.id, t.account_id, t.source, t.title, t.kind, t.messages, t.first_at,
  t.last_at, t.preview, t.preview_sender, t.preview_mine, t.unread, t.archived, t.facts, k.mark,
  d.text, t.pinned, t.muted, t.snoozed_until, t.awaiting, t.mentioned, t.stars, t.labels FROM thread t LEFT JOIN mark k ON k.thread_id = t.id LEFT JOIN draft d ON d.thread_id = t.id";

const BY_ACTIVITY: &str = "t.pinned DESC, t.last_at DESC, t.id DESC";
const UNREAD_FIRST: &str =
    "t.pinned DESC, (coalesce(t.unread, 0) > 0) DESC, t.last_at DESC, t.id DESC";

impl ThreadQuery {
    fn clause(&self) -> (String, Vec<Value>) {
        let mut parts: Vec<&str> = Vec::new();
        let mut values = Vec::new();
        if let Some(source) = &self.source {
            parts.push("t.source = ?");
            values.push(Value::from(source.as_str().to_owned()));
        }
        if self.cross_app {
            parts.push("(t.cross_app = 1 OR json_extract(k.mark, '$.cross_app') IS NOT NULL)");
        }
        if let Some(archived) = self.archived {
            parts.push(if archived { "t.archived = 1" } else { "t.archived = 0" });
        }
        if self.unread {
            parts.push("t.unread > 0");
        }
        if self.drafts {
            parts.push("d.text IS NOT NULL");
        }
        if let Some((snoozed, now)) = self.snoozed {
            parts.push(if snoozed {
                "t.snoozed_until > ?"
            } else {
                "(t.snoozed_until IS NULL OR t.snoozed_until <= ?)"
            });
            values.push(Value::from(now.0));
        }
        if self.starred {
            parts.push("t.stars > 0");
        }
        if self.mentioned {
            parts.push("t.mentioned = 1");
        }
        if let Some(label) = &self.label {
            parts.push("EXISTS(SELECT 1 FROM label l WHERE l.thread_id = t.id AND l.name = ?)");
            values.push(Value::from(label.clone()));
        }
        let clause =
            if parts.is_empty() { String::new() } else { format!("WHERE {}", parts.join(" AND ")) };
        (clause, values)
    }
}

impl Reader {
    /// A window of the list, newest activity first.
    pub fn threads(
        &self,
        query: &ThreadQuery,
        offset: usize,
        limit: usize,
    ) -> Result<Vec<StoredThread>, StoreError> {
        let (clause, mut values) = query.clause();
        values.push(Value::from(i64::try_from(limit).unwrap_or(i64::MAX)));
        values.push(Value::from(i64::try_from(offset).unwrap_or(i64::MAX)));
        let sql = format!(
            "SELECT {COLUMNS} {clause} ORDER BY {} LIMIT ? OFFSET ?",
            if query.unread_first { UNREAD_FIRST } else { BY_ACTIVITY }
        );
        let mut q = self.db.prepare_cached(&sql)?;
        let mut rows = q.query(params_from_iter(values))?;
        let mut out = Vec::new();
        while let Some(r) = rows.next()? {
            out.push(stored_thread(r)?);
        }
        Ok(out)
    }

    /// What every thread is called, newest activity first.
    pub fn titles(&self) -> Result<Vec<(ThreadId, SourceId, String)>, StoreError> {
        let sql = "SELECT id, source, title FROM thread ORDER BY last_at DESC, id DESC";
        let mut q = self.db.prepare_cached(sql)?;
        let rows = q.query_map([], |r| {
            let source: String = r.get(1)?;
            Ok((ThreadId(r.get(0)?), SourceId::new(&source), r.get(2)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many threads a query has.
    pub fn count_threads(&self, query: &ThreadQuery) -> Result<usize, StoreError> {
        let (clause, values) = query.clause();
        let sql = format!(
            "SELECT count(*) FROM thread t LEFT JOIN mark k ON k.thread_id = t.id
             LEFT JOIN draft d ON d.thread_id = t.id {clause}"
        );
        let n: i64 =
            self.db.prepare_cached(&sql)?.query_row(params_from_iter(values), |r| r.get(0))?;
        Ok(usize::try_from(n).unwrap_or(0))
    }

    /// How many threads stand before a thread in a query's order.
    pub fn place_of(&self, query: &ThreadQuery, thread: ThreadId) -> Result<usize, StoreError> {
        let (clause, mut values) = query.clause();
        let rank = if query.unread_first { "(coalesce(unread, 0) > 0)" } else { "0" };
        let more = &format!(
            "(t.pinned, {}, coalesce(t.last_at, -9e18), t.id) >
             (SELECT pinned, {rank}, coalesce(last_at, -9e18), id FROM thread WHERE id = ?)",
            rank.replace("unread", "t.unread")
        );
        let clause = if clause.is_empty() {
            format!("WHERE {more}")
        } else {
            format!("{clause} AND {more}")
        };
        values.push(Value::from(thread.0));
        let sql = format!(
            "SELECT count(*) FROM thread t LEFT JOIN mark k ON k.thread_id = t.id
             LEFT JOIN draft d ON d.thread_id = t.id {clause}"
        );
        let n: i64 =
            self.db.prepare_cached(&sql)?.query_row(params_from_iter(values), |r| r.get(0))?;
        Ok(usize::try_from(n).unwrap_or(0))
    }

    /// One thread.
    pub fn thread(&self, id: ThreadId) -> Result<Option<StoredThread>, StoreError> {
        let sql = format!("SELECT {COLUMNS} WHERE t.id = ?1");
        let mut q = self.db.prepare_cached(&sql)?;
        let mut rows = q.query([id.0])?;
        rows.next()?.map(stored_thread).transpose()
    }

    /// Whether a source has a direct thread of exactly this title.
    pub fn title_twin(
        &self,
        source: &SourceId,
        title: &str,
    ) -> Result<Option<ThreadId>, StoreError> {
        Ok(self
            .db
            .prepare_cached(
                "SELECT id FROM thread WHERE source = ?1 AND title = ?2 AND kind = 'direct' LIMIT 1",
            )?
            .query_row(params![source.as_str(), title], |r| r.get(0).map(ThreadId))
            .optional()?)
    }

    /// Everyone in a strand, as it tells of them.
    pub fn strand_participants(
        &self,
        strand: StrandId,
    ) -> Result<Vec<StoredParticipant>, StoreError> {
        let mut q = self.db.prepare_cached(
            "SELECT key, name, source, is_me, placeholder, gone, identity_id FROM participant
             WHERE strand_id = ?1 ORDER BY id",
        )?;
        Ok(q.query_map([strand.0], participant)?.collect::<Result<_, _>>()?)
    }

    /// Everyone in a thread; those whom several strands know stand once.
    pub fn participants(&self, thread: ThreadId) -> Result<Vec<StoredParticipant>, StoreError> {
        let mut q = self.db.prepare_cached(&format!(
            "SELECT p.key, p.name, p.source, p.is_me, p.placeholder, p.gone, p.identity_id
             FROM participant p JOIN strand s ON s.id = p.strand_id
             WHERE s.thread_id = ?1 AND {STANDS} ORDER BY s.first_at, s.key, p.id"
        ))?;
        let rows = q.query_map([thread.0], participant)?;
        let mut out: Vec<StoredParticipant> = Vec::new();
        for p in rows {
            let p = p?;
            match out.iter_mut().find(|o| o.key == p.key && o.source == p.source) {
                Some(known) => known.gone &= p.gone,
                None => out.push(p),
            }
        }
        Ok(out)
    }

    /// The strands of a thread, earliest first.
    pub fn strands(&self, thread: ThreadId) -> Result<Vec<StrandInfo>, StoreError> {
        let mut q = self.db.prepare_cached(
            "SELECT s.id, o.name, s.messages, s.told FROM strand s JOIN origin o ON o.id = s.origin_id
             WHERE s.thread_id = ?1 ORDER BY s.first_at, s.id",
        )?;
        let mut rows = q.query([thread.0])?;
        let mut out = Vec::new();
        while let Some(r) = rows.next()? {
            out.push(StrandInfo {
                id: StrandId(r.get(0)?),
                origin: r.get(1)?,
                messages: r.get::<_, i64>(2)?.unsigned_abs(),
                told: serde_json::from_str(&r.get::<_, String>(3)?)?,
            });
        }
        Ok(out)
    }

    /// Every account.
    pub fn accounts(&self) -> Result<Vec<StoredAccount>, StoreError> {
        let mut q = self.db.prepare_cached(
            "SELECT id, source, key, name, known_by FROM account ORDER BY source, id",
        )?;
        let mut accounts: Vec<StoredAccount> = q
            .query_map([], |r| {
                Ok(StoredAccount {
                    id: AccountId(r.get(0)?),
                    source: SourceId::new(&r.get::<_, String>(1)?),
                    key: r.get(2)?,
                    name: r.get(3)?,
                    known_by: r.get(4)?,
                    names: Vec::new(),
                })
            })?
            .collect::<Result<_, _>>()?;
        let mut q = self
            .db
            .prepare_cached("SELECT name FROM account_name WHERE account_id = ?1 ORDER BY name")?;
        for a in &mut accounts {
            a.names = q.query_map([a.id.0], |r| r.get(0))?.collect::<Result<_, _>>()?;
        }
        Ok(accounts)
    }

    /// Messages in the whole store.
    pub fn count_messages(&self) -> Result<u64, StoreError> {
        let n: i64 =
            self.db.query_row("SELECT coalesce(sum(messages), 0) FROM thread", [], |r| r.get(0))?;
        Ok(n.unsigned_abs())
    }
}

fn participant(r: &Row<'_>) -> rusqlite::Result<StoredParticipant> {
    Ok(StoredParticipant {
        key: r.get(0)?,
        name: r.get(1)?,
        source: r.get::<_, Option<String>>(2)?.map(|s| SourceId::new(&s)),
        is_me: r.get(3)?,
        placeholder: r.get(4)?,
        gone: r.get(5)?,
        identity: r.get::<_, Option<i64>>(6)?.map(IdentityId),
    })
}

fn stored_thread(r: &Row<'_>) -> Result<StoredThread, StoreError> {
    let mark: Option<String> = r.get(14)?;
    Ok(StoredThread {
        id: ThreadId(r.get(0)?),
        account: AccountId(r.get(1)?),
        source: SourceId::new(&r.get::<_, String>(2)?),
        title: r.get(3)?,
        kind: match r.get::<_, String>(4)?.as_str() {
            "group" => ThreadKind::Group,
            "channel" => ThreadKind::Channel,
            _ => ThreadKind::Direct,
        },
        messages: r.get::<_, i64>(5)?.unsigned_abs(),
        first: r.get::<_, Option<i64>>(6)?.map(Timestamp),
        last: r.get::<_, Option<i64>>(7)?.map(Timestamp),
        preview: r.get(8)?,
        preview_sender: r.get(9)?,
        preview_mine: r.get(10)?,
        unread: r.get(11)?,
        archived: r.get(12)?,
        facts: serde_json::from_str(&r.get::<_, String>(13)?)?,
        mark: mark.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default(),
        draft: r.get(15)?,
        pinned: r.get(16)?,
        muted: triage::mute(r.get(17)?),
        snoozed_until: r.get::<_, Option<i64>>(18)?.map(Timestamp),
        awaiting: r.get(19)?,
        mentioned: r.get(20)?,
        stars: r.get::<_, i64>(21)?.unsigned_abs(),
        labels: serde_json::from_str(&r.get::<_, String>(22)?)?,
    })
}
