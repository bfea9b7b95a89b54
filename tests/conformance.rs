//! What every source owes, asked of the whole catalog: it knows its own samples and nobody else's,
//! survives torn and flipped copies of them, and lets no attachment climb out of its folder.
//!
//! A source's samples lie in `assets/samples/<id>/<case>/`.

use std::path::{Path, PathBuf};

use onebox::model::{MediaPlace, Oddity, Record};
use onebox::sources::interchange::Writer;
use onebox::sources::{
    CATALOG, Confidence, FileTree, Found, ReadError, ReadOptions, Sink, Source, Stop, Zone,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// More than any sample holds; a reader that goes on after this is caught in a loop.
const TOO_MANY: usize = 200_000;

#[derive(Default)]
struct Kept {
    records: Vec<Record>,
    oddities: Vec<Oddity>,
}

impl Kept {
    fn room(&self) -> Result<(), Stop> {
        assert!(self.records.len() + self.oddities.len() < TOO_MANY, "a reader that never ends");
        Ok(())
    }

    fn messages(&self) -> usize {
        self.records.iter().filter(|r| matches!(r, Record::Message(_))).count()
    }
}

impl Sink for Kept {
    fn take(&mut self, record: Record) -> Result<(), Stop> {
        self.records.push(record);
        self.room()
    }
    fn odd(&mut self, oddity: Oddity) -> Result<(), Stop> {
        self.oddities.push(oddity);
        self.room()
    }
    fn remark(&mut self, _: String) -> Result<(), Stop> {
        self.room()
    }
    fn advance(&mut self, _: u64) -> Result<(), Stop> {
        self.room()
    }
}

struct Sample {
    source: &'static Source,
    case: String,
    trees: Vec<FileTree>,
}

fn folders(at: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(at)
        .into_iter()
        .flatten()
        .map(|e| e.expect("a readable folder").path())
        .filter(|p| p.is_dir())
        .collect();
    found.sort();
    found
}

fn samples() -> Vec<Sample> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples");
    let mut all = Vec::new();
    for source in CATALOG {
        for case in folders(&root.join(source.id)) {
            let trees = FileTree::open(&case).expect("a sample that opens");
            all.push(Sample { source, case: case.display().to_string(), trees });
        }
    }
    all
}

fn options() -> ReadOptions {
    ReadOptions { zone: Zone::Named(chrono_tz::Tz::Europe__Berlin), ..ReadOptions::default() }
}

fn read(source: &Source, tree: &FileTree, found: &Found) -> (Kept, Result<(), ReadError>) {
    let mut kept = Kept::default();
    let result = (source.read)(&tree.below(&found.root), &options(), &mut kept);
    (kept, result)
}

fn surest(source: &Source, trees: &[FileTree]) -> Option<(FileTree, Found)> {
    trees
        .iter()
        .flat_map(|t| (source.recognise)(t).into_iter().map(move |f| (t.clone(), f)))
        .max_by_key(|(_, found)| found.confidence)
}

/// Everything in the sample that this source finds, read.
fn read_all(source: &Source, trees: &[FileTree]) -> Vec<(Kept, Result<(), ReadError>)> {
    trees
        .iter()
        .flat_map(|t| (source.recognise)(t).into_iter().map(move |f| (t, f)))
        .map(|(tree, found)| read(source, tree, &found))
        .collect()
}

fn assert_no_climbing(records: &[Record], case: &str) {
    for record in records {
        let Record::Message(message) = record else { continue };
        for attachment in &message.attachments {
            let MediaPlace::Export { path, .. } = &attachment.place else { continue };
            let drive = path.as_bytes().get(1) == Some(&b':');
            let climbs = path.split(['/', '\\']).any(|part| part == "..");
            assert!(!path.starts_with(['/', '\\']) && !drive && !climbs, "{case}: {path}");
        }
    }
}

#[test]
fn every_source_has_samples() {
    let all = samples();
    for source in CATALOG {
        let has = all.iter().any(|s| s.source.id == source.id);
        assert!(has, "put a sample of {} into assets/samples/{0}/<case>/", source.id);
    }
}

#[test]
fn a_source_knows_its_own_samples_and_nobody_elses() {
    for sample in samples() {
        let own = surest(sample.source, &sample.trees);
        assert!(own.is_some(), "{} does not recognise {}", sample.source.id, sample.case);
        for other in CATALOG.iter().filter(|o| o.id != sample.source.id) {
            let claim = surest(other, &sample.trees).map(|(_, f)| f.confidence);
            assert!(claim < Some(Confidence::Sure), "{} claims {}", other.id, sample.case);
        }
    }
}

#[test]
fn a_sample_gives_an_account_and_messages() {
    for sample in samples() {
        let read = read_all(sample.source, &sample.trees);
        for (kept, result) in &read {
            assert!(result.is_ok(), "{}: {result:?}", sample.case);
            let first = kept.records.iter().position(|r| matches!(r, Record::Account(_)));
            assert_eq!(first, Some(0), "{}: an account comes before all else", sample.case);
            assert_no_climbing(&kept.records, &sample.case);
        }
        let messages: usize = read.iter().map(|(kept, _)| kept.messages()).sum();
        assert!(messages > 0, "{}: no message", sample.case);
    }
}

#[test]
fn reading_twice_gives_the_same() {
    for sample in samples() {
        let records = |(kept, _): (Kept, _)| kept.records;
        let once: Vec<_> =
            read_all(sample.source, &sample.trees).into_iter().map(records).collect();
        let again: Vec<_> =
            read_all(sample.source, &sample.trees).into_iter().map(records).collect();
        assert!(once == again, "{}", sample.case);
    }
}

/// Whatever a source tells can be carried by the interchange format, and comes back as it was.
/// Reading may add threads and participants that were named before they were told.
#[test]
fn records_survive_the_interchange_format() {
    let carrier = CATALOG.iter().find(|s| s.id == "onebox").expect("the interchange format");
    for sample in samples() {
        for (mut kept, _) in read_all(sample.source, &sample.trees) {
            // What an older onebox read is nothing that a message says, nor how its dates were read.
            for record in &mut kept.records {
                match record {
                    Record::Message(m) => m.formerly = None,
                    Record::Thread(t) => t.dates = None,
                    _ => {}
                }
            }
            let mut writer = Writer::new(Vec::new()).expect("a line");
            for record in &kept.records {
                writer.record(record).expect("a line");
            }
            let bytes = writer.finish().expect("all lines");
            let tree = FileTree::memory([("export.jsonl".to_owned(), bytes)]);
            let (_, found) = surest(carrier, std::slice::from_ref(&tree)).expect("recognised");
            let (back, result) = read(carrier, &tree, &found);
            assert!(result.is_ok() && back.oddities.is_empty(), "{}: {result:?}", sample.case);
            let mut told = kept.records.iter().peekable();
            for record in &back.records {
                if told.next_if(|t| *t == record).is_none() {
                    let implied = matches!(record, Record::Thread(_) | Record::Participant(_));
                    assert!(implied, "{}: {record:?}", sample.case);
                }
            }
            assert_eq!(told.next(), None, "{}", sample.case);
        }
    }
}

/// Stops at the n-th record, as a cancelled import does.
struct Impatient(usize);

impl Sink for Impatient {
    fn take(&mut self, _: Record) -> Result<(), Stop> {
        self.0 = self.0.checked_sub(1).ok_or(Stop)?;
        Ok(())
    }
    fn odd(&mut self, _: Oddity) -> Result<(), Stop> {
        Ok(())
    }
    fn remark(&mut self, _: String) -> Result<(), Stop> {
        Ok(())
    }
    fn advance(&mut self, _: u64) -> Result<(), Stop> {
        Ok(())
    }
}

#[test]
fn a_sink_that_says_stop_is_obeyed() {
    for sample in samples() {
        let Some((tree, found)) = surest(sample.source, &sample.trees) else { continue };
        let tree = tree.below(&found.root);
        let total = read(sample.source, &tree.below(""), &Found { root: String::new(), ..found });
        for n in 0..total.0.records.len().min(8) {
            let result = (sample.source.read)(&tree, &options(), &mut Impatient(n));
            assert!(
                matches!(result, Err(ReadError::Stopped)),
                "{}: stopped at record {n}, yet {result:?}",
                sample.case
            );
        }
    }
}

/// (export, its source, messages): the demo is read by the same readers as everything else.
const DEMO: &[(&str, &str, usize)] = &[
    ("WhatsApp Chat - Flat 4B 🏠", "whatsapp", 40),
    ("WhatsApp Chat - Maya Okafor", "whatsapp", 31),
    ("WhatsApp Chat with Jonas Weber", "whatsapp", 26),
    ("WhatsApp Chat with Salsa Tuesdays", "whatsapp", 29),
    ("facebook-sam", "messenger", 152),
    ("instagram-sam.rivera", "instagram", 73),
    ("messages", "messenger", 25),
];

#[test]
fn the_demo_is_read_to_its_last_message() {
    let trees = onebox::engine::demo::demo_trees();
    let names: Vec<&str> = trees.iter().map(FileTree::name).collect();
    assert_eq!(names, DEMO.iter().map(|(name, ..)| *name).collect::<Vec<_>>());
    for (tree, (name, id, messages)) in trees.iter().zip(DEMO) {
        for source in CATALOG {
            let claim = surest(source, std::slice::from_ref(tree));
            if source.id != *id {
                assert!(claim.is_none_or(|(_, f)| f.confidence < Confidence::Sure), "{name}");
                continue;
            }
            let (tree, found) = claim.expect("its own source knows it");
            assert_eq!(found.confidence, Confidence::Sure, "{name}");
            let (kept, result) = read(source, &tree, &found);
            assert!(result.is_ok(), "{name}: {result:?}");
            assert_eq!(kept.oddities, [], "{name}");
            assert_eq!(kept.messages(), *messages, "{name}");
        }
    }
}

/// What happens to a copy of a sample.
#[derive(Clone, Debug)]
enum Harm {
    Cut(prop::sample::Index),
    Flip(Vec<(prop::sample::Index, u8)>),
    Splice(prop::sample::Index, Vec<u8>),
}

fn harm() -> impl Strategy<Value = Harm> {
    let index = any::<prop::sample::Index>;
    let nasty = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..20),
        Just(b"\\ud800".to_vec()),
        Just(b"\"../../../etc/passwd\"".to_vec()),
        Just(b"-9223372036854775808".to_vec()),
        Just(b"99999999999999999999999999".to_vec()),
        Just(b"null".to_vec()),
        Just(b"[[[[[[[[[[[[[[[[[[[[".to_vec()),
        Just(vec![0xEF, 0xBB, 0xBF]),
        Just(vec![b'\n'; 9]),
    ];
    prop_oneof![
        index().prop_map(Harm::Cut),
        prop::collection::vec((index(), any::<u8>()), 1..9).prop_map(Harm::Flip),
        (index(), nasty).prop_map(|(at, what)| Harm::Splice(at, what)),
    ]
}

impl Harm {
    fn done_to(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        if bytes.is_empty() {
            return bytes;
        }
        match self {
            Self::Cut(at) => bytes.truncate(at.index(bytes.len())),
            Self::Flip(flips) => {
                for (at, mask) in flips {
                    let at = at.index(bytes.len());
                    bytes[at] ^= mask;
                }
            }
            Self::Splice(at, what) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, what.iter().copied());
            }
        }
        bytes
    }
}

/// The sample in memory, with one of its files harmed.
fn harmed(tree: &FileTree, which: prop::sample::Index, harm: &Harm) -> FileTree {
    let victim = which.index(tree.entries().len());
    let files: Vec<(String, Vec<u8>)> = tree
        .entries()
        .iter()
        .enumerate()
        .map(|(i, entry)| {
            let bytes = tree.read(entry, 64 << 20).expect("a sample that can be read");
            let bytes = if i == victim { harm.done_to(bytes) } else { bytes };
            (entry.path.clone(), bytes)
        })
        .collect();
    FileTree::memory(files).with_name(tree.name())
}

/// Reading a harmed copy ends, without a panic; whatever comes of it stays inside. The recognised
/// root of the whole sample is used, too: a file may go bad after it was looked at.
#[test]
fn harmed_copies_are_survived() {
    for sample in samples() {
        let Some((tree, found)) = surest(sample.source, &sample.trees) else { continue };
        let mut runner =
            TestRunner::new(Config { cases: 48, failure_persistence: None, ..Config::default() });
        let harms = (any::<prop::sample::Index>(), harm());
        let result = runner.run(&harms, |(which, harm)| {
            let tree = harmed(&tree, which, &harm);
            let (kept, _) = read(sample.source, &tree, &found);
            assert_no_climbing(&kept.records, &sample.case);
            for source in CATALOG {
                for (kept, _) in read_all(source, std::slice::from_ref(&tree)) {
                    assert_no_climbing(&kept.records, &sample.case);
                }
            }
            Ok(())
        });
        if let Err(why) = result {
            panic!("{}: {why}", sample.case);
        }
    }
}

/// Nothing in an empty tree, or in one of other people's files, is anybody's for sure.
#[test]
fn nobody_claims_what_is_no_export() {
    let trees = [
        FileTree::default(),
        FileTree::memory([
            ("notes.txt".to_owned(), b"milk\neggs\n2024-01-01: call home\n".to_vec()),
            ("package.json".to_owned(), b"{\"name\":\"x\",\"messages\":[]}".to_vec()),
            ("empty.json".to_owned(), Vec::new()),
            ("photo.jpg".to_owned(), vec![0xFF; 64]),
        ]),
    ];
    for source in CATALOG {
        for tree in &trees {
            let sure = (source.recognise)(tree)
                .into_iter()
                .find(|found| found.confidence == Confidence::Sure);
            assert_eq!(sure, None, "{}", source.id);
        }
    }
}
