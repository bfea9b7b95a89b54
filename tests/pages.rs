//! Messenger and Instagram downloads in HTML, of every markup, beside the JSON of the same
//! account: the same inbox, once.

mod readers;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono_tz::Tz;
use onebox::model::*;
use onebox::sources::{FileTree, ReadOptions, Zone};
use onebox::store::{PageEnd, Store, ThreadQuery};
use readers::{
    NO_CORPUS, Taking, Told, corpus, read_files, read_path, read_tree, sample, source, utc,
};

const NOW: Timestamp = Timestamp(1_800_000_000_000);

/// (app, what its JSON is, the same as pages, the clock's step in milliseconds, where the person
/// lives)
const TWINS: &[(&str, &str, &str, i64, Tz)] = &[
    ("messenger", "boxes-2021", "pages-2020", 60_000, Tz::UTC),
    ("messenger", "download", "pages-2025", 1000, Tz::Europe__Stockholm),
    ("instagram", "layout-2021", "pages-2021", 60_000, Tz::UTC),
    // The page says what its clock was.
    ("instagram", "download", "pages", 60_000, Tz::Asia__Tokyo),
];

fn tree(id: &str, case: &str) -> FileTree {
    let mut trees = FileTree::open(&sample(id, case)).expect("it opens");
    assert_eq!(trees.len(), 1);
    trees.remove(0)
}

fn told(id: &str, case: &str, zone: Tz) -> Told {
    let options = ReadOptions { zone: Zone::Named(zone), ..ReadOptions::default() };
    read_tree(id, &tree(id, case), &options).expect("readable")
}

/// What a message says, without what a page cannot tell: who took it back, how long a call was.
fn said(m: &MessageRecord, step: i64) -> (i64, String, String, String) {
    let kind = match m.kind {
        MessageKind::Call(call) => format!("{:?}", (call.video, call.missed)),
        ref other => format!("{other:?}"),
    };
    let place = |place: &MediaPlace| match place {
        // Which folder on disk holds it is not what the two agree on.
        MediaPlace::Export { path, container } => format!("{path} {}", container.is_some()),
        other => format!("{other:?}"),
    };
    // Where there is nothing, a page does not tell whether it was taken back.
    let there = m.formerly.as_deref() != Some("");
    let attached = m.attachments.iter().filter(|_| there);
    let attached: Vec<_> = attached.map(|a| (a.kind, &a.name, place(&a.place))).collect();
    let reactions: Vec<_> = m.reactions.iter().map(|r| (&r.emoji, &r.by)).collect();
    let sender = m.sender.as_deref().unwrap_or("").to_owned();
    let what = format!("{kind} {attached:?} {reactions:?}");
    (m.sent.at.0.div_euclid(step) * step, sender, m.text.clone(), what)
}

/// What is told of a thread: its title, kind and folder, who is in it, its messages.
type Thread = (Option<String>, Option<ThreadKind>, Option<String>, Vec<(String, bool)>);

fn threads(told: &Told) -> BTreeMap<String, Thread> {
    let of = |t: &ThreadRecord| {
        let mut people: Vec<(String, bool)> = told
            .people
            .iter()
            .filter(|p| p.thread == t.key)
            .map(|p| (p.name.clone(), p.is_me))
            .collect();
        people.sort();
        (t.title.clone(), t.kind, t.folder.clone(), people)
    };
    let key = |t: &ThreadRecord| t.key.strip_prefix(RETOLD).unwrap_or(&t.key).to_owned();
    told.threads.iter().map(|t| (key(t), of(t))).collect()
}

#[test]
fn a_page_says_what_the_json_says() {
    for (id, json, pages, step, zone) in TWINS {
        let (json, pages) = (told(id, json, *zone), told(id, pages, *zone));
        assert_eq!(pages.oddities, [], "{id}");
        assert_eq!(threads(&pages), threads(&json), "{id}");
        let (one, other) = (&json.accounts[0], &pages.accounts[0]);
        assert_eq!((&one.key, &one.name), (&other.key, &other.name), "{id}");
        assert_eq!(json.me(), pages.me(), "{id}");
        for thread in &json.threads {
            let of = |told: &Told, key: &str| {
                let mut all = told.of(key);
                all.sort_by_key(|m| (m.sent.at, m.order));
                all.into_iter().map(|m| said(m, *step)).collect::<Vec<_>>()
            };
            let retold = of(&pages, &format!("{RETOLD}{}", thread.key));
            assert_eq!(retold, of(&json, &thread.key), "{id} {}", thread.key);
        }
    }
}

/// Imports, and says how many threads and messages were new.
fn import(store: &Store, id: &str, tree: &FileTree, options: &ReadOptions) -> (u64, u64) {
    let mut writer = store.writer().expect("a writer");
    let mut import = writer.import("test", NOW).expect("an import");
    (source(id).read)(tree, options, &mut Taking(&mut import)).expect("readable");
    let tally = import.finish("{}").expect("an end");
    (tally.threads_added, tally.messages_added)
}

/// Each thread's title and messages: when, who, what, and whether it was me.
type Inbox = Vec<(String, Vec<(i64, String, String, bool)>)>;

/// The inbox as a person sees it, without the store's numbers.
fn inbox(store: &Store) -> Inbox {
    let reader = store.reader().expect("a reader");
    let threads = reader.threads(&ThreadQuery::default(), 0, 100).expect("threads");
    let mut all: Vec<_> = threads
        .iter()
        .map(|t| {
            let page = reader.older(t.id, PageEnd::Edge, 500).expect("messages");
            assert_eq!(u64::try_from(page.len()).ok(), Some(t.messages), "{}", t.title);
            let said = page.into_iter().map(|m| {
                let sender = m.sender.unwrap_or_default();
                (m.sent.at.0, sender.to_string(), m.text, m.mine)
            });
            (t.title.clone(), said.collect())
        })
        .collect();
    all.sort();
    all
}

/// How many people and accounts there are.
fn people(store: &Store) -> (usize, usize) {
    let reader = store.reader().expect("a reader");
    (reader.identities().expect("people").len(), reader.accounts().expect("accounts").len())
}

#[test]
fn json_and_html_of_one_account_are_one_inbox_in_either_order() {
    for (id, json, pages, ..) in TWINS {
        let (json, pages) = (tree(id, json), tree(id, pages));
        let alone = Store::in_memory().expect("a store");
        import(&alone, id, &json, &utc());
        let (expected, crowd) = (inbox(&alone), people(&alone));
        assert!(!expected.is_empty());
        for order in [
            vec![&json, &pages],
            vec![&pages, &json],
            vec![&pages, &json, &pages],
            vec![&json, &pages, &json, &pages],
        ] {
            let store = Store::in_memory().expect("a store");
            for (n, tree) in order.into_iter().enumerate() {
                let new = import(&store, id, tree, &utc());
                assert_eq!(new == (0, 0), n > 0, "{id}: {n} has {new:?} that are new");
            }
            assert_eq!(inbox(&store), expected, "{id}");
            assert_eq!(people(&store), crowd, "{id}");
        }
        // Pages alone, twice: nothing is told twice.
        let store = Store::in_memory().expect("a store");
        import(&store, id, &pages, &utc());
        let once = inbox(&store);
        let count = |inbox: &Inbox| inbox.iter().map(|t| t.1.len()).sum::<usize>();
        assert_eq!((once.len(), count(&once)), (expected.len(), count(&expected)));
        let elsewhere = ReadOptions { zone: Zone::Named(Tz::Asia__Tokyo), ..utc() };
        import(&store, id, &pages, &elsewhere);
        assert_eq!(count(&inbox(&store)), count(&expected), "{id}: another zone, another time");
        assert_eq!(people(&store), crowd, "{id}");
    }
}

/// A page of a thread of two, in the markup of 2025.
fn page(title: &str, said: &[(&str, &str, &str)]) -> String {
    let mut html = format!("<html><head><title>{title}</title></head><body><main>");
    for (sender, date, text) in said.iter().rev() {
        write!(
            html,
            "<section class=\"_a6-g\"><h2 class=\"_2ph_ _a6-h _a6-i\">{sender}</h2>\
             <div class=\"_2ph_ _a6-p\"><div><div></div><div>{text}</div></div></div>\
             <footer class=\"_3-94 _a6-o\"><div class=\"_a72d\">{date}</div></footer></section>"
        )
        .expect("memory");
    }
    html + "</main></body></html>"
}

fn json(title: &str, said: &[(&str, i64, &str)]) -> String {
    let messages: Vec<_> = said
        .iter()
        .rev()
        .map(|(sender, at, text)| {
            serde_json::json!({"sender_name": sender, "timestamp_ms": at, "content": text})
        })
        .collect();
    serde_json::json!({"participants": [{"name": title}, {"name": "Sam"}], "title": title,
                       "messages": messages})
    .to_string()
}

const ROOT: &str = "your_facebook_activity/messages/inbox";
const PROFILE: &str = r#"{"profile_v2": {"name": {"full_name": "Sam"}}}"#;
const PROFILE_PAGE: &str = "<html><body><table><tr><td>Name</td><td>Sam</td></tr></table>";

fn as_json(folder: &str, thread: &str) -> FileTree {
    let profile = "personal_information/profile_information/profile_information.json";
    FileTree::memory([
        (profile.to_owned(), PROFILE.as_bytes().to_vec()),
        (format!("{ROOT}/{folder}/message_1.json"), thread.as_bytes().to_vec()),
    ])
}

fn as_page(folder: &str, thread: &str) -> FileTree {
    let profile = "personal_information/profile_information/profile_information.html";
    FileTree::memory([
        (profile.to_owned(), PROFILE_PAGE.as_bytes().to_vec()),
        (format!("{ROOT}/{folder}/message_1.html"), thread.as_bytes().to_vec()),
    ])
}

/// 2023-01-10T12:00:00Z, and half a year later.
const WINTER: i64 = 1_673_352_000_000;
const SUMMER: i64 = WINTER + 182 * 86_400_000;

fn both(one: &FileTree, other: &FileTree) -> Inbox {
    let mut inboxes = [(one, other), (other, one)].map(|(first, second)| {
        let store = Store::in_memory().expect("a store");
        import(&store, "messenger", first, &utc());
        import(&store, "messenger", second, &utc());
        inbox(&store)
    });
    let last = std::mem::take(&mut inboxes[1]);
    assert_eq!(inboxes[0], last, "the order of imports makes no difference");
    last
}

fn texts(inbox: &Inbox) -> Vec<Vec<&str>> {
    inbox.iter().map(|t| t.1.iter().map(|m| m.2.as_str()).collect()).collect()
}

/// The account lives in New York, the person's zone is given as UTC, and no page says when it was
/// made: the clock is off by five hours in winter and by four in summer.
#[test]
fn a_clock_that_is_off_is_found_out() {
    let exact = json(
        "Ana",
        &[
            ("Ana", WINTER + 5_123, "happy new year"),
            ("Sam", WINTER + 65_000, "ok"),
            ("Sam", WINTER + 65_900, "ok"),
            ("Sam", WINTER + 70_000, "and to you all"),
            ("Ana", SUMMER + 1_500, "are you coming?"),
            ("Sam", SUMMER + 3_600_000 + 1_000, "ok"),
            ("Sam", SUMMER + 3_700_000, "on my way now"),
        ],
    );
    let paged = page(
        "Ana",
        &[
            ("Ana", "Jan 10, 2023 7:00:05 am", "happy new year"),
            ("Sam", "Jan 10, 2023 7:01:05 am", "ok"),
            ("Sam", "Jan 10, 2023 7:01:05 am", "ok"),
            ("Sam", "Jan 10, 2023 7:01:10 am", "and to you all"),
            ("Ana", "Jul 11, 2023 8:00:01 am", "are you coming?"),
            ("Sam", "Jul 11, 2023 9:00:01 am", "ok"),
            ("Sam", "Jul 11, 2023 9:01:40 am", "on my way now"),
            ("Ana", "Jul 11, 2023 9:02:40 am", "only the page has this"),
        ],
    );
    let inbox = both(&as_json("ana_1234567890", &exact), &as_page("ana_1234567890", &paged));
    assert_eq!(inbox.len(), 1);
    assert_eq!(inbox[0].1.len(), 8);
    assert!(inbox[0].1.iter().any(|m| m.2 == "only the page has this"));
}

/// In a group somebody bears another name since: known by what is said, as between two.
#[test]
fn somebody_of_a_group_who_was_renamed_says_nothing_twice() {
    let said = |bob: &'static str| {
        [
            ("Ana", 5_123, "who comes along?"),
            (bob, 65_000, "me, and I bring two more"),
            ("Sam", 70_000, "and me"),
            (bob, 130_000, "we need another car then"),
            ("Ana", 190_000, "mine is free"),
            (bob, 250_000, "ok"),
        ]
    };
    let exact: Vec<_> = said("Bob").map(|(w, t, x)| (w, WINTER + t, x)).into();
    let dates = ["12:00:05", "12:01:05", "12:01:10", "12:02:10", "12:03:10", "12:04:10"]
        .map(|d| format!("Jan 10, 2023 {d} pm"));
    let paged: Vec<_> =
        said("Bob Ek").into_iter().zip(&dates).map(|((w, _, x), d)| (w, d.as_str(), x)).collect();
    let exact = as_json("crew_12345678", &json("Crew", &exact));
    let inbox = both(&exact, &as_page("crew_12345678", &page("Crew", &paged)));
    assert_eq!(texts(&inbox), [said("").map(|s| s.2)]);
}

/// JSON of spring 2018, which tells whole seconds, and a later page.
#[test]
fn json_by_the_second_and_a_page_are_one() {
    let said = [
        ("Ana", 5_000, "happy new year"),
        ("Sam", 65_000, "and to you all"),
        ("Ana", 66_000, "ok"),
    ];
    let messages: Vec<_> = said
        .iter()
        .rev()
        .map(|(who, at, text)| {
            serde_json::json!({"sender_name": who, "timestamp": (WINTER + at) / 1000, "content": text,
                "type": "Generic"})
        })
        .collect();
    let thread = serde_json::json!({"participants": ["Ana"], "title": "Ana", "messages": messages});
    let profile = "profile_information/profile_information.json";
    let old = FileTree::memory([
        (profile.to_owned(), br#"{"profile": {"name": "Sam"}}"#.to_vec()),
        ("messages/ana_1234567890/message.json".to_owned(), thread.to_string().into_bytes()),
    ]);
    let dates = ["12:00:05", "12:01:05", "12:01:06"].map(|d| format!("Jan 10, 2023 {d} pm"));
    let paged: Vec<_> =
        said.iter().zip(&dates).map(|((w, _, x), d)| (*w, d.as_str(), *x)).collect();
    let inbox = both(&old, &as_page("ana_1234567890", &page("Ana", &paged)));
    assert_eq!(texts(&inbox), [said.map(|s| s.2)]);
}

/// What only one of the two tells stays, equal messages of one minute are counted, and blanks are
/// no difference.
#[test]
fn what_only_one_form_tells_stays() {
    let exact = json(
        "Ana",
        &[
            ("Ana", WINTER, "first of all"),
            ("Sam", WINTER + 1_000, "ok"),
            ("Sam", WINTER + 2_000, "ok"),
            ("Ana", WINTER + 120_000, "two\nlines  here "),
            ("Ana", WINTER + 180_000, "told by the json"),
        ],
    );
    let paged = page(
        "Ana",
        &[
            ("Ana", "Jan 10, 2023, 12:00 PM", "first of all"),
            ("Sam", "Jan 10, 2023, 12:00 PM", "ok"),
            ("Sam", "Jan 10, 2023, 12:00 PM", "ok"),
            ("Sam", "Jan 10, 2023, 12:00 PM", "ok"),
            ("Ana", "Jan 10, 2023, 12:02 PM", "two<br />\nlines here"),
            ("Ana", "Jan 10, 2023, 12:05 PM", "told by the page"),
        ],
    );
    let inbox = both(&as_json("ana_1234567890", &exact), &as_page("ana_1234567890", &paged));
    let mut texts = texts(&inbox).concat();
    texts.sort_unstable();
    assert_eq!(
        texts,
        [
            "first of all",
            "ok",
            "ok",
            "ok",
            "told by the json",
            "told by the page",
            "two\nlines  here "
        ]
    );
}

/// Folders are numbered anew every few years: the words are proof. Without any in common two
/// threads with one person stay two.
#[test]
fn other_numbers_are_one_thread_by_what_is_said() {
    let exact = json(
        "Ana",
        &[
            ("Ana", WINTER, "are you coming tonight?"),
            ("Sam", WINTER + 60_000, "yes, at eight"),
            ("Ana", WINTER + 120_000, "bring the rope"),
        ],
    );
    let paged = page(
        "Ana",
        &[
            ("Ana", "Jan 10, 2023 12:00:00 pm", "are you coming tonight?"),
            ("Sam", "Jan 10, 2023 12:01:00 pm", "yes, at eight"),
            ("Ana", "Jan 10, 2023 12:02:00 pm", "bring the rope"),
            ("Ana", "Jan 10, 2023 12:03:00 pm", "hello?"),
        ],
    );
    let inbox = both(&as_json("ana_2jzaxws1kg", &exact), &as_page("ana_1157564424322632", &paged));
    assert_eq!(texts(&inbox)[0].len(), 4);
    assert_eq!(inbox.len(), 1);
    let other = page("Ana", &[("Ana", "Jan 10, 2023 12:00:00 pm", "somebody else's")]);
    let inbox = both(&as_json("ana_2jzaxws1kg", &exact), &as_page("ana_1157564424322632", &other));
    assert_eq!(inbox.len(), 2);
}

/// A star on what the page told goes to what the JSON tells of it.
#[test]
fn a_star_goes_to_the_message_that_is_shown() {
    let store = Store::in_memory().expect("a store");
    let paged = page("Ana", &[("Ana", "Jan 10, 2023, 12:00 PM", "are you coming?")]);
    import(&store, "messenger", &as_page("ana_1234567890", &paged), &utc());
    let shown = || {
        let reader = store.reader().expect("a reader");
        let thread = reader.threads(&ThreadQuery::default(), 0, 10).expect("threads").remove(0);
        reader.older(thread.id, PageEnd::Edge, 10).expect("messages").remove(0)
    };
    store.writer().expect("a writer").star(shown().id, true, NOW).expect("a star");
    let exact = json("Ana", &[("Ana", WINTER + 5_500, "are you coming?")]);
    import(&store, "messenger", &as_json("ana_1234567890", &exact), &utc());
    assert_eq!((shown().sent.at, shown().starred), (Timestamp(WINTER + 5_500), true));
    store.writer().expect("a writer").star(shown().id, false, NOW).expect("no star");
    import(&store, "messenger", &as_json("ana_1234567890", &exact), &utc());
    assert!(!shown().starred);
}

/// A page cannot say that I left: what the JSON said holds until I have written again.
#[test]
fn what_only_the_json_knows_holds() {
    let exact = json("Ana", &[("Ana", WINTER, "are you coming?"), ("Sam", WINTER + 60_000, "no")])
        .replacen('{', "{\"is_still_participant\": false, ", 1);
    let before = [
        ("Ana", "Jan 10, 2023 12:00:00 pm", "are you coming?"),
        ("Sam", "Jan 10, 2023 12:01:00 pm", "no"),
        ("Ana", "Feb 10, 2023 12:00:00 pm", "still not?"),
    ];
    let again = [&before[..], &[("Sam", "Feb 11, 2023 12:00:00 pm", "here I am")]].concat();
    for (said, membership) in [(&before[..], Membership::Gone), (&again, Membership::Unknown)] {
        let store = Store::in_memory().expect("a store");
        import(&store, "messenger", &as_page("ana_1234567890", &page("Ana", said)), &utc());
        import(&store, "messenger", &as_json("ana_1234567890", &exact), &utc());
        let reader = store.reader().expect("a reader");
        let threads = reader.threads(&ThreadQuery::default(), 0, 10).expect("threads");
        assert_eq!(threads.len(), 1);
        assert_eq!(threads[0].facts.membership, membership);
    }
}

/// A download of messages alone says who I am by being in every thread; one with the profile says
/// it by a full name. They are one account as long as one of my names is the same.
#[test]
fn one_account_by_any_of_my_names() {
    let profile = r#"{"profile_user": [{"string_map_data": {
        "Name": {"value": "Sam Reed"}, "Username": {"value": "sam.r"}}}]}"#;
    let folder = "your_instagram_activity/messages/inbox/ana_1234567890";
    let exact = json("ana", &[("ana", WINTER, "are you coming?"), ("Sam", WINTER + 60_000, "yes")])
        .replace("\"Sam\"", "\"sam.r\"");
    let paged = page(
        "ana",
        &[
            ("ana", "Jan 10, 2023, 12:00 PM", "are you coming?"),
            ("sam.r", "Jan 10, 2023, 12:01 PM", "yes"),
        ],
    );
    let files = |list: &[(String, String)]| {
        FileTree::memory(list.iter().map(|(p, t)| (p.clone(), t.as_bytes().to_vec())))
    };
    let json = files(&[
        ("account_information/personal_information.json".to_owned(), profile.to_owned()),
        (format!("{folder}/message_1.json"), exact),
    ]);
    let pages = files(&[(format!("{folder}/message_1.html"), paged)]);
    for order in [[&json, &pages], [&pages, &json]] {
        let store = Store::in_memory().expect("a store");
        for tree in order {
            import(&store, "instagram", tree, &utc());
        }
        assert_eq!(people(&store).1, 1);
        assert_eq!(texts(&inbox(&store)), [["are you coming?", "yes"]]);
    }
}

#[test]
fn messages_htm_of_before_2018() {
    let told = told("messenger", "pages-2016", Tz::UTC);
    assert_eq!(told.oddities, []);
    assert_eq!(told.accounts[0].name, "Zoë Lindqvist");
    assert_eq!(told.threads.len(), 2, "one conversation in two pieces");
    let pair = told.of("html/people/Maya Okafor+Zoë Lindqvist");
    let said: Vec<_> = pair.iter().map(|m| (m.sent.at.to_rfc3339(), m.text.as_str())).collect();
    assert_eq!(
        said,
        [
            ("2013-10-04T20:07:00Z".to_owned(), "bring the \"big\" rope"),
            ("2013-10-04T20:05:00Z".to_owned(), "ok"),
            ("2013-10-04T20:05:00Z".to_owned(), "ok"),
            ("2013-10-04T19:58:00Z".to_owned(), "are you coming?"),
        ]
    );
    assert!(pair.windows(2).all(|w| w[0].order > w[1].order), "the newest stands first");
    let group = told.threads.iter().find(|t| t.kind == Some(ThreadKind::Group)).expect("a group");
    assert_eq!(told.of(&group.key)[0].sent.at.to_rfc3339(), "2015-03-02T07:30:00Z");
}

/// Dates in numbers alone: one that leaves no choice says how all of an export are meant.
#[test]
fn the_order_of_numbers_is_that_of_the_export() {
    let open = page("Ana", &[("Ana", "01/02/2023, 21:48", "open")]);
    for (other, day) in [("12/25/2022, 21:48", "2023-01-02"), ("25/12/2022, 21:48", "2023-02-01")] {
        let clear = page("Bo", &[("Bo", other, "clear")]);
        let told = read_files(
            "messenger",
            &[
                (&format!("{ROOT}/ana_1/message_1.html"), open.as_bytes()),
                (&format!("{ROOT}/bo_2/message_1.html"), clear.as_bytes()),
            ],
        );
        assert_eq!(told.saying("open").sent.at.to_rfc3339(), format!("{day}T21:48:00Z"));
        assert_eq!(told.saying("clear").sent.at.to_rfc3339(), "2022-12-25T21:48:00Z");
    }
}

/// A date in words that nobody knows loses no message, and a torn page says so.
#[test]
fn what_cannot_be_read_is_told() {
    let html = page(
        "Ana",
        &[("Ana", "Jan 10, 2023 12:00:00 pm", "one"), ("Ana", "xyzzy 10, 2023 noonish", "two")],
    ) + "<section class=\"_a6-g\"><h2 class=\"_a6-h _a6-i\">Ana</h2><div class=\"_a6-p\"><div>to";
    let told =
        read_files("messenger", &[(&format!("{ROOT}/ana_1/message_1.html"), html.as_bytes())]);
    let why: Vec<&str> = told.oddities.iter().map(|o| o.why.as_str()).collect();
    assert_eq!(why, ["its time is in words that are not known", "it has no time"]);
    let texts: Vec<&str> = told.messages.iter().map(|m| m.text.as_str()).collect();
    assert_eq!(texts, ["two", "one", "to"]);
}

/// What stands beside a message without an address may be in any language: it is a place on the map
/// only where nothing else is said.
#[test]
fn words_beside_a_message_are_no_place_that_nobody_sent() {
    let beside = |said: &str, words: &[&str]| {
        let blocks: String = words.iter().map(|w| format!("<div>{w}</div>")).collect();
        let html = format!(
            "<section class=\"_a6-g\"><h2 class=\"_a6-h _a6-i\">Ana Lima</h2><div \
             class=\"_a6-p\"><div><div></div><div>{said}</div><div></div><div></div>{blocks}\
             </div></div><footer class=\"_a6-o\"><div class=\"_a72d\">Jan 10, 2023 12:00:00 pm\
             </div></footer></section>"
        );
        let told =
            read_files("messenger", &[(&format!("{ROOT}/ana_1/message_1.html"), html.as_bytes())]);
        assert_eq!((told.messages.len(), told.oddities.len()), (1, 0), "{said}");
        let m = &told.messages[0];
        let kinds: Vec<AttachmentKind> = m.attachments.iter().map(|a| a.kind).collect();
        (m.text.clone(), matches!(m.kind, MessageKind::Call(_)), kinds)
    };
    // A call, in a language of which its line is known, and in those of which it is not.
    for (said, length) in [
        ("Ana Lima called you.", "Duration: 65 seconds"),
        ("Ana Lima hat dich angerufen.", "Dauer: 65 Sekunden"),
        ("Ana Lima ligou-te.", "Duração: 65 segundos"),
        ("Ana Lima が電話しました。", "通話時間：65秒"),
    ] {
        assert_eq!(beside(said, &[length]), (said.to_owned(), true, vec![]));
    }
    for (said, words) in [
        ("Ana Lima hringdi í þig.", &["Tímalengd: 65 sekúndur"][..]),
        ("the meeting", &["Dauer: lang"]),
        ("look", &["one", "two", "three"]),
    ] {
        assert_eq!(beside(said, words), (format!("{said}\n{}", words.join("\n")), false, vec![]));
    }
    assert_eq!(beside("", &["Old Town"]), (String::new(), false, vec![AttachmentKind::Location]));
    // Of what was shared and is gone, only who posted it.
    for said in
        ["Ana Lima sent an attachment.", "Ana sent an attachment.", "Jo sent an attachment."]
    {
        let told = beside(said, &["some.one"]);
        assert_eq!(told, (String::new(), false, vec![AttachmentKind::Share]));
    }
    assert!(beside("Jo called you.", &["Tímalengd: 65 sekúndur"]).1);
    let sent = "Ana Lima sent a location.";
    assert_eq!(beside(sent, &["Old Town"]).2, [AttachmentKind::Location]);
}

/// A page tells its messages newest first: the first one may be the one that cannot be read.
#[test]
fn the_first_message_without_a_time_stands_beside_the_next() {
    let html = page(
        "Ana",
        &[("Ana", "Jan 10, 2023 12:00:00 pm", "one"), ("Ana", "xyzzy 10, 2023 noonish", "two")],
    );
    let swapped = page(
        "Ana",
        &[("Ana", "xyzzy 10, 2023 noonish", "two"), ("Ana", "Jan 10, 2023 12:00:00 pm", "one")],
    );
    for html in [html, swapped] {
        let told =
            read_files("messenger", &[(&format!("{ROOT}/ana_1/message_1.html"), html.as_bytes())]);
        assert_eq!(told.saying("two").sent.at.to_rfc3339(), "2023-01-10T12:00:00Z");
        assert_eq!(told.oddities.len(), 1, "{:?}", told.oddities);
    }
}

/// Other projects' invented pages, counted by eye: (folder, messages, threads, oddities, me).
#[test]
fn the_corpus() {
    let Some(folder) = corpus("messenger") else {
        println!("{NO_CORPUS}");
        return;
    };
    let msgvault = folder.join("kenn-io__msgvault/internal/fbmessenger/testdata");
    for (case, messages, threads, me) in [
        ("html_simple", 3, 1, "Test User"),
        ("html_with_media", 1, 1, "Test User"),
        ("html_multi_media", 3, 1, "Test User"),
        // The thread stands there in both forms.
        ("mixed", 4, 2, "Test User"),
    ] {
        let tree = FileTree::open(&msgvault.join(case)).expect("it opens").remove(0);
        let told = read_tree("messenger", &tree, &utc()).expect("readable");
        let counts = (told.messages.len(), told.threads.len(), told.accounts[0].name.as_str());
        assert_eq!(counts, (messages, threads, me), "{case}");
        assert_eq!(told.oddities, [], "{case}");
    }
    let simple = FileTree::open(&msgvault.join("html_simple")).expect("it opens").remove(0);
    let told = read_tree("messenger", &simple, &utc()).expect("readable");
    assert_eq!(told.thread("Alice Example").kind, Some(ThreadKind::Direct));
    let first = told.saying("café time?");
    assert_eq!(first.sent.at.to_rfc3339(), "2020-09-13T12:27:00Z");
    let told = &read_path("messenger", &msgvault.join("html_multi_media"), &utc())[0];
    assert_eq!(told.saying("Check out this photo").attachments[0].kind, AttachmentKind::Photo);

    let mixed = FileTree::open(&msgvault.join("mixed")).expect("it opens").remove(0);
    let store = Store::in_memory().expect("a store");
    assert_eq!(import(&store, "messenger", &mixed, &utc()), (1, 2));
    assert_eq!(texts(&inbox(&store)), [["Mixed hello", "Mixed reply"]]);

    for layout in ["layout1", "layout2", "layout3"] {
        let path = msgvault.join("html_timestamps").join(format!("{layout}.html"));
        let page = std::fs::read(path).expect("there");
        let told = read_files("messenger", &[(&format!("{ROOT}/ts_1/message_1.html"), &page)]);
        assert_eq!(told.saying("ping").sent.at.to_rfc3339(), "2019-10-19T14:37:00Z", "{layout}");
    }

    let old =
        std::fs::read(folder.join("ownaginatious__fbchat-archive-parser/tests/simulated_data.htm"))
            .expect("there");
    let told = read_files("messenger", &[("html/messages.htm", &old)]);
    assert_eq!(told.accounts[0].name, "First User 一");
    assert_eq!((told.messages.len(), told.threads.len()), (20, 3));
}

/// Of about 2023: the head says when the page was made, and so on which clock its dates are; it is
/// no message, in no part of the thread.
#[test]
fn the_head_of_a_page_is_no_message_and_tells_the_clock() {
    let part = |text: &str, date: &str| {
        format!(
            "<html><head><title>Ana Lima</title></head><body class=\"_5vb_ _2yq _a7o5\"><div \
             class=\"_a705\"><div class=\"_3-8y _3-95 _a70a\"><div class=\"_a709\"><img \
             src=\"data:image/png;base64,iVBORw0KGgo=\" /></div><div class=\"_a70d\"><div \
             class=\"_a70e\">Ana Lima</div><div class=\"_aoaa\"><div>Generated by Sam Reed on \
             Monday, November 13, 2023 at 8:09 PM UTC+07:00<div>Contains data from January 1, 2020 \
             at 12:00 AM to November 12, 2023 at 11:59 PM</div></div></div></div></div><div \
             class=\"_a706\" role=\"main\"><div class=\"pam _3-95 _2ph- _a6-g uiBoxWhite \
             noborder\"><div class=\"_3-95 _2pim _a6-h _a6-i\">Ana Lima</div><div class=\"_3-95 \
             _a6-p\"><div><div></div><div>{text}</div></div></div><div class=\"_3-94 _a6-o\">{date}\
             </div></div><div class=\"pam _3-95 _2ph- _a6-g uiBoxWhite noborder\"><div \
             class=\"_3-95 _2pim _a6-h _a6-i\">Sam Reed</div><div class=\"_3-95 _a6-p\"><div><div>\
             </div><div>ok</div></div></div><div class=\"_3-94 _a6-o\">{date}</div></div></div>"
        )
    };
    let (one, two) =
        (part("one", "Oct 13, 2023 8:35:59 pm"), part("two", "Oct 12, 2023 8:35:59 pm"));
    let told = read_files(
        "messenger",
        &[
            (&format!("{ROOT}/ana_1/message_1.html"), one.as_bytes()),
            (&format!("{ROOT}/ana_1/message_2.html"), two.as_bytes()),
        ],
    );
    assert_eq!((told.messages.len(), told.oddities.len()), (4, 0), "{:?}", told.messages);
    assert!(told.messages.iter().all(|m| m.attachments.is_empty()));
    assert_eq!(told.saying("one").sent.at.to_rfc3339(), "2023-10-13T13:35:59Z");
    assert_eq!(told.me(), ["Sam Reed"]);
}

/// A group's picture and its invitation stand in boxes of their own before the first message.
#[test]
fn a_groups_picture_is_nobody() {
    let boxed = |name: &str, what: &str| {
        format!(
            "<section class=\"_a6-g\"><h2 class=\"_2ph_ _a6-h _a6-i\">{name}</h2><div \
             class=\"_2ph_ _a6-p\"><div>{what}</div></div></section>"
        )
    };
    let photo = boxed("Group photo", "<div><img class=\"_a6_o\" src=\"photos/1.jpg\"/></div>");
    let link = "<a href=\"https://ig.me/j/Abc/\">https://ig.me/j/Abc/</a>";
    let invitation = boxed("Group Invite Link: On", link);
    let said = [("Ana", "Jan 10, 2023 12:00 pm", "one"), ("Bo", "Jan 11, 2023 12:00 pm", "two")];
    let html = page("Crew", &said).replace("<main>", &format!("<main>{photo}{invitation}"));
    let folder = "your_instagram_activity/messages/inbox/crew_17842300055667788";
    let told = read_files("instagram", &[(&format!("{folder}/message_1.html"), html.as_bytes())]);
    assert_eq!((told.messages.len(), told.oddities.len()), (2, 0), "{:?}", told.messages);
    let mut people: Vec<&str> = told.people.iter().map(|p| p.name.as_str()).collect();
    people.sort_unstable();
    assert_eq!(people, ["Ana", "Bo"]);
    assert_eq!(told.thread("Crew").kind, Some(ThreadKind::Group));
}

/// Vietnamese pages write the half of the day onto the clock; one that nobody knows is told once.
#[test]
fn halves_of_the_day_are_read_or_told() {
    let read = |said: &[(&str, &str, &str)]| {
        let html = page("Ana", said);
        read_files("messenger", &[(&format!("{ROOT}/ana_1/message_1.html"), html.as_bytes())])
    };
    let told = read(&[
        ("Ana", "Tháng 10 13, 2023 12:05:06sáng", "one"),
        ("Ana", "Tháng 10 13, 2023 11:41:36sáng", "two"),
        ("Ana", "Tháng 10 13, 2023 8:35:59chiều", "three"),
    ]);
    assert_eq!(told.oddities, []);
    for (text, at) in [("one", "00:05:06"), ("two", "11:41:36"), ("three", "20:35:59")] {
        assert_eq!(told.saying(text).sent.at.to_rfc3339(), format!("2023-10-13T{at}Z"));
    }
    let told = read(&[
        ("Ana", "Oct 13, 2023 11:41:36 xyzzy", "one"),
        ("Ana", "Oct 13, 2023 8:35:59 plugh", "two"),
        ("Ana", "Oct 14, 2023 8:35:59 plugh", "three"),
    ]);
    assert_eq!((told.messages.len(), told.oddities.len()), (3, 1), "{:?}", told.oddities);
    assert!(told.oddities[0].why.contains("“plugh”"), "{}", told.oddities[0].why);
    // A clock of twenty-four hours needs none, whatever stands behind it.
    let told = read(&[
        ("Ana", "Oct 13, 2023 11:41:36 xyzzy", "one"),
        ("Ana", "Oct 13, 2023 20:35:59 xyzzy", "two"),
    ]);
    assert_eq!(told.oddities, []);
}
