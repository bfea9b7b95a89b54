//! Behaviour of both readers together, on made-up exports.

use super::*;
use crate::model::*;
use crate::sources::{CATALOG, Stop};

/// Keeps everything.
#[derive(Default)]
struct Kept {
    records: Vec<Record>,
    oddities: Vec<Oddity>,
    remarks: Vec<String>,
    bytes: u64,
    room: Option<usize>,
}

impl Sink for Kept {
    fn take(&mut self, record: Record) -> Result<(), Stop> {
        if self.room.is_some_and(|room| self.records.len() >= room) {
            return Err(Stop);
        }
        self.records.push(record);
        Ok(())
    }
    fn odd(&mut self, oddity: Oddity) -> Result<(), Stop> {
        self.oddities.push(oddity);
        Ok(())
    }
    fn remark(&mut self, text: String) -> Result<(), Stop> {
        self.remarks.push(text);
        Ok(())
    }
    fn advance(&mut self, bytes: u64) -> Result<(), Stop> {
        self.bytes += bytes;
        Ok(())
    }
}

impl Kept {
    fn account(&self) -> &AccountRecord {
        match &self.records[0] {
            Record::Account(a) => a,
            other => panic!("an account comes first, not {other:?}"),
        }
    }
    fn messages(&self) -> Vec<&MessageRecord> {
        fn of(record: &Record) -> Option<&MessageRecord> {
            if let Record::Message(m) = record { Some(m) } else { None }
        }
        self.records.iter().filter_map(of).collect()
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
        self.records.iter().filter_map(of).collect()
    }
    fn people(&self, key: &str) -> Vec<&ParticipantRecord> {
        fn of(record: &Record) -> Option<&ParticipantRecord> {
            if let Record::Participant(p) = record { Some(p) } else { None }
        }
        self.records.iter().filter_map(of).filter(|p| &*p.thread == key).collect()
    }
    fn one(&self) -> &MessageRecord {
        let all = self.messages();
        assert_eq!(all.len(), 1, "{all:?}");
        all[0]
    }
}

fn tree(files: &[(&str, &str)]) -> FileTree {
    FileTree::memory(files.iter().map(|(p, t)| ((*p).to_owned(), t.as_bytes().to_vec())))
}

fn import(source: &str, tree: &FileTree) -> Kept {
    let source = CATALOG.iter().find(|s| s.id == source).expect("a source");
    let mut kept = Kept::default();
    (source.read)(tree, &ReadOptions::default(), &mut kept).expect("readable");
    kept
}

fn claims(tree: &FileTree) -> Vec<(&'static str, Found)> {
    let ours = CATALOG.iter().filter(|s| ["messenger", "instagram"].contains(&s.id));
    ours.flat_map(|s| (s.recognise)(tree).into_iter().map(|f| (s.id, f))).collect()
}

fn claimed_by(files: &[(&str, &str)]) -> Vec<&'static str> {
    claims(&tree(files)).into_iter().map(|(id, _)| id).collect()
}

fn thread(messages: &str) -> String {
    format!(
        r#"{{"participants": [{{"name": "Ana Lima"}}, {{"name": "Bo Berg"}}],
            "messages": [{messages}], "title": "Bo Berg"}}"#
    )
}

/// The records of a thread with these messages.
fn messages(source: &str, messages: &str) -> Kept {
    import(source, &tree(&[("messages/inbox/bo_1/message_1.json", &thread(messages))]))
}

const HELLO: &str =
    r#"{"sender_name": "Bo Berg", "timestamp_ms": 1600000000000, "content": "hello"}"#;

mod hostile;
mod kinds;
mod places;
