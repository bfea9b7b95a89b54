//! Who in a chat's text is who in the phone's database: a text knows names only, a database ids.

use std::collections::{BTreeMap, HashMap};

use rusqlite::Connection;
use twox_hash::XxHash3_64;

use super::stitch::Strand;
use super::{StoreError, identities};
use crate::model::StrandId;

/// A participant of one form.
struct Voice {
    id: i64,
    key: String,
    name: String,
    me: bool,
}

impl Voice {
    /// The name without what one form writes and the other does not.
    fn letters(&self) -> String {
        self.name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    }

    /// Their number: as a name, or in front of an id.
    fn number(&self) -> Option<String> {
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        identities::number(&self.name).or_else(|| {
            self.key.split('@').next().filter(|k| digits(k)).and_then(identities::number)
        })
    }
}

/// Everybody of two forms, by what both call alike.
#[derive(Default)]
pub struct Voices {
    seeds: HashMap<i64, u64>,
    exact: Vec<Voice>,
    others: Vec<Voice>,
    /// Whom each participant of the less exact form is in the exact one.
    same: BTreeMap<i64, Option<i64>>,
}

/// What was said at the same time in the same words: (shift, exact, less exact) and how often.
#[derive(Default)]
pub struct Votes(HashMap<(i64, i64, i64), u64>);

impl Votes {
    /// Both told one message, with the clock so far off.
    pub fn vote(&mut self, shift: i64, exact: Option<i64>, other: Option<i64>) {
        if let Some((exact, other)) = exact.zip(other) {
            *self.0.entry((shift, exact, other)).or_default() += 1;
        }
    }
}

fn seed(bytes: &[u8]) -> u64 {
    XxHash3_64::oneshot(bytes)
}

fn voices(db: &Connection, strand: StrandId) -> Result<Vec<Voice>, StoreError> {
    let mut q = db.prepare_cached(
        "SELECT id, key, name, is_me FROM participant WHERE strand_id = ?1 ORDER BY id",
    )?;
    let rows = q.query_map([strand.0], |r| {
        Ok(Voice { id: r.get(0)?, key: r.get(1)?, name: r.get(2)?, me: r.get(3)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The only one of a list for whom something holds.
fn only(list: &[Voice], holds: impl Fn(&Voice) -> bool) -> Option<i64> {
    let mut found = list.iter().filter(|v| holds(v));
    found.next().filter(|_| found.next().is_none()).map(|v| v.id)
}

impl Voices {
    /// Everybody of both, as far as keys, numbers and names tell. Pages know people by the same
    /// keys as the JSON; whoever has changed theirs since is told by what they said.
    pub fn of(db: &Connection, exact: &Strand, retold: &Strand) -> Result<Self, StoreError> {
        let (theirs, others) = (voices(db, exact.id)?, voices(db, retold.id)?);
        let mut all = Self::default();
        for v in theirs.iter().chain(&others) {
            all.seeds.insert(v.id, seed(v.key.as_bytes()));
        }
        let key = |o: &Voice| only(&theirs, |v| v.key == o.key);
        if retold.less_exact || others.iter().any(|o| key(o).is_none()) {
            let me = theirs.iter().find(|v| v.me).map(|v| v.id);
            for o in &others {
                let (number, letters) = (o.number(), o.letters());
                let by_key = key(o);
                if !retold.less_exact {
                    let named = || only(&theirs, |v| v.name == o.name);
                    all.same.insert(o.id, by_key.or_else(named).or(me.filter(|_| o.me)));
                    continue;
                }
                let same = by_key
                    .or_else(|| only(&theirs, |v| number.is_some() && v.number() == number))
                    .or_else(|| only(&theirs, |v| !letters.is_empty() && v.letters() == letters))
                    .or(me.filter(|_| o.me));
                all.same.insert(o.id, same);
            }
            // Between two, whoever is not me is the other one.
            let i_am = only(&others, |v| v.me).and_then(|o| all.same.get(&o).copied().flatten());
            if let (Some(other), Some(one)) = (only(&others, |v| !v.me), only(&theirs, |v| !v.me))
                && exact.direct
                && retold.direct
                && i_am == me
            {
                all.same.entry(other).and_modify(|same| *same = same.or(Some(one)));
            }
            (all.exact, all.others) = (theirs, others);
            all.agree();
        }
        Ok(all)
    }

    fn agree(&mut self) {
        for v in &self.exact {
            self.seeds.insert(v.id, seed(&v.id.to_le_bytes()));
        }
        for (other, same) in &self.same {
            self.seeds.insert(*other, seed(&same.unwrap_or(*other).to_le_bytes()));
        }
    }

    /// Whether it is not known of somebody in the less exact form who they are.
    pub fn is_unsure(&self) -> bool {
        self.same.values().any(Option::is_none)
    }

    /// What somebody is told by; the app itself is nobody.
    pub fn of_sender(&self, sender: Option<i64>) -> u64 {
        sender.map_or(0, |s| self.seeds.get(&s).copied().unwrap_or_default())
    }

    /// Whether a sender of the exact form and one of the other may be one.
    pub fn may_be(&self, exact: Option<i64>, other: Option<i64>) -> bool {
        let known = other.and_then(|o| self.same.get(&o).copied().flatten());
        exact.is_some() == other.is_some() && (known.is_none() || known == exact)
    }

    /// Those of whom nothing was known are whom most of their messages say.
    pub fn learn(&mut self, votes: Votes, shifts: &[i64]) {
        let mut by: BTreeMap<i64, BTreeMap<i64, u64>> = BTreeMap::new();
        for ((shift, exact, other), n) in votes.0 {
            if shifts.contains(&shift) {
                *by.entry(other).or_default().entry(exact).or_default() += n;
            }
        }
        for (other, exact) in by {
            let Some(unknown) = self.same.get_mut(&other).filter(|s| s.is_none()) else { continue };
            let all: u64 = exact.values().sum();
            let most = exact.into_iter().max_by_key(|(_, n)| *n);
            *unknown = most.filter(|(_, n)| n * 2 > all).map(|(id, _)| id);
        }
        self.agree();
    }

    /// Participants of the less exact form who are me in the exact one.
    pub fn mine(&self) -> Vec<i64> {
        let me = |id: i64| self.exact.iter().any(|v| v.me && v.id == id);
        self.same.iter().filter(|(_, s)| s.is_some_and(me)).map(|(o, _)| *o).collect()
    }

    /// Participants of the less exact form of whom it is known who they are in the exact one.
    pub fn known(&self) -> Vec<i64> {
        self.same.iter().filter(|(_, s)| s.is_some()).map(|(o, _)| *o).collect()
    }

    /// Participants of the exact form of whom it knows the number only, and their names in the other.
    pub fn named(&self) -> Vec<(i64, String)> {
        let bare = |id: i64| self.exact.iter().any(|v| v.id == id && identities::is_bare(&v.name));
        let named = self.others.iter().filter(|o| !identities::is_bare(&o.name));
        named
            .filter_map(|o| Some((self.same.get(&o.id).copied().flatten()?, o.name.clone())))
            .filter(|(id, name)| bare(*id) && !name.is_empty())
            .collect()
    }
}
