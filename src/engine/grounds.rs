//! Why two identities are the same human, or may be. Proof joins; a name only suggests.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::people::People;
use crate::inbox::GroundRow;
use crate::model::{IdentityId, PersonId, SourceId, ThreadId};
use crate::search::tokens;
use crate::store::{PeopleWord, StoredContact, StoredIdentity, WordKind};

/// More bearers of one name than this are not compared: it is no name but a crowd.
const CROWD: usize = 12;
/// Suggestions of one answer, at most.
const MOST: usize = 500;

/// The kinds of grounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The person said so.
    You,
    /// Two strands of one thread.
    SameThread,
    /// The same phone number.
    SameNumber,
    /// The same handle or address within one source.
    SameAddress,
    /// One contact card lists both.
    ContactCard,
    /// A group of an account calls somebody as its only direct thread of that name does.
    SameNameHere,
}

impl Kind {
    /// The stable word.
    pub fn slug(self) -> &'static str {
        match self {
            Self::You => "you",
            Self::SameThread => "same-thread",
            Self::SameNumber => "same-number",
            Self::SameAddress => "same-address",
            Self::ContactCard => "contact-card",
            Self::SameNameHere => "same-name-here",
        }
    }

    /// Which is asked first where a cut allows only some.
    pub fn rank(self) -> u8 {
        match self {
            Self::You => 6,
            Self::SameThread => 5,
            Self::SameNumber => 4,
            Self::SameAddress => 3,
            Self::ContactCard => 2,
            Self::SameNameHere => 1,
        }
    }
}

/// Why two identities are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    /// The kind.
    pub kind: Kind,
    /// One.
    pub a: IdentityId,
    /// The other.
    pub b: IdentityId,
    /// What they share: a number, an address, a card's or the person's name.
    pub shared: String,
}

impl Ground {
    /// In words.
    pub fn row(&self) -> GroundRow {
        let (text, weight) = match self.kind {
            Kind::You => ("you said so".to_owned(), 100),
            Kind::SameThread => ("the same thread, told by two exports".to_owned(), 100),
            Kind::SameNumber => (format!("the same phone number, {}", self.shared), 100),
            Kind::SameAddress => (format!("the same address, {}", self.shared), 100),
            Kind::ContactCard => (format!("one contact card lists both: {}", self.shared), 100),
            Kind::SameNameHere => {
                (format!("the only {} that this account writes with", self.shared), 95)
            }
        };
        GroundRow { kind: self.kind.slug(), text, weight }
    }
}

/// The first card that lists each number.
pub fn cards(contacts: &[StoredContact]) -> HashMap<String, usize> {
    let mut out = HashMap::new();
    for (n, c) in contacts.iter().enumerate() {
        for (_, value) in c.addresses.iter().filter(|(kind, _)| kind == "tel") {
            out.entry(value.clone()).or_insert(n);
        }
    }
    out
}

/// Everything that joins.
pub fn proof(
    identities: &[StoredIdentity],
    contacts: &[StoredContact],
    words: &[PeopleWord],
) -> Vec<Ground> {
    let mut out = Vec::new();
    let links = words.iter().filter(|w| w.kind == WordKind::Link);
    out.extend(links.map(|w| Ground { kind: Kind::You, a: w.a, b: w.b, shared: String::new() }));
    let all = (identities, words.iter().any(|w| w.kind == WordKind::Cut));
    chains(&mut out, Kind::SameNumber, all, |i| {
        i.phone.iter().map(|p| (p.clone(), p.clone())).collect()
    });
    chains(&mut out, Kind::SameAddress, all, |i| {
        let address = i.address.as_deref().filter(|_| i.phone.is_none()).unwrap_or_default();
        let plain = address.trim().trim_start_matches('@').to_lowercase();
        if plain.is_empty() {
            Vec::new()
        } else {
            vec![((i.source.clone(), plain), address.to_owned())]
        }
    });
    chains(&mut out, Kind::SameThread, all, |i| {
        let direct = i.direct.iter().map(|t| ((*t, 0, i.name.to_lowercase()), String::new()));
        let retold = i.retold.iter().map(|(t, shared)| ((*t, 1, shared.clone()), String::new()));
        direct.chain(retold).collect()
    });
    let cards = cards(contacts);
    chains(&mut out, Kind::ContactCard, all, |i| {
        let card = i.phone.as_ref().and_then(|p| contacts.get(*cards.get(p)?));
        card.map(|c| (c.id, c.name.clone())).into_iter().collect()
    });
    same_name_here(&mut out, identities);
    out
}

/// Joins all that share a key: one to the next, or, where the person took anybody out, each to all
/// before, since the one between two others may be the one who is out.
fn chains<K: std::hash::Hash + Eq + Ord>(
    out: &mut Vec<Ground>,
    kind: Kind,
    (identities, cut): (&[StoredIdentity], bool),
    keys: impl Fn(&StoredIdentity) -> Vec<(K, String)>,
) {
    let mut met: HashMap<K, Vec<IdentityId>> = HashMap::new();
    for i in identities {
        for (key, shared) in keys(i) {
            let met = met.entry(key).or_default();
            // The square of a crowd is for ever.
            let far = if cut && met.len() <= CROWD { met.len() } else { 1 };
            let near = met.iter().rev().take(far).filter(|b| **b != i.id);
            out.extend(near.map(|b| Ground { kind, a: *b, b: i.id, shared: shared.clone() }));
            met.push(i.id);
        }
    }
}

/// Within one account and source a group can name only those whom the account knows: where exactly
/// one direct thread bears the name, it is they.
fn same_name_here(out: &mut Vec<Ground>, identities: &[StoredIdentity]) {
    type Place<'i> = (crate::model::AccountId, &'i SourceId, &'i str);
    let mut direct: HashMap<Place<'_>, (IdentityId, HashSet<ThreadId>)> = HashMap::new();
    for i in identities.iter().filter(|i| !i.group_name) {
        let entry = direct.entry((i.mine, &i.source, &i.key)).or_insert((i.id, HashSet::new()));
        entry.1.extend(i.direct.iter().copied());
    }
    for g in identities.iter().filter(|i| i.group_name) {
        if let Some((id, threads)) = direct.get(&(g.mine, &g.source, g.key.as_str()))
            && threads.len() == 1
        {
            let shared = g.name.clone();
            out.push(Ground { kind: Kind::SameNameHere, a: *id, b: g.id, shared });
        }
    }
}

/// Two people who may be one.
pub struct Guess {
    /// One.
    pub a: PersonId,
    /// The other.
    pub b: PersonId,
    /// Below 100.
    pub score: u8,
    /// Why.
    pub grounds: Vec<GroundRow>,
    /// It was put off.
    pub later: bool,
}

/// Who may be the same: people of one name, likeliest first, those that were put off last.
pub fn guesses(people: &People) -> Vec<Guess> {
    let mut named: BTreeMap<String, Vec<(PersonId, String)>> = BTreeMap::new();
    let mut bear = |name: &str, folded: String, person: PersonId| {
        let bearers = named.entry(folded).or_default();
        // One more than a crowd is a crowd: no need to count them all.
        if bearers.len() <= CROWD && bearers.iter().all(|(p, _)| *p != person) {
            bearers.push((person, name.to_owned()));
        }
    };
    for (id, who) in &people.identities {
        if let Some(person) = people.person_of.get(id) {
            bear(&who.name, people.folded(*id).to_owned(), *person);
        }
    }
    for person in people.persons.keys() {
        if let Some(name) = people.carded(*person) {
            bear(name, folded(name), *person);
        }
    }
    named.remove("");
    let mut inside = Inside::new();
    for i in people.identities.values() {
        for g in &i.groups {
            inside.entry(*g).or_default().push(people.folded(i.id).to_owned());
        }
    }
    let mut seen = HashSet::new();
    let mut out = Vec::new();
    let mut known = Known { people, inside: &inside, said: said(people), company: HashMap::new() };
    for (folded, bearers) in named.iter().filter(|(_, b)| (2..=CROWD).contains(&b.len())) {
        for (n, (a, name)) in bearers.iter().enumerate() {
            for (b, _) in &bearers[n + 1..] {
                if seen.insert((*a.min(b), *a.max(b))) {
                    let name = (folded.as_str(), name.as_str(), bearers.len());
                    out.extend(known.guess((*a.min(b), *a.max(b)), name));
                }
            }
        }
    }
    out.sort_by_key(|g| (g.later, std::cmp::Reverse(g.score), g.a, g.b));
    out.truncate(MOST);
    out
}

/// The names inside each group.
type Inside = HashMap<ThreadId, Vec<String>>;

/// What the person said of two people, the smaller one first.
fn said(people: &People) -> HashSet<(WordKind, PersonId, PersonId)> {
    let of = |w: &PeopleWord| {
        let (a, b) = (people.person_of.get(&w.a)?, people.person_of.get(&w.b)?);
        Some((w.kind, *a.min(b), *a.max(b)))
    };
    people.words.iter().filter_map(of).collect()
}

/// What a name is. A number that no one can have is no proof, and stands where a name would.
fn called(name: &str, full: bool) -> &'static str {
    match (full, name.contains(char::is_alphabetic)) {
        (_, false) => "number for a name",
        (true, true) => "full name",
        (false, true) => "first name",
    }
}

/// What every guess asks again, worked out once.
struct Known<'p> {
    people: &'p People,
    inside: &'p Inside,
    said: HashSet<(WordKind, PersonId, PersonId)>,
    company: HashMap<PersonId, HashSet<&'p str>>,
}

impl Known<'_> {
    fn guess(
        &mut self,
        (a, b): (PersonId, PersonId),
        (folded, name, bearers): (&str, &str, usize),
    ) -> Option<Guess> {
        let (people, inside) = (self.people, self.inside);
        let said = |kind: WordKind| self.said.contains(&(kind, a.min(b), a.max(b)));
        if said(WordKind::Cut) {
            return None;
        }
        let full = folded.split(' ').count() > 1;
        let accounts = |p| people.members(p).map(|i| i.mine).collect::<HashSet<_>>();
        let here = !accounts(a).is_disjoint(&accounts(b));
        let called = called(name, full);
        let place = if here { "twice in one account" } else { "in two apps" };
        let mut grounds = vec![GroundRow {
            kind: "same-name",
            text: format!("the same {called}, {name}, {place}"),
            weight: match (full, here) {
                (true, false) => 70,
                (true, true) => 40,
                (false, false) => 35,
                (false, true) => 15,
            },
        }];
        // An export of a chat and the chat itself: there the same name says more.
        if people.seam(a, b).is_some()
            && let Some(ground) = grounds.first_mut()
        {
            ground.text = format!(
                "the same {called}, {name}, in an export and in a live thread of one account; \
                 they become one thread"
            );
            ground.weight = if full { 75 } else { 50 };
        }
        for p in [a, b] {
            self.company.entry(p).or_insert_with(|| company(people, inside, p));
        }
        let common = match (self.company.get(&a), self.company.get(&b)) {
            (Some(of_a), Some(of_b)) => of_a.intersection(of_b).count(),
            _ => 0,
        };
        if common > 0 {
            let text = format!("both are in groups with {common} people of the same names");
            grounds.push(GroundRow { kind: "same-company", text, weight: 15 });
        }
        let sum: u32 = grounds.iter().map(|g| u32::from(g.weight)).sum();
        // The more people bear a name, the less it says.
        let crowd = u32::try_from(bearers.saturating_sub(2)).unwrap_or(0) * 10;
        let score = u8::try_from(sum.saturating_sub(crowd).clamp(5, 95)).unwrap_or(5);
        Some(Guess { a, b, score, grounds, later: said(WordKind::Later) })
    }
}

/// The names of those who are in groups with somebody.
fn company<'p>(people: &People, inside: &'p Inside, person: PersonId) -> HashSet<&'p str> {
    let own: HashSet<&str> = people.members(person).map(|i| people.folded(i.id)).collect();
    let groups = people.groups(person);
    let names = groups.iter().filter_map(|g| inside.get(g)).flatten().map(String::as_str);
    names.filter(|n| !own.contains(n)).collect()
}

/// A name as it is compared: its words without case and accents.
pub fn folded(name: &str) -> String {
    tokens::tokens(name).into_iter().map(|t| t.folded).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_no_first_name() {
        assert_eq!(called("+15551112222", false), "number for a name");
        assert_eq!(called("+1 555 111 2222", true), "number for a name");
        assert_eq!(called("Ana", false), "first name");
        assert_eq!(called("Ana 2", true), "full name");
    }
}
