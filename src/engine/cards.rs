//! Numbers on somebody's contact card that no thread stands for: where a new chat can be begun.

use std::collections::BTreeSet;

use super::people::People;
use crate::model::{AccountId, IdentityId, PersonId, SourceId};
use crate::policy::Rules;
use crate::store::{StoredContact, StoredIdentity};

/// Addresses of a card and apps that are told apart.
const WIDTH: i64 = 100;

/// The apps in which I know people and that know people by number.
fn apps(people: &People, rules: &Rules) -> Vec<SourceId> {
    let known: BTreeSet<&SourceId> = people.identities.values().map(|i| &i.source).collect();
    known.into_iter().filter(|app| rules.takes_numbers(app)).cloned().collect()
}

/// Everybody who stands on a card of this person, as an identity of each app that takes numbers.
pub fn of_person(people: &People, rules: &Rules, person: PersonId) -> Vec<StoredIdentity> {
    let phones: BTreeSet<&str> =
        people.members(person).filter_map(|i| i.phone.as_deref()).collect();
    let listed = |c: &&StoredContact| numbers(c).any(|(_, n)| phones.contains(n));
    let apps = apps(people, rules);
    let mut out = Vec::new();
    for card in people.contacts.iter().filter(listed) {
        for (nth, number) in numbers(card) {
            out.extend(apps.iter().enumerate().map(|(a, app)| identity(card, nth, number, a, app)));
        }
    }
    out
}

/// The identity of this number, if it stands on a card.
pub fn of_number(people: &People, rules: &Rules, id: IdentityId) -> Option<StoredIdentity> {
    let n = id.0.checked_neg()?;
    let card = people.contacts.iter().find(|c| c.id == n / (WIDTH * WIDTH))?;
    let nth = usize::try_from(n / WIDTH % WIDTH).ok()?;
    let at = usize::try_from(n % WIDTH).ok()?;
    let (_, number) = numbers(card).find(|(i, _)| *i == nth)?;
    let apps = apps(people, rules);
    Some(identity(card, nth, number, at, apps.get(at)?))
}

fn numbers(card: &StoredContact) -> impl Iterator<Item = (usize, &str)> {
    let all = card.addresses.iter().enumerate().take(WIDTH as usize);
    all.filter(|(_, (kind, _))| kind == "tel").map(|(n, (_, value))| (n, value.as_str()))
}

/// Its number is below zero: no identity of the store has such a one.
fn identity(
    card: &StoredContact,
    nth: usize,
    number: &str,
    at: usize,
    app: &SourceId,
) -> StoredIdentity {
    let place = card.id * WIDTH * WIDTH + nth as i64 * WIDTH + at as i64;
    StoredIdentity {
        id: IdentityId(-place),
        account: AccountId(0),
        mine: AccountId(0),
        source: app.clone(),
        name: card.name.clone(),
        address: None,
        phone: Some(number.to_owned()),
        group_name: false,
        key: String::new(),
        direct: Vec::new(),
        groups: Vec::new(),
        retold: Vec::new(),
    }
}
