//! Files read as an export, by the readers of some sources, and what they owe whatever comes.

use chrono_tz::Tz;
use onebox::model::Record;
use onebox::sources::interchange::Writer;
use onebox::sources::{CATALOG, DateOrder, FileTree, Found, ReadError, ReadOptions, Source, Zone};

use crate::memory;
use crate::sink::{Impatient, Kept};

/// What a reader may hold for its own, whatever comes: buffers, tables of words, SQLite's pages.
const ROOM: usize = 12 << 20;
/// And of each byte of its input, the copies that this crate holds included.
const TIMES: usize = 100;

/// Sources of the catalog by their ids.
pub fn sources(ids: &[&str]) -> impl Iterator<Item = &'static Source> {
    CATALOG.iter().filter(move |s| ids.contains(&s.id))
}

fn options(byte: u8) -> ReadOptions {
    let order = [None, Some(DateOrder::Dmy), Some(DateOrder::Mdy), Some(DateOrder::Ymd)];
    ReadOptions {
        zone: Zone::Named(Tz::Europe__Berlin),
        date_order: order[usize::from(byte & 3)],
        me: (byte & 4 != 0).then(|| "Sam".to_owned()),
        known_me: if byte & 8 != 0 { vec!["Sam Rivera".to_owned()] } else { Vec::new() },
        ..ReadOptions::default()
    }
}

/// Reads a tree with each of some sources: what it finds there and, if a bit says so, the whole tree
/// unasked, since a file may go bad after it was looked at.
pub fn read(tree: &FileTree, ids: &[&str], byte: u8, bytes: &[u8]) {
    let lot = lot(bytes);
    let options = options(byte);
    for source in sources(ids) {
        let mut found = (source.recognise)(tree);
        assert!(found.len() <= tree.entries().len() + 1, "{}: {} exports", source.id, found.len());
        if byte & 16 != 0 && found.iter().all(|f| !f.root.is_empty()) {
            found.push(Found::sure("", "unasked"));
        }
        for found in found {
            let below = tree.below(&found.root);
            holds(source, &below, &options, lot);
        }
    }
}

/// Reads a tree with one source, several times over if its lot says so.
fn holds(source: &Source, tree: &FileTree, options: &ReadOptions, lot: u64) {
    let size = usize::try_from(tree.total_bytes()).unwrap_or(usize::MAX);
    let most = 1_000 + size.saturating_mul(4);
    let once = || {
        let mut kept = Kept::at_most(most);
        let result = (source.read)(tree, options, &mut kept);
        (kept, result)
    };
    let bound = ROOM + size.saturating_mul(TIMES);
    let (kept, result) = memory::within(bound, source.id, once);
    assert!(!matches!(result, Err(ReadError::Stopped)), "{}: nobody said stop", source.id);
    if *memory::TELL {
        eprintln!("{}: {result:?}\n{kept:#?}", source.id);
    }
    kept.assert_inside();
    let account = kept.records.iter().position(|r| matches!(r, Record::Account(_)));
    assert!(kept.records.is_empty() || account == Some(0), "{}: an account comes first", source.id);
    match lot % 4 {
        0 => {
            let (again, _) = once();
            assert_eq!(again, kept, "{}: the same bytes, read twice", source.id);
        }
        1 => carried(source, kept),
        2 if !kept.records.is_empty() => {
            let at = usize::try_from(lot >> 8).unwrap_or(0) % kept.records.len();
            let result = (source.read)(tree, options, &mut Impatient(at));
            assert!(matches!(result, Err(ReadError::Stopped)), "{}: stop at {at}", source.id);
        }
        _ => {}
    }
}

/// The interchange format carries whatever a source tells, and gives it back as it was.
fn carried(source: &Source, mut kept: Kept) {
    // What an older onebox read is nothing that a message says, nor how its dates were read.
    for record in &mut kept.records {
        match record {
            Record::Message(m) => m.formerly = None,
            Record::Thread(t) => t.dates = None,
            _ => {}
        }
    }
    let mut writer = Writer::new(Vec::new()).expect("memory");
    for record in &kept.records {
        writer.record(record).expect("memory");
    }
    let bytes = writer.finish().expect("memory");
    let tree = FileTree::memory([("export.jsonl".to_owned(), bytes)]);
    let carrier = sources(&["onebox"]).next().expect("it is in the catalog");
    let mut back = Kept::at_most(usize::MAX);
    (carrier.read)(&tree, &options(0), &mut back).expect("its own lines");
    assert_eq!(back.oddities, [], "{}", source.id);
    let mut told = kept.records.iter().peekable();
    for record in &back.records {
        if told.next_if(|t| *t == record).is_none() {
            let implied = matches!(record, Record::Thread(_) | Record::Participant(_));
            assert!(implied, "{}: {record:?} and not {:?}", source.id, told.peek());
        }
    }
    assert_eq!(told.next(), None, "{}", source.id);
}

/// A number that hangs on the bytes alone.
pub fn lot(bytes: &[u8]) -> u64 {
    let mix = |n: u64, b: &u8| (n ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3);
    let n = bytes.iter().fold(0xcbf2_9ce4_8422_2325, mix);
    n ^ (n >> 29)
}
