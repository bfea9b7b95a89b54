//! Mails that share one Message-ID: some devices and shops give all of theirs the same. What differs
//! in two of sender, time and words is another mail, and gets an id of its own, which follows from
//! the mail alone. One that is passed on by a list keeps its time and its words.

use rusqlite::OptionalExtension;

use super::waiting::Row;
use super::{Import, StoreError, live, row};
use crate::model::MessageKind;

/// A mail's copies are less than this apart, in milliseconds: some tell no seconds.
const AT_ONCE: u64 = 60_000;
/// So much of a text is compared, in letters.
const COMPARED: usize = 20_000;

/// A known mail: its sender, time, kind, text and details.
type Known = (Option<i64>, i64, i64, String, Option<String>);

impl Import<'_> {
    /// A mail whose id is known: where it is another mail, it becomes a row under an id of its own.
    /// Returns it with whether it is new.
    pub(super) fn under_own_id(&mut self, mut row: Row) -> Result<(Row, bool), StoreError> {
        if !row.id_is_shared || row.sender.is_none() {
            return Ok((row, false));
        }
        let Some(id) = row.more.native_id.clone() else { return Ok((row, false)) };
        let by_time = format!("{id}\n{}", row.at.0);
        for with_sender in [false, true] {
            if !self.is_another(&row)? {
                break;
            }
            let own = match with_sender {
                false => by_time.clone(),
                true => format!("{by_time}\n{}", self.address(&row)?),
            };
            row.fp = live::native(&own);
            row.more.native_id = Some(own);
            if self.rows.insert_one(&row)? {
                return Ok((row, true));
            }
        }
        Ok((row, false))
    }

    fn address(&self, row: &Row) -> Result<String, StoreError> {
        let mut q = self.db.prepare_cached("SELECT key FROM participant WHERE id = ?1")?;
        Ok(q.query_row([row.sender], |r| r.get(0)).optional()?.unwrap_or_default())
    }

    /// Whether the mail that is known by this row's id is another.
    fn is_another(&self, row: &Row) -> Result<bool, StoreError> {
        let known: Option<Known> = self
            .db
            .prepare_cached(
                "SELECT sender_id, sent_at, kind, text, more FROM message
                 WHERE strand_id = ?1 AND fp = ?2",
            )?
            .query_row([row.strand_id, row.fp], |r| {
                Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?))
            })
            .optional()?;
        let Some((sender, at, kind, text, more)) = known else { return Ok(false) };
        // A draft and what was sent of it are one.
        let event = row::kind_code(&MessageKind::System);
        if sender.is_none() || kind == event || row.kind == event {
            return Ok(false);
        }
        let another_sender = sender != row.sender;
        let another_time = at.abs_diff(row.at.0) >= AT_ONCE;
        if !another_sender && !another_time {
            return Ok(false);
        }
        if another_sender && another_time {
            return Ok(true);
        }
        let more: row::More =
            more.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
        Ok(differ(&text, &row.text) || brings_others(&more, &row.more))
    }
}

/// Whether two texts are different words: not where one is the other with something above or below.
fn differ(a: &str, b: &str) -> bool {
    let (a, b) = (letters(a), letters(b));
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    !long.contains(short.as_str())
}

/// Without what programs add between: ends of lines, marks of quotes.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).take(COMPARED).collect()
}

/// Whether two mails bring files that bear other names.
fn brings_others(a: &row::More, b: &row::More) -> bool {
    let names = |more: &row::More| -> Vec<Option<String>> {
        more.attachments.iter().map(|a| a.name.clone()).collect()
    };
    let (a, b) = (names(a), names(b));
    !a.is_empty() && !b.is_empty() && !a.iter().any(|name| b.contains(name))
}
