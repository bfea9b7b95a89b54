//! Searching while somebody else stores: a search in a hurry finds nothing wrong, says how much it
//! left out, and once it has caught up it finds exactly what is there.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use onebox::engine::{Engine, Followed, Rules, Settings, Store};
use onebox::inbox::{HitOrder, Hits, Scope, SearchRequest, Ticket};
use onebox::model::{
    AccountRecord, Change, Deletion, LiveThread, MessageRecord, Moment, Record, RevisionRecord,
    SourceId, ThreadRecord, Timestamp, Wish,
};
use onebox::search::{Pattern, Query, tokens};
use proptest::prelude::*;

const NOW: i64 = 1_790_000_000_000;
/// Texts of many scripts, and such that fold to others' words.
const TEXTS: &[&str] = &[
    "Café crème at SIX, naïve Straße",
    "cafe at six",
    "STRASSE und Stra\u{df}e",
    "İstanbul ISTANBUL ıstanbul",
    "Ｃａｆｅ ＳＩＸ",
    "cafe\u{301} decomposed",
    "明日東京タワーで会おう",
    "ok, 東京駅で",
    "الْمَدْرَسَة جميلة",
    "المدرسة",
    "안녕하세요 친구들",
    "สวัสดีครับ น้ำ",
    "हिन्दी में बात",
    "see you 👋🏽 at the café",
    "👋 👩\u{200d}👩\u{200d}👧 🇩🇪",
    "https://example.org/red-lamp",
    "Привет, ёлка ЁЛКА",
    "ΣΟΦΟΣ σοφός",
    "Łódź øre æon œuvre",
    "ﬁne ﬁsh ½ ㍿",
];
/// What is asked: (text, goes on).
const ASKED: &[(&str, bool)] = &[
    ("cafe", false),
    ("café", false),
    ("caf", true),
    ("six", false),
    ("at six", false),
    ("strasse", false),
    ("straße", false),
    ("istanbul", false),
    ("東京", false),
    ("東", false),
    ("東京タワー", false),
    ("المدرسة", false),
    ("안녕", true),
    ("สวัสดี", false),
    ("น้ำ", false),
    ("हिन्दी", false),
    ("👋", false),
    ("🇩🇪", false),
    ("елка", false),
    ("σοφος", false),
    ("lodz", false),
    ("fish", false),
    ("fi", true),
    ("e", true),
    ("nowhere", false),
];

#[derive(Clone, Debug)]
enum Step {
    /// So many messages come in, texts from here on.
    Say(usize, usize),
    /// One of the messages gets another text.
    Edit(prop::sample::Index, usize),
    /// One is taken back.
    Unsend(prop::sample::Index),
    /// The index follows.
    Follow,
    Ask(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let text = 0..TEXTS.len();
    let step = prop_oneof![
        3 => (1..300_usize, text.clone()).prop_map(|(n, t)| Step::Say(n, t)),
        3 => (any::<prop::sample::Index>(), text).prop_map(|(i, t)| Step::Edit(i, t)),
        1 => any::<prop::sample::Index>().prop_map(Step::Unsend),
        1 => Just(Step::Follow),
        6 => (0..ASKED.len()).prop_map(Step::Ask),
    ];
    prop::collection::vec(step, 4..24)
}

/// Another program's hand on the same store, and what it has said.
struct Other {
    store: Store,
    account: onebox::model::LiveId,
    texts: Vec<Option<String>>,
}

impl Other {
    fn open(dir: &Path) -> Self {
        let store = Store::open(dir).expect("a store");
        let account = store.writer().and_then(|mut w| w.add_live_account("a")).expect("an account");
        let other = Self { store, account, texts: Vec::new() };
        let mut thread = ThreadRecord::new("t", "test");
        thread.live = Some(LiveThread { can: [Wish::Send].into(), ..LiveThread::default() });
        other.tell(vec![Record::Thread(Box::new(thread))]);
        other
    }

    fn tell(&self, records: Vec<Record>) {
        let mut writer = self.store.writer().expect("a writer");
        let mut batch = writer.live_batch(self.account, false, Timestamp(NOW)).expect("a batch");
        let account = Record::Account(AccountRecord {
            source: SourceId::known("telegram"),
            key: "a".to_owned(),
            name: "Sam".to_owned(),
            me_names: vec!["Sam".to_owned()],
            known_by: String::new(),
        });
        for record in std::iter::once(account).chain(records) {
            batch.take(record).expect("a record");
        }
        batch.finish_live().expect("a commit");
    }

    fn say(&mut self, many: usize, from: usize) {
        self.say_each((0..many).map(|n| TEXTS[(from + n) % TEXTS.len()].to_owned()));
    }

    fn say_each(&mut self, texts: impl Iterator<Item = String>) {
        let mut records = Vec::new();
        for text in texts {
            let at = Moment::exact(Timestamp(NOW + self.texts.len() as i64));
            let mut m = MessageRecord::text("t".into(), Some("Ana".into()), at, text.clone());
            m.native_id = Some(self.texts.len().to_string());
            records.push(Record::Message(Box::new(m)));
            self.texts.push(Some(text));
        }
        self.tell(records);
    }

    fn change(&mut self, which: prop::sample::Index, text: Option<usize>) {
        if self.texts.is_empty() {
            return;
        }
        let n = which.index(self.texts.len());
        // What was taken back stays so.
        if self.texts[n].is_none() {
            return;
        }
        self.texts[n] = text.map(|t| TEXTS[t].to_owned());
        let change = match &self.texts[n] {
            Some(text) => Change::Text(text.clone()),
            None => Change::Deleted(Deletion::Unsent),
        };
        let (thread, message) = ("t".into(), n.to_string());
        let revision = RevisionRecord { thread, message, change, at: None, by: None };
        self.tell(vec![Record::Revision(Box::new(revision))]);
    }

    /// The newest messages that hold it, as a slow and obvious look finds them.
    fn with(&self, text: &str, prefix: bool) -> Vec<Timestamp> {
        let pattern = Pattern::new(text, prefix).expect("a word");
        let has = |t: &String| pattern.occurs(&tokens::tokens(t));
        let all = self.texts.iter().enumerate().rev();
        all.filter(|(_, t)| t.as_ref().is_some_and(has))
            .map(|(n, _)| Timestamp(NOW + n as i64))
            .collect()
    }
}

fn ask(engine: &mut Engine, (text, prefix): (&str, bool)) -> Hits {
    let request = SearchRequest {
        ticket: Ticket(1),
        query: Query::Phrase { text: text.to_owned(), prefix },
        scope: Scope::Everything,
        order: HitOrder::Newest,
        offset: 0,
        limit: 200,
    };
    engine.search(&request, &AtomicBool::new(false)).expect("a search").expect("an answer")
}

fn times(hits: &Hits) -> Vec<Timestamp> {
    hits.rows.iter().map(|r| r.at).collect()
}

fn engine(dir: &Path) -> Engine {
    let settings = Arc::new(Settings::plain(Rules::builtin().expect("rules")));
    Engine::new(Arc::new(Store::open(dir).expect("a store")), settings).expect("an engine")
}

fn play(steps: Vec<Step>) {
    let dir = tempfile::tempdir().expect("a folder");
    let mut other = Other::open(dir.path());
    let mut engine = engine(dir.path());
    engine.hurry(Duration::ZERO);
    for step in steps {
        match step {
            Step::Say(many, from) => other.say(many, from),
            Step::Edit(which, text) => other.change(which, Some(text)),
            Step::Unsend(which) => other.change(which, None),
            Step::Follow => {
                let followed = engine.follow_index(&mut |_, _| true).expect("an index");
                assert_eq!(followed, Followed::All);
            }
            Step::Ask(n) => agree(&mut engine, &other, ASKED[n]),
        }
    }
    ASKED.iter().for_each(|asked| agree(&mut engine, &other, *asked));
}

fn agree(engine: &mut Engine, other: &Other, asked: (&str, bool)) {
    let mut expected = other.with(asked.0, asked.1);
    let total = expected.len() as u64;
    let hasty = ask(engine, asked);
    let all: BTreeSet<Timestamp> = expected.iter().copied().collect();
    assert!(times(&hasty).iter().all(|t| all.contains(t)), "{asked:?}: a hit that is none");
    assert_eq!(hasty.coverage.messages, other.texts.len() as u64);
    let left = hasty.coverage.messages - hasty.coverage.searched;
    assert!(total - hasty.total <= left, "{asked:?}: {left} left out, {} found", hasty.total);
    assert_eq!(engine.is_behind(), left > 0, "{asked:?}");
    let mut rounds = 0;
    while engine.is_behind() {
        engine.read_on().expect("it reads");
        rounds += 1;
        assert!(rounds <= other.texts.len(), "it comes no further");
    }
    let calm = ask(engine, asked);
    expected.truncate(200);
    assert_eq!(times(&calm), expected, "{asked:?}");
    assert_eq!(calm.total, total, "{asked:?}");
    assert_eq!(calm.coverage.searched, calm.coverage.messages);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn whoever_is_in_a_hurry_finds_it_all_in_the_end(steps in steps()) {
        play(steps);
    }
}

/// What has just come in is found at once, however much came in before it.
#[test]
fn the_newest_is_found_at_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut other = Other::open(dir.path());
    let mut engine = engine(dir.path());
    engine.hurry(Duration::ZERO);
    for round in 0..5 {
        other.say(1_000, round);
        // The last text that was said.
        let text = TEXTS[(round + 999) % TEXTS.len()];
        let hits = ask(&mut engine, (text, false));
        assert_eq!(
            hits.rows.first().map(|r| r.at),
            Some(Timestamp(NOW + 1_000 * (round as i64 + 1) - 1))
        );
        assert!(hits.coverage.searched < hits.coverage.messages, "it left something out");
    }
    agree(&mut engine, &other, ("six", false));
}

/// A message comes in, and before it is looked for another program's import commits as much as one
/// ever does at once.
#[test]
fn what_came_just_before_an_import_commits_is_found() {
    /// Records of an import's largest transaction.
    const LARGEST: usize = 32_000;
    let dir = tempfile::tempdir().expect("a folder");
    let mut other = Other::open(dir.path());
    let mut engine = engine(dir.path());
    engine.hurry(Duration::from_millis(4));
    let mut find = |other: &mut Other, word: &str, then: &[usize]| {
        other.say_each(std::iter::once(word.to_owned()));
        then.iter().for_each(|many| other.say(*many, 0));
        let mut hits = ask(&mut engine, (word, false));
        while engine.is_behind() {
            engine.read_on().expect("it reads");
            hits = ask(&mut engine, (word, false));
        }
        engine.follow_index(&mut |_, _| true).expect("an index");
        (hits.rows.len(), hits.coverage.messages - hits.coverage.searched)
    };
    assert_eq!(find(&mut other, "zqneedle", &[LARGEST]), (1, 0));
    // What lies further back is said to be missing.
    assert_eq!(find(&mut other, "zqthread", &[LARGEST, LARGEST / 2]), (0, 1));
    assert_eq!(ask(&mut engine, ("zqthread", false)).rows.len(), 1);
}
