//! Who is in the threads: an identity is somebody as one account of mine knows them. Its number
//! stays the same over every later import, since what the person says of it hangs on that number.

use rusqlite::{Connection, params};

use super::StoreError;
use crate::model::{AccountId, SourceId, ThreadKind, ThreadRecord, told_first};

/// What is known of a participant without an identity.
struct Nameless {
    participant: i64,
    key: String,
    name: String,
    source: String,
    strand: String,
    /// Of a direct thread.
    address: Option<Option<String>>,
}

/// Gives everyone in an account's threads an identity. Me and stand-ins for deleted accounts get
/// none.
pub fn account(db: &Connection, account: AccountId) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE participant SET identity_id = NULL
         WHERE identity_id IS NOT NULL AND (is_me = 1 OR placeholder = 1)
           AND strand_id IN (SELECT id FROM strand WHERE account_id = ?1)",
    )?
    .execute([account.0])?;
    for n in nameless(db, account)? {
        let id = identity(db, account, &n)?;
        db.prepare_cached("UPDATE participant SET identity_id = ?2 WHERE id = ?1")?
            .execute(params![n.participant, id])?;
    }
    learn_addresses(db, account)
}

fn nameless(db: &Connection, account: AccountId) -> Result<Vec<Nameless>, StoreError> {
    let mut q = db.prepare_cached(
        "SELECT p.id, p.key, p.name, coalesce(p.source, t.source), s.key, s.told, t.kind
         FROM participant p JOIN strand s ON s.id = p.strand_id JOIN thread t ON t.id = s.thread_id
         WHERE s.account_id = ?1 AND p.identity_id IS NULL AND p.is_me = 0 AND p.placeholder = 0
           AND trim(p.name) != ''
         ORDER BY p.id",
    )?;
    let mut rows = q.query([account.0])?;
    let mut out = Vec::new();
    while let Some(r) = rows.next()? {
        let told: ThreadRecord = serde_json::from_str(&r.get::<_, String>(5)?)?;
        let row_kind: String = r.get(6)?;
        let direct =
            told.kind.map_or(row_kind == ThreadKind::Direct.word(), |k| k == ThreadKind::Direct);
        out.push(Nameless {
            participant: r.get(0)?,
            key: r.get(1)?,
            name: r.get(2)?,
            source: SourceId::new(&r.get::<_, String>(3)?).as_str().to_owned(),
            strand: r.get(4)?,
            address: direct.then_some(told.address),
        });
    }
    Ok(out)
}

/// In a direct thread somebody is whom the thread is with: two threads may bear one name. In a
/// group there is nothing but the name.
fn identity(db: &Connection, account: AccountId, n: &Nameless) -> Result<i64, StoreError> {
    let key = match n.address {
        // Two forms of one export tell of one person.
        Some(_) => {
            let strand = told_first(&n.strand).unwrap_or(&n.strand);
            format!("thread/{strand}/{}", n.key)
        }
        None => format!("name/{}", n.key),
    };
    let address = n.address.clone().flatten();
    let phone = address.as_deref().and_then(number).or_else(|| number(&n.name));
    db.prepare_cached(
        "INSERT INTO identity(account_id, source, key, name, address, phone) VALUES(?1,?2,?3,?4,?5,?6)
         ON CONFLICT(account_id, source, key) DO NOTHING",
    )?
    .execute(params![account.0, n.source, key, n.name, address, phone])?;
    Ok(db
        .prepare_cached(
            "SELECT id FROM identity WHERE account_id = ?1 AND source = ?2 AND key = ?3",
        )?
        .query_row(params![account.0, n.source, key], |r| r.get(0))?)
}

/// An export may tell an address that an earlier one did not.
fn learn_addresses(db: &Connection, account: AccountId) -> Result<(), StoreError> {
    let mut q = db.prepare_cached(
        "SELECT DISTINCT i.id, json_extract(s.told, '$.address') FROM identity i
         JOIN participant p ON p.identity_id = i.id JOIN strand s ON s.id = p.strand_id
         WHERE i.account_id = ?1 AND i.address IS NULL AND i.key LIKE 'thread/%'
           AND json_extract(s.told, '$.address') IS NOT NULL",
    )?;
    let told: Vec<(i64, String)> =
        q.query_map([account.0], |r| Ok((r.get(0)?, r.get(1)?)))?.collect::<Result<_, _>>()?;
    for (id, address) in told {
        db.prepare_cached(
            "UPDATE identity SET address = ?2, phone = coalesce(phone, ?3) WHERE id = ?1",
        )?
        .execute(params![id, address, number(&address)])?;
    }
    Ok(())
}

/// Whether a name is only a number, valid or not: what somebody is called whose name is not known.
pub fn is_bare(name: &str) -> bool {
    let sign = |c: char| c.is_ascii_digit() || "+()-./ \u{a0}\u{2011}\u{202a}\u{202c}".contains(c);
    name.len() <= 64
        && name.chars().all(sign)
        && name.bytes().filter(u8::is_ascii_digit).count() >= 7
        && name.contains('+')
}

/// A phone number in its international form (`+491701234567`), if a text is one: as a name in
/// WhatsApp, as an address, as a line of a contact card. National numbers without a country say
/// too little.
pub fn number(text: &str) -> Option<String> {
    let sign = |c: char| c.is_ascii_digit() || "+()-./ \u{a0}\u{2011}\u{202a}\u{202c}".contains(c);
    if text.len() > 64 || !text.chars().all(sign) {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if !(7..=15).contains(&digits.len()) {
        return None;
    }
    let international = text.trim_start_matches(|c: char| !c.is_ascii_digit() && c != '+');
    let bare = text.chars().all(|c| c.is_ascii_digit());
    let digits = match digits.strip_prefix("00") {
        Some(rest) if bare => rest.to_owned(),
        _ => digits,
    };
    // An address of bare digits is international without its sign, as hand-off links write it.
    if !international.starts_with('+') && !bare {
        return None;
    }
    let parsed = phonenumber::parse(None, format!("+{digits}")).ok()?;
    phonenumber::is_valid(&parsed)
        .then(|| parsed.format().mode(phonenumber::Mode::E164).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_number() {
        let same = Some("+420604111222".to_owned());
        for text in [
            "+420 604 111 222",
            "420604111222",
            "+420-604-111-222",
            "\u{202a}+420 604 111 222\u{202c}",
            "00420604111222",
        ] {
            assert_eq!(number(text), same, "{text:?}");
        }
        for text in ["", "604 111 222", "Maya", "+1", "+420 604 111 222 x", "12345678901234567890"]
        {
            assert_eq!(number(text), None, "{text:?}");
        }
    }
}
