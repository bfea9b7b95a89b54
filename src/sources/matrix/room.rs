//! A room as its events stream by: told to the sink.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::Value;

use super::event::{self, Place, Told};
use super::survey::{self, Survey};
use crate::model::{
    Change, Deletion, MessageRecord, ParticipantRecord, Reaction, ReactionRecord, Record,
    RevisionRecord,
};
use crate::sources::json::{ITEM, Listener, Want};
use crate::sources::odds::Odds;
use crate::sources::{FileTree, Sink, Stop};

/// Events remembered, for who takes back what.
const REMEMBERED: usize = 500_000;

/// Edits remembered whose message was not met, and bytes of their texts.
const EARLIER: usize = 100_000;
const BYTES: usize = 32 << 20;

/// Takes the events of a file.
pub struct Room<'a> {
    survey: &'a Survey,
    thread: Arc<str>,
    place: Place<'a>,
    odds: Odds,
    met: u64,
    /// The instant of the last message, and how many there were of it before.
    last: (i64, i64),
    /// Reactions by their events, which are taken back by their own ids.
    reactions: HashMap<String, (String, Reaction)>,
    /// Who wrote a message.
    senders: HashMap<String, Arc<str>>,
    /// Messages from before the export begins, as their latest edits leave them.
    earlier: BTreeMap<String, Box<MessageRecord>>,
    bytes: usize,
}

impl<'a> Room<'a> {
    /// Begins with a file.
    pub fn new(tree: &'a FileTree, survey: &'a Survey, file: &str) -> Self {
        let thread = survey.key();
        let place = Place { tree, survey, thread: Arc::clone(&thread) };
        let (reactions, senders) = (HashMap::new(), HashMap::new());
        Self {
            survey,
            thread,
            place,
            odds: Odds::of(file),
            met: 0,
            last: (0, 0),
            reactions,
            senders,
            earlier: BTreeMap::new(),
            bytes: 0,
        }
    }

    /// Tells the room and who is in it.
    pub fn open(&mut self, sink: &mut dyn Sink) -> Result<(), Stop> {
        sink.take(Record::Thread(Box::new(self.survey.thread())))?;
        for (id, person) in self.survey.people() {
            sink.take(Record::Participant(ParticipantRecord {
                is_me: self.survey.is_me(id),
                left: person.gone,
                ..ParticipantRecord::new(&self.thread, id, self.survey.called_here(id))
            }))?;
        }
        Ok(())
    }

    /// Ends: messages of which only an edit lies in the export, and what was only counted.
    pub fn finish(self, sink: &mut dyn Sink) -> Result<(), Stop> {
        for (id, message) in self.earlier {
            if !self.senders.contains_key(&id) {
                sink.take(Record::Message(message))?;
            }
        }
        self.odds.end(sink)
    }

    /// A message was edited that was not met: it was written before the export begins.
    fn edited(&mut self, target: &str, whole: Box<MessageRecord>) {
        let short = target.len() <= survey::ID;
        let names = whole.attachments.iter().filter_map(|a| a.name.as_ref());
        let bytes =
            names.map(String::len).fold(self.bytes + whole.text.len(), usize::saturating_add);
        if self.senders.contains_key(target) || !short || bytes > BYTES {
            return;
        }
        let room = self.earlier.len() < EARLIER;
        match self.earlier.get_mut(target) {
            // Whoever was the first to edit it wrote it, as far as can be known here.
            Some(known) if known.sender != whole.sender || known.sent.at > whole.sent.at => {}
            Some(known) => {
                self.bytes = bytes;
                *known = whole;
            }
            None if room => {
                self.bytes = bytes;
                self.earlier.insert(target.to_owned(), whole);
            }
            None => {}
        }
    }

    fn tell(&mut self, told: Told, sink: &mut dyn Sink) -> Result<(), Stop> {
        match told {
            Told::Message(mut message) => {
                let at = message.sent.at.0;
                self.last = if self.last.0 == at { (at, self.last.1 + 1) } else { (at, 0) };
                message.order = self.last.1;
                if let (Some(id), Some(by)) = (&message.native_id, &message.sender)
                    && self.senders.len() < REMEMBERED
                    && id.len() <= survey::ID
                {
                    self.senders.insert(id.clone(), Arc::clone(by));
                }
                sink.take(Record::Message(message))
            }
            // Servers pass on what anybody says of anybody's message; only its writer may change it.
            Told::Change { revision, by, whole } => {
                if self.senders.get(&revision.message).is_none_or(|sender| **sender == *by) {
                    self.edited(&revision.message, whole);
                    return sink.take(Record::Revision(revision));
                }
                let at = format!("event at {}", revision.at.unwrap_or_default().0);
                self.odds.say(at, "an edit by somebody who did not write the message", sink)
            }
            Told::Reaction { event, message, reaction } => {
                let short =
                    [&event, &message, &reaction.emoji].iter().all(|s| s.len() <= survey::ID);
                if short && self.reactions.len() < REMEMBERED {
                    self.reactions.insert(event, (message.clone(), reaction.clone()));
                }
                self.reaction(message, reaction, false, sink)
            }
            Told::Redaction { target, by, at } => match self.reactions.remove(&target) {
                Some((message, reaction)) => self.reaction(message, reaction, true, sink),
                None => {
                    // What was taken back needs no telling, its words least of all.
                    self.earlier.remove(&target);
                    let own = self.senders.get(&target).map(|sender| **sender == *by);
                    let how = match own {
                        Some(false) => Deletion::TakenDown,
                        _ => Deletion::Unsent,
                    };
                    sink.take(Record::Revision(Box::new(RevisionRecord {
                        thread: Arc::clone(&self.thread),
                        message: target,
                        change: Change::Deleted(how),
                        at: Some(at),
                        // An export of before may have said whose it was.
                        by: own.is_none().then(|| by.into()),
                    })))
                }
            },
            Told::Nothing => Ok(()),
        }
    }

    fn reaction(
        &self,
        message: String,
        reaction: Reaction,
        removed: bool,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        let thread = Arc::clone(&self.thread);
        let record = ReactionRecord { thread, message, reaction, removed };
        sink.take(Record::Reaction(Box::new(record)))
    }
}

impl Listener for Room<'_> {
    fn names(&self) -> &'static [&'static str] {
        survey::NAMES
    }

    fn want(&mut self, path: &[&'static str]) -> Want {
        survey::want(path)
    }

    fn whole(
        &mut self,
        path: &[&'static str],
        value: Value,
        cut: bool,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        let ["messages", ITEM] = path else { return Ok(()) };
        self.met += 1;
        let at = format!("event {}", self.met);
        if cut {
            self.odds.say(at.clone(), "too large; a part of it is left out", sink)?;
        }
        match event::tell(&value, &self.place) {
            Ok(told) => self.tell(told, sink),
            Err(why) => self.odds.say(at, why, sink),
        }
    }
}
