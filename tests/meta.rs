//! Messenger and Instagram exports from disk: this project's samples, and the corpus.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use onebox::model::*;
use onebox::sources::{CATALOG, FileTree, Found, ReadOptions, Sink, Stop};

/// Keeps everything.
#[derive(Default)]
struct Kept(Vec<Record>, Vec<Oddity>);

impl Sink for Kept {
    fn take(&mut self, record: Record) -> Result<(), Stop> {
        self.0.push(record);
        Ok(())
    }
    fn odd(&mut self, oddity: Oddity) -> Result<(), Stop> {
        self.1.push(oddity);
        Ok(())
    }
    fn remark(&mut self, _: String) -> Result<(), Stop> {
        Ok(())
    }
    fn advance(&mut self, _: u64) -> Result<(), Stop> {
        Ok(())
    }
}

impl Kept {
    fn account(&self) -> &AccountRecord {
        match &self.0[0] {
            Record::Account(a) => a,
            other => panic!("an account comes first, not {other:?}"),
        }
    }
    fn messages(&self) -> Vec<&MessageRecord> {
        fn of(record: &Record) -> Option<&MessageRecord> {
            if let Record::Message(m) = record { Some(m) } else { None }
        }
        self.0.iter().filter_map(of).collect()
    }
    /// Texts of a thread in the order of time.
    fn texts(&self, key: &str) -> Vec<&str> {
        let mut all: Vec<_> = self.messages().into_iter().filter(|m| &*m.thread == key).collect();
        all.sort_by_key(|m| (m.sent.at, m.order));
        all.into_iter().map(|m| m.text.as_str()).collect()
    }
    /// The last word on every thread.
    fn threads(&self) -> BTreeMap<String, &ThreadRecord> {
        fn of(record: &Record) -> Option<(String, &ThreadRecord)> {
            if let Record::Thread(t) = record { Some((t.key.to_string(), t)) } else { None }
        }
        self.0.iter().filter_map(of).collect()
    }
}

fn import(source: &str, tree: &FileTree) -> Kept {
    let source = CATALOG.iter().find(|s| s.id == source).expect("a source");
    let mut kept = Kept::default();
    (source.read)(tree, &ReadOptions::default(), &mut kept).expect("readable");
    kept
}

fn claims(tree: &FileTree) -> Vec<(&'static str, Found)> {
    let all = CATALOG.iter();
    all.flat_map(|s| (s.recognise)(tree).into_iter().map(|f| (s.id, f))).collect()
}

fn walk(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { walk(&path, out) } else { out.push(path) }
    }
}

fn folder(dir: &Path) -> FileTree {
    let mut files = Vec::new();
    walk(dir, &mut files);
    FileTree::memory(files.into_iter().map(|p| {
        let name = p.strip_prefix(dir).expect("below").to_string_lossy().replace('\\', "/");
        (name, std::fs::read(&p).expect("readable"))
    }))
}

/// (messages, threads, oddities, me) of a folder.
fn counts(source: &str, dir: &Path) -> (usize, usize, usize, String) {
    let tree = folder(dir);
    let claims = claims(&tree);
    assert_eq!(claims.iter().map(|c| c.0).collect::<Vec<_>>(), [source], "{}", dir.display());
    let kept = import(source, &tree);
    (kept.messages().len(), kept.threads().len(), kept.1.len(), kept.account().name.clone())
}

/// Public samples of other projects, outside of this one; counted by eye.
#[test]
fn the_corpus() {
    let Some(corpus) = std::env::var_os("ONEBOX_CORPUS").map(PathBuf::from) else { return };
    let msgvault = corpus.join("messenger/kenn-io__msgvault/internal/fbmessenger/testdata");
    for (dir, messages, threads, oddities, me) in [
        ("json_nontext", 6, 1, 0, "Test User"),
        ("corrupt", 1, 1, 1, "Test User"),
        // The thread stands there in both forms: one conversation for the store.
        ("mixed", 4, 2, 0, "Test User"),
        ("json_with_media", 1, 1, 0, "Test User"),
        ("json_with_media_alt", 1, 1, 0, "Test User"),
        ("e2ee_simple", 6, 2, 0, "Test User"),
        ("json_multifile", 4, 1, 0, "Test User"),
        ("json_group", 3, 1, 0, ""),
        ("json_simple", 4, 2, 0, "Test User"),
        ("html_simple", 3, 1, 0, "Test User"),
        ("html_with_media", 1, 1, 0, "Test User"),
        ("html_multi_media", 3, 1, 0, "Test User"),
    ] {
        let told = counts("messenger", &msgvault.join(dir));
        assert_eq!(told, (messages, threads, oddities, me.to_owned()), "{dir}");
    }
    let spring = corpus.join("messenger/kaustubhhiware__facebook-archive/examples");
    assert_eq!(counts("messenger", &spring), (2, 1, 0, "Farhaan Bukhsh".to_owned()));
    let lone = corpus.join("instagram/joweich__chat-miner/test/instagram");
    assert_eq!(counts("instagram", &lone), (2, 1, 0, String::new()));

    let simple = import("messenger", &folder(&msgvault.join("json_simple")));
    assert_eq!(simple.texts("alice_ABC123"), ["Hello", "café time?", "See you soon"]);
    assert!(simple.threads()["zoe_ARCH"].archived);
    let parts = import("messenger", &folder(&msgvault.join("json_multifile")));
    assert_eq!(parts.texts("dave_MULTI").len(), 4);
    let e2ee = import("messenger", &folder(&msgvault.join("e2ee_simple")));
    assert_eq!(e2ee.texts("e2ee/Alice Example"), ["Hello", "café time?", "See you soon", "oops"]);
    let group = &e2ee.threads()["e2ee/Weekend crew"].kind;
    assert_eq!(*group, Some(ThreadKind::Group));
}

/// The same conversation goes from plain to encrypted and from app to app; the marks are told.
#[test]
fn our_samples_in_detail() {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples");
    let plain = import("messenger", &folder(&assets.join("messenger/download")));
    assert_eq!(
        plain.texts("1157564424322632")[..4],
        ["hej! 👋🏽", "hej! 👋🏽", "see you at six? ☕", "yes! café on the corner"]
    );
    assert_eq!(plain.account().me_names, ["Zoë Lindqvist", "Zoë Berg"]);
    let threads = plain.threads();
    assert_eq!(threads["4410029911777"].folder.as_deref(), Some("cutover"));
    assert_eq!(threads["2884411900231"].membership, Membership::Gone);
    assert_eq!(threads["7319204418850021"].title.as_deref(), Some("Climbing crew 🧗"));

    let encrypted = import("messenger", &folder(&assets.join("messenger/encrypted")));
    assert_eq!(encrypted.threads()["e2ee/Jonas Weber"].stitch, Stitch::Continuation);

    let instagram = import("instagram", &folder(&assets.join("instagram/download")));
    assert_eq!(instagram.account().me_names, ["Zoë Lindqvist", "zoe.lq"]);
    let threads = instagram.threads();
    let closed = threads["17842300011223344"];
    assert!(closed.read_only.is_some() && closed.cross_app.is_some());
    let noticed = threads["17842300055667788"].cross_app.as_ref().expect("a mark");
    assert_eq!(noticed.evidence.kind, EvidenceKind::Notice);
    assert!(threads["17842300099001122"].cross_app.is_none());
}

/// The samples of this project: recognised by their own reader and by no other.
#[test]
fn our_samples() {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples");
    for (source, case, messages, threads, me) in SAMPLES {
        let told = counts(source, &assets.join(source).join(case));
        assert_eq!(told, (*messages, *threads, 0, (*me).to_owned()), "{source}/{case}");
    }
}

const SAMPLES: &[(&str, &str, usize, usize, &str)] = &[
    ("messenger", "download", 19, 6, "Zoë Lindqvist"),
    ("messenger", "encrypted", 6, 2, "Zoë Lindqvist"),
    ("messenger", "spring-2018", 2, 1, "Zoë Lindqvist"),
    ("messenger", "pages-2016", 5, 2, "Zoë Lindqvist"),
    ("messenger", "pages-2020", 8, 3, "Bo Berg"),
    ("messenger", "pages-2025", 19, 6, "Zoë Lindqvist"),
    ("instagram", "download", 12, 5, "Zoë Lindqvist"),
    ("instagram", "pages", 12, 5, "Zoë Lindqvist"),
    ("instagram", "pages-2021", 2, 1, "Bo Berg"),
    ("instagram", "lone-file", 2, 1, ""),
];

/// What a message says in fields of its own is told, and of what is not known what can be read. One
/// without a time stands beside its neighbour.
#[test]
fn what_is_not_known_is_told_and_stands_where_it_belongs() {
    let file = r#"{"participants": [{"name": "Bo"}, {"name": "Ana"}], "title": "Bo", "messages": [
        {"sender_name": "Bo", "content": "no time, first"},
        {"sender_name": "Bo", "timestamp_ms": 1600000005000, "poll": {"question": "Tea?", "options": [{"option": "Yes", "voters": ["Ana", {"name": "Bo"}]}, {"option": "No", "voters": []}]}},
        {"sender_name": "Bo", "content": "no time"},
        {"sender_name": "Bo", "timestamp_ms": 1600000004000, "payment_info": {"amount": 5.5, "currency": "EUR", "note": "for pizza"}},
        {"sender_name": "Bo", "timestamp_ms": 1600000003000, "new_thing": {"deep": [{"title": "surprise words"}], "n": 4}, "other": "x"},
        {"sender_name": "Bo", "timestamp_ms": 1600000002000, "new_mark": true, "is_geoblocked_for_viewer": false, "ip": "10.0.0.1"},
        {"sender_name": "Bo", "timestamp_ms": 1600000001000, "content": "hello", "note_reply": "not missed"}]}"#;
    let tree = FileTree::memory([(
        "messages/inbox/bo_1/message_1.json".to_owned(),
        file.as_bytes().to_vec(),
    )]);
    let kept = import("messenger", &tree);
    let told: Vec<(i64, &str)> =
        kept.messages().iter().map(|m| (m.sent.at.0 / 1000, m.text.as_str())).collect();
    assert_eq!(
        told,
        [
            (1_600_000_005, "no time, first"),
            (1_600_000_005, "Tea?\nYes (2 votes)\nNo"),
            (1_600_000_005, "no time"),
            (1_600_000_004, "Payment of 5.5 EUR\nfor pizza"),
            (1_600_000_003, "A message of a kind that onebox does not know: surprise words"),
            (1_600_000_002, ""),
            (1_600_000_001, "hello"),
        ]
    );
    assert_eq!(kept.messages()[1].kind, MessageKind::Poll);
    let odd: Vec<&str> = kept.1.iter().map(|o| o.why.as_str()).collect();
    let beside = "it has no time; it stands beside its neighbour";
    assert_eq!(odd, [beside, beside, "onebox does not know what “new_thing” is"]);
}
