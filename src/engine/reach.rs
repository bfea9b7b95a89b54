//! Where somebody can be reached: every thread and address of theirs, each judged.

use super::people::People;
use super::{Engine, EngineError, cards, facts, handing_off, rows};
use crate::inbox::{HandOffRow, ReachCard, ReachRow, ReasonRow, SharedGroupRow};
use crate::model::{IdentityId, PersonId, ThreadId, ThreadKind, Verdict, VerdictKind, Wish};
use crate::store::{StoredIdentity, StoredThread};

/// Groups of one card, at most.
const GROUPS: usize = 20;

impl Engine {
    /// Every way to reach the person of a thread.
    pub fn reach(&mut self, thread: ThreadId) -> Result<ReachCard, EngineError> {
        let people = self.people()?;
        let stored = self.stored(thread)?;
        let Some(person) = people.of_thread(thread) else {
            let mut card = ReachCard::of(thread, None, stored.title.clone());
            self.book()?.rename(&mut card.name);
            card.rows.push(self.thread_way(&stored, IdentityId(0), None, true)?);
            self.members_elsewhere(&people, thread, &mut card)?;
            let onward = self.onward(&stored, &mut card)?;
            return Ok(ordered(card, onward));
        };
        let mut card = self.ways_to(&people, person, thread)?;
        let onward = self.onward(&stored, &mut card)?;
        Ok(ordered(card, onward))
    }

    /// Every way to reach a person, asked from nowhere: also who is met in groups only.
    pub fn reach_person(&mut self, person: PersonId) -> Result<ReachCard, EngineError> {
        let people = self.people()?;
        let now = people.person_of.get(&IdentityId(person.0)).copied().unwrap_or(person);
        if !people.persons.contains_key(&now) {
            return Err(EngineError::NoPerson(person.0));
        }
        Ok(ordered(self.ways_to(&people, now, ThreadId(0))?, None))
    }

    fn ways_to(
        &mut self,
        people: &People,
        person: PersonId,
        from: ThreadId,
    ) -> Result<ReachCard, EngineError> {
        let mut card = ReachCard::of(from, Some(person), people.name(person).to_owned());
        for t in people.threads(person) {
            let who = people.members(person).find(|i| i.direct.contains(&t));
            let id = who.map_or(IdentityId(0), |i| i.id);
            let account = who.and_then(|i| people.accounts.get(&i.account));
            card.rows.push(self.thread_way(&self.stored(t)?, id, account, t == from)?);
        }
        self.bare_addresses(people, person, &mut card);
        self.perhaps_theirs(people, person, &mut card)?;
        self.shared_groups(people, person, &mut card)?;
        Ok(card)
    }

    /// The thread that took this one's place is a way on, for whom it was with: the first of all.
    fn onward(
        &self,
        stored: &StoredThread,
        card: &mut ReachCard,
    ) -> Result<Option<ThreadId>, EngineError> {
        let facts = facts::with_guess(stored, &self.settings, &self.reader)?;
        let next = facts.shut_for.or(facts.replaced_by).or(facts.moved_to_encrypted);
        let Some(next) = next.filter(|n| *n != stored.id) else { return Ok(None) };
        if !card.rows.iter().any(|r| r.thread == Some(next)) {
            let row = self.thread_way(&self.stored(next)?, IdentityId(0), None, false)?;
            card.rows.push(row);
        }
        for row in card.rows.iter_mut().filter(|r| r.thread == Some(next)) {
            row.text = format!("took its place: {}", row.text);
        }
        Ok(Some(next))
    }

    fn thread_way(
        &self,
        stored: &StoredThread,
        identity: IdentityId,
        account: Option<&String>,
        here: bool,
    ) -> Result<ReachRow, EngineError> {
        let facts = facts::with_guess(stored, &self.settings, &self.reader)?;
        let decision = self.decide(&facts, Wish::Send);
        let row = self.thread_row(stored, &facts, &decision)?;
        let link = match &decision.verdict {
            Verdict::HandOff(link) => link.clone(),
            Verdict::Live | Verdict::Denied(_) => None,
        };
        let text = match (&decision.verdict, &row.reason, &link) {
            (_, Some(reason), _) => reason.text.clone(),
            (Verdict::Live, ..) => format!("sends on {}", row.badge.name),
            (_, _, Some(link)) => format!("opens {} with your text", link.app),
            _ => format!("copies your text, to be pasted in {}", row.badge.name),
        };
        Ok(ReachRow {
            thread: Some(stored.id),
            identity,
            cross: row.cross,
            address: facts.address.unwrap_or_default(),
            account: account.cloned().unwrap_or_default(),
            verdict: row.verdict,
            reason: row.reason,
            text,
            link,
            last: stored.last,
            here,
            maybe: None,
            badge: row.badge,
        })
    }

    /// Addresses that no thread stands for: a number that a card lists, a member of a group.
    fn bare_addresses(&self, people: &People, person: PersonId, card: &mut ReachCard) {
        let mut seen: Vec<(String, String)> = card
            .rows
            .iter()
            .map(|r| (r.badge.source.as_str().to_owned(), plain(&r.address)))
            .collect();
        let members = people.members(person).filter(|i| i.direct.is_empty()).cloned();
        let carded = cards::of_person(people, &self.settings.rules, person);
        for i in members.chain(carded) {
            let Some(address) = i.phone.clone().or_else(|| i.address.clone()) else { continue };
            let place = (i.source.as_str().to_owned(), plain(&address));
            if seen.contains(&place) {
                continue;
            }
            seen.push(place);
            let (facts, decision) = self.decide_at(&i, Wish::StartThread);
            let (link, reason) = match &decision.verdict {
                Verdict::HandOff(Some(link)) => (Some(link.clone()), None),
                Verdict::Denied(r) => {
                    (None, Some(rows::reason(&self.settings, &facts, r, Wish::StartThread)))
                }
                Verdict::Live | Verdict::HandOff(None) => continue,
            };
            let badge = rows::badge(&self.settings, &i.source);
            let text = match (&reason, &link) {
                (Some(reason), _) => reason.text.clone(),
                (None, Some(link)) if i.id.0 < 0 => {
                    format!(
                        "on their contact card: begins a new chat on {} with your text",
                        link.app
                    )
                }
                (None, Some(link)) => format!("begins a new chat on {} with your text", link.app),
                (None, None) => String::new(),
            };
            card.rows.push(ReachRow {
                thread: None,
                identity: i.id,
                cross: None,
                address,
                account: people.accounts.get(&i.account).cloned().unwrap_or_default(),
                verdict: decision.verdict.kind(),
                reason,
                text,
                link,
                last: None,
                here: false,
                maybe: None,
                badge,
            });
        }
    }

    /// Threads of those who may be the same: said so, and never taken for theirs.
    fn perhaps_theirs(
        &self,
        people: &People,
        person: PersonId,
        card: &mut ReachCard,
    ) -> Result<(), EngineError> {
        for guess in people.guesses() {
            let other = match (guess.a == person, guess.b == person) {
                (true, _) => guess.b,
                (_, true) => guess.a,
                _ => continue,
            };
            for t in people.threads(other) {
                let who = people.members(other).find(|i| i.direct.contains(&t));
                let id = who.map_or(IdentityId(0), |i| i.id);
                let account = who.and_then(|i| people.accounts.get(&i.account));
                let mut row = self.thread_way(&self.stored(t)?, id, account, false)?;
                row.maybe = Some(guess.score);
                card.rows.push(row);
            }
        }
        Ok(())
    }

    fn shared_groups(
        &self,
        people: &People,
        person: PersonId,
        card: &mut ReachCard,
    ) -> Result<(), EngineError> {
        for group in people.groups(person) {
            let row = self.thread(group)?;
            card.groups.push(SharedGroupRow {
                thread: group,
                title: row.title,
                badge: row.badge,
                kind: row.kind,
                verdict: row.verdict,
                last: row.last,
            });
        }
        card.groups.sort_by_key(|g| (g.verdict, std::cmp::Reverse(g.last)));
        card.groups.truncate(GROUPS);
        Ok(())
    }

    /// Of a group: who of its members can be written to by themselves.
    fn members_elsewhere(
        &self,
        people: &People,
        group: ThreadId,
        card: &mut ReachCard,
    ) -> Result<(), EngineError> {
        let inside = |i: &&StoredIdentity| i.groups.contains(&group);
        let mut said: Vec<PersonId> = Vec::new();
        for i in people.identities.values().filter(inside) {
            let Some(person) = people.person_of.get(&i.id).filter(|p| !said.contains(p)) else {
                continue;
            };
            said.push(*person);
            let mut open = Vec::new();
            for t in people.threads(*person) {
                let row = self.thread(t)?;
                if row.verdict != VerdictKind::ReadOnly && !open.contains(&row.badge.name) {
                    open.push(row.badge.name);
                }
            }
            if !open.is_empty() {
                card.left.push(format!("{}: {}", people.name(*person), open.join(", ")));
            }
        }
        Ok(())
    }

    /// Takes a text along to another thread.
    pub fn carry(
        &mut self,
        from: ThreadId,
        to: ThreadId,
        text: &str,
        now: crate::model::Timestamp,
    ) -> Result<String, EngineError> {
        Ok(self.store().writer()?.carry_draft(from, to, text, now)?)
    }

    /// An identity of the store, or a number on a contact card.
    fn whoever(&self, people: &People, id: IdentityId) -> Result<StoredIdentity, EngineError> {
        let stored = people.identities.get(&id).cloned();
        stored
            .or_else(|| cards::of_number(people, &self.settings.rules, id))
            .ok_or(EngineError::NoPerson(id.0))
    }

    /// What beginning at a bare address would open, or why it is refused.
    pub fn start_at(
        &mut self,
        from: ThreadId,
        identity: IdentityId,
        text: &str,
    ) -> Result<Result<HandOffRow, ReasonRow>, EngineError> {
        let people = self.people()?;
        let who = self.whoever(&people, identity)?;
        let (facts, decision) = self.decide_at(&who, Wish::StartThread);
        Ok(match &decision.verdict {
            Verdict::Denied(r) => Err(rows::reason(&self.settings, &facts, r, Wish::StartThread)),
            granted @ (Verdict::Live | Verdict::HandOff(_)) => {
                Ok(rows::hand_off(&self.settings, from, &facts, granted, (text, None)))
            }
        })
    }

    /// Opens the app at a bare address. The policy is asked again.
    pub fn open_start(&mut self, identity: IdentityId, text: &str) -> Result<(), EngineError> {
        let people = self.people()?;
        let who = self.whoever(&people, identity)?;
        let (facts, decision) = self.decide_at(&who, Wish::StartThread);
        if let Verdict::Denied(r) = decision.verdict {
            return Err(EngineError::Refused(Box::new(r)));
        }
        let row =
            rows::hand_off(&self.settings, ThreadId(0), &facts, &decision.verdict, (text, None));
        match row.url {
            Some(url) => handing_off::open_link(&url),
            None => Ok(()),
        }
    }
}

/// Open ways first, before all the one that a thread goes on in; what is left where none is open.
fn ordered(mut card: ReachCard, onward: Option<ThreadId>) -> ReachCard {
    card.rows.sort_by_key(|r| {
        let goes_on = onward.is_some() && r.thread == onward;
        let sure = (r.maybe.is_some(), std::cmp::Reverse(r.maybe));
        (!goes_on, r.verdict, sure, r.thread.is_none(), std::cmp::Reverse(r.last))
    });
    if card.rows.iter().all(|r| r.verdict == VerdictKind::ReadOnly) {
        let left = what_is_left(&card);
        card.left.extend(left);
    }
    card
}

fn plain(address: &str) -> String {
    address.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn what_is_left(card: &ReachCard) -> Vec<String> {
    let mut left = Vec::new();
    let open: Vec<&str> = card
        .groups
        .iter()
        .filter(|g| g.verdict != VerdictKind::ReadOnly && g.kind != ThreadKind::Channel)
        .map(|g| g.title.as_str())
        .collect();
    if !open.is_empty() {
        left.push(format!("You share a group that is open: {}", open.join(", ")));
    }
    let next = card.rows.iter().filter_map(|r| r.reason.as_ref()).map(|r| r.next.clone());
    for next in next.filter(|n| !n.is_empty()) {
        if !left.contains(&next) {
            left.push(next);
        }
    }
    left.push(
        "A number or address that you know can be taken in: onebox people import FILE.vcf"
            .to_owned(),
    );
    left
}
