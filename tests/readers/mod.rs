//! What the tests of readers share: a sink that keeps what it is told, and the files of the corpus.

#![allow(dead_code, reason = "no file of tests uses all of it")]

use std::path::PathBuf;

use chrono_tz::Tz;
use onebox::model::{
    AccountRecord, MessageRecord, Oddity, ParticipantRecord, ReceiptRecord, Record, ThreadRecord,
};
use onebox::sources::{
    CATALOG, Confidence, FileTree, ReadError, ReadOptions, Sink, Source, Stop, Zone,
};
use onebox::store::Import;

/// Everything that was told. Of a thread that is told again, the last word.
#[derive(Debug, Default)]
pub struct Told {
    pub accounts: Vec<AccountRecord>,
    pub threads: Vec<ThreadRecord>,
    pub people: Vec<ParticipantRecord>,
    pub messages: Vec<MessageRecord>,
    pub receipts: Vec<ReceiptRecord>,
    pub changes: usize,
    /// Passes through a thread that began.
    pub tellings: usize,
    pub oddities: Vec<Oddity>,
    pub remarks: Vec<String>,
    pub bytes: u64,
    /// Says stop once there are so many messages.
    pub stop_after: Option<usize>,
}

impl Sink for Told {
    fn take(&mut self, record: Record) -> Result<(), Stop> {
        match record {
            Record::Account(a) => self.accounts.push(a),
            Record::Thread(t) => match self.threads.iter_mut().find(|old| old.key == t.key) {
                Some(old) => *old = *t,
                None => self.threads.push(*t),
            },
            Record::Participant(p) => self.people.push(p),
            Record::Message(m) => self.messages.push(*m),
            Record::Receipt(r) => self.receipts.push(r),
            Record::Revision(_) | Record::Reaction(_) => self.changes += 1,
            Record::Telling { .. } => self.tellings += 1,
        }
        if self.stop_after.is_some_and(|n| self.messages.len() >= n) { Err(Stop) } else { Ok(()) }
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

impl Told {
    /// The thread of a title.
    pub fn thread(&self, title: &str) -> &ThreadRecord {
        let found = self.threads.iter().find(|t| t.title.as_deref() == Some(title));
        found.unwrap_or_else(|| panic!("no thread {title}: {:?}", self.threads))
    }

    /// Messages of a thread, in the order told.
    pub fn of(&self, thread: &str) -> Vec<&MessageRecord> {
        self.messages.iter().filter(|m| &*m.thread == thread).collect()
    }

    /// The message that holds some words.
    pub fn saying(&self, words: &str) -> &MessageRecord {
        let found = self.messages.iter().find(|m| m.text.contains(words));
        found.unwrap_or_else(|| panic!("nobody says {words}"))
    }

    /// My names in the threads.
    pub fn me(&self) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.people.iter().filter(|p| p.is_me).map(|p| p.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// A source of the catalog.
pub fn source(id: &str) -> &'static Source {
    CATALOG.iter().find(|s| s.id == id).unwrap_or_else(|| panic!("{id} is in the catalog"))
}

/// Wall clocks stand for UTC.
pub fn utc() -> ReadOptions {
    ReadOptions { zone: Zone::Named(Tz::UTC), ..ReadOptions::default() }
}

/// Reads a tree whose root is the export.
pub fn read_tree(id: &str, tree: &FileTree, options: &ReadOptions) -> Result<Told, ReadError> {
    let mut told = Told::default();
    (source(id).read)(tree, options, &mut told)?;
    Ok(told)
}

/// Reads files in memory.
pub fn read_files(id: &str, files: &[(&str, &[u8])]) -> Told {
    let tree = FileTree::memory(files.iter().map(|(p, b)| ((*p).to_owned(), b.to_vec())));
    read_tree(id, &tree, &utc()).expect("readable")
}

/// Everything that a source finds for sure at a path: recognised as an import does, then read.
pub fn read_path(id: &str, path: &std::path::Path, options: &ReadOptions) -> Vec<Told> {
    let mut all = Vec::new();
    for tree in FileTree::open(path).expect("it opens") {
        for found in (source(id).recognise)(&tree) {
            if found.confidence == Confidence::Sure {
                all.push(read_tree(id, &tree.below(&found.root), options).expect("readable"));
            }
        }
    }
    all
}

/// A sample of the project.
pub fn sample(id: &str, case: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/samples").join(id).join(case)
}

/// A folder of the corpus; `None` where there is no corpus.
pub fn corpus(folder: &str) -> Option<PathBuf> {
    std::env::var_os("ONEBOX_CORPUS").map(|root| PathBuf::from(root).join(folder))
}

/// What a test says that has no corpus to read.
pub const NO_CORPUS: &str = "ONEBOX_CORPUS is not set: its samples are not read";

/// Takes an export in, as the program does.
pub struct Taking<'i, 'w>(pub &'i mut Import<'w>);

impl Sink for Taking<'_, '_> {
    fn take(&mut self, record: Record) -> Result<(), Stop> {
        self.0.take(record).expect("it is taken");
        Ok(())
    }
    fn odd(&mut self, oddity: Oddity) -> Result<(), Stop> {
        panic!("{oddity:?}")
    }
    fn remark(&mut self, _: String) -> Result<(), Stop> {
        Ok(())
    }
    fn advance(&mut self, _: u64) -> Result<(), Stop> {
        Ok(())
    }
}
