//! Two exact tellings of one thread in an app that gives nothing an id: what both tell of the same
//! millisecond is one message, though somebody was renamed between them, the message was taken back,
//! or the app words its own lines in another language.

use rusqlite::{Connection, params};

use super::row::kind::{CALL, SYSTEM};
use super::row::{TAKEN_DOWN, UNSENT};
use super::stitch::{OWN, Strand};
use super::{StoreError, carried, renamed_text};
use crate::model::{StrandId, told_first};

/// Whether its times are milliseconds of the service's own clock.
fn is_exact(s: &Strand) -> bool {
    !s.live && !s.less_exact && !s.key.starts_with(OWN) && told_first(&s.key).is_none()
}

/// What the strand that stands tells too becomes a shadow, and what only that one knows is carried
/// over to what stands.
pub fn shade(
    db: &Connection,
    stands: &Strand,
    other: &Strand,
    furthest: StrandId,
) -> Result<(), StoreError> {
    if !is_exact(stands) || !is_exact(other) {
        return Ok(());
    }
    let (from, to) = (stands.first.max(other.first), stands.last.min(other.last));
    if from > to {
        return Ok(());
    }
    let gone = UNSENT | TAKEN_DOWN;
    // Long ago times were whole seconds, in which more than one thing is said.
    // The plus signs keep SQLite from going through the whole other strand for each message: it would
    // seek by the thread and the whole time of both.
    let mut q = db.prepare_cached(&format!(
        "SELECT m.id, o.id, m.sender_id, p.name IS NOT r.name AND p.placeholder = 0,
           p.placeholder = 0 AND r.placeholder = 1 FROM message m
         JOIN message o ON o.thread_id = m.thread_id AND o.sent_at = +m.sent_at AND o.shadow = 0
           AND +o.strand_id = ?1
         LEFT JOIN participant p ON p.id = m.sender_id
         LEFT JOIN participant r ON r.id = o.sender_id
         WHERE m.thread_id = (SELECT thread_id FROM strand WHERE id = ?2) AND m.shadow = 0 AND +m.strand_id = ?2
           AND m.sent_at BETWEEN ?3 AND ?4
           AND (m.more IS NULL OR json_type(m.more, '$.n') IS NULL)
           AND (o.more IS NULL OR json_type(o.more, '$.n') IS NULL)
           AND ((o.kind = m.kind AND o.text = m.text)
             OR ((m.sent_at % 1000 <> 0 OR p.name IS r.name)
               AND ((o.flags | m.flags) & {gone} <> 0
                 OR (o.kind = m.kind AND (m.kind IN ({SYSTEM}, {CALL})
                   OR (json_type(m.more, '$.a') IS NOT NULL
                     AND json_type(o.more, '$.a') IS NOT NULL))))))
         ORDER BY m.sent_at, m.ord, m.id, o.text <> m.text, o.ord, o.id"
    ))?;
    let sql = params![stands.id.0, other.id.0, from, to];
    let rows = q.query_map(sql, |r| {
        let told = |n| r.get::<_, Option<bool>>(n).map(Option::unwrap_or_default);
        Ok((r.get(0)?, r.get(1)?, r.get(2)?, told(3)?, told(4)?))
    })?;
    let found: Vec<(i64, i64, Option<i64>, bool, bool)> = rows.collect::<Result<_, _>>()?;
    let mut shadow = db.prepare_cached("UPDATE message SET shadow = 1 WHERE id = ?1")?;
    // A star goes to the one that is shown.
    let mut star = db.prepare_cached(
        "UPDATE OR IGNORE star SET message_id = ?2, strand_id = ?3 WHERE message_id = ?1",
    )?;
    let mut renamed = Vec::new();
    let mut last = None;
    let (later, earlier) = (other.id == furthest, stands.id == furthest);
    for (id, of, sender, otherwise, named) in found {
        // The first of several is the likest.
        if last == Some(id) {
            continue;
        }
        last = Some(id);
        // The account is gone since: the other one knows whose message it was.
        if named {
            shadow.execute([of])?;
            star.execute(params![of, id, other.id.0])?;
            carried::over(db, (id, of), true, earlier)?;
            continue;
        }
        shadow.execute([id])?;
        star.execute(params![id, of, stands.id.0])?;
        carried::over(db, (of, id), true, later)?;
        renamed.extend(sender.filter(|who| otherwise && !renamed.contains(who)));
    }
    if renamed.is_empty() { Ok(()) } else { renamed_text::called(db, other, &renamed) }
}
