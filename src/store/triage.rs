//! What the person does with threads and messages to keep the inbox small. Their word stands above
//! what an export says, in tables of its own; what comes of both stands on the thread's row.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, params};

use super::{Reader, StoreError, Writer, row, settle};
use crate::model::{MessageId, Mute, Notify, ThreadId, ThreadKind, Timestamp};

/// What is done with a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TriageWord {
    /// Archived or not.
    Archive(bool),
    /// Pinned or not.
    Pin(bool),
    /// Muted or not.
    Mute(bool),
    /// Unread, or read as far as it goes now.
    Unread(bool),
    /// Out of sight until then.
    Snooze(Option<Timestamp>),
    /// A label, on or off.
    Label(String, bool),
}

/// Muted until it is undone.
pub(super) const FOR_GOOD: i64 = 1;

/// The person's word on a thread; `None` where they said nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Triage {
    pub(super) archived: Option<bool>,
    pub(super) pinned: bool,
    /// 0: not. `FOR_GOOD`, or until an instant in milliseconds.
    muted: i64,
    /// Marked unread, or read up to an instant.
    unread: Option<bool>,
    read_to: Option<i64>,
    pub(super) snoozed_until: Option<i64>,
}

/// How a thread stood before a change: putting that back is the exact inverse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriageBefore {
    thread: ThreadId,
    word: Triage,
    labels: Vec<String>,
}

impl Writer {
    /// Does something with threads, all of it in one commit. Returns how they stood before; threads
    /// that are not there are passed over.
    pub fn triage(
        &mut self,
        threads: &[ThreadId],
        words: &[TriageWord],
        now: Timestamp,
    ) -> Result<Vec<TriageBefore>, StoreError> {
        let tx = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let mut before = Vec::new();
        // A thread that is named twice stood one way before.
        let threads: BTreeSet<ThreadId> = threads.iter().copied().collect();
        for thread in threads {
            let last: Option<Option<i64>> = tx
                .prepare_cached("SELECT last_at FROM thread WHERE id = ?1")?
                .query_row([thread.0], |r| r.get(0))
                .optional()?;
            let Some(last) = last else { continue };
            let word = of(&tx, thread)?;
            before.push(TriageBefore { thread, word, labels: labels(&tx, thread)? });
            for word in words {
                change(&tx, thread, word, last)?;
            }
            settle::refresh(&tx, thread, now)?;
        }
        tx.commit()?;
        Ok(before)
    }

    /// Puts threads back as they stood.
    /// Returns how many are still there.
    pub fn untriage(
        &mut self,
        before: &[TriageBefore],
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let mut back = 0;
        let tx = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        for b in before {
            // Joined with another meanwhile: its words went there.
            let lives: bool = tx
                .prepare_cached("SELECT EXISTS(SELECT 1 FROM thread WHERE id = ?1)")?
                .query_row([b.thread.0], |r| r.get(0))?;
            if !lives {
                continue;
            }
            put(&tx, b.thread, &b.word)?;
            tx.prepare_cached("DELETE FROM label WHERE thread_id = ?1")?.execute([b.thread.0])?;
            for name in &b.labels {
                tx.prepare_cached("INSERT INTO label(thread_id, name) VALUES(?1, ?2)")?
                    .execute(params![b.thread.0, name])?;
            }
            settle::refresh(&tx, b.thread, now)?;
            back += 1;
        }
        tx.commit()?;
        Ok(back)
    }

    /// Stars a message, or takes its star away. Its thread, if anything changed.
    pub fn star(
        &mut self,
        message: MessageId,
        on: bool,
        now: Timestamp,
    ) -> Result<Option<ThreadId>, StoreError> {
        let tx = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let place: Option<(i64, i64)> = tx
            .query_row("SELECT thread_id, strand_id FROM message WHERE id = ?1", [message.0], |r| {
                Ok((r.get(0)?, r.get(1)?))
            })
            .optional()?;
        let Some((thread, strand)) = place else { return Err(StoreError::NoMessage(message)) };
        let changed = match on {
            true => tx.execute(
                "INSERT OR IGNORE INTO star(message_id, strand_id) VALUES(?1, ?2)",
                [message.0, strand],
            )?,
            // With the stars of those who tell the same, which would bring it back.
            false => tx.execute(
                "DELETE FROM star WHERE message_id IN (SELECT o.id FROM message m
                   JOIN strand s ON s.thread_id = m.thread_id
                   JOIN message o ON o.strand_id = s.id AND o.fp = m.fp WHERE m.id = ?1)",
                [message.0],
            )?,
        };
        if changed == 0 {
            return Ok(None);
        }
        settle::refresh(&tx, ThreadId(thread), now)?;
        tx.commit()?;
        Ok(Some(ThreadId(thread)))
    }

    /// Remembers that something was announced. False if it had been.
    pub fn announce(&mut self, what: &str) -> Result<bool, StoreError> {
        let key = format!("announced:{what}");
        Ok(self.db.execute("INSERT OR IGNORE INTO meta(key, value) VALUES(?1, '1')", [key])? > 0)
    }
}

fn change(
    db: &Connection,
    thread: ThreadId,
    word: &TriageWord,
    last: Option<i64>,
) -> Result<(), StoreError> {
    let mut had = of(db, thread)?;
    match word {
        TriageWord::Archive(on) => had.archived = Some(*on),
        TriageWord::Pin(on) => had.pinned = *on,
        TriageWord::Mute(on) => had.muted = if *on { FOR_GOOD } else { 0 },
        TriageWord::Unread(on) => {
            had.unread = Some(*on);
            had.read_to = last.filter(|_| !on);
        }
        TriageWord::Snooze(until) => had.snoozed_until = until.map(|t| t.0),
        TriageWord::Label(name, true) => {
            db.prepare_cached("INSERT OR IGNORE INTO label(thread_id, name) VALUES(?1, ?2)")?
                .execute(params![thread.0, known_label(db, name)?])?;
        }
        TriageWord::Label(name, false) => {
            db.prepare_cached("DELETE FROM label WHERE thread_id = ?1 AND name = ?2")?
                .execute(params![thread.0, known_label(db, name)?])?;
        }
    }
    put(db, thread, &had)
}

/// A label as it was first written: "friends" is "Friends".
fn known_label(db: &Connection, name: &str) -> Result<String, StoreError> {
    let wanted = name.to_lowercase();
    let mut all = db.prepare_cached("SELECT DISTINCT name FROM label")?;
    for known in all.query_map([], |r| r.get::<_, String>(0))? {
        let known = known?;
        if known.to_lowercase() == wanted {
            return Ok(known);
        }
    }
    Ok(name.to_owned())
}

/// The person's word on a thread.
pub(super) fn of(db: &Connection, thread: ThreadId) -> Result<Triage, StoreError> {
    Ok(standing(db, thread)?.1.said)
}

fn put(db: &Connection, thread: ThreadId, t: &Triage) -> Result<(), StoreError> {
    if *t == Triage::default() {
        db.prepare_cached("DELETE FROM triage WHERE thread_id = ?1")?.execute([thread.0])?;
        return Ok(());
    }
    db.prepare_cached(
        "INSERT OR REPLACE INTO triage(thread_id, archived, pinned, muted, unread, read_to, snoozed_until)
         VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        thread.0,
        t.archived,
        t.pinned,
        t.muted,
        t.unread,
        t.read_to,
        t.snoozed_until
    ])?;
    Ok(())
}

fn labels(db: &Connection, thread: ThreadId) -> Result<Vec<String>, StoreError> {
    let mut q = db.prepare_cached("SELECT name FROM label WHERE thread_id = ?1 ORDER BY name")?;
    Ok(q.query_map([thread.0], |r| r.get(0))?.collect::<Result<_, _>>()?)
}

/// A starred message that is told twice: the one that is shown bears the star too. The other keeps
/// its own, so that parting brings it back.
pub(super) fn show_stars(db: &Connection, strands: &[i64]) -> Result<(), StoreError> {
    for strand in strands {
        let mut q = db.prepare_cached(
            "SELECT m.fp FROM star r JOIN message m ON m.id = r.message_id
             WHERE r.strand_id = ?1 AND +m.shadow = 1",
        )?;
        let hidden: Vec<i64> = q.query_map([strand], |r| r.get(0))?.collect::<Result<_, _>>()?;
        for (fp, other) in hidden.iter().flat_map(|fp| strands.iter().map(move |s| (fp, s))) {
            db.prepare_cached(
                "INSERT OR IGNORE INTO star(message_id, strand_id) SELECT id, strand_id FROM message
                 WHERE strand_id = ?1 AND fp = ?2 AND shadow = 0",
            )?
            .execute(params![other, fp])?;
        }
    }
    Ok(())
}

/// What the person said of a thread, and the row's share of it.
pub(super) struct Standing {
    /// Their word.
    pub said: Triage,
    /// Starred messages that are shown.
    pub stars: i64,
    /// Labels, as the row keeps them (JSON).
    pub labels: String,
}

/// A thread's source and the person's word on it: asked for every row that is worked out anew, so
/// in one query.
pub(super) fn standing(
    db: &Connection,
    thread: ThreadId,
) -> Result<(String, Standing), StoreError> {
    let mut q = db.prepare_cached(
        "SELECT t.source,
           (SELECT count(*) FROM strand s JOIN star r ON r.strand_id = s.id
              JOIN message m ON m.id = r.message_id WHERE s.thread_id = t.id AND m.shadow = 0),
           (SELECT json_group_array(name) FROM
              (SELECT name FROM label WHERE thread_id = t.id ORDER BY name)),
           w.archived, w.pinned, w.muted, w.unread, w.read_to, w.snoozed_until
         FROM thread t LEFT JOIN triage w ON w.thread_id = t.id WHERE t.id = ?1",
    )?;
    Ok(q.query_row([thread.0], |r| {
        let said = Triage {
            archived: r.get(3)?,
            pinned: r.get::<_, Option<bool>>(4)?.unwrap_or(false),
            muted: r.get::<_, Option<i64>>(5)?.unwrap_or(0),
            unread: r.get(6)?,
            read_to: r.get(7)?,
            snoozed_until: r.get(8)?,
        };
        Ok((r.get(0)?, Standing { said, stars: r.get(1)?, labels: r.get(2)? }))
    })?)
}

/// Puts in what an app said of a new thread, if nobody has said anything.
pub(super) fn first_word(
    db: &Connection,
    thread: ThreadId,
    pinned: bool,
    muted: i64,
) -> Result<(), StoreError> {
    let said: bool = db
        .prepare_cached("SELECT EXISTS(SELECT 1 FROM triage WHERE thread_id = ?1)")?
        .query_row([thread.0], |r| r.get(0))?;
    if said {
        return Ok(());
    }
    put(db, thread, &Triage { pinned, muted, ..Triage::default() })
}

/// How a thread is muted, from what is stored.
pub(super) fn mute(stored: i64) -> Option<Mute> {
    match stored {
        0 => None,
        FOR_GOOD => Some(Mute::Always),
        end => Some(Mute::Until(Timestamp(end))),
    }
}

impl Triage {
    /// How it is muted, as it is stored: whether that still holds shows when it is looked at.
    pub(super) fn muted(&self) -> i64 {
        self.muted
    }

    /// How many are unread, by what the export says and the person's word.
    pub(super) fn unread_of(&self, told: Option<u32>, last: Option<i64>) -> Option<u32> {
        match self.unread {
            Some(true) => Some(told.unwrap_or(0).max(1)),
            // Newer messages than were read: what the export says of them counts again.
            Some(false) if last <= self.read_to => Some(0),
            Some(false) | None => told,
        }
    }
}

/// How far back it is looked who had the last word.
const BACK: i64 = 300;

/// What a thread asks of me.
#[derive(Default)]
pub(super) struct Due {
    /// An answer.
    pub awaiting: bool,
    /// To look: somebody named me.
    pub mentioned: bool,
}

impl Due {
    /// The last word of a direct thread was theirs; in a group somebody named me since I last
    /// wrote. Calls, the app's own lines and deleted messages are no words.
    /// `last` is whether the last word is mine, where that is known.
    pub(super) fn of(
        db: &Connection,
        thread: ThreadId,
        kind: ThreadKind,
        last: Option<bool>,
    ) -> Result<Self, StoreError> {
        match kind {
            ThreadKind::Direct => {
                let theirs = match last {
                    Some(mine) => !mine,
                    None => last_word_is_theirs(db, thread)?,
                };
                Ok(Self { awaiting: theirs, mentioned: false })
            }
            ThreadKind::Group => {
                let mentioned = is_mentioned(db, thread)?;
                Ok(Self { awaiting: mentioned, mentioned })
            }
            ThreadKind::Channel => Ok(Self::default()),
        }
    }
}

fn last_word_is_theirs(db: &Connection, thread: ThreadId) -> Result<bool, StoreError> {
    let mut q = db.prepare_cached(
        "SELECT m.kind, m.flags, p.is_me FROM message m LEFT JOIN participant p ON p.id = m.sender_id
         WHERE m.thread_id = ?1 AND m.shadow = 0
         ORDER BY m.sent_at DESC, m.ord DESC, m.id DESC LIMIT ?2",
    )?;
    let mut rows = q.query(params![thread.0, BACK])?;
    while let Some(r) = rows.next()? {
        let (kind, flags): (i64, i64) = (r.get(0)?, r.get(1)?);
        let mine: Option<bool> = r.get(2)?;
        if let Some(mine) = mine.filter(|_| row::is_word(kind, flags)) {
            return Ok(!mine);
        }
    }
    Ok(false)
}

fn is_mentioned(db: &Connection, thread: ThreadId) -> Result<bool, StoreError> {
    let mut q = db.prepare_cached(
        "SELECT DISTINCT n.name FROM account_name n JOIN account a ON a.id = n.account_id
         JOIN account home ON coalesce(home.same_as, home.id) = coalesce(a.same_as, a.id)
         JOIN thread t ON t.account_id = home.id WHERE t.id = ?1",
    )?;
    let names: Vec<String> = q.query_map([thread.0], |r| r.get(0))?.collect::<Result<_, _>>()?;
    let mut asked: Vec<String> = Vec::new();
    for name in names {
        let name = name.to_lowercase();
        asked.extend(name.split_whitespace().next().map(str::to_owned));
        asked.push(name);
    }
    asked.retain(|n| n.chars().count() > 1);
    let mut q = db.prepare_cached(
        "SELECT m.text, p.is_me, m.flags FROM message m LEFT JOIN participant p ON p.id = m.sender_id
         WHERE m.thread_id = ?1 AND m.shadow = 0 AND m.kind IN (0, 3) AND m.flags & 6 = 0
         ORDER BY m.sent_at DESC, m.ord DESC, m.id DESC LIMIT ?2",
    )?;
    let mut rows = q.query(params![thread.0, BACK])?;
    while let Some(r) = rows.next()? {
        if r.get::<_, Option<bool>>(1)? == Some(true) {
            return Ok(false);
        }
        if r.get::<_, i64>(2)? & row::MENTION != 0 {
            return Ok(true);
        }
        let text = r.get_ref(0)?.as_str().unwrap_or("");
        if text.contains('@') && names_me(&text.to_lowercase(), &asked) {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Reader {
    /// How loudly others have called me in a thread after a time; `None`: nobody said anything,
    /// `Unknown`: the service says nothing of what they said.
    pub fn loudest(
        &self,
        thread: ThreadId,
        after: Timestamp,
    ) -> Result<Option<Notify>, StoreError> {
        let mut q = self.db.prepare_cached(
            "SELECT m.flags FROM message m JOIN participant p ON p.id = m.sender_id
             WHERE m.thread_id = ?1 AND m.shadow = 0 AND m.sent_at > ?2 AND NOT p.is_me
               AND m.flags & 6 = 0
             ORDER BY m.sent_at DESC, m.ord DESC, m.id DESC LIMIT ?3",
        )?;
        let said = q.query_map(params![thread.0, after.0, BACK], |r| r.get(0))?;
        let said = said.map(|flags| flags.map(row::notify_of)).collect::<Result<Vec<_>, _>>()?;
        let rank = |n: &Notify| match n {
            Notify::Quiet => 0,
            Notify::Unknown => 1,
            Notify::Call => 2,
            Notify::Mention => 3,
        };
        Ok(said.into_iter().max_by_key(rank))
    }
}

/// `@name`, with nothing that goes on a word behind it.
fn names_me(text: &str, asked: &[String]) -> bool {
    // WhatsApp puts marks of direction around a name.
    let marks = |c: char| matches!(c, '\u{2068}' | '\u{2069}' | '\u{200e}' | '\u{200f}');
    // What stands before the sign tells an address from a call.
    let calls = |at: &usize| !text[..*at].ends_with(char::is_alphanumeric);
    text.match_indices('@').map(|(at, _)| at).filter(calls).any(|at| {
        let after = text[at + 1..].trim_start_matches(marks);
        asked.iter().any(|name| {
            after
                .strip_prefix(name.as_str())
                .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        })
    })
}

/// The person's word goes where a thread's messages went, word by word: what was said of either
/// holds. Where both say something, that of the thread that stays does.
pub(super) fn carry(db: &Connection, from: ThreadId, to: ThreadId) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO triage(thread_id, archived, pinned, muted, unread, read_to, snoozed_until)
           SELECT ?2, archived, pinned, muted, unread, read_to, snoozed_until FROM triage WHERE thread_id = ?1
         ON CONFLICT(thread_id) DO UPDATE SET
           archived = coalesce(triage.archived, excluded.archived),
           pinned = max(triage.pinned, excluded.pinned),
           muted = CASE WHEN 1 IN (triage.muted, excluded.muted) THEN 1
             ELSE max(triage.muted, excluded.muted) END,
           read_to = CASE WHEN triage.unread IS NULL THEN excluded.read_to ELSE triage.read_to END,
           unread = coalesce(triage.unread, excluded.unread),
           snoozed_until = coalesce(triage.snoozed_until, excluded.snoozed_until)",
    )?
    .execute(params![from.0, to.0])?;
    db.prepare_cached(
        "INSERT OR IGNORE INTO label(thread_id, name) SELECT ?2, name FROM label WHERE thread_id = ?1",
    )?
    .execute(params![from.0, to.0])?;
    for table in ["triage", "label"] {
        db.prepare_cached(&format!("DELETE FROM {table} WHERE thread_id = ?1"))?
            .execute([from.0])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_named() {
        let asked = ["sam".to_owned(), "sam rivera".to_owned()];
        for (text, is) in [
            ("hello @sam", true),
            ("@sam rivera: look", true),
            ("@\u{2068}sam rivera\u{2069} look", true),
            ("@samuel", false),
            ("sam", false),
            ("me@sam.org", false),
            ("hi,@sam", true),
            ("@ sam", false),
        ] {
            assert_eq!(names_me(text, &asked), is, "{text}");
        }
    }
}
