//! Looks into exports before they are imported: whose they are, from when to when, how much.
//!
//! Only the reader knows, so it reads all of it; nothing is stored.

use std::collections::HashSet;
use std::hash::Hasher;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use twox_hash::XxHash3_64;

use super::detecting::Detected;
use super::importing::{self, ImportOptions, Progress};
use super::{Engine, EngineError};
use crate::inbox::ExportLook;
use crate::model::{Oddity, Record, SourceId, Timestamp};
use crate::sources::{ReadError, ReadOptions, Sink, Stop};

impl Engine {
    /// What each of the exports holds. Fewer than were given: it was cancelled.
    pub fn look_into(
        &self,
        found: &[Detected],
        options: &ImportOptions,
        progress: &Progress,
    ) -> Result<Vec<ExportLook>, EngineError> {
        progress.begin(importing::bytes_of(found));
        let mut looks = Vec::with_capacity(found.len());
        for d in found {
            let mut read = options.read.clone();
            read.known_me = importing::known_names(self.store(), d.source.id)?;
            let name = self.settings().rules.app(&SourceId::known(d.source.id)).name;
            progress.now_at(&format!("{name} · {}", d.lies.join(", ")));
            let Some(look) = look(d, &read, progress) else { break };
            looks.push(look);
        }
        Ok(looks)
    }
}

/// Reads an export and keeps nothing of it but what it amounts to. `None`: it was cancelled.
pub fn look(d: &Detected, options: &ReadOptions, progress: &Progress) -> Option<ExportLook> {
    let mut census = Census {
        progress,
        look: ExportLook { oddities: d.tree.oddities().len() as u64, ..ExportLook::default() },
        account: 0,
        threads: HashSet::new(),
    };
    // A reader that fails must not end whoever only wanted to look.
    let read = std::thread::scope(|scope| {
        scope.spawn(|| (d.source.read)(&d.tree, options, &mut census)).join()
    });
    let mut look = census.look;
    match read {
        Ok(Ok(())) => {}
        Ok(Err(ReadError::Stopped)) => return None,
        Ok(Err(ReadError::Locked(lock))) => look.locked = Some(lock),
        Ok(Err(why @ (ReadError::Format { .. } | ReadError::Tree(_)))) => {
            look.broken = Some(why.to_string());
        }
        Err(_) => {
            look.broken = Some("the reader stopped unexpectedly; please report it".to_owned());
        }
    }
    look.threads = census.threads.len() as u64;
    (look.files, look.bytes) = d.tree.used();
    Some(look)
}

/// Counts what a reader tells.
struct Census<'a> {
    progress: &'a Progress,
    look: ExportLook,
    /// A hash of the account that is told of.
    account: u64,
    /// Hashes of threads with their accounts.
    threads: HashSet<u64>,
}

impl Census<'_> {
    fn met(&mut self, at: Timestamp) {
        self.look.messages += 1;
        self.progress.met(1);
        let first = self.look.first.map_or(at, |first| first.min(at));
        let last = self.look.last.map_or(at, |last| last.max(at));
        (self.look.first, self.look.last) = (Some(first), Some(last));
    }
}

fn hash(seed: u64, text: &str) -> u64 {
    let mut hasher = XxHash3_64::with_seed(seed);
    hasher.write(text.as_bytes());
    hasher.finish()
}

impl Sink for Census<'_> {
    fn take(&mut self, record: Record) -> Result<(), Stop> {
        match record {
            Record::Account(a) => {
                self.account = hash(0, &a.key);
                // The first that says who I am: an export may hold several.
                if self.look.account.is_empty() {
                    (self.look.account, self.look.known_by) = (a.name, a.known_by);
                }
            }
            Record::Thread(t) => drop(self.threads.insert(hash(self.account, &t.key))),
            Record::Message(m) => self.met(m.sent.at),
            Record::Telling { .. }
            | Record::Participant(_)
            | Record::Revision(_)
            | Record::Reaction(_)
            | Record::Receipt(_) => {}
        }
        if self.progress.is_cancelled() { Err(Stop) } else { Ok(()) }
    }

    fn odd(&mut self, _: Oddity) -> Result<(), Stop> {
        self.look.oddities += 1;
        Ok(())
    }

    fn remark(&mut self, _: String) -> Result<(), Stop> {
        Ok(())
    }

    fn advance(&mut self, bytes: u64) -> Result<(), Stop> {
        self.progress.advance(bytes);
        if self.progress.is_cancelled() { Err(Stop) } else { Ok(()) }
    }

    fn flags(&self) -> Vec<Arc<AtomicBool>> {
        self.progress.flags()
    }
}
