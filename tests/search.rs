//! Searching end to end: what is found is what is there, whatever happened to the index.

mod program;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use onebox::engine::{
    Engine, Followed, ImportOptions, Progress, Rules, Settings, Store, detect, load_demo,
};
use onebox::inbox::{HitOrder, Scope, SearchRequest, Ticket};
use onebox::model::{Day, MessageId, ThreadKind};
use onebox::search::{Pattern, Reading, parse, tokens};
use program::Person;

fn settings() -> Arc<Settings> {
    Arc::new(Settings::plain(Rules::builtin().expect("rules")))
}

fn engine(store: Arc<Store>) -> Engine {
    Engine::new(store, settings()).expect("an engine")
}

fn request(query: &str, best: bool) -> SearchRequest {
    let today = Day::parse("2026-11-18").expect("a day");
    let parsed = parse(query, Reading { today, typing: false });
    assert_eq!(parsed.complaints, [], "{query}");
    SearchRequest {
        ticket: Ticket(1),
        query: parsed.query,
        scope: Scope::Everything,
        order: if best { HitOrder::Best } else { HitOrder::Newest },
        offset: 0,
        limit: 200,
    }
}

/// Every hit, page by page.
fn found(engine: &mut Engine, query: &str) -> Vec<MessageId> {
    let mut request = request(query, false);
    let mut out = Vec::new();
    loop {
        let never = AtomicBool::new(false);
        let page = engine.search_messages(&request, &never).expect("a search").expect("an answer");
        let got = page.messages.len();
        out.extend(page.messages.into_iter().map(|m| m.id));
        request.offset += got;
        if got < request.limit {
            return out;
        }
    }
}

fn follow(engine: &Engine) {
    let done = engine.follow_index(&mut |_, _| true).expect("an index");
    assert_eq!(done, Followed::All);
}

/// Everything in the store, as the slow and obvious search sees it.
struct Everything(Vec<onebox::engine::StoredMessage>);

impl Everything {
    fn of(engine: &mut Engine) -> Self {
        let mut all = Vec::new();
        for archived in [false, true] {
            let filter = onebox::inbox::ThreadFilter { archived, ..Default::default() };
            let mut offset = 0;
            loop {
                let page = engine.threads(&filter, offset, 500, None).expect("threads");
                if page.rows.is_empty() || offset >= page.total {
                    break;
                }
                offset += page.rows.len();
                for row in page.rows {
                    all.extend(engine.messages(row.id, None, None, usize::MAX).expect("messages"));
                }
            }
        }
        Self(all)
    }

    fn with(&self, keep: impl Fn(&onebox::engine::StoredMessage) -> bool) -> BTreeSet<MessageId> {
        self.0.iter().filter(|m| keep(m)).map(|m| m.id).collect()
    }
}

fn words(m: &onebox::engine::StoredMessage) -> Vec<Vec<String>> {
    if m.deletion != onebox::model::Deletion::None {
        return Vec::new();
    }
    let names = m.attachments.iter().filter_map(|a| a.name.as_deref());
    names
        .chain([m.text.as_str()])
        .map(|t| tokens::tokens(t).into_iter().map(|t| t.folded).collect())
        .collect()
}

/// Every word, pair of words and beginning that the store holds (a sample of them) is found in
/// exactly the messages that hold it.
fn recall(engine: &mut Engine) -> usize {
    let all = Everything::of(engine);
    let mut asked: BTreeMap<String, BTreeSet<MessageId>> = BTreeMap::new();
    for (n, m) in all.0.iter().enumerate() {
        for text in words(m) {
            let Some(word) = text.get(n % text.len().max(1)) else { continue };
            asked.entry(word.clone()).or_default();
            let begins: String = word.chars().take(1 + n % 5).collect();
            asked.entry(format!("{begins}*")).or_default();
        }
    }
    for (query, hits) in &mut asked {
        let (word, prefix) = match query.strip_suffix('*') {
            Some(word) => (word, true),
            None => (query.as_str(), false),
        };
        let pattern = Pattern::new(word, prefix).expect("a word");
        *hits = all.with(|m| {
            let names = m.attachments.iter().filter_map(|a| a.name.as_deref());
            m.deletion == onebox::model::Deletion::None
                && names.chain([m.text.as_str()]).any(|t| pattern.occurs(&tokens::tokens(t)))
        });
    }
    let mut checked = 0;
    for (query, expected) in &asked {
        // Words that the language itself uses are asked for in quotes.
        let text = match query.strip_suffix('*') {
            Some(word) => format!("\"{word}\"*"),
            None => format!("\"{query}\""),
        };
        let hits = found(engine, &text);
        let set: BTreeSet<MessageId> = hits.iter().copied().collect();
        assert_eq!(set.len(), hits.len(), "{query}: a hit came twice");
        assert_eq!(&set, expected, "{query}");
        checked += 1;
    }
    checked
}

fn import(engine: &Engine, path: &Path) {
    let found = detect(&[path.to_owned()], None).expect("an export");
    let done = engine.import(found, &ImportOptions::default(), &Progress::default());
    done.expect("an import");
}

fn demo() -> Engine {
    let store = Store::in_memory().expect("a store");
    load_demo(&store, &settings().rules).expect("the demo");
    let engine = engine(Arc::new(store));
    follow(&engine);
    engine
}

/// An export by hand: (thread, sender, day of January 2024, text).
fn told(dir: &Path, name: &str, messages: &[(&str, &str, u32, &str)]) -> PathBuf {
    let mut text = "{\"onebox\":1}\n{\"record\":\"account\",\"source\":\"messenger\",\
         \"key\":\"sam\",\"name\":\"Sam\",\"me_names\":[\"Sam\"]}\n"
        .to_owned();
    text.push_str(
        "{\"record\":\"thread\",\"thread\":\"Group\",\"title\":\"Crew\",\"kind\":\"group\"}\n",
    );
    for (thread, sender, day, said) in messages {
        let line = serde_json::json!({"record": "message", "thread": thread, "sender": sender,
            "sent_at": format!("2024-01-{day:02}T10:00:00Z"), "text": said});
        writeln!(text, "{line}").expect("a string takes all");
    }
    let path = dir.join(name);
    std::fs::write(&path, text).expect("a writable folder");
    path
}

const SCRIPTS: &[(&str, &str, u32, &str)] = &[
    ("Ana", "Ana", 1, "Café crème at SIX, naïve Straße"),
    ("Ana", "Sam", 2, "cafe at six"),
    ("Ana", "Ana", 3, "明日東京タワーで会おう"),
    ("Ana", "Sam", 4, "ok, 東京駅で"),
    ("Group", "Layla", 5, "الْمَدْرَسَة جميلة"),
    ("Group", "Sam", 6, "المدرسة"),
    ("Group", "Jin", 7, "안녕하세요 친구들"),
    ("Group", "Nok", 8, "สวัสดีครับ"),
    ("Group", "Ana", 9, "see you 👋🏽 at the café"),
    ("Group", "Ana", 10, "https://example.org/red-lamp"),
    ("Group", "Sam", 11, "Привет, ёлка"),
];

#[test]
fn the_demo_is_found_to_the_last_word() {
    let mut engine = demo();
    assert!(recall(&mut engine) > 300);
}

#[test]
fn every_script_is_found_indexed_or_not() {
    let dir = tempfile::tempdir().expect("a folder");
    for indexed in [true, false] {
        let mut engine = engine(Arc::new(Store::in_memory().expect("a store")));
        import(&engine, &told(dir.path(), "told.jsonl", SCRIPTS));
        if indexed {
            follow(&engine);
        }
        recall(&mut engine);
        for (query, count) in [
            ("cafe", 3),
            ("CAFÉ", 3),
            ("strasse", 1),
            ("東京", 2),
            ("京", 2),
            ("東京タワー", 1),
            ("\"で会\"", 1),
            ("東", 2),
            ("المدرسة", 2),
            ("안녕*", 1),
            ("สวัสดี", 1),
            ("👋", 1),
            ("елка", 1),
            ("\"at six\"", 2),
            ("\"six at\"", 0),
            ("lamp", 1),
            ("ok", 1),
            ("from:ana", 4),
            ("from:me cafe", 1),
            ("-from:me cafe", 2),
            ("in:ana", 4),
            ("in:crew", 7),
            ("kind:group", 7),
            ("has:link", 1),
            ("before:2024-01-03", 2),
            ("after:2024-01-10", 1),
            ("on:2024-01-04 or lamp", 2),
            ("cafe -six", 1),
            ("(cafe or lamp) -from:me", 3),
            ("is:mine", 4),
            ("person:layla from:jin", 1),
            ("nowhere", 0),
        ] {
            assert_eq!(found(&mut engine, query).len(), count, "{query}, indexed: {indexed}");
        }
    }
}

#[test]
fn the_newest_come_first_and_the_exact_ones_if_asked() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut engine = engine(Arc::new(Store::in_memory().expect("a store")));
    import(&engine, &told(dir.path(), "told.jsonl", SCRIPTS));
    follow(&engine);
    let never = AtomicBool::new(false);
    let mut texts = |best| {
        let hits = engine.search_messages(&request("café", best), &never).expect("a search");
        let texts = hits.expect("hits").messages.into_iter().map(|m| m.text);
        texts.collect::<Vec<_>>()
    };
    assert_eq!(
        texts(false),
        ["see you 👋🏽 at the café", "cafe at six", "Café crème at SIX, naïve Straße"]
    );
    assert_eq!(texts(true).last().map(String::as_str), Some("cafe at six"));
}

#[test]
fn what_is_written_as_it_was_asked_for_comes_first_with_accents_and_without() {
    const SAID: &[(&str, &str, u32, &str)] = &[
        ("Ana", "Ana", 1, "my resume is ready"),
        ("Ana", "Ana", 2, "mon résumé est là"),
        ("Ana", "Ana", 3, "le resumé, sans façon"),
        ("Ana", "Ana", 4, "resumes are boring"),
        ("Ana", "Ana", 5, "die Straße hier"),
        ("Ana", "Ana", 6, "die Strasse dort"),
    ];
    let dir = tempfile::tempdir().expect("a folder");
    let mut engine = engine(Arc::new(Store::in_memory().expect("a store")));
    import(&engine, &told(dir.path(), "told.jsonl", SAID));
    follow(&engine);
    let never = AtomicBool::new(false);
    for (asked, first, all) in [
        ("resume", "my resume is ready", 3),
        ("résumé", "mon résumé est là", 3),
        ("resumé", "le resumé, sans façon", 3),
        ("resume*", "my resume is ready", 4),
        ("résumé*", "mon résumé est là", 4),
        ("strasse", "die Strasse dort", 2),
        ("straße", "die Straße hier", 2),
        ("\"die straße\"", "die Straße hier", 2),
        ("\"die strasse\"", "die Strasse dort", 2),
    ] {
        let hits = engine.search_messages(&request(asked, true), &never).expect("a search");
        let hits = hits.expect("hits").messages;
        assert_eq!(hits.first().map(|m| m.text.as_str()), Some(first), "{asked}");
        assert_eq!(hits.len(), all, "{asked}");
        let newest = engine.search_messages(&request(asked, false), &never).expect("a search");
        assert_eq!(newest.expect("hits").messages.len(), all, "{asked}");
    }
}

#[test]
fn filters_agree_with_a_slow_look_at_everything() {
    let mut engine = demo();
    let all = Everything::of(&mut engine);
    let set = |engine: &mut Engine, query: &str| -> BTreeSet<MessageId> {
        found(engine, query).into_iter().collect()
    };
    assert_eq!(set(&mut engine, "from:me"), all.with(|m| m.mine));
    let photo = onebox::model::AttachmentKind::Photo;
    let shown = |m: &onebox::engine::StoredMessage| m.deletion == onebox::model::Deletion::None;
    assert_eq!(
        set(&mut engine, "has:photo"),
        all.with(|m| shown(m) && m.attachments.iter().any(|a| a.kind == photo))
    );
    assert_eq!(set(&mut engine, "has:reaction"), all.with(|m| shown(m) && !m.reactions.is_empty()));
    let mut kinds = BTreeMap::new();
    let mut closed = BTreeSet::new();
    for m in &all.0 {
        let row = engine.thread(m.thread).expect("a thread");
        if row.reason.is_some() {
            closed.insert(m.thread);
        }
        kinds.insert(m.thread, (row.kind, row.badge.name, row.cross.is_some()));
    }
    assert_eq!(set(&mut engine, "is:read-only"), all.with(|m| closed.contains(&m.thread)));
    assert_eq!(set(&mut engine, "-is:read-only"), all.with(|m| !closed.contains(&m.thread)));
    assert_eq!(set(&mut engine, "is:cross-app"), all.with(|m| kinds[&m.thread].2));
    assert_eq!(
        set(&mut engine, "kind:group"),
        all.with(|m| kinds[&m.thread].0 == ThreadKind::Group)
    );
    assert_eq!(set(&mut engine, "app:wa"), all.with(|m| kinds[&m.thread].1 == "WhatsApp"));
    assert!(!set(&mut engine, "app:ig is:cross-app").is_empty());
}

#[test]
fn what_a_later_export_adds_is_found() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Arc::new(Store::open(&dir.path().join("store")).expect("a store"));
    let mut engine = engine(store);
    let message = |reactions: &str| {
        format!(
            "{{\"onebox\":1}}\n{{\"record\":\"message\",\"thread\":\"Ana\",\"sender\":\"Ana\",\
             \"sent_at\":\"2024-01-01T10:00:00Z\",\"text\":\"lantern\"{reactions}}}\n"
        )
    };
    let path = dir.path().join("a.jsonl");
    std::fs::write(&path, message("")).expect("written");
    import(&engine, &path);
    follow(&engine);
    assert_eq!(found(&mut engine, "lantern has:reaction").len(), 0);
    let path = dir.path().join("b.jsonl");
    let more = ",\"reactions\":[{\"emoji\":\"❤\",\"by\":\"Ana\"}]";
    std::fs::write(&path, message(more)).expect("written");
    import(&engine, &path);
    // Before the index has followed and after.
    assert_eq!(found(&mut engine, "lantern has:reaction").len(), 1);
    assert_eq!(found(&mut engine, "lantern").len(), 1);
    follow(&engine);
    assert_eq!(found(&mut engine, "lantern has:reaction").len(), 1);
    assert_eq!(found(&mut engine, "lantern").len(), 1);
}

#[test]
fn overlapping_exports_give_each_message_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut engine = engine(Arc::new(Store::in_memory().expect("a store")));
    let days: Vec<_> =
        (1..=20).map(|d| ("Ana", if d % 2 == 0 { "Sam" } else { "Ana" }, d, "lantern")).collect();
    import(&engine, &told(dir.path(), "a.jsonl", &days[..15]));
    follow(&engine);
    let moved: Vec<_> = days[5..].iter().map(|m| ("Ana again", m.1, m.2, m.3)).collect();
    import(&engine, &told(dir.path(), "b.jsonl", &moved));
    follow(&engine);
    let all = Everything::of(&mut engine).0.len();
    assert_eq!(found(&mut engine, "lantern").len(), all);
    assert_eq!(all, 20, "the two were stitched");
}

#[test]
fn a_damaged_or_foreign_index_is_made_anew() {
    let dir = tempfile::tempdir().expect("a folder");
    let place = dir.path().join("store");
    let store = Arc::new(Store::open(&place).expect("a store"));
    let first = engine(store);
    import(&first, &told(dir.path(), "told.jsonl", SCRIPTS));
    follow(&first);
    drop(first);
    let search = place.join("search");
    let files = || -> Vec<PathBuf> {
        let all = std::fs::read_dir(&search).expect("the index");
        all.map(|e| e.expect("a file").path()).filter(|p| p.is_file()).collect()
    };
    let damages: [&dyn Fn(&Path); 3] = [
        &|p| std::fs::write(p, "not an index").expect("written"),
        &|p| std::fs::remove_file(p).expect("removed"),
        &|p| {
            let half = std::fs::read(p).expect("read");
            std::fs::write(p, &half[..half.len() / 2]).expect("written");
        },
    ];
    for (n, damage) in damages.iter().enumerate() {
        for file in files() {
            damage(&file);
        }
        let mut again = engine(Arc::new(Store::open(&place).expect("a store")));
        follow(&again);
        assert_eq!(found(&mut again, "cafe").len(), 3, "damage {n}");
    }
    // The index of another store: the same place, another inbox.
    let other = dir.path().join("other");
    let second = engine(Arc::new(Store::open(&other).expect("a store")));
    import(&second, &told(dir.path(), "b.jsonl", &SCRIPTS[..1]));
    follow(&second);
    drop(second);
    std::fs::remove_dir_all(&search).expect("removed");
    std::fs::rename(other.join("search"), &search).expect("moved");
    let mut again = engine(Arc::new(Store::open(&place).expect("a store")));
    follow(&again);
    assert_eq!(found(&mut again, "cafe").len(), 3);
}

#[test]
fn a_search_that_nobody_waits_for_is_given_up() {
    let mut engine = demo();
    let given_up = AtomicBool::new(true);
    // So few messages are through before anybody looks: it may answer, but it must not hang.
    engine.search_messages(&request("e*", false), &given_up).expect("no error");
}

#[test]
fn the_corpus_is_found() {
    let Some(corpus) = std::env::var_os("ONEBOX_CORPUS") else {
        eprintln!("ONEBOX_CORPUS is not set: the corpus is not searched");
        return;
    };
    let mut engine = engine(Arc::new(Store::in_memory().expect("a store")));
    import(&engine, Path::new(&corpus));
    follow(&engine);
    assert!(recall(&mut engine) > 200);
}

/// Moments drawn from a seed: the same ones every time, as far as a machine can.
struct Moments(u64);

impl Moments {
    fn next(&mut self, most: u64) -> Duration {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        Duration::from_millis((self.0 >> 33) % most)
    }
}

/// Imports, and kills it after a while unless it is done by then.
fn import_and_kill(person: &Person, path: &Path, after: Duration) {
    let mut command = person.command(&[Path::new("import"), path]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the program starts");
    let end = Instant::now() + after;
    while Instant::now() < end && child.try_wait().expect("a child").is_none() {
        std::thread::park_timeout(Duration::from_millis(1));
    }
    child.kill().expect("killed");
    child.wait().expect("over");
}

/// What the program finds is what a look at every stored text finds.
fn finds_all_that_is_stored(person: &Person, when: &str) -> usize {
    // A search also makes the store, where the program was killed too early for that.
    let found = |query: &str| {
        let lines = person.lines(&["search", query, "--limit", "100000", "--json"]);
        let texts = lines.iter().filter_map(|l| l["text"].as_str());
        let mut texts: Vec<String> = texts.map(str::to_owned).collect();
        texts.sort();
        texts
    };
    let asked = [
        ("number", Pattern::new("number", false)),
        ("lantern", Pattern::new("lantern", false)),
        ("lant*", Pattern::new("lant", true)),
        ("\"number 7\"*", Pattern::new("number 7", true)),
        ("灯笼", Pattern::new("灯笼", false)),
    ];
    let answers = asked.map(|(query, pattern)| (query, pattern.expect("words"), found(query)));
    let db = rusqlite::Connection::open(person.store().join("onebox.db")).expect("the store");
    let mut q = db.prepare("SELECT text FROM message ORDER BY text").expect("SQL");
    let stored = q.query_map([], |r| r.get(0)).expect("messages");
    let stored: Vec<String> = stored.collect::<Result<_, _>>().expect("texts");
    for (query, pattern, texts) in answers {
        let has = |t: &&String| pattern.occurs(&tokens::tokens(t));
        let expected: Vec<&String> = stored.iter().filter(has).collect();
        assert_eq!(texts.len(), expected.len(), "{query}, {when}");
        assert!(texts.iter().eq(expected), "{query}, {when}");
    }
    stored.len()
}

fn numbered(range: std::ops::Range<u32>) -> String {
    let mut text = "{\"onebox\":1}\n".to_owned();
    for n in range {
        let (day, hour, minute) = (n / 1440 + 1, n / 60 % 24, n % 60);
        let odd = if n % 100 < 3 { " lantern 红灯笼" } else { "" };
        writeln!(
            text,
            "{{\"record\":\"message\",\"thread\":\"t{}\",\"sender\":\"Ana\",\"sent_at\":\
             \"2024-01-{day:02}T{hour:02}:{minute:02}:00Z\",\"text\":\"number {n}{odd}\"}}",
            n % 7
        )
        .expect("a string takes all");
    }
    text
}

/// Killed while importing or indexing, at many moments: afterwards everything is found.
#[test]
fn killed_at_any_moment_nothing_is_lost_to_a_search() {
    let person = Person::new();
    let path = person.file("many.jsonl", &numbered(0..5_000));
    let mut moments = Moments(7);
    for most in [40, 100, 180, 300, 450] {
        let after = moments.next(most);
        import_and_kill(&person, &path, after);
        finds_all_that_is_stored(&person, &format!("killed after {after:?}"));
    }
    person.run(&["import", &path.to_string_lossy()]).ok();
    assert_eq!(finds_all_that_is_stored(&person, "at the end"), 5_000);
}

/// The same where a few messages at a time come to a store that is indexed, and change: every kill
/// may hit the storing, the committing of the index, or the crossing off of what has changed.
#[test]
fn killed_between_one_message_and_the_next_nothing_is_lost_to_a_search() {
    let person = Person::new();
    let mut moments = Moments(11);
    person.import(&person.file("first.jsonl", &numbered(0..500)));
    for round in 0..24 {
        let mut text = numbered(500 + round..501 + round);
        // A reaction to a message that the index knows makes it one that has changed.
        writeln!(
            text,
            "{{\"record\":\"message\",\"thread\":\"t{}\",\"sender\":\"Ana\",\"sent_at\":\
             \"2024-01-01T00:{round:02}:00Z\",\"text\":\"number {round}{}\",\
             \"reactions\":[{{\"emoji\":\"❤\",\"by\":\"Ana\"}}]}}",
            round % 7,
            if round < 3 { " lantern 红灯笼" } else { "" }
        )
        .expect("a string takes all");
        let path = person.file(&format!("{round}.jsonl"), &text);
        import_and_kill(&person, &path, moments.next(90));
        if round % 6 == 5 {
            finds_all_that_is_stored(&person, &format!("round {round}"));
        }
    }
    let all = (0..24).map(|n| person.home().join(format!("{n}.jsonl")));
    let args: Vec<PathBuf> = std::iter::once(PathBuf::from("import")).chain(all).collect();
    person.run(&args).ok();
    assert_eq!(finds_all_that_is_stored(&person, "at the end"), 524);
    let reacted = person.lines(&["search", "has:reaction", "--limit", "1000", "--json"]);
    assert_eq!(reacted.len() - 1, 24);
}

#[test]
fn unread_are_as_many_of_the_newest_as_the_thread_says_and_reactions_bear_names() {
    let person = Person::new();
    let mut text = "{\"onebox\":1}\n{\"record\":\"account\",\"source\":\"messenger\",\
                    \"key\":\"sam\",\"name\":\"Sam\",\"me_names\":[\"Sam\"]}\n\
                    {\"record\":\"thread\",\"thread\":\"t\",\"title\":\"Ana\",\"unread\":2}\n\
                    {\"record\":\"participant\",\"thread\":\"t\",\"key\":\"a@x\",\"name\":\"Ana\"}\n"
        .to_owned();
    for (n, sender) in ["a@x", "a@x", "Sam", "a@x", "Sam"].iter().enumerate() {
        let line = serde_json::json!({"record": "message", "thread": "t", "sender": sender,
            "sent_at": format!("2024-01-0{}T10:00:00Z", n + 1), "text": format!("said {n}"),
            "reactions": [{"emoji": "🎉", "by": "a@x"}]});
        writeln!(text, "{line}").expect("a string takes all");
    }
    person.import(&person.file("told.jsonl", &text));
    let said: Vec<_> = person
        .lines(&["search", "is:unread", "--json"])
        .iter()
        .filter_map(|l| Some(l["text"].as_str()?.to_owned()))
        .collect();
    assert_eq!(said, ["said 3", "said 1"]);
    let said = person.run(&["search", "said", "--limit", "1"]).ok();
    assert!(said.contains("🎉 Ana") && !said.contains("a@x"), "{said}");
}

#[test]
fn the_command_line_says_what_was_searched() {
    let person = Person::new();
    let path = told(person.home(), "told.jsonl", SCRIPTS);
    assert_eq!(person.import(&path)["messages_added"], SCRIPTS.len());
    let lines = person.lines(&["search", "cafe", "--limit", "2", "--json"]);
    let [first, second, last] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!(
        (&first["text"], &second["text"]),
        (&"see you 👋🏽 at the café".into(), &"cafe at six".into(),)
    );
    let text = first["text"].as_str().expect("text");
    let mark = &first["highlights"][0];
    let place = |i: usize| mark[i].as_u64().and_then(|n| usize::try_from(n).ok()).expect("a place");
    assert_eq!(&text[place(0)..place(1)], "café");
    let coverage = &last["coverage"];
    assert_eq!((&coverage["found"], &coverage["messages"]), (&3.into(), &11.into()));
    assert_eq!(coverage["sources"][0]["source"], "messenger");
    let said = person.run(&["search", "submarine"]).ok();
    assert!(said.starts_with("No message found.\nSearched 11 messages in 2 threads"), "{said}");
    let said = person.run(&["search", "lamp", "before:yestreday"]).failed(2);
    assert_eq!(said, "before: needs a date, got 'yestreday'; did you mean yesterday?");
    // No hits are no proof where nobody bears the name that was asked for.
    for (asked, why) in [
        ("from:nobdy", "Nobody who writes here is called \"nobdy\"."),
        ("person:nobdy lamp", "Nobody is called \"nobdy\"."),
        ("in:nowhere", "No thread is called \"nowhere\"."),
        ("app:mesenger", "No app here is called \"mesenger\"; did you mean messenger?"),
        ("app:foo", "No app here is called \"foo\"; there are messenger."),
    ] {
        let said = person.run(&["search", asked]).ok();
        let lines: Vec<&str> = said.lines().take(2).collect();
        assert_eq!(lines, ["No message found.", why], "{asked}");
    }
    // What was not indexed on import is when it is looked for.
    let later = [("Ana", "Ana", 20, "a lantern")];
    let path = told(person.home(), "later.jsonl", &later);
    person.run(&["import", path.to_str().expect("a plain path"), "--no-index"]).ok();
    assert_eq!(person.lines(&["search", "lantern", "--json"]).len(), 2);
}

/// Lines that turn out to be known at the end of an import go again, and their numbers are given to
/// others: those are found, and the former ones are not.
#[test]
fn a_number_that_is_given_again_is_found_by_its_new_words() {
    use onebox::model::{
        AccountRecord, Clock, MessageRecord, Moment, ParticipantRecord, Record, SourceId,
        ThreadRecord, Timestamp,
    };
    let store = Arc::new(Store::in_memory().expect("a store"));
    let mut engine = engine(Arc::clone(&store));
    let tell = |engine: &Engine, who: &str, said: &[(i64, &str)], looked_at: bool| {
        let mut writer = store.writer().expect("a writer");
        let mut import = writer.import("test", Timestamp(1_800_000_000_000)).expect("an import");
        let mut thread = ThreadRecord::new("crew", "test");
        thread.kind = Some(ThreadKind::Group);
        let person = ParticipantRecord::new(&"crew".into(), who, who.to_owned());
        let account = AccountRecord {
            source: SourceId::known("whatsapp"),
            key: String::new(),
            name: String::new(),
            me_names: Vec::new(),
            known_by: "test".into(),
        };
        let mut records = vec![Record::Account(account), Record::Thread(Box::new(thread))];
        records.push(Record::Participant(person));
        for (minute, text) in said {
            let clock = Clock::WallMinute(*minute);
            let sent = Moment { clock, ..Moment::exact(Timestamp(minute * 60_000)) };
            let m = MessageRecord::text("crew".into(), Some(who.into()), sent, *text);
            records.push(Record::Message(Box::new(m)));
        }
        for record in records {
            import.take(record).expect("taken");
        }
        import.commit().expect("a commit");
        if looked_at {
            follow(engine);
        }
        import.finish("{}").expect("an end");
        drop(writer);
        follow(engine);
    };
    let chat = [
        (28_000_000, "apples"),
        (28_000_001, "pears"),
        (28_000_002, "plums"),
        (28_000_003, "figs"),
    ];
    tell(&engine, "Bob", &chat, false);
    // The same under another name: new lines until the end of the import, when it shows.
    tell(&engine, "Bob Smith", &chat, true);
    assert_eq!(found(&mut engine, "plums").len(), 1, "once");
    tell(&engine, "Bob Smith", &[chat[3], (28_000_004, "zebras"), (28_000_005, "okapis")], false);
    assert_eq!(found(&mut engine, "zebras").len(), 1);
    assert_eq!(found(&mut engine, "okapis").len(), 1);
    assert_eq!(found(&mut engine, "apples").len(), 1);
}
