//! Who is who against slow and obvious code: whatever is linked, unlinked, refused and imported
//! again, people are what the evidence joins, and taking everything back gives the start.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::sync::Arc;

use onebox::engine::{Engine, Rules, Settings, Store};
use onebox::inbox::{PeopleChange, PersonRow};
use onebox::model::{
    AccountRecord, IdentityId, MessageRecord, Moment, ParticipantRecord, Record, SourceId,
    ThreadKind, ThreadRecord, Timestamp,
};
use onebox::store::{StoredIdentity, WordKind};
use proptest::prelude::*;

/// Source, account of mine, the chat's key, its address; more than one name makes it a group.
type Chat = (&'static str, &'static str, &'static str, &'static str, &'static [&'static str]);

const CHATS: &[Chat] = &[
    ("whatsapp", "me", "w1", "+491701234567", &["+49 170 1234567"]),
    ("signal", "me", "s1", "+49 170 1234567", &["Ana Lima"]),
    ("telegram", "me", "t1", "491701234567", &["Ana"]),
    ("viber", "me", "v1", "+49-170-1234567", &["Ana L."]),
    ("telegram", "other", "t2", "@ana_l", &["Ana Lima"]),
    ("telegram", "me", "t3", "Ana_L", &["ana lima"]),
    ("telegram", "third", "t4", "ana_l", &["A."]),
    ("signal", "me", "s2", "+420604111222", &["Bo"]),
    ("messenger", "me", "m1", "", &["Bo"]),
    ("messenger", "me", "m2", "", &["Cy", "Bo", "Ana Lima"]),
    ("messenger", "me", "m3", "", &["Cy"]),
    ("signal", "me", "s3", "", &["Cy", "Ana Lima", "Bo"]),
];

/// One card for Ana's and Bo's numbers.
const CARD: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ana and Bo\r\nTEL:+49 170 1234567\r\n\
                    TEL:+420 604 111 222\r\nEND:VCARD\r\n";

fn tell(store: &Store, (source, account, key, address, names): Chat) {
    let mut writer = store.writer().unwrap();
    let mut import = writer.import("a test", Timestamp(2_000_000_000_000)).unwrap();
    let mut take = |r| import.take(r).unwrap();
    take(Record::Account(AccountRecord {
        source: SourceId::new(source),
        key: account.into(),
        name: account.into(),
        me_names: vec![account.into()],
        known_by: "a test".into(),
    }));
    let mut thread = ThreadRecord::new(key, "a test");
    thread.kind = Some(if names.len() > 1 { ThreadKind::Group } else { ThreadKind::Direct });
    thread.address = Some(address.to_owned()).filter(|a| !a.is_empty());
    take(Record::Thread(Box::new(thread)));
    for name in names {
        take(Record::Participant(ParticipantRecord {
            thread: key.into(),
            key: (*name).into(),
            name: (*name).into(),
            source: None,
            is_me: false,
            placeholder: false,
            left: false,
        }));
        let sent = Moment::exact(Timestamp(1_600_000_000_000));
        let text = MessageRecord::text(key.into(), Some((*name).into()), sent, "hello");
        take(Record::Message(Box::new(text)));
    }
    import.finish("{}").unwrap();
}

fn engine(card: bool) -> Engine {
    let store = Store::in_memory().unwrap();
    CHATS.iter().for_each(|chat| tell(&store, *chat));
    let settings = Settings::plain(Rules::builtin().unwrap());
    let mut engine = Engine::new(Arc::new(store), Arc::new(settings)).unwrap();
    if card {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("cards.vcf");
        std::fs::write(&file, CARD).unwrap();
        engine.import_contacts(&file).unwrap();
    }
    engine
}

type Sets = BTreeSet<BTreeSet<IdentityId>>;

/// Every reason why two identities may be one, pair by pair, the weightiest first.
fn evidence(engine: &Engine) -> Vec<(IdentityId, IdentityId)> {
    let reader = engine.store().reader().unwrap();
    let (all, words) = (reader.identities().unwrap(), reader.people_words().unwrap());
    let contacts = reader.contacts().unwrap();
    let card = |i: &StoredIdentity| {
        let phone = i.phone.as_ref()?;
        contacts.iter().position(|c| c.addresses.iter().any(|(k, v)| k == "tel" && v == phone))
    };
    let handle = |i: &StoredIdentity| {
        let address = i.address.clone().filter(|_| i.phone.is_none())?;
        Some((i.source.clone(), address.trim_start_matches('@').to_lowercase()))
    };
    let place = |i: &StoredIdentity| (i.account, i.source.clone(), i.key.clone());
    // A group's name is the one direct thread's of that account, if there is just one.
    let same_here = |g: &StoredIdentity, d: &StoredIdentity| {
        let bearers = || all.iter().filter(|i| !i.group_name && place(i) == place(g));
        let threads: BTreeSet<_> = bearers().flat_map(|i| &i.direct).collect();
        let first = bearers().next().map(|i| i.id);
        g.group_name && threads.len() == 1 && first == Some(d.id)
    };
    let same = |a: &StoredIdentity, b: &StoredIdentity| {
        [
            words.iter().any(|w| w.kind == WordKind::Link && (w.a, w.b) == (a.id, b.id)),
            a.name.to_lowercase() == b.name.to_lowercase()
                && a.direct.iter().any(|t| b.direct.contains(t)),
            a.phone.is_some() && a.phone == b.phone,
            handle(a).is_some() && handle(a) == handle(b),
            card(a).is_some() && card(a) == card(b),
            same_here(a, b) || same_here(b, a),
        ]
    };
    let mut out = Vec::new();
    for weight in 0..6 {
        for (n, a) in all.iter().enumerate() {
            out.extend(all[n + 1..].iter().filter(|b| same(a, b)[weight]).map(|b| (a.id, b.id)));
        }
    }
    out
}

/// Sets of identities, joined pair by pair unless somebody of one was cut from somebody of the other.
fn slow_people(engine: &Engine) -> Sets {
    let reader = engine.store().reader().unwrap();
    let words = reader.people_words().unwrap();
    let mut sets: Vec<BTreeSet<IdentityId>> =
        reader.identities().unwrap().iter().map(|i| BTreeSet::from([i.id])).collect();
    for (a, b) in evidence(engine) {
        let of = |i: &IdentityId| sets.iter().position(|s| s.contains(i)).unwrap();
        let (x, y) = (of(&a), of(&b));
        let meet = |w: &onebox::store::PeopleWord| {
            sets[x].contains(&w.a) && sets[y].contains(&w.b)
                || sets[x].contains(&w.b) && sets[y].contains(&w.a)
        };
        if x != y && !words.iter().any(|w| w.kind == WordKind::Cut && meet(w)) {
            let joined = sets[x].union(&sets[y]).copied().collect();
            sets[x.min(y)] = joined;
            sets.remove(x.max(y));
        }
    }
    sets.into_iter().collect()
}

fn sets(engine: &mut Engine) -> Sets {
    let people = engine.people().unwrap();
    people.persons.values().map(|ids| ids.iter().copied().collect()).collect()
}

fn everybody(engine: &mut Engine) -> Vec<PersonRow> {
    engine.list_people("", 0, 200).unwrap().0
}

#[derive(Clone, Debug)]
enum Step {
    Link(usize, usize),
    Refuse(usize, usize),
    Later(usize, usize),
    Unlink(usize),
    Again(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let n = 0..100_usize;
    prop_oneof![
        (n.clone(), n.clone()).prop_map(|(a, b)| Step::Link(a, b)),
        (n.clone(), n.clone()).prop_map(|(a, b)| Step::Refuse(a, b)),
        (n.clone(), n.clone()).prop_map(|(a, b)| Step::Later(a, b)),
        n.clone().prop_map(Step::Unlink),
        n.prop_map(Step::Again),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn people_are_what_the_evidence_joins(
        card in any::<bool>(),
        steps in prop::collection::vec(step(), 1..16),
    ) {
        let mut engine = engine(card);
        prop_assert_eq!(sets(&mut engine), slow_people(&engine));
        let start = (everybody(&mut engine), engine.links().unwrap());
        let mut undo = Vec::new();
        for step in steps {
            let persons: Vec<_> = engine.people().unwrap().persons.keys().copied().collect();
            let person = |n: usize| persons[n % persons.len()];
            let change = match step {
                Step::Link(a, b) => PeopleChange::Link(person(a), person(b)),
                Step::Refuse(a, b) => PeopleChange::Refuse(person(a), person(b)),
                Step::Later(a, b) => PeopleChange::Later(person(a), person(b)),
                Step::Unlink(n) => {
                    let all: Vec<_> = engine.people().unwrap().identities.keys().copied().collect();
                    PeopleChange::Unlink(all[n % all.len()])
                }
                Step::Again(n) => {
                    let before = sets(&mut engine);
                    tell(engine.store(), CHATS[n % CHATS.len()]);
                    prop_assert_eq!(sets(&mut engine), before, "an import changes nothing of it");
                    continue;
                }
            };
            undo.push(engine.change_people(&change).unwrap().1);
            prop_assert_eq!(sets(&mut engine), slow_people(&engine), "after {:?}", change);
        }
        while let Some(inverse) = undo.pop() {
            engine.undo_people(&inverse).unwrap();
            prop_assert_eq!(sets(&mut engine), slow_people(&engine));
        }
        prop_assert_eq!((everybody(&mut engine), engine.links().unwrap()), start);
    }
}

/// Who is taken out from between others does not part them.
#[test]
fn taking_one_out_leaves_the_others_together() {
    let mut engine = engine(false);
    let ana = everybody(&mut engine).into_iter().find(|p| p.identities.len() >= 4).unwrap();
    // Those of the same number; a group's name stands on one of them alone.
    let direct: Vec<_> = ana.identities.iter().filter(|i| i.threads > 0).map(|i| i.id).collect();
    assert_eq!(direct.len(), 4);
    for out in &direct {
        let (_, inverse) = engine.change_people(&PeopleChange::Unlink(*out)).unwrap();
        let rest: BTreeSet<_> = direct.iter().copied().filter(|i| i != out).collect();
        let now = sets(&mut engine);
        assert!(now.iter().any(|s| s.is_superset(&rest) && !s.contains(out)), "{out}: {now:?}");
        engine.undo_people(&inverse).unwrap();
    }
}
