//! Who is who: identities joined into people on proof and on the person's word, and guesses beside
//! them. Worked out anew from what is stored, the same whatever was imported or said first.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::OnceLock;

use super::grounds::{self, Ground, Guess};
use super::{Engine, EngineError, rows};
use crate::inbox::Who;
use crate::model::{AccountId, IdentityId, PersonId, ThreadId, Timestamp};
use crate::store::{
    PeopleRows, PeopleWord, Reader, StoreError, StoredContact, StoredIdentity, StoredParticipant,
    WordKind, number,
};

/// Everybody, at one state of the store.
pub struct People {
    /// The state of what is stored of people.
    pub version: i64,
    /// Every identity, by number.
    pub identities: BTreeMap<IdentityId, StoredIdentity>,
    /// The members of each person, in the order of their numbers.
    pub persons: BTreeMap<PersonId, Vec<IdentityId>>,
    /// Whose an identity is.
    pub person_of: HashMap<IdentityId, PersonId>,
    /// What joins identities: proof and the person's word.
    pub grounds: Vec<Ground>,
    /// What the person said.
    pub words: Vec<PeopleWord>,
    /// Who is in a direct thread.
    pub direct: HashMap<ThreadId, Vec<IdentityId>>,
    /// Contact cards.
    pub contacts: Vec<StoredContact>,
    /// The card that lists a number.
    cards: HashMap<String, usize>,
    /// Messages and last activity of every thread.
    pub activity: HashMap<ThreadId, (u64, Option<Timestamp>)>,
    /// Threads that a live account tells.
    pub live: HashSet<ThreadId>,
    /// Names of my accounts.
    pub accounts: HashMap<AccountId, String>,
    guesses: OnceLock<Vec<Guess>>,
    folded: OnceLock<HashMap<IdentityId, String>>,
    joined: OnceLock<HashMap<IdentityId, Vec<usize>>>,
}

/// Components that may be told never to meet.
struct Joining {
    parent: HashMap<IdentityId, IdentityId>,
    members: HashMap<IdentityId, Vec<IdentityId>>,
    cuts: HashMap<IdentityId, BTreeSet<IdentityId>>,
}

impl Joining {
    fn root(&self, mut i: IdentityId) -> IdentityId {
        while let Some(&up) = self.parent.get(&i).filter(|&&up| up != i) {
            i = up;
        }
        i
    }

    /// Joins two components, unless somebody of one was cut from somebody of the other.
    fn join(&mut self, a: IdentityId, b: IdentityId) {
        let (a, b) = (self.root(a), self.root(b));
        if a == b || !self.members.contains_key(&a) || !self.members.contains_key(&b) {
            return;
        }
        let (keep, gone) = (a.min(b), a.max(b));
        let apart = self.cuts.get(&gone).is_some_and(|c| c.iter().any(|x| self.root(*x) == keep));
        if apart {
            return;
        }
        self.parent.insert(gone, keep);
        let moved = self.members.remove(&gone).unwrap_or_default();
        self.members.entry(keep).or_default().extend(moved);
        let cuts = self.cuts.remove(&gone).unwrap_or_default();
        self.cuts.entry(keep).or_default().extend(cuts);
    }
}

impl People {
    /// Works everybody out.
    pub fn work_out(reader: &Reader, version: i64) -> Result<Self, StoreError> {
        let identities = reader.identities()?;
        let words = reader.people_words()?;
        let contacts = reader.contacts()?;
        let grounds = grounds::proof(&identities, &contacts, &words);
        let mut people = Self::join(version, identities, grounds, words, contacts);
        people.activity = reader.thread_activity()?;
        people.live = reader.threads_told_live()?;
        people.accounts = reader.accounts()?.into_iter().map(|a| (a.id, a.name)).collect();
        Ok(people)
    }

    /// The components over the grounds, weightiest first, that respect every cut.
    fn join(
        version: i64,
        identities: Vec<StoredIdentity>,
        mut grounds: Vec<Ground>,
        words: Vec<PeopleWord>,
        contacts: Vec<StoredContact>,
    ) -> Self {
        let mut joining = Joining {
            parent: HashMap::new(),
            members: identities.iter().map(|i| (i.id, vec![i.id])).collect(),
            cuts: HashMap::new(),
        };
        for w in words.iter().filter(|w| w.kind == WordKind::Cut) {
            joining.cuts.entry(w.a).or_default().insert(w.b);
            joining.cuts.entry(w.b).or_default().insert(w.a);
        }
        grounds.sort_by_key(|g| (std::cmp::Reverse(g.kind.rank()), g.a, g.b));
        for g in &grounds {
            joining.join(g.a, g.b);
        }
        let mut persons = BTreeMap::new();
        let mut person_of = HashMap::new();
        for mut members in joining.members.into_values() {
            members.sort_unstable();
            let Some(first) = members.first() else { continue };
            let person = PersonId(first.0);
            person_of.extend(members.iter().map(|m| (*m, person)));
            persons.insert(person, members);
        }
        let mut direct: HashMap<ThreadId, Vec<IdentityId>> = HashMap::new();
        for i in &identities {
            for t in &i.direct {
                direct.entry(*t).or_default().push(i.id);
            }
        }
        let identities = identities.into_iter().map(|i| (i.id, i)).collect();
        Self {
            version,
            identities,
            persons,
            person_of,
            grounds,
            words,
            direct,
            cards: grounds::cards(&contacts),
            contacts,
            activity: HashMap::new(),
            live: HashSet::new(),
            accounts: HashMap::new(),
            guesses: OnceLock::new(),
            folded: OnceLock::new(),
            joined: OnceLock::new(),
        }
    }

    /// Who may be the same, likeliest first. Compared when first asked for.
    pub fn guesses(&self) -> &[Guess] {
        self.guesses.get_or_init(|| grounds::guesses(self))
    }

    /// An identity's name as it is compared.
    pub fn folded(&self, identity: IdentityId) -> &str {
        let all = self.folded.get_or_init(|| {
            self.identities.values().map(|i| (i.id, grounds::folded(&i.name))).collect()
        });
        all.get(&identity).map_or("", String::as_str)
    }

    /// What joins an identity to its person.
    pub fn grounds_of(&self, identity: IdentityId) -> impl Iterator<Item = &Ground> {
        let all = self.joined.get_or_init(|| {
            let mut all: HashMap<IdentityId, Vec<usize>> = HashMap::new();
            for (n, g) in self.grounds.iter().enumerate() {
                if self.person_of.get(&g.a) == self.person_of.get(&g.b) {
                    all.entry(g.a).or_default().push(n);
                    all.entry(g.b).or_default().push(n);
                }
            }
            all
        });
        let numbers = all.get(&identity).map_or(&[][..], Vec::as_slice);
        numbers.iter().filter_map(|n| self.grounds.get(*n))
    }

    /// The members of a person.
    pub fn members(&self, person: PersonId) -> impl Iterator<Item = &StoredIdentity> {
        let ids = self.persons.get(&person).map_or(&[][..], Vec::as_slice);
        ids.iter().filter_map(|i| self.identities.get(i))
    }

    /// The direct threads of a person.
    pub fn threads(&self, person: PersonId) -> BTreeSet<ThreadId> {
        self.members(person).flat_map(|i| i.direct.iter().copied()).collect()
    }

    /// The direct threads of whoever is called so, or has this number: also those in which they
    /// bear another name.
    pub fn threads_named(&self, name: &str) -> BTreeSet<ThreadId> {
        let asked = grounds::folded(name);
        let id = name.parse().ok().map(IdentityId);
        let phone = number(name.trim());
        let called = |i: &&StoredIdentity| {
            let holds = |have: &str| {
                let words = |a: &str| have.split(' ').any(|h| h == a);
                !asked.is_empty() && asked.split(' ').all(words)
            };
            let card = || self.person_of.get(&i.id).and_then(|p| self.carded(*p));
            Some(i.id) == id
                || holds(self.folded(i.id))
                || phone.is_some() && i.phone == phone
                || i.phone.is_some() && card().is_some_and(|name| holds(&grounds::folded(name)))
        };
        let persons = self
            .identities
            .values()
            .filter(called)
            .filter_map(|i| self.person_of.get(&i.id).copied());
        persons.flat_map(|p| self.threads(p)).collect()
    }

    /// The groups that a person is in.
    pub fn groups(&self, person: PersonId) -> BTreeSet<ThreadId> {
        self.members(person).flat_map(|i| i.groups.iter().copied()).collect()
    }

    /// Who a direct thread is with, if it is with one.
    pub fn of_thread(&self, thread: ThreadId) -> Option<PersonId> {
        let who = self.direct.get(&thread)?;
        let first = self.person_of.get(who.first()?)?;
        who.iter().all(|i| self.person_of.get(i) == Some(first)).then_some(*first)
    }

    /// What a contact card calls them, if one lists their number.
    pub fn carded(&self, person: PersonId) -> Option<&str> {
        let phones = self.members(person).filter_map(|i| i.phone.as_ref());
        let cards = phones.filter_map(|p| self.cards.get(p));
        cards.min().and_then(|n| self.contacts.get(*n)).map(|c| c.name.as_str())
    }

    /// What a person is called: as their contact card does, else as in their busiest thread.
    pub fn name(&self, person: PersonId) -> &str {
        if let Some(name) = self.carded(person) {
            return name;
        }
        // A number says less than a name.
        let busy = |i: &&StoredIdentity| {
            let named = !i.name.chars().all(|c| !c.is_alphabetic());
            (named, !i.group_name, i.direct.len() + i.groups.len(), std::cmp::Reverse(i.id))
        };
        self.members(person).max_by_key(busy).map_or("", |i| i.name.as_str())
    }

    /// The rows that "these are the same" comes to: one link, and no cut between the two.
    pub fn link_rows(&self, a: PersonId, b: PersonId) -> PeopleRows {
        let (left, right) = (self.ids(a), self.ids(b));
        let between = |w: &&PeopleWord| {
            let crosses = left.contains(&w.a) && right.contains(&w.b)
                || left.contains(&w.b) && right.contains(&w.a);
            crosses && w.kind != WordKind::Link
        };
        let mut rows = PeopleRows {
            remove: self.words.iter().filter(between).copied().collect(),
            ..PeopleRows::default()
        };
        if let (Some(x), Some(y)) = (left.first(), right.first())
            && a != b
        {
            rows.add.push(PeopleWord::new(WordKind::Link, *x, *y));
            // Their threads are one by a word about those whom they are with.
            let seam = self.seam(a, b).map(|(x, y)| PeopleWord::new(WordKind::Link, x, y));
            rows.add.extend(seam.filter(|w| !rows.add.contains(w)));
        }
        rows
    }

    /// Of two people, those whom a live thread and an export's thread of one account are with, if
    /// that leaves no doubt: joined, these threads are one.
    pub fn seam(&self, a: PersonId, b: PersonId) -> Option<(IdentityId, IdentityId)> {
        let is_live = |i: &StoredIdentity| i.direct.iter().any(|t| self.live.contains(t));
        let direct = |p| self.members(p).filter(|i| !i.group_name && !i.direct.is_empty());
        let mut found = None;
        for x in direct(a) {
            for y in direct(b) {
                let here = (x.mine, &x.source) == (y.mine, &y.source);
                if !here || is_live(x) == is_live(y) {
                    continue;
                }
                // Which of several it would go on in is not known.
                if found.is_some() || x.direct.len() != 1 || y.direct.len() != 1 {
                    return None;
                }
                found = Some((x.id, y.id));
            }
        }
        found
    }

    /// The rows that "these are not the same", or "later", comes to.
    pub fn apart_rows(&self, kind: WordKind, a: PersonId, b: PersonId) -> PeopleRows {
        let mut rows = PeopleRows::default();
        if let (Some(x), Some(y)) = (self.ids(a).first(), self.ids(b).first())
            && a != b
        {
            rows.add.push(PeopleWord::new(kind, *x, *y));
            if kind == WordKind::Cut {
                rows.remove.push(PeopleWord::new(WordKind::Later, *x, *y));
            }
        }
        rows
    }

    /// The rows that take an identity out of its person, whatever joins it there.
    pub fn unlink_rows(&self, identity: IdentityId) -> PeopleRows {
        let Some(person) = self.person_of.get(&identity) else { return PeopleRows::default() };
        let others: Vec<IdentityId> =
            self.ids(*person).iter().copied().filter(|i| *i != identity).collect();
        let linked =
            |w: &&PeopleWord| w.kind == WordKind::Link && (w.a == identity || w.b == identity);
        PeopleRows {
            remove: self.words.iter().filter(linked).copied().collect(),
            add: others.into_iter().map(|o| PeopleWord::new(WordKind::Cut, identity, o)).collect(),
            ..PeopleRows::default()
        }
    }

    fn ids(&self, person: PersonId) -> &[IdentityId] {
        self.persons.get(&person).map_or(&[], Vec::as_slice)
    }
}

impl Engine {
    /// Everybody, worked out again if anything was stored since.
    pub fn people(&mut self) -> Result<std::sync::Arc<People>, EngineError> {
        let version = self.reader.people_stamp()?;
        if let Some(known) = self.people.as_ref().filter(|p| p.version == version) {
            return Ok(known.clone());
        }
        let people = std::sync::Arc::new(People::work_out(&self.reader, version)?);
        self.people = Some(people.clone());
        Ok(people)
    }

    /// The direct threads of a person.
    pub(super) fn threads_of_person(
        &mut self,
        person: PersonId,
    ) -> Result<std::collections::HashSet<ThreadId>, EngineError> {
        Ok(self.people()?.threads(person).into_iter().collect())
    }

    /// Everyone in a thread, once, as its header tells them; `None`: nothing was joined, and the
    /// header does.
    pub fn everyone(&mut self, thread: ThreadId) -> Result<Option<Vec<Who>>, EngineError> {
        let stored = self.stored(thread)?;
        if stored.facts.strands < 2 {
            return Ok(None);
        }
        let people = self.people_in(thread)?;
        let mut everyone = rows::participants(&self.settings, &stored, &people);
        self.name_everyone(&mut everyone)?;
        Ok(Some(everyone))
    }

    /// Everyone in a thread, once: strands that were joined may each have a name of their own for
    /// me, and for somebody else. Who writes there from two apps stands there twice.
    pub fn people_in(&mut self, thread: ThreadId) -> Result<Vec<StoredParticipant>, EngineError> {
        let all = self.participants(thread)?;
        let stored = self.stored(thread)?;
        if stored.facts.strands < 2 {
            return Ok(all);
        }
        let people = self.people()?;
        let person = |p: &StoredParticipant| people.person_of.get(&p.identity?).copied();
        let app = |p: &StoredParticipant| p.source.clone().unwrap_or(stored.source.clone());
        let mut out: Vec<StoredParticipant> = Vec::new();
        for p in all {
            let same = |o: &&mut StoredParticipant| {
                let one = o.is_me && p.is_me || person(o).is_some_and(|id| person(&p) == Some(id));
                one && app(o) == app(&p)
            };
            match out.iter_mut().find(same) {
                Some(known) => {
                    known.gone &= p.gone;
                    // A number says less than a name.
                    if !known.name.contains(char::is_alphabetic) {
                        known.name = p.name;
                    }
                }
                None => out.push(p),
            }
        }
        Ok(out)
    }
}
