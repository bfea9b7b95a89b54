//! People over a real store: who is joined on what proof, what is only suggested, where somebody
//! can be reached, and their timeline.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use onebox::engine::{Engine, Rules, Settings, Store, load_demo};
use onebox::inbox::{
    Direction, MessageRow, OpenAt, PeopleChange, PersonRow, ThreadFilter, ThreadRow, Whose,
};
use onebox::model::{
    AccountRecord, Clock, Day, IdentityId, MessageRecord, Moment, ParticipantRecord, PersonId,
    Record, SourceId, ThreadKind, ThreadRecord, Timestamp, VerdictKind,
};

fn settings(as_of: &str) -> Arc<Settings> {
    Arc::new(Settings {
        rules: Rules::builtin().unwrap(),
        as_of: Some(Day::parse(as_of).unwrap()),
        read_only: false,
        offline: false,
        demo: true,
        keep_deleted: false,
    })
}

fn demo(as_of: &str) -> Engine {
    let store = Store::in_memory().unwrap();
    let settings = settings(as_of);
    load_demo(&store, &settings.rules).unwrap();
    Engine::new(Arc::new(store), settings).unwrap()
}

fn everybody(engine: &mut Engine) -> Vec<PersonRow> {
    engine.list_people("", 0, 200).unwrap().0
}

/// Every list row and every timeline.
fn inbox(engine: &mut Engine) -> (Vec<ThreadRow>, Vec<Vec<MessageRow>>) {
    let rows = engine.threads(&ThreadFilter::default(), 0, 500, None).unwrap().rows;
    let people = everybody(engine);
    let open = |p: &PersonRow| engine.open_person(p.id, OpenAt::Start, 500).unwrap().rows;
    (rows, people.iter().map(open).collect())
}

fn by_number(engine: &mut Engine, id: i64) -> PersonRow {
    let person = engine.person_numbered(id).unwrap();
    engine.person(person).unwrap()
}

/// Says that all three Jonases with chats of their own are one.
fn one_jonas(engine: &mut Engine) -> PersonRow {
    let jonas: Vec<PersonRow> = everybody(engine)
        .into_iter()
        .filter(|p| p.name == "Jonas Weber" && p.threads > 0)
        .collect();
    for other in &jonas[1..] {
        engine.change_people(&PeopleChange::Link(jonas[0].id, other.id)).unwrap();
    }
    by_number(engine, jonas[0].id.0)
}

#[test]
fn names_suggest_and_never_join() {
    let mut engine = demo("2026-11-22");
    let jonas: Vec<_> = everybody(&mut engine)
        .into_iter()
        .filter(|p| p.name == "Jonas Weber" && p.threads > 0)
        .collect();
    assert!(jonas.len() >= 3, "Messenger, Instagram and WhatsApp: {jonas:#?}");
    let links = engine.links().unwrap();
    assert!(!links.is_empty());
    assert!(links.iter().all(|l| l.score < 100));
}

#[test]
fn placeholders_and_me_are_nobody() {
    let mut engine = demo("2026-11-22");
    for p in everybody(&mut engine) {
        for i in p.identities {
            assert!(!["Facebook User", "Instagram User", "Sam Rivera"].contains(&&*i.name));
        }
    }
}

#[test]
fn every_change_can_be_taken_back() {
    let mut engine = demo("2026-11-22");
    let before = (everybody(&mut engine), engine.links().unwrap(), inbox(&mut engine));
    let mut undo = Vec::new();
    let mut seed = 7_u64;
    for _ in 0..60 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let all = everybody(&mut engine);
        let a = all[(seed >> 33) as usize % all.len()].clone();
        let b = all[(seed >> 45) as usize % all.len()].clone();
        let change = match (seed >> 20) % 5 {
            0 | 1 => PeopleChange::Link(a.id, b.id),
            2 => PeopleChange::Refuse(a.id, b.id),
            3 => PeopleChange::Unlink(a.identities[0].id),
            _ => PeopleChange::Later(a.id, b.id),
        };
        let (_, inverse) = engine.change_people(&change).unwrap();
        undo.push(inverse);
        match change {
            PeopleChange::Link(a, b) => {
                assert_eq!(by_number(&mut engine, a.0).id, by_number(&mut engine, b.0).id);
            }
            PeopleChange::Refuse(a, b) if a != b => {
                assert_ne!(by_number(&mut engine, a.0).id, by_number(&mut engine, b.0).id);
            }
            PeopleChange::Unlink(IdentityId(i)) => {
                assert_eq!(by_number(&mut engine, i).identities.len(), 1);
            }
            PeopleChange::Refuse(..)
            | PeopleChange::Later(..)
            | PeopleChange::JoinGroups(..)
            | PeopleChange::GroupsApart(..)
            | PeopleChange::GroupsLater(..)
            | PeopleChange::PartGroup(_) => {}
        }
        if seed.is_multiple_of(7) {
            load_demo(engine.store(), &engine.settings().rules).unwrap();
        }
    }
    while let Some(inverse) = undo.pop() {
        engine.undo_people(&inverse).unwrap();
    }
    assert_eq!(before, (everybody(&mut engine), engine.links().unwrap(), inbox(&mut engine)));
}

#[test]
fn jonas_can_be_reached_elsewhere() {
    let mut engine = demo("2026-11-22");
    let person = one_jonas(&mut engine);
    assert_eq!(person.threads, 3);
    let rows = engine.threads(&ThreadFilter::default(), 0, 500, None).unwrap().rows;
    let closed = rows.iter().find(|r| r.title == "Jonas Weber" && r.badge.short == "IG").unwrap();
    let card = engine.reach(closed.id).unwrap();
    let open: Vec<_> = card
        .rows
        .iter()
        .filter(|r| r.verdict != VerdictKind::ReadOnly)
        .map(|r| &*r.badge.short)
        .collect();
    assert_eq!(open.len(), 2, "{card:#?}");
    assert!(open.contains(&"MSG") && open.contains(&"WA"));
    let here = card.rows.last().unwrap();
    assert!(here.here && here.reason.is_some());
    let to = card.rows[0].thread.unwrap();
    let text = engine.carry(closed.id, to, "hello", Timestamp(0)).unwrap();
    assert!(text.ends_with("hello"));
}

#[test]
fn a_timeline_is_all_messages_in_order() {
    let mut engine = demo("2026-11-22");
    let person = one_jonas(&mut engine);
    let mut all = Vec::new();
    let end = engine.open_person(person.id, OpenAt::End, 7).unwrap();
    let mut more = end.more_before;
    all.splice(0..0, end.rows);
    while more {
        let (rows, m) = engine.page_person(person.id, all[0].pos, Direction::Older, 7).unwrap();
        all.splice(0..0, rows);
        more = m;
    }
    assert_eq!(all.len() as u64, person.messages);
    assert!(all.is_sorted_by_key(|m| m.pos));
    assert!(all.iter().all(|m| m.badge.is_some()));
    let start = engine.open_person(person.id, OpenAt::Start, 5).unwrap();
    let mut forth = start.rows;
    let mut more = start.more_after;
    while more {
        let last = forth.last().unwrap().pos;
        let (rows, m) = engine.page_person(person.id, last, Direction::Newer, 5).unwrap();
        forth.extend(rows);
        more = m;
    }
    assert_eq!(all, forth);
    let middle = &all[all.len() / 2];
    let at = engine.open_person(person.id, OpenAt::Message(middle.id), 9).unwrap();
    assert_eq!(at.rows[at.focus.unwrap()].id, middle.id);
}

fn tell(store: &Store, source: &str, account: &str, chat: &str, address: &str) {
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
    let mut thread = ThreadRecord::new(chat, "a test");
    thread.kind = Some(ThreadKind::Direct);
    thread.address = Some(address.to_owned()).filter(|a| !a.is_empty());
    take(Record::Thread(Box::new(thread)));
    take(Record::Participant(ParticipantRecord {
        thread: chat.into(),
        key: chat.into(),
        name: chat.into(),
        source: None,
        is_me: false,
        placeholder: false,
        left: false,
    }));
    take(Record::Message(Box::new(MessageRecord::text(
        chat.into(),
        Some(chat.into()),
        Moment { at: Timestamp(1_600_000_000_000), clock: Clock::Utc },
        "hello",
    ))));
    import.finish("{}").unwrap();
}

fn told_store(order: &[usize]) -> Engine {
    let store = Store::in_memory().unwrap();
    let chats = [
        ("whatsapp", "me", "+49 170 1234567", "+49 170 1234567"),
        ("signal", "me", "Ana Lima", "+491701234567"),
        ("telegram", "me", "Ana Lima", ""),
        ("telegram", "other me", "Bo", "@ana_l"),
        ("telegram", "me", "Anna", "ana_l"),
    ];
    for i in order {
        let (source, account, chat, address) = chats[*i];
        tell(&store, source, account, chat, address);
    }
    Engine::new(Arc::new(store), settings("2026-11-22")).unwrap()
}

#[test]
fn numbers_and_handles_join_over_apps_and_accounts() {
    for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3]] {
        let mut engine = told_store(&order);
        let mut sizes: Vec<usize> =
            everybody(&mut engine).iter().map(|p| p.identities.len()).collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [1, 2, 2], "{order:?}");
        let ana = everybody(&mut engine)
            .into_iter()
            .find(|p| p.identities.iter().any(|i| i.badge.source.as_str() == "signal"));
        let ana = ana.unwrap();
        assert_eq!(ana.name, "Ana Lima", "a name is better than a number");
        assert!(ana.identities.iter().all(|i| i.grounds[0].kind == "same-number"));
        // Taken in again: the same people.
        let before = everybody(&mut engine);
        engine.change_people(&PeopleChange::Unlink(ana.identities[0].id)).unwrap();
        let apart = everybody(&mut engine);
        assert_eq!(apart.len(), before.len() + 1);
        tell(engine.store(), "signal", "me", "Ana Lima", "+491701234567");
        assert_eq!(everybody(&mut engine), apart, "the refusal is remembered");
    }
}

#[test]
fn who_is_asked_for_is_who_is_left() {
    let mut engine = told_store(&[0, 1, 2, 3, 4]);
    let all = everybody(&mut engine);
    let ana = all.into_iter().find(|p| p.name == "Ana Lima" && p.identities.len() == 2).unwrap();
    let known = engine.people().unwrap();
    let thread = known.threads(ana.id).into_iter().next().unwrap();
    assert_eq!(engine.whose(Whose::Thread(thread)).unwrap().as_ref(), Some(&ana));
    // The one that carries the person's number goes; the other is asked for by its own.
    let (out, left) = (ana.id.0, ana.identities.iter().find(|i| i.id.0 != ana.id.0).unwrap().id.0);
    let (_, back) = engine.change_people(&PeopleChange::Unlink(IdentityId(out))).unwrap();
    for (asked, alone) in [(out, out), (left, left)] {
        let row = engine.whose(Whose::Person(PersonId(asked))).unwrap().unwrap();
        let ids: Vec<i64> = row.identities.iter().map(|i| i.id.0).collect();
        assert_eq!(ids, [alone]);
    }
    engine.undo_people(&back).unwrap();
    assert_eq!(engine.whose(Whose::Person(PersonId(left))).unwrap(), Some(ana));
    assert!(engine.whose(Whose::Person(PersonId(-1))).is_err());
}

fn query(text: &str) -> onebox::search::Query {
    let today = Day::parse("2026-11-22").unwrap();
    onebox::search::parse(text, onebox::search::Reading { today, typing: false }).query
}

#[test]
fn whoever_is_known_by_a_number_is_shown_and_found_by_the_name_on_their_card() {
    let mut engine = told_store(&[0, 1]);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("cards.vcf");
    let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ulrike Schäfer\r\nTEL:+49 170 1234567\r\n\
                END:VCARD\r\n";
    let rows = |e: &mut Engine| e.threads(&ThreadFilter::default(), 0, 9, None).unwrap().rows;
    assert!(rows(&mut engine).iter().any(|t| t.title == "+49 170 1234567"));
    std::fs::write(&file, card).unwrap();
    engine.import_contacts(&file).unwrap();
    let all = rows(&mut engine);
    let whatsapp = all.iter().find(|t| t.title == "Ulrike Schäfer").expect("by name");
    assert_eq!(whatsapp.badge.source.as_str(), "whatsapp");
    assert!(all.iter().any(|t| t.title == "Ana Lima"), "a name that came stays");
    let page = engine.open(whatsapp.id, OpenAt::Start, 9).unwrap();
    assert!(page.header.participants.iter().any(|(name, ..)| name == "Ulrike Schäfer"));
    assert!(page.rows.iter().all(|m| m.mine || m.sender == "Ulrike Schäfer"));
    for asked in [
        "in:ulrike",
        "person:ulrike",
        "from:\"ulrike schäfer\"",
        "from:+491701234567",
        "from:\"+49 170 1234567\"",
        "person:+491701234567",
    ] {
        let request = onebox::inbox::SearchRequest {
            ticket: onebox::inbox::Ticket(1),
            query: query(asked),
            scope: onebox::inbox::Scope::Everything,
            order: onebox::inbox::HitOrder::Newest,
            offset: 0,
            limit: 50,
        };
        let never = std::sync::atomic::AtomicBool::new(false);
        let hits = engine.search(&request, &never).unwrap().unwrap().rows;
        let hers = |h: &&onebox::inbox::HitRow| h.thread == whatsapp.id;
        assert!(hits.iter().any(|h| hers(&h)), "{asked}: {hits:#?}");
        assert!(hits.iter().filter(hers).all(|h| h.title == "Ulrike Schäfer"));
    }
    // What is joined and exported keeps the number.
    let stored = engine.store().reader().unwrap().participants(whatsapp.id).unwrap();
    assert!(stored.iter().any(|p| p.name == "+49 170 1234567"));
}

#[test]
fn who_is_met_in_groups_only_can_be_reached() {
    let store = Store::in_memory().unwrap();
    let me = AccountRecord {
        source: SourceId::known("whatsapp"),
        key: "me".to_owned(),
        name: "Me".to_owned(),
        me_names: vec!["Me".to_owned()],
        known_by: String::new(),
    };
    let mut writer = store.writer().unwrap();
    let mut import = writer.import("test", Timestamp(0)).unwrap();
    import.take(Record::Account(me)).unwrap();
    let mut thread = ThreadRecord::new("g", "test");
    (thread.title, thread.kind) = (Some("Boat".to_owned()), Some(ThreadKind::Group));
    import.take(Record::Thread(Box::new(thread))).unwrap();
    let leila = ParticipantRecord {
        thread: "g".into(),
        key: "leila".into(),
        name: "+49 170 1234567".into(),
        source: None,
        is_me: false,
        placeholder: false,
        left: false,
    };
    import.take(Record::Participant(leila)).unwrap();
    let sent = Moment { at: Timestamp(1_700_000_000_000), clock: Clock::Utc };
    let hi = MessageRecord::text("g".into(), Some("leila".into()), sent, "hi".to_owned());
    import.take(Record::Message(Box::new(hi))).unwrap();
    import.finish("{}").unwrap();
    drop(writer);
    let mut engine = Engine::new(Arc::new(store), settings("2026-11-22")).unwrap();
    let leila = everybody(&mut engine).into_iter().find(|p| p.name.starts_with("+49")).unwrap();
    let card = engine.reach_person(leila.id).unwrap();
    assert_eq!((card.from, card.person), (onebox::model::ThreadId(0), Some(leila.id)));
    let [row] = card.rows.as_slice() else { panic!("{card:#?}") };
    assert!(row.thread.is_none() && row.text.contains("begins a new chat"), "{row:#?}");
    assert_eq!(card.groups[0].title, "Boat");
    let begun = engine.start_at(card.from, row.identity, "hi").unwrap().unwrap();
    assert!(begun.url.unwrap().contains("491701234567"));
    assert!(engine.reach_person(PersonId(-1)).is_err());
}

/// From wherever it was made, the latest change is taken back first, and each once.
#[test]
fn the_latest_change_is_taken_back_by_whoever_comes_next() {
    let mut engine = demo("2026-11-22");
    let before = (everybody(&mut engine), engine.links().unwrap());
    assert_eq!(engine.take_people_back().unwrap(), None);
    let pair = engine.links().unwrap().into_iter().next().unwrap();
    let (a, b) = (pair.a.id, pair.b.id);
    engine.change_people(&PeopleChange::Link(a, b)).unwrap();
    let (_, inverse) = engine.change_people(&PeopleChange::Unlink(IdentityId(b.0))).unwrap();
    engine.undo_people(&inverse).unwrap();
    let told = engine.take_people_back().unwrap().unwrap();
    assert!(told.contains("one person now"), "what was taken back before is not again: {told}");
    engine.change_people(&PeopleChange::Refuse(a, b)).unwrap();
    assert!(engine.take_people_back().unwrap().unwrap().contains("two people"));
    assert_eq!((everybody(&mut engine), engine.links().unwrap()), before);
    assert_eq!(engine.take_people_back().unwrap(), None);
}

#[test]
fn contact_cards_name_and_join() {
    let mut engine = told_store(&[0, 1, 2, 3, 4]);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("cards.vcf");
    let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ana Maria Lima\r\nTEL:+49 170 1234567\r\n\
                X-JUNK:1\r\nIMPP:https://t.me/ana_l\r\nEND:VCARD\r\nnot a card\r\n";
    std::fs::write(&file, card).unwrap();
    let report = engine.import_contacts(&file).unwrap();
    assert_eq!((report.cards, report.added), (1, 1));
    assert_eq!(engine.import_contacts(&file).unwrap().added, 0);
    let wide = card.encode_utf16().flat_map(u16::to_be_bytes);
    std::fs::write(&file, wide.collect::<Vec<u8>>()).unwrap();
    let again = engine.import_contacts(&file).unwrap();
    assert_eq!((again.cards, again.added), (1, 0), "the same card in UTF-16");
    let ana = everybody(&mut engine).into_iter().find(|p| p.name == "Ana Maria Lima").unwrap();
    assert_eq!(ana.identities.len(), 2);
    // Another number on the card is a way to reach her, begun only when confirmed.
    let two = card.replace("X-JUNK:1", "TEL:+49 170 7654321\r\nEMAIL:ana@example.org");
    std::fs::write(&file, two).unwrap();
    engine.import_contacts(&file).unwrap();
    let all = engine.threads(&Default::default(), 0, 50, None).unwrap().rows;
    let hers = |t: &onebox::model::ThreadId| engine.reach(*t).unwrap().person == Some(ana.id);
    let thread = all.iter().map(|t| t.id).find(hers).unwrap();
    let reach = engine.reach(thread).unwrap();
    let bare: Vec<_> = reach.rows.iter().filter(|r| r.thread.is_none()).collect();
    let second = bare.iter().find(|r| r.address == "+491707654321").expect("the second number");
    assert!(second.text.contains("on their contact card"), "{}", second.text);
    let mut places: Vec<_> = bare.iter().map(|r| (r.badge.source.clone(), &r.address)).collect();
    places.sort();
    places.dedup();
    assert_eq!(places.len(), bare.len(), "each once");
    let row = engine.start_at(thread, second.identity, "hi").unwrap().unwrap();
    assert!(row.url.unwrap().contains("491707654321"));
    assert!(engine.start_at(thread, onebox::model::IdentityId(-1), "hi").is_err());
    std::fs::write(&file, "BEGIN:VCARD\n".repeat(20_000)).unwrap();
    drop(engine.import_contacts(&file));
    std::fs::write(&file, [0xff, 0, 1, 2]).unwrap();
    assert!(engine.import_contacts(&file).is_err());
}

#[test]
fn the_command_line_lists_links_and_reaches() {
    let run = |args: &[&str]| {
        let out = std::process::Command::new(env!("CARGO_BIN_EXE_onebox"))
            .args(["--demo"])
            .args(args)
            .output()
            .unwrap();
        (out.status.code().unwrap(), String::from_utf8(out.stdout).unwrap())
    };
    let (code, list) = run(&["people", "list", "--json"]);
    assert_eq!(code, 0);
    let people: Vec<serde_json::Value> =
        list.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let jonas: Vec<i64> = people
        .iter()
        .filter(|p| p["name"] == "Jonas Weber" && p["threads"] != 0)
        .map(|p| p["id"].as_i64().unwrap())
        .collect();
    let (a, b) = (jonas[0].to_string(), jonas[1].to_string());
    let (code, said) = run(&["people", "link", &a, &b]);
    assert!(code == 0 && said.contains("people undo"), "{said}");
    assert_eq!(run(&["people", "show", "999999"]).0, 1);
    assert_eq!(run(&["people", "show", &a]).0, 0);
    assert!(run(&["people", "suggest", "--json"]).1.contains("same-name"));
    let (code, card) = run(&["reach", "1", "--json"]);
    let card: serde_json::Value = serde_json::from_str(&card).unwrap();
    assert!(code == 0 && !card["ways"].as_array().unwrap().is_empty());
    let (code, _) = run(&["search", "--person", &a, "the"]);
    assert_eq!(code, 0);
}
