//! Threads of a phone: whoever writes to one another, by their numbers, and what they are called.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::survey::Phone;
use crate::model::{ParticipantRecord, Record, ThreadKind, ThreadRecord};
use crate::sources::{ReadOptions, Sink, Stop};

/// My key in every thread: the number changes, and not every backup knows it.
const ME: &str = "me";
/// Who wrote where no number is told.
const UNKNOWN: &str = "unknown";
/// Names that are kept.
const NAMES: usize = 500_000;
/// Bytes of a name.
const NAME: usize = 300;
/// Threads of which it is remembered that they were told. To be told again does no harm.
const THREADS: usize = 200_000;

/// A number as it was first written.
type Written = String;

#[derive(Default)]
struct Thread {
    /// Everyone told, and whether under a name.
    people: BTreeMap<Arc<str>, (Written, bool)>,
    /// Messages that were not read, where it is said.
    unread: Option<u32>,
    record: Option<ThreadRecord>,
}

/// Takes threads and people.
pub struct Threads<'a> {
    phone: Phone,
    options: &'a ReadOptions,
    /// Names, and which file says so: a later backup knows them better.
    names: HashMap<Arc<str>, (String, u32)>,
    /// Files begun.
    files: u32,
    /// Those who had another name before.
    renamed: HashSet<Arc<str>>,
    threads: HashMap<Arc<str>, Thread>,
    /// Threads that the file at hand has told of.
    told_here: HashSet<Arc<str>>,
}

/// One side of a message.
pub struct Side {
    /// The thread.
    pub thread: Arc<str>,
    /// Who is in it but me.
    pub others: Vec<Arc<str>>,
}

impl<'a> Threads<'a> {
    /// Of a phone.
    pub fn of(phone: Phone, options: &'a ReadOptions) -> Self {
        Self {
            phone,
            options,
            names: HashMap::new(),
            files: 0,
            renamed: HashSet::new(),
            threads: HashMap::new(),
            told_here: HashSet::new(),
        }
    }

    /// Learns a name from a message between two.
    pub fn learn(&mut self, address: Option<&str>, name: Option<&str>) {
        let (Some(address), Some(name)) = (address, name) else { return };
        let key = self.phone.numbers.key(address);
        let name = name.trim();
        let name = name.get(..name.floor_char_boundary(NAME)).unwrap_or_default();
        let room = self.names.len() < NAMES;
        match self.names.get_mut(&key) {
            Some((known, file)) if *file < self.files => {
                if known != name {
                    name.clone_into(known);
                    self.renamed.insert(key);
                }
                *file = self.files;
            }
            None if room => {
                self.names.insert(key, (name.to_owned(), self.files));
            }
            _ => {}
        }
    }

    /// Whether a number is mine.
    pub fn is_mine(&mut self, address: &str) -> bool {
        let key = self.phone.numbers.key(address);
        self.phone.mine.contains(&*key)
    }

    /// The key of me.
    pub fn me() -> Arc<str> {
        ME.into()
    }

    /// The thread of some numbers, told if it is new. My own number is none of them, unless it
    /// stands alone: then I wrote to myself.
    pub fn with(&mut self, addresses: &[String], sink: &mut dyn Sink) -> Result<Side, Stop> {
        let mut all: BTreeMap<Arc<str>, Written> = BTreeMap::new();
        for address in addresses {
            all.entry(self.phone.numbers.key(address)).or_insert_with(|| address.clone());
        }
        let mut others = all.clone();
        others.retain(|key, _| !self.phone.mine.contains(&**key));
        if others.is_empty() {
            others = all;
        }
        let key: Arc<str> = match others.len() {
            0 => UNKNOWN.into(),
            _ => others.keys().map(|k| &**k).collect::<Vec<_>>().join("~").into(),
        };
        if !self.threads.contains_key(&key) {
            self.open(&key, &others, others.len() > 1, sink)?;
        }
        self.again(&key, sink)?;
        Ok(Side { thread: key, others: others.into_keys().collect() })
    }

    /// The thread of a group that bears a name of its own on the network, and those of it who are
    /// named here: not everybody is each time.
    pub fn group(
        &mut self,
        token: &str,
        named: &[String],
        sink: &mut dyn Sink,
    ) -> Result<Side, Stop> {
        let key = self.phone.numbers.key(token);
        let mut others: BTreeMap<Arc<str>, Written> = BTreeMap::new();
        for address in named {
            others.entry(self.phone.numbers.key(address)).or_insert_with(|| address.clone());
        }
        others.retain(|who, _| *who != key && !self.phone.mine.contains(&**who));
        if !self.threads.contains_key(&key) {
            self.open(&key, &others, true, sink)?;
        }
        for (who, written) in &others {
            self.person(&key, who, written, sink)?;
        }
        self.again(&key, sink)?;
        // Nobody is its only other one, whoever is named here.
        Ok(Side { thread: key, others: Vec::new() })
    }

    /// A file begins. Backups are whole each time: what this one tells again is no second message.
    pub fn file(&mut self) {
        self.files = self.files.saturating_add(1);
        self.told_here.clear();
    }

    fn again(&mut self, key: &Arc<str>, sink: &mut dyn Sink) -> Result<(), Stop> {
        if !self.told_here.insert(Arc::clone(key)) {
            return Ok(());
        }
        if let Some(thread) = self.threads.get_mut(key) {
            thread.unread = None;
        }
        sink.take(Record::Telling { thread: Arc::clone(key) })
    }

    fn open(
        &mut self,
        key: &Arc<str>,
        others: &BTreeMap<Arc<str>, Written>,
        group: bool,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        let mut record = ThreadRecord::new(Arc::clone(key), "SMS backup");
        record.kind = Some(if group { ThreadKind::Group } else { ThreadKind::Direct });
        match others.len() {
            _ if group => {}
            0 => record.title = Some("Unknown number".to_owned()),
            // A number without its country reaches a stranger from elsewhere.
            1 => {
                let number = others.keys().next().filter(|k| k.starts_with('+'));
                record.address = number.map(|k| k.to_string());
            }
            _ => {}
        }
        sink.take(Record::Thread(Box::new(record.clone())))?;
        if self.threads.len() < THREADS {
            self.threads
                .insert(Arc::clone(key), Thread { record: Some(record), ..Thread::default() });
        }
        let name = self.options.me.clone().or_else(|| self.phone.shown.clone());
        sink.take(Record::Participant(ParticipantRecord {
            is_me: true,
            ..person(key, &Self::me(), name.unwrap_or_else(|| "Me".to_owned()))
        }))?;
        for (who, written) in others {
            self.person(key, who, written, sink)?;
        }
        Ok(())
    }

    fn person(
        &mut self,
        thread: &Arc<str>,
        who: &Arc<str>,
        written: &str,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        let name = self.names.get(who);
        if let Some(told) = self.threads.get_mut(thread) {
            if told.people.contains_key(who) {
                return Ok(());
            }
            told.people.insert(Arc::clone(who), (written.to_owned(), name.is_some()));
        }
        let name = name.map_or_else(|| written.to_owned(), |(name, _)| name.clone());
        sink.take(Record::Participant(person(thread, who, name)))
    }

    /// Who sent a message that came in: the number it is said to be from, else the only other one.
    pub fn sender(
        &mut self,
        side: &Side,
        from: Option<&str>,
        sink: &mut dyn Sink,
    ) -> Result<Arc<str>, Stop> {
        if let Some(from) = from {
            let key = self.phone.numbers.key(from);
            if self.phone.mine.contains(&*key) && !side.others.contains(&key) {
                return Ok(Self::me());
            }
            self.person(&side.thread, &key, from, sink)?;
            return Ok(key);
        }
        if let [only] = side.others.as_slice() {
            return Ok(Arc::clone(only));
        }
        let key: Arc<str> = UNKNOWN.into();
        if let Some(told) = self.threads.get_mut(&side.thread)
            && told.people.insert(Arc::clone(&key), (String::new(), true)).is_none()
        {
            let name = "Unknown number".to_owned();
            sink.take(Record::Participant(person(&side.thread, &key, name)))?;
        }
        Ok(key)
    }

    /// Counts what came in, read or not.
    pub fn came(&mut self, thread: &Arc<str>, read: Option<bool>) {
        if let (Some(read), Some(thread)) = (read, self.threads.get_mut(thread)) {
            let so_far = thread.unread.get_or_insert(0);
            *so_far = so_far.saturating_add(u32::from(!read));
        }
    }

    /// Tells what was learnt too late: names, and how much is unread.
    pub fn finish(self, sink: &mut dyn Sink) -> Result<(), Stop> {
        let mut threads: Vec<_> = self.threads.into_iter().collect();
        threads.sort_by(|a, b| a.0.cmp(&b.0));
        for (key, thread) in threads {
            for (who, (_, named)) in &thread.people {
                let late = !named || self.renamed.contains(who);
                if let (true, Some((name, _))) = (late, self.names.get(who)) {
                    sink.take(Record::Participant(person(&key, who, name.clone())))?;
                }
            }
            if let (Some(mut record), Some(unread)) = (thread.record, thread.unread) {
                record.unread = Some(unread);
                sink.take(Record::Thread(Box::new(record)))?;
            }
        }
        Ok(())
    }
}

fn person(thread: &Arc<str>, who: &Arc<str>, name: String) -> ParticipantRecord {
    ParticipantRecord::new(thread, Arc::clone(who), name)
}
