//! What a message knows that is not shown, since another strand tells it too, goes over to the one that
//! is: the file beside it, a reaction, that it was taken back.

use rusqlite::{Connection, OptionalExtension, params};

use super::row::{self, EDITED, More, StoredReaction, TAKEN_DOWN, UNSENT};
use super::stitch::{OWN, Strand};
use super::{StoreError, attached, tell};
use crate::model::StrandId;

/// Carries over from the shadows of a strand what lies in the same words and time in another.
/// `furthest`: the strand that reaches further than all others that tell the thread.
pub fn same(
    db: &Connection,
    stands: &Strand,
    other: &Strand,
    furthest: StrandId,
) -> Result<(), StoreError> {
    // A live account knows what was withdrawn since; an export must not bring it back.
    if [stands, other].iter().any(|s| s.live || s.key.starts_with(OWN)) {
        return Ok(());
    }
    let gone = UNSENT | TAKEN_DOWN;
    // Each file that is here names its container.
    let here = |m: &str| {
        format!("(length({m}.more) - length(replace({m}.more, '\"c\":', ''))) / length('\"c\":')")
    };
    let files = format!(
        "({here} > 0 AND ({here} > coalesce({other}, 0)
           OR {other} < json_array_length(o.more, '$.a')))",
        here = here("m"),
        other = here("o")
    );
    let mut q = db.prepare_cached(&format!(
        "SELECT o.id, m.id FROM message m JOIN message o ON o.strand_id = ?1 AND o.fp = m.fp
         WHERE m.id IN (SELECT id FROM message WHERE strand_id = ?2) AND m.shadow = 1 AND o.shadow = 0
           AND (m.flags & {gone} <> 0 OR json_type(m.more, '$.a') IS NOT NULL
             OR json_type(m.more, '$.r') IS NOT NULL)
           AND ({files} OR m.flags & ~o.flags & {gone} <> 0 OR (json_type(m.more, '$.r') IS NOT NULL
             AND json_extract(m.more, '$.r') IS NOT json_extract(o.more, '$.r')))"
    ))?;
    let rows = q.query_map(params![stands.id.0, other.id.0], |r| Ok((r.get(0)?, r.get(1)?)))?;
    let pairs: Vec<(i64, i64)> = rows.collect::<Result<_, _>>()?;
    pairs.into_iter().try_for_each(|pair| over(db, pair, true, other.id == furthest))
}

/// Carries the words over to the message that is shown, and that it was edited.
pub fn words(db: &Connection, shown: i64, hidden: i64) -> Result<(), StoreError> {
    let changed = db
        .prepare_cached(
            "UPDATE message SET text = o.text, flags = message.flags | ?3
             FROM (SELECT text FROM message WHERE id = ?2) o
             WHERE id = ?1 AND (message.text <> o.text OR message.flags & ?3 = 0)",
        )?
        .execute(params![shown, hidden, EDITED])?;
    if changed > 0 { tell::changed(db, shown) } else { Ok(()) }
}

/// Carries over to the message that is shown from the one that is not. `gone`: that it was taken
/// back, too. `later`: what is not shown was told later than by all others.
pub fn over(
    db: &Connection,
    (shown, hidden): (i64, i64),
    gone: bool,
    later: bool,
) -> Result<(), StoreError> {
    let read = |id: i64, which: &str| -> Result<Option<(More, i64)>, StoreError> {
        let mut q = db.prepare_cached(&format!(
            "SELECT more, flags FROM message WHERE id = ?1 AND ({which})"
        ))?;
        let row: Option<(Option<String>, i64)> =
            q.query_row([id], |r| Ok((r.get(0)?, r.get(1)?))).optional()?;
        let Some((more, flags)) = row else { return Ok(None) };
        let more = more.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
        Ok(Some((more, flags)))
    };
    // Nearly none has anything to give.
    let gives = match gone {
        true => "flags <> 0 OR more IS NOT NULL",
        false => "json_type(more, '$.a') IS NOT NULL OR json_type(more, '$.r') IS NOT NULL",
    };
    let Some((from, others)) = read(hidden, gives)? else { return Ok(()) };
    let Some((mut more, flags)) = read(shown, "1")? else { return Ok(()) };
    let before = more.clone();
    let now = if gone { flags | (others & (UNSENT | TAKEN_DOWN)) } else { flags };
    take(&mut more, from, later);
    if more == before && now == flags {
        return Ok(());
    }
    let json = (!more.is_empty()).then(|| serde_json::to_string(&more)).transpose()?;
    db.prepare_cached("UPDATE message SET more = ?2, flags = ?3 WHERE id = ?1")?
        .execute(params![shown, json, now])?;
    tell::changed(db, shown)
}

/// Files that are here in place of those that are not. Of each reaction as many as either knows:
/// whoever gave it may bear another name there. Who gave one in each, and not the same, gave another
/// one in its place.
fn take(more: &mut More, from: More, later: bool) {
    let lacks = more.attachments.len() < from.attachments.len()
        || !more.attachments.iter().all(attached::is_here);
    if lacks && from.attachments.iter().any(attached::is_here) {
        attached::merge(&mut more.attachments, from.attachments);
    }
    more.reactions = reactions(std::mem::take(&mut more.reactions), from.reactions, later);
}

fn reactions(
    mut all: Vec<StoredReaction>,
    told: Vec<StoredReaction>,
    later: bool,
) -> Vec<StoredReaction> {
    let known = all.clone();
    let same = |a: &StoredReaction, b: &StoredReaction| (&a.emoji, &a.by) == (&b.emoji, &b.by);
    // Those of whom only one of the two knows.
    let mut left: Vec<bool> = known.iter().map(|k| !told.iter().any(|r| same(k, r))).collect();
    for r in told.iter().filter(|r| !known.iter().any(|k| same(k, r))) {
        if let Some(mine) = row::replaced(&known, &told, r) {
            if later {
                all[mine] = r.clone();
            }
            continue;
        }
        let other = (0..known.len()).find(|i| left[*i] && known[*i].emoji == r.emoji);
        match other {
            Some(other) => left[other] = false,
            None => all.push(r.clone()),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AttachmentKind;
    use crate::store::row::StoredAttachment;

    fn with(file: Option<i64>, reactions: &[(&str, &str)]) -> More {
        let mut photo = StoredAttachment::bare(AttachmentKind::Photo, Some("x".into()));
        photo.container = file;
        let reaction = |(emoji, by): &(&str, &str)| StoredReaction {
            emoji: (*emoji).into(),
            by: (*by).into(),
            at: None,
        };
        More {
            attachments: vec![photo],
            reactions: reactions.iter().map(reaction).collect(),
            ..More::default()
        }
    }

    #[test]
    fn files_and_reactions_come_over_once() {
        let mut shown = with(None, &[("❤", "Max")]);
        let hidden = with(Some(7), &[("❤", "Max Neu"), ("😆", "Ana")]);
        take(&mut shown, hidden.clone(), false);
        assert_eq!(shown, with(Some(7), &[("❤", "Max"), ("😆", "Ana")]));
        let before = shown.clone();
        take(&mut shown, hidden, false);
        take(&mut shown, with(None, &[]), true);
        assert_eq!(shown, before);
    }

    #[test]
    fn a_reaction_of_somebody_else_counts_beside_mine() {
        let mut shown = with(None, &[("😆", "Kim")]);
        take(&mut shown, with(None, &[("😆", "Ana"), ("😆", "Kim")]), false);
        assert_eq!(shown, with(None, &[("😆", "Kim"), ("😆", "Ana")]));
    }

    #[test]
    fn each_file_comes_over_that_is_not_here() {
        let photo = |name: &str, file| {
            let mut photo = StoredAttachment::bare(AttachmentKind::Photo, Some(name.into()));
            photo.container = file;
            photo
        };
        let of = |attachments| More { attachments, ..More::default() };
        let mut shown = of(vec![photo("x", Some(1)), photo("y", None)]);
        take(&mut shown, of(vec![photo("x", None), photo("y", Some(2))]), false);
        assert_eq!(shown, of(vec![photo("x", Some(1)), photo("y", Some(2))]));
        let mut shown = with(Some(1), &[]);
        take(&mut shown, with(Some(2), &[]), false);
        assert_eq!(shown, with(Some(1), &[]), "it has its own");
    }

    #[test]
    fn one_who_gave_another_reaction_since_gave_that_one() {
        let mut shown = with(None, &[("❤", "Max"), ("👍", "Kim"), ("😆", "Ana"), ("❤", "Ana")]);
        let hidden = with(None, &[("😮", "Max"), ("👍", "Kim"), ("❤", "Ana")]);
        take(&mut shown, hidden.clone(), false);
        let both = [("❤", "Max"), ("👍", "Kim"), ("😆", "Ana"), ("❤", "Ana")];
        assert_eq!(shown, with(None, &both));
        take(&mut shown, hidden, true);
        let both = [("😮", "Max"), ("👍", "Kim"), ("😆", "Ana"), ("❤", "Ana")];
        assert_eq!(shown, with(None, &both));
    }
}
