//! People as rows of the counter, and what the person says of them.

use super::grounds::{self, folded};
use super::people::People;
use super::{Engine, EngineError, Settings, rows};
use crate::inbox::{
    IdentityRow, LinkRow, Notice, PeopleChange, PersonHint, PersonRow, Severity, Whose,
};
use crate::model::{IdentityId, PersonId, ThreadId, Timestamp, Wish};
use crate::store::{PeopleRows, StoredIdentity, WordKind};

/// People of one answer, at most.
const WINDOW: usize = 200;

fn identity_row(people: &People, settings: &Settings, i: &StoredIdentity) -> IdentityRow {
    let stats = i.direct.iter().filter_map(|t| people.activity.get(t));
    let mut grounds: Vec<_> = people.grounds_of(i.id).map(grounds::Ground::row).collect();
    // One number shared with three others is one reason.
    grounds.dedup();
    IdentityRow {
        id: i.id,
        badge: rows::badge(settings, &i.source),
        name: i.name.clone(),
        address: i.phone.clone().or_else(|| i.address.clone()).unwrap_or_default(),
        account: people.accounts.get(&i.account).cloned().unwrap_or_default(),
        threads: i.direct.len() as u64,
        messages: stats.clone().map(|(n, _)| n).sum(),
        last: stats.filter_map(|(_, last)| *last).max(),
        grounds,
    }
}

/// A person's row.
pub fn person_row(people: &People, settings: &Settings, id: PersonId) -> PersonRow {
    let mut identities: Vec<IdentityRow> =
        people.members(id).map(|i| identity_row(people, settings, i)).collect();
    identities.sort_by_key(|i| (std::cmp::Reverse(i.messages), i.id));
    let threads = people.threads(id);
    let stats = threads.iter().filter_map(|t| people.activity.get(t));
    PersonRow {
        id,
        name: people.name(id).to_owned(),
        identities,
        threads: threads.len() as u64,
        messages: stats.clone().map(|(n, _)| n).sum(),
        last: stats.filter_map(|(_, last)| *last).max(),
        suggestions: people.guesses().iter().filter(|g| g.a == id || g.b == id).count() as u64,
    }
}

impl Engine {
    /// People by activity, whose name holds every word that is asked for (or begins so). Also how
    /// many there are in all.
    pub fn list_people(
        &mut self,
        name: &str,
        offset: usize,
        limit: usize,
    ) -> Result<(Vec<PersonRow>, usize), EngineError> {
        let people = self.people()?;
        let asked = folded(name);
        let holds = |have: &str| {
            asked.split_whitespace().all(|a| have.split(' ').any(|h| h.starts_with(a)))
        };
        let fits = |p: &PersonId| {
            people.members(*p).any(|i| holds(people.folded(i.id)))
                || people.carded(*p).is_some_and(|name| holds(&folded(name)))
        };
        let last = |p: PersonId| -> Option<Timestamp> {
            people.threads(p).iter().filter_map(|t| people.activity.get(t)?.1).max()
        };
        let mut all: Vec<(Option<Timestamp>, PersonId)> = people
            .persons
            .keys()
            .filter(|p| asked.is_empty() || fits(p))
            .map(|p| (last(*p), *p))
            .collect();
        all.sort_by_key(|(at, p)| (std::cmp::Reverse(*at), *p));
        let rows = all.iter().skip(offset).take(limit.min(WINDOW));
        let rows = rows.map(|(_, p)| person_row(&people, self.settings(), *p));
        Ok((rows.collect(), all.len()))
    }

    /// One person.
    pub fn person(&mut self, person: PersonId) -> Result<PersonRow, EngineError> {
        let people = self.people()?;
        let person = people.person_of.get(&IdentityId(person.0)).copied().unwrap_or(person);
        match people.persons.contains_key(&person) {
            true => Ok(person_row(&people, self.settings(), person)),
            false => Err(EngineError::NoPerson(person.0)),
        }
    }

    /// Whom a question is about; `None`: a thread is with nobody in particular.
    pub fn whose(&mut self, whose: Whose) -> Result<Option<PersonRow>, EngineError> {
        let person = match whose {
            Whose::Person(person) => Some(person),
            Whose::Thread(thread) => self.people()?.of_thread(thread),
        };
        person.map(|p| self.person(p)).transpose()
    }

    /// Whose a number is, be it a person's or one of their identities'.
    pub fn person_numbered(&mut self, id: i64) -> Result<PersonId, EngineError> {
        let people = self.people()?;
        people.person_of.get(&IdentityId(id)).copied().ok_or(EngineError::NoPerson(id))
    }

    /// Who may be the same, likeliest first.
    pub fn links(&mut self) -> Result<Vec<LinkRow>, EngineError> {
        let people = self.people()?;
        let row = |p| person_row(&people, self.settings(), p);
        Ok(people
            .guesses()
            .iter()
            .map(|g| LinkRow {
                a: row(g.a),
                b: row(g.b),
                score: g.score,
                grounds: g.grounds.clone(),
                later: g.later,
            })
            .collect())
    }

    /// Does what the person says of who is who. Returns what is told of it, and exactly what takes
    /// it back.
    pub fn change_people(
        &mut self,
        change: &PeopleChange,
    ) -> Result<(Notice, PeopleRows), EngineError> {
        let (told, inverse) = self.made(change)?;
        if inverse != PeopleRows::default() {
            let mut done = self.reader.people_done()?;
            done.push((told.what.clone(), inverse.clone()));
            self.store().writer()?.keep_people_done(&done)?;
        }
        Ok((told, inverse))
    }

    fn made(&mut self, change: &PeopleChange) -> Result<(Notice, PeopleRows), EngineError> {
        match change {
            PeopleChange::JoinGroups(a, b) => return self.change_groups(WordKind::Link, *a, *b),
            PeopleChange::GroupsApart(a, b) => return self.change_groups(WordKind::Cut, *a, *b),
            PeopleChange::GroupsLater(a, b) => return self.change_groups(WordKind::Later, *a, *b),
            PeopleChange::PartGroup(thread) => return self.part_group(*thread),
            _ => {}
        }
        let people = self.people()?;
        // Whom a row on screen named may have been joined with somebody meanwhile.
        let now = |p: &PersonId| people.person_of.get(&IdentityId(p.0)).copied().unwrap_or(*p);
        let change = &match change {
            PeopleChange::Link(a, b) => PeopleChange::Link(now(a), now(b)),
            PeopleChange::Refuse(a, b) => PeopleChange::Refuse(now(a), now(b)),
            PeopleChange::Later(a, b) => PeopleChange::Later(now(a), now(b)),
            other => other.clone(),
        };
        let known = |p: &PersonId| match people.persons.contains_key(p) {
            true => Ok(people.name(*p).to_owned()),
            false => Err(EngineError::NoPerson(p.0)),
        };
        let (rows, told) = match change {
            PeopleChange::Link(a, b) => {
                let mut told = format!("{} and {} are one person now", known(a)?, known(b)?);
                if people.seam(*a, *b).is_some() {
                    told.push_str("; what was said before and what is said now is one thread");
                }
                (people.link_rows(*a, *b), told)
            }
            PeopleChange::Refuse(a, b) => {
                let told = format!("Noted: {} and {} are two people", known(a)?, known(b)?);
                (people.apart_rows(WordKind::Cut, *a, *b), told)
            }
            PeopleChange::Later(a, b) => {
                known(a)?;
                known(b)?;
                let told = "Put off: it stands at the end of the suggestions".to_owned();
                (people.apart_rows(WordKind::Later, *a, *b), told)
            }
            PeopleChange::Unlink(identity) => {
                let who = people.identities.get(identity);
                let name = who.map(|i| &i.name).ok_or(EngineError::NoPerson(identity.0))?;
                let rows = people.unlink_rows(*identity);
                let told = match rows.add.is_empty() {
                    true => format!("{name} stands alone already"),
                    false => format!("{name} is a person of their own now"),
                };
                (rows, told)
            }
            PeopleChange::JoinGroups(..)
            | PeopleChange::GroupsApart(..)
            | PeopleChange::GroupsLater(..)
            | PeopleChange::PartGroup(_) => (PeopleRows::default(), String::new()),
        };
        let inverse = self.store().writer()?.change_people(&rows, self.present())?;
        Ok((Notice::new(Severity::Info, told, "", ""), inverse))
    }

    /// Takes a change of people back, or does it again: returns what takes that back.
    pub fn undo_people(&mut self, rows: &PeopleRows) -> Result<PeopleRows, EngineError> {
        let mut done = self.reader.people_done()?;
        let now = self.present();
        let mut writer = self.store().writer()?;
        let inverse = writer.change_people(rows, now)?;
        if let Some(at) = done.iter().rposition(|(_, kept)| kept == rows) {
            done.remove(at);
            writer.keep_people_done(&done)?;
        }
        Ok(inverse)
    }

    /// Takes the latest change of who is who back that was not taken back yet, whoever made it.
    /// What it was; `None`: there is none.
    pub fn take_people_back(&mut self) -> Result<Option<String>, EngineError> {
        let Some((told, rows)) = self.reader.people_done()?.pop() else { return Ok(None) };
        self.undo_people(&rows)?;
        Ok(Some(told))
    }

    /// Who a thread is with, and where else they are.
    pub(super) fn person_hint(
        &mut self,
        thread: ThreadId,
    ) -> Result<Option<PersonHint>, EngineError> {
        let people = self.people()?;
        let Some(person) = people.of_thread(thread) else { return Ok(None) };
        let mut elsewhere = Vec::new();
        for other in people.threads(person).into_iter().filter(|t| *t != thread).take(20) {
            let row = self.thread(other)?;
            elsewhere.push((row.badge, row.verdict));
        }
        elsewhere.sort_by_key(|(badge, verdict)| (*verdict, badge.name.clone()));
        elsewhere.dedup();
        Ok(Some(PersonHint { id: person, name: people.name(person).to_owned(), elsewhere }))
    }

    /// What the policy says of a wish at a bare address of an identity.
    pub(super) fn decide_at(
        &self,
        identity: &StoredIdentity,
        wish: Wish,
    ) -> (crate::model::Facts, crate::policy::Decision) {
        let kind = crate::model::ThreadKind::Direct;
        let mut facts = crate::model::Facts::bare(ThreadId(0), identity.source.clone(), kind);
        facts.address = identity.phone.clone().or_else(|| identity.address.clone());
        facts.read_only_switch = self.settings.read_only;
        let decision = self.decide(&facts, wish);
        (facts, decision)
    }
}
