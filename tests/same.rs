//! Accounts that the person says are one: an export's and a live one, or two exports'. They stitch,
//! know me and suggest as one; parted, the inbox is as it was.

use std::collections::BTreeSet;
use std::sync::Arc;

use onebox::engine::undo::Undo;
use onebox::engine::{Engine, ExportChoice, ExportFormat, ExportMedia, Rules, Settings};
use onebox::model::{
    AccountId, AccountRecord, LiveThread, MessageRecord, Moment, ParticipantRecord, Record,
    SourceId, ThreadId, ThreadKind, ThreadRecord, Timestamp, Wish,
};
use onebox::pages::Style;
use onebox::store::{Joined, PageEnd, Store, ThreadQuery};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const START: i64 = 1_700_000_040_000;

/// One conversation as one account tells it: key, title, address, others, messages by second; a
/// sender is "me" or a name.
struct Chat {
    key: &'static str,
    title: &'static str,
    address: Option<&'static str>,
    others: &'static [&'static str],
    said: &'static [(i64, &'static str, &'static str)],
}

/// An account as one door tells it.
struct Door {
    key: &'static str,
    name: &'static str,
    live: bool,
    chats: &'static [Chat],
}

const BOTH: &[(i64, &str, &str)] = &[
    (1_000, "Ana", "are you coming tonight?"),
    (1_020, "me", "yes, at six"),
    (1_030, "Ana", "bring the rope, please"),
];

/// Two accounts of mine in exports, and a live one that could be either's.
const DOORS: &[Door] = &[
    Door {
        key: "sam.rivera",
        name: "Sam Rivera",
        live: false,
        chats: &[
            Chat {
                key: "inbox/ana",
                title: "Ana",
                address: Some("ana_l"),
                others: &["Ana"],
                said: &[(0, "Ana", "happy new year"), BOTH[0], BOTH[1], BOTH[2]],
            },
            Chat {
                key: "inbox/bo",
                title: "Bo",
                address: None,
                others: &["Bo"],
                said: &[(5, "Bo", "a word"), (6, "me", "another")],
            },
            Chat {
                key: "inbox/crew",
                title: "Crew",
                address: None,
                others: &["Ana", "Sam at work"],
                said: &[(7, "Sam at work", "from my other account"), (8, "Ana", "so it is")],
            },
        ],
    },
    Door {
        key: "sam.work",
        name: "Sam at work",
        live: false,
        chats: &[
            Chat {
                key: "inbox/bo",
                title: "Bo",
                address: None,
                others: &["Bo"],
                said: &[(9, "Bo", "at work"), (10, "me", "yes")],
            },
            Chat {
                key: "inbox/di",
                title: "Di",
                address: Some("@di"),
                others: &["Di"],
                said: &[(11, "Di", "hello")],
            },
        ],
    },
    Door {
        key: "@sam:x",
        name: "sam",
        live: true,
        chats: &[
            Chat {
                key: "!ana",
                title: "Ana (IG)",
                address: Some("Ana_L"),
                others: &["Ana (IG)"],
                said: &[
                    (1_000, "Ana (IG)", "are you coming tonight?"),
                    (1_020, "me", "yes, at six"),
                    (1_030, "Ana (IG)", "bring the rope, please"),
                    (9_000, "Ana (IG)", "that was lovely"),
                ],
            },
            Chat {
                key: "!di",
                title: "Di (IG)",
                address: Some("di"),
                others: &["Di (IG)"],
                said: &[(9_100, "Di (IG)", "still there?")],
            },
        ],
    },
];

fn tell(store: &Store, door: &Door) {
    let account = Record::Account(AccountRecord {
        source: SourceId::known("instagram"),
        key: door.key.to_owned(),
        name: door.name.to_owned(),
        me_names: vec![door.name.to_owned()],
        known_by: "test".to_owned(),
    });
    let mut records = vec![account];
    for chat in door.chats {
        let mut thread = ThreadRecord::new(chat.key, "test");
        thread.title = Some(chat.title.to_owned());
        let direct = chat.others.len() == 1;
        thread.kind = Some(if direct { ThreadKind::Direct } else { ThreadKind::Group });
        thread.address = chat.address.map(str::to_owned);
        thread.live =
            door.live.then(|| LiveThread { can: [Wish::Send].into(), ..LiveThread::default() });
        records.push(Record::Thread(Box::new(thread)));
        for name in chat.others.iter().chain([&door.name]) {
            records.push(Record::Participant(ParticipantRecord {
                thread: chat.key.into(),
                key: (*name).into(),
                name: (*name).to_owned(),
                source: None,
                is_me: *name == door.name,
                placeholder: false,
                left: false,
            }));
        }
        for (second, sender, text) in chat.said {
            let sender = if *sender == "me" { door.name } else { sender };
            let sent = Moment::exact(Timestamp(START + second * 1_000));
            let mut m = MessageRecord::text(chat.key.into(), Some(sender.into()), sent, *text);
            m.native_id = door.live.then(|| format!("${second}"));
            records.push(Record::Message(Box::new(m)));
        }
    }
    let mut writer = store.writer().expect("a writer");
    if door.live {
        let known = store.reader().expect("a reader").live_accounts().expect("accounts");
        let id = match known.first() {
            Some(a) => a.id,
            None => writer.add_live_account("test").expect("an account"),
        };
        let mut batch = writer.live_batch(id, false, NOW).expect("a batch");
        records.into_iter().for_each(|r| batch.take(r).expect("a record"));
        batch.finish_live().expect("an end");
    } else {
        let mut import = writer.import("test", NOW).expect("an import");
        records.into_iter().for_each(|r| import.take(r).expect("a record"));
        import.finish("{}").expect("an end");
    }
}

fn store() -> Arc<Store> {
    Arc::new(Store::in_memory().expect("a store"))
}

fn engine(store: &Arc<Store>) -> Engine {
    let settings = Settings::plain(Rules::builtin().expect("rules"));
    Engine::new(store.clone(), Arc::new(settings)).expect("an engine")
}

/// The account that one of the doors tells.
fn id(store: &Store, door: usize) -> AccountId {
    let all = store.reader().expect("a reader").my_accounts().expect("accounts");
    all.iter().find(|a| a.key == DOORS[door].key).expect("it was told").id
}

fn same(store: &Store, a: usize, b: usize) -> Joined {
    let (a, b) = (id(store, a), id(store, b));
    store.writer().expect("a writer").same_account(a, b, NOW).expect("said")
}

fn apart(store: &Store, a: usize) -> Joined {
    let a = id(store, a);
    store.writer().expect("a writer").account_apart(a, NOW).expect("said")
}

/// The whole inbox, without numbers that depend on who came first: row, words of mine, messages.
fn story(store: &Store) -> BTreeSet<String> {
    let reader = store.reader().expect("a reader");
    let accounts = reader.accounts().expect("accounts");
    let threads = reader.threads(&ThreadQuery::default(), 0, 50).expect("threads");
    let tell = |t: &onebox::store::StoredThread| {
        let whose = accounts.iter().find(|a| a.id == t.account).expect("an account");
        let people: BTreeSet<_> = reader
            .participants(t.id)
            .expect("people")
            .into_iter()
            .map(|p| (p.name, p.is_me))
            .collect();
        let said: Vec<_> = reader
            .older(t.id, PageEnd::Edge, 100)
            .expect("messages")
            .into_iter()
            .map(|m| (m.sent.at.0, m.text, m.mine))
            .collect();
        format!(
            "{:?}",
            (
                (&whose.key, &t.title, t.kind, t.messages, t.last, &t.preview, t.unread),
                (t.facts.strands, t.facts.live.is_some(), &t.labels, t.pinned, t.awaiting),
                (&t.draft, &t.mark, people, said),
            )
        )
    };
    threads.iter().map(tell).collect()
}

fn titles(store: &Store) -> Vec<(String, u64, u32)> {
    let reader = store.reader().expect("a reader");
    let threads = reader.threads(&ThreadQuery::default(), 0, 50).expect("threads");
    let mut all: Vec<_> =
        threads.into_iter().map(|t| (t.title, t.messages, t.facts.strands)).collect();
    all.sort();
    all
}

fn thread(store: &Store, account: usize, key: &str) -> ThreadId {
    let reader = store.reader().expect("a reader");
    reader.thread_of_key(id(store, account), key).expect("a reader").expect("a thread")
}

fn draft(store: &Store, thread: ThreadId) -> Option<String> {
    let reader = store.reader().expect("a reader");
    let threads = reader.threads(&ThreadQuery::default(), 0, 50).expect("threads");
    threads.into_iter().find(|t| t.id == thread).expect("a thread").draft
}

#[test]
fn an_export_and_a_live_account_are_one_when_i_say_so_and_two_again() {
    let store = store();
    DOORS.iter().for_each(|d| tell(&store, d));
    let before = story(&store);
    assert_eq!(before.len(), 7, "another name is another account: {before:#?}");
    let Joined::Done(changed) = same(&store, 0, 2) else { panic!("they are two") };
    assert!(!changed.is_empty());
    let ana = ("Ana (IG)".to_owned(), 5, 2);
    assert!(titles(&store).contains(&ana), "one thread, nothing twice: {:?}", titles(&store));
    assert_eq!(titles(&store).len(), 6);
    assert_eq!(same(&store, 2, 0), Joined::Already);
    let joined = story(&store);
    // Told again by every door, in another order, it stays so.
    DOORS.iter().rev().for_each(|d| tell(&store, d));
    assert_eq!(story(&store), joined);
    let Joined::Done(_) = apart(&store, 0) else { panic!("they were one") };
    assert_eq!(story(&store), before);
    assert_eq!(apart(&store, 0), Joined::Already);
    DOORS.iter().for_each(|d| tell(&store, d));
    assert_eq!(story(&store), before);
}

#[test]
fn who_i_am_in_one_i_am_in_the_other() {
    let store = store();
    DOORS[..2].iter().for_each(|d| tell(&store, d));
    let mine = || {
        let reader = store.reader().expect("a reader");
        let crew = thread(&store, 0, "inbox/crew");
        let all = reader.older(crew, PageEnd::Edge, 10).expect("messages");
        all.iter().map(|m| m.mine).collect::<Vec<_>>()
    };
    assert_eq!(mine(), [false, false]);
    same(&store, 0, 1);
    assert_eq!(mine(), [true, false], "my other account wrote it");
    // One key is one thread within one account.
    assert!(titles(&store).contains(&("Bo".to_owned(), 4, 2)), "{:?}", titles(&store));
    apart(&store, 1);
    assert_eq!(mine(), [false, false]);
}

/// A suggestion of a name within one account says that an export and a live thread would be one.
#[test]
fn names_suggest_over_both() {
    const EXPORT: Door = Door {
        key: "sam.rivera",
        name: "Sam Rivera",
        live: false,
        chats: &[Chat {
            key: "inbox/ed",
            title: "Ed Stone",
            address: None,
            others: &["Ed Stone"],
            said: &[(1, "Ed Stone", "hello there")],
        }],
    };
    const LIVE: Door = Door {
        key: "@sam:x",
        name: "sam",
        live: true,
        chats: &[Chat {
            key: "!ed",
            title: "Ed Stóne",
            address: None,
            others: &["Ed Stóne"],
            said: &[(9_000, "Ed Stóne", "are you there?")],
        }],
    };
    let store = store();
    tell(&store, &EXPORT);
    tell(&store, &LIVE);
    let mut engine = engine(&store);
    let offered = |engine: &mut Engine| engine.links().expect("links")[0].grounds[0].text.clone();
    assert!(offered(&mut engine).contains("in two apps"));
    same(&store, 0, 2);
    assert!(offered(&mut engine).contains("they become one thread"), "{}", offered(&mut engine));
    let row = engine.links().expect("links").remove(0);
    let link = onebox::inbox::PeopleChange::Link(row.a.id, row.b.id);
    engine.change_people(&link).expect("joined");
    assert_eq!(titles(&store).len(), 1);
    // Its pages name whom it is with once, by one of the two names.
    let choice = ExportChoice::Threads(vec![thread(&store, 0, "inbox/ed")]);
    for style in [Style::Html, Style::Markdown, Style::Plain] {
        let (to, format) = (tempfile::tempdir().expect("a folder"), ExportFormat::Pages(style));
        let report = engine
            .export(&choice, format, ExportMedia::Leave, to.path(), &mut |_| true)
            .expect("written");
        let page = std::fs::read_to_string(report.file).expect("a page");
        let people = page.lines().find(|line| line.contains("With ")).expect("who is in it");
        assert_eq!(people.matches("Ed St").count(), 1, "{people}");
    }
    // The word of the two people stays when the accounts part; their threads do not.
    apart(&store, 2);
    assert_eq!(titles(&store).len(), 2);
    same(&store, 0, 2);
    assert_eq!(titles(&store).len(), 1);
}

#[test]
fn what_i_said_of_two_threads_goes_back_to_each() {
    let store = store();
    DOORS.iter().for_each(|d| tell(&store, d));
    let (old, new) = (thread(&store, 0, "inbox/ana"), thread(&store, 2, "!ana"));
    let say = |thread: ThreadId, text: &str| {
        let mut writer = store.writer().expect("a writer");
        writer.save_draft(thread, text, NOW).expect("a draft");
    };
    say(old, "to the old one");
    say(new, "to the new one");
    store.writer().expect("a writer").change_mark(old, |m| m.read_only = true).expect("a mark");
    let before = story(&store);
    same(&store, 0, 2);
    let joined = thread(&store, 0, "inbox/ana");
    let text = draft(&store, joined).expect("nothing typed is lost");
    assert!(text.contains("old one") && text.contains("new one"), "{text}");
    apart(&store, 2);
    assert_eq!(story(&store), before);
    // What was typed since stays whole, with the thread that goes on.
    same(&store, 0, 2);
    say(thread(&store, 0, "inbox/ana"), "and more");
    apart(&store, 2);
    let drafts: Vec<_> = [thread(&store, 0, "inbox/ana"), thread(&store, 2, "!ana")]
        .into_iter()
        .filter_map(|t| draft(&store, t))
        .collect();
    assert_eq!(drafts, ["and more"]);
}

#[test]
fn accounts_of_two_apps_and_unknown_ones_are_refused() {
    let store = store();
    DOORS[..2].iter().for_each(|d| tell(&store, d));
    let mut writer = store.writer().expect("a writer");
    let mut import = writer.import("test", NOW).expect("an import");
    let other = AccountRecord {
        source: SourceId::known("whatsapp"),
        key: "sam".to_owned(),
        name: "Sam".to_owned(),
        me_names: Vec::new(),
        known_by: "test".to_owned(),
    };
    import.take(Record::Account(other)).expect("an account");
    import.finish("{}").expect("an end");
    drop(writer);
    let reader = store.reader().expect("a reader");
    let whatsapp = reader.my_accounts().expect("accounts").into_iter();
    let whatsapp = whatsapp.filter(|a| a.key == "sam").map(|a| a.id).next().expect("told");
    let engine = engine(&store);
    let said = engine.same_account(id(&store, 0), whatsapp).expect("an answer");
    assert!(said.expect_err("refused").why.contains("two apps"));
    let said = engine.same_account(id(&store, 0), AccountId(99)).expect("an answer");
    assert!(said.expect_err("refused").what.contains("no account 99"));
    let (notice, back, _) =
        engine.same_account(id(&store, 0), id(&store, 1)).expect("an answer").expect("done");
    assert_eq!(notice.what, "instagram Sam Rivera and instagram Sam at work are one account now");
    let before = titles(&store);
    let mut undo = Undo::default();
    undo.push(notice.what, back.expect("it can be taken back"));
    let mut engine = engine;
    assert!(undo.undo(&mut engine).expect("undone").what.starts_with("Undone"));
    assert_eq!(titles(&store).len(), before.len() + 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    /// Whatever comes in whatever order, is said, taken back and told again: the inbox is the one
    /// that follows from what was told and from which accounts are one.
    #[test]
    fn the_inbox_follows_from_which_accounts_are_one(
        steps in prop::collection::vec((0..3usize, 0..3usize, 0..3usize), 1..12),
    ) {
        let tested = store();
        DOORS.iter().for_each(|d| tell(&tested, d));
        // The oracle: which accounts are one, by hand.
        let mut one: Vec<BTreeSet<usize>> = (0..3).map(|n| [n].into()).collect();
        for (what, a, b) in steps {
            match what {
                0 if a != b => {
                    same(&tested, a, b);
                    let joined: BTreeSet<usize> =
                        one.iter().filter(|g| g.contains(&a) || g.contains(&b)).flatten().copied().collect();
                    one.retain(|g| !g.contains(&a) && !g.contains(&b));
                    one.push(joined);
                }
                1 => {
                    apart(&tested, a);
                    for group in &mut one {
                        group.remove(&a);
                    }
                    one.retain(|g| !g.is_empty());
                    one.push([a].into());
                }
                _ => tell(&tested, &DOORS[a]),
            }
        }
        let fresh = store();
        DOORS.iter().for_each(|d| tell(&fresh, d));
        for group in &one {
            let mut group = group.iter();
            let first = *group.next().expect("no group is empty");
            group.for_each(|other| drop(same(&fresh, first, *other)));
        }
        prop_assert_eq!(story(&tested), story(&fresh));
        for n in 0..3 {
            apart(&tested, n);
        }
        let plain = store();
        DOORS.iter().for_each(|d| tell(&plain, d));
        prop_assert_eq!(story(&tested), story(&plain));
    }
}
