//! What must be known before the first thread: which numbers are mine, and what country they are of.

use std::collections::{BTreeMap, BTreeSet};

use super::number::{Numbers, Votes};
use super::pdu::{Item, Items};
use crate::sources::{Entry, FileTree, ReadOptions, Sink, Stop};

/// Bytes of each file that are looked at. Numbers come again and again.
const LOOKED_AT: u64 = 64 << 20;
/// Numbers of mine; a phone has one or two, over the years a few.
const MINE: usize = 50;
/// Numbers that may be mine, while looking.
const OWNERS: usize = 10_000;
const EVERY: u64 = 512;

/// What is known of a phone.
pub struct Phone {
    /// Keys of addresses.
    pub numbers: Numbers,
    /// My own numbers, as keys.
    pub mine: BTreeSet<String>,
    /// My own number as written, to be shown.
    pub shown: Option<String>,
}

/// Looks at the beginnings of files. An MMS that I sent names me as its sender; one that came to one
/// number alone came to mine.
pub fn phone(
    tree: &FileTree,
    files: &[&Entry],
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> Result<Phone, Stop> {
    let mut votes = Votes::default();
    let mut mine: BTreeSet<String> = BTreeSet::new();
    let mut owners: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let said = options.me.iter().filter(|me| {
        let digits = me.chars().filter(char::is_ascii_digit).count();
        digits >= 5 && !me.chars().any(char::is_alphabetic)
    });
    mine.extend(said.cloned());
    for entry in files {
        // What is wrong with a file is told when it is read.
        let Ok(stream) = tree.open_entry(entry) else { continue };
        let mut items = Items::of(stream);
        let mut met = 0u64;
        while let (true, Ok(Some(item))) = (items.bytes() < LOOKED_AT, items.item()) {
            met += 1;
            if met.is_multiple_of(EVERY) {
                sink.advance(0)?;
            }
            match item {
                Item::Sms(sms) => sms.address.iter().for_each(|a| votes.meet(a)),
                Item::Call(call) => call.address.iter().for_each(|a| votes.meet(a)),
                Item::Mms(mms) => {
                    mms.others.iter().chain(&mms.from).chain(&mms.to).for_each(|a| votes.meet(a));
                    let own = match (mms.msg_box, &mms.from, mms.to.as_slice()) {
                        (Some(2), Some(from), _) => Some((from, true)),
                        (Some(1), Some(_), [to]) => Some((to, false)),
                        _ => None,
                    };
                    if let Some((own, wrote)) = own.filter(|(o, _)| !mms.others.contains(o))
                        && (owners.len() < OWNERS || owners.contains_key(own))
                    {
                        let votes = owners.entry(own.clone()).or_default();
                        votes.0 += u64::from(wrote);
                        votes.1 += 1;
                    }
                }
            }
        }
    }
    mine.extend(own(owners));
    let mut numbers = Numbers::of(votes.home(mine.iter().cloned()));
    let shown = mine.iter().find(|m| m.starts_with('+')).or_else(|| mine.first()).cloned();
    let mine = mine.iter().map(|m| numbers.key(m).to_string()).collect();
    Ok(Phone { numbers, mine, shown })
}

/// My numbers among those that look so: who sent what went out, else who is seldom not it. One odd
/// message does not make somebody else me.
fn own(owners: BTreeMap<String, (u64, u64)>) -> Vec<String> {
    let wrote = owners.values().any(|v| v.0 > 0);
    let count = |v: &(u64, u64)| if wrote { v.0 } else { v.1 };
    let most = owners.values().map(count).max().unwrap_or(0);
    let often = |v: &(u64, u64)| count(v) > 0 && count(v).saturating_mul(5) >= most;
    let found = owners.into_iter().filter(|(_, v)| often(v)).map(|(number, _)| number);
    found.take(MINE).collect()
}
